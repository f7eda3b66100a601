/* behaviour_tidy.c - makes a behaviour fit for keeping: what names this one run is told in terms
 * that hold for the next one. */
#include "core/observe/behaviour_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

static size_t digits_at(const char *text)
{
        return strspn(text, "0123456789");
}

/* Whether text begins with the path, and what follows is another component or nothing. */
static bool path_starts(const char *text, const char *path)
{
        size_t n = strlen(path);

        return strncmp(text, path, n) == 0 && (text[n] == '/' || text[n] == '\0');
}

static int replace_text(struct act *a, char *text)
{
        if (!text)
                return -ENOMEM;
        free(a->text);
        a->text = text;
        return 0;
}

/* ---- /proc ---- */

/* Folders of a process whose entries are numbers of their own. */
static const struct {
        const char *folder, *as;
} numbered[] = { { "/task/", "TID" }, { "/fd/", "N" }, { "/fdinfo/", "N" } };

/* Adds what follows the process's folder, its numbers by their kind. */
static void add_below(struct text *t, const char *rest)
{
        for (size_t i = 0; i < COUNT(numbered); i++) {
                size_t n = strlen(numbered[i].folder);
                size_t digits;

                if (strncmp(rest, numbered[i].folder, n) != 0)
                        continue;
                digits = digits_at(rest + n);
                if (digits == 0 || (rest[n + digits] && rest[n + digits] != '/'))
                        break;
                text_addf(t, "%s%s", numbered[i].folder, numbered[i].as);
                add_below(t, rest + n + digits);
                return;
        }
        text_add(t, rest);
}

/* "/proc/812/fd/4" -> "/proc/PID/fd/N" */
static int tidy_proc(struct act *a)
{
        struct text t = { 0 };
        const char *rest = a->text + strlen("/proc/");
        size_t digits = digits_at(rest);

        if (digits && (rest[digits] == '/' || !rest[digits])) {
                text_add(&t, "/proc/PID");
                add_below(&t, rest + digits);
        } else if (path_starts(rest, "self")) {
                a->flags |= ACT_OWN_PROC;
                text_add(&t, "/proc/PID");
                add_below(&t, rest + strlen("self"));
        } else if (path_starts(rest, "thread-self")) {
                a->flags |= ACT_OWN_PROC;
                text_add(&t, "/proc/PID/task/TID");
                add_below(&t, rest + strlen("thread-self"));
        } else
                return 0;
        return replace_text(a, text_take(&t));
}

/* ---- names of one run ---- */

static bool is_node(const struct act *a)
{
        return S_ISCHR(a->mode) || S_ISBLK(a->mode);
}

static bool is_file_like(const struct act *a)
{
        return (a->kind == ACT_PATH || a->kind == ACT_EXEC ||
                ((a->kind == ACT_BIND || a->kind == ACT_CONNECT) && a->a == AF_UNIX)) &&
               a->text && a->text[0] == '/';
}

/* "/tmp/x (deleted)", as the kernel says it; memory that only looks like a file; terminals. */
static int tidy_special(struct act *a)
{
        static const char deleted[] = " (deleted)";

        if (a->flags & ACT_GONE && text_ends(a->text, deleted))
                a->text[strlen(a->text) - strlen(deleted)] = '\0';
        if (text_starts(a->text, "/memfd:") && a->text[7]) {
                a->text[7] = '\0';
                a->flags |= ACT_GENERAL;
        } else if (text_starts(a->text, "/dev/pts/") && a->text[9] &&
                   !a->text[9 + digits_at(a->text + 9)]) {
                a->text[8] = '\0';
                a->flags |= ACT_GENERAL;
        }
        return 0;
}

/* "@/tmp/.x-0a9f": the whole name is one word to the kernel. */
static int tidy_abstract(struct act *a)
{
        bool autobound = strlen(a->text) == 6 && strspn(a->text + 1, "0123456789abcdef") == 5;

        if (!autobound && !name_is_random(a->text + 1, strlen(a->text + 1),
                                          a->kind == ACT_BIND ? NAME_MADE : NAME_FOUND))
                return 0;
        a->text[1] = '\0';
        a->flags |= ACT_GENERAL;
        return 0;
}

