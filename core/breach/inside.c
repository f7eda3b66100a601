/* inside.c - a program in the sandbox of a unit: dressed, started by the stage's systemd, waited
 * for, and everything as before. */
#include "core/breach/inside_private.h"

#include "core/base/mem.h"
#include "core/profile/dropin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

enum { DROPIN_LIMIT = 16 << 20, STATUS_SYSTEMD = 200 };
static const uint64_t TIMEOUT = 30000000, START_LIMIT = 70000000, POLL = 10000, POLL_MOST = 200000;

struct inside {
        const struct inside_options *o;
        struct rehearsal r; /* the unit on the stage, as trials have it */
        struct sandbox *after;
        int root, folder, terminal;
        struct place place;
        struct stream streams[2];
        struct feed feed;
        char *cursor; /* of the journal */
};

void inside_done(struct inside_result *r)
{
        free(r->out);
        free(r->errors);
        free(r->why);
        *r = (struct inside_result){ 0 };
}

/* ---- getting ready ---- */

static int open_folder(struct inside *i, struct err *e)
{
        struct stat st;

        i->root = inside_root(i->r.stage, e);
        if (i->root < 0)
                return i->root;
        i->folder = openat(i->root, &INSIDE_FOLDER[1],
                           O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (i->folder < 0 || fstat(i->folder, &st) < 0)
                return err_set(e, -errno, "cannot open " INSIDE_FOLDER " in the twin");
        if (st.st_uid != 0 || (st.st_mode & 022))
                return err_say(e, -EPERM, INSIDE_FOLDER " in the twin is not root's alone");
        return 0;
}

static int lay_profile(struct inside *i, struct err *e)
{
        struct rehearsal *r = &i->r;
        struct dropin_options options = { .dialect = i->o->dialect,
                                          .known = i->o->known,
                                          .unit = i->o->unit };
        scoped(mem_freep) char *text = NULL;
        int k = dropin_render(i->o->profile, &options, &text, e);

        if (k < 0)
                return k;
        k = read_in_root(r->stage->ops->root(r->stage), i->o->dropin_path, DROPIN_LIMIT,
                         &r->previous);
        if (k < 0 && k != -ENOENT)
                return err_set(e, k, "cannot read %s in the twin", i->o->dropin_path);
        r->put = true;
        return r->stage->ops->put(r->stage, i->o->dropin_path, text, e);
}

static int lay_ours(struct inside *i, struct err *e)
{
        const struct inside_options *o = i->o;
        struct inside_lines lines = { .after = i->after,
                                      .dialect = o->dialect,
                                      .terminal = o->terminal,
                                      .term = o->term,
                                      .has_input = o->has_input,
                                      .path = o->argv ? o->argv[0] : i->place.path,
                                      .words = o->argv ? o->argv + 1 : o->words,
                                      .bind = i->place.bind };
        scoped(mem_freep) char *text = NULL;
        scoped(mem_freep) char *path = text_format("%s/%s.d/zz-gird-inside.conf",
                                                   rehearsal_folder(&i->r), i->r.unit);
        int k = path ? inside_dropin(&lines, &text) : -ENOMEM;

        if (k == -E2BIG)
                return err_say(e, k, "the command is too long: systemd reads lines of 1 MiB");
        if (k < 0)
                return err_set(e, k, "cannot write the drop-in");
        return rehearsal_put(&i->r, path, text, e);
}

static int open_streams(struct inside *i, struct err *e)
{
        static const char *const names[] = { "out", "errors" };
        int k = 0;

        for (int n = 0; k >= 0 && !i->o->terminal && n < 2; n++)
                k = stream_open(i->o, i->folder, names[n], n + 1, i->r.job, &i->streams[n]);
        if (k >= 0 && !i->o->terminal && i->o->has_input)
                k = feed_open(i->folder, "in", i->o->input, &i->feed);
        return k < 0 ? err_set(e, k, "cannot make a pipe in the twin") : 0;
}

/* Our own end of the other side of the terminal: with it open, it doesn't hang up between two who
 * open it. */
static int hold_terminal(struct inside *i, struct err *e)
{
        if (!i->o->terminal)
                return 0;
        i->terminal = openat(i->root, i->o->terminal + 1,
                             O_RDWR | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
        if (i->terminal < 0)
                return err_set(e, -errno, "cannot open %s in the twin", i->o->terminal);
        /* The systemd of a user opens it as that user. */
        if (is_of_user(&i->r) && fchmod(i->terminal, 0666) < 0)
                return err_set(e, -errno, "cannot open %s to its user", i->o->terminal);
        return 0;
}

/* 1: the unit cannot be had there; *ret_why says so. */
static int prepare(struct inside *i, char **ret_why, struct err *e)
{
        const struct inside_options *o = i->o;
        int k = rehearsal_load(&i->r, ret_why, e);

        if (k != 0)
                return k;
        k = open_folder(i, e);
        if (k >= 0)
                k = open_streams(i, e);
        if (k >= 0)
                k = hold_terminal(i, e);
        if (k >= 0 && o->profile)
                k = profile_apply(o->profile, o->unit, o->dialect, &i->after);
        else if (k >= 0)
                k = sandbox_copy(o->unit, &i->after);
        if (k >= 0 && !o->argv)
                k = place_intruder(i->root, i->after, &i->place, e);
        if (k >= 0 && o->profile)
                k = lay_profile(i, e);
        if (k >= 0)
                k = lay_ours(i, e);
        return k < 0 ? k : manager_reload(i->r.manager, i->r.job, e);
}

/* ---- running ---- */

static bool has_ended(const struct unit_state *s)
{
        return is(s->active, "inactive") || is(s->active, "failed") || is(s->sub, "exited");
}

static int wait_end(struct inside *i, struct run *run, uint64_t end, struct err *e)
{
        uint64_t pause = POLL;
        int k = rehearsal_look(&i->r, run, e);

        while (k >= 0 && !has_ended(&run->state)) {
                if (job_now() >= end)
                        return -ETIMEDOUT;
                k = job_pause(i->r.job, pause);
                pause = pause * 2 < POLL_MOST ? pause * 2 : POLL_MOST;
                if (k >= 0)
                        k = rehearsal_look(&i->r, run, e);
        }
        return k;
}

/* Statuses above 200 are systemd's own when it could not get as far as the program, and then it
 * logs the step at which it failed; the program itself may end with any of them. */
static bool failed_at_step(const struct run *run)
{
        for (size_t n = 0; n < run->journal.count; n++)
                if (run->journal.lines[n].message &&
                    strstr(run->journal.lines[n].message, "Failed at step "))
                        return true;
        return false;
}

/* Whether the program itself was reached. */
static bool was_started(const struct run *run, const char *job_result)
{
        const struct unit_state *s = &run->state;

        if (!job_result)
                return true;
        if (!s->main_code || !is(job_result, "failed"))
                return false;
        if (s->main_code != CLD_EXITED || s->main_status < STATUS_SYSTEMD)
                return true;
        return !failed_at_step(run);
}

static int read_journal(struct inside *i, struct run *run, struct err *e)
{
        struct stage *stage = i->r.stage;

        return stage->ops->journal(stage, i->r.unit, &i->cursor, &run->journal, e);
}

static int collect(struct inside *i, struct inside_result *ret, struct err *e)
{
        int k = 0;

        for (int n = 0; n < 2; n++)
                stream_drain(&i->streams[n]);
        k = stream_take(&i->streams[0], &ret->out);
        if (k >= 0)
                k = stream_take(&i->streams[1], &ret->errors);
        return k < 0 ? err_set(e, k, "cannot keep what it printed") : 0;
}

static int judge(struct inside *i, struct run *run, const char *job_result,
                 struct inside_result *ret, struct err *e)
{
        int k = 0;

        ret->code = run->state.main_code;
        ret->status = run->state.main_status;
        memcpy(ret->result, run->state.result, sizeof(ret->result));
        if (job_result)
                k = read_journal(i, run, e);
        if (k >= 0 && !was_started(run, job_result))
                k = inside_why(run, job_result, i->after, i->o->dialect,
                               i->o->argv ? i->o->argv[0] : i->place.path, &ret->why);
        return k < 0 ? err_set(e, k, "cannot say what became of it") : 0;
}

static int start_and_wait(struct inside *i, struct run *run, struct inside_result *ret,
                          struct err *e)
{
        uint64_t timeout = i->o->timeout ? i->o->timeout : TIMEOUT;
        uint64_t now = job_now(), end = timeout > JOB_FOREVER - now ? JOB_FOREVER : now + timeout;
        const char *result = NULL;
        int k = manager_start(i->r.manager, i->r.job, i->r.unit, START_LIMIT, &result, e);

        if (k == -ETIMEDOUT)
                result = "timeout";
        else if (k < 0 && k != -ECANCELED && rehearsal_look(&i->r, run, NULL) == 0 &&
                 !is(run->state.load, "loaded"))
                result = "invalid";
        else if (k < 0)
                return k;
        else if (k == 0)
                result = NULL;
        run->started = !result;
        feed_opened(&i->feed);
        k = result ? rehearsal_look(&i->r, run, e) : wait_end(i, run, end, e);
        if (k < 0 && k != -ETIMEDOUT)
                return k;
        if (k == -ETIMEDOUT) {
                *ret = (struct inside_result){ .code = CLD_KILLED, .status = SIGKILL };
                snprintf(ret->result, sizeof(ret->result), "timeout");
                return 0;
        }
        return judge(i, run, result, ret, e);
}

static int run_all(struct inside *i, struct inside_result *ret, struct err *e)
{
        scoped(run_done) struct run run = { 0 };
        int k = prepare(i, &ret->why, e);

        if (k > 0)
                return 0;
        if (k < 0)
                return k;
        /* Only the end of the journal is wanted: what comes from here on. */
        k = read_journal(i, &run, e);
        journal_done(&run.journal);
        if (k < 0)
                return k;
        k = start_and_wait(i, &run, ret, e);
        return k < 0 ? k : collect(i, ret, e);
}

static void undo(struct inside *i)
{
        rehearsal_undo(&i->r); /* first: what it started may still run */
        place_undo(&i->place);
        feed_done(&i->feed);
        for (int n = 0; n < 2; n++)
                stream_done(&i->streams[n]);
        fd_closep(&i->terminal);
        if (i->folder >= 0) {
                static const char *const names[] = { "out", "errors", "in", "here" };

                for (size_t n = 0; n < COUNT(names); n++)
                        unlinkat(i->folder, names[n], 0);
                unlinkat(i->root, &INSIDE_FOLDER[1], AT_REMOVEDIR);
                close(i->folder);
        }
        fd_closep(&i->root);
        sandbox_free(i->after);
        free(i->cursor);
}

int inside_run(const struct inside_options *o, struct stage *stage, struct job *job,
               struct inside_result *ret, struct err *e)
{
        struct trial_options t = { .unit = o->unit,
                                   .profile = o->profile,
                                   .dialect = o->dialect,
                                   .known = o->known,
                                   .dropin_path = o->dropin_path,
                                   .root = o->root };
        struct inside i = { .o = o,
                            .r = { .o = &t,
                                   .stage = stage,
                                   .job = job,
                                   .manager = stage->ops->manager(stage),
                                   .unit = o->unit->unit },
                            .root = -1,
                            .folder = -1,
                            .terminal = -1,
                            .place = PLACE_NONE,
                            .streams = { STREAM_NONE, STREAM_NONE },
                            .feed = FEED_NONE };
        struct inside_result result = { 0 };
        struct err own = { 0 };
        int k;

        job_progress(job, o->argv ? "entering" : "sending the intruder into", o->unit->unit);
        k = run_all(&i, &result, &own);
        undo(&i);
        if (k < 0) {
                inside_done(&result);
                if (e && own.code)
                        *e = own;
                else
                        err_set(e, k, "cannot start anything in the sandbox of %s", o->unit->unit);
                return k;
        }
        *ret = result;
        return 0;
}

int inside_terminal(struct stage *stage, int *ret_fd, char **ret_name, struct err *e)
{
        scoped(fd_closep) int root = inside_root(stage, e);
        scoped(fd_closep) int fd = -1;
        unsigned number = 0;
        int unlocked = 0;

        if (root < 0)
                return root;
        fd = openat(root, "dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0 || ioctl(fd, TIOCGPTN, &number) < 0 || ioctl(fd, TIOCSPTLCK, &unlocked) < 0)
                return err_set(e, -errno, "cannot make a terminal in the twin");
        *ret_name = text_format("/dev/pts/%u", number);
        if (!*ret_name)
                return err_set(e, -ENOMEM, "cannot make a terminal in the twin");
        *ret_fd = take_fd(fd);
        return 0;
}
