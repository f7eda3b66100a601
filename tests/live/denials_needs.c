/* denials_needs.c - a service that needs one thing, to be tried where that is taken away.
 *
 *      needs --list                  the rows, their columns between tabs
 *      needs --run NAME              ends with 1, without a word, when it does not get it
 *      needs --run NAME --shrug      goes on without it
 *      needs --prepare WHAT          what has to be there before
 *      needs --helper WHAT           what a program does that a row starts
 *
 * Newlines of a column are "|" in the list, and "@" is the folder of the program. */
#include "denials_needs.h"

#include <string.h>
#include <sys/wait.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

char scratch[4096];
char folder[4096]; /* of the program */

#define PRE(what) "ExecStartPre=+@/needs --prepare " #what
#define NEED(name, change, modes, clue, lines, ...)                                                \
        static void need_##name(void)                                                              \
        {                                                                                          \
                __VA_ARGS__;                                                                       \
        }
#include "denials.inc"
#include "search.inc"
#undef NEED

static const struct row {
        const char *name, *change, *modes, *clue, *lines;
        void (*need)(void);
} rows[] = {
#define NEED(name, change, modes, clue, lines, ...)                                                \
        { #name, change, modes, clue, lines, need_##name },
#include "denials.inc"
#include "search.inc"
#undef NEED
};

static const struct {
        const char *name;
        void (*prepare)(void);
} preparations[] = {
        { "tmp", prepare_tmp },
        { "modules", prepare_modules },
        { "keyring", prepare_keyring },
        { "shared_memory", prepare_shared_memory },
        { "nothing_shared", prepare_nothing_shared },
        { "pid", prepare_pid },
};

void gone(void)
{
        _exit(1);
}

const char *at(const char *name)
{
        static char paths[4][8192];
        static unsigned next;
        char *path = paths[next++ % COUNT(paths)];

        snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
        return path;
}

static void print_column(const char *text, char end)
{
        for (; *text; text++)
                putchar(*text == '\n' ? '|' : *text);
        putchar(end);
}

static int list(void)
{
        for (size_t i = 0; i < COUNT(rows); i++) {
                print_column(rows[i].name, '\t');
                print_column(rows[i].change, '\t');
                print_column(rows[i].modes, '\t');
                print_column(rows[i].clue, '\t');
                print_column(rows[i].lines, '\n');
        }
        return 0;
}

static void stay(void)
{
        for (;;)
                pause();
}

/* Whoever shrugs has a child that needs it, and does not look what becomes of it. */
static int run(const char *name, bool shrug)
{
        for (size_t i = 0; i < COUNT(rows); i++) {
                if (strcmp(rows[i].name, name) != 0)
                        continue;
                if (shrug && (signal(SIGCHLD, SIG_IGN) == SIG_ERR || fork() != 0))
                        stay();
                if (shrug)
                        signal(SIGCHLD, SIG_DFL);
                rows[i].need();
                stay();
        }
        fprintf(stderr, "needs: there is no row %s\n", name);
        return 2;
}

static int prepare(const char *name)
{
        for (size_t i = 0; i < COUNT(preparations); i++)
                if (strcmp(preparations[i].name, name) == 0) {
                        preparations[i].prepare();
                        return 0;
                }
        fprintf(stderr, "needs: nothing prepares %s\n", name);
        return 2;
}

int main(int argc, char **argv)
{
        const char *what = argc > 1 ? argv[1] : "";
        char *slash;

        snprintf(folder, sizeof(folder), "%s", argv[0]);
        slash = strrchr(folder, '/');
        if (slash)
                *slash = '\0';
        if (strcmp(what, "--list") == 0)
                return list();
        if (strcmp(what, "--run") == 0 && argc > 2)
                return run(argv[2], argc > 3);
        if (strcmp(what, "--prepare") == 0 && argc > 2)
                return prepare(argv[2]);
        if (strcmp(what, "--helper") == 0 && argc > 2)
                return help(argv[2]);
        fprintf(stderr, "usage: needs --list|--run NAME [--shrug]|--prepare WHAT\n");
        return 2;
}
