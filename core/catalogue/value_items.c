/* value_items.c - the members of lists: which are taken, and in which form. */
#include "core/catalogue/value_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* BPFMapCreate and its kin: which there are grows with the kernel. */
static int add_bpf_name(const struct merge *m, const char *word, char ***list)
{
        (void)m;
        return *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789_-")]
                       ? strv_add(list, word)
                       : -EINVAL;
}

static int add_any(const struct merge *m, const char *word, char ***list)
{
        (void)m;
        return *word ? strv_add(list, word) : -EINVAL;
}

static int add_group(const struct merge *m, const char *word, char ***list)
{
        (void)m;
        return check_user(word) ? strv_add(list, word) : -EINVAL;
}

static int add_vocabulary(const struct merge *m, const char *word, char ***list)
{
        int words = vocabulary_of(m->d->id);

        return words >= 0 && vocabulary_has((enum vocabulary)words, word) ? strv_add(list, word)
                                                                          : -EINVAL;
}

/* A name, or the mask in hexadecimal digits. */
static int add_dump(const struct merge *m, const char *word, char ***list)
{
        const char *digits = strncasecmp(word, "0x", 2) == 0 ? word + 2 : word;
        size_t n = strspn(digits, "0123456789abcdefABCDEF");

        if (n > 0 && n <= 16 && !digits[n])
                return strv_add(list, word);
        return add_vocabulary(m, word, list);
}

static int add_variable(const struct merge *m, const char *word, char ***list)
{
        size_t n = strcspn(word, "=");

        /* A name; where it is taken away, an assignment too. */
        if (!check_environment_name(word, n) || (word[n] && m->d->id != D_UnsetEnvironment))
                return -EINVAL;
        return strv_add(list, word);
}

static int add_processors(const struct merge *m, const char *word, char ***list)
{
        size_t n = strspn(word, "0123456789");
        size_t more = word[n] == '-' ? strspn(word + n + 1, "0123456789") : 0;

        (void)m;
        if (n == 0 || n > 5 || more > 5 || word[n + (more ? more + 1 : 0)])
                return -EINVAL;
        return strv_add(list, word);
}

static int add_unit(const struct merge *m, const char *word, char ***list)
{
        const char *dot = strrchr(word, '.');

        (void)m;
        if (!dot || dot == word || !dot[1] || strlen(word) > 255 || strchr(word, '/'))
                return -EINVAL;
        return strv_add(list, word);
}

static int add_nft_set(const struct merge *m, const char *word, char ***list)
{
        size_t colons = 0;

        (void)m;
        for (const char *c = word; (c = strchr(c, ':')); c++)
                colons++;
        return colons == 3 && !strstr(word, "::") ? strv_add(list, word) : -EINVAL;
}

static int add_glob(const struct merge *m, const char *word, char ***list)
{
        size_t n = strcspn(word, ":");

        if (n == 0 || strchr(word, '/') || (word[n] && !merge_knows(m, 257)))
                return -EINVAL;
        return strv_add(list, word);
}

/* [-][+]/path, in this order */
static int add_path(const struct merge *m, const char *word, char ***list)
{
        scoped(mem_freep) char *path = NULL;
        bool optional = *word == '-';
        bool below_root = word[optional] == '+';
        int r = check_path(word + optional + below_root, true, &path);

        (void)m;
        if (r < 0)
                return r;
        return strv_addf(list, "%s%s%s", optional ? "-" : "", below_root ? "+" : "", path);
}

/* The words that stand for two prefixes each. */
static int add_address(const struct merge *m, const char *word, char ***list)
{
        static const struct {
                const char *word, *first, *second;
        } named[] = {
                { "any", "0.0.0.0/0", "::/0" },
                { "localhost", "127.0.0.0/8", "::1/128" },
                { "link-local", "169.254.0.0/16", "fe80::/64" },
                { "multicast", "224.0.0.0/4", "ff00::/8" },
        };
        static const char *const local[] = { "localhost", "localhost.", "localhost.localdomain",
                                             "localhost.localdomain." };
        scoped(mem_freep) char *prefix = NULL;
        size_t n = strlen(word);
        int r;

        (void)m;
        for (size_t i = 0; i < COUNT(local); i++) {
                size_t tail = strlen(local[i]);

                if (n >= tail && strcasecmp(word + n - tail, local[i]) == 0 &&
                    (n == tail || word[n - tail - 1] == '.'))
                        word = "localhost";
        }
        for (size_t i = 0; i < COUNT(named); i++)
                if (strcmp(named[i].word, word) == 0) {
                        r = strv_add(list, named[i].first);
                        return r < 0 ? r : strv_add(list, named[i].second);
                }
        r = check_address(word, &prefix);
        return r < 0 ? r : strv_add(list, prefix);
}

