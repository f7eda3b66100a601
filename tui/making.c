/* making.c - a new service. */
#include "tui/making.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void making_done(struct making *m)
{
        if (m->folder) {
                scoped(mem_freep) char *file = text_format("%s/%s", m->folder, m->unit);

                if (file)
                        unlink(file);
                rmdir(m->folder);
        }
        free(m->unit);
        free(m->command);
        needs_done(&m->needs);
        free(m->text);
        free(m->sysusers);
        free(m->folder);
        *m = (struct making){ 0 };
}

static int check_command(const char *command, struct err *e)
{
        const char *program = command + strspn(command, "@-:+!|");

        if (program != command)
                return err_say(e, -EINVAL,
                               "--exec %s: leave the sign in front of the program out: it would "
                               "lift parts of the sandbox",
                               command);
        if (*program != '/')
                return err_say(e, -EINVAL, "--exec %s: the program is named by its whole path",
                               command);
        for (const char *p = command; *p; p++)
                if ((unsigned char)*p < ' ' || *p == 0x7f)
                        return err_say(e, -EINVAL, "--exec: a command is one line of text");
        if (text_ends(command, "\\"))
                return err_say(e, -EINVAL, "--exec: a command cannot end with a backslash");
        return 0;
}

/* The lines of a section, each directive with its reason above. */
static int add_section(struct text *t, const struct making *m, const struct dialect *dialect,
                       const char *section)
{
        const struct profile *p = m->needs.profile;

        for (size_t i = 0; i < p->change_count; i++) {
                const struct change *c = &p->changes[i];
                const struct directive *d = directive_at(c->directive);
                scoped(strv_freep) char **lines = NULL;
                int r;

                if (strcmp(directive_section(d), section) != 0)
                        continue;
                r = change_lines(c, dialect, &lines);
                if (r < 0)
                        return r;
                if (c->evidence)
                        text_addf(t, "# %s\n", c->evidence);
                for (char **line = lines; line && *line; line++)
                        /* There is nothing to reset in a file of one's own. */
                        if (line != lines || **line || !line[1])
                                text_addf(t, "%s=%s\n", d->name, *line);
        }
        return 0;
}

static int write_text(struct making *m, const struct dialect *dialect)
{
        struct text t = { 0 };
        int r;

        text_addf(&t,
                  "# Made by gird " GIRD_VERSION ": everything is shut but what it was said to "
                  "need.\n[Unit]\nDescription=%.*s\n",
                  (int)(strlen(m->unit) - strlen(".service")), m->unit);
        r = add_section(&t, m, dialect, "Unit");
        text_addf(&t, "\n[Service]\nType=exec\nExecStart=%s\nRestart=on-failure\n\n", m->command);
        if (r >= 0)
                r = add_section(&t, m, dialect, "Service");
        text_add(&t, "\n[Install]\nWantedBy=multi-user.target\n");
        m->text = text_take(&t);
        if (m->needs.user)
                m->sysusers = text_format("u %s - \"%s\"\n", m->needs.user, m->unit);
        return r < 0 ? r : !m->text || (m->needs.user && !m->sysusers) ? -ENOMEM : 0;
}

static int add_typed(struct context *c, struct making *m, struct err *e)
{
        int r = 0;

        for (char **word = c->args->properties; r >= 0 && word && *word; word++)
                r = profile_assign(m->needs.profile, &c->dialect, *word, e);
        for (char **probe = c->args->probes; r >= 0 && probe && *probe; probe++)
                r = strv_add(&m->needs.probes, *probe);
        return r;
}

int making_write(struct context *c, const char *name, const char *command, const char *needs,
                 struct making *ret, struct err *e)
{
        enum scope scope = c->args->user ? SCOPE_USER : SCOPE_SYSTEM;
        int r = unit_name_mangle(name, &ret->unit, e);

        if (r < 0)
                return r;
        if (!text_ends(ret->unit, ".service") || strchr(ret->unit, '@'))
                return err_say(e, -EINVAL, "%s: `gird new` makes plain services: NAME.service",
                               name);
        r = check_command(command, e);
        if (r < 0)
                return r;
        ret->command = strdup(command);
        if (!ret->command)
                return err_set(e, -ENOMEM, "cannot make %s", ret->unit);
        r = needs_read(ret->unit, scope, needs, &c->dialect, &ret->needs, e);
        if (r >= 0)
                r = add_typed(c, ret, e);
        if (r < 0)
                return r;
        r = write_text(ret, &c->dialect);
        return r < 0 ? err_set(e, r, "cannot make %s", ret->unit) : 0;
}

