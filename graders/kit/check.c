// SPDX-License-Identifier: MIT
/*
 * The registry of checks, and the run of one.
 *
 * A check is a libcheck suite of one test, run with CK_NOFORK: the process is the check's own
 * already (PID 1 of its cell), so a fork of libcheck's would add a millisecond and put a process
 * between the crash of a grader and the runner that has to see it. libcheck's time-out, which needs
 * that fork, is not wanted: watch.c has the clocks. What fails by libcheck's own ck_assert is told
 * like any failure.
 *
 * A check ends with _exit in the middle of its test when it fails: the cell takes down everything
 * that the test had opened. No end record is written by any other way out, so that a grader that
 * crashes, or calls exit, can never pass.
 */
#include "core.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PASSED_STATUS = 0, FAILED_STATUS = 1, BROKEN_STATUS = 2 };
enum { MOST_PROCESSES = 1024 };

// ---------------------------------------------------------------- the registry

static struct kit_check *checks;
static size_t check_count;

void kit_check_add(const struct kit_check *check)
{
    checks = mem_resize(checks, (check_count + 1) * sizeof *checks);
    checks[check_count++] = *check;
}

size_t kit_check_count(void)
{
    return check_count;
}

const struct kit_check *kit_check_get(size_t index)
{
    return &checks[index];
}

const struct kit_check *kit_check_find(const char *id)
{
    const char *slash = strchr(id, '/');
    if (slash == NULL)
        return NULL;
    size_t step = (size_t)(slash - id);
    for (size_t i = 0; i < check_count; i++)
        if (strlen(checks[i].step) == step && strncmp(checks[i].step, id, step) == 0 &&
            str_equal(checks[i].name, slash + 1))
            return &checks[i];
    return NULL;
}

// ---------------------------------------------------------------- the run

static const struct kit_check *the_check;
static const struct kit_request *the_request;

static enum {
    NOT_FAILED,
    LOOKING, // a failure was found; the program is given the time to show what it comes from
    FAILED,  // its record is written; the check ends at the next kit_settle
} progress;
static bool has_reason;

const struct kit_request *kit_the_request(void)
{
    return the_request;
}

bool kit_check_is_checked(void)
{
    return the_check->build == KIT_CHECKED;
}

// The verdict is known. What the program would do when the check's connections close under it is
// nobody's concern, and would stand in the traces as if it had happened before.
static void program_stop(const struct kit_program *program)
{
    pid_t pids[MOST_PROCESSES];
    size_t count = kit_program_pids(program, pids, MOST_PROCESSES);
    for (size_t i = 0; i < count && i < MOST_PROCESSES; i++)
        if (pids[i] > 1) // 0 would be our own group
            kill(pids[i], SIGKILL);
}

static void (*tell_before_end)(void);

void kit_before_end(void (*tell)(void))
{
    tell_before_end = tell;
}

_Noreturn static void end_failed(void)
{
    if (tell_before_end != NULL)
        tell_before_end();
    struct kit_program *program = kit_the_program();
    if (program != NULL)
        kit_program_record(program, NULL);
    kit_program_record_output();
    kit_limits_note();
    const char *command = kit_reproduce_command();
    if (command != NULL)
        kit_record_reproduce(command, kit_reproduce_environment(), kit_reproduce_is_run());
    kit_record_end(false, kit_longest_wait());
    if (program != NULL)
        program_stop(program);
    _exit(FAILED_STATUS);
}

void kit_settle(void)
{
    if (progress == FAILED)
        end_failed();
}

static void failure_record(const struct kit_failure *failure)
{
    progress = FAILED;
    if (failure->connection != NULL && failure->has_offset)
        kit_record_around(failure->connection, failure->offset);
    kit_reproduce_failed(failure);
    kit_record_flush();
    suspect_record(failure);
    kit_record_fail(failure);
}

// A crash explains whatever a check found wrong; without it the learner would look for a fault in
// an answer that was never finished.
static bool failed_by_crash(const struct kit_failure *failure)
{
    struct kit_program *program = kit_the_program();
    if (program == NULL)
        return false;
    kit_program_calm(program);
    const char *crash = kit_program_crash(program);
    if (crash == NULL || strstr(failure->message, crash) != NULL)
        return false;
    failure_record(&(struct kit_failure){.message = crash});
    kit_record_note(kit_format("seen by the check: %s", failure->message));
    has_reason = true; // a reason given for the expectation does not explain the crash
    return true;
}

void kit_fail(const struct kit_failure *failure)
{
    if (progress == FAILED)
        return;
    kit_services_judge();
    bool first = progress == NOT_FAILED;
    progress = LOOKING;
    if (!first || !failed_by_crash(failure))
        failure_record(failure);
}

void kit_fail_now(const struct kit_failure *failure)
{
    kit_fail(failure);
    end_failed();
}

void kit_fail_because(const struct kit_failure *failure, const char *because)
{
    kit_fail(failure);
    kit_because(because);
    end_failed();
}

void kit_because(const char *text)
{
    if (progress != FAILED || has_reason)
        return;
    has_reason = true;
    kit_record_because(text);
}

void kit_note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    auto_free char *text = str_format_list(format, arguments);
    va_end(arguments);
    kit_record_note(text);
}

void kit_break(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    auto_free char *text = str_format_list(format, arguments);
    va_end(arguments);
    if (the_request != NULL)
        kit_record_broken(text);
    else
        fprintf(stderr, "grader: %s\n", text);
    _exit(BROKEN_STATUS);
}

// What libcheck itself found: ck_assert and its kind in the author's test.
static void fail_by_libcheck(SRunner *runner)
{
    if (srunner_ntests_failed(runner) == 0)
        return;
    TestResult **failures = srunner_failures(runner);
    const char *message = tr_msg(failures[0]);
    kit_fail_now(&(struct kit_failure){.message = message == NULL ? "a ck_assert fails" : message,
                                       .line = tr_lno(failures[0])});
}

static SRunner *runner_make(const struct kit_check *check)
{
    Suite *suite = suite_create(check->step);
    TCase *test_case = tcase_create(check->name);
    tcase_add_test(test_case, check->test);
    suite_add_tcase(suite, test_case);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    return runner;
}

int kit_run_check(const struct kit_check *check, const struct kit_request *request)
{
    the_check = check;
    the_request = request;
    kit_record_start(request->check, request->seed);
    kit_input_start(request->seed);
    kit_files_start();
    kit_services_start(check->services);
    SRunner *runner = runner_make(check);
    // The tagged form alone reads no CK_RUN_SUITE or CK_RUN_CASE, which could leave the test out.
    srunner_run_tagged(runner, NULL, NULL, NULL, NULL, CK_SILENT);
    fail_by_libcheck(runner);
    kit_settle();
    if (srunner_ntests_run(runner) != 1)
        kit_break("libcheck did not run the check");
    kit_program_finish();
    kit_record_flush();
    kit_record_end(true, kit_longest_wait());
    return PASSED_STATUS;
}
