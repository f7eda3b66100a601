/* readback.c - the drop-in on the stage, and whether systemd made of it what was asked. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/dropin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DROPIN_LIMIT = 16 << 20, VERIFY_NOTES = 20 };
static const uint64_t VERIFY_LIMIT = 20000000;

/* ---- laying it there ---- */

static int lay(struct rehearsal *r, struct trial *t, struct err *e)
{
        scoped(strv_freep) char **left_out = NULL;
        struct dropin_options options = { .dialect = r->o->dialect,
                                          .known = r->o->known,
                                          .unit = r->o->unit,
                                          .ret_left_out = &left_out };
        scoped(mem_freep) char *text = NULL;
        int k = dropin_render(r->o->profile, &options, &text, e);

        if (k < 0)
                return k;
        for (char **line = left_out; line && *line; line++)
                if (strv_addf(&t->notes, "not tried: %s", *line) < 0)
                        return err_set(e, -ENOMEM, "cannot keep the notes");
        k = read_in_root(r->stage->ops->root(r->stage), r->o->dropin_path, DROPIN_LIMIT,
                         &r->previous);
        if (k < 0 && k != -ENOENT)
                return err_set(e, k, "cannot read %s on the stage", r->o->dropin_path);
        r->put = true;
        k = r->stage->ops->put(r->stage, r->o->dropin_path, text, e);
        return k < 0 ? k : manager_reload(r->manager, r->job, e);
}

/* ---- systemd-analyze verify ---- */

/* Its lines about our file become notes; the first is handed back where systemd refuses. */
static int verify(struct rehearsal *r, struct trial *t, struct err *e)
{
        bool of_user = r->o->unit->scope == SCOPE_USER;
        char *argv[] = { (char *)"systemd-analyze",
                         (char *)(of_user ? "--user" : "--system"),
                         (char *)"verify",
                         (char *)"--man=no",
                         (char *)"--recursive-errors=no",
                         (char *)r->unit,
                         NULL };
        scoped(run_result_done) struct run_result result = { 0 };
        scoped(strv_freep) char **lines = NULL;
        const char *name = strrchr(r->o->dropin_path, '/');
        size_t count = 0;
        int k = r->stage->ops->run(r->stage, r->job, argv, VERIFY_LIMIT, &result, NULL);

        if (k == -ECANCELED || k == -ENOMEM)
                return k;
        if (k < 0) /* no verify in this tree: the start itself will tell */
                return 0;
        k = strv_split(result.errors ? result.errors : "", "\n", &lines);
        for (char **line = lines; k >= 0 && line && *line && count < VERIFY_NOTES; line++)
                if (name && strstr(*line, name)) {
                        count++;
                        k = strv_addf(&t->notes, "systemd-analyze verify: %s", *line);
                }
        return k < 0 ? err_set(e, k, "cannot keep the notes") : 0;
}

/* Why it does not load any more: what systemd logged or verify said of our file. */
static int refused(struct rehearsal *r, struct trial *t, const char *load, char **ret_why,
                   struct err *e)
{
        scoped(journal_done) struct journal lines = { 0 };
        scoped(mem_freep) char *cursor = r->cursor ? strdup(r->cursor) : NULL;
        const char *name = strrchr(r->o->dropin_path, '/');
        const char *said = NULL;
        int k = r->stage->ops->journal(r->stage, r->unit, &cursor, &lines, e);

        if (k < 0)
                return k;
        for (size_t i = 0; i < lines.count; i++)
                if (lines.lines[i].message &&
                    (!said || (name && strstr(lines.lines[i].message, name))))
                        said = lines.lines[i].message;
        for (char **note = t->notes; note && *note; note++)
                if (text_starts(*note, "systemd-analyze verify:"))
                        said = *note;
        *ret_why = text_format("systemd refuses the unit with the changes (%s)%s%s", load,
                               said ? ": " : "", said ? said : "");
        return *ret_why ? 1 : err_set(e, -ENOMEM, "cannot keep the notes");
}

/* ---- reading back ---- */

