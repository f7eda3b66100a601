/* test_applying.c - what an apply leaves behind is named, and recorded as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/applying_private.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

/* ---- sentences ---- */

static struct sandbox *unit_of(const char *text)
{
        struct dialect dialect;
        struct sandbox *s = NULL;

        dialect_for((struct version){ VERSION_NEWEST, 0 }, SCOPE_SYSTEM, &dialect);
        assert_int_equal(sandbox_new("x.service", SCOPE_SYSTEM, &s), 0);
        assert_int_equal(unit_parse(s, &dialect, "x.service", text, strlen(text)), 0);
        assert_int_equal(sandbox_imply(s, &dialect), 0);
        dialect_done(&dialect);
        return s;
}

/* The sentences that the second unit has beside the first, one a line. */
static char *marks_of(const char *before, const char *after)
{
        scoped(sandbox_freep) struct sandbox *a = unit_of(before), *b = unit_of(after);
        scoped(applying_plan_done) struct applying_plan plan = { 0 };
        struct err e = { 0 };
        char *joined;

        assert_int_equal(applying_marks(a, b, &plan, &e), 0);
        joined = strv_join(plan.marks, "\n");
        assert_non_null(joined);
        return joined;
}

#define PLAIN "[Service]\nExecStart=/bin/true\n"

static void what_leaves_no_marks_says_nothing(void **state)
{
        scoped(mem_freep) char *said = marks_of(PLAIN,
                                                PLAIN "ProtectSystem=strict\nPrivateDevices=yes\n");

        (void)state;
        assert_string_equal(said, "");
}

static void each_directive_that_leaves_marks_is_named(void **state)
{
        static const struct {
                const char *line, *word;
        } rows[] = {
                { "User=nobody\n", "User=:" },
                { "Group=nogroup\n", "Group=:" },
                { "DynamicUser=yes\n", "DynamicUser=:" },
                { "User=nobody\nRemoveIPC=yes\n", "RemoveIPC=:" },
                { "PrivateTmp=yes\n", "PrivateTmp=:" },
                { "UMask=0077\n", "UMask=:" },
                { "PrivateUsers=yes\n", "PrivateUsers=:" },
                { "StateDirectory=gird-no-such\n", "StateDirectory=:" },
                { "CacheDirectory=gird-no-such\n", "CacheDirectory=:" },
                { "LogsDirectory=gird-no-such\n", "LogsDirectory=:" },
                { "ConfigurationDirectory=gird-no-such\n", "ConfigurationDirectory=:" },
                { "RuntimeDirectory=gird-no-such\n", "RuntimeDirectory=:" },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                scoped(mem_freep) char *text = text_format("%s%s", PLAIN, rows[i].line);
                scoped(mem_freep) char *said = text ? marks_of(PLAIN, text) : NULL;
                scoped(mem_freep) char *same = text ? marks_of(text, text) : NULL;

                assert_non_null(said);
                if (!strstr(said, rows[i].word))
                        fail_msg("%s is not named in: %s", rows[i].word, said);
                assert_string_equal(same, "");
        }
}

static void folders_of_a_unit_change_hands_with_its_user(void **state)
{
        scoped(mem_freep) char *said = marks_of(PLAIN "StateDirectory=gird-no-such\n",
                                                PLAIN "StateDirectory=gird-no-such\nUser=nobody\n");

        (void)state;
        assert_non_null(strstr(said, "User=:"));
        assert_non_null(strstr(said, "/var/lib/gird-no-such"));
}

/* ---- files ---- */

struct box {
        char folder[48];
};

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
        (void)st;
        (void)kind;
        (void)at;
        return remove(path);
}

static int set_up(void **state)
{
        struct box *box = calloc(1, sizeof(*box));

        assert_non_null(box);
        strcpy(box->folder, "/tmp/gird-applying.XXXXXX");
        assert_non_null(mkdtemp(box->folder));
        *state = box;
        return 0;
}

static int tear_down(void **state)
{
        struct box *box = *state;

        assert_int_equal(nftw(box->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
        free(box);
        return 0;
}

static char *below(const struct box *box, const char *name)
{
        char *path = text_format("%s/%s", box->folder, name);

        assert_non_null(path);
        return path;
}

static const struct mark *find(const struct applying_plan *plan, const char *path)
{
        for (size_t i = 0; i < plan->file_count; i++)
                if (strcmp(plan->files[i].path, path) == 0)
                        return &plan->files[i];
        return NULL;
}

static void all_that_is_in_a_folder_is_recorded(void **state)
{
        const struct box *box = *state;
        scoped(applying_plan_done) struct applying_plan plan = { 0 };
        scoped(mem_freep) char *sub = below(box, "sub"), *file = below(box, "sub/file");
        scoped(mem_freep) char *link = below(box, "link");
        struct applying_files found;
        struct err e = { 0 };
        int fd;

        assert_int_equal(mkdir(sub, 0750), 0);
        fd = open(file, O_WRONLY | O_CREAT, 0640);
        assert_true(fd >= 0);
        close(fd);
        assert_int_equal(symlink("/etc", link), 0);
        assert_int_equal(applying_files(&plan, box->folder, true, &found, &e), 0);
        assert_true(found.there);
        assert_false(found.too_many);
        assert_int_equal(found.count, 3);
        assert_int_equal(plan.file_count, 4);
        assert_true(find(&plan, box->folder)->top);
        assert_false(find(&plan, sub)->top);
        assert_int_equal(find(&plan, sub)->mode, S_IFDIR | 0750);
        assert_int_equal(find(&plan, file)->mode, S_IFREG | 0640);
        assert_int_equal(find(&plan, file)->uid, getuid());
        assert_true(S_ISLNK(find(&plan, link)->mode));
        assert_null(find(&plan, "/etc/passwd"));
}

static void what_is_not_there_is_recorded_with_what_is_made_above(void **state)
{
        const struct box *box = *state;
        scoped(applying_plan_done) struct applying_plan plan = { 0 };
        scoped(mem_freep) char *path = below(box, "a/b"), *above = below(box, "a");
        struct applying_files found;
        struct err e = { 0 };

        assert_int_equal(applying_files(&plan, path, true, &found, &e), 0);
        assert_false(found.there);
        assert_int_equal(plan.file_count, 2);
        assert_false(find(&plan, path)->there);
        assert_false(find(&plan, above)->there);
}

static void of_too_many_only_the_folder_is_recorded(void **state)
{
        const struct box *box = *state;
        scoped(applying_plan_done) struct applying_plan plan = { 0 };
        struct applying_files found;
        struct err e = { 0 };

        for (int i = 0; i <= APPLYING_FILES_LIMIT; i++) {
                scoped(mem_freep) char *name = text_format("%s/%d", box->folder, i);

                assert_int_equal(symlink("x", name), 0);
        }
        assert_int_equal(applying_files(&plan, box->folder, true, &found, &e), 0);
        assert_true(found.too_many);
        assert_int_equal(plan.file_count, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_leaves_no_marks_says_nothing),
                cmocka_unit_test(each_directive_that_leaves_marks_is_named),
                cmocka_unit_test(folders_of_a_unit_change_hands_with_its_user),
                cmocka_unit_test_setup_teardown(all_that_is_in_a_folder_is_recorded, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(
                        what_is_not_there_is_recorded_with_what_is_made_above, set_up, tear_down),
                cmocka_unit_test_setup_teardown(of_too_many_only_the_folder_is_recorded, set_up,
                                                tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
