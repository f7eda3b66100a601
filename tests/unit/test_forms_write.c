/* test_forms_write.c - a profile in each form of this room, line by line where it matters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/form.h"
#include "core/profile/json.h"

#include <errno.h>
#include <string.h>

#define DATE "2026-11-23T12:00:00Z"

/* All that a writer is given, from the words of a command line. */
struct bench {
        struct dialect dialect;
        struct sandbox *unit, *after;
        struct profile *profile;
        struct form_output output;
        struct err e;
};

static void bench_done(struct bench *b)
{
        sandbox_free(b->unit);
        sandbox_free(b->after);
        profile_free(b->profile);
        form_output_done(&b->output);
}

/* The words are of the newest systemd; the form is for the one of .dialect. */
static void set(struct bench *b, const char *unit, unsigned major, const char *const *words)
{
        struct dialect newest;
        struct err e = { 0 };

        dialect_for((struct version){ .major = VERSION_NEWEST }, SCOPE_SYSTEM, &newest);
        dialect_for((struct version){ .major = major }, SCOPE_SYSTEM, &b->dialect);
        assert_int_equal(sandbox_new(unit, SCOPE_SYSTEM, &b->unit), 0);
        assert_int_equal(profile_new(unit, SCOPE_SYSTEM, &b->profile), 0);
        for (; *words; words++)
                if (profile_assign(b->profile, &newest, *words, &e) < 0)
                        fail_msg("%s", e.text);
}

static int write_form(struct bench *b, const char *name)
{
        struct form_input in = { .unit = b->unit,
                                 .profile = b->profile,
                                 .dialect = &b->dialect,
                                 .date = DATE,
                                 .before_x10 = 96,
                                 .after_x10 = 42 };
        const struct form *form = form_find(name);

        assert_non_null(form);
        assert_int_equal(profile_apply(b->profile, b->unit, &b->dialect, &b->after), 0);
        in.after = b->after;
        return form->write(&in, &b->output, &b->e);
}

static const char *text_of(const struct bench *b, const char *path)
{
        for (size_t i = 0; i < b->output.file_count; i++)
                if (!path || strcmp(b->output.files[i].path, path) == 0)
                        return b->output.files[i].text;
        fail_msg("there is no %s", path ? path : "file");
        return NULL;
}

static void assert_in(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("%s\nis not in\n%s", part, text);
}

static void assert_not_in(const char *text, const char *part)
{
        if (strstr(text, part))
                fail_msg("%s\nis in\n%s", part, text);
}

#define BENCH      scoped(bench_done) struct bench b = { 0 }
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void assert_written(struct bench *b, const char *name)
{
        if (write_form(b, name) < 0)
                fail_msg("%s: %s", name, b->e.text);
        for (size_t i = 0; i < b->output.file_count; i++)
                assert_true(form_is_ours(b->output.files[i].text));
}

static void every_form_has_a_name_of_its_own_and_can_be_found(void **state)
{
        (void)state;
        for (size_t i = 0; form_at(i); i++) {
                assert_ptr_equal(form_find(form_at(i)->name), form_at(i));
                assert_non_null(form_at(i)->sentence);
                assert_true(form_at(i)->write || form_at(i)->read);
        }
        assert_null(form_find("xml"));
}

static void what_gird_wrote_is_known_again(void **state)
{
        (void)state;
        assert_true(form_is_ours("# Written by gird 1 on x\n"));
        assert_true(form_is_ours("{\n\t\"gird\": 1,"));
        assert_false(form_is_ours("{\n\t\"other\": 1,"));
        assert_false(form_is_ours("[Service]\n"));
        assert_false(form_is_ours(""));
}

static void a_list_in_nix_is_emptied_first(void **state)
{
        BENCH;
        const char *text;

        (void)state;
        set(&b, "web.service", 252,
            WORDS("CapabilityBoundingSet=CAP_CHOWN", "ProtectHome=yes", "ProtectSystem=strict"));
        assert_written(&b, "nix");
        text = text_of(&b, "web.nix");
        assert_in(text, "{ lib, ... }:\n{\n  systemd.services.web = {\n    serviceConfig = {\n");
        assert_in(text, "CapabilityBoundingSet = lib.mkForce [ \"\" \"CAP_CHOWN\" ];\n");
        assert_in(text, "ProtectHome = lib.mkForce true;\n");
        assert_in(text, "ProtectSystem = lib.mkForce \"strict\";\n");
        assert_not_in(text, "overrideStrategy");
}

