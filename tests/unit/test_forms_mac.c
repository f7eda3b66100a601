/* test_forms_mac.c - what goes to security modules and container runtimes. */
#include "tests/support/acts.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/access.h"

#include <errno.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { WROTE = ACCESS_WRITE | ACCESS_CREATE | ACCESS_MADE };

/* The unit with what it was seen doing, as a writer gets it. */
static int render(struct seen *s, bool observed, __typeof__(&form_write_selinux) write,
                  struct form_output *o, struct err *e)
{
        scoped(profile_freep) struct profile *p = NULL;
        struct form_input in = { .unit = s->unit,
                                 .after = s->unit,
                                 .behaviour = observed ? s->behaviour : NULL,
                                 .dialect = &s->dialect,
                                 .date = "2026-01-02T03:04:05Z" };

        assert_int_equal(profile_new("app.service", SCOPE_SYSTEM, &p), 0);
        in.profile = p;
        seen_infer(s); /* implies and tidies */
        return write(&in, o, e);
}

static void write_form(struct seen *s, __typeof__(&form_write_selinux) write, struct form_output *o)
{
        struct err e = { 0 };

        if (render(s, true, write, o, &e) != 0)
                fail_msg("%s", e.text);
        assert_int_equal(o->file_count, 1);
}

static bool has_line(const char *text, const char *line)
{
        size_t n = strlen(line);

        for (const char *at = strstr(text, line); at; at = strstr(at + 1, line))
                if ((at == text || at[-1] == '\n') && (at[n] == '\n' || !at[n]))
                        return true;
        return false;
}

static void assert_line(const struct form_output *o, const char *line)
{
        if (!has_line(o->files[0].text, line))
                fail_msg("no line \"%s\" in\n%s", line, o->files[0].text);
}

static void assert_no(const struct form_output *o, const char *words)
{
        if (strstr(o->files[0].text, words))
                fail_msg("\"%s\" is in\n%s", words, o->files[0].text);
}

static void assert_left_out(const struct form_output *o, const char *words)
{
        for (char **line = o->left_out; line && *line; line++)
                if (strstr(*line, words))
                        return;
        fail_msg("nothing left out says \"%s\"", words);
}

static void open_app(struct seen *s)
{
        seen_open(s, 257);
        seen_command(s, "ExecStart", "/usr/bin/app", "/usr/bin/app --serve");
}

/* ---- AppArmor ---- */

static void files_are_rules_with_the_modes_that_were_used(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_file(&s, "/etc/app.conf", ACCESS_READ, S_IFREG | 0644, 0, "ext4");
        seen_file(&s, "/var/lib/app/db", ACCESS_READ | WROTE, S_IFREG | 0644, 0, "ext4");
        seen_file(&s, "/srv/www", ACCESS_READ, S_IFDIR | 0755, 0, "ext4");
        seen_path(&s, "/opt/thing", ACCESS_READ);
        seen_file(&s, "/etc/only-looked-at", ACCESS_LOOK, S_IFREG | 0644, 0, "ext4");
        seen_failed(&s, "/etc/not-there", ACCESS_READ, ENOENT);
        seen_file(&s, "/usr/lib/x86_64-linux-gnu/libz.so.1.2.13", ACCESS_READ | ACCESS_MAP_EXEC,
                  S_IFREG | 0644, 0, "ext4");
        write_form(&s, form_write_apparmor, &o);
        assert_string_equal(o.files[0].path, "app");
        assert_line(&o, "  /etc/app.conf r,");
        assert_line(&o, "  /var/lib/app/db rwk,");
        assert_line(&o, "  /srv/www/ r,");
        assert_line(&o, "  /opt/thing{,/} r,");
        assert_line(&o, "  /usr/bin/app rmix,");
        assert_line(&o, "  /usr/lib/** rm,");
        assert_no(&o, "only-looked-at");
        assert_no(&o, "not-there");
        seen_done(&s);
}

static void a_folder_of_changing_names_is_a_glob(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_path(&s, "/var/lib/app", WROTE)->flags |= ACT_GENERAL;
        seen_path(&s, "/var/lib/app/a", WROTE);
        write_form(&s, form_write_apparmor, &o);
        assert_line(&o, "  /var/lib/app/** rwk,");
        assert_no(&o, "/var/lib/app/a");
        seen_done(&s);
}

