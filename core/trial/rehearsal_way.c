/* rehearsal_way.c - what starts the unit on a real machine: boot, a socket, a timer, a path, a name
 * on the bus.  On a stage the same thing is made to start it.
 *
 * What waits for something is given a thing of gird's own to wait for: a timer elapses at once, a
 * path unit watches one file more.  What the unit finds then is what it would find anyway. */
#include "core/trial/rehearsal_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define WAKE_FILE "/run/gird-wake"
#define BUS       "org.freedesktop.DBus"

enum { SERVICE_LIMIT = 1 << 20 };
static const uint64_t SOCKET_LIMIT = 20000000, WAKE_LIMIT = 5000000, KNOCK_LIMIT = 2000000,
                      BUS_LIMIT = 30000000, STOP_LIMIT = 20000000, POLL = 20000;

/* ---- what is enabled ---- */

static bool holds_link(const char *root, const char *folder, const char *name)
{
        scoped(mem_freep) char *path = text_format("%s/%s", folder, name);
        int fd = path ? open_in_root(root, path, O_PATH | O_NOFOLLOW) : -1;
        bool yes = fd >= 0;

        fd_closep(&fd);
        return yes;
}

/* Whether a target or another unit wants it, as enabling does. */
static bool is_wanted_in(const char *root, const char *base, const char *name)
{
        int fd = open_in_root(root, base, O_RDONLY | O_DIRECTORY);
        scoped(dir_closep) DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
        struct dirent *entry;

        if (!dir) {
                fd_closep(&fd);
                return false;
        }
        while ((entry = readdir(dir))) {
                scoped(mem_freep) char *folder = NULL;

                if (!text_ends(entry->d_name, ".wants") && !text_ends(entry->d_name, ".requires"))
                        continue;
                folder = text_format("%s/%s", base, entry->d_name);
                if (folder && holds_link(root, folder, name))
                        return true;
        }
        return false;
}

/* "/home/x/.config/systemd/user", where what a user enables is linked: two above his drop-ins, one
 * above a unit of his. */
static char *own_folder(const struct rehearsal *r)
{
        const char *path = r->o->dropin_path ? r->o->dropin_path : r->o->unit->facts.fragment;
        const char *end = path ? strrchr(path, '/') : NULL;

        if (end && r->o->dropin_path)
                end = memrchr(path, '/', (size_t)(end - path));
        return end ? strndup(path, (size_t)(end - path)) : NULL;
}

static bool is_wanted(const struct rehearsal *r, const char *name)
{
        static const char *const bases[][3] = {
                { "/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system" },
                { "/etc/systemd/user", "/usr/lib/systemd/user", "/lib/systemd/user" },
        };
        const char *root = r->stage->ops->root(r->stage);
        scoped(mem_freep) char *own = NULL;

        if (strv_has(r->wanted, name))
                return true;
        for (size_t i = 0; i < COUNT(bases[0]); i++)
                if (is_wanted_in(root, bases[is_of_user(r)][i], name))
                        return true;
        own = is_of_user(r) ? own_folder(r) : NULL;
        return own && is_wanted_in(root, own, name);
}

/* Booting starts it, whatever else does. */
static bool is_started_at_boot(const struct rehearsal *r)
{
        if (is_wanted(r, r->unit))
                return true;
        for (char **name = r->o->unit->facts.names; name && *name; name++)
                if (is_wanted(r, *name))
                        return true;
        return false;
}

/* The enabled units of that kind which start it: those that are known, and its namesake. */
static int find_starters(const struct rehearsal *r, const char *suffix, char ***ret)
{
        scoped(strv_freep) char **list = NULL;
        scoped(mem_freep) char *own = rehearsal_namesake(r, suffix);
        int k = own ? 0 : -ENOMEM;

        if (own && is_wanted(r, own))
                k = strv_add(&list, own);
        for (char **t = r->o->unit->facts.triggers; k >= 0 && t && *t; t++)
                if (text_ends(*t, suffix) && !strv_has(list, *t) && is_wanted(r, *t))
                        k = strv_add(&list, *t);
        if (k >= 0)
                *ret = take(list);
        return k;
}

