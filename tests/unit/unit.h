// SPDX-License-Identifier: MIT
// What every unit test shares: one suite a file, UNIT_MAIN at its end.
#ifndef LAB_UNIT_H
#define LAB_UNIT_H

#include <check.h>
#include <stdlib.h>

// Ends a test file: UNIT_MAIN("json", a_test, another_test)
#define UNIT_MAIN(suite_name, ...)                                                                 \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        Suite *suite = suite_create(suite_name);                                                   \
        for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {                                \
            TCase *test_case = tcase_create(tests[i]->name);                                       \
            tcase_set_timeout(test_case, 60);                                                      \
            tcase_add_test(test_case, tests[i]);                                                   \
            suite_add_tcase(suite, test_case);                                                     \
        }                                                                                          \
        SRunner *runner = srunner_create(suite);                                                   \
        srunner_run_all(runner, CK_NORMAL);                                                        \
        int failed = srunner_ntests_failed(runner);                                                \
        srunner_free(runner);                                                                      \
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;                                          \
    }

#endif