/* The unit without its sandbox, for the baseline: the sandbox is the change that is tried. */
static int write_bare(struct making *m, char **ret_path, struct err *e)
{
        scoped(mem_freep) char *text = text_format(
                "[Service]\nType=exec\nExecStart=%s\nRestart=on-failure\n", m->command);
        const char *tmp = getenv("TMPDIR");

        m->folder = text_format("%s/gird-new.XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");
        if (!text || !m->folder)
                return err_set(e, -ENOMEM, "cannot try %s", m->unit);
        if (!mkdtemp(m->folder)) {
                free(m->folder);
                m->folder = NULL;
                return err_set(e, -errno, "cannot make a folder to try %s from", m->unit);
        }
        *ret_path = text_format("%s/%s", m->folder, m->unit);
        return *ret_path ? file_replace(*ret_path, text, 0644, e)
                         : err_set(e, -ENOMEM, "cannot try %s", m->unit);
}

static bool user_is_there(const char *name)
{
        return getpwnam(name) != NULL;
}

/* Under that name the machine knows another unit, which the new file would hide. */
static bool unit_is_there(struct context *c, const struct making *m, char **ret_at)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        struct err none = { 0 };

        if (context_unit(c, m->unit, &s, &none) < 0)
                return false;
        *ret_at = s->facts.fragment ? strdup(s->facts.fragment) : NULL;
        return true;
}

int making_try(struct context *c, struct making *m, struct attempt *ret, struct err *e)
{
        scoped(mem_freep) char *path = NULL;
        scoped(mem_freep) char *at = NULL;
        scoped(sandbox_freep) struct sandbox *s = NULL;
        struct profile *p = m->needs.profile;
        int r;

        if (unit_is_there(c, m, &at))
                return err_say(e, -EEXIST,
                               "%s is not tried: there is one already, at %s, and a twin would "
                               "start that; take another name",
                               m->unit, at ? at : "another place");
        if (m->needs.user && !c->args->root && !user_is_there(m->needs.user))
                return err_say(e, -ENOENT,
                               "%s is not tried: there is no user %s yet; save it with --untested, "
                               "run systemd-sysusers, then `gird try %s`",
                               m->unit, m->needs.user, m->unit);
        r = write_bare(m, &path, e);
        if (r >= 0)
                r = context_unit(c, path, &s, e);
        for (char **probe = m->needs.probes; r >= 0 && probe && *probe; probe++)
                if (!strv_has(p->probes, *probe))
                        r = strv_add(&p->probes, *probe);
        return r < 0 ? r : attempt_try(c, s, p, ret, e);
}

/* A file that is not there yet, or may be replaced. */
static int put_file(struct context *c, const char *path, const char *text, char ***paths,
                    struct err *e)
{
        scoped(mem_freep) char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));
        struct stat st;
        int r;

        if (!folder)
                return err_set(e, -ENOMEM, "cannot write %s", path);
        if (lstat(path, &st) == 0 && !c->args->on[OPT_FORCE])
                return err_say(e, -EEXIST, "%s is there already; --force replaces it", path);
        r = file_make_dirs(folder, 0755, e);
        if (r >= 0)
                r = file_replace(path, text, 0644, e);
        return r < 0 ? r : strv_add(paths, path);
}

int making_save(struct context *c, struct making *m, char ***ret_paths, struct err *e)
{
        const char *root = c->args->root ? c->args->root : "";
        scoped(mem_freep) char *unit = text_format("%s/etc/systemd/system/%s", root, m->unit);
        scoped(mem_freep) char *users = text_format("%s/etc/sysusers.d/%.*s.conf", root,
                                                    (int)(strlen(m->unit) - strlen(".service")),
                                                    m->unit);
        scoped(mem_freep) char *at = NULL;
        int r;

        if (!unit || !users)
                return err_set(e, -ENOMEM, "cannot save %s", m->unit);
        if (c->args->user)
                return err_say(e, -EOPNOTSUPP,
                               "--save writes system units; print it, and put it "
                               "into ~/.config/systemd/user");
        r = attempt_may_write(c, "new", m->unit, e);
        if (r >= 0 && !c->args->on[OPT_FORCE] && unit_is_there(c, m, &at))
                r = err_say(e, -EEXIST,
                            "there is a %s already, at %s: take another name, or --force to hide "
                            "it",
                            m->unit, at ? at : "another place");
        if (r >= 0 && m->sysusers)
                r = put_file(c, users, m->sysusers, ret_paths, e);
        return r < 0 ? r : put_file(c, unit, m->text, ret_paths, e);
}
