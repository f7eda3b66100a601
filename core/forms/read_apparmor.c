/* read_apparmor.c - what an AppArmor profile grants, as far as systemd can say it.
 *
 *   capability x          CapabilityBoundingSet=: these and no others
 *   network family        RestrictAddressFamilies=: these and AF_UNIX
 *   PATH w                ProtectSystem=strict, and the path's fixed part in ReadWritePaths=
 *   PATH x or m           NoExecPaths=/, and the path's fixed part in ExecPaths=
 *   deny PATH             InaccessiblePaths= (r) or ReadOnlyPaths= (w)
 * Of what a profile includes the usual abstractions are known; what another include may grant is
 * never taken away. */
#include "core/forms/read_apparmor.h"

#include "core/base/mem.h"
#include "core/observe/infer_paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

FORM_READER(apparmor);

/* ---- paths ---- */

/* Folders that rules about files mean without systemd having anything to say. */
static bool is_virtual(const char *path)
{
        static const char *const folders[] = { "/dev", "/proc", "/sys" };

        for (size_t i = 0; i < COUNT(folders); i++)
                if (text_starts(path, folders[i]) &&
                    (path[strlen(folders[i])] == '/' || !path[strlen(folders[i])]))
                        return true;
        return false;
}

static int add_once(char ***list, const char *path)
{
        return strv_has(*list, path) ? 0 : strv_add(list, path);
}

static bool has(const char *modes, const char *any)
{
        return strpbrk(modes, any) != NULL;
}

static int take_denied(struct confinement *c, const struct aa_rule *rule)
{
        if (rule->cut)
                return reading_note(c->reading,
                                    "%s:%u: deny %s: only fixed paths can be denied by "
                                    "systemd",
                                    c->reading->file, rule->line, rule->text);
        if (has(rule->modes, "r"))
                return add_once(&c->hidden, rule->path);
        if (has(rule->modes, "wa"))
                return add_once(&c->frozen, rule->path);
        return 0;
}

/* A file of a folder that is its own: the folder, since systemd can only open what is there when
 * the service starts. */
static int take_written(struct confinement *c, const struct aa_rule *rule)
{
        scoped(mem_freep) char *parent = strndup(rule->path, parent_of(rule->path));
        int r;

        if (!parent)
                return -ENOMEM;
        if (rule->cut)
                return add_once(&c->written, rule->path);
        if (!place_is_shared(parent) && strcmp(parent, "/run") != 0 &&
            strcmp(parent, "/var/log") != 0 && strchr(parent + 1, '/'))
                return add_once(&c->written, parent);
        r = add_once(&c->written, rule->path);
        return r < 0 ? r
                     : reading_note(c->reading,
                                    "%s:%u: %s: systemd opens it for writing only if it is "
                                    "there when the service starts",
                                    c->reading->file, rule->line, rule->path);
}

static int take_file(struct confinement *c, const struct aa_rule *rule)
{
        int r = 0;

        c->files = true;
        if (!rule->path)
                return reading_note(c->reading, "%s:%u: %s: a variable in it is not known here",
                                    c->reading->file, rule->line, rule->text);
        if (is_virtual(rule->path))
                return 0;
        if (rule->deny)
                return take_denied(c, rule);
        if (strcmp(rule->path, "/") == 0 && rule->cut && has(rule->modes, "wa"))
                c->writes_all = true;
        else if (has(rule->modes, "wa"))
                r = take_written(c, rule);
        if (r == 0 && strcmp(rule->path, "/") == 0 && rule->cut && has(rule->modes, "xm"))
                c->runs_all = true;
        else if (r == 0 && has(rule->modes, "xm"))
                r = add_once(&c->run, rule->path);
        if (r == 0 && rule->owner)
                r = reading_note(c->reading, "%s: \"owner\" has no counterpart in systemd",
                                 c->reading->file);
        return r;
}

/* ---- capabilities and families ---- */

static int take_capability(struct confinement *c, const struct aa_rule *rule)
{
        c->caps_seen = !rule->deny || c->caps_seen;
        if (!rule->words && !rule->deny)
                c->caps_all = true;
        for (char **w = rule->words; w && *w; w++) {
                scoped(mem_freep) char *name = text_format("CAP_%s", *w);
                int number = name ? capability_number(name) : -ENOMEM;

                if (!name)
                        return -ENOMEM;
                if (number < 0)
                        return reading_fail(c->reading, rule->line, 0,
                                            "there is no capability \"%s\"", *w);
                if (rule->deny)
                        c->caps_denied |= UINT64_C(1) << number;
                else
                        c->caps |= UINT64_C(1) << number;
        }
        return 0;
}

