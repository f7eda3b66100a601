#!/bin/sh
# embed.sh - turns help pages into a C table: help/FOLDER/NAME.txt -> { "FOLDER", "NAME", text }.
set -eu
printf '/* Made by tools/embed.sh from help/. */\n#include "tui/help.h"\n\nconst struct help_page help_pages[] = {\n'
for page in "$@"; do
        name=${page##*/}
        folder=${page%/*}
        printf '{ "%s", "%s",\n' "${folder##*/}" "${name%.txt}"
        sed -e 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/\\n"/' "$page"
        printf '},\n'
done
printf '{ NULL, NULL, NULL } };\n'
