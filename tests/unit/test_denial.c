/* test_denial.c - what the baseline did and the trial was refused: by what was seen, said, asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/denial_private.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum { BEGAN = 1000000 };

/* A baseline, a trial, and what is found between them. */
struct scene {
        struct dialect dialect;
        struct behaviour *baseline, *tried;
        struct sandbox *unit, *after;
        struct profile *profile;
        struct denial *list;
        size_t count;
};

static int set_up(void **state)
{
        struct scene *s = calloc(1, sizeof(*s));

        if (!s)
                return -1;
        dialect_for((struct version){ 257, 13 }, SCOPE_SYSTEM, &s->dialect);
        *state = s;
        return behaviour_new("x.service", &s->baseline) < 0 ||
               behaviour_new("x.service", &s->tried) < 0 ||
               sandbox_new("x.service", SCOPE_SYSTEM, &s->unit) < 0 ||
               profile_new("x.service", SCOPE_SYSTEM, &s->profile) < 0;
}

static int tear_down(void **state)
{
        struct scene *s = *state;

        denials_free(s->list, s->count);
        behaviour_free(s->baseline);
        behaviour_free(s->tried);
        sandbox_free(s->unit);
        sandbox_free(s->after);
        profile_free(s->profile);
        dialect_done(&s->dialect);
        free(s);
        return 0;
}

static char *copy(const char *text)
{
        char *own = text ? strdup(text) : NULL;

        assert_true(!text || own);
        return own;
}

static void did(struct behaviour *b, const struct act *a)
{
        struct act own = *a;

        own.name = copy(a->name);
        own.text = copy(a->text);
        own.by = copy(a->by);
        own.count = a->count ? a->count : 1;
        own.first = a->first ? a->first : BEGAN + 400000;
        own.last = own.first;
        own.pid = 100;
        if (!own.process[0])
                memcpy(own.process, "app", 4);
        assert_int_equal(behaviour_add(b, &own), 0);
}

#define DID(b, ...) did(b, &(struct act){ __VA_ARGS__ })

static void path(struct behaviour *b, const char *text, unsigned access, int error)
{
        DID(b, .kind = ACT_PATH, .text = (char *)text, .a = access, .error = error);
}

static void call(struct behaviour *b, const char *name, int error)
{
        DID(b, .kind = ACT_CALL, .name = (char *)name, .error = error);
}

static void arguments(struct behaviour *b, const char *name, uint64_t first, int error)
{
        call(b, name, error);
        DID(b, .kind = ACT_ARGS, .name = (char *)name, .a = first, .error = error);
}

static void change(struct scene *s, const char *word)
{
        struct err e = { 0 };

        if (profile_assign(s->profile, &s->dialect, word, &e) < 0)
                fail_msg("%s", e.text);
}

static void apply(struct scene *s)
{
        if (s->after)
                return;
        assert_true(sandbox_imply(s->unit, &s->dialect) >= 0);
        assert_true(profile_apply(s->profile, s->unit, &s->dialect, &s->after) >= 0);
}

static void tidy(struct scene *s)
{
        assert_int_equal(behaviour_tidy(s->baseline, (struct port_span){ 32768, 60999 }), 0);
        assert_int_equal(behaviour_tidy(s->tried, (struct port_span){ 32768, 60999 }), 0);
}

static void look(struct scene *s)
{
        tidy(s);
        assert_int_equal(denials_seen(s->baseline, s->tried, BEGAN, &s->list, &s->count), 0);
}

static void ask(struct scene *s)
{
        tidy(s);
        apply(s);
        assert_int_equal(
                denials_asked(s->baseline, s->unit, s->after, &s->dialect, &s->list, &s->count), 0);
}

/* Looks, finds the directives and lets go of what is no evidence. */
static void judge(struct scene *s)
{
        struct run run = { 0 };
        struct suspect *suspects = NULL;
        size_t count = 0;
        struct evidence v = { .profile = s->profile, .dialect = &s->dialect, .tried = &run };

        look(s);
        apply(s);
        v.before = s->unit;
        v.after = s->after;
        v.denials = s->list;
        v.denial_count = s->count;
        assert_int_equal(blame(&v, &suspects, &count), 0);
        for (size_t i = 0; i < count; i++)
                free(suspects[i].why);
        free(suspects);
        assert_int_equal(denials_sift(s->list, &s->count), 0);
}

