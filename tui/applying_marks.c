/* applying_marks.c - directives that change files for good: what each will do, and the files as
 * they are before. */
#include "tui/applying_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

struct look {
        const struct sandbox *before, *after;
        struct applying_plan *plan;
        bool other_user; /* it will run as somebody else */
        const char *user;
};

static bool differs(const struct look *l, enum directive_id id)
{
        return !value_equal(&l->before->settings[id].value, &l->after->settings[id].value);
}

static bool comes_on(const struct look *l, enum directive_id id)
{
        return setting_yes(l->after, id) && !setting_yes(l->before, id);
}

static const char *word_or(const struct sandbox *s, enum directive_id id, const char *none)
{
        const char *word = setting_word(s, id);

        return word && *word ? word : none;
}

/* ---- what is not a file now ---- */

static int mark_user(struct look *l, char ***list)
{
        if (!l->other_user)
                return 0;
        if (comes_on(l, D_DynamicUser))
                return strv_addf(list,
                                 "DynamicUser=: it runs as %s instead of %s, and its folders move "
                                 "below /var/lib/private and its kin; files that it makes "
                                 "elsewhere meanwhile may belong to somebody else later",
                                 l->user, word_or(l->before, D_User, "root"));
        if (differs(l, D_User) || differs(l, D_DynamicUser))
                return strv_addf(list,
                                 "User=: it runs as %s instead of %s; files that it makes "
                                 "meanwhile stay theirs, but in its own folders",
                                 l->user, word_or(l->before, D_User, "root"));
        return strv_addf(list,
                         "Group=: it runs with the group %s instead of %s; files that it makes "
                         "meanwhile stay theirs, but in its own folders",
                         word_or(l->after, D_Group, "of its user"),
                         word_or(l->before, D_Group, "that of its user"));
}

static int mark_ipc(struct look *l, char ***list)
{
        if (!comes_on(l, D_RemoveIPC) || strcmp(l->user, "root") == 0)
                return 0;
        return strv_addf(list,
                         "RemoveIPC=: whenever it stops, systemd deletes all shared memory, "
                         "semaphores and message queues of %s, those of its other programs too; "
                         "nothing brings them back",
                         l->user);
}

static int mark_tmp(struct look *l, char ***list)
{
        if (!comes_on(l, D_PrivateTmp))
                return 0;
        return strv_add(list,
                        "PrivateTmp=: it does not find again what it left in /tmp and /var/tmp, "
                        "and what it puts there meanwhile is deleted when it stops");
}

static int mark_umask(struct look *l, char ***list)
{
        if (!differs(l, D_UMask))
                return 0;
        return strv_add(list, "UMask=: files that it makes meanwhile have other modes, and keep "
                              "them");
}

static int mark_users(struct look *l, char ***list)
{
        if (!comes_on(l, D_PrivateUsers))
                return 0;
        return strv_add(list, "PrivateUsers=: it sees the files of other users as nobody's; what "
                              "it hands to others meanwhile stays so");
}

/* ---- folders ---- */

static const struct {
        enum directive_id directive;
        const char *base;
        bool handed_over; /* systemd gives all that is in it to the service's user */
        bool removed;     /* when it stops */
} folders[] = {
        { D_StateDirectory, "/var/lib", true, false },
        { D_CacheDirectory, "/var/cache", true, false },
        { D_LogsDirectory, "/var/log", true, false },
        { D_RuntimeDirectory, "/run", true, true },
        { D_ConfigurationDirectory, "/etc", false, false },
};

static int say_folder(struct look *l, const char *name, const char *path, bool handed_over,
                      const struct applying_files *found)
{
        char ***list = &l->plan->marks;

        if (!found->there)
                return strv_addf(list, "%s=: %s is made; the revert removes it if it is empty then",
                                 name, path);
        if (!handed_over)
                return strv_addf(list, "%s=: the mode of %s may change; the revert puts it back",
                                 name, path);
        if (found->too_many)
                return strv_addf(list,
                                 "%s=: %s and all that is in it are handed over to %s, and that is "
                                 "more than %d files: their owners are not recorded, and the "
                                 "revert cannot put them back",
                                 name, path, l->user, APPLYING_FILES_LIMIT);
        return strv_addf(list,
                         "%s=: %s and the %zu files in it are handed over to %s; their owners and "
                         "modes are recorded, and the revert puts them back",
                         name, path, found->count, l->user);
}

static int mark_folder(struct look *l, size_t i, const char *word, struct err *e)
{
        const char *name = directive_at(folders[i].directive)->name;
        scoped(mem_freep) char *path = text_format("%s/%.*s", folders[i].base,
                                                   (int)strcspn(word, ":"), word);
        bool handed_over = folders[i].handed_over;
        struct applying_files found = { 0 };
        int r;

        if (!path)
                return -ENOMEM;
        if (folders[i].removed)
                return strv_addf(&l->plan->marks,
                                 "%s=: %s is deleted with all that is in it whenever it stops "
                                 "(unless RuntimeDirectoryPreserve= is set)",
                                 name, path);
        r = applying_files(l->plan, path, handed_over, &found, e);
        return r < 0 ? r : say_folder(l, name, path, handed_over, &found);
}

/* A folder that the unit has already is only touched when the user changes. */
static int mark_folders(struct look *l, struct err *e)
{
        int r = 0;

        for (size_t i = 0; i < COUNT(folders); i++) {
                char *const *before = l->before->settings[folders[i].directive].value.words;
                char **after = l->after->settings[folders[i].directive].value.words;

                for (; r >= 0 && after && *after; after++) {
                        bool is_new = !strv_has(before, *after);

                        if (is_new ||
                            (l->other_user && folders[i].handed_over && !folders[i].removed))
                                r = mark_folder(l, i, *after, e);
                }
        }
        return r;
}

int applying_marks(const struct sandbox *before, const struct sandbox *after,
                   struct applying_plan *plan, struct err *e)
{
        static int (*const others[])(struct look *, char ***) = {
                mark_user, mark_ipc, mark_tmp, mark_umask, mark_users,
        };
        struct look l = { .before = before, .after = after, .plan = plan };
        int r = 0;

        l.other_user = differs(&l, D_User) || differs(&l, D_Group) || differs(&l, D_DynamicUser);
        l.user = word_or(after, D_User,
                         setting_yes(after, D_DynamicUser) ? "a user of systemd's making" : "root");
        for (size_t i = 0; r >= 0 && i < COUNT(others); i++)
                r = others[i](&l, &plan->marks);
        if (r >= 0)
                r = mark_folders(&l, e);
        return r < 0 && !e->code ? err_set(e, r, "cannot tell what the change leaves behind") : r;
}
