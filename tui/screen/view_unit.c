/* view_unit.c - one unit: choosing, changing, undoing, and the way to walk, trial and save. */
#include "tui/screen/view_unit.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/list.h"
#include "tui/screen/views.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 10 };

const struct directive *unit_directive(const struct unit_view *v)
{
        if (v->cursor < 0 || v->cursor >= (int)v->line_count || v->lines[v->cursor].directive < 0)
                return NULL;
        return directive_at((size_t)v->lines[v->cursor].directive);
}

static bool is_scored(const struct unit_view *v, enum directive_id id)
{
        for (size_t i = 0; i < v->draft.after.count; i++)
                if (v->draft.after.rows[i].directive == id)
                        return true;
        return false;
}

static bool wanted(const struct unit_view *v, const struct directive *d)
{
        if (d->flags & NOT_A_SANDBOX && v->filter != SHOW_ALL && !draft_changed(&v->draft, d->id))
                return false;
        switch (v->filter) {
        case SHOW_SCORED:
                return !v->draft.scored || is_scored(v, d->id) || draft_changed(&v->draft, d->id);
        case SHOW_SET:
                return draft_setting(&v->draft, d->id)->origin.kind != ORIGIN_DEFAULT;
        case SHOW_CHANGED:
                return draft_changed(&v->draft, d->id);
        case SHOW_ALL:
        case SHOW_COUNT:
                break;
        }
        return true;
}

/* From a heading to the directive below it, else above it. */
static void settle(struct unit_view *v, int direction)
{
        int n = (int)v->line_count;

        if (v->cursor >= n)
                v->cursor = n ? n - 1 : 0;
        for (int i = v->cursor; i >= 0 && i < n; i += direction)
                if (v->lines[i].directive >= 0) {
                        v->cursor = i;
                        return;
                }
        for (int i = v->cursor; i >= 0 && i < n; i -= direction)
                if (v->lines[i].directive >= 0) {
                        v->cursor = i;
                        return;
                }
}

int unit_arrange(struct unit_view *v)
{
        const struct directive *under = unit_directive(v), *d;
        struct unit_line *lines = realloc(v->lines, 2 * DIRECTIVE_COUNT * sizeof(*lines));
        int group = -1;

        if (!lines)
                return -ENOMEM;
        v->lines = lines;
        v->line_count = 0;
        for (size_t i = 0; (d = directive_at(i)); i++) {
                if (!wanted(v, d))
                        continue;
                if ((int)d->group != group)
                        lines[v->line_count++] = (struct unit_line){ -1, d->group };
                group = (int)d->group;
                if (d == under)
                        v->cursor = (int)v->line_count;
                lines[v->line_count++] = (struct unit_line){ (int)i, d->group };
        }
        settle(v, 1);
        return 0;
}

static void arrange(struct unit_view *v, struct app *app)
{
        if (unit_arrange(v) < 0)
                app_say(app, ROLE_BAD, "out of memory");
        unit_fill_pane(v);
}

/* Whether this unit and this systemd can take the directive at all; else says why not. */
static bool may_change(const struct unit_view *v, const struct directive *d, struct app *app)
{
        const struct sandbox *s = v->draft.now;

        if (!directive_known_to(d, v->draft.dialect->version))
                app_say(app, ROLE_FAIR, "%s came with systemd %u; this one is %u", d->name,
                        d->since, v->draft.dialect->version.major);
        else if (s->scope == SCOPE_USER && d->flags & NO_USER_MANAGER)
                app_say(app, ROLE_FAIR, "%s has no effect, or fails, in a user manager", d->name);
        else if (s->load != LOAD_LOADED && s->load != LOAD_TEMPLATE)
                app_say(app, ROLE_FAIR, "%s is %s: there is nothing to harden", s->unit,
                        load_state_name(s->load));
        else
                return true;
        return false;
}

static int accept_edit(void *state, char *const *lines, struct app *app, struct err *e)
{
        struct unit_view *v = state;
        const struct directive *d = unit_directive(v);
        int r;

        if (!d)
                return 0;
        r = draft_set_lines(&v->draft, d->id, lines, e);
        if (r >= 0)
                arrange(v, app);
        return r;
}

static void edit(struct unit_view *v, const struct directive *d, struct app *app)
{
        if (may_change(v, d, app))
                view_edit_open(app, d, v->draft.dialect, &draft_setting(&v->draft, d->id)->value,
                               (struct edit_done){ accept_edit, v });
}

