/* listing.c - the units there are, with their states and exposures. */
#include "tui/listing.h"

#include "tui/breaching.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *or_dash(const char *text)
{
        return strdup(text && *text ? text : "-");
}

static int listing_fill(struct listing *l, const char *unit, const char *description,
                        const char *load, const char *active, const char *sub,
                        const char *file_state)
{
        *l = (struct listing){ .unit = strdup(unit),
                               .description = text_printable_dup(description ? description : ""),
                               .load = or_dash(load),
                               .active = or_dash(active),
                               .sub = or_dash(sub),
                               .file_state = or_dash(file_state) };
        return l->unit && l->description && l->load && l->active && l->sub && l->file_state
                       ? 0
                       : -ENOMEM;
}

static int list_files(struct context *c, struct listing **ret, size_t *ret_count, struct err *e)
{
        struct unit_file *files = NULL;
        struct listing *rows;
        size_t n = 0, used = 0;
        int r = unit_files_list(&c->root, &files, &n, e);

        if (r < 0)
                return r;
        rows = calloc(n ? n : 1, sizeof(*rows));
        r = rows ? 0 : -ENOMEM;
        for (size_t i = 0; r >= 0 && i < n; i++) {
                if (strcmp(files[i].state, "alias") == 0)
                        continue;
                r = listing_fill(&rows[used], files[i].name, NULL, NULL, NULL, NULL,
                                 files[i].state);
                rows[used++].file = true;
        }
        unit_files_free(files, n);
        if (r < 0) {
                listings_free(rows, used);
                return err_set(e, r, "cannot list units");
        }
        *ret = rows;
        *ret_count = used;
        return 0;
}

static int list_manager(struct context *c, struct listing **ret, size_t *ret_count, struct err *e)
{
        struct unit_row *units = NULL;
        struct listing *rows;
        size_t n = 0, used = 0;
        bool here = !c->args->host && !c->args->machine;
        int r = manager_list(c->manager, &c->job, here ? &c->root : NULL, &units, &n, e);

        if (r < 0)
                return r;
        rows = calloc(n ? n : 1, sizeof(*rows));
        r = rows ? 0 : -ENOMEM;
        for (size_t i = 0; r >= 0 && i < n; i++) {
                const struct unit_row *u = &units[i];

                if (u->file_state && strcmp(u->file_state, "alias") == 0)
                        continue;
                r = listing_fill(&rows[used], u->name, u->description, u->load, u->active, u->sub,
                                 u->file_state);
                /* What it has not loaded it would read from the same files, one at a time. */
                rows[used++].file = strcmp(u->active, "-") == 0 && !c->args->host &&
                                    !c->args->machine;
        }
        unit_rows_free(units, n);
        if (r < 0) {
                listings_free(rows, used);
                return err_set(e, r, "cannot list units");
        }
        *ret = rows;
        *ret_count = used;
        return 0;
}

struct rows {
        struct listing *list;
        size_t count;
};

static void rows_done(struct rows *rows)
{
        listings_free(rows->list, rows->count);
}

/* The row of a unit among all there are; an empty one for what was named by path or has no row. */
static const struct listing *find(const struct rows *all, const char *unit)
{
        static const struct listing none = { .file = true };

        for (size_t i = 0; i < all->count; i++)
                if (strcmp(all->list[i].unit, unit) == 0)
                        return &all->list[i];
        return &none;
}

static int list_word(struct context *c, const char *word, const struct rows *all,
                     struct listing *ret, struct err *e)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        bool path = strchr(word, '/') != NULL;
        const struct listing *l;
        int r = context_unit(c, word, &s, e);

        if (r < 0)
                return r;
        l = find(all, path ? "" : s->unit);
        r = listing_fill(ret, path ? word : s->unit, s->facts.description, load_state_name(s->load),
                         l->active, l->sub, l->file_state);
        ret->file = path || !c->manager;
        return r < 0 ? err_set(e, r, "cannot list %s", word) : 0;
}

static int list_words(struct context *c, char *const *words, struct listing **ret,
                      size_t *ret_count, struct err *e)
{
        scoped(rows_done) struct rows all = { 0 }, rows = { .count = strv_length(words) };
        int r = listing_read(c, NULL, &all.list, &all.count, e);

        if (r < 0)
                return r;
        rows.list = calloc(rows.count, sizeof(*rows.list));
        if (!rows.list)
                return err_set(e, -ENOMEM, "cannot list units");
        for (size_t i = 0; i < rows.count; i++) {
                r = list_word(c, words[i], &all, &rows.list[i], e);
                if (r < 0)
                        return r;
        }
        *ret = take(rows.list);
        *ret_count = rows.count;
        return 0;
}

int listing_read(struct context *c, char *const *words, struct listing **ret, size_t *ret_count,
                 struct err *e)
{
        if (words && *words)
                return list_words(c, words, ret, ret_count, e);
        return c->manager ? list_manager(c, ret, ret_count, e) : list_files(c, ret, ret_count, e);
}

static const char *why_unscored(enum load_state load)
{
        switch (load) {
        case LOAD_MASKED:
                return "masked: it can't start";
        case LOAD_BAD_SETTING:
                return "systemd refuses its unit file";
        case LOAD_NOT_FOUND:
                return "no unit file";
        case LOAD_ERROR:
                return "its unit file can't be read";
        case LOAD_LOADED:
        case LOAD_TEMPLATE:
                break;
        }
        return "systemd does not score it";
}

struct scoring {
        struct context *context;
        struct listing *rows;
        const size_t *places; /* of what the manager reads, among the rows */
};

/* The number that was kept for it.  A file that is not gird's is told of once, and goes for none.
 */