static int keep_first(void *userdata, size_t index, struct sandbox *s)
{
        struct sandbox **slot = userdata;

        (void)index;
        sandbox_free(*slot);
        *slot = s;
        return 0;
}

/* Kinds that systemd reports exactly as they were set, so that a difference means something. */
static bool is_exact(enum directive_kind kind)
{
        return kind == KIND_BOOL || kind == KIND_CHOICE || kind == KIND_CAPS ||
               kind == KIND_NAMESPACES || kind == KIND_FAMILIES || kind == KIND_UMASK;
}

static int note_difference(struct rehearsal *r, struct trial *t, const struct setting *is,
                           enum value_order order, const struct change *change)
{
        const struct directive *d = directive_at(change->directive);
        scoped(mem_freep) char *shown = value_show(&is->value, d, r->o->dialect);
        bool elsewhere = is->origin.kind == ORIGIN_FILE &&
                         strcmp(is->origin.file, r->o->dropin_path) != 0;
        int k;

        if (!shown)
                return -ENOMEM;
        if (elsewhere && order == VALUE_STRICTER)
                return strv_addf(&t->notes, "%s:%u makes %s stricter than the change does: %s",
                                 is->origin.file, is->origin.line, d->name, shown);
        if (elsewhere)
                k = strv_addf(&t->notes,
                              "%s:%u sets %s=%s, which wins over the change, so that was not tried",
                              is->origin.file, is->origin.line, d->name, shown);
        else if (is_exact(d->kind) && change->value.set && order != VALUE_STRICTER)
                k = strv_addf(&t->notes, "systemd made %s=%s of the change, so that was not tried",
                              d->name, shown);
        else
                return 0;
        return k < 0 ? k : trial_not_rehearsed(t, change->directive);
}

static int compare(struct rehearsal *r, struct trial *t, const struct sandbox *now,
                   const struct sandbox *wanted, const struct change *change)
{
        const struct directive *d = directive_at(change->directive);
        const struct setting *is = &now->settings[change->directive];
        const struct value *should = &wanted->settings[change->directive].value;
        enum value_order order;

        if (r->o->known ? !known_has(r->o->known, d)
                        : !directive_known_to(d, r->o->dialect->version))
                return trial_not_rehearsed(t, change->directive); /* noted when it was left out */
        if (value_equal(&is->value, should))
                return 0;
        order = value_compare(&is->value, should, d, r->o->dialect);
        return order == VALUE_SAME ? 0 : note_difference(r, t, is, order, change);
}

static int read_back(struct rehearsal *r, struct trial *t, struct err *e)
{
        scoped(sandbox_freep) struct sandbox *now = NULL, *wanted = NULL;
        char *names[] = { (char *)r->unit, NULL };
        int k = manager_read(r->manager, r->job, names, r->o->dialect, keep_first, &now, e);

        if (k < 0)
                return k;
        if (!now || now->load != LOAD_LOADED)
                return 0;
        k = profile_apply(r->o->profile, now, r->o->dialect, &wanted);
        /* systemd takes what one directive takes from another only when it starts the unit. */
        if (k >= 0)
                k = sandbox_imply(now, r->o->dialect);
        for (size_t i = 0; k >= 0 && i < r->o->profile->change_count; i++)
                k = compare(r, t, now, wanted, &r->o->profile->changes[i]);
        return k < 0 ? err_set(e, k, "cannot compare %s with the changes", r->unit) : 0;
}

int rehearsal_dress(struct rehearsal *r, struct trial *t, char **ret_why, struct err *e)
{
        scoped(unit_state_done) struct unit_state state = { 0 };
        int k;

        job_progress(r->job, "loading the changes", r->o->dropin_path);
        k = lay(r, t, e);
        if (k >= 0)
                k = verify(r, t, e);
        if (k >= 0)
                k = manager_state(r->manager, r->job, r->unit, &state, e);
        if (k < 0)
                return k;
        if (strcmp(state.load, "loaded") != 0)
                return refused(r, t, state.load, ret_why, e);
        return read_back(r, t, e);
}
