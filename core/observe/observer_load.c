/* observer_load.c - the door to libbpf: the program is loaded, attached, asked. */
#include "core/observe/observer_private.h"

#if defined(GIRD_BPF) && GIRD_BPF

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/observe/plan.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/observe/observe.skel.h"

enum {
        LOG_ROOM = 1 << 20, /* what the kernel's verifier says */
        LINKS = 16,
        FDINFO_LIMIT = 1 << 16,
};

static const char *const always[] = { "on_cgroup", "on_move",   "on_fork", "on_exec",
                                      "on_end",    "on_signal", NULL };
/* After on_enter: a call that is entered must be seen to end. */
static const char *const ends[] = { "on_exit", NULL };

/* Ways to see a capability check, the best first. */
static const char *const ways[][3] = {
        { "on_cap", NULL },
        { "on_cap_fexit", NULL },
        { "on_cap_kprobe", "on_cap_kretprobe", NULL },
        { NULL },
};

struct program {
        struct observe_bpf *skeleton;
        struct ring_buffer *ring;
        struct bpf_link *links[LINKS], *enter;
        size_t link_count;
        size_t way;    /* of ways[] */
        bool attached; /* once at least */
        char *log;
        int (*told)(void *userdata, void *bytes, size_t length);
        void *userdata;
};

/* libbpf's words would go to stderr, which is not ours; what counts is in the verifier's log. */
static int say_nothing(enum libbpf_print_level level, const char *fmt, va_list args)
{
        (void)level;
        (void)fmt;
        (void)args;
        return 0;
}

void program_free(struct program *p)
{
        if (!p)
                return;
        program_detach(p);
        ring_buffer__free(p->ring);
        observe_bpf__destroy(p->skeleton);
        free(p->log);
        free(p);
}

bool program_sees_capabilities(const struct program *p)
{
        return ways[p->way][0] != NULL;
}

/* ---- loading ---- */

/* Of the ways to see capability checks only the one that is tried is loaded. */
static void choose_way(struct program *p)
{
        for (size_t i = 0; i < COUNT(ways); i++)
                for (size_t k = 0; ways[i][k]; k++) {
                        struct bpf_program *program = bpf_object__find_program_by_name(
                                p->skeleton->obj, ways[i][k]);

                        if (program)
                                bpf_program__set_autoload(program, i == p->way);
                }
}

static int load(struct program *p, const struct wire_config *config)
{
        LIBBPF_OPTS(bpf_object_open_opts, options, .kernel_log_buf = p->log,
                    .kernel_log_size = LOG_ROOM);

        p->log[0] = '\0';
        observe_bpf__destroy(p->skeleton);
        p->skeleton = observe_bpf__open_opts(&options);
        if (!p->skeleton)
                return errno ? -errno : -EINVAL;
        memcpy((void *)&p->skeleton->rodata->config, config, sizeof(*config));
        choose_way(p);
        return observe_bpf__load(p->skeleton);
}

static int attach(struct program *p, const char *name, struct bpf_link **ret)
{
        struct bpf_program *program = bpf_object__find_program_by_name(p->skeleton->obj, name);

        *ret = program ? bpf_program__attach(program) : NULL;
        if (!program)
                return -ENOENT;
        return *ret ? 0 : errno ? -errno : -EINVAL;
}

static int attach_all(struct program *p, const char *const *names)
{
        int r = 0;

        for (; r == 0 && *names; names++) {
                r = attach(p, *names, &p->links[p->link_count]);
                if (r == 0)
                        p->link_count++;
        }
        return r;
}

/* The last words of the verifier, without its statistics. */
static const char *last_words(char *log)
{
        static const char *const statistics[] = { "processed ", "verification time", "stack depth",
                                                  "max_states" };

        for (;;) {
                bool last = true;
                char *line;

                while (*log && log[strlen(log) - 1] == '\n')
                        log[strlen(log) - 1] = '\0';
                line = strrchr(log, '\n');
                line = line ? line + 1 : log;
                for (size_t i = 0; i < COUNT(statistics); i++)
                        last = last && !text_starts(line, statistics[i]);
                if (last || line == log)
                        return line;
                *line = '\0';
        }
}

static int explain(struct program *p, int r, struct err *e)
{
        if (r == -ENOMEM)
                return err_set(e, r, "cannot load the observer into the kernel");
        if (r == -EPERM || r == -EACCES)
                return p->log[0] ? err_say(e, 1,
                                           "The kernel refuses the observer (%s); gird try works "
                                           "without.",
                                           last_words(p->log))
                                 : err_say(e, 1,
                                           "This machine does not let gird load BPF programs "
                                           "(kernel lockdown, or a container's limits); gird try "
                                           "works without.");
        return err_say(e, 1, "This kernel cannot run the observer (%s); gird try works without.",
                       p->log[0] ? last_words(p->log) : strerror(-r));
}

