/* test_infer_files.c - the rules on files: each with a behaviour that does the thing and one that
 * does not. */
#include "tests/support/acts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { WROTE = ACCESS_WRITE | ACCESS_CREATE | ACCESS_MADE };

/* One act, and the advice that follows. */
struct row {
        const char *path;
        unsigned access;
        int error;
        const char *expected; /* NULL: it breaks */
};

static void check_rows(const char *directive, const struct row *rows, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                struct seen s;

                seen_open(&s, 257);
                if (rows[i].path)
                        seen_act(&s, &(struct act){ .kind = ACT_PATH,
                                                    .text = (char *)rows[i].path,
                                                    .a = rows[i].access,
                                                    .error = rows[i].error,
                                                    .flags = ACT_RESOLVED });
                seen_infer(&s);
                if (rows[i].expected)
                        assert_safe(&s, directive, rows[i].expected);
                else
                        assert_int_equal(seen_advice(&s, directive)->verdict, ADVICE_BREAKS);
                if (rows[i].path && rows[i].error == 0 && !rows[i].expected)
                        assert_evidence(&s, directive, rows[i].path);
                seen_done(&s);
        }
}

static void homes_are_protected_as_far_as_they_are_not_used(void **state)
{
        static const struct row rows[] = {
                { NULL, 0, 0, "yes" },
                { "/home/bob/x", ACCESS_READ, 0, "read-only" },
                { "/home/bob/x", ACCESS_READ, ENOENT, "yes" },
                { "/root/.bashrc", ACCESS_LOOK, 0, "read-only" },
                { "/root", ACCESS_LOOK, 0, "yes" },
                { "/root", ACCESS_ENTER, 0, "tmpfs" },
                { "/home", ACCESS_READ, 0, "tmpfs" },
                { "/run/user/1000/bus", ACCESS_CONNECT, 0, "read-only" },
                { "/home/bob/x", ACCESS_WRITE, 0, NULL },
                { "/root/.cache/x", WROTE, 0, NULL },
                { "/home/bob/x", ACCESS_DELETE, 0, NULL },
                { "/homeless/x", WROTE, 0, "yes" },
        };

        (void)state;
        check_rows("ProtectHome", rows, COUNT(rows));
}

static void many_files_of_run_say_nothing_of_run_user(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_path(&s, "/run", ACCESS_WRITE | ACCESS_CREATE)->flags |= ACT_GENERAL;
        seen_infer(&s);
        assert_safe(&s, "ProtectHome", "yes");
        seen_done(&s);
        seen_open(&s, 257);
        seen_path(&s, "/run/user/1000/x", ACCESS_WRITE | ACCESS_CREATE);
        seen_infer(&s);
        assert_breaks(&s, "ProtectHome", "read-only");
        seen_done(&s);
}

static void a_program_in_a_home_keeps_it_readable(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_exec(&s, "/home/bob/app", GAIN_COMMAND);
        seen_infer(&s);
        assert_safe(&s, "ProtectHome", "read-only");
        seen_done(&s);
}

static void a_command_line_that_names_a_home_is_left_to_a_person(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_command(&s, "ExecStart", "/usr/bin/app", "/usr/bin/app --data /home/bob");
        seen_infer(&s);
        assert_unknown(&s, "ProtectHome");
        seen_done(&s);
}

static void temporary_files_are_private_unless_others_share_them(void **state)
{
        static const struct row rows[] = {
                { NULL, 0, 0, "disconnected" },
                { "/tmp/session", WROTE, 0, "yes" },
                { "/tmp/.X11-unix/X0", ACCESS_CONNECT, 0, NULL },
                { "/tmp/upload", ACCESS_READ, 0, NULL },
                { "/tmp/upload", ACCESS_READ, ENOENT, "disconnected" },
                { "/tmp", ACCESS_LOOK, 0, "disconnected" },
                { "/var/tmp/others", ACCESS_DELETE, 0, NULL },
        };

        (void)state;
        check_rows("PrivateTmp", rows, COUNT(rows));
}

