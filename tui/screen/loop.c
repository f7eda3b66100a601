/* loop.c - the full screen's event loop: keys, window size, Ctrl-Z, and long work in between.
 * Beside core/base/job.c the only place that sees sd-event. */
#include "core/base/base.h"
#include "tui/command/arguments.h"
#include "tui/screen/app.h"
#include "tui/screen/term.h"
#include "tui/screen/views.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>
#include <unistd.h>

enum { TICK = 250000 }; /* microseconds */

struct loop {
        struct canvas canvas;
};

static void redraw(struct app *app)
{
        struct loop *loop = app->loop;
        int rows, cols;

        term_size(&rows, &cols);
        if (rows != loop->canvas.rows || cols != loop->canvas.cols) {
                canvas_done(&loop->canvas);
                if (canvas_open(&loop->canvas, rows, cols, app->ascii) < 0)
                        return;
        }
        canvas_clear(&loop->canvas);
        app_draw(app, &loop->canvas);
        term_show(&loop->canvas, -1, -1);
}

static int on_keys(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct app *app = userdata;
        const char *key;

        (void)source;
        (void)fd;
        if (events & (EPOLLHUP | EPOLLERR)) { /* the terminal went away */
                app->context->job.cancelled = true;
                app->quit = true;
                return 0;
        }
        while (!app->quit && (key = term_key())) {
                if (strcmp(key, "Ctrl-Z") == 0)
                        term_suspend();
                else if (strcmp(key, "Resize") != 0)
                        app_key(app, key);
                if (app->work.run && !app->working)
                        break; /* the rest of the keys belong to what comes next */
        }
        redraw(app);
        return 0;
}

static int on_resize(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
        (void)source;
        (void)si;
        redraw(userdata);
        return 0;
}

/* While something runs, its clock goes on; so do countdowns. */
static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct app *app = userdata;

        (void)usec;
        if (app_tick(app))
                redraw(app);
        return sd_event_source_set_time_relative(source, TICK);
}

/* SIGTERM, SIGHUP, SIGINT from outside: the job's own handler has cancelled; leave too. */
static bool stopped(const struct app *app)
{
        return app->context->job.cancelled && !app->working;
}

static int attach(struct app *app, struct err *e)
{
        sd_event *event = app->context->job.event;
        sd_event_source *clock = NULL;
        sigset_t set;
        int r;

        sigemptyset(&set);
        sigaddset(&set, SIGWINCH);
        sigprocmask(SIG_BLOCK, &set, NULL);
        r = sd_event_add_io(event, NULL, STDIN_FILENO, EPOLLIN, on_keys, app);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGWINCH, on_resize, app);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &clock, CLOCK_MONOTONIC, TICK, TICK / 10,
                                               on_tick, app);
        if (r >= 0)
                r = sd_event_source_set_enabled(clock, SD_EVENT_ON);
        if (r >= 0)
                r = sd_event_source_set_floating(clock, true);
        sd_event_source_unref(clock);
        return r < 0 ? err_set(e, r, "cannot watch the terminal") : 0;
}

static int run(struct app *app)
{
        while (!app->quit && !stopped(app)) {
                if (app->work.run) {
                        struct work work = app->work;

                        app->work.run = NULL;
                        app->working = true;
                        work.run(work.state, app);
                        app->working = false;
                        if (!app->quit)
                                app->context->job.cancelled = false;
                } else {
                        int r = sd_event_run(app->context->job.event, UINT64_MAX);

                        if (r < 0)
                                return r;
                }
                redraw(app);
        }
        return 0;
}

int app_run(const struct arguments *a)
{
        scoped(context_close) struct context context = CONTEXT_NONE;
        struct loop loop = { 0 };
        struct app app = { .redraw = redraw, .loop = &loop };
        struct term_options options = { .color = a->color, .ascii = a->ascii, .mouse = true };
        struct err e = { 0 };
        int r = context_open(&context, a, &e);

        if (r < 0)
                return complain(&e);
        app.context = &context;
        app.ascii = a->ascii || !term_utf8();
        r = term_open(&options, &e);
        if (r < 0)
                return complain(&e);
        r = attach(&app, &e);
        if (r >= 0) {
                view_units_open(&app);
                r = run(&app);
        }
        app_done(&app);
        canvas_done(&loop.canvas);
        term_close();
        if (r < 0) {
                if (!e.text[0])
                        err_set(&e, r, "the screen stopped");
                return complain(&e);
        }
        return STATUS_DONE;
}
