/* denial_words.c - refusals in words, for people and for names that last. */
#include "core/trial/denial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/observe/behaviour_private.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* ---- names that last ---- */

/* Numbers of this many digits are those of a process, a port of the kernel's or a time. */
enum { LONG_NUMBER = 3 };

/* One name of a path, random ones as '#', long numbers too. */
static void add_name(struct text *t, const char *name, size_t n)
{
        if (name_is_random(name, n, NAME_MADE)) {
                text_add(t, "#");
                return;
        }
        for (size_t i = 0; i < n;) {
                size_t digits = strspn(name + i, "0123456789");

                if (digits > n - i)
                        digits = n - i;
                if (digits >= LONG_NUMBER)
                        text_add(t, "#");
                else
                        text_addn(t, name + i, digits ? digits : 1);
                i += digits ? digits : 1;
        }
}

char *denial_path(const char *path)
{
        struct text t = { 0 };

        if (*path != '/') /* an address, a family, a socket's name */
                return strdup(path);
        for (const char *at = path; *at;) {
                size_t n = strcspn(at, "/");

                if (n)
                        add_name(&t, at, n);
                at += n;
                if (*at == '/')
                        text_addn(&t, at++, 1);
        }
        return text_take(&t);
}

/* ---- what was seen ---- */

static void add_arguments(struct text *t, const struct denial *d)
{
        const uint64_t numbers[] = { d->deed.a, d->deed.b, d->deed.c };
        size_t n = COUNT(numbers);

        while (n > 1 && numbers[n - 1] == 0)
                n--;
        for (size_t i = 0; i < n; i++) {
                text_add(t, i ? ", " : "");
                argument_words(t, d->call, i, numbers[i]);
        }
}

/* "/x for write+create" */
static void add_access(struct text *t, uint64_t access)
{
        uint64_t bits = access & ~(uint64_t)(ACCESS_FOLDER | ACCESS_MADE | ACCESS_LOOK);
        const char *between = " for ";

        for (const struct term *term = access_terms; term->name; term++)
                if (bits & term->number) {
                        text_addf(t, "%s%s", between, term->name);
                        between = "+";
                }
}

static void say_path(struct text *t, const struct denial *d)
{
        text_addf(t, "%s of %s%s", d->call ? d->call : "use", d->path ? d->path : "?",
                  d->deed.flags & ACT_GENERAL ? "/…" : "");
        if (d->deed.a & (ACCESS_READ | ACCESS_WRITE))
                add_access(t, d->deed.a);
}

static void say_address(struct text *t, const struct denial *d)
{
        text_addf(t, "%s to %s", d->call ? d->call : "connect",
                  d->path && *d->path ? d->path : "an unnamed address");
}

static void say_deed(struct text *t, const struct denial *d)
{
        switch (d->deed.kind) {
        case ACT_PATH:
        case ACT_EXEC:
                say_path(t, d);
                return;
        case ACT_ARGS:
                text_addf(t, "%s(", d->call ? d->call : "?");
                add_arguments(t, d);
                text_add(t, ")");
                return;
        case ACT_SOCKET:
                text_addf(t, "%s(%s)", d->call ? d->call : "socket", d->path ? d->path : "?");
                return;
        case ACT_BIND:
        case ACT_CONNECT:
        case ACT_PEER:
                say_address(t, d);
                return;
        case ACT_CAP:
                text_addf(t, "%s", d->capability ? d->capability : "a capability");
                return;
        case ACT_FOREIGN:
                text_addf(t, "code of another architecture (%s)", d->path ? d->path : "?");
                return;
        case ACT_CALL:
        case ACT_REFUSED:
        case ACT_SIGNAL:
        case ACT_KILLED:
        case ACT_KINDS:
                break;
        }
        text_addf(t, "%s()", d->call ? d->call : "a system call");
}

static void add_answer(struct text *t, const struct denial *d)
{
        const char *error = d->error ? errno_name(d->error) : NULL;
        const char *by = d->deed.filtered ? " by a filter" : "";

        if (d->signal)
                text_addf(t, " was refused%s with SIG%s", by,
                          sigabbrev_np(d->signal) ? sigabbrev_np(d->signal) : "?");
        else if (error)
                text_addf(t, " was refused%s with %s", by, error);
        else
                text_addf(t, " was refused%s with error %d", by, d->error);
        if (d->capability && d->deed.kind != ACT_CAP)
                text_addf(t, " for want of %s", d->capability);
}

static void add_when(struct text *t, const struct denial *d)
{
        if (d->after)
                text_addf(t, ", at %.1f s", (double)d->after / 1e6);
        if (d->count > 1)
                text_addf(t, ", %" PRIu64 " times", d->count);
}

int denial_tell(struct denial *d)
{
        scoped(mem_freep) char *raw = NULL;
        struct text t = { 0 };
        char *message;

        if (d->deed.kind == ACT_KILLED) {
                const char *name = sigabbrev_np(d->signal);

                text_addf(&t, "%s was killed by SIG%s", d->process ? d->process : "a process",
                          name ? name : "?");
                if (d->call)
                        text_addf(&t, " at %s()", d->call);
        } else {
                say_deed(&t, d);
                if (d->process)
                        text_addf(&t, " by %s", d->process);
                add_answer(&t, d);
        }
        add_when(&t, d);
        raw = text_take(&t);
        message = raw ? text_printable_dup(raw) : NULL;
        if (!message)
                return -ENOMEM;
        free(d->message);
        d->message = message;
        return 0;
}

/* ---- with its directive ---- */

char *denial_words(const struct denial *d, const struct sandbox *after,
                   const struct dialect *dialect)
{
        enum { ROOM = 70 };
        scoped(mem_freep) char *value = NULL, *raw = NULL;
        const char *message = d->message ? d->message : "";
        const struct directive *row = directive_at(d->directive);
        int room = ROOM;

        if (!row)
                return text_printable_dup(message);
        value = after ? value_show(&after->settings[row->id].value, row, dialect) : NULL;
        if (!value)
                raw = text_format("%s: %s", row->name, message);
        else if (strlen(value) <= ROOM)
                raw = text_format("%s=%s: %s", row->name, value, message);
        else {
                while (room > 0 && ((unsigned char)value[room] & 0xc0) == 0x80)
                        room--;
                raw = text_format("%s=%.*s…: %s", row->name, room, value, message);
        }
        return raw ? text_printable_dup(raw) : NULL;
}
