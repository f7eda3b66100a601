#!/usr/bin/env python3
"""planted.py - what planted.inc expects, against what an observer says.

    planted.py batches LIST [NAME...]    names that cannot be mistaken for each other, a line each batch
    planted.py check LIST WORK CGROUP FOLDER
                  FOLDER/N.names, N.json, N.said: a batch, its behaviour, what could not be planted

A row is found when all its patterns are, witnessed by its own process; it must not be found in a
batch without it, where nothing else accounts for what it looks for."""
import errno, fnmatch, glob, json, re, signal, socket, sys

BATCH = 28  # below the number of names that make a folder general
ACCESS = {"READ": "read", "WRITE": "write", "CREATE": "create", "DELETE": "delete", "LOOK": "look",
          "CHANGE": "change", "EXEC": "execute", "MAP_EXEC": "map-executable", "TRUNCATE": "truncate",
          "CONNECT": "connect", "MOUNT": "mount", "ENTER": "enter", "WATCH": "watch", "FOLDER": "folder",
          "SETUID": "setuid", "SETGID": "setgid", "FILECAPS": "capabilities",
          "OTHER_UID": "other-user", "OUTSIDE": "outside"}
KINDS = {"args": "arguments", "cap": "capability"}
TYPES = {"SOCK_STREAM": 1, "SOCK_DGRAM": 2, "SOCK_RAW": 3, "SOCK_RDM": 4, "SOCK_SEQPACKET": 5}
SORTS = {"TCP": 1, "UDP": 2}


def number(value):
    """A field of an act, or a value of a pattern, as a number."""
    if isinstance(value, (int, float)):
        return int(value)
    if value in TYPES:
        return TYPES[value]
    if value.startswith("SIG"):
        return int(getattr(signal, value))
    if value.startswith("AF_"):
        return int(getattr(socket, value, -1))
    return int(value, 8) if re.fullmatch("0[0-7]+", value) else int(value, 0)


class Act:
    def __init__(self, j):
        self.j = j
        self.kind = j["kind"]
        self.name = j.get("call", j.get("capability", j.get("architecture", "")))
        self.text = j.get("path", j.get("address", ""))
        self.error = j.get("error", "0")
        self.process = j.get("process", "")

    def same(self):
        return tuple(self.j.get(k).__repr__() for k in ("kind", "call", "capability", "path", "address", "error", "a", "b", "c",
                                                        "function", "access", "gains", "family", "type", "protocol", "port", "signal"))

    def bits(self, field):
        """The words of a field of bits."""
        key = {"path": "access", "exec": "gains" if field == "a" else "capabilities", "signal": "to"}.get(self.kind)
        return self.j.get(key, []) if key else None

    def number(self, field):
        keys = {"socket": {"a": "family", "b": "type", "c": "protocol"},
                "bind": {"a": "family", "b": "type", "c": "port"},
                "connect": {"a": "family", "b": "type", "c": "port"},
                "peer": {"a": "family", "b": "type", "c": "port"},
                "capability": {"a": "number", "c": "own_namespace"},
                "signal": {"a": "signal"}, "killed": {"a": "signal"}, "refused": {"a": "signal"}}
        return number(self.j.get(keys.get(self.kind, {}).get(field, field), 0))


