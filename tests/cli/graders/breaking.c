// SPDX-License-Identifier: MIT
// In place of the grader of the tests' lab hello: one that crashes in a check.
#include "kit.h"

START_TEST(accepts_a_connection)
{
    kit_connect(kit_serve());
}
END_TEST

START_TEST(crashes)
{
    __builtin_trap();
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("listen", accepts_a_connection);
    KIT_CHECK("greet", crashes);
    KIT_CHECK("quit", accepts_a_connection);
}
