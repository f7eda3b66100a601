/* test_behaviour.c - the set of acts, and what tidying makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/observe/behaviour_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

static const struct port_span ports = { 32768, 60999 };

static struct behaviour *make(void)
{
        struct behaviour *b = NULL;

        assert_int_equal(behaviour_new("a.service", &b), 0);
        return b;
}

static void add(struct behaviour *b, const struct act *a)
{
        struct act copy = { 0 };

        assert_int_equal(act_copy(a, &copy), 0);
        if (!copy.count)
                copy.count = 1;
        assert_int_equal(behaviour_add(b, &copy), 0);
}

static void add_path(struct behaviour *b, const char *path, unsigned access, unsigned flags)
{
        add(b,
            &(struct act){ .kind = ACT_PATH, .text = (char *)path, .a = access, .flags = flags });
}

static void add_port(struct behaviour *b, unsigned port, unsigned seen)
{
        add(b, &(struct act){ .kind = ACT_BIND,
                              .a = AF_INET,
                              .b = SOCK_DGRAM,
                              .c = port,
                              .text = (char *)"0.0.0.0",
                              .seen = seen });
}

static void add_peer(struct behaviour *b, const char *address, unsigned port)
{
        add(b, &(struct act){ .kind = ACT_CONNECT,
                              .name = (char *)"connect",
                              .a = strchr(address, ':') ? AF_INET6 : AF_INET,
                              .b = SOCK_STREAM,
                              .c = port,
                              .text = (char *)address });
}

/* Tidies twice: the second time changes nothing. */
static void tidy(struct behaviour *b)
{
        scoped(mem_freep) char *once = NULL, *twice = NULL;

        assert_int_equal(behaviour_tidy(b, ports), 0);
        assert_int_equal(behaviour_to_json(b, &once), 0);
        assert_int_equal(behaviour_tidy(b, ports), 0);
        assert_int_equal(behaviour_to_json(b, &twice), 0);
        assert_string_equal(once, twice);
}

static const struct act *find(const struct behaviour *b, const char *text, unsigned flags)
{
        for (size_t i = 0; i < b->act_count; i++)
                if (b->acts[i].text && strcmp(b->acts[i].text, text) == 0 &&
                    (b->acts[i].flags & flags) == flags)
                        return &b->acts[i];
        return NULL;
}

static void the_same_act_twice_is_one_with_both_counts(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();

        (void)state;
        add(b, &(struct act){ .kind = ACT_CALL,
                              .name = (char *)"read",
                              .count = 2,
                              .first = 50,
                              .last = 60,
                              .process = "late",
                              .seen = SEEN_TWIN });
        add(b, &(struct act){ .kind = ACT_CALL,
                              .name = (char *)"read",
                              .count = 3,
                              .first = 10,
                              .last = 20,
                              .process = "early",
                              .seen = SEEN_LIVE });
        add(b, &(struct act){ .kind = ACT_CALL, .name = (char *)"read", .error = EINTR });
        assert_int_equal(b->act_count, 2);
        assert_int_equal(b->acts[0].count, 5);
        assert_int_equal(b->acts[0].first, 10);
        assert_int_equal(b->acts[0].last, 60);
        assert_string_equal(b->acts[0].process, "early");
        assert_int_equal(b->acts[0].seen, SEEN_TWIN | SEEN_LIVE);
}

static void what_a_twin_did_is_not_what_the_service_did(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();

        (void)state;
        add(b, &(struct act){ .kind = ACT_CALL,
                              .name = (char *)"bpf",
                              .error = EPERM,
                              .flags = ACT_BY_TWIN });
        add(b, &(struct act){ .kind = ACT_CALL, .name = (char *)"bpf", .error = EPERM });
        assert_int_equal(b->act_count, 2);
}

static void many_acts_are_found_again_and_walked_by_kind(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();
        size_t n = 0;

        (void)state;
        for (unsigned round = 0; round < 2; round++)
                for (unsigned i = 0; i < 5000; i++)
                        add(b, &(struct act){ .kind = i % 2 ? ACT_ARGS : ACT_SOCKET, .a = i });
        assert_int_equal(b->act_count, 5000);
        for (const struct act *a = behaviour_first(b, ACT_ARGS); a; a = behaviour_next(b, a), n++)
                assert_int_equal(a->count, 2);
        assert_int_equal(n, 2500);
        tidy(b);
        n = 0;
        for (const struct act *a = behaviour_first(b, ACT_SOCKET); a; a = behaviour_next(b, a))
                n++;
        assert_int_equal(n, 2500);
        assert_null(behaviour_first(b, ACT_CAP));
}

