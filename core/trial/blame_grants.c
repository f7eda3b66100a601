/* blame_grants.c - what the unit was given, and with the changes no longer is: a folder to write
 * to, a path bound in, a device, a program that may be run. */
#include "core/trial/denial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

static const struct {
        enum directive_id directive;
        const char *below; /* names lie in this folder; NULL: the list has paths */
        int errors[3];
} grants[] = {
        { D_ReadWritePaths, NULL, { EROFS } },
        { D_StateDirectory, "/var/lib", { EROFS, ENOENT, EACCES } },
        { D_CacheDirectory, "/var/cache", { EROFS, ENOENT, EACCES } },
        { D_LogsDirectory, "/var/log", { EROFS, ENOENT, EACCES } },
        { D_RuntimeDirectory, "/run", { EROFS, ENOENT, EACCES } },
        { D_ConfigurationDirectory, "/etc", { EROFS, ENOENT, EACCES } },
        { D_ExecPaths, NULL, { EACCES, EPERM } },
        { D_BindPaths, NULL, { ENOENT, EROFS } },
        { D_BindReadOnlyPaths, NULL, { ENOENT } },
};

/* "NAME:LINK:ro" below the folder. */
static bool names_cover(const struct value *v, const char *below, const char *path)
{
        for (char **word = v->set ? v->words : NULL; word && *word; word++) {
                scoped(mem_freep) char *folder = text_format("%s/%.*s", below,
                                                             (int)strcspn(*word, ":"), *word);

                if (folder && path_matches(path, folder))
                        return true;
        }
        return false;
}

static bool gives(const struct sandbox *s, size_t row, const char *path)
{
        const struct value *v = &s->settings[grants[row].directive].value;

        if (grants[row].below)
                return names_cover(v, grants[row].below, path);
        return value_covers_from(v, path, true) > 0;
}

static bool answers(size_t row, int error)
{
        for (size_t i = 0; i < COUNT(grants[row].errors); i++)
                if (error && grants[row].errors[i] == error)
                        return true;
        return false;
}

void blame_grants(struct ranking *k, const struct clue *c)
{
        for (size_t i = 0; i < COUNT(grants); i++)
                if (answers(i, c->error) && gives(k->v->before, i, c->path) &&
                    !gives(k->v->after, i, c->path))
                        point(k, grants[i].directive, 94, BY_LOOSENING,
                              "%s: %s, and %s= no longer gives it", c->path,
                              strerrordesc_np(c->error), directive_at(grants[i].directive)->name);
}
