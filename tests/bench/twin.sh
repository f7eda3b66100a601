#!/bin/bash
# twin.sh - figures of twins: start to bus, and listing all units inside one against systemd-analyze security there.
set -eu
make -s build/live/twin_driver
for i in 1 2 3 4 5; do build/live/twin_driver up; done | awk '/^up/ { print $2 }' | sort -n | awk '{ a[NR] = $1 }
        END { printf "figure twin start to bus: median %.0f ms (min %.0f, max %.0f, %d runs)\n", a[int((NR + 1) / 2)], a[1], a[NR], NR }'
inside=$(mktemp -d /var/gird-bench.XXXXXX) # a twin has a /tmp of its own, and this checkout may lie there
trap 'rm -rf "$inside"' EXIT
mkdir "$inside/build"
cp build/gird "$inside/build/"
cp tests/bench/inside.sh "$inside/"
build/live/twin_driver up run "bash $inside/inside.sh $inside" | grep -oE 'figure .*'
