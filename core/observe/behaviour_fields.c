/* behaviour_fields.c - TABLE: what each kind of act calls its parts in JSON. */
#include "core/observe/behaviour_json_private.h"

#include "core/catalogue/dialect.h"

#include <signal.h>
#include <string.h>

#define K(kind)    (1U << ACT_##kind)
#define ALL        ((1U << ACT_KINDS) - 1)
#define ADDRESSED  (K(BIND) | K(CONNECT) | K(PEER))
#define AT(member) offsetof(struct act, member)

/* clang-format off */
const struct field act_fields[] = {
        /* kinds                                key              how           member       terms */
        { ALL,                                  "error",         FIELD_ERRNO,  AT(error),   NULL, 0, 0 },
        { K(CALL) | K(ARGS) | ADDRESSED | K(KILLED) | K(REFUSED),
                                                "call",          FIELD_TEXT,   AT(name),    NULL, 0, 0 },
        { K(CAP),                               "capability",    FIELD_TEXT,   AT(name),    NULL, 0, 0 },
        { K(FOREIGN),                           "architecture",  FIELD_TEXT,   AT(name),    NULL, 0, 0 },
        { K(SOCKET) | K(PATH) | K(EXEC) | K(SIGNAL),
                                                "name",          FIELD_TEXT,   AT(name),    NULL, 0, 0 },
        { K(PATH) | K(EXEC) | K(FOREIGN),       "path",          FIELD_TEXT,   AT(text),    NULL, 0, 0 },
        { ADDRESSED,                            "address",       FIELD_TEXT,   AT(text),    NULL, 0, 0 },
        { K(CALL) | K(ARGS) | K(SOCKET) | K(CAP) | K(SIGNAL) | K(KILLED) | K(REFUSED),
                                                "text",          FIELD_TEXT,   AT(text),    NULL, 0, 0 },
        { K(CAP),                               "function",      FIELD_TEXT,   AT(by),      NULL, 0, 0 },
        { ALL & ~K(CAP),                        "by",            FIELD_TEXT,   AT(by),      NULL, 0, 0 },

        { K(SOCKET) | ADDRESSED,                "family",        FIELD_TERM,   AT(a), family_terms, 0, 0 },
        { K(PATH),                              "access",        FIELD_BITS,   AT(a), access_terms, 0, 0 },
        { K(EXEC),                              "gains",         FIELD_BITS,   AT(a), gain_terms,   0, 0 },
        { K(CAP),                               "number",        FIELD_NUMBER, AT(a), NULL,         0, 0 },
        { K(SIGNAL) | K(KILLED) | K(REFUSED),   "signal",        FIELD_SIGNAL, AT(a), NULL,         0, 0 },
        { K(CALL) | K(ARGS) | K(FOREIGN),       "a",             FIELD_NUMBER, AT(a), NULL,         0, 0 },

        { K(SOCKET) | ADDRESSED,                "type",          FIELD_TERM,   AT(b), type_terms,   0, 32 },
        { ADDRESSED,                            "protocol",      FIELD_NUMBER, AT(b), NULL,         32, 32 },
        { K(SOCKET),                            "b_high",        FIELD_NUMBER, AT(b), NULL,         32, 32 },
        { K(EXEC),                              "capabilities",  FIELD_CAPS,   AT(b), NULL,         0, 0 },
        { K(SIGNAL),                            "to",            FIELD_BITS,   AT(b), signal_terms, 0, 0 },
        { K(CALL) | K(ARGS) | K(PATH) | K(CAP) | K(KILLED) | K(REFUSED) | K(FOREIGN),
                                                "b",             FIELD_NUMBER, AT(b), NULL,         0, 0 },

        { ADDRESSED,                            "port",          FIELD_NUMBER, AT(c), NULL,         0, 0 },
        { K(SOCKET),                            "protocol",      FIELD_NUMBER, AT(c), NULL,         0, 0 },
        { K(CAP),                               "own_namespace", FIELD_NUMBER, AT(c), NULL,         0, 0 },
        { ALL & ~(ADDRESSED | K(SOCKET) | K(CAP)),
                                                "c",             FIELD_NUMBER, AT(c), NULL,         0, 0 },

        { ALL,                                  "mode",          FIELD_SMALL,  AT(mode),    NULL, 0, 0 },
        { ALL,                                  "owner",         FIELD_SMALL,  AT(owner),   NULL, 0, 0 },
        { ALL,                                  "group",         FIELD_SMALL,  AT(group),   NULL, 0, 0 },
        { ALL,                                  "device",        FIELD_SMALL,  AT(rdev),    NULL, 0, 0 },
        { ALL,                                  "filesystem",    FIELD_CHARS,  AT(type),    NULL, 0, 0 },
        { ALL,                                  "count",         FIELD_NUMBER, AT(count),   NULL, 0, 0 },
        { ALL,                                  "first",         FIELD_NUMBER, AT(first),   NULL, 0, 0 },
        { ALL,                                  "last",          FIELD_NUMBER, AT(last),    NULL, 0, 0 },
        { ALL,                                  "process",       FIELD_CHARS,  AT(process), NULL, 0, 0 },
        { ALL,                                  "pid",           FIELD_SMALL,  AT(pid),     NULL, 0, 0 },
        { ALL,                                  "uid",           FIELD_SMALL,  AT(uid),     NULL, 0, 0 },
        { ALL,                                  "seen",          FIELD_WORDS,  AT(seen),    seen_terms, 0, 0 },
        { 0, NULL, FIELD_TEXT, 0, NULL, 0, 0 },
};
/* clang-format on */

const char *capability_bit_name(unsigned bit)
{
        return capability_name(bit);
}

int signal_number(const char *name)
{
        for (int i = 1; i < NSIG; i++) {
                const char *known = sigabbrev_np(i);

                if (known && strncmp(name, "SIG", 3) == 0 && strcmp(name + 3, known) == 0)
                        return i;
        }
        return -1;
}

uint64_t field_get(const struct field *f, const struct act *a)
{
        const void *member = (const char *)a + f->offset;
        uint64_t number;

        switch (f->how) {
        case FIELD_SMALL:
                return *(const uint32_t *)member;
        case FIELD_WORDS:
                return *(const unsigned *)member;
        case FIELD_ERRNO:
                return (uint64_t) * (const int *)member;
        case FIELD_NUMBER:
        case FIELD_TERM:
        case FIELD_BITS:
        case FIELD_SIGNAL:
        case FIELD_CAPS:
                number = *(const uint64_t *)member >> f->shift;
                return f->width ? number & ((UINT64_C(1) << f->width) - 1) : number;
        case FIELD_TEXT:
        case FIELD_CHARS:
                break;
        }
        return 0;
}

bool field_set(const struct field *f, struct act *a, uint64_t number)
{
        void *member = (char *)a + f->offset;

        switch (f->how) {
        case FIELD_SMALL:
                *(uint32_t *)member = (uint32_t)number;
                return number <= UINT32_MAX;
        case FIELD_WORDS:
                *(unsigned *)member = (unsigned)number;
                return number <= UINT32_MAX;
        case FIELD_ERRNO:
                *(int *)member = (int)number;
                return number <= 4095;
        case FIELD_NUMBER:
        case FIELD_TERM:
        case FIELD_BITS:
        case FIELD_SIGNAL:
        case FIELD_CAPS:
                *(uint64_t *)member |= number << f->shift;
                return !f->width || number >> f->width == 0;
        case FIELD_TEXT:
        case FIELD_CHARS:
                break;
        }
        return false;
}
