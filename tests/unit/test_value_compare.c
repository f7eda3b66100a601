/* test_value_compare.c - the partial order of values, and stepping. */
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

static void assign(struct value *v, const char *directive, const struct dialect *dialect,
                   const char *lines)
{
        scoped(mem_freep) char *copy = strdup(lines);
        char *rest = copy;

        if (strcmp(lines, "unset") == 0)
                return;
        for (char *line; (line = strsep(&rest, "|"));)
                if (value_assign(v, directive_find(directive), dialect, line, NULL) != ASSIGN_TAKEN)
                        fail_msg("%s=%s", directive, line);
}

static const char *const names[] = { [VALUE_SAME] = "the same as",
                                     [VALUE_STRICTER] = "stricter than",
                                     [VALUE_LOOSER] = "looser than",
                                     [VALUE_DIFFERENT] = "different from" };

static void values_are_ordered_by_what_they_let_through(void **state)
{
        /* clang-format off */
        static const struct {
                const char *directive, *a, *b;
                enum value_order order;
        } cases[] = {
                { "PrivateDevices", "yes", "no", VALUE_STRICTER },
                { "PrivateDevices", "no", "unset", VALUE_SAME },
                { "BindLogSockets", "yes", "no", VALUE_LOOSER },
                { "IPAccounting", "yes", "no", VALUE_DIFFERENT },
                { "ProtectSystem", "strict", "full", VALUE_STRICTER },
                { "ProtectSystem", "yes", "unset", VALUE_STRICTER },
                { "KeyringMode", "inherit", "unset", VALUE_LOOSER },
                { "ProtectProc", "invisible", "noaccess", VALUE_STRICTER },
                { "CapabilityBoundingSet", "CAP_KILL", "CAP_KILL CAP_CHOWN", VALUE_STRICTER },
                { "CapabilityBoundingSet", "CAP_KILL", "CAP_CHOWN", VALUE_DIFFERENT },
                { "CapabilityBoundingSet", "~", "unset", VALUE_SAME },
                { "CapabilityBoundingSet", "~CAP_KILL", "unset", VALUE_STRICTER },
                { "AmbientCapabilities", "CAP_KILL", "unset", VALUE_LOOSER },
                { "AmbientCapabilities", "", "unset", VALUE_SAME },
                { "RestrictNamespaces", "yes", "unset", VALUE_STRICTER },
                { "RestrictNamespaces", "no", "unset", VALUE_SAME },
                { "RestrictNamespaces", "user", "user mnt", VALUE_STRICTER },
                { "DelegateNamespaces", "yes", "unset", VALUE_LOOSER },
                { "RestrictAddressFamilies", "AF_UNIX", "AF_UNIX AF_INET", VALUE_STRICTER },
                { "RestrictAddressFamilies", "AF_UNIX", "~AF_INET", VALUE_STRICTER },
                { "RestrictAddressFamilies", "AF_INET", "~AF_INET", VALUE_DIFFERENT },
                { "RestrictAddressFamilies", "~AF_INET AF_CAN", "~AF_INET", VALUE_STRICTER },
                { "RestrictAddressFamilies", "none", "AF_UNIX", VALUE_STRICTER },
                { "RestrictAddressFamilies", "~", "unset", VALUE_SAME },
                { "SystemCallFilter", "@system-service|~@resources",
                  "@system-service", VALUE_STRICTER },
                { "SystemCallFilter", "@system-service|~clone3:ENOSYS",
                  "@system-service", VALUE_STRICTER },
                { "SystemCallFilter", "@system-service|~clone3:ENOSYS",
                  "@system-service|~clone3", VALUE_SAME },
                { "SystemCallFilter", "~@swap:EPERM", "~@swap", VALUE_SAME },
                { "SystemCallFilter", "~@swap", "unset", VALUE_STRICTER },
                { "SystemCallFilter", "@system-service", "~@swap", VALUE_STRICTER },
                { "SystemCallFilter", "@system-service", "~@swap @resources", VALUE_DIFFERENT },
                { "SystemCallLog", "@swap", "unset", VALUE_DIFFERENT },
                { "RestrictFileSystems", "ext4", "@common-block", VALUE_STRICTER },
                { "ReadWritePaths", "/a/b", "/a", VALUE_STRICTER },
                { "ReadWritePaths", "/ab", "/a", VALUE_DIFFERENT },
                { "ReadWritePaths", "-/a", "/a", VALUE_SAME },
                { "ReadWritePaths", "/a", "/", VALUE_STRICTER },
                { "ReadWritePaths", "/a", "unset", VALUE_LOOSER },
                { "InaccessiblePaths", "/a /b", "/b", VALUE_STRICTER },
                { "InaccessiblePaths", "/a", "/a/b /a/c", VALUE_STRICTER },
                { "InaccessiblePaths", "+/a", "/a", VALUE_DIFFERENT },
                { "BindPaths", "/a", "/a /b", VALUE_STRICTER },
                { "TemporaryFileSystem", "/a", "unset", VALUE_STRICTER },
                { "StateDirectory", "a", "unset", VALUE_LOOSER },
                { "DeviceAllow", "/dev/null r", "/dev/null rw", VALUE_STRICTER },
                { "DeviceAllow", "/dev/null r", "/dev/zero r", VALUE_DIFFERENT },
                { "IPAddressAllow", "10.1.0.0/16", "10.0.0.0/8", VALUE_STRICTER },
                { "IPAddressAllow", "10.0.0.0/9", "10.128.0.0/9", VALUE_DIFFERENT },
                { "IPAddressAllow", "::1", "any", VALUE_STRICTER },
                { "IPAddressDeny", "any", "localhost", VALUE_STRICTER },
                { "IPAddressDeny", "any", "unset", VALUE_STRICTER },
                { "SocketBindAllow", "tcp:80", "tcp:1-1024", VALUE_STRICTER },
                { "SocketBindAllow", "ipv4:tcp:80", "tcp", VALUE_STRICTER },
                { "SocketBindAllow", "udp", "tcp", VALUE_DIFFERENT },
                { "SocketBindDeny", "any", "tcp", VALUE_STRICTER },
                { "UMask", "0077", "0022", VALUE_STRICTER },
                { "UMask", "0022", "unset", VALUE_SAME },
                { "UMask", "0070", "0007", VALUE_DIFFERENT },
                { "User", "daemon", "unset", VALUE_STRICTER },
                { "User", "root", "unset", VALUE_SAME },
                { "User", "0", "root", VALUE_SAME },
                { "User", "daemon", "nobody", VALUE_DIFFERENT },
                { "Group", "daemon", "unset", VALUE_DIFFERENT },
                { "SupplementaryGroups", "a", "a b", VALUE_STRICTER },
                { "SecureBits", "noroot", "unset", VALUE_STRICTER },
                { "SystemCallArchitectures", "native", "unset", VALUE_STRICTER },
                { "SystemCallArchitectures", "native", "native x86", VALUE_STRICTER },
                { "RootDirectory", "/srv", "unset", VALUE_STRICTER },
                { "RootDirectory", "/", "unset", VALUE_SAME },
                { "RootDirectory", "/a", "/b", VALUE_DIFFERENT },
                { "NetworkNamespacePath", "/a", "unset", VALUE_DIFFERENT },
                { "MemoryMax", "1G", "1025M", VALUE_STRICTER },
                { "MemoryMax", "1024M", "1G", VALUE_SAME },
                { "MemoryMax", "1G", "unset", VALUE_STRICTER },
                { "MemoryMax", "infinity", "unset", VALUE_SAME },
                { "MemoryMax", "50%", "1G", VALUE_DIFFERENT },
                { "TasksMax", "10", "100", VALUE_STRICTER },
                { "CPUQuota", "20%", "unset", VALUE_STRICTER },
                { "LimitNOFILE", "100", "unset", VALUE_STRICTER },
                { "LimitNOFILE", "1:1000", "10:100", VALUE_DIFFERENT },
                { "LimitCORE", "0", "unset", VALUE_DIFFERENT },
                { "Delegate", "no", "unset", VALUE_SAME },
                { "Delegate", "", "unset", VALUE_LOOSER },
                { "Delegate", "cpu", "yes", VALUE_STRICTER },
                { "Delegate", "cpu", "memory", VALUE_DIFFERENT },
                { "Nice", "1", "2", VALUE_DIFFERENT },
                { "LoadCredential", "a", "unset", VALUE_DIFFERENT },
                { "PAMName", "a", "b", VALUE_DIFFERENT },
        };
        /* clang-format on */
        static const enum value_order turned[] = { [VALUE_SAME] = VALUE_SAME,
                                                   [VALUE_STRICTER] = VALUE_LOOSER,
                                                   [VALUE_LOOSER] = VALUE_STRICTER,
                                                   [VALUE_DIFFERENT] = VALUE_DIFFERENT };
        struct dialect dialect;

        (void)state;
        dialect_for((struct version){ 262, 1 }, SCOPE_SYSTEM, &dialect);
        for (size_t i = 0; i < COUNT(cases); i++) {
                const struct directive *d = directive_find(cases[i].directive);
                scoped(value_done) struct value a = { 0 }, b = { 0 };
                enum value_order order;

                assign(&a, d->name, &dialect, cases[i].a);
                assign(&b, d->name, &dialect, cases[i].b);
                order = value_compare(&a, &b, d, &dialect);
                if (order != cases[i].order)
                        fail_msg("%s: \"%s\" is %s \"%s\"", d->name, cases[i].a, names[order],
                                 cases[i].b);
                assert_int_equal(value_compare(&b, &a, d, &dialect), turned[order]);
        }
}

