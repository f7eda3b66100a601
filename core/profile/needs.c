/* needs.c - what a new service needs as a profile: everything is shut, and each need opens its
 * part. */
#include "core/profile/needs.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void needs_done(struct needs *n)
{
        profile_free(n->profile);
        strv_free(n->probes);
        free(n->user);
        strv_free(n->notes);
        *n = (struct needs){ 0 };
}

/* What the words add up to. */
struct wants {
        const struct dialect *dialect;
        struct needs *ret;
        struct err *e;
        bool inet, local, unix_sockets, netlink, listens, connects, devices, root;
        char **caps;
};

/* One more assignment of a directive, on top of those before. */
static int set(struct wants *w, enum directive_id id, const char *text, const char *why)
{
        const struct directive *d = directive_at(id);
        const struct change *before = profile_find(w->ret->profile, id);
        struct value v = { 0 };
        struct err note = { 0 };
        int r;

        if (!directive_known_to(d, w->dialect->version))
                return strv_addf(&w->ret->notes, "%s=%s is left out: systemd %u does not know it",
                                 d->name, text, w->dialect->version.major);
        r = before ? value_copy(&before->value, &v) : 0;
        if (r >= 0)
                r = value_assign(&v, d, w->dialect, text, &note);
        if (r >= 0 && (r != ASSIGN_TAKEN || note.text[0]))
                r = err_say(w->e, -EINVAL, "%s=%s: %s", d->name, text,
                            note.text[0] ? note.text : "systemd does not take this");
        if (r < 0) {
                value_done(&v);
                return r;
        }
        return profile_set(w->ret->profile, id, &v, REASON_PRESET, why);
}

static int refuse(struct wants *w, const char *word, const char *rest, const char *wanted)
{
        return err_say(w->e, -EINVAL, "--needs %s%s: %s", word, rest, wanted);
}

/* --- the words --------------------------------------------------------------------------- */

static int need_listen(struct wants *w, const char *word, const char *rest)
{
        char *end = NULL;
        unsigned long port = *rest >= '0' && *rest <= '9' ? strtoul(rest, &end, 10) : 0;
        bool udp = end && strcmp(end, "/udp") == 0;
        scoped(mem_freep) char *bind = NULL, *probe = NULL;
        int r;

        if (port < 1 || port > 65535 || !(udp || *end == '\0' || strcmp(end, "/tcp") == 0))
                return refuse(w, word, rest,
                              "a port is a number from 1 to 65535, such as 8080 or "
                              "53/udp");
        bind = text_format("%s:%lu", udp ? "udp" : "tcp", port);
        probe = text_format("tcp:%lu", port);
        if (!bind || !probe)
                return -ENOMEM;
        w->inet = w->listens = true;
        r = set(w, D_SocketBindAllow, bind, "it listens there");
        if (r >= 0 && !udp)
                r = strv_add(&w->ret->probes, probe);
        if (r >= 0 && port < 1024 && !w->root)
                r = strv_add(&w->caps, "CAP_NET_BIND_SERVICE");
        return r;
}

static int need_connect(struct wants *w, const char *word, const char *rest)
{
        (void)word;
        w->inet = true;
        if (!*rest) {
                w->connects = true;
                return 0;
        }
        return set(w, D_IPAddressAllow, rest, "it talks to these addresses");
}

static int need_local(struct wants *w, const char *word, const char *rest)
{
        (void)word;
        (void)rest;
        w->inet = w->local = true;
        return set(w, D_IPAddressAllow, "localhost", "it talks to this machine only");
}

static int need_unix(struct wants *w, const char *word, const char *rest)
{
        (void)word;
        (void)rest;
        w->unix_sockets = true;
        return 0;
}

static int need_netlink(struct wants *w, const char *word, const char *rest)
{
        (void)word;
        (void)rest;
        w->netlink = true;
        return 0;
}

/* A path of a unit file: absolute, and what systemd would read otherwise is escaped. */
static int path_text(struct wants *w, const char *word, const char *rest, char **ret)
{
        struct text t = { 0 };

        if (*rest != '/')
                return refuse(w, word, rest, "a path begins with /");
        text_add(&t, "\"");
        for (const char *p = rest; *p; p++) {
                if (*p == '%' || *p == '\\' || *p == '"')
                        text_add(&t, *p == '%' ? "%" : "\\");
                text_addn(&t, p, 1);
        }
        text_add(&t, "\"");
        *ret = text_take(&t);
        return *ret ? 0 : -ENOMEM;
}

