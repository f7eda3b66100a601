/* test_store.c - drop-ins saved and taken back, also when gird is killed or the disk is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/store.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define UNIT "odd\\x2dname@a:b.service"
#define OLD  DROPIN_MARK "0.0 on some day\n[Service]\nUMask=0077\n"
#define NEW  DROPIN_MARK "0.1 on another day\n[Service]\nPrivateTmp=yes\n"

/* A root of its own for each test. */
struct box {
        char root[64];
        struct unit_root units;
        struct store store;
};

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
        (void)st;
        (void)kind;
        (void)at;
        return remove(path);
}

static void box_empty(const struct box *box)
{
        assert_int_equal(nftw(box->root, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void box_open(struct box *box)
{
        struct err e = { 0 };

        /* in memory where that is possible: hundreds of these are made, each with fsync() */
        snprintf(box->root, sizeof(box->root), "%s/gird-store-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        assert_non_null(mkdtemp(box->root));
        assert_int_equal(unit_root_open(&box->units, box->root, SCOPE_SYSTEM, &e), 0);
        assert_int_equal(store_open(&box->store, &box->units, &e), 0);
}

static void box_done(struct box *box)
{
        store_done(&box->store);
        unit_root_done(&box->units);
        box_empty(box);
}

static char *below(const struct box *box, const char *path)
{
        char *full = text_format("%s%s", box->root, path);

        assert_non_null(full);
        return full;
}

static char *dropin_of(const struct box *box, const char *unit)
{
        scoped(mem_freep) char *path = text_format("/etc/systemd/system/%s.d/50-gird.conf", unit);

        assert_non_null(path);
        return below(box, path);
}

static void put(const char *path, const char *text, mode_t mode)
{
        scoped(mem_freep) char *folder = strdup(path);
        FILE *f;

        assert_non_null(folder);
        *strrchr(folder, '/') = '\0';
        assert_int_equal(file_make_dirs(folder, 0755, NULL), 0);
        f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fputs(text, f) < 0, 0);
        assert_int_equal(fclose(f), 0);
        assert_int_equal(chmod(path, mode), 0);
}

static bool is_there(const char *path)
{
        struct stat st;

        return lstat(path, &st) == 0;
}

/* NULL where there is no file. */
static char *get(const char *path)
{
        char *text = NULL;

        return file_read(AT_FDCWD, path, 1 << 20, &text, NULL, NULL) == 0 ? text : NULL;
}

static void assert_holds(const char *path, const char *text)
{
        scoped(mem_freep) char *there = get(path);

        if (!text)
                assert_null(there);
        else {
                assert_non_null(there);
                assert_string_equal(there, text);
        }
}

static int save(struct box *box, const char *unit, const char *text, struct err *e)
{
        scoped(profile_freep) struct profile *p = NULL;
        scoped(mem_freep) char *path = NULL;
        int r;

        assert_int_equal(profile_new(unit, SCOPE_SYSTEM, &p), 0);
        p->verdict = VERDICT_HELD;
        r = store_save(&box->store, p, text, &path, e);
        assert_int_equal(r == 0, path != NULL);
        return r;
}

static size_t history_length(struct box *box, const char *unit)
{
        struct saved *list = NULL;
        size_t count = 0;

        assert_int_equal(store_history(&box->store, unit, &list, &count, NULL), 0);
        saved_free(list, count);
        return count;
}

static void a_save_can_be_taken_back_to_nothing(void **state)
{
        scoped(box_done) struct box box;
        scoped(mem_freep) char *path = NULL, *folder = NULL, *undone = NULL;
        struct stat st;

        (void)state;
        box_open(&box);
        path = dropin_of(&box, UNIT);
        assert_int_equal(save(&box, UNIT, NEW, NULL), 0);
        assert_holds(path, NEW);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0644);

        assert_int_equal(store_undo(&box.store, UNIT, false, &undone, NULL), 0);
        assert_string_equal(undone, path);
        folder = strdup(path);
        assert_non_null(folder);
        *strrchr(folder, '/') = '\0';
        assert_false(is_there(folder));
        assert_int_equal(store_undo(&box.store, UNIT, false, NULL, NULL), 1);
}

static void undo_brings_back_bytes_and_mode(void **state)
{
        scoped(box_done) struct box box;
        scoped(mem_freep) char *path = NULL, *other = NULL;
        struct stat st;

        (void)state;
        box_open(&box);
        path = dropin_of(&box, "a.service");
        other = below(&box, "/etc/systemd/system/a.service.d/override.conf");
        put(path, OLD, 0640);
        put(other, "[Service]\nNice=1\n", 0644);
        assert_int_equal(save(&box, "a.service", NEW, NULL), 0);
        assert_int_equal(save(&box, "a.service", DROPIN_MARK "third\n", NULL), 0);
        assert_int_equal(history_length(&box, "a.service"), 2);
        assert_int_equal(store_undo(&box.store, "a.service", false, NULL, NULL), 0);
        assert_holds(path, NEW);
        assert_int_equal(store_undo(&box.store, "a.service", false, NULL, NULL), 0);
        assert_holds(path, OLD);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0640);
        assert_holds(other, "[Service]\nNice=1\n");
        assert_int_equal(store_undo(&box.store, "a.service", false, NULL, NULL), 1);
}

static void a_folder_that_others_use_by_now_stays(void **state)
{
        scoped(box_done) struct box box;
        scoped(mem_freep) char *path = NULL, *other = NULL;

        (void)state;
        box_open(&box);
        path = dropin_of(&box, "a.service");
        other = below(&box, "/etc/systemd/system/a.service.d/override.conf");
        assert_int_equal(save(&box, "a.service", NEW, NULL), 0);
        put(other, "[Service]\n", 0644);
        assert_int_equal(store_undo(&box.store, "a.service", false, NULL, NULL), 0);
        assert_false(is_there(path));
        assert_true(is_there(other));
}

static void bytes_that_are_no_text_come_back(void **state)
{
        static const char bytes[] = DROPIN_MARK "x\n\0\xff\r\n[Service]";
        scoped(box_done) struct box box;
        scoped(mem_freep) char *path = NULL, *there = NULL;
        size_t length = 0;
        FILE *f;

        (void)state;
        box_open(&box);
        path = dropin_of(&box, "a.service");
        put(path, "", 0644);
        f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fwrite(bytes, 1, sizeof(bytes), f), sizeof(bytes));
        assert_int_equal(fclose(f), 0);
        assert_int_equal(save(&box, "a.service", NEW, NULL), 0);
        assert_int_equal(store_undo(&box.store, "a.service", false, NULL, NULL), 0);
        assert_int_equal(file_read(AT_FDCWD, path, 4096, &there, &length, NULL), 0);
        assert_int_equal(length, sizeof(bytes));
        assert_memory_equal(there, bytes, sizeof(bytes));
}

