/* list.c - gird list: units with their exposure. */
#include "core/base/base.h"
#include "tui/command/command.h"
#include "tui/command/report.h"
#include "tui/listing.h"

#include <stdio.h>
#include <string.h>

struct rows {
        struct listing *list;
        size_t count;
};

static void rows_done(struct rows *rows)
{
        listings_free(rows->list, rows->count);
}

static int print_json(const struct context *c, const struct rows *rows)
{
        struct json *array = json_array();

        for (size_t i = 0; i < rows->count; i++) {
                const struct listing *l = &rows->list[i];
                struct json *o = json_object();

                json_text(o, "unit", l->unit);
                json_text(o, "load", l->load);
                json_text(o, "active", l->active);
                json_text(o, "sub", l->sub);
                json_text(o, "state", l->file_state);
                if (l->scored) {
                        json_tenths(o, "exposure", l->exposure);
                        json_text(o, "level", score_level_name(score_level(l->exposure)));
                } else {
                        json_null(o, "exposure");
                        json_null(o, "level");
                }
                if (l->breached)
                        json_number(o, "breach", l->allowed);
                else
                        json_null(o, "breach");
                if (l->breached)
                        json_bool(o, "leaves", l->leaves);
                else
                        json_null(o, "leaves");
                json_text(o, "note", l->note);
                json_text(o, "source", context_source(c));
                json_append(array, o);
        }
        return report_json(array);
}

static void print_row(const struct context *c, const struct listing *l, int width)
{
        const char *state = strcmp(l->active, "-") != 0 ? l->active : l->file_state;

        report_text(l->unit);
        printf("%*s", (int)strlen(l->unit) < width ? width - (int)strlen(l->unit) + 2 : 2, "");
        if (l->scored)
                printf("%s%3u.%u %-9s%s", report_color(c, l->exposure), l->exposure / 10,
                       l->exposure % 10, score_level_name(score_level(l->exposure)),
                       report_plain(c));
        else
                printf("    - %-9s", "-");
        printf(" %-10s ", state);
        report_text(l->note ? l->note : l->description);
        putchar('\n');
}

static void print_table(const struct context *c, const struct rows *rows)
{
        int width = 4;

        for (size_t i = 0; i < rows->count; i++)
                if ((int)strlen(rows->list[i].unit) > width)
                        width = (int)strlen(rows->list[i].unit);
        if (width > 48)
                width = 48;
        printf("%-*s  EXPOSURE LEVEL  STATE      DESCRIPTION\n", width, "UNIT");
        for (size_t i = 0; i < rows->count; i++)
                print_row(c, &rows->list[i], width);
}

int command_list(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        scoped(rows_done) struct rows rows = { 0 };
        struct err e = { 0 };

        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0 ||
            listing_read(&c, a->operands, &rows.list, &rows.count, &e) < 0 ||
            listing_score(&c, rows.list, rows.count, &e) < 0)
                return complain(&e);
        if (a->json)
                return print_json(&c, &rows);
        print_table(&c, &rows);
        if (c.note[0] && !a->quiet)
                fprintf(stderr, "gird: %s\n", c.note);
        return STATUS_DONE;
}
