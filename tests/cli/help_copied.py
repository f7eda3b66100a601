"""help_copied.py PAGE-FOLDER MANUAL... - runs of eight words that a help page shares with a manual page.

Prints "PAGE: words (MANUAL)" for each.  Words are compared without case, markup and punctuation.  A run counts as language only if
nearly all of it is plain words: lists of names, calls and values are the same wherever they are told.
"""
import glob, gzip, re, sys

RUN, PLAIN = 8, 7


def words(text):
    return [w for w in (re.sub(r"^[^\w@/]+|[^\w]+$", "", word.lower()) for word in text.split()) if w]


def manual(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        text = file.read().decode("utf-8", "replace")
    lines = []
    for line in text.split("\n"):
        if line.startswith(("\\'", '.\\"', "'")):
            continue
        line = re.sub(r"^\.(?:B|I|BR|RB|IR|RI|BI|IB|SM|SB|PP|TP|IP|SH|SS)\b ?", " ", line)
        if line.startswith("."):
            continue
        line = re.sub(r"\\f[BIRP]|\\f\(..|\\f\[[^]]*\]|\\&|\\c|\\s[-+]?\d|\\/|\\,", "", line)
        line = line.replace("\\-", "-").replace("\\(aq", "'").replace("\\*(Aq", "'").replace("\\(lq", "").replace("\\(rq", "")
        lines.append(re.sub(r"\\\(..|\\\[[^]]*\]|\\", " ", line).replace('"', " "))
    return words(" ".join(lines))


def runs(sequence):
    for i in range(len(sequence) - RUN + 1):
        run = tuple(sequence[i:i + RUN])
        if sum(bool(re.fullmatch(r"[a-z][a-z'-]*", w)) for w in run) >= PLAIN:
            yield i, run


known = {}
for path in sys.argv[2:]:
    for _, run in runs(manual(path)):
        known.setdefault(run, path)
pages = sorted(glob.glob(sys.argv[1] + "/*/*.txt"))
for page in pages:
    end = -1
    with open(page, encoding="ascii") as file:
        sequence = words(file.read())
    for i, run in runs(sequence):
        if run in known and i > end:
            end = i + RUN
            while end < len(sequence) and tuple(sequence[end - RUN + 1:end + 1]) in known:
                end += 1
            print(f"{page}: {' '.join(sequence[i:end])} ({known[run].rsplit('/', 1)[-1]})")
print(f"{len(pages)} pages, {len(known)} runs of {len(sys.argv) - 2} manual pages", file=sys.stderr)
