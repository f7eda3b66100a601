/* view_sight.c - the view, checked: what the intruder sees from inside, and where that is not what
 * was computed.  What the twin itself has otherwise than the machine is left out. */
#include "core/breach/view_private.h"

#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

enum { STATUS_LIMIT = 64 << 10 };

void sight_done(struct sight *s)
{
        strv_free(s->lines);
        free(s->why);
        *s = (struct sight){ 0 };
}

static const char *find(const struct sight *s, const char *question)
{
        size_t n = strlen(question);

        for (char **line = s->lines; line && *line; line++)
                if (strncmp(*line, question, n) == 0 && (*line)[n] == ' ')
                        return *line + n + 1;
        return NULL;
}

char *sight_answer(const struct sight *s, const char *question)
{
        const char *answer = find(s, question);

        return answer ? strdup(answer) : NULL;
}

/* ---- looking ---- */

static const struct {
        const char *file, *name;
        uint64_t flag;
} namespaces[] = {
        { "mnt", "mounts", CLONE_NEWNS },
        { "net", "network", CLONE_NEWNET },
        { "ipc", "ipc", CLONE_NEWIPC },
        { "uts", "host name", CLONE_NEWUTS },
        { "user", "users", CLONE_NEWUSER },
        { "pid", "processes", CLONE_NEWPID },
        { "cgroup", "control groups", CLONE_NEWCGROUP },
};

/* Which of them are those of the stage's PID 1. */
static void compare_namespaces(struct sight *s, pid_t init)
{
        for (size_t i = 0; i < COUNT(namespaces); i++) {
                char path[64], target[64] = "", question[32];
                const char *seen;
                ssize_t n;

                snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)init, namespaces[i].file);
                snprintf(question, sizeof(question), "namespace %s", namespaces[i].file);
                n = readlink(path, target, sizeof(target) - 1);
                seen = find(s, question);
                if (n > 0 && seen && strchr(target, '[') &&
                    strncmp(strchr(target, '[') + 1, seen, strlen(seen)) == 0)
                        s->shared |= namespaces[i].flag;
        }
}

static void read_caps(struct sight *s, pid_t init)
{
        scoped(mem_freep) char *text = NULL;
        char path[40];
        const char *line;

        s->caps = UINT64_MAX;
        snprintf(path, sizeof(path), "/proc/%d/status", (int)init);
        if (file_read(AT_FDCWD, path, STATUS_LIMIT, &text, NULL, NULL) < 0)
                return;
        line = strstr(text, "\nCapBnd:");
        if (line)
                s->caps = strtoull(line + strlen("\nCapBnd:"), NULL, 16);
}

static int questions(const struct service_view *v, char ***ret)
{
        scoped(strv_freep) char **words = NULL;
        int r = strv_add(&words, "--look");

        for (size_t i = 0; r >= 0 && i < v->path_count; i++)
                if (!v->paths[i].of_twin)
                        r = strv_add(&words, v->paths[i].path);
        if (r >= 0)
                *ret = take(words);
        return r;
}

int view_look(const struct inside_options *o, const struct service_view *v, struct stage *stage,
              struct job *job, struct sight *ret, struct err *e)
{
        scoped(inside_done) struct inside_result result = { 0 };
        scoped(strv_freep) char **words = NULL;
        struct inside_options options = *o;
        struct sight s = { 0 };
        int r = questions(v, &words);

        if (r < 0)
                return err_set(e, r, "cannot look at the sandbox from inside");
        options.argv = NULL;
        options.words = words;
        options.terminal = NULL;
        options.output = NULL;
        r = inside_run(&options, stage, job, &result, e);
        if (r < 0)
                return r;
        s.why = take(result.why);
        r = strv_split(result.out ? result.out : "", "\n", &s.lines);
        if (r >= 0 && !s.why && !s.lines)
                r = (s.why = strdup("the intruder was started and could tell nothing")) ? 0
                                                                                        : -ENOMEM;
        if (r < 0) {
                sight_done(&s);
                return err_set(e, r, "cannot keep what was seen");
        }
        compare_namespaces(&s, stage->ops->init(stage));
        read_caps(&s, stage->ops->init(stage));
        *ret = s;
        return 0;
}

