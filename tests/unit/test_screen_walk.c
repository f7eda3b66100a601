/* test_screen_walk.c - the guided walk and the list of changes, driven by keys. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/proposal.h"
#include "tests/support/screen.h"
#include "tui/screen/view_diff.h"
#include "tui/screen/view_walk.h"
#include "tui/screen/views.h"

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

/* A draft with the walk (or the changes) alone on the screen. */
struct bench {
        struct app app;
        struct dialect dialect;
        struct draft draft;
};

static void open_draft(struct bench *b, unsigned major, enum scope scope, const char *const *set)
{
        struct sandbox *s = NULL;
        struct err e = { 0 };

        *b = (struct bench){ 0 };
        dialect_for((struct version){ major, 0 }, scope, &b->dialect);
        assert_int_equal(sandbox_new("nginx.service", scope, &s), 0);
        s->load = LOAD_LOADED;
        s->is_service = true;
        for (; *set; set++) {
                scoped(mem_freep) char *name = strndup(*set, strcspn(*set, "="));
                const struct directive *d = directive_find(name);
                struct value v = { 0 };

                assert_non_null(d);
                assert_int_equal(value_assign(&v, d, &b->dialect, strchr(*set, '=') + 1, NULL),
                                 ASSIGN_TAKEN);
                sandbox_set(s, d->id, &v, ORIGIN_FILE);
                s->settings[d->id].origin.file = strdup("/usr/lib/systemd/system/nginx.service");
                s->settings[d->id].origin.line = 12;
        }
        assert_int_equal(sandbox_imply(s, &b->dialect), 0);
        assert_int_equal(draft_open(&b->draft, s, NULL, &b->dialect, SCORE_OFFLINE, &e), 0);
}
#define OPEN(b, major, scope, ...)                                                                 \
        open_draft(b, major, scope, (const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static void done(struct bench *b)
{
        app_done(&b->app);
        draft_done(&b->draft);
        dialect_done(&b->dialect);
}

static const struct walk_view *walk(const struct bench *b)
{
        return b->app.views[0].state;
}

static void assert_shows(const struct bench *b, const char *words)
{
        scoped(mem_freep) char *text = screen_text(&b->app, 60, 80);

        if (!strstr(text, words))
                fail_msg("\"%s\" is not on the screen:\n%s", words, text);
}

static void set_line(struct bench *b, const char *name, const char *line)
{
        char *lines[] = { (char *)line, NULL };
        struct err e = { 0 };

        assert_int_equal(draft_set_lines(&b->draft, directive_find(name)->id, lines, &e), 0);
}

static void a_question_is_drawn_at_every_size(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM);
        view_walk_open(&b.app, &b.draft);
        assert_golden_sizes(&b.app, "walk-first");
        press(&b.app, "PgDn");
        assert_golden(&b.app, 8, 20, "walk-first-scrolled-20x8");
        done(&b);
}

static void the_most_valuable_comes_first(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, 257, SCOPE_SYSTEM);
        view_walk_open(&b.app, &b.draft);
        for (size_t i = 1; i < walk(&b)->open_count; i++) {
                const struct walk_question *p = &walk(&b)->open[i - 1], *q = &walk(&b)->open[i];

                assert_true(q->proposal->decision || p->exposure <= q->exposure);
                assert_true(q->proposal->decision || !p->proposal->decision);
        }
        done(&b);
}

static void taking_sets_the_value_and_goes_on(void **state)
{
        struct bench b;
        enum directive_id first;
        unsigned promised;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM);
        view_walk_open(&b.app, &b.draft);
        first = walk(&b)->open[0].proposal->directive;
        promised = walk(&b)->open[0].exposure;
        press(&b.app, "y");
        assert_true(draft_changed(&b.draft, first));
        assert_int_equal(b.draft.after.exposure, promised);
        assert_true(walk(&b)->open[0].proposal->directive != first);
        assert_shows(&b, "2 of ");
        done(&b);
}

static void skipping_changes_nothing(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM);
        view_walk_open(&b.app, &b.draft);
        press(&b.app, "n", "n", "n");
        assert_int_equal(b.draft.profile->change_count, 0);
        assert_int_equal(walk(&b)->answer_count, 3);
        done(&b);
}

