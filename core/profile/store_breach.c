/* store_breach.c - the last result of `gird breach`, kept. */
#include "core/profile/store_breach.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/json.h"
#include "core/profile/store_private.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define NAME "breach.json"

enum { FORMAT = 1, MOST = 100000, SIZE_LIMIT = 64 << 10 };

/* ---- writing ---- */

static struct json *state_json(const struct breach_state *state)
{
        struct json *o = json_object();

        json_text(o, "mark", state->mark);
        json_number(o, "allowed", state->allowed);
        json_number(o, "tried", state->tried);
        json_number(o, "chains", state->chains);
        return o;
}

static char *render(const struct breach_kept *k)
{
        struct json *o = json_object(), *states = json_array();
        char when[32] = "";
        time_t now = time(NULL);
        struct tm tm;

        if (gmtime_r(&now, &tm))
                strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
        json_number(o, "gird", FORMAT);
        json_text(o, "when", when);
        for (size_t i = 0; i < k->count; i++)
                json_append(states, state_json(&k->states[i]));
        json_put(o, "states", states);
        return json_take(o);
}

int store_put_breach(struct store *s, const char *unit, const struct breach_kept *k, struct err *e)
{
        scoped(site_done) struct site site = SITE_NONE;
        scoped(mem_freep) char *text = render(k);
        struct blob b = { .present = true, .mode = 0600, .uid = geteuid(), .gid = getegid() };
        int r;

        if (!text)
                return err_set(e, -ENOMEM, "cannot keep the result for %s", unit);
        r = site_open(s, unit, true, &site, e);
        if (r < 0)
                return r;
        b.bytes = text;
        b.length = strlen(text);
        r = store_file_put(site.folder, NAME, &b);
        return r < 0 ? err_set(e, r, "cannot write %s/%s/" NAME, s->state, unit) : 0;
}

/* ---- reading ---- */

static bool read_number(const struct json_node *o, const char *key, unsigned *ret)
{
        const struct json_node *n = json_member(o, key);
        double value = n && json_kind(n) == JSON_NUMBER ? json_value(n) : -1;

        if (!(value >= 0 && value <= MOST) || value != (double)(unsigned)value)
                return false;
        *ret = (unsigned)value;
        return true;
}

static bool read_state(const struct json_node *o, struct breach_state *ret)
{
        const char *mark = json_string(json_member(o, "mark"));

        if (!mark || strlen(mark) != sizeof(ret->mark) - 1)
                return false;
        memcpy(ret->mark, mark, sizeof(ret->mark));
        return read_number(o, "allowed", &ret->allowed) && read_number(o, "tried", &ret->tried) &&
               read_number(o, "chains", &ret->chains) && ret->allowed <= ret->tried;
}

static bool read_all(const struct json *j, struct breach_kept *ret)
{
        const struct json_node *root = json_root(j), *states, *n;
        unsigned format = 0;

        if (json_kind(root) != JSON_OBJECT || !read_number(root, "gird", &format) ||
            format != FORMAT)
                return false;
        states = json_member(root, "states");
        if (!states || json_kind(states) != JSON_ARRAY)
                return false;
        for (n = json_first(states); n; n = json_next(n)) {
                if (ret->count == BREACH_STATES || json_kind(n) != JSON_OBJECT ||
                    !read_state(n, &ret->states[ret->count]))
                        return false;
                ret->count++;
        }
        return ret->count > 0;
}

int store_get_breach(struct store *s, const char *unit, struct breach_kept *ret, struct err *e)
{
        scoped(site_done) struct site site = SITE_NONE;
        scoped(json_freep) struct json *j = NULL;
        scoped(blob_done) struct blob b = { 0 };
        struct breach_kept k = { 0 };
        int r = site_open(s, unit, false, &site, e);

        if (r == -ENOENT)
                return 1;
        if (r < 0)
                return r;
        r = store_file_get(site.folder, NAME, &b);
        if (r == -ENOMEM)
                return err_set(e, r, "cannot read %s/%s/" NAME, s->state, unit);
        if (r == 0 && !b.present)
                return 1;
        if (r < 0 || b.length > SIZE_LIMIT || memchr(b.bytes, '\0', b.length) ||
            json_parse(NAME, b.bytes, &j, NULL) < 0 || !read_all(j, &k))
                return err_say(e, 1,
                               "%s/%s/" NAME " is not what `gird breach` writes, so it is not "
                               "looked at; `gird breach %s` writes it anew",
                               s->state, unit, unit);
        *ret = k;
        return 0;
}

const struct breach_state *breach_kept_find(const struct breach_kept *k, const char *mark)
{
        for (size_t i = 0; i < k->count; i++)
                if (strcmp(k->states[i].mark, mark) == 0)
                        return &k->states[i];
        return NULL;
}
