/* explain.c - gird explain: the help pages, on a terminal without the screen. */
#include "tui/command/explain.h"
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/dialect.h"
#include "tui/command/command.h"
#include "tui/command/report.h"
#include "tui/lessons.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static int no_memory(void)
{
        complain_usage("out of memory");
        return STATUS_CANNOT;
}

static struct json *page_json(const struct help_page *page)
{
        scoped(mem_freep) char *sentence = help_sentence(page);
        struct json *o = json_object();

        json_text(o, "name", page->name);
        json_text(o, "kind", page->folder);
        json_text(o, "sentence", sentence);
        return o;
}

/* A lesson keeps its answers to itself. */
static char *text_of(const struct help_page *page)
{
        return strcmp(page->folder, "lessons") == 0 ? lesson_text(page) : strdup(page->text);
}

/* One of the list: a page with its text and what follows it. */
static struct json *whole_json(const struct help_page *page, const struct explain_here *here)
{
        struct json *o = page_json(page);
        struct json *links = json_array();
        scoped(mem_freep) const struct help_page **linked = help_links(page);
        scoped(mem_freep) char *text = text_of(page);

        json_text(o, "text", text);
        for (size_t i = 0; linked && linked[i]; i++)
                json_append_text(links, linked[i]->name);
        json_put(o, "links", links);
        if (here)
                explain_more_json(page, here, o);
        return o;
}

/* The course, with what is done of it. */
static int list_lessons(void)
{
        scoped(mem_freep) char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);
        int r = out ? lessons_list(out) : -ENOMEM;

        if (out && fclose(out) != 0)
                r = -ENOMEM;
        if (r < 0)
                return no_memory();
        explain_wrapped(text);
        return STATUS_DONE;
}

static int list_pages(const char *folder, bool json)
{
        const struct help_folder *f = folder ? help_folder_find(folder) : NULL;
        struct json *array;

        if (!json && f && strcmp(f->name, "lessons") == 0) /* with what is done */
                return list_lessons();
        if (!json)
                return (f ? explain_folder(f) : explain_overview()) < 0 ? no_memory() : STATUS_DONE;
        array = json_array();
        for (const struct help_page *p = help_pages; p->folder; p++)
                if (!f || strcmp(f->name, p->folder) == 0)
                        json_append(array, whole_json(p, NULL));
        return report_json(array);
}

static void put_hit(const struct help_page *page, const char *words)
{
        scoped(mem_freep) char *sentence = help_sentence(page);
        scoped(mem_freep) char *line = help_match(page, words);
        scoped(mem_freep) char *title = text_format("%s  (%s)\n", page->name, page->folder);

        explain_text(title ? title : "");
        explain_row("", sentence ? sentence : "", 2);
        if (line && sentence && strcmp(line, sentence) != 0)
                explain_row("", line, 4);
}

static int search(const struct arguments *a)
{
        struct text words = { 0 };
        scoped(mem_freep) char *all = NULL;
        scoped(mem_freep) const struct help_page **found = NULL;
        struct json *array = NULL;

        text_add(&words, a->search);
        for (size_t i = 0; i < a->operand_count; i++)
                text_addf(&words, " %s", a->operands[i]);
        all = text_take(&words);
        if (all && !all[strspn(all, " \t\n")])
                return complain_usage("--search needs words to look for");
        found = all ? help_search(all) : NULL;
        if (!found)
                return no_memory();
        array = a->json ? json_array() : NULL;
        for (size_t i = 0; found[i]; i++) {
                if (array) {
                        scoped(mem_freep) char *line = help_match(found[i], all);
                        struct json *o = page_json(found[i]);

                        json_text(o, "line", line);
                        json_append(array, o);
                } else {
                        put_hit(found[i], all);
                }
        }
        if (array && report_json(array) != STATUS_DONE)
                return STATUS_CANNOT;
        if (found[0])
                return STATUS_DONE;
        if (!array && !a->quiet)
                complain_usage("no page holds all of: %s", all);
        return STATUS_NO;
}

