/* decode.c - what the BPF program tells, made into acts. */
#include "core/observe/decode.h"

#include "core/base/text.h"
#include "core/catalogue/dialect.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ERRNO_MOST = 4095 };

/* A well-formed event: its head, and its strings where they lie. */
struct told {
        const struct decoder *d;
        struct wire_event event;
        const char *text, *base; /* not ended by NUL */
        bool bare;               /* there was no event, only its key */
        char call_name[CALL_NAME];
        const char *call;
};

void decoded_done(struct decoded *d)
{
        for (size_t i = 0; i < d->count; i++)
                act_done(&d->acts[i]);
        free(d->raw);
        *d = (struct decoded){ 0 };
}

static int take_apart(const struct decoder *d, const void *bytes, size_t length, struct told *ret)
{
        const char *strings = (const char *)bytes + sizeof(ret->event);
        struct told t = { .d = d };

        if (length < sizeof(t.event))
                return -EBADMSG;
        memcpy(&t.event, bytes, sizeof(t.event));
        if (length - sizeof(t.event) < (size_t)t.event.text_length + t.event.base_length)
                return -EBADMSG;
        t.text = strings;
        t.base = strings + t.event.text_length;
        if (t.event.stack_length > WIRE_STACK)
                t.event.stack_length = WIRE_STACK;
        *ret = t;
        return 0;
}

static uint64_t realtime(const struct decoder *d, uint64_t boot_ns)
{
        return (uint64_t)((int64_t)(boot_ns / 1000) + d->boot);
}

/* Phases are the seen bits but for those of the stage. */
static unsigned seen(const struct decoder *d, uint32_t phases)
{
        unsigned all = PHASE_STARTUP | PHASE_STEADY | PHASE_RELOAD | PHASE_STOP;

        return (d->twin ? SEEN_TWIN : SEEN_LIVE) | (phases & all) << 2;
}
_Static_assert(SEEN_STARTUP == PHASE_STARTUP << 2 && SEEN_STOP == PHASE_STOP << 2,
               "phases are seen bits, moved");

void decode_count(const struct decoder *d, const struct wire_value *value, struct act *a)
{
        a->count = value->count;
        a->first = realtime(d, value->first);
        a->last = realtime(d, value->last);
        a->seen = seen(d, value->phases);
}

static uint32_t flags_of(uint32_t event)
{
        static const struct {
                uint32_t event, act;
        } same[] = {
                { EVENT_RESOLVED, ACT_RESOLVED }, { EVENT_CUT, ACT_CUT },
                { EVENT_DELETED, ACT_GONE },      { EVENT_CHROOT, ACT_CHROOT },
                { EVENT_OWN_PROC, ACT_OWN_PROC },
        };
        uint32_t flags = 0;

        for (size_t i = 0; i < COUNT(same); i++)
                if (event & same[i].event)
                        flags |= same[i].act;
        return flags;
}

/* The next act of the event, with what all kinds have in common. */
static struct act *begin(const struct told *t, struct decoded *ret, enum act_kind kind)
{
        const struct wire_event *e = &t->event;
        struct act *a = &ret->acts[ret->count++];

        *a = (struct act){ .kind = kind, .error = e->key.error };
        a->count = 1;
        a->first = a->last = realtime(t->d, e->when);
        a->seen = seen(t->d, e->phases);
        if (!t->bare) {
                memcpy(a->process, e->comm, sizeof(a->process) - 1);
                a->pid = e->tgid;
                a->uid = e->euid;
        }
        return a;
}

static int named(struct act *a, const char *name)
{
        a->name = strdup(name);
        return a->name ? 0 : -ENOMEM;
}

/* A file that never had a place in a tree: its name is all there is. */
static bool is_nameless(const struct wire_event *e)
{
        return (e->flags & EVENT_DELETED) && !(e->flags & EVENT_RESOLVED);
}

/* The path of the file itself where the kernel knew it, else what the call was given. */
static int find_path(const struct told *t, char **ret, char **ret_raw)
{
        const struct wire_event *e = &t->event;
        bool whole = (e->flags & EVENT_RESOLVED) || e->key.kind == WIRE_EXEC;
        const char *text = t->text;
        size_t length = e->text_length;

        if (is_nameless(e))
                return decode_path(NULL, 0, t->text, e->text_length, ret, NULL);
        if (whole || e->text_length == 0)
                return decode_path(t->base, e->base_length, NULL, 0, ret, NULL);
        /* openat2() may take the folder for the root. */
        while ((e->flags & EVENT_RELATIVE) && length > 0 && *text == '/') {
                text++;
                length--;
        }
        return decode_path(t->base, e->base_length, text, length, ret, ret_raw);
}

