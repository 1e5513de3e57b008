// SPDX-License-Identifier: MIT
// The kit's core, seen from the runner: what becomes of a check, told by its records and status.
#include "serving.h"

// ---------------------------------------------------------------- who listens

START_TEST(a_right_program_passes)
{
    struct outcome outcome = check_run("program/answers", "right", NULL);
    expect_passed(&outcome);
    const cJSON *start = record_of(&outcome, "start");
    ck_assert_str_eq(text_of(start, "check"), "program/answers");
    ck_assert_str_eq(text_of(start, "seed"), "18446744073709551615");
    ck_assert_str_eq(text_of(record_of(&outcome, "program"), "state"), "running");
    // The connection itself, the request, the answer.
    ck_assert_int_eq(count_of(&outcome, "io"), 3);
    outcome_release(&outcome);
}
END_TEST

START_TEST(programs_that_listen_in_other_right_ways_pass)
{
    static const char *const modes[] = {"everywhere", "both", "child", "late", "closed_output"};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct outcome outcome = check_run("program/answers", "starts", modes[i]);
        expect_passed(&outcome);
        outcome_release(&outcome);
    }
}
END_TEST

START_TEST(a_program_that_listens_elsewhere_is_told_where)
{
    struct outcome outcome = check_run("program/serves", "starts", "elsewhere");
    expect_failed(&outcome, "listens on 0.0.0.0:8080, expected 127.0.0.1:");
    ck_assert_str_eq(text_of(record_of(&outcome, "program"), "state"), "stuck");
    outcome_release(&outcome);
    outcome = check_run("program/serves", "starts", "ipv6_only");
    expect_failed(&outcome, "(IPv6 only)");
    outcome_release(&outcome);
}
END_TEST

START_TEST(a_program_that_never_listens_is_told_what_it_does)
{
    struct outcome outcome = check_run("program/serves", "starts", "read");
    expect_failed(&outcome, "does not listen on 127.0.0.1:");
    ck_assert(any_note_has(&outcome, "it waits in read()"));
    outcome_release(&outcome);
    outcome = check_run("program/serves", "starts", "bind_only");
    expect_failed(&outcome, "does not listen on 127.0.0.1:");
    ck_assert(any_note_has(&outcome, "it waits in pause()"));
    outcome_release(&outcome);
}
END_TEST

START_TEST(a_program_that_ends_before_it_listens_is_reported_with_its_status)
{
    struct outcome outcome = check_run("program/serves", "starts", "exit");
    expect_failed(&outcome, "ended with status 3");
    const cJSON *program = record_of(&outcome, "program");
    ck_assert_str_eq(text_of(program, "state"), "exited");
    ck_assert_str_eq(text_of(program, "stderr"), "no configuration\\n");
    outcome_release(&outcome);
}
END_TEST

START_TEST(a_program_in_the_background_is_told_so)
{
    struct outcome outcome = check_run("program/serves", "starts", "background");
    expect_failed(&outcome, "put itself in the background");
    outcome_release(&outcome);
    outcome = check_run("program/answers", "starts", "background");
    expect_failed(&outcome, "put itself in the background");
    outcome_release(&outcome);
}
END_TEST

// Its child sleeps long before the box has told of the end.
START_TEST(an_end_that_is_told_late_is_awaited)
{
    setenv("LAB_BOX_INIT", KIT_TEST_FOLDER "/box-init-late", true);
    struct outcome outcome = check_run("program/serves", "starts", "background");
    expect_failed(&outcome, "put itself in the background");
    outcome_release(&outcome);
    outcome = check_run("program/answers", "starts", "background");
    expect_failed(&outcome, "put itself in the background");
    outcome_release(&outcome);
}
END_TEST

// ---------------------------------------------------------------- its clocks

START_TEST(a_program_that_a_clock_will_wake_is_waited_for)
{
    static const char *const modes[] = {"sleep",     "poll",          "select", "epoll",
                                        "alarm",     "awaited_alarm", "timer",  "timerfd",
                                        "thread",    "receive_limit", "child",  "signal_limit",
                                        "condition", "vfork",         "naps",   "helpers"};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct outcome outcome = check_run("program/answers", "later", modes[i]);
        expect_passed(&outcome);
        outcome_release(&outcome);
    }
}
END_TEST

static void hangs(const char *mode, const char *doing)
{
    struct outcome outcome = check_run("program/answers", "stuck", mode);
    expect(&outcome, count_of(&outcome, "fail") == 1);
    expect_failed(&outcome, "");
    expect(&outcome, strcmp(text_of(record_of(&outcome, "program"), "state"), "stuck") == 0);
    expect(&outcome, any_note_has(&outcome, doing));
    outcome_release(&outcome);
}

