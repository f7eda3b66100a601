/* store_save.c - the persistent drop-in: written, listed, taken back. */
#include "core/profile/store_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/profile_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* The unit's drop-in folder, /etc/systemd/system/UNIT.d, and the one that holds it. */
struct place {
        char *path; /* of the drop-in, with the root */
        int above;
        int folder; /* -1: it is not there */
        char *name; /* "UNIT.d" */
};
#define PLACE_NONE                                                                                 \
        {                                                                                          \
                NULL, -1, -1, NULL                                                                 \
        }

static void place_done(struct place *p)
{
        fd_closep(&p->folder);
        fd_closep(&p->above);
        free(p->path);
        free(p->name);
        *p = (struct place)PLACE_NONE;
}

/* "/etc/systemd/system/UNIT.d/50-gird.conf" -> "/etc/systemd/system" and "UNIT.d" */
static int split(const char *path, char **ret_above, char **ret_name)
{
        const char *file = strrchr(path, '/');
        const char *folder = file ? memrchr(path, '/', (size_t)(file - path)) : NULL;

        if (!folder)
                return -EINVAL;
        *ret_above = strndup(path, (size_t)(folder - path));
        *ret_name = strndup(folder + 1, (size_t)(file - folder - 1));
        return *ret_above && *ret_name ? 0 : -ENOMEM;
}

/* path: the drop-in's, below the root. */
static int open_place(const struct store *s, int root, const char *path, bool make,
                      struct place *ret, bool *ret_made, struct err *e)
{
        scoped(place_done) struct place p = PLACE_NONE;
        scoped(mem_freep) char *above = NULL;
        int r;

        p.path = store_above(s, path);
        r = p.path ? split(path, &above, &p.name) : -ENOMEM;
        if (r == 0)
                r = store_folder(root, above, make, &p.above);
        if (r == 0)
                r = store_step(p.above, p.name, make ? 0755 : 0, &p.folder, ret_made);
        if (r == -ELOOP)
                return err_say(
                        e, r,
                        "the folder of %s is a symbolic link or no folder; gird does not write "
                        "there",
                        p.path);
        if (r == -ENOENT && !make)
                r = 0;
        if (r < 0)
                return err_set(e, r, "cannot open the folder of %s", p.path ? p.path : path);
        *ret = p;
        p = (struct place)PLACE_NONE;
        return 0;
}

/* What is at the drop-in's path now. */
static int look(const struct place *p, struct blob *ret, struct err *e)
{
        int r = 0;

        *ret = (struct blob){ 0 };
        if (p->folder >= 0)
                r = store_file_get(p->folder, DROPIN_NAME, ret);
        if (r == -ELOOP)
                return err_say(e, r, "%s is not a regular file; gird leaves it alone", p->path);
        return r < 0 ? err_set(e, r, "cannot read %s", p->path) : 0;
}

/* Removes the folder that a save made, unless someone else keeps something there. */
static int leave_folder(const struct place *p)
{
        store_file_sweep(p->folder, DROPIN_NAME);
        if (unlinkat(p->above, p->name, AT_REMOVEDIR) < 0)
                return errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT ? 0 : -errno;
        return fsync(p->above) < 0 && errno != EINVAL ? -errno : 0;
}

/* Back to before the entry, whatever is there now.  Doing it twice changes nothing. */
static int restore(const struct place *p, const struct record *r)
{
        int result = 0;

        if (p->folder < 0)
                return 0;
        if (r->before.present)
                return store_file_put(p->folder, DROPIN_NAME, &r->before);
        result = store_file_remove(p->folder, DROPIN_NAME);
        store_file_sweep(p->folder, DROPIN_NAME);
        return result == 0 && r->made_folder ? leave_folder(p) : result;
}

/* The newest entry.  1: there is none. */
static int newest(const struct store *s, const struct site *site, const char *unit,
                  struct record *ret, struct err *e)
{
        scoped(mem_freep) unsigned *numbers = NULL;
        size_t count = 0;
        int r = record_numbers(site, &numbers, &count);

        if (r < 0)
                return err_set(e, r, "cannot read the history of %s", unit);
        return count == 0 ? 1 : record_read(site, s, unit, numbers[0], ret, e);
}

/* A save or an undo that was killed is brought to an end: the drop-in itself says how far it
 * came.  Answers 1 when an undo was finished that way. */
