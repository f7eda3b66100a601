/* guard_script.c - what systemd runs to take a change back: a shell script that is whole before
 * anything is changed, and needs neither gird nor any room on a disk. */
#include "core/stage/guard_private.h"

#include "core/base/base.h"
#include "core/stage/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A word of the shell, whatever is in it. */
static void quote(struct text *t, const char *word)
{
        text_add(t, "'");
        for (; *word; word++) {
                size_t n = strcspn(word, "'");

                text_addn(t, word, n);
                word += n;
                if (!*word)
                        break;
                text_add(t, "'\\''");
        }
        text_add(t, "'");
}

static void assign(struct text *t, const char *name, const char *value)
{
        text_addf(t, "%s=", name);
        quote(t, value);
        text_add(t, "\n");
}

/* ---- owners and modes ---- */

static size_t parent_length(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? (size_t)(slash - path) : 0;
}

static bool same_folder(const struct mark *a, const struct mark *b)
{
        size_t n = parent_length(a->path);

        return n == parent_length(b->path) && memcmp(a->path, b->path, n) == 0;
}

static const char *leaf(const struct mark *m)
{
        return m->path + parent_length(m->path) + 1;
}

/* Where systemd moves a folder when its unit begins or ends to have a user of its own. */
static char *other_place(const char *folder, size_t n)
{
        static const char *const bases[] = { "/var/lib", "/var/cache", "/var/log" };

        for (size_t i = 0; i < COUNT(bases); i++) {
                size_t base = strlen(bases[i]);
                static const char inside[] = "/private";

                if (n < base || memcmp(folder, bases[i], base) != 0 ||
                    (n > base && folder[base] != '/'))
                        continue;
                if (n >= base + strlen(inside) &&
                    memcmp(folder + base, inside, strlen(inside)) == 0 &&
                    (n == base + strlen(inside) || folder[base + strlen(inside)] == '/'))
                        return text_format("%s%.*s", bases[i], (int)(n - base - strlen(inside)),
                                           folder + base + strlen(inside));
                return text_format("%s%s%.*s", bases[i], inside, (int)(n - base), folder + base);
        }
        return strndup(folder, n);
}

/* The words that a function of the script takes: both places, and what must be there. */
static void add_places(struct text *t, const struct mark *m)
{
        size_t n = parent_length(m->path);
        char *here = strndup(m->path, n), *there = other_place(m->path, n);

        if (here && there) {
                quote(t, *here ? here : "/");
                text_add(t, " ");
                quote(t, *there ? there : "/");
                text_add(t, " ");
                quote(t, m->top ? leaf(m) : ".");
        } else
                t->failed = true;
        free(here);
        free(there);
}

enum { WORDS = 100 };

/* One command per owner, a hundred names at a time; the marks of one folder lie side by side. */
static void add_owners(struct text *t, const struct mark *marks, size_t count)
{
        size_t words = WORDS;

        for (size_t i = 0; i < count; i++) {
                if (words == WORDS || marks[i].uid != marks[i - 1].uid ||
                    marks[i].gid != marks[i - 1].gid) {
                        text_addf(t, "%s                own %u:%u", words == WORDS ? "" : "\n",
                                  marks[i].uid, marks[i].gid);
                        words = 0;
                }
                text_add(t, " ");
                quote(t, leaf(&marks[i]));
                if (++words == WORDS)
                        text_add(t, "\n");
        }
        if (words != WORDS)
                text_add(t, "\n");
}

/* What was made meanwhile by a user that owned nothing there belongs to the folder's owner. */
static void add_strays(struct text *t, const struct guard_script *s, const struct mark *top)
{
        enum { USERS = 64 };
        uint32_t users[USERS];
        size_t count = 0, n = strlen(top->path);

        for (size_t i = 0; i < s->mark_count; i++) {
                const struct mark *m = &s->marks[i];
                size_t k = 0;

                if (!m->there || strncmp(m->path, top->path, n) != 0 ||
                    (m->path[n] && m->path[n] != '/'))
                        continue;
                while (k < count && users[k] != m->uid)
                        k++;
                if (k == count && count == USERS)
                        return;
                if (k == count)
                        users[count++] = m->uid;
        }
        text_addf(t, "                strays %u:%u ", top->uid, top->gid);
        quote(t, leaf(top));
        for (size_t i = 0; i < count; i++)
                text_addf(t, " ! -uid %u", users[i]);
        text_add(t, "\n");
}

