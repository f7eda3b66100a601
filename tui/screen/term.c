/* term.c - the door to curses. */
#include "tui/screen/term.h"

#include "core/base/text.h"
#include "tui/screen/theme.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wctype.h>

int term_open(const struct term_options *o, struct err *e)
{
        if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
                return err_say(e, -ENOTTY,
                               "the full screen needs a terminal; `gird list` does not");
        set_escdelay(25);
        if (!newterm(NULL, stdout, stdin)) {
                const char *type = getenv("TERM");

                return err_say(
                        e, -ENOTTY,
                        "the terminal type \"%s\" is not known here; set TERM, or use `gird list`",
                        type ? type : "");
        }
        raw();
        noecho();
        nonl();
        keypad(stdscr, TRUE);
        nodelay(stdscr, TRUE);
        curs_set(0);
        if (o->color && has_colors()) {
                start_color();
                use_default_colors();
                for (int role = 0; role < ROLE_COUNT; role++) {
                        struct look look = theme_look((enum role)role, COLORS);

                        init_pair((short)(role + 1), look.fg, look.bg);
                }
        }
        if (o->mouse) {
                mousemask(BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
                mouseinterval(0);
        }
        return 0;
}

void term_close(void)
{
        if (!isendwin())
                endwin();
}

void term_size(int *ret_rows, int *ret_cols)
{
        struct winsize size;

        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
            (size.ws_row != LINES || size.ws_col != COLS))
                resizeterm(size.ws_row, size.ws_col);
        *ret_rows = LINES;
        *ret_cols = COLS;
}

bool term_utf8(void)
{
        return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static const char *mouse_key(void)
{
        MEVENT event;

        if (getmouse(&event) != OK)
                return NULL;
        if (event.bstate & BUTTON4_PRESSED)
                return "Wheel-Up";
        if (event.bstate & BUTTON5_PRESSED)
                return "Wheel-Down";
        return NULL;
}

static const char *function_key(wint_t key)
{
        /* clang-format off */
        static const struct { wint_t key; const char *name; } named[] = {
                { KEY_DOWN, "Down" },   { KEY_UP, "Up" },       { KEY_LEFT, "Left" },
                { KEY_RIGHT, "Right" }, { KEY_NPAGE, "PgDn" },  { KEY_PPAGE, "PgUp" },
                { KEY_HOME, "Home" },   { KEY_END, "End" },     { KEY_DC, "Del" },
                { KEY_BACKSPACE, "Backspace" }, { KEY_ENTER, "Enter" }, { KEY_BTAB, "Shift-Tab" },
                { KEY_F(1), "F1" }, { KEY_F(2), "F2" }, { KEY_F(3), "F3" }, { KEY_F(4), "F4" },
                { KEY_F(5), "F5" }, { KEY_F(6), "F6" }, { KEY_F(7), "F7" }, { KEY_F(8), "F8" },
                { KEY_F(9), "F9" }, { KEY_F(10), "F10" }, { KEY_RESIZE, "Resize" },
        };
        /* clang-format on */

        for (size_t i = 0; i < COUNT(named); i++)
                if (named[i].key == key)
                        return named[i].name;
        return key == KEY_MOUSE ? mouse_key() : NULL;
}

static const char *plain_key(wint_t key)
{
        static char word[16];

        switch (key) {
        case ' ':
                return "Space";
        case '\r':
        case '\n':
                return "Enter";
        case '\t':
                return "Tab";
        case 27:
                return "Esc";
        case 127:
        case 8:
                return "Backspace";
        default:
                break;
        }
        if (key < 27) {
                snprintf(word, sizeof(word), "Ctrl-%c", (char)('A' + key - 1));
                return word;
        }
        if (!iswprint(key))
                return NULL;
        if (snprintf(word, sizeof(word), "%lc", key) < 0)
                return NULL;
        return word;
}

const char *term_key(void)
{
        const char *word = NULL;
        wint_t key;
        int kind;

        while (!word) {
                kind = get_wch(&key);
                if (kind == ERR)
                        return NULL;
                word = kind == KEY_CODE_YES ? function_key(key) : plain_key(key);
        }
        return word;
}

static void style(enum role role)
{
        bool colors = COLOR_PAIRS > ROLE_COUNT; /* 0 until start_color() */
        struct look look = theme_look(role, colors ? COLORS : 0);
        attr_t attributes = A_NORMAL;

        if (look.attributes & LOOK_BOLD)
                attributes |= A_BOLD;
        if (look.attributes & LOOK_REVERSE)
                attributes |= A_REVERSE;
        if (look.attributes & LOOK_UNDERLINE)
                attributes |= A_UNDERLINE;
        attr_set(attributes, (short)(colors ? role + 1 : 0), NULL);
}

void term_show(const struct canvas *c, int cursor_row, int cursor_col)
{
        for (int row = 0; row < c->rows; row++) {
                move(row, 0);
                for (int col = 0; col < c->cols; col++) {
                        const char *glyph;
                        enum role role = canvas_cell(c, row, col, &glyph);

                        style(role);
                        addstr(glyph);
                }
        }
        if (cursor_row >= 0) {
                move(cursor_row, cursor_col);
                curs_set(1);
        } else
                curs_set(0);
        refresh();
}

void term_suspend(void)
{
        endwin();
        kill(getpid(), SIGSTOP);
        refresh();
}
