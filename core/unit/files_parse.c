/* files_parse.c - the bytes of a unit file to assignments, line by line as systemd reads them.
 * No files, no units: only text. */
#include "core/unit/files_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

#define BLANKS " \t\n\r"

struct parser {
        const struct parse_sink *sink;
        struct err *why;
        unsigned line;        /* where the logical line ended */
        char *section;        /* NULL: none yet, or one that is passed over */
        bool section_ignored; /* said already, or none of our business */
        bool bom_seen;
        bool continued; /* pending holds the start of a line */
        struct text pending;
        size_t assignments;
};

static void parser_done(struct parser *p)
{
        free(p->section);
        text_done(&p->pending);
}

/* Length of the line at text and, behind it, of its end: any mix of CR and LF in which none
 * comes twice. */
static size_t line_length(const char *text, size_t length, size_t *ret_end)
{
        size_t n = 0, end = 0;
        bool cr = false, lf = false;

        while (n < length && text[n] != '\n' && text[n] != '\r')
                n++;
        for (; n + end < length; end++) {
                char c = text[n + end];

                if (!((c == '\n' && !lf) || (c == '\r' && !cr)))
                        break;
                lf |= c == '\n';
                cr |= c == '\r';
        }
        *ret_end = end;
        return n;
}

static char *strip(char *text)
{
        size_t n;

        text += strspn(text, BLANKS);
        for (n = strlen(text); n > 0 && strchr(BLANKS, text[n - 1]); n--)
                ;
        text[n] = '\0';
        return text;
}

static bool is_utf8(const char *text)
{
        static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
        const unsigned char *c = (const unsigned char *)text;

        while (*c) {
                unsigned n = *c < 0x80       ? 1
                             : *c >> 5 == 6  ? 2
                             : *c >> 4 == 14 ? 3
                             : *c >> 3 == 30 ? 4
                                             : 0;
                unsigned value = n <= 1 ? *c : *c & (0xffU >> (n + 1));

                for (unsigned i = 1; i < n; i++) {
                        if (c[i] >> 6 != 2)
                                return false;
                        value = value << 6 | (c[i] & 0x3f);
                }
                if (n == 0 || value < least[n] || value > 0x10ffff ||
                    (value >= 0xd800 && value < 0xe000))
                        return false;
                c += n;
        }
        return true;
}

static int parse_section(struct parser *p, char *text)
{
        size_t n = strlen(text);

        if (text[n - 1] != ']') {
                err_say(p->why, -EBADMSG, "line %u: the section \"%s\" is not closed", p->line,
                        text);
                return 2;
        }
        text[n - 1] = '\0';
        text++;
        for (const char *c = text; *c; c++)
                if ((unsigned char)*c < ' ' || strchr("\"'\\\177", *c)) {
                        err_say(p->why, -EBADMSG,
                                "line %u: the section [%s] has characters that "
                                "no section may have",
                                p->line, text);
                        return 2;
                }
        free(p->section);
        p->section = NULL;
        p->section_ignored = true;
        if (strcmp(text, "Unit") == 0 || strcmp(text, "Install") == 0 ||
            (p->sink->own && strcmp(text, p->sink->own) == 0)) {
                p->section = strdup(text);
                p->section_ignored = false;
                return p->section ? 0 : -ENOMEM;
        }
        if (text_starts(text, "X-"))
                return 0;
        return p->sink->odd(p->sink->userdata, p->line, "", text,
                            "no section of this kind of unit: everything in it is passed over");
}

static int parse_assignment(struct parser *p, char *text)
{
        char *equals = strchr(text, '=');

        if (!p->section) {
                if (p->section_ignored)
                        return 0;
                return p->sink->odd(p->sink->userdata, p->line, "", text,
                                    "stands before any section, so it is passed over");
        }
        if (!equals)
                return p->sink->odd(p->sink->userdata, p->line, "", text,
                                    "has no \"=\", so the line is passed over");
        if (equals == text)
                return p->sink->odd(p->sink->userdata, p->line, "", text,
                                    "has no name before the \"=\", so the line is passed over");
        if (++p->assignments > ASSIGNMENT_LIMIT) {
                err_say(p->why, -EFBIG, "more than %d assignments; gird does not read such a file",
                        ASSIGNMENT_LIMIT);
                return 2;
        }
        *equals = '\0';
        return p->sink->assign(p->sink->userdata, p->line, p->section, strip(text),
                               strip(equals + 1));
}

/* A whole line, continuations joined. */
static int parse_logical(struct parser *p, char *text)
{
        text = strip(text);
        if (!*text)
                return 0;
        if (!is_utf8(text)) {
                err_say(p->why, -EINVAL, "line %u is not UTF-8; systemd reads no further", p->line);
                return 2;
        }
        return *text == '[' ? parse_section(p, text) : parse_assignment(p, text);
}

/* Whether the line goes on: it ends in a backslash that nothing escapes. */
static bool goes_on(const char *text, size_t n)
{
        size_t slashes = 0;

        while (slashes < n && text[n - slashes - 1] == '\\')
                slashes++;
        return slashes % 2 == 1;
}

static int finish_logical(struct parser *p)
{
        p->continued = false;
        if (p->pending.failed || !p->pending.chars)
                return -ENOMEM;
        p->pending.length = 0; /* the room is used again */
        return parse_logical(p, p->pending.chars);
}

static int parse_physical(struct parser *p, const char *text, size_t n)
{
        size_t blank = 0;

        while (blank < n && strchr(BLANKS, text[blank]))
                blank++;
        if (blank < n && (text[blank] == '#' || text[blank] == ';'))
                return 0;
        if (!p->bom_seen && n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
                p->bom_seen = true;
                text += 3;
                n -= 3;
        }
        if (p->pending.length + n > LINE_LIMIT) {
                err_say(p->why, -ENOBUFS,
                        "line %u, with those it continues, is longer than %d bytes", p->line,
                        LINE_LIMIT);
                return 2;
        }
        if (goes_on(text, n)) {
                text_addn(&p->pending, text, n - 1);
                text_add(&p->pending, " ");
                p->continued = true;
                return p->pending.failed ? -ENOMEM : 0;
        }
        text_addn(&p->pending, text, n);
        return finish_logical(p);
}

int files_parse(const struct parse_sink *sink, const char *text, size_t length, struct err *why)
{
        scoped(parser_done) struct parser p = { .sink = sink, .why = why };
        const char *nul = memchr(text, '\0', length);
        int r = 0;

        if (nul) {
                err_say(why, -EILSEQ,
                        "there is a NUL byte in it, at byte %zu; gird reads no such file",
                        (size_t)(nul - text));
                return 2;
        }
        while (r == 0 && length > 0) {
                size_t end, n = line_length(text, length, &end);

                p.line++;
                if (n >= LINE_LIMIT) {
                        err_say(why, -ENOBUFS, "line %u is longer than systemd reads (%d bytes)",
                                p.line, LINE_LIMIT);
                        return 2;
                }
                r = parse_physical(&p, text, n);
                text += n + end;
                length -= n + end;
        }
        if (r == 0 && p.continued) {
                p.line++;
                r = finish_logical(&p);
        }
        return r;
}
