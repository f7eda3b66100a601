/* hardening.c - `gird harden` as a person asks for it. */
#include "tui/hardening.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/probe.h"
#include "core/trial/surroundings.h"
#include "tui/attempt.h"
#include "tui/observing.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Longer than a trial: what a service does late is better seen than found out. */
static const uint64_t WATCH = 10000000;

struct work {
        struct context *c;
        const struct sandbox *s;
        const struct hardening_options *o;
        struct behaviour *seen; /* NULL: it could not be watched */
        struct advices advices; /* where .seen is not NULL */
        struct profile *kept;   /* the unit's last profile, or NULL */
        struct profile *wish, *base;
        char **given; /* probes that a person gave, now or earlier */
};

static void work_done(struct work *w)
{
        behaviour_free(w->seen);
        advices_done(&w->advices);
        profile_free(w->kept);
        profile_free(w->wish);
        profile_free(w->base);
        strv_free(w->given);
}

/* ---- what is no matter for a search ---- */

static int check_load(const struct sandbox *s, struct err *e)
{
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
                return err_say(e, 1, "%s can't be started, so nothing can be tried on it: %s",
                               s->unit, s->load_note ? s->load_note : load_state_name(s->load));
        }
        if (!text_ends(s->unit, ".service"))
                return err_say(e, 1, "%s is not a service; only services are hardened", s->unit);
        return 0;
}

static int check(const struct context *c, const struct sandbox *s, struct err *e)
{
        if (c->args->host || c->args->machine)
                return err_say(e, 1, "trials run on the machine itself; log in there and run gird");
        if (c->args->user)
                return err_say(e, 1,
                               "a user manager's units can't be watched in a twin yet, so there "
                               "is nothing to search from; only system units are hardened");
        if (geteuid() != 0)
                return err_say(e, 1,
                               "a search needs root, who alone can make twins: sudo gird harden %s",
                               s->unit);
        return check_load(s, e);
}

/* ---- what the service does ---- */

static int add_new(char ***list, char *const *words)
{
        int r = 0;

        for (; r == 0 && words && *words; words++)
                if (!strv_has(*list, *words))
                        r = strv_add(list, *words);
        return r;
}

static int find_given(struct work *w, struct err *e)
{
        int r = store_get_profile(&w->c->store, w->s->unit, &w->c->dialect, &w->kept, e);

        if (r < 0)
                return r;
        r = add_new(&w->given, w->o->probes);
        if (r == 0 && w->o->by_hand)
                r = add_new(&w->given, w->o->by_hand->probes);
        if (r == 0 && w->kept)
                r = add_new(&w->given, w->kept->probes);
        return r < 0 ? err_set(e, r, "cannot keep the probes") : 0;
}

/* Every probe that is asked for has run while it was watched in a twin. */
static bool has_run(const struct behaviour *b, const char *probe)
{
        for (size_t i = 0; i < b->session_count; i++)
                if (b->sessions[i].stage && strcmp(b->sessions[i].stage, "twin") == 0 &&
                    strv_has(b->sessions[i].probes, probe))
                        return true;
        return false;
}

/* What is kept will do where it is of the program that is there now, saw it start and work, and
 * the same work. */
static int take_kept(struct work *w, struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        scoped(advices_done) struct advices advices = { 0 };
        int r = observing_get(w->c, w->s->unit, &b, NULL, e);

        if (r == 0)
                r = observing_advices(w->c, w->s, &advices, e);
        if (r != 0)
                return r;
        if (!advices.coverage.startup || !advices.coverage.steady || !advices.coverage.twin)
                return 1;
        for (char **probe = w->given; probe && *probe; probe++)
                if (!has_run(b, *probe))
                        return 1;
        w->seen = take(b);
        w->advices = advices;
        advices = (struct advices){ 0 };
        return 0;
}

static int watch(struct work *w, struct err *e)
{
        scoped(observing_done) struct observing seen = { 0 };
        struct observing_options options = { .probes = w->given,
                                             .lasting = WATCH,
                                             .settle = w->o->settle,
                                             .ignore_conditions = w->o->ignore_conditions };
        int r = observing_run(w->c, w->s, &options, &seen, e);

        if (r == 0)
                r = observing_advices(w->c, w->s, &w->advices, e);
        if (r == 0)
                w->seen = take(seen.behaviour);
        return r;
}

