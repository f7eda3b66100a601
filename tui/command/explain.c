/* explain.c - gird explain: the help pages, on a terminal without the screen. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/profile/json.h"
#include "tui/command/command.h"
#include "tui/command/report.h"
#include "tui/help.h"

#include <stdio.h>
#include <string.h>

static struct json *page_json(const struct help_page *page)
{
        scoped(mem_freep) char *sentence = help_sentence(page);
        struct json *o = json_object();

        json_text(o, "name", page->name);
        json_text(o, "kind", page->folder);
        json_text(o, "sentence", sentence);
        json_text(o, "text", page->text);
        return o;
}

static int list_pages(const struct arguments *a)
{
        struct json *array = a->json ? json_array() : NULL;
        const char *folder = "";

        for (const struct help_page *p = help_pages; p->folder; p++) {
                scoped(mem_freep) char *sentence = help_sentence(p);

                if (array) {
                        json_append(array, page_json(p));
                        continue;
                }
                if (strcmp(folder, p->folder) != 0)
                        printf("%s%s:\n", *folder ? "\n" : "", p->folder);
                folder = p->folder;
                printf("  %-26s %s\n", p->name, sentence ? sentence : "");
        }
        return array ? report_json(array) : STATUS_DONE;
}

int command_explain(struct arguments *a)
{
        struct json *array = a->json && a->operand_count > 1 ? json_array() : NULL;
        int status = STATUS_DONE;

        if (a->operand_count == 0)
                return list_pages(a);
        for (size_t i = 0; i < a->operand_count; i++) {
                const struct help_page *page = help_find(a->operands[i]);

                if (!page) {
                        complain_usage("there is no page `%s`; `gird explain` lists them",
                                       a->operands[i]);
                        status = STATUS_CANNOT;
                } else if (array)
                        json_append(array, page_json(page));
                else if (a->json)
                        status = report_json(page_json(page));
                else
                        printf("%s%s", i ? "\n" : "", page->text);
        }
        if (array && report_json(array) != STATUS_DONE)
                status = STATUS_CANNOT;
        return status;
}
