/* prepare.c - what has to be on the stage before the unit can start there, and its undoing. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define RUN_UNITS "/run/systemd/system/"
#define HOLD      "gird-hold.target"

enum { UNIT_LIMIT = 16 << 20 };
static const uint64_t HOLD_LIMIT = 10000000, SOCKET_LIMIT = 20000000, UNDO_LIMIT = 10000000;

/* "nginx.socket" for "nginx.service". */
static char *socket_name(const struct rehearsal *r)
{
        return text_format("%.*s.socket", (int)(strlen(r->unit) - strlen(".service")), r->unit);
}

/* ---- the unit itself ---- */

static int put(struct rehearsal *r, const char *path, const char *text, struct err *e)
{
        int k = r->stage->ops->put(r->stage, path, text, e);

        return k < 0 ? k : strv_add(&r->brought, path);
}

static int bring_file(struct rehearsal *r, const char *from, const char *to, struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        int k = to ? read_in_root(r->stage->ops->root(r->stage), from, UNIT_LIMIT, &text) : -ENOMEM;

        if (k == -ENOENT) /* /tmp and /run of a stage are its own */
                k = read_in_root(r->o->root, from, UNIT_LIMIT, &text);
        if (k < 0)
                return err_set(e, k, "cannot read %s", from);
        return put(r, to, text, e);
}

/* The socket unit beside it, if there is one. */
static int bring_socket(struct rehearsal *r, struct err *e)
{
        const char *fragment = r->o->unit->facts.fragment;
        size_t stem = strlen(fragment) - strlen(".service");
        scoped(mem_freep) char *from = text_format("%.*s.socket", (int)stem, fragment);
        scoped(mem_freep) char *name = socket_name(r);
        scoped(mem_freep) char *to = name ? text_format(RUN_UNITS "%s", name) : NULL;
        struct err ignored = { 0 };
        int k;

        if (!text_ends(fragment, ".service"))
                return 0;
        if (!from || !to)
                return err_set(e, -ENOMEM, "cannot look for a socket of %s", r->unit);
        k = bring_file(r, from, to, &ignored);
        if (k == -ENOENT)
                return 0;
        if (k < 0)
                return err_say(e, k, "%s", ignored.text);
        return strv_add(&r->wanted, name);
}

/* A unit given as the path of a file is unknown to the stage's systemd: it and its drop-ins are
 * laid where it looks. */
static int bring_unit(struct rehearsal *r, struct err *e)
{
        const struct unit_facts *facts = &r->o->unit->facts;
        scoped(mem_freep) char *to = text_format(RUN_UNITS "%s", r->unit);
        int k = bring_file(r, facts->fragment, to, e);

        for (char **file = facts->dropins; k >= 0 && file && *file; file++) {
                const char *name = strrchr(*file, '/') ? strrchr(*file, '/') + 1 : *file;
                scoped(mem_freep) char *there = text_format(RUN_UNITS "%s.d/%s", r->unit, name);

                k = bring_file(r, *file, there, e);
        }
        if (k >= 0)
                k = bring_socket(r, e);
        return k < 0 ? k : manager_reload(r->manager, r->job, e);
}

static const char *load_words(const char *load)
{
        static const struct {
                const char *load, *words;
        } rows[] = {
                { "masked", "it is masked on the stage" },
                { "not-found", "systemd on the stage does not find it" },
                { "bad-setting", "systemd refuses its settings as they are, without any change" },
                { "error", "systemd cannot load it" },
        };

        for (size_t i = 0; i < COUNT(rows); i++)
                if (strcmp(rows[i].load, load) == 0)
                        return rows[i].words;
        return "systemd on the stage did not load it";
}

static int load_unit(struct rehearsal *r, char **ret_why, struct err *e)
{
        scoped(unit_state_done) struct unit_state first = { 0 }, second = { 0 };
        const char *load = first.load;
        int k = manager_state(r->manager, r->job, r->unit, &first, e);

        if (k < 0)
                return k;
        if (strcmp(first.load, "not-found") == 0 && r->o->unit->facts.fragment) {
                k = bring_unit(r, e);
                if (k >= 0)
                        k = manager_state(r->manager, r->job, r->unit, &second, e);
                if (k < 0)
                        return k;
                load = second.load;
        }
        if (strcmp(load, "loaded") == 0)
                return 0;
        *ret_why = strdup(load_words(load));
        return *ret_why ? 1 : -ENOMEM;
}

/* One empty assignment resets conditions of every kind, and likewise for assertions. */
static int reset_conditions(struct rehearsal *r, struct err *e)
{
        static const char text[] = "[Unit]\nConditionPathExists=\nAssertPathExists=\n";
        scoped(mem_freep) char *path = text_format(RUN_UNITS "%s.d/zz-gird-conditions.conf",
                                                   r->unit);

        return path ? put(r, path, text, e) : -ENOMEM;
}

