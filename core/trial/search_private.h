/* search_private.h - what the files of the search share: the set in hand, and whom to ask.
 *
 * The engine knows nothing of twins: it hands sets of changes to a searcher and reads outcomes, so
 * a test can be the service. */
#pragma once

#include "core/trial/search.h"

/* ---- whom the engine asks ---- */

struct searcher {
        /* Tries each set; .summary of an outcome is NULL where there is none (it ended before).
         * < 0: fault; -ECANCELED and -ETIME (end is over) leave what was got in ret. */
        int (*ask)(void *userdata, const struct profile *const *sets, size_t count, uint64_t end,
                   struct outcome *ret, struct err *e);
        uint64_t (*now)(void *userdata); /* microseconds; NULL: job_now() */
        void *userdata;
        size_t width; /* how many sets at a time make sense */
};
int search_engine(const struct search_options *o, const struct searcher *with, struct search *ret,
                  struct err *e);

/* ---- search_cache.c: what was tried already ---- */

struct engine;
struct cache {
        struct cached **entries;
        size_t count;
};
struct cached {
        char *key;
        struct profile *set;
        struct outcome outcome;
};
void cache_done(struct cache *c);
/* Takes set and outcome over when it succeeds. */
int cache_put(struct cache *c, const struct dialect *dialect, struct profile *set,
              struct outcome *outcome, const struct outcome **ret);
/* The outcome of exactly these changes, or of fewer that failed already; NULL: not known, or out of
 * memory. */
const struct outcome *cache_find(const struct cache *c, const struct search_options *o,
                                 const struct profile *set);
/* The outcome that passed with the lowest exposure, and its set; NULL: none did. */
const struct outcome *cache_best(const struct cache *c, const struct engine *en,
                                 const struct profile **ret_set);
/* Takes an outcome out of the cache, which is of no use afterwards. */
struct outcome cache_take(struct cache *c, const struct outcome *o);
bool outcome_passes(const struct outcome *o, bool accept_bent);

/* ---- the set in hand ---- */

/* One change of the wish. */
struct item {
        enum directive_id id;
        struct value wish, aim; /* aim: what is tried: the wish, or a looser value between */
        enum reason reason;
        char *evidence;
        bool literal;
        bool fixed;    /* by hand: in every set */
        bool hole;     /* not a change of its own: goes with what it is a hole in */
        bool reserved; /* not needed for the aim so far */
        bool in;       /* in the set that holds */
        bool aside;    /* given back, until it is tried again alone */
        bool lost;     /* not enforced on the stage: never in the profile */
        bool doubtful; /* eased for a reason that may be mistaken */
        bool named;    /* evidence names it */
        bool coarse;   /* its value was found by members, in groups at first */
        unsigned eased;
        char *why; /* it was eased or given back */
};

struct engine {
        const struct search_options *o;
        const struct searcher *with;
        struct item *items;
        size_t count;
        struct cache cache;
        struct profile *best; /* the tightest that held, and what its trial said */
        const struct outcome *best_outcome, *last;
        struct outcome own; /* an answer of the search itself */
        char **heeded;      /* refusals that were followed, each time */
        size_t trials, from_cache, hiccups, untried;
        size_t restarts, restart_fails; /* trials whose baseline could be restarted, or not */
        bool ran;                       /* the baseline did, at least once */
        bool firm;                      /* what is set by hand was tried alone */
        bool made_sure;                 /* what failed without a reason was tried again */
        uint64_t end;
        char *stopped;
        bool exhausted;
};

/* What a call of the engine answers when the search is to end; .stopped or .own say why. */
enum { STOP = 1 };

/* ---- search_set.c ---- */

/* Takes the wish apart; drops what would loosen, what is kept and what is no change. */
int items_make(struct engine *en);
void items_done(struct engine *en);
struct item *item_find(const struct engine *en, enum directive_id id);
/* Makes an item that is a hole, without a value. */
int item_hole(struct engine *en, enum directive_id id, size_t *ret);
const struct value *item_own(const struct engine *en, const struct item *it);
/* Whether v lets through less than the unit does now. */
bool item_tightens(const struct engine *en, const struct item *it, const struct value *v);
/* Whether the hole may be made bigger: the unit itself was not stopped there. */
bool hole_allowed(const struct engine *en, enum directive_id hole, const char *word);
bool is_hole(enum directive_id strict, enum directive_id hole);

/* What an earlier save set, with the probes; no change of the wish. */
int begin_profile(const struct engine *en, struct profile **ret);
/* The profile of what is in, and of more items (indices) besides, with one item at another value
 * where swap is not NULL. */
struct swap {
        size_t item;
        const struct value *value;
};
int set_profile(const struct engine *en, const size_t *more, size_t count, const struct swap *swap,
                struct profile **ret);
/* Exposure of a profile in tenths; 0 where there is none. */
int set_exposure(const struct engine *en, const struct profile *p, unsigned *ret);

/* ---- search_pieces.c: what lies between a looser and a stricter value ---- */

