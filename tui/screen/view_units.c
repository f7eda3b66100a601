/* view_units.c - the list of units. */
#include "tui/screen/view_units.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/list.h"
#include "tui/screen/views.h"
#include "tui/screen/wording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 10 };

static const char *state_of(const struct listing *l)
{
        return strcmp(l->active, "-") != 0 ? l->sub : l->file_state;
}

static int by_name(const struct listing *a, const struct listing *b)
{
        return strcmp(a->unit, b->unit);
}

static int compare(const struct units_view *v, size_t i, size_t j)
{
        const struct listing *a = &v->rows[i], *b = &v->rows[j];
        int r = 0;

        switch (v->sort) {
        case SORT_EXPOSURE: /* the most exposed first, what has no score last */
                r = a->scored != b->scored ? (a->scored ? -1 : 1)
                                           : (int)b->exposure - (int)a->exposure;
                break;
        case SORT_STATE:
                r = strcmp(state_of(a), state_of(b));
                break;
        case SORT_NAME:
        case SORT_COUNT:
                break;
        }
        return r ? r : by_name(a, b);
}

static int compare_at(const void *a, const void *b, void *v)
{
        return compare(v, *(const size_t *)a, *(const size_t *)b);
}

static bool wanted(const struct units_view *v, const struct listing *l)
{
        if (v->state && strcmp(v->state, state_of(l)) != 0 && strcmp(v->state, l->active) != 0)
                return false;
        return !v->filter[0] || prompt_matches(l->unit, v->filter) ||
               prompt_matches(l->description, v->filter);
}

int units_arrange(struct units_view *v)
{
        size_t under = v->cursor < (int)v->shown ? v->order[v->cursor] : 0;
        size_t *order = realloc(v->order, (v->count ? v->count : 1) * sizeof(*order));

        if (!order)
                return -ENOMEM;
        v->order = order;
        v->shown = 0;
        for (size_t i = 0; i < v->count; i++)
                if (wanted(v, &v->rows[i]))
                        order[v->shown++] = i;
        qsort_r(order, v->shown, sizeof(*order), compare_at, v);
        for (size_t i = 0; i < v->shown; i++)
                if (order[i] == under && v->cursor > 0)
                        v->cursor = (int)i;
        if (v->cursor >= (int)v->shown)
                v->cursor = v->shown ? (int)v->shown - 1 : 0;
        return 0;
}

/* Column widths for a window: unit always, the rest as there is room. */
struct columns {
        int unit, level, state, breach, description;
};

static struct columns columns_for(int cols)
{
        struct columns w = { .unit = cols - 5 };

        if (cols >= 34) {
                w.level = 10;
                w.unit -= w.level;
        }
        if (cols >= 60) {
                w.state = 11;
                w.unit -= w.state;
        }
        if (cols >= 100) {
                w.breach = 8;
                w.unit -= w.breach;
        }
        if (cols >= 76) {
                int unit = w.unit * 11 / 20;

                w.description = w.unit - unit;
                w.unit = unit;
        }
        if (w.unit < 1)
                w.unit = 1;
        return w;
}

static void draw_row(const struct units_view *v, const struct canvas *c, int row, size_t place,
                     struct columns w)
{
        const struct listing *l = &v->rows[v->order[place]];
        const struct guard *g = pending_of(&v->pending, l->unit);
        enum role role = wording_role(l->exposure);
        int col = 0;
        char words[64];

        if (g) /* also where there is no room for words */
                col = canvas_text(c, row, 0, pending_role(g), "%s", "!");
        col = canvas_field(c, row, col, w.unit - col, g ? ROLE_CHANGED : ROLE_TEXT, l->unit);

        if (l->scored) {
                canvas_text(c, row, col + 1, role, "%2u.%u", l->exposure / 10, l->exposure % 10);
                if (w.level)
                        canvas_field(c, row, col + 6, w.level - 1, role,
                                     score_level_name(score_level(l->exposure)));
        } else
                canvas_text(c, row, col + 1, ROLE_TEXT, "   %s", l->note ? "-" : "\xe2\x80\xa6");
        col += 5 + w.level;
        if (w.state)
                col = canvas_field(c, row, col, w.state - 1, ROLE_TEXT, state_of(l)) + 1;
        if (w.breach) {
                if (l->breached)
                        canvas_text(c, row, col, l->leaves ? ROLE_BAD : ROLE_TEXT, "%4u %s",
                                    l->allowed, l->leaves ? "!" : "");
                col += w.breach;
        }
        if (w.description && g) {
                pending_words(g, v->pending.now, words, sizeof(words));
                canvas_field(c, row, col, w.description, pending_role(g), words);
        } else if (w.description)
                canvas_field(c, row, col, w.description, ROLE_TEXT,
                             l->note ? l->note : l->description);
        if ((int)place == v->cursor)
                canvas_paint(c, row, 0, c->cols, ROLE_CURSOR);
}

