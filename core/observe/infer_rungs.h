/* infer_rungs.h - rules as data: what a value would refuse, and whether the unit was seen to need
 * it.  Shared by the rooms of devices, network, namespaces, kernel, processes and the rest. */
#pragma once

#include "core/observe/infer_private.h"

/* One thing that a unit may do and a value would refuse.  A list ends with a NULL .why. */
struct need {
        enum act_kind kind;
        const char *names;    /* of calls, blank-separated, "@group" too; NULL: any */
        const char *folders;  /* PATH and EXEC: at or below one of these; NULL: any */
        unsigned access;      /* PATH: any of these bits; 0: any */
        uint64_t mask, value; /* where mask is not 0: .a of the act, masked, is this */
        bool (*when)(const struct inference *in, const struct act *a); /* and this; NULL: always */
        bool absent;     /* the value hides it: what was not there before loses nothing */
        bool tried;      /* trying counts, however it ended: peers come and go */
        bool doubt;      /* it may bear the refusal: the advice is unknown, not "breaks" */
        const char *why; /* "it sets the clock"; a sentence without a full stop */
};

/* How much a need was seen; the greater, the worse. */
enum found {
        FOUND_NOTHING,
        FOUND_DOUBT, /* it tried, but the twin refused it; or .doubt */
        FOUND_NEED,
};

/* The worst of the list.  *ret and *ret_need (NULL where nothing was found): the first witness. */
enum found find_need(const struct inference *in, const struct need *list, const struct act **ret,
                     const struct need **ret_need);

/* One value of a directive with what forbids it.  A list ends with a NULL .value. */
struct rung {
        const char *value;
        const struct need *needs;
};

/* A directive whose values are steps.  Unlike a ladder's, each rung stands for itself: a stricter
 * value may permit what a milder one refuses (ProtectControlGroups=private). */
struct rungs {
        enum directive_id directive;
        enum basis basis;
        const char *nothing; /* "nothing tried to set the clock" */
        struct rung list[5]; /* mildest first */
};
int advise_rungs(struct inference *in, const struct rungs *r);

/* Directives that no watching decides: why, in a sentence. */
struct remark {
        enum directive_id directive;
        const char *words;
};
int advise_remarks(struct inference *in, const struct remark *list, size_t count);

/* For what a list grants: nothing is needed, so none is to be set, where that is the default. */
int advise_none(struct inference *in, enum directive_id id, enum basis basis, const char *words);

/* Whether name is among blank-separated names and "@groups" of the dialect. */
bool names_have(const struct inference *in, const char *names, const char *name);

/* For .when of a call: its arguments were not told, so what it asked for is not known. */
bool has_no_arguments(const struct inference *in, const struct act *a);

/* Whether a path lies at or below one of the blank-separated folders. */
bool below_any(const char *path, const char *folders);
