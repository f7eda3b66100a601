/* acts.c - a unit, what it was seen doing, and the advice on it. */
#include "tests/support/acts.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static char *copy(const char *text)
{
        char *c = text ? strdup(text) : NULL;

        assert_true(!text || c);
        return c;
}

static void add_session(struct seen *s, const char *stage, uint64_t seconds, unsigned seen)
{
        struct session session = {
                .stage = copy(stage),
                .when = copy("2025-01-01T00:00:00Z"),
                .systemd = copy("257"),
                .kernel = copy("6.12.0"),
                .seconds_x1000 = seconds * 1000,
                .events = 100000,
                .processes = 2,
                .execs = 1,
                .seen = seen,
                .capabilities = true,
        };

        assert_int_equal(strv_add(&session.probes, "true"), 0);
        assert_int_equal(behaviour_add_session(s->behaviour, &session), 0);
}

/* The sessions lie in an array that moves when one is added. */
static void find_sessions(struct seen *s)
{
        s->twin = s->live = NULL;
        for (size_t i = 0; i < s->behaviour->session_count; i++) {
                struct session *session = &s->behaviour->sessions[i];

                if (strcmp(session->stage, "twin") == 0)
                        s->twin = session;
                else
                        s->live = session;
        }
}

static void open_scope(struct seen *s, unsigned major, enum scope scope)
{
        *s = (struct seen){ .root = "/nonexistent", .clock = 1735689600000000 };
        dialect_for((struct version){ major, 0 }, scope, &s->dialect);
        assert_int_equal(sandbox_new("app.service", scope, &s->unit), 0);
        assert_int_equal(behaviour_new("app.service", &s->behaviour), 0);
        s->behaviour->binary = copy("/usr/sbin/app");
        add_session(s, "twin", 60,
                    SEEN_TWIN | SEEN_STARTUP | SEEN_STEADY | SEEN_RELOAD | SEEN_STOP);
        add_session(s, "live", 7200, SEEN_LIVE | SEEN_STEADY);
        find_sessions(s);
}

void seen_open(struct seen *s, unsigned major)
{
        open_scope(s, major, SCOPE_SYSTEM);
}

void seen_open_user(struct seen *s, unsigned major)
{
        open_scope(s, major, SCOPE_USER);
}

void seen_done(struct seen *s)
{
        advices_done(&s->advices);
        sandbox_free(s->unit);
        behaviour_free(s->behaviour);
        dialect_done(&s->dialect);
        *s = (struct seen){ 0 };
}

static void keep_session(struct seen *s, const char *stage)
{
        struct behaviour *b = s->behaviour;
        size_t kept = 0;

        for (size_t i = 0; i < b->session_count; i++) {
                if (strcmp(b->sessions[i].stage, stage) == 0)
                        b->sessions[kept++] = b->sessions[i];
                else
                        session_done(&b->sessions[i]);
        }
        b->session_count = kept;
        find_sessions(s);
}

void seen_twin_only(struct seen *s)
{
        keep_session(s, "twin");
}

void seen_live_only(struct seen *s)
{
        keep_session(s, "live");
}

void seen_set(struct seen *s, const char *directive, const char *text)
{
        const struct directive *d = directive_find(directive);
        struct value v = { 0 };

        assert_non_null(d);
        assert_int_equal(value_copy(&s->unit->settings[d->id].value, &v), 0);
        assert_int_equal(value_assign(&v, d, &s->dialect, text, NULL), ASSIGN_TAKEN);
        sandbox_set(s->unit, d->id, &v, ORIGIN_FILE);
}

void seen_command(struct seen *s, const char *key, const char *path, const char *line)
{
        struct unit_facts *f = &s->unit->facts;
        struct exec_line *more = reallocarray(f->exec, f->exec_count + 1, sizeof(*more));

        assert_non_null(more);
        f->exec = more;
        f->exec[f->exec_count++] = (struct exec_line){
                .key = copy(key), .prefixes = copy(""), .path = copy(path), .line = copy(line)
        };
}

struct act *seen_act(struct seen *s, const struct act *a)
{
        struct behaviour *b = s->behaviour;
        struct act taken = *a;

        taken.name = copy(a->name);
        taken.text = copy(a->text);
        taken.by = copy(a->by);
        taken.count = a->count ? a->count : 1;
        taken.first = a->first ? a->first : s->clock;
        taken.last = a->last ? a->last : taken.first;
        taken.seen = a->seen ? a->seen : (SEEN_TWIN | SEEN_LIVE | SEEN_STEADY);
        taken.pid = a->pid ? a->pid : 100;
        s->clock += 1000000;
        if (!taken.process[0])
                memcpy(taken.process, "app", 4);
        assert_int_equal(behaviour_add(b, &taken), 0);
        s->last = &b->acts[b->act_count - 1];
        return s->last;
}

struct act *seen_call(struct seen *s, const char *call)
{
        return seen_act(s, &(struct act){ .kind = ACT_CALL, .name = (char *)call });
}

struct act *seen_args(struct seen *s, const char *call, uint64_t a, uint64_t b, uint64_t c)
{
        seen_call(s, call);
        return seen_act(
                s, &(struct act){ .kind = ACT_ARGS, .name = (char *)call, .a = a, .b = b, .c = c });
}

struct act *seen_path(struct seen *s, const char *path, unsigned access)
{
        return seen_act(s, &(struct act){ .kind = ACT_PATH,
                                          .text = (char *)path,
                                          .a = access,
                                          .flags = ACT_RESOLVED });
}

