#!/bin/bash
# retry.sh - gird retry: what is due after an upgrade, and trying it again in twins.
# Usage: retry.sh [GIRD]     (root; GIRD is build/gird)
set -u
GIRD=$(realpath -- "${1:-build/gird}")
FAILED=0

skip() { echo "skipped retry: $1"; exit 0; }
[ -x "$GIRD" ] || { echo "$GIRD cannot be run"; exit 2; }
[ "$(id -u)" = 0 ] || skip "needs root"
command -v systemd-nspawn >/dev/null || skip "needs systemd-nspawn"

# Profiles and units of this test are not this machine's.
if [ -z "${GIRD_TEST_INSIDE:-}" ]; then
        mkdir -p /var/lib/gird
        GIRD_TEST_INSIDE=1 exec unshare --mount --propagation private -- "$0" "$GIRD"
fi
mount -t tmpfs tmpfs /var/lib/gird || skip "cannot mount"
DIR=$(mktemp -d /var/tmp/gird-test-retry.XXXX)
mkdir "$DIR/units" "$DIR/work"
mount -t overlay overlay -o "lowerdir=/etc/systemd/system,upperdir=$DIR/units,workdir=$DIR/work" \
        /etc/systemd/system || skip "cannot mount an overlay"
trap 'umount /etc/systemd/system; rm -rf "$DIR"' EXIT
trap 'exit 1' INT TERM HUP

OUT= STATUS=
retry() { OUT=$(timeout 200 "$GIRD" retry --no-color --settle 0.5 --offline "$@" 2> "$DIR/errors"); STATUS=$?; }
checks() { OUT=$(timeout 20 "$GIRD" check --no-color --offline "$@" 2> "$DIR/errors"); STATUS=$?; }
ok() { echo "ok $1"; }
fail() {
        echo "not ok $1"
        { printf '%s\n' "$OUT"; cat "$DIR/errors"; } | head -30 | sed 's/^/     | /'
        FAILED=1
}
# expect WHAT STATUS TEXT…: that exit status, and all of these in the output or the words
expect() {
        local what=$1 status=$2 text
        shift 2
        [ "$STATUS" = "$status" ] || { fail "$what: exit status $STATUS, not $status"; return; }
        for text; do
                case $OUT$(cat "$DIR/errors") in *"$text"*) ;; *) fail "$what: no '$text' in"; return ;; esac
        done
        ok "$what"
}
lacks() { case $OUT in *"$2"*) fail "$1: '$2' is in" ;; *) ok "$1" ;; esac; }
unit() { cat > "/etc/systemd/system/$1"; }
first() { # the first trial of a unit
        OUT=$(timeout 100 "$GIRD" try --quiet --offline --settle 0.5 "$@" 2> "$DIR/errors"); STATUS=$?
}
kept() { echo "/var/lib/gird/$1/profile.json"; }
# change UNIT EXPRESSION: python on the kept profile p
change() {
        python3 - "$(kept "$1")" "$2" <<'P'
import json, sys
p = json.load(open(sys.argv[1]))
exec(sys.argv[2])
json.dump(p, open(sys.argv[1], "w"))
P
}
verdict() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["verdict"])' "$(kept "$1")"; }
# get UNIT: all that a trial should leave alone
get() {
        python3 - "$(kept "$1")" <<'P'
import json, sys
p = json.load(open(sys.argv[1]))
for key in ("verdict", "tried", "with", "systemd"): p.pop(key, None)
p["changes"].sort(key=lambda c: c["directive"])
print(json.dumps(p, sort_keys=True))
P
}

retry
expect "without profiles there is nothing to do" 0 "no unit has a profile yet"
retry --json
[ "$OUT" = "[]" ] && [ "$STATUS" = 0 ] && ok "and JSON says so" || fail "and JSON says so"

cp /bin/sleep "$DIR/program"
unit gird-a.service <<S
[Service]
ExecStart=$DIR/program 1000
S
unit gird-b.service <<S
[Service]
ExecStart=/bin/sh -c 'touch /etc/gird-b && exec sleep 1000'
S
first gird-a -p ProtectClock=yes
expect "a profile holds" 0 "held"
first gird-b -p ProtectHome=yes -p ProtectClock=yes
expect "another one, too" 0 "held"

