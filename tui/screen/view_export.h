/* view_export.h - the changes in another form: which, and where to. */
#pragma once

#include "core/forms/form.h"
#include "tui/draft.h"
#include "tui/screen/app.h"
#include "tui/screen/prompt.h"
#include "tui/screen/sheet.h"

struct export_view {
        const struct draft *draft; /* of the view below */
        const struct form **forms; /* those that are written */
        int count, cursor;
        struct prompt prompt; /* where to */
        char path[PROMPT_ROOM];
        bool force;         /* the answer was to write over it */
        struct sheet sheet; /* what was written, and what was left out */
};

extern const struct view_ops export_view_ops;