struct pieces {
        const struct directive *d;
        const struct value *loose, *strict;
        bool hand_back; /* words are added to the strict value, not taken from it */
        struct piece {
                uint64_t bit;
                char **words;
                char *name;
        } * list;
        size_t count;
};
/* Members that strict takes away and loose does not; fine: system calls one by one, not by groups.
 * No pieces where the kind has none. */
int pieces_between(const struct value *loose, const struct value *strict, const struct directive *d,
                   const struct dialect *dialect, bool fine, struct pieces *ret);
void pieces_done(struct pieces *p);
/* The value that takes these away, and no others. */
int pieces_value(const struct pieces *p, const bool *taken, struct value *ret);

/* The values between, the strictest first. */
enum { RUNGS = 8 };
struct rungs {
        struct value list[RUNGS];
        size_t count;
};
int rungs_between(const struct value *loose, const struct value *strict, const struct directive *d,
                  const struct dialect *dialect, struct rungs *ret);
void rungs_done(struct rungs *r);

/* ---- search_ease.c ---- */

/* Makes the item's value so much looser that what the denial tells of is let through.  1: done, and
 * *ret_what says what was let through; 0: the denial does not say how. */
int ease(struct engine *en, size_t item, const struct denial *d, char **ret_what);

/* ---- search_heed.c: what an outcome names ---- */

/* Eases or gives back, among the items, what the outcome names with certainty.  *count shrinks by
 * what was given back.  1: something was; 0: nothing is named. */
int heed(struct engine *en, const struct outcome *o, size_t *items, size_t *count);
/* Eases the item by all that the outcome says of it.  1: it is eased; 0: it does not say how. */
int heed_item(struct engine *en, size_t item, const struct outcome *o);
/* Whether the outcome itself says something against the directive. */
bool outcome_names(const struct outcome *o, enum directive_id id);

/* ---- search_grow.c ---- */

/* Brings as many of the items into the set that holds as it can bear.  STOP, 0 or < 0. */
int grow_items(struct engine *en, const size_t *items, size_t count, struct err *e);
/* Those that were given back, each again alone. */
int grow_again(struct engine *en, struct err *e);

/* ---- search_engine.c ---- */

/* Asks for the sets (not taken over) unless they are known.  Outcomes stay the cache's. */
int engine_ask(struct engine *en, struct profile *const *sets, size_t count, const char *why,
               const struct outcome **ret, struct err *e);
/* The same for one set that failed, though it is known: 1 (STOP) when it comes and goes. */
int engine_ask_again(struct engine *en, struct profile *set, struct err *e);
/* What is in holds now.  STOP: that is all that is asked for. */
int engine_take(struct engine *en, const struct outcome *o);
/* Something failed: what is set by hand has to hold alone, or there is no answer. */
int engine_stand(struct engine *en, struct err *e);

/* ---- search_conclude.c ---- */

/* The answer, taken out of the engine. */
int engine_conclude(struct engine *en, struct search *ret);

/* ---- search_order.c ---- */

/* Items by what they are worth, best first: their indices, and how many. */
int order_items(const struct engine *en, size_t **ret, size_t *ret_count);
/* Reserves what the aim does without, the riskiest first. */
int order_reserve(struct engine *en);
/* Takes as much out of the reserve as the aim needs beyond what holds: which, and how many. */
int order_fetch(struct engine *en, size_t **ret, size_t *ret_count);

/* ---- search_tell.c: steps and reasons in words ---- */

void tell(const struct engine *en, enum search_kind kind, const struct item *it, const char *what);
/* number: which one of those that begin now, from 1. */
void tell_trying(const struct engine *en, const struct profile *set, size_t number,
                 const char *what);
void tell_tried(const struct engine *en, const struct profile *set, const struct outcome *o);
/* What the outcome says against the directive: "CAP_NET_ADMIN is needed: nft, seen 3 times".
 * Caller frees; NULL: out of memory. */
char *why_not(const struct outcome *o, enum directive_id id);
char *why_denied(const struct denial *d);
int tell_forgone(const struct engine *en, struct search *ret);
/* What is put into the item's .why, which was that of an earlier loosening. */
int item_because(struct item *it, const char *why);
/* The same, after what is there. */
int item_because_too(struct item *it, const char *why);

/* ---- search_wire.c: an outcome between processes ---- */

enum { WIRE_LIMIT = 4 << 20 };
/* NULL: out of memory. */
char *wire_write(const struct outcome *o);
/* -EBADMSG: it is none. */
int wire_read(const char *text, struct outcome *ret);
/* What a trial says, as far as the search needs it; leaves t without that. */
void outcome_from(struct trial *t, struct outcome *ret);

/* ---- search_workers.c ---- */

struct workers;
int workers_open(const struct search_options *o, struct job *job, struct workers **ret,
                 struct err *e);
void workers_free(struct workers *w);
DEFINE_SCOPED(struct workers, workers_free)
struct searcher workers_searcher(struct workers *w);
