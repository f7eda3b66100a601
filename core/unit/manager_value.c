/* manager_value.c - properties into values, by the kind of the directive and the form that
 * the message really has: a newer systemd that changed a property's type is read as far as
 * it can be, and never misread. */
#include "core/unit/manager_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

int value_word(struct value *v, const char *word)
{
        *v = (struct value){ .set = word && *word };
        return v->set ? strv_add(&v->words, word) : 0;
}

static int value_wordf(struct value *v, const char *fmt, uint64_t number)
        __attribute__((format(printf, 2, 0)));
static int value_wordf(struct value *v, const char *fmt, uint64_t number)
{
        char word[64];

        snprintf(word, sizeof(word), fmt, number);
        return value_word(v, word);
}

/* The spelling that gird writes: "self" is "yes" for PrivateUsers=. */
static const char *canonical(const struct directive *d, const char *word)
{
        for (const struct choice *c = d->choices; c && c->value; c++) {
                const char *also = c->also ? strstr(c->also, word) : NULL;
                size_t n = strlen(word);

                if (also && (also == c->also || also[-1] == ' ') && (!also[n] || also[n] == ' '))
                        return c->value;
        }
        return word;
}

static int take_text(const struct directive *d, const char *text, struct value *v)
{
        switch (d->kind) {
        case KIND_BOOL:
                *v = (struct value){ .set = *text != '\0',
                                     .bits = *text && word_boolean(text) != 0 };
                return 0;
        case KIND_CHOICE:
                return value_word(v, *text ? canonical(d, text) : text);
        case KIND_NAMES:
                v->set = *text != '\0';
                return strv_split(text, ", ", &v->words);
        default:
                return value_word(v, text);
        }
}

static int read_string(sd_bus_message *m, const struct directive *d, struct value *v)
{
        const char *text = NULL;
        int r = sd_bus_message_read(m, "s", &text);

        return r < 0 ? r : take_text(d, text, v);
}

static int read_bool(sd_bus_message *m, const struct directive *d, struct value *v)
{
        int yes = 0;
        int r = sd_bus_message_read(m, "b", &yes);

        if (r < 0)
                return r;
        if (d->kind == KIND_BOOL) {
                *v = (struct value){ .set = true, .bits = yes ? 1 : 0 };
                return 0;
        }
        return value_word(v, yes ? "yes" : "no");
}

static int read_words(sd_bus_message *m, const struct directive *d, struct value *v)
{
        scoped(strv_freep) char **words = NULL;
        scoped(mem_freep) char *joined = NULL;
        int r = sd_bus_message_read_strv(m, &words);

        if (r < 0)
                return r;
        if (d->kind == KIND_TEXT) { /* ExecSearchPath */
                joined = strv_join(words, ":");
                return joined ? value_word(v, joined) : -ENOMEM;
        }
        if (d->kind == KIND_NAMES)
                strv_sort(words);
        v->set = words && *words;
        if (v->set)
                v->words = take(words);
        return 0;
}

static int read_polar(sd_bus_message *m, const struct directive *d, struct value *v)
{
        int allow = 0;
        int r = sd_bus_message_enter_container(m, 'r', "bas");

        (void)d;
        if (r >= 0)
                r = sd_bus_message_read(m, "b", &allow);
        if (r >= 0)
                r = sd_bus_message_read_strv(m, &v->words);
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        if (r < 0)
                return r;
        strv_sort(v->words);
        /* A deny-list of nothing is no restriction; an allow-list of nothing is the strictest. */
        v->allow = allow != 0;
        v->set = allow || (v->words && *v->words);
        return 0;
}

/* Security contexts: whether failing is ignored, and the label. */
static int read_label(sd_bus_message *m, const struct directive *d, struct value *v)
{
        scoped(mem_freep) char *word = NULL;
        const char *label = NULL;
        int ignore = 0;
        int r = sd_bus_message_read(m, "(bs)", &ignore, &label);

        (void)d;
        if (r < 0 || !*label)
                return r < 0 ? r : 0;
        word = text_format("%s%s", ignore ? "-" : "", label);
        return word ? value_word(v, word) : -ENOMEM;
}

static int take_time(uint64_t usec, struct value *v)
{
        if (usec == 0)
                return value_word(v, "0");
        if (usec % 1000000 == 0)
                return value_wordf(v, "%" PRIu64 "s", usec / 1000000);
        if (usec % 1000 == 0)
                return value_wordf(v, "%" PRIu64 "ms", usec / 1000);
        return value_wordf(v, "%" PRIu64 "us", usec);
}

static int take_amount(const struct directive *d, uint64_t number, struct value *v)
{
        if (number == UINT64_MAX)
                return value_word(v, "infinity");
        if (d->id == D_WatchdogSec)
                return take_time(number, v);
        if (d->id == D_CPUQuota) /* microseconds of a second; hundredths of a percent are lost */
                return value_wordf(v, "%" PRIu64 "%%", (number + 5000) / 10000);
        return value_wordf(v, "%" PRIu64, number);
}

static int take_mount_flags(uint64_t flags, struct value *v)
{
        return value_word(v, flags & MS_SHARED    ? "shared"
                             : flags & MS_SLAVE   ? "slave"
                             : flags & MS_PRIVATE ? "private"
                                                  : "");
}

