/* infer_advise.c - giving one advice, with the promises that hold for every one of them. */
#include "core/observe/infer_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* One advice under way. */
struct draft {
        struct inference *in;
        const struct directive *d;
        enum basis basis;
        const struct act *witness;
        char *sentence;
        const char *more; /* added to the sentence, or NULL */
        bool looked;      /* how long it was watched is part of the evidence */
        struct advice advice;
};

static void draft_done(struct draft *draft)
{
        value_done(&draft->advice.value);
        free(draft->advice.evidence);
        free(draft->advice.limits);
        free(draft->sentence);
}

static const struct value *own_value(const struct inference *in, enum directive_id id)
{
        return &in->o->unit->settings[id].value;
}

/* Whether systemd here can do anything with it at all. */
static bool is_usable(const struct draft *draft, char *why, size_t room)
{
        const struct infer_options *o = draft->in->o;

        if (!directive_known_to(draft->d, o->dialect->version)) {
                snprintf(why, room, "systemd %u does not know it (%u is the first that does)",
                         o->dialect->version.major, draft->d->since);
                return false;
        }
        if (o->unit->scope == SCOPE_USER && draft->d->flags & NO_USER_MANAGER) {
                snprintf(why, room, "it has no effect in a user manager");
                return false;
        }
        return true;
}

/* 1: systemd here would not take it; why is in *note. */
static int parse(const struct draft *draft, char *const *lines, struct value *ret, struct err *note)
{
        struct value v = { 0 };

        for (; lines && *lines; lines++) {
                int r = value_assign(&v, draft->d, draft->in->o->dialect, *lines, note);

                if (r != ASSIGN_TAKEN) {
                        value_done(&v);
                        return r < 0 ? r : 1;
                }
        }
        *ret = v;
        return 0;
}

/* The unit's own value stands. */
static int keep_own(struct draft *draft, const char *more)
{
        struct value own = { 0 };
        int r = value_copy(own_value(draft->in, draft->d->id), &own);

        if (r < 0)
                return r;
        value_done(&draft->advice.value);
        draft->advice.value = own;
        draft->advice.verdict = ADVICE_SAFE;
        draft->advice.changes = false;
        draft->more = own.set ? more : NULL;
        return 0;
}

static bool is_list_of_grants(const struct directive *d)
{
        return d->flags & MORE_IS_LOOSER && d->kind != KIND_BOOL && d->kind != KIND_CAPS &&
               d->kind != KIND_NAMES;
}

/* Two values that each let through something else: what both allow, or else the unit's own. */
static int settle_different(struct draft *draft)
{
        const struct value *own = own_value(draft->in, draft->d->id);
        int r = infer_merge(&draft->advice.value, own, draft->d);

        if (r < 0)
                return r;
        if (r == 1 && own->set)
                return keep_own(draft, "what the unit has is something else, and stays");
        if (value_equal(&draft->advice.value, own))
                return keep_own(draft, "the unit has that already");
        draft->advice.changes = true;
        return 0;
}

/* Never loosens what the unit has; but what grants may grant more, as the hole in something
 * stricter (infer() takes it back where there is no such thing). */
static int settle_safe(struct draft *draft)
{
        const struct value *own = own_value(draft->in, draft->d->id);
        bool grants = draft->d->flags & MORE_IS_LOOSER && draft->d->kind != KIND_BOOL;

        if (!draft->advice.value.set)
                return keep_own(draft, NULL);
        switch (value_compare(&draft->advice.value, own, draft->d, draft->in->o->dialect)) {
        case VALUE_SAME:
                return keep_own(draft, "the unit has that already");
        case VALUE_STRICTER:
                if (is_list_of_grants(draft->d))
                        return keep_own(draft, "the unit grants that already");
                if (draft->d->kind != KIND_PATHS && draft->d->kind != KIND_BINDS) {
                        draft->advice.changes = true;
                        return 0;
                }
                return settle_different(draft);
        case VALUE_LOOSER:
                if (!grants)
                        return keep_own(draft, "what the unit has is stricter");
                return settle_different(draft);
        case VALUE_DIFFERENT:
                return settle_different(draft);
        }
        return 0;
}

