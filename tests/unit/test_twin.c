/* test_twin.c - what of the twin can be told without root: the plan of mounts, files below a
 * root that is not trusted, names of owners, sockets of a group. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/stage/listeners.h"
#include "core/stage/twin_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static const char machine[] =
        "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
        "23 27 0:22 / /sys rw,relatime - sysfs sysfs rw\n"
        "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard\n"
        "30 27 254:1 / /var rw,nosuid,nodev,noexec,relatime shared:2 - xfs /dev/vdb rw\n"
        "31 30 254:0 /srv/data /var/www rw,relatime shared:1 - ext4 /dev/vda rw\n"
        "32 27 254:2 / /usr ro,relatime - ext4 /dev/vdc ro\n"
        "33 27 0:40 / /run rw,nosuid,nodev - tmpfs tmpfs rw\n"
        "34 33 0:41 / /run/user/0 rw - tmpfs tmpfs rw\n"
        "35 27 0:42 / /net rw - autofs systemd-1 rw\n"
        "36 27 0:43 / /home/a\\040b rw - ext4 /dev/vdd rw\n"
        "37 27 0:44 / /runner rw - ext4 /dev/vde rw\n"
        "38 27 0:45 / /img rw - ext4 /dev/vdf rw\n"
        "39 38 0:46 / /img/deb/opt rw - ext4 /dev/vdg rw\n"
        "not a line\n"
        "40 27 0:47 / /short\n";

static const struct plan_row *row_at(const struct plan *p, const char *point)
{
        for (size_t i = 0; i < p->count; i++)
                if (strcmp(p->rows[i].point, point) == 0)
                        return &p->rows[i];
        return NULL;
}

static void every_real_file_system_is_covered_in_order(void **state)
{
        static const char *const points[] = { "/",       "/home/a b", "/img", "/img/deb/opt",
                                              "/runner", "/usr",      "/var", "/var/www" };
        scoped(plan_done) struct plan p = { 0 };

        (void)state;
        assert_int_equal(plan_make(machine, "/", &p), 0);
        assert_int_equal(p.count, COUNT(points));
        for (size_t i = 0; i < COUNT(points); i++)
                assert_string_equal(p.rows[i].point, points[i]);
}

static void windows_into_the_kernel_and_fresh_folders_are_left_out(void **state)
{
        static const char *const left_out[] = { "/proc", "/sys", "/run", "/run/user/0", "/net" };
        scoped(plan_done) struct plan p = { 0 };

        (void)state;
        assert_int_equal(plan_make(machine, "/", &p), 0);
        for (size_t i = 0; i < COUNT(left_out); i++)
                assert_null(row_at(&p, left_out[i]));
}

static void flags_of_a_mount_are_kept(void **state)
{
        scoped(plan_done) struct plan p = { 0 };

        (void)state;
        assert_int_equal(plan_make(machine, "/", &p), 0);
        assert_int_equal(row_at(&p, "/var")->flags, MS_NOSUID | MS_NODEV | MS_NOEXEC);
        assert_int_equal(row_at(&p, "/usr")->flags, MS_RDONLY);
        assert_int_equal(row_at(&p, "/usr")->cover, COVER_LOWER);
        assert_int_equal(row_at(&p, "/")->flags, 0);
        assert_int_equal(row_at(&p, "/")->cover, COVER_OVERLAY);
}

static void a_bind_mount_shares_with_what_has_its_files(void **state)
{
        scoped(plan_done) struct plan p = { 0 };
        const struct plan_row *row;

        (void)state;
        assert_int_equal(plan_make(machine, "/", &p), 0);
        row = row_at(&p, "/var/www");
        assert_int_equal(row->cover, COVER_SAME);
        assert_int_equal(row->same, 0);
        assert_string_equal(row->inside, "srv/data");
}

static void the_root_of_the_twin_can_be_written(void **state)
{
        scoped(plan_done) struct plan p = { 0 };

        (void)state;
        assert_int_equal(plan_make("1 0 8:1 / / ro,nosuid - ext4 /dev/sda ro\n", "/", &p), 0);
        assert_int_equal(p.rows[0].flags, MS_NOSUID);
        assert_int_equal(p.rows[0].cover, COVER_OVERLAY);
}

static void a_tree_below_a_mount_brings_only_its_own_mounts(void **state)
{
        scoped(plan_done) struct plan p = { 0 };

        (void)state;
        assert_int_equal(plan_make(machine, "/img/deb", &p), 0);
        assert_int_equal(p.count, 2);
        assert_string_equal(p.rows[0].point, "/");
        assert_string_equal(p.rows[0].device, "0:45");
        assert_string_equal(p.rows[0].part, "/deb");
        assert_int_equal(p.rows[0].id, 0);
        assert_string_equal(p.rows[1].point, "/opt");
}

static void the_mount_on_top_is_the_base(void **state)
{
        static const char text[] = "1 1 0:1 / / rw - rootfs rootfs rw\n"
                                   "2 1 8:1 / / rw - ext4 /dev/sda rw\n";
        scoped(plan_done) struct plan p = { 0 };

        (void)state;
        assert_int_equal(plan_make(text, "/", &p), 0);
        assert_int_equal(p.count, 1);
        assert_string_equal(p.rows[0].type, "ext4");
}

static void without_a_root_there_is_no_plan(void **state)
{
        struct plan p = { 0 };

        (void)state;
        assert_int_equal(plan_make("", "/", &p), -ENOENT);
        assert_int_equal(plan_make("5 1 8:1 / /mnt rw - ext4 a rw\n", "/", &p), -ENOENT);
        assert_int_equal(p.count, 0);
}

/* --- files below a root ----------------------------------------------------------------- */

