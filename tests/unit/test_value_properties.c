/* test_value_properties.c - what must hold for any values.  PROP_SEED=n repeats a run. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/value.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct chance {
        uint64_t state, seed;
};

static struct chance begin(void)
{
        const char *seed = getenv("PROP_SEED");
        struct chance c = { .seed = seed ? strtoull(seed, NULL, 0) : 20250101 };

        c.state = c.seed;
        return c;
}

/* A number below n (splitmix64). */
static size_t draw(struct chance *c, size_t n)
{
        uint64_t z = c->state += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return (size_t)((z ^ z >> 31) % n);
}

/* Words that mean something somewhere, and words that mean trouble. */
static const char *const words[] = {
        "yes",
        "no",
        "1",
        "off",
        "full",
        "strict",
        "private",
        "invisible",
        "infinity",
        "50%",
        "1G",
        "512M",
        "100",
        "1min 30s",
        "0077",
        "10:20",
        "CAP_KILL",
        "CAP_CHOWN",
        "~CAP_KILL",
        "cap_mknod",
        "21",
        "user",
        "mnt",
        "net",
        "~user",
        "time",
        "AF_UNIX",
        "AF_INET",
        "af_local",
        "~AF_INET",
        "none",
        "@swap",
        "@reboot",
        "@system-service",
        "@privileged",
        "@default",
        "@known",
        "read",
        "~write",
        "clone3:ENOSYS",
        "read:EPERM",
        "~@swap:kill",
        "open:13",
        "mmap:BOGUS",
        "/",
        "/a",
        "/a/b",
        "-/a//c/",
        "+/d",
        "-+/e/./f",
        "/g:/h",
        "/i:/j:norbind",
        "/k\\:l:/m",
        "\"/n o\"",
        "'p q'",
        "/../r",
        "rel",
        "s/t",
        "u:v",
        "/dev/null rw",
        "/dev/zero",
        "char-rtc r",
        "block-*",
        "any",
        "localhost",
        "multicast",
        "10.1.2.3/8",
        "1.2.3.4",
        "::1",
        "fe80::/10",
        "tcp",
        "udp:53",
        "ipv4:tcp:1-9",
        "root",
        "daemon",
        "65534",
        "@network",
        "ext4",
        "~tmpfs",
        "eth0",
        "~lo",
        "native",
        "x86",
        "noroot",
        "keep-caps",
        "elf-headers",
        "all",
        "0x33",
        "A",
        "B=1",
        "\"C=d e\"",
        "cpu",
        "memory",
        "0-3,7",
        "id:/path",
        "id:x y",
        "egress:/x",
        "x.service",
        "EPERM",
        "bogus",
        "~",
        "\\",
        "\"",
        "\\x41",
        "\xc3\xa4",
        "\xff",
        "",
        "\t",
};

/* A line of a few words. */
static char *make_line(struct chance *c)
{
        struct text t = { 0 };
        size_t n = draw(c, 4);

        if (draw(c, 6) == 0)
                text_add(&t, "~");
        for (size_t i = 0; i <= n; i++) {
                text_add(&t, i ? " " : "");
                text_add(&t, words[draw(c, COUNT(words))]);
        }
        return text_take(&t);
}

static void make_value(struct chance *c, const struct directive *d, const struct dialect *dialect,
                       struct value *ret)
{
        for (size_t n = 1 + draw(c, 4); n > 0; n--) {
                scoped(mem_freep) char *line = make_line(c);

                assert_non_null(line);
                assert_true(value_assign(ret, d, dialect, line, NULL) >= 0);
        }
}

static void choose_dialect(struct chance *c, struct dialect *ret)
{
        struct version v = { VERSION_OLDEST +
                                     (unsigned)draw(c, VERSION_NEWEST - VERSION_OLDEST + 1),
                             (unsigned)draw(c, 30) };

        dialect_for(v, SCOPE_SYSTEM, ret);
}

