#!/bin/bash
# search.sh - gird harden on services that are awkward to search a profile for (search.inc), and on real ones, from stock to held.
#   search.sh [NAME...]     (root; GIRD is build/gird)     ALL=1: all of them, and eight real services instead of one
#   KEEP=folder: what gird said stays there
. tests/lib.sh
gird=$(realpath -- "$gird")
[ "$(id -u)" -eq 0 ] || { skipped search "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped search "needs systemd-nspawn"; finish; }
command -v python3 > /dev/null || { skipped search "needs python3"; finish; }
if [ -z "${GIRD_TEST_INSIDE:-}" ]; then
        mkdir -p /var/lib/gird
        rm -rf "$work"
        GIRD_TEST_INSIDE=1 exec unshare --mount --propagation private -- "$0" "$@"
fi
. tests/needs.sh
lay_out > "$work/out" 2>&1 || { not_ok "the planted program is laid out" "$(tail -3 "$work/out")"; finish; }
"$there/needs" --list > "$work/list"
wanted=" $* "
wants() { [ "$wanted" = "  " ] || case $wanted in *" $1 "*) ;; *) return 1 ;; esac; }
full() { [ -n "${ALL:-}" ] || [ "$wanted" != "  " ]; }

# harden NAME ARGUMENT...: its row of search.inc as a unit; exit status in $status, JSON in $work/out, steps in $work/err
harden() {
        local name=$1 unit=$there/units/gird-search-$1.service
        shift
        {
                echo "[Service]"
                echo "Type=exec" # so that the time to settle begins when the program does
                echo "ExecStart=$there/needs --run $name"
                awk -F '\t' -v n="$name" '$1 == n { print $5 }' "$work/list" | tr '|' '\n'
        } > "$unit"
        status=0
        timeout 600 "$gird" harden "$unit" --json --settle 300ms "$@" > "$work/out" 2> "$work/err" || status=$?
        [ -z "${KEEP:-}" ] || { mkdir -p "$KEEP" && cp "$work/out" "$KEEP/$name.json" && cp "$work/err" "$KEEP/$name.err"; }
        python3 - "$name" "$work/out" <<-'END'
		import json, sys
		try:
		    r = json.load(open(sys.argv[2]))
		except ValueError:
		    sys.exit()
		print("figure search %-16s %-8s %4s -> %-4s %3s trials %6.1f s, given back: %s" % (sys.argv[1], r["verdict"], r["before"], r["after"],
		      r["trials"], r["seconds"], " ".join(f["directive"] for f in r["forgone"]) or "nothing"))
		END
}
# The answer: r is it, on the changes, gone what was given back, value() of a change
said() {
        python3 - "$work/out" "$1" "${status:-0}" <<-'END'
		import json, sys
		try:
		    r = json.load(open(sys.argv[1]))
		except ValueError:
		    sys.exit("no answer")
		status = int(sys.argv[3])
		on = {c["directive"]: c["value"] for c in r["changes"]}
		gone = {f["directive"] for f in r["forgone"]}
		if not eval(sys.argv[2]):
		    sys.exit("%s, status %d, %s; given back: %s" % (r["verdict"], status, on, sorted(gone)))
		END
}

if wants two_at_once; then
        harden two_at_once --preset strict
        check "what breaks only together is found, and one of the two is kept" said "status == 0 and r['verdict'] == 'held' and ('NoNewPrivileges' in on or on.get('UMask') == '0077') and len(gone) == 1 and len(on) >= 20"
fi
if full && wants three_things; then
        harden three_things --preset strict
        check "three things that it needs are given back" said "status == 0 and r['verdict'] == 'held' and 'NoNewPrivileges' not in on and on.get('UMask') != '0077'"
        check "and no others" said "gone == {'NoNewPrivileges', 'UMask', 'CapabilityBoundingSet'} and len(on) >= 20"
        check "one capability of all is given back, not the set" said "on.get('CapabilityBoundingSet') == 'CAP_SYS_BOOT'"
fi
if full && wants one_capability; then
        harden one_capability --preset strict
        check "one capability is given back" said "status == 0 and r['verdict'] == 'held' and on.get('CapabilityBoundingSet') == 'CAP_SYS_BOOT' and gone <= {'CapabilityBoundingSet'}"
fi
if wants one_call; then
        harden one_call --preset strict
        check "one call is given back, not its group" said "status == 0 and r['verdict'] == 'held' and '~ioprio_set' not in on['SystemCallFilter'] and '~@resources' not in on['SystemCallFilter'] and '~sched_setscheduler' in on['SystemCallFilter'] and gone == {'SystemCallFilter'}"
fi
if full && wants one_path; then
        harden one_path --preset strict
        check "a path is given back, not the tree" said "status == 0 and r['verdict'] == 'held' and on.get('ProtectSystem') == 'strict' and '/var/lib' in on.get('ReadWritePaths', '') + on.get('StateDirectory', '')"
fi
if wants reloads; then
        harden reloads --preset strict
        check "what fails at a reload is found" said "status == 0 and r['verdict'] == 'held' and (on.get('ProtectSystem') in (None, 'yes') or '/etc' in on.get('ReadWritePaths', ''))"
