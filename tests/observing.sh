# observing.sh - what tests of the observer share.  Source it after lib.sh.
#   observe_begin UNIT FOLDER OUT: watches FOLDER (made here) as that unit's;  observe_end: 0 when OUT is its behaviour
#   inside FOLDER COMMAND...: runs it there, counted from its exec on
driver=${OBSERVER:-$PWD/build/live/observer_driver}
groups=/sys/fs/cgroup
[ -d $groups/unified ] && groups=$groups/unified
observer=

can_observe() { # else a sentence on why not
        [ "$(id -u)" -eq 0 ] || { echo "needs root"; return 1; }
        [ -e $groups/cgroup.controllers ] || { echo "needs control groups of version 2"; return 1; }
        [ -x "$driver" ] || { echo "$driver is not there"; return 1; }
}

observe_begin() {
        mkdir -p "$2"
        "$driver" - "$1" 600 "$2" > "$3" 2> "$3.err" < /dev/null &
        observer=$!
        for _ in $(seq 300); do
                grep -q '^ready' "$3.err" 2> /dev/null && return 0
                kill -0 "$observer" 2> /dev/null || break
                sleep 0.02
        done
        echo "the observer did not begin: $(cat "$3.err")"
        return 1
}

observe_end() {
        kill -INT "$observer" 2> /dev/null
        wait "$observer"
}

inside() {
        local folder=$1
        shift
        bash -c 'echo $$ > "$0/cgroup.procs" && exec "$@"' "$folder" "$@"
}

leave_group() { # ends what is still in it
        local i
        for i in $(seq 50); do
                xargs -r kill -9 < "$1/cgroup.procs" 2> /dev/null
                find "$1" -depth -type d -exec rmdir {} + 2> /dev/null
                [ -d "$1" ] || return 0
                sleep 0.05
        done
}