static int add_port(const struct merge *m, const char *word, char ***list)
{
        scoped(mem_freep) char *rule = NULL;
        int r = check_port(word, &rule);

        (void)m;
        return r < 0 ? r : strv_add(list, rule);
}

/* NODE-OR-CLASS [RIGHTS] */
static int add_device(const struct merge *m, const char *text, char ***list)
{
        scoped(mem_freep) char *word = NULL, *path = NULL, *quoted = NULL;
        const char *p = text, *rights;
        struct text t = { 0 };
        int r = split_word(&p, SPLIT_QUOTES, &word);

        (void)m;
        if (r <= 0)
                return r == -ENOMEM ? r : -EINVAL;
        rights = p ? p + strspn(p, BLANKS) : "";
        if (rights[strspn(rights, "rwm")])
                return -EINVAL;
        if (!text_starts(word, "char-") && !text_starts(word, "block-")) {
                r = check_path(word, true, &path);
                if (r == 0 && !check_device(path))
                        r = -EINVAL;
                if (r < 0)
                        return r;
        }
        split_quote(&t, path ? path : word, SPLIT_QUOTES);
        quoted = text_take(&t);
        if (!quoted)
                return -ENOMEM;
        return strv_addf(list, "%s %s%s%s", quoted, !*rights || strchr(rights, 'r') ? "r" : "",
                         !*rights || strchr(rights, 'w') ? "w" : "",
                         !*rights || strchr(rights, 'm') ? "m" : "");
}

/* ID[:PATH] and ID:VALUE */
static int add_credential(const struct merge *m, const char *word, char ***list)
{
        size_t n = strcspn(word, ":");
        bool is_value = m->d->id == D_SetCredential || m->d->id == D_SetCredentialEncrypted;

        if (!check_credential(word, n) || (is_value && !word[n]))
                return -EINVAL;
        if (m->d->id == D_SetCredentialEncrypted && !check_base64(word + n + 1))
                return -EINVAL;
        return strv_add(list, word);
}

/* A blank at its end keeps the slash that keeps it. */
static int add_whole_path(const struct merge *m, const char *word, char ***list)
{
        scoped(mem_freep) char *path = NULL;
        int r = check_path(word, true, &path);
        size_t n = r == 0 ? strlen(path) : 0;

        (void)m;
        if (r < 0)
                return r;
        return strv_addf(list, "%s%s", path, strchr(BLANKS, path[n - 1]) ? "/" : "");
}

/* Something with an absolute path in it: TYPE:/path, or /path:NAME:OPTIONS. */
static int add_with_path(const struct merge *m, const char *word, char ***list)
{
        const char *colon = strchr(word, ':');

        if (m->d->id == D_BPFProgram ? !colon || colon == word || colon[1] != '/' : *word != '/')
                return -EINVAL;
        return strv_add(list, word);
}

