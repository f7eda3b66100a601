/* infer_confidence.c - how far what was watched can be trusted: the rules, in one table. */
#include "core/observe/infer_private.h"

#include "core/base/text.h"

#include <errno.h>
#include <string.h>

#define BIT(basis) (1U << (basis))
enum {
        WATCHED = (1U << BASIS_COUNT) - 1 - BIT(BASIS_UNIT), /* whatever rests on watching */
        /* Where a twin is poorer than the machine: no peers, no devices, fewer capabilities, a
         * filter of nspawn's own. */
        POORER = BIT(BASIS_NETWORK) | BIT(BASIS_DEVICES) | BIT(BASIS_CAPS) | BIT(BASIS_FILTER),
        /* What needs the arguments of calls. */
        ARGUED = BIT(BASIS_CALLS) | BIT(BASIS_FILES) | BIT(BASIS_NETWORK) | BIT(BASIS_DEVICES),
};
#define SECONDS_SHORT 10
#define SECONDS_LONG  3600
#define LOST_MANY     1000

static bool never_watched(const struct inference *in)
{
        return in->coverage.sessions == 0 || !(in->coverage.twin || in->coverage.live);
}

static bool start_unseen(const struct inference *in)
{
        return !in->coverage.startup;
}

static bool lost_many(const struct inference *in)
{
        return in->coverage.lost >= LOST_MANY;
}

static bool lost_some(const struct inference *in)
{
        return in->coverage.lost > 0;
}

static bool foreign_code(const struct inference *in)
{
        return in->foreign;
}

static bool never_steady(const struct inference *in)
{
        return !in->coverage.steady;
}

static bool caps_unseen(const struct inference *in)
{
        return !in->coverage.capabilities;
}

static bool idle(const struct inference *in)
{
        return !in->coverage.live && in->coverage.probes == 0;
}

static bool short_time(const struct inference *in)
{
        return in->coverage.seconds < SECONDS_SHORT && in->coverage.probes == 0;
}

static bool twin_only(const struct inference *in)
{
        return !in->coverage.live;
}

static bool not_long_live(const struct inference *in)
{
        return in->coverage.live && in->coverage.live_seconds < SECONDS_LONG;
}

static bool has_command(const struct inference *in, const char *key)
{
        const struct unit_facts *f = &in->o->unit->facts;

        for (size_t i = 0; i < f->exec_count; i++)
                if (f->exec[i].key && strcmp(f->exec[i].key, key) == 0)
                        return true;
        return false;
}

static bool reload_unseen(const struct inference *in)
{
        return !in->coverage.reload && has_command(in, "ExecReload");
}

static bool stop_unseen(const struct inference *in)
{
        return !in->coverage.stop;
}

/* NONE: the advice is no more than unknown. */
static const struct rule {
        bool (*holds)(const struct inference *in);
        enum confidence bound;
        unsigned bases;
        const char *words;
} rules[] = {
        { never_watched, CONFIDENCE_NONE, WATCHED, "nothing was watched yet" },
        { NULL /* the twin's own failures: see holds() */, CONFIDENCE_NONE, POORER,
          "it was watched in a twin only, and there some of this failed for the twin's own "
          "reasons: only watching the live unit can tell" },
        { start_unseen, CONFIDENCE_NONE, WATCHED,
          "its start was not watched: watch it in a twin as well, or while it restarts" },
        { lost_many, CONFIDENCE_NONE, WATCHED, "too much of what it did was lost" },
        { foreign_code, CONFIDENCE_NONE, ARGUED,
          "it runs 32-bit code, of whose calls the arguments are not seen" },
        { foreign_code, CONFIDENCE_LOW, BIT(BASIS_FILTER), "it runs 32-bit code" },
        { lost_some, CONFIDENCE_LOW, WATCHED, "some of what it did was lost" },
        { never_steady, CONFIDENCE_LOW, WATCHED, "only its start was watched, not its work" },
        { caps_unseen, CONFIDENCE_LOW, BIT(BASIS_CAPS),
          "capability checks were not seen themselves, only concluded from calls" },
        { idle, CONFIDENCE_LOW, WATCHED, "no probe made it work in the twin" },
        { short_time, CONFIDENCE_LOW, WATCHED, "it was watched for a few seconds only" },
        { twin_only, CONFIDENCE_FAIR, WATCHED, "it was watched in a twin only" },
        { not_long_live, CONFIDENCE_FAIR, WATCHED, "it was watched live for less than an hour" },
        { reload_unseen, CONFIDENCE_FAIR, WATCHED, "a reload was not seen" },
        { stop_unseen, CONFIDENCE_FAIR, WATCHED, "its stop was not seen" },
};

