/* infer_together.c - what is safe alone, but not with the rest, or not for ever.
 *
 * Late compilers, what one directive brings along for another, and the sessions of launchers. */
#include "core/observe/infer_privileges.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

bool takes(const struct inference *in, enum directive_id id)
{
        const struct advice *a = &in->ret->list[id];

        return a->evidence && a->verdict == ADVICE_SAFE && a->changes;
}

int take_back(struct inference *in, enum directive_id id, const struct act *witness,
              const char *why)
{
        scoped(strv_freep) char **lines = NULL;
        const struct value *v = &in->ret->list[id].value;
        int r = v->set ? value_print(v, directive_at(id), in->o->dialect, &lines) : 0;

        return r < 0 ? r : advise_unknown(in, id, lines, witness, "%s", why);
}

/* ---- compilers that start late ---- */

/* clang-format off */
static const struct {
        const char *start; /* of the name of a program or library */
        const char *words;
} compilers[] = {
        { "postgres",          "PostgreSQL compiles expensive queries with LLVM" },
        { "llvmjit",           "PostgreSQL compiles expensive queries with LLVM" },
        { "libLLVM",           "LLVM may compile at run time" },
        { "libjvm.so",         "Java compiles what runs often" },
        { "java",              "Java compiles what runs often" },
        { "libj9jit",          "Java compiles what runs often" },
        { "node",              "JavaScript engines compile what runs often" },
        { "libnode",           "JavaScript engines compile what runs often" },
        { "deno",              "JavaScript engines compile what runs often" },
        { "bun",               "JavaScript engines compile what runs often" },
        { "libv8",             "JavaScript engines compile what runs often" },
        { "libmozjs",          "JavaScript engines compile what runs often" },
        { "libjavascriptcore", "JavaScript engines compile what runs often" },
        { "libQt5Qml",         "Qt's script engine compiles what runs often" },
        { "libQt6Qml",         "Qt's script engine compiles what runs often" },
        { "libluajit",         "LuaJIT compiles what runs often" },
        { "luajit",            "LuaJIT compiles what runs often" },
        { "pypy",              "PyPy compiles what runs often" },
        { "libpypy",           "PyPy compiles what runs often" },
        { "libmono",           ".NET compiles what it runs" },
        { "mono",              ".NET compiles what it runs" },
        { "dotnet",            ".NET compiles what it runs" },
        { "libcoreclr",        ".NET compiles what it runs" },
        { "libclrjit",         ".NET compiles what it runs" },
        { "beam.smp",          "Erlang compiles modules as it loads them" },
        { "php",               "PHP compiles patterns and, with opcache.jit, code" },
        { "libphp",            "PHP compiles patterns and, with opcache.jit, code" },
        { "opcache.so",        "PHP compiles patterns and, with opcache.jit, code" },
        { "libruby",           "Ruby's YJIT compiles what runs often" },
        { "ruby",              "Ruby's YJIT compiles what runs often" },
        { "julia",             "Julia compiles what it runs" },
        { "sbcl",              "Lisp compiles at run time" },
        { "guile",             "Guile compiles what runs often" },
        { "libguile",          "Guile compiles what runs often" },
        { "dart",              "Dart compiles what runs often" },
        { "qemu-system",       "QEMU translates a guest's code without KVM" },
        { "libwasmtime",       "WebAssembly is compiled as it is loaded" },
        { "libwasmer",         "WebAssembly is compiled as it is loaded" },
        { "libwasmedge",       "WebAssembly is compiled as it is loaded" },
        { "wasmtime",          "WebAssembly is compiled as it is loaded" },
        { "libgccjit",         "it carries a compiler" },
        { "libtcc",            "it carries a compiler" },
        { "liblightning",      "it carries a compiler" },
        { "libjit",            "it carries a compiler" },
        { "libclamav",         "ClamAV compiles byte code of signatures" },
        { "_ctypes",           "Python's ctypes makes callbacks executable" },
        { "chromium",          "JavaScript engines compile what runs often" },
        { "chrome",            "JavaScript engines compile what runs often" },
        { "firefox",           "JavaScript engines compile what runs often" },
        { "wine",              "Wine loads code into memory that it writes" },
        { "haproxy",           "HAProxy may compile patterns when a configuration has them" },
};
/* clang-format on */

