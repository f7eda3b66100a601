/* test_lessons.c - the course: its pages, its answers on paper, and what is remembered of it. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/lessons.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const sections[] = { "Idea",   "Unit", "Task",     "Hint 1", "Hint 2",
                                        "Hint 3", "Why",  "See also", NULL };

static void dialect_252(struct dialect *d)
{
        dialect_for((struct version){ 252, 39 }, SCOPE_SYSTEM, d);
}

/* The words behind -p of the last hint. */
static char **right_answer(const struct lesson *l)
{
        scoped(mem_freep) char *hint = lesson_part(l, "Hint 3");
        scoped(strv_freep) char **words = NULL;
        char **answer = NULL;

        assert_non_null(hint);
        assert_int_equal(strv_split(hint, " \n", &words), 0);
        for (char **w = words; *w; w++)
                if (strcmp(*w, "-p") != 0)
                        assert_int_equal(strv_add(&answer, *w), 0);
        return answer;
}

/* ---- pages ---- */

static void every_lesson_has_a_page_with_all_its_sections(void **state)
{
        const struct lesson *l;

        (void)state;
        for (size_t i = 0; (l = lesson_at(i)); i++) {
                const struct help_page *page = lesson_page(l);
                size_t n = strlen(l->name);

                assert_string_equal(page->name, l->name);
                assert_int_equal(strncmp(page->text, l->name, n), 0);
                assert_int_equal(page->text[n], '\n');
                for (const char *const *s = sections; *s; s++) {
                        scoped(mem_freep) char *part = lesson_part(l, *s);

                        if (!part || strlen(part) < 3)
                                fail_msg("%s has no section %s", l->name, *s);
                }
        }
        assert_true(lesson_number(lesson_at(0)) == 1);
}

static void every_page_of_a_lesson_belongs_to_one(void **state)
{
        size_t pages = 0, count = 0;

        (void)state;
        while (lesson_at(count))
                count++;
        for (const struct help_page *p = help_pages; p->folder; p++)
                if (strcmp(p->folder, "lessons") == 0) {
                        assert_non_null(lesson_find(p->name));
                        pages++;
                }
        assert_int_equal(pages, count);
        assert_in_range(count, 12, 14);
}

static void no_other_page_has_the_name_of_a_lesson(void **state)
{
        (void)state;
        for (const struct help_page *p = help_pages; p->folder; p++)
                if (strcmp(p->folder, "lessons") != 0 && lesson_find(p->name) &&
                    !strspn(p->name, "0123456789"))
                        fail_msg("%s/%s hides a lesson", p->folder, p->name);
}

static void the_idea_of_a_lesson_fits_a_screen(void **state)
{
        const struct lesson *l;

        (void)state;
        for (size_t i = 0; (l = lesson_at(i)); i++) {
                scoped(mem_freep) char *idea = lesson_part(l, "Idea");
                size_t lines = 0;

                for (const char *at = idea; *at; at++)
                        lines += *at == '\n';
                assert_in_range(lines, 8, 26);
        }
}

static void a_lesson_does_not_tell_its_hints_before_they_are_asked_for(void **state)
{
        const struct lesson *l;

        (void)state;
        for (size_t i = 0; (l = lesson_at(i)); i++) {
                scoped(mem_freep) char *text = lesson_text(lesson_page(l));

                assert_null(strstr(text, "\nHint "));
                assert_null(strstr(text, "\nWhy\n"));
                assert_non_null(strstr(text, "\nTask\n"));
                assert_non_null(strstr(text, "\nSee also\n"));
        }
}

static void a_page_of_another_folder_is_told_whole(void **state)
{
        (void)state;
        for (const struct help_page *p = help_pages; p->folder; p++)
                if (strcmp(p->folder, "topics") == 0) {
                        scoped(mem_freep) char *text = lesson_text(p);

                        assert_string_equal(text, p->text);
                }
}

