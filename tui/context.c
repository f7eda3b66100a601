/* context.c - the machine that gird works on, opened once. */
#include "tui/context.h"

#include "core/base/base.h"
#include "core/base/child.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/dropin.h"
#include "core/profile/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROFILE_LIMIT = 1 << 20, TOOL_TIMEOUT = 5000000 };

/* Starts a program of the system below the root.  Such a tree may be anybody's, so its programs run
 * as nobody: chroot alone holds no root in. */
static int ask(struct context *c, char *const words[], struct child *ret)
{
        scoped(strv_freep) char **argv = NULL;
        const char *root = c->root.root;
        int r = 0;

        if (root) {
                r = strv_add(&argv, "chroot");
                r = r < 0 ? r : strv_add(&argv, "--userspec=65534:65534");
                r = r < 0 ? r : strv_add(&argv, "--groups=");
                r = r < 0 ? r : strv_add(&argv, root);
        }
        for (; r == 0 && *words; words++)
                r = strv_add(&argv, *words);
        return r < 0 ? r : child_begin(argv, NULL, ret, NULL);
}

/* Asks without waiting: the answers come while the units are read. */
static void ask_systemd(struct context *c)
{
        static const char *const places[] = { "/usr/lib/systemd/systemd", "/lib/systemd/systemd" };
        char *words[] = { (char *)"systemd-analyze", (char *)"syscall-filter", (char *)"--no-pager",
                          NULL };

        if (c->args->host || c->args->machine || c->args->has_systemd)
                return;
        for (size_t i = 0; !c->manager && i < COUNT(places); i++) {
                char *version[] = { (char *)places[i], (char *)"--version", NULL };

                if (ask(c, version, &c->version_child) == 0)
                        break;
        }
        if (ask(c, words, &c->words_child) < 0)
                c->words_child = CHILD_NONE;
}

/* 0: it answered; -ENOENT: it did not, or was never asked. */
static int hear(struct context *c, struct child *child, struct child_result *ret)
{
        int r;

        if (child->pid < 0)
                return -ENOENT;
        r = child_end(child, &c->job, TOOL_TIMEOUT, ret, NULL);
        if (r == 0 && (ret->timed_out || ret->status != 0)) {
                child_result_done(ret);
                r = -ENOENT;
        }
        return r;
}

static enum scope scope_of(const struct arguments *a)
{
        return a->user ? SCOPE_USER : SCOPE_SYSTEM;
}

/* A manager where one is to be had; else files, and a note that says why. */
static int open_manager(struct context *c, struct err *e)
{
        const struct arguments *a = c->args;
        struct manager_where where = {
                .scope = scope_of(a), .host = a->host, .container = a->machine, .fd = -1
        };
        struct err why = { 0 };
        int r;

        if (a->root || a->offline) {
                snprintf(c->note, sizeof(c->note), "reading unit files%s%s",
                         a->root ? " below " : "", a->root ? a->root : "");
                return 0;
        }
        r = manager_open(&where, &c->job, &c->manager, &why);
        if (r == 0)
                return 0;
        if (r == -ECANCELED || a->host || a->machine) {
                *e = why;
                return r > 0 ? -ENOTCONN : r;
        }
        snprintf(c->note, sizeof(c->note), "reading unit files: %.120s", why.text);
        return 0;
}

/* Filters are read by the libseccomp that systemd runs with. */
static int learn_seccomp(struct context *c, struct err *e)
{
        if (c->args->host || c->args->machine || c->args->has_systemd)
                return 0;
        if (dialect_find_seccomp(&c->dialect, c->root.root) < 0)
                return err_set(e, -ENOMEM, "cannot read what libseccomp knows");
        return 0;
}

unsigned context_user(void)
{
        const char *home = getenv("HOME");
        struct stat st;

        return home && stat(home, &st) == 0 ? st.st_uid : geteuid();
}

/* sudo takes it away, and units of users name it. */
static int set_runtime_folder(void)
{
        char path[40];

        snprintf(path, sizeof(path), "/run/user/%u", context_user());
        return setenv("XDG_RUNTIME_DIR", path, 0) < 0 ? -errno : 0;
}

int context_open(struct context *c, const struct arguments *a, struct err *e)
{
        int r;

        *c = CONTEXT_NONE;
        c->args = a;
        if (a->user && geteuid() == 0 && set_runtime_folder() < 0)
                return err_set(e, -ENOMEM, "cannot name the user's folder");
        r = job_open(&c->job, e);
        if (r >= 0)
                r = unit_root_open(&c->root, a->root, scope_of(a), e);
        if (r >= 0)
                r = store_open(&c->store, &c->root, e);
        if (r >= 0)
                r = open_manager(c, e);
        if (r < 0) {
                context_close(c);
                return r;
        }
        c->mode = c->manager ? SCORE_LIVE : SCORE_OFFLINE;
        dialect_for(a->has_systemd ? a->systemd
                    : c->manager   ? manager_version(c->manager)
                                   : (struct version){ VERSION_NEWEST, 0 },
                    scope_of(a), &c->dialect);
        ask_systemd(c);
        return learn_seccomp(c, e);
}