/* All the steps from v on, parted by blanks. */
static char *walk(const char *directive, const struct dialect *dialect, const char *from,
                  int direction)
{
        const struct directive *d = directive_find(directive);
        scoped(value_done) struct value v = { 0 };
        struct text t = { 0 };

        assign(&v, directive, dialect, from);
        for (int i = 0; i < 10; i++) {
                scoped(mem_freep) char *shown = NULL;
                struct value next = { 0 };
                int r = value_step(&v, d, dialect, direction, &next);

                assert_true(r >= 0);
                if (r == 1)
                        break;
                value_done(&v);
                v = next;
                shown = value_show(&v, d, dialect);
                text_addf(&t, "%s%s", t.length ? " " : "", shown);
        }
        return text_take(&t);
}

static void steps_go_to_the_end_and_no_further(void **state)
{
        static const struct {
                unsigned version;
                const char *directive, *from;
                int direction;
                const char *steps;
        } cases[] = {
                { 252, "PrivateDevices", "unset", 1, "yes" },
                { 252, "PrivateDevices", "yes", 1, "" },
                { 252, "PrivateDevices", "yes", -1, "no" },
                { 252, "PrivateDevices", "unset", -1, "" },
                { 262, "BindLogSockets", "yes", 1, "no" },
                { 252, "ProtectSystem", "unset", 1, "yes full strict" },
                { 252, "ProtectSystem", "strict", -1, "full yes no" },
                { 252, "PrivateTmp", "unset", 1, "yes" },
                { 257, "PrivateTmp", "unset", 1, "yes disconnected" },
                { 252, "KeyringMode", "unset", 1, "" },
                { 252, "KeyringMode", "unset", -1, "inherit shared" },
                { 252, "UMask", "unset", 1, "" },
                { 252, "ProtectControlGroups", "unset", 1, "yes" },
                { 257, "ProtectControlGroups", "unset", 1, "private yes strict" },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(mem_freep) char *steps = NULL;
                struct dialect dialect;

                dialect_for((struct version){ cases[i].version, 0 }, SCOPE_SYSTEM, &dialect);
                steps = walk(cases[i].directive, &dialect, cases[i].from, cases[i].direction);
                assert_string_equal(steps, cases[i].steps);
        }
}

static void each_step_is_stricter_than_the_last(void **state)
{
        struct dialect dialect;
        const struct directive *d;

        (void)state;
        dialect_for((struct version){ 262, 1 }, SCOPE_SYSTEM, &dialect);
        for (size_t i = 0; (d = directive_at(i)); i++) {
                scoped(value_done) struct value v = { 0 };

                if (d->flags & NOT_A_SANDBOX)
                        continue;
                for (int n = 0; n < 10; n++) {
                        struct value next = { 0 };

                        if (value_step(&v, d, &dialect, 1, &next) != 0)
                                break;
                        if (value_compare(&next, &v, d, &dialect) != VALUE_STRICTER)
                                fail_msg("%s: %s", d->name, next.words ? next.words[0] : "yes");
                        value_done(&v);
                        v = next;
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(values_are_ordered_by_what_they_let_through),
                cmocka_unit_test(steps_go_to_the_end_and_no_further),
                cmocka_unit_test(each_step_is_stricter_than_the_last),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
