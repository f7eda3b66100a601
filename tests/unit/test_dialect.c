/* test_dialect.c - the vocabularies of each systemd. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/dialect.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void speak(unsigned major, unsigned minor, struct dialect *ret)
{
        dialect_for((struct version){ major, minor }, SCOPE_SYSTEM, ret);
}

static bool has_member(const struct dialect *d, const char *group, const char *name)
{
        const struct syscall_group *g = dialect_group(d, group);

        assert_non_null(g);
        for (const char *const *m = g->members; *m; m++)
                if (strcmp(*m, name) == 0)
                        return true;
        return false;
}

static void groups_follow_the_point_release(void **state)
{
        /* clang-format off */
        static const struct {
                unsigned major, minor;
                const char *group, *member;
                bool there;
        } cases[] = {
                { 247,  7, "@mount",          "mount_setattr",  false },
                { 247,  8, "@mount",          "mount_setattr",  true  },
                { 248,  3, "@mount",          "mount_setattr",  false },
                { 248,  4, "@mount",          "mount_setattr",  true  },
                { 251, 13, "@privileged",     "quotactl_fd",    false },
                { 251, 14, "@privileged",     "quotactl_fd",    true  },
                { 252,  7, "@privileged",     "quotactl_fd",    false },
                { 252,  8, "@privileged",     "quotactl_fd",    true  },
                { 252, 31, "@default",        "uretprobe",      false },
                { 252, 39, "@default",        "uretprobe",      true  },
                { 252, 39, "@privileged",     "quotactl_fd",    true  },
                { 248,  6, "@default",        "getrandom",      false },
                { 248,  7, "@default",        "getrandom",      true  },
                { 257,  0, "@mount",          "open_tree_attr", false },
                { 259,  0, "@mount",          "open_tree_attr", false },
                { 260,  0, "@mount",          "open_tree_attr", true  },
                { 262,  1, "@mount",          "open_tree",      false },
                { 262,  1, "@file-system",    "open_tree",      true  },
                { 999,  0, "@file-system",    "open_tree",      true  },
                { 200,  0, "@default",        "getrandom",      false },
                { 262,  1, "@default",        "@sandbox",       true  },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                struct dialect d;

                speak(cases[i].major, cases[i].minor, &d);
                if (has_member(&d, cases[i].group, cases[i].member) != cases[i].there)
                        fail_msg("%u.%u: %s in %s", cases[i].major, cases[i].minor, cases[i].member,
                                 cases[i].group);
        }
}

static int count_call(void *userdata, const char *call)
{
        assert_int_not_equal(*call, '@');
        (*(size_t *)userdata)++;
        return 0;
}

static void every_group_of_every_version_expands(void **state)
{
        (void)state;
        for (unsigned major = VERSION_OLDEST; major <= VERSION_NEWEST; major++)
                for (unsigned minor = 0; minor < 40; minor++) {
                        struct dialect d;

                        speak(major, minor, &d);
                        assert_non_null(dialect_group(&d, "@default"));
                        assert_non_null(dialect_group(&d, "@system-service"));
                        assert_non_null(dialect_group(&d, "@known"));
                        for (const struct syscall_group *g = d.groups; g->name; g++) {
                                size_t calls = 0;

                                assert_int_equal(dialect_expand(&d, g->name, count_call, &calls),
                                                 0);
                                assert_true(calls > 0);
                        }
                }
}

static void an_unknown_group_is_said_to_be_none(void **state)
{
        struct dialect d;
        size_t calls = 0;

        (void)state;
        speak(252, 0, &d);
        assert_null(dialect_group(&d, "@bogus"));
        assert_int_equal(dialect_expand(&d, "@bogus", count_call, &calls), -ENOENT);
        assert_int_equal(dialect_expand(&d, "read", count_call, &calls), 0);
        assert_int_equal(calls, 1);
}

static void what_systemd_prints_is_learnt(void **state)
{
        static const char text[] = "@default\n"
                                   "    # System calls that are always permitted\n"
                                   "    brk\n"
                                   "    @mine\n"
                                   "\n"
                                   "@mine\n"
                                   "    # Mine\n"
                                   "    newcall\n"
                                   "\n"
                                   "# Unlisted System Calls, supported by the local kernel, but "
                                   "not included in any of the groups listed above, which is a "
                                   "rather long line that no buffer should stumble over:\n"
                                   "#   other\n";
        struct dialect d;
        size_t calls = 0;

        (void)state;
        speak(252, 0, &d);
        d.last_cap = 41;
        assert_int_equal(dialect_learn(&d, text), 0);
        assert_true(has_member(&d, "@mine", "newcall"));
        assert_null(dialect_group(&d, "@swap"));
        assert_int_equal(dialect_expand(&d, "@default", count_call, &calls), 0);
        assert_int_equal(calls, 2);
        assert_int_equal(dialect_learn(&d, text), 0); /* a second time, too */
        dialect_done(&d);
        assert_non_null(dialect_group(&d, "@swap"));
        assert_int_equal(d.last_cap, 41);
        dialect_done(&d);
}

