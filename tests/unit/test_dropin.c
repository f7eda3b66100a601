/* test_dropin.c - profiles as drop-ins and back, and what this systemd knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/dropin.h"
#include "core/profile/json.h"
#include "core/profile/known.h"
#include "core/profile/profile_private.h"

#include <errno.h>
#include <string.h>

#define DATE "2025-11-23T06:40:00Z"

static struct dialect dialect_of(unsigned major, enum scope scope)
{
        struct dialect d;

        dialect_for((struct version){ .major = major }, scope, &d);
        return d;
}

static struct profile *make(const char *unit, enum scope scope)
{
        struct profile *p = NULL;

        assert_int_equal(profile_new(unit, scope, &p), 0);
        return p;
}

/* The file without its three lines of header. */
static char *body(const char *text)
{
        for (int i = 0; i < 3; i++) {
                assert_int_equal(text[0], '#');
                text = strchr(text, '\n') + 1;
        }
        return strdup(text);
}

static char *render(const struct profile *p, const struct dialect *d, char ***ret_left_out)
{
        struct dropin_options o = { .dialect = d, .date = DATE, .ret_left_out = ret_left_out };
        struct err e = { 0 };
        char *text = NULL;

        if (dropin_render(p, &o, &text, &e) < 0)
                fail_msg("%s", e.text);
        assert_true(dropin_is_ours(text));
        return text;
}

/* What one word of the command line becomes. */
static void assert_written(const char *word, const char *expected)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make("a.service", SCOPE_SYSTEM);
        scoped(mem_freep) char *text = NULL, *rest = NULL;

        assert_int_equal(profile_assign(p, &d, word, NULL), 0);
        text = render(p, &d, NULL);
        rest = body(text);
        assert_string_equal(rest, expected);
}

static void the_header_says_who_when_for_what_and_how_it_went(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make("a.service", SCOPE_SYSTEM);
        scoped(mem_freep) char *text = NULL, *user = NULL;

        (void)state;
        d.version.minor = 39;
        p->verdict = VERDICT_HELD;
        p->tried = strdup("2025-11-23T06:39:00Z in a twin\nUser=root");
        text = render(p, &d, NULL);
        assert_string_equal(text, DROPIN_MARK GIRD_VERSION
                            " on " DATE " for systemd 252.39\n"
                            "# Verdict: held, 2025-11-23T06:39:00Z in a twin?User=root\n"
                            "# To take it back: gird undo a.service\n");
        p->scope = SCOPE_USER;
        user = render(p, &d, NULL);
        assert_non_null(strstr(user, "gird --user undo a.service"));
}

static void each_directive_has_its_reason_above_it(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make("a.service", SCOPE_SYSTEM);
        scoped(mem_freep) char *text = NULL, *rest = NULL;
        struct value v = { .set = true, .bits = 1 };

        (void)state;
        assert_int_equal(profile_assign(p, &d, "ReadWritePaths=/srv /var/x", NULL), 0);
        assert_int_equal(profile_assign(p, &d, "JoinsNamespaceOf=b.service", NULL), 0);
        assert_int_equal(profile_set(p, D_ProtectClock, &v, REASON_OBSERVED,
                                     "no clock was set in 3600 s\n[Install]"),
                         0);
        text = render(p, &d, NULL);
        rest = body(text);
        assert_non_null(strstr(rest, "\n[Unit]\n# set by hand\n"));
        assert_non_null(strstr(rest, "JoinsNamespaceOf=b.service\n\n[Service]\n"));
        assert_non_null(strstr(rest, "# set by hand\nReadWritePaths=\nReadWritePaths="));
        assert_non_null(strstr(rest, "# observed: no clock was set in 3600 s?[Install]\n"
                                     "ProtectClock=yes\n"));
        assert_null(strstr(rest, "\n[Install]"));
}

static void single_values_are_one_line(void **state)
{
        (void)state;
        assert_written("ProtectSystem=strict",
                       "\n[Service]\n# set by hand\nProtectSystem=strict\n");
        assert_written("NoNewPrivileges=on", "\n[Service]\n# set by hand\nNoNewPrivileges=yes\n");
        assert_written("RootDirectory=/srv/%i",
                       "\n[Service]\n# set by hand\nRootDirectory=/srv/%i\n");
}

