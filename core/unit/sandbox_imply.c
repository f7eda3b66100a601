/* sandbox_imply.c - what directives imply for each other when systemd loads a unit.
 * Facts: facts/score/formula.md section 3, facts/score/versions.tsv. */
#include "core/unit/sandbox_private.h"

#include "core/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CAP(n) (UINT64_C(1) << (n))

static bool has_words(const struct sandbox *s, enum directive_id id)
{
        const char *word = setting_word(s, id);

        return word && *word;
}

/* Makes the setting one that "by" brings: what was given is put aside. */
static int begin_implied(struct sandbox *s, enum directive_id id, enum directive_id by)
{
        struct setting *setting = &s->settings[id];
        int r = setting_keep_given(setting);

        if (r < 0)
                return r;
        value_done(&setting->value);
        setting->value = (struct value){ .set = true };
        free(setting->origin.file);
        setting->origin = (struct origin){ .kind = ORIGIN_IMPLIED, .by = by };
        return 0;
}

static int imply_word(struct sandbox *s, enum directive_id id, const char *word,
                      enum directive_id by)
{
        const char *now = setting_word(s, id);
        int r;

        if (s->settings[id].value.set && now && strcmp(now, word) == 0)
                return 0;
        r = begin_implied(s, id, by);
        return r < 0 ? r : strv_add(&s->settings[id].value.words, word);
}

static int imply_yes(struct sandbox *s, enum directive_id id, enum directive_id by)
{
        int r;

        if (setting_yes(s, id))
                return 0;
        if (directive_at(id)->choices)
                return imply_word(s, id, "yes", by);
        r = begin_implied(s, id, by);
        if (r < 0)
                return r;
        s->settings[id].value.bits = 1;
        return 0;
}

/* Takes capabilities out of the bounding set; a set that was given keeps its origin. */
static int drop_caps(struct sandbox *s, const struct dialect *dialect, uint64_t caps,
                     enum directive_id by)
{
        struct setting *bounding = &s->settings[D_CapabilityBoundingSet];
        int r;

        if (!bounding->value.set) {
                r = begin_implied(s, D_CapabilityBoundingSet, by);
                if (r < 0)
                        return r;
                bounding->value.bits = capability_all(dialect);
        }
        if (!(bounding->value.bits & caps))
                return 0;
        if (bounding->origin.kind != ORIGIN_IMPLIED) {
                r = setting_keep_given(bounding);
                if (r < 0)
                        return r;
        }
        bounding->value.bits &= ~caps;
        return 0;
}

