/* manager.c - the connection to one systemd manager, and calls over it.
 *
 * Root talks to systemd's private socket, which needs no message bus; others go by the bus.
 * Every call is asynchronous and waited for on the job's loop, with a limit of time: a
 * manager that hangs or goes away costs one sentence, never the screen. */
#include "core/unit/manager_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

bool manager_is_broken(const struct manager *m)
{
        return sd_bus_is_open(m->bus) <= 0;
}

int manager_fault(const struct manager *m, int r, const char *what, struct err *e)
{
        if (r == -ECANCELED)
                return err_say(e, r, "%s: cancelled", what);
        if (r == -ENOMEM)
                return err_set(e, r, "%s", what);
        if (manager_is_broken(m) || r == -ECONNRESET || r == -ENOTCONN)
                return err_say(e, -ECONNRESET, "%s: the connection to systemd broke off", what);
        if (r == -ETIMEDOUT)
                return err_say(e, r, "%s: systemd did not answer in time", what);
        return err_set(e, r, "%s", what);
}

int manager_refused(const struct manager *m, sd_bus_message *reply, const char *what, struct err *e)
{
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        int code = -sd_bus_message_get_errno(reply);

        if (code >= 0)
                code = -EIO;
        if (sd_bus_error_has_name(error, "org.freedesktop.systemd1.UnitExists"))
                code = -EEXIST; /* libsystemd does not know systemd's own errors */
        if (manager_is_broken(m))
                return manager_fault(m, -ECONNRESET, what, e);
        if (code == -ETIMEDOUT)
                return manager_fault(m, code, what, e);
        if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED) ||
            sd_bus_error_has_name(error, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED))
                return err_say(e, -EACCES, "%s: systemd does not permit it; run gird as root",
                               what);
        return err_say(e, code, "%s: %s", what,
                       error && error->message ? error->message
                                               : "systemd refused without a reason");
}

int manager_attach(struct manager *m, struct job *job)
{
        if (sd_bus_get_event(m->bus) == job->event)
                return 0;
        sd_bus_detach_event(m->bus);
        return sd_bus_attach_event(m->bus, job->event, SD_EVENT_PRIORITY_NORMAL);
}

int manager_new_call(struct manager *m, const char *member, sd_bus_message **ret)
{
        return sd_bus_message_new_method_call(m->bus, ret, m->destination, SYSTEMD_PATH,
                                              SYSTEMD_MANAGER, member);
}

int manager_new_get_all(struct manager *m, const char *unit, sd_bus_message **ret)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        scoped(mem_freep) char *path = NULL;
        int r;

        r = sd_bus_path_encode(SYSTEMD_PATH "/unit", unit, &path);
        if (r < 0)
                return r;
        r = sd_bus_message_new_method_call(m->bus, &call, m->destination, path,
                                           "org.freedesktop.DBus.Properties", "GetAll");
        if (r < 0)
                return r;
        /* The empty interface means all of them, in one answer. */
        r = sd_bus_message_append(call, "s", "");
        if (r < 0)
                return r;
        *ret = take(call);
        return 0;
}

/* One call in flight.  Letting go of the slot takes the call back, so that an answer that
 * comes after a time-out or a cancel finds nobody. */
struct answer {
        const struct manager *manager;
        sd_bus_slot *slot;
        sd_bus_message *reply;
};

static void answer_done(struct answer *a)
{
        sd_bus_slot_unref(a->slot);
        sd_bus_message_unref(a->reply);
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        struct answer *a = userdata;

        (void)error;
        if (!a->reply)
                a->reply = sd_bus_message_ref(reply);
        return 0;
}

static bool is_answered(void *userdata)
{
        const struct answer *a = userdata;

        return a->reply || manager_is_broken(a->manager);
}