static void an_older_systemd_is_not_told_of_disconnected(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 252);
        seen_infer(&s);
        assert_safe(&s, "PrivateTmp", "yes");
        seen_done(&s);
}

static void what_it_made_in_tmp_itself_it_may_read_again(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_act(&s, &(struct act){ .kind = ACT_PATH,
                                    .text = (char *)"/tmp/app",
                                    .a = ACCESS_CREATE | ACCESS_FOLDER });
        seen_path(&s, "/tmp/app/data", WROTE);
        seen_path(&s, "/tmp/app/data", ACCESS_READ);
        seen_infer(&s);
        assert_safe(&s, "PrivateTmp", "yes");
        seen_done(&s);
}

static void a_socket_offered_in_tmp_keeps_it_shared(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "/tmp/app.sock", 0);
        seen_infer(&s);
        assert_breaks(&s, "PrivateTmp", "yes");
        assert_evidence(&s, "PrivateTmp", "/tmp/app.sock");
        seen_done(&s);
}

static void what_mounts_gets_no_view_of_its_own(void **state)
{
        static const char *const views[] = { "PrivateMounts", "ProtectSystem",  "ProtectHome",
                                             "PrivateTmp",    "PrivateDevices", "NoExecPaths" };
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_call(&s, "mount");
        seen_path(&s, "/media/usb", ACCESS_MOUNT);
        seen_infer(&s);
        for (size_t i = 0; i < COUNT(views); i++)
                if (seen_advice(&s, views[i])->changes)
                        fail_msg("%s", views[i]);
        assert_breaks(&s, "PrivateMounts", "yes");
        seen_done(&s);

        seen_open(&s, 257);
        seen_infer(&s);
        assert_safe(&s, "PrivateMounts", "yes");
        seen_done(&s);
}

/* ---- UMask= ---- */

static void files_that_nobody_else_reads_are_made_for_the_unit_alone(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_file(&s, "/var/lib/app/data", WROTE, S_IFREG | 0644, 0, "ext4");
        seen_file(&s, "/run/app.pid", WROTE, S_IFREG | 0644, 0, "tmpfs");
        seen_infer(&s);
        assert_safe(&s, "UMask", "0077");
        seen_done(&s);
}

static void files_for_others_keep_their_mode(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_file(&s, "/var/www/upload", WROTE, S_IFREG | 0644, 0, "ext4");
        seen_infer(&s);
        assert_breaks(&s, "UMask", "0027");
        assert_evidence(&s, "UMask", "/var/www/upload");
        seen_done(&s);
}

static void files_for_a_group_keep_it(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_file(&s, "/var/log/app.log", WROTE, S_IFREG | 0640, 0, "ext4");
        seen_infer(&s);
        assert_safe(&s, "UMask", "0027");
        seen_done(&s);
}

static void a_socket_stays_open_to_its_clients(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "/run/app.sock", 0);
        seen_infer(&s);
        assert_int_equal(seen_advice(&s, "UMask")->verdict, ADVICE_BREAKS);
        seen_done(&s);

        seen_open(&s, 257);
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "/run/app.sock", 0);
        seen_path(&s, "/run/app.sock", ACCESS_CHANGE);
        seen_infer(&s);
        assert_safe(&s, "UMask", "0077"); /* it sets the mode itself */
        seen_done(&s);
}

static void a_mask_of_its_own_makes_ours_harmless(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_args(&s, "umask", 0, 0, 0);
        seen_file(&s, "/var/www/upload", WROTE, S_IFREG | 0644, 0, "ext4");
        seen_infer(&s);
        assert_safe(&s, "UMask", "0077");
        seen_done(&s);

        seen_open(&s, 257);
        seen_args(&s, "umask", 0177, 0, 0);
        seen_args(&s, "umask", 0022, 0, 0); /* and back */
        seen_file(&s, "/var/www/upload", WROTE, S_IFREG | 0644, 0, "ext4");
        seen_infer(&s);
        assert_breaks(&s, "UMask", "0027");
        seen_done(&s);
}

