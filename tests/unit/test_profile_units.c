/* test_profile_units.c - which units have a kept profile, and what they were tried with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/store.h"
#include "core/trial/surroundings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int make_root(void **state)
{
        char *root = strdup("/tmp/gird-test-units.XXXXXX");

        assert_non_null(mkdtemp(root));
        *state = root;
        return 0;
}

static int remove_root(void **state)
{
        char *argv[] = { (char *)"rm", (char *)"-rf", *state, NULL };
        pid_t pid = fork();

        if (pid == 0) {
                execvp(argv[0], argv);
                _exit(1);
        }
        waitpid(pid, NULL, 0);
        free(*state);
        return 0;
}

static void put(const char *root, const char *path, const char *text)
{
        scoped(mem_freep) char *whole = text_format("%s%s", root, path);
        scoped(mem_freep) char *folder = strdup(whole);
        scoped(fd_closep) int fd = -1;

        *strrchr(folder, '/') = '\0';
        assert_int_equal(file_make_dirs(folder, 0755, NULL), 0);
        fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        assert_true(fd >= 0);
        assert_int_equal(file_write_all(fd, text, strlen(text)), 0);
}

static void units_with_a_profile_are_listed_and_nothing_else(void **state)
{
        const char *root = *state;
        struct unit_root units = { 0 };
        struct store store = { 0 };
        scoped(strv_freep) char **none = NULL, **list = NULL;
        scoped(mem_freep) char *link = text_format("%s/var/lib/gird/link.service", root);
        scoped(mem_freep) char *joined = NULL;

        assert_int_equal(unit_root_open(&units, root, SCOPE_SYSTEM, NULL), 0);
        assert_int_equal(store_open(&store, &units, NULL), 0);
        assert_int_equal(store_units(&store, &none, NULL), 0);
        assert_null(none);
        put(root, "/var/lib/gird/b.service/profile.json", "{}");
        put(root, "/var/lib/gird/a@1.service/profile.json", "{}");
        put(root, "/var/lib/gird/c.service/lock", "");
        put(root, "/var/lib/gird/no unit/profile.json", "{}");
        put(root, "/var/lib/gird/file.service", "{}");
        put(root, "/var/lib/gird/folder.service/profile.json/x", "{}");
        assert_int_equal(symlink("b.service", link), 0);
        assert_int_equal(store_units(&store, &list, NULL), 0);
        joined = strv_join(list, " ");
        assert_string_equal(joined, "a@1.service b.service");
        store_done(&store);
        unit_root_done(&units);
}

static void the_library_tells_its_release_and_each_file_its_build(void **state)
{
        const char *root = *state;
        scoped(surroundings_done) struct surroundings s = { 0 };

        put(root, "/usr/sbin/app", "#!/bin/sh\n");
        put(root, "/lib/x86_64-linux-gnu/libc.so.6",
            "xxGNU C Library (Debian GLIBC 2.36-9+deb12u10) stable release version 2.36.\nyy");
        assert_int_equal(surroundings_now(root, "/usr/sbin/app", &s), 0);
        assert_true(text_starts(s.binary, "10-"));
        assert_true(text_starts(s.libc, "2.36-9+deb12u10 7"));
        assert_null(s.kernel); /* of another tree: nobody knows */
        assert_false(surroundings_unknown(&s));
}

static void a_library_without_a_release_is_known_by_its_build(void **state)
{
        static const char *const texts[] = { "", "GNU C Library (", "GNU C Library (x",
                                             "GNU C Library (odd) stable release version .",
                                             "GNU C Library \xff\n" };
        const char *root = *state;

        for (size_t i = 0; i < COUNT(texts); i++) {
                scoped(surroundings_done) struct surroundings s = { 0 };

                put(root, "/lib64/libc.so.6", texts[i]);
                assert_int_equal(surroundings_now(root, NULL, &s), 0);
                assert_null(strchr(s.libc, ' '));
                assert_null(s.binary);
        }
}

static void the_number_serves_where_there_is_no_better_word(void **state)
{
        const char *root = *state;
        scoped(surroundings_done) struct surroundings s = { 0 };

        put(root, "/usr/lib/libc.so.6", "GNU C Library (GNU libc) stable release version 2.41.\n");
        assert_int_equal(surroundings_now(root, NULL, &s), 0);
        assert_true(text_starts(s.libc, "2.41 "));
}

static void an_empty_root_tells_nothing(void **state)
{
        scoped(surroundings_done) struct surroundings s = { 0 };

        assert_int_equal(surroundings_now(*state, "/bin/none", &s), 0);
        assert_true(surroundings_unknown(&s));
        assert_int_equal(surroundings_now(*state, "relative", &s), 0);
        assert_null(s.binary);
}

static void this_machine_has_a_kernel(void **state)
{
        static const char *const roots[] = { NULL, "", "/" };

        (void)state;
        for (size_t i = 0; i < COUNT(roots); i++) {
                scoped(surroundings_done) struct surroundings s = { 0 };

                assert_int_equal(surroundings_now(roots[i], "/bin/sh", &s), 0);
                assert_non_null(s.kernel);
                assert_non_null(s.binary);
        }
}

static void changes_are_told_one_by_one(void **state)
{
        const struct surroundings then = { (char *)"aa", (char *)"2.36 bb", (char *)"6.1" };
        const struct surroundings now = { (char *)"ab", (char *)"2.41 cc", (char *)"6.12" };
        const struct surroundings rebuilt = { (char *)"aa", (char *)"2.36 cc", NULL };
        const struct surroundings unknown = { 0 };
        scoped(strv_freep) char **words = NULL, **same = NULL, **library = NULL, **none = NULL;

        (void)state;
        assert_int_equal(surroundings_changed(&then, &now, "/usr/sbin/nginx", &words), 0);
        assert_int_equal(strv_length(words), 3);
        assert_string_equal(words[0], "nginx was another build then");
        assert_string_equal(words[1], "the C library was 2.36 then, and is 2.41 now");
        assert_string_equal(words[2], "the kernel was 6.1 then, and is 6.12 now");
        assert_int_equal(surroundings_changed(&then, &then, NULL, &same), 0);
        assert_null(same);
        assert_int_equal(surroundings_changed(&then, &rebuilt, NULL, &library), 0);
        assert_int_equal(strv_length(library), 1);
        assert_string_equal(library[0], "the C library was another build then");
        assert_int_equal(surroundings_changed(&unknown, &now, NULL, &none), 0);
        assert_null(none);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_root, remove_root)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(units_with_a_profile_are_listed_and_nothing_else),
                TEST(the_library_tells_its_release_and_each_file_its_build),
                TEST(a_library_without_a_release_is_known_by_its_build),
                TEST(the_number_serves_where_there_is_no_better_word),
                TEST(an_empty_root_tells_nothing),
                TEST(this_machine_has_a_kernel),
                TEST(changes_are_told_one_by_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
