/* view_page.h - the screens that are only read: a help page, and what the keys do. */
#pragma once

#include "tui/screen/app.h"
#include "tui/screen/sheet.h"

struct page_view {
        char title[64];
        struct sheet sheet;
};

extern const struct view_ops page_view_ops;
