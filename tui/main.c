/* main.c - arguments to a command, or to the full screen. */
#include "tui/command/arguments.h"
#include "tui/command/command.h"
#include "tui/screen/app.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* A result that could not be written is no result: a full disk or a closed pipe shows here. */
static int flush(int status)
{
        if (fflush(stdout) == 0 && !ferror(stdout))
                return status;
        if (errno != EPIPE)
                fprintf(stderr, "gird: cannot write the result: %s\n", strerror(errno));
        return status == STATUS_DONE ? STATUS_CANNOT : status;
}

int main(int argc, char **argv)
{
        struct arguments a;
        bool finished;
        int status;

        setlocale(LC_ALL, "");
        signal(SIGPIPE, SIG_IGN);
        status = arguments_parse(argc, argv, &a, &finished);
        if (status == STATUS_DONE && !finished) {
                if (!a.command && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
                        status = app_run(&a);
                else
                        status = (a.command ? a.command->run : command_list)(&a);
        }
        arguments_done(&a);
        return flush(status);
}
