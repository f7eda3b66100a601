#!/bin/sh
# lint.sh - what the house demands and a compiler does not see: format, layers, budgets, clang-tidy,
# and both compilers.  Says everything that is wrong, not only the first.
set -u
cd "$(dirname "$0")/.."
bad=0
say() { echo "lint: $*"; bad=1; }

sources=$(git ls-files 'core/*.[ch]' 'tui/*.[ch]' 'tests/*.[ch]')
[ -n "$sources" ] || { say "git names no files here"; exit 1; }

# 1. Format, as version 14 has it: others differ in a few lines.
format=clang-format
command -v clang-format-14 >/dev/null && format=clang-format-14
if $format --version | grep -q 'version 14\.'; then
        for f in $sources; do
                $format --dry-run -Werror "$f" >/dev/null 2>&1 || say "$f: not formatted ($format -i $f)"
        done
else
        echo "lint: the format is not looked at: that needs clang-format 14 (Debian 12 has it)"
fi

# 2. Layers: includes go down only.
rank() { case $1 in base) echo 0 ;; catalogue) echo 1 ;; unit) echo 2 ;; score) echo 3 ;; profile) echo 4 ;;
        stage) echo 5 ;; observe) echo 6 ;; trial) echo 7 ;;
        breach) echo 8 ;; forms) echo 8 ;; policy) echo 9 ;; *) echo 99 ;; esac; }
for f in $(git ls-files 'core/*.[ch]'); do
        room=$(echo "$f" | cut -d/ -f2)
        for inc in $(sed -nE 's/^ *#include "([^"]+)".*/\1/p' "$f"); do
                case $inc in
                core/*) [ "$(rank "$(echo "$inc" | cut -d/ -f2)")" -le "$(rank "$room")" ] ||
                                say "$f: includes $inc, which lies above it" ;;
                *) say "$f: includes $inc; write it from the top of the tree, below core/" ;;
                esac
        done
        # The program that gird carries into a sandbox prints its answers.
        [ "$room" != breach ] || [ "${f#core/breach/program/}" = "$f" ] || continue
        grep -nE '\b(printf|puts|perror|exit|abort|fputs|putchar)\(' "$f" | grep -vE '\b(s|sn|v|vs|vsn|f)printf\(|^\S*//|_exit\(|text_|\*' |
                while read -r line; do echo "lint: $f:$line: core/ does not print or exit"; done | grep . && bad=1
done
for f in $(git ls-files 'tui/screen/view_*.c'); do
        grep -q '#include "tui/screen/view_' "$f" || continue
        for inc in $(sed -nE 's/^#include "tui\/screen\/(view_[a-z_]+)\.h"/\1/p' "$f"); do
                case $(basename "$f" .c) in "${inc}"*) ;; *) say "$f: a view includes another view, $inc" ;; esac
        done
done

# 3. One foreign library, one door.
door() { # LIBRARY-PATTERN ALLOWED-REGEX
        for f in $(git ls-files 'core/*.[ch]' 'tui/*.[ch]'); do
                grep -qE "#include <$1" "$f" || continue
                echo "$f" | grep -qE "$2" || say "$f: <$1> has its door elsewhere ($2)"
        done
}
door 'n?curses' '^tui/screen/term\.c$'
door 'cjson|<cJSON' '^core/profile/json(_[a-z]+)?\.c$'
door 'systemd/sd-bus' '^core/unit/manager[a-z_]*\.[ch]$'
door 'systemd/sd-event' '^(core/base/job|tui/screen/loop|core/unit/manager[a-z_]*)\.c$'
door 'systemd/sd-journal' '^core/stage/journal\.c$'
door 'bpf/' '^core/observe/'

# 4. Budgets: a file 500 lines (tables aside), a function 60.
for f in $(git ls-files 'core/*.[ch]' 'tui/*.[ch]'); do
        n=$(wc -l < "$f")
        [ "$n" -le 500 ] || say "$f: $n lines"
        awk -v f="$f" '/^[A-Za-z_].*[^;]$/ { name = $0 } /^\{/ { start = FNR }
                /^\}/ { if (start && FNR - start > 60) { print "lint: " f ":" start ": " FNR - start " lines: " name; bad = 1 } start = 0 }
                END { exit bad }' "$f" || bad=1
done

# 5. Every header stands alone; the kernel's side of the observer is compiled for BPF only.
for h in $(git ls-files 'core/*.h' 'tui/*.h' | grep -vE '^core/observe/bpf/(kernel|.*\.bpf)\.h$'); do
        printf '#include "%s"\n#include "%s"\n' "$h" "$h" |
                ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -I. -Wall -Wextra -fsyntax-only -x c - 2>/dev/null || say "$h: does not compile alone"
done

# 6. core/ keeps no state: nothing in .data or .bss.
make -s B=build all >/dev/null || say "gcc does not build it"
for o in $(find build/core -name '*.o' 2>/dev/null); do
        size -A "$o" | awk -v o="$o" '($1 == ".data" || $1 == ".bss") && $2 { print "lint: " o " has " $1 " of " $2 " bytes"; bad = 1 }
                END { exit bad }' || bad=1
done

# The program for the kernel, for both processors; and gird without it.
[ "${BPF:-1}" != 1 ] || make -s B=build bpf >/dev/null || say "the BPF program does not compile"
make -s B=build/plain BPF=0 all >/dev/null || say "BPF=0 does not build"

# 7. clang: warnings as errors, then clang-tidy.
make -s B=build/clang CC=clang all >/dev/null || say "clang does not build it"
flags="-std=gnu11 -D_GNU_SOURCE -DGIRD_VERSION=\\\"x\\\" -DGIRD_BPF=${BPF:-1} -I. -Ibuild $(pkg-config --cflags libsystemd libcjson ncursesw)"
git ls-files 'core/*.c' 'tui/*.c' | grep -v '\.bpf\.c$' | xargs -P 2 -n 16 sh -c 'clang-tidy --quiet --warnings-as-errors="*" "$@" -- '"$flags"' 2>/dev/null' tidy > build/tidy.txt ||
        { cat build/tidy.txt; say "clang-tidy"; }

# 8. Help.
sh tools/check-help.sh || bad=1
[ $bad -eq 0 ] && echo "lint: clean"
exit $bad