struct folder {
        char path[64];
        int fd;
};

static int make_folder(void **state)
{
        struct folder *f = calloc(1, sizeof(*f));

        if (!f)
                return -1;
        strcpy(f->path, "/tmp/gird-test-twin.XXXXXX");
        if (!mkdtemp(f->path))
                return -1;
        f->fd = open(f->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        *state = f;
        return f->fd < 0 ? -1 : 0;
}

static int remove_folder(void **state)
{
        struct folder *f = *state;
        char command[96];
        int r;

        close(f->fd);
        snprintf(command, sizeof(command), "rm -rf %s", f->path);
        r = system(command);
        free(f);
        return r;
}

static bool is_file(const struct folder *f, const char *path, const char *text)
{
        char bytes[64] = { 0 };
        int fd = openat(f->fd, path, O_RDONLY | O_CLOEXEC);
        bool same = fd >= 0 && read(fd, bytes, sizeof(bytes) - 1) >= 0 && strcmp(bytes, text) == 0;

        if (fd >= 0)
                close(fd);
        return same;
}

static void files_are_written_with_their_folders(void **state)
{
        const struct folder *f = *state;

        assert_int_equal(root_write(f->fd, "/etc/systemd//system/x", "one"), 0);
        assert_true(is_file(f, "etc/systemd/system/x", "one"));
        assert_int_equal(root_write(f->fd, "etc/systemd/system/x", "two"), 0);
        assert_true(is_file(f, "etc/systemd/system/x", "two"));
        assert_int_equal(root_write(f->fd, "/top", "t"), 0);
        assert_true(is_file(f, "top", "t"));
}

static void files_are_removed_and_absence_is_fine(void **state)
{
        const struct folder *f = *state;

        assert_int_equal(root_write(f->fd, "/a/b", ""), 0);
        assert_int_equal(root_remove(f->fd, "/a/b"), 0);
        assert_int_equal(root_remove(f->fd, "/a/b"), 0);
        assert_int_equal(root_remove(f->fd, "/none/b"), 0);
        assert_false(is_file(f, "a/b", ""));
}

static void links_do_not_lead_out_of_the_root(void **state)
{
        const struct folder *f = *state;

        assert_int_equal(symlinkat("/", f->fd, "slash"), 0);
        assert_int_equal(symlinkat("../../../../../etc", f->fd, "up"), 0);
        assert_int_equal(root_write(f->fd, "/slash/file", "in"), 0);
        assert_true(is_file(f, "file", "in"));
        assert_int_equal(mkdirat(f->fd, "etc", 0755), 0);
        assert_int_equal(root_write(f->fd, "/up/gird-test", "in"), 0);
        assert_true(is_file(f, "etc/gird-test", "in"));
}

static void a_link_in_place_of_a_file_is_replaced(void **state)
{
        const struct folder *f = *state;

        assert_int_equal(root_write(f->fd, "/target", "old"), 0);
        assert_int_equal(symlinkat("target", f->fd, "link"), 0);
        assert_int_equal(root_write(f->fd, "/link", "new"), 0);
        assert_true(is_file(f, "target", "old"));
        assert_true(is_file(f, "link", "new"));
}

static void paths_that_are_none_are_refused(void **state)
{
        static const char *const bad[] = { "", "/", "/a/", "/..", "/a/../b", "../x", "/." };
        const struct folder *f = *state;

        for (size_t i = 0; i < COUNT(bad); i++)
                assert_int_equal(root_write(f->fd, bad[i], "x"), -EINVAL);
        assert_int_equal(root_make_dirs(f->fd, "/a/../b"), -EINVAL);
}

static void a_cycle_of_links_ends(void **state)
{
        const struct folder *f = *state;

        assert_int_equal(symlinkat("two", f->fd, "one"), 0);
        assert_int_equal(symlinkat("one", f->fd, "two"), 0);
        assert_int_equal(root_write(f->fd, "/one/x", "x"), -ELOOP);
}

/* --- owners ----------------------------------------------------------------------------- */

static void a_living_owner_is_not_dead(void **state)
{
        char name[64];

        (void)state;
        assert_int_equal(owner_name(name, sizeof(name)), 0);
        assert_false(owner_is_dead(name));
}

static void an_owner_with_another_start_is_dead(void **state)
{
        unsigned long long space, start;
        unsigned pid, random;
        char name[64];

        (void)state;
        assert_int_equal(owner_name(name, sizeof(name)), 0);
        assert_int_equal(sscanf(name, "gird-%llx-%x-%llx-%x", &space, &pid, &start, &random), 4);
        snprintf(name, sizeof(name), "gird-%llx-%x-%llx-%x", space, pid, start + 1, random);
        assert_true(owner_is_dead(name));
        /* of another pid namespace nothing is known */
        snprintf(name, sizeof(name), "gird-%llx-%x-%llx-%x", space + 1, pid, start + 1, random);
        assert_false(owner_is_dead(name));
}

static void names_of_others_are_left_alone(void **state)
{
        static const char *const others[] = { "gird",
                                              "gird-",
                                              "gird-1-2-3",
                                              "user.slice",
                                              "gird-1-2-3-4.scope",
                                              "gird-test-manager-7122" };

        (void)state;
        for (size_t i = 0; i < COUNT(others); i++)
                assert_false(owner_is_dead(others[i]));
}

/* --- listeners -------------------------------------------------------------------------- */

static int listen_at(const char *name, int type, bool is_abstract)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

        strcpy(address.sun_path + is_abstract, name);
        assert_int_equal(bind(fd, (const struct sockaddr *)&address,
                              (socklen_t)(offsetof(struct sockaddr_un, sun_path) + is_abstract +
                                          strlen(name))),
                         0);
        if (type == SOCK_STREAM)
                assert_int_equal(listen(fd, 1), 0);
        return fd;
}