/* ---- what failed for the twin's own reasons ---- */

static bool is_network_error(int error)
{
        return error == ENETUNREACH || error == EHOSTUNREACH || error == ENETDOWN ||
               error == EADDRNOTAVAIL || error == EHOSTDOWN || error == ENONET ||
               error == EAFNOSUPPORT;
}

static bool is_device_error(int error)
{
        return error == ENODEV || error == ENXIO;
}

/* What is in doubt where such a call failed.  A filter always is: what comes after a call that
 * fails only on a twin was never seen. */
static unsigned doubts(const struct act *a)
{
        unsigned bits = BIT(BASIS_FILTER);

        if (a->kind == ACT_CONNECT || a->kind == ACT_BIND || a->kind == ACT_SOCKET ||
            a->kind == ACT_PEER || is_network_error(a->error))
                bits |= BIT(BASIS_NETWORK);
        if (is_device_error(a->error) ||
            (a->kind == ACT_PATH && a->text && path_below(a->text, "/dev")))
                bits |= BIT(BASIS_DEVICES);
        if (a->kind == ACT_CAP || a->error == EPERM || a->error == EACCES)
                bits |= BIT(BASIS_CAPS);
        return bits;
}

void confidence_prepare(struct inference *in)
{
        const struct behaviour *b = in->o->behaviour;

        in->twin_failed = 0;
        for (size_t i = 0; i < b->act_count; i++)
                if (b->acts[i].flags & ACT_BY_TWIN)
                        in->twin_failed |= doubts(&b->acts[i]);
}

/* ---- judging ---- */

static bool holds(const struct inference *in, const struct rule *rule, enum basis basis)
{
        if (!(rule->bases & BIT(basis)))
                return false;
        if (!rule->holds)
                return twin_only(in) && in->twin_failed & BIT(basis);
        return rule->holds(in);
}

enum confidence confidence_of(const struct inference *in, enum basis basis, bool safe,
                              const char **ret_limits)
{
        enum confidence least = CONFIDENCE_HIGH;

        *ret_limits = NULL;
        for (size_t i = 0; safe && i < COUNT(rules); i++)
                if (rules[i].bound < least && holds(in, &rules[i], basis)) {
                        least = rules[i].bound;
                        *ret_limits = rules[i].words;
                }
        return least; /* what would break was seen: more watching can't take that back */
}

int confidence_limits(const struct inference *in, enum basis basis, char **ret)
{
        const char *words;
        enum confidence least = confidence_of(in, basis, true, &words);
        struct text t = { 0 };

        *ret = NULL;
        if (least == CONFIDENCE_HIGH)
                return 0;
        for (size_t i = 0; i < COUNT(rules); i++) {
                bool phase = rules[i].holds == reload_unseen || rules[i].holds == stop_unseen;

                if ((rules[i].bound != least && !(phase && least > CONFIDENCE_NONE)) ||
                    !holds(in, &rules[i], basis))
                        continue;
                text_addf(&t, "%s%s", t.length ? "; " : "", rules[i].words);
        }
        *ret = text_take(&t);
        return *ret ? 0 : -ENOMEM;
}
