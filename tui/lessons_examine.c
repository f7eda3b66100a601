/* lessons_examine.c - a lesson's service started in a twin with the learner's answer: does it do
 * its work, and how far would an intruder in it get? */
#include "tui/lessons.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/breach/inside.h"
#include "core/trial/probe.h"
#include "tui/attempt.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define UNITS "/etc/systemd/system"

static const uint64_t START_LIMIT = 20000000, STOP_LIMIT = 20000000, COMES_UP = 1500000,
                      TICK = 25000, SETTLE = 400000;
enum { SUSPECTS = 3 };

/* ---- one examination ---- */

struct exam {
        struct context *c;
        const struct lesson_try *t;
        struct stage *stage;
        struct job *job;
        struct manager *manager;
        char *dropin; /* where the answer lies */
        char *cursor; /* of the journal, at the start */
        bool up;      /* it does all its work */
        bool broke;   /* it was asked for its work, and did not do it */
        struct lesson_result *result;
};

static bool is_live(const struct unit_state *s)
{
        return strcmp(s->active, "active") == 0;
}

/* "exit status 226/NAMESPACE: …", "ended by signal SYS". */
static char *end_words(const struct unit_state *s)
{
        int status = s->main_status;
        const char *name = exit_status_name(status), *meaning = exit_status_meaning(status);

        if (s->main_code == CLD_KILLED || s->main_code == CLD_DUMPED)
                return text_format("it was ended by the signal SIG%s", sigabbrev_np(status));
        if (s->main_code != CLD_EXITED)
                return text_format("it is %s", s->active);
        return text_format("it ended with exit status %d%s%s%s%s", status, name ? "/" : "",
                           name ? name : "", meaning ? ": " : "", meaning ? meaning : "");
}

/* systemd speaks for a service it could not start, by the name of its program: the line before the
 * one that names the step has the reason. */
static bool is_reason(const struct journal_line *line)
{
        return line->identifier && line->message && strcmp(line->identifier, "systemd") != 0 &&
               !text_starts(line->message, "serving ") && !strstr(line->message, "Failed at step ");
}

/* The last thing that was said about a failure, in words; "" when nobody said a thing. */
static char *last_words(struct exam *x)
{
        scoped(journal_done) struct journal lines = { 0 };
        scoped(mem_freep) char *cursor = x->cursor ? strdup(x->cursor) : NULL;
        const char *said = NULL;
        size_t n = strlen(x->t->unit_name);

        if (x->stage->ops->journal(x->stage, x->t->unit_name, &cursor, &lines, NULL) < 0)
                return strdup("");
        for (size_t i = 0; i < lines.count; i++)
                if (is_reason(&lines.lines[i]))
                        said = lines.lines[i].message;
        if (said && strncmp(said, x->t->unit_name, n) == 0 && text_starts(said + n, ": "))
                return text_format("; systemd said: %s", said + n + 2);
        return said ? text_format("; it said: %s", said) : strdup("");
}

/* Whoever says no is up; whoever says nothing may be so in a moment. */
static bool is_answer(const char *said)
{
        return text_starts(said, "it answers ");
}

static int ask(struct exam *x, struct lesson_finding *f, struct err *e)
{
        struct probe_place place = { .stage = x->stage,
                                     .job = x->job,
                                     .manager = x->manager,
                                     .unit = x->t->unit_name,
                                     .cursor = x->cursor };
        uint64_t end = job_now() + COMES_UP, pause = TICK;
        int r;

        for (;;) {
                scoped(unit_state_done) struct unit_state s = { 0 };
                scoped(mem_freep) char *said = NULL, *words = NULL, *own = NULL;

                r = probe_ask(&place, f->check->what, &f->ok, &said, e);
                if (r < 0 || f->ok)
                        return r;
                r = manager_state(x->manager, x->job, x->t->unit_name, &s, e);
                if (r < 0)
                        return r;
                if (is_live(&s) && !is_answer(said) && job_now() < end) {
                        r = job_pause(x->job, pause);
                        if (r < 0)
                                return r;
                        pause *= 2;
                        continue;
                }
                words = is_live(&s) ? strdup(said) : end_words(&s);
                own = last_words(x);
                free(f->said);
                f->said = words && own ? text_format("%s%s", words, own) : NULL;
                return f->said ? 0 : err_set(e, -ENOMEM, "cannot keep what it said");
        }
}