static int note_breach(struct context *c, const struct sandbox *s, struct listing *l)
{
        struct err e = { 0 };
        unsigned chains = 0;
        int r = breaching_kept(c, s, &l->allowed, &chains, &e);

        l->breached = r == 0;
        l->leaves = r == 0 && chains > 0;
        if (r != 0 && e.code && r != -ENOMEM)
                l->note = "what `gird breach` kept for it can't be read";
        return r == -ENOMEM ? r : 0;
}

/* Scores what was read into its row; takes s over. */
static int got_scored(void *userdata, size_t index, struct sandbox *s)
{
        struct scoring *scoring = userdata;
        struct listing *l = &scoring->rows[index];
        struct score score;
        int r = sandbox_imply(s, &scoring->context->dialect);

        if (r >= 0)
                r = score_sandbox(s, &scoring->context->dialect, scoring->context->mode, &score);
        if (r == 0) {
                l->scored = true;
                l->exposure = score.exposure;
                r = note_breach(scoring->context, s, l);
        } else if (r > 0)
                l->note = why_unscored(s->load);
        if (r >= 0 && !*l->description && s->facts.description) {
                free(l->description);
                l->description = text_printable_dup(s->facts.description);
        }
        if (r >= 0 && strcmp(l->load, "-") == 0) {
                free(l->load);
                l->load = strdup(load_state_name(s->load));
        }
        sandbox_free(s);
        return r < 0 ? r : l->description && l->load ? 0 : -ENOMEM;
}

/* The rows that are scored from unit files. */
static int score_files(struct scoring *scoring, size_t count, struct err *e)
{
        struct context *c = scoring->context;

        for (size_t i = 0; i < count; i++) {
                struct sandbox *s = NULL;
                int r;

                if (!scoring->rows[i].file)
                        continue;
                r = unit_read(&c->root, scoring->rows[i].unit, &c->dialect, &s, e);
                if (r >= 0 && c->manager)
                        sandbox_as_reported(s, &c->dialect);
                if (r >= 0)
                        r = got_scored(scoring, i, s);
                if (r >= 0 && i % 16 == 15)
                        r = job_pause(&c->job, 0); /* keys and the clock get their turn */
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Hands what the manager read to the row it belongs to. */
static int got_loaded(void *userdata, size_t index, struct sandbox *s)
{
        struct scoring *scoring = userdata;

        return got_scored(scoring, scoring->places[index], s);
}

/* Units that the manager has loaded, as their files have them. */
struct loaded {
        size_t count;
        size_t *places; /* among the rows */
        struct sandbox **read;
        bool *current; /* the manager has read these very files */
        char **names;  /* of the others */
        size_t *asked; /* their places */
};

static void loaded_done(struct loaded *l)
{
        for (size_t i = 0; l->read && i < l->count; i++)
                sandbox_free(l->read[i]);
        free(l->places);
        free(l->read);
        free(l->current);
        strv_free(l->names);
        free(l->asked);
}

static int read_loaded(struct scoring *scoring, size_t count, struct loaded *l, struct err *e)
{
        struct context *c = scoring->context;
        bool here = !c->args->host && !c->args->machine;

        l->places = calloc(count, sizeof(*l->places));
        l->read = calloc(count, sizeof(struct sandbox *));
        l->current = calloc(count, sizeof(*l->current));
        l->names = calloc(count + 1, sizeof(char *));
        l->asked = calloc(count, sizeof(*l->asked));
        if (!l->places || !l->read || !l->current || !l->names || !l->asked)
                return err_set(e, -ENOMEM, "cannot score units");
        for (size_t i = 0; i < count; i++) {
                int r;

                if (scoring->rows[i].file)
                        continue;
                l->places[l->count] = i;
                r = here ? unit_read(&c->root, scoring->rows[i].unit, &c->dialect,
                                     &l->read[l->count], e)
                         : sandbox_new(scoring->rows[i].unit, SCOPE_SYSTEM, &l->read[l->count]);
                if (r < 0)
                        return r;
                l->count++;
        }
        return here ? manager_is_current(c->manager, &c->job, l->read, l->count, l->current, e) : 0;
}

static int score_loaded(struct scoring *scoring, size_t count, struct err *e)
{
        struct context *c = scoring->context;
        scoped(loaded_done) struct loaded l = { 0 };
        size_t n = 0;
        int r = read_loaded(scoring, count, &l, e);

        for (size_t i = 0; r >= 0 && i < l.count; i++) {
                if (l.current[i]) {
                        sandbox_as_reported(l.read[i], &c->dialect);
                        r = got_scored(scoring, l.places[i], take(l.read[i]));
                        continue;
                }
                l.asked[n] = l.places[i];
                l.names[n] = strdup(scoring->rows[l.places[i]].unit);
                if (!l.names[n++])
                        r = err_set(e, -ENOMEM, "cannot score units");
        }
        scoring->places = l.asked;
        return r < 0 || !n ? r
                           : manager_read(c->manager, &c->job, l.names, &c->dialect, got_loaded,
                                          scoring, e);
}

int listing_score(struct context *c, struct listing *rows, size_t count, struct err *e)
{
        struct scoring scoring = { .context = c, .rows = rows };
        int r;

        if (count == 0)
                return 0;
        r = score_files(&scoring, count, e);
        return r < 0 || !c->manager ? r : score_loaded(&scoring, count, e);
}

void listings_free(struct listing *rows, size_t count)
{
        for (size_t i = 0; rows && i < count; i++) {
                free(rows[i].unit);
                free(rows[i].description);
                free(rows[i].load);
                free(rows[i].active);
                free(rows[i].sub);
                free(rows[i].file_state);
        }
        free(rows);
}
