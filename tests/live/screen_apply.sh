#!/bin/bash
# screen_apply.sh - applying from the unit's screen, in a real terminal on a booted host: asked, counted down, confirmed, saved, taken back, and taken back by nobody.
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || { skipped screen-apply "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped screen-apply "needs systemd-nspawn"; finish; }
command -v tmux > /dev/null || { skipped screen-apply "needs tmux"; finish; }
host_test=screen-apply name=gird-test-screen-apply-$$ unit=gird-nested.service
. tests/host.sh
boot || {
        skipped screen-apply "this machine's tree does not boot in a container: $(tail -1 "$work/console" | tr -dc '[:print:]')"
        finish
}
service=gird-screened
host tee /etc/systemd/system/$service.service > /dev/null << 'U'
[Unit]
Description=A service for gird's own tests
[Service]
ExecStart=/bin/sleep infinity
U
host systemctl daemon-reload
host systemctl start $service

n=0
tm() { host tmux -L gird-$n -f /dev/null "$@"; }
start() { # [COLUMNS ROWS]
        tm kill-server 2> /dev/null
        n=$((n + 1))
        host systemd-run --quiet --unit=terminal-$n -p Type=forking -E TERM=screen tmux -L gird-$n -f /dev/null new-session -d -x "${1:-80}" -y "${2:-24}" \
                'env LC_ALL=C.UTF-8 gird-nested; echo "left with $?"; sleep 1000'
}
see() { # REGEX [SECONDS]
        local i
        for i in $(seq $((${2:-20} * 10))); do
                tm capture-pane -p | grep -qE -- "$1" && return 0
                sleep 0.1
        done
        echo "never saw: $1"
        tm capture-pane -p
        return 1
}
keys() { tm send-keys "$@"; }
is() { host systemctl show -P NoNewPrivileges $service | grep -qx "$1"; }
settled() { ! host sh -c "ls -A /run/gird/guard 2> /dev/null | grep -v '^lock' | grep -q ." && ! host systemctl list-units --all "gird-guard-$service*" | grep -q gird-guard; }
# By its description: the guard's own units have its name in theirs.
choose() { keys f && keys -l 'own tests' && see 'filter: .*own tests' && keys Enter && sleep 0.3 && keys Enter; }
open_unit() { host rm -rf /var/lib/gird/$service.service; reopen "$@"; }
reopen() { start "$@" && see 'UNIT +EXP' && choose && see 'SupplementaryGroups|Supplement'; }
set_yes() { keys / && keys NoNewPriv && keys Enter && keys Space && see 'NoNewPriv.* yes'; }
nothing() { open_unit && keys A && see 'nothing is changed yet'; }
asks() { set_yes && keys A && see "Apply to $service.service\?" && see 'no trial has held it' && see 'with a restart, which is an outage'; }
later() { keys Space && see 'At its next restart' && keys Space && see 'Now, with a restart'; }
twice() { keys y && see 'advised against.*y/N' && keys n && see 'y apply' && is no; }
applied() { keys y && see 'y/N' && keys y && see "reverts in [0-9]+ s +$service" && is yes; }
left_seconds() { tm capture-pane -p | sed -nE '1s/^reverts in ([0-9]+) s.*/\1/p'; }
counts() { local a; a=$(left_seconds) && sleep 2.5 && [ "$(left_seconds)" -lt "$a" ]; }
in_head() { keys q && see '^reverts in [0-9]+ s \(A\)'; }
in_list() { keys q && see "^reverts in [0-9]+ s: $service.service" && see "^!$service.service .*reverts in"; }
again() { keys Enter && see '^reverts in' && keys A && see 'c keeps it until the next boot'; }
confirmed() { keys c && see 'applied until next boot' && sleep 1 && is yes; }
saved() { keys s && see '50-gird.conf' && see 'It held' && keys y && see 'Saved /etc' && keys q && see 'nothing left to confirm|applied until next boot' && host grep -q '^NoNewPrivileges=yes' /etc/systemd/system/$service.service.d/50-gird.conf; }
clean() { in_host undo $service > /dev/null 2>&1; host systemctl restart $service; is no && settled; }
reverted() { open_unit && set_yes && keys A && see 'Apply to' && keys y && see 'y/N' && keys y && see 'reverts in' && is yes && keys r && see 'Taken back: everything is as it was' && is no && settled; }
elsewhere() { open_unit && set_yes && keys A && see 'Apply to' && keys y && see 'y/N' && keys y && see 'reverts in' && in_host confirm $service > /dev/null 2>&1 && see 'applied until next boot' && keys r && see 'y/N' && keys y && see 'Taken back' && is no && settled; }
narrow() { open_unit 20 8 && keys / && keys NoNewPriv && keys Enter && keys Space && sleep 0.3 && keys A && see 'Apply to' && keys y && see 'y/N' && keys y && see '^reverts in' && tm resize-window -x 70 -y 20 && see "reverts in [0-9]+ s +$service" && tm resize-window -x 20 -y 8 && see '^reverts in' && keys c && see '^applied until next' && keys r && see 'y/N' && keys y && see 'Taken back' && settled; }
# gird is killed while it counts down; the next one finds it, and nobody confirms it.
killed() { open_unit && set_yes && keys A && see 'Apply to' && keys y && see 'y/N' && keys y && see 'reverts in' && host pkill -9 -x gird-nested; reopen && see '^reverts in [0-9]+ s \(A\)' && keys A && see 'c keeps it'; }
nobody() { see 'as nobody confirmed it in time' 80 && is no && settled; }
# The minute to confirm may be over on a slow machine: then there is nothing to confirm, which is no fault.
is_over() { ! host /usr/local/sbin/gird-nested status 2> /dev/null | grep -q "$service"; }
over=
for t in nothing asks later twice applied counts in_head in_list again confirmed saved clean reverted elsewhere narrow killed nobody; do
        [ "$t" != again ] || ! is_over || over=yes
        case $over,$t in
        yes,again | yes,confirmed | yes,saved) "$t" > /dev/null 2>&1; skipped "screen-apply-$t" "the minute to confirm was over: the machine is slow" ;;
        *) check "screen-apply-$t" "$t" ;;
        esac
done
tm kill-server 2> /dev/null
finish