static int tidy_text(struct act *a)
{
        if ((a->kind == ACT_BIND || a->kind == ACT_CONNECT || a->kind == ACT_PEER) &&
            a->a == AF_UNIX && a->text && a->text[0] == '@')
                return tidy_abstract(a);
        if (!is_file_like(a))
                return 0;
        tidy_special(a);
        return text_starts(a->text, "/proc/") ? tidy_proc(a) : 0;
}

/* Where names with numbers are the names of things: devices, versions of a library, accounts. */
static bool is_named_by_hand(const char *path)
{
        static const char *const folders[] = { "/usr", "/etc",  "/lib",  "/lib64", "/bin", "/sbin",
                                               "/opt", "/boot", "/home", "/root",  "/dev" };

        for (size_t i = 0; i < COUNT(folders); i++)
                if (path_starts(path, folders[i]))
                        return !path_starts(path, "/dev/shm");
        return false;
}

static bool is_temporary_folder(const char *path)
{
        return path_starts(path, "/tmp") || path_starts(path, "/var/tmp") ||
               path_starts(path, "/dev/shm");
}

/* Length of the folder that holds the first name that is different each time; 0: there is none.
 * fate: of the last name. */
static size_t find_random(const char *path, enum name_fate fate)
{
        bool hand = is_named_by_hand(path), temporary = is_temporary_folder(path);

        if (path_starts(path, "/proc") || path_starts(path, "/sys"))
                return 0;
        for (const char *name = path + 1; *name;) {
                size_t n = strcspn(name, "/");
                bool own = fate != NAME_FOUND && !name[n];

                if ((own || !hand) && name_is_random(name, n,
                                                     own         ? fate
                                                     : temporary ? NAME_MADE
                                                                 : NAME_FOUND))
                        return name == path + 1 ? 1 : (size_t)(name - path) - 1;
                name += n + (name[n] == '/');
        }
        return 0;
}

static void cut_to_folder(struct act *a, size_t length)
{
        a->text[length] = '\0';
        a->flags |= ACT_GENERAL;
        a->flags &= ~(unsigned)(ACT_GONE | ACT_TEMPORARY);
}

static size_t parent_length(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash == path ? 1 : (size_t)(slash - path);
}

/* All that was done to one path: acts of one kind, next to each other. */
struct group {
        struct act *list;
        size_t n;
        bool made, named, removed;
};

static struct group group_at(struct behaviour *b, size_t i)
{
        struct group g = { .list = &b->acts[i], .n = 1 };

        while (i + g.n < b->act_count && g.list[g.n].kind == g.list->kind &&
               path_compare(g.list[g.n].text, g.list->text) == 0)
                g.n++;
        for (size_t j = 0; j < g.n; j++) {
                const struct act *a = &g.list[j];
                bool particular = !(a->flags & ACT_GENERAL);

                if (a->kind == ACT_PATH && a->error == 0 && particular) {
                        g.made = g.made || a->a & ACCESS_CREATE;
                        g.removed = g.removed || a->a & ACCESS_DELETE;
                }
                g.made = g.made || (a->kind == ACT_BIND && particular);
                g.named = g.named || !(a->flags & (ACT_GONE | ACT_GENERAL));
        }
        return g;
}

/* The group's text is changed, so folder's names are told by the folder alone. */
static void tidy_group(struct group *g, size_t random)
{
        for (size_t i = 0; i < g->n; i++) {
                struct act *a = &g->list[i];

                if (a->flags & ACT_GENERAL || is_node(a))
                        continue;
                if (random)
                        cut_to_folder(a, random);
                else if (a->flags & ACT_GONE && g->named)
                        a->flags &= ~(unsigned)ACT_GONE; /* it has one in other acts */
                else if (a->flags & ACT_GONE && a->kind == ACT_PATH)
                        cut_to_folder(a, parent_length(a->text));
                if (a->kind == ACT_PATH && g->made && g->removed && !(a->flags & ACT_GENERAL))
                        a->flags |= ACT_TEMPORARY;
        }
}

/* Acts are sorted, so what lies in a folder follows it: what one folder of a random name holds
 * goes with it. */
