# check-help.awk - the form of help pages; see check-help.sh.  -v directives="Name Name ..." -v pages="help/FOLDER/NAME.txt ..."
BEGIN {
        sections["directives"] = "What it does|Values|Goes with|What breaks|Does a service need it|What it leaves open|Tested|Example|Since|See also"
        sections["capabilities"] = "What it allows|Who needs it|Without it|How to give it|Tested|See also"
        sections["calls"] = "What the calls do|Who needs them|Without them|See also"
        sections["families"] = "What it is|Who needs it|Without it|See also"
        sections["namespaces"] = "What it is|Who needs it|Without it|Tested|See also"
        sections["statuses"] = "What happened|Which directive|What to look at|See also"
        sections["assessments"] = "What the row means|What satisfies it|Why the weight|See also"
        sections["lessons"] = "Idea|Unit|Task|Hint 1|Hint 2|Hint 3|Why|See also"
        # Words that frighten, or say nothing.
        banned = "may cause issues|can cause issues|cause problems|might break|simply|obviously|of course|just|easily|basically|powerful|" \
                 "seamless(ly)?|robust|leverage|utilize|please note|note that|it is important|important to|danger(ous|ously)?|" \
                 "beware|catastroph[a-z]*|disaster[a-z]*|evil|nightmare|hackers?|bulletproof|military|best practices?|state of the art|" \
                 "blazing|cutting.edge|in order to|todo|fixme|placeholder|lorem|etc"
        n = split(directives, list, " ")
        for (i = 1; i <= n; i++)
                directive[list[i]] = 1
        n = split(pages, list, "[ \n]+")
        for (i = 1; i <= n; i++) {
                name = list[i]
                gsub(/.*\/|\.txt$/, "", name)
                known[tolower(name)] = 1
        }
}

function complain(why) {
        print page ":" line ": " why
        wrong = 1
}

# All sections of a page are known: are those there that its folder wants, in that order?
function page_ends(    want, n, i, at) {
        if (page == "")
                return
        line = last
        n = split(sections[folder], want, "|")
        at = 1
        for (i = 1; i <= headings; i++) {
                if (at <= n && heading[i] == want[at])
                        at++
                else if (folder == "directives")
                        complain("section \"" heading[i] "\" stands where \"" want[at] "\" should")
        }
        if (at <= n)
                complain("no section \"" want[at] "\", or not in its place")
        if (folder == "directives" && !(before && after && after > before))
                complain("the example wants \"Before\" and \"After\"")
        # Families, calls and statuses may have experiments.
        for (i = 1; i <= headings; i++)
                if (heading[i] == "Tested" && folder ~ /^(families|calls|statuses)$/ && heading[i + 1] != "See also")
                        complain("section \"Tested\" stands directly before \"See also\"")
        if (index("|" sections[folder] "|", "|Tested|") && !tested)
                complain("nothing is tested, and there is no \"Not tested: REASON.\"")
        if (blank)
                complain("an empty line at the end")
        if (headings && bodyless)
                complain("section \"" heading[headings] "\" is empty")
}

FNR == 1 {
        page_ends()
        page = FILENAME
        split(page, part, "/")
        folder = part[2]
        name = part[3]
        sub(/\.txt$/, "", name)
        headings = before = after = tested = blank = bodyless = 0
        section = ""
        line = 1
        if ($0 != name)
                complain("not the page's name")
        if (folder == "directives" && !(name in directive))
                complain("no such directive in the catalogue")
        if (folder != "topics" && !(folder in sections))
                complain("no folder for pages")
}
{
        line = last = FNR
        if (length($0) > 76 && !(section ~ /^(Unit|Drop-in)/))
                complain("longer than 76 columns")
        if ($0 ~ /[^ -~]/)
                complain("a tab, or not ASCII")
        if ($0 ~ / $/)
                complain("a blank at the end")
        # Units and experiments are to be taken as they are.
        if (section !~ /^(Tested|Unit|Drop-in)/ && !/DANGEROUS/ && match(tolower($0), "(^|[^a-z_=/-])(" banned ")([^a-z_=/-]|$)"))
                complain("not our words: " substr($0, RSTART, RLENGTH))
}
FNR == 2 {
        if ($0 !~ /^[A-Z0-9\/@].*[^ ][.?]$/ || $0 ~ /[.?] [A-Z]/)
                complain("the second line is one sentence, with its period")
        next
}
FNR == 3 && $0 != "" { complain("the third line is empty") }
FNR == 1 { next }
/^$/ {
        if (blank && FNR > 3)
                complain("two empty lines")
        blank = 1
        next
}
/^[^ ]/ {
        if (!blank)
                complain("no empty line before \"" $0 "\"")
        if (bodyless)
                complain("section \"" section "\" is empty")
        section = heading[++headings] = $0
        bodyless = 1
        blank = 0
        if ($0 ~ /[.:]$/)
                complain("a heading without a period or colon")
        next
}
{
        if (!headings)
                complain("text before the first heading")
        if ($0 !~ /^  /)
                complain("not indented by two blanks")
        blank = bodyless = 0
}
section == "Tested" { tested++ }
section == "Example" && /^  Before$/ { before = FNR }
section == "Example" && /^  After$/ { after = FNR }
section == "See also" {
        n = split($0, list, ",")
        for (i = 1; i <= n; i++) {
                sub(/^ +/, "", list[i])
                sub(/[ .]+$/, "", list[i])
                sub(/=$/, "", list[i])
                if (list[i] != "" && !(tolower(list[i]) in known) && !(part_of(list[i]) in known))
                        complain("no page on " list[i])
        }
}
# What pages name in their text: directives with '=', capabilities, groups.
section !~ /^(Tested|Unit|Drop-in)/ {
        text = $0
        while (match(text, /(CAP_[A-Z_]+|@[a-z]+(-[a-z]+)*)/)) {
                found = substr(text, RSTART, RLENGTH)
                before_it = RSTART > 1 ? substr(text, RSTART - 1, 1) : " "
                text = substr(text, RSTART + RLENGTH)
                if (before_it ~ /[ (~,=]/ && found ~ /^CAP_/ && !(tolower(found) in known) && found !~ /^CAP_[A-D]$|_$/)
                        complain("no page on " found)
        }
}
END {
        page_ends()
        exit wrong
}

# "226/NAMESPACE" is 226, "assessments/ProtectHome" is ProtectHome.
function part_of(word) {
        if (word ~ /^[0-9]+\//)
                sub(/\/.*/, "", word)
        else
                sub(/.*\//, "", word)
        return tolower(word)
}