static void names_that_only_differ_in_numbers_are_one(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 }, module = { 0 }, policy = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_file(&s, "/run/app-2.sock.61.tmp", WROTE, S_IFREG | 0644, 0, "tmpfs");
        seen_file(&s, "/run/app-2.sock.75.tmp", WROTE, S_IFREG | 0644, 0, "tmpfs");
        seen_file(&s, "/run/app-2.sock.x.tmp", WROTE, S_IFREG | 0644, 0, "tmpfs");
        seen_file(&s, "/etc/app1", ACCESS_READ, S_IFREG | 0644, 0, "ext4");
        seen_file(&s, "/etc/app2", ACCESS_READ, S_IFREG | 0644, 0, "ext4");
        write_form(&s, form_write_apparmor, &o);
        assert_line(&o, "  /run/app-[0-9]*.sock.[0-9]*.tmp wk,");
        assert_line(&o, "  /run/app-2.sock.x.tmp wk,");
        assert_line(&o, "  /etc/app1 r,");
        assert_line(&o, "  /etc/app2 r,");
        write_form(&s, form_write_selinux, &module);
        assert_line(&module, "    (filecon \"/run/app-[0-9]+\\.sock\\.[0-9]+\\.tmp\" any (system_u "
                             "object_r runtime ((s0) (s0))))");
        write_form(&s, form_write_grsec, &policy);
        assert_line(&policy, "\t/run/app-*.sock.*.tmp\twc");
        seen_done(&s);
}

static void folders_that_are_everybodys_keep_their_labels(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_file(&s, "/run", ACCESS_LOOK | ACCESS_READ, S_IFDIR | 0755, 0, "tmpfs");
        seen_file(&s, "/run/other/sock", ACCESS_READ, S_IFREG | 0644, 0, "tmpfs");
        seen_file(&s, "/usr/share/app/cache", WROTE, S_IFREG | 0644, 0, "ext4");
        seen_file(&s, "/home/joe/file", ACCESS_READ, S_IFREG | 0644, 1000, "ext4");
        seen_file(&s, "/var/cache/app/x", WROTE, S_IFREG | 0644, 0, "ext4");
        seen_file(&s, "/var/cache/app/sub/y", ACCESS_READ, S_IFREG | 0644, 0, "ext4");
        write_form(&s, form_write_selinux, &o);
        assert_no(&o, "(filecon \"/run");
        assert_no(&o, "(filecon \"/usr/share");
        assert_no(&o, "(filecon \"/home");
        assert_line(&o, "    (filecon \"/var/cache/app(/.*)?\" any (system_u object_r cache ((s0) "
                        "(s0))))");
        assert_left_out(&o, "/usr/share/app/cache");
        assert_left_out(&o, "/home/joe/file");
        seen_done(&s);
}

static void folders_that_systemd_keeps_are_open(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_set(&s, "StateDirectory", "app");
        write_form(&s, form_write_apparmor, &o);
        assert_line(&o, "  /var/lib/app/** rwk,");
        assert_line(&o, "  /var/lib/app/ rwk,");
        seen_done(&s);
}

static void processes_of_its_own_are_told_from_others(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_file(&s, "/proc/PID/status", ACCESS_READ, S_IFREG | 0444, 0, "proc")->flags |=
                ACT_OWN_PROC;
        seen_file(&s, "/proc/PID/stat", ACCESS_READ, S_IFREG | 0444, 0, "proc")->flags |=
                ACT_OTHER_PROC;
        seen_file(&s, "/proc/PID/task/TID/comm", WROTE, S_IFREG | 0644, 0, "proc")->flags |=
                ACT_OWN_PROC;
        write_form(&s, form_write_apparmor, &o);
        assert_line(&o, "  owner @{PROC}/@{pid}/status r,");
        assert_line(&o, "  @{PROC}/[0-9]*/stat r,");
        assert_line(&o, "  owner @{PROC}/@{pid}/task/[0-9]*/comm wk,");
        seen_done(&s);
}

static void no_byte_of_a_path_is_a_pattern_or_ends_a_rule(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_file(&s, "/srv/a b\"*{x},#\n@\xff", ACCESS_READ, S_IFREG | 0644, 0, "ext4");
        write_form(&s, form_write_apparmor, &o);
        assert_line(&o, "  \"/srv/a\\040b\\042\\052\\173x\\175\\054\\043\\012\\100\\377\" r,");
        seen_done(&s);
}

