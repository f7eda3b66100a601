/* view_page.h - the screens that are only read: a help page, the pages that hold some words, and
 * what the keys do.  Where they name other pages there are links. */
#pragma once

#include "tui/help.h"
#include "tui/screen/app.h"
#include "tui/screen/prompt.h"
#include "tui/screen/sheet.h"

struct page_link {
        const struct help_page *page;
        const char *term; /* a line of the page to begin with; NULL: its beginning */
};

struct page_view {
        char title[160];
        const struct help_page *page; /* NULL: the keys, or pages that were found */
        struct sheet sheet;
        struct page_link *links; /* their marks in the sheet are numbered from 1 */
        int link_count;
        int at; /* the link that is marked; 0: none */
        struct prompt prompt;
        bool everywhere;  /* it asks for words to look for in all pages */
        char search[128]; /* looked for in this page */
        size_t found_part, found_at;
};

extern const struct view_ops page_view_ops;

/* A page on the screen, from the line of a term on where that is not NULL. */
void page_view_show(struct app *app, const struct help_page *page, const char *term);

/* A link over bytes of a part of the sheet. */
void page_view_link(struct page_view *v, size_t part, size_t at, size_t length,
                    struct page_link link);

/* All pages that hold the words, on a screen of their own; a message where there are none. */
void page_view_found(struct app *app, const char *words);

/* From the match there is to the next one (step 1) or the one before (-1); fresh: from the
 * beginning. */
bool page_view_search(struct page_view *v, int step, bool fresh);
