#!/bin/sh
# check-help.sh - the form of the help pages: name, sentence, sections in order, width, words, experiments, and that every name they
# refer to has a page.  (That every capability, group, family, status … has one is for tests/unit/test_help.c, which knows the tables.)
set -eu
cd "$(dirname "$0")/.."
bad=0
directives=$(sed -nE 's/^DIRECTIVE\(([A-Za-z]+),.*/\1/p' core/catalogue/directives.inc)
moves=$(sed -nE 's/^MOVE\([A-Z]+, "([^"]+)".*/\1/p' core/breach/moves.inc | tr '\n' ' ')
for name in $directives; do
        [ -f "help/directives/$name.txt" ] || { echo "help/directives/$name.txt is missing"; bad=1; }
done
pages=$(ls help/*/*.txt)
# shellcheck disable=SC2086
awk -v directives="$directives" -v pages="$pages" -f tools/check-help.awk $pages || bad=1
# shellcheck disable=SC2086
awk -v moves="$moves" -f tests/live/claims_units.awk $pages 2>&1 || bad=1
[ $bad -ne 0 ] || echo "help: $(echo "$pages" | wc -l) pages, every directive has one"
exit $bad
