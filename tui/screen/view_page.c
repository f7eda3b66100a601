/* view_page.c - a help page: text that scrolls, with links. */
#include "tui/screen/view_page.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/lessons.h"
#include "tui/screen/views.h"

#include <stdio.h>
#include <string.h>

static void draw(const void *state, const struct canvas *c)
{
        const struct page_view *v = state;
        int bottom = v->prompt.open && c->rows > 1 ? 1 : 0;
        struct canvas body = canvas_part(c, 1, 0, c->rows - 1 - bottom, c->cols);

        canvas_field(c, 0, 0, c->cols, ROLE_TITLE, v->title);
        sheet_draw(&v->sheet, &body);
        if (bottom)
                prompt_draw(&v->prompt, c, c->rows - 1,
                            v->everywhere ? "search all pages: " : "search: ");
}

void page_view_link(struct page_view *v, size_t part, size_t at, size_t length,
                    struct page_link link)
{
        struct page_link *longer = realloc(v->links, ((size_t)v->link_count + 1) * sizeof(*longer));

        if (!longer) {
                v->sheet.failed = true;
                return;
        }
        v->links = longer;
        v->links[v->link_count++] = link;
        sheet_mark(&v->sheet, part, at, length, ROLE_KEY, v->link_count);
}

static void focus(struct page_view *v, int link)
{
        sheet_mark_role(&v->sheet, v->at, ROLE_KEY);
        v->at = link;
        sheet_mark_role(&v->sheet, link, ROLE_CURSOR);
        sheet_focus_mark(&v->sheet, link);
}

/* The next link from the marked one; where that was scrolled away, from what is seen. */
static void move_link(struct page_view *v, int step)
{
        int link = v->at;

        if (link && sheet_sees_mark(&v->sheet, link, false)) {
                link += step;
        } else if (step > 0) {
                for (link = 1; link <= v->link_count; link++)
                        if (sheet_sees_mark(&v->sheet, link, true))
                                break;
        } else {
                for (link = v->link_count; link > 0; link--)
                        if (!sheet_sees_mark(&v->sheet, link, true) ||
                            sheet_sees_mark(&v->sheet, link, false))
                                break;
        }
        if (link < 1)
                link = v->link_count;
        if (link > v->link_count)
                link = 1;
        focus(v, link);
}

static void open_prompt(struct page_view *v, bool everywhere)
{
        v->everywhere = everywhere;
        prompt_open(&v->prompt, "");
}

static void next_match(struct page_view *v, int step, bool fresh, struct app *app)
{
        if (v->search[0] && !page_view_search(v, step, fresh))
                app_say(app, ROLE_FAIR, "\"%s\" is not on this page", v->search);
}

static bool act(void *state, enum action a, struct app *app)
{
        struct page_view *v = state;

        switch (a) {
        case ACT_LINK:
        case ACT_LINK_BACK:
                if (v->link_count)
                        move_link(v, a == ACT_LINK ? 1 : -1);
                else
                        app_say(app, ROLE_FAIR, "this page names no other");
                return true;
        case ACT_OPEN:
                if (v->at)
                        page_view_show(app, v->links[v->at - 1].page, v->links[v->at - 1].term);
                else if (v->link_count)
                        app_say(app, ROLE_FAIR, "%s goes to a link",
                                action_key(PAGE_SCREEN, ACT_LINK));
                return true;
        case ACT_SEARCH:
        case ACT_SEARCH_ALL:
                open_prompt(v, a == ACT_SEARCH_ALL);
                return true;
        case ACT_NEXT:
        case ACT_PREVIOUS:
                next_match(v, a == ACT_NEXT ? 1 : -1, false, app);
                return true;
        default:
                return sheet_move(&v->sheet, a);
        }
}

static bool key(void *state, const char *name, struct app *app)
{
        struct page_view *v = state;
        char words[128];

        if (!v->prompt.open)
                return false;
        if (prompt_key(&v->prompt, name) != PROMPT_ACCEPTED)
                return true;
        text_printable(words, sizeof(words), v->prompt.text);
        if (v->everywhere) {
                if (words[strspn(words, " ")])
                        page_view_found(app, words);
                return true;
        }
        snprintf(v->search, sizeof(v->search), "%s", words);
        next_match(v, 1, true, app);
        return true;
}

static void view_free(void *state)
{
        struct page_view *v = state;

        sheet_done(&v->sheet);
        free(v->links);
        free(v);
}

static const enum action linked[] = { ACT_LINK,       ACT_OPEN, ACT_BACK, ACT_SEARCH,
                                      ACT_SEARCH_ALL, ACT_DOWN, ACT_HELP, ACT_NONE };
