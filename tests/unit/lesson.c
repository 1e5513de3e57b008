// SPDX-License-Identifier: MIT
// The lesson: sections and hints as they are cut, and what is refused.
#include "unit.h"

#include <string.h>
#include <unistd.h>

#include "course/course.h"
#include "course/lesson.h"
#include "made_course.h"

// A lab of the steps "first" and "second" with this lesson.
static struct lab *lab_with(const char *root, const char *lesson, size_t length)
{
    made_lab(root, "x", "one", 1);
    struct err err = ERR_INIT;
    auto_free char *folder = path_join(root, "labs/x");
    auto_free char *path = path_join(folder, "lesson.md");
    ck_assert(file_write(-100, path, lesson, length, 0600, &err));
    struct lab *lab = lab_load_folder(folder, &err);
    ck_assert_msg(lab != NULL, "%s", err.message);
    return lab;
}

static void refused_bytes(const char *text, size_t length, const char *message, const char *cure)
{
    char *root = made_course();
    struct lab *lab = lab_with(root, text, length);
    struct lesson lesson;
    struct err err = ERR_INIT;
    ck_assert_msg(!lesson_load(lab, &lesson, &err), "accepted:\n%s", text);
    ck_assert_int_eq(err.kind, ERR_LAB);
    auto_free char *full = str_format("%s/lesson.md:%s", lab->folder, message);
    ck_assert_str_eq(err.message, full);
    ck_assert_msg(err.cure != NULL && strstr(err.cure, cure) != NULL, "the cure is: %s", err.cure);
    err_release(&err);
    lab_free(lab);
    made_remove(root);
}

START_TEST(sections_and_hints_are_taken_apart)
{
    static const char text[] = "# A lab\n"
                               "\n"
                               "Hello.\n"
                               "\n"
                               "## first\n"
                               "\n"
                               "Do this:\n"
                               "\n"
                               "```sh\n"
                               "## second\n"
                               "### Hint 1\n"
                               "```\n"
                               "\n"
                               "### Why\n"
                               "\n"
                               "Because.\n"
                               "\n"
                               "### Hint 1\n"
                               "\n"
                               "Look.\n"
                               "\n"
                               "#### An example\n"
                               "\n"
                               "    ## code\n"
                               "\n"
                               "### Hint for text_comes_back crash\n"
                               "Check the length.\n"
                               "### Hint 2\n"
                               "Look again.\n"
                               "### Afterwards\n"
                               "\n"
                               "More text.\n"
                               "\n"
                               "> ## quoted\n"
                               "\n"
                               "`second`\n"
                               "--------\n"
                               "Do that.";
    char *root = made_course();
    struct lab *lab = lab_with(root, text, strlen(text));
    struct lesson lesson;
    struct err err = ERR_INIT;
    ck_assert_msg(lesson_load(lab, &lesson, &err), "%s", err.message);
    ck_assert_str_eq(lesson.introduction, "# A lab\n\nHello.\n");
    ck_assert_uint_eq(lesson.count, 2);
    const struct lesson_section *first = &lesson.sections[0];
    ck_assert_str_eq(first->step, "first");
    ck_assert_str_eq(first->title, "does one thing");
    ck_assert_int_eq(first->line, 5);
    ck_assert_str_eq(first->text,
                     "Do this:\n\n```sh\n## second\n### Hint 1\n```\n\n### Why\n\nBecause.\n\n"
                     "### Afterwards\n\nMore text.\n\n> ## quoted\n");
    ck_assert_uint_eq(first->hint_count, 3);
    ck_assert_uint_eq(first->numbered, 2);
    ck_assert_ptr_null(first->hints[0].check);
    ck_assert_str_eq(first->hints[0].text, "Look.\n\n#### An example\n\n    ## code\n");
    ck_assert_int_eq(first->hints[0].line, 18);
    ck_assert_str_eq(first->hints[1].text, "Look again.\n");
    ck_assert_str_eq(first->hints[2].check, "text_comes_back");
    ck_assert_str_eq(first->hints[2].outcome, "crash");
    ck_assert_str_eq(first->hints[2].text, "Check the length.\n");
    ck_assert_str_eq(lesson.sections[1].text, "Do that.");
    ck_assert_int_eq(lesson.sections[1].line, 36);
    ck_assert_uint_eq(lesson.sections[1].hint_count, 0);
    lesson_release(&lesson);
    lab_free(lab);
    made_remove(root);
}
END_TEST

START_TEST(line_ends_of_other_systems_are_line_ends)
{
    static const char text[] = "Hello\r\n\r\n## first\r\n\r\nOne.\r\n\r\n## second\r\nTwo.\r\n";
    char *root = made_course();
    struct lab *lab = lab_with(root, text, strlen(text));
    struct lesson lesson;
    struct err err = ERR_INIT;
    ck_assert_msg(lesson_load(lab, &lesson, &err), "%s", err.message);
    ck_assert_str_eq(lesson.sections[0].text, "One.\r\n");
    ck_assert_str_eq(lesson.sections[1].text, "Two.\r\n");
    ck_assert_int_eq(lesson.sections[1].line, 7);
    lesson_release(&lesson);
    lab_free(lab);
    made_remove(root);
}
END_TEST