int manager_call(struct manager *m, struct job *job, sd_bus_message *call, uint64_t timeout,
                 const char *what, sd_bus_message **ret, struct err *e)
{
        scoped(answer_done) struct answer a = { .manager = m };
        int r;

        r = manager_attach(m, job);
        if (r >= 0)
                r = sd_bus_call_async(m->bus, &a.slot, call, on_answer, &a, timeout);
        if (r >= 0)
                r = job_wait(job, is_answered, &a, timeout + SECONDS(1));
        if (r < 0)
                return manager_fault(m, r, what, e);
        if (!a.reply)
                return manager_fault(m, -ECONNRESET, what, e);
        if (sd_bus_message_is_method_error(a.reply, NULL))
                return manager_refused(m, a.reply, what, e);
        if (ret)
                *ret = take(a.reply);
        return 0;
}

/* Connects to a socket of this machine.  A descriptor instead of an address, so that odd
 * characters in the path need no escaping. */
static int connect_socket(const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        scoped(fd_closep) int fd = -1;

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path));
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;
        return take_fd(fd);
}

/* Speaks over a connected socket to systemd itself: no bus, no Hello, no names. */
static int start_private(struct manager *m, int fd)
{
        scoped(fd_closep) int mine = fd;
        int r;

        r = sd_bus_new(&m->bus);
        if (r >= 0)
                r = sd_bus_set_fd(m->bus, mine, mine);
        if (r < 0)
                return r;
        mine = -1;
        m->destination = NULL;
        r = sd_bus_set_trusted(m->bus, 1);
        return r < 0 ? r : sd_bus_start(m->bus);
}

static int open_given(struct manager *m, const struct manager_where *where)
{
        return start_private(m, where->fd);
}

static int open_host(struct manager *m, const struct manager_where *where)
{
        if (where->scope == SCOPE_USER)
                return -EOPNOTSUPP;
        return sd_bus_open_system_remote(&m->bus, where->host);
}

static int open_container(struct manager *m, const struct manager_where *where)
{
        return where->scope == SCOPE_USER ? sd_bus_open_user_machine(&m->bus, where->container)
                                          : sd_bus_open_system_machine(&m->bus, where->container);
}

static int open_private(struct manager *m, const struct manager_where *where)
{
        const char *runtime = getenv("XDG_RUNTIME_DIR");
        scoped(mem_freep) char *path = NULL;
        int fd;

        if (where->scope == SCOPE_SYSTEM && geteuid() != 0)
                return -EACCES;
        if (where->scope == SCOPE_USER && (!runtime || !*runtime))
                return -ENXIO;
        path = text_format("%s/systemd/private", where->scope == SCOPE_USER ? runtime : "/run");
        if (!path)
                return -ENOMEM;
        fd = connect_socket(path);
        return fd < 0 ? fd : start_private(m, fd);
}

static int open_bus(struct manager *m, const struct manager_where *where)
{
        return where->scope == SCOPE_USER ? sd_bus_open_user(&m->bus) : sd_bus_open_system(&m->bus);
}

/* Asks the manager for its version and defaults: the first word that it must answer. */
static int greet(struct manager *m, struct job *job, uint64_t timeout, struct err *e)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        int r;

        r = sd_bus_message_new_method_call(m->bus, &call, m->destination, SYSTEMD_PATH,
                                           "org.freedesktop.DBus.Properties", "GetAll");
        if (r >= 0)
                r = sd_bus_message_append(call, "s", SYSTEMD_MANAGER);
        if (r < 0)
                return manager_fault(m, r, "cannot ask systemd for its version", e);
        r = manager_call(m, job, call, timeout, "cannot ask systemd for its version", &reply, e);
        if (r < 0)
                return r;
        r = manager_defaults_take(m, reply);
        if (r < 0)
                return manager_fault(m, r, "cannot read systemd's version", e);
        return 0;
}

static void let_go(struct manager *m)
{
        if (!m->bus)
                return;
        sd_bus_detach_event(m->bus);
        m->bus = sd_bus_close_unref(m->bus);
}

static int try_way(struct manager *m, const struct manager_where *where,
                   int (*way)(struct manager *, const struct manager_where *), uint64_t timeout,
                   struct job *job, struct err *e)
{
        int r;