class Pattern:
    def __init__(self, text):
        self.mark = text[0] if text[0] in "!~" else ""
        words = text.lstrip("!~").split()
        self.text = text
        self.kind = KINDS.get(words[0], words[0])
        self.tests = []
        for word in words[1:]:
            field, how, value = re.fullmatch(r"(\w+)([=&!])(.*)", word).groups()
            self.tests.append((field, how, value))

    def value(self, name):
        return next((v for f, how, v in self.tests if f == name and how == "="), None)

    def key(self):
        """Two rows that look for the same cannot be in one batch."""
        text = self.value("text") or self.value("file")
        if text and ("@/" in text or text == "@"):
            return None
        if self.kind in ("arguments", "call", "capability", "refused"):
            return ("call" if self.kind == "arguments" else self.kind, self.value("name"))
        if self.kind == "socket":
            return (self.kind, self.value("a"), self.value("b"))
        if self.kind in ("bind", "connect", "peer"):
            return (self.kind, self.value("c"), text) if self.value("c") not in (None, "0", "*") else (self.kind, "ephemeral")
        return (self.kind, text)

    def one(self, act, field, how, value, names):
        if field == "name":
            return act.name == value
        if field == "process":
            return act.process == value
        if field in ("text", "file"):
            return fnmatch.fnmatchcase(act.text, names.expand(value, glob_too=True))
        if field == "e":
            return str(act.error) == value
        if field == "flags":
            return bool(act.j.get(value)) == (how == "&")
        if field == "rdev":
            major, minor = map(int, value.split(":"))
            device = act.j.get("device", 0)
            return (device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xfff00) == (major, minor)
        if field == "type":
            return act.j.get("filesystem") == value
        if field in ("owner", "group", "count"):
            return act.j.get(field) == int(value)
        if field == "mode":
            return act.j.get("mode", 0) & 0o7777 == number(value)
        if field == "any":
            return any(self.one(act, f, how, value, names) for f in "abc")
        words = act.bits(field)
        if words is not None and not (act.kind == "signal" and field == "a"):
            if re.match("[0-9]", value):
                wanted = [n for i, n in enumerate(CAPABILITIES) if number(value) >> i & 1]
            else:
                wanted = [ACCESS[w] for w in value.split("|")]
            if how == "=":
                return sorted(words) == sorted(wanted)
            return all((w in words) == (how == "&") for w in wanted)
        if value == "*":
            return True
        have, value = act.number(field), SORTS.get(value) or number(value)
        if how == "=":
            return have & 0xffffffffffffffff == value or (have & 0xffffffff) == value and have >> 32 in (0, 0xffffffff)
        return (have & value == value) if how == "&" else have & value == 0

    def matches(self, act, names):
        if self.kind == "capability" and act.j.get("quiet"):
            return False  # asked, but nothing depends on the answer
        return act.kind == self.kind and all(self.one(act, *t, names) for t in self.tests)


CAPABILITIES = ["CAP_%d" % i for i in range(13)] + ["CAP_NET_RAW"]


class Names:
    def __init__(self, work, cgroup, row):
        self.work, self.cgroup, self.row = work, cgroup, row

    def expand(self, text, glob_too=False):
        text = text.replace("%CGROUP%", self.cgroup)
        if text.startswith("@gird"):  # an abstract socket
            return text
        text = re.sub("^@", self.work + "/" + self.row, text)
        return re.sub("^%", self.work, text)


class Row:
    def __init__(self, line):
        self.name, index, patterns = line.rstrip("\n").split("\t")
        self.process = "p" + index
        self.patterns = [Pattern(p.strip()) for p in patterns.split(";") if p.strip()]
        self.wanted = [p for p in self.patterns if not p.mark]
        self.absent = [p for p in self.patterns if p.mark == "!"]
        self.keys = {p.key() for p in self.wanted + self.absent if p.key()}
        self.also = {p.key() for p in self.patterns if p.mark == "~"}


def read_rows(path):
    return [Row(line) for line in open(path)]


def batches(rows):
    """First fit: a batch has no key twice, nor anything that a row of it must not show."""
    out = []
    for row in rows:
        if row.name == "nothing":
            continue
        for batch in out:
            if len(batch) < BATCH and not any(row.keys & (other.keys | other.also) or row.also & other.keys for other in batch):
                batch.append(row)
                break
        else:
            out.append([row])
    return out


