/* view_inside.h - what an intruder in the service could do, in plain words, computed from its
 * sandbox as it stands and with the changes. */
#pragma once

#include "tui/draft.h"
#include "tui/screen/app.h"
#include "tui/screen/sheet.h"

struct inside_view {
        const struct draft *draft; /* of the view below */
        size_t open, closed;       /* answers; closed: by the changes */
        struct sheet sheet;
};

extern const struct view_ops inside_view_ops;
