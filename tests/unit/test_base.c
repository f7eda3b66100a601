/* test_base.c - strings made harmless, lists, whole files, children, the job loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/child.h"
#include "core/base/err.h"
#include "core/base/file.h"
#include "core/base/job.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char *folder(void)
{
        static char path[64];

        strcpy(path, "/tmp/gird-base.XXXXXX");
        assert_non_null(mkdtemp(path));
        return path;
}

static char *below(const char *dir, const char *name)
{
        char *path = text_format("%s/%s", dir, name);

        assert_non_null(path);
        return path;
}

static void remove_tree(const char *dir)
{
        struct child_result out = { 0 };
        struct err e = { 0 };

        assert_int_equal(child_run(NULL,
                                   (char *[]){ (char *)"rm", (char *)"-rf", (char *)dir, NULL },
                                   NULL, 10000000, &out, &e),
                         0);
        child_result_done(&out);
}

static void escape_sequences_lose_their_power(void **state)
{
        char out[64];

        (void)state;
        text_printable(out, sizeof(out),
                       "a\033[31mred\007\tb\x9b"
                       "c");
        assert_string_equal(out, "a?[31mred? b?c");
        text_printable(out, sizeof(out),
                       "x\xe2\x80\xaey\xef\xbb\xbfz"); /* right-to-left override, BOM */
        assert_string_equal(out, "x?y?z");
        text_printable(out, sizeof(out), "\xc3\xa9\xe2\x9c\x93\xf0\x9f\x98\x80");
        assert_string_equal(out, "\xc3\xa9\xe2\x9c\x93\xf0\x9f\x98\x80");
        text_printable(out, sizeof(out), "\xc0\xaf\xed\xa0\x80"); /* overlong, surrogate */
        assert_null(strchr(out, '/'));
}

static void printable_text_is_cut_on_a_character(void **state)
{
        char out[4];

        (void)state;
        text_printable(out, sizeof(out), "ab\xc3\xa9");
        assert_string_equal(out, "ab");
        text_printable(out, 1, "ab");
        assert_string_equal(out, "");
}

static void errors_name_the_reason_and_stay_printable(void **state)
{
        struct err e = { 0 };

        (void)state;
        assert_int_equal(err_set(&e, -ENOENT, "cannot open %s", "/x\033y"), -ENOENT);
        assert_string_equal(e.text, "cannot open /x?y: No such file or directory");
        assert_int_equal(err_say(&e, -EINVAL, "whole"), -EINVAL);
        assert_string_equal(e.text, "whole");
        assert_int_equal(err_set(NULL, -EIO, "nobody listens"), -EIO);
}

static void lists_split_join_and_compare(void **state)
{
        char **list = NULL, **copy = NULL;
        char *joined;

        (void)state;
        assert_int_equal(strv_split(" a  b\tc ", " \t", &list), 0);
        assert_int_equal(strv_length(list), 3);
        assert_int_equal(strv_copy(list, &copy), 0);
        assert_true(strv_equal(list, copy));
        strv_remove(copy, "b");
        assert_false(strv_equal(list, copy));
        joined = strv_join(copy, ",");
        assert_string_equal(joined, "a,c");
        free(joined);
        strv_free(list);
        strv_free(copy);
}

static void odd_files_are_refused_in_words(void **state)
{
        char *dir = folder();
        char *fifo = below(dir, "fifo"), *big = below(dir, "big");
        struct err e = { 0 };
        char *text = NULL;
        FILE *f;

        (void)state;
        assert_int_equal(file_read(AT_FDCWD, dir, 100, &text, NULL, &e), -EISDIR);
        assert_int_equal(mkfifo(fifo, 0600), 0);
        assert_int_equal(file_read(AT_FDCWD, fifo, 100, &text, NULL, &e), -EINVAL);
        f = fopen(big, "w");
        assert_non_null(f);
        fputs("0123456789", f);
        fclose(f);
        assert_int_equal(file_read(AT_FDCWD, big, 10, &text, NULL, &e), 0);
        assert_string_equal(text, "0123456789");
        free(text);
        text = NULL;
        assert_int_equal(file_read(AT_FDCWD, big, 5, &text, NULL, &e), -EFBIG);
        assert_null(text);
        free(fifo);
        free(big);
        remove_tree(dir);
}

static void a_child_gives_its_words_and_status(void **state)
{
        char *argv[] = { (char *)"sh", (char *)"-c", (char *)"echo out; echo err >&2; exit 7",
                         NULL };
        struct child_result out = { 0 };
        struct job job;
        struct err e = { 0 };

        (void)state;
        assert_int_equal(job_open(&job, &e), 0);
        assert_int_equal(child_run(&job, argv, NULL, 5000000, &out, &e), 0);
        assert_int_equal(WEXITSTATUS(out.status), 7);
        assert_string_equal(out.out, "out\n");
        assert_string_equal(out.errors, "err\n");
        child_result_done(&out);
        job_done(&job);
}

static void a_child_that_hangs_is_ended(void **state)
{
        char *argv[] = { (char *)"sleep", (char *)"100", NULL };
        struct child_result out = { 0 };
        struct err e = { 0 };
        uint64_t start = job_now();

        (void)state;
        assert_int_equal(child_run(NULL, argv, NULL, 100000, &out, &e), 0);
        assert_true(out.timed_out);
        assert_true(job_now() - start < 50 * 1000000ULL);
        child_result_done(&out);
}

static void a_missing_program_is_named(void **state)
{
        char *argv[] = { (char *)"gird-no-such-program", NULL };
        struct child_result out = { 0 };
        struct err e = { 0 };

        (void)state;
        assert_int_equal(child_run(NULL, argv, NULL, 100000, &out, &e), -ENOENT);
        assert_non_null(strstr(e.text, "gird-no-such-program"));
}

static bool never(void *userdata)
{
        (void)userdata;
        return false;
}

static void waiting_ends_by_time_or_by_cancelling(void **state)
{
        struct job job;
        struct err e = { 0 };

        (void)state;
        assert_int_equal(job_open(&job, &e), 0);
        assert_int_equal(job_wait(&job, never, NULL, 1000), -ETIMEDOUT);
        job.cancelled = true;
        assert_int_equal(job_wait(&job, never, NULL, JOB_FOREVER), -ECANCELED);
        job_done(&job);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(escape_sequences_lose_their_power),
                cmocka_unit_test(printable_text_is_cut_on_a_character),
                cmocka_unit_test(errors_name_the_reason_and_stay_printable),
                cmocka_unit_test(lists_split_join_and_compare),
                cmocka_unit_test(odd_files_are_refused_in_words),
                cmocka_unit_test(a_child_gives_its_words_and_status),
                cmocka_unit_test(a_child_that_hangs_is_ended),
                cmocka_unit_test(a_missing_program_is_named),
                cmocka_unit_test(waiting_ends_by_time_or_by_cancelling),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
