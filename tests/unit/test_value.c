/* test_value.c - what systemd's loader makes of single words.  Expectations: facts/score/formula.md
 * section 4, versions.tsv, the oracle, and `systemd --test` of 252.39. */
#include "tests/unit/test_value_rules.h"

/* clang-format off */
static void switches_take_the_words_of_systemd(void **state)
{
        static const struct rule rules[] = {
                { 0, "PrivateDevices", "yes", "yes" },
                { 0, "PrivateDevices", "ON", "yes" },
                { 0, "PrivateDevices", "1", "yes" },
                { 0, "PrivateDevices", "  t\r", "yes" },
                { 0, "PrivateDevices", "F", "no" },
                { 0, "PrivateDevices", "yes|", "yes" },
                { 0, "PrivateDevices", "yes|maybe", "yes" },
                { 0, "PrivateDevices", "\"yes\"", "unset" },
                { 0, "PrivateDevices", "yes # comment", "unset" },
                { 0, "PrivateDevices", "2", "unset" },
                { 0, "DynamicUser", "maybe", "refused" },
                { 0, "DynamicUser", "yes|", "refused" },
                { 253, "PrivateMounts", "yes|", "yes" },
                { 254, "PrivateMounts", "yes|", "unset" },
                { 0, "ProtectSystem", "full", "full" },
                { 0, "ProtectSystem", "True", "yes" },
                { 0, "ProtectSystem", "Full", "unset" },
                { 0, "ProtectSystem", "strict|", "strict" },
                { 0, "ProtectHome", "tmpfs|full", "tmpfs" },
                { 0, "ProtectProc", "invisible|yes", "invisible" },
                { 256, "PrivateTmp", "disconnected", "unset" },
                { 257, "PrivateTmp", "disconnected", "disconnected" },
                { 256, "PrivateTmp", "connected", "unset" },
                { 257, "PrivateTmp", "connected", "yes" },
                { 256, "PrivateUsers", "self", "unset" },
                { 257, "PrivateUsers", "self", "yes" },
                { 257, "PrivateUsers", "identity|full", "identity" },
                { 258, "PrivateUsers", "identity|full", "full" },
                { 260, "PrivateUsers", "managed", "managed" },
                { 257, "ProtectHostname", "private", "unset" },
                { 258, "ProtectHostname", "private", "private" },
                { 258, "ProtectHostname", "private:foo.bar", "private:foo.bar" },
                { 258, "ProtectHostname", "1:foo", "yes:foo" },
                { 258, "ProtectHostname", "yes:bad_host!", "unset" },
                { 258, "ProtectHostname", "private:", "unset" },
                { 258, "ProtectHostname", "yes:a|", "unset" },
                { 257, "ProtectHostname", "yes|", "yes" },
                { 0, "CPUSchedulingPolicy", "1", "fifo" },
                { 0, "MountFlags", "slave|", "unset" },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}

static void single_words_are_checked_as_systemd_does(void **state)
{
        static const struct rule rules[] = {
                { 0, "UMask", "22", "0022" },
                { 0, "UMask", "7777", "7777" },
                { 0, "UMask", "0077|", "0077" },
                { 0, "UMask", "010000", "unset" },
                { 0, "UMask", "9", "unset" },
                { 0, "UMask", "-22", "unset" },
                { 0, "UMask", "+22", "unset" },
                { 0, "UMask", "0o22", "unset" },
                { 0, "User", "daemon|", "unset" },
                { 0, "User", "daemon|root", "root" },
                { 0, "User", "65534", "65534" },
                { 0, "User", "65535", "refused" },
                { 0, "User", "65536", "65536" },
                { 0, "User", "4294967295", "refused" },
                { 0, "User", "99999999999999999999", "refused" },
                { 0, "User", "00", "refused" },
                { 0, "User", "bad name", "bad name" },
                { 0, "User", "bad:name", "refused" },
                { 0, "User", "a/b", "refused" },
                { 0, "User", "-x", "-x" },
                { 0, "User", "-1", "refused" },
                { 0, "User", ".x", ".x" },
                { 0, "User", "..", "refused" },
                { 0, "User", "\xff", "refused" },
                { 0, "RootDirectory", "//srv/./x/", "/srv/x" },
                { 0, "RootDirectory", "/.", "/" },
                { 0, "RootDirectory", "srv", "refused" },
                { 0, "RootDirectory", "/a/../b", "refused" },
                { 0, "RootDirectory", "-/srv", "refused" },
                { 0, "RootImage", "+/srv", "refused" },
                { 0, "RootDirectory", "/x|", "unset" },
                { 0, "NetworkNamespacePath", "x", "unset" },
                { 0, "SystemCallErrorNumber", "EPERM|bogus", "EPERM" },
                { 0, "SystemCallErrorNumber", "kill", "kill" },
                { 0, "Personality", "x86|bogus", "x86" },
                { 0, "MemoryMax", "1.5G", "1.5G" },
                { 0, "MemoryMax", "4096k", "unset" },
                { 0, "MemoryMax", "1G|0", "1G" },
                { 0, "MemoryMax", "1G|infinity", "infinity" },
                { 0, "MemoryMax", "1G|", "unset" },
                { 0, "TasksMax", "50%", "50%" },
                { 0, "TasksMax", "101%", "unset" },
                { 0, "CPUQuota", "250%", "250%" },
                { 0, "CPUQuota", "20", "unset" },
                { 0, "CPUWeight", "idle", "idle" },
                { 251, "CPUWeight", "idle", "unset" },
                { 0, "IOWeight", "0", "unset" },
                { 0, "LimitNOFILE", "10:5", "unset" },
                { 0, "LimitNOFILE", "1k", "unset" },
                { 0, "LimitNOFILE", "5:10|", "5:10" },
                { 0, "LimitAS", "5G:infinity", "5G:infinity" },
                { 0, "Nice", "-20|20", "-20" },
                { 0, "OOMScoreAdjust", "-1000|-1001", "-1000" },
                { 0, "WatchdogSec", "1min 30", "1min 30" },
                { 0, "ExecSearchPath", "/a|/b:/c", "|/a:/b:/c" },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}
/* clang-format on */

static void what_is_left_out_is_said(void **state)
{
        static const struct {
                const char *directive, *line;
                int answer;
                const char *word; /* in the note; NULL: no note */
        } cases[] = {
                { "CapabilityBoundingSet", "CAP_KILL CAP_BOGUS", ASSIGN_TAKEN, "CAP_BOGUS" },
                { "CapabilityBoundingSet", "CAP_KILL", ASSIGN_TAKEN, NULL },
                { "SystemCallFilter", "read nosuchcall", ASSIGN_TAKEN, "nosuchcall" },
                { "SystemCallFilter", "@known", ASSIGN_TAKEN, NULL },
                { "SystemCallFilter", "read:EPERM", ASSIGN_TAKEN, "read:EPERM" },
                { "ProtectSystem", "bogus\x1b[31m", ASSIGN_IGNORED, "bogus?" },
                { "ProtectSystem", "", ASSIGN_IGNORED, "ProtectSystem" },
                { "RestrictNamespaces", "user bogus", ASSIGN_IGNORED, "bogus" },
                { "User", "a:b", ASSIGN_REFUSED, "a:b" },
        };
        struct dialect dialect;

        (void)state;
        speak(252, 39, &dialect);
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(value_done) struct value v = { 0 };
                struct err note = { 0 };

                assert_int_equal(assign(&v, cases[i].directive, &dialect, cases[i].line, &note),
                                 cases[i].answer);
                if (cases[i].word)
                        assert_non_null(strstr(note.text, cases[i].word));
                else
                        assert_string_equal(note.text, "");
        }
}

static void values_are_shown_on_one_line(void **state)
{
        static const struct {
                const char *directive, *lines, *shown;
        } cases[] = {
                { "SystemCallFilter", "@system-service|~@resources clone3:ENOSYS",
                  "@system-service ~@resources ~clone3:ENOSYS" },
                { "SystemCallFilter", "~@swap @reboot", "~@reboot ~@swap" },
                { "SystemCallFilter", "~", "nothing denied" },
                { "CapabilityBoundingSet", "", "none" },
                { "CapabilityBoundingSet", "~", "all" },
                { "CapabilityBoundingSet", "~CAP_KILL", "~CAP_KILL" },
                { "RestrictAddressFamilies", "none", "none" },
                { "RestrictAddressFamilies", "~AF_INET", "~AF_INET" },
                { "ReadWritePaths", "/a \"/b c\"", "/a \"/b c\"" },
                { "DeviceAllow", "/dev/null rw|char-rtc r", "/dev/null rw, char-rtc r" },
                { "UMask", "77", "0077" },
                { "PrivateDevices", "1", "yes" },
                { "RestrictNamespaces", "~user", "~user" },
                { "RestrictNamespaces", "1", "yes" },
                { "Delegate", "", "yes, without controllers" },
        };
        scoped(value_done) struct value unset = { 0 };
        scoped(mem_freep) char *none = NULL;
        struct dialect dialect;

        (void)state;
        speak(252, 39, &dialect);
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(value_done) struct value v = { 0 };
                scoped(mem_freep) char *shown = NULL;

                assign(&v, cases[i].directive, &dialect, cases[i].lines, NULL);
                shown = value_show(&v, directive_find(cases[i].directive), &dialect);
                assert_string_equal(shown, cases[i].shown);
        }
        none = value_show(&unset, directive_find("UMask"), &dialect);
        assert_string_equal(none, "0022");
}

static void copies_are_equal_and_own_themselves(void **state)
{
        scoped(value_done) struct value v = { 0 }, copy = { 0 };
        struct dialect dialect;

        (void)state;
        speak(252, 39, &dialect);
        assign(&v, "ReadWritePaths", &dialect, "/a /b", NULL);
        assert_int_equal(value_copy(&v, &copy), 0);
        assert_true(value_equal(&v, &copy));
        assign(&copy, "ReadWritePaths", &dialect, "/c", NULL);
        assert_false(value_equal(&v, &copy));
        assert_int_equal(strv_length(v.words), 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(switches_take_the_words_of_systemd),
                cmocka_unit_test(single_words_are_checked_as_systemd_does),
                cmocka_unit_test(what_is_left_out_is_said),
                cmocka_unit_test(values_are_shown_on_one_line),
                cmocka_unit_test(copies_are_equal_and_own_themselves),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
