// SPDX-License-Identifier: MIT
// The screen of lab watch, at 80x24 and 40x20.
#include "render/watch_screen.h"

#include "report_sample.h"

static struct watch_view view_of(const struct sample *sample, int width, int height)
{
    return (struct watch_view){.lab = &sample->lab,
                               .attempt = &sample->attempt,
                               .phase = WATCH_DONE,
                               .number = 3,
                               .hints_total = 3,
                               .width = width,
                               .height = height,
                               .command = "lab"};
}

static struct strings lines_of(const struct watch_view *view, size_t *out_most)
{
    struct strings lines = STRINGS_INIT;
    size_t rows = 0;
    size_t most = 0;
    render_watch(view, &lines, &most, &rows);
    ck_assert_uint_eq(lines.count, (size_t)view->height);
    ck_assert_uint_le(rows, lines.count);
    for (size_t i = 0; i < lines.count; i++) {
        auto_free char *plain = without_styles(lines.items[i]);
        ck_assert_ptr_null(strchr(plain, '\n'));
        ck_assert_msg(text_width(plain) <= (size_t)view->width, "too wide: %s", plain);
    }
    if (out_most != NULL)
        *out_most = most;
    return lines;
}

// All lines, each ended by a newline.
static char *screen_of(const struct watch_view *view)
{
    auto_strings struct strings lines = lines_of(view, NULL);
    struct str text = STR_INIT;
    for (size_t i = 0; i < lines.count; i++)
        str_append_format(&text, "%s\n", lines.items[i]);
    return str_take(&text);
}

// The fourth of 15 steps fails, with a long exchange.
static struct sample *failing(void)
{
    struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, "content_length_matches_body",
                                            "Content-Length says 12, the body has 9 bytes");
    sample_io(sample, check, 0.001, false, 1,
              "GET /echo/mango-417 HTTP/1.1\\r\\nHost: 127.0.0.1:8080\\r\\n\\r\\n");
    sample_io(sample, check, 0.002, true, 1,
              "HTTP/1.1 200 OK\\r\\nContent-Length: 12\\r\\n\\r\\nmango-417");
    check->connection = 1;
    check->offset = 33;
    check->has_offset = true;
    check->because = literal("a client waits for 3 bytes that never come (RFC 9112 6.3)");
    return sample;
}

START_TEST(a_failure_is_below_its_steps_and_above_the_keys)
{
    auto_sample struct sample *sample = failing();
    struct watch_view view = view_of(sample, 80, 24);
    auto_strings struct strings lines = lines_of(&view, NULL);
    ck_assert_str_eq(lines.items[1], "ok    1  listen          accepts a connection on $PORT"
                                     "                     5/5");
    ck_assert(str_starts_with(lines.items[4], "FAIL  4  echo "));
    ck_assert(str_starts_with(lines.items[5], "--    5-15 "));
    ck_assert_str_eq(lines.items[7], "echo/content_length_matches_body");
    ck_assert_str_eq(lines.items[8], "error: Content-Length says 12, the body has 9 bytes");
    ck_assert_str_eq(lines.items[22],
                     "FAIL  http-basics  90/100 points   14 of 15 steps   attempt 3");
    ck_assert_str_eq(lines.items[23], "h hint  l lesson  t trace  r run again  n next  q quit");
}
END_TEST

START_TEST(steps_that_pass_are_folded_where_room_is_short)
{
    auto_sample struct sample *sample = failing();
    struct watch_view view = view_of(sample, 80, 18);
    auto_strings struct strings lines = lines_of(&view, NULL);
    ck_assert(str_starts_with(lines.items[1], "ok    1-3 "));
    expect_text(lines.items[1], " 3 steps pass ");
    ck_assert(str_ends_with(lines.items[1], " 20/20"));
    ck_assert(str_starts_with(lines.items[2], "FAIL  4  echo "));
}
END_TEST

