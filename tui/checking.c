/* checking.c - units looked at by a policy. */
#include "tui/checking.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/listing.h"
#include "tui/retrying.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define POLICY_LIMIT   ((size_t)4 << 20)
#define BASELINE_LIMIT ((size_t)64 << 20)

void checking_done(struct checking *k)
{
        policy_free(k->policy);
        baseline_done(&k->baseline);
        baseline_done(&k->now);
        for (size_t i = 0; i < k->count; i++)
                checked_done(&k->units[i]);
        free(k->units);
        *k = (struct checking){ 0 };
}

/* --- by what ----------------------------------------------------------------------------- */

/* A file cut short by a NUL byte could lack rules. */
static int read_whole(const char *path, size_t limit, char **ret, struct err *e)
{
        size_t length = 0;
        int r = file_read(AT_FDCWD, path, limit, ret, &length, e);

        if (r >= 0 && strlen(*ret) != length)
                return err_say(e, -EINVAL, "%s has NUL bytes, and JSON is text", path);
        return r;
}

static int read_policy(struct context *c, struct policy **ret, struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        const char *path = c->args->policy;
        int r = 0;

        if (path) {
                r = read_whole(path, POLICY_LIMIT, &text, e);
                if (r >= 0)
                        r = policy_read(path, text, &c->dialect, ret, e);
        } else if (c->args->on[OPT_THRESHOLD]) {
                *ret = calloc(1, sizeof(**ret));
                r = *ret ? 0 : err_set(e, -ENOMEM, "cannot check units");
        }
        if (r >= 0 && c->args->on[OPT_THRESHOLD]) {
                (*ret)->has_threshold = true;
                (*ret)->threshold = c->args->threshold;
        }
        return r;
}

static int read_baseline(struct context *c, struct checking *k, struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        const char *path = c->args->baseline;
        struct stat st;
        int r;

        if (!path)
                return 0;
        /* It need not be there yet when it is about to be written. */
        if (c->args->on[OPT_RECORD] && stat(path, &st) < 0 && errno == ENOENT)
                return 0;
        r = read_whole(path, BASELINE_LIMIT, &text, e);
        if (r >= 0)
                r = baseline_read(path, text, &c->dialect, &k->baseline, e);
        k->has_baseline = r >= 0;
        return r;
}

/* Of some units only: the others keep what is recorded of them. */
static int keep_others(const struct context *c, char *const *words, struct checking *k,
                       struct err *e)
{
        if (!c->args->on[OPT_RECORD] || !words || !*words ||
            baseline_keep(&k->now, &k->baseline) >= 0)
                return 0;
        return err_set(e, -ENOMEM, "cannot record %s", c->args->baseline);
}

/* --- which units -------------------------------------------------------------------------- */

static int add_folder(const char *path, char ***names, struct err *e)
{
        scoped(dir_closep) DIR *dir = opendir(path);
        const struct dirent *entry;

        if (!dir)
                return err_set(e, -errno, "cannot open the folder %s", path);
        while ((entry = readdir(dir)))
                if (text_ends(entry->d_name, ".service") &&
                    strv_addf(names, "%s/%s", path, entry->d_name) < 0)
                        return -ENOMEM;
        return 0;
}

static bool is_pattern(const char *word)
{
        return strpbrk(word, "*?[") && !strchr(word, '/');
}

struct rows {
        struct listing *list;
        size_t count;
};

static void rows_done(struct rows *rows)
{
        listings_free(rows->list, rows->count);
}

/* The installed units that pattern means. */
static int add_matching(const struct rows *all, const char *pattern, char ***names)
{
        size_t before = strv_length(*names);

        for (size_t i = 0; i < all->count; i++)
                if (fnmatch(pattern, all->list[i].unit, 0) == 0 &&
                    strv_add(names, all->list[i].unit) < 0)
                        return -ENOMEM;
        return strv_length(*names) > before ? 0 : -ENOENT;
}

static int add_word(const struct rows *all, const char *word, char ***names, struct err *e)
{
        struct stat st;
        size_t before = strv_length(*names);
        int r;

        if (is_pattern(word)) {
                r = add_matching(all, word, names);
                return r == -ENOENT ? err_say(e, r, "no unit is named like %s", word) : r;
        }
        if (!strchr(word, '/'))
                return strv_add(names, word);
        if (stat(word, &st) < 0)
                return err_set(e, -errno, "cannot open %s", word);
        if (!S_ISDIR(st.st_mode))
                return strv_add(names, word);
        r = add_folder(word, names, e);
        if (r >= 0 && strv_length(*names) == before)
                return err_say(e, -ENOENT, "there is no .service file in the folder %s", word);
        if (r >= 0)
                strv_sort(*names + before);
        return r;
}

