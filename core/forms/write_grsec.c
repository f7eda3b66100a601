/* write_grsec.c - a subject for grsecurity's RBAC.
 *
 * What a folder's line grants holds for all that lies in it and has no line of its own.  Its
 * reader knows no escapes: a name in quotes runs to the last quote of the line, and a star, a
 * question mark or a bracket in it is a pattern.  Such a byte, and one that would end the line,
 * is written as '?', which is any one character: a little wider, never another file's neighbour. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/access.h"
#include "core/observe/infer_paths.h"

#include <ctype.h>
#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- names ---- */

/* *ret_wide: some byte had to become a pattern. */
static char *quoted(const struct file_access *f, bool *ret_wide)
{
        const char *path = f->path, *numbers = file_numbers(f);
        struct text t = { 0 };
        bool quote = strpbrk(path, " \t\"") != NULL;

        text_add(&t, quote ? "\"" : "");
        for (; *path; path++) {
                bool wide = strchr("*?[]", *path) || iscntrl((unsigned char)*path);

                *ret_wide |= wide && *path != '\t';
                if (path >= numbers && isdigit((unsigned char)*path)) {
                        if (!isdigit((unsigned char)path[1]))
                                text_add(&t, "*");
                        continue;
                }
                text_addn(&t, wide && *path != '\t' ? "?" : path, 1);
        }
        text_add(&t, quote ? "\"" : "");
        return text_take(&t);
}

/* ---- files ---- */

struct object {
        char *path;
        unsigned may;
};

struct objects {
        struct object *list;
        size_t count;
};

static void objects_done(struct objects *o)
{
        for (size_t i = 0; i < o->count; i++)
                free(o->list[i].path);
        free(o->list);
}

/* Takes path over. */
static int objects_add(struct objects *o, char *path, unsigned may)
{
        struct object *more;

        for (size_t i = 0; path && i < o->count; i++)
                if (strcmp(o->list[i].path, path) == 0) {
                        o->list[i].may |= may;
                        free(path);
                        return 0;
                }
        more = path ? reallocarray(o->list, o->count + 1, sizeof(*more)) : NULL;
        if (!more) {
                free(path);
                return -ENOMEM;
        }
        o->list = more;
        o->list[o->count++] = (struct object){ path, may };
        return 0;
}

/* "/lib" and its like, where all is in /usr. */
static bool is_link(const char *path)
{
        static const char *const links[] = {
                "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"
        };

        for (size_t i = 0; i < COUNT(links); i++)
                if (strcmp(links[i], path) == 0)
                        return true;
        return false;
}

static int add_file(struct objects *o, const struct file_access *f, struct form_output *ret)
{
        bool wide = false, process = text_starts(f->path, "/proc/PID");
        char *path;
        int r = 0;

        if (strcmp(f->path, "/") == 0 || is_link(f->path))
                return 0; /* "/" has a line of its own; of links gradm takes the real path alone */
        path = process ? strdup("/proc") : quoted(f, &wide);
        if (path && wide) {
                char shown[300];

                text_printable(shown, sizeof(shown), f->path);
                r = form_leave_out(ret,
                                   "%s: its reader takes some of these characters for patterns; "
                                   "'?' stands for each of them",
                                   shown);
        }
        if (r < 0) {
                free(path);
                return r;
        }
        return objects_add(o, path, process ? MAY_LOOK | MAY_READ : f->may);
}

static void modes_of(unsigned may, bool links, char *out)
{
        const struct {
                unsigned may;
                char letter;
        } modes[] = {
                { MAY_READ | MAY_WATCH | MAY_MAP | MAY_CONNECT, 'r' },
                { MAY_WRITE | MAY_CHANGE | MAY_CONNECT, 'w' },
                { MAY_RUN | MAY_MAP, 'x' },
                { MAY_CREATE, 'c' },
                { MAY_DELETE, 'd' },
        };

        for (size_t i = 0; i < COUNT(modes); i++)
                if (may & modes[i].may)
                        *out++ = modes[i].letter;
        if (links && may & MAY_CREATE)
                *out++ = 'l';
        *out = '\0';
}

