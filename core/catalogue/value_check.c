/* value_check.c - what systemd accepts as a path, a user, an address, a port rule … */
#include "core/catalogue/value_private.h"

#include "core/base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool has_control(const char *text)
{
        for (; *text; text++)
                if ((unsigned char)*text < ' ' || *text == 0x7f)
                        return true;
        return false;
}

/* Whether the text is UTF-8: text_printable() changes whatever isn't, and not only that, so
 * here is the plain rule. */
static bool is_utf8(const char *text)
{
        const unsigned char *p = (const unsigned char *)text;

        while (*p) {
                size_t more = *p < 0x80       ? 0
                              : *p >> 5 == 6  ? 1
                              : *p >> 4 == 14 ? 2
                              : *p >> 3 == 30 ? 3
                                              : 9;
                uint32_t c = more == 0 ? *p : *p & (0x3fU >> more);

                if (more == 9)
                        return false;
                for (size_t i = 1; i <= more; i++) {
                        if (p[i] >> 6 != 2)
                                return false;
                        c = c << 6 | (p[i] & 0x3f);
                }
                if ((more == 1 && c < 0x80) || (more == 2 && c < 0x800) ||
                    (more == 3 && c < 0x10000) || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                        return false;
                p += more + 1;
        }
        return true;
}

int check_path(const char *text, bool absolute, char **ret)
{
        struct text t = { 0 };

        if (!*text || (*text == '/') != absolute || !is_utf8(text) || strlen(text) >= PATH_MAX)
                return -EINVAL;
        if (absolute)
                text_add(&t, "/");
        while (*text) {
                size_t n = strcspn(text, "/");
                bool dots = n == 2 && text[0] == '.' && text[1] == '.';

                /* A relative path of nothing but "." stays one, and isn't normalised. */
                if (dots || n > NAME_MAX) {
                        text_done(&t);
                        return -EINVAL;
                }
                if (n > 0 && !(n == 1 && *text == '.')) {
                        if (t.length > (size_t)absolute)
                                text_add(&t, "/");
                        text_addn(&t, text, n);
                }
                text += n + (text[n] == '/');
        }
        if (t.length == 0 && !t.failed)
                return -EINVAL;
        *ret = text_take(&t);
        return *ret ? 0 : -ENOMEM;
}

bool check_user(const char *name)
{
        size_t n = strlen(name), digits = strspn(name, DIGITS);

        if (n == 0 || !is_utf8(name) || has_control(name) || strpbrk(name, ":/"))
                return false;
        if (strchr(BLANKS, name[0]) || strchr(BLANKS, name[n - 1]))
                return false;
        if (digits == n) {
                unsigned long long id = n <= 10 ? strtoull(name, NULL, 10) : ULLONG_MAX;

                return id < UINT32_MAX && id != 0xffff && (n == 1 || name[0] != '0');
        }
        if (name[0] == '-' && strspn(name + 1, DIGITS) == n - 1)
                return false;
        return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

bool check_environment_name(const char *name, size_t n)
{
        return n > 0 && !strchr(DIGITS, *name) && strspn(name, LETTERS DIGITS "_") >= n;
}

bool check_interface(const char *name)
{
        size_t n = strlen(name);

        if (n == 0 || n > 15 || strspn(name, DIGITS) == n)
                return false;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "all") == 0 ||
            strcmp(name, "default") == 0)
                return false;
        for (; *name; name++)
                if (*name <= ' ' || *name >= 0x7f || strchr(":/%", *name))
                        return false;
        return true;
}

bool check_credential(const char *name, size_t n)
{
        if (n == 0 || n > NAME_MAX || (name[0] == '.' && (n == 1 || (n == 2 && name[1] == '.'))))
                return false;
        for (size_t i = 0; i < n; i++)
                if ((unsigned char)name[i] < ' ' || (unsigned char)name[i] >= 0x7f ||
                    strchr("/:", name[i]))
                        return false;
        return true;
}

bool check_device(const char *path)
{
        static const char *const below[] = { "/dev/", "/run/systemd/inaccessible/" };

        for (size_t i = 0; i < COUNT(below); i++)
                if (text_starts(path, below[i]) && path[strlen(below[i])])
                        return true;
        return false;
}

int check_errno(const char *word)
{
        char *end = NULL;
        long number;

        if (strcmp(word, "kill") == 0)
                return ERRNO_KILL;
        if (!strchr("+-" DIGITS, *word) || !*word)
                return errno_number(word);
        errno = 0;
        number = strtol(word, &end, 0);
        return errno == 0 && !*end && number >= 0 && number <= 4095 ? (int)number : -1;
}

static void mask(unsigned char *bytes, size_t n, unsigned length)
{
        for (unsigned i = 0; i < n; i++)
                if (i * 8 >= length)
                        bytes[i] = 0;
                else if (i * 8 + 8 > length)
                        bytes[i] &= (unsigned char)(0xff << (i * 8 + 8 - length));
}

