/* manager_reading.c - what GetAll answers for one unit, property by property. */
#include "core/unit/manager_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"

#include <errno.h>
#include <string.h>

static int take_string(sd_bus_message *m, const struct property *p, struct reading *r)
{
        char **slot = (char **)((char *)r + p->offset);
        const char *text = NULL;
        int s = sd_bus_message_read(m, "s", &text);
        char *copy;

        if (s < 0 || !*text)
                return s;
        copy = strdup(text);
        if (!copy)
                return -ENOMEM;
        free(*slot);
        *slot = copy;
        return 0;
}

static int take_list(sd_bus_message *m, const struct property *p, struct reading *r)
{
        return sd_bus_message_read_strv_extend(m, (char ***)((char *)r + p->offset));
}

static int take_error(sd_bus_message *m, const struct property *p, struct reading *r)
{
        const char *name = NULL, *words = NULL;
        int s = sd_bus_message_read(m, "(ss)", &name, &words);

        (void)p;
        if (s < 0 || !*words)
                return s;
        free(r->load_error);
        r->load_error = text_printable_dup(words);
        return r->load_error ? 0 : -ENOMEM;
}

static int take_flag(sd_bus_message *m, const struct property *p, struct reading *r)
{
        int yes = 0;
        int s = sd_bus_message_read(m, "b", &yes);

        *(bool *)((char *)r + p->offset) = yes != 0;
        return s;
}

static int take_conditions(sd_bus_message *m, const struct property *p, struct reading *r)
{
        const char *type = NULL, *argument = NULL;
        int trigger = 0, negate = 0, state = 0;
        int s = sd_bus_message_enter_container(m, 'a', "(sbbsi)");

        (void)p;
        if (s < 0)
                return s;
        while ((s = sd_bus_message_read(m, "(sbbsi)", &type, &trigger, &negate, &argument,
                                        &state)) > 0) {
                s = strv_addf(&r->conditions, "%s=%s%s%s", type, trigger ? "|" : "",
                              negate ? "!" : "", argument);
                if (s < 0)
                        return s;
        }
        return s < 0 ? s : sd_bus_message_exit_container(m);
}

/* A word as it must be written in a unit file to be read back as one word. */
static void add_quoted(struct text *t, const char *word)
{
        if (*word && !strpbrk(word, " \t\n\"'\\;")) {
                text_add(t, word);
                return;
        }
        text_add(t, "\"");
        for (; *word; word++)
                if (*word == '\n')
                        text_add(t, "\\n");
                else if (*word == '"' || *word == '\\')
                        text_addf(t, "\\%c", *word);
                else
                        text_addn(t, word, 1);
        text_add(t, "\"");
}

static char *prefixes_of(const char *path, char *const *arguments, char *const *flags)
{
        static const struct {
                const char *flag, *prefix;
        } known[] = { { "ignore-failure", "-" }, { "privileged", "+" },    { "no-setuid", "!" },
                      { "ambient", "!!" },       { "no-env-expand", ":" }, { "via-shell", "|" } };
        struct text t = { 0 };

        if (arguments && *arguments && strcmp(path, *arguments) != 0)
                text_add(&t, "@");
        for (size_t i = 0; i < COUNT(known); i++)
                if (strv_has(flags, known[i].flag))
                        text_add(&t, known[i].prefix);
        return text_take(&t);
}

static int add_exec(struct reading *r, const char *key, const char *path, char *const *arguments,
                    char *const *flags)
{
        struct exec_line *more = realloc(r->exec, (r->exec_count + 1) * sizeof(*more));
        struct text t = { 0 };
        struct exec_line *line;

        if (!more)
                return -ENOMEM;
        r->exec = more;
        line = &r->exec[r->exec_count++];
        add_quoted(&t, path);
        for (size_t i = arguments && *arguments && strcmp(path, *arguments) == 0 ? 1 : 0;
             arguments && arguments[i]; i++) {
                text_add(&t, " ");
                add_quoted(&t, arguments[i]);
        }
        *line = (struct exec_line){ .key = strndup(key, strlen(key) - strlen("Ex")),
                                    .prefixes = prefixes_of(path, arguments, flags),
                                    .path = strdup(path),
                                    .line = text_take(&t) };
        return line->key && line->prefixes && line->path && line->line ? 0 : -ENOMEM;
}

