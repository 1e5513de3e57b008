// SPDX-License-Identifier: MIT
// What an attempt says of itself: its first failure, its exit status; and its release.
#include "grade/attempt.h"

#include <stdlib.h>
#include <string.h>

static void io_release(struct io_record *record)
{
    free(record->text);
}

static void check_release(struct check_result *check)
{
    free(check->id);
    free(check->title);
    free(check->message);
    free(check->expected);
    free(check->actual);
    free(check->because);
    free(check->reproduce);
    free(check->fixed_input);
    free(check->program.state);
    free(check->program.error_output);
    strings_release(&check->notes);
    for (size_t i = 0; i < check->transcript_count; i++)
        io_release(&check->transcript[i]);
    free(check->transcript);
    free(check->records);
}

void attempt_release(struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->check_count; i++)
        check_release(&attempt->checks[i]);
    free(attempt->checks);
    free(attempt->steps);
    free(attempt->sandbox);
    free(attempt->broken_reason);
    build_result_release(&attempt->build);
    *attempt = (struct attempt){0};
}

static bool is_trouble(enum check_status status)
{
    return status == CHECK_FAILED || status == CHECK_BROKEN;
}

const struct step_result *attempt_first_failure(const struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->step_count; i++)
        if (is_trouble(attempt->steps[i].status))
            return &attempt->steps[i];
    return NULL;
}

const struct check_result *step_first_failure(const struct attempt *attempt,
                                              const struct step_result *step)
{
    for (size_t i = 0; i < step->check_count; i++) {
        const struct check_result *check = &attempt->checks[step->first_check + i];
        if (is_trouble(check->status))
            return check;
    }
    return NULL;
}

// A sanitizer ends a program by exit(1): its status alone does not tell it from an exit of its own.
bool check_has_sanitizer_report(const struct check_result *check)
{
    const char *const marks[] = {"Sanitizer: ", "Sanitizer:DEADLYSIGNAL", "runtime error: "};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if ((check->program.error_output != NULL &&
             strstr(check->program.error_output, marks[i]) != NULL) ||
            (check->message != NULL && strstr(check->message, marks[i]) != NULL))
            return true;
    return false;
}

const char *check_outcome(const struct check_result *check)
{
    if (check->status != CHECK_FAILED)
        return NULL;
    if (str_equal(check->program.state, "signalled") || check_has_sanitizer_report(check))
        return "crash";
    return str_equal(check->program.state, "stuck") ? "timeout" : "mismatch";
}

const char *check_status_name(enum check_status status)
{
    switch (status) {
    case CHECK_PASSED:
        return "passed";
    case CHECK_FAILED:
        return "failed";
    case CHECK_BROKEN:
        return "broken";
    case CHECK_NOT_RUN:
        break;
    }
    return "not_run";
}

int attempt_exit_status(const struct attempt *attempt)
{
    if (attempt->interrupted)
        return 130;
    if (attempt->broken_reason != NULL || attempt->broken > 0)
        return 3;
    if (!attempt->build.ok || attempt->failed > 0)
        return 1;
    // Nothing was judged: that is no pass.
    return attempt->passed > 0 ? 0 : 3;
}
