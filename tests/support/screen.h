/* screen.h - drives a screen by key names and compares what it draws with tests/golden.
 *
 * A golden file holds two lines a row: the text, and a letter per cell for its role.
 * GOLDEN_UPDATE=1 rewrites the files; read the diff before you commit. */
#pragma once

#include "tui/screen/app.h"

/* Presses keys one after the other, as the loop would; long work they ask for is run. */
void press_keys(struct app *app, const char *const *keys);
#define press(app, ...) press_keys(app, (const char *const[]){ __VA_ARGS__, NULL })

/* Types the characters of an ASCII text. */
void type_text(struct app *app, const char *text);

/* Draws the app in a window of that size; fails the test unless it is tests/golden/NAME.txt. */
void assert_golden(const struct app *app, int rows, int cols, const char *name);

/* The same at 80x24, 40x12 and 20x8: NAME-80x24.txt, … */
void assert_golden_sizes(const struct app *app, const char *name);

/* What it draws, text lines alone.  Caller frees. */
char *screen_text(const struct app *app, int rows, int cols);

/* For cmocka's group set-up: glyphs need a UTF-8 locale.  0 or -1. */
int screen_setup(void **state);
