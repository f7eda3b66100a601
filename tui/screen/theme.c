/* theme.c - how a role looks, per colour depth. */
#include "tui/screen/theme.h"

/* Columns: without colours, with 8, with 256.  Never dark grey: half of all terminals hide it. */
static const struct look looks[ROLE_COUNT][3] = {
        [ROLE_TEXT] = { { -1, -1, 0 }, { -1, -1, 0 }, { -1, -1, 0 } },
        [ROLE_TITLE] = { { -1, -1, LOOK_BOLD }, { -1, -1, LOOK_BOLD }, { -1, -1, LOOK_BOLD } },
        [ROLE_HEADING] = { { -1, -1, LOOK_UNDERLINE },
                           { 6, -1, LOOK_BOLD },
                           { 37, -1, LOOK_BOLD } },
        [ROLE_CURSOR] = { { -1, -1, LOOK_REVERSE },
                          { -1, -1, LOOK_REVERSE },
                          { -1, -1, LOOK_REVERSE } },
        [ROLE_GOOD] = { { -1, -1, 0 }, { 2, -1, 0 }, { 34, -1, 0 } },
        [ROLE_FAIR] = { { -1, -1, 0 }, { 3, -1, 0 }, { 172, -1, 0 } },
        [ROLE_BAD] = { { -1, -1, LOOK_BOLD }, { 1, -1, LOOK_BOLD }, { 160, -1, LOOK_BOLD } },
        [ROLE_CHANGED] = { { -1, -1, LOOK_BOLD | LOOK_UNDERLINE },
                           { 5, -1, LOOK_BOLD },
                           { 133, -1, LOOK_BOLD } },
        [ROLE_KEY] = { { -1, -1, LOOK_BOLD }, { 6, -1, LOOK_BOLD }, { 37, -1, LOOK_BOLD } },
        [ROLE_INPUT] = { { -1, -1, LOOK_UNDERLINE },
                         { -1, -1, LOOK_UNDERLINE },
                         { -1, -1, LOOK_UNDERLINE } },
        [ROLE_ALERT] = { { -1, -1, LOOK_REVERSE | LOOK_BOLD },
                         { 7, 1, LOOK_BOLD },
                         { 15, 124, LOOK_BOLD } },
};

struct look theme_look(enum role role, int colors)
{
        return looks[role][colors >= 256 ? 2 : colors >= 8 ? 1 : 0];
}
