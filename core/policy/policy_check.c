/* policy_check.c - does a unit keep to the policy? */
#include "core/policy/policy_private.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static const struct {
        const char *name, *words;
} kinds[FINDING_KINDS] = {
        [FINDING_THRESHOLD] = { "threshold", "The exposure stays at or below a threshold." },
        [FINDING_REQUIRE] = { "require", "A directive is at least as strict as required." },
        [FINDING_FORBID] = { "forbid", "A directive does not have a forbidden value." },
        [FINDING_OWN_USER] = { "own-user",
                               "The service runs as a user of its own, and never as nobody." },
        [FINDING_BASELINE] = { "baseline", "Nothing is looser than the baseline has it." },
        [FINDING_PROFILE] = { "profiles",
                              "The kept profile was tried with what is installed now." },
        [FINDING_LOAD] = { "load", "The unit can be read, and systemd takes it." },
};

const char *finding_kind_name(enum finding_kind k)
{
        return kinds[k].name;
}

const char *finding_kind_words(enum finding_kind k)
{
        return kinds[k].words;
}

char *finding_name(const struct finding *f)
{
        if (f->directive == DIRECTIVE_COUNT)
                return strdup(finding_kind_name(f->kind));
        return text_format("%s:%s", finding_kind_name(f->kind), directive_at(f->directive)->name);
}

static void finding_done(struct finding *f)
{
        free(f->message);
        free(f->file);
        free(f->excused);
}

void checked_done(struct checked *c)
{
        for (size_t i = 0; i < c->finding_count; i++)
                finding_done(&c->findings[i]);
        free(c->findings);
        strv_free(c->met);
        free(c->unit);
        *c = (struct checked){ 0 };
}

bool checked_fails(const struct checked *c)
{
        for (size_t i = 0; i < c->finding_count; i++)
                if (!c->findings[i].note && !c->findings[i].excused)
                        return true;
        return false;
}

int checked_add(struct checked *c, const struct finding *f)
{
        struct finding *more = realloc(c->findings, (c->finding_count + 1) * sizeof(*more));
        struct finding *n;

        if (!more)
                return -ENOMEM;
        c->findings = more;
        n = &more[c->finding_count];
        *n = *f;
        n->message = text_printable_dup(f->message ? f->message : "");
        n->file = f->file ? strdup(f->file) : NULL;
        n->excused = f->excused ? strdup(f->excused) : NULL;
        if (!n->message || (f->file && !n->file) || (f->excused && !n->excused)) {
                finding_done(n);
                return -ENOMEM;
        }
        c->finding_count++;
        return 0;
}

/* An exception that is for this finding, the one that holds longest. */
static const struct policy_exception *find_exception(const struct policy *p, const char *unit,
                                                     const struct finding *f)
{
        const struct policy_exception *found = NULL;

        for (size_t i = 0; i < p->exception_count; i++) {
                const struct policy_exception *x = &p->exceptions[i];
                const char *directive = f->directive < DIRECTIVE_COUNT
                                                ? directive_at(f->directive)->name
                                                : NULL;

                if (!policy_matches(x->units, unit) ||
                    !(strv_has(x->rules, finding_kind_name(f->kind)) ||
                      (directive && strv_has(x->rules, directive))))
                        continue;
                if (!found || strcmp(x->until, found->until) > 0)
                        found = x;
        }
        return found;
}

int policy_found(const struct policy_input *in, struct checked *c, struct finding *f)
{
        const struct policy_exception *x = in->policy ? find_exception(in->policy, c->unit, f)
                                                      : NULL;
        scoped(mem_freep) char *message = NULL;
        struct finding all = *f;

        if (x && strcmp(x->until, in->today) >= 0) {
                all.excused = x->reason;
                memcpy(all.until, x->until, sizeof(all.until));
        } else if (x) {
                message = text_format("%s (the exception at %s:%u, \"%s\", ended on %s)",
                                      f->message, in->policy->file, x->line, x->reason, x->until);
                if (!message)
                        return -ENOMEM;
                all.message = message;
        }
        return checked_add(c, &all);
}

/* What a check of one unit carries along. */
struct checking {
        const struct policy_input *in;
        const struct sandbox *unit;
        struct checked *ret;
};

