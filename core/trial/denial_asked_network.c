/* denial_asked_network.c - peers that the changed unit would no longer reach, or that would no
 * longer reach it: packets are dropped, and nobody is told. */
#include "core/trial/denial_asked_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static bool is_ip(const struct act *a)
{
        return a->a == AF_INET || a->a == AF_INET6;
}

/* The unit's own clients are in the same network as it is. */
static bool is_own_client(const struct asking *q, const struct act *peer)
{
        for (const struct act *a = behaviour_first(q->baseline, ACT_CONNECT); a;
             a = behaviour_next(q->baseline, a))
                if (a->a == peer->a && a->c == peer->c && a->text && address_is_loopback(a->text))
                        return true;
        return false;
}

/* More is denied, or less is allowed. */
static enum directive_id who_drops(const struct asking *q)
{
        bool same = value_equal(&q->before->settings[D_IPAddressDeny].value,
                                &q->after->settings[D_IPAddressDeny].value);

        return same ? D_IPAddressAllow : D_IPAddressDeny;
}

/* Only a list of the loopback alone leaves no doubt about the others. */
static bool is_surely_kept_in(const struct sandbox *s, const char *address)
{
        const struct value *v = &s->settings[D_RestrictNetworkInterfaces].value;

        return denies_interface(s, address) && (v->allow || address_is_loopback(address));
}

int asked_address(struct asking *q, const struct act *a)
{
        bool tried = a->error == 0 || a->error == EINPROGRESS;
        const char *what = a->kind == ACT_PEER ? "accept" : "connect";
        const char *address = a->text ? a->text : "";
        scoped(mem_freep) char *object = NULL;

        if (!is_ip(a) || !tried || a->flags & ACT_BY_TWIN)
                return 0;
        object = a->kind == ACT_PEER || a->flags & ACT_EPHEMERAL
                         ? strdup(address)
                         : text_format("%s:%" PRIu64, address, a->c);
        if (!object)
                return -ENOMEM;
        if (denies_address(q->after, address) && !denies_address(q->before, address))
                return asked_add(q, who_drops(q), a, what, object,
                                 "cannot be reached any more: packets are dropped without a word");
        /* Before 253 it mostly is not built in, and then does nothing. */
        if (version_at_least(q->dialect->version, 253, 0) && is_surely_kept_in(q->after, address) &&
            !is_surely_kept_in(q->before, address))
                return asked_add(q, D_RestrictNetworkInterfaces, a, what, object,
                                 "cannot be reached any more: packets are dropped without a word");
        if (a->kind != ACT_PEER || is_own_client(q, a))
                return 0;
        if (asked_takes(q, D_PrivateNetwork, "yes"))
                return asked_add(q, D_PrivateNetwork, a, what, object,
                                 "cannot come any more: the service is in a network of its own");
        if (asked_takes(q, D_NetworkNamespacePath, NULL))
                return asked_add(q, D_NetworkNamespacePath, a, what, object,
                                 "cannot come any more: the service is in another network");
        return 0;
}
