#!/bin/bash
# lessons.sh - every lesson in real twins: no answer fails, the right one passes, a tempting one fails with the reason; other right ways are taken; progress; one lesson on the screen.  All in a mount namespace of its own.
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || { skipped lessons "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped lessons "needs systemd-nspawn"; finish; }
if [ -z "${GIRD_OWN_MOUNTS:-}" ]; then
        rm -rf "$work"
        GIRD_OWN_MOUNTS=1 exec unshare --mount --propagation private bash "$0"
fi
mkdir -p /var/lib/gird && mount -t tmpfs tmpfs /var/lib/gird
chmod 755 "$work"

# one NAME STATUS WORDS LESSON ANSWER...: the check ends so, and says the words.
one() {
        local name=$1 want=$2 words=$3 lesson=$4 got=0 line
        shift 4
        local -a answer=()
        for line in "$@"; do answer+=(-p "$line"); done
        "$gird" lesson --quiet "$lesson" --check "${answer[@]}" > "$work/$name.out" 2>&1 || got=$?
        if [ "$got" -ne "$want" ]; then not_ok "$name" "status $got: $(tr '\n' ' ' < "$work/$name.out")"
        elif ! grep -qF -- "$words" "$work/$name.out"; then not_ok "$name" "does not say \"$words\": $(tr '\n' ' ' < "$work/$name.out")"
        else ok "$name"; fi
}
# The last hint of a lesson is its answer.
right() { awk '/^Hint 3$/ { on = 1; next } /^[A-Z]/ { on = 0 } on' "help/lessons/$1.txt" | tr -s ' \n' '\n' | grep -vx -e '-p' -e ''; }

# A line each: NAME|STATUS|WORDS|LESSON|ANSWER|ANSWER...  Without an answer first: later one is kept.
cases() {
        cat <<'C'
score-none|1|its exposure is 9.6, and 6.0 is asked for|score
files-none|1|it still reads /etc/shadow|files
users-none|1|it still is root|users
capabilities-none|1|more capabilities (chown|capabilities
calls-none|1|it still may trace a process|calls
network-none|1|it still opens packet sockets|network
namespaces-none|1|it still makes user namespaces|namespaces
devices-none|1|lesson-camera|devices
failure-none|1|226/NAMESPACE|failure
dropins-none|1|it still writes in /etc|dropins
service-none|1|it still opens packet sockets|service
learning-none|1|it still opens netlink sockets|learning
fleet-none|1|systemd 247 scores it 9.6|fleet
C
        for lesson in $(sed -nE 's/^LESSON\(([a-z]+),.*/\1/p' tui/lessons.inc); do
                echo "$lesson-right|0|Done.|$lesson|$(right "$lesson" | paste -sd'|')"
        done
        cat <<'C'
score-number-alone|1|it still reads the list of customers|score|NoNewPrivileges=yes|PrivateDevices=yes|ProtectSystem=strict|LogsDirectory=gird-lesson|SystemCallFilter=@system-service|CapabilityBoundingSet=|RestrictNamespaces=yes|ProtectKernelModules=yes|ProtectKernelTunables=yes
files-log|1|because of ProtectSystem=strict|files|ProtectSystem=strict|InaccessiblePaths=/etc/shadow
files-lost|1|it no longer leaves its log|files|ProtectSystem=strict|TemporaryFileSystem=/var/log/gird-lesson|InaccessiblePaths=/etc/shadow
files-other|0|Done.|files|ReadOnlyPaths=/|ReadWritePaths=/var/log/gird-lesson|TemporaryFileSystem=/etc:ro
users-nobody|1|it still is the user nobody|users|User=nobody|StateDirectory=gird-lesson
users-state|1|it no longer counts its visitors|users|DynamicUser=yes
capabilities-all-gone|1|because of CapabilityBoundingSet=|capabilities|CapabilityBoundingSet=
capabilities-other|0|Done.|capabilities|User=daemon|AmbientCapabilities=CAP_NET_BIND_SERVICE|CapabilityBoundingSet=CAP_NET_BIND_SERVICE
calls-chown|1|SIGSYS|calls|SystemCallFilter=@system-service|SystemCallFilter=~@privileged
network-private|1|it no longer serves the page to this machine|network|PrivateNetwork=yes
namespaces-worker|1|because of RestrictNamespaces=yes|namespaces|RestrictNamespaces=yes|PrivateTmp=yes
devices-dice|1|because of TemporaryFileSystem=/dev|devices|TemporaryFileSystem=/dev
failure-half|1|SIGSYS|failure|ReadWritePaths=/var/log/gird-lesson
failure-all-back|1|Too much was given back|failure|ReadWritePaths=|SystemCallFilter=|ProtectSystem=no
dropins-adds|1|it still writes in /var/lib|dropins|ReadWritePaths=/var/log/gird-lesson
dropins-empty|1|Name /var/log/gird-lesson again|dropins|ReadWritePaths=
service-state|1|it no longer serves the page|service|DynamicUser=yes|LogsDirectory=gird-lesson
learning-log-alone|1|it no longer writes its report|learning|ProtectSystem=strict|PrivateDevices=yes|ReadWritePaths=/var/log/gird-lesson|RestrictAddressFamilies=AF_INET|SystemCallFilter=@system-service
fleet-new|1|systemd 247 does not know PrivateIPC=|fleet|DynamicUser=yes|LogsDirectory=gird-lesson|PrivateDevices=yes|CapabilityBoundingSet=|SystemCallFilter=@system-service|PrivateIPC=yes|RestrictNamespaces=yes
C
}
# Two at a time; what each says is kept apart.
all_cases() {
        local line n=0
        while read -r line; do
                IFS='|' read -r -a part <<< "$line"
                n=$((n + 1))
                one "${part[@]}" > "$work/case-$n" &
                [ $((n % 2)) -eq 0 ] && wait
        done < <(cases)
        wait
        for line in $(seq $n); do cat "$work/case-$line"; grep -q '^not ok' "$work/case-$line" && bad=1; done
}
all_cases

# ---- progress, files, ordinary users ----
marks() { "$gird" lesson | grep -q '^13 of 13 done' && "$gird" lesson --json | grep -qE '"done":\s*true'; }
check progress-is-remembered marks
profile() { printf '[Service]\nReadWritePaths=\nReadWritePaths=/var/log/gird-lesson\n' > "$work/a.conf" && "$gird" lesson -q dropins --check --profile "$work/a.conf"; }
check a-drop-in-is-an-answer profile
json() { status 1 "$gird" lesson -q dropins --check --json -p ReadWritePaths=/srv > "$work/j" && grep -qE '"done":\s*false' "$work/j" && grep -qE '"missing":\s*"it still writes in /etc' "$work/j"; }
check a-check-speaks-json json
wrong() { status 2 "$gird" lesson -q files --check -p ProtectSytem=strict && status 3 "$gird" lesson nothing; }
check mistakes-are-named wrong
damaged() { echo '{"gird":1,"lessons":7}' > /var/lib/gird/lessons.json && "$gird" lesson 2>&1 | grep -q '^0 of 13' && "$gird" lesson files 2>&1 | grep -q 'no file of gird' && "$gird" lesson files --hint | grep -q '^Hint 1 of 3' && [ -e /var/lib/gird/lessons-damaged.json ] && "$gird" lesson files | grep -q '^Hint 1$'; }
check a-damaged-file-is-put-aside damaged
full() { mount -t tmpfs -o size=4k tmpfs /var/lib/gird && head -c 5000 /dev/zero > /var/lib/gird/x 2> /dev/null; "$gird" lesson files --hint > "$work/o" 2> "$work/e"; umount /var/lib/gird; grep -q '^Hint 1' "$work/o" && grep -q 'No space left' "$work/e"; }
check a-full-disk-takes-no-hint-away full
elsewhere() { status 3 "$gird" --user lesson files --check 2> "$work/e" && grep -q 'leave -H, -M and --user out' "$work/e"; }
check a-lesson-is-the-machines-own elsewhere
install -m 755 "$gird" "$work/gird"
plain() { setpriv --reuid=65534 --regid=65534 --clear-groups env -u HOME XDG_STATE_HOME="$work/state" "$work/gird" "$@"; }
mkdir -m 777 "$work/state"
user() { plain lesson | grep -q '\[ \] files' && plain lesson files | grep -q '^Task' && plain lesson files --hint | grep -q 'Hint 1 of 3' && plain lesson files --hint | grep -q 'Hint 2 of 3' && ! plain lesson files --check 2> "$work/e" && grep -q 'sudo gird lesson files --check' "$work/e"; }
check an-ordinary-user-reads-and-is-told-what-to-type user
left() { ! ls -d /usr/local/lib/gird-lesson /etc/systemd/system/gird-lesson-* /dev/lesson-camera /srv/gird-lesson /var/log/gird-lesson /var/lib/gird-lesson 2> /dev/null | grep .; }
check nothing-of-it-is-on-the-machine left

# ---- one lesson on the screen ----
command -v tmux > /dev/null || { skipped lessons-screen "needs tmux"; finish; }
rm -f /var/lib/gird/*.json
tm() { tmux -L gird-lessons-$$ -f /dev/null "$@"; }
cleanup() { tm kill-server 2> /dev/null; rm -rf "$work"; }
see() { # waits at most 40 s
        local i
        for i in $(seq 400); do
                tm capture-pane -p | grep -qF -- "$1" && return 0
                sleep 0.1
        done
        echo "never saw: $1"
        tm capture-pane -p
        return 1
}
keys() { tm send-keys "$@"; }
line() { keys a && see 'Directive=value:' && keys -l "$1" && keys Enter && see "  $1"; }
opened() { tm new-session -d -x 100 -y 40 "env LC_ALL=C.UTF-8 $gird; echo \"left with \$?\"; sleep 1000" && see EXPOSURE && keys L && see '0 of 13 done' && keys j && keys Enter && see 'Lesson 2: files' && see 'Task'; }
hinted() { keys i && see 'Begin with the strictest value'; }
mended() { keys a && see 'Directive=value:' && keys -l 'ProtectSytem=strict' && keys Enter && see 'ProtectSystem' && keys Escape && sleep 0.3; }
stopped() { line ProtectSystem=strict && keys t && see 'starting' && keys c && see 'Cancelled'; }
broke() { keys t && see 'Not yet' && see 'because of ProtectSystem=strict' && see 'it still reads /etc/shadow'; }
solved() { line LogsDirectory=gird-lesson && line InaccessiblePaths=/etc/shadow && keys t && see 'Done.' && see 'Why'; }
marked() { keys q && see '1 of 13 done' && see '[x] files' && keys q && see EXPOSURE && keys q && see 'left with 0' && "$gird" lesson files | grep -q InaccessiblePaths; }
for t in opened hinted mended stopped broke solved marked; do check "lessons-screen-$t" "$t"; done
finish
