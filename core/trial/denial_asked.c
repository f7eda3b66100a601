/* denial_asked.c - refusals that make no error: what the baseline did, and the changed unit could
 * do no more without being told.
 *
 * UMask=, PrivateTmp= and their like also take from others what the service makes; that is no
 * refusal of the service, and shows in probes. */
#include "core/trial/denial_asked_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

bool sandbox_has(const struct sandbox *s, const struct dialect *dialect, enum directive_id id,
                 const char *least)
{
        const struct directive *d = directive_at(id);
        const struct value *now = &s->settings[id].value;
        struct value wanted = { 0 };
        bool yes = false;

        if (!least)
                return now->set && (now->words || now->bits);
        if (*least == '=')
                return now->set && now->words && denial_listed(least + 1, now->words[0]);
        if (value_assign(&wanted, d, dialect, least, NULL) == ASSIGN_TAKEN) {
                enum value_order order = value_compare(now, &wanted, d, dialect);

                yes = order == VALUE_SAME || order == VALUE_STRICTER;
        }
        value_done(&wanted);
        return yes;
}

bool asked_takes(const struct asking *q, enum directive_id id, const char *least)
{
        return sandbox_has(q->after, q->dialect, id, least) &&
               !sandbox_has(q->before, q->dialect, id, least);
}

/* ---- one of them ---- */

/* An error that the trial saw, or a line, tells of it already. */
static bool is_told(const struct asking *q, const char *path)
{
        for (size_t i = 0; path && i < q->told_count; i++)
                if (q->told[i].path && strcmp(q->told[i].path, path) == 0)
                        return true;
        return false;
}

static char *sentence(const struct asking *q, const struct act *a, const char *what,
                      const char *matter)
{
        scoped(mem_freep) char *words = act_words(q->baseline, a);
        scoped(mem_freep) char *raw = NULL;

        if (!words)
                return NULL;
        raw = text_format("%s%s%s (without the changes: %s)", what, *what ? " " : "", matter,
                          words);
        return raw ? text_printable_dup(raw) : NULL;
}

int asked_add(struct asking *q, enum directive_id id, const struct act *a, const char *what,
              const char *object, const char *matter)
{
        const struct origin *origin = &q->after->settings[id].origin;
        struct denial d = { .source = DENIAL_ASKED,
                            .deed = { .kind = a->kind,
                                      .a = a->a,
                                      .b = a->b,
                                      .c = a->c,
                                      .flags = a->flags,
                                      .seen = a->seen,
                                      .uid = a->uid,
                                      .had = true },
                            .count = a->count,
                            .directive = origin->kind == ORIGIN_IMPLIED ? origin->by : id };

        int r;

        if (is_told(q, object) || q->of[id]++ >= EACH)
                return 1;
        d.call = strdup(what);
        d.path = *object ? strdup(object) : NULL;
        d.process = a->process[0] ? text_format("%.*s", (int)sizeof(a->process), a->process) : NULL;
        d.message = sentence(q, a, *object ? object : what, matter);
        if (!d.call || (*object && !d.path) || !d.message || (a->process[0] && !d.process)) {
                denial_done(&d);
                return -ENOMEM;
        }
        r = denials_add(&q->found, &d);
        return r < 0 ? r : 1;
}

/* ---- paths ---- */

