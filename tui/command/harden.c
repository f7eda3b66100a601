/* harden.c - gird harden: from a unit to the tightest profile that holds, unattended. */
#include "core/base/base.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/attempt.h"
#include "tui/command/command.h"
#include "tui/command/harden_report.h"
#include "tui/command/report.h"
#include "tui/hardening.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* ---- what was typed ---- */

/* Directive names of --keep, ended by DIRECTIVE_COUNT. */
static int parse_keep(const struct arguments *a, enum directive_id **ret)
{
        size_t count = strv_length(a->keep);
        scoped(mem_freep) enum directive_id *list = calloc(count + 1, sizeof(*list));

        if (!list)
                return complain_usage("out of memory");
        for (size_t i = 0; i < count; i++) {
                const struct directive *d = directive_find(a->keep[i]);
                const char *near = d ? NULL : profile_nearest(a->keep[i]);

                if (!d && near)
                        return complain_usage("--keep=%s: no such directive; did you mean %s?",
                                              a->keep[i], near);
                if (!d)
                        return complain_usage("--keep=%s: no such directive; `gird explain` lists "
                                              "those there are",
                                              a->keep[i]);
                list[i] = d->id;
        }
        list[count] = DIRECTIVE_COUNT;
        *ret = take(list);
        return STATUS_DONE;
}

static int check_typed(const struct arguments *a)
{
        if (a->output && a->operand_count > 1)
                return complain_usage("--output is one file: it goes with one unit");
        if (a->on[OPT_PRESET] && strcmp(a->preset, "baseline") != 0 &&
            strcmp(a->preset, "strict") != 0)
                return complain_usage("--preset=%s: the presets are baseline and strict",
                                      a->preset);
        return STATUS_DONE;
}

/* Changes, and refusals that are no matter, as typed. */
static int find_by_hand(struct context *c, const struct sandbox *s, struct profile **ret,
                        struct err *e)
{
        int r = context_profile(c, s, ret, e);

        if (r > 0)
                r = profile_new(s->unit, s->scope, ret);
        for (char **word = c->args->accept; r == 0 && word && *word; word++)
                r = profile_accept_word(*ret, *word, e);
        return r;
}

/* ---- what becomes of it ---- */

static int write_output(const struct context *c, const struct profile *p, const char *path,
                        struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        int r = profile_to_json(p, &c->dialect, &text);

        return r < 0 ? err_set(e, r, "cannot write %s", path) : file_replace(path, text, 0666, e);
}

/* 1: it was saved, but something wins over it. */
static int save(struct context *c, const struct sandbox *s, const struct search *found,
                char **ret_path, struct err *e)
{
        scoped(strv_freep) char **overridden = NULL;
        const char *objection = attempt_objection(found->profile, c->args->on[OPT_ACCEPT_BENT]);
        int r;

        if (objection) {
                fprintf(stderr, "gird: not saved: %s\n", objection);
                return 1;
        }
        r = attempt_save(c, s, found->profile, ret_path, &overridden, e);
        if (r < 0)
                return r;
        for (char **line = overridden; line && *line; line++) {
                scoped(mem_freep) char *clean = text_printable_dup(*line);

                fprintf(stderr, "gird: %s\n", clean ? clean : "?");
        }
        return overridden != NULL;
}

static int status_of(const struct arguments *a, const struct search *found)
{
        bool missed = a->on[OPT_AIM] && found->after > a->aim;

        if (found->profile)
                return missed ? STATUS_NO : STATUS_DONE;
        if (harden_report_idle(found))
                return missed ? STATUS_NO : STATUS_DONE;
        switch (found->outcome.verdict) {
        case VERDICT_HELD:
        case VERDICT_BENT:
        case VERDICT_BROKE:
                return STATUS_NO;
        case VERDICT_BASELINE_FAILED:
        case VERDICT_FLAKY:
        case VERDICT_NOT_TRIED:
                break;
        }
        return STATUS_CANNOT;
}

static int show(const struct context *c, const char *unit, const struct search *found,
                const char *saved, struct json *array)
{
        if (array)
                json_append(array, harden_report_json(c, unit, found, saved));
        else if (c->args->json)
                return report_json(harden_report_json(c, unit, found, saved));
        else
                harden_report(c, unit, found, saved);
        return STATUS_DONE;
}

static int keep_and_show(struct context *c, const struct sandbox *s, const struct search *found,
                         struct json *array)
{
        scoped(mem_freep) char *saved = NULL;
        struct err e = { 0 };
        int status = status_of(c->args, found), r = 0;

        if (found->profile && c->args->output)
                r = write_output(c, found->profile, c->args->output, &e);
        if (r < 0)
                status = complain(&e);
        r = found->profile && c->args->on[OPT_SAVE] ? save(c, s, found, &saved, &e) : 0;
        if (r < 0)
                status = complain(&e);
        else if (r > 0 && status == STATUS_DONE)
                status = STATUS_NO;
        return show(c, s->unit, found, saved, array) == STATUS_DONE ? status : STATUS_CANNOT;
}

/* ---- one unit ---- */

static int harden_one(struct context *c, const char *word, const enum directive_id *kept,
                      struct json *array)
{
        const struct arguments *a = c->args;
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(profile_freep) struct profile *by_hand = NULL;
        scoped(search_done) struct search found = { 0 };
        struct hardening_options options = {
                .keep = kept,
                .preset = a->preset,
                .probes = a->probes,
                .aim = a->on[OPT_AIM] ? a->aim : UINT_MAX,
                .parallel = a->parallel,
                .trials = a->trials,
                .within = a->within,
                .settle = a->settle,
                .accept_bent = a->on[OPT_ACCEPT_BENT],
                .ignore_conditions = a->on[OPT_CONDITIONS],
                .step = harden_report_step,
                .userdata = c,
        };
        struct err e = { 0 };
        int r = context_unit(c, word, &s, &e);

        if (r >= 0 && a->on[OPT_SAVE])
                r = attempt_may_write(c, "harden --save", s->unit, &e);
        if (r >= 0)
                r = find_by_hand(c, s, &by_hand, &e);
        if (r < 0) {
                complain(&e);
                return r == -EINVAL || r == -EOPNOTSUPP ? STATUS_USAGE : STATUS_CANNOT;
        }
        options.by_hand = by_hand;
        r = hardening_run(c, s, &options, &found, &e);
        if (r != 0)
                return complain(&e);
        return keep_and_show(c, s, &found, array);
}

int command_harden(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        scoped(mem_freep) enum directive_id *kept = NULL;
        struct json *array = NULL;
        struct err e = { 0 };
        int status = check_typed(a);

        if (status == STATUS_DONE)
                status = parse_keep(a, &kept);
        if (status != STATUS_DONE)
                return status;
        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0 || context_know(&c, &e) < 0)
                return complain(&e);
        array = a->json && a->operand_count > 1 ? json_array() : NULL;
        c.job.progress = report_progress;
        c.job.userdata = &c;
        for (size_t i = 0; i < a->operand_count && !c.job.cancelled; i++) {
                int one = harden_one(&c, a->operands[i], kept, array);

                if (one > status)
                        status = one;
        }
        if (array && report_json(array) != STATUS_DONE)
                status = STATUS_CANNOT;
        return status;
}