/* Breaks or unknown: the unit may have that value already, and lives with it. */
static int settle_other(struct draft *draft)
{
        enum value_order order;

        if (!draft->advice.value.set || draft->d->flags & MORE_IS_LOOSER)
                return 0;
        order = value_compare(&draft->advice.value, own_value(draft->in, draft->d->id), draft->d,
                              draft->in->o->dialect);
        if (order == VALUE_SAME || order == VALUE_LOOSER)
                return keep_own(draft, "but the unit has that already");
        return 0;
}

static int judge(struct draft *draft)
{
        struct advice *a = &draft->advice;
        const char *words = NULL;

        a->confidence = CONFIDENCE_NONE;
        if (a->verdict == ADVICE_BREAKS)
                a->confidence = CONFIDENCE_HIGH;
        if (a->verdict != ADVICE_SAFE)
                return 0;
        a->confidence = confidence_of(draft->in, draft->basis, true, &words);
        if (a->confidence == CONFIDENCE_NONE && a->changes) {
                a->verdict = ADVICE_UNKNOWN;
                a->changes = false;
        }
        return confidence_limits(draft->in, draft->basis, &a->limits);
}

/* "sentence: act; what the unit has; how long it was watched" */
static int put_evidence(struct draft *draft)
{
        scoped(mem_freep) char *act = NULL, *all = NULL;
        struct text t = { 0 };

        if (draft->witness) {
                act = act_words(draft->in->o->behaviour, draft->witness);
                if (!act)
                        return -ENOMEM;
        }
        text_add(&t, draft->sentence);
        if (act)
                text_addf(&t, ": %s", act);
        if (draft->more)
                text_addf(&t, "; %s", draft->more);
        else if (draft->looked && !act)
                text_addf(&t, "; %s", draft->in->watched);
        all = text_take(&t);
        draft->advice.evidence = all ? text_printable_dup(all) : NULL;
        return draft->advice.evidence ? 0 : -ENOMEM;
}

static int put_limits(struct draft *draft)
{
        struct advice *a = &draft->advice;

        if (a->confidence == CONFIDENCE_HIGH || a->limits)
                return 0;
        a->limits = strdup("what was watched does not decide it");
        return a->limits ? 0 : -ENOMEM;
}

/* Whatever is there is replaced. */
static void put(struct draft *draft)
{
        struct advice *slot = &draft->in->ret->list[draft->d->id];

        value_done(&slot->value);
        free(slot->evidence);
        free(slot->limits);
        *slot = draft->advice;
        draft->advice = (struct advice){ 0 };
}

static int replace_sentence(struct draft *draft, const char *words)
{
        free(draft->sentence);
        draft->sentence = strdup(words);
        draft->witness = NULL;
        draft->advice.verdict = ADVICE_UNKNOWN;
        return draft->sentence ? 0 : -ENOMEM;
}

/* The value, by what systemd here knows and what the unit has. */
static int settle(struct draft *draft, char *const *lines)
{
        struct err note = { 0 };
        char why[120];
        int r;

        if (!is_usable(draft, why, sizeof(why)))
                return replace_sentence(draft, why);
        r = parse(draft, lines, &draft->advice.value, &note);
        if (r < 0)
                return r;
        if (r == 1)
                return replace_sentence(draft, note.text[0] ? note.text
                                                            : "systemd here would not take it");
        return draft->advice.verdict == ADVICE_SAFE ? settle_safe(draft) : settle_other(draft);
}

static int advise(struct draft *draft, char *const *lines, const char *fmt, va_list args)
{
        struct text t = { 0 };
        int r;

        text_addv(&t, fmt, args);
        draft->sentence = text_take(&t);
        r = draft->sentence ? settle(draft, lines) : -ENOMEM;
        if (r == 0)
                r = judge(draft);
        if (r == 0)
                r = put_evidence(draft);
        if (r == 0)
                r = put_limits(draft);
        if (r == 0)
                put(draft);
        return r;
}

