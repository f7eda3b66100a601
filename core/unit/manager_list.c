/* manager_list.c - what services there are: in memory, and as files that nobody has loaded. */
#include "core/unit/manager_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/unit/files.h"
#include "core/unit/name.h"

#include <errno.h>
#include <string.h>

struct rows {
        struct unit_row *items;
        size_t count, room;
};

static void row_done(struct unit_row *row)
{
        free(row->name);
        free(row->description);
        free(row->load);
        free(row->active);
        free(row->sub);
        free(row->file_state);
}

void unit_rows_free(struct unit_row *rows, size_t count)
{
        for (size_t i = 0; rows && i < count; i++)
                row_done(&rows[i]);
        free(rows);
}

static void rows_done(struct rows *r)
{
        unit_rows_free(r->items, r->count);
        *r = (struct rows){ 0 };
}

static int rows_add(struct rows *r, const char *name, const char *description, const char *load,
                    const char *active, const char *sub, const char *file_state)
{
        struct unit_row *row;

        if (r->count == r->room) {
                size_t room = r->room ? r->room * 2 : 64;
                struct unit_row *more = realloc(r->items, room * sizeof(*more));

                if (!more)
                        return -ENOMEM;
                r->items = more;
                r->room = room;
        }
        row = &r->items[r->count++];
        *row = (struct unit_row){ .name = strdup(name),
                                  .description = strdup(description),
                                  .load = strdup(load),
                                  .active = strdup(active),
                                  .sub = strdup(sub),
                                  .file_state = file_state ? strdup(file_state) : NULL };
        return row->name && row->description && row->load && row->active && row->sub &&
                               (row->file_state || !file_state)
                       ? 0
                       : -ENOMEM;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(((const struct unit_row *)a)->name, ((const struct unit_row *)b)->name);
}

static void rows_sort(struct rows *r)
{
        if (r->count > 1)
                qsort(r->items, r->count, sizeof(*r->items), by_name);
}

static const struct unit_row *rows_find(const struct rows *r, const char *name)
{
        const struct unit_row key = { .name = (char *)name };

        return r->count ? bsearch(&key, r->items, r->count, sizeof(key), by_name) : NULL;
}

/* Asks with the pattern for services; the answer is an array of tuples. */
static int ask(struct manager *m, struct job *job, const char *member, const char *what,
               sd_bus_message **ret, struct err *e)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r = manager_new_call(m, member, &call);

        if (r >= 0)
                r = sd_bus_message_append(call, "asas", 0, 1, "*.service");
        if (r < 0)
                return manager_fault(m, r, what, e);
        return manager_call(m, job, call, CALL_TIMEOUT, what, ret, e);
}

static int read_units(struct manager *m, struct job *job, struct rows *rows, struct err *e)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *name, *description, *load, *active, *sub;
        int r = ask(m, job, "ListUnitsByPatterns", "cannot list units", &reply, e);

        if (r < 0)
                return r;
        r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
        while (r >= 0 && (r = sd_bus_message_read(reply, "(ssssssouso)", &name, &description, &load,
                                                  &active, &sub, NULL, NULL, NULL, NULL, NULL)) > 0)
                r = rows_add(rows, name, description, load, active, sub, NULL);
        if (r < 0)
                return manager_fault(m, r, "cannot list units", e);
        rows_sort(rows);
        return 0;
}

/* The same from the files themselves, which takes a fiftieth of the time: PID 1 works out the
 * state of each unit by reading all folders anew. */
static int read_root(const struct unit_root *root, struct rows *rows, struct err *e)
{
        struct unit_file *files = NULL;
        size_t count = 0;
        int r = unit_files_list(root, &files, &count, e);

        if (r < 0)
                return r;
        for (size_t i = 0; r >= 0 && i < count; i++)
                r = rows_add(rows, files[i].name, "", "-", "-", "-", files[i].state);
        unit_files_free(files, count);
        if (r < 0)
                return err_set(e, r, "cannot list unit files");
        rows_sort(rows);
        return 0;
}

static int read_files(struct manager *m, struct job *job, struct rows *rows, struct err *e)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *path, *state;
        int r = ask(m, job, "ListUnitFilesByPatterns", "cannot list unit files", &reply, e);

        if (r < 0)
                return r;
        r = sd_bus_message_enter_container(reply, 'a', "(ss)");
        while (r >= 0 && (r = sd_bus_message_read(reply, "(ss)", &path, &state)) > 0) {
                const char *slash = strrchr(path, '/');

                r = rows_add(rows, slash ? slash + 1 : path, "", "-", "-", "-", state);
        }
        if (r < 0)
                return manager_fault(m, r, "cannot list unit files", e);
        rows_sort(rows);
        return 0;
}

/* An instance has the state of its template's file. */
static int fill_state(struct unit_row *unit, const struct rows *files)
{
        const struct unit_row *file = rows_find(files, unit->name);

        if (!file && name_kind(unit->name) == NAME_INSTANCE) {
                scoped(mem_freep) char *template = name_template(unit->name);

                if (!template)
                        return -ENOMEM;
                file = rows_find(files, template);
        }
        if (!file)
                return 0;
        unit->file_state = strdup(file->file_state);
        return unit->file_state ? 0 : -ENOMEM;
}

static int merge(struct rows *units, const struct rows *files)
{
        const size_t loaded = units->count;

        for (size_t i = 0; i < loaded; i++) {
                int r = fill_state(&units->items[i], files);

                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < files->count; i++) {
                const struct unit_row *file = &files->items[i];
                const struct rows known = { .items = units->items, .count = loaded };
                int r;

                if (rows_find(&known, file->name) ||
                    (i > 0 && strcmp(files->items[i - 1].name, file->name) == 0))
                        continue;
                r = rows_add(units, file->name, "", "-", "-", "-", file->file_state);
                if (r < 0)
                        return r;
        }
        rows_sort(units);
        return 0;
}

int manager_list(struct manager *m, struct job *job, const struct unit_root *files_root,
                 struct unit_row **ret, size_t *ret_count, struct err *e)
{
        scoped(rows_done) struct rows units = { 0 }, files = { 0 };
        int r = read_units(m, job, &units, e);

        if (r >= 0)
                r = files_root ? read_root(files_root, &files, e) : read_files(m, job, &files, e);
        if (r < 0)
                return r;
        r = merge(&units, &files);
        if (r < 0)
                return err_set(e, r, "cannot list units");
        *ret_count = units.count;
        *ret = take(units.items);
        units.count = 0;
        return 0;
}
