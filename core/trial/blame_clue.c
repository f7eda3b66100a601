/* blame_clue.c - which changes one refusal, or one lost listener, points to. */
#include "core/trial/denial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const char *error_words(const struct clue *c)
{
        return c->signal ? "killed by SIGSYS" : strerrordesc_np(c->error);
}

/* ---- by path ---- */

/* Of the lists of devices, the one that does not let this one through. */
static bool is_that_device(const struct ranking *k, enum directive_id id, const char *path)
{
        enum directive_id now = denies_device(k->v->after, path);

        if (id == D_DeviceAllow && now != DIRECTIVE_COUNT && names_device(k->v->before, path) &&
            !names_device(k->v->after, path))
                return true;
        return (id != D_DevicePolicy && id != D_DeviceAllow) || now == id;
}

/* Whose fewer members, or whose no, takes something away. */
static bool takes_by_loosening(enum directive_id id)
{
        static const enum directive_id ids[] = { D_DeviceAllow, D_Delegate, D_MountAPIVFS,
                                                 D_BindLogSockets };

        for (size_t i = 0; i < COUNT(ids); i++)
                if (ids[i] == id)
                        return true;
        return false;
}

/* The narrower the better; 1 to 4. */
static unsigned depth(const char *prefix)
{
        unsigned n = 0;

        for (const char *at = prefix; *at && n < 4; at++)
                n += *at == '/';
        return n;
}

static void by_path_table(struct ranking *k, const struct clue *c)
{
        static const struct {
                const char *prefix;
                int error;
                enum directive_id directive;
                const char *least;
        } rows[] = {
#define CALL(o, e, d, l)
#define PATH(p, e, d, l) { p, e, D_##d, l },
#include "core/trial/reverse.inc"
#undef PATH
#undef CALL
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                scoped(mem_freep) char *setting = NULL;
                bool everywhere = strcmp(rows[i].prefix, "/") == 0;

                if (rows[i].error != c->error || !path_matches(c->path, rows[i].prefix) ||
                    !ranking_at_least(k, rows[i].directive, rows[i].least))
                        continue;
                if (everywhere && (path_matches(c->path, "/dev") ||
                                   path_matches(c->path, "/proc") || path_matches(c->path, "/sys")))
                        continue;
                if (!is_that_device(k, rows[i].directive, c->path) ||
                    (rows[i].directive == D_ProcSubset && path_matches(c->path, "/proc/#")))
                        continue;
                setting = ranking_setting(k, rows[i].directive);
                point(k, rows[i].directive, everywhere ? 84 : 86 + depth(rows[i].prefix),
                      takes_by_loosening(rows[i].directive) ? BY_LOOSENING : 0,
                      "%s: %s, as %s makes it", c->path, error_words(c), setting ? setting : "it");
        }
}

/* Directives whose value lists the very paths. */
static void by_path_lists(struct ranking *k, const struct clue *c)
{
        static const struct {
                enum directive_id directive;
                int error;
        } rows[] = {
                { D_ReadOnlyPaths, EROFS },       { D_BindReadOnlyPaths, EROFS },
                { D_TemporaryFileSystem, EROFS }, { D_TemporaryFileSystem, ENOENT },
                { D_InaccessiblePaths, EACCES },  { D_InaccessiblePaths, ENOENT },
                { D_InaccessiblePaths, EPERM },   { D_NoExecPaths, EACCES },
                { D_InaccessiblePaths, ENXIO },   { D_NoExecPaths, EPERM },
                { D_BindPaths, ENOENT },          { D_BindReadOnlyPaths, ENOENT },
                { D_BindPaths, EXDEV },           { D_ReadWritePaths, EXDEV },
                { D_BindPaths, EBUSY },           { D_ReadWritePaths, EBUSY },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                enum directive_id id = rows[i].directive;
                bool given = id == D_BindReadOnlyPaths || id == D_BindPaths ||
                             id == D_ReadWritePaths;
                bool binds = given || id == D_TemporaryFileSystem;

                if (rows[i].error == c->error &&
                    value_covers_from(&k->v->after->settings[id].value, c->path, binds))
                        point(k, id, id == D_NoExecPaths ? 80 : 92, given ? BY_LOOSENING : 0,
                              "%s: %s, and %s= names it or a folder above it", c->path,
                              error_words(c), directive_at(id)->name);
        }
}

