/* arguments.c - what was typed, as data: one table of options, one of commands. */
#include "tui/command/arguments.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/probe.h"
#include "tui/command/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void print_options(FILE *out, uint64_t which)
{
        for (size_t i = 0; option_at(i); i++) {
                const struct option_row *o = option_at(i);
                char left[64];

                if (!(which & OPTION_BIT(o->id)))
                        continue;
                snprintf(left, sizeof(left), "%s%c%s--%s%s%s", o->letter ? "-" : " ",
                         o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
                         o->argument ? "=" : "", o->argument ? o->argument : "");
                fprintf(out, "  %-24s %s\n", left, o->help);
        }
}

void arguments_help(FILE *out, const struct command *command)
{
        if (command) {
                fprintf(out, "usage: gird %s%s%s %s\n\n%c%s.\n%s\n\n", command->name,
                        command->options ? " [OPTION...]" : "", "", command->operands,
                        command->sentence[0] - 'a' + 'A', command->sentence + 1, command->more);
                if (command->options) {
                        fputs("Options:\n", out);
                        print_options(out, command->options);
                        fputc('\n', out);
                }
                fputs("Options of every command:\n", out);
                print_options(out, options_everywhere);
                return;
        }
        fputs("usage: gird [OPTION...] [COMMAND [UNIT...]]\n\n"
              "Hardens systemd services without breaking them.  Without a command: the full "
              "screen.\n\n"
              "Commands:\n",
              out);
        for (size_t i = 0; command_at(i); i++)
                fprintf(out, "  %-8s %-10s %s\n", command_at(i)->name, command_at(i)->operands,
                        command_at(i)->sentence);
        fputs("\nUNIT is a unit's name or the path of a unit file.\n\nOptions:\n", out);
        print_options(out, options_everywhere);
        fputs("\n`gird COMMAND --help` tells more; `gird explain start` is a first session.\n"
              "Exit status: 0 done or held, 1 the answer is no, 2 typed wrongly, 3 cannot.\n",
              out);
}

int complain(const struct err *e)
{
        fprintf(stderr, "gird: %s\n",
                e->text[0] ? e->text : "failed for a reason that was not told");
        return STATUS_CANNOT;
}

int complain_usage(const char *fmt, ...)
{
        char raw[400], clean[400];
        va_list args;

        va_start(args, fmt);
        vsnprintf(raw, sizeof(raw), fmt, args);
        va_end(args);
        text_printable(clean, sizeof(clean), raw);
        fprintf(stderr, "gird: %s\n", clean);
        return STATUS_USAGE;
}

/* "3", "3s", "500ms", "1min", "24h", "7d" in microseconds; ten years at most. */
static int parse_time(const char *text, uint64_t *ret)
{
        static const struct {
                const char *unit;
                double usec;
        } units[] = { { "", 1e6 },  { "s", 1e6 },   { "sec", 1e6 },  { "ms", 1e3 },
                      { "m", 6e7 }, { "min", 6e7 }, { "h", 3600e6 }, { "d", 86400e6 } };
        static const double most = 3650 * 86400e6;
        char *end = NULL;
        double number;

        errno = 0;
        number = strtod(text, &end);
        if (end == text || errno || !(number > 0))
                return -EINVAL;
        for (size_t i = 0; i < COUNT(units); i++)
                if (strcmp(end, units[i].unit) == 0) {
                        number *= units[i].usec;
                        if (!(number >= 1) || number > most)
                                return -EINVAL;
                        *ret = (uint64_t)number;
                        return 0;
                }
        return -EINVAL;
}

/* "10s/60s" */
static int take_duty(struct arguments *a, const char *text)
{
        const char *slash = strchr(text, '/');
        scoped(mem_freep) char *on = slash ? strndup(text, (size_t)(slash - text)) : NULL;

        if (!on || parse_time(on, &a->duty_on) < 0 || parse_time(slash + 1, &a->duty_every) < 0 ||
            a->duty_on >= a->duty_every)
                return complain_usage("--duty=%s: not a part of a time, such as 10s/60s", text);
        return STATUS_DONE;
}

static int take_time(const char *option, const char *text, uint64_t *ret)
{
        if (parse_time(text, ret) < 0)
                return complain_usage("--%s=%s: not a time, such as 3s, 500ms, 1min or 24h", option,
                                      text);
        return STATUS_DONE;
}

/* An exposure as it is printed, "2.5", in tenths. */
static int take_exposure(const char *option, const char *text, unsigned *ret)
{
        char *end = NULL;
        double number = strtod(text, &end);

        if (end == text || *end || !(number >= 0 && number <= 10))
                return complain_usage("--%s=%s: not an exposure from 0 to 10, such as 2.5", option,
                                      text);
        *ret = (unsigned)(number * 10 + 0.5);
        return STATUS_DONE;
}

