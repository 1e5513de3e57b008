// SPDX-License-Identifier: MIT
// render/ladder: whole screens of lab trace, from made-up transcripts and calls.
#include "unit.h"

#include <cjson/cJSON.h>

#include "render/ladder.h"
#include "sample.h"

// ---- a check with its calls

enum { MOST_EVENTS = 600 };

struct run {
    struct sample *sample;
    struct check_result *check;
    struct trace_event events[MOST_EVENTS];
    struct source_frame frames[MOST_EVENTS];
    struct trace_record record;
};

static struct run *run_new(size_t step, enum check_status status, const char *id,
                           const char *message)
{
    struct run *run = mem_alloc(sizeof *run);
    run->sample = sample_new(15);
    run->check = status == CHECK_PASSED ? &run->sample->checks[step]
                                        : sample_set(run->sample, step, status, id, message);
    run->record.events = run->events;
    return run;
}

static void run_release(struct run **run)
{
    sample_release(&(*run)->sample);
    free(*run);
}
#define auto_run __attribute__((cleanup(run_release)))

static void io(struct run *run, double at, bool from_program, int connection, const char *text)
{
    sample_io(run->sample, run->check, at, from_program, connection, text);
}

// A call on a connection at a line of server.c.
static struct trace_event *call(struct run *run, double at, const char *name, int connection,
                                long long result, int line)
{
    size_t i = run->record.count++;
    ck_assert_uint_lt(i, MOST_EVENTS);
    run->frames[i] = (struct source_frame){literal("server.c"), line, literal("serve")};
    run->events[i] = (struct trace_event){.kind = TRACE_CALL,
                                          .at = at,
                                          .until = at,
                                          .process = 1,
                                          .thread = 1,
                                          .call = literal(name),
                                          .result = result,
                                          .descriptor = 4,
                                          .connection = connection,
                                          .frames = &run->frames[i],
                                          .frame_count = line > 0};
    return &run->events[i];
}

static struct trace_event *moves(struct run *run, double at, const char *name, int connection,
                                 bool from_program, size_t offset, size_t length, int line)
{
    struct trace_event *event = call(run, at, name, connection, (long long)length, line);
    event->from_program = from_program;
    event->offset = offset;
    event->length = length;
    return event;
}

static void stuck(struct run *run, double at, double until, const char *name, int connection,
                  char state, int line)
{
    struct trace_event *event = call(run, at, name, connection, 0, line);
    event->kind = TRACE_STUCK;
    event->until = until;
    event->state = state;
}

static struct ladder_view view_of(const struct run *run)
{
    return (struct ladder_view){
        .check = run->check, .record = &run->record, .seed = 7193, .command = "lab"};
}

static char *ladder_at(const struct run *run, int width, bool colour)
{
    struct sample_output output = output_open(width, colour);
    output_begin(&output);
    const struct ladder_view view = view_of(run);
    render_ladder(&output.screen, &view);
    return output_end(&output);
}

static void expect_screen(const struct run *run, int width, const char *expected)
{
    auto_free char *text = ladder_at(run, width, false);
    ck_assert_str_eq(text, expected);
}

// ---- a whole screen

static struct run *idle_client(void)
{
    struct run *run = run_new(6, CHECK_FAILED, "second_client_is_answered_while_first_is_idle",
                              "the second client gets no answer while the first one is idle");
    io(run, 0.001, false, 1, "");
    io(run, 0.002, false, 2, "");
    io(run, 0.0023, false, 2, "GET /");
    call(run, 0.0009, "accept", 1, 4, 120)->until = 0.0011;
    stuck(run, 0.003, 0.253, "recv", 1, 'S', 31);
    return run;
}

START_TEST(an_idle_client_is_told_as_in_feedback)
{
    auto_run struct run *run = idle_client();
    expect_screen(run, 80,
                  "  time   client 1     client 2     server\n"
                  "  0.001  connect ────────────────► accept         server.c:120\n"
                  "  0.002               connect ───► (in the backlog)\n"
                  "  0.002               GET / ─────► (not read)\n"
                  "  0.003                            recv client 1  server.c:31   waiting\n"
                  "  0.253                            stuck: nothing can happen any more\n"
                  "\n"
                  "FAIL  concurrent/second_client_is_answered_while_first_is_idle\n"
                  "error: the second client gets no answer while the first one is idle\n"
                  "next: edit server.c:31, then `lab check concurrent`\n");
}
END_TEST

