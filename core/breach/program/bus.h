/* bus.h - as much D-Bus as a move needs: one call, and whether it was let. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A call to systemd, or to the bus itself. */
struct bus_call {
        const char *destination, *path, *interface, *member;
        const char *words[2]; /* arguments of type s; NULL: fewer */
        bool no_strings;      /* one argument, an empty array of strings, instead */
};

/* Where: the system bus, or systemd's private socket, which wants no Hello.
 * 0: a reply came; ret_error ("" when it is no error) has the error's name.  < 0: not reached. */
int bus_ask(bool private, const struct bus_call *call, char *ret_error, size_t size);