static void stepping_back_takes_the_change_back(void **state)
{
        struct bench b;
        unsigned one;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM);
        view_walk_open(&b.app, &b.draft);
        press(&b.app, "y");
        one = b.draft.after.exposure;
        press(&b.app, "n", "y", "b");
        assert_int_equal(b.draft.after.exposure, one);
        press(&b.app, "b", "b");
        assert_int_equal(b.draft.profile->change_count, 0);
        assert_shows(&b, "1 of ");
        press(&b.app, "b");
        assert_non_null(strstr(b.app.message.text, "first question"));
        done(&b);
}

static void an_earlier_change_by_hand_comes_back_with_it(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM);
        set_line(&b, "ProtectHome", "read-only");
        view_walk_open(&b.app, &b.draft);
        while (walk(&b)->open[0].proposal->directive != D_ProtectHome)
                press(&b.app, "n");
        press(&b.app, "y");
        assert_string_equal(b.draft.then->settings[D_ProtectHome].value.words[0], "yes");
        press(&b.app, "b");
        assert_string_equal(b.draft.then->settings[D_ProtectHome].value.words[0], "read-only");
        done(&b);
}

static void what_is_strict_already_is_not_asked(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM, "NoNewPrivileges=yes", "PrivateNetwork=yes", "UMask=0777");
        view_walk_open(&b.app, &b.draft);
        for (size_t i = 0; i < walk(&b)->open_count; i++) {
                enum directive_id id = walk(&b)->open[i].proposal->directive;

                assert_true(id != D_NoNewPrivileges && id != D_UMask && id != D_PrivateNetwork);
                assert_true(id != D_IPAddressDeny); /* pointless without a network */
                assert_true(id != D_KeyringMode);   /* private by default */
        }
        done(&b);
}

static void a_user_manager_is_asked_only_what_it_can_do(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, 257, SCOPE_USER);
        view_walk_open(&b.app, &b.draft);
        for (size_t i = 0; i < walk(&b)->open_count; i++) {
                const struct directive *d = directive_at(walk(&b)->open[i].proposal->directive);

                assert_false(d->flags & NO_USER_MANAGER);
        }
        done(&b);
}

static void an_old_systemd_is_not_asked_what_it_does_not_know(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM);
        view_walk_open(&b.app, &b.draft);
        for (size_t i = 0; i < walk(&b)->open_count; i++)
                assert_true(walk(&b)->open[i].proposal->directive != D_PrivatePIDs);
        done(&b);
}

static void every_proposal_is_a_value_that_systemd_takes(void **state)
{
        const struct proposal *p;

        (void)state;
        for (unsigned major = VERSION_OLDEST; major <= VERSION_NEWEST; major++) {
                struct dialect dialect;

                dialect_for((struct version){ major, 0 }, SCOPE_SYSTEM, &dialect);
                for (size_t i = 0; (p = proposal_at(i)); i++) {
                        const struct directive *d = directive_at(p->directive);
                        struct value v = { 0 };

                        assert_false(d->flags & NOT_A_SANDBOX);
                        for (const char *const *line = p->lines; *line; line++) {
                                struct err note = { 0 };

                                assert_int_equal(value_assign(&v, d, &dialect, *line, &note),
                                                 ASSIGN_TAKEN);
                                assert_string_equal(note.text, "");
                        }
                        value_done(&v);
                }
        }
}

static void no_proposal_makes_the_unit_one_that_systemd_refuses(void **state)
{
        struct bench b;

        (void)state;
        for (unsigned major = VERSION_OLDEST; major <= VERSION_NEWEST; major++) {
                OPEN(&b, major, SCOPE_SYSTEM);
                view_walk_open(&b.app, &b.draft);
                while (!walk(&b)->ended) {
                        press(&b.app, "y");
                        assert_int_equal(b.draft.then->load, LOAD_LOADED);
                        assert_true(b.draft.scored);
                }
                assert_true(b.draft.after.exposure < 25);
                done(&b);
        }
}

static void the_summary_says_what_was_taken(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM);
        view_walk_open(&b.app, &b.draft);
        press(&b.app, "y", "n", "y", "q");
        assert_golden_sizes(&b.app, "walk-summary");
        press(&b.app, "b"); /* on with the question */
        assert_shows(&b, "4 of ");
        press(&b.app, "q", "q");
        assert_true(b.app.quit);
        assert_int_equal(b.draft.profile->change_count, 2);
        done(&b);
}