START_TEST(forty_columns_have_lines_instead)
{
    auto_run struct run *run = idle_client();
    expect_screen(run, 40,
                  "  time   what happened\n"
                  "  0.001  client 1 ─► connect\n"
                  "         accept server.c:120\n"
                  "  0.002  client 2 ─► connect\n"
                  "         (in the backlog)\n"
                  "  0.002  client 2 ─► GET /\n"
                  "         (not read)\n"
                  "  0.003  recv client 1 server.c:31\n"
                  "         waiting\n"
                  "  0.253  stuck: nothing can happen any\n"
                  "         more\n"
                  "\n"
                  "FAIL  concurrent/second_client_is_answer\n"
                  "      ed_while_first_is_idle\n"
                  "error: the second client gets no answer\n"
                  "       while the first one is idle\n"
                  "next: edit server.c:31, then `lab check\n"
                  "      concurrent`\n");
}
END_TEST

// ---- a passing check

static struct run *one_request(void)
{
    struct run *run = run_new(3, CHECK_PASSED, NULL, NULL);
    call(run, 0.0001, "bind", 0, 0, 10);
    call(run, 0.0002, "listen", 0, 0, 11);
    io(run, 0.001, false, 1, "");
    call(run, 0.0003, "accept", 1, 4, 20)->until = 0.0012;
    io(run, 0.002, false, 1, "GET /echo/kiwi HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n");
    moves(run, 0.0013, "recv", 1, false, 0, 36, 31)->until = 0.0021;
    moves(run, 0.003, "write", 1, true, 0, 38, 58);
    moves(run, 0.0031, "write", 1, true, 38, 4, 59);
    io(run, 0.0032, true, 1, "HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\n\\r\\nkiwi");
    call(run, 0.004, "close", 1, 0, 70);
    return run;
}

START_TEST(a_request_and_its_answer)
{
    auto_run struct run *run = one_request();
    expect_screen(run, 80,
                  "  time   client 1                      server\n"
                  "  0.000                                bind    server.c:10\n"
                  "  0.000                                listen  server.c:11\n"
                  "  0.001  connect ────────────────────► accept  server.c:20\n"
                  "  0.002  GET /echo/kiwi HTTP/1.1\\r… ─► recv    server.c:31  36 bytes\n"
                  "  0.003  ◄─ HTTP/1.1 200 OK\\r\\n… ───── write   server.c:58  38 bytes\n"
                  "  0.003  ◄─ kiwi ───────────────────── write   server.c:59  4 bytes\n"
                  "  0.004  ◄─ closed ─────────────────── close   server.c:70\n"
                  "\n"
                  "ok    echo/works\n"
                  "next: lab check echo\n");
}
END_TEST

// ---- many events

START_TEST(what_repeats_is_told_once)
{
    auto_run struct run *run = run_new(3, CHECK_PASSED, NULL, NULL);
    io(run, 0.001, false, 1, "");
    call(run, 0.001, "accept", 1, 4, 20);
    auto_str struct str text = STR_INIT;
    for (int i = 0; i < 215; i++)
        str_append_char(&text, 'a');
    io(run, 0.002, false, 1, str_text(&text));
    for (size_t i = 0; i < 215; i++)
        moves(run, 0.002 + 0.0001 * (double)i, "recv", 1, false, i, 1, 31);
    auto_free char *screen = ladder_at(run, 80, false);
    ck_assert_ptr_nonnull(strstr(screen, " recv client 1  server.c:31  1 byte\n"));
    ck_assert_ptr_nonnull(strstr(screen, " … 211 more recv() on client 1 server.c:31\n"));
    size_t lines = 0;
    for (const char *c = screen; *c != '\0'; c++)
        lines += *c == '\n';
    ck_assert_uint_eq(lines, 1 + 1 + 1 + 2 + 1 + 1 + 3);
}
END_TEST

START_TEST(a_pattern_that_repeats_is_told_once)
{
    auto_run struct run *run = run_new(9, CHECK_PASSED, NULL, NULL);
    io(run, 0, false, 1, "");
    call(run, 0, "accept", 1, 4, 20);
    for (size_t i = 0; i < 20; i++) {
        double at = 0.001 * (double)(i + 1);
        io(run, at, false, 1, "PING\\n");
        moves(run, at + 0.0001, "recv", 1, false, 5 * i, 5, 31);
        moves(run, at + 0.0002, "send", 1, true, 5 * i, 5, 32);
        io(run, at + 0.0003, true, 1, "PONG\\n");
    }
    auto_free char *screen = ladder_at(run, 80, false);
    ck_assert_ptr_nonnull(strstr(screen, "… 18 more times the 2 lines above\n"));
    ck_assert_ptr_nonnull(strstr(screen, "  0.020  PING\\n ────► recv    server.c:31  5 bytes\n"
                                         "  0.020  ◄─ PONG\\n ── send    server.c:32  5 bytes\n"));
}
END_TEST

