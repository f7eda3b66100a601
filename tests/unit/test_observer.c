/* test_observer.c - control groups by name and number, symlinks of a root that is not ours, and
 * what is kept of facts until they are counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/child.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/observe/observer_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_folder_that_the_kernel_might_mistake_has_a_prefix(void **state)
{
        static const char *const rows[][2] = {
                { "nginx.service", "nginx.service" },
                { "memory.service", "_memory.service" },
                { "_x.service", "__x.service" },
                { ".x.service", "_.x.service" },
                { "io.service", "_io.service" },
                { "iox.service", "iox.service" },
                { "tasks", "_tasks" },
                { "cgroup.slice", "_cgroup.slice" },
        };
        char name[256], small[4];

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                assert_int_equal(cgroup_name(rows[i][0], name, sizeof(name)), 0);
                assert_string_equal(name, rows[i][1]);
        }
        assert_int_equal(cgroup_name("nginx.service", small, sizeof(small)), -ENAMETOOLONG);
}

static void a_process_is_the_units_when_its_folder_is_on_the_way(void **state)
{
        (void)state;
        assert_true(cgroup_within("0::/system.slice/a.service\n", "a.service"));
        assert_true(cgroup_within("0::/a.service/sub/leaf", "a.service"));
        assert_true(cgroup_within("4:memory:/x\n0::/t/a.service\n", "a.service"));
        assert_false(cgroup_within("4:memory:/a.service\n0::/t/b.service\n", "a.service"));
        assert_false(cgroup_within("0::/system.slice/aa.service\n", "a.service"));
        assert_false(cgroup_within("0::/system.slice/a.service.d\n", "a.service"));
        assert_false(cgroup_within("", "a.service"));
        assert_false(cgroup_within("0::/", ""));
}

static void make(const char *root, const char *name, const char *target)
{
        scoped(mem_freep) char *path = text_format("%s%s", root, name);

        assert_non_null(path);
        assert_int_equal(target ? symlink(target, path) : mkdir(path, 0755), 0);
}

/* A tree with links of every kind; the caller removes it. */
static char *tree(char root[32])
{
        strcpy(root, "/tmp/gird-observer.XXXXXX");
        assert_non_null(mkdtemp(root));
        make(root, "/usr", NULL);
        make(root, "/usr/lib", NULL);
        make(root, "/usr/share", NULL);
        make(root, "/lib", "usr/lib");
        make(root, "/abs", "/usr/share");
        make(root, "/up", "../../../../usr");
        make(root, "/usr/lib/back", "../share");
        make(root, "/one", "two");
        make(root, "/two", "one");
        make(root, "/proc", NULL);
        make(root, "/proc/self", "77");
        make(root, "/fd", "/proc/self/fd");
        return root;
}

static void remove_tree(char *root)
{
        struct child_result out = { 0 };
        char *argv[] = { (char *)"rm", (char *)"-rf", root, NULL };

        assert_int_equal(child_run(NULL, argv, NULL, 10000000, &out, NULL), 0);
        child_result_done(&out);
}

static void symlinks_lead_where_they_would_lead_the_unit(void **state)
{
        static const struct {
                const char *raw;
                bool follow;
                int answer;
                const char *real;
        } rows[] = {
                { "/usr/lib/x", true, 0, "/usr/lib/x" },
                { "/lib/x", true, 0, "/usr/lib/x" },
                { "/lib", true, 0, "/usr/lib" },
                { "/lib", false, 0, "/lib" },
                { "/abs/doc/gone", true, 0, "/usr/share/doc/gone" },
                { "/up/lib", true, 0, "/usr/lib" },
                { "/lib/../x", true, 0, "/usr/x" },
                { "/lib/back/x", true, 0, "/usr/share/x" },
                { "/lib/back/../..", true, 0, "/" },
                { "/usr/./lib//y", true, 0, "/usr/lib/y" },
                { "/../../etc/passwd", true, 0, "/etc/passwd" },
                { "/nothing/a/../b", true, 0, "/nothing/b" },
                { "/one", true, 1, NULL },
                { "/one/x", true, 1, NULL },
                { "/proc/self/status", true, 0, "/proc/self/status" },
                { "/fd/3", true, 0, "/proc/self/fd/3" },
                { "/", true, 0, "/" },
                { "relative", true, 1, NULL },
                { "", true, 1, NULL },
        };
        struct resolver r;
        char root[32];

        (void)state;
        assert_int_equal(resolver_open(&r, tree(root), "a.service", NULL), 0);
        for (int again = 0; again < 2; again++)
                for (size_t i = 0; i < COUNT(rows); i++) {
                        scoped(mem_freep) char *real = NULL;

                        assert_int_equal(resolve_path(&r, rows[i].raw, rows[i].follow, &real),
                                         rows[i].answer);
                        if (rows[i].real)
                                assert_string_equal(real, rows[i].real);
                }
        resolver_done(&r);
        remove_tree(root);
}

