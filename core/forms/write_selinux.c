/* write_selinux.c - an SELinux module in CIL: a domain for the service, types for its own files. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/selinux_module.h"
#include "core/forms/selinux_types.h"
#include "core/observe/infer_paths.h"

#include <ctype.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- capabilities, sockets, ports ---- */

static void add_caps(struct module *m)
{
        for (unsigned i = 0; i < 64; i++) {
                scoped(mem_freep) char *name = NULL;

                if (!(m->access->caps >> i & 1) || !capability_name(i))
                        continue;
                name = strdup(capability_name(i) + strlen("CAP_"));
                for (char *c = name; c && *c; c++)
                        *c = (char)tolower((unsigned char)*c);
                if (!name)
                        module_fail(m, -ENOMEM);
                else
                        module_allow(m, "self", i < 32 ? "capability" : "capability2", name, false);
        }
}

static void add_sockets(struct module *m)
{
        static const char perms[] = "create bind connect listen accept read write getattr setattr "
                                    "getopt setopt shutdown ioctl lock append";

        for (size_t i = 0; i < m->access->socket_count; i++) {
                const char *class = selinux_socket_class(&m->access->sockets[i]);

                if (!class) {
                        module_fail(m, form_leave_out(m->out,
                                                      "sockets of family %u: gird does not know "
                                                      "their class",
                                                      m->access->sockets[i].family));
                        continue;
                }
                module_allow(m, "self", class, perms, false);
                if (strcmp(class, "netlink_route_socket") == 0)
                        module_allow(m, "self", class,
                                     m->access->caps & (UINT64_C(1) << CAP_NET_ADMIN)
                                             ? "nlmsg_read nlmsg_write"
                                             : "nlmsg_read",
                                     false);
                if (strcmp(class, "unix_stream_socket") == 0)
                        module_allow(m, "self", class, "connectto", false);
                if (strcmp(class, "unix_dgram_socket") == 0)
                        module_allow(m, "self", class, "sendto", false);
        }
}

/* All types that the span touches; where it is any port, those that nothing else names. */
static void add_span(struct module *m, const struct port_access *p, const char *perm)
{
        static const char *const any[] = { "port_t", "unreserved_port_t", "ephemeral_port_t" };
        bool stream = p->type == SOCK_STREAM;
        const char *class = stream ? "tcp_socket" : "udp_socket";

        if (p->type != SOCK_STREAM && p->type != SOCK_DGRAM)
                return;
        if (p->first == p->last)
                module_allow(m, selinux_port_type(p->first, stream), class, perm, false);
        else
                for (size_t i = 0; i < COUNT(any); i++)
                        module_allow(m, any[i], class, perm, false);
}

static void add_ports(struct module *m)
{
        for (size_t i = 0; i < m->access->bind_count; i++) {
                const struct port_access *p = &m->access->binds[i];
                const char *class = p->type == SOCK_STREAM  ? "tcp_socket"
                                    : p->type == SOCK_DGRAM ? "udp_socket"
                                                            : "rawip_socket";

                module_allow(m, "node_t", class, "node_bind", false);
                add_span(m, p, "name_bind");
        }
        for (size_t i = 0; i < m->access->connect_count; i++)
                if (m->access->connects[i].type == SOCK_STREAM)
                        add_span(m, &m->access->connects[i], "name_connect");
}

static void add_process(struct module *m)
{
        module_allow(m, "self", "process",
                     "fork sigchld signal signull getsched setsched setpgid getpgid "
                     "getsession getcap setcap setrlimit getrlimit getattr",
                     false);
        if (m->access->wx)
                module_allow(m, "self", "process", "execmem", false);
        if (m->access->traces)
                module_allow(m, "self", "process", "ptrace", false);
        if (m->access->kills)
                module_allow(m, "domain", "process", "signal sigkill sigstop signull", false);
        module_allow(m, "self", "fd", "use", false);
        module_allow(m, "self", "fifo_file", "read write getattr ioctl lock append", false);
        module_allow(m, "self", "dir", "search read open getattr", false);
        module_allow(m, "self", "file", "read open getattr", false);
        module_allow(m, "self", "lnk_file", "read getattr", false);
        /* What PID 1 hands over: output and error, sockets. */
        module_allow(m, "init_t", "process", "sigchld", false);
        module_allow(m, "init_t", "fd", "use", false);
        module_allow(m, "init_t", "unix_stream_socket", "read write getattr getopt ioctl", false);
        module_allow(m, "init_t", "unix_dgram_socket", "sendto", false);
        module_allow(m, "syslogd_t", "unix_dgram_socket", "sendto", true);
        module_allow(m, "syslogd_t", "unix_stream_socket", "connectto", true);
        if (m->access->bus) {
                module_allow(m, "system_dbusd_t", "unix_stream_socket", "connectto", true);
                module_allow(m, "system_dbusd_t", "dbus", "send_msg acquire_svc", true);
        }
}