static const struct denial *only(const struct scene *s)
{
        if (s->count != 1)
                fail_msg("%zu denials: %s, %s", s->count, s->count ? s->list[0].key : "",
                         s->count > 1 ? s->list[1].key : "");
        return &s->list[0];
}

/* ---- what is one ---- */

static void what_the_baseline_was_let_is_a_denial(void **state)
{
        struct scene *s = *state;
        const struct denial *d;

        path(s->baseline, "/usr/share/x/cache", ACCESS_WRITE | ACCESS_CREATE | ACCESS_MADE, 0);
        path(s->tried, "/usr/share/x/cache", ACCESS_WRITE | ACCESS_CREATE, EROFS);
        call(s->tried, "openat", EROFS);
        look(s);
        d = only(s);
        assert_int_equal(d->source, DENIAL_SEEN);
        assert_int_equal(d->error, EROFS);
        assert_true(d->deed.had);
        assert_int_equal(d->after, 400000);
        assert_string_equal(d->key, "EROFS openat /usr/share/x/cache");
        assert_string_equal(d->message, "openat of /usr/share/x/cache for write+create by app was "
                                        "refused with EROFS, at 0.4 s");
}

static void what_failed_alike_or_otherwise_before_is_none(void **state)
{
        struct scene *s = *state;

        path(s->baseline, "/etc/a", ACCESS_READ, EACCES);
        path(s->tried, "/etc/a", ACCESS_READ, EACCES);
        path(s->baseline, "/root/.my.cnf", ACCESS_LOOK, ENOENT);
        path(s->tried, "/root/.my.cnf", ACCESS_LOOK, EACCES);
        arguments(s->baseline, "ioctl", 7, EPERM);
        arguments(s->tried, "ioctl", 7, EPERM);
        look(s);
        assert_int_equal(s->count, 0);
}

static void a_call_of_many_acts_is_refused_once(void **state)
{
        struct scene *s = *state;

        arguments(s->baseline, "mprotect", PROT_READ | PROT_EXEC, 0);
        arguments(s->tried, "mprotect", PROT_READ | PROT_EXEC, EACCES);
        DID(s->baseline, .kind = ACT_CONNECT, .name = (char *)"connect", .a = AF_UNIX,
            .b = SOCK_STREAM, .text = (char *)"/run/b");
        path(s->baseline, "/run/b", ACCESS_CONNECT, 0);
        DID(s->tried, .kind = ACT_CONNECT, .name = (char *)"connect", .a = AF_UNIX,
            .b = SOCK_STREAM, .text = (char *)"/run/b", .error = EACCES);
        path(s->tried, "/run/b", ACCESS_CONNECT, EACCES);
        call(s->tried, "connect", EACCES);
        look(s);
        assert_int_equal(s->count, 2);
        assert_string_equal(s->list[0].key, "EACCES connect /run/b");
        assert_string_equal(s->list[1].key, "EACCES mprotect");
        assert_non_null(strstr(s->list[1].message, "mprotect(read+execute) by app"));
}

static void a_filtered_call_has_the_arguments_that_the_baseline_made(void **state)
{
        struct scene *s = *state;
        const struct denial *d;

        arguments(s->baseline, "mprotect", PROT_READ, 0);
        arguments(s->baseline, "mprotect", PROT_READ | PROT_EXEC, 0);
        arguments(s->tried, "mprotect", PROT_READ, 0);
        DID(s->tried, .kind = ACT_REFUSED, .name = (char *)"mprotect", .error = EPERM);
        look(s);
        d = only(s);
        assert_int_equal(d->deed.a, PROT_READ | PROT_EXEC);
        assert_true(d->deed.filtered);
        assert_string_equal(d->key, "EPERM mprotect");
}

static void a_new_death_is_one_and_an_end_that_was_asked_for_is_none(void **state)
{
        struct scene *s = *state;

        DID(s->tried, .kind = ACT_KILLED, .a = SIGTERM);
        DID(s->tried, .kind = ACT_KILLED, .a = SIGSYS, .name = (char *)"mount");
        DID(s->tried, .kind = ACT_REFUSED, .a = SIGSYS, .name = (char *)"mount");
        DID(s->baseline, .kind = ACT_KILLED, .a = SIGABRT);
        DID(s->tried, .kind = ACT_KILLED, .a = SIGABRT);
        look(s);
        assert_int_equal(only(s)->signal, SIGSYS);
        assert_string_equal(s->list[0].key, "SIGSYS mount");
}

