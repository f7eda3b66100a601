/* profile_json_read.c - a profile out of JSON.  Reading is strict: a profile decides what a service
 * may do, so nothing in it is skipped. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/json.h"
#include "core/profile/profile_private.h"

#include <errno.h>
#include <string.h>

/* "with" as it was read. */
struct seen {
        const char *binary, *libc, *kernel;
};

/* The file being read and the place in it, for what is said about it. */
struct reading {
        const char *file;
        const struct dialect *dialect;
        struct profile *profile;
        char place[64]; /* "changes[3]" or "" */
        struct err *e;
        /* What a trial said holds for all changes, so it is set when they are read. */
        enum verdict verdict;
        const char *tried;
        struct seen with;
};

struct member {
        const char *key;
        int (*read)(struct reading *r, const struct json_node *n, void *into);
};

static int wrong(const struct reading *r, const char *key, const char *what)
{
        return err_say(r->e, -EINVAL, "%s: %s%s%s %s", r->file, r->place,
                       *r->place && *key ? "." : "", key, what);
}

/* Every member of object must be one of the members, once. */
static int read_members(struct reading *r, const struct json_node *object,
                        const struct member *members, void *into)
{
        for (const struct json_node *n = json_first(object); n; n = json_next(n)) {
                const struct member *m = members;
                int result;

                while (m->key && strcmp(m->key, json_key(n)) != 0)
                        m++;
                if (!m->key)
                        return wrong(r, json_key(n), "is nothing that gird knows");
                if (json_member(object, m->key) != n)
                        return wrong(r, m->key, "is there twice");
                result = m->read(r, n, into);
                if (result < 0)
                        return result;
        }
        return 0;
}

/* A text that may be printed and kept; null only where that is allowed. */
static int read_text(struct reading *r, const struct json_node *n, bool or_null, const char **ret)
{
        const char *text = json_string(n);

        if (!text && !(or_null && json_kind(n) == JSON_NULL))
                return wrong(r, json_key(n), or_null ? "is neither text nor null" : "is no text");
        if (text && !profile_text_fits(text))
                return wrong(r, json_key(n), "holds control characters, or blanks around it");
        *ret = text;
        return 0;
}

/* A list of objects, whose places are "NAME[3]". */
static int read_objects(struct reading *r, const struct json_node *n, const char *name,
                        int (*read)(struct reading *r, const struct json_node *n))
{
        unsigned i = 0;

        if (json_kind(n) != JSON_ARRAY)
                return wrong(r, name, "is no list");
        for (const struct json_node *item = json_first(n); item; item = json_next(item)) {
                int result;

                snprintf(r->place, sizeof(r->place), "%s[%u]", name, i++);
                result = read(r, item);
                if (result < 0)
                        return result;
        }
        r->place[0] = '\0';
        return 0;
}

static int keep(const struct reading *r, const char *text, char **slot)
{
        char *copy = text ? strdup(text) : NULL;

        if (text && !copy)
                return err_set(r->e, -ENOMEM, "cannot keep %s", r->file);
        free(*slot);
        *slot = copy;
        return 0;
}

static int read_format(struct reading *r, const struct json_node *n, void *into)
{
        (void)into;
        if (json_kind(n) != JSON_NUMBER || json_value(n) < PROFILE_FORMAT)
                return wrong(r, "gird", "is not the number of the format");
        if (json_value(n) > PROFILE_FORMAT)
                return err_say(r->e, -EINVAL,
                               "%s was written by a newer gird, which this one cannot read",
                               r->file);
        return 0;
}

static int read_unit(struct reading *r, const struct json_node *n, void *into)
{
        const char *unit = NULL;
        int result = read_text(r, n, false, &unit);

        (void)into;
        if (result < 0)
                return result;
        if (!profile_unit_fits(unit))
                return wrong(r, "unit", "is no name of a unit");
        return keep(r, unit, &r->profile->unit);
}

static int read_scope(struct reading *r, const struct json_node *n, void *into)
{
        const char *scope = json_string(n);

        (void)into;
        for (size_t i = 0; scope && i < SCOPES; i++)
                if (strcmp(profile_scopes[i], scope) == 0) {
                        r->profile->scope = (enum scope)i;
                        return 0;
                }
        return wrong(r, "scope", "is neither \"system\" nor \"user\"");
}

static int read_systemd(struct reading *r, const struct json_node *n, void *into)
{
        const char *text = NULL;
        int result = read_text(r, n, true, &text);

        (void)into;
        return result < 0 ? result : keep(r, text, &r->profile->systemd);
}

static int read_verdict(struct reading *r, const struct json_node *n, void *into)
{
        (void)into;
        if (!json_string(n) || verdict_parse(json_string(n), &r->verdict) < 0)
                return wrong(r, "verdict", "is no verdict");
        return 0;
}

static int read_tried(struct reading *r, const struct json_node *n, void *into)
{
        (void)into;
        return read_text(r, n, true, &r->tried);
}

