#!/bin/bash
# check.sh - gird check as CI sees it: rules, exceptions, baselines, forms for other programs, bad input.
. tests/lib.sh
root=$work/root
units=$root/usr/lib/systemd/system
mkdir -p "$units" "$root/etc/systemd/system" "$root/var/lib" "$work/folder"
printf 'ID=test\n' > "$root/etc/os-release"
unit() { printf "$2" > "$units/$1"; }
unit web.service '[Service]\nExecStart=/bin/true\nUser=web\nNoNewPrivileges=yes\nProtectSystem=full\n'
unit root.service '[Service]\nExecStart=/bin/true\n'
unit nobody.service '[Service]\nExecStart=/bin/true\nUser=nobody\n'
unit broken.service '[Service]\nUser=a/b\nExecStart=/bin/true\n'
unit 'we\x2dird@.service' '[Service]\nExecStart=/bin/true\n'
ln -s /dev/null "$root/etc/systemd/system/masked.service"
cp "$units/web.service" "$units/root.service" "$work/folder"

g() { "$gird" --root="$root" --systemd=252.39 check "$@"; }
policy() { printf '%s\n' "$2" > "$work/$1.json"; }
json() { python3 -c 'import json,sys; d={u["unit"]: u for u in json.load(sys.stdin)}; assert '"$1"', d'; }
policy user '{"gird-policy":1,"rules":[{"own-user":true}]}'
policy all '{"gird-policy":1,"threshold":9.5,"rules":[{"units":["web.service"],"own-user":true,"require":{"ProtectSystem":["full","strict"],"NoNewPrivileges":"yes"},"forbid":{"User":"nobody"}}]}'
policy accepted '{"gird-policy":1,"rules":[{"own-user":true}],"exceptions":[{"units":["root.service"],"rules":["own-user"],"reason":"it is the backup","until":"2999-01-01"}]}'
policy ended '{"gird-policy":1,"rules":[{"own-user":true}],"exceptions":[{"units":["root.service"],"rules":["own-user"],"reason":"it is the backup","until":"2020-01-01"}]}'

keeps() { status 0 g --policy "$work/all.json" web; }
check keeps-to-the-policy keeps
fails() { status 1 g --policy "$work/user.json" root > "$work/out" && grep -q 'root.service' "$work/out" && grep -q 'own-user:User: .*User= or DynamicUser' "$work/out" && grep -q "root.service\]" "$work/out"; }
check says-what-fails-and-where fails
nobody() { status 1 g --policy "$work/user.json" nobody > "$work/out" && grep -q 'nobody.service:3\]' "$work/out"; }
check nobody-is-nobodys-user-with-its-line nobody
every() { status 1 g --policy "$work/user.json" --json > "$work/out" && json '{"web.service","root.service","nobody.service","broken.service","masked.service"} <= set(d) and d["masked.service"]["passes"] and not d["broken.service"]["passes"] and d["broken.service"]["findings"][0]["rule"] == "load"' < "$work/out"; }
check without-units-all-are-checked every
pattern() { status 1 g --policy "$work/user.json" --json 'r*' > "$work/out" && json 'set(d) == {"root.service"}' < "$work/out"; }
check a-pattern-chooses-units pattern
no_match() { status 3 g --policy "$work/user.json" 'zz*' 2> "$work/err" && grep -q 'zz\*' "$work/err"; }
check a-pattern-without-units-is-said no_match
folder() { status 1 "$gird" --systemd=252.39 --offline check --policy "$work/user.json" --json "$work/folder" > "$work/out" && json 'set(d) == {"web.service","root.service"}' < "$work/out"; }
check a-folder-of-unit-files folder
accepted() { status 0 g --policy "$work/accepted.json" root > "$work/out" && grep -q 'allowed own-user.*it is the backup.*2999-01-01' "$work/out"; }
check an-exception-holds-and-is-shown accepted
ended() { status 1 g --policy "$work/ended.json" root > "$work/out" && grep -q 'ended on 2020-01-01' "$work/out"; }
check an-exception-ends ended
threshold() { status 1 g --threshold=9.0 root > "$work/out" && status 0 g --threshold=9.8 root; }
check threshold-without-a-file threshold

