/* files.c - one unit from its files: fragment, drop-ins, and the verdict whether it loads. */
#include "core/unit/files.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/files_private.h"
#include "core/unit/name.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

int unit_name_mangle(const char *word, char **ret, struct err *e)
{
        scoped(mem_freep) char *name = name_suffix(word) ? strdup(word)
                                                         : text_format("%s.service", word);

        if (!name)
                return err_set(e, -ENOMEM, "cannot read the unit %s", word);
        if (!name_kind(name))
                return err_say(e, -EINVAL, "\"%s\" is no name of a unit", word);
        *ret = take(name);
        return 0;
}

/* The instance that systemd-analyze of that version reads a template as. */
static const char *test_instance(const struct dialect *dialect)
{
        return dialect->version.major >= 257 ? "test_instance" : "i";
}

static int set_load(struct sandbox *s, enum load_state load, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/* The first reason stays. */
static int set_load(struct sandbox *s, enum load_state load, const char *fmt, ...)
{
        struct text t = { 0 };
        va_list args;

        s->load = load;
        if (s->load_note)
                return 0;
        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        s->load_note = text_take(&t);
        return s->load_note ? 0 : -ENOMEM;
}

static bool has_sandbox(const char *name)
{
        static const char *const suffixes[] = { ".service", ".socket", ".mount", ".swap" };
        const char *suffix = name_suffix(name);

        for (size_t i = 0; suffix && i < COUNT(suffixes); i++)
                if (strcmp(suffix, suffixes[i]) == 0)
                        return true;
        return false;
}

static int parse_into(struct loader *l, const char *text, size_t length)
{
        struct parse_sink sink = { .own = loader_section(l),
                                   .userdata = l,
                                   .assign = loader_sink_assign,
                                   .odd = loader_sink_odd };
        struct err why = { 0 };
        int r = files_parse(&sink, text, length, &why);

        if (r != 2)
                return r < 0 ? r : 0;
        /* What systemd would read and gird does not leaves the unit unknown; what systemd does
         * not read either is only worth a word, in a drop-in. */
        if (!l->dropin || why.code == -EFBIG || why.code == -EILSEQ)
                return set_load(l->sandbox, LOAD_ERROR, "%s: %s", l->file, why.text);
        return loader_odd(l, 0, "", "", false, "%s; systemd reads no further in this file",
                          why.text);
}

/* Checks the whole and says whether it loads. */
static int finish(struct loader *l)
{
        int r;

        if (l->sandbox->load != LOAD_LOADED && l->sandbox->load != LOAD_TEMPLATE)
                return 0;
        r = check_unit(l);
        if (r < 0 || !l->refusal)
                return r;
        return set_load(l->sandbox, LOAD_BAD_SETTING, "%s", l->refusal);
}

/* Prepares l for s: unit is the name with an instance, owned by the caller. */
static void loader_init(struct loader *l, struct sandbox *s, const struct dialect *dialect,
                        const char *unit, const char *root)
{
        *l = (struct loader){
                .sandbox = s,
                .dialect = dialect,
                .specifiers = { .unit = unit,
                                .root = root,
                                .scope = dialect->scope,
                                .version = dialect->version },
        };
        s->is_service = has_sandbox(s->unit);
}

static char *instantiated(const char *name, const struct dialect *dialect)
{
        return name_kind(name) == NAME_TEMPLATE ? name_with_instance(name, test_instance(dialect))
                                                : strdup(name);
}

int unit_parse(struct sandbox *s, const struct dialect *dialect, const char *file, const char *text,
               size_t length)
{
        scoped(loader_done) struct loader l = { 0 };
        scoped(mem_freep) char *unit = instantiated(s->unit, dialect);
        int r;

        if (!unit)
                return -ENOMEM;
        loader_init(&l, s, dialect, unit, NULL);
        l.file = l.specifiers.fragment = file;
        s->load = name_kind(s->unit) == NAME_TEMPLATE ? LOAD_TEMPLATE : LOAD_LOADED;
        if (length == 0)
                return set_load(s, LOAD_MASKED, "the file is empty, which masks the unit");
        r = parse_into(&l, text, length);
        return r < 0 ? r : finish(&l);
}

/* Why a file could not be read, for a note. */
static int note_unreadable(struct sandbox *s, const char *path, int fault)
{
        switch (fault) {
        case -EFBIG:
                return set_load(s, LOAD_ERROR, "%s is larger than %d MiB, which gird does not read",
                                path, FILE_LIMIT >> 20);
        case -EISDIR:
                return set_load(s, LOAD_ERROR, "%s is a folder, not a file", path);
        case -EINVAL:
                return set_load(s, LOAD_ERROR, "%s is not a regular file", path);
        case -ELOOP:
                return set_load(s, LOAD_NOT_FOUND, "%s: the symbolic links go round in a circle",
                                path);
        default:
                return set_load(s, fault == -ENOENT ? LOAD_NOT_FOUND : LOAD_ERROR,
                                "cannot read %s: %s", path, strerror(-fault));
        }
}

static int read_fragment(struct loader *l, const struct unit_root *r,
                         const struct unit_entry *entry)
{
        struct sandbox *s = l->sandbox;
        scoped(mem_freep) char *bytes = NULL;
        size_t length = 0;
        int q = 0;

        l->file = l->specifiers.fragment = s->facts.fragment;
        if (entry->kind == ENTRY_FILE)
                q = tree_read_regular(index_tree(r->index), s->facts.fragment, FILE_LIMIT, &bytes,
                                      &length);
        else if (entry->kind != ENTRY_MASKED)
                q = tree_read(index_tree(r->index), s->facts.fragment, FILE_LIMIT, &bytes, &length);
        if (q == -ENOMEM)
                return q;
        if (q == -ENOENT && entry->target)
                return set_load(s, LOAD_NOT_FOUND, "%s is a link to %s, which does not exist",
                                s->facts.fragment, entry->target);
        if (q < 0)
                return note_unreadable(s, s->facts.fragment, q);
        if (length == 0)
                return set_load(s, LOAD_MASKED,
                                entry->kind == ENTRY_MASKED
                                        ? "%s is a link to /dev/null, which masks the unit"
                                        : "%s is empty, which masks the unit",
                                s->facts.fragment);
        return parse_into(l, bytes, length);
}

static int read_dropin(struct loader *l, const struct unit_root *r, const char *path)
{
        scoped(mem_freep) char *bytes = NULL;
        size_t length = 0;
        int q = tree_read(index_tree(r->index), path, FILE_LIMIT, &bytes, &length);

        l->file = path;
        if (q == -ENOMEM)
                return q;
        if (q == -ENOENT && dropin_is_null(r, path))
                return 0;
        if (q == -ENOENT || q == -ELOOP || q == -EISDIR)
                return loader_odd(l, 0, "", "", false,
                                  "no file is there, so systemd passes it over");
        if (q < 0)
                return note_unreadable(l->sandbox, path, q);
        if (length == 0)
                return 0;
        q = strv_add(&l->sandbox->facts.dropins, path);
        return q < 0 ? q : parse_into(l, bytes, length);
}

static int read_dropins(struct loader *l, const struct unit_root *r, char *const *names)
{
        scoped(strv_freep) char **paths = NULL;
        int q = dropins_find(r, names, &paths);

        l->dropin = true;
        for (size_t i = 0; q == 0 && paths && paths[i]; i++)
                q = read_dropin(l, r, paths[i]);
        return q;
}

/* Units of the same name that start this one. */
static int find_triggers(struct sandbox *s, const struct unit_root *r, const char *unit)
{
        static const char *const suffixes[] = { ".socket", ".timer", ".path" };
        const char *suffix = name_suffix(unit);
        int q = 0;

        if (!suffix || strcmp(suffix, ".service") != 0)
                return 0;
        for (size_t i = 0; q == 0 && i < COUNT(suffixes); i++) {
                const struct unit_entry *entry = NULL;
                scoped(mem_freep) char *name = text_format("%.*s%s", (int)(suffix - unit), unit,
                                                           suffixes[i]);

                if (!name)
                        return -ENOMEM;
                q = names_resolve(r->index, name, &entry);
                if (q == 0 && entry->kind != ENTRY_MASKED && !strv_has(s->facts.triggers, name))
                        q = strv_add(&s->facts.triggers, name);
                else if (q != -ENOMEM)
                        q = 0;
        }
        return q;
}

/* Why there is nothing by this name that systemd would read. */
static int note_missing(struct sandbox *s, const struct unit_root *r, const char *name, int fault)
{
        const struct unit_entry *entry = index_first(r->index, name);

        if (fault == -ELOOP)
                return set_load(s, LOAD_NOT_FOUND, "the aliases of %s go round in a circle", name);
        if (!entry)
                return set_load(s, LOAD_NOT_FOUND, "there is no unit file %s", name);
        if (entry->kind == ENTRY_FOLDER)
                return set_load(s, LOAD_NOT_FOUND, "%s/%s is a folder, not a file",
                                r->path[entry->dir], name);
        if (entry->kind == ENTRY_ODD)
                return set_load(s, LOAD_NOT_FOUND, "%s/%s is not a regular file",
                                r->path[entry->dir], name);
        if (entry->target)
                return set_load(s, LOAD_NOT_FOUND,
                                "%s/%s is a link to %s, which is no unit file it "
                                "could stand for",
                                r->path[entry->dir], name, entry->target);
        return set_load(s, LOAD_NOT_FOUND, "there is no unit file %s", name);
}

/* The name by which the unit goes: that of its file, with the instance that was asked for. */
static char *primary_name(const char *name, const struct unit_entry *entry)
{
        scoped(mem_freep) char *instance = name_instance(name);

        if (!instance)
                return NULL;
        if (name_kind(entry->name) == NAME_TEMPLATE && name_kind(name) == NAME_INSTANCE)
                return name_with_instance(entry->name, instance);
        return strdup(entry->name);
}

static int read_entry(struct sandbox *s, const struct unit_root *r, const struct dialect *dialect,
                      const struct unit_entry *entry)
{
        scoped(loader_done) struct loader l = { 0 };
        scoped(mem_freep) char *unit = instantiated(s->unit, dialect);
        scoped(strv_freep) char **names = NULL, **aliases = NULL;
        int q;

        s->facts.fragment = entry_path(r, entry);
        if (!unit || !s->facts.fragment)
                return -ENOMEM;
        q = names_aliases(r->index, s->unit, entry, &aliases);
        q = q < 0 ? q : strv_add(&s->facts.names, s->unit);
        q = q < 0 ? q : strv_add(&names, unit);
        for (size_t i = 0; q == 0 && aliases && aliases[i]; i++) {
                q = strv_add(&s->facts.names, aliases[i]);
                q = q < 0 ? q : strv_add(&names, aliases[i]);
        }
        if (q < 0)
                return q;
        loader_init(&l, s, dialect, unit, r->root);
        s->load = name_kind(s->unit) == NAME_TEMPLATE ? LOAD_TEMPLATE : LOAD_LOADED;
        q = read_fragment(&l, r, entry);
        if (q == 0 && (s->load == LOAD_LOADED || s->load == LOAD_TEMPLATE))
                q = read_dropins(&l, r, names);
        q = q < 0 ? q : find_triggers(s, r, s->unit);
        return q < 0 ? q : finish(&l);
}

static int read_name(const struct unit_root *r, const char *name, const struct dialect *dialect,
                     struct sandbox **ret)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(mem_freep) char *primary = NULL;
        const struct unit_entry *entry = NULL;
        int q = index_refresh(r), found;

        if (q < 0)
                return q;
        found = names_resolve(r->index, name, &entry);
        if (found == -ENOMEM)
                return found;
        primary = found == 0 ? primary_name(name, entry) : strdup(name);
        if (!primary)
                return -ENOMEM;
        q = sandbox_new(primary, r->scope, &s);
        if (q < 0)
                return q;
        s->is_service = has_sandbox(primary);
        q = found == 0 ? read_entry(s, r, dialect, entry) : note_missing(s, r, name, found);
        if (q == 0)
                *ret = take(s);
        return q;
}