static int take_bit_names(uint64_t bits, const char *const *names, size_t count, struct value *v)
{
        for (size_t i = 0; i < count; i++)
                if (names[i] && (bits & UINT64_C(1) << i)) {
                        int r = strv_add(&v->words, names[i]);

                        if (r < 0)
                                return r;
                }
        strv_sort(v->words);
        v->set = v->words != NULL;
        return 0;
}

static int take_dump_filter(uint64_t bits, struct value *v)
{
        static const char *const names[] = { "private-anonymous",   "shared-anonymous",
                                             "private-file-backed", "shared-file-backed",
                                             "elf-headers",         "private-huge",
                                             "shared-huge",         "private-dax",
                                             "shared-dax" };

        return take_bit_names(bits, names, COUNT(names), v);
}

static int take_secure_bits(uint64_t bits, struct value *v)
{
        static const char *const names[] = { "noroot",          "noroot-locked",
                                             "no-setuid-fixup", "no-setuid-fixup-locked",
                                             "keep-caps",       "keep-caps-locked" };

        return take_bit_names(bits, names, COUNT(names), v);
}

static int read_wide(sd_bus_message *m, const struct directive *d, struct value *v)
{
        uint64_t number = 0;
        int r = sd_bus_message_read(m, "t", &number);

        if (r < 0)
                return r;
        switch (d->kind) {
        case KIND_CAPS:
        case KIND_NAMESPACES:
                *v = (struct value){ .set = true, .bits = number };
                return 0;
        case KIND_CHOICE:
                return take_mount_flags(number, v);
        case KIND_NAMES:
                return take_dump_filter(number, v);
        default:
                return take_amount(d, number, v);
        }
}

static int read_unsigned(sd_bus_message *m, const struct directive *d, struct value *v)
{
        uint32_t number = 0;
        int r = sd_bus_message_read(m, "u", &number);

        if (r < 0)
                return r;
        if (d->kind != KIND_UMASK)
                return value_wordf(v, "%" PRIu64, number);
        *v = (struct value){ .set = true, .bits = number };
        return 0;
}

/* What a number of the kernel or of syslog is called in a unit file. */
static const char *number_name(const struct directive *d, int number)
{
        static const char *const levels[] = { "emerg",   "alert",  "crit", "err",
                                              "warning", "notice", "info", "debug" };
        static const char *const policies[] = {
                [SCHED_OTHER] = "other", [SCHED_FIFO] = "fifo", [SCHED_RR] = "rr",
                [SCHED_BATCH] = "batch", [SCHED_IDLE] = "idle", [7] = "ext"
        };
        const char *name = NULL;

        switch (d->id) {
        case D_LogLevelMax:
                return number < 0 ? "" : (size_t)number < COUNT(levels) ? levels[number] : NULL;
        case D_CPUSchedulingPolicy:
                return number >= 0 && (size_t)number < COUNT(policies) ? policies[number] : NULL;
        case D_SystemCallErrorNumber:
                /* "kill" is what holds when nothing is said */
                name = number > 0 && number < 4096 ? errno_name(number) : "";
                return name;
        default:
                return NULL;
        }
}

static int read_signed(sd_bus_message *m, const struct directive *d, struct value *v)
{
        const char *name;
        char digits[16];
        int32_t number = 0;
        int r = sd_bus_message_read(m, "i", &number);

        if (r < 0)
                return r;
        if (d->id == D_SecureBits)
                return take_secure_bits((uint32_t)number, v);
        name = number_name(d, number);
        if (name)
                return value_word(v, name);
        snprintf(digits, sizeof(digits), "%d", (int)number);
        return value_word(v, digits);
}

/* A set of processors, as the shortest list of ranges. */
static int read_cpus(sd_bus_message *m, const struct directive *d, struct value *v)
{
        const uint8_t *bytes = NULL;
        size_t length = 0;
        int r = sd_bus_message_read_array(m, 'y', (const void **)&bytes, &length);

        (void)d;
        for (size_t i = 0; r >= 0 && i < length * 8; i++) {
                size_t first = i;

                while (i < length * 8 && (bytes[i / 8] & 1U << i % 8))
                        i++;
                if (i == first)
                        continue;
                r = i == first + 1 ? strv_addf(&v->words, "%zu", first)
                                   : strv_addf(&v->words, "%zu-%zu", first, i - 1);
        }
        strv_sort(v->words);
        v->set = v->words != NULL;
        return r < 0 ? r : 0;
}

int property_value(sd_bus_message *m, const char *signature, const struct directive *d,
                   struct value *ret)
{
        static const struct {
                const char *signature;
                int (*read)(sd_bus_message *m, const struct directive *d, struct value *v);
        } readers[] = {
                { "b", read_bool },      { "s", read_string },   { "as", read_words },
                { "t", read_wide },      { "u", read_unsigned }, { "i", read_signed },
                { "(bas)", read_polar }, { "(bs)", read_label }, { "ay", read_cpus },
        };
        struct value v = { 0 };
        int r = 0;

        for (size_t i = 0; i < COUNT(readers); i++)
                if (strcmp(readers[i].signature, signature) == 0) {
                        r = readers[i].read(m, d, &v);
                        if (r >= 0)
                                r = 1;
                        break;
                }
        if (r == 0)
                r = property_tuples(m, signature, d, &v);
        if (r <= 0) {
                value_done(&v);
                return r;
        }
        *ret = v;
        return 1;
}
