/* manager_private.h - what the files of manager.h share.  Only manager*.c may include it:
 * it is the door to sd-bus. */
#pragma once

#include "core/base/text.h"
#include "core/unit/manager.h"

#include <systemd/sd-bus.h>

#define SYSTEMD_NAME    "org.freedesktop.systemd1"
#define SYSTEMD_PATH    "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER "org.freedesktop.systemd1.Manager"

#define SECONDS(n)   ((uint64_t)(n)*1000000)
#define CALL_TIMEOUT SECONDS(30)

/* A property by its D-Bus name: a directive's, or one of the unit's facts. */
struct reading;
struct property {
        const char *name;
        int id;     /* enum directive_id, or -1 */
        bool exact; /* an "Ex" twin, which says more than the plain one */
        int (*read)(sd_bus_message *m, const struct property *p, struct reading *r); /* id -1 */
        size_t offset; /* where .read puts it */
};

/* Sorted by name; made once per connection. */
struct property_index {
        struct property *rows;
        size_t count;
};
int property_index_open(struct property_index *ret);
void property_index_done(struct property_index *index);

/* What holds for directives that no unit file sets: the manager's Default*= settings. */
enum { MANAGER_DEFAULT_COUNT = 13 };
struct manager_defaults {
        bool seen[MANAGER_DEFAULT_COUNT];
        struct value values[MANAGER_DEFAULT_COUNT];
};

struct manager {
        sd_bus *bus;
        const char *destination; /* NULL on a private socket, where there is nobody else */
        enum scope scope;
        struct version version;
        int root; /* O_PATH of the tree its files are in; -1: they cannot be read from here */
        struct property_index index;
        struct manager_defaults defaults;
        bool subscribed;
};

/* One unit as GetAll("") answered. */
struct reading {
        enum scope scope;
        char *id, *load_state, *load_error, *description, *fragment, *bus_name;
        char **names, **dropins, **triggers, **requires, **conditions;
        bool needs_reload;
        struct exec_line *exec;
        size_t exec_count;
        struct value values[DIRECTIVE_COUNT];
        bool seen[DIRECTIVE_COUNT];  /* the manager knows it, in a form gird can read */
        bool exact[DIRECTIVE_COUNT]; /* by its "Ex" twin */
};
void reading_done(struct reading *r);

/* The capabilities that there are. */
static inline uint64_t caps_all(const struct dialect *dialect)
{
        return dialect->last_cap >= 63 ? UINT64_MAX : (UINT64_C(1) << (dialect->last_cap + 1)) - 1;
}

/* The connection is of no use any more. */
bool manager_is_broken(const struct manager *m);

/* Puts the connection on the job's loop. */
int manager_attach(struct manager *m, struct job *job);

/* Whether system.conf gives units something that no unit file says and a score looks at. */
bool manager_changes_default(const struct manager *m);

/* A call to the manager object itself, or to a unit. */
int manager_new_call(struct manager *m, const char *member, sd_bus_message **ret);
int manager_new_get_all(struct manager *m, const char *unit, sd_bus_message **ret);

/* Sends call and waits for the answer on the loop.  An error that systemd answers becomes a
 * sentence "what: …" and its errno. */
int manager_call(struct manager *m, struct job *job, sd_bus_message *call, uint64_t timeout,
                 const char *what, sd_bus_message **ret, struct err *e);

/* Words for an answer that is an error, or for a local fault r. */
int manager_refused(const struct manager *m, sd_bus_message *reply, const char *what,
                    struct err *e);
int manager_fault(const struct manager *m, int r, const char *what, struct err *e);

/* manager_value.c: one property, as it stands inside a variant of that signature, into the
 * value that a unit file would have brought about.  1: done; 0: gird has no words for this
 * form, and nothing was read. */
int property_value(sd_bus_message *m, const char *signature, const struct directive *d,
                   struct value *ret);
int value_word(struct value *v, const char *word); /* makes v the one word; unset for "" */

/* manager_tuples.c: the same for lists of tuples and directives with a form of their own. */
int property_tuples(sd_bus_message *m, const char *signature, const struct directive *d,
                    struct value *ret);

/* Walks an a{sv}: every property that the index knows goes into r. */
int reading_take(struct reading *r, const struct property_index *index, sd_bus_message *m);

/* manager_defaults.c */
int manager_defaults_take(struct manager *m, sd_bus_message *properties);
void manager_defaults_done(struct manager_defaults *d);
/* Whether v is what holds without any setting. */
bool manager_is_default(const struct manager *m, const struct directive *d,
                        const struct dialect *dialect, const struct value *v);

/* manager_jobs.c: sends call, which answers with the path of a job, and waits for its end.
 * 0: "done"; 1: anything else.  *ret_result is the job's result, a constant; on a fault NULL
 * if there is no such job, and a word if there may be one. */
int manager_run_job(struct manager *m, struct job *job, sd_bus_message *call, uint64_t timeout,
                    const char *what, const char **ret_result, struct err *e);

/* manager_origin.c: makes the sandbox out of what the manager and the files say.
 * Takes what it needs out of r. */
int manager_merge(const struct manager *m, const struct dialect *dialect, const char *name,
                  struct reading *r, struct sandbox **ret);

/* manager_transient.c: StartTransientUnit for name, up to its properties, which come as "Key=text";
 * the caller closes the array, and says what other units come with it. */
int manager_open_unit(struct manager *m, const char *name, sd_bus_message **ret);
int manager_add_properties(sd_bus_message *m, char *const *properties, struct err *e);
/* The command word for word: no expansion of variables in it. */
int manager_add_command(sd_bus_message *m, char *const *argv);
