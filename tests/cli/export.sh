#!/bin/bash
# export.sh - gird export: ten real units in every form, read back by the targets' own programs.  Needs no root but for the Ansible run.
. tests/lib.sh
gird=$(realpath -- "$gird")
root=$work/root
units=$root/usr/lib/systemd/system
mkdir -p "$units" "$root/etc/systemd/system" "$root/var/lib"
printf 'ID=test\n' > "$root/etc/os-release"
systemd=252.39
command -v systemd-analyze > /dev/null && systemd=$(systemd-analyze --version | sed -n '1s/^systemd \([0-9]*\) (\([0-9]*\.[0-9]*\)[^.0-9].*/\2/p; 1s/^systemd \([0-9]*\) (\([0-9]*\))/\1/p' | head -1)
export GIRD_SYSTEMD=${systemd:-252.39}
g() { "$gird" --root="$root" --systemd="$GIRD_SYSTEMD" "$@"; }

# ---- ten real units ----
base=(-p NoNewPrivileges=yes -p ProtectHome=read-only -p ProtectSystem=strict -p 'ReadWritePaths=/var/lib /var/log /run' -p PrivateTmp=yes
        -p ProtectClock=yes -p RestrictRealtime=yes -p LockPersonality=yes -p 'CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_SETUID'
        -p 'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX' -p 'RestrictNamespaces=~user' -p SystemCallArchitectures=native
        -p SystemCallFilter=@system-service -p 'SystemCallFilter=~@resources @swap:EPERM' -p UMask=0027 -p MemoryMax=1G -p 'DeviceAllow=/dev/null rw'
        -p IPAddressDeny=any -p IPAddressAllow=localhost -p 'BindReadOnlyPaths=/opt:/srv')
real='nginx redis-server postgresql@15-main ssh cron rsyslog memcached apache2 haproxy mosquitto'
found=
for name in $real; do
        for folder in /usr/lib/systemd/system /lib/systemd/system; do
                file=$folder/${name/@*/@}.service
                [ -e "$file" ] && { cp -L "$file" "$units/"; found="$found $name"; break; }
        done
done
printf '[Unit]\nDescription=plain\n[Service]\nExecStart=/bin/sleep 1\n' > "$units/plain.service"
odd='odd\x2da:b.c_d'
cp "$units/plain.service" "$units/$odd.service"
command -v nix-instantiate > /dev/null || skipped export-nix "nix-instantiate is not installed"
command -v cmark-gfm > /dev/null || skipped export-markdown "cmark-gfm is not installed"
python3 -c 'import yaml' 2> /dev/null || { skipped export "needs python3-yaml"; finish; }

# ---- Ansible: syntax, a local root, and nothing to do the second time ----
played() {
        local roles=$work/roles machine=$work/machine
        rm -rf "$roles" "$machine"
        mkdir -p "$machine"
        # shellcheck disable=SC2086
        g export $found plain -q -f ansible -o "$roles" "${base[@]}" > /dev/null || return 1
        { echo "- hosts: localhost"; echo "  gather_facts: false"; echo "  roles:"
          for role in "$roles"/*; do role=${role##*/}; echo "    - { role: $role, ${role}_root: \"$machine\" }"; done; } > "$work/site.yml"
        export ANSIBLE_ROLES_PATH=$roles ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_NOCOLOR=1 HOME=$work ANSIBLE_LOCAL_TEMP=$work/ansible
        export LC_ALL=C.UTF-8
        ansible-playbook -i localhost, -c local --syntax-check "$work/site.yml" || return 1
        [ "$(id -u)" -eq 0 ] || return 0
        ansible-playbook -i localhost, -c local "$work/site.yml" > "$work/first" || { cat "$work/first"; return 1; }
        ansible-playbook -i localhost, -c local "$work/site.yml" > "$work/second" || return 1
        grep -q 'changed=[1-9].* failed=0' "$work/first" && grep -q 'changed=0 .* failed=0' "$work/second" || { tail -3 "$work/first" "$work/second"; return 1; }
        for name in $found; do cmp "$roles"/gird_${name//[^a-z0-9]/_}/files/50-gird.conf "$machine/etc/systemd/system/$name.service.d/50-gird.conf" || return 1; done
}
# The slowest by far: it goes on beside the rest.
player=
if command -v ansible-playbook > /dev/null; then played > "$work/played" 2>&1 & player=$!
else skipped export-ansible "ansible-playbook is not installed"; fi

for name in $found; do
        check "every form of $name, there and back, and its policy" python3 tests/cli/export.py all "$gird" "$root" "$name.service" "${base[@]}"
