/* inside_dropin.c - the drop-in that puts another program in the place of a unit's own.
 *
 * All that makes the sandbox stays; what starts, stops, watches and restarts the service goes. */
#include "core/breach/inside_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <string.h>

enum { LINE_LIMIT = 1 << 20 };

/* The unit's own OnFailure= cannot be taken away by a drop-in; what it names starts in the twin. */
static const char unit_section[] = "[Unit]\n"
                                   "ConditionPathExists=\n"
                                   "AssertPathExists=\n"
                                   "RefuseManualStart=no\n"
                                   "StopWhenUnneeded=no\n"
                                   "StartLimitIntervalSec=0\n"
                                   "StartLimitAction=none\n"
                                   "FailureAction=none\n"
                                   "SuccessAction=none\n"
                                   "JobTimeoutAction=none\n"
                                   "CollectMode=inactive\n";

/* It stays in memory when it has ended, so that it can be read how.  Nothing that runs there has
 * anything to save, so that a stop need not be kind. */
static const char service_section[] = "\n[Service]\n"
                                      "Type=exec\n"
                                      "RemainAfterExit=yes\n"
                                      "Restart=no\n"
                                      "SuccessExitStatus=\n"
                                      "RestartForceExitStatus=\n"
                                      "PIDFile=\n"
                                      "BusName=\n"
                                      "WatchdogSec=0\n"
                                      "TimeoutStartSec=60\n"
                                      "TimeoutStopSec=5\n"
                                      "RuntimeMaxSec=infinity\n"
                                      "KillMode=control-group\n"
                                      "KillSignal=SIGKILL\n"
                                      "SendSIGKILL=yes\n"
                                      "ExecCondition=\n"
                                      "ExecStartPre=\n"
                                      "ExecStart=\n"
                                      "ExecStartPost=\n"
                                      "ExecReload=\n"
                                      "ExecStop=\n"
                                      "ExecStopPost=\n";

/* Bytes that are no plain ASCII are escaped, as a unit file must be valid UTF-8. */
void inside_quote(struct text *t, const char *word)
{
        text_add(t, "\"");
        for (const char *c = word; *c; c++) {
                unsigned char byte = (unsigned char)*c;

                if (byte == '%')
                        text_add(t, "%%");
                else if (byte == '"' || byte == '\\')
                        text_addf(t, "\\%c", byte);
                else if (byte < ' ' || byte >= 0x7f)
                        text_addf(t, "\\x%02x", byte);
                else
                        text_addn(t, c, 1);
        }
        text_add(t, "\"");
}

/* With '+', '!' or '!!' the service's own process has more rights than the directives say, and so
 * has one that took it over: they stay.  '-', '@' and '|' say how systemd is to start that very
 * program, and go.  ':' leaves '$' in our words alone. */
static void add_prefixes(struct text *t, const struct sandbox *after)
{
        const char *prefixes = "";

        for (size_t i = 0; i < after->facts.exec_count; i++)
                if (strcmp(after->facts.exec[i].key, "ExecStart") == 0) {
                        prefixes = after->facts.exec[i].prefixes;
                        break;
                }
        text_add(t, ":");
        for (const char *c = prefixes ? prefixes : ""; *c; c++)
                if (*c == '+' || *c == '!')
                        text_addn(t, c, 1);
}

/* A terminal is opened before there is a mount namespace, but within the device policy: the strict
 * one has to let it through. */
static void add_terminal(struct text *t, const struct inside_lines *l)
{
        const char *policy = setting_word(l->after, D_DevicePolicy);

        text_addf(t,
                  "StandardInput=tty-force\nStandardOutput=inherit\nStandardError=inherit\n"
                  "TTYPath=%s\nTTYReset=no\nTTYVHangup=no\nTTYVTDisallocate=no\n",
                  l->terminal);
        if (policy && strcmp(policy, "strict") == 0)
                text_add(t, "DeviceAllow=char-pts rw\n");
        if (l->term) {
                scoped(mem_freep) char *pair = text_format("TERM=%s", l->term);

                text_add(t, "Environment=");
                inside_quote(t, pair ? pair : "TERM=dumb");
                text_add(t, "\n");
        }
}

int inside_dropin(const struct inside_lines *l, char **ret)
{
        struct text line = { 0 }, t = { 0 };

        add_prefixes(&line, l->after);
        inside_quote(&line, l->path);
        for (char *const *word = l->words; word && *word; word++) {
                text_add(&line, " ");
                inside_quote(&line, *word);
        }
        if (!line.failed && line.length > LINE_LIMIT - 64) {
                text_done(&line);
                return -E2BIG;
        }
        text_add(&t, unit_section);
        text_add(&t, service_section);
        if (l->dialect->version.major >= 250)
                text_add(&t, "ExitType=main\n");
        if (l->terminal)
                add_terminal(&t, l);
        else
                text_addf(&t,
                          "StandardInput=%s\n"
                          "StandardOutput=append:" INSIDE_FOLDER "/out\n"
                          "StandardError=append:" INSIDE_FOLDER "/errors\n",
                          l->has_input ? "file:" INSIDE_FOLDER "/in" : "null");
        if (l->bind)
                text_addf(&t, "BindReadOnlyPaths=%s\n", l->bind);
        text_addf(&t, "ExecStart=%s\n", line.chars ? line.chars : "");
        t.failed = t.failed || line.failed;
        text_done(&line);
        *ret = text_take(&t);
        return *ret ? 0 : -ENOMEM;
}
