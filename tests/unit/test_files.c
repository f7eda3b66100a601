/* test_files.c - units from trees of files: search path, aliases, drop-ins, masks, hostile links.
 */
#include "tests/unit/test_files_tree.h"

#include "core/unit/files_private.h"

static void the_more_important_folder_wins(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *s = NULL;

        put(f, LIB "a.service", SERVICE "PrivateTmp=no\n");
        put(f, ETC "a.service", SERVICE "NoNewPrivileges=yes\n");
        s = read_unit(f, "a");
        assert_int_equal(s->load, LOAD_LOADED);
        assert_string_equal(s->unit, "a.service");
        assert_string_equal(s->facts.fragment, ETC "a.service");
        assert_true(setting_yes(s, D_NoNewPrivileges));
        assert_int_equal(s->settings[D_NoNewPrivileges].origin.kind, ORIGIN_FILE);
        assert_string_equal(s->settings[D_NoNewPrivileges].origin.file, ETC "a.service");
        assert_int_equal(s->settings[D_NoNewPrivileges].origin.line, 3);
        assert_false(s->settings[D_PrivateTmp].value.set);
        assert_int_equal(s->settings[D_PrivateTmp].origin.kind, ORIGIN_DEFAULT);
}

static void drop_ins_are_read_by_file_name_across_all_levels(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *s = NULL;

        put(f, LIB "foo-bar-baz.service", SERVICE);
        put(f, LIB "service.d/10-type.conf", "[Service]\nUMask=0001\n");
        put(f, ETC "foo-.service.d/50-same.conf", "[Service]\nUMask=0002\n");
        put(f, LIB "foo-bar-baz.service.d/50-same.conf", "[Service]\nUMask=0003\n");
        put(f, LIB "foo-bar-.service.d/60-dash.conf", "[Service]\nNoNewPrivileges=yes\n");
        put(f, ETC "foo-bar-baz.service.d/70-own.conf", "[Service]\nUMask=0077\n");
        put(f, ETC "foo-bar-baz.service.d/no-conf.txt", "[Service]\nUMask=0000\n");
        s = read_unit(f, "foo-bar-baz.service");
        assert_words(s->facts.dropins, LIB
                     "service.d/10-type.conf " ETC "foo-.service.d/50-same.conf " LIB
                     "foo-bar-.service.d/60-dash.conf " ETC "foo-bar-baz.service.d/70-own.conf");
        assert_int_equal(s->settings[D_UMask].value.bits, 0077);
        assert_string_equal(s->settings[D_UMask].origin.file,
                            ETC "foo-bar-baz.service.d/70-own.conf");
}

static void empty_drop_ins_and_links_to_null_mask_others(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *s = NULL;

        put(f, LIB "a.service", SERVICE);
        put(f, LIB "a.service.d/1.conf", "[Service]\nPrivateTmp=yes\n");
        put(f, LIB "a.service.d/2.conf", "[Service]\nNoNewPrivileges=yes\n");
        put(f, ETC "a.service.d/1.conf", "");
        put_link(f, ETC "a.service.d/2.conf", "/dev/null");
        s = read_unit(f, "a");
        assert_null(s->facts.dropins);
        assert_int_equal(s->oddity_count, 0);
        assert_false(s->settings[D_PrivateTmp].value.set);
        assert_false(s->settings[D_NoNewPrivileges].value.set);
}

static void an_alias_gives_the_unit_its_name_and_its_drop_ins(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *s = NULL;

        put(f, LIB "real.service", SERVICE);
        put_link(f, ETC "nick.service", "/usr/lib/systemd/system/real.service");
        put_link(f, ETC "nack.service", "nick.service");
        put(f, ETC "nick.service.d/x.conf", "[Service]\nNoNewPrivileges=yes\n");
        s = read_unit(f, "nack");
        assert_string_equal(s->unit, "real.service");
        assert_words(s->facts.names, "real.service nack.service nick.service");
        assert_true(setting_yes(s, D_NoNewPrivileges));
}

static void links_through_a_merged_lib_are_aliases_too(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *s = NULL;
        struct unit_root merged;

        put(f, LIB "real.service", SERVICE);
        put_link(f, "/lib", "usr/lib");
        put_link(f, ETC "nick.service", "/lib/systemd/system/real.service");
        assert_int_equal(unit_root_open(&merged, f->folder, SCOPE_SYSTEM, NULL), 0);
        assert_false(strv_has(merged.path, "/lib/systemd/system"));
        assert_int_equal(unit_read(&merged, "nick", &f->dialect, &s, NULL), 0);
        assert_string_equal(s->unit, "real.service");
        unit_root_done(&merged);
}