static struct draft draft_of(struct inference *in, enum directive_id id, enum advice_verdict v,
                             enum basis basis, const struct act *witness)
{
        return (struct draft){ .in = in,
                               .d = directive_at(id),
                               .basis = basis,
                               .witness = witness,
                               .looked = v == ADVICE_SAFE && basis != BASIS_UNIT,
                               .advice = { .directive = id, .verdict = v } };
}

int advise_safe(struct inference *in, enum directive_id id, enum basis basis, char *const *lines,
                const struct act *witness, const char *fmt, ...)
{
        scoped(draft_done) struct draft draft = draft_of(in, id, ADVICE_SAFE, basis, witness);
        va_list args;
        int r;

        va_start(args, fmt);
        r = advise(&draft, lines, fmt, args);
        va_end(args);
        return r;
}

int advise_breaks(struct inference *in, enum directive_id id, enum basis basis, char *const *lines,
                  const struct act *witness, const char *fmt, ...)
{
        scoped(draft_done) struct draft draft = draft_of(in, id, ADVICE_BREAKS, basis, witness);
        va_list args;
        int r;

        va_start(args, fmt);
        r = advise(&draft, lines, fmt, args);
        va_end(args);
        return r;
}

int advise_unknown(struct inference *in, enum directive_id id, char *const *lines,
                   const struct act *witness, const char *fmt, ...)
{
        scoped(draft_done) struct draft draft = draft_of(in, id, ADVICE_UNKNOWN, BASIS_UNIT,
                                                         witness);
        va_list args;
        int r;

        va_start(args, fmt);
        r = advise(&draft, lines, fmt, args);
        va_end(args);
        return r;
}

bool advised(const struct inference *in, enum directive_id id)
{
        return in->ret->list[id].evidence != NULL;
}

static bool is_at_least(const struct inference *in, const struct value *v, enum directive_id id,
                        const char *text)
{
        const struct directive *d = directive_at(id);
        scoped(value_done) struct value wanted = { 0 };
        enum value_order order;

        if (value_assign(&wanted, d, in->o->dialect, text, NULL) != ASSIGN_TAKEN)
                return false;
        order = value_compare(v, &wanted, d, in->o->dialect);
        return order == VALUE_SAME || order == VALUE_STRICTER;
}

bool unit_has(const struct inference *in, enum directive_id id, const char *text)
{
        return is_at_least(in, own_value(in, id), id, text);
}

bool will_have(const struct inference *in, enum directive_id id, const char *text)
{
        const struct advice *a = &in->ret->list[id];
        bool change = a->evidence && a->verdict == ADVICE_SAFE && a->changes;

        return is_at_least(in, change ? &a->value : own_value(in, id), id, text);
}

/* ---- ladders ---- */

static bool knows_step(const struct inference *in, enum directive_id id, const char *text)
{
        scoped(value_done) struct value v = { 0 };

        return value_assign(&v, directive_at(id), in->o->dialect, text, NULL) == ASSIGN_TAKEN;
}

int infer_ladder(struct inference *in, const struct ladder *ladder)
{
        const struct step *held = NULL, *step;
        const struct act *against = NULL;
        char *lines[2] = { NULL, NULL };

        for (step = ladder->steps; step->value; step++) {
                if (!knows_step(in, ladder->directive, step->value))
                        continue;
                against = step->forbidden ? step->forbidden(in) : NULL;
                if (against)
                        break;
                held = step;
        }
        if (!held && !against)
                return advise_unknown(in, ladder->directive, NULL, NULL,
                                      "systemd here knows no such value");
        lines[0] = (char *)(held ? held->value : step->value);
        if (!against)
                return advise_safe(in, ladder->directive, ladder->basis, lines, NULL, "%s",
                                   ladder->nothing);
        if (!held)
                return advise_breaks(in, ladder->directive, ladder->basis, lines, against, "%s",
                                     step->why);
        return advise_safe(in, ladder->directive, ladder->basis, lines, against,
                           "no stricter than that, as %s", step->why);
}
