/* score.c - the exposure of a sandbox: the rows judged, weighed and summed. */
#include "core/score/score.h"

#include "core/base/base.h"
#include "core/base/text.h"
#include "core/score/score_private.h"

#include <string.h>

static uint64_t divide_up(uint64_t a, uint64_t b)
{
        return (a + b - 1) / b;
}

enum score_level score_level(unsigned exposure)
{
        static const unsigned least[] = { 0, 1, 10, 50, 75, 90, 100 };
        size_t i = COUNT(least) - 1;

        while (exposure < least[i])
                i--;
        return (enum score_level)i;
}

const char *score_level_name(enum score_level level)
{
        static const char *const names[] = {
                [LEVEL_PERFECT] = "PERFECT",
                [LEVEL_SAFE] = "SAFE",
                [LEVEL_OK] = "OK",
                [LEVEL_MEDIUM] = "MEDIUM",
                [LEVEL_EXPOSED] = "EXPOSED",
                [LEVEL_UNSAFE] = "UNSAFE",
                [LEVEL_DANGEROUS] = "DANGEROUS",
        };

        return names[level];
}

/* Units on which that systemd-analyze gives up, or breaks down. */
static bool is_scored(const struct subject *u)
{
        const struct sandbox *s = u->sandbox;
        struct version v = u->dialect->version;
        char **architectures = s->settings[D_SystemCallArchitectures].value.words;

        if (s->load != LOAD_LOADED && s->load != LOAD_TEMPLATE)
                return false;
        if (u->mode == SCORE_OFFLINE)
                return !text_ends(s->unit, ".slice") || v.major < 250 ||
                       version_at_least(v, 252, 1);
        if (!text_ends(s->unit, ".service"))
                return false;
        return v.major != 250 || v.minor < 5 || v.minor > 7 || !architectures || !architectures[0];
}

static uint64_t judge(const struct check *c, const struct subject *u)
{
        const struct value *dependencies = &u->sandbox->settings[D_DefaultDependencies].value;

        if (c->wants_dependencies && dependencies->set && !dependencies->bits)
                return NOT_APPLICABLE;
        return c->judge(c, u);
}

static void assess(const struct check *c, const struct subject *u, struct assessment *ret)
{
        uint64_t badness = judge(c, u);
        bool old = c->old_title && u->dialect->version.major < 250;

        *ret = (struct assessment){
                .id = c->id,
                .title = old ? c->old_title : c->title,
                .directive = c->directive,
                .meaning = c->meaning,
                .wanted = c->wanted,
                .weight = c->weight,
                .range = c->range,
                .badness = badness == NOT_APPLICABLE ? 0 : badness,
                .applicable = badness != NOT_APPLICABLE,
        };
}

/* Rounded up twice, as systemd does it: rows don't add up to the whole. */
static void weigh(struct score *score)
{
        uint64_t weights = 0, badness = 0;

        for (size_t i = 0; i < score->count; i++) {
                const struct assessment *a = &score->rows[i];

                if (!a->applicable)
                        continue;
                weights += a->weight;
                badness += divide_up(a->badness * a->weight, a->range);
        }
        for (size_t i = 0; i < score->count; i++) {
                struct assessment *a = &score->rows[i];
                uint64_t part = divide_up(a->badness * a->weight * 100, a->range);

                a->exposure = a->applicable ? (unsigned)divide_up(part, weights) : 0;
        }
        score->exposure = weights ? (unsigned)divide_up(badness * 100, weights) : 0;
}

int score_sandbox(const struct sandbox *s, const struct dialect *dialect, enum score_mode mode,
                  struct score *ret)
{
        struct subject u = {
                .sandbox = s,
                .dialect = dialect,
                .mode = mode,
                .privileged = runs_privileged(s, dialect),
        };
        const struct check *c;

        if (!is_scored(&u))
                return 1;
        ret->count = 0;
        for (size_t i = 0; (c = check_at(i)) && ret->count < COUNT(ret->rows); i++)
                if (!c->exists || c->exists(dialect->version))
                        assess(c, &u, &ret->rows[ret->count++]);
        weigh(ret);
        return 0;
}

/* What else moves a row than its own directive. */
static const struct {
        enum directive_id directive;
        const char *id;
} moves[] = {
        { D_DynamicUser, "UserOrDynamicUser" },
        { D_DynamicUser, "SupplementaryGroups" },
        { D_DynamicUser, "RemoveIPC" },
        { D_DynamicUser, "PrivateTmp" },
        { D_DynamicUser, "ProtectSystem" },
        { D_DynamicUser, "ProtectHome" },
        { D_DynamicUser, "NoNewPrivileges" },
        { D_DynamicUser, "RestrictSUIDSGID" },
        { D_DynamicUser, "PrivateMounts" },
        { D_User, "SupplementaryGroups" },
        { D_User, "RemoveIPC" },
        { D_PrivateDevices, "CapabilityBoundingSet_CAP_MKNOD" },
        { D_PrivateDevices, "CapabilityBoundingSet_CAP_SYS_RAWIO" },
        { D_PrivateDevices, "DeviceAllow" },
        { D_PrivateDevices, "PrivateMounts" },
        { D_ProtectKernelModules, "CapabilityBoundingSet_CAP_SYS_MODULE" },
        { D_ProtectKernelModules, "PrivateMounts" },
        { D_ProtectKernelLogs, "CapabilityBoundingSet_CAP_SYSLOG" },
        { D_ProtectClock, "CapabilityBoundingSet_CAP_SYS_TIME" },
        { D_ProtectClock, "CapabilityBoundingSet_CAP_WAKE_ALARM" },
        { D_ProtectClock, "DeviceAllow" },
        { D_ProtectControlGroups, "PrivateMounts" },
        { D_ProtectKernelTunables, "PrivateMounts" },
        { D_PrivateTmp, "PrivateMounts" },
        { D_ProtectHome, "PrivateMounts" },
        { D_ProtectSystem, "PrivateMounts" },
        { D_RootImage, "PrivateMounts" },
        { D_RootImage, "RootDirectoryOrRootImage" },
        { D_RootImage, "DeviceAllow" },
        { D_RootMStack, "DeviceAllow" },
        { D_MountImages, "DeviceAllow" },
        { D_LoadCredentialEncrypted, "DeviceAllow" },
        { D_SetCredentialEncrypted, "DeviceAllow" },
        { D_DeviceAllow, "DeviceAllow" },
        { D_IPAddressAllow, "IPAddressDeny" },
        { D_IPIngressFilterPath, "IPAddressDeny" },
        { D_IPEgressFilterPath, "IPAddressDeny" },
        { D_Type, "NotifyAccess" },
        { D_WatchdogSec, "NotifyAccess" },
        { D_FileDescriptorStoreMax, "NotifyAccess" },
        { D_DefaultDependencies, "PrivateTmp" },
        { D_DefaultDependencies, "ProtectHome" },
        { D_DefaultDependencies, "ProtectSystem" },
        { D_DefaultDependencies, "RootDirectoryOrRootImage" },
};

bool score_moves(const struct assessment *row, enum directive_id id)
{
        if (row->directive == id)
                return true;
        for (size_t i = 0; i < COUNT(moves); i++)
                if (moves[i].directive == id && strcmp(moves[i].id, row->id) == 0)
                        return true;
        return false;
}
