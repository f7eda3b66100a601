#!/bin/sh
# scores.sh - run inside a twin: every loaded service, gird's live scores against systemd-analyze, row by row.
set -eu
cd "$1"
work=$(mktemp -d)
systemctl list-units --all --plain --no-legend --type=service --state=loaded | awk '{ print $1 }' > "$work/all"
while read -r unit; do
        SYSTEMD_ANALYZE_DEBUG=1 systemd-analyze security --json=short --no-pager "$unit" > "$work/$unit.theirs" 2> /dev/null || continue
        SYSTEMD_COLORS=0 LC_ALL=C.UTF-8 systemd-analyze security --no-pager "$unit" 2> /dev/null | grep 'Overall exposure' > "$work/$unit.overall" || :
        build/gird show --json "$unit" > "$work/$unit.ours" 2> "$work/err" || :
        echo "$unit"
done < "$work/all" > "$work/names"
grep -q '"source":[[:space:]]*"manager"' "$work/$(head -1 "$work/names").ours" || { echo "not ok live scores: gird did not ask the manager"; cat "$work/err"; exit 1; }
echo "figure live: $(wc -l < "$work/names") loaded units compared"
python3 tests/oracle/installed.py "$work" | sed 's/installed:/live:/'
compare() { # NAME: all exposures of gird list against systemd-analyze, as both see them now
systemd-analyze security --json=short --no-pager > "$work/overview" 2> /dev/null
build/gird list --json > "$work/list"
python3 - "$work/overview" "$work/list" "$1" <<'P'
import json, sys
theirs = {u["unit"]: float(u["exposure"]) for u in json.load(open(sys.argv[1]))}
ours = {u["unit"]: u["exposure"] for u in json.load(open(sys.argv[2]))}
wrong = [u for u in theirs if ours.get(u) != theirs[u]]
print("%s %s: %d exposures of gird list agree with systemd-analyze, %d do not %s"
      % ("not ok" if wrong or not theirs else "ok", sys.argv[3], len(theirs) - len(wrong), len(wrong), wrong[:5]))
P
}
compare live-list
# Files that changed behind the manager's back: what counts is what it has read, until it reloads.
unit=$(python3 -c 'import json,sys; print([u["unit"] for u in json.load(open(sys.argv[1])) if u["unit"] != "dbus.service"][0])' "$work/overview")
mkdir -p "/etc/systemd/system/$unit.d"
printf '[Service]\nPrivateNetwork=yes\n' > "/etc/systemd/system/$unit.d/10-test.conf"
compare live-list-new-dropin
rm -r "/etc/systemd/system/$unit.d"
fragment=$(systemctl show -P FragmentPath "$unit")
printf '[Service]\nPrivateNetwork=yes\nProtectHome=yes\n' >> "$fragment"
compare live-list-changed-file
systemctl daemon-reload
compare live-list-after-reload
