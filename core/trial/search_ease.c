/* search_ease.c - from what was refused to the least looser value that lets it through.
 *
 * Nothing here goes beyond what the unit may do now: where the way leads there, the denial does not
 * say how, and the directive is given back as a whole. */
#include "core/trial/search_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/trial_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct easing {
        struct engine *en;
        size_t item;
        const struct denial *d;
        char **ret_what;
};

static struct item *item_of(const struct easing *x)
{
        return &x->en->items[x->item];
}

/* Takes v over.  1: that is the item's value now; 0: it is none, since it would not tighten. */
static int aim_at(const struct easing *x, struct value *v, const char *what)
{
        struct item *it = item_of(x);

        if (value_equal(v, &it->aim) || !item_tightens(x->en, it, v)) {
                value_done(v);
                return 0;
        }
        value_done(&it->aim);
        it->aim = *v;
        *v = (struct value){ 0 };
        *x->ret_what = strdup(what);
        return *x->ret_what ? 1 : -ENOMEM;
}

/* The next looser choice. */
static int step_down(const struct easing *x)
{
        struct item *it = item_of(x);
        const struct directive *d = directive_at(it->id);
        const struct dialect *dialect = x->en->o->trial.dialect;
        scoped(rungs_done) struct rungs rungs = { .count = 0 };
        struct value v = { 0 };
        scoped(mem_freep) char *shown = NULL;
        int r = rungs_between(item_own(x->en, it), &it->aim, d, dialect, &rungs);

        if (r < 0 || rungs.count == 0)
                return r;
        r = value_copy(&rungs.list[0], &v);
        if (r < 0)
                return r;
        shown = value_show(&v, d, dialect);
        return aim_at(x, &v, shown ? shown : "a looser value");
}

/* ---- sets ---- */

/* A message says what was being done, not the capability or the calls for it. */
static const struct operation *operation_named(const char *name)
{
        for (int i = OPERATION_NONE + 1; name && i < OPERATION_COUNT; i++)
                if (strcmp(operation_at((enum operation_id)i)->name, name) == 0)
                        return operation_at((enum operation_id)i);
        return NULL;
}

static const char *capability_behind(const char *name)
{
        const struct operation *operation = operation_named(name);

        return operation ? operation->capability : NULL;
}

static int ease_capability(const struct easing *x)
{
        const struct item *it = item_of(x);
        const char *name = x->d->capability ? x->d->capability : capability_behind(x->d->call);
        int number = name ? capability_number(name) : -1;
        struct value v = { .set = true, .bits = it->aim.bits };

        if (number < 0 || number > 63 || !it->aim.set)
                return 0;
        v.bits |= UINT64_C(1) << number;
        return aim_at(x, &v, name);
}

/* A list that allows gains the word, one that denies loses it. */
static int let_through(const struct easing *x, const char *word, bool call)
{
        const struct item *it = item_of(x);
        scoped(value_done) struct value v = { .set = true, .allow = it->aim.allow };
        size_t n = strlen(word);
        int r = 0;

        for (char **w = it->aim.words; r == 0 && w && *w; w++)
                if (strcmp(*w, word) != 0 && !(call && strncmp(*w, word, n) == 0 && (*w)[n] == ':'))
                        r = strv_add(&v.words, *w);
        if (r == 0 && v.allow)
                r = strv_add(&v.words, word);
        if (r < 0)
                return r;
        strv_sort(v.words);
        r = aim_at(x, &v, word);
        v = (struct value){ 0 };
        return r;
}

/* All the calls that may be behind it. */
static int ease_operation(const struct easing *x)
{
        const struct operation *operation = operation_named(x->d->call);
        scoped(strv_freep) char **calls = NULL;
        int r = operation ? strv_split(operation->calls, " ", &calls) : 0, eased = 0;

        for (char **w = calls; r >= 0 && w && *w; w++) {
                free(*x->ret_what);
                *x->ret_what = NULL;
                r = let_through(x, *w, true);
                eased = eased || r > 0;
        }
        if (r < 0 || !eased)
                return r < 0 ? r : 0;
        free(*x->ret_what);
        *x->ret_what = strdup(operation->calls);
        return *x->ret_what ? 1 : -ENOMEM;
}

static int ease_call(const struct easing *x)
{
        const char *call = x->d->call ? syscall_spelling(x->d->call) : NULL;

        if (!item_of(x)->aim.set)
                return 0;
        if (!call || syscall_index(call) < 0)
                return ease_operation(x);
        return let_through(x, call, true);
}

