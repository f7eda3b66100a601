/* fleet_json.c - what was found, as JSON: gird's own form, and SARIF 2.1.0. */
#include "core/policy/policy_private.h"

#include <errno.h>

static struct json *finding_json(const struct finding *f)
{
        struct json *o = json_object();
        scoped(mem_freep) char *name = finding_name(f);

        json_text(o, "rule", name);
        json_text(o, "directive",
                  f->directive < DIRECTIVE_COUNT ? directive_at(f->directive)->name : NULL);
        json_text(o, "message", f->message);
        json_text(o, "file", f->file);
        if (f->line)
                json_number(o, "line", f->line);
        else
                json_null(o, "line");
        json_text(o, "level", f->note ? "note" : f->excused ? "excused" : "error");
        json_text(o, "reason", f->excused);
        json_text(o, "until", f->excused ? f->until : NULL);
        return o;
}

char *fleet_json(const struct fleet *f)
{
        struct json *array = json_array();

        for (size_t i = 0; i < f->count; i++) {
                const struct checked *c = &f->units[i];
                struct json *o = json_object(), *findings = json_array();

                json_text(o, "unit", c->unit);
                if (c->scored)
                        json_tenths(o, "exposure", c->exposure);
                else
                        json_null(o, "exposure");
                json_bool(o, "passes", !checked_fails(c));
                json_texts(o, "met", c->met);
                for (size_t k = 0; k < c->finding_count; k++)
                        json_append(findings, finding_json(&c->findings[k]));
                json_put(o, "findings", findings);
                json_append(array, o);
        }
        return json_take(array);
}

/* --- SARIF ------------------------------------------------------------------------------- */

static struct json *message(const char *text)
{
        struct json *o = json_object();

        json_text(o, "text", text);
        return o;
}

static struct json *sarif_rules(void)
{
        struct json *rules = json_array();

        for (unsigned k = 0; k < FINDING_KINDS; k++) {
                struct json *rule = json_object(), *level = json_object();

                json_text(rule, "id", finding_kind_name(k));
                json_put(rule, "shortDescription", message(finding_kind_words(k)));
                json_text(level, "level", "error");
                json_put(rule, "defaultConfiguration", level);
                json_append(rules, rule);
        }
        return rules;
}

/* A path as a URI: what is no letter, digit or one of -._~/ is written %XX. */
static char *uri_of(const char *path)
{
        struct text t = { 0 };

        text_add(&t, *path == '/' ? "file://" : "");
        for (; *path; path++) {
                unsigned char c = (unsigned char)*path;
                bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                             c == '~' || c == '/';

                if (plain)
                        text_addn(&t, path, 1);
                else
                        text_addf(&t, "%%%02X", c);
        }
        return text_take(&t);
}

static struct json *sarif_location(const struct fleet *f, const struct checked *c,
                                   const struct finding *found)
{
        struct json *location = json_object(), *logical = json_array(), *name = json_object();

        if (found->file) {
                struct json *physical = json_object(), *artifact = json_object();
                scoped(mem_freep) char *path = text_format("%s%s", f->root, found->file);
                scoped(mem_freep) char *uri = path ? uri_of(path) : NULL;

                json_text(artifact, "uri", uri);
                json_put(physical, "artifactLocation", artifact);
                if (found->line) {
                        struct json *region = json_object();

                        json_number(region, "startLine", found->line);
                        json_put(physical, "region", region);
                }
                json_put(location, "physicalLocation", physical);
        }
        json_text(name, "name", c->unit);
        json_text(name, "kind", "resource");
        json_append(logical, name);
        json_put(location, "logicalLocations", logical);
        return location;
}

static struct json *sarif_suppression(const struct finding *found)
{
        struct json *list = json_array(), *s = json_object();
        scoped(mem_freep) char *why = text_format("%s (until %s)", found->excused, found->until);

        json_text(s, "kind", "external");
        json_text(s, "status", "accepted");
        json_text(s, "justification", why);
        json_append(list, s);
        return list;
}

static struct json *sarif_result(const struct fleet *f, const struct checked *c,
                                 const struct finding *found)
{
        struct json *o = json_object(), *locations = json_array(), *prints = json_object();
        scoped(mem_freep) char *name = finding_name(found);
        scoped(mem_freep) char *print = text_format("%s:%s:%s", f->host, c->unit, name);
        scoped(mem_freep) char *words = text_format("%s: %s", c->unit, found->message);

        json_text(o, "ruleId", finding_kind_name(found->kind));
        json_number(o, "ruleIndex", found->kind);
        json_text(o, "level", found->note ? "note" : "error");
        json_put(o, "message", message(words));
        json_append(locations, sarif_location(f, c, found));
        json_put(o, "locations", locations);
        json_text(prints, "unitRule/v1", print);
        json_put(o, "partialFingerprints", prints);
        if (found->excused)
                json_put(o, "suppressions", sarif_suppression(found));
        return o;
}

static struct json *sarif_invocation(const struct fleet *f)
{
        struct json *list = json_array(), *o = json_object();

        json_bool(o, "executionSuccessful", true);
        json_text(o, "endTimeUtc", f->when);
        json_text(o, "machine", f->host);
        json_append(list, o);
        return list;
}

char *fleet_sarif(const struct fleet *f)
{
        struct json *top = json_object(), *runs = json_array(), *run = json_object();
        struct json *tool = json_object(), *driver = json_object(), *results = json_array();

        json_text(top, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
        json_text(top, "version", "2.1.0");
        json_text(driver, "name", "gird");
        json_text(driver, "version", GIRD_VERSION);
        json_put(driver, "rules", sarif_rules());
        json_put(tool, "driver", driver);
        json_put(run, "tool", tool);
        json_put(run, "invocations", sarif_invocation(f));
        for (size_t i = 0; i < f->count; i++)
                for (size_t k = 0; k < f->units[i].finding_count; k++)
                        json_append(results,
                                    sarif_result(f, &f->units[i], &f->units[i].findings[k]));
        json_put(run, "results", results);
        json_append(runs, run);
        json_put(top, "runs", runs);
        return json_take(top);
}
