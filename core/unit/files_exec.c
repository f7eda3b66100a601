/* files_exec.c - command lines: taken apart as systemd would, refused where it would. */
#include "core/unit/files_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define BLANKS " \t\n\r"

/* clang-format off */
static const struct { const char *section, *key; } keys[] = {
        { "Service", "ExecCondition" }, { "Service", "ExecStartPre" },
        { "Service", "ExecStart" },     { "Service", "ExecStartPost" },
        { "Service", "ExecReload" },    { "Service", "ExecReloadPost" },
        { "Service", "ExecStop" },      { "Service", "ExecStopPost" },
        { "Socket", "ExecStartPre" },   { "Socket", "ExecStartPost" },
        { "Socket", "ExecStopPre" },    { "Socket", "ExecStopPost" },
};
/* clang-format on */

bool exec_is_key(const char *section, const char *key)
{
        for (size_t i = 0; i < COUNT(keys); i++)
                if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].key, key) == 0)
                        return true;
        return false;
}

size_t exec_count(const struct sandbox *s, const char *key)
{
        size_t n = 0;

        for (size_t i = 0; i < s->facts.exec_count; i++)
                n += strcmp(s->facts.exec[i].key, key) == 0;
        return n;
}

static void exec_line_done(struct exec_line *e)
{
        free(e->key);
        free(e->prefixes);
        free(e->path);
        free(e->line);
}

static void reset(struct unit_facts *facts, const char *key)
{
        size_t kept = 0;

        for (size_t i = 0; i < facts->exec_count; i++)
                if (strcmp(facts->exec[i].key, key) == 0)
                        exec_line_done(&facts->exec[i]);
                else
                        facts->exec[kept++] = facts->exec[i];
        facts->exec_count = kept;
}

static int add(struct unit_facts *facts, struct exec_line *e)
{
        struct exec_line *more;

        if (facts->exec_count >= LIST_LIMIT)
                return 0;
        more = realloc(facts->exec, (facts->exec_count + 1) * sizeof(*more));
        if (!more)
                return -ENOMEM;
        facts->exec = more;
        more[facts->exec_count++] = *e;
        *e = (struct exec_line){ 0 };
        return 0;
}

static int octal_or_hex(const char *text, int base, size_t digits, char *ret)
{
        char copy[4] = { 0 }, *end = NULL;
        long value;

        strncpy(copy, text, digits);
        value = strtol(copy, &end, base);
        if (end != copy + digits || value <= 0 || value > 255)
                return 0;
        *ret = (char)value;
        return (int)digits;
}

/* The character that an escape stands for; text is behind the backslash.  Returns how much
 * of text it took; 0: no escape known, the backslash stays. */
static int unescape(const char *text, char *ret)
{
        static const char from[] = "abfnrtvs\\\"'", to[] = "\a\b\f\n\r\t\v \\\"'";
        const char *known = *text ? strchr(from, *text) : NULL;

        if (known) {
                *ret = to[known - from];
                return 1;
        }
        if (*text == 'x') {
                int n = octal_or_hex(text + 1, 16, 2, ret);

                return n ? n + 1 : 0;
        }
        return *text >= '0' && *text <= '3' ? octal_or_hex(text, 8, 3, ret) : 0;
}

/* Takes one word off *text, without its quotes.  1; 0: there is none; -EINVAL: a quote is
 * not closed; -ENOMEM. */
static int next_word(const char **text, char **ret)
{
        const char *c = *text + strspn(*text, BLANKS);
        struct text word = { 0 };
        char quote = 0, one;

        if (!*c)
                return 0;
        for (; *c && (quote || !strchr(BLANKS, *c)); c++) {
                int n = *c == '\\' ? unescape(c + 1, &one) : 0;

                if (n) {
                        text_addn(&word, &one, 1);
                        c += n;
                } else if (quote ? *c == quote : *c == '"' || *c == '\'')
                        quote = quote ? 0 : *c;
                else
                        text_addn(&word, c, 1);
        }
        if (quote) {
                text_done(&word);
                return -EINVAL;
        }
        *text = c;
        *ret = text_take(&word);
        return *ret ? 1 : -ENOMEM;
}

/* How many characters at the start of word are prefixes. */
static size_t prefix_length(const char *word, unsigned version)
{
        bool dash = false, at = false, colon = false, plus = false, pipe = false;
        unsigned bangs = 0;
        size_t n = 0;

        for (;; n++) {
                if (word[n] == '-' && !dash)
                        dash = true;
                else if (word[n] == '@' && !at)
                        at = true;
                else if (word[n] == ':' && !colon)
                        colon = true;
                else if (word[n] == '+' && !plus && !bangs)
                        plus = true;
                else if (word[n] == '!' && !plus && bangs < 2)
                        bangs++;
                else if (word[n] == '|' && !pipe && version >= 258)
                        pipe = true;
                else
                        return n;
        }
}