int check_address(const char *word, char **ret)
{
        unsigned char bytes[16];
        char address[INET6_ADDRSTRLEN], shown[INET6_ADDRSTRLEN];
        int family = strchr(word, ':') ? AF_INET6 : AF_INET;
        unsigned long most = family == AF_INET ? 32 : 128, length = most;
        const char *slash = strchr(word, '/');
        size_t n = slash ? (size_t)(slash - word) : strlen(word);

        if (n >= sizeof(address))
                return -EINVAL;
        memcpy(address, word, n);
        address[n] = '\0';
        if (inet_pton(family, address, bytes) != 1)
                return -EINVAL;
        if (slash) {
                char *end = NULL;

                if (!strchr(DIGITS, slash[1]) || !slash[1])
                        return -EINVAL;
                length = strtoul(slash + 1, &end, 0);
                if (*end || length > most)
                        return -EINVAL;
        }
        mask(bytes, family == AF_INET ? 4 : 16, (unsigned)length);
        if (!inet_ntop(family, bytes, shown, sizeof(shown)))
                return -EINVAL;
        *ret = text_format("%s/%lu", shown, length);
        return *ret ? 0 : -ENOMEM;
}

/* The bytes of an address and its length in bits.  Its family, or -1. */
static int prefix_of(const char *word, unsigned char bytes[16], unsigned *ret_length)
{
        scoped(mem_freep) char *plain = NULL;
        char *slash;
        int family;

        if (check_address(word, &plain) < 0)
                return -1;
        slash = strchr(plain, '/');
        *slash = '\0';
        *ret_length = (unsigned)strtoul(slash + 1, NULL, 10);
        family = strchr(plain, ':') ? AF_INET6 : AF_INET;
        return inet_pton(family, plain, bytes) == 1 ? family : -1;
}

bool address_covers(const char *outer, const char *inner)
{
        unsigned char a[16] = { 0 }, b[16] = { 0 };
        unsigned a_length = 0, b_length = 0, whole;
        int family = prefix_of(outer, a, &a_length);

        if (family < 0)
                return strcmp(outer, inner) == 0;
        if (prefix_of(inner, b, &b_length) != family || b_length < a_length)
                return false;
        whole = a_length / 8;
        if (memcmp(a, b, whole) != 0)
                return false;
        return a_length % 8 == 0 || (a[whole] ^ b[whole]) >> (8 - a_length % 8) == 0;
}

/* One number of a port rule, up to end (which '\0' or '-' may be). */
static bool take_port(const char **p, unsigned *ret)
{
        size_t n = strspn(*p, DIGITS);

        if (n == 0 || n > 5 || **p == '0')
                return false;
        *ret = (unsigned)strtoul(*p, NULL, 10);
        *p += n;
        return *ret <= 65535;
}

static bool take_word(const char **p, const char *word)
{
        size_t n = strlen(word);

        if (strncmp(*p, word, n) != 0 || ((*p)[n] && (*p)[n] != ':'))
                return false;
        *p += n;
        return true;
}

/* [ipv4|ipv6][:tcp|udp][:PORT[-PORT]|:any], each part by itself too. */
int check_port(const char *text, char **ret)
{
        const char *family = "", *protocol = "";
        unsigned first = 0, last = 0;
        bool more = true;

        if (take_word(&text, "ipv4") || take_word(&text, "ipv6"))
                family = text[-1] == '4' ? "ipv4" : "ipv6";
        if (*family) {
                more = *text == ':';
                text += more;
        }
        if (more && (take_word(&text, "tcp") || take_word(&text, "udp"))) {
                protocol = text[-1] == 'p' && text[-2] == 'c' ? "tcp" : "udp";
                more = *text == ':';
                text += more;
        }
        if (more && strcmp(text, "any") != 0) {
                if (!take_port(&text, &first))
                        return -EINVAL;
                last = first;
                if (*text == '-') {
                        text++;
                        if (!take_port(&text, &last) || last < first)
                                return -EINVAL;
                }
                if (*text)
                        return -EINVAL;
        }
        if (first == 0)
                *ret = text_format("%s%s%s", family, *family && *protocol ? ":" : "",
                                   *family || *protocol ? protocol : "any");
        else
                *ret = text_format(last > first ? "%s%s%s%s%u-%u" : "%s%s%s%s%u", family,
                                   *family ? ":" : "", protocol, *protocol ? ":" : "", first, last);
        return *ret ? 0 : -ENOMEM;
}

/* Base64 that decodes to something; blanks count for nothing. */
bool check_base64(const char *text)
{
        static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789+/";
        size_t data = 0, padding = 0;

        for (; *text; text++) {
                if (strchr(BLANKS, *text))
                        continue;
                if (*text == '=')
                        padding++;
                else if (padding || !strchr(letters, *text))
                        return false;
                else
                        data++;
        }
        return data > 0 && padding <= 2 && (data + padding) % 4 == 0;
}
