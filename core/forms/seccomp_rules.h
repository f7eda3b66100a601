/* seccomp_rules.h - what directives refuse by a call's arguments, as rules of a seccomp filter. */
#pragma once

#include "core/forms/access.h"

enum compare { COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_GT, COMPARE_MASKED };
const char *compare_name(enum compare c); /* "SCMP_CMP_EQ" */

struct rule {
        const char *call;
        int error; /* what it answers then; 0: it may be made then */
        unsigned count;
        struct {
                unsigned index;
                enum compare op;
                uint64_t value, two; /* MASKED: the mask, and what is left under it */
        } args[2];
};

/* For each call that is restricted: when it may be made, and when it is refused; together they
 * say it of every argument. */
struct rules {
        struct rule *list;
        size_t count;
        const char *tables[8]; /* "SCMP_ARCH_X86_64", NULL-terminated */
        bool many_tables;      /* 32-bit x86 is among them, and sockets are restricted */
};
int rules_make(const struct sandbox *s, const struct dialect *dialect, struct rules *ret);
void rules_done(struct rules *r);
bool rules_about(const struct rules *r, const char *call);
