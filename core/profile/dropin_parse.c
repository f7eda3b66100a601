/* dropin_parse.c - a drop-in, ours or another's, as a profile. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/dropin.h"
#include "core/profile/profile_private.h"

#include <errno.h>
#include <string.h>

/* What the lines so far have made of one directive. */
struct entry {
        bool seen;
        bool back; /* a comment of ours says: back to the default */
        bool kept; /* a comment of ours says: not ours */
        enum reason reason;
        char *evidence;
        struct value value;
};

struct parsing {
        const char *file;
        const char *unit;
        const struct dialect *dialect;
        struct entry entries[DIRECTIVE_COUNT];
        bool ours;
        unsigned line;           /* where the logical line starts */
        char section[16];        /* the one we are in; "X-" for those that systemd skips */
        char *comment;           /* the last line, if it was one; without "# " */
        struct profile *profile; /* that comes of it */
        struct err *e;
};

static void parsing_done(struct parsing *p)
{
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                free(p->entries[i].evidence);
                value_done(&p->entries[i].value);
        }
        free(p->comment);
}

/* Puts the place before what was said. */
static int wrong(const struct parsing *p, const char *what, const char *word)
{
        return err_say(p->e, -EINVAL, "%s:%u: %s%s", p->file, p->line, what, word);
}

static int no_memory(const struct parsing *p)
{
        return err_set(p->e, -ENOMEM, "cannot read %s", p->file);
}

static char *trim(char *line)
{
        size_t length;

        line += strspn(line, " \t\r");
        length = strlen(line);
        while (length > 0 && strchr(" \t\r", line[length - 1]))
                line[--length] = '\0';
        return line;
}

static int enter_section(struct parsing *p, char *line)
{
        static const char *const names[] = { "Unit", "Service", "Socket", "Mount",
                                             "Swap", "Slice",   "Scope" };
        size_t length = strlen(line);

        if (line[length - 1] != ']')
                return wrong(p, "this section has no closing bracket: ", line);
        line[length - 1] = '\0';
        line++;
        if (text_starts(line, "X-"))
                line[2] = '\0';
        for (size_t i = 0; i < COUNT(names); i++)
                if (strcmp(names[i], line) == 0 || strcmp(line, "X-") == 0) {
                        snprintf(p->section, sizeof(p->section), "%s", line);
                        return 0;
                }
        return wrong(p, "a profile has no settings in the section ", line);
}

/* What a comment of ours says about the line below it: "observed, back to the default: words". */
static int take_comment(struct parsing *p, struct entry *entry)
{
        const char *rest = p->comment;

        entry->kept |= text_starts(rest, DROPIN_KEPT_WORDS);
        for (enum reason r = REASON_HAND; r <= REASON_FILE; r++) {
                if (!text_starts(p->comment, reason_words(r)))
                        continue;
                rest = p->comment + strlen(reason_words(r));
                entry->back = text_starts(rest, DROPIN_DEFAULT_WORDS);
                if (entry->back)
                        rest += strlen(DROPIN_DEFAULT_WORDS);
                if (*rest && !text_starts(rest, ": "))
                        continue;
                entry->reason = r;
                free(entry->evidence);
                entry->evidence = *rest ? strdup(rest + 2) : NULL;
                return *rest && !entry->evidence ? no_memory(p) : 0;
        }
        entry->back = false;
        return 0;
}

static int find(const struct parsing *p, const char *key, const struct directive **ret)
{
        const struct directive *d = directive_find(key);

        if (!d)
                return err_say(p->e, -EINVAL, "%s:%u: gird has no directive %s=", p->file, p->line,
                               key);
        if (strcmp(p->section, dropin_section(d, p->unit)) != 0)
                return err_say(p->e, -EINVAL, "%s:%u: %s= belongs into the section [%s]", p->file,
                               p->line, key, dropin_section(d, p->unit));
        *ret = d;
        return 0;
}

/* An empty BindPaths= empties BindReadOnlyPaths= as well. */
static void reset_partner(struct parsing *p, const struct directive *d)
{
        const struct directive *partner = value_reset_also(d);

        if (!partner)
                return;
        value_done(&p->entries[partner->id].value);
        p->entries[partner->id].value = (struct value){ 0 };
}

static int assign(struct parsing *p, char *line)
{
        char *equals = strchr(line, '=');
        const struct directive *d = NULL;
        struct err note = { 0 };
        struct entry *entry;
        char *key, *text;
        int r;

        if (!equals)
                return wrong(p, "this is no assignment: ", line);
        *equals = '\0';
        key = trim(line);
        text = trim(equals + 1);
        if (text_starts(key, "X-") || strcmp(p->section, "X-") == 0)
                return 0;
        r = find(p, key, &d);
        if (r < 0)
                return r;
        if (!profile_text_fits(text))
                return wrong(p, "control characters or broken UTF-8 in ", key);

        entry = &p->entries[d->id];
        if (!entry->seen)
                entry->reason = REASON_FILE;
        entry->seen = true;
        if (p->comment && take_comment(p, entry) < 0)
                return -ENOMEM;
        r = profile_merge(&entry->value, d, p->dialect, p->unit, text, &note);
        if (r < 0)
                return no_memory(p);
        if (!*text)
                reset_partner(p, d);
        if (r != ASSIGN_TAKEN || note.text[0])
                return err_say(p->e, -EINVAL, "%s:%u: systemd would not take %s=%s: %s", p->file,
                               p->line, key, text,
                               note.text[0] ? note.text : "it is no value of this directive");
        return 0;
}

