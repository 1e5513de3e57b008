// SPDX-License-Identifier: MIT
// The grader of @ID@.
#include <string.h>

#include "kit.h"

START_TEST(prints_words_and_lengths)
{
    const char *first = kit_word();
    const char *second = kit_word();
    struct kit_program *tool = kit_run(first, second);
    kit_expect_stdout(tool, kit_text(kit_format("%s %zu\n%s %zu\n", first, strlen(first), second,
                                                strlen(second))));
    kit_because("the lesson: each word, a blank and its length, one word a line");
    kit_expect_exit(tool, 0);
}
END_TEST

START_TEST(option_behind_a_word_is_an_error)
{
    struct kit_program *tool = kit_run(kit_word(), kit_format("--%s", kit_word()));
    kit_expect_exit(tool, 2);
    kit_because("the lesson: a word that begins with `-` ends the program with 2");
    kit_expect_error_line(tool, NULL);
    kit_expect_stdout(tool, kit_text(""));
    kit_because("the lesson: where there is an option, no word is printed");
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("words", prints_words_and_lengths);
    KIT_CHECK("option", option_behind_a_word_is_an_error);
}
