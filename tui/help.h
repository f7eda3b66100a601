/* help.h - the help pages, compiled in from help/: one a directive, one a topic. */
#pragma once

#include <stddef.h>

struct help_page {
        const char *folder; /* "directives", "topics" */
        const char *name;   /* "ProtectHome", "twin" */
        const char *text;   /* line 1 the name, line 2 one sentence, then sections */
};

extern const struct help_page help_pages[]; /* ends with a NULL folder */

/* By name, in any case; NULL if there is none. */
const struct help_page *help_find(const char *name);

/* The one sentence of a page; caller frees. */
char *help_sentence(const struct help_page *page);

/* The body of a section ("What breaks") without its heading; NULL: no such section. */
char *help_section(const struct help_page *page, const char *heading);
