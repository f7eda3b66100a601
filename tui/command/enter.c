/* enter.c - gird enter: a shell, or a command, in the sandbox of a unit. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/trial.h"
#include "tui/command/command.h"
#include "tui/entering.h"
#include "tui/passage.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a shell answers when a command cannot be run, and adds to a signal's number. */
enum { STATUS_SIGNAL = 128, STATUS_EXEC = 203 };

static const char *const shells[] = { "/bin/sh", "/usr/bin/sh", NULL };

static void say_where(const struct context *c, const struct entering *n, const char *what)
{
        const struct sandbox *s = n->after ? n->after : n->unit;
        scoped(mem_freep) char *text = NULL;

        if (c->args->quiet)
                return;
        text = text_format(
                "%s in the sandbox of %s, %s, as %s.  It is a twin of the machine: nothing "
                "here touches the machine itself.",
                what, s->unit, n->words, entering_user(s));
        if (text) {
                scoped(mem_freep) char *clean = text_printable_dup(text);

                fprintf(stderr, "gird: %s\n", clean ? clean : "");
        }
}

/* What became of the command, as a shell would tell it. */
static int status_of(const struct context *c, const struct inside_result *r)
{
        if (r->why) {
                scoped(mem_freep) char *clean = text_printable_dup(r->why);

                fprintf(stderr, "gird: the sandbox does not let it start: %s\n",
                        clean ? clean : "");
                return STATUS_CANNOT;
        }
        if (r->code == CLD_EXITED)
                return r->status;
        if (!c->args->quiet && r->status == SIGSYS)
                fprintf(stderr, "gird: it was killed by SIGSYS: it made a system call that "
                                "SystemCallFilter= does not let through\n");
        return STATUS_SIGNAL + r->status;
}

/* 1: the shell is not to be had there, so another one may be tried. */
static int run(struct context *c, struct entering *n, char *const *argv, struct inside_result *ret,
               struct err *e)
{
        scoped(passage_done) struct passage passage = PASSAGE_NONE;
        struct inside_options o;
        int r;

        entering_options(c, n, n->profile != NULL, &o);
        o.argv = argv;
        o.timeout = JOB_FOREVER;
        r = passage_open(&passage, n->stage, &c->job, &o, e);
        return r < 0 ? r : inside_run(&o, n->stage, &c->job, ret, e);
}

static int run_shell(struct context *c, struct entering *n, struct inside_result *ret,
                     struct err *e)
{
        const char *own = getenv("SHELL");
        const char *const *next = shells;
        const char *shell = own && *own == '/' ? own : *next++;
        int r;

        for (;;) {
                char *argv[] = { (char *)shell, NULL };

                r = run(c, n, argv, ret, e);
                if (r < 0 || !ret->why || ret->status != STATUS_EXEC || !*next)
                        return r;
                inside_done(ret);
                shell = *next++;
        }
}

static int enter(struct context *c, struct entering *n, char *const *argv, struct err *e)
{
        scoped(inside_done) struct inside_result result = { 0 };
        int r = attempt_check(c, n->unit, "enter", e);

        if (r == 0) {
                say_where(c, n, argv ? "a command" : "a shell");
                r = entering_stage(c, n, "enter", e);
        }
        if (r == 0)
                r = argv ? run(c, n, argv, &result, e) : run_shell(c, n, &result, e);
        if (r == -ECANCELED)
                return STATUS_SIGNAL + SIGINT;
        return r != 0 ? complain(e) : status_of(c, &result);
}

/* A name is looked for in the sandbox by systemd, as it does for ExecStart=. */
static bool is_command(const char *word)
{
        return *word && (*word == '/' || !strchr(word, '/'));
}

int command_enter(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        scoped(entering_done) struct entering n = { 0 };
        char *const *argv = a->operand_count > 1 ? a->operands + 1 : NULL;
        struct err e = { 0 };
        int r;

        if (a->json)
                return complain_usage("`gird enter` has no JSON: what the command prints is passed "
                                      "on as it is");
        if (argv && !is_command(argv[0]))
                return complain_usage("%s: name the command in full, or without any folder",
                                      argv[0]);
        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0 || context_know(&c, &e) < 0)
                return complain(&e);
        r = entering_open(&c, a->operands[0], &n, &e);
        if (r < 0) {
                complain(&e);
                return r == -EINVAL || r == -EOPNOTSUPP ? STATUS_USAGE : STATUS_CANNOT;
        }
        return enter(&c, &n, argv, &e);
}
