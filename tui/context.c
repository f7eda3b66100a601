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

enum { PROFILE_LIMIT = 1 << 20, TOOL_TIMEOUT = 5000000 };

/* Runs a program of the system below the root. */
static int ask(struct context *c, const char *program, char *const words[],
               struct child_result *ret)
{
        scoped(strv_freep) char **argv = NULL;
        const char *root = c->args->root;
        int r = 0;

        if (root && strcmp(root, "/") != 0) {
                r = strv_add(&argv, "chroot");
                r = r < 0 ? r : strv_add(&argv, root);
        }
        r = r < 0 ? r : strv_add(&argv, program);
        for (; r == 0 && *words; words++)
                r = strv_add(&argv, *words);
        if (r == 0)
                r = child_run(&c->job, argv, NULL, TOOL_TIMEOUT, ret, NULL);
        if (r == 0 && (ret->timed_out || ret->status != 0)) {
                child_result_done(ret);
                r = -ENOENT;
        }
        return r;
}

/* The version that the installed systemd prints of itself; -ENOENT: none is there. */
static int installed_version(struct context *c, struct version *ret)
{
        static const char *const places[] = { "/usr/lib/systemd/systemd", "/lib/systemd/systemd" };

        for (size_t i = 0; i < COUNT(places); i++) {
                scoped(child_result_done) struct child_result out = { 0 };
                char *words[] = { (char *)"--version", NULL };
                int r = ask(c, places[i], words, &out);

                if (r == 0)
                        return version_parse(out.out, ret);
                if (r == -ECANCELED)
                        return r;
        }
        return -ENOENT;
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

int context_open(struct context *c, const struct arguments *a, struct err *e)
{
        int r;

        *c = (struct context){ .args = a };
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
        return 0;
}

int context_learn(struct context *c, struct err *e)
{
        scoped(child_result_done) struct child_result out = { 0 };
        char *words[] = { (char *)"syscall-filter", (char *)"--no-pager", NULL };
        struct version v = { 0 };
        int r;

        if (c->args->host || c->args->machine)
                return 0;
        r = known_ask(&c->job, c->args->root, &c->known, e);
        if (r == -ECANCELED)
                return r;
        if (c->args->has_systemd)
                return 0;
        if (c->manager)
                v = manager_version(c->manager);
        else if (installed_version(c, &v) < 0)
                return 0;
        dialect_done(&c->dialect);
        dialect_for(v, scope_of(c->args), &c->dialect);
        r = ask(c, "systemd-analyze", words, &out);
        if (r == 0)
                r = dialect_learn(&c->dialect, out.out);
        return r == -ECANCELED || r == -ENOMEM ? err_set(e, r, "cannot ask systemd for its words")
                                               : 0;
}

void context_close(struct context *c)
{
        manager_close(c->manager);
        known_free(c->known);
        dialect_done(&c->dialect);
        store_done(&c->store);
        unit_root_done(&c->root);
        job_done(&c->job);
        *c = (struct context){ 0 };
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

static char *or_dash(const char *text)
{
        return strdup(text && *text ? text : "-");
}

static int listing_fill(struct listing *l, const char *unit, const char *description,
                        const char *load, const char *active, const char *sub,
                        const char *file_state)
{
        *l = (struct listing){ .unit = strdup(unit),
                               .description = text_printable_dup(description ? description : ""),
                               .load = or_dash(load),
                               .active = or_dash(active),
                               .sub = or_dash(sub),
                               .file_state = or_dash(file_state) };
        return l->unit && l->description && l->load && l->active && l->sub && l->file_state
                       ? 0
                       : -ENOMEM;
}

static int list_words(struct context *c, char *const *words, struct listing **ret,
                      size_t *ret_count, struct err *e)
{
        size_t n = strv_length(words);
        struct listing *rows = calloc(n, sizeof(*rows));
        int r = rows ? 0 : err_set(e, -ENOMEM, "cannot list units");

        for (size_t i = 0; r >= 0 && i < n; i++) {
                scoped(sandbox_freep) struct sandbox *s = NULL;

                r = context_unit(c, words[i], &s, e);
                if (r >= 0)
                        r = listing_fill(&rows[i], strchr(words[i], '/') ? words[i] : s->unit,
                                         s->facts.description, load_state_name(s->load), NULL, NULL,
                                         NULL);
        }
        if (r < 0) {
                listings_free(rows, n);
                return r;
        }
        *ret = rows;
        *ret_count = n;
        return 0;
}

static int list_files(struct context *c, struct listing **ret, size_t *ret_count, struct err *e)
{
        struct unit_file *files = NULL;
        struct listing *rows;
        size_t n = 0, used = 0;
        int r = unit_files_list(&c->root, &files, &n, e);

        if (r < 0)
                return r;
        rows = calloc(n ? n : 1, sizeof(*rows));
        r = rows ? 0 : -ENOMEM;
        for (size_t i = 0; r >= 0 && i < n; i++)
                if (strcmp(files[i].state, "alias") != 0)
                        r = listing_fill(&rows[used++], files[i].name, NULL, NULL, NULL, NULL,
                                         files[i].state);
        unit_files_free(files, n);
        if (r < 0) {
                listings_free(rows, used);
                return err_set(e, r, "cannot list units");
        }
        *ret = rows;
        *ret_count = used;
        return 0;
}

static int list_manager(struct context *c, struct listing **ret, size_t *ret_count, struct err *e)
{
        struct unit_row *units = NULL;
        struct listing *rows;
        size_t n = 0, used = 0;
        int r = manager_list(c->manager, &c->job, &units, &n, e);

        if (r < 0)
                return r;
        rows = calloc(n ? n : 1, sizeof(*rows));
        r = rows ? 0 : -ENOMEM;
        for (size_t i = 0; r >= 0 && i < n; i++)
                if (!units[i].file_state || strcmp(units[i].file_state, "alias") != 0)
                        r = listing_fill(&rows[used++], units[i].name, units[i].description,
                                         units[i].load, units[i].active, units[i].sub,
                                         units[i].file_state);
        unit_rows_free(units, n);
        if (r < 0) {
                listings_free(rows, used);
                return err_set(e, r, "cannot list units");
        }
        *ret = rows;
        *ret_count = used;
        return 0;
}

int context_list(struct context *c, char *const *words, struct listing **ret, size_t *ret_count,
                 struct err *e)
{
        if (words && *words)
                return list_words(c, words, ret, ret_count, e);
        return c->manager ? list_manager(c, ret, ret_count, e) : list_files(c, ret, ret_count, e);
}

static const char *why_unscored(enum load_state load)
{
        switch (load) {
        case LOAD_MASKED:
                return "masked: it can't start";
        case LOAD_BAD_SETTING:
                return "systemd refuses its unit file";
        case LOAD_NOT_FOUND:
                return "no unit file";
        case LOAD_ERROR:
                return "its unit file can't be read";
        case LOAD_LOADED:
        case LOAD_TEMPLATE:
                break;
        }
        return "systemd does not score it";
}

struct scoring {
        struct context *context;
        struct listing *rows;
};

/* Scores what was read into its row; takes s over. */
static int got_scored(void *userdata, size_t index, struct sandbox *s)
{
        struct scoring *scoring = userdata;
        struct listing *l = &scoring->rows[index];
        struct score score;
        int r = sandbox_imply(s, &scoring->context->dialect);

        if (r >= 0)
                r = score_sandbox(s, &scoring->context->dialect, scoring->context->mode, &score);
        if (r == 0) {
                l->scored = true;
                l->exposure = score.exposure;
        } else if (r > 0)
                l->note = why_unscored(s->load);
        if (r >= 0 && !*l->description && s->facts.description) {
                free(l->description);
                l->description = text_printable_dup(s->facts.description);
        }
        if (r >= 0 && strcmp(l->load, "-") == 0) {
                free(l->load);
                l->load = strdup(load_state_name(s->load));
        }
        sandbox_free(s);
        return r < 0 ? r : l->description && l->load ? 0 : -ENOMEM;
}

static int score_files(struct scoring *scoring, size_t count, struct err *e)
{
        struct context *c = scoring->context;

        for (size_t i = 0; i < count; i++) {
                struct sandbox *s = NULL;
                int r = unit_read(&c->root, scoring->rows[i].unit, &c->dialect, &s, e);

                if (r >= 0)
                        r = got_scored(scoring, i, s);
                if (r >= 0 && i % 16 == 15)
                        r = job_pause(&c->job, 0); /* keys and the clock get their turn */
                if (r < 0)
                        return r;
        }
        return 0;
}

int context_score(struct context *c, struct listing *rows, size_t count, struct err *e)
{
        struct scoring scoring = { c, rows };
        scoped(strv_freep) char **names = NULL;
        int r;

        if (count == 0)
                return 0;
        if (!c->manager || strchr(rows[0].unit, '/'))
                return score_files(&scoring, count, e);
        names = calloc(count + 1, sizeof(*names));
        if (!names)
                return err_set(e, -ENOMEM, "cannot score units");
        for (size_t i = 0; i < count; i++) {
                names[i] = strdup(rows[i].unit);
                if (!names[i])
                        return err_set(e, -ENOMEM, "cannot score units");
        }
        r = manager_read(c->manager, &c->job, names, &c->dialect, got_scored, &scoring, e);
        return r;
}

void listings_free(struct listing *rows, size_t count)
{
        for (size_t i = 0; rows && i < count; i++) {
                free(rows[i].unit);
                free(rows[i].description);
                free(rows[i].load);
                free(rows[i].active);
                free(rows[i].sub);
                free(rows[i].file_state);
        }
        free(rows);
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
