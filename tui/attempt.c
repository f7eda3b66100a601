/* attempt.c - a trial or a save as a person asks for it. */
#include "tui/attempt.h"

#include "core/base/base.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stage/guard.h"
#include "core/stage/journal.h"
#include "core/stage/twin.h"
#include "core/trial/surroundings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { DROPIN_LIMIT = 1 << 20 };

/* Lays the changes of p over those of base, which becomes p's in all else. */
static int lay_over(struct profile *base, const struct profile *p)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < p->change_count; i++) {
                const struct change *change = &p->changes[i];
                scoped(value_done) struct value v = { 0 };

                r = value_copy(&change->value, &v);
                if (r >= 0)
                        r = profile_set(base, change->directive, &v, change->reason,
                                        change->evidence);
                for (size_t k = 0; r >= 0 && k < base->change_count; k++)
                        if (base->changes[k].directive == change->directive)
                                base->changes[k].literal = change->literal;
        }
        for (char **probe = p->probes; r >= 0 && probe && *probe; probe++)
                r = strv_add(&base->probes, *probe);
        if (r >= 0)
                r = profile_accept_all(base, p);
        base->verdict = p->verdict;
        free(base->tried);
        free(base->systemd);
        base->tried = p->tried ? strdup(p->tried) : NULL;
        base->systemd = p->systemd ? strdup(p->systemd) : NULL;
        return r < 0                                                          ? r
               : (p->tried && !base->tried) || (p->systemd && !base->systemd) ? -ENOMEM
                                                                              : 0;
}

int attempt_complete(struct context *c, const struct profile *p, struct profile **ret,
                     struct err *e)
{
        scoped(profile_freep) struct profile *base = NULL;
        scoped(mem_freep) char *path = NULL, *text = NULL;
        int r = unit_dropin_path(&c->root, p->unit, DROPIN_NAME, &path);

        if (r >= 0)
                r = file_read(AT_FDCWD, path, DROPIN_LIMIT, &text, NULL, NULL);
        if (r < 0 || !dropin_is_ours(text)) {
                r = profile_copy(p, ret); /* none of ours is there; saving says so of another's */
                return r < 0 ? err_set(e, r, "cannot copy the profile") : 0;
        }
        r = dropin_parse(path, text, p->unit, &c->dialect, &base, e);
        if (r < 0)
                return r;
        r = lay_over(base, p);
        if (r < 0)
                return err_set(e, r, "cannot add to %s", path);
        *ret = take(base);
        return 0;
}

static int score_both(struct context *c, const struct sandbox *s, const struct profile *p,
                      struct attempt *a, struct err *e)
{
        scoped(sandbox_freep) struct sandbox *then = NULL;
        struct score before, after;
        int r = profile_apply(p, s, &c->dialect, &then);

        if (r < 0)
                return err_set(e, r, "cannot apply the changes to %s", s->unit);
        a->scored = score_sandbox(s, &c->dialect, c->mode, &before) == 0 &&
                    score_sandbox(then, &c->dialect, c->mode, &after) == 0;
        if (a->scored) {
                a->before = before.exposure;
                a->after = after.exposure;
        }
        return 0;
}

static int note_result(struct context *c, const struct sandbox *s, struct profile *p,
                       const struct trial *t)
{
        const struct version *version = &c->dialect.version;
        time_t now = time(NULL);
        struct tm tm;
        char when[32];

        strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
        free(p->tried);
        free(p->systemd);
        p->verdict = t->verdict;
        p->tried = text_format("%s twin", when);
        p->systemd = text_format("%u.%u", version->major, version->minor);
        surroundings_done(&p->with);
        return p->tried && p->systemd
                       ? surroundings_now(c->args->root, surroundings_program(s), &p->with)
                       : -ENOMEM;
}

int attempt_check(const struct context *c, const struct sandbox *s, const char *command,
                  struct err *e)
{
        if (geteuid() != 0)
                return err_say(e, 1,
                               "a trial needs root, who alone can make a twin: sudo %sgird %s "
                               "%s%s",
                               c->args->user ? "HOME=\"$HOME\" " : "", command,
                               c->args->user ? "--user " : "", s->unit);
        if (c->args->host || c->args->machine)
                return err_say(e, 1, "trials run on the machine itself; log in there and run gird");
        if (c->args->user && c->args->root)
                return err_say(e, 1,
                               "the users of another tree are not those of this machine, so their "
                               "units are tried without --root only");
        switch (s->load) {
        case LOAD_LOADED:
                break;
        case LOAD_TEMPLATE:
                return err_say(e, 1, "%s is a template; name an instance, such as %.*s@one.service",
                               s->unit, (int)strcspn(s->unit, "@"), s->unit);
        case LOAD_NOT_FOUND:
        case LOAD_MASKED:
        case LOAD_BAD_SETTING:
        case LOAD_ERROR:
                return err_say(e, 1, "%s can't be started: %s", s->unit,
                               s->load_note ? s->load_note : load_state_name(s->load));
        }
        if (!text_ends(s->unit, ".service"))
                return err_say(e, 1, "%s is not a service; only services are tried", s->unit);
        return 0;
}

