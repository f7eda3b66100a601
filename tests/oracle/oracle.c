/* oracle.c - gird's score against what real systemd-analyze versions answered, case by case
 * and row by row.
 *
 *      oracle [-v] [-d DIRECTORY] [offline/VERSION | live/VERSION]...
 *
 * The unit files of cases.jsonl are written below a temporary root and read from there.  The
 * overall exposure, the level and each assessment of each case count; a unit that systemd
 * refused counts once.  -v shows every disagreement, not just the first few. */
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/score/score.h"
#include "core/unit/files.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct unit_case {
        char *id;
        char *path; /* inside the root */
        bool user, instanced;
};

struct oracle {
        const char *folder;
        char root[64];
        struct unit_case *cases;
        size_t case_count, last;   /* answers come in the order of the cases */
        struct unit_root roots[2]; /* by scope */
        bool verbose;
        unsigned long passed, failed;
};

/* One file of answers. */
struct answers {
        const char *name; /* "live/252" */
        enum score_mode mode;
        struct dialect client[2], loader[2]; /* by scope */
        struct score bare;                   /* the badness of each row of the bare unit */
        bool has_bare;
};

static void disagree(struct oracle *o, const struct answers *a, const char *id, const char *what,
                     const char *wanted, const char *got)
{
        o->failed++;
        if (o->verbose || o->failed <= 40)
                printf("%s %s %s: systemd %s, gird %s\n", a->name, id, what, wanted, got);
}

static void agree(struct oracle *o, const struct answers *a, const char *id, const char *what,
                  const char *wanted, const char *got)
{
        if (strcmp(wanted, got) == 0)
                o->passed++;
        else
                disagree(o, a, id, what, wanted, got);
}

static int write_file(const char *path, const char *text)
{
        scoped(mem_freep) char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));
        scoped(stream_closep) FILE *f = NULL;
        int r = folder ? file_make_dirs(folder, 0755, NULL) : -ENOMEM;

        if (r < 0)
                return r;
        f = fopen(path, "w");
        return f && fputs(text, f) >= 0 && fflush(f) == 0 ? 0 : -errno;
}

static int write_below(const struct oracle *o, const char *id, const cJSON *file, const char *name)
{
        scoped(mem_freep) char *path = text_format("%s/%s/%s", o->root, id, name);

        return path ? write_file(path, cJSON_GetStringValue(file)) : -ENOMEM;
}

/* Writes the case's files; keeps what the runs need to know. */
static int write_case(struct oracle *o, const cJSON *json, struct unit_case *ret)
{
        static const char *const more[] = { "extra", "dropins" };
        const char *id = cJSON_GetStringValue(cJSON_GetObjectItem(json, "id"));
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(json, "name"));
        const char *instance = NULL;
        const cJSON *item;
        int r;

        if (!id || !name)
                return -EINVAL;
        cJSON_ArrayForEach(item, cJSON_GetObjectItem(json, "opts"))
        {
                const char *option = cJSON_GetStringValue(item);

                ret->user |= strcmp(option, "--user") == 0;
                if (text_starts(option, "--instance="))
                        instance = option + strlen("--instance=");
        }
        r = write_below(o, id, cJSON_GetObjectItem(json, "unit"), name);
        for (size_t i = 0; i < COUNT(more) && r >= 0; i++)
                cJSON_ArrayForEach(item, cJSON_GetObjectItem(json, more[i]))
                {
                        r = write_below(o, id, item, item->string);
                        if (r < 0)
                                return r;
                }
        if (r < 0)
                return r;
        ret->instanced = instance != NULL;
        ret->id = strdup(id);
        ret->path = instance ? text_format("/%s/%.*s%s.service", id, (int)strcspn(name, "."), name,
                                           instance)
                             : text_format("/%s/%s", id, name);
        return ret->id && ret->path ? 0 : -ENOMEM;
}