static int take_network(struct confinement *c, const struct aa_rule *rule)
{
        scoped(mem_freep) char *name = NULL;
        const char *family;

        if (rule->deny)
                return reading_note(c->reading, "%s:%u: %s: what is not allowed is denied anyway",
                                    c->reading->file, rule->line, rule->text);
        c->network = true;
        if (!rule->words) {
                c->families_all = true;
                return 0;
        }
        /* "network tcp": any family. */
        if (strcmp(rule->words[0], "tcp") == 0 || strcmp(rule->words[0], "udp") == 0 ||
            strcmp(rule->words[0], "stream") == 0 || strcmp(rule->words[0], "dgram") == 0) {
                int r = add_once(&c->families, "AF_INET");

                return r < 0 ? r : add_once(&c->families, "AF_INET6");
        }
        name = text_format("AF_%s", rule->words[0]);
        for (char *x = name; x && *x; x++)
                if (*x >= 'a' && *x <= 'z')
                        *x = (char)(*x - 'a' + 'A');
        if (!name)
                return -ENOMEM;
        family = family_canonical(name);
        if (!family)
                return reading_note(c->reading, "%s:%u: systemd has no address family for %s",
                                    c->reading->file, rule->line, rule->text);
        return add_once(&c->families, family);
}

/* ---- includes ---- */

/* Abstractions that come with AppArmor and grant no capability: which families, and what beside
 * reading. */
static const struct {
        const char *name, *families, *written, *run;
} abstractions[] = {
        { "base", NULL, NULL, "/usr/lib /usr/lib32 /usr/lib64 /lib /lib32 /lib64" },
        { "nameservice", "AF_INET AF_INET6 AF_NETLINK", NULL, NULL },
        { "nameservice-strict", NULL, NULL, NULL },
        { "openssl", NULL, NULL, NULL },
        { "ssl_certs", NULL, NULL, NULL },
        { "ssl_keys", NULL, NULL, NULL },
        { "consoles", NULL, NULL, NULL },
        { "user-tmp", NULL, "/tmp /var/tmp", NULL },
        { "python", NULL, NULL, NULL },
        { "perl", NULL, NULL, NULL },
        { "ruby", NULL, NULL, NULL },
        { "php", NULL, NULL, NULL },
        { "bash", NULL, NULL, NULL },
        { "mysql", NULL, NULL, NULL },
        { "p11-kit", NULL, NULL, NULL },
        { "crypto", NULL, NULL, NULL },
        { "dbus-strict", NULL, NULL, NULL },
};

static int add_words(char ***list, const char *words)
{
        scoped(strv_freep) char **split = NULL;
        int r = words ? strv_split(words, " ", &split) : 0;

        for (char **w = split; w && *w && r >= 0; w++)
                r = add_once(list, *w);
        return r < 0 ? r : 0;
}

static int take_include(struct confinement *c, const struct aa_rule *rule)
{
        static const char folder[] = "<abstractions/";
        const char *name = rule->path;
        int r = 0;

        if (text_starts(name, "if exists "))
                name += strlen("if exists ");
        if (text_starts(name, "<local/"))
                return reading_note(c->reading,
                                    "%s:%u: %s is not read: if this machine has rules in "
                                    "it, add them by hand",
                                    c->reading->file, rule->line, rule->text);
        for (size_t i = 0; i < COUNT(abstractions) && text_starts(name, folder); i++) {
                const char *file = name + strlen(folder);
                size_t n = strlen(abstractions[i].name);

                if (strncmp(file, abstractions[i].name, n) != 0 || strcmp(file + n, ">") != 0)
                        continue;
                c->files = true;
                r = add_words(&c->families, abstractions[i].families);
                if (r == 0)
                        r = add_words(&c->written, abstractions[i].written);
                return r == 0 ? add_words(&c->run, abstractions[i].run) : r;
        }
        c->includes = true;
        return reading_note(c->reading, "%s:%u: %s is not read; what it may grant is left open",
                            c->reading->file, rule->line, rule->text);
}

static int got(struct confinement *c, const struct aa_rule *rule)
{
        switch (rule->kind) {
        case AA_FILE:
                return take_file(c, rule);
        case AA_CAPABILITY:
                return take_capability(c, rule);
        case AA_NETWORK:
                return take_network(c, rule);
        case AA_INCLUDE:
                return take_include(c, rule);
        case AA_OTHER:
                return reading_note(c->reading, "%s:%u: %s: systemd has no counterpart",
                                    c->reading->file, rule->line, rule->text);
        }
        return 0;
}

/* ---- what systemd makes of it ---- */

static int give(struct confinement *c, const char *directive, const char *text)
{
        return reading_assign(c->reading, c->line, 0, directive, text);
}

