#!/bin/bash
# screen.sh - the full screen in a real terminal (tmux): one journey per view, sizes, colours, quitting.
. tests/lib.sh
command -v tmux > /dev/null || { skipped screen "tmux is not installed"; finish; }
socket=gird-test-$$ n=0
tm() { tmux -L $socket-$n -f /dev/null "$@"; }
cleanup() { tm kill-server 2> /dev/null; rm -rf "$work"; }

root=$work/root
units=$root/usr/lib/systemd/system
mkdir -p "$units" "$root/etc/systemd/system" "$root/var/lib"
printf 'ID=test\n' > "$root/etc/os-release"
printf '[Unit]\nDescription=A web server\n[Service]\nExecStart=/bin/true\nPrivateTmp=yes\n' > "$units/web.service"
printf '[Unit]\nDescription=A data store\n[Service]\nExecStart=/bin/true\nUser=nobody\n' > "$units/store.service"
printf '[Unit]\nDescription=Evil \033[2J\033]0;owned\007 unit\n[Service]\nExecStart=/bin/true\n' > "$units/evil.service"
for i in $(seq 1 60); do printf '[Service]\nExecStart=/bin/true\n' > "$units/filler-$i.service"; done

# start COLS ROWS [ENV...]: a fresh server, gird in it
start() {
        local cols=$1 rows=$2
        shift 2
        tm kill-server 2> /dev/null
        n=$((n + 1)) # a server of its own: the old one may still be going down
        tm new-session -d -x "$cols" -y "$rows" "env LC_ALL=C.UTF-8 $* $gird --root=$root --systemd=252.39; echo \"left with \$?\"; sleep 1000"
}
screen() { tm capture-pane -p; }
# see TEXT: waits until it is on the screen (10 s at most, looking 20 times a second)
see() {
        local i
        for i in $(seq 200); do
                screen | grep -qF -- "$1" && return 0
                sleep 0.05
        done
        echo "never saw: $1"
        screen
        return 1
}
gone() {
        local i
        for i in $(seq 200); do
                screen | grep -qF -- "$1" || return 0
                sleep 0.05
        done
        return 1
}
keys() { tm send-keys "$@"; }

units_list() { start 80 24 && see 'UNIT' && see '9.6' && keys / && keys web && see 'search: web' && keys Enter && keys Enter && see 'A web server' && see 'PrivateTmp'; }
unit_filter() { start 80 24 && see '9.6' && keys f && keys store && see 'only "store"' && gone 'filler-1' && keys Escape && see 'filler-1'; }
unit_sort() { start 80 24 && see 'by exposure' && keys s && see 'by name' && keys s && see 'by state'; }
open_web() { start "${1:-80}" "${2:-24}" && see '9.6' && keys / && keys web.s && keys Enter && keys Enter && see 'web.service' && see '9.'; }
toggling() { open_web && keys / && keys NoNewPriv && keys Enter && keys Space && see '1 change' && see '→' && keys u && gone '1 change' && keys U && see '1 change'; }
stepping() { open_web && keys / && keys ProtectSystem && keys Enter && keys + && keys + && see 'full' && keys - && see 'yes' && keys x && gone '1 change'; }
help_beside() { open_web && keys / && keys ProtectHome && keys Enter && see 'What it does' || return 1; keys Tab; keys PgDn; keys PgDn; see 'What breaks'; }
whole_page() { open_web && keys / && keys ProtectHome && keys Enter && keys p && see 'ProtectHome' && see 'Values'; }
keys_help() { open_web && keys '?' && see 'guided walk' && keys q && see 'web.service'; }
set_editor() { open_web && keys / && keys CapabilityB && keys Enter && keys Enter && see 'CAP_CHOWN' && keys c && keys Enter && see '1 change'; }
line_editor() { open_web && keys v && keys / && keys ReadWriteP && keys Enter && keys Enter && keys a && keys -l /var/lib/web && keys Enter && see '/var/lib/web' && keys Enter && see '1 change'; }
text_editor() { open_web && keys / && keys UMask && keys Enter && keys Enter && keys C-u && keys 0077 && keys Enter && see '1 change'; }
bad_text() { open_web && keys / && keys UMask && keys Enter && keys Enter && keys C-u && keys 99 && keys Enter && see '99' && keys Escape && see 'y/N' && keys y && see 'web.service'; }
walk() { open_web && keys w && see ' of ' && keys y && keys n && keys m && see 'What it does' && keys q && see ' of ' && keys q && see 'web.service'; }
walk_edits() { open_web && keys w && see 'CapabilityBoundingSet' && keys e && see 'CAP_CHOWN' && keys Space && keys Enter && see 'of ' && keys q && see 'CapabilityBoundingSet' && keys q && see '1 change'; }
diff_view() { open_web && keys / && keys NoNewPriv && keys Enter && keys Space && keys d && see 'NoNewPrivileges' && see 'yes'; }
save_needs_trial() { open_web && keys / && keys NoNewPriv && keys Enter && keys Space && keys s && see '50-gird.conf' && see 'no trial' && keys y && see 'U saves' && [ ! -e "$root/etc/systemd/system/web.service.d" ]; }
save_untested() { save_needs_trial && keys U && see 'Saved' && grep -q '^NoNewPrivileges=yes' "$root/etc/systemd/system/web.service.d/50-gird.conf" && "$gird" --root="$root" undo web > /dev/null; }
quit_asks() { open_web && keys / && keys NoNewPriv && keys Enter && keys Space && keys F10 && see 'Leave all the same' && keys n && see 'web.service' && keys F10 && keys y && see 'left with 0'; }
ctrl_c_leaves() { start 80 24 && see 'UNIT' && keys C-c && see 'left with 0'; }
evil_unit() { start 80 24 && see 'evil.service' && see 'UNIT' && ! tm display-message -p '#{pane_title}' | grep -q owned; }
narrow() { start 20 8 && see 'gird' && keys Down && keys Enter && see '9.' && keys '?' && keys q && keys q && keys q && see 'left with 0'; }
resizes() { start 80 24 && see 'DESCRIPTION' && tm resize-window -x 40 -y 12 && gone 'DESCRIPTION' && see 'UNIT' && tm resize-window -x 100 -y 30 && see 'DESCRIPTION'; }
no_color() { start 80 24 NO_COLOR=1 && see '9.6' && ! tm capture-pane -p -e | grep -q $'\033\[3[0-7]'; }
with_color() { start 80 24 TERM=xterm-256color && see '9.6' && tm capture-pane -p -e | grep -q $'\033\[[0-9;]*38;5\|\033\[3[0-7]'; }
ascii() { start 80 24 LC_ALL=C && see '9.6' && keys / && keys web.s && keys Enter && keys Enter && see 'PrivateTmp' && ! screen | grep -qP '[^\x00-\x7f]'; }
plain_terminal() { start 80 24 TERM=vt100 && see '9.6'; }
unknown_terminal() { start 80 24 TERM=no-such && see 'not known here'; }

for t in units_list unit_filter unit_sort toggling stepping help_beside whole_page keys_help set_editor line_editor text_editor bad_text walk walk_edits \
        diff_view save_needs_trial save_untested quit_asks ctrl_c_leaves evil_unit narrow resizes no_color with_color ascii plain_terminal unknown_terminal; do
        check "$t" "$t"
done
finish