static void a_lesson_is_found_by_its_name_and_by_its_number(void **state)
{
        (void)state;
        assert_ptr_equal(lesson_find("files"), lesson_find("FILES"));
        assert_ptr_equal(lesson_find("1"), lesson_at(0));
        assert_ptr_equal(lesson_find("2"), lesson_at(1));
        assert_null(lesson_find("0"));
        assert_null(lesson_find("99"));
        assert_null(lesson_find("18446744073709551617"));
        assert_null(lesson_find("1x"));
        assert_null(lesson_find(""));
        assert_null(lesson_find("../files"));
}

/* ---- units ---- */

static void every_unit_is_one_that_systemd_takes(void **state)
{
        struct dialect dialect;
        const struct lesson *l;

        (void)state;
        dialect_252(&dialect);
        for (size_t i = 0; (l = lesson_at(i)); i++) {
                scoped(sandbox_freep) struct sandbox *s = NULL;
                scoped(mem_freep) char *unit = lesson_part(l, "Unit");
                struct err e = { 0 };

                assert_int_equal(lesson_sandbox(l, &dialect, &s, &e), 0);
                assert_int_equal(s->load, LOAD_LOADED);
                assert_int_equal(s->oddity_count, 0);
                assert_int_equal(s->facts.exec_count, 1);
                assert_true(text_starts(unit, "[Unit]\n"));
        }
        dialect_done(&dialect);
}

static void what_lies_beside_a_unit_is_found(void **state)
{
        scoped(mem_freep) char *name = NULL, *text = NULL, *other = NULL, *unit = NULL;

        (void)state;
        assert_int_equal(lesson_beside(lesson_find("dropins"), "Drop-in", 0, &name, &text), 0);
        assert_string_equal(name, "10-vendor.conf");
        assert_string_equal(text, "[Service]\nReadWritePaths=/var/lib /etc\n");
        assert_int_equal(lesson_beside(lesson_find("network"), "Unit", 0, &other, &unit), 0);
        assert_string_equal(other, "gird-lesson-database.service");
        assert_int_equal(lesson_beside(lesson_find("network"), "Unit", 1, &other, &unit), 1);
        assert_int_equal(lesson_beside(lesson_find("files"), "Drop-in", 0, &name, &text), 1);
}

/* ---- answers on paper ---- */

static void the_last_hint_of_each_lesson_is_an_answer(void **state)
{
        struct dialect dialect;
        const struct lesson *l;

        (void)state;
        dialect_252(&dialect);
        for (size_t i = 0; (l = lesson_at(i)); i++) {
                scoped(lesson_try_done) struct lesson_try t = { 0 };
                scoped(lesson_result_done) struct lesson_result r = { 0 };
                scoped(strv_freep) char **answer = right_answer(l);
                struct err e = { 0 };

                if (lesson_try_open(l, &dialect, NULL, answer, &t, &e) < 0)
                        fail_msg("%s: %s", l->name, e.text);
                assert_int_equal(lesson_judge(&t, &dialect, &r, &e), 0);
                for (size_t k = 0; k < r.count; k++)
                        if (r.findings[k].looked && !r.findings[k].ok) {
                                scoped(mem_freep) char *c = lesson_complaint(&r.findings[k]);

                                fail_msg("%s: %s", l->name, c);
                        }
        }
        dialect_done(&dialect);
}

static void each_lesson_looks_at_what_the_service_does_and_at_what_it_could_do(void **state)
{
        const struct lesson *l;

        (void)state;
        for (size_t i = 0; (l = lesson_at(i)); i++) {
                unsigned works = 0, refused = 0;

                for (const struct lesson_check *c = l->checks; c->kind != LESSON_END; c++) {
                        works += c->kind == LESSON_WORKS;
                        refused += c->kind == LESSON_REFUSED;
                        assert_true(c->hint && *c->hint);
                }
                assert_true(works > 0 && refused > 0);
        }
}

