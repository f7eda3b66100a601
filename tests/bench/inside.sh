#!/bin/bash
# inside.sh - run inside a twin: what one unit costs gird list and systemd-analyze security, medians of 7 runs each, in turn.
cd "$1"
now() { date +%s%N; }
median() { sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
for i in 1 2 3 4 5 6 7; do
        a=$(now); systemd-analyze security --no-pager > /tmp/theirs 2>/dev/null; b=$(now); build/gird list -q > /tmp/ours 2>/dev/null; c=$(now)
        echo $((b - a)) >> /tmp/t; echo $((c - b)) >> /tmp/o
done
t=$(median < /tmp/t) o=$(median < /tmp/o)
nt=$(grep -c '\.service' /tmp/theirs) no=$(grep -cE '\.service +[0-9 ]+\.[0-9]' /tmp/ours)
awk -v t="$t" -v o="$o" -v nt="$nt" -v no="$no" 'BEGIN {
        printf "figure systemd-analyze security: %.1f ms for %d units, %.2f ms a unit\n", t / 1e6, nt, t / 1e6 / nt
        printf "figure gird list: %.1f ms for %d units, %.2f ms a unit\n", o / 1e6, no, o / 1e6 / no
        printf "figure ratio a unit: %.1f times faster\n", (t / nt) / (o / no) }'
