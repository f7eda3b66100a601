#!/bin/bash
# explain.sh - gird explain: what it lists, finds and prints, in a pipe and at a terminal.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
explain() { "$gird" explain "$@" --systemd=252; }
says() { # WORDS COMMAND...
        local words=$1
        shift
        "$@" > "$work/out" 2> "$work/err"
        grep -qiE -- "$words" "$work/out" "$work/err" || { head -c 300 "$work/out" "$work/err"; return 1; }
}
# json EXPRESSION COMMAND...: about the document it prints, as d
json() {
        local expression=$1
        shift
        "$@" > "$work/json" || return 1
        python3 -c 'import json, sys
d = json.load(open(sys.argv[2]))
if not eval(sys.argv[1]): sys.exit("not so: " + sys.argv[1])' "$expression" "$work/json"
}

list_fits() {
        "$gird" explain > "$work/out" || return 1
        awk 'length($0) > 80 { print "too long: " $0; exit 1 }' "$work/out" || return 1
        for page in help/directives/*.txt; do
                grep -qw "$(basename "$page" .txt)" "$work/out" || { echo "$page is not listed"; return 1; }
        done
}
folders_are_listed() {
        local folder
        for folder in directives topics capabilities calls families namespaces statuses assessments lessons; do
                "$gird" explain $folder > "$work/out" || return 1
                awk 'length($0) > 80 { print "too long: " $0; exit 1 }' "$work/out" || return 1
                [ "$(wc -l < "$work/out")" -gt "$(find help/$folder -name '*.txt' | wc -l)" ] || { echo "$folder: lines are missing"; return 1; }
        done
}
page_as_it_is() { explain ProtectHome > "$work/out" && head -n "$(wc -l < help/directives/ProtectHome.txt)" "$work/out" | cmp - help/directives/ProtectHome.txt; }
any_case() {
        says 'root powers' explain capabilityboundingset && says 'homes?|/home' explain protecthome=yes && says '^CAP_SYS_ADMIN' explain cap_sys_admin &&
                says '^CAP_SYS_ADMIN' explain sys_admin && says '^AF_UNIX' explain af_local && says '^@mount' explain @MOUNT
}
statuses() { says NAMESPACE: explain 226 && says NAMESPACE: explain 226/NAMESPACE && says NAMESPACE: explain NAMESPACE; }
shared_names() { says '^User' explain User && says '^user' explain user && says '^user' explain namespaces/user && says 'also: gird explain namespaces/user' explain User; }
terms() { says 'does? not touch|without touching' explain drop-in && says 'exposure' explain weight; }
calls_follow() { says '^  @basic-io$' explain @system-service && says 'umount2' explain @mount; }
assessments_follow() { says 'weight 1500 *CapabilityBoundingSet_CAP_SYS_ADMIN' explain CapabilityBoundingSet && says 'does not know it: it came with 257' explain PrivatePIDs; }
misspelt() { status 3 explain ProtectHom > "$work/out" 2> "$work/err" && grep -q 'ProtectHome' "$work/err" && [ ! -s "$work/out" ]; }
unknown() { status 3 explain xyzzyxyzzy 2> "$work/err" && grep -q -- '--search' "$work/err"; }
one_of_two() { status 3 explain nosuchpage ProtectHome > "$work/out" 2> /dev/null && grep -q 'What breaks' "$work/out"; }
hostile_name() { status 3 explain "$(printf 'a\033[31mb')" 2> "$work/err" && ! grep -q "$(printf '\033')" "$work/err"; }
long_name() { status 3 explain "$(head -c 100000 /dev/zero | tr '\0' x)" 2> "$work/err" && [ "$(wc -c < "$work/err")" -lt 1000 ]; }
search_ranks() { says . "$gird" explain --search 'bounding set' && head -1 "$work/out" | grep -q '^CapabilityBoundingSet'; }
search_all_words() { says . "$gird" explain --search clock set && grep -q ProtectClock "$work/out"; }
search_none() { status 1 "$gird" explain --search xyzzyxyzzy > "$work/out" 2> "$work/err" && [ ! -s "$work/out" ] && grep -q xyzzyxyzzy "$work/err"; }
search_json() { json 'd[0]["name"] == "ProtectHome" and all(set(h) == {"name", "kind", "sentence", "line"} for h in d)' "$gird" explain --search protecthome --json; }
page_json() { json 'd["name"] == "ProtectHome" and d["kind"] == "directives" and "ProtectSystem" in d["links"] and d["assessments"][0]["weight"] == 1000 and d["known"]' explain ProtectHome --json; }
calls_json() { json '"umount2" in d["calls"]' explain @mount --json; }
pages_json() { json 'len(d) == 2 and d[1]["name"] == "twin"' explain ProtectHome twin --json; }
list_json() { json 'len(d) > 350 and all(p["sentence"] for p in d)' "$gird" explain --json; }
folder_json() { json 'len(d) == 41 and d[0]["name"].startswith("CAP_")' explain capabilities --json; }
lesson_keeps_answers() { says '^Task' explain lessons/files && ! grep -q '^Hint 1' "$work/out"; }
full_device() { status 3 sh -c "'$gird' explain > /dev/full" 2> "$work/err"; }
# At a terminal of COLUMNS: nothing is wider, and no word is lost.
at_terminal() {
        local width=$1 page=$2
        script -qefc "stty cols $width rows 24; '$gird' explain $page --systemd=252" /dev/null < /dev/null 2> /dev/null | tr -d '\r' > "$work/narrow"
        awk -v width="$width" 'length($0) > width { print "too long: " $0; exit 1 }' "$work/narrow" || return 1
        explain "$page" | tr -s ' \n' '\n\n' | tr -d '\n' > "$work/wide.words"
        tr -s ' \n' '\n\n' < "$work/narrow" | tr -d '\n' > "$work/narrow.words"
        cmp "$work/wide.words" "$work/narrow.words"
}
narrow_terminals() { at_terminal 20 ProtectHome && at_terminal 40 CapabilityBoundingSet && at_terminal 60 @system-service; }

for t in list_fits folders_are_listed page_as_it_is any_case statuses shared_names terms calls_follow assessments_follow misspelt unknown \
        one_of_two hostile_name long_name search_ranks search_all_words search_none search_json page_json calls_json pages_json list_json \
        folder_json lesson_keeps_answers full_device; do
        check "explain-${t//_/-}" $t
done
if command -v script > /dev/null; then check explain-narrow-terminals narrow_terminals; else skipped explain-narrow-terminals "script(1) is not installed"; fi
refusal() { "$gird" explain EROFS > "$work/out" 2> "$work/err"; [ $? -eq 3 ] && grep -q 'gird explain symptoms' "$work/err"; }
check an-error-is-told-where-it-stands refusal
finish
