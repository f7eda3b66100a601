/* blame.c - which of the profile's changes the evidence points to, most likely first. */
#include "core/trial/denial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        SETTING_ROOM = 70,
        WEIGHT_FULL = 100,
        WEIGHT_SURE = 60,
        WEIGHT_MOST = 99,
        STATUS_SYSTEMD = 200
};

/* ---- who may be blamed ---- */

static bool tightened(const struct ranking *k, enum directive_id d, unsigned how)
{
        const struct value *before = &k->v->before->settings[d].value;
        const struct value *after = &k->v->after->settings[d].value;
        enum value_order order;

        if (value_equal(before, after))
                return false;
        if (how & BY_LOOSENING)
                return true;
        order = value_compare(after, before, directive_at(d), k->v->dialect);
        return order == VALUE_STRICTER || order == VALUE_DIFFERENT;
}

/* The change of the profile that made d what it is; DIRECTIVE_COUNT if none did. */
static enum directive_id culprit(const struct ranking *k, enum directive_id d, unsigned how)
{
        enum directive_id by = d;

        if (!tightened(k, d, how))
                return DIRECTIVE_COUNT;
        for (int depth = 0; depth < 4; depth++) {
                const struct origin *origin = &k->v->after->settings[by].origin;

                if (k->v->profile ? profile_find(k->v->profile, by) != NULL
                                  : origin->kind != ORIGIN_IMPLIED)
                        return by;
                if (origin->kind != ORIGIN_IMPLIED)
                        break;
                by = origin->by;
        }
        return DIRECTIVE_COUNT;
}

char *ranking_setting(const struct ranking *k, enum directive_id d)
{
        scoped(mem_freep) char *value = value_show(&k->v->after->settings[d].value, directive_at(d),
                                                   k->v->dialect);
        const char *words = value ? value : "";
        int room = SETTING_ROOM;

        if (strlen(words) <= SETTING_ROOM)
                return text_format("%s=%s", directive_at(d)->name, words);
        while (room > 0 && ((unsigned char)words[room] & 0xc0) == 0x80)
                room--; /* not in the middle of a character */
        return text_format("%s=%.*s…", directive_at(d)->name, room, words);
}

bool ranking_at_least(const struct ranking *k, enum directive_id d, const char *least)
{
        return !least || sandbox_has(k->v->after, k->v->dialect, d, least);
}

static struct suspect *suspect_of(struct ranking *k, enum directive_id d)
{
        struct suspect *longer;

        for (size_t i = 0; i < k->count; i++)
                if (k->list[i].directive == d)
                        return &k->list[i];
        longer = realloc(k->list, (k->count + 1) * sizeof(*longer));
        if (!longer) {
                k->fault = -ENOMEM;
                return NULL;
        }
        k->list = longer;
        longer[k->count] = (struct suspect){ .directive = d };
        return &longer[k->count++];
}

/* Between the faintest and all but certain. */
static unsigned weighed(unsigned weight, int bonus)
{
        int sum = (int)weight + bonus;

        return bonus == 0 ? weight : sum < 1 ? 1 : sum > WEIGHT_MOST ? WEIGHT_MOST : (unsigned)sum;
}

void point(struct ranking *k, enum directive_id d, unsigned weight, unsigned how, const char *fmt,
           ...)
{
        enum directive_id who = culprit(k, d, how);
        struct text why = { 0 };
        struct suspect *s;
        va_list args;

        if (who == DIRECTIVE_COUNT || weight == 0)
                return;
        weight = weighed(weight, k->bonus);
        if (weight > k->best || (weight == k->best && who < k->whom)) { /* as by_weight() has it */
                k->best = weight;
                k->whom = who;
        }
        s = suspect_of(k, who);
        if (!s || weight <= s->weight)
                return;
        va_start(args, fmt);
        text_addv(&why, fmt, args);
        va_end(args);
        if (who != d)
                text_addf(&why, " (%s comes with %s)", directive_at(d)->name,
                          directive_at(who)->name);
        free(s->why);
        s->why = text_take(&why);
        s->weight = weight > WEIGHT_FULL ? WEIGHT_FULL : weight;
        if (!s->why)
                k->fault = -ENOMEM;
}

/* ---- what the process's end says ---- */

/* The newest "…, code=exited, status=226/NAMESPACE" that systemd wrote. */
static int exit_from_journal(const struct journal *j, int *ret_code, int *ret_status)
{
        for (size_t i = j->count; i-- > 0;) {
                const char *message = j->lines[i].message ? j->lines[i].message : "";
                const char *at = strstr(message, "process exited, code=");
                const char *status = at ? strstr(at, "status=") : NULL;

                if (!status)
                        continue;
                at += strlen("process exited, code=");
                *ret_status = (int)strtol(status + strlen("status="), NULL, 10);
                *ret_code = text_starts(at, "killed")   ? CLD_KILLED
                            : text_starts(at, "dumped") ? CLD_DUMPED
                                                        : CLD_EXITED;
                return 1;
        }
        return 0;
}

