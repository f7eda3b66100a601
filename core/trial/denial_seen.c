/* denial_seen.c - what the tried run was refused and the baseline was not, by what was observed.
 *
 * The rule.  An act that failed is a refusal by its error (denial_rules.inc).  Asked is what became
 * of the same act in the baseline, on the same stage:
 *   - it failed alike, or in another way: nothing was taken away;
 *   - it was done: that is evidence, also without a change that explains it;
 *   - it did not happen there: a candidate, which only a change that explains it makes evidence
 *     (denials_sift()), and only with an error that is a refusal by itself.
 * Errors that everyone meets count only where the baseline was let and the trial never was; on what
 * the unit makes or removes itself, only with a change that explains them.  Names are compared
 * without their numbers, and what varies below a folder by the folder.  What may be the twin's
 * doing counts only where the baseline in the same twin was let.
 *
 * One refusal is seen as several acts (the call, its arguments, its path, the filter, a capability
 * check); the one that says most stands for all. */
#include "core/trial/denial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/observe/behaviour_private.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A service that wants to be refused a lot costs no more than this. */
enum { CONSIDERED = 4096, LOOKED_UP = 1024 };

struct look {
        const struct behaviour *baseline, *tried;
        struct known_deeds before, now;
        uint64_t began;
        size_t considered; /* in this pass: what may be denials */
        size_t looked_up;  /* and what depends on the call behind it */
        bool had;          /* this pass is for what the baseline was let */
        struct denials found;
};

/* ---- one act as a denial ---- */

static char *address_of(const struct act *a)
{
        const char *text = a->text ? a->text : "";

        if (a->a != AF_INET && a->a != AF_INET6)
                return strdup(text);
        if (a->flags & ACT_EPHEMERAL)
                return strdup(text);
        return text_format(a->a == AF_INET6 ? "[%s]:%" PRIu64 : "%s:%" PRIu64, text, a->c);
}

static char *family_of(const struct act *a)
{
        const char *name = term_name(family_terms, a->a);

        return name ? strdup(name) : text_format("family %" PRIu64, a->a);
}

/* What it was about: a path, an address, a family. */
static int add_object(const struct act *a, struct denial *d)
{
        switch (a->kind) {
        case ACT_PATH:
        case ACT_EXEC:
                d->path = strdup(a->text ? a->text : "");
                break;
        case ACT_BIND:
        case ACT_CONNECT:
        case ACT_PEER:
                d->path = address_of(a);
                break;
        case ACT_SOCKET:
                d->path = family_of(a);
                break;
        case ACT_FOREIGN:
                d->path = strdup(a->name ? a->name : "");
                break;
        case ACT_CALL:
        case ACT_ARGS:
        case ACT_CAP:
        case ACT_SIGNAL:
        case ACT_KILLED:
        case ACT_REFUSED:
        case ACT_KINDS:
                return 0;
        }
        return d->path ? 0 : -ENOMEM;
}

static const char *name_of_call(const struct act *a)
{
        switch (a->kind) {
        case ACT_SOCKET:
                return "socket";
        case ACT_BIND:
                return "bind";
        case ACT_CALL:
        case ACT_ARGS:
        case ACT_CONNECT:
        case ACT_REFUSED:
        case ACT_KILLED:
                return a->name;
        case ACT_PEER:
        case ACT_PATH:
        case ACT_EXEC:
        case ACT_CAP:
        case ACT_SIGNAL:
        case ACT_FOREIGN:
        case ACT_KINDS:
                break;
        }
        return NULL;
}

int denial_of_act(const struct act *a, uint64_t began, struct denial *ret)
{
        struct denial d = { .source = DENIAL_SEEN,
                            .deed = { .kind = a->kind,
                                      .a = a->a,
                                      .b = a->b,
                                      .c = a->c,
                                      .flags = a->flags,
                                      .seen = a->seen,
                                      .mode = a->mode,
                                      .rdev = a->rdev,
                                      .uid = a->uid },
                            .error = a->error,
                            .count = a->count,
                            .after = a->first > began ? a->first - began : 0,
                            .directive = DIRECTIVE_COUNT };
        const char *call = name_of_call(a);
        int r = add_object(a, &d);

        if (a->kind == ACT_KILLED || a->kind == ACT_REFUSED)
                d.signal = (int)a->a;
        if (r == 0 && a->process[0]) {
                char comm[sizeof(a->process) + 1] = "";

                memcpy(comm, a->process, sizeof(a->process));
                d.process = text_printable_dup(comm);
                r = d.process ? 0 : -ENOMEM;
        }
        if (r == 0 && call) {
                d.call = strdup(call);
                r = d.call ? 0 : -ENOMEM;
        }
        if (r < 0) {
                denial_done(&d);
                return r;
        }
        *ret = d;
        return 0;
}