/* ---- what is random ---- */

static void names_with_numbers_find_their_like(void **state)
{
        struct scene *s = *state;

        path(s->baseline, "/run/x/98.sock", ACCESS_LOOK, EACCES);
        path(s->tried, "/run/x/12345.sock", ACCESS_LOOK, EACCES);
        look(s);
        assert_int_equal(s->count, 0);
}

static void random_names_have_one_key(void **state)
{
        struct scene *s = *state;

        path(s->baseline, "/var/lib/x/tmpA8xQ2z", ACCESS_WRITE | ACCESS_CREATE | ACCESS_MADE, 0);
        path(s->tried, "/var/lib/x/tmpR5vK9b", ACCESS_WRITE | ACCESS_CREATE, EROFS);
        path(s->tried, "/var/lib/x/tmpB4wT7c", ACCESS_WRITE | ACCESS_CREATE, EROFS);
        look(s);
        assert_string_equal(only(s)->key, "EROFS openat /var/lib/x/#");
        assert_true(s->list[0].deed.had);
}

static void what_it_makes_and_removes_may_be_absent(void **state)
{
        struct scene *s = *state;

        path(s->baseline, "/run/x.pid", ACCESS_WRITE | ACCESS_CREATE | ACCESS_MADE, 0);
        path(s->baseline, "/run/x.pid", ACCESS_READ, 0);
        path(s->tried, "/run/x.pid", ACCESS_READ, ENOENT);
        path(s->baseline, "/run/x", ACCESS_CREATE | ACCESS_FOLDER, 0);
        path(s->baseline, "/run/x/a", ACCESS_READ, 0);
        path(s->tried, "/run/x/a", ACCESS_READ, ENOENT);
        path(s->baseline, "/tmp/x", ACCESS_CREATE | ACCESS_FOLDER, 0);
        path(s->baseline, "/tmp/x/a", ACCESS_READ, 0);
        path(s->tried, "/tmp/x/a", ACCESS_READ, ENOENT);
        change(s, "PrivateTmp=yes");
        judge(s);
        assert_string_equal(only(s)->key, "ENOENT openat /tmp/x/a");
}

static void what_is_there_at_times_is_not_hidden(void **state)
{
        struct scene *s = *state;

        path(s->baseline, "/proc/4711/stat", ACCESS_READ, 0);
        path(s->tried, "/proc/4712/stat", ACCESS_READ, 0);
        path(s->tried, "/proc/4713/stat", ACCESS_READ, ENOENT);
        path(s->baseline, "/etc/seen", ACCESS_READ, 0);
        path(s->tried, "/etc/seen", ACCESS_READ, ENOENT);
        look(s);
        assert_string_equal(only(s)->key, "ENOENT openat /etc/seen");
}

static void a_call_that_has_a_stand_in_is_not_missed(void **state)
{
        struct scene *s = *state;

        arguments(s->baseline, "clone3", 0, 0);
        arguments(s->tried, "clone3", 0, ENOSYS);
        call(s->tried, "clone", 0);
        DID(s->tried, .kind = ACT_REFUSED, .name = (char *)"openat2", .error = ENOSYS);
        call(s->tried, "openat", 0);
        look(s);
        assert_int_equal(s->count, 0);
}

static void what_ran_out_is_told_once_a_call(void **state)
{
        struct scene *s = *state;
        char name[32];

        call(s->baseline, "openat", 0);
        call(s->tried, "openat", EMFILE);
        for (int i = 0; i < 20; i++) {
                snprintf(name, sizeof(name), "/srv/file%c", 'a' + i);
                path(s->baseline, name, ACCESS_READ, 0);
                path(s->tried, name, ACCESS_READ, EMFILE);
        }
        look(s);
        assert_string_equal(only(s)->key, "EMFILE openat");
}

