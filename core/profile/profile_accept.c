/* profile_accept.c - refusals that are no matter, each with its reason, and what was there when a
 * profile was tried. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/profile_private.h"

#include <errno.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

/* One line without blanks around it, as it is kept and printed. */
static int make_line(const char *text, char **ret)
{
        scoped(mem_freep) char *safe = text_printable_dup(text + strspn(text, blanks));
        size_t length = safe ? strlen(safe) : 0;

        if (!safe)
                return -ENOMEM;
        while (length > 0 && strchr(blanks, safe[length - 1]))
                safe[--length] = '\0';
        /* What the text ended with may have become '?'; that is no blank and stays. */
        *ret = take(safe);
        return length ? 0 : -EINVAL;
}

bool profile_accepted_fits(const char *text)
{
        scoped(mem_freep) char *line = NULL;

        return make_line(text, &line) == 0 && strcmp(line, text) == 0;
}

static struct accepted *find(const struct profile *p, const char *what)
{
        for (size_t i = 0; i < p->accepted_count; i++)
                if (strcmp(p->accepted[i].what, what) == 0)
                        return &p->accepted[i];
        return NULL;
}

int profile_accept(struct profile *p, const char *what, const char *reason)
{
        scoped(mem_freep) char *key = NULL, *why = NULL;
        struct accepted *longer, *known;
        int r = make_line(what, &key);

        if (r == 0)
                r = make_line(reason, &why);
        if (r == 0 && strcmp(key, "*") == 0)
                r = -EINVAL; /* it would accept whatever comes */
        if (r < 0)
                return r;
        known = find(p, key);
        if (known) {
                free(known->reason);
                known->reason = take(why);
                return 0;
        }
        longer = realloc(p->accepted, (p->accepted_count + 1) * sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        p->accepted = longer;
        longer[p->accepted_count++] = (struct accepted){ .what = take(key), .reason = take(why) };
        return 0;
}

int profile_accept_all(struct profile *p, const struct profile *from)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < from->accepted_count; i++)
                r = profile_accept(p, from->accepted[i].what, from->accepted[i].reason);
        return r;
}

/* A key may hold '=' itself ("ioctl FOO=1"), a reason hardly ever does: the last one divides. */
int profile_accept_word(struct profile *p, const char *word, struct err *e)
{
        const char *equals = strrchr(word, '=');
        scoped(mem_freep) char *what = equals ? strndup(word, (size_t)(equals - word)) : NULL;
        int r;

        if (!equals)
                return err_say(e, -EINVAL,
                               "--accept=%s: there is no reason; it is written WHAT=WHY, such as "
                               "--accept='EROFS open /etc/x=it tries and goes on'",
                               word);
        if (!what)
                return err_set(e, -ENOMEM, "cannot accept %s", word);
        if (!equals[1 + strspn(equals + 1, blanks)])
                return err_say(e, -EINVAL, "--accept=%s: say behind '=' why that is no matter",
                               word);
        r = profile_accept(p, what, equals + 1);
        if (r == -EINVAL)
                return err_say(e, -EINVAL,
                               "--accept=%s: it has to be said what is accepted, as the trial "
                               "names it; a star may stand for the rest of a name",
                               word);
        return r < 0 ? err_set(e, r, "cannot accept %s", what) : 0;
}

static bool stands_for(const char *what, const char *key)
{
        size_t length = strlen(what);

        if (length > 0 && what[length - 1] == '*')
                return strncmp(what, key, length - 1) == 0;
        return strcmp(what, key) == 0;
}

/* Whoever is named in full goes before a star. */
const char *profile_accepts(const struct profile *p, const char *key)
{
        scoped(mem_freep) char *line = NULL;
        const struct accepted *exact;

        if (make_line(key, &line) < 0)
                return NULL;
        exact = find(p, line);
        if (exact)
                return exact->reason;
        for (size_t i = 0; i < p->accepted_count; i++)
                if (stands_for(p->accepted[i].what, line))
                        return p->accepted[i].reason;
        return NULL;
}

void profile_accepted_done(struct profile *p)
{
        for (size_t i = 0; i < p->accepted_count; i++) {
                free(p->accepted[i].what);
                free(p->accepted[i].reason);
        }
        free(p->accepted);
        p->accepted = NULL;
        p->accepted_count = 0;
}

/* ---- what was there ---- */

void surroundings_done(struct surroundings *s)
{
        free(s->binary);
        free(s->libc);
        free(s->kernel);
        *s = (struct surroundings){ 0 };
}

int surroundings_copy(const struct surroundings *s, struct surroundings *ret)
{
        struct surroundings copy = { .binary = s->binary ? strdup(s->binary) : NULL,
                                     .libc = s->libc ? strdup(s->libc) : NULL,
                                     .kernel = s->kernel ? strdup(s->kernel) : NULL };

        if ((s->binary && !copy.binary) || (s->libc && !copy.libc) || (s->kernel && !copy.kernel)) {
                surroundings_done(&copy);
                return -ENOMEM;
        }
        *ret = copy;
        return 0;
}