static int write_files(struct text *t, const struct access *a, struct form_output *ret)
{
        scoped(objects_done) struct objects o = { 0 };
        char modes[16];
        int r = 0;

        for (size_t i = 0; i < a->file_count && r == 0; i++)
                r = add_file(&o, &a->files[i], ret);
        /* All is out of sight but what follows. */
        text_add(t, "\t/\th\n");
        for (size_t i = 0; i < o.count; i++) {
                modes_of(o.list[i].may, a->links, modes);
                text_addf(t, "\t%s\t%s\n", o.list[i].path, modes);
        }
        return r;
}

/* ---- capabilities, limits ---- */

static int write_caps(struct text *t, const struct access *a, struct form_output *ret)
{
        int r = 0;

        text_add(t, "\t-CAP_ALL\n");
        for (unsigned i = 0; i < 64 && r == 0; i++) {
                if (!(a->caps >> i & 1) || !capability_name(i))
                        continue;
                if (i > CAP_AUDIT_READ)
                        r = form_leave_out(ret,
                                           "%s: grsecurity's list ends before it; what it "
                                           "allows may need CAP_SYS_ADMIN there",
                                           capability_name(i));
                else
                        text_addf(t, "\t+%s\n", capability_name(i));
        }
        return r;
}

/* "64M" as a number of bytes; "infinity" as "unlimited"; false: neither. */
static bool limit_word(const char *word, size_t length, char *out, size_t room)
{
        static const char units[] = "KMGT";
        unsigned long long number = 0;
        const char *unit;
        size_t digits = 0;

        if (length == strlen("infinity") && strncmp(word, "infinity", length) == 0) {
                snprintf(out, room, "unlimited");
                return true;
        }
        for (; digits < length && isdigit((unsigned char)word[digits]) && digits < 15; digits++)
                number = number * 10 + (unsigned)(word[digits] - '0');
        if (digits == 0 || length - digits > 1)
                return false;
        unit = length > digits ? strchr(units, word[digits]) : NULL;
        if (length > digits && !unit)
                return false;
        for (const char *u = units; unit && u <= unit; u++)
                number *= 1024;
        snprintf(out, room, "%llu", number);
        return true;
}

static int write_limits(struct text *t, const struct form_input *in, struct form_output *ret)
{
        static const struct {
                enum directive_id id;
                const char *name;
        } rows[] = {
                { D_LimitCORE, "RES_CORE" },     { D_LimitNOFILE, "RES_NOFILE" },
                { D_LimitNPROC, "RES_NPROC" },   { D_LimitMEMLOCK, "RES_MEMLOCK" },
                { D_LimitFSIZE, "RES_FSIZE" },   { D_LimitAS, "RES_AS" },
                { D_LimitRTPRIO, "RES_RTPRIO" },
        };
        int r = 0;

        for (size_t i = 0; i < COUNT(rows) && r == 0; i++) {
                const char *word = setting_word(in->after, rows[i].id);
                size_t soft = word ? strcspn(word, ":") : 0;
                char first[32], second[32];
                const char *hard = word && word[soft] ? word + soft + 1 : word;

                if (!word || !*word)
                        continue;
                if (limit_word(word, soft, first, sizeof(first)) &&
                    limit_word(hard, strlen(hard), second, sizeof(second)))
                        text_addf(t, "\t%s %s %s\n", rows[i].name, first, second);
                else
                        r = form_leave_out(ret, "%s=%s: not a plain number",
                                           directive_at(rows[i].id)->name, word);
        }
        return r;
}

/* ---- network ---- */

static const char *protocol_word(unsigned protocol)
{
        return protocol == IPPROTO_TCP    ? "tcp"
               : protocol == IPPROTO_UDP  ? "udp"
               : protocol == IPPROTO_ICMP ? "icmp"
                                          : NULL;
}

static const char *type_word(unsigned type)
{
        return type == SOCK_STREAM  ? "stream"
               : type == SOCK_DGRAM ? "dgram"
               : type == SOCK_RAW   ? "raw_sock"
                                    : NULL;
}

