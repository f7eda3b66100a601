/* store_record.c - one entry of a unit's history: what a save found, and what it wrote. */
#include "core/profile/store_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/json.h"
#include "core/profile/profile_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { RECORD_FORMAT = 1, NUMBER_MAX = 999999, NAME_ROOM = 32 };

void record_done(struct record *r)
{
        free(r->when);
        free(r->path);
        free(r->verdict);
        blob_done(&r->before);
        blob_done(&r->after);
        *r = (struct record){ 0 };
}

static const char *name_of(char out[NAME_ROOM], unsigned number, const char *what)
{
        snprintf(out, NAME_ROOM, "%06u.%s", number, what);
        return out;
}

static int newest_first(const void *a, const void *b)
{
        unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

        return (x < y) - (x > y);
}

/* "000012.json" -> 12; 0 for other names. */
static unsigned number_in(const char *name)
{
        char *end = NULL;
        unsigned long number;

        if (strspn(name, "0123456789") != 6)
                return 0;
        number = strtoul(name, &end, 10);
        return strcmp(end, ".json") == 0 ? (unsigned)number : 0;
}

int record_numbers(const struct site *site, unsigned **ret, size_t *ret_count)
{
        scoped(mem_freep) unsigned *numbers = NULL;
        scoped(dir_closep) DIR *dir = NULL;
        size_t count = 0;
        int fd;

        *ret_count = 0;
        if (site->history < 0)
                return 0;
        fd = openat(site->history, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        dir = fd >= 0 ? fdopendir(fd) : NULL;
        if (!dir) {
                int why = errno;

                fd_closep(&fd);
                return -why;
        }
        for (struct dirent *entry; (entry = readdir(dir));) {
                unsigned number = number_in(entry->d_name);
                unsigned *more;

                if (number == 0)
                        continue;
                more = realloc(numbers, (count + 1) * sizeof(*more));
                if (!more)
                        return -ENOMEM;
                numbers = more;
                numbers[count++] = number;
        }
        if (count > 1)
                qsort(numbers, count, sizeof(*numbers), newest_first);
        *ret = take(numbers);
        *ret_count = count;
        return 0;
}

/* ---- writing ---- */

static int put_blob(const struct site *site, unsigned number, const char *what,
                    const struct blob *b)
{
        char name[NAME_ROOM];
        struct blob copy = *b;

        /* The copy is nobody else's business, whatever the file's own mode. */
        copy.mode = 0600;
        copy.uid = geteuid();
        copy.gid = getegid();
        return store_file_put(site->history, name_of(name, number, what), &copy);
}

int record_mark(const struct site *site, const struct record *r)
{
        scoped(mem_freep) char *text = NULL;
        struct json *j = json_object();
        struct json *before = r->before.present ? json_object() : NULL;

        json_number(j, "gird", RECORD_FORMAT);
        json_text(j, "state", r->pending ? "pending" : "done");
        json_text(j, "when", r->when);
        json_text(j, "path", r->path);
        json_text(j, "verdict", r->verdict);
        json_bool(j, "made_folder", r->made_folder);
        if (r->before.present) {
                json_number(before, "size", (double)r->before.length);
                json_number(before, "mode", r->before.mode);
                json_number(before, "uid", r->before.uid);
                json_number(before, "gid", r->before.gid);
                json_put(j, "before", before);
        } else
                json_text(j, "before", "absent");
        json_number(j, "after", (double)r->after.length);
        text = json_take(j);
        if (!text)
                return -ENOMEM;
        return put_blob(site, r->number, "json",
                        &(struct blob){ .present = true, .bytes = text, .length = strlen(text) });
}

int record_write(const struct site *site, const struct record *r)
{
        int result = 0;

        if (r->number == 0 || r->number > NUMBER_MAX)
                return -EOVERFLOW;
        if (r->before.present)
                result = put_blob(site, r->number, "before", &r->before);
        if (result == 0)
                result = put_blob(site, r->number, "after", &r->after);
        /* The entry comes last: it stands for the other two. */
        return result < 0 ? result : record_mark(site, r);
}

int record_remove(const struct site *site, unsigned number)
{
        static const char *const parts[] = { "json", "before", "after" };
        char name[NAME_ROOM];
        int result = 0;

        for (size_t i = 0; i < COUNT(parts); i++) {
                int r = store_file_remove(site->history, name_of(name, number, parts[i]));

                store_file_sweep(site->history, name);
                if (result == 0)
                        result = r;
        }
        return result;
}

/* ---- reading ---- */

static int get_blob(const struct site *site, unsigned number, const char *what, double size,
                    struct blob *ret)
{
        scoped(blob_done) struct blob b = { 0 };
        char name[NAME_ROOM];
        int r = store_file_get(site->history, name_of(name, number, what), &b);

        if (r < 0)
                return r;
        if (!b.present || size < 0 || (double)b.length < size || (double)b.length > size)
                return -EINVAL; /* damaged: not what the entry speaks of */
        *ret = b;
        b = (struct blob){ 0 };
        return 0;
}

static double number_of(const struct json_node *object, const char *key, double most)
{
        const struct json_node *n = json_member(object, key);
        double number = n && json_kind(n) == JSON_NUMBER ? json_value(n) : -1;

        return number >= 0 && number <= most ? number : -1;
}

static int copy_member(const struct json_node *root, const char *key, char **ret)
{
        const char *text = json_string(json_member(root, key));

        if (!text)
                return -EINVAL;
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

/* A file that is to be put back may only be the unit's own drop-in. */
static bool is_dropin_of(const char *path, const char *unit)
{
        scoped(mem_freep) char *end = text_format("/%s.d/%s", unit, DROPIN_NAME);

        return end && path[0] == '/' && text_ends(path, end) && !strstr(path, "/../");
}

static int read_before(const struct site *site, const struct json_node *root, struct record *r)
{
        const struct json_node *before = json_member(root, "before");
        double mode, uid, gid;
        int result;

        if (before && json_string(before) && strcmp(json_string(before), "absent") == 0)
                return 0;
        if (!before || json_kind(before) != JSON_OBJECT)
                return -EINVAL;
        mode = number_of(before, "mode", 07777);
        uid = number_of(before, "uid", UINT32_MAX);
        gid = number_of(before, "gid", UINT32_MAX);
        if (mode < 0 || uid < 0 || gid < 0)
                return -EINVAL;
        result = get_blob(site, r->number, "before", number_of(before, "size", STORE_FILE_LIMIT),
                          &r->before);
        if (result < 0)
                return result;
        r->before.mode = (mode_t)mode;
        r->before.uid = (uid_t)uid;
        r->before.gid = (gid_t)gid;
        return 0;
}

static int read_entry(const struct site *site, const char *unit, const struct json_node *root,
                      struct record *r)
{
        const struct json_node *made = json_member(root, "made_folder");
        const char *state = json_string(json_member(root, "state"));
        int result;

        if (json_kind(root) != JSON_OBJECT || number_of(root, "gird", RECORD_FORMAT) < 1 ||
            !state || !made)
                return -EINVAL;
        r->pending = strcmp(state, "pending") == 0;
        r->made_folder = json_value(made) > 0;
        result = copy_member(root, "when", &r->when);
        if (result == 0)
                result = copy_member(root, "path", &r->path);
        if (result == 0)
                result = copy_member(root, "verdict", &r->verdict);
        if (result == 0 && !is_dropin_of(r->path, unit))
                result = -EINVAL;
        if (result == 0)
                result = read_before(site, root, r);
        return result < 0 ? result
                          : get_blob(site, r->number, "after",
                                     number_of(root, "after", STORE_FILE_LIMIT), &r->after);
}

int record_read(const struct site *site, const struct store *s, const char *unit, unsigned number,
                struct record *ret, struct err *e)
{
        scoped(record_done) struct record record = { .number = number };
        scoped(blob_done) struct blob entry = { 0 };
        scoped(json_freep) struct json *j = NULL;
        scoped(mem_freep) char *path = NULL;
        char name[NAME_ROOM];
        int r;

        path = text_format("%s/%s/history/%s", s->state, unit, name_of(name, number, "json"));
        if (!path)
                return err_set(e, -ENOMEM, "cannot read the history of %s", unit);
        r = store_file_get(site->history, name, &entry);
        if (r < 0)
                return err_set(e, r, "cannot read %s", path);
        r = json_parse(path, entry.present ? entry.bytes : "", &j, e);
        if (r < 0)
                return r;
        r = read_entry(site, unit, json_root(j), &record);
        if (r == -EINVAL)
                return err_say(e, r,
                               "%s is damaged; the files beside it hold what was there before",
                               path);
        if (r < 0)
                return err_set(e, r, "cannot read %s", path);
        *ret = record;
        record = (struct record){ 0 };
        return 0;
}
