/* test_forms_quote.c - strings in the writing of other languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/forms/quote.h"
#include "core/forms/words.h"

#include <errno.h>
#include <string.h>

static void assert_quoted(void (*quote)(struct text *t, const char *chars), const char *in,
                          const char *expected)
{
        struct text t = { 0 };
        scoped(mem_freep) char *out = NULL;

        quote(&t, in);
        out = text_take(&t);
        assert_string_equal(out, expected);
}

static void nix_strings_hold_no_expression(void **state)
{
        (void)state;
        assert_quoted(quote_nix, "plain", "\"plain\"");
        assert_quoted(quote_nix, "a\"b\\c", "\"a\\\"b\\\\c\"");
        assert_quoted(quote_nix, "${x} $y $${z}", "\"\\${x} $y $\\${z}\"");
        assert_quoted(quote_nix, "", "\"\"");
        assert_quoted(quote_nix, "''${x}", "\"''\\${x}\"");
}

static void nix_names_are_plain_where_they_may_be(void **state)
{
        (void)state;
        assert_quoted(quote_nix_name, "nginx", "nginx");
        assert_quoted(quote_nix_name, "a-b_c'1", "a-b_c'1");
        assert_quoted(quote_nix_name, "a@b", "\"a@b\"");
        assert_quoted(quote_nix_name, "1a", "\"1a\"");
        assert_quoted(quote_nix_name, "a.b", "\"a.b\"");
        assert_quoted(quote_nix_name, "a\\x2db", "\"a\\\\x2db\"");
        assert_quoted(quote_nix_name, "with", "\"with\"");
        assert_quoted(quote_nix_name, "", "\"\"");
}

static void shell_words_are_one_word(void **state)
{
        (void)state;
        assert_quoted(quote_shell, "/usr/bin/a", "/usr/bin/a");
        assert_quoted(quote_shell, "", "''");
        assert_quoted(quote_shell, "a b", "'a b'");
        assert_quoted(quote_shell, "it's", "'it'\\''s'");
        assert_quoted(quote_shell, "$(id) `id`", "'$(id) `id`'");
        assert_quoted(quote_shell, "~root", "'~root'");
        assert_quoted(quote_shell, "\303\244", "'\303\244'");
}

static void yaml_strings_are_no_yaml_words(void **state)
{
        (void)state;
        assert_quoted(quote_yaml, "yes", "\"yes\"");
        assert_quoted(quote_yaml, "a\"b\\c", "\"a\\\"b\\\\c\"");
        assert_quoted(quote_yaml, "a\nb", "\"a\\x0ab\"");
}

static void markdown_cells_hold_no_markup(void **state)
{
        (void)state;
        assert_quoted(quote_markdown, "set by hand: /etc/x.conf", "set by hand: /etc/x.conf");
        assert_quoted(quote_markdown, "a|b", "a&#124;b");
        assert_quoted(quote_markdown, "<b>&*_`~", "&#60;b&#62;&#38;&#42;&#95;&#96;&#126;");
        assert_quoted(quote_markdown, "http://x www.x", "http&#58;//x www&#46;x");
        assert_quoted(quote_markdown, "@all #1 [a](b)", "&#64;all &#35;1 &#91;a&#93;(b)");
        assert_quoted(quote_markdown, "a\nb", "a b");
}

static void markdown_code_is_code_whatever_is_in_it(void **state)
{
        (void)state;
        assert_quoted(quote_markdown_code, "ProtectHome=yes", "`ProtectHome=yes`");
        assert_quoted(quote_markdown_code, "a`b", "<code>a&#96;b</code>");
        assert_quoted(quote_markdown_code, "a|b", "<code>a&#124;b</code>");
        assert_quoted(quote_markdown_code, " a", "<code> a</code>");
        assert_quoted(quote_markdown_code, "", "<code></code>");
}

static void assert_words(const char *line, const char *expected)
{
        scoped(strv_freep) char **words = NULL;
        scoped(mem_freep) char *joined = NULL;

        assert_int_equal(words_split(line, &words), 0);
        joined = strv_join(words, "|");
        assert_string_equal(joined, expected);
}

static void command_lines_come_apart_as_systemd_does_it(void **state)
{
        char **words = NULL;

        (void)state;
        assert_words("/bin/a b  c", "/bin/a|b|c");
        assert_words("  ", "");
        assert_words("/bin/a \"b c\" 'd \"e'", "/bin/a|b c|d \"e");
        assert_words("/bin/a x\"y z\"w", "/bin/a|xy zw");
        assert_words("/bin/a \\x41\\101\\s\\t", "/bin/a|AA \t");
        assert_words("/bin/a \"\"", "/bin/a|");
        assert_words("/bin/a $X ${Y} $$", "/bin/a|$X|${Y}|$$");
        assert_int_equal(words_split("/bin/a \"b", &words), -EINVAL);
        assert_int_equal(words_split("/bin/a \\q", &words), -EINVAL);
        assert_int_equal(words_split("/bin/a \\", &words), -EINVAL);
        assert_int_equal(words_split("/bin/a \\x0", &words), -EINVAL);
        assert_int_equal(words_split("/bin/a \\x00", &words), -EINVAL);
        assert_null(words);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nix_strings_hold_no_expression),
                cmocka_unit_test(nix_names_are_plain_where_they_may_be),
                cmocka_unit_test(shell_words_are_one_word),
                cmocka_unit_test(yaml_strings_are_no_yaml_words),
                cmocka_unit_test(markdown_cells_hold_no_markup),
                cmocka_unit_test(markdown_code_is_code_whatever_is_in_it),
                cmocka_unit_test(command_lines_come_apart_as_systemd_does_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
