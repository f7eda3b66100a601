/* test_help.c - finding help pages, their parts, what they name, and words in them. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/dialect.h"
#include "core/score/score.h"
#include "core/trial/trial.h"
#include "tui/help.h"

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const struct help_page sample = {
        "directives", "SampleHome",
        "SampleHome\n"
        "Keeps homes away, like ProtectSystem= does for /usr.\n"
        "\n"
        "What it does\n"
        "  ProtectHome= and ProtectSystem= and InaccessiblePaths=, NoSuchThing=.\n"
        "  Not names: xProtectSystem=, protectsystem=, PrivateTmp and User.\n"
        "\n"
        "Values\n"
        "  yes  a row\n"
        "\n"
        "See also\n"
        "  PrivateTmp, twin, ProtectSystem,\n"
        "  TemporaryFileSystem\n"
};

static void assert_finds(const char *name, const char *folder, const char *page)
{
        const struct help_page *p = help_find(name);

        if (!p)
                fail_msg("no page %s", name);
        assert_string_equal(p->folder, folder);
        assert_string_equal(p->name, page);
}

static void a_page_is_found_in_any_case_and_with_its_value(void **state)
{
        (void)state;
        assert_finds("ProtectHome", "directives", "ProtectHome");
        assert_finds("protecthome", "directives", "ProtectHome");
        assert_finds("PROTECTHOME=tmpfs", "directives", "ProtectHome");
        assert_finds("twin", "topics", "twin");
        assert_finds("directives/protecthome", "directives", "ProtectHome");
        assert_null(help_find("topics/ProtectHome"));
        assert_null(help_find("nowhere/ProtectHome"));
        assert_null(help_find("ProtectHom"));
        assert_null(help_find(""));
        assert_null(help_find("="));
        assert_null(help_find("/"));
        assert_null(help_find("directives/"));
}

static void every_page_answers_to_its_full_name(void **state)
{
        (void)state;
        for (const struct help_page *p = help_pages; p->folder; p++) {
                scoped(mem_freep) char *full = text_format("%s/%s", p->folder, p->name);
                const struct help_page *found = help_find(full);

                assert_non_null(help_folder_find(p->folder));
                assert_ptr_equal(found, p);
                assert_non_null(help_find(p->name));
        }
}

static void a_misspelt_name_gets_the_nearest_page(void **state)
{
        (void)state;
        assert_string_equal(help_nearest("ProtectHom")->name, "ProtectHome");
        assert_string_equal(help_nearest("protect_home=yes")->name, "ProtectHome");
        assert_string_equal(help_nearest("MemoryDenyWriteExec")->name, "MemoryDenyWriteExecute");
        assert_null(help_nearest("xyzzyxyzzyxyzzy"));
        assert_null(help_nearest(""));
        assert_null(help_nearest(
                "a very long name that no page of ours could have, not even nearly so"));
}

static void a_page_has_a_sentence_and_sections(void **state)
{
        scoped(mem_freep) char *sentence = help_sentence(&sample);
        scoped(mem_freep) char *values = help_section(&sample, "Values");
        scoped(mem_freep) char *last = help_section(&sample, "See also");

        (void)state;
        assert_string_equal(sentence, "Keeps homes away, like ProtectSystem= does for /usr.");
        assert_string_equal(values, "  yes  a row\n");
        assert_string_equal(last, "  PrivateTmp, twin, ProtectSystem,\n  TemporaryFileSystem\n");
        assert_null(help_section(&sample, "What"));
        assert_null(help_section(&sample, "Tested"));
}

static void links_are_what_the_text_names_and_what_see_also_lists(void **state)
{
        static const char *const names[] = {
                "ProtectSystem", "ProtectHome", "InaccessiblePaths",
                "PrivateTmp",    "twin",        "TemporaryFileSystem"
        };
        scoped(mem_freep) const struct help_page **links = help_links(&sample);

        (void)state;
        assert_non_null(links);
        for (size_t i = 0; i < COUNT(names); i++) {
                if (!links[i])
                        fail_msg("%s is missing", names[i]);
                assert_string_equal(links[i]->name, names[i]);
        }
        assert_null(links[COUNT(names)]);
}

static void a_link_says_where_it_stands(void **state)
{
        static const char text[] = "  see ProtectHome=tmpfs, (PrivateTmp=)";
        struct help_link link;

        (void)state;
        assert_true(help_link_next(text, 0, false, &link));
        assert_int_equal(link.at, 6);
        assert_int_equal(link.length, strlen("ProtectHome="));
        assert_true(help_link_next(text, link.at + link.length, false, &link));
        assert_string_equal(link.page->name, "PrivateTmp");
        assert_false(help_link_next(text, link.at + link.length, false, &link));
        assert_false(help_link_next("", 0, false, &link));
        assert_false(help_link_next("", 0, true, &link));
        assert_true(help_link_next("  nosuch, twin.", 0, true, &link));
        assert_int_equal(link.at, 10);
        assert_int_equal(link.length, 4);
}

static void words_of_the_glossary_are_found_whole_and_the_longest_first(void **state)
{
        static const char text[] = "  its mount namespaces, subunit, units/x. Seccomp.";
        struct help_term t;

        (void)state;
        assert_true(help_term_next(text, 0, &t));
        assert_int_equal(t.at, 6);
        assert_int_equal(t.length, strlen("mount namespaces"));
        assert_int_equal(strncmp(t.term, "mount namespace\n", 16), 0);
        assert_true(help_term_next(text, t.at + t.length, &t));
        assert_int_equal(strncmp(t.term, "seccomp\n", 8), 0);
        assert_false(help_term_next(text, t.at + t.length, &t));
        assert_false(help_term_next("", 0, &t));
}

static void a_search_wants_all_words_and_ranks_names_first(void **state)
{
        scoped(mem_freep) const struct help_page **found = help_search("protecthome");
        scoped(mem_freep) const struct help_page **both = help_search("mount NAMESPACE");
        scoped(mem_freep) const struct help_page **none = help_search("mount xyzzy");
        scoped(mem_freep) const struct help_page **empty = help_search(" ");

        (void)state;
        assert_string_equal(found[0]->name, "ProtectHome");
        assert_non_null(found[1]); /* others speak of it */
        for (size_t i = 0; both[i]; i++) {
                assert_non_null(strcasestr(both[i]->text, "mount"));
                assert_non_null(strcasestr(both[i]->text, "namespace"));
        }
        assert_non_null(both[0]);
        assert_null(none[0]);
        assert_null(empty[0]);
}

