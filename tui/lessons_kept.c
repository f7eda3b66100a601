/* lessons_kept.c - what was done of the course: one small JSON file, replaced all or not at all. */
#include "tui/lessons.h"

#include "core/base/base.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/json.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define NAME  "lessons.json"
#define DRAFT ".lessons.json.new"
#define ASIDE "lessons-damaged.json"

enum { FORMAT = 1, MOST = 32, FILE_LIMIT = 1 << 20, ANSWER_LINES = 200, LINE_LIMIT = 4096 };

struct course {
        struct lesson_progress lessons[MOST];
};

void lesson_progress_done(struct lesson_progress *p)
{
        strv_free(p->answer);
        *p = (struct lesson_progress){ 0 };
}

static void course_done(struct course *c)
{
        for (size_t i = 0; i < MOST; i++)
                lesson_progress_done(&c->lessons[i]);
}

/* ---- where ---- */

static char *state_folder(void)
{
        const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
        const struct passwd *own;

        if (geteuid() == 0)
                return strdup("/var/lib/gird");
        if (state && *state == '/')
                return text_format("%s/gird", state);
        if (!home || *home != '/') {
                own = getpwuid(geteuid());
                home = own ? own->pw_dir : NULL;
        }
        return home && *home == '/' ? text_format("%s/.local/state/gird", home) : NULL;
}

static int no_home(struct err *e)
{
        return err_say(e, -ENOENT,
                       "there is no home folder to keep progress in: set XDG_STATE_HOME");
}

/* -ENOENT without a sentence: there is no such folder, and it was not to be made. */
static int open_folder(const char *path, bool make, int *ret_fd, struct err *e)
{
        int r = make ? file_make_dirs(path, 0700, e) : 0, fd;

        if (r < 0)
                return r;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT && !make)
                return -ENOENT;
        if (fd < 0)
                return err_set(e, -errno, "cannot open %s", path);
        *ret_fd = fd;
        return 0;
}

/* ---- reading ---- */