START_TEST(clients_without_a_column_are_summed_up)
{
    auto_run struct run *run = run_new(6, CHECK_FAILED, "many", "client 9 gets no answer");
    run->check->connection = 9;
    for (int i = 1; i <= 9; i++)
        io(run, 0.001 * i, false, i, "");
    for (int i = 1; i <= 9; i++)
        call(run, 0.010 + 0.001 * i, "accept", i, 3 + i, 20);
    auto_free char *screen = ladder_at(run, 80, false);
    ck_assert_ptr_nonnull(strstr(screen, "client 1     client 2     client 9     server\n"));
    ck_assert_ptr_nonnull(strstr(screen, "  0.003                                         "
                                         "… 6 events of 6 other clients\n"));
    ck_assert_ptr_nonnull(strstr(screen, "accept client 9  server.c:20\n"));
    ck_assert_ptr_null(strstr(screen, "client 5"));
}
END_TEST

START_TEST(time_that_passes_is_said)
{
    auto_run struct run *run = run_new(14, CHECK_PASSED, NULL, NULL);
    io(run, 0.001, false, 1, "");
    call(run, 0.001, "accept", 1, 4, 20);
    call(run, 0.301, "close", 1, 0, 70);
    expect_screen(run, 80,
                  "  time   client 1     server\n"
                  "  0.001  connect ───► accept  server.c:20\n"
                  "                      … 0.300 s pass\n"
                  "  0.301  ◄─ closed ── close   server.c:70\n"
                  "\n"
                  "ok    slow-clients/works\n"
                  "next: lab check slow-clients\n");
}
END_TEST

// ---- what goes wrong

START_TEST(failures_of_calls_have_their_names)
{
    auto_run struct run *run = run_new(7, CHECK_FAILED, "files", "status is 404, expected 200");
    call(run, 0.001, "open", 0, -2, 40)->path = literal("/srv/files/a/long/path/notes.txt");
    call(run, 0.002, "recv", 1, -104, 31);
    call(run, 0.003, "recv", 1, 0, 31);
    call(run, 0.004, "openat", 0, -2, 0)->path = literal("/etc/locale"); // the system's own
    auto_free char *screen = ladder_at(run, 80, false);
    ck_assert_ptr_nonnull(strstr(screen, "open …a/long/path/notes.txt  server.c:40  ENOENT\n"));
    ck_assert_ptr_nonnull(strstr(
        screen, "  0.002               recv client 1                server.c:31  ECONNRESET\n"));
    ck_assert_ptr_nonnull(
        strstr(screen, "recv client 1                server.c:31  end of input\n"));
    ck_assert_ptr_null(strstr(screen, "locale"));
}
END_TEST

START_TEST(the_end_of_the_program_is_told)
{
    auto_run struct run *run = run_new(7, CHECK_FAILED, "files", "the program was ended");
    call(run, 0.001, "SIGSEGV", 0, 11, 40)->kind = TRACE_SIGNAL;
    call(run, 0.002, NULL, 0, 11, 0)->kind = TRACE_EXIT;
    call(run, 0.003, NULL, 0, 3 << 8, 0)->kind = TRACE_EXIT;
    auto_free char *screen = ladder_at(run, 80, false);
    ck_assert_ptr_nonnull(strstr(screen, "  0.001  ended by SIGSEGV, server.c:40\n"
                                         "  0.002  ended by signal 11\n"
                                         "  0.003  exits with status 3\n"));
}
END_TEST

START_TEST(each_way_to_be_stuck_has_its_sentence)
{
    static const struct {
        const char *call;
        char state;
        const char *text;
    } ways[] = {
        {"recv", 'S', "stuck: nothing can happen any more\n"},
        {"nanosleep", 'S', "stuck: it slept for too long\n"},
        {"", 'R', "stuck: it runs and runs\n"},
        {"recv", 'T', "stuck: it is stopped\n"},
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        auto_run struct run *run = run_new(6, CHECK_FAILED, "x", "no answer");
        stuck(run, 0.1, 0.3, ways[i].call, 1, ways[i].state, 31);
        auto_free char *screen = ladder_at(run, 80, false);
        ck_assert_msg(strstr(screen, ways[i].text) != NULL, "%s", screen);
    }
}
END_TEST

