"""export.py - what the targets' own parsers read out of an export, against the drop-in of the same profile.

    export.py values GIRD ROOT UNIT ARGUMENTS...   every form that carries lines: its values are the drop-in's
    export.py fuzz GIRD ROOT UNIT COUNT            the same for hostile values
    export.py same GIRD ROOT UNIT ARGUMENTS...     drop-in, profile and JSON come back as they went
    export.py all GIRD ROOT UNIT ARGUMENTS...      values, same and policy
    export.py policy GIRD ROOT UNIT ARGUMENTS...   systemd-analyze passes the unit as it is, and fails it once it is looser
"""
import collections, html.parser, json, os, random, re, shutil, subprocess, sys, tempfile
import yaml

GIRD, ROOT, UNIT = sys.argv[2:5]
REST = sys.argv[5:]
WORK = tempfile.mkdtemp()
BUNDLE = os.environ.get("GIRD_SYSTEMD", "252.39")
NIX = shutil.which("nix-instantiate")
CMARK = shutil.which("cmark-gfm")


def run(*words, **more):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def export(form, arguments, *more):
    got = run(GIRD, "--root=" + ROOT, "--systemd=" + BUNDLE, "export", UNIT, "-q", "--format", form, *more, *arguments)
    assert got.returncode == 0, (form, got.stderr)
    return got.stdout


def pairs(text):
    """What stands in a unit file, directive by directive."""
    found = collections.OrderedDict()
    for line in text.split("\n"):
        if line and line[0] not in "#[":
            key, value = line.split("=", 1)
            found.setdefault(key, []).append(value)
    return found


def bare(lines):
    """Without the reset of the list."""
    return lines[1:] if len(lines) > 1 and lines[0] == "" else lines


STUB = """
let
  lib = { mkForce = x: { force = x; }; mkDefault = x: { dflt = x; }; inherit (builtins) concatStringsSep; };
  strip = v: if builtins.isAttrs v && v ? force then v.force else v;
  render = v: if v == true then "true" else if v == false then "false" else toString v;
  lines = v: map render (if builtins.isList v then v else [ v ]);
  module = import %s { inherit lib; };
  services = module.systemd.services;
  one = services.${builtins.head (builtins.attrNames services)};
  all = (one.serviceConfig or { }) // (one.unitConfig or { });
in {
  names = builtins.attrNames services;
  values = builtins.mapAttrs (_: v: lines (strip v)) all;
  confined = one.confinement.enable or false;
}
"""


def nix(text):
    path = os.path.join(WORK, "module.nix")
    open(path, "w").write(text)
    open(os.path.join(WORK, "harness.nix"), "w").write(STUB % path)
    common = (NIX, "--store", "dummy://", "--option", "build-users-group", "")
    got = run(*common, "--parse", path)
    assert got.returncode == 0, got.stderr
    got = run(*common, "--eval", "--strict", "--json", os.path.join(WORK, "harness.nix"))
    assert got.returncode == 0, got.stderr
    return json.loads(got.stdout)


def as_words(lines):
    return [{"true": "yes", "false": "no"}.get(x, x) for x in lines]


def check_nix(arguments, wanted):
    if not NIX:
        return
    seen = nix(export("nix", arguments))
    assert seen["names"] == [UNIT.rsplit(".", 1)[0]], seen["names"]
    assert {k: as_words(v) for k, v in seen["values"].items()} == wanted, (seen["values"], wanted)


ROOTS = ("RootDirectory", "RootImage", "RootEphemeral", "RootMStack", "RootImagePolicy")
SWITCHED = ("MountAPIVFS", "PrivateMounts", "PrivateDevices", "PrivateTmp", "PrivateUsers", "ProtectControlGroups",
            "ProtectKernelModules", "ProtectKernelTunables")
SHARED = ("ReadOnlyPaths", "InaccessiblePaths", "RuntimeDirectory", "BindReadOnlyPaths", "TemporaryFileSystem")


def check_confinement(arguments, wanted):
    if not NIX:
        return
    seen = nix(export("nix-confinement", arguments))
    assert seen["confined"]
    for key, lines in wanted.items():
        got = seen["values"].get(key)
        if key in ROOTS or key in SWITCHED and lines == ["yes"] or key == "ReadWritePaths":
            assert got is None, (key, got)
        elif key == "BindPaths":
            assert set(bare(lines)) <= set(got), (lines, got)
        else:
            assert as_words(got) == (bare(lines) if key in SHARED else lines), (key, got, lines)


    # What may be written is bound there: as many paths, and systemd takes the line.
    if "ReadWritePaths" in wanted:
        binds = [x for x in seen["values"]["BindPaths"] if x not in bare(wanted.get("BindPaths", [""]))]
        words = []
        for x in binds:
            words += ["-p", "BindPaths=" + x]
        assert pairs(export("dropin", words))["BindPaths"][1:] == binds, binds