static int load_cases(struct oracle *o)
{
        scoped(mem_freep) char *path = text_format("%s/cases.jsonl", o->folder);
        scoped(stream_closep) FILE *in = path ? fopen(path, "re") : NULL;
        scoped(mem_freep) char *line = NULL;
        size_t room = 0;

        if (!in)
                return -errno;
        while (getline(&line, &room, in) > 0) {
                struct unit_case c = { 0 };
                struct unit_case *grown;
                cJSON *json = cJSON_Parse(line);
                int r = json ? write_case(o, json, &c) : -EINVAL;

                cJSON_Delete(json);
                grown = r < 0 ? NULL : reallocarray(o->cases, o->case_count + 1, sizeof(c));
                if (!grown)
                        return r < 0 ? r : -ENOMEM;
                o->cases = grown;
                o->cases[o->case_count++] = c;
        }
        return o->case_count ? 0 : -ENODATA;
}

static const struct unit_case *find_case(struct oracle *o, const char *id)
{
        for (size_t i = 0; i < o->case_count; i++) {
                size_t at = (o->last + i) % o->case_count;

                if (strcmp(o->cases[at].id, id) == 0) {
                        o->last = at;
                        return &o->cases[at];
                }
        }
        return NULL;
}

static struct assessment *find_row(struct score *s, const char *id, size_t n)
{
        for (size_t i = 0; i < s->count; i++)
                if (strlen(s->rows[i].id) == n && memcmp(s->rows[i].id, id, n) == 0)
                        return &s->rows[i];
        return NULL;
}

/* Sets rows from "ID=BADNESS ID=NA ..."; with add, rows that aren't there are made. */
static void set_rows(struct score *s, const char *list, bool add, char **ids)
{
        for (const char *at = list; *at;) {
                size_t n = strcspn(at, " "), name = strcspn(at, "=");
                struct assessment *row = find_row(s, at, name);

                if (!row && add && s->count < COUNT(s->rows)) {
                        ids[s->count] = strndup(at, name);
                        row = &s->rows[s->count];
                        row->id = ids[s->count++];
                }
                if (row) {
                        row->applicable = strncmp(at + name + 1, "NA", 2) != 0;
                        row->badness = row->applicable ? strtoul(at + name + 1, NULL, 10) : 0;
                }
                at += n + strspn(at + n, " ");
        }
}

static void describe(const struct assessment *a, char *out, size_t room)
{
        if (!a)
                snprintf(out, room, "no row");
        else if (!a->applicable)
                snprintf(out, room, "NA");
        else
                snprintf(out, room, "%lu", (unsigned long)a->badness);
}

static void compare_rows(struct oracle *o, const struct answers *a, const char *id,
                         const char *differences, struct score *got)
{
        struct score wanted = a->bare;
        char is[32], ought[32];

        set_rows(&wanted, differences, false, NULL);
        for (size_t i = 0; i < wanted.count; i++) {
                const char *row = wanted.rows[i].id;

                describe(&wanted.rows[i], ought, sizeof(ought));
                describe(find_row(got, row, strlen(row)), is, sizeof(is));
                agree(o, a, id, row, ought, is);
        }
        for (size_t i = 0; i < got->count; i++)
                if (!find_row(&wanted, got->rows[i].id, strlen(got->rows[i].id)))
                        disagree(o, a, id, got->rows[i].id, "no row", "a row");
}

/* As gird scores the case: 0, or 1 when there is no score. */
static int score_case(struct oracle *o, const struct answers *a, const struct unit_case *c,
                      struct score *ret)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        enum scope scope = c->user ? SCOPE_USER : SCOPE_SYSTEM;
        int r;

        if (c->instanced && !version_at_least(a->client[0].version, 257, 0))
                return 1; /* a command line that it doesn't take */
        r = unit_read(&o->roots[scope], c->path, &a->loader[scope], &s, NULL);
        if (r >= 0)
                r = sandbox_imply(s, &a->loader[scope]);
        if (r >= 0 && a->mode == SCORE_LIVE)
                sandbox_as_reported(s, &a->loader[scope]);
        return r < 0 ? r : score_sandbox(s, &a->client[scope], a->mode, ret);
}

