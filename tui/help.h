/* help.h - the help pages, compiled in from help/: one a directive, topic, lesson, capability …
 * A page is plain text: line 1 its name, line 2 one sentence, then sections: a heading without a
 * blank before it, and lines that begin with two blanks.  Other pages are named where they are
 * meant: "ProtectHome=", "CAP_CHOWN", "@mount", or in "See also". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct dialect;
struct score;

struct help_page {
        const char *folder; /* "directives", "topics", "lessons", "capabilities", "calls",
                             * "families", "namespaces", "statuses", "assessments" */
        const char *name;   /* "ProtectHome", "twin", "CAP_CHOWN", "@mount", "AF_UNIX", "226" */
        const char *text;
};

extern const struct help_page help_pages[]; /* ends with a NULL folder */

/* By name, in any case; what stands behind a '=' is no matter.  Where folders share a name ("User",
 * "user"), the one spelt so, then the directive; "FOLDER/NAME" means just that one.  Takes
 * "226/NAMESPACE", "NAMESPACE", "AF_LOCAL" and "sys_admin" for what they mean.  NULL if there is
 * none. */
const struct help_page *help_find(const char *name);

/* The i-th page of that name, in any case; NULL past the last. */
const struct help_page *help_namesake(const char *name, size_t i);

/* The page whose name is most like it; NULL: none is. */
const struct help_page *help_nearest(const char *name);

/* What a folder is called: "capabilities", "system-call groups". NULL past the end.  The order of
 * the lists. */
struct help_folder {
        const char *name, *title;
};
const struct help_folder *help_folder_at(size_t i);
const struct help_folder *help_folder_find(const char *name); /* in any case; NULL if unknown */

/* The one sentence of a page; caller frees. */
char *help_sentence(const struct help_page *page);

/* The body of a section ("What breaks") without its heading; NULL: no such section. */
char *help_section(const struct help_page *page, const char *heading);

/* The pages that hold all the words, best first: in the name, the sentence, a heading, the text.
 * Caller frees the list, which ends with NULL; NULL: out of memory. */
const struct help_page **help_search(const char *words);

/* The line of the page that holds most of the words, without its indentation; NULL: none, or out of
 * memory. Caller frees. */
char *help_match(const struct help_page *page, const char *words);

/* The pages that a page names, each once, in the order of the text; as help_search(). */
const struct help_page **help_links(const struct help_page *page);

/* Where in a text a page is named. */
struct help_link {
        size_t at, length;
        const struct help_page *page;
};
/* The next one from text[from] on.  Named are "ProtectHome=", "CAP_CHOWN", "@mount", "AF_UNIX" and
 * "226/NAMESPACE"; where listed ("See also"), whatever stands between commas.  false: no more. */
bool help_link_next(const char *text, size_t from, bool listed, struct help_link *ret);

/* Where a text uses a word of the glossary; the next one from text[from] on.  false: no more. */
struct help_term {
        size_t at, length;
        const struct help_page *page; /* the glossary */
        const char *term;             /* its line there */
};
bool help_term_next(const char *text, size_t from, struct help_term *ret);

/* The next line of a page's text, joined with those after it that it was broken into only because
 * it was full, so that it wraps to any width.  *lines moves behind it.  Caller frees; NULL: out of
 * memory. */
char *help_paragraph(const char **lines);

/* What the tables know of a page's subject, as sections to put behind it: the calls of a group; the
 * assessments of a directive, and what of it this systemd does not know.  "" for none, NULL: out of
 * memory.  Caller frees. */
char *help_more(const struct help_page *page, const struct dialect *dialect);

/* The rows of the score for a service that sets nothing.  0; 1: that systemd scores none; < 0:
 * -ENOMEM. */
int help_score(const struct dialect *dialect, struct score *ret);