static void what_is_no_such_table_is_refused(void **state)
{
        static const char *const texts[] = {
                "",
                "\n\n# nothing\n",
                "    orphan\n",
                "Failed to do things\n",
                "@default\n    a b\n",
                "@default\n    \x1b[31mread\n",
                "@only\n    read\n",
                "@default\n@@\n    read/write\n",
        };

        (void)state;
        for (size_t i = 0; i < COUNT(texts); i++) {
                struct dialect d;

                speak(252, 0, &d);
                assert_int_equal(dialect_learn(&d, texts[i]), -EINVAL);
                assert_non_null(dialect_group(&d, "@swap"));
                assert_null(d.owned);
        }
}

static void a_circle_of_groups_ends(void **state)
{
        struct dialect d;
        size_t calls = 0;

        (void)state;
        speak(252, 0, &d);
        assert_int_equal(dialect_learn(&d, "@default\n @a\n read\n@a\n @default\n"), 0);
        assert_int_equal(dialect_expand(&d, "@default", count_call, &calls), 0);
        assert_true(calls < 100);
        dialect_done(&d);
}

static void system_calls_have_their_numbers(void **state)
{
        size_t n = 0;

        (void)state;
        assert_int_equal(syscall_number("nosuchcall"), -1);
        assert_int_equal(syscall_index("nosuchcall"), -1);
        assert_int_equal(syscall_number(syscall_name(1)), 1);
        assert_null(syscall_name(-1));
        assert_null(syscall_name(100000));
#if defined(__x86_64__) && !defined(__ILP32__)
        assert_int_equal(syscall_number("read"), 0);
        assert_int_equal(syscall_number("execve"), 59);
        assert_int_equal(syscall_number("mmap2"), -1); /* others have it */
        assert_true(syscall_index("mmap2") >= 0);
        assert_string_equal(syscall_name(59), "execve");
#endif
        for (; syscall_at(n); n++) {
                assert_int_equal(syscall_index(syscall_at(n)), n);
                if (n > 0)
                        assert_true(strcmp(syscall_at(n - 1), syscall_at(n)) < 0);
        }
        assert_in_range(n, 400, 767); /* CALLS_MAX of value_syscalls.c */
}

static void an_older_libseccomp_knows_fewer_calls(void **state)
{
        struct dialect d;

        (void)state;
        speak(252, 39, &d);
        assert_true(dialect_knows_call(&d, "mseal"));
        assert_false(dialect_knows_call(&d, "nosuchcall"));
        d.seccomp = 20504;
        assert_false(dialect_knows_call(&d, "mseal"));
        assert_false(dialect_knows_call(&d, "uretprobe"));
        assert_true(dialect_knows_call(&d, "fchmodat2"));
        d.seccomp = 20501;
        assert_false(dialect_knows_call(&d, "fchmodat2"));
}

static void the_installed_libseccomp_is_found_by_its_name(void **state)
{
        char root[] = "/tmp/gird-test-XXXXXX";
        scoped(mem_freep) char *folder = NULL, *file = NULL;
        struct dialect d;
        FILE *f;

        (void)state;
        speak(252, 39, &d);
        assert_non_null(mkdtemp(root));
        assert_int_equal(dialect_find_seccomp(&d, root), 1);
        assert_int_equal(d.seccomp, 0);
        folder = text_format("%s/lib64", root);
        file = text_format("%s/libseccomp.so.2.5.4", folder);
        assert_int_equal(mkdir(folder, 0755), 0);
        f = fopen(file, "w");
        assert_non_null(f);
        fclose(f);
        assert_int_equal(dialect_find_seccomp(&d, root), 0);
        assert_int_equal(d.seccomp, 20504);
        unlink(file);
        rmdir(folder);
        rmdir(root);
}