/* A row of answers: id, group, exit status, exposure, level, differences. */
static int try_row(struct oracle *o, struct answers *a, char *line)
{
        char *field[6] = { NULL }, exposure[16];
        const struct unit_case *c;
        struct score score;
        int r;

        for (size_t i = 0; i < COUNT(field); i++)
                if (!(field[i] = strsep(&line, "\t")))
                        return -EINVAL;
        c = find_case(o, field[0]);
        r = c ? score_case(o, a, c, &score) : -ENOENT;
        if (r < 0)
                return r;
        if (strcmp(field[5], "refused") == 0 || r > 0) {
                agree(o, a, c->id, "unit", strcmp(field[5], "refused") == 0 ? "refused" : "scored",
                      r > 0 ? "refused" : "scored");
                return 0;
        }
        snprintf(exposure, sizeof(exposure), "%u.%u", score.exposure / 10, score.exposure % 10);
        agree(o, a, c->id, "exposure", field[3], exposure);
        agree(o, a, c->id, "level", field[4], score_level_name(score_level(score.exposure)));
        if (strcmp(field[5], "text-only") != 0 && a->has_bare)
                compare_rows(o, a, c->id, field[5], &score);
        return 0;
}

/* What xz makes of the file, as a stream. */
static int unpack(const char *path, FILE **ret, pid_t *ret_pid)
{
        const char *const argv[] = { "xz", "-dc", path, NULL };
        posix_spawn_file_actions_t actions;
        int ends[2];
        int r;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        r = posix_spawnp(ret_pid, argv[0], &actions, NULL, (char *const *)argv, environ);
        posix_spawn_file_actions_destroy(&actions);
        close(ends[1]);
        *ret = r == 0 ? fdopen(ends[0], "r") : NULL;
        if (!*ret)
                close(ends[0]);
        return *ret ? 0 : r ? -r : -errno;
}

/* The manager that was asked: 252 for the clients that came without one of their own. */
static struct version loader_version(const struct answers *a, struct version client)
{
        static const unsigned own[] = { 247, 252, 254, 257, 262 };

        for (size_t i = 0; i < COUNT(own); i++)
                if (a->mode == SCORE_OFFLINE || (own[i] == client.major && client.minor))
                        return client;
        return (struct version){ 252, 39 };
}

/* The answers are named by the release; these are the point releases that were asked. */
static int open_answers(struct answers *a, const char *name)
{
        static const struct version asked[] = {
                { 247, 3 }, { 252, 39 }, { 254, 26 }, { 257, 13 }, { 262, 1 }
        };
        const char *text = strchr(name, '/');
        struct version v;

        if (!text || version_parse(text + 1, &v) < 0)
                return -EINVAL;
        for (size_t i = 0; i < COUNT(asked) && !strchr(text, '.'); i++)
                if (asked[i].major == v.major)
                        v = asked[i];
        *a = (struct answers){ .name = name,
                               .mode = text_starts(name, "live") ? SCORE_LIVE : SCORE_OFFLINE };
        for (enum scope s = SCOPE_SYSTEM; s <= SCOPE_USER; s++) {
                dialect_for(v, s, &a->client[s]);
                dialect_for(loader_version(a, v), s, &a->loader[s]);
        }
        return 0;
}

static int try_lines(struct oracle *o, struct answers *a, FILE *in, char **ids)
{
        scoped(mem_freep) char *line = NULL;
        size_t room = 0;
        int r = 0;

        while (r >= 0 && getline(&line, &room, in) > 0) {
                line[strcspn(line, "\n")] = '\0';
                if (*line == '#' || text_starts(line, "id\t"))
                        continue;
                if (text_starts(line, "bare*\t")) {
                        set_rows(&a->bare, strrchr(line, '\t') + 1, true, ids);
                        a->has_bare = true;
                } else
                        r = try_row(o, a, line);
        }
        if (r < 0)
                printf("%s: %s: %s\n", a->name, line, strerror(-r));
        return r;
}