static int tidy_names(struct behaviour *b)
{
        scoped(mem_freep) char *cut = NULL; /* the last random name */
        size_t keep = 0;                    /* of which its folder has so many characters */

        for (size_t i = 0; i < b->act_count;) {
                struct group g = group_at(b, i);
                const char *text = g.list->text;
                size_t random = 0;

                i += g.n;
                if (!is_file_like(g.list))
                        continue;
                if (cut && path_starts(text, cut))
                        random = keep;
                else
                        random = find_random(text, !g.made     ? NAME_FOUND
                                                   : g.removed ? NAME_FLEETING
                                                               : NAME_MADE);
                if (random && !(cut && path_starts(text, cut))) {
                        free(cut);
                        cut = strdup(text);
                        keep = random;
                        if (!cut)
                                return -ENOMEM;
                }
                tidy_group(&g, random);
        }
        return tidy_same(b);
}

/* ---- the whole ---- */

static int by_act(const void *a, const void *b)
{
        return act_compare(a, b);
}

int tidy_same(struct behaviour *b)
{
        size_t kept = 0;

        behaviour_stale(b);
        if (b->act_count > 1)
                qsort(b->acts, b->act_count, sizeof(*b->acts), by_act);
        for (size_t i = 0; i < b->act_count; i++) {
                if (kept && act_same(&b->acts[kept - 1], &b->acts[i]))
                        act_absorb(&b->acts[kept - 1], &b->acts[i]);
                else if (kept++ != i)
                        b->acts[kept - 1] = b->acts[i];
        }
        b->act_count = kept;
        b->sorted = true;
        return 0;
}

/* Whether it is one of few by its nature, so that it is the last to be let go. */
static bool is_telling(const struct act *a)
{
        switch (a->kind) {
        case ACT_PATH:
        case ACT_CONNECT:
        case ACT_PEER:
        case ACT_BIND:
        case ACT_ARGS:
                return false;
        case ACT_EXEC:
                return a->a & (GAIN_SETUID | GAIN_SETGID | GAIN_FILECAPS);
        case ACT_CALL:
        case ACT_SOCKET:
        case ACT_CAP:
        case ACT_SIGNAL:
        case ACT_KILLED:
        case ACT_REFUSED:
        case ACT_FOREIGN:
        case ACT_KINDS:
                break;
        }
        return true;
}

static int by_worth(const void *a, const void *b)
{
        const struct act *x = a, *y = b;
        int r = (int)is_telling(y) - (int)is_telling(x);

        if (r == 0)
                r = (x->error != 0) - (y->error != 0);
        if (r == 0)
                r = (x->count < y->count) - (x->count > y->count);
        return r ? r : act_compare(x, y);
}

/* What does not fit is counted as lost, and the last session says so. */
static int drop_rarest(struct behaviour *b)
{
        size_t dropped = b->act_count - BEHAVIOUR_ACTS;
        struct session *last, none = { 0 };
        int r = b->session_count ? 0 : behaviour_add_session(b, &none);

        if (r < 0)
                return r;
        last = &b->sessions[b->session_count - 1];
        r = strv_addf(&last->notes, "%zu of %zu different acts were the rarest and not kept",
                      dropped, b->act_count);
        if (r < 0)
                return r;
        last->lost = count_sum(last->lost, dropped);
        qsort(b->acts, b->act_count, sizeof(*b->acts), by_worth);
        for (size_t i = BEHAVIOUR_ACTS; i < b->act_count; i++)
                act_done(&b->acts[i]);
        b->act_count = BEHAVIOUR_ACTS;
        return tidy_same(b);
}

int behaviour_tidy(struct behaviour *b, struct port_span ports)
{
        static const size_t limits[] = { BEHAVIOUR_NAMES, BEHAVIOUR_NAMES / 4, 1 };
        int r = 0;

        behaviour_stale(b);
        for (size_t i = 0; i < b->act_count && r == 0; i++)
                r = tidy_text(&b->acts[i]);
        if (r == 0)
                r = tidy_same(b);
        if (r == 0)
                r = tidy_names(b);
        if (r == 0)
                r = tidy_network(b, ports);
        for (size_t i = 0; i < COUNT(limits) && r == 0; i++)
                if (i == 0 || b->act_count > BEHAVIOUR_ACTS)
                        r = tidy_folders(b, limits[i]);
        if (r == 0 && b->act_count > BEHAVIOUR_ACTS)
                r = drop_rarest(b);
        return r == 0 ? tidy_sessions(b) : r;
}