static void an_instance_takes_the_drop_ins_of_its_template(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *s = NULL;

        put(f, LIB "a-b@.service", SERVICE "ReadWritePaths=/srv/%i\n");
        put(f, LIB "a-b@.service.d/1.conf", "[Service]\nNoNewPrivileges=yes\n");
        put(f, ETC "a-b@x.service.d/2.conf", "[Service]\nPrivateDevices=yes\n");
        put(f, ETC "a-@x.service.d/3.conf", "[Service]\nProtectClock=yes\n");
        s = read_unit(f, "a-b@x.service");
        assert_string_equal(s->unit, "a-b@x.service");
        assert_int_equal(s->load, LOAD_LOADED);
        assert_words(s->settings[D_ReadWritePaths].value.words, "/srv/x");
        assert_true(setting_yes(s, D_NoNewPrivileges));
        assert_true(setting_yes(s, D_PrivateDevices));
        assert_true(setting_yes(s, D_ProtectClock));
}

static void a_template_is_read_as_the_instance_of_that_systemd(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *old = NULL, *new = NULL;

        put(f, LIB "t@.service", SERVICE "User=%i\n");
        old = read_unit(f, "t@.service");
        assert_int_equal(old->load, LOAD_TEMPLATE);
        assert_string_equal(old->unit, "t@.service");
        assert_string_equal(setting_word(old, D_User), "i");
        f->dialect.version.major = 257;
        new = read_unit(f, "t@");
        assert_string_equal(setting_word(new, D_User), "test_instance");
}

static void masked_units_say_so(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *linked = NULL, *empty = NULL;

        put(f, LIB "a.service", SERVICE);
        put_link(f, ETC "a.service", "/dev/null");
        put(f, ETC "b.service", "");
        linked = read_unit(f, "a");
        empty = read_unit(f, "b");
        assert_int_equal(linked->load, LOAD_MASKED);
        assert_non_null(strstr(linked->load_note, "/dev/null"));
        assert_int_equal(empty->load, LOAD_MASKED);
        assert_non_null(strstr(empty->load_note, "empty"));
}

static void links_never_lead_out_of_the_root(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(mem_freep) char *up = text_format("../../../../../../..%s/secret", f->folder);
        scoped(mem_freep) char *absolute = text_format("%s/secret", f->folder);

        put(f, "/secret", SERVICE "NoNewPrivileges=yes\n");
        put_link(f, ETC "up.service", up);
        put_link(f, ETC "absolute.service", absolute);
        put(f, "/opt/inside", SERVICE "PrivateDevices=yes\n");
        put_link(f, ETC "in.service", "/opt/../../../opt/inside");
        s = read_unit(f, "up");
        assert_int_equal(s->load, LOAD_NOT_FOUND);
        assert_non_null(strstr(s->load_note, "does not exist"));
        sandbox_free(take(s));
        s = read_unit(f, "absolute");
        assert_int_equal(s->load, LOAD_NOT_FOUND);
        sandbox_free(take(s));
        s = read_unit(f, "in");
        assert_int_equal(s->load, LOAD_LOADED);
        assert_true(setting_yes(s, D_PrivateDevices));
}

static void cycles_of_links_end(void **state)
{
        static const char *const names[] = { "a", "self", "loop" };
        struct fixture *f = *state;

        put_link(f, ETC "a.service", "b.service");
        put_link(f, ETC "b.service", "a.service");
        put_link(f, ETC "self.service", "self.service");
        put_link(f, ETC "loop.service", "/opt/one");
        put_link(f, "/opt/one", "two");
        put_link(f, "/opt/two", "one");
        for (size_t i = 0; i < COUNT(names); i++) {
                scoped(sandbox_freep) struct sandbox *s = read_unit(f, names[i]);

                assert_int_equal(s->load, LOAD_NOT_FOUND);
                assert_non_null(s->load_note);
        }
}

static void what_is_no_file_is_named(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *folder = NULL, *fifo = NULL, *far = NULL,
                                             *none = NULL;
        scoped(mem_freep) char *path = outside(f, ETC "fifo.service");

        put(f, ETC "folder.service/x", "");
        put_link(f, ETC "far.service", "/opt");
        put(f, "/opt/x", "");
        assert_int_equal(mkfifo(path, 0600), 0);
        folder = read_unit(f, "folder");
        assert_int_equal(folder->load, LOAD_NOT_FOUND);
        assert_non_null(strstr(folder->load_note, "is a folder"));
        fifo = read_unit(f, "fifo");
        assert_int_equal(fifo->load, LOAD_NOT_FOUND);
        assert_non_null(strstr(fifo->load_note, "not a regular file"));
        far = read_unit(f, "far");
        assert_int_equal(far->load, LOAD_ERROR);
        assert_non_null(strstr(far->load_note, "is a folder"));
        none = read_unit(f, "none");
        assert_int_equal(none->load, LOAD_NOT_FOUND);
        assert_string_equal(none->unit, "none.service");
}