static void what_is_printed_reads_the_same(void **state)
{
        struct chance c = begin();
        const struct directive *d;

        (void)state;
        for (size_t i = 0; (d = directive_at(i)); i++)
                for (int n = 0; n < 40; n++) {
                        scoped(value_done) struct value v = { 0 }, again = { 0 };
                        scoped(strv_freep) char **lines = NULL;
                        scoped(mem_freep) char *shown = NULL;
                        struct dialect dialect;

                        choose_dialect(&c, &dialect);
                        make_value(&c, d, &dialect, &v);
                        assert_int_equal(value_print(&v, d, &dialect, &lines), 0);
                        for (char **line = lines; line && *line; line++)
                                assert_int_equal(value_assign(&again, d, &dialect, *line, NULL),
                                                 ASSIGN_TAKEN);
                        shown = value_show(&v, d, &dialect);
                        assert_non_null(shown);
                        if (!value_equal(&v, &again))
                                fail_msg("%s: %s (PROP_SEED=%" PRIu64 ")", d->name, shown, c.seed);
                }
}

/* A reset in front makes what was there before not matter.  Dependencies can't be reset. */
static void printed_lines_win_over_what_was_there(void **state)
{
        struct chance c = begin();
        const struct directive *d;

        (void)state;
        for (size_t i = 0; (d = directive_at(i)); i++)
                for (int n = 0; n < 20 && d->id != D_JoinsNamespaceOf; n++) {
                        scoped(value_done) struct value v = { 0 }, other = { 0 };
                        scoped(strv_freep) char **lines = NULL;
                        struct dialect dialect;

                        choose_dialect(&c, &dialect);
                        make_value(&c, d, &dialect, &v);
                        make_value(&c, d, &dialect, &other);
                        if (!v.set)
                                continue;
                        assert_int_equal(value_print(&v, d, &dialect, &lines), 0);
                        for (char **line = lines; line && *line; line++)
                                assert_true(value_assign(&other, d, &dialect, *line, NULL) >= 0);
                        if (!value_equal(&v, &other))
                                fail_msg("%s (PROP_SEED=%" PRIu64 ")", d->name, c.seed);
                }
}

static void comparing_turned_round_gives_the_answer_turned_round(void **state)
{
        static const enum value_order turned[] = { [VALUE_SAME] = VALUE_SAME,
                                                   [VALUE_STRICTER] = VALUE_LOOSER,
                                                   [VALUE_LOOSER] = VALUE_STRICTER,
                                                   [VALUE_DIFFERENT] = VALUE_DIFFERENT };
        struct chance c = begin();
        const struct directive *d;

        (void)state;
        for (size_t i = 0; (d = directive_at(i)); i++)
                for (int n = 0; n < 20; n++) {
                        scoped(value_done) struct value a = { 0 }, b = { 0 };
                        struct dialect dialect;

                        choose_dialect(&c, &dialect);
                        make_value(&c, d, &dialect, &a);
                        make_value(&c, d, &dialect, &b);
                        assert_int_equal(value_compare(&a, &b, d, &dialect),
                                         turned[value_compare(&b, &a, d, &dialect)]);
                        assert_int_equal(value_compare(&a, &a, d, &dialect), VALUE_SAME);
                }
}