static int give_paths(struct confinement *c, const char *directive, char *const *paths)
{
        int r = 0;

        for (; paths && *paths && r == 0; paths++) {
                /* '%' and quotes mean something to systemd. */
                scoped(mem_freep) char *text = systemd_path(*paths);

                if (!text)
                        return -ENOMEM;
                r = *text ? give(c, directive, text)
                          : reading_note(c->reading, "%s: %s cannot stand in a unit file",
                                         c->reading->file, *paths);
        }
        return r;
}

static int give_caps(struct confinement *c)
{
        struct text t = { 0 };
        scoped(mem_freep) char *list = NULL;
        uint64_t caps = c->caps & ~c->caps_denied;

        if (c->caps_all || c->includes)
                return reading_note(c->reading, "%s: CapabilityBoundingSet= is not set: %s",
                                    c->reading->file,
                                    c->caps_all ? "the profile grants every capability"
                                                : "what it includes may grant more than is seen");
        for (unsigned i = 0; i < 64; i++)
                if (caps >> i & 1 && capability_name(i))
                        text_addf(&t, "%s%s", t.length ? " " : "", capability_name(i));
        list = text_take(&t);
        return list ? give(c, "CapabilityBoundingSet", list) : -ENOMEM;
}

static int give_families(struct confinement *c)
{
        scoped(mem_freep) char *list = NULL;
        int r;

        if (c->families_all || c->includes)
                return reading_note(c->reading, "%s: RestrictAddressFamilies= is not set: %s",
                                    c->reading->file,
                                    c->families_all ? "the profile grants every family"
                                                    : "what it includes may grant more than is "
                                                      "seen");
        r = add_once(&c->families, "AF_UNIX"); /* the journal and the manager are reached by it */
        if (r < 0)
                return r;
        list = strv_join(c->families, " ");
        return list ? give(c, "RestrictAddressFamilies", list) : -ENOMEM;
}

static int give_files(struct confinement *c)
{
        int r = 0;

        if (!c->files)
                return 0;
        if (c->writes_all || c->includes)
                r = reading_note(c->reading, "%s: ProtectSystem= is not set: %s", c->reading->file,
                                 c->writes_all ? "it may write everywhere"
                                               : "what it includes may grant more than is seen");
        else {
                r = give(c, "ProtectSystem", "strict");
                if (r == 0)
                        r = give_paths(c, "ReadWritePaths", c->written);
        }
        if (r == 0 && (c->runs_all || c->includes || !c->run))
                r = reading_note(c->reading, "%s: NoExecPaths= is not set: %s", c->reading->file,
                                 c->runs_all   ? "it may run programs from everywhere"
                                 : c->includes ? "what it includes may name libraries"
                                               : "it names no program");
        else if (r == 0) {
                r = give(c, "NoExecPaths", "/");
                if (r == 0)
                        r = give_paths(c, "ExecPaths", c->run);
        }
        if (r == 0)
                r = give_paths(c, "ReadOnlyPaths", c->frozen);
        return r == 0 ? give_paths(c, "InaccessiblePaths", c->hidden) : r;
}

static void confinement_done(struct confinement *c)
{
        strv_free(c->families);
        strv_free(c->written);
        strv_free(c->run);
        strv_free(c->hidden);
        strv_free(c->frozen);
}

int form_read_apparmor(const char *file, const char *text, const char *unit, enum scope scope,
                       const struct dialect *dialect, struct profile **ret, char ***ret_notes,
                       struct err *e)
{
        struct reading reading;
        scoped(confinement_done) struct confinement c = { .reading = &reading, .line = 1 };
        int r = reading_open(&reading, file, unit, scope, dialect, e);

        if (r < 0)
                return r;
        r = aa_parse(&reading, text, got, &c);
        if (r == 0 && c.profile_line)
                c.line = c.profile_line;
        if (r == 0)
                r = give_caps(&c);
        if (r == 0)
                r = give_families(&c);
        if (r == 0)
                r = give_files(&c);
        return reading_close(&reading, r, "an AppArmor profile", ret, ret_notes);
}

unsigned form_looks_apparmor(const char *file, const char *text)
{
        unsigned sure = text_starts(file, "/etc/apparmor.d/") ? 40 : 0;

        for (const char *line = text; line; line = strchr(line, '\n')) {
                size_t n;

                line += strspn(line, " \t\r\n");
                n = strcspn(line, "\n");
                while (n > 0 && strchr(" \t\r", line[n - 1]))
                        n--;
                if (n > 0 && line[n - 1] == '{' &&
                    (text_starts(line, "profile ") || *line == '/' || text_starts(line, "\"/")))
                        return 90;
                if (text_starts(line, "include <tunables/") ||
                    text_starts(line, "#include <tunables/") || text_starts(line, "abi <abi/"))
                        sure = 85;
        }
        return sure;
}
