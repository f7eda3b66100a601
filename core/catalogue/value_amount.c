/* value_amount.c - amounts: bytes, counts, percentages, weights, times and pairs of limits. */
#include "core/catalogue/value_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

enum form {
        FORM_BYTES,
        FORM_COUNT,
        FORM_PERCENT, /* and nothing else */
        FORM_TIME,
        FORM_RANGE, /* an integer, perhaps negative */
};

/* Bits of .takes */
enum {
        TAKES_PERCENT = 1 << 0,
        TAKES_INFINITY = 1 << 1,
        TAKES_OFF = 1 << 2,
        TAKES_IDLE = 1 << 3,
        TAKES_PAIR = 1 << 4, /* soft:hard */
        NANOSECONDS = 1 << 5,
};

/* clang-format off */
static const struct amount_rule {
        enum directive_id id;
        enum form form;
        unsigned takes;
        long double least, most;
} rules[] = {
        { D_StateDirectoryQuota,    FORM_BYTES,   TAKES_PERCENT | TAKES_OFF,      1,     0     },
        { D_TasksMax,               FORM_COUNT,   TAKES_PERCENT | TAKES_INFINITY, 1,     0     },
        { D_MemoryMax,              FORM_BYTES,   TAKES_PERCENT | TAKES_INFINITY, 1,     0     },
        { D_MemoryHigh,             FORM_BYTES,   TAKES_PERCENT | TAKES_INFINITY, 1,     0     },
        { D_MemorySwapMax,          FORM_BYTES,   TAKES_PERCENT | TAKES_INFINITY, 0,     0     },
        { D_CPUQuota,               FORM_PERCENT, 0,                              0.01L, 0     },
        { D_IOWeight,               FORM_RANGE,   0,                              1,     10000 },
        { D_CPUWeight,              FORM_RANGE,   TAKES_IDLE,                     1,     10000 },
        { D_OOMScoreAdjust,         FORM_RANGE,   0,                              -1000, 1000  },
        { D_Nice,                   FORM_RANGE,   0,                              -20,   19    },
        { D_LimitCORE,              FORM_BYTES,   TAKES_PAIR | TAKES_INFINITY,    0,     0     },
        { D_LimitNOFILE,            FORM_COUNT,   TAKES_PAIR | TAKES_INFINITY,    0,     0     },
        { D_LimitNPROC,             FORM_COUNT,   TAKES_PAIR | TAKES_INFINITY,    0,     0     },
        { D_LimitMEMLOCK,           FORM_BYTES,   TAKES_PAIR | TAKES_INFINITY,    0,     0     },
        { D_LimitFSIZE,             FORM_BYTES,   TAKES_PAIR | TAKES_INFINITY,    0,     0     },
        { D_LimitAS,                FORM_BYTES,   TAKES_PAIR | TAKES_INFINITY,    0,     0     },
        { D_LimitRTPRIO,            FORM_COUNT,   TAKES_PAIR | TAKES_INFINITY,    0,     0     },
        { D_WatchdogSec,            FORM_TIME,    TAKES_INFINITY,                 0,     0     },
        { D_FileDescriptorStoreMax, FORM_COUNT,   0,                              0,     0     },
        { D_TimerSlackNSec,         FORM_TIME,    TAKES_INFINITY | NANOSECONDS,   0,     0     },
};

/* In nanoseconds, the longer spelling first where one begins with another. */
static const struct unit {
        const char *name;
        long double size;
} times[] = {
        { "seconds", 1e9L }, { "second", 1e9L }, { "sec", 1e9L }, { "s", 1e9L },
        { "minutes", 6e10L }, { "minute", 6e10L }, { "min", 6e10L },
        { "months", 2629800e9L }, { "month", 2629800e9L }, { "M", 2629800e9L },
        { "msec", 1e6L }, { "ms", 1e6L }, { "m", 6e10L },
        { "hours", 36e11L }, { "hour", 36e11L }, { "hr", 36e11L }, { "h", 36e11L },
        { "days", 864e11L }, { "day", 864e11L }, { "d", 864e11L },
        { "weeks", 6048e11L }, { "week", 6048e11L }, { "w", 6048e11L },
        { "years", 31557600e9L }, { "year", 31557600e9L }, { "y", 31557600e9L },
        { "usec", 1e3L }, { "us", 1e3L }, { "\xc2\xb5s", 1e3L }, { "\xce\xbcs", 1e3L },
        { "nsec", 1 }, { "ns", 1 },
}, sizes[] = {
        { "E", 0x1p60L }, { "P", 0x1p50L }, { "T", 0x1p40L }, { "G", 0x1p30L }, { "M", 0x1p20L },
        { "K", 0x1p10L }, { "B", 1 }, { "", 1 },
};
/* clang-format on */

struct amount {
        enum { AMOUNT_PLAIN, AMOUNT_PERCENT, AMOUNT_INFINITE } sort;
        long double number;
};

static const struct amount_rule *rule_of(const struct directive *d)
{
        for (size_t i = 0; i < COUNT(rules); i++)
                if (rules[i].id == d->id)
                        return &rules[i];
        return NULL;
}

static size_t blanks(const char *p)
{
        return strspn(p, BLANKS);
}

/* Digits, perhaps with a fraction.  Returns how many characters; 0: no number. */
static size_t take_number(const char *p, bool fraction, long double *ret)
{
        size_t n = strspn(p, DIGITS), more = 0;
        char copy[64];

        if (n == 0 || n > 20)
                return 0;
        if (fraction && p[n] == '.')
                more = 1 + strspn(p + n + 1, DIGITS);
        if (n + more >= sizeof(copy))
                return 0;
        memcpy(copy, p, n + more);
        copy[n + more] = '\0';
        *ret = strtold(copy, NULL);
        return n + more;
}