/* "AF_NETLINK" somewhere in a sentence. */
static const char *family_in(const char *text)
{
        char word[32];

        for (const char *at = text; at && (at = strstr(at, "AF_")); at += 3) {
                size_t n = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

                if (n >= sizeof(word))
                        continue;
                memcpy(word, at, n);
                word[n] = '\0';
                if (family_canonical(word))
                        return family_canonical(word);
        }
        return NULL;
}

static int ease_family(const struct easing *x)
{
        const char *const texts[] = { x->d->path, x->d->key, x->d->message };
        const char *family = NULL;

        for (size_t i = 0; !family && i < COUNT(texts); i++)
                family = family_in(texts[i]);
        return family && item_of(x)->aim.set ? let_through(x, family, false) : 0;
}

static int ease_namespace(const struct easing *x)
{
        const struct item *it = item_of(x);
        const struct deed *deed = &x->d->deed;
        bool flags = x->d->call &&
                     (strcmp(x->d->call, "unshare") == 0 || strcmp(x->d->call, "clone") == 0);
        uint64_t wanted = flags && deed->kind == ACT_ARGS
                                  ? deed->a & namespace_all(x->en->o->trial.dialect)
                                  : 0;
        struct value v = { .set = true, .bits = it->aim.bits | wanted };

        return wanted && it->aim.set ? aim_at(x, &v, "a namespace of its own") : 0;
}

/* ---- holes ---- */

/* Adds a word to what is let through beside the item.  1, or 0: not to be had. */
static int open_hole(const struct easing *x, enum directive_id hole, const char *word)
{
        size_t at = 0;
        struct value v = { 0 };
        int r;

        if (!hole_allowed(x->en, hole, word) ||
            !directive_known_to(directive_at(hole), x->en->o->trial.dialect->version))
                return 0;
        r = item_hole(x->en, hole, &at); /* items may have moved */
        if (r < 0)
                return r;
        if (!x->en->items[at].hole || (!x->en->items[at].literal && strchr(word, '%')) ||
            strv_has(x->en->items[at].aim.words, word))
                return 0;
        r = value_copy(&x->en->items[at].aim, &v);
        v.set = true;
        if (r == 0)
                r = strv_add(&v.words, word);
        if (r < 0) {
                value_done(&v);
                return r;
        }
        value_done(&x->en->items[at].aim);
        x->en->items[at].aim = v;
        *x->ret_what = text_format("%s=%s", directive_at(hole)->name, word);
        return *x->ret_what ? 1 : -ENOMEM;
}

static bool is_there(const struct easing *x, const char *path)
{
        int fd = open_in_root(x->en->o->trial.root, path, O_PATH);

        if (fd >= 0)
                close(fd);
        return fd >= 0;
}

/* A hole of that size would leave nothing of the wall. */
static bool is_wide(const char *path)
{
        static const char *const wide[] = { "/", "/etc", "/usr", "/boot", "/efi", "/proc", "/sys" };

        for (size_t i = 0; i < COUNT(wide); i++)
                if (strcmp(path, wide[i]) == 0)
                        return true;
        return false;
}

/* Cuts the last name off; false: nothing is left. */
static bool go_up(char *path)
{
        char *slash = strrchr(path, '/');

        if (!slash || slash == path)
                return false;
        *slash = '\0';
        return true;
}

/* Names are made and removed in folders. */
static bool is_of_folder(const struct denial *d)
{
        static const char *const calls[] = { "mkdir",    "mkdirat", "rmdir",    "unlink",
                                             "unlinkat", "rename",  "renameat", "renameat2",
                                             "link",     "linkat",  "symlink",  "symlinkat",
                                             "mknod",    "mknodat", "bind",     "creat" };

        for (size_t i = 0; d->call && i < COUNT(calls); i++)
                if (strcmp(d->call, calls[i]) == 0)
                        return true;
        return false;
}

static bool is_covered(const struct easing *x, const char *path)
{
        const struct item *hole = item_find(x->en, D_ReadWritePaths);
        const struct value *now = hole ? &hole->aim
                                       : &x->en->o->trial.unit->settings[D_ReadWritePaths].value;

        for (char **w = now->words; w && *w; w++)
                if (strcmp(*w + strspn(*w, "-+"), path) == 0)
                        return true;
        return false;
}

/* Logs and the like are replaced by new files: the folder is what is written, unless it is shared
 * with everybody. */
