/* write_seccomp.c - the filters of the sandbox as a container runtime takes them: the OCI's seccomp
 * JSON.
 *
 * systemd lays several filters over each other, a runtime has one: where the list of calls is an
 * allow-list, a call that something else restricts is let through for the arguments that are left,
 * and refused with that directive's own errno for the others. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/seccomp_rules.h"
#include "core/profile/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct filter {
        const struct form_input *in;
        bool allow;         /* the list of calls is one of what may be made */
        int error;          /* what a refused call answers; 0: it kills */
        struct rules rules; /* on arguments */
        char **named;       /* allow: may be made; else: refused as a whole, with .error */
        char **other;       /* "name:ERRNO": refused as a whole with that */
};

static void filter_done(struct filter *f)
{
        rules_done(&f->rules);
        strv_free(f->named);
        strv_free(f->other);
}

/* ---- actions ---- */

static void put_action(struct json *o, const char *key, const char *number, int error)
{
        json_text(o, key, error ? "SCMP_ACT_ERRNO" : "SCMP_ACT_KILL_PROCESS");
        if (error)
                json_number(o, number, error);
}

/* "kill" is 0; so is an unset word. */
static int error_of(const char *word)
{
        char *end = NULL;
        unsigned long number;

        if (!word || !*word || strcmp(word, "kill") == 0)
                return 0;
        number = strtoul(word, &end, 10);
        if (*end)
                return errno_number(word) > 0 ? errno_number(word) : EPERM;
        return number < 4096 ? (int)number : EPERM;
}

/* ---- which calls ---- */

static bool is_named(const struct value *v, const char *call)
{
        return strv_has(v->words, call);
}

static int take_filter(struct filter *f, const struct value *v)
{
        int r = 0;

        for (char **w = v->words; w && *w && r == 0; w++)
                r = strv_add(strchr(*w, ':') ? &f->other : &f->named, *w);
        return r;
}

struct taking {
        struct filter *f;
        const struct value *filter;
};

/* A call that another directive refuses: it leaves an allow-list, or joins a deny-list. */
static int refuse(void *userdata, const char *call)
{
        struct taking *t = userdata;
        scoped(mem_freep) char *word = NULL;

        if (t->f->allow ? !strv_has(t->f->named, call) : is_named(t->filter, call))
                return 0;
        if (t->f->allow)
                strv_remove(t->f->named, call);
        word = text_format("%s:EPERM", call);
        if (!word)
                return -ENOMEM;
        return strv_has(t->f->other, word) ? 0 : strv_add(&t->f->other, word);
}

static int take_directives(struct filter *f, const struct value *v)
{
        static const struct {
                enum directive_id id;
                const char *calls; /* a group, or names */
        } rows[] = {
                { D_ProtectKernelModules, "@module" },
                { D_ProtectKernelLogs, "syslog" },
                { D_ProtectClock, "@clock" },
                { D_PrivateDevices, "@raw-io" },
                { D_ProtectHostname, "sethostname setdomainname" },
        };
        struct taking t = { f, v };
        int r = 0;

        for (size_t i = 0; i < COUNT(rows) && r >= 0; i++) {
                scoped(strv_freep) char **words = NULL;

                if (!setting_yes(f->in->after, rows[i].id))
                        continue;
                r = strv_split(rows[i].calls, " ", &words);
                for (char **w = words; w && *w && r >= 0; w++)
                        r = dialect_expand(f->in->dialect, *w, refuse, &t);
                if (r == -ENOENT)
                        r = 0; /* this systemd has no such group */
        }
        return r;
}

/* ---- writing ---- */

static bool is_logged(const struct filter *f, const char *call)
{
        const struct value *v = &f->in->after->settings[D_SystemCallLog].value;

        return v->set && is_named(v, call) == v->allow;
}

static void put_names(struct json *list, char *const *names, const char *action, int error)
{
        struct json *o;

        if (!names || !*names)
                return;
        o = json_object();
        json_texts(o, "names", names);
        json_text(o, "action", action);
        if (error)
                json_number(o, "errnoRet", error);
        json_append(list, o);
}

