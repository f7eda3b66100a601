/* view_trial_fill.c - what a trial found, in words. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/view_trial.h"
#include "tui/screen/wording.h"

#include <stdlib.h>
#include <string.h>

enum { JOURNAL_LINES = 200 };

static void add_suspects(struct sheet *s, const struct trial *trial)
{
        if (trial->suspect_count)
                sheet_add(s, ROLE_HEADING, "Suspects, most likely first");
        for (size_t i = 0; i < trial->suspect_count; i++)
                sheet_add(s, ROLE_BAD, "  %s: %s", directive_at(trial->suspects[i].directive)->name,
                          trial->suspects[i].why ? trial->suspects[i].why : "");
}

static void add_denials(struct trial_view *v)
{
        const struct trial *trial = &v->attempt.trial;
        struct sheet *s = &v->sheet;

        if (trial->denial_count)
                sheet_add(s, ROLE_HEADING, "Refused with the changes, and not without");
        for (size_t i = 0; i < trial->denial_count; i++) {
                bool marked = i == v->marked;

                wording_denial(s, &trial->denials[i], v->draft->then, v->draft->dialect, marked);
                if (marked && v->following)
                        s->focus = s->count;
        }
}

/* Of a run that did not come so far, and of one that has no such step, there is nothing to say. */
static void add_step(struct sheet *s, const char *name, const struct step *without,
                     const struct step *with)
{
        if (!without->done && !with->done)
                return;
        if (without->done && !without->ok)
                sheet_add(s, ROLE_FAIR, "  not counted (fails without changes too): %s", name);
        else if (!with->done)
                sheet_add(s, ROLE_FAIR, "  not run: %s", name);
        else
                sheet_add(s, with->ok ? ROLE_GOOD : ROLE_BAD, "  %s: %s",
                          with->ok ? "passed" : "FAILED", name);
        if (with->done && !with->ok && with->said)
                sheet_add(s, ROLE_TEXT, "    %s", with->said);
}

static void add_steps(struct sheet *s, const struct trial *trial)
{
        const struct run *without = &trial->baseline, *with = &trial->tried;
        struct step stop[] = { { .done = without->stopped, .ok = true },
                               { .done = with->started, .ok = with->stopped } };

        if (!without->reload.done && !without->restart.done && !without->stopped)
                return;
        sheet_add(s, ROLE_HEADING, "Steps");
        add_step(s, "reload", &without->reload, &with->reload);
        add_step(s, "restart", &without->restart, &with->restart);
        if (without->stopped)
                add_step(s, "stop", &stop[0], &stop[1]);
}

static const char *failed_words(const struct probe_result *p)
{
        switch (p->failed) {
        case MOMENT_RELOADED:
                return "FAILED after the reload:";
        case MOMENT_RESTARTED:
                return "FAILED after the restart:";
        case MOMENT_UP:
                break;
        }
        return "FAILED:";
}

static void add_probes(struct sheet *s, const struct trial *trial)
{
        if (trial->probe_count)
                sheet_add(s, ROLE_HEADING, "Probes");
        for (size_t i = 0; i < trial->probe_count; i++) {
                const struct probe_result *p = &trial->probes[i];
                bool good = p->baseline_ok && p->trial_ok;

                sheet_add(s,
                          !p->baseline_ok ? ROLE_FAIR
                          : good          ? ROLE_GOOD
                                          : ROLE_BAD,
                          "  %s %s",
                          !p->baseline_ok ? "not counted (fails without changes too):"
                          : !p->trial_ran ? "not run:"
                          : good          ? "passed:"
                                          : failed_words(p),
                          p->command);
                if (p->said && *p->said && !good && (p->trial_ran || !p->baseline_ok))
                        sheet_add(s, ROLE_TEXT, "    %s", p->said);
        }
}

static void add_notes(struct sheet *s, const struct trial *trial)
{
        if (trial->notes)
                sheet_add(s, ROLE_HEADING, "Notes");
        for (char **note = trial->notes; note && *note; note++)
                sheet_add(s, ROLE_TEXT, "  %s", *note);
}

static void add_journal(struct sheet *s, const char *title, const struct journal *j)
{
        size_t from = j->count > JOURNAL_LINES ? j->count - JOURNAL_LINES : 0;

        if (j->count)
                sheet_add(s, ROLE_HEADING, "%s", title);
        for (size_t i = from; i < j->count; i++) {
                scoped(mem_freep) char *clean = text_printable_dup(j->lines[i].message);

                sheet_add(s, ROLE_TEXT, "  %s: %s",
                          j->lines[i].identifier ? j->lines[i].identifier : "?",
                          clean ? clean : "");
        }
}

void trial_fill(struct trial_view *v)
{
        const struct trial *trial = &v->attempt.trial;
        struct sheet *s = &v->sheet;
        int top = s->top;

        sheet_done(s);
        s->top = top;
        sheet_add(s, ROLE_TEXT, "%s", trial->summary ? trial->summary : "");
        if (!trial->watched && trial->unwatched)
                sheet_add(s, ROLE_FAIR, "Not watched: %s", trial->unwatched);
        add_suspects(s, trial);
        add_denials(v);
        add_steps(s, trial);
        add_probes(s, trial);
        add_notes(s, trial);
        sheet_add(s, ROLE_HEADING, "Where");
        sheet_add(s, ROLE_TEXT, "  %s", trial->where ? trial->where : "nowhere");
        add_journal(s, "Journal with the changes", &trial->tried.journal);
        add_journal(s, "Journal without changes", &trial->baseline.journal);
}

/* ---- refusals that are no matter ---- */

void trial_mark(struct trial_view *v, int direction)
{
        const struct trial *trial = &v->attempt.trial;
        size_t n = trial->denial_count;

        v->following = direction != 0;
        if (direction == 0) {
                v->marked = 0;
                while (v->marked < n && trial->denials[v->marked].accepted)
                        v->marked++;
                if (v->marked == n)
                        v->marked = 0;
        } else if (n)
                v->marked = (v->marked + (direction > 0 ? 1 : n - 1)) % n;
        trial_fill(v);
}

void trial_accept(struct trial_view *v, const char *reason, struct app *app)
{
        struct trial *trial = &v->attempt.trial;
        struct denial *d = v->marked < trial->denial_count ? &trial->denials[v->marked] : NULL;
        struct err e = { 0 };
        char *copy;

        if (!d || !d->key)
                return;
        if (reason[strspn(reason, " ")] == '\0') {
                app_say(app, ROLE_FAIR, "not accepted: a reason is wanted, for whoever reads it");
                return;
        }
        copy = strdup(reason);
        if (!copy || draft_accept(v->draft, d->key, reason, &e) < 0) {
                app_say(app, ROLE_BAD, "%s", copy ? e.text : "out of memory");
                free(copy);
                return;
        }
        free(d->accepted);
        d->accepted = copy;
        trial_mark(v, 1);
        app_say(app, ROLE_GOOD, "accepted, and kept with the changes; t tries again with that");
}
