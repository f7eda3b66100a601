/* test_files_parse.c - the text of unit files: lines, sections, what is refused and what is odd. */
#include "tests/unit/test_files_tree.h"

#include "core/unit/files_private.h"

static struct sandbox *parse_as(const char *name, unsigned version, enum scope scope,
                                const char *text, size_t length)
{
        struct dialect d;
        struct sandbox *s = NULL;

        dialect_for((struct version){ version, 0 }, scope, &d);
        assert_int_equal(sandbox_new(name, scope, &s), 0);
        assert_int_equal(unit_parse(s, &d, "/x/a.service", text, length), 0);
        dialect_done(&d);
        return s;
}

static struct sandbox *parse(const char *text)
{
        return parse_as("a.service", 252, SCOPE_SYSTEM, text, strlen(text));
}

static void lines_end_and_go_on_as_in_systemd(void **state)
{
        static const char *const texts[] = {
                SERVICE "ReadWritePaths=/a \\\n/b\n",
                SERVICE "ReadWritePaths=/a \\\n# not me\n; nor me\n /b",
                SERVICE "ReadWritePaths=/a \\\n /b \\\n\nPrivateTmp=no\n",
                "[Service]\r\nExecStart=/bin/true\r\nReadWritePaths=/a \\\r\n/b\r\n",
                "[Service]\rExecStart=/bin/true\r  ReadWritePaths =  /a /b  \r",
                "\xef\xbb\xbf" SERVICE "ReadWritePaths=/a /b\n",
                SERVICE "\xef\xbb\xbfReadWritePaths=/a /b\n",
                SERVICE "ReadWritePaths=/a /b \\",
                "# [Unit]\n;x\n\n" SERVICE
                "[X-Mine]\nFoo=1\nbar\n[Service]\nX-Mine=2\nReadWritePaths=/a /b\n",
        };

        (void)state;
        for (size_t i = 0; i < COUNT(texts); i++) {
                scoped(sandbox_freep) struct sandbox *s = parse(texts[i]);

                assert_int_equal(s->load, LOAD_LOADED);
                assert_int_equal(s->oddity_count, 0);
                assert_words(s->settings[D_ReadWritePaths].value.words, "/a /b");
        }
}

static void the_origin_is_the_last_line_of_the_assignment(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = parse(
                SERVICE "ReadWritePaths=/a \\\n\\\n/b\n\nPrivateTmp=yes\nPrivateTmp=bogus\n");

        (void)state;
        assert_int_equal(s->settings[D_ReadWritePaths].origin.line, 5);
        assert_int_equal(s->settings[D_PrivateTmp].origin.line, 7);
        assert_int_equal(s->oddity_count, 1);
        assert_int_equal(s->oddities[0].line, 8);
        assert_string_equal(s->oddities[0].text, "bogus");
}

static void what_systemd_passes_over_is_kept_and_shown(void **state)
{
        static const struct {
                const char *text, *key, *why;
        } cases[] = {
                { "Foo=1\n" SERVICE, "", "before any section" },
                { SERVICE "garbage line\n", "", "no \"=\"" },
                { SERVICE "=yes\n", "", "no name" },
                { SERVICE "Bogus=1\n", "Bogus", "systemd knows no Bogus= in [Service]" },
                { SERVICE "privatetmp=1\n", "privatetmp", "knows no privatetmp=" },
                { SERVICE "[Bogus]\nPrivateTmp=yes\n", "", "no section of this kind" },
                { SERVICE "[Install]\nPrivateTmp=yes\n", "PrivateTmp", "belongs in [Service]" },
                { SERVICE "DefaultDependencies=no\n", "DefaultDependencies", "belongs in [Unit]" },
                { SERVICE "Description=x\n", "Description", "belongs in [Unit]" },
                { SERVICE "PrivateBPF=yes\n", "PrivateBPF", "it came with 258" },
                { SERVICE "PrivateDevices=maybe\n", "PrivateDevices", "" },
                { SERVICE "ReadWritePaths=/a/%Q\n", "ReadWritePaths", "%Q has no value" },
                { SERVICE "PAMName=%Q\n", "PAMName", "%Q has no value" },
                { SERVICE "Restart=perhaps\n", "Restart", "ignores" },
                { SERVICE "ExecStop=-bin/x\n", "ExecStop", "passes the line over" },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(sandbox_freep) struct sandbox *s = parse(cases[i].text);

                assert_int_equal(s->load, LOAD_LOADED);
                assert_int_equal(s->oddity_count, 1);
                assert_string_equal(s->oddities[0].key, cases[i].key);
                assert_non_null(strstr(s->oddities[0].why, cases[i].why));
                assert_false(s->oddities[0].refused);
                assert_false(s->settings[D_PrivateTmp].value.set);
        }
}

