// SPDX-License-Identifier: MIT
// Plain screens: what columns, carets and arrows say, in words. For who hears the screen.
#include "report_sample.h"

#include <stdlib.h>
#include <unistd.h>

#include "render/ladder.h"

static char *plain_report(const struct sample *sample)
{
    const struct report_options options = {.command = "lab"};
    struct report report;
    struct sample_output output = output_open(80, false);
    output.screen.plain = true;
    output_begin(&output);
    report_begin(&report, &output.screen, &options);
    report_end(&report, &sample->attempt);
    return output_end(&output);
}

START_TEST(a_variable_or_a_dumb_terminal_makes_a_screen_plain)
{
    unsetenv(SCREEN_PLAIN_VARIABLE);
    setenv("TERM", "dumb", 1);
    FILE *file = tmpfile();
    ck_assert(!screen_for(file, NULL).plain); // a file is no terminal, whatever TERM says
    setenv(SCREEN_PLAIN_VARIABLE, "1", 1);
    ck_assert(screen_for(file, NULL).plain);
    ck_assert(!screen_for(file, "auto").colour);
    ck_assert(screen_for(file, "always").colour);
    setenv(SCREEN_PLAIN_VARIABLE, "", 1);
    ck_assert(!screen_for(file, NULL).plain);
    fclose(file);
}
END_TEST

START_TEST(lines_of_the_report_have_no_columns)
{
    auto_sample struct sample *sample = sample_new(15);
    sample_set(sample, 3, CHECK_FAILED, NULL, "it does not");
    sample_set(sample, 5, CHECK_FAILED, NULL, "nor this");
    auto_free char *text = plain_report(sample);
    ck_assert_ptr_nonnull(strstr(text, "ok: compile, 0.21s\n"));
    ck_assert_ptr_nonnull(strstr(text, "ok: 1 listen, accepts a connection on $PORT, 5/5\n"));
    ck_assert_ptr_nonnull(
        strstr(text, "FAIL: 4 echo, /echo/{text} comes back as the body, 0/10\n"));
    ck_assert_ptr_nonnull(strstr(text, "more: 6-15, 10 checks: 9 pass, 1 fail"));
}
END_TEST

START_TEST(what_carets_point_at_is_said)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check =
        sample_set(sample, 3, CHECK_FAILED, "length", "Content-Length says 12, not 9");
    sample_io(sample, check, 0.001, false, 1, "GET /a HTTP/1.1\\r\\n\\r\\n");
    sample_io(sample, check, 0.002, true, 1, "HTTP/1.1 200 OK\\r\\nContent-Length: 12\\r\\n\\r\\n");
    check->connection = 1;
    check->has_offset = true;
    check->offset = 33;
    check->suspect = (struct suspect){1, 4, 2, literal("the path")};
    auto_free char *text = plain_report(sample);
    ck_assert_ptr_null(strchr(text, '^'));
    ck_assert_ptr_nonnull(strstr(text, "            the path: /a\n"));
    ck_assert_ptr_nonnull(strstr(text, "            differs here: 12\n"));
}
END_TEST

START_TEST(a_line_of_source_is_named_and_the_compiler_s_place_is_said)
{
    auto_sample struct sample *sample = sample_new(15);
    struct build_diagnostic error = {literal("server.c"),
                                     8,
                                     23,
                                     literal("error"),
                                     literal("expected ';'"),
                                     literal("        return \"hello\" more"),
                                     24,
                                     27};
    struct attempt attempt = {.lab = &sample->lab,
                              .build = {.diagnostics = &error, .diagnostic_count = 1}};
    const struct report_options options = {.command = "lab"};
    struct sample_output output = output_open(80, false);
    output.screen.plain = true;
    output_begin(&output);
    render_build_failure(&output.screen, &attempt, &options);
    auto_free char *text = output_end(&output);
    ck_assert_str_eq(text, "server.c:8:23: error: expected ';'\n"
                           "  line 8: return \"hello\" more\n"
                           "  it points at: more\n"
                           "help: each statement ends with a ; and the one before this place has "
                           "none\n");
}
END_TEST

START_TEST(a_ladder_becomes_sentences)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, "late", "no answer");
    sample_io(sample, check, 0.001, false, 1, "");
    sample_io(sample, check, 0.002, false, 1, "GET /a");
    sample_io(sample, check, 0.003, true, 1, "HTTP");
    struct trace_record record = {0};
    const struct ladder_view view = {.check = check, .record = &record, .command = "lab"};
    struct sample_output output = output_open(80, false);
    output.screen.plain = true;
    output_begin(&output);
    render_ladder(&output.screen, &view);
    auto_free char *text = output_end(&output);
    ck_assert_ptr_null(strstr(text, "─"));
    ck_assert_ptr_null(strstr(text, "►"));
    ck_assert_ptr_null(strstr(text, "◄"));
    ck_assert_ptr_nonnull(strstr(text, "0.001 s: client 1 connects\n"));
    ck_assert_ptr_nonnull(strstr(text, "0.002 s: client 1 sends GET /a\n"));
    ck_assert_ptr_nonnull(strstr(text, "0.003 s: client 1 receives HTTP\n"));
}
END_TEST

UNIT_MAIN("plain", a_variable_or_a_dumb_terminal_makes_a_screen_plain,
          lines_of_the_report_have_no_columns, what_carets_point_at_is_said,
          a_line_of_source_is_named_and_the_compiler_s_place_is_said, a_ladder_becomes_sentences)
