/* manager_tuples.c - properties that are lists of tuples, a word for each as a unit file has it. */
#include "core/unit/manager_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mount.h>

/* A path between colons, as the unit file has it. */
static char *escaped(const char *path)
{
        struct text t = { 0 };

        for (; *path; path++) {
                if (strchr(" \t\n\r\"'\\:", *path))
                        text_add(&t, "\\");
                text_addn(&t, path, 1);
        }
        return text_take(&t);
}

/* Device rules are two words; the rest are joined by colons. */
static int add_pair(sd_bus_message *m, const struct directive *d, char ***words)
{
        scoped(mem_freep) char *path = NULL;
        const char *first = NULL, *second = NULL;
        int r = sd_bus_message_read(m, "(ss)", &first, &second);

        if (r <= 0)
                return r;
        path = d->kind == KIND_BINDS ? escaped(first) : strdup(first);
        if (!path)
                return -ENOMEM;
        r = !*second
                    ? strv_add(words, path)
                    : strv_addf(words, "%s%s%s", path, d->kind == KIND_DEVICES ? " " : ":", second);
        return r < 0 ? r : 1;
}

/* SOURCE[:DESTINATION[:norbind]] */
static int add_bind(sd_bus_message *m, const struct directive *d, char ***words)
{
        scoped(mem_freep) char *from = NULL, *to = NULL;
        const char *source = NULL, *destination = NULL;
        uint64_t flags = 0;
        int ignore = 0;
        int r = sd_bus_message_read(m, "(ssbt)", &source, &destination, &ignore, &flags);
        bool plain = flags & MS_REC;

        (void)d;
        if (r <= 0)
                return r;
        from = escaped(source);
        to = escaped(destination);
        if (!from || !to)
                return -ENOMEM;
        if (plain && strcmp(from, to) == 0)
                r = strv_addf(words, "%s%s", ignore ? "-" : "", from);
        else
                r = strv_addf(words, "%s%s:%s%s", ignore ? "-" : "", from, to,
                              plain ? "" : ":norbind");
        return r < 0 ? r : 1;
}

/* IMAGE[:DESTINATION][:PARTITION:OPTIONS]… */
static int add_image(sd_bus_message *m, bool has_destination, char ***words)
{
        scoped(mem_freep) char *word = NULL;
        const char *source = NULL, *destination = "", *partition = NULL, *options = NULL;
        struct text t = { 0 };
        int ignore = 0;
        int r = sd_bus_message_enter_container(m, 'r', has_destination ? "ssba(ss)" : "sba(ss)");

        if (r <= 0)
                return r;
        r = has_destination ? sd_bus_message_read(m, "ssb", &source, &destination, &ignore)
                            : sd_bus_message_read(m, "sb", &source, &ignore);
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "(ss)");
        if (r < 0)
                return r;
        text_addf(&t, "%s%s%s%s", ignore ? "-" : "", source, *destination ? ":" : "", destination);
        while ((r = sd_bus_message_read(m, "(ss)", &partition, &options)) > 0)
                if (*options)
                        text_addf(&t, ":%s:%s", partition, options);
        word = text_take(&t);
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        if (r < 0)
                return r;
        r = word ? strv_add(words, word) : -ENOMEM;
        return r < 0 ? r : 1;
}

static int add_mount_image(sd_bus_message *m, const struct directive *d, char ***words)
{
        (void)d;
        return add_image(m, true, words);
}

static int add_extension_image(sd_bus_message *m, const struct directive *d, char ***words)
{
        (void)d;
        return add_image(m, false, words);
}

static int add_prefix(sd_bus_message *m, const struct directive *d, char ***words)
{
        char text[INET6_ADDRSTRLEN];
        const void *bytes = NULL;
        size_t length = 0;
        uint32_t prefix = 0;
        int32_t family = 0;
        int r = sd_bus_message_enter_container(m, 'r', "iayu");

        (void)d;
        if (r <= 0)
                return r;
        r = sd_bus_message_read(m, "i", &family);
        if (r >= 0)
                r = sd_bus_message_read_array(m, 'y', &bytes, &length);
        if (r >= 0)
                r = sd_bus_message_read(m, "u", &prefix);
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        if (r < 0)
                return r;
        if (!(family == AF_INET && length == 4) && !(family == AF_INET6 && length == 16))
                return -EBADMSG;
        if (!inet_ntop(family, bytes, text, sizeof(text)))
                return -errno;
        r = strv_addf(words, "%s/%u", text, prefix);
        return r < 0 ? r : 1;
}

/* [ipv4:|ipv6:][tcp:|udp:](PORT[-PORT]|any) */
static int add_port(sd_bus_message *m, const struct directive *d, char ***words)
{
        uint16_t count = 0, first = 0;
        int32_t family = 0, protocol = 0;
        const char *family_word, *protocol_word;
        int r = sd_bus_message_read(m, "(iiqq)", &family, &protocol, &count, &first);

        (void)d;
        if (r <= 0)
                return r;
        family_word = family == AF_INET ? "ipv4:" : family == AF_INET6 ? "ipv6:" : "";
        protocol_word = protocol == IPPROTO_TCP ? "tcp:" : protocol == IPPROTO_UDP ? "udp:" : "";
        if (count == 0)
                r = strv_addf(words, "%s%s%s", family_word, protocol_word,
                              *family_word || *protocol_word ? "" : "any");
        else if (count == 1)
                r = strv_addf(words, "%s%s%u", family_word, protocol_word, first);
        else
                r = strv_addf(words, "%s%s%u-%u", family_word, protocol_word, first,
                              (unsigned)first + count - 1);
        if (r >= 0 && count == 0 && (*family_word || *protocol_word)) {
                /* "ipv4:tcp": without the colon that waits for a port */
                char *last = (*words)[strv_length(*words) - 1];

                last[strlen(last) - 1] = '\0';
        }
        return r < 0 ? r : 1;
}

