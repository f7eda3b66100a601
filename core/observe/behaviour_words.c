/* behaviour_words.c - acts and coverage in words, for evidence. */
#include "core/observe/behaviour_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/dialect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* ---- numbers ---- */

/* The bits' names, joined; what has none as a number. */
static void add_bits(struct text *t, const struct term *terms, uint64_t bits, const char *joint)
{
        const char *between = "";

        for (; terms->name; terms++) {
                if (!(bits & terms->number))
                        continue;
                text_addf(t, "%s%s", between, terms->name);
                between = joint;
                bits &= ~terms->number;
        }
        if (bits)
                text_addf(t, "%s0x%" PRIx64, between, bits);
}

static void add_term(struct text *t, const struct term *terms, uint64_t number, const char *what)
{
        const char *name = term_name(terms, number);

        if (name)
                text_add(t, name);
        else
                text_addf(t, "%s %" PRIu64, what, number);
}

static void add_signal(struct text *t, uint64_t number)
{
        const char *name = number < 128 ? sigabbrev_np((int)number) : NULL;

        if (name)
                text_addf(t, "SIG%s", name);
        else
                text_addf(t, "signal %" PRIu64, number);
}

/* ---- what was done, by kind ---- */

static const char *or_unknown(const char *text)
{
        return text ? text : "?";
}

static void say_call(struct text *t, const struct act *a)
{
        text_addf(t, "call %s", or_unknown(a->name));
}

/* Calls whose argument is better read as words: from behaviour_arguments.c. */
static void say_arguments(struct text *t, const struct act *a)
{
        const uint64_t numbers[] = { a->a, a->b, a->c };
        size_t n = COUNT(numbers);

        text_addf(t, "%s(", or_unknown(a->name));
        while (n > 1 && numbers[n - 1] == 0)
                n--;
        for (size_t i = 0; i < n; i++) {
                text_add(t, i ? ", " : "");
                argument_words(t, a->name, i, numbers[i]);
        }
        text_add(t, ")");
}

static void add_socket(struct text *t, const struct act *a, uint64_t type, uint64_t protocol)
{
        add_term(t, family_terms, a->a, "family");
        text_add(t, " ");
        add_term(t, type_terms, type, "type");
        if (protocol)
                text_addf(t, " protocol %" PRIu64, protocol);
}

static void say_socket(struct text *t, const struct act *a)
{
        text_add(t, "open a socket ");
        add_socket(t, a, a->b, a->c);
}

static bool has_port(const struct act *a)
{
        return a->a == AF_INET || a->a == AF_INET6 || a->a == AF_VSOCK;
}

static void add_address(struct text *t, const struct act *a)
{
        if (a->text && *a->text)
                text_addf(t, " %s", a->text);
        else if (a->a == AF_UNIX)
                text_add(t, " without a name");
        if (a->flags & ACT_GENERAL && a->a == AF_UNIX)
                text_add(t, a->text && a->text[0] == '@' ? " (names vary)" : "/…");
        if (a->flags & ACT_EPHEMERAL)
                text_add(t, " on ports that vary");
        else if (has_port(a))
                text_addf(t, " port %" PRIu64, a->c);
        text_add(t, " (");
        add_socket(t, a, a->b & UINT32_MAX, a->b >> 32);
        text_add(t, ")");
}

static void say_bind(struct text *t, const struct act *a)
{
        text_add(t, "bind to");
        add_address(t, a);
}

static void say_connect(struct text *t, const struct act *a)
{
        bool sends = a->name && text_starts(a->name, "send");

        text_add(t, sends ? "send to" : "connect to");
        add_address(t, a);
}

static void say_peer(struct text *t, const struct act *a)
{
        text_add(t, "take a connection from");
        add_address(t, a);
}

static void add_path(struct text *t, const struct act *a)
{
        text_add(t, or_unknown(a->text));
        if (a->flags & ACT_GENERAL)
                text_add(t, text_ends(or_unknown(a->text), "/") ? "…" : "/…");
        if (a->flags & ACT_CUT)
                text_add(t, "…");
}

static void say_path(struct text *t, const struct act *a)
{
        uint64_t bits = a->a & ~(uint64_t)(ACCESS_FOLDER | ACCESS_MADE);

        if (bits)
                add_bits(t, access_terms, bits, "+");
        else
                text_add(t, "use");
        text_add(t, a->a & ACCESS_FOLDER ? " the folder " : " ");
        add_path(t, a);
}

static void say_exec(struct text *t, const struct act *a)
{
        uint64_t gains = a->a & ~(uint64_t)GAIN_COMMAND;

        text_add(t, "run ");
        add_path(t, a);
        if (!gains)
                return;
        text_add(t, " with ");
        add_bits(t, gain_terms, gains, ", ");
}

static void say_capability(struct text *t, const struct act *a)
{
        text_addf(t, "need %s", a->name ? a->name : or_unknown(capability_name((unsigned)a->a)));
        if (a->c)
                text_add(t, " in a user namespace of its own");
        if (a->by)
                text_addf(t, " for %s", a->by);
        if (a->flags & ACT_QUIET)
                text_add(t, " (only asked)");
}

static void say_signal(struct text *t, const struct act *a)
{
        text_add(t, "send ");
        add_signal(t, a->a);
        if (a->b & SIGNAL_OTHER_UID)
                text_add(t, " to another user's process");
        if (a->b & SIGNAL_OUTSIDE)
                text_addf(t, "%s outside the unit", a->b & SIGNAL_OTHER_UID ? "" : " to a process");
}

static void say_killed(struct text *t, const struct act *a)
{
        text_add(t, "die of ");
        add_signal(t, a->a);
        if (a->name)
                text_addf(t, " at %s", a->name);
}

