#!/bin/bash
# run.sh - runs tests and counts what they say.
#   tests/run.sh BINARY-OR-SCRIPT...
# A cmocka binary tells by its own summary; a script prints lines "ok NAME", "not ok NAME: why" and
# "skipped NAME: why".  With CI set, a skip that tests/skips.txt does not allow is a failure.
set -u
cd "$(dirname "$0")/.."
passed=0 failed=0 skipped=0
log=$(mktemp -d "${TMPDIR:-/tmp}/gird-tests.XXXXXX")
trap 'rm -rf "$log"' EXIT
failures=

count() { grep -cE "$1" "$log/out"; }

run_unit() {
        local n bad
        timeout -k 10 600 "$1" > "$log/out" 2>&1 < /dev/null
        local status=$?
        n=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log/out" | awk '{ s += $1 } END { print s + 0 }')
        bad=$(sed -nE 's/^\[  FAILED  \] (tests: )?([0-9]+) test.*/\2/p' "$log/out" | awk '{ s += $1 } END { print s + 0 }')
        if [ $status -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
        if [ $status -eq 0 ] && [ "$n" -eq 0 ]; then echo "no test ran in $1" >> "$log/out"; bad=1; fi
        passed=$((passed + n)) failed=$((failed + bad))
        printf '%-34s %4d passed %3d failed\n' "${1##*/}" "$n" "$bad"
        if [ "$bad" -ne 0 ]; then failures="$failures $1"; tail -60 "$log/out"; fi
}

run_script() {
        local n bad skips begun=$SECONDS
        timeout -k 10 1500 bash "$1" > "$log/out" 2> "$log/err" < /dev/null
        local status=$?
        n=$(count '^ok ') bad=$(count '^not ok ') skips=$(count '^skipped ')
        if [ $status -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
        if [ "$n" -eq 0 ] && [ "$bad" -eq 0 ] && [ "$skips" -eq 0 ]; then echo "no test ran in $1"; bad=1; fi
        printf '%-34s %4d passed %3d failed %3d skipped %4d s\n' "$1" "$n" "$bad" "$skips" $((SECONDS - begun))
        grep -E '^(not ok|skipped|figure) ' "$log/out"
        while read -r _ name _; do
                if [ -n "${CI:-}" ] && ! grep -qxF "${name%:}" tests/skips.txt; then
                        echo "  ${name%:} was skipped here and tests/skips.txt does not allow it"
                        bad=$((bad + 1))
                fi
        done < <(grep -E '^skipped ' "$log/out")
        if [ "$bad" -ne 0 ]; then
                failures="$failures $1"
                echo "--- last lines of $1 (status $status)"
                tail -40 "$log/out"
                tail -40 "$log/err"
        fi
        passed=$((passed + n)) failed=$((failed + bad)) skipped=$((skipped + skips))
}

for test in "$@"; do
        case $test in
        *.sh) run_script "$test" ;;
        *) run_unit "$test" ;;
        esac
done
[ -z "$failures" ] || echo "failed in:$failures"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