static int write_ports(struct text *t, const char *word, const struct port_access *list,
                       size_t count, struct form_output *ret)
{
        size_t written = 0;
        int r = 0;

        for (size_t i = 0; i < count && r == 0; i++) {
                const struct port_access *p = &list[i];
                const char *type = type_word(p->type), *protocol = protocol_word(p->protocol);
                bool plain = !p->address || strspn(p->address, "0123456789.") == strlen(p->address);

                if (p->family != AF_INET)
                        continue; /* is said once, below */
                if (!type || !protocol) {
                        r = form_leave_out(ret,
                                           "%s of sockets of type %u, protocol %u: it has no "
                                           "word for them",
                                           word, p->type, p->protocol);
                        continue;
                }
                text_addf(t, "\t%s %s/%u:", word, plain && p->address ? p->address : "0.0.0.0",
                          plain && p->address ? 32 : 0);
                text_addf(t, p->first == p->last ? "%u" : "%u-%u", p->first, p->last);
                text_addf(t, " %s %s\n", type, protocol);
                written++;
        }
        if (!written)
                text_addf(t, "\t%s disabled\n", word);
        return r;
}

static int write_network(struct text *t, const struct access *a, struct form_output *ret)
{
        bool v6 = false, netlink = false, other = false;
        int r = write_ports(t, "bind", a->binds, a->bind_count, ret);

        if (r == 0)
                r = write_ports(t, "connect", a->connects, a->connect_count, ret);
        for (size_t i = 0; i < a->socket_count; i++) {
                unsigned family = a->sockets[i].family;

                v6 |= family == AF_INET6;
                netlink |= family == AF_NETLINK;
                other |= family != AF_INET6 && family != AF_NETLINK && family != AF_INET &&
                         family != AF_UNIX;
        }
        if (other)
                text_add(t, "\tsock_allow_family all\n");
        else if (v6 || netlink)
                text_addf(t, "\tsock_allow_family%s%s\n", v6 ? " ipv6" : "",
                          netlink ? " netlink" : "");
        if (v6 && r == 0)
                r = form_leave_out(ret,
                                   "ports and addresses of IPv6: it knows those of IPv4 alone, "
                                   "so IPv6 is allowed as a whole");
        if (other && r == 0)
                r = form_leave_out(ret,
                                   "single address families: it knows ipv6 and netlink by name, "
                                   "and all");
        return r;
}

/* ---- the subject ---- */

static const enum directive_id expressed[] = { D_CapabilityBoundingSet,
                                               D_AmbientCapabilities,
                                               D_RestrictAddressFamilies,
                                               D_ReadWritePaths,
                                               D_ReadOnlyPaths,
                                               D_InaccessiblePaths,
                                               D_ExecPaths,
                                               D_NoExecPaths,
                                               D_ProtectSystem,
                                               D_ProtectHome,
                                               D_StateDirectory,
                                               D_CacheDirectory,
                                               D_LogsDirectory,
                                               D_RuntimeDirectory,
                                               D_MemoryDenyWriteExecute,
                                               D_SocketBindAllow,
                                               D_SocketBindDeny,
                                               D_LimitCORE,
                                               D_LimitNOFILE,
                                               D_LimitNPROC,
                                               D_LimitMEMLOCK,
                                               D_LimitFSIZE,
                                               D_LimitAS,
                                               D_LimitRTPRIO,
                                               D_User,
                                               DIRECTIVE_COUNT };

static const struct form_limits limits = {
        .name = "grsecurity",
        .expressed = expressed,
        .groups = {
                [GROUP_IDENTITY] = "a policy sets no user; its roles follow the user there is",
                [GROUP_CAPS] = "a policy has no such switch",
                [GROUP_FILES] = "views of the files, and their modes, stay with systemd",
                [GROUP_DIRECTORIES] = "a policy makes no folders",
                [GROUP_DEVICES] = "devices are files there: those it used are granted",
                [GROUP_NETWORK] = "a policy knows ports and addresses of IPv4 alone",
                [GROUP_NAMESPACES] = "a policy makes no namespaces",
                [GROUP_KERNEL] = "it is there by what is not granted",
                [GROUP_PROCESSES] = "it has no counterpart but in the kernel's own configuration",
                [GROUP_SYSCALLS] = "a policy knows no system calls",
                [GROUP_MAC] = "another security module",
                [GROUP_RESOURCES] = "a policy has none of these limits",
                [GROUP_CREDENTIALS] = "a policy hands over no secrets",
        },
};