START_TEST(a_program_that_nothing_can_wake_is_stuck)
{
    hangs("read", "it waits in read()");
    hangs("pause", "it waits in pause()");
    hangs("epoll", "it waits in epoll_wait()");
    hangs("poll", "it waits in poll()");
    hangs("lock", "each of its 4 threads waits in a lock");
    hangs("child", "1 of its processes and threads waits in waitpid()");
}
END_TEST

START_TEST(a_program_that_goes_on_and_on_is_stuck)
{
    hangs("loop", "it is at work");
    hangs("two_loops", "at work");
    hangs("sleep", "it sleeps in sleep()");
    hangs("naps", "it ");
    hangs("alarms", "it waits in pause()");
    hangs("stop", "it is stopped by a signal");
    hangs("short_lives", "it ");
}
END_TEST

static bool has_rested(const char *mode)
{
    struct outcome outcome = check_run("program/answers", "stuck", mode);
    expect(&outcome, count_of(&outcome, "fail") == 1);
    bool rested = false;
    const cJSON *record;
    cJSON_ArrayForEach(record, outcome.records)
    {
        if (strcmp(text_of(record, "record"), "rest") == 0)
            rested = rested || cJSON_IsTrue(cJSON_GetObjectItem(record, "asleep"));
    }
    const cJSON *last = record_of(&outcome, "rest");
    expect(&outcome, last == NULL || cJSON_IsFalse(cJSON_GetObjectItem(last, "asleep")));
    outcome_release(&outcome);
    return rested;
}

START_TEST(a_check_lends_its_core_while_its_program_sleeps)
{
    static const char *const asleep[] = {"pause", "sleep", "lock", "stop"};
    for (size_t i = 0; i < sizeof asleep / sizeof *asleep; i++)
        ck_assert_msg(has_rested(asleep[i]), "%s lends no core", asleep[i]);
    ck_assert_msg(!has_rested("loop"), "a busy loop lends its core");
    ck_assert_msg(!has_rested("two_loops"), "two busy loops lend their core");
}
END_TEST

START_TEST(a_program_that_stops_reading_is_stuck)
{
    struct outcome outcome = check_run("program/is_read", "stuck", "poll");
    expect_failed(&outcome, "stopped reading");
    outcome_release(&outcome);
    outcome = check_run("program/is_read", "stuck", "pause");
    expect_failed(&outcome, "");
    outcome_release(&outcome);
}
END_TEST

START_TEST(bytes_sent_one_by_one_are_awaited_until_they_are_read)
{
    struct outcome outcome = check_run("program/is_read_in_pieces", "reads", NULL);
    expect_passed(&outcome);
    outcome_release(&outcome);
    outcome = check_run("program/is_read", "reads", NULL);
    expect_passed(&outcome);
    outcome_release(&outcome);
}
END_TEST

// ---------------------------------------------------------------- its end

static void crashes(const char *mode, const char *message)
{
    struct outcome outcome = check_run("program/answers", "ends", mode);
    expect(&outcome, count_of(&outcome, "fail") == 1);
    expect_failed(&outcome, message);
    outcome_release(&outcome);
}

START_TEST(a_sanitizer_report_fails_whatever_was_answered)
{
    crashes("overflow", "heap-buffer-overflow, a write of 1 byte");
    crashes("overflow_at_once", "heap-buffer-overflow, a write of 1 byte");
    crashes("overflow_after_the_answer", "heap-buffer-overflow, a write of 1 byte");
    crashes("overflow_in_child", "heap-buffer-overflow, a write of 1 byte");
    crashes("undefined", "signed integer overflow: 2147483647 + 1");
}
END_TEST

START_TEST(the_report_stays_in_the_program_s_record)
{
    struct outcome outcome = check_run("program/answers", "ends", "overflow");
    const cJSON *program = record_of(&outcome, "program");
    ck_assert_str_eq(text_of(program, "state"), "signalled");
    ck_assert_ptr_nonnull(strstr(text_of(program, "stderr"), "ERROR: AddressSanitizer"));
    ck_assert_ptr_nonnull(strstr(text_of(program, "stderr"), "SUMMARY: AddressSanitizer"));
    ck_assert(any_note_has(&outcome, "waiting for"));
    outcome_release(&outcome);
}
END_TEST