static void a_file_that_gird_did_not_write_is_refused(void **state)
{
        scoped(box_done) struct box box;
        scoped(mem_freep) char *path = NULL;
        struct err e = { 0 };

        (void)state;
        box_open(&box);
        path = dropin_of(&box, "a.service");
        put(path, "[Service]\n" DROPIN_MARK "later\n", 0644);
        assert_int_equal(save(&box, "a.service", NEW, &e), -EEXIST);
        assert_non_null(strstr(e.text, "was not written by gird"));
        assert_holds(path, "[Service]\n" DROPIN_MARK "later\n");
        assert_int_equal(history_length(&box, "a.service"), 0);

        put(path, "", 0644);
        assert_int_equal(save(&box, "a.service", NEW, &e), -EEXIST);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(symlink("/dev/null", path), 0);
        assert_int_equal(save(&box, "a.service", NEW, &e), -ELOOP);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkfifo(path, 0600), 0);
        assert_int_equal(save(&box, "a.service", NEW, &e), -ELOOP);
        assert_int_equal(save(&box, "b.service", "[Service]\n", &e), -EINVAL);
}

static void what_someone_changed_since_is_left_alone_unless_forced(void **state)
{
        scoped(box_done) struct box box;
        scoped(mem_freep) char *path = NULL;
        struct err e = { 0 };

        (void)state;
        box_open(&box);
        path = dropin_of(&box, "a.service");
        put(path, OLD, 0644);
        assert_int_equal(save(&box, "a.service", NEW, NULL), 0);
        put(path, NEW "# mine\n", 0644);
        assert_int_equal(store_undo(&box.store, "a.service", false, NULL, &e), -EBUSY);
        assert_non_null(strstr(e.text, "was changed since"));
        assert_holds(path, NEW "# mine\n");
        assert_int_equal(store_undo(&box.store, "a.service", true, NULL, NULL), 0);
        assert_holds(path, OLD);
}