static void an_empty_set_is_not_the_default(void **state)
{
        (void)state;
        assert_written("CapabilityBoundingSet=",
                       "\n[Service]\n# set by hand\nCapabilityBoundingSet=\n");
        assert_written("User=", "\n[Service]\n# set by hand, back to the default\nUser=\n");
}

static void taking_a_setting_away_writes_what_brings_the_default_back(void **state)
{
        /* clang-format off */
        static const struct {
                enum directive_id id;
                const char *text;
        } cases[] = {
                { D_ReadWritePaths, "" },        { D_User, "" },
                { D_ProtectSystem, "no" },       { D_PrivateTmp, "no" },
                { D_NoNewPrivileges, "no" },     { D_CapabilityBoundingSet, "~" },
                { D_UMask, "0022" },             { D_ProtectProc, "default" },
                { D_KeyringMode, "private" },    { D_RestrictNamespaces, "" },
                { D_SystemCallFilter, "" },      { D_MemoryMax, "" },
                { D_MountAPIVFS, "" },           { D_Delegate, "no" },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++)
                assert_string_equal(dropin_default(directive_at(cases[i].id), SCOPE_SYSTEM),
                                    cases[i].text);
        assert_string_equal(dropin_default(directive_at(D_KeyringMode), SCOPE_USER), "inherit");
        assert_null(dropin_default(directive_at(D_JoinsNamespaceOf), SCOPE_SYSTEM));
}

/* DynamicUser= with nothing behind it makes systemd refuse the unit; most other booleans ignore it.
 */
static void the_default_of_every_directive_is_a_line_systemd_takes(void **state)
{
        struct dialect d = dialect_of(VERSION_NEWEST, SCOPE_SYSTEM);

        (void)state;
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                const struct directive *dir = directive_at(i);
                const char *text = dropin_default(dir, SCOPE_SYSTEM);
                scoped(value_done) struct value v = { 0 };
                struct err note = { 0 };

                if (!text)
                        continue;
                if (value_assign(&v, dir, &d, text, &note) != ASSIGN_TAKEN)
                        fail_msg("%s=%s: %s", dir->name, text, note.text);
                /* for ambient capabilities none and not set are the same */
                if (!*text && v.set && i != D_AmbientCapabilities)
                        fail_msg("%s= is not back to the default", dir->name);
        }
}

static void what_this_systemd_does_not_know_is_left_out_and_said(void **state)
{
        struct dialect new = dialect_of(VERSION_NEWEST, SCOPE_SYSTEM);
        struct dialect old = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make("a.service", SCOPE_SYSTEM);
        scoped(strv_freep) char **left_out = NULL;
        scoped(mem_freep) char *text = NULL;
        struct value unset = { 0 };

        (void)state;
        assert_int_equal(profile_assign(p, &new, "PrivatePIDs=yes", NULL), 0);
        assert_int_equal(profile_assign(p, &new, "PrivateTmp=disconnected", NULL), 0);
        assert_int_equal(profile_assign(p, &new, "PrivateDevices=yes", NULL), 0);
        assert_int_equal(profile_set(p, D_Slice, &unset, REASON_HAND, NULL), 0);
        text = render(p, &old, &left_out);
        assert_null(strstr(text, "\nPrivatePIDs="));
        assert_null(strstr(text, "\nPrivateTmp="));
        assert_null(strstr(text, "\nSlice="));
        assert_non_null(strstr(text, "\nPrivateDevices=yes\n"));
        assert_int_equal(strv_length(left_out), 3);
        assert_true(strv_has(left_out, "PrivatePIDs=: it came with systemd 257; this is 252"));
        assert_non_null(strstr(text, "\n# Left out: PrivatePIDs=: it came with"));
}

static void what_it_says_itself_counts_more_than_its_version(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make("a.service", SCOPE_SYSTEM);
        scoped(known_freep) struct known *known = NULL;
        scoped(strv_freep) char **left_out = NULL;
        scoped(mem_freep) char *text = NULL;
        struct dropin_options o = { .dialect = &d, .date = DATE, .ret_left_out = &left_out };

        (void)state;
        assert_int_equal(known_parse("[Service]\nPrivateTmp=BOOLEAN\n", &known), 0);
        o.known = known;
        assert_int_equal(profile_assign(p, &d, "PrivateTmp=yes", NULL), 0);
        assert_int_equal(profile_assign(p, &d, "SELinuxContext=x", NULL), 0);
        assert_int_equal(dropin_render(p, &o, &text, NULL), 0);
        assert_non_null(strstr(text, "\nPrivateTmp=yes\n"));
        assert_int_equal(strv_length(left_out), 1);
        assert_string_equal(left_out[0], "SELinuxContext=: this systemd was built without it");
}