static void a_behaviour_is_refused_nothing_that_it_was_not(void **state)
{
        struct scene *s = *state;
        static const int errors[] = { 0, EPERM, EACCES, EROFS, ENOENT, ENOSYS, EMFILE, EAGAIN };
        static const char *const names[] = { "openat", "mprotect", "mount", "clone3", "setuid" };
        unsigned seed = 4;

        for (int i = 0; i < 2000; i++) {
                char text[48];
                enum act_kind kind = (enum act_kind)(rand_r(&seed) % ACT_KINDS);
                int error = errors[(size_t)rand_r(&seed) % COUNT(errors)];
                unsigned flags = rand_r(&seed) % 7 == 0 ? ACT_GENERAL : 0;
                struct act a = { .kind = kind, .error = error, .flags = flags };

                snprintf(text, sizeof(text), "/d%d/e%d/f%d", rand_r(&seed) % 3, rand_r(&seed) % 9,
                         rand_r(&seed) % 50);
                a.a = (uint64_t)(rand_r(&seed) % 64);
                a.c = kind == ACT_CAP ? 0 : (uint64_t)(rand_r(&seed) % 2);
                a.text = text;
                a.name = (char *)names[(size_t)rand_r(&seed) % COUNT(names)];
                did(s->baseline, &a);
                did(s->tried, &a);
        }
        look(s);
        if (s->count)
                fail_msg("%s: %s", s->list[0].key, s->list[0].message);
}

/* ---- the stage's own doing ---- */

static void what_the_twin_does_counts_only_where_the_same_twin_let_it(void **state)
{
        struct scene *s = *state;

        DID(s->tried, .kind = ACT_PATH, .text = (char *)"/dev/fuse", .a = ACCESS_READ,
            .error = EPERM, .flags = ACT_BY_TWIN);
        path(s->baseline, "/dev/tty", ACCESS_READ, 0);
        DID(s->tried, .kind = ACT_PATH, .text = (char *)"/dev/tty", .a = ACCESS_READ,
            .error = EPERM, .flags = ACT_BY_TWIN);
        look(s);
        assert_string_equal(only(s)->key, "EPERM openat /dev/tty");
}

/* ---- what counts ---- */

static void what_the_baseline_never_tried_needs_a_change_that_explains_it(void **state)
{
        struct scene *s = *state;

        path(s->tried, "/etc/only-now", ACCESS_WRITE, EROFS);
        path(s->tried, "/srv/only-now", ACCESS_WRITE, EACCES);
        change(s, "ProtectSystem=full");
        judge(s);
        assert_string_equal(only(s)->key, "EROFS openat /etc/only-now");
        assert_int_equal(s->list[0].directive, D_ProtectSystem);
        assert_false(s->list[0].deed.had);
}

static void what_the_baseline_was_let_counts_without_an_explanation(void **state)
{
        struct scene *s = *state;

        path(s->baseline, "/srv/a", ACCESS_WRITE, 0);
        path(s->tried, "/srv/a", ACCESS_WRITE, EACCES);
        path(s->baseline, "/srv/b", ACCESS_READ, 0);
        path(s->tried, "/srv/b", ACCESS_READ, ENOENT);
        change(s, "ProtectHostname=yes");
        judge(s);
        assert_string_equal(only(s)->key, "EACCES openat /srv/a");
        assert_int_equal(s->list[0].directive, DIRECTIVE_COUNT);
}

static void many_are_counted_by_the_last(void **state)
{
        struct scene *s = *state;
        char name[32];

        for (int i = 0; i < 200; i++) {
                snprintf(name, sizeof(name), "/srv/%c/%c", 'a' + i % 26, 'a' + i / 26);
                path(s->baseline, name, ACCESS_WRITE, 0);
                path(s->tried, name, ACCESS_WRITE, EROFS);
        }
        change(s, "ProtectSystem=strict");
        judge(s);
        assert_int_equal(s->count, DENIAL_LIMIT);
        assert_non_null(strstr(s->list[s->count - 1].message, "137 more"));
        assert_int_equal(s->list[s->count - 1].count, 137);
}

/* ---- capabilities ---- */

static void capability(struct behaviour *b, const char *name, int error, unsigned flags)
{
        DID(b, .kind = ACT_CAP, .name = (char *)name, .a = (uint64_t)capability_number(name),
            .error = error, .flags = flags);
}

static void a_refused_check_explains_the_call_beside_it(void **state)
{
        struct scene *s = *state;
        const struct denial *d;

        path(s->baseline, "/var/lib/x", ACCESS_CHANGE, 0);
        call(s->baseline, "chown", 0);
        capability(s->baseline, "CAP_CHOWN", 0, 0);
        capability(s->tried, "CAP_CHOWN", EPERM, 0);
        capability(s->tried, "CAP_FSETID", EPERM, 0);
        path(s->tried, "/var/lib/x", ACCESS_CHANGE, EPERM);
        call(s->tried, "chown", EPERM);
        change(s, "CapabilityBoundingSet=CAP_KILL");
        judge(s);
        d = only(s);
        assert_string_equal(d->capability, "CAP_CHOWN");
        assert_string_equal(d->key, "EPERM CAP_CHOWN chown /var/lib/x");
        assert_int_equal(d->directive, D_CapabilityBoundingSet);
        assert_non_null(strstr(d->message, "for want of CAP_CHOWN"));
}