START_TEST(a_crash_is_named_by_its_signal)
{
    struct outcome outcome = check_run_in("plain", "program/answers", "ends", "null_pointer");
    expect_failed(&outcome, "SIGSEGV");
    ck_assert_str_eq(text_of(record_of(&outcome, "program"), "state"), "signalled");
    outcome_release(&outcome);
    crashes("null_pointer", "null pointer");
    crashes("abort", "SIGABRT");
    crashes("broken_pipe", "SIGPIPE");
}
END_TEST

START_TEST(an_early_exit_is_told_with_its_status)
{
    crashes("exit", "ended with status 4");
}
END_TEST

START_TEST(an_answer_that_came_before_the_end_counts)
{
    for (int i = 0; i < 10; i++) {
        struct outcome outcome = check_run("program/answers", "ends", "answer_and_exit");
        expect_passed(&outcome);
        outcome_release(&outcome);
    }
}
END_TEST

START_TEST(a_wrong_answer_is_told_with_both)
{
    struct outcome outcome = check_run("program/answers", "ends", "wrong_answer");
    expect_failed(&outcome, "");
    const cJSON *fail = record_of(&outcome, "fail");
    ck_assert_ptr_nonnull(strstr(text_of(fail, "expected"), "pong"));
    ck_assert_ptr_nonnull(strstr(text_of(fail, "actual"), "pang"));
    outcome_release(&outcome);
}
END_TEST

START_TEST(leaks_are_judged_at_a_normal_exit_and_keep_its_status)
{
    struct outcome outcome = check_run("program/ends_when_told", "ends", "leak");
    expect_failed(&outcome, "memory leak: 25 bytes in 1 block never freed");
    const cJSON *program = record_of(&outcome, "program");
    ck_assert_str_eq(text_of(program, "state"), "exited");
    ck_assert_int_eq(cJSON_GetObjectItem(program, "status")->valueint, 0);
    outcome_release(&outcome);
}
END_TEST

START_TEST(a_program_ends_when_it_is_told)
{
    struct outcome outcome = check_run("program/ends_when_told", "ends", "well");
    expect_passed(&outcome);
    outcome_release(&outcome);
    outcome = check_run("program/ends_somehow_when_told", "right", NULL);
    expect_passed(&outcome);
    ck_assert_str_eq(text_of(record_of(&outcome, "program"), "state"), "signalled");
    outcome_release(&outcome);
    outcome = check_run("program/ends_when_told", "ends", "ignore");
    expect_failed(&outcome, "does not end after SIGTERM");
    outcome_release(&outcome);
}
END_TEST

START_TEST(a_program_can_be_started_again)
{
    struct outcome outcome = check_run("program/serves_twice", "right", NULL);
    expect_passed(&outcome);
    outcome_release(&outcome);
}
END_TEST

START_TEST(a_program_that_should_run_on_is_seen_to)
{
    struct outcome outcome = check_run("program/runs_on", "right", NULL);
    expect_passed(&outcome);
    outcome_release(&outcome);
    outcome = check_run("program/runs_on", "ends", "exit");
    expect_failed(&outcome, "ended with status 4, expected it to run on");
    outcome_release(&outcome);
    outcome = check_run("program/runs_on", "ends", "overflow");
    expect_failed(&outcome, "heap-buffer-overflow");
    outcome_release(&outcome);
}
END_TEST

// ---------------------------------------------------------------- its limits

START_TEST(a_flood_of_output_is_stopped)
{
    struct outcome outcome = check_run("program/serves", "starts", "flood");
    expect_failed(&outcome, "more than 64 MiB to its standard output and error");
    outcome_release(&outcome);
}
END_TEST

START_TEST(of_much_stderr_head_and_tail_are_kept)
{
    struct outcome outcome = check_run("program/serves", "starts", "flood_errors");
    expect_failed(&outcome, "ended with status 1");
    const char *errors = text_of(record_of(&outcome, "program"), "stderr");
    ck_assert(str_starts_with(errors, "the beginning\\n"));
    ck_assert(str_ends_with(errors, "the end\\n"));
    ck_assert_ptr_nonnull(strstr(errors, "bytes left out"));
    outcome_release(&outcome);
}
END_TEST

START_TEST(a_program_that_takes_all_memory_is_stopped)
{
    struct outcome outcome = check_run("program/serves", "starts", "memory");
    expect_failed(&outcome, "used more than 256 MB of memory");
    outcome_release(&outcome);
}
END_TEST

