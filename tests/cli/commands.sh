#!/bin/bash
# commands.sh - the command line as scripts see it: results, exit statuses, bad input.  Needs no root.
. tests/lib.sh
root=$work/root
units=$root/usr/lib/systemd/system
mkdir -p "$units" "$root/etc/systemd/system" "$root/var/lib"
printf 'ID=test\n' > "$root/etc/os-release"

unit() { printf "$2" > "$units/$1"; }
unit web.service '[Unit]\nDescription=A web server\n[Service]\nExecStart=/bin/true\nPrivateTmp=yes\nNoNewPrivileges=yes\n'
unit bare.service '[Service]\nExecStart=/bin/true\n'
unit odd.service '[Service]\nExecStart=/bin/true\nProtectSystme=yes\nProtectHome=maybe\nCapabilityBoundingSet=CAP_BOGUS\n'
unit broken.service '[Service]\nUser=a/b\nExecStart=/bin/true\n'
unit escape.service '[Unit]\nDescription=red \033[31malert\033[0m \033]0;title\007\n[Service]\nExecStart=/bin/true\n'
unit nul.service '[Service]\nExecStart=/bin/true\n\000PrivateTmp=yes\n'
unit worker@.service '[Service]\nExecStart=/bin/true %%i\n'
ln -s /dev/null "$root/etc/systemd/system/masked.service"
ln -s loop-b.service "$units/loop-a.service"
ln -s loop-a.service "$units/loop-b.service"
mkdir "$units/folder.service"
head -c 52428800 /dev/zero | tr '\0' 'x' > "$units/huge.service"
mkdir "$root/etc/systemd/system/web.service.d"
printf '[Service]\nProtectHome=yes\n' > "$root/etc/systemd/system/web.service.d/10-admin.conf"

g() { "$gird" --root="$root" --systemd=252.39 "$@"; }
json() { python3 -c 'import json,sys; d=json.load(sys.stdin); assert '"$1"', d'; }

list_is_json() { g list --json | json 'len(d) >= 9 and {r["unit"]: r for r in d}["bare.service"]["exposure"] == 9.6 and all(r["source"] == "files" for r in d)'; }
list_scores_null() { g list --json | json '{r["unit"]: r for r in d}["masked.service"]["exposure"] is None and {r["unit"]: r for r in d}["broken.service"]["exposure"] is None'; }
list_survives() { g list > "$work/list" 2>&1 && grep -q 'web.service' "$work/list" && grep -q 'huge.service' "$work/list"; }
show_is_json() { g show web --json | json 'd["unit"] == "web.service" and len(d["assessments"]) == 81 and d["exposure"] < 9.6'; }
show_origin() { g show web.service --json | json '[r for r in d["assessments"] if r["id"] == "ProtectHome"][0]["origin"].endswith("10-admin.conf:2")'; }
show_several() { g show web bare --json | json 'isinstance(d, list) and len(d) == 2'; }
show_whatif() { g show bare -p PrivateNetwork=yes --json | json 'd["before"] == 9.6 and d["exposure"] < 9.6'; }
show_odd() { g show odd --json | json 'len(d["oddities"]) >= 2 and any("ProtectSystme" == o["key"] for o in d["oddities"])'; }
no_escape() { g show escape > "$work/esc"; g list >> "$work/esc"; ! grep -q $'\033' "$work/esc"; }
unknown_unit() { status 3 g show nosuch 2> "$work/err" && grep -q 'nosuch.service' "$work/err"; }
unknown_command() { status 2 g frobnicate 2> "$work/err" && grep -q 'frobnicate' "$work/err"; }
unknown_option() { status 2 g list --frob 2> /dev/null; }
wrong_version() { status 2 "$gird" list --systemd=12 2> "$work/err" && grep -q '247' "$work/err"; }
unknown_directive() { status 2 g try web -p ProtectSystme=strict 2> "$work/err" && grep -q 'ProtectSystem' "$work/err"; }
bad_value() { status 2 g save web -p ProtectSystem=perhaps --untested 2> "$work/err" && grep -q 'perhaps' "$work/err"; }
too_new() { status 2 g save web -p PrivatePIDs=yes --untested 2> "$work/err" && grep -q '257' "$work/err"; }
full_device() { status 3 sh -c "'$gird' --root='$root' list > /dev/full" 2> "$work/err" && grep -qi 'space' "$work/err"; }
no_terminal() { "$gird" --root="$root" --systemd=252 < /dev/null > "$work/list" 2>/dev/null && grep -q '^UNIT' "$work/list"; }
hostile_unit() { status 3 g show "$1" > "$work/out" 2> "$work/err" || status 0 g show "$1" --json > "$work/out"; ! grep -q 'Segmentation' "$work/err"; }
folder_root() { status 3 "$gird" --root="$work/nowhere" list 2> "$work/err" && grep -q nowhere "$work/err"; }
path_unit() { "$gird" show "$units/web.service" --offline --systemd=252 --json | json 'd["unit"] == "web.service"'; }
user_helped() { "$gird" --help | grep -q 'Commands:' && "$gird" try --help | grep -q -- '--probe'; }
every_command_helps() { for c in list show explain try save undo; do "$gird" $c --help > /dev/null || return 1; done; }
explain_page() { "$gird" explain ProtectHome | grep -q 'What breaks' && status 3 "$gird" explain nosuch 2> /dev/null; }

