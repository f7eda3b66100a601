/* view_edit_marks.c - the model of the set editor: what can be ticked, and what a tick means
 * for the value. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/view_edit.h"

#include <errno.h>
#include <string.h>

static bool is_bits(const struct set_view *v)
{
        return v->edit.directive->kind == KIND_CAPS || v->edit.directive->kind == KIND_NAMESPACES;
}

/* Lists that can say what they allow or what they deny. */
static bool is_polar(const struct set_view *v)
{
        return v->edit.directive->kind == KIND_FAMILIES || v->edit.directive->kind == KIND_SYSCALLS;
}

static uint64_t all_bits(const struct set_view *v)
{
        return v->edit.directive->kind == KIND_CAPS ? capability_all(v->edit.dialect)
                                                    : namespace_all(v->edit.dialect);
}

static uint64_t bits_of(const struct set_view *v, const struct value *value)
{
        if (value->set)
                return value->bits;
        return edit_unset_is_all(v->edit.directive) ? all_bits(v) : 0;
}

/* The place of the first word that does not sort before name. */
static size_t lower_bound(char *const *words, size_t n, const char *name)
{
        size_t from = 0;

        while (from < n) {
                size_t middle = from + (n - from) / 2;

                if (strcmp(words[middle], name) < 0)
                        from = middle + 1;
                else
                        n = middle;
        }
        return from;
}

static bool has_word(char *const *words, const char *name)
{
        size_t n = strv_length(words), at = lower_bound(words, n, name);

        return at < n && strcmp(words[at], name) == 0;
}

/* The word "name:ERRNO"; NULL: there is none. */
static const char *with_errno(char *const *words, const char *name)
{
        scoped(mem_freep) char *prefix = text_format("%s:", name);
        size_t n = strv_length(words), at = prefix ? lower_bound(words, n, prefix) : n;

        return at < n && text_starts(words[at], prefix) ? words[at] : NULL;
}

const char *set_errno(const struct set_view *v, const char *name)
{
        const char *word = with_errno(v->edit.value.words, name);

        return word ? strrchr(word, ':') + 1 : NULL;
}

/* A name in a list of words: allowed by it? */
static bool permits(const struct set_view *v, const struct value *value, const char *name)
{
        if (!is_polar(v))
                return has_word(value->words, name);
        if (!value->set)
                return edit_unset_is_all(v->edit.directive);
        if (value->allow) /* a word with an errno is denied there, too */
                return has_word(value->words, name);
        return !has_word(value->words, name) && !with_errno(value->words, name);
}

const char *set_row_name(const struct set_view *v, const struct set_row *row)
{
        const struct member *m = &v->members[row->member];

        return row->leaf < 0 ? m->name : m->leaves[row->leaf];
}

enum mark set_mark(const struct set_view *v, const struct value *value, const struct set_row *row)
{
        const struct member *m = &v->members[row->member];
        size_t on = 0;

        if (is_bits(v))
                return (bits_of(v, value) & m->bit ? true : false) != v->denies ? MARK_ALL
                                                                                : MARK_NONE;
        if (row->leaf >= 0 || !m->leaves)
                return permits(v, value, set_row_name(v, row)) != v->denies ? MARK_ALL : MARK_NONE;
        for (char **leaf = m->leaves; *leaf; leaf++)
                on += permits(v, value, *leaf) != v->denies;
        return on == 0 ? MARK_NONE : on == strv_length(m->leaves) ? MARK_ALL : MARK_SOME;
}

static int add_member(struct set_view *v, const char *name, uint64_t bit)
{
        struct member *longer = realloc(v->members, (v->member_count + 1) * sizeof(*longer));

        if (!longer)
                return -ENOMEM;
        v->members = longer;
        longer[v->member_count] = (struct member){ .name = strdup(name), .bit = bit };
        return longer[v->member_count++].name ? 0 : -ENOMEM;
}

/* A name that libseccomp does not know is in no filter, whatever the group says. */
static int got_leaf(void *userdata, const char *call)
{
        return syscall_index(call) < 0 ? 0 : strv_add(userdata, call);
}

static int add_groups(struct set_view *v)
{
        int r = 0;

        for (const struct syscall_group *g = v->edit.dialect->groups; r >= 0 && g->name; g++) {
                struct member *m;

                if (strcmp(g->name, "@known") == 0) /* everything: A does that */
                        continue;
                r = add_member(v, g->name, 0);
                m = &v->members[v->member_count - 1];
                if (r >= 0)
                        r = dialect_expand(v->edit.dialect, g->name, got_leaf, &m->leaves);
                if (r >= 0 && !m->leaves)
                        r = (m->leaves = calloc(1, sizeof(char *))) ? 0 : -ENOMEM;
                if (r >= 0)
                        strv_sort(m->leaves);
        }
        return r;
}