/* Loads with the best way to see capability checks that the kernel takes. */
static int load_best(struct program *p, const struct wire_config *config)
{
        int r = -EINVAL;

        for (p->way = 0; p->way < COUNT(ways); p->way++) {
                r = load(p, config);
                /* What loads may still not attach. */
                if (r == 0) {
                        r = attach_all(p, ways[p->way]);
                        program_detach(p);
                }
                if (r == 0 || r == -ENOMEM)
                        break;
        }
        if (p->way == COUNT(ways))
                p->way--;
        return r;
}

static int fill_plan(struct program *p)
{
        scoped(mem_freep) struct wire_plan *rows = calloc(WIRE_COMPAT, sizeof(*rows));
        int fd = bpf_map__fd(p->skeleton->maps.plan);

        if (!rows)
                return -ENOMEM;
        plan_fill(rows);
        for (__u32 i = 0; i < WIRE_COMPAT; i++)
                if (rows[i].notes && bpf_map_update_elem(fd, &i, &rows[i], BPF_ANY) < 0)
                        return -errno;
        return 0;
}

int program_open(const struct wire_config *config, struct program **ret, struct err *e)
{
        scoped(program_freep) struct program *p = calloc(1, sizeof(*p));
        int r;

        if (p)
                p->log = calloc(1, LOG_ROOM);
        if (!p || !p->log)
                return err_set(e, -ENOMEM, "cannot load the observer into the kernel");
        libbpf_set_print(say_nothing);
        r = load_best(p, config);
        if (r == 0)
                r = fill_plan(p);
        if (r < 0)
                return explain(p, r, e);
        free(take(p->log));
        *ret = take(p);
        return 0;
}

/* ---- settings ---- */

int program_leave_out(struct program *p, const char *path)
{
        struct wire_program key;
        __u8 yes = 1;

        resolver_turn_round(path, &key);
        if (bpf_map_update_elem(bpf_map__fd(p->skeleton->maps.privileged), &key, &yes, BPF_ANY) < 0)
                return -errno;
        return 0;
}

void program_set_unit(struct program *p, const struct cgroup_place *place)
{
        p->skeleton->bss->unit_level = p->skeleton->bss->base_level + place->level;
        __atomic_store_n(&p->skeleton->bss->unit_id, place->id, __ATOMIC_RELEASE);
}

void program_set_phase(struct program *p, enum act_seen seen)
{
        p->skeleton->bss->phase = (__u32)seen >> 2;
}

/* ---- attaching ---- */

/* Those that run already are looked at once. */
static int walk_tasks(struct program *p)
{
        struct bpf_program *program = bpf_object__find_program_by_name(p->skeleton->obj, "on_task");
        struct bpf_link *link = program ? bpf_program__attach_iter(program, NULL) : NULL;
        int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -ENOENT;
        char nothing[256];
        ssize_t n = fd < 0 ? fd : 1;

        while (fd >= 0 && (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN))))
                n = read(fd, nothing, sizeof(nothing));
        if (fd >= 0)
                n = n < 0 ? -errno : 0;
        fd_closep(&fd);
        bpf_link__destroy(link);
        return (int)n;
}

/* In a cgroup namespace depth counts from its root, in the kernel from the real one: the own cgroup
 * tells the difference. */
int program_find_base(struct program *p, struct err *e)
{
        uint32_t shown = 0;
        int r = walk_tasks(p);

        if (r >= 0)
                r = cgroup_own_depth(&shown);
        if (r < 0)
                return err_set(e, r, "cannot find the control groups");
        if (p->skeleton->bss->own_level > shown)
                p->skeleton->bss->base_level = p->skeleton->bss->own_level - shown;
        return 0;
}

int program_attach(struct program *p, struct err *e)
{
        int r;

        if (p->attached)
                p->skeleton->data->generation++;
        p->attached = true;
        r = attach_all(p, ways[p->way]);
        if (r == 0)
                r = attach_all(p, always);
        if (r == 0)
                r = program_see_begins(p, true);
        if (r == 0)
                r = attach_all(p, ends);
        if (r == 0)
                r = walk_tasks(p);
        if (r < 0)
                program_detach(p);
        return r < 0 ? err_set(e, r, "cannot attach the observer to the kernel") : 0;
}

int program_see_begins(struct program *p, bool see)
{
        int r = 0;

        if (see && !p->enter)
                r = attach(p, "on_enter", &p->enter);
        if (r < 0)
                return r;
        __atomic_store_n(&p->skeleton->data->entering, see, __ATOMIC_RELEASE);
        if (!see) {
                bpf_link__destroy(p->enter);
                p->enter = NULL;
        }
        return 0;
}

bool program_filtered(const struct program *p)
{
        return __atomic_load_n(&p->skeleton->bss->filtered_seen, __ATOMIC_ACQUIRE);
}

void program_detach(struct program *p)
{
        if (p->enter)
                program_see_begins(p, false);
        while (p->link_count > 0)
                bpf_link__destroy(p->links[--p->link_count]);
}

/* ---- reading ---- */

static int on_event(void *userdata, void *bytes, size_t length)
{
        struct program *p = userdata;

        return p->told(p->userdata, bytes, length);
}

