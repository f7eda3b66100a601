/* observer.c - watches one unit's processes from outside, in the kernel.
 *
 * The kernel keeps a set of facts with their counts, and tells of each new one once, through a
 * ring.  What was told is kept here until its count is fetched: when the set grows full, and when
 * somebody wants to know. */
#include "core/observe/observer_private.h"

#if defined(GIRD_BPF) && GIRD_BPF

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

enum {
        AT_ONCE = 2000,                 /* events, before others on the loop have their turn */
        FULL = WIRE_FACTS / 4 * 3,      /* facts in the kernel that are too many */
        KEPT_MOST = 4 * BEHAVIOUR_ACTS, /* acts here, before they are tidied */
};

struct observer {
        struct program *program;
        struct job_watch *watch;
        struct facts *facts;
        struct behaviour *kept; /* whose counts were fetched and deleted in the kernel */
        struct ksyms *ksyms;
        struct resolver resolver;
        struct decoder decoder;
        char *unit, *stage, *when, **notes;
        unsigned phase, phases; /* now, and all that there were */
        uint64_t told;          /* since facts were fetched the last time */
        uint64_t all_told, lost;
        uint64_t found; /* processes that ran already */
        unsigned budget;
        bool paused;
        uint64_t since, watched; /* the present stretch began; those before it, together */
};

/* ---- what comes through the ring ---- */

static int on_event(void *userdata, void *bytes, size_t length)
{
        struct observer *o = userdata;
        struct decoded d = { 0 };
        int r = decode_event(&o->decoder, bytes, length, &d);

        o->told++;
        o->all_told++;
        if (r == 0)
                r = resolve_event(&o->resolver, &d);
        if (r == 0)
                r = facts_put(o->facts, &d);
        decoded_done(&d);
        /* No memory for one is no reason to give up; that it is missing is said. */
        if (r != 0)
                o->lost++;
        return --o->budget ? 0 : -EAGAIN;
}

/* 1: there is more. */
static int consume(struct observer *o, unsigned most)
{
        int r;

        o->budget = most;
        resolver_forget(&o->resolver);
        r = program_consume(o->program);
        return r == -EAGAIN ? 1 : r;
}

static struct port_span local_ports(const struct observer *o)
{
        struct port_span span = { 32768, 60999 };
        scoped(mem_freep) char *text = NULL;
        unsigned first, last;

        /* The network of a twin is new, and so are its settings. */
        if (!o->decoder.twin &&
            file_read(AT_FDCWD, "/proc/sys/net/ipv4/ip_local_port_range", 64, &text, NULL, NULL) ==
                    0 &&
            sscanf(text, "%u %u", &first, &last) == 2 && first <= last && last <= 65535)
                span = (struct port_span){ first, last };
        return span;
}

/* Fetches all facts; forget: they are new to the kernel when they come again. */
static int collect(struct observer *o, bool forget, struct behaviour *b)
{
        scoped(counted_done) struct counted c = { 0 };
        uint64_t lost = 0;
        int r = program_facts(o->program, forget, &c);

        /* Of the facts that were fetched, some may still lie in the ring. */
        if (r == 0)
                r = consume(o, 2 * WIRE_FACTS);
        if (r >= 0)
                r = facts_collect(o->facts, &o->decoder, &c, b, &lost);
        if (forget)
                o->lost += lost;
        return r;
}

/* Makes room in the kernel. */
static int drain(struct observer *o)
{
        int r = collect(o, true, o->kept);

        o->told = 0;
        facts_next_round(o->facts);
        if (r == 0 && o->kept->act_count > KEPT_MOST)
                r = behaviour_tidy(o->kept, local_ports(o));
        return r;
}

/* Of a unit without a filter nothing is refused by one.  One that starts may bring its filter
 * along, and is to be seen from its first call on. */
static int look_for_filter(struct observer *o)
{
        bool starting = o->phase == SEEN_STARTUP;

        return o->paused ? 0
                         : program_see_begins(o->program, starting || program_filtered(o->program));
}

static int on_readable(void *userdata)
{
        struct observer *o = userdata;
        int r = consume(o, AT_ONCE);

        if (r >= 0)
                r = look_for_filter(o);
        if (r >= 0 && o->told >= FULL)
                r = drain(o);
        if (r < 0)
                o->lost++;
        return 0;
}

/* ---- opening ---- */

