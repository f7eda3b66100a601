/* export.c - gird export: a profile in another form. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/command/command.h"
#include "tui/command/report.h"
#include "tui/exporting.h"

#include <errno.h>
#include <string.h>

static int list_forms(const struct arguments *a)
{
        struct json *array = a->json ? json_array() : NULL;

        for (size_t i = 0; form_at(i); i++) {
                const struct form *form = form_at(i);

                if (!form->write)
                        continue;
                if (array) {
                        struct json *one = json_object();

                        json_text(one, "format", form->name);
                        json_text(one, "sentence", form->sentence);
                        json_append(array, one);
                } else
                        printf("%-16s %s\n", form->name, form->sentence);
        }
        return array ? report_json(array) : STATUS_DONE;
}

/* Words from outside on stderr. */
static void say(const char *words)
{
        scoped(mem_freep) char *clean = text_printable_dup(words);

        fprintf(stderr, "gird: %s\n", clean ? clean : "out of memory");
}

static const struct form *find_form(const struct arguments *a)
{
        const struct form *form = form_find(a->format ? a->format : "dropin");
        struct text names = { 0 };
        char *list;

        if (form && form->write)
                return form;
        for (size_t i = 0; form_at(i); i++)
                if (form_at(i)->write)
                        text_addf(&names, "%s%s", names.length ? ", " : "", form_at(i)->name);
        list = text_take(&names);
        if (form)
                complain_usage("%s is only read, by `gird import`; gird writes %s", form->name,
                               list ? list : "others");
        else
                complain_usage("gird knows no form \"%s\"; it writes %s", a->format,
                               list ? list : "others");
        free(list);
        return NULL;
}

/* Of several units each has its place; what brings a folder of its own needs none. */
static char *place_of(const struct arguments *a, const struct form_output *o, const char *unit)
{
        if (a->operand_count < 2 || exporting_is_folder(o))
                return strdup(a->output);
        return text_format("%s/%s/", a->output, unit);
}

static int write_files(const struct arguments *a, const struct form_output *o, const char *unit,
                       char ***ret_paths, struct err *e)
{
        scoped(mem_freep) char *place = place_of(a, o, unit);

        if (!place)
                return err_set(e, -ENOMEM, "cannot write %s", a->output);
        return exporting_write(o, place, a->on[OPT_FORCE], ret_paths, e);
}

static struct json *output_json(const struct form_output *o, const struct form *form,
                                const char *unit, char *const *paths)
{
        struct json *j = json_object(), *files = json_array();

        json_text(j, "unit", unit);
        json_text(j, "format", form->name);
        for (size_t i = 0; i < o->file_count; i++) {
                struct json *one = json_object();

                json_text(one, "path", o->files[i].path);
                json_text(one, "text", o->files[i].text);
                json_append(files, one);
        }
        json_put(j, "files", files);
        json_texts(j, "left_out", o->left_out);
        json_texts(j, "written", (char **)paths);
        return j;
}

/* On stdout, or as files; array: for the JSON of several units, or NULL. */
static int deliver(const struct arguments *a, const struct form_output *o, const struct form *form,
                   const char *unit, struct json *array, struct err *e)
{
        scoped(strv_freep) char **paths = NULL;
        bool to_file = a->output && strcmp(a->output, "-") != 0;

        if (to_file) {
                int r = write_files(a, o, unit, &paths, e);

                if (r < 0)
                        return r;
        } else if (!a->json && exporting_is_folder(o))
                return err_say(e, -EISDIR, "the form %s is a folder: give --output=DIR",
                               form->name);
        if (array)
                json_append(array, output_json(o, form, unit, paths));
        else if (a->json && report_json(output_json(o, form, unit, paths)) != STATUS_DONE)
                return err_say(e, -ENOMEM, "out of memory");
        else if (!a->json && !to_file)
                fputs(o->files[0].text, stdout);
        for (char **path = paths; !a->json && path && *path; path++) {
                scoped(mem_freep) char *clean = text_printable_dup(*path);

                printf("wrote %s\n", clean ? clean : "");
        }
        return 0;
}

static bool is_typo(int r)
{
        return r == -ENODATA || r == -EINVAL || r == -EOPNOTSUPP || r == -EISDIR;
}

static int export_one(struct context *c, const char *word, const struct form *form,
                      struct json *array)
{
        const struct arguments *a = c->args;
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(profile_freep) struct profile *p = NULL;
        scoped(form_output_done) struct form_output output = { 0 };
        bool observed = false;
        struct err e = { 0 };
        int r = context_unit(c, word, &s, &e);

        if (r >= 0 && s->load != LOAD_LOADED && s->load != LOAD_TEMPLATE)
                r = err_say(&e, -ENOEXEC, "%s can't be started, so there is nothing to harden: %s",
                            s->unit, s->load_note ? s->load_note : load_state_name(s->load));
        if (r >= 0)
                r = exporting_profile(c, s, form, &p, &e);
        if (r >= 0)
                r = exporting_make(c, s, p, form, a->target, &output, &observed, &e);
        if (r >= 0)
                r = deliver(a, &output, form, s->unit, array, &e);
        if (r < 0) {
                complain(&e);
                return is_typo(r) ? STATUS_USAGE : STATUS_CANNOT;
        }
        for (char **line = output.left_out; line && *line; line++) {
                scoped(mem_freep) char *words = text_format("left out: %s", *line);

                say(words ? words : *line);
        }
        if (form->needs_behaviour && !observed)
                fprintf(stderr,
                        "gird: %s was not observed, so this knows only its settings; `gird observe "
                        "%s` first makes it say more\n",
                        s->unit, s->unit);
        return STATUS_DONE;
}

static int check_words(const struct arguments *a)
{
        if (a->operand_count == 0)
                return complain_usage("which unit? `gird export UNIT --format=FORM`; "
                                      "--format=list names the forms");
        if (a->operand_count > 1 && !a->json && (!a->output || strcmp(a->output, "-") == 0))
                return complain_usage("several units need --output=DIR");
        return STATUS_DONE;
}

int command_export(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        const struct form *form;
        struct json *array = NULL;
        struct err e = { 0 };
        int status;

        if (a->format && strcmp(a->format, "list") == 0)
                return list_forms(a);
        form = find_form(a);
        if (!form)
                return STATUS_USAGE;
        status = check_words(a);
        if (status != STATUS_DONE)
                return status;
        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0 || context_know(&c, &e) < 0)
                return complain(&e);
        array = a->json && a->operand_count > 1 ? json_array() : NULL;
        for (size_t i = 0; i < a->operand_count; i++) {
                int one = export_one(&c, a->operands[i], form, array);

                if (one > status)
                        status = one;
        }
        if (array && report_json(array) != STATUS_DONE)
                return STATUS_CANNOT;
        return status;
}
