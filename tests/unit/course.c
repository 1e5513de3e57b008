// SPDX-License-Identifier: MIT
// Courses, the roadmap, lab.json: what is found, what is refused and how it is said.
#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "course/course.h"
#include "course/format.h"
#include "made_course.h"

static struct courses the_courses(const char *home, const char *path)
{
    setenv("LAB_HOME", home, 1);
    if (path != NULL)
        setenv("LAB_PATH", path, 1);
    else
        unsetenv("LAB_PATH");
    struct courses courses;
    struct err err = ERR_INIT;
    ck_assert_msg(courses_find(&courses, &err), "%s", err.message);
    return courses;
}

// Loads lab "x" of a made course whose lab.json is `text`, or fails with the message and cure.
static void lab_refused(const char *text, const char *message, const char *cure)
{
    char *root = made_course();
    made_lab(root, "x", "one", 1);
    made_file(root, "labs/x/lab.json", text);
    struct courses courses = the_courses(root, NULL);
    struct err err = ERR_INIT;
    struct lab *lab = lab_load(&courses, "x", &err);
    ck_assert_msg(lab == NULL, "accepted: %s", text);
    ck_assert_int_eq(err.kind, ERR_LAB);
    auto_free char *full = str_format("%s/labs/x/lab.json:%s", root, message);
    ck_assert_str_eq(err.message, full);
    ck_assert_msg(err.cure != NULL && strstr(err.cure, cure) != NULL, "the cure is: %s", err.cure);
    err_release(&err);
    courses_release(&courses);
    made_remove(root);
}

// The same for what stands behind "minutes", from line 4 on.
static void rest_refused(const char *rest, const char *message, const char *cure)
{
    auto_free char *text = made_lab_text("x", "one", 1, rest);
    lab_refused(text, message, cure);
}

START_TEST(every_key_is_taken_over)
{
    char *root = made_course();
    made_lab(root, "y", "one", 1);
    made_lab(root, "x", "one", 1);
    made_file(root, "labs/x/stub/src/given.h", "");
    auto_free char *text = made_lab_text(
        "x", "two", 7,
        "\"$schema\": \"../lab.schema.json\", \"prerequisites\": [\"y\"],\n"
        "\"files\": {\"edit\": [\"server.c\"], \"given\": [\"src/given.h\"]},\n"
        "\"packages\": [{\"pkg_config\": \"zlib\", \"debian\": \"zlib1g-dev\"}, {\"debian\": "
        "\"jq\"}],\n"
        "\"services\": [\"postgres\"], \"limits\": {\"seconds\": 3, \"processes\": "
        "9},\n" MADE_STEPS);
    made_file(root, "labs/x/lab.json", text);
    struct courses courses = the_courses(root, NULL);
    struct err err = ERR_INIT;
    struct lab *lab = lab_load(&courses, "x", &err);
    ck_assert_msg(lab != NULL, "%s", err.message);
    ck_assert_str_eq(lab->course, root);
    ck_assert(str_starts_with(lab->folder, root) && str_ends_with(lab->folder, "/labs/x"));
    ck_assert_str_eq(lab->id, "x");
    ck_assert_str_eq(lab->title, "A lab");
    ck_assert_str_eq(lab->summary, "S.");
    ck_assert_str_eq(lab->stage, "two");
    ck_assert_int_eq(lab->order, 7);
    ck_assert_int_eq(lab->kind, LAB_SERVER);
    ck_assert_str_eq(lab->difficulty, "easy");
    ck_assert_int_eq(lab->minutes, 5);
    ck_assert(lab->prerequisites.count == 1 && strings_have(&lab->prerequisites, "y"));
    ck_assert(lab->edit.count == 1 && strings_have(&lab->edit, "server.c"));
    ck_assert(lab->given.count == 1 && strings_have(&lab->given, "src/given.h"));
    ck_assert_uint_eq(lab->package_count, 2);
    ck_assert_str_eq(lab->packages[0].pkg_config, "zlib");
    ck_assert_str_eq(lab->packages[0].debian, "zlib1g-dev");
    ck_assert_ptr_null(lab->packages[1].pkg_config);
    ck_assert(lab->services.count == 1 && strings_have(&lab->services, "postgres"));
    ck_assert_int_eq(lab->limits.seconds, 3);
    ck_assert_int_eq(lab->limits.processes, 9);
    ck_assert_int_eq(lab->limits.memory_mb, 256);
    ck_assert_uint_eq(lab->step_count, 2);
    ck_assert_str_eq(lab->steps[1].id, "second");
    ck_assert_str_eq(lab->steps[1].title, "does another");
    ck_assert_int_eq(lab->steps[1].points, 60);
    ck_assert_uint_eq(strlen(lab->version), 32);
    lab_free(lab);
    courses_release(&courses);
    made_remove(root);
}
END_TEST