static void well_known_keys_are_no_oddities(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = parse(
                "[Unit]\nDocumentation=man:x\nAfter=a\nStartLimitBurst=1\n" SERVICE
                "Restart=on-failure\nEnvironment=A=b\nTimeoutSec=5\nCPUAccounting=yes\nKillMode="
                "mixed\n"
                "RestartSteps=3\nBlockIOWeight=1\nReadOnlyDirectories=/"
                "x\n[Install]\nWantedBy=a.target\n");

        (void)state;
        assert_int_equal(s->oddity_count, 0);
        assert_words(s->settings[D_ReadOnlyPaths].value.words, "/x");
}

static void units_load_or_not_as_in_systemd(void **state)
{
        static const struct {
                const char *text;
                enum load_state load;
        } cases[] = {
                { SERVICE, LOAD_LOADED },
                { "", LOAD_MASKED },
                { "[Unit]\nDescription=x\n", LOAD_BAD_SETTING },
                { "[Service]\nPrivateTmp=yes\n", LOAD_BAD_SETTING },
                { "[Service]\nExecStop=/bin/true\n", LOAD_BAD_SETTING },
                { SERVICE "ExecStart=/bin/false\n", LOAD_BAD_SETTING },
                { SERVICE "ExecStart=/bin/false\nType=oneshot\n", LOAD_LOADED },
                { SERVICE "ExecStart=\nExecStart=/bin/false\n", LOAD_LOADED },
                { SERVICE "ExecStart=\n", LOAD_BAD_SETTING },
                { "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStop=/bin/true\n",
                  LOAD_LOADED },
                { "[Unit]\nSuccessAction=none\n[Service]\nType=oneshot\n", LOAD_BAD_SETTING },
                { "[Unit]\nSuccessAction=reboot\n[Service]\nPrivateTmp=yes\n", LOAD_LOADED },
                { "[Unit]\nFailureAction=reboot\n[Service]\nExecStop=/bin/true\n",
                  LOAD_BAD_SETTING },
                { SERVICE "Type=oneshot\nRestart=always\n", LOAD_BAD_SETTING },
                { SERVICE "Type=oneshot\nRestart=on-failure\n", LOAD_LOADED },
                { SERVICE "Type=oneshot\nRestartForceExitStatus=75\n", LOAD_BAD_SETTING },
                { SERVICE "Type=oneshot\nExitType=cgroup\n", LOAD_BAD_SETTING },
                { SERVICE "Type=dbus\n", LOAD_BAD_SETTING },
                { SERVICE "Type=dbus\nBusName=bad\n", LOAD_BAD_SETTING },
                { SERVICE "Type=dbus\nBusName=org.example.X\n", LOAD_LOADED },
                { SERVICE "PAMName=x\nKillMode=process\n", LOAD_BAD_SETTING },
                { SERVICE "User=bad:name\n", LOAD_BAD_SETTING },
                { SERVICE "User=%Q\n", LOAD_BAD_SETTING },
                { SERVICE "DynamicUser=\n", LOAD_BAD_SETTING },
                { SERVICE "RootDirectory=relative\n", LOAD_BAD_SETTING },
                { SERVICE "WorkingDirectory=relative\n", LOAD_BAD_SETTING },
                { SERVICE "WorkingDirectory=-relative\n", LOAD_LOADED },
                { SERVICE "[Service\n", LOAD_ERROR },
                { SERVICE "[Ser\"vice]\n", LOAD_ERROR },
                { SERVICE "SyslogIdentifier=\xff\xfe\n", LOAD_ERROR },
                { SERVICE "#\xff\xfe\n", LOAD_LOADED },
                { "[Service]\nExecStart=\"/bin/true\n", LOAD_BAD_SETTING },
                { "[Service]\nExecStart=/bin/%Q\n", LOAD_BAD_SETTING },
                { "[Service]\nExecStart=/bin/true %Q\n", LOAD_BAD_SETTING },
                { "[Service]\nExecStart=/bin/\n", LOAD_BAD_SETTING },
                { "[Service]\nExecStart=bin/true\n", LOAD_BAD_SETTING },
                { "[Service]\nExecStart=true\n", LOAD_LOADED },
                { "[Service]\nExecStart=-bin/true\nExecStart=/bin/true\n", LOAD_LOADED },
                { "[Service]\nExecStart=@/bin/true\n", LOAD_BAD_SETTING },
                { "[Service]\nExecStart=/bin/true ; /bin/false\n", LOAD_BAD_SETTING },
                { "[Service]\nExecStart=/bin/true \\; /bin/false\n", LOAD_LOADED },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(sandbox_freep) struct sandbox *s = parse(cases[i].text);

                if (s->load != cases[i].load)
                        print_error("%s", cases[i].text);
                assert_int_equal(s->load, cases[i].load);
                assert_true((s->load_note != NULL) == (s->load != LOAD_LOADED));
        }
}

