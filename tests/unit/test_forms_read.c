/* test_forms_read.c - what is taken over from drop-ins, JSON, shh, AppArmor and NixOS. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/form.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct taken {
        struct dialect dialect;
        struct profile *profile;
        char **notes;
        struct err e;
};

static int try_read(struct taken *t, const char *form, const char *file, const char *text)
{
        const struct form *f = form_find(form);

        *t = (struct taken){ 0 };
        assert_non_null(f);
        assert_non_null(f->read);
        dialect_for((struct version){ .major = 257, .minor = 13 }, SCOPE_SYSTEM, &t->dialect);
        return f->read(file, text, "app.service", SCOPE_SYSTEM, &t->dialect, &t->profile, &t->notes,
                       &t->e);
}

static void taken_done(struct taken *t)
{
        profile_free(t->profile);
        strv_free(t->notes);
}

static void read_form(struct taken *t, const char *form, const char *text)
{
        if (try_read(t, form, "file", text) != 0)
                fail_msg("%s", t->e.text);
        for (size_t i = 0; i < t->profile->change_count; i++)
                if (strcmp(form, "json") != 0 && strcmp(form, "dropin") != 0)
                        assert_int_equal(t->profile->changes[i].reason, REASON_FILE);
        assert_int_equal(t->profile->verdict, VERDICT_NOT_TRIED);
}

/* The directive's value on one line; NULL: it is not there. */
static void assert_value(const struct taken *t, const char *directive, const char *value)
{
        const struct directive *d = directive_find(directive);
        const struct change *c = profile_find(t->profile, d->id);
        scoped(mem_freep) char *shown = c ? value_show(&c->value, d, &t->dialect) : NULL;

        if (!value) {
                assert_null(c);
                return;
        }
        if (!shown)
                fail_msg("%s= is not there", directive);
        assert_string_equal(shown, value);
}

static void assert_note(const struct taken *t, const char *words)
{
        for (char **n = t->notes; n && *n; n++)
                if (strstr(*n, words))
                        return;
        fail_msg("no note says \"%s\"", words);
}

static void assert_refused(const char *form, const char *text, const char *words)
{
        struct taken t;

        assert_true(try_read(&t, form, "file", text) < 0);
        if (!strstr(t.e.text, words))
                fail_msg("\"%s\" does not say \"%s\"", t.e.text, words);
        assert_null(t.profile);
        assert_null(t.notes);
        taken_done(&t);
}

/* ---- drop-ins ---- */

static void a_drop_in_gives_its_hardening_and_a_note_for_the_rest(void **state)
{
        struct taken t;

        (void)state;
        read_form(&t, "dropin",
                  "[Unit]\nAfter=network.target\n[Service]\nEnvironment=A=b \\\n  ProtectHome=no\n"
                  "ProtectSystem=strict\nCapabilityBoundingSet=CAP_CHOWN\n"
                  "CapabilityBoundingSet=CAP_KILL\n[Install]\nWantedBy=multi-user.target\n");
        assert_value(&t, "ProtectSystem", "strict");
        assert_value(&t, "CapabilityBoundingSet", "CAP_CHOWN CAP_KILL");
        assert_value(&t, "ProtectHome", NULL);
        assert_note(&t, "file:2: After=");
        assert_note(&t, "file:4: Environment=");
        assert_note(&t, "[Install]");
        taken_done(&t);
}

static void a_misspelt_directive_is_named_with_its_neighbour(void **state)
{
        struct taken t;

        (void)state;
        read_form(&t, "dropin", "[Service]\nProtectSystme=yes\nProtectHome=yes\n");
        assert_note(&t, "ProtectSystem=");
        taken_done(&t);
}

static void a_wrong_value_has_its_line(void **state)
{
        (void)state;
        assert_refused("dropin", "[Service]\n\nProtectHome=perhaps\n", "file:3");
        assert_refused("dropin", "[Service]\nAfter=x\n", "nothing in it");
        assert_refused("dropin", "", "nothing in it");
}

/* ---- JSON ---- */

static void a_profile_of_another_unit_is_taken_with_a_note(void **state)
{
        struct taken t;

        (void)state;
        read_form(&t, "json",
                  "{\"gird\":1,\"unit\":\"other.service\",\"scope\":\"system\",\"systemd\":\"257\","
                  "\"verdict\":\"held\",\"tried\":null,\"probes\":[],\"accepted\":[],\"changes\":["
                  "{\"directive\":\"ProtectHome\",\"value\":[\"yes\"],\"reason\":\"hand\","
                  "\"evidence\":null}]}");
        assert_value(&t, "ProtectHome", "yes");
        assert_note(&t, "other.service");
        assert_note(&t, "verdict");
        taken_done(&t);
        assert_refused("json", "{\"gird\":2}", "file");
        assert_refused("json", "{", "file:1");
}

