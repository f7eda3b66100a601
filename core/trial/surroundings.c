/* surroundings.c - the builds of program, C library and kernel that a unit runs with. */
#include "core/trial/surroundings.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/observe/behaviour.h"
#include "core/trial/trial_private.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

enum { LIBRARY_LIMIT = 16 << 20, RELEASE_MOST = 60 };

/* The first that is there; a root with libraries for two processors gives the same one each time.
 */
static const char *const libraries[] = {
        "/lib/x86_64-linux-gnu/libc.so.6",
        "/lib/aarch64-linux-gnu/libc.so.6",
        "/lib/arm-linux-gnueabihf/libc.so.6",
        "/lib/riscv64-linux-gnu/libc.so.6",
        "/lib/powerpc64le-linux-gnu/libc.so.6",
        "/lib/s390x-linux-gnu/libc.so.6",
        "/lib/loongarch64-linux-gnu/libc.so.6",
        "/lib/i386-linux-gnu/libc.so.6",
        "/usr/lib64/libc.so.6",
        "/usr/lib/libc.so.6",
        "/lib64/libc.so.6",
        "/lib/libc.so.6",
        "/lib/ld-musl-x86_64.so.1",
        "/lib/ld-musl-aarch64.so.1",
        "/lib/ld-musl-armhf.so.1",
        "/lib/ld-musl-riscv64.so.1",
        "/lib/ld-musl-i386.so.1",
};

const char *surroundings_program(const struct sandbox *unit)
{
        for (size_t i = 0; i < unit->facts.exec_count; i++)
                if (strcmp(unit->facts.exec[i].key, "ExecStart") == 0)
                        return unit->facts.exec[i].path;
        return NULL;
}

bool surroundings_unknown(const struct surroundings *s)
{
        return !s->binary && !s->libc && !s->kernel;
}

/* ---- the library ---- */

/* "2.36-9+deb12u10" of "GNU C Library (Debian GLIBC 2.36-9+deb12u10) stable release version 2.36."
 * in the bytes of a library; the last number where there are no brackets. */
static char *find_release(const char *bytes, size_t length)
{
        static const char begin[] = "GNU C Library (", version[] = "release version ";
        const char *at = memmem(bytes, length, begin, sizeof(begin) - 1);
        const char *end = bytes + length, *word;
        size_t n = 0;

        if (!at)
                return NULL;
        at += sizeof(begin) - 1;
        word = at;
        while (at + n < end && n < RELEASE_MOST && at[n] != ')' && isprint((unsigned char)at[n])) {
                if (at[n] == ' ')
                        word = at + n + 1;
                n++;
        }
        if (at + n < end && at[n] == ')' && isdigit((unsigned char)*word))
                return strndup(word, (size_t)(at + n - word));
        word = memmem(at, (size_t)(end - at), version, sizeof(version) - 1);
        if (!word)
                return NULL;
        word += sizeof(version) - 1;
        for (n = 0; word + n < end && n < RELEASE_MOST &&
                    (isdigit((unsigned char)word[n]) || word[n] == '.');
             n++)
                ;
        while (n > 0 && word[n - 1] == '.')
                n--;
        return n ? strndup(word, n) : NULL;
}

/* NULL where it does not say. */
static char *read_release(int fd)
{
        struct stat st;
        char *release = NULL;
        void *bytes;

        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
            st.st_size > LIBRARY_LIMIT)
                return NULL;
        bytes = malloc((size_t)st.st_size);
        if (bytes) {
                ssize_t n = pread(fd, bytes, (size_t)st.st_size, 0);

                release = n > 0 ? find_release(bytes, (size_t)n) : NULL;
                free(bytes);
        }
        return release;
}

static int library_now(const char *root, char **ret)
{
        for (size_t i = 0; i < COUNT(libraries); i++) {
                scoped(fd_closep) int fd = open_in_root(root, libraries[i],
                                                        O_RDONLY | O_NONBLOCK | O_NOCTTY);
                scoped(mem_freep) char *release = NULL, *build = NULL;

                if (fd < 0)
                        continue;
                build = binary_version(root, libraries[i]);
                if (!build)
                        continue;
                release = read_release(fd);
                *ret = release ? text_format("%s %s", release, build) : strdup(build);
                return *ret ? 0 : -ENOMEM;
        }
        return 0;
}

/* ---- all of it ---- */

static bool is_this_machine(const char *root)
{
        return !root || !*root || strcmp(root, "/") == 0;
}

static int kernel_now(char **ret)
{
        struct utsname name;

        if (uname(&name) < 0)
                return 0;
        *ret = text_printable_dup(name.release);
        return *ret ? 0 : -ENOMEM;
}

int surroundings_now(const char *root, const char *program, struct surroundings *ret)
{
        scoped(surroundings_done) struct surroundings now = { 0 };
        const char *top = is_this_machine(root) ? "" : root;
        int r = library_now(top, &now.libc);

        if (r == 0 && is_this_machine(root))
                r = kernel_now(&now.kernel);
        if (r < 0)
                return r;
        if (program && *program == '/')
                now.binary = binary_version(top, program);
        *ret = now;
        now = (struct surroundings){ 0 };
        return 0;
}

static bool differs(const char *then, const char *now)
{
        return then && now && strcmp(then, now) != 0;
}

/* The readable part; its length, or 0. */
static size_t release_of(const char *libc)
{
        const char *blank = strchr(libc, ' ');

        return blank ? (size_t)(blank - libc) : 0;
}

static int library_words(const char *then, const char *now, char ***words)
{
        size_t a = release_of(then), b = release_of(now);

        if (a && b && (a != b || strncmp(then, now, a) != 0))
                return strv_addf(words, "the C library was %.*s then, and is %.*s now", (int)a,
                                 then, (int)b, now);
        return strv_add(words, "the C library was another build then");
}

int surroundings_changed(const struct surroundings *then, const struct surroundings *now,
                         const char *program, char ***ret_words)
{
        scoped(strv_freep) char **words = NULL;
        const char *slash = program ? strrchr(program, '/') : NULL;
        const char *name = slash ? slash + 1 : program ? program : "the program";
        int r = 0;

        if (differs(then->binary, now->binary))
                r = strv_addf(&words, "%s was another build then", name);
        if (r >= 0 && differs(then->libc, now->libc))
                r = library_words(then->libc, now->libc, &words);
        if (r >= 0 && differs(then->kernel, now->kernel))
                r = strv_addf(&words, "the kernel was %s then, and is %s now", then->kernel,
                              now->kernel);
        if (r < 0)
                return r;
        *ret_words = take(words);
        return 0;
}