static void to_folder(const struct easing *x, char *path)
{
        static const char *const shared[] = { "/var/log", "/var/lib", "/var/spool", "/var/cache",
                                              "/var",     "/run",     "/home",      "/root",
                                              "/srv",     "/opt",     "/tmp",       "/var/tmp",
                                              "/dev",     "/mnt",     "/media" };
        char *slash = strrchr(path, '/');
        int fd = open_in_root(x->en->o->trial.root, path, O_PATH | O_DIRECTORY);

        if (fd >= 0)
                close(fd);
        if (fd >= 0 || slash == path)
                return;
        *slash = '\0';
        for (size_t i = 0; i < COUNT(shared); i++)
                if (strcmp(shared[i], path) == 0)
                        *slash = '/';
        if (is_wide(path) || is_covered(x, path))
                *slash = '/';
}

static int ease_writing(const struct easing *x)
{
        scoped(mem_freep) char *path = x->d->path && *x->d->path == '/' ? strdup(x->d->path) : NULL;
        scoped(mem_freep) char *word = NULL;
        int r;

        if (!path || strchr(path, '\n'))
                return step_down(x);
        if (is_of_folder(x->d) && !go_up(path))
                return step_down(x);
        while (!is_there(x, path) || is_covered(x, path))
                if (!go_up(path))
                        return step_down(x);
        to_folder(x, path);
        if (is_wide(path))
                return step_down(x);
        word = text_format("-%s", path);
        r = word ? open_hole(x, D_ReadWritePaths, word) : -ENOMEM;
        return r == 0 ? step_down(x) : r;
}

/* What is hidden is not there to be written; what is read-only is. */
static int ease_home(const struct easing *x)
{
        return x->d->error == EROFS ? ease_writing(x) : step_down(x);
}

static int ease_device(const struct easing *x)
{
        scoped(mem_freep) char *word = NULL;

        if (!x->d->path || !text_starts(x->d->path, "/dev/") || strpbrk(x->d->path, " \t\n"))
                return step_down(x);
        word = text_format("%s rw", x->d->path);
        return word ? open_hole(x, D_DeviceAllow, word) : -ENOMEM;
}

static int ease_exec(const struct easing *x)
{
        scoped(mem_freep) char *word = NULL;

        if (!x->d->path || *x->d->path != '/' || strchr(x->d->path, '\n'))
                return 0;
        word = text_format("-%s", x->d->path);
        return word ? open_hole(x, D_ExecPaths, word) : -ENOMEM;
}

static int ease_port(const struct easing *x)
{
        const char *colon = x->d->path ? strrchr(x->d->path, ':') : NULL;
        unsigned port = x->d->deed.kind == ACT_BIND ? (unsigned)x->d->deed.c : 0;
        char word[16];

        if (!port && (!colon || sscanf(colon, ":%5u", &port) != 1))
                return 0;
        if (port == 0 || port > 65535)
                return 0;
        snprintf(word, sizeof(word), "%u", port);
        return open_hole(x, D_SocketBindAllow, word);
}

/* ---- lists of what is taken away ---- */

static bool covers(const char *word, const char *path)
{
        size_t n;

        word += strspn(word, "-+");
        n = strcspn(word, ":");
        return strncmp(word, path, n) == 0 && (!path[n] || path[n] == '/');
}

static int ease_listed(const struct easing *x)
{
        const struct item *it = item_of(x);
        scoped(value_done) struct value v = { .set = true };
        int r = 0;

        if (!x->d->path || *x->d->path != '/')
                return 0;
        for (char **w = it->aim.words; r == 0 && w && *w; w++)
                if (!covers(*w, x->d->path))
                        r = strv_add(&v.words, *w);
        if (r < 0)
                return r;
        r = aim_at(x, &v, x->d->path);
        v = (struct value){ 0 };
        return r;
}

static int ease_read_only(const struct easing *x)
{
        int r = ease_writing(x);

        return r == 0 ? ease_listed(x) : r;
}

static const struct {
        enum directive_id id;
        int (*ease)(const struct easing *x);
} eases[] = {
        { D_CapabilityBoundingSet, ease_capability },
        { D_SystemCallFilter, ease_call },
        { D_RestrictAddressFamilies, ease_family },
        { D_RestrictNamespaces, ease_namespace },
        { D_ProtectSystem, ease_writing },
        { D_ReadOnlyPaths, ease_read_only },
        { D_ProtectHome, ease_home },
        { D_DevicePolicy, ease_device },
        { D_NoExecPaths, ease_exec },
        { D_SocketBindDeny, ease_port },
        { D_InaccessiblePaths, ease_listed },
        { D_TemporaryFileSystem, ease_listed },
};

int ease(struct engine *en, size_t item, const struct denial *d, char **ret_what)
{
        struct easing x = { en, item, d, ret_what };

        for (size_t i = 0; i < COUNT(eases); i++)
                if (eases[i].id == en->items[item].id)
                        return eases[i].ease(&x);
        return step_down(&x);
}