static void a_folder_that_went_away_comes_back_only_by_force(void **state)
{
        scoped(box_done) struct box box;
        scoped(mem_freep) char *path = NULL, *folder = NULL;

        (void)state;
        box_open(&box);
        path = dropin_of(&box, "a.service");
        folder = below(&box, "/etc/systemd/system/a.service.d");
        put(path, OLD, 0644);
        assert_int_equal(save(&box, "a.service", NEW, NULL), 0);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(folder), 0);
        assert_int_equal(store_undo(&box.store, "a.service", false, NULL, NULL), -EBUSY);
        assert_int_equal(store_undo(&box.store, "a.service", true, NULL, NULL), 0);
        assert_holds(path, OLD);
}

static void hostile_names_are_refused(void **state)
{
        static const char *const names[] = {
                "..",          "",  "/etc/x.service", "../x.service", "a/b.service", "a b.service",
                "a\n.service", "x", ".service",       "..service"
        };
        scoped(box_done) struct box box;

        (void)state;
        box_open(&box);
        for (size_t i = 0; i < COUNT(names); i++) {
                struct profile *p = NULL;
                struct saved *list = NULL;
                size_t count;
                int fd;

                assert_int_equal(save(&box, names[i], NEW, NULL), -EINVAL);
                assert_int_equal(store_undo(&box.store, names[i], true, NULL, NULL), -EINVAL);
                assert_int_equal(store_lock(&box.store, names[i], &fd, NULL), -EINVAL);
                assert_int_equal(store_get_profile(&box.store, names[i], NULL, &p, NULL), -EINVAL);
                assert_int_equal(store_history(&box.store, names[i], &list, &count, NULL), -EINVAL);
        }
}

static void links_do_not_lead_out_of_the_root(void **state)
{
        scoped(box_done) struct box box, outside;
        scoped(mem_freep) char *etc = NULL, *stray = NULL, *folder = NULL, *target = NULL;

        (void)state;
        box_open(&box);
        box_open(&outside);
        /* an absolute link resolves inside the root, where its target is missing or ours */
        etc = below(&box, "/etc");
        target = below(&box, "/inner");
        assert_int_equal(mkdir(target, 0755), 0);
        assert_int_equal(symlink("/inner", etc), 0);
        assert_int_equal(save(&box, "a.service", NEW, NULL), 0);
        stray = below(&box, "/inner/systemd/system/a.service.d/50-gird.conf");
        assert_holds(stray, NEW);

        folder = below(&box, "/inner/systemd/system/b.service.d");
        assert_int_equal(symlink(outside.root, folder), 0);
        assert_int_equal(save(&box, "b.service", NEW, NULL), -ELOOP);
        assert_int_equal(unlink(etc), 0);
        assert_int_equal(symlink("../../../../../../../../../..", etc), 0);
        assert_int_equal(save(&box, "c.service", NEW, NULL), 0);
        free(stray);
        stray = below(&box, "/systemd/system/c.service.d/50-gird.conf");
        assert_holds(stray, NEW);
}