static void capabilities_are_known_by_name_and_number(void **state)
{
        struct dialect d;

        (void)state;
        speak(252, 0, &d);
        assert_int_equal(capability_number("CAP_CHOWN"), 0);
        assert_int_equal(capability_number("cap_sys_admin"), 21);
        assert_int_equal(capability_number("0x15"), 21);
        assert_int_equal(capability_number("CAP_CHECKPOINT_RESTORE"), 40);
        assert_int_equal(capability_number("SYS_ADMIN"), -1);
        assert_int_equal(capability_number("64"), -1);
        assert_int_equal(capability_number("-1"), -1);
        assert_int_equal(capability_number(""), -1);
        assert_int_equal(capability_number("5x"), -1);
        for (unsigned i = 0; i <= 40; i++)
                assert_int_equal(capability_number(capability_name(i)), i);
        assert_null(capability_name(41));
        assert_true(capability_all(&d) == (UINT64_C(1) << 41) - 1);
}

static void namespaces_depend_on_the_version(void **state)
{
        struct dialect old, new;
        uint64_t flag = 0;

        (void)state;
        speak(251, 0, &old);
        speak(252, 0, &new);
        assert_true(namespace_flag(&old, "user") == CLONE_NEWUSER);
        assert_true(namespace_flag(&old, "time") == 0);
        assert_true(namespace_flag(&new, "time") == 0x80);
        assert_true(namespace_flag(&new, "USER") == 0);
        assert_true(namespace_all(&new) == namespace_all(&old)); /* "no" does not mean time */
        speak(257, 0, &new);
        assert_true(namespace_all(&new) == (namespace_all(&old) | 0x80));
        assert_non_null(namespace_name(7, &flag));
        assert_null(namespace_name(8, NULL));
}

static void families_have_one_name_each(void **state)
{
        size_t n = 0;

        (void)state;
        assert_string_equal(family_canonical("af_local"), "AF_UNIX");
        assert_string_equal(family_canonical("AF_FILE"), "AF_UNIX");
        assert_string_equal(family_canonical("Af_Route"), "AF_NETLINK");
        assert_null(family_canonical("AF_UNSPEC"));
        assert_null(family_canonical("AF_MAX"));
        assert_null(family_canonical("1"));
        for (; family_name(n); n++)
                assert_string_equal(family_canonical(family_name(n)), family_name(n));
        assert_in_range(n, 44, 60);
}

static void errnos_have_names(void **state)
{
        (void)state;
        assert_int_equal(errno_number("EPERM"), EPERM);
        assert_int_equal(errno_number("EWOULDBLOCK"), EAGAIN);
        assert_int_equal(errno_number("ENOTSUP"), EOPNOTSUPP);
        assert_int_equal(errno_number("eperm"), -1);
        assert_int_equal(errno_number("0"), -1);
        assert_string_equal(errno_name(EPERM), "EPERM");
        assert_null(errno_name(0));
        assert_null(errno_name(4000));
        for (int i = 1; i < 140; i++)
                if (errno_name(i))
                        assert_int_equal(errno_number(errno_name(i)), i);
}

static void vocabularies_belong_to_directives(void **state)
{
        (void)state;
        assert_int_equal(vocabulary_of(D_SecureBits), WORDS_SECURE_BITS);
        assert_int_equal(vocabulary_of(D_UMask), -1);
        assert_true(vocabulary_has(WORDS_ARCHITECTURES, "native"));
        assert_false(vocabulary_has(WORDS_ARCHITECTURES, "bogus"));
        assert_string_equal(vocabulary_word(WORDS_CONTROLLERS, 0), "cpu");
        assert_null(vocabulary_word(WORDS_LOG_LEVELS, 8));
        assert_null(vocabulary_word(WORDS_LOG_LEVELS, 80));
        assert_non_null(filesystem_group("@network"));
        assert_null(filesystem_group("@bogus"));
        assert_null(filesystem_group_at(10));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(groups_follow_the_point_release),
                cmocka_unit_test(every_group_of_every_version_expands),
                cmocka_unit_test(an_unknown_group_is_said_to_be_none),
                cmocka_unit_test(what_systemd_prints_is_learnt),
                cmocka_unit_test(what_is_no_such_table_is_refused),
                cmocka_unit_test(a_circle_of_groups_ends),
                cmocka_unit_test(system_calls_have_their_numbers),
                cmocka_unit_test(an_older_libseccomp_knows_fewer_calls),
                cmocka_unit_test(the_installed_libseccomp_is_found_by_its_name),
                cmocka_unit_test(capabilities_are_known_by_name_and_number),
                cmocka_unit_test(namespaces_depend_on_the_version),
                cmocka_unit_test(families_have_one_name_each),
                cmocka_unit_test(errnos_have_names),
                cmocka_unit_test(vocabularies_belong_to_directives),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