/* Such a probe waits for the file to appear: not where it is known that nothing will come. */
static bool is_file(const struct lesson_check *check)
{
        return text_starts(check->what, "file:");
}

/* Asks of each work whether it is done; the service is up, or has failed to come up. */
static int ask_all(struct exam *x, struct err *e)
{
        int r = 0;

        x->up = true;
        for (size_t i = 0; r >= 0 && i < x->result->count; i++) {
                struct lesson_finding *f = &x->result->findings[i];

                if (f->check->kind != LESSON_WORKS)
                        continue;
                f->known = true;
                f->before = !(x->t->lesson->flags & LESSON_BROKEN);
                f->looked = x->up || !is_file(f->check);
                if (f->looked)
                        r = ask(x, f, e);
                x->up = x->up && f->ok;
                x->broke = x->broke || !(f->ok || is_file(f->check));
        }
        return r;
}

static int mark_journal(struct exam *x, struct err *e)
{
        scoped(journal_done) struct journal lines = { 0 };

        return x->stage->ops->journal(x->stage, x->t->unit_name, &x->cursor, &lines, e);
}

static int work(struct exam *x, struct err *e)
{
        const char *unit = x->t->unit_name, *result = NULL;
        int r, stopped;

        job_progress(x->job, "starting the lesson's service with the answer", NULL);
        r = mark_journal(x, e);
        if (r >= 0)
                r = x->stage->ops->put(x->stage, x->dropin, x->t->dropin, e);
        if (r >= 0)
                r = manager_reload(x->manager, x->job, e);
        if (r >= 0)
                r = manager_start(x->manager, x->job, unit, START_LIMIT, &result, e);
        if (r == -ETIMEDOUT)
                r = 0;
        if (r >= 0)
                r = ask_all(x, e);
        if (r < 0)
                return r;
        stopped = manager_stop(x->manager, x->job, unit, STOP_LIMIT, &result, e);
        if (manager_reset_failed(x->manager, x->job, unit, NULL) == -ECANCELED)
                return -ECANCELED;
        return stopped < 0 && stopped != -ETIMEDOUT ? stopped : 0;
}

/* ---- what an intruder gets ---- */

/* "DEED ANSWER" of what it printed; "" where it did not. */
static char *answer_of(const char *out, const char *what)
{
        size_t n = strlen(what);

        for (const char *at = out; at && *at; at += strcspn(at, "\n"), at += *at == '\n')
                if (strncmp(at, what, n) == 0 && at[n] == ' ')
                        return strndup(at + n + 1, strcspn(at + n + 1, "\n"));
        return strdup("");
}

static bool is_let(const char *answer)
{
        return strncmp(answer, "ok", 2) == 0 && (!answer[2] || answer[2] == ' ');
}

/* Deeds take an argument; moves do not. */
static bool is_deed(const char *what)
{
        return strchr(what, ':') || strcmp(what, "devices") == 0;
}

static int note_answer(struct lesson_finding *f, const struct inside_result *in, bool before)
{
        scoped(mem_freep) char *answer = answer_of(in->out, f->check->what);
        const char *seen;

        if (!answer)
                return -ENOMEM;
        if (before) {
                f->known = *answer != '\0';
                f->before = is_let(answer);
                return 0;
        }
        f->looked = *answer != '\0';
        f->ok = f->looked && !is_let(answer);
        seen = !f->looked ? (in->why ? in->why : in->result)
               : f->ok    ? answer
                          : answer + 2 + (answer[2] == ' ');
        f->said = text_printable_dup(seen);
        return f->said ? 0 : -ENOMEM;
}