static void a_match_is_the_line_with_most_of_the_words(void **state)
{
        scoped(mem_freep) char *line = help_match(&sample, "names user");
        scoped(mem_freep) char *row = help_match(&sample, "ROW");
        scoped(mem_freep) char *none = help_match(&sample, "xyzzy");

        (void)state;
        assert_string_equal(line,
                            "Not names: xProtectSystem=, protectsystem=, PrivateTmp and User.");
        assert_string_equal(row, "yes  a row");
        assert_null(none);
}

static void paragraphs_join_full_lines_only(void **state)
{
        const char *text = "  This line of prose is as long as lines get in a page, so\n"
                           "  this one goes on.\n"
                           "  Short.\n"
                           "  a row   with two columns that is long enough to be a full one\n"
                           "  Next.\n";
        static const char *const want[] = {
                "  This line of prose is as long as lines get in a page, so this one goes on.",
                "  Short.",
                "  a row   with two columns that is long enough to be a full one",
                "  Next.",
        };

        (void)state;
        for (size_t i = 0; i < COUNT(want); i++) {
                scoped(mem_freep) char *line = help_paragraph(&text);

                assert_string_equal(line, want[i]);
        }
        assert_string_equal(text, "");
}

static void a_directive_is_followed_by_its_assessments_and_what_is_new(void **state)
{
        struct dialect old, young;
        scoped(mem_freep) char *there = NULL, *here = NULL, *set = NULL, *plain = NULL;

        (void)state;
        dialect_for((struct version){ 252, 0 }, SCOPE_SYSTEM, &old);
        dialect_for((struct version){ 257, 0 }, SCOPE_SYSTEM, &young);
        here = help_more(help_find("PrivatePIDs"), &old);
        there = help_more(help_find("PrivatePIDs"), &young);
        set = help_more(help_find("CapabilityBoundingSet"), &old);
        plain = help_more(help_find("twin"), &old);
        assert_non_null(strstr(here, "does not know it: it came with 257"));
        assert_non_null(strstr(there, "knows it"));
        assert_non_null(strstr(set, "CapabilityBoundingSet_CAP_SYS_ADMIN"));
        assert_string_equal(plain, "");
        for (const char *line = set; *line; line += strcspn(line, "\n") + 1)
                assert_true(strcspn(line, "\n") <= 76);
}

static void a_group_is_followed_by_its_calls(void **state)
{
        static const struct help_page mount = { "calls", "@mount", "@mount\nMounts.\n" };
        static const struct help_page nested = { "calls", "@system-service",
                                                 "@system-service\nX.\n" };
        static const struct help_page unknown = { "calls", "@xyzzy", "@xyzzy\nX.\n" };
        struct dialect d;
        scoped(mem_freep) char *calls = NULL, *inner = NULL, *none = NULL;

        (void)state;
        dialect_for((struct version){ 252, 0 }, SCOPE_SYSTEM, &d);
        calls = help_more(&mount, &d);
        inner = help_more(&nested, &d);
        none = help_more(&unknown, &d);
        assert_non_null(strstr(calls, "umount2"));
        assert_non_null(strstr(inner, "\n  @basic-io\n    "));
        assert_non_null(strstr(none, "no such group"));
        for (const char *line = inner; *line; line += strcspn(line, "\n") + 1)
                assert_true(strcspn(line, "\n") <= 76);
}

