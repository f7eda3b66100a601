/* read_apparmor_rules.c - AppArmor's language, as far as its rules go. */
#include "core/forms/read_apparmor.h"

#include "core/base/mem.h"
#include "core/profile/profile_private.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct scan {
        struct reading *reading;
        const char *at;
        unsigned line;
        int depth; /* of braces */
        bool done; /* the first profile has ended */
        int (*got)(struct confinement *c, const struct aa_rule *rule);
        struct confinement *confinement;
};

/* ---- words of a unit file ---- */

char *systemd_path(const char *path)
{
        struct text t = { 0 };
        bool quote = strpbrk(path, " \t\"'\\") != NULL;

        if (!profile_text_fits(path))
                return strdup("");
        text_add(&t, quote ? "\"-" : "-");
        for (; *path; path++) {
                if (*path == '%')
                        text_add(&t, "%");
                else if (strchr("\"\\", *path))
                        text_add(&t, "\\");
                text_addn(&t, path, 1);
        }
        text_add(&t, quote ? "\"" : "");
        return text_take(&t);
}

/* ---- a statement: up to its comma or brace ---- */

static void skip_comment(struct scan *s)
{
        while (*s->at && *s->at != '\n')
                s->at++;
}

static bool at_include(const struct scan *s)
{
        return text_starts(s->at, "#include") && strchr(" \t", s->at[8]) && s->at[8];
}

static void skip_blank(struct scan *s)
{
        for (;; s->at++) {
                while (*s->at == '#' && !at_include(s))
                        skip_comment(s);
                if (!*s->at || !isspace((unsigned char)*s->at))
                        return;
                s->line += *s->at == '\n';
        }
}

/* Copies one statement with its blanks made one.  *ret_end: what ended it: ',' '{' '}' or 'n' for
 * the end of an include's or a definition's line; 0: the file. */
static char *statement(struct scan *s, char *ret_end)
{
        struct text t = { 0 };
        bool quoted = false,
             line_ends = text_starts(s->at, "include") || at_include(s) || text_starts(s->at, "@{");
        int braces = 0; /* of patterns, and parentheses */

        *ret_end = 0;
        for (; *s->at; s->at++) {
                char c = *s->at;

                if (c == '\\' && s->at[1] && s->at[1] != '\n') {
                        text_addn(&t, s->at++, 2);
                        continue;
                }
                quoted ^= c == '"';
                s->line += c == '\n';
                if (!quoted && line_ends && c == '\n') {
                        *ret_end = 'n';
                        s->at++;
                        break;
                }
                if (!quoted && braces == 0 && (c == ',' || c == '}')) {
                        *ret_end = c;
                        s->at++;
                        break;
                }
                /* A brace that stands alone opens a block; within a word it is a pattern. */
                if (!quoted && c == '{' && braces == 0 && t.length &&
                    t.chars[t.length - 1] == ' ' &&
                    (isspace((unsigned char)s->at[1]) || !s->at[1])) {
                        *ret_end = c;
                        s->at++;
                        break;
                }
                braces += !quoted && (c == '{' || c == '(');
                braces -= !quoted && (c == '}' || c == ')') && braces > 0;
                if (!quoted && c == '#' && t.length && t.chars[t.length - 1] == ' ') {
                        skip_comment(s);
                        s->at--;
                } else if (!quoted && isspace((unsigned char)c)) {
                        if (t.length && t.chars[t.length - 1] != ' ')
                                text_add(&t, " ");
                } else
                        text_addn(&t, &c, 1);
        }
        return text_take(&t);
}

/* ---- paths of rules ---- */

/* One character of a path as it is written: "\052" is '*'.  How many bytes it took. */
static size_t unescape(const char *at, char *ret)
{
        char *end = NULL;
        char digits[4] = { 0 };

        if (at[0] != '\\' || !at[1]) {
                *ret = at[0];
                return 1;
        }
        for (size_t i = 0; i < 3 && at[1 + i] >= '0' && at[1 + i] <= '7'; i++)
                digits[i] = at[1 + i];
        if (digits[0]) {
                *ret = (char)strtoul(digits, &end, 8);
                return 1 + (size_t)(end - digits);
        }
        *ret = at[1] == 'n' ? '\n' : at[1] == 't' ? '\t' : at[1] == 'r' ? '\r' : at[1];
        return 2;
}

