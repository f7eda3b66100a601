/* read_nix_string.c - blanks, comments and strings of Nix. */
#include "core/forms/read_nix_private.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

unsigned nix_column(const struct nix *n)
{
        return (unsigned)(n->at - n->line_begin) + 1;
}

int nix_refuse(struct nix *n, const char *why)
{
        return reading_fail(n->reading, n->line, nix_column(n), "%s", why);
}

void nix_advance(struct nix *n)
{
        if (*n->at == '\n') {
                n->line++;
                n->line_begin = n->at + 1;
        }
        n->at++;
}

/* Blanks and comments. */
int nix_skip(struct nix *n)
{
        for (;;) {
                if (*n->at && isspace((unsigned char)*n->at))
                        nix_advance(n);
                else if (*n->at == '#')
                        while (*n->at && *n->at != '\n')
                                nix_advance(n);
                else if (text_starts(n->at, "/*")) {
                        const char *end = strstr(n->at + 2, "*/");

                        if (!end)
                                return nix_refuse(n, "this comment has no end");
                        while (n->at < end + 2)
                                nix_advance(n);
                } else
                        return 0;
        }
}

bool nix_is_name(char c)
{
        return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '\'';
}

/* Whether that word stands here, and takes it. */
bool nix_word(struct nix *n, const char *w)
{
        size_t length = strlen(w);

        if (strncmp(n->at, w, length) != 0 || nix_is_name(n->at[length]))
                return false;
        n->at += length;
        return true;
}

int nix_expect(struct nix *n, char c, const char *why)
{
        int r = nix_skip(n);

        if (r < 0)
                return r;
        if (*n->at != c)
                return nix_refuse(n, why);
        nix_advance(n);
        return 0;
}

/* ---- strings ---- */

static const char interpolation[] = "this string has ${…} in it, which gird cannot compute";

static int plain_string(struct nix *n, struct text *t)
{
        nix_advance(n);
        while (*n->at != '"') {
                char c = *n->at;

                if (!c)
                        return nix_refuse(n, "this string has no end");
                if (text_starts(n->at, "${"))
                        return nix_refuse(n, interpolation);
                if (c == '$' && n->at[1] == '$') { /* "$${" is plain */
                        text_add(t, "$$");
                        nix_advance(n);
                        nix_advance(n);
                        continue;
                }
                if (c == '\\') {
                        nix_advance(n);
                        c = *n->at;
                        if (!c)
                                return nix_refuse(n, "this string has no end");
                        c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
                }
                text_addn(t, &c, 1);
                nix_advance(n);
        }
        nix_advance(n);
        return 0;
}

/* How far the lines of an indented string are all indented. */
static size_t indentation(const char *chars, const char *end)
{
        size_t least = SIZE_MAX;

        while (chars < end) {
                size_t blanks = strspn(chars, " ");

                if (chars + blanks < end && chars[blanks] != '\n' && blanks < least)
                        least = blanks;
                chars += strcspn(chars, "\n");
                chars += chars < end;
        }
        return least == SIZE_MAX ? 0 : least;
}

static const char *indented_end(const char *at)
{
        for (; *at; at++)
                if (text_starts(at, "''")) {
                        if (at[2] == '\'' || at[2] == '$')
                                at += 2;
                        else if (at[2] == '\\')
                                at += 3;
                        else
                                return at;
                }
        return NULL;
}

static int indented_string(struct nix *n, struct text *t)
{
        const char *begin, *end = indented_end(n->at + 2);
        size_t cut;
        bool fresh;

        if (!end)
                return nix_refuse(n, "this string has no end");
        nix_advance(n);
        nix_advance(n);
        begin = n->at;
        if (begin[strspn(begin, " ")] == '\n' && begin + strspn(begin, " ") < end)
                while (*n->at != '\n') /* the first line counts only if something is on it */
                        nix_advance(n);
        fresh = n->at == begin && *begin != '\n';
        if (!fresh)
                nix_advance(n);
        cut = indentation(n->at, end);
        fresh = true;
        while (n->at < end) {
                if (fresh)
                        for (size_t i = 0; i < cut && n->at < end && *n->at == ' '; i++)
                                nix_advance(n);
                fresh = *n->at == '\n';
                if (n->at >= end)
                        break;
                if (text_starts(n->at, "${"))
                        return nix_refuse(n, interpolation);
                if (text_starts(n->at, "''") && n->at < end) {
                        bool escape = n->at[2] == '\\';
                        char c = escape ? n->at[3] : n->at[2];

                        c = !escape ? c : c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
                        if (!escape && c == '\'')
                                text_add(t, "''");
                        else
                                text_addn(t, &c, 1);
                        for (int i = 0; i < (escape ? 4 : 3); i++)
                                nix_advance(n);
                        continue;
                }
                text_addn(t, n->at, 1);
                nix_advance(n);
        }
        nix_advance(n);
        nix_advance(n);
        return 0;
}

int nix_string(struct nix *n, char **ret)
{
        struct text t = { 0 };
        int r = *n->at == '"' ? plain_string(n, &t) : indented_string(n, &t);

        if (r < 0) {
                text_done(&t);
                return r;
        }
        *ret = text_take(&t);
        return *ret ? 0 : -ENOMEM;
}
