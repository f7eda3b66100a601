#!/bin/bash
# haproxy.sh - requests balanced over two servers of the probe's own, one of which goes away, and the admin socket.
set -eu
cd "$1/www"
python3 -m http.server -b 127.0.0.1 8091 > /dev/null 2>&1 &
first=$!
python3 -m http.server -b 127.0.0.1 8092 > /dev/null 2>&1 &
second=$!
trap 'kill $first $second 2> /dev/null || :' EXIT
for _ in $(seq 40); do curl -sf http://127.0.0.1:8073/page.html 2> /dev/null | grep -q "a page" && break; sleep 0.1; done
for _ in $(seq 20); do curl -sf http://127.0.0.1:8073/page.html | grep -q "a page"; done
kill $first
for _ in $(seq 10); do curl -sf -o /dev/null --retry 3 --retry-all-errors --retry-delay 0 http://127.0.0.1:8073/page.html; done
python3 - <<'P'
import socket
s = socket.socket(socket.AF_UNIX)
s.connect("/run/haproxy/admin.sock")
s.sendall(b"show info\n")
assert b"Name: HAProxy" in s.makefile("rb").read()
P
