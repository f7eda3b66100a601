/* infer_launcher.c - units that start the sessions or jobs of others.
 *
 * What such a unit is allowed, everything started under it is allowed, and no more: an admin's
 * login has the bounding set, the mounts and the filters of sshd's.  So what one session did says
 * nothing about what the next one needs. */
#include "core/observe/infer_privileges.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

const char *base_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

bool listed_in(const char *list, const char *word)
{
        size_t n = strlen(word);

        while (n > 0 && *list) {
                size_t length;

                list += strspn(list, " ");
                length = strcspn(list, " ");
                if (length == n && memcmp(list, word, n) == 0)
                        return true;
                list += length;
        }
        return false;
}

bool has_exec(const struct inference *in, const char *key)
{
        const struct unit_facts *f = &in->o->unit->facts;

        for (size_t i = 0; i < f->exec_count; i++)
                if (f->exec[i].key && strcmp(f->exec[i].key, key) == 0 &&
                    !(f->exec[i].prefixes && strchr(f->exec[i].prefixes, '+')))
                        return true;
        return false;
}

/* clang-format off */
static const struct {
        const char *programs; /* names without their folder */
        const char *words;    /* "NAME is ..." */
} known[] = {
        { "sshd sshd-session dropbear telnetd in.telnetd rlogind in.rlogind mosh-server ttyd "
          "shellinaboxd xrdp-sesman",
          "it opens login sessions" },
        { "login agetty mingetty fgetty getty sulogin",
          "it opens login sessions" },
        { "su sudo doas runuser setpriv pkexec",
          "it runs commands as other users" },
        { "cron crond anacron fcron dcron cronie bcron-start atd systemd-cron",
          "it runs the jobs of users" },
        { "gdm gdm3 gdm-session-worker lightdm sddm sddm-helper lxdm lxdm-binary xdm kdm slim nodm "
          "greetd ly cage",
          "it opens graphical sessions" },
        { "dockerd docker containerd containerd-shim containerd-shim-runc-v2 podman crio cri-o runc "
          "crun conmon kubelet k3s k3s-server k3s-agent lxd incusd lxc-start lxc-monitord buildkitd "
          "garden nomad",
          "it runs containers" },
        { "libvirtd virtqemud virtlxcd systemd-nspawn systemd-machined systemd-vmspawn vmware-hostd "
          "firecracker flintlockd xl",
          "it runs machines and containers" },
        { "gitlab-runner gitlab-ci-multi-runner jenkins jenkins-agent buildbot buildbot-worker "
          "buildkite-agent drone-runner drone-runner-exec Runner.Listener runsvc.sh actions-runner "
          "act_runner forgejo-runner teamcity-agent go-agent concourse woodpecker-agent",
          "it runs the build jobs of others" },
        { "puppet puppetd salt-minion salt-call chef-client cinc-client cf-agent cf-execd "
          "ansible-pull ansible-runner rudder mcollectived choria saltstack fleetd orbit",
          "it configures the machine as it is told" },
        { "slurmd slurmstepd pbs_mom sge_execd condor_master condor_startd condor_starter "
          "systemd-run at batch",
          "it runs the jobs of others" },
        { "xinetd inetd inetutils-inetd openbsd-inetd tcpserver runsvdir runsv s6-svscan supervisord "
          "monit pm2 init systemd",
          "it starts other services" },
        { "packagekitd unattended-upgrade unattended-upgrades apt-get dnf dnf-automatic yum-cron "
          "zypper rpm-ostree snapd",
          "it installs software, whose scripts it runs" },
};
/* clang-format on */

static const char shells[] = "sh bash dash zsh ksh mksh fish tcsh csh ash rbash screen tmux";

static const char interpreters[] = "java python ruby perl node nodejs sh bash dash php mono dotnet";

static const char *known_as(const char *program)
{
        const char *name = base_name(program);

        for (size_t i = 0; i < COUNT(known); i++)
                if (listed_in(known[i].programs, name))
                        return known[i].words;
        return NULL;
}

/* Behind an interpreter, the unit's name is the best there is: jenkins is java. */
static const char *known_by_unit(const char *unit, const char *program, char name[64])
{
        size_t n = strcspn(unit, "@.");
        size_t plain = strcspn(base_name(program), "0123456789.-");
        char bare[32];

        if (n == 0 || n >= 64 || plain >= sizeof(bare))
                return NULL;
        memcpy(bare, base_name(program), plain);
        bare[plain] = '\0';
        memcpy(name, unit, n);
        name[n] = '\0';
        return listed_in(interpreters, bare) ? known_as(name) : NULL;
}