class Batch:
    def __init__(self, base, rows):
        self.names = open(base + ".names").read().split()
        self.cannot = {}
        for line in open(base + ".said"):
            word = line.split(" ", 2)
            if word[0] == "cannot":
                self.cannot[word[1].rstrip(":")] = word[2].strip()
        try:
            behaviour = json.load(open(base + ".json"))
        except ValueError as e:
            sys.exit("not ok planted-%s: what the observer printed is no JSON: %s" % (base, e))
        self.acts = [Act(j) for j in behaviour["acts"]]
        self.session = behaviour["sessions"][0]
        self.rows = [r for r in rows if r.name in self.names]

    def without(self, control):
        """What the control has as well is nobody's."""
        noise = {a.same() for a in control.acts}
        self.others = [a for a in self.acts if a.same() not in noise]


def own(act, row):
    """By its process, or by one that has executed something and so has another name."""
    return act.process == row.process or not re.fullmatch(r"p\d+", act.process)


def accounted(act, batch, row, names):
    """Whether something of the batch that is not the row says that it does this."""
    for other in batch.rows:
        if other is row or not own(act, other):
            continue
        here = Names(names.work, names.cgroup, other.name)
        if any(p.mark != "!" and p.matches(act, here) for p in other.patterns):
            return True
    return False


def nearest(pattern, batch, row, names):
    """What it did instead, for the report."""
    near = [a for a in batch.acts if a.kind == pattern.kind and a.process == row.process]
    name = pattern.value("name")
    if name:
        near = [a for a in near if a.name == name] or [a for a in batch.acts if a.kind == pattern.kind and a.name == name] or near
    keep = lambda a: {k: v for k, v in a.j.items() if k not in ("first", "last", "pid", "uid", "seen")}
    return "; ".join(json.dumps(keep(a), separators=(",", ":")) for a in near[:3]) or "nothing of that kind by it"


def check_row(row, home, control, others, where):
    names = Names(*where, row.name)
    if row.name in home.cannot:
        return "skipped", "cannot be planted here: " + home.cannot[row.name]
    for p in row.wanted:
        found = [a for a in home.acts if p.matches(a, names)]
        if not found:
            return "not ok", "no '%s'; got: %s" % (p.text, nearest(p, home, row, names))
        if not any(own(a, row) for a in found):
            return "not ok", "'%s' is said of %s, not of %s" % (p.text, found[0].process, row.process)
    for p in row.absent:
        for a in home.acts:
            if p.matches(a, names) and a.process == row.process:
                return "not ok", "'%s' is there: %s" % (p.text, json.dumps(a.j))
    if not row.wanted:
        return "ok", ""
    if all(any(p.matches(a, names) for a in control.acts) for p in row.wanted):
        return "not ok", "the control, in which nothing was done, has it as well"
    for batch in others:
        alone = [[a for a in batch.others if p.matches(a, names) and not accounted(a, batch, row, names)] for p in row.wanted]
        if all(alone):
            return "not ok", "found where it was not planted: %s" % json.dumps(alone[0][0].j)
    return "ok", ""


def check(rows, where, folder):
    bases = sorted(glob.glob(folder + "/*.names"), key=lambda n: int(re.search(r"(\d+)\.names", n).group(1)))
    all_batches = [Batch(b[:-len(".names")], rows) for b in bases]
    control = next(b for b in all_batches if b.names == ["nothing"])
    bad = 0
    for batch in all_batches:
        batch.without(control)
    for batch in all_batches:
        if batch.session["lost"]:
            bad = 1
            print("not ok planted-lost: %d facts were lost in a batch of %d rows" % (batch.session["lost"], len(batch.names)))
        for row in batch.rows:
            others = [b for b in all_batches if b is not batch and b is not control]
            answer, why = check_row(row, batch, control, others, where)
            bad |= answer == "not ok"
            print("%s planted-%s%s" % (answer, row.name, ": " + why if why else ""))
    return bad


def main():
    what, rows = sys.argv[1], read_rows(sys.argv[2])
    if what == "batches":
        chosen = [r for r in rows if len(sys.argv) == 3 or r.name in sys.argv[3:]]
        print("nothing")
        for batch in batches(chosen):
            print(" ".join(r.name for r in batch))
        return 0
    return check(rows, (sys.argv[3], sys.argv[4]), sys.argv[5])


sys.exit(main())