static void a_user_manager_gets_only_what_works_there(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_USER);
        scoped(profile_freep) struct profile *p = make("a.service", SCOPE_USER);
        scoped(strv_freep) char **left_out = NULL;
        scoped(mem_freep) char *text = NULL;
        struct value v = { .set = true, .bits = 1 };

        (void)state;
        assert_int_equal(profile_set(p, D_DynamicUser, &v, REASON_FILE, NULL), 0);
        text = render(p, &d, &left_out);
        assert_int_equal(strv_length(left_out), 1);
        assert_string_equal(left_out[0], "DynamicUser=: it cannot work in a user manager");
}

static void text_that_would_break_the_file_is_refused(void **state)
{
        static const char *const words[] = { "x\nUser=root", "x\\", "x\x01", "x\xff" };
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        struct dropin_options o = { .dialect = &d, .date = DATE };

        (void)state;
        for (size_t i = 0; i < COUNT(words); i++) {
                scoped(profile_freep) struct profile *p = make("a.service", SCOPE_SYSTEM);
                scoped(mem_freep) char *text = NULL;
                struct value v = { .set = true };
                struct err e = { 0 };
                int r;

                assert_int_equal(strv_add(&v.words, words[i]), 0);
                assert_int_equal(profile_set(p, D_SELinuxContext, &v, REASON_HAND, NULL), 0);
                r = dropin_render(p, &o, &text, &e);
                if (r == 0) /* the catalogue did not take it: then it is not in the file */
                        assert_null(strstr(text, "\nSELinuxContext="));
                else
                        assert_int_equal(r, -EILSEQ);
                assert_true(!text || !strstr(text, "\nUser="));
        }
}

static void other_unit_types_have_their_own_section(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make("a.socket", SCOPE_SYSTEM), *q = NULL;
        scoped(mem_freep) char *text = NULL;

        (void)state;
        assert_int_equal(profile_assign(p, &d, "ProtectSystem=yes", NULL), 0);
        text = render(p, &d, NULL);
        assert_non_null(strstr(text, "\n[Socket]\n"));
        assert_int_equal(dropin_parse("f", text, "a.socket", &d, &q, NULL), 0);
        assert_int_equal(q->change_count, 1);
}

static void two_lists_that_reset_each_other_both_survive(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make("a.service", SCOPE_SYSTEM), *q = NULL;
        scoped(mem_freep) char *text = NULL, *rest = NULL;

        (void)state;
        assert_int_equal(profile_assign(p, &d, "BindReadOnlyPaths=/c", NULL), 0);
        assert_int_equal(profile_assign(p, &d, "BindPaths=/a:/b", NULL), 0);
        text = render(p, &d, NULL);
        rest = body(text);
        assert_string_equal(rest, "\n[Service]\n"
                                  "# set by hand\nBindPaths=\n"
                                  "# set by hand\nBindReadOnlyPaths=\n"
                                  "BindPaths=/a:/b\nBindReadOnlyPaths=/c\n");
        assert_int_equal(dropin_parse("f", text, "a.service", &d, &q, NULL), 0);
        assert_string_equal(profile_find(q, D_BindPaths)->value.words[0], "/a:/b");
        assert_string_equal(profile_find(q, D_BindReadOnlyPaths)->value.words[0], "/c");
}

static void what_another_reset_would_empty_is_written_again(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make("a.service", SCOPE_SYSTEM), *q = NULL;
        scoped(sandbox_freep) struct sandbox *unit = NULL;
        scoped(mem_freep) char *text = NULL, *rest = NULL;
        struct value v = { 0 };
        struct dropin_options o = { .dialect = &d, .date = DATE };

        (void)state;
        assert_int_equal(sandbox_new("a.service", SCOPE_SYSTEM, &unit), 0);
        assert_int_equal(value_assign(&v, directive_at(D_BindPaths), &d, "/theirs%", NULL), 0);
        sandbox_set(unit, D_BindPaths, &v, ORIGIN_FILE);
        o.unit = unit;
        assert_int_equal(profile_assign(p, &d, "BindReadOnlyPaths=/c", NULL), 0);
        assert_int_equal(dropin_render(p, &o, &text, NULL), 0);
        rest = body(text);
        assert_string_equal(rest, "\n[Service]\n# set by hand\n"
                                  "BindReadOnlyPaths=\nBindReadOnlyPaths=/c\n"
                                  "# kept as it is: an empty BindReadOnlyPaths= resets it, too\n"
                                  "BindPaths=/theirs%%\n");
        assert_int_equal(dropin_parse("f", text, "a.service", &d, &q, NULL), 0);
        assert_int_equal(q->change_count, 1);
}