/* Without an observation there is the preset, and what its trials are refused. */
static int observe(struct work *w, struct err *e)
{
        struct err why = { 0 };
        int r = take_kept(w, &why);

        if (r > 0) {
                job_progress(&w->c->job, "watching what it really does", w->s->unit);
                why = (struct err){ 0 };
                r = watch(w, &why);
        } else if (r == 0)
                job_progress(&w->c->job, "going by what was observed of it before", w->s->unit);
        if (r == -ECANCELED || r == -ENOMEM) {
                *e = why;
                return r;
        }
        if (r != 0)
                job_progress(&w->c->job,
                             "it could not be watched, so the search starts from a preset",
                             why.text);
        return 0;
}

/* ---- the wish ---- */

/* As observed: then no percent sign of the value is touched. */
static int copy_change(struct profile *p, const struct change *change, enum reason reason)
{
        scoped(value_done) struct value v = { 0 };
        int r = value_copy(&change->value, &v);

        if (r == 0)
                r = profile_set(p, change->directive, &v, REASON_OBSERVED, change->evidence);
        v = (struct value){ 0 };
        for (size_t i = 0; r == 0 && i < p->change_count; i++)
                if (p->changes[i].directive == change->directive) {
                        p->changes[i].reason = reason;
                        p->changes[i].literal = change->literal;
                }
        return r;
}

/* Afterwards it may be said where they came from. */
static void name_by_hand(struct work *w)
{
        const struct profile *by_hand = w->o->by_hand;

        for (size_t i = 0; i < w->wish->change_count; i++) {
                struct change *change = &w->wish->changes[i];
                const struct change *given = by_hand ? profile_find(by_hand, change->directive)
                                                     : NULL;

                if (given)
                        change->reason = given->reason == REASON_FILE ? REASON_FILE : REASON_HAND;
        }
}

/* Whatever file or hand it comes from, nothing else may take its place. */
static int take_by_hand(struct work *w)
{
        const struct profile *by_hand = w->o->by_hand;
        int r = 0;

        for (size_t i = 0; r == 0 && by_hand && i < by_hand->change_count; i++)
                r = copy_change(w->wish, &by_hand->changes[i], REASON_HAND);
        return r;
}

/* Refusals that a person called no matter, now or earlier. */
static int take_accepted(struct work *w)
{
        const struct profile *from[] = { w->kept, w->o->by_hand };
        int r = 0;

        for (size_t k = 0; k < COUNT(from); k++)
                for (size_t i = 0; r == 0 && from[k] && i < from[k]->accepted_count; i++)
                        r = profile_accept(w->wish, from[k]->accepted[i].what,
                                           from[k]->accepted[i].reason);
        return r;
}

static int take_preset(struct work *w, const char *name, struct err *e)
{
        scoped(profile_freep) struct profile *preset = NULL;
        int r = search_preset(name, w->s, &w->c->dialect, &preset, e);

        if (r == 0)
                r = search_preset_limit(preset, w->seen ? &w->advices : NULL, &w->c->dialect);
        for (size_t i = 0; r == 0 && i < preset->change_count; i++)
                if (!profile_find(w->wish, preset->changes[i].directive))
                        r = copy_change(w->wish, &preset->changes[i], preset->changes[i].reason);
        return r;
}

static int take_probes(struct work *w)
{
        scoped(strv_freep) char **suggested = NULL;
        int r = add_new(&w->wish->probes, w->given);

        if (r == 0 && w->seen)
                r = probes_suggest(w->seen, w->s, &suggested);
        return r < 0 ? r : add_new(&w->wish->probes, suggested);
}

static int make_wish(struct work *w, struct err *e)
{
        scoped(profile_freep) struct profile *none = NULL;
        const char *preset = w->o->preset ? w->o->preset : w->seen ? NULL : "strict";
        size_t count = 0;
        int r = profile_new(w->s->unit, w->s->scope, &w->wish);

        if (r == 0)
                r = take_by_hand(w);
        if (r == 0 && preset)
                r = take_preset(w, preset, e);
        else if (r == 0)
                r = advices_take(&w->advices, w->wish, w->o->keep, &count);
        if (r == 0)
                name_by_hand(w);
        if (r == 0)
                r = take_accepted(w);
        if (r == 0)
                r = take_probes(w);
        if (r == 0)
                r = profile_new(w->s->unit, w->s->scope, &none);
        if (r == 0)
                r = attempt_complete(w->c, none, &w->base, e);
        return r < 0 && !e->code ? err_set(e, r, "cannot make out what to wish for") : r;
}