static void a_check_alone_counts_if_it_was_granted_and_used(void **state)
{
        struct scene *s = *state;

        capability(s->baseline, "CAP_SYS_RESOURCE", 0, 0);
        capability(s->tried, "CAP_SYS_RESOURCE", EPERM, 0);
        capability(s->baseline, "CAP_SYS_ADMIN", 0, ACT_QUIET);
        capability(s->tried, "CAP_SYS_ADMIN", EPERM, ACT_QUIET);
        capability(s->tried, "CAP_NET_ADMIN", EPERM, 0);
        look(s);
        assert_string_equal(only(s)->key, "EPERM CAP_SYS_RESOURCE");
}

static void a_check_that_another_capability_answers_is_none(void **state)
{
        struct scene *s = *state;

        capability(s->baseline, "CAP_DAC_READ_SEARCH", 0, 0);
        capability(s->tried, "CAP_DAC_READ_SEARCH", EPERM, 0);
        capability(s->tried, "CAP_DAC_OVERRIDE", 0, 0);
        look(s);
        assert_int_equal(s->count, 0);
}

/* ---- said and seen ---- */

static void what_is_said_and_seen_is_one(void **state)
{
        struct scene *s = *state;
        struct journal_line lines[] = {
                { .identifier = (char *)"app",
                  .message = (char *)"app[12]: cannot write /etc/x.conf: Read-only file system" },
                { .identifier = (char *)"app",
                  .message = (char *)"bind() to 0.0.0.0:80 failed (13: Permission denied)" },
        };
        struct journal before = { 0 }, after = { lines, COUNT(lines) };

        path(s->baseline, "/etc/x.conf", ACCESS_WRITE, 0);
        path(s->tried, "/etc/x.conf", ACCESS_WRITE, EROFS);
        look(s);
        assert_int_equal(denials_find(&before, &after, &s->list, &s->count), 0);
        assert_int_equal(s->count, 2);
        assert_int_equal(s->list[0].source, DENIAL_SEEN);
        assert_non_null(strstr(s->list[0].message, "openat of /etc/x.conf"));
        assert_non_null(strstr(s->list[0].message, "cannot write /etc/x.conf"));
        assert_int_equal(s->list[1].source, DENIAL_SAID);
        assert_string_equal(s->list[1].process, "app");
        assert_string_equal(s->list[1].key, "EACCES binding a port below 1024");
}

static void what_is_accepted_by_its_key_is_marked(void **state)
{
        struct scene *s = *state;

        path(s->baseline, "/etc/a", ACCESS_WRITE, 0);
        path(s->tried, "/etc/a", ACCESS_WRITE, EROFS);
        look(s);
        assert_int_equal(profile_accept(s->profile, "EROFS openat /etc/*", "a cache only"), 0);
        assert_int_equal(denials_accept(s->profile, s->list, s->count), 0);
        assert_string_equal(only(s)->accepted, "a cache only");
}

static void hostile_names_are_made_printable(void **state)
{
        struct scene *s = *state;

        DID(s->baseline, .kind = ACT_PATH, .text = (char *)"/etc/\x1b[2Jx", .a = ACCESS_WRITE);
        DID(s->tried, .kind = ACT_PATH, .text = (char *)"/etc/\x1b[2Jx", .a = ACCESS_WRITE,
            .error = EROFS, .process = "\x1b[1m");
        look(s);
        assert_null(strchr(only(s)->message, '\x1b'));
        assert_null(strchr(s->list[0].key, '\x1b'));
        assert_null(strchr(s->list[0].process, '\x1b'));
}

/* ---- asked ---- */

static void assert_asked(struct scene *s, const char *key, enum directive_id id)
{
        for (size_t i = 0; i < s->count; i++)
                if (strcmp(s->list[i].key, key) == 0) {
                        assert_int_equal(s->list[i].source, DENIAL_ASKED);
                        assert_int_equal(s->list[i].error, 0);
                        if (s->list[i].directive != id)
                                fail_msg("%s: %s", key, directive_at(s->list[i].directive)->name);
                        return;
                }
        fail_msg("no %s among %zu, such as %s", key, s->count, s->count ? s->list[0].key : "none");
}