/* clang-format off */
#define RULE(id, flags, add) { D_##id, { flags, add } },
static const struct {
        enum directive_id id;
        struct item_rule rule;
} by_directive[] = {
        /* where quotes are letters */
        RULE(SupplementaryGroups,      ITEM_SORTED | ITEM_REFUSES,                  add_group)
        RULE(SecureBits,               SPLIT_QUOTES | ITEM_SORTED | ITEM_REPLACES,  add_vocabulary)
        RULE(SystemCallArchitectures,  SPLIT_QUOTES | ITEM_SORTED,                  add_vocabulary)
        RULE(DisableControllers,       SPLIT_QUOTES | ITEM_SORTED,                  add_vocabulary)
        RULE(Delegate,                 SPLIT_QUOTES | ITEM_SORTED,                  add_vocabulary)
        RULE(CoredumpFilter,           SPLIT_QUOTES | ITEM_SORTED | ITEM_WHOLE,     add_dump)
        RULE(UnsetEnvironment,         SPLIT_QUOTES | SPLIT_C | ITEM_SORTED,        add_variable)
        RULE(PassEnvironment,          SPLIT_QUOTES | ITEM_SORTED,                  add_variable)
        RULE(AllowedCPUs,              SPLIT_QUOTES | SPLIT_COMMA |
                                       ITEM_SORTED | ITEM_WHOLE,                    add_processors)
        RULE(JoinsNamespaceOf,         SPLIT_QUOTES | ITEM_SORTED,                  add_unit)
        RULE(NFTSet,                   SPLIT_QUOTES | ITEM_SORTED,                  add_nft_set)
        RULE(ImportCredential,         ITEM_LINE | ITEM_SORTED | ITEM_VERBATIM,     add_glob)
        RULE(BPFDelegateCommands,      SPLIT_COMMA | ITEM_SORTED,                   add_bpf_name)
        RULE(BPFDelegateMaps,          SPLIT_COMMA | ITEM_SORTED,                   add_bpf_name)
        RULE(BPFDelegatePrograms,      SPLIT_COMMA | ITEM_SORTED,                   add_bpf_name)
        RULE(BPFDelegateAttachments,   SPLIT_COMMA | ITEM_SORTED,                   add_bpf_name)
        RULE(TemporaryFileSystem,      SPLIT_QUOTES,                                item_temporary)
        RULE(BindPaths,                ITEM_VERBATIM,                               NULL)
        RULE(BindReadOnlyPaths,        ITEM_VERBATIM,                               NULL)
        RULE(MountImages,              SPLIT_QUOTES | SPLIT_RETAIN,                 item_image)
        RULE(ExtensionImages,          SPLIT_QUOTES | SPLIT_RETAIN,                 item_image)
        RULE(IPIngressFilterPath,      ITEM_LINE | ITEM_VERBATIM,                   add_whole_path)
        RULE(IPEgressFilterPath,       ITEM_LINE | ITEM_VERBATIM,                   add_whole_path)
        RULE(BPFProgram,               ITEM_LINE | ITEM_VERBATIM,                   add_with_path)
        RULE(OpenFile,                 ITEM_LINE | ITEM_VERBATIM,                   add_with_path)
        RULE(LoadCredential,           ITEM_LINE | ITEM_VERBATIM | ITEM_KEYED,      add_credential)
        RULE(LoadCredentialEncrypted,  ITEM_LINE | ITEM_VERBATIM | ITEM_KEYED,      add_credential)
        RULE(SetCredential,            ITEM_LINE | ITEM_VERBATIM | ITEM_KEYED,      add_credential)
        RULE(SetCredentialEncrypted,   ITEM_LINE | ITEM_VERBATIM | ITEM_KEYED,      add_credential)
};
#undef RULE

static const struct {
        enum directive_kind kind;
        struct item_rule rule;
} by_kind[] = {
        { KIND_NAMES,     { SPLIT_QUOTES | ITEM_SORTED,             add_any        } },
        { KIND_PATHS,     { SPLIT_QUOTES,                           add_path       } },
        { KIND_BINDS,     { SPLIT_QUOTES | SPLIT_RETAIN,            add_any        } },
        { KIND_DIRS,      { SPLIT_QUOTES | SPLIT_RETAIN,            item_directory } },
        { KIND_DEVICES,   { ITEM_LINE | ITEM_VERBATIM | ITEM_KEYED, add_device     } },
        { KIND_ADDRESSES, { ITEM_VERBATIM,                          add_address    } },
        { KIND_PORTS,     { ITEM_LINE | ITEM_VERBATIM,              add_port       } },
        { KIND_LINES,     { ITEM_LINE | ITEM_VERBATIM,              add_any        } },
};
/* clang-format on */

const struct item_rule *item_rule_of(const struct directive *d)
{
        for (size_t i = 0; i < COUNT(by_directive); i++)
                if (by_directive[i].id == d->id)
                        return &by_directive[i].rule;
        for (size_t i = 0; i < COUNT(by_kind); i++)
                if (by_kind[i].kind == d->kind)
                        return &by_kind[i].rule;
        return &by_kind[0].rule;
}