static void capabilities_that_it_used_are_granted(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 }, all = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_cap(&s, CAP_NET_BIND_SERVICE);
        seen_cap(&s, CAP_CHOWN)->flags |= ACT_QUIET;
        seen_cap(&s, CAP_SYS_ADMIN)->c = 1; /* of a user namespace of its own */
        write_form(&s, form_write_apparmor, &o);
        assert_line(&o, "  capability net_bind_service,");
        assert_no(&o, "capability chown");
        assert_no(&o, "capability sys_admin");
        /* Where checks were not seen, the unit's own set is all that is known. */
        s.twin->capabilities = s.live->capabilities = false;
        seen_set(&s, "CapabilityBoundingSet", "CAP_KILL CAP_CHOWN");
        write_form(&s, form_write_apparmor, &all);
        assert_line(&all, "  capability kill,");
        assert_line(&all, "  capability chown,");
        assert_no(&all, "capability net_bind_service");
        seen_done(&s);
}

static void families_and_types_are_network_rules(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_socket(&s, AF_INET, SOCK_STREAM, 0);
        seen_socket(&s, AF_NETLINK, SOCK_RAW, 0);
        write_form(&s, form_write_apparmor, &o);
        assert_line(&o, "  network inet stream,");
        assert_line(&o, "  network netlink raw,");
        assert_no(&o, "network inet6");
        seen_done(&s);
}

static void what_a_form_cannot_say_is_told(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_set(&s, "SystemCallFilter", "@system-service");
        seen_set(&s, "MemoryMax", "1G");
        seen_set(&s, "PrivateTmp", "no");
        write_form(&s, form_write_apparmor, &o);
        assert_left_out(&o, "SystemCallFilter=: AppArmor knows no system calls");
        assert_left_out(&o, "MemoryMax=:");
        assert_no(&o, "PrivateTmp");
        assert_non_null(strstr(o.files[0].text, "#   SystemCallFilter=: AppArmor knows"));
        seen_done(&s);
}

static void paths_that_are_not_known_whole_are_told(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_path(&s, "/srv/very/long", ACCESS_READ)->flags |= ACT_CUT;
        seen_path(&s, "/inside", ACCESS_READ)->flags |= ACT_CHROOT;
        write_form(&s, form_write_apparmor, &o);
        assert_left_out(&o, "/srv/very/long");
        assert_left_out(&o, "/inside");
        assert_no(&o, "\n  /inside");
        seen_done(&s);
}

/* ---- without an observation ---- */

static void selinux_and_grsec_ask_for_an_observation(void **state)
{
        static __typeof__(&form_write_selinux)
                const writers[] = { form_write_selinux, form_write_grsec };
        struct seen s;

        (void)state;
        open_app(&s);
        for (size_t i = 0; i < COUNT(writers); i++) {
                scoped(form_output_done) struct form_output o = { 0 };
                struct err e = { 0 };

                assert_int_equal(render(&s, false, writers[i], &o, &e), -ENODATA);
                assert_non_null(strstr(e.text, "gird observe app.service"));
        }
        seen_done(&s);
}

static void apparmor_goes_by_the_settings_then(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct err e = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_set(&s, "ProtectSystem", "strict");
        seen_set(&s, "ReadWritePaths", "/srv/app");
        seen_set(&s, "InaccessiblePaths", "/srv/secret");
        seen_set(&s, "RestrictAddressFamilies", "AF_INET");
        assert_int_equal(render(&s, false, form_write_apparmor, &o, &e), 0);
        assert_line(&o, "  /srv/app/** wkl,");
        assert_line(&o, "  deny /srv/secret/** rwlkmx,");
        assert_line(&o, "  network inet,");
        assert_no(&o, "network inet6");
        assert_no(&o, "  /** wkl,");
        seen_done(&s);
}

/* ---- SELinux ---- */

static void a_module_names_its_domain_files_and_ports(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_file(&s, "/var/lib/app/db", WROTE, S_IFREG | 0644, 0, "ext4");
        seen_file(&s, "/run/app.pid", WROTE, S_IFREG | 0644, 0, "tmpfs");
        seen_file(&s, "/etc/app.conf", ACCESS_READ, S_IFREG | 0644, 0, "ext4");
        seen_file(&s, "/etc/shadow", ACCESS_READ, S_IFREG | 0640, 0, "ext4");
        seen_socket(&s, AF_INET, SOCK_STREAM, 0);
        seen_bind(&s, AF_INET, SOCK_STREAM, "0.0.0.0", 443);
        seen_connect(&s, AF_INET, SOCK_STREAM, "192.0.2.1", 5432);
        seen_cap(&s, CAP_BPF);
        write_form(&s, form_write_selinux, &o);
        assert_string_equal(o.files[0].path, "app.cil");
        assert_line(&o, "(block app");
        assert_line(&o, "    (filecon \"/var/lib/app(/.*)?\" any (system_u object_r state ((s0) "
                        "(s0))))");
        assert_line(&o, "    (filecon \"/run/app\\.pid\" any (system_u object_r runtime ((s0) "
                        "(s0))))");
        assert_line(&o, "    (allow process http_port_t (tcp_socket (name_bind)))");
        assert_line(&o, "    (allow process postgresql_port_t (tcp_socket (name_connect)))");
        assert_line(&o, "    (allow process self (capability2 (bpf)))");
        assert_left_out(&o, "/etc/shadow");
        seen_done(&s);
}