static void assert_page(const char *folder, const char *name)
{
        scoped(mem_freep) char *full = text_format("%s/%s", folder, name);
        const struct help_page *p = help_find(full);

        if (!p || strcmp(p->folder, folder) != 0)
                fail_msg("help/%s.txt is missing", full);
}

static size_t count_pages(const char *folder)
{
        size_t n = 0;

        for (const struct help_page *p = help_pages; p->folder; p++)
                n += strcmp(p->folder, folder) == 0;
        return n;
}

static void every_capability_family_and_namespace_has_a_page(void **state)
{
        const char *name;
        uint64_t flag;
        size_t n;

        (void)state;
        for (n = 0; (name = capability_name((unsigned)n)); n++)
                assert_page("capabilities", name);
        assert_int_equal(count_pages("capabilities"), n);
        for (n = 0; (name = family_name(n)); n++)
                assert_page("families", name);
        assert_int_equal(count_pages("families"), n);
        for (n = 0; (name = namespace_name(n, &flag)); n++)
                assert_page("namespaces", name);
        assert_int_equal(count_pages("namespaces"), n);
}

static void every_group_of_every_systemd_has_a_page(void **state)
{
        size_t most = 0;

        (void)state;
        for (const struct help_page *p = help_pages; p->folder; p++) {
                bool known = strcmp(p->folder, "calls") != 0;

                for (unsigned v = VERSION_OLDEST; !known && v <= VERSION_NEWEST; v++) {
                        struct dialect d;

                        dialect_for((struct version){ v, 0 }, SCOPE_SYSTEM, &d);
                        known = dialect_group(&d, p->name);
                }
                if (!known)
                        fail_msg("no systemd has a group %s", p->name);
        }
        for (unsigned v = VERSION_OLDEST; v <= VERSION_NEWEST; v++) {
                struct dialect d;

                dialect_for((struct version){ v, 0 }, SCOPE_SYSTEM, &d);
                for (most = 0; d.groups[most].name; most++)
                        assert_page("calls", d.groups[most].name);
        }
}

static void every_status_of_systemd_has_a_page(void **state)
{
        size_t n = 0;

        (void)state;
        for (int status = 200; status < 255; status++) { /* 255 is of programs */
                scoped(mem_freep) char *number = text_format("%d", status);

                if (!exit_status_name(status))
                        continue;
                assert_page("statuses", number);
                assert_finds(exit_status_name(status), "statuses", number);
                n++;
        }
        assert_int_equal(count_pages("statuses"), n);
}

/* systemd's own name of a row has a bracket too many; the page's has not. */
static void without_bracket(char *id)
{
        size_t n = strlen(id);

        if (n && id[n - 1] == ')')
                id[n - 1] = '\0';
}

static void every_assessment_of_every_systemd_has_a_page(void **state)
{
        scoped(strv_freep) char **ids = NULL;

        (void)state;
        for (unsigned v = VERSION_OLDEST; v <= VERSION_NEWEST; v++) {
                struct dialect d;
                struct score score = { 0 };

                dialect_for((struct version){ v, 0 }, SCOPE_SYSTEM, &d);
                assert_int_equal(help_score(&d, &score), 0);
                for (size_t i = 0; i < score.count; i++) {
                        scoped(mem_freep) char *id = strdup(score.rows[i].id);

                        without_bracket(id);
                        assert_page("assessments", id);
                        if (!ids || !strv_has(ids, id))
                                assert_int_equal(strv_add(&ids, id), 0);
                }
        }
        assert_int_equal(count_pages("assessments"), strv_length(ids));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_page_is_found_in_any_case_and_with_its_value),
                cmocka_unit_test(every_page_answers_to_its_full_name),
                cmocka_unit_test(a_misspelt_name_gets_the_nearest_page),
                cmocka_unit_test(a_page_has_a_sentence_and_sections),
                cmocka_unit_test(links_are_what_the_text_names_and_what_see_also_lists),
                cmocka_unit_test(a_link_says_where_it_stands),
                cmocka_unit_test(words_of_the_glossary_are_found_whole_and_the_longest_first),
                cmocka_unit_test(a_search_wants_all_words_and_ranks_names_first),
                cmocka_unit_test(a_match_is_the_line_with_most_of_the_words),
                cmocka_unit_test(paragraphs_join_full_lines_only),
                cmocka_unit_test(a_directive_is_followed_by_its_assessments_and_what_is_new),
                cmocka_unit_test(a_group_is_followed_by_its_calls),
                cmocka_unit_test(every_capability_family_and_namespace_has_a_page),
                cmocka_unit_test(every_group_of_every_systemd_has_a_page),
                cmocka_unit_test(every_status_of_systemd_has_a_page),
                cmocka_unit_test(every_assessment_of_every_systemd_has_a_page),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
