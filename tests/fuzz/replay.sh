#!/bin/bash
# replay.sh - every fuzz target over its corpus and over mutilated copies of it, under the sanitizers.
. tests/lib.sh
python3 - "$work" <<'P'
import os, random, sys
out = sys.argv[1]
random.seed(20261123)
for target in sorted(os.listdir("tests/fuzz/corpus")):
    os.makedirs(out + "/" + target)
    for name in sorted(os.listdir("tests/fuzz/corpus/" + target)):
        data = open("tests/fuzz/corpus/%s/%s" % (target, name), "rb").read()
        for i in range(20):
            d = bytearray(data)
            for _ in range(random.randint(1, 8)):
                at = random.randrange(len(d) + 1)
                what = random.randrange(4)
                if what == 0:
                    d[at:at] = bytes([random.randrange(256)])
                elif what == 1 and d:
                    del d[at:at + random.randint(1, 6)]
                elif what == 2:
                    d[at:at] = random.choice([b"\0", b"=", b"~", b"\\\n", b"%i", b"-", b"\"", b"\n", b":", b"18446744073709551616", b"\xff\xfe"])
                elif d:
                    d[at % len(d)] ^= 1 << random.randrange(8)
            open("%s/%s/%s-%d" % (out, target, name, i), "wb").write(d)
P
for target in tests/fuzz/fuzz_*.c; do
        name=$(basename "$target" .c)
        corpus=${name#fuzz_}
        check "$name over $(ls tests/fuzz/corpus/$corpus | wc -l) inputs" "build/san/fuzz/$name" tests/fuzz/corpus/$corpus/*
        check "$name over $(ls "$work/$corpus" | wc -l) mutilated inputs" "build/san/fuzz/$name" "$work/$corpus"/*
done
finish
