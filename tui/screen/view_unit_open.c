/* view_unit_open.c - one unit, read: when its screen is opened, and when it may have changed. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "tui/screen/view_unit.h"
#include "tui/screen/views.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The last profile that was tried, unless the unit is that way already: of itself, not for
 * something that is applied and not saved. */
static int last_profile(struct context *c, const struct sandbox *s, bool applied,
                        struct profile **ret, struct err *e)
{
        scoped(profile_freep) struct profile *p = NULL;
        int r = store_get_profile(&c->store, s->unit, &c->dialect, &p, e);
        bool differs = applied;

        if (r != 0)
                return r < 0 && r != -EACCES ? r : 0; /* it is root's */
        for (size_t i = 0; p->verdict != VERDICT_NOT_TRIED && i < p->change_count; i++)
                if (!value_equal(&p->changes[i].value, &s->settings[p->changes[i].directive].value))
                        differs = true;
        if (differs)
                *ret = take(p);
        return 0;
}

void unit_reread(void *state, struct app *app)
{
        struct unit_view *v = state;
        struct profile *last = NULL;
        struct sandbox *s = NULL;
        struct draft fresh;
        struct err e = { 0 };
        int r = context_unit(app->context, v->draft.now->unit, &s, &e);

        pending_read(&v->pending, app->context);
        if (r >= 0 && last_profile(app->context, s, unit_guard(v) != NULL, &last, &e) < 0)
                last = NULL;
        if (r >= 0)
                r = draft_open(&fresh, s, last, &app->context->dialect, app->context->mode, &e);
        if (r < 0) {
                app_fail(app, &e);
                return;
        }
        draft_done(&v->draft);
        v->draft = fresh;
        if (advising_load(app->context, v->draft.now, &v->advising) < 0)
                app_say(app, ROLE_BAD, "out of memory");
        if (unit_arrange(v) < 0)
                app_say(app, ROLE_BAD, "out of memory");
        unit_fill_pane(v);
}

/* Reads the unit on the loop, then shows it. */
static void open_unit(void *state, struct app *app)
{
        scoped(mem_freep) char *unit = state;
        struct unit_view *v = calloc(1, sizeof(*v));
        struct profile *last = NULL;
        struct sandbox *s = NULL;
        struct err e = { 0 };
        int r = v ? context_unit(app->context, unit, &s, &e)
                  : err_set(&e, -ENOMEM, "cannot open %s", unit);

        if (r >= 0)
                pending_read(&v->pending, app->context);
        if (r >= 0 &&
            last_profile(app->context, s, pending_of(&v->pending, s->unit), &last, &e) < 0) {
                app_fail(app, &e); /* a damaged profile does not keep the unit from being shown */
                last = NULL;
        }
        if (r >= 0) {
                r = draft_open(&v->draft, s, last, &app->context->dialect, app->context->mode, &e);
                if (r >= 0 && last)
                        app_say(app, ROLE_TEXT, "the changes tried last time are loaded (%s)",
                                verdict_name(last->verdict));
        }
        if (r >= 0 && (advising_load(app->context, s, &v->advising) < 0 || unit_arrange(v) < 0))
                r = err_set(&e, -ENOMEM, "cannot open %s", unit);
        if (r < 0) {
                app_fail(app, &e);
                if (v)
                        unit_view_free(v);
                return;
        }
        unit_fill_pane(v);
        app_push(app, &unit_view_ops, v);
}

void view_unit_open(struct app *app, const char *unit)
{
        char *copy;

        if (app->work.run) /* one is being opened already */
                return;
        copy = strdup(unit);
        if (copy)
                app_work(app, open_unit, copy);
}
