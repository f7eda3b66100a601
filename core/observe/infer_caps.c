/* infer_caps.c - capabilities, what an exec may gain, and secure bits. */
#include "core/observe/infer_privileges.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

#define CAP(n) (UINT64_C(1) << (n))
enum { CAP_SETUID = 7 };

/* "CAP_CHOWN CAP_KILL"; "" for none.  NULL: out of memory. */
static char *caps_text(uint64_t caps)
{
        struct text t = { 0 };

        for (unsigned i = 0; i < 64; i++)
                if (caps & CAP(i) && capability_name(i))
                        text_addf(&t, "%s%s", t.length ? " " : "", capability_name(i));
        return text_take(&t);
}

/* ---- CapabilityBoundingSet ---- */

static const char *how_known(const struct inference *in)
{
        return in->coverage.capabilities ? "by the checks that were granted"
                                         : "by what its calls need, checks were not seen";
}

static int advise_bounding(struct inference *in, const struct needed *n)
{
        scoped(mem_freep) char *caps = caps_text(n->caps), *why = strv_join(n->why, "; ");
        char *lines[] = { caps, NULL };

        if (!caps || !why)
                return -ENOMEM;
        if (n->all)
                return advise_unknown(in, D_CapabilityBoundingSet, lines,
                                      find_gain(in, GAIN_SETUID | GAIN_FILECAPS),
                                      "it runs programs that gain privileges, and what these "
                                      "need was not seen");
        if (n->caps == 0)
                return advise_safe(in, D_CapabilityBoundingSet, BASIS_CAPS, lines, NULL,
                                   "it was granted no capability (%s)%s", how_known(in),
                                   in->root_user ? "; files are open to it as root's owner, group "
                                                   "and others find them, no longer all"
                                                 : "");
        return advise_safe(in, D_CapabilityBoundingSet, BASIS_CAPS, lines, n->last,
                           "it needs %s (%s)%s%s", caps, how_known(in), *why ? "; " : "", why);
}

/* ---- AmbientCapabilities ---- */

static int advise_ambient(struct inference *in, const struct needed *n)
{
        const struct value *own = &in->o->unit->settings[D_AmbientCapabilities].value;
        uint64_t used = own->bits & n->checked;
        scoped(mem_freep) char *caps = caps_text(own->bits), *less = caps_text(used);
        char *lines[] = { caps, NULL }, *fewer[] = { less, NULL };

        if (!caps || !less)
                return -ENOMEM;
        if (!own->set || own->bits == 0)
                return advise_safe(in, D_AmbientCapabilities, BASIS_UNIT, NULL, NULL,
                                   "the unit is given none, and needs none to do what it does");
        if (used == own->bits || !in->coverage.capabilities)
                return advise_safe(in, D_AmbientCapabilities, BASIS_UNIT, lines, NULL,
                                   "the unit is given these on purpose");
        return advise_unknown(in, D_AmbientCapabilities, used ? fewer : NULL, NULL,
                              "the unit is given %s on purpose, and %s of it was used while it was "
                              "watched",
                              caps, used ? less : "nothing");
}

/* ---- NoNewPrivileges ---- */

static const struct act *find_label(const struct inference *in)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_PATH); a; a = behaviour_next(b, a))
                if (a->a & ACCESS_WRITE && a->text && a->error == 0 &&
                    path_below(a->text, "/proc") &&
                    (text_ends(a->text, "/attr/exec") || text_ends(a->text, "/attr/current") ||
                     strstr(a->text, "/attr/apparmor/")))
                        return a;
        return NULL;
}

static const struct act *selinux_file(const struct inference *in)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_PATH); a; a = behaviour_next(b, a))
                if (a->a & (ACCESS_READ | ACCESS_WRITE) && a->error == 0 && a->text &&
                    path_below(a->text, "/sys/fs/selinux"))
                        return a;
        return NULL;
}

/* A settled context of a security module, by the unit. */
static const char *unit_label(const struct inference *in)
{
        static const enum directive_id ids[] = { D_SELinuxContext, D_AppArmorProfile,
                                                 D_SmackProcessLabel };

        for (size_t i = 0; i < COUNT(ids); i++) {
                const char *word = setting_word(in->o->unit, ids[i]);

                if (word && *word)
                        return directive_at(ids[i])->name;
        }
        return NULL;
}

bool loses_setuid(const struct inference *in, const struct needed *n)
{
        const char *user = setting_word(in->o->unit, D_User);

        return user && (strcmp(user, "root") == 0 || strcmp(user, "0") == 0) &&
               version_at_least(in->o->dialect->version, 255, 0) && n->caps & CAP(CAP_SETUID) &&
               !(in->o->unit->settings[D_AmbientCapabilities].value.bits & CAP(CAP_SETUID));
}

static int advise_no_new(struct inference *in, const struct needed *n)
{
        char *yes[] = { "yes", NULL };
        const struct act *gain = find_gain(in, GAIN_SETUID | GAIN_SETGID | GAIN_FILECAPS);
        const struct act *label = find_label(in), *selinux = selinux_file(in);
        const char *setting = unit_label(in);

        if (gain)
                return advise_breaks(in, D_NoNewPrivileges, BASIS_CALLS, yes, gain,
                                     "it runs a program that gains privileges by its %s",
                                     gain->a & GAIN_SETUID   ? "set-user-ID bit"
                                     : gain->a & GAIN_SETGID ? "set-group-ID bit"
                                                             : "file capabilities");
        if (setting)
                return advise_unknown(in, D_NoNewPrivileges, yes, NULL,
                                      "%s= is set, and the security module may refuse the change "
                                      "of context then",
                                      setting);
        if (label || selinux)
                return advise_unknown(in, D_NoNewPrivileges, yes, label ? label : selinux,
                                      "a security module is at work, which may refuse a change "
                                      "of context then");
        if (loses_setuid(in, n))
                return advise_unknown(in, D_NoNewPrivileges, yes, NULL,
                                      "User=root is set: systemd from 255 on takes CAP_SETUID "
                                      "then as soon as anything filters calls, and it could not "
                                      "come back.  Without User= this would be safe");
        return advise_safe(in, D_NoNewPrivileges, BASIS_CALLS, yes, NULL,
                           "no program it ran gained privileges by set-user-ID, set-group-ID or "
                           "file capabilities");
}

/* ---- SecureBits ---- */

static int advise_secure_bits(struct inference *in, const struct needed *n)
{
        char *bits[] = { "noroot noroot-locked", NULL };

        if (in->root_user && n->caps)
                return advise_breaks(in, D_SecureBits, BASIS_CAPS, bits, n->last,
                                     "it is root and needs capabilities, which noroot takes as "
                                     "the program is executed");
        return advise_unknown(in, D_SecureBits, bits, NULL,
                              "what root may do without capabilities is decided by "
                              "CapabilityBoundingSet= and NoNewPrivileges= already");
}

int infer_caps(struct inference *in)
{
        scoped(needed_done) struct needed n = { 0 };
        int r = needed_caps(in, &n);

        if (r == 0)
                r = advise_bounding(in, &n);
        if (r == 0)
                r = advise_ambient(in, &n);
        if (r == 0)
                r = advise_no_new(in, &n);
        if (r == 0)
                r = advise_secure_bits(in, &n);
        return r;
}