/* A user of its own gets a role, in which all else is closed; root has one already. */
static void write_role(struct text *t, const struct form_input *in)
{
        const char *user = setting_word(in->after, D_User);
        size_t n = user ? strlen(user) : 0;
        bool own = n > 0 && n <= 30 && strcmp(user, "root") != 0 && strcmp(user, "0") != 0;

        for (size_t i = 0; own && i < n; i++)
                own = isalnum((unsigned char)user[i]) || strchr("_-", user[i]);
        if (own && !isdigit((unsigned char)*user))
                text_addf(t,
                          "role %s u\n\nsubject /\n\t/\th\n\t-CAP_ALL\n"
                          "\tbind disabled\n\tconnect disabled\n\n",
                          user);
        else
                text_add(t, "# Put this subject into the role that the service runs in (for root "
                            "usually the one that\n# begins with \"role root\", for a dynamic user "
                            "\"role default\").\n");
}

static int write_subject(struct text *t, const struct form_input *in, const struct access *a,
                         const char *program, struct form_output *ret)
{
        bool space = strpbrk(program, " \t\"") != NULL;
        int r;

        /* o: nothing is taken over from "subject /"; p and d: others cannot kill it, or read its
         * memory and descriptors in /proc. */
        text_addf(t, space ? "subject \"%s\" odp\n" : "subject %s odp\n", program);
        r = write_files(t, a, ret);
        if (r == 0)
                r = write_caps(t, a, ret);
        if (r == 0)
                r = write_limits(t, in, ret);
        if (r == 0)
                r = write_network(t, a, ret);
        text_add(t, a->wx ? "\t-PAX_MPROTECT\n" : "\t+PAX_MPROTECT\n");
        return r;
}

/* The program, by its real name: a colon or the end of the line in it would end the name. */
static int find_program(const struct form_input *in, char **ret, struct err *e)
{
        const char *program = program_of(in);

        if (!program)
                return err_say(e, -EINVAL,
                               "ExecStart= of %s names no program by its path, and a "
                               "subject is a program",
                               in->after->unit);
        *ret = place_spelt(program);
        if (!*ret)
                return -ENOMEM;
        for (const char *c = *ret; *c; c++)
                if (*c == ':' || (iscntrl((unsigned char)*c) && *c != '\t'))
                        return err_say(e, -EINVAL,
                                       "a subject cannot be named %s: a colon or a "
                                       "control character ends the name there",
                                       *ret);
        return 0;
}

FORM_WRITER(grsec)
{
        scoped(access_done) struct access a = { 0 };
        scoped(mem_freep) char *name = plain_name(in->after->unit, "._-");
        scoped(mem_freep) char *path = name ? text_format("%s.policy", name) : NULL;
        scoped(mem_freep) char *program = NULL, *body = NULL;
        struct text t = { 0 }, subject = { 0 };
        char *text;
        int r = access_must_be_observed(in, "a grsecurity policy", e);

        if (r < 0)
                return r;
        r = find_program(in, &program, e);
        if (r < 0)
                return r == -ENOMEM ? err_set(e, r, "cannot write a grsecurity policy") : r;
        r = path ? access_find(in, &a) : -ENOMEM;
        if (r == 0)
                r = access_leave_out(in, &limits, &a, ret);
        if (r == 0 && program_is_shared(program))
                r = form_leave_out(ret,
                                   "%s: others run it, too, and in the same role this subject "
                                   "is theirs as well",
                                   program);
        write_role(&subject, in);
        if (r == 0)
                r = write_subject(&subject, in, &a, program, ret);
        body = text_take(&subject);
        if (r == 0 && body) {
                access_write_head(&t, "# ", "grsecurity RBAC policy", in, &a);
                text_add(&t,
                         "#\n# What a folder's line grants holds for all in it that has no line "
                         "of its own.\n# Try it with `gradm -C` before `gradm -R`.\n#\n");
                access_write_left_out(&t, "# ", ret);
                text_addf(&t, "\n%s", body);
        }
        text = text_take(&t);
        if (r == 0)
                r = text && body ? form_add(ret, path, text, 0644) : -ENOMEM;
        else
                free(text);
        return r < 0 ? err_set(e, r, "cannot write a grsecurity policy") : 0;
}
