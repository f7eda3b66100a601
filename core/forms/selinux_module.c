/* selinux_module.c - rules, types and labels of a module, each once.
 *
 * CIL strings know no escape, so in the patterns of paths every byte that is not plain is written
 * as \xNN, which the matcher takes for the byte itself. */
#include "core/forms/selinux_module.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void module_done(struct module *m)
{
        for (size_t i = 0; i < m->count; i++) {
                free(m->grants[i].key);
                strv_free(m->grants[i].perms);
        }
        free(m->grants);
        strv_free(m->types);
        strv_free(m->contexts);
        strv_free(m->folders);
        strv_free(m->singles);
}

void module_fail(struct module *m, int r)
{
        if (r < 0 && m->fault == 0)
                m->fault = r;
}

static struct grant *grant_of(struct module *m, const char *type, const char *class)
{
        char *key = text_format("%s %s", type, class);
        struct grant *more;

        for (size_t i = 0; key && i < m->count; i++)
                if (strcmp(m->grants[i].key, key) == 0) {
                        free(key);
                        return &m->grants[i];
                }
        more = key ? reallocarray(m->grants, m->count + 1, sizeof(*more)) : NULL;
        if (!more) {
                free(key);
                module_fail(m, -ENOMEM);
                return NULL;
        }
        m->grants = more;
        m->grants[m->count] = (struct grant){ .key = key };
        return &m->grants[m->count++];
}

/* perms: blank-separated. */
void module_allow(struct module *m, const char *type, const char *class, const char *perms,
                  bool optional)
{
        scoped(strv_freep) char **words = NULL;
        struct grant *g = grant_of(m, type, class);

        if (!g)
                return;
        g->optional |= optional;
        module_fail(m, strv_split(perms, " ", &words));
        for (char **w = words; w && *w; w++)
                if (!strv_has(g->perms, *w))
                        module_fail(m, strv_add(&g->perms, *w));
}

/* ---- labels ---- */

/* The pattern of a path. */
static char *pattern_of(const char *path, const char *numbers, bool below)
{
        struct text t = { 0 };

        for (; *path; path++)
                if (path >= numbers && isdigit((unsigned char)*path))
                        text_add(&t, isdigit((unsigned char)path[1]) ? "" : "[0-9]+");
                else if (isalnum((unsigned char)*path) || strchr("/_-", *path))
                        text_addn(&t, path, 1);
                else if (*path == '.')
                        text_add(&t, "\\.");
                else
                        text_addf(&t, "\\x%02x", (unsigned char)*path);
        text_add(&t, below ? "(/.*)?" : "");
        return text_take(&t);
}

static void label(struct module *m, char *pattern, const char *type)
{
        scoped(mem_freep) char *line = NULL;

        if (pattern)
                line = text_format("(filecon \"%s\" any (system_u object_r %s ((s0) (s0))))",
                                   pattern, type);
        if (!line) {
                module_fail(m, -ENOMEM);
                return;
        }
        if (!strv_has(m->contexts, line))
                module_fail(m, strv_add(&m->contexts, line));
        if (!strv_has(m->types, type))
                module_fail(m, strv_add(&m->types, type));
}

void module_label(struct module *m, const char *path, bool below, const char *type)
{
        scoped(mem_freep) char *pattern = pattern_of(path, path + strlen(path), below);

        label(m, pattern, type);
}

void module_label_file(struct module *m, const struct file_access *f, const char *type)
{
        scoped(mem_freep) char *pattern = pattern_of(f->path, file_numbers(f), false);

        label(m, pattern, type);
}

/* ---- writing ---- */

static int by_key(const void *a, const void *b)
{
        const struct grant *x = a, *y = b;

        return x->optional != y->optional ? (int)x->optional - (int)y->optional
                                          : strcmp(x->key, y->key);
}

void module_write_grants(struct text *t, struct module *m)
{
        if (m->count)
                qsort(m->grants, m->count, sizeof(*m->grants), by_key);
        for (size_t i = 0; i < m->count; i++) {
                const struct grant *g = &m->grants[i];
                size_t type = strcspn(g->key, " ");
                scoped(mem_freep) char *perms = strv_join(g->perms, " ");

                t->failed |= !perms;
                if (g->optional)
                        text_addf(t, "    (optional uses_%zu\n    ", i);
                text_addf(t, "    (allow process %.*s (%s (%s)))%s\n", (int)type, g->key,
                          g->key + type + 1, perms ? perms : "", g->optional ? ")" : "");
        }
}
