/* moves.c - the table of moves; see moves.inc. */
#include "core/breach/moves.h"

#include "core/base/base.h"

#include <string.h>

static const struct move moves[] = {
#define MOVE(of, called, deed, argument, words, ...)                                               \
        { .name = (called),                                                                        \
          .sentence = (words),                                                                     \
          .topic = TOPIC_##of,                                                                     \
          .closers = (const char *const[]){ __VA_ARGS__, NULL } },
#include "core/breach/moves.inc"
#undef MOVE
};

const struct move *move_at(size_t i)
{
        return i < COUNT(moves) ? &moves[i] : NULL;
}

const struct move *move_find(const char *name)
{
        for (size_t i = 0; i < COUNT(moves); i++)
                if (strcmp(moves[i].name, name) == 0)
                        return &moves[i];
        return NULL;
}

static const char *const topics[] = {
        [TOPIC_SECRETS] = "Secrets",   [TOPIC_FOOTHOLD] = "Footholds",  [TOPIC_SYSTEM] = "System",
        [TOPIC_IDENTITY] = "Identity", [TOPIC_PROCESSES] = "Processes", [TOPIC_NETWORK] = "Network",
        [TOPIC_KERNEL] = "Kernel",     [TOPIC_MACHINE] = "Machine",     [TOPIC_CODE] = "Code",
        [TOPIC_LAB] = "Lab",
};

const char *move_topic_name(enum move_topic topic)
{
        return topics[topic];
}