struct act *seen_failed(struct seen *s, const char *path, unsigned access, int error)
{
        return seen_act(
                s, &(struct act){
                           .kind = ACT_PATH, .text = (char *)path, .a = access, .error = error });
}

struct act *seen_file(struct seen *s, const char *path, unsigned access, unsigned mode,
                      unsigned owner, const char *type)
{
        struct act a = { .kind = ACT_PATH,
                         .text = (char *)path,
                         .a = access,
                         .mode = mode,
                         .owner = owner,
                         .group = owner,
                         .flags = ACT_RESOLVED };

        assert_true(strlen(type) < sizeof(a.type));
        memcpy(a.type, type, strlen(type) + 1);
        return seen_act(s, &a);
}

struct act *seen_exec(struct seen *s, const char *program, unsigned gain)
{
        return seen_act(s, &(struct act){ .kind = ACT_EXEC,
                                          .text = (char *)program,
                                          .a = gain,
                                          .mode = 0100755,
                                          .flags = ACT_RESOLVED });
}

struct act *seen_cap(struct seen *s, unsigned capability)
{
        return seen_act(s, &(struct act){ .kind = ACT_CAP,
                                          .name = (char *)capability_name(capability),
                                          .a = capability,
                                          .by = "ns_capable" });
}

struct act *seen_socket(struct seen *s, int family, int type, int protocol)
{
        seen_call(s, "socket");
        return seen_act(s, &(struct act){ .kind = ACT_SOCKET,
                                          .a = (uint64_t)family,
                                          .b = (uint64_t)type,
                                          .c = (uint64_t)protocol });
}

static struct act *address(struct seen *s, enum act_kind kind, const char *call, int family,
                           int type, const char *text, unsigned port)
{
        uint64_t protocol = family == AF_UNIX ? 0 : type == SOCK_STREAM ? 6 : 17;

        seen_call(s, call);
        return seen_act(s, &(struct act){ .kind = kind,
                                          .name = (char *)call,
                                          .a = (uint64_t)family,
                                          .b = (uint64_t)type | protocol << 32,
                                          .c = port,
                                          .text = (char *)text });
}

struct act *seen_bind(struct seen *s, int family, int type, const char *text, unsigned port)
{
        return address(s, ACT_BIND, "bind", family, type, text, port);
}

struct act *seen_connect(struct seen *s, int family, int type, const char *text, unsigned port)
{
        return address(s, ACT_CONNECT, "connect", family, type, text, port);
}

void seen_infer(struct seen *s)
{
        struct infer_options o = {
                .unit = s->unit,
                .behaviour = s->behaviour,
                .dialect = &s->dialect,
                .root = s->root,
        };
        struct err e = { 0 };

        assert_int_equal(sandbox_imply(s->unit, &s->dialect), 0);
        assert_int_equal(behaviour_tidy(s->behaviour, (struct port_span){ 32768, 60999 }), 0);
        advices_done(&s->advices);
        if (infer(&o, &s->advices, &e) < 0)
                fail_msg("%s", e.text);
}

const struct advice *seen_advice(const struct seen *s, const char *directive)
{
        const struct directive *d = directive_find(directive);

        assert_non_null(d);
        return &s->advices.list[d->id];
}

/* ---- what is expected ---- */

static void fail_with(const struct seen *s, const char *directive, const char *expected)
{
        const struct advice *a = seen_advice(s, directive);
        char *value = value_show(&a->value, directive_find(directive), &s->dialect);

        fail_msg("%s: expected %s, got %s \"%s\"%s, confidence %s: %s (%s)", directive, expected,
                 advice_verdict_name(a->verdict), value ? value : "?",
                 a->changes ? ", changes" : "", confidence_name(a->confidence),
                 a->evidence ? a->evidence : "no evidence", a->limits ? a->limits : "");
}

void assert_advice(const struct seen *s, const char *directive, enum advice_verdict verdict,
                   const char *const *lines)
{
        const struct advice *a = seen_advice(s, directive);
        const struct directive *d = directive_find(directive);
        char *text = strv_join((char *const *)lines, " | ");
        struct value expected = { 0 };
        char words[512];

        assert_non_null(text);
        snprintf(words, sizeof(words), "%s \"%s\"", advice_verdict_name(verdict), text);
        free(text);
        for (; *lines; lines++)
                assert_int_equal(value_assign(&expected, d, &s->dialect, *lines, NULL),
                                 ASSIGN_TAKEN);
        if (a->verdict != verdict || !value_equal(&a->value, &expected)) {
                value_done(&expected);
                fail_with(s, directive, words);
        }
        value_done(&expected);
}

void assert_unknown(const struct seen *s, const char *directive)
{
        if (seen_advice(s, directive)->verdict != ADVICE_UNKNOWN)
                fail_with(s, directive, "unknown");
}

void assert_stands(const struct seen *s, const char *directive)
{
        const struct advice *a = seen_advice(s, directive);

        if (a->verdict != ADVICE_SAFE || a->changes)
                fail_with(s, directive, "safe without a change");
}

void assert_changes(const struct seen *s, const char *directive)
{
        const struct advice *a = seen_advice(s, directive);

        if (a->verdict != ADVICE_SAFE || !a->changes)
                fail_with(s, directive, "a change that is safe");
}

void assert_evidence(const struct seen *s, const char *directive, const char *words)
{
        const struct advice *a = seen_advice(s, directive);

        if (!a->evidence || !strstr(a->evidence, words))
                fail_with(s, directive, words);
}

void assert_limits(const struct seen *s, const char *directive, const char *words)
{
        const struct advice *a = seen_advice(s, directive);

        if (!a->limits || !strstr(a->limits, words))
                fail_with(s, directive, words);
}
