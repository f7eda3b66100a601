/* breach_judge.c - what the answers mean: pure. */
#include "core/breach/breach.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *breach_result_name(enum breach_result r)
{
        static const char *const names[] = { "allowed", "refused", "absent", "unknown" };

        return names[r];
}

void breach_done(struct breach *b)
{
        for (size_t i = 0; i < b->move_count; i++) {
                free(b->moves[i].before.by);
                free(b->moves[i].after.by);
                free(b->moves[i].closer);
        }
        for (size_t i = 0; i < b->chain_count; i++)
                free(b->chains[i].closer);
        free(b->moves);
        free(b->chains);
        strv_free(b->close);
        free(b->why_before);
        free(b->why_after);
        *b = (struct breach){ 0 };
}

/* ---- answers ---- */

static bool is_ok(const char *said)
{
        return said && strncmp(said, "ok", 2) == 0 && (said[2] == '\0' || said[2] == ' ');
}

/* There is no such file, process, device, or call. */
static bool is_nothing(const char *said)
{
        static const char *const words[] = { "absent",          "ENOENT",          "ENOTDIR",
                                             "ESRCH",           "ENXIO",           "ENODEV",
                                             "ENOSYS",          "ENODATA",         "EAFNOSUPPORT",
                                             "EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "ECONNREFUSED",
                                             "EOPNOTSUPP",      "ENETUNREACH",     "EIO" };

        for (size_t i = 0; said && i < COUNT(words); i++)
                if (strcmp(said, words[i]) == 0)
                        return true;
        return false;
}

/* ---- which directive ---- */

/* A read-only file system is no matter of rights, and a killed call none of either. */
static bool may_answer(const char *said, const char *closer)
{
        static const char *const rights[] = { "CapabilityBoundingSet=", "DynamicUser=",
                                              "NoNewPrivileges=" };

        if (strcmp(said, "SIGSYS") == 0)
                return text_starts(closer, "SystemCall");
        if (strcmp(said, "EAFNOSUPPORT") == 0)
                return text_starts(closer, "RestrictAddressFamilies");
        if (strcmp(said, "EROFS") != 0)
                return true;
        for (size_t i = 0; i < COUNT(rights); i++)
                if (text_starts(closer, rights[i]))
                        return false;
        return true;
}

/* What answers so when no closer of the move is set. */
static const struct {
        const char *said, *closer;
} usual[] = {
        { "SIGSYS", "SystemCallFilter=~@obsolete" },
        { "EROFS", "ProtectSystem=strict" },
        { "EROFS", "ProtectSystem=full" },
        { "EROFS", "ProtectSystem=yes" },
        { "EROFS", "ReadOnlyPaths=/" },
        { "EAFNOSUPPORT", "RestrictAddressFamilies=~AF_NETLINK" },
        { "EACCES", "DynamicUser=yes" },
        { "ENETUNREACH", "PrivateNetwork=yes" },
        { "ENOENT", "PrivateDevices=yes" },
        { "EROFS", "DynamicUser=yes" },
};

static int find_by(const struct move *m, const char *said, const struct sandbox *s,
                   const struct dialect *dialect, char **ret)
{
        const char *errno_of = setting_word(s, D_SystemCallErrorNumber);

        for (size_t i = 0; m->closers[i]; i++)
                if (may_answer(said, m->closers[i])) {
                        int r = closer_holds(m->closers[i], s, dialect, ret);

                        if (r != 0)
                                return r;
                }
        /* A filter answers with the errno that it was given. */
        if (s->settings[D_SystemCallFilter].value.set && errno_of && strcmp(errno_of, said) == 0) {
                *ret = strdup("SystemCallFilter=");
                return *ret ? 1 : -ENOMEM;
        }
        for (size_t i = 0; i < COUNT(usual); i++)
                if (strcmp(usual[i].said, said) == 0) {
                        int r = closer_holds(usual[i].closer, s, dialect, ret);

                        if (r != 0)
                                return r;
                }
        if (strcmp(said, "SIGSYS") == 0 && s->settings[D_SystemCallFilter].value.set) {
                *ret = strdup("SystemCallFilter=");
                return *ret ? 1 : -ENOMEM;
        }
        return 0;
}

/* ---- one move in one state ---- */

struct judge {
        const struct breach_evidence *e;
        const struct sandbox *s;
        const struct move *move;
        const char *said, *plain;
};

/* The first closer that the sandbox has; 0: none. */
static int holds_any(const struct judge *j, char **ret_by)
{
        int r = 0;

        for (size_t i = 0; r == 0 && j->move->closers[i]; i++)
                r = closer_holds(j->move->closers[i], j->s, j->e->dialect, ret_by);
        return r;
}

static bool not_enforced(const struct judge *j, const char *closer)
{
        for (size_t i = 0; i < j->e->limit_count; i++) {
                const enum directive_id *d = j->e->limits[i].directives;

                for (; d && *d != DIRECTIVE_COUNT; d++) {
                        const char *name = directive_at(*d)->name;
                        size_t n = strlen(name);

                        if (strncmp(closer, name, n) == 0 && closer[n] == '=')
                                return true;
                }
        }
        return false;
}

