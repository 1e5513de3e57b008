// SPDX-License-Identifier: MIT
// The report: whole screens, and what is told of steps and failing checks.
#include "report_sample.h"

// Step 4 fails, and some after it.
static struct sample *wrong_length(void)
{
    struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, "content_length_matches_body",
                                            "Content-Length says 12, the body has 9 bytes");
    sample_io(sample, check, 0.001, false, 1,
              "GET /echo/mango-417 HTTP/1.1\\r\\nHost: 127.0.0.1:8080\\r\\n\\r\\n");
    sample_io(sample, check, 0.002, true, 1, "HTTP/1.1 200 OK\\r\\nContent-Length: 12\\r\\n");
    sample_io(sample, check, 0.002, true, 1, "\\r\\nmango-417");
    check->expected = literal("9");
    check->actual = literal("12");
    check->connection = 1;
    check->has_offset = true;
    check->offset = strlen("HTTP/1.1 200 OK\r\nContent-Length: ");
    check->because = literal("a client waits for 3 bytes that never come (RFC 9112 6.3)");
    check->reproduce = literal("curl -i http://127.0.0.1:8080/echo/mango-417");
    for (size_t i = 5; i < 15; i++)
        if (i != 7)
            sample_set(sample, i, CHECK_FAILED, NULL, "it does not");
    return sample;
}

START_TEST(a_failing_check_is_told_as_in_the_first_screen_of_feedback)
{
    auto_sample struct sample *sample = wrong_length();
    auto_free char *text = report(sample);
    ck_assert_str_eq(
        text, "ok    compile                                                            0.21s\n"
              "ok    1  listen          accepts a connection on $PORT                     5/5\n"
              "ok    2  status-line     answers with a status line                      10/10\n"
              "ok    3  not-found       unknown paths get 404                             5/5\n"
              "FAIL  4  echo            /echo/{text} comes back as the body              0/10\n"
              "ok    5  headers         reads request headers                             5/5\n"
              "--    6-15               10 checks: 1 pass, 9 fail      (lab check --all)\n"
              "\n"
              "echo/content_length_matches_body\n"
              "error: Content-Length says 12, the body has 9 bytes\n"
              "  sent      GET /echo/mango-417 HTTP/1.1\\r\\n\n"
              "            Host: 127.0.0.1:8080\\r\\n\n"
              "            \\r\\n\n"
              "  received  HTTP/1.1 200 OK\\r\\n\n"
              "            Content-Length: 12\\r\\n\n"
              "                            ^^\n"
              "            \\r\\n\n"
              "            mango-417\n"
              "note: a client waits for 3 bytes that never come (RFC 9112 6.3)\n"
              "see it:   lab run      then      curl -i http://127.0.0.1:8080/echo/mango-417\n"
              "again:    lab check echo --seed 7193        hint: lab hint echo  (1 of 3)\n"
              "\n"
              "http-basics  35/100 points   5 of 15 steps\n"
              "next: edit server.c for step echo, then `lab check`\n");
}
END_TEST

START_TEST(colour_repeats_what_the_words_say)
{
    auto_sample struct sample *sample = wrong_length();
    auto_free char *plain = report(sample);
    auto_free char *coloured = report_at(sample, &plain_options, 80, true);
    ck_assert_ptr_nonnull(strchr(coloured, '\033'));
    auto_free char *stripped = without_styles(coloured);
    ck_assert_str_eq(stripped, plain);
}
END_TEST

START_TEST(every_line_fits_whatever_the_width)
{
    auto_sample struct sample *sample = wrong_length();
    for (int width = 20; width <= 80; width++) {
        auto_free char *text = report_at(sample, &plain_options, width, false);
        ck_assert_msg(widest_line(text) <= (size_t)width, "%d columns:\n%s", width, text);
        auto_free char *coloured = report_at(sample, &plain_options, width, true);
        auto_free char *stripped = without_styles(coloured);
        ck_assert_str_eq(stripped, text);
    }
}
END_TEST

// Nothing stands at the right edge of this line: it may use all columns.
START_TEST(a_line_that_just_fits_is_not_broken)
{
    static const char line[] =
        "\n--    6-15               10 checks: 1 pass, 9 fail      (lab check "
        "--all)\n";
    auto_sample struct sample *sample = wrong_length();
    const int width = (int)sizeof line - 3;
    auto_free char *text = report_at(sample, &plain_options, width, false);
    ck_assert_ptr_nonnull(strstr(text, line));
    auto_free char *narrower = report_at(sample, &plain_options, width - 1, false);
    ck_assert_ptr_null(strstr(narrower, line));
}
END_TEST

