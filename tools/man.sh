#!/bin/sh
# man.sh - the manual pages: tools/man.sh build/gird > gird.1 is printed from the program's own tables, and
# tools/man.sh build/gird directives > gird-directives.7 from the help pages.
set -eu
gird=$1
if [ "${2:-}" = directives ]; then
        echo ".TH GIRD\\-DIRECTIVES 7 \"\" \"$("$gird" --version)\" \"Hardening systemd services\""
        exec awk -f "$(dirname "$0")/man.awk" help/topics/glossary.txt help/directives/*.txt
fi
escape() { sed -e 's/\\/\\e/g; s/-/\\-/g; s/^\./\\\&./; s/^'"'"'/\\\&'"'"'/'; }
verbatim() { echo '.nf'; escape; echo '.fi'; }
echo ".TH GIRD 1 \"\" \"$("$gird" --version)\" \"User Commands\""
echo ".SH NAME"
echo "gird \\- harden systemd services without breaking them"
echo ".SH SYNOPSIS"
"$gird" --help | sed -n '1s/^usage: //p' | verbatim
echo ".SH DESCRIPTION"
cat <<'T'
gird shows what each systemd service is exposed to, explains every directive that could change that, rehearses changes
on a throwaway twin of the machine, and saves what held.  Without a command it is a full\-screen program; press ? there.
T
echo ".SH COMMANDS"
"$gird" --help | awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }' | while read -r command; do
        echo ".SS $command"
        "$gird" "$command" --help | awk '/^Options of every command/ { exit } { print }' | verbatim
done
echo ".SH OPTIONS"
"$gird" --help | awk '/^Options:/ { on = 1; next } /^$/ { on = 0 } on { print }' | verbatim
cat <<'T'
.SH EXIT STATUS
0 done or held; 1 the answer is no; 2 typed wrongly; 3 cannot, or not tried, with a sentence that says what to do.
.SH FILES
/etc/systemd/system/UNIT.d/50\-gird.conf, /var/lib/gird/
.SH SEE ALSO
gird\-directives(7), systemd.exec(5), systemd\-analyze(1), systemd\-nspawn(1).  `gird explain' lists the help pages.
T
