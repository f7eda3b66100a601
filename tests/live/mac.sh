#!/bin/bash
# mac.sh - exports for security modules and container runtimes, read by those who have to read them: ten real
# services as they were observed, names that no form may trip over, and filters as a runtime enforces them.
. tests/lib.sh
mac=$PWD/tests/live/mac
root=$work/root
PATH=$PATH:/usr/sbin:/sbin
python=/usr/bin/python3
mkdir "$root" && tar -xJf "$mac/observed.tar.xz" -C "$root"
units=$root/usr/lib/systemd/system
names="apache2 cron haproxy memcached mosquitto nginx postgresql@15-main redis-server rsyslog ssh"

g() { "$gird" --root="$root" --systemd=257.13 "$@"; }
make_form() { g export "$1" --format="$2" > "$3" 2> "$work/err" || { tail -1 "$work/err"; return 1; }; }

# ---- the readers ----
abi=/etc/apparmor.d/abi/3.0
reads_apparmor() { apparmor_parser -Q -K -M $abi "$1"; }
reads_selinux() { cp "$1" "$work/module.cil"; secilc -o "$work/policy" -f "$work/contexts" "$mac/base.cil" "$work/module.cil"; }
reads_grsec() { # one without a role of its own goes behind one
        if grep -q '^role ' "$1"; then $python "$mac/grsec.py" "$1"; else
                cat "$mac/base.policy" "$1" > "$work/whole.policy"; $python "$mac/grsec.py" "$work/whole.policy"
        fi
}
reads_seccomp() { $python -c 'import json, jsonschema, sys; jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' "$1" "$mac/seccomp.schema.json"; }
have_apparmor() { command -v apparmor_parser > /dev/null && [ -e $abi ]; }
have_selinux() { command -v secilc > /dev/null; }
have_grsec() { :; }
have_seccomp() { $python -c 'import jsonschema' 2> /dev/null; }

all_read() { # FORM: every one of the ten is taken by its reader
        local u
        for u in $names; do
                make_form "$u" "$1" "$work/$u.$1" || { echo "$u: no $1"; return 1; }
                reads_"$1" "$work/$u.$1" > "$work/read" 2>&1 || { echo "$u: $(tail -1 "$work/read")"; return 1; }
        done
}
for form in apparmor selinux grsec seccomp; do
        if have_$form; then check "ten_services_as_$form" all_read $form; else skipped "ten_services_as_$form" "its reader is not here"; fi
done

# ---- what the readers must refuse: else their yes says nothing ----
refuse_apparmor() { sed 's/capability chown/capability chwon/' "$work/nginx.apparmor" > "$work/bad"; ! reads_apparmor "$work/bad"; }
refuse_selinux() { sed 's/(name_bind)/(name_bnid)/' "$work/nginx.selinux" > "$work/bad"; ! reads_selinux "$work/bad"; }
refuse_grsec() { sed 's/+CAP_CHOWN/+CAP_CHWON/' "$work/nginx.grsec" > "$work/bad"; ! reads_grsec "$work/bad"; }
refuse_seccomp() { sed 's/SCMP_ACT_ALLOW/SCMP_ACT_ALOW/' "$work/redis-server.seccomp" > "$work/bad"; ! reads_seccomp "$work/bad"; }
for form in apparmor selinux grsec seccomp; do if have_$form; then check refuse_$form refuse_$form; fi; done

# ---- what is in them ----
has() { grep -qxF -- "$2" "$work/$1" || { echo "$1 has no line: $2"; return 1; }; }
nginx_apparmor() { has nginx.apparmor '  capability net_bind_service,' && has nginx.apparmor '  network inet stream,' &&
        has nginx.apparmor '  /etc/nginx/nginx.conf r,' && has nginx.apparmor '  /usr/sbin/nginx rmix,' &&
        has nginx.apparmor '  /var/log/nginx/access.log wk,' && has nginx.apparmor '#     AppArmorProfile=nginx' &&
        has nginx.apparmor '  /usr/lib/** rm,'; }
nginx_selinux() { has nginx.selinux '    (allow process http_port_t (tcp_socket (name_bind)))' &&
        has nginx.selinux '    (filecon "/var/log/nginx(/.*)?" any (system_u object_r log ((s0) (s0))))' &&
        has nginx.selinux ';     SELinuxContext=system_u:system_r:nginx.process:s0'; }
nginx_grsec() { has nginx.grsec 'subject /usr/sbin/nginx odp' && has nginx.grsec $'\tbind 0.0.0.0/0:80 stream tcp' &&
        has nginx.grsec $'\t+CAP_NET_BIND_SERVICE' && has nginx.grsec $'\tconnect disabled'; }
own_user_gets_a_role() { has redis-server.grsec 'role redis u'; }
left_out_is_said() { grep -q 'SystemCallFilter=: AppArmor knows no system calls' "$work/redis-server.apparmor" &&
        g export redis-server --format=apparmor 2>&1 > /dev/null | grep -q 'left out: SystemCallFilter='; }
for t in nginx_apparmor nginx_selinux nginx_grsec own_user_gets_a_role left_out_is_said; do check $t $t; done