/* ---- acts that say the same ---- */

static const struct act *find_failed(const struct behaviour *b, enum act_kind kind, int error,
                                     const char *name)
{
        for (const struct act *a = behaviour_first(b, kind); a; a = behaviour_next(b, a))
                if (a->error == error && (!name || (a->name && strcmp(a->name, name) == 0)))
                        return a;
        return NULL;
}

static bool path_failed(const struct behaviour *b, const char *call, int error)
{
        for (const struct act *a = behaviour_first(b, ACT_PATH); a; a = behaviour_next(b, a))
                if (a->error == error && denial_call_does(call, a->a))
                        return true;
        return false;
}

/* Whether the particulars of a call that failed so are among the acts. */
static bool has_particulars(const struct behaviour *b, const char *call, int error)
{
        if (strcmp(call, "socket") == 0 || strcmp(call, "socketpair") == 0)
                return find_failed(b, ACT_SOCKET, error, NULL);
        if (strcmp(call, "bind") == 0)
                return find_failed(b, ACT_BIND, error, NULL);
        return find_failed(b, ACT_ARGS, error, call) || find_failed(b, ACT_CONNECT, error, call) ||
               path_failed(b, call, error);
}

static bool same_text(const struct act *a, const struct act *b)
{
        return a->text && b->text && strcmp(a->text, b->text) == 0;
}

/* The file of a unix socket is told as a path besides. */
static bool is_sockets_path(const struct behaviour *b, const struct act *a)
{
        if (a->a == ACCESS_CONNECT)
                return find_failed(b, ACT_CONNECT, a->error, NULL);
        if (a->a != ACCESS_CREATE)
                return false;
        for (const struct act *bind = behaviour_first(b, ACT_BIND); bind;
             bind = behaviour_next(b, bind))
                if (bind->error == a->error && same_text(bind, a))
                        return true;
        return false;
}

static bool is_told_elsewhere(const struct look *l, const struct act *a)
{
        const struct behaviour *b = l->tried;

        switch (a->kind) {
        case ACT_CALL:
                return has_particulars(b, a->name, a->error);
        case ACT_ARGS:
                return path_failed(b, a->name, a->error);
        case ACT_KILLED:
                return a->a == SIGSYS && a->name && find_failed(b, ACT_REFUSED, 0, a->name);
        case ACT_PATH:
                return is_sockets_path(b, a);
        case ACT_SOCKET:
        case ACT_BIND:
        case ACT_CONNECT:
        case ACT_PEER:
        case ACT_EXEC:
        case ACT_CAP:
        case ACT_SIGNAL:
        case ACT_REFUSED: /* whose particulars are not seen */
        case ACT_FOREIGN:
        case ACT_KINDS:
                break;
        }
        return false;
}

/* ---- what the baseline did ---- */

/* Deaths that nobody asked for. */
static bool is_violent(const struct act *a)
{
        unsigned running = SEEN_STARTUP | SEEN_STEADY | SEEN_RELOAD;
        static const int signals[] = { SIGSYS, SIGSEGV, SIGBUS,  SIGABRT, SIGTRAP, SIGILL,
                                       SIGFPE, SIGXFSZ, SIGXCPU, SIGPIPE, SIGKILL };

        for (size_t i = 0; i < COUNT(signals); i++)
                if (a->a == (uint64_t)signals[i])
                        return a->a != SIGKILL || a->seen & running;
        return false;
}

static uint64_t times_made(const struct behaviour *b, const char *calls)
{
        uint64_t times = 0;

        for (const struct act *a = b ? behaviour_first(b, ACT_CALL) : NULL; a;
             a = behaviour_next(b, a))
                if (a->error == 0 && a->name && denial_listed(calls, a->name))
                        times = count_sum(times, a->count);
        return times;
}

