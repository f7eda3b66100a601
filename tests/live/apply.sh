#!/bin/bash
# apply.sh - a profile put on a running unit, kept or taken back: the commands, what they refuse, and what
# is left of it, on booted hosts with this machine's systemd and with 257.
#   ONLY=ssh ONLY_TREE=257 bash tests/live/apply.sh      one group, on one of the trees
. tests/lib.sh
. tests/apply.sh
each_tree apply

status_is() { # UNIT STATE: as `gird status --json` has it
        g status --json || return 1
        json "' '.join(u['state'] for u in d['applied'] if u['unit'] == '$(full "$1")') == '$2'"
}

group_confirm() {
        service ga
        local before confirmed
        before=$(main ga)
        apply ga --confirm-within 30s
        case_ apply-puts-it-on becomes ga new
        case_ apply-restarts-it test "$(main ga)" != "$before"
        case_ apply-ends-when-it-is-up ended ga 0
        case_ status-says-pending status_is ga pending
        g status
        case_ status-names-it-in-words grep -q 'ga\.service' "$work/out"
        case_ confirm status 0 g confirm ga
        case_ confirm-keeps-it is ga new
        case_ confirm-ends-the-timer no_timer ga
        case_ status-says-confirmed status_is ga confirmed
        confirmed=$(main ga)
        again() { g confirm ga; [ $? -eq 1 ] && said | grep -q ga; }
        case_ confirm-twice-is-refused again
        case_ save status 0 g save ga --untested -p NoNewPrivileges=yes
        case_ save-makes-it-last host grep -q '^NoNewPrivileges=yes' /etc/systemd/system/ga.service.d/50-gird.conf
        case_ save-ends-the-runtime-drop-in wait_for $patience nothing_left ga
        case_ save-restarts-nothing test "$(main ga)" = "$confirmed"
        case_ save-is-what-the-manager-has test "$(host systemctl show -P NoNewPrivileges -P NeedDaemonReload ga | tr '\n' ' ')" = 'yes no '
        case_ status-says-nothing-any-more status_is ga ''
}

