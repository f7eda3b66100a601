/* view_diff.h - what the changes amount to: values, where they were set, what the score makes
 * of each. */
#pragma once

#include "tui/draft.h"
#include "tui/screen/app.h"
#include "tui/screen/sheet.h"

struct diff_view {
        const struct draft *draft; /* of the view below */
        struct sheet sheet;
};

extern const struct view_ops diff_view_ops;
