// SPDX-License-Identifier: MIT
// The expectation that the program ends by itself.
#include <string.h>
#include <sys/wait.h>

#include "core.h"

static const char *end_name(int status)
{
    if (WIFEXITED(status))
        return kit_format("exit status %d", WEXITSTATUS(status));
    return kit_format("signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
}

void kit_expect_exit_at(struct kit_program *program, int status, int line)
{
    int ended = kit_wait_for_exit(program);
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == status)
        return;
    const char *actual = end_name(ended);
    const char *expected = kit_format("exit status %d", status);
    const char *report = kit_program_report(program); // it decides the status too
    const char *message =
        report != NULL ? report
        : WIFEXITED(ended)
            ? kit_format("the program exited with status %d, expected %d", WEXITSTATUS(ended),
                         status)
            : kit_format("the program was ended by %s, expected it to exit with status %d", actual,
                         status);
    kit_fail(&(struct kit_failure){.message = message,
                                   .expected = expected,
                                   .expected_length = strlen(expected),
                                   .actual = actual,
                                   .actual_length = strlen(actual),
                                   .awaited = "exit",
                                   .line = line});
}