# The ratchet.
recorded() { status 0 g --baseline "$work/base.json" --record web root && status 0 g --baseline "$work/base.json" web root; }
check baseline-is-recorded-and-kept recorded
printf '[Service]\nExecStart=/bin/true\nUser=web\nNoNewPrivileges=yes\nProtectSystem=yes\n' > "$units/web.service"
looser() { status 1 g --baseline "$work/base.json" web > "$work/out" && grep -q 'baseline:ProtectSystem: ProtectSystem was full' "$work/out" && grep -q 'web.service:5\]' "$work/out"; }
check a-looser-directive-fails-with-its-line looser
printf '[Service]\nExecStart=/bin/true\nUser=web\nNoNewPrivileges=yes\nProtectSystem=strict\nProtectHome=yes\n' > "$units/web.service"
check a-stricter-one-passes status 0 g --baseline "$work/base.json" web
again() { cp "$work/base.json" "$work/before" && g --baseline "$work/base.json" --record web root 2> /dev/null && ! cmp -s "$work/base.json" "$work/before" && cp "$work/base.json" "$work/before" && g --baseline "$work/base.json" --record root web 2> /dev/null && cmp "$work/base.json" "$work/before"; }
check recording-again-is-the-same-in-any-order again
others() { g --baseline "$work/base.json" --record web 2> /dev/null && cmp "$work/base.json" "$work/before"; }
check recording-one-unit-keeps-the-others others
full() { # a full disk leaves the old baseline
        [ "$(id -u)" -eq 0 ] || return 0
        unshare --mount --propagation private bash -c '
                mkdir "$1/small" && mount -t tmpfs -o size=4k,nr_inodes=8 tmpfs "$1/small" && echo "{\"gird-baseline\":1,\"units\":{}}" > "$1/small/b.json" && rm -f "$1/small/x"
                head -c 4096 /dev/zero > "$1/small/fill" 2> /dev/null
                "$2" --root="$3" --systemd=252.39 check --baseline "$1/small/b.json" --record web 2> "$1/err"
                [ $? -eq 3 ] && [ "$(ls "$1/small" | sort | tr "\n" " ")" = "b.json fill " ]' - "$work" "$gird" "$root"
}
check a-full-disk-leaves-nothing-half-written full

# Forms, by their readers.
sarif() { g --policy "$work/accepted.json" --format sarif > "$work/out.sarif"; python3 - "$work/out.sarif" << 'PY'
import json, sys, jsonschema
d = json.load(open(sys.argv[1]))
jsonschema.validate(d, json.load(open("tests/data/sarif-2.1.0.schema.json")))
r = d["runs"][0]["results"]
assert any(x.get("suppressions") for x in r) and any(not x.get("suppressions") for x in r), r
assert all(d["runs"][0]["tool"]["driver"]["rules"][x["ruleIndex"]]["id"] == x["ruleId"] for x in r)
PY
}
if python3 -c 'import jsonschema' 2> /dev/null; then check sarif-keeps-to-its-schema sarif; else skipped check-sarif "needs python3-jsonschema"; fi
junit() { g --policy "$work/accepted.json" --format junit -o "$work/out.xml"; xmllint --noout --schema tests/data/junit.xsd "$work/out.xml" && [ "$(xmllint --xpath 'count(//failure)' "$work/out.xml")" = "$(xmllint --xpath 'string(/testsuites/@failures)' "$work/out.xml")" ]; }
if command -v xmllint > /dev/null; then check junit-keeps-to-its-schema junit; else skipped check-junit "needs xmllint"; fi
find_promtool() { # Debian's package would start a server: its tool is taken out of it
        local cache=/var/cache/gird-tests/promtool
        command -v promtool && return 0
        [ -x $cache ] || (
                mkdir -p "$work/deb" && cd "$work/deb" && apt-get download -q prometheus > /dev/null 2>&1 && dpkg-deb -x prometheus_*.deb . && mkdir -p "${cache%/*}" && cp usr/bin/promtool $cache
        ) || return 1
        echo $cache
}
prometheus() { g --policy "$work/user.json" --format prometheus > "$work/out.prom"; "$tool" check metrics < "$work/out.prom" && grep -qF 'systemd_unit_exposure_level{unit="we\\x2dird@.service"}' "$work/out.prom"; }
if tool=$(find_promtool); then check prometheus-takes-the-textfile prometheus; else skipped check-promtool "apt-get cannot fetch the package prometheus"; fi

# Bad input: one sentence with the place, and a status that is not 0.
refused() { # STATUS WORDS TEXT
        printf '%b' "$3" > "$work/bad.json"
        status "$1" g --policy "$work/bad.json" web > "$work/out" 2> "$work/err" && [ "$(wc -l < "$work/err")" -eq 1 ] && grep -qF -- "$2" "$work/err" && [ ! -s "$work/out" ] || { cat "$work/err"; return 1; }
}
check typo-of-a-member refused 3 'bad.json:2:1: "treshold"' '{"gird-policy":1,\n"treshold":5}'
check typo-of-a-directive refused 3 'bad.json:1:41: there is no directive "ProtectSytem"; is ProtectSystem meant' '{"gird-policy":1,"rules":[{"require":{  "ProtectSytem":"full"}}]}'
check typo-of-a-value refused 3 'ProtectSystem=fulll' '{"gird-policy":1,"rules":[{"require":{"ProtectSystem":"fulll"}}]}'
check newer-form refused 3 'a newer gird' '{"gird-policy":7}'
check cut-file refused 3 'not JSON' '{"gird-policy":1,"rul'
check not-utf-8 refused 3 UTF-8 '{"gird-policy":1,"rules":"\xff"}'
check empty-file refused 3 'not JSON' ''
check no-such-policy status 3 g --policy "$work/none.json" web
check no-such-format status 2 g --format yaml web
check record-needs-a-file status 2 g --record web
check record-goes-alone status 2 g --record --baseline "$work/base.json" --json web
check no-such-unit-file status 3 g --policy "$work/user.json" /nosuch/x.service
check rule-that-fits-no-unit refused 3 'is web.service meant' '{"gird-policy":1,"rules":[{"units":"web","own-user":true}]}'
check bad-threshold status 2 g --threshold=11 web
check formats-are-listed status 0 g --format list
finish
