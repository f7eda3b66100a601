/* journal.c - the door to sd-journal: lines of a unit, and entries of gird's own. */
#include "core/stage/journal.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

enum { LINE_LIMIT = 10000, TEXT_LIMIT = 8192 };

static void line_done(struct journal_line *line)
{
        free(line->identifier);
        free(line->unit);
        free(line->message);
}

void journal_done(struct journal *j)
{
        for (size_t i = 0; i < j->count; i++)
                line_done(&j->lines[i]);
        free(j->lines);
        *j = (struct journal){ 0 };
}

static void journal_closep(sd_journal **j)
{
        if (*j)
                sd_journal_close(*j);
}

/* What belongs to a unit: what its processes say, what systemd says about it, what other
 * services of the system say about it, and its core dumps. */
struct belonging {
        const char *fields[3]; /* all of them; "=" at the end takes the unit's name */
};
enum { BELONGINGS = 4 };
static const struct belonging belongs[BELONGINGS] = {
        { { "_SYSTEMD_UNIT=" } },
        { { "_PID=1", "UNIT=" } },
        { { "_UID=0", "OBJECT_SYSTEMD_UNIT=" } },
        { { "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1", "_UID=0", "COREDUMP_UNIT=" } },
};

/* A user's manager and its processes are of one user, who may write what he likes of them. */
static const struct belonging belongs_to_user[BELONGINGS] = {
        { { "_SYSTEMD_USER_UNIT=" } },
        { { "USER_UNIT=" } },
        { { "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1", "_UID=0", "COREDUMP_USER_UNIT=" } },
};

static int match_unit(sd_journal *j, const struct belonging table[BELONGINGS], const char *unit)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < BELONGINGS && table[i].fields[0]; i++) {
                for (size_t k = 0; r >= 0 && k < COUNT(table[i].fields); k++) {
                        const char *field = table[i].fields[k];
                        scoped(mem_freep) char *match = NULL;

                        if (!field)
                                break;
                        match = text_format("%s%s", field, text_ends(field, "=") ? unit : "");
                        r = match ? sd_journal_add_match(j, match, 0) : -ENOMEM;
                }
                if (r >= 0)
                        r = sd_journal_add_disjunction(j);
        }
        return r;
}

/* A field's text without its name, cut; bytes that no text has become '?'.  NULL without it. */
static int get_field(sd_journal *j, const char *field, char **ret)
{
        const void *data = NULL;
        size_t length = 0, skip = strlen(field) + 1;
        int r = sd_journal_get_data(j, field, &data, &length);

        if (r == -ENOENT || r == -E2BIG || r == -EPROTONOSUPPORT || r == -EBADMSG)
                return 0;
        if (r < 0)
                return r;
        if (length < skip)
                return 0;
        length -= skip;
        if (length > TEXT_LIMIT)
                length = TEXT_LIMIT;
        *ret = malloc(length + 1);
        if (!*ret)
                return -ENOMEM;
        memcpy(*ret, (const char *)data + skip, length);
        (*ret)[length] = '\0';
        for (size_t i = 0; i < length; i++)
                if (!(*ret)[i])
                        (*ret)[i] = '?';
        return 0;
}

static int get_name(sd_journal *j, char **ret)
{
        static const char *const fields[] = { "SYSLOG_IDENTIFIER", "_COMM", "_TRANSPORT" };
        int r = 0;

        for (size_t i = 0; r >= 0 && !*ret && i < COUNT(fields); i++)
                r = get_field(j, fields[i], ret);
        return r;
}

static int get_unit(sd_journal *j, char **ret)
{
        static const char *const fields[] = { "UNIT", "OBJECT_SYSTEMD_UNIT", "COREDUMP_UNIT",
                                              "_SYSTEMD_UNIT" };
        int r = 0;

        for (size_t i = 0; r >= 0 && !*ret && i < COUNT(fields); i++)
                r = get_field(j, fields[i], ret);
        return r;
}

static int read_line(sd_journal *j, struct journal_line *ret)
{
        scoped(mem_freep) char *priority = NULL;
        int r = get_field(j, "PRIORITY", &priority);

        ret->priority = priority && priority[0] >= '0' && priority[0] <= '7' ? priority[0] - '0'
                                                                             : 6;
        if (r >= 0)
                r = get_name(j, &ret->identifier);
        if (r >= 0)
                r = get_unit(j, &ret->unit);
        if (r >= 0)
                r = get_field(j, "MESSAGE", &ret->message);
        if (r >= 0 && !ret->message)
                r = (ret->message = strdup("")) ? 0 : -ENOMEM;
        if (r >= 0 && !ret->identifier)
                r = (ret->identifier = strdup("")) ? 0 : -ENOMEM;
        if (r >= 0)
                r = sd_journal_get_realtime_usec(j, &ret->usec);
        return r;
}

static void drop_first(struct journal *j, size_t count)
{
        for (size_t i = 0; i < count; i++)
                line_done(&j->lines[i]);
        memmove(j->lines, j->lines + count, (j->count - count) * sizeof(*j->lines));
        j->count -= count;
}

