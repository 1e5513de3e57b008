// SPDX-License-Identifier: MIT
// `lab check --json`.
#include "unit.h"

#include <cjson/cJSON.h>

#include "jq.h"
#include "sample.h"

START_TEST(an_attempt_has_every_field_that_is_known)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, "body", "the body differs");
    sample_io(sample, check, 0.001, false, 1, "GET / HTTP/1.1\\r\\n");
    sample_io(sample, check, 0.00212345678, true, 1, "\\x00\\xff");
    check->expected = literal("a");
    check->because = literal("why");
    check->suspect = (struct suspect){1, 3, 1, literal("the blank")};
    check->program = (struct program_state){.state = literal("exited"), .status = 3};
    auto_free char *json = render_attempt_json(&sample->attempt);
    expect_jq(json, "[.version,.lab,.lab_version,.program_version,.sandbox,.seed]",
              "[1,\"http-basics\",\"cafe\",\"" LAB_VERSION "\",\"namespaces\",7193]");
    expect_jq(json, "[.passed,.failed,.points,.max_points,.seconds]", "[14,1,90,100,0.4]");
    expect_jq(json, ".build", "{\"ok\":true,\"cached\":false,\"seconds\":0.21,\"diagnostics\":[]}");
    expect_jq(json, ".steps|length", "15");
    expect_jq(json, ".steps[3]|[.id,.title,.points,.max_points,.status]",
              "[\"echo\",\"/echo/{text} comes back as the body\",0,10,\"failed\"]");
    expect_jq(json, ".steps[3].checks[0]|[.id,.title,.status,.seconds,.message,.expected,.because]",
              "[\"echo/body\",\"works\",\"failed\",0.01,\"the body differs\",\"a\",\"why\"]");
    expect_jq(json, ".steps[3].checks[0].suspect",
              "{\"connection\":1,\"offset\":3,\"length\":1,\"text\":\"the blank\"}");
    expect_jq(json, "[.steps[].checks[].suspect]|map(values)|length", "1");
    expect_jq(json, ".steps[3].checks[0].program", "{\"state\":\"exited\",\"status\":3}");
    expect_jq(json, ".steps[3].checks[0].transcript[1]|[.at,.from,.connection,.text]",
              "[0.002123,\"program\",1,\"\\\\x00\\\\xff\"]");
    expect_jq(json, "[..|nulls]|length", "0");
}
END_TEST

START_TEST(lines_that_did_it_have_every_field_that_is_known)
{
    auto_sample struct sample *sample = sample_new(2);
    struct check_result *check = sample_set(sample, 0, CHECK_FAILED, NULL, "no answer");
    struct source_frame frames[] = {{literal("server.c"), 31, literal("read_request")},
                                    {literal("main.c"), 120, literal("main")},
                                    {literal("main.c"), 7, NULL}};
    struct finding findings[] = {{.kind = FINDING_STUCK_IN,
                                  .call = literal("recv() on client 1"),
                                  .frames = frames,
                                  .frame_count = 2,
                                  .text = literal("\tn = recv(fd, \"\x9b\", 1, 0);"),
                                  .note = literal("nobody answers")},
                                 {.kind = FINDING_SENT_BY, .frames = frames + 2, .frame_count = 1}};
    char *notes[] = {literal("the program was traced \033"), NULL};
    check->findings = findings;
    check->finding_count = 2;
    check->trace_notes = (struct strings){notes, 1};
    check->help = literal("ask poll() first");
    auto_free char *json = render_attempt_json(&sample->attempt);
    const char *first = ".steps[0].checks[0]";
    auto_free char *where = str_format("%s.where", first);
    expect_jq(json, where,
              "{\"file\":\"server.c\",\"line\":31,\"function\":\"read_request\",\"how\":"
              "\"stuck_in\"}");
    auto_free char *lines = str_format("%s.lines", first);
    expect_jq(
        json, lines,
        "[{\"how\":\"stuck_in\",\"call\":\"recv() on client 1\",\"file\":\"server.c\",\"line\":31,"
        "\"function\":\"read_request\",\"text\":\"\\\\tn = recv(fd, \\\"\\\\x9b\\\", 1, "
        "0);\",\"note\":"
        "\"nobody "
        "answers\",\"called_from\":[{\"file\":\"main.c\",\"line\":120,\"function\":\"main\"}]},"
        "{\"how\":\"sent_by\",\"file\":\"main.c\",\"line\":7}]");
    auto_free char *rest = str_format("%s|[.trace_notes,.help]", first);
    expect_jq(json, rest, "[[\"the program was traced \\\\x1b\"],\"ask poll() first\"]");
    expect_jq(json, "[..|nulls]|length", "0");
}
END_TEST

