/* editor.h - an editor of a value alone on the screen: closing it ends the app. */
#pragma once

#include "tui/screen/app.h"
#include "tui/screen/views.h"

struct bench {
        struct app app;
        struct dialect dialect;
        char *got;             /* the accepted lines, each ended by '|'; NULL: none */
        const char *complaint; /* set: nothing is accepted */
};

/* Opens the editor on what the assignments make of the directive. */
void bench_open(struct bench *b, unsigned major, const char *name, const char *const *lines);
#define EDIT(b, name, ...)                                                                         \
        bench_open(b, 257, name, (const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

void bench_done(struct bench *b);

/* Fails the test unless these words are on the screen (at 80x24), or are not. */
void assert_shows(const struct bench *b, const char *words);
void assert_hides(const struct bench *b, const char *words);
