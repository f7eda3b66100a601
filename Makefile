# gird - see `make help`.  One file, no lists of sources; everything is built under build/.

CC       ?= cc
CLANG    ?= clang
BPFTOOL  ?= $(firstword $(wildcard $(addsuffix /bpftool,$(subst :, ,$(PATH)) /usr/sbin /sbin)))
# BPF=0 leaves the observer's program in the kernel out: no clang, bpftool and libbpf are needed.
# It knows two processors.
BPFARCH  := $(patsubst aarch64%,arm64,$(patsubst x86_64%,x86,$(shell $(CC) -dumpmachine 2>/dev/null || uname -m)))
BPF      ?= $(if $(filter x86 arm64,$(BPFARCH)),1,0)
PREFIX   ?= /usr/local
B        ?= build
V        ?= 0
SAN      ?=
VERSION  := $(shell cat VERSION)

WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef -Werror
# gcc warns of what cannot be where it sanitizes and optimizes much.
CFLAGS   ?= $(if $(SAN),-O1,-O2) -g
PKGS     := libsystemd libcjson ncursesw $(if $(filter 1,$(BPF)),libbpf)
ALLCFLAGS = -std=gnu11 -D_GNU_SOURCE -DGIRD_VERSION='"$(VERSION)"' -DGIRD_BPF=$(BPF) -I. -I$(B) $(WARN) $(CFLAGS) \
            $(shell pkg-config --cflags $(PKGS)) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer)
LIBS      = $(shell pkg-config --libs $(PKGS)) $(if $(SAN),-fsanitize=$(SAN))
Q        := $(if $(filter 1,$(V)),,@)

CORE     := $(wildcard core/*/*.c)
TUI      := $(wildcard tui/*.c tui/*/*.c)
UNIT     := $(wildcard tests/unit/test_*.c)
FUZZ     := $(wildcard tests/fuzz/fuzz_*.c)
FUZZBIN   = $(FUZZ:tests/fuzz/%.c=$(B)/fuzz/%)
SCRIPTS  := $(wildcard tests/oracle/*.sh tests/fuzz/replay.sh tests/cli/*.sh tests/e2e/*.sh tests/live/*.sh)
SUPPORT  := $(wildcard tests/support/*.c)
HELP     := $(sort $(wildcard help/*/*.txt))
COREOBJ  := $(CORE:%.c=$(B)/%.o) $(B)/core/breach/intruder.o
TUIOBJ   := $(TUI:%.c=$(B)/%.o) $(B)/help.o
UNITBIN  := $(UNIT:tests/unit/%.c=$(B)/unit/%)

.PHONY: all run check check-built bpf install uninstall clean help lint unit unit-tests fuzz fuzz-tests bench golden
.DEFAULT_GOAL := all

all: $(B)/gird

$(B)/gird: $(TUIOBJ) $(B)/libgird.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(ALLCFLAGS) -o $@ $(TUIOBJ) $(B)/libgird.a $(LIBS)

$(B)/libgird.a: $(COREOBJ)
	@echo "  AR      $@"
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(ALLCFLAGS) -MMD -MP -c -o $@ $<

# The observer's program and its skeleton, which embeds it.  They need nothing of this machine's
# kernel; the observer's objects wait for the skeleton.
SKELETON := $(B)/core/observe/observe.skel.h
BPFSRC   := core/observe/bpf/observe.bpf.c
BPFFLAGS := -target bpf -O2 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Werror -I.
ifeq ($(BPF),1)
$(filter $(B)/core/observe/%,$(COREOBJ)): | $(SKELETON)
endif
# With another BPF= than the last time they are built anew.
$(filter $(B)/core/observe/%,$(COREOBJ)): $(B)/bpf-is-$(BPF)
$(B)/bpf-is-$(BPF):
	@mkdir -p $(@D)
	$(Q)rm -f $(B)/bpf-is-* && touch $@

