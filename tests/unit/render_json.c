// SPDX-License-Identifier: MIT
// `lab check --json` and `lab status`, on the screen and as JSON.
#include "unit.h"

#include <cjson/cJSON.h>

#include "sample.h"

// Has jq, which is stricter than cJSON, answer a question about the text.
static char *jq(const char *json, const char *filter)
{
    char path[] = "/tmp/lab-unit-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    FILE *out = fdopen(file, "w");
    fputs(json, out);
    fclose(out);
    auto_free char *command = str_format("jq -cr '%s' %s", filter, path);
    FILE *answer = popen(command, "r");
    auto_str struct str text = STR_INIT;
    char *room = str_reserve(&text, 4096);
    text.length = fread(room, 1, 4096, answer);
    while (text.length > 0 && text.data[text.length - 1] == '\n')
        text.length--;
    room[text.length] = '\0';
    ck_assert_int_eq(pclose(answer), 0);
    remove(path);
    return str_take(&text);
}

static void expect_jq(const char *json, const char *filter, const char *wanted)
{
    auto_free char *answer = jq(json, filter);
    ck_assert_msg(str_equal(answer, wanted), "%s gives %s, not %s, of\n%s", filter, answer, wanted,
                  json);
}

START_TEST(an_attempt_has_every_field_that_is_known)
{
    auto_sample struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, "body", "the body differs");
    sample_io(sample, check, 0.001, false, 1, "GET / HTTP/1.1\\r\\n");
    sample_io(sample, check, 0.00212345678, true, 1, "\\x00\\xff");
    check->expected = literal("a");
    check->because = literal("why");
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

// ---- the roadmap

// The screen of FEEDBACK.md: 19 stages, three with labs.
struct roadmap_sample {
    struct roadmap_lab_view labs[12];
    struct roadmap_stage_view stages[19];
    struct roadmap_view view;
};

static void roadmap_sample_fill(struct roadmap_sample *sample)
{
    static const char *const titles[] = {"How the internet works", "Operating systems",
                                         "Frontend basics"};
    static const size_t counts[] = {5, 4, 3};
    *sample = (struct roadmap_sample){.view = {sample->stages, 19, NULL, "lab"}};
    size_t lab = 0;
    for (size_t i = 0; i < 19; i++) {
        struct roadmap_stage_view *stage = &sample->stages[i];
        *stage = (struct roadmap_stage_view){
            .id = "stage", .title = i < 3 ? titles[i] : "Later", .labs = &sample->labs[lab]};
        stage->lab_count = i < 3 ? counts[i] : 0;
        for (size_t j = 0; j < stage->lab_count; j++)
            sample->labs[lab++] =
                (struct roadmap_lab_view){.id = "some-lab",
                                          .title = "Some lab",
                                          .status = i < 2 ? ROADMAP_LAB_PASSED : ROADMAP_LAB_OPEN,
                                          .max_points = 100,
                                          .step_count = 9};
    }
    sample->labs[9] = (struct roadmap_lab_view){.id = "static-site",
                                                .title = "A site",
                                                .status = ROADMAP_LAB_STARTED,
                                                .points = 40,
                                                .max_points = 100,
                                                .steps_passed = 4,
                                                .step_count = 9};
}

static char *roadmap_at(const struct roadmap_view *view, int width, bool colour)
{
    struct sample_output output = output_open(width, colour);
    output_begin(&output);
    render_roadmap(&output.screen, view);
    return output_end(&output);
}

START_TEST(the_roadmap_is_the_screen_of_feedback)
{
    struct roadmap_sample sample;
    roadmap_sample_fill(&sample);
    auto_free char *text = roadmap_at(&sample.view, 80, false);
    ck_assert_str_eq(
        text, "Backend roadmap                                   9 of 12 labs   2 of 3 stages\n"
              " 1 done  How the internet works    [#####]  5/5\n"
              " 2 done  Operating systems         [####]   4/4\n"
              " 3 now   Frontend basics           [...]    0/3   > static-site   4/9 steps\n"
              "16 stages have no labs yet\n"
              "next: lab check static-site                                everything: lab list\n");
}
END_TEST

START_TEST(the_roadmap_fits_every_width)
{
    struct roadmap_sample sample;
    roadmap_sample_fill(&sample);
    for (int width = 20; width <= 80; width++) {
        auto_free char *text = roadmap_at(&sample.view, width, false);
        ck_assert_msg(widest_line(text) <= (size_t)width, "%d:\n%s", width, text);
    }
}
END_TEST

START_TEST(the_lab_worked_on_last_is_next)
{
    struct roadmap_sample sample;
    roadmap_sample_fill(&sample);
    sample.labs[4] = (struct roadmap_lab_view){.id = "tcp-echo", .status = ROADMAP_LAB_STARTED};
    sample.view.current = "static-site";
    auto_free char *text = roadmap_at(&sample.view, 80, false);
    ck_assert_ptr_nonnull(strstr(text, " 1       How the internet works    [####.]  4/5\n"));
    ck_assert_ptr_nonnull(strstr(text, "next: lab check static-site "));
    sample.view.current = NULL;
    auto_free char *first = roadmap_at(&sample.view, 80, false);
    ck_assert_ptr_nonnull(strstr(first, "next: lab check tcp-echo "));
}
END_TEST

START_TEST(a_lab_not_begun_is_started_next_and_nothing_is_after_the_last)
{
    struct roadmap_sample sample;
    roadmap_sample_fill(&sample);
    sample.labs[9].status = ROADMAP_LAB_OPEN;
    auto_free char *text = roadmap_at(&sample.view, 80, false);
    ck_assert_ptr_nonnull(strstr(text, "next: lab start static-site "));
    for (size_t i = 9; i < 12; i++)
        sample.labs[i].status = ROADMAP_LAB_PASSED;
    auto_free char *end = roadmap_at(&sample.view, 80, false);
    ck_assert_ptr_nonnull(strstr(end, "\nnext: lab list\n"));
}
END_TEST

START_TEST(the_roadmap_s_json_has_every_stage_and_lab)
{
    struct roadmap_sample sample;
    roadmap_sample_fill(&sample);
    auto_free char *json = render_roadmap_json(&sample.view);
    expect_jq(json, ".version", "1");
    expect_jq(json, "[.stages[].status]|group_by(.)|map([.[0],length])",
              "[[\"done\",2],[\"empty\",16],[\"now\",1]]");
    expect_jq(json, ".stages[2].labs[0]",
              "{\"id\":\"static-site\",\"title\":\"A site\",\"status\":\"started\","
              "\"points\":40,\"max_points\":100}");
}
END_TEST

UNIT_MAIN("render_json", lines_that_did_it_have_every_field_that_is_known,
          without_lines_there_is_no_where, an_attempt_has_every_field_that_is_known,
          a_seed_of_64_bits_keeps_its_digits, any_byte_gives_valid_json,
          a_build_that_failed_has_every_step_not_run, a_number_that_is_none_is_absent,
          the_roadmap_is_the_screen_of_feedback, the_roadmap_fits_every_width,
          the_lab_worked_on_last_is_next,
          a_lab_not_begun_is_started_next_and_nothing_is_after_the_last,
          the_roadmap_s_json_has_every_stage_and_lab)