fi
if full && wants late; then
        harden late --preset strict --settle 4s
        check "what fails after three seconds is found" said "status == 0 and r['verdict'] == 'held' and (on.get('ProtectSystem') in (None, 'yes') or '/etc' in on.get('ReadWritePaths', ''))"
fi
if wants flaky; then
        harden flaky --preset strict
        check "what fails one time in five anyway is told so" said "status == 3 and r['verdict'] in ('flaky', 'baseline-failed')"
        check "and nothing is blamed for it" said "not on"
fi
if wants plain; then
        harden plain
        check "what is seen needs no search" said "status == 0 and r['verdict'] == 'held' and r['trials'] <= 3 and 'CAP_CHOWN' in on.get('CapabilityBoundingSet', '')"
        harden plain --keep ProtectHome --keep LockPersonality
        check "what is to be kept is left alone" said "status == 0 and r['verdict'] == 'held' and not {'ProtectHome', 'LockPersonality'} & set(on)"
fi
if full && wants nothing; then # aims are the unit tests', too
        harden nothing --aim 5.0 --preset strict
        check "it goes no further than its aim" said "status == 0 and 0 < r['after'] <= 5.0 and len(on) < 29"
        harden nothing --aim 0.1 --preset baseline
        check "an aim out of reach is told" said "status == 1 and r['after'] > 0.1"
fi
if wants budget; then
        harden three_things --preset strict --trials 3
        check "a budget of trials is kept to" said "r['trials'] <= 3 and r['stopped']"
        harden three_things --preset strict --within 5s
        check "and one of time" said "r['seconds'] <= 15 and r['stopped']"
fi

# What bears the name of a gird: a twin's carries its pid in hex.
left_of() {
        local hex
        hex=$(printf '%x' "$1")
        pgrep -a -f -- "machine=gird-[0-9a-f]+-$hex-" | cut -c1-80
        find /sys/fs/cgroup -maxdepth 3 -name "gird-*-$hex-*" 2> /dev/null
        grep -o "gird-[0-9a-f]*-$hex-[^ ]*" /proc/mounts
}
interrupted() { # SIGINT in the middle: what holds so far is answered, and nothing is left of gird, its trials and their twins
        local unit=$there/units/gird-search-three_things.service pid kids left
        [ -e "$unit" ] || harden three_things --trials 1 > /dev/null
        "$gird" harden "$unit" --json --settle 300ms --preset strict > "$work/out" 2> "$work/err" &
        pid=$!
        for _ in $(seq 600); do
                [ "$(grep -c ' held, ' "$work/err")" -lt 2 ] || break
                kill -0 $pid 2> /dev/null || break
                sleep 0.1
        done
        kids=$(pgrep -P $pid | tr '\n' ' ')
        begin=$(date +%s%N)
        kill -INT $pid
        status=0
        wait $pid || status=$?
        echo "figure search interrupted: ends after $((($(date +%s%N) - begin) / 1000000)) ms"
        said "r['stopped'] and on" || return 1
        for _ in $(seq 100); do
                left=$(for p in $pid $kids; do left_of "$p"; done; pgrep -P $pid)
                [ -z "$left" ] && return 0
                sleep 0.05
        done
        echo "left: $left"
        return 1
}
if wants interrupt; then
        # Background jobs of a script ignore SIGINT; this one is to hear it.
        trap 'exit 1' INT
        set -m
        interrupted > "$work/said" 2>&1 && ok "Ctrl-C keeps what holds so far, and leaves nothing behind" ||
                not_ok "Ctrl-C keeps what holds so far, and leaves nothing behind" "$(tail -2 "$work/said" | tr '\n' ' ')"
        grep '^figure' "$work/said"
        set +m
fi

# ---- real services ----

test_name=search
. tests/services.sh
while read -r name unit needs; do
        wants "$name" || continue
        full || [ "$name" = nginx ] || continue
        case $name in ssh | cron) continue ;; esac # launchers: what they start is not theirs
        unit=${unit/15-main/$cluster-main}
        have "${unit/@*/@}.service" || { skipped "search-$name" "$name is not installed"; continue; }
        command -v "$needs" > /dev/null || { skipped "search-$name" "$needs is not installed"; continue; }
        with_$name
        status=0
        timeout 900 "$gird" harden "$unit" --json --settle 1s --probe "bash $base/workload/$name.sh $base" > "$work/out" 2> "$work/err" || status=$?
        [ -z "${KEEP:-}" ] || { mkdir -p "$KEEP" && cp "$work/out" "$KEEP/$name.json" && cp "$work/err" "$KEEP/$name.err"; }
        python3 - "$name" "$work/out" <<-'END'
		import json, sys
		try:
		    r = json.load(open(sys.argv[2]))
		except ValueError:
		    sys.exit()
		print("figure hardened %-11s %4s -> %-4s %3d directives %3d trials %6.1f s %s" % (sys.argv[1], r["before"], r["after"], len(r["changes"]), r["trials"], r["seconds"], r["verdict"]))
		for f in r["forgone"]:
		    print("figure hardened %-11s   not %s=%s: %s" % (sys.argv[1], f["directive"], f["wished"][:40], f["why"][:100]))
		END
        check "$name goes from stock to held" said "status == 0 and r['verdict'] == 'held' and r['after'] < r['before'] and r['probes'][0]['status'] == 'passed' and all(p['status'] != 'failed' for p in r['probes'])"
done <<< "$services"
finish