static int read_lesson(const struct json_node *n, struct lesson_progress *ret)
{
        const struct json_node *done = json_member(n, "done"), *hints = json_member(n, "hints");
        const struct json_node *answer = json_member(n, "answer");
        size_t count = 0;

        if (json_kind(n) != JSON_OBJECT || (done && json_kind(done) != JSON_BOOL) ||
            (hints && json_kind(hints) != JSON_NUMBER) ||
            (answer && json_kind(answer) != JSON_ARRAY))
                return -EINVAL;
        ret->done = done && json_value(done) != 0;
        if (hints) {
                double shown = json_value(hints);

                if (!(shown >= 0 && shown <= LESSON_HINTS))
                        return -EINVAL;
                ret->hints = (unsigned)shown;
        }
        for (const struct json_node *line = answer ? json_first(answer) : NULL; line;
             line = json_next(line)) {
                const char *text = json_string(line);

                if (!text || strlen(text) > LINE_LIMIT || ++count > ANSWER_LINES)
                        return -EINVAL;
                if (strv_add(&ret->answer, text) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* -EINVAL: it is no such file; -EOPNOTSUPP: a newer gird wrote it. */
static int read_course(const char *text, struct course *ret)
{
        scoped(json_freep) struct json *json = NULL;
        const struct json_node *root, *format, *lessons;
        int r = json_parse(NAME, text, &json, NULL);

        if (r < 0)
                return r == -ENOMEM ? r : -EINVAL;
        root = json_root(json);
        if (json_kind(root) != JSON_OBJECT)
                return -EINVAL;
        format = json_member(root, "gird");
        lessons = json_member(root, "lessons");
        if (!format || json_kind(format) != JSON_NUMBER || json_value(format) < 1)
                return -EINVAL;
        if (json_value(format) > FORMAT)
                return -EOPNOTSUPP;
        if (!lessons || json_kind(lessons) != JSON_OBJECT)
                return -EINVAL;
        for (const struct json_node *n = json_first(lessons); n; n = json_next(n)) {
                const struct lesson *l = lesson_find(json_key(n));
                struct lesson_progress one = { 0 };

                if (!l || lesson_number(l) > MOST || strcmp(l->name, json_key(n)) != 0)
                        continue; /* of another gird; its own business */
                r = read_lesson(n, &one);
                if (r < 0) {
                        lesson_progress_done(&one);
                        return r;
                }
                lesson_progress_done(&ret->lessons[lesson_number(l) - 1]);
                ret->lessons[lesson_number(l) - 1] = one;
        }
        return 0;
}

/* 0; 1: it is of no use, e says why; < 0 for what writing must not go over. */
static int load(int folder, const char *path, struct course *ret, struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        size_t length = 0;
        int r = file_read(folder, NAME, FILE_LIMIT, &text, &length, NULL);

        if (r == -ENOENT)
                return 0;
        if (r == -ENOMEM || r == -EACCES)
                return err_set(e, r, "cannot read %s/" NAME, path);
        if (r == 0)
                r = strlen(text) == length ? read_course(text, ret) : -EINVAL;
        if (r == 0)
                return 0;
        course_done(ret);
        if (r == -ENOMEM)
                return err_set(e, r, "cannot read %s/" NAME, path);
        if (r == -EOPNOTSUPP)
                return err_say(e, r,
                               "%s/" NAME
                               " was written by a newer gird; it is left alone, and nothing is "
                               "remembered",
                               path);
        return err_say(e, 1,
                       "%s/" NAME
                       " is no file of gird's, so nothing counts as done; the next check "
                       "puts it aside as " ASIDE,
                       path);
}

int lesson_progress_in(const char *path, const struct lesson *l, struct lesson_progress *ret,
                       struct err *e)
{
        scoped(course_done) struct course course = { 0 };
        struct lesson_progress *own = &course.lessons[(lesson_number(l) - 1) % MOST];
        scoped(fd_closep) int folder = -1;
        int r = open_folder(path, false, &folder, e);

        *ret = (struct lesson_progress){ 0 };
        if (r == 0)
                r = load(folder, path, &course, e);
        *ret = *own;
        *own = (struct lesson_progress){ 0 };
        return r == -ENOENT ? 0 : r < 0 && r != -ENOMEM ? 1 : r;
}

int lesson_progress(const struct lesson *l, struct lesson_progress *ret, struct err *e)
{
        scoped(mem_freep) char *path = state_folder();

        if (path)
                return lesson_progress_in(path, l, ret, e);
        *ret = (struct lesson_progress){ 0 };
        no_home(e);
        return 1;
}

/* ---- writing ---- */

static char *write_course(const struct course *c)
{
        struct json *root = json_object(), *lessons = json_object();
        const struct lesson *l;

        json_number(root, "gird", FORMAT);
        for (size_t i = 0; (l = lesson_at(i)) && i < MOST; i++) {
                const struct lesson_progress *p = &c->lessons[i];
                struct json *one;

                if (!p->done && !p->hints && !p->answer)
                        continue;
                one = json_object();
                json_bool(one, "done", p->done);
                json_number(one, "hints", p->hints);
                json_texts(one, "answer", p->answer);
                json_put(lessons, l->name, one);
        }
        json_put(root, "lessons", lessons);
        return json_take(root);
}

static int replace(int folder, const char *text)
{
        scoped(fd_closep) int fd = -1;
        int r;

        unlinkat(folder, DRAFT, 0); /* of one that was killed */
        fd = openat(folder, DRAFT, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        r = file_write_all(fd, text, strlen(text));
        if (r == 0 && fsync(fd) < 0)
                r = -errno;
        if (r == 0 && renameat(folder, DRAFT, folder, NAME) < 0)
                r = -errno;
        if (r < 0) {
                unlinkat(folder, DRAFT, 0);
                return r;
        }
        return fsync(folder) < 0 && errno != EINVAL ? -errno : 0;
}

static int copy(const struct lesson_progress *p, struct lesson_progress *ret)
{
        struct lesson_progress made = { .done = p->done, .hints = p->hints };
        int r = strv_copy(p->answer, &made.answer);

        if (r < 0)
                return r;
        lesson_progress_done(ret);
        *ret = made;
        return 0;
}

int lesson_keep_in(const char *path, const struct lesson *l, const struct lesson_progress *p,
                   struct err *e)
{
        scoped(course_done) struct course course = { 0 };
        scoped(mem_freep) char *text = NULL;
        scoped(fd_closep) int folder = -1;
        int r = open_folder(path, true, &folder, e);

        if (r < 0)
                return r;
        while (flock(folder, LOCK_EX) < 0)
                if (errno != EINTR)
                        return err_set(e, -errno, "cannot lock %s", path);
        r = load(folder, path, &course, e);
        if (r < 0)
                return r;
        if (r > 0 && renameat(folder, NAME, folder, ASIDE) < 0)
                return err_set(e, -errno, "cannot put %s/" NAME " aside", path);
        r = copy(p, &course.lessons[(lesson_number(l) - 1) % MOST]);
        text = r < 0 ? NULL : write_course(&course);
        if (!text)
                return err_set(e, -ENOMEM, "cannot keep the progress");
        r = replace(folder, text);
        return r < 0 ? err_set(e, r, "cannot write %s/" NAME, path) : 0;
}

int lesson_keep(const struct lesson *l, const struct lesson_progress *p, struct err *e)
{
        scoped(mem_freep) char *path = state_folder();

        return path ? lesson_keep_in(path, l, p, e) : no_home(e);
}

int lessons_list(FILE *out)
{
        const struct lesson *l;
        struct err e = { 0 };
        size_t done = 0, count = 0;

        for (; (l = lesson_at(count)); count++) {
                scoped(lesson_progress_done) struct lesson_progress p = { 0 };
                scoped(mem_freep) char *sentence = help_sentence(lesson_page(l));

                if (lesson_progress(l, &p, &e) == -ENOMEM || !sentence)
                        return -ENOMEM;
                done += p.done;
                fprintf(out, "%2zu  [%c] %-14s%s\n", count + 1, p.done ? 'x' : ' ', l->name,
                        sentence);
        }
        fprintf(out, "\n%zu of %zu done.  gird lesson NAME shows one.\n", done, count);
        if (e.code)
                fprintf(out, "%s\n", e.text);
        return 0;
}
