# man.awk - help pages as one manual page; see man.sh.  The first page is the glossary, which comes last.
function roff(text) {
        gsub(/\\/, "\\e", text)
        gsub(/-/, "\\-", text)
        if (text ~ /^[.']/)
                text = "\\&" text
        return text
}
function put(line) {
        if (filing)
                glossary = glossary line "\n"
        else
                print line
}
# Verbatim lines stand further left than text, so that the widest page fits 80 columns.
function verbatim(on) {
        if (on == quoted)
                return
        quoted = on
        if (on) {
                put(".nf")
                put(".in 4n")
        } else {
                put(".in")
                put(".fi")
        }
}

BEGIN {
        print ".nh"
        print ".ad l"
        print ".SH NAME"
        print "gird\\-directives \\- what hardens a systemd service, directive by directive"
        print ".SH DESCRIPTION"
        print "One section a directive: what it does, its values from loosest to strictest, what breaks and how"
        print "that looks, how to find out whether a service needs what it takes, and what it leaves open."
        print "The same pages, and those on capabilities, system calls, address families, namespaces and exit"
        print "statuses, are shown by"
        print ".B gird explain"
        print "NAME.  Lines of a section \"Tested\" are experiments that gird's tests repeat: what is tried,"
        print "what it answers, and the settings."
}
FNR == 1 {
        verbatim(0)
        filing = (FILENAME ~ /glossary\.txt$/)
        put(".SH " (filing ? "GLOSSARY" : roff($0)))
        next
}
FNR == 2 { put(roff($0)); next }
FNR == 3 { next }
/^$/ { empty = 1; next }
/^[^ ]/ {
        verbatim(0)
        section = $0
        put(filing && $0 != "See also" ? ".TP\n.B " roff($0) : ".SS " roff($0))
        empty = 0
        next
}
{
        line = substr($0, 3)
        # Tables, units and experiments stay as they are; prose is filled.
        verbatim(section == "Example" || section == "Tested" || section == "Values" || line ~ /^ / || line ~ /[^.]  /)
        if (empty)
                put(quoted ? "" : ".PP")
        empty = 0
        put(roff(line))
}
END {
        verbatim(0)
        printf "%s", glossary
        print ".SH SEE ALSO"
        print "gird(1), systemd.exec(5), systemd.resource\\-control(5), capabilities(7), seccomp(2), namespaces(7)"
}
