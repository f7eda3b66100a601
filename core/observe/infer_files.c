/* infer_files.c - homes, temporary files, mounts, types of file systems, set-user-ID bits. */
#include "core/observe/infer_paths.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

enum {
        ACCESS_USES = ACCESS_READ | ACCESS_WRITE | ACCESS_CHANGE | ACCESS_EXEC | ACCESS_MAP_EXEC |
                      ACCESS_TRUNCATE | ACCESS_CONNECT | ACCESS_ENTER | ACCESS_WATCH |
                      ACCESS_DELETE | ACCESS_CREATE,
        SUID_SGID = S_ISUID | S_ISGID,
};

static bool worked(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->error == 0;
}

/* ---- homes ---- */

static const char *const homes = "/home /root /run/user";

static bool is_home_itself(const char *path)
{
        return strcmp(path, "/home") == 0 || strcmp(path, "/root") == 0 ||
               strcmp(path, "/run/user") == 0;
}

/* What was looked for and not there is not missed. */
static bool within_home(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->error == 0 && (!is_home_itself(a->text) || a->a & ACCESS_WRITES);
}

/* The folders themselves can be looked at whatever hides them, but not gone into. */
static bool within_or_into_home(const struct inference *in, const struct act *a)
{
        if (a->error == 0 && is_home_itself(a->text))
                return a->a & ~(uint64_t)(ACCESS_LOOK | ACCESS_FOLDER);
        return within_home(in, a);
}

static const struct act *home_written(const struct inference *in)
{
        return find_path_if(in, homes, ACCESS_WRITES, worked);
}

static const struct act *run_from(const struct inference *in, const char *const *folders)
{
        const struct act *a = NULL;

        for (; *folders && !a; folders++)
                a = find_run(in, *folders);
        return a;
}

static const char *const home_list[] = { "/home", "/root", "/run/user", NULL };
static const char *const tmp_list[] = { "/tmp", "/var/tmp", NULL };

static const struct act *home_used(const struct inference *in)
{
        const struct act *a = run_from(in, home_list);

        return a ? a : find_path_if(in, homes, ~0U, within_home);
}

static const struct act *home_entered(const struct inference *in)
{
        const struct act *a = home_used(in);

        return a ? a : find_path_if(in, homes, ~0U, within_or_into_home);
}

static const struct step home_steps[] = {
        { "read-only", home_written, "it writes below /home, /root or /run/user" },
        { "tmpfs", home_used, "it uses files below /home, /root or /run/user" },
        { "yes", home_entered, "it goes into or lists /home, /root or /run/user" },
        { NULL, NULL, NULL },
};

static int infer_home(struct inference *in)
{
        const struct ladder ladder = { D_ProtectHome, BASIS_FILES,
                                       "nothing below /home, /root or /run/user was used",
                                       home_steps };

        for (size_t i = 0; home_list[i]; i++) {
                char *const lines[] = { "tmpfs", NULL };

                if (commands_name(in, home_list[i]))
                        return advise_unknown(in, D_ProtectHome, lines, NULL,
                                              "a command line of the unit names %s", home_list[i]);
        }
        return infer_ladder(in, &ladder);
}

/* ---- temporary files ---- */

static bool is_tmp_itself(const char *path)
{
        return strcmp(path, "/tmp") == 0 || strcmp(path, "/var/tmp") == 0;
}

/* A file that open() found there already is its own when its user owns it: of an earlier run. */
static bool is_made(const struct inference *in, const struct act *a)
{
        bool known = a->flags & ACT_RESOLVED && a->mode && !(a->a & ACCESS_MADE);

        return worked(in, a) && (!known || a->owner == a->uid);
}

static bool is_made_general(const struct inference *in, const struct act *a)
{
        return is_made(in, a) && a->flags & ACT_GENERAL;
}

/* Whether it made the file, or a folder that the file lies in, itself. */
static bool made_itself(const struct inference *in, const char *path)
{
        char above[4096];
        size_t n = strlen(path);

        if (n >= sizeof(above))
                return false;
        memcpy(above, path, n + 1);
        if (find_path_at(in, above, ACCESS_CREATE, is_made))
                return true;
        while (n > 1) {
                n = parent_of(above);
                above[n] = '\0';
                if (is_tmp_itself(above))
                        return false;
                if (find_path_at(in, above, ACCESS_CREATE | ACCESS_FOLDER, is_made_general) ||
                    find_path_at(in, above, ACCESS_CREATE, is_made))
                        return true;
        }
        return false;
}

/* Others see it, or others made it. */
static bool shared_with_others(const struct inference *in, const struct act *a)
{
        if (a->error != 0 || a->flags & (ACT_TEMPORARY | ACT_GONE))
                return false;
        if (is_tmp_itself(a->text)) /* names that vary: its own, if it makes such */
                return a->flags & ACT_GENERAL && a->a & ACCESS_USES &&
                       !(a->a & (ACCESS_CREATE | ACCESS_DELETE | ACCESS_WRITE)) &&
                       !find_path_if(in, a->text, ACCESS_CREATE, worked);
        if (S_ISSOCK(a->mode) || S_ISFIFO(a->mode))
                return true;
        return !made_itself(in, a->text);
}

