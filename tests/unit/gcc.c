// SPDX-License-Identifier: MIT
// `lab check --format=gcc`: messages as a compiler prints them.
#include "unit.h"

#include "render/render.h"
#include "sample.h"

static char *printed(const struct sample *sample, bool all, const char *folder)
{
    const struct report_options options = {.all = all, .command = "lab"};
    struct sample_output output = output_open(40, true); // neither width nor colour is its own
    output_begin(&output);
    render_attempt_gcc(&output.screen, &sample->attempt, &options, folder);
    return output_end(&output);
}

START_TEST(a_pass_prints_nothing)
{
    auto_sample struct sample *sample = sample_new(15);
    auto_free char *text = printed(sample, false, "");
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(a_failure_stands_at_its_line_with_notes_below)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, "length_is_right",
                                            "Content-Length says 12, the body has 9 bytes");
    struct source_frame made[] = {{literal("server.c"), 58, literal("add_length")},
                                  {literal("main.c"), 9, literal("main")}};
    struct source_frame sent[] = {{literal("server.c"), 91, literal("flush")}};
    struct finding findings[] = {
        {.kind = FINDING_MADE_BY, .frames = made, .frame_count = 2, .text = literal("\tappend();")},
        {.kind = FINDING_SENT_BY,
         .call = literal("send()"),
         .frames = sent,
         .frame_count = 1,
         .text = literal("    send(fd);")},
    };
    check->findings = findings;
    check->finding_count = 2;
    check->expected = literal("9");
    check->actual = literal("12\x1b");
    check->because = literal("a client waits for 3 bytes");
    check->reproduce = literal("curl -i http://127.0.0.1:8080/");
    auto_free char *text = printed(sample, false, "");
    check->findings = NULL;
    check->finding_count = 0;
    ck_assert_str_eq(text, "server.c:58:2: error: Content-Length says 12, the body has 9 bytes "
                           "[echo/length_is_right]\n"
                           "server.c:58:2: note: made by add_length()\n"
                           "main.c:9:1: note: called from main()\n"
                           "server.c:91:5: note: sent by send(), in flush()\n"
                           "server.c:58:2: note: expected: 9\n"
                           "server.c:58:2: note: actual: 12\\x1b\n"
                           "server.c:58:2: note: a client waits for 3 bytes\n"
                           "server.c:58:2: note: see it: curl -i http://127.0.0.1:8080/\n");
}
END_TEST

START_TEST(a_failure_without_a_line_says_so_at_the_first_one)
{
    auto_sample struct sample *sample = sample_new(15);
    sample_set(sample, 3, CHECK_FAILED, "one", "no answer");
    sample_set(sample, 4, CHECK_FAILED, "two", "no answer either");
    auto_free char *text = printed(sample, false, "/w/");
    ck_assert_str_eq(text, "/w/server.c:1:1: error: no answer [echo/one]\n"
                           "/w/server.c:1:1: note: no line is known that did it\n"
                           "/w/server.c:1:1: note: 1 more check fails (lab check --all)\n");
    auto_free char *all = printed(sample, true, "");
    ck_assert_ptr_nonnull(strstr(all, "error: no answer [echo/one]\n"));
    ck_assert_ptr_nonnull(strstr(all, "error: no answer either [headers/two]\n"));
    ck_assert_ptr_null(strstr(all, "--all"));
}
END_TEST

START_TEST(errors_warnings_and_the_linker_s_words_come_as_they_are)
{
    auto_sample struct sample *sample = sample_new(15);
    struct build_diagnostic diagnostics[] = {
        {literal("a b.c"), 3, 7, literal("error"), literal("expected ';'"), NULL, 0, 0},
        {literal("a b.c"), 4, 0, literal("note"), literal("here"), NULL, 0, 0},
        {NULL, 0, 0, literal("error"), literal("undefined reference to 'f'"), NULL, 0, 0},
    };
    sample->attempt.build =
        (struct build_result){.diagnostics = diagnostics, .diagnostic_count = 3};
    sample->attempt.check_count = 0;
    sample->attempt.step_count = 0;
    auto_free char *text = printed(sample, false, "");
    sample->attempt.check_count = 15; // for sample_release
    ck_assert_str_eq(text, "a b.c:3:7: error: expected ';'\n"
                           "a b.c:4: note: here\n"
                           "ld: error: undefined reference to 'f'\n");
    sample->attempt.build.diagnostic_count = 0;
    sample->attempt.build.stopped = literal("the compiler used up 10 s of CPU time");
    sample->attempt.check_count = sample->attempt.step_count = 0;
    auto_free char *stopped = printed(sample, false, "");
    sample->attempt.check_count = 15;
    ck_assert_str_eq(stopped, "cc: error: the compiler used up 10 s of CPU time\n");
}
END_TEST

START_TEST(a_value_of_any_length_makes_no_endless_line)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, "one", "the bytes differ");
    char *value = mem_alloc(5001);
    memset(value, 'x', 5000);
    check->actual = value;
    auto_free char *text = printed(sample, false, "");
    check->actual = NULL;
    free(value);
    ck_assert_uint_lt(widest_line(text), 300);
    ck_assert_ptr_nonnull(strstr(text, "xxx…\n"));
}
END_TEST

UNIT_MAIN("gcc", a_pass_prints_nothing, a_failure_stands_at_its_line_with_notes_below,
          a_failure_without_a_line_says_so_at_the_first_one,
          a_value_of_any_length_makes_no_endless_line,
          errors_warnings_and_the_linker_s_words_come_as_they_are)
