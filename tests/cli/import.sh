#!/bin/bash
# import.sh - profiles out of other programs' files, as scripts see it.  Needs no root.
. tests/lib.sh
root=$work/root
units=$root/usr/lib/systemd/system
mkdir -p "$units" "$root/etc/systemd/system" "$root/var/lib"
printf 'ID=test\n' > "$root/etc/os-release"
printf '[Service]\nExecStart=/bin/true\n' > "$units/web.service"
cd "$work" || exit 1

g() { "$gird" --root="$root" --systemd=257.13 "$@"; }
json() { python3 -c 'import json,sys; d=json.load(sys.stdin); assert '"$1"', d'; }
kept=$root/var/lib/gird/web.service/profile.json
in_profile() { python3 -c 'import json,sys; d={c["directive"]: c["value"] for c in json.load(open(sys.argv[1]))["changes"]}; assert '"$1"', d' "$kept"; }

printf '[Unit]\nAfter=x.target\n[Service]\nProtectSystem=strict\nCapabilityBoundingSet=CAP_CHOWN\nExecStart=/bin/x\n' > a.conf
cat > shh.txt <<'END'
2026-11-23T11:00:00Z INFO  [shh] Resolved systemd options: ProtectSystem=full, CapabilityBoundingSet=~CAP_BPF CAP_CHOWN, SystemCallFilter=~@clock:EPERM
END
cat > web.aa <<'END'
abi <abi/3.0>,
include <tunables/global>
profile web flags=(complain) {
  include <abstractions/base>
  capability net_bind_service,
  network inet stream,
  /var/lib/web/** rwk,
  /usr/sbin/web mrix,
}
END
cat > web.nix <<'END'
{ lib, ... }: {
  systemd.services.web.serviceConfig = { ProtectHome = lib.mkForce true; CapabilityBoundingSet = [ "" "CAP_KILL" ]; };
}
END

a_dropin() { g import web a.conf > out 2> err && grep -q 'gird try web.service' out && grep -q 'a.conf:2: After=' err && grep -q 'a.conf:6: ExecStart=' err &&
        in_profile 'd["ProtectSystem"] == ["strict"] and len(d) == 2'; }
from_shh() { g import web shh.txt > out && in_profile 'd["ProtectSystem"] == ["full"] and len(d) == 3'; }
from_apparmor() { g import web web.aa > out 2> err && grep -q complain err &&
        in_profile '"/var/lib/web" in d["ReadWritePaths"][-1] and d["CapabilityBoundingSet"][-1] == "CAP_NET_BIND_SERVICE"'; }
from_nix() { g import web web.nix > out && in_profile 'd["ProtectHome"] == ["yes"] and d["CapabilityBoundingSet"][-1] == "CAP_KILL"'; }
from_stdin() { g import web - < web.nix > out && in_profile 'd["ProtectHome"] == ["yes"]'; }
json_there_and_back() { g import web a.conf -o p.json > /dev/null 2>&1 && g import web p.json --json > out && json 'd["format"] == "json" and d["kept"] and len(d["changes"]) == 2' < out &&
        g import web p.json -o q.json > /dev/null 2>&1 && cmp p.json q.json; }
says_json() { g import web a.conf --json 2> /dev/null | json 'd["unit"] == "web.service" and d["format"] == "dropin" and len(d["notes"]) == 2 and d["changes"][0]["directive"] == "CapabilityBoundingSet" and d["written"] is None'; }
dry_run() { rm -f "$kept"; g import web web.nix --dry-run > out && grep -qx 'ProtectHome=yes' out && [ ! -e "$kept" ] && g import web web.nix --dry-run --json | json 'not d["kept"] and "ProtectHome=yes" in d["dropin"]'; }
to_stdout() { g import web web.nix -o - 2> /dev/null | json 'd["gird"] == 1 and d["verdict"] == "not-tried"'; }
can_be_saved() { g import web a.conf > /dev/null 2>&1 && g save web --dry-run | grep -qx 'ProtectSystem=strict'; }
probes_stay() { g import web a.conf > /dev/null 2>&1 && python3 - "$kept" <<'END' && g import web web.nix > /dev/null 2> err && grep -q 'probes' err && python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); assert d["probes"] == ["true"] and d["accepted"][0]["what"] == "file:x"' "$kept"
import json, sys
d = json.load(open(sys.argv[1]))
d["probes"], d["accepted"] = ["true"], [{"what": "file:x", "reason": "so"}]
json.dump(d, open(sys.argv[1], "w"))
END
}
list_forms() { g import --format=list > out && grep -q '^apparmor' out && ! grep -q '^selinux' out && g import --format=list --json | json '"nix" in [f["format"] for f in d]'; }
only_written() { status 2 g import web a.conf --format=selinux 2> err && grep -q 'gird export' err; }
unknown_form() { status 2 g import web a.conf --format=toml 2> err && grep -q 'dropin' err; }
no_form() { echo hello > x; status 2 g import web x 2> err && grep -q -- '--format' err; }
several_forms() { printf '[Service]\nProtectHome=yes\n#\nserviceConfig = ;\n' > x; status 2 g import web x 2> err && grep -q 'may be' err && g import web x --format=dropin > /dev/null 2>&1; }
too_few() { status 2 g import web 2> err && grep -q 'import UNIT FILE' err; }
no_unit() { status 3 g import nosuch a.conf 2> err && grep -q 'nosuch.service' err; }
no_file() { status 3 g import web nowhere 2> err && grep -q nowhere err; }
a_folder() { status 3 g import web . 2> err; }
nul_bytes() { printf '[Service]\n\0ProtectHome=yes\n' > x; status 2 g import web x 2> err && grep -q 'NUL' err; }
too_long() { head -c 2000000 /dev/zero | tr '\0' 'x' > x; status 3 g import web x 2> err && status 3 g import web - < x 2> err && grep -q 'longer' err; }
newer_schema() { sed 's/"gird":[^,]*,/"gird":99,/' p.json > newer.json; status 2 g import web newer.json 2> err && grep -q 'newer.json' err && [ "$(wc -l < err)" -eq 1 ]; }
has_its_place() { printf '[Service]\n\nProtectHome=perhaps\n' > x.conf; status 2 g import web x.conf 2> err && grep -q 'x.conf:3' err && printf '{ serviceConfig = {\n  User = name; }; }' > x.nix &&
        status 2 g import web x.nix 2> err && grep -q 'x.nix:2:10' err; }
nothing_lost() { g import web a.conf > /dev/null 2>&1 && cp "$kept" before && status 2 g import web x.conf 2> /dev/null && status 2 g import web newer.json 2> /dev/null && cmp "$kept" before; }
unwritable() { status 3 g import web a.conf -o /nowhere/x 2> err && grep -q '/nowhere' err; }
no_escape() { printf '[Service]\nProtectHome=yes\n\033[31mX=y\n' > x.conf; g import web x.conf > out 2> err; ! grep -q $'\033' out err; }
for t in a_dropin from_shh from_apparmor from_nix from_stdin json_there_and_back says_json dry_run to_stdout can_be_saved probes_stay list_forms \
        only_written unknown_form no_form several_forms too_few no_unit no_file a_folder nul_bytes too_long newer_schema has_its_place nothing_lost \
        unwritable no_escape; do
        check $t $t
done
finish