static int path_act(const struct told *t, struct decoded *ret, uint64_t access)
{
        const struct wire_event *e = &t->event;
        struct act *a = begin(t, ret, ACT_PATH);

        a->a = access;
        a->flags = flags_of(e->flags);
        a->mode = e->mode;
        a->rdev = e->rdev;
        a->owner = e->owner;
        a->group = e->group;
        memcpy(a->type, e->type, sizeof(a->type) - 1);
        /* What it would not follow, it did not (O_NOFOLLOW), or could not. */
        ret->follow = decode_call_follows(t->call) && a->error != ELOOP &&
                      !(e->flags & EVENT_STAYS);
        return find_path(t, &a->text, &ret->raw);
}

static int call_seen(const struct told *t, struct decoded *ret)
{
        return named(begin(t, ret, ACT_CALL), t->call);
}

static int arguments(const struct told *t, struct decoded *ret)
{
        const struct wire_key *k = &t->event.key;
        bool socket = strcmp(t->call, "socket") == 0 || strcmp(t->call, "socketpair") == 0;
        struct act *a = begin(t, ret, socket ? ACT_SOCKET : ACT_ARGS);

        a->a = k->a;
        a->b = socket ? k->b & 0xf : k->b;
        a->c = k->c;
        return socket ? 0 : named(a, t->call);
}

/* A socket with a name in a folder is a file as well. */
static int socket_path(const struct told *t, struct decoded *ret, uint64_t access)
{
        if (t->event.key.a != AF_UNIX || t->event.text_length == 0 || t->text[0] == '\0' ||
            (t->event.flags & EVENT_UNREADABLE))
                return 0;
        return path_act(t, ret, access);
}

static int address(const struct told *t, struct decoded *ret)
{
        const struct wire_event *e = &t->event;
        bool bind = strcmp(t->call, "bind") == 0;
        struct act *a = begin(t, ret,
                              e->key.kind == WIRE_PEER ? ACT_PEER
                              : bind                   ? ACT_BIND
                                                       : ACT_CONNECT);

        a->a = e->key.a;
        a->b = e->key.b;
        a->c = e->key.c;
        a->flags = flags_of(e->flags & (EVENT_CUT | EVENT_CHROOT));
        if (e->flags & EVENT_UNREADABLE)
                a->flags |= ACT_CUT;
        a->text = decode_address((unsigned)e->key.a, t->text, e->text_length, t->base,
                                 e->base_length);
        if (!a->text)
                return -ENOMEM;
        if (a->kind == ACT_CONNECT && named(a, t->call) < 0)
                return -ENOMEM;
        return a->kind == ACT_PEER ? 0 : socket_path(t, ret, bind ? ACCESS_CREATE : ACCESS_CONNECT);
}

static int path(const struct told *t, struct decoded *ret)
{
        /* The process itself passed nonsense: then nothing is missing. */
        if (t->event.flags & EVENT_UNREADABLE)
                return t->event.key.error == EFAULT ? 0 : 1;
        return path_act(t, ret, t->event.key.a);
}

static int exec(const struct told *t, struct decoded *ret)
{
        const struct wire_event *e = &t->event;
        struct act *a = begin(t, ret, ACT_EXEC);

        a->a = e->key.a;
        a->b = e->key.b;
        a->flags = flags_of(e->flags);
        a->mode = e->mode;
        a->owner = e->owner;
        a->group = e->group;
        memcpy(a->type, e->type, sizeof(a->type) - 1);
        if (find_path(t, &a->text, NULL) < 0)
                return -ENOMEM;
        if (e->text_length > 0 && t->text[0] && !is_nameless(e)) {
                a->by = strndup(t->text, e->text_length);
                if (!a->by)
                        return -ENOMEM;
        }
        return path_act(t, ret, ACCESS_EXEC);
}

/* access() asks with the caller's own rights, by its real ids; who else borrows rights acts by
 * those of another: overlayfs, a network file system's server, a cache. */
static bool borrows_own(const char *call)
{
        return strcmp(call, "access") == 0 || strncmp(call, "faccessat", 9) == 0;
}