static bool keeps_mode(const struct mark *m)
{
        /* A new owner takes these bits from files, and systemd takes them from folders too. */
        return !S_ISLNK(m->mode) && (m->top || m->mode & (S_ISUID | S_ISGID));
}

static void add_folder(struct text *t, const struct guard_script *s, size_t from, size_t to)
{
        text_add(t, "        if at ");
        add_places(t, &s->marks[from]);
        text_add(t, "; then\n");
        add_owners(t, s->marks + from, to - from);
        for (size_t i = from; i < to; i++) {
                const struct mark *m = &s->marks[i];

                if (keeps_mode(m)) {
                        text_addf(t, "                mode %04o ", m->mode & 07777);
                        quote(t, leaf(m));
                        text_add(t, "\n");
                }
                if (m->top && S_ISDIR(m->mode))
                        add_strays(t, s, m);
        }
        text_add(t, "        fi\n");
}

static void add_absent(struct text *t, const struct mark *m)
{
        text_add(t, "        unmake ");
        add_places(t, m);
        text_add(t, "\n");
}

static void add_marks(struct text *t, const struct guard_script *s)
{
        text_add(t, "put_back() {\n        :\n");
        for (size_t i = 0, next; i < s->mark_count; i = next) {
                const struct mark *m = &s->marks[i];

                next = i + 1;
                while (!m->top && next < s->mark_count && !s->marks[next].top &&
                       same_folder(m, &s->marks[next]))
                        next++;
                if (m->there)
                        add_folder(t, s, i, next);
                else
                        add_absent(t, m);
        }
        text_add(t, "        cd /\n}\n");
}

/* ---- the script ---- */

/* What is applied to the unit goes as one step after the other, each of which may be done twice:
 * whoever finds the work of a killed one takes it over. */
