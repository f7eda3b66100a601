/* recording_unit.c - what the unit, its control group and its state mean for a recording. */
#include "core/trial/recording_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

static const uint64_t AFTER_RELOAD = 1000000;

static bool is_plain(const struct exec_line *line)
{
        return !line->prefixes || !strchr(line->prefixes, '+');
}

static bool runs_plainly(const struct sandbox *unit, const char *path)
{
        for (size_t i = 0; i < unit->facts.exec_count; i++) {
                const struct exec_line *line = &unit->facts.exec[i];

                if (is_plain(line) && line->path && strcmp(line->path, path) == 0)
                        return true;
        }
        return false;
}

int recording_privileged(const struct sandbox *unit, char ***ret, char ***notes)
{
        scoped(strv_freep) char **list = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < unit->facts.exec_count; i++) {
                const struct exec_line *line = &unit->facts.exec[i];

                if (is_plain(line) || !line->path || strv_has(list, line->path))
                        continue;
                if (!runs_plainly(unit, line->path))
                        r = strv_add(&list, line->path);
                else
                        r = strv_addf(notes,
                                      "%s runs with \"+\" (outside the sandbox) and without it, so "
                                      "what the former does is among what was seen",
                                      line->path);
        }
        if (r >= 0)
                *ret = take(list);
        return r;
}

bool recording_has(const struct sandbox *unit, const char *key)
{
        for (size_t i = 0; i < unit->facts.exec_count; i++)
                if (strcmp(unit->facts.exec[i].key, key) == 0)
                        return true;
        return false;
}

const char *recording_program(const struct sandbox *unit)
{
        for (size_t i = 0; i < unit->facts.exec_count; i++)
                if (strcmp(unit->facts.exec[i].key, "ExecStart") == 0)
                        return unit->facts.exec[i].path;
        return NULL;
}

int recording_cgroup_mount(const char *mountinfo, char **ret)
{
        scoped(strv_freep) char **lines = NULL;
        int r = strv_split(mountinfo, "\n", &lines);

        for (char **line = lines; r >= 0 && line && *line; line++) {
                scoped(strv_freep) char **fields = NULL;

                if (!strstr(*line, " - cgroup2 "))
                        continue;
                r = strv_split(*line, " ", &fields);
                if (r < 0)
                        return r;
                if (strv_length(fields) < 6 || strcmp(fields[3], "/") != 0)
                        continue; /* of a part only, paths would count from elsewhere */
                *ret = strdup(fields[4]);
                return *ret ? 0 : -ENOMEM;
        }
        return r < 0 ? r : 1;
}

int recording_cgroup_path(const char *text, char **ret)
{
        static const char own[] = "/init.scope";
        scoped(strv_freep) char **lines = NULL;
        int r = strv_split(text, "\n", &lines);

        for (char **line = lines; r >= 0 && line && *line; line++) {
                size_t length;

                if (!text_starts(*line, "0::/"))
                        continue;
                length = strlen(*line + 3);
                if (text_ends(*line, own))
                        length -= strlen(own);
                *ret = strndup(*line + 3, length);
                return *ret ? 0 : -ENOMEM;
        }
        return r < 0 ? r : 1;
}

static enum act_seen phase_active(const struct phases *p, uint64_t now)
{
        switch (p->phase) {
        case SEEN_STARTUP:
                return now - p->since >= p->settle ? SEEN_STEADY : SEEN_STARTUP;
        case SEEN_RELOAD:
                return now - p->since >= AFTER_RELOAD ? SEEN_STEADY : SEEN_RELOAD;
        case SEEN_TWIN:
        case SEEN_LIVE:
        case SEEN_STEADY:
        case SEEN_STOP:
                break;
        }
        return SEEN_STEADY;
}

/* It was there before anybody looked: how long is what systemd says. */
static void look_first(struct phases *p, const struct unit_state *s, uint64_t now)
{
        bool up = strcmp(s->active, "active") == 0;

        p->looked = true;
        p->phase = SEEN_STARTUP;
        p->since = up && s->active_since < now ? s->active_since : now;
        p->reloaded = s->reloaded;
        memcpy(p->invocation, s->invocation, sizeof(p->invocation));
}

enum act_seen recording_phase(struct phases *p, const struct unit_state *s, uint64_t now)
{
        bool up = strcmp(s->active, "active") == 0;
        bool reloading;

        if (!p->looked)
                look_first(p, s, now);
        reloading = strcmp(s->active, "reloading") == 0 || (up && s->reloaded > p->reloaded);
        p->reloaded = s->reloaded;
        if (*s->invocation && strcmp(s->invocation, p->invocation) != 0) {
                memcpy(p->invocation, s->invocation, sizeof(p->invocation));
                p->phase = SEEN_STARTUP;
                p->since = now;
        }
        if (reloading) {
                p->phase = SEEN_RELOAD;
                p->since = now;
        } else if (strcmp(s->active, "deactivating") == 0) {
                p->phase = SEEN_STOP;
        } else if (up) {
                p->phase = phase_active(p, now);
        } else { /* what comes next is its start */
                p->phase = SEEN_STARTUP;
                p->since = now;
        }
        return p->phase;
}
