/* action.h - what keys do, as data: the dispatcher, the footer, the help screen and the manual
 * are made from these rows.  Keys are words, as a user would say them: "j", "Down", "F1". */
#pragma once

#include <stddef.h>

enum screen_id {
        ANY_SCREEN,
        UNITS_SCREEN,
        UNIT_SCREEN,
        WALK_SCREEN,
        SET_SCREEN,   /* editor of sets */
        LINES_SCREEN, /* editor of lists */
        TEXT_SCREEN,  /* editor of one line */
        TRIAL_SCREEN,
        OBSERVE_SCREEN,
        HARDEN_SCREEN,
        APPLY_SCREEN,
        SAVE_SCREEN,
        DIFF_SCREEN,
        EXPORT_SCREEN,
        INSIDE_SCREEN, /* what an intruder could do */
        BREACH_SCREEN, /* the same, tried */
        PAGE_SCREEN,   /* help */
        LESSONS_SCREEN,
        LESSON_SCREEN,
        SCREEN_COUNT
};
const char *screen_name(enum screen_id s); /* "list of units" */

/* clang-format off */
#define ACTIONS(X) \
        X(ACT_DOWN,      "next line") \
        X(ACT_UP,        "previous line") \
        X(ACT_PAGE_DOWN, "a page down") \
        X(ACT_PAGE_UP,   "a page up") \
        X(ACT_FIRST,     "first line") \
        X(ACT_LAST,      "last line") \
        X(ACT_OPEN,      "open") \
        X(ACT_BACK,      "back") \
        X(ACT_QUIT,      "quit gird") \
        X(ACT_HELP,      "what the keys do here") \
        X(ACT_PAGE,      "the whole help page") \
        X(ACT_SEARCH,    "search") \
        X(ACT_NEXT,      "the next one") \
        X(ACT_PREVIOUS,  "the one before") \
        X(ACT_LINK,      "next link") \
        X(ACT_LINK_BACK, "the link before") \
        X(ACT_SEARCH_ALL, "search all pages") \
        X(ACT_FILTER,    "show only what contains a text") \
        X(ACT_SORT,      "sort by the next column") \
        X(ACT_STATE,     "show only running, failed, disabled, ... units") \
        X(ACT_REFRESH,   "read everything anew") \
        X(ACT_TOGGLE,    "next value, back to the first after the last") \
        X(ACT_STRICTER,  "the next stricter value") \
        X(ACT_LOOSER,    "the next looser value") \
        X(ACT_EDIT,      "edit the value") \
        X(ACT_RESET,     "take the change back") \
        X(ACT_UNDO,      "undo") \
        X(ACT_REDO,      "redo") \
        X(ACT_VIEW,      "show all, scored, set or changed directives") \
        X(ACT_PANE,      "move between the list and the help beside it") \
        X(ACT_WALK,      "guided walk, most valuable directive first") \
        X(ACT_DIFF,      "what the changes amount to") \
        X(ACT_INSIDE,    "what an intruder in it could do") \
        X(ACT_BREACH,    "send an intruder in, in a twin") \
        X(ACT_TRY,       "start the unit with the changes in a twin") \
        X(ACT_SAVE,      "save the drop-in") \
        X(ACT_EXPORT,    "carry the changes to another form") \
        X(ACT_OBSERVE,   "watch it work in a twin") \
        X(ACT_HARDEN,    "find the tightest changes that hold, in twins") \
        X(ACT_APPLY,     "put the changes on the running unit, guarded") \
        X(ACT_PROCEED,   "go ahead; once it is applied, keep it") \
        X(ACT_CONFIRM,   "keep what is applied, until the next boot") \
        X(ACT_REVERT,    "take back what is applied") \
        X(ACT_WHEN,      "now, or when the unit is restarted next") \
        X(ACT_ALLOW,     "accept the marked refusal, with a reason") \
        X(ACT_TAKE_SAFE, "take all that an observation found safe") \
        X(ACT_TAKE,      "take it") \
        X(ACT_SKIP,      "skip it") \
        X(ACT_MORE,      "tell me more") \
        X(ACT_ADD,       "add a line") \
        X(ACT_DELETE,    "delete the line") \
        X(ACT_INVERT,    "list what is allowed, or what is denied") \
        X(ACT_NONE_SET,  "clear: none of them") \
        X(ACT_ALL_SET,   "all of them") \
        X(ACT_ACCEPT,    "accept") \
        X(ACT_CANCEL,    "cancel") \
        X(ACT_UNTESTED,  "save although no trial held it") \
        X(ACT_LESSONS,   "lessons, each with a service to practise on") \
        X(ACT_HINT,      "the next hint") \
        X(ACT_YES,       "yes")
/* clang-format on */

#define X(id, help) id,
enum action { ACT_NONE, ACTIONS(X) ACTION_COUNT };
#undef X

const char *action_help(enum action a);

/* A screen's own binding wins over ANY_SCREEN's.  ACT_NONE: the key is free here. */
enum action action_for(enum screen_id screen, const char *key);

struct binding {
        enum screen_id screen;
        const char *key;
        enum action action;
};
const struct binding *binding_at(size_t i); /* NULL past the end */

/* "Space" for the first key of an action on a screen; NULL if it has none. */
const char *action_key(enum screen_id screen, enum action a);
