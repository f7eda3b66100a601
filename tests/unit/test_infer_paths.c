/* test_infer_paths.c - ProtectSystem= with its holes, and the lists of paths. */
#include "tests/support/acts.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum {
        WROTE = ACCESS_WRITE | ACCESS_CREATE | ACCESS_MADE,
        MADE_FOLDER = ACCESS_CREATE | ACCESS_FOLDER,
};

/* ---- a tree to look at ---- */

static char tree[] = "/tmp/gird-infer-XXXXXX";

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        (void)st;
        (void)flag;
        (void)ftw;
        return remove(path);
}

static int make_tree(void **state)
{
        (void)state;
        memcpy(tree + sizeof(tree) - 7, "XXXXXX", 6);
        return mkdtemp(tree) ? 0 : -1;
}

static int remove_tree(void **state)
{
        (void)state;
        return nftw(tree, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void make_folder(const char *path, mode_t mode)
{
        char full[256], *slash;

        snprintf(full, sizeof(full), "%s%s", tree, path);
        for (slash = strchr(full + strlen(tree) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                mkdir(full, 0755);
                *slash = '/';
        }
        if (mkdir(full, mode) < 0)
                assert_int_equal(errno, EEXIST);
        assert_int_equal(chmod(full, mode), 0);
}

static void make_file(const char *path, const char *content)
{
        char full[256];
        FILE *f;

        snprintf(full, sizeof(full), "%s%s", tree, path);
        f = fopen(full, "w");
        assert_non_null(f);
        fputs(content, f);
        fclose(f);
}

/* ---- ProtectSystem= ---- */

static const struct {
        const char *path;
        unsigned access;
        int error;
        const char *level; /* NULL: it breaks */
        const char *holes; /* of ReadWritePaths=; NULL: none */
} writes[] = {
        { NULL, 0, 0, "strict", NULL },
        { "/dev/shm/x", WROTE, 0, "strict", NULL },
        { "/proc/PID/oom_score_adj", ACCESS_WRITE, 0, "strict", NULL },
        { "/var/log/app/access.log", WROTE, 0, "strict", "-/var/log/app" },
        { "/var/log/app.log", WROTE, 0, "strict", "-/var/log" },
        { "/var/lib/app/deep/down/file", WROTE, 0, "strict", "-/var/lib/app" },
        { "/var/lib/app/x", ACCESS_DELETE, 0, "strict", "-/var/lib/app" },
        { "/var/lib/app/x", ACCESS_CHANGE, 0, "strict", "-/var/lib/app" },
        { "/var/lib/app/x", ACCESS_TRUNCATE, 0, "strict", "-/var/lib/app" },
        { "/var/run/app/x", WROTE, 0, "strict", "-/run/app" },
        { "/run/app.pid", WROTE, 0, "strict", "-/run" },
        { "/etc/app/state", WROTE, 0, "strict", "-/etc/app" },
        { "/etc/resolv.conf", WROTE, 0, "yes", NULL },
        { "/usr/share/app", MADE_FOLDER, 0, NULL, NULL },
        { "/usr/share/app/cache/x", WROTE, 0, "strict", "-/usr/share/app/cache" },
        { "/var/lib/x", WROTE, 0, "full", NULL },
        { "/boot/loader.conf", ACCESS_DELETE, 0, NULL, NULL },
        /* what failed anyway needs nothing */
        { "/etc/app.conf", ACCESS_WRITE, EACCES, "strict", NULL },
        { "/etc/app.conf", ACCESS_READ, 0, "strict", NULL },
        /* but EROFS is not ENOENT */
        { "/var/lib/app/old", ACCESS_DELETE, ENOENT, "strict", "-/var/lib/app" },
        { "/etc/nologin", ACCESS_DELETE, ENOENT, "strict", NULL },
        { "/memfd:jit", ACCESS_WRITE, 0, "strict", NULL },
};

static void the_system_is_read_only_but_for_what_is_written(void **state)
{
        (void)state;
        for (size_t i = 0; i < COUNT(writes); i++) {
                struct seen s;

                seen_open(&s, 257);
                if (writes[i].path)
                        seen_act(&s, &(struct act){ .kind = ACT_PATH,
                                                    .text = (char *)writes[i].path,
                                                    .a = writes[i].access,
                                                    .error = writes[i].error,
                                                    .flags = ACT_RESOLVED });
                seen_infer(&s);
                if (!writes[i].level)
                        assert_breaks(&s, "ProtectSystem", "yes");
                else
                        assert_safe(&s, "ProtectSystem", writes[i].level);
                if (writes[i].holes)
                        assert_safe(&s, "ReadWritePaths", writes[i].holes);
                else
                        assert_stands(&s, "ReadWritePaths");
                seen_done(&s);
        }
}

static void a_device_or_pipe_is_written_to_whatever_holds_it(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_file(&s, "/run/initctl", ACCESS_WRITE, S_IFIFO | 0600, 0, "tmpfs");
        seen_infer(&s);
        assert_stands(&s, "ReadWritePaths");
        assert_safe(&s, "ProtectSystem", "strict");
        seen_done(&s);
}

static void writes_in_a_root_of_its_own_are_not_placed(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_path(&s, "/data/x", WROTE)->flags |= ACT_CHROOT;
        seen_infer(&s);
        assert_safe(&s, "ProtectSystem", "full");
        assert_evidence(&s, "ProtectSystem", "root of its own");
        seen_done(&s);
}

static void private_temporary_files_need_no_hole(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_path(&s, "/tmp/x", WROTE);
        seen_infer(&s);
        assert_changes(&s, "PrivateTmp");
        assert_safe(&s, "ProtectSystem", "strict");
        assert_stands(&s, "ReadWritePaths");
        seen_done(&s);

        seen_open(&s, 257);
        seen_path(&s, "/tmp/x", WROTE);
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "/tmp/app.sock", 0);
        seen_infer(&s);
        assert_safe(&s, "ReadWritePaths", "-/tmp");
        seen_done(&s);
}

static void what_the_unit_keeps_open_needs_no_hole(void **state)
{
        static const char *const own[][3] = {
                { "StateDirectory", "app", "/var/lib/app/x" },
                { "RuntimeDirectory", "app", "/run/app/x" },
                { "LogsDirectory", "app:other", "/var/log/app/x" },
                { "CacheDirectory", "app", "/var/cache/private/app/x" },
                { "ReadWritePaths", "-/data", "/data/x" },
                { "BindPaths", "/a:/data", "/data/x" },
                { "TemporaryFileSystem", "/data:size=1M", "/data/x" },
                { "PrivateTmp", "yes", "/tmp/x" },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(own); i++) {
                struct seen s;

                seen_open(&s, 257);
                seen_set(&s, own[i][0], own[i][1]);
                seen_path(&s, own[i][2], WROTE);
                seen_infer(&s);
                assert_safe(&s, "ProtectSystem", "strict");
                assert_stands(&s, "ReadWritePaths");
                seen_done(&s);
        }
}

static void places_are_merged_to_sensible_parents(void **state)
{
        struct seen s;
        char path[64];

        (void)state;
        seen_open(&s, 257);
        for (int i = 0; i < 20; i++) {
                snprintf(path, sizeof(path), "/data/site/part-%c/file", 'a' + i);
                seen_path(&s, path, WROTE);
        }
        seen_path(&s, "/var/lib/app/a/x", WROTE);
        seen_path(&s, "/var/lib/app/b/x", WROTE);
        seen_path(&s, "/var/lib/other/x", WROTE);
        seen_infer(&s);
        assert_safe(&s, "ReadWritePaths", "-/data/site -/var/lib/app -/var/lib/other");
        seen_done(&s);
}

static void strict_shuts_run_as_well(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_path(&s, "/run/app/x", WROTE);
        seen_infer(&s);
        assert_safe(&s, "ReadOnlyPaths", "-/run -/boot -/home -/media -/mnt -/root -/srv -/var");
        assert_safe(&s, "ReadWritePaths", "-/run/app");
        seen_done(&s);

        seen_open(&s, 257);
        seen_path(&s, "/run/app.pid", WROTE);
        seen_infer(&s);
        assert_safe(&s, "ReadOnlyPaths",
                    "-/run/systemd -/boot -/home -/media -/mnt -/root -/srv -/var");
        seen_done(&s);
}

static void what_has_a_line_of_its_own_is_read_only_all_the_same(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_path(&s, "/var/lib/app/x", WROTE);
        seen_exec(&s, "/mnt/tool", 0);
        seen_infer(&s);
        assert_safe(&s, "ReadOnlyPaths", "-/run -/boot -/home -/media -/root -/srv -/var");
        seen_done(&s);

        seen_open(&s, 257);
        seen_set(&s, "ReadWritePaths", "/var");
        seen_infer(&s);
        assert_safe(&s, "ReadOnlyPaths", "-/run -/boot -/home -/media -/mnt -/root -/srv");
        seen_done(&s);
}

static void a_folder_that_it_makes_is_made_by_systemd(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_act(&s,
                 &(struct act){ .kind = ACT_PATH, .text = (char *)"/run/app", .a = MADE_FOLDER });
        seen_path(&s, "/run/app/pid", WROTE);
        seen_path(&s, "/run/other/x", WROTE);
        seen_infer(&s);
        assert_safe(&s, "RuntimeDirectory", "app");
        assert_safe(&s, "ReadWritePaths", "-/run/other");
        assert_safe(&s, "ProtectSystem", "strict");
        seen_done(&s);

        /* given to somebody else, it is not what systemd would make */
        seen_open(&s, 257);
        seen_act(&s,
                 &(struct act){ .kind = ACT_PATH, .text = (char *)"/run/app", .a = MADE_FOLDER });
        seen_path(&s, "/run/app", ACCESS_CHANGE);
        seen_infer(&s);
        assert_stands(&s, "RuntimeDirectory");
        assert_safe(&s, "ReadWritePaths", "-/run");
        seen_done(&s);
}

/* The tests run as anybody, so the tree's owner is made the unit's user. */
static void the_folder_of_another_is_not_made_its_own(void **state)
{
        char line[64];
        struct seen s;

        (void)state;
        make_folder("/etc", 0755);
        snprintf(line, sizeof(line), "app:x:%u:%u::/:\n", (unsigned)getuid(), (unsigned)getgid());
        make_file("/etc/passwd", line);
        make_folder("/var/lib/other", 0755);
        seen_open(&s, 257);
        s.root = tree;
        seen_set(&s, "User", "app");
        seen_path(&s, "/var/lib/other/x", WROTE);
        seen_infer(&s);
        assert_stands(&s, "StateDirectory");
        assert_safe(&s, "ReadWritePaths", "/var/lib/other");
        seen_done(&s);
}

static void a_folder_of_the_right_owner_and_mode_is_kept_by_systemd(void **state)
{
        static const struct {
                mode_t mode;
                bool fits;
        } rows[] = { { 0755, true }, { 0700, false } };
        char line[64];

        (void)state;
        make_folder("/etc", 0755);
        snprintf(line, sizeof(line), "app:x:%u:%u::/:\n", (unsigned)getuid(), (unsigned)getgid());
        make_file("/etc/passwd", line);
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct seen s;

                make_folder("/var/lib/app", rows[i].mode);
                seen_open(&s, 257);
                s.root = tree;
                seen_set(&s, "User", "app");
                seen_path(&s, "/var/lib/app/x", WROTE);
                seen_infer(&s);
                if (rows[i].fits) {
                        assert_safe(&s, "StateDirectory", "app");
                        assert_stands(&s, "ReadWritePaths");
                } else {
                        assert_stands(&s, "StateDirectory");
                        assert_safe(&s, "ReadWritePaths", "/var/lib/app"); /* it is there: no '-' */
                }
                seen_done(&s);
        }
}

static void a_file_that_is_only_rewritten_is_a_hole_by_itself(void **state)
{
        struct seen s;

        (void)state;
        make_folder("/etc", 0755);
        make_file("/etc/app.conf", "");
        seen_open(&s, 257);
        s.root = tree;
        seen_path(&s, "/etc/app.conf", ACCESS_WRITE);
        seen_infer(&s);
        assert_safe(&s, "ProtectSystem", "strict");
        assert_safe(&s, "ReadWritePaths", "/etc/app.conf");
        seen_done(&s);

        /* replaced by rename, it needs its folder, which is everybody's */
        seen_open(&s, 257);
        s.root = tree;
        seen_path(&s, "/etc/app.conf", ACCESS_WRITE);
        seen_path(&s, "/etc/app.conf.new", ACCESS_DELETE);
        seen_infer(&s);
        assert_safe(&s, "ProtectSystem", "yes");
        seen_done(&s);
}

static void symlinks_are_followed_in_the_tree(void **state)
{
        char link[256];
        struct seen s;

        (void)state;
        make_folder("/data/real", 0755);
        make_folder("/srv", 0755);
        snprintf(link, sizeof(link), "%s/srv/link", tree);
        assert_int_equal(symlink("/data/real", link), 0);
        seen_open(&s, 257);
        s.root = tree;
        seen_act(&s, &(struct act){
                             .kind = ACT_PATH, .text = (char *)"/srv/link/x", .a = ACCESS_DELETE });
        seen_infer(&s);
        assert_safe(&s, "ReadWritePaths", "/data/real");
        seen_done(&s);
}

static void names_with_blanks_and_percent_signs_come_through(void **state)
{
        struct profile *p = NULL;
        scoped(strv_freep) char **lines = NULL;
        size_t count;
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_path(&s, "/data/my 100% \"files\"/x", WROTE);
        seen_infer(&s);
        assert_changes(&s, "ReadWritePaths");
        assert_string_equal(seen_advice(&s, "ReadWritePaths")->value.words[0],
                            "-/data/my 100% \"files\"");
        assert_int_equal(profile_new("app.service", SCOPE_SYSTEM, &p), 0);
        assert_int_equal(advices_take(&s.advices, p, NULL, &count), 0);
        assert_int_equal(change_lines(profile_find(p, D_ReadWritePaths), &s.dialect, &lines), 0);
        assert_non_null(strstr(lines[strv_length(lines) - 1], "100%% "));
        profile_free(p);
        seen_done(&s);

        seen_open(&s, 257);
        seen_path(&s, "/data/two\nlines/x", WROTE);
        seen_infer(&s);
        assert_safe(&s, "ProtectSystem", "full");
        seen_done(&s);
}

/* ---- running ---- */

static void data_is_not_executable_where_nothing_is_run(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_exec(&s, "/usr/sbin/app", GAIN_COMMAND);
        seen_path(&s, "/usr/lib/libc.so.6", ACCESS_READ | ACCESS_MAP_EXEC);
        seen_infer(&s);
        assert_safe(&s, "NoExecPaths",
                    "-/boot -/dev/shm -/home -/media -/mnt -/root -/run -/srv -/tmp -/var");
        assert_stands(&s, "ExecPaths");
        seen_done(&s);
}

static void what_runs_something_is_left_out(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_exec(&s, "/var/lib/app/hook", 0);
        seen_path(&s, "/srv/plugin.so", ACCESS_READ | ACCESS_MAP_EXEC);
        seen_command(&s, "ExecStart", "/home/bob/app", "/home/bob/app");
        seen_infer(&s);
        assert_safe(&s, "NoExecPaths", "-/boot -/dev/shm -/media -/mnt -/root -/run -/tmp");
        assert_evidence(&s, "NoExecPaths", "is left out");
        seen_done(&s);
}

static void programs_in_a_root_of_its_own_leave_it_unknown(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_exec(&s, "/bin/app", 0)->flags |= ACT_CHROOT;
        seen_infer(&s);
        assert_unknown(&s, "NoExecPaths");
        seen_done(&s);
}

/* ---- looking ---- */

static void what_tempts_and_was_never_looked_at_is_hidden(void **state)
{
        struct seen s;

        (void)state;
        make_folder("/boot", 0755);
        make_folder("/etc/ssh", 0755);
        make_folder("/var/lib/mysql", 0755);
        make_folder("/srv", 0755);
        seen_open(&s, 257);
        s.root = tree;
        seen_path(&s, "/etc/ssh/ssh_config", ACCESS_READ);
        seen_failed(&s, "/var/lib/mysql/my.cnf", ACCESS_READ, ENOENT);
        seen_infer(&s);
        assert_safe(&s, "InaccessiblePaths", "-/boot -/srv -/var/lib/mysql");
        seen_done(&s);

        /* content that was not asked for in a short time may be asked for later */
        seen_open(&s, 257);
        s.root = tree;
        seen_twin_only(&s);
        seen_infer(&s);
        assert_safe(&s, "InaccessiblePaths", "-/boot -/etc/ssh -/var/lib/mysql");
        seen_done(&s);

        seen_open(&s, 257);
        s.root = tree;
        free(s.unit->unit);
        s.unit->unit = strdup("mysql.service");
        seen_command(&s, "ExecStart", "/usr/bin/app", "/usr/bin/app -d /srv/www -c /etc/ssh/x");
        seen_infer(&s);
        assert_safe(&s, "InaccessiblePaths", "-/boot");
        seen_done(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_system_is_read_only_but_for_what_is_written),
                cmocka_unit_test(a_device_or_pipe_is_written_to_whatever_holds_it),
                cmocka_unit_test(writes_in_a_root_of_its_own_are_not_placed),
                cmocka_unit_test(private_temporary_files_need_no_hole),
                cmocka_unit_test(what_the_unit_keeps_open_needs_no_hole),
                cmocka_unit_test(places_are_merged_to_sensible_parents),
                cmocka_unit_test(strict_shuts_run_as_well),
                cmocka_unit_test(what_has_a_line_of_its_own_is_read_only_all_the_same),
                cmocka_unit_test(a_folder_that_it_makes_is_made_by_systemd),
                cmocka_unit_test_setup_teardown(the_folder_of_another_is_not_made_its_own,
                                                make_tree, remove_tree),
                cmocka_unit_test_setup_teardown(
                        a_folder_of_the_right_owner_and_mode_is_kept_by_systemd, make_tree,
                        remove_tree),
                cmocka_unit_test_setup_teardown(a_file_that_is_only_rewritten_is_a_hole_by_itself,
                                                make_tree, remove_tree),
                cmocka_unit_test_setup_teardown(symlinks_are_followed_in_the_tree, make_tree,
                                                remove_tree),
                cmocka_unit_test(names_with_blanks_and_percent_signs_come_through),
                cmocka_unit_test(data_is_not_executable_where_nothing_is_run),
                cmocka_unit_test(what_runs_something_is_left_out),
                cmocka_unit_test(programs_in_a_root_of_its_own_leave_it_unknown),
                cmocka_unit_test_setup_teardown(what_tempts_and_was_never_looked_at_is_hidden,
                                                make_tree, remove_tree),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
