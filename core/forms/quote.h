/* quote.h - strings in the writing of other languages: what the target's own parser reads is the
 * very string.  The strings have no control characters, as no line of a unit file does. */
#pragma once

#include "core/base/text.h"

void quote_nix(struct text *t, const char *chars); /* "a\"b\${c}" */
void quote_nix_name(struct text *t,
                    const char *chars);              /* an attribute's name: plain if it may be */
void quote_shell(struct text *t, const char *chars); /* 'a b', plain where nothing is special */
void quote_yaml(struct text *t, const char *chars);  /* "a\"b" */

/* Plain words inside a line or a table's cell: nothing in them is taken as markup. */
void quote_markdown(struct text *t, const char *chars);
/* The same as code: `a`, or <code>…</code> where a backquote or a bar would end it. */
void quote_markdown_code(struct text *t, const char *chars);