static bool is_tmp_socket(const struct act *a)
{
        return a->a == AF_UNIX && a->error == 0 && a->text &&
               (path_below(a->text, "/tmp") || path_below(a->text, "/var/tmp"));
}

static const struct act *tmp_shared(const struct inference *in)
{
        static const enum act_kind kinds[] = { ACT_BIND, ACT_CONNECT };
        const struct behaviour *b = in->o->behaviour;
        const struct act *ran = run_from(in, tmp_list);

        if (ran && !made_itself(in, ran->text))
                return ran;
        for (size_t k = 0; k < COUNT(kinds); k++)
                for (const struct act *a = behaviour_first(b, kinds[k]); a;
                     a = behaviour_next(b, a))
                        if (is_tmp_socket(a))
                                return a;
        return find_path_if(in, "/tmp /var/tmp", ACCESS_USES | ACCESS_LOOK, shared_with_others);
}

static const struct act *tmp_written(const struct inference *in)
{
        return find_path_if(in, "/tmp /var/tmp", ACCESS_WRITES, worked);
}

static const struct step tmp_steps[] = {
        { "yes", tmp_shared, "it shares files in /tmp or /var/tmp with others" },
        { "disconnected", tmp_written,
          "that keeps in memory, and only until it stops, what it writes to /tmp or /var/tmp" },
        { NULL, NULL, NULL },
};

static int infer_tmp(struct inference *in)
{
        const struct ladder ladder = { D_PrivateTmp, BASIS_FILES,
                                       "it neither used files of others in /tmp or /var/tmp nor "
                                       "offered any there",
                                       tmp_steps };
        char *const lines[] = { "yes", NULL };

        for (size_t i = 0; tmp_list[i]; i++)
                if (commands_name(in, tmp_list[i]))
                        return advise_unknown(in, D_PrivateTmp, lines, NULL,
                                              "a command line of the unit names %s", tmp_list[i]);
        return infer_ladder(in, &ladder);
}

/* ---- mounts ---- */

static const struct act *mounts_made(const struct inference *in)
{
        const struct act *a = find_path_if(in, "/", ACCESS_MOUNT, worked);

        return a ? a : find_call(in, "move_mount");
}

static const struct step mount_steps[] = {
        { "yes", mounts_made, "what it mounts would no longer be seen outside" },
        { NULL, NULL, NULL },
};

static int infer_private_mounts(struct inference *in)
{
        const struct ladder ladder = { D_PrivateMounts, BASIS_CALLS, "it mounted nothing",
                                       mount_steps };

        return infer_ladder(in, &ladder);
}

/* What gives the unit a view of its own, in which its mounts stay. */
static const enum directive_id views[] = {
        D_ProtectSystem,
        D_ProtectHome,
        D_PrivateTmp,
        D_PrivateDevices,
        D_ProtectKernelTunables,
        D_ProtectKernelModules,
        D_ProtectKernelLogs,
        D_ProtectControlGroups,
        D_ProtectProc,
        D_ProcSubset,
        D_PrivateIPC,
        D_PrivateNetwork,
        D_PrivatePIDs,
        D_PrivateBPF,
        D_ReadOnlyPaths,
        D_ReadWritePaths,
        D_InaccessiblePaths,
        D_NoExecPaths,
        D_ExecPaths,
        D_TemporaryFileSystem,
        D_BindPaths,
        D_BindReadOnlyPaths,
        D_BindLogSockets,
};

static bool has_view(const struct inference *in)
{
        const struct sandbox *s = in->o->unit;

        if (setting_yes(s, D_PrivateMounts))
                return true;
        for (size_t i = 0; i < COUNT(views); i++) {
                const struct value *v = &s->settings[views[i]].value;

                if (directive_at(views[i])->choices || directive_at(views[i])->kind == KIND_BOOL
                            ? setting_yes(s, views[i])
                            : v->set && v->words)
                        return true;
        }
        return false;
}

int infer_views(struct inference *in)
{
        const struct act *mount = mounts_made(in);

        if (!mount || has_view(in))
                return 0;
        for (size_t i = 0; i < COUNT(views); i++) {
                const struct advice *a = &in->ret->list[views[i]];
                scoped(strv_freep) char **lines = NULL;
                int r;

                if (!a->evidence || a->verdict != ADVICE_SAFE || !a->changes)
                        continue;
                r = value_print(&a->value, directive_at(views[i]), in->o->dialect, &lines);
                if (r == 0)
                        r = advise_breaks(in, views[i], BASIS_CALLS, lines, mount,
                                          "it gives the unit a view of its own, and what it mounts "
                                          "would no longer be seen outside");
                if (r < 0)
                        return r;
        }
        return 0;
}