static void a_unit_is_locked_once(void **state)
{
        scoped(box_done) struct box box;
        scoped(mem_freep) char *says = text_format("another gird (pid %d) is at work on a.service",
                                                   getpid());
        struct err e = { 0 };
        int first = -1, second = -1;

        (void)state;
        box_open(&box);
        assert_int_equal(store_lock(&box.store, "a.service", &first, NULL), 0);
        assert_int_equal(store_lock(&box.store, "a.service", &second, &e), 1);
        assert_string_equal(e.text, says);
        assert_int_equal(store_lock(&box.store, "b.service", &second, NULL), 0);
        close(second);
        close(first);
        assert_int_equal(store_lock(&box.store, "a.service", &second, NULL), 0);
        close(second);
}

static void the_last_profile_is_kept(void **state)
{
        scoped(box_done) struct box box;
        scoped(profile_freep) struct profile *p = NULL, *q = NULL;
        scoped(mem_freep) char *path = NULL;
        struct dialect d;
        struct err e = { 0 };

        (void)state;
        box_open(&box);
        dialect_for((struct version){ .major = 252 }, SCOPE_SYSTEM, &d);
        assert_int_equal(store_get_profile(&box.store, UNIT, &d, &q, NULL), 1);
        assert_int_equal(profile_new(UNIT, SCOPE_SYSTEM, &p), 0);
        assert_int_equal(profile_assign(p, &d, "ProtectSystem=strict", NULL), 0);
        p->verdict = VERDICT_BENT;
        assert_int_equal(store_put_profile(&box.store, p, &d, NULL), 0);
        assert_int_equal(store_get_profile(&box.store, UNIT, &d, &q, &e), 0);
        assert_int_equal(q->verdict, VERDICT_BENT);
        assert_true(value_equal(&q->changes[0].value, &p->changes[0].value));

        path = below(&box, "/var/lib/gird/b.service/profile.json");
        put(path, "{\"gird\":1,\"unit\":\"a.service\",\"changes\":[]}", 0600);
        assert_int_equal(store_get_profile(&box.store, "b.service", &d, &q, &e), -EINVAL);
        assert_non_null(strstr(e.text, "is the profile of a.service"));
}

static void history_is_listed_newest_first(void **state)
{
        scoped(box_done) struct box box;
        scoped(mem_freep) char *path = NULL;
        struct saved *list = NULL;
        size_t count = 0;

        (void)state;
        box_open(&box);
        path = dropin_of(&box, "a.service");
        assert_int_equal(store_history(&box.store, "a.service", &list, &count, NULL), 0);
        assert_int_equal(count, 0);
        saved_free(list, count);
        assert_int_equal(save(&box, "a.service", NEW, NULL), 0);
        assert_int_equal(save(&box, "a.service", OLD, NULL), 0);
        assert_int_equal(store_history(&box.store, "a.service", &list, &count, NULL), 0);
        assert_int_equal(count, 2);
        assert_true(list[0].had_before);
        assert_false(list[1].had_before);
        assert_string_equal(list[0].path, path);
        assert_string_equal(list[0].verdict, "held");
        assert_int_equal(strlen(list[0].when), strlen("2025-11-23T06:40:00Z"));
        saved_free(list, count);
}

static void a_damaged_history_is_said_and_nothing_is_touched(void **state)
{
        scoped(box_done) struct box box;
        scoped(mem_freep) char *path = NULL, *entry = NULL, *shadow = NULL;
        struct err e = { 0 };

        (void)state;
        box_open(&box);
        path = dropin_of(&box, "a.service");
        shadow = below(&box, "/etc/shadow");
        put(shadow, "root", 0600);
        entry = below(&box, "/var/lib/gird/a.service/history/000001.json");
        assert_int_equal(save(&box, "a.service", NEW, NULL), 0);
        put(entry,
            "{\"gird\":1,\"state\":\"done\",\"when\":\"\",\"path\":\"/etc/shadow\","
            "\"verdict\":\"held\",\"made_folder\":false,\"before\":\"absent\",\"after\":1}",
            0600);
        assert_int_equal(store_undo(&box.store, "a.service", true, NULL, &e), -EINVAL);
        assert_non_null(strstr(e.text, "000001.json is damaged"));
        assert_true(is_there(shadow));
        put(entry, "{", 0600);
        assert_true(store_undo(&box.store, "a.service", true, NULL, &e) < 0);
        assert_holds(path, NEW);
}

