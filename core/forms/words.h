/* words.h - a command line of a unit file, taken apart as systemd does. */
#pragma once

/* Quotes and C escapes are resolved, "$VAR" stays.  0; -EINVAL: a quote is not closed, or an escape
 * means nothing; -ENOMEM. */
int words_split(const char *line, char ***ret);