int program_ring(struct program *p, int (*told)(void *userdata, void *bytes, size_t length),
                 void *userdata, int *ret_fd)
{
        p->told = told;
        p->userdata = userdata;
        p->ring = ring_buffer__new(bpf_map__fd(p->skeleton->maps.ring), on_event, p, NULL);
        if (!p->ring)
                return errno ? -errno : -EINVAL;
        *ret_fd = ring_buffer__epoll_fd(p->ring);
        return 0;
}

int program_consume(struct program *p)
{
        int r = ring_buffer__consume(p->ring);

        return r < 0 ? r : 0;
}

void counted_done(struct counted *c)
{
        free(c->keys);
        free(c->values);
        *c = (struct counted){ 0 };
}

/* For kernels without batches of it: one after the other. */
static int facts_one_by_one(int fd, bool forget, struct counted *ret)
{
        struct wire_key key, *before = NULL;

        while (ret->count < WIRE_FACTS && bpf_map_get_next_key(fd, before, &key) == 0) {
                ret->keys[ret->count] = key;
                if (bpf_map_lookup_elem(fd, &key, &ret->values[ret->count]) == 0)
                        ret->count++;
                before = &ret->keys[ret->count ? ret->count - 1 : 0];
        }
        for (size_t i = 0; forget && i < ret->count; i++)
                bpf_map_delete_elem(fd, &ret->keys[i]);
        return 0;
}

int program_facts(struct program *p, bool forget, struct counted *ret)
{
        scoped(counted_done) struct counted c = {
                .keys = calloc(WIRE_FACTS, sizeof(*c.keys)),
                .values = calloc(WIRE_FACTS, sizeof(*c.values)),
        };
        int fd = bpf_map__fd(p->skeleton->maps.facts), r = 0;
        __u64 at = 0;
        bool begun = false;

        if (!c.keys || !c.values)
                return -ENOMEM;
        while (c.count < WIRE_FACTS && r == 0) {
                __u32 n = WIRE_FACTS - (__u32)c.count;

                r = (forget ? bpf_map_lookup_and_delete_batch
                            : bpf_map_lookup_batch)(fd, begun ? &at : NULL, &at, c.keys + c.count,
                                                    c.values + c.count, &n, NULL);
                if (r == 0 || r == -ENOENT)
                        c.count += n;
                begun = true;
        }
        /* ENOENT is the end; ENOSPC cannot be, with room for all. */
        if (r < 0 && r != -ENOENT && r != -ENOSPC)
                r = facts_one_by_one(fd, forget, &c);
        else
                r = 0;
        *ret = (struct counted){ take(c.keys), take(c.values), c.count };
        return r;
}

/* Adds up what the processors have. */
int program_calls(struct program *p, struct wire_call calls[WIRE_CALLS])
{
        int cpus = libbpf_num_possible_cpus(), fd = bpf_map__fd(p->skeleton->maps.calls);
        scoped(mem_freep) struct wire_call *each = cpus > 0 ? calloc((size_t)cpus, sizeof(*each))
                                                            : NULL;

        if (!each)
                return -ENOMEM;
        for (__u32 i = 0; i < WIRE_CALLS; i++) {
                calls[i] = (struct wire_call){ 0 };
                if (bpf_map_lookup_elem(fd, &i, each) < 0)
                        return -errno;
                for (int k = 0; k < cpus; k++) {
                        if (each[k].count == 0)
                                continue;
                        if (calls[i].count == 0 || each[k].first < calls[i].first)
                                calls[i].first = each[k].first;
                        if (each[k].last > calls[i].last)
                                calls[i].last = each[k].last;
                        calls[i].phases |= each[k].phases;
                        calls[i].count += each[k].count;
                }
        }
        return 0;
}

int program_counts(struct program *p, uint64_t counts[COUNT_KINDS])
{
        int cpus = libbpf_num_possible_cpus(), fd = bpf_map__fd(p->skeleton->maps.counts);
        scoped(mem_freep) __u64 *each = cpus > 0 ? calloc((size_t)cpus, sizeof(*each)) : NULL;

        memset(counts, 0, COUNT_KINDS * sizeof(*counts));
        if (!each)
                return -ENOMEM;
        for (__u32 i = 0; i < COUNT_KINDS; i++) {
                if (bpf_map_lookup_elem(fd, &i, each) < 0)
                        return -errno;
                for (int k = 0; k < cpus; k++)
                        counts[i] += each[k];
        }
        return 0;
}

/* The kernel says of each map what it weighs. */
uint64_t program_memory(struct program *p)
{
        struct bpf_map *map;
        uint64_t sum = 0;

        bpf_object__for_each_map(map, p->skeleton->obj)
        {
                scoped(mem_freep) char *text = NULL;
                const char *line;
                char path[40];

                snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", bpf_map__fd(map));
                if (file_read(AT_FDCWD, path, FDINFO_LIMIT, &text, NULL, NULL) < 0)
                        continue;
                line = strstr(text, "memlock:");
                if (line)
                        sum += strtoull(line + strlen("memlock:"), NULL, 10);
        }
        return sum;
}

#endif
