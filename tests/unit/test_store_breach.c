/* test_store_breach.c - the kept result of `gird breach`, also where it is not one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/store_breach.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define UNIT "x.service"

struct box {
        char root[64];
        struct unit_root units;
        struct store store;
};

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
        (void)st;
        (void)kind;
        (void)at;
        return remove(path);
}

static void box_open(struct box *box)
{
        struct err e = { 0 };

        snprintf(box->root, sizeof(box->root), "/tmp/gird-breach-XXXXXX");
        assert_non_null(mkdtemp(box->root));
        assert_int_equal(unit_root_open(&box->units, box->root, SCOPE_SYSTEM, &e), 0);
        assert_int_equal(store_open(&box->store, &box->units, &e), 0);
}

static void box_done(struct box *box)
{
        store_done(&box->store);
        unit_root_done(&box->units);
        assert_int_equal(nftw(box->root, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static const struct breach_kept two = { .states = { { "0123456789abcdef", 145, 189, 16 },
                                                    { "fedcba9876543210", 37, 189, 0 } },
                                        .count = 2 };

static void put(struct box *box)
{
        struct err e = { 0 };

        assert_int_equal(store_put_breach(&box->store, UNIT, &two, &e), 0);
}

static void overwrite(const struct box *box, const char *bytes, size_t n)
{
        scoped(mem_freep) char *path = text_format("%s/" UNIT "/breach.json", box->store.state);
        scoped(stream_closep) FILE *f = fopen(path, "w");

        assert_non_null(f);
        assert_int_equal(fwrite(bytes, 1, n, f), n);
}

static int get(struct box *box, struct breach_kept *ret, struct err *e)
{
        *ret = (struct breach_kept){ 0 };
        *e = (struct err){ 0 };
        return store_get_breach(&box->store, UNIT, ret, e);
}

static void what_was_kept_is_found_by_its_mark(void **state)
{
        struct breach_kept k;
        const struct breach_state *found;
        struct box box;
        struct err e;

        (void)state;
        box_open(&box);
        assert_int_equal(get(&box, &k, &e), 1);
        assert_int_equal(e.code, 0);
        put(&box);
        assert_int_equal(get(&box, &k, &e), 0);
        found = breach_kept_find(&k, "fedcba9876543210");
        assert_non_null(found);
        assert_int_equal(found->allowed, 37);
        assert_int_equal(found->chains, 0);
        assert_null(breach_kept_find(&k, "0000000000000000"));
        box_done(&box);
}

static void what_gird_did_not_write_goes_for_none(void **state)
{
        static const char *const texts[] = {
                "",
                "{",
                "[]",
                "null",
                "{\"gird\":2,\"states\":[]}",
                "{\"gird\":1,\"states\":[]}",
                "{\"gird\":1,\"states\":[7]}",
                "{\"gird\":1,\"states\":[{\"mark\":\"short\",\"allowed\":1,\"tried\":2,\"chains\":"
                "0}]}",
                "{\"gird\":1,\"states\":[{\"mark\":\"0123456789abcdef\",\"allowed\":-1,\"tried\":2,"
                "\"chains\":0}]}",
                "{\"gird\":1,\"states\":[{\"mark\":\"0123456789abcdef\",\"allowed\":1e300,"
                "\"tried\":2,"
                "\"chains\":0}]}",
                "{\"gird\":1,\"states\":[{\"mark\":\"0123456789abcdef\",\"allowed\":3,\"tried\":2,"
                "\"chains\":0}]}",
        };
        struct breach_kept k;
        struct box box;
        struct err e;

        (void)state;
        box_open(&box);
        put(&box);
        for (size_t i = 0; i < COUNT(texts); i++) {
                overwrite(&box, texts[i], strlen(texts[i]));
                assert_int_equal(get(&box, &k, &e), 1);
                assert_non_null(strstr(e.text, "gird breach " UNIT));
                assert_int_equal(k.count, 0);
        }
        overwrite(&box, "{\0}", 3);
        assert_int_equal(get(&box, &k, &e), 1);
        put(&box); /* and it is written anew */
        assert_int_equal(get(&box, &k, &e), 0);
        box_done(&box);
}

static void a_symlink_in_its_place_is_not_followed(void **state)
{
        scoped(mem_freep) char *path = NULL;
        struct breach_kept k;
        struct box box;
        struct err e;

        (void)state;
        box_open(&box);
        put(&box);
        path = text_format("%s/" UNIT "/breach.json", box.store.state);
        assert_int_equal(remove(path), 0);
        assert_int_equal(symlink("/etc/passwd", path), 0);
        assert_int_equal(get(&box, &k, &e), 1);
        box_done(&box);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_was_kept_is_found_by_its_mark),
                cmocka_unit_test(what_gird_did_not_write_goes_for_none),
                cmocka_unit_test(a_symlink_in_its_place_is_not_followed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
