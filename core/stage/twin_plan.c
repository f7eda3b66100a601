/* twin_plan.c - from mountinfo to a list of what the twin covers, and how. */
#include "core/stage/twin_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

/* Not files of the machine but windows into the kernel: nspawn brings the twin's own.  An
 * autofs must not be touched, or it mounts something. */
static const char *const windows[] = {
        "autofs",     "binfmt_misc", "bpf",        "cgroup",
        "cgroup2",    "configfs",    "debugfs",    "devpts",
        "devtmpfs",   "efivarfs",    "functionfs", "fuse.portal",
        "fusectl",    "hugetlbfs",   "mqueue",     "nfsd",
        "nsfs",       "proc",        "pstore",     "resctrl",
        "rpc_pipefs", "securityfs",  "selinuxfs",  "smackfs",
        "sysfs",      "tracefs",     "rootfs",     "fuse.gvfsd-fuse",
};

/* Folders that are fresh in every boot. */
static const char *const fresh[] = { "/proc", "/sys", "/dev", "/run", "/tmp" };

static const struct {
        const char *option;
        unsigned long flag;
} flags[] = {
        { "ro", MS_RDONLY },
        { "nosuid", MS_NOSUID },
        { "nodev", MS_NODEV },
        { "noexec", MS_NOEXEC },
};

/* The path behind folder, "" for folder itself, NULL if path is elsewhere. */
static const char *path_below(const char *path, const char *folder)
{
        size_t n = strlen(folder);

        while (n > 0 && folder[n - 1] == '/')
                n--;
        if (strncmp(path, folder, n) != 0 || (path[n] && path[n] != '/'))
                return NULL;
        return path + n;
}

static bool is_window(const char *type)
{
        for (size_t i = 0; i < COUNT(windows); i++)
                if (strcmp(windows[i], type) == 0)
                        return true;
        return false;
}

static bool is_fresh(const char *point)
{
        for (size_t i = 0; i < COUNT(fresh); i++)
                if (path_below(point, fresh[i]))
                        return true;
        return false;
}

/* The kernel writes blanks and the like as \040. */
static char *unescape(const char *field)
{
        char *out = strdup(field);
        char *to = out;

        if (!out)
                return NULL;
        for (const char *from = field; *from;) {
                if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
                    from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
                        *to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
                                       (from[3] - '0'));
                        from += 4;
                } else
                        *to++ = *from++;
        }
        *to = '\0';
        return out;
}

static unsigned long flags_of(const char *options)
{
        unsigned long found = 0;

        for (const char *at = options; *at; at += strspn(at, ",")) {
                size_t n = strcspn(at, ",");

                for (size_t i = 0; i < COUNT(flags); i++)
                        if (strlen(flags[i].option) == n && strncmp(at, flags[i].option, n) == 0)
                                found |= flags[i].flag;
                at += n;
        }
        return found;
}

static void row_done(struct plan_row *row)
{
        free(row->point);
        free(row->device);
        free(row->part);
        free(row->type);
        free(row->inside);
        *row = (struct plan_row){ 0 };
}

/* 0; 1: no line of mountinfo; -ENOMEM. */
static int row_parse(const char *line, struct plan_row *ret)
{
        scoped(strv_freep) char **fields = NULL;
        struct plan_row row = { 0 };
        size_t n, dash = 6;
        int r = strv_split(line, " ", &fields);

        if (r < 0)
                return r;
        n = strv_length(fields);
        while (dash < n && strcmp(fields[dash], "-") != 0)
                dash++;
        if (n < 7 || dash + 2 >= n)
                return 1;
        row.id = atoi(fields[0]);
        row.device = strdup(fields[2]);
        row.part = unescape(fields[3]);
        row.point = unescape(fields[4]);
        row.type = unescape(fields[dash + 1]);
        row.flags = flags_of(fields[5]);
        if (dash + 3 < n)
                row.flags |= flags_of(fields[dash + 3]) & MS_RDONLY;
        if (!row.device || !row.part || !row.point || !row.type) {
                row_done(&row);
                return -ENOMEM;
        }
        *ret = row;
        return 0;
}

static int rows_add(struct plan *p, struct plan_row *row)
{
        struct plan_row *more = realloc(p->rows, (p->count + 1) * sizeof(*more));

        if (!more) {
                row_done(row);
                return -ENOMEM;
        }
        p->rows = more;
        p->rows[p->count++] = *row;
        *row = (struct plan_row){ 0 };
        return 0;
}

