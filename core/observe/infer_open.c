/* infer_open.c - what the unit's own settings open or give it a copy of, and what was used where.
 */
#include "core/observe/infer_paths.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

bool word_covers(const char *word, const char *path)
{
        word += *word == '-';
        word += *word == '+';
        return path_below(path, word);
}

/* The destination of a bind, or the path of a temporary file system, without its escapes. */
static void mount_point(const char *word, bool destination, char *ret, size_t room)
{
        size_t n = 0;

        word += *word == '-';
        for (; *word && n + 1 < room; word++) {
                if (*word == ':') {
                        if (!destination)
                                break;
                        destination = false; /* what stands behind it counts */
                        n = 0;
                        continue;
                }
                word += *word == '\\' && word[1];
                ret[n++] = *word;
        }
        ret[n] = '\0';
}

static bool mount_covers(const struct inference *in, enum directive_id id, const char *path)
{
        char **words = in->o->unit->settings[id].value.words;

        for (; words && *words; words++) {
                char at[4096];

                mount_point(*words, id != D_TemporaryFileSystem, at, sizeof(at));
                if (*at && path_below(path, at))
                        return !(id == D_TemporaryFileSystem && strstr(*words, ":ro"));
        }
        return false;
}

/* "name:link:ro" opens /var/lib/name, and /var/lib/private/name where it is kept there. */
static bool directory_covers(const struct inference *in, const char *path)
{
        for (size_t i = 0; i < DIRS_COUNT; i++) {
                char **words = in->o->unit->settings[kept_directories[i].id].value.words;
                size_t n = strlen(kept_directories[i].folder);
                const char *rest = path + n;

                if (!path_below(path, kept_directories[i].folder) || !*rest)
                        continue;
                rest += text_starts(rest, "/private/") ? strlen("/private/") : 1;
                for (; words && *words; words++) {
                        size_t m = strcspn(*words, ":");

                        if (strncmp(rest, *words, m) == 0 && (!rest[m] || rest[m] == '/') &&
                            !text_ends(*words, ":ro"))
                                return true;
                }
        }
        return false;
}

bool place_is_open(const struct inference *in, const char *path)
{
        static const enum directive_id mounts[] = { D_TemporaryFileSystem, D_BindPaths };
        char **words = in->o->unit->settings[D_ReadWritePaths].value.words;

        if ((path_below(path, "/tmp") || path_below(path, "/var/tmp")) &&
            will_have(in, D_PrivateTmp, "yes"))
                return true;
        for (size_t i = 0; i < COUNT(mounts); i++)
                if (mount_covers(in, mounts[i], path))
                        return true;
        if (directory_covers(in, path))
                return true;
        for (; words && *words; words++)
                if (word_covers(*words, path))
                        return true;
        return false;
}

bool commands_name(const struct inference *in, const char *folder)
{
        const struct unit_facts *f = &in->o->unit->facts;
        size_t n = strlen(folder);

        for (size_t i = 0; i < f->exec_count; i++) {
                const char *at = f->exec[i].line;

                if (f->exec[i].path && path_below(f->exec[i].path, folder))
                        return true;
                while (at && (at = strstr(at, folder))) {
                        bool begins = at == f->exec[i].line || !strchr("/._-", at[-1]);

                        if (begins && (!at[n] || strchr("/ \t\"';:,", at[n])))
                                return true;
                        at += n;
                }
        }
        return false;
}

static bool ran(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->error == 0 || a->error == EACCES || a->error == EPERM;
}

const struct act *find_run(const struct inference *in, const char *folder)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_EXEC); a; a = behaviour_next(b, a))
                if (a->text && path_below(a->text, folder) && !(a->flags & ACT_CHROOT))
                        return a;
        return find_path_if(in, folder, ACCESS_EXEC | ACCESS_MAP_EXEC, ran);
}

static bool worked(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->error == 0;
}

static bool there(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->error != ENOENT && a->error != ENOTDIR;
}

const struct act *find_touch(const struct inference *in, const char *folder)
{
        static const enum act_kind kinds[] = { ACT_EXEC, ACT_BIND, ACT_CONNECT };
        const struct behaviour *b = in->o->behaviour;

        for (size_t k = 0; k < COUNT(kinds); k++)
                for (const struct act *a = behaviour_first(b, kinds[k]); a;
                     a = behaviour_next(b, a))
                        if (a->text && a->text[0] == '/' && path_below(a->text, folder) &&
                            there(in, a))
                                return a;
        return find_path_if(in, folder, ~0U, there);
}

bool was_changed(const struct inference *in, const char *path)
{
        return find_path_at(in, path, ACCESS_CHANGE, worked) != NULL;
}