static void an_interpreter_keeps_its_label(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 }, policy = { 0 };
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        free(take(s.behaviour->binary));
        seen_command(&s, "ExecStart", "/usr/bin/python3", "/usr/bin/python3 /srv/app.py");
        write_form(&s, form_write_selinux, &o);
        assert_no(&o, "(filecon \"/usr/bin/python3\"");
        assert_left_out(&o, "/usr/bin/python3: others run it, too");
        write_form(&s, form_write_grsec, &policy);
        assert_left_out(&policy, "/usr/bin/python3: others run it, too");
        assert_true(program_is_shared("/usr/bin/python3.11"));
        assert_true(program_is_shared("sh"));
        assert_false(program_is_shared("/usr/bin/perlbal"));
        seen_done(&s);
}

static void memory_that_is_written_and_run_needs_execmem(void **state)
{
        struct seen s;

        (void)state;
        for (int jit = 0; jit < 2; jit++) {
                scoped(form_output_done) struct form_output o = { 0 };

                open_app(&s);
                if (jit)
                        seen_args(&s, "mmap", 7, 0x22, 0);
                write_form(&s, form_write_selinux, &o);
                assert_int_equal(strstr(o.files[0].text, "execmem") != NULL, jit);
                seen_done(&s);
        }
}

/* ---- grsecurity ---- */

static void a_subject_names_files_capabilities_and_ports(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        seen_set(&s, "User", "app");
        seen_set(&s, "LimitNOFILE", "1024:infinity");
        seen_set(&s, "LimitMEMLOCK", "64K");
        seen_file(&s, "/srv/odd dir", ACCESS_READ, S_IFREG | 0644, 0, "ext4");
        seen_file(&s, "/srv/st*r", ACCESS_READ, S_IFREG | 0644, 0, "ext4");
        seen_bind(&s, AF_INET, SOCK_STREAM, "0.0.0.0", 80);
        seen_socket(&s, AF_INET6, SOCK_STREAM, 0);
        seen_cap(&s, CAP_NET_BIND_SERVICE);
        seen_cap(&s, CAP_BPF);
        write_form(&s, form_write_grsec, &o);
        assert_line(&o, "role app u");
        assert_line(&o, "subject /usr/sbin/app odp");
        assert_line(&o, "\t\"/srv/odd dir\"\tr");
        assert_line(&o, "\t/srv/st?r\tr");
        assert_line(&o, "\t+CAP_NET_BIND_SERVICE");
        assert_no(&o, "+CAP_BPF");
        assert_line(&o, "\tbind 0.0.0.0/0:80 stream tcp");
        assert_line(&o, "\tconnect disabled");
        assert_line(&o, "\tsock_allow_family ipv6");
        assert_line(&o, "\tRES_NOFILE 1024 unlimited");
        assert_line(&o, "\tRES_MEMLOCK 65536 65536");
        assert_line(&o, "\t+PAX_MPROTECT");
        assert_left_out(&o, "CAP_BPF");
        assert_left_out(&o, "IPv6");
        assert_left_out(&o, "/srv/st*r");
        seen_done(&s);
}

static void root_gets_no_role_of_its_own(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct seen s;

        (void)state;
        open_app(&s);
        write_form(&s, form_write_grsec, &o);
        assert_no(&o, "\nrole ");
        seen_done(&s);
}

static void a_program_without_a_path_is_no_subject(void **state)
{
        scoped(form_output_done) struct form_output o = { 0 };
        struct err e = { 0 };
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        free(take(s.behaviour->binary));
        assert_int_equal(render(&s, true, form_write_grsec, &o, &e), -EINVAL);
        assert_non_null(strstr(e.text, "ExecStart="));
        seen_done(&s);
}

/* ---- seccomp ---- */

/* Without blanks, so that a test need not know how it is set. */
static char *squeezed(const char *text)
{
        struct text t = { 0 };

        for (; *text; text++)
                if (!strchr(" \t\n", *text))
                        text_addn(&t, text, 1);
        return text_take(&t);
}