static int capability(const struct told *t, struct decoded *ret)
{
        const struct wire_event *e = &t->event;
        const char *name = e->key.a < 64 ? capability_name((unsigned)e->key.a) : NULL;
        struct ksym_asker asker = { 0 };
        uint64_t stack[WIRE_STACK];
        struct act *a = begin(t, ret, ACT_CAP);

        a->a = e->key.a;
        a->c = e->key.c & CHECK_OTHER;
        for (size_t i = 0; i < e->stack_length; i++)
                stack[i] = e->stack[i];
        if (t->d->ksyms && a->a < 64)
                ksym_asker(t->d->ksyms, stack, e->stack_length, (unsigned)a->a, e->euid == 0,
                           e->key.c & CHECK_QUIET, &asker);
        else if (e->key.c & CHECK_QUIET)
                asker.quiet = strcmp(t->call, "seccomp") != 0 && strcmp(t->call, "prctl") != 0;
        if ((e->key.c & CHECK_BORROWED) && !borrows_own(t->call))
                asker.quiet = true;
        if (asker.quiet)
                a->flags |= ACT_QUIET;
        if (asker.by[0]) {
                a->by = strdup(asker.by);
                if (!a->by)
                        return -ENOMEM;
        }
        /* A kernel that is newer than the catalogue: a number is better than nothing. */
        if (name)
                return named(a, name);
        a->name = text_format("CAP_%llu", (unsigned long long)e->key.a);
        return a->name ? 0 : -ENOMEM;
}

static int signal_sent(const struct told *t, struct decoded *ret)
{
        struct act *a = begin(t, ret, ACT_SIGNAL);

        a->a = t->event.key.a;
        a->b = t->event.key.b;
        return 0;
}

static int killed(const struct told *t, struct decoded *ret)
{
        struct act *a = begin(t, ret, ACT_KILLED);
        char buffer[CALL_NAME];

        a->a = t->event.key.a;
        if (a->a != SIGSYS)
                return 0;
        return named(a, decode_call_name((unsigned)(t->event.key.b & 0xffff), buffer));
}

static int refused(const struct told *t, struct decoded *ret)
{
        struct act *a = begin(t, ret, ACT_REFUSED);

        a->a = t->event.key.c == 1 ? SIGSYS : 0;
        return named(a, t->call);
}

static int foreign(const struct told *t, struct decoded *ret)
{
#ifdef __x86_64__
        const char *name = t->event.key.a == 1 ? "x32" : "x86";
#else
        const char *name = "arm";
#endif
        struct act *a = begin(t, ret, ACT_FOREIGN);

        if (decode_path(t->base, t->event.base_length, NULL, 0, &a->text, NULL) < 0)
                return -ENOMEM;
        return named(a, name);
}

/* bare: the key is enough. */
static const struct {
        int (*decode)(const struct told *t, struct decoded *ret);
        bool bare;
} kinds[WIRE_KINDS] = {
        [WIRE_CALL] = { call_seen, true },     [WIRE_FAILED] = { call_seen, true },
        [WIRE_ARGS] = { arguments, true },     [WIRE_ADDRESS] = { address, false },
        [WIRE_PEER] = { address, false },      [WIRE_PATH] = { path, false },
        [WIRE_EXEC] = { exec, false },         [WIRE_CAP] = { capability, true },
        [WIRE_SIGNAL] = { signal_sent, true }, [WIRE_KILLED] = { killed, true },
        [WIRE_SECCOMP] = { refused, true },    [WIRE_COMPAT_TASK] = { foreign, false },
};

static int decode(struct told *t, struct decoded *ret)
{
        struct decoded d = { .key = t->event.key, .own_tgid = t->event.own_tgid };
        unsigned kind = t->event.key.kind;
        int r;

        if (kind >= WIRE_KINDS || !kinds[kind].decode || t->event.key.error < 0 ||
            t->event.key.error > ERRNO_MOST)
                return -EBADMSG;
        if (t->bare && !kinds[kind].bare)
                return 1;
        t->call = decode_call_name(t->event.key.call, t->call_name);
        r = kinds[kind].decode(t, &d);
        if (r != 0) {
                decoded_done(&d);
                return r;
        }
        for (size_t i = 0; t->d->twin && i < d.count; i++)
                decode_twin(&d.acts[i]);
        *ret = d;
        return 0;
}

int decode_event(const struct decoder *d, const void *bytes, size_t length, struct decoded *ret)
{
        struct told t;
        int r = take_apart(d, bytes, length, &t);

        return r < 0 ? r : decode(&t, ret);
}

int decode_key(const struct decoder *d, const struct wire_key *key, struct decoded *ret)
{
        struct told t = { .d = d, .event.key = *key, .bare = true };

        return decode(&t, ret);
}

int decode_call(const struct decoder *d, unsigned slot, const struct wire_call *call,
                struct act *ret)
{
        char buffer[CALL_NAME];
        struct act a = { .kind = ACT_CALL };
        struct wire_value value = { .count = call->count,
                                    .first = call->first,
                                    .last = call->last,
                                    .phases = call->phases };

        if (call->count == 0)
                return 1;
        decode_count(d, &value, &a);
        if (named(&a, decode_call_name(slot, buffer)) < 0)
                return -ENOMEM;
        *ret = a;
        return 0;
}