/* ---- shh ---- */

static void the_three_ways_of_shh_are_read(void **state)
{
        static const char *const texts[] = {
                "noise\n-------- Start of suggested service options --------\nProtectSystem=full\n"
                "SystemCallFilter=~@clock:EPERM\n"
                "-------- End of suggested service options --------\n",
                "Nov 23 11:00:00 host shh[12]: -------- Start of suggested service options "
                "--------\n"
                "Nov 23 11:00:00 host shh[12]: ProtectSystem=full\n"
                "Nov 23 11:00:00 host shh[12]: SystemCallFilter=~@clock:EPERM\n"
                "Nov 23 11:00:00 host shh[12]: -------- End of suggested service options "
                "--------\n",
                "INFO [shh] Resolved systemd options: ProtectSystem=full, "
                "SystemCallFilter=~@clock:EPERM\nINFO [shh] more\n",
                "# This file has been autogenerated by shh\n[Service]\nProtectSystem=full\n"
                "SystemCallFilter=~@clock:EPERM\n",
        };

        (void)state;
        for (size_t i = 0; i < COUNT(texts); i++) {
                struct taken t;

                read_form(&t, "shh", texts[i]);
                assert_int_equal(t.profile->change_count, 2);
                assert_value(&t, "ProtectSystem", "full");
                assert_value(&t, "SystemCallFilter", "~@clock:EPERM");
                assert_true(form_find("shh")->looks_like("x", texts[i]) > 90);
                taken_done(&t);
        }
}

static void the_last_of_several_results_counts(void **state)
{
        struct taken t;

        (void)state;
        read_form(
                &t, "shh",
                "Resolved systemd options: ProtectSystem=full\n"
                "Resolved systemd options: ProtectSystem=strict, CapabilityBoundingSet=~CAP_BPF\n");
        assert_value(&t, "ProtectSystem", "strict");
        taken_done(&t);
        assert_refused("shh", "-------- Start of suggested service options --------\nX=y\n",
                       "has no end");
}

/* ---- AppArmor ---- */

static const char profile_head[] = "abi <abi/3.0>,\ninclude <tunables/global>\n"
                                   "profile app /usr/sbin/app {\n";

static void read_rules(struct taken *t, const char *rules)
{
        scoped(mem_freep) char *text = text_format("%s%s}\n", profile_head, rules);

        read_form(t, "apparmor", text);
}

static void an_apparmor_profile_becomes_sets_and_paths(void **state)
{
        struct taken t;

        (void)state;
        read_rules(&t, "  capability net_bind_service, # why\n  capability chown setuid,\n"
                       "  network inet stream,\n  /etc/app/** r,\n"
                       "  owner /var/lib/app/{a,b}/* rwk,\n  /usr/sbin/app mrix,\n"
                       "  deny /etc/shadow r,\n  /proc/** w,\n");
        assert_value(&t, "CapabilityBoundingSet", "CAP_CHOWN CAP_SETUID CAP_NET_BIND_SERVICE");
        assert_value(&t, "RestrictAddressFamilies", "AF_INET AF_UNIX");
        assert_value(&t, "ProtectSystem", "strict");
        assert_value(&t, "ReadWritePaths", "-/var/lib/app");
        assert_value(&t, "NoExecPaths", "/");
        assert_value(&t, "ExecPaths", "-/usr/sbin/app");
        assert_value(&t, "InaccessiblePaths", "-/etc/shadow");
        assert_note(&t, "owner");
        taken_done(&t);
}

static void what_an_include_may_grant_is_left_open(void **state)
{
        struct taken t;

        (void)state;
        read_rules(&t, "  include <abstractions/base>\n  capability kill,\n  /usr/sbin/app mr,\n");
        assert_value(&t, "CapabilityBoundingSet", "CAP_KILL");
        assert_value(&t, "ExecPaths",
                     "-/usr/lib -/usr/lib32 -/usr/lib64 -/lib -/lib32 -/lib64 -/usr/sbin/app");
        taken_done(&t);
        read_form(&t, "apparmor",
                  "profile app {\n  #include <abstractions/strange>\n  capability kill,\n"
                  "  deny /etc/shadow r,\n}\n");
        assert_value(&t, "CapabilityBoundingSet", NULL);
        assert_value(&t, "RestrictAddressFamilies", NULL);
        assert_value(&t, "ProtectSystem", NULL);
        assert_value(&t, "InaccessiblePaths", "-/etc/shadow");
        assert_note(&t, "strange");
        taken_done(&t);
}

