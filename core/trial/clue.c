/* clue.c - what one line of a journal gives away: error, operation, path. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define OPERATION(id, capability, error, words, calls, name)                                       \
        { capability, error, words, calls, name },
static const struct operation operations[] = {
        { NULL, 0, "", "", NULL },
#include "core/trial/operations.inc"
};
#undef OPERATION

/* Refusals by a sandbox come first, so that they win over what follows from them. */
static const int errors[] = { EROFS,       EAFNOSUPPORT, EACCES,        EPERM,        ENOSYS,
                              ENETUNREACH, ENOSPC,       EADDRNOTAVAIL, ECONNREFUSED, ETIMEDOUT,
                              ENOMEM,      EMFILE,       EFBIG,         EOVERFLOW,    EAGAIN,
                              EDQUOT,      ENXIO,        ENODEV,        ENOENT,       EINVAL };

/* Where a path was moved to on every system that gird knows. */
static const struct {
        const char *old, *now;
} moved[] = { { "/var/run/", "/run/" },
              { "/bin/", "/usr/bin/" },
              { "/sbin/", "/usr/sbin/" },
              { "/lib/", "/usr/lib/" },
              { "/lib64/", "/usr/lib64/" } };

const struct operation *operation_at(enum operation_id id)
{
        return &operations[id < OPERATION_COUNT ? id : OPERATION_NONE];
}