static void some_rules_came_and_went_with_versions(void **state)
{
        static const struct {
                const char *text;
                unsigned version;
                enum scope scope;
                enum load_state load;
        } cases[] = {
                { SERVICE "DynamicUser=yes\n", 255, SCOPE_USER, LOAD_LOADED },
                { SERVICE "DynamicUser=yes\n", 256, SCOPE_USER, LOAD_BAD_SETTING },
                { SERVICE "DynamicUser=yes\n", 256, SCOPE_SYSTEM, LOAD_LOADED },
                { SERVICE "PrivatePIDs=yes\nType=forking\n", 256, SCOPE_SYSTEM, LOAD_LOADED },
                { SERVICE "PrivatePIDs=yes\nType=forking\n", 257, SCOPE_SYSTEM, LOAD_BAD_SETTING },
                { SERVICE "PrivateUsers=managed\nUser=0\n", 257, SCOPE_SYSTEM, LOAD_LOADED },
                { SERVICE "PrivateUsers=managed\nUser=0\n", 260, SCOPE_SYSTEM, LOAD_BAD_SETTING },
                { SERVICE "PrivateUsers=managed\n", 260, SCOPE_SYSTEM, LOAD_LOADED },
                { SERVICE "Type=oneshot\nRestartForceExitStatus=75\n", 256, SCOPE_SYSTEM,
                  LOAD_LOADED },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(sandbox_freep) struct sandbox *s = parse_as("a.service", cases[i].version,
                                                                   cases[i].scope, cases[i].text,
                                                                   strlen(cases[i].text));

                assert_int_equal(s->load, cases[i].load);
        }
}

static void other_kinds_of_units_have_their_own_sections(void **state)
{
        static const struct {
                const char *name, *text;
                enum load_state load;
                bool has_sandbox;
                size_t oddities;
        } cases[] = {
                { "a.socket", "[Socket]\nListenStream=1\nPrivateTmp=yes\n", LOAD_LOADED, true, 0 },
                { "a.socket", "[Socket]\nPrivateTmp=yes\n", LOAD_BAD_SETTING, true, 0 },
                { "a.socket", "[Socket]\nListenStream=1\nType=simple\n", LOAD_LOADED, true, 1 },
                { "a.target", "[Unit]\nDescription=x\n", LOAD_LOADED, false, 0 },
                { "a.timer", "[Timer]\nOnBootSec=1\nPrivateTmp=yes\n", LOAD_LOADED, false, 1 },
                { "a.path", "[Path]\nPathExists=/x\n", LOAD_LOADED, false, 0 },
                { "a.slice", "[Slice]\nDevicePolicy=closed\nPrivateTmp=yes\n", LOAD_LOADED, false,
                  1 },
                { "mnt.mount", "[Mount]\nWhat=/dev/sda\nWhere=/mnt\nType=ext4\n", LOAD_LOADED, true,
                  0 },
                { "x.mount", "[Mount]\nWhat=/dev/sda\nWhere=/mnt\n", LOAD_BAD_SETTING, true, 0 },
                { "mnt-a\\x2db.mount", "[Mount]\nWhat=x\nWhere=/mnt/a-b\n", LOAD_LOADED, true, 0 },
                { "swp.swap", "[Swap]\nWhat=/swp\n", LOAD_LOADED, true, 0 },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(sandbox_freep) struct sandbox *s = parse_as(
                        cases[i].name, 252, SCOPE_SYSTEM, cases[i].text, strlen(cases[i].text));

                assert_int_equal(s->load, cases[i].load);
                assert_int_equal(s->is_service, cases[i].has_sandbox);
                assert_int_equal(s->oddity_count, cases[i].oddities);
                assert_false(s->settings[D_Type].value.set);
        }
}

