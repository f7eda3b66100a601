/* report.c - what the commands print alike. */
#include "tui/command/report.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool colored(const struct context *c)
{
        return c->args->color && !c->args->json && isatty(STDOUT_FILENO);
}

const char *report_color(const struct context *c, unsigned exposure)
{
        if (!colored(c))
                return "";
        switch (score_level(exposure)) {
        case LEVEL_PERFECT:
        case LEVEL_SAFE:
        case LEVEL_OK:
                return "\033[32m";
        case LEVEL_MEDIUM:
                return "\033[33m";
        case LEVEL_EXPOSED:
        case LEVEL_UNSAFE:
        case LEVEL_DANGEROUS:
                break;
        }
        return "\033[31m";
}

const char *report_plain(const struct context *c)
{
        return colored(c) ? "\033[0m" : "";
}

int report_json(struct json *j)
{
        scoped(mem_freep) char *text = json_take(j);

        if (!text) {
                fputs("gird: out of memory\n", stderr);
                return STATUS_CANNOT;
        }
        puts(text);
        return STATUS_DONE;
}

void report_exposure(const struct context *c, unsigned exposure)
{
        printf("%s%u.%u %s%s", report_color(c, exposure), exposure / 10, exposure % 10,
               score_level_name(score_level(exposure)), report_plain(c));
}

void report_progress(void *userdata, const char *step, const char *detail)
{
        const struct context *c = userdata;

        if (c->args->quiet)
                return;
        fprintf(stderr, "gird: %s%s", step, detail ? ": " : "\n");
        if (detail) {
                scoped(mem_freep) char *clean = text_printable_dup(detail);

                fprintf(stderr, "%s\n", clean ? clean : "");
        }
}

void report_text(const char *text)
{
        scoped(mem_freep) char *clean = text_printable_dup(text);

        fputs(clean ? clean : "?", stdout);
}

char *report_origin(const struct setting *s)
{
        switch (s->origin.kind) {
        case ORIGIN_FILE:
                return text_format("%s:%u", s->origin.file, s->origin.line);
        case ORIGIN_MANAGER:
                return strdup("the manager");
        case ORIGIN_IMPLIED:
                return text_format("implied by %s", directive_at(s->origin.by)->name);
        case ORIGIN_PROFILE:
                return strdup("the profile");
        case ORIGIN_DEFAULT:
                break;
        }
        return strdup("default");
}
