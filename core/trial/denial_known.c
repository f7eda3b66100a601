/* denial_known.c - what a behaviour did and failed to do, to be asked about single acts.
 *
 * Names with numbers are folded, and of a path its folder is remembered as well: what differs from
 * start to start finds its like. */
#include "core/trial/denial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ERRORS = 192 };

/* Of a path: it was dealt with at all.  No ACCESS_* bit. */
static const uint64_t ANYTHING = 1ULL << 63;

void known_deeds_done(struct known_deeds *k)
{
        for (size_t i = 0; i < k->count; i++)
                free(k->list[i].key);
        free(k->list);
        *k = (struct known_deeds){ 0 };
}

/* ---- keys ---- */

/* "/run/x/123.sock" is "/run/x/#.sock". */
static void add_folded(struct text *t, const char *path, size_t length)
{
        for (size_t i = 0; i < length;) {
                size_t n = strspn(path + i, "0123456789");

                if (n > length - i)
                        n = length - i;
                if (n) {
                        text_add(t, "#");
                        i += n;
                } else
                        text_addn(t, path + i++, 1);
        }
}

/* what: 'p' the path itself, 'c' what lies right in it, 'g' all that varies below it. */
static char *path_key(char what, const char *path, size_t length)
{
        struct text t = { 0 };

        text_addf(&t, "%d%c ", (int)ACT_PATH, what);
        add_folded(&t, path, length);
        return text_take(&t);
}

/* Where it goes to, whichever call it is; whole: with the address. */
static char *peer_key(const struct act *a, bool whole)
{
        return text_format("%d%c %" PRIu64 " %" PRIu64 " %" PRIu64 " %s", (int)a->kind,
                           whole ? 'a' : 'p', a->a, a->b & UINT32_MAX, a->c,
                           whole && a->text ? a->text : "");
}

static char *act_key(const struct act *a)
{
        const char *text = a->text ? a->text : "";

        switch (a->kind) {
        case ACT_PATH:
                return path_key(a->flags & ACT_GENERAL ? 'g' : 'p', text, strlen(text));
        case ACT_BIND:
        case ACT_CONNECT:
                return peer_key(a, true);
        case ACT_CALL:
        case ACT_REFUSED:
                return text_format("%d %s", (int)ACT_CALL, a->name ? a->name : "");
        case ACT_KILLED:
                return text_format("%d %" PRIu64 " %s", (int)a->kind, a->a, a->name ? a->name : "");
        case ACT_ARGS:
        case ACT_SOCKET:
        case ACT_PEER:
        case ACT_EXEC:
        case ACT_CAP:
        case ACT_SIGNAL:
        case ACT_FOREIGN:
        case ACT_KINDS:
                break;
        }
        return text_format("%d %s %" PRIx64 " %" PRIx64 " %" PRIx64, (int)a->kind,
                           a->name ? a->name : "", a->a, a->b, a->c);
}

/* ---- filling ---- */

/* Errors that say the thing is there, or on its way. */
static bool is_as_good_as_done(const struct act *a)
{
        return a->error == 0 || a->error == EEXIST || a->error == EINPROGRESS ||
               a->error == EISCONN || a->error == EALREADY || a->error == EPROTOTYPE;
}

/* SIGSYS has a number beyond all errors. */
static int error_of(const struct act *a)
{
        return a->kind == ACT_REFUSED && a->a ? ERRORS - 1 : a->error;
}

static uint64_t wanted(const struct act *a)
{
        return a->kind == ACT_PATH ? (a->a & ~(uint64_t)ACCESS_MADE) | ANYTHING : 1;
}

static int put(struct known_deeds *k, char *key, const struct act *a)
{
        struct done *d;

        if (!key)
                return -ENOMEM;
        if (k->count == k->room) {
                size_t room = k->room ? k->room * 2 : 256;
                struct done *longer = reallocarray(k->list, room, sizeof(*longer));

                if (!longer) {
                        free(key);
                        return -ENOMEM;
                }
                k->list = longer;
                k->room = room;
        }
        d = &k->list[k->count++];
        *d = (struct done){ .key = key };
        if (is_as_good_as_done(a) && a->kind != ACT_KILLED && a->kind != ACT_REFUSED)
                d->done = wanted(a);
        else {
                d->failed = wanted(a);
                if (error_of(a) > 0 && error_of(a) < ERRORS)
                        d->errors[error_of(a) / 64] |= 1ULL << (error_of(a) % 64);
        }
        d->made = a->kind == ACT_PATH && (a->flags & ACT_TEMPORARY ||
                                          (a->error == 0 && a->a & (ACCESS_MADE | ACCESS_DELETE)) ||
                                          (a->error == 0 && a->a & ACCESS_CREATE &&
                                           !(a->a & (ACCESS_READ | ACCESS_WRITE))));
        return 0;
}

static int put_act(struct known_deeds *k, const struct act *a)
{
        const char *slash = a->text ? strrchr(a->text, '/') : NULL;
        int r = put(k, act_key(a), a);

        if (r == 0 && a->kind == ACT_PATH && slash && !(a->flags & ACT_GENERAL))
                r = put(k, path_key('c', a->text, slash == a->text ? 1 : (size_t)(slash - a->text)),
                        a);
        if (r == 0 && (a->kind == ACT_CONNECT || a->kind == ACT_BIND))
                r = put(k, peer_key(a, false), a);
        return r;
}

static int by_key(const void *a, const void *b)
{
        const struct done *x = a, *y = b;

        return strcmp(x->key, y->key);
}

