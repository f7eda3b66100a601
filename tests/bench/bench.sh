#!/bin/bash
# bench.sh - the benchmarks, a line "figure NAME: VALUE" each.  Ratios are against a peer in the same run.
set -eu
cd "$(dirname "$0")/../.."
cc -std=gnu11 -D_GNU_SOURCE -O2 -I. -o build/rescore tests/bench/rescore.c build/libgird.a \
        $(pkg-config --cflags --libs libsystemd libcjson)
build/rescore
python3 tests/bench/first_frame.py build/gird 1000
[ "$(id -u)" -eq 0 ] && command -v systemd-nspawn > /dev/null && bash tests/bench/twin.sh || echo "skipped twin figures: root and systemd-nspawn are needed"
make -s build/live/observer_driver
bash tests/bench/overhead.sh