# When systemd started the guard of UNIT, and when gird said that it armed it: in milliseconds between.
fired_after() {
        host journalctl -q -o json --no-pager > "$work/journal"
        python3 - "$work/journal" "$1" << 'PY'
import json, sys
armed = fired = None
for e in map(json.loads, open(sys.argv[1])):
    when = int(e["__MONOTONIC_TIMESTAMP"])
    if e.get("UNIT") == "gird-guard-%s.timer" % sys.argv[2] and e.get("JOB_TYPE") == "start": armed = when
    if e.get("UNIT") == "gird-guard-%s.service" % sys.argv[2] and e.get("JOB_TYPE") == "start" and fired is None: fired = when
print((fired - armed) // 1000)
PY
}
group_expire() {
        service gb
        local ms
        apply gb --confirm-within ${short}s
        case_ not-confirmed-is-on-first was_put_on gb
        case_ not-confirmed-is-taken-back taken_back gb
        ms=$(fired_after gb.service)
        case_ taken-back-in-time test "$ms" -lt $((short * 1700))
        echo "figure $label-guard-fires: $ms ms after it was armed with --confirm-within ${short}s"
        late() { g confirm gb; [ $? -eq 1 ] && said | grep -qi 'gb'; }
        case_ confirm-too-late-is-refused late
        case_ confirm-too-late-changes-nothing is gb old
        nothing() { g revert gb; [ $? -eq 1 ] && said | grep -q gb; }
        case_ revert-of-nothing-says-so nothing
        host journalctl -q -o json --no-pager > "$work/out"
        entries() { # one structured entry for each step
                python3 - "$work/out" << 'PY'
import json, sys
seen = [json.loads(l) for l in open(sys.argv[1])]
ours = [e for e in seen if e.get("UNIT") == "gb.service" and any(k.startswith("GIRD") for k in e) or e.get("GIRD_UNIT") == "gb.service"]
assert len(ours) >= 1, "no structured entry tells of gb.service"
PY
        }
        case_ apply-is-in-the-journal entries
}

group_revert() {
        service gc
        apply gc --confirm-within 30s
        becomes gc new > /dev/null
        case_ revert-while-pending status 0 g revert gc
        case_ revert-while-pending-takes-it-back taken_back gc
        apply gc --confirm-within 30s
        becomes gc new > /dev/null
        ended gc 0 > /dev/null
        g confirm gc
        case_ revert-after-confirm status 0 g revert gc
        case_ revert-after-confirm-takes-it-back taken_back gc
}

# Listens at a port where it may; stays up where it may not.
# The doubled dollars are for systemd.
listener() { echo "ExecStart=/usr/bin/perl -MIO::Socket::INET -e '@s = IO::Socket::INET->new(Listen => 5, LocalAddr => \"127.0.0.1:$1\", ReuseAddr => 1); @s && defined \$\$s[0] or sleep; close \$\$c while \$\$c = \$\$s[0]->accept'"; }
group_probe() {
        service gd "$(listener 7001)"
        local before
        wait_for $patience host bash -c 'exec 3<> /dev/tcp/127.0.0.1/7001'
        apply gd --probe tcp:7001 --confirm-within 30s
        case_ probe-passes-and-it-stays becomes gd new
        case_ probe-passes-and-apply-is-done ended gd 0
        g confirm gd
        g revert gd
        before=$(main gd)
        apply gd -p NoNewPrivileges=yes -p RestrictAddressFamilies=AF_UNIX --probe tcp:7001 --confirm-within 60s
        case_ probe-fails-after-is-a-no ended gd 1
        case_ probe-fails-after-is-taken-back-at-once taken_back gd
        case_ probe-fails-after-is-named bash -c "cat '$work'/gd.out '$work'/gd.err | grep -q 7001"
        case_ probe-passes-again wait_for $patience host bash -c 'exec 3<> /dev/tcp/127.0.0.1/7001'
        # One that fails before is said and not held against the profile.
        apply gd --probe tcp:7009 --confirm-within 30s
        case_ probe-fails-before-is-not-held-against-it becomes gd new
        case_ probe-fails-before-is-said bash -c "cat '$work'/gd.out '$work'/gd.err | grep -q 7009"
        g revert gd
}

group_fails() {
        local needs='ExecStart=/bin/sh -c "echo > /var/tmp/gird-fails && exec sleep infinity"'
        local strict='-p NoNewPrivileges=yes -p ProtectSystem=strict'
        # shellcheck disable=SC2086
        service ge "$needs"
        apply ge $strict --confirm-within 60s
        case_ fails-at-once-is-a-no ended ge 1
        case_ fails-at-once-is-taken-back taken_back ge
        service gf "$needs" ExecStartPost= Restart=always RestartSec=1ms StartLimitInterval=1h StartLimitBurst=4
        apply gf $strict --confirm-within 60s --settle 2s
        case_ start-limit-is-a-no ended gf 1
        case_ start-limit-runs-again taken_back gf
        # gird is not there to see it: the guard alone gets it out of the start limit.
        apply gf $strict --confirm-within $((short * 3))s --settle 60s
        # shellcheck disable=SC2016
        host bash -c 'until [ -e /run/systemd/system/gf.service.d/zz-gird-trial.conf ]; do :; done; systemctl kill --signal=KILL apply-gf; systemctl daemon-reload; systemctl restart gf' 2> /dev/null
        start_limit() { host journalctl -q -b -u gf.service --no-pager | grep -q 'repeated too quickly'; }
        case_ start-limit-is-hit wait_for $patience start_limit
        case_ start-limit-runs-again-without-gird taken_back gf
        service gg Type=notify NotifyAccess=all TimeoutStartSec=infinity 'ExecStart=/bin/sh -c "echo > /var/tmp/gird-fails-notify && systemd-notify --ready; exec sleep infinity"'
        apply gg $strict --confirm-within ${short}s
        case_ never-ready-is-taken-back taken_back gg
        case_ never-ready-is-a-no ended gg 1
        service gh 'ExecStop=/bin/sleep 4' # it is still being stopped when the time is over
        apply gh --confirm-within ${short}s
        case_ slow-stop-is-taken-back taken_back gh
        case_ slow-stop-ends-gird wait_for $patience test -s "$work/gh.status"
}

group_second() {
        service gi
        local n code
        apply gi --confirm-within 20s
        becomes gi new > /dev/null
        first=$(gird_of gi)
        refused() {
                g apply gi -p NoNewPrivileges=yes -p PrivateTmp=yes --untested --settle 200ms
                code=$?
                case $code in 1 | 3) ;; *) echo "exit status $code"; return 1 ;; esac
                said | grep -qE "$first|pending|since|already" || { said; return 1; }
        }
        case_ second-gird-is-refused refused
        case_ second-gird-says-until-when-or-whose bash -c "cat '$work/out' '$work/err' | grep -qE '$first|[0-9]+:[0-9]+|[0-9]+ ?s'"
        case_ second-gird-changes-nothing is gi new
        ended gi 0 > /dev/null
        g confirm gi
        # After a confirm another one may come; what it ends in is one of the two.
        apply gi -p NoNewPrivileges=yes -p PrivateTmp=yes --confirm-within ${short}s
        wait_for $patience test -s "$work/gi.status"
        after() {
                host systemctl is-active -q gi && ! left gi | grep -E 'timer|pending|gird-guard' &&
                        { [ "$(state gi)" = old ] || [ "$(state gi)" = new ]; } &&
                        [ "$(host systemctl show -P PrivateTmp gi)" = no ] || { state gi; left gi; applied_said gi; return 1; }
        }
        case_ apply-after-confirm-is-taken-back-too wait_for $patience after
        g revert gi
        case_ revert-after-it-ends-all taken_back gi

        service gj
        for n in 1 2 3 4 5; do
                ( host $gird_in apply gj -p NoNewPrivileges=yes --untested --settle 200ms --confirm-within 30s > "$work/five.$n" 2>&1 < /dev/null; echo "$?" > "$work/five.$n.status" ) &
        done
        one_of_five() {
                is gj new && [ "$(cat "$work"/five.*.status 2> /dev/null | grep -cE '^[13]$')" -eq 4 ]
        }
        case_ five-at-once-one-wins wait_for $patience one_of_five
        one_done() { [ "$(cat "$work"/five.*.status | wc -l)" -eq 5 ] && [ "$(cat "$work"/five.*.status | grep -cx 0)" -eq 1 ]; }
        case_ five-at-once-one-is-done wait_for $patience one_done
        g confirm gj
        g revert gj
        case_ five-at-once-nothing-left taken_back gj
}

