/* new.c - gird new: a new service, least privilege by default. */
#include "core/base/base.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/command/command.h"
#include "tui/command/report.h"
#include "tui/making.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- asking ------------------------------------------------------------------------------ */

static const struct {
        const char *question, *prefix; /* put before each part of the answer */
} questions[] = {
        { "Ports that it listens at, such as 8080 or 53/udp", "net:listen:" },
        { "Addresses that it talks to (10.0.0.0/8; any is 0.0.0.0/0)", "net:connect:" },
        { "Folders that it writes (/var/lib/app)", "write:" },
        { "A user of its own by name (empty: one that is there while it runs)", "user:" },
        { "Anything else, as `gird explain new` lists it (unix, jit, dev:/dev/ttyS0)", "" },
};

/* An empty answer is no.  The end of the input ends the questions. */
static int ask(char **ret)
{
        struct text t = { 0 };
        char line[512];

        for (size_t i = 0; i < COUNT(questions); i++) {
                scoped(strv_freep) char **parts = NULL;

                fprintf(stderr, "%s: ", questions[i].question);
                if (!fgets(line, sizeof(line), stdin))
                        break;
                if (strv_split(line, ", \t\n", &parts) < 0)
                        t.failed = true;
                for (char **part = parts; part && *part; part++)
                        text_addf(&t, "%s%s%s", t.length ? "," : "", questions[i].prefix, *part);
        }
        *ret = text_take(&t);
        return *ret ? 0 : -ENOMEM;
}

/* --- telling ----------------------------------------------------------------------------- */

static void print_notes(const struct context *c, const struct making *m)
{
        for (char **note = m->needs.notes; !c->args->quiet && note && *note; note++) {
                scoped(mem_freep) char *clean = text_printable_dup(*note);

                fprintf(stderr, "gird: %s\n", clean ? clean : "?");
        }
        if (m->sysusers && !c->args->quiet && !c->args->on[OPT_SAVE])
                fprintf(stderr, "gird: its user goes into /etc/sysusers.d/%.*s.conf: %s",
                        (int)(strlen(m->unit) - strlen(".service")), m->unit, m->sysusers);
}

static int print_json(const struct context *c, const struct making *m, const struct attempt *tried,
                      char *const *paths)
{
        struct json *o = json_object();

        json_text(o, "unit", m->unit);
        json_text(o, "text", m->text);
        json_text(o, "sysusers", m->sysusers);
        json_texts(o, "notes", m->needs.notes);
        json_texts(o, "written", paths);
        if (tried)
                json_put(o, "trial",
                         report_trial_json(c, &tried->trial, m->needs.profile, tried->before,
                                           tried->after));
        else
                json_null(o, "trial");
        return report_json(o);
}

/* --- the whole --------------------------------------------------------------------------- */

static int save(struct context *c, struct making *m, bool held, char ***paths, struct err *e)
{
        if (c->args->output) {
                int r = file_replace(c->args->output, m->text, 0644, e);

                if (r < 0)
                        return r;
        }
        if (!c->args->on[OPT_SAVE])
                return 0;
        if (!held && !c->args->on[OPT_UNTESTED])
                return err_say(e, -EPERM, "%s is not saved: no trial held; --untested saves it so",
                               m->unit);
        return making_save(c, m, paths, e);
}

static int tell(struct context *c, struct making *m, const struct attempt *tried,
                char *const *paths)
{
        bool kept = c->args->output || c->args->on[OPT_SAVE];

        if (c->args->json)
                return print_json(c, m, tried, paths);
        if (!kept)
                fputs(m->text, stdout);
        if (tried && !kept)
                fprintf(stderr, "gird: %s: %s\n", verdict_name(tried->trial.verdict),
                        tried->trial.summary ? tried->trial.summary : "");
        else if (tried)
                report_trial(c, &tried->trial, m->needs.profile, tried->before, tried->after);
        for (; paths && *paths && !c->args->quiet; paths++)
                printf("written: %s\n", *paths);
        if (c->args->on[OPT_SAVE] && paths && !c->args->quiet && !c->args->root)
                fprintf(stderr,
                        "gird: then: %ssystemctl daemon-reload && systemctl enable --now "
                        "%s\n",
                        m->sysusers ? "systemd-sysusers && " : "", m->unit);
        return STATUS_DONE;
}

static int make(struct context *c, const char *needs, struct making *m, struct err *e)
{
        scoped(attempt_done) struct attempt tried = { 0 };
        scoped(strv_freep) char **paths = NULL;
        bool dry = c->args->on[OPT_DRY_RUN], was_tried = false;
        int r = making_write(c, c->args->operands[0], c->args->exec, needs, m, e);

        if (r < 0) {
                complain(e);
                return r == -EINVAL ? STATUS_USAGE : STATUS_CANNOT;
        }
        print_notes(c, m);
        if (!dry) {
                r = making_try(c, m, &tried, e);
                was_tried = r == 0;
                if (r != 0)
                        complain(e);
        }
        r = save(c, m, was_tried && tried.trial.verdict == VERDICT_HELD, &paths, e);
        if (tell(c, m, was_tried ? &tried : NULL, paths) != STATUS_DONE || r < 0)
                return r < 0 ? complain(e) : STATUS_CANNOT;
        if (dry)
                return STATUS_DONE;
        return !was_tried                            ? STATUS_CANNOT
               : tried.trial.verdict == VERDICT_HELD ? STATUS_DONE
               : tried.trial.verdict == VERDICT_NOT_TRIED ||
                               tried.trial.verdict == VERDICT_BASELINE_FAILED
                       ? STATUS_CANNOT
                       : STATUS_NO;
}

int command_new(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        scoped(making_done) struct making m = { 0 };
        scoped(mem_freep) char *answers = NULL;
        struct err e = { 0 };

        if (!a->exec)
                return complain_usage("`gird new %s` needs --exec='/path/of/program arguments'",
                                      a->operands[0]);
        if (a->on[OPT_DRY_RUN] && (a->on[OPT_SAVE] || a->output))
                return complain_usage("--dry-run writes nothing, so it goes with neither --save "
                                      "nor --output");
        if (!a->needs && isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && ask(&answers) < 0)
                return complain_usage("out of memory");
        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0 || context_know(&c, &e) < 0)
                return complain(&e);
        c.job.progress = report_progress;
        c.job.userdata = &c;
        return make(&c, a->needs ? a->needs : answers ? answers : "", &m, &e);
}
