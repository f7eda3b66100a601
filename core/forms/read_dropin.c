/* read_dropin.c - drop-ins and whole unit files: the settings that harden are taken, what else is
 * in them stays where it is. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/reading.h"
#include "core/profile/dropin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

FORM_READER(dropin);

/* A copy of the text in which what dropin_parse() has no use for is blank, line by line, so that
 * its places stay right. */
struct sieve {
        struct reading *reading;
        struct text out;
        bool foreign;   /* in a section that has no settings of a profile */
        bool continues; /* the line before goes on in this one */
        bool dropped;   /* and was left out */
        unsigned line;
};

static bool has_settings(const char *line, size_t length)
{
        static const char *const names[] = { "[Unit]", "[Service]", "[Socket]", "[Mount]",
                                             "[Swap]", "[Slice]",   "[Scope]" };

        for (size_t i = 0; i < COUNT(names); i++)
                if (strlen(names[i]) == length && strncmp(names[i], line, length) == 0)
                        return true;
        return length > 2 && strncmp(line, "[X-", 3) == 0;
}

static int sift_section(struct sieve *s, const char *line, size_t length)
{
        bool closed = line[length - 1] == ']';

        s->foreign = closed && !has_settings(line, length);
        if (!s->foreign)
                return 0;
        return reading_note(s->reading, "%s:%u: the section %.*s is not taken over",
                            s->reading->file, s->line, (int)length, line);
}

/* Whether the assignment is one for a profile. */
static int sift_assignment(struct sieve *s, const char *line, size_t length, bool *ret_keep)
{
        size_t n = strcspn(line, "=");
        scoped(mem_freep) char *key = NULL;

        *ret_keep = true;
        if (n >= length)
                return 0; /* no assignment: dropin_parse() says so */
        while (n > 0 && strchr(" \t", line[n - 1]))
                n--;
        key = strndup(line, n);
        if (!key)
                return -ENOMEM;
        if (directive_find(key) || text_starts(key, "X-"))
                return 0;
        *ret_keep = false;
        return reading_assign(s->reading, s->line, 0, key, ""); /* leaves its note */
}

static int sift_line(struct sieve *s, const char *line, size_t length)
{
        const char *begin = line + strspn(line, " \t\r");
        size_t rest, n;
        bool keep = true, comment;
        int r = 0;

        if (begin > line + length)
                begin = line + length;
        n = length - (size_t)(begin - line);
        for (rest = n; rest > 0 && strchr(" \t\r", begin[rest - 1]); rest--)
                ;
        comment = rest > 0 && strchr("#;", *begin);
        if (s->continues)
                keep = comment || !s->dropped;
        else if (rest > 0 && *begin == '[') {
                r = sift_section(s, begin, rest);
                keep = !s->foreign;
        } else if (rest > 0 && !comment) {
                keep = !s->foreign;
                if (keep)
                        r = sift_assignment(s, begin, rest, &keep);
        }
        if (!comment) {
                s->continues = rest > 0 && begin[rest - 1] == '\\';
                s->dropped = s->continues && !keep;
        }
        text_addn(&s->out, keep ? line : "", keep ? length : 0);
        return r;
}

static int sift(struct sieve *s, const char *text)
{
        int r = 0;

        while (*text && r == 0) {
                size_t length = strcspn(text, "\n");

                s->line++;
                r = sift_line(s, text, length);
                text += length;
                if (*text == '\n') {
                        text_add(&s->out, "\n");
                        text++;
                }
        }
        return r;
}

int form_read_dropin(const char *file, const char *text, const char *unit, enum scope scope,
                     const struct dialect *dialect, struct profile **ret, char ***ret_notes,
                     struct err *e)
{
        struct reading reading;
        struct sieve s = { .reading = &reading };
        scoped(mem_freep) char *sifted = NULL;
        struct profile *p = NULL;
        int r = reading_open(&reading, file, unit, scope, dialect, e);

        if (r < 0)
                return r;
        r = sift(&s, text);
        sifted = text_take(&s.out);
        if (r == 0 && !sifted)
                r = -ENOMEM;
        if (r == 0)
                r = dropin_parse(file, sifted, unit, dialect, &p, e);
        if (r == 0) {
                profile_free(reading.profile);
                reading.profile = p;
                p->scope = scope;
        }
        return reading_close(&reading, r, "a drop-in", ret, ret_notes);
}

unsigned form_looks_dropin(const char *file, const char *text)
{
        unsigned sure = text_ends(file, ".conf") || text_ends(file, ".service") ? 40 : 0;

        for (const char *line = text; line; line = strchr(line, '\n')) {
                line += strspn(line, " \t\r\n");
                if (text_starts(line, "[Service]") || text_starts(line, "[Unit]") ||
                    text_starts(line, "[Socket]"))
                        return dropin_is_ours(text) ? 95 : 80;
        }
        return sure;
}