START_TEST(what_is_wrong_in_a_lesson_is_named_with_its_line_and_cure)
{
    static const struct {
        const char *text, *message, *cure;
    } cases[] = {
        {"", "1: the step \"first\" of lab.json has no section", "add `## first`"},
        {"## first\ntext\n", "3: the step \"second\" of lab.json has no section",
         "add `## second`"},
        {"## second\ntext\n", "1: the step \"first\" of lab.json has no section", "add `## first`"},
        {"## second\ntext\n\n## first\n",
         "1: the section \"second\" comes before \"first\" (line 4)", "order"},
        {"## first\ntext\n## first\ntext\n", "3: a second section \"first\"", "line 1"},
        {"## frist\n", "1: lab.json has no step \"frist\"", "did you mean `## first`?"},
        {"## Further reading\n", "1: lab.json has no step \"Further reading\"", "use ###"},
        {"## first: one thing\n", "1: \"## first: one thing\" says more than the step's id",
         "write `## first`"},
        {"## first\ntext\n## Hint 1\n", "3: \"## Hint 1\": a hint is a part of a section",
         "`### Hint 1`"},
        {"## first\n\n## second\ntext\n", "1: the section \"first\" says nothing", "write"},
        {"## first\n### Hint 1\ntext\n", "1: the section \"first\" says nothing", "write"},
        {"## first\ntext\n# second\n", "3: the heading \"# second\" between sections", "###"},
        {"### Hint 1\ntext\n## first\n", "1: \"Hint 1\" stands before the first section", "put"},
        {"## first\ntext\n### Hint 2\ntext\n", "3: hint 2 of \"first\", expected hint 1", "number"},
        {"## first\ntext\n### Hint 1\ntext\n### Hint 1\ntext\n",
         "5: hint 1 of \"first\", expected hint 2", "number"},
        {"## first\nt\n### Hint 1\na\n### Hint 2\nb\n### Hint 3\nc\n### Hint 4\nd\n",
         "9: \"Hint 4\": a step has three numbered hints", "### Hint 1"},
        {"## first\ntext\n### Hint 1\n\n## second\n", "3: \"Hint 1\" is empty", "write"},
        {"## first\ntext\n### Hints\n", "3: \"Hints\": not one of the two forms of a hint",
         "### Hint 1"},
        {"## first\ntext\n### hint 1\n", "3: \"hint 1\": not one of the two forms of a hint",
         "### Hint 1"},
        {"## first\ntext\n### Hint one\n", "3: \"Hint one\": not one of the two forms of a hint",
         "### Hint 1"},
        {"## first\ntext\n### Hint: 1\n", "3: \"Hint: 1\": not one of the two forms of a hint",
         "### Hint 1"},
        {"## first\ntext\n### Hint for a\n",
         "3: \"Hint for a\": not one of the two forms of a hint", "CHECK timeout"},
        {"## first\ntext\n#### Hint 1\n", "3: \"Hint 1\": a hint's heading has three #",
         "### Hint 1"},
        {"## first\ntext\n### Hint 1\ntext\n#### Hint 2\ntext",
         "5: \"Hint 2\": a hint's heading has three #", "### Hint 1"},
        {"## first\ntext\n### Hint for first/a crash\n",
         "3: \"Hint for first/a crash\": a check is named by its C identifier alone", "identifier"},
        {"## first\ntext\n### Hint for a_b timeuot\n",
         "3: \"Hint for a_b timeuot\": the outcome is not timeout, crash or mismatch",
         "did you mean `### Hint for a_b timeout`?"},
        {"## first\ntext\n### Hint for a crash\nb\n### Hint for a crash\nc\n",
         "5: a second \"Hint for a crash\" in this section", "join"},
        {"## first\n\xff\n", "2: a byte that is not UTF-8", "UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused_bytes(cases[i].text, strlen(cases[i].text), cases[i].message, cases[i].cure);
    refused_bytes("\n## first\n\0", 11, "3: a NUL byte", "UTF-8");
}
END_TEST

START_TEST(a_missing_lesson_is_named)
{
    char *root = made_course();
    struct lab *lab = lab_with(root, "", 0);
    auto_free char *path = path_join(lab->folder, "lesson.md");
    unlink(path);
    struct lesson lesson;
    struct err err = ERR_INIT;
    ck_assert(!lesson_load(lab, &lesson, &err));
    ck_assert_int_eq(err.kind, ERR_LAB);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    ck_assert_ptr_nonnull(err.cure);
    err_release(&err);
    lab_free(lab);
    made_remove(root);
}
END_TEST

UNIT_MAIN("lesson", sections_and_hints_are_taken_apart, line_ends_of_other_systems_are_line_ends,
          what_is_wrong_in_a_lesson_is_named_with_its_line_and_cure, a_missing_lesson_is_named)