$(B)/bpf/%.o: $(BPFSRC) $(wildcard core/observe/bpf/*.h)
	@mkdir -p $(@D)
	@echo "  BPF     $@"
	$(Q)$(CLANG) $(BPFFLAGS) -D__TARGET_ARCH_$* -c -o $@ $<

# Its warnings are bpftool's.
$(SKELETON): $(B)/bpf/$(BPFARCH).o
	@mkdir -p $(@D)
	@echo "  SKEL    $@"
	$(Q){ echo '#pragma GCC system_header'; $(or $(BPFTOOL),bpftool) gen skeleton $< name observe_bpf; } > $@.tmp && mv $@.tmp $@

# Compiles it for every processor it knows.
bpf: $(if $(filter 1,$(BPF)),$(B)/bpf/x86.o $(B)/bpf/arm64.o)

$(B)/help.c: tools/embed.sh $(HELP)
	@mkdir -p $(@D)
	@echo "  EMBED   $@"
	$(Q)sh tools/embed.sh $(HELP) > $@.tmp && mv $@.tmp $@

$(B)/help.o: $(B)/help.c
	$(Q)$(CC) $(ALLCFLAGS) -c -o $@ $<

# The program that is started in the place of a service, inside its sandbox.  It is linked statically, since
# there may be no library in that sandbox; gird carries it along.
INTRUDER := $(wildcard core/breach/program/*.c)
$(B)/intruder: $(INTRUDER) $(wildcard core/breach/program/*.h core/breach/*.inc)
	@mkdir -p $(@D)
	@echo "  STATIC  $@"
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -I. $(WARN) -Os -static -s -o $@ $(INTRUDER)

$(B)/core/breach/intruder.o: $(B)/intruder
	@mkdir -p $(@D)
	$(Q)cd $(B) && ld -r -b binary -z noexecstack -o core/breach/intruder.o intruder && \
		objcopy --rename-section .data=.rodata,alloc,load,readonly,data,contents core/breach/intruder.o

# The oracle: our score against what real systemd-analyze builds answered.
$(B)/oracle: tests/oracle/oracle.c $(B)/libgird.a
	@echo "  TEST    $@"
	$(Q)$(CC) $(ALLCFLAGS) -o $@ $< $(B)/libgird.a $(LIBS)

# Drivers that the live tests run as root.
LIVE     := $(wildcard tests/live/*_driver.c)
LIVEBIN  := $(LIVE:tests/live/%.c=$(B)/live/%)
$(LIVEBIN): $(B)/live/%: tests/live/%.c $(B)/libgird.a
	@mkdir -p $(@D)
	@echo "  TEST    $@"
	$(Q)$(CC) $(ALLCFLAGS) -o $@ $< $(B)/libgird.a $(LIBS)

# A fuzz target replays files here; `make fuzz` builds it with libFuzzer.
$(FUZZBIN): $(B)/fuzz/%: tests/fuzz/%.c tests/fuzz/replay.c $(B)/libgird.a
	@mkdir -p $(@D)
	@echo "  TEST    $@"
	$(Q)$(CC) $(ALLCFLAGS) -Wno-missing-prototypes -o $@ $< tests/fuzz/replay.c $(B)/libgird.a $(LIBS)

# One cmocka binary per file of tests/unit.  They link libgird and the screen without main().
$(UNITBIN): $(B)/unit/%: tests/unit/%.c $(SUPPORT) $(B)/libgird.a $(TUIOBJ)
	@mkdir -p $(@D)
	@echo "  TEST    $@"
	$(Q)$(CC) $(ALLCFLAGS) -Itests -MMD -MP -o $@ $< $(SUPPORT) $(filter-out $(B)/tui/main.o,$(TUIOBJ)) \
		$(B)/libgird.a $(LIBS) -lcmocka

help: ## what the targets do
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'
	@echo "  Variables: PREFIX=/usr/local DESTDIR= CC= V=1 (show commands) SAN=address,undefined"
	@echo "             BPF=0 (leave out observing: no clang, bpftool, libbpf)"

all: ## build build/gird (needs the packages that make run installs)

run: ## install what is missing, build, start gird
	@BPF=$(BPF) sh tools/setup.sh run
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@$(B)/gird $(ARGS)

check: ## install what the tests need, run all tests
	@BPF=$(BPF) sh tools/setup.sh check
	@$(MAKE) --no-print-directory -j$$(nproc) check-built

# The tests of core/ and the screen, once more under the sanitizers, then the machine's own.
check-built: all bpf unit-tests $(B)/oracle $(LIVEBIN)
	@$(MAKE) --no-print-directory B=$(B)/san SAN=address,undefined unit-tests fuzz-tests
	@sh tools/check-help.sh
	@bash tests/run.sh $(UNITBIN) $(UNITBIN:$(B)/%=$(B)/san/%) $(SCRIPTS)

unit-tests: $(UNITBIN)

fuzz-tests: $(FUZZBIN)

unit: unit-tests ## the unit tests alone
	@bash tests/run.sh $(UNITBIN)

fuzz: ## 60 s of fuzzing per target, with clang's libFuzzer
	@sh tests/fuzz/fuzz.sh

bench: all ## the benchmarks, with their ratios
	@sh tests/bench/bench.sh

golden: ## rewrite tests/golden from what the screens draw now; read the diff before you commit
	@$(MAKE) --no-print-directory unit-tests
	@for t in $(filter %screen%,$(UNITBIN)); do GOLDEN_UPDATE=1 $$t >/dev/null || exit 1; done; git status --short tests/golden

lint: ## format, layers, clang-tidy, both compilers
	@BPF=$(BPF) sh tools/setup.sh lint
	@BPF=$(BPF) sh tools/lint.sh

$(B)/gird.1: $(B)/gird tools/man.sh
	@sh tools/man.sh $(B)/gird > $@.tmp && mv $@.tmp $@

$(B)/gird-directives.7: $(B)/gird tools/man.sh tools/man.awk $(HELP)
	@sh tools/man.sh $(B)/gird directives > $@.tmp && mv $@.tmp $@

install: all $(B)/gird.1 $(B)/gird-directives.7 ## install below $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man7 $(DESTDIR)$(PREFIX)/share/doc/gird
	install -m 755 $(B)/gird $(DESTDIR)$(PREFIX)/bin/gird
	install -m 644 $(B)/gird.1 $(DESTDIR)$(PREFIX)/share/man/man1/gird.1
	install -m 644 $(B)/gird-directives.7 $(DESTDIR)$(PREFIX)/share/man/man7/gird-directives.7
	install -m 644 README.md LICENSE $(wildcard doc/*.md) $(wildcard doc/*.json) $(DESTDIR)$(PREFIX)/share/doc/gird

uninstall: ## take it away again
	rm -f $(DESTDIR)$(PREFIX)/bin/gird $(DESTDIR)$(PREFIX)/share/man/man1/gird.1 $(DESTDIR)$(PREFIX)/share/man/man7/gird-directives.7
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/gird

clean: ## remove build/
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
