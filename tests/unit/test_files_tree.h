/* test_files_tree.h - a tree of unit files in a temporary folder, for the tests of files.h. */
#pragma once

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ETC     "/etc/systemd/system/"
#define RUN     "/run/systemd/system/"
#define LIB     "/usr/lib/systemd/system/"
#define SERVICE "[Service]\nExecStart=/bin/true\n"

struct fixture {
        char folder[32];
        struct unit_root root;
        struct dialect dialect;
};

static inline int fixture_open(void **state)
{
        struct fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        strcpy(f->folder, "/tmp/gird-test-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        dialect_for((struct version){ 252, 0 }, SCOPE_SYSTEM, &f->dialect);
        assert_int_equal(unit_root_open(&f->root, f->folder, SCOPE_SYSTEM, NULL), 0);
        *state = f;
        return 0;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void)st;
        (void)type;
        (void)ftw;
        return remove(path);
}

static inline int fixture_close(void **state)
{
        struct fixture *f = *state;

        unit_root_done(&f->root);
        dialect_done(&f->dialect);
        nftw(f->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        free(f);
        return 0;
}

/* The path outside, with the folders above it made.  Freed by the caller. */
static inline char *outside(const struct fixture *f, const char *path)
{
        char *whole = text_format("%s%s", f->folder, path), *slash;

        assert_non_null(whole);
        slash = strrchr(whole, '/');
        *slash = '\0';
        assert_int_equal(file_make_dirs(whole, 0755, NULL), 0);
        *slash = '/';
        return whole;
}

static inline void put(const struct fixture *f, const char *path, const char *text)
{
        scoped(mem_freep) char *whole = outside(f, path);
        scoped(stream_closep) FILE *file = fopen(whole, "w");

        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
}

static inline void put_link(const struct fixture *f, const char *path, const char *target)
{
        scoped(mem_freep) char *whole = outside(f, path);

        assert_int_equal(symlink(target, whole), 0);
}

static inline struct sandbox *read_unit(const struct fixture *f, const char *name)
{
        struct sandbox *s = NULL;

        assert_int_equal(unit_read(&f->root, name, &f->dialect, &s, NULL), 0);
        assert_non_null(s);
        return s;
}

static inline void assert_words(char *const *words, const char *expected)
{
        scoped(mem_freep) char *joined = strv_join(words, " ");

        assert_string_equal(joined, expected);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_open, fixture_close)