static int take_count(const char *option, const char *text, unsigned most, unsigned *ret)
{
        char *end = NULL;
        unsigned long number;

        errno = 0;
        number = strtoul(text, &end, 10);
        if (end == text || *end || *text == '-' || errno || number < 1 || number > most)
                return complain_usage("--%s=%s: not a number from 1 to %u", option, text, most);
        *ret = (unsigned)number;
        return STATUS_DONE;
}

static int take_stage(struct arguments *a, const char *text)
{
        if (strcmp(text, "twin") != 0 && strcmp(text, "live") != 0)
                return complain_usage("--stage=%s: the stages are twin and live", text);
        a->live = strcmp(text, "live") == 0;
        return STATUS_DONE;
}

static int take_probe(struct arguments *a, const char *text)
{
        scoped(probe_done) struct probe probe = { 0 };
        struct err e = { 0 };

        if (probe_parse(text, &probe, &e) < 0)
                return complain_usage("%s", e.text);
        return strv_add(&a->probes, text) < 0 ? complain_usage("out of memory") : STATUS_DONE;
}

static int take_systemd(struct arguments *a, const char *text)
{
        if (version_parse(text, &a->systemd) < 0 || a->systemd.major < VERSION_OLDEST ||
            a->systemd.major > VERSION_NEWEST)
                return complain_usage(
                        "--systemd=%s: not a version from %d to %d, such as 252 or 252.19", text,
                        VERSION_OLDEST, VERSION_NEWEST);
        a->has_systemd = true;
        return STATUS_DONE;
}

/* Options that are only kept: where their argument, or their yes, goes. */
static const struct {
        enum option_id id;
        size_t text, yes; /* offset in struct arguments; 0: none */
} kept[] = {
        { OPT_ROOT, offsetof(struct arguments, root), 0 },
        { OPT_HOST, offsetof(struct arguments, host), 0 },
        { OPT_MACHINE, offsetof(struct arguments, machine), 0 },
        { OPT_PROFILE, offsetof(struct arguments, profile), 0 },
        { OPT_PRESET, offsetof(struct arguments, preset), 0 },
        { OPT_OUTPUT, offsetof(struct arguments, output), 0 },
        { OPT_FOR, offsetof(struct arguments, target), 0 },
        { OPT_SEARCH, offsetof(struct arguments, search), 0 },
        { OPT_FORMAT, offsetof(struct arguments, format), 0 },
        { OPT_POLICY, offsetof(struct arguments, policy), 0 },
        { OPT_BASELINE, offsetof(struct arguments, baseline), 0 },
        { OPT_NEEDS, offsetof(struct arguments, needs), 0 },
        { OPT_EXEC, offsetof(struct arguments, exec), 0 },
        { OPT_JSON, 0, offsetof(struct arguments, json) },
        { OPT_USER, 0, offsetof(struct arguments, user) },
        { OPT_OFFLINE, 0, offsetof(struct arguments, offline) },
        { OPT_QUIET, 0, offsetof(struct arguments, quiet) },
        { OPT_ASCII, 0, offsetof(struct arguments, ascii) },
};

static void keep(struct arguments *a, enum option_id id, const char *argument)
{
        for (size_t i = 0; i < COUNT(kept); i++) {
                if (kept[i].id != id)
                        continue;
                if (kept[i].text)
                        *(const char **)(void *)((char *)a + kept[i].text) = argument;
                else
                        *(bool *)((char *)a + kept[i].yes) = true;
        }
}

static int take_option(struct arguments *a, enum option_id id, const char *argument)
{
        int r = 0;

        a->on[id] = true;
        keep(a, id, argument);
        switch (id) {
        case OPT_SYSTEMD:
                return take_systemd(a, argument);
        case OPT_PROPERTY:
                r = strv_add(&a->properties, argument);
                break;
        case OPT_PROBE:
                return take_probe(a, argument);
        case OPT_STAGE:
                return take_stage(a, argument);
        case OPT_LIVE:
                a->live = true;
                break;
        case OPT_SETTLE:
                return take_time("settle", argument, &a->settle);
        case OPT_DUTY:
                return take_duty(a, argument);
        case OPT_WITHIN:
                return take_time("within", argument, &a->within);
        case OPT_CONFIRM_WITHIN:
                return take_time("confirm-within", argument, &a->confirm_within);
        case OPT_AIM:
                return take_exposure("aim", argument, &a->aim);
        case OPT_THRESHOLD:
                return take_exposure("threshold", argument, &a->threshold);
        case OPT_TRIALS:
                return take_count("trials", argument, 100000, &a->trials);
        case OPT_PARALLEL:
                return take_count("parallel", argument, 64, &a->parallel);
        case OPT_KEEP:
                r = strv_add(&a->keep, argument);
                break;
        case OPT_ACCEPT:
                r = strv_add(&a->accept, argument);
                break;
        case OPT_NO_COLOR:
                a->color = false;
                break;
        default: /* .on says it all */
                break;
        }
        return r < 0 ? complain_usage("out of memory") : STATUS_DONE;
}

static const char *option_named(enum option_id id)
{
        for (size_t i = 0; option_at(i); i++)
                if (option_at(i)->id == id)
                        return option_at(i)->name;
        return "";
}