retry --list
expect "what was just tried is not due" 0 "gird-a.service" "as it was tried"
lacks "not one of them" " yes "
retry
expect "so nothing is tried" 0 "nothing is due"

# The program is another build; the other unit is as it was.
cp /bin/tail "$DIR/program"
sed -i 's|program 1000|program -f /dev/null|' /etc/systemd/system/gird-a.service
sum=$(sha256sum "$(kept gird-a.service)")
retry --list
expect "another build of the program is due" 1 "program was another build then"
[ "$sum" = "$(sha256sum "$(kept gird-a.service)")" ] && ok "and the list changes nothing" || fail "and the list changes nothing"
checks gird-a gird-b
expect "gird check says that it is due" 1 "fails   profiles" "program was another build then" "gird retry gird-a.service"
lacks "and not the other" gird-b
checks --threshold=10 gird-a
expect "by a policy that does not ask for it, it is noted" 0 "note    profiles"
retry --list --json
python3 - "$OUT" <<'P' && ok "the same as JSON" || fail "the same as JSON"
import json, sys
a, b = json.loads(sys.argv[1])
assert a["unit"] == "gird-a.service" and a["due"] and a["then"] == "held" and len(a["changed"]) == 1, a
assert b["unit"] == "gird-b.service" and not b["due"] and b["changed"] == [] and b["note"] is None, b
P
retry
expect "what is due is tried again" 0 "gird-a.service" "held"
lacks "and nothing else" gird-b
retry --list
expect "then it is due no more" 0 "as it was tried"

change gird-b.service 'p["with"]["libc"] = "1.0 " + "0" * 40; p["systemd"] = "247.3"; p["with"]["kernel"] = "2.6.32"'
retry --list
expect "C library, systemd and kernel count" 1 "the C library was 1.0 then, and is" "systemd was 247.3 then, and is" \
        "the kernel was 2.6.32 then, and is"
change gird-b.service 'del p["with"]; p["systemd"] = None'
retry --list gird-b
expect "what nobody knows is due" 1 "it is not known with what versions"

# A profile that no longer holds: it takes now what the program needs.
change gird-b.service 'p["changes"].append({"directive": "ProtectSystem", "value": ["strict"], "reason": "hand", "evidence": None})'
saved=$(get gird-b.service)
retry --json
python3 - "$OUT" <<'P' && ok "one that no longer holds is named with the culprit" || fail "one that no longer holds is named with the culprit"
import json, sys
(b,) = json.loads(sys.argv[1])
assert b["unit"] == "gird-b.service" and b["then"] == "held" and b["verdict"] in ("broke", "bent"), b
assert b["suspects"][0]["directive"] == "ProtectSystem", b
P
[ "$STATUS" = 1 ] && ok "exit status 1 then" || fail "exit status 1 then"
case $(verdict gird-b.service) in broke|bent) ok "the verdict is kept" ;; *) fail "the verdict is kept" ;; esac
[ "$saved" = "$(get gird-b.service)" ] && ok "and nothing else changes" || fail "and nothing else changes"
retry gird-b gird-a
expect "named units are tried whatever their versions, the worst status wins" 1 "gird-a.service" "suspect: ProtectSystem"
retry --all
expect "and so are all" 1 "gird-a.service" "gird-b.service"

# What nothing can be said of does not hide the others.
echo '{"gird":1,' > "$(kept gird-b.service)"
retry --list
expect "a broken profile is told, and the others are, too" 3 "gird-a.service" "this is not JSON"
mkdir -p "/var/lib/gird/no such" /var/lib/gird/gird-empty.service
ln -s gird-a.service /var/lib/gird/gird-link.service
mkdir -p /var/lib/gird/gird-gone.service
sed 's/gird-a/gird-gone/' "$(kept gird-a.service)" > "$(kept gird-gone.service)"
rm -r /var/lib/gird/gird-b.service
retry --list
expect "a unit that is no more is no fault" 0 "there is no such unit by now"
lacks "folders without a profile and links are no units" gird-empty
lacks "nor links" gird-link
unit gird-none.service <<S
[Service]
ExecStart=$DIR/program 1000
S
retry gird-none
expect "a unit without a profile is told how to get one" 3 "gird try gird-none.service"
retry --all gird-a
expect "--all with units is a contradiction" 2 "leave the units out"
exit $FAILED
