/* view_page_search.c - looking for words: in the page on the screen, and in all of them. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/view_page.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { FOUND = -1 }; /* the number of its mark; links have theirs from 1 on */

/* The next place in a text, forwards from `from`, or the last one before it. */
static const char *place_in(const char *text, const char *words, size_t from, int step)
{
        const char *last = NULL, *p = text;

        if (step > 0)
                return from <= strlen(text) ? strcasestr(text + from, words) : NULL;
        while ((p = strcasestr(p, words)) && p < text + from)
                last = p++;
        return last;
}

bool page_view_search(struct page_view *v, int step, bool fresh)
{
        size_t count = v->sheet.count, length = strlen(v->search);
        size_t part = fresh ? 0 : v->found_part;
        size_t from = fresh ? 0 : step > 0 ? v->found_at + 1 : v->found_at;

        /* Once around, and what is before the beginning on the part it began with. */
        for (size_t i = 0; count && i <= count; i++) {
                const char *text = sheet_part(&v->sheet, part);
                const char *p = text ? place_in(text, v->search, from, step) : NULL;

                if (p) {
                        v->found_part = part;
                        v->found_at = (size_t)(p - text);
                        sheet_unmark(&v->sheet, FOUND);
                        sheet_mark(&v->sheet, part, v->found_at, length, ROLE_ALERT, FOUND);
                        sheet_focus_mark(&v->sheet, FOUND);
                        return true;
                }
                part = step > 0 ? (part + 1) % count : (part + count - 1) % count;
                from = step > 0 ? 0 : SIZE_MAX / 2;
        }
        return false;
}

static void add_hit(struct page_view *v, const struct help_page *page, const char *words)
{
        scoped(mem_freep) char *sentence = help_sentence(page);
        scoped(mem_freep) char *line = help_match(page, words);

        sheet_add(&v->sheet, ROLE_TEXT, "%s  (%s)", page->name, page->folder);
        page_view_link(v, v->sheet.count - 1, 0, strlen(page->name),
                       (struct page_link){ page, NULL });
        sheet_add(&v->sheet, ROLE_TEXT, "  %s", sentence ? sentence : "");
        if (line && sentence && strcmp(line, sentence) != 0)
                sheet_add(&v->sheet, ROLE_TEXT, "    %s", line);
}

void page_view_found(struct app *app, const char *words)
{
        scoped(mem_freep) const struct help_page **found = help_search(words);
        struct page_view *v;

        if (found && !found[0]) {
                app_say(app, ROLE_FAIR, "no page holds all of: %s", words);
                return;
        }
        v = calloc(1, sizeof(*v));
        if (v) {
                v->sheet.failed = !found;
                snprintf(v->title, sizeof(v->title), "Pages with: %s", words);
                for (size_t i = 0; found && found[i]; i++)
                        add_hit(v, found[i], words);
        }
        app_push(app, &page_view_ops, v);
}