static void a_user_keeps_things_in_the_home_folder(void **state)
{
        scoped(box_done) struct box box;
        scoped(mem_freep) char *path = NULL, *kept = NULL;
        scoped(profile_freep) struct profile *p = NULL;

        (void)state;
        box_open(&box);
        store_done(&box.store);
        unit_root_done(&box.units);
        setenv("XDG_STATE_HOME", "/home/u/state", 1);
        setenv("XDG_CONFIG_HOME", "/home/u/config", 1);
        setenv("HOME", "/home/u", 1);
        assert_int_equal(unit_root_open(&box.units, box.root, SCOPE_USER, NULL), 0);
        assert_int_equal(store_open(&box.store, &box.units, NULL), 0);
        assert_int_equal(profile_new("a.service", SCOPE_USER, &p), 0);
        assert_int_equal(store_save(&box.store, p, NEW, NULL, NULL), 0);
        path = below(&box, "/home/u/config/systemd/user/a.service.d/50-gird.conf");
        kept = below(&box, "/home/u/state/gird/a.service/history/000001.json");
        assert_holds(path, NEW);
        assert_true(is_there(kept));
        unsetenv("XDG_STATE_HOME");
        unsetenv("XDG_CONFIG_HOME");
}

/* ---- faults ---- */

/* How many entries a folder has, all kinds. */
static unsigned counted;

static int count_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
        (void)path;
        (void)st;
        (void)kind;
        (void)at;
        counted++;
        return 0;
}

static unsigned entries_below(const char *path)
{
        counted = 0;
        nftw(path, count_one, 16, FTW_PHYS);
        return counted;
}

static void a_full_disk_leaves_nothing_half_written(void **state)
{
        scoped(box_done) struct box box;
        scoped(mem_freep) char *path = NULL, *etc = NULL;
        scoped(mem_freep) char *big = malloc(20001);
        struct rlimit before, small;
        void (*handler)(int);
        unsigned entries;
        int r;

        (void)state;
        box_open(&box);
        assert_non_null(big);
        memset(big, '#', 20000);
        memcpy(big, DROPIN_MARK, strlen(DROPIN_MARK));
        big[20000] = '\0';
        path = dropin_of(&box, "a.service");
        etc = below(&box, "/");
        assert_int_equal(save(&box, "a.service", OLD, NULL), 0);
        entries = entries_below(etc);

        handler = signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        small = before;
        small.rlim_cur = 8192;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        r = save(&box, "a.service", big, NULL);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        signal(SIGXFSZ, handler);

        assert_int_equal(r, -EFBIG);
        assert_holds(path, OLD);
        assert_int_equal(entries_below(etc), entries);
        assert_int_equal(store_undo(&box.store, "a.service", false, NULL, NULL), 0);
        assert_false(is_there(path));
}

/* Runs work in a child that is killed when it enters its nth system call.
 * Answers whether it was; false: it came to its end before. */