static int put_allowed(struct json *list, const struct filter *f)
{
        scoped(strv_freep) char **silent = NULL, **logged = NULL;
        int r = 0;

        for (char **w = f->named; w && *w && r == 0; w++)
                if (!rules_about(&f->rules, *w))
                        r = strv_add(is_logged(f, *w) ? &logged : &silent, *w);
        put_names(list, silent, "SCMP_ACT_ALLOW", 0);
        put_names(list, logged, "SCMP_ACT_LOG", 0);
        return r;
}

/* Those refused as a whole, by what they answer. */
static int put_refused(struct json *list, const struct filter *f)
{
        scoped(strv_freep) char **rest = NULL;
        int r = strv_copy(f->other, &rest);

        if (!f->allow && r == 0)
                put_names(list, f->named, f->error ? "SCMP_ACT_ERRNO" : "SCMP_ACT_KILL_PROCESS",
                          f->error);
        while (r == 0 && rest && *rest) {
                scoped(strv_freep) char **names = NULL, **others = NULL;
                const char *with = strchr(*rest, ':');
                int error = error_of(with + 1);

                for (char **w = rest; *w && r == 0; w++) {
                        const char *colon = strchr(*w, ':');

                        if (strcmp(colon, with) == 0)
                                r = strv_addn(&names, *w, (size_t)(colon - *w));
                        else
                                r = strv_add(&others, *w);
                }
                /* What the default answers already needs no rule, and may have none. */
                if (!f->allow || error != f->error)
                        put_names(list, names, error ? "SCMP_ACT_ERRNO" : "SCMP_ACT_KILL_PROCESS",
                                  error);
                strv_free(rest);
                rest = take(others);
        }
        return r;
}

static void put_rule(struct json *list, const struct filter *f, const struct rule *rule)
{
        struct json *o = json_object(), *args = json_array();

        json_texts(o, "names", (char *[]){ (char *)rule->call, NULL });
        if (rule->error)
                put_action(o, "action", "errnoRet", rule->error);
        else
                json_text(o, "action",
                          is_logged(f, rule->call) ? "SCMP_ACT_LOG" : "SCMP_ACT_ALLOW");
        for (unsigned i = 0; i < rule->count; i++) {
                struct json *arg = json_object();

                json_number(arg, "index", rule->args[i].index);
                json_number(arg, "value", (double)rule->args[i].value);
                if (rule->args[i].op == COMPARE_MASKED)
                        json_number(arg, "valueTwo", (double)rule->args[i].two);
                json_text(arg, "op", compare_name(rule->args[i].op));
                json_append(args, arg);
        }
        if (rule->count)
                json_put(o, "args", args);
        else
                json_free(args);
        json_append(list, o);
}

static bool is_refused_whole(const struct filter *f, const char *call)
{
        size_t n = strlen(call);

        for (char **w = f->other; w && *w; w++)
                if (strncmp(*w, call, n) == 0 && (*w)[n] == ':')
                        return true;
        return f->allow != strv_has(f->named, call);
}

static void put_rules(struct json *list, const struct filter *f)
{
        for (size_t i = 0; i < f->rules.count; i++) {
                const struct rule *rule = &f->rules.list[i];

                if (is_refused_whole(f, rule->call) || (!f->allow && !rule->error))
                        continue;
                if (f->allow && rule->error && rule->error == f->error)
                        continue;
                put_rule(list, f, rule);
        }
}

static int build(struct filter *f)
{
        const struct value *v = &f->in->after->settings[D_SystemCallFilter].value;
        int r;

        f->allow = v->set && v->allow;
        f->error = error_of(setting_word(f->in->after, D_SystemCallErrorNumber));
        r = take_filter(f, v);
        if (r == 0)
                r = take_directives(f, v);
        if (r == 0)
                r = rules_make(f->in->after, f->in->dialect, &f->rules);
        return r;
}

