/* test_infer_devices.c - which devices were used decides what is hidden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/acts.h"

#include "core/base/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct act *node(struct seen *s, const char *path, unsigned access, unsigned mode,
                        unsigned major, unsigned minor)
{
        struct act *a = seen_file(s, path, access, mode | 0660, 0, "devtmpfs");

        a->rdev = major << 8 | minor;
        return a;
}

static void without_devices_everything_is_closed(void **state)
{
        static const char *const pseudo[] = { "/dev/null",    "/dev/urandom", "/dev/pts/3",
                                              "/dev/shm/app", "/dev/log",     "/dev/tty" };
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        for (size_t i = 0; i < COUNT(pseudo); i++)
                seen_path(&s, pseudo[i], ACCESS_READ | ACCESS_WRITE);
        seen_path(&s, "/dev/shm/app.new", ACCESS_WRITE | ACCESS_CREATE);
        node(&s, "/srv/chroot/dev/null", ACCESS_WRITE, S_IFCHR, 1, 3);
        seen_infer(&s);
        assert_safe(&s, "PrivateDevices", "yes");
        assert_safe(&s, "DevicePolicy", "closed");
        assert_stands(&s, "DeviceAllow");
        seen_done(&s);
}

static void a_device_is_allowed_with_the_rights_seen(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        node(&s, "/dev/fuse", ACCESS_READ | ACCESS_WRITE, S_IFCHR, 10, 229);
        node(&s, "/dev/watchdog", ACCESS_WRITE, S_IFCHR, 10, 130);
        seen_infer(&s);
        assert_breaks(&s, "PrivateDevices", "yes");
        assert_evidence(&s, "PrivateDevices", "/dev/fuse");
        assert_safe(&s, "DevicePolicy", "closed");
        assert_safe(&s, "DeviceAllow", "/dev/fuse rw", "/dev/watchdog w");
        seen_done(&s);
}

static void strict_is_never_advised(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_infer(&s);
        assert_safe(&s, "DevicePolicy", "closed");
        seen_done(&s);
}

static void whole_classes_are_named_by_their_driver(void **state)
{
        char root[] = "/tmp/gird-devices-XXXXXX", proc[64], path[96];
        struct seen s;
        FILE *f;

        (void)state;
        assert_non_null(mkdtemp(root));
        snprintf(proc, sizeof(proc), "%s/proc", root);
        assert_int_equal(mkdir(proc, 0755), 0);
        snprintf(path, sizeof(path), "%s/devices", proc);
        f = fopen(path, "we");
        assert_non_null(f);
        fputs("Character devices:\n  8 wrong\n 13 input\n\nBlock devices:\n  8 sd\n", f);
        fclose(f);

        seen_open(&s, 257);
        s.root = root;
        node(&s, "/dev/sda", ACCESS_READ, S_IFBLK, 8, 0);
        node(&s, "/dev/sdb", ACCESS_READ, S_IFBLK, 8, 16);
        node(&s, "/dev/sdc", ACCESS_WRITE, S_IFBLK, 8, 32);
        node(&s, "/dev/input/event0", ACCESS_READ, S_IFCHR, 13, 64);
        seen_infer(&s);
        assert_safe(&s, "DeviceAllow", "/dev/input/event0 r", "block-sd rw");
        seen_done(&s);
        unlink(path);
        rmdir(proc);
        rmdir(root);
}

static void names_that_systemd_would_misread_become_numbers(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        node(&s, "/dev/my disk", ACCESS_READ, S_IFBLK, 8, 3);
        node(&s, "/srv/box/dev/fuse", ACCESS_READ, S_IFCHR, 10, 229);
        seen_infer(&s);
        assert_safe(&s, "DeviceAllow", "/dev/block/8:3 r", "/dev/char/10:229 r");
        seen_done(&s);
}

static void making_nodes_is_a_right_of_its_own(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_args(&s, "mknod", S_IFCHR | 0600, 10U << 8 | 200, 0);
        seen_infer(&s);
        assert_breaks(&s, "PrivateDevices", "yes");
        assert_safe(&s, "DeviceAllow", "/dev/char/10:200 m");
        seen_done(&s);

        /* which device, was not told */
        seen_open(&s, 257);
        seen_args(&s, "mknod", S_IFBLK | 0600, 0, 0);
        seen_infer(&s);
        assert_unknown(&s, "DevicePolicy");
        seen_done(&s);

        seen_open(&s, 257);
        seen_args(&s, "mknod", S_IFIFO | 0600, 0, 0);
        seen_infer(&s);
        assert_safe(&s, "PrivateDevices", "yes");
        seen_done(&s);
}

