/* explain.h - the parts of gird explain. */
#pragma once

#include "core/profile/json.h"
#include "tui/context.h"
#include "tui/help.h"

#include <stdio.h>

/* Text on stdout: as it is, or wrapped where the terminal is too narrow for it. */
void explain_text(const char *text);
void explain_wrapped(const char *text); /* whatever its lines' width */
/* "  name  sentence", the sentence over as many lines as it takes, all at `column`. */
void explain_row(const char *name, const char *sentence, int column);
int explain_width(void); /* columns there are */

/* What there is to read; 0 or -ENOMEM. */
int explain_overview(void);
int explain_folder(const struct help_folder *f);

/* Whose systemd it is that a page is followed up for. */
struct explain_here {
        struct context context;
        struct dialect dialect; /* of the machine, or of the newest systemd known */
};
void explain_here_open(struct explain_here *h, const struct arguments *a);
void explain_here_close(struct explain_here *h);

/* What help_more() has, as members of a JSON object. */
void explain_more_json(const struct help_page *page, const struct explain_here *h, struct json *o);