static int settle(const struct store *s, const struct site *site, const char *unit, struct err *e)
{
        for (;;) {
                scoped(record_done) struct record record = { 0 };
                scoped(place_done) struct place place = PLACE_NONE;
                scoped(blob_done) struct blob now = { 0 };
                bool was_pending;
                int r = newest(s, site, unit, &record, e);

                if (r != 0)
                        return r < 0 ? r : 0;
                r = open_place(s, site->root, record.path, false, &place, NULL, e);
                if (r == 0)
                        r = look(&place, &now, e);
                if (r < 0)
                        return r;
                was_pending = record.pending;
                record.pending = false;
                if (blob_same(&now, &record.after) || !blob_same(&now, &record.before)) {
                        r = was_pending ? record_mark(site, &record) : 0;
                        return r < 0 ? err_set(e, r, "cannot complete the history of %s", unit) : 0;
                }
                r = restore(&place, &record);
                if (r == 0)
                        r = record_remove(site, record.number);
                if (r < 0)
                        return err_set(e, r, "cannot complete the history of %s", unit);
                if (!was_pending)
                        return 1;
        }
}

/* ---- save ---- */

static int next_number(const struct site *site, unsigned *ret)
{
        scoped(mem_freep) unsigned *numbers = NULL;
        size_t count = 0;
        int r = record_numbers(site, &numbers, &count);

        if (r == 0)
                *ret = count ? numbers[0] + 1 : 1;
        return r;
}

static int describe(const struct site *site, const struct profile *p, const char *path,
                    const char *text, struct record *record)
{
        char now[TIME_ROOM];

        profile_time(now, sizeof(now));
        record->pending = true;
        record->when = strdup(now);
        record->path = strdup(path);
        record->verdict = strdup(verdict_name(p->verdict));
        record->after = (struct blob){ .present = true,
                                       .bytes = strdup(text),
                                       .length = strlen(text),
                                       .mode = 0644,
                                       .uid = geteuid(),
                                       .gid = getegid() };
        if (!record->when || !record->path || !record->verdict || !record->after.bytes)
                return -ENOMEM;
        return next_number(site, &record->number);
}

/* A file of ours keeps its mode and owner. */
static void keep_ownership(struct record *record)
{
        if (!record->before.present)
                return;
        record->after.mode = record->before.mode;
        record->after.uid = record->before.uid;
        record->after.gid = record->before.gid;
}

/* Entry, drop-in, mark: see store.h. */
static int write_all(const struct store *s, const struct site *site, struct record *record,
                     struct err *e)
{
        scoped(place_done) struct place place = PLACE_NONE;
        int r = record_write(site, record);

        if (r < 0) {
                record_remove(site, record->number);
                return err_set(e, r, "cannot write the history of the unit in %s", s->state);
        }
        r = open_place(s, site->root, record->path, true, &place, NULL, e);
        if (r == 0) {
                r = store_file_put(place.folder, DROPIN_NAME, &record->after);
                if (r < 0)
                        err_set(e, r, "cannot write %s", place.path);
        }
        if (r < 0) {
                /* The rename may have been done although its folder could not be synced. */
                if (restore(&place, record) == 0)
                        record_remove(site, record->number);
                return r;
        }
        record->pending = false;
        /* A mark that cannot be written is made up for by the next settle(). */
        record_mark(site, record);
        return 0;
}

/* What the save replaces; refused if that is not gird's. */
static int inspect(const struct store *s, const struct site *site, const char *path,
                   struct record *record, struct err *e)
{
        scoped(place_done) struct place place = PLACE_NONE;
        int r = open_place(s, site->root, path, false, &place, NULL, e);

        if (r == 0)
                r = look(&place, &record->before, e);
        if (r < 0)
                return r;
        if (record->before.present && !dropin_is_ours(record->before.bytes))
                return err_say(
                        e, -EEXIST,
                        "%s was not written by gird, so gird leaves it alone; move it away first",
                        place.path);
        record->made_folder = place.folder < 0;
        return 0;
}

static int dropin_path(const struct store *s, const char *unit, char **ret_full, struct err *e)
{
        int r = unit_dropin_path(s->units, unit, DROPIN_NAME, ret_full);

        return r < 0 ? err_set(e, r, "cannot tell where the drop-in of %s belongs", unit) : 0;
}

int store_save(struct store *s, const struct profile *p, const char *text, char **ret_path,
               struct err *e)
{
        scoped(site_done) struct site site = SITE_NONE;
        scoped(record_done) struct record record = { 0 };
        scoped(mem_freep) char *path = NULL;
        int r;

        if (!dropin_is_ours(text))
                return err_say(e, -EINVAL, "this text does not start as a drop-in of gird does");
        r = site_open(s, p->unit, true, &site, e);
        if (r == 0)
                r = dropin_path(s, p->unit, &path, e);
        if (r == 0)
                r = settle(s, &site, p->unit, e);
        if (r >= 0)
                r = inspect(s, &site, store_below(s, path), &record, e);
        if (r < 0)
                return r;
        r = describe(&site, p, store_below(s, path), text, &record);
        if (r < 0)
                return err_set(e, r, "cannot write the history of %s", p->unit);
        keep_ownership(&record);
        r = write_all(s, &site, &record, e);
        if (r < 0)
                return r;
        if (ret_path)
                *ret_path = take(path);
        return 0;
}