static const char steps[] =
        "said=\n"
        "fail() { said=\"${said:+$said; }$1\"; }\n"
        "of() { systemctl show --property=\"$1\" --value \"$2\" 2> /dev/null; }\n"
        "\n"
        "# Is systemd rid of the drop-in?\n"
        "is_rid() {\n"
        "        paths=$(of DropInPaths \"$unit\") || return 1\n"
        "        case $paths in *" TRIAL_NAME "*) return 1 ;; esac\n"
        "}\n"
        "reload() {\n"
        "        for i in 1 2 3; do\n"
        "                systemctl daemon-reload && is_rid && return\n"
        "                env kill -HUP 1 && sleep 1 && is_rid && return\n"
        "        done\n"
        "        return 1\n"
        "}\n"
        "\n"
        "# Into the folder that holds $3, and that nobody put another one in place of.\n"
        "at() {\n"
        "        for d in \"$1\" \"$2\"; do\n"
        "                cd -P -- \"$d\" 2> /dev/null && [ \"$(pwd -P)\" = \"$d\" ] || continue\n"
        "                [ ! -L \"./$3\" ] && [ -e \"./$3\" ] && return 0\n"
        "        done\n"
        "        return 1\n"
        "}\n"
        "unmake() {\n"
        "        rmdir \"$2/$3\" 2> /dev/null && [ -L \"$1/$3\" ] && rm -f \"$1/$3\"\n"
        "        rmdir \"$1/$3\" 2> /dev/null\n"
        "}\n"
        "own() {\n"
        "        o=$1\n"
        "        shift\n"
        "        for f do shift; set -- \"$@\" \"./$f\"; done\n"
        "        e=$(chown -h \"$o\" \"$@\" 2>&1 | grep -v 'No such file') && fail \"$e\"\n"
        "}\n"
        "mode() {\n"
        "        [ -L \"./$2\" ] || [ ! -e \"./$2\" ] || chmod \"$1\" \"./$2\" || fail \"chmod "
        "$2\"\n"
        "}\n"
        "strays() {\n"
        "        o=$1 f=./$2\n"
        "        shift 2\n"
        "        [ -L \"$f\" ] || find \"$f\" -xdev \"$@\" -execdir chown -h \"$o\" '{}' + "
        "2> /dev/null\n"
        "}\n"
        "\n"
        "# Who turns the marker decides; what a killed one began is gone on with.\n"
        "decide() {\n"
        "        if mv -T \"$state/pending\" \"$state/reverting\" 2> /dev/null; then\n"
        "                [ \"$1\" != now ] || systemctl stop --no-block \"$guard\" 2> /dev/null\n"
        "                return 0\n"
        "        fi\n"
        "        if [ \"$1\" = now ]; then\n"
        "                other=$guard\n"
        "                mv -T \"$state/confirmed\" \"$state/reverting\" 2> /dev/null && return 0\n"
        "        else\n"
        "                other=$by_hand\n"
        "        fi\n"
        "        case $(of ActiveState \"$other\") in active | *activating) exit 0 ;; esac\n"
        "        mv -T \"$state/failed\" \"$state/reverting\" 2> /dev/null\n"
        "        [ -e \"$state/reverting\" ]\n"
        "}\n"
        "\n"
        "# 0: somebody started the unit since the change was laid down.\n"
        "is_other() {\n"
        "        now=$(of InvocationID \"$unit\") || return 0\n"
        "        [ -n \"$now\" ] && [ \"$now\" != \"$was\" ]\n"
        "}\n"
        "is_up() { case $(of ActiveState \"$unit\") in active | reloading) ;; *) return 1 ;; esac; "
        "}\n"
        "has_fallen() {\n"
        "        case $(of ActiveState \"$unit\"),$(of SubState \"$unit\") in\n"
        "        failed,* | *,auto-restart*) ;;\n"
        "        *) return 1 ;;\n"
        "        esac\n"
        "}\n"
        "start_again() {\n"
        "        if [ \"$marks\" = yes ]; then # and nobody puts one in place meanwhile\n"
        "                systemctl kill --signal=STOP \"$unit\" 2> /dev/null\n"
        "                put_back\n"
        "                systemctl kill --signal=CONT \"$unit\" 2> /dev/null\n"
        "        fi\n"
        "        systemctl reset-failed \"$unit\" 2> /dev/null\n"
        "        if [ \"$running\" = no ]; then\n"
        "                systemctl stop \"$unit\" || fail \"$unit does not stop\"\n"
        "                return\n"
        "        fi\n"
        "        for i in 1 2; do # a start that is done need not have gone well\n"
        "                systemctl restart \"$unit\" && { sleep 0.5 2> /dev/null || sleep 1; } &&\n"
        "                        ! has_fallen && return\n"
        "                systemctl reset-failed \"$unit\" 2> /dev/null\n"
        "        done\n"
        "        fail \"$unit does not start\"\n"
        "}\n"
        "\n"
        "tell() {\n"
        "        printf '%s\\n' \"MESSAGE_ID=$id\" \"PRIORITY=$1\" SYSLOG_IDENTIFIER=gird \\\n"
        "                \"GIRD_ACTION=revert\" \"GIRD_UNIT=$unit\" \"MESSAGE=$2\" |\n"
        "                logger --journald 2> /dev/null || printf '%s\\n' \"$2\" >&2\n"
        "}\n"
        "\n"
        "main() {\n"
        "        # It takes effect with the next start: the time runs from there.\n"
        "        if [ \"$waits\" = yes ] && [ \"$1\" != now ] && [ -e \"$state/pending\" ]; then\n"
        "                now=$(of InvocationID \"$unit\") && [ -n \"$now\" ] && [ \"$now\" != "
        "\"$was\" ] "
        "|| exit 0\n"
        "                touch -c \"$state/restarted\"\n"
        "                sleep \"$within\"\n"
        "        fi\n"
        "        if ! decide \"$1\"; then\n"
        "                rm -f \"$state/reserve\"\n"
        "                [ -e \"$state/confirmed\" ] || [ -e \"$state/failed\" ] || rm -rf "
        "\"$state\"\n"
        "                systemctl stop \"$timer\" 2> /dev/null\n"
        "                exit 0\n"
        "        fi\n"
        "        rm -f \"$state/reserve\"\n"
        "        # In this order: what is not laid down yet cannot be any more.\n"
        "        rm -f \"$draft\" && rm -f \"$dropin\" || fail \"$dropin cannot be removed\"\n"
        "        [ \"$made\" = no ] || rmdir \"${dropin%/*}\" 2> /dev/null\n"
        "        again=no\n"
        "        reload || { again=yes; fail 'systemd does not read its files again'; }\n"
        "        # Without a reload it would come up as it is, which is worth no outage.\n"
        "        if { [ $again = no ] && is_other; } || { [ \"$running\" = yes ] && ! is_up; }; "
        "then\n"
        "                start_again\n"
        "        fi\n"
        "        if [ -n \"$said\" ]; then\n"
        "                tell 3 \"The change of $unit could not be taken back: $said\"\n"
        "                printf '%s\\n' \"$said\" > \"$state/said\" 2> /dev/null\n"
        "                mv -T \"$state/reverting\" \"$state/failed\" 2> /dev/null\n"
        "                [ \"$again\" = yes ] || systemctl stop \"$timer\" 2> /dev/null\n"
        "                exit 1\n"
        "        fi\n"
        "        if [ \"$1\" = now ]; then\n"
        "                tell 5 \"The change of $unit was taken back.\"\n"
        "        else\n"
        "                tell 4 \"The change of $unit was not confirmed in time and was taken "
        "back.\"\n"
        "        fi\n"
        "        systemctl stop \"$timer\" 2> /dev/null\n"
        "        gone=\"${state%/*}/.gone-$unit\"\n"
        "        rm -rf \"$gone\"\n"
        "        mv -T \"$state\" \"$gone\" 2> /dev/null\n"
        "        rm -rf \"$gone\"\n"
        "        exit 0\n"
        "}\n"
        "main \"$1\"\n";

