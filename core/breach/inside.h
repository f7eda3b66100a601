/* inside.h - a program of ours, or one of the machine's, started in the sandbox of a unit: in the
 * place of the service, by the systemd of a stage, so that user, mounts, /proc, devices, network,
 * capabilities and system calls are those that the service has.
 *
 * The unit's own file stays as it is; a drop-in in the stage takes its commands and conditions away
 * and names ours.  The stage must be a twin. */
#pragma once

#include "core/base/err.h"
#include "core/base/job.h"
#include "core/profile/known.h"
#include "core/profile/profile.h"
#include "core/stage/stage.h"
#include "core/unit/sandbox.h"

struct inside_options {
        const struct sandbox *unit;    /* as it stands, after sandbox_imply() */
        const struct profile *profile; /* NULL: as it stands */
        const struct dialect *dialect;
        const struct known *known; /* or NULL */
        const char *dropin_path;   /* inside the stage: where the profile will be saved */
        const char *root;          /* the tree the unit was read from; NULL: this machine */
        /* argv[0] absolute, as the sandbox sees it.  NULL: the intruder (core/breach/program), with
         * .words as its arguments; it stands where the service's own program stands. */
        char *const *argv;
        char *const *words;
        uint64_t timeout;     /* microseconds; 0: 30 s; JOB_FOREVER */
        const char *terminal; /* NULL: input is /dev/null, and output is kept; else a terminal of
                               * the stage, "/dev/pts/1", which inside_terminal() made */
        const char *term;     /* TERM= for it, or NULL */
        bool has_input; /* without a terminal: what this process reads as .input is its input */
        int input;
        /* Is handed what it prints as it comes (stream 1 or 2) instead of .out and .errors; or
         * NULL.  Called from the loop, so it must not wait. */
        void (*output)(void *userdata, int stream, const char *bytes, size_t length);
        void *userdata;
};

struct inside_result {
        int code, status;   /* as in run_result */
        char result[32];    /* systemd's Result; "timeout": it was ended for that */
        char *out, *errors; /* cut at 1 MiB */
        char *why;          /* it was not started: "226/NAMESPACE: …", a sentence; or NULL */
};
void inside_done(struct inside_result *r);

/* 0: it ran, or .why says why not; < 0: fault or -ECANCELED.  Afterwards the unit is stopped and
 * the stage is as before, so it may be called again. */
int inside_run(const struct inside_options *o, struct stage *stage, struct job *job,
               struct inside_result *ret, struct err *e);

/* A terminal of the stage: *ret_fd is our end (O_CLOEXEC, non-blocking), ret_name the other's name
 * inside. Caller closes and frees. */
int inside_terminal(struct stage *stage, int *ret_fd, char **ret_name, struct err *e);

/* Writes the intruder at path inside the stage, mode 0755, making folders. */
int inside_put_intruder(struct stage *stage, const char *path, struct err *e);

/* The bytes of the intruder, static and for this machine's processor. */
extern const unsigned char intruder_bytes[] __asm__("_binary_intruder_start");
extern const unsigned char intruder_end[] __asm__("_binary_intruder_end");
