/* probe.c - asking a probe: what needs no socket, and the order of things. */
#include "core/trial/probe_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/trial_private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Files, lines and names that appear are given a moment for it; that is their second try. */
static const uint64_t TIMEOUT = 10000000, SECOND_TRY = 500000, APPEARS = 3000000, LOOK = 200000,
                      TICK = 20000;

/* One probe being asked. */
struct asking {
        const struct probe_place *where;
        const struct probe *probe;
        uint64_t began; /* realtime microseconds: the unit's start; what is older proves nothing */
        bool ok;
        char said[PROBE_SAID];
};

static bool is(const char *text, const char *word)
{
        return text && strcmp(text, word) == 0;
}

/* ---- commands ---- */

/* The last line that is not empty, of errors rather than of output. */
static void last_line(const struct run_result *r, char said[PROBE_SAID])
{
        const char *from[] = { r->errors, r->out };
        scoped(mem_freep) char *words = NULL;

        said[0] = '\0';
        for (size_t i = 0; i < COUNT(from); i++) {
                size_t end = from[i] ? strlen(from[i]) : 0;
                size_t start;

                while (end > 0 && strchr(" \t\r\n", from[i][end - 1]))
                        end--;
                for (start = end; start > 0 && from[i][start - 1] != '\n'; start--)
                        ;
                if (end <= start)
                        continue;
                words = strndup(from[i] + start, end - start);
                text_printable(said, PROBE_SAID, words ? words : "");
                return;
        }
        if (r->code == CLD_EXITED && r->status == 0)
                return;
        words = exit_words(r->code, r->status);
        text_printable(said, PROBE_SAID, words ? words : "it failed");
}

/* 0, with .ok as its exit status says; its output is left in *ret. */
static int run(struct asking *a, char *const argv[], struct run_result *ret, struct err *e)
{
        const struct probe_place *w = a->where;
        int k = w->stage->ops->run(w->stage, w->job, argv, w->timeout, ret, e);

        if (k == -ETIMEDOUT) {
                snprintf(a->said, sizeof(a->said), "it did not end within %llu s",
                         (unsigned long long)(w->timeout / 1000000));
                return 0;
        }
        if (k < 0)
                return k;
        a->ok = ret->code == CLD_EXITED && ret->status == 0;
        last_line(ret, a->said);
        return 0;
}

static int ask_command(struct asking *a, struct err *e)
{
        char *argv[] = { (char *)"/bin/sh", (char *)"-c", a->probe->text, NULL };
        scoped(run_result_done) struct run_result result = { 0 };

        return run(a, argv, &result, e);
}

/* ---- what appears ---- */

/* Looks again and again until it is there, for a while. */
static int await(struct asking *a, int (*look)(struct asking *a, struct err *e), struct err *e)
{
        uint64_t most = a->where->timeout < APPEARS ? a->where->timeout : APPEARS;
        uint64_t end = job_now() + most;
        int k = look(a, e);

        for (uint64_t now; k == 0 && !a->ok && (now = job_now()) < end;) {
                k = job_pause(a->where->job, end - now < LOOK ? end - now : LOOK);
                if (k == 0)
                        k = look(a, e);
        }
        return k;
}

/* Looks when the unit was started: of a stage that has seen other starts, too, a trial's baseline
 * say, much is left. */
static int find_start(struct asking *a, struct err *e)
{
        scoped(unit_state_done) struct unit_state s = { 0 };
        const struct probe_place *w = a->where;
        int k = w->manager ? manager_state(w->manager, w->job, w->unit, &s, e) : 0;

        a->began = s.began;
        return k;
}

/* Files are stamped with the time of the last tick. */
static bool is_new(const struct asking *a, int fd)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return false;
        return (uint64_t)st.st_ctim.tv_sec * 1000000 + (uint64_t)st.st_ctim.tv_nsec / 1000 + TICK >=
               a->began;
}

