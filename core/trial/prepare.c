/* prepare.c - what has to be on the stage before the unit can start there, and its undoing. */
#include "core/trial/rehearsal_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HOLD "gird-hold.target"

enum { UNIT_LIMIT = 16 << 20 };
static const uint64_t HOLD_LIMIT = 10000000, UNDO_LIMIT = 10000000;

char *rehearsal_namesake(const struct rehearsal *r, const char *suffix)
{
        return text_format("%.*s%s", (int)(strlen(r->unit) - strlen(".service")), r->unit, suffix);
}

/* ---- the unit itself ---- */

int rehearsal_put(struct rehearsal *r, const char *path, const char *text, struct err *e)
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
        return rehearsal_put(r, to, text, e);
}

/* The unit of that kind beside it, if there is one. */
static int bring_companion(struct rehearsal *r, const char *suffix, struct err *e)
{
        const char *fragment = r->o->unit->facts.fragment;
        size_t stem = strlen(fragment) - strlen(".service");
        scoped(mem_freep) char *from = text_format("%.*s%s", (int)stem, fragment, suffix);
        scoped(mem_freep) char *name = rehearsal_namesake(r, suffix);
        scoped(mem_freep) char *to = name ? text_format("%s/%s", rehearsal_folder(r), name) : NULL;
        struct err ignored = { 0 };
        int k;

        if (!from || !to)
                return err_set(e, -ENOMEM, "cannot look for what starts %s", r->unit);
        k = bring_file(r, from, to, &ignored);
        if (k == -ENOENT)
                return 0;
        if (k < 0)
                return err_say(e, k, "%s", ignored.text);
        return strv_add(&r->wanted, name);
}

static int bring_companions(struct rehearsal *r, struct err *e)
{
        static const char *const suffixes[] = { ".socket", ".timer", ".path" };
        int k = 0;

        if (!text_ends(r->o->unit->facts.fragment, ".service"))
                return 0;
        for (size_t i = 0; k >= 0 && i < COUNT(suffixes); i++)
                k = bring_companion(r, suffixes[i], e);
        return k;
}

/* A unit given as the path of a file is unknown to the stage's systemd: it and its drop-ins are
 * laid where it looks. */
static int bring_unit(struct rehearsal *r, struct err *e)
{
        const struct unit_facts *facts = &r->o->unit->facts;
        scoped(mem_freep) char *to = text_format("%s/%s", rehearsal_folder(r), r->unit);
        int k = bring_file(r, facts->fragment, to, e);

        for (char **file = facts->dropins; k >= 0 && file && *file; file++) {
                const char *name = strrchr(*file, '/') ? strrchr(*file, '/') + 1 : *file;
                scoped(mem_freep) char *there = text_format("%s/%s.d/%s", rehearsal_folder(r),
                                                            r->unit, name);

                k = bring_file(r, *file, there, e);
        }
        if (k >= 0)
                k = bring_companions(r, e);
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

int rehearsal_load(struct rehearsal *r, char **ret_why, struct err *e)
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
        scoped(mem_freep) char *path = text_format("%s/%s.d/zz-gird-conditions.conf",
                                                   rehearsal_folder(r), r->unit);

        return path ? rehearsal_put(r, path, text, e) : -ENOMEM;
}

/* systemd forgets a unit that has ended, and with it how it ended, unless another one names it.
 * A target that comes after it does so, and pulls in nothing. */
static int hold_unit(struct rehearsal *r, struct err *e)
{
        scoped(mem_freep) char *text = text_format(
                "[Unit]\nDescription=gird keeps %s in memory\nDefaultDependencies=no\nAfter=%s\n",
                r->unit, r->unit);
        const char *result = NULL;
        scoped(mem_freep) char *path = text_format("%s/" HOLD, rehearsal_folder(r));
        int k = text && path ? rehearsal_put(r, path, text, e) : -ENOMEM;

        if (k >= 0)
                k = manager_reload(r->manager, r->job, e);
        if (k >= 0)
                k = manager_start(r->manager, r->job, HOLD, HOLD_LIMIT, &result, e);
        return k > 0 ? err_say(e, -EIO, "cannot keep %s in memory: %s", r->unit, result) : k;
}

int rehearsal_prepare(struct rehearsal *r, char **ret_why, char ***notes, struct err *e)
{
        int k;

        r->notes = notes;
        k = rehearsal_load(r, ret_why, e);
        if (k == 0 && r->o->ignore_conditions)
                k = reset_conditions(r, e);
        if (k == 0)
                k = hold_unit(r, e);
        if (k == 0)
                k = rehearsal_way(r, e);
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
        free(r->by);
        strv_free(r->doors);
        logs_done(&r->logs);
        strv_free(r->sockets);
        strv_free(r->wanted);
        strv_free(r->brought);
}