static int imply_caps(struct sandbox *s, const struct dialect *dialect)
{
        static const struct {
                enum directive_id by;
                uint64_t caps;
        } rows[] = {
                { D_PrivateDevices, CAP(27) | CAP(17) }, /* MKNOD, SYS_RAWIO */
                { D_ProtectKernelModules, CAP(16) },     /* SYS_MODULE */
                { D_ProtectKernelLogs, CAP(34) },        /* SYSLOG */
                { D_ProtectClock, CAP(25) | CAP(35) },   /* SYS_TIME, WAKE_ALARM */
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                int r = 0;

                if (setting_yes(s, rows[i].by))
                        r = drop_caps(s, dialect, rows[i].caps, rows[i].by);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The user that a dynamic user is called by, if the unit's name makes a good one.  Otherwise
 * systemd takes a hash of the name, of which nothing depends: it stays unset. */
static int dynamic_name(const struct sandbox *s, char **ret)
{
        size_t n = strcspn(s->unit, "@.");
        const char *dot = strrchr(s->unit, '.');

        if (s->unit[n] == '.' && dot)
                n = (size_t)(dot - s->unit);
        if (n == 0 || n > 31 || (!isalpha((unsigned char)s->unit[0]) && s->unit[0] != '_'))
                return 0;
        for (size_t i = 0; i < n; i++)
                if (!isalnum((unsigned char)s->unit[i]) && !strchr("_-", s->unit[i]))
                        return 0;
        *ret = strndup(s->unit, n);
        return *ret ? 0 : -ENOMEM;
}

static int imply_account(struct sandbox *s)
{
        char *name = NULL;
        int r = 0;

        if (!has_words(s, D_User)) {
                r = dynamic_name(s, &name);
                if (r >= 0 && name)
                        r = imply_word(s, D_User, name, D_DynamicUser);
                free(name);
        }
        if (r >= 0 && has_words(s, D_User) && !has_words(s, D_Group))
                r = imply_word(s, D_Group, setting_word(s, D_User), D_DynamicUser);
        return r;
}

static int imply_dynamic_user(struct sandbox *s, const struct dialect *dialect)
{
        static const enum directive_id forced[] = { D_RemoveIPC, D_NoNewPrivileges,
                                                    D_RestrictSUIDSGID };
        const char *tmp = version_at_least(dialect->version, 257, 0) ? "disconnected" : "yes";
        int r;

        if (!setting_yes(s, D_DynamicUser))
                return 0;
        r = imply_account(s);
        if (r >= 0 && !setting_yes(s, D_PrivateTmp))
                r = imply_word(s, D_PrivateTmp, tmp, D_DynamicUser);
        if (r >= 0)
                r = imply_word(s, D_ProtectSystem, "strict", D_DynamicUser);
        if (r >= 0 && !setting_yes(s, D_ProtectHome))
                r = imply_word(s, D_ProtectHome, "read-only", D_DynamicUser);
        for (size_t i = 0; i < COUNT(forced) && r >= 0; i++)
                r = imply_yes(s, forced[i], D_DynamicUser);
        return r;
}

/* Whether an entry for the node is there already, whatever its rights. */
static bool has_device(const struct sandbox *s, const char *node)
{
        size_t n = strlen(node);

        for (char **w = s->settings[D_DeviceAllow].value.words; w && *w; w++)
                if (strncmp(*w, node, n) == 0 && (!(*w)[n] || (*w)[n] == ' '))
                        return true;
        return false;
}

static int allow_device(struct sandbox *s, const char *node, const char *rights,
                        enum directive_id by)
{
        struct setting *allow = &s->settings[D_DeviceAllow];
        int r;

        if (has_device(s, node))
                return 0;
        if (!allow->value.set)
                r = begin_implied(s, D_DeviceAllow, by);
        else
                r = allow->origin.kind == ORIGIN_IMPLIED ? 0 : setting_keep_given(allow);
        return r < 0 ? r : strv_addf(&allow->value.words, "%s %s", node, rights);
}

/* Encrypted credentials need the TPM; the releases between which systemd saw to that itself. */
static bool credentials_allow_tpm(const struct sandbox *s, struct version v)
{
        bool loads = has_words(s, D_LoadCredentialEncrypted);
        bool sets = has_words(s, D_SetCredentialEncrypted);

        switch (v.major) {
        case 250:
                return loads && v.minor >= 11;
        case 251:
                return loads && v.minor >= 12;
        case 252:
                return (loads && v.minor >= 6) || (sets && v.minor >= 7);
        case 253:
                return loads || (sets && v.minor >= 1);
        default:
                return (loads || sets) && v.major >= 254 && v.major <= 257;
        }
}

/* What an image needs to be mounted. */
static int allow_image_devices(struct sandbox *s, struct version v)
{
        static const char *const devices[][2] = {
                { "/dev/loop-control", "rw" },    { "/dev/mapper/control", "rw" },
                { "block-loop", "rwm" },          { "block-blkext", "rwm" },
                { "block-device-mapper", "rwm" },
        };
        bool stack = has_words(s, D_RootMStack) && version_at_least(v, 260, 0);
        enum directive_id by = has_words(s, D_RootImage) ? D_RootImage
                               : stack                   ? D_RootMStack
                                                         : D_MountImages;
        int r = 0;

        if (!has_words(s, by))
                return 0;
        for (size_t i = 0; i < COUNT(devices) && r >= 0; i++)
                r = allow_device(s, devices[i][0], devices[i][1], by);
        return r;
}

static int imply_devices(struct sandbox *s, const struct dialect *dialect)
{
        struct version v = dialect->version;
        bool listed = has_words(s, D_DeviceAllow);
        int r = 0;

        if (setting_yes(s, D_PrivateDevices) && !setting_yes(s, D_DevicePolicy))
                r = imply_word(s, D_DevicePolicy, "closed", D_PrivateDevices);
        if (r >= 0 && (setting_yes(s, D_DevicePolicy) || listed)) {
                r = allow_image_devices(s, v);
                if (r >= 0 && credentials_allow_tpm(s, v))
                        r = allow_device(s, "/dev/tpmrm0", "rw",
                                         has_words(s, D_LoadCredentialEncrypted)
                                                 ? D_LoadCredentialEncrypted
                                                 : D_SetCredentialEncrypted);
        }
        if (r >= 0 && setting_yes(s, D_ProtectClock) &&
            (setting_yes(s, D_DevicePolicy) || listed || !version_at_least(v, 252, 0)))
                r = allow_device(s, "char-rtc", "r", D_ProtectClock);
        return r;
}

/* Whether an amount or a time is more than nothing, in any unit. */
static bool is_positive(const char *word)
{
        return word && (strpbrk(word, "123456789") || strcmp(word, "infinity") == 0);
}

static int imply_notify(struct sandbox *s)
{
        const char *type = setting_word(s, D_Type);
        const char *access = setting_word(s, D_NotifyAccess);
        bool notifies = type && (strcmp(type, "notify") == 0 || strcmp(type, "notify-reload") == 0);

        if (access && strcmp(access, "none") != 0)
                return 0;
        if (notifies)
                return imply_word(s, D_NotifyAccess, "main", D_Type);
        if (is_positive(setting_word(s, D_WatchdogSec)))
                return imply_word(s, D_NotifyAccess, "main", D_WatchdogSec);
        if (is_positive(setting_word(s, D_FileDescriptorStoreMax)))
                return imply_word(s, D_NotifyAccess, "main", D_FileDescriptorStoreMax);
        return 0;
}

/* Why systemd refuses the unit as a whole; NULL if it doesn't. */
static const char *refusal(const struct sandbox *s, const struct dialect *dialect)
{
        static const enum directive_id accounts[] = { D_User, D_Group, D_PAMName };
        const char *users = setting_word(s, D_PrivateUsers);
        bool dynamic = setting_yes(s, D_DynamicUser);

        if (s->scope == SCOPE_USER && dynamic && version_at_least(dialect->version, 256, 0))
                return "DynamicUser= is refused in a user manager's units";
        if (!users || strcmp(users, "managed") != 0)
                return NULL;
        for (size_t i = 0; i < COUNT(accounts); i++)
                if (has_words(s, accounts[i]) || dynamic)
                        return "PrivateUsers=managed is refused together with User=, Group=, "
                               "DynamicUser= or PAMName=";
        return NULL;
}

static int refuse(struct sandbox *s, const char *why)
{
        char *note;

        if (!why || (s->load != LOAD_LOADED && s->load != LOAD_TEMPLATE))
                return 0;
        note = strdup(why);
        if (!note)
                return -ENOMEM;
        free(s->load_note);
        s->load_note = note;
        s->load = LOAD_BAD_SETTING;
        return 0;
}

int sandbox_imply(struct sandbox *s, const struct dialect *dialect)
{
        int r;

        for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
                setting_restore_given(&s->settings[i]);
        if (!s->is_service)
                return 0;
        r = refuse(s, refusal(s, dialect));
        if (r >= 0)
                r = imply_caps(s, dialect);
        if (r >= 0)
                r = imply_dynamic_user(s, dialect);
        if (r >= 0)
                r = imply_devices(s, dialect);
        if (r >= 0 && text_ends(s->unit, ".service"))
                r = imply_notify(s);
        return r;
}
