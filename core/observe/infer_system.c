/* infer_system.c - ProtectSystem=, together with the holes that it needs. */
#include "core/observe/infer_paths.h"

#include "core/base/text.h"

#include <string.h>

static const char *const levels[] = {
        [REACH_SYSTEM] = "yes", [REACH_ETC] = "full", [REACH_ALL] = "strict"
};

static bool any_hole(const struct holes *h)
{
        for (size_t i = 0; i < DIRS_COUNT; i++)
                if (h->dirs[i])
                        return true;
        return h->paths != NULL;
}

static int advise_directories(struct inference *in, const struct holes *h)
{
        for (size_t i = 0; i < DIRS_COUNT; i++) {
                int r;

                if (h->dirs[i])
                        r = advise_safe(in, kept_directories[i].id, BASIS_FILES, h->dirs[i],
                                        h->witness,
                                        "it writes there and systemd can keep the folder for it");
                else
                        r = advise_safe(in, kept_directories[i].id, BASIS_FILES, NULL, NULL,
                                        "it needs no other folder below %s than it has",
                                        kept_directories[i].folder);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Whether that level of ProtectSystem= makes the folder read-only. */
static bool is_reached(const char *path, enum reach reach)
{
        static const char *const system[] = { "/boot", "/efi", "/usr" };

        for (size_t i = 0; i < COUNT(system); i++)
                if (word_covers(system[i], path))
                        return true;
        if (word_covers("/etc", path))
                return reach >= REACH_ETC;
        /* Everybody's scratch folders may be private ones, which are to stay writable. */
        return reach == REACH_ALL && !word_covers("/dev", path) && !word_covers("/tmp", path);
}

static bool is_hole(const struct holes *h, const char *path)
{
        for (char **hole = h->paths; hole && *hole; hole++)
                if (strcmp(*hole + strspn(*hole, "+-"), path) == 0)
                        return true;
        return h->run && strcmp(path, "/run") == 0;
}

/* systemd leaves a path that has a line of its own out of what ProtectSystem= makes read-only
 * (measured with 252): with NoExecPaths=/var all of /var would be writable again. */
static int close_named(const struct inference *in, const struct holes *h, enum reach reach,
                       char ***lines)
{
        const struct advice *a = &in->ret->list[D_NoExecPaths];
        int r = 0;

        if (a->verdict != ADVICE_SAFE || !a->value.set)
                return 0;
        for (char **word = a->value.words; r == 0 && word && *word; word++) {
                const char *path = *word + strspn(*word, "+-");

                if (is_reached(path, reach) && !is_hole(h, path) && !place_is_open(in, path) &&
                    !strv_has(*lines, *word))
                        r = strv_add(lines, *word);
        }
        return r;
}

/* Where strict leaves /run writable although it should not be (other directives bring
 * MountAPIVFS= along), this closes it; and with a hole for all of /run, what systemd reads units
 * from is shut again. */
static int advise_read_only(struct inference *in, const struct holes *h, enum reach reach)
{
        scoped(strv_freep) char **lines = NULL;
        bool run = reach == REACH_ALL && in->o->unit->scope == SCOPE_SYSTEM &&
                   !(h->run && find_path(in, "/run/systemd", ACCESS_WRITES));
        int r = run ? strv_add(&lines, h->run ? "-/run/systemd" : "-/run") : 0;

        if (r == 0 && in->o->unit->scope == SCOPE_SYSTEM)
                r = close_named(in, h, reach, &lines);
        if (r < 0)
                return r;
        if (!lines)
                return advise_unknown(in, D_ReadOnlyPaths, NULL, NULL,
                                      "ProtectSystem= makes read-only what can be");
        if (lines[1] || !run)
                return advise_safe(in, D_ReadOnlyPaths, BASIS_FILES, lines, NULL,
                                   "it writes nothing there; ProtectSystem= alone leaves writable "
                                   "what NoExecPaths= or a mount names");
        return advise_safe(in, D_ReadOnlyPaths, BASIS_FILES, lines, NULL,
                           h->run ? "it writes nothing where systemd keeps its own files"
                                  : "ProtectSystem=strict alone leaves /run writable when other "
                                    "directives mount file systems");
}

static int advise_holes(struct inference *in, const struct holes *h, enum reach reach)
{
        int r;

        if (h->paths)
                r = advise_safe(in, D_ReadWritePaths, BASIS_FILES, h->paths, h->witness,
                                "it writes there");
        else
                r = advise_safe(in, D_ReadWritePaths, BASIS_FILES, NULL, NULL, "%s",
                                any_hole(h) ? "other directives keep open what it writes"
                                            : "it wrote nothing that has to be kept open");
        if (r == 0)
                r = advise_directories(in, h);
        if (r == 0)
                r = advise_read_only(in, h, reach);
        return r;
}

static int advise_level(struct inference *in, const struct holes *h, enum reach reach,
                        const struct holes *next)
{
        static const char *const nothing[] = {
                [REACH_SYSTEM] = "it wrote nothing below /usr or /boot",
                [REACH_ETC] = "it wrote nothing below /usr, /boot or /etc",
                [REACH_ALL] = "it wrote nothing outside /dev, /proc and /sys",
        };
        char *const lines[] = { (char *)levels[reach], NULL };

        if (next->impossible)
                return advise_safe(in, D_ProtectSystem, BASIS_FILES, lines, next->impossible,
                                   "no stricter than that, as %s", next->why);
        if (any_hole(h))
                return advise_safe(in, D_ProtectSystem, BASIS_FILES, lines, h->witness,
                                   "what it writes lies in a few places, which are kept writable");
        return advise_safe(in, D_ProtectSystem, BASIS_FILES, lines, NULL, "%s", nothing[reach]);
}

static int advise_open(struct inference *in, const struct holes *h)
{
        char *const lines[] = { (char *)levels[REACH_SYSTEM], NULL };
        const struct holes none = { 0 };
        int r = advise_breaks(in, D_ProtectSystem, BASIS_FILES, lines, h->impossible, "%s", h->why);

        return r < 0 ? r : advise_holes(in, &none, REACH_SYSTEM);
}

static int find_level(struct inference *in, struct holes *ret, struct holes *ret_next,
                      enum reach *ret_reach)
{
        for (int reach = REACH_ALL; reach >= REACH_SYSTEM; reach--) {
                struct holes h = { 0 };
                int r = holes_find(in, (enum reach)reach, &h);

                if (r < 0)
                        return r;
                if (!h.impossible) {
                        *ret = h;
                        *ret_reach = (enum reach)reach;
                        return 0;
                }
                holes_done(ret_next);
                *ret_next = h;
        }
        return 1;
}

int infer_system(struct inference *in)
{
        scoped(holes_done) struct holes h = { 0 }, next = { 0 };
        enum reach reach = REACH_SYSTEM;
        int r = find_level(in, &h, &next, &reach);

        if (r < 0)
                return r;
        if (r == 1)
                return advise_open(in, &next);
        r = advise_level(in, &h, reach, &next);
        return r < 0 ? r : advise_holes(in, &h, reach);
}

int infer_holes(struct inference *in)
{
        const struct advice *a = &in->ret->list[D_ProtectSystem];
        enum advice_verdict before = in->ret->list[D_ReadWritePaths].verdict;
        scoped(holes_done) struct holes h = { 0 };
        int r;

        /* PrivateTmp= may have been taken back, and with it the /tmp that strict left writable. */
        if (a->verdict != ADVICE_SAFE || !a->changes || before != ADVICE_SAFE ||
            strcmp(a->value.words[0], levels[REACH_ALL]) != 0)
                return 0;
        r = holes_find(in, REACH_ALL, &h);
        if (r == 0 && h.paths)
                r = advise_safe(in, D_ReadWritePaths, BASIS_FILES, h.paths, h.witness,
                                "it writes there");
        return r;
}
