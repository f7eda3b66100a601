# claims_verdicts.awk - what the services answered in, verdicts out: "ok NAME", "not ok NAME: why".
#   awk -v systemd=252 -v answers=DIR -f claims_verdicts.awk MISSING ENDS ROWS
# MISSING has PATTERN;;WHAT for what this machine has not; ENDS is what `systemctl show` said of all services; ROWS: claims_units.awk.
BEGIN {
        n = split("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ " \
                  "VTALRM PROF WINCH IO PWR SYS", signals, " ")
}
FNR == 1 { file++ }
file == 1 {
        split($0, part, ";;")
        patterns[++missing] = part[1]
        names[missing] = part[2]
        next
}
file == 2 && /^$/ { service_ended(); next }
file == 2 {
        key = substr($0, 1, index($0, "=") - 1)
        shown[key] = substr($0, length(key) + 2)
        next
}
file == 3 && FNR == 1 { service_ended() }

# How a service ended, in the words of the pages.
function service_ended(    id, code, status) {
        id = shown["Id"]
        sub(/\.service$/, "", id)
        code = shown["ExecMainCode"] + 0
        status = shown["ExecMainStatus"] + 0
        if (shown["LoadState"] != "loaded")
                end[id] = "unit is " shown["LoadState"]
        else if (code >= 2)
                end[id] = "signal " ((status in signals) ? signals[status] : status)
        else if (status == 0 && shown["Result"] !~ /^(success|exit-code|signal|core-dump)$/)
                end[id] = "result " shown["Result"]
        else
                end[id] = "status " status
        split("", shown)
}

# What a service's end was, or what the intruder said before.
function answer(name, move, result,    line, path, n) {
        if (result ~ /^(status|signal|result) /)
                return end[name]
        path = answers "/" name
        while ((n = (getline line < path)) > 0)
                if (index(line, move " ") == 1)
                        break
        close(path)
        return n > 0 ? substr(line, length(move) + 2) : end[name]
}
function matches(said, result) {
        return said == result || (result == "ok" && index(said, "ok ") == 1)
}
# What of this machine the row would need and is missing; 0: nothing is.
function lacking(move, settings,    i, j, n, part) {
        n = split(move " " settings, part, " ")
        for (i = 1; i <= missing; i++)
                for (j = 1; j <= n; j++)
                        if (part[j] ~ patterns[i])
                                return i
        return 0
}
{
        split($0, field, "\t")
        name = "claims-" systemd "-" field[1]
        with = answer(field[5], field[3], field[4])
        without = answer(field[6], field[3], field[4])
        if (matches(with, field[4]) && !matches(without, field[4])) {
                print "ok " name
                next
        }
        why = field[3] " with " field[7] ": claimed " field[4] ", answered " with "; without: " without
        lack = lacking(field[3], field[7])
        if (lack) {
                skips[lack] = skips[lack] " " field[1]
                next
        }
        print "not ok " name ": " field[2] ": " why
}
END {
        for (i = 1; i <= missing; i++)
                if (i in skips) {
                        name = names[i]
                        gsub(/[^A-Za-z0-9]+/, "-", name)
                        sub(/^-/, "", name)
                        print "skipped claims-" systemd "-" tolower(name) ": this machine has not: " names[i] "; so not seen:" skips[i]
                }
}
