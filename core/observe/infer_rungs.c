/* infer_rungs.c - rules as data: whether the unit was seen to need what a value would refuse.
 *
 * A call that was refused before loses nothing by being refused again, so failures count only
 * where the refusal may have been the twin's. */
#include "core/observe/infer_rungs.h"

#include <errno.h>
#include <string.h>

static int is_it(void *name, const char *call)
{
        return strcmp(call, name) == 0 ? -EEXIST : 0; /* which ends the walk */
}

bool names_have(const struct inference *in, const char *names, const char *name)
{
        while (*names) {
                char word[64];
                size_t n;

                names += strspn(names, " ");
                n = strcspn(names, " ");
                if (n > 0 && n < sizeof(word)) {
                        memcpy(word, names, n);
                        word[n] = '\0';
                        if (*word == '@' ? dialect_expand(in->o->dialect, word, is_it,
                                                          (void *)name) == -EEXIST
                                         : strcmp(word, name) == 0)
                                return true;
                }
                names += n;
        }
        return false;
}

bool has_no_arguments(const struct inference *in, const struct act *a)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *args = behaviour_first(b, ACT_ARGS); args;
             args = behaviour_next(b, args))
                if (args->name && a->name && strcmp(args->name, a->name) == 0)
                        return false;
        return true;
}

bool below_any(const char *path, const char *folders)
{
        while (*folders) {
                char folder[128];
                size_t n;

                folders += strspn(folders, " ");
                n = strcspn(folders, " ");
                if (n > 0 && n < sizeof(folder)) {
                        memcpy(folder, folders, n);
                        folder[n] = '\0';
                        if (path_below(path, folder))
                                return true;
                }
                folders += n;
        }
        return false;
}

/* ---- does an act concern a need ---- */

static bool concerns(const struct inference *in, const struct need *n, const struct act *a)
{
        bool is_file = a->kind == ACT_PATH || a->kind == ACT_EXEC;

        if (a->flags & ACT_QUIET)
                return false;
        if (n->names && (!a->name || !names_have(in, n->names, a->name)))
                return false;
        if (n->access && !(a->a & n->access))
                return false;
        if (n->mask && (a->a & n->mask) != n->value)
                return false;
        if (n->folders && is_file) {
                /* Counted from another root, "/dev" is not the machine's. */
                if (!a->text || a->flags & ACT_CHROOT || !below_any(a->text, n->folders))
                        return false;
        }
        return !n->when || n->when(in, a);
}

/* Whether the answer is one that a sandbox gives. */
static bool is_refusal(const struct need *n, const struct act *a)
{
        switch (a->error) {
        case EPERM:
        case EACCES:
        case EROFS:
                return true;
        case ENOENT:
        case ENODEV:
        case ENXIO:
                return n->absent;
        }
        return false;
}

/* What a refusal tells.  Seen live, or where nothing of the twin's can be the reason, it would be
 * the same with the value. */
static enum found weigh_refusal(const struct inference *in, const struct act *a)
{
        bool by_rights = a->error == EPERM || a->error == EACCES;

        if (a->seen & SEEN_LIVE || !(a->seen & SEEN_TWIN))
                return FOUND_NOTHING;
        if (a->flags & ACT_BY_TWIN)
                return FOUND_DOUBT;
        if (a->kind == ACT_CAP) /* which ones a twin lacks is known: ACT_BY_TWIN */
                return FOUND_NOTHING;
        return by_rights && !in->root_user ? FOUND_NOTHING : FOUND_DOUBT;
}

/* A call is told once as made and once per error, so whether it ever worked is in the counts. */
static enum found weigh_call(const struct inference *in, const struct need *n, const struct act *a)
{
        enum found worst = FOUND_NOTHING;
        uint64_t made = 0, refused = 0;
        const struct act *other;

        for (other = behaviour_first(in->o->behaviour, ACT_CALL); other;
             other = behaviour_next(in->o->behaviour, other)) {
                enum found found;

                if (!other->name || strcmp(other->name, a->name) != 0)
                        continue;
                if (other->error == 0) {
                        made += other->count;
                        continue;
                }
                if (!is_refusal(n, other) && !(other->flags & ACT_BY_TWIN))
                        return FOUND_NEED;
                refused += other->count;
                found = weigh_refusal(in, other);
                if (found > worst)
                        worst = found;
        }
        return made > refused || refused == 0 ? FOUND_NEED : worst;
}

static enum found weigh(const struct inference *in, const struct need *n, const struct act *a)
{
        enum found found = FOUND_NEED;

        if (n->tried)
                found = FOUND_NEED;
        else if (a->kind == ACT_CALL && a->name)
                found = weigh_call(in, n, a);
        else if (a->flags & ACT_BY_TWIN || is_refusal(n, a))
                found = weigh_refusal(in, a);
        return found == FOUND_NEED && n->doubt ? FOUND_DOUBT : found;
}

