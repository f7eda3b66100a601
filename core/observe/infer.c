/* infer.c - the rooms of the catalogue in order, and what holds for all of them at the end. */
#include "core/observe/infer_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

const char *advice_verdict_name(enum advice_verdict v)
{
        static const char *const names[] = {
                [ADVICE_SAFE] = "safe", [ADVICE_BREAKS] = "breaks", [ADVICE_UNKNOWN] = "unknown"
        };

        return names[v];
}

const char *confidence_name(enum confidence c)
{
        static const char *const names[] = { [CONFIDENCE_NONE] = "none",
                                             [CONFIDENCE_LOW] = "low",
                                             [CONFIDENCE_FAIR] = "fair",
                                             [CONFIDENCE_HIGH] = "high" };

        return names[c];
}

void advices_done(struct advices *a)
{
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                value_done(&a->list[i].value);
                free(a->list[i].evidence);
                free(a->list[i].limits);
        }
        free(a->about);
        *a = (struct advices){ 0 };
}

/* ---- holes ---- */

/* What grants is advised only as a hole in something stricter that is advised with it: neither is
 * to be taken without the other. */
static const struct {
        enum directive_id strict, hole;
} holes[] = {
        { D_ProtectSystem, D_ReadWritePaths },
        { D_ProtectSystem, D_StateDirectory },
        { D_ProtectSystem, D_CacheDirectory },
        { D_ProtectSystem, D_LogsDirectory },
        { D_ProtectSystem, D_RuntimeDirectory },
        { D_ReadOnlyPaths, D_ReadWritePaths },
        { D_NoExecPaths, D_ExecPaths },
        { D_ProtectHome, D_BindPaths },
        { D_ProtectHome, D_BindReadOnlyPaths },
        { D_TemporaryFileSystem, D_BindPaths },
        { D_TemporaryFileSystem, D_BindReadOnlyPaths },
        { D_PrivateDevices, D_BindPaths },
        { D_DevicePolicy, D_DeviceAllow },
        { D_PrivateDevices, D_DeviceAllow },
        { D_IPAddressDeny, D_IPAddressAllow },
        { D_SocketBindDeny, D_SocketBindAllow },
        { D_User, D_AmbientCapabilities },
        { D_User, D_SupplementaryGroups },
        { D_DynamicUser, D_AmbientCapabilities },
        { D_DynamicUser, D_SupplementaryGroups },
};

static bool changes(const struct advices *a, enum directive_id id)
{
        return a->list[id].verdict == ADVICE_SAFE && a->list[id].changes;
}

static bool is_needed(const struct advices *a, enum directive_id hole)
{
        bool listed = false;

        for (size_t i = 0; i < COUNT(holes); i++) {
                if (holes[i].hole != hole)
                        continue;
                if (changes(a, holes[i].strict))
                        return true;
                listed = true;
        }
        return !listed;
}

static bool is_looser(const struct inference *in, enum directive_id id)
{
        const struct value *own = &in->o->unit->settings[id].value;

        return value_compare(&in->ret->list[id].value, own, directive_at(id), in->o->dialect) !=
               VALUE_STRICTER;
}

/* Holes in what is not advised after all are taken back. */
static int drop_idle_holes(struct inference *in)
{
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                struct advice *a = &in->ret->list[i];
                struct text t = { 0 };
                struct value own = { 0 };
                int r;

                if (!(directive_at(i)->flags & MORE_IS_LOOSER) || !changes(in->ret, a->directive) ||
                    is_needed(in->ret, a->directive) || !is_looser(in, a->directive))
                        continue;
                r = value_copy(&in->o->unit->settings[i].value, &own);
                text_addf(&t,
                          "%s; there is no need to grant it, as nothing is advised that "
                          "would take it away",
                          a->evidence ? a->evidence : "");
                if (r < 0) {
                        text_done(&t);
                        return r;
                }
                value_done(&a->value);
                a->value = own;
                a->changes = false;
                free(a->evidence);
                a->evidence = text_take(&t);
                if (!a->evidence)
                        return -ENOMEM;
        }
        return 0;
}

/* ---- what nobody advised on ---- */

