/* write_apparmor.c - an AppArmor profile: files, capabilities, sockets, signals.
 *
 * Attached by AppArmorProfile= in the unit, so it needs no path of a program.  In a path every
 * byte that is not plain is written by its octal number, which the parser takes for the byte
 * itself: no blank, quote, star or brace of a name can end the rule or become a pattern. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/access.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* ---- paths ---- */

static bool is_plain(char c)
{
        return isalnum((unsigned char)c) || strchr("/._-+:=%~", c);
}

/* The folder of a process: /proc/PID, as the observer keeps it. */
static size_t process_length(const char *path)
{
        static const char prefix[] = "/proc/PID";
        size_t n = sizeof(prefix) - 1;

        return strncmp(path, prefix, n) == 0 && (!path[n] || path[n] == '/') ? n : 0;
}

static void add_bytes(struct text *t, const char *bytes)
{
        for (; *bytes; bytes++)
                if (is_plain(*bytes))
                        text_addn(t, bytes, 1);
                else
                        text_addf(t, "\\%03o", (unsigned char)*bytes);
}

static void add_name(struct text *t, const struct file_access *f)
{
        const char *numbers = file_numbers(f);

        for (const char *c = f->path; *c; c++) {
                char one[2] = { *c, '\0' };

                if (c < numbers || !isdigit((unsigned char)*c))
                        add_bytes(t, one);
                else if (!isdigit((unsigned char)c[1]))
                        text_add(t, "[0-9]*");
        }
}

/* "/proc/PID/task/TID/comm": the numbers of the own process are any number. */
static void add_process(struct text *t, const char *rest, bool own)
{
        static const struct {
                const char *as, *is;
        } numbers[] = { { "/task/TID", "/task/[0-9]*" },
                        { "/fd/N", "/fd/[0-9]*" },
                        { "/fdinfo/N", "/fdinfo/[0-9]*" } };

        text_add(t, own ? "@{PROC}/@{pid}" : "@{PROC}/[0-9]*");
        while (*rest) {
                size_t i = 0, n = 0;

                for (; i < COUNT(numbers); i++) {
                        n = strlen(numbers[i].as);
                        if (strncmp(rest, numbers[i].as, n) == 0 && (!rest[n] || rest[n] == '/'))
                                break;
                }
                if (i < COUNT(numbers)) {
                        text_add(t, numbers[i].is);
                        rest += n;
                } else {
                        char one[2] = { *rest++, '\0' };

                        add_bytes(t, one);
                }
        }
}

static void add_path(struct text *t, const struct file_access *f)
{
        size_t process = process_length(f->path);
        bool folder = S_ISDIR(f->mode), quoted = false;

        for (const char *c = f->path; *c; c++)
                quoted |= !is_plain(*c);
        text_add(t, quoted ? "\"" : "");
        if (process)
                add_process(t, f->path + process, f->own);
        else if (strcmp(f->path, "/") != 0)
                add_name(t, f);
        if (f->below)
                text_add(t, "/**");
        else if (folder || strcmp(f->path, "/") == 0)
                text_add(t, "/");
        else if (!f->mode && !(f->may & (MAY_RUN | MAY_MAP)))
                text_add(t, "{,/}"); /* a file or a folder: it is not known */
        text_add(t, quoted ? "\"" : "");
}

/* ---- rules ---- */

/* Looking, and entering a folder, need no rule. */
static void modes_of(const struct file_access *f, const struct access *a, char *out)
{
        bool alters = f->may & (MAY_ALTER | MAY_CONNECT);
        const struct {
                bool on;
                char letter;
        } modes[] = {
                { f->may & (MAY_READ | MAY_WATCH | MAY_CONNECT), 'r' },
                { alters, 'w' },
                { alters && !S_ISSOCK(f->mode) && !(f->may & MAY_CONNECT), 'k' },
                { a->links && f->may & MAY_CREATE, 'l' },
                { f->may & MAY_MAP, 'm' },
        };

        for (size_t i = 0; i < COUNT(modes); i++)
                if (modes[i].on)
                        *out++ = modes[i].letter;
        if (f->may & MAY_RUN) {
                *out++ = 'i';
                *out++ = 'x';
        }
        *out = '\0';
}

static void add_files(struct text *t, const struct access *a)
{
        char modes[16];

        text_add(t, "\n  # files\n");
        for (size_t i = 0; i < a->file_count; i++) {
                const struct file_access *f = &a->files[i];

                modes_of(f, a, modes);
                if (!*modes)
                        continue;
                text_add(t, process_length(f->path) && f->own ? "  owner " : "  ");
                add_path(t, f);
                text_addf(t, " %s,\n", modes);
        }
}

