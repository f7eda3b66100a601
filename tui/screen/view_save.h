/* view_save.h - the exact file, before it is written. */
#pragma once

#include "tui/draft.h"
#include "tui/screen/app.h"
#include "tui/screen/sheet.h"

struct save_view {
        struct draft *draft;
        char *path, *text;
        char **left_out;
        const char *objection; /* why it needs the second key; NULL: it held */
        struct sheet file;     /* .text, line by line */
        bool saved;
        char **overridden; /* after saving: what other drop-ins override */
};

extern const struct view_ops save_view_ops;

/* Fills .file from .text. */
void save_fill(struct save_view *v);