static void acts_may_be_added_after_tidying(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();

        (void)state;
        add_path(b, "/srv/b", ACCESS_READ, 0);
        add_path(b, "/srv/a", ACCESS_READ, 0);
        tidy(b);
        assert_string_equal(b->acts[0].text, "/srv/a");
        add_path(b, "/srv/b", ACCESS_READ, 0);
        assert_int_equal(b->act_count, 2);
        assert_int_equal(b->acts[1].count, 2);
}

static void process_ids_are_taken_out_of_proc_paths(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();

        (void)state;
        add_path(b, "/proc/62221/loginuid", ACCESS_WRITE, ACT_OWN_PROC);
        add_path(b, "/proc/62233/loginuid", ACCESS_WRITE, ACT_OWN_PROC);
        add_path(b, "/proc/1/environ", ACCESS_READ, ACT_OTHER_PROC);
        add_path(b, "/proc/25876/task/25880/fd/12", ACCESS_READ, ACT_OWN_PROC);
        add_path(b, "/proc/self/status", ACCESS_READ, 0);
        add_path(b, "/proc/sys/kernel/ngroups_max", ACCESS_READ, 0);
        tidy(b);
        assert_int_equal(find(b, "/proc/PID/loginuid", ACT_OWN_PROC)->count, 2);
        assert_non_null(find(b, "/proc/PID/environ", ACT_OTHER_PROC));
        assert_non_null(find(b, "/proc/PID/task/TID/fd/N", ACT_OWN_PROC));
        assert_non_null(find(b, "/proc/PID/status", ACT_OWN_PROC));
        assert_non_null(find(b, "/proc/sys/kernel/ngroups_max", 0));
        assert_int_equal(b->act_count, 5);
}

static void names_of_one_run_are_told_by_their_folder(void **state)
{
        static const char *const random[] = {
                "/tmp/#432",
                "/tmp/tmpab3_x9k2",
                "/tmp/sess-aB3xY9",
                "/tmp/go-build1234567890",
                "/tmp/d1b2c3d4-0000-4abc-8def-0123456789ab.sock",
                "/tmp/vtAb3dE9/inner/file",
        };

        (void)state;
        for (size_t i = 0; i < COUNT(random); i++) {
                scoped(behaviour_freep) struct behaviour *b = make();

                add_path(b, random[i], ACCESS_WRITE | ACCESS_CREATE, 0);
                tidy(b);
                if (!find(b, "/tmp", ACT_GENERAL))
                        fail_msg("%s stays", random[i]);
        }
}

static void a_number_in_a_name_that_comes_and_goes_is_of_a_process(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();

        (void)state;
        add_path(b, "/var/lib/redis/temp-57.rdb", ACCESS_WRITE | ACCESS_CREATE, 0);
        add_path(b, "/var/lib/redis/temp-57.rdb", ACCESS_DELETE, 0);
        add_path(b, "/var/lib/redis/part-57.rdb", ACCESS_WRITE | ACCESS_CREATE, 0);
        tidy(b);
        assert_non_null(find(b, "/var/lib/redis", ACT_GENERAL));
        assert_null(find(b, "/var/lib/redis/temp-57.rdb", 0));
        assert_non_null(find(b, "/var/lib/redis/part-57.rdb", 0));
}

static void names_that_somebody_chose_stay(void **state)
{
        static const char *const chosen[] = {
                "/var/log/nginx/access.log",
                "/usr/lib/x86_64-linux-gnu/libabsl_base.so.20220623",
                "/etc/nginx/sites-enabled/default",
                "/run/user/1000/bus",
                "/var/lib/redis/dump.rdb",
                "/usr/share/zoneinfo/Europe/Paris",
                "/var/www/Makefile",
                "/run/php/php8.2-fpm.sock",
                "/sys/devices/pci0000:00/0000:00:1f.2/class",
                "/var/lib/postgresql/15/main/postgresql.conf",
                "/dev/null",
                "/tmp/.X11-unix/X0",
        };
        scoped(behaviour_freep) struct behaviour *b = make();

        (void)state;
        for (size_t i = 0; i < COUNT(chosen); i++)
                add_path(b, chosen[i], ACCESS_READ, 0);
        tidy(b);
        for (size_t i = 0; i < COUNT(chosen); i++)
                if (!find(b, chosen[i], 0))
                        fail_msg("%s is gone", chosen[i]);
        assert_int_equal(b->act_count, COUNT(chosen));
}