static void step(struct unit_view *v, const struct directive *d, int direction, struct app *app)
{
        struct err e = { 0 };
        int r;

        if (!may_change(v, d, app))
                return;
        if (d->kind != KIND_BOOL && d->kind != KIND_CHOICE) {
                if (direction == 0)
                        edit(v, d, app);
                else
                        app_say(app, ROLE_FAIR, "%s has no steps; Enter edits it", d->name);
                return;
        }
        r = draft_step(&v->draft, d->id, direction, &e);
        if (r < 0)
                app_fail(app, &e);
        else if (r > 0)
                app_say(app, ROLE_FAIR, "%s has no %s value", d->name,
                        direction < 0 ? "looser" : "stricter");
        arrange(v, app);
}

static bool search(struct unit_view *v, int direction, bool here)
{
        int n = (int)v->line_count;

        for (int i = here ? 0 : 1; i <= n && n > 0; i++) {
                int place = ((v->cursor + direction * i) % n + n) % n;

                if (v->lines[place].directive >= 0 &&
                    prompt_matches(directive_at((size_t)v->lines[place].directive)->name,
                                   v->search)) {
                        v->cursor = place;
                        unit_fill_pane(v);
                        return true;
                }
        }
        return false;
}

static bool key(void *state, const char *name, struct app *app)
{
        struct unit_view *v = state;

        if (v->in_pane &&
            (strcmp(name, "Esc") == 0 || strcmp(name, "Left") == 0 || strcmp(name, "q") == 0)) {
                v->in_pane = false;
                return true;
        }
        if (!v->prompt.open)
                return false;
        if (prompt_key(&v->prompt, name) != PROMPT_LEFT) {
                text_printable(v->search, sizeof(v->search), v->prompt.text);
                if (v->search[0] && !search(v, 1, true))
                        app_say(app, ROLE_FAIR, "no directive here has \"%s\"; v shows others",
                                v->search);
        }
        return true;
}

static void go_back(struct unit_view *v, struct app *app, bool back)
{
        struct err e = { 0 };
        int r = back ? draft_undo(&v->draft, &e) : draft_redo(&v->draft, &e);

        if (r < 0)
                app_fail(app, &e);
        else if (r > 0)
                app_say(app, ROLE_FAIR, back ? "nothing to undo" : "nothing to redo");
        arrange(v, app);
}

static void reset(struct unit_view *v, const struct directive *d, struct app *app)
{
        struct err e = { 0 };
        int r = draft_reset(&v->draft, d->id, &e);

        if (r < 0)
                app_fail(app, &e);
        else if (r > 0)
                app_say(app, ROLE_FAIR, "%s is not changed", d->name);
        arrange(v, app);
}

static bool act_on(struct unit_view *v, const struct directive *d, enum action a, struct app *app)
{
        switch (a) {
        case ACT_TOGGLE:
                step(v, d, 0, app);
                return true;
        case ACT_STRICTER:
                step(v, d, 1, app);
                return true;
        case ACT_LOOSER:
                step(v, d, -1, app);
                return true;
        case ACT_EDIT:
                edit(v, d, app);
                return true;
        case ACT_RESET:
                reset(v, d, app);
                return true;
        case ACT_PAGE:
                view_page_open(app, d->name);
                return true;
        default:
                return false;
        }
}

const struct guard *unit_guard(const struct unit_view *v)
{
        return pending_of(&v->pending, v->draft.now->unit);
}

static bool start(struct unit_view *v, enum action a, struct app *app)
{
        bool any = v->draft.profile->change_count > 0;

        switch (a) {
        case ACT_WALK:
                view_walk_open(app, &v->draft);
                return true;
        case ACT_DIFF:
                view_diff_open(app, &v->draft);
                return true;
        case ACT_BREACH:
                view_breach_open(app, &v->draft);
                return true;
        case ACT_INSIDE:
                view_inside_open(app, &v->draft);
                return true;
        case ACT_EXPORT:
                view_export_open(app, &v->draft);
                return true;
        case ACT_OBSERVE:
                view_observe_open(app, &v->draft, &v->advising);
                return true;
        case ACT_TAKE_SAFE:
                unit_take_safe(v, app);
                arrange(v, app);
                return true;
        case ACT_HARDEN:
                view_harden_open(app, &v->draft);
                return true;
        case ACT_APPLY: /* or what is applied already */
                if (any || unit_guard(v)) {
                        view_apply_open(app, &v->draft);
                        return true;
                }
                break;
        case ACT_TRY:
                if (any)
                        view_trial_open(app, &v->draft);
                break;
        case ACT_SAVE:
                if (any)
                        view_save_open(app, &v->draft);
                break;
        default:
                return false;
        }
        if (!any)
                app_say(app, ROLE_FAIR,
                        "nothing is changed yet; Space changes a value, w walks you through");
        return true;
}

