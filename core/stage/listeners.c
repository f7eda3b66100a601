/* listeners.c - the sockets that a control group listens on: the descriptors of its
 * processes against the tables of their network namespaces. */
#include "core/stage/listeners.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

enum { TABLE_LIMIT = 64 << 20, DEPTH_LIMIT = 32, PORTS_LIMIT = 256, ESTABLISHED = 0x01 };

struct numbers {
        uint64_t *list;
        size_t count, room;
};

static void numbers_done(struct numbers *n)
{
        free(n->list);
}

static int numbers_add(struct numbers *n, uint64_t number)
{
        if (n->count == n->room) {
                size_t room = n->room ? n->room * 2 : 64;
                uint64_t *more = realloc(n->list, room * sizeof(*more));

                if (!more)
                        return -ENOMEM;
                n->list = more;
                n->room = room;
        }
        n->list[n->count++] = number;
        return 0;
}

static int by_number(const void *a, const void *b)
{
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return (x > y) - (x < y);
}

static void numbers_sort(struct numbers *n)
{
        if (n->count > 1)
                qsort(n->list, n->count, sizeof(*n->list), by_number);
}

static bool numbers_have(const struct numbers *sorted, uint64_t number)
{
        return sorted->count > 0 &&
               bsearch(&number, sorted->list, sorted->count, sizeof(number), by_number) != NULL;
}

/* --- who ------------------------------------------------------------------------------- */

static int add_processes(int folder, struct numbers *ret)
{
        scoped(mem_freep) char *text = NULL;
        scoped(strv_freep) char **lines = NULL;
        int r = file_read(folder, "cgroup.procs", TABLE_LIMIT, &text, NULL, NULL);

        if (r == -ENOENT || r == -ENODEV || r == -EOPNOTSUPP) /* gone meanwhile, or threaded */
                return 0;
        if (r >= 0)
                r = strv_split(text, "\n", &lines);
        for (char **line = lines; r >= 0 && line && *line; line++)
                r = numbers_add(ret, strtoull(*line, NULL, 10));
        return r;
}

static int find_processes(int folder, unsigned depth, struct numbers *ret)
{
        int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        scoped(dir_closep) DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
        struct dirent *entry;
        int r = add_processes(folder, ret);

        if (!dir) {
                fd_closep(&copy);
                return r;
        }
        while (r >= 0 && depth < DEPTH_LIMIT && (entry = readdir(dir))) {
                scoped(fd_closep) int below = -1;

                if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
                        continue;
                below = openat(folder, entry->d_name,
                               O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (below >= 0)
                        r = find_processes(below, depth + 1, ret);
        }
        return r;
}

/* The inodes of the sockets that a process has open. */
static int find_sockets(uint64_t pid, struct numbers *ret)
{
        scoped(dir_closep) DIR *dir = NULL;
        struct dirent *entry;
        char path[48];
        int r = 0;

        snprintf(path, sizeof(path), "/proc/%llu/fd", (unsigned long long)pid);
        dir = opendir(path);
        while (r >= 0 && dir && (entry = readdir(dir))) {
                char target[64];
                ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

                if (n <= 0)
                        continue;
                target[n] = '\0';
                if (text_starts(target, "socket:["))
                        r = numbers_add(ret, strtoull(target + 8, NULL, 10));
        }
        return r;
}

/* --- what ------------------------------------------------------------------------------ */

struct look {
        const struct numbers *sockets; /* sorted */
        unsigned first, last;          /* ports that the kernel gives to clients */
        bool peers;                    /* looked for: who is connected, not what is listened on */
        char **found;
};

struct table {
        const char *file; /* below /proc/PID/net */
        const char *name;
        int family;
        unsigned state; /* that of one who waits for others */
        bool has_client_ports;
};

static const struct table tables[] = {
        { "tcp", "tcp", AF_INET, 0x0a, false },
        { "tcp6", "tcp6", AF_INET6, 0x0a, false },
        { "udp", "udp", AF_INET, 0x07, true },
        { "udp6", "udp6", AF_INET6, 0x07, true },
        { "udplite", "udplite", AF_INET, 0x07, true },
        { "udplite6", "udplite6", AF_INET6, 0x07, true },
};

/* The kernel prints each 32-bit word of an address as a number of this machine. */
static bool parse_address(const char *hex, int family, char *ret, size_t room)
{
        uint32_t words[4] = { 0 };
        size_t count = family == AF_INET ? 1 : 4;

        for (size_t i = 0; i < count; i++) {
                char word[9] = { 0 };

                for (size_t k = 0; k < 8; k++)
                        if (!isxdigit((unsigned char)(word[k] = hex[i * 8 + k])))
                                return false;
                words[i] = (uint32_t)strtoul(word, NULL, 16);
        }
        return hex[count * 8] == ':' && inet_ntop(family, words, ret, (socklen_t)room);
}

static int add_once(char ***list, const char *word)
{
        return strv_has(*list, word) ? 0 : strv_add(list, word);
}

static int inet_line(struct look *l, const struct table *t, const char *line)
{
        scoped(strv_freep) char **fields = NULL;
        scoped(mem_freep) char *said = NULL;
        char address[INET6_ADDRSTRLEN];
        unsigned port, state = l->peers ? (unsigned)ESTABLISHED : t->state;
        size_t side = l->peers ? 2 : 1;
        int r = strv_split(line, " ", &fields);

        if (r < 0)
                return r;
        if (strv_length(fields) < 10 || strtoul(fields[3], NULL, 16) != state ||
            !numbers_have(l->sockets, strtoull(fields[9], NULL, 10)) ||
            !parse_address(fields[side], t->family, address, sizeof(address)))
                return 0;
        port = (unsigned)strtoul(strchr(fields[side], ':') + 1, NULL, 16);
        if (t->has_client_ports && port >= l->first && port <= l->last)
                return 0;
        said = text_format(t->family == AF_INET ? "%s %s:%u" : "%s [%s]:%u", t->name, address,
                           port);
        return said ? add_once(&l->found, said) : -ENOMEM;
}

/* Names that the kernel made up: '@' and five hex digits. */
static bool is_autobound(const char *name)
{
        size_t n = strspn(name + 1, "0123456789abcdef");

        return name[0] == '@' && n == 5 && !name[6];
}

/* "Num: RefCount Protocol Flags Type St Inode Path" */
static int unix_line(struct look *l, const char *line)
{
        enum { ACCEPTS = 0x10000, DATAGRAM = 2, UNCONNECTED = 1 };
        unsigned flags, type, state;
        unsigned long long inode;
        scoped(mem_freep) char *said = NULL;
        scoped(mem_freep) char *name = NULL;
        int at = 0;

        if (sscanf(line, "%*s %*x %*x %x %x %x %llu %n", &flags, &type, &state, &inode, &at) != 4 ||
            at == 0 || !line[at] || !numbers_have(l->sockets, inode))
                return 0;
        if (!(flags & ACCEPTS) && !(type == DATAGRAM && state == UNCONNECTED))
                return 0;
        if (is_autobound(line + at))
                return 0;
        name = text_printable_dup(line + at);
        said = name ? text_format("unix %s", name) : NULL;
        return said ? add_once(&l->found, said) : -ENOMEM;
}

static int read_table(uint64_t pid, const char *file, char ***ret)
{
        scoped(mem_freep) char *text = NULL;
        char path[64];
        int r;

        snprintf(path, sizeof(path), "/proc/%llu/net/%s", (unsigned long long)pid, file);
        r = file_read(AT_FDCWD, path, TABLE_LIMIT, &text, NULL, NULL);
        if (r == -ENOENT || r == -ESRCH || r == -EINVAL) /* no such protocol; or it has ended */
                return 0;
        return r < 0 ? r : strv_split(text, "\n", ret);
}

/* All tables as that process sees them. */
static int look_from(struct look *l, uint64_t pid)
{
        scoped(strv_freep) char **unix_lines = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < COUNT(tables); i++) {
                scoped(strv_freep) char **lines = NULL;

                if (l->peers && tables[i].has_client_ports) /* these know no connections */
                        continue;
                r = read_table(pid, tables[i].file, &lines);
                for (char **line = lines; r >= 0 && line && *line; line++)
                        r = inet_line(l, &tables[i], *line);
        }
        if (r >= 0 && !l->peers)
                r = read_table(pid, "unix", &unix_lines);
        for (char **line = unix_lines; r >= 0 && line && *line; line++)
                r = unix_line(l, *line);
        return r;
}