static void a_file_without_a_name_is_its_folder_unless_it_is_known_by_name(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();

        (void)state;
        add_path(b, "/var/lib/x/spool (deleted)", ACCESS_WRITE, ACT_GONE);
        add_path(b, "/var/log/x.log", ACCESS_WRITE, 0);
        add_path(b, "/var/log/x.log", ACCESS_WRITE, ACT_GONE);
        add_path(b, "/memfd:jit (deleted)", ACCESS_MAP_EXEC, ACT_GONE);
        tidy(b);
        assert_non_null(find(b, "/var/lib/x", ACT_GENERAL));
        assert_int_equal(find(b, "/var/log/x.log", 0)->count, 2);
        assert_null(find(b, "/var/log", ACT_GENERAL));
        assert_null(find(b, "/", ACT_GENERAL));
}

static void a_folder_of_many_names_is_meant_as_a_whole(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();
        char path[64];

        (void)state;
        for (unsigned i = 0; i < BEHAVIOUR_NAMES + 1; i++) {
                snprintf(path, sizeof(path), "/srv/www/site%u/index.html", i);
                add_path(b, path, ACCESS_READ, 0);
        }
        for (unsigned i = 0; i < BEHAVIOUR_NAMES; i++) {
                snprintf(path, sizeof(path), "/srv/few/f%u", i);
                add_path(b, path, ACCESS_READ, 0);
        }
        tidy(b);
        assert_int_equal(find(b, "/srv/www", ACT_GENERAL)->count, BEHAVIOUR_NAMES + 1);
        assert_non_null(find(b, "/srv/few/f0", 0));
        assert_int_equal(b->act_count, BEHAVIOUR_NAMES + 1);
}

static void reading_and_writing_many_names_are_two_things(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();
        char path[64];

        (void)state;
        for (unsigned i = 0; i < 40; i++) {
                snprintf(path, sizeof(path), "/srv/www/f%u", i);
                add_path(b, path, i < 30 ? ACCESS_READ : ACCESS_WRITE, 0);
        }
        tidy(b);
        assert_int_equal(b->act_count, 40);
}

static void a_top_folder_never_hides_which_of_its_folders_was_used(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();
        char path[64];

        (void)state;
        for (unsigned i = 0; i < 50; i++) {
                snprintf(path, sizeof(path), "/home/u%u/.profile", i);
                add_path(b, path, ACCESS_READ, 0);
                snprintf(path, sizeof(path), "/etc/f%u", i);
                add_path(b, path, ACCESS_READ, 0);
        }
        add_path(b, "/etc/ssl/key", ACCESS_READ, 0);
        tidy(b);
        assert_non_null(find(b, "/home/u3/.profile", 0));
        assert_int_equal(find(b, "/etc", ACT_GENERAL)->count, 50);
        assert_non_null(find(b, "/etc/ssl/key", 0));
        assert_int_equal(b->act_count, 52);
}

static void device_nodes_are_kept_apart(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();
        char path[64];

        (void)state;
        for (unsigned i = 0; i < 50; i++) {
                snprintf(path, sizeof(path), "/dev/input/event%u", i);
                add(b, &(struct act){ .kind = ACT_PATH,
                                      .a = ACCESS_READ,
                                      .text = path,
                                      .mode = S_IFCHR | 0600 });
        }
        tidy(b);
        assert_int_equal(b->act_count, 50);
}

static void files_of_different_owners_have_no_owner_together(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();
        char path[64];

        (void)state;
        for (unsigned i = 0; i < 40; i++) {
                snprintf(path, sizeof(path), "/srv/q/f%u", i);
                add(b, &(struct act){ .kind = ACT_PATH,
                                      .a = ACCESS_READ,
                                      .text = path,
                                      .mode = S_IFREG | 0600,
                                      .owner = i });
        }
        tidy(b);
        assert_int_equal(find(b, "/srv/q", ACT_GENERAL)->mode, 0);
}