        m->destination = SYSTEMD_NAME;
        r = way(m, where);
        if (r < 0)
                err_set(e, r, "cannot connect to systemd");
        else
                r = greet(m, job, timeout, e);
        if (r < 0)
                let_go(m);
        return r;
}

/* There where systemd does not run, that is the answer and no fault. */
static int explain(const struct manager_where *where, int r, struct err *e)
{
        struct err why = e ? *e : (struct err){ 0 };

        if (r == -ECANCELED || r == -ENOMEM)
                return r;
        if (where->host)
                return r == -EOPNOTSUPP
                               ? err_say(e, r,
                                         "the user's manager cannot be reached on another host")
                               : err_say(e, r, "cannot reach systemd on %s (%s)", where->host,
                                         why.text);
        if (where->container)
                return err_say(e, r, "cannot reach systemd in %s (%s)", where->container, why.text);
        if (where->fd >= 0)
                return r;
        if (where->scope == SCOPE_USER && !getenv("XDG_RUNTIME_DIR"))
                return err_say(e, 1, "there is no user manager to ask: XDG_RUNTIME_DIR is not set");
        if (where->scope == SCOPE_USER)
                return err_say(e, 1, "there is no user manager to ask (%s)", why.text);
        if (sd_booted() <= 0)
                return err_say(e, 1, "this machine was not booted with systemd");
        return r;
}

static int connect_somehow(struct manager *m, const struct manager_where *where, struct job *job,
                           struct err *e)
{
        int r;

        if (where->fd >= 0)
                return try_way(m, where, open_given, CALL_TIMEOUT, job, e);
        if (where->host) /* ssh may ask for a passphrase */
                return try_way(m, where, open_host, SECONDS(120), job, e);
        if (where->container)
                return try_way(m, where, open_container, CALL_TIMEOUT, job, e);
        if (where->scope == SCOPE_SYSTEM && sd_booted() <= 0)
                return -ENXIO;
        r = try_way(m, where, open_private, CALL_TIMEOUT, job, e);
        if (r >= 0 || r == -ECANCELED || r == -ENOMEM)
                return r;
        return try_way(m, where, open_bus, CALL_TIMEOUT, job, e);
}

/* Where the files lie from which the manager read its units.  Behind a given descriptor the
 * kernel knows who listens, as a process number of ours. */
static int find_root(const struct manager *m, const struct manager_where *where)
{
        scoped(mem_freep) char *path = NULL;
        struct ucred peer = { 0 };
        socklen_t length = sizeof(peer);
        const char *root = where->root;

        if (!root && (where->host || where->container))
                return -1;
        if (!root && where->fd >= 0) {
                if (getsockopt(sd_bus_get_fd(m->bus), SOL_SOCKET, SO_PEERCRED, &peer, &length) <
                            0 ||
                    peer.pid <= 0)
                        return -1;
                path = text_format("/proc/%d/root", (int)peer.pid);
                root = path;
                if (!path)
                        return -1;
        }
        return open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int manager_open(const struct manager_where *where, struct job *job, struct manager **ret,
                 struct err *e)
{
        struct manager *m = calloc(1, sizeof(*m));
        struct err why = { 0 };
        int r = -ENOMEM;

        if (!m) {
                scoped(fd_closep) int given = where->fd;

                (void)given;
                return err_set(e, r, "cannot connect to systemd");
        }
        m->root = -1;
        m->scope = where->scope;
        r = connect_somehow(m, where, job, &why);
        if (r >= 0)
                r = property_index_open(&m->index);
        if (r != 0) {
                r = explain(where, r, &why);
                manager_close(m);
                if (e)
                        *e = why;
                return r;
        }
        m->root = find_root(m, where);
        *ret = m;
        return 0;
}

void manager_close(struct manager *m)
{
        if (!m)
                return;
        let_go(m);
        fd_closep(&m->root);
        property_index_done(&m->index);
        manager_defaults_done(&m->defaults);
        free(m);
}

struct version manager_version(const struct manager *m)
{
        return m->version;
}
