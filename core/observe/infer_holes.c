/* infer_holes.c - what has to stay writable under ProtectSystem=. */
#include "core/observe/infer_paths.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum {
        ACCESS_NAMES = ACCESS_CREATE | ACCESS_DELETE | ACCESS_MADE, /* entries of the folder */
        HOLES_MANY = 48,
        PASSWD_MOST = 8 << 20,
};

static const char *const system_folders = "/usr /boot /efi /bin /sbin /lib /lib32 /lib64 /libx32";

static bool below_list(const char *path, const char *folders)
{
        char name[32];

        while (*folders) {
                size_t n = strcspn(folders, " ");

                snprintf(name, sizeof(name), "%.*s", (int)n, folders);
                if (path_below(path, name))
                        return true;
                folders += n + (folders[n] == ' ');
        }
        return false;
}

static bool within(const char *path, enum reach reach)
{
        if (below_list(path, system_folders))
                return true;
        if (reach >= REACH_ETC && path_below(path, "/etc"))
                return true;
        return reach == REACH_ALL && !below_list(path, "/dev /proc /sys");
}

void holes_done(struct holes *h)
{
        strv_free(h->paths);
        for (size_t i = 0; i < DIRS_COUNT; i++)
                strv_free(h->dirs[i]);
        *h = (struct holes){ 0 };
}

/* ---- which acts write ---- */

/* A pipe, a terminal or a device is written to whatever the mount says. */
static bool is_special(const struct act *a)
{
        bool node = S_ISCHR(a->mode) || S_ISBLK(a->mode) || S_ISFIFO(a->mode);

        return node && a->flags & ACT_RESOLVED &&
               !(a->a & (ACCESS_DELETE | ACCESS_CHANGE | ACCESS_MADE));
}

/* Memory, and what had no name in a folder that could be told. */
static bool is_no_file(const struct act *a)
{
        return !a->text || a->text[0] != '/' || text_starts(a->text, "/memfd:") ||
               text_starts(a->text, "/SYSV") || text_starts(a->text, "/[") ||
               (strcmp(a->text, "/") == 0 && a->flags & ACT_GENERAL);
}

enum need { NEED_NONE, NEED_SOFT, NEED_HARD };

/* Where a name was deleted that was not there, a read-only file system answers otherwise than
 * that: some programs mind.  Other failures fail the same way. */
static enum need needs(const struct act *a)
{
        if (!(a->a & ACCESS_WRITES) || !act_counts(a) || is_no_file(a) || is_special(a))
                return NEED_NONE;
        if (a->error == 0)
                return NEED_HARD;
        return a->error == ENOENT && a->a & ACCESS_DELETE ? NEED_SOFT : NEED_NONE;
}

/* ---- where ---- */

struct search {
        const struct inference *in;
        enum reach reach;
        bool own_root;
        struct holes *holes;
        struct places places;
        const char **made; /* folders that it made itself, sorted */
        size_t made_count;
};