static int add_line(struct journal *j, struct journal_line *line)
{
        size_t room = j->count ? j->count * 2 : 16;

        if (j->count == (size_t)LINE_LIMIT * 2)
                drop_first(j, LINE_LIMIT);
        else if ((j->count & (j->count - 1)) == 0 && (j->count == 0 || j->count >= 16)) {
                struct journal_line *more = realloc(j->lines, room * sizeof(*more));

                if (!more)
                        return -ENOMEM;
                j->lines = more;
        }
        j->lines[j->count++] = *line;
        return 0;
}

static int open_journal(const char *folder, sd_journal **ret)
{
        return folder ? sd_journal_open_directory(ret, folder, 0)
                      : sd_journal_open(ret, SD_JOURNAL_LOCAL_ONLY);
}

/* 1: j stands on a line that is asked for; 0: it stands before the first one. */
static int seek(sd_journal *j, const char *cursor)
{
        int r;

        if (!cursor)
                return sd_journal_seek_head(j);
        r = sd_journal_seek_cursor(j, cursor);
        if (r >= 0)
                r = sd_journal_next(j);
        if (r <= 0)
                return r;
        /* Where that very line is hidden by the match, this is already the one after it. */
        return sd_journal_test_cursor(j, cursor) > 0 ? 0 : 1;
}

/* Where the journal ends now: what comes later is new to whoever asks next. */
static int find_end(const char *folder, char **ret)
{
        scoped(journal_closep) sd_journal *j = NULL;
        int r = open_journal(folder, &j);

        if (r >= 0)
                r = sd_journal_seek_tail(j);
        if (r >= 0)
                r = sd_journal_previous(j);
        if (r > 0)
                r = sd_journal_get_cursor(j, ret);
        return r < 0 ? r : 0;
}

/* *ret_cursor is left alone if there was no line. */
static int read_lines(sd_journal *j, bool on_line, struct journal *lines, char **ret_cursor)
{
        int r;

        for (;;) {
                struct journal_line line = { 0 };

                r = on_line ? 1 : sd_journal_next(j);
                if (r <= 0)
                        break;
                on_line = false;
                r = read_line(j, &line);
                if (r >= 0)
                        r = add_line(lines, &line);
                if (r < 0) {
                        line_done(&line);
                        return r;
                }
        }
        if (r == 0 && lines->count > 0) {
                free(*ret_cursor);
                *ret_cursor = NULL;
                r = sd_journal_get_cursor(j, ret_cursor);
        }
        return r;
}

static int read_of(const struct belonging table[BELONGINGS], const char *folder, const char *unit,
                   char **cursor, struct journal *ret, struct err *e)
{
        scoped(journal_closep) sd_journal *j = NULL;
        scoped(journal_done) struct journal lines = { 0 };
        scoped(mem_freep) char *next = NULL; /* without any line: the end as it was before */
        int r = find_end(folder, &next);

        if (r >= 0)
                r = open_journal(folder, &j);
        if (r >= 0 && unit)
                r = match_unit(j, table, unit);
        if (r >= 0)
                r = seek(j, cursor ? *cursor : NULL);
        if (r >= 0)
                r = read_lines(j, r > 0, &lines, &next);
        if (r < 0)
                return err_set(e, r, "cannot read the journal%s%s", folder ? " in " : "",
                               folder ? folder : "");
        if (lines.count > LINE_LIMIT)
                drop_first(&lines, lines.count - LINE_LIMIT);
        if (cursor && next) {
                free(*cursor);
                *cursor = take(next);
        }
        *ret = lines;
        lines = (struct journal){ 0 };
        return 0;
}

int journal_read(const char *folder, const char *unit, char **cursor, struct journal *ret,
                 struct err *e)
{
        return read_of(belongs, folder, unit, cursor, ret, e);
}

int journal_read_user(const char *folder, const char *unit, char **cursor, struct journal *ret,
                      struct err *e)
{
        return read_of(belongs_to_user, folder, unit, cursor, ret, e);
}

/* ---- writing ---- */

void journal_write(enum journal_action action, const char *unit, const char *message)
{
        static const struct {
                const char *name, *id;
        } actions[] = {
                [JOURNAL_APPLY] = { "apply", "4de2c8f1a9b34f0c8d55c3a2b7e8f601" },
                [JOURNAL_CONFIRM] = { "confirm", "4de2c8f1a9b34f0c8d55c3a2b7e8f602" },
                [JOURNAL_REVERT] = { "revert", JOURNAL_ID_REVERT },
                [JOURNAL_SAVE] = { "save", "4de2c8f1a9b34f0c8d55c3a2b7e8f604" },
                [JOURNAL_UNDO] = { "undo", "4de2c8f1a9b34f0c8d55c3a2b7e8f605" },
        };

        (void)sd_journal_send("MESSAGE_ID=%s", actions[action].id, "PRIORITY=%i", LOG_NOTICE,
                              "SYSLOG_IDENTIFIER=gird", "GIRD_ACTION=%s", actions[action].name,
                              "GIRD_UNIT=%s", unit, "MESSAGE=%s", message, NULL);
}