static const struct {
        const char *below;
        enum directive_id directive;
} folders[] = {
        { "/var/lib/", D_StateDirectory },     { "/var/cache/", D_CacheDirectory },
        { "/var/log/", D_LogsDirectory },      { "/run/", D_RuntimeDirectory },
        { "/etc/", D_ConfigurationDirectory },
};

/* A folder that systemd makes for the service, owned by its user. */
static int need_write(struct wants *w, const char *word, const char *rest)
{
        scoped(mem_freep) char *path = NULL;
        int r = path_text(w, word, rest, &path);

        for (size_t i = 0; r >= 0 && i + 1 < COUNT(folders); i++) {
                const char *name = rest + strlen(folders[i].below);

                if (text_starts(rest, folders[i].below) && *name && !strpbrk(name, "%\\\" \t"))
                        return set(w, folders[i].directive, name, "it writes there");
        }
        if (r >= 0)
                r = set(w, D_ReadWritePaths, path, "it writes there");
        if (r >= 0)
                r = strv_addf(&w->ret->notes,
                              "%s must be writable for the service's user; systemd does not see to "
                              "that",
                              rest);
        return r;
}

static int need_read(struct wants *w, const char *word, const char *rest)
{
        scoped(mem_freep) char *path = NULL;
        int r = path_text(w, word, rest, &path);

        if (r < 0)
                return r;
        if (!text_starts(rest, "/home/") && !text_starts(rest, "/root/") &&
            !text_starts(rest, "/run/user/"))
                return strv_addf(&w->ret->notes,
                                 "%s needs nothing: what its user may read stays "
                                 "readable",
                                 rest);
        r = set(w, D_ProtectHome, "tmpfs", "of the homes it sees what is named only");
        return r < 0 ? r : set(w, D_BindReadOnlyPaths, path, "it reads there");
}

static int need_device(struct wants *w, const char *word, const char *rest)
{
        scoped(mem_freep) char *rights = NULL;

        if (!text_starts(rest, "/dev/") && !text_starts(rest, "char-") &&
            !text_starts(rest, "block-"))
                return refuse(w, word, rest, "a device is /dev/NAME, char-CLASS or block-CLASS");
        w->devices = true;
        rights = text_format("%s rw", rest);
        return rights ? set(w, D_DeviceAllow, rights, "it uses this device") : -ENOMEM;
}

static int need_cap(struct wants *w, const char *word, const char *rest)
{
        scoped(mem_freep) char *full = text_starts(rest, "CAP_") || text_starts(rest, "cap_")
                                               ? strdup(rest)
                                               : text_format("CAP_%s", rest);
        int number = full ? capability_number(full) : -1;

        if (!full)
                return -ENOMEM;
        if (number < 0)
                return refuse(w, word, rest,
                              "there is no such capability; `gird explain "
                              "capabilities` lists them");
        return strv_add(&w->caps, capability_name((unsigned)number));
}

static int need_secret(struct wants *w, const char *word, const char *rest)
{
        if (!strchr(rest, ':') || strchr(rest, ':')[1] != '/')
                return refuse(w, word, rest, "a secret is NAME:/path/of/the/file");
        return set(w, D_LoadCredential, rest,
                   "systemd hands it over; no file needs to be readable");
}