static int fill_rest(struct inference *in)
{
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                const struct directive *d = directive_at(i);
                int r = 0;

                if (advised(in, d->id))
                        continue;
                if (d->flags & NOT_A_SANDBOX)
                        r = advise_unknown(in, d->id, NULL, NULL,
                                           "it is not a sandbox: gird shows it and does not "
                                           "advise on it");
                else
                        r = advise_unknown(in, d->id, NULL, NULL,
                                           "nothing that can be watched decides it");
                if (r < 0)
                        return r;
        }
        return 0;
}

/* ---- all of it ---- */

static bool runs_as_root(const struct sandbox *s)
{
        const char *user = setting_word(s, D_User);

        if (s->scope == SCOPE_USER || setting_yes(s, D_DynamicUser))
                return false;
        return !user || !*user || strcmp(user, "root") == 0 || strcmp(user, "0") == 0;
}

static int run_rooms(struct inference *in)
{
        static int (*const rooms[])(struct inference * in) = {
                infer_launcher,  infer_identity, infer_caps,       infer_files,  infer_paths,
                infer_devices,   infer_network,  infer_namespaces, infer_kernel, infer_processes,
                infer_syscalls,  infer_rest,     infer_together,   infer_views,  infer_holes,
                drop_idle_holes, fill_rest,
        };

        for (size_t i = 0; i < COUNT(rooms); i++) {
                int r = rooms[i](in);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int prepare(struct inference *in)
{
        const struct behaviour *b = in->o->behaviour;
        int r;

        behaviour_coverage(b, &in->coverage);
        in->ret->coverage = in->coverage;
        in->root_user = runs_as_root(in->o->unit);
        in->foreign = behaviour_first(b, ACT_FOREIGN) != NULL;
        confidence_prepare(in);
        in->watched = coverage_words(&in->coverage);
        r = in->watched ? acts_open(b, &in->acts) : -ENOMEM;
        return r;
}

static int finish(struct inference *in)
{
        in->ret->launcher = in->launcher;
        if (!in->about)
                return 0;
        in->ret->about = strv_join(in->about, ". ");
        return in->ret->about ? 0 : -ENOMEM;
}

int infer(const struct infer_options *o, struct advices *ret, struct err *e)
{
        struct inference in = { .o = o, .ret = ret };
        int r;

        *ret = (struct advices){ 0 };
        r = prepare(&in);
        if (r == 0)
                r = run_rooms(&in);
        if (r == 0)
                r = finish(&in);
        acts_close(in.acts);
        free(in.watched);
        strv_free(in.about);
        if (r < 0) {
                advices_done(ret);
                return err_set(e, r, "cannot infer what %s can do without", o->unit->unit);
        }
        return 0;
}

/* ---- taking over ---- */

static bool is_kept(const enum directive_id *keep, enum directive_id id)
{
        for (; keep && *keep != DIRECTIVE_COUNT; keep++)
                if (*keep == id)
                        return true;
        return false;
}

static bool is_free(const struct profile *p, const enum directive_id *keep, enum directive_id id)
{
        const struct change *c = profile_find(p, id);

        return !is_kept(keep, id) && !(c && c->reason == REASON_HAND);
}

/* What is strict is not taken without its holes, and no hole without what it is one in. */
static bool is_whole(const struct advices *a, const struct profile *p,
                     const enum directive_id *keep, enum directive_id id)
{
        bool is_hole = false, used = false;

        for (size_t i = 0; i < COUNT(holes); i++) {
                if (holes[i].strict == id && changes(a, holes[i].hole) &&
                    !is_free(p, keep, holes[i].hole))
                        return false;
                if (holes[i].hole == id) {
                        is_hole = true;
                        used = used ||
                               (changes(a, holes[i].strict) && is_free(p, keep, holes[i].strict));
                }
        }
        return !is_hole || used;
}

int advices_take(const struct advices *a, struct profile *p, const enum directive_id *keep,
                 size_t *ret_count)
{
        bool taken[DIRECTIVE_COUNT] = { false };

        *ret_count = 0;
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
                taken[i] = changes(a, (enum directive_id)i) &&
                           is_free(p, keep, (enum directive_id)i) &&
                           is_whole(a, p, keep, (enum directive_id)i);
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                struct value v = { 0 };
                int r;

                if (!taken[i])
                        continue;
                r = value_copy(&a->list[i].value, &v);
                if (r == 0)
                        r = profile_set(p, (enum directive_id)i, &v, REASON_OBSERVED,
                                        a->list[i].evidence);
                if (r < 0)
                        return r;
                ++*ret_count;
        }
        return 0;
}
