/* observed_gist.c - the gist of a behaviour: what people ask first. */
#include "tui/command/observed.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int add_once(char ***list, const char *word)
{
        return strv_has(*list, word) ? 0 : strv_add(list, word);
}

static const char *family_word(uint64_t family)
{
        static const struct {
                unsigned family;
                const char *word;
        } rows[] = {
                { AF_UNIX, "AF_UNIX" },
                { AF_INET, "AF_INET" },
                { AF_INET6, "AF_INET6" },
                { AF_NETLINK, "AF_NETLINK" },
                { AF_PACKET, "AF_PACKET" },
                { AF_VSOCK, "AF_VSOCK" },
                { AF_ALG, "AF_ALG" },
                { AF_CAN, "AF_CAN" },
                { AF_BLUETOOTH, "AF_BLUETOOTH" },
        };

        for (size_t i = 0; i < COUNT(rows); i++)
                if (rows[i].family == family)
                        return rows[i].word;
        return NULL;
}

static int add_family(struct gist *g, const struct act *a)
{
        scoped(mem_freep) char *word = NULL;
        const char *known = family_word(a->a);

        if (known)
                return add_once(&g->families, known);
        word = text_format("family %llu", (unsigned long long)a->a);
        return word ? add_once(&g->families, word) : -ENOMEM;
}

/* As listeners are worded elsewhere: "tcp 0.0.0.0:80", "tcp [::]:80", "unix /run/x.sock". */
static int address_words(const struct act *a, char **ret)
{
        unsigned type = (unsigned)(a->b & 0xf);
        const char *text = a->text ? a->text : "";
        bool six = a->a == AF_INET6;
        char port[24] = "any";

        *ret = NULL;
        if (a->a == AF_UNIX && !*text)
                return 0;
        if (!(a->flags & ACT_EPHEMERAL))
                snprintf(port, sizeof(port), "%llu", (unsigned long long)a->c);
        if (a->a == AF_UNIX)
                *ret = text_format("unix %s", text);
        else if (a->a == AF_INET || six)
                *ret = text_format("%s %s%s%s:%s",
                                   type == SOCK_STREAM  ? "tcp"
                                   : type == SOCK_DGRAM ? "udp"
                                                        : "ip",
                                   six ? "[" : "", *text ? text : "*", six ? "]" : "", port);
        else
                return 0;
        return *ret ? 0 : -ENOMEM;
}

static int add_address(char ***list, const struct act *a)
{
        scoped(mem_freep) char *words = NULL;
        int r = 0;

        if (a->error && a->error != EINPROGRESS)
                return 0;
        r = address_words(a, &words);
        return r < 0 || !words ? r : add_once(list, words);
}

static int add_refused(struct gist *g, const struct act *a)
{
        scoped(mem_freep) char *word = NULL;

        if (a->kind == ACT_REFUSED)
                word = text_format("%s by a system call filter", a->name ? a->name : "a call");
        else
                word = text_format("killed by SIG%s",
                                   sigabbrev_np((int)a->a) ? sigabbrev_np((int)a->a) : "?");
        return word ? add_once(&g->refused, word) : -ENOMEM;
}

/* The folder of what was written; what was written itself where it is alone there. */
static int add_written(struct gist *g, const struct behaviour *b, const struct act *a)
{
        static const unsigned changing = ACCESS_WRITE | ACCESS_CREATE | ACCESS_DELETE |
                                         ACCESS_CHANGE | ACCESS_TRUNCATE;
        const char *slash = a->text ? strrchr(a->text, '/') : NULL;
        scoped(mem_freep) char *folder = NULL;
        size_t length;

        if (!slash || a->error || !(a->a & changing) || a->rdev || a->flags & ACT_QUIET)
                return 0;
        if (a->flags & ACT_GENERAL) {
                folder = text_format("%s/", a->text);
                return folder ? add_once(&g->written, folder) : -ENOMEM;
        }
        length = (size_t)(slash - a->text) + 1;
        for (const struct act *other = behaviour_first(b, ACT_PATH); other;
             other = behaviour_next(b, other))
                if (other->a & changing && !other->error && !other->rdev && other->text &&
                    strcmp(other->text, a->text) != 0 && length > 1 &&
                    strncmp(other->text, a->text, length) == 0 &&
                    !strchr(other->text + length, '/')) {
                        folder = strndup(a->text, length);
                        return folder ? add_once(&g->written, folder) : -ENOMEM;
                }
        return add_once(&g->written, a->text);
}

static int take_act(struct gist *g, const struct behaviour *b, const struct act *a)
{
        switch (a->kind) {
        case ACT_CALL:
                g->calls++;
                return 0;
        case ACT_SOCKET:
                return a->error ? 0 : add_family(g, a);
        case ACT_BIND:
                return add_address(&g->ports, a);
        case ACT_CONNECT:
                return add_address(&g->peers, a);
        case ACT_PATH:
                return add_written(g, b, a);
        case ACT_EXEC:
                return a->error || !a->text ? 0 : add_once(&g->programs, a->text);
        case ACT_CAP:
                return a->error || a->flags & ACT_QUIET || !a->name
                               ? 0
                               : add_once(&g->capabilities, a->name);
        case ACT_KILLED:
        case ACT_REFUSED:
                return add_refused(g, a);
        case ACT_ARGS:
        case ACT_PEER:
        case ACT_SIGNAL:
        case ACT_FOREIGN:
        case ACT_KINDS:
                break;
        }
        return 0;
}

/* What lies in a folder that is named as a whole. */
static void drop_covered(char **list)
{
        for (size_t i = 0; list && list[i];) {
                size_t length = (size_t)(strrchr(list[i], '/') - list[i]) + 1;
                bool covered = false;

                for (size_t k = 0; !covered && list[i][length] && list[k]; k++)
                        covered = strlen(list[k]) == length &&
                                  strncmp(list[k], list[i], length) == 0;
                if (covered) {
                        scoped(mem_freep) char *word = strdup(list[i]);

                        if (!word) /* then it is said twice */
                                return;
                        strv_remove(list, word);
                } else {
                        i++;
                }
        }
}

int gist_make(const struct behaviour *b, struct gist *ret)
{
        struct gist g = { 0 };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < b->act_count; i++)
                r = take_act(&g, b, &b->acts[i]);
        drop_covered(g.written);
        if (r < 0) {
                gist_done(&g);
                return r;
        }
        *ret = g;
        return 0;
}

void gist_done(struct gist *g)
{
        strv_free(g->families);
        strv_free(g->ports);
        strv_free(g->peers);
        strv_free(g->capabilities);
        strv_free(g->written);
        strv_free(g->programs);
        strv_free(g->refused);
        *g = (struct gist){ 0 };
}