static void what_a_private_dev_refuses_besides_is_seen(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_call(&s, "ioperm");
        seen_infer(&s);
        assert_breaks(&s, "PrivateDevices", "yes");
        seen_done(&s);

        seen_open(&s, 257);
        seen_path(&s, "/dev/zero", ACCESS_MAP_EXEC);
        seen_infer(&s);
        assert_breaks(&s, "PrivateDevices", "yes");
        seen_done(&s);

        seen_open(&s, 257);
        seen_path(&s, "/dev/mylog", ACCESS_CREATE);
        seen_infer(&s);
        assert_breaks(&s, "PrivateDevices", "yes");
        seen_done(&s);

        seen_open(&s, 257);
        seen_cap(&s, 17);
        seen_infer(&s);
        assert_breaks(&s, "PrivateDevices", "yes");
        seen_done(&s);
}

static void a_quiet_check_is_no_need(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_cap(&s, 17)->flags |= ACT_QUIET;
        seen_infer(&s);
        assert_safe(&s, "PrivateDevices", "yes");
        seen_done(&s);
}

static void looking_is_in_doubt(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_path(&s, "/dev/console", ACCESS_LOOK);
        seen_infer(&s);
        assert_unknown(&s, "PrivateDevices");
        assert_safe(&s, "DevicePolicy", "closed");
        seen_done(&s);
}

static void a_device_that_is_not_there_live_is_not_missed(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_failed(&s, "/dev/hwrng", ACCESS_READ, ENOENT)->seen = SEEN_LIVE | SEEN_STEADY;
        seen_infer(&s);
        assert_safe(&s, "PrivateDevices", "yes");
        seen_done(&s);
}

static void what_the_twin_lacks_makes_it_unknown(void **state)
{
        struct seen s;
        struct act *a;

        (void)state;
        seen_open(&s, 257);
        seen_twin_only(&s);
        a = seen_failed(&s, "/dev/hwrng", ACCESS_READ, ENOENT);
        a->seen = SEEN_TWIN | SEEN_STARTUP;
        a->flags |= ACT_BY_TWIN;
        seen_infer(&s);
        assert_unknown(&s, "PrivateDevices");
        assert_unknown(&s, "DevicePolicy");
        seen_done(&s);
}

static void the_units_own_list_stays(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_set(&s, "DeviceAllow", "/dev/kvm rw");
        node(&s, "/dev/fuse", ACCESS_READ, S_IFCHR, 10, 229);
        seen_infer(&s);
        /* hidden by PrivateDevices= although it is allowed: facts, rule 12 */
        assert_breaks(&s, "PrivateDevices", "yes");
        assert_safe(&s, "DeviceAllow", "/dev/kvm rw", "/dev/fuse r");
        seen_done(&s);
}

static void old_user_managers_cannot_do_it(void **state)
{
        struct seen s;

        (void)state;
        seen_open_user(&s, 252);
        seen_infer(&s);
        assert_unknown(&s, "PrivateDevices");
        assert_unknown(&s, "DevicePolicy");
        seen_done(&s);

        seen_open_user(&s, 257);
        seen_infer(&s);
        assert_safe(&s, "PrivateDevices", "yes");
        seen_done(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(without_devices_everything_is_closed),
                cmocka_unit_test(a_device_is_allowed_with_the_rights_seen),
                cmocka_unit_test(strict_is_never_advised),
                cmocka_unit_test(whole_classes_are_named_by_their_driver),
                cmocka_unit_test(names_that_systemd_would_misread_become_numbers),
                cmocka_unit_test(making_nodes_is_a_right_of_its_own),
                cmocka_unit_test(what_a_private_dev_refuses_besides_is_seen),
                cmocka_unit_test(a_quiet_check_is_no_need),
                cmocka_unit_test(looking_is_in_doubt),
                cmocka_unit_test(a_device_that_is_not_there_live_is_not_missed),
                cmocka_unit_test(what_the_twin_lacks_makes_it_unknown),
                cmocka_unit_test(the_units_own_list_stays),
                cmocka_unit_test(old_user_managers_cannot_do_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