/* What is wrong with the path of a command; NULL: nothing. */
static const char *path_fault(const char *path)
{
        size_t n = strlen(path);

        if (n == 0)
                return "the command is empty";
        for (const char *c = path; *c; c++)
                if ((unsigned char)*c < ' ' || strchr("\"'\\\177", *c))
                        return "the name of the program has special characters";
        if (path[0] != '/' &&
            (strchr(path, '/') || strcmp(path, ".") == 0 || strcmp(path, "..") == 0))
                return "the program is neither a plain name nor an absolute path";
        if (path[n - 1] == '/')
                return "the program is a folder";
        return n >= PATH_MAX ? "the path of the program is too long" : NULL;
}

/* One command of a line. */
struct command {
        struct loader *loader;
        unsigned line;
        const char *key, *whole; /* as written */
        const char *rest;        /* what is left of it */
        bool lenient;            /* "-": faults only drop the line */
};

/* The whole line is dropped, or the unit refused.  1: nothing more of this line. */
static int fault(struct command *c, int *ret_stop, const char *why)
{
        int r;

        if (c->lenient)
                r = loader_odd(c->loader, c->line, c->key, c->whole, false,
                               "%s, so systemd passes the line over", why);
        else
                r = loader_refuse(c->loader, c->line, c->key, c->whole, "%s", why);
        if (r < 0)
                return r;
        *ret_stop = r;
        return 1;
}

static bool at_separator(const char *text)
{
        return text[0] == ';' && (!text[1] || strchr(BLANKS, text[1]));
}

/* Goes over the arguments up to ";" or the end.  *ret_end is behind the last one.  0 or 1. */
static int skip_arguments(struct command *c, bool named, const char **ret_end, int *ret_stop)
{
        size_t count = 0;

        for (;;) {
                scoped(mem_freep) char *word = NULL, *done = NULL;
                char bad = 0, why[64];
                int r;

                *ret_end = c->rest;
                c->rest += strspn(c->rest, BLANKS);
                if (at_separator(c->rest))
                        break;
                r = next_word(&c->rest, &word);
                if (r == 0)
                        break;
                if (r == -EINVAL)
                        return fault(c, ret_stop, "a quote in the arguments is not closed");
                r = r < 0 ? r : specifier_expand(&c->loader->specifiers, word, &done, &bad);
                if (r < 0)
                        return r;
                snprintf(why, sizeof(why), "%%%c has no value here", bad);
                if (r)
                        return fault(c, ret_stop, why);
                if (named && count++ == 0 && !*done)
                        return fault(c, ret_stop, "the name after \"@\" is empty");
        }
        return named && count == 0 ? fault(c, ret_stop, "\"@\" needs a name behind the program")
                                   : 0;
}

/* The text between start and end with its specifiers expanded; NULL: out of memory. */
static char *expanded(struct loader *l, const char *start, const char *end)
{
        scoped(mem_freep) char *raw = strndup(start, (size_t)(end - start));
        char *done = NULL, bad;
        int r = raw ? specifier_expand(&l->specifiers, raw, &done, &bad) : -ENOMEM;

        return r == 1 ? take(raw) : done;
}

static int command_assign(struct command *c, int *ret_stop)
{
        scoped(exec_line_done) struct exec_line e = { 0 };
        scoped(mem_freep) char *word = NULL;
        const char *start = c->rest + strspn(c->rest, BLANKS), *end;
        char bad = 0, why[64];
        size_t prefixes;
        int r = next_word(&c->rest, &word);

        if (r == -EINVAL)
                return loader_odd(c->loader, c->line, c->key, c->whole, false,
                                  "a quote is not closed, so systemd passes the line over")
                               ?: 1;
        if (r <= 0)
                return r < 0 ? r : 1;
        prefixes = prefix_length(word, c->loader->dialect->version.major);
        e.prefixes = strndup(word, prefixes);
        e.key = strdup(c->key);
        if (!e.prefixes || !e.key)
                return -ENOMEM;
        c->lenient = strchr(e.prefixes, '-') != NULL;
        r = specifier_expand(&c->loader->specifiers, word + prefixes, &e.path, &bad);
        snprintf(why, sizeof(why), "%%%c has no value here", bad);
        if (r)
                return r < 0 ? r : fault(c, ret_stop, why);
        if (path_fault(e.path))
                return fault(c, ret_stop, path_fault(e.path));
        r = skip_arguments(c, strchr(e.prefixes, '@') != NULL, &end, ret_stop);
        if (r)
                return r;
        if (*start != '"' && *start != '\'')
                start += prefixes;
        e.line = expanded(c->loader, start, end);
        return e.line ? add(&c->loader->sandbox->facts, &e) : -ENOMEM;
}

int exec_assign(struct loader *l, unsigned line, const char *key, const char *value)
{
        struct command c = { .loader = l, .line = line, .key = key, .whole = value, .rest = value };
        int stop = 0, r = 0;

        if (!*value) {
                reset(&l->sandbox->facts, key);
                return 0;
        }
        while (r == 0 && *c.rest) {
                r = command_assign(&c, &stop);
                c.rest += strspn(c.rest, BLANKS);
                if (r == 0 && at_separator(c.rest))
                        c.rest++;
        }
        return r < 0 ? r : stop;
}