static int need_user(struct wants *w, const char *word, const char *rest)
{
        static const char *const shared[] = { "nobody", "nogroup", "daemon", "root", "www-data" };

        for (size_t i = 0; i < COUNT(shared); i++)
                if (strcmp(rest, shared[i]) == 0)
                        return refuse(w, word, rest,
                                      "others run as that, too; name one of its own "
                                      "(or say root, with a reason)");
        if (!*rest || strlen(rest) > 31 ||
            strspn(rest, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(rest) ||
            strchr("0123456789-", *rest))
                return refuse(w, word, rest,
                              "a user's name has a-z, 0-9, - and _, at most 31, and "
                              "begins with a letter");
        free(w->ret->user);
        w->ret->user = strdup(rest);
        return w->ret->user ? 0 : -ENOMEM;
}

static int need_root(struct wants *w, const char *word, const char *rest)
{
        (void)word;
        (void)rest;
        w->root = true;
        return strv_add(&w->ret->notes, "it runs as root: what it may do is then held by the "
                                        "sandbox alone");
}

static int need_calls(struct wants *w, const char *word, const char *rest)
{
        if (*rest == '@' ? !dialect_group(w->dialect, rest) : !dialect_knows_call(w->dialect, rest))
                return refuse(w, word, rest, "there is no such system call or group");
        return set(w, D_SystemCallFilter, rest, "it makes these calls");
}

/* What lifts one directive of the fence. */
static const struct {
        const char *word;
        enum directive_id directive;
} lifts[] = {
        { "jit", D_MemoryDenyWriteExecute },
        { "realtime", D_RestrictRealtime },
        { "proc", D_ProcSubset },
        { "fork-namespaces", D_RestrictNamespaces },
};

static int need_lift(struct wants *w, const char *word, const char *rest)
{
        (void)rest;
        for (size_t i = 0; i < COUNT(lifts); i++)
                if (strcmp(lifts[i].word, word) == 0)
                        profile_unset(w->ret->profile, lifts[i].directive);
        return 0;
}

static const struct {
        const char *word; /* with a ':' at its end where something follows */
        int (*read)(struct wants *w, const char *word, const char *rest);
        const char *meaning;
} words[] = {
        { "net:listen:", need_listen, "listens at a port: net:listen:8080, net:listen:53/udp" },
        { "net:connect:", need_connect, "talks to an address or prefix: net:connect:10.0.0.0/8" },
        { "net:connect", need_connect, "talks to any address" },
        { "net:local", need_local, "talks to this machine's loopback only" },
        { "unix", need_unix, "uses unix sockets: the bus, syslog, a database's socket" },
        { "netlink", need_netlink, "asks for interfaces and addresses (getaddrinfo() does)" },
        { "write:", need_write, "writes a folder: write:/var/lib/app" },
        { "read:", need_read, "reads below a home: read:/home/x/public" },
        { "dev:", need_device, "uses a device: dev:/dev/ttyS0" },
        { "cap:", need_cap, "has a capability: cap:net_raw" },
        { "secret:", need_secret, "is handed a secret: secret:token:/etc/app/token" },
        { "user:", need_user, "runs as this user instead of a dynamic one" },
        { "root", need_root, "runs as root" },
        { "calls:", need_calls, "makes more system calls: calls:@mount" },
        { "jit", need_lift, "writes code and runs it (Java, JavaScript, PCRE's JIT)" },
        { "realtime", need_lift, "asks for real-time scheduling" },
        { "proc", need_lift, "reads more of /proc than processes" },
        { "fork-namespaces", need_lift, "makes namespaces (containers, browsers)" },
};

const char *needs_word(size_t i, const char **ret_meaning)
{
        if (i >= COUNT(words))
                return NULL;
        *ret_meaning = words[i].meaning;
        return words[i].word;
}

static int read_word(struct wants *w, const char *word)
{
        for (size_t i = 0; i < COUNT(words); i++) {
                const char *known = words[i].word;
                bool more = text_ends(known, ":");

                if (more ? text_starts(word, known) : strcmp(word, known) == 0)
                        return words[i].read(w, known, more ? word + strlen(known) : "");
        }
        return err_say(w->e, -EINVAL,
                       "--needs %s: there is no such need; `gird explain new` lists them", word);
}

/* --- the fence --------------------------------------------------------------------------- */

static const struct {
        enum directive_id directive;
        const char *value, *why;
} fence[] = {
        { D_NoNewPrivileges, "yes", "no program that it starts gains rights" },
        { D_UMask, "0077", "what it writes is its own" },
        { D_ProtectSystem, "strict", "it writes only where it is said" },
        { D_ProtectHome, "yes", "homes are none of its business" },
        { D_PrivateTmp, "yes", "its /tmp is its own" },
        { D_ProtectProc, "invisible", "it does not see the processes of others" },
        { D_ProcSubset, "pid", "of /proc it needs processes only" },
        { D_ProtectControlGroups, "yes", "it does not manage control groups" },
        { D_ProtectKernelTunables, "yes", "it does not tune the kernel" },
        { D_ProtectKernelModules, "yes", "it loads no modules" },
        { D_ProtectKernelLogs, "yes", "it does not read the kernel's log" },
        { D_ProtectClock, "yes", "it does not set the clock" },
        { D_ProtectHostname, "yes", "it does not rename the machine" },
        { D_KeyringMode, "private", "keys of others stay theirs" },
        { D_LockPersonality, "yes", "it needs one kind of execution only" },
        { D_MemoryDenyWriteExecute, "yes", "it makes no code at run time" },
        { D_RestrictRealtime, "yes", "it cannot keep a processor to itself" },
        { D_RestrictSUIDSGID, "yes", "it makes no set-uid files" },
        { D_RestrictNamespaces, "yes", "it makes no namespaces" },
        { D_RemoveIPC, "yes", "nothing of it stays in shared memory" },
        { D_SystemCallArchitectures, "native", "no calls of another architecture" },
        { D_SystemCallFilter, "@system-service", "what services usually need" },
        { D_SystemCallFilter, "~@privileged @resources", "less what only root's work needs" },
        { D_SystemCallErrorNumber, "EPERM", "a refused call fails and does not kill" },
};

static int raise_fence(struct wants *w)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < COUNT(fence); i++)
                r = set(w, fence[i].directive, fence[i].value, fence[i].why);
        return r;
}

