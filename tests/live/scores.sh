#!/bin/bash
# scores.sh - in a twin of this machine: gird's live scores against systemd-analyze, every assessment.
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || { skipped live-scores "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped live-scores "needs systemd-nspawn"; finish; }
# A twin has a /tmp of its own, and this checkout may lie there: what runs inside is copied aside.
inside=$(mktemp -d /var/gird-test.XXXXXX)
cleanup() { rm -rf "$work" "$inside"; }
mkdir -p "$inside/build" "$inside/tests/oracle"
cp build/gird "$inside/build/"
cp tests/oracle/installed.py "$inside/tests/oracle/"
cp tests/live/inside/scores.sh "$inside/"
build/live/twin_driver up run "sh $inside/scores.sh $inside" > "$work/out" 2>&1
grep -hoE '(ok|not ok|figure) live.*' "$work/out" || { not_ok live-scores "nothing came back"; cat "$work/out"; }
grep -q 'not ok' "$work/out" && bad=1
finish
