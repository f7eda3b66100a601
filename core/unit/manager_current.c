/* manager_current.c - whether unit files say all that the manager would say.
 *
 * GetAll makes PID 1 work for a millisecond a unit, most of it for what no score looks at.  Three
 * small properties tell whether it has read the very files that lie there now. */
#include "core/unit/manager_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { WANTED = 3, WINDOW = 63 }; /* fewer than dbus-daemon's limit of 128 answers under way */

static const char *const wanted[WANTED] = { "FragmentPath", "DropInPaths", "NeedDaemonReload" };

struct answer {
        struct round *round;
        sd_bus_slot *slot;
        sd_bus_message *reply;
};

struct round {
        struct manager *manager;
        struct answer answers[WINDOW];
        size_t asked, landed;
};

static void round_done(struct round *r)
{
        for (size_t i = 0; i < WINDOW; i++) {
                sd_bus_slot_unref(r->answers[i].slot);
                sd_bus_message_unref(r->answers[i].reply);
        }
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        struct answer *a = userdata;

        (void)error;
        a->reply = sd_bus_message_ref(reply);
        a->round->landed++;
        return 0;
}

static bool all_landed(void *userdata)
{
        const struct round *r = userdata;

        return r->landed == r->asked || manager_is_broken(r->manager);
}

static int ask(struct manager *m, struct answer *a, const char *unit, const char *property)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        scoped(mem_freep) char *path = NULL;
        int r = sd_bus_path_encode(SYSTEMD_PATH "/unit", unit, &path);

        if (r >= 0)
                r = sd_bus_message_new_method_call(m->bus, &call, m->destination, path,
                                                   "org.freedesktop.DBus.Properties", "Get");
        if (r >= 0)
                r = sd_bus_message_append(call, "ss", "org.freedesktop.systemd1.Unit", property);
        return r < 0 ? r : sd_bus_call_async(m->bus, &a->slot, call, on_answer, a, CALL_TIMEOUT);
}

/* Where /lib is a link to /usr/lib, systemd may name a file by either. */
static bool lib_is_link(const struct manager *m)
{
        struct stat st;

        return m->root >= 0 && fstatat(m->root, "lib", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
               S_ISLNK(st.st_mode);
}

static bool same_file(const char *a, const char *b, bool merged)
{
        if (merged && text_starts(a, "/usr/lib/"))
                a += strlen("/usr");
        if (merged && text_starts(b, "/usr/lib/"))
                b += strlen("/usr");
        return strcmp(a, b) == 0;
}

/* The same drop-ins, in whatever order. */
static bool same_files(char *const *a, char *const *b, bool merged)
{
        if (strv_length(a) != strv_length(b))
                return false;
        for (; a && *a; a++) {
                char *const *other = b;

                while (*other && !same_file(*a, *other, merged))
                        other++;
                if (!*other)
                        return false;
        }
        return true;
}

static bool is_current(const struct answer *a, const struct sandbox *s, bool merged)
{
        scoped(strv_freep) char **dropins = NULL;
        const char *fragment;
        int stale;

        for (size_t i = 0; i < WANTED; i++)
                if (!a[i].reply || sd_bus_message_is_method_error(a[i].reply, NULL))
                        return false;
        if (sd_bus_message_read(a[0].reply, "v", "s", &fragment) < 0 ||
            sd_bus_message_enter_container(a[1].reply, 'v', "as") < 0 ||
            sd_bus_message_read_strv(a[1].reply, &dropins) < 0 ||
            sd_bus_message_read(a[2].reply, "v", "b", &stale) < 0)
                return false;
        return !stale && s->facts.fragment && same_file(fragment, s->facts.fragment, merged) &&
               same_files(dropins, s->facts.dropins, merged);
}

static int ask_round(struct round *round, struct job *job, struct sandbox *const *read,
                     size_t count)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < count; i++)
                for (size_t k = 0; r >= 0 && k < WANTED; k++) {
                        struct answer *a = &round->answers[round->asked];

                        a->round = round;
                        r = ask(round->manager, a, read[i]->unit, wanted[k]);
                        round->asked += r >= 0;
                }
        return r < 0 ? r : job_wait(job, all_landed, round, SECONDS(31));
}

int manager_is_current(struct manager *m, struct job *job, struct sandbox *const *read,
                       size_t count, bool *ret_current, struct err *e)
{
        bool merged = lib_is_link(m);
        int r = manager_attach(m, job);

        if (r < 0)
                return manager_fault(m, r, "cannot compare units", e);
        for (size_t i = 0; i < count; i += WINDOW / WANTED) {
                scoped(round_done) struct round round = { .manager = m };
                size_t n = count - i < WINDOW / WANTED ? count - i : WINDOW / WANTED;

                r = ask_round(&round, job, read + i, n);
                if (r >= 0 && round.landed < round.asked)
                        r = -ECONNRESET;
                if (r < 0)
                        return manager_fault(m, r, "cannot compare units", e);
                for (size_t k = 0; k < n; k++)
                        ret_current[i + k] = read[i + k]->load == LOAD_LOADED &&
                                             !manager_changes_default(m) &&
                                             is_current(&round.answers[k * WANTED], read[i + k],
                                                        merged);
        }
        return 0;
}