static void the_lines_of_an_answer_merge_as_systemd_merges_them_where_that_is_the_lesson(
        void **state)
{
        static const struct {
                const char *lines[4];
                const char *gone, *stays;
        } cases[] = {
                { { "ReadWritePaths=/srv", NULL }, NULL, "/etc" },
                { { "ReadWritePaths=", "ReadWritePaths=/srv", NULL }, "/etc", "/srv" },
                { { "ReadWritePaths=/srv", "ReadWritePaths=", NULL }, "/srv", NULL },
        };
        const struct lesson *l = lesson_find("dropins");
        struct dialect dialect;

        (void)state;
        dialect_252(&dialect);
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(lesson_try_done) struct lesson_try t = { 0 };
                scoped(mem_freep) char *shown = NULL;
                struct err e = { 0 };

                assert_int_equal(
                        lesson_try_open(l, &dialect, NULL, (char **)cases[i].lines, &t, &e), 0);
                shown = value_show(&t.after->settings[D_ReadWritePaths].value,
                                   directive_at(D_ReadWritePaths), &dialect);
                assert_non_null(shown);
                if (cases[i].gone)
                        assert_null(strstr(shown, cases[i].gone));
                if (cases[i].stays)
                        assert_non_null(strstr(shown, cases[i].stays));
        }
        dialect_done(&dialect);
}

static void an_answer_that_is_no_assignment_is_refused_with_a_sentence(void **state)
{
        static const char *const bad[] = { "ProtectSytem=strict",          "ProtectSystem",
                                           "ProtectSystem=perhaps",        "=",
                                           "ReadWritePaths=/a\nUser=root", "UMask=0022\\" };
        struct dialect dialect;

        (void)state;
        dialect_252(&dialect);
        for (size_t i = 0; i < COUNT(bad); i++)
                for (size_t k = 0; k < 2; k++) {
                        const struct lesson *l = lesson_find(k ? "dropins" : "files");
                        scoped(lesson_try_done) struct lesson_try t = { 0 };
                        char *answer[] = { (char *)bad[i], NULL };
                        struct err e = { 0 };

                        if (lesson_try_open(l, &dialect, NULL, answer, &t, &e) >= 0)
                                fail_msg("it took %s", bad[i]);
                        assert_true(strlen(e.text) > 10);
                }
        dialect_done(&dialect);
}

static void what_an_older_systemd_does_not_know_is_named_and_does_not_count_there(void **state)
{
        const struct lesson *l = lesson_find("fleet");
        scoped(lesson_try_done) struct lesson_try t = { 0 };
        scoped(lesson_result_done) struct lesson_result r = { 0 };
        char *answer[] = { (char *)"PrivateIPC=yes", NULL };
        struct dialect dialect;
        struct err e = { 0 };
        bool named = false;

        (void)state;
        dialect_252(&dialect);
        assert_int_equal(lesson_try_open(l, &dialect, NULL, answer, &t, &e), 0);
        assert_int_equal(lesson_judge(&t, &dialect, &r, &e), 0);
        for (size_t i = 0; i < r.count; i++) {
                scoped(mem_freep) char *c = lesson_complaint(&r.findings[i]);

                if (r.findings[i].check->kind == LESSON_KNOWN) {
                        assert_string_equal(c, "systemd 247 does not know PrivateIPC=");
                        named = !r.findings[i].ok;
                }
        }
        assert_true(named);
        assert_int_equal(r.before, 96);
        dialect_done(&dialect);
}

/* ---- what is wrong, in words ---- */

static void a_complaint_names_what_is_open_and_what_broke(void **state)
{
        static const struct lesson_check read = { LESSON_REFUSED, "read:/x", 0, 0, "reads /x", "" },
                                         serve = { LESSON_WORKS, "tcp:1", 0, 0, "serves", "" };
        struct lesson_finding open = { .check = &read, .looked = true },
                              unseen = { .check = &read },
                              broke = { .check = &serve,
                                        .looked = true,
                                        .before = true,
                                        .said = (char *)"it answers 500" };
        struct lesson_result r = { .findings = (struct lesson_finding[]){ unseen, broke },
                                   .count = 2 };
        scoped(mem_freep) char *a = lesson_complaint(&open), *b = lesson_complaint(&broke);

        (void)state;
        assert_string_equal(a, "it still reads /x");
        assert_string_equal(b, "it no longer serves: it answers 500");
        assert_true(lesson_matters(&r, &r.findings[1]));
        assert_false(lesson_matters(&r, &r.findings[0]));
}

/* ---- what is remembered ---- */

static char folder[] = "/tmp/gird-test-lessons-XXXXXX", file[96], state_dir[64];