static const enum directive_id expressed[] = { D_SystemCallFilter,
                                               D_SystemCallErrorNumber,
                                               D_SystemCallArchitectures,
                                               D_SystemCallLog,
                                               D_RestrictAddressFamilies,
                                               D_RestrictNamespaces,
                                               D_LockPersonality,
                                               D_MemoryDenyWriteExecute,
                                               D_RestrictRealtime,
                                               D_RestrictSUIDSGID,
                                               DIRECTIVE_COUNT };

static const struct form_limits limits = {
        .name = "seccomp",
        .expressed = expressed,
        .groups = {
                [GROUP_IDENTITY] = "a seccomp filter sets no user",
                [GROUP_CAPS] = "capabilities are another part of a container's configuration",
                [GROUP_FILES] = "a seccomp filter sees no paths",
                [GROUP_DIRECTORIES] = "a seccomp filter makes no folders",
                [GROUP_DEVICES] = "of this only the system calls are in the filter",
                [GROUP_NETWORK] = "a seccomp filter sees no addresses and ports",
                [GROUP_NAMESPACES] = "namespaces are another part of a container's configuration",
                [GROUP_KERNEL] = "of this only the system calls are in the filter",
                [GROUP_PROCESSES] = "a seccomp filter sees no files of processes",
                [GROUP_MAC] = "another security module",
                [GROUP_RESOURCES] = "limits are another part of a container's configuration",
                [GROUP_CREDENTIALS] = "a seccomp filter hands over no secrets",
        },
};

static int tell(const struct filter *f, struct form_output *ret)
{
        int r = access_leave_out(f->in, &limits, NULL, ret);

        if (r == 0 && !f->in->after->settings[D_SystemCallFilter].value.set)
                r = form_leave_out(ret,
                                   "the list of calls: SystemCallFilter= is not set for %s, so the "
                                   "filter refuses only what other settings do; `gird harden %s` "
                                   "finds a list",
                                   f->in->after->unit, f->in->after->unit);
        if (r == 0 && f->rules.many_tables)
                r = form_leave_out(ret,
                                   "arguments of socket() by 32-bit programs: they come through "
                                   "socketcall(), and a filter cannot look behind its pointer; "
                                   "SystemCallArchitectures=native closes that");
        return r;
}

/* Runtimes have to overlook what they do not know; gird knows its file again by it. */
static void put_mark(struct json *o, const struct form_input *in)
{
        struct json *mark = json_object();

        json_text(mark, "version", GIRD_VERSION);
        json_text(mark, "unit", in->after->unit);
        json_text(mark, "date", in->date);
        json_put(o, "gird", mark);
}

FORM_WRITER(seccomp)
{
        scoped(filter_done) struct filter f = { .in = in };
        scoped(json_freep) struct json *o = NULL;
        struct json *list = json_array(), *tables;
        struct text t = { 0 };
        scoped(mem_freep) char *name = plain_name(in->after->unit, "._-");
        scoped(mem_freep) char *path = NULL, *printed = NULL;
        char *text;
        int r = build(&f);

        o = json_object();
        put_mark(o, in);
        if (f.allow)
                put_action(o, "defaultAction", "defaultErrnoRet", f.error);
        else
                json_text(o, "defaultAction", "SCMP_ACT_ALLOW");
        tables = json_array();
        for (const char *const *table = r == 0 ? f.rules.tables : NULL; table && *table; table++)
                json_append_text(tables, *table);
        json_put(o, "architectures", tables);
        if (r == 0 && f.allow)
                r = put_allowed(list, &f);
        if (r == 0)
                r = put_refused(list, &f);
        if (r == 0)
                put_rules(list, &f);
        json_put(o, "syscalls", list);
        if (r == 0)
                r = tell(&f, ret);
        path = text_format("%s.seccomp.json", name ? name : "");
        printed = json_take(take(o));
        if (r == 0 && (!name || !path || !printed))
                r = -ENOMEM;
        if (r == 0) {
                text_addf(&t, "%s\n", printed);
                text = text_take(&t);
                r = text ? form_add(ret, path, text, 0644) : -ENOMEM;
        }
        return r < 0 ? err_set(e, r, "cannot write a seccomp filter") : 0;
}
