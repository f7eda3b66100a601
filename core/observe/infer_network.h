/* infer_network.h - what the rules on networks share. */
#pragma once

#include "core/observe/infer_rungs.h"

/* Whom an act's address means. */
enum reach {
        REACH_NONE,     /* no IP: another family, or no address */
        REACH_LOOPBACK, /* this machine alone */
        REACH_WILDCARD, /* 0.0.0.0 or ::, so anybody */
        REACH_BEYOND,
};
enum reach act_reach(const struct act *a);

/* The first act of the kind whose address is (at least) that far away. */
const struct act *find_reach(const struct inference *in, enum act_kind k, enum reach least);

/* Whether it uses IP at all: sockets made, bound, connected or accepted. */
const struct act *find_ip(const struct inference *in);

int infer_addresses(struct inference *in); /* IPAddress*, RestrictNetworkInterfaces */
int infer_ports(struct inference *in);     /* SocketBind* */

/* Whether SocketBind* and RestrictNetworkInterfaces are enforced by systemd here. */
bool bind_rules_enforced(const struct inference *in);