static void commands_are_taken_apart(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = parse(
                "[Service]\nType=oneshot\nExecStart=-@+/bin/sh name -c \"a ; b\" ; /bin/%p x\n"
                "ExecStartPre=/gone\nExecStartPre=\nExecStopPost=!!\"/opt/a b/x\" 'it''s'\n");
        const struct exec_line *e = s->facts.exec;

        (void)state;
        assert_int_equal(s->load, LOAD_LOADED);
        assert_int_equal(s->facts.exec_count, 3);
        assert_string_equal(e[0].key, "ExecStart");
        assert_string_equal(e[0].prefixes, "-@+");
        assert_string_equal(e[0].path, "/bin/sh");
        assert_string_equal(e[0].line, "/bin/sh name -c \"a ; b\"");
        assert_string_equal(e[1].path, "/bin/a");
        assert_string_equal(e[1].line, "/bin/a x");
        assert_string_equal(e[2].key, "ExecStopPost");
        assert_string_equal(e[2].prefixes, "!!");
        assert_string_equal(e[2].path, "/opt/a b/x");
}

static void facts_of_the_unit_section_are_kept(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = parse_as(
                "a@b.service", 252, SCOPE_SYSTEM,
                "[Unit]\nDescription=Of %i, 100%%\nRequires=x.service %p.socket\nWants=y.target\n"
                "ConditionPathExists=/gone\nAssertHost=h\nConditionUser=\nConditionPathExists=!/"
                "%i\n"
                "JoinsNamespaceOf=c.service\nDefaultDependencies=no\n" SERVICE,
                strlen("[Unit]\nDescription=Of %i, 100%%\nRequires=x.service "
                       "%p.socket\nWants=y.target\n"
                       "ConditionPathExists=/"
                       "gone\nAssertHost=h\nConditionUser=\nConditionPathExists=!/%i\n"
                       "JoinsNamespaceOf=c.service\nDefaultDependencies=no\n" SERVICE));

        (void)state;
        assert_string_equal(s->facts.description, "Of b, 100%");
        assert_words(s->facts.requires, "x.service a.socket y.target");
        assert_words(s->facts.conditions, "AssertHost=h ConditionPathExists=!/%i");
        assert_words(s->settings[D_JoinsNamespaceOf].value.words, "c.service");
        assert_true(s->settings[D_DefaultDependencies].value.set);
        assert_false(setting_yes(s, D_DefaultDependencies));
}

static void an_empty_bind_path_clears_both_lists(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = parse(
                SERVICE "BindPaths=/a:/b\nBindReadOnlyPaths=/c\nBindReadOnlyPaths=\n"
                        "LoadCredential=a:/b\nLoadCredentialEncrypted=\n");

        (void)state;
        assert_false(s->settings[D_BindPaths].value.set);
        assert_false(s->settings[D_BindReadOnlyPaths].value.set);
        assert_false(s->settings[D_LoadCredential].value.set);
        assert_int_equal(s->settings[D_BindPaths].origin.kind, ORIGIN_DEFAULT);
}

static void specifiers_stand_for_their_values(void **state)
{
        static const struct {
                const char *text, *expected;
        } cases[] = {
                { "%n", "foo-bar@in-st\\x2da.service" },
                { "%N", "foo-bar@in-st\\x2da" },
                { "%p", "foo-bar" },
                { "%P", "foo/bar" },
                { "%i", "in-st\\x2da" },
                { "%I", "in/st-a" },
                { "%j", "bar" },
                { "%f", "/in/st-a" },
                { "%t/%S/%C/%L/%E", "/run//var/lib//var/cache//var/log//etc" },
                { "%%i", "%i" },
                { "100%", "100%" },
                { "%-", "%-" },
                { "%u %U %h", "root 0 /root" },
                { "%T %V", "/tmp /var/tmp" },
                { "%m", "0123456789abcdef0123456789abcdef" },
                { "%H %l", "img.example img" },
                { "%o-%w%W", "debian-12" },
                { "%q", "A Box" },
                { "%y %Y", "/u/x@.service /u" },
                { "%d", "/run/credentials/foo-bar@in-st\\x2da.service" },
        };
        struct fixture *f = *state;
        struct specifier_context c = { .unit = "foo-bar@in-st\\x2da.service",
                                       .root = f->folder,
                                       .fragment = "/u/x@.service",
                                       .version = { 252, 0 } };
        char *none = NULL, bad = 0;

        put(f, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        put(f, "/etc/hostname", "img.example\n");
        put(f, "/etc/machine-info", "PRETTY_HOSTNAME=\"A Box\"\n");
        put(f, "/etc/os-release", "NAME=x\nID=debian\nVERSION_ID=\"12\"\n");
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(mem_freep) char *done = NULL;

                assert_int_equal(specifier_expand(&c, cases[i].text, &done, &bad), 0);
                assert_string_equal(done, cases[i].expected);
        }
        assert_int_equal(specifier_expand(&c, "a%Qb", &none, &bad), 1);
        assert_int_equal(bad, 'Q');
        assert_null(none);
        c.root = "/nonexistent";
        assert_int_equal(specifier_expand(&c, "%m", &none, &bad), 1);
}

