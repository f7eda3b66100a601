# lib.sh - what the test scripts share.  Source it; it says where gird is and how to report.
#   ok NAME / not_ok NAME why / skipped NAME why;  check NAME COMMAND...
gird=${GIRD:-$PWD/build/gird}
work=$(mktemp -d "${TMPDIR:-/tmp}/gird-test.XXXXXX")
bad=0
cleanup() { rm -rf "$work"; }
trap cleanup EXIT
ok() { echo "ok $1"; }
not_ok() { bad=1; echo "not ok $1: ${2:-}"; }
skipped() { echo "skipped $1: ${2:-}"; }
# check NAME COMMAND...: the command must succeed
check() {
        local name=$1
        shift
        if "$@" > "$work/check.out" 2>&1; then ok "$name"; else
                not_ok "$name" "$(tail -3 "$work/check.out" | tr '\n' ' ')"
        fi
}
# status N COMMAND...: the command must exit with N
status() {
        local want=$1 got=0
        shift
        "$@" || got=$?
        [ "$got" -eq "$want" ] || { echo "exit status $got, wanted $want"; return 1; }
}
finish() { exit $bad; }