static bool take_sizes(const char *p, long double *ret)
{
        size_t unit = 0;
        long double sum = 0;

        do {
                long double number = 0;
                size_t n = take_number(p, true, &number);

                if (n == 0)
                        return false;
                p += n + blanks(p + n);
                /* units come in falling order, each once */
                while (unit < COUNT(sizes) &&
                       strncmp(p, sizes[unit].name, strlen(sizes[unit].name)) != 0)
                        unit++;
                if (unit >= COUNT(sizes))
                        return false;
                sum += number * sizes[unit].size;
                p += strlen(sizes[unit].name);
                p += blanks(p);
                unit++;
        } while (*p);
        *ret = sum;
        return sum < 0x1p64L;
}

static bool take_times(const char *p, long double standard, long double *ret)
{
        long double sum = 0;

        do {
                long double number = 0, size = standard;
                size_t n = take_number(p, true, &number);

                if (n == 0)
                        return false;
                p += n + blanks(p + n);
                for (size_t i = 0; i < COUNT(times); i++)
                        if (text_starts(p, times[i].name)) {
                                size = times[i].size;
                                p += strlen(times[i].name);
                                break;
                        }
                sum += number * size;
                p += blanks(p);
        } while (*p);
        *ret = sum;
        return sum < 0x1p64L * 1000;
}

static bool take_percent(const char *p, long double *ret)
{
        size_t n = take_number(p, true, ret);

        return n > 0 && strcmp(p + n, "%") == 0;
}

static bool take_whole(const char *p, bool negative, long double *ret)
{
        char *end = NULL;

        if (negative && *p == '-') {
                if (!take_whole(p + 1, false, ret))
                        return false;
                *ret = -*ret;
                return true;
        }
        if (!*p || !strchr(DIGITS, *p) || strlen(p) > 22)
                return false;
        *ret = (long double)strtoull(p, &end, 0);
        return !*end;
}

static bool parse_one(const struct amount_rule *rule, const char *text, struct amount *ret)
{
        struct amount a = { .sort = AMOUNT_PLAIN };
        bool good = false;

        if ((rule->takes & TAKES_INFINITY && strcmp(text, "infinity") == 0) ||
            (rule->takes & TAKES_OFF && strcmp(text, "off") == 0)) {
                ret->sort = AMOUNT_INFINITE;
                return true;
        }
        if (rule->takes & TAKES_IDLE && strcmp(text, "idle") == 0) {
                *ret = a;
                return true;
        }
        if (rule->form == FORM_PERCENT || rule->takes & TAKES_PERCENT)
                good = take_percent(text, &a.number);
        if (good)
                a.sort = AMOUNT_PERCENT;
        else if (rule->form == FORM_BYTES)
                good = take_sizes(text, &a.number);
        else if (rule->form == FORM_TIME)
                good = take_times(text, rule->takes & NANOSECONDS ? 1 : 1e9L, &a.number);
        else if (rule->form != FORM_PERCENT)
                good = take_whole(text, rule->form == FORM_RANGE, &a.number);
        if (!good || a.number < rule->least || (rule->most != 0 && a.number > rule->most))
                return false;
        if (a.sort == AMOUNT_PERCENT && rule->form != FORM_PERCENT && a.number > 100)
                return false;
        *ret = a;
        return true;
}

static bool no_more(const struct amount *a, const struct amount *b)
{
        if (b->sort == AMOUNT_INFINITE)
                return true;
        return a->sort != AMOUNT_INFINITE && a->number <= b->number;
}

/* One amount for both limits, or two. */
static bool parse(const struct directive *d, const char *text, struct amount ret[2])
{
        const struct amount_rule *rule = rule_of(d);
        const char *colon = rule && rule->takes & TAKES_PAIR ? strchr(text, ':') : NULL;
        char soft[64];

        if (!rule)
                return false;
        if (!colon) {
                if (!parse_one(rule, text, &ret[0]))
                        return false;
                ret[1] = ret[0];
                return true;
        }
        if (colon - text >= (long)sizeof(soft))
                return false;
        snprintf(soft, sizeof(soft), "%.*s", (int)(colon - text), text);
        return parse_one(rule, soft, &ret[0]) && parse_one(rule, colon + 1, &ret[1]) &&
               no_more(&ret[0], &ret[1]);
}

bool amount_valid(const struct directive *d, const struct dialect *dialect, const char *text)
{
        struct amount both[2] = { 0 };

        if (strcmp(text, "idle") == 0 && !version_at_least(dialect->version, 252, 0))
                return false;
        return parse(d, text, both);
}

int amount_within(const struct directive *d, const char *a, const char *b)
{
        /* How the catalogue says that there is no limit. */
        static const char *const endless[] = { "none", "inf", "infinity", "off" };
        struct amount left[2] = { 0 }, right[2] = { 0 };
        bool a_endless = false, b_endless = false;

        for (size_t i = 0; i < COUNT(endless); i++) {
                a_endless = a_endless || strcmp(a, endless[i]) == 0;
                b_endless = b_endless || strcmp(b, endless[i]) == 0;
        }
        if ((!a_endless && !parse(d, a, left)) || (!b_endless && !parse(d, b, right)))
                return -1;
        if (a_endless)
                left[0].sort = left[1].sort = AMOUNT_INFINITE;
        if (b_endless)
                right[0].sort = right[1].sort = AMOUNT_INFINITE;
        for (int i = 0; i < 2; i++)
                if (left[i].sort != right[i].sort && left[i].sort != AMOUNT_INFINITE &&
                    right[i].sort != AMOUNT_INFINITE)
                        return -1;
        return no_more(&left[0], &right[0]) && no_more(&left[1], &right[1]);
}