/* Sends it in with those of the lesson's questions that are deeds, or those that are moves. */
static int send_in(struct exam *x, bool deeds, bool before, struct err *e)
{
        scoped(inside_done) struct inside_result in = { 0 };
        scoped(strv_freep) char **words = NULL;
        struct inside_options o = { .unit = before ? x->t->unit : x->t->after,
                                    .dialect = &x->c->dialect,
                                    .known = x->c->known,
                                    .dropin_path = x->dropin };
        size_t asked = 0;
        int r = deeds ? strv_add(&words, "--reach") : 0;

        for (size_t i = 0; r >= 0 && i < x->result->count; i++) {
                const struct lesson_check *check = x->result->findings[i].check;

                if (check->kind != LESSON_REFUSED || is_deed(check->what) != deeds)
                        continue;
                r = strv_add(&words, check->what);
                asked++;
        }
        if (r < 0)
                return err_set(e, r, "cannot ask the intruder");
        if (!asked)
                return 0;
        o.words = words;
        r = inside_run(&o, x->stage, x->job, &in, e);
        for (size_t i = 0; r >= 0 && i < x->result->count; i++) {
                struct lesson_finding *f = &x->result->findings[i];

                if (f->check->kind == LESSON_REFUSED && is_deed(f->check->what) == deeds &&
                    note_answer(f, &in, before) < 0)
                        r = err_set(e, -ENOMEM, "cannot keep what the intruder said");
        }
        return r;
}

static int intrude(struct exam *x, bool before, struct err *e)
{
        int r = send_in(x, true, before, e);

        return r < 0 ? r : send_in(x, false, before, e);
}

/* ---- where it broke ---- */

static int note_suspects(struct exam *x, const struct trial *trial)
{
        char ***to = &x->result->suspects;
        int r = 0;

        for (size_t i = 0; r >= 0 && trial->after && i < trial->denial_count; i++) {
                scoped(mem_freep) char *words = NULL;

                if (trial->denials[i].directive == DIRECTIVE_COUNT || strv_length(*to) >= SUSPECTS)
                        continue;
                words = denial_words(&trial->denials[i], trial->after, &x->c->dialect);
                r = words ? strv_add(to, words) : -ENOMEM;
        }
        for (size_t i = 0; r >= 0 && !*to && i < trial->suspect_count && i < SUSPECTS; i++)
                r = strv_addf(to, "%s=: %s", directive_at(trial->suspects[i].directive)->name,
                              trial->suspects[i].why);
        return r;
}

/* A trial knows which directive it was. */
static int look_why(struct exam *x, struct err *e)
{
        const struct lesson_try *t = x->t;
        scoped(profile_freep) struct profile *p = NULL;
        scoped(trial_done) struct trial trial = { 0 };
        struct trial_options o = { .unit = t->unit,
                                   .dialect = &x->c->dialect,
                                   .known = x->c->known,
                                   .dropin_path = x->dropin,
                                   .settle = SETTLE,
                                   .unwatched = true };
        int r;

        if ((t->lesson->flags & LESSON_VERBATIM) || !t->profile->change_count)
                return 0; /* what it said has to do */
        r = profile_copy(t->profile, &p);
        for (size_t i = 0; r >= 0 && i < x->result->count; i++) {
                const struct lesson_check *check = x->result->findings[i].check;

                if (check->kind == LESSON_WORKS && !is_file(check))
                        r = strv_add(&p->probes, check->what);
        }
        if (r < 0)
                return err_set(e, r, "cannot look for the reason");
        o.profile = p;
        r = trial_run(&o, x->stage, x->job, &trial, e);
        if (r >= 0 && note_suspects(x, &trial) < 0)
                r = err_set(e, -ENOMEM, "cannot keep the reason");
        return r;
}