static int note(struct rehearsal *r, char *text)
{
        scoped(mem_freep) char *words = text;

        if (!words)
                return -ENOMEM;
        return r->notes && !strv_has(*r->notes, words) ? strv_add(r->notes, words) : 0;
}

/* ---- sockets ---- */

/* What PID 1 listens on. */
static int read_doors(struct rehearsal *r, char ***ret)
{
        int k = r->stage->ops->listeners(r->stage, "/init.scope", ret, NULL);

        return k == -ENOMEM ? k : 0;
}

/* A socket that is not enabled here does not start the service here either. */
static int start_sockets(struct rehearsal *r, struct err *e)
{
        scoped(strv_freep) char **names = NULL, **before = NULL, **after = NULL;
        int k = find_starters(r, ".socket", &names);

        if (k >= 0 && names)
                k = read_doors(r, &before);
        for (char **name = names; k >= 0 && name && *name; name++) {
                const char *result = NULL;

                job_progress(r->job, "starting its socket", *name);
                k = manager_start(r->manager, r->job, *name, SOCKET_LIMIT, &result, e);
                if (k == -ECANCELED)
                        return k;
                if (k == 0)
                        k = strv_add(&r->sockets, *name);
                else
                        k = note(r, text_format("%s, which starts it, did not start itself: %s",
                                                *name, result ? result : "no answer"));
        }
        if (k >= 0 && r->sockets)
                k = read_doors(r, &after);
        for (char **door = after; k >= 0 && door && *door; door++)
                if (!strv_has(before, *door))
                        k = strv_add(&r->doors, *door);
        return k;
}

char *door_probe(const char *door)
{
        static const struct {
                const char *listener, *probe;
        } rows[] = {
                { "tcp 0.0.0.0:", "tcp:127.0.0.1:" },
                { "tcp6 [::]:", "tcp:[::1]:" },
                { "udp 0.0.0.0:", "udp:127.0.0.1:" },
                { "udp6 [::]:", "udp:[::1]:" },
                { "tcp6 ", "tcp:" },
                { "udp6 ", "udp:" },
                { "tcp ", "tcp:" },
                { "udp ", "udp:" },
                { "unix ", "unix:" },
        };

        for (size_t i = 0; i < COUNT(rows); i++)
                if (text_starts(door, rows[i].listener))
                        return text_format("%s%s", rows[i].probe, door + strlen(rows[i].listener));
        return NULL;
}

/* Whether anybody answers is no matter: systemd starts the service for whoever comes. */
static int knock(struct rehearsal *r, struct err *e)
{
        struct probe_place there = { .stage = r->stage,
                                     .job = r->job,
                                     .manager = r->manager,
                                     .unit = r->unit,
                                     .timeout = KNOCK_LIMIT };

        for (char **door = r->doors; door && *door; door++) {
                scoped(mem_freep) char *words = door_probe(*door);
                scoped(mem_freep) char *said = NULL;
                bool ok = false;
                int k;

                if (!words)
                        continue;
                k = probe_ask(&there, words, &ok, &said, e);
                if (k == -ECANCELED || k == -ENOMEM)
                        return k;
                if (ok)
                        return 0;
        }
        return 0;
}

/* ---- timers and paths ---- */

static int lay_drop_in(struct rehearsal *r, const char *text, struct err *e)
{
        scoped(mem_freep) char *path = text_format("%s/%s.d/zz-gird-wake.conf", rehearsal_folder(r),
                                                   r->by);
        int k = path ? rehearsal_put(r, path, text, e) : -ENOMEM;

        return k < 0 ? k : manager_reload(r->manager, r->job, e);
}

/* An empty assignment lets go of every time that it waits for. */
static int ready_timer(struct rehearsal *r, struct err *e)
{
        return lay_drop_in(r,
                           "[Timer]\nOnCalendar=\nOnActiveSec=1us\nAccuracySec=1us\n"
                           "RandomizedDelaySec=0\nPersistent=no\n",
                           e);
}

