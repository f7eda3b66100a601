#!/bin/bash
# planted.sh - planted.c does one thing after the other; each must be found by the observer, and must not be where it was not done.
# Then storms: all that is not kept must be counted.
#   planted.sh [NAME...]     (root; build/live/observer_driver)
. tests/lib.sh
. tests/observing.sh
why=$(can_observe) || { skipped planted "$why"; finish; }
command -v python3 > /dev/null || { skipped planted "needs python3"; finish; }

# Folders that rows write to are laid over with ones of the test's own.
if [ -z "${GIRD_TEST_INSIDE:-}" ]; then
        rm -rf "$work"
        GIRD_TEST_INSIDE=1 exec unshare --mount --propagation private -- "$0" "$@"
fi
there=/mnt/planted
id=$$
cleanup() {
        rm -rf "$work"
        [ -z "${outside:-}" ] || kill "$outside" 2> /dev/null
        for g in $groups/gird-planted-$id*; do [ -d "$g" ] && leave_group "$g"; done
}

lay_over() {
        local d
        mount -t tmpfs -o mode=755 tmpfs /mnt && mkdir $there /mnt/over || return 1
        for d in /home /root; do mount -t tmpfs -o mode=755 tmpfs $d || return 1; done
        for d in etc usr var/lib tmp run; do
                mkdir -p /mnt/over/$d /mnt/over/$d.work
                mount -t overlay overlay -o "lowerdir=/$d,upperdir=/mnt/over/$d,workdir=/mnt/over/$d.work" /$d || return 1
        done
}
compile() {
        local more
        for more in -static ''; do # where there is a static libc, a process does less besides
                # shellcheck disable=SC2086
                ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O1 $more -pthread -o "$there/program" tests/live/planted*.c 2> "$work/cc.err" && return 0
        done
        cat "$work/cc.err"
        return 1
}
prepare() {
        # For one row, which says so where this compiler cannot make such a program.
        ${CC:-cc} -m32 -nostdlib -static -ffreestanding -fno-pie -fno-stack-protector -O1 -o "$there/small32" tests/live/small32.c 2> /dev/null
        cp "$there/program" "$there/setuid" && cp "$there/program" "$there/setgid" && cp "$there/program" "$there/filecaps" || return 1
        chmod 4755 "$there/setuid" && chown 1:1 "$there/setgid" && chmod 2755 "$there/setgid" || return 1
        python3 -c 'import os, struct, sys
os.setxattr(sys.argv[1], "security.capability", struct.pack("<IIIII", 0x02000001, 1 << 13, 0, 0, 0))' "$there/filecaps" || return 1
        printf '#!/bin/sh\nexit 0\n' > "$there/script" && chmod 755 "$there/script" || return 1
        mkdir "$there/ro" "$there/ram" && mount -t tmpfs -o ro tmpfs "$there/ro" && mount -t tmpfs tmpfs "$there/ram" && echo x > "$there/ram/file" || return 1
        "$there/program" --list $there > "$work/list"
        # shellcheck disable=SC2046
        "$there/program" --prepare $there $(cut -f1 "$work/list")
}
lay_over > "$work/out" 2>&1 || { skipped planted "cannot lay over folders: $(tail -1 "$work/out")"; finish; }
compile > "$work/out" || { not_ok "planted compiles" "$(head -5 "$work/out")"; finish; }
prepare > "$work/out" 2>&1 || { not_ok "planted is prepared" "$(tail -3 "$work/out")"; finish; }
bash -c 'trap : USR1; while :; do sleep 0.2; done' &
outside=$!

# ---- some of them as units in a twin: what they change there is gone afterwards ----

