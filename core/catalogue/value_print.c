/* value_print.c - values as text: the lines of a unit file, and one line for a person. */
#include "core/catalogue/value_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int print_one(const char *text, char ***ret)
{
        scoped(strv_freep) char **lines = NULL;
        int r = strv_add(&lines, text);

        if (r < 0)
                return r;
        *ret = take(lines);
        return 0;
}

/* A blank at the end would be stripped, but for a slash behind it, which simplifying drops. */
static bool ends_blank(const char *text)
{
        size_t n = strlen(text);

        return n > 0 && strchr(BLANKS, text[n - 1]);
}

static int print_single(const struct value *v, const struct directive *d,
                        const struct dialect *dialect, char ***ret)
{
        scoped(mem_freep) char *both = NULL;
        char mode[16];

        (void)dialect;
        switch (d->kind) {
        case KIND_BOOL:
                return print_one(v->bits ? "yes" : "no", ret);
        case KIND_UMASK:
                snprintf(mode, sizeof(mode), "%04o", (unsigned)(v->bits & 07777));
                return print_one(mode, ret);
        default:
                break;
        }
        if (d->kind == KIND_CHOICE && v->words && v->words[0] && v->words[1]) {
                both = text_format("%s:%s", v->words[0], v->words[1]);
                return both ? print_one(both, ret) : -ENOMEM;
        }
        if (d->kind == KIND_PATH && v->words && ends_blank(v->words[0])) {
                both = text_format("%s/", v->words[0]);
                return both ? print_one(both, ret) : -ENOMEM;
        }
        return print_one(v->words ? v->words[0] : "", ret);
}

static int print_search_path(const struct value *v, char ***ret)
{
        scoped(strv_freep) char **lines = NULL;
        int r = strv_add(&lines, "");

        if (r == 0 && v->words)
                r = strv_add(&lines, v->words[0]);
        if (r < 0)
                return r;
        *ret = take(lines);
        return 0;
}

static int (*const printers[])(const struct value *v, const struct directive *d,
                               const struct dialect *dialect, char ***ret) = {
        [KIND_BOOL] = print_single,    [KIND_CHOICE] = print_single,
        [KIND_CAPS] = print_caps,      [KIND_NAMESPACES] = print_namespaces,
        [KIND_FAMILIES] = print_polar, [KIND_SYSCALLS] = print_syscalls,
        [KIND_NAMES] = print_list,     [KIND_POLAR] = print_polar,
        [KIND_PATHS] = print_list,     [KIND_BINDS] = print_list,
        [KIND_DIRS] = print_list,      [KIND_DEVICES] = print_list,
        [KIND_ADDRESSES] = print_list, [KIND_PORTS] = print_list,
        [KIND_LINES] = print_list,     [KIND_UMASK] = print_single,
        [KIND_USER] = print_single,    [KIND_PATH] = print_single,
        [KIND_AMOUNT] = print_single,  [KIND_TEXT] = print_single,
};

int value_print(const struct value *v, const struct directive *d, const struct dialect *dialect,
                char ***ret)
{
        if (!v->set) {
                *ret = NULL;
                return 0;
        }
        if (d->id == D_ExecSearchPath)
                return print_search_path(v, ret);
        return printers[d->kind](v, d, dialect, ret);
}

/* What an empty list is called. */
static const char *nothing(const struct value *v, const struct directive *d)
{
        if (d->id == D_Delegate)
                return "yes, without controllers";
        if (d->kind == KIND_POLAR || d->kind == KIND_FAMILIES)
                return v->allow ? "none" : "nothing denied";
        return "none";
}

/* The last line says it all where only resets stand before it. */
static char *show_last(const struct value *v, const struct directive *d,
                       const struct dialect *dialect)
{
        scoped(strv_freep) char **lines = NULL;
        size_t n;

        if (printers[d->kind](v, d, dialect, &lines) < 0)
                return NULL;
        n = strv_length(lines);
        return strdup(n > 0 ? lines[n - 1] : "");
}

char *value_show(const struct value *v, const struct directive *d, const struct dialect *dialect)
{
        if (!v->set)
                return strdup(d->unset ? d->unset : "");
        switch (d->kind) {
        case KIND_SYSCALLS:
                return show_syscalls(v, d, dialect);
        case KIND_CAPS:
                if ((v->bits & capability_all(dialect)) == capability_all(dialect))
                        return strdup("all");
                if ((v->bits & capability_all(dialect)) == 0)
                        return strdup("none");
                return show_last(v, d, dialect);
        case KIND_DEVICES:
        case KIND_PORTS:
        case KIND_LINES:
                return v->words && *v->words ? strv_join(v->words, ", ") : strdup(nothing(v, d));
        case KIND_NAMES:
        case KIND_FAMILIES:
        case KIND_POLAR:
        case KIND_PATHS:
        case KIND_BINDS:
        case KIND_DIRS:
        case KIND_ADDRESSES:
                if (!v->words || !*v->words)
                        return strdup(nothing(v, d));
                return show_last(v, d, dialect);
        default:
                return show_last(v, d, dialect);
        }
}
