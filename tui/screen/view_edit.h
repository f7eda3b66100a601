/* view_edit.h - the editors of a value, and what they have in common.
 *
 *   set    what can be ticked: capabilities, namespaces, families, system calls, known words
 *   lines  a list, a member a line
 *   choice one of a few words, with what each means
 *   text   anything else on one line
 *
 * All edit a struct value by systemd's own merging (value_assign) and hand on what value_print
 * makes of it. */
#pragma once

#include "core/catalogue/value.h"
#include "tui/screen/app.h"
#include "tui/screen/prompt.h"
#include "tui/screen/sheet.h"
#include "tui/screen/views.h"

/* The part that every editor begins with. */
struct edit {
        const struct directive *directive;
        const struct dialect *dialect;
        struct edit_done done;
        struct value first; /* as it was opened */
        struct value value; /* as it is now */
        struct value *past; /* what undo goes back to, oldest first */
        size_t past_count;
        bool discarded; /* the user said so */
        struct prompt prompt;
};

struct choice_view {
        struct edit edit;
        struct value *values; /* those that can be chosen; [0]: not set */
        char **labels;        /* with what each means, NULL-terminated */
        char **meanings;
        size_t count;
        int cursor;
        struct sheet help;
};

struct text_view {
        struct edit edit;
        char *opened; /* the text as it was */
        struct sheet help;
};

struct lines_view {
        struct edit edit;
        int cursor;
        bool adding;  /* the prompt makes a new line, else it replaces the one at the cursor */
        char *opened; /* what the prompt was opened with */
        struct sheet help;
};

/* A thing that can be ticked, or a group of them. */
struct member {
        char *name;
        uint64_t bit;  /* capabilities, namespaces; else 0 */
        char **leaves; /* of a group of system calls, sorted; else NULL */
        bool open;     /* the leaves are shown */
};

struct set_row {
        size_t member;
        int leaf; /* of the member; -1: the member itself */
};

struct set_view {
        struct edit edit;
        bool denies; /* a tick forbids; else it allows */
        struct member *members;
        size_t member_count;
        struct set_row *rows; /* what is shown, in order */
        size_t row_count;
        int cursor;
        bool searching; /* the prompt searches, else it adds */
        char search[128];
};

extern const struct view_ops choice_view_ops, text_view_ops, lines_view_ops, set_view_ops;

/* Each opens its editor and takes over what is in *s. */
void choice_open(struct app *app, struct edit *s);
void text_open(struct app *app, struct edit *s);
void lines_open(struct app *app, struct edit *s);
void set_open(struct app *app, struct edit *s);

/* 0 or -ENOMEM. */
int edit_init(struct edit *s, const struct directive *d, const struct dialect *dialect,
              const struct value *v, struct edit_done done);
void edit_done(struct edit *s);

bool edit_dirty(const struct edit *s);
bool edit_leave(struct edit *s, struct app *app); /* for view_ops.leave */
void edit_ask(struct edit *s, struct app *app);   /* leave without the change? */

/* Makes v (taken over) the value, with an undo step.  0 or -ENOMEM. */
int edit_replace(struct edit *s, struct value *v);
bool edit_undo(struct edit *s); /* false: nothing to undo */

/* What systemd would make of lines: the text of each behind '='.  Words that it would skip are
 * an error here.  0 or < 0. */
int edit_read(const struct edit *s, char *const *lines, struct value *ret, struct err *e);

/* Merges one more line into the value.  Same returns. */
int edit_assign(struct edit *s, const char *line, struct err *e);

/* Gives the value to whoever opened the editor, and closes it: s is gone when it returns true. */
bool edit_accept(struct edit *s, struct app *app);

/* Whether a line fits in a prompt; else says that it does not. */
bool edit_fits(const char *line, const struct directive *d, struct app *app);

/* Name, and what the value is now, in the first row. */
void edit_draw_title(const struct edit *s, const struct canvas *c);

/* The section "Values" of the directive's help page. */
void edit_add_help(struct sheet *sheet, const struct directive *d);

/* Another section, with its heading. */
void edit_add_section(struct sheet *sheet, const struct directive *d, const char *heading);

/* What stands beside value in that section, on one line; NULL: nothing.  Caller frees. */
char *edit_meaning(const struct directive *d, const char *value, const char *also);

/* Whether nothing set means that everything is allowed. */
bool edit_unset_is_all(const struct directive *d);

int set_init(struct set_view *v);    /* members and rows from the value; 0 or -ENOMEM */
int set_arrange(struct set_view *v); /* rows from members; members the value has beside them */
void set_done(struct set_view *v);
const char *set_row_name(const struct set_view *v, const struct set_row *row);
enum mark { MARK_NONE, MARK_SOME, MARK_ALL };
enum mark set_mark(const struct set_view *v, const struct value *value, const struct set_row *row);
const char *set_errno(const struct set_view *v, const char *name); /* "EPERM"; NULL: none */

/* What the keys of the set editor do to the value.  0 or < 0. */
int set_tick(struct set_view *v, const struct set_row *row, bool on, struct err *e);
int set_add(struct set_view *v, const char *text, struct err *e);
int set_none(struct set_view *v, struct err *e);
int set_all(struct set_view *v, struct err *e);
int set_invert(struct set_view *v, struct err *e); /* 1: this list has no other side */
void set_draw(const void *state, const struct canvas *c);

/* What a member of a set is, in a few words; NULL: unknown. */
const char *edit_word_meaning(const char *word);