static void numbers_of_proc_are_asked_for(void **state)
{
        struct scene *s = *state;

        path(s->baseline, "/proc/meminfo", ACCESS_READ, 0);
        path(s->baseline, "/proc/self/status", ACCESS_READ, 0);
        path(s->baseline, "/proc/sys/kernel/ostype", ACCESS_READ, ENOENT);
        change(s, "ProcSubset=pid");
        ask(s);
        assert_string_equal(only(s)->key, "silent read /proc/meminfo");
        assert_int_equal(s->list[0].directive, D_ProcSubset);
        assert_non_null(strstr(s->list[0].message, "read /proc/meminfo by app"));
}

static void hidden_folders_are_asked_for_by_what_hides_them(void **state)
{
        struct scene *s = *state;

        path(s->baseline, "/home", ACCESS_READ, 0);
        path(s->baseline, "/etc/shadow", ACCESS_READ, 0);
        path(s->baseline, "/var/cache/x/index", ACCESS_READ, 0);
        path(s->baseline, "/tmp/.X11-unix/X0", ACCESS_LOOK, 0);
        path(s->baseline, "/tmp/own", ACCESS_WRITE | ACCESS_CREATE | ACCESS_MADE, 0);
        path(s->baseline, "/tmp/own", ACCESS_READ, 0);
        path(s->baseline, "/tmp/own.d", ACCESS_CREATE | ACCESS_FOLDER, 0);
        path(s->baseline, "/tmp/own.d/a", ACCESS_READ, 0);
        path(s->baseline, "/tmp", ACCESS_LOOK, 0);
        path(s->baseline, "/srv/data", ACCESS_READ, 0);
        change(s, "ProtectHome=yes");
        change(s, "InaccessiblePaths=-/etc/shadow");
        change(s, "TemporaryFileSystem=/var/cache:ro /srv");
        change(s, "BindReadOnlyPaths=/srv/data");
        change(s, "PrivateTmp=yes");
        ask(s);
        assert_asked(s, "silent list /home", D_ProtectHome);
        assert_asked(s, "silent read /etc/shadow", D_InaccessiblePaths);
        assert_asked(s, "silent read /var/cache/x/index", D_TemporaryFileSystem);
        assert_asked(s, "silent look /tmp/.X11-unix/X0", D_PrivateTmp);
        assert_int_equal(s->count, 4);
}

static void what_another_directive_brings_is_its_doing(void **state)
{
        struct scene *s = *state;

        path(s->baseline, "/tmp/.X11-unix/X0", ACCESS_LOOK, 0);
        change(s, "DynamicUser=yes");
        ask(s);
        assert_asked(s, "silent look /tmp/.X11-unix/X0", D_DynamicUser);
}

static void a_control_group_that_is_only_protected_hides_nothing(void **state)
{
        struct scene *s = *state;

        path(s->baseline, "/sys/fs/cgroup/system.slice/cgroup.procs", ACCESS_READ, 0);
        change(s, "ProtectControlGroups=yes");
        ask(s);
        assert_int_equal(s->count, 0);
        sandbox_free(take(s->after));
        change(s, "ProtectControlGroups=strict");
        ask(s);
        assert_int_equal(only(s)->directive, D_ProtectControlGroups);
}

static void what_was_hidden_before_is_not_asked_for(void **state)
{
        struct scene *s = *state;
        struct value pid = { .set = true };

        assert_int_equal(strv_add(&pid.words, "pid"), 0);
        sandbox_set(s->unit, D_ProcSubset, &pid, ORIGIN_FILE);
        path(s->baseline, "/proc/meminfo", ACCESS_READ, 0);
        change(s, "ProcSubset=pid");
        change(s, "ProtectHostname=yes");
        ask(s);
        assert_int_equal(s->count, 0);
}