bool control_failed(const struct run *r)
{
        const struct unit_state *s = &r->state;
        bool start = s->control_key && (text_starts(s->control_key, "ExecStart") ||
                                        strcmp(s->control_key, "ExecCondition") == 0);
        /* When one of them fails, systemd stops the main process. */
        bool was_stopped = s->main_code == CLD_KILLED &&
                           (s->main_status == SIGTERM || s->main_status == SIGKILL);

        return start && (!s->main_code || s->main_status == 0 || was_stopped);
}

int run_exit(const struct run *r, int *ret_code, int *ret_status)
{
        const struct unit_state *s = &r->state;

        if (control_failed(r)) {
                *ret_code = s->control_code;
                *ret_status = s->control_status;
                return 1;
        }
        if (s->main_code && (s->main_code != CLD_EXITED || s->main_status != 0)) {
                *ret_code = s->main_code;
                *ret_status = s->main_status;
                return 1;
        }
        if (exit_from_journal(&r->journal, ret_code, ret_status))
                return 1;
        *ret_code = s->main_code;
        *ret_status = s->main_status;
        return s->main_code ? 1 : 0;
}

static void blame_status(struct ranking *k, int status)
{
        static const struct {
                int status;
                enum directive_id directive;
                unsigned weight;
        } rows[] = {
#define STATUS_SUSPECT(s, d, w) { s, D_##d, w },
#include "core/trial/blame.inc"
#undef STATUS_SUSPECT
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                scoped(mem_freep) char *setting = NULL;

                if (rows[i].status != status)
                        continue;
                setting = ranking_setting(k, rows[i].directive);
                point(k, rows[i].directive, rows[i].weight, BY_LOOSENING,
                      "%d/%s is how systemd fails when %s can't be set up or gets in the way",
                      status, exit_status_name(status) ? exit_status_name(status) : "?",
                      setting ? setting : directive_at(rows[i].directive)->name);
        }
}

void blame_signal(struct ranking *k, int number)
{
        static const struct {
                int number;
                enum directive_id directive;
                unsigned weight;
        } rows[] = {
#define SIGNAL_SUSPECT(s, d, w) { s, D_##d, w },
#include "core/trial/blame.inc"
#undef SIGNAL_SUSPECT
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                scoped(mem_freep) char *setting = NULL;

                if (rows[i].number != number)
                        continue;
                setting = ranking_setting(k, rows[i].directive);
                point(k, rows[i].directive, rows[i].weight, 0, "SIG%s is how services die under %s",
                      sigabbrev_np(number) ? sigabbrev_np(number) : "?", setting ? setting : "it");
        }
}

static void blame_result(struct ranking *k, const char *result)
{
        static const struct {
                const char *result;
                enum directive_id directive;
                unsigned weight;
        } rows[] = {
#define RESULT_SUSPECT(r, d, w) { r, D_##d, w },
#include "core/trial/blame.inc"
#undef RESULT_SUSPECT
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                scoped(mem_freep) char *setting = NULL;

                if (strcmp(rows[i].result, result) != 0)
                        continue;
                setting = ranking_setting(k, rows[i].directive);
                point(k, rows[i].directive, rows[i].weight, 0,
                      "the result \"%s\" is often due to %s", result,
                      setting ? setting : directive_at(rows[i].directive)->name);
        }
        /* READY=1 travels over a unix socket. */
        if (denies_family(k->v->after, "AF_UNIX") && !denies_family(k->v->before, "AF_UNIX") &&
            (strcmp(result, "timeout") == 0 || strcmp(result, "protocol") == 0))
                point(k, D_RestrictAddressFamilies, 82, 0,
                      "the service tells systemd that it is ready over AF_UNIX, which "
                      "RestrictAddressFamilies= denies");
}

/* A set-up failure that names a path points to the change that names that path. */
static void blame_setup_path(struct ranking *k, const char *message)
{
        scoped(clue_done) struct clue c = { 0 };
        const char *path;

        if (clue_read(message, &c) <= 0 || !c.path)
                return;
        if (c.error == EMFILE)
                point(k, D_LimitNOFILE, 98, BY_LOOSENING,
                      "systemd itself ran out of file descriptors before the start: %s",
                      strerrordesc_np(c.error));
        path = text_starts(c.path, "/run/systemd/unit-root/")
                       ? c.path + strlen("/run/systemd/unit-root")
                       : c.path;
        for (size_t i = 0; i < k->v->profile->change_count; i++) {
                const struct change *change = &k->v->profile->changes[i];

                if (value_covers(&change->value, path))
                        point(k, change->directive, 97, BY_LOOSENING,
                              "systemd failed on %s, which %s= names: %s", path,
                              directive_at(change->directive)->name,
                              c.error ? strerrordesc_np(c.error) : "not possible");
        }
}