in_twin='open_read open_create open_symlink open_relative openat2_create open_absent chroot_open stat_file unlink_file rename_file link_file symlink_file
truncate_path mkdir_folder chmod_suid mknod_fifo write_etc write_root proc_self device_null map_write_exec protect_exec personality_32 unshare_user clone_net
clone3_user enter_uts socket_packet socket_route bind_tcp bind_unix bind_abstract connect_tcp send_udp accept_tcp prctl_no_new_privs trace_child mount_tmpfs
set_user set_groups kill_child kill_other_user die_of_segment die_of_filter refused_by_filter exec_setuid exec_file_caps exec_script depth_5 orphan thread
after_exec cap_dac_override cap_fowner call_32bit'
watch_unit() { # N NAME...
        local n=$1 base=$work/twin/$1
        shift
        echo "$@" > "$base.names"
        cat > /etc/systemd/system/gird-planted.service <<-END
		[Service]
		Type=oneshot
		Environment=GIRD_OUTSIDE=1 GIRD_CGROUP=/nonexistent
		ExecStart=$there/program --run $there $*
		END
        rm -rf /var/lib/gird/gird-planted.service
        timeout 100 "$gird" observe gird-planted -q --settle 500ms --json > "$base.out" || return 1
        cp /var/lib/gird/gird-planted.service/behaviour.json "$base.json" && : > "$base.said"
}
if [ $# -gt 0 ]; then :; elif command -v systemd-nspawn > /dev/null && "$gird" observe --help > /dev/null 2>&1; then
        mkdir "$work/twin"
        n=0
        # shellcheck disable=SC2086
        while read -r names; do
                watch_unit $n $names > "$work/out" 2>&1 || { not_ok "planted unit $n is watched in a twin" "$(tail -2 "$work/out")"; break; }
                n=$((n + 1))
        done < <(python3 tests/live/planted.py batches "$work/list" $in_twin)
        python3 tests/live/planted.py check "$work/list" $there /nonexistent "$work/twin" > "$work/out" || bad=1
        sed 's/planted-/planted-in-twin-/' "$work/out"
else
        skipped planted-in-twin "systemd-nspawn is not installed"
fi

# ---- one thing at a time ----

mkdir "$work/batches"
group=$groups/gird-planted-$id.service
watch_batch() { # N NAME...
        local n=$1 base=$work/batches/$1 r=0
        shift
        echo "$@" > "$base.names"
        observe_begin gird-planted-$id.service "$group" "$base.json" || return 1
        GIRD_OUTSIDE=$outside GIRD_CGROUP=$group inside "$group" "$there/program" --run $there "$@" > "$base.said" 2>&1 < /dev/null
        observe_end || r=1
        leave_group "$group"
        return $r
}
n=0
begin=$(date +%s%N)
while read -r names; do
        # shellcheck disable=SC2086
        if ! watch_batch $n $names > "$work/out" 2>&1; then
                not_ok "planted batch $n is watched" "$(tail -2 "$work/out"; tail -2 "$work/batches/$n.json.err")"
                finish
        fi
        n=$((n + 1))
done < <(python3 tests/live/planted.py batches "$work/list" "$@")
echo "figure planted: $(grep -c . "$work/list") rows in $n sessions, $((($(date +%s%N) - begin) / 1000000)) ms"
[ -z "${KEEP:-}" ] || { rm -rf "$KEEP"; cp -r "$work/batches" "$KEEP"; cp -r "$work/twin" "$KEEP/"; cp "$work/list" "$KEEP/list"; }
python3 tests/live/planted.py check "$work/list" $there "$group" "$work/batches" || bad=1
[ $# -eq 0 ] || [ "${STORMS:-}" ] || finish

# ---- storms ----

storm() { # NAME COUNT
        local unit=gird-planted-$id-$1.service folder=$groups/gird-planted-$id-$1.service
        mkdir "$there/storm" && cd "$there/storm" || return 1
        observe_begin "$unit" "$folder" "$work/storm.json" || return 1
        inside "$folder" "$there/program" --storm "$1" "$2"
        local status=$?
        observe_end || return 1
        cd - > /dev/null && rm -rf "$there/storm"
        leave_group "$folder"
        [ $status -eq 0 ] || { echo "the storm broke off with $status"; return 1; }
        python3 - "$1" "$2" "$work/storm.json" "$work/storm.json.err" <<-'END'
		import json, re, sys
		kind, count, path, errors = sys.argv[1], int(sys.argv[2]), sys.argv[3], open(sys.argv[4]).read()
		b = json.load(open(path))
		s, acts = b["sessions"][0], b["acts"]
		calls = {a["call"]: a["count"] for a in acts if a["kind"] == "call"}
		memory = re.search(r"memory[ =:]+(\d+)", errors)
		print("figure storm of %d %s: %d events, %d lost, %d acts, %d processes, %s KiB in the kernel" % (
		    count, kind, s["events"], s["lost"], len(acts), s["processes"], int(memory.group(1)) // 1024 if memory else "?"))
		bad = []
		def expect(what, ok):
		    if not ok:
		        bad.append(what)
		paths = [a for a in acts if a["kind"] == "path" and "/storm" in a.get("path", "")]
		if kind == "forks":
		    expect("%d forks counted, or loss told" % count, s["processes"] >= count or s["lost"])
		    expect("the children's opens counted", any(a.get("path") == "/dev/null" and (a["count"] >= count or s["lost"]) for a in acts))
		if kind == "opens":
		    expect("every open counted", any(a["kind"] == "path" and a["path"] == "/etc/passwd" and a["count"] == count for a in acts) or s["lost"])
		    expect("calls are counted exactly", calls.get("openat", 0) >= count)
		    expect("nothing lost of one file", s["lost"] == 0)
		if kind in ("paths", "trees"):
		    expect("few acts stand for many names (%d)" % len(paths), len(paths) <= 200)
		    expect("and are marked as general", any(a.get("general") for a in paths))
		    made = sum(a["count"] for a in paths if "create" in a["access"])
		    expect("every name counted, or loss told (%d counted)" % made, made >= count or s["lost"])
		if kind == "peers":
		    seen = [a for a in acts if a["kind"] == "connect"]
		    expect("connects there", seen)
		    expect("every connect counted, or loss told", sum(a["count"] for a in seen) >= count or s["lost"])
		print("figure ... %s" % "; ".join("%s %s %s" % (a["path"], "+".join(a["access"]), a["count"]) for a in paths[:4])) if bad else None
		expect("memory told and below 64 MiB", memory and int(memory.group(1)) < 64 << 20)
		expect("at most 20000 acts", len(acts) <= 20000)
		if bad:
		    sys.exit("not met: " + "; ".join(bad))
		END
}
while read -r kind count; do
        if storm "$kind" "$count" > "$work/out" 2>&1; then
                ok "a storm of $count $kind is complete, or says what is lost"
        else
                not_ok "a storm of $count $kind is complete, or says what is lost" "$(tail -1 "$work/out")"
        fi
        grep '^figure' "$work/out"
done <<- 'END'
	forks 2000
	opens 1000000
	paths 10000
	trees 10000
	peers 100000
END
finish