static void what_needs_a_decision_says_so_and_comes_last(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM);
        view_walk_open(&b.app, &b.draft);
        while (walk(&b)->open_count > 1)
                press(&b.app, "n");
        assert_int_equal(walk(&b)->open[0].proposal->directive, D_DynamicUser);
        assert_golden(&b.app, 24, 80, "walk-decision");
        press(&b.app, "n");
        assert_true(walk(&b)->ended);
        press(&b.app, "b"); /* from the end back to the last question */
        assert_int_equal(walk(&b)->open[0].proposal->directive, D_DynamicUser);
        done(&b);
}

static void more_opens_the_help_page(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM);
        view_walk_open(&b.app, &b.draft);
        press(&b.app, "m");
        assert_int_equal(b.app.view_count, 2);
        press(&b.app, "q");
        assert_shows(&b, "1 of ");
        done(&b);
}

static void a_walk_with_nothing_to_propose_does_not_open(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM);
        view_walk_open(&b.app, &b.draft);
        while (!walk(&b)->ended)
                press(&b.app, "y");
        press(&b.app, "q");
        b.app.quit = false;
        view_walk_open(&b.app, &b.draft);
        assert_int_equal(b.app.view_count, 0);
        assert_non_null(strstr(b.app.message.text, "nothing to propose"));
        done(&b);
}

static void an_unscored_unit_is_walked_too(void **state)
{
        struct bench b;
        size_t first;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM);
        b.draft.now->load = b.draft.then->load = LOAD_MASKED;
        set_line(&b, "LockPersonality", "yes"); /* works the score out anew */
        assert_false(b.draft.scored);
        view_walk_open(&b.app, &b.draft);
        first = walk(&b)->open_count;
        assert_true(first > 0);
        assert_shows(&b, "not scored");
        press(&b.app, "y");
        assert_true(walk(&b)->open_count < first);
        done(&b);
}

static void changes_are_listed_with_what_they_move(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM, "ProtectSystem=full", "UMask=0022");
        set_line(&b, "ProtectSystem", "strict");
        set_line(&b, "PrivateDevices", "yes");
        set_line(&b, "UMask", "0027");
        view_diff_open(&b.app, &b.draft);
        assert_golden_sizes(&b.app, "diff-three");
        press(&b.app, "End");
        assert_golden(&b.app, 24, 80, "diff-three-end");
        done(&b);
}

static void odd_lines_are_listed_harmlessly(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, 252, SCOPE_SYSTEM);
        assert_int_equal(sandbox_oddity(b.draft.now, "/etc/x\033[2J.service", 3, "Protect\nHome",
                                        "\033]0;title\007", false, "systemd does not know it"),
                         0);
        view_diff_open(&b.app, &b.draft);
        assert_shows(&b, "Nothing is changed");
        assert_shows(&b, ".service:3");
        {
                scoped(mem_freep) char *text = screen_text(&b.app, 24, 80);

                assert_null(strchr(text, '\033'));
                assert_null(strchr(text, '\007'));
        }
        done(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_question_is_drawn_at_every_size),
                cmocka_unit_test(the_most_valuable_comes_first),
                cmocka_unit_test(taking_sets_the_value_and_goes_on),
                cmocka_unit_test(skipping_changes_nothing),
                cmocka_unit_test(stepping_back_takes_the_change_back),
                cmocka_unit_test(an_earlier_change_by_hand_comes_back_with_it),
                cmocka_unit_test(what_is_strict_already_is_not_asked),
                cmocka_unit_test(a_user_manager_is_asked_only_what_it_can_do),
                cmocka_unit_test(an_old_systemd_is_not_asked_what_it_does_not_know),
                cmocka_unit_test(every_proposal_is_a_value_that_systemd_takes),
                cmocka_unit_test(no_proposal_makes_the_unit_one_that_systemd_refuses),
                cmocka_unit_test(the_summary_says_what_was_taken),
                cmocka_unit_test(what_needs_a_decision_says_so_and_comes_last),
                cmocka_unit_test(more_opens_the_help_page),
                cmocka_unit_test(a_walk_with_nothing_to_propose_does_not_open),
                cmocka_unit_test(an_unscored_unit_is_walked_too),
                cmocka_unit_test(changes_are_listed_with_what_they_move),
                cmocka_unit_test(odd_lines_are_listed_harmlessly),
        };

        return cmocka_run_group_tests(tests, screen_setup, NULL);
}