static int ready_path(struct rehearsal *r, struct err *e)
{
        return lay_drop_in(r, "[Path]\nPathChanged=" WAKE_FILE "\n", e);
}

/* Starts the timer or path unit; once that has started the service it has done its part, and is not
 * to do so again. */
static int start_by(struct rehearsal *r, struct err *e)
{
        const char *result = NULL;
        int k = manager_start(r->manager, r->job, r->by, SOCKET_LIMIT, &result, e);

        if (k == 0 && r->way == WAY_PATH)
                k = rehearsal_put(r, WAKE_FILE, "", e);
        return k == -ECANCELED || k == -ENOMEM ? k : 0;
}

static int stop_by(struct rehearsal *r)
{
        const char *result = NULL;
        int k = manager_stop(r->manager, r->job, r->by, SOCKET_LIMIT, &result, NULL);

        if (r->way == WAY_PATH)
                r->stage->ops->put(r->stage, WAKE_FILE, NULL, NULL);
        return k == -ECANCELED ? k : 0;
}

/* ---- the bus ---- */

/* Whether the bus has systemd start this very unit for the name. */
static int is_activated(const struct rehearsal *r, const char *name, bool *ret)
{
        static const char *const folders[] = { "/etc/dbus-1/system-services",
                                               "/usr/local/share/dbus-1/system-services",
                                               "/usr/share/dbus-1/system-services",
                                               "/lib/dbus-1/system-services" };

        *ret = false;
        for (size_t i = 0; i < COUNT(folders) && !is_of_user(r); i++) {
                scoped(mem_freep) char *path = text_format("%s/%s.service", folders[i], name);
                scoped(mem_freep) char *text = NULL;
                scoped(strv_freep) char **lines = NULL;
                int k = path ? 0 : -ENOMEM;

                if (k < 0)
                        return k;
                if (strchr(name, '/') ||
                    read_in_root(r->stage->ops->root(r->stage), path, SERVICE_LIMIT, &text) < 0)
                        continue;
                k = strv_split(text, "\n", &lines);
                for (char **line = lines; k >= 0 && line && *line; line++)
                        if (text_starts(*line, "SystemdService="))
                                *ret = strv_has(r->o->unit->facts.names, *line + 15) ||
                                       is(*line + 15, r->unit);
                return k;
        }
        return 0;
}

static int find_bus_name(struct rehearsal *r, struct err *e)
{
        scoped(unit_state_done) struct unit_state s = { 0 };
        bool activated = false;
        int k = manager_state(r->manager, r->job, r->unit, &s, e);

        if (k < 0 || !s.bus_name)
                return k;
        k = is_activated(r, s.bus_name, &activated);
        if (k < 0 || !activated)
                return k;
        r->way = WAY_BUS;
        r->by = take(s.bus_name);
        return 0;
}

static int call_by_name(struct rehearsal *r, struct err *e)
{
        char *argv[] = { (char *)"/usr/bin/busctl",
                         (char *)"--system",
                         (char *)"call",
                         (char *)BUS,
                         (char *)"/org/freedesktop/DBus",
                         (char *)BUS,
                         (char *)"StartServiceByName",
                         (char *)"su",
                         r->by,
                         (char *)"0",
                         NULL };
        scoped(run_result_done) struct run_result result = { 0 };
        int k = r->stage->ops->run(r->stage, r->job, argv, BUS_LIMIT, &result, e);

        return k == -ECANCELED || k == -ENOMEM ? k : 0;
}

/* ---- which way ---- */

static int find_by(struct rehearsal *r, enum way way, const char *suffix,
                   int (*ready)(struct rehearsal *, struct err *), struct err *e)
{
        scoped(strv_freep) char **list = NULL;
        int k = find_starters(r, suffix, &list);

        if (k < 0 || !list)
                return k;
        r->by = strdup(*list);
        if (!r->by)
                return -ENOMEM;
        r->way = way;
        return ready(r, e);
}