/* Without an observation: what the settings leave open. */
static void add_settings(struct text *t, const struct form_input *in, const struct access *a)
{
        const char *system = setting_word(in->after, D_ProtectSystem);
        bool strict = system && strcmp(system, "strict") == 0;

        text_add(t, "\n  # files: all that the settings leave open\n");
        text_add(t, "  / r,\n  /** mrix,\n");
        if (!strict)
                text_add(t, "  /** wkl,\n");
        else {
                text_add(t, "  /{dev,proc,sys,run,tmp,var/tmp}/** wkl,\n");
                for (size_t i = 0; i < a->file_count; i++)
                        if (a->files[i].may & MAY_ALTER) {
                                text_add(t, "  ");
                                add_path(t, &a->files[i]);
                                text_add(t, " wkl,\n");
                        }
        }
        if (system && !strict && setting_yes(in->after, D_ProtectSystem))
                text_addf(t, "  deny /{usr,boot,efi%s}/** wl,\n",
                          strcmp(system, "full") == 0 ? ",etc" : "");
}

static void add_denied(struct text *t, const struct form_input *in)
{
        char **words = in->after->settings[D_InaccessiblePaths].value.words;

        for (; words && *words; words++) {
                const char *path = *words + strspn(*words, "-+");
                struct file_access f = { .path = (char *)path, .may = MAY_READ };

                if (*path != '/' || strchr(path, '%') || !path[1])
                        continue;
                text_add(t, "  deny ");
                add_path(t, &f);
                text_add(t, " rwlk,\n  deny ");
                f.below = true;
                add_path(t, &f);
                text_add(t, " rwlkmx,\n");
        }
}

static void add_caps(struct text *t, const struct access *a)
{
        text_add(t, "\n  # capabilities\n");
        for (unsigned i = 0; i < 64; i++) {
                scoped(mem_freep) char *name = NULL;

                if (!(a->caps >> i & 1) || !capability_name(i))
                        continue;
                name = strdup(capability_name(i) + strlen("CAP_"));
                for (char *c = name; c && *c; c++)
                        *c = (char)tolower((unsigned char)*c);
                t->failed |= !name;
                text_addf(t, "  capability %s,\n", name ? name : "");
        }
        if (!a->caps)
                text_add(t, "  # none\n");
}

static const char *family_word(unsigned family)
{
        static const struct {
                unsigned family;
                const char *word;
        } words[] = {
                { AF_UNIX, "unix" },       { AF_INET, "inet" },
                { AF_INET6, "inet6" },     { AF_AX25, "ax25" },
                { AF_IPX, "ipx" },         { AF_NETLINK, "netlink" },
                { AF_PACKET, "packet" },   { AF_BLUETOOTH, "bluetooth" },
                { AF_CAN, "can" },         { AF_TIPC, "tipc" },
                { AF_ALG, "alg" },         { AF_VSOCK, "vsock" },
                { AF_RDS, "rds" },         { AF_PPPOX, "pppox" },
                { AF_LLC, "llc" },         { AF_KCM, "kcm" },
                { AF_QIPCRTR, "qipcrtr" }, { AF_SMC, "smc" },
                { AF_XDP, "xdp" },         { AF_RXRPC, "rxrpc" },
                { AF_KEY, "key" },
        };

        for (size_t i = 0; i < COUNT(words); i++)
                if (words[i].family == family)
                        return words[i].word;
        return NULL;
}

static const char *type_word(unsigned type)
{
        static const char *const words[] = {
                [SOCK_STREAM] = "stream", [SOCK_DGRAM] = "dgram",         [SOCK_RAW] = "raw",
                [SOCK_RDM] = "rdm",       [SOCK_SEQPACKET] = "seqpacket", [SOCK_DCCP] = "dccp",
        };

        return type < COUNT(words) ? words[type] : NULL;
}

static int add_sockets(struct text *t, const struct access *a, struct form_output *ret)
{
        int r = 0;

        text_add(t, "\n  # sockets; output and error go to the journal by one of unix\n"
                    "  network unix stream,\n  network unix dgram,\n");
        for (size_t i = 0; i < a->socket_count && r == 0; i++) {
                const struct socket_access *s = &a->sockets[i];
                const char *family = family_word(s->family), *type = type_word(s->type);
                bool twice = s->family == AF_UNIX && type && s->type != SOCK_SEQPACKET;

                /* The same family and type with another protocol is the same rule. */
                for (size_t k = 0; k < i && !twice; k++)
                        twice = a->sockets[k].family == s->family && a->sockets[k].type == s->type;
                if (!family)
                        r = form_leave_out(ret,
                                           "sockets of family %u: AppArmor has no word for "
                                           "it",
                                           s->family);
                else if (!twice)
                        text_addf(t, "  network %s%s%s,\n", family, type ? " " : "",
                                  type ? type : "");
        }
        return r;
}