START_TEST(the_memory_of_all_its_processes_counts)
{
    struct outcome outcome = check_run("program/serves", "starts", "memory_together");
    expect_failed(&outcome, "used more than 256 MB of memory");
    outcome_release(&outcome);
}
END_TEST

START_TEST(memory_that_several_processes_share_counts_once)
{
    struct outcome outcome = check_run("program/serves", "starts", "memory_shared");
    expect_passed(&outcome);
    outcome_release(&outcome);
}
END_TEST

START_TEST(nothing_can_be_forged)
{
    struct outcome outcome = check_run("program/answers", "starts", "forge");
    expect_failed(&outcome, "ended with status 0");
    outcome_release(&outcome);
}
END_TEST

START_TEST(the_environment_is_the_check_s_and_none_of_the_host_s)
{
    struct outcome outcome = check_run("program/environment_arrives", "starts", "environment");
    expect_passed(&outcome);
    const char *all = text_of(record_of(&outcome, "program"), "stderr");
    static const char *const names[] = {"PORT=", "FILES_DIR=/tmp/files\\n", "HOME=/tmp\\n",
                                        "REQUEST_TIMEOUT_MS=30000\\n", "MODE=environment\\n"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(strstr(all, names[i]) != NULL, "%s is not in %s", names[i], all);
    outcome_release(&outcome);
}
END_TEST

// ---------------------------------------------------------------- the check's own end

START_TEST(a_failed_expectation_is_told_with_its_reason)
{
    struct outcome outcome = check_run("check/fails_by_expectation", "right", NULL);
    expect_failed(&outcome, "one is 2");
    ck_assert_int_gt(cJSON_GetObjectItem(record_of(&outcome, "fail"), "grader_line")->valueint, 0);
    ck_assert_int_eq(count_of(&outcome, "because"), 1);
    ck_assert_str_eq(text_of(record_of(&outcome, "because"), "text"), "numbers differ");
    ck_assert_int_eq(count_of(&outcome, "note"), 2);
    outcome_release(&outcome);
}
END_TEST

START_TEST(the_first_failure_ends_the_check)
{
    struct outcome outcome = check_run("check/fails_and_goes_on", "right", NULL);
    expect_failed(&outcome, "the first");
    outcome_release(&outcome);
}
END_TEST

START_TEST(libcheck_s_own_assertions_fail_the_check)
{
    struct outcome outcome = check_run("check/fails_by_libcheck", "right", NULL);
    expect_failed(&outcome, "libcheck's own");
    outcome_release(&outcome);
}
END_TEST

START_TEST(a_grader_that_crashes_or_exits_leaves_no_end_record)
{
    struct outcome outcome = check_run("check/crashes", "right", NULL);
    expect_no_end(&outcome);
    ck_assert(outcome.status != 0); // a signal, or the exit that a sanitizer makes of it
    ck_assert_int_eq(count_of(&outcome, "start"), 1);
    outcome_release(&outcome);
    outcome = check_run("check/aborts", "right", NULL);
    expect_no_end(&outcome);
    outcome_release(&outcome);
    outcome = check_run("check/exits", "right", NULL);
    ck_assert_int_eq(count_of(&outcome, "end"), 0);
    outcome_release(&outcome);
}
END_TEST

START_TEST(an_author_s_mistake_breaks_the_check)
{
    struct outcome outcome = check_run("check/breaks", "right", NULL);
    expect_no_end(&outcome);
    ck_assert_ptr_nonnull(strstr(text_of(record_of(&outcome, "broken"), "text"), "a/b"));
    outcome_release(&outcome);
}
END_TEST

START_TEST(a_difference_far_inside_is_shown)
{
    struct outcome outcome = check_run("check/differs_far_inside", "right", NULL);
    expect_failed(&outcome, "");
    const cJSON *fail = record_of(&outcome, "fail");
    ck_assert_str_ne(text_of(fail, "expected"), text_of(fail, "actual"));
    outcome_release(&outcome);
}
END_TEST

// ---------------------------------------------------------------- files

START_TEST(files_of_the_check_and_the_program_are_seen)
{
    struct outcome outcome = check_run("files/file_is_kept", "starts", "file");
    expect_passed(&outcome);
    outcome_release(&outcome);
    outcome = check_run("files/file_has_the_time_that_was_set", "starts", "time");
    expect_failed(&outcome, "the check cannot set the time of missing");
    outcome_release(&outcome);
    outcome = check_run("files/file_is_written", "right", NULL);
    expect_failed(&outcome, "$FILES_DIR/given has other bytes than expected");
    ck_assert_str_eq(text_of(record_of(&outcome, "fail"), "actual"), "more");
    outcome_release(&outcome);
}
END_TEST

START_TEST(links_fifos_and_folders_are_no_files)
{
    struct outcome outcome = check_run("files/odd_files_are_refused", "starts", "odd_files");
    expect_failed(&outcome, "$FILES_DIR/folder is not there, or is no regular file");
    outcome_release(&outcome);
}
END_TEST

START_TEST(a_folder_that_was_replaced_is_not_followed)
{
    struct outcome outcome = check_run("files/odd_files_are_refused", "starts", "replaced_folder");
    expect_failed(&outcome, "$FILES_DIR");
    outcome_release(&outcome);
    outcome = check_run("files/file_is_kept", "starts", "replaced_folder");
    expect_failed(&outcome, "given is not there");
    outcome_release(&outcome);
}
END_TEST

// ---------------------------------------------------------------- the protocol

START_TEST(the_list_names_every_check)
{
    FILE *stream = popen("'" KIT_TEST_FOLDER "/graders/core' --list", "r");
    char text[8192];
    size_t length = fread(text, 1, sizeof text - 1, stream);
    text[length] = '\0';
    ck_assert_int_eq(pclose(stream), 0);
    cJSON *list = cJSON_Parse(text);
    const cJSON *checks = cJSON_GetObjectItem(list, "checks");
    ck_assert_int_eq(cJSON_GetObjectItem(list, "version")->valueint, 1);
    const cJSON *first = cJSON_GetArrayItem(checks, 0);
    ck_assert_str_eq(text_of(first, "id"), "program/serves");
    ck_assert_str_eq(text_of(first, "build"), "checked");
    const cJSON *last = cJSON_GetArrayItem(checks, cJSON_GetArraySize(checks) - 1);
    ck_assert_str_eq(text_of(last, "title"), "plain build serves");
    ck_assert_str_eq(text_of(last, "build"), "plain");
    ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItem(last, "services")), 2);
    cJSON_Delete(list);
}
END_TEST

