/* proposal.c - what the guided walk proposes. */
#include "core/profile/proposal.h"

#include <string.h>

/* clang-format off */
#define ROW(id, to, unless, decision, ...)                                                         \
        { D_##id, { __VA_ARGS__ }, PROPOSE_##to, D_##unless, decision }
#define PLAIN(id, ...) ROW(id, ALWAYS, id, NULL, __VA_ARGS__)

static const struct proposal table[] = {
        PLAIN(KeyringMode,             "private"),
        PLAIN(CapabilityBoundingSet,   ""),
        PLAIN(NoNewPrivileges,         "yes"),
        PLAIN(UMask,                   "0077"),
        PLAIN(ProtectSystem,           "strict"),
        PLAIN(ProtectHome,             "yes"),
        PLAIN(PrivateMounts,           "yes"),
        PLAIN(PrivateTmp,              "yes"),
        PLAIN(PrivateDevices,          "yes"),
        PLAIN(DevicePolicy,            "closed"),
        PLAIN(PrivateNetwork,          "yes"),
        ROW(IPAddressDeny, ALWAYS, PrivateNetwork, NULL, "any"),
        PLAIN(RestrictAddressFamilies, "AF_UNIX AF_INET AF_INET6"),
        PLAIN(PrivateIPC,              "yes"),
        PLAIN(PrivatePIDs,             "yes"),
        PLAIN(PrivateUsers,            "yes"),
        PLAIN(RestrictNamespaces,      "yes"),
        ROW(RemoveIPC, TO_OTHERS, DynamicUser, NULL, "yes"),
        PLAIN(ProtectHostname,         "yes"),
        PLAIN(ProtectClock,            "yes"),
        PLAIN(ProtectKernelTunables,   "yes"),
        PLAIN(ProtectKernelModules,    "yes"),
        PLAIN(ProtectKernelLogs,       "yes"),
        PLAIN(ProtectControlGroups,    "yes"),
        PLAIN(ProtectProc,             "invisible"),
        PLAIN(ProcSubset,              "pid"),
        PLAIN(LockPersonality,         "yes"),
        PLAIN(MemoryDenyWriteExecute,  "yes"),
        PLAIN(RestrictRealtime,        "yes"),
        PLAIN(RestrictSUIDSGID,        "yes"),
        PLAIN(SystemCallArchitectures, "native"),
        PLAIN(SystemCallFilter,        "@system-service", "~@privileged @resources"),
        ROW(DynamicUser, TO_ROOT, DynamicUser,
            "This takes root away, and the files that the service has now stay root's. Decide "
            "first where its data shall be: StateDirectory= and its kin are handed over, all "
            "else has to be readable for others. With User= an account of your own does the "
            "same; set that by hand.", "yes"),
};
/* clang-format on */

const struct proposal *proposal_at(size_t i)
{
        return i < COUNT(table) ? &table[i] : NULL;
}

static bool runs_as_root(const struct sandbox *s)
{
        const char *user = setting_word(s, D_User);

        if (setting_yes(s, D_DynamicUser))
                return false;
        return !user || !*user || strcmp(user, "root") == 0 || strcmp(user, "0") == 0;
}

static bool fits(const struct proposal *p, const struct sandbox *s, const struct dialect *dialect)
{
        const struct directive *d = directive_at(p->directive);

        if (!directive_known_to(d, dialect->version))
                return false;
        if (s->scope == SCOPE_USER && d->flags & NO_USER_MANAGER)
                return false;
        if (p->unless != p->directive && setting_yes(s, p->unless))
                return false;
        return p->to == PROPOSE_ALWAYS || (p->to == PROPOSE_TO_ROOT) == runs_as_root(s);
}

int proposal_value(const struct proposal *p, const struct sandbox *s, const struct dialect *dialect,
                   struct value *ret)
{
        const struct directive *d = directive_at(p->directive);
        scoped(value_done) struct value v = { 0 };
        enum value_order order;

        if (!fits(p, s, dialect))
                return 1;
        for (const char *const *line = p->lines; *line; line++) {
                struct err note = { 0 };
                int r = value_assign(&v, d, dialect, *line, &note);

                if (r != ASSIGN_TAKEN || note.text[0])
                        return r < 0 ? r : 1;
        }
        order = value_compare(&v, &s->settings[p->directive].value, d, dialect);
        if (order != VALUE_STRICTER)
                return 1;
        *ret = v;
        v = (struct value){ 0 };
        return 0;
}
