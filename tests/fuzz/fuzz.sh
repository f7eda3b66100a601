#!/bin/sh
# fuzz.sh - 60 s of libFuzzer per target (SECONDS_EACH=N for more); what it finds goes to tests/fuzz/corpus by hand.
set -eu
cd "$(dirname "$0")/../.."
each=${SECONDS_EACH:-60}
mkdir -p build/libfuzzer
for target in tests/fuzz/fuzz_*.c; do
        name=$(basename "$target" .c)
        echo "$name"
        clang -std=gnu11 -D_GNU_SOURCE -DGIRD_VERSION='"fuzz"' -I. -O1 -g -fsanitize=fuzzer,address,undefined -Wno-missing-prototypes \
                -o "build/libfuzzer/$name" "$target" core/*/*.c $(pkg-config --cflags --libs libsystemd libcjson)
        mkdir -p "build/libfuzzer/found-$name"
        "build/libfuzzer/$name" -max_total_time="$each" -timeout=5 -artifact_prefix="build/libfuzzer/" -print_final_stats=1 \
                "build/libfuzzer/found-$name" "tests/fuzz/corpus/${name#fuzz_}" 2>&1 | grep -E 'stat::|ERROR|SUMMARY' || true
done
ls build/libfuzzer/crash-* build/libfuzzer/timeout-* 2>/dev/null && exit 1 || echo "nothing found"
