/* ksym.c - kernel addresses to the names of functions, and who of them asked for a capability. */
#include "core/observe/ksym.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/observe/ksym_quiet.inc"

enum { KALLSYMS_LIMIT = 64 << 20 };

struct symbol {
        uint64_t address;
        uint32_t name; /* offset into names */
        uint32_t rank; /* among symbols of one address the least wins */
};

struct ksyms {
        struct symbol *symbols; /* by address */
        size_t count, room;
        char *names;
        size_t names_length, names_room;
};

void ksym_free(struct ksyms *k)
{
        if (!k)
                return;
        free(k->symbols);
        free(k->names);
        free(k);
}

static void *widen(void *memory, size_t *room, size_t need, size_t size)
{
        size_t more = *room ? *room : 4096;
        void *wider;

        while (more < need)
                more *= 2;
        if (more == *room)
                return memory;
        wider = realloc(memory, more * size);
        if (wider)
                *room = more;
        return wider;
}

static int add(struct ksyms *k, uint64_t address, char type, const char *name, size_t length)
{
        struct symbol *symbols = widen(k->symbols, &k->room, k->count + 1, sizeof(*symbols));
        char *names;

        if (!symbols)
                return -ENOMEM;
        k->symbols = symbols;
        names = widen(k->names, &k->names_room, k->names_length + length + 1, 1);
        if (!names)
                return -ENOMEM;
        k->names = names;
        /* Of aliases, a global function is the one that people know. */
        k->symbols[k->count++] = (struct symbol){ address, (uint32_t)k->names_length,
                                                  type == 'T' ? 0 : 1 };
        memcpy(k->names + k->names_length, name, length);
        k->names[k->names_length + length] = '\0';
        k->names_length += length + 1;
        return 0;
}

/* "ffffffff81000000 T _text\t[module]".  What is not such a line is passed over. */
static int parse_line(struct ksyms *k, const char *line, const char *end)
{
        uint64_t address = 0;
        const char *p = line, *name;

        for (; p < end && p - line < 16; p++) {
                const char *digit = strchr("0123456789abcdef", *p);

                if (!digit || !*p)
                        break;
                address = address << 4 | (uint64_t)(digit - "0123456789abcdef");
        }
        if (p == line || address == 0 || end - p < 4 || p[0] != ' ' || p[2] != ' ' || !p[1] ||
            !strchr("tTwW", p[1]))
                return 0;
        name = p + 3;
        for (const char *n = name; n <= end; n++)
                if (n == end || *n == '\t' || *n == ' ' || *n == '\0')
                        return n == name ? 0 : add(k, address, p[1], name, (size_t)(n - name));
        return 0;
}

static int by_address(const void *a, const void *b)
{
        const struct symbol *x = a, *y = b;

        if (x->address != y->address)
                return x->address < y->address ? -1 : 1;
        return x->rank < y->rank ? -1 : x->rank > y->rank;
}

int ksym_parse(const char *text, size_t length, struct ksyms **ret)
{
        scoped(ksym_freep) struct ksyms *k = calloc(1, sizeof(*k));
        const char *end = text + length;

        if (!k)
                return -ENOMEM;
        while (text < end) {
                const char *newline = memchr(text, '\n', (size_t)(end - text));
                int r = parse_line(k, text, newline ? newline : end);

                if (r < 0)
                        return r;
                text = newline ? newline + 1 : end;
        }
        if (k->count == 0)
                return 1;
        qsort(k->symbols, k->count, sizeof(*k->symbols), by_address);
        *ret = take(k);
        return 0;
}

int ksym_open(struct ksyms **ret, struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        size_t length = 0;
        int r = file_read(AT_FDCWD, "/proc/kallsyms", KALLSYMS_LIMIT, &text, &length, e);

        if (r == 0)
                r = ksym_parse(text, length, ret);
        if (r > 0)
                return err_say(e, 1, "the kernel hides its addresses (kernel.kptr_restrict)");
        return r;
}

/* The last function that begins at or before address, or -1. */
static ssize_t find(const struct ksyms *k, uint64_t address)
{
        size_t low = 0, high = k->count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (k->symbols[middle].address <= address)
                        low = middle + 1;
                else
                        high = middle;
        }
        /* The first of its aliases. */
        while (low > 1 && k->symbols[low - 2].address == k->symbols[low - 1].address)
                low--;
        return (ssize_t)low - 1;
}

/* "__x64_sys_chown" and its like are "sys_chown" on every architecture. */
static const char *plain(const char *name)
{
        static const char *const wrappers[] = { "__x64_sys_",   "__ia32_sys_", "__arm64_sys_",
                                                "__arm32_sys_", "__se_sys_",   "__do_sys_" };

        for (size_t i = 0; i < COUNT(wrappers); i++)
                if (text_starts(name, wrappers[i]))
                        return name + strlen(wrappers[i]) - 4;
        return name;
}

const char *ksym_find(const struct ksyms *k, uint64_t address, char name[KSYM_NAME])
{
        enum { FUNCTION_MOST = 1 << 20 }; /* no function is longer: it is a hole behind the last */
        ssize_t at = find(k, address);

        if (at < 0 || address - k->symbols[at].address > FUNCTION_MOST)
                return NULL;
        snprintf(name, KSYM_NAME, "%s", plain(k->names + k->symbols[at].name));
        name[strcspn(name, ".")] = '\0';
        return name;
}

static bool is_helper(const char *name)
{
        for (size_t i = 0; i < COUNT(helpers); i++) {
                size_t n = strlen(helpers[i]);

                if (helpers[i][n - 1] == '*' ? strncmp(name, helpers[i], n - 1) == 0
                                             : strcmp(name, helpers[i]) == 0)
                        return true;
        }
        return false;
}

/* -1: the table does not know the function. */
static int looked_up(const char *name, unsigned capability)
{
        for (size_t i = 0; i < COUNT(rows); i++)
                if (strcmp(rows[i].function, name) == 0 &&
                    (rows[i].capability < 0 || (unsigned)rows[i].capability == capability))
                        return (int)rows[i].answer;
        return -1;
}

void ksym_asker(const struct ksyms *k, const uint64_t *stack, size_t length, unsigned capability,
                bool root, bool unaudited, struct ksym_asker *ret)
{
        bool lower = false;
        int answer = -1;
        size_t asked = 0;

        *ret = (struct ksym_asker){ 0 };
        for (size_t i = 0; i < length; i++) {
                char name[KSYM_NAME];

                /* A return address may lie just behind its function's last call. */
                if (stack[i] == 0 || !ksym_find(k, stack[i] - 1, name))
                        continue;
                if (strstr(name, "noaudit"))
                        unaudited = true;
                if (!ret->by[0] && is_helper(name))
                        continue;
                if (!ret->by[0]) {
                        memcpy(ret->by, name, sizeof(name));
                        asked = i;
                }
                if (answer < 0)
                        answer = looked_up(name, capability);
                /* overlayfs asks its own caller's questions directly; what lies deeper it asks on
                 * the real file as the one who mounted it, whose capabilities those are. */
                if (text_starts(name, "ovl_") && i > asked + 1)
                        lower = true;
        }
        ret->quiet = answer == IDLE || (answer == IDLE_FOR_ROOT && root) ||
                     (answer < 0 && (unaudited || lower));
}
