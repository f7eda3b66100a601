#!/usr/bin/python3
# probed.py - a service with one of each thing that a probe asks for.
import ctypes, http.server, os, socket, subprocess, threading, time

class Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        code = {"/": 200, "/no": 404, "/away": 302}.get(self.path.split("?")[0], 500)
        if self.headers["Host"].startswith("shop.example"):
            code = 201
        self.send_response(code)
        self.send_header("Location", "http://127.0.0.1:1/nowhere")
        self.end_headers()
    def log_message(self, *a): pass

kept = []
def listen(family, kind, address):
    if family == socket.AF_UNIX and address[0] == "/" and os.path.exists(address):
        os.unlink(address)
    s = socket.socket(family, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(address)
    if kind != socket.SOCK_DGRAM:
        s.listen(5)
    kept.append(s)
    return s

def greet(s, words):
    while True:
        c, _ = s.accept()
        if words: c.sendall(words)
        c.close()

def thread(f, *a): threading.Thread(target=f, args=a, daemon=True).start()

thread(http.server.ThreadingHTTPServer(("127.0.0.1", 8081), Web).serve_forever)
listen(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 2525))
thread(greet, listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 2526)), b"220 hello\r\n")
thread(greet, listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 2527)), b"")
listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 2528))     # takes, and never answers
listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 5300))
os.makedirs("/run/probed", exist_ok=True)
listen(socket.AF_UNIX, socket.SOCK_STREAM, "/run/probed/stream")
listen(socket.AF_UNIX, socket.SOCK_DGRAM, "/run/probed/datagram")
listen(socket.AF_UNIX, socket.SOCK_SEQPACKET, "/run/probed/packets")
listen(socket.AF_UNIX, socket.SOCK_STREAM, "\0probed")
listen(socket.AF_UNIX, socket.SOCK_STREAM, "/run/probed/dead").close()
for link, to in (("link", "/run/probed/stream"), ("dangling", "nowhere"), ("loop", "loop")):
    if not os.path.islink("/run/probed/" + link):
        os.symlink(to, "/run/probed/" + link)
open("/run/probed/there", "w").close()

policy = "/etc/dbus-1/system.d/probed.conf"
with open(policy, "w") as f:
    f.write('<busconfig><policy user="root"><allow own="org.example.Probed"/></policy></busconfig>\n')
subprocess.run(["busctl", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                "ReloadConfig"])
lib, bus = ctypes.CDLL("libsystemd.so.0"), ctypes.c_void_p()
lib.sd_bus_request_name.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64]
if lib.sd_bus_open_system(ctypes.byref(bus)) >= 0:
    print("name", lib.sd_bus_request_name(bus, b"org.example.Probed", 0), flush=True)

def notify(text):
    to = os.environ["NOTIFY_SOCKET"]
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(text.encode(), "\0" + to[1:] if to[0] == "@" else to)

print("ready to serve", flush=True)
notify("READY=1")
time.sleep(0.3)
open("/run/probed/late", "w").close()
while True:
    time.sleep(0.4)
    notify("WATCHDOG=1")