# ---- without an observation ----
printf '[Service]\nExecStart=/usr/bin/hostile\n' > "$units/hostile.service"
printf '[Service]\nExecStart=/usr/bin/x\nProtectSystem=strict\nReadWritePaths=/var/lib/x\nInaccessiblePaths=/srv\nCapabilityBoundingSet=CAP_CHOWN\n' > "$units/bare.service"
unseen_is_refused() { local f; for f in selinux grsec; do
        status 2 g export bare --format=$f > /dev/null 2> "$work/err" && grep -q 'gird observe bare' "$work/err" || return 1; done; }
settings_alone() { make_form bare apparmor "$work/bare.apparmor" && has bare.apparmor '  capability chown,' &&
        has bare.apparmor '  /var/lib/x/** wkl,' && grep -q 'not observed yet' "$work/bare.apparmor"; }
check unseen_is_refused unseen_is_refused
check settings_alone settings_alone
if have_apparmor; then check settings_alone_are_read reads_apparmor "$work/bare.apparmor"; fi

# ---- hostile names, there and back ----
hostile() { # SEED
        local at=$root/var/lib/gird/hostile.service f
        mkdir -p "$at" && $python "$mac/hostile.py" make "$1" "$at" || return 1
        for f in apparmor selinux grsec; do
                have_$f || continue
                make_form hostile $f "$work/hostile.$f" || return 1
                case $f in
                apparmor) apparmor_parser -Q -K -M $abi -d "$work/hostile.$f" > "$work/parsed" || return 1 ;;
                selinux) reads_selinux "$work/hostile.$f" || return 1; grep -v '/usr/bin/hostile' "$work/contexts" > "$work/parsed" ;;
                grsec) cat "$mac/base.policy" "$work/hostile.$f" > "$work/parsed" ;;
                esac
                $python "$mac/hostile.py" $f "$at" "$work/parsed" || { echo "seed $1"; return 1; }
        done
}
for seed in 1 2 3 ${SEED:-4}; do check "hostile_names_$seed" hostile $seed; done

# ---- filters, enforced ----
runs() { # FILTER: what the probe is answered, in *out*
        local bundle=$work/bundle
        rm -rf "$bundle" && mkdir "$bundle" &&
        $python "$mac/bundle.py" "$1" "$bundle" $python -u -B -S -c "$(cat "$mac/probe.py")" &&
        unshare --mount --propagation private sh -c '
                [ -e /sys/fs/cgroup/cgroup.controllers ] || mount -t cgroup2 none /sys/fs/cgroup
                cd "$1" && exec timeout 20 crun --root "$1/state" --cgroup-manager=disabled run "gird-mac-$2"' - "$bundle" $$ > "$work/answers" 2>&1
}
filter() { printf '[Service]\nExecStart=/usr/bin/x\nSystemCallArchitectures=native\n%b' "$1" > "$units/filter.service"
        make_form filter seccomp "$work/filter.json" && reads_seccomp "$work/filter.json" && runs "$work/filter.json"; }
answers() { local a; for a in "$@"; do grep -qx "$a" "$work/answers" || { echo "not \"$a\" but $(grep "^${a% *} " "$work/answers" || tail -1 "$work/answers")"; return 1; }; done; }
all='RestrictAddressFamilies=AF_INET AF_UNIX\nRestrictNamespaces=uts\nLockPersonality=yes\nMemoryDenyWriteExecute=yes\nRestrictSUIDSGID=yes\nRestrictRealtime=yes\nProtectHostname=yes\n'
refused="inet=ok unix=ok netlink=EAFNOSUPPORT unshare-net=EPERM unshare-uts=ok unshare-nothing=ok personality=EPERM setuid-mode=EPERM plain-mode=ok fork=ok write-execute=EPERM write=ok sethostname=EPERM"
allow_list() { filter "${all}SystemCallFilter=@system-service unshare\nSystemCallErrorNumber=EACCES\n" && answers "${wanted[@]/sethostname EPERM/sethostname EACCES}" 'chroot EACCES'; }
deny_list() { filter "${all}SystemCallFilter=~chroot:ENOSYS @swap\n" && answers "${wanted[@]}" 'chroot ENOSYS'; }
no_families() { filter 'RestrictAddressFamilies=none\n' && answers 'inet EAFNOSUPPORT' 'unix EAFNOSUPPORT' 'netlink EAFNOSUPPORT' 'chroot ok'; }
denied_families() { filter 'RestrictAddressFamilies=~AF_NETLINK\n' && answers 'inet ok' 'unix ok' 'netlink EAFNOSUPPORT'; }
killed() { filter 'SystemCallFilter=@system-service unshare\n' || true; grep -qx 'setuid-mode ok' "$work/answers" && ! grep -q '^chroot' "$work/answers"; }
nothing_refused() { filter '' && answers 'inet ok' 'netlink ok' 'unshare-net ok' 'personality ok' 'setuid-mode ok' 'write-execute ok' 'chroot ok' 'sethostname ok'; }
wanted=()
for pair in $refused; do wanted+=("${pair/=/ }"); done
no_list() { filter "$all" && answers "${wanted[@]}" 'chroot ok'; }
if ! command -v crun > /dev/null || ! filter ''; then
        skipped filters_enforced "crun cannot run a container here: $(tail -1 "$work/answers" 2> /dev/null)"
else
        for t in nothing_refused no_list allow_list deny_list no_families denied_families killed; do check "filter_$t" $t; done
fi
finish