/* ---- reading ---- */

static void anothers_dropin_can_be_read(void **state)
{
        static const char text[] = "; theirs\r\n"
                                   "[Service]\r\n"
                                   "# observed: not a reason, since the file is not ours\n"
                                   "  ProtectSystem = full \t\n"
                                   "ReadWritePaths=/a \\\n"
                                   "# in the middle\n"
                                   "   /b\n"
                                   "ReadWritePaths=-/c\n"
                                   "X-Vendor=anything\n"
                                   "[X-Section]\n"
                                   "Whatever=1\n"
                                   "[Unit]\n"
                                   "JoinsNamespaceOf=b.service";
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = NULL;
        struct err e = { 0 };
        const struct change *c;

        (void)state;
        if (dropin_parse("f", text, "a.service", &d, &p, &e) < 0)
                fail_msg("%s", e.text);
        assert_int_equal(p->change_count, 3);
        c = profile_find(p, D_ReadWritePaths);
        assert_int_equal(strv_length(c->value.words), 3);
        assert_true(strv_has(c->value.words, "/b") && strv_has(c->value.words, "-/c"));
        c = profile_find(p, D_ProtectSystem);
        assert_string_equal(c->value.words[0], "full");
        assert_int_equal(c->reason, REASON_FILE);
        assert_null(c->evidence);
}

static void the_last_line_counts_although_it_is_open(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = NULL, *q = NULL;

        (void)state;
        assert_int_equal(dropin_parse("f", "[Service]\nReadWritePaths=/a \\\n# no more",
                                      "a.service", &d, &p, NULL),
                         0);
        assert_int_equal(p->change_count, 1);
        assert_int_equal(
                dropin_parse("f", "[Service]\nReadWritePaths=/a \\", "a.service", &d, &q, NULL), 0);
        assert_int_equal(q->change_count, 1);
}

static void unknown_lines_are_an_error_with_file_and_line(void **state)
{
        /* clang-format off */
        static const struct {
                const char *text, *says;
        } cases[] = {
                { "[Service]\nPrivateTmpp=yes\n", "f:2: gird has no directive PrivateTmpp=" },
                { "\n[Install]\n", "f:2: a profile has no settings in the section Install" },
                { "[Service\n", "f:1: this section has no closing bracket: [Service" },
                { "[Service]\nReadWritePaths=/a \\\n/b\nnonsense\n",
                  "f:4: this is no assignment: nonsense" },
                { "[Unit]\nPrivateTmp=yes\n",
                  "f:2: PrivateTmp= belongs into the section [Service]" },
                { "PrivateTmp=yes\n", "f:1: PrivateTmp= belongs into the section [Service]" },
                { "[Service]\nSELinuxContext=\x1b\n",
                  "f:2: control characters or broken UTF-8 in SELinuxContext" },
        };
        /* clang-format on */
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);

        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(profile_freep) struct profile *p = NULL;
                struct err e = { 0 };

                assert_int_equal(dropin_parse("f", cases[i].text, "a.service", &d, &p, &e),
                                 -EINVAL);
                assert_string_equal(e.text, cases[i].says);
        }
}

static void a_value_that_systemd_would_not_take_is_an_error(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = NULL;
        struct err e = { 0 };

        (void)state;
        assert_int_equal(
                dropin_parse("f", "[Service]\nProtectSystem=perhaps\n", "a.service", &d, &p, &e),
                -EINVAL);
        assert_true(text_starts(e.text, "f:2: systemd would not take ProtectSystem=perhaps: "));
}

static void an_edited_line_below_our_comment_counts_as_it_stands(void **state)
{
        static const char text[] = DROPIN_MARK "1 on " DATE "\n[Service]\n"
                                               "# preset, back to the default: words\n"
                                               "ProtectSystem=strict\n"
                                               "# found by search, back to the default\n"
                                               "ProtectHome=no\n";
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = NULL;

        (void)state;
        assert_int_equal(dropin_parse("f", text, "a.service", &d, &p, NULL), 0);
        assert_true(profile_find(p, D_ProtectSystem)->value.set);
        assert_string_equal(profile_find(p, D_ProtectSystem)->evidence, "words");
        assert_false(profile_find(p, D_ProtectHome)->value.set);
        assert_int_equal(profile_find(p, D_ProtectHome)->reason, REASON_SEARCH);
}