/* systemd forgets a unit that has ended, and with it how it ended, unless another one names it.
 * A target that comes after it does so, and pulls in nothing. */
static int hold_unit(struct rehearsal *r, struct err *e)
{
        scoped(mem_freep) char *text = text_format(
                "[Unit]\nDescription=gird keeps %s in memory\nDefaultDependencies=no\nAfter=%s\n",
                r->unit, r->unit);
        const char *result = NULL;
        int k = text ? put(r, RUN_UNITS HOLD, text, e) : -ENOMEM;

        if (k >= 0)
                k = manager_reload(r->manager, r->job, e);
        if (k >= 0)
                k = manager_start(r->manager, r->job, HOLD, HOLD_LIMIT, &result, e);
        return k > 0 ? err_say(e, -EIO, "cannot keep %s in memory: %s", r->unit, result) : k;
}

/* ---- its sockets ---- */

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

static bool is_wanted(const char *root, const char *name)
{
        return is_wanted_in(root, "/etc/systemd/system", name) ||
               is_wanted_in(root, "/usr/lib/systemd/system", name) ||
               is_wanted_in(root, "/lib/systemd/system", name);
}

/* The socket units that start it: those that are known, and the one of its own name. */
static int find_sockets(struct rehearsal *r, char ***ret)
{
        scoped(strv_freep) char **list = NULL;
        scoped(mem_freep) char *own = socket_name(r);
        int k = own ? strv_add(&list, own) : -ENOMEM;

        for (char **t = r->o->unit->facts.triggers; k >= 0 && t && *t; t++)
                if (text_ends(*t, ".socket") && !strv_has(list, *t))
                        k = strv_add(&list, *t);
        if (k >= 0)
                *ret = take(list);
        return k;
}

/* A socket that is not enabled here does not start the service here either. */
static int start_sockets(struct rehearsal *r, char ***notes, struct err *e)
{
        const char *root = r->stage->ops->root(r->stage);
        scoped(strv_freep) char **names = NULL;
        int k = find_sockets(r, &names);

        for (char **name = names; k >= 0 && name && *name; name++) {
                const char *result = NULL;

                if (!is_wanted(root, *name) && !strv_has(r->wanted, *name))
                        continue;
                job_progress(r->job, "starting its socket", *name);
                k = manager_start(r->manager, r->job, *name, SOCKET_LIMIT, &result, e);
                if (k == -ECANCELED)
                        return k;
                if (k == 0)
                        k = strv_add(&r->sockets, *name);
                else
                        k = strv_addf(notes, "%s, which starts it, did not start itself: %s", *name,
                                      result ? result : "no answer");
        }
        return k;
}

int rehearsal_prepare(struct rehearsal *r, char **ret_why, char ***notes, struct err *e)
{
        int k = load_unit(r, ret_why, e);

        if (k == 0 && r->o->ignore_conditions)
                k = reset_conditions(r, e);
        if (k == 0)
                k = hold_unit(r, e);
        if (k == 0)
                k = start_sockets(r, notes, e);
        if (k == -ENOMEM)
                return err_set(e, k, "cannot prepare the trial");
        return k;
}

/* ---- undoing ---- */

static void remove_files(struct rehearsal *r)
{
        bool any = r->put || (r->brought && *r->brought);

        if (r->put)
                r->stage->ops->put(r->stage, r->o->dropin_path, r->previous, NULL);
        for (char **path = r->brought; path && *path; path++)
                r->stage->ops->put(r->stage, *path, NULL, NULL);
        if (any)
                manager_reload(r->manager, r->job, NULL);
}

/* A twin is thrown away, so that nobody who cancels has to wait for its tidying. */
static bool is_thrown_away(const struct rehearsal *r)
{
        return r->job->cancelled && strcmp(r->stage->ops->name, "twin") == 0;
}

void rehearsal_undo(struct rehearsal *r)
{
        bool cancelled = r->job->cancelled;

        if (r->manager && !is_thrown_away(r)) {
                const char *result = NULL;

                r->job->cancelled = false; /* waits must work again, each within bounds */
                manager_stop(r->manager, r->job, r->unit, UNDO_LIMIT, &result, NULL);
                for (char **socket = r->sockets; socket && *socket; socket++)
                        manager_stop(r->manager, r->job, *socket, UNDO_LIMIT, &result, NULL);
                if (r->brought)
                        manager_stop(r->manager, r->job, HOLD, UNDO_LIMIT, &result, NULL);
                remove_files(r);
                manager_reset_failed(r->manager, r->job, r->unit, NULL);
                r->job->cancelled |= cancelled;
        }
        free(r->previous);
        free(r->cursor);
        logs_done(&r->logs);
        strv_free(r->sockets);
        strv_free(r->wanted);
        strv_free(r->brought);
}
