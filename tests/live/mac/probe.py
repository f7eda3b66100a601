"""probe.py - what a seccomp filter answers, one line a question."""
import ctypes
import errno
import mmap
import os
import socket

libc = ctypes.CDLL(None, use_errno=True)


def ask(name, call):
    ctypes.set_errno(0)
    try:
        answer = call()
    except OSError as e:
        return print(name, errno.errorcode[e.errno])
    failed = isinstance(answer, int) and answer == -1
    print(name, errno.errorcode[ctypes.get_errno()] if failed else "ok")


def wait():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


open("/tmp/x", "w").close()
ask("inet", lambda: socket.socket(socket.AF_INET).close())
ask("unix", lambda: socket.socket(socket.AF_UNIX).close())
ask("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close())
ask("unshare-net", lambda: libc.unshare(0x40000000))
ask("unshare-uts", lambda: libc.unshare(0x04000000))
ask("unshare-nothing", lambda: libc.unshare(0))
ask("personality", lambda: libc.personality(0x0040000))
ask("setuid-mode", lambda: os.chmod("/tmp/x", 0o4755))
ask("plain-mode", lambda: os.chmod("/tmp/x", 0o755))
ask("fork", wait)
ask("write-execute", lambda: mmap.mmap(-1, 4096, prot=7).close())
ask("write", lambda: mmap.mmap(-1, 4096, prot=3).close())
ask("chroot", lambda: libc.chroot(b"/"))
ask("sethostname", lambda: libc.sethostname(b"x", 1))