START_TEST(twenty_columns_still_say_everything)
{
    auto_sample struct sample *sample = wrong_length();
    auto_free char *text = report_at(sample, &plain_options, 20, false);
    expect_text(text, "FAIL  4  echo  0/10\n");
    expect_text(text, "    ^^\n");
    expect_text(text, "next:");
}
END_TEST

START_TEST(a_pass_is_told_in_one_line)
{
    auto_sample struct sample *sample = sample_new(15);
    auto_free char *text = report(sample);
    ck_assert_str_eq(
        text, "ok    compile + 15 steps, 15 checks, no warnings                         0.61s\n"
              "PASS  http-basics 100/100\n"
              "compare: lab solution\n"
              "next: lab next\n");
}
END_TEST

START_TEST(a_pass_with_all_shows_every_step)
{
    auto_sample struct sample *sample = sample_new(15);
    struct report_options options = plain_options;
    options.all = true;
    auto_free char *text = report_at(sample, &options, 80, false);
    ck_assert_uint_eq(count_text(text, "\nok    "), 15);
    expect_text(text, "\nPASS  http-basics 100/100\n");
}
END_TEST

START_TEST(a_compile_error_is_the_compiler_s_own)
{
    auto_sample struct sample *sample = sample_new(15);
    struct build_diagnostic diagnostics[] = {{.file = literal("server.c"),
                                              .line = 8,
                                              .column = 23,
                                              .severity = literal("error"),
                                              .message = literal("expected ';' before 'return'"),
                                              .source_line = literal("        return \"hello\""),
                                              .caret_from = 23,
                                              .caret_to = 23},
                                             {.file = literal("server.c"),
                                              .line = 9,
                                              .severity = literal("error"),
                                              .message = literal("a")},
                                             {.file = literal("server.c"),
                                              .line = 9,
                                              .severity = literal("error"),
                                              .message = literal("b")},
                                             {.file = literal("server.c"),
                                              .line = 3,
                                              .severity = literal("warning"),
                                              .message = literal("c")}};
    sample->attempt.build = (struct build_result){
        .ok = false, .seconds = 0.08, .diagnostics = diagnostics, .diagnostic_count = 4};
    struct attempt unbuilt = sample->attempt;
    unbuilt.step_count = unbuilt.check_count = unbuilt.passed = 0;
    struct sample_output output = output_open(80, false);
    output_begin(&output);
    struct report report;
    report_begin(&report, &output.screen, &plain_options);
    report_end(&report, &unbuilt);
    auto_free char *text = output_end(&output);
    ck_assert_str_eq(
        text, "FAIL  compile                                                            0.08s\n"
              "server.c:8:23: error: expected ';' before 'return'\n"
              "    8 |         return \"hello\"\n"
              "      |                       ^\n"
              "help: each statement ends with a ; and the one before this place has none\n"
              "note: 2 more errors, 1 warning (lab check -v)\n"
              "next: edit server.c:8, then `lab check`\n");
}
END_TEST

START_TEST(a_crash_shows_the_sanitizer_s_sum_and_where_the_report_is)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check =
        sample_set(sample, 8, CHECK_FAILED, "binary_body_is_stored_whole",
                   "AddressSanitizer: heap-buffer-overflow server.c:71 in read_body");
    check->program = (struct program_state){
        .state = literal("exited"),
        .status = 1,
        .error_output =
            literal("listening\\n"
                    "=================================================================\\n"
                    "==3==ERROR: AddressSanitizer: heap-buffer-overflow\\nShadow\\n")};
    auto_free char *text = report(sample);
    expect_text(text,
                "error: AddressSanitizer: heap-buffer-overflow server.c:71 in read_body\n"
                "  stderr    listening\n"
                "note: the whole report: .lab/last/post-file.binary_body_is_stored_whole.stderr\n");
    expect_no_text(text, "Shadow");
    ck_assert_str_eq(check_outcome(check), "crash");
}
END_TEST

