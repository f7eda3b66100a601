/* test_probe_ask.c - probes asked on a stage that a test makes up: a folder for its root, and
 * canned answers for commands and journal.  Sockets are unix sockets in that folder; no network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static const uint64_t SHORT = 50000;

struct fake {
        struct stage stage; /* first */
        char root[64];
        struct job job;
        int status; /* that commands end with */
        const char *out, *errors;
        int fault; /* of running one */
        unsigned ran;
        char *argv;              /* the last command, words with '|' between */
        const char *lines[3][2]; /* identifier and message */
};

static struct fake *fake_of(struct stage *s)
{
        return (struct fake *)(void *)s;
}

static int fake_run(struct stage *s, struct job *job, char *const argv[], uint64_t timeout,
                    struct run_result *ret, struct err *e)
{
        struct fake *f = fake_of(s);

        (void)job;
        (void)timeout;
        f->ran++;
        free(f->argv);
        f->argv = strv_join(argv, "|");
        if (f->fault)
                return err_set(e, f->fault, "cannot run it");
        *ret = (struct run_result){ .code = CLD_EXITED, .status = f->status };
        ret->out = strdup(f->out ? f->out : "");
        ret->errors = strdup(f->errors ? f->errors : "");
        return 0;
}

static int fake_journal(struct stage *s, const char *unit, char **cursor, struct journal *ret,
                        struct err *e)
{
        struct fake *f = fake_of(s);

        (void)e;
        assert_string_equal(unit, "app.service");
        assert_string_equal(*cursor, "here");
        ret->lines = calloc(COUNT(f->lines), sizeof(*ret->lines));
        for (size_t i = 0; i < COUNT(f->lines) && f->lines[i][0]; i++)
                ret->lines[ret->count++] = (struct journal_line){
                        .identifier = strdup(f->lines[i][0]), .message = strdup(f->lines[i][1])
                };
        return 0;
}

static const char *fake_root(struct stage *s)
{
        return fake_of(s)->root;
}

static pid_t fake_init(struct stage *s)
{
        (void)s;
        return 1;
}

static const struct stage_ops ops = { .name = "fake",
                                      .run = fake_run,
                                      .journal = fake_journal,
                                      .root = fake_root,
                                      .init = fake_init };

static int open_fake(void **state)
{
        struct fake *f = calloc(1, sizeof(*f));

        f->stage.ops = &ops;
        strcpy(f->root, "/tmp/gird-test-probe.XXXXXX");
        assert_non_null(mkdtemp(f->root));
        assert_int_equal(job_open(&f->job, NULL), 0);
        *state = f;
        return 0;
}

static int close_fake(void **state)
{
        struct fake *f = *state;
        char *argv[] = { (char *)"rm", (char *)"-rf", f->root, NULL };
        pid_t pid = fork();

        if (pid == 0) {
                execvp(argv[0], argv);
                _exit(1);
        }
        waitpid(pid, NULL, 0);
        job_done(&f->job);
        free(f->argv);
        free(f);
        return 0;
}

/* Asks and says what was said in *ret_said, which stays until the next question. */
static int ask(struct fake *f, const char *text, bool *ok, char **said)
{
        struct probe_place where = { .stage = &f->stage,
                                     .job = &f->job,
                                     .unit = "app.service",
                                     .cursor = "here",
                                     .timeout = SHORT };
        struct err e = { 0 };

        return probe_ask(&where, text, ok, said, &e);
}

static void assert_passes(struct fake *f, const char *text)
{
        scoped(mem_freep) char *said = NULL;
        bool ok = false;

        assert_int_equal(ask(f, text, &ok, &said), 0);
        if (!ok)
                fail_msg("%s: %s", text, said);
}

static void assert_fails(struct fake *f, const char *text, const char *why)
{
        scoped(mem_freep) char *said = NULL;
        bool ok = true;

        assert_int_equal(ask(f, text, &ok, &said), 0);
        assert_false(ok);
        if (!strstr(said, why))
                fail_msg("%s: %s", text, said);
}

static void commands_are_run_by_a_shell_inside(void **state)
{
        struct fake *f = *state;

        f->out = "one\ntwo  \n\n";
        assert_passes(f, "echo $HOME");
        assert_string_equal(f->argv, "/bin/sh|-c|echo $HOME");
        assert_passes(f, "sh:tcp:80");
        assert_string_equal(f->argv, "/bin/sh|-c|tcp:80");
        f->status = 3;
        assert_fails(f, "false", "two");
        f->errors = "because\x1b[31m\n";
        assert_fails(f, "false", "because?[31m");
        f->out = f->errors = NULL;
        assert_fails(f, "false", "3");
}

static void a_command_without_end_fails_and_other_faults_go_up(void **state)
{
        struct fake *f = *state;
        scoped(mem_freep) char *said = NULL;
        bool ok = true;

        f->fault = -ETIMEDOUT;
        assert_fails(f, "sleep 100", "did not end");
        f->fault = -ENOTCONN;
        assert_int_equal(ask(f, "true", &ok, &said), -ENOTCONN);
        assert_null(said);
}

static void what_is_no_probe_is_not_asked(void **state)
{
        struct fake *f = *state;
        scoped(mem_freep) char *said = NULL;
        bool ok = true;

        assert_int_equal(ask(f, "tcp:0", &ok, &said), -EINVAL);
        assert_int_equal(f->ran, 0);
        assert_null(said);
}

