// SPDX-License-Identifier: MIT
// News of an attempt on its way from one process to the other.
#include "watch/news.h"

#include <unistd.h>

#include "grade/attempt_wire.h"
#include "report_sample.h"

// An attempt with something in every kind of field.
static struct sample *full(void)
{
    struct sample *sample = sample_new(15);
    struct check_result *check =
        sample_set(sample, 3, CHECK_FAILED, "content_length_matches_body", "12 is not 9");
    sample_io(sample, check, 0.001, false, 1, "GET / HTTP/1.1\\r\\n\\r\\n");
    sample_io(sample, check, 0.002, true, 1, "HTTP/1.1 200 OK\\r\\n");
    check->connection = 1;
    check->offset = 9;
    check->has_offset = true;
    check->suspect = (struct suspect){1, 4, 1, literal("the path")};
    check->program = (struct program_state){literal("exited"), 3, 8080, literal("perror\\n")};
    strings_add(&check->notes, "a note");
    strings_add(&check->trace_notes, "about the line");
    struct finding *finding = check_add_finding(check, FINDING_MADE_BY);
    finding_add_frame(finding, "server.c", 58, "add_length");
    finding_add_frame(finding, "server.c", 64, "respond");
    finding->text = mem_copy_string("    append(reply);");
    return sample;
}

static void release(struct sample *sample)
{
    struct check_result *check = &sample->checks[3];
    check_clear_findings(check);
    strings_release(&check->notes);
    sample_release(&sample);
}

START_TEST(what_arrives_is_drawn_as_what_was_sent)
{
    struct sample *sample = full();
    auto_str struct str bytes = STR_INIT;
    struct attempt arrived;
    attempt_write(&sample->attempt, &bytes);
    ck_assert(attempt_read(str_text(&bytes), bytes.length, &sample->lab, &arrived));
    struct sample_output output = output_open(80, true);
    output_begin(&output);
    render_attempt(&output.screen, &sample->attempt, &plain_options);
    auto_free char *sent = output_end(&output);
    output = output_open(80, true);
    output_begin(&output);
    render_attempt(&output.screen, &arrived, &plain_options);
    auto_free char *drawn = output_end(&output);
    expect_text(sent, "add_length");
    ck_assert_str_eq(drawn, sent);
    attempt_release(&arrived);
    release(sample);
}
END_TEST

START_TEST(an_attempt_that_is_cut_off_is_refused)
{
    struct sample *sample = full();
    auto_str struct str bytes = STR_INIT;
    struct attempt arrived;
    attempt_write(&sample->attempt, &bytes);
    for (size_t length = 0; length < bytes.length; length++)
        ck_assert(!attempt_read(str_text(&bytes), length, &sample->lab, &arrived));
    str_append_char(&bytes, 'x'); // nor is a longer one whole
    ck_assert(!attempt_read(str_text(&bytes), bytes.length, &sample->lab, &arrived));
    release(sample);
}
END_TEST

START_TEST(an_attempt_on_another_lab_is_refused)
{
    struct sample *sample = full();
    auto_str struct str bytes = STR_INIT;
    struct attempt arrived;
    attempt_write(&sample->attempt, &bytes);
    sample->lab.step_count = 3;
    ck_assert(!attempt_read(str_text(&bytes), bytes.length, &sample->lab, &arrived));
    release(sample);
}
END_TEST

START_TEST(only_what_is_shown_is_sent_whole)
{
    struct sample *sample = full();
    struct check_result *second = sample_set(sample, 5, CHECK_FAILED, "second", "it fails too");
    auto_str struct str bytes = STR_INIT;
    struct attempt arrived;
    second->expected = literal("a");
    attempt_write(&sample->attempt, &bytes);
    ck_assert(attempt_read(str_text(&bytes), bytes.length, &sample->lab, &arrived));
    ck_assert_str_eq(arrived.checks[3].program.state, "exited");
    ck_assert_uint_eq(arrived.checks[3].transcript_count, 2);
    ck_assert_str_eq(arrived.checks[5].message, "it fails too");
    ck_assert_ptr_null(arrived.checks[5].expected);
    attempt_release(&arrived);
    release(sample);
}
END_TEST

// Writes through a pipe and takes it byte by byte.
START_TEST(messages_are_taken_when_they_are_whole)
{
    struct sample *sample = full();
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    news_send(ends[1], &(struct watch_news){.phase = WATCH_CHECKING, .done = 7, .total = 79}, NULL,
              NULL);
    news_send(ends[1], &(struct watch_news){.phase = WATCH_DONE, .number = 5, .hints_total = 3},
              &sample->attempt, NULL);
    struct err fault = ERR_INIT;
    err_set(&fault, ERR_ENV, "no compiler");
    err_set_cure(&fault, "apt install gcc");
    news_send(ends[1], &(struct watch_news){.phase = WATCH_DONE}, NULL, &fault);
    err_release(&fault);
    close(ends[1]);

    auto_str struct str input = STR_INIT;
    struct watch_news news[3];
    size_t count = 0;
    for (char byte; read(ends[0], &byte, 1) == 1;) {
        str_append_bytes(&input, &byte, 1);
        while (count < 3 && news_take(&input, &sample->lab, &news[count]))
            count++;
    }
    close(ends[0]);
    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(input.length, 0);
    ck_assert_uint_eq(news[0].done, 7);
    ck_assert(!news[0].has_attempt);
    ck_assert(news[1].has_attempt);
    ck_assert_int_eq(news[1].number, 5);
    ck_assert_str_eq(news[1].attempt.checks[3].message, "12 is not 9");
    ck_assert_int_eq(news[2].fault.kind, ERR_ENV);
    ck_assert_str_eq(news[2].fault.message, "no compiler");
    ck_assert_str_eq(news[2].fault.cure, "apt install gcc");
    for (size_t i = 0; i < 3; i++)
        news_release(&news[i]);
    release(sample);
}
END_TEST

UNIT_MAIN("watch_news", what_arrives_is_drawn_as_what_was_sent,
          an_attempt_that_is_cut_off_is_refused, an_attempt_on_another_lab_is_refused,
          only_what_is_shown_is_sent_whole, messages_are_taken_when_they_are_whole)
