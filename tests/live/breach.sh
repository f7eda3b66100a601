#!/bin/bash
# breach.sh - gird breach in twins of this machine: a bare root service, one with a good score that can be
# left all the same, one with a user of its own, one that may start no process.
# Usage: breach.sh [GIRD]     (root; GIRD is build/gird)
set -u
GIRD=$(realpath -- "${1:-build/gird}")

[ -x "$GIRD" ] || { echo "$GIRD cannot be run"; exit 2; }
skip() { echo "skipped breach: $1"; exit 0; }
[ "$(id -u)" = 0 ] || skip "needs root"
command -v systemd-nspawn >/dev/null || skip "needs systemd-nspawn"
command -v python3 >/dev/null || skip "needs python3"

# Results are kept below /var/lib/gird: not this machine's, here.
if [ -z "${GIRD_TEST_INSIDE:-}" ]; then
        mkdir -p /var/lib/gird
        GIRD_TEST_INSIDE=1 exec unshare --mount --propagation private -- "$0" "$GIRD"
fi
. "$(dirname -- "$0")/../lib.sh"
gird=$GIRD
mount -t tmpfs tmpfs /var/lib/gird || skip "cannot mount"
mount -t tmpfs -o mode=755 tmpfs /mnt && cp -a /etc/systemd/system/. /mnt/ && mount --move /mnt /etc/systemd/system || skip "cannot mount"

unit() { { printf '[Service]\nExecStart=/usr/bin/sleep 48121\n'; cat; } > "/etc/systemd/system/$1.service"; }
unit bare < /dev/null
unit scored <<E
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
NoNewPrivileges=yes
E
unit own <<E
DynamicUser=yes
RestrictAddressFamilies=AF_UNIX
SystemCallFilter=@system-service
MemoryDenyWriteExecute=yes
E
unit nofork <<E
User=daemon
SystemCallFilter=~fork vfork clone clone3
SystemCallErrorNumber=EPERM
E

# What of the machine must not change.
traces() {
        find /etc /run /tmp /var/tmp /usr/bin /usr/lib/systemd /boot /root /dev/shm -xdev -name '*gird-[0-9]*' -o -xdev -name '.gird-*' 2>/dev/null | grep -v "$work"
        hostname
        cat /proc/sys/kernel/core_pattern
        pgrep -x sleep -a | grep ' 48121$'
}
before=$(traces)

# run NAME UNIT [-p ...]: its JSON in $work/NAME, its status in $work/NAME.status
run() {
        local name=$1
        shift
        timeout 100 "$gird" breach --quiet --json "$@" > "$work/$name" 2> "$work/$name.errors"
        echo $? > "$work/$name.status"
}
# ask NAME EXPRESSION: a Python expression over the document d, with m the moves by name
ask() {
        python3 -c "
import json, sys
d = json.load(open('$work/$1'))
m = {x['name']: x for x in d['moves']}
c = {x['name']: x for x in d['chains'] if x['after']}
sys.exit(0 if ($2) else 1)"
}
claim() { if ask "$2" "$3" 2> "$work/why"; then ok "$1"; else not_ok "$1" "$(tail -1 "$work/why") $(head -c 300 "$work/$2.errors")"; fi; }
ended() { if [ "$(cat "$work/$2.status")" = "$3" ]; then ok "$1"; else not_ok "$1" "status $(cat "$work/$2.status"): $(head -c 300 "$work/$2.errors")"; fi; }

run bare bare.service & run scored scored.service & wait
run own own.service & run nofork nofork.service & wait