static int look_for_file(struct asking *a, struct err *e)
{
        struct stage *stage = a->where->stage;
        int fd = open_in_root(stage->ops->root(stage), a->probe->text, O_PATH);

        (void)e;
        a->ok = fd >= 0 && is_new(a, fd);
        snprintf(a->said, sizeof(a->said), "%s",
                 fd < 0  ? strerror(-fd)
                 : a->ok ? ""
                         : "it is from before the unit's start, so it proves nothing");
        fd_closep(&fd);
        return 0;
}

static int ask_file(struct asking *a, struct err *e)
{
        int k = find_start(a, e);

        return k < 0 ? k : await(a, look_for_file, e);
}

/* What systemd says of the unit is no word of the service: its description would do. */
static bool is_its_own(const struct asking *a, const struct journal_line *line)
{
        return line->message && !is(line->identifier, "systemd") && line->usec >= a->began;
}

static int look_for_line(struct asking *a, struct err *e)
{
        const struct probe_place *w = a->where;
        scoped(journal_done) struct journal lines = { 0 };
        scoped(mem_freep) char *cursor = w->cursor ? strdup(w->cursor) : NULL;
        int k;

        if (w->cursor && !cursor)
                return err_set(e, -ENOMEM, "cannot read the journal of %s", w->unit);
        k = w->stage->ops->journal(w->stage, w->unit, &cursor, &lines, e);
        if (k < 0)
                return k;
        for (size_t i = 0; i < lines.count && !a->ok; i++)
                a->ok = is_its_own(a, &lines.lines[i]) &&
                        strstr(lines.lines[i].message, a->probe->text) != NULL;
        snprintf(a->said, sizeof(a->said), "%s",
                 a->ok ? "" : "no line of its journal since its start says so");
        return 0;
}

static int ask_log(struct asking *a, struct err *e)
{
        int k = find_start(a, e);

        return k < 0 ? k : await(a, look_for_line, e);
}

/* ---- the bus ---- */

/* Managers before 250 want the whole path. */
static const char *find_busctl(struct stage *stage)
{
        static const char path[] = "/usr/bin/busctl";
        scoped(fd_closep) int fd = open_in_root(stage->ops->root(stage), path, O_PATH);

        return fd >= 0 ? path : "busctl";
}

static int look_for_name(struct asking *a, struct err *e)
{
        char *argv[] = { (char *)find_busctl(a->where->stage),
                         (char *)"--system",
                         (char *)"call",
                         (char *)"org.freedesktop.DBus",
                         (char *)"/org/freedesktop/DBus",
                         (char *)"org.freedesktop.DBus",
                         (char *)"NameHasOwner",
                         (char *)"s",
                         a->probe->text,
                         NULL };
        scoped(run_result_done) struct run_result result = { 0 };
        int k = run(a, argv, &result, e);

        if (k < 0 || !a->ok)
                return k;
        a->ok = result.out && text_starts(result.out, "b true");
        snprintf(a->said, sizeof(a->said), "%s", a->ok ? "" : "nobody owns that name");
        return 0;
}

static int ask_bus(struct asking *a, struct err *e)
{
        return await(a, look_for_name, e);
}

/* ---- the watchdog ---- */

static bool is_watched(const struct unit_state *s)
{
        return s->watchdog > 0 && s->watchdog != UINT64_MAX;
}

static bool notifies(const struct unit_state *s)
{
        return is(s->type, "notify") || is(s->type, "notify-reload");
}

/* What there is to look at, and whether it is as it should be up to here. */
static bool is_ready(struct asking *a, const struct unit_state *s)
{
        if (!notifies(s) && !is_watched(s))
                snprintf(
                        a->said, sizeof(a->said),
                        "it has neither Type=notify nor WatchdogSec=, so there is nothing to tell");
        else if (!is(s->active, "active") && !is(s->active, "reloading"))
                snprintf(a->said, sizeof(a->said), "it is %s", s->active);
        else
                return true;
        return false;
}