/* File modes bind whoever isn't root, and root without CAP_DAC_OVERRIDE. */
static void by_path_owner(struct ranking *k, const struct clue *c)
{
        static const enum directive_id users[] = { D_User, D_DynamicUser, D_Group,
                                                   D_SupplementaryGroups, D_UMask };

        if (c->error != EACCES)
                return;
        for (size_t i = 0; i < COUNT(users); i++)
                point(k, users[i], i < 2 ? 72 : 40, 0,
                      "%s: %s, as for any user whom its mode does not let in", c->path,
                      error_words(c));
        if (denies_capability(k->v->after, "CAP_DAC_OVERRIDE") &&
            !denies_capability(k->v->before, "CAP_DAC_OVERRIDE") && runs_as_root(k->v->after))
                point(k, D_CapabilityBoundingSet, 70, 0,
                      "%s: %s; root without CAP_DAC_OVERRIDE is bound by the modes of files",
                      c->path, error_words(c));
        point(k, D_PrivateUsers, 55, 0,
              "%s: %s; with PrivateUsers= root has no power over others' files", c->path,
              error_words(c));
}

void blame_path(struct ranking *k, const struct clue *c)
{
        by_path_table(k, c);
        by_path_lists(k, c);
        by_path_owner(k, c);
        blame_grants(k, c);
        if (c->error == ENOENT)
                point(k, D_RootDirectory, 75, 0, "%s is not below the new root", c->path);
}

/* ---- by operation ---- */

/* Directives that take a capability from the bounding set besides what they do. */
static const struct {
        enum directive_id directive;
        const char *capabilities;
} takers[] = {
        { D_PrivateDevices, "CAP_MKNOD CAP_SYS_RAWIO" },
        { D_ProtectKernelModules, "CAP_SYS_MODULE" },
        { D_ProtectKernelLogs, "CAP_SYSLOG" },
        { D_ProtectClock, "CAP_SYS_TIME CAP_WAKE_ALARM" },
};

static bool is_left(const struct sandbox *s, const char *capability)
{
        const struct value *v = &s->settings[D_AmbientCapabilities].value;
        int number = capability_number(capability);

        return v->set && number >= 0 && v->bits >> number & 1;
}

void blame_needed(struct ranking *k, const char *capability, const char *what, const char *said,
                  unsigned weight)
{
        static const struct {
                enum directive_id directive;
                unsigned less;
        } others[] = {
                { D_User, 10 }, { D_DynamicUser, 10 }, { D_PrivateUsers, 14 }, { D_SecureBits, 30 }
        };
        const struct sandbox *before = k->v->before, *after = k->v->after;

        if (denies_capability_itself(after, capability) &&
            !denies_capability_itself(before, capability))
                point(k, D_CapabilityBoundingSet, weight, 0,
                      "%s needs %s, which CapabilityBoundingSet= takes away (%s)", what, capability,
                      said);
        for (size_t i = 0; i < COUNT(takers); i++)
                if (denial_listed(takers[i].capabilities, capability) &&
                    setting_yes(after, takers[i].directive))
                        point(k, takers[i].directive, weight - 1, 0,
                              "%s needs %s, which %s= takes away (%s)", what, capability,
                              directive_at(takers[i].directive)->name, said);
        if (denies_capability(after, capability))
                return;
        if (is_left(before, capability) && !is_left(after, capability) && !runs_as_root(after))
                point(k, D_AmbientCapabilities, weight, 0,
                      "%s needs %s, which AmbientCapabilities= no longer gives (%s)", what,
                      capability, said);
        for (size_t i = 0; i < COUNT(others); i++) {
                enum directive_id id = others[i].directive;
                bool account = id == D_User || id == D_DynamicUser;

                if (account && (runs_as_root(after) || is_left(after, capability)))
                        continue;
                point(k, id, weight - others[i].less, 0,
                      "%s needs %s, which %s= takes from it (%s)", what, capability,
                      directive_at(id)->name, said);
        }
}