group_next() {
        service gk
        local before
        before=$(main gk)
        apply gk --next-restart --confirm-within 20s
        case_ next-restart-lays-it-down wait_for $patience shows gk NoNewPrivileges yes
        sleep 0.5
        case_ next-restart-restarts-nothing test "$(main gk)" = "$before"
        g revert gk
        case_ next-restart-revert taken_back gk
        case_ next-restart-revert-restarts-nothing test "$(main gk)" = "$before"
        wait_for $patience test -s "$work/gk.status"
        apply gk --next-restart --confirm-within 20s
        wait_for $patience shows gk NoNewPrivileges yes
        host systemctl restart gk
        case_ next-restart-takes-effect was_put_on gk
        g confirm gk
        case_ next-restart-confirm is gk new
        case_ next-restart-confirm-ends-the-timer no_timer gk
        g revert gk
        case_ next-restart-confirmed-is-taken-back-with-a-restart taken_back gk
        # Nobody confirms, and somebody restarted it meanwhile.
        wait_for $patience test -s "$work/gk.status"
        apply gk --next-restart --confirm-within ${short}s
        wait_for $patience shows gk NoNewPrivileges yes
        host systemctl restart gk
        case_ next-restart-not-confirmed-ends-wait wait_for $patience nothing_left gk
        case_ next-restart-not-confirmed-runs-as-before becomes gk old 3
}

