/* selinux_types.c - tables of types.  Names: the reference policy, as Debian and Fedora ship it. */
#include "core/forms/selinux_types.h"

#include "core/base/text.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* ---- files ---- */

/* The longest folder that fits counts.  clang-format off */
static const struct {
        const char *path, *type;
        bool optional;
} places[] = {
        { "/usr", "usr_t", false },
        { "/usr/bin", "bin_t", false },
        { "/usr/sbin", "bin_t", false },
        { "/usr/local/bin", "bin_t", false },
        { "/usr/local/sbin", "bin_t", false },
        { "/usr/libexec", "bin_t", false },
        { "/usr/lib", "lib_t", false },
        { "/usr/lib64", "lib_t", false },
        { "/usr/lib32", "lib_t", false },
        { "/usr/share/zoneinfo", "locale_t", false },
        { "/usr/share/locale", "locale_t", false },
        { "/usr/lib/locale", "locale_t", false },
        { "/usr/share/ca-certificates", "cert_t", false },
        { "/bin", "bin_t", false },
        { "/sbin", "bin_t", false },
        { "/lib", "lib_t", false },
        { "/lib64", "lib_t", false },
        { "/opt", "usr_t", false },
        { "/run", "var_run_t", false },
        { "/tmp", "tmp_t", false },
        { "/srv", "var_t", false },
        { "/boot", "boot_t", true },
        { "/var", "var_t", false },
        { "/var/lib", "var_lib_t", false },
        { "/var/log", "var_log_t", false },
        { "/var/spool", "var_spool_t", false },
        { "/var/tmp", "tmp_t", false },
        { "/var/www", "httpd_sys_content_t", true },
        { "/etc", "etc_t", false },
        { "/etc/ld.so.cache", "ld_so_cache_t", false },
        { "/etc/localtime", "locale_t", false },
        { "/etc/timezone", "locale_t", false },
        { "/etc/ssl", "cert_t", false },
        { "/etc/pki", "cert_t", false },
        { "/etc/resolv.conf", "net_conf_t", false },
        { "/etc/hosts", "net_conf_t", false },
        { "/etc/host.conf", "net_conf_t", false },
        { "/etc/passwd", "passwd_file_t", true },
        { "/etc/group", "passwd_file_t", true },
        { "/dev/null", "null_device_t", false },
        { "/dev/zero", "zero_device_t", false },
        { "/dev/full", "null_device_t", false },
        { "/dev/random", "random_device_t", false },
        { "/dev/urandom", "urandom_device_t", false },
        { "/dev/tty", "devtty_t", false },
        { "/dev/shm", "tmpfs_t", false },
        { "/dev/log", "devlog_t", false },
        { "/proc", "proc_t", false },
        { "/proc/sys", "sysctl_t", false },
        { "/proc/sys/kernel", "sysctl_kernel_t", false },
        { "/proc/sys/net", "sysctl_net_t", false },
        { "/proc/sys/vm", "sysctl_vm_t", false },
        { "/proc/sys/fs", "sysctl_fs_t", false },
        { "/proc/net", "proc_net_t", false },
        { "/sys", "sysfs_t", false },
        { "/sys/fs/cgroup", "cgroup_t", false },
        { "/run/systemd/notify", "init_runtime_t", true },
        { "/run/systemd/journal/dev-log", "devlog_t", false },
        { "/run/systemd/journal/socket", "syslogd_runtime_t", true },
        { "/run/systemd/journal/stdout", "syslogd_runtime_t", true },
        { "/run/dbus/system_bus_socket", "system_dbusd_runtime_t", true },
};

static const char *const secrets[] = { "/etc/shadow", "/etc/shadow-", "/etc/gshadow",
                                       "/etc/gshadow-", "/etc/security/opasswd" };
/* clang-format on */

static bool covers(const char *folder, const char *path)
{
        size_t n = strlen(folder);

        return strncmp(folder, path, n) == 0 && (!path[n] || path[n] == '/');
}

const char *selinux_file_type(const char *path, bool *ret_optional)
{
        const char *type = NULL;
        size_t longest = 0;

        if (text_ends(path, ".so.2") && strstr(path, "/ld-linux")) {
                *ret_optional = false;
                return "ld_so_t";
        }
        for (size_t i = 0; i < COUNT(places); i++)
                if (covers(places[i].path, path) && strlen(places[i].path) > longest) {
                        longest = strlen(places[i].path);
                        type = places[i].type;
                        *ret_optional = places[i].optional;
                }
        return type;
}

bool selinux_is_secret(const char *path)
{
        for (size_t i = 0; i < COUNT(secrets); i++)
                if (strcmp(secrets[i], path) == 0)
                        return true;
        return false;
}

/* ---- ports ---- */

