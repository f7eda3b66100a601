/* view_lesson.h - the course as a list, and one lesson: its text, the answer so far, and what came
 * of it in a twin. */
#pragma once

#include "tui/lessons.h"
#include "tui/screen/app.h"
#include "tui/screen/prompt.h"
#include "tui/screen/sheet.h"

struct lessons_view {
        bool *done; /* a mark for each lesson */
        size_t count;
        int cursor;
        char note[400]; /* why nothing is remembered, or "" */
};

struct lesson_view {
        struct app *app;
        const struct lesson *lesson;
        const struct dialect *dialect;
        struct lesson_progress progress;
        struct sheet sheet;
        struct prompt prompt;    /* for a line of the answer */
        char **steps;            /* "1.2 s  booting the twin" */
        uint64_t started, ended; /* microseconds; .ended 0 and .started not: it runs */
        bool examined;           /* .result holds */
        struct lesson_result result;
        struct err error; /* why it does not */
};

extern const struct view_ops lessons_view_ops, lesson_view_ops;

/* view_lesson_fill.c: fills .sheet from the rest. */
void lesson_fill(struct lesson_view *v);
