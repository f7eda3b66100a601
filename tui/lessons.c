/* lessons.c - the course: its rows and its texts. */
#include "tui/lessons.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SAID_MOST = 60 };

/* clang-format off */
#define WORKS(probe, words, hint)  { LESSON_WORKS, probe, 0, 0, words, hint },
#define REFUSED(move, words, hint) { LESSON_REFUSED, move, 0, 0, words, hint },
#define EXPOSURE(tenths, as, hint) { LESSON_EXPOSURE, NULL, tenths, as, "has an exposure", hint },
#define KNOWN(as, hint)            { LESSON_KNOWN, NULL, 0, as, "is understood", hint },
#define LESSON(id, flag_bits, ...)                                                                 \
        static const struct lesson_check id##_checks[] = {                                         \
                __VA_ARGS__ { LESSON_END, NULL, 0, 0, NULL, NULL }                                 \
        };
/* clang-format on */
#include "tui/lessons.inc"
#undef LESSON

static const struct lesson lessons[] = {
#define LESSON(id, flag_bits, ...) { #id, flag_bits, id##_checks },
#include "tui/lessons.inc"
#undef LESSON
};

const struct lesson *lesson_at(size_t i)
{
        return i < COUNT(lessons) ? &lessons[i] : NULL;
}

size_t lesson_number(const struct lesson *l)
{
        return (size_t)(l - lessons) + 1;
}

const struct lesson *lesson_find(const char *name)
{
        char *end = NULL;
        unsigned long number = isdigit((unsigned char)*name) ? strtoul(name, &end, 10) : 0;

        if (end && !*end && number > 0)
                return lesson_at(number - 1);
        for (size_t i = 0; i < COUNT(lessons); i++)
                if (strcasecmp(lessons[i].name, name) == 0)
                        return &lessons[i];
        return NULL;
}

/* ---- the texts ---- */

static bool is_lesson(const struct help_page *page)
{
        return strcmp(page->folder, "lessons") == 0;
}

const struct help_page *lesson_page(const struct lesson *l)
{
        static const struct help_page none = { "lessons", "", "\n\n" };

        for (const struct help_page *p = help_pages; p->folder; p++)
                if (is_lesson(p) && strcmp(p->name, l->name) == 0)
                        return p;
        return &none; /* a unit test sees to it that there is one */
}

char *lesson_unit(const struct lesson *l)
{
        return text_format("gird-lesson-%s.service", l->name);
}

static const char *next_line(const char *at)
{
        at += strcspn(at, "\n");
        return *at ? at + 1 : at;
}

/* The lines from here to the next heading, two blanks less each, without empty ones at the end. */
static char *body(const char *at)
{
        struct text t = { 0 };

        for (; *at == ' ' || *at == '\n'; at = next_line(at)) {
                size_t n = strcspn(at, "\n"), skip = n < 2 ? n : 2;

                text_addn(&t, at + skip, n - skip);
                text_add(&t, "\n");
        }
        while (t.length > 1 && t.chars[t.length - 1] == '\n' && t.chars[t.length - 2] == '\n')
                t.chars[--t.length] = '\0';
        return text_take(&t);
}

/* The heading's line behind the name and the sentence, or NULL. */
static const char *first_heading(const struct help_page *page)
{
        return next_line(next_line(page->text));
}

char *lesson_part(const struct lesson *l, const char *heading)
{
        size_t n = strlen(heading);

        for (const char *at = first_heading(lesson_page(l)); *at; at = next_line(at))
                if (strncmp(at, heading, n) == 0 && at[n] == '\n')
                        return body(at + n + 1);
        return NULL;
}

int lesson_beside(const struct lesson *l, const char *kind, size_t i, char **ret_name,
                  char **ret_text)
{
        size_t n = strlen(kind);

        for (const char *at = first_heading(lesson_page(l)); *at; at = next_line(at)) {
                if (strncmp(at, kind, n) != 0 || at[n] != ' ' || i-- > 0)
                        continue;
                *ret_name = strndup(at + n + 1, strcspn(at + n + 1, "\n"));
                *ret_text = body(next_line(at));
                if (*ret_name && *ret_text)
                        return 0;
                free(*ret_name);
                free(*ret_text);
                return -ENOMEM;
        }
        return 1;
}

static bool is_told_later(const char *line)
{
        return text_starts(line, "Hint ") || text_starts(line, "Why\n");
}

char *lesson_text(const struct help_page *page)
{
        struct text t = { 0 };
        bool hidden = false;

        if (!is_lesson(page))
                return strdup(page->text);
        for (const char *at = page->text; *at; at = next_line(at)) {
                if (*at != ' ' && *at != '\n')
                        hidden = is_told_later(at);
                if (!hidden)
                        text_addn(&t, at, (size_t)(next_line(at) - at));
        }
        return text_take(&t);
}

/* ---- what is wrong, in words ---- */

/* Long lists are of no use in a sentence. */
static char *shortened(const char *said)
{
        size_t n = strlen(said);

        if (n <= SAID_MOST)
                return strdup(said);
        for (n = SAID_MOST; n > 0 && said[n] != ' ';)
                n--;
        return text_format("%.*s ...", (int)n, said);
}

static char *refused_words(const struct lesson_finding *f, const char *said)
{
        scoped(mem_freep) char *what = shortened(said);

        if (!what)
                return NULL;
        if (!f->looked)
                return text_format("it could not be found out whether it still %s%s%s",
                                   f->check->words, *said ? ": " : "", said);
        return text_format("it still %s%s%s%s", f->check->words, *what ? " (" : "", what,
                           *what ? ")" : "");
}

char *lesson_complaint(const struct lesson_finding *f)
{
        const struct lesson_check *check = f->check;
        const char *said = f->said ? f->said : "";

        switch (check->kind) {
        case LESSON_WORKS:
                return text_format("%s %s%s%s",
                                   f->before ? "it no longer" : "this is still missing: it",
                                   check->words, *said ? ": " : "", said);
        case LESSON_REFUSED:
                return refused_words(f, said);
        case LESSON_EXPOSURE:
                if (check->version)
                        return text_format("systemd %u scores it %s, and %u.%u is asked for",
                                           check->version, said, check->limit / 10,
                                           check->limit % 10);
                return text_format("its exposure is %s, and %u.%u is asked for", said,
                                   check->limit / 10, check->limit % 10);
        case LESSON_KNOWN:
                return text_format("systemd %u does not know %s", check->version, said);
        case LESSON_END:
                break;
        }
        return strdup("");
}

bool lesson_matters(const struct lesson_result *r, const struct lesson_finding *f)
{
        if (f->ok)
                return false;
        for (size_t i = 0; !f->looked && i < r->count; i++)
                if (r->findings[i].check->kind == LESSON_WORKS && !r->findings[i].ok)
                        return false;
        return true;
}