static void an_empty_set_in_nix_is_the_empty_string(void **state)
{
        BENCH;

        (void)state;
        set(&b, "web.service", 252, WORDS("CapabilityBoundingSet="));
        assert_written(&b, "nix");
        assert_in(text_of(&b, NULL), "CapabilityBoundingSet = lib.mkForce \"\";\n");
}

static void an_instance_in_nix_is_a_drop_in_of_its_template(void **state)
{
        BENCH;

        (void)state;
        set(&b, "db@15-main.service", 252, WORDS("PrivateTmp=yes"));
        assert_written(&b, "nix");
        assert_in(text_of(&b, NULL), "  systemd.services.\"db@15-main\" = {\n"
                                     "    overrideStrategy = \"asDropin\";\n");
}

static void other_units_have_their_own_place_in_nix(void **state)
{
        BENCH;
        scoped(bench_done) struct bench mount = { 0 };

        (void)state;
        set(&b, "web.socket", 252, WORDS("PrivateTmp=yes"));
        assert_written(&b, "nix");
        assert_in(text_of(&b, NULL), "  systemd.sockets.web = {\n    socketConfig = {\n");
        set(&mount, "srv.mount", 252, WORDS("PrivateTmp=yes"));
        assert_written(&mount, "nix");
        assert_in(text_of(&mount, NULL), "  systemd.units.\"srv.mount\" = {\n");
        assert_in(text_of(&mount, NULL), "      \"[Mount]\"\n");
        assert_in(text_of(&mount, NULL), "      \"PrivateTmp=yes\"\n");
}

static void an_account_that_the_profile_names_is_made_in_nix(void **state)
{
        BENCH;
        scoped(bench_done) struct bench dynamic = { 0 };

        (void)state;
        set(&b, "web.service", 252, WORDS("User=web", "Group=www"));
        assert_written(&b, "nix");
        assert_in(text_of(&b, NULL), "users.users.web = {\n    isSystemUser = lib.mkDefault true;\n"
                                     "    group = lib.mkDefault \"www\";\n  };\n"
                                     "  users.groups.www = { };\n");
        set(&dynamic, "web.service", 252, WORDS("User=web", "DynamicUser=yes"));
        assert_written(&dynamic, "nix");
        assert_not_in(text_of(&dynamic, NULL), "users.users");
}

static void confinement_keeps_what_it_sets_and_what_was_tried(void **state)
{
        BENCH;
        const char *text;

        (void)state;
        set(&b, "web.service", 252,
            WORDS("PrivateTmp=yes", "ReadWritePaths=/var/lib/x", "InaccessiblePaths=/boot",
                  "RootDirectory=/srv", "PrivateUsers=no"));
        assert_written(&b, "nix-confinement");
        text = text_of(&b, "web-confinement.nix");
        assert_in(text, "confinement.enable = true;\n");
        assert_not_in(text, " PrivateTmp =");
        assert_not_in(text, "RootDirectory =");
        assert_not_in(text, "ReadWritePaths =");
        assert_in(text, "      InaccessiblePaths = [ \"/boot\" ];\n");
        assert_in(text, "      BindPaths = [ \"/var/lib/x\" ];\n");
        assert_in(text, "      PrivateUsers = lib.mkForce false;\n");
        assert_in(text, "      PrivateDevices = false;\n");
        assert_in(text, "# Left out: RootDirectory=: ");
        assert_in(text, "# Left out: PrivateTmp=yes: ");
        assert_int_equal(strv_length(b.output.left_out), 3);
}