/* The known words that this version takes. */
static int add_vocabulary(struct set_view *v, int which)
{
        const struct directive *d = v->edit.directive;
        const char *word;
        int r = 0;

        for (size_t i = 0; r >= 0 && (word = vocabulary_word((enum vocabulary)which, i)); i++) {
                scoped(value_done) struct value value = { 0 };
                struct err note = { 0 };

                r = value_assign(&value, d, v->edit.dialect, word, &note);
                if (r == ASSIGN_TAKEN && !note.text[0])
                        r = add_member(v, word, 0);
        }
        return r < 0 ? r : 0;
}

static int add_members(struct set_view *v)
{
        const struct dialect *dialect = v->edit.dialect;
        uint64_t flag = 0;
        const char *name;
        int r = 0;

        switch (v->edit.directive->kind) {
        case KIND_CAPS:
                for (unsigned i = 0;
                     r >= 0 && i <= dialect->last_cap && (name = capability_name(i)); i++)
                        r = add_member(v, name, UINT64_C(1) << i);
                return r;
        case KIND_NAMESPACES:
                for (size_t i = 0; r >= 0 && (name = namespace_name(i, &flag)); i++)
                        if (namespace_flag(dialect, name))
                                r = add_member(v, name, flag);
                return r;
        case KIND_FAMILIES:
                for (size_t i = 0; r >= 0 && (name = family_name(i)); i++)
                        r = add_member(v, name, 0);
                return r;
        case KIND_SYSCALLS:
                return add_groups(v);
        default: /* lists of known words */
                return add_vocabulary(v, vocabulary_of(v->edit.directive->id));
        }
}

static bool is_member(const struct set_view *v, const char *name)
{
        for (size_t i = 0; i < v->member_count; i++)
                if (strcmp(v->members[i].name, name) == 0 ||
                    (v->members[i].leaves && has_word(v->members[i].leaves, name)))
                        return true;
        return false;
}

/* A word of the value that no group or vocabulary knows becomes a row of its own. */
static int add_stray(struct set_view *v, const char *word)
{
        bool has_errno = v->edit.directive->kind == KIND_SYSCALLS;
        size_t n = has_errno ? strcspn(word, ":") : strlen(word);
        scoped(mem_freep) char *name = text_format("%.*s", (int)n, word);

        if (!name)
                return -ENOMEM;
        return is_member(v, name) ? 0 : add_member(v, name, 0);
}

static int add_strays(struct set_view *v)
{
        int r = 0;

        for (char **word = v->edit.value.words; r >= 0 && word && *word; word++)
                r = add_stray(v, *word);
        return r;
}

int set_arrange(struct set_view *v)
{
        size_t n = 0, count = 0;
        struct set_row *rows;
        int r = add_strays(v);

        if (r < 0)
                return r;
        for (size_t i = 0; i < v->member_count; i++)
                count += 1 + (v->members[i].open ? strv_length(v->members[i].leaves) : 0);
        rows = realloc(v->rows, (count ? count : 1) * sizeof(*rows));
        if (!rows)
                return -ENOMEM;
        for (size_t i = 0; i < v->member_count; i++) {
                rows[n++] = (struct set_row){ i, -1 };
                for (size_t j = 0; v->members[i].open && v->members[i].leaves[j]; j++)
                        rows[n++] = (struct set_row){ i, (int)j };
        }
        v->rows = rows;
        v->row_count = n;
        if (v->cursor >= (int)n)
                v->cursor = n ? (int)n - 1 : 0;
        if (is_polar(v) && v->edit.value.set)
                v->denies = !v->edit.value.allow;
        return 0;
}

int set_init(struct set_view *v)
{
        int r = add_members(v);

        v->denies = is_polar(v) && !v->edit.value.set && edit_unset_is_all(v->edit.directive);
        return r < 0 ? r : set_arrange(v);
}

void set_done(struct set_view *v)
{
        for (size_t i = 0; i < v->member_count; i++) {
                free(v->members[i].name);
                strv_free(v->members[i].leaves);
        }
        free(v->members);
        free(v->rows);
        edit_done(&v->edit);
}

static int set_bits(struct set_view *v, uint64_t bits)
{
        struct value value = { .set = true, .bits = bits & all_bits(v) };

        return edit_replace(&v->edit, &value);
}

/* A value made of one line and nothing before it.  Words that this machine lacks do not count:
 * the groups name calls of all architectures. */
static int set_line(struct set_view *v, const char *line, struct err *e)
{
        scoped(value_done) struct value value = { 0 };
        struct err note = { 0 };
        int r = value_assign(&value, v->edit.directive, v->edit.dialect, line, &note);

        if (r < 0)
                return err_set(e, r, "cannot set %s", v->edit.directive->name);
        if (r != ASSIGN_TAKEN)
                return err_say(e, -EINVAL, "%s", note.text);
        return edit_replace(&v->edit, &value);
}

static int set_unset(struct set_view *v)
{
        struct value value = { 0 };

        return edit_replace(&v->edit, &value);
}

/* A list of known words, with one more or one less. */
static int tick_word(struct set_view *v, const char *name, bool on, struct err *e)
{
        scoped(strv_freep) char **words = NULL;
        scoped(mem_freep) char *line = NULL;
        int r = strv_copy(v->edit.value.words, &words);

        strv_remove(words, name);
        if (r >= 0 && on)
                r = strv_add(&words, name);
        line = r < 0 ? NULL : strv_join(words, " ");
        if (!line)
                return err_set(e, -ENOMEM, "cannot set %s", v->edit.directive->name);
        return *line ? set_line(v, line, e) : set_unset(v);
}