/* ---- writing ---- */

static void write_types(struct text *t, const struct module *m)
{
        text_add(t, "    (type process)\n    (roletype system_r process)\n"
                    "    (typeattributeset domain (process))\n"
                    "    (type exec)\n    (roletype object_r exec)\n"
                    "    (typeattributeset file_type (exec))\n"
                    "    (typeattributeset exec_type (exec))\n"
                    "    (typeattributeset entry_type (exec))\n");
        for (char **type = m->types; type && *type; type++)
                text_addf(t,
                          "    (type %s)\n    (roletype object_r %s)\n"
                          "    (typeattributeset file_type (%s))\n",
                          *type, *type, *type);
}

static void write_start(struct text *t, const struct module *m)
{
        text_add(t, "\n    ; PID 1 starts it, sets up its folders and takes it down\n"
                    "    (typetransition init_t exec process process)\n"
                    "    (allow init_t process (process (transition siginh rlimitinh noatsecure "
                    "signal sigkill sigstop signull getattr)))\n"
                    "    (allow init_t process (process2 (nnp_transition nosuid_transition)))\n"
                    "    (allow init_t exec (file (read open getattr execute map)))\n");
        for (char **type = m->types; type && *type; type++)
                text_addf(
                        t,
                        "    (allow init_t %s (dir (create getattr setattr open read write search "
                        "add_name remove_name rmdir mounton relabelfrom relabelto)))\n"
                        "    (allow init_t %s (file (getattr unlink setattr)))\n",
                        *type, *type);
}

static const enum directive_id expressed[] = { D_CapabilityBoundingSet,
                                               D_AmbientCapabilities,
                                               D_RestrictAddressFamilies,
                                               D_ReadWritePaths,
                                               D_ReadOnlyPaths,
                                               D_InaccessiblePaths,
                                               D_ExecPaths,
                                               D_NoExecPaths,
                                               D_ProtectSystem,
                                               D_ProtectHome,
                                               D_StateDirectory,
                                               D_CacheDirectory,
                                               D_LogsDirectory,
                                               D_RuntimeDirectory,
                                               D_SELinuxContext,
                                               D_MemoryDenyWriteExecute,
                                               D_SocketBindAllow,
                                               D_SocketBindDeny,
                                               D_NoNewPrivileges,
                                               DIRECTIVE_COUNT };

static const struct form_limits limits = {
        .name = "SELinux",
        .expressed = expressed,
        .groups = {
                [GROUP_IDENTITY] = "an SELinux policy sets no user of the system",
                [GROUP_FILES] = "views of the files, and their modes, stay with systemd",
                [GROUP_DEVICES] = "devices are files there: those it used are granted",
                [GROUP_NETWORK] = "addresses and interfaces would need labels of their own",
                [GROUP_NAMESPACES] = "SELinux makes no namespaces",
                [GROUP_KERNEL] = "it is there by what is not granted",
                [GROUP_PROCESSES] = "part of it is there by the types that are not granted",
                [GROUP_SYSCALLS] = "SELinux knows no system calls",
                [GROUP_MAC] = "another security module",
                [GROUP_RESOURCES] = "SELinux sets no limits",
                [GROUP_CREDENTIALS] = "SELinux hands over no secrets",
        },
};