/* What is pending comes first: it may be what one is here for. */
static int draw_pending(const struct units_view *v, const struct canvas *c, int col)
{
        const struct guard *g = pending_first(&v->pending);
        char words[64];

        if (!g)
                return col;
        pending_words(g, v->pending.now, words, sizeof(words));
        col = canvas_text(c, 0, col, ROLE_ALERT, "%s: %s", words, g->unit);
        return canvas_text(c, 0, col, ROLE_TEXT, "  ");
}

static void draw_head(const struct units_view *v, const struct canvas *c)
{
        static const char *const sorts[SORT_COUNT] = { "by exposure", "by name", "by state" };
        int col = draw_pending(v, c, 0);

        col = canvas_text(c, 0, col, ROLE_TITLE, "gird  %zu units", v->shown);

        if (v->shown != v->count)
                col = canvas_text(c, 0, col, ROLE_TEXT, " of %zu", v->count);
        col = canvas_text(c, 0, col, ROLE_TEXT, ", %s", sorts[v->sort]);
        if (v->state)
                col = canvas_text(c, 0, col, ROLE_CHANGED, ", only %s", v->state);
        if (v->filter[0])
                col = canvas_text(c, 0, col, ROLE_CHANGED, ", only \"%s\" (f clears)", v->filter);
        if (v->scored < v->count)
                col = canvas_text(c, 0, col, ROLE_TEXT, ", scoring\xe2\x80\xa6");
        if (v->source[0])
                canvas_text(c, 0, col, ROLE_TEXT, "  [%s]", v->source);
}

static void draw(const void *state, const struct canvas *c)
{
        const struct units_view *v = state;
        struct columns w = columns_for(c->cols);
        int rows = c->rows - 2 - (v->prompt.open ? 1 : 0);
        int top = list_top(v->cursor, (int)v->shown, rows);
        int col = w.unit;

        draw_head(v, c);
        canvas_field(c, 1, 0, w.unit, ROLE_HEADING, "UNIT");
        canvas_field(c, 1, col, 5 + w.level, ROLE_HEADING, w.level ? " EXPOSURE" : "  EXP");
        col += 5 + w.level;
        if (w.state)
                col = canvas_field(c, 1, col, w.state, ROLE_HEADING, "STATE");
        if (w.breach)
                col = canvas_field(c, 1, col, w.breach, ROLE_HEADING, "BREACH");
        if (w.description)
                canvas_field(c, 1, col, w.description, ROLE_HEADING, "DESCRIPTION");
        for (int i = 0; i < rows && top + i < (int)v->shown; i++)
                draw_row(v, c, 2 + i, (size_t)(top + i), w);
        if (v->shown == 0 && rows > 0)
                canvas_text(c, 2, 0, ROLE_TEXT, "%s",
                            v->count ? "No unit matches; f clears the filter, a the state."
                                     : "No units are installed here.");
        if (v->prompt.open)
                prompt_draw(&v->prompt, c, c->rows - 1, v->searching ? "search: " : "filter: ");
}

/* From the cursor on, or behind it, the next unit that matches the search. */
static bool search(struct units_view *v, int direction, bool here)
{
        int n = (int)v->shown;

        for (int step = here ? 0 : 1; step <= n && n > 0; step++) {
                int place = ((v->cursor + direction * step) % n + n) % n;

                if (prompt_matches(v->rows[v->order[place]].unit, v->search)) {
                        v->cursor = place;
                        return true;
                }
        }
        return false;
}

/* all, then each state that occurs */
static void next_state(struct units_view *v)
{
        const char *best = NULL;

        for (size_t i = 0; i < v->count; i++) {
                const char *s = state_of(&v->rows[i]);

                if ((!v->state || strcmp(s, v->state) > 0) && (!best || strcmp(s, best) < 0))
                        best = s;
        }
        v->state = best;
}

static void say_memory(struct app *app)
{
        app_say(app, ROLE_BAD, "out of memory");
}

static bool key(void *state, const char *name, struct app *app)
{
        struct units_view *v = state;
        enum prompt_event event;

        if (!v->prompt.open) {
                if (strcmp(name, "Esc") != 0 || (!v->filter[0] && !v->state))
                        return false;
                v->filter[0] = '\0'; /* Esc leaves the filter first */
                v->state = NULL;
                if (units_arrange(v) < 0)
                        say_memory(app);
                return true;
        }
        event = prompt_key(&v->prompt, name);
        if (event == PROMPT_LEFT && !v->searching)
                v->filter[0] = '\0';
        else if (!v->searching)
                text_printable(v->filter, sizeof(v->filter), v->prompt.text);
        else if (event != PROMPT_LEFT) {
                text_printable(v->search, sizeof(v->search), v->prompt.text);
                if (v->search[0] && !search(v, 1, true))
                        app_say(app, ROLE_FAIR, "no unit has \"%s\"", v->search);
        }
        if (!v->searching && units_arrange(v) < 0)
                say_memory(app);
        return true;
}

