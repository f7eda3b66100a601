/* write_policy.c - what a unit has reached, as a policy for `systemd-analyze security`: while the
 * unit keeps it, the exposure stays at the threshold; one step looser lifts it above.
 *
 * systemd adds up badness * weight / range over all rows, rounded up row by row; the exposure is
 * 100 times that sum by the sum of the weights, rounded up.  So:
 *   - a row that the unit satisfies has weight 1, and adds nothing;
 *   - a row that it does not satisfy at all cannot get worse, and is left out (weight 0);
 *   - a row half-way (ProtectHome=read-only) weighs as much as its range, and adds its badness.
 * Without such rows the exposure is 0.  With them one satisfied row is made heavier until the
 * weights are a little more than 100 times the badness: then the exposure is 1, more badness makes
 * it 2, and rows that stop to apply (there are less than ROWS) make no difference. */
#include "core/base/mem.h"
#include "core/forms/assignments.h"
#include "core/profile/json.h"
#include "core/score/score.h"

#include <errno.h>
#include <string.h>

enum { ROWS = 90 };

struct policy {
        struct score score;
        uint64_t weights[ASSESSMENT_MAX];
        unsigned threshold; /* as --threshold= has it */
        size_t kept;        /* rows that count */
};

static void weigh(struct policy *p)
{
        uint64_t badness = 0, weights = 0;
        uint64_t *heavy = NULL;

        for (size_t i = 0; i < p->score.count; i++) {
                const struct assessment *row = &p->score.rows[i];

                if (!row->applicable || row->badness >= row->range)
                        continue;
                p->weights[i] = row->badness ? row->range : 1;
                badness += row->badness;
                weights += p->weights[i];
                p->kept++;
                if (!row->badness && !heavy)
                        heavy = &p->weights[i];
        }
        if (badness && heavy && 100 * badness + ROWS > weights) {
                *heavy += 100 * badness + ROWS - weights;
                weights = 100 * badness + ROWS;
        }
        p->threshold = weights ? (unsigned)((100 * badness + weights - 1) / weights) : 0;
}

static struct json *row_json(const struct policy *p, size_t i)
{
        struct json *row = json_object();

        json_number(row, "weight", (double)p->weights[i]);
        json_number(row, "range", (double)p->score.rows[i].range);
        return row;
}

/* A member that systemd knows no check for is passed over: room for words. */
static int header_json(struct json *policy, const struct form_input *in, const struct policy *p)
{
        struct json *words = json_object();
        scoped(mem_freep) char *mark = text_format(FORM_MARK "%s on %s for %s", GIRD_VERSION,
                                                   in->date, in->unit->unit);
        scoped(mem_freep) char *use = text_format("systemd-analyze security --offline=yes "
                                                  "--security-policy=FILE --threshold=%u %s",
                                                  p->threshold, in->unit->unit);

        json_text(words, "description_good", mark);
        json_text(words, "description_bad", use);
        json_put(policy, "gird", words);
        return mark && use ? 0 : -ENOMEM;
}

static int write_rows(const struct form_input *in, const struct policy *p, struct form_output *o)
{
        scoped(json_freep) struct json *policy = json_object();
        int r = header_json(policy, in, p);

        for (size_t i = 0; i < p->score.count; i++)
                json_put(policy, p->score.rows[i].id, row_json(p, i));
        return r < 0 ? r : form_add(o, "security-policy.json", json_take(take(policy)), 0644);
}

FORM_WRITER(policy)
{
        scoped(mem_freep) struct policy *p = calloc(1, sizeof(*p));
        int r;

        if (!p)
                return err_set(e, -ENOMEM, "cannot write the policy");
        if (score_sandbox(in->after, in->dialect, SCORE_OFFLINE, &p->score) != 0)
                return err_say(e, -EOPNOTSUPP, "systemd-analyze security scores no unit like %s",
                               in->unit->unit);
        weigh(p);
        if (p->kept == 0)
                return err_say(e, -ENODATA,
                               "%s satisfies no check of systemd-analyze yet, so there is nothing "
                               "to hold on to",
                               in->unit->unit);
        r = write_rows(in, p, ret);
        if (r == 0)
                r = form_leave_out(ret,
                                   "settings that systemd-analyze does not score: it says nothing "
                                   "when those get looser; --threshold=%u belongs to this file",
                                   p->threshold);
        return r < 0 ? err_set(e, r, "cannot write the policy") : 0;
}
