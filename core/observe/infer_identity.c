/* infer_identity.c - whom the unit runs as, and its keys.
 *
 * Another user is never advised as safe: files change owners with it, and what root alone could do
 * shows only once root is gone.  What gird can say is what such a step would take. */
#include "core/observe/infer_privileges.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum {
        NOBODY = 65534,
        PASSWD_MAX = 4 << 20,
        PATHS_SHOWN = 3,
        FORMAT = 0170000,
};

/* The lines that say again what the unit has; NULL list where it has nothing. */
static int own_lines(const struct inference *in, enum directive_id id, char ***ret)
{
        const struct value *own = &in->o->unit->settings[id].value;

        *ret = NULL;
        return own->set ? value_print(own, directive_at(id), in->o->dialect, ret) : 0;
}

static int keep_own(struct inference *in, enum directive_id id, const char *why)
{
        scoped(strv_freep) char **lines = NULL;
        int r = own_lines(in, id, &lines);

        return r < 0 ? r : advise_safe(in, id, BASIS_UNIT, lines, NULL, "%s", why);
}

/* ---- what only root could do ---- */

/* Some paths of many. */
struct paths {
        struct text shown;
        const char *last; /* acts come by path, and one path may have several */
        size_t count;
};

static void paths_done(struct paths *p)
{
        text_done(&p->shown);
}

static void add_path(struct paths *p, const char *path)
{
        if (p->last && strcmp(p->last, path) == 0)
                return;
        p->last = path;
        if (p->count++ < PATHS_SHOWN)
                text_addf(&p->shown, "%s%s", p->count > 1 ? ", " : "", path);
}

static const char *paths_words(struct paths *p)
{
        if (p->count > PATHS_SHOWN && p->shown.chars) {
                text_addf(&p->shown, " and %zu more", p->count - PATHS_SHOWN);
                p->count = PATHS_SHOWN;
        }
        return p->shown.chars ? p->shown.chars : "";
}

static bool below_kernel(const char *path)
{
        return path_below(path, "/proc") || path_below(path, "/sys") || path_below(path, "/dev");
}

/* Root's own and closed to all others. */
static bool read_closed(const struct act *a)
{
        return a->uid == 0 && a->error == 0 && a->a & ACCESS_READ && a->owner == 0 &&
               (a->mode & FORMAT) && !(a->mode & 0004) && !below_kernel(a->text) && act_counts(a);
}

/* Made or changed in a place of root's. */
static bool wrote_roots(const struct act *a)
{
        unsigned writes = ACCESS_WRITE | ACCESS_CREATE | ACCESS_DELETE | ACCESS_CHANGE;

        return a->uid == 0 && a->error == 0 && a->a & writes && a->owner == 0 &&
               !(a->mode & 0002) && !below_kernel(a->text) && !path_below(a->text, "/tmp") &&
               !path_below(a->text, "/var/tmp") && act_counts(a);
}

static void look_at_files(const struct inference *in, struct paths *closed, struct paths *wrote)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_PATH); a; a = behaviour_next(b, a)) {
                if (!a->text)
                        continue;
                if (read_closed(a))
                        add_path(closed, a->text);
                if (wrote_roots(a))
                        add_path(wrote, a->text);
        }
}

/* ---- accounts ---- */

/* Name of an account of the tree; NULL in *ret when there is none. */
static int account_name(const struct inference *in, uint32_t uid, char **ret)
{
        scoped(mem_freep) char *path = NULL, *text = NULL;
        char *line, *rest;

        *ret = NULL;
        path = text_format("%s/etc/passwd", in->o->root ? in->o->root : "");
        if (!path)
                return -ENOMEM;
        if (file_read(AT_FDCWD, path, PASSWD_MAX, &text, NULL, NULL) < 0)
                return 0; /* no accounts to be read: a number must do */
        for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
                char *password = strchr(line, ':');
                char *number = password ? strchr(password + 1, ':') : NULL;
                char *end;

                if (!number || password == line)
                        continue;
                if (strtoul(number + 1, &end, 10) != uid || end == number + 1 || *end != ':')
                        continue;
                *ret = strndup(line, (size_t)(password - line));
                return *ret ? 0 : -ENOMEM;
        }
        return 0;
}

/* Whoever starts as the right user changes to none: what that takes is left out. */
static char *caps_of(const struct needed *n)
{
        const uint64_t changing = UINT64_C(1) << 6 | UINT64_C(1) << 7 | UINT64_C(1) << 8;
        struct text t = { 0 };

        for (unsigned i = 0; i < 64; i++)
                if (n->checked & ~changing & UINT64_C(1) << i && capability_name(i))
                        text_addf(&t, "%s%s", t.length ? " " : "", capability_name(i));
        return text_take(&t);
}

/* ---- User, Group, DynamicUser ---- */

