// SPDX-License-Identifier: MIT
// The rules for what failing checks say.
#include "unit.h"

#include "validate/rules.h"

START_TEST(a_message_is_one_sentence_without_a_full_stop)
{
    ck_assert(rules_is_sentence("status is 404, expected 200"));
    ck_assert(!rules_is_sentence("status is 404, expected 200."));
    ck_assert(!rules_is_sentence("status is 404\nexpected 200"));
}
END_TEST

START_TEST(a_value_that_was_cut_is_no_full_stop)
{
    ck_assert(rules_is_sentence("the target is /a, expected /a?planet-58038=emerald-77554&mo..."));
}
END_TEST

UNIT_MAIN("rules", a_message_is_one_sentence_without_a_full_stop,
          a_value_that_was_cut_is_no_full_stop)
