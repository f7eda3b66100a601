#!/usr/bin/env python3
"""first_frame.py GIRD COUNT [RUNS] - milliseconds from exec to the first screen that shows units, median of RUNS.

A root with COUNT unit files is made in a temporary folder; gird runs on a pseudo-terminal of its own."""
import fcntl, os, pty, select, signal, statistics, struct, sys, tempfile, termios, time

gird, count, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 9


def once(root):
    start = time.monotonic()
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
        os.execv(gird, [gird, "--root=" + root])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen = b""
    while b".service" not in seen and time.monotonic() - start < 10:
        if select.select([fd], [], [], 1)[0]:
            try:
                seen += os.read(fd, 65536)
            except OSError:
                break
    took = (time.monotonic() - start) * 1000
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(fd)
    if b".service" not in seen:
        sys.exit("no unit was ever shown: %r" % seen[-300:])
    return took


with tempfile.TemporaryDirectory() as root:
    units = root + "/usr/lib/systemd/system"
    os.makedirs(units)
    for i in range(count):
        with open("%s/unit-%04d.service" % (units, i), "w") as f:
            f.write("[Unit]\nDescription=Unit %d\n[Service]\nExecStart=/bin/true\nPrivateTmp=%s\nCapabilityBoundingSet=CAP_CHOWN CAP_KILL\n"
                    % (i, "yes" if i % 2 else "no"))
    took = sorted(once(root) for _ in range(runs))
    print("figure first frame with %d unit files: median %.1f ms (min %.1f, max %.1f, %d runs)"
          % (count, statistics.median(took), took[0], took[-1], runs))