static void say_refused(struct text *t, const struct act *a)
{
        text_addf(t, "call %s, which a filter refused", or_unknown(a->name));
        if (a->a) {
                text_add(t, " by ");
                add_signal(t, a->a);
        }
}

static void say_foreign(struct text *t, const struct act *a)
{
        text_addf(t, "run %s code of %s", or_unknown(a->name), or_unknown(a->text));
}

static void (*const say[ACT_KINDS])(struct text *t, const struct act *a) = {
        [ACT_CALL] = say_call,       [ACT_ARGS] = say_arguments,  [ACT_SOCKET] = say_socket,
        [ACT_BIND] = say_bind,       [ACT_CONNECT] = say_connect, [ACT_PEER] = say_peer,
        [ACT_PATH] = say_path,       [ACT_EXEC] = say_exec,       [ACT_CAP] = say_capability,
        [ACT_SIGNAL] = say_signal,   [ACT_KILLED] = say_killed,   [ACT_REFUSED] = say_refused,
        [ACT_FOREIGN] = say_foreign,
};

/* ---- when ---- */

/* "2026-11-23T09:30:00Z", perhaps with a fraction, in microseconds; 0: it is none. */
static uint64_t parse_time(const char *text)
{
        struct tm parts = { 0 };
        const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &parts) : NULL;
        uint64_t fraction = 0, unit = 100000;
        time_t seconds;

        if (!rest)
                return 0;
        if (*rest == '.')
                for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
                        fraction += (uint64_t)(*rest - '0') * unit;
        seconds = timegm(&parts);
        return seconds > 0 ? (uint64_t)seconds * 1000000 + fraction : 0;
}

/* The time since the session's begin that a was first seen in; false: none is known. */
static bool since_begin(const struct behaviour *b, const struct act *a, uint64_t *ret)
{
        uint64_t begin = 0;

        for (size_t i = 0; i < b->session_count; i++) {
                uint64_t when = parse_time(b->sessions[i].when);

                if (when <= a->first && when > begin)
                        begin = when;
        }
        *ret = a->first - begin;
        return begin > 0;
}

static void add_span(struct text *t, double seconds)
{
        if (seconds < 10)
                text_addf(t, "%.1f s", seconds);
        else if (seconds < 120)
                text_addf(t, "%.0f s", seconds);
        else if (seconds < 2 * 3600)
                text_addf(t, "%.0f min", seconds / 60);
        else if (seconds < 100 * 3600.0)
                text_addf(t, "%.0f h", seconds / 3600);
        else
                text_addf(t, "%.0f days", seconds / 86400);
}

static void add_witness(struct text *t, const struct behaviour *b, const struct act *a)
{
        uint64_t since = 0;

        if (a->process[0])
                text_addf(t, " by %.*s", (int)sizeof(a->process), a->process);
        if (a->count == 0)
                return;
        if (a->count == 1)
                text_add(t, " (once");
        else
                text_addf(t, " (%" PRIu64 " times", a->count);
        if (a->first && since_begin(b, a, &since)) {
                text_add(t, a->count == 1 ? ", at " : ", first at ");
                add_span(t, (double)since / 1e6);
        }
        text_add(t, ")");
}

char *act_words(const struct behaviour *b, const struct act *a)
{
        scoped(mem_freep) char *raw = NULL;
        struct text t = { 0 };

        if (a->kind < ACT_KINDS)
                say[a->kind](&t, a);
        if (a->error) {
                const char *name = errno_name(a->error);

                if (name)
                        text_addf(&t, ", which failed with %s,", name);
                else
                        text_addf(&t, ", which failed with error %d,", a->error);
        }
        add_witness(&t, b, a);
        raw = text_take(&t);
        return raw ? text_printable_dup(raw) : NULL;
}

/* ---- coverage ---- */

static void add_amount(struct text *t, uint64_t n)
{
        if (n < 10000)
                text_addf(t, "%" PRIu64, n);
        else if (n < 1000000)
                text_addf(t, "%.0f k", (double)n / 1e3);
        else if (n < 1000000000)
                text_addf(t, "%.1f M", (double)n / 1e6);
        else
                text_addf(t, "%.1f G", (double)n / 1e9);
}

static void add_phases(struct text *t, const struct coverage *c)
{
        const char *words[4];
        size_t n = 0;

        if (c->startup)
                words[n++] = "start-up";
        if (c->steady)
                words[n++] = "steady state";
        if (c->reload)
                words[n++] = "reload";
        if (c->stop)
                words[n++] = "stop";
        if (n == 0)
                text_add(t, "no phase of its life is known to be covered");
        for (size_t i = 0; i < n; i++)
                text_addf(t, "%s%s", i == 0 ? "" : i + 1 == n ? " and " : ", ", words[i]);
}

char *coverage_words(const struct coverage *c)
{
        struct text t = { 0 };

        if (c->sessions == 0)
                text_add(&t, "never watched");
        else {
                text_add(&t, "watched ");
                if (c->twin || !c->live) {
                        add_span(&t, c->seconds - c->live_seconds);
                        text_add(&t, c->twin ? " in a twin" : "");
                }
                text_add(&t, c->twin && c->live ? " and " : "");
                if (c->live) {
                        add_span(&t, c->live_seconds);
                        text_add(&t, " live");
                }
                text_add(&t, ": ");
                add_phases(&t, c);
                text_add(&t, "; ");
                add_amount(&t, c->events);
                text_add(&t, " calls, ");
                if (c->lost)
                        add_amount(&t, c->lost);
                text_add(&t, c->lost ? " lost" : "none lost");
        }
        return text_take(&t);
}