/* ---- comparing ---- */

struct comparison {
        const struct service_view *v;
        const struct sight *s;
        char **list;
};

static int compare_user(struct comparison *c)
{
        const char *uid = find(c->s, "uid"), *gain = find(c->s, "no-new-privs");
        bool nothing = c->v->no_new_privs;
        bool root = uid && strncmp(uid, "0 ", 2) == 0;
        int r = 0;

        if (uid && root != c->v->is_root)
                r = strv_addf(&c->list, "user: computed %s, seen user number %.*s",
                              c->v->facts[FACT_USER][0], (int)strcspn(uid, " "), uid);
        if (r >= 0 && gain && (*gain == '1') != nothing)
                r = strv_addf(&c->list, "NoNewPrivileges=: computed %s, seen %s",
                              nothing ? "on" : "off", *gain == '1' ? "on" : "off");
        return r;
}

static int compare_caps(struct comparison *c)
{
        const struct {
                const char *question, *words;
                uint64_t computed;
        } rows[] = {
                { "cap-effective", "capabilities", c->v->effective },
                { "cap-bounding", "capabilities at most", c->v->bounding },
                { "cap-ambient", "ambient capabilities", c->v->ambient },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < COUNT(rows); i++) {
                const char *answer = find(c->s, rows[i].question);
                uint64_t seen = answer ? strtoull(answer, NULL, 16) : 0;
                /* A user namespace of its own has them all again, for what is its own. */
                bool fresh = c->v->own_namespaces & CLONE_NEWUSER;
                uint64_t wanted = fresh ? rows[i].computed : rows[i].computed & c->s->caps;

                for (unsigned n = 0; answer && r >= 0 && capability_name(n); n++)
                        if ((seen ^ wanted) >> n & 1)
                                r = strv_addf(&c->list, "%s: %s is %s, although computed %s",
                                              rows[i].words, capability_name(n),
                                              seen >> n & 1 ? "there" : "missing",
                                              seen >> n & 1 ? "missing" : "there");
        }
        return r;
}

/* What the mode "rwxe" of a path says against what was computed; NULL: nothing. */
static const char *contradiction(enum reach reach, const char *mode)
{
        bool there = *mode != 'E', can_write = there && mode[1] == 'w';
        bool empty = there && mode[3] == 'e', can_read = there && mode[0] == 'r';

        switch (reach) {
        case REACH_WRITABLE:
                return there && !can_write ? "computed writable, seen refused" : NULL;
        case REACH_READ_ONLY:
                return can_write ? "computed read-only, seen writable" : NULL;
        case REACH_EMPTY:
                return can_read && !empty ? "computed empty, seen with something in it" : NULL;
        case REACH_HIDDEN:
                return can_read && !empty ? "computed hidden, seen readable" : NULL;
        case REACH_OWNED:
        case REACH_COUNT:
                break;
        }
        return NULL;
}

/* In an empty folder lies what another rule puts there. */
static bool has_something(const struct service_view *v, size_t i)
{
        const struct view_path *p = &v->paths[i];

        return p->reach == REACH_EMPTY && i + 1 < v->path_count &&
               text_starts(v->paths[i + 1].path, p->path);
}

/* "path MODE PATH" */
static int compare_paths(struct comparison *c)
{
        int r = 0;

        for (char **line = c->s->lines; r >= 0 && line && *line; line++) {
                const char *mode = *line + 5, *path, *words;

                if (!text_starts(*line, "path ") || !(path = strchr(mode, ' ')))
                        continue;
                path++;
                for (size_t i = 0; r >= 0 && i < c->v->path_count; i++) {
                        if (strcmp(c->v->paths[i].path, path) != 0)
                                continue;
                        words = has_something(c->v, i) ? NULL
                                                       : contradiction(c->v->paths[i].reach, mode);
                        if (words)
                                r = strv_addf(&c->list, "%s: %s", path, words);
                }
        }
        return r;
}

/* Whether an answer is that of a filter. */
static bool is_refusal(const char *answer, int error)
{
        const char *name = error ? strerrorname_np(error) : NULL;

        return name ? strcmp(answer, name) == 0 : strcmp(answer, "SIGSYS") == 0;
}