int rehearsal_way(struct rehearsal *r, struct err *e)
{
        int k = start_sockets(r, e);

        if (k < 0 || !is_private(r) || is_started_at_boot(r))
                return k;
        if (r->doors) {
                r->way = WAY_SOCKET;
                return 0;
        }
        k = find_by(r, WAY_TIMER, ".timer", ready_timer, e);
        if (k >= 0 && r->way == WAY_SYSTEMD)
                k = find_by(r, WAY_PATH, ".path", ready_path, e);
        if (k >= 0 && r->way == WAY_SYSTEMD)
                k = find_bus_name(r, e);
        return k;
}

/* ---- up to a start, and after it ---- */

static int stop(struct rehearsal *r, const char *name, struct err *e)
{
        const char *result = NULL;
        int k = manager_stop(r->manager, r->job, name, STOP_LIMIT, &result, e);

        return k == -ETIMEDOUT || k > 0 ? 0 : k;
}

int rehearsal_ready(struct rehearsal *r, const struct run *before, struct err *e)
{
        bool down = is(before->state.active, "inactive") || is(before->state.active, "failed");
        int k = down ? 0 : stop(r, r->unit, e);

        for (char **name = r->sockets; k >= 0 && name && *name; name++) {
                const char *result = NULL;

                k = manager_start(r->manager, r->job, *name, SOCKET_LIMIT, &result, e);
                if (k == -ETIMEDOUT)
                        k = 0; /* the unit will tell */
        }
        return k < 0 ? k : 0;
}

int rehearsal_rest(struct rehearsal *r, struct err *e)
{
        int k = 0;

        if (!r->sockets)
                return 0;
        for (char **name = r->sockets; k >= 0 && *name; name++)
                k = stop(r, *name, e);
        return k < 0 ? k : stop(r, r->unit, e);
}

/* ---- waking it ---- */

static const struct {
        const char *words;
        int (*wake)(struct rehearsal *r, struct err *e);
        int (*rest)(struct rehearsal *r);
} ways[] = {
        [WAY_SYSTEMD] = { NULL, NULL, NULL },
        [WAY_SOCKET] = { "its socket", knock, NULL },
        [WAY_TIMER] = { "its timer", start_by, stop_by },
        [WAY_PATH] = { "its path unit", start_by, stop_by },
        [WAY_BUS] = { "its name on the bus", call_by_name, NULL },
};

/* 0: it is starting, up, or was; 1: not within the time. */
static int await(struct rehearsal *r, const char *before, struct err *e)
{
        uint64_t end = job_now() + WAKE_LIMIT;
        int k = 0;

        while (k >= 0) {
                struct unit_state s = { 0 };
                bool begun;

                k = manager_state(r->manager, r->job, r->unit, &s, e);
                begun = k >= 0 && !is(s.invocation, before);
                unit_state_done(&s);
                if (begun)
                        return 0;
                if (k >= 0 && job_now() > end)
                        return 1;
                if (k >= 0)
                        k = job_pause(r->job, POLL);
        }
        return k;
}

int rehearsal_wake(struct rehearsal *r, const struct run *before, struct err *e)
{
        int k, rested = 0;

        if (r->way == WAY_SYSTEMD)
                return 1;
        job_progress(r->job, "waking it by", r->by ? r->by : *r->doors);
        k = ways[r->way].wake(r, e);
        if (k >= 0)
                k = await(r, before->state.invocation, e);
        if (ways[r->way].rest)
                rested = ways[r->way].rest(r);
        if (k < 0 || rested < 0)
                return k < 0 ? k : rested;
        if (note(r, text_format(k == 0 ? "it was started by %s %s, as on the machine"
                                       : "%s %s did not start it, so systemd was asked to",
                                ways[r->way].words, r->by ? r->by : *r->sockets)) < 0)
                return err_set(e, -ENOMEM, "cannot start %s", r->unit);
        return k;
}
