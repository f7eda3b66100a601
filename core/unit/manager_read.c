/* manager_read.c - many units at once, on one connection, with a bounded number of questions
 * under way: the manager answers one while the next ones are on the wire. */
#include "core/unit/manager_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/unit/name.h"

#include <errno.h>
#include <string.h>

/* Fewer than dbus-daemon's limit of 128 replies that a connection may wait for. */
enum { WINDOW = 64 };

struct question {
        struct questions *all;
        size_t index; /* of the name */
        sd_bus_slot *slot;
        sd_bus_message *reply;
        bool used;
};

struct questions {
        struct manager *manager;
        struct question window[WINDOW];
        size_t landed; /* answers that wait to be looked at */
};

static void question_done(struct question *q)
{
        sd_bus_slot_unref(q->slot);
        sd_bus_message_unref(q->reply);
        q->slot = NULL;
        q->reply = NULL;
        q->used = false;
}

static void questions_done(struct questions *all)
{
        for (size_t i = 0; i < WINDOW; i++)
                question_done(&all->window[i]);
}

/* Only notes that it came: the unit is made outside of the loop, where a callback of the
 * caller may do as it likes. */
static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        struct question *q = userdata;

        (void)error;
        if (!q->reply) {
                q->reply = sd_bus_message_ref(reply);
                q->all->landed++;
        }
        return 0;
}

static bool has_landed(void *userdata)
{
        const struct questions *all = userdata;

        return all->landed > 0 || manager_is_broken(all->manager);
}

/* A template has no object of its own: it is read as an instance would be. */
static int ask(struct manager *m, struct question *q, const char *name)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        scoped(mem_freep) char *instance = NULL;
        int r;

        if (name_kind(name) == NAME_TEMPLATE) {
                instance = name_with_instance(name, "test_instance");
                if (!instance)
                        return -ENOMEM;
        }
        r = manager_new_get_all(m, instance ? instance : name, &call);
        if (r < 0)
                return r;
        r = sd_bus_call_async(m->bus, &q->slot, call, on_answer, q, SECONDS(60));
        if (r >= 0)
                q->used = true;
        return r < 0 ? r : 0;
}

/* A unit that the manager has no answer for is a unit all the same: it says why. */
static int make_failed(const struct manager *m, const char *name, sd_bus_message *reply,
                       struct sandbox **ret)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        int r = sandbox_new(name, m->scope, &s);

        if (r < 0)
                return r;
        s->load = LOAD_ERROR;
        s->from_manager = true;
        s->load_note = text_printable_dup(
                error && error->message ? error->message : "systemd refused without a reason");
        if (!s->load_note)
                return -ENOMEM;
        *ret = take(s);
        return 0;
}

static int make(struct manager *m, const struct dialect *dialect, const char *name,
                sd_bus_message *reply, struct sandbox **ret)
{
        scoped(reading_done) struct reading reading = { .scope = m->scope };
        int r;

        if (sd_bus_message_is_method_error(reply, NULL))
                return make_failed(m, name, reply, ret);
        r = reading_take(&reading, &m->index, reply);
        return r < 0 ? r : manager_merge(m, dialect, name, &reading, ret);
}

/* What a call that got no answer is, as opposed to one whose answer is an error. */
static bool is_lost(const struct manager *m, sd_bus_message *reply)
{
        return manager_is_broken(m) ||
               sd_bus_message_is_method_error(reply, SD_BUS_ERROR_NO_REPLY) ||
               sd_bus_message_is_method_error(reply, SD_BUS_ERROR_TIMEOUT) ||
               sd_bus_message_is_method_error(reply, SD_BUS_ERROR_DISCONNECTED);
}

struct delivery {
        const struct dialect *dialect;
        char *const *names;
        int (*got)(void *userdata, size_t index, struct sandbox *s);
        void *userdata;
};

static int deliver(struct questions *all, struct question *q, const struct delivery *to,
                   struct err *e)
{
        const char *name = to->names[q->index];
        struct sandbox *s = NULL;
        int r;

        if (is_lost(all->manager, q->reply))
                return manager_refused(all->manager, q->reply, "cannot read units", e);
        r = make(all->manager, to->dialect, name, q->reply, &s);
        all->landed--;
        if (r < 0)
                return err_set(e, r, "cannot read what systemd says about %s", name);
        r = to->got(to->userdata, q->index, s);
        question_done(q);
        return r;
}

static int deliver_landed(struct questions *all, const struct delivery *to, size_t *done,
                          struct err *e)
{
        for (size_t i = 0; i < WINDOW; i++) {
                int r;

                if (!all->window[i].used || !all->window[i].reply)
                        continue;
                r = deliver(all, &all->window[i], to, e);
                if (r < 0)
                        return r;
                (*done)++;
        }
        return 0;
}

static int fill_window(struct questions *all, char *const *names, size_t *next)
{
        for (size_t i = 0; i < WINDOW && names[*next]; i++) {
                struct question *q = &all->window[i];
                int r;

                if (q->used)
                        continue;
                *q = (struct question){ .all = all, .index = *next };
                r = ask(all->manager, q, names[*next]);
                if (r < 0)
                        return r;
                (*next)++;
        }
        return 0;
}

int manager_read(struct manager *m, struct job *job, char *const *names,
                 const struct dialect *dialect,
                 int (*got)(void *userdata, size_t index, struct sandbox *s), void *userdata,
                 struct err *e)
{
        scoped(questions_done) struct questions all = { .manager = m };
        const struct delivery to = {
                .dialect = dialect, .names = names, .got = got, .userdata = userdata
        };
        size_t count = strv_length(names), next = 0, done = 0;
        int r = manager_attach(m, job);

        if (r < 0)
                return manager_fault(m, r, "cannot read units", e);
        while (done < count) {
                r = fill_window(&all, names, &next);
                if (r >= 0)
                        r = job_wait(job, has_landed, &all, SECONDS(61));
                if (r >= 0 && all.landed == 0)
                        r = -ECONNRESET;
                if (r < 0)
                        return manager_fault(m, r, "cannot read units", e);
                r = deliver_landed(&all, &to, &done, e);
                if (r < 0)
                        return r;
        }
        return 0;
}
