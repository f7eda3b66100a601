/* twin_driver.c - a twin on the command line, for tests/live/twin.sh.
 *
 *      twin_driver [--root DIR] [--no-bpf] [--memory MIB] [--timeout SECONDS] ACTION...
 *
 * Actions are done in order: up (prints the start time), where, limits, hold (until a
 * signal), run COMMAND, put PATH TEXT, remove PATH, start UNIT, stop UNIT, journal UNIT,
 * listeners UNIT.  Exit status: 0; 1 if there can be no twin; 3 for a fault. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stage/twin.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct session {
        struct stage *stage;
        struct job *job;
        struct err e;
        uint64_t took;
};

static int up(struct session *s, char **words)
{
        (void)words;
        printf("up %" PRIu64 ".%03" PRIu64 " ms init %d\n", s->took / 1000, s->took % 1000,
               (int)s->stage->ops->init(s->stage));
        return 0;
}

static int where(struct session *s, char **words)
{
        (void)words;
        printf("where %s\n", s->stage->ops->where(s->stage));
        return 0;
}

static int limits(struct session *s, char **words)
{
        size_t count;
        const struct stage_limit *rows = s->stage->ops->limits(s->stage, &count);

        (void)words;
        for (size_t i = 0; i < count; i++) {
                printf("limit %s: %s:", rows[i].mechanism, rows[i].why);
                for (const enum directive_id *id = rows[i].directives; *id != DIRECTIVE_COUNT; id++)
                        printf(" %s", directive_at((size_t)*id)->name);
                printf("\n");
        }
        return 0;
}

static bool never(void *userdata)
{
        (void)userdata;
        return false;
}

static int hold(struct session *s, char **words)
{
        (void)words;
        fflush(stdout);
        job_wait(s->job, never, NULL, JOB_FOREVER);
        return 0;
}

static int run(struct session *s, char **words)
{
        char *argv[] = { (char *)"/bin/sh", (char *)"-c", words[0], NULL };
        struct run_result result = { 0 };
        uint64_t begin = job_now();
        int r = s->stage->ops->run(s->stage, s->job, argv, 10000000, &result, &s->e);

        if (r < 0)
                return r;
        printf("%s%srun code %d status %d result %s bytes %zu %zu took %" PRIu64 " ms\n",
               result.out, result.errors, result.code, result.status, result.result,
               strlen(result.out), strlen(result.errors), (job_now() - begin) / 1000);
        run_result_done(&result);
        return 0;
}

static int put(struct session *s, char **words)
{
        return s->stage->ops->put(s->stage, words[0], words[1], &s->e);
}

static int take_away(struct session *s, char **words)
{
        return s->stage->ops->put(s->stage, words[0], NULL, &s->e);
}

static int start(struct session *s, char **words)
{
        struct manager *m = s->stage->ops->manager(s->stage);
        const char *result = "done";
        int r = manager_reload(m, s->job, &s->e);

        if (r == 0)
                r = manager_start(m, s->job, words[0], 10000000, &result, &s->e);
        if (r < 0)
                return r;
        printf("start %s %s\n", words[0], r == 0 ? "done" : result);
        return 0;
}

static int stop(struct session *s, char **words)
{
        const char *result = "done";
        int r = manager_stop(s->stage->ops->manager(s->stage), s->job, words[0], 10000000, &result,
                             &s->e);

        if (r < 0)
                return r;
        printf("stop %s %s\n", words[0], r == 0 ? "done" : result);
        return 0;
}

/* Twice, so that the cursor is seen to work: the second time there is nothing new. */
static int journal(struct session *s, char **words)
{
        scoped(mem_freep) char *cursor = NULL;
        struct journal lines = { 0 };
        const char *unit = strcmp(words[0], "-") == 0 ? NULL : words[0];
        int r = s->stage->ops->journal(s->stage, unit, &cursor, &lines, &s->e);

        for (size_t i = 0; r == 0 && i < lines.count; i++)
                printf("journal %d %s [%s]: %s\n", lines.lines[i].priority,
                       lines.lines[i].identifier, lines.lines[i].unit ? lines.lines[i].unit : "",
                       lines.lines[i].message);
        journal_done(&lines);
        if (r == 0)
                r = s->stage->ops->journal(s->stage, unit, &cursor, &lines, &s->e);
        if (r == 0)
                printf("journal again %zu\n", lines.count);
        journal_done(&lines);
        return r;
}

static int listeners(struct session *s, char **words)
{
        struct unit_state state = { 0 };
        scoped(strv_freep) char **list = NULL;
        int r = manager_state(s->stage->ops->manager(s->stage), s->job, words[0], &state, &s->e);

        if (r == 0 && state.control_group)
                r = s->stage->ops->listeners(s->stage, state.control_group, &list, &s->e);
        for (char **line = list; r == 0 && line && *line; line++)
                printf("listens %s\n", *line);
        unit_state_done(&state);
        return r;
}

static const struct {
        const char *name;
        int words;
        int (*act)(struct session *s, char **words);
} actions[] = {
        { "up", 0, up },
        { "where", 0, where },
        { "limits", 0, limits },
        { "hold", 0, hold },
        { "run", 1, run },
        { "put", 2, put },
        { "remove", 1, take_away },
        { "start", 1, start },
        { "stop", 1, stop },
        { "journal", 1, journal },
        { "listeners", 1, listeners },
};

static int act(struct session *s, char **words)
{
        while (*words) {
                int r = -EINVAL;

                for (size_t i = 0; i < COUNT(actions); i++)
                        if (strcmp(actions[i].name, *words) == 0) {
                                r = actions[i].act(s, words + 1);
                                words += 1 + actions[i].words;
                                break;
                        }
                fflush(stdout);
                if (r < 0)
                        return s->e.code ? r
                                         : err_say(&s->e, r, "no such action, or it failed: %s",
                                                   *words);
        }
        return 0;
}

static void show_progress(void *userdata, const char *step, const char *detail)
{
        (void)userdata;
        if (getenv("PROGRESS"))
                fprintf(stderr, "%s: %s\n", step, detail ? detail : "");
}

int main(int argc, char **argv)
{
        struct twin_options o = { 0 };
        struct job job;
        struct session s = { .job = &job };
        int i = 1, r;

        for (; i < argc && argv[i][0] == '-'; i++) {
                if (strcmp(argv[i], "--no-bpf") == 0)
                        o.no_bpf = true;
                else if (strcmp(argv[i], "--root") == 0 && i + 1 < argc)
                        o.root = argv[++i];
                else if (strcmp(argv[i], "--memory") == 0 && i + 1 < argc)
                        o.memory = strtoull(argv[++i], NULL, 10) << 20;
                else if (strcmp(argv[i], "--timeout") == 0 && i + 1 < argc)
                        o.boot_timeout = strtoull(argv[++i], NULL, 10) * 1000000;
        }
        r = job_open(&job, &s.e);
        if (r == 0) {
                job.progress = show_progress;
                s.took = job_now();
                r = twin_open(&o, &job, &s.stage, &s.e);
                s.took = job_now() - s.took;
        }
        if (r == 0)
                r = act(&s, argv + i);
        stage_close(s.stage);
        job_done(&job);
        if (r != 0)
                fprintf(stderr, "twin_driver: %d: %s\n", r, s.e.text);
        return r == 0 ? 0 : r > 0 ? 1 : 3;
}
