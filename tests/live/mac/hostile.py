#!/usr/bin/python3
"""hostile.py - names that no form may trip over: a behaviour full of them, and whether they came back.

    hostile.py make SEED FOLDER       FOLDER/behaviour.json and FOLDER/names
    hostile.py apparmor|grsec|selinux FOLDER FILE    FILE: what the target's own parser made of it
"""
import json
import random
import re
import subprocess
import sys

SPECIAL = [bytes([n]) for n in b" \t\n\r\"'\\*?[]{}()#,;:@$%^|+.-~!&<>=`\x01\x1b\x7f\xff\xc3"] + ["é".encode()]
FIXED = [b"plain", b"two words", b'quo"te', b"back\\slash", b"st*r", b"a{b,c}", b"a[b", b"new\nline", b"#comment",
         b"hash #tag", b"@{PROC}", b"${HOME}", b"\xff\xfe", b"end\\", b'"both"', b"a, b", b"it's", b"\\052", b"x?y", b" lead"]


def make(seed, folder):
    rng = random.Random(int(seed))
    names = set(FIXED)
    while len(names) < 120:
        name = b"".join(rng.choice(SPECIAL + [b"a", b"7", b"Z"]) for _ in range(rng.randint(1, 10)))
        if name not in (b".", b".."):
            names.add(name)
    acts = []
    for name in sorted(names):
        text = "".join(chr(c) if 32 <= c < 127 and c != 92 else f"\\x{c:02x}" for c in b"/run/" + name)
        acts.append({"kind": "path", "path": text, "access": ["write"], "mode": 33188, "filesystem": "tmpfs",
                     "count": 1, "first": 1795453822365640, "last": 1795453822365640, "process": "x", "pid": 7,
                     "seen": ["twin", "startup"], "resolved": True})
    session = {"stage": "twin", "when": "2026-11-23T17:10:22Z", "systemd": "252.39", "kernel": "6.1", "probes": [],
               "notes": [], "milliseconds": 1000, "events": 1, "lost": 0, "processes": 1, "execs": 0,
               "seen": ["twin", "startup"], "capabilities": True}
    behaviour = {"gird": 1, "unit": "hostile.service", "binary": "/usr/bin/hostile", "version": "1",
                 "sessions": [session], "acts": acts}
    json.dump(behaviour, open(f"{folder}/behaviour.json", "w"))
    open(f"{folder}/names", "wb").write(b"\0".join(sorted(names)))


def paths(folder):
    return {b"/run/" + n for n in open(f"{folder}/names", "rb").read().split(b"\0")}


def apparmor(file):
    """What `apparmor_parser -d` prints: its patterns, in which a backslash makes the next byte plain."""
    found = set()
    for pattern in re.findall(rb"Name:\t\((.*?)\)\n(?=Mode|Name|---|\n|$)", open(file, "rb").read(), re.S):
        if re.search(rb"(?<!\\)(?:\\\\)*[*?\[{]", pattern):
            continue
        found.add(re.sub(rb"\\(.)", rb"\1", pattern, flags=re.S))
    return found


def grsec(file):
    roles = json.loads(subprocess.check_output([sys.executable, __file__.replace("hostile", "grsec"), "--json", file]))
    return {o.encode("latin1") for r in roles for s in r["subjects"] for o in s["objects"]}


def check(what, folder, file):
    wanted = paths(folder)
    if what == "selinux":
        patterns = [re.compile(line.split(b"\t")[0], re.S) for line in open(file, "rb").read().split(b"\n") if line]
        missing = {p for p in wanted if sum(bool(one.fullmatch(p)) for one in patterns) != 1}
    elif what == "grsec":
        wanted = {re.sub(rb"[*?\[\]\x00-\x08\x0a-\x1f\x7f]", b"?", p) for p in wanted}
        missing = wanted - grsec(file)
    else:
        missing = wanted - apparmor(file)
    for path in sorted(missing)[:5]:
        print(f"{what}: {path!r} did not come back")
    return not missing


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(*sys.argv[2:])
    else:
        sys.exit(not check(*sys.argv[1:]))