int context_learn(struct context *c, struct err *e)
{
        scoped(child_result_done) struct child_result version = { 0 }, words = { 0 };
        struct version v = { 0 };
        int r = hear(c, &c->version_child, &version);

        if (r == 0 && version_parse(version.out, &v) == 0) {
                dialect_done(&c->dialect);
                dialect_for(v, scope_of(c->args), &c->dialect);
                r = learn_seccomp(c, e);
        }
        if (r == 0 || r == -ENOENT)
                r = hear(c, &c->words_child, &words);
        if (r == 0)
                r = dialect_learn(&c->dialect, words.out);
        return r == -ECANCELED || r == -ENOMEM ? err_set(e, r, "cannot ask systemd for its words")
                                               : 0;
}

int context_know(struct context *c, struct err *e)
{
        int r = 0;

        if (!c->known && !c->args->host && !c->args->machine && !c->args->has_systemd)
                r = known_ask(&c->job, c->args->root, &c->known, e);
        return r < 0 ? r : 0;
}

void context_close(struct context *c)
{
        child_stop(&c->version_child);
        child_stop(&c->words_child);
        manager_close(c->manager);
        known_free(c->known);
        dialect_done(&c->dialect);
        store_done(&c->store);
        unit_root_done(&c->root);
        job_done(&c->job);
        *c = CONTEXT_NONE;
}

const char *context_source(const struct context *c)
{
        return c->manager ? "manager" : "files";
}

struct one {
        struct sandbox *sandbox;
};

static int got_one(void *userdata, size_t index, struct sandbox *s)
{
        struct one *one = userdata;

        (void)index;
        sandbox_free(one->sandbox);
        one->sandbox = s;
        return 0;
}

static int read_unit(struct context *c, const char *word, struct sandbox **ret, struct err *e)
{
        scoped(mem_freep) char *name = NULL;
        struct one one = { NULL };
        int r;

        if (!c->manager || strchr(word, '/'))
                return unit_read(&c->root, word, &c->dialect, ret, e);
        r = unit_name_mangle(word, &name, e);
        if (r < 0)
                return r;
        r = manager_read(c->manager, &c->job, (char *[]){ name, NULL }, &c->dialect, got_one, &one,
                         e);
        if (r >= 0 && !one.sandbox)
                r = err_say(e, -EIO, "the manager did not answer for %s", name);
        if (r < 0) {
                sandbox_free(one.sandbox);
                return r;
        }
        *ret = one.sandbox;
        return 0;
}

int context_unit(struct context *c, const char *word, struct sandbox **ret, struct err *e)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        int r = read_unit(c, word, &s, e);

        if (r < 0)
                return r;
        if (s->load == LOAD_NOT_FOUND)
                return err_say(e, -ENOENT,
                               "there is no unit %s%s%s; `gird list` shows what there is", s->unit,
                               c->args->root ? " below " : "", c->args->root ? c->args->root : "");
        r = sandbox_imply(s, &c->dialect);
        if (r < 0)
                return err_set(e, r, "cannot read %s", s->unit);
        *ret = take(s);
        return 0;
}

/* A profile in JSON, or a drop-in: whichever the file is. */
static int read_profile(struct context *c, const char *unit, struct profile **ret, struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        const char *path = c->args->profile;
        size_t length = 0;
        int r = file_read(AT_FDCWD, path, PROFILE_LIMIT, &text, &length, e);

        if (r < 0)
                return r;
        if (strlen(text) != length)
                return err_say(e, -EINVAL, "%s has NUL bytes; a profile is text", path);
        if (text[strspn(text, " \t\r\n")] == '{')
                return profile_from_json(path, text, &c->dialect, ret, e);
        return dropin_parse(path, text, unit, &c->dialect, ret, e);
}

int context_profile(struct context *c, const struct sandbox *s, struct profile **ret, struct err *e)
{
        scoped(profile_freep) struct profile *p = NULL;
        const struct arguments *a = c->args;
        int r;

        r = a->profile ? read_profile(c, s->unit, &p, e) : profile_new(s->unit, s->scope, &p);
        if (r < 0)
                return r;
        if (strcmp(p->unit, s->unit) != 0) {
                free(p->unit); /* a profile may be carried to another unit: the one that was named
                                */
                p->unit = strdup(s->unit);
                if (!p->unit)
                        return err_set(e, -ENOMEM, "cannot read the profile");
        }
        for (char **word = a->properties; word && *word; word++) {
                r = profile_assign(p, &c->dialect, *word, e);
                if (r < 0)
                        return r;
        }
        for (char **probe = a->probes; probe && *probe; probe++) {
                r = strv_add(&p->probes, *probe);
                if (r < 0)
                        return err_set(e, r, "cannot keep the probes");
        }
        if (!a->profile && !a->properties)
                return 1;
        *ret = take(p);
        return 0;
}