/* A program that is known to be one: of a command line, or the main one (behind a wrapper). */
static int look_at_programs(struct inference *in)
{
        const struct unit_facts *f = &in->o->unit->facts;
        const char *program = in->o->behaviour->binary;
        const char *words = program ? known_as(program) : NULL;
        char name[64];

        for (size_t i = 0; i < f->exec_count && !words; i++) {
                if (!f->exec[i].path || !f->exec[i].key || strcmp(f->exec[i].key, "ExecStart") != 0)
                        continue;
                program = f->exec[i].path;
                words = known_as(program);
                if (words)
                        break;
                words = known_by_unit(in->o->unit->unit, program, name);
                program = words ? name : program;
        }
        if (!words)
                return 0;
        in->launcher = true;
        return strv_addf(&in->about, "it runs %s: %s", base_name(program), words);
}

static int look_at_unit(struct inference *in)
{
        const char *pam = setting_word(in->o->unit, D_PAMName);
        int r = 0;

        if (pam && *pam) {
                in->launcher = true;
                r = strv_addf(&in->about, "PAMName=%s: it is a session itself", pam);
        }
        if (r == 0 && text_starts(in->o->unit->unit, "user@")) {
                in->launcher = true;
                r = strv_add(&in->about, "it is a user's manager, which starts that user's units");
        }
        return r;
}

static const struct act *find_loginuid(const struct inference *in)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_PATH); a; a = behaviour_next(b, a))
                if (a->a & ACCESS_WRITE && a->text && text_ends(a->text, "/loginuid") &&
                    path_below(a->text, "/proc") && a->error == 0 && act_counts(a))
                        return a;
        return NULL;
}

/* Whatever a process does shows its user, so users are counted over all acts. */
static unsigned other_users(const struct inference *in)
{
        const struct behaviour *b = in->o->behaviour;
        uint32_t seen[16];
        unsigned count = 0;

        for (size_t i = 0; i < b->act_count && count < COUNT(seen); i++) {
                uint32_t uid = b->acts[i].uid;
                unsigned k = 0;

                while (k < count && seen[k] != uid)
                        k++;
                if (k == count && uid != 0)
                        seen[count++] = uid;
        }
        return count;
}

static const struct act *find_shell(const struct inference *in, bool of_user)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_EXEC); a; a = behaviour_next(b, a))
                if (a->text && a->error == 0 && !(a->a & GAIN_COMMAND) &&
                    (a->uid != 0 || !of_user) && listed_in(shells, base_name(a->text)))
                        return a;
        return NULL;
}

static bool is_terminal(const struct inference *in, const struct act *a)
{
        const char *name = a->text + strlen("/dev/");

        (void)in;
        if (a->error != 0)
                return false;
        return text_starts(name, "pts") || (text_starts(name, "tty") && name[3]);
}

/* What it did, as far as only those who open sessions for others do it. */
static int look_at_acts(struct inference *in)
{
        const struct act *login = find_loginuid(in);
        const struct act *shell = find_shell(in, true);
        const char *words = NULL;
        const struct act *witness = login;
        scoped(mem_freep) char *shown = NULL;

        if (login)
                words = "it opens sessions (their login user is set)";
        else if (in->root_user && shell && other_users(in) >= 2) {
                words = "it runs shells as several users";
                witness = shell;
        } else if (in->root_user && find_call(in, "setsid") && find_shell(in, false) &&
                   find_drop(in)) {
                witness = find_path_if(in, "/dev", ACCESS_READ | ACCESS_WRITE, is_terminal);
                if (witness)
                        words = "it runs a shell on a terminal for another user";
        }
        if (!words || !witness)
                return 0;
        in->launcher = true;
        shown = act_words(in->o->behaviour, witness);
        return shown ? strv_addf(&in->about, "%s: %s", words, shown) : -ENOMEM;
}

int infer_launcher(struct inference *in)
{
        int r = look_at_programs(in);

        if (r == 0)
                r = look_at_unit(in);
        if (r == 0)
                r = look_at_acts(in);
        return r;
}

const char *launcher_known(const struct sandbox *unit, bool *ret_sessions)
{
        const char *pam = setting_word(unit, D_PAMName), *words = NULL;
        const struct unit_facts *f = &unit->facts;
        char name[64];

        if (pam && *pam)
                words = "it opens a session (PAMName=)";
        else if (text_starts(unit->unit, "user@"))
                words = "it opens a user's session";
        for (size_t i = 0; i < f->exec_count && !words; i++)
                if (f->exec[i].path && f->exec[i].key && strcmp(f->exec[i].key, "ExecStart") == 0) {
                        words = known_as(f->exec[i].path);
                        if (!words)
                                words = known_by_unit(unit->unit, f->exec[i].path, name);
                }
        *ret_sessions = words && text_starts(words, "it opens");
        return words;
}