/* ---- all of it ---- */

static bool concerns(const struct stage_limit *limit, const struct profile *p)
{
        for (const enum directive_id *d = limit->directives; *d != DIRECTIVE_COUNT; d++)
                if (profile_find(p, *d))
                        return true;
        return false;
}

/* A directive that this twin does not enforce can't do there what it would do elsewhere. */
static int note_limits(struct exam *x)
{
        const struct stage_limit *limits;
        size_t count = 0;
        int r = 0;

        limits = x->stage->ops->limits(x->stage, &count);
        for (size_t i = 0; r >= 0 && i < count; i++)
                if (concerns(&limits[i], x->t->profile))
                        r = strv_addf(
                                &x->result->notes,
                                "this twin has no %s, so what rests on it can't be seen here: "
                                "%s",
                                limits[i].mechanism, limits[i].why);
        return r;
}

static int examine(struct exam *x, bool compare, struct err *e)
{
        struct lesson_result *result = x->result;
        int r = work(x, e);

        if (r >= 0)
                r = intrude(x, false, e);
        if (r >= 0)
                r = x->stage->ops->put(x->stage, x->dropin, NULL, e);
        if (r >= 0 && compare)
                r = intrude(x, true, e);
        if (r >= 0 && x->broke)
                r = look_why(x, e);
        if (r < 0)
                return r;
        result->done = true;
        for (size_t i = 0; i < result->count; i++)
                result->done = result->done && result->findings[i].ok;
        if (result->done && !x->t->profile->change_count) {
                result->done = false; /* a machine that is like that has no such lesson to give */
                if (strv_add(&result->notes, "without an answer nothing of this is open in this "
                                             "twin: it refuses that by itself") < 0)
                        return err_set(e, -ENOMEM, "cannot note what the twin refuses");
        }
        if (!result->done && note_limits(x) < 0)
                return err_set(e, -ENOMEM, "cannot note what the twin lacks");
        return 0;
}

int lesson_examine_on(struct context *c, const struct lesson_try *t, bool compare,
                      struct stage *stage, struct lesson_result *ret, struct err *e)
{
        scoped(lesson_result_done) struct lesson_result result = { 0 };
        scoped(mem_freep) char *dropin = text_format(UNITS "/%s.d/50-gird.conf", t->unit_name);
        struct exam x = { .c = c,
                          .t = t,
                          .stage = stage,
                          .job = &c->job,
                          .manager = stage->ops->manager(stage),
                          .dropin = dropin,
                          .result = &result };
        int r = dropin ? lesson_judge(t, &c->dialect, &result, e)
                       : err_set(e, -ENOMEM, "cannot name the drop-in");

        if (r >= 0)
                r = examine(&x, compare, e);
        free(x.cursor);
        if (r < 0)
                return r;
        *ret = result;
        result = (struct lesson_result){ 0 };
        return 0;
}

int lesson_examine(struct context *c, const struct lesson *l, char *const *answer, bool compare,
                   struct lesson_result *ret, struct err *e)
{
        scoped(lesson_try_done) struct lesson_try t = { 0 };
        scoped(stage_closep) struct stage *stage = NULL;
        int r;

        if (c->args->host || c->args->machine || c->args->user)
                return err_say(
                        e, 1,
                        "lessons run on the machine itself, in its own systemd: leave -H, -M "
                        "and --user out");
        if (geteuid() != 0)
                return err_say(e, 1,
                               "to look at an answer gird makes a twin, which only root can: type "
                               "the same with sudo, sudo gird lesson %s --check ...",
                               l->name);
        r = lesson_try_open(l, &c->dialect, c->known, answer, &t, e);
        if (r >= 0)
                r = attempt_twin(c, &stage, e);
        if (r == 0)
                r = lesson_furnish(l, stage, &c->job, e);
        return r != 0 ? r : lesson_examine_on(c, &t, compare, stage, ret, e);
}