static void load(void *state, struct app *app);

static bool act(void *state, enum action a, struct app *app)
{
        struct units_view *v = state;

        if (list_move(&v->cursor, (int)v->shown, PAGE, a))
                return true;
        switch (a) {
        case ACT_OPEN:
                if (v->shown)
                        view_unit_open(app, v->rows[v->order[v->cursor]].unit);
                return true;
        case ACT_SEARCH:
        case ACT_FILTER:
                v->searching = a == ACT_SEARCH;
                prompt_open(&v->prompt, v->searching ? "" : v->filter);
                return true;
        case ACT_NEXT:
        case ACT_PREVIOUS:
                if (v->search[0] && !search(v, a == ACT_NEXT ? 1 : -1, false))
                        app_say(app, ROLE_FAIR, "no unit has \"%s\"", v->search);
                return true;
        case ACT_LESSONS:
                view_lessons_open(app);
                return true;
        case ACT_SORT:
                v->sort = (v->sort + 1) % SORT_COUNT;
                break;
        case ACT_STATE:
                next_state(v);
                break;
        case ACT_REFRESH:
                if (app->working)
                        return true;
                app_work(app, load, v);
                return true;
        case ACT_BACK: /* the bottom of the stack: only q leaves */
                return true;
        default:
                return false;
        }
        if (units_arrange(v) < 0)
                say_memory(app);
        return true;
}

/* A saved profile may have changed the unit's exposure. */
static void resume(void *state, struct app *app)
{
        if (!app->working && app->context)
                app_work(app, load, state);
}

static void describe_source(struct units_view *v, const struct context *c)
{
        snprintf(v->source, sizeof(v->source), "%s, systemd %u",
                 c->manager ? "manager" : "unit files", c->dialect.version.major);
}

static int score_in_steps(struct units_view *v, struct app *app, struct err *e)
{
        enum { STEP = 64 };

        for (size_t i = 0; i < v->count; i += STEP) {
                size_t n = v->count - i < STEP ? v->count - i : STEP;
                int r = listing_score(app->context, v->rows + i, n, e);

                if (r < 0)
                        return r;
                v->scored = i + n;
                r = units_arrange(v);
                if (r < 0)
                        return err_set(e, r, "cannot sort the units");
                app_redraw(app);
                r = job_pause(&app->context->job, 0);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Puts the cursor on a unit by its name: places mean nothing after reading anew. */
static void stand_on(struct units_view *v, const char *unit)
{
        for (size_t i = 0; unit && i < v->shown; i++)
                if (strcmp(v->rows[v->order[i]].unit, unit) == 0)
                        v->cursor = (int)i;
}

/* Reads the list: names at once, then exposures, a redraw every few units. */
static void load(void *state, struct app *app)
{
        struct units_view *v = state;
        struct listing *rows = NULL;
        size_t count = 0;
        struct err e = { 0 };
        scoped(mem_freep) char *under = v->cursor < (int)v->shown
                                                ? strdup(v->rows[v->order[v->cursor]].unit)
                                                : NULL;
        int r = listing_read(app->context, NULL, &rows, &count, &e);

        pending_read(&v->pending, app->context);

        if (r >= 0) {
                v->state = NULL; /* it points into the rows that go */
                listings_free(v->rows, v->count);
                v->rows = rows;
                v->count = count;
                v->scored = 0;
                r = units_arrange(v);
                stand_on(v, under);
                app_redraw(app);
        }
        if (r >= 0)
                r = context_learn(app->context, &e);
        describe_source(v, app->context);
        if (r >= 0 && app->context->note[0] && !v->told) {
                app_say(app, ROLE_TEXT, "%s", app->context->note);
                v->told = true;
        }
        if (r >= 0)
                r = score_in_steps(v, app, &e);
        if (r >= 0)
                r = context_know(app->context, &e);
        if (r < 0 && r != -ECANCELED)
                app_fail(app, &e);
}

static bool tick(void *state, struct app *app)
{
        struct units_view *v = state;

        return pending_tick(&v->pending, app->context);
}

static void view_free(void *state)
{
        struct units_view *v = state;

        listings_free(v->rows, v->count);
        pending_done(&v->pending);
        free(v->order);
        free(v);
}

static const enum action footer[] = { ACT_OPEN,  ACT_SEARCH, ACT_FILTER, ACT_SORT,
                                      ACT_STATE, ACT_HELP,   ACT_QUIT,   ACT_NONE };

const struct view_ops units_view_ops = {
        .screen = UNITS_SCREEN,
        .draw = draw,
        .act = act,
        .key = key,
        .tick = tick,
        .resume = resume,
        .free = view_free,
        .footer = footer,
};

void view_units_open(struct app *app)
{
        struct units_view *v = calloc(1, sizeof(*v));

        app_push(app, &units_view_ops, v);
        if (v)
                app_work(app, load, v);
}