# Owners, modes, kinds and contents of what a service keeps.
marks() { host sh -c 'cd /var/lib && find "$@" -printf "%p %y %l %U %G %m\n" 2> /dev/null | sort; find "$@" -type f -exec sha256sum {} + 2> /dev/null | sort' - "$@"; }
group_marks() {
        local before
        service gl StateDirectory=gl
        wait_for $patience host test -d /var/lib/gl
        host sh -c 'cd /var/lib/gl && mkdir -m 2750 deep && echo one > deep/one && echo two > two && chown 1:2 deep/one && chmod 640 two && chown 3 two && ln -s two link'
        before=$(marks gl private/gl)
        for change in DynamicUser=yes User=nobody UMask=0077; do
                apply gl -p NoNewPrivileges=yes -p $change --confirm-within ${short}s
                wait_for $patience test -s "$work/gl.status"
                case_ "marks-$change-needs-a-second-yes" test "$(cat "$work/gl.status")" != 0
                case_ "marks-$change-names-it" grep -qE "${change%=*}|owner|mode" "$work/gl.out" "$work/gl.err"
                case_ "marks-$change-refused-changes-nothing" is gl old
                case_ "marks-$change-refused-changes-no-file" test "$(marks gl private/gl)" = "$before"
                apply gl -p NoNewPrivileges=yes -p $change --leave-marks --confirm-within ${short}s
                case_ "marks-$change-with-a-second-yes" was_put_on gl
                case_ "marks-$change-is-taken-back" taken_back gl
                as_before() { marks gl private/gl | diff <(echo "$before") -; }
                case_ "marks-$change-owners-and-modes-are-as-before" as_before
                wait_for $patience test -s "$work/gl.status"
        done
        # A folder that was not there is not there afterwards.
        service gm
        apply gm -p NoNewPrivileges=yes -p StateDirectory=gm --leave-marks --confirm-within ${short}s
        case_ marks-new-folder was_put_on gm
        case_ marks-new-folder-is-taken-back taken_back gm
        case_ marks-new-folder-goes host test ! -e /var/lib/gm
}

group_dangerous() {
        local unit code
        refused() {
                g apply "$1" -p NoNewPrivileges=yes --untested --confirm-within ${short}s
                code=$?
                case $code in 1 | 3) ;; *) echo "exit status $code"; said; return 1 ;; esac
                said | grep -q -- --force || { said; return 1; }
                [ "$(main "$1")" = "$2" ] || { echo "it was restarted"; return 1; }
        }
        host systemctl start dbus.service systemd-logind.service 2> /dev/null
        for unit in dbus systemd-journald systemd-logind; do
                case_ "dangerous-$unit-needs-force" refused $unit "$(main $unit)"
                case_ "dangerous-$unit-nothing-left" nothing_left $unit
        done
        carrying() { # a unit that carries gird itself
                host systemd-run --quiet --unit=gcarry --pipe --wait --collect $gird_in apply gcarry -p NoNewPrivileges=yes --untested --confirm-within ${short}s > "$work/out" 2> "$work/err" < /dev/null
                code=$?
                case $code in 1 | 3) ;; *) echo "exit status $code"; said; return 1 ;; esac
        }
        case_ dangerous-own-unit-is-refused carrying
}

