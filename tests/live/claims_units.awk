# claims_units.awk - help pages in, services out: reads the sections "Tested", writes DIR/NAME.service for each experiment that counts on
# this systemd (and each counterpart without its settings, once), DIR/batches, and a row per experiment to stdout.
#   awk -v systemd=252 -v units=DIR -f claims_units.awk PAGE...
# A line that is indented further goes on with the row before.  Without units= it only looks whether the rows are in order; with moves=
# ("name name ...") also whether their moves are among these.
function complain(why) {
        print page ":" begun ": " why > "/dev/stderr"
        wrong++
}

# The words of a row, in word[1..n]; one in double quotes may hold blanks.
function split_row(line,    n, end) {
        n = 0
        for (;;) {
                sub(/^ +/, "", line)
                if (line == "")
                        return n
                if (line ~ /^"/) {
                        end = index(substr(line, 2), "\"")
                        if (!end)
                                return -1
                        word[++n] = substr(line, 2, end - 1)
                        line = substr(line, end + 2)
                        if (line !~ /^( |$)/)
                                return -1
                } else {
                        match(line, /^[^ ]+/)
                        word[++n] = substr(line, 1, RLENGTH)
                        line = substr(line, RLENGTH + 1)
                }
        }
}

# The name of the service that makes this move under these settings, which are parted by \001.
function service(move, settings,    name, file, n, i, part, unit, rest) {
        if ((move, settings) in known)
                return known[move, settings]
        name = "gird-claim-" ++services
        known[move, settings] = name
        made[services] = move
        shared[services] = ""
        file = units "/" name ".service"
        n = split(settings, part, "\001")
        for (i = 1; i <= n; i++)
                if (part[i] ~ /^(Runtime|State|Cache|Logs|Configuration)Directory=/)
                        shared[services] = part[i]
        for (i = 1; i <= n; i++)
                if (part[i] ~ /^(DefaultDependencies|JoinsNamespaceOf|After|Requires|Wants|BindsTo|PartOf|Condition[A-Za-z]+)=/)
                        unit = unit part[i] "\n"
                else
                        rest = rest part[i] "\n"
        if (units == "")
                return name
        # What it says is kept by systemd, which opened the file before any sandbox was there.
        print "[Unit]\nDescription=" move "\n" unit "[Service]\nType=oneshot\nTimeoutStartSec=15\nStandardOutput=truncate:/run/claims/" name \
              "\nStandardError=null\nExecStart=/run/gird-intruder " (move == "start" ? "--list" : move) "\n" rest > file
        close(file)
        return name
}

function row(line,    n, i, place, given, with, from, to, before) {
        before = wrong
        n = split_row(line)
        if (n < 0) {
                complain("a quotation mark too few, or one inside of a word")
                return
        }
        if (n < 3 || word[1] !~ /^[a-z0-9]+(-[a-z0-9]+)*$/) {
                complain("not MOVE  RESULT  SETTING")
                return
        }
        if (moves != "" && word[1] != "start" && index(" " moves " ", " " word[1] " ") == 0)
                complain("no such move in core/breach/moves.inc: " word[1])
        place = "with"
        to = 9999
        for (i = 3; i <= n; i++) {
                if (word[i] == "given" || word[i] == "from" || word[i] == "to") {
                        place = word[i]
                } else if (place == "from" || place == "to") {
                        if (word[i] !~ /^[0-9]+$/)
                                complain(place " wants a version, not " word[i])
                        if (place == "from")
                                from = word[i] + 0
                        else
                                to = word[i] + 0
                } else if (word[i] !~ /^[A-Za-z]+=/) {
                        complain("not a setting: " word[i])
                } else if (place == "given") {
                        given = given (given == "" ? "" : "\001") word[i]
                } else {
                        with = with (with == "" ? "" : "\001") word[i]
                }
        }
        if (with == "")
                complain("no setting")
        if (wrong > before || units == "" || systemd + 0 < from + 0 || systemd + 0 > to)
                return
        sub(/^(signal )SIG/, "signal ", word[2])
        name = page
        gsub(/.*\/|\.txt$/, "", name)
        n = service(word[1], (given == "" ? "" : given "\001") with)
        i = service(word[1], given)
        gsub(/\001/, " ", with)
        gsub(/\001/, " ", given)
        print name "-" begun "\t" page ":" begun "\t" word[1] "\t" word[2] "\t" n "\t" i "\t" with (given == "" ? "" : " given " given)
}

function finish_row() {
        if (pending != "")
                row(pending)
        pending = ""
}

BEGIN {
        if (units != "")
                system("mkdir -p '" units "'")
}
/^[^ ]/ || FNR == 1 || /^ *$/ {
        finish_row()
        if (!/^ *$/)
                tested = ($0 == "Tested" && FNR > 1)
        reason = 0
        next
}
tested && /^   / && pending != "" { pending = pending " " $0; next }
tested && (/^  Not tested: / || reason) { # a sentence over as many lines as it takes
        finish_row()
        reason = !/\.$/
        next
}
tested {
        finish_row()
        page = FILENAME
        begun = FNR
        pending = $0
}

# No move twice in a batch, no folder that systemd makes and takes away twice, and not too many at once: what one does must not be seen
# by another of its kind.
END {
        finish_row()
        if (units == "")
                exit wrong > 0
        printf "" > (units "/batches")
        for (left = services; left > 0; left -= size) {
                size = 0
                line = ""
                split("", taken)
                for (i = 1; i <= services && size < 24; i++) {
                        if (i in started || made[i] in taken || (shared[i] != "" && shared[i] in taken))
                                continue
                        taken[made[i]] = 1
                        taken[shared[i]] = 1
                        started[i] = 1
                        line = line " gird-claim-" i ".service"
                        size++
                }
                print line > (units "/batches")
        }
        exit wrong > 0
}