START_TEST(several_checks_run_at_once_and_know_nothing_of_each_other)
{
    struct serving serving = serving_open("core");
    int records[6];
    for (int i = 0; i < 6; i++)
        records[i] = check_ask(&serving,
                               &(struct asked){i, "program/answers", "programs", "right", NULL, 0});
    // Answers come in any order: read them all, then the records.
    int ended = 0;
    while (ended < 6) {
        cJSON *message = message_receive(serving.socket);
        const cJSON *status = cJSON_GetObjectItem(message, "status");
        if (status != NULL) {
            ck_assert_int_eq(status->valueint, 0);
            ended++;
        }
        cJSON_Delete(message);
    }
    for (int i = 0; i < 6; i++) {
        struct outcome outcome = {.records = records_read(records[i]), .ended = true};
        expect_passed(&outcome);
        outcome_release(&outcome);
    }
    serving_close(&serving);
}
END_TEST

static int open_files(pid_t pid)
{
    auto_free char *path = str_format("/proc/%d/fd", (int)pid);
    struct strings names = STRINGS_INIT;
    struct err err = ERR_INIT;
    must(folder_list(path, &names, &err), &err);
    int count = (int)names.count;
    strings_release(&names);
    return count;
}

START_TEST(nothing_of_a_check_stays_in_the_grader)
{
    struct serving serving = serving_open("core");
    int before = 0;
    for (int i = 0; i < 60; i++) {
        const char *check = i % 2 == 0 ? "check/fails_by_expectation" : "check/exits";
        const struct asked asked = {i, check, "programs", "right", NULL, 0};
        struct outcome outcome = check_collect(&serving, i, check_ask(&serving, &asked));
        expect(&outcome, outcome.ended);
        outcome_release(&outcome);
        if (i == 10)
            before = open_files(serving.process.pid);
    }
    ck_assert_int_eq(open_files(serving.process.pid), before);
    serving_close(&serving);
}
END_TEST

START_TEST(a_check_that_hangs_can_be_killed)
{
    struct serving serving = serving_open("core");
    const struct asked asked = {9, "check/hangs", "programs", "right", NULL, 0};
    int records = check_ask(&serving, &asked);
    cJSON *message = message_await(serving.socket, 9, "pid");
    ck_assert_int_gt(cJSON_GetObjectItem(message, "pid")->valueint, 0);
    cJSON_Delete(message);
    message_send(serving.socket, "{\"id\":9,\"kill\":true}", -1);
    struct outcome outcome = check_collect(&serving, 9, records);
    expect(&outcome, outcome.ended && WIFSIGNALED(outcome.status));
    expect(&outcome, count_of(&outcome, "end") == 0);
    outcome_release(&outcome);
    serving_close(&serving);
}
END_TEST

