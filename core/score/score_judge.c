/* score_judge.c - how each kind of row looks at a unit. */
#include "core/score/score_private.h"

#include "core/base/base.h"
#include "core/base/text.h"

#include <string.h>

bool version_has(struct version v, const struct version *fixes)
{
        for (; fixes->major; fixes++)
                if (fixes->major == v.major)
                        return v.minor >= fixes->minor;
                else if (fixes->major > v.major)
                        return false;
        return true;
}

static const struct value *value_of(const struct subject *u, enum directive_id id)
{
        return &u->sandbox->settings[id].value;
}

static bool has_words(const struct subject *u, enum directive_id id)
{
        char **words = value_of(u, id)->words;

        return words && words[0];
}

uint64_t judge_yes(const struct check *c, const struct subject *u)
{
        return setting_yes(u->sandbox, c->directive) ? 0 : 1;
}

uint64_t judge_level(const struct check *c, const struct subject *u)
{
        const char *word = setting_word(u->sandbox, c->directive);
        const struct level *l = c->levels;

        while (l->word && (!word || strcmp(l->word, word) != 0))
                l++;
        return l->badness;
}

uint64_t judge_caps(const struct check *c, const struct subject *u)
{
        const struct value *v = value_of(u, c->directive);

        return !v->set || v->bits & c->mask ? 1 : 0;
}

uint64_t judge_ambient(const struct check *c, const struct subject *u)
{
        const struct value *v = value_of(u, c->directive);

        return v->set && v->bits ? 1 : 0;
}

uint64_t judge_namespace(const struct check *c, const struct subject *u)
{
        const struct value *v = value_of(u, c->directive);

        return !v->set || v->bits & c->mask ? 1 : 0;
}

/* Whether word is one of the blank-separated words. */
static bool lists(const char *words, const char *word)
{
        size_t n = strlen(word);

        for (const char *at = words; n && (at = strstr(at, word)); at += n)
                if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
                        return true;
        return false;
}

/* systemd keeps one flag for a row: a single family of it turns the flag, either way. */
uint64_t judge_family(const struct check *c, const struct subject *u)
{
        static const char named[] = "AF_INET AF_INET6 AF_UNIX AF_NETLINK AF_PACKET";
        const struct value *v = value_of(u, c->directive);
        bool listed = false;

        for (char **w = v->words; w && *w && !listed; w++)
                listed = c->words ? lists(c->words, *w) : !lists(named, *w);
        return listed == v->allow ? 1 : 0;
}

bool judged_as_user_unit(const struct sandbox *s, const struct dialect *dialect)
{
        return s->scope == SCOPE_USER && version_at_least(dialect->version, 262, 0);
}

static bool is_root(const char *user)
{
        return strcmp(user, "0") == 0 || strcmp(user, "root") == 0;
}

bool runs_privileged(const struct sandbox *s, const struct dialect *dialect)
{
        const char *user = setting_word(s, D_User);

        if (judged_as_user_unit(s, dialect))
                return false;
        if (user && is_root(user))
                return true;
        if (setting_yes(s, D_DynamicUser))
                return false;
        return !user || !*user;
}

/* "nobody" is Debian's and Fedora's name for the account that everything may share. */
uint64_t judge_user(const struct check *c, const struct subject *u)
{
        const char *user = setting_word(u->sandbox, D_User);

        (void)c;
        if (user && strcmp(user, "nobody") == 0)
                return 9;
        if (setting_yes(u->sandbox, D_DynamicUser) && (!user || !is_root(user)))
                return 0;
        if (user && *user && !is_root(user))
                return 0;
        return judged_as_user_unit(u->sandbox, u->dialect) ? 0 : 10;
}

uint64_t judge_groups(const struct check *c, const struct subject *u)
{
        if (u->privileged)
                return NOT_APPLICABLE;
        return has_words(u, c->directive) ? 1 : 0;
}

uint64_t judge_ipc(const struct check *c, const struct subject *u)
{
        if (u->privileged || judged_as_user_unit(u->sandbox, u->dialect))
                return NOT_APPLICABLE;
        return judge_yes(c, u);
}

/* Over the bus systemd-analyze itself adds what brings a mount namespace along. */
static bool mounts_implied(const struct subject *u)
{
        static const enum directive_id by[] = { D_PrivateDevices,       D_PrivateTmp,
                                                D_ProtectControlGroups, D_ProtectKernelTunables,
                                                D_ProtectKernelModules, D_ProtectHome,
                                                D_ProtectSystem };
        const char *image = setting_word(u->sandbox, D_RootImage);

        for (size_t i = 0; i < COUNT(by); i++)
                if (setting_yes(u->sandbox, by[i]))
                        return true;
        return image && *image;
}

/* From files nothing is added, but from 254 "unset" is a third state that reads as true. */
uint64_t judge_mounts(const struct check *c, const struct subject *u)
{
        const struct value *v = value_of(u, c->directive);
        bool three_states = version_at_least(u->dialect->version, 254, 0);

        if (u->mode == SCORE_LIVE)
                return (v->set && v->bits) || mounts_implied(u) ? 0 : 1;
        if (!v->set)
                return three_states && u->sandbox->is_service ? 0 : 1;
        return v->bits ? 0 : 1;
}

/* Whether a path has a component besides "." in it. */
static bool is_elsewhere(const char *path)
{
        for (size_t n = 0; path && *path; path += n) {
                path += strspn(path, "/");
                n = strcspn(path, "/");
                if (n > 1 || (n == 1 && *path != '.'))
                        return true;
        }
        return false;
}

uint64_t judge_root(const struct check *c, const struct subject *u)
{
        (void)c;
        if (is_elsewhere(setting_word(u->sandbox, D_RootDirectory)))
                return 0;
        return is_elsewhere(setting_word(u->sandbox, D_RootImage)) ? 0 : 1;
}

uint64_t judge_umask(const struct check *c, const struct subject *u)
{
        static const struct {
                uint64_t bit, badness;
        } steps[] = { { 0002, 10 }, { 0004, 5 }, { 0020, 2 }, { 0040, 1 } };
        const struct value *v = value_of(u, c->directive);
        uint64_t mask = v->set ? v->bits : u->sandbox->is_service ? u->sandbox->umask : 0002;

        for (size_t i = 0; i < COUNT(steps); i++)
                if (!(mask & steps[i].bit))
                        return steps[i].badness;
        return 0;
}

/* A key ring of its own is the default for services of the system manager only. */
uint64_t judge_keyring(const struct check *c, const struct subject *u)
{
        const char *word = setting_word(u->sandbox, c->directive);

        if (word)
                return strcmp(word, "private") == 0 ? 0 : 1;
        return u->sandbox->scope == SCOPE_SYSTEM && text_ends(u->sandbox->unit, ".service") ? 0 : 1;
}

/* Any value turns it on, the empty one included; only a "no" doesn't. */
uint64_t judge_delegate(const struct check *c, const struct subject *u)
{
        const char *word = setting_word(u->sandbox, c->directive);

        if (!value_of(u, c->directive)->set)
                return 0;
        return word && word_boolean(word) == 0 ? 0 : 1;
}

uint64_t judge_devices(const struct check *c, const struct subject *u)
{
        if (!setting_yes(u->sandbox, c->directive))
                return 10;
        return has_words(u, D_DeviceAllow) ? 5 : 0;
}
