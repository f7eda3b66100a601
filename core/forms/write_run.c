/* write_run.c - the unit's sandbox as a systemd-run line, and as a systemctl set-property line for
 * what a running unit takes.
 *
 * A transient unit has no file below it, so the line carries all that the unit sets, not only the
 * changes; and the same words do not always mean the same there (spell()). */
#include "core/base/mem.h"
#include "core/forms/assignments.h"
#include "core/forms/quote.h"
#include "core/forms/words.h"
#include "core/unit/name.h"

#include <errno.h>
#include <string.h>

struct run {
        const struct form_input *in;
        struct form_output *output;
        struct text options;    /* of systemd-run */
        struct text properties; /* of systemctl set-property */
};

static void run_done(struct run *run)
{
        text_done(&run->options);
        text_done(&run->properties);
}

/* clang-format off */
/* What systemd-run takes under no name. */
static const struct {
        enum directive_id id;
        const char *why;
} refused[] = {
        { D_JoinsNamespaceOf,    "a transient unit takes no such dependency" },
        { D_DefaultDependencies, "a transient unit keeps the default" },
};

/* Booleans that got more values: those have a name of their own on the bus, "PrivateTmpEx". */
static const enum directive_id extended[] = {
        D_PrivateTmp, D_PrivateUsers, D_ProtectControlGroups, D_ProtectHostname,
};

/* What a running unit can be given: controls of its cgroup. */
static const enum directive_id live[] = {
        D_DevicePolicy, D_DeviceAllow, D_IPAddressAllow, D_IPAddressDeny, D_SocketBindAllow,
        D_SocketBindDeny, D_TasksMax, D_MemoryMax, D_MemoryHigh, D_MemorySwapMax, D_CPUQuota,
        D_IOWeight, D_CPUWeight, D_AllowedCPUs, D_IPAccounting, D_ManagedOOMPreference,
};
/* clang-format on */

static const char *refusal(enum directive_id id)
{
        for (size_t i = 0; i < COUNT(refused); i++)
                if (refused[i].id == id)
                        return refused[i].why;
        return NULL;
}

static bool is_one_of(const enum directive_id *list, size_t count, enum directive_id id)
{
        for (size_t i = 0; i < count; i++)
                if (list[i] == id)
                        return true;
        return false;
}

/* "Name=VALUE" as the bus takes it. */
static char *spell(const struct directive *d, const char *line)
{
        bool is_plain = word_boolean(line) >= 0;

        /* In a file "none" allows no family; there the empty list does. */
        if (d->id == D_RestrictAddressFamilies && strcmp(line, "none") == 0)
                line = "";
        return text_format("%s%s=%s", d->name,
                           is_one_of(extended, COUNT(extended), d->id) && !is_plain ? "Ex" : "",
                           line);
}

static void add_option(struct text *t, const char *before, const char *word)
{
        text_add(t, before);
        quote_shell(t, word);
}

/* The lines of a value, without the reset: there is nothing below it.  A set that is empty, and
 * not the default, is its reset alone. */
static int add_value(const struct value *v, const struct directive *d,
                     const struct dialect *dialect, struct text *t, const char *before)
{
        scoped(strv_freep) char **lines = NULL;
        int r = value_print(v, d, dialect, &lines);
        char **line = lines;

        if (r < 0)
                return r;
        if (line && *line && !**line && line[1])
                line++;
        for (; line && *line; line++) {
                scoped(mem_freep) char *word = spell(d, *line);

                if (!word)
                        return -ENOMEM;
                add_option(t, before, word);
        }
        return 0;
}

static bool is_known(const struct form_input *in, const struct directive *d)
{
        return in->known ? known_has(in->known, d) : directive_known_to(d, in->dialect->version);
}

/* What was set, not what follows from it: that follows there as well. */
static const struct value *given_value(const struct setting *s)
{
        if (s->given)
                return &s->given->value;
        return s->origin.kind == ORIGIN_IMPLIED ? NULL : &s->value;
}

static int add_setting(struct run *run, const struct directive *d)
{
        const struct value *v = given_value(&run->in->after->settings[d->id]);
        const char *why = refusal(d->id), *slice;

        if (!v || !v->set)
                return 0;
        if (!is_known(run->in, d))
                return form_leave_out(run->output, "%s=: systemd %u does not know it", d->name,
                                      run->in->dialect->version.major);
        if (why)
                return form_leave_out(run->output, "%s=: %s", d->name, why);
        slice = d->id == D_Slice && v->words ? v->words[0] : NULL;
        if (slice) {
                add_option(&run->options, " \\\n  --slice=", slice);
                return 0;
        }
        return add_value(v, d, run->in->dialect, &run->options, " \\\n  -p ");
}