/* A finding about a directive is where that is set; others are where the unit is. */
static int find(const struct checking *c, enum finding_kind kind, enum directive_id directive,
                const char *why, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
static int find(const struct checking *c, enum finding_kind kind, enum directive_id directive,
                const char *why, const char *fmt, ...)
{
        const struct origin *o = directive < DIRECTIVE_COUNT ? &c->unit->settings[directive].origin
                                                             : NULL;
        bool at_line = o && o->kind == ORIGIN_FILE && o->file;
        struct finding f = { .kind = kind,
                             .directive = directive,
                             .file = at_line ? o->file : c->unit->facts.fragment,
                             .line = at_line ? o->line : 0 };
        struct text t = { 0 };
        va_list args;
        int r;

        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        if (why)
                text_addf(&t, " (%s)", why);
        f.message = text_take(&t);
        r = f.message ? policy_found(c->in, c->ret, &f) : -ENOMEM;
        free(f.message);
        return r;
}

static int met(const struct checking *c, enum finding_kind kind, enum directive_id directive)
{
        const struct finding f = { .kind = kind, .directive = directive };
        scoped(mem_freep) char *name = finding_name(&f);

        return name ? strv_add(&c->ret->met, name) : -ENOMEM;
}

static char *shown(const struct checking *c, enum directive_id id)
{
        const struct value *v = &c->unit->settings[id].value;
        const struct directive *d = directive_at(id);

        if (!v->set)
                return text_format("not set (%s)", d->unset && *d->unset ? d->unset : "default");
        return value_show(v, d, c->in->dialect);
}

/* --- the single demands ------------------------------------------------------------------ */

static int check_threshold(const struct checking *c, const struct score *score, unsigned threshold,
                           const char *why)
{
        if (!score)
                return 0;
        if (score->exposure <= threshold)
                return met(c, FINDING_THRESHOLD, DIRECTIVE_COUNT);
        return find(c, FINDING_THRESHOLD, DIRECTIVE_COUNT, why,
                    "its exposure is %u.%u, and at most %u.%u is allowed", score->exposure / 10,
                    score->exposure % 10, threshold / 10, threshold % 10);
}

static bool is_nobody(const char *name)
{
        static const char *const shared[] = { "nobody", "nogroup", "65534" };

        for (size_t i = 0; name && i < COUNT(shared); i++)
                if (strcmp(name, shared[i]) == 0)
                        return true;
        return false;
}

static int check_own_user(const struct checking *c, const char *why)
{
        const char *user = setting_word(c->unit, D_User), *group = setting_word(c->unit, D_Group);

        if (is_nobody(user) || is_nobody(group))
                return find(c, FINDING_OWN_USER, is_nobody(user) ? D_User : D_Group, why,
                            "it runs as %s, which other services share; give it a user of its own",
                            is_nobody(user) ? user : group);
        if (setting_yes(c->unit, D_DynamicUser) ||
            (user && strcmp(user, "root") != 0 && strcmp(user, "0") != 0))
                return met(c, FINDING_OWN_USER, D_User);
        return find(c, FINDING_OWN_USER, D_User, why,
                    "it runs as root; set User= or DynamicUser=yes");
}

static int check_require(const struct checking *c, const struct policy_values *v, const char *why)
{
        const struct directive *d = directive_at(v->directive);
        scoped(mem_freep) char *now = NULL, *wanted = NULL;

        for (size_t i = 0; i < v->count; i++) {
                enum value_order order = value_compare(&c->unit->settings[v->directive].value,
                                                       &v->values[i], d, c->in->dialect);

                if (order == VALUE_SAME || order == VALUE_STRICTER)
                        return met(c, FINDING_REQUIRE, v->directive);
        }
        now = shown(c, v->directive);
        wanted = strv_join(v->texts, " or ");
        if (!now || !wanted)
                return -ENOMEM;
        if (!directive_known_to(d, c->in->dialect->version))
                return find(c, FINDING_REQUIRE, v->directive, why,
                            "%s=%s is required, and systemd %u does not know it", d->name, wanted,
                            c->in->dialect->version.major);
        return find(c, FINDING_REQUIRE, v->directive, why, "%s=%s is required, and it is %s",
                    d->name, wanted, now);
}

static int check_forbid(const struct checking *c, const struct policy_values *v, const char *why)
{
        const struct directive *d = directive_at(v->directive);
        const struct value *has = &c->unit->settings[v->directive].value;
        bool bad = v->count == 0 && has->set;

        for (size_t i = 0; i < v->count && !bad; i++) {
                enum value_order order = value_compare(has, &v->values[i], d, c->in->dialect);

                /* Of a list that grants, one that holds the forbidden members and more is as bad.
                 */
                bad = order == VALUE_SAME || (order == VALUE_LOOSER && d->flags & MORE_IS_LOOSER) ||
                      value_equal(has, &v->values[i]);
        }
        if (!bad)
                return met(c, FINDING_FORBID, v->directive);
        return find(c, FINDING_FORBID, v->directive, why, "%s=%s is forbidden", d->name,
                    v->count ? v->texts[0] : "");
}

static int check_rule(const struct checking *c, const struct policy_rule *rule,
                      const struct score *score)
{
        int r = 0;

        if (rule->has_threshold)
                r = check_threshold(c, score, rule->threshold, rule->why);
        if (r >= 0 && rule->own_user)
                r = check_own_user(c, rule->why);
        for (size_t i = 0; r >= 0 && i < rule->require_count; i++)
                r = check_require(c, &rule->require[i], rule->why);
        for (size_t i = 0; r >= 0 && i < rule->forbid_count; i++)
                r = check_forbid(c, &rule->forbid[i], rule->why);
        return r;
}

static bool is_for(const struct policy_rule *rule, const char *unit)
{
        return (!rule->units || policy_matches(rule->units, unit)) &&
               !policy_matches(rule->not_units, unit);
}

static int check_rules(const struct checking *c, const struct policy *p, const struct score *score)
{
        bool has_threshold = false;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < p->rule_count; i++)
                if (is_for(&p->rules[i], c->unit->unit)) {
                        has_threshold |= p->rules[i].has_threshold;
                        r = check_rule(c, &p->rules[i], score);
                }
        if (r >= 0 && p->has_threshold && !has_threshold)
                r = check_threshold(c, score, p->threshold, NULL);
        return r;
}