static const struct {
        const char *variable, *is;
} variables[] = { { "@{PROC}", "/proc" },   { "@{sys}", "/sys" },     { "@{run}", "/run" },
                  { "@{bin}", "/usr/bin" }, { "@{lib}", "/usr/lib" }, { "@{HOMEDIRS}", "/home/" } };

/* The part before the first pattern: whole where there is none, else up to its last slash.
 * NULL in *ret: it begins with a variable that is not known here. */
static int fixed_part(const char *word, size_t length, char **ret, bool *ret_cut)
{
        struct text t = { 0 };
        char *path, *slash;

        *ret = NULL;
        *ret_cut = false;
        for (size_t i = 0; i < COUNT(variables); i++) {
                size_t n = strlen(variables[i].variable);

                if (length >= n && strncmp(word, variables[i].variable, n) == 0) {
                        text_add(&t, variables[i].is);
                        word += n;
                        length -= n;
                }
        }
        if (t.length == 0 && (length == 0 || *word != '/'))
                return 0;
        while (length > 0 && !*ret_cut) {
                char c;
                size_t n;

                *ret_cut = strchr("*?[{", *word) || (*word == '@' && length > 1 && word[1] == '{');
                n = unescape(word, &c);
                if (!*ret_cut && c)
                        text_addn(&t, &c, 1);
                word += n < length ? n : length;
                length -= n < length ? n : length;
        }
        path = text_take(&t);
        if (!path)
                return -ENOMEM;
        slash = strrchr(path, '/');
        if (slash && (*ret_cut || !slash[1]))
                slash[slash == path] = '\0';
        *ret = path;
        return 0;
}

/* Where the first word ends: at a blank outside quotes. */
static size_t word_length(const char *chars, bool *ret_quoted)
{
        size_t n = 0;

        *ret_quoted = *chars == '"';
        if (!*ret_quoted) {
                while (chars[n] && chars[n] != ' ')
                        n += chars[n] == '\\' && chars[n + 1] ? 2 : 1;
                return n;
        }
        for (n = 1; chars[n] && chars[n] != '"';)
                n += chars[n] == '\\' && chars[n + 1] ? 2 : 1;
        return chars[n] ? n + 1 : n;
}

static bool are_modes(const char *chars, size_t length)
{
        return length > 0 && length < 20 && strspn(chars, "rwaxmklipPcCuUd") >= length;
}

/* "PATH MODES" or "MODES PATH", perhaps with "-> PROFILE" behind. */
static int take_path(struct scan *s, struct aa_rule *rule, const char *text)
{
        bool quoted;
        size_t n = word_length(text, &quoted), m;
        const char *word = text, *modes = text[n] ? text + n + 1 : "";
        scoped(mem_freep) char *path = NULL;
        int r;

        if (are_modes(text, n) && *modes) {
                modes = text;
                word = text + n + 1;
                m = n;
                n = word_length(word, &quoted);
        } else
                m = strcspn(modes, " ");
        if (!are_modes(modes, m))
                return reading_fail(s->reading, rule->line, 0, "this is no rule of AppArmor: %s",
                                    text);
        memcpy(rule->modes, modes, m);
        r = quoted ? fixed_part(word + 1, n >= 2 ? n - 2 : 0, &path, &rule->cut)
                   : fixed_part(word, n, &path, &rule->cut);
        if (r < 0)
                return r;
        rule->kind = AA_FILE;
        rule->path = path;
        r = s->got(s->confinement, rule);
        rule->path = NULL;
        return r;
}

/* ---- rules ---- */

/* Takes a word off the begin. */
static bool strip(const char **text, const char *word)
{
        size_t n = strlen(word);

        if (strncmp(*text, word, n) != 0 || ((*text)[n] && (*text)[n] != ' '))
                return false;
        *text += n;
        *text += strspn(*text, " ");
        return true;
}

static int take_words(struct scan *s, struct aa_rule *rule, enum aa_kind kind, const char *text)
{
        scoped(strv_freep) char **words = NULL;
        int r = strv_split(text, " ", &words);

        rule->kind = kind;
        rule->words = words;
        r = r < 0 ? r : s->got(s->confinement, rule);
        rule->words = NULL;
        return r;
}