done
[ -n "$found" ] || skipped export-units "none of $real is installed"
check "an odd name is quoted" python3 tests/cli/export.py values "$gird" "$root" "$odd.service" -p PrivateTmp=yes -p ReadWritePaths=/srv -p User=odd
check "hostile values come out as they went in" python3 tests/cli/export.py fuzz "$gird" "$root" plain.service 10

# What systemd says of a unit with its drop-in is what it says without.
verified() {
        local unit=$1 way=$2 folder=$work/verify-$1
        mkdir -p "$folder/$unit.service.d"
        cp "$units/${unit/@*/@}.service" "$folder/$unit.service"
        systemd-analyze verify --man=no "$folder/$unit.service" > "$work/before" 2>&1
        if [ "$way" = portable ]; then
                g export "$unit" -q -f portable -o "$folder/profile" "${base[@]}" > /dev/null || return 1
                cp "$folder"/profile/*/service.conf "$folder/$unit.service.d/10-profile.conf"
        else
                g export "$unit" -q -f dropin "${base[@]}" > "$folder/$unit.service.d/50-gird.conf" || return 1
        fi
        systemd-analyze verify --man=no "$folder/$unit.service" > "$work/after" 2>&1
        rm -rf "$folder"
        diff "$work/before" "$work/after"
}
if command -v systemd-analyze > /dev/null; then
        for name in $found; do
                check "systemd-analyze verify of $name" verified "$name" dropin
                check "systemd-analyze verify of $name as a portable profile" verified "$name" portable
        done
else skipped export-verify "systemd-analyze is not installed"; fi

# ---- targets: only what that systemd knows ----
old() { g export plain -f dropin -p PrivateIPC=yes -p NoNewPrivileges=yes "$@" > "$work/out" 2> "$work/err"; }
left_out() { ! grep -q '^PrivateIPC' "$work/out" && grep -q '^NoNewPrivileges=yes' "$work/out" && grep -q '# Left out: PrivateIPC=' "$work/out" && grep -q 'PrivateIPC' "$work/err"; }
old_systemd() { old --for systemd=247 && left_out; }
old_debian() { old --for debian=11 && left_out; }
oldest_wins() { old --for nixos=24.05,debian=11 && left_out; }
new_enough() { old --for nixos=24.05 && grep -q '^PrivateIPC=yes' "$work/out" && grep -q 'systemd 255' "$work/out"; }
old_nix() { g export plain -f nix -p PrivateIPC=yes -p NoNewPrivileges=yes --for systemd=247 > "$work/out" 2> /dev/null && ! grep -q '^ *PrivateIPC =' "$work/out" && grep -q '# Left out: PrivateIPC=' "$work/out"; }
old_json() { g export plain -f json -p PrivateIPC=yes -p NoNewPrivileges=yes --for systemd=247 2> "$work/err" | python3 -c 'import json,sys; assert [c["directive"] for c in json.load(sys.stdin)["changes"]] == ["NoNewPrivileges"]' && grep -q PrivateIPC "$work/err"; }
bad_target() { status 2 g export plain -p NoNewPrivileges=yes --for "$1" 2> "$work/err" && grep -q -- "$2" "$work/err"; }
for t in old_systemd old_debian oldest_wins new_enough old_nix old_json; do check $t $t; done
check bad_target_release bad_target debian=99 '11, 12 or 13'
check bad_target_name bad_target slackware=15 'debian'
check bad_target_word bad_target 247 'systemd=247'
check bad_target_version bad_target systemd=12 '247 to 262'

# ---- files ----
one=(-p NoNewPrivileges=yes)
to_file() { g export plain -o "$work/one.conf" "${one[@]}" > /dev/null && grep -q '^NoNewPrivileges=yes' "$work/one.conf"; }
again() { g export plain -o "$work/one.conf" -p PrivateTmp=yes > /dev/null && grep -q '^PrivateTmp=yes' "$work/one.conf" && ! grep -q '^NoNew' "$work/one.conf"; }
foreign() { echo mine > "$work/mine.conf"; status 3 g export plain -o "$work/mine.conf" "${one[@]}" 2> "$work/err" && grep -q -- --force "$work/err" && [ "$(cat "$work/mine.conf")" = mine ]; }
forced() { g export plain -o "$work/mine.conf" --force "${one[@]}" > /dev/null && grep -q '^NoNew' "$work/mine.conf"; }
no_link() { ln -sf mine.conf "$work/link.conf"; status 3 g export plain -o "$work/link.conf" --force "${one[@]}" 2> "$work/err" && grep -q 'symbolic link' "$work/err" && [ -L "$work/link.conf" ]; }
no_folder() { status 3 g export plain -o /proc/nowhere/x.conf "${one[@]}" 2> "$work/err" && [ "$(wc -l < "$work/err")" -eq 1 ]; }
into_folder() { mkdir -p "$work/into" && g export plain -o "$work/into" "${one[@]}" > /dev/null && [ -s "$work/into/50-gird.conf" ]; }
needs_folder() { status 2 g export plain -f ansible "${one[@]}" 2> "$work/err" && grep -q -- '--output=DIR' "$work/err"; }
several() { g export plain plain -o "$work/several" "${one[@]}" > /dev/null && [ -s "$work/several/plain.service/50-gird.conf" ]; }
several_need_folder() { status 2 g export plain plain "${one[@]}" 2> "$work/err" && grep -q -- '--output=DIR' "$work/err"; }
all_or_none() { # a role of which one file is somebody else's: nothing of it is written
        mkdir -p "$work/r/gird_plain/meta" && echo mine > "$work/r/gird_plain/meta/main.yml"
        status 3 g export plain -f ansible -o "$work/r" "${one[@]}" 2> "$work/err" && [ "$(find "$work/r" -type f | wc -l)" -eq 1 ] && [ ! -d "$work/r/gird_plain/tasks" ]
}
full_disk() {
        unshare --user --map-root-user --mount bash -c 'mount -t tmpfs -o size=4k none "$1" && cd "$1" && head -c 4096 /dev/zero > fill; shift; "$@"' - "$work/into" \
                "$gird" --root="$root" --systemd="$GIRD_SYSTEMD" export plain -o "$work/into/full.conf" "${one[@]}" > "$work/out" 2> "$work/err"
        [ $? -eq 3 ] && grep -q 'No space left' "$work/err" && [ ! -e "$work/into/full.conf" ] && [ -z "$(find "$work/into" -name '.*gird*')" ]
}
rollback() { # one file can't be put in its place, since something is mounted on it: those before it are as they were
        local roles=$work/back
        g export plain -q -f ansible -o "$roles" -p User=before > /dev/null 2>&1 || return 1
        cp -r "$roles" "$work/was"
        unshare --user --map-root-user --mount bash -c 'mount --bind "$1" "$1"; shift; "$@"' - "$roles/gird_plain/meta/main.yml" \
                "$gird" --root="$root" --systemd="$GIRD_SYSTEMD" export plain -f ansible -o "$roles" -p User=after > "$work/out" 2> "$work/err"
        [ $? -eq 3 ] && grep -q 'meta/main.yml' "$work/err" && diff -r "$work/was" "$roles"
}
full_stdout() { status 3 sh -c "'$gird' --root='$root' --systemd=252 export plain -p NoNewPrivileges=yes > /dev/full" 2> "$work/err"; }
unknown_form() { status 2 g export plain -f xml "${one[@]}" 2> "$work/err" && grep -q '"xml"' "$work/err" && grep -q ansible "$work/err"; }
no_profile() { status 2 g export plain 2> "$work/err" && grep -q 'no profile yet' "$work/err"; }
no_unit() { status 3 g export nosuch "${one[@]}" 2> "$work/err" && grep -q nosuch.service "$work/err"; }
no_word() { status 2 g export 2> "$work/err" && grep -q 'which unit' "$work/err"; }
list() { [ "$(g export --format list | wc -l)" -ge 9 ] && g export --format list --json | python3 -c 'import json,sys; assert "nix" in [f["format"] for f in json.load(sys.stdin)]'; }
as_json() { g export plain --json -f portable "${one[@]}" | python3 -c 'import json,sys; d=json.load(sys.stdin); assert d["unit"] == "plain.service" and d["files"][0]["path"].endswith("/service.conf") and "NoNewPrivileges=yes" in d["files"][0]["text"]'; }
for t in to_file again foreign forced no_link no_folder into_folder needs_folder several several_need_folder all_or_none full_stdout unknown_form \
        no_profile no_unit no_word list as_json; do check $t $t; done
if unshare --user --map-root-user --mount true 2> /dev/null; then for t in full_disk rollback; do check $t $t; done
else skipped export-full-disk "needs user namespaces"; fi
finished() { wait "$player" || { tail -5 "$work/played"; return 1; }; }
[ -z "$player" ] || check "ansible-playbook runs the roles twice, the second time without a change" finished
finish