static void drawn_ports_are_not_frozen(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();

        (void)state;
        add_port(b, 53, SEEN_STARTUP);
        add_port(b, 0, SEEN_STEADY);
        add_port(b, 40001, SEEN_STEADY);
        add_port(b, 51234, SEEN_STEADY);
        tidy(b);
        assert_int_equal(b->act_count, 2);
        for (size_t i = 0; i < 2; i++)
                assert_int_equal(b->acts[i].c, b->acts[i].flags & ACT_EPHEMERAL ? 0 : 53);
}

static void one_port_of_the_kernels_range_may_be_configured(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();

        (void)state;
        add_port(b, 40000, SEEN_STARTUP);
        tidy(b);
        assert_int_equal(b->acts[0].c, 40000);
        assert_int_equal(b->acts[0].flags, 0);
}

static void ports_of_an_ftp_server_and_a_resolver_are_any(void **state)
{
        static const unsigned passive[] = { 20100, 61001, 9321 };
        scoped(behaviour_freep) struct behaviour *b = make();
        scoped(behaviour_freep) struct behaviour *dns = make();

        (void)state;
        add_port(b, 8021, SEEN_STARTUP);
        for (size_t i = 0; i < COUNT(passive); i++)
                add_port(b, passive[i], SEEN_STEADY);
        tidy(b);
        assert_int_equal(b->act_count, 2);
        for (unsigned i = 0; i < 49; i++)
                add_port(dns, 1100 + i * 997, SEEN_STEADY);
        add_port(dns, 53, SEEN_STARTUP);
        tidy(dns);
        assert_int_equal(dns->act_count, 2);
}

static void many_peers_become_prefixes_and_then_any(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();
        scoped(behaviour_freep) struct behaviour *more = make();
        char address[64];

        (void)state;
        for (unsigned i = 0; i < 100; i++) {
                snprintf(address, sizeof(address), "192.0.2.%u", i);
                add_peer(b, address, 443);
                snprintf(address, sizeof(address), "2001:db8:0:1::%x", i + 1);
                add_peer(b, address, 443);
                snprintf(address, sizeof(address), "%u.%u.3.4", i + 1, i);
                add_peer(more, address, 443);
        }
        add_peer(b, "127.0.0.1", 443);
        add_peer(b, "10.0.0.5", 5432);
        add_peer(more, "::1", 443);
        tidy(b);
        assert_int_equal(find(b, "192.0.2.0/24", ACT_GENERAL)->count, 100);
        assert_int_equal(find(b, "2001:db8:0:1::/64", ACT_GENERAL)->count, 100);
        assert_non_null(find(b, "127.0.0.1", 0));
        assert_non_null(find(b, "10.0.0.5", 0));
        tidy(more);
        assert_int_equal(find(more, "any", ACT_GENERAL)->count, 100);
        assert_non_null(find(more, "::1", 0));
        /* … and one that comes later is in the prefix already. */
        add_peer(b, "192.0.2.200", 443);
        tidy(b);
        assert_int_equal(find(b, "192.0.2.0/24", ACT_GENERAL)->count, 101);
}

static void replies_to_clients_have_no_port(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();

        (void)state;
        for (unsigned i = 0; i < 100; i++)
                add_peer(b, "198.51.100.7", 40000 + i);
        tidy(b);
        assert_int_equal(b->act_count, 1);
        assert_int_equal(b->acts[0].c, 0);
        assert_true(b->acts[0].flags & ACT_EPHEMERAL);
}

static void what_is_made_and_removed_is_temporary(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();

        (void)state;
        add_path(b, "/run/x.pid", ACCESS_WRITE | ACCESS_CREATE, 0);
        add_path(b, "/run/x.pid", ACCESS_DELETE, 0);
        add_path(b, "/run/y.pid", ACCESS_WRITE | ACCESS_CREATE, 0);
        tidy(b);
        assert_non_null(find(b, "/run/x.pid", ACT_TEMPORARY));
        assert_null(find(b, "/run/y.pid", ACT_TEMPORARY));
}