/* It becomes another user by itself. */
static int advise_drops(struct inference *in, const struct act *drop, const char *takes_words)
{
        scoped(mem_freep) char *name = NULL;
        char *lines[] = { NULL, NULL };
        char number[16];
        int r = account_name(in, drop->uid, &name);

        if (r < 0)
                return r;
        if (drop->uid == NOBODY)
                return advise_unknown(in, D_User, NULL, drop,
                                      "it works as nobody, which other services share: it would "
                                      "need an account of its own.  To start as that, it would "
                                      "need %s",
                                      takes_words);
        snprintf(number, sizeof(number), "%u", drop->uid);
        lines[0] = name ? name : number;
        return advise_unknown(in, D_User, lines, drop,
                              "it starts as root and becomes %s by itself.  To start as that "
                              "user, it would need %s; and its configuration may have to say that "
                              "it need not change",
                              lines[0], takes_words);
}

static int advise_root(struct inference *in, const struct needed *n)
{
        scoped(paths_done) struct paths closed = { 0 }, wrote = { 0 };
        scoped(mem_freep) char *caps = caps_of(n), *all = NULL;
        const struct act *drop = find_drop(in);
        struct text t = { 0 };
        char *yes[] = { "yes", NULL };
        bool blind = !in->coverage.capabilities, nothing;
        int r;

        look_at_files(in, &closed, &wrote);
        nothing = n->checked == 0 && closed.count == 0 && wrote.count == 0 && !blind;
        if (!caps || closed.shown.failed || wrote.shown.failed)
                return -ENOMEM;
        if (*caps)
                text_addf(&t, "AmbientCapabilities=%s (as far as it still needs them then)", caps);
        if (closed.count)
                text_addf(&t, "%sreading %s, which only root may", t.length ? ", " : "",
                          paths_words(&closed));
        if (wrote.count)
                text_addf(&t, "%swriting %s, which is root's", t.length ? ", " : "",
                          paths_words(&wrote));
        if (t.length == 0)
                text_add(&t, blind ? "what its capability checks would tell, which were not seen"
                                   : "nothing that was seen to be root's alone");
        all = text_take(&t);
        if (!all)
                return -ENOMEM;
        if (drop)
                r = advise_drops(in, drop, all);
        else
                r = advise_unknown(in, D_User, NULL, NULL,
                                   "it runs as root all the time.  As a user of its own it would "
                                   "need %s",
                                   all);
        if (r < 0)
                return r;
        if (nothing && !drop)
                return advise_unknown(in, D_DynamicUser, yes, NULL,
                                      "nothing it did was root's alone, so this may well work; but "
                                      "its files change owners and place (/var/lib/private), and "
                                      "ProtectSystem=strict, PrivateTmp=, NoNewPrivileges= and "
                                      "more come with it: try it in a twin");
        return advise_unknown(in, D_DynamicUser, yes, drop,
                              "it would need %s, and a user that comes and goes can own nothing "
                              "outside StateDirectory= and its kin",
                              all);
}

static int infer_user(struct inference *in)
{
        scoped(needed_done) struct needed n = { 0 };
        const char *user = setting_word(in->o->unit, D_User);
        char *yes[] = { "yes", NULL };
        int r;

        if (in->o->unit->scope == SCOPE_USER || !in->root_user) {
                r = keep_own(in, D_User,
                             in->o->unit->scope == SCOPE_USER
                                     ? "a user's own manager runs it, as that user"
                                     : "it does not start as root already");
                if (r == 0 && user && setting_yes(in->o->unit, D_DynamicUser))
                        return keep_own(in, D_DynamicUser, "it has a dynamic user already");
                return r < 0 ? r
                             : advise_unknown(in, D_DynamicUser, yes, NULL,
                                              "it has a user already, whose files would have to "
                                              "move");
        }
        r = needed_caps(in, &n);
        return r < 0 ? r : advise_root(in, &n);
}

static int infer_groups(struct inference *in)
{
        const char *groups = setting_word(in->o->unit, D_SupplementaryGroups);
        int r = keep_own(in, D_Group,
                         in->root_user ? "its group follows from User=, which is root's"
                                       : "its group is the unit's choice, or that of its user");

        if (r < 0)
                return r;
        return keep_own(in, D_SupplementaryGroups,
                        groups ? "which file was opened by virtue of a group is not seen, so all "
                                 "of them stay"
                               : "it is given no further group, and needs none to do what it does");
}

/* ---- keys ---- */

static int infer_keys(struct inference *in)
{
        static const char calls[] = "keyctl add_key request_key";
        char *private[] = { "private", NULL };
        const struct act *keys = find_call(in, calls);
        bool has = unit_has(in, D_KeyringMode, "private");

        if (!keys || has)
                return advise_safe(in, D_KeyringMode, BASIS_CALLS, private, has ? NULL : keys, "%s",
                                   keys ? "it used keys, and has a keyring of its own already"
                                        : "it made no call on keyrings");
        return advise_breaks(in, D_KeyringMode, BASIS_CALLS, private, keys,
                             "it uses keys, and the unit says that it shares them");
}

int infer_identity(struct inference *in)
{
        int r = infer_user(in);

        if (r == 0)
                r = infer_groups(in);
        if (r == 0)
                r = infer_keys(in);
        if (r == 0)
                r = keep_own(in, D_PAMName, "it is no sandbox, but a session: the unit's choice");
        if (r == 0)
                r = keep_own(in, D_SetLoginEnvironment,
                             "it is no sandbox: it only sets HOME, LOGNAME and SHELL");
        return r;
}