START_TEST(the_sanitizer_s_own_sum_names_the_line)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 8, CHECK_FAILED, "binary_body_is_stored_whole",
                                            "heap-buffer-overflow, a write of 1 byte");
    check->program = (struct program_state){
        .state = literal("signalled"),
        .status = 6,
        .error_output =
            literal("=================================================================\\n"
                    "==2==ERROR: AddressSanitizer: heap-buffer-overflow on address\\n"
                    "SUMMARY: AddressSanitizer: heap-buffer-overflow server.c:71 in "
                    "read_body\\nShadow bytes\\n")};
    auto_free char *text = report(sample);
    expect_text(text,
                "error: heap-buffer-overflow, a write of 1 byte\n"
                "  sanitizer SUMMARY: AddressSanitizer: heap-buffer-overflow server.c:71 in\n"
                "            read_body\n"
                "note: the whole report: .lab/last/post-file.binary_body_is_stored_whole.stderr\n");
}
END_TEST

START_TEST(a_signal_is_named)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 8, CHECK_FAILED, NULL, "no answer came");
    check->program = (struct program_state){.state = literal("signalled"), .status = 11};
    auto_free char *text = report(sample);
    expect_text(text, "note: the program was ended by signal 11 (Segmentation fault)\n");
    ck_assert_str_eq(check_outcome(check), "crash");
}
END_TEST

START_TEST(the_end_of_stderr_is_shown_with_escapes)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 0, CHECK_FAILED, NULL, "no connection");
    check->program = (struct program_state){
        .state = literal("exited"),
        .status = 3,
        .error_output = literal("one\\ntwo\\nthree\\nfour\\nfive\\nbind: \\x1b[2Jin use\\n")};
    auto_free char *text = report(sample);
    expect_text(text, "  stderr    two\n            three\n            four\n            five\n"
                      "            bind: \\x1b[2Jin use\n"
                      "note: the program exited with status 3\n");
}
END_TEST

START_TEST(a_broken_step_is_the_lab_s_fault_and_the_learner_s_own_comes_too)
{
    auto_sample struct sample *sample = sample_new(15);
    sample_set(sample, 1, CHECK_BROKEN, NULL, "the check ended without a result");
    sample_set(sample, 3, CHECK_FAILED, NULL, "it does not");
    auto_free char *text = report(sample);
    expect_text(text,
                "BROKEN 2  status-line    answers with a status line                       0/10\n");
    expect_text(text, "error: the lab's grader is broken: the check ended without a result\n");
    expect_text(text, "fault of the lab, not of your program; the points of other steps\n"
                      "      are kept\n");
    expect_text(text, "\necho/works\nerror: it does not\n");
    expect_text(text, "next: edit server.c for step echo, then `lab check`\n");
    ck_assert_int_eq(attempt_exit_status(&sample->attempt), 3);
}
END_TEST

START_TEST(a_broken_lab_says_so_first)
{
    auto_sample struct sample *sample = sample_new(15);
    sample->attempt.broken_reason = literal("the grader does not start");
    auto_free char *text = report_at(sample, &plain_options, 80, false);
    expect_text(text, "BROKEN http-basics\nerror: the grader does not start\n");
}
END_TEST

START_TEST(one_selected_step_is_summed_up_alone)
{
    auto_sample struct sample *sample = sample_new(15);
    for (size_t i = 0; i < 15; i++)
        if (i != 3) {
            sample_set(sample, i, CHECK_NOT_RUN, NULL, NULL);
        }
    auto_free char *text = report(sample);
    ck_assert_str_eq(
        text, "ok    compile                                                            0.21s\n"
              "ok    4  echo            /echo/{text} comes back as the body             10/10\n"
              "\n"
              "http-basics  10/10 points   1 step run, 1 passed\n"
              "next: lab check\n");
}
END_TEST

START_TEST(warnings_are_counted_and_shown_with_v)
{
    auto_sample struct sample *sample = sample_new(15);
    sample_set(sample, 0, CHECK_FAILED, NULL, "it does not");
    struct build_diagnostic warning = {.file = literal("server.c"),
                                       .line = 3,
                                       .column = 1,
                                       .severity = literal("warning"),
                                       .message = literal("unused variable 'x'")};
    sample->attempt.build.diagnostics = &warning;
    sample->attempt.build.diagnostic_count = 1;
    auto_free char *text = report(sample);
    expect_text(text, "1 warning      (lab check -v)");
    struct report_options options = plain_options;
    options.verbose = true;
    auto_free char *verbose = report_at(sample, &options, 80, false);
    expect_text(verbose, "server.c:3:1: warning: unused variable 'x'\n");
}
END_TEST