static void assert_json(struct seen *s, const char *words, bool there)
{
        scoped(form_output_done) struct form_output o = { 0 };
        scoped(mem_freep) char *flat = NULL;

        write_form(s, form_write_seccomp, &o);
        flat = squeezed(o.files[0].text);
        if ((strstr(flat, words) != NULL) != there)
                fail_msg("%s %s\n%s", words, there ? "is not in" : "is in", flat);
}

static void a_list_of_calls_is_the_default_turned_round(void **state)
{
        struct seen s;

        (void)state;
        open_app(&s);
        seen_set(&s, "SystemCallFilter", "read write personality");
        assert_json(&s, "\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\"", true);
        assert_json(&s, "\"write\"", true);
        assert_json(&s, "\"execve\"", true); /* @default comes with every list */
        assert_json(&s, "\"mount\"", false);
        seen_set(&s, "SystemCallErrorNumber", "EPERM");
        assert_json(&s, "\"defaultErrnoRet\":1", true);
        seen_set(&s, "SystemCallArchitectures", "native");
        assert_json(&s, "SCMP_ARCH_X32", false);
        seen_done(&s);
}

static void a_call_with_an_errno_of_its_own_keeps_it(void **state)
{
        struct seen s;

        (void)state;
        open_app(&s);
        seen_set(&s, "SystemCallFilter", "~chroot:ENOSYS swapon");
        assert_json(&s, "\"defaultAction\":\"SCMP_ACT_ALLOW\"", true);
        assert_json(&s, "{\"names\":[\"chroot\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38}",
                    true);
        assert_json(&s, "{\"names\":[\"swapon\"],\"action\":\"SCMP_ACT_KILL_PROCESS\"}", true);
        seen_done(&s);
}

static void arguments_are_restricted(void **state)
{
        struct seen s;

        (void)state;
        open_app(&s);
        seen_set(&s, "RestrictAddressFamilies", "AF_UNIX");
        assert_json(&s,
                    "{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":97,"
                    "\"args\":[{\"index\":0,\"value\":2,\"op\":\"SCMP_CMP_EQ\"}]}",
                    true);
        assert_json(&s, "\"args\":[{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}]", false);
        seen_set(&s, "LockPersonality", "yes");
        assert_json(&s,
                    "{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,"
                    "\"args\":[{\"index\":0,\"value\":0,\"op\":\"SCMP_CMP_NE\"}]}",
                    true);
        seen_set(&s, "RestrictNamespaces", "yes");
        assert_json(&s, "{\"names\":[\"clone3\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38}",
                    true);
        seen_done(&s);
}

static void a_call_that_is_not_in_the_list_gets_no_rule_of_its_own(void **state)
{
        struct seen s;

        (void)state;
        open_app(&s);
        seen_set(&s, "SystemCallFilter", "read");
        seen_set(&s, "LockPersonality", "yes");
        seen_set(&s, "RestrictAddressFamilies", "AF_UNIX");
        assert_json(&s, "\"personality\"", false);
        assert_json(&s, "\"socket\"", false);
        seen_done(&s);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(files_are_rules_with_the_modes_that_were_used),
                cmocka_unit_test(a_folder_of_changing_names_is_a_glob),
                cmocka_unit_test(names_that_only_differ_in_numbers_are_one),
                cmocka_unit_test(folders_that_are_everybodys_keep_their_labels),
                cmocka_unit_test(folders_that_systemd_keeps_are_open),
                cmocka_unit_test(processes_of_its_own_are_told_from_others),
                cmocka_unit_test(no_byte_of_a_path_is_a_pattern_or_ends_a_rule),
                cmocka_unit_test(capabilities_that_it_used_are_granted),
                cmocka_unit_test(families_and_types_are_network_rules),
                cmocka_unit_test(what_a_form_cannot_say_is_told),
                cmocka_unit_test(paths_that_are_not_known_whole_are_told),
                cmocka_unit_test(selinux_and_grsec_ask_for_an_observation),
                cmocka_unit_test(apparmor_goes_by_the_settings_then),
                cmocka_unit_test(a_module_names_its_domain_files_and_ports),
                cmocka_unit_test(an_interpreter_keeps_its_label),
                cmocka_unit_test(memory_that_is_written_and_run_needs_execmem),
                cmocka_unit_test(a_subject_names_files_capabilities_and_ports),
                cmocka_unit_test(root_gets_no_role_of_its_own),
                cmocka_unit_test(a_program_without_a_path_is_no_subject),
                cmocka_unit_test(a_list_of_calls_is_the_default_turned_round),
                cmocka_unit_test(a_call_with_an_errno_of_its_own_keeps_it),
                cmocka_unit_test(arguments_are_restricted),
                cmocka_unit_test(a_call_that_is_not_in_the_list_gets_no_rule_of_its_own),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
