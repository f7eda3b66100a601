/* test_value_rules.h - tables of assignments and what must come of them, for the tests of
 * values. */
#pragma once

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static inline void speak(unsigned major, unsigned minor, struct dialect *ret)
{
        dialect_for((struct version){ major, minor }, SCOPE_SYSTEM, ret);
}

/* Assigns lines (parted by '|') one after the other; the last answer is returned. */
static inline int assign(struct value *v, const char *directive, const struct dialect *dialect,
                         const char *lines, struct err *note)
{
        const struct directive *d = directive_find(directive);
        scoped(mem_freep) char *copy = strdup(lines);
        char *rest = copy;
        int r = -1;

        assert_non_null(d);
        for (char *line; (line = strsep(&rest, "|"));) {
                r = value_assign(v, d, dialect, line, note);
                assert_true(r >= 0);
        }
        return r;
}

/* The lines that value_print() gives, parted by '|'; "unset" where there is nothing. */
static inline char *printed(const struct value *v, const char *directive,
                            const struct dialect *dialect)
{
        scoped(strv_freep) char **lines = NULL;

        if (!v->set)
                return strdup("unset");
        assert_int_equal(value_print(v, directive_find(directive), dialect, &lines), 0);
        return strv_join(lines, "|");
}

struct rule {
        unsigned version; /* 0: 252 */
        const char *directive, *lines, *result;
};

static inline void check_rules(const struct rule *rules, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const struct rule *rule = &rules[i];
                scoped(value_done) struct value v = { 0 }, again = { 0 };
                scoped(mem_freep) char *text = NULL;
                struct err note = { 0 };
                struct dialect dialect;
                int r;

                speak(rule->version ? rule->version : 252, 39, &dialect);
                r = assign(&v, rule->directive, &dialect, rule->lines, &note);
                if (r == ASSIGN_REFUSED)
                        text = strdup("refused");
                else
                        text = printed(&v, rule->directive, &dialect);
                assert_non_null(text);
                if (strcmp(text, rule->result) != 0)
                        fail_msg("%s=%s on %u: \"%s\", not \"%s\"", rule->directive, rule->lines,
                                 dialect.version.major, text, rule->result);
                if (r == ASSIGN_REFUSED || !v.set)
                        continue;
                assign(&again, rule->directive, &dialect, text, NULL);
                assert_true(value_equal(&v, &again));
        }
}
