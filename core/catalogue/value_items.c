/* value_items.c - the members of lists: which are taken, and in which form. */
#include "core/catalogue/value_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* Adds a string that may not have been allocated, and frees it. */
static int add_taken(char ***list, char *word)
{
        int r = word ? strv_add(list, word) : -ENOMEM;

        free(word);
        return r;
}

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

/* A blank at the end of a line would be stripped, so it gets a slash behind it, which
 * simplifying the path drops again. */
static void escape(struct text *t, const char *path)
{
        size_t n = strlen(path);

        for (const char *c = path; *c; c++) {
                if (strchr(BLANKS "\"'\\:", *c))
                        text_add(t, "\\");
                text_addn(t, c, 1);
        }
        if (n > 0 && strchr(BLANKS, path[n - 1]))
                text_add(t, "/");
}

/* The options of a bind mount; those that came after this was written are kept. */
static int bind_options(const struct merge *m, const char **p, bool *ret_plain, char **ret)
{
        int r = split_word(p, SPLIT_QUOTES, ret);

        if (r < 0)
                return r;
        *ret_plain = r == 0 || !**ret || strcmp(*ret, "rbind") == 0;
        if (*ret_plain || strcmp(*ret, "norbind") == 0)
                return 0;
        return merge_knows(m, 258) && !(*ret)[strspn(*ret, "abcdefghijklmnopqrstuvwxyz,")]
                       ? 0
                       : -EINVAL;
}

static bool at_colon(const char *p)
{
        return p && p[-1] == ':';
}

int item_bind(const struct merge *m, const char **p, char ***list)
{
        scoped(mem_freep) char *source = NULL, *destination = NULL, *from = NULL, *to = NULL;
        scoped(mem_freep) char *options = NULL;
        bool optional, plain = true;
        struct text t = { 0 };
        int r;

        r = split_word(p, SPLIT_QUOTES | SPLIT_COLON, &source);
        if (r <= 0)
                return r;
        if (!*source && !at_colon(*p))
                return 1; /* one of several blanks */
        optional = *source == '-';
        r = check_path(source + optional, true, &from);
        if (r < 0)
                return r;
        if (at_colon(*p)) {
                r = split_word(p, SPLIT_QUOTES | SPLIT_COLON, &destination);
                if (r <= 0)
                        return r < 0 ? r : -EINVAL;
                r = check_path(destination, true, &to);
                if (r == 0 && at_colon(*p))
                        r = bind_options(m, p, &plain, &options);
                if (r < 0)
                        return r;
        }
        text_add(&t, optional ? "-" : "");
        escape(&t, from);
        if (to && (!plain || strcmp(from, to) != 0)) {
                text_add(&t, ":");
                escape(&t, to);
        }
        if (!plain)
                text_addf(&t, ":%s", options);
        r = add_taken(list, text_take(&t));
        return r < 0 ? r : 1;
}

/* PATH[:OPTIONS]; the path may hold a colon with a backslash before it. */
static int add_temporary(const struct merge *m, const char *word, char ***list)
{
        scoped(mem_freep) char *path = NULL;
        struct text plain = { 0 }, t = { 0 };
        int r;

        (void)m;
        while (*word && *word != ':') {
                word += *word == '\\' && word[1];
                text_addn(&plain, word++, 1);
        }
        r = plain.length > 0 && !plain.failed ? check_path(plain.chars, true, &path) : -EINVAL;
        text_done(&plain);
        if (r < 0)
                return r;
        escape(&t, path);
        if (word[0] && word[1])
                text_add(&t, word);
        return add_taken(list, text_take(&t));
}

/* How many bytes there are up to a colon without a backslash before it. */
static size_t up_to_colon(const char *word)
{
        size_t n = 0;

        while (word[n] && word[n] != ':')
                n += word[n] == '\\' && word[n + 1] ? 2 : 1;
        return n;
}