static void sockets_of_a_group_are_told(void **state)
{
        const struct folder *f = *state;
        scoped(strv_freep) char **list = NULL;
        char path[96], abstract[64], pid[16], line[128];
        int fds[3];

        snprintf(path, sizeof(path), "%s/socket", f->path);
        snprintf(abstract, sizeof(abstract), "gird-test-%d", (int)getpid());
        fds[0] = listen_at(path, SOCK_STREAM, false);
        fds[1] = listen_at(abstract, SOCK_DGRAM, true);
        fds[2] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); /* does not listen */
        snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
        assert_int_equal(root_write(f->fd, "/sub/cgroup.procs", pid), 0);
        assert_int_equal(listeners_read(f->path, &list, NULL), 0);
        snprintf(line, sizeof(line), "unix %s", path);
        assert_true(strv_has(list, line));
        snprintf(line, sizeof(line), "unix @%s", abstract);
        assert_true(strv_has(list, line));
        for (size_t i = 0; i < COUNT(fds); i++)
                close(fds[i]);
}

static void a_group_that_is_gone_listens_on_nothing(void **state)
{
        char **list = (char **)1;

        (void)state;
        assert_int_equal(listeners_read("/nonexistent/group", &list, NULL), 0);
        assert_null(list);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_real_file_system_is_covered_in_order),
                cmocka_unit_test(windows_into_the_kernel_and_fresh_folders_are_left_out),
                cmocka_unit_test(flags_of_a_mount_are_kept),
                cmocka_unit_test(a_bind_mount_shares_with_what_has_its_files),
                cmocka_unit_test(the_root_of_the_twin_can_be_written),
                cmocka_unit_test(a_tree_below_a_mount_brings_only_its_own_mounts),
                cmocka_unit_test(the_mount_on_top_is_the_base),
                cmocka_unit_test(without_a_root_there_is_no_plan),
                IN_FOLDER(files_are_written_with_their_folders),
                IN_FOLDER(files_are_removed_and_absence_is_fine),
                IN_FOLDER(links_do_not_lead_out_of_the_root),
                IN_FOLDER(a_link_in_place_of_a_file_is_replaced),
                IN_FOLDER(paths_that_are_none_are_refused),
                IN_FOLDER(a_cycle_of_links_ends),
                cmocka_unit_test(a_living_owner_is_not_dead),
                cmocka_unit_test(an_owner_with_another_start_is_dead),
                cmocka_unit_test(names_of_others_are_left_alone),
                IN_FOLDER(sockets_of_a_group_are_told),
                cmocka_unit_test(a_group_that_is_gone_listens_on_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