static void calls_without_a_process_are_of_no_user(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_file(&s, "/var/lib/app/data", WROTE, S_IFREG | 0644, 999, "ext4")->uid = 999;
        seen_call(&s, "write")->pid = 0;
        seen_infer(&s);
        assert_safe(&s, "UMask", "0077");
        seen_done(&s);
}

static void a_unit_of_several_users_shares_files_with_itself(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_file(&s, "/var/lib/app/data", WROTE, S_IFREG | 0644, 0, "ext4");
        seen_path(&s, "/etc/app.conf", ACCESS_READ)->uid = 33;
        seen_infer(&s);
        assert_breaks(&s, "UMask", "0027");
        seen_done(&s);
}

/* ---- the rest ---- */

static void set_user_id_bits_are_noticed_in_every_call(void **state)
{
        static const struct {
                const char *call;
                uint64_t mode;
                bool breaks;
        } rows[] = {
                { "chmod", 04755, true },    { "fchmod", 02755, true },
                { "fchmodat", 06755, true }, { "fchmodat2", 04755, true },
                { "mkdirat", 02775, true },  { "openat", 04755, true },
                { "mknodat", 04755, true },  { "chmod", 0755, false },
                { "fchmod", 01777, false },  { "socket", 06000, false },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct seen s;

                seen_open(&s, 257);
                seen_args(&s, rows[i].call, rows[i].mode, 0, 0);
                seen_infer(&s);
                if (rows[i].breaks)
                        assert_breaks(&s, "RestrictSUIDSGID", "yes");
                else
                        assert_safe(&s, "RestrictSUIDSGID", "yes");
                seen_done(&s);
        }
}

static void types_of_file_systems_are_named_and_left_unknown(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_file(&s, "/var/lib/app/data", ACCESS_READ, S_IFREG | 0644, 0, "ext4");
        seen_file(&s, "/run/x", ACCESS_READ, S_IFREG | 0644, 0, "tmpfs");
        seen_infer(&s);
        assert_unknown(&s, "RestrictFileSystems");
        assert_evidence(&s, "RestrictFileSystems", "ext4 tmpfs");
        seen_done(&s);
}

static void roots_and_images_are_left_to_people(void **state)
{
        static const char *const names[] = {
                "RootDirectory",       "RootImage",      "MountImages",
                "TemporaryFileSystem", "BindLogSockets", "MountFlags"
        };
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_infer(&s);
        for (size_t i = 0; i < COUNT(names); i++)
                assert_unknown(&s, names[i]);
        seen_done(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(homes_are_protected_as_far_as_they_are_not_used),
                cmocka_unit_test(a_program_in_a_home_keeps_it_readable),
                cmocka_unit_test(many_files_of_run_say_nothing_of_run_user),
                cmocka_unit_test(a_command_line_that_names_a_home_is_left_to_a_person),
                cmocka_unit_test(temporary_files_are_private_unless_others_share_them),
                cmocka_unit_test(an_older_systemd_is_not_told_of_disconnected),
                cmocka_unit_test(what_it_made_in_tmp_itself_it_may_read_again),
                cmocka_unit_test(a_socket_offered_in_tmp_keeps_it_shared),
                cmocka_unit_test(what_mounts_gets_no_view_of_its_own),
                cmocka_unit_test(files_that_nobody_else_reads_are_made_for_the_unit_alone),
                cmocka_unit_test(files_for_others_keep_their_mode),
                cmocka_unit_test(files_for_a_group_keep_it),
                cmocka_unit_test(a_socket_stays_open_to_its_clients),
                cmocka_unit_test(a_mask_of_its_own_makes_ours_harmless),
                cmocka_unit_test(calls_without_a_process_are_of_no_user),
                cmocka_unit_test(a_unit_of_several_users_shares_files_with_itself),
                cmocka_unit_test(set_user_id_bits_are_noticed_in_every_call),
                cmocka_unit_test(types_of_file_systems_are_named_and_left_unknown),
                cmocka_unit_test(roots_and_images_are_left_to_people),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