/* Whether every backslash begins something: systemd gives up on the line otherwise. */
static int check_escapes(const char *word)
{
        const char *p = word;

        while (p && (p = strchr(p, '\\'))) {
                scoped(mem_freep) char *plain = NULL;
                const char *rest = p;
                int r = p[1] == ':' ? 1 : split_word(&rest, SPLIT_C, &plain);

                if (r < 0)
                        return r == -EINVAL ? -EBADMSG : r;
                p = p[1] == ':' ? p + 2 : rest;
        }
        return 0;
}

/* A path within colons, simplified unless backslashes make that a riddle.  *word moves
 * behind it. */
static int add_part(struct text *t, const char **word, bool absolute)
{
        size_t n = up_to_colon(*word);
        scoped(mem_freep) char *part = strndup(*word, n);
        scoped(mem_freep) char *path = NULL;
        int r = 0;

        if (!part)
                return -ENOMEM;
        *word += n;
        if (!strchr(part, '\\'))
                r = check_path(part, absolute, &path);
        else if ((*part == '/') != absolute)
                r = -EINVAL;
        if (r == 0)
                text_add(t, path ? path : part);
        return r;
}

/* [-]IMAGE[:DESTINATION][:PARTITION:OPTIONS]… */
static int add_image(const struct merge *m, const char *word, char ***list)
{
        struct text t = { 0 };
        bool optional = *word == '-';
        int r = check_escapes(word);

        if (r < 0)
                return r;
        word += optional;
        text_add(&t, optional ? "-" : "");
        r = add_part(&t, &word, true);
        if (r == 0 && m->d->id == D_MountImages) {
                text_add(&t, ":");
                word += *word == ':';
                r = add_part(&t, &word, true);
        }
        if (r < 0) {
                text_done(&t);
                return r;
        }
        if (word[0] && word[1])
                text_add(&t, word);
        return add_taken(list, text_take(&t));
}

