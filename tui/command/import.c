/* import.c - gird import: a profile out of a drop-in, JSON, or another program's output. */
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/form.h"
#include "tui/attempt.h"
#include "tui/command/command.h"
#include "tui/command/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IMPORT_LIMIT = 1 << 20, GUESS_GAP = 15 };

/* ---- the file ---- */

static int read_stdin(char **ret, size_t *ret_length, struct err *e)
{
        scoped(mem_freep) char *bytes = malloc(IMPORT_LIMIT + 1);
        size_t length = 0;

        if (!bytes)
                return err_set(e, -ENOMEM, "cannot read the standard input");
        while (length <= IMPORT_LIMIT) {
                ssize_t n = read(STDIN_FILENO, bytes + length, IMPORT_LIMIT + 1 - length);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return err_set(e, -errno, "cannot read the standard input");
                if (n == 0)
                        break;
                length += (size_t)n;
        }
        if (length > IMPORT_LIMIT)
                return err_say(e, -EFBIG,
                               "the standard input is longer than %d bytes; a profile "
                               "is not",
                               IMPORT_LIMIT);
        bytes[length] = '\0';
        *ret = take(bytes);
        *ret_length = length;
        return 0;
}

static int read_text(const char *path, char **ret, struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        size_t length = 0;
        int r = strcmp(path, "-") == 0 ? read_stdin(&text, &length, e)
                                       : file_read(AT_FDCWD, path, IMPORT_LIMIT, &text, &length, e);

        if (r < 0)
                return r;
        if (strlen(text) != length)
                return err_say(e, -EINVAL, "%s has NUL bytes; a profile is text", path);
        *ret = take(text);
        return 0;
}

/* ---- its form ---- */

static char *readable_names(void)
{
        struct text t = { 0 };

        for (size_t i = 0; form_at(i); i++)
                if (form_at(i)->read)
                        text_addf(&t, "%s%s", t.length ? ", " : "", form_at(i)->name);
        return text_take(&t);
}

static int list_forms(const struct arguments *a)
{
        struct json *array = a->json ? json_array() : NULL;

        for (size_t i = 0; form_at(i); i++) {
                const struct form *form = form_at(i);
                struct json *one;

                if (!form->read)
                        continue;
                if (!array) {
                        printf("%-16s %s\n", form->name, form->sentence);
                        continue;
                }
                one = json_object();
                json_text(one, "format", form->name);
                json_text(one, "sentence", form->sentence);
                json_append(array, one);
        }
        return array ? report_json(array) : STATUS_DONE;
}

static int named_form(const char *name, const struct form **ret, struct err *e)
{
        const struct form *form = form_find(name);
        scoped(mem_freep) char *names = readable_names();

        if (form && form->read) {
                *ret = form;
                return 0;
        }
        return err_say(e, -EINVAL,
                       form ? "%s is only written, by `gird export`; gird reads %s"
                            : "gird knows no form \"%s\"; it reads %s",
                       name, names ? names : "others");
}

/* The form that is surest, where no other is nearly as sure. */
static int guess_form(const char *file, const char *text, const struct form **ret, struct err *e)
{
        const struct form *best = NULL, *second = NULL;
        unsigned best_sure = 0, second_sure = 0;
        scoped(mem_freep) char *names = NULL;

        for (size_t i = 0; form_at(i); i++) {
                const struct form *form = form_at(i);
                unsigned sure = form->read && form->looks_like ? form->looks_like(file, text) : 0;

                if (sure > best_sure) {
                        second = best;
                        second_sure = best_sure;
                        best = form;
                        best_sure = sure;
                } else if (sure > second_sure) {
                        second = form;
                        second_sure = sure;
                }
        }
        if (best && (!second || best_sure - second_sure >= GUESS_GAP)) {
                *ret = best;
                return 0;
        }
        names = readable_names();
        if (best)
                return err_say(e, -EINVAL, "%s may be %s (%s) or %s (%s): say which with --format",
                               file, best->name, best->sentence, second->name, second->sentence);
        return err_say(e, -EINVAL, "%s looks like none of %s: say what it is with --format", file,
                       names ? names : "the forms that gird reads");
}

/* ---- what becomes of it ---- */

/* The unit's name, whatever it was made for. */
static int rename_profile(struct profile *p, const struct sandbox *s)
{
        char *unit = strdup(s->unit);

        if (!unit)
                return -ENOMEM;
        free(p->unit);
        p->unit = unit;
        p->scope = s->scope;
        p->verdict = VERDICT_NOT_TRIED;
        free(take(p->tried));
        surroundings_done(&p->with);
        p->with = (struct surroundings){ 0 };
        return 0;
}

/* What a person told the last profile is not lost: its probes, and what is accepted. */
static int carry_over(struct context *c, struct profile *p, char ***notes, struct err *e)
{
        scoped(profile_freep) struct profile *last = NULL;
        int r = store_get_profile(&c->store, p->unit, &c->dialect, &last, e);

        if (r != 0)
                return r < 0 ? r : 0;
        if (!p->probes && last->probes) {
                r = strv_copy(last->probes, &p->probes);
                if (r >= 0)
                        r = strv_addf(notes, "the %zu probes of the last profile are kept",
                                      strv_length(p->probes));
        }
        for (size_t i = 0; r >= 0 && i < last->accepted_count; i++)
                if (!profile_accepts(p, last->accepted[i].what))
                        r = profile_accept(p, last->accepted[i].what, last->accepted[i].reason);
        return r < 0 ? err_set(e, r, "cannot keep what the last profile had") : 0;
}

