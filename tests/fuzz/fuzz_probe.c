/* fuzz_probe.c - any bytes may be a probe, and any a web server's answer.  What is taken is clean,
 * in range, and can be asked. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/probe_private.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_port(enum probe_kind kind)
{
        return kind == PROBE_TCP || kind == PROBE_UDP || kind == PROBE_HTTP;
}

/* One request, with one line for the path and none that the text brought along. */
static void check_http(const struct probe *p)
{
        scoped(mem_freep) char *request = probe_request(p);
        unsigned lines = 0;

        for (const char *c = request; c && *c; c++)
                lines += *c == '\n';
        if (!request || lines != 6 || p->path[0] != '/' || strpbrk(p->path, " \r\n"))
                abort();
        if (p->status && (p->status < 100 || p->status > 599))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        scoped(mem_freep) char *text = strndup((const char *)data, size);
        scoped(probe_done) struct probe p = { 0 };
        struct sockaddr_storage to[PROBE_ADDRESSES];
        socklen_t length[PROBE_ADDRESSES];
        int status = size ? probe_status((const char *)data, size) : -1;
        struct err e = { 0 };

        if (status < -1 || (status > 0 && status < 100) || status > 599)
                abort();
        if (!text || probe_parse(text, &p, &e) < 0)
                return 0;
        if (has_port(p.kind) && (p.port < 1 || p.port > 65535 || !probe_addresses(&p, to, length)))
                abort();
        if (p.kind == PROBE_HTTP)
                check_http(&p);
        if (p.kind != PROBE_COMMAND && strpbrk(p.text, "\n\r\033"))
                abort();
        return 0;
}
