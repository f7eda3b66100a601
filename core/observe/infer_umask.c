/* infer_umask.c - UMask=, from the modes of what the unit made and where others may look at it. */
#include "core/observe/infer_paths.h"

#include "core/base/text.h"

#include <string.h>
#include <sys/socket.h>

enum { FOR_GROUP = 070, FOR_OTHERS = 07 };

/* The unit sets a mask itself, and never the one it was started with: ours does not last.  (Who
 * sets a mask for a moment sets the old one again.) */
static const struct act *own_mask(const struct inference *in)
{
        const struct value *own = &in->o->unit->settings[D_UMask].value;
        uint64_t start = own->set ? own->bits : in->o->unit->umask;
        const struct behaviour *b = in->o->behaviour;
        const struct act *found = NULL;

        for (const struct act *a = behaviour_first(b, ACT_ARGS); a; a = behaviour_next(b, a)) {
                if (!a->name || strcmp(a->name, "umask") != 0)
                        continue;
                if ((a->a & 0777) == start)
                        return NULL;
                found = a;
        }
        return found;
}

/* Processes of more than one user: what one makes, another may read.  Calls that were only counted
 * have no process. */
static bool several_users(const struct inference *in)
{
        const struct behaviour *b = in->o->behaviour;
        const struct act *first = NULL;

        for (size_t i = 0; i < b->act_count; i++) {
                const struct act *a = &b->acts[i];

                if (a->pid == 0)
                        continue;
                if (first && a->uid != first->uid)
                        return true;
                first = first ? first : a;
        }
        return false;
}

/* Where nobody but the unit looks: its own state, and what is private or gone. */
static bool is_own_place(const struct inference *in, const char *path)
{
        static const char *const own[] = { "/var/lib", "/var/cache" };

        if (path_below(path, "/proc") || path_below(path, "/sys") || path_below(path, "/dev"))
                return true;
        if (path_below(path, "/tmp") || path_below(path, "/var/tmp"))
                return will_have(in, D_PrivateTmp, "yes");
        for (size_t i = 0; i < COUNT(own); i++)
                if (path_below(path, own[i]) && path[strlen(own[i])])
                        return true;
        return false;
}

/* Only systemd (root) and the unit itself read a pid or lock file. */
static bool is_for_itself(const char *path)
{
        return text_ends(path, ".pid") || text_ends(path, ".lock");
}

/* No mode is known of folders and sockets: then they get what the mask leaves. */
static unsigned mode_of(const struct inference *in, const struct act *a)
{
        const struct value *own = &in->o->unit->settings[D_UMask].value;
        unsigned mask = own->set ? (unsigned)own->bits : in->o->unit->umask;

        return a->mode ? a->mode & 0777 : 0777 & ~mask;
}

static bool matters(const struct inference *in, const struct act *a, unsigned bits, bool several)
{
        if (a->error != 0 || !a->text || a->flags & ACT_GONE || !act_counts(a))
                return false;
        if (!(mode_of(in, a) & bits))
                return false;
        if (!several && (a->flags & ACT_TEMPORARY || is_own_place(in, a->text)))
                return false;
        if (S_ISREG(a->mode) && is_for_itself(a->text))
                return false;
        return !was_changed(in, a->text);
}

static const struct act *made_for(const struct inference *in, unsigned bits)
{
        const struct behaviour *b = in->o->behaviour;
        bool several = several_users(in);

        for (const struct act *a = behaviour_first(b, ACT_BIND); a; a = behaviour_next(b, a))
                if (a->a == AF_UNIX && a->text && a->text[0] == '/' && matters(in, a, bits, true))
                        return a;
        for (const struct act *a = behaviour_first(b, ACT_PATH); a; a = behaviour_next(b, a))
                if (a->a & ACCESS_CREATE && matters(in, a, bits, several))
                        return a;
        return NULL;
}

static const struct act *made_for_others(const struct inference *in)
{
        return made_for(in, FOR_OTHERS);
}

static const struct act *made_for_group(const struct inference *in)
{
        return made_for(in, FOR_GROUP);
}

static const struct step steps[] = {
        { "0027", made_for_others, "others may use what it makes" },
        { "0077", made_for_group, "its group may use what it makes" },
        { NULL, NULL, NULL },
};

int infer_umask(struct inference *in)
{
        const struct ladder ladder = { D_UMask, BASIS_FILES,
                                       "it made nothing that others have to read or reach", steps };
        const struct act *mask = own_mask(in);
        char *const lines[] = { "0077", NULL };

        if (mask)
                return advise_safe(in, D_UMask, BASIS_FILES, lines, mask,
                                   "it sets a mask of its own as it starts");
        return infer_ladder(in, &ladder);
}
