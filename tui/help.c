/* help.c - finding a help page and its parts. */
#include "tui/help.h"

#include "core/base/base.h"
#include "core/base/text.h"
#include "core/catalogue/dialect.h"
#include "core/trial/trial.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* In the order in which they answer to a name, and in which they are listed. */
static const struct help_folder folders[] = {
        { "directives", "Directives" },
        { "topics", "Topics" },
        { "lessons", "Lessons" },
        { "capabilities", "Capabilities" },
        { "calls", "Groups of system calls" },
        { "families", "Address families" },
        { "namespaces", "Namespaces" },
        { "statuses", "Exit statuses" },
        { "assessments", "Assessments of the score" },
};

const struct help_folder *help_folder_at(size_t i)
{
        return i < COUNT(folders) ? &folders[i] : NULL;
}

const struct help_folder *help_folder_find(const char *name)
{
        for (size_t i = 0; i < COUNT(folders); i++)
                if (strcasecmp(folders[i].name, name) == 0)
                        return &folders[i];
        return NULL;
}

/* The first page of a folder, or of any, that is called so; n bytes of name count. */
static const struct help_page *page_in(const char *folder, const char *name, size_t n,
                                       bool any_case)
{
        for (const struct help_page *p = help_pages; p->folder; p++) {
                if (strcmp(p->folder, folder) != 0 || strlen(p->name) != n)
                        continue;
                if ((any_case ? strncasecmp(p->name, name, n) : strncmp(p->name, name, n)) == 0)
                        return p;
        }
        return NULL;
}

/* "226/NAMESPACE" and "NAMESPACE"; the number has the last word. */
static const struct help_page *status_page(const char *name)
{
        const char *word = name + strspn(name, "0123456789");
        char number[12];

        if (word > name)
                return *word == '\0' || *word == '/'
                               ? page_in("statuses", name, (size_t)(word - name), false)
                               : NULL;
        for (int status = 0; status < 256; status++) {
                const char *known = exit_status_name(status);

                if (known && strcasecmp(known, name) == 0) {
                        snprintf(number, sizeof(number), "%d", status);
                        return page_in("statuses", number, strlen(number), false);
                }
        }
        return NULL;
}

/* As it is spelt, then in any case; "USER" is a status, "user" a namespace, "User" a directive. */
static const struct help_page *page_named(const char *name, size_t n)
{
        const struct help_page *p = NULL;

        for (size_t i = 0; i < COUNT(folders); i++)
                if ((p = page_in(folders[i].name, name, n, false)))
                        return p;
        if (n < 64 && strcspn(name, "abcdefghijklmnopqrstuvwxyz=") == n) {
                char word[64];

                memcpy(word, name, n);
                word[n] = '\0';
                if ((p = status_page(word)))
                        return p;
        }
        for (size_t i = 0; i < COUNT(folders); i++)
                if ((p = page_in(folders[i].name, name, n, true)))
                        return p;
        return NULL;
}

/* Other spellings of what has a page. */
static const struct help_page *alias_page(const char *name, size_t n)
{
        char word[64], capability[80];
        const char *family;

        if (n == 0 || n >= sizeof(word))
                return NULL;
        memcpy(word, name, n);
        word[n] = '\0';
        snprintf(capability, sizeof(capability), "CAP_%s", word);
        family = strncasecmp(word, "AF_", 3) == 0 ? family_canonical(word) : NULL;
        if (family)
                return page_in("families", family, strlen(family), true);
        if (page_in("capabilities", capability, strlen(capability), true))
                return page_in("capabilities", capability, strlen(capability), true);
        return status_page(word);
}

const struct help_page *help_find(const char *name)
{
        size_t n = strcspn(name, "=");
        const char *slash = memchr(name, '/', n);
        const struct help_page *p;

        if (slash && !isdigit((unsigned char)*name)) {
                scoped(strv_freep) char **parts = NULL;

                if (strv_split(name, "/=", &parts) < 0 || strv_length(parts) < 2)
                        return NULL;
                const struct help_folder *f = help_folder_find(parts[0]);

                return f ? page_in(f->name, parts[1], strlen(parts[1]), true) : NULL;
        }
        p = name[n] == '=' ? page_in("directives", name, n, true) : NULL;
        if (!p)
                p = page_named(name, n);
        return p ? p : alias_page(name, n);
}

const struct help_page *help_namesake(const char *name, size_t i)
{
        size_t n = strcspn(name, "=");

        for (size_t f = 0; f < COUNT(folders); f++) {
                const struct help_page *p = page_in(folders[f].name, name, n, true);

                if (p && i-- == 0)
                        return p;
        }
        return NULL;
}

/* How many letters have to be put in, left out or changed, whatever their case. */
static unsigned distance(const char *a, const char *b)
{
        unsigned row[64];
        size_t n = strlen(b);

        if (n >= COUNT(row))
                return UINT32_MAX;
        for (size_t j = 0; j <= n; j++)
                row[j] = (unsigned)j;
        for (size_t i = 1; a[i - 1]; i++) {
                unsigned corner = row[0];

                row[0] = (unsigned)i;
                for (size_t j = 1; j <= n; j++) {
                        unsigned best = corner + (tolower((unsigned char)a[i - 1]) !=
                                                  tolower((unsigned char)b[j - 1]));

                        corner = row[j];
                        if (row[j] + 1 < best)
                                best = row[j] + 1;
                        if (row[j - 1] + 1 < best)
                                best = row[j - 1] + 1;
                        row[j] = best;
                }
        }
        return row[n];
}

const struct help_page *help_nearest(const char *name)
{
        const struct help_page *nearest = NULL;
        unsigned least = UINT32_MAX;
        char word[64];
        size_t n = strcspn(name, "=");

        if (n < 2 || n >= sizeof(word))
                return NULL;
        memcpy(word, name, n);
        word[n] = '\0';
        for (size_t f = 0; f < COUNT(folders); f++)
                for (const struct help_page *p = help_pages; p->folder; p++) {
                        unsigned d;

                        if (strcmp(p->folder, folders[f].name) != 0)
                                continue;
                        d = distance(word, p->name);
                        if (d < least) {
                                least = d;
                                nearest = p;
                        }
                }
        return least <= 1 + n / 3 ? nearest : NULL;
}

static const char *line_after(const char *text)
{
        const char *end = strchr(text, '\n');

        return end ? end + 1 : text + strlen(text);
}

char *help_sentence(const struct help_page *page)
{
        const char *line = line_after(page->text);

        return strndup(line, strcspn(line, "\n"));
}

char *help_section(const struct help_page *page, const char *heading)
{
        struct text body = { 0 };
        size_t n = strlen(heading);
        const char *line = page->text;

        while (*line && !(strncmp(line, heading, n) == 0 && line[n] == '\n'))
                line = line_after(line);
        if (!*line)
                return NULL;
        for (line = line_after(line); *line == ' ' || *line == '\n'; line = line_after(line)) {
                if (*line == '\n' && line[1] != ' ')
                        break;
                text_addn(&body, line, (size_t)(line_after(line) - line));
        }
        return text_take(&body);
}
