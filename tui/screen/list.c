/* list.c - a cursor in a list that may be longer than the screen. */
#include "tui/screen/list.h"

bool list_move(int *cursor, int count, int page, enum action a)
{
        int to = *cursor;

        switch (a) {
        case ACT_DOWN:
                to++;
                break;
        case ACT_UP:
                to--;
                break;
        case ACT_PAGE_DOWN:
                to += page;
                break;
        case ACT_PAGE_UP:
                to -= page;
                break;
        case ACT_FIRST:
                to = 0;
                break;
        case ACT_LAST:
                to = count - 1;
                break;
        default: /* a view passes on what it does not handle */
                return false;
        }
        if (to >= count)
                to = count - 1;
        *cursor = to < 0 ? 0 : to;
        return true;
}

int list_top(int cursor, int count, int rows)
{
        int top = cursor - rows / 2;

        if (top > count - rows)
                top = count - rows;
        return top < 0 ? 0 : top;
}