static int set_network(struct wants *w)
{
        scoped(mem_freep) char *families = NULL;
        const struct change *allowed;
        int r = 0;

        if (!w->inet) {
                r = set(w, D_PrivateNetwork, "yes", "it needs no network");
                if (r >= 0)
                        r = set(w, D_IPAddressDeny, "any", "it needs no network");
        } else {
                allowed = profile_find(w->ret->profile, D_IPAddressAllow);
                if (allowed && !w->connects && !(w->listens && !w->local))
                        r = set(w, D_IPAddressDeny, "any", "no other address is needed");
                if (r >= 0)
                        r = set(w, D_SocketBindDeny, "any", "it listens where it is said only");
        }
        families = text_format("AF_UNIX%s%s", w->inet ? " AF_INET AF_INET6" : "",
                               w->netlink ? " AF_NETLINK" : "");
        if (r >= 0 && !families)
                r = -ENOMEM;
        if (r >= 0 && !w->inet && !w->unix_sockets && !w->netlink)
                return set(w, D_RestrictAddressFamilies, "none", "it needs no sockets");
        return r < 0 ? r
                     : set(w, D_RestrictAddressFamilies, families,
                           "it needs no other kind of socket");
}

static int set_identity(struct wants *w)
{
        scoped(mem_freep) char *caps = w->caps ? strv_join(w->caps, " ") : strdup("");
        int r = 0;

        if (!caps)
                return -ENOMEM;
        if (w->root && w->ret->user)
                return err_say(w->e, -EINVAL, "--needs: user:%s and root: it runs as one of them",
                               w->ret->user);
        if (w->ret->user)
                r = set(w, D_User, w->ret->user, "a user of its own");
        else if (!w->root)
                r = set(w, D_DynamicUser, "yes", "a user of its own, there while it runs");
        if (r >= 0)
                r = set(w, D_CapabilityBoundingSet, caps,
                        *caps ? "no other capability is needed" : "it needs no capability");
        if (r >= 0 && *caps && !w->root)
                r = set(w, D_AmbientCapabilities, caps, "it has these without being root");
        /* In a user namespace of its own a capability is void. */
        if (r >= 0 && !*caps && !w->root)
                r = set(w, D_PrivateUsers, "yes", "it needs no user but its own");
        return r;
}

static int set_devices(struct wants *w)
{
        int r = set(w, D_DevicePolicy, "closed", "it uses the devices that it is given");

        return r < 0 || w->devices ? r : set(w, D_PrivateDevices, "yes", "it needs no real device");
}

int needs_read(const char *unit, enum scope scope, const char *text, const struct dialect *dialect,
               struct needs *ret, struct err *e)
{
        struct wants w = { .dialect = dialect, .ret = ret, .e = e };
        scoped(strv_freep) char **list = NULL;
        int r;

        *ret = (struct needs){ 0 };
        r = profile_new(unit, scope, &ret->profile);
        if (r >= 0)
                r = strv_split(text, ",", &list);
        if (r >= 0)
                r = raise_fence(&w);
        w.root = strv_has(list, "root");
        for (char **word = list; r >= 0 && word && *word; word++)
                r = read_word(&w, *word);
        if (r >= 0)
                r = set_network(&w);
        if (r >= 0)
                r = set_identity(&w);
        if (r >= 0)
                r = set_devices(&w);
        strv_free(w.caps);
        if (r < 0)
                needs_done(ret);
        return r == -ENOMEM ? err_set(e, r, "cannot make a profile of %s", unit) : r;
}