/* One more line, as a unit file would have it.  A list that denies nothing is none. */
static int tick_line(struct set_view *v, const char *name, bool on, struct err *e)
{
        scoped(mem_freep) char *line = text_format("%s%s", on == v->denies ? "~" : "", name);
        scoped(value_done) struct value value = { 0 };
        int r = line ? value_copy(&v->edit.value, &value) : -ENOMEM;

        if (r >= 0)
                r = value_assign(&value, v->edit.directive, v->edit.dialect, line, NULL);
        if (r < 0)
                return err_set(e, r, "cannot set %s", v->edit.directive->name);
        if (!value.allow && !value.words && edit_unset_is_all(v->edit.directive))
                value_done(&value);
        return edit_replace(&v->edit, &value);
}

int set_tick(struct set_view *v, const struct set_row *row, bool on, struct err *e)
{
        uint64_t bits = bits_of(v, &v->edit.value), bit = v->members[row->member].bit;

        if (is_bits(v))
                return set_bits(v, on != v->denies ? bits | bit : bits & ~bit);
        if (!is_polar(v))
                return tick_word(v, set_row_name(v, row), on, e);
        return tick_line(v, set_row_name(v, row), on, e);
}

int set_add(struct set_view *v, const char *text, struct err *e)
{
        scoped(value_done) struct value typed = { 0 };
        bool as_typed = *text == '~' || !is_polar(v);
        /* A call with an errno of its own is always one that is denied. */
        bool deny = !as_typed && (v->denies || strchr(text, ':'));
        scoped(mem_freep) char *line = text_format("%s%s", deny ? "~" : "", text);
        char *lines[] = { line, NULL };
        uint64_t bits = bits_of(v, &v->edit.value);
        int r;

        if (!line)
                return err_set(e, -ENOMEM, "cannot set %s", v->edit.directive->name);
        r = edit_read(&v->edit, lines, &typed, e); /* says what is wrong with it */
        if (r < 0)
                return r;
        if (!is_bits(v))
                return edit_assign(&v->edit, line, e);
        if (*text == '~')
                return set_bits(v, bits & typed.bits);
        return set_bits(v, v->denies ? bits & ~typed.bits : bits | typed.bits);
}

int set_none(struct set_view *v, struct err *e)
{
        if (is_bits(v))
                return set_bits(v, v->denies ? all_bits(v) : 0);
        if (!is_polar(v) || v->denies == edit_unset_is_all(v->edit.directive))
                return set_unset(v);
        if (v->denies) /* everything in a list that grants */
                return set_line(v, "~", e);
        return set_line(v, v->edit.directive->kind == KIND_FAMILIES ? "none" : "@default", e);
}

/* Names of all members that are permitted, or of those that are not. */
static int names_of(const struct set_view *v, bool permitted, char ***ret)
{
        scoped(strv_freep) char **list = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < v->member_count; i++) {
                const struct member *m = &v->members[i];

                if (!m->leaves && permits(v, &v->edit.value, m->name) == permitted)
                        r = strv_add(&list, m->name);
                for (char **leaf = m->leaves; r >= 0 && leaf && *leaf; leaf++)
                        if (permits(v, &v->edit.value, *leaf) == permitted)
                                r = strv_add(&list, *leaf);
        }
        if (r >= 0)
                *ret = take(list);
        return r;
}

/* The value that is a list of these names, of those allowed or of those denied. */
static int set_list(struct set_view *v, bool denies, char *const *names, struct err *e)
{
        scoped(mem_freep) char *joined = strv_join(names, " ");
        scoped(mem_freep) char *line = joined ? text_format("%s%s", denies ? "~" : "", joined)
                                              : NULL;
        int r;

        if (!line)
                return err_set(e, -ENOMEM, "cannot set %s", v->edit.directive->name);
        v->denies = denies;
        r = names && *names ? set_line(v, line, e) : set_none(v, e);
        if (r < 0)
                v->denies = !denies;
        return r;
}

int set_all(struct set_view *v, struct err *e)
{
        scoped(strv_freep) char **names = NULL;
        bool denies = v->denies;
        int r = 0;

        if (is_bits(v))
                return set_bits(v, denies ? 0 : all_bits(v));
        for (size_t i = 0; r >= 0 && i < v->member_count; i++)
                r = strv_add(&names, v->members[i].name);
        if (r >= 0)
                r = set_list(v, denies, names, e);
        v->denies = denies;
        return r;
}

int set_invert(struct set_view *v, struct err *e)
{
        scoped(strv_freep) char **names = NULL;
        int r;

        if (is_bits(v)) { /* the value is the same, only the ticks turn round */
                v->denies = !v->denies;
                return 0;
        }
        if (!is_polar(v))
                return 1;
        r = names_of(v, v->denies, &names);
        return r < 0 ? r : set_list(v, !v->denies, names, e);
}