int attempt_twin(struct context *c, struct stage **ret, struct err *e)
{
        struct twin_options twin = { .root = c->args->root,
                                     .for_user = c->args->user,
                                     .uid = context_user() };

        job_progress(&c->job, "starting a twin of the machine", NULL);
        return twin_open(&twin, &c->job, ret, e);
}

int attempt_dropin_path(const struct context *c, const char *unit, char **ret, struct err *e)
{
        scoped(mem_freep) char *path = NULL;
        int r = unit_dropin_path(&c->root, unit, DROPIN_NAME, &path);

        if (r >= 0)
                *ret = strdup(path + (c->root.root ? strlen(c->root.root) : 0));
        if (r < 0 || !*ret)
                return err_set(e, r < 0 ? r : -ENOMEM, "cannot name the drop-in of %s", unit);
        return 0;
}

/* Makes the twin, and tries it there. */
static int run_trial(struct context *c, const struct sandbox *s, const struct profile *whole,
                     const char *dropin, struct trial *ret, struct err *e)
{
        struct trial_options options = { .unit = s,
                                         .profile = whole,
                                         .dialect = &c->dialect,
                                         .known = c->known,
                                         .dropin_path = dropin,
                                         .root = c->args->root,
                                         .settle = c->args->settle,
                                         .ignore_conditions = c->args->on[OPT_CONDITIONS] };
        scoped(stage_closep) struct stage *stage = NULL;
        int r = attempt_twin(c, &stage, e);

        return r != 0 ? r : trial_run(&options, stage, &c->job, ret, e);
}

int attempt_try(struct context *c, const struct sandbox *s, struct profile *p, struct attempt *ret,
                struct err *e)
{
        scoped(profile_freep) struct profile *whole = NULL;
        scoped(mem_freep) char *dropin = NULL;
        scoped(fd_closep) int lock = -1;
        int r;

        *ret = (struct attempt){ 0 };
        r = attempt_check(c, s, "try", e);
        if (r != 0)
                return r;
        r = score_both(c, s, p, ret, e);
        if (r < 0)
                return r;
        r = store_lock(&c->store, s->unit, &lock, e);
        if (r != 0)
                return r < 0 ? r : -EBUSY;
        r = attempt_dropin_path(c, s->unit, &dropin, e);
        if (r >= 0)
                r = attempt_complete(c, p, &whole, e);
        if (r < 0)
                return r;
        r = run_trial(c, s, whole, dropin, &ret->trial, e);
        if (r != 0)
                return r;
        r = note_result(c, s, p, &ret->trial);
        if (r < 0)
                return err_set(e, r, "cannot keep the result");
        return store_put_profile(&c->store, p, &c->dialect, e);
}

void attempt_done(struct attempt *a)
{
        trial_done(&a->trial);
        *a = (struct attempt){ 0 };
}

int attempt_may_write(const struct context *c, const char *command, const char *unit, struct err *e)
{
        if (geteuid() != 0 && !c->root.root && !c->args->user)
                return err_say(e, -EPERM, "that needs root: sudo gird %s %s", command, unit);
        return 0;
}

int attempt_render(struct context *c, const struct sandbox *s, const struct profile *p, char **ret,
                   char ***left_out, struct err *e)
{
        scoped(profile_freep) struct profile *whole = NULL;
        int r = attempt_complete(c, p, &whole, e);
        struct dropin_options options = {
                .dialect = &c->dialect, .unit = s, .known = c->known, .ret_left_out = left_out
        };

        return r < 0 ? r : dropin_render(whole, &options, ret, e);
}

const char *attempt_objection(const struct profile *p, bool accept_bent)
{
        switch (p->verdict) {
        case VERDICT_HELD:
                return NULL;
        case VERDICT_BENT:
                return accept_bent ? NULL
                                   : "it bent in its trial: it stayed up, but was denied something";
        case VERDICT_BROKE:
                return "it broke in its trial";
        case VERDICT_BASELINE_FAILED:
                return "the unit did not start in its trial even without changes, so they were not "
                       "tried";
        case VERDICT_FLAKY:
                return "the unit comes and goes even without changes, so its trial proves nothing";
        case VERDICT_NOT_TRIED:
                break;
        }
        return "no trial has held it";
}