static void a_path_without_end_is_given_up(void **state)
{
        struct resolver r;
        char root[32];
        scoped(mem_freep) char *path = malloc(200001);
        char *real = NULL;

        (void)state;
        assert_non_null(path);
        for (size_t i = 0; i < 200000; i += 2)
                memcpy(path + i, "/a", 2);
        path[200000] = '\0';
        assert_int_equal(resolver_open(&r, tree(root), "a.service", NULL), 0);
        assert_int_equal(resolve_path(&r, path, true, &real), 1);
        assert_null(real);
        resolver_done(&r);
        remove_tree(root);
}

/* A path act as decoded; it owns its text. */
static struct decoded looked_at(const char *text, uint32_t own, int error)
{
        struct decoded d = { .count = 1, .own_tgid = own };

        d.acts[0] = (struct act){ .kind = ACT_PATH, .text = strdup(text), .error = error };
        assert_non_null(d.acts[0].text);
        return d;
}

static unsigned flags_of(struct resolver *r, const char *text, uint32_t own, int error)
{
        struct decoded d = looked_at(text, own, error);
        unsigned flags;

        assert_int_equal(resolve_event(r, &d), 0);
        flags = d.acts[0].flags;
        decoded_done(&d);
        return flags;
}

static void below_proc_it_matters_whose_entry_it_is(void **state)
{
        struct resolver r;
        char root[32];

        (void)state;
        assert_int_equal(resolver_open(&r, tree(root), "a.service", NULL), 0);
        assert_int_equal(flags_of(&r, "/proc/self/maps", 5, 0), ACT_OWN_PROC);
        assert_int_equal(flags_of(&r, "/proc/thread-self", 5, 0), ACT_OWN_PROC);
        assert_int_equal(flags_of(&r, "/proc/5/maps", 5, 0), ACT_OWN_PROC);
        assert_int_equal(flags_of(&r, "/proc/5/maps", 6, 0), ACT_OWN_PROC); /* its sibling */
        assert_int_equal(flags_of(&r, "/proc/9/maps", 5, 0), ACT_OTHER_PROC);
        assert_int_equal(flags_of(&r, "/proc/9/maps", 5, ENOENT), 0);
        assert_int_equal(flags_of(&r, "/proc/cpuinfo", 5, 0), 0);
        assert_int_equal(flags_of(&r, "/proc/9x", 5, 0), 0);
        assert_int_equal(flags_of(&r, "/proc/99999999999999999999", 5, 0), 0);
        assert_int_equal(flags_of(&r, "/procs/9", 5, 0), 0);
        resolver_done(&r);
        remove_tree(root);
}

static struct decoded told(uint64_t number, unsigned kind)
{
        struct decoded d = looked_at("/etc/x", 5, 0);

        d.key = (struct wire_key){ .kind = (__u16)kind, .text = number };
        return d;
}

