/* probe_http.c - what is said to a web server, and what its first line answers. */
#include "core/trial/probe_private.h"

#include "core/base/text.h"

#include <ctype.h>
#include <string.h>

/* Bytes beyond ASCII are escaped, as every client does. */
static void add_path(struct text *t, const char *path)
{
        for (const unsigned char *c = (const unsigned char *)path; *c; c++) {
                if (*c < 0x80)
                        text_addn(t, (const char *)c, 1);
                else
                        text_addf(t, "%%%02X", *c);
        }
}

char *probe_request(const struct probe *p)
{
        bool v6 = strchr(p->text, ':') != NULL;
        struct text t = { 0 };

        text_add(&t, "GET ");
        add_path(&t, p->path);
        text_addf(&t, " HTTP/1.1\r\nHost: %s%s%s", v6 ? "[" : "", p->text, v6 ? "]" : "");
        if (p->port != 80)
                text_addf(&t, ":%u", p->port);
        text_add(&t, "\r\nUser-Agent: gird\r\nAccept: */*\r\nConnection: close\r\n\r\n");
        return text_take(&t);
}

/* "HTTP/1.1 200 OK" */
int probe_status(const char *bytes, size_t length)
{
        static const char begin[] = "HTTP/";
        const char *end = memchr(bytes, '\n', length);
        size_t n = end ? (size_t)(end - bytes) : length, at = sizeof(begin) - 1;

        if (memcmp(bytes, begin, n < at ? n : at) != 0)
                return 0;
        if (!end)
                return -1;
        while (at < n && (isdigit((unsigned char)bytes[at]) || bytes[at] == '.'))
                at++;
        if (at == sizeof(begin) - 1 || n - at < 4 || bytes[at] != ' ')
                return 0;
        for (size_t i = at + 1; i < at + 4; i++)
                if (!isdigit((unsigned char)bytes[i]))
                        return 0;
        if (n > at + 4 && bytes[at + 4] != ' ' && bytes[at + 4] != '\r')
                return 0;
        if (bytes[at + 1] < '1' || bytes[at + 1] > '5')
                return 0;
        return (bytes[at + 1] - '0') * 100 + (bytes[at + 2] - '0') * 10 + (bytes[at + 3] - '0');
}
