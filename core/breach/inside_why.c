/* inside_why.c - why nothing could be started in the sandbox, in a sentence. */
#include "core/breach/inside_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

enum { STATUS_EXEC = 203 };

/* A profile of all that the unit sets, so that each of its lines may be blamed. */
static int all_of(const struct sandbox *after, struct profile **ret)
{
        scoped(profile_freep) struct profile *p = NULL;
        int r = profile_new(after->unit, after->scope, &p);

        for (size_t i = 0; r >= 0 && i < DIRECTIVE_COUNT; i++) {
                const struct setting *s = &after->settings[i];
                scoped(value_done) struct value v = { 0 };

                if (!s->value.set || s->origin.kind == ORIGIN_IMPLIED)
                        continue;
                r = value_copy(&s->value, &v);
                if (r >= 0)
                        r = profile_set(p, (enum directive_id)i, &v, REASON_FILE, NULL);
                v = (struct value){ 0 };
        }
        if (r >= 0)
                *ret = take(p);
        return r;
}

static int find_suspect(const struct run *run, const struct sandbox *after,
                        const struct dialect *dialect, char **ret)
{
        scoped(profile_freep) struct profile *all = NULL;
        scoped(sandbox_freep) struct sandbox *bare = NULL;
        struct evidence v = { .dialect = dialect, .after = after, .tried = run, .broke = true };
        struct suspect *list = NULL;
        size_t count = 0;
        int r = all_of(after, &all);

        if (r >= 0)
                r = sandbox_new(after->unit, after->scope, &bare);
        if (r >= 0)
                r = sandbox_imply(bare, dialect);
        v.profile = all;
        v.before = bare;
        if (r >= 0)
                r = blame(&v, &list, &count);
        if (r >= 0 && count && list[0].weight >= 20) {
                *ret = strdup(list[0].why);
                r = *ret ? 0 : -ENOMEM;
        }
        suspects_free(list, count);
        return r;
}

/* systemd's line of the program that it could not run ends in the reason: "…: Permission denied".
 */
static int exec_error(const struct run *run)
{
        static const int errors[] = { ENOENT, EACCES, ENOEXEC, EPERM, ELOOP, ENOTDIR };

        for (size_t i = run->journal.count; i-- > 0;) {
                const char *message = run->journal.lines[i].message;

                if (!message || (!strstr(message, "ailed to execute") &&
                                 !strstr(message, "ailed to locate executable") &&
                                 !strstr(message, "Failed at step EXEC")))
                        continue;
                for (size_t k = 0; k < COUNT(errors); k++)
                        if (text_ends(message, strerrordesc_np(errors[k])))
                                return errors[k];
        }
        return 0;
}

/* The program that is not there, or may not be run, in words that name it. */
static char *exec_words(const struct run *run, const struct sandbox *after, const char *program)
{
        int code = 0, status = 0, error;

        if (!run_exit(run, &code, &status) || code != CLD_EXITED || status != STATUS_EXEC)
                return NULL;
        error = exec_error(run);
        if (error == ENOENT && *program != '/' && after->settings[D_NoExecPaths].value.set)
                return text_format(
                        "203/EXEC: there is no %s in it that may be run (NoExecPaths= says "
                        "what may not)",
                        program);
        if (error == ENOENT || error == ENOTDIR)
                return text_format(
                        "203/EXEC: there is no %s in it (or not what it needs to run: its "
                        "interpreter or loader)",
                        program);
        if (error == EACCES && after->settings[D_NoExecPaths].value.set)
                return text_format("203/EXEC: %s may not be run there, by NoExecPaths=", program);
        if (error == EACCES)
                return text_format("203/EXEC: its user may not run %s", program);
        return NULL;
}

int inside_why(const struct run *run, const char *job_result, const struct sandbox *after,
               const struct dialect *dialect, const char *program, char **ret)
{
        scoped(mem_freep) char *outcome = NULL, *suspect = NULL;
        int r;

        *ret = exec_words(run, after, program);
        if (*ret)
                return 0;
        outcome = run_outcome(run, job_result, after, 60000000);
        r = outcome ? find_suspect(run, after, dialect, &suspect) : -ENOMEM;
        if (r < 0)
                return r;
        *ret = text_format("%s%s%s", outcome, suspect ? "; " : "", suspect ? suspect : "");
        return *ret ? 0 : -ENOMEM;
}