/* One of the Exec*Ex properties. */
static int take_exec(sd_bus_message *m, const struct property *p, struct reading *r)
{
        int s = sd_bus_message_enter_container(m, 'a', "(sasasttttuii)");

        if (s < 0)
                return s;
        while ((s = sd_bus_message_enter_container(m, 'r', "sasasttttuii")) > 0) {
                scoped(strv_freep) char **arguments = NULL, **flags = NULL;
                const char *path = NULL;

                s = sd_bus_message_read(m, "s", &path);
                if (s >= 0)
                        s = sd_bus_message_read_strv(m, &arguments);
                if (s >= 0)
                        s = sd_bus_message_read_strv(m, &flags);
                if (s >= 0)
                        s = sd_bus_message_skip(m, "ttttuii");
                if (s >= 0)
                        s = sd_bus_message_exit_container(m);
                if (s >= 0)
                        s = add_exec(r, p->name, path, arguments, flags);
                if (s < 0)
                        return s;
        }
        return s < 0 ? s : sd_bus_message_exit_container(m);
}

/* Soft limits come by themselves: "soft:hard" where they differ. */
static int take_soft(sd_bus_message *m, const struct property *p, struct reading *r)
{
        struct value *hard = &r->values[p->id];
        struct value soft = { 0 };
        int s = property_value(m, "t", directive_at((size_t)p->id), &soft);

        if (s > 0 && hard->words && soft.words && strcmp(hard->words[0], soft.words[0]) != 0) {
                char *both = text_format("%s:%s", soft.words[0], hard->words[0]);

                s = both ? 0 : -ENOMEM;
                if (both) {
                        free(hard->words[0]);
                        hard->words[0] = both;
                }
        }
        value_done(&soft);
        return s;
}

/* Delegate= is told by two properties: whether, and which controllers. */
static int take_controllers(sd_bus_message *m, const struct property *p, struct reading *r)
{
        struct value *v = &r->values[D_Delegate];
        scoped(strv_freep) char **names = NULL;
        int s = sd_bus_message_read_strv(m, &names);

        (void)p;
        if (s < 0 || !v->set || !v->words || strcmp(v->words[0], "yes") != 0)
                return s;
        /* Delegate=yes lists all there are, with some that no file names. */
        if (strv_has(names, "bpf-firewall"))
                return 0;
        strv_sort(names);
        strv_free(v->words);
        v->words = names && *names ? take(names) : NULL;
        return 0;
}

#define FACT(property, read, member)                                                               \
        {                                                                                          \
                property, -1, false, read, offsetof(struct reading, member)                        \
        }
#define EXEC(property)                                                                             \
        {                                                                                          \
                property, -1, false, take_exec, 0                                                  \
        }
#define TWIN(property, directive)                                                                  \
        {                                                                                          \
                property, directive, true, NULL, 0                                                 \
        }
#define SOFT(directive)                                                                            \
        {                                                                                          \
#directive "Soft", D_##directive, false, take_soft, 0                              \
        }

static const struct property facts[] = {
        FACT("Id", take_string, id),
        FACT("LoadState", take_string, load_state),
        FACT("LoadError", take_error, load_error),
        FACT("Description", take_string, description),
        FACT("FragmentPath", take_string, fragment),
        FACT("BusName", take_string, bus_name),
        FACT("DropInPaths", take_list, dropins),
        FACT("Names", take_list, names),
        FACT("TriggeredBy", take_list, triggers),
        FACT("Requires", take_list, requires),
        FACT("Requisite", take_list, requires),
        FACT("Wants", take_list, requires),
        FACT("BindsTo", take_list, requires),
        FACT("Conditions", take_conditions, conditions),
        FACT("NeedDaemonReload", take_flag, needs_reload),
        FACT("DelegateControllers", take_controllers, values),
        EXEC("ExecConditionEx"),
        EXEC("ExecStartPreEx"),
        EXEC("ExecStartEx"),
        EXEC("ExecStartPostEx"),
        EXEC("ExecReloadEx"),
        EXEC("ExecStopEx"),
        EXEC("ExecStopPostEx"),
        TWIN("PrivateTmpEx", D_PrivateTmp),
        TWIN("PrivateUsersEx", D_PrivateUsers),
        TWIN("ProtectControlGroupsEx", D_ProtectControlGroups),
        TWIN("ProtectHostnameEx", D_ProtectHostname),
        SOFT(LimitCORE),
        SOFT(LimitNOFILE),
        SOFT(LimitNPROC),
        SOFT(LimitMEMLOCK),
        SOFT(LimitFSIZE),
        SOFT(LimitAS),
        SOFT(LimitRTPRIO),
};

