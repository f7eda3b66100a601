/* value_mounts.c - the members of lists that are paths with something behind a colon: binds,
 * images, temporary file systems, directories. */
#include "core/catalogue/value_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <string.h>

/* Adds a string that may not have been allocated, and frees it. */
static int add_taken(char ***list, char *word)
{
        int r = word ? strv_add(list, word) : -ENOMEM;

        free(word);
        return r;
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
int item_temporary(const struct merge *m, const char *word, char ***list)
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
int item_image(const struct merge *m, const char *word, char ***list)
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
int item_directory(const struct merge *m, const char *word, char ***list)
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