static bool move(struct unit_view *v, enum action a)
{
        int was = v->cursor;

        if (v->in_pane)
                return sheet_move(&v->pane, a);
        if (!list_move(&v->cursor, (int)v->line_count, PAGE, a))
                return false;
        settle(v, a == ACT_UP || a == ACT_PAGE_UP || a == ACT_LAST ? -1 : 1);
        if (v->cursor != was)
                unit_fill_pane(v);
        return true;
}

static bool act(void *state, enum action a, struct app *app)
{
        struct unit_view *v = state;
        const struct directive *d = unit_directive(v);

        if (move(v, a) || (d && act_on(v, d, a, app)) || start(v, a, app))
                return true;
        switch (a) {
        case ACT_UNDO:
        case ACT_REDO:
                go_back(v, app, a == ACT_UNDO);
                return true;
        case ACT_VIEW:
                v->filter = (v->filter + 1) % SHOW_COUNT;
                arrange(v, app);
                return true;
        case ACT_PANE:
                v->in_pane = !v->in_pane;
                return true;
        case ACT_SEARCH:
                prompt_open(&v->prompt, "");
                return true;
        case ACT_NEXT:
        case ACT_PREVIOUS:
                if (v->search[0])
                        search(v, a == ACT_NEXT ? 1 : -1, false);
                return true;
        default:
                return false;
        }
}

static void discard(void *state, struct app *app)
{
        struct unit_view *v = state;

        v->draft.saved = true;
        if (!app->quitting)
                app_pop(app);
}

static bool leave(void *state, struct app *app)
{
        struct unit_view *v = state;

        if (v->draft.saved || !v->draft.profile->change_count)
                return true;
        app_ask(app, discard, v, "%zu change%s to %s not saved. Leave all the same?",
                v->draft.profile->change_count, v->draft.profile->change_count == 1 ? "" : "s",
                v->draft.now->unit);
        return false;
}

static void resume(void *state, struct app *app)
{
        struct unit_view *v = state;

        arrange(v, app);
        pending_read(&v->pending, app->context);
        if (v->draft.written && app->context)
                app_work(app, unit_reread, v);
}

static bool tick(void *state, struct app *app)
{
        struct unit_view *v = state;

        return pending_tick(&v->pending, app->context);
}

void unit_view_free(void *state)
{
        struct unit_view *v = state;

        draft_done(&v->draft);
        advising_done(&v->advising);
        pending_done(&v->pending);
        sheet_done(&v->pane);
        free(v->lines);
        free(v);
}

/* What can be taken over is offered first, as long as it was not. */
static const enum action *offer(const void *state)
{
        static const enum action fresh[] = { ACT_HARDEN,  ACT_TOGGLE, ACT_EDIT, ACT_WALK,
                                             ACT_OBSERVE, ACT_VIEW,   ACT_HELP, ACT_NONE };
        static const enum action changed[] = { ACT_TOGGLE, ACT_EDIT, ACT_TRY,  ACT_SAVE, ACT_APPLY,
                                               ACT_UNDO,   ACT_VIEW, ACT_HELP, ACT_NONE };
        static const enum action advised[] = { ACT_TAKE_SAFE, ACT_TOGGLE, ACT_EDIT,
                                               ACT_TRY,       ACT_SAVE,   ACT_UNDO,
                                               ACT_VIEW,      ACT_HELP,   ACT_NONE };
        static const enum action applied[] = { ACT_APPLY, ACT_TOGGLE, ACT_EDIT, ACT_TRY,
                                               ACT_SAVE,  ACT_VIEW,   ACT_HELP, ACT_NONE };
        const struct unit_view *v = state;

        return unit_guard(v)                    ? applied
               : unit_count_takes(v)            ? advised
               : v->draft.profile->change_count ? changed
                                                : fresh;
}

const struct view_ops unit_view_ops = {
        .screen = UNIT_SCREEN,
        .draw = unit_draw,
        .act = act,
        .key = key,
        .tick = tick,
        .resume = resume,
        .leave = leave,
        .free = unit_view_free,
        .offer = offer,
};