/* The way into the domain.  A label on an interpreter would catch all that is written in it. */
static void add_entry(struct module *m, const char *program)
{
        const char *why = "others run it, too, so it keeps its label: without SELinuxContext= the "
                          "service does not come into its domain";

        if (!program_is_shared(program)) {
                module_label(m, program, false, "exec");
                strv_remove(m->types, "exec"); /* has lines of its own */
                return;
        }
        module_allow(m, "bin_t", "file", "entrypoint read open getattr execute map", false);
        module_fail(m, form_leave_out(m->out, "%s: %s", program, why));
}

/* The program, and what stands in ExecStart= where that is another: a script that starts it. */
static void add_entries(struct module *m, const char *program)
{
        const struct unit_facts *facts = &m->in->after->facts;

        if (program)
                add_entry(m, program);
        for (size_t i = 0; i < facts->exec_count; i++) {
                const char *path = facts->exec[i].path;
                scoped(mem_freep) char *spelt = NULL;

                if (strcmp(facts->exec[i].key, "ExecStart") != 0 || !path || path[0] != '/' ||
                    strchr(path, '%'))
                        continue;
                spelt = place_spelt(path);
                if (!spelt)
                        module_fail(m, -ENOMEM);
                else if (!program || strcmp(spelt, program) != 0)
                        add_entry(m, spelt);
        }
        module_allow(m, "exec", "file", "entrypoint read open getattr execute execute_no_trans map",
                     false);
        if (!m->contexts)
                module_fail(m,
                            form_leave_out(m->out, "the way into the domain: no program is "
                                                   "labelled for it; SELinuxContext= leads there"));
}

static void fill(struct module *m)
{
        const char *program = program_of(m->in);
        scoped(mem_freep) char *spelt = program ? place_spelt(program) : NULL;

        if (program && !spelt)
                module_fail(m, -ENOMEM);
        add_entries(m, spelt);
        module_add_files(m, spelt && !program_is_shared(spelt) ? spelt : NULL);
        add_caps(m);
        add_sockets(m);
        add_ports(m);
        add_process(m);
        module_fail(m, access_leave_out(m->in, &limits, m->access, m->out));
}

static int write_module(struct text *t, struct module *m, const char *name)
{
        access_write_head(t, "; ", "SELinux module in CIL", m->in, m->access);
        text_addf(t,
                  ";\n; Load it (semodule -i %s.cil), label the files (restorecon -R on the paths "
                  "below), and\n; restart the service.  The labelled program leads into the domain "
                  "by itself; to insist,\n; add to the section [Service] of the unit:\n"
                  ";     SELinuxContext=system_u:system_r:%s.process:s0\n;\n",
                  name, name);
        access_write_left_out(t, "; ", m->out);
        text_addf(t, "\n(block %s\n", name);
        write_types(t, m);
        write_start(t, m);
        text_add(t, "\n    ; files that it makes\n");
        module_write_transitions(t, m);
        text_add(t,
                 "\n    ; what it does; \"optional\" rules are about types that not every policy "
                 "has\n");
        module_write_grants(t, m);
        text_add(t, "\n    ; its files\n");
        for (char **line = m->contexts; line && *line; line++)
                text_addf(t, "    %s\n", *line);
        text_add(t, ")\n");
        return t->failed ? -ENOMEM : 0;
}

FORM_WRITER(selinux)
{
        scoped(access_done) struct access a = { 0 };
        scoped(module_done) struct module m = { .in = in, .access = &a, .out = ret };
        scoped(mem_freep) char *plain = plain_name(in->after->unit, "_");
        scoped(mem_freep) char *name = NULL, *path = NULL;
        struct text t = { 0 };
        char *text;
        int r = access_must_be_observed(in, "an SELinux module", e);

        if (r < 0)
                return r;
        /* A name begins with a letter. */
        if (plain)
                name = text_format("%s%s", isalpha((unsigned char)plain[0]) ? "" : "unit_", plain);
        path = name ? text_format("%s.cil", name) : NULL;
        r = path ? access_find(in, &a) : -ENOMEM;
        if (r == 0) {
                fill(&m);
                r = m.fault;
        }
        if (r == 0)
                r = write_module(&t, &m, name);
        text = text_take(&t);
        if (r == 0)
                r = text ? form_add(ret, path, text, 0644) : -ENOMEM;
        else
                free(text);
        return r < 0 ? err_set(e, r, "cannot write an SELinux module") : 0;
}