for t in list_is_json list_scores_null list_survives show_is_json show_origin show_several show_whatif show_odd no_escape \
        unknown_unit unknown_command unknown_option wrong_version unknown_directive bad_value too_new full_device no_terminal \
        folder_root path_unit user_helped every_command_helps explain_page; do
        check $t $t
done
for u in huge nul folder loop-a masked broken; do check "hostile_$u" hostile_unit $u; done

# Saving and undoing below a root: the exact bytes come back, others' drop-ins stay.
before=$(find "$root/etc" -type f -o -type l | sort | xargs sha256sum 2>/dev/null)
untested_refused() { status 1 g save web -p ProtectClock=yes 2> "$work/err" && grep -q -- '--untested' "$work/err"; }
dry_run() { g save web -p ProtectClock=yes --dry-run | grep -q '^ProtectClock=yes' && [ ! -e "$root/etc/systemd/system/web.service.d/50-gird.conf" ]; }
save_it() { g save web -p ProtectClock=yes -p CapabilityBoundingSet=CAP_CHOWN --untested > "$work/out" && grep -q '50-gird.conf' "$work/out"; }
reset_first() { grep -A1 -x 'CapabilityBoundingSet=' "$root/etc/systemd/system/web.service.d/50-gird.conf" | grep -q 'CapabilityBoundingSet=CAP_CHOWN'; }
verified() { g show web --json | json '[r for r in d["assessments"] if r["id"] == "ProtectClock"][0]["origin"].split(":")[0].endswith("50-gird.conf")'; }
undo_it() { g undo web > /dev/null; [ "$(find "$root/etc" -type f -o -type l | sort | xargs sha256sum 2>/dev/null)" = "$before" ]; }
nothing_left() { status 1 g undo web 2> /dev/null; }
foreign() { echo '# mine' > "$root/etc/systemd/system/web.service.d/50-gird.conf"; status 3 g save web -p ProtectClock=yes --untested 2> "$work/err" || return 1
        grep -qx '# mine' "$root/etc/systemd/system/web.service.d/50-gird.conf" && rm "$root/etc/systemd/system/web.service.d/50-gird.conf"; }
overridden() { printf '[Service]\nProtectClock=no\n' > "$root/etc/systemd/system/web.service.d/override.conf"
        status 1 g save web -p ProtectClock=yes --untested > /dev/null 2> "$work/err"; local r=$?
        grep -q 'override.conf:2' "$work/err" || r=1; g undo web > /dev/null; rm "$root/etc/systemd/system/web.service.d/override.conf"; return $r; }
for t in untested_refused dry_run save_it reset_first verified undo_it nothing_left foreign overridden; do check $t $t; done
finish
