/* known.c - which directives the installed systemd parses, asked of itself. */
#include "core/profile/known.h"

#include "core/base/child.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { ASK_USEC = 10 * 1000 * 1000 };

/* A directive is known where [Service] (or [Unit]) lists it: that is where gird writes it. */
struct known {
        bool has[DIRECTIVE_COUNT];
};

/* One "Key=TYPE" line of the section we are in. */
static void mark(struct known *k, const char *section, size_t section_length, const char *line)
{
        size_t length = strcspn(line, "=\n");

        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                const struct directive *d = directive_at(i);
                const char *wanted = directive_section(d);

                if (strlen(d->name) == length && memcmp(d->name, line, length) == 0 &&
                    strlen(wanted) == section_length &&
                    memcmp(wanted, section, section_length) == 0)
                        k->has[i] = true;
        }
}

int known_parse(const char *dump, struct known **ret)
{
        scoped(known_freep) struct known *k = calloc(1, sizeof(*k));
        const char *section = "";
        size_t section_length = 0;
        bool seen = false;

        if (!k)
                return -ENOMEM;
        for (const char *line = dump; *line; line += strcspn(line, "\n"), line += *line == '\n') {
                size_t length = strcspn(line, "\n");

                if (line[0] == '[' && length > 2 && line[length - 1] == ']') {
                        section = line + 1;
                        section_length = length - 2;
                        seen |= section_length == 7 && memcmp(section, "Service", 7) == 0;
                } else if (memchr(line, '=', length))
                        mark(k, section, section_length, line);
        }
        if (!seen)
                return -EINVAL;
        *ret = take(k);
        return 0;
}

bool known_has(const struct known *k, const struct directive *d)
{
        return k->has[d->id];
}

void known_free(struct known *k)
{
        free(k);
}

static const char *const binaries[] = { "/usr/lib/systemd/systemd", "/lib/systemd/systemd" };
#define QUESTION "--dump-configuration-items"

/* What it printed, if it ran and printed a list. */
static int listen(struct job *job, char *const argv[], struct known **ret, struct err *e)
{
        scoped(child_result_done) struct child_result result = { 0 };
        int r = child_run(job, argv, NULL, ASK_USEC, &result, e);

        if (r == -ECANCELED || r == -ENOMEM)
                return r;
        if (r < 0 || result.timed_out || !WIFEXITED(result.status) ||
            WEXITSTATUS(result.status) != 0)
                return 1;
        r = known_parse(result.out, ret);
        return r == -EINVAL ? 1 : r;
}

static int ask_here(struct job *job, struct known **ret, struct err *e)
{
        int r = 1;

        for (size_t i = 0; r == 1 && i < COUNT(binaries); i++) {
                char *const argv[] = { (char *)binaries[i], (char *)QUESTION, NULL };

                if (access(binaries[i], X_OK) == 0)
                        r = listen(job, argv, ret, e);
        }
        return r;
}

/* The tree may be anybody's, so its program runs as nobody: chroot alone holds no root in. */
static int ask_below(struct job *job, const char *root, struct known **ret, struct err *e)
{
        static const char *const chroots[] = { "/usr/sbin/chroot", "/usr/bin/chroot" };
        const char *chroot_program = access(chroots[0], X_OK) == 0 ? chroots[0] : chroots[1];
        int r = 1;

        for (size_t i = 0; r == 1 && i < COUNT(binaries); i++) {
                char *const argv[] = { (char *)chroot_program,
                                       (char *)"--userspec=65534:65534",
                                       (char *)"--groups=",
                                       (char *)root,
                                       (char *)binaries[i],
                                       (char *)QUESTION,
                                       NULL };

                r = listen(job, argv, ret, e);
        }
        return r;
}

int known_ask(struct job *job, const char *root, struct known **ret, struct err *e)
{
        struct known *known = NULL;
        bool here = !root || !*root || strcmp(root, "/") == 0;
        struct stat st;
        int r;

        if (!here && stat(root, &st) < 0)
                return err_set(e, -errno, "cannot look below %s", root);
        if (!here && !S_ISDIR(st.st_mode))
                return err_set(e, -ENOTDIR, "cannot look below %s", root);
        r = here ? ask_here(job, &known, e) : ask_below(job, root, &known, e);
        *ret = known;
        if (r != 1)
                return r;
        if (here)
                return err_say(e, 1, "there is no systemd here to ask what it knows");
        return err_say(e, 1,
                       "the systemd below %s cannot be asked what it knows%s; gird goes by version",
                       root, geteuid() == 0 ? "" : " without root");
}