/* Whether something else was called in its place: more often than before. */
static bool fell_back(const struct look *l, const char *call)
{
        const char *instead = call ? denial_fallback(call) : NULL;

        return instead && times_made(l->tried, instead) > times_made(l->baseline, instead);
}

/* 1: it is a denial; *ret_had: the baseline was let. */
static int judge_call(const struct look *l, const struct act *a, const char *call, bool *ret_had)
{
        const struct act as_call = { .kind = ACT_CALL, .error = a->error, .name = (char *)call };
        enum once once;
        int r = known_deeds_ask(&l->before, &as_call, &once);

        *ret_had = known_deeds_called(&l->before, call);
        return r < 0 ? r : once != ONCE_SAME && (*ret_had || !l->baseline);
}

static int judge(const struct look *l, const struct act *a, const char *call, bool *ret_had)
{
        bool violent = a->kind == ACT_KILLED || (a->kind == ACT_REFUSED && a->a);
        enum hardness hardness = violent ? HARD_REFUSED : denial_hardness(a, call);
        enum once once;
        bool did;
        int r;

        if (hardness == HARD_NO || (a->kind == ACT_KILLED && !is_violent(a)))
                return 0;
        r = known_deeds_ask(&l->before, a, &once);
        if (r < 0 || once == ONCE_SAME)
                return r;
        if (hardness == HARD_LIMIT)
                return call ? judge_call(l, a, call, ret_had) : 0;
        if (once == ONCE_FAILED) /* another answer of the filter is a candidate */
                return a->kind == ACT_REFUSED;
        *ret_had = once == ONCE_DONE || once == ONCE_OWN;
        if (a->kind == ACT_REFUSED && call && known_deeds_called(&l->before, call))
                *ret_had = true;
        if (a->error == ENOSYS && fell_back(l, call))
                return 0;
        if (hardness == HARD_REFUSED || a->kind == ACT_REFUSED)
                return 1;
        if (once != ONCE_DONE && once != ONCE_OWN)
                return 0;
        *ret_had = once == ONCE_DONE;
        r = known_deeds_did(&l->now, a, &did);
        if (r < 0 || !did)
                return r < 0 ? r : 1;
        /* What is the same thing only as far as was seen may be refused at times all the same. */
        *ret_had = false;
        return a->kind == ACT_ARGS || a->error == EINVAL || a->error == EOVERFLOW;
}

/* ---- taking up ---- */

/* mode: of a path.  filtered: a filter refused it. */
static int take_up(struct look *l, const struct act *a, const char *call, uint64_t mode, bool had,
                   bool filtered)
{
        struct denial d = { 0 };
        bool limit = denial_hardness(a, call) == HARD_LIMIT;
        int r = denial_of_act(a, l->began, &d);

        if (r == 0 && call && !d.call) {
                d.call = strdup(call);
                r = d.call ? 0 : -ENOMEM;
        }
        if (r < 0) {
                denial_done(&d);
                return r;
        }
        if (a->kind == ACT_PATH)
                d.deed.b = mode;
        if (limit) { /* what it was for is no matter */
                free(d.path);
                d.path = NULL;
        }
        d.deed.filtered = filtered;
        d.deed.had = had;
        return denials_add(&l->found, &d);
}

/* What the baseline made of that call and the trial never did. */
static int is_missing(const struct look *l, const struct act *a, const char *call)
{
        bool socket = a->kind == ACT_SOCKET && strcmp(call, "socket") == 0;
        bool did;
        int r;

        if (a->error || !(socket || (a->name && strcmp(a->name, call) == 0)))
                return 0;
        r = known_deeds_did(&l->now, a, &did);
        return r < 0 ? r : !did;
}

/* Of what a filter refused, the call alone is seen: its arguments are those that the baseline made
 * and the trial never did. */
static int take_up_filtered(struct look *l, const struct act *refused, bool had)
{
        enum { EACH = 4 };
        static const enum act_kind kinds[] = { ACT_ARGS, ACT_SOCKET };
        size_t found = 0;
        int r = 0;

        for (size_t k = 0; k < COUNT(kinds) && r >= 0; k++)
                for (const struct act *a = l->baseline ? behaviour_first(l->baseline, kinds[k])
                                                       : NULL;
                     a && r >= 0 && found < EACH; a = behaviour_next(l->baseline, a)) {
                        struct act own = *refused;

                        r = is_missing(l, a, refused->name);
                        if (r <= 0)
                                continue;
                        own.kind = a->kind;
                        own.a = a->a;
                        own.b = a->b;
                        own.c = a->c;
                        found++;
                        r = take_up(l, &own, refused->name, 0, had, true);
                }
        if (r < 0 || found)
                return r < 0 ? r : 0;
        return take_up(l, refused, refused->name, 0, had, true);
}

