/* behaviour_folders.c - a folder of which many names were used is meant as a whole. */
#include "core/observe/behaviour_private.h"

#include "core/base/base.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Which part of these was used decides a directive: only files that lie in them directly are
 * taken together, never their folders. */
static const char *const tops[] = { "",      "/etc", "/usr",  "/var", "/run", "/home",
                                    "/root", "/dev", "/proc", "/sys", "/mnt", "/media" };

static bool is_top(const char *path, size_t length)
{
        for (size_t i = 0; i < COUNT(tops); i++)
                if (strlen(tops[i]) == length && strncmp(tops[i], path, length) == 0)
                        return true;
        return false;
}

/* A node is a thing of its own, wherever it lies. */
static bool is_node(const struct act *a)
{
        return S_ISCHR(a->mode) || S_ISBLK(a->mode);
}

static bool has_path(const struct act *a)
{
        switch (a->kind) {
        case ACT_PATH:
        case ACT_EXEC:
        case ACT_BIND:
        case ACT_CONNECT:
                return a->text && a->text[0] == '/' && !is_node(a);
        case ACT_CALL:
        case ACT_ARGS:
        case ACT_SOCKET:
        case ACT_PEER:
        case ACT_CAP:
        case ACT_SIGNAL:
        case ACT_KILLED:
        case ACT_REFUSED:
        case ACT_FOREIGN:
        case ACT_KINDS:
                break;
        }
        return false;
}

/* As act_compare(), but for the text, which comes last; nothing tells general from particular. */
static int compare_uses(const struct act *a, const struct act *b)
{
        struct act x = *a, y = *b;

        x.text = y.text = NULL;
        x.flags &= ~(unsigned)ACT_GENERAL;
        y.flags &= ~(unsigned)ACT_GENERAL;
        return act_compare(&x, &y);
}

static int by_use(const void *a, const void *b)
{
        const struct act *x = a, *y = b;
        int r = (int)has_path(y) - (int)has_path(x);

        if (r == 0)
                r = compare_uses(x, y);
        return r ? r : path_compare(x->text, y->text);
}

/* The name that follows the folder of that length in a path; its length. */
static size_t name_after(const struct act *a, size_t folder)
{
        return a->text[folder] ? strcspn(a->text + folder + 1, "/") : 0;
}

static bool same_name(const struct act *a, const struct act *b, size_t folder)
{
        size_t n = name_after(a, folder);

        return b->text[folder] && n == name_after(b, folder) &&
               strncmp(a->text + folder + 1, b->text + folder + 1, n) == 0;
}

static void make_general(struct act *a, size_t folder)
{
        a->text[folder ? folder : 1] = '\0';
        a->flags |= ACT_GENERAL;
}

/* Whether the i-th of n, sorted, is a name of the folder in which nothing else lies. */
static bool is_leaf(const struct act *list, size_t n, size_t i, size_t folder)
{
        size_t end = folder + 1 + name_after(&list[i], folder);

        return list[i].text[folder] && list[i].text[folder + 1] && !list[i].text[end] &&
               !(list[i].flags & ACT_GENERAL) &&
               (i + 1 == n || !same_name(&list[i], &list[i + 1], folder));
}

/* In a top folder: the files, if they are many. */
static void collapse_leaves(struct act *list, size_t n, size_t folder, size_t limit)
{
        size_t leaves = 0;

        for (size_t i = 0; i < n; i++)
                leaves += is_leaf(list, n, i, folder);
        /* Backwards: whether one is a leaf depends on those behind it. */
        for (size_t i = n; leaves > limit && i-- > 0;)
                if (is_leaf(list, n, i, folder))
                        make_general(&list[i], folder);
}

static size_t count_names(const struct act *list, size_t n, size_t folder)
{
        size_t names = 0;

        for (size_t i = 0; i < n; i++)
                if (list[i].text[folder] && (i == 0 || !same_name(&list[i], &list[i - 1], folder)))
                        names++;
        return names;
}

/* list: n acts of one use, sorted by path, at or below the folder that the first so many
 * characters name.  It descends as long as enough acts are left to be taken together. */
static void collapse(struct act *list, size_t n, size_t folder, size_t limit)
{
        bool top;
        size_t next;

        if (n <= limit)
                return;
        top = is_top(list[0].text, folder);
        if (!top && count_names(list, n, folder) > limit) {
                for (size_t i = 0; i < n; i++)
                        if (list[i].text[folder])
                                make_general(&list[i], folder);
                return;
        }
        for (size_t i = 0; i < n; i = next) {
                next = i + 1;
                if (!list[i].text[folder] || !list[i].text[folder + 1])
                        continue; /* the folder itself; "/" */
                while (next < n && same_name(&list[i], &list[next], folder))
                        next++;
                collapse(list + i, next - i, folder + 1 + name_after(&list[i], folder), limit);
        }
        if (top)
                collapse_leaves(list, n, folder, limit);
}

int tidy_folders(struct behaviour *b, size_t limit)
{
        size_t next;

        if (b->act_count > 1)
                qsort(b->acts, b->act_count, sizeof(*b->acts), by_use);
        for (size_t i = 0; i < b->act_count && has_path(&b->acts[i]); i = next) {
                next = i + 1;
                while (next < b->act_count && has_path(&b->acts[next]) &&
                       compare_uses(&b->acts[i], &b->acts[next]) == 0)
                        next++;
                collapse(b->acts + i, next - i, 0, limit);
        }
        return tidy_same(b);
}