static const enum action plain[] = { ACT_DOWN,       ACT_PAGE_DOWN, ACT_BACK, ACT_SEARCH,
                                     ACT_SEARCH_ALL, ACT_HELP,      ACT_NONE };

static const enum action *offer(const void *state)
{
        const struct page_view *v = state;

        return v->link_count ? linked : plain;
}

const struct view_ops page_view_ops = {
        .screen = PAGE_SCREEN,
        .draw = draw,
        .act = act,
        .key = key,
        .free = view_free,
        .offer = offer,
};

static bool explained(const struct page_view *v, const char *term)
{
        for (int i = 0; i < v->link_count; i++)
                if (v->links[i].term == term)
                        return true;
        return false;
}

/* The words of the glossary in text[from..to), each where a page uses it first. */
static void add_terms(struct page_view *v, size_t part, const char *text, size_t from, size_t to)
{
        struct help_term t;

        while (help_term_next(text, from, &t) && t.at + t.length <= to) {
                from = t.at + t.length;
                if (t.page != v->page && !explained(v, t.term))
                        page_view_link(v, part, t.at, t.length,
                                       (struct page_link){ t.page, t.term });
        }
}

/* The pages and words that a line names, from left to right. */
static void add_line_links(struct page_view *v, size_t part, const char *text, bool listed)
{
        struct help_link link = { 0 };
        size_t from = 0;

        while (help_link_next(text, from, listed, &link)) {
                if (!listed)
                        add_terms(v, part, text, from, link.at);
                if (link.page != v->page)
                        page_view_link(v, part, link.at, link.length,
                                       (struct page_link){ link.page, NULL });
                from = link.at + link.length;
        }
        if (!listed)
                add_terms(v, part, text, from, strlen(text));
}

/* Links in prose; experiments and examples are to be read as they are. */
static void add_links(struct page_view *v)
{
        bool listed = false, quoted = false;
        const char *text;

        for (size_t part = 1; (text = sheet_part(&v->sheet, part)); part++) {
                if (*text && *text != ' ') {
                        listed = strcmp(text, "See also") == 0;
                        quoted = strcmp(text, "Tested") == 0 || strcmp(text, "Example") == 0 ||
                                 strncmp(text, "Unit", 4) == 0 || strncmp(text, "Drop-in", 7) == 0;
                } else if (!quoted) {
                        add_line_links(v, part, text, listed);
                }
        }
}

/* The line of a term at the top of the window. */
static void go_to_term(struct page_view *v, const char *term)
{
        size_t n = strcspn(term, "\n");
        const char *text;

        for (size_t part = 1; (text = sheet_part(&v->sheet, part)); part++)
                if (strlen(text) == n && strncmp(text, term, n) == 0) {
                        v->sheet.top = (int)v->sheet.count; /* from below, so that it comes first */
                        v->sheet.focus = part + 1;
                        return;
                }
}

/* What the tables know besides, for the systemd that the screen is about. */
static void add_more(struct page_view *v, const struct app *app)
{
        scoped(mem_freep) char *more = NULL;

        if (!app->context)
                return;
        more = help_more(v->page, &app->context->dialect);
        if (more)
                sheet_add_page(&v->sheet, more);
        else
                v->sheet.failed = true;
}

void page_view_show(struct app *app, const struct help_page *page, const char *term)
{
        struct page_view *v = calloc(1, sizeof(*v));
        scoped(mem_freep) char *sentence = help_sentence(page);
        /* A lesson without its answers. */
        scoped(mem_freep) char *text = strcmp(page->folder, "lessons") == 0 ? lesson_text(page)
                                                                            : strdup(page->text);

        if (v) {
                const char *rest = text ? strchr(text, '\n') : NULL; /* the name is the title */

                rest = rest ? strchr(rest + 1, '\n') : NULL;
                v->page = page;
                v->sheet.failed = !sentence || !rest;
                snprintf(v->title, sizeof(v->title), "%s", page->name);
                sheet_add(&v->sheet, ROLE_TEXT, "%s", sentence ? sentence : "");
                sheet_add_page(&v->sheet, rest ? rest + 1 : "");
                add_more(v, app);
                add_links(v);
                if (term)
                        go_to_term(v, term);
        }
        app_push(app, &page_view_ops, v);
}

void view_page_open(struct app *app, const char *name)
{
        const struct help_page *page = help_find(name);

        if (page)
                page_view_show(app, page, NULL);
        else
                app_say(app, ROLE_FAIR, "there is no help page on %s", name);
}