static void blame_setup(struct ranking *k)
{
        const struct journal *j = &k->v->tried->journal;

        for (size_t i = 0; i < j->count; i++)
                if (j->lines[i].message)
                        blame_setup_path(k, j->lines[i].message);
}

static void blame_end(struct ranking *k)
{
        int code = 0, status = 0;

        if (run_exit(k->v->tried, &code, &status)) {
                if (code == CLD_KILLED || code == CLD_DUMPED)
                        blame_signal(k, status);
                else if (status >= STATUS_SYSTEMD && status < 255) {
                        blame_status(k, status);
                        blame_setup(k);
                }
        }
        blame_result(k, k->v->tried->state.result);
}

/* ---- the rest of the evidence ---- */

static void blame_problems(struct ranking *k)
{
        for (size_t i = 0; i < k->v->problem_count; i++) {
                const struct problem *p = &k->v->problems[i];

                point(k, p->directive, p->fatal ? 98 : 40, BY_LOOSENING, "%s", p->text);
        }
}

/* Words that are no errno, in lines of the program. */
static void blame_messages(struct ranking *k)
{
        static const struct {
                const char *words;
                enum directive_id directive;
                unsigned weight;
        } rows[] = {
#define MESSAGE_SUSPECT(m, d, w) { m, D_##d, w },
#include "core/trial/blame.inc"
#undef MESSAGE_SUSPECT
        };
        const struct journal *j = &k->v->tried->journal;

        for (size_t i = 0; i < j->count; i++)
                for (size_t m = 0; m < COUNT(rows) && j->lines[i].message; m++)
                        if (strcasestr(j->lines[i].message, rows[m].words))
                                point(k, rows[m].directive, rows[m].weight, 0,
                                      "\"%.120s\" is what programs say under it",
                                      j->lines[i].message);
}

static void blame_probe(struct ranking *k)
{
        static const struct {
                enum directive_id directive;
                unsigned weight;
                const char *why;
        } rows[] = {
#define PROBE_SUSPECT(d, w, why) { D_##d, w, why },
#include "core/trial/blame.inc"
#undef PROBE_SUSPECT
        };

        for (size_t i = 0; i < COUNT(rows); i++)
                point(k, rows[i].directive, rows[i].weight, 0, "a probe fails: %s", rows[i].why);
}

/* Nothing points anywhere: the changes by how often they break services. */
static void blame_risk(struct ranking *k)
{
        static const struct {
                enum directive_id directive;
                unsigned weight;
        } rows[] = {
#define RISK(d, w) { D_##d, w },
#include "core/trial/blame.inc"
#undef RISK
        };

        for (size_t i = 0; i < COUNT(rows); i++)
                point(k, rows[i].directive, rows[i].weight, 0,
                      "nothing that was seen points to it; listed by how often it breaks services");
        for (size_t i = 0; i < k->v->profile->change_count; i++)
                point(k, k->v->profile->changes[i].directive, 1, 0,
                      "nothing that was seen points to it");
}

static int by_weight(const void *a, const void *b)
{
        const struct suspect *x = a, *y = b;

        if (x->weight != y->weight)
                return x->weight < y->weight ? 1 : -1;
        return (x->directive > y->directive) - (x->directive < y->directive);
}

/* Once something is all but certain, faint suspicions only distract. */
static void drop_faint(struct ranking *k)
{
        while (k->count > 1 && k->list[0].weight >= WEIGHT_SURE &&
               k->list[k->count - 1].weight < k->list[0].weight / 2)
                free(k->list[--k->count].why);
}

int blame(const struct evidence *v, struct suspect **ret, size_t *ret_count)
{
        struct ranking k = { .v = v, .whom = DIRECTIVE_COUNT };

        if (v->broke) {
                blame_problems(&k);
                blame_end(&k);
        }
        blame_denials(&k, v->denials, v->denial_count);
        for (char *const *lost = v->lost; lost && *lost; lost++)
                blame_lost(&k, *lost);
        if (v->broke)
                blame_messages(&k);
        if (v->probe_failed)
                blame_probe(&k);
        if (k.count == 0 && v->broke)
                blame_risk(&k);
        if (k.count > 1)
                qsort(k.list, k.count, sizeof(*k.list), by_weight);
        drop_faint(&k);
        for (size_t i = 0; k.fault < 0 && i < k.count; i++)
                free(k.list[i].why);
        if (k.fault < 0) {
                free(k.list);
                return k.fault;
        }
        *ret = k.list;
        *ret_count = k.count;
        return 0;
}