static void a_file_of_50_mb_is_refused_without_reading_it(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *s = NULL, *t = NULL;
        scoped(mem_freep) char *big = outside(f, ETC "big.service"), *dropin = NULL;

        put(f, ETC "big.service", SERVICE);
        assert_int_equal(truncate(big, 50 << 20), 0);
        s = read_unit(f, "big");
        assert_int_equal(s->load, LOAD_ERROR);
        assert_non_null(strstr(s->load_note, "16 MiB"));

        put(f, ETC "a.service", SERVICE);
        put(f, ETC "a.service.d/x.conf", "");
        dropin = outside(f, ETC "a.service.d/x.conf");
        assert_int_equal(truncate(dropin, 50 << 20), 0);
        t = read_unit(f, "a");
        assert_int_equal(t->load, LOAD_ERROR);
}

static void an_unreadable_file_is_an_error_but_to_root(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(mem_freep) char *path = outside(f, ETC "a.service");

        put(f, ETC "a.service", SERVICE);
        assert_int_equal(chmod(path, 0), 0);
        s = read_unit(f, "a");
        assert_int_equal(s->load, geteuid() == 0 ? LOAD_LOADED : LOAD_ERROR);
}

static void a_refused_line_ends_a_drop_in_but_not_the_unit(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *s = NULL;

        put(f, LIB "a.service", SERVICE);
        put(f, LIB "a.service.d/1.conf",
            "[Service]\nPrivateTmp=yes\nUser=bad:name\nPrivateDevices=yes\n");
        put(f, LIB "a.service.d/2.conf",
            "[Service]\nProtectClock=yes\n[Service\nProtectHostname=yes\n");
        put(f, LIB "a.service.d/3.conf", "[Service]\nNoNewPrivileges=yes\n");
        s = read_unit(f, "a");
        assert_int_equal(s->load, LOAD_LOADED);
        assert_true(s->settings[D_PrivateTmp].value.set);
        assert_false(s->settings[D_PrivateDevices].value.set);
        assert_true(setting_yes(s, D_ProtectClock));
        assert_false(s->settings[D_ProtectHostname].value.set);
        assert_true(setting_yes(s, D_NoNewPrivileges));
        assert_int_equal(s->oddity_count, 2);
        assert_false(s->oddities[0].refused);
        assert_string_equal(s->oddities[0].key, "User");
        assert_int_equal(s->oddities[0].line, 3);
}

static void a_path_puts_its_folder_in_front(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *s = NULL, *whole = NULL, *bad = NULL;
        scoped(mem_freep) char *path = text_format("%s/srv/u/a.service", f->folder);

        put(f, ETC "a.service", SERVICE "PrivateTmp=yes\n");
        put(f, "/srv/u/a.service", SERVICE "NoNewPrivileges=yes\n");
        put(f, "/srv/u/a.service.d/x.conf", "[Service]\nProtectClock=yes\n");
        put(f, LIB "service.d/y.conf", "[Service]\nProtectHostname=yes\n");
        s = read_unit(f, "/srv/u/a.service");
        assert_string_equal(s->facts.fragment, "/srv/u/a.service");
        assert_true(setting_yes(s, D_NoNewPrivileges));
        assert_true(setting_yes(s, D_ProtectClock));
        assert_false(s->settings[D_PrivateTmp].value.set);
        assert_words(s->facts.dropins, "/srv/u/a.service.d/x.conf " LIB "service.d/y.conf");
        whole = read_unit(f, path);
        assert_string_equal(whole->facts.fragment, "/srv/u/a.service");
        bad = read_unit(f, "/srv/u/a.txt");
        assert_int_equal(bad->load, LOAD_ERROR);
}

static void a_change_is_seen_at_the_next_reading(void **state)
{
        struct fixture *f = *state;

        put(f, LIB "a.service", SERVICE);
        for (int i = 0; i < 20; i++) {
                scoped(mem_freep) char *path = text_format(ETC "a.service.d/%02d.conf", i);
                scoped(sandbox_freep) struct sandbox *s = NULL;

                sandbox_free(read_unit(f, "a"));
                put(f, path, "[Service]\nPrivateTmp=yes\n");
                s = read_unit(f, "a");
                assert_int_equal(strv_length(s->facts.dropins), i + 1);
        }
}

static void sockets_and_timers_of_the_same_name_start_it(void **state)
{
        struct fixture *f = *state;
        scoped(sandbox_freep) struct sandbox *s = NULL;

        put(f, LIB "a.service", SERVICE "Sockets=other.socket\n");
        put(f, LIB "a.socket", "[Socket]\nListenStream=1\n");
        put(f, LIB "a.timer", "[Timer]\nOnBootSec=1\n");
        put_link(f, ETC "a.timer", "/dev/null");
        s = read_unit(f, "a");
        assert_words(s->facts.triggers, "other.socket a.socket");
}