/* clang-format off */
static const struct {
        unsigned first, last;
        const char *type;
        bool tcp, udp;
} ports[] = {
        { 20, 20, "ftp_data_port_t", true, false },
        { 21, 21, "ftp_port_t", true, true },
        { 22, 22, "ssh_port_t", true, false },
        { 25, 25, "smtp_port_t", true, false },
        { 465, 465, "smtp_port_t", true, false },
        { 587, 587, "smtp_port_t", true, false },
        { 53, 53, "dns_port_t", true, true },
        { 67, 67, "dhcpd_port_t", false, true },
        { 68, 68, "dhcpc_port_t", false, true },
        { 69, 69, "tftp_port_t", false, true },
        { 80, 80, "http_port_t", true, false },
        { 443, 443, "http_port_t", true, false },
        { 8443, 8443, "http_port_t", true, false },
        { 8080, 8080, "http_cache_port_t", true, false },
        { 88, 88, "kerberos_port_t", true, true },
        { 110, 110, "pop_port_t", true, false },
        { 143, 143, "pop_port_t", true, false },
        { 993, 993, "pop_port_t", true, false },
        { 995, 995, "pop_port_t", true, false },
        { 123, 123, "ntp_port_t", false, true },
        { 161, 162, "snmp_port_t", true, true },
        { 389, 389, "ldap_port_t", true, true },
        { 636, 636, "ldap_port_t", true, true },
        { 514, 514, "syslogd_port_t", false, true },
        { 631, 631, "ipp_port_t", true, true },
        { 1883, 1883, "unreserved_port_t", true, true },
        { 3306, 3306, "mysqld_port_t", true, false },
        { 5432, 5432, "postgresql_port_t", true, false },
        { 6379, 6379, "redis_port_t", true, false },
        { 11211, 11211, "memcache_port_t", true, true },
        /* what nothing else names */
        { 1, 511, "reserved_port_t", true, true },
        { 512, 599, "reserved_port_t", true, true },
        { 600, 1023, "hi_reserved_port_t", true, true },
        { 1024, 32767, "unreserved_port_t", true, true },
        { 32768, 60999, "ephemeral_port_t", true, true },
        { 61000, 65535, "unreserved_port_t", true, true },
};
/* clang-format on */

const char *selinux_port_type(unsigned port, bool stream)
{
        for (size_t i = 0; i < COUNT(ports); i++)
                if (port >= ports[i].first && port <= ports[i].last &&
                    (stream ? ports[i].tcp : ports[i].udp))
                        return ports[i].type;
        return "port_t";
}

/* ---- sockets ---- */

enum { ANY = 1000 };

/* clang-format off */
static const struct {
        unsigned family, type, protocol;
        const char *class;
} sockets[] = {
        { AF_INET, SOCK_STREAM, IPPROTO_TCP, "tcp_socket" },
        { AF_INET, SOCK_DGRAM, IPPROTO_UDP, "udp_socket" },
        { AF_INET, ANY, ANY, "rawip_socket" },
        { AF_INET6, SOCK_STREAM, IPPROTO_TCP, "tcp_socket" },
        { AF_INET6, SOCK_DGRAM, IPPROTO_UDP, "udp_socket" },
        { AF_INET6, ANY, ANY, "rawip_socket" },
        { AF_UNIX, SOCK_DGRAM, ANY, "unix_dgram_socket" },
        { AF_UNIX, ANY, ANY, "unix_stream_socket" },
        { AF_NETLINK, ANY, 0, "netlink_route_socket" },
        { AF_NETLINK, ANY, 4, "netlink_tcpdiag_socket" },
        { AF_NETLINK, ANY, 5, "netlink_nflog_socket" },
        { AF_NETLINK, ANY, 6, "netlink_xfrm_socket" },
        { AF_NETLINK, ANY, 7, "netlink_selinux_socket" },
        { AF_NETLINK, ANY, 9, "netlink_audit_socket" },
        { AF_NETLINK, ANY, 12, "netlink_netfilter_socket" },
        { AF_NETLINK, ANY, 15, "netlink_kobject_uevent_socket" },
        { AF_NETLINK, ANY, 16, "netlink_generic_socket" },
        { AF_NETLINK, ANY, ANY, "netlink_socket" },
        { AF_PACKET, ANY, ANY, "packet_socket" },
        { AF_KEY, ANY, ANY, "key_socket" },
};
/* clang-format on */

const char *selinux_socket_class(const struct socket_access *s)
{
        for (size_t i = 0; i < COUNT(sockets); i++)
                if (sockets[i].family == s->family &&
                    (sockets[i].type == ANY || sockets[i].type == s->type) &&
                    (sockets[i].protocol == ANY || sockets[i].protocol == s->protocol))
                        return sockets[i].class;
        return NULL;
}