static int by_name(const void *a, const void *b)
{
        return strcmp(((const struct property *)a)->name, ((const struct property *)b)->name);
}

int property_index_open(struct property_index *ret)
{
        struct property *rows = calloc(COUNT(facts) + DIRECTIVE_COUNT, sizeof(*rows));
        const struct directive *d;
        size_t n = 0;

        if (!rows)
                return -ENOMEM;
        for (; n < COUNT(facts); n++)
                rows[n] = facts[n];
        for (size_t i = 0; (d = directive_at(i)); i++) {
                const char *name = d->property ? d->property : d->name;

                if (*name)
                        rows[n++] = (struct property){ .name = name, .id = (int)d->id };
        }
        qsort(rows, n, sizeof(*rows), by_name);
        *ret = (struct property_index){ .rows = rows, .count = n };
        return 0;
}

void property_index_done(struct property_index *index)
{
        free(index->rows);
        *index = (struct property_index){ 0 };
}

/* Inside the variant. */
static int take_directive(sd_bus_message *m, const char *contents, const struct property *p,
                          struct reading *r)
{
        struct value v = { 0 };
        int s;

        if (r->exact[p->id])
                return sd_bus_message_skip(m, contents);
        s = property_value(m, contents, directive_at((size_t)p->id), &v);
        if (s < 0)
                return s;
        if (s == 0)
                return sd_bus_message_skip(m, contents);
        value_done(&r->values[p->id]);
        r->values[p->id] = v;
        r->seen[p->id] = true;
        r->exact[p->id] = p->exact;
        return 0;
}

static int take_variant(sd_bus_message *m, const struct property *p, struct reading *r)
{
        const char *contents = NULL;
        char type = 0;
        int s = sd_bus_message_peek_type(m, &type, &contents);

        if (s <= 0 || type != 'v')
                return s < 0 ? s : -EBADMSG;
        s = sd_bus_message_enter_container(m, 'v', contents);
        if (s < 0)
                return s;
        if (p->read) {
                s = p->read(m, p, r);
                if (s == -ENXIO) /* the property is of another type in this version */
                        s = sd_bus_message_skip(m, contents);
        } else
                s = take_directive(m, contents, p, r);
        return s < 0 ? s : sd_bus_message_exit_container(m);
}

int reading_take(struct reading *r, const struct property_index *index, sd_bus_message *m)
{
        int s = sd_bus_message_enter_container(m, 'a', "{sv}");

        while (s >= 0 && (s = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                struct property key = { 0 };
                const struct property *p;

                s = sd_bus_message_read(m, "s", &key.name);
                if (s < 0)
                        return s;
                p = bsearch(&key, index->rows, index->count, sizeof(*p), by_name);
                s = p ? take_variant(m, p, r) : sd_bus_message_skip(m, "v");
                if (s >= 0)
                        s = sd_bus_message_exit_container(m);
        }
        return s < 0 ? s : sd_bus_message_exit_container(m);
}

static void exec_free(struct exec_line *lines, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                free(lines[i].key);
                free(lines[i].prefixes);
                free(lines[i].path);
                free(lines[i].line);
        }
        free(lines);
}

void reading_done(struct reading *r)
{
        free(r->id);
        free(r->load_state);
        free(r->load_error);
        free(r->description);
        free(r->fragment);
        free(r->bus_name);
        strv_free(r->names);
        strv_free(r->dropins);
        strv_free(r->triggers);
        strv_free(r->requires);
        strv_free(r->conditions);
        exec_free(r->exec, r->exec_count);
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
                value_done(&r->values[i]);
        *r = (struct reading){ 0 };
}
