/* view_page_keys.c - what the keys of a screen do. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/view_page.h"
#include "tui/screen/views.h"

#include <stdio.h>

/* A binding counts where the screen does not use its key for something else. */
static bool holds(const struct binding *b, enum screen_id owner, enum screen_id screen)
{
        return b->screen == owner && action_for(screen, b->key) == b->action;
}

/* "j, Down" - all keys of one action that belong to owner; NULL: not the first row of them. */
static char *keys_of(size_t at, enum screen_id owner, enum screen_id screen)
{
        const struct binding *first = binding_at(at);
        struct text t = { 0 };

        for (size_t i = 0; i < at; i++)
                if (holds(binding_at(i), owner, screen) && binding_at(i)->action == first->action)
                        return NULL;
        text_add(&t, first->key);
        for (const struct binding *b; (b = binding_at(++at));)
                if (holds(b, owner, screen) && b->action == first->action)
                        text_addf(&t, ", %s", b->key);
        return text_take(&t);
}

static void add_keys(struct sheet *s, enum screen_id owner, enum screen_id screen)
{
        bool headed = false;
        const struct binding *b;

        for (size_t i = 0; (b = binding_at(i)); i++) {
                scoped(mem_freep) char *keys = holds(b, owner, screen) ? keys_of(i, owner, screen)
                                                                       : NULL;

                if (!keys)
                        continue;
                if (!headed) {
                        sheet_add(s, ROLE_TEXT, "%s", "");
                        sheet_add(s, ROLE_HEADING, "On %s%s",
                                  owner == ANY_SCREEN ? "" : "this screen: ", screen_name(owner));
                }
                headed = true;
                sheet_add(s, ROLE_TEXT, "  %-20s %s", keys, action_help(b->action));
        }
}

void view_keys_open(struct app *app, enum screen_id screen)
{
        struct page_view *v = calloc(1, sizeof(*v));

        if (v) {
                snprintf(v->title, sizeof(v->title), "Keys");
                if (screen != ANY_SCREEN)
                        add_keys(&v->sheet, screen, screen);
                add_keys(&v->sheet, ANY_SCREEN, screen);
        }
        app_push(app, &page_view_ops, v);
}