START_TEST(without_calls_there_is_still_the_exchange)
{
    auto_run struct run *run = run_new(3, CHECK_FAILED, "x", "status is 404, expected 200");
    io(run, 0.001, false, 1, "");
    io(run, 0.002, false, 1, "GET / HTTP/1.1\\r\\n\\r\\n");
    io(run, 0.003, true, 1, "HTTP/1.1 404 Not Found\\r\\n\\r\\n");
    struct sample_output output = output_open(80, false);
    output_begin(&output);
    struct ladder_view view = view_of(run);
    view.missing = "the tracer is missing";
    render_ladder(&output.screen, &view);
    auto_free char *text = output_end(&output);
    ck_assert_str_eq(text, "  time   client 1                      server\n"
                           "  0.001  connect ────────────────────►\n"
                           "  0.002  GET / HTTP/1.1\\r\\n… ────────►\n"
                           "  0.003  ◄─ HTTP/1.1 404 Not Found… ──\n"
                           "\n"
                           "FAIL  echo/x\n"
                           "error: status is 404, expected 200\n"
                           "note: no calls of the program are known: the tracer is missing\n"
                           "next: lab check echo\n");
}
END_TEST

START_TEST(nothing_at_all_is_said)
{
    auto_run struct run *run = run_new(3, CHECK_FAILED, "x", "it does not listen");
    run->record.lost = 7;
    expect_screen(run, 80,
                  "nothing was sent, and no call of the program is known\n"
                  "\n"
                  "FAIL  echo/x\n"
                  "error: it does not listen\n"
                  "note: 7 more calls were too many to keep\n"
                  "next: lab check echo\n");
}
END_TEST

// ---- whatever the terminal

START_TEST(every_line_fits_and_colour_only_repeats)
{
    struct run *runs[2] = {idle_client(), one_request()};
    for (size_t i = 0; i < 2; i++) {
        for (int width = 20; width <= 80; width++) {
            auto_free char *plain = ladder_at(runs[i], width, false);
            ck_assert_msg(widest_line(plain) <= (size_t)width, "%d columns:\n%s", width, plain);
            auto_free char *coloured = ladder_at(runs[i], width, true);
            auto_free char *stripped = without_styles(coloured);
            ck_assert_str_eq(stripped, plain);
        }
        run_release(&runs[i]);
    }
}
END_TEST

START_TEST(hostile_text_stays_text)
{
    auto_run struct run *run = run_new(3, CHECK_FAILED, "x", "a\033[2Jb");
    io(run, 0.001, false, 1, "\\x1b[2J\\x00\\xff");
    call(run, 0.002, "open", 0, -2, 40)->path = literal("\033]0;title\007");
    run->frames[0].file = literal("a\033[31m.c");
    auto_free char *screen = ladder_at(run, 80, false);
    ck_assert_ptr_null(strchr(screen, '\033'));
    ck_assert_ptr_null(strchr(screen, '\007'));
}
END_TEST

// ---- JSON

START_TEST(the_same_as_json)
{
    auto_run struct run *run = idle_client();
    const struct ladder_view view = view_of(run);
    auto_free char *json = render_ladder_json(&view);
    ck_assert_ptr_nonnull(strstr(json, "\"seed\":7193"));
    cJSON *root = cJSON_Parse(json);
    ck_assert_ptr_nonnull(root);
    ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(root, "status")), "failed");
    const cJSON *events = cJSON_GetObjectItem(root, "events");
    ck_assert_int_eq(cJSON_GetArraySize(events), 5);
    const cJSON *accept = cJSON_GetArrayItem(events, 1);
    ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(accept, "call")), "accept");
    ck_assert_int_eq(cJSON_GetObjectItem(accept, "line")->valueint, 120);
    const cJSON *request = cJSON_GetArrayItem(events, 3);
    ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(request, "text")), "GET /");
    ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(request, "from")), "grader");
    const cJSON *last = cJSON_GetArrayItem(events, 4);
    ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(last, "state")), "stuck");
    ck_assert_ptr_null(cJSON_GetObjectItem(last, "path"));
    cJSON_Delete(root);
}
END_TEST

UNIT_MAIN("ladder", an_idle_client_is_told_as_in_feedback, forty_columns_have_lines_instead,
          a_request_and_its_answer, what_repeats_is_told_once, a_pattern_that_repeats_is_told_once,
          clients_without_a_column_are_summed_up, time_that_passes_is_said,
          failures_of_calls_have_their_names, the_end_of_the_program_is_told,
          each_way_to_be_stuck_has_its_sentence, without_calls_there_is_still_the_exchange,
          nothing_at_all_is_said, every_line_fits_and_colour_only_repeats, hostile_text_stays_text,
          the_same_as_json)
