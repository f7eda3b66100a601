"""bundle.py FILTER FOLDER COMMAND... - an OCI bundle that runs a command of this machine under a filter."""
import json
import os
import sys

filter_file, folder, command = sys.argv[1], sys.argv[2], sys.argv[3:]
own = [{"destination": "/usr", "source": "/usr", "type": "none", "options": ["rbind", "ro"]}]
for name in ("bin", "lib", "lib64"):
    if os.path.islink("/" + name):
        own.append({"destination": "/" + name, "source": "/usr/" + name, "type": "none", "options": ["rbind", "ro"]})
capabilities = ["CAP_SYS_ADMIN", "CAP_CHOWN", "CAP_SYS_CHROOT", "CAP_FSETID"]
config = {
    "ociVersion": "1.0.2",
    "process": {"terminal": False, "user": {"uid": 0, "gid": 0}, "args": command, "env": ["PATH=/usr/bin"], "cwd": "/",
                "noNewPrivileges": True,
                "capabilities": {k: capabilities for k in ("bounding", "effective", "permitted")}},
    "root": {"path": "rootfs"},
    "mounts": own + [{"destination": "/proc", "type": "proc", "source": "proc"},
                     {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"}],
    "linux": {"namespaces": [{"type": t} for t in ("mount", "pid", "uts", "ipc")],
              "seccomp": json.load(open(filter_file))},
}
for name in ("usr", "bin", "lib", "lib64", "proc", "tmp", "dev"):
    os.makedirs(f"{folder}/rootfs/{name}", exist_ok=True)
json.dump(config, open(f"{folder}/config.json", "w"))
