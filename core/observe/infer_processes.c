/* infer_processes.c - /proc, memory, scheduling and personality of a unit's processes. */
#include "core/observe/infer_rungs.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>

/* ---- predicates ---- */

/* /proc/PID and the links to it are there with ProcSubset=pid; /proc itself can be listed. */
static bool is_not_process(const struct inference *in, const struct act *a)
{
        (void)in;
        return strcmp(a->text, "/proc") != 0 &&
               !below_any(a->text, "/proc/PID /proc/self /proc/thread-self");
}

/* Links of /proc into /proc/PID, which are gone with ProcSubset=pid although what they point to
 * is not; which way a file was reached does not show. */
static bool is_linked(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->flags & ACT_RESOLVED && below_any(a->text, "/proc/PID/net /proc/PID/mounts");
}

/* Of a process of the same user, which stays visible. */
static bool is_others_process(const struct inference *in, const struct act *a)
{
        (void)in;
        if (!(a->flags & ACT_OTHER_PROC))
                return false;
        return !a->mode || a->uid == 0 || a->owner != a->uid;
}

static bool lists_processes(const struct inference *in, const struct act *a)
{
        (void)in;
        return strcmp(a->text, "/proc") == 0;
}

static bool adds_exec(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a & PROT_EXEC;
}

static bool is_write_exec(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a & PROT_EXEC && a->a & PROT_WRITE;
}

static bool is_exec_segment(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a & SHM_EXEC || a->b & SHM_EXEC || a->c & SHM_EXEC;
}

static bool sets_personality(const struct inference *in, const struct act *a)
{
        (void)in;
        /* Asking sets nothing, and 0 is what everything starts with. */
        return (uint32_t)a->a != UINT32_MAX && a->a != 0;
}

/* Measured with 252: LockPersonality= refuses the question too. */
static bool asks_personality(const struct inference *in, const struct act *a)
{
        (void)in;
        return (uint32_t)a->a == UINT32_MAX;
}

static bool is_realtime(const struct inference *in, const struct act *a)
{
        static const unsigned char policies[] = { SCHED_FIFO, SCHED_RR, 6 /* SCHED_DEADLINE */ };
        uint64_t policy = a->a & ~(uint64_t)SCHED_RESET_ON_FORK;

        (void)in;
        for (size_t i = 0; i < COUNT(policies); i++)
                if (policy == policies[i])
                        return true;
        return false;
}

static bool refuses_attributes(const struct inference *in, const struct act *a)
{
        (void)a;
        return in->o->dialect->version.major >= 262;
}

/* ---- what is refused ---- */

/* clang-format off */
static const struct need others_hidden[] = {
        { .kind = ACT_PATH, .when = is_others_process,
          .why = "it uses entries of other users' processes in /proc" },
        { .kind = ACT_PATH, .folders = "/proc", .access = ACCESS_READ, .when = lists_processes,
          .doubt = true,
          .why = "it lists /proc, in which other users' processes would be missing" },
        { .why = NULL },
};

static const struct need others_closed[] = {
        { .kind = ACT_PATH, .when = is_others_process,
          .why = "it uses entries of other users' processes in /proc" },
        { .why = NULL },
};

static const struct need proc_files[] = {
        /* What was not there counts too: another kernel, or the machine beside the twin, has it. */
        { .kind = ACT_PATH, .folders = "/proc", .when = is_not_process, .tried = true,
          .why = "it uses files of /proc that are about no process; programs rarely say so when "
                 "they are missing, and go on with zeros" },
        { .kind = ACT_PATH, .folders = "/proc/PID", .when = is_linked, .doubt = true,
          .why = "it may have reached this by a link of /proc that would be missing" },
        { .why = NULL },
};

static const struct need personality_set[] = {
        { .kind = ACT_ARGS, .names = "personality", .when = sets_personality,
          .why = "it sets its personality" },
        { .kind = ACT_ARGS, .names = "personality", .when = asks_personality, .doubt = true,
          .why = "it asks for its personality, which is refused as well" },
        { .why = NULL },
};

static const struct need write_exec[] = {
        { .kind = ACT_ARGS, .names = "mmap mmap2", .when = is_write_exec,
          .why = "it maps memory that it can both write and execute" },
        { .kind = ACT_ARGS, .names = "mprotect pkey_mprotect", .when = adds_exec,
          .why = "it makes memory executable afterwards" },
        { .kind = ACT_ARGS, .names = "shmat", .when = is_exec_segment,
          .why = "it attaches shared memory to execute it" },
        { .why = NULL },
};

static const struct need realtime[] = {
        { .kind = ACT_ARGS, .names = "sched_setscheduler sched_setattr", .when = is_realtime,
          .why = "it schedules itself in real time" },
        { .kind = ACT_CALL, .names = "sched_setattr", .when = refuses_attributes,
          .why = "it calls sched_setattr(), which this systemd refuses whatever is asked" },
        { .kind = ACT_CALL, .names = "sched_setattr", .when = has_no_arguments, .doubt = true,
          .why = "it calls sched_setattr(), and whether it asks for real time is not seen" },
        { .why = NULL },
};

static const struct rungs tables[] = {
        { D_ProcSubset, BASIS_FILES, "it used nothing of /proc but its processes' own entries",
          { { "pid", proc_files } } },
        { D_LockPersonality, BASIS_CALLS, "it never set another personality",
          { { "yes", personality_set } } },
        { D_MemoryDenyWriteExecute, BASIS_CALLS,
          "it mapped no memory to write and execute, and made none executable afterwards",
          { { "yes", write_exec } } },
        { D_RestrictRealtime, BASIS_CALLS, "it asked for no real-time scheduling",
          { { "yes", realtime } } },
};

static const struct rungs protect_proc = {
        D_ProtectProc, BASIS_FILES, "it used no entry of another user's process in /proc",
        { { "noaccess", others_closed }, { "ptraceable", others_hidden },
          { "invisible", others_hidden } } };
static const struct rungs protect_proc_root = {
        D_ProtectProc, BASIS_FILES,
        "it used no entry of another user's process in /proc; while it runs as root with "
        "CAP_SYS_PTRACE it hides nothing",
        { { "noaccess", others_closed }, { "ptraceable", others_hidden },
          { "invisible", others_hidden } } };

static const struct remark remarks[] = {
        { D_Personality,
          "it is for programs that have to believe they run on another machine, and restricts "
          "nothing" },
        { D_UnsetEnvironment,
          "which variables a program reads is not seen from outside" },
        { D_CoredumpFilter,
          "what a core dump should hold is for you to say; LimitCORE=0 avoids it altogether" },
};
/* clang-format on */

int infer_processes(struct inference *in)
{
        int r = advise_rungs(in, in->root_user ? &protect_proc_root : &protect_proc);

        for (size_t i = 0; i < COUNT(tables) && r == 0; i++)
                r = advise_rungs(in, &tables[i]);
        if (r == 0)
                r = advise_none(in, D_PassEnvironment, BASIS_UNIT,
                                "no variable of systemd's own has to be passed on to it");
        if (r == 0)
                r = advise_none(in, D_MemoryKSM, BASIS_UNIT,
                                "merging its memory with others' would only open a side channel");
        return r < 0 ? r : advise_remarks(in, remarks, COUNT(remarks));
}