/* The path as seen inside the root.  One that begins with the root's own path, as a shell
 * completes it, means the same file. */
static char *inside(const struct unit_root *r, const char *path)
{
        scoped(mem_freep) char *here = getcwd(NULL, 0), *whole = NULL, *root = NULL;
        struct stat st;

        whole = path_simplify(here ? here : "/", path);
        if (!whole || !r->root)
                return take(whole);
        root = path_simplify(here ? here : "/", r->root);
        if (!root)
                return NULL;
        if (text_starts(whole, root) && whole[strlen(root)] == '/' &&
            tree_stat(index_tree(r->index), whole, &st) < 0)
                return strdup(whole + strlen(root));
        return take(whole);
}

/* A path: its folder goes in front of the search path, then it is read by its name. */
static int read_path(const struct unit_root *r, const char *path, const struct dialect *dialect,
                     struct sandbox **ret, struct err *e)
{
        scoped(mem_freep) char *whole = inside(r, path);
        scoped(strv_freep) char **search = NULL;
        struct unit_root front = *r;
        const char *base;
        int q;

        if (!whole)
                return -ENOMEM;
        base = strrchr(whole, '/') + 1;
        if (!name_kind(base)) {
                scoped(sandbox_freep) struct sandbox *s = NULL;

                q = sandbox_new(*base ? base : "/", r->scope, &s);
                q = q < 0 ? q
                          : set_load(s, LOAD_ERROR,
                                     "%s is no path of a unit file: its name must "
                                     "end in .service or another unit's suffix",
                                     path);
                if (q == 0)
                        *ret = take(s);
                return q;
        }
        q = strv_addn(&search, whole, base - whole > 1 ? (size_t)(base - whole - 1) : 1);
        for (size_t i = 0; q == 0 && r->path && r->path[i]; i++)
                if (strcmp(r->path[i], search[0]) != 0)
                        q = strv_add(&search, r->path[i]);
        if (q < 0)
                return q;
        front.path = search;
        q = index_new(&front, &front.index, e);
        if (q < 0)
                return q;
        q = read_name(&front, base, dialect, ret);
        index_free(front.index);
        return q;
}

int unit_read(const struct unit_root *r, const char *name, const struct dialect *dialect,
              struct sandbox **ret, struct err *e)
{
        scoped(mem_freep) char *mangled = NULL;
        struct err why = { 0 };
        int q;

        if (strchr(name, '/')) {
                q = read_path(r, name, dialect, ret, e);
                return q < 0 ? err_set(e, q, "cannot read the unit file %s", name) : 0;
        }
        q = unit_name_mangle(name, &mangled, &why);
        if (q == -EINVAL) {
                scoped(sandbox_freep) struct sandbox *s = NULL;

                q = sandbox_new(name, r->scope, &s);
                q = q < 0 ? q : set_load(s, LOAD_NOT_FOUND, "%s", why.text);
                if (q == 0)
                        *ret = take(s);
        } else if (q == 0)
                q = read_name(r, mangled, dialect, ret);
        return q < 0 ? err_set(e, q, "cannot read the unit %s", name) : 0;
}