/* A term that has no page, only its sentence in the glossary. */
static char *term_of(const char *name)
{
        const struct help_page *glossary = help_find("topics/glossary");
        const char *line = glossary ? strchr(glossary->text, '\n') : NULL;

        for (; line; line = strchr(line + 1, '\n')) {
                size_t n = strcspn(line + 1, "\n");

                if (n && n == strlen(name) && strncasecmp(line + 1, name, n) == 0) {
                        scoped(mem_freep) char *heading = strndup(line + 1, n);
                        scoped(mem_freep) char *body = heading ? help_section(glossary, heading)
                                                               : NULL;

                        return body ? text_format("%s\n%s", heading, body) : NULL;
                }
        }
        return NULL;
}

static int missing(const char *name)
{
        const struct help_page *near = help_nearest(name);

        /* Errors and signals are what one sees of a refusal: they stand on one page. */
        if (errno_number(name) > 0 || text_starts(name, "SIG"))
                complain_usage("`%s` has no page of its own; `gird explain symptoms` tells what "
                               "causes it",
                               name);
        else if (near)
                complain_usage(
                        "there is no page `%s`; the nearest is `%s`; `gird explain` lists them",
                        name, near->name);
        else
                complain_usage("there is no page `%s`; `gird explain` lists them, and "
                               "`gird explain --search` looks into them",
                               name);
        return STATUS_CANNOT;
}

static void put_other(const struct help_page *page)
{
        scoped(mem_freep) char *line = text_format("\nThere is also: gird explain %s/%s\n",
                                                   page->folder, page->name);

        explain_text(line ? line : "");
}

/* Other pages of that name, which the name alone does not reach. */
static void put_namesakes(const struct help_page *page)
{
        const struct help_page *p;
        bool scored = strcmp(page->folder, "directives") == 0; /* told of above */

        for (size_t i = 0; (p = help_namesake(page->name, i)); i++)
                if (p != page && !(scored && strcmp(p->folder, "assessments") == 0))
                        put_other(p);
}

static int put_page(const struct help_page *page, const struct explain_here *here)
{
        scoped(mem_freep) char *more = help_more(page, &here->dialect);
        scoped(mem_freep) char *text = text_of(page);

        if (!more || !text)
                return no_memory();
        explain_text(text);
        explain_text(more);
        put_namesakes(page);
        return STATUS_DONE;
}

/* A folder comes before a lesson of that name, which its list names. */
static int explain_one(const char *name, const struct explain_here *here, struct json *array,
                       bool json)
{
        const struct help_page *page = help_find(name);
        scoped(mem_freep) char *term = NULL;

        if (help_folder_find(name) && !array) {
                int status = list_pages(name, json);

                if (page && !json)
                        put_other(page);
                return status;
        }
        if (!page && !json && (term = term_of(name))) {
                explain_text(term);
                return STATUS_DONE;
        }
        if (!page)
                return missing(name);
        if (array)
                json_append(array, whole_json(page, here));
        else if (json)
                return report_json(whole_json(page, here));
        else
                return put_page(page, here);
        return STATUS_DONE;
}

int command_explain(struct arguments *a)
{
        struct json *array = a->json && a->operand_count > 1 ? json_array() : NULL;
        struct explain_here here;
        int status = STATUS_DONE;

        if (a->on[OPT_SEARCH])
                return search(a);
        if (a->operand_count == 0)
                return list_pages(NULL, a->json);
        explain_here_open(&here, a);
        for (size_t i = 0; i < a->operand_count; i++) {
                int one;

                if (i > 0 && !a->json)
                        fputs("\n", stdout);
                one = explain_one(a->operands[i], &here, array, a->json);
                status = one > status ? one : status;
        }
        explain_here_close(&here);
        if (array && report_json(array) != STATUS_DONE)
                status = STATUS_CANNOT;
        return status;
}
