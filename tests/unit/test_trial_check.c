/* test_trial_check.c - what systemd would take silently is found before the start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/trial_private.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A small tree that stands for the stage's files. */
struct scene {
        char root[32];
        struct dialect dialect;
        struct profile *profile;
        struct sandbox *unit;
        struct problem *problems;
        size_t count;
};

static void put(const struct scene *s, const char *path, const char *text)
{
        scoped(mem_freep) char *full = text_format("%s%s", s->root, path);
        scoped(mem_freep) char *folder = strndup(full, (size_t)(strrchr(full, '/') - full));
        FILE *f;

        assert_int_equal(file_make_dirs(folder, 0755, NULL), 0);
        f = fopen(full, "w");
        assert_non_null(f);
        fputs(text, f);
        assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
        struct scene *s = calloc(1, sizeof(*s));
        scoped(mem_freep) char *link = NULL;

        if (!s)
                return -1;
        strcpy(s->root, "/tmp/gird-check-XXXXXX");
        if (!mkdtemp(s->root))
                return -1;
        put(s, "/etc/passwd",
            "root:x:0:0::/root:/bin/sh\nredis:x:110:118::/var/lib/redis:/bin/false\n");
        put(s, "/etc/group", "root:x:0:\nredis:x:118:\nadm:x:4:\n");
        put(s, "/proc/devices",
            "Character devices:\n  1 mem\n  5 /dev/tty\n136 pts\n\nBlock devices:\n  7 loop\n");
        put(s, "/var/lib/redis/dump.rdb", "x");
        link = text_format("%s/srv", s->root);
        if (symlink("/var/lib", link) < 0)
                return -1;
        dialect_for((struct version){ 252, 39 }, SCOPE_SYSTEM, &s->dialect);
        *state = s;
        return profile_new("x.service", SCOPE_SYSTEM, &s->profile) < 0 ||
               sandbox_new("x.service", SCOPE_SYSTEM, &s->unit) < 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void)st;
        (void)type;
        (void)ftw;
        return remove(path);
}