static void a_users_unit_goes_where_users_units_are(void **state)
{
        BENCH;
        scoped(bench_done) struct bench role = { 0 };
        scoped(bench_done) struct bench portable = { 0 };

        (void)state;
        set(&b, "web.service", 252, WORDS("NoNewPrivileges=yes"));
        b.unit->scope = b.profile->scope = b.dialect.scope = SCOPE_USER;
        assert_written(&b, "nix");
        assert_in(text_of(&b, NULL), "  systemd.user.services.web = {\n");
        set(&role, "web.service", 252, WORDS("NoNewPrivileges=yes"));
        role.unit->scope = role.profile->scope = role.dialect.scope = SCOPE_USER;
        assert_written(&role, "ansible");
        assert_in(text_of(&role, "gird_web/tasks/main.yml"), "/etc/systemd/user/");
        assert_not_in(text_of(&role, "gird_web/tasks/main.yml"), "notify");
        set(&portable, "web.service", 252, WORDS("NoNewPrivileges=yes"));
        portable.unit->scope = SCOPE_USER;
        assert_int_equal(write_form(&portable, "portable"), -EOPNOTSUPP);
}

static void confinement_is_for_services(void **state)
{
        BENCH;

        (void)state;
        set(&b, "web.socket", 252, WORDS("PrivateTmp=yes"));
        assert_int_equal(write_form(&b, "nix-confinement"), -EOPNOTSUPP);
        assert_in(b.e.text, "web.socket");
}

static void what_the_target_lacks_is_left_out_and_said(void **state)
{
        static const char *const names[] = { "dropin", "nix", "portable", "run", "markdown" };

        (void)state;
        for (size_t i = 0; i < COUNT(names); i++) {
                BENCH;

                set(&b, "web.service", 247, WORDS("PrivateIPC=yes", "PrivateTmp=yes"));
                assert_written(&b, names[i]);
                assert_true(strv_length(b.output.left_out) >= 1);
                assert_in(b.output.left_out[0], "PrivateIPC=: ");
                assert_in(text_of(&b, NULL), "Left out: PrivateIPC=: ");
                assert_in(text_of(&b, NULL), "PrivateTmp");
        }
}

static void json_without_what_the_target_lacks_is_still_a_profile(void **state)
{
        BENCH;
        scoped(profile_freep) struct profile *p = NULL;

        (void)state;
        set(&b, "web.service", 247,
            WORDS("PrivateIPC=yes", "PrivateTmp=yes", "SystemCallFilter=@system-service"));
        b.profile->verdict = VERDICT_HELD;
        assert_written(&b, "json");
        assert_int_equal(profile_from_json("x", text_of(&b, NULL), &b.dialect, &p, NULL), 0);
        assert_int_equal(p->change_count, 2);
        assert_int_equal(p->verdict, VERDICT_NOT_TRIED);
        assert_string_equal(p->systemd, "247");
        assert_int_equal(strv_length(b.output.left_out), 1);
}

static void json_that_fits_stays_as_it_is(void **state)
{
        BENCH;
        scoped(profile_freep) struct profile *p = NULL;

        (void)state;
        set(&b, "web.service", 257, WORDS("PrivateIPC=yes", "ReadWritePaths=/a%%b"));
        b.profile->verdict = VERDICT_HELD;
        assert_written(&b, "json");
        assert_int_equal(profile_from_json("x", text_of(&b, NULL), &b.dialect, &p, NULL), 0);
        assert_int_equal(p->verdict, VERDICT_HELD);
        assert_int_equal(p->change_count, 2);
        assert_null(b.output.left_out);
}

static void a_role_is_five_files_of_its_own_folder(void **state)
{
        BENCH;
        const char *tasks;

        (void)state;
        set(&b, "Web-1@a.service", 252, WORDS("PrivateTmp=yes", "User=web"));
        assert_written(&b, "ansible");
        assert_int_equal(b.output.file_count, 5);
        tasks = text_of(&b, "gird_web_1_a/tasks/main.yml");
        assert_in(tasks, "{{ gird_web_1_a_root }}/etc/systemd/system/{{ gird_web_1_a_unit }}.d/"
                         "50-gird.conf");
        assert_in(tasks, "ansible.builtin.user:");
        assert_in(text_of(&b, "gird_web_1_a/defaults/main.yml"),
                  "gird_web_1_a_unit: \"Web-1@a.service\"\n");
        assert_in(text_of(&b, "gird_web_1_a/defaults/main.yml"), "gird_web_1_a_max_exposure: 42\n");
        assert_in(text_of(&b, "gird_web_1_a/handlers/main.yml"), "state: restarted");
        assert_in(text_of(&b, "gird_web_1_a/files/50-gird.conf"), "PrivateTmp=yes\n");
}

