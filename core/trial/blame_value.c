/* blame_value.c - what a sandbox denies, by its values. */
#include "core/trial/blame_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- paths ---- */

bool path_matches(const char *path, const char *prefix)
{
        size_t n = strcspn(prefix, "#");

        if (prefix[n] == '#') { /* "/proc/#": a number, whatever is below it */
                const char *rest = path + n;

                if (strncmp(path, prefix, n) != 0 ||
                    !(isdigit((unsigned char)*rest) || text_starts(rest, "PID")))
                        return false;
                rest += strcspn(rest, "/");
                return !prefix[n + 1] || path_matches(rest, prefix + n + 1);
        }
        while (n > 1 && prefix[n - 1] == '/')
                n--;
        return strncmp(path, prefix, n) == 0 && (n == 1 || path[n] == '/' || path[n] == '\0');
}

/* Calls got() with each path that a word of the list is about, until one answers true. */
static bool any_part(const char *word, bool (*got)(const char *part, const void *data),
                     const void *data)
{
        const char *at = word + strspn(word, "-+");
        bool found = false;

        /* SOURCE:DESTINATION:OPTIONS, ID:PATH: each part may be the path */
        while (*at && !found) {
                size_t n = strcspn(at, ":");
                char *part = strndup(at, n);

                found = part && part[0] == '/' && got(part, data);
                free(part);
                at += n;
                at += *at == ':';
        }
        return found;
}

static bool part_covers(const char *part, const void *path)
{
        return path_matches(path, part);
}

bool value_covers(const struct value *v, const char *path)
{
        for (char **word = v->words; word && *word; word++)
                if (any_part(*word, part_covers, path))
                        return true;
        return false;
}

size_t value_covers_from(const struct value *v, const char *path, bool destinations)
{
        size_t longest = 0;

        for (char **word = v->set ? v->words : NULL; word && *word; word++) {
                const char *at = *word + strspn(*word, "-+");
                const char *colon = destinations ? strchr(at, ':') : NULL;
                scoped(mem_freep) char *folder = NULL;

                if (colon && colon[1] == '/')
                        at = colon + 1;
                folder = strndup(at, strcspn(at, ":"));
                if (folder && *folder == '/' && path_matches(path, folder) &&
                    strlen(folder) > longest)
                        longest = strlen(folder);
        }
        return longest;
}

/* ---- capabilities, families, calls, users ---- */

bool denies_capability(const struct sandbox *s, const char *name)
{
        const struct value *v = &s->settings[D_CapabilityBoundingSet].value;
        int number = capability_number(name);

        return v->set && number >= 0 && !(v->bits >> number & 1);
}

bool denies_capability_itself(const struct sandbox *s, const char *name)
{
        const struct setting *own = &s->settings[D_CapabilityBoundingSet];
        const struct value *v = own->given ? &own->given->value : &own->value;
        int number = capability_number(name);

        if (!own->given && own->origin.kind == ORIGIN_IMPLIED)
                return false;
        return v->set && number >= 0 && !(v->bits >> number & 1);
}

bool denies_family(const struct sandbox *s, const char *name)
{
        const struct value *v = &s->settings[D_RestrictAddressFamilies].value;

        return v->set && strv_has(v->words, name) != v->allow;
}

/* The word of the filter that names the call: "read", "read:EPERM". */
static const char *filter_word(const struct sandbox *s, const char *call)
{
        size_t n = strlen(call);

        for (char **word = s->settings[D_SystemCallFilter].value.words; word && *word; word++)
                if (strncmp(*word, call, n) == 0 && ((*word)[n] == '\0' || (*word)[n] == ':'))
                        return *word;
        return NULL;
}

bool denies_call(const struct sandbox *s, const char *name)
{
        const struct value *v = &s->settings[D_SystemCallFilter].value;
        const char *word = v->set ? filter_word(s, name) : NULL;

        if (!v->set)
                return false;
        /* In an allow-list, a call with an errno of its own is a denied one. */
        return v->allow ? !word || strchr(word, ':') : word != NULL;
}

int denied_call_error(const struct sandbox *s, const char *name)
{
        const char *word = filter_word(s, name);
        const char *own = word ? strchr(word, ':') : NULL;
        const char *general = setting_word(s, D_SystemCallErrorNumber);
        int number;

        if (own)
                own++;
        else
                own = general ? general : "kill";
        number = isdigit((unsigned char)*own) ? atoi(own) : errno_number(own);
        return number > 0 ? number : 0;
}

bool runs_as_root(const struct sandbox *s)
{
        const char *user = setting_word(s, D_User);

        if (setting_yes(s, D_DynamicUser))
                return false;
        return !user || !*user || strcmp(user, "root") == 0 || strcmp(user, "0") == 0;
}

/* ---- namespaces ---- */

bool denies_namespaces(const struct sandbox *s, const struct dialect *dialect, uint64_t flags)
{
        const struct value *v = &s->settings[D_RestrictNamespaces].value;
        uint64_t all = namespace_all(dialect);

        if (!v->set || (v->bits & all) == all)
                return false;
        return (flags & all) == 0 || (flags & all & ~v->bits) != 0;
}

/* ---- ports ---- */