static void nothing_is_dropped_in_silence(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();
        struct session s = { .lost = 1 };

        (void)state;
        assert_int_equal(behaviour_add_session(b, &s), 0);
        for (unsigned i = 0; i < BEHAVIOUR_ACTS + 10; i++)
                add(b, &(struct act){ .kind = ACT_ARGS, .a = i, .count = i < 10 ? 1 : 2 });
        add(b, &(struct act){ .kind = ACT_CAP, .name = (char *)"CAP_CHOWN" });
        tidy(b);
        assert_int_equal(b->act_count, BEHAVIOUR_ACTS);
        assert_int_equal(b->sessions[0].lost, 1 + 11);
        assert_int_equal(strv_length(b->sessions[0].notes), 1);
        assert_non_null(behaviour_first(b, ACT_CAP));
}

static void ten_thousand_paths_fit(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();
        char path[64];

        (void)state;
        for (unsigned i = 0; i < 10000; i++) {
                snprintf(path, sizeof(path), "/var/cache/x/%x/%x/%u", i % 16, i / 16 % 256, i);
                add_path(b, path, ACCESS_WRITE, 0);
        }
        tidy(b);
        assert_int_equal(b->act_count, 16);
        assert_int_equal(find(b, "/var/cache/x/a", ACT_GENERAL)->count, 625);
}

static void behaviours_add_up(void **state)
{
        scoped(behaviour_freep) struct behaviour *a = make();
        scoped(behaviour_freep) struct behaviour *b = make();
        struct session twin = { .stage = strdup("twin"),
                                .seconds_x1000 = 45000,
                                .events = 1200000 };
        struct session live = { .stage = strdup("live"), .seconds_x1000 = 86400000 };
        scoped(mem_freep) char *words = NULL;
        struct coverage c;

        (void)state;
        twin.seen = SEEN_STARTUP;
        live.seen = SEEN_STEADY;
        twin.capabilities = live.capabilities = true;
        assert_int_equal(strv_add(&twin.probes, "true"), 0);
        assert_int_equal(strv_add(&live.probes, "true"), 0);
        assert_int_equal(behaviour_add_session(a, &twin), 0);
        assert_int_equal(behaviour_add_session(b, &live), 0);
        b->version = strdup("1-2");
        add_path(a, "/srv/x", ACCESS_READ, 0);
        add_path(b, "/srv/x", ACCESS_READ, 0);
        add_path(b, "/srv/y", ACCESS_READ, 0);
        assert_int_equal(behaviour_merge(a, b), 0);
        assert_int_equal(a->act_count, 2);
        assert_int_equal(a->acts[0].count, 2);
        assert_string_equal(a->version, "1-2");
        behaviour_coverage(a, &c);
        assert_int_equal(c.probes, 1);
        assert_true(c.twin && c.live && c.capabilities);
        words = coverage_words(&c);
        assert_string_equal(words,
                            "watched 45 s in a twin and 24 h live: start-up and steady state; "
                            "1.2 M calls, none lost");
}

static void another_unit_or_version_does_not_add_up(void **state)
{
        scoped(behaviour_freep) struct behaviour *a = make();
        scoped(behaviour_freep) struct behaviour *b = make();
        scoped(behaviour_freep) struct behaviour *c = NULL;

        (void)state;
        a->version = strdup("1-2");
        b->version = strdup("1-3");
        add_path(b, "/srv/y", ACCESS_READ, 0);
        assert_int_equal(behaviour_new("c.service", &c), 0);
        assert_int_equal(behaviour_merge(a, b), 1);
        assert_int_equal(behaviour_merge(a, c), -EINVAL);
        assert_int_equal(a->act_count, 0);
}

static void a_long_history_of_sessions_is_summed_up(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make();
        struct coverage before, after;

        (void)state;
        for (unsigned i = 0; i < 300; i++) {
                struct session s = { .stage = strdup(i % 3 ? "live" : "twin"),
                                     .seconds_x1000 = i,
                                     .events = i,
                                     .capabilities = true };

                assert_int_equal(behaviour_add_session(b, &s), 0);
        }
        behaviour_coverage(b, &before);
        tidy(b);
        behaviour_coverage(b, &after);
        assert_true(b->session_count <= 100);
        assert_int_equal(before.events, after.events);
        assert_true(before.live_seconds - after.live_seconds < 0.001);
}