void plan_done(struct plan *p)
{
        for (size_t i = 0; i < p->count; i++)
                row_done(&p->rows[i]);
        free(p->rows);
        *p = (struct plan){ 0 };
}

static int rows_parse(const char *text, struct plan *ret)
{
        scoped(strv_freep) char **lines = NULL;
        int r = strv_split(text, "\n", &lines);

        for (char **line = lines; r >= 0 && line && *line; line++) {
                struct plan_row row;

                r = row_parse(*line, &row);
                if (r == 0)
                        r = rows_add(ret, &row);
        }
        return r < 0 ? r : 0;
}

/* The first row: whatever the tree itself lies on. */
static int add_base(const struct plan *all, const char *tree, struct plan *ret)
{
        const struct plan_row *on = NULL;
        const char *rest = "";
        struct plan_row row = { 0 };

        for (size_t i = 0; i < all->count; i++) {
                const char *below = path_below(tree, all->rows[i].point);

                if (!below || (on && strlen(all->rows[i].point) < strlen(on->point)))
                        continue;
                on = &all->rows[i];
                rest = below;
        }
        if (!on)
                return -ENOENT;
        row.point = strdup("/");
        row.device = strdup(on->device);
        row.type = strdup(on->type);
        row.part = text_format("%s%s", strcmp(on->part, "/") == 0 && *rest ? "" : on->part, rest);
        row.id = *rest ? 0 : on->id;
        /* The twin has to be able to write there, or it would not come up. */
        row.flags = on->flags & ~(unsigned long)(MS_RDONLY | MS_NOEXEC | MS_NOSUID | MS_NODEV);
        if (strcmp(tree, "/") == 0)
                row.flags = on->flags & ~(unsigned long)MS_RDONLY;
        if (row.point && row.device && row.type && row.part)
                return rows_add(ret, &row);
        row_done(&row);
        return -ENOMEM;
}

static int add_others(struct plan *all, const char *tree, struct plan *ret)
{
        for (size_t i = 0; i < all->count; i++) {
                struct plan_row *row = &all->rows[i];
                const char *below = path_below(row->point, tree);
                char *point;
                int r;

                if (!below || !*below || strcmp(below, "/") == 0 || is_window(row->type) ||
                    is_fresh(below))
                        continue;
                point = strdup(below);
                if (!point)
                        return -ENOMEM;
                free(row->point);
                row->point = point;
                r = rows_add(ret, row);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int by_point(const void *a, const void *b)
{
        const struct plan_row *x = a, *y = b;
        int order = strcmp(x->point, y->point);

        return order ? order : (x->id > y->id) - (x->id < y->id);
}

/* A bind mount shows files that another row has as well: what is written by one way must be
 * seen by the other. */
static int find_same(struct plan *p, size_t i)
{
        struct plan_row *row = &p->rows[i];

        row->cover = row->flags & MS_RDONLY ? COVER_LOWER : COVER_OVERLAY;
        for (size_t j = 0; j < i; j++) {
                const struct plan_row *other = &p->rows[j];
                const char *below;

                if (other->cover != COVER_OVERLAY || strcmp(other->device, row->device) != 0 ||
                    strcmp(other->point, row->point) == 0)
                        continue;
                below = path_below(row->part, other->part);
                if (!below)
                        continue;
                row->inside = strdup(below + strspn(below, "/"));
                if (!row->inside)
                        return -ENOMEM;
                row->cover = COVER_SAME;
                row->same = j;
                return 0;
        }
        return 0;
}

int plan_make(const char *text, const char *tree, struct plan *ret)
{
        scoped(plan_done) struct plan all = { 0 };
        struct plan p = { 0 };
        int r;

        r = rows_parse(text, &all);
        if (r == 0)
                r = add_base(&all, tree, &p);
        if (r == 0)
                r = add_others(&all, tree, &p);
        if (r == 0 && p.count > 1)
                qsort(p.rows + 1, p.count - 1, sizeof(*p.rows), by_point);
        for (size_t i = 0; r == 0 && i < p.count; i++)
                r = find_same(&p, i);
        if (r < 0) {
                plan_done(&p);
                return r;
        }
        *ret = p;
        return 0;
}