/* What was let in the twin is refused elsewhere: by what the twin doesn't enforce; or is void, in a
 * network of its own. */
static int allowed_but(const struct judge *j, struct breach_answer *ret)
{
        for (size_t i = 0; j->move->closers[i]; i++) {
                const char *closer = j->move->closers[i];
                bool alone = text_starts(closer, "PrivateNetwork=");
                int r;

                if (!alone && !not_enforced(j, closer))
                        continue;
                r = closer_holds(closer, j->s, j->e->dialect, &ret->by);
                if (r < 0)
                        return r;
                if (r > 0) {
                        ret->result = BREACH_REFUSED;
                        ret->computed = true;
                        return 0;
                }
        }
        ret->result = BREACH_ALLOWED;
        return 0;
}

/* The twin refuses it to everyone: the directives decide, and there are rules for all that takes a
 * right of root's. */
static int compute(const struct judge *j, struct breach_answer *ret)
{
        bool needs_root = false;
        int r = holds_any(j, &ret->by);

        if (r < 0)
                return r;
        for (size_t i = 0; j->move->closers[i]; i++)
                needs_root |= text_starts(j->move->closers[i], "CapabilityBoundingSet=") ||
                              text_starts(j->move->closers[i], "DynamicUser=");
        ret->computed = true;
        ret->result = r > 0 ? BREACH_REFUSED : needs_root ? BREACH_ALLOWED : BREACH_UNKNOWN;
        return 0;
}

static int judge_one(const struct judge *j, struct breach_answer *ret)
{
        const char *said = j->said;
        int r;

        if (!said) {
                ret->result = BREACH_UNKNOWN;
                return 0;
        }
        snprintf(ret->answer, sizeof(ret->answer), "%s", said);
        if (is_ok(said))
                return allowed_but(j, ret);
        if (!j->plain || is_ok(j->plain) ||
            (!is_nothing(j->plain) && strcmp(j->plain, said) != 0)) {
                ret->result = BREACH_REFUSED;
                r = find_by(j->move, said, j->s, j->e->dialect, &ret->by);
                return r < 0 ? r : 0;
        }
        if (is_nothing(j->plain)) {
                ret->result = BREACH_ABSENT;
                return 0;
        }
        return compute(j, ret);
}