def check_ansible(arguments, wanted):
    roles = os.path.join(WORK, "roles")
    shutil.rmtree(roles, ignore_errors=True)
    export("ansible", arguments, "-o", roles)
    (name,) = os.listdir(roles)
    role = os.path.join(roles, name)
    read = {part: yaml.safe_load(open("%s/%s/main.yml" % (role, part))) for part in ("tasks", "handlers", "defaults", "meta")}
    assert read["defaults"][name + "_unit"] == UNIT, read["defaults"]
    assert read["meta"]["galaxy_info"]["role_name"] == name
    assert all("name" in task for task in read["tasks"] + read["handlers"])
    assert pairs(open(role + "/files/50-gird.conf").read()) == wanted


def check_portable(arguments, wanted):
    folder = os.path.join(WORK, "portable")
    shutil.rmtree(folder, ignore_errors=True)
    export("portable", arguments, "-o", folder)
    (name,) = os.listdir(folder)
    seen = pairs(open("%s/%s/service.conf" % (folder, name)).read())
    for key, lines in wanted.items():
        if key not in ROOTS:
            assert seen[key][:len(lines)] == lines, (key, seen.get(key), lines)


def check_run(arguments, wanted):
    path = os.path.join(WORK, "run.sh")
    open(path, "w").write(export("run", arguments))
    fake = os.path.join(WORK, "systemd-run")
    open(fake, "w").write("#!/bin/sh\nfor word; do printf '%s\\000' \"$word\"; done\n")
    os.chmod(fake, 0o755)
    got = run("sh", path, env={"PATH": WORK + ":" + os.environ["PATH"]})
    assert got.returncode == 0, got.stderr
    words, seen = got.stdout.split("\0"), collections.OrderedDict()
    for at, word in enumerate(words[:words.index("--")]):
        if word == "-p":
            key, value = words[at + 1].split("=", 1)
            seen.setdefault(key, []).append(value)
    for key, lines in wanted.items():
        lines = [x.replace("%%", "%") for x in bare(lines)]
        if key == "RestrictAddressFamilies" and lines == ["none"]:
            lines = [""]
        if lines != [""] or key in ("CapabilityBoundingSet", "RestrictAddressFamilies"):
            assert seen.get(key) == lines, (key, seen.get(key), lines)