static void nul_bytes_and_endless_lines_are_refused(void **state)
{
        static const char nul[] = SERVICE "PrivateTmp=yes\0PrivateDevices=yes\n";
        size_t length = (1 << 20) + sizeof(SERVICE) + 64;
        scoped(mem_freep) char *text = malloc(length);
        scoped(sandbox_freep) struct sandbox *s = NULL, *fits = NULL, *longer = NULL;

        (void)state;
        s = parse_as("a.service", 252, SCOPE_SYSTEM, nul, sizeof(nul) - 1);
        assert_int_equal(s->load, LOAD_ERROR);
        assert_non_null(strstr(s->load_note, "NUL"));

        assert_non_null(text);
        memset(text, '#', length);
        memcpy(text, SERVICE, sizeof(SERVICE) - 1);
        fits = parse_as("a.service", 252, SCOPE_SYSTEM, text, sizeof(SERVICE) - 1 + (1 << 20) - 1);
        assert_int_equal(fits->load, LOAD_LOADED);
        longer = parse_as("a.service", 252, SCOPE_SYSTEM, text, sizeof(SERVICE) - 1 + (1 << 20));
        assert_int_equal(longer->load, LOAD_ERROR);
        assert_non_null(strstr(longer->load_note, "line 3"));
}

/* 16 MiB of one kind of line costs time and memory in proportion, not more. */
static void a_flood_of_lines_stays_bounded(void **state)
{
        static const char *const lines[] = { "x\n",
                                             "[Y]\n",
                                             "Wants=a\n",
                                             "\\\n",
                                             "Bogus=\n",
                                             "ConditionHost=x\n",
                                             "ExecStartPre=/x\n" };

        (void)state;
        for (size_t i = 0; i < COUNT(lines); i++) {
                const char *section = strchr("WC", *lines[i]) ? "[Unit]\n" : "[Service]\n";
                size_t n = strlen(lines[i]), length = strlen(section);
                scoped(mem_freep) char *text = malloc(FILE_LIMIT / 4);
                scoped(sandbox_freep) struct sandbox *s = NULL;

                assert_non_null(text);
                memcpy(text, section, length);
                for (; length + n <= FILE_LIMIT / 4; length += n)
                        memcpy(text + length, lines[i], n);
                s = parse_as("a.service", 252, SCOPE_SYSTEM, text, length);
                assert_int_not_equal(s->load, LOAD_LOADED);
                assert_true(s->oddity_count <= ODDITY_LIMIT + 1);
                assert_true(strv_length(s->facts.conditions) <= LIST_LIMIT);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lines_end_and_go_on_as_in_systemd),
                cmocka_unit_test(the_origin_is_the_last_line_of_the_assignment),
                cmocka_unit_test(what_systemd_passes_over_is_kept_and_shown),
                cmocka_unit_test(well_known_keys_are_no_oddities),
                cmocka_unit_test(units_load_or_not_as_in_systemd),
                cmocka_unit_test(some_rules_came_and_went_with_versions),
                cmocka_unit_test(other_kinds_of_units_have_their_own_sections),
                cmocka_unit_test(commands_are_taken_apart),
                cmocka_unit_test(facts_of_the_unit_section_are_kept),
                cmocka_unit_test(an_empty_bind_path_clears_both_lists),
                TEST(specifiers_stand_for_their_values),
                cmocka_unit_test(nul_bytes_and_endless_lines_are_refused),
                cmocka_unit_test(a_flood_of_lines_stays_bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
