/* rescore.c - how long one what-if takes: a change, the implications, the score. */
#include "core/base/base.h"
#include "core/base/job.h"
#include "core/profile/profile.h"
#include "core/score/score.h"
#include "core/unit/files.h"

#include <stdio.h>
#include <string.h>

static const char unit[] =
        "[Service]\nExecStart=/bin/true\nUser=web\nProtectSystem=strict\n"
        "CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_CHOWN\n"
        "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\n"
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\nReadWritePaths=/var/lib/web\n";

int main(void)
{
        enum { ROUNDS = 20000 };
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(profile_freep) struct profile *p = NULL;
        struct dialect dialect;
        struct score score;
        uint64_t start, scoring;
        unsigned sum = 0;

        dialect_for((struct version){ 257, 13 }, SCOPE_SYSTEM, &dialect);
        if (sandbox_new("web.service", SCOPE_SYSTEM, &s) < 0 ||
            unit_parse(s, &dialect, "web.service", unit, strlen(unit)) < 0 ||
            profile_new("web.service", SCOPE_SYSTEM, &p) < 0 ||
            profile_assign(p, &dialect, "PrivateNetwork=yes", NULL) < 0)
                return 1;
        start = job_now();
        for (int i = 0; i < ROUNDS; i++) {
                scoped(sandbox_freep) struct sandbox *then = NULL;

                if (profile_apply(p, s, &dialect, &then) < 0 ||
                    score_sandbox(then, &dialect, SCORE_OFFLINE, &score) != 0)
                        return 1;
                sum += score.exposure;
        }
        printf("figure one what-if (apply, imply, score): %.2f us\n",
               (double)(job_now() - start) / ROUNDS);
        scoring = job_now();
        for (int i = 0; i < ROUNDS; i++) {
                if (score_sandbox(s, &dialect, SCORE_OFFLINE, &score) != 0)
                        return 1;
                sum += score.exposure;
        }
        printf("figure one score of a sandbox: %.2f us (sum %u)\n",
               (double)(job_now() - scoring) / ROUNDS, sum);
        return 0;
}
