/* help_search.c - full-text search over the help pages. */
#include "tui/help.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <string.h>
#include <strings.h>

/* What a word is worth where it stands; in the text every further line counts, up to some. */
enum {
        IS_NAME = 400,
        BEGINS_NAME = 120,
        IN_NAME = 80,
        IS_HEADING = 90, /* all words together: a term of the glossary */
        IN_SENTENCE = 40,
        IN_HEADING = 15,
        IN_LINE = 3,
        LINES_MAX = 5,
};

struct hit {
        const struct help_page *page;
        unsigned worth;
        size_t place; /* of the page, so that equals keep their order */
};

static bool holds(const char *line, size_t n, const char *word)
{
        size_t w = strlen(word);

        for (size_t i = 0; i + w <= n; i++)
                if (strncasecmp(line + i, word, w) == 0)
                        return true;
        return false;
}

/* What a word is worth on a page; 0: it is not there. */
static unsigned worth_of(const struct help_page *page, const char *word)
{
        size_t n = strcspn(word, "=");
        unsigned worth = 0, lines = 0;
        size_t number = 0;

        if (n > 0 && strncasecmp(page->name, word, n) == 0)
                worth = page->name[n] == '\0' ? IS_NAME : BEGINS_NAME;
        else if (holds(page->name, strlen(page->name), word))
                worth = IN_NAME;
        for (const char *line = page->text; *line; number++) {
                size_t length = strcspn(line, "\n");

                if (number > 0 && holds(line, length, word)) {
                        if (number == 1)
                                worth += IN_SENTENCE;
                        else if (*line != ' ')
                                worth += IN_HEADING;
                        else if (lines++ < LINES_MAX)
                                worth += IN_LINE;
                }
                line += length + (line[length] == '\n');
        }
        return worth;
}

static int by_worth(const void *a, const void *b)
{
        const struct hit *x = a, *y = b;

        if (x->worth != y->worth)
                return x->worth > y->worth ? -1 : 1;
        return (x->place > y->place) - (x->place < y->place);
}

static bool has_heading(const struct help_page *page, const char *words)
{
        size_t n = strlen(words);

        for (const char *line = page->text; (line = strchr(line, '\n')) && line++;)
                if (*line != ' ' && strncasecmp(line, words, n) == 0 && line[n] == '\n')
                        return true;
        return false;
}

/* all: the words as they were typed. */
static unsigned page_worth(const struct help_page *page, const char *all, char *const *words)
{
        unsigned sum = has_heading(page, all) ? IS_HEADING : 0;

        for (; *words; words++) {
                unsigned worth = worth_of(page, *words);

                if (!worth)
                        return 0;
                sum += worth;
        }
        /* There are many of those, and all look alike. */
        return strcmp(page->folder, "assessments") == 0 ? sum / 4 + 1 : sum;
}

const struct help_page **help_search(const char *words)
{
        scoped(strv_freep) char **list = NULL;
        scoped(mem_freep) struct hit *hits = NULL;
        const struct help_page **found;
        size_t pages = 0, count = 0;

        while (help_pages[pages].folder)
                pages++;
        hits = calloc(pages + 1, sizeof(*hits));
        found = calloc(pages + 1, sizeof(const struct help_page *));
        if (!hits || !found || strv_split(words, " \t\n", &list) < 0) {
                free(found);
                return NULL;
        }
        for (size_t i = 0; list && i < pages; i++) {
                unsigned worth = page_worth(&help_pages[i], words, list);

                if (worth)
                        hits[count++] = (struct hit){ &help_pages[i], worth, i };
        }
        qsort(hits, count, sizeof(*hits), by_worth);
        for (size_t i = 0; i < count; i++)
                found[i] = hits[i].page;
        return found;
}

char *help_match(const struct help_page *page, const char *words)
{
        scoped(strv_freep) char **list = NULL;
        const char *best = NULL;
        unsigned most = 0;
        size_t number = 0;
        bool lesson = strcmp(page->folder, "lessons") == 0;

        if (strv_split(words, " \t\n", &list) < 0)
                return NULL;
        for (const char *line = page->text; *line; number++) {
                size_t length = strcspn(line, "\n");
                unsigned n = 0;

                if (lesson &&
                    text_starts(line, "Hint ")) /* and what comes after it gives it away */
                        break;

                for (size_t i = 0; list && list[i]; i++)
                        n += holds(line, length, list[i]);
                if (n && holds(line, length, words))
                        n++;                  /* side by side, as they were typed */
                if (n > most && number > 0) { /* the first line is the name */
                        most = n;
                        best = line;
                }
                line += length + (line[length] == '\n');
        }
        if (!best)
                return NULL;
        best += strspn(best, " ");
        return strndup(best, strcspn(best, "\n"));
}