static void a_template_is_not_restarted(void **state)
{
        BENCH;

        (void)state;
        set(&b, "web@.service", 252, WORDS("PrivateTmp=yes"));
        assert_written(&b, "ansible");
        assert_not_in(text_of(&b, "gird_web/handlers/main.yml"), "restarted");
        assert_not_in(text_of(&b, "gird_web/tasks/main.yml"), "threshold");
}

static void a_portable_profile_binds_after_its_resets(void **state)
{
        BENCH;
        scoped(bench_done) struct bench newer = { 0 };
        const char *text;

        (void)state;
        set(&b, "web.service", 252, WORDS("BindReadOnlyPaths=/opt", "RootDirectory=/x"));
        assert_written(&b, "portable");
        text = text_of(&b, "gird-web/service.conf");
        assert_true(strstr(text, "BindReadOnlyPaths=\n") < strstr(text, "BindReadOnlyPaths=/etc/"));
        assert_in(text, "BindReadOnlyPaths=/run/systemd/journal/socket\n");
        assert_not_in(text, "\nRootDirectory=");
        assert_int_equal(strv_length(b.output.left_out), 1);
        set(&newer, "web.service", 257, WORDS("PrivateTmp=yes"));
        assert_written(&newer, "portable");
        assert_in(text_of(&newer, NULL), "BindLogSockets=yes\n");
}

static void a_transient_unit_is_told_in_its_own_spelling(void **state)
{
        BENCH;
        const char *text;

        (void)state;
        set(&b, "web.service", 257,
            WORDS("RestrictAddressFamilies=none", "PrivateTmp=disconnected", "PrivateUsers=yes",
                  "CapabilityBoundingSet=CAP_CHOWN", "ReadWritePaths=/a%%b", "MemoryMax=1G"));
        assert_written(&b, "run");
        text = text_of(&b, "run.sh");
        assert_in(text, "-p RestrictAddressFamilies= \\\n");
        assert_in(text, "-p PrivateTmpEx=disconnected ");
        assert_in(text, "-p PrivateUsers=yes ");
        assert_in(text, "-p CapabilityBoundingSet=CAP_CHOWN ");
        assert_not_in(text, "-p CapabilityBoundingSet= ");
        assert_in(text, "-p ReadWritePaths=/a%b ");
        assert_in(text, "# systemctl set-property --runtime -- web.service MemoryMax=1G\n");
}

static void a_report_says_what_was_not_tried(void **state)
{
        BENCH;
        const char *text;

        (void)state;
        set(&b, "web.service", 252, WORDS("PrivateTmp=yes", "InaccessiblePaths=/a|b"));
        assert_int_equal(strv_add(&b.profile->probes, "echo `x` | cat"), 0);
        assert_written(&b, "markdown");
        text = text_of(&b, "web.md");
        assert_in(text, "| Before | 9.6 | UNSAFE |\n| After | 4.2 | OK |\n");
        assert_in(text, "Not tried yet.");
        assert_in(text, "| `PrivateTmp=yes` | no | set by hand |\n");
        assert_in(text, "<code>InaccessiblePaths=/a&#124;b</code>");
        assert_in(text, "- <code>echo &#96;x&#96; &#124; cat</code>\n");
        assert_in(text, "not observed");
}

/* The sums as systemd makes them, from the file. */
static unsigned judge(const struct bench *b, const char *policy)
{
        scoped(json_freep) struct json *j = NULL;
        struct score score;
        uint64_t bad = 0, all = 0;

        assert_int_equal(json_parse("x", policy, &j, NULL), 0);
        assert_int_equal(score_sandbox(b->after, &b->dialect, SCORE_OFFLINE, &score), 0);
        for (size_t i = 0; i < score.count; i++) {
                const struct assessment *row = &score.rows[i];
                const struct json_node *node = json_member(json_root(j), row->id);
                uint64_t weight;

                assert_non_null(node);
                weight = (uint64_t)json_value(json_member(node, "weight"));
                if (!row->applicable || weight == 0)
                        continue;
                bad += (row->badness * weight + row->range - 1) / row->range;
                all += weight;
        }
        return (unsigned)((100 * bad + all - 1) / all);
}

