/* exit_status.c - exit statuses and signals as systemd names them, in words. */
#include "core/trial/trial_private.h"

#include "core/base/text.h"

#include <signal.h>
#include <string.h>

struct row {
        int number;
        const char *name, *meaning;
};

#define STATUS(number, name, meaning) { number, name, meaning },
static const struct row statuses[] = {
#include "core/trial/exit_statuses.inc"
};
#undef STATUS

#define SIGNAL(number, meaning) { number, #number, meaning },
static const struct row signals[] = {
#include "core/trial/signals.inc"
};
#undef SIGNAL

static const struct row *find(const struct row *rows, size_t count, int number)
{
        for (size_t i = 0; i < count; i++)
                if (rows[i].number == number)
                        return &rows[i];
        return NULL;
}

const char *exit_status_name(int status)
{
        const struct row *row = find(statuses, COUNT(statuses), status);

        return row ? row->name : NULL;
}

const char *exit_status_meaning(int status)
{
        const struct row *row = find(statuses, COUNT(statuses), status);

        return row ? row->meaning : NULL;
}

static char *signal_words(int number, bool dumped)
{
        const struct row *row = find(signals, COUNT(signals), number);
        const char *name = sigabbrev_np(number);

        if (!name)
                return text_format("killed by signal %d%s", number, dumped ? ", core dumped" : "");
        return text_format("killed by SIG%s%s%s%s", name, dumped ? " (core dumped)" : "",
                           row ? ": " : "", row ? row->meaning : "");
}

char *exit_words(int code, int status)
{
        const struct row *row = find(statuses, COUNT(statuses), status);

        if (code == CLD_KILLED || code == CLD_DUMPED)
                return signal_words(status, code == CLD_DUMPED);
        return text_format("exit status %d%s%s%s%s", status, row && row->name ? "/" : "",
                           row && row->name ? row->name : "", row ? ": " : "",
                           row ? row->meaning : "");
}