START_TEST(steps_are_found_by_id_and_by_number)
{
    char *root = made_course();
    made_lab(root, "x", "one", 1);
    struct err err = ERR_INIT;
    auto_free char *folder = path_join(root, "labs/x");
    struct lab *lab = lab_load_folder(folder, &err);
    ck_assert_msg(lab != NULL, "%s", err.message);
    ck_assert_ptr_eq(lab_step(lab, "second"), &lab->steps[1]);
    ck_assert_ptr_eq(lab_step(lab, "2"), &lab->steps[1]);
    ck_assert_uint_eq(lab_step_index(lab, lab_step(lab, "2")), 1);
    static const char *const none[] = {
        "", "0", "3", "2x", "-1", "+1", " 1", "99999999999999999999", "Second"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_msg(lab_step(lab, none[i]) == NULL, "%s", none[i]);
    lab_free(lab);
    made_remove(root);
}
END_TEST

START_TEST(what_is_wrong_in_lab_json_is_named_with_its_place_and_cure)
{
    static const struct {
        const char *rest, *message, *cure;
    } cases[] = {
        {MADE_FILES ",\n\"stpes\": []", "5:1: unknown key \"stpes\"", "did you mean \"steps\"?"},
        {MADE_FILES ",\n\"xyz\": []", "5:1: unknown key \"xyz\"", "remove it; the keys here are"},
        {MADE_FILES ",\n\"minutes\": 5", "5:1: the key \"minutes\" is there twice", "remove one"},
        {MADE_FILES, "1:1: the key \"steps\" is missing", "add \"steps\""},
        {MADE_STEPS, "1:1: the key \"files\" is missing", "add \"files\""},
        {MADE_FILES ", \"steps\": {}", "4:43: \"steps\" is an object, expected an array", "array"},
        {MADE_FILES ", \"steps\": []", "4:43: \"steps\" has 0 items, expected 1 to 50", "add"},
        {MADE_FILES ", \"steps\": [7]", "4:44: \"step\" is a number, expected an object", "object"},
        {MADE_FILES ", \"steps\": [{\"id\": \"a\", \"title\": \"t\"}]",
         "4:44: the key \"points\" is missing", "add \"points\""},
        {MADE_FILES ", \"steps\": [{\"id\": \"a\", \"title\": \"t\", \"points\": \"5\"}]",
         "4:80: \"points\" is a text, expected a whole number", "whole number"},
        {MADE_FILES ", \"steps\": [{\"id\": \"a\", \"title\": \"t\", \"points\": 2.5}]",
         "4:80: \"points\" is 2.5, expected a whole number from 1 to 100", "1 to 100"},
        {MADE_FILES ", \"steps\": [{\"id\": \"a\", \"title\": \"t\", \"points\": 0}]",
         "4:80: \"points\" is 0, expected a whole number from 1 to 100", "1 to 100"},
        {MADE_FILES ", \"steps\": [{\"id\": \"a\", \"title\": \"t\", \"points\": 90}]",
         "4:43: the points of the steps sum to 90, expected 100", "give 10 points more"},
        {MADE_FILES ", \"steps\": [{\"id\": \"a\", \"title\": \"t\", \"points\": 100},\n"
                    "{\"id\": \"b\", \"title\": \"t\", \"points\": 1}]",
         "4:43: the points of the steps sum to 101, expected 100", "give 1 point less"},
        {MADE_FILES ", \"steps\": [{\"id\": \"a\", \"title\": \"t\", \"points\": 50},\n"
                    "{\"id\": \"a\", \"title\": \"t\", \"points\": 50}]",
         "5:8: two steps are called \"a\"", "rename"},
        {MADE_FILES ", \"steps\": [{\"id\": \"Big\", \"title\": \"t\", \"points\": 100}]",
         "4:51: \"id\" is \"Big\", expected lower-case letters, digits and '-', a letter first",
         "write it like"},
        {MADE_FILES ", \"steps\": [{\"id\": \"a\", \"title\": \"a\\u001b[1m\", \"points\": 100}]",
         "4:65: \"title\" is \"a\\x1b[1m\", expected one line without control characters", "like"},
        {MADE_FILES ", \"steps\": [{\"id\": \"a\", \"title\": \"\", \"points\": 100}]",
         "4:65: \"title\" is empty", "like"},
        {MADE_FILES ", \"steps\": [{\"id\": \"a\", \"title\":\n\"\xc3\xa4"
                    "0123456789012345678901234567890123456789\", \"points\": 100}]",
         "5:1: \"title\" has 41 characters, at most 40 fit", "shorten"},
        {"\"files\": {\"edit\": [\"../server.c\"]}, " MADE_STEPS,
         "4:20: \"file\" is \"../server.c\", expected a path inside the folder: letters, digits "
         "and _ . + - between single '/', no .. and nothing hidden",
         "server.c"},
        {"\"files\": {\"edit\": [\"a/../b.c\"]}, " MADE_STEPS,
         "4:20: \"file\" is \"a/../b.c\", expected a path inside the folder: letters, digits "
         "and _ . + - between single '/', no .. and nothing hidden",
         "server.c"},
        {"\"files\": {\"edit\": [\"/etc/passwd\"]}, " MADE_STEPS,
         "4:20: \"file\" is \"/etc/passwd\", expected a path inside the folder: letters, digits "
         "and _ . + - between single '/', no .. and nothing hidden",
         "server.c"},
        {"\"files\": {\"edit\": [\"server.c\", \"server.c\"]}, " MADE_STEPS,
         "4:32: \"edit\" names \"server.c\" twice", "remove one"},
        {"\"files\": {\"edit\": [\"server.c\"], \"given\": [\"server.c\"]}, " MADE_STEPS,
         "4:43: server.c is in \"edit\" and in \"given\"", "leave it in"},
        {"\"files\": {\"edit\": [\"other.c\"]}, " MADE_STEPS,
         "4:20: \"edit\" names other.c, and stub/ has no such file", "stub/other.c"},
        {"\"files\": {\"edit\": [\"server.c\"],\n \"given\": [\"no.h\"]}, " MADE_STEPS,
         "5:12: \"given\" names no.h, and stub/ has no such file", "stub/no.h"},
        {"\"prerequisites\": [\"nowhere\"], " MADE_FILES "," MADE_STEPS,
         "4:19: there is no lab \"nowhere\"", "lab list"},
        {"\"prerequisites\": [\"x\"], " MADE_FILES "," MADE_STEPS,
         "4:19: the lab is its own prerequisite", "remove"},
        {"\"limits\": {\"seconds\": 11}, " MADE_FILES "," MADE_STEPS,
         "4:23: \"seconds\" is 11, expected a whole number from 1 to 10", "1 to 10"},
        {"\"limits\": {\"second\": 1}, " MADE_FILES "," MADE_STEPS, "4:12: unknown key \"second\"",
         "did you mean \"seconds\"?"},
        {"\"packages\": [{\"debian\": \"-o/x\"}], " MADE_FILES "," MADE_STEPS,
         "4:25: \"debian\" is \"-o/x\", expected a package's name as apt knows it", "like"},
        {"\"packages\": [\"zlib\"], " MADE_FILES "," MADE_STEPS,
         "4:14: \"package\" is a text, expected an object", "object"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        rest_refused(cases[i].rest, cases[i].message, cases[i].cure);
}
END_TEST

START_TEST(what_is_wrong_in_the_head_of_lab_json_is_named_too)
{
    auto_free char *other_id = made_lab_text("z", "one", 1, MADE_FILES "," MADE_STEPS);
    lab_refused(other_id, "1:22: \"id\" is \"z\", and the lab's folder is called \"x\"", "same");
    auto_free char *stage = made_lab_text("x", "tow", 1, MADE_FILES "," MADE_STEPS);
    lab_refused(stage, "2:10: the roadmap has no stage \"tow\"", "did you mean \"two\"?");
    auto_free char *far = made_lab_text("x", "kubernetes", 1, MADE_FILES "," MADE_STEPS);
    lab_refused(far, "2:10: the roadmap has no stage \"kubernetes\"", "roadmap.json");
    auto_free char *kind = made_lab_text("x", "one", 1, MADE_FILES "," MADE_STEPS);
    memcpy(strstr(kind, "server"), "sorter", 6);
    lab_refused(kind, "2:37: \"kind\" is \"sorter\", known are \"server\", \"client\", \"tool\"",
                "");
    auto_free char *difficulty = made_lab_text("x", "one", 1, MADE_FILES "," MADE_STEPS);
    memcpy(strstr(difficulty, "easy"), "warm", 4);
    lab_refused(difficulty,
                "3:15: \"difficulty\" is \"warm\", known are \"easy\", \"medium\", \"hard\"",
                "\"hard\"");
    auto_free char *trailing = made_lab_text("x", "one", 1, MADE_FILES "," MADE_STEPS "}");
    lab_refused(trailing, "5:59: text after the end of the JSON value", "remove");
    lab_refused("{\"version\": 2, \"news\": 1}",
                "1:13: version 2 of this file, known here is version 1", "newer lab");
    lab_refused("[]", "1:1: expected an object, found an array", "{");
    lab_refused("", "1:1: an empty file", "object");
}
END_TEST

START_TEST(an_unknown_lab_gets_a_suggestion_and_a_path_is_no_id)
{
    char *root = made_course();
    made_lab(root, "http-basics", "one", 1);
    struct courses courses = the_courses(root, NULL);
    struct err err = ERR_INIT;
    ck_assert_ptr_null(lab_load(&courses, "http-basic", &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_str_eq(err.message, "there is no lab \"http-basic\"");
    ck_assert_str_eq(err.cure, "did you mean \"http-basics\"?");
    ck_assert_ptr_null(lab_load(&courses, "x/../http-basics", &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_ptr_null(lab_load(&courses, "", &err));
    ck_assert_ptr_nonnull(strstr(err.cure, "lab list"));
    err_release(&err);
    courses_release(&courses);
    made_remove(root);
}
END_TEST

START_TEST(a_missing_lab_json_is_named)
{
    char *root = made_course();
    made_file(root, "labs/x/lesson.md", "");
    auto_free char *folder = path_join(root, "labs/x");
    struct err err = ERR_INIT;
    ck_assert_ptr_null(lab_load_folder(folder, &err));
    ck_assert_int_eq(err.kind, ERR_LAB);
    ck_assert(str_ends_with(err.message, "/labs/x/lab.json is missing"));
    err_release(&err);
    made_remove(root);
}
END_TEST

START_TEST(labs_are_listed_in_the_roadmap_s_order_broken_ones_last)
{
    char *root = made_course();
    char *more = made_course();
    made_lab(root, "late", "two", 1);
    made_lab(root, "second", "one", 2);
    made_lab(root, "also-second", "one", 2);
    made_lab(more, "first", "one", 1);
    made_lab(more, "late", "two", 1);
    made_file(more, "labs/broken/lab.json", "{");
    made_file(more, "labs/no-lab/notes.txt", "");
    auto_free char *path = str_format(":%s::%s:%s", more, root, more);
    struct courses courses = the_courses(root, path);
    ck_assert_uint_eq(courses.roots.count, 2);
    auto_strings struct strings ids = STRINGS_INIT;
    struct err err = ERR_INIT;
    ck_assert_msg(courses_list(&courses, &ids, &err), "%s", err.message);
    static const char *const expected[] = {"first", "also-second", "second", "late", "broken"};
    ck_assert_uint_eq(ids.count, 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_str_eq(ids.items[i], expected[i]);
    ck_assert_ptr_null(lab_load(&courses, "late", &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.message, root));
    ck_assert_ptr_nonnull(strstr(err.message, more));
    err_release(&err);
    courses_release(&courses);
    made_remove(root);
    made_remove(more);
}
END_TEST

static void courses_refused(const char *home, const char *path, const char *message)
{
    setenv("LAB_HOME", home, 1);
    setenv("LAB_PATH", path, 1);
    struct courses courses;
    struct err err = ERR_INIT;
    ck_assert(!courses_find(&courses, &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    ck_assert_msg(strstr(err.message, message) != NULL, "%s", err.message);
    ck_assert_ptr_nonnull(err.cure);
    err_release(&err);
}

START_TEST(a_course_without_labs_is_refused)
{
    char *root = made_course();
    courses_refused("/proc", "", "LAB_HOME is /proc, and no folder labs/ is there");
    courses_refused(root, "/proc", "LAB_PATH names /proc, and no folder labs/ is there");
    courses_refused(root, "courses/mine", "not an absolute path");
    made_remove(root);
}
END_TEST

START_TEST(the_roadmap_has_the_nineteen_stages)
{
    struct courses courses = the_courses(LAB_SOURCE_DIR, NULL);
    struct roadmap roadmap;
    struct err err = ERR_INIT;
    ck_assert_msg(roadmap_load(&courses, &roadmap, &err), "%s", err.message);
    ck_assert_uint_eq(roadmap.count, 19);
    ck_assert_str_eq(roadmap.stages[0].id, "internet");
    ck_assert_str_eq(roadmap.stages[8].id, "caching");
    ck_assert_str_eq(roadmap.stages[18].id, "practice");
    roadmap_release(&roadmap);
    courses_release(&courses);
}
END_TEST

START_TEST(a_broken_roadmap_is_refused)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{\"version\":1}", "labs/roadmap.json:1:1: the key \"stages\" is missing"},
        {"{\"version\":1,\"stages\":[]}", "labs/roadmap.json:1:23: \"stages\" has 0 items"},
        {"{\"version\":1,\"stages\":[{\"id\":\"a\",\"title\":\"A\"},\n{\"id\":\"a\",\"title\":"
         "\"B\"}]}",
         "labs/roadmap.json:2:7: two stages are called \"a\""},
        {"{\"version\":1,\"stages\":[{\"id\":\"a\",\"title\":\"A\",\"labs\":[]}]}",
         "labs/roadmap.json:1:46: unknown key \"labs\""},
    };
    char *root = made_course();
    struct courses courses = the_courses(root, NULL);
    struct roadmap roadmap;
    struct err err = ERR_INIT;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made_file(root, "labs/roadmap.json", cases[i].text);
        ck_assert(!roadmap_load(&courses, &roadmap, &err));
        ck_assert_int_eq(err.kind, ERR_LAB);
        ck_assert_msg(strstr(err.message, cases[i].message) != NULL, "%s", err.message);
        ck_assert_ptr_nonnull(err.cure);
    }
    err_release(&err);
    courses_release(&courses);
    made_remove(root);
}
END_TEST

static char *version_of(const char *root)
{
    auto_free char *folder = path_join(root, "labs/x");
    struct err err = ERR_INIT;
    struct lab *lab = lab_load_folder(folder, &err);
    ck_assert_msg(lab != NULL, "%s", err.message);
    char *version = mem_copy_string(lab->version);
    lab_free(lab);
    return version;
}

START_TEST(the_version_changes_with_what_decides_a_grade_and_with_nothing_else)
{
    static const char *const counts[] = {"labs/x/lesson.md", "labs/x/stub/more/new.h",
                                         "labs/x/solution/server.c", "graders/x.c"};
    static const char *const not [] = {"labs/x/wrong/a.patch", "labs/x/accepted/b.c",
                                       "labs/y/lesson.md", "graders/y.c", "labs/x/stub/.hidden"};
    char *root = made_course();
    made_lab(root, "x", "one", 1);
    auto_free char *before = version_of(root);
    for (size_t i = 0; i < sizeof not / sizeof *not ; i++) {
        made_file(root, not [i], "text");
        auto_free char *same = version_of(root);
        ck_assert_str_eq(before, same);
    }
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        made_file(root, counts[i], "text");
        auto_free char *other = version_of(root);
        ck_assert_str_ne(before, other);
        free(before);
        before = take(other);
    }
    made_remove(root);
}
END_TEST

START_TEST(a_link_in_the_stub_is_refused)
{
    char *root = made_course();
    made_lab(root, "x", "one", 1);
    auto_free char *link = path_join(root, "labs/x/stub/passwd.c");
    ck_assert_int_eq(symlink("/etc/passwd", link), 0);
    auto_free char *folder = path_join(root, "labs/x");
    struct err err = ERR_INIT;
    ck_assert_ptr_null(lab_load_folder(folder, &err));
    ck_assert_int_eq(err.kind, ERR_LAB);
    ck_assert_ptr_nonnull(strstr(err.message, "stub/passwd.c: a link"));
    err_release(&err);
    made_remove(root);
}
END_TEST

static void grader_is(const char *root, const char *expected)
{
    auto_free char *folder = path_join(root, "labs/x");
    struct err err = ERR_INIT;
    struct lab *lab = lab_load_folder(folder, &err);
    ck_assert_msg(lab != NULL, "%s", err.message);
    ck_assert_msg(str_ends_with(lab->grader, expected), "%s", lab->grader);
    lab_free(lab);
}

static void made_program(const char *root, const char *name)
{
    made_file(root, name, "#!/bin/sh\n");
    auto_free char *path = path_join(root, name);
    ck_assert_int_eq(chmod(path, 0700), 0);
}

START_TEST(a_grader_lies_in_the_build_folder_or_beside_its_source)
{
    char *root = made_course();
    made_lab(root, "x", "one", 1);
    unsetenv("LAB_GRADERS");
    grader_is(root, "/build/graders/x"); // where it should be
    made_file(root, "graders/x", "no program");
    grader_is(root, "/build/graders/x");
    made_program(root, "graders/x");
    auto_free char *beside = path_join(root, "graders/x");
    grader_is(root, beside);
    made_program(root, "build/graders/x");
    grader_is(root, "/build/graders/x");
    made_program(root, "elsewhere/x");
    auto_free char *elsewhere = path_join(root, "elsewhere");
    setenv("LAB_GRADERS", elsewhere, 1);
    grader_is(root, "/elsewhere/x");
    unsetenv("LAB_GRADERS");
    made_remove(root);
}
END_TEST

static void changed_at(const char *root, const char *name, time_t when)
{
    auto_free char *path = path_join(root, name);
    const struct timespec times[2] = {{.tv_sec = when}, {.tv_sec = when}};
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

START_TEST(a_grader_older_than_its_source_gives_way_to_the_source)
{
    char *root = made_course();
    made_lab(root, "x", "one", 1);
    unsetenv("LAB_GRADERS");
    made_file(root, "graders/x.c", "");
    grader_is(root, "/graders/x.c");
    made_program(root, "build/graders/x");
    changed_at(root, "graders/x.c", 1000);
    changed_at(root, "build/graders/x", 1000);
    grader_is(root, "/build/graders/x");
    changed_at(root, "graders/x.c", 1001);
    grader_is(root, "/graders/x.c");
    made_remove(root);
}
END_TEST

START_TEST(each_course_adds_its_stages_behind_those_that_are_known)
{
    char *root = made_course();
    char *more = made_course();
    made_file(more, "labs/roadmap.json",
              "{\"version\":1,\"stages\":[{\"id\":\"own\",\"title\":\"Own\"},"
              "{\"id\":\"two\",\"title\":\"Another name\"}]}");
    made_lab(more, "x", "own", 1);
    struct courses courses = the_courses(root, more);
    struct roadmap roadmap;
    struct err err = ERR_INIT;
    ck_assert_msg(roadmap_load(&courses, &roadmap, &err), "%s", err.message);
    ck_assert_uint_eq(roadmap.count, 3);
    ck_assert_str_eq(roadmap.stages[1].title, "Two");
    ck_assert_str_eq(roadmap.stages[2].id, "own");
    roadmap_release(&roadmap);
    struct lab *lab = lab_load(&courses, "x", &err);
    ck_assert_msg(lab != NULL, "%s", err.message);
    lab_free(lab);
    courses_release(&courses);
    made_remove(root);
    made_remove(more);
}
END_TEST

START_TEST(the_course_around_the_current_folder_has_a_roadmap_or_a_lab)
{
    char *root = made_course();
    char *other = made_course();
    made_file(root, "labs/roadmap.json", "{}");
    made_file(root, "workspaces/x/deep/file", "");
    made_file(other, "labs/chemistry/notes.txt", "");
    auto_free char *deep = path_join(root, "workspaces/x/deep");
    auto_free char *roadmap = path_join(other, "labs/roadmap.json");
    ck_assert_int_eq(chdir(deep), 0);
    auto_free char *around = course_around();
    ck_assert_str_eq(around, root);
    ck_assert_int_eq(unlink(roadmap), 0);
    ck_assert_int_eq(chdir(other), 0);
    ck_assert_ptr_null(course_around());
    made_lab(other, "x", "one", 1);
    auto_free char *with_lab = course_around();
    ck_assert_str_eq(with_lab, other);
    ck_assert_int_eq(chdir("/"), 0);
    made_remove(root);
    made_remove(other);
}
END_TEST

START_TEST(a_course_runs_graders_when_it_is_part_of_lab_or_was_allowed)
{
    char *built_in = made_course();
    char *theirs = made_course();
    char *settings = made_course();
    setenv("LAB_HOME", built_in, 1);
    setenv("XDG_CONFIG_HOME", settings, 1);
    made_file(theirs, "odd\nname/labs/roadmap.json", "{}");
    auto_free char *odd = path_join(theirs, "odd\nname");
    auto_free char *list = path_join(settings, "lab/courses");
    struct err err = ERR_INIT;
    ck_assert(course_is_allowed(built_in));
    ck_assert(!course_is_allowed(theirs) && !course_is_allowed(odd));
    ck_assert_msg(course_allow(odd, &err), "%s", err.message);
    ck_assert(course_is_allowed(odd) && !course_is_allowed(theirs));
    ck_assert(course_allow(theirs, &err) && course_allow(odd, &err));
    ck_assert(course_is_allowed(odd) && course_is_allowed(theirs));
    // A list that others may write says nothing.
    ck_assert_int_eq(chmod(list, 0666), 0);
    ck_assert(!course_is_allowed(theirs));
    made_remove(built_in);
    made_remove(theirs);
    made_remove(settings);
}
END_TEST

UNIT_MAIN("course", every_key_is_taken_over, steps_are_found_by_id_and_by_number,
          what_is_wrong_in_lab_json_is_named_with_its_place_and_cure,
          what_is_wrong_in_the_head_of_lab_json_is_named_too,
          an_unknown_lab_gets_a_suggestion_and_a_path_is_no_id, a_missing_lab_json_is_named,
          labs_are_listed_in_the_roadmap_s_order_broken_ones_last, a_course_without_labs_is_refused,
          the_roadmap_has_the_nineteen_stages, a_broken_roadmap_is_refused,
          the_version_changes_with_what_decides_a_grade_and_with_nothing_else,
          a_link_in_the_stub_is_refused, a_grader_lies_in_the_build_folder_or_beside_its_source,
          a_grader_older_than_its_source_gives_way_to_the_source,
          each_course_adds_its_stages_behind_those_that_are_known,
          the_course_around_the_current_folder_has_a_roadmap_or_a_lab,
          a_course_runs_graders_when_it_is_part_of_lab_or_was_allowed)
