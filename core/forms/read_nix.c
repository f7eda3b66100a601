/* read_nix.c - serviceConfig of a NixOS module. */
#include "core/forms/read_nix.h"

#include "core/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

FORM_READER(nix);

/* Whether a path names a directive, and whose it is (NULL: not told).
 *   systemd.services.NAME.serviceConfig.KEY, NAME.serviceConfig.KEY, serviceConfig.KEY, KEY */
static bool is_setting(char *const *path, const char **ret_service)
{
        size_t count = strv_length(path);

        *ret_service = NULL;
        if (count < 2)
                return count == 1 && directive_find(path[0]);
        if (strcmp(path[count - 2], "serviceConfig") != 0)
                return false;
        if (count > 2)
                *ret_service = path[count - 3];
        return true;
}

static bool is_service(const char *name, const char *unit)
{
        size_t n = strlen(name);

        return strncmp(unit, name, n) == 0 && (!unit[n] || strcmp(unit + n, ".service") == 0);
}

/* The service whose settings are meant: the unit's, else the only one there is. */
static int choose(struct reading *r, const struct nix_module *m, const char **ret)
{
        const char *only = NULL, *service;
        bool several = false;

        *ret = NULL;
        for (size_t i = 0; i < m->count; i++) {
                if (!is_setting(m->list[i].path, &service) || !service)
                        continue;
                if (is_service(service, r->unit)) {
                        *ret = service;
                        return 0;
                }
                several |= only && strcmp(only, service) != 0;
                only = service;
        }
        if (several)
                return err_say(r->e, -EINVAL, "%s has several services, and none is %s", r->file,
                               r->unit);
        *ret = only;
        return only ? reading_note(r, "%s: the settings are those of %s", r->file, only) : 0;
}

static int take_value(struct reading *r, const struct nix_value *v)
{
        const char *key = v->path[strv_length(v->path) - 1];
        const struct directive *d = directive_find(key);
        int result = 0;

        if (v->kind == NIX_NULL)
                return 0; /* writes no line */
        if (v->kind == NIX_LIST && !v->words)
                return reading_note(r,
                                    "%s:%u: %s = [ ] writes no line at all; to empty the list in "
                                    "the unit it would be [ \"\" ]",
                                    r->file, v->line, key);
        if (!d)
                return reading_assign(r, v->line, v->column, key, "");
        for (char **w = v->words; w && *w && result == 0; w++)
                result = reading_assign(r, v->line, v->column, key, *w);
        return result;
}

static int take_module(struct reading *r, const struct nix_module *m)
{
        const char *chosen, *service;
        size_t others = 0;
        int result = choose(r, m, &chosen);

        for (size_t i = 0; i < m->count && result == 0; i++) {
                bool ours = is_setting(m->list[i].path, &service) &&
                            (!service || (chosen && strcmp(service, chosen) == 0));

                if (ours)
                        result = take_value(r, &m->list[i]);
                else
                        others++;
        }
        if (result == 0 && others)
                result = reading_note(r, "%s: %zu other attributes are not taken over", r->file,
                                      others);
        return result;
}

int form_read_nix(const char *file, const char *text, const char *unit, enum scope scope,
                  const struct dialect *dialect, struct profile **ret, char ***ret_notes,
                  struct err *e)
{
        scoped(nix_module_done) struct nix_module m = { 0 };
        struct reading r;
        int result = reading_open(&r, file, unit, scope, dialect, e);

        if (result < 0)
                return result;
        result = nix_parse(&r, text, &m);
        if (result == 0)
                result = take_module(&r, &m);
        return reading_close(&r, result, "a NixOS serviceConfig", ret, ret_notes);
}

unsigned form_looks_nix(const char *file, const char *text)
{
        if (strstr(text, "serviceConfig") && strchr(text, '=') && strchr(text, ';'))
                return 90;
        if (text_ends(file, ".nix"))
                return 85;
        text += strspn(text, " \t\r\n");
        return *text == '{' && strstr(text, "= ") && strstr(text, ";\n") ? 50 : 0;
}