START_TEST(what_does_not_fit_is_reached_by_scrolling)
{
    auto_sample struct sample *sample = failing();
    struct watch_view view = view_of(sample, 40, 20);
    size_t most = 0;
    auto_strings struct strings first = lines_of(&view, &most);
    ck_assert_uint_gt(most, 0);
    ck_assert(str_starts_with(first.items[0], "ok    compile"));
    ck_assert_str_eq(first.items[18], "space more  h hint  l lesson  t trace");
    ck_assert_str_eq(first.items[19], "r run again  n next  q quit");
    view.scroll = most + 100; // as far as it goes
    auto_free char *last = screen_of(&view);
    expect_text(last, "next: edit server.c for step echo and");
    expect_no_text(last, "space more");
    expect_text(last, "\nn next  q quit\n");
}
END_TEST

START_TEST(every_line_of_the_report_is_on_some_screenful)
{
    auto_sample struct sample *sample = failing();
    struct watch_view view = view_of(sample, 40, 20);
    size_t most = 0;
    struct str all = STR_INIT;
    struct strings lines = lines_of(&view, &most);
    strings_release(&lines);
    for (view.scroll = 0; view.scroll <= most; view.scroll++) {
        auto_free char *text = screen_of(&view);
        str_append(&all, text);
    }
    static const char *const parts[] = {
        "FAIL  4  echo", "GET /echo/mango-417", "mango-417\n", "Content-Length: 12", "RFC 9112 6.3",
        "again:",        "lab hint echo",       "next: edit"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        expect_text(str_text(&all), parts[i]);
    str_release(&all);
}
END_TEST

START_TEST(all_steps_of_a_pass_are_shown_green)
{
    auto_sample struct sample *sample = sample_new(15);
    struct watch_view view = view_of(sample, 80, 24);
    view.colour = true;
    auto_free char *text = screen_of(&view);
    ck_assert_uint_eq(count_text(text, "\033[32mok\033[0m"), 16);
    expect_text(text, "\033[32mPASS\033[0m  http-basics  100/100 points   15 of 15 steps");
    expect_text(text, "next:\033[0m lab next");
    view.colour = false;
    auto_free char *plain = screen_of(&view);
    ck_assert_ptr_null(strchr(plain, '\033'));
}
END_TEST

START_TEST(steps_appear_as_they_pass)
{
    auto_sample struct sample *sample = sample_new(15);
    struct watch_view view = view_of(sample, 80, 24);
    for (size_t i = 2; i < 15; i++)
        sample->results[i].status = CHECK_NOT_RUN;
    view.phase = WATCH_CHECKING;
    view.done = 7;
    view.total = 79;
    auto_strings struct strings lines = lines_of(&view, NULL);
    ck_assert(str_starts_with(lines.items[2], "ok    2  status-line "));
    ck_assert_str_eq(lines.items[3], "");
    ck_assert_str_eq(lines.items[22], "http-basics  checking: 7 of 79 checks");
}
END_TEST

START_TEST(before_the_first_answer_it_says_what_is_going_on)
{
    auto_sample struct sample *sample = sample_new(15);
    struct watch_view view = view_of(sample, 80, 24);
    view.attempt = NULL;
    view.phase = WATCH_COMPILING;
    auto_strings struct strings lines = lines_of(&view, NULL);
    ck_assert_str_eq(lines.items[0], "");
    ck_assert_str_eq(lines.items[22], "http-basics  compiling");
}
END_TEST

START_TEST(a_program_that_does_not_compile)
{
    auto_sample struct sample *sample = sample_new(15);
    struct watch_view view = view_of(sample, 40, 20);
    struct build_diagnostic error = {.file = literal("server.c"),
                                     .line = 8,
                                     .column = 23,
                                     .severity = literal("error"),
                                     .message = literal("expected ';' before 'return'"),
                                     .source_line = literal("        return \"hello\""),
                                     .caret_from = 23,
                                     .caret_to = 23};
    sample->attempt.build = (struct build_result){.diagnostics = &error, .diagnostic_count = 1};
    for (size_t i = 0; i < 15; i++)
        sample->results[i].status = CHECK_NOT_RUN;
    auto_free char *text = screen_of(&view);
    expect_text(text, "FAIL  compile");
    expect_text(text, "server.c:8:23: error: expected ';'");
    expect_text(text, "next: edit server.c:8 and save it");
    expect_text(text, "FAIL  http-basics  does not compile\n      attempt 3\n");
}
END_TEST

START_TEST(what_could_not_be_checked_is_said_with_the_cure)
{
    auto_sample struct sample *sample = failing();
    struct watch_view view = view_of(sample, 80, 24);
    struct err fault = ERR_INIT;
    err_set(&fault, ERR_ENV, "server.c: is a symbolic link");
    err_set_cure(&fault, "put the file itself in its place");
    view.fault = &fault;
    auto_free char *text = screen_of(&view);
    expect_text(text, "error: server.c: is a symbolic link\nhelp: put the file itself");
    expect_text(text, "ERROR  http-basics  not checked");
    expect_no_text(text, "FAIL");
    view.phase = WATCH_COMPILING; // it is tried again
    auto_free char *again = screen_of(&view);
    expect_text(again, "\nhttp-basics  compiling\n");
    expect_no_text(again, "ERROR");
    err_release(&fault);
}
END_TEST

START_TEST(a_page_takes_the_place_of_the_report)
{
    auto_sample struct sample *sample = failing();
    struct watch_view view = view_of(sample, 40, 20);
    view.page_title = "hint";
    view.page = "echo, \033[1mhint 1\033[0m of 3:\n\na line that is wider than forty columns, "
                "since the terminal was wider once\n";
    auto_strings struct strings lines = lines_of(&view, NULL);
    ck_assert_str_eq(lines.items[0], "echo, \033[1mhint 1\033[0m of 3:");
    ck_assert_str_eq(lines.items[2], "a line that is wider than forty columns,");
    ck_assert_str_eq(lines.items[18], "hint  http-basics");
    ck_assert_str_eq(lines.items[19], "q back  r run again");
}
END_TEST

START_TEST(notes_are_below_all_else)
{
    auto_sample struct sample *sample = failing();
    struct watch_view view = view_of(sample, 80, 40);
    struct strings notes = STRINGS_INIT;
    strings_add(&notes, "greeting.h was missing and is back");
    view.notes = &notes;
    auto_free char *text = screen_of(&view);
    expect_text(text, "and save it\nnote: greeting.h was missing and is back\n");
    strings_release(&notes);
}
END_TEST

// However small it is: so many lines, none too wide, and nothing is touched outside.
START_TEST(any_size_of_the_terminal_can_be_drawn_for)
{
    auto_sample struct sample *sample = failing();
    for (int width = 1; width <= 80; width += 3)
        for (int height = 1; height <= 30; height++) {
            struct watch_view view = view_of(sample, width, height);
            view.colour = width % 2 == 0;
            view.scroll = (size_t)(width * height) % 50;
            auto_free char *text = screen_of(&view);
            ck_assert_ptr_nonnull(text);
        }
}
END_TEST

START_TEST(the_sum_tells_what_to_type_next)
{
    auto_sample struct sample *sample = failing();
    struct sample_output output = output_open(80, false);
    output_begin(&output);
    render_watch_sum(&output.screen, &sample->attempt, "./lab");
    auto_free char *text = output_end(&output);
    ck_assert_str_eq(text, "FAIL  http-basics  90/100 points   14 of 15 steps\n"
                           "next: ./lab watch\n");
}
END_TEST

UNIT_MAIN("watch_screen", a_failure_is_below_its_steps_and_above_the_keys,
          steps_that_pass_are_folded_where_room_is_short, what_does_not_fit_is_reached_by_scrolling,
          every_line_of_the_report_is_on_some_screenful, all_steps_of_a_pass_are_shown_green,
          steps_appear_as_they_pass, before_the_first_answer_it_says_what_is_going_on,
          a_program_that_does_not_compile, what_could_not_be_checked_is_said_with_the_cure,
          a_page_takes_the_place_of_the_report, notes_are_below_all_else,
          any_size_of_the_terminal_can_be_drawn_for, the_sum_tells_what_to_type_next)
