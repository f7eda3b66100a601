/* action.c - what keys do, as data. */
#include "tui/screen/action.h"

#include "core/base/base.h"

#include <string.h>

/* clang-format off */
static const struct binding keymap[] = {
        { ANY_SCREEN,   "j",         ACT_DOWN },
        { ANY_SCREEN,   "Down",      ACT_DOWN },
        { ANY_SCREEN,   "k",         ACT_UP },
        { ANY_SCREEN,   "Up",        ACT_UP },
        { ANY_SCREEN,   "PgDn",      ACT_PAGE_DOWN },
        { ANY_SCREEN,   "Ctrl-D",    ACT_PAGE_DOWN },
        { ANY_SCREEN,   "Ctrl-F",    ACT_PAGE_DOWN },
        { ANY_SCREEN,   "PgUp",      ACT_PAGE_UP },
        { ANY_SCREEN,   "Ctrl-U",    ACT_PAGE_UP },
        { ANY_SCREEN,   "g",         ACT_FIRST },
        { ANY_SCREEN,   "Home",      ACT_FIRST },
        { ANY_SCREEN,   "G",         ACT_LAST },
        { ANY_SCREEN,   "End",       ACT_LAST },
        { ANY_SCREEN,   "?",         ACT_HELP },
        { ANY_SCREEN,   "F1",        ACT_HELP },
        { ANY_SCREEN,   "q",         ACT_BACK },
        { ANY_SCREEN,   "Esc",       ACT_BACK },
        { ANY_SCREEN,   "Left",      ACT_BACK },
        { ANY_SCREEN,   "h",         ACT_BACK },
        { ANY_SCREEN,   "F10",       ACT_QUIT },
        { ANY_SCREEN,   "Ctrl-C",    ACT_QUIT },

        { UNITS_SCREEN, "Enter",     ACT_OPEN },
        { UNITS_SCREEN, "Right",     ACT_OPEN },
        { UNITS_SCREEN, "l",         ACT_OPEN },
        { UNITS_SCREEN, "/",         ACT_SEARCH },
        { UNITS_SCREEN, "F3",        ACT_SEARCH },
        { UNITS_SCREEN, "n",         ACT_NEXT },
        { UNITS_SCREEN, "N",         ACT_PREVIOUS },
        { UNITS_SCREEN, "f",         ACT_FILTER },
        { UNITS_SCREEN, "F4",        ACT_FILTER },
        { UNITS_SCREEN, "s",         ACT_SORT },
        { UNITS_SCREEN, "F6",        ACT_SORT },
        { UNITS_SCREEN, "a",         ACT_STATE },
        { UNITS_SCREEN, "r",         ACT_REFRESH },
        { UNITS_SCREEN, "F5",        ACT_REFRESH },
        { UNITS_SCREEN, "L",         ACT_LESSONS },
        { UNITS_SCREEN, "q",         ACT_QUIT },

        { UNIT_SCREEN,  "Space",     ACT_TOGGLE },
        { UNIT_SCREEN,  "+",         ACT_STRICTER },
        { UNIT_SCREEN,  "Right",     ACT_STRICTER },
        { UNIT_SCREEN,  "l",         ACT_STRICTER },
        { UNIT_SCREEN,  "-",         ACT_LOOSER },
        { UNIT_SCREEN,  "Left",      ACT_LOOSER },
        { UNIT_SCREEN,  "h",         ACT_LOOSER },
        { UNIT_SCREEN,  "Enter",     ACT_EDIT },
        { UNIT_SCREEN,  "e",         ACT_EDIT },
        { UNIT_SCREEN,  "x",         ACT_RESET },
        { UNIT_SCREEN,  "Del",       ACT_RESET },
        { UNIT_SCREEN,  "u",         ACT_UNDO },
        { UNIT_SCREEN,  "U",         ACT_REDO },
        { UNIT_SCREEN,  "Ctrl-R",    ACT_REDO },
        { UNIT_SCREEN,  "v",         ACT_VIEW },
        { UNIT_SCREEN,  "Tab",       ACT_PANE },
        { UNIT_SCREEN,  "/",         ACT_SEARCH },
        { UNIT_SCREEN,  "F3",        ACT_SEARCH },
        { UNIT_SCREEN,  "n",         ACT_NEXT },
        { UNIT_SCREEN,  "N",         ACT_PREVIOUS },
        { UNIT_SCREEN,  "p",         ACT_PAGE },
        { UNIT_SCREEN,  "w",         ACT_WALK },
        { UNIT_SCREEN,  "d",         ACT_DIFF },
        { UNIT_SCREEN,  "i",         ACT_INSIDE },
        { UNIT_SCREEN,  "b",         ACT_BREACH },
        { UNIT_SCREEN,  "o",         ACT_OBSERVE },
        { UNIT_SCREEN,  "a",         ACT_TAKE_SAFE },
        { UNIT_SCREEN,  "t",         ACT_TRY },
        { UNIT_SCREEN,  "H",         ACT_HARDEN },
        { UNIT_SCREEN,  "A",         ACT_APPLY },
        { UNIT_SCREEN,  "s",         ACT_SAVE },
        { UNIT_SCREEN,  "F2",        ACT_SAVE },
        { UNIT_SCREEN,  "E",         ACT_EXPORT },

        { WALK_SCREEN,  "y",         ACT_TAKE },
        { WALK_SCREEN,  "Enter",     ACT_TAKE },
        { WALK_SCREEN,  "e",         ACT_EDIT },
        { WALK_SCREEN,  "n",         ACT_SKIP },
        { WALK_SCREEN,  "Right",     ACT_SKIP },
        { WALK_SCREEN,  "m",         ACT_MORE },
        { WALK_SCREEN,  "p",         ACT_MORE },
        { WALK_SCREEN,  "b",         ACT_PREVIOUS },
        { WALK_SCREEN,  "Left",      ACT_PREVIOUS },
        { WALK_SCREEN,  "h",         ACT_PREVIOUS },
        { WALK_SCREEN,  "t",         ACT_TRY },

        { SET_SCREEN,   "Space",     ACT_TOGGLE },
        { SET_SCREEN,   "m",         ACT_INVERT },
        { SET_SCREEN,   "c",         ACT_NONE_SET },
        { SET_SCREEN,   "A",         ACT_ALL_SET },
        { SET_SCREEN,   "u",         ACT_UNDO },
        { SET_SCREEN,   "/",         ACT_SEARCH },
        { SET_SCREEN,   "n",         ACT_NEXT },
        { SET_SCREEN,   "N",         ACT_PREVIOUS },
        { SET_SCREEN,   "p",         ACT_PAGE },
        { SET_SCREEN,   "a",         ACT_ADD },
        { SET_SCREEN,   "Right",     ACT_OPEN },
        { SET_SCREEN,   "l",         ACT_OPEN },
        { SET_SCREEN,   "Enter",     ACT_ACCEPT },

        { LINES_SCREEN, "a",         ACT_ADD },
        { LINES_SCREEN, "+",         ACT_ADD },
        { LINES_SCREEN, "e",         ACT_EDIT },
        { LINES_SCREEN, "Space",     ACT_EDIT },
        { LINES_SCREEN, "x",         ACT_DELETE },
        { LINES_SCREEN, "Del",       ACT_DELETE },
        { LINES_SCREEN, "m",         ACT_INVERT },
        { LINES_SCREEN, "u",         ACT_UNDO },
        { LINES_SCREEN, "p",         ACT_PAGE },
        { LINES_SCREEN, "Enter",     ACT_ACCEPT },

        { TEXT_SCREEN,  "Enter",     ACT_ACCEPT },
        { TEXT_SCREEN,  "Esc",       ACT_BACK },

        { TRIAL_SCREEN, "c",         ACT_CANCEL },
        { TRIAL_SCREEN, "t",         ACT_TRY },
        { TRIAL_SCREEN, "s",         ACT_SAVE },
        { TRIAL_SCREEN, "A",         ACT_APPLY },
        { TRIAL_SCREEN, "a",         ACT_ALLOW },
        { TRIAL_SCREEN, "n",         ACT_NEXT },
        { TRIAL_SCREEN, "N",         ACT_PREVIOUS },

        { BREACH_SCREEN, "Enter",    ACT_TAKE },
        { BREACH_SCREEN, "Space",    ACT_TAKE },
        { BREACH_SCREEN, "b",        ACT_BREACH },
        { BREACH_SCREEN, "u",        ACT_UNDO },
        { BREACH_SCREEN, "c",        ACT_CANCEL },

        { OBSERVE_SCREEN, "c",       ACT_CANCEL },
        { OBSERVE_SCREEN, "o",       ACT_OBSERVE },
        { OBSERVE_SCREEN, "a",       ACT_TAKE_SAFE },

        { HARDEN_SCREEN, "c",        ACT_CANCEL },
        { HARDEN_SCREEN, "H",        ACT_HARDEN },
        { HARDEN_SCREEN, "d",        ACT_DIFF },
        { HARDEN_SCREEN, "s",        ACT_SAVE },
        { HARDEN_SCREEN, "A",        ACT_APPLY },

        { APPLY_SCREEN, "y",         ACT_PROCEED },
        { APPLY_SCREEN, "Enter",     ACT_PROCEED },
        { APPLY_SCREEN, "Space",     ACT_WHEN },
        { APPLY_SCREEN, "c",         ACT_CONFIRM },
        { APPLY_SCREEN, "r",         ACT_REVERT },
        { APPLY_SCREEN, "s",         ACT_SAVE },

        { PAGE_SCREEN,  "Tab",       ACT_LINK },
        { PAGE_SCREEN,  "Shift-Tab", ACT_LINK_BACK },
        { PAGE_SCREEN,  "Enter",     ACT_OPEN },
        { PAGE_SCREEN,  "Right",     ACT_OPEN },
        { PAGE_SCREEN,  "l",         ACT_OPEN },
        { PAGE_SCREEN,  "Backspace", ACT_BACK },
        { PAGE_SCREEN,  "/",         ACT_SEARCH },
        { PAGE_SCREEN,  "F3",        ACT_SEARCH },
        { PAGE_SCREEN,  "n",         ACT_NEXT },
        { PAGE_SCREEN,  "N",         ACT_PREVIOUS },
        { PAGE_SCREEN,  "s",         ACT_SEARCH_ALL },

        { SAVE_SCREEN,  "y",         ACT_YES },
        { SAVE_SCREEN,  "Enter",     ACT_YES },
        { SAVE_SCREEN,  "U",         ACT_UNTESTED },

        { EXPORT_SCREEN, "Enter",    ACT_EXPORT },
        { EXPORT_SCREEN, "Right",    ACT_EXPORT },
        { EXPORT_SCREEN, "l",        ACT_EXPORT },

        { LESSONS_SCREEN, "Enter",   ACT_OPEN },
        { LESSONS_SCREEN, "Right",   ACT_OPEN },
        { LESSONS_SCREEN, "l",       ACT_OPEN },

        { LESSON_SCREEN, "a",        ACT_ADD },
        { LESSON_SCREEN, "+",        ACT_ADD },
        { LESSON_SCREEN, "x",        ACT_DELETE },
        { LESSON_SCREEN, "Del",      ACT_DELETE },
        { LESSON_SCREEN, "t",        ACT_TRY },
        { LESSON_SCREEN, "c",        ACT_CANCEL },
        { LESSON_SCREEN, "i",        ACT_HINT },
        { LESSON_SCREEN, "n",        ACT_NEXT },
        { LESSON_SCREEN, "N",        ACT_PREVIOUS },
};