static void acts_are_told_in_words(void **state)
{
        static const struct {
                struct act act;
                const char *words;
        } rows[] = {
                { { .kind = ACT_PATH,
                    .text = (char *)"/var/log/x",
                    .a = ACCESS_WRITE,
                    .count = 312,
                    .process = "nginx",
                    .first = 1763890200400000 },
                  "write /var/log/x by nginx (312 times, first at 0.4 s)" },
                { { .kind = ACT_PATH,
                    .text = (char *)"/tmp",
                    .a = ACCESS_WRITE | ACCESS_CREATE,
                    .flags = ACT_GENERAL,
                    .count = 1 },
                  "write+create /tmp/… (once)" },
                { { .kind = ACT_BIND,
                    .text = (char *)"::",
                    .a = AF_INET6,
                    .b = SOCK_STREAM,
                    .c = 80,
                    .count = 1 },
                  "bind to :: port 80 (AF_INET6 SOCK_STREAM) (once)" },
                { { .kind = ACT_ARGS, .name = (char *)"unshare", .a = 0x10000000, .count = 1 },
                  "unshare(user namespace) (once)" },
                { { .kind = ACT_ARGS, .name = (char *)"openat", .a = 0644, .count = 1 },
                  "openat(mode 0644) (once)" },
                { { .kind = ACT_ARGS,
                    .name = (char *)"setresuid",
                    .a = 33,
                    .b = UINT32_MAX,
                    .c = 33,
                    .count = 1 },
                  "setresuid(33, unchanged, 33) (once)" },
                { { .kind = ACT_CALL, .name = (char *)"bpf", .error = EPERM, .count = 2 },
                  "call bpf, which failed with EPERM, (2 times)" },
                { { .kind = ACT_KILLED, .name = (char *)"ptrace", .a = 31, .count = 1 },
                  "die of SIGSYS at ptrace (once)" },
                { { .kind = ACT_PATH, .text = (char *)"/a\033[2Jb", .a = ACCESS_READ, .count = 1 },
                  "read /a?[2Jb (once)" },
        };
        scoped(behaviour_freep) struct behaviour *b = make();
        struct session s = { .when = strdup("2025-11-23T09:30:00Z") };

        (void)state;
        assert_int_equal(behaviour_add_session(b, &s), 0);
        for (size_t i = 0; i < COUNT(rows); i++) {
                scoped(mem_freep) char *words = act_words(b, &rows[i].act);

                assert_string_equal(words, rows[i].words);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_same_act_twice_is_one_with_both_counts),
                cmocka_unit_test(what_a_twin_did_is_not_what_the_service_did),
                cmocka_unit_test(many_acts_are_found_again_and_walked_by_kind),
                cmocka_unit_test(acts_may_be_added_after_tidying),
                cmocka_unit_test(process_ids_are_taken_out_of_proc_paths),
                cmocka_unit_test(names_of_one_run_are_told_by_their_folder),
                cmocka_unit_test(a_number_in_a_name_that_comes_and_goes_is_of_a_process),
                cmocka_unit_test(names_that_somebody_chose_stay),
                cmocka_unit_test(a_file_without_a_name_is_its_folder_unless_it_is_known_by_name),
                cmocka_unit_test(a_folder_of_many_names_is_meant_as_a_whole),
                cmocka_unit_test(reading_and_writing_many_names_are_two_things),
                cmocka_unit_test(a_top_folder_never_hides_which_of_its_folders_was_used),
                cmocka_unit_test(device_nodes_are_kept_apart),
                cmocka_unit_test(files_of_different_owners_have_no_owner_together),
                cmocka_unit_test(drawn_ports_are_not_frozen),
                cmocka_unit_test(one_port_of_the_kernels_range_may_be_configured),
                cmocka_unit_test(ports_of_an_ftp_server_and_a_resolver_are_any),
                cmocka_unit_test(many_peers_become_prefixes_and_then_any),
                cmocka_unit_test(replies_to_clients_have_no_port),
                cmocka_unit_test(what_is_made_and_removed_is_temporary),
                cmocka_unit_test(nothing_is_dropped_in_silence),
                cmocka_unit_test(ten_thousand_paths_fit),
                cmocka_unit_test(behaviours_add_up),
                cmocka_unit_test(another_unit_or_version_does_not_add_up),
                cmocka_unit_test(a_long_history_of_sessions_is_summed_up),
                cmocka_unit_test(acts_are_told_in_words),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