/* "ipv4:udp:1-1024", "tcp", "any", "5353" */
static bool port_rule_covers(const char *rule, bool six, bool tcp, unsigned port)
{
        scoped(strv_freep) char **parts = NULL;

        if (strv_split(rule, ":", &parts) < 0)
                return false;
        for (char **part = parts; part && *part; part++) {
                unsigned first = 0, last = 0;
                int n = sscanf(*part, "%u-%u", &first, &last);

                if (strcmp(*part, "ipv4") == 0 ? six : strcmp(*part, "ipv6") == 0 && !six)
                        return false;
                if (strcmp(*part, "tcp") == 0 ? !tcp : strcmp(*part, "udp") == 0 && tcp)
                        return false;
                if (n >= 1 && (port < first || port > (n == 2 ? last : first)))
                        return false;
        }
        return parts != NULL;
}

static bool any_rule_covers(const struct value *v, bool six, bool tcp, unsigned port)
{
        for (char **rule = v->set ? v->words : NULL; rule && *rule; rule++)
                if (port_rule_covers(*rule, six, tcp, port))
                        return true;
        return false;
}

bool denies_port(const struct sandbox *s, bool six, bool tcp, unsigned port)
{
        return any_rule_covers(&s->settings[D_SocketBindDeny].value, six, tcp, port) &&
               !any_rule_covers(&s->settings[D_SocketBindAllow].value, six, tcp, port);
}

/* ---- addresses ---- */

/* "10.0.0.0/8": bytes and how many bits of them count; false: no address. */
static bool read_prefix(const char *text, unsigned char bytes[16], unsigned *ret_bits, int *ret_af)
{
        char address[INET6_ADDRSTRLEN + 1];
        size_t n = strcspn(text, "/");
        unsigned most;

        if (n >= sizeof(address))
                return false;
        memcpy(address, text, n);
        address[n] = '\0';
        *ret_af = strchr(address, ':') ? AF_INET6 : AF_INET;
        most = *ret_af == AF_INET6 ? 128 : 32;
        if (inet_pton(*ret_af, address, bytes) != 1)
                return false;
        *ret_bits = text[n] == '/' ? (unsigned)strtoul(text + n + 1, NULL, 10) : most;
        return *ret_bits <= most;
}

static bool prefix_covers(const char *outer, const char *inner)
{
        unsigned char x[16] = { 0 }, y[16] = { 0 };
        unsigned bits, inner_bits;
        int af, inner_af;

        if (!read_prefix(outer, x, &bits, &af) || !read_prefix(inner, y, &inner_bits, &inner_af) ||
            af != inner_af || inner_bits < bits)
                return false;
        for (unsigned i = 0; i < bits; i++)
                if ((x[i / 8] ^ y[i / 8]) >> (7 - i % 8) & 1)
                        return false;
        return true;
}

static bool any_covers(const struct value *v, const char *address)
{
        for (char **word = v->set ? v->words : NULL; word && *word; word++)
                if (prefix_covers(*word, address))
                        return true;
        return false;
}

bool denies_address(const struct sandbox *s, const char *address)
{
        return any_covers(&s->settings[D_IPAddressDeny].value, address) &&
               !any_covers(&s->settings[D_IPAddressAllow].value, address);
}

bool address_is_loopback(const char *address)
{
        return prefix_covers("127.0.0.0/8", address) || prefix_covers("::1/128", address);
}

bool denies_interface(const struct sandbox *s, const char *address)
{
        const struct value *v = &s->settings[D_RestrictNetworkInterfaces].value;
        bool lo = strv_has(v->words, "lo");
        size_t n = strv_length(v->words);

        if (!v->set)
                return false;
        if (address_is_loopback(address))
                return lo != v->allow;
        return v->allow ? n == 0 || (lo && n == 1) : n > 1 || !lo;
}

/* ---- devices ---- */

/* What DevicePolicy=closed lets through besides what is named. */
static const char usual[] = "/dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty "
                            "/dev/ptmx /dev/pts /dev/pts/ptmx";

static bool is_usual(const char *path)
{
        size_t n = strlen(path);

        for (const char *at = usual; (at = strstr(at, path)); at += n)
                if ((at == usual || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
                        return true;
        return path_matches(path, "/dev/pts");
}

bool names_device(const struct sandbox *s, const char *path)
{
        const struct value *v = &s->settings[D_DeviceAllow].value;

        for (char **word = v->set ? v->words : NULL; word && *word; word++) {
                size_t n = strcspn(*word, " ");

                if (strlen(path) == n && strncmp(*word, path, n) == 0)
                        return true;
        }
        return false;
}

enum directive_id denies_device(const struct sandbox *s, const char *path)
{
        const char *policy = setting_word(s, D_DevicePolicy);
        const struct value *allow = &s->settings[D_DeviceAllow].value;
        bool strict = policy && strcmp(policy, "strict") == 0;
        bool closed = policy && strcmp(policy, "closed") == 0;
        bool listed = allow->set && allow->words;

        if (names_device(s, path) || (!strict && is_usual(path)))
                return DIRECTIVE_COUNT;
        if (strict || closed)
                return D_DevicePolicy;
        return listed ? D_DeviceAllow : DIRECTIVE_COUNT;
}
