/* help.h - the help pages, compiled in from help/: one a directive, topic, lesson, capability …
 * A page is plain text: line 1 its name, line 2 one sentence, then sections: a heading without a blank before
 * it, and lines that begin with two blanks.  Other pages are named where they are meant: "ProtectHome=",
 * "CAP_CHOWN", "@mount", or in "See also". */
#pragma once

#include <stddef.h>

struct help_page {
        const char *folder; /* "directives", "topics", "lessons", "capabilities", "calls", "families",
                             * "namespaces", "statuses", "assessments" */
        const char *name;   /* "ProtectHome", "twin", "CAP_CHOWN", "@mount", "AF_UNIX", "226" */
        const char *text;
};

extern const struct help_page help_pages[]; /* ends with a NULL folder */

/* By name, in any case; what stands behind a '=' is no matter.  NULL if there is none. */
const struct help_page *help_find(const char *name);

/* The one sentence of a page; caller frees. */
char *help_sentence(const struct help_page *page);

/* The body of a section ("What breaks") without its heading; NULL: no such section. */
char *help_section(const struct help_page *page, const char *heading);

/* The pages that hold all the words, best first: in the name, the sentence, a heading, the text.
 * Caller frees the list, which ends with NULL; NULL: out of memory. */
const struct help_page **help_search(const char *words);

/* The pages that a page names, each once, in the order of the text; as help_search(). */
const struct help_page **help_links(const struct help_page *page);