/* "node" is node and node20, but no node_exporter. */
static const char *compiles(const char *path)
{
        const char *name = base_name(path);

        for (size_t i = 0; i < COUNT(compilers); i++) {
                size_t n = strlen(compilers[i].start);
                bool library = text_starts(compilers[i].start, "lib");
                const char *rest;

                if (strncmp(name, compilers[i].start, n) != 0)
                        continue;
                rest = name + n;
                rest += strspn(rest, "0123456789.-");
                if (!*rest || library || *rest == '.' || text_starts(rest, "so") ||
                    text_starts(rest, "fpm") || text_starts(rest, "cgi") ||
                    text_ends(rest, ".so") || text_starts(compilers[i].start, "qemu"))
                        return compilers[i].words;
        }
        return NULL;
}

static int judge_compilers(struct inference *in)
{
        static const enum act_kind kinds[] = { ACT_EXEC, ACT_PATH };
        const struct behaviour *b = in->o->behaviour;
        const char *words = b->binary ? compiles(b->binary) : NULL;
        const struct act *witness = NULL;

        if (!takes(in, D_MemoryDenyWriteExecute))
                return 0;
        for (size_t k = 0; k < COUNT(kinds) && !words; k++)
                for (const struct act *a = behaviour_first(b, kinds[k]); a && !words;
                     a = behaviour_next(b, a)) {
                        bool runs = kinds[k] == ACT_EXEC || a->a & ACCESS_MAP_EXEC;

                        if (!runs || !a->text || a->error != 0)
                                continue;
                        words = compiles(a->text);
                        witness = words ? a : NULL;
                }
        if (!words)
                return 0;
        return take_back(in, D_MemoryDenyWriteExecute, witness, words);
}

/* ---- filters and new privileges ---- */

/* Up to 254, whatever filters calls brings NoNewPrivileges= for a unit with another user. */
static const enum directive_id filters[] = {
        D_SystemCallFilter,      D_SystemCallArchitectures, D_RestrictAddressFamilies,
        D_RestrictNamespaces,    D_RestrictRealtime,        D_RestrictSUIDSGID,
        D_LockPersonality,       D_MemoryDenyWriteExecute,  D_ProtectHostname,
        D_ProtectKernelTunables, D_ProtectKernelModules,    D_ProtectKernelLogs,
        D_ProtectClock,          D_PrivateDevices,          D_SystemCallLog,
};