/* ---- properties ---- */

static uint64_t seed;
static unsigned long round_seed; /* what PROP_SEED has to be to see it again */

static unsigned dice(unsigned sides)
{
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        return (unsigned)(seed >> 33) % sides;
}

/* Texts that suit a kind; what does not suit a directive is thrown again. */
/* clang-format off */
static const char *const samples[][8] = {
        [KIND_BOOL]       = { "yes", "no", "on", "0" },
        [KIND_CAPS]       = { "", "CAP_CHOWN", "CAP_NET_BIND_SERVICE CAP_KILL", "~CAP_SYS_ADMIN",
                              "~", "cap_setuid" },
        [KIND_NAMESPACES] = { "yes", "no", "net mnt", "~user", "ipc", "" },
        [KIND_FAMILIES]   = { "AF_UNIX", "AF_INET AF_INET6", "~AF_PACKET", "none", "AF_NETLINK" },
        [KIND_SYSCALLS]   = { "@system-service", "~@privileged", "read write", "~ptrace:EPERM",
                              "~clone3:ENOSYS", "@basic-io mmap" },
        [KIND_NAMES]      = { "a b", "c", "native", "keep-caps", "x86-64", "b.service", "cpu memory" },
        [KIND_POLAR]      = { "ext4", "~tmpfs", "eth0 lo", "~eth1", "lo" },
        [KIND_PATHS]      = { "/srv", "-/var/x /tmp", "+/a", "\"/with blank\"", "/run/%i", "/100%%",
                              "-+/b" },
        [KIND_BINDS]      = { "/a", "/a:/b", "/a:/b:rbind", "/img:/mnt", "/tmp:ro" },
        [KIND_DIRS]       = { "x", "x/y z", "%p" },
        [KIND_DEVICES]    = { "/dev/null rw", "char-pts rwm", "/dev/zero", "block-loop r" },
        [KIND_ADDRESSES]  = { "any", "localhost", "10.0.0.0/8", "::1", "192.168.1.1 fe80::/64" },
        [KIND_PORTS]      = { "any", "tcp:80", "ipv4:udp:1000-2000", "443" },
        [KIND_LINES]      = { "id:/etc/x", "/dev/null", "bind4:/sys/fs/bpf/x", "/sys/fs/bpf/a" },
        [KIND_UMASK]      = { "0077", "022", "0007" },
        [KIND_USER]       = { "www-data", "0", "nobody", "%i" },
        [KIND_PATH]       = { "/srv/root", "/run/netns/%i", "/a%%b" },
        [KIND_AMOUNT]     = { "100", "5%", "infinity", "1G", "16", "10s" },
        [KIND_TEXT]       = { "x86", "EPERM", "debug", "null", "name", "kill", "a:b:c" },
};
/* clang-format on */

static const char *sample(const struct directive *d)
{
        unsigned count = 0;

        if (d->kind == KIND_CHOICE) {
                while (d->choices[count].value)
                        count++;
                return d->choices[dice(count)].value;
        }
        while (count < COUNT(samples[0]) && samples[d->kind][count])
                count++;
        return samples[d->kind][dice(count)];
}

/* A value as up to three lines make it; false if systemd would not take them. */
static bool throw_value(const struct directive *d, const struct dialect *dialect, struct value *v)
{
        for (unsigned i = dice(3) + 1; i > 0; i--) {
                struct err note = { 0 };

                if (value_assign(v, d, dialect, sample(d), &note) != ASSIGN_TAKEN || note.text[0]) {
                        value_done(v);
                        *v = (struct value){ 0 };
                        return false;
                }
        }
        return true;
}

static struct profile *throw_profile(const struct dialect *dialect)
{
        static const char *const evidence[] = { NULL, "seen 3 times: read", "a # b ; [c] = \\",
                                                ", back to the default", ": x" };
        struct profile *p = make("a.service", dialect->scope);

        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                const struct directive *d = directive_at(i);
                struct value v = { 0 };

