/* test_files_list.c - the list of unit files and their states, as systemctl list-unit-files has
 * them (each case was compared with systemctl of systemd 252). */
#include "tests/unit/test_files_tree.h"

#define WANTED "[Install]\nWantedBy=multi-user.target\n"

static const char *state_of(const struct unit_file *files, size_t count, const char *name)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(files[i].name, name) == 0)
                        return files[i].state;
        return "absent";
}

static void put_plain(const struct fixture *f)
{
        put(f, LIB "static.service", SERVICE);
        put(f, LIB "disabled.service", SERVICE WANTED);
        put(f, LIB "enabled.service", SERVICE WANTED);
        put_link(f, ETC "multi-user.target.wants/enabled.service", LIB "enabled.service");
        put(f, LIB "rtenabled.service", SERVICE WANTED);
        put_link(f, RUN "multi-user.target.wants/rtenabled.service", LIB "rtenabled.service");
        put(f, LIB "required.service", SERVICE "[Install]\nRequiredBy=a.target\n");
        put_link(f, ETC "a.target.requires/required.service", LIB "required.service");
        put(f, LIB "vendor.service", SERVICE);
        put_link(f, LIB "multi-user.target.wants/vendor.service", "../vendor.service");
        put(f, LIB "also.service", SERVICE "[Install]\nAlso=x.socket\n");
        put(f, LIB "reset.service", SERVICE "[Install]\nWantedBy=a.target\nWantedBy=\n");
        put(f, LIB "dropped.service", SERVICE);
        put(f, ETC "dropped.service.d/x.conf", WANTED);
        put(f, LIB ".hidden.service", SERVICE);
        put(f, LIB "a.socket", "[Socket]\n");
        put(f, "/run/systemd/generator/generated.service", SERVICE WANTED);
        put(f, "/run/systemd/transient/transient.service", SERVICE);
}

static void put_links(const struct fixture *f)
{
        put(f, LIB "named.service", SERVICE "[Install]\nAlias=nick.service\n");
        put_link(f, ETC "nick.service", LIB "named.service");
        put(f, LIB "other.service", SERVICE);
        put_link(f, ETC "foreign.service", LIB "other.service");
        put_link(f, LIB "vendor-alias.service", "other.service");
        put(f, LIB "masked.service", SERVICE);
        put_link(f, ETC "masked.service", "/dev/null");
        put_link(f, RUN "rtmasked.service", "/dev/null");
        put(f, ETC "emptied.service", "");
        put(f, "/opt/linked.service", SERVICE WANTED);
        put_link(f, ETC "linked.service", "/opt/linked.service");
        put(f, "/opt/rtlinked.service", SERVICE);
        put_link(f, RUN "rtlinked.service", "/opt/rtlinked.service");
        put_link(f, ETC "broken.service", "/opt/none.service");
        put_link(f, ETC "circle.service", "circle.service");
        put(f, LIB "same.service", SERVICE);
        put_link(f, ETC "same.service", LIB "same.service");
        put_link(f, ETC "mistyped@.service", LIB "other.service");
        put(f, LIB "syntax.service", SERVICE "[Install\n");
}

static void put_templates(const struct fixture *f)
{
        put(f, LIB "first@.service", SERVICE WANTED "DefaultInstance=one\n");
        put_link(f, ETC "multi-user.target.wants/first@one.service", LIB "first@.service");
        put(f, LIB "second@.service", SERVICE WANTED);
        put_link(f, ETC "multi-user.target.wants/second@x.service", LIB "second@.service");
        put(f, LIB "third@.service", SERVICE);
        put_link(f, LIB "multi-user.target.wants/third@v.service", "../third@.service");
        put_link(f, ETC "multi-user.target.wants/gone@v.service", LIB "gone@.service");
}