static int take_back_filters(struct inference *in, const struct act *witness, const char *why)
{
        for (size_t i = 0; i < COUNT(filters); i++) {
                int r = takes(in, filters[i]) ? take_back(in, filters[i], witness, why) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

static int judge_new_privileges(struct inference *in)
{
        const struct act *gain = find_gain(in, GAIN_SETUID | GAIN_SETGID | GAIN_FILECAPS);
        /* A user manager has no privileges to put a filter in place with, in any version. */
        bool implied = in->o->unit->scope == SCOPE_USER ||
                       !version_at_least(in->o->dialect->version, 255, 0);
        scoped(needed_done) struct needed n = { 0 };
        int r;

        if (gain && !in->root_user && implied)
                return take_back_filters(in, gain,
                                         "this systemd brings NoNewPrivileges= along with it for "
                                         "a unit that does not run as root, and it runs a program "
                                         "that gains privileges");
        r = needed_caps(in, &n);
        if (r == 0 && loses_setuid(in, &n) && will_have(in, D_NoNewPrivileges, "yes"))
                r = take_back_filters(in, n.last,
                                      "User=root and NoNewPrivileges= are set: this systemd takes "
                                      "CAP_SETUID then as soon as anything filters calls.  Without "
                                      "User= this would be safe");
        return r;
}

/* ---- sockets that others find in /tmp ---- */

static bool in_shared_tmp(const struct act *a)
{
        return a->a == AF_UNIX && a->text && a->error == 0 &&
               (path_below(a->text, "/tmp") || path_below(a->text, "/var/tmp"));
}

static bool made_itself(const struct behaviour *b, const char *path)
{
        for (const struct act *a = behaviour_first(b, ACT_BIND); a; a = behaviour_next(b, a))
                if (a->a == AF_UNIX && a->text && strcmp(a->text, path) == 0)
                        return true;
        return false;
}

static int judge_tmp(struct inference *in)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_BIND); a; a = behaviour_next(b, a))
                if (takes(in, D_PrivateTmp) && in_shared_tmp(a))
                        return take_back(in, D_PrivateTmp, a,
                                         "it offers a socket there, which others would no longer "
                                         "find");
        for (const struct act *a = behaviour_first(b, ACT_CONNECT); a; a = behaviour_next(b, a))
                if (takes(in, D_PrivateTmp) && in_shared_tmp(a) && !made_itself(b, a->text))
                        return take_back(in, D_PrivateTmp, a, "it talks to a socket there");
        return 0;
}

/* ---- launchers ---- */

/* All that is not inherited by what the unit starts, and why a session can bear it. */
static const struct {
        enum directive_id directive;
        const char *why;
} bearable[] = {
        { D_NotifyAccess, "it is only about who may speak to systemd in the unit's name" },
        { D_KeyringMode, "PAM gives every session a keyring of its own" },
};

/* What acts on the unit's cgroup: sessions that logind moves to a scope of their own leave it. */
static const enum directive_id by_cgroup[] = {
        D_DevicePolicy,
        D_DeviceAllow,
        D_IPAddressDeny,
        D_IPAddressAllow,
        D_SocketBindDeny,
        D_SocketBindAllow,
        D_TasksMax,
        D_MemoryMax,
        D_RestrictNetworkInterfaces,
        D_RestrictFileSystems,
};

static bool is_bearable(const struct inference *in, enum directive_id id)
{
        const char *mode = setting_word(in->o->unit, D_KeyringMode);

        /* What shares its keys on purpose, as display managers do, goes on. */
        if (id == D_KeyringMode && mode && strcmp(mode, "private") != 0)
                return false;
        for (size_t i = 0; i < COUNT(bearable); i++)
                if (bearable[i].directive == id)
                        return true;
        return false;
}

static const char *session_words(enum directive_id id)
{
        for (size_t i = 0; i < COUNT(by_cgroup); i++)
                if (by_cgroup[i] == id)
                        return "what it starts stays in its cgroup unless logind moves it to a "
                               "scope of its own: what one session did says nothing about the next";
        return "its sessions inherit it: what one session did says nothing about the next";
}

static int spare_sessions(struct inference *in)
{
        for (size_t i = 0; in->launcher && i < DIRECTIVE_COUNT; i++) {
                enum directive_id id = (enum directive_id)i;
                int r = 0;

                if (takes(in, id) && !is_bearable(in, id))
                        r = take_back(in, id, NULL, session_words(id));
                if (r < 0)
                        return r;
        }
        return in->launcher
                       ? strv_add(&in->about, "Nearly all directives are inherited by what it "
                                              "starts, so only those are advised that no session "
                                              "can feel")
                       : 0;
}

int infer_together(struct inference *in)
{
        int r = judge_compilers(in);

        if (r == 0)
                r = judge_new_privileges(in);
        if (r == 0)
                r = judge_tmp(in);
        if (r == 0)
                r = spare_sessions(in);
        if (r == 0)
                r = infer_check(in);
        return r;
}