/* What the unit says now for a directive that the profile set, if it is not that. */
static int compare(struct context *c, const struct sandbox *wanted, const struct sandbox *now,
                   const struct change *change, char ***overridden)
{
        const struct setting *is = &now->settings[change->directive];
        const struct directive *d = directive_at(change->directive);
        scoped(mem_freep) char *shown = NULL;

        if (value_compare(&wanted->settings[change->directive].value, &is->value, d, &c->dialect) ==
            VALUE_SAME)
                return 0;
        if (c->known && !known_has(c->known, d))
                return 0; /* left out of the file, and said so */
        shown = value_show(&is->value, d, &c->dialect);
        if (is->origin.kind == ORIGIN_FILE)
                return strv_addf(overridden, "%s:%u sets %s=%s, which wins over the saved file",
                                 is->origin.file, is->origin.line, d->name, shown ? shown : "?");
        return strv_addf(overridden, "%s is %s, not what was saved", d->name, shown ? shown : "?");
}

static int read_back(struct context *c, const struct profile *p, char ***overridden, struct err *e)
{
        scoped(sandbox_freep) struct sandbox *now = NULL, *wanted = NULL;
        int r;

        if (c->manager) {
                r = manager_reload(c->manager, &c->job, e);
                if (r < 0)
                        return r;
        }
        r = context_unit(c, p->unit, &now, e);
        if (r >= 0)
                r = profile_apply(p, now, &c->dialect, &wanted);
        for (size_t i = 0; r >= 0 && i < p->change_count; i++)
                r = compare(c, wanted, now, &p->changes[i], overridden);
        return r < 0 && !e->code ? err_set(e, r, "cannot read %s back", p->unit) : r;
}

/* This machine's own system units: what is on trial there ends with a save, and the journal tells.
 */
static bool is_live(const struct context *c)
{
        return !c->root.root && !c->args->user;
}

int attempt_save(struct context *c, const struct sandbox *s, const struct profile *p,
                 char **ret_path, char ***ret_overridden, struct err *e)
{
        scoped(strv_freep) char **left_out = NULL, **overridden = NULL;
        scoped(mem_freep) char *text = NULL, *path = NULL;
        scoped(fd_closep) int lock = -1;
        int r;

        if (c->args->host || c->args->machine)
                return err_say(e, -ENOTSUP,
                               "saving works on the machine itself; log in there and run gird");
        r = attempt_may_write(c, "save", p->unit, e);
        if (r >= 0)
                r = attempt_render(c, s, p, &text, &left_out, e);
        if (r < 0)
                return r;
        r = store_lock(&c->store, p->unit, &lock, e);
        if (r != 0)
                return r < 0 ? r : -EBUSY;
        r = is_live(c) ? guard_may_save(p->unit, e) : 0;
        if (r != 0)
                return r < 0 ? r : -EBUSY;
        r = store_save(&c->store, p, text, &path, e);
        if (r < 0)
                return r;
        if (is_live(c))
                journal_write(JOURNAL_SAVE, p->unit, "A profile was saved.");
        r = store_put_profile(&c->store, p, &c->dialect, e);
        if (r >= 0 && is_live(c))
                r = guard_forget(p->unit, e);
        if (r >= 0)
                r = read_back(c, p, &overridden, e);
        if (r < 0)
                return r;
        *ret_path = take(path);
        *ret_overridden = take(overridden);
        return 0;
}

int attempt_undo(struct context *c, const char *unit, bool force, char **ret_path, struct err *e)
{
        scoped(mem_freep) char *name = NULL;
        scoped(fd_closep) int lock = -1;
        struct saved *history = NULL;
        size_t count = 0;
        int r = unit_name_mangle(unit, &name, e);

        if (r < 0)
                return r;
        r = attempt_may_write(c, "undo", name, e);
        if (r < 0)
                return r;
        r = store_history(&c->store, name, &history, &count, e);
        saved_free(history, count);
        if (r < 0 || count == 0) /* the lock would leave a folder for a name that never was */
                return r < 0 ? r : 1;
        r = store_lock(&c->store, name, &lock, e);
        if (r != 0)
                return r < 0 ? r : -EBUSY;
        r = store_undo(&c->store, name, force, ret_path, e);
        if (r == 0 && is_live(c))
                journal_write(JOURNAL_UNDO, name, "The last save was undone.");
        if (r == 0 && c->manager) {
                int reloaded = manager_reload(c->manager, &c->job, e);

                if (reloaded < 0)
                        return reloaded;
        }
        return r;
}