START_TEST(the_end_of_requests_ends_all_checks)
{
    struct serving serving = serving_open("core");
    const struct asked asked = {1, "check/hangs", "programs", "right", NULL, 0};
    int records = check_ask(&serving, &asked);
    cJSON_Delete(message_await(serving.socket, 1, "pid"));
    serving_close(&serving);
    cJSON_Delete(records_read(records)); // ends: no process holds the pipe any more
}
END_TEST

START_TEST(a_request_that_cannot_be_done_is_answered)
{
    struct serving serving = serving_open("core");
    const struct asked asked = {4, "no/such_check", "programs", "right", NULL, 0};
    struct outcome outcome = check_collect(&serving, 4, check_ask(&serving, &asked));
    ck_assert_ptr_nonnull(strstr(outcome.error, "no/such_check"));
    outcome_release(&outcome);
    message_send(serving.socket, "{\"id\":5,\"check\":\"program/serves\"}", -1);
    cJSON *message = message_await(serving.socket, 5, "error");
    ck_assert_ptr_nonnull(strstr(text_of(message, "error"), "program"));
    cJSON_Delete(message);
    message_send(serving.socket, "no JSON", -1);
    message = message_await(serving.socket, -1, "error");
    cJSON_Delete(message);
    serving_close(&serving);
}
END_TEST

START_TEST(a_grader_runs_alone_for_its_author)
{
    FILE *stream = popen("'" KIT_TEST_FOLDER "/graders/core' '" KIT_TEST_FOLDER
                         "/programs/right' program/answers",
                         "r");
    char text[8192];
    size_t length = fread(text, 1, sizeof text - 1, stream);
    text[length] = '\0';
    ck_assert_int_eq(pclose(stream), 0);
    ck_assert_ptr_nonnull(strstr(text, "received  1: pong\\n"));
    ck_assert_ptr_nonnull(strstr(text, "ok     program/answers"));
}
END_TEST

KIT_TESTS(a_right_program_passes, programs_that_listen_in_other_right_ways_pass,
          a_program_that_listens_elsewhere_is_told_where,
          a_program_that_never_listens_is_told_what_it_does,
          a_program_that_ends_before_it_listens_is_reported_with_its_status,
          a_program_in_the_background_is_told_so, an_end_that_is_told_late_is_awaited,
          a_program_that_a_clock_will_wake_is_waited_for, a_program_that_nothing_can_wake_is_stuck,
          a_program_that_goes_on_and_on_is_stuck, a_check_lends_its_core_while_its_program_sleeps,
          a_program_that_stops_reading_is_stuck,
          bytes_sent_one_by_one_are_awaited_until_they_are_read,
          a_sanitizer_report_fails_whatever_was_answered, the_report_stays_in_the_program_s_record,
          a_crash_is_named_by_its_signal, an_early_exit_is_told_with_its_status,
          an_answer_that_came_before_the_end_counts, a_wrong_answer_is_told_with_both,
          leaks_are_judged_at_a_normal_exit_and_keep_its_status, a_program_ends_when_it_is_told,
          a_program_can_be_started_again, a_program_that_should_run_on_is_seen_to,
          a_flood_of_output_is_stopped, of_much_stderr_head_and_tail_are_kept,
          a_program_that_takes_all_memory_is_stopped, the_memory_of_all_its_processes_counts,
          memory_that_several_processes_share_counts_once, nothing_can_be_forged,
          the_environment_is_the_check_s_and_none_of_the_host_s,
          a_failed_expectation_is_told_with_its_reason, the_first_failure_ends_the_check,
          libcheck_s_own_assertions_fail_the_check,
          a_grader_that_crashes_or_exits_leaves_no_end_record, an_author_s_mistake_breaks_the_check,
          a_difference_far_inside_is_shown, files_of_the_check_and_the_program_are_seen,
          links_fifos_and_folders_are_no_files, a_folder_that_was_replaced_is_not_followed,
          the_list_names_every_check, several_checks_run_at_once_and_know_nothing_of_each_other,
          nothing_of_a_check_stays_in_the_grader, a_check_that_hangs_can_be_killed,
          the_end_of_requests_ends_all_checks, a_request_that_cannot_be_done_is_answered,
          a_grader_runs_alone_for_its_author)
