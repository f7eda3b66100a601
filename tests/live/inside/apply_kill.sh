#!/bin/bash
# apply_kill.sh - inside a host of tests/apply.sh, after apply_unit.sh: kill -9 at random times while a
# profile is put on a unit, confirmed, taken back and saved.  Arguments: UNIT WITHIN_MS RUNS SEED.  A line
# for each run: "run N WHAT PHASE STATE" or "bad N WHAT PHASE: why".
# shellcheck disable=SC2154
runs=$3 RANDOM=$4

learn
for n in $(seq "$runs"); do
        main=$(systemctl show -P MainPID "$unit")
        what=apply was=before
        case $((n % 10)) in 7) what=confirm ;; 8) what=revert ;; 9) what=save ;; 6) what=stop ;; esac
        [ "$what" = apply ] && after=$(random $((took * 11 / 10))) || after=$(random $((took / 8)))
        apply
        pid=$!
        case $what in
        apply)
                nap "$after"
                was=$(phase)
                kill -9 $pid
                wait $pid 2> /dev/null
                ;;
        stop) # frozen until after the deadline, and then let go: it must not go on as if nothing was
                nap "$(random "$took")"
                was=$(phase)
                kill -STOP $pid
                over $((within + 30000)) || : # judged below
                kill -CONT $pid
                for _ in $(seq 600); do kill -0 $pid 2> /dev/null || break; sleep 0.05; done
                kill -9 $pid 2> /dev/null
                wait $pid 2> /dev/null
                ;;
        *)
                until_pending restarted
                sleep 0.4
                [ $what = save ] && "$gird" confirm "$unit" > /dev/null 2>&1
                was=$(phase)
                options=
                [ $what = save ] && options='-p NoNewPrivileges=yes --untested'
                # shellcheck disable=SC2086
                "$gird" $what "$unit" $options > "$work/$what.out" 2>&1 < /dev/null &
                second=$!
                nap "$after"
                kill -9 $second 2> /dev/null
                wait $second 2> /dev/null
                [ $((RANDOM % 2)) = 0 ] && kill -9 $pid 2> /dev/null
                ;;
        esac
        if [ $what = save ] && [ -e "$saved/50-gird.conf" ]; then
                # Saved: then the runtime drop-in may be gone, and the two say the same.
                left=$(left "$([ -e "$dropin" ] && echo confirmed || echo old)")
                for _ in $(seq 60); do [ -n "$left" ] || break; sleep 0.05; left=$(left "$([ -e "$dropin" ] && echo confirmed || echo old)"); done
                now=saved
                [ -z "$left" ] || now="saved, and left: $left"
                systemctl daemon-reload
                systemctl is-active -q "$unit" || now="saved, and not active"
        else
                judge
        fi
        wait
        case $now in
        old | confirmed | saved) echo "run $n $what $was $now" ;;
        *) echo "bad $n $what $was after $after us: $now" ;;
        esac
        back "$n $what $was"
done
