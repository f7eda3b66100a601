#!/bin/bash
# apply_race.sh - inside a host of tests/apply.sh, after apply_unit.sh: a confirm at the very moment when the
# time is over.  Arguments: UNIT WITHIN_MS RUNS SEED.  A line for each: "race N WHO" or "bad N why".
# shellcheck disable=SC2154
runs=$3 RANDOM=$4
earlier=-50000
where=/run/gird/guard/$unit

settled() { # STATE: and for half a second more
        for _ in $(seq 600); do
                [ "$(state)" = "$1" ] && [ -z "$(guards "$unit")" ] && break
                sleep 0.05
        done
        sleep 0.5
        [ "$(state)" = "$1" ] && [ -z "$(guards "$unit")" ] && ! pending
}
for n in $(seq "$runs"); do
        apply
        until_pending test -e "$dropin"
        until=$(sed -n 's/.*"began":[[:space:]]*\([0-9]*\).*/\1/p' "$where/state.json")
        [ -n "$until" ] || { echo "bad $n nothing says when it began"; until=$(us); }
        # A confirm takes a moment to get going, and the timer may be late: nearer from race to race.
        late=$((until + within * 1000 + earlier - 40000 + $(random 80000) - $(us)))
        [ $late -le 0 ] || nap $late
        "$gird" confirm "$unit" > "$work/confirm" 2>&1 < /dev/null
        code=$?
        case $code in
        0) who=confirm want=confirmed earlier=$((earlier + 50000)) ;;
        1) who=guard want=old earlier=$((earlier - 50000)) ;;
        *) who="status $code: $(tail -1 "$work/confirm")" want='' ;;
        esac
        if [ -n "$want" ] && settled $want; then echo "race $n $who"; else
                echo "bad $n $who: $(state), guard: $(guards "$unit" | head -2 | tr '\n' ' ') $(ls -A "$where" 2> /dev/null | tr '\n' ' ')"
        fi
        wait # for apply: it must have seen the same
        "$gird" revert "$unit" > /dev/null 2>&1
        settled old || { echo "bad $n revert after it: $(state) $(guards "$unit")"; systemctl restart "$unit"; }
done
