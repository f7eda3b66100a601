/* guard_arm.c - the dead man's switch is set, and then the change laid down. */
#include "core/stage/guard_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char script_path[] =
        "/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin:/run/current-system/sw/sbin";
static const uint64_t AGAIN = 15000000, LOOK_EVERY = 5000000;
static const uint64_t PATIENCE = 3000000, LOOK_AGAIN = 100000;

static uint64_t now_realtime(void)
{
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* What the timer runs: the script; or, if gird was killed before that was there, a broom.  Names of
 * units hold nothing that ends a quotation.  No '$', which systemd would expand, and no ';', which
 * it writes down (252) so that it reads something else when it reloads. */
static char *make_command(const char *unit, const char *timer)
{
        return text_format("[ -e '%s/%s/revert.sh' ] && exec /bin/sh '%s/%s/revert.sh' || "
                           "rm -rf '%s/%s' && systemctl stop '%s'",
                           GUARD_FOLDER, unit, GUARD_FOLDER, unit, GUARD_FOLDER, unit, timer);
}

static int start_timer(const struct guard_options *o, struct manager *m, struct job *job,
                       struct err *e)
{
        scoped(mem_freep) char *timer = guard_unit_name(o->unit, GUARD_TIMER);
        scoped(mem_freep) char *service = guard_unit_name(o->unit, GUARD_SERVICE);
        scoped(mem_freep) char *about = text_format("Takes back what gird applied to %s", o->unit);
        scoped(mem_freep) char *command = timer ? make_command(o->unit, timer) : NULL;
        char *argv[] = { (char *)"/bin/sh", (char *)"-c", command, NULL };
        struct transient_timer t = {
                .timer = timer,
                .service = service,
                .description = about,
                .argv = argv,
                .after = o->next_start ? LOOK_EVERY : o->within,
                .again = o->next_start ? LOOK_EVERY : AGAIN,
        };

        uint64_t end = job_now() + PATIENCE;
        int r;

        if (!timer || !service || !about || !command)
                return err_set(e, -ENOMEM, "cannot guard %s", o->unit);
        /* One that has just ended is there for a moment longer. */
        while ((r = manager_arm(m, job, &t, e)) > 0 && job_now() < end) {
                manager_reset_failed(m, job, timer, NULL);
                manager_reset_failed(m, job, service, NULL);
                r = job_pause(job, LOOK_AGAIN);
                if (r < 0)
                        return err_say(e, r, "cancelled");
        }
        return r;
}

/* ---- arming ---- */

/* Who is behind this, also behind a sudo. */
static char *who(void)
{
        scoped(mem_freep) char *text = NULL;
        struct passwd entry, *found = NULL;
        char room[4096];
        uid_t uid = getuid();

        if (file_read(AT_FDCWD, "/proc/self/loginuid", 64, &text, NULL, NULL) == 0 &&
            strtoul(text, NULL, 10) < UINT32_MAX)
                uid = (uid_t)strtoul(text, NULL, 10);
        if (getpwuid_r(uid, &entry, room, sizeof(room), &found) == 0 && found)
                return text_printable_dup(found->pw_name);
        return text_format("user %u", (unsigned)uid);
}

int guard_refuse(const struct guard *g, struct err *e)
{
        time_t began = (time_t)(g->began / 1000000), until = (time_t)(g->until / 1000000);
        char since[16] = "?", then[16] = "?";
        struct tm tm;

        if (localtime_r(&began, &tm))
                strftime(since, sizeof(since), "%H:%M:%S", &tm);
        if (localtime_r(&until, &tm))
                strftime(then, sizeof(then), "%H:%M:%S", &tm);
        switch (g->state) {
        case GUARD_PENDING:
                if (g->until)
                        return err_say(e, 1,
                                       "%s has a change pending already, applied at %s by %s "
                                       "(gird, pid %ld) and reverted at %s unless confirmed: `gird "
                                       "confirm %s` or `gird revert %s` first",
                                       g->unit, since, g->who, g->pid, then, g->unit, g->unit);
                return err_say(e, 1,
                               "%s has a change pending already, applied at %s by %s (gird, pid "
                               "%ld), which waits for its next restart: `gird revert %s` takes it "
                               "back",
                               g->unit, since, g->who, g->pid, g->unit);
        case GUARD_CONFIRMED:
                return err_say(e, 1,
                               "%s has a change of %s by %s, confirmed and not saved: `gird save "
                               "%s` or `gird revert %s` first",
                               g->unit, since, g->who, g->unit, g->unit);
        case GUARD_REVERTING:
                return err_say(e, 1, "a change of %s is being taken back just now; wait a moment",
                               g->unit);
        case GUARD_FAILED:
                break;
        }
        return err_say(e, 1, "a change of %s could not be taken back (%s): `gird revert %s` first",
                       g->unit, g->said ? g->said : "it is not known why", g->unit);
}

static int describe(const struct guard_options *o, const struct unit_state *s, struct guard *ret,
                    struct err *e)
{
        *ret = (struct guard){
                .unit = strdup(o->unit),
                .dropin = guard_dropin_path(o->unit),
                .next_start = o->next_start,
                .sessions = o->sessions,
                .began = now_realtime(),
                .within = o->within,
                .pid = (long)getpid(),
                .who = who(),
                .invocation = strdup(s->invocation),
        };
        if (!ret->unit || !ret->dropin || !ret->who || !ret->invocation)
                return err_set(e, -ENOMEM, "cannot guard %s", o->unit);
        return 0;
}

static char *make_script(const struct guard_options *o, const struct guard *g)
{
        scoped(mem_freep) char *state = text_format("%s/%s", GUARD_FOLDER, o->unit);
        struct guard_script script = {
                .unit = o->unit,
                .state = state,
                .dropin = g->dropin,
                .invocation = g->invocation,
                .path = script_path,
                .made_folder = !guard_dropin_folder_exists(o->unit),
                .running = o->running,
                .next_start = o->next_start,
                .within = o->within,
                .marks = o->marks,
                .mark_count = o->mark_count,
        };

        return state ? guard_script_text(&script) : NULL;
}

/* A gird that slept for so long lays nothing down behind the guard's back. */
static int check_timer(const char *unit, struct manager *m, struct job *job, struct err *e)
{
        int timer = guard_runs(unit, GUARD_TIMER, m, job, e);

        if (timer == 0)
                return err_say(e, -ETIMEDOUT,
                               "the time to confirm the change of %s was over before it was laid "
                               "down",
                               unit);
        return timer < 0 ? timer : 0;
}

static int write_state(int folder, const struct guard_options *o, const struct guard *g,
                       struct err *e)
{
        scoped(mem_freep) char *script = make_script(o, g);
        int r = script ? guard_write(folder, g, script, o->dropin_text) : -ENOMEM;

        if (r == 0)
                r = guard_mark_pending(folder, o->unit);
        return r < 0 ? err_set(e, r,
                               "cannot keep what is needed to take the change back, with 18 MB in "
                               "reserve for systemd's own reload, in %s",
                               GUARD_FOLDER)
                     : 0;
}

/* The timer, state and script, the marker, and last the drop-in: whatever is there when gird ends
 * in between, the timer cleans it up. */
static int arm(int folder, const struct guard_options *o, const struct guard *g, struct manager *m,
               struct job *job, struct err *e)
{
        int r = start_timer(o, m, job, e);

        if (r > 0)
                return err_say(e, -EEXIST,
                               "the guard of %s is there already although nothing is pending; wait "
                               "a moment and try again",
                               o->unit);
        if (r == 0)
                r = write_state(folder, o, g, e);
        if (r == 0)
                r = check_timer(o->unit, m, job, e);
        if (r < 0)
                return r;
        r = guard_dropin_lay(folder, o->unit);
        return r < 0 ? err_set(e, r, "cannot write %s", g->dropin)
                     : check_timer(o->unit, m, job, e);
}

/* Nothing was reloaded yet, so that files are all there is to take back. */
static void disarm(int folder, const struct guard *g, struct manager *m, struct job *job)
{
        struct job last = { .event = job->event };

        if (guard_dropin_remove(g->unit) < 0 ||
            guard_turn(g->unit, GUARD_PENDING, GUARD_REVERTING) < 0)
                return; /* the timer does it */
        guard_stop(g->unit, GUARD_TIMER, m, &last, NULL);
        guard_remove(folder, g->unit);
}

int guard_arm(const struct guard_options *o, struct manager *m, struct job *job, struct err *e)
{
        scoped(guard_done) struct guard g = { 0 }, other = { 0 };
        scoped(unit_state_done) struct unit_state s = { 0 };
        scoped(fd_closep) int folder = -1;
        int r = guard_check_name(o->unit, e);

        if (r == 0)
                r = guard_lock(job, &folder, e);
        if (r == 0)
                r = guard_sweep_one(folder, o->unit, m, job, e);
        if (r < 0)
                return r;
        r = guard_read(folder, o->unit, &other, e);
        if (r <= 0)
                return r < 0 ? r : guard_refuse(&other, e);
        r = guard_check_room(e);
        if (r == 0)
                r = manager_state(m, job, o->unit, &s, e);
        if (r == 0)
                r = describe(o, &s, &g, e);
        if (r < 0)
                return r;
        r = arm(folder, o, &g, m, job, e);
        if (r < 0)
                disarm(folder, &g, m, job);
        return r;
}