static void a_failure_is_looked_at_twice_where_that_is_asked_for(void **state)
{
        struct fake *f = *state;
        struct probe_place where = {
                .stage = &f->stage, .job = &f->job, .unit = "app.service", .timeout = SHORT
        };
        scoped(mem_freep) char *said = NULL;
        bool ok = true;

        f->job.cancelled = true; /* so that nothing waits */
        f->status = 1;
        assert_int_equal(probe_ask_twice(&where, "false", &ok, &said, NULL), -ECANCELED);
        assert_int_equal(f->ran, 1);
        f->status = 0;
        assert_int_equal(probe_ask_twice(&where, "true", &ok, &said, NULL), 0);
        assert_int_equal(f->ran, 2);
}

static void a_bus_name_is_asked_for_without_a_shell(void **state)
{
        struct fake *f = *state;

        f->out = "b true\n";
        assert_passes(f, "bus:org.example.App");
        assert_true(text_ends(f->argv, "|org.freedesktop.DBus|NameHasOwner|s|org.example.App"));
        f->out = "b false\n";
        assert_fails(f, "bus:org.example.App", "nobody owns");
        f->status = 1;
        f->errors = "Failed to connect to bus: No such file or directory\n";
        assert_fails(f, "bus:org.example.App", "Failed to connect");
}

static void lines_of_the_unit_count_and_not_what_systemd_says_of_it(void **state)
{
        struct fake *f = *state;

        f->lines[0][0] = "systemd";
        f->lines[0][1] = "Started the ready daemon.";
        assert_fails(f, "log:ready", "no line");
        f->lines[1][0] = "app";
        f->lines[1][1] = "getting ready, 100%s";
        assert_passes(f, "log:ready");
        assert_passes(f, "log:100%s");
        assert_fails(f, "log:Ready", "no line");
}

/* A file of the fake root. */
static int below(const struct fake *f, const char *name, char out[108])
{
        return snprintf(out, 108, "%s/%s", f->root, name);
}

static void files_are_looked_up_inside_the_root(void **state)
{
        struct fake *f = *state;
        char path[108];

        below(f, "there", path);
        close(open(path, O_CREAT | O_WRONLY, 0600));
        below(f, "out", path);
        assert_int_equal(symlink("/etc/passwd", path), 0);
        below(f, "in", path);
        assert_int_equal(symlink("/../../there", path), 0);
        below(f, "loop", path);
        assert_int_equal(symlink("loop", path), 0);
        assert_passes(f, "file:/there");
        assert_passes(f, "file:/in");
        assert_passes(f, "file:/../there");
        assert_fails(f, "file:/out", "No such file");
        assert_fails(f, "file:/loop", "symbolic links");
        assert_fails(f, "file:/there/x", "Not a directory");
}

static int listen_at(const struct fake *f, const char *name, int type)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

        below(f, name, address.sun_path);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        if (type != SOCK_DGRAM)
                assert_int_equal(listen(fd, 1), 0);
        return fd;
}

static void unix_sockets_of_every_type_are_found_and_dead_ones_are_not(void **state)
{
        struct fake *f = *state;
        scoped(fd_closep) int stream = listen_at(f, "stream", SOCK_STREAM);
        scoped(fd_closep) int datagram = listen_at(f, "datagram", SOCK_DGRAM);
        scoped(fd_closep) int packets = listen_at(f, "packets", SOCK_SEQPACKET);
        char path[108];

        close(listen_at(f, "dead", SOCK_STREAM));
        below(f, "link", path);
        assert_int_equal(symlink("/stream", path), 0);
        assert_passes(f, "unix:/stream");
        assert_passes(f, "unix:/link");
        assert_passes(f, "unix:/datagram");
        assert_passes(f, "unix:/packets");
        assert_fails(f, "unix:/dead", "nobody listens");
        assert_fails(f, "unix:/none", "No such file");
        assert_fails(f, "unix:@gird-test-nobody-has-this", "nobody is there");
}

static void a_full_queue_ends_with_the_time(void **state)
{
        struct fake *f = *state;
        scoped(fd_closep) int fd = listen_at(f, "busy", SOCK_STREAM);
        int taken[8];

        for (size_t i = 0; i < COUNT(taken); i++) {
                struct sockaddr_un address = { .sun_family = AF_UNIX };

                below(f, "busy", address.sun_path);
                taken[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
                (void)!connect(taken[i], (struct sockaddr *)&address, sizeof(address));
        }
        assert_fails(f, "unix:/busy", "does not take the connection in time");
        for (size_t i = 0; i < COUNT(taken); i++)
                close(taken[i]);
}

static void a_cancel_ends_a_question_and_leaves_no_child(void **state)
{
        struct fake *f = *state;
        scoped(fd_closep) int fd = listen_at(f, "stream", SOCK_STREAM);
        scoped(mem_freep) char *said = NULL;
        bool ok = true;

        f->job.cancelled = true;
        assert_int_equal(ask(f, "unix:/stream", &ok, &said), -ECANCELED);
        assert_null(said);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        assert_int_equal(errno, ECHILD);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_fake, close_fake)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(commands_are_run_by_a_shell_inside),
                TEST(a_command_without_end_fails_and_other_faults_go_up),
                TEST(what_is_no_probe_is_not_asked),
                TEST(a_failure_is_looked_at_twice_where_that_is_asked_for),
                TEST(a_bus_name_is_asked_for_without_a_shell),
                TEST(lines_of_the_unit_count_and_not_what_systemd_says_of_it),
                TEST(files_are_looked_up_inside_the_root),
                TEST(unix_sockets_of_every_type_are_found_and_dead_ones_are_not),
                TEST(a_full_queue_ends_with_the_time),
                TEST(a_cancel_ends_a_question_and_leaves_no_child),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