static int read_probes(struct reading *r, const struct json_node *n, void *into)
{
        (void)into;
        if (json_kind(n) != JSON_ARRAY)
                return wrong(r, "probes", "is no list");
        for (const struct json_node *item = json_first(n); item; item = json_next(item)) {
                const char *command = json_string(item);

                if (!command || !*command)
                        return wrong(r, "probes", "holds something that is no command line");
                if (strv_add(&r->profile->probes, command) < 0)
                        return err_set(r->e, -ENOMEM, "cannot keep %s", r->file);
        }
        return 0;
}

static int read_binary(struct reading *r, const struct json_node *n, void *into)
{
        return read_text(r, n, true, &((struct seen *)into)->binary);
}

static int read_libc(struct reading *r, const struct json_node *n, void *into)
{
        return read_text(r, n, true, &((struct seen *)into)->libc);
}

static int read_kernel(struct reading *r, const struct json_node *n, void *into)
{
        return read_text(r, n, true, &((struct seen *)into)->kernel);
}

static int read_with(struct reading *r, const struct json_node *n, void *into)
{
        static const struct member members[] = { { "binary", read_binary },
                                                 { "libc", read_libc },
                                                 { "kernel", read_kernel },
                                                 { NULL, NULL } };
        int result;

        (void)into;
        if (json_kind(n) != JSON_OBJECT)
                return wrong(r, "with", "is no object");
        snprintf(r->place, sizeof(r->place), "with");
        result = read_members(r, n, members, &r->with);
        r->place[0] = '\0';
        return result;
}

/* ---- accepted ---- */

static int read_line(struct reading *r, const struct json_node *n, const char **ret)
{
        const char *text = json_string(n);

        if (!text || !profile_accepted_fits(text))
                return wrong(r, json_key(n),
                             "is no line of text, or holds control characters or blanks around it");
        *ret = text;
        return 0;
}

/* One object of "accepted". */
struct acceptance {
        const char *what, *reason;
};

static int read_what(struct reading *r, const struct json_node *n, void *into)
{
        return read_line(r, n, &((struct acceptance *)into)->what);
}

static int read_why(struct reading *r, const struct json_node *n, void *into)
{
        return read_line(r, n, &((struct acceptance *)into)->reason);
}

static int read_acceptance(struct reading *r, const struct json_node *n)
{
        static const struct member members[] = { { "what", read_what },
                                                 { "reason", read_why },
                                                 { NULL, NULL } };
        struct acceptance a = { 0 };
        int result;

        if (json_kind(n) != JSON_OBJECT)
                return wrong(r, "", "is no object");
        result = read_members(r, n, members, &a);
        if (result < 0)
                return result;
        if (!a.what || !a.reason)
                return wrong(r, a.what ? "reason" : "what", "is missing");
        for (size_t i = 0; i < r->profile->accepted_count; i++)
                if (strcmp(r->profile->accepted[i].what, a.what) == 0)
                        return wrong(r, a.what, "is there twice");
        result = profile_accept(r->profile, a.what, a.reason);
        if (result == -EINVAL)
                return wrong(r, "what", "stands for everything");
        return result < 0 ? err_set(r->e, result, "cannot keep %s", r->file) : 0;
}

static int read_accepted(struct reading *r, const struct json_node *n, void *into)
{
        (void)into;
        return read_objects(r, n, "accepted", read_acceptance);
}

/* ---- changes ---- */

/* One object of "changes" as far as it was read. */
struct pending {
        const struct directive *directive;
        const struct json_node *lines;
        enum reason reason;
        const char *evidence;
};

static int read_directive(struct reading *r, const struct json_node *n, void *into)
{
        struct pending *c = into;
        const char *name = json_string(n);
        const char *nearest;

        if (!name)
                return wrong(r, "directive", "is no text");
        c->directive = directive_find(name);
        if (c->directive)
                return 0;
        nearest = profile_nearest(name);
        return err_say(r->e, -EINVAL, "%s: %s.directive: there is no directive %s=%s%s%s", r->file,
                       r->place, name, nearest ? "; did you mean " : "", nearest ? nearest : "",
                       nearest ? "=?" : "");
}

static int read_value(struct reading *r, const struct json_node *n, void *into)
{
        struct pending *c = into;

        c->lines = n;
        return json_kind(n) == JSON_ARRAY ? 0 : wrong(r, "value", "is no list of lines");
}

static int read_reason(struct reading *r, const struct json_node *n, void *into)
{
        struct pending *c = into;

        if (!json_string(n) || reason_parse(json_string(n), &c->reason) < 0)
                return wrong(r, "reason", "is no reason that gird knows");
        return 0;
}

static int read_evidence(struct reading *r, const struct json_node *n, void *into)
{
        struct pending *c = into;

        c->evidence = json_string(n); /* made printable when it is kept */
        return c->evidence || json_kind(n) == JSON_NULL ? 0 : wrong(r, "evidence", "is no text");
}