enum found find_need(const struct inference *in, const struct need *list, const struct act **ret,
                     const struct need **ret_need)
{
        enum found worst = FOUND_NOTHING;

        *ret = NULL;
        *ret_need = NULL;
        for (const struct need *n = list; n && n->why; n++)
                for (const struct act *a = behaviour_first(in->o->behaviour, n->kind); a;
                     a = behaviour_next(in->o->behaviour, a)) {
                        enum found found;

                        if (!concerns(in, n, a))
                                continue;
                        found = weigh(in, n, a);
                        if (found < worst || found == FOUND_NOTHING)
                                continue;
                        if (found == worst && (n != *ret_need || a->first >= (*ret)->first))
                                continue;
                        worst = found;
                        *ret = a;
                        *ret_need = n;
                }
        return worst;
}

/* ---- rungs ---- */

/* What user managers before 257 set up in vain, or fail to start over. */
static const enum directive_id system_only[] = {
        D_PrivateDevices,        D_PrivateNetwork,       D_PrivateIPC,
        D_ProtectHostname,       D_ProtectClock,         D_ProtectKernelModules,
        D_ProtectKernelTunables, D_ProtectControlGroups,
};

static bool is_system_only(const struct inference *in, enum directive_id id)
{
        if (in->o->unit->scope != SCOPE_USER || in->o->dialect->version.major >= 257)
                return false;
        for (size_t i = 0; i < COUNT(system_only); i++)
                if (system_only[i] == id)
                        return true;
        return false;
}

/* Whether systemd here knows the value at all. */
static bool knows_value(const struct inference *in, enum directive_id id, const char *value)
{
        const struct directive *d = directive_at(id);

        if (!directive_known_to(d, in->o->dialect->version))
                return false;
        for (const struct choice *c = d->choices; c && c->value; c++)
                if (strcmp(c->value, value) == 0)
                        return in->o->dialect->version.major >= c->since;
        return true;
}

/* One rung's finding. */
struct judged {
        const struct rung *rung;
        enum found found;
        const struct act *witness;
        const struct need *need;
};

static int say_doubt(struct inference *in, const struct rungs *r, const struct judged *j)
{
        char *const lines[] = { (char *)j->rung->value, NULL };

        if (j->need->doubt)
                return advise_unknown(in, r->directive, lines, j->witness, "%s", j->need->why);
        return advise_unknown(in, r->directive, lines, j->witness,
                              "%s, and was refused in the twin: only watching the live unit can "
                              "tell whether it needs that",
                              j->need->why);
}

static int say_clean(struct inference *in, const struct rungs *r, const struct judged *clean,
                     const struct judged *stricter)
{
        char *const lines[] = { (char *)clean->rung->value, NULL };

        if (!stricter)
                return advise_safe(in, r->directive, r->basis, lines, NULL, "%s", r->nothing);
        return advise_safe(in, r->directive, r->basis, lines, stricter->witness,
                           "\"%s\" would be stricter, but %s", stricter->rung->value,
                           stricter->need->why);
}

int advise_rungs(struct inference *in, const struct rungs *r)
{
        struct judged stricter = { 0 }, doubtful = { 0 };
        size_t count = 0;

        if (is_system_only(in, r->directive))
                return advise_unknown(in, r->directive, NULL, NULL,
                                      "a user manager of systemd %u cannot set it up",
                                      in->o->dialect->version.major);
        while (count < COUNT(r->list) && r->list[count].value)
                count++;
        while (count-- > 0) {
                struct judged j = { .rung = &r->list[count] };

                if (!knows_value(in, r->directive, j.rung->value))
                        continue;
                j.found = find_need(in, j.rung->needs, &j.witness, &j.need);
                if (j.found == FOUND_NOTHING)
                        return say_clean(in, r, &j, stricter.rung ? &stricter : NULL);
                if (j.found == FOUND_DOUBT && !doubtful.rung)
                        doubtful = j;
                stricter = j;
        }
        if (doubtful.rung)
                return say_doubt(in, r, &doubtful);
        if (stricter.rung) {
                char *const lines[] = { (char *)stricter.rung->value, NULL };

                return advise_breaks(in, r->directive, r->basis, lines, stricter.witness, "%s",
                                     stricter.need->why);
        }
        return advise_unknown(in, r->directive, NULL, NULL,
                              "systemd %u has no value of it to advise on",
                              in->o->dialect->version.major);
}

/* ---- the rest ---- */

int advise_remarks(struct inference *in, const struct remark *list, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                int r = advise_unknown(in, list[i].directive, NULL, NULL, "%s", list[i].words);

                if (r < 0)
                        return r;
        }
        return 0;
}

int advise_none(struct inference *in, enum directive_id id, enum basis basis, const char *words)
{
        if (in->o->unit->settings[id].value.set)
                return advise_unknown(in, id, NULL, NULL,
                                      "the unit has a reason to set it that watching does not "
                                      "show");
        return advise_safe(in, id, basis, NULL, NULL, "%s", words);
}