static void merge(struct known_deeds *k)
{
        size_t kept = 0;

        if (k->count > 1)
                qsort(k->list, k->count, sizeof(*k->list), by_key);
        for (size_t i = 0; i < k->count; i++) {
                struct done *last = kept ? &k->list[kept - 1] : NULL;

                if (!last || strcmp(last->key, k->list[i].key) != 0) {
                        k->list[kept++] = k->list[i];
                        continue;
                }
                last->done |= k->list[i].done;
                last->failed |= k->list[i].failed;
                for (size_t e = 0; e < COUNT(last->errors); e++)
                        last->errors[e] |= k->list[i].errors[e];
                last->made |= k->list[i].made;
                free(k->list[i].key);
        }
        k->count = kept;
}

int known_deeds_of(const struct behaviour *b, struct known_deeds *ret)
{
        scoped(known_deeds_done) struct known_deeds k = { 0 };
        int r = 0;

        for (size_t i = 0; r == 0 && b && i < b->act_count; i++)
                r = put_act(&k, &b->acts[i]);
        if (r < 0)
                return r;
        merge(&k);
        *ret = k;
        k = (struct known_deeds){ 0 };
        return 0;
}

/* ---- asking ---- */

static const struct done *find(const struct known_deeds *k, const char *key)
{
        const struct done wanted_key = { .key = (char *)key };

        if (k->count == 0)
                return NULL;
        return bsearch(&wanted_key, k->list, k->count, sizeof(*k->list), by_key);
}

/* Whether the failures of d were of what a wants. */
static bool failed_at(const struct done *d, const struct act *a)
{
        return a->kind != ACT_PATH || a->a == 0 || d->failed & a->a;
}

/* Adds what is known by one key; takes the key over. */
static int consult(const struct known_deeds *k, char *key, const struct act *a, struct done *sum)
{
        const struct done *d;

        if (!key)
                return -ENOMEM;
        d = find(k, key);
        free(key);
        if (!d)
                return 0;
        sum->done |= d->done;
        sum->failed |= d->failed;
        sum->made |= d->made;
        if (failed_at(d, a))
                for (size_t e = 0; e < COUNT(sum->errors); e++)
                        sum->errors[e] |= d->errors[e];
        return 0;
}

/* A path: itself; what varies below a folder above it; of what varies, the names seen there, of
 * which one that failed says nothing of the others. */
static int consult_path(const struct known_deeds *k, const struct act *a, struct done *sum)
{
        const char *text = a->text ? a->text : "";
        size_t n = strlen(text);
        struct done names = { 0 };
        int r = 0;

        if (!(a->flags & ACT_GENERAL))
                r = consult(k, path_key('p', text, n), a, sum);
        else
                r = consult(k, path_key('c', text, n), a, &names);
        sum->done |= names.done;
        sum->made |= names.made;
        while (r == 0 && n > 0) {
                r = consult(k, path_key('g', text, n), a, sum);
                while (n > 1 && text[n - 1] != '/')
                        n--;
                n -= n > 0;
        }
        return r;
}

/* Whether it made the folder that the path lies in, or one above it. */
static int is_below_own(const struct known_deeds *k, const char *text, bool *ret)
{
        size_t n = strlen(text);

        for (*ret = false; n > 1 && !*ret;) {
                struct done sum = { 0 };
                struct act any = { .kind = ACT_PATH };
                int r;

                while (n > 1 && text[n - 1] != '/')
                        n--;
                if (--n == 0)
                        break;
                r = consult(k, path_key('p', text, n), &any, &sum);
                if (r < 0)
                        return r;
                *ret = sum.made;
        }
        return 0;
}

static bool failed_alike(const struct done *d, const struct act *a)
{
        int error = error_of(a);

        return error > 0 && error < ERRORS && d->errors[error / 64] >> (error % 64) & 1;
}

/* Peers of one port may have many addresses. */
static bool has_port(const struct act *a)
{
        return (a->kind == ACT_CONNECT || a->kind == ACT_BIND) &&
               (a->a == AF_INET || a->a == AF_INET6);
}

static int look_up(const struct known_deeds *k, const struct act *a, struct done *sum)
{
        int r = a->kind == ACT_PATH ? consult_path(k, a, sum) : consult(k, act_key(a), a, sum);

        if (r == 0 && has_port(a) && !sum->done && !sum->failed)
                r = consult(k, peer_key(a, false), a, sum);
        return r;
}

int known_deeds_ask(const struct known_deeds *k, const struct act *a, enum once *ret)
{
        struct done sum = { 0 };
        uint64_t want = wanted(a);
        bool own = false;
        int r = look_up(k, a, &sum);

        if (r == 0 && a->kind == ACT_PATH && a->text)
                r = is_below_own(k, a->text, &own);
        if (r < 0)
                return r;
        if (failed_alike(&sum, a))
                *ret = ONCE_SAME;
        else if ((sum.done & want) == want)
                *ret = sum.made || own ? ONCE_OWN : ONCE_DONE;
        else if (sum.failed & want & ~ANYTHING)
                *ret = ONCE_FAILED;
        else
                *ret = ONCE_NEVER;
        return 0;
}

int known_deeds_did(const struct known_deeds *k, const struct act *a, bool *ret)
{
        struct done sum = { 0 };
        uint64_t want = wanted(a);
        int r = look_up(k, a, &sum);

        *ret = (sum.done & want) == want;
        return r;
}

bool known_deeds_called(const struct known_deeds *k, const char *call)
{
        scoped(mem_freep) char *key = text_format("%d %s", (int)ACT_CALL, call);
        const struct done *d = key ? find(k, key) : NULL;

        return d && d->done;
}
