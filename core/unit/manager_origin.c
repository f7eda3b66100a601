/* manager_origin.c - from what the manager says and what its files say to one sandbox.
 *
 * The manager knows what holds; only the files know where it was set, and how it was written.
 * So the files that the manager names are read as well: where they lead to what the manager
 * says, their values and origins are taken, and sandbox_imply() can work on them for a
 * what-if.  Where the two differ the manager is right. */
#include "core/unit/manager_private.h"

#include "core/base/base.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/unit/files.h"
#include "core/unit/name.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>

enum { FILE_LIMIT = 16 << 20 };

struct sources {
        struct sandbox *raw;     /* as written */
        struct sandbox *implied; /* with what that brings */
        bool whole; /* every file was read, and the manager has read them as they are */
};

static void sources_done(struct sources *s)
{
        sandbox_free(s->raw);
        sandbox_free(s->implied);
}

/* Reads one file below the manager's root; every link is resolved inside it.
 * 1: it cannot be read from here, which is no fault: the manager's word stands alone then. */
static int read_below(int root, const char *path, char **ret, size_t *ret_length)
{
        struct open_how how = { .flags = O_PATH | O_CLOEXEC,
                                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        scoped(fd_closep) int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
        char self[40];
        int r;

        if (fd < 0)
                return 1;
        snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
        r = file_read(AT_FDCWD, self, FILE_LIMIT, ret, ret_length, NULL);
        return r == -ENOMEM ? r : r < 0 ? 1 : 0;
}

static int parse_one(const struct manager *m, const struct dialect *dialect, const char *path,
                     struct sources *s)
{
        scoped(mem_freep) char *text = NULL;
        size_t length = 0;
        int r = read_below(m->root, path, &text, &length);

        if (r < 0)
                return r;
        if (r > 0) {
                s->whole = false;
                return 0;
        }
        r = unit_parse(s->raw, dialect, path, text, length);
        return r == -ENOMEM ? r : 0;
}

static int read_sources(const struct manager *m, const struct dialect *dialect, const char *unit,
                        const struct reading *r, struct sources *s)
{
        struct dialect manager = *dialect;
        int k = sandbox_new(unit, m->scope, &s->raw);

        s->whole = m->root >= 0;
        if (k >= 0 && m->root >= 0 && r->fragment)
                k = parse_one(m, dialect, r->fragment, s);
        for (char **path = r->dropins; k >= 0 && m->root >= 0 && path && *path; path++)
                k = parse_one(m, dialect, *path, s);
        if (k < 0)
                return k;
        s->raw->load = LOAD_LOADED; /* what holds is the manager's to say, not the parser's */
        manager.version = m->version;
        sandbox_as_reported(s->raw, &manager);
        k = sandbox_copy(s->raw, &s->implied);
        if (k >= 0)
                k = sandbox_imply(s->implied, dialect);
        if (r->needs_reload)
                s->whole = false;
        return k < 0 ? k : 0;
}

static bool includes(char *const *a, char *const *b)
{
        for (; a && *a; a++)
                if (!strv_has(b, *a))
                        return false;
        return true;
}

/* Order and repetition mean nothing.  Lists too long to be looked at so are only compared as
 * they stand. */
static bool same_members(char *const *a, char *const *b)
{
        enum { LOOK_LIMIT = 2048 };

        if (strv_length(a) > LOOK_LIMIT || strv_length(b) > LOOK_LIMIT)
                return strv_equal(a, b);
        return includes(a, b) && includes(b, a);
}

/* The number of a call behind "name" or "name:errno"; -1 for those of other architectures,
 * which are in systemd's groups and not in what it reports. */
static int number_of(const char *word)
{
        char name[64];
        size_t n = strcspn(word, ":");

        if (n >= sizeof(name))
                return -1;
        memcpy(name, word, n);
        name[n] = '\0';
        return syscall_number(name);
}

/* The latest call that every libseccomp knows with which a supported systemd is found; later
 * ones are in groups of a systemd whose libseccomp leaves them out. */
enum { LAST_SURE_CALL = 450 };

/* Both sorted, so that a filter of hundreds of calls costs one walk. */
static bool same_calls(char *const *files, char *const *manager)
{
        while ((files && *files) || (manager && *manager)) {
                int order = !files || !*files       ? 1
                            : !manager || !*manager ? -1
                                                    : strcmp(*files, *manager);
                int number = number_of(order <= 0 ? *files : *manager);

                if (order < 0 && number >= 0 && number <= LAST_SURE_CALL)
                        return false;
                if (order > 0 && number >= 0)
                        return false;
                if (order <= 0)
                        files++;
                if (order >= 0)
                        manager++;
        }
        return true;
}

static bool is_same(const struct manager *m, const struct directive *d,
                    const struct dialect *dialect, const struct value *a, const struct value *b)
{
        bool plain = manager_is_default(m, d, dialect, a);

        if (plain || manager_is_default(m, d, dialect, b))
                return plain && manager_is_default(m, d, dialect, b);
        switch (d->kind) {
        case KIND_CAPS:
                /* The manager may carry bits of capabilities that this kernel lacks. */
                return ((a->bits ^ b->bits) & caps_all(dialect)) == 0;
        case KIND_NAMESPACES:
                return (uint32_t)(a->bits ^ b->bits) == 0;
        case KIND_SYSCALLS:
                return a->allow == b->allow && same_calls(a->words, b->words);
        case KIND_NAMES:
        case KIND_PATHS:
        case KIND_DEVICES:
        case KIND_ADDRESSES:
                return same_members(a->words, b->words);
        default:
                return value_equal(a, b);
        }
}

/* Kinds that the manager reports in a form of its own (bytes for "10%", resolved paths): what
 * the files say is what a person knows, and what can be written back. */
static bool is_better_in_words(const struct directive *d)
{
        switch (d->kind) {
        case KIND_AMOUNT:
        case KIND_TEXT:
        case KIND_LINES:
        case KIND_BINDS:
        case KIND_DIRS:
        case KIND_PORTS:
                return true;
        default:
                return d->id == D_AllowedCPUs || d->id == D_CoredumpFilter || d->id == D_NFTSet ||
                       d->id == D_Delegate;
        }
}

static int copy_origin(const struct origin *from, struct origin *to)
{
        char *file = from->file ? strdup(from->file) : NULL;

        if (from->file && !file)
                return -ENOMEM;
        free(to->file);
        *to = *from;
        to->file = file;
        return 0;
}

static int merge_one(const struct manager *m, const struct directive *d,
                     const struct dialect *dialect, const struct sources *files, struct reading *r,
                     struct sandbox *s)
{
        const struct setting *raw = &files->raw->settings[d->id];
        struct setting *into = &s->settings[d->id];
        struct value *said = &r->values[d->id];
        int k;

        if (d->id == D_UMask && m->scope == SCOPE_USER && !raw->value.set && said->set) {
                s->umask = (unsigned)said->bits; /* the manager's own */
                return 0;
        }
        if (!r->seen[d->id] || (raw->value.set && files->whole && is_better_in_words(d)) ||
            is_same(m, d, dialect, &files->implied->settings[d->id].value, said)) {
                k = value_copy(&raw->value, &into->value);
                return k < 0 ? k : copy_origin(&raw->origin, &into->origin);
        }
        if (manager_is_default(m, d, dialect, said))
                return 0;
        if (d->kind == KIND_CAPS) /* bits past the last capability are systemd's "all" */
                said->bits &= caps_all(dialect);
        if (d->kind == KIND_NAMESPACES)
                said->bits &= UINT32_MAX;
        sandbox_set(s, d->id, said, ORIGIN_MANAGER);
        /* The files set it, and the manager reports it in other words. */
        if (raw->value.set && files->whole)
                return copy_origin(&raw->origin, &into->origin);
        return 0;
}

static enum load_state load_of(const char *word)
{
        static const struct {
                const char *word;
                enum load_state state;
        } known[] = { { "loaded", LOAD_LOADED }, { "merged", LOAD_LOADED },
                      { "stub", LOAD_LOADED },   { "not-found", LOAD_NOT_FOUND },
                      { "masked", LOAD_MASKED }, { "bad-setting", LOAD_BAD_SETTING } };

        for (size_t i = 0; word && i < COUNT(known); i++)
                if (strcmp(known[i].word, word) == 0)
                        return known[i].state;
        return LOAD_ERROR;
}

static int fill_load(const char *name, struct reading *r, struct sandbox *s)
{
        s->load = load_of(r->load_state);
        if (s->load == LOAD_LOADED) {
                if (name_kind(name) == NAME_TEMPLATE)
                        s->load = LOAD_TEMPLATE;
                return 0;
        }
        s->load_note = r->load_error
                               ? take(r->load_error)
                               : text_format("systemd says %s",
                                             r->load_state ? r->load_state : "nothing about it");
        return s->load_note ? 0 : -ENOMEM;
}

/* The primary name first. */
static int fill_names(const char *name, struct reading *r, struct unit_facts *facts)
{
        int k = strv_add(&facts->names, name);

        for (char **other = r->names; k >= 0 && name_kind(name) != NAME_TEMPLATE && other && *other;
             other++)
                if (strcmp(*other, name) != 0)
                        k = strv_add(&facts->names, *other);
        return k;
}

static int fill_facts(const char *name, struct reading *r, struct sources *files, struct sandbox *s)
{
        struct unit_facts *facts = &s->facts;
        int k = fill_names(name, r, facts);

        facts->description = take(r->description);
        facts->fragment = take(r->fragment);
        facts->bus_name = take(r->bus_name);
        facts->dropins = take(r->dropins);
        facts->triggers = take(r->triggers);
        facts->conditions = take(r->conditions);
        /* The manager's list has what it adds to every unit; the files' is as written. */
        facts->requires = files->whole ? take(files->raw->facts.requires) : take(r->requires);
        facts->exec = take(r->exec);
        facts->exec_count = r->exec_count;
        r->exec_count = 0;
        return k;
}

static int fill_oddities(const struct reading *r, struct sources *files, struct sandbox *s)
{
        s->oddities = take(files->raw->oddities);
        s->oddity_count = files->raw->oddity_count;
        files->raw->oddity_count = 0;
        if (!r->needs_reload)
                return 0;
        return sandbox_oddity(
                s, s->facts.fragment ? s->facts.fragment : "", 0, "NeedDaemonReload", "yes", false,
                "the files have changed since systemd read them; what holds is shown, "
                "not what they say now (systemctl daemon-reload)");
}

/* What systemd did not load has no values of the manager's: what its files say stands. */
static int fill_settings(const struct manager *m, const struct dialect *dialect,
                         struct sources *files, struct reading *r, struct sandbox *s)
{
        const struct directive *d;
        int k = 0;

        if (s->load == LOAD_NOT_FOUND || s->load == LOAD_MASKED)
                return 0;
        for (size_t i = 0; k >= 0 && (d = directive_at(i)); i++) {
                if (s->load != LOAD_LOADED && s->load != LOAD_TEMPLATE)
                        r->seen[d->id] = false;
                k = merge_one(m, d, dialect, files, r, s);
        }
        return k;
}

static bool has_exec(const char *name)
{
        return text_ends(name, ".service") || text_ends(name, ".socket") ||
               text_ends(name, ".mount") || text_ends(name, ".swap");
}

int manager_merge(const struct manager *m, const struct dialect *dialect, const char *name,
                  struct reading *r, struct sandbox **ret)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(sources_done) struct sources files = { 0 };
        scoped(mem_freep) char *unit = NULL;
        bool template = name_kind(name) == NAME_TEMPLATE;
        int k;

        unit = strdup(template || !r->id ? name : r->id);
        if (!unit)
                return -ENOMEM;
        k = sandbox_new(unit, m->scope, &s);
        if (k >= 0)
                k = read_sources(m, dialect, r->id ? r->id : name, r, &files);
        if (k >= 0)
                k = fill_load(name, r, s);
        s->is_service = has_exec(name);
        s->from_manager = true;
        if (k >= 0)
                k = fill_settings(m, dialect, &files, r, s);
        if (k >= 0)
                k = fill_facts(unit, r, &files, s);
        if (k >= 0)
                k = fill_oddities(r, &files, s);
        if (k < 0)
                return k;
        *ret = take(s);
        return 0;
}