/* NAME[:LINK[:ro]]; before 251 a colon is a letter like others. */
static int add_directory(const struct merge *m, const char *word, char ***list)
{
        scoped(mem_freep) char *path = NULL;
        size_t n = merge_knows(m, 251) ? up_to_colon(word) : strlen(word);
        scoped(mem_freep) char *name = strndup(word, n);
        struct text t = { 0 };
        const char *rest = word + n;
        int r;

        if (!name)
                return -ENOMEM;
        r = check_escapes(word);
        if (r == 0)
                r = check_path(name, false, &path);
        if (r < 0)
                return r;
        if (strcmp(path, "private") == 0 || text_starts(path, "private/"))
                return -EINVAL;
        text_add(&t, path);
        if (rest[0] == ':' && m->d->id != D_ConfigurationDirectory) {
                scoped(mem_freep) char *linked = NULL;
                struct text link = { 0 };
                bool read_only;

                rest++;
                if (*rest && *rest != ':')
                        r = add_part(&link, &rest, false);
                linked = text_take(&link);
                read_only = merge_knows(m, 257) && strcmp(rest, ":ro") == 0;
                if (!linked)
                        t.failed = true;
                else if (*linked || read_only)
                        text_addf(&t, ":%s%s", linked, read_only ? ":ro" : "");
        }
        if (r < 0) {
                text_done(&t);
                return r;
        }
        return add_taken(list, text_take(&t));
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
static const struct {
        enum directive_id id;
        struct item_rule rule;
} by_directive[] = {
        { D_SupplementaryGroups,     { SPLIT_QUOTES | ITEM_SORTED | ITEM_REFUSES,       add_group      } },
        { D_SecureBits,              { SPLIT_QUOTES | ITEM_SORTED | ITEM_REPLACES,      add_vocabulary } },
        { D_SystemCallArchitectures, { SPLIT_QUOTES | ITEM_SORTED,                      add_vocabulary } },
        { D_DisableControllers,      { SPLIT_QUOTES | ITEM_SORTED,                      add_vocabulary } },
        { D_Delegate,                { SPLIT_QUOTES | ITEM_SORTED,                      add_vocabulary } },
        { D_CoredumpFilter,          { SPLIT_QUOTES | ITEM_SORTED | ITEM_WHOLE,         add_dump       } },
        { D_UnsetEnvironment,        { SPLIT_QUOTES | SPLIT_C | ITEM_SORTED,            add_variable   } },
        { D_PassEnvironment,         { SPLIT_QUOTES | ITEM_SORTED,                      add_variable   } },
        { D_AllowedCPUs,             { SPLIT_QUOTES | SPLIT_COMMA | ITEM_SORTED | ITEM_WHOLE, add_processors } },
        { D_JoinsNamespaceOf,        { SPLIT_QUOTES | ITEM_SORTED,                      add_unit       } },
        { D_NFTSet,                  { SPLIT_QUOTES | ITEM_SORTED,                      add_nft_set    } },
        { D_ImportCredential,        { ITEM_LINE | ITEM_SORTED | ITEM_VERBATIM,         add_glob       } },
        { D_BPFDelegateCommands,     { SPLIT_COMMA | ITEM_SORTED,                       add_bpf_name   } },
        { D_BPFDelegateMaps,         { SPLIT_COMMA | ITEM_SORTED,                       add_bpf_name   } },
        { D_BPFDelegatePrograms,     { SPLIT_COMMA | ITEM_SORTED,                       add_bpf_name   } },
        { D_BPFDelegateAttachments,  { SPLIT_COMMA | ITEM_SORTED,                       add_bpf_name   } },
        { D_TemporaryFileSystem,     { SPLIT_QUOTES,                                    add_temporary  } },
        { D_BindPaths,               { ITEM_VERBATIM,                                   NULL           } },
        { D_BindReadOnlyPaths,       { ITEM_VERBATIM,                                   NULL           } },
        { D_MountImages,             { SPLIT_QUOTES | SPLIT_RETAIN,                     add_image      } },
        { D_ExtensionImages,         { SPLIT_QUOTES | SPLIT_RETAIN,                     add_image      } },
        { D_IPIngressFilterPath,     { ITEM_LINE | ITEM_VERBATIM,                       add_whole_path } },
        { D_IPEgressFilterPath,      { ITEM_LINE | ITEM_VERBATIM,                       add_whole_path } },
        { D_BPFProgram,              { ITEM_LINE | ITEM_VERBATIM,                       add_with_path  } },
        { D_OpenFile,                { ITEM_LINE | ITEM_VERBATIM,                       add_with_path  } },
        { D_LoadCredential,          { ITEM_LINE | ITEM_VERBATIM | ITEM_KEYED,          add_credential } },
        { D_LoadCredentialEncrypted, { ITEM_LINE | ITEM_VERBATIM | ITEM_KEYED,          add_credential } },
        { D_SetCredential,           { ITEM_LINE | ITEM_VERBATIM | ITEM_KEYED,          add_credential } },
        { D_SetCredentialEncrypted,  { ITEM_LINE | ITEM_VERBATIM | ITEM_KEYED,          add_credential } },
};

static const struct {
        enum directive_kind kind;
        struct item_rule rule;
} by_kind[] = {
        { KIND_NAMES,     { SPLIT_QUOTES | ITEM_SORTED,              add_any       } },
        { KIND_PATHS,     { SPLIT_QUOTES,                            add_path      } },
        { KIND_BINDS,     { SPLIT_QUOTES | SPLIT_RETAIN,             add_any       } },
        { KIND_DIRS,      { SPLIT_QUOTES | SPLIT_RETAIN,             add_directory } },
        { KIND_DEVICES,   { ITEM_LINE | ITEM_VERBATIM | ITEM_KEYED,  add_device    } },
        { KIND_ADDRESSES, { ITEM_VERBATIM,                           add_address   } },
        { KIND_PORTS,     { ITEM_LINE | ITEM_VERBATIM,               add_port      } },
        { KIND_LINES,     { ITEM_LINE | ITEM_VERBATIM,               add_any       } },
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
