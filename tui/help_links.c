/* help_links.c - where a text names other help pages. */
#include "tui/help.h"

#include "core/base/base.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool is_word(char c)
{
        return isalnum((unsigned char)c) || c == '_' || c == '@' || c == '-';
}

/* The page that text[at..] names in its own spelling; *ret_length is how far the name reaches. */
static const struct help_page *named_at(const char *text, size_t *ret_length)
{
        const char *end = text + (*text == '@');
        char name[64];
        const struct help_page *p;

        while (isalnum((unsigned char)*end) || *end == '_' || (*text == '@' && *end == '-'))
                end++;
        if (isdigit((unsigned char)*text) && *end == '/' && isupper((unsigned char)end[1]))
                for (end++; isupper((unsigned char)*end) || *end == '_';)
                        end++;
        else if (*text == '@' || strncmp(text, "CAP_", 4) == 0 || strncmp(text, "AF_", 3) == 0)
                ;
        else if (*end == '=' && isupper((unsigned char)*text))
                end++;
        else
                return NULL;
        *ret_length = (size_t)(end - text);
        if (*ret_length >= sizeof(name))
                return NULL;
        memcpy(name, text, *ret_length);
        name[*ret_length] = '\0';
        p = help_find(name);
        /* "User=" means the directive only; and what is written is what was meant. */
        if (p && end[-1] == '=' &&
            (strcmp(p->folder, "directives") != 0 || strncmp(p->name, name, *ret_length - 1) != 0))
                return NULL;
        return p;
}

static bool named_next(const char *text, size_t from, struct help_link *ret)
{
        for (size_t at = from; text[at]; at++) {
                if (at > 0 && is_word(text[at - 1]))
                        continue;
                ret->page = named_at(text + at, &ret->length);
                ret->at = at;
                if (ret->page)
                        return true;
        }
        return false;
}

/* Names between commas, as "See also" has them. */
static bool listed_next(const char *text, size_t from, struct help_link *ret)
{
        while (text[from]) {
                size_t begin = from + strspn(text + from, " \n,"), end;
                char name[64];

                end = begin + strcspn(text + begin, ",\n");
                from = end;
                while (end > begin && (text[end - 1] == ' ' || text[end - 1] == '.'))
                        end--;
                if (end == begin || end - begin >= sizeof(name))
                        continue;
                memcpy(name, text + begin, end - begin);
                name[end - begin] = '\0';
                ret->page = help_find(name);
                ret->at = begin;
                ret->length = end - begin;
                if (ret->page)
                        return true;
        }
        return false;
}

bool help_link_next(const char *text, size_t from, bool listed, struct help_link *ret)
{
        return listed ? listed_next(text, from, ret) : named_next(text, from, ret);
}

static bool has(const struct help_page *const *list, size_t n, const struct help_page *page)
{
        for (size_t i = 0; i < n; i++)
                if (list[i] == page)
                        return true;
        return false;
}

const struct help_page **help_links(const struct help_page *page)
{
        const struct help_page **list = calloc(1, sizeof(*list)), **longer;
        const char *listed = strstr(page->text, "\nSee also\n");
        size_t count = 0, from = 0;
        bool in_list = false;
        struct help_link link;

        if (!list)
                return NULL;
        for (;;) {
                bool found = help_link_next(page->text, from, in_list, &link);

                if (!in_list && listed && (!found || link.at > (size_t)(listed - page->text))) {
                        in_list = true;
                        from = (size_t)(listed - page->text) + strlen("\nSee also\n");
                        continue;
                }
                if (!found)
                        return list;
                from = link.at + link.length;
                if (link.page == page || has(list, count, link.page))
                        continue;
                longer = realloc(list, (count + 2) * sizeof(*longer));
                if (!longer) {
                        free(list);
                        return NULL;
                }
                list = longer;
                list[count++] = link.page;
                list[count] = NULL;
        }
}
