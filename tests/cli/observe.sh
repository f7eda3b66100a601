#!/bin/bash
# observe.sh - `gird observe` as scripts see it: usage, refusals, and what is kept read back.  Needs no root.
. tests/lib.sh
root=$work/root
units=$root/usr/lib/systemd/system
mkdir -p "$units" "$root/etc/systemd/system" "$root/var/lib/gird/web.service"
printf 'ID=test\n' > "$root/etc/os-release"
printf '[Service]\nExecStart=/usr/sbin/web\n' > "$units/web.service"
printf '[Service]\nExecStart=/bin/true %%i\n' > "$units/worker@.service"
printf '[Service]\nExecStart=/bin/true\n' > "$units/fresh.service"
mkdir -p "$root/usr/lib/systemd/user"
cp "$units/web.service" "$root/usr/lib/systemd/user/"
ln -s /dev/null "$root/etc/systemd/system/masked.service"
chmod 700 "$root/var/lib/gird"

g() { "$gird" --root="$root" "$@"; }
says() { grep -qE -- "$1" "$work/err" || { cat "$work/err"; return 1; }; }
one_line() { [ "$(wc -l < "$work/err")" -eq 1 ] || { cat "$work/err"; return 1; }; }
wrong() { # WORDS ARGUMENTS...: typed wrongly, and one sentence says how
        local words=$1
        shift
        status 2 g observe "$@" > /dev/null 2> "$work/err" && says "$words" && one_line
}
cannot() {
        local words=$1
        shift
        status 3 g observe "$@" > /dev/null 2> "$work/err" && says "$words" && one_line
}

check observe-helps sh -c '"$0" observe --help | grep -q -- --duty' "$gird"
check observe-needs-a-unit wrong 'needs the name of a unit'
check observe-time-is-checked wrong 'not a time' web --for=soon
check observe-time-is-not-negative wrong 'not a time' web --for=-3s
check observe-time-is-bounded wrong 'not a time' web --for=99999d
check observe-time-is-a-number wrong 'not a time' web --for=nan
check observe-duty-is-a-part wrong '10s/60s' web --live --duty=60s/10s
check observe-duty-has-two-times wrong '10s/60s' web --live --duty=10s
check observe-duty-is-live wrong 'goes with --live' web --duty=10s/60s
check observe-foreground-is-live wrong 'goes with --live' web --foreground
check observe-conditions-are-the-twins wrong 'for the twin' web --live --ignore-conditions
check observe-stage-is-one-of-two wrong 'twin and live' web --stage=moon
check observe-takes-no-changes wrong 'does not go with' web -p PrivateTmp=yes
check observe-observed-is-for-others wrong 'does not go with' web --observed
live_try() { status 2 g try web --live 2> "$work/err" && says 'does not go with'; }
check observe-live-is-not-for-try live_try
stage_try() { status 2 g try web --stage=live -p PrivateTmp=yes 2> "$work/err" && says 'no stage but the twin'; }
check observe-stage-live-is-not-for-try stage_try

check observe-unknown-unit cannot 'nosuch.service' nosuch
check observe-not-live-below-a-root cannot 'below --root' web --live
check observe-of-a-user-not-below-a-root cannot 'without --root' web --user
check observe-nothing-kept-yet cannot 'not observed yet' fresh --show
if [ "$(id -u)" -eq 0 ]; then
        check observe-no-template cannot 'template' worker@
        check observe-no-masked cannot "can't be started" masked
else
        check observe-needs-root cannot 'needs root' web
fi
not_observed() { status 3 g try fresh --observed 2> "$work/err" && says 'not observed yet'; }
check observe-observed-needs-an-observation not_observed

# What is kept is read back, and damage is told.
cat > "$root/var/lib/gird/web.service/behaviour.json" << 'EOF'
{"gird":1,"unit":"web.service","binary":"/usr/sbin/web","version":null,"sessions":[],"acts":[]}
EOF
show() { g observe web --show --json > "$work/out" 2> "$work/err" || { cat "$work/err"; return 1; }; }
check observe-shows-what-is-kept show
is() { python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); assert '"$1"', d' "$work/out"; }
check observe-show-is-json is 'd["unit"] == "web.service" and d["stage"] is None and d["binary"] == "/usr/sbin/web" and d["underway"] is False'
check observe-show-has-all is 'd["behaviour"]["unit"] == "web.service" and d["coverage"]["seconds"] == 0'
text() { g observe web --show > "$work/text" && grep -q '^web.service: ' "$work/text"; }
check observe-shows-words text
printf '{"gird":1,"unit":"other.service","sessions":[],"acts":[]}' > "$root/var/lib/gird/web.service/behaviour.json"
check observe-anothers-file-is-refused cannot 'other.service|web.service' web --show
printf '\033[31m{' > "$root/var/lib/gird/web.service/behaviour.json"
check observe-damage-is-told cannot 'behaviour.json' web --show
no_escape() { ! grep -q "$(printf '\033')" "$work/err"; }
check observe-damage-is-printable no_escape
rm "$root/var/lib/gird/web.service/behaviour.json"
mkfifo "$root/var/lib/gird/web.service/behaviour.json"
check observe-a-pipe-does-not-hold-it-up timeout 10 bash -c "! '$gird' --root='$root' observe web --show 2> /dev/null"
finish
