// SPDX-License-Identifier: MIT
// `lab status` and `lab list`: on the screen, in words, as JSON.
#include "unit.h"

#include "jq.h"
#include "sample.h"

// 19 stages, three with labs.
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

START_TEST(both_commands_stay_on_one_line_when_they_are_longer)
{
    struct roadmap_sample sample;
    roadmap_sample_fill(&sample);
    sample.view.command = "./lab";
    auto_free char *text = roadmap_at(&sample.view, 80, false);
    ck_assert_ptr_nonnull(strstr(
        text,
        "next: ./lab check static-site                             everything: ./lab list\n"));
}
END_TEST

START_TEST(a_plain_roadmap_says_in_words_what_bars_and_columns_say)
{
    struct roadmap_sample sample;
    roadmap_sample_fill(&sample);
    struct sample_output output = output_open(80, false);
    output.screen.plain = true;
    output_begin(&output);
    render_roadmap(&output.screen, &sample.view);
    auto_free char *text = output_end(&output);
    ck_assert_ptr_null(strchr(text, '['));
    ck_assert_ptr_null(strchr(text, '>'));
    ck_assert_ptr_nonnull(strstr(text, "stage 2, Operating systems: done, 4 of 4 labs passed\n"));
    ck_assert_ptr_nonnull(strstr(text, "stage 3, Frontend basics: you are here, 0 of 3 labs "
                                       "passed; begun: static-site,\n  4 of 9 steps\n"));
}
END_TEST

// ---- the list

static char *list_at(const struct roadmap_view *view, int width, bool plain)
{
    struct sample_output output = output_open(width, false);
    output.screen.plain = plain;
    output_begin(&output);
    render_labs(&output.screen, view, true);
    return output_end(&output);
}

// Two labs in the third stage, and nothing else.
static void list_sample_fill(struct roadmap_sample *sample, struct strings *before)
{
    roadmap_sample_fill(sample);
    sample->stages[0].lab_count = sample->stages[1].lab_count = 0;
    sample->stages[2].lab_count = 2;
    sample->stages[2].id = "frontend";
    sample->view.stage_count = 4;
    strings_add(before, "http-basics");
    strings_add(before, "tcp-echo");
    sample->labs[9].difficulty = "easy";
    sample->labs[9].minutes = 90;
    sample->labs[9].workspace = "/home/ada/static-site";
    sample->labs[10].difficulty = "hard";
    sample->labs[10].minutes = 240;
    sample->labs[10].prerequisites = before;
    sample->labs[10].summary = "Do it.";
}

START_TEST(the_list_has_a_row_for_each_lab_and_names_stages_without_any)
{
    struct roadmap_sample sample;
    auto_strings struct strings before = STRINGS_INIT;
    list_sample_fill(&sample, &before);
    auto_free char *text = list_at(&sample.view, 80, false);
    ck_assert_str_eq(text, "3 Frontend basics (frontend)\n"
                           "  static-site       easy       90 min  4/9 steps    A site\n"
                           "      /home/ada/static-site\n"
                           "  some-lab          hard      240 min  open         Some lab\n"
                           "      after http-basics, tcp-echo\n"
                           "no labs yet: How the internet works, Operating systems, Later\n");
}
END_TEST

START_TEST(a_narrow_or_plain_list_is_made_of_sentences)
{
    struct roadmap_sample sample;
    auto_strings struct strings before = STRINGS_INIT;
    list_sample_fill(&sample, &before);
    auto_free char *plain = list_at(&sample.view, 80, true);
    ck_assert_ptr_nonnull(strstr(plain, "  static-site: A site; easy, 90 minutes, 4 of 9 steps\n"));
    for (int width = 20; width <= 80; width++) {
        auto_free char *text = list_at(&sample.view, width, false);
        ck_assert_msg(widest_line(text) <= (size_t)width, "%d:\n%s", width, text);
    }
}
END_TEST

START_TEST(the_list_s_json_has_what_is_known_of_each_lab)
{
    struct roadmap_sample sample;
    auto_strings struct strings before = STRINGS_INIT;
    list_sample_fill(&sample, &before);
    auto_free char *json = render_labs_json(&sample.view);
    expect_jq(json, ".version", "1");
    expect_jq(json, "[.labs[].id]", "[\"static-site\",\"some-lab\"]");
    expect_jq(json, ".labs[0]|[.stage,.difficulty,.minutes,.status,.points,.steps_passed,.steps]",
              "[\"frontend\",\"easy\",90,\"started\",40,4,9]");
    expect_jq(json, ".labs[1].prerequisites", "[\"http-basics\",\"tcp-echo\"]");
    expect_jq(json, ".labs[1]|has(\"workspace\")", "false");
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

UNIT_MAIN("roadmap", the_roadmap_is_the_screen_of_feedback, the_roadmap_fits_every_width,
          the_lab_worked_on_last_is_next,
          a_lab_not_begun_is_started_next_and_nothing_is_after_the_last,
          both_commands_stay_on_one_line_when_they_are_longer,
          a_plain_roadmap_says_in_words_what_bars_and_columns_say,
          the_list_has_a_row_for_each_lab_and_names_stages_without_any,
          a_narrow_or_plain_list_is_made_of_sentences,
          the_list_s_json_has_what_is_known_of_each_lab, the_roadmap_s_json_has_every_stage_and_lab)