static bool in_word(char c)
{
        return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static const char *find_word(const char *text, const char *word, size_t n)
{
        for (const char *at = text; *at; at++)
                if (strncasecmp(at, word, n) == 0 && (at == text || !in_word(at[-1])) &&
                    !in_word(at[n]))
                        return at;
        return NULL;
}

static bool has_any_word(const char *text, const char *words)
{
        while (*words) {
                size_t n = strcspn(words, " ");

                if (n && find_word(text, words, n))
                        return true;
                words += n;
                words += strspn(words, " ");
        }
        return false;
}

/* "errno 13", "[Errno 13]", "error=13": a number instead of words. */
static const char *find_number(const char *text, int error)
{
        const char *at = strcasestr(text, "errno");

        while (at) {
                const char *digits = at + 5 + strspn(at + 5, " =:");

                if (isdigit((unsigned char)*digits) && strtol(digits, NULL, 10) == error)
                        return at;
                at = strcasestr(at + 5, "errno");
        }
        return NULL;
}

static const char *find_error(const char *text, int *ret)
{
        for (size_t i = 0; i < COUNT(errors); i++) {
                const char *name = strerrorname_np(errors[i]);
                const char *at = strcasestr(text, strerrordesc_np(errors[i]));

                if (!at)
                        at = find_word(text, name, strlen(name));
                if (!at)
                        at = find_number(text, errors[i]);
                if (at) {
                        *ret = errors[i];
                        return at;
                }
        }
        return NULL;
}

/* A path begins with a slash behind a blank or an opening sign, and is more than "/". */
static bool path_starts(const char *text, const char *at)
{
        return *at == '/' && (at == text || strchr(" \t\"'`(=:[<>,@", at[-1])) && at[1] != '/' &&
               at[1] && !strchr(" \t\"'`),:;]>", at[1]);
}

static char *path_fold(const char *at)
{
        size_t n = strcspn(at, " \t\"'`),:;]>");

        while (n > 1 && at[n - 1] == '.')
                n--;
        for (size_t i = 0; i < COUNT(moved); i++) {
                size_t old = strlen(moved[i].old);

                if (n > old && strncmp(at, moved[i].old, old) == 0)
                        return text_format("%s%.*s", moved[i].now, (int)(n - old), at + old);
        }
        return strndup(at, n);
}

/* The last path before the error, where the failing call usually names it; else the first. */
static int find_path(const char *text, const char *error, char **ret)
{
        const char *found = NULL;

        for (const char *at = text; *at; at++) {
                if (!path_starts(text, at))
                        continue;
                if (found && at > error)
                        break;
                found = at;
        }
        if (!found)
                return 0;
        *ret = path_fold(found);
        return *ret ? 0 : -ENOMEM;
}

/* The port of an address such as "0.0.0.0:80" or of "port 80"; 0: none. */
static long find_port(const char *text)
{
        const char *word = find_word(text, "port", 4);
        long port = 0;

        if (word && isdigit((unsigned char)word[4 + strspn(word + 4, " =#")]))
                return strtol(word + 4 + strspn(word + 4, " =#"), NULL, 10);
        for (const char *at = strchr(text, ':'); at; at = strchr(at + 1, ':')) {
                size_t n = strspn(at + 1, "0123456789");

                if (n > 0 && at[n + 1] == ':' && isdigit((unsigned char)at[n + 2]))
                        at += n + 1; /* a time of day */
                else if (n > 0 && n < 6 && (!at[n + 1] || strchr(" :,;)\"'", at[n + 1])))
                        port = strtol(at + 1, NULL, 10);
        }
        return port;
}

static enum operation_id find_operation(const char *text)
{
        for (size_t i = 1; i < OPERATION_COUNT; i++) {
                long port;

                if (!has_any_word(text, operations[i].words))
                        continue;
                if (i != OPERATION_BIND)
                        return (enum operation_id)i;
                port = find_port(text);
                return port > 0 && port < 1024 ? OPERATION_BIND_LOW : OPERATION_BIND;
        }
        return OPERATION_NONE;
}

/* The kernel's audit of seccomp: "type=1326 … sig=31 … syscall=41", or "SECCOMP … syscall=41". */
static int read_audit(const char *text, struct clue *c)
{
        const char *number = strstr(text, "syscall=");
        const char *name;

        if (!number || (!strstr(text, "type=1326") && !strstr(text, "SECCOMP")))
                return 0;
        name = syscall_name((int)strtol(number + 8, NULL, 10));
        c->call = name ? strdup(name) : text_format("%ld", strtol(number + 8, NULL, 10));
        if (!c->call)
                return -ENOMEM;
        if (strstr(text, "sig=31"))
                c->signal = SIGSYS;
        else
                c->error = EPERM;
        return 1;
}

/* systemd says after a failed set-up which step it was, naming the program and not the cause. */
static bool is_summary(const char *text)
{
        return strstr(text, "Failed at step ") && !strstr(text, "step EXEC") &&
               !strstr(text, "step CHDIR");
}

int clue_read(const char *message, struct clue *ret)
{
        scoped(clue_done) struct clue c = { 0 };
        const char *at;
        int r = read_audit(message, &c);

        if (r < 0)
                return r;
        if (r == 0) {
                if (is_summary(message))
                        return 0;
                at = find_error(message, &c.error);
                if (!at && (strcasestr(message, "bad system call") ||
                            find_word(message, "SIGSYS", 6) || strstr(message, "status=31/SYS"))) {
                        c.signal = SIGSYS;
                        at = message;
                }
                if (!at)
                        return 0;
                c.operation = find_operation(message);
                r = find_path(message, at, &c.path);
                if (r < 0)
                        return r;
        }
        *ret = c;
        c = (struct clue){ 0 };
        return 1;
}

void clue_done(struct clue *c)
{
        free(c->path);
        free(c->call);
        *c = (struct clue){ 0 };
}

/* Length of a run of hexadecimal digits that is an address or an id, else 0. */
static size_t id_length(const char *text)
{
        size_t n = strspn(text, "0123456789abcdefABCDEF");
        size_t letters = 0;

        for (size_t i = 0; i < n; i++)
                letters += isalpha((unsigned char)text[i]) != 0;
        return n >= 8 && letters < n ? n : 0;
}

char *message_normal(const char *message)
{
        struct text t = { 0 };

        for (const char *at = message; *at;) {
                size_t n = id_length(at);

                if (n == 0)
                        n = strspn(at, "0123456789");
                if (n)
                        text_add(&t, "#");
                else
                        text_addn(&t, at, n = 1);
                at += n;
        }
        return text_take(&t);
}
