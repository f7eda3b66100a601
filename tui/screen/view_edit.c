/* view_edit.c - what the editors of a value have in common, and which one edits what. */
#include "tui/screen/view_edit.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/help.h"
#include "tui/screen/wording.h"

#include <errno.h>
#include <string.h>

enum { PAST_MAX = 200 };

int edit_init(struct edit *s, const struct directive *d, const struct dialect *dialect,
              const struct value *v, struct edit_done done)
{
        int r;

        *s = (struct edit){ .directive = d, .dialect = dialect, .done = done };
        r = value_copy(v, &s->first);
        return r < 0 ? r : value_copy(v, &s->value);
}

void edit_done(struct edit *s)
{
        for (size_t i = 0; i < s->past_count; i++)
                value_done(&s->past[i]);
        free(s->past);
        value_done(&s->first);
        value_done(&s->value);
        *s = (struct edit){ 0 };
}

bool edit_dirty(const struct edit *s)
{
        return !s->discarded && !value_equal(&s->first, &s->value);
}

static void discard(void *state, struct app *app)
{
        struct edit *s = state;

        s->discarded = true;
        if (!app->quitting)
                app_pop(app);
}

void edit_ask(struct edit *s, struct app *app)
{
        app_ask(app, discard, s, "%s: leave without the change?", s->directive->name);
}

bool edit_leave(struct edit *s, struct app *app)
{
        if (!edit_dirty(s))
                return true;
        edit_ask(s, app);
        return false;
}

int edit_replace(struct edit *s, struct value *v)
{
        struct value *past = s->past;

        if (value_equal(v, &s->value)) {
                value_done(v);
                *v = (struct value){ 0 };
                return 0;
        }
        if (s->past_count == PAST_MAX) {
                value_done(&past[0]);
                memmove(past, past + 1, --s->past_count * sizeof(*past));
        }
        past = realloc(past, (s->past_count + 1) * sizeof(*past));
        if (!past)
                return -ENOMEM;
        s->past = past;
        past[s->past_count++] = s->value;
        s->value = *v;
        *v = (struct value){ 0 };
        return 0;
}

bool edit_undo(struct edit *s)
{
        if (!s->past_count)
                return false;
        value_done(&s->value);
        s->value = s->past[--s->past_count];
        return true;
}

static int merge(const struct edit *s, struct value *v, const char *line, struct err *e)
{
        struct err note = { 0 };
        int r = value_assign(v, s->directive, s->dialect, line, &note);

        if (r < 0)
                return err_set(e, r, "cannot read %s=", s->directive->name);
        if (r != ASSIGN_TAKEN || note.text[0])
                return err_say(e, -EINVAL, "%s=%s: %s", s->directive->name, line,
                               note.text[0] ? note.text : "systemd would ignore this");
        return 0;
}

int edit_read(const struct edit *s, char *const *lines, struct value *ret, struct err *e)
{
        scoped(value_done) struct value v = { 0 };

        for (; *lines; lines++) {
                int r = merge(s, &v, *lines, e);

                if (r < 0)
                        return r;
        }
        *ret = v;
        v = (struct value){ 0 };
        return 0;
}

int edit_assign(struct edit *s, const char *line, struct err *e)
{
        scoped(value_done) struct value v = { 0 };
        int r = value_copy(&s->value, &v);

        if (r >= 0)
                r = merge(s, &v, line, e);
        return r < 0 ? r : edit_replace(s, &v);
}

bool edit_accept(struct edit *s, struct app *app)
{
        scoped(strv_freep) char **lines = NULL;
        char *none[] = { NULL };
        struct err e = { 0 };
        int r = 0;

        if (edit_dirty(s)) {
                r = value_print(&s->value, s->directive, s->dialect, &lines);
                r = r < 0 ? err_set(&e, r, "cannot write %s=", s->directive->name)
                          : s->done.accept(s->done.state, lines ? lines : none, app, &e);
        }
        if (r < 0) {
                app_fail(app, &e);
                return false;
        }
        app_pop(app);
        return true;
}

bool edit_fits(const char *line, const struct directive *d, struct app *app)
{
        if (strlen(line) < PROMPT_ROOM)
                return true;
        app_say(app, ROLE_FAIR, "%s: this is too long to be edited here", d->name);
        return false;
}

