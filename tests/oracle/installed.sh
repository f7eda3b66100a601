#!/bin/sh
# installed.sh - every service unit on this machine: gird's score from files against the
# installed systemd-analyze, each assessment (badness, weight, range, exposure).
#
#       installed.sh [GIRD]             GIRD: the binary, build/gird by default
set -eu

gird=${1:-build/gird}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

command -v systemd-analyze >/dev/null || { echo "skipped installed: no systemd-analyze here"; exit 0; }
command -v python3 >/dev/null || { echo "skipped installed: needs python3"; exit 0; }

# Paths as systemd-analyze wants them: the file that stands for the name, first folder first.
for dir in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system \
           /usr/lib/systemd/system /lib/systemd/system; do
        [ -d "$dir" ] && find "$dir" -maxdepth 1 -name '*.service' | sort
done | awk -F/ '!seen[$NF]++' > "$work/units"

while read -r unit; do
        name=$(basename "$unit")
        # What it says and its status: a unit that it refuses must be refused by gird as well.
        SYSTEMD_ANALYZE_DEBUG=1 systemd-analyze security --offline=yes --json=short --no-pager \
                "$unit" > "$work/$name.theirs" 2> "$work/$name.words" || :
        SYSTEMD_COLORS=0 LC_ALL=C.UTF-8 systemd-analyze security --offline=yes --no-pager "$unit" \
                2>/dev/null | grep 'Overall exposure' > "$work/$name.overall" || :
        "$gird" show --offline --json "$unit" > "$work/$name.ours" 2>> "$work/$name.words" || :
        echo "$name"
done < "$work/units" > "$work/names"

python3 "$(dirname "$0")/installed.py" "$work"