static int look_at(struct asking *a, struct unit_state *s, struct err *e)
{
        unit_state_done(s);
        return manager_state(a->where->manager, a->where->job, a->where->unit, s, e);
}

/* systemd itself ends who does not feed it in time, so longer times than a probe has are not waited
 * for. */
static int await_feeding(struct asking *a, struct unit_state *s, struct err *e)
{
        uint64_t before = s->watchdog_fed, period = s->watchdog;
        uint64_t most = period < a->where->timeout ? period : a->where->timeout;
        uint64_t end = job_now() + most;
        int k = 0;

        while (k == 0 && s->watchdog_fed == before && is_ready(a, s) && job_now() < end) {
                k = job_pause(a->where->job, LOOK);
                if (k == 0)
                        k = look_at(a, s, e);
        }
        if (k < 0 || !is_ready(a, s))
                return k;
        a->ok = s->watchdog_fed != before || period > a->where->timeout;
        if (!a->ok)
                snprintf(a->said, sizeof(a->said), "WatchdogSec= is not fed");
        else if (s->watchdog_fed == before)
                snprintf(a->said, sizeof(a->said),
                         "WatchdogSec= is longer than a probe waits; it was not fed meanwhile");
        return 0;
}

static int ask_watchdog(struct asking *a, struct err *e)
{
        scoped(unit_state_done) struct unit_state s = { 0 };
        int k = look_at(a, &s, e);

        if (k < 0 || !is_ready(a, &s))
                return k;
        if (is_watched(&s))
                return await_feeding(a, &s, e);
        a->ok = true;
        snprintf(a->said, sizeof(a->said), "it says that it is ready; WatchdogSec= is not set");
        return 0;
}

/* ---- all kinds ---- */

static int ask_net(struct asking *a, struct err *e)
{
        return probe_net(a->where, a->probe, &a->ok, a->said, e);
}

static const struct {
        int (*ask)(struct asking *a, struct err *e);
        bool waits; /* it has looked more than once when it says no */
} kinds[PROBE_KINDS] = {
        [PROBE_COMMAND] = { ask_command, false },  [PROBE_TCP] = { ask_net, false },
        [PROBE_UDP] = { ask_net, false },          [PROBE_UNIX] = { ask_net, false },
        [PROBE_HTTP] = { ask_net, false },         [PROBE_BUS] = { ask_bus, true },
        [PROBE_FILE] = { ask_file, true },         [PROBE_LOG] = { ask_log, true },
        [PROBE_WATCHDOG] = { ask_watchdog, true },
};

static int ask(const struct probe_place *place, const char *text, bool twice, bool *ret_ok,
               char **ret_said, struct err *e)
{
        struct probe_place where = *place;
        scoped(probe_done) struct probe probe = { 0 };
        struct asking a = { .where = &where, .probe = &probe };
        char *said;
        int k = probe_parse(text, &probe, e);

        if (k < 0)
                return k;
        if (where.timeout == 0)
                where.timeout = TIMEOUT;
        job_progress(where.job, "probing", text);
        k = kinds[probe.kind].ask(&a, e);
        if (k == 0 && !a.ok && twice && !kinds[probe.kind].waits) {
                k = job_pause(where.job, SECOND_TRY);
                if (k == 0)
                        k = kinds[probe.kind].ask(&a, e);
        }
        if (k < 0)
                return k == -ECANCELED ? err_set(e, k, "the probe was stopped") : k;
        said = strdup(a.said);
        if (!said)
                return err_set(e, -ENOMEM, "cannot keep what a probe said");
        *ret_ok = a.ok;
        *ret_said = said;
        return 0;
}

int probe_ask(const struct probe_place *where, const char *text, bool *ret_ok, char **ret_said,
              struct err *e)
{
        return ask(where, text, false, ret_ok, ret_said, e);
}

int probe_ask_twice(const struct probe_place *where, const char *text, bool *ret_ok,
                    char **ret_said, struct err *e)
{
        return ask(where, text, true, ret_ok, ret_said, e);
}