static int compare_calls(struct comparison *c)
{
        int r = 0;

        for (char **line = c->s->lines; r >= 0 && line && *line; line++) {
                scoped(mem_freep) char *name = NULL;
                const char *answer;
                int error = 0;
                bool lets;

                if (!text_starts(*line, "call "))
                        continue;
                name = strndup(*line + 5, strcspn(*line + 5, " "));
                if (!name)
                        return -ENOMEM;
                answer = *line + 5 + strlen(name);
                answer += strspn(answer, " ");
                lets = view_lets_call(c->v, name, &error);
                /* One refused by two filters may answer as either. */
                if (lets && strcmp(answer, "SIGSYS") == 0)
                        r = strv_addf(&c->list, "%s(): computed let through, seen SIGSYS", name);
                else if (!lets && !is_refusal(answer, error) && !is_refusal(answer, EPERM) &&
                         !is_refusal(answer, 0))
                        r = strv_addf(&c->list, "%s(): computed refused, seen let through (%s)",
                                      name, answer);
        }
        return r;
}

static int compare_families(struct comparison *c)
{
        static const char *const always[] = { "AF_UNIX", "AF_INET", "AF_NETLINK" };
        const char *name;
        int r = 0;

        for (size_t i = 0; r >= 0 && (name = family_name(i)); i++) {
                char question[64];
                const char *answer;
                bool lets = view_lets_family(c->v, name), must = false;

                snprintf(question, sizeof(question), "family %s", name);
                answer = find(c->s, question);
                /* The kernel may lack one, and says the same then. */
                for (size_t k = 0; k < COUNT(always); k++)
                        must = must || strcmp(always[k], name) == 0;
                if (answer && !lets && strcmp(answer, "ok") == 0)
                        r = strv_addf(&c->list, "%s: computed refused, seen let through", name);
                else if (answer && lets && must && strcmp(answer, "EAFNOSUPPORT") == 0)
                        r = strv_addf(&c->list, "%s: computed let through, seen refused", name);
        }
        return r;
}

static int compare_own_namespaces(struct comparison *c)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < COUNT(namespaces); i++) {
                bool computed = c->v->own_namespaces & namespaces[i].flag;
                bool seen = !(c->s->shared & namespaces[i].flag);
                char question[32];

                snprintf(question, sizeof(question), "namespace %s", namespaces[i].file);
                if (!find(c->s, question) || strchr(find(c->s, question), 'E'))
                        continue;
                if (computed != seen)
                        r = strv_addf(&c->list, "namespace of %s: computed %s, seen %s",
                                      namespaces[i].name, computed ? "its own" : "the machine's",
                                      seen ? "its own" : "the machine's");
        }
        return r;
}

static int compare_devices(struct comparison *c)
{
        static const char *const harmless[] = { "null",    "zero", "full", "random",
                                                "urandom", "tty",  "ptmx", "console" };
        char **allowed = view_words(c->v, D_DeviceAllow);
        int r = 0;

        if (!view_yes(c->v, D_PrivateDevices) || allowed)
                return 0;
        for (char **line = c->s->lines; r >= 0 && line && *line; line++) {
                bool known = !text_starts(*line, "device ");

                for (size_t i = 0; !known && i < COUNT(harmless); i++)
                        known = strcmp(*line + 7, harmless[i]) == 0;
                if (!known)
                        r = strv_addf(&c->list, "/dev/%s: computed hidden, seen", *line + 7);
        }
        return r;
}

int view_differences(const struct service_view *v, const struct sight *s, char ***ret)
{
        static int (*const parts[])(struct comparison * c) = {
                compare_user,     compare_caps,           compare_paths,   compare_calls,
                compare_families, compare_own_namespaces, compare_devices,
        };
        struct comparison c = { .v = v, .s = s };
        int r = 0;

        for (size_t i = 0; r >= 0 && !s->why && i < COUNT(parts); i++)
                r = parts[i](&c);
        if (r < 0) {
                strv_free(c.list);
                return r;
        }
        *ret = c.list;
        return 0;
}