                if (dice(3) || (dialect->scope == SCOPE_USER && d->flags & NO_USER_MANAGER))
                        continue;
                if (dice(4) == 0 ? !dropin_default(d, dialect->scope)
                                 : !throw_value(d, dialect, &v))
                        continue;
                assert_int_equal(profile_set(p, (enum directive_id)i, &v, (enum reason)dice(5),
                                             evidence[dice(COUNT(evidence))]),
                                 0);
        }
        return p;
}

static void assert_same(const struct profile *a, const struct profile *b)
{
        assert_int_equal(a->change_count, b->change_count);
        for (size_t i = 0; i < a->change_count; i++) {
                const struct change *x = &a->changes[i], *y = &b->changes[i];

                assert_int_equal(x->directive, y->directive);
                if (!value_equal(&x->value, &y->value) || x->literal != y->literal)
                        fail_msg("PROP_SEED=%lu: %s= is not what it was", round_seed,
                                 directive_at(x->directive)->name);
                assert_int_equal(x->reason, y->reason);
                if (x->evidence)
                        assert_string_equal(x->evidence, y->evidence);
                else
                        assert_null(y->evidence);
        }
}

/* PROP_SEED=n repeats what a failure printed. */
static void for_each_seed(void (*check)(const struct dialect *d))
{
        const char *given = getenv("PROP_SEED");
        unsigned long first = given ? strtoul(given, NULL, 10) : 1;

        for (unsigned long i = first; i < first + (given ? 1 : 150); i++) {
                struct dialect d = dialect_of(VERSION_NEWEST, i % 4 ? SCOPE_SYSTEM : SCOPE_USER);

                seed = round_seed = i;
                check(&d);
        }
}

static void check_dropin(const struct dialect *d)
{
        scoped(profile_freep) struct profile *p = throw_profile(d), *q = NULL;
        scoped(strv_freep) char **left_out = NULL;
        scoped(mem_freep) char *text = render(p, d, &left_out), *again = NULL;
        struct err e = { 0 };

        if (left_out)
                fail_msg("PROP_SEED=%lu: %s", round_seed, left_out[0]);
        if (dropin_parse("f", text, p->unit, d, &q, &e) < 0)
                fail_msg("%s", e.text);
        assert_same(p, q);
        again = render(q, d, NULL);
        assert_string_equal(text, again);
}

static void every_profile_survives_its_dropin(void **state)
{
        (void)state;
        for_each_seed(check_dropin);
}

static void check_json(const struct dialect *d)
{
        scoped(profile_freep) struct profile *p = throw_profile(d), *q = NULL;
        scoped(mem_freep) char *text = NULL;
        struct err e = { 0 };

        assert_int_equal(profile_to_json(p, d, &text), 0);
        if (profile_from_json("f", text, d, &q, &e) < 0)
                fail_msg("%s", e.text);
        assert_same(p, q);
        assert_int_equal(p->scope, q->scope);
}

static void every_profile_survives_json(void **state)
{
        (void)state;
        for_each_seed(check_json);
}

/* Whatever the vendor's file says, the drop-in after it decides. */
static void check_result(const struct dialect *d)
{
        scoped(profile_freep) struct profile *p = throw_profile(d);

        for (size_t i = 0; i < p->change_count; i++) {
                const struct change *c = &p->changes[i];
                const struct directive *dir = directive_at(c->directive);
                scoped(value_done) struct value v = { 0 };
                scoped(strv_freep) char **lines = NULL;

                /* dependencies add up: no drop-in can do otherwise */
                if (dir->flags & IN_UNIT_SECTION)
                        continue;
                throw_value(dir, d, &v);
                if (c->value.set)
                        assert_int_equal(value_print(&c->value, dir, d, &lines), 0);
                else
                        assert_int_equal(strv_add(&lines, dropin_default(dir, d->scope)), 0);
                for (char **line = lines; *line; line++)
                        assert_int_equal(value_assign(&v, dir, d, *line, NULL), ASSIGN_TAKEN);
                if (c->value.set && !value_equal(&v, &c->value))
                        fail_msg("PROP_SEED=%lu: %s= depends on what was there before", round_seed,
                                 dir->name);
                if (!c->value.set && !*lines[0] && v.set && dir->id != D_AmbientCapabilities)
                        fail_msg("PROP_SEED=%lu: %s= is not back to the default", round_seed,
                                 dir->name);
        }
}

static void the_result_does_not_depend_on_other_files(void **state)
{
        (void)state;
        for_each_seed(check_result);
}

/* ---- what systemd knows ---- */