/* What only makes sense with another option. */
static int check_stage(const struct arguments *a)
{
        static const enum option_id live_only[] = { OPT_DUTY, OPT_FOREGROUND };

        if (a->live && !(a->command->options & OPTION_BIT(OPT_LIVE)))
                return complain_usage("`gird %s` has no stage but the twin yet", a->command->name);
        for (size_t i = 0; i < COUNT(live_only); i++)
                if (a->on[live_only[i]] && !a->live)
                        return complain_usage("--%s goes with --live: a twin is watched all the "
                                              "time, and here",
                                              option_named(live_only[i]));
        if (a->live && a->on[OPT_CONDITIONS])
                return complain_usage(
                        "--ignore-conditions is for the twin: --live starts nothing itself");
        return STATUS_DONE;
}

static int check_command(struct arguments *a)
{
        if (!a->command)
                return STATUS_DONE;
        for (size_t i = 0; option_at(i); i++) {
                const struct option_row *o = option_at(i);

                if (a->on[o->id] &&
                    !((options_everywhere | a->command->options) & OPTION_BIT(o->id)))
                        return complain_usage(
                                "--%s does not go with `gird %s`; see `gird %s --help`", o->name,
                                a->command->name, a->command->name);
        }
        if (a->operand_count < a->command->least)
                return complain_usage("`gird %s` needs the name of a unit; `gird list` shows them",
                                      a->command->name);
        if ((a->host || a->machine) && (a->root || a->offline))
                return complain_usage(
                        "--host and --machine read a running manager; --root and --offline files");
        if (a->has_systemd && !a->root && !a->on[OPT_DRY_RUN] &&
            (a->command->options & (OPTION_BIT(OPT_UNTESTED) | OPTION_BIT(OPT_PROBE))))
                return complain_usage(
                        "--systemd only judges; `gird %s` goes by the systemd that is here",
                        a->command->name);
        if (a->user && (a->host || a->machine))
                return complain_usage("--user does not go with --host or --machine");
        /* Of a form that is written, --for says what it is meant for. */
        if (a->on[OPT_FOR] && !(a->command->options & OPTION_BIT(OPT_FORMAT)) &&
            take_time("for", a->target, &a->lasting) != STATUS_DONE)
                return STATUS_USAGE;
        return check_stage(a);
}

/* getopt's own tables, made from ours. */
static void make_tables(struct option longs[OPT_COUNT + 1], char shorts[2 * OPT_COUNT + 1])
{
        char *s = shorts;
        size_t i;

        for (i = 0; option_at(i); i++) {
                const struct option_row *o = option_at(i);

                longs[i] = (struct option){ .name = o->name,
                                            .has_arg = o->argument ? required_argument
                                                                   : no_argument,
                                            .val = 256 + (int)i };
                if (!o->letter)
                        continue;
                *s++ = o->letter;
                if (o->argument)
                        *s++ = ':';
        }
        longs[i] = (struct option){ 0 };
        *s = '\0';
}

static const struct option_row *option_of(int value)
{
        if (value >= 256)
                return option_at((size_t)value - 256);
        for (size_t i = 0; option_at(i); i++)
                if (option_at(i)->letter == value)
                        return option_at(i);
        return NULL;
}

static int take_operands(struct arguments *a, char **operands)
{
        if (!*operands)
                return STATUS_DONE;
        a->command = command_find(*operands);
        if (!a->command)
                return complain_usage("`%s` is not a command; `gird --help` lists them", *operands);
        a->operands = operands + 1;
        a->operand_count = strv_length(a->operands);
        return STATUS_DONE;
}

int arguments_parse(int argc, char **argv, struct arguments *ret, bool *ret_finished)
{
        struct option longs[OPT_COUNT + 1];
        char shorts[2 * OPT_COUNT + 1];
        const char *no_color = getenv("NO_COLOR");
        int c, r = STATUS_DONE;

        *ret = (struct arguments){ .color = !(no_color && *no_color) };
        *ret_finished = false;
        make_tables(longs, shorts);
        while (r == STATUS_DONE && (c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
                const struct option_row *o = option_of(c);

                /* getopt has said what is wrong itself */
                r = o ? take_option(ret, o->id, optarg) : STATUS_USAGE;
        }
        if (r == STATUS_DONE)
                r = take_operands(ret, argv + optind);
        if (r != STATUS_DONE)
                return r;
        if (ret->on[OPT_HELP] || ret->on[OPT_VERSION]) {
                *ret_finished = true;
                if (ret->on[OPT_HELP])
                        arguments_help(stdout, ret->command);
                else
                        puts("gird " GIRD_VERSION);
                return STATUS_DONE;
        }
        return check_command(ret);
}

void arguments_done(struct arguments *a)
{
        strv_free(a->properties);
        strv_free(a->probes);
        strv_free(a->keep);
        strv_free(a->accept);
        a->properties = a->probes = a->keep = a->accept = NULL;
}
