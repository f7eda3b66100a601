/* retrying.c - kept profiles after an upgrade. */
#include "tui/retrying.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/surroundings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void retrial_done(struct retrial *r)
{
        free(r->unit);
        sandbox_free(r->sandbox);
        profile_free(r->profile);
        strv_free(r->changed);
        free(r->why_not);
}

void retrials_free(struct retrial *list, size_t count)
{
        for (size_t i = 0; i < count; i++)
                retrial_done(&list[i]);
        free(list);
}

/* The systemd that judges now, as a profile has it. */
static int compare_systemd(const struct context *c, const struct profile *p, char ***changed)
{
        const struct version *v = &c->dialect.version;
        scoped(mem_freep) char *now = text_format("%u.%u", v->major, v->minor);

        if (!now)
                return -ENOMEM;
        if (!p->systemd || strcmp(p->systemd, now) == 0)
                return 0;
        return strv_addf(changed, "systemd was %s then, and is %s now", p->systemd, now);
}

static int compare(const struct context *c, struct retrial *r)
{
        scoped(surroundings_done) struct surroundings now = { 0 };
        const struct profile *p = r->profile;
        const char *program = surroundings_program(r->sandbox);
        int k;

        r->then = p->verdict;
        if (p->verdict == VERDICT_NOT_TRIED)
                return 0;
        if (surroundings_unknown(&p->with)) {
                k = strv_add(&r->changed, "it is not known with what versions it was tried");
        } else {
                k = surroundings_now(c->args->root, program, &now);
                if (k >= 0)
                        k = surroundings_changed(&p->with, &now, program, &r->changed);
        }
        if (k >= 0)
                k = compare_systemd(c, p, &r->changed);
        r->due = r->changed != NULL;
        return k;
}

/* Why not, in words that are kept with the unit: the others go on. */
static int give_up(struct retrial *r, const char *why)
{
        r->why_not = strdup(why);
        return r->why_not ? 0 : -ENOMEM;
}

/* A unit that is no more may still have a profile: that is told, and no fault. */
static int look_at_gone(struct context *c, const char *word, struct retrial *r, const char *why)
{
        scoped(mem_freep) char *name = NULL;

        if (unit_name_mangle(word, &name, NULL) < 0 ||
            store_get_profile(&c->store, name, &c->dialect, &r->profile, NULL) != 0)
                return give_up(r, why);
        free(r->unit);
        r->unit = take(name);
        r->then = r->profile->verdict;
        r->gone = true;
        return give_up(r, "there is no such unit by now");
}

static int look_at(struct context *c, const char *word, struct retrial *r, struct err *e)
{
        struct err why = { 0 };
        int k = context_unit(c, word, &r->sandbox, &why);

        r->unit = strdup(k >= 0 ? r->sandbox->unit : word);
        if (!r->unit || k == -ENOMEM)
                return err_set(e, -ENOMEM, "cannot look at %s", word);
        if (k == -ENOENT)
                return look_at_gone(c, word, r, why.text);
        if (k < 0)
                return give_up(r, why.text);
        k = store_get_profile(&c->store, r->unit, &c->dialect, &r->profile, &why);
        if (k < 0)
                return give_up(r, why.text);
        if (k > 0) {
                err_say(&why, -ENODATA, "it has no profile yet: `gird try %s` makes one", r->unit);
                return give_up(r, why.text);
        }
        if (r->sandbox->load == LOAD_MASKED) {
                r->gone = true;
                r->then = r->profile->verdict;
                return give_up(r, "it is masked by now");
        }
        return compare(c, r);
}

static int check(const struct context *c, struct err *e)
{
        if (c->args->host || c->args->machine)
                return err_say(e, -ENOTSUP,
                               "trials run on the machine itself; log in there and run gird");
        if (geteuid() != 0 && !c->args->user && !c->root.root)
                return err_say(e, -EPERM,
                               "the profiles of this machine are root's: "
                               "sudo gird retry");
        return 0;
}

int retrying_look(struct context *c, char *const *units, struct retrial **ret, size_t *ret_count,
                  struct err *e)
{
        scoped(strv_freep) char **kept = NULL;
        char *const *words = units;
        struct retrial *list;
        size_t count;
        int k = check(c, e);

        if (k == 0 && (!units || !*units)) {
                k = store_units(&c->store, &kept, e);
                words = kept;
        }
        if (k < 0)
                return k;
        count = strv_length(words);
        list = calloc(count + 1, sizeof(*list));
        if (!list)
                return err_set(e, -ENOMEM, "cannot look at the profiles");
        for (size_t i = 0; k >= 0 && i < count; i++)
                k = look_at(c, words[i], &list[i], e);
        if (k < 0) {
                retrials_free(list, count);
                return e->code ? k : err_set(e, k, "cannot look at the profiles");
        }
        *ret = list;
        *ret_count = count;
        return 0;
}

int retrying_try(struct context *c, struct retrial *r, struct attempt *ret, struct err *e)
{
        return attempt_try(c, r->sandbox, r->profile, ret, e);
}
