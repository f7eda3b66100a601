#!/bin/bash
# help.sh - the help pages against the outside world: no words of the manual pages in them, every example is one that systemd takes, and
# what is generated from them is a valid manual page.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
. tests/trees.sh
other='' why='needs root'
[ "$(id -u)" -ne 0 ] || other=$(tree trixie) || { why="no tree of trixie: $other"; other=''; }

# Manual pages of this machine and of the other tree; where they were left out of the installation, those of the package.
manuals() {
        local folder
        for folder in /usr/share/man ${other:+"$other/usr/share/man"} "$work/deb/usr/share/man"; do
                ls "$folder"/man5/systemd.{exec,service,resource-control,unit,kill,socket,slice}.5* "$folder"/man5/systemd-system.conf.5* \
                        "$folder"/man1/{systemd-analyze,systemd-run,systemd-nspawn}.1* "$folder"/man2/{seccomp,prctl,unshare,mount}.2* \
                        "$folder"/man7/{capabilities,namespaces,mount_namespaces,user_namespaces,credentials,cgroups,file-hierarchy}.7* 2> /dev/null
        done
}
fetch() { (cd "$work" && timeout 60 apt-get -qq download systemd && dpkg-deb -x systemd_*.deb deb) > "$work/fetch.log" 2>&1; }
manuals | grep -q systemd.exec || fetch
manuals > "$work/manuals"
nothing_is_copied() {
        # shellcheck disable=SC2046
        python3 tests/cli/help_copied.py help $(cat "$work/manuals") > "$work/copied" 2> "$work/copied.err" || return 1
        [ ! -s "$work/copied" ] || { cat "$work/copied"; return 1; }
}
what_is_copied_is_found() {
        mkdir -p "$work/pages/x"
        printf 'x\n  It sets up a new user namespace for the executed\n  processes and configures a minimal user and group\n  mapping.\n' > "$work/pages/x/x.txt"
        # shellcheck disable=SC2046
        python3 tests/cli/help_copied.py "$work/pages" $(cat "$work/manuals") 2> /dev/null | grep -q 'new user namespace for the executed'
}
if grep -q systemd.exec "$work/manuals"; then
        check help-copy-is-found what_is_copied_is_found
        check help-nothing-is-copied nothing_is_copied
else
        skipped help-nothing-is-copied "systemd.exec(5) is not installed, and cannot be fetched: $(tail -1 "$work/fetch.log" | tr -dc '[:print:]')"
fi

# Complaints of systemd-analyze verify, without those about directives that came later than it.
mkdir "$work/examples"
awk -v dir="$work/examples" -f tests/cli/help_examples.awk help/*/*.txt
sed -nE 's/^DIRECTIVE\(([A-Za-z]+),[^,]*,[^,]*,[^,]*, *([0-9]+),.*/\1 \2/p' core/catalogue/directives.inc > "$work/since"
complaints() { # VERSION: reads them
        awk -v version="$1" 'NR == FNR { since[$1] = $2; next }
                match($0, /Unknown key( name)? .[A-Za-z]+. in section/) {
                        key = substr($0, RSTART, RLENGTH)
                        sub(/^Unknown key( name)? ./, "", key)
                        sub(/. in section$/, "", key)
                        if (since[key] + 0 > version) next
                }
                /unified hierarchy/ { next } # it asks for the cgroups of the machine it runs on
                { print }' "$work/since" -
}
verified_here() {
        local version
        version=$(systemd-analyze --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')
        (cd "$work/examples" && systemd-analyze verify --recursive-errors=no --man=no ./* 2>&1) | complaints "$version" > "$work/verified"
        [ ! -s "$work/verified" ] || { cat "$work/verified"; return 1; }
}
verified_there() {
        export other work
        # shellcheck disable=SC2016
        unshare -m --propagation private sh -c '
                mount --bind "$work/examples" "$other/mnt" && mount --rbind /sys "$other/sys" && mount -t proc proc "$other/proc" || exit 1
                chroot "$other" sh -c "cd /mnt && systemd-analyze verify --recursive-errors=no --man=no ./*" 2>&1 || :' > "$work/there.out" 2>&1 || { cat "$work/there.out"; return 1; }
        complaints 257 < "$work/there.out" > "$work/verified"
        [ ! -s "$work/verified" ] || { cat "$work/verified"; return 1; }
}
count=$(find "$work/examples" -type f | wc -l)
check help-there-are-examples test "$count" -ge 270
check help-examples-are-verified verified_here
if [ -n "$other" ]; then check help-examples-are-verified-257 verified_there; else skipped help-examples-are-verified-257 "$why"; fi

check help-form sh tools/check-help.sh
manual_page() {
        local page directive
        sh tools/man.sh "$gird" directives > "$work/gird-directives.7" && sh tools/man.sh "$gird" > "$work/gird.1" || return 1
        for page in gird-directives.7 gird.1; do
                LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$work/$page" > "$work/$page.txt" 2> "$work/man.err" || { cat "$work/man.err"; return 1; }
                [ ! -s "$work/man.err" ] || { cat "$work/man.err"; return 1; }
        done
        awk 'length($0) > 84 { exit 1 }' "$work/gird-directives.7.txt" || { echo "lines of gird-directives(7) are too long"; return 1; } # in bytes
        for directive in ProtectHome CapabilityBoundingSet SystemCallFilter; do
                grep -qx "$directive" "$work/gird-directives.7.txt" || { echo "$directive is not in gird-directives(7)"; return 1; }
        done
        grep -q 'gird-directives(7)' "$work/gird.1.txt"
}
if command -v man > /dev/null; then check help-manual-pages manual_page; else skipped help-manual-pages "man is not installed"; fi
if command -v mandoc > /dev/null && [ -e "$work/gird-directives.7" ]; then
        check help-mandoc mandoc -T lint -W error "$work/gird-directives.7"
fi
finish
