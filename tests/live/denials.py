#!/usr/bin/env python3
"""denials.py - which rows of denials.inc are tried, and whether gird named the guilty.

    denials.py pick LIST CROWD [ROW...]       the trials: NAME CHANGE MODE LINES, 0x1f between them
    denials.py judge LIST TRIALS RESULTS @    a line per trial as tests/run.sh wants it, and the table of misses
"""
import fnmatch
import json
import os
import sys


def read(path):
    with open(path) as f:
        return [line.rstrip("\n").split("\t") for line in f]


def clues(row):
    return dict(word.split("=", 1) for word in row[3].split())


# One time in four the journal of a twin lacks their line for a moment after the change went, so that the verdict is "flaky":
# only with ALL=1.
UNSTEADY = ("log_namespace", "log_level")


def pick(path, crowd, names):
    """Every second directive once, in turn by the program that ends and the one that goes on; ALL=1: all there is."""
    seen, turn = set(), 0
    for name, change, modes, clue, lines in read(path):
        every = os.environ.get("ALL") or name in names
        directive, modes = change.split("=")[0], modes.split()
        if names and name not in names or not names and not modes[0] in ("broke", "bent", "setup", "none"):
            continue
        if not every and (directive in seen or modes == ["none"] or name in UNSTEADY):
            continue
        if len(modes) > 1 and not every:
            turn += 1
            modes = [modes[0 if turn % 3 == 0 else 1]]
        seen.add(directive)
        if not every and len(seen) % 2 == 0 and name not in crowd[:3]:
            continue
        if name in crowd and (every or name in crowd[:3]):
            modes.append("crowd")
        for mode in modes:
            if mode not in os.environ.get("MODES", mode).split():
                continue
            print("\x1f".join((name, change, mode, lines)))


def holds(denial, want):
    fields = {
        "errno": denial.get("errno"),
        "path": denial.get("path"),
        "syscall": denial.get("syscall"),
        "capability": denial.get("capability"),
        "signal": denial.get("signal"),
    }
    return all(fields[k] and fnmatch.fnmatch(str(fields[k]), v) for k, v in want.items() if k in fields)


def verdict_of(name, mode, directive, want, folder):
    """(met, what came of it)."""
    base = "%s/%s.%s" % (folder, name, mode)
    try:
        r = json.load(open(base + ".json"))
    except ValueError:
        said = open(base + ".err").read().strip().split("\n")[-1]
        if "came with systemd" in said:
            return None, "unknown to this systemd"
        return False, "no answer: " + (said or "status " + open(base + ".status").read().strip())
    got, suspects = r["verdict"], [s["directive"] for s in r.get("suspects", [])]
    if directive in r.get("not_rehearsed", []) and got in ("held", "bent", "not-tried"):
        return None, "not rehearsed"
    expected = {"setup": "broke", "crowd": "bent", "none": "held"}.get(mode, mode)
    if got != expected:
        return False, "%s instead of %s%s: %s" % (got, expected, " (" + suspects[0] + ")" if suspects else "", r["summary"])
    if expected == "held":
        return True, "held"
    if suspects[:1] != [directive]:
        return False, "%s, but accuses %s" % (got, suspects[0] if suspects else "nobody")
    said = r["summary"] + " " + " ".join(s["why"] for s in r["suspects"])
    if "said" in want and want["said"].replace("_", " ") not in said:
        return False, "%s is named, but without %s: %s" % (directive, want["said"], said)
    denials = [d for d in r["denials"] if d.get("directive") == directive]
    want = {k: v for k, v in want.items() if k not in ("said", "miss")}
    if want and not any(holds(d, want) for d in denials):
        short = [{k: v for k, v in d.items() if v is not None and k != "what"} for d in r["denials"]]
        return False, "%s is named, but without %s: %s" % (directive, want, json.dumps(short))
    return True, got


def judge(path, picked, folder, base):
    rows = {row[0]: row for row in read(path)}
    bad, hit, other, missed, directives = 0, {}, {}, {}, set()
    for line in open(picked):
        name, change, mode, _ = line.rstrip("\n").split("\x1f")
        directive = change.split("=")[0]
        want = {k: v.replace("@/", base + "/") for k, v in clues(rows[name]).items()}
        met, what = verdict_of(name, mode, directive, want, folder)
        directives.add(directive)
        title = "denials-%s-%s: %s" % (name, mode, change)
        if met:
            hit[directive] = hit.get(directive, 0) + 1
            print("ok " + title)
        elif met is None:
            other.setdefault(directive, what)
            print("ok %s (%s, and gird says so)" % (title, what))
        elif "miss" in want and not what.startswith("no answer"):
            missed.setdefault(directive, []).append((name, mode, want["miss"].replace("_", " ")))
            print("figure missed: %-28s %-20s %-6s %s" % (change[:28], name, mode, want["miss"].replace("_", " ")))
        else:
            bad += 1
            missed.setdefault(directive, []).append((name, mode, what))
            print("not ok %s: %s" % (title, what))
    print("figure denials: %d directives tried: %d named in some trial, %d in every; %d not rehearsed or unknown here"
          % (len(directives), len(hit), len([d for d in hit if d not in missed]), len([d for d in other if d not in hit])))
    for directive in sorted(missed):
        for name, mode, what in missed[directive]:
            print("figure miss %-24s %-22s %-6s %s" % (directive, name, mode, what[:160]))
    return 1 if bad else 0


if sys.argv[1] == "pick":
    pick(sys.argv[2], sys.argv[3].split(), sys.argv[4:])
else:
    sys.exit(judge(*sys.argv[2:]))