char *guard_script_text(const struct guard_script *s)
{
        struct text t = { 0 };
        char *draft = NULL, *timer = guard_unit_name(s->unit, GUARD_TIMER);
        char *guard = guard_unit_name(s->unit, GUARD_SERVICE);
        char *by_hand = guard_unit_name(s->unit, GUARD_BY_HAND);

        draft = text_format("%s/%s", s->state, TRIAL_DRAFT);
        if (!draft || !timer || !guard || !by_hand)
                t.failed = true;
        else {
                text_add(&t, "#!/bin/sh\n# Written by gird " GIRD_VERSION
                             ": takes back what was applied to a unit.  systemd runs it.\n"
                             "# With \"now\" it takes back what was confirmed, too.\n");
                assign(&t, "PATH", s->path);
                text_add(&t, "LC_ALL=C\nexport PATH LC_ALL\ncd /\n");
                assign(&t, "unit", s->unit);
                assign(&t, "state", s->state);
                assign(&t, "dropin", s->dropin);
                assign(&t, "draft", draft);
                assign(&t, "made", s->made_folder ? "yes" : "no");
                assign(&t, "timer", timer);
                assign(&t, "guard", guard);
                assign(&t, "by_hand", by_hand);
                assign(&t, "was", s->invocation);
                assign(&t, "running", s->running ? "yes" : "no");
                assign(&t, "marks", s->mark_count > 0 ? "yes" : "no");
                assign(&t, "waits", s->next_start ? "yes" : "no");
                text_addf(&t, "within=%llu\n",
                          (unsigned long long)((s->within + 999999) / 1000000));
                assign(&t, "id", JOURNAL_ID_REVERT);
                text_add(&t, "\n");
                add_marks(&t, s);
                text_add(&t, steps);
        }
        free(draft);
        free(timer);
        free(guard);
        free(by_hand);
        return text_take(&t);
}

/* '@' would make it the instance of a template. */
char *guard_unit_name(const char *unit, enum guard_unit which)
{
        static const struct {
                const char *prefix, *suffix;
        } names[] = {
                [GUARD_TIMER] = { "gird-guard-", ".timer" },
                [GUARD_SERVICE] = { "gird-guard-", ".service" },
                [GUARD_BY_HAND] = { "gird-revert-", ".service" },
        };
        struct text t = { 0 };

        text_add(&t, names[which].prefix);
        for (const char *c = unit; *c; c++)
                if (*c == '@')
                        text_add(&t, "\\x40");
                else
                        text_addn(&t, c, 1);
        text_add(&t, names[which].suffix);
        return text_take(&t);
}
