/* behaviour_json_private.h - the members of an act's object: writer and reader walk one table. */
#pragma once

#include "core/observe/behaviour_private.h"

enum {
        BEHAVIOUR_FORMAT = 1,
        BEHAVIOUR_FILE_LIMIT = 64 << 20,
        READ_ACTS = 10 * BEHAVIOUR_ACTS,
        READ_SESSIONS = 10000,
        TEXT_LIMIT = 8192, /* of any string */
};

/* Numbers from here on are written as strings: cJSON prints doubles near 2^53 inexactly. */
#define JSON_EXACT (UINT64_C(1) << 52)

enum field_how {
        FIELD_TEXT,   /* absent: NULL */
        FIELD_CHARS,  /* char[16]; absent: "" */
        FIELD_NUMBER, /* absent: 0; so are those that follow */
        FIELD_TERM,   /* a word, or a number that has none */
        FIELD_BITS,   /* list of words, and numbers for bits that have none */
        FIELD_SIGNAL, /* "SIGKILL", or a number */
        FIELD_CAPS,   /* list of capabilities */
        FIELD_ERRNO,  /* int: "EPERM", or a number */
        FIELD_SMALL,  /* uint32_t */
        FIELD_WORDS,  /* unsigned: as BITS, always there */
};

struct field {
        unsigned kinds; /* bits: 1 << enum act_kind */
        const char *key;
        enum field_how how;
        size_t offset;
        const struct term *terms;
        unsigned shift, width; /* the bits of a number that it stands for; width 0: all */
};
extern const struct field act_fields[]; /* ends with a NULL key */

/* Whether it may be part of a file's name: letters, digits, '.', '-' and '_' (behaviour_store.c).
 */
bool version_fits(const char *version);

const char *capability_bit_name(unsigned bit); /* "CAP_CHOWN", or NULL */
int signal_number(const char *name);           /* "SIGKILL" -> 9; -1 */
uint64_t field_get(const struct field *f, const struct act *a);
bool field_set(const struct field *f, struct act *a, uint64_t number); /* false: out of range */
