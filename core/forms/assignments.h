/* assignments.h - a profile as the lines of its drop-in, for the forms that carry such lines: what
 * stands in them is what `gird save` would write for that systemd. */
#pragma once

#include "core/base/text.h"
#include "core/forms/form.h"

struct assignment {
        const struct directive *directive;
        char **lines;  /* what stands behind '='; the first is "" where the list is reset */
        char *comment; /* reason and evidence: one printable line; or NULL */
};

struct assignments {
        char *text; /* the whole drop-in */
        struct assignment *list;
        size_t count;
};

/* What the target's systemd does not know goes to o->left_out. */
int assignments_make(const struct form_input *in, struct assignments *ret, struct form_output *o,
                     struct err *e);
void assignments_done(struct assignments *a);
const struct assignment *assignments_find(const struct assignments *a, enum directive_id id);

/* Whether the first line only empties the list. */
bool assignment_resets(const struct assignment *a);

/* The lines that say who wrote it, for which systemd and what its trial said, then what was left
 * out; each begins with prefix ("# "). */
int form_header(struct text *t, const char *prefix, const struct form_input *in,
                const struct form_output *o);

/* Ends a writer: the text becomes a file.  words name the form in e. */
int form_finish(struct form_output *o, const char *path, struct text *t, int r, const char *words,
                struct err *e);

/* The unit's name without ".service": of what is a file's or a role's name only letters that suit
 * everywhere are left ("postgresql_15_main" for '_').  Caller frees; NULL: no memory. */
char *form_stem(const char *unit, char filler);