static bool killed_at(struct box *box, unsigned nth, void (*work)(struct box *box))
{
        pid_t child = fork();
        int status;

        assert_true(child >= 0);
        if (child == 0) {
                ptrace(PTRACE_TRACEME, 0, NULL, NULL);
                raise(SIGSTOP);
                work(box);
                _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        for (unsigned stops = 0; stops < 2 * nth - 1; stops++) {
                if (WIFEXITED(status))
                        return false;
                ptrace(PTRACE_SYSCALL, child, NULL, NULL);
                assert_int_equal(waitpid(child, &status, 0), child);
        }
        if (WIFEXITED(status))
                return false;
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        return true;
}

static void save_new(struct box *box)
{
        save(box, "a.service", NEW, NULL);
}

static void undo_last(struct box *box)
{
        store_undo(&box->store, "a.service", false, NULL, NULL);
}

/* Nothing of ours is left in /etc; the unit is as if gird had never been there. */
static void assert_pristine(const struct box *box, const char *old)
{
        scoped(mem_freep) char *folder = below(box, "/etc/systemd/system");
        scoped(mem_freep) char *path = dropin_of(box, "a.service");

        assert_holds(path, old);
        /* the folder itself, and UNIT.d with the file in it */
        assert_true(entries_below(folder) <= (old ? 3u : 1u));
}

/* Kills a save at every system call; whatever it left, undo leads back to old. */
static void kill_saves(const char *old)
{
        for (unsigned nth = 1;; nth++) {
                scoped(box_done) struct box box;
                scoped(mem_freep) char *path = NULL, *now = NULL;
                bool killed;
                int r;

                box_open(&box);
                path = dropin_of(&box, "a.service");
                if (old)
                        put(path, old, 0644);
                killed = killed_at(&box, nth, save_new);
                now = get(path);
                if (now && strcmp(now, NEW) == 0) {
                        assert_int_equal(history_length(&box, "a.service"), 1);
                        r = store_undo(&box.store, "a.service", false, NULL, NULL);
                        assert_int_equal(r, 0);
                } else {
                        assert_holds(path, old);
                        assert_true(killed);
                        assert_int_equal(history_length(&box, "a.service"), 0);
                        r = store_undo(&box.store, "a.service", false, NULL, NULL);
                        assert_int_equal(r, 1);
                        /* and it can simply be done again */
                        assert_int_equal(save(&box, "a.service", NEW, NULL), 0);
                        assert_holds(path, NEW);
                        r = store_undo(&box.store, "a.service", false, NULL, NULL);
                        assert_int_equal(r, 0);
                }
                assert_pristine(&box, old);
                if (!killed)
                        return;
                assert_true(nth < 2000);
        }
}

static void a_killed_save_leaves_the_old_state_or_the_new_one(void **state)
{
        (void)state;
        kill_saves(NULL);
        kill_saves(OLD);
}

static void kill_undos(const char *old)
{
        for (unsigned nth = 1;; nth++) {
                scoped(box_done) struct box box;
                scoped(mem_freep) char *path = NULL, *now = NULL;
                bool killed;
                int r;

                box_open(&box);
                path = dropin_of(&box, "a.service");
                if (old)
                        put(path, old, 0644);
                assert_int_equal(save(&box, "a.service", NEW, NULL), 0);
                killed = killed_at(&box, nth, undo_last);
                now = get(path);
                if (!now || strcmp(now, NEW) != 0)
                        assert_holds(path, old);
                r = store_undo(&box.store, "a.service", false, NULL, NULL);
                assert_true(r == 0 || r == 1);
                assert_pristine(&box, old);
                assert_int_equal(store_undo(&box.store, "a.service", false, NULL, NULL), 1);
                if (!killed)
                        return;
                assert_true(nth < 2000);
        }
}

static void a_killed_undo_is_finished_by_the_next_one(void **state)
{
        (void)state;
        kill_undos(NULL);
        kill_undos(OLD);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_save_can_be_taken_back_to_nothing),
                cmocka_unit_test(undo_brings_back_bytes_and_mode),
                cmocka_unit_test(a_folder_that_others_use_by_now_stays),
                cmocka_unit_test(bytes_that_are_no_text_come_back),
                cmocka_unit_test(a_file_that_gird_did_not_write_is_refused),
                cmocka_unit_test(what_someone_changed_since_is_left_alone_unless_forced),
                cmocka_unit_test(a_folder_that_went_away_comes_back_only_by_force),
                cmocka_unit_test(hostile_names_are_refused),
                cmocka_unit_test(links_do_not_lead_out_of_the_root),
                cmocka_unit_test(a_unit_is_locked_once),
                cmocka_unit_test(the_last_profile_is_kept),
                cmocka_unit_test(history_is_listed_newest_first),
                cmocka_unit_test(a_damaged_history_is_said_and_nothing_is_touched),
                cmocka_unit_test(a_user_keeps_things_in_the_home_folder),
                cmocka_unit_test(a_full_disk_leaves_nothing_half_written),
                cmocka_unit_test(a_killed_save_leaves_the_old_state_or_the_new_one),
                cmocka_unit_test(a_killed_undo_is_finished_by_the_next_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