static int by_name(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int find_made(struct search *s)
{
        const struct behaviour *b = s->in->o->behaviour;
        const unsigned folder = ACCESS_CREATE | ACCESS_FOLDER;

        s->made = calloc(b->act_count + 1, sizeof(*s->made));
        if (!s->made)
                return -ENOMEM;
        for (const struct act *a = behaviour_first(b, ACT_PATH); a; a = behaviour_next(b, a))
                if ((a->a & folder) == folder && a->error == 0 && a->text &&
                    !(a->flags & ACT_GENERAL))
                        s->made[s->made_count++] = a->text;
        qsort(s->made, s->made_count, sizeof(*s->made), by_name);
        return 0;
}

static bool was_made(const struct search *s, const char *path)
{
        return s->made_count &&
               bsearch(&path, s->made, s->made_count, sizeof(*s->made), by_name) != NULL;
}

static bool impossible(struct search *s, const struct act *a, const char *why)
{
        if (!s->holes->impossible) {
                s->holes->impossible = a;
                s->holes->why = why;
        }
        return true;
}

/* What must be writable for this act: the folder where names come and go, else the file itself. */
static size_t place_length(const struct search *s, const struct act *a)
{
        struct stat st;

        if (a->flags & ACT_GENERAL)
                return strlen(a->text);
        if (a->a & ACCESS_NAMES || a->flags & ACT_TEMPORARY)
                return parent_of(a->text);
        if (place_stat(s->in->o->root, a->text, &st) < 0)
                return parent_of(a->text);
        return strlen(a->text);
}

/* A folder that it makes itself is not there when the holes are made: the one above must be, or
 * systemd makes it (see try_directory()). */
static int add_act(struct search *s, const struct act *a, enum need need)
{
        scoped(mem_freep) char *path = strndup(a->text, place_length(s, a));

        if (!path)
                return -ENOMEM;
        if (was_made(s, path))
                return 0; /* that act asks for the folder above */
        if (place_is_open(s->in, path) || place_is_open(s->in, a->text) || !within(path, s->reach))
                return 0;
        return places_add(&s->places, a, path, strlen(path), need == NEED_SOFT);
}

static int gather(struct search *s)
{
        const struct behaviour *b = s->in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_PATH); a; a = behaviour_next(b, a)) {
                enum need need = needs(a);
                int r;

                if (need == NEED_NONE)
                        continue;
                if (a->flags & ACT_CHROOT && !s->own_root) {
                        if (s->reach == REACH_ALL && need == NEED_HARD)
                                impossible(s, a,
                                           "it writes below a root of its own, and where "
                                           "that lies is not known");
                        continue;
                }
                r = add_act(s, a, need);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* ---- as which directive ---- */

const struct kept_directory kept_directories[DIRS_COUNT] = {
        [DIRS_STATE] = { D_StateDirectory, "/var/lib" },
        [DIRS_CACHE] = { D_CacheDirectory, "/var/cache" },
        [DIRS_LOGS] = { D_LogsDirectory, "/var/log" },
        [DIRS_RUNTIME] = { D_RuntimeDirectory, "/run" },
};

/* The account that systemd would give the folder to; false: not known from here. */
static bool owner_of_unit(const struct inference *in, uid_t *ret_uid, gid_t *ret_gid)
{
        const char *user = setting_word(in->o->unit, D_User);
        scoped(mem_freep) char *path = text_format("%s/etc/passwd", in->o->root);
        scoped(mem_freep) char *text = NULL;
        size_t n = user ? strlen(user) : 0;
        unsigned uid, gid;

        if (setting_word(in->o->unit, D_Group) || setting_yes(in->o->unit, D_DynamicUser) ||
            in->o->unit->scope == SCOPE_USER)
                return false;
        if (in->root_user) {
                *ret_uid = 0;
                *ret_gid = 0;
                return true;
        }
        if (!path || file_read(AT_FDCWD, path, PASSWD_MOST, &text, NULL, NULL) < 0)
                return false;
        for (const char *line = text; line && *line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, user, n) == 0 && line[n] == ':' &&
                    sscanf(line + n, ":%*[^:]:%u:%u:", &uid, &gid) == 2) {
                        *ret_uid = uid;
                        *ret_gid = gid;
                        return true;
                }
        }
        return false;
}

static bool is_plain_name(const char *name)
{
        return *name && *name != '.' && strcmp(name, "private") != 0 &&
               !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789._-")];
}

/* Whether the folder is named as the unit is, so that nobody else's is taken for its own. */
static bool is_named_as_unit(const struct search *s, const char *name)
{
        const char *unit = s->in->o->unit->unit;
        size_t n = strcspn(unit, "@."), m = strlen(name);

        return strncmp(unit, name, n < m ? n : m) == 0;
}

/* Whether it fits what systemd would make (a folder of the unit's user with mode 0755), so that
 * nothing changes hands.  One below /run goes away as the unit stops: only if it made it. */
static bool fits_directory(const struct search *s, size_t kind, const char *path, bool made)
{
        struct stat st;
        uid_t uid;
        gid_t gid;

        if (s->reach != REACH_ALL || !path_below(path, kept_directories[kind].folder) ||
            parent_of(path) != strlen(kept_directories[kind].folder) ||
            !is_plain_name(path + parent_of(path) + 1) || !owner_of_unit(s->in, &uid, &gid))
                return false;
        if (made)
                return !was_changed(s->in, path);
        return kind != DIRS_RUNTIME && is_named_as_unit(s, path + parent_of(path) + 1) &&
               place_stat(s->in->o->root, path, &st) == 0 && S_ISDIR(st.st_mode) &&
               st.st_uid == uid && st.st_gid == gid && (st.st_mode & 07777) == 0755;
}