static int add_settings(struct run *run)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < DIRECTIVE_COUNT; i++)
                r = add_setting(run, directive_at(i));
        return r;
}

/* The changes only: the rest is there already. */
static int add_properties(struct run *run)
{
        const struct profile *p = run->in->profile;
        int r = 0;

        for (size_t i = 0; r == 0 && i < p->change_count; i++) {
                const struct directive *d = directive_at(p->changes[i].directive);
                const struct value *v = &run->in->after->settings[d->id].value;

                if (v->set && is_known(run->in, d) && is_one_of(live, COUNT(live), d->id))
                        r = add_value(v, d, run->in->dialect, &run->properties, " ");
        }
        return r;
}

/* ":" says that "$VAR" is meant as it stands; there "$$" says so for every systemd. */
static char *plain_dollars(const char *word)
{
        struct text t = { 0 };

        for (const char *c = word; *c; c++)
                text_addn(&t, *c == '$' ? "$$" : c, *c == '$' ? 2 : 1);
        return text_take(&t);
}

static int add_words(struct run *run, const struct exec_line *exec)
{
        scoped(strv_freep) char **words = NULL;
        bool plain = strchr(exec->prefixes, ':') != NULL;
        int r = words_split(exec->line, &words);

        if (r == -EINVAL)
                return form_leave_out(run->output, "ExecStart=: its words could not be told apart");
        for (char **word = words; r == 0 && word && *word; word++) {
                scoped(mem_freep) char *own = plain ? plain_dollars(*word) : NULL;

                add_option(&run->options, word == words ? " \\\n  -- " : " ", own ? own : *word);
                r = plain && !own ? -ENOMEM : 0;
        }
        return r;
}

static int add_command(struct run *run)
{
        const struct unit_facts *facts = &run->in->unit->facts;
        const struct exec_line *first = NULL;
        bool more = false;
        int r = 0;

        for (size_t i = 0; i < facts->exec_count; i++) {
                more |= first || strcmp(facts->exec[i].key, "ExecStart") != 0;
                if (!first && strcmp(facts->exec[i].key, "ExecStart") == 0)
                        first = &facts->exec[i];
        }
        if (!first)
                text_add(&run->options, " \\\n  -- COMMAND");
        else
                r = add_words(run, first);
        if (r == 0 && first && strpbrk(first->prefixes, "@+!|"))
                r = form_leave_out(run->output, "ExecStart=%s: systemd-run has no such prefix",
                                   first->prefixes);
        if (r == 0 && more)
                r = form_leave_out(run->output,
                                   "ExecStartPre= and the like: systemd-run takes one command");
        return r;
}

static int finish(struct run *run, const char *stem, struct err *e)
{
        const char *user = run->in->unit->scope == SCOPE_USER ? " --user" : "";
        scoped(mem_freep) char *options = text_take(&run->options);
        scoped(mem_freep) char *properties = text_take(&run->properties);
        struct text t = { 0 };
        int r = options && properties ? form_header(&t, "# ", run->in, run->output) : -ENOMEM;

        text_addf(&t,
                  "\n# The service's command in the same sandbox, as a unit of its own:\n"
                  "systemd-run%s --unit=gird-%s%s\n",
                  user, stem, options ? options : "");
        if (properties && *properties) {
                text_addf(
                        &t,
                        "\n# These take effect on the running unit at once, until the next boot:\n"
                        "# systemctl%s set-property --runtime -- ",
                        user);
                quote_shell(&t, run->in->unit->unit);
                text_addf(&t, "%s\n", properties);
        }
        return form_finish(run->output, "run.sh", &t, r, "the systemd-run line", e);
}

FORM_WRITER(run)
{
        scoped(run_done) struct run run = { .in = in, .output = ret };
        scoped(mem_freep) char *stem = form_stem(in->unit->unit, '-');
        const char *suffix = name_suffix(in->unit->unit);
        int r;

        if (!suffix || strcmp(suffix, ".service") != 0)
                return err_say(e, -EOPNOTSUPP, "%s: systemd-run starts services, no other units",
                               in->unit->unit);
        r = stem ? add_settings(&run) : -ENOMEM;
        if (r == 0 && in->unit->facts.bus_name) {
                scoped(mem_freep) char *name = text_format("BusName=%s", in->unit->facts.bus_name);

                if (name)
                        add_option(&run.options, " \\\n  -p ", name);
                r = name ? 0 : -ENOMEM;
        }
        if (r == 0)
                r = add_properties(&run);
        if (r == 0)
                r = add_command(&run);
        if (r == 0)
                r = form_leave_out(ret, "Environment=, WorkingDirectory=, sockets and what else is "
                                        "no sandbox: the unit's file has them");
        return r < 0 ? err_set(e, r, "cannot write the systemd-run line") : finish(&run, stem, e);
}