group_names() {
        # shellcheck disable=SC2016
        host sh -c 'printf "[Service]\nExecStart=/bin/sleep infinity\nSyslogIdentifier=starts-of-%%n\nExecStartPost=-/bin/grep NoNewPrivs /proc/self/status\n" | tee "/etc/systemd/system/gn\\x2dodd.service" > /etc/systemd/system/gn@.service
                ln -s gn@.service "/etc/systemd/system/gn-alias.service"; systemctl daemon-reload; systemctl start "gn\\x2dodd.service" "gn@a:b_c.service" "gn@q\\x27\\x24.service"'
        for unit in 'gn\x2dodd.service' 'gn@a:b_c.service' 'gn@q\x27\x24.service'; do
                apply "$unit" --confirm-within ${short}s
                case_ "name-$unit-on" was_put_on "$unit"
                case_ "name-$unit-off" taken_back "$unit"
        done
        # Not running: it is not started for good, and stays as it was.
        service go
        host systemctl stop go
        apply go --confirm-within ${short}s
        case_ stopped-unit-waits-for-its-start ended go 0
        case_ stopped-unit-is-not-started test "$(host systemctl is-active go)" = inactive
        g revert go
        case_ stopped-unit-nothing-left wait_for $patience nothing_left go
        case_ stopped-unit-is-stopped test "$(host systemctl is-active go)" = inactive
        apply go --confirm-within ${short}s
        ended go 0 > /dev/null
        host systemctl start go
        case_ stopped-unit-started-has-it was_put_on go
        case_ stopped-unit-started-is-taken-back wait_for $patience nothing_left go
        case_ stopped-unit-started-is-stopped-or-as-before sh -c "[ '$(host systemctl is-active go)' = inactive ] || [ '$(state go)' = old ]"
        # An admin's own runtime drop-in stays.
        service gp
        host sh -c 'mkdir -p /run/systemd/system/gp.service.d; printf "[Service]\nNice=3\n" > /run/systemd/system/gp.service.d/10-admin.conf; systemctl daemon-reload'
        apply gp --confirm-within ${short}s
        case_ others-drop-in-with-ours was_put_on gp
        wait_for $patience is gp old > /dev/null
        case_ others-drop-in-stays test "$(host sh -c 'cat /run/systemd/system/gp.service.d/*')" = "$(printf '[Service]\nNice=3')"
        # No such unit, no privilege, nothing to apply.
        case_ no-such-unit status 3 g apply nosuch-gird -p NoNewPrivileges=yes --untested
        service gr
        case_ nothing-to-apply test "$(g apply gr > /dev/null 2>&1; echo $?)" != 0
        untested() { g apply gr -p NoNewPrivileges=yes --confirm-within ${short}s; [ $? -eq 1 ] && said | grep -q untested && is gr old; }
        case_ untested-needs-a-yes untested
        case_ unprivileged-is-refused status 3 host setpriv --reuid 65534 --regid 65534 --clear-groups $gird_in apply gr -p NoNewPrivileges=yes --untested
}

group_terminal() {
        service gq
        counts() { tr '\r' '\n' < "$work/gq.out" | grep -aoE 'in [0-9]+ s' | sort -u | wc -l | grep -qvx '[01]'; }
        at_terminal gq --confirm-within $((short * 2))s
        case_ terminal-applies was_put_on gq
        case_ terminal-counts-down wait_for $patience counts
        case_ terminal-taken-back taken_back gq
        case_ terminal-says-taken-back ended gq 1
        at_terminal gq --confirm-within 20s
        becomes gq new > /dev/null
        wait_for $patience counts
        keys gq y$'\n'
        case_ terminal-yes-is-a-confirm ended gq 0
        case_ terminal-yes-keeps-it is gq new
        case_ terminal-yes-ends-the-timer no_timer gq
        g revert gq
        at_terminal gq --confirm-within 20s
        becomes gq new > /dev/null
        wait_for $patience counts
        keys gq n$'\n'
        case_ terminal-no-is-a-revert ended gq 1
        case_ terminal-no-takes-it-back taken_back gq
        at_terminal gq --confirm-within 20s
        becomes gq new > /dev/null
        wait_for $patience counts
        g confirm gq
        case_ terminal-sees-a-confirm-from-elsewhere ended gq 0
        g revert gq
        at_terminal gq --confirm-within $((short * 2))s
        becomes gq new > /dev/null
        wait_for $patience counts
        keys gq $'\003'
        case_ terminal-ctrl-c-ends-it wait_for $patience test -s "$work/gq.status"
        case_ terminal-ctrl-c-is-taken-back-in-time taken_back gq
}

run_groups terminal confirm expire revert probe fails second next marks names -- dangerous