/* 1: it is no such folder. */
static int try_directory(struct search *s, const char *path, bool made)
{
        for (size_t i = 0; i < DIRS_COUNT; i++)
                if (fits_directory(s, i, path, made)) {
                        const char *name = path + strlen(kept_directories[i].folder) + 1;

                        return strv_has(s->holes->dirs[i], name)
                                       ? 0
                                       : strv_add(&s->holes->dirs[i], name);
                }
        return 1;
}

/* Whether all that needs this folder itself are folders in it that systemd can make. */
static int made_instead(struct search *s, const struct place *p)
{
        const struct behaviour *b = s->in->o->behaviour;
        size_t found = 0;

        for (const struct act *a = behaviour_first(b, ACT_PATH); a; a = behaviour_next(b, a)) {
                size_t kind = 0;

                if (needs(a) != NEED_HARD || !(a->a & ACCESS_NAMES) ||
                    parent_of(a->text) != strlen(p->path) ||
                    strncmp(a->text, p->path, strlen(p->path)) != 0 ||
                    place_is_open(s->in, a->text))
                        continue;
                if (!was_made(s, a->text))
                        return 1;
                while (kind < DIRS_COUNT && !fits_directory(s, kind, a->text, true))
                        kind++;
                if (kind == DIRS_COUNT)
                        return 1;
                found++;
        }
        if (!found)
                return 1;
        for (size_t i = 0; i < s->made_count; i++)
                if (parent_of(s->made[i]) == strlen(p->path) &&
                    strncmp(s->made[i], p->path, strlen(p->path)) == 0) {
                        int r = try_directory(s, s->made[i], true);

                        if (r < 0)
                                return r;
                }
        return 0;
}

static bool is_volatile(const char *path)
{
        return below_list(path, "/run /tmp /var/tmp /dev /mnt /media");
}

/* As a word of a unit file. */
static int put_path(struct search *s, const char *path)
{
        struct stat st;
        bool sure = !is_volatile(path) && place_stat(s->in->o->root, path, &st) == 0;
        scoped(mem_freep) char *word = NULL;
        struct text t = { 0 };

        for (char **w = s->holes->paths; w && *w; w++)
                if (word_covers(*w, path))
                        return 0;
        text_add(&t, sure ? "" : "-");
        for (const char *c = path; *c; c++) {
                if (strchr(" \t\"'\\", *c))
                        text_add(&t, "\\");
                text_addn(&t, c, 1);
        }
        word = text_take(&t);
        return word ? strv_add(&s->holes->paths, word) : -ENOMEM;
}

static int put_place(struct search *s, const struct place *p)
{
        bool run = strcmp(p->path, "/run") == 0;
        bool top = place_is_shared(p->path) || run || strcmp(p->path, "/var/log") == 0;
        int r = top ? made_instead(s, p) : try_directory(s, p->path, false);

        if (r <= 0)
                return r;
        if (p->soft && (top || s->reach != REACH_ALL))
                return 0;
        if (p->path[strcspn(p->path, "\n\r")]) {
                impossible(s, p->act, "no unit file can hold the name of where it writes");
                return 0;
        }
        if (place_is_shared(p->path)) {
                impossible(s, p->act, "it changes what lies directly in a folder of everybody's");
                return 0;
        }
        s->holes->run = s->holes->run || run;
        return put_path(s, p->path);
}

static int put_all(struct search *s)
{
        int r = places_merge(&s->places, s->in->o->root);

        for (size_t i = 0; i < s->places.count && r == 0; i++) {
                const struct place *p = &s->places.list[i];

                if (!s->holes->witness || p->act->first < s->holes->witness->first)
                        s->holes->witness = p->act;
                r = put_place(s, p);
        }
        if (r == 0 && strv_length(s->holes->paths) > HOLES_MANY)
                impossible(s, s->holes->witness, "it writes in more places than can be named");
        return r;
}

int holes_find(const struct inference *in, enum reach reach, struct holes *ret)
{
        struct holes holes = { 0 };
        struct search s = {
                .in = in,
                .reach = reach,
                .holes = &holes,
                .own_root = setting_word(in->o->unit, D_RootDirectory) ||
                            setting_word(in->o->unit, D_RootImage),
        };
        int r = find_made(&s);

        if (r == 0)
                r = gather(&s);
        if (r == 0)
                r = put_all(&s);
        places_done(&s.places);
        free(s.made);
        if (r < 0) {
                holes_done(&holes);
                return r;
        }
        *ret = holes;
        return 0;
}