static int try_file(struct oracle *o, const char *name)
{
        scoped(mem_freep) char *path = text_format("%s/%s.tsv.xz", o->folder, name);
        char *ids[ASSESSMENT_MAX] = { NULL };
        unsigned long passed = o->passed, failed = o->failed;
        struct answers a;
        FILE *in = NULL;
        int status = 0;
        pid_t pid;
        int r = open_answers(&a, name);

        if (r >= 0)
                r = path ? unpack(path, &in, &pid) : -ENOMEM;
        if (r < 0)
                return r;
        r = try_lines(o, &a, in, ids);
        fclose(in);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        for (size_t i = 0; i < COUNT(ids); i++)
                free(ids[i]);
        if (r >= 0 && (status || o->passed == passed))
                r = -EIO;
        printf("%-14s %7lu agree, %lu don't\n", name, o->passed - passed, o->failed - failed);
        return r;
}

/* All answers there are: the files of offline/ and live/. */
static int find_answers(const struct oracle *o, char ***ret)
{
        static const char *const modes[] = { "offline", "live" };

        for (size_t i = 0; i < COUNT(modes); i++) {
                scoped(mem_freep) char *path = text_format("%s/%s", o->folder, modes[i]);
                scoped(dir_closep) DIR *dir = path ? opendir(path) : NULL;
                struct dirent *entry;

                if (!dir)
                        return -errno;
                while ((entry = readdir(dir))) {
                        int n = (int)strlen(entry->d_name) - (int)strlen(".tsv.xz");

                        if (text_ends(entry->d_name, ".tsv.xz") &&
                            strv_addf(ret, "%s/%.*s", modes[i], n, entry->d_name) < 0)
                                return -ENOMEM;
                }
        }
        strv_sort(*ret);
        return 0;
}

static int run(struct oracle *o, char **names)
{
        struct err e = { 0 };
        int r = load_cases(o);

        for (enum scope s = SCOPE_SYSTEM; s <= SCOPE_USER && r >= 0; s++)
                r = unit_root_open(&o->roots[s], o->root, s, &e);
        for (; r >= 0 && *names; names++)
                r = try_file(o, *names);
        if (r < 0)
                printf("oracle: %s %s\n", strerror(-r), e.text);
        for (enum scope s = SCOPE_SYSTEM; s <= SCOPE_USER; s++)
                unit_root_done(&o->roots[s]);
        for (size_t i = 0; i < o->case_count; i++) {
                free(o->cases[i].id);
                free(o->cases[i].path);
        }
        free(o->cases);
        return r;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void)st;
        (void)type;
        (void)ftw;
        return remove(path);
}

int main(int argc, char **argv)
{
        struct oracle o = { .folder = "tests/oracle", .root = "/tmp/gird-oracle-XXXXXX" };
        scoped(strv_freep) char **names = NULL;
        int option, r = 0;

        while ((option = getopt(argc, argv, "vd:")) >= 0)
                if (option == 'v')
                        o.verbose = true;
                else if (option == 'd')
                        o.folder = optarg;
                else
                        return 2;
        for (int i = optind; i < argc && r >= 0; i++)
                r = strv_add(&names, argv[i]);
        if (r >= 0 && !names)
                r = find_answers(&o, &names);
        if (r < 0 || !names || !mkdtemp(o.root)) {
                printf("oracle: no answers in %s\n", o.folder);
                return 1;
        }
        r = run(&o, names);
        nftw(o.root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        printf("%lu passed, %lu failed\n", o.passed, o.failed);
        return r < 0 || o.failed || !o.passed ? 1 : 0;
}