static bool is_below(const char *path, const char *folder, size_t n)
{
        return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

static bool is_below_any(const char *path, const char *folders)
{
        while (*folders) {
                size_t n = strcspn(folders, " ");

                if (n && is_below(path, folders, n))
                        return true;
                folders += n + strspn(folders + n, " ");
        }
        return false;
}

/* What of /proc is left with the processes alone. */
static bool is_process_entry(const char *path)
{
        return strcmp(path, "/proc") == 0 || is_below(path, "/proc/PID", strlen("/proc/PID")) ||
               is_below(path, "/proc/self", strlen("/proc/self")) ||
               is_below(path, "/proc/thread-self", strlen("/proc/thread-self"));
}

/* Whether it made it itself, or a folder above it: then it will make it again. */
static bool made_itself(const struct asking *q, const struct act *a)
{
        for (const struct act *o = behaviour_first(q->baseline, ACT_PATH); o;
             o = behaviour_next(q->baseline, o))
                if (o->error == 0 && o->text && o->a & (ACCESS_CREATE | ACCESS_MADE) &&
                    is_below(a->text, o->text, strlen(o->text)))
                        return true;
        return false;
}

/* The place itself is there in any case; what is in it is not. */
static bool is_only_looked_at(const struct act *a, const char *places)
{
        return !(a->a & ACCESS_READ) && denial_listed(places, a->text);
}

static const char *use_of(const struct act *a)
{
        if (a->a & (ACCESS_WRITE | ACCESS_CREATE | ACCESS_DELETE | ACCESS_CHANGE))
                return "write";
        return a->a & ACCESS_LOOK && !(a->a & ACCESS_READ) ? "look" : "read";
}

static bool is_wanted(const struct act *a)
{
        return a->error == 0 && a->text && *a->text == '/' &&
               !(a->flags & (ACT_BY_TWIN | ACT_TEMPORARY | ACT_CHROOT | ACT_CUT));
}

enum {
        READ_OR_LOOK = ACCESS_READ | ACCESS_LOOK | ACCESS_EXEC | ACCESS_MAP_EXEC | ACCESS_ENTER |
                       ACCESS_CONNECT,
        WRITES = ACCESS_WRITE | ACCESS_CREATE | ACCESS_DELETE | ACCESS_CHANGE,
        ANY_ACCESS = READ_OR_LOOK | WRITES,
};

static int ask_hidden(struct asking *q, const struct act *a)
{
        static const struct {
                enum directive_id directive;
                const char *least, *places;
                uint64_t access;
                const char *matter;
        } rows[] = {
#define HIDES(d, l, p, a, m) { D_##d, l, p, a, m },
#include "core/trial/denial_asked.inc"
#undef HIDES
        };
        bool process = is_process_entry(a->text);

        for (size_t i = 0; i < COUNT(rows); i++) {
                enum directive_id id = rows[i].directive;

                if (!(a->a & rows[i].access) || !is_below_any(a->text, rows[i].places) ||
                    !asked_takes(q, id, rows[i].least))
                        continue;
                if ((id == D_ProcSubset && process) || is_only_looked_at(a, rows[i].places))
                        continue;
                if ((id == D_PrivateTmp || id == D_ProtectHome) && made_itself(q, a))
                        continue;
                return asked_add(q, id, a, use_of(a), a->text, rows[i].matter);
        }
        return 0;
}

static int ask_listed(struct asking *q, const struct act *a)
{
        static const struct {
                enum directive_id directive;
                const char *least, *places, *matter;
        } rows[] = {
#define LISTS(d, l, p, m) { D_##d, l, p, m },
#include "core/trial/denial_asked.inc"
#undef LISTS
        };

        for (size_t i = 0; i < COUNT(rows) && a->a & ACCESS_READ; i++)
                if (denial_listed(rows[i].places, a->text) &&
                    asked_takes(q, rows[i].directive, rows[i].least))
                        return asked_add(q, rows[i].directive, a, "list", a->text, rows[i].matter);
        return 0;
}

/* ---- paths that a list names ---- */

static bool list_covers(const struct sandbox *s, enum directive_id id, const char *path)
{
        return value_covers_from(&s->settings[id].value, path, false) > 0;
}

/* Whether something that is bound or left below it brings the path back. */
static bool is_brought_back(const struct sandbox *s, const char *path)
{
        return value_covers_from(&s->settings[D_BindPaths].value, path, true) ||
               value_covers_from(&s->settings[D_BindReadOnlyPaths].value, path, true);
}

static int ask_lists(struct asking *q, const struct act *a)
{
        static const struct {
                enum directive_id directive;
                uint64_t access;
                const char *matter;
        } rows[] = {
                { D_InaccessiblePaths, READ_OR_LOOK, "is hidden: to root it looks empty" },
                { D_TemporaryFileSystem, READ_OR_LOOK, "is hidden by an empty file system" },
                { D_TemporaryFileSystem, WRITES, "is lost when the service stops" },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                enum directive_id id = rows[i].directive;

                if (!(a->a & rows[i].access) || !list_covers(q->after, id, a->text) ||
                    list_covers(q->before, id, a->text))
                        continue;
                if (id == D_TemporaryFileSystem &&
                    (is_brought_back(q->after, a->text) || (i == 1 && made_itself(q, a))))
                        continue;
                return asked_add(q, id, a, use_of(a), a->text, rows[i].matter);
        }
        return 0;
}

/* ---- other processes ---- */

/* Root sees all, unless it may not trace. */
static bool is_bound_by_hidepid(const struct sandbox *s)
{
        return !runs_as_root(s) || denies_capability(s, "CAP_SYS_PTRACE");
}

static int ask_processes(struct asking *q, const struct act *a)
{
        if (!(a->flags & ACT_OTHER_PROC) || !(a->a & READ_OR_LOOK))
                return 0;
        if (asked_takes(q, D_PrivatePIDs, "yes"))
                return asked_add(q, D_PrivatePIDs, a, use_of(a), a->text,
                                 "of other services' processes is not there any more");
        if (asked_takes(q, D_ProtectProc, "ptraceable") && is_bound_by_hidepid(q->after))
                return asked_add(q, D_ProtectProc, a, use_of(a), a->text,
                                 "of other users' processes is hidden");
        return 0;
}

/* ---- mounts ---- */

static bool is_set(const struct sandbox *s, enum directive_id id)
{
        const struct directive *d = directive_at(id);
        const struct value *v = &s->settings[id].value;

        return d->choices || d->kind == KIND_BOOL ? setting_yes(s, id) : v->set && v->words;
}

/* What gives s a view of its own; DIRECTIVE_COUNT: nothing does. */
static enum directive_id view_of(const struct sandbox *s)
{
        static const enum directive_id views[] = {
#define VIEW(d) D_##d,
#include "core/trial/denial_asked.inc"
#undef VIEW
        };

        for (size_t i = 0; i < COUNT(views); i++)
                if (is_set(s, views[i]))
                        return views[i];
        return DIRECTIVE_COUNT;
}

static int ask_mount(struct asking *q, const struct act *a)
{
        enum directive_id id = view_of(q->after);

        if (!(a->a & ACCESS_MOUNT) || id == DIRECTIVE_COUNT ||
            view_of(q->before) != DIRECTIVE_COUNT)
                return 0;
        return asked_add(q, id, a, "mount", a->text, "is mounted where nobody else sees it");
}

static int ask_path(struct asking *q, const struct act *a)
{
        int r;

        if (!is_wanted(a))
                return 0;
        r = ask_mount(q, a);
        if (r == 0)
                r = ask_processes(q, a);
        if (r == 0)
                r = ask_listed(q, a);
        if (r == 0)
                r = ask_hidden(q, a);
        return r == 0 ? ask_lists(q, a) : r;
}

/* ---- calls ---- */

enum { ANYTHING, NOT_ZERO };

static int ask_call(struct asking *q, const struct act *a)
{
        static const struct {
                enum directive_id directive;
                const char *least, *calls;
                int argument;
                const char *matter;
        } rows[] = {
#define CALLS(d, l, c, a, m) { D_##d, l, c, a, m },
#include "core/trial/denial_asked.inc"
#undef CALLS
        };

        for (size_t i = 0; i < COUNT(rows) && a->error == 0 && a->name; i++) {
                if (!denial_listed(rows[i].calls, a->name) ||
                    (rows[i].argument == NOT_ZERO && a->a == 0) ||
                    !asked_takes(q, rows[i].directive, rows[i].least))
                        continue;
                return asked_add(q, rows[i].directive, a, a->name, "", rows[i].matter);
        }
        return 0;
}

/* Before 255, whatever is a seccomp filter also takes new privileges from a unit that does not run
 * as root. */
static enum directive_id who_takes_privileges(const struct asking *q, const struct sandbox *s)
{
        static const enum directive_id filters[] = {
                D_SystemCallFilter,      D_SystemCallArchitectures, D_RestrictAddressFamilies,
                D_RestrictNamespaces,    D_MemoryDenyWriteExecute,  D_RestrictRealtime,
                D_RestrictSUIDSGID,      D_LockPersonality,         D_PrivateDevices,
                D_ProtectKernelTunables, D_ProtectKernelModules,    D_ProtectKernelLogs,
                D_ProtectClock,          D_ProtectHostname,         D_SystemCallLog,
        };

        if (setting_yes(s, D_NoNewPrivileges))
                return D_NoNewPrivileges;
        if (runs_as_root(s) || version_at_least(q->dialect->version, 255, 0))
                return DIRECTIVE_COUNT;
        for (size_t i = 0; i < COUNT(filters); i++) {
                const struct setting *own = &s->settings[filters[i]];
                bool plain = directive_at(filters[i])->kind == KIND_BOOL ||
                             directive_at(filters[i])->kind == KIND_CHOICE;

                if (plain ? setting_yes(s, filters[i]) : own->value.set)
                        return filters[i];
        }
        return DIRECTIVE_COUNT;
}

/* A program that gains privileges as it is executed simply does not gain them. */
static int ask_exec(struct asking *q, const struct act *a)
{
        const uint64_t gains = GAIN_SETUID | GAIN_SETGID | GAIN_FILECAPS;
        enum directive_id id = who_takes_privileges(q, q->after);

        if (a->error || !a->text || !(a->a & gains) || id == DIRECTIVE_COUNT ||
            who_takes_privileges(q, q->before) != DIRECTIVE_COUNT)
                return 0;
        return asked_add(q, id, a, "run", a->text,
                         "no longer gains the privileges that its file gives");
}

/* ---- all of it ---- */

static int ask(struct asking *q, const struct act *a)
{
        switch (a->kind) {
        case ACT_PATH:
                return ask_path(q, a);
        case ACT_ARGS:
                return ask_call(q, a);
        case ACT_CALL:
                return ask_call(q, a);
        case ACT_EXEC:
                return ask_exec(q, a);
        case ACT_CONNECT:
        case ACT_PEER:
                return asked_address(q, a);
        case ACT_SOCKET:
        case ACT_BIND:
        case ACT_CAP:
        case ACT_SIGNAL:
        case ACT_KILLED:
        case ACT_REFUSED:
        case ACT_FOREIGN:
        case ACT_KINDS:
                break;
        }
        return 0;
}

int denials_asked(const struct behaviour *baseline, const struct sandbox *before,
                  const struct sandbox *after, const struct dialect *dialect, struct denial **list,
                  size_t *count)
{
        struct asking q = { .baseline = baseline,
                            .before = before,
                            .after = after,
                            .dialect = dialect,
                            .told = *list,
                            .told_count = *count };
        int r = 0;

        for (size_t i = 0; r >= 0 && baseline && i < baseline->act_count; i++)
                r = ask(&q, &baseline->acts[i]);
        if (r >= 0)
                r = denials_append(&q.found, list, count);
        denials_done(&q.found);
        return r;
}