static int find_units(struct context *c, char *const *words, char ***names, struct err *e)
{
        char star[] = "*";
        char *const every[] = { star, NULL };
        scoped(rows_done) struct rows all = { 0 };
        bool none = !words || !*words, patterns = none;
        int r = 0;

        for (char *const *word = words; word && *word; word++)
                patterns |= is_pattern(*word);
        if (patterns)
                r = listing_read(c, NULL, &all.list, &all.count, e);
        for (char *const *word = none ? every : words; r >= 0 && *word; word++)
                r = add_word(&all, *word, names, e);
        return r == -ENOMEM ? err_set(e, r, "cannot list units") : r;
}

/* --- kept profiles ------------------------------------------------------------------------ */

/* Without a policy this is all that is asked; with one it is told, and fails where that says so. */
static int check_profile(struct context *c, const struct policy_input *in, struct checked *unit,
                         struct err *e)
{
        char *const words[] = { unit->unit, NULL };
        struct retrial *list = NULL;
        size_t count = 0;
        scoped(mem_freep) char *why = NULL;
        scoped(mem_freep) char *message = NULL;
        struct finding f = { .kind = FINDING_PROFILE, .directive = DIRECTIVE_COUNT };
        int r = retrying_look(c, words, &list, &count, e);

        if (r < 0)
                return r;
        if (count == 1 && list[0].due) {
                why = strv_join(list[0].changed, "; ");
                message = text_format("its profile %s then, and is due to be tried again: %s "
                                      "(`gird retry %s`)",
                                      verdict_name(list[0].then), why ? why : "", unit->unit);
                f.message = message;
                f.note = in->policy && !in->policy->profiles;
                r = message && why ? policy_found(in, unit, &f) : -ENOMEM;
        } else if (count == 1 && list[0].then == VERDICT_HELD) {
                r = strv_add(&unit->met, finding_kind_name(FINDING_PROFILE));
        }
        retrials_free(list, count);
        return r < 0 ? err_set(e, r, "cannot check %s", unit->unit) : 0;
}

static int kept_units(struct context *c, char ***ret, struct err *e)
{
        int r = c->args->host || c->args->machine ? 0 : store_units(&c->store, ret, e);

        return r == -EACCES ? 0 : r; /* without root they are out of sight */
}

/* --- the whole ---------------------------------------------------------------------------- */

static int check_one(struct context *c, const char *word, const struct policy_input *in,
                     char *const *kept, struct checking *k, struct err *e)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        struct checked *more = realloc(k->units, (k->count + 1) * sizeof(*more));
        struct score score;
        bool scored;
        int r = more ? context_unit(c, word, &s, e) : err_set(e, -ENOMEM, "cannot check %s", word);

        k->units = more ? more : k->units;
        if (r < 0)
                return r;
        scored = score_sandbox(s, &c->dialect, c->mode, &score) == 0;
        r = policy_check(in, s, scored ? &score : NULL, &k->units[k->count]);
        if (r < 0)
                checked_done(&k->units[k->count]);
        else
                k->count++;
        if (r >= 0 && (s->load == LOAD_LOADED || s->load == LOAD_TEMPLATE))
                r = baseline_add(&k->now, s, scored ? &score : NULL);
        if (r < 0)
                return err_set(e, r, "cannot check %s", word);
        return strv_has(kept, s->unit) ? check_profile(c, in, &k->units[k->count - 1], e) : 0;
}

int checking_run(struct context *c, char *const *words, struct checking *ret, struct err *e)
{
        scoped(strv_freep) char **names = NULL, **kept = NULL;
        char today[11];
        time_t now = time(NULL);
        struct tm tm;
        struct policy_input in = { .dialect = &c->dialect, .today = today };
        int r = read_policy(c, &ret->policy, e);

        if (!gmtime_r(&now, &tm) || !strftime(today, sizeof(today), "%Y-%m-%d", &tm))
                return err_say(e, -ERANGE, "the clock of this machine makes no sense");
        if (r >= 0)
                r = read_baseline(c, ret, e);
        if (r >= 0)
                r = find_units(c, words, &names, e);
        if (r >= 0)
                r = kept_units(c, &kept, e);
        in.policy = ret->policy;
        in.baseline = ret->has_baseline && !c->args->on[OPT_RECORD] ? &ret->baseline : NULL;
        for (size_t i = 0; r >= 0 && names && names[i]; i++) {
                r = check_one(c, names[i], &in, kept, ret, e);
                if (r >= 0 && i % 16 == 15)
                        r = job_pause(&c->job, 0);
        }
        return r < 0 ? r : keep_others(c, words, ret, e);
}