static const char *const help[ACTION_COUNT] = {
#define X(id, text) [id] = text,
        ACTIONS(X)
#undef X
};

static const char *const names[SCREEN_COUNT] = {
        [ANY_SCREEN] = "every screen",     [UNITS_SCREEN] = "list of units",
        [UNIT_SCREEN] = "unit",            [WALK_SCREEN] = "guided walk",
        [SET_SCREEN] = "editor of a set",  [LINES_SCREEN] = "editor of a list",
        [TEXT_SCREEN] = "editor of a value", [TRIAL_SCREEN] = "trial",
        [SAVE_SCREEN] = "saving",          [DIFF_SCREEN] = "changes",
        [PAGE_SCREEN] = "help page",       [OBSERVE_SCREEN] = "observation",
        [HARDEN_SCREEN] = "hardening",     [APPLY_SCREEN] = "applying",
        [BREACH_SCREEN] = "intruder's view, tried",
        [INSIDE_SCREEN] = "intruder's view", [EXPORT_SCREEN] = "exporting",
        [LESSONS_SCREEN] = "lessons",      [LESSON_SCREEN] = "lesson",
};
/* clang-format on */

const char *screen_name(enum screen_id s)
{
        return names[s];
}

const char *action_help(enum action a)
{
        return help[a];
}

enum action action_for(enum screen_id screen, const char *key)
{
        enum action found = ACT_NONE;

        for (size_t i = 0; i < COUNT(keymap); i++) {
                if (strcmp(keymap[i].key, key) != 0)
                        continue;
                if (keymap[i].screen == screen)
                        return keymap[i].action;
                if (keymap[i].screen == ANY_SCREEN)
                        found = keymap[i].action;
        }
        return found;
}

const struct binding *binding_at(size_t i)
{
        return i < COUNT(keymap) ? &keymap[i] : NULL;
}

const char *action_key(enum screen_id screen, enum action a)
{
        for (size_t i = 0; i < COUNT(keymap); i++)
                if (keymap[i].screen == screen && keymap[i].action == a)
                        return keymap[i].key;
        for (size_t i = 0; i < COUNT(keymap); i++)
                if (keymap[i].screen == ANY_SCREEN && keymap[i].action == a)
                        return keymap[i].key;
        return NULL;
}