static int make_folder(void **state)
{
        (void)state;
        if (!mkdtemp(folder))
                return -1;
        snprintf(state_dir, sizeof(state_dir), "%s/a/gird", folder);
        snprintf(file, sizeof(file), "%s/lessons.json", state_dir);
        return 0;
}

static int remove_folder(void **state)
{
        char command[128];

        (void)state;
        snprintf(command, sizeof(command), "rm -rf %s", folder);
        return system(command);
}

static void write_file(const char *bytes, size_t n)
{
        FILE *out = fopen(file, "we");

        assert_non_null(out);
        assert_int_equal(fwrite(bytes, 1, n, out), n);
        assert_int_equal(fclose(out), 0);
}

static void progress_comes_back_as_it_was_kept(void **state)
{
        const struct lesson *files = lesson_find("files"), *users = lesson_find("users");
        struct lesson_progress p = { .done = true, .hints = 2 };
        scoped(lesson_progress_done) struct lesson_progress a = { 0 }, b = { 0 }, none = { 0 };
        char *answer[] = { (char *)"ProtectSystem=strict", (char *)"ReadWritePaths=/a \"b\\x20c\"",
                           NULL };
        struct err e = { 0 };
        struct stat st;

        (void)state;
        assert_int_equal(lesson_progress_in(state_dir, files, &none, &e), 0);
        assert_false(none.done);
        p.answer = answer;
        assert_int_equal(lesson_keep_in(state_dir, files, &p, &e), 0);
        p = (struct lesson_progress){ .hints = 1 };
        assert_int_equal(lesson_keep_in(state_dir, users, &p, &e), 0);
        assert_int_equal(lesson_progress_in(state_dir, files, &a, &e), 0);
        assert_true(a.done && a.hints == 2);
        assert_true(strv_equal(a.answer, answer));
        assert_int_equal(lesson_progress_in(state_dir, users, &b, &e), 0);
        assert_true(!b.done && b.hints == 1 && !b.answer);
        assert_int_equal(stat(file, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_file_that_is_none_of_ours_counts_as_nothing_done_and_is_put_aside(void **state)
{
        static const char *const hostile[] = {
                "",
                "{",
                "[]",
                "null",
                "{\"gird\":1}",
                "{\"gird\":\"1\",\"lessons\":{}}",
                "{\"gird\":1,\"lessons\":[]}",
                "{\"gird\":0,\"lessons\":{}}",
                "{\"gird\":1,\"lessons\":{\"files\":1}}",
                "{\"gird\":1,\"lessons\":{\"files\":{\"done\":\"yes\"}}}",
                "{\"gird\":1,\"lessons\":{\"files\":{\"hints\":1e300}}}",
                "{\"gird\":1,\"lessons\":{\"files\":{\"hints\":-1}}}",
                "{\"gird\":1,\"lessons\":{\"files\":{\"answer\":[1]}}}",
                "{\"gird\":1,\"lessons\":{\"files\":{\"answer\":{}}}}",
                "{\"gird\":1,\"lessons\":{\"files\":{\"answer\":[\"a\\u0000b\"]}}}",
        };
        const struct lesson *l = lesson_find("files");

        (void)state;
        for (size_t i = 0; i < COUNT(hostile); i++) {
                scoped(lesson_progress_done) struct lesson_progress p = { 0 }, q = { 0 };
                struct lesson_progress done = { .done = true };
                struct err e = { 0 };

                write_file(hostile[i], strlen(hostile[i]));
                assert_int_equal(lesson_progress_in(state_dir, l, &p, &e), 1);
                assert_false(p.done);
                assert_non_null(strstr(e.text, "lessons.json"));
                assert_int_equal(lesson_keep_in(state_dir, l, &done, &e), 0);
                assert_int_equal(lesson_progress_in(state_dir, l, &q, &e), 0);
                assert_true(q.done);
        }
        write_file("{\"gird\":1,\0\"lessons\":{}}", 24);
        {
                scoped(lesson_progress_done) struct lesson_progress p = { 0 };
                struct err e = { 0 };

                assert_int_equal(lesson_progress_in(state_dir, l, &p, &e), 1);
        }
}

static void a_file_of_a_newer_gird_is_left_alone(void **state)
{
        static const char newer[] = "{\"gird\":2,\"lessons\":{}}";
        const struct lesson *l = lesson_find("files");
        scoped(lesson_progress_done) struct lesson_progress p = { 0 };
        struct lesson_progress done = { .done = true };
        char back[sizeof(newer)] = "";
        struct err e = { 0 };
        FILE *in;

        (void)state;
        write_file(newer, sizeof(newer) - 1);
        assert_int_equal(lesson_progress_in(state_dir, l, &p, &e), 1);
        assert_true(lesson_keep_in(state_dir, l, &done, &e) < 0);
        assert_non_null(strstr(e.text, "newer gird"));
        in = fopen(file, "re");
        assert_non_null(in);
        assert_int_equal(fread(back, 1, sizeof(back) - 1, in), sizeof(newer) - 1);
        fclose(in);
        assert_string_equal(back, newer);
}

static void what_is_no_file_does_not_hang_or_break_it(void **state)
{
        const struct lesson *l = lesson_find("files");
        struct lesson_progress done = { .done = true };

        (void)state;
        for (int kind = 0; kind < 3; kind++) {
                scoped(lesson_progress_done) struct lesson_progress p = { 0 };
                struct err e = { 0 };

                unlink(file);
                if (kind == 0)
                        assert_int_equal(mkfifo(file, 0600), 0);
                else if (kind == 1)
                        assert_int_equal(symlink("lessons.json", file), 0);
                else
                        assert_int_equal(mkdir(file, 0700), 0);
                assert_int_equal(lesson_progress_in(state_dir, l, &p, &e), 1);
                assert_false(p.done);
        }
        rmdir(file);
        assert_int_equal(lesson_keep_in(state_dir, l, &done, NULL), 0);
}

static void lessons_that_another_gird_knows_do_not_matter(void **state)
{
        static const char text[] = "{\"gird\":1,\"lessons\":{\"nowhere\":{\"done\":3},\"1\":7,"
                                   "\"files\":{\"done\":true,\"new\":1}}}";
        scoped(lesson_progress_done) struct lesson_progress p = { 0 };
        struct err e = { 0 };

        (void)state;
        unlink(file);
        write_file(text, sizeof(text) - 1);
        assert_int_equal(lesson_progress_in(state_dir, lesson_find("files"), &p, &e), 0);
        assert_true(p.done);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_lesson_has_a_page_with_all_its_sections),
                cmocka_unit_test(every_page_of_a_lesson_belongs_to_one),
                cmocka_unit_test(no_other_page_has_the_name_of_a_lesson),
                cmocka_unit_test(the_idea_of_a_lesson_fits_a_screen),
                cmocka_unit_test(a_lesson_does_not_tell_its_hints_before_they_are_asked_for),
                cmocka_unit_test(a_page_of_another_folder_is_told_whole),
                cmocka_unit_test(a_lesson_is_found_by_its_name_and_by_its_number),
                cmocka_unit_test(every_unit_is_one_that_systemd_takes),
                cmocka_unit_test(what_lies_beside_a_unit_is_found),
                cmocka_unit_test(the_last_hint_of_each_lesson_is_an_answer),
                cmocka_unit_test(
                        each_lesson_looks_at_what_the_service_does_and_at_what_it_could_do),
                cmocka_unit_test(
                        the_lines_of_an_answer_merge_as_systemd_merges_them_where_that_is_the_lesson),
                cmocka_unit_test(an_answer_that_is_no_assignment_is_refused_with_a_sentence),
                cmocka_unit_test(
                        what_an_older_systemd_does_not_know_is_named_and_does_not_count_there),
                cmocka_unit_test(a_complaint_names_what_is_open_and_what_broke),
                cmocka_unit_test(progress_comes_back_as_it_was_kept),
                cmocka_unit_test(
                        a_file_that_is_none_of_ours_counts_as_nothing_done_and_is_put_aside),
                cmocka_unit_test(a_file_of_a_newer_gird_is_left_alone),
                cmocka_unit_test(what_is_no_file_does_not_hang_or_break_it),
                cmocka_unit_test(lessons_that_another_gird_knows_do_not_matter),
        };

        return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