static int first_open_closer(const char *const *closers, const struct sandbox *s,
                             const struct dialect *dialect, char **ret)
{
        for (size_t i = 0; closers[i] && !*ret; i++) {
                int r = closer_known(closers[i], dialect) ? closer_rest(closers[i], s, dialect, ret)
                                                          : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

static int judge_move(const struct breach_evidence *e, size_t i, struct breach_move *ret)
{
        const struct sandbox *last = e->after ? e->changed : e->unit;
        struct judge j = { .e = e,
                           .s = e->unit,
                           .move = ret->move,
                           .said = e->before->said[i],
                           .plain = e->plain->said[i] };
        int r = judge_one(&j, &ret->before);

        j.s = last;
        if (e->after)
                j.said = e->after->said[i];
        if (r == 0)
                r = judge_one(&j, &ret->after);
        if (r == 0 && ret->after.result == BREACH_ALLOWED)
                r = first_open_closer(ret->move->closers, last, e->dialect, &ret->closer);
        return r;
}

/* ---- chains ---- */

static enum breach_result result_of(const struct breach *b, const char *name, bool after)
{
        for (size_t i = 0; i < b->move_count; i++)
                if (strcmp(b->moves[i].move->name, name) == 0)
                        return after ? b->moves[i].after.result : b->moves[i].before.result;
        return BREACH_UNKNOWN;
}

static bool is_open(const struct breach *b, const struct chain *c, bool after)
{
        bool any = false;

        for (size_t i = 0; c->any[i]; i++)
                any |= result_of(b, c->any[i], after) == BREACH_ALLOWED;
        for (size_t i = 0; c->with && c->with[i]; i++)
                if (result_of(b, c->with[i], after) != BREACH_ALLOWED)
                        return false;
        return any;
}

static bool machine_has(const struct breach_evidence *e, const struct chain *c)
{
        if (!c->needs || !e->there)
                return true;
        for (size_t i = 0; c->needs[i]; i++)
                if (e->there(e->userdata, c->needs[i]))
                        return true;
        return false;
}

static int judge_chains(const struct breach_evidence *e, struct breach *b)
{
        const struct sandbox *last = e->after ? e->changed : e->unit;
        const struct chain *c;
        int r = 0;

        for (size_t i = 0; r == 0 && (c = chain_at(i)); i++) {
                struct breach_chain found = { .chain = c };
                struct breach_chain *more;

                found.before = is_open(b, c, false);
                found.after = is_open(b, c, true);
                if (!machine_has(e, c) || (!found.before && !found.after))
                        continue;
                if (found.after)
                        r = first_open_closer(c->closers, last, e->dialect, &found.closer);
                more = r == 0 ? realloc(b->chains, (b->chain_count + 1) * sizeof(*more)) : NULL;
                if (!more) {
                        free(found.closer);
                        return r < 0 ? r : -ENOMEM;
                }
                b->chains = more;
                b->chains[b->chain_count++] = found;
                b->before.chains += found.before;
                b->after.chains += found.after;
        }
        return r;
}

/* ---- what closes them ---- */

/* Adds the words of a list that are not there yet. */
static int join_words(char **have, const char *more)
{
        scoped(strv_freep) char **words = NULL, **old = NULL;
        int r = strv_split(strchr(more, '=') + 1, " ~", &words);

        if (r == 0)
                r = strv_split(strchr(*have, '=') + 1, " ~", &old);
        for (size_t i = 0; r == 0 && words && words[i]; i++) {
                char *longer;

                if (strv_has(old, words[i]))
                        continue;
                longer = text_format("%s %s", *have, words[i]);
                if (!longer)
                        return -ENOMEM;
                free(*have);
                *have = longer;
        }
        return r;
}

/* Of two values of one directive the stricter; of two lists what is in either. */
static int merge(char **have, const char *more, const struct directive *d,
                 const struct dialect *dialect)
{
        scoped(value_done) struct value a = { 0 };
        scoped(value_done) struct value b = { 0 };
        char *copy;

        if (d->kind != KIND_BOOL && d->kind != KIND_CHOICE)
                return join_words(have, more);
        if (value_assign(&a, d, dialect, strchr(*have, '=') + 1, NULL) < 0 ||
            value_assign(&b, d, dialect, strchr(more, '=') + 1, NULL) < 0)
                return -ENOMEM;
        if (value_compare(&b, &a, d, dialect) != VALUE_STRICTER)
                return 0;
        copy = strdup(more);
        if (!copy)
                return -ENOMEM;
        free(*have);
        *have = copy;
        return 0;
}

static int add_line(struct breach *b, const char *line, const struct dialect *dialect)
{
        size_t n = strcspn(line, "=");
        scoped(mem_freep) char *name = strndup(line, n);
        const struct directive *d = name ? directive_find(name) : NULL;

        if (!name)
                return -ENOMEM;
        for (size_t i = 0; d && b->close && b->close[i]; i++)
                if (strncmp(b->close[i], line, n + 1) == 0)
                        return merge(&b->close[i], line, d, dialect);
        return strv_add(&b->close, line);
}

static bool own_user_closes(const struct chain *c)
{
        for (size_t i = 0; c->closers[i]; i++)
                if (strcmp(c->closers[i], "DynamicUser=yes") == 0)
                        return true;
        return false;
}

/* The mildest closer of each, once; own_user: whether one user of its own would do as well. */
static int choose(struct breach *b, const struct dialect *dialect)
{
        b->own_user = b->after.chains > 0;
        for (size_t i = 0; i < b->chain_count; i++) {
                const struct breach_chain *c = &b->chains[i];
                scoped(strv_freep) char **lines = NULL;
                int r = 0;

                if (!c->after)
                        continue;
                b->own_user &= own_user_closes(c->chain) &&
                               result_of(b, "become-root", true) == BREACH_ALLOWED;
                if (c->closer)
                        r = strv_split(c->closer, "\n", &lines);
                for (size_t n = 0; r == 0 && lines && lines[n]; n++)
                        r = add_line(b, lines[n], dialect);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void count(struct breach *b)
{
        for (size_t i = 0; i < b->move_count; i++)
                for (int after = 0; after < 2; after++) {
                        struct breach_count *to = after ? &b->after : &b->before;
                        const struct breach_answer *a = after ? &b->moves[i].after
                                                              : &b->moves[i].before;

                        to->allowed += a->result == BREACH_ALLOWED;
                        to->refused += a->result == BREACH_REFUSED;
                        to->absent += a->result == BREACH_ABSENT;
                        to->unknown += a->result == BREACH_UNKNOWN;
                }
}

int breach_judge(const struct breach_evidence *e, struct breach *ret)
{
        struct breach b = { .changed = e->after != NULL };
        int r = 0;

        b.moves = calloc(breach_size(), sizeof(*b.moves));
        if (!b.moves)
                return -ENOMEM;
        b.move_count = breach_size();
        for (size_t i = 0; i < b.move_count; i++)
                b.moves[i].move = breach_at(i);
        for (size_t i = 0; r == 0 && i < b.move_count; i++)
                r = judge_move(e, i, &b.moves[i]);
        if (r == 0)
                r = judge_chains(e, &b);
        if (r == 0)
                r = choose(&b, e->dialect);
        if (r < 0) {
                breach_done(&b);
                return r;
        }
        count(&b);
        *ret = b;
        return 0;
}
