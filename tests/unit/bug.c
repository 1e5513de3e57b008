// SPDX-License-Identifier: MIT
// Where the bug of a wrong program lies, read from its patch.
#include "unit.h"

#include <string.h>

#include "validate/bug.h"

#define HEAD "Bug: something\nBreaks: a/b\n\n--- a/server.c\n+++ b/server.c\n"

static void lines_are(const char *patch, size_t count, const int *lines)
{
    struct bug bug = bug_read(patch);
    ck_assert_uint_eq(bug.line_count, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(bug.lines[i], lines[i]);
    ck_assert_str_eq(bug.file, "server.c");
    bug_release(&bug);
}

START_TEST(changed_lines_are_numbered_as_in_the_patched_file)
{
    lines_are(HEAD "@@ -10,5 +12,5 @@ int main(void)\n a\n-b\n+B\n c\n", 1, (const int[]){13});
    lines_are(HEAD "@@ -10,3 +10,5 @@\n a\n+x\n+y\n b\n", 2, (const int[]){11, 12});
}
END_TEST

START_TEST(lines_that_were_taken_out_count_their_neighbours)
{
    lines_are(HEAD "@@ -10,5 +10,3 @@\n a\n-b\n-c\n d\n", 2, (const int[]){10, 11});
    // At the end of the hunk, too.
    lines_are(HEAD "@@ -10,3 +10,2 @@\n a\n d\n-b\n", 2, (const int[]){11, 12});
}
END_TEST

START_TEST(each_run_of_changes_is_judged_by_itself)
{
    lines_are(HEAD "@@ -1,4 +1,4 @@\n+new\n a\n-old\n b\n-x\n+y\n", 4, (const int[]){1, 2, 3, 4});
}
END_TEST

START_TEST(a_text_that_is_no_patch_has_no_lines)
{
    static const char *const texts[] = {
        "", "hello", "+++ b/server.c", "@@ -1 +1 @@", "@@ x @@\n+a\n", "+++ \n@@ -1 +\n-\n+"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct bug bug = bug_read(texts[i]);
        ck_assert_uint_eq(bug.line_count, 0);
        ck_assert_int_eq(bug_distance(&bug, "server.c", 3) == BUG_ELSEWHERE, 1);
        bug_release(&bug);
    }
}
END_TEST

START_TEST(distances_have_classes)
{
    struct bug bug = bug_read(HEAD "@@ -20,3 +20,3 @@\n a\n-b\n+B\n c\n"); // line 21
    static const struct {
        int line;
        enum bug_distance distance;
    } cases[] = {{21, BUG_EXACT},     {20, BUG_WITHIN_3},  {24, BUG_WITHIN_3},  {25, BUG_WITHIN_10},
                 {11, BUG_WITHIN_10}, {31, BUG_WITHIN_10}, {32, BUG_ELSEWHERE}, {0, BUG_NONE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_int_eq((int)bug_distance(&bug, "server.c", cases[i].line),
                         (int)cases[i].distance);
    ck_assert_int_eq((int)bug_distance(&bug, "other.c", 21), (int)BUG_ELSEWHERE);
    ck_assert_int_eq((int)bug_distance(&bug, NULL, 21), (int)BUG_NONE);
    bug_release(&bug);
}
END_TEST

static bool sends(const char *text, int line)
{
    struct source source = {"server.c", (char *)text, strlen(text)};
    struct sources sources = {&source, 1, NULL};
    struct bug bug = {"server.c", &line, 1};
    return bug_is_where_bytes_are_sent(&bug, &sources);
}

START_TEST(a_function_that_sends_is_told_from_one_that_does_not)
{
    static const char text[] = "static void a(void)\n"
                               "{\n"
                               "    resend(1);\n"
                               "}\n"
                               "\n"
                               "static void b(int fd)\n"
                               "{\n"
                               "    int x = 1;\n"
                               "    if (x)\n"
                               "        send(fd, \"x\", 1, 0);\n"
                               "}\n";
    ck_assert(!sends(text, 3));
    ck_assert(sends(text, 8));
    ck_assert(sends(text, 10));
    ck_assert(!sends(text, 99));
    ck_assert(!sends("", 1));
}
END_TEST

UNIT_MAIN("bug", changed_lines_are_numbered_as_in_the_patched_file,
          lines_that_were_taken_out_count_their_neighbours, each_run_of_changes_is_judged_by_itself,
          a_text_that_is_no_patch_has_no_lines, distances_have_classes,
          a_function_that_sends_is_told_from_one_that_does_not)