/* "accepted: WHAT: why" in our header.  What someone else made of it says nothing. */
static int take_accepted(struct parsing *p, const char *words)
{
        const char *end = strstr(words, ": ");
        scoped(mem_freep) char *what = NULL;
        struct text t = { 0 };
        int r;

        for (const char *c = words; end && c < end; c++) {
                bool blank = strncmp(c, "\\x20", 4) == 0;

                text_addn(&t, blank ? " " : c, 1);
                c += blank ? 3 : *c == '\\';
        }
        what = text_take(&t);
        r = what && end ? profile_accept(p->profile, what, end + 2) : what ? 0 : -ENOMEM;
        return r == -ENOMEM ? no_memory(p) : 0;
}

static int keep_comment(struct parsing *p, const char *line)
{
        free(p->comment);
        p->comment = NULL;
        if (!p->ours || !text_starts(line, "# "))
                return 0;
        if (!*p->section && text_starts(line + 2, DROPIN_ACCEPTED_WORDS))
                return take_accepted(p, line + 2 + strlen(DROPIN_ACCEPTED_WORDS));
        p->comment = strdup(line + 2);
        return p->comment ? 0 : no_memory(p);
}

/* One logical line: continuations joined. */
static int read_line(struct parsing *p, char *line)
{
        int r;

        line = trim(line);
        if (!*line)
                return 0;
        if (strchr("#;", *line))
                return keep_comment(p, line);
        r = *line == '[' ? enter_section(p, line) : assign(p, line);
        free(p->comment);
        p->comment = NULL;
        return r;
}

/* The next physical line, as part of the logical one.  1: the logical one is complete. */
static int join_line(struct parsing *p, const char *line, size_t length, struct text *logical)
{
        size_t blanks = strspn(line, " \t\r");
        bool comment = blanks < length && strchr("#;", line[blanks]);

        /* Comments between joined lines are skipped, as systemd does. */
        if (comment && logical->length > 0)
                return 0;
        text_addn(logical, line, length);
        if (logical->failed)
                return no_memory(p);
        if (comment || !profile_text_continues(line, length))
                return 1;
        logical->chars[logical->length - 1] = ' ';
        return 0;
}

static int read_lines(struct parsing *p, const char *text)
{
        scoped(text_done) struct text logical = { 0 };
        unsigned number = 0;
        int r = 0;

        for (const char *line = text; r >= 0 && *line;) {
                size_t length = strcspn(line, "\n");

                number++;
                if (logical.length == 0)
                        p->line = number;
                r = join_line(p, line, length, &logical);
                line += length + (line[length] == '\n');
                if (r < 0 || (r == 0 && *line))
                        continue;
                r = logical.chars ? read_line(p, logical.chars) : 0;
                text_done(&logical);
        }
        return r;
}

/* Someone may have edited the line below our comment: it must still be the default. */
static int settle_default(struct parsing *p, struct entry *entry, const struct directive *d)
{
        scoped(value_done) struct value expected = { 0 };
        const char *text = dropin_default(d, p->dialect->scope);
        int r;

        if (!entry->back || !text)
                return 0;
        r = value_assign(&expected, d, p->dialect, text, NULL);
        if (r < 0)
                return no_memory(p);
        if (value_equal(&expected, &entry->value)) {
                value_done(&entry->value);
                entry->value = (struct value){ 0 };
        }
        return 0;
}

static int gather(struct parsing *p, struct profile *profile)
{
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                struct entry *entry = &p->entries[i];
                int r;

                if (!entry->seen || entry->kept)
                        continue;
                r = settle_default(p, entry, directive_at(i));
                if (r < 0)
                        return r;
                r = profile_set_typed(profile, (enum directive_id)i, &entry->value, entry->reason,
                                      entry->evidence);
                if (r < 0)
                        return no_memory(p);
        }
        return 0;
}

int dropin_parse(const char *file, const char *text, const char *unit,
                 const struct dialect *dialect, struct profile **ret, struct err *e)
{
        scoped(parsing_done) struct parsing p = {
                .file = file, .unit = unit, .dialect = dialect, .ours = dropin_is_ours(text), .e = e
        };
        scoped(profile_freep) struct profile *profile = NULL;
        int r;

        r = profile_new(unit, dialect->scope, &profile);
        if (r < 0)
                return no_memory(&p);
        p.profile = profile;
        r = read_lines(&p, text);
        if (r == 0)
                r = gather(&p, profile);
        if (r < 0)
                return r;
        *ret = take(profile);
        return 0;
}