/* --- the ratchet ------------------------------------------------------------------------- */

/* What only exempts from another directive loosens nothing where that was not set in the baseline.
 */
static const struct {
        enum directive_id exemption, from[4]; /* ends with DIRECTIVE_COUNT */
} exemptions[] = {
        { D_ReadWritePaths, { D_ProtectSystem, D_ReadOnlyPaths, D_ProtectHome, DIRECTIVE_COUNT } },
        { D_ExecPaths, { D_NoExecPaths, DIRECTIVE_COUNT } },
        { D_DeviceAllow, { D_DevicePolicy, D_PrivateDevices, DIRECTIVE_COUNT } },
        { D_IPAddressAllow, { D_IPAddressDeny, DIRECTIVE_COUNT } },
        { D_SocketBindAllow, { D_SocketBindDeny, DIRECTIVE_COUNT } },
};

static bool exempts_from_nothing(const struct recorded *then, enum directive_id id)
{
        for (size_t i = 0; i < COUNT(exemptions); i++) {
                const enum directive_id *from = exemptions[i].from;

                if (exemptions[i].exemption != id)
                        continue;
                while (*from < DIRECTIVE_COUNT && !then->has[*from])
                        from++;
                return *from == DIRECTIVE_COUNT;
        }
        return false;
}

static int check_looser(const struct checking *c, const struct recorded *then, enum directive_id id)
{
        const struct directive *d = directive_at(id);
        const struct value *now = &c->unit->settings[id].value;
        enum value_order order;
        scoped(mem_freep) char *before = NULL, *after = NULL;

        if (d->flags & NOT_A_SANDBOX || exempts_from_nothing(then, id))
                return 0;
        order = value_compare(now, &then->values[id], d, c->in->dialect);
        if (order == VALUE_SAME || order == VALUE_STRICTER)
                return 0;
        before = then->has[id] ? value_show(&then->values[id], d, c->in->dialect)
                               : strdup("not set");
        after = shown(c, id);
        if (!before || !after)
                return -ENOMEM;
        return find(c, FINDING_BASELINE, id, NULL, "%s was %s in the baseline, and is %s: %s",
                    d->name, before, after,
                    order == VALUE_LOOSER ? "that is looser" : "that lets through something else");
}

static int check_baseline(const struct checking *c, const struct recorded *then,
                          const struct score *score)
{
        size_t before = c->ret->finding_count;
        int r = 0;

        if (score && then->scored && score->exposure > then->exposure)
                r = find(c, FINDING_BASELINE, DIRECTIVE_COUNT, NULL,
                         "its exposure is %u.%u, and was %u.%u in the baseline",
                         score->exposure / 10, score->exposure % 10, then->exposure / 10,
                         then->exposure % 10);
        for (unsigned id = 0; r >= 0 && id < DIRECTIVE_COUNT; id++)
                r = check_looser(c, then, id);
        return r < 0 || c->ret->finding_count > before ? r
                                                       : met(c, FINDING_BASELINE, DIRECTIVE_COUNT);
}

static int note_unrecorded(struct checked *ret)
{
        char words[] = "it is not in the baseline; --record adds it";
        const struct finding f = { .kind = FINDING_BASELINE,
                                   .directive = DIRECTIVE_COUNT,
                                   .message = words,
                                   .note = true };

        return checked_add(ret, &f);
}

int policy_check(const struct policy_input *in, const struct sandbox *s, const struct score *score,
                 struct checked *ret)
{
        const struct checking c = { .in = in, .unit = s, .ret = ret };
        const struct recorded *then = in->baseline ? baseline_find(in->baseline, s->unit) : NULL;
        int r = 0;

        *ret = (struct checked){ .unit = strdup(s->unit),
                                 .scored = score != NULL,
                                 .exposure = score ? score->exposure : 0 };
        if (!ret->unit)
                return -ENOMEM;
        /* A masked one cannot start, so nothing is asked of it. */
        if (s->load == LOAD_MASKED)
                return 0;
        if (s->load != LOAD_LOADED && s->load != LOAD_TEMPLATE)
                return find(&c, FINDING_LOAD, DIRECTIVE_COUNT, NULL, "it is not loaded: %s",
                            s->load_note ? s->load_note : load_state_name(s->load));
        if (in->policy)
                r = check_rules(&c, in->policy, score);
        if (r >= 0 && then)
                r = check_baseline(&c, then, score);
        if (r >= 0 && in->baseline && !then)
                r = note_unrecorded(ret);
        return r;
}