static int keep(struct context *c, struct profile *p, char ***notes, struct err *e)
{
        scoped(fd_closep) int lock = -1;
        int r = store_lock(&c->store, p->unit, &lock, e);

        if (r != 0)
                return r < 0 ? r : -EBUSY;
        r = carry_over(c, p, notes, e);
        return r < 0 ? r : store_put_profile(&c->store, p, &c->dialect, e);
}

static int write_output(struct context *c, const struct profile *p, struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        const char *path = c->args->output;
        int r = profile_to_json(p, &c->dialect, &text);

        if (r < 0)
                return err_set(e, r, "cannot write %s", path);
        if (strcmp(path, "-") != 0)
                return file_replace(path, text, 0666, e);
        fputs(text, stdout);
        return 0;
}

/* ---- what is said of it ---- */

static struct json *changes_json(const struct context *c, const struct profile *p)
{
        struct json *array = json_array();

        for (size_t i = 0; i < p->change_count; i++) {
                const struct change *change = &p->changes[i];
                scoped(strv_freep) char **lines = NULL;
                struct json *o = json_object();

                if (change_lines(change, &c->dialect, &lines) < 0) {
                        json_free(o);
                        json_free(array);
                        return NULL;
                }
                json_text(o, "directive", directive_at(change->directive)->name);
                json_texts(o, "value", lines);
                json_append(array, o);
        }
        return array;
}

static int say_json(const struct context *c, const struct profile *p, const struct form *form,
                    const char *file, char *const *notes, const char *dropin)
{
        struct json *o = json_object(), *changes = changes_json(c, p);

        if (!changes) {
                json_free(o);
                return complain_usage("out of memory"), STATUS_CANNOT;
        }
        json_text(o, "unit", p->unit);
        json_text(o, "format", form->name);
        json_text(o, "file", file);
        json_bool(o, "kept", !dropin);
        json_put(o, "changes", changes);
        json_texts(o, "notes", notes);
        json_text(o, "written", !dropin ? c->args->output : NULL);
        json_text(o, "dropin", dropin);
        return report_json(o);
}

static void say_notes(char *const *notes)
{
        for (; notes && *notes; notes++) {
                scoped(mem_freep) char *clean = text_printable_dup(*notes);

                fprintf(stderr, "gird: %s\n", clean ? clean : "out of memory");
        }
}

static int say(const struct context *c, const struct profile *p, const struct form *form,
               const char *file, char *const *notes, const char *dropin)
{
        bool to_stdout = !dropin && c->args->output && strcmp(c->args->output, "-") == 0;

        say_notes(notes);
        if (c->args->json && !to_stdout)
                return say_json(c, p, form, file, notes, dropin);
        if (dropin)
                fputs(dropin, stdout);
        else if (!to_stdout)
                printf("%s: %zu settings from %s; `gird try %s` rehearses them\n", p->unit,
                       p->change_count, form->sentence, p->unit);
        if (!dropin && !to_stdout && c->args->output)
                printf("wrote %s\n", c->args->output);
        return STATUS_DONE;
}

/* ---- the command ---- */

static int read_profile(struct context *c, const struct sandbox *s, const char *file,
                        const struct form **ret_form, struct profile **ret, char ***ret_notes,
                        struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        const char *name = strcmp(file, "-") == 0 ? "standard input" : file;
        int r = c->args->format ? named_form(c->args->format, ret_form, e) : 0;

        if (r >= 0)
                r = read_text(file, &text, e);
        if (r >= 0 && !c->args->format)
                r = guess_form(name, text, ret_form, e);
        if (r >= 0)
                r = (*ret_form)->read(name, text, s->unit, s->scope, &c->dialect, ret, ret_notes,
                                      e);
        if (r >= 0)
                r = rename_profile(*ret, s);
        return r;
}

static int import_one(struct context *c)
{
        const struct arguments *a = c->args;
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(profile_freep) struct profile *p = NULL;
        scoped(strv_freep) char **notes = NULL, **left_out = NULL;
        scoped(mem_freep) char *dropin = NULL;
        const struct form *form = NULL;
        const char *file = a->operands[1];
        struct err e = { 0 };
        int r = context_unit(c, a->operands[0], &s, &e);

        if (r >= 0 && !a->on[OPT_DRY_RUN])
                r = attempt_may_write(c, "import", s->unit, &e);
        if (r >= 0)
                r = read_profile(c, s, file, &form, &p, &notes, &e);
        if (r >= 0 && a->on[OPT_DRY_RUN])
                r = attempt_render(c, s, p, &dropin, &left_out, &e);
        else if (r >= 0) {
                r = keep(c, p, &notes, &e);
                if (r >= 0 && a->output)
                        r = write_output(c, p, &e);
        }
        if (r < 0) {
                complain(&e);
                return r == -EINVAL || r == -ENODATA || r == -EOPNOTSUPP || r == -EILSEQ
                               ? STATUS_USAGE
                               : STATUS_CANNOT;
        }
        say_notes(left_out);
        return say(c, p, form, file, notes, dropin);
}

int command_import(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        struct err e = { 0 };

        if (a->format && strcmp(a->format, "list") == 0)
                return list_forms(a);
        if (a->operand_count != 2)
                return complain_usage("usage: gird import UNIT FILE; \"-\" is the standard input");
        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0 || context_know(&c, &e) < 0)
                return complain(&e);
        return import_one(&c);
}