static void names_are_completed_or_refused(void **state)
{
        static const char *const good[][2] = { { "nginx", "nginx.service" },
                                               { "a.socket", "a.socket" },
                                               { "php8.2-fpm", "php8.2-fpm.service" },
                                               { "getty@tty1", "getty@tty1.service" } };
        static const char *const bad[] = { "", "a b", "x/y", "@x", "a\x1b[31m", ".service", "ä" };

        (void)state;
        for (size_t i = 0; i < COUNT(good); i++) {
                scoped(mem_freep) char *name = NULL;

                assert_int_equal(unit_name_mangle(good[i][0], &name, NULL), 0);
                assert_string_equal(name, good[i][1]);
        }
        for (size_t i = 0; i < COUNT(bad); i++) {
                char *name = NULL;
                struct err e = { 0 };

                assert_int_equal(unit_name_mangle(bad[i], &name, &e), -EINVAL);
                assert_non_null(strstr(e.text, "no name of a unit"));
        }
}

static void the_drop_in_is_saved_below_the_root(void **state)
{
        struct fixture *f = *state;
        scoped(mem_freep) char *path = NULL, *expected = NULL;

        expected = text_format("%s/etc/systemd/system/a@.service.d/50-gird.conf", f->folder);
        assert_int_equal(unit_dropin_path(&f->root, "a@.service", "50-gird.conf", &path), 0);
        assert_string_equal(path, expected);
}

static void a_root_that_is_not_there_is_a_fault(void **state)
{
        struct unit_root r;
        struct err e = { 0 };

        (void)state;
        assert_int_equal(unit_root_open(&r, "/nonexistent/root", SCOPE_SYSTEM, &e), -ENOENT);
        assert_non_null(strstr(e.text, "/nonexistent/root"));
}

/* Kernels before 5.6 have no openat2(): the walk must find the same. */
static void walking_by_hand_finds_what_the_kernel_finds(void **state)
{
        static const char *const paths[] = {
                "/a/b/file", "/link", "/a/up", "/abs",  "/a/../a/./b/file",
                "/out",      "/loop", "/a",    "/none", "/a/b/file/x",
                "/",         "/..",   "/deep"
        };
        struct fixture *f = *state;
        struct tree t;

        put(f, "/a/b/file", "x");
        put_link(f, "/link", "a/b/file");
        put_link(f, "/a/up", "../../../../a/b/file");
        put_link(f, "/abs", "/a/b/../b/file");
        put_link(f, "/out", "/etc/passwd");
        put_link(f, "/loop", "loop");
        put_link(f, "/deep", "abs");
        assert_int_equal(tree_open_root(&t, f->folder, NULL), 0);
        for (size_t i = 0; i < COUNT(paths); i++) {
                scoped(fd_closep) int kernel = tree_open(&t, paths[i], O_PATH);
                scoped(fd_closep) int hand = tree_walk(t.fd, paths[i], O_PATH);
                struct stat a, b;

                if (kernel < 0 || hand < 0) {
                        assert_int_equal(kernel, hand);
                        continue;
                }
                assert_int_equal(fstat(kernel, &a), 0);
                assert_int_equal(fstat(hand, &b), 0);
                assert_int_equal(a.st_ino, b.st_ino);
        }
        tree_done(&t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_more_important_folder_wins),
                TEST(drop_ins_are_read_by_file_name_across_all_levels),
                TEST(empty_drop_ins_and_links_to_null_mask_others),
                TEST(an_alias_gives_the_unit_its_name_and_its_drop_ins),
                TEST(links_through_a_merged_lib_are_aliases_too),
                TEST(an_instance_takes_the_drop_ins_of_its_template),
                TEST(a_template_is_read_as_the_instance_of_that_systemd),
                TEST(masked_units_say_so),
                TEST(links_never_lead_out_of_the_root),
                TEST(cycles_of_links_end),
                TEST(what_is_no_file_is_named),
                TEST(a_file_of_50_mb_is_refused_without_reading_it),
                TEST(an_unreadable_file_is_an_error_but_to_root),
                TEST(a_refused_line_ends_a_drop_in_but_not_the_unit),
                TEST(a_path_puts_its_folder_in_front),
                TEST(a_change_is_seen_at_the_next_reading),
                TEST(sockets_and_timers_of_the_same_name_start_it),
                TEST(names_are_completed_or_refused),
                TEST(the_drop_in_is_saved_below_the_root),
                TEST(a_root_that_is_not_there_is_a_fault),
                TEST(walking_by_hand_finds_what_the_kernel_finds),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
