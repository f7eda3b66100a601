#!/bin/sh
# check-help.sh - every directive has a help page, no page is an orphan, every page has its parts.
set -eu
cd "$(dirname "$0")/.."
bad=0
names=$(sed -nE 's/^DIRECTIVE\(([A-Za-z]+),.*/\1/p' core/catalogue/directives.inc)
for name in $names; do
        [ -f "help/directives/$name.txt" ] || { echo "help/directives/$name.txt is missing"; bad=1; }
done
for page in help/directives/*.txt; do
        name=$(basename "$page" .txt)
        echo "$names" | grep -qx "$name" || { echo "$page: no such directive in the catalogue"; bad=1; }
        for part in "What it does" Values "What breaks" "Does a service need it" Example Since "See also"; do
                grep -qx "$part" "$page" || { echo "$page: no section \"$part\""; bad=1; }
        done
done
for page in help/*/*.txt; do
        [ "$(head -1 "$page")" = "$(basename "$page" .txt)" ] || { echo "$page:1: not the page's name"; bad=1; }
        if grep -nE '.{77,}' "$page"; then echo "$page: longer than 76 columns"; bad=1; fi
        if grep -niE 'TODO|placeholder|lorem|to be written' "$page"; then echo "$page: unfinished"; bad=1; fi
done
[ $bad -eq 0 ] && echo "help: $(ls help/*/*.txt | wc -l) pages, every directive has one"
exit $bad