static void blame_capability(struct ranking *k, enum operation_id operation, const char *said)
{
        const struct operation *o = operation_at(operation);

        if (o->capability)
                blame_needed(k, o->capability, o->name, said, 90);
}

static void by_operation_table(struct ranking *k, const struct clue *c)
{
        static const struct {
                enum operation_id operation;
                int error;
                enum directive_id directive;
                const char *least;
        } rows[] = {
#define CALL(o, e, d, l) { OPERATION_##o, e, D_##d, l },
#define PATH(p, e, d, l)
#include "core/trial/reverse.inc"
#undef PATH
#undef CALL
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                scoped(mem_freep) char *setting = NULL;

                if (rows[i].operation != c->operation || rows[i].error != c->error ||
                    !ranking_at_least(k, rows[i].directive, rows[i].least))
                        continue;
                setting = ranking_setting(k, rows[i].directive);
                point(k, rows[i].directive, 85, 0, "%s: %s, which %s answers",
                      operation_at(c->operation)->name, error_words(c), setting ? setting : "it");
        }
}

/* Denied with the profile, and not before: name, or NULL. */
static bool newly_denied(const struct ranking *k, const char *call)
{
        return denies_call(k->v->after, call) && !denies_call(k->v->before, call);
}

static void by_calls(struct ranking *k, const struct clue *c)
{
        scoped(strv_freep) char **calls = NULL;

        if (strv_split(operation_at(c->operation)->calls, " ", &calls) < 0) {
                k->fault = -ENOMEM;
                return;
        }
        for (char **call = calls; call && *call; call++)
                if (newly_denied(k, *call) && denied_call_error(k->v->after, *call) == c->error)
                        point(k, D_SystemCallFilter, 89, 0,
                              "%s: %s, and SystemCallFilter= denies %s()",
                              operation_at(c->operation)->name, error_words(c), *call);
}

/* The kernel said which system call it was. */
static void by_audit(struct ranking *k, const struct clue *c)
{
        if (newly_denied(k, c->call))
                point(k, D_SystemCallFilter, 98, 0,
                      "the kernel logged that %s() was denied, which "
                      "SystemCallFilter= does",
                      c->call);
        else
                point(k, D_SystemCallArchitectures, 70, 0,
                      "the kernel logged that %s() was denied, which the filter permits for the "
                      "native "
                      "architecture",
                      c->call);
}

static void by_family(struct ranking *k, const struct clue *c, const char *message)
{
        const char *name;

        if (c->error != EAFNOSUPPORT)
                return;
        for (size_t i = 0; (name = family_name(i)); i++)
                if (strstr(message, name) && denies_family(k->v->after, name))
                        point(k, D_RestrictAddressFamilies, 98, 0,
                              "%s was refused, and "
                              "RestrictAddressFamilies= denies it",
                              name);
}

/* Whether the filter answers anything with that error. */
static bool filter_answers(const struct ranking *k, int error)
{
        const struct sandbox *s = k->v->after;

        if (denied_call_error(s, "") == error)
                return true;
        for (char **word = s->settings[D_SystemCallFilter].value.words; word && *word; word++) {
                const char *own = strchr(*word, ':');

                if (own && errno_number(own + 1) == error)
                        return true;
        }
        return false;
}