/* Merges the lines into v.  1: systemd would not take *ret_line, for what note says. */
static int merge(struct reading *r, const struct pending *c, const struct dialect *dialect,
                 struct value *v, const char **ret_line, struct err *note)
{
        for (const struct json_node *n = json_first(c->lines); n; n = json_next(n)) {
                const char *line = json_string(n);
                int how;

                if (!line)
                        return wrong(r, "value", "holds something that is no line of text");
                if (!profile_text_fits(line))
                        return wrong(r, "value", "cannot stand on one line of a unit file");
                *ret_line = line;
                how = profile_merge(v, c->directive, dialect, r->profile->unit, line, note);
                if (how < 0)
                        return err_set(r->e, how, "cannot keep %s", r->file);
                if (how != ASSIGN_TAKEN || note->text[0])
                        return 1;
        }
        return 0;
}

/* A word that only a later systemd knows is kept: it is left out, with the reason, when a
 * drop-in is written. */
static int read_lines(struct reading *r, const struct pending *c, struct value *v)
{
        struct dialect newest = *r->dialect;
        struct err note = { 0 }, ignored = { 0 };
        const char *line = "", *again = "";
        int result = merge(r, c, r->dialect, v, &line, &note);

        if (result != 1)
                return result;
        newest.version = (struct version){ .major = VERSION_NEWEST };
        value_done(v);
        *v = (struct value){ 0 };
        result = merge(r, c, &newest, v, &again, &ignored);
        if (result != 1)
                return result;
        return err_say(r->e, -EINVAL, "%s: %s.value: systemd would not take %s=%s: %s", r->file,
                       r->place, c->directive->name, line,
                       note.text[0] ? note.text : "it is no value of this directive");
}

static int read_change(struct reading *r, const struct json_node *n)
{
        static const struct member members[] = { { "directive", read_directive },
                                                 { "value", read_value },
                                                 { "reason", read_reason },
                                                 { "evidence", read_evidence },
                                                 { NULL, NULL } };
        scoped(value_done) struct value v = { 0 };
        struct pending c = { .reason = REASON_FILE };
        int result;

        if (json_kind(n) != JSON_OBJECT)
                return wrong(r, "", "is no object");
        result = read_members(r, n, members, &c);
        if (result < 0)
                return result;
        if (!c.directive || !c.lines)
                return wrong(r, c.directive ? "value" : "directive", "is missing");
        if (profile_find(r->profile, c.directive->id))
                return wrong(r, c.directive->name, "is there twice");
        result = read_lines(r, &c, &v);
        if (result < 0)
                return result;
        result = profile_set_typed(r->profile, c.directive->id, &v, c.reason, c.evidence);
        return result < 0 ? err_set(r->e, result, "cannot keep %s", r->file) : 0;
}

static int read_changes(struct reading *r, const struct json_node *n, void *into)
{
        (void)into;
        return read_objects(r, n, "changes", read_change);
}

static int read_profile(struct reading *r, const struct json_node *root)
{
        static const struct member members[] = { { "gird", read_format },
                                                 { "unit", read_unit },
                                                 { "scope", read_scope },
                                                 { "systemd", read_systemd },
                                                 { "verdict", read_verdict },
                                                 { "tried", read_tried },
                                                 { "with", read_with },
                                                 { "probes", read_probes },
                                                 { "accepted", read_accepted },
                                                 { "changes", read_changes },
                                                 { NULL, NULL } };
        static const char *const required[] = { "gird", "unit", "changes" };
        int result;

        if (json_kind(root) != JSON_OBJECT)
                return err_say(r->e, -EINVAL, "%s: this is no profile", r->file);
        for (size_t i = 0; i < COUNT(required); i++)
                if (!json_member(root, required[i]))
                        return wrong(r, required[i], "is missing");
        /* First of all: a newer format may mean other things by the same words. */
        result = read_format(r, json_member(root, "gird"), NULL);
        if (result == 0) /* the values' specifiers speak of it */
                result = read_unit(r, json_member(root, "unit"), NULL);
        if (result == 0)
                result = read_members(r, root, members, NULL);
        if (result < 0)
                return result;
        r->profile->verdict = r->verdict;
        result = keep(r, r->tried, &r->profile->tried);
        if (result == 0)
                result = keep(r, r->with.binary, &r->profile->with.binary);
        if (result == 0)
                result = keep(r, r->with.libc, &r->profile->with.libc);
        return result < 0 ? result : keep(r, r->with.kernel, &r->profile->with.kernel);
}

int profile_from_json(const char *file, const char *text, const struct dialect *dialect,
                      struct profile **ret, struct err *e)
{
        scoped(json_freep) struct json *j = NULL;
        scoped(profile_freep) struct profile *p = NULL;
        struct reading r = { .file = file, .dialect = dialect, .e = e };
        int result = json_parse(file, text, &j, e);

        if (result < 0)
                return result;
        result = profile_new("", SCOPE_SYSTEM, &p);
        if (result < 0)
                return err_set(e, result, "cannot keep %s", file);
        r.profile = p;
        result = read_profile(&r, json_root(j));
        if (result < 0)
                return result;
        *ret = take(p);
        return 0;
}