ended "a bare root service can be left, says the exit status" bare 1
claim "and nearly all is allowed" bare "d['before']['allowed'] > 100 and d['before']['refused'] < 5"
claim "the ways out are named" bare "d['leaves'] and {'ask-systemd', 'unit-in-run', 'files-in-etc', 'programs', 'trace'} <= set(c)"
ended "so can a root service with a good score" scored 1
claim "by asking systemd, whatever its directives" scored "'ask-systemd' in c and 'unit-in-run' in c and 'files-in-etc' not in c"
claim "what it closes is told with its directive" scored "m['write-cron']['after']['by'] == 'ProtectSystem=strict' and m['list-root-home']['after']['result'] == 'refused'"
claim "what the twin refuses to everyone is told by rule" scored "m['load-module']['after']['computed'] and m['load-module']['after']['by'] == 'ProtectKernelModules=yes' and m['set-clock']['after']['computed']"
ended "a unit with a user of its own has no way out" own 0
claim "and its killed calls are answers" own "m['mount-tmpfs']['after']['answer'] == 'SIGSYS' and m['mmap-wx']['after']['by'] == 'MemoryDenyWriteExecute=yes'"
ended "a unit that may start no process is tried all the same" nofork 0
claim "move by move" nofork "all(x['after']['answer'] for x in d['moves']) and m['fork']['after']['answer'] == 'EPERM' and m['mmap-wx']['after']['answer'] == 'ok'"
claim "and nothing of one move is left for the next" nofork "m['setuid-other']['after']['result'] == 'refused' and m['mount-tmpfs']['after']['result'] == 'refused'"

# What gird offers does close it.
lines() { python3 -c "
import json
for l in json.load(open('$work/$1'))['close']: print(l)"; }
mapfile -t bare_lines < <(lines bare)
mapfile -t scored_lines < <(lines scored)
offered() { for l; do printf '%s\n' -p "$l"; done; }
mapfile -t bare_args < <(offered "${bare_lines[@]}")
mapfile -t scored_args < <(offered "${scored_lines[@]}")
run bare2 bare.service "${bare_args[@]}" & run scored2 scored.service "${scored_args[@]}" & wait
ended "the lines it offers for the bare one close every way out" bare2 0
claim "verified, before and after" bare2 "d['before']['chains'] > 5 and d['after']['chains'] == 0 and not d['leaves']"
ended "so do those for the one with a good score" scored2 0
claim "verified as well" scored2 "d['before']['chains'] > 0 and d['after']['chains'] == 0"

# Each topic has something that was let, and something that was not.
python3 - "$work" <<'E' && ok "each topic has a move that is let and one that is refused" || not_ok "each topic has a move that is let and one that is refused"
import json, sys
seen = {}
for name in "bare", "scored", "own", "nofork":
    for m in json.load(open(sys.argv[1] + "/" + name))["moves"]:
        seen.setdefault(m["topic"], set()).add(m["after"]["result"])
missing = [t for t, r in seen.items() if not {"allowed", "refused"} <= r]
missing and print(missing)
sys.exit(1 if missing or len(seen) != 9 else 0)
E

# The list shows it, as long as the unit is as it was.
listed() { "$gird" list --offline --json "$1" 2> "$work/list.errors" | python3 -c "
import json, sys
d = json.load(sys.stdin)[0]
print(d['breach'], d['leaves'], d['note'] or '')"; }
case $(listed own.service) in [1-9]*" False ") ok "the list shows the number" ;; *) not_ok "the list shows the number" "$(listed own.service)" ;; esac
case $(listed scored.service) in [1-9]*" True ") ok "and that a unit can be left" ;; *) not_ok "and that a unit can be left" "$(listed scored.service)" ;; esac
echo PrivateIPC=yes >> /etc/systemd/system/own.service
[ "$(listed own.service)" = "None None " ] && ok "but not of a unit that was changed since" || not_ok "but not of a unit that was changed since" "$(listed own.service)"
"$gird" save --quiet --offline --untested bare.service "${bare_args[@]}" > "$work/save.out" 2>&1
case $(listed bare.service) in [1-9]*" False ") ok "and what was tried is shown once it is saved" ;; *) not_ok "and what was tried is shown once it is saved" "$(listed bare.service) $(tail -2 "$work/save.out")" ;; esac
printf '{"gird":1,"states":"\033[31m"' > /var/lib/gird/scored.service/breach.json
case $(listed scored.service) in "None None what"*"can't be read") ok "a kept file that is none is told of" ;; *) not_ok "a kept file that is none is told of" "$(listed scored.service)" ;; esac

[ "$(traces)" = "$before" ] && ok "nothing is left on the machine" || not_ok "nothing is left on the machine" "$(diff <(echo "$before") <(traces))"
finish
