/* test_value_lists.c - how lines of lists add up.  Expectations: facts/score/formula.md
 * section 4, versions.tsv, the oracle, and `systemd --test` of 252.39. */
#include "tests/unit/test_value_rules.h"

/* clang-format off */
static void lists_add_up(void **state)
{
        static const struct rule rules[] = {
                { 0, "ReadWritePaths", "-+/a//b/ +-/c \"/d e\" /f\\x20g rel /../x /./h",
                  "|-+/a/b \"/d e\" /fx20g /h" },
                { 0, "ReadWritePaths", "/a|/b|/a", "|/a /b" },
                { 0, "ReadWritePaths", "/a|", "unset" },
                { 0, "ReadWritePaths", "/a 'unclosed", "|/a" },
                { 0, "BindPaths", "/a:/b:norbind -/c /d:/e:rbind /f:/f",
                  "|/a:/b:norbind -/c /d:/e /f" },
                { 0, "BindPaths", "/f:rel /g:/h:bogus :/x /i: /j:/k:", "|/x /j:/k" },
                { 0, "BindPaths", "\"/l m:/n\" /o\\:p:/q", "|/l\\ m\\:/n /o\\:p:/q" },
                { 0, "TemporaryFileSystem", "/a:ro /b /c:size=1:x rel /d:",
                  "|/a:ro /b /c:size=1:x /d" },
                { 0, "MountImages", "-/a.raw:/b:root:ro /c.raw", "|-/a.raw:/b:root:ro" },
                { 0, "ExtensionImages", "/a.raw /b//c", "|/a.raw /b/c" },
                { 0, "StateDirectory", "a b/c ../d /e private/x f:g \"i j\" .",
                  "|a b/c f:g \"i j\"" },
                { 250, "StateDirectory", "a:b", "|a:b" },
                { 257, "StateDirectory", "a:b:ro c::ro", "|a:b:ro c::ro" },
                { 0, "StateDirectory", "k\\ l|m", "|m" },
                { 0, "DeviceAllow", "/dev/null|/dev/a//b/ mr", "|/dev/null rwm|/dev/a/b rm" },
                { 0, "DeviceAllow", "/dev/null r|/dev/null w", "|/dev/null rw" },
                { 257, "DeviceAllow", "/dev/null r|/dev/null w", "|/dev/null w" },
                { 0, "DeviceAllow", "block-* r|\"char-x\" rw|char-",
                  "|block-* r|char-x rw|char- rwm" },
                { 0, "DeviceAllow", "null rw|/etc r|/dev/x rwx|/dev/x r w|/dev/../etc r", "unset" },
                { 0, "IPAddressDeny", "any", "|0.0.0.0/0 ::/0" },
                { 0, "IPAddressDeny", "LOCALHOST a.localhost", "|127.0.0.0/8 ::1/128" },
                { 0, "IPAddressDeny", "link-local multicast",
                  "|169.254.0.0/16 fe80::/64 224.0.0.0/4 ff00::/8" },
                { 0, "IPAddressDeny", "10.1.2.3/8 1.2.3.4 1.2.3.4/0 5::/0 ::1/127",
                  "|10.0.0.0/8 1.2.3.4/32 0.0.0.0/0 ::/0 ::/127" },
                { 0, "IPAddressDeny", "1.2.3 1.2.3.4/33 1.2.3.4/08 ANY 1.2.3.4/0x8", "|1.0.0.0/8" },
                { 249, "IPAddressDeny", "127.1.0.0/16 ::1|localhost 10.0.0.0/9",
                  "|::1/128 127.0.0.0/8 10.0.0.0/9" },
                { 250, "IPAddressDeny", "127.1.0.0/16|localhost",
                  "|127.1.0.0/16 127.0.0.0/8 ::1/128" },
                { 0, "IPAddressDeny", "any|", "unset" },
                { 0, "SocketBindAllow", "tcp|ipv6:tcp:any|ipv4|any|udp:53|1-5",
                  "|tcp|ipv6:tcp|ipv4|any|udp:53|1-5" },
                { 0, "SocketBindAllow", "tcp:5-1|0|080|any:any|ipv4:tcp:|65536|tcp:ipv4|\"80\"",
                  "unset" },
                { 0, "SupplementaryGroups", "b a b|c", "|a b c" },
                { 0, "SupplementaryGroups", "\"audio\"", "|\"audio\"" },
                { 0, "SupplementaryGroups", "a b:c", "refused" },
                { 0, "SupplementaryGroups", "a \"b c\"", "|\"b a c\"" },
                { 0, "SupplementaryGroups", "a b\\", "refused" },
                { 0, "SecureBits", "keep-caps|bogus noroot", "|noroot" },
                { 0, "SystemCallArchitectures", "native bogus|x86", "|native x86" },
                { 0, "SystemCallArchitectures", "bogus", "unset" },
                { 0, "SystemCallArchitectures", "~native", "unset" },
                { 0, "CoredumpFilter", "bogus all|elf-headers 0x33", "|0x33 elf-headers" },
                { 0, "AllowedCPUs", "0-3,5 bogus|9,7", "|7,9" },
                { 0, "PassEnvironment", "B A=1 2x A", "|A B" },
                { 0, "UnsetEnvironment", "A B=1 \"C=a b\" 2x", "|A B=1 \"C=a b\"" },
                { 0, "UnsetEnvironment", "A=\\n", "|\"A=\\x0a\"" },
                { 0, "LoadCredential", "a:b|a:/x|c|d/e:/x", "|a:/x|c" },
                { 0, "SetCredential", "a:x y|a|b:", "|a:x y|b:" },
                { 0, "IPIngressFilterPath", "/sys//x|rel|/a/../b", "|/sys/x" },
                { 0, "BPFProgram", "egress:/x|y", "|egress:/x" },
                { 0, "JoinsNamespaceOf", "a.service|bogus|", "a.service" },
                { 258, "BPFDelegateCommands", "BPFMapCreate,BPFProgLoad|any",
                  "|BPFMapCreate,BPFProgLoad,any" },
                { 0, "Delegate", "", "" },
                { 0, "Delegate", "yes|no", "no" },
                { 0, "Delegate", "cpu bogus|memory", "|cpu memory" },
                { 0, "Delegate", "bogus", "" },
                { 0, "Delegate", "no|cpu", "|cpu" },
                { 0, "Delegate", "yes|cpu", "yes" },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}
/* clang-format on */

static void an_empty_bind_line_resets_its_sibling(void **state)
{
        (void)state;
        assert_ptr_equal(value_reset_also(directive_find("BindPaths")),
                         directive_find("BindReadOnlyPaths"));
        assert_ptr_equal(value_reset_also(directive_find("BindReadOnlyPaths")),
                         directive_find("BindPaths"));
        assert_ptr_equal(value_reset_also(directive_find("SetCredentialEncrypted")),
                         directive_find("SetCredential"));
        assert_null(value_reset_also(directive_find("ReadWritePaths")));
}

static void a_list_without_end_is_cut(void **state)
{
        scoped(value_done) struct value v = { 0 };
        struct err note = { 0 };
        struct dialect dialect;
        struct text t = { 0 };
        char *line;

        (void)state;
        speak(252, 39, &dialect);
        for (int i = 0; i < 9000; i++)
                text_addf(&t, "/p%d ", i);
        line = text_take(&t);
        assert_non_null(line);
        assert_int_equal(assign(&v, "ReadOnlyPaths", &dialect, line, &note), ASSIGN_TAKEN);
        assert_true(strv_length(v.words) <= 8192);
        assert_string_not_equal(note.text, "");
        assign(&v, "ReadOnlyPaths", &dialect, line, NULL);
        assert_true(strv_length(v.words) <= 8192);
        free(line);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lists_add_up),
                cmocka_unit_test(an_empty_bind_line_resets_its_sibling),
                cmocka_unit_test(a_list_without_end_is_cut),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
