/* rehearsal_listen.c - what a unit listens on, as far as others can reach it. */
#include "core/trial/rehearsal_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A unix socket whose file nobody else sees is as good as gone; so is any socket in a network
 * namespace of the service's own. */
static bool shares_network(struct rehearsal *r, const struct run *run)
{
        const char *root = r->stage->ops->root(r->stage);
        char path[64], ours[64] = "", theirs[64] = "";
        scoped(mem_freep) char *init = text_format("%s/proc/1/ns/net", root);
        scoped(mem_freep) char *main = NULL;

        if (run->state.main_pid <= 0 || !init)
                return true;
        snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)run->state.main_pid);
        main = text_format("%s%s", root, path);
        if (!main || readlink(init, ours, sizeof(ours) - 1) <= 0 ||
            readlink(main, theirs, sizeof(theirs) - 1) <= 0)
                return true;
        return strcmp(ours, theirs) == 0;
}

static bool is_reachable(struct rehearsal *r, const char *listener, bool same_network)
{
        struct stat st;
        int fd;
        bool there;

        if (!text_starts(listener, "unix /"))
                return same_network;
        fd = open_in_root(r->stage->ops->root(r->stage), strchr(listener, '/'),
                          O_PATH | O_NOFOLLOW);
        if (fd < 0)
                return fd != -ENOENT && fd != -ENOTDIR;
        there = fstat(fd, &st) < 0 || S_ISSOCK(st.st_mode);
        close(fd);
        return there;
}

int rehearsal_listeners(struct rehearsal *r, struct run *run, struct err *e)
{
        scoped(strv_freep) char **all = NULL, **reachable = NULL;
        bool same_network = shares_network(r, run);
        int k;

        if (!run->state.control_group || !*run->state.control_group)
                return 0;
        k = r->stage->ops->listeners(r->stage, run->state.control_group, &all, e);
        if (k == -ENOENT) /* its processes ended meanwhile */
                k = 0;
        for (char **l = all; k >= 0 && l && *l; l++)
                if (is_reachable(r, *l, same_network))
                        k = strv_add(&reachable, *l);
        if (k < 0)
                return k;
        strv_free(run->listeners);
        run->listeners = take(reachable);
        return 0;
}