static void change(struct bench *b, const char *word)
{
        assert_int_equal(profile_assign(b->profile, &b->dialect, word, NULL), 0);
        sandbox_free(b->after);
        b->after = NULL;
        assert_int_equal(profile_apply(b->profile, b->unit, &b->dialect, &b->after), 0);
}

static void a_policy_passes_what_is_and_fails_what_is_looser(void **state)
{
        static const char *const looser[] = { "ProtectSystem=yes", "ProtectHome=no",
                                              "PrivateTmp=no", "UMask=0022", "NoNewPrivileges=no" };
        BENCH;
        const char *policy;

        (void)state;
        set(&b, "web.service", 252,
            WORDS("ProtectSystem=full", "ProtectHome=read-only", "PrivateTmp=yes",
                  "NoNewPrivileges=yes", "UMask=0027", "RestrictRealtime=yes"));
        assert_written(&b, "policy");
        policy = text_of(&b, "security-policy.json");
        assert_in(policy, "--threshold=1 ");
        assert_int_equal(judge(&b, policy), 1);
        for (size_t i = 0; i < COUNT(looser); i++) {
                struct value v = { 0 };
                const struct change *c;
                scoped(mem_freep) char *name = strndup(looser[i], strcspn(looser[i], "="));
                const struct directive *d = directive_find(name);

                c = profile_find(b.profile, d->id);
                assert_int_equal(value_copy(&c->value, &v), 0);
                change(&b, looser[i]);
                if (judge(&b, policy) < 2)
                        fail_msg("%s passes", looser[i]);
                assert_int_equal(profile_set(b.profile, d->id, &v, REASON_HAND, NULL), 0);
        }
        change(&b, "ProtectHome=yes");
        assert_true(judge(&b, policy) <= 1);
        change(&b, "DynamicUser=yes");
        assert_true(judge(&b, policy) <= 1);
}

static void a_policy_without_anything_half_way_has_threshold_0(void **state)
{
        BENCH;

        (void)state;
        set(&b, "web.service", 252,
            WORDS("ProtectSystem=strict", "ProtectHome=yes", "UMask=0077", "DynamicUser=yes",
                  "PrivateTmp=yes"));
        assert_written(&b, "policy");
        assert_in(text_of(&b, NULL), "--threshold=0 ");
        assert_int_equal(judge(&b, text_of(&b, NULL)), 0);
        change(&b, "ProtectHome=read-only");
        assert_true(judge(&b, text_of(&b, NULL)) > 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_form_has_a_name_of_its_own_and_can_be_found),
                cmocka_unit_test(what_gird_wrote_is_known_again),
                cmocka_unit_test(a_list_in_nix_is_emptied_first),
                cmocka_unit_test(an_empty_set_in_nix_is_the_empty_string),
                cmocka_unit_test(an_instance_in_nix_is_a_drop_in_of_its_template),
                cmocka_unit_test(other_units_have_their_own_place_in_nix),
                cmocka_unit_test(an_account_that_the_profile_names_is_made_in_nix),
                cmocka_unit_test(confinement_keeps_what_it_sets_and_what_was_tried),
                cmocka_unit_test(a_users_unit_goes_where_users_units_are),
                cmocka_unit_test(confinement_is_for_services),
                cmocka_unit_test(what_the_target_lacks_is_left_out_and_said),
                cmocka_unit_test(json_without_what_the_target_lacks_is_still_a_profile),
                cmocka_unit_test(json_that_fits_stays_as_it_is),
                cmocka_unit_test(a_role_is_five_files_of_its_own_folder),
                cmocka_unit_test(a_template_is_not_restarted),
                cmocka_unit_test(a_portable_profile_binds_after_its_resets),
                cmocka_unit_test(a_transient_unit_is_told_in_its_own_spelling),
                cmocka_unit_test(a_report_says_what_was_not_tried),
                cmocka_unit_test(a_policy_passes_what_is_and_fails_what_is_looser),
                cmocka_unit_test(a_policy_without_anything_half_way_has_threshold_0),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
