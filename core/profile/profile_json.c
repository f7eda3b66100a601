/* profile_json.c - a profile as JSON. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/json.h"
#include "core/profile/profile_private.h"

#include <errno.h>
#include <string.h>

const char *const profile_scopes[] = { [SCOPE_SYSTEM] = "system", [SCOPE_USER] = "user" };

static int put_change(struct json *array, const struct change *c, const struct dialect *dialect)
{
        scoped(strv_freep) char **lines = NULL;
        struct json *object;
        int r = change_lines(c, dialect, &lines);

        if (r < 0)
                return r;
        for (char **line = lines; line && *line; line++)
                if (!profile_text_fits(*line))
                        return -EILSEQ;
        object = json_object();
        json_text(object, "directive", directive_at(c->directive)->name);
        json_texts(object, "value", lines);
        json_text(object, "reason", reason_name(c->reason));
        json_text(object, "evidence", c->evidence);
        json_append(array, object);
        return 0;
}

static struct json *accepted_json(const struct profile *p)
{
        struct json *array = json_array();

        for (size_t i = 0; i < p->accepted_count; i++) {
                struct json *object = json_object();

                json_text(object, "what", p->accepted[i].what);
                json_text(object, "reason", p->accepted[i].reason);
                json_append(array, object);
        }
        return array;
}

static struct json *with_json(const struct surroundings *with)
{
        struct json *object = json_object();

        json_text(object, "binary", with->binary);
        json_text(object, "libc", with->libc);
        json_text(object, "kernel", with->kernel);
        return object;
}

int profile_to_json(const struct profile *p, const struct dialect *dialect, char **ret)
{
        scoped(json_freep) struct json *j = json_object();
        scoped(json_freep) struct json *changes = json_array();
        char *printed;

        json_number(j, "gird", PROFILE_FORMAT);
        json_text(j, "unit", p->unit);
        json_text(j, "scope", profile_scopes[p->scope]);
        json_text(j, "systemd", p->systemd);
        json_text(j, "verdict", verdict_name(p->verdict));
        json_text(j, "tried", p->tried);
        json_put(j, "with", with_json(&p->with));
        json_texts(j, "probes", p->probes);
        json_put(j, "accepted", accepted_json(p));
        for (size_t i = 0; i < p->change_count; i++) {
                int r = put_change(changes, &p->changes[i], dialect);

                if (r < 0)
                        return r;
        }
        json_put(j, "changes", take(changes));
        printed = json_take(take(j));
        if (!printed)
                return -ENOMEM;
        *ret = printed;
        return 0;
}