START_TEST(names_of_files_cannot_command_the_terminal)
{
    auto_sample struct sample *sample = sample_new(15);
    struct build_diagnostic error = {.file = literal("a\033[2J\nb.c"),
                                     .line = 1,
                                     .severity = literal("error"),
                                     .message = literal("\x9b"
                                                        "31m\xc2\x9b \xe2\x80\xae"),
                                     .source_line = literal("\tint \033]0;x\a = 1;"),
                                     .caret_from = 9,
                                     .caret_to = 11};
    sample->attempt.build = (struct build_result){.diagnostics = &error, .diagnostic_count = 1};
    sample->attempt.step_count = 0;
    auto_free char *text = report(sample);
    ck_assert_ptr_null(strchr(text, '\033'));
    expect_text(text, "a\\x1b[2J\\nb.c:1: error: \\x9b31m\\xc2\\x9b \\xe2\\x80\\xae\n");
    expect_text(text, "    1 |         int \\x1b]0;x\\x07 = 1;\n      |         ^~~\n");
}
END_TEST

START_TEST(all_shows_every_failing_check_whole)
{
    auto_sample struct sample *sample = wrong_length();
    struct report_options options = plain_options;
    options.all = true;
    auto_free char *text = report_at(sample, &options, 80, false);
    ck_assert_uint_eq(count_text(text, "error: "), 10);
    ck_assert_uint_eq(count_text(text, "FAIL  "), 10);
    expect_no_text(text, "--    ");
}
END_TEST

START_TEST(further_failing_checks_of_the_step_are_counted)
{
    auto_sample struct sample *sample = sample_new(15);
    sample_set(sample, 13, CHECK_FAILED, NULL, "first");
    sample->checks[14].status = CHECK_FAILED;
    sample->checks[14].message = literal("second");
    sample->results[13].check_count = 2;
    sample->attempt.step_count = 14;
    sample->lab.step_count = 14;
    auto_free char *text = report(sample);
    expect_text(text, "note: 1 more check of this step fails (lab check ranges --all)\n");
    expect_no_text(text, "error: second");
}
END_TEST

START_TEST(an_interrupted_attempt_says_what_was_not_run)
{
    auto_sample struct sample *sample = sample_new(15);
    sample->attempt.interrupted = true;
    for (size_t i = 3; i < 15; i++)
        sample_set(sample, i, CHECK_NOT_RUN, NULL, NULL);
    auto_free char *text = report(sample);
    expect_text(text, "note: interrupted; 12 checks not run\n");
    expect_text(text, "next: lab check\n");
    ck_assert_int_eq(attempt_exit_status(&sample->attempt), 130);
}
END_TEST

START_TEST(a_transcript_leaves_nothing_out)
{
    auto_sample struct sample *sample = wrong_length();
    auto_free char *text = render_transcript(&sample->checks[3]);
    expect_text(text, "check: echo/content_length_matches_body\n");
    expect_text(text, "0.001000 s  client 1  sent, from byte 0\n"
                      "    GET /echo/mango-417 HTTP/1.1\\r\\n\n");
    expect_text(text, "0.002000 s  client 1  received, from byte 37\n    \\r\\n\n    mango-417\n");
    expect_text(text, "difference: client 1, byte 33 received\n");
}
END_TEST

UNIT_MAIN("report", a_failing_check_is_told_as_in_the_first_screen_of_feedback,
          colour_repeats_what_the_words_say, every_line_fits_whatever_the_width,
          a_line_that_just_fits_is_not_broken, twenty_columns_still_say_everything,
          a_pass_is_told_in_one_line, a_pass_with_all_shows_every_step,
          a_compile_error_is_the_compiler_s_own,
          a_crash_shows_the_sanitizer_s_sum_and_where_the_report_is,
          the_sanitizer_s_own_sum_names_the_line, a_signal_is_named,
          the_end_of_stderr_is_shown_with_escapes,
          a_broken_step_is_the_lab_s_fault_and_the_learner_s_own_comes_too,
          a_broken_lab_says_so_first, one_selected_step_is_summed_up_alone,
          warnings_are_counted_and_shown_with_v, names_of_files_cannot_command_the_terminal,
          all_shows_every_failing_check_whole, further_failing_checks_of_the_step_are_counted,
          an_interrupted_attempt_says_what_was_not_run, a_transcript_leaves_nothing_out)
