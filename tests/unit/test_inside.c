/* test_inside.c - the drop-in that puts another program in a service's place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/breach/inside_private.h"
#include "core/unit/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct sandbox *unit_with(const char *prefixes)
{
        struct sandbox *s = NULL;
        struct exec_line *line = calloc(1, sizeof(*line));

        assert_int_equal(sandbox_new("x.service", SCOPE_SYSTEM, &s), 0);
        assert_non_null(line);
        *line = (struct exec_line){ strdup("ExecStart"), strdup(prefixes), strdup("/bin/a"),
                                    strdup("/bin/a b") };
        s->facts.exec = line;
        s->facts.exec_count = 1;
        return s;
}

static char *dropin(const char *prefixes, struct inside_lines *l)
{
        scoped(sandbox_freep) struct sandbox *s = unit_with(prefixes);
        struct dialect dialect;
        char *text = NULL;

        dialect_for((struct version){ 252, 0 }, SCOPE_SYSTEM, &dialect);
        l->after = s;
        l->dialect = &dialect;
        assert_int_equal(inside_dropin(l, &text), 0);
        dialect_done(&dialect);
        return text;
}

static void assert_quoted(const char *word, const char *quoted)
{
        struct text t = { 0 };
        scoped(mem_freep) char *is = NULL;

        inside_quote(&t, word);
        is = text_take(&t);
        assert_string_equal(is, quoted);
}

static void any_word_is_quoted_so_that_systemd_reads_it_back(void **state)
{
        (void)state;
        assert_quoted("", "\"\"");
        assert_quoted("plain", "\"plain\"");
        assert_quoted("a b;c", "\"a b;c\"");
        assert_quoted(";", "\";\"");
        assert_quoted("50%n", "\"50%%n\"");
        assert_quoted("\"\\", "\"\\\"\\\\\"");
        assert_quoted("a\nb\x1b\x7f", "\"a\\x0ab\\x1b\\x7f\"");
        assert_quoted("\xc3\xa9\xff", "\"\\xc3\\xa9\\xff\"");
        assert_quoted("$HOME", "\"$HOME\"");
}

static void the_units_own_commands_and_conditions_go(void **state)
{
        static const char *const lines[] = { "\nConditionPathExists=\n", "\nAssertPathExists=\n",
                                             "\nExecStartPre=\n",        "\nExecStopPost=\n",
                                             "\nExecCondition=\n",       "\nRestart=no\n",
                                             "\nWatchdogSec=0\n",        "\nType=exec\n" };
        struct inside_lines l = { .path = "/usr/bin/id" };
        scoped(mem_freep) char *text = dropin("", &l);
        const char *reset = strstr(text, "\nExecStart=\n");

        (void)state;
        for (size_t i = 0; i < COUNT(lines); i++)
                if (!strstr(text, lines[i]))
                        fail_msg("no %s", lines[i]);
        assert_non_null(reset);
        assert_non_null(strstr(reset, "\nExecStart=:\"/usr/bin/id\"\n"));
}

static void only_prefixes_that_are_rights_are_kept(void **state)
{
        struct inside_lines l = { .path = "/i" };
        scoped(mem_freep) char *none = dropin("-@:", &l);
        scoped(mem_freep) char *plus = dropin("-+", &l);
        scoped(mem_freep) char *bang = dropin("!!", &l);

        (void)state;
        assert_non_null(strstr(none, "\nExecStart=:\"/i\"\n"));
        assert_non_null(strstr(plus, "\nExecStart=:+\"/i\"\n"));
        assert_non_null(strstr(bang, "\nExecStart=:!!\"/i\"\n"));
}

static void a_terminal_takes_the_place_of_the_pipes(void **state)
{
        struct inside_lines l = { .path = "/bin/sh", .terminal = "/dev/pts/3", .term = "xterm" };
        scoped(mem_freep) char *text = dropin("", &l);

        (void)state;
        assert_non_null(strstr(text, "\nTTYPath=/dev/pts/3\n"));
        assert_non_null(strstr(text, "\nEnvironment=\"TERM=xterm\"\n"));
        assert_null(strstr(text, "append:"));
        assert_null(strstr(text, "DeviceAllow="));
}

static void a_line_longer_than_systemd_reads_is_refused(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit_with("");
        scoped(mem_freep) char *word = malloc((1 << 20) + 1);
        char *words[] = { word, NULL };
        struct dialect dialect;
        struct inside_lines l = { .after = s, .dialect = &dialect, .path = "/i", .words = words };
        char *text = NULL;

        (void)state;
        assert_non_null(word);
        memset(word, 'x', 1 << 20);
        word[1 << 20] = '\0';
        dialect_for((struct version){ 252, 0 }, SCOPE_SYSTEM, &dialect);
        assert_int_equal(inside_dropin(&l, &text), -E2BIG);
        assert_null(text);
        dialect_done(&dialect);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(any_word_is_quoted_so_that_systemd_reads_it_back),
                cmocka_unit_test(the_units_own_commands_and_conditions_go),
                cmocka_unit_test(only_prefixes_that_are_rights_are_kept),
                cmocka_unit_test(a_terminal_takes_the_place_of_the_pipes),
                cmocka_unit_test(a_line_longer_than_systemd_reads_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