static int tear_down(void **state)
{
        struct scene *s = *state;

        problems_free(s->problems, s->count);
        profile_free(s->profile);
        sandbox_free(s->unit);
        dialect_done(&s->dialect);
        nftw(s->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        free(s);
        return 0;
}

static void change(struct scene *s, const char *word)
{
        struct err e = { 0 };

        if (profile_assign(s->profile, &s->dialect, word, &e) < 0)
                fail_msg("%s", e.text);
}

static void look(struct scene *s)
{
        problems_free(s->problems, s->count);
        s->problems = NULL;
        s->count = 0;
        assert_int_equal(
                check_profile(s->profile, s->unit, &s->dialect, s->root, &s->problems, &s->count),
                0);
}

static void assert_problem(struct scene *s, enum directive_id id, bool fatal, const char *part)
{
        look(s);
        assert_int_equal(s->count, 1);
        assert_int_equal(s->problems[0].directive, id);
        assert_int_equal(s->problems[0].fatal, fatal);
        if (!strstr(s->problems[0].text, part))
                fail_msg("\"%s\" is not in \"%s\"", part, s->problems[0].text);
}

static void assert_fine(struct scene *s)
{
        look(s);
        if (s->count)
                fail_msg("%s", s->problems[0].text);
}

static void an_unknown_user_is_found(void **state)
{
        struct scene *s = *state;

        change(s, "User=nobody-knows");
        assert_problem(s, D_User, true, "nobody-knows");
}

static void known_users_numbers_and_built_in_names_are_fine(void **state)
{
        struct scene *s = *state;
        static const char *const words[] = { "User=redis", "User=65000", "User=root",
                                             "User=nobody" };

        for (size_t i = 0; i < COUNT(words); i++) {
                change(s, words[i]);
                assert_fine(s);
        }
}

static void a_user_that_begins_like_another_is_not_that_one(void **state)
{
        struct scene *s = *state;

        change(s, "User=redi");
        assert_problem(s, D_User, true, "redi");
}

static void a_dynamic_user_need_not_exist(void **state)
{
        struct scene *s = *state;

        change(s, "User=made-up");
        change(s, "DynamicUser=yes");
        assert_fine(s);
}

static void users_from_a_directory_service_are_only_doubted(void **state)
{
        struct scene *s = *state;

        put(s, "/etc/nsswitch.conf", "# x\npasswd: files systemd sss\ngroup: files\n");
        change(s, "User=ldap-user");
        assert_problem(s, D_User, false, "directory service");
        put(s, "/etc/nsswitch.conf", "passwd:  files systemd [NOTFOUND=return]\n");
        assert_problem(s, D_User, true, "ldap-user");
}

static void groups_are_looked_up_among_groups(void **state)
{
        struct scene *s = *state;

        change(s, "SupplementaryGroups=adm video");
        assert_problem(s, D_SupplementaryGroups, true, "video");
        profile_unset(s->profile, D_SupplementaryGroups);
        change(s, "Group=staff");
        assert_problem(s, D_Group, true, "/etc/group");
}

static void an_absent_path_needs_its_dash(void **state)
{
        struct scene *s = *state;

        change(s, "ReadWritePaths=/var/lib/redis /nope");
        assert_problem(s, D_ReadWritePaths, true, "/nope");
        profile_unset(s->profile, D_ReadWritePaths);
        change(s, "ReadWritePaths=/var/lib/redis -/nope");
        assert_fine(s);
}

static void links_are_followed_inside_the_root_only(void **state)
{
        struct scene *s = *state;

        change(s, "ReadOnlyPaths=/srv/redis");
        assert_fine(s);
        profile_unset(s->profile, D_ReadOnlyPaths);
        put(s, "/etc/here", "x");
        change(s, "ReadOnlyPaths=/etc/here /usr/bin/env");
        assert_problem(s, D_ReadOnlyPaths, true, "/usr/bin/env");
}

static void folders_that_systemd_makes_first_may_be_absent(void **state)
{
        struct scene *s = *state;

        change(s, "RuntimeDirectory=x");
        change(s, "ReadWritePaths=/run/x /run/x/sub");
        assert_fine(s);
        profile_unset(s->profile, D_ReadWritePaths);
        change(s, "ReadWritePaths=/run/xy");
        assert_problem(s, D_ReadWritePaths, true, "/run/xy");
}

static void specifiers_are_left_to_systemd(void **state)
{
        struct scene *s = *state;

        struct value v = { .set = true };

        assert_int_equal(strv_add(&v.words, "/nope/%i"), 0);
        assert_int_equal(profile_set(s->profile, D_ReadWritePaths, &v, REASON_HAND, NULL), 0);
        assert_fine(s);
        s->profile->changes[0].literal = true;
        assert_problem(s, D_ReadWritePaths, true, "/nope/%i");
}

static void a_path_that_is_left_out_of_protect_system_is_told(void **state)
{
        struct scene *s = *state;

        change(s, "ProtectSystem=strict");
        change(s, "NoExecPaths=-/var");
        look(s);
        assert_problem(s, D_NoExecPaths, false, "it is writable; ReadOnlyPaths=/var");
}

static void what_has_a_line_of_its_own_is_not_left_out(void **state)
{
        struct scene *s = *state;

        change(s, "ProtectSystem=full");
        change(s, "NoExecPaths=-/var -/dev/shm");
        look(s);
        assert_fine(s);
        change(s, "ProtectSystem=strict");
        change(s, "ReadOnlyPaths=-/var");
        look(s);
        assert_fine(s);
}

static void the_source_of_a_bind_must_be_there(void **state)
{
        struct scene *s = *state;

        change(s, "BindReadOnlyPaths=/nope:/mnt");
        assert_problem(s, D_BindReadOnlyPaths, true, "/nope");
        profile_unset(s->profile, D_BindReadOnlyPaths);
        change(s, "BindReadOnlyPaths=-/nope:/mnt /var/lib/redis:/mnt");
        change(s, "TemporaryFileSystem=/nope");
        assert_fine(s);
}

static void a_root_directory_must_be_there(void **state)
{
        struct scene *s = *state;

        change(s, "RootDirectory=/nope");
        assert_problem(s, D_RootDirectory, true, "/nope");
}

static void devices_and_their_classes_are_looked_up(void **state)
{
        struct scene *s = *state;

        change(s, "DeviceAllow=char-pts rw");
        change(s, "DeviceAllow=block-loop rw");
        change(s, "DeviceAllow=char-pt* rw");
        assert_fine(s);
        change(s, "DeviceAllow=/dev/no-such-device rw");
        assert_problem(s, D_DeviceAllow, false, "no such device");
        profile_unset(s->profile, D_DeviceAllow);
        change(s, "DeviceAllow=block-pts rw");
        assert_problem(s, D_DeviceAllow, false, "block-pts");
}

static void a_misspelt_file_system_is_found(void **state)
{
        struct scene *s = *state;

        change(s, "RestrictFileSystems=ext4 tmpfs @basic-api");
        assert_fine(s);
        change(s, "RestrictFileSystems=bogusfs");
        assert_problem(s, D_RestrictFileSystems, false, "bogusfs");
}

static void every_problem_comes_as_a_sentence(void **state)
{
        struct scene *s = *state;
        scoped(strv_freep) char **texts = NULL;

        change(s, "User=nobody-knows");
        change(s, "ReadOnlyPaths=/nope");
        assert_int_equal(trial_check(s->profile, &s->dialect, s->root, &texts), 0);
        assert_int_equal(strv_length(texts), 2);
}

static void a_root_that_is_not_there_proves_nothing(void **state)
{
        struct scene *s = *state;
        scoped(strv_freep) char **texts = NULL;

        change(s, "User=nobody-knows");
        assert_int_equal(trial_check(s->profile, &s->dialect, "/no/such/root", &texts), 0);
        assert_null(texts);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(an_unknown_user_is_found),
                TEST(known_users_numbers_and_built_in_names_are_fine),
                TEST(a_user_that_begins_like_another_is_not_that_one),
                TEST(a_dynamic_user_need_not_exist),
                TEST(users_from_a_directory_service_are_only_doubted),
                TEST(groups_are_looked_up_among_groups),
                TEST(an_absent_path_needs_its_dash),
                TEST(links_are_followed_inside_the_root_only),
                TEST(folders_that_systemd_makes_first_may_be_absent),
                TEST(specifiers_are_left_to_systemd),
                TEST(a_path_that_is_left_out_of_protect_system_is_told),
                TEST(what_has_a_line_of_its_own_is_not_left_out),
                TEST(the_source_of_a_bind_must_be_there),
                TEST(a_root_directory_must_be_there),
                TEST(devices_and_their_classes_are_looked_up),
                TEST(a_misspelt_file_system_is_found),
                TEST(every_problem_comes_as_a_sentence),
                TEST(a_root_that_is_not_there_proves_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