/* ---- history ---- */

void saved_free(struct saved *list, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                free(list[i].when);
                free(list[i].path);
                free(list[i].verdict);
        }
        free(list);
}

/* Whether the entry stands for a save that took place. */
static int took_place(const struct store *s, const struct site *site, const struct record *record,
                      struct err *e)
{
        scoped(place_done) struct place place = PLACE_NONE;
        scoped(blob_done) struct blob now = { 0 };
        int r;

        if (!record->pending)
                return 1;
        r = open_place(s, site->root, record->path, false, &place, NULL, e);
        if (r == 0)
                r = look(&place, &now, e);
        return r < 0 ? r : blob_same(&now, &record->after) || !blob_same(&now, &record->before);
}

/* 1: listed; 0: nothing to list. */
static int list_one(const struct store *s, const struct site *site, const char *unit,
                    unsigned number, struct saved *ret, struct err *e)
{
        scoped(record_done) struct record record = { 0 };
        int r = record_read(site, s, unit, number, &record, e);

        if (r == 0)
                r = took_place(s, site, &record, e);
        if (r <= 0)
                return r;
        ret->path = store_above(s, record.path);
        if (!ret->path)
                return err_set(e, -ENOMEM, "cannot list the history of %s", unit);
        ret->when = take(record.when);
        ret->verdict = take(record.verdict);
        ret->had_before = record.before.present;
        return 1;
}

int store_history(struct store *s, const char *unit, struct saved **ret, size_t *ret_count,
                  struct err *e)
{
        scoped(site_done) struct site site = SITE_NONE;
        scoped(mem_freep) unsigned *numbers = NULL;
        struct saved *list = NULL;
        size_t count = 0, used = 0;
        int r = site_open(s, unit, false, &site, e);

        if (r == 0) {
                r = record_numbers(&site, &numbers, &count);
                list = calloc(count + 1, sizeof(*list));
                if (r < 0 || !list) {
                        free(list);
                        return err_set(e, r < 0 ? r : -ENOMEM, "cannot list the history of %s",
                                       unit);
                }
        } else if (r != -ENOENT)
                return r;
        for (size_t i = 0; i < count; i++) {
                r = list_one(s, &site, unit, numbers[i], &list[used], e);
                if (r < 0) {
                        saved_free(list, used);
                        return r;
                }
                used += (size_t)r;
        }
        *ret = list;
        *ret_count = used;
        return 0;
}

/* ---- undo ---- */

static int undo(struct store *s, const struct site *site, const char *unit, bool force,
                const struct record *record, struct err *e)
{
        scoped(place_done) struct place place = PLACE_NONE;
        scoped(blob_done) struct blob now = { 0 };
        /* Bytes are brought back even where the whole folder has gone since. */
        int r = open_place(s, site->root, record->path, force && record->before.present, &place,
                           NULL, e);

        if (r == 0)
                r = look(&place, &now, e);
        if (r < 0)
                return r;
        if (!force && !blob_same(&now, &record->after))
                return err_say(
                        e, -EBUSY,
                        "%s was changed since gird wrote it; look at it, then use --force to "
                        "bring back what was there before",
                        place.path);
        r = restore(&place, record);
        if (r < 0)
                return err_set(e, r, "cannot bring back %s", place.path);
        r = record_remove(site, record->number);
        return r < 0 ? err_set(e, r, "cannot complete the history of %s", unit) : 0;
}

int store_undo(struct store *s, const char *unit, bool force, char **ret_path, struct err *e)
{
        scoped(site_done) struct site site = SITE_NONE;
        scoped(record_done) struct record record = { 0 };
        scoped(mem_freep) char *path = NULL;
        int settled;
        int r = site_open(s, unit, false, &site, e);

        if (r == -ENOENT)
                return 1;
        if (r == 0)
                r = dropin_path(s, unit, &path, e);
        if (r < 0)
                return r;
        settled = settle(s, &site, unit, e);
        if (settled < 0)
                return settled;
        r = settled ? 0 : newest(s, &site, unit, &record, e);
        if (r != 0)
                return r;
        if (!settled) {
                free(path);
                path = store_above(s, record.path);
                r = path ? undo(s, &site, unit, force, &record, e)
                         : err_set(e, -ENOMEM, "cannot undo the last save of %s", unit);
                if (r < 0)
                        return r;
        }
        if (ret_path)
                *ret_path = take(path);
        return 0;
}