/* ---- what is found ---- */

/* A suggestion that fails without changes asks for what the service does not do. */
static void drop_idle_probes(const struct work *w, struct search *found)
{
        for (size_t i = 0; i < found->outcome.probe_count; i++) {
                const struct probe_result *p = &found->outcome.probes[i];

                if (!p->builtin && !p->baseline_ok && !strv_has(w->given, p->command))
                        strv_remove(found->profile->probes, p->command);
        }
}

static int note(const struct work *w, struct profile *p, enum verdict verdict)
{
        const struct version *version = &w->c->dialect.version;
        time_t now = time(NULL);
        struct tm tm;
        char when[32];

        strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
        free(p->tried);
        free(p->systemd);
        surroundings_done(&p->with);
        p->verdict = verdict;
        p->tried = text_format("%s twin", when);
        p->systemd = text_format("%u.%u", version->major, version->minor);
        return p->tried && p->systemd
                       ? surroundings_now(w->c->args->root, surroundings_program(w->s), &p->with)
                       : -ENOMEM;
}

static int keep(const struct work *w, struct search *found, struct err *e)
{
        int r;

        if (!found->profile)
                return 0;
        drop_idle_probes(w, found);
        r = note(w, found->profile, found->outcome.verdict);
        if (r < 0)
                return err_set(e, r, "cannot keep what was found");
        return store_put_profile(&w->c->store, found->profile, &w->c->dialect, e);
}

/* ---- all of it ---- */

static int search(struct work *w, struct search *ret, struct err *e)
{
        const struct hardening_options *o = w->o;
        struct context *c = w->c;
        scoped(mem_freep) char *dropin = NULL;
        struct search_options options = {
                .trial = { .unit = w->s,
                           .dialect = &c->dialect,
                           .known = c->known,
                           .root = c->args->root,
                           .settle = o->settle,
                           .ignore_conditions = o->ignore_conditions },
                .wish = w->wish,
                .base = w->base,
                .keep = o->keep,
                .mode = c->mode,
                .aim = o->aim,
                .parallel = o->parallel,
                .trials = o->trials,
                .within = o->within,
                .accept_bent = o->accept_bent,
                .step = o->step,
                .userdata = o->userdata,
        };
        int r = unit_dropin_path(&c->root, w->s->unit, DROPIN_NAME, &dropin);

        if (r < 0)
                return err_set(e, r, "cannot name the drop-in of %s", w->s->unit);
        options.trial.dropin_path = dropin + (c->root.root ? strlen(c->root.root) : 0);
        return search_run(&options, &c->job, ret, e);
}

/* That there is nothing to wish for has its reason in what was seen. */
static int explain_idle(const struct work *w, struct search *found)
{
        char *why;

        if (!w->seen || w->wish->change_count > 0 || !found->stopped)
                return 0;
        why = text_format("nothing that was observed of %s says that it can do without more than "
                          "it does already%s%s; --preset=baseline tries what hardly any service "
                          "minds",
                          w->s->unit, w->advices.about ? ": " : "",
                          w->advices.about ? w->advices.about : "");
        if (!why)
                return -ENOMEM;
        free(found->stopped);
        found->stopped = why;
        return 0;
}

int hardening_run(struct context *c, const struct sandbox *s, const struct hardening_options *o,
                  struct search *ret, struct err *e)
{
        scoped(work_done) struct work w = { .c = c, .s = s, .o = o };
        scoped(search_done) struct search found = { 0 };
        scoped(fd_closep) int lock = -1;
        int r = check(c, s, e);

        if (r == 0)
                r = find_given(&w, e);
        if (r == 0)
                r = observe(&w, e);
        if (r != 0)
                return r;
        r = store_lock(&c->store, s->unit, &lock, e);
        if (r != 0)
                return r < 0 ? r : -EBUSY;
        r = make_wish(&w, e);
        if (r == 0)
                r = search(&w, &found, e);
        if (r == 0)
                r = explain_idle(&w, &found);
        if (r == 0)
                r = keep(&w, &found, e);
        if (r < 0)
                return r;
        *ret = found;
        found = (struct search){ 0 };
        return 0;
}
