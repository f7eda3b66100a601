/* view_private.h - what the files of a view share. */
#pragma once

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/breach/view.h"

#include <string.h>

/* ---- view_paths.c ---- */

int view_paths(struct service_view *v); /* fills in .paths and the facts about them */

/* ---- view_calls.c ---- */

int view_calls(struct service_view *v); /* .calls, .all_calls and the fact about them */

/* Whether the unit sets it, and the sandbox counts. */
static inline bool view_sets(const struct service_view *v, enum directive_id id)
{
        return !v->is_free && v->unit->settings[id].value.set;
}

static inline bool view_yes(const struct service_view *v, enum directive_id id)
{
        return !v->is_free && setting_yes(v->unit, id);
}

static inline const char *view_word(const struct service_view *v, enum directive_id id)
{
        const char *word = v->is_free ? NULL : setting_word(v->unit, id);

        return word ? word : "";
}

static inline bool view_is(const struct service_view *v, enum directive_id id, const char *word)
{
        return strcmp(view_word(v, id), word) == 0;
}

static inline char **view_words(const struct service_view *v, enum directive_id id)
{
        return v->is_free ? NULL : v->unit->settings[id].value.words;
}
