/* search_pieces.c - what lies between a looser and a stricter value: members, and rungs. */
#include "core/trial/search_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

void pieces_done(struct pieces *p)
{
        for (size_t i = 0; i < p->count; i++) {
                strv_free(p->list[i].words);
                free(p->list[i].name);
        }
        free(p->list);
        *p = (struct pieces){ 0 };
}

static struct piece *piece_new(struct pieces *p, const char *name)
{
        struct piece *more = realloc(p->list, (p->count + 1) * sizeof(*more));

        if (!more)
                return NULL;
        p->list = more;
        more[p->count] = (struct piece){ .name = strdup(name) };
        if (!more[p->count].name)
                return NULL;
        return &more[p->count++];
}

/* ---- bits ---- */

static const char *bit_name(const struct pieces *p, unsigned bit)
{
        uint64_t flag = 0;
        const char *name;

        if (p->d->kind == KIND_CAPS) {
                name = capability_name(bit);
                return name ? name : "a capability";
        }
        for (size_t i = 0; (name = namespace_name(i, &flag)); i++)
                if (flag == UINT64_C(1) << bit)
                        return name;
        return "a namespace";
}

static int find_bits(struct pieces *p, const struct dialect *dialect)
{
        uint64_t all = p->d->kind == KIND_CAPS ? capability_all(dialect) : namespace_all(dialect);
        uint64_t gone = (p->loose->set ? p->loose->bits & all : all) & ~p->strict->bits;

        for (unsigned bit = 0; bit < 64; bit++) {
                struct piece *piece;

                if (!(gone & UINT64_C(1) << bit))
                        continue;
                piece = piece_new(p, bit_name(p, bit));
                if (!piece)
                        return -ENOMEM;
                piece->bit = UINT64_C(1) << bit;
        }
        return 0;
}

/* ---- words ---- */

/* "read:EPERM" in an allow-list is a call that is denied. */
static bool lists(const struct value *v, const char *word)
{
        size_t n = strcspn(word, ":");

        for (char **w = v->words; w && *w; w++)
                if (strcmp(*w, word) == 0 ||
                    (strncmp(*w, word, n) == 0 && !word[n] && (*w)[n] == ':' && !v->allow))
                        return true;
        return false;
}

static bool lets_through(const struct value *v, const char *word)
{
        return !v->set || lists(v, word) == v->allow;
}

static int add_single(struct pieces *p, const char *word)
{
        struct piece *piece = piece_new(p, word);

        return piece ? strv_add(&piece->words, word) : -ENOMEM;
}

/* Sets that may be allowed or denied, with all the words there are. */
static int find_polar(struct pieces *p)
{
        int r = 0;

        p->hand_back = p->strict->allow;
        if (!p->hand_back) {
                for (char **w = p->strict->words; r == 0 && w && *w; w++)
                        if (lets_through(p->loose, *w))
                                r = add_single(p, *w);
                return r;
        }
        if (p->loose->set && p->loose->allow) {
                for (char **w = p->loose->words; r == 0 && w && *w; w++)
                        if (!lists(p->strict, *w))
                                r = add_single(p, *w);
                return r;
        }
        if (p->d->kind != KIND_FAMILIES)
                return 0; /* nobody knows all there are */
        for (size_t i = 0; r == 0 && family_name(i); i++)
                if (lets_through(p->loose, family_name(i)) && !lists(p->strict, family_name(i)))
                        r = add_single(p, family_name(i));
        return r;
}

static int find_listed(struct pieces *p)
{
        const struct value *from = p->strict, *other = p->loose;
        int r = 0;

        if (p->d->id == D_SystemCallArchitectures || p->d->id == D_AllowedCPUs ||
            p->d->id == D_Delegate || p->d->id == D_CoredumpFilter)
                return 0; /* no word means all */
        p->hand_back = p->d->flags & MORE_IS_LOOSER;
        if (p->hand_back) {
                from = p->loose;
                other = p->strict;
        }
        for (char **w = from->words; r == 0 && w && *w; w++)
                if (!strv_has(other->words, *w))
                        r = add_single(p, *w);
        return r;
}

/* ---- system calls ---- */

/* Groups that are made of groups would make one piece of all. */
static bool is_lump(const char *group)
{
        static const char *const lumps[] = { "@known", "@system-service", "@privileged",
                                             "@default" };

        for (size_t i = 0; i < COUNT(lumps); i++)
                if (strcmp(lumps[i], group) == 0)
                        return true;
        return false;
}

struct sorting {
        struct piece *piece;
        char **left; /* calls that have no piece yet */
};

static int move_call(void *userdata, const char *call)
{
        struct sorting *s = userdata;

        if (!strv_has(s->left, call))
                return 0;
        strv_remove(s->left, call);
        return strv_add(&s->piece->words, call);
}

static int add_groups(struct pieces *p, const struct dialect *dialect, char **left)
{
        for (const struct syscall_group *g = dialect->groups; g && g->name; g++) {
                struct sorting s = { .left = left };
                int r;

                if (is_lump(g->name))
                        continue;
                s.piece = piece_new(p, g->name);
                if (!s.piece)
                        return -ENOMEM;
                r = dialect_expand(dialect, g->name, move_call, &s);
                if (r < 0 && r != -ENOENT)
                        return r;
                if (!s.piece->words) {
                        free(s.piece->name);
                        p->count--;
                }
        }
        return 0;
}