static void every_file_has_the_state_that_systemctl_shows(void **state)
{
        static const char *const expected[][2] = {
                { "static.service", "static" },
                { "disabled.service", "disabled" },
                { "enabled.service", "enabled" },
                { "rtenabled.service", "enabled-runtime" },
                { "required.service", "enabled" },
                { "vendor.service", "static" },
                { "also.service", "indirect" },
                { "reset.service", "static" },
                { "dropped.service", "disabled" },
                { ".hidden.service", "absent" },
                { "a.socket", "absent" },
                { "generated.service", "generated" },
                { "transient.service", "transient" },
                { "named.service", "enabled" },
                { "nick.service", "alias" },
                { "other.service", "indirect" },
                { "foreign.service", "alias" },
                { "vendor-alias.service", "alias" },
                { "masked.service", "masked" },
                { "rtmasked.service", "masked-runtime" },
                { "emptied.service", "masked" },
                { "linked.service", "linked" },
                { "rtlinked.service", "linked-runtime" },
                { "broken.service", "bad" },
                { "circle.service", "bad" },
                { "same.service", "bad" },
                { "mistyped@.service", "bad" },
                { "syntax.service", "bad" },
                { "first@.service", "enabled" },
                { "second@.service", "indirect" },
                { "third@.service", "static" },
                { "first@one.service", "enabled" },
                { "second@x.service", "enabled" },
                { "third@v.service", "static" },
                { "gone@v.service", "absent" },
        };
        struct fixture *f = *state;
        struct unit_file *files = NULL;
        size_t count = 0;

        put_plain(f);
        put_links(f);
        put_templates(f);
        assert_int_equal(unit_files_list(&f->root, &files, &count, NULL), 0);
        for (size_t i = 0; i < COUNT(expected); i++) {
                if (strcmp(state_of(files, count, expected[i][0]), expected[i][1]) != 0)
                        print_error("%s\n", expected[i][0]);
                assert_string_equal(state_of(files, count, expected[i][0]), expected[i][1]);
        }
        for (size_t i = 1; i < count; i++)
                assert_true(strcmp(files[i - 1].name, files[i].name) < 0);
        unit_files_free(files, count);
}

static void an_empty_root_lists_nothing(void **state)
{
        struct fixture *f = *state;
        struct unit_file *files = NULL;
        size_t count = 1;

        assert_int_equal(unit_files_list(&f->root, &files, &count, NULL), 0);
        assert_int_equal(count, 0);
        unit_files_free(files, count);
}

static void the_list_follows_changes(void **state)
{
        struct fixture *f = *state;

        for (size_t i = 0; i < 20; i++) {
                scoped(mem_freep) char *path = text_format(LIB "u%02zu.service", i);
                struct unit_file *files = NULL;
                size_t count = 0;

                put(f, path, SERVICE);
                assert_int_equal(unit_files_list(&f->root, &files, &count, NULL), 0);
                assert_int_equal(count, i + 1);
                assert_string_equal(files[i].path, path);
                unit_files_free(files, count);
        }
}

static void generated_units_can_be_left_out(void **state)
{
        struct fixture *f = *state;
        struct unit_file *files = NULL;
        size_t count = 1;

        put(f, "/run/systemd/generator/g.service", SERVICE);
        f->root.generated = false;
        assert_int_equal(unit_files_list(&f->root, &files, &count, NULL), 0);
        assert_int_equal(count, 0);
        unit_files_free(files, count);
}

static void units_of_users_are_found_in_their_folders(void **state)
{
        struct fixture *f = *state;
        struct unit_root r;
        struct unit_file *files = NULL;
        size_t count = 0;
        scoped(mem_freep) char *path = NULL;

        setenv("XDG_CONFIG_HOME", "/home/u/.config", 1);
        setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
        put(f, "/usr/lib/systemd/user/a.service", SERVICE WANTED);
        put(f, "/home/u/.config/systemd/user/b.service", SERVICE WANTED);
        put_link(f, "/home/u/.config/systemd/user/x.target.wants/b.service", "../b.service");
        put(f, "/run/user/7/systemd/transient/c.service", SERVICE);
        assert_int_equal(unit_root_open(&r, f->folder, SCOPE_USER, NULL), 0);
        assert_int_equal(unit_files_list(&r, &files, &count, NULL), 0);
        assert_int_equal(count, 3);
        assert_string_equal(state_of(files, count, "a.service"), "disabled");
        assert_string_equal(state_of(files, count, "b.service"), "enabled");
        assert_string_equal(state_of(files, count, "c.service"), "transient");
        assert_int_equal(unit_dropin_path(&r, "a.service", "x.conf", &path), 0);
        assert_true(text_ends(path, "/home/u/.config/systemd/user/a.service.d/x.conf"));
        unit_files_free(files, count);
        unit_root_done(&r);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(every_file_has_the_state_that_systemctl_shows),
                TEST(an_empty_root_lists_nothing),
                TEST(the_list_follows_changes),
                TEST(generated_units_can_be_left_out),
                TEST(units_of_users_are_found_in_their_folders),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