static void add_rest(struct text *t, const struct access *a, bool observed)
{
        const struct {
                bool on;
                const char *rule;
        } rules[] = {
                { true, "signal (receive) peer=unconfined,\n" },
                { true, "signal (send, receive) peer=@{profile_name},\n" },
                { !observed || a->kills, "signal (send),\n" },
                { true, "unix,\n" },
                { !observed || a->bus, "dbus,\n" },
                { true, "ptrace (readby) peer=unconfined,\n" },
                { !observed || a->traces, "ptrace,\n" },
                { !observed || a->mounts, "mount,\n" },
                { !observed || a->mounts, "remount,\n" },
                { !observed || a->mounts, "umount,\n" },
                { !observed || a->pivots, "pivot_root,\n" },
        };

        text_add(t, "\n  # processes and their messages\n");
        for (size_t i = 0; i < COUNT(rules); i++)
                if (rules[i].on)
                        text_addf(t, "  %s", rules[i].rule);
}

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
                                               D_AppArmorProfile,
                                               DIRECTIVE_COUNT };

static const struct form_limits limits = {
        .name = "AppArmor",
        .expressed = expressed,
        .groups = {
                [GROUP_IDENTITY] = "AppArmor sets no user",
                [GROUP_CAPS] = "AppArmor has no such switch",
                [GROUP_FILES] = "views of the files, and their modes, stay with systemd",
                [GROUP_DIRECTORIES] = "AppArmor makes no folders",
                [GROUP_DEVICES] = "devices are files there: those it used are granted",
                [GROUP_NETWORK] = "AppArmor knows kinds of sockets, no ports or addresses",
                [GROUP_NAMESPACES] = "AppArmor makes no namespaces",
                [GROUP_KERNEL] = "it is there by what is not granted",
                [GROUP_PROCESSES] = "AppArmor has no such switch",
                [GROUP_SYSCALLS] = "AppArmor knows no system calls",
                [GROUP_MAC] = "another security module",
                [GROUP_RESOURCES] = "AppArmor sets none of these limits",
                [GROUP_CREDENTIALS] = "AppArmor hands over no secrets",
        },
};

/* What the unit says already, or a name made of the unit's. */
static char *profile_name(const struct form_input *in)
{
        const char *word = setting_word(in->after, D_AppArmorProfile);

        word = word ? word + (*word == '-') : NULL;
        if (word && *word && strcmp(word, "unconfined") != 0 && !strchr(word, '%') &&
            word[0] != '/')
                return plain_name(word, "._-");
        return plain_name(in->after->unit, "._-");
}

FORM_WRITER(apparmor)
{
        scoped(access_done) struct access a = { 0 };
        scoped(mem_freep) char *name = profile_name(in);
        struct text t = { 0 }, rules = { 0 };
        scoped(mem_freep) char *body = NULL;
        char *text;
        int r = name ? access_find(in, &a) : -ENOMEM;

        if (r == 0)
                r = access_leave_out(in, &limits, &a, ret);
        if (r == 0)
                r = add_sockets(&rules, &a, ret);
        if (r == 0) {
                add_rest(&rules, &a, in->behaviour);
                if (in->behaviour)
                        add_files(&rules, &a);
                else
                        add_settings(&rules, in, &a);
                add_denied(&rules, in);
        }
        body = text_take(&rules);
        if (r == 0 && !body)
                r = -ENOMEM;
        if (r == 0) {
                access_write_head(&t, "# ", "AppArmor profile", in, &a);
                text_addf(
                        &t,
                        "#\n# Put it into /etc/apparmor.d/, load it (apparmor_parser -r FILE), and "
                        "add to the\n# section [Service] of the unit:\n"
                        "#     AppArmorProfile=%s\n#\n",
                        name);
                if (!in->behaviour)
                        text_addf(&t, "# `gird observe %s` first makes it much narrower.\n#\n",
                                  name);
                access_write_left_out(&t, "# ", ret);
                text_addf(&t, "\nabi <abi/3.0>,\ninclude <tunables/global>\n\nprofile \"%s\" {\n",
                          name);
                add_caps(&t, &a);
                text_addf(&t, "%s}\n", body);
        }
        text = text_take(&t);
        if (r == 0)
                r = text ? form_add(ret, name, text, 0644) : -ENOMEM;
        else
                free(text);
        return r < 0 ? err_set(e, r, "cannot write an AppArmor profile") : 0;
}
