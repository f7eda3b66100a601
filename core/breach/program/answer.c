/* answer.c - what became of a move, as one printable line. */
#include "core/breach/program/program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void answer_signal(int signal, char ret[SAID + 16])
{
        const char *name = sigabbrev_np(signal);

        if (name)
                snprintf(ret, SAID + 16, "SIG%s", name);
        else
                snprintf(ret, SAID + 16, "signal %d", signal);
}

void answer_code(int code, const char *said, char ret[SAID + 16])
{
        const char *name = code < 0 ? strerrorname_np(-code) : NULL;
        size_t n;

        if (code == ABSENT)
                snprintf(ret, SAID + 16, "absent");
        else if (code < 0 && name)
                snprintf(ret, SAID + 16, "%s", name);
        else if (code < 0)
                snprintf(ret, SAID + 16, "error %d", -code);
        else
                snprintf(ret, SAID + 16, *said ? "ok %s" : "ok%s", said);
        /* A name or a path may hold anything. */
        for (n = 0; ret[n]; n++)
                if ((unsigned char)ret[n] < ' ' || ret[n] == 127)
                        ret[n] = '?';
}
