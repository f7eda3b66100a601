#!/bin/bash
# oracle.sh - all cases of all versions, offline and live, row by row.
. tests/lib.sh
build/oracle > "$work/out" 2>&1
total=$(tail -1 "$work/out")
case $total in
*" 0 failed") ok "all rows of all versions agree: $total" ;;
*) not_ok "oracle" "$total"; grep -v ' 0 don' "$work/out" | head -60 ;;
esac
grep -E '^(offline|live)/' "$work/out" | awk '{ print ($4 == "0" || $0 ~ / 0 don/ ? "ok " : "not ok ") $1 ": " $2 " rows agree" }'
finish
