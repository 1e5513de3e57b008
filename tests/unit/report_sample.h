// SPDX-License-Identifier: MIT
// Reports of samples, as text.
#ifndef LAB_REPORT_SAMPLE_H
#define LAB_REPORT_SAMPLE_H

#include "unit.h"

#include "sample.h"

static const struct report_options plain_options = {
    .command = "lab", .hints_shown = 0, .hints_total = 3};

static inline char *report_at(const struct sample *sample, const struct report_options *options,
                              int width, bool colour)
{
    struct sample_output output = output_open(width, colour);
    output_begin(&output);
    struct report report;
    report_begin(&report, &output.screen, options);
    for (size_t i = 0; i < sample->attempt.step_count; i++)
        report_step(&report, &sample->attempt, &sample->results[i]);
    report_end(&report, &sample->attempt);
    return output_end(&output);
}

static inline char *report(const struct sample *sample)
{
    return report_at(sample, &plain_options, 80, false);
}

static inline void expect_text(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "not found:\n%s\nin:\n%s", part, text);
}

static inline void expect_no_text(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "found:\n%s\nin:\n%s", part, text);
}

static inline size_t count_text(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *c = strstr(text, part); c != NULL; c = strstr(c + 1, part))
        count++;
    return count;
}

#endif