/* The range is a network's own, and looked at as that of this process's; twins leave it. */
static void find_client_ports(struct look *l)
{
        scoped(mem_freep) char *text = NULL;

        l->first = 32768;
        l->last = 60999;
        if (file_read(AT_FDCWD, "/proc/sys/net/ipv4/ip_local_port_range", PORTS_LIMIT, &text, NULL,
                      NULL) == 0)
                (void)!sscanf(text, "%u %u", &l->first, &l->last);
}

/* Each network namespace once. */
static int look_everywhere(struct look *l, const struct numbers *processes)
{
        scoped(numbers_done) struct numbers seen = { 0 };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < processes->count; i++) {
                char path[48];
                struct stat st;
                bool known = false;

                snprintf(path, sizeof(path), "/proc/%llu/ns/net",
                         (unsigned long long)processes->list[i]);
                if (stat(path, &st) < 0)
                        continue;
                for (size_t k = 0; k < seen.count; k++)
                        known |= seen.list[k] == (uint64_t)st.st_ino;
                if (known)
                        continue;
                r = numbers_add(&seen, (uint64_t)st.st_ino);
                if (r >= 0)
                        r = look_from(l, processes->list[i]);
        }
        return r;
}

static int look_in(const char *folder, bool peers, char ***ret, struct err *e)
{
        scoped(numbers_done) struct numbers processes = { 0 }, sockets = { 0 };
        scoped(fd_closep) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct look look = { .sockets = &sockets, .peers = peers };
        int r = fd < 0 ? -errno : 0;

        if (r == -ENOENT) { /* a unit that does not run has none */
                *ret = NULL;
                return 0;
        }
        if (r == 0)
                r = find_processes(fd, 0, &processes);
        for (size_t i = 0; r >= 0 && i < processes.count; i++)
                r = find_sockets(processes.list[i], &sockets);
        numbers_sort(&sockets);
        find_client_ports(&look);
        if (r >= 0 && sockets.count > 0)
                r = look_everywhere(&look, &processes);
        if (r < 0) {
                strv_free(look.found);
                return err_set(e, r, "cannot tell what %s %s", folder,
                               peers ? "is connected to" : "listens on");
        }
        strv_sort(look.found);
        *ret = look.found;
        return 0;
}

int listeners_read(const char *folder, char ***ret, struct err *e)
{
        return look_in(folder, false, ret, e);
}

int connections_read(const char *folder, char ***ret, struct err *e)
{
        return look_in(folder, true, ret, e);
}