/* Capability checks are looked at in the end; these never are refusals by themselves. */
static bool is_no_refusal(const struct act *a)
{
        switch (a->kind) {
        case ACT_CAP:
        case ACT_SIGNAL:
        case ACT_PEER:
        case ACT_EXEC:
        case ACT_FOREIGN:
        case ACT_KINDS:
                return true;
        case ACT_KILLED:
                return false;
        case ACT_CALL:
        case ACT_ARGS:
        case ACT_CONNECT:
                return a->error == 0 || !a->name;
        case ACT_REFUSED:
                return !a->name;
        case ACT_SOCKET:
        case ACT_BIND:
        case ACT_PATH:
                break;
        }
        return a->error == 0;
}

static int consider(struct look *l, const struct act *a)
{
        bool path = a->kind == ACT_PATH;
        bool depends = path && denial_depends_on_call(a->kind, a->error);
        const char *call = name_of_call(a);
        uint64_t mode = 0;
        bool had = false;
        int r;

        if (is_no_refusal(a) || l->considered > CONSIDERED)
                return 0;
        if (depends) {
                if (l->looked_up++ > LOOKED_UP)
                        return 0;
                call = denial_call_of(l->tried, a, &mode);
        }
        r = judge(l, a, call, &had);
        if (r <= 0 || had != l->had || (a->flags & ACT_BY_TWIN && !had))
                return r;
        l->considered++;
        if (is_told_elsewhere(l, a))
                return 0;
        if (a->kind == ACT_REFUSED && !a->a)
                return take_up_filtered(l, a, had);
        if (path && !depends)
                call = denial_call_of(l->tried, a, &mode);
        return take_up(l, a, call, mode, had,
                       a->kind == ACT_REFUSED || (a->kind == ACT_KILLED && a->a == SIGSYS));
}

static int by_weight(const void *a, const void *b)
{
        const struct denial *x = a, *y = b;
        int r = (int)y->deed.had - (int)x->deed.had;

        if (r == 0)
                r = (int)(y->signal || denial_error_is_hard(y->error)) -
                    (int)(x->signal || denial_error_is_hard(x->error));
        if (r == 0)
                r = (x->after > y->after) - (x->after < y->after);
        return r ? r : strcmp(x->key, y->key);
}

static int search(struct look *l)
{
        static const bool passes[] = { true, false };
        int r = known_deeds_of(l->baseline, &l->before);

        if (r == 0)
                r = known_deeds_of(l->tried, &l->now);
        for (size_t pass = 0; pass < COUNT(passes); pass++) {
                l->had = passes[pass];
                l->considered = l->looked_up = 0;
                for (size_t i = 0; r >= 0 && i < l->tried->act_count; i++)
                        r = consider(l, &l->tried->acts[i]);
        }
        if (r >= 0)
                r = denials_capabilities(l->baseline, l->tried, l->began, &l->found);
        for (size_t i = 0; r >= 0 && i < l->found.count; i++) {
                r = denial_name(&l->found.list[i]); /* a capability is known by now */
                if (r == 0)
                        r = denial_tell(&l->found.list[i]);
        }
        return r;
}

int denials_seen(const struct behaviour *baseline, const struct behaviour *tried, uint64_t began,
                 struct denial **list, size_t *count)
{
        struct look l = { .baseline = baseline, .tried = tried, .began = began };
        int r = search(&l);

        if (r >= 0 && l.found.count > 1)
                qsort(l.found.list, l.found.count, sizeof(*l.found.list), by_weight);
        if (r >= 0)
                r = denials_append(&l.found, list, count);
        denials_done(&l.found);
        known_deeds_done(&l.before);
        known_deeds_done(&l.now);
        return r;
}

int denials_watched(const struct behaviour *seen, uint64_t began, struct denial **list,
                    size_t *count)
{
        return denials_seen(NULL, seen, began, list, count);
}
