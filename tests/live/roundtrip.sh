#!/bin/bash
# roundtrip.sh - observe a real service in a twin while it works, infer, and run it under what was inferred with the same work: it must
# hold without hand edits.  Usage: roundtrip.sh [SERVICE...]     (root; GIRD is build/gird)
#        BASELINE=1 roundtrip.sh     only shows that the services do their work in a twin
. tests/lib.sh
gird=$(realpath -- "$gird")
[ "$(id -u)" -eq 0 ] || { skipped roundtrip "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped roundtrip "needs systemd-nspawn"; finish; }

# Configurations of the test's own are laid over this machine's, where nobody else sees them.
if [ -z "${GIRD_TEST_INSIDE:-}" ]; then
        mkdir -p /var/lib/gird
        rm -rf "$work"
        GIRD_TEST_INSIDE=1 exec unshare --mount --propagation private -- "$0" "$@"
fi
test_name=roundtrip
. tests/services.sh

report() { # reads the JSON of gird try
        python3 - "$1" "$2" "$work/out" <<-'END'
		import json, sys
		name, seconds, path = sys.argv[1:]
		try:
		    r = json.load(open(path))
		except ValueError:
		    print("figure round trip of %-12s no answer" % name)
		    sys.exit(1)
		suggested = lambda p: not p["command"].startswith("bash ") # one may answer 403, which is no fault of the profile
		number = lambda x: "-" if x is None else "%.1f" % x
		print("figure round trip of %-12s %4s -> %-4s %3d directives  %-15s %3s s" % (name, number(r["before"]), number(r["after"]), len(r["changes"]), r["verdict"], seconds))
		if r["verdict"] == "held" and all(p["status"] == "passed" or suggested(p) and p["status"] == "failed-in-baseline" for p in r["probes"]):
		    sys.exit(0)
		for c in r["changes"]:
		    print("  %s=%s" % (c["directive"], c["value"]))
		for p in r["probes"]:
		    print("  probe %s" % json.dumps(p))
		for d in r["denials"]:
		    print("  denied %s" % json.dumps(d))
		sys.exit(1)
		END
}

while read -r name unit needs; do
        if [ $# -gt 0 ]; then case " $* " in *" $name "*) ;; *) continue ;; esac; fi
        unit=${unit/15-main/$cluster-main}
        have "${unit/@*/@}.service" || { skipped "roundtrip-$name" "$name is not installed"; continue; }
        command -v "$needs" > /dev/null || { skipped "roundtrip-$name" "$needs is not installed"; continue; }
        with_$name
        probe="bash $base/workload/$name.sh $base" set_by=--observed
        start=$(date +%s)
        if [ -n "${BASELINE:-}" ]; then
                set_by="-p ProtectClock=yes"
        elif ! timeout 300 "$gird" observe "$unit" -q --settle 1s --probe "$probe" > "$work/seen" 2>&1; then
                not_ok "$name is observed" "$(tail -3 "$work/seen" | tr '\n' ' ')"
                continue
        fi
        # What starts sessions or jobs of others is to be recognised, and may then be left as it is.
        if [ -z "${BASELINE:-}" ] && grep -q '(0 of them stricter than now)' "$work/seen"; then
                echo "figure round trip of $(printf %-12s $name) $(sed -n 's/^ *exposure: \([0-9.]*\) .*/\1/p' "$work/seen") stays, nothing is advised: $(sed -n 's/^ *advice: \(it [^.]*\)\..*/\1/p' "$work/seen")"
                case $name in ssh | cron) check "$name is recognised as one that starts sessions or jobs" grep -q 'Nearly all directives are inherited' "$work/seen" ;;
                *) not_ok "$name holds under what was inferred" "nothing is advised" ;; esac
                continue
        fi
        # shellcheck disable=SC2086
        timeout 300 "$gird" try "$unit" --json -q --settle 1s $set_by --probe "$probe" > "$work/out" 2> "$work/err"
        [ -z "${KEEP:-}" ] || { mkdir -p "$KEEP/$name"; cp "$work"/{out,err,seen} "$KEEP/$name/"; cp -r /var/lib/gird/. "$KEEP/$name/"; }
        if report $name $(($(date +%s) - start)) > "$work/said"; then
                cat "$work/said"
                ok "$name holds under what was inferred"
        else
                cat "$work/said" "$work/err"
                not_ok "$name holds under what was inferred" "$(head -1 "$work/said")"
        fi
done <<< "$services"
finish
