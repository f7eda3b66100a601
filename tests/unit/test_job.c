/* test_job.c - the loop that long work waits on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/job.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct reader {
        int fd;
        char got[64];
        size_t length, calls;
        int answer;
};

/* Reads one byte at a time, so that what is left makes it called again. */
static int read_one(void *userdata)
{
        struct reader *r = userdata;
        char byte;

        r->calls++;
        if (r->answer < 0)
                return r->answer;
        if (read(r->fd, &byte, 1) != 1)
                return -EIO;
        if (r->length + 1 < sizeof(r->got))
                r->got[r->length++] = byte;
        return 0;
}

static bool has_all(void *userdata)
{
        const struct reader *r = userdata;

        return r->length == 5;
}

static bool was_called(void *userdata)
{
        const struct reader *r = userdata;

        return r->calls > 0;
}

static void open_both(struct job *job, int ends[2])
{
        struct err e = { 0 };

        assert_int_equal(job_open(job, &e), 0);
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
}

static void close_both(struct job *job, const int ends[2])
{
        close(ends[0]);
        if (ends[1] >= 0)
                close(ends[1]);
        job_done(job);
}

static void a_watch_reads_while_something_else_is_waited_for(void **state)
{
        struct job job;
        struct job_watch *watch = NULL;
        struct reader r = { 0 };
        int ends[2];

        (void)state;
        open_both(&job, ends);
        r.fd = ends[0];
        assert_int_equal(job_watch(&job, r.fd, read_one, &r, &watch), 0);
        assert_int_equal(write(ends[1], "hello", 5), 5);
        assert_int_equal(job_wait(&job, has_all, &r, 5000000), 0);
        assert_string_equal(r.got, "hello");
        assert_int_equal(r.calls, 5);
        job_watch_free(watch);
        close_both(&job, ends);
}

static void a_freed_watch_reads_no_more(void **state)
{
        struct job job;
        struct job_watch *watch = NULL;
        struct reader r = { 0 };
        int ends[2];

        (void)state;
        open_both(&job, ends);
        r.fd = ends[0];
        assert_int_equal(job_watch(&job, r.fd, read_one, &r, &watch), 0);
        job_watch_free(watch);
        assert_int_equal(write(ends[1], "x", 1), 1);
        assert_int_equal(job_pause(&job, 1000), 0);
        assert_int_equal(r.calls, 0);
        close_both(&job, ends);
}

static void a_watch_that_fails_ends_alone(void **state)
{
        struct job job;
        struct job_watch *watch = NULL;
        struct reader r = { .answer = -EIO };
        int ends[2];

        (void)state;
        open_both(&job, ends);
        r.fd = ends[0];
        assert_int_equal(job_watch(&job, r.fd, read_one, &r, &watch), 0);
        assert_int_equal(write(ends[1], "x", 1), 1);
        assert_int_equal(job_wait(&job, was_called, &r, 5000000), 0);
        assert_int_equal(job_pause(&job, 1000), 0);
        assert_int_equal(r.calls, 1);
        job_watch_free(watch);
        close_both(&job, ends);
}

static void a_watch_whose_other_end_closed_does_not_spin(void **state)
{
        struct job job;
        struct job_watch *watch = NULL;
        struct reader r = { 0 };
        int ends[2];

        (void)state;
        open_both(&job, ends);
        r.fd = ends[0];
        assert_int_equal(job_watch(&job, r.fd, read_one, &r, &watch), 0);
        close(ends[1]);
        ends[1] = -1;
        assert_int_equal(job_pause(&job, 2000), 0);
        assert_int_equal(r.calls, 1);
        job_watch_free(watch);
        close_both(&job, ends);
}

static void a_file_that_cannot_be_waited_for_is_refused(void **state)
{
        struct job job;
        struct job_watch *watch = NULL;
        struct err e = { 0 };

        (void)state;
        assert_int_equal(job_open(&job, &e), 0);
        assert_true(job_watch(&job, -1, read_one, NULL, &watch) < 0);
        assert_null(watch);
        job_watch_free(watch);
        job_done(&job);
}

static void a_cancel_ends_every_wait(void **state)
{
        struct job job;
        struct err e = { 0 };

        (void)state;
        assert_int_equal(job_open(&job, &e), 0);
        job.cancelled = true;
        assert_int_equal(job_pause(&job, 1000000), -ECANCELED);
        job_done(&job);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_watch_reads_while_something_else_is_waited_for),
                cmocka_unit_test(a_freed_watch_reads_no_more),
                cmocka_unit_test(a_watch_that_fails_ends_alone),
                cmocka_unit_test(a_watch_whose_other_end_closed_does_not_spin),
                cmocka_unit_test(a_file_that_cannot_be_waited_for_is_refused),
                cmocka_unit_test(a_cancel_ends_every_wait),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
