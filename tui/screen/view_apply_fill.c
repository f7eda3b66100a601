/* view_apply_fill.c - what applying will do, and what became of it, in words. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/view_apply.h"
#include "tui/screen/wording.h"

#include <inttypes.h>
#include <stdlib.h>

const struct guard *apply_guard(const struct apply_view *v)
{
        return pending_of(&v->pending, v->draft->now->unit);
}

static void add_list(struct sheet *s, enum role role, const char *title, char *const *lines)
{
        if (lines && *lines)
                sheet_add(s, ROLE_HEADING, "%s", title);
        for (; lines && *lines; lines++)
                sheet_add(s, role, "  %s", *lines);
}

/* An admin's open session proves nothing about the next login. */
static void add_sessions(struct sheet *s, const char *unit)
{
        sheet_add(s, ROLE_HEADING, "It hosts sessions");
        sheet_add(
                s, ROLE_FAIR,
                "  That this session is open proves nothing about the next login. Log in anew, and "
                "confirm there: gird confirm %s. Leave this one open until then.",
                unit);
}

static void add_when(struct sheet *s, const struct apply_view *v)
{
        const char *unit = v->draft->now->unit;

        if (!v->plan.running)
                sheet_add(s, ROLE_TEXT, "%s does not run: it takes effect when it is started.",
                          unit);
        else if (v->plan.next_start)
                sheet_add(s, ROLE_TITLE,
                          "At its next restart: nothing is restarted now. Space: now instead.");
        else
                sheet_add(s, ROLE_TITLE,
                          "Now, with a restart, which is an outage. Space: at its next restart.");
}

static void add_changes(struct sheet *s, const struct draft *d)
{
        sheet_add(s, ROLE_HEADING, "The changes");
        for (size_t i = 0; i < d->profile->change_count; i++) {
                const struct change *change = &d->profile->changes[i];
                const struct directive *row = directive_at(change->directive);
                scoped(mem_freep) char *value = wording_value(&change->value, row, d->dialect);

                sheet_add(s, ROLE_CHANGED, "  %s=%s", row->name, value ? value : "?");
        }
}

static void fill_plan(struct apply_view *v)
{
        struct sheet *s = &v->sheet;

        add_when(s, v);
        sheet_add(s, ROLE_TEXT,
                  "systemd itself takes everything back after %" PRIu64
                  " s unless it is confirmed, whatever becomes of gird or this session. Confirmed, "
                  "it "
                  "stays until the next boot; then it can be saved.",
                  v->within / 1000000);
        if (v->objection)
                sheet_add(s, ROLE_BAD, "%s.", v->objection);
        add_list(s, ROLE_BAD, "Advised against", v->plan.objections);
        add_list(s, ROLE_FAIR, "What it changes for good", v->plan.marks);
        add_list(s, ROLE_FAIR, "Beware", v->plan.warnings);
        if (v->plan.sessions)
                add_sessions(s, v->draft->now->unit);
        add_changes(s, v->draft);
}

static void add_probes(struct sheet *s, const struct applied *a)
{
        if (a->probe_count)
                sheet_add(s, ROLE_HEADING, "Probes");
        for (size_t i = 0; i < a->probe_count; i++) {
                const struct probe_result *p = &a->probes[i];
                bool bad = p->baseline_ok && p->trial_ran && !p->trial_ok;

                sheet_add(s,
                          bad               ? ROLE_BAD
                          : !p->baseline_ok ? ROLE_FAIR
                          : p->trial_ok     ? ROLE_GOOD
                                            : ROLE_TEXT,
                          "  %s %s",
                          !p->baseline_ok ? "not counted (failed before, too):"
                          : !p->trial_ran ? "not run:"
                          : bad           ? "FAILED:"
                                          : "passed:",
                          p->command);
                if (p->said && *p->said && (bad || !p->baseline_ok))
                        sheet_add(s, ROLE_TEXT, "    %s", p->said);
        }
}

static void fill_guard(struct apply_view *v, const struct guard *g)
{
        struct sheet *s = &v->sheet;

        switch (g->state) {
        case GUARD_PENDING:
                sheet_add(s, ROLE_TITLE, "c keeps it until the next boot, r takes it back now.");
                sheet_add(s, ROLE_TEXT, "If neither comes, systemd takes it back by itself.");
                if (g->next_start)
                        sheet_add(s, ROLE_FAIR, "It takes effect when %s is restarted.", g->unit);
                if (g->sessions)
                        add_sessions(s, g->unit);
                break;
        case GUARD_CONFIRMED:
                sheet_add(s, ROLE_GOOD, "It stays until the next boot. s saves it for good.");
                sheet_add(s, ROLE_TEXT, "r takes it back, with a restart.");
                break;
        case GUARD_REVERTING:
                sheet_add(s, ROLE_FAIR, "It is being taken back.");
                break;
        case GUARD_FAILED:
                sheet_add(s, ROLE_BAD, "Taking it back did not go well: %s",
                          g->said ? g->said : "nothing says why");
                sheet_add(s, ROLE_TEXT, "r tries again; systemctl status %s says how it is.",
                          g->unit);
                break;
        }
        if (v->ran)
                add_probes(s, &v->applied);
}

static void fill_outcome(struct apply_view *v)
{
        sheet_add(&v->sheet, v->outcome_role, "%s",
                  v->outcome.length ? v->outcome.chars : "out of memory");
        if (v->ran)
                add_probes(&v->sheet, &v->applied);
}

void apply_fill(struct apply_view *v)
{
        const struct guard *g = apply_guard(v);

        sheet_done(&v->sheet);
        switch (v->stage) {
        case APPLY_WORKING:
                break;
        case APPLY_PLANNED:
                fill_plan(v);
                break;
        case APPLY_STANDING:
                if (g)
                        fill_guard(v, g);
                break;
        case APPLY_OVER:
                fill_outcome(v);
                break;
        }
}

void apply_over(struct apply_view *v, enum role role, const char *fmt, ...)
{
        va_list args;

        text_done(&v->outcome);
        v->outcome = (struct text){ 0 };
        va_start(args, fmt);
        text_addv(&v->outcome, fmt, args);
        va_end(args);
        v->outcome_role = role;
        v->stage = APPLY_OVER;
}

void apply_settle(struct apply_view *v)
{
        const struct guard *g = apply_guard(v);
        bool stood = v->stage == APPLY_STANDING;

        if (g && stood && g->state == v->shown)
                return;
        if (g) {
                v->stage = APPLY_STANDING;
                v->shown = g->state;
        } else if (v->reverted)
                apply_over(v, ROLE_GOOD, "Taken back: everything is as it was before.");
        else if (stood && v->draft->written)
                apply_over(v, ROLE_GOOD, "Saved; there is nothing left to confirm.");
        else if (stood && v->shown == GUARD_CONFIRMED)
                apply_over(v, ROLE_FAIR,
                           "It is not applied any more: somebody saved it or took it back.");
        else if (stood)
                apply_over(v, ROLE_FAIR,
                           "Taken back, as nobody confirmed it in time: everything is as it was "
                           "before.");
        else
                return;
        apply_fill(v);
}