static void facts_meet_their_counts(void **state)
{
        enum { MANY = 5000 };
        scoped(facts_freep) struct facts *f = NULL;
        scoped(behaviour_freep) struct behaviour *b = NULL;
        struct wire_key keys[3] = { { .kind = WIRE_PATH, .text = 7 },
                                    { .kind = WIRE_PATH, .text = MANY + 1 },
                                    { .kind = WIRE_FAILED, .error = EPERM } };
        struct wire_value values[3] = { { .count = 3, .first = 1000, .last = 2000 },
                                        { .count = 4 },
                                        { .count = 5 } };
        struct counted c = { keys, values, 3 };
        struct decoder d = { 0 };
        uint64_t lost = 0;

        (void)state;
        assert_int_equal(facts_new(&f), 0);
        for (uint64_t i = 0; i < MANY; i++) {
                struct decoded one = told(i, WIRE_PATH);

                assert_int_equal(facts_put(f, &one), 0);
        }
        for (uint64_t i = 0; i < MANY; i++)
                assert_non_null(facts_find(f, &(struct wire_key){ .kind = WIRE_PATH, .text = i }));
        assert_null(facts_find(f, &keys[1]));
        assert_int_equal(behaviour_new("a.service", &b), 0);
        assert_int_equal(facts_collect(f, &d, &c, b, &lost), 0);
        assert_int_equal(lost, 1); /* a path that was never told */
        assert_int_equal(b->act_count, 2);
        assert_int_equal(b->acts[0].count, 3);
        assert_string_equal(b->acts[0].text, "/etc/x");
        assert_int_equal(b->acts[1].kind, ACT_CALL);
        assert_int_equal(b->acts[1].count, 5);
}

static void what_was_not_told_again_is_let_go_when_there_is_much(void **state)
{
        scoped(facts_freep) struct facts *f = NULL;
        struct wire_key call = { .kind = WIRE_CALL, .text = 1 };
        struct decoded one = told(1, WIRE_CALL);

        (void)state;
        assert_int_equal(facts_new(&f), 0);
        assert_int_equal(facts_put(f, &one), 0);
        for (uint64_t i = 0; i < 2 * WIRE_FACTS; i++) {
                one = told(i, WIRE_PATH);
                assert_int_equal(facts_put(f, &one), 0);
        }
        facts_next_round(f); /* all of them are of this round */
        assert_non_null(facts_find(f, &(struct wire_key){ .kind = WIRE_PATH, .text = 9 }));
        one = told(9, WIRE_PATH);
        assert_int_equal(facts_put(f, &one), 0);
        facts_next_round(f);
        assert_non_null(facts_find(f, &(struct wire_key){ .kind = WIRE_PATH, .text = 9 }));
        assert_null(facts_find(f, &(struct wire_key){ .kind = WIRE_PATH, .text = 10 }));
        assert_non_null(facts_find(f, &call));
}

static void add(struct behaviour *b, struct act a, const char *name, const char *by)
{
        a.count = 1;
        a.name = strdup(name);
        a.by = by ? strdup(by) : NULL;
        assert_int_equal(behaviour_add(b, &a), 0);
}

static unsigned flags_with(uint64_t option, uint64_t other)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        const struct act *cap;

        assert_int_equal(behaviour_new("a.service", &b), 0);
        add(b, (struct act){ .kind = ACT_CAP, .a = 12 }, "CAP_NET_ADMIN", "sk_setsockopt");
        add(b, (struct act){ .kind = ACT_ARGS, .a = SOL_SOCKET, .b = option }, "setsockopt", NULL);
        add(b, (struct act){ .kind = ACT_ARGS, .a = SOL_SOCKET, .b = other }, "setsockopt", NULL);
        idle_checks(b);
        cap = behaviour_first(b, ACT_CAP);
        assert_non_null(cap);
        return cap->flags;
}

static void bigger_buffers_need_no_capability_and_marks_do(void **state)
{
        (void)state;
        assert_int_equal(flags_with(SO_SNDBUFFORCE, SO_REUSEADDR), ACT_QUIET);
        assert_int_equal(flags_with(SO_SNDBUFFORCE, SO_MARK), 0);
        assert_int_equal(flags_with(SO_REUSEADDR, SO_KEEPALIVE), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_folder_that_the_kernel_might_mistake_has_a_prefix),
                cmocka_unit_test(a_process_is_the_units_when_its_folder_is_on_the_way),
                cmocka_unit_test(symlinks_lead_where_they_would_lead_the_unit),
                cmocka_unit_test(a_path_without_end_is_given_up),
                cmocka_unit_test(below_proc_it_matters_whose_entry_it_is),
                cmocka_unit_test(facts_meet_their_counts),
                cmocka_unit_test(what_was_not_told_again_is_let_go_when_there_is_much),
                cmocka_unit_test(bigger_buffers_need_no_capability_and_marks_do),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