class Cells(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self.cell, self.tags = [], None, set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag == "td":
            self.cell = [""]
        elif tag == "br" and self.cell:
            self.cell.append("")

    def handle_endtag(self, tag):
        if tag == "td":
            self.rows[-1].append(self.cell)
            self.cell = None

    def handle_data(self, text):
        if self.cell:
            self.cell[-1] += text


PLAIN_TAGS = {"h1", "h2", "p", "code", "table", "thead", "tbody", "tr", "th", "td", "br", "ul", "li", "html", "body"}


def check_markdown(arguments, wanted):
    if not CMARK:
        return
    text = export("markdown", arguments)
    got = run(CMARK, "-e", "table", "-e", "autolink", "-e", "strikethrough", "--unsafe", input=text)
    cells = Cells()
    cells.feed(got.stdout)
    assert cells.tags <= PLAIN_TAGS, cells.tags - PLAIN_TAGS
    rows = [row for row in cells.rows if len(row) == 3 and "=" in row[0][0]]
    seen = {row[0][0].split("=", 1)[0]: [x.split("=", 1)[1] for x in row[0]] for row in rows}
    assert seen == {key: bare(lines) for key, lines in wanted.items()}, (seen, wanted)


def check_json(arguments, wanted):
    path = os.path.join(WORK, "profile.json")
    open(path, "w").write(export("json", arguments))
    read = {one["directive"]: one["value"] for one in json.load(open(path))["changes"]}
    for key, lines in read.items():
        assert not lines or wanted[key] == lines, (key, lines, wanted.get(key))
    assert pairs(export("dropin", ["--profile", path])) == wanted


CHECKS = (check_nix, check_confinement, check_ansible, check_portable, check_run, check_markdown, check_json)


def values(arguments):
    wanted = pairs(export("dropin", arguments))
    assert wanted
    for check in CHECKS:
        check(arguments, wanted)


# ---- hostile values ----

PIECES = ['"', "'", "\\\\", "$", "${x}", "$(id)", "`id`", "%%", "|", "<b>", "&amp;", "*", "_a_", "~", "[x](y)", "{{ x }}", "{% x %}", "#", "; rm",
          "ä", "語", "🙂", "a b", "!", "''", "''${x}", "\\\\n", "www.x.y", "http://x", "@u", "-", ",", "=", "c"]


def word(rng):
    return "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 5)))


def quoted(path):
    return '"' + path.replace('"', '\\"') + '"'


def hostile(rng):
    changes = [("ReadWritePaths", ["", " ".join(quoted("/srv/" + word(rng)) for _ in range(rng.randint(1, 3)))]),
               ("InaccessiblePaths", ["", quoted("-/x/" + word(rng))]),
               ("SetCredential", ["", "id:" + word(rng).replace("\\\\", "/") + "x"]),
               ("AppArmorProfile", ["-" + word(rng).replace("\\\\", "/") + "x"]),
               ("CapabilityBoundingSet", [""]), ("RestrictAddressFamilies", ["", "none"]), ("ProtectHome", ["yes"])]
    return [{"directive": key, "value": lines, "reason": "observed", "evidence": "seen: " + word(rng)} for key, lines in changes]


def fuzz(count):
    taken = 0
    for seed in range(count):
        path = os.path.join(WORK, "hostile.json")
        profile = {"gird": 1, "unit": UNIT, "scope": "system", "systemd": BUNDLE, "verdict": "not-tried", "tried": None,
                   "probes": ["echo " + word(random.Random(seed))], "changes": hostile(random.Random(seed))}
        json.dump(profile, open(path, "w"))
        got = run(GIRD, "--root=" + ROOT, "--systemd=" + BUNDLE, "export", UNIT, "--profile", path)
        if got.returncode == 0:
            taken += 1
            values(["--profile", path])
        else:
            assert got.returncode in (2, 3) and "gird: " in got.stderr, (seed, got)
    assert taken * 2 > count, "only %d of %d were taken" % (taken, count)
    for text in ("a\nb", "a\x1b[31m", "a\rb", "a\\"):
        profile["changes"] = [{"directive": "AppArmorProfile", "value": [text], "reason": "hand", "evidence": None}]
        json.dump(profile, open(path, "w"))
        for form in ("dropin", "nix", "run", "markdown", "json"):
            got = run(GIRD, "--root=" + ROOT, "--systemd=" + BUNDLE, "export", UNIT, "-f", form, "--profile", path)
            assert got.returncode in (2, 3) and not got.stdout, (text, form, got)


# ---- there and back ----

def show(arguments):
    got = run(GIRD, "--root=" + ROOT, "--systemd=" + BUNDLE, "show", UNIT, "--json", *arguments)
    assert got.returncode == 0, got.stderr
    return [(row["id"], row["value"], row["badness"]) for row in json.loads(got.stdout)["assessments"]]


def undated(text):
    return re.sub(r"Written by gird .*", "", text)


def same(arguments):
    text = export("dropin", arguments)
    path = os.path.join(WORK, "50-gird.conf")
    open(path, "w").write(text)
    assert undated(export("dropin", ["--profile", path])) == undated(text)
    first = os.path.join(WORK, "first.json")
    open(first, "w").write(export("json", arguments))
    assert undated(export("dropin", ["--profile", first])) == undated(text)
    assert export("json", ["--profile", first]) == open(first).read()
    profile = json.load(open(first))
    back = json.loads(export("json", ["--profile", path]))
    assert back["changes"] == profile["changes"], (back["changes"], profile["changes"])
    # As a file beside the unit it makes the sandbox that the profile promises.
    promised = show(arguments)
    folder = os.path.join(ROOT, "etc/systemd/system", UNIT + ".d")
    os.makedirs(folder)
    try:
        shutil.copy(path, folder)
        assert show([]) == promised
    finally:
        shutil.rmtree(folder)


# ---- systemd-analyze ----

def analyze(folder, policy, threshold):
    return run("systemd-analyze", "security", "--offline=yes", "--no-pager", "--security-policy=" + policy,
               "--threshold=%d" % threshold, os.path.join(folder, UNIT)).returncode


def policy(arguments):
    got = run(GIRD, "--root=" + ROOT, "--systemd=" + BUNDLE, "export", UNIT, "-f", "policy", *arguments)
    assert got.returncode == 0, got.stderr
    threshold = int(re.search(r"--threshold=(\d+)", json.loads(got.stdout)["gird"]["description_bad"]).group(1))
    path, folder = os.path.join(WORK, "policy.json"), os.path.join(WORK, "units")
    open(path, "w").write(got.stdout)
    dropins = os.path.join(folder, UNIT + ".d")
    os.makedirs(dropins)
    shutil.copy(os.path.join(ROOT, "usr/lib/systemd/system", re.sub("@.*[.]", "@.", UNIT)), os.path.join(folder, UNIT))
    text = export("dropin", arguments)
    open(dropins + "/50-gird.conf", "w").write(text)
    assert analyze(folder, path, threshold) == 0, "it fails as it is"
    for line in ("ProtectHome=no", "ProtectSystem=yes", "PrivateTmp=no", "ProtectClock=no", "RestrictRealtime=no", "SystemCallFilter=",
                 "RestrictNamespaces=no", "CapabilityBoundingSet=CAP_SYS_ADMIN"):
        open(dropins + "/60-looser.conf", "w").write("[Service]\n" + line + "\n")
        assert analyze(folder, path, threshold) != 0, line + " passes"
    open(dropins + "/60-looser.conf", "w").write("[Service]\nProtectHome=yes\n")
    assert analyze(folder, path, threshold) == 0, "it fails when it is tighter"


try:
    for mode in ("values", "same", "policy") if sys.argv[1] == "all" else [sys.argv[1]]:
        {"values": lambda: values(REST), "fuzz": lambda: fuzz(int(REST[0])), "same": lambda: same(REST),
         "policy": lambda: policy(REST)}[mode]()
finally:
    shutil.rmtree(WORK)
