/* decode_twin.c - which failures a twin causes by itself. */
#include "core/observe/decode.h"

#include "core/catalogue/dialect.h"

#include <string.h>

#include "core/observe/decode_twin.inc"

/* word is one of the blank-separated words of list. */
static bool listed(const char *list, const char *word)
{
        size_t n = strlen(word);

        for (const char *p = list; n > 0 && (p = strstr(p, word)); p += n)
                if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
                        return true;
        return false;
}

/* path is one of the blank-separated folders or lies below it. */
static bool below(const char *folders, const char *path)
{
        while (*folders) {
                size_t n = strcspn(folders, " ");

                if (strncmp(folders, path, n) == 0 && (path[n] == '/' || path[n] == '\0'))
                        return true;
                folders += n + strspn(folders + n, " ");
        }
        return false;
}

void decode_twin(struct act *a)
{
        const char *error = errno_name(a->error);

        if (a->error == 0 || !error || (a->text && below(FALLS_BACK, a->text)))
                return;
        for (size_t i = 0; i < COUNT(rows); i++) {
                if (rows[i].kind != a->kind || !listed(rows[i].errors, error) ||
                    (rows[i].names && (!a->name || !listed(rows[i].names, a->name))) ||
                    (rows[i].folders && (!a->text || !below(rows[i].folders, a->text))) ||
                    (rows[i].access && !(rows[i].access & a->a)))
                        continue;
                a->flags |= ACT_BY_TWIN;
                return;
        }
}