static void peers_are_asked_for_where_packets_are_dropped(void **state)
{
        struct scene *s = *state;

        DID(s->baseline, .kind = ACT_CONNECT, .name = (char *)"connect", .a = AF_INET,
            .b = SOCK_STREAM | 6ULL << 32, .c = 5432, .text = (char *)"10.1.2.3",
            .error = EINPROGRESS);
        DID(s->baseline, .kind = ACT_CONNECT, .name = (char *)"connect", .a = AF_INET,
            .b = SOCK_STREAM | 6ULL << 32, .c = 53, .text = (char *)"127.0.0.53");
        DID(s->baseline, .kind = ACT_PEER, .a = AF_INET6, .b = SOCK_STREAM | 6ULL << 32, .c = 80,
            .text = (char *)"2001:db8::1");
        change(s, "IPAddressDeny=any");
        change(s, "IPAddressAllow=localhost");
        ask(s);
        assert_asked(s, "silent connect 10.1.2.3:5432", D_IPAddressDeny);
        assert_asked(s, "silent accept 2001:db8::1", D_IPAddressDeny);
        assert_int_equal(s->count, 2);
}

static void mounts_are_asked_for_where_nobody_sees_them_any_more(void **state)
{
        struct scene *s = *state;

        path(s->baseline, "/srv", ACCESS_MOUNT, 0);
        change(s, "ProtectSystem=full");
        change(s, "PrivateTmp=yes");
        ask(s);
        assert_asked(s, "silent mount /srv", D_PrivateTmp);
        assert_int_equal(s->count, 1);
}

static void nobody_comes_into_a_private_network(void **state)
{
        struct scene *s = *state;

        DID(s->baseline, .kind = ACT_PEER, .a = AF_INET, .b = SOCK_STREAM | 6ULL << 32, .c = 80,
            .text = (char *)"127.0.0.1");
        change(s, "PrivateNetwork=yes");
        ask(s);
        assert_asked(s, "silent accept 127.0.0.1", D_PrivateNetwork);
}

static void a_program_that_no_longer_gains_is_asked_for(void **state)
{
        struct scene *s = *state;

        DID(s->baseline, .kind = ACT_EXEC, .text = (char *)"/usr/bin/sudo", .a = GAIN_SETUID);
        DID(s->baseline, .kind = ACT_EXEC, .text = (char *)"/usr/bin/true", .a = GAIN_COMMAND);
        change(s, "NoNewPrivileges=yes");
        ask(s);
        assert_string_equal(only(s)->key, "silent run /usr/bin/sudo");
}

static void other_processes_are_hidden_from_those_who_may_not_trace(void **state)
{
        struct scene *s = *state;

        DID(s->baseline, .kind = ACT_PATH, .text = (char *)"/proc/PID/stat", .a = ACCESS_READ,
            .flags = ACT_OTHER_PROC);
        change(s, "ProtectProc=invisible");
        ask(s);
        assert_int_equal(s->count, 0);
        sandbox_free(take(s->after));
        change(s, "User=daemon");
        ask(s);
        assert_asked(s, "silent read /proc/PID/stat", D_ProtectProc);
}

static void what_the_trial_saw_refused_is_not_asked_for_again(void **state)
{
        struct scene *s = *state;

        path(s->baseline, "/proc/meminfo", ACCESS_READ, 0);
        path(s->tried, "/proc/meminfo", ACCESS_READ, ENOENT);
        change(s, "ProcSubset=pid");
        look(s);
        ask(s);
        assert_int_equal(only(s)->source, DENIAL_SEEN);
}

/* A service that wants to be refused a lot neither stops the trial nor hides what matters. */
static void a_flood_of_refusals_is_bounded(void **state)
{
        struct scene *s = *state;
        char name[64];

        for (int i = 0; i < BEHAVIOUR_ACTS; i++) {
                snprintf(name, sizeof(name), "/f%c%c/%c%c/%c%c", 'a' + i % 5, 'a' + i / 5 % 5,
                         'a' + i / 25 % 5, 'a' + i / 125 % 5, 'a' + i / 625 % 6, 'a' + i / 3750);
                path(s->tried, name, ACCESS_READ, i % 2 ? EACCES : EAGAIN);
                snprintf(name, sizeof(name), "call%d", i);
                if (i % 4 == 0)
                        arguments(s->tried, name, (uint64_t)i, EPERM);
        }
        path(s->baseline, "/srv/a", ACCESS_WRITE, 0);
        path(s->tried, "/srv/a", ACCESS_WRITE, EROFS);
        assert_int_equal(denials_seen(s->baseline, s->tried, BEGAN, &s->list, &s->count), 0);
        assert_int_equal(s->count, DENIAL_CANDIDATES);
        assert_string_equal(s->list[0].key, "EROFS openat /srv/a");
}

