#!/usr/bin/python3
"""grsec.py - reads a grsecurity RBAC policy as gradm's grammar has it, since no distribution ships gradm.

    grsec.py FILE...        checks; says FILE:LINE and what is wrong, exit status 1
    grsec.py --json FILE    what was read: roles with their subjects, objects, capabilities, ports
"""
import json
import re
import sys

CAPS = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE
SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL
SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ ALL""".split()
LIMITS = """CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME
CRASH""".split()
TYPES = ["raw_sock", "dgram", "rdm", "stream", "any_sock"]
PROTOCOLS = ["ip", "icmp", "igmp", "tcp", "udp", "raw_proto", "any_proto"]
FAMILIES = ["ipv6", "netlink", "all", "unix", "packet", "bluetooth"]
PAX = ["SEGMEXEC", "PAGEEXEC", "MPROTECT", "RANDMMAP", "EMUTRAMP"]
SUBJECT_MODES = set("TKCAOolhpkvdbrtiaxs")
OBJECT_MODES = set("rwxahitmlpsfFRWXAIMLdDcCo")


class Wrong(Exception):
    pass


def need(truth, words):
    if not truth:
        raise Wrong(words)


def name_and_rest(line):
    """A path with what is behind it.  One in quotes runs to the last quote of the line."""
    if line.startswith(b'"'):
        end = line.rfind(b'"')
        need(end > 0, "a quote is missing")
        return line[1:end], line[end + 1:].split()
    parts = line.split(None, 1)
    return parts[0], parts[1].split() if len(parts) > 1 else []


def port_rule(words):
    need(len(words) >= 1, "an address or \"disabled\" is missing")
    if words[0] == "disabled":
        need(len(words) == 1, "nothing goes with \"disabled\"")
        return "disabled"
    found = re.fullmatch(r"!?(\d+)\.(\d+)\.(\d+)\.(\d+)(?:/(\d+))?(?::(\d+)(?:-(\d+))?)?", words[0])
    need(found, f"{words[0]} is no address")
    need(all(int(n) < 256 for n in found.groups()[:4]), f"{words[0]} is no address")
    need(int(found[5] or 32) <= 32, "a mask has 32 bits at most")
    need(all(int(n or 0) < 65536 for n in found.groups()[5:]), f"{words[0]}: no such port")
    need(int(found[6] or 0) <= int(found[7] or 65535), f"{words[0]}: an empty span of ports")
    need(len(words) >= 2, "the type of the socket is missing")
    for word in words[1:]:
        need(word in TYPES or word in PROTOCOLS, f"{word} is no type of sockets and no protocol")
    return words


class Policy:
    def __init__(self):
        self.roles = []

    @property
    def subject(self):
        need(self.roles and self.roles[-1]["subjects"], "this belongs to a subject, and there is none yet")
        return self.roles[-1]["subjects"][-1]

    def role(self, words):
        need(words and re.fullmatch(r"[_a-zA-Z0-9-]{1,30}", words[0]), "this is no name of a role")
        need(len(words) <= 2 and set("".join(words[1:])) <= set("ugslGNATP"), "this is no kind of role")
        need(words[0] not in [r["name"] for r in self.roles], f"the role {words[0]} is there twice")
        self.roles.append({"name": words[0], "subjects": []})

    def begin(self, rest):
        need(self.roles, "a subject belongs to a role, and there is none yet")
        path, modes = name_and_rest(rest)
        need(path.startswith(b"/") and b":" not in path, "a subject is named by a path")
        need(len(modes) <= 1 and set(b"".join(modes).decode()) <= SUBJECT_MODES, "these are no modes of a subject")
        need(path not in [s["path"] for s in self.roles[-1]["subjects"]], "this subject is there twice")
        self.roles[-1]["subjects"].append({"path": path, "objects": {}, "caps": [], "bind": [], "connect": [],
                                           "families": [], "pax": [], "limits": []})

    def object(self, line):
        path, modes = name_and_rest(line)
        need(path.startswith(b"/"), "an object is named by a path")
        need(len(modes) <= 1 and set(b"".join(modes).decode("latin1")) <= OBJECT_MODES, "these are no modes of an object")
        need(path not in self.subject["objects"], "this object is there twice")
        self.subject["objects"][path] = b"".join(modes).decode()

    def line(self, raw):
        line = raw.strip(b" \t")
        if not line or line.startswith(b"#"):
            return
        if line[:1] in b'/"':
            return self.object(line)
        words = line.decode("latin1").split()
        word, rest = words[0], words[1:]
        if word == "role":
            return self.role(rest)
        if word == "subject":
            return self.begin(line[len(b"subject"):].strip(b" \t"))
        if word in ("role_allow_ip", "role_umask", "role_transitions"):
            return need(self.roles and rest, "a role and a value belong to this")
        if word in ("bind", "connect"):
            return self.subject[word].append(port_rule(rest))
        if word == "sock_allow_family":
            need(rest and set(rest) <= set(FAMILIES), f"{rest} are no families")
            return self.subject["families"].extend(rest)
        if re.fullmatch(r"[+-]CAP_[A-Z_]+", word):
            need(word[5:] in CAPS, f"there is no capability {word[1:]} there")
            return self.subject["caps"].append(word)
        if re.fullmatch(r"[+-]PAX_[A-Z]+", word):
            need(word[5:] in PAX, f"there is no flag {word[1:]}")
            return self.subject["pax"].append(word)
        if word.startswith("RES_"):
            need(word[4:] in LIMITS and len(rest) == 2, f"{word} is no limit with two values")
            need(all(re.fullmatch(r"unlimited|[0-9]+[smhdKMG]?", w) for w in rest), "a limit is a number or unlimited")
            return self.subject["limits"].append([word] + rest)
        raise Wrong(f"nothing begins with {word!r}")

    def end(self):
        for role in self.roles:
            need(role["subjects"], f"the role {role['name']} has no subject")
            need(b"/" in [s["path"] for s in role["subjects"]], f"the role {role['name']} has no subject /")
            for subject in role["subjects"]:
                need(b"/" in subject["objects"], f"the subject {subject['path']} has no object /")


def read(names):
    policy = Policy()
    for name in names:
        data = open(name, "rb").read()
        for number, line in enumerate(data.split(b"\n"), 1):
            try:
                policy.line(line)
            except Wrong as wrong:
                sys.exit(f"{name}:{number}: {wrong}")
    try:
        policy.end()
    except Wrong as wrong:
        sys.exit(f"{names[-1]}: {wrong}")
    return policy


if __name__ == "__main__":
    as_json = sys.argv[1:2] == ["--json"]
    found = read(sys.argv[2 if as_json else 1:])
    if as_json:
        latin = lambda o: {(k.decode("latin1") if isinstance(k, bytes) else k): latin(v) for k, v in o.items()} \
            if isinstance(o, dict) else [latin(v) for v in o] if isinstance(o, list) else \
            o.decode("latin1") if isinstance(o, bytes) else o
        print(json.dumps(latin(found.roles)))
