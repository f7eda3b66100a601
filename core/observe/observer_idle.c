/* observer_idle.c - capability checks whose idleness only shows together with other acts. */
#include "core/observe/observer_private.h"

#include <string.h>
#include <sys/socket.h>

/* Options of a socket that ask for CAP_NET_ADMIN; idle: without it they do a little less, and who
 * sets them (sd_notify() and the journal's client first of all) does not look. */
static const struct {
        uint64_t option;
        bool idle;
} options[] = {
        { SO_SNDBUFFORCE, true },
        { SO_RCVBUFFORCE, true },
        { SO_DEBUG, false },
        { SO_PRIORITY, false },
        { SO_MARK, false },
        { SO_BUSY_POLL, false },
        { SO_PREFER_BUSY_POLL, false },
        { SO_BUSY_POLL_BUDGET, false },
        { SO_TXTIME, false },
        { SO_RESERVE_MEM, false },
};

/* Every reason to ask was an idle one. */
static bool options_idle(const struct behaviour *b)
{
        bool idle = false;

        for (const struct act *a = behaviour_first(b, ACT_ARGS); a; a = behaviour_next(b, a)) {
                if (strcmp(a->name, "setsockopt") != 0 || a->a != SOL_SOCKET)
                        continue;
                for (size_t i = 0; i < COUNT(options); i++) {
                        if (options[i].option != a->b)
                                continue;
                        if (!options[i].idle)
                                return false;
                        idle = true;
                }
        }
        return idle;
}

void idle_checks(struct behaviour *b)
{
        if (!options_idle(b))
                return;
        for (size_t i = 0; i < b->act_count; i++) {
                struct act *a = &b->acts[i];

                if (a->kind == ACT_CAP && a->by && strcmp(a->name, "CAP_NET_ADMIN") == 0 &&
                    (strcmp(a->by, "sk_setsockopt") == 0 || strcmp(a->by, "sock_setsockopt") == 0))
                        a->flags |= ACT_QUIET;
        }
        behaviour_stale(b);
}