static int find_calls(struct pieces *p, const struct dialect *dialect, bool fine)
{
        scoped(strv_freep) char **gone = NULL;
        struct piece *rest;
        int r = 0;

        p->hand_back = p->strict->allow;
        if (p->hand_back) {
                for (size_t i = 0; r == 0 && syscall_at(i); i++)
                        if (dialect_knows_call(dialect, syscall_at(i)) &&
                            lets_through(p->loose, syscall_at(i)) &&
                            !lists(p->strict, syscall_at(i)))
                                r = strv_add(&gone, syscall_at(i));
        } else
                for (char **w = p->strict->words; r == 0 && w && *w; w++)
                        if (!lists(p->loose, *w))
                                r = strv_addn(&gone, *w, strcspn(*w, ":"));
        if (r == 0 && !fine)
                r = add_groups(p, dialect, gone);
        if (r < 0)
                return r;
        for (char **w = gone; fine && r == 0 && w && *w; w++)
                r = add_single(p, *w);
        if (fine || !gone || !*gone)
                return r;
        rest = piece_new(p, "calls of no group");
        if (!rest)
                return -ENOMEM;
        return strv_copy(gone, &rest->words);
}

int pieces_between(const struct value *loose, const struct value *strict, const struct directive *d,
                   const struct dialect *dialect, bool fine, struct pieces *ret)
{
        struct pieces p = { .d = d, .loose = loose, .strict = strict };
        int r = 0;

        switch (d->kind) {
        case KIND_CAPS:
        case KIND_NAMESPACES:
                r = strict->set ? find_bits(&p, dialect) : 0;
                break;
        case KIND_FAMILIES:
        case KIND_POLAR:
                r = find_polar(&p);
                break;
        case KIND_SYSCALLS:
                r = d->id == D_SystemCallLog ? 0 : find_calls(&p, dialect, fine);
                break;
        case KIND_NAMES:
        case KIND_PATHS:
        case KIND_BINDS:
        case KIND_DEVICES:
        case KIND_ADDRESSES:
        case KIND_PORTS:
        case KIND_LINES:
                r = find_listed(&p);
                break;
        case KIND_DIRS:
        case KIND_BOOL:
        case KIND_CHOICE:
        case KIND_UMASK:
        case KIND_USER:
        case KIND_PATH:
        case KIND_AMOUNT:
        case KIND_TEXT:
                break;
        }
        if (r < 0) {
                pieces_done(&p);
                return r;
        }
        *ret = p;
        return 0;
}

/* Whether the word is one of the piece's, with an errno or without. */
static bool is_of(const struct piece *piece, const char *word, bool calls)
{
        size_t n = strcspn(word, ":");

        for (char **w = piece->words; w && *w; w++)
                if (strcmp(*w, word) == 0 || (calls && strlen(*w) == n && !strncmp(*w, word, n)))
                        return true;
        return false;
}

static bool is_returned(const struct pieces *p, const bool *taken, const char *word)
{
        for (size_t i = 0; i < p->count; i++)
                if (!taken[i] && is_of(&p->list[i], word, p->d->kind == KIND_SYSCALLS))
                        return true;
        return false;
}

int pieces_value(const struct pieces *p, const bool *taken, struct value *ret)
{
        scoped(value_done) struct value v = { .set = true,
                                              .allow = p->strict->allow,
                                              .bits = p->strict->bits };
        bool sorted = p->d->kind == KIND_FAMILIES || p->d->kind == KIND_POLAR ||
                      p->d->kind == KIND_SYSCALLS || p->d->kind == KIND_NAMES;
        int r = 0;

        for (size_t i = 0; i < p->count; i++)
                if (!taken[i])
                        v.bits |= p->list[i].bit;
        for (char **w = p->strict->words; r == 0 && w && *w; w++)
                if (!is_returned(p, taken, *w))
                        r = strv_add(&v.words, *w);
        for (size_t i = 0; p->hand_back && i < p->count; i++)
                for (char **w = p->list[i].words; r == 0 && !taken[i] && w && *w; w++)
                        r = strv_add(&v.words, *w);
        if (r < 0)
                return r;
        if (sorted)
                strv_sort(v.words);
        *ret = v;
        v = (struct value){ 0 };
        return 0;
}

/* ---- rungs ---- */

void rungs_done(struct rungs *r)
{
        for (size_t i = 0; i < r->count; i++)
                value_done(&r->list[i]);
        *r = (struct rungs){ 0 };
}

static bool is_between(const struct value *v, const struct value *loose, const struct value *strict,
                       const struct directive *d, const struct dialect *dialect)
{
        return value_compare(v, loose, d, dialect) == VALUE_STRICTER &&
               value_compare(v, strict, d, dialect) == VALUE_LOOSER;
}

int rungs_between(const struct value *loose, const struct value *strict, const struct directive *d,
                  const struct dialect *dialect, struct rungs *ret)
{
        static const uint64_t masks[] = { 0027, 0026, 0022, 0007 };
        struct rungs rungs = { .count = 0 };
        const struct value *at = strict;

        for (size_t i = 0; d->kind == KIND_UMASK && i < COUNT(masks); i++) {
                struct value v = { .set = true, .bits = masks[i] };

                if (is_between(&v, loose, strict, d, dialect))
                        rungs.list[rungs.count++] = v;
        }
        while (d->kind == KIND_CHOICE && rungs.count < RUNGS) {
                struct value next = { 0 };
                int r = value_step(at, d, dialect, -1, &next);

                if (r < 0) {
                        rungs_done(&rungs);
                        return r;
                }
                if (r > 0)
                        break;
                if (!is_between(&next, loose, strict, d, dialect)) {
                        value_done(&next);
                        break;
                }
                rungs.list[rungs.count] = next;
                at = &rungs.list[rungs.count++];
        }
        *ret = rungs;
        return 0;
}