static int take_rule(struct scan *s, const char *text, unsigned line)
{
        static const char *const others[] = {
                "signal", "ptrace",     "unix",     "dbus",           "mount",      "remount",
                "umount", "pivot_root", "set",      "change_profile", "change_hat", "userns",
                "link",   "mqueue",     "io_uring", "alias",          "rlimit",     "all"
        };
        struct aa_rule rule = { .line = line, .text = text };

        while (strip(&text, "audit") || strip(&text, "allow") || strip(&text, "quiet") ||
               strip(&text, "priority"))
                ;
        rule.deny = strip(&text, "deny");
        (void)strip(&text, "audit");
        rule.owner = strip(&text, "owner");
        if (strip(&text, "other") || strip(&text, "abi"))
                return 0;
        if (strip(&text, "include") || strip(&text, "#include")) {
                rule.kind = AA_INCLUDE;
                rule.path = (char *)text;
                return text_starts(text, "<tunables/") ? 0 : s->got(s->confinement, &rule);
        }
        if (strip(&text, "capability"))
                return take_words(s, &rule, AA_CAPABILITY, text);
        if (strip(&text, "network"))
                return take_words(s, &rule, AA_NETWORK, text);
        for (size_t i = 0; i < COUNT(others); i++)
                if (strip(&text, others[i]))
                        return take_words(s, &rule, AA_OTHER, text);
        if (strip(&text, "file") && !*text) {
                struct aa_rule all = { .kind = AA_FILE,
                                       .line = line,
                                       .text = "file",
                                       .cut = true,
                                       .modes = "rwmix",
                                       .deny = rule.deny,
                                       .path = (char *)"/" };

                return s->got(s->confinement, &all);
        }
        return take_path(s, &rule, text);
}

/* The block that has just opened, with all in it. */
static void skip_block(struct scan *s)
{
        int depth = 1;

        while (*s->at && depth > 0) {
                char end;

                skip_blank(s);
                if (*s->at == '}') {
                        depth--;
                        s->at++;
                        continue;
                }
                free(statement(s, &end));
                depth += end == '{';
                depth -= end == '}';
        }
}

static int open_block(struct scan *s, const char *text, unsigned line)
{
        int r = 0;

        if (s->depth == 0 && !s->done) {
                s->depth = 1;
                s->confinement->profile_line = line;
                if (strstr(text, "flags=") && strstr(text, "complain"))
                        r = reading_note(s->reading,
                                         "%s:%u: the profile only complains; as settings "
                                         "of systemd it is enforced",
                                         s->reading->file, line);
                return r;
        }
        r = reading_note(s->reading, "%s:%u: %s{…}: only the first profile is read",
                         s->reading->file, line, text);
        skip_block(s);
        return r;
}

static int step(struct scan *s)
{
        scoped(mem_freep) char *text = NULL;
        unsigned line = s->line;
        size_t length;
        char end;

        if (*s->at == '}') {
                s->at++;
                if (s->depth == 0)
                        return reading_fail(s->reading, line, 0, "a closing brace too many");
                s->depth = 0;
                s->done = true;
                return 0;
        }
        text = statement(s, &end);
        if (!text)
                return -ENOMEM;
        length = strlen(text);
        while (length > 0 && text[length - 1] == ' ')
                text[--length] = '\0';
        if (end == '{')
                return open_block(s, text, line);
        if (end == 0 || end == '}')
                return reading_fail(s->reading, line, 0, "this rule has no comma at its end: %s",
                                    text);
        if (!*text)
                return reading_fail(s->reading, line, 0, "a comma without a rule");
        if (*text == '@' && strchr(text, '='))
                return reading_note(s->reading, "%s:%u: %s: variables of its own are not followed",
                                    s->reading->file, line, text);
        return s->depth == 0 && !text_starts(text, "#include") && !text_starts(text, "include") &&
                               !text_starts(text, "abi") && !text_starts(text, "alias")
                       ? reading_fail(s->reading, line, 0, "a rule outside of a profile: %s", text)
                       : take_rule(s, text, line);
}

int aa_parse(struct reading *r, const char *text,
             int (*got)(struct confinement *c, const struct aa_rule *rule), struct confinement *c)
{
        struct scan s = { .reading = r, .at = text, .line = 1, .got = got, .confinement = c };
        int result = 0;

        for (skip_blank(&s); *s.at && result == 0; skip_blank(&s))
                result = step(&s);
        if (result == 0 && s.depth)
                return reading_fail(r, s.line, 0, "the profile has no closing brace");
        if (result == 0 && !s.done)
                return reading_fail(r, s.line, 0, "there is no profile in it");
        return result;
}