/* Known members, so that no line is dropped for one that is not. */
static const struct {
        const char *directive;
        const char *members[6];
        const char *sign; /* in front of each line */
} divisible[] = {
        { "CapabilityBoundingSet",
          { "CAP_KILL", "CAP_CHOWN", "CAP_MKNOD", "5", "cap_bpf", "9" },
          "" },
        { "CapabilityBoundingSet",
          { "CAP_KILL", "CAP_CHOWN", "CAP_MKNOD", "5", "cap_bpf", "9" },
          "~" },
        { "RestrictNamespaces", { "user", "mnt", "net", "ipc", "uts", "pid" }, "" },
        { "RestrictNamespaces", { "user", "mnt", "net", "ipc", "uts", "pid" }, "~" },
        { "RestrictAddressFamilies",
          { "AF_UNIX", "AF_INET", "af_inet", "AF_CAN", "AF_ALG", "AF_LOCAL" },
          "" },
        { "RestrictAddressFamilies",
          { "AF_UNIX", "AF_INET", "af_inet", "AF_CAN", "AF_ALG", "AF_LOCAL" },
          "~" },
        { "SystemCallFilter", { "@swap", "read", "@reboot", "bogus", "swapon", "@clock" }, "" },
        { "SystemCallFilter",
          { "@swap", "read:EPERM", "@reboot", "bogus", "swapon", "@clock:kill" },
          "~" },
        { "RestrictFileSystems", { "ext4", "@network", "tmpfs", "nfs", "xfs", "@temporary" }, "~" },
        { "ReadWritePaths", { "/a", "-/b", "\"/c d\"", "/a/", "rel", "+/e" }, "" },
        { "BindPaths", { "/a", "/b:/c", "/d:/e:norbind", "-/f", "rel", "/a" }, "" },
        { "StateDirectory", { "a", "b/c", "d:e", "../f", "g", "a" }, "" },
        { "IPAddressDeny", { "any", "10.0.0.1/8", "::1", "bogus", "localhost", "any" }, "" },
        { "SupplementaryGroups", { "a", "b", "c", "a", "1000", "d" }, "" },
        { "SystemCallArchitectures", { "native", "x86", "bogus", "arm", "x32", "native" }, "" },
        { "Delegate", { "cpu", "memory", "io", "bogus", "pids", "cpu" }, "" },
};

static void assign_members(struct value *v, size_t row, const struct dialect *dialect,
                           const unsigned *cuts)
{
        const struct directive *d = directive_find(divisible[row].directive);
        struct text t = { 0 };

        for (size_t i = 0; i < COUNT(divisible[row].members); i++) {
                text_add(&t, t.length ? " " : divisible[row].sign);
                text_add(&t, divisible[row].members[i]);
                if (cuts[i] || i + 1 == COUNT(divisible[row].members)) {
                        scoped(mem_freep) char *line = text_take(&t);

                        assert_non_null(line);
                        assert_true(value_assign(v, d, dialect, line, NULL) >= 0);
                }
        }
}

static void members_add_up_however_they_are_parted(void **state)
{
        static const unsigned one_line[6] = { 0 };

        (void)state;
        for (size_t row = 0; row < COUNT(divisible); row++)
                for (unsigned mask = 0; mask < 32; mask++) {
                        scoped(value_done) struct value whole = { 0 }, parted = { 0 };
                        unsigned cuts[6] = { 0 };
                        struct dialect dialect;

                        dialect_for((struct version){ 252, 39 }, SCOPE_SYSTEM, &dialect);
                        for (unsigned i = 0; i < 5; i++)
                                cuts[i] = mask >> i & 1;
                        assign_members(&whole, row, &dialect, one_line);
                        assign_members(&parted, row, &dialect, cuts);
                        if (!value_equal(&whole, &parted))
                                fail_msg("%s parted by %x", divisible[row].directive, mask);
                }
}

static void taking_away_never_loosens(void **state)
{
        struct chance c = begin();
        const struct directive *d = directive_find("SystemCallFilter");

        (void)state;
        for (int n = 0; n < 200; n++) {
                scoped(value_done) struct value v = { 0 }, less = { 0 };
                scoped(mem_freep) char *line = NULL;
                struct dialect dialect;

                choose_dialect(&c, &dialect);
                assert_int_equal(value_assign(&v, d, &dialect, "@system-service @swap", NULL), 0);
                assert_int_equal(value_copy(&v, &less), 0);
                line = text_format("~%s", words[draw(&c, COUNT(words))]);
                assert_true(value_assign(&less, d, &dialect, line, NULL) >= 0);
                assert_int_not_equal(value_compare(&less, &v, d, &dialect), VALUE_LOOSER);
                assert_int_not_equal(value_compare(&less, &v, d, &dialect), VALUE_DIFFERENT);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_printed_reads_the_same),
                cmocka_unit_test(printed_lines_win_over_what_was_there),
                cmocka_unit_test(comparing_turned_round_gives_the_answer_turned_round),
                cmocka_unit_test(members_add_up_however_they_are_parted),
                cmocka_unit_test(taking_away_never_loosens),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
