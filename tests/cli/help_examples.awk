# help_examples.awk - the units of help pages as files: awk -v dir=DIR -f help_examples.awk PAGE...
# Writes DIR/PAGE-before.service and DIR/PAGE-after.service, each with a command of its own; a block of another kind, such as [Slice],
# is a unit of that kind.
function finish(    file) {
        if (what == "")
                return
        file = dir "/" page "-" what "." (kind == "" ? "service" : kind)
        if (kind == "" && !service)
                body = body "[Service]\n"
        printf "%s", body > file
        if (kind == "")
                print "ExecStart=/bin/true" > file
        close(file)
        what = ""
}
function begin(which) {
        finish()
        what = which
        body = kind = ""
        service = 0
}
FNR == 1 {
        finish()
        page = $0
        sub(/^@/, "at-", page)
}
/^[^ ]/ {
        finish()
        example = ($0 == "Example")
        next
}
example && /^  Before$/ { begin("before"); next }
example && /^  After$/ { begin("after"); next }
what != "" && !/^ *$/ && !/^ *Exec(Start|Stop|Reload|Condition)[A-Za-z]*=/ {
        sub(/^    /, "")
        body = body $0 "\n"
        if ($0 == "[Service]")
                service = 1
        else if ($0 ~ /^\[/ && $0 != "[Unit]" && $0 != "[Install]")
                kind = tolower(substr($0, 2, index($0, "]") - 2))
}
END { finish() }