static void odd_paths_of_apparmor_are_plain_ones(void **state)
{
        struct taken t;

        (void)state;
        read_rules(&t, "  \"/srv/a b/\\052\\\"x/**\" rw,\n  /srv/c\\ d/** rw,\n  rw /srv/e/*,\n");
        assert_value(&t, "ReadWritePaths", "\"-/srv/a b/*\\\"x\" \"-/srv/c d\" -/srv/e");
        taken_done(&t);
}

static void what_is_no_apparmor_profile_has_its_line(void **state)
{
        (void)state;
        assert_refused("apparmor", "profile x {\n  capability bogus,\n}\n", "file:2");
        assert_refused("apparmor", "profile x {\n  /etc/x r\n}\n", "comma");
        assert_refused("apparmor", "profile x {\n  /etc/x r,\n", "closing brace");
        assert_refused("apparmor", "/etc/x r,\n", "outside of a profile");
        assert_refused("apparmor", "profile x {\n  gobble de gook,\n}\n", "file:2");
        assert_refused("apparmor", "# nothing\n", "no profile");
}

/* ---- NixOS ---- */

static void a_service_config_is_found_wherever_it_stands(void **state)
{
        static const char *const texts[] = {
                "{ config, lib, ... }:\n{\n  systemd.services.app.serviceConfig = {\n"
                "    ProtectHome = true; ProtectSystem = lib.mkForce \"strict\";\n  };\n}\n",
                "{ systemd.services.\"app\" = { serviceConfig.ProtectHome = \"true\"; "
                "serviceConfig."
                "ProtectSystem = ''strict''; }; }",
                "{ pkgs, ... }@args: with pkgs.lib; { config.systemd = { "
                "services.app.serviceConfig = { "
                "ProtectHome = mkDefault true; ProtectSystem = (mkOverride 50 \"strict\"); }; }; }",
                "serviceConfig = { ProtectHome = true; /* so */ ProtectSystem = \"strict\"; # and "
                "so\n "
                "};",
                "{ ProtectHome = true; ProtectSystem = \"strict\"; }",
        };

        (void)state;
        for (size_t i = 0; i < COUNT(texts); i++) {
                struct taken t;

                read_form(&t, "nix", texts[i]);
                assert_int_equal(t.profile->change_count, 2);
                assert_value(&t, "ProtectHome", "yes");
                assert_value(&t, "ProtectSystem", "strict");
                taken_done(&t);
        }
}

static void nix_values_are_lines_as_nixos_writes_them(void **state)
{
        struct taken t;

        (void)state;
        read_form(&t, "nix",
                  "{ systemd.services.app.serviceConfig = {\n"
                  "  CapabilityBoundingSet = [ \"\" \"CAP_CHOWN\" \"CAP_KILL\" ];\n"
                  "  AmbientCapabilities = [ ];\n  TasksMax = 17; PrivateTmp = null;\n"
                  "  ReadWritePaths = [ \"/srv/a\\${x}\" /srv/plain ];\n"
                  "  UMask = \"0077\"; ExecStart = \"/bin/x\";\n};\n"
                  "users.users.app = { isSystemUser = true; }; }");
        assert_value(&t, "CapabilityBoundingSet", "CAP_CHOWN CAP_KILL");
        assert_value(&t, "AmbientCapabilities", NULL);
        assert_value(&t, "PrivateTmp", NULL);
        assert_value(&t, "ReadWritePaths", "/srv/a${x} /srv/plain");
        assert_value(&t, "TasksMax", "17");
        assert_note(&t, "writes no line at all");
        assert_note(&t, "ExecStart=");
        assert_note(&t, "1 other attributes");
        taken_done(&t);
}

static void what_would_have_to_be_computed_has_its_place(void **state)
{
        (void)state;
        assert_refused("nix",
                       "{ serviceConfig = {\n  ProtectHome = if x then true else false; }; }",
                       "file:2:17");
        assert_refused("nix", "{ serviceConfig.User = \"${name}\"; }", "file:1:25");
        assert_refused("nix", "{ serviceConfig = {\n ProtectHome = true }; }", "file:2:21");
        assert_refused("nix", "{ serviceConfig.ProtectHome = \"open; }", "no end");
        assert_refused("nix", "let x = 1; in { }", "file:1");
        assert_refused("nix", "{ serviceConfig.ProtectHome = \"perhaps\"; }", "file:1:3");
        assert_refused("nix", "{ serviceConfig.User = ''\n  a\n  b\n''; }", "control characters");
        assert_refused("nix",
                       "{ systemd.services.a.serviceConfig.ProtectHome = true; "
                       "systemd.services.b.serviceConfig.ProtectHome = true; }",
                       "several services");
}

