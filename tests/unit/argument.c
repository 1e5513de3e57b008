// SPDX-License-Identifier: MIT
// On which line an argument of a call stands.
#include "trace/argument.h"

#include <string.h>

#include "unit.h"

static int line_in(const char *text, int line, const char *call, int argument)
{
    return argument_line(text, strlen(text), line, call, argument);
}

static const char call[] = "first line;\n"
                           "int n = snprintf(text, // snprintf(, ,\n"
                           "    sizeof text,\n"
                           "    \"a, b (%d) \\\" %s\" /* , */\n"
                           "    \",\",\n"
                           "    sum(1, '\\'', ','),\n"
                           "\n"
                           "    list[3, 4]); other(a,\n"
                           "    b);\n";

START_TEST(an_argument_is_found_on_its_own_line)
{
    ck_assert_int_eq(line_in(call, 2, "snprintf", 0), 2);
    ck_assert_int_eq(line_in(call, 2, "snprintf", 1), 3);
    ck_assert_int_eq(line_in(call, 2, "snprintf", 2), 4);
    ck_assert_int_eq(line_in(call, 2, "snprintf", 3), 6);
    ck_assert_int_eq(line_in(call, 2, "snprintf", 4), 8);
    ck_assert_int_eq(line_in(call, 8, "other", 1), 8); // of another statement
}
END_TEST

START_TEST(what_is_not_found_is_the_call_s_line)
{
    ck_assert_int_eq(line_in(call, 2, "snprintf", 5), 2);
    ck_assert_int_eq(line_in(call, 2, "printf", 1), 2);
    ck_assert_int_eq(line_in(call, 1, "snprintf", 1), 1);
    ck_assert_int_eq(line_in(call, 99, "snprintf", 1), 99);
    ck_assert_int_eq(line_in("", 1, "f", 0), 1);
    ck_assert_int_eq(line_in("f(a, \"", 1, "f", 1), 1);
    ck_assert_int_eq(line_in("f(a,\n'", 1, "f", 1), 2);
    ck_assert_int_eq(line_in("f /* *", 1, "f", 0), 1);
    ck_assert_int_eq(line_in("f (", 1, "f", 0), 1);
}
END_TEST

UNIT_MAIN("argument", an_argument_is_found_on_its_own_line, what_is_not_found_is_the_call_s_line)
