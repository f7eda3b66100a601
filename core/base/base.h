/* base.h - the few macros every file may use. */
#pragma once

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* scoped(unit_freep) struct unit *u = NULL;   is freed on every way out. */
#define scoped(fn) __attribute__((cleanup(fn)))

/* Makes fn##p, for scoped().  fn must do nothing for NULL.
 * The p is libsystemd's suffix too, so scoped(sd_bus_unrefp) just works. */
#define DEFINE_SCOPED(type, fn)                                                                    \
        static inline void fn##p(type **slot)                                                      \
        {                                                                                          \
                fn(*slot);                                                                         \
        }

/* Hands a pointer on and leaves NULL behind, so scoped() lets go of it. */
#define take(p)                                                                                    \
        __extension__({                                                                            \
                __auto_type p_ = (p);                                                              \
                (p) = NULL;                                                                        \
                p_;                                                                                \
        })

/* Same for a descriptor, which -1 leaves. */
#define take_fd(fd)                                                                                \
        __extension__({                                                                            \
                int fd_ = (fd);                                                                    \
                (fd) = -1;                                                                         \
                fd_;                                                                               \
        })
