/* explain_list.c - what gird explain has to offer, and how its text meets the terminal. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/directive.h"
#include "tui/command/explain.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
        PAGE_WIDTH = 76,     /* no page is wider */
        WIDTH = 80,          /* of what is no terminal */
        NAME_COLUMN = 14,    /* where a short name's sentence begins, at least */
        NAME_COLUMN_MAX = 32 /* and at most */
};

int explain_width(void)
{
        struct winsize size;

        if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 ||
            size.ws_col == 0)
                return WIDTH;
        return size.ws_col;
}

/* How many bytes of text go on a line of that many columns; at least one.  Pages are ASCII. */
static size_t fit(const char *text, int width)
{
        size_t n = strlen(text), at;

        if (width < 1)
                width = 1;
        if (n <= (size_t)width)
                return n;
        for (at = (size_t)width; at > 0 && text[at] != ' '; at--)
                ;
        return at > strspn(text, " ") ? at : (size_t)width;
}

/* One line over as many as it takes; the first begins at column `used`, the others at `indent`. */
static void put_line(const char *line, int used, int indent, int width)
{
        for (;;) {
                size_t n = fit(line, width - used), shown = n;

                while (shown > 0 && line[shown - 1] == ' ')
                        shown--;
                printf("%.*s\n", (int)shown, line);
                line += n;
                line += strspn(line, " ");
                if (!*line)
                        return;
                printf("%*s", indent, "");
                used = indent;
        }
}

/* Where the last column of a row of a table begins; 0: it is none. */
static int last_column(const char *line)
{
        const char *next = line + strspn(line, " "), *column = NULL;

        while ((next = strstr(next, "  "))) {
                next += strspn(next, " ");
                column = next;
        }
        return column ? (int)(column - line) : 0;
}

void explain_text(const char *text)
{
        if (explain_width() >= PAGE_WIDTH)
                fputs(text, stdout);
        else
                explain_wrapped(text);
}

void explain_wrapped(const char *text)
{
        int width = explain_width();

        while (*text) {
                scoped(mem_freep) char *line = help_paragraph(&text);
                int indent = line ? (int)strspn(line, " ") : 0;
                int last = line ? last_column(line) : 0;

                if (last > 0 && last <= width / 2)
                        indent = last;
                if (line)
                        put_line(line, 0, indent < width / 2 ? indent : 0, width);
        }
}

void explain_row(const char *name, const char *sentence, int column)
{
        int width = explain_width();
        int used = *name ? printf("  %s", name) : 0;

        if (column > width / 2)
                column = 4;
        if (used && used + 2 > column)
                printf("\n%*s", column, "");
        else
                printf("%*s", column - used, "");
        put_line(sentence, column, column, width);
}

static int name_column(const char *folder)
{
        size_t longest = NAME_COLUMN - 4;

        for (const struct help_page *p = help_pages; p->folder; p++)
                if (strcmp(p->folder, folder) == 0 && strlen(p->name) > longest &&
                    strlen(p->name) <= NAME_COLUMN_MAX - 4)
                        longest = strlen(p->name);
        return (int)longest + 4;
}

int explain_folder(const struct help_folder *f)
{
        int column = name_column(f->name);

        printf("%s\n", f->title);
        for (const struct help_page *p = help_pages; p->folder; p++) {
                scoped(mem_freep) char *sentence = NULL;

                if (strcmp(p->folder, f->name) != 0)
                        continue;
                sentence = help_sentence(p);
                if (!sentence)
                        return -ENOMEM;
                explain_row(p->name, sentence, column);
        }
        return 0;
}

/* The names of a folder, or of a group of directives, as one paragraph. */
static char *names_of(const char *folder, int group)
{
        struct text t = { 0 };

        for (const struct help_page *p = help_pages; p->folder; p++) {
                const struct directive *d = group < 0 ? NULL : directive_find(p->name);

                if (strcmp(p->folder, folder) == 0 && (group < 0 || (d && (int)d->group == group)))
                        text_addf(&t, "%s%s", t.length ? "  " : "", p->name);
        }
        return text_take(&t);
}

static int put_names(const char *folder, int group, const char *title)
{
        scoped(mem_freep) char *names = names_of(folder, group);
        int width = explain_width();

        if (!names)
                return -ENOMEM;
        if (!*names)
                return 0;
        if (title)
                printf("  %s\n", title);
        fputs("    ", stdout);
        put_line(names, 4, 4, width);
        return 0;
}

/* Directives by what they are about; topics and lessons with their sentence; of the others the
 * names. */
static int put_folder(const struct help_folder *f)
{
        int r = 0;

        if (strcmp(f->name, "topics") == 0 || strcmp(f->name, "lessons") == 0)
                return explain_folder(f);
        printf("%s\n", f->title);
        if (strcmp(f->name, "directives") != 0)
                return put_names(f->name, -1, NULL);
        for (int g = 0; r == 0 && g < GROUP_COUNT; g++)
                r = put_names(f->name, g, directive_group_name((enum directive_group)g));
        return r;
}

static bool has_pages(const struct help_folder *f)
{
        for (const struct help_page *p = help_pages; p->folder; p++)
                if (strcmp(p->folder, f->name) == 0)
                        return true;
        return false;
}

static int put_usage(void)
{
        struct text folders = { 0 };
        scoped(mem_freep) char *names = NULL;
        const struct help_folder *f;

        for (size_t i = 0; (f = help_folder_at(i)); i++)
                if (has_pages(f))
                        text_addf(&folders, "%s%s", i ? " " : "", f->name);
        names = text_take(&folders);
        if (!names)
                return -ENOMEM;
        explain_text("gird explain NAME shows a page, gird explain FOLDER what is in it:\n");
        fputs("  ", stdout);
        put_line(names, 2, 2, explain_width());
        explain_text("gird explain --search WORDS looks into all of them.\n");
        return 0;
}

int explain_overview(void)
{
        const struct help_folder *f;

        for (size_t i = 0; (f = help_folder_at(i)); i++) {
                int r;

                if (!has_pages(f))
                        continue;
                if ((r = put_folder(f)) < 0)
                        return r;
                fputs("\n", stdout);
        }
        return put_usage();
}
