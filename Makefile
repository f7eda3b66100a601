# gird - see `make help`.  One file, no lists of sources; everything is built under build/.

CC       ?= cc
CLANG    ?= clang
BPF      ?= 1
PREFIX   ?= /usr/local
B        ?= build
V        ?= 0
SAN      ?=
VERSION  := $(shell cat VERSION)

WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef -Werror
CFLAGS   ?= -O2 -g
PKGS     := libsystemd libcjson ncursesw
ALLCFLAGS = -std=gnu11 -D_GNU_SOURCE -DGIRD_VERSION='"$(VERSION)"' -I. $(WARN) $(CFLAGS) \
            $(shell pkg-config --cflags $(PKGS)) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer)
LIBS      = $(shell pkg-config --libs $(PKGS)) $(if $(SAN),-fsanitize=$(SAN))
Q        := $(if $(filter 1,$(V)),,@)

CORE     := $(wildcard core/*/*.c)
TUI      := $(wildcard tui/*.c tui/*/*.c)
UNIT     := $(wildcard tests/unit/test_*.c)
SUPPORT  := $(wildcard tests/support/*.c)
HELP     := $(sort $(wildcard help/*/*.txt))
COREOBJ  := $(CORE:%.c=$(B)/%.o)
TUIOBJ   := $(TUI:%.c=$(B)/%.o) $(B)/help.o
UNITBIN  := $(UNIT:tests/unit/%.c=$(B)/unit/%)

.PHONY: all run check install uninstall clean help lint format deps test-deps unit
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

$(B)/help.c: tools/embed.sh $(HELP)
	@mkdir -p $(@D)
	@echo "  EMBED   $@"
	$(Q)sh tools/embed.sh $(HELP) > $@.tmp && mv $@.tmp $@

$(B)/help.o: $(B)/help.c
	$(Q)$(CC) $(ALLCFLAGS) -c -o $@ $<

# One cmocka binary per file of tests/unit.  They link libgird and the screen without main().
$(UNITBIN): $(B)/unit/%: tests/unit/%.c $(SUPPORT) $(B)/libgird.a $(TUIOBJ)
	@mkdir -p $(@D)
	@echo "  TEST    $@"
	$(Q)$(CC) $(ALLCFLAGS) -Itests -MMD -MP -o $@ $< $(SUPPORT) $(filter-out $(B)/tui/main.o,$(TUIOBJ)) \
		$(B)/libgird.a $(LIBS) -lcmocka

unit: $(UNITBIN)
	@for t in $(UNITBIN); do $$t || exit 1; done

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
