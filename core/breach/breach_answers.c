/* breach_answers.c - what the intruder said, by move. */
#include "core/breach/breach.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

size_t breach_size(void)
{
        const struct move *m;
        size_t n = 0;

        for (size_t i = 0; (m = move_at(i)); i++)
                n += m->topic != TOPIC_LAB;
        return n;
}

/* The lab's rows come last in the table. */
const struct move *breach_at(size_t i)
{
        const struct move *m = move_at(i);

        return m && m->topic != TOPIC_LAB ? m : NULL;
}

int breach_answers_new(struct breach_answers *ret)
{
        ret->said = calloc(breach_size() + 1, sizeof(*ret->said));
        return ret->said ? 0 : -ENOMEM;
}

void breach_answers_done(struct breach_answers *a)
{
        for (size_t i = 0; a->said && i < breach_size(); i++)
                free(a->said[i]);
        free(a->said);
        a->said = NULL;
}

static int take_line(struct breach_answers *a, const char *line, size_t n)
{
        const char *blank = memchr(line, ' ', n);
        const struct move *m;
        scoped(mem_freep) char *said = NULL;

        if (!blank || blank == line)
                return 0;
        for (size_t i = 0; (m = breach_at(i)); i++) {
                size_t length = (size_t)(blank - line);

                if (strlen(m->name) != length || memcmp(m->name, line, length) != 0 || a->said[i])
                        continue;
                said = strndup(blank + 1, n - length - 1);
                a->said[i] = said ? text_printable_dup(said) : NULL;
                return a->said[i] ? 0 : -ENOMEM;
        }
        return 0;
}

int breach_answers_read(struct breach_answers *a, const char *out)
{
        int r = 0;

        while (r == 0 && out && *out) {
                size_t n = strcspn(out, "\n");

                /* A line that was cut off is none. */
                if (out[n] == '\n')
                        r = take_line(a, out, n);
                out += n + (out[n] == '\n');
        }
        return r;
}
