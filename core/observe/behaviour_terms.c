/* behaviour_terms.c - the words for kinds, bits and numbers of acts. */
#include "core/observe/behaviour_private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#ifndef AF_MCTP
#define AF_MCTP 45
#endif

/* clang-format off */
static const char *const kinds[] = {
        [ACT_CALL] = "call",       [ACT_ARGS] = "arguments", [ACT_SOCKET] = "socket",
        [ACT_BIND] = "bind",       [ACT_CONNECT] = "connect", [ACT_PEER] = "peer",
        [ACT_PATH] = "path",       [ACT_EXEC] = "exec",      [ACT_CAP] = "capability",
        [ACT_SIGNAL] = "signal",   [ACT_KILLED] = "killed",  [ACT_REFUSED] = "refused",
        [ACT_FOREIGN] = "foreign",
};

const struct term access_terms[] = {
        { "read", ACCESS_READ },         { "write", ACCESS_WRITE },
        { "create", ACCESS_CREATE },     { "delete", ACCESS_DELETE },
        { "look", ACCESS_LOOK },         { "change", ACCESS_CHANGE },
        { "execute", ACCESS_EXEC },      { "map-executable", ACCESS_MAP_EXEC },
        { "truncate", ACCESS_TRUNCATE }, { "connect", ACCESS_CONNECT },
        { "mount", ACCESS_MOUNT },       { "enter", ACCESS_ENTER },
        { "watch", ACCESS_WATCH },       { "folder", ACCESS_FOLDER },
        { "made", ACCESS_MADE },
        { NULL, 0 },
};

const struct term seen_terms[] = {
        { "twin", SEEN_TWIN },     { "live", SEEN_LIVE },     { "startup", SEEN_STARTUP },
        { "steady", SEEN_STEADY }, { "reload", SEEN_RELOAD }, { "stop", SEEN_STOP },
        { NULL, 0 },
};

const struct term flag_terms[] = {
        { "resolved", ACT_RESOLVED },     { "general", ACT_GENERAL },
        { "cut", ACT_CUT },               { "quiet", ACT_QUIET },
        { "own_proc", ACT_OWN_PROC },     { "other_proc", ACT_OTHER_PROC },
        { "gone", ACT_GONE },             { "temporary", ACT_TEMPORARY },
        { "ephemeral", ACT_EPHEMERAL },   { "by_twin", ACT_BY_TWIN },
        { "chroot", ACT_CHROOT },
        { NULL, 0 },
};

const struct term gain_terms[] = {
        { "setuid", GAIN_SETUID }, { "setgid", GAIN_SETGID },
        { "capabilities", GAIN_FILECAPS }, { "command", GAIN_COMMAND },
        { NULL, 0 },
};

const struct term signal_terms[] = {
        { "other-user", SIGNAL_OTHER_UID }, { "outside", SIGNAL_OUTSIDE },
        { NULL, 0 },
};

const struct term family_terms[] = {
        { "AF_UNSPEC", AF_UNSPEC },     { "AF_UNIX", AF_UNIX },
        { "AF_INET", AF_INET },         { "AF_INET6", AF_INET6 },
        { "AF_NETLINK", AF_NETLINK },   { "AF_PACKET", AF_PACKET },
        { "AF_VSOCK", AF_VSOCK },       { "AF_BLUETOOTH", AF_BLUETOOTH },
        { "AF_CAN", AF_CAN },           { "AF_ALG", AF_ALG },
        { "AF_KEY", AF_KEY },           { "AF_TIPC", AF_TIPC },
        { "AF_XDP", AF_XDP },           { "AF_RDS", AF_RDS },
        { "AF_IB", AF_IB },             { "AF_SMC", AF_SMC },
        { "AF_QIPCRTR", AF_QIPCRTR },   { "AF_RXRPC", AF_RXRPC },
        { "AF_KCM", AF_KCM },           { "AF_NFC", AF_NFC },
        { "AF_PPPOX", AF_PPPOX },       { "AF_LLC", AF_LLC },
        { "AF_MPLS", AF_MPLS },         { "AF_MCTP", AF_MCTP },
        { "AF_PHONET", AF_PHONET },     { "AF_IEEE802154", AF_IEEE802154 },
        { "AF_CAIF", AF_CAIF },         { "AF_ISDN", AF_ISDN },
        { "AF_IUCV", AF_IUCV },         { "AF_IRDA", AF_IRDA },
        { "AF_AX25", AF_AX25 },         { "AF_NETROM", AF_NETROM },
        { "AF_ROSE", AF_ROSE },         { "AF_X25", AF_X25 },
        { "AF_APPLETALK", AF_APPLETALK }, { "AF_ATMPVC", AF_ATMPVC },
        { "AF_ATMSVC", AF_ATMSVC },     { "AF_BRIDGE", AF_BRIDGE },
        { "AF_IPX", AF_IPX },           { "AF_DECnet", AF_DECnet },
        { "AF_NETBEUI", AF_NETBEUI },   { "AF_SECURITY", AF_SECURITY },
        { "AF_ASH", AF_ASH },           { "AF_ECONET", AF_ECONET },
        { "AF_SNA", AF_SNA },           { "AF_WANPIPE", AF_WANPIPE },
        { NULL, 0 },
};

const struct term type_terms[] = {
        { "SOCK_STREAM", SOCK_STREAM },       { "SOCK_DGRAM", SOCK_DGRAM },
        { "SOCK_RAW", SOCK_RAW },             { "SOCK_RDM", SOCK_RDM },
        { "SOCK_SEQPACKET", SOCK_SEQPACKET }, { "SOCK_DCCP", SOCK_DCCP },
        { "SOCK_PACKET", SOCK_PACKET },
        { NULL, 0 },
};
/* clang-format on */

const char *act_kind_name(enum act_kind k)
{
        return k < ACT_KINDS ? kinds[k] : NULL;
}

const char *term_name(const struct term *terms, uint64_t number)
{
        for (; terms->name; terms++)
                if (terms->number == number)
                        return terms->name;
        return NULL;
}

int term_number(const struct term *terms, const char *name, uint64_t *ret)
{
        for (; terms->name; terms++)
                if (strcmp(terms->name, name) == 0) {
                        *ret = terms->number;
                        return 0;
                }
        return -EINVAL;
}