static int64_t clock_usec(clockid_t clock)
{
        struct timespec t;

        clock_gettime(clock, &t);
        return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static char *now_words(void)
{
        char words[32];
        time_t now = time(NULL);
        struct tm parts;

        if (!gmtime_r(&now, &parts) ||
            strftime(words, sizeof(words), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
                return NULL;
        return strdup(words);
}

static int note(struct observer *o, const char *words)
{
        return strv_has(o->notes, words) ? 0 : strv_add(&o->notes, words);
}

static int name_things(struct observer *o, const struct observer_options *options)
{
        int r = facts_new(&o->facts);

        if (r == 0)
                r = behaviour_new(options->unit, &o->kept);
        o->unit = strdup(options->unit);
        o->stage = strdup(options->stage);
        o->when = now_words();
        o->decoder.twin = strcmp(options->stage, "twin") == 0;
        o->decoder.boot = clock_usec(CLOCK_REALTIME) - clock_usec(CLOCK_BOOTTIME);
        return r < 0 || !o->unit || !o->stage || !o->when ? -ENOMEM : 0;
}

/* A "+" line's program, or the link to it, is known by what it really is. */
static int leave_out(struct observer *o, char *const *privileged)
{
        int r = 0;

        for (; r == 0 && privileged && *privileged; privileged++) {
                scoped(mem_freep) char *real = NULL;

                r = resolve_path(&o->resolver, *privileged, true, &real);
                if (r < 0)
                        return r;
                r = program_leave_out(o->program, r == 0 ? real : *privileged);
                if (r == -E2BIG)
                        r = note(o, "It has more commands with \"+\" than gird can leave out: what "
                                    "the last of them did was taken for the service's.");
        }
        return r;
}

static int learn_symbols(struct observer *o)
{
        struct err why = { 0 };
        int r;

        if (!program_sees_capabilities(o->program))
                return note(o, "Capability checks are inferred from system calls: this kernel has "
                               "no tracepoint for them.");
        r = ksym_open(&o->ksyms, &why);
        o->decoder.ksyms = o->ksyms;
        if (r == 0 || r == -ENOMEM)
                return r;
        return note(o, "Which capability checks have no consequence could not be told: the kernel "
                       "hides its addresses.");
}

static int start(struct observer *o, const struct observer_options *options, struct job *job,
                 struct err *e)
{
        int fd = -1;
        int r = leave_out(o, options->privileged);

        if (r == 0)
                r = program_ring(o->program, on_event, o, &fd);
        if (r == 0)
                r = job_watch(job, fd, on_readable, o, &o->watch);
        if (r < 0)
                return err_set(e, r, "cannot watch %s", options->unit);
        r = program_attach(o->program, e);
        if (r < 0)
                return r;
        o->since = job_now();
        r = look_for_filter(o);
        if (r == 0)
                r = learn_symbols(o);
        return r < 0 ? err_set(e, r, "cannot watch %s", options->unit) : 0;
}

int observer_open(const struct observer_options *options, struct job *job, struct observer **ret,
                  struct err *e)
{
        scoped(observer_closep) struct observer *o = calloc(1, sizeof(*o));
        struct wire_config config = { 0 };
        struct cgroup_place running = { 0 };
        int r;

        if (!o)
                return err_set(e, -ENOMEM, "cannot watch %s", options->unit);
        o->resolver.root = -1;
        r = observer_possible(e);
        if (r != 0)
                return r;
        r = name_things(o, options);
        if (r < 0)
                return err_set(e, r, "cannot watch %s", options->unit);
        r = resolver_open(&o->resolver, options->root, options->unit, e);
        if (r == 0)
                r = cgroup_config(options, &config, &running, e);
        if (r == 0)
                r = program_open(&config, &o->program, e);
        if (r == 0)
                r = program_find_base(o->program, e);
        if (r != 0)
                return r;
        if (running.id) {
                program_set_unit(o->program, &running);
                o->found = running.processes;
        }
        observer_phase(o, running.id ? SEEN_STEADY : SEEN_STARTUP);
        r = start(o, options, job, e);
        if (r != 0)
                return r;
        *ret = take(o);
        return 0;
}

void observer_close(struct observer *o)
{
        if (!o)
                return;
        job_watch_free(o->watch);
        program_free(o->program);
        facts_free(o->facts);
        behaviour_free(o->kept);
        ksym_free(o->ksyms);
        resolver_done(&o->resolver);
        free(o->unit);
        free(o->stage);
        free(o->when);
        strv_free(o->notes);
        free(o);
}

void observer_phase(struct observer *o, enum act_seen phase)
{
        unsigned bits = phase & (SEEN_STARTUP | SEEN_STEADY | SEEN_RELOAD | SEEN_STOP);

        o->phase = bits;
        o->phases |= bits;
        program_set_phase(o->program, (enum act_seen)bits);
}

/* ---- pauses ---- */

int observer_pause(struct observer *o, struct err *e)
{
        (void)e;
        if (o->paused)
                return 0;
        program_detach(o->program);
        o->watched += job_now() - o->since;
        o->paused = true;
        return 0;
}

int observer_resume(struct observer *o, struct err *e)
{
        int r;

        if (!o->paused)
                return 0;
        r = program_attach(o->program, e);
        if (r < 0)
                return r;
        o->since = job_now();
        o->paused = false;
        r = look_for_filter(o);
        return r < 0 ? err_set(e, r, "cannot watch %s", o->unit) : 0;
}

/* ---- results ---- */

static uint64_t watched(const struct observer *o)
{
        return o->watched + (o->paused ? 0 : job_now() - o->since);
}

void observer_numbers(struct observer *o, struct observer_numbers *ret)
{
        uint64_t counts[COUNT_KINDS], forked;

        program_counts(o->program, counts);
        /* The first process of a command is systemd's child, and those that did nothing new are
         * not told of: each way of counting misses some. */
        forked = o->found + counts[COUNT_FORKS];
        *ret = (struct observer_numbers){
                .calls = counts[COUNT_CALLS],
                .facts = o->all_told,
                .processes = forked > o->resolver.pid_count ? forked : o->resolver.pid_count,
                .execs = counts[COUNT_EXECS],
                .lost = o->lost + counts[COUNT_LOST_FACT] + counts[COUNT_LOST_RING] +
                        counts[COUNT_LOST_TASK],
                .memory = program_memory(o->program),
                .watched = watched(o),
                .capabilities = program_sees_capabilities(o->program),
        };
}

/* All calls, each with the witness of its first time. */
static int add_calls(struct observer *o, struct behaviour *b)
{
        scoped(mem_freep) struct wire_call *calls = calloc(WIRE_CALLS, sizeof(*calls));
        int r = calls ? program_calls(o->program, calls) : -ENOMEM;

        for (unsigned i = 0; r >= 0 && i < WIRE_CALLS; i++) {
                struct wire_key key = { .kind = WIRE_CALL, .call = (__u16)i };
                const struct fact *fact = facts_find(o->facts, &key);
                struct act a = { 0 };

                r = decode_call(&o->decoder, i, &calls[i], &a);
                if (r != 0) {
                        r = r < 0 ? r : 0;
                        continue;
                }
                if (fact && fact->count) {
                        memcpy(a.process, fact->acts[0].process, sizeof(a.process));
                        a.pid = fact->acts[0].pid;
                        a.uid = fact->acts[0].uid;
                }
                r = behaviour_add(b, &a);
        }
        return r < 0 ? r : 0;
}

static int note_left(const struct observer *o, char ***notes)
{
        uint64_t counts[COUNT_KINDS];

        program_counts(o->program, counts);
        if (!counts[COUNT_LEFT])
                return 0;
        return strv_addf(notes,
                         "%llu of its processes went to another control group, and were not "
                         "watched there.",
                         (unsigned long long)counts[COUNT_LEFT]);
}

static int add_session(struct observer *o, struct behaviour *b)
{
        struct observer_numbers n;
        struct session s = { 0 };
        struct utsname system;
        int r;

        observer_numbers(o, &n);
        s.seconds_x1000 = n.watched / 1000;
        s.events = n.calls;
        s.lost = n.lost;
        s.processes = n.processes;
        s.execs = n.execs;
        s.seen = o->phases | (o->decoder.twin ? SEEN_TWIN : SEEN_LIVE);
        s.capabilities = n.capabilities;
        s.stage = strdup(o->stage);
        s.when = strdup(o->when);
        s.kernel = uname(&system) == 0 ? strdup(system.release) : NULL;
        r = strv_copy(o->notes, &s.notes);
        if (r == 0)
                r = note_left(o, &s.notes);
        if (r < 0 || !s.stage || !s.when) {
                session_done(&s);
                return -ENOMEM;
        }
        return behaviour_add_session(b, &s);
}

int observer_behaviour(struct observer *o, struct behaviour **ret, struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        int r = behaviour_new(o->unit, &b);

        if (r == 0)
                r = behaviour_merge(b, o->kept);
        if (r == 0)
                r = collect(o, false, b);
        if (r == 0)
                r = add_calls(o, b);
        if (r == 0)
                idle_checks(b);
        if (r == 0)
                r = add_session(o, b);
        if (r == 0)
                r = behaviour_tidy(b, local_ports(o));
        if (r < 0)
                return err_set(e, r, "cannot put together what %s did", o->unit);
        *ret = take(b);
        return 0;
}

#endif
