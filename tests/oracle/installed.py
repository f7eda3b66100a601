"""Compares NAME.ours (gird show --json) with NAME.theirs (systemd-analyze --json) for the
names in DIRECTORY/names, and prints every disagreement and the count."""
import json
import re
import sys
from pathlib import Path

NOT_APPLICABLE = 2**64 - 1
folder = Path(sys.argv[1])
passed = failed = 0


def check(unit, what, wanted, got):
    global passed, failed
    if wanted == got:
        passed += 1
    else:
        failed += 1
        print(f"{unit} {what}: systemd {wanted}, gird {got}")


def load(name):
    text = (folder / name).read_text(errors="replace").strip()
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def tenths(value):
    return None if value is None else round(float(value) * 10)


for unit in (folder / "names").read_text().split():
    theirs = load(unit + ".theirs")
    ours = load(unit + ".ours") or {}
    overall = re.search(r"([0-9.]+) ([A-Z]+)", (folder / (unit + ".overall")).read_text().rpartition(": ")[2])
    rows = {row["id"]: row for row in ours.get("assessments") or []}
    if not theirs or not overall:
        check(unit, "is scored", False, ours.get("exposure") is not None)
        continue
    check(unit, "exposure", tenths(overall[1]), tenths(ours.get("exposure")))
    check(unit, "level", overall[2], ours.get("level"))
    for row in theirs:
        name = row["json_field"]
        mine = rows.pop(name, None)
        if mine is None:
            check(unit, name, "a row", "no row")
            continue
        applies = row["badness"] != NOT_APPLICABLE
        check(unit, name + " applies", applies, mine["applicable"])
        check(unit, name + " weight", row["weight"], mine["weight"])
        check(unit, name + " range", row["range"], mine["range"])
        if applies:
            check(unit, name + " badness", row["badness"], mine["badness"])
        check(unit, name + " exposure", tenths(row["exposure"]), tenths(mine["exposure"]) or None)
    for name in rows:
        check(unit, name, "no row", "a row")

print(f"{'not ok' if failed or not passed else 'ok'} installed: {passed} values of the machine's units agree with systemd-analyze, {failed} do not")
sys.exit(1 if failed or not passed else 0)