void edit_draw_title(const struct edit *s, const struct canvas *c)
{
        scoped(mem_freep) char *value = wording_value(&s->value, s->directive, s->dialect);
        int col = canvas_text(c, 0, 0, ROLE_TITLE, "%s", s->directive->name);

        col = canvas_text(c, 0, col, ROLE_TITLE, "=");
        if (col < c->cols)
                canvas_field(c, 0, col, c->cols - col, edit_dirty(s) ? ROLE_CHANGED : ROLE_TEXT,
                             value ? value : "?");
}

void edit_add_help(struct sheet *sheet, const struct directive *d)
{
        const struct help_page *page = help_find(d->name);
        scoped(mem_freep) char *values = page ? help_section(page, "Values") : NULL;
        scoped(mem_freep) char *sentence = page ? help_sentence(page) : NULL;

        if (sentence)
                sheet_add(sheet, ROLE_TEXT, "%s", sentence);
        if (values)
                sheet_add_page(sheet, values);
}

void edit_add_section(struct sheet *sheet, const struct directive *d, const char *heading)
{
        const struct help_page *page = help_find(d->name);
        scoped(mem_freep) char *body = page ? help_section(page, heading) : NULL;

        if (!body)
                return;
        sheet_add(sheet, ROLE_HEADING, "%s", heading);
        sheet_add_page(sheet, body);
}

/* Whether one of the words of term (n bytes: "yes, self") is word. */
static bool names(const char *term, size_t n, const char *word, size_t length)
{
        for (size_t at = 0; at < n;) {
                size_t len = strcspn(term + at, ", ");

                if (at + len > n)
                        len = n - at;
                if (len == length && strncmp(term + at, word, len) == 0)
                        return true;
                at += len + 1;
        }
        return false;
}

static bool names_any(const char *term, size_t n, const char *value, const char *also)
{
        if (names(term, n, value, strlen(value)))
                return true;
        for (; also && *also; also += strspn(also, " ")) {
                size_t length = strcspn(also, " ");

                if (names(term, n, also, length))
                        return true;
                also += length;
        }
        return false;
}

char *edit_meaning(const struct directive *d, const char *value, const char *also)
{
        const struct help_page *page = help_find(d->name);
        scoped(mem_freep) char *section = page ? help_section(page, "Values") : NULL;
        struct text t = { 0 };
        bool mine = false;

        for (char *line = section, *next; line && *line; line = next) {
                size_t indent = strspn(line, " ");
                char *end = strchr(line, '\n');
                char *gap = strstr(line + indent, "  ");

                next = end ? end + 1 : line + strlen(line);
                if (end)
                        *end = '\0';
                if (indent == 2) /* a term, two blanks, what it means */
                        mine = gap && (!end || gap < end) &&
                               names_any(line + 2, (size_t)(gap - line - 2), value, also);
                if (mine)
                        text_addf(&t, "%s%s", t.length ? " " : "",
                                  indent == 2 ? gap + strspn(gap, " ") : line + indent);
        }
        if (!t.length) {
                text_done(&t);
                return NULL;
        }
        return text_take(&t);
}

bool edit_unset_is_all(const struct directive *d)
{
        return d->unset && text_starts(d->unset, "all");
}

static void (*editor_of(const struct directive *d))(struct app *, struct edit *)
{
        switch (d->kind) {
        case KIND_BOOL:
        case KIND_CHOICE:
                return choice_open;
        case KIND_CAPS:
        case KIND_NAMESPACES:
        case KIND_FAMILIES:
        case KIND_SYSCALLS:
                return set_open;
        case KIND_NAMES:
                /* Delegate=yes is no member of a set. */
                return vocabulary_of(d->id) >= 0 && d->reset != RESET_YES ? set_open : lines_open;
        case KIND_POLAR:
        case KIND_PATHS:
        case KIND_BINDS:
        case KIND_DIRS:
        case KIND_DEVICES:
        case KIND_ADDRESSES:
        case KIND_PORTS:
        case KIND_LINES:
                return lines_open;
        case KIND_UMASK:
        case KIND_USER:
        case KIND_PATH:
        case KIND_AMOUNT:
        case KIND_TEXT:
                break;
        }
        return text_open;
}

void view_edit_open(struct app *app, const struct directive *d, const struct dialect *dialect,
                    const struct value *v, struct edit_done done)
{
        struct edit edit;

        if (edit_init(&edit, d, dialect, v, done) < 0) {
                edit_done(&edit);
                app_say(app, ROLE_BAD, "out of memory");
                return;
        }
        editor_of(d)(app, &edit);
}