static void depth_has_an_end(void **state)
{
        struct text t = { 0 };
        scoped(mem_freep) char *deep = NULL;

        (void)state;
        text_add(&t, "{ serviceConfig.User = ");
        for (int i = 0; i < 100000; i++)
                text_add(&t, "(");
        deep = text_take(&t);
        assert_refused("nix", deep, "too deeply");
}

/* ---- guessing ---- */

static void each_form_is_surest_of_its_own(void **state)
{
        static const struct {
                const char *form, *file, *text;
        } rows[] = {
                { "dropin", "x.conf", "[Service]\nProtectHome=yes\n" },
                { "json", "x.json", "{\"gird\":1,\"unit\":\"x.service\"}" },
                { "shh", "x",
                  "# This file has been autogenerated by shh\n[Service]\nProtectHome=1\n" },
                { "apparmor", "x", "abi <abi/3.0>,\nprofile x {\n}\n" },
                { "nix", "x.nix", "{ systemd.services.x.serviceConfig.User = \"x\"; }\n" },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++)
                for (size_t k = 0; form_at(k); k++) {
                        const struct form *f = form_at(k);
                        unsigned own =
                                form_find(rows[i].form)->looks_like(rows[i].file, rows[i].text);

                        assert_true(own >= 80);
                        if (f->looks_like && strcmp(f->name, rows[i].form) != 0)
                                assert_true(f->looks_like(rows[i].file, rows[i].text) + 15 <= own);
                }
}

/* Any bytes: refused or read, never a crash, and nothing is left behind. */
static void any_bytes_are_refused_or_read(void **state)
{
        static const char *const forms[] = { "dropin", "json", "shh", "apparmor", "nix" };
        static const char *const pieces[] = {
                "{",
                "}",
                "[",
                "]",
                "(",
                ")",
                "\"",
                "''",
                "${",
                "\\",
                "\n",
                ",",
                ";",
                "=",
                " ",
                "#",
                "/*",
                "*/",
                "profile x {",
                "capability",
                "kill",
                "/etc/x",
                "rw",
                "include",
                "@{",
                "owner",
                "deny",
                "serviceConfig",
                "ProtectHome",
                "true",
                "[Service]",
                "ProtectSystem=strict",
                "lib.mkForce",
                "\xff",
                ".",
                ":",
                "-------- Start of suggested service options --------",
                "-------- End of suggested service options --------",
                "Resolved systemd options: ",
        };
        uint64_t seed = 88172645463325252u;

        (void)state;
        for (int round = 0; round < 4000; round++) {
                struct text t = { 0 };
                scoped(mem_freep) char *text = NULL;
                struct taken taken;

                for (int i = 0; i < 24; i++) {
                        seed ^= seed << 13;
                        seed ^= seed >> 7;
                        seed ^= seed << 17;
                        text_add(&t, pieces[seed % COUNT(pieces)]);
                }
                text = text_take(&t);
                if (try_read(&taken, forms[round % COUNT(forms)], "file", text) < 0) {
                        assert_true(taken.e.text[0]);
                        assert_null(taken.profile);
                } else
                        assert_true(taken.profile->change_count > 0);
                taken_done(&taken);
                for (size_t i = 0; form_at(i); i++)
                        if (form_at(i)->looks_like)
                                assert_true(form_at(i)->looks_like("file", text) <= 100);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_drop_in_gives_its_hardening_and_a_note_for_the_rest),
                cmocka_unit_test(a_misspelt_directive_is_named_with_its_neighbour),
                cmocka_unit_test(a_wrong_value_has_its_line),
                cmocka_unit_test(a_profile_of_another_unit_is_taken_with_a_note),
                cmocka_unit_test(the_three_ways_of_shh_are_read),
                cmocka_unit_test(the_last_of_several_results_counts),
                cmocka_unit_test(an_apparmor_profile_becomes_sets_and_paths),
                cmocka_unit_test(what_an_include_may_grant_is_left_open),
                cmocka_unit_test(odd_paths_of_apparmor_are_plain_ones),
                cmocka_unit_test(what_is_no_apparmor_profile_has_its_line),
                cmocka_unit_test(a_service_config_is_found_wherever_it_stands),
                cmocka_unit_test(nix_values_are_lines_as_nixos_writes_them),
                cmocka_unit_test(what_would_have_to_be_computed_has_its_place),
                cmocka_unit_test(depth_has_an_end),
                cmocka_unit_test(each_form_is_surest_of_its_own),
                cmocka_unit_test(any_bytes_are_refused_or_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