/* ---- types of file systems ---- */

static int add_type(char ***types, const char *type)
{
        return *type && !strv_has(*types, type) ? strv_add(types, type) : 0;
}

static int infer_types(struct inference *in)
{
        static const enum act_kind kinds[] = { ACT_PATH, ACT_EXEC };
        const struct behaviour *b = in->o->behaviour;
        scoped(strv_freep) char **types = NULL;
        scoped(mem_freep) char *line = NULL;
        char *lines[2] = { NULL, NULL };
        int r = 0;

        for (size_t k = 0; k < COUNT(kinds); k++)
                for (const struct act *a = behaviour_first(b, kinds[k]); a && r == 0;
                     a = behaviour_next(b, a))
                        if (a->error == 0)
                                r = add_type(&types, a->type);
        strv_sort(types);
        line = r == 0 ? strv_join(types, " ") : NULL;
        if (!line)
                return -ENOMEM;
        lines[0] = line;
        return advise_unknown(in, D_RestrictFileSystems, *line ? lines : NULL, NULL,
                              "files of these types were opened: %s; whether this kernel enforces "
                              "it (lsm=...,bpf and a systemd built for it) cannot be told by "
                              "watching, and without that it silently does nothing",
                              *line ? line : "none");
}

/* ---- set-user-ID ---- */

/* Their arguments hold no bits but those of the mode (see plan.inc). */
static const char *const mode_calls[] = { "chmod", "fchmod",  "fchmodat", "fchmodat2",
                                          "mkdir", "mkdirat", "open",     "openat",
                                          "creat", "mknod",   "mknodat" };

static const struct act *sets_bits(const struct inference *in)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_ARGS); a; a = behaviour_next(b, a)) {
                bool node = a->name && strncmp(a->name, "mknod", 5) == 0;
                uint64_t mode = node ? a->a : a->a | a->b | a->c;

                if (!a->name || !(mode & SUID_SGID) || !act_counts(a))
                        continue;
                for (size_t i = 0; i < COUNT(mode_calls); i++)
                        if (strcmp(a->name, mode_calls[i]) == 0)
                                return a;
        }
        return NULL;
}

static int infer_suid(struct inference *in)
{
        char *const lines[] = { "yes", NULL };
        const struct act *bits = sets_bits(in);
        const struct act *openat2 = find_call(in, "openat2");

        if (bits)
                return advise_breaks(in, D_RestrictSUIDSGID, BASIS_CALLS, lines, bits,
                                     "it sets set-user-ID or set-group-ID bits");
        if (openat2)
                return advise_safe(
                        in, D_RestrictSUIDSGID, BASIS_CALLS, lines, NULL,
                        "it set no set-user-ID or set-group-ID bits; it calls openat2(), "
                        "which answers ENOSYS then, so that it falls back to openat()");
        return advise_safe(in, D_RestrictSUIDSGID, BASIS_CALLS, lines, NULL,
                           "it set no set-user-ID or set-group-ID bits");
}

/* ---- what watching does not decide ---- */

static const struct {
        enum directive_id id;
        const char *words;
} remarks[] = {
        { D_MountFlags, "leave it: PrivateMounts= does the same, and better" },
        { D_MountAPIVFS, "it only matters with a root of its own (RootDirectory= or RootImage=)" },
        { D_BindLogSockets, "it only matters with a root of its own, which has no sockets of the "
                            "journal" },
        { D_RootDirectory, "a root of its own has to be built first, which watching does not do" },
        { D_RootImage, "an image of its own has to be built first, which watching does not do" },
        { D_RootEphemeral, "it only matters with a root of its own" },
        { D_RootMStack, "a root of its own has to be built first, which watching does not do" },
        { D_RootImagePolicy, "it only matters with RootImage=" },
        { D_MountImages, "it needs no image that it does not have" },
        { D_ExtensionImages, "it needs no image that it does not have" },
        { D_BindPaths, "all that it uses is where it looks for it" },
        { D_BindReadOnlyPaths, "all that it uses is where it looks for it" },
        { D_TemporaryFileSystem, "ProtectHome= and InaccessiblePaths= hide what it never used; an "
                                 "empty root with binds for the rest has to be made by hand" },
};

int infer_files(struct inference *in)
{
        static int (*const parts[])(struct inference * in) = {
                infer_home,           infer_tmp,   infer_exec_paths, infer_system,
                infer_private_mounts, infer_types, infer_suid,       infer_umask,
        };
        int r = 0;

        for (size_t i = 0; i < COUNT(parts) && r == 0; i++)
                r = parts[i](in);
        for (size_t i = 0; i < COUNT(remarks) && r == 0; i++)
                r = advise_unknown(in, remarks[i].id, NULL, NULL, "%s", remarks[i].words);
        return r;
}
