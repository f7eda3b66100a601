/* test_value_sets.c - how lines of sets merge: capabilities, namespaces, families, system
 * calls.  Expectations: facts/score/formula.md
 * section 4, versions.tsv, the oracle, and `systemd --test` of 252.39. */
#include "tests/unit/test_value_rules.h"

/* clang-format off */
static void capability_lines_merge(void **state)
{
        static const struct rule rules[] = {
                { 0, "CapabilityBoundingSet", "", "" },
                { 0, "CapabilityBoundingSet", "~", "~" },
                { 0, "CapabilityBoundingSet", "CAP_KILL|CAP_CHOWN", "|CAP_CHOWN CAP_KILL" },
                { 0, "CapabilityBoundingSet", "CAP_KILL|~CAP_KILL", "" },
                { 0, "CapabilityBoundingSet", "~CAP_KILL|~CAP_CHOWN", "~|~CAP_CHOWN CAP_KILL" },
                { 0, "CapabilityBoundingSet", "~CAP_KILL|CAP_KILL", "~" },
                { 0, "CapabilityBoundingSet", "CAP_KILL|", "" },
                { 0, "CapabilityBoundingSet", "|CAP_KILL", "|CAP_KILL" },
                { 0, "CapabilityBoundingSet", "|~CAP_KILL", "" },
                { 0, "CapabilityBoundingSet", "~|CAP_KILL", "|CAP_KILL" },
                { 262, "CapabilityBoundingSet", "~|CAP_KILL", "~" },
                { 0, "CapabilityBoundingSet", "~|~CAP_KILL", "~|~CAP_KILL" },
                { 262, "CapabilityBoundingSet", "~|~CAP_KILL", "~|~CAP_KILL" },
                { 0, "CapabilityBoundingSet", "cap_kill", "|CAP_KILL" },
                { 0, "CapabilityBoundingSet", "KILL", "" },
                { 0, "CapabilityBoundingSet", "5 0x15", "|CAP_KILL CAP_SYS_ADMIN" },
                { 0, "CapabilityBoundingSet", "-1", "" },
                { 0, "CapabilityBoundingSet", "64", "" },
                { 0, "CapabilityBoundingSet", "CAP_KILL|CAP_BOGUS", "" },
                { 0, "CapabilityBoundingSet", "CAP_KILL|~CAP_BOGUS", "~" },
                { 0, "CapabilityBoundingSet", "CAP_KILL CAP_BOGUS", "|CAP_KILL" },
                { 0, "CapabilityBoundingSet", "CAP_KILL ~CAP_CHOWN", "|CAP_KILL" },
                { 0, "CapabilityBoundingSet", "~ CAP_KILL", "~|~CAP_KILL" },
                { 0, "CapabilityBoundingSet", "\"CAP_KILL\"", "|CAP_KILL" },
                { 253, "CapabilityBoundingSet", "\"CAP_KILL", "" },
                { 254, "CapabilityBoundingSet", "\"CAP_KILL", "|CAP_KILL" },
                { 0, "AmbientCapabilities", "CAP_KILL", "|CAP_KILL" },
                { 0, "AmbientCapabilities", "CAP_KILL|", "" },
                { 0, "AmbientCapabilities", "~CAP_KILL", "~|~CAP_KILL" },
                { 0, "AmbientCapabilities", "CAP_CHOWN|~CAP_KILL", "|CAP_CHOWN" },
                { 0, "AmbientCapabilities", "~CAP_BOGUS", "~" },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}

static void namespace_lines_merge(void **state)
{
        static const struct rule rules[] = {
                { 0, "RestrictNamespaces", "yes", "yes" },
                { 0, "RestrictNamespaces", "no", "no" },
                { 0, "RestrictNamespaces", "", "unset" },
                { 0, "RestrictNamespaces", "user mnt", "|mnt user" },
                { 0, "RestrictNamespaces", "user|mnt", "|mnt user" },
                { 0, "RestrictNamespaces", "~user|~mnt", "|~mnt user" },
                { 0, "RestrictNamespaces", "user|~user", "yes" },
                { 0, "RestrictNamespaces", "~user|user", "no" },
                { 0, "RestrictNamespaces", "yes|user", "|user" },
                { 0, "RestrictNamespaces", "no|~user", "|~user" },
                { 0, "RestrictNamespaces", "user|", "unset" },
                { 0, "RestrictNamespaces", "~", "no" },
                { 0, "RestrictNamespaces", "~|user", "no" },
                { 0, "RestrictNamespaces", "user bogus", "unset" },
                { 0, "RestrictNamespaces", "~user|bogus", "|~user" },
                { 0, "RestrictNamespaces", "\"user\"", "unset" },
                { 0, "RestrictNamespaces", "USER", "unset" },
                { 251, "RestrictNamespaces", "time", "unset" },
                { 0, "RestrictNamespaces", "time", "|time" },
                { 258, "DelegateNamespaces", "yes", "yes" },
                { 258, "DelegateNamespaces", "no|mnt", "|mnt" },
                { 258, "DelegateNamespaces", "~mnt", "|~mnt" },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}

static void polar_lists_keep_their_first_sense(void **state)
{
        static const struct rule rules[] = {
                { 0, "RestrictAddressFamilies", "AF_INET|AF_UNIX", "|AF_INET AF_UNIX" },
                { 0, "RestrictAddressFamilies", "af_local af_route", "|AF_NETLINK AF_UNIX" },
                { 0, "RestrictAddressFamilies", "AF_INET|~AF_INET", "|none" },
                { 0, "RestrictAddressFamilies", "~AF_INET|AF_INET", "|~" },
                { 0, "RestrictAddressFamilies", "none", "|none" },
                { 0, "RestrictAddressFamilies", "none|AF_UNIX", "|AF_UNIX" },
                { 0, "RestrictAddressFamilies", "AF_UNIX|none", "|none" },
                { 248, "RestrictAddressFamilies", "AF_UNIX|none", "|AF_UNIX" },
                { 248, "RestrictAddressFamilies", "none", "|none" },
                { 0, "RestrictAddressFamilies", "~none", "|~" },
                { 0, "RestrictAddressFamilies", "AF_UNIX|", "unset" },
                { 0, "RestrictAddressFamilies", "AF_UNIX||~AF_PACKET", "|~AF_PACKET" },
                { 0, "RestrictAddressFamilies", "AF_UNSPEC", "|none" },
                { 0, "RestrictAddressFamilies", "AF_UNIX AF_BOGUS AF_CAN", "|AF_CAN AF_UNIX" },
                { 262, "RestrictAddressFamilies", "AF_UNIX AF_BOGUS AF_CAN", "|AF_UNIX" },
                { 0, "RestrictAddressFamilies", "\"AF_UNIX\"", "|AF_UNIX" },
                { 0, "RestrictFileSystems", "@temporary ext4", "|@temporary ext4" },
                { 0, "RestrictFileSystems", "@temporary|~tmpfs", "|ramfs" },
                { 0, "RestrictFileSystems", "@temporary|~@temporary", "|@temporary|~@temporary" },
                { 0, "RestrictFileSystems", "@bogus", "unset" },
                { 0, "RestrictNetworkInterfaces", "~eth0|eth0|eth1", "|eth1" },
                { 0, "RestrictNetworkInterfaces", "eth0|~lo", "|eth0" },
                { 0, "RestrictNetworkInterfaces", "~eth0 a/b", "|~eth0" },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}

static void system_call_lines_merge(void **state)
{
        static const struct rule rules[] = {
                { 0, "SystemCallFilter", "@system-service", "|@system-service" },
                { 0, "SystemCallFilter", "@system-service|~@swap", "|@system-service" },
                { 0, "SystemCallFilter", "@system-service|@swap", "|@swap @system-service" },
                { 0, "SystemCallFilter", "@system-service|~@privileged @resources",
                  "|@system-service|~@privileged @resources" },
                { 0, "SystemCallFilter", "@system-service|~clone3:ENOSYS",
                  "|@system-service|~clone3:ENOSYS" },
                { 0, "SystemCallFilter", "@system-service|~clone3:ENOSYS|clone3",
                  "|@system-service" },
                { 0, "SystemCallFilter", "@system-service|~clone3:ENOSYS|~clone3",
                  "|@system-service|~clone3" },
                { 0, "SystemCallFilter", "~@swap", "|~@swap" },
                { 0, "SystemCallFilter", "~swapon swapoff", "|~@swap" },
                { 0, "SystemCallFilter", "~@swap|@system-service", "|~@swap" },
                { 0, "SystemCallFilter", "~@swap @reboot|swapon", "|~@reboot swapoff" },
                { 0, "SystemCallFilter", "~@swap:EPERM", "|~|~@swap:EPERM" },
                { 0, "SystemCallFilter", "~swapon:1 swapoff:kill",
                  "|~|~swapoff:kill swapon:EPERM" },
                { 0, "SystemCallFilter", "~read:0", "|~|~read:0" },
                { 0, "SystemCallFilter", "~read:BOGUS write", "|~write" },
                { 0, "SystemCallFilter", "~read:5000", "|~" },
                { 0, "SystemCallFilter", "~:EPERM", "|~" },
                { 0, "SystemCallFilter", "swapon:EPERM", "|@default" },
                { 0, "SystemCallFilter", "bogus", "|@default" },
                { 0, "SystemCallFilter", "@bogus swapon", "|swapon" },
                { 0, "SystemCallFilter", "~bogus", "|~" },
                { 0, "SystemCallFilter", "~", "|~" },
                { 0, "SystemCallFilter", "~|swapon", "|~" },
                { 0, "SystemCallFilter", "", "unset" },
                { 0, "SystemCallFilter", "~@swap||swapon", "|swapon" },
                { 0, "SystemCallFilter", "\"swapon\"", "|@default" },
                { 0, "SystemCallFilter", "swap\\on", "|swapon" },
                { 0, "SystemCallFilter", "~ @swap", "|~@swap" },
                { 0, "SystemCallFilter", "swapon ~swapoff", "|swapon" },
                { 0, "SystemCallFilter", "@default|~@default", "|@default|~@default" },
                { 0, "SystemCallFilter", "@known|~@known", "|@default|~@known" },
                { 0, "SystemCallLog", "@swap|~swapon", "|swapoff" },
                { 0, "SystemCallFilter", "~sys_debug_setcontext", "|~switch_endian" },
                { 0, "SystemCallFilter", "~@debug|switch_endian|~switch_endian", "|~@debug" },
                { 0, "SystemCallLog", "bogus", "|@default|~@default" },
                { 0, "SystemCallLog", "~@swap", "|~@swap" },
        };

        (void)state;
        check_rules(rules, COUNT(rules));
}
/* clang-format on */

static void a_call_denied_with_an_errno_is_marked_in_an_allow_list(void **state)
{
        scoped(value_done) struct value v = { 0 };
        struct dialect dialect;

        (void)state;
        speak(252, 39, &dialect);
        assign(&v, "SystemCallFilter", &dialect, "@system-service|~clone3:ENOSYS", NULL);
        assert_true(v.allow);
        assert_true(strv_has(v.words, "clone3:ENOSYS"));
        assert_false(strv_has(v.words, "clone3"));
        assert_true(strv_has(v.words, "read"));
}

/* A manager lists a group without the calls that its libseccomp has no names for. */
static void a_filter_is_folded_by_the_libseccomp_it_came_from(void **state)
{
        scoped(value_done) struct value v = { 0 };
        scoped(mem_freep) char *before = NULL, *after = NULL;
        struct dialect old, new;

        (void)state;
        speak(252, 39, &old);
        speak(252, 39, &new);
        old.seccomp = 20504;
        assign(&v, "SystemCallFilter", &old, "@system-service", NULL);
        assert_false(strv_has(v.words, "uretprobe"));
        before = value_show(&v, directive_find("SystemCallFilter"), &old);
        after = value_show(&v, directive_find("SystemCallFilter"), &new);
        assert_string_equal(before, "@system-service");
        assert_string_equal(after, "@system-service ~uretprobe");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(capability_lines_merge),
                cmocka_unit_test(namespace_lines_merge),
                cmocka_unit_test(polar_lists_keep_their_first_sense),
                cmocka_unit_test(system_call_lines_merge),
                cmocka_unit_test(a_call_denied_with_an_errno_is_marked_in_an_allow_list),
                cmocka_unit_test(a_filter_is_folded_by_the_libseccomp_it_came_from),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