/* ---- without a trial ---- */

static void a_unit_that_is_watched_gets_the_directive_of_each_refusal(void **state)
{
        struct scene *s = *state;
        scoped(mem_freep) char *words = NULL;

        path(s->tried, "/usr/lib/x/cache", ACCESS_WRITE, EROFS);
        DID(s->tried, .kind = ACT_SOCKET, .a = AF_NETLINK, .b = SOCK_RAW, .error = EAFNOSUPPORT);
        path(s->tried, "/etc/missing", ACCESS_READ, ENOENT);
        change(s, "ProtectSystem=strict");
        change(s, "RestrictAddressFamilies=AF_INET");
        tidy(s);
        apply(s);
        assert_int_equal(denials_watched(s->tried, BEGAN, &s->list, &s->count), 0);
        assert_int_equal(denials_attribute(s->after, &s->dialect, s->list, s->count), 0);
        assert_int_equal(s->count, 2);
        assert_int_equal(s->list[0].directive, D_RestrictAddressFamilies);
        assert_string_equal(s->list[0].key, "EAFNOSUPPORT socket AF_NETLINK");
        assert_int_equal(s->list[1].directive, D_ProtectSystem);
        words = denial_words(&s->list[1], s->after, &s->dialect);
        assert_string_equal(words, "ProtectSystem=strict: openat of /usr/lib/x/cache for write by "
                                   "app was refused with EROFS, at 0.4 s");
}

static void a_copy_holds_its_own(void **state)
{
        struct scene *s = *state;
        struct denial other = { 0 };

        path(s->baseline, "/etc/a", ACCESS_WRITE, 0);
        path(s->tried, "/etc/a", ACCESS_WRITE, EROFS);
        look(s);
        assert_int_equal(denial_copy(only(s), &other), 0);
        assert_string_equal(other.key, s->list[0].key);
        assert_ptr_not_equal(other.key, s->list[0].key);
        denial_done(&other);
        assert_null(other.key);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(what_the_baseline_was_let_is_a_denial),
                TEST(what_failed_alike_or_otherwise_before_is_none),
                TEST(a_call_of_many_acts_is_refused_once),
                TEST(a_filtered_call_has_the_arguments_that_the_baseline_made),
                TEST(a_new_death_is_one_and_an_end_that_was_asked_for_is_none),
                TEST(names_with_numbers_find_their_like),
                TEST(random_names_have_one_key),
                TEST(what_it_makes_and_removes_may_be_absent),
                TEST(what_is_there_at_times_is_not_hidden),
                TEST(a_call_that_has_a_stand_in_is_not_missed),
                TEST(what_ran_out_is_told_once_a_call),
                TEST(a_behaviour_is_refused_nothing_that_it_was_not),
                TEST(what_the_twin_does_counts_only_where_the_same_twin_let_it),
                TEST(what_the_baseline_never_tried_needs_a_change_that_explains_it),
                TEST(what_the_baseline_was_let_counts_without_an_explanation),
                TEST(many_are_counted_by_the_last),
                TEST(a_refused_check_explains_the_call_beside_it),
                TEST(a_check_alone_counts_if_it_was_granted_and_used),
                TEST(a_check_that_another_capability_answers_is_none),
                TEST(what_is_said_and_seen_is_one),
                TEST(what_is_accepted_by_its_key_is_marked),
                TEST(hostile_names_are_made_printable),
                TEST(numbers_of_proc_are_asked_for),
                TEST(hidden_folders_are_asked_for_by_what_hides_them),
                TEST(what_another_directive_brings_is_its_doing),
                TEST(a_control_group_that_is_only_protected_hides_nothing),
                TEST(what_was_hidden_before_is_not_asked_for),
                TEST(peers_are_asked_for_where_packets_are_dropped),
                TEST(mounts_are_asked_for_where_nobody_sees_them_any_more),
                TEST(nobody_comes_into_a_private_network),
                TEST(a_program_that_no_longer_gains_is_asked_for),
                TEST(other_processes_are_hidden_from_those_who_may_not_trace),
                TEST(what_the_trial_saw_refused_is_not_asked_for_again),
                TEST(a_flood_of_refusals_is_bounded),
                TEST(a_unit_that_is_watched_gets_the_directive_of_each_refusal),
                TEST(a_copy_holds_its_own),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
