/* chains.c - the table of chains; see chains.inc. */
#include "core/breach/chains.h"

#include "core/base/base.h"

#define LIST(...)                                                                                  \
        (const char *const[])                                                                      \
        {                                                                                          \
                __VA_ARGS__, NULL                                                                  \
        }
#define ANY(...)   LIST(__VA_ARGS__)
#define WITH(...)  LIST(__VA_ARGS__)
#define NEEDS(...) LIST(__VA_ARGS__)
#define NONE       NULL

static const struct chain chains[] = {
#define CHAIN(called, words, which, besides, files, ...)                                           \
        { .name = (called),                                                                        \
          .sentence = (words),                                                                     \
          .any = which,                                                                            \
          .with = besides,                                                                         \
          .needs = files,                                                                          \
          .closers = LIST(__VA_ARGS__) },
#include "core/breach/chains.inc"
#undef CHAIN
};

const struct chain *chain_at(size_t i)
{
        return i < COUNT(chains) ? &chains[i] : NULL;
}