/* ID:DATA, where the data may hold anything. */
static int add_data(sd_bus_message *m, const struct directive *d, char ***words)
{
        scoped(mem_freep) char *word = NULL;
        const char *id = NULL;
        const uint8_t *bytes = NULL;
        struct text t = { 0 };
        size_t length = 0;
        int r = sd_bus_message_enter_container(m, 'r', "say");

        (void)d;
        if (r <= 0)
                return r;
        r = sd_bus_message_read(m, "s", &id);
        if (r >= 0)
                r = sd_bus_message_read_array(m, 'y', (const void **)&bytes, &length);
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        if (r < 0)
                return r;
        text_addf(&t, "%s:", id);
        for (size_t i = 0; i < length; i++)
                if (bytes[i] >= ' ' && bytes[i] < 0x7f && bytes[i] != '\\')
                        text_addn(&t, (const char *)&bytes[i], 1);
                else
                        text_addf(&t, "\\x%02x", bytes[i]);
        word = text_take(&t);
        r = word ? strv_add(words, word) : -ENOMEM;
        return r < 0 ? r : 1;
}

/* PATH[:FDNAME[:OPTIONS]] */
static int add_open_file(sd_bus_message *m, const struct directive *d, char ***words)
{
        static const char *const names[] = { "read-only", "append", "truncate", "graceful" };
        scoped(strv_freep) char **options = NULL;
        scoped(mem_freep) char *joined = NULL;
        const char *path = NULL, *name = NULL;
        uint64_t flags = 0;
        int r = sd_bus_message_read(m, "(sst)", &path, &name, &flags);

        (void)d;
        if (r <= 0)
                return r;
        for (size_t i = 0; r >= 0 && i < COUNT(names); i++)
                if (flags & UINT64_C(1) << i)
                        r = strv_add(&options, names[i]);
        if (r < 0)
                return r;
        joined = strv_join(options, ",");
        if (!joined)
                return -ENOMEM;
        if (*joined)
                r = strv_addf(words, "%s:%s:%s", path, name, joined);
        else
                r = *name ? strv_addf(words, "%s:%s", path, name) : strv_add(words, path);
        return r < 0 ? r : 1;
}

static int add_nft_set(sd_bus_message *m, const struct directive *d, char ***words)
{
        static const char *const sources[] = { "address", "prefix", "ifindex",
                                               "cgroup",  "user",   "group" };
        static const char *const families[] = {
                [1] = "inet", [2] = "ip", [3] = "arp", [5] = "netdev", [7] = "bridge", [10] = "ip6"
        };
        const char *table = NULL, *set = NULL;
        int32_t source = 0, family = 0;
        int r = sd_bus_message_read(m, "(iiss)", &source, &family, &table, &set);

        (void)d;
        if (r <= 0)
                return r;
        if (source < 0 || (size_t)source >= COUNT(sources) || family < 0 ||
            (size_t)family >= COUNT(families) || !families[family])
                return 1; /* a kind of set that came after this was written */
        r = strv_addf(words, "%s:%s:%s:%s", sources[source], families[family], table, set);
        return r < 0 ? r : 1;
}

/* Not a list: the choice, and the host name that goes with it from 258 on. */
static int read_choice_pair(sd_bus_message *m, struct value *v)
{
        const char *choice = NULL, *name = NULL;
        int r = sd_bus_message_read(m, "(ss)", &choice, &name);

        return r < 0 ? r : value_word(v, choice);
}

static int read_all(sd_bus_message *m, const struct directive *d, const char *signature,
                    int (*add)(sd_bus_message *, const struct directive *, char ***),
                    struct value *v)
{
        int r = sd_bus_message_enter_container(m, 'a', signature + 1);

        if (r < 0)
                return r;
        while ((r = add(m, d, &v->words)) > 0)
                ;
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        v->set = v->words != NULL;
        return r;
}

int property_tuples(sd_bus_message *m, const char *signature, const struct directive *d,
                    struct value *ret)
{
        static const struct {
                const char *signature;
                int (*add)(sd_bus_message *m, const struct directive *d, char ***words);
        } lists[] = {
                { "a(ss)", add_pair },
                { "a(ssbt)", add_bind },
                { "a(ssba(ss))", add_mount_image },
                { "a(sba(ss))", add_extension_image },
                { "a(iayu)", add_prefix },
                { "a(iiqq)", add_port },
                { "a(say)", add_data },
                { "a(sst)", add_open_file },
                { "a(iiss)", add_nft_set },
        };
        int r;

        if (strcmp(signature, "(ss)") == 0) {
                r = read_choice_pair(m, ret);
                return r < 0 ? r : 1;
        }
        for (size_t i = 0; i < COUNT(lists); i++)
                if (strcmp(lists[i].signature, signature) == 0) {
                        r = read_all(m, d, signature, lists[i].add, ret);
                        return r < 0 ? r : 1;
                }
        return 0;
}