void blame_error(struct ranking *k, const struct clue *c)
{
        static const struct {
                int error;
                enum directive_id directive;
                unsigned weight;
        } rows[] = {
#define ERROR_SUSPECT(e, d, w) { e, D_##d, w },
#include "core/trial/blame.inc"
#undef ERROR_SUSPECT
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                scoped(mem_freep) char *setting = NULL;

                if (rows[i].error != c->error)
                        continue;
                if (rows[i].directive == D_SystemCallFilter && !filter_answers(k, c->error))
                        continue;
                setting = ranking_setting(k, rows[i].directive);
                point(k, rows[i].directive, rows[i].weight, 0, "\"%s\" is an answer that %s gives",
                      strerrordesc_np(c->error), setting ? setting : "it");
        }
}

void blame_clue(struct ranking *k, const struct clue *c, const char *message)
{
        const struct operation *o = operation_at(c->operation);

        if (c->call) {
                by_audit(k, c);
                return;
        }
        if (c->path && !c->signal)
                blame_path(k, c);
        if (c->operation != OPERATION_NONE) {
                by_operation_table(k, c);
                by_calls(k, c);
                if (c->error && (c->error == o->error || c->error == EPERM))
                        blame_capability(k, c->operation, error_words(c));
        }
        by_family(k, c, message);
        if (c->signal) {
                point(k, D_SystemCallFilter, 90, 0, "a system call was answered with SIGSYS");
                point(k, D_SystemCallArchitectures, 60, 0,
                      "a system call was answered with SIGSYS");
        }
        if (k->best == 0 && c->error)
                blame_error(k, c);
}

/* ---- listeners ---- */

static void lost_inet(struct ranking *k, const char *listener)
{
        const char *colon = strrchr(listener, ':');
        long port = colon ? strtol(colon + 1, NULL, 10) : 0;
        bool six = strchr(listener, '[') != NULL;
        const char *family = six ? "AF_INET6" : "AF_INET";

        if (denies_family(k->v->after, family) && !denies_family(k->v->before, family))
                point(k, D_RestrictAddressFamilies, 93, 0,
                      "%s is not listened on, and RestrictAddressFamilies= denies %s", listener,
                      family);
        point(k, D_PrivateNetwork, 91, 0,
              "%s can't be reached: PrivateNetwork= gives the service a network of its own",
              listener);
        point(k, D_NetworkNamespacePath, 75, 0,
              "%s can't be reached: the service is in another network", listener);
        point(k, D_SocketBindDeny, 80, 0,
              "%s is not listened on, and SocketBindDeny= refuses ports", listener);
        if (port > 0 && port < 1024)
                blame_capability(k, OPERATION_BIND_LOW, listener);
}

static void lost_unix(struct ranking *k, const char *listener)
{
        const char *path = listener + strcspn(listener, "/@");

        if (denies_family(k->v->after, "AF_UNIX") && !denies_family(k->v->before, "AF_UNIX"))
                point(k, D_RestrictAddressFamilies, 93, 0,
                      "%s is not listened on, and RestrictAddressFamilies= denies AF_UNIX",
                      listener);
        if (*path == '@') {
                point(k, D_PrivateNetwork, 88, 0,
                      "%s can't be reached from another network namespace", listener);
                return;
        }
        if (path_matches(path, "/tmp") || path_matches(path, "/var/tmp"))
                point(k, D_PrivateTmp, 90, 0, "%s is in a /tmp that only the service sees",
                      listener);
        if (value_covers(&k->v->after->settings[D_TemporaryFileSystem].value, path))
                point(k, D_TemporaryFileSystem, 88, 0,
                      "%s is in a file system that only the service sees", listener);
        if (*path == '/' && ranking_at_least(k, D_ProtectSystem, "strict"))
                point(k, D_ProtectSystem, 70, 0,
                      "ProtectSystem=strict makes the folder of %s read-only", listener);
}

void blame_lost(struct ranking *k, const char *listener)
{
        if (text_starts(listener, "unix"))
                lost_unix(k, listener);
        else
                lost_inet(k, listener);
}