START_TEST(without_lines_there_is_no_where)
{
    auto_sample struct sample *sample = sample_new(2);
    struct check_result *check = sample_set(sample, 0, CHECK_FAILED, NULL, "no answer");
    struct finding finding = {.kind = FINDING_STUCK_IN, .call = literal("accept()")};
    auto_free char *json = render_attempt_json(&sample->attempt);
    expect_jq(json, ".steps[0].checks[0]|[has(\"where\",\"lines\",\"trace_notes\",\"help\")]",
              "[false,false,false,false]");
    check->findings = &finding;
    check->finding_count = 1;
    auto_free char *without_frames = render_attempt_json(&sample->attempt);
    expect_jq(without_frames, ".steps[0].checks[0]|[has(\"where\"),.lines]",
              "[false,[{\"how\":\"stuck_in\",\"call\":\"accept()\"}]]");
}
END_TEST

START_TEST(a_seed_of_64_bits_keeps_its_digits)
{
    auto_sample struct sample *sample = sample_new(2);
    sample->attempt.seed = UINT64_MAX;
    auto_free char *json = render_attempt_json(&sample->attempt);
    ck_assert_ptr_nonnull(strstr(json, "\"seed\":18446744073709551615,"));
}
END_TEST

START_TEST(any_byte_gives_valid_json)
{
    auto_sample struct sample *sample = sample_new(2);
    auto_str struct str all = STR_INIT;
    for (int byte = 1; byte < 256; byte++)
        str_append_char(&all, (char)byte);
    struct check_result *check = sample_set(sample, 0, CHECK_FAILED, NULL, str_text(&all));
    check->program =
        (struct program_state){.state = literal("stuck"), .error_output = literal(str_text(&all))};
    struct build_diagnostic diagnostic = {.file = literal("größe\xff.c"),
                                          .message = literal(str_text(&all))};
    sample->attempt.build.diagnostics = &diagnostic;
    sample->attempt.build.diagnostic_count = 1;
    auto_free char *json = render_attempt_json(&sample->attempt);
    expect_jq(json, ".build.diagnostics[0].file", "größe\\xff.c");
    expect_jq(json, ".steps[0].checks[0].program|has(\"status\")", "false");
    ck_assert(json[strlen(json) - 1] == '\n');
}
END_TEST

START_TEST(a_build_that_failed_has_every_step_not_run)
{
    auto_sample struct sample *sample = sample_new(15);
    struct attempt attempt = {.lab = &sample->lab, .seed = 1};
    auto_free char *json = render_attempt_json(&attempt);
    expect_jq(json, "[.build.ok,.max_points,.points]", "[false,100,0]");
    expect_jq(json, "[.steps[]|select(.status==\"not_run\")]|length", "15");
    expect_jq(json, "[..|nulls]|length", "0");
}
END_TEST

START_TEST(a_number_that_is_none_is_absent)
{
    auto_sample struct sample *sample = sample_new(2);
    sample->attempt.seconds = 0.0 / (sample->attempt.points - sample->attempt.points);
    auto_free char *json = render_attempt_json(&sample->attempt);
    expect_jq(json, "has(\"seconds\")", "false");
}
END_TEST

UNIT_MAIN("render_json", lines_that_did_it_have_every_field_that_is_known,
          without_lines_there_is_no_where, an_attempt_has_every_field_that_is_known,
          a_seed_of_64_bits_keeps_its_digits, any_byte_gives_valid_json,
          a_build_that_failed_has_every_step_not_run, a_number_that_is_none_is_absent)