static void known_directives_are_those_of_the_right_section(void **state)
{
        static const char dump[] = "[Unit]\nJoinsNamespaceOf=UNIT [...]\nPrivateTmp=BOOLEAN\n"
                                   "[Service]\nProtectSystem=TYPE\nProtectHomeX=TYPE\n"
                                   "ReadWriteDirectories=PATH\n[Socket]\nPrivateDevices=BOOLEAN\n";
        scoped(known_freep) struct known *k = NULL;

        (void)state;
        assert_int_equal(known_parse(dump, &k), 0);
        assert_true(known_has(k, directive_at(D_JoinsNamespaceOf)));
        assert_true(known_has(k, directive_at(D_ProtectSystem)));
        assert_false(known_has(k, directive_at(D_PrivateTmp)));
        assert_false(known_has(k, directive_at(D_ProtectHome)));
        assert_false(known_has(k, directive_at(D_PrivateDevices)));
        assert_false(known_has(k, directive_at(D_ReadWritePaths)));
}

static void what_is_no_list_of_directives_is_refused(void **state)
{
        struct known *k = NULL;

        (void)state;
        assert_int_equal(known_parse("", &k), -EINVAL);
        assert_int_equal(known_parse("systemd: unrecognized option\n", &k), -EINVAL);
        assert_int_equal(known_parse("[Unit]\nPrivateTmp=x", &k), -EINVAL);
        assert_null(k);
}

static void a_root_without_systemd_answers_so(void **state)
{
        char root[] = "/tmp/gird-known-XXXXXX";
        struct known *k = NULL;
        struct err e = { 0 };

        (void)state;
        assert_non_null(mkdtemp(root));
        assert_int_equal(known_ask(NULL, root, &k, &e), 1);
        assert_null(k);
        assert_non_null(strstr(e.text, "cannot be asked"));
        assert_int_equal(rmdir(root), 0);
        assert_int_equal(known_ask(NULL, root, &k, &e), -ENOENT);
        assert_int_equal(known_ask(NULL, "/etc/passwd", &k, &e), -ENOTDIR);
}

static void this_machine_answers_or_says_that_it_cannot(void **state)
{
        scoped(known_freep) struct known *k = NULL;
        struct err e = { 0 };
        int r = known_ask(NULL, NULL, &k, &e);

        (void)state;
        assert_true(r == 0 || r == 1);
        assert_int_equal(r == 0, k != NULL);
        if (k)
                assert_true(known_has(k, directive_at(D_NoNewPrivileges)));
        else
                assert_true(e.text[0]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_header_says_who_when_for_what_and_how_it_went),
                cmocka_unit_test(each_directive_has_its_reason_above_it),
                cmocka_unit_test(single_values_are_one_line),
                cmocka_unit_test(an_empty_set_is_not_the_default),
                cmocka_unit_test(taking_a_setting_away_writes_what_brings_the_default_back),
                cmocka_unit_test(the_default_of_every_directive_is_a_line_systemd_takes),
                cmocka_unit_test(what_this_systemd_does_not_know_is_left_out_and_said),
                cmocka_unit_test(what_it_says_itself_counts_more_than_its_version),
                cmocka_unit_test(a_user_manager_gets_only_what_works_there),
                cmocka_unit_test(text_that_would_break_the_file_is_refused),
                cmocka_unit_test(other_unit_types_have_their_own_section),
                cmocka_unit_test(two_lists_that_reset_each_other_both_survive),
                cmocka_unit_test(what_another_reset_would_empty_is_written_again),
                cmocka_unit_test(anothers_dropin_can_be_read),
                cmocka_unit_test(the_last_line_counts_although_it_is_open),
                cmocka_unit_test(unknown_lines_are_an_error_with_file_and_line),
                cmocka_unit_test(a_value_that_systemd_would_not_take_is_an_error),
                cmocka_unit_test(an_edited_line_below_our_comment_counts_as_it_stands),
                cmocka_unit_test(every_profile_survives_its_dropin),
                cmocka_unit_test(every_profile_survives_json),
                cmocka_unit_test(the_result_does_not_depend_on_other_files),
                cmocka_unit_test(known_directives_are_those_of_the_right_section),
                cmocka_unit_test(what_is_no_list_of_directives_is_refused),
                cmocka_unit_test(a_root_without_systemd_answers_so),
                cmocka_unit_test(this_machine_answers_or_says_that_it_cannot),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
