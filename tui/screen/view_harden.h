/* view_harden.h - a search for the tightest changes that hold, as it goes, and what it found. */
#pragma once

#include "tui/draft.h"
#include "tui/hardening.h"
#include "tui/screen/app.h"
#include "tui/screen/sheet.h"

struct harden_view {
        struct app *app;
        struct draft *draft;
        struct sheet log;        /* the steps; its end is shown until it is scrolled */
        uint64_t started, ended; /* microseconds; ended 0: it runs */
        size_t trials, changes;  /* so far, and in the set in hand */
        unsigned exposure;       /* of that, tenths */
        bool searching;          /* .exposure counts */
        bool done;               /* .search holds */
        struct search search;
        struct err error;   /* why it does not */
        struct sheet sheet; /* the result, filled when it is there */
};

extern const struct view_ops harden_view_ops;
void harden_draw(const void *state, const struct canvas *c);

/* A step of the search: userdata is the view. */
void harden_step(void *userdata, const struct search_step *s);

/* Fills .sheet from .search. */
void harden_fill(struct harden_view *v);
