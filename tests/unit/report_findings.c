// SPDX-License-Identifier: MIT
// Lines of the learner's program in the report: whole screens, narrow and coloured.
#include "report_sample.h"

// Findings are literals, as all of a sample is.
struct lines {
    struct finding findings[9];
    struct source_frame frames[9][9];
};

static struct finding *add_line(struct lines *lines, struct check_result *check,
                                enum finding_kind kind, const char *text)
{
    check->findings = lines->findings;
    struct finding *finding = &lines->findings[check->finding_count];
    *finding = (struct finding){
        .kind = kind, .frames = lines->frames[check->finding_count], .text = literal(text)};
    check->finding_count++;
    return finding;
}

static void add_frame(struct finding *finding, int line, const char *function)
{
    finding->frames[finding->frame_count++] =
        (struct source_frame){literal("server.c"), line, literal(function)};
}

// Steps 6 to 15 with 36 checks, of which 9 pass.
static void many_checks(struct sample *sample)
{
    for (size_t i = 5; i < 15; i++)
        sample_set(sample, i, CHECK_FAILED, NULL, NULL);
    size_t next = 5;
    for (size_t i = 5; i < 15; i++) {
        size_t count = i < 11 ? 4 : 3;
        sample->results[i].first_check = next;
        sample->results[i].check_count = count;
        for (size_t j = 0; j < count; j++, next++) {
            free(next < 15 ? sample->checks[next].id : NULL);
            bool pass = j + 1 == count && i < 14;
            sample->checks[next] =
                (struct check_result){.id = str_format("%s/works", sample->steps[i].id),
                                      .title = literal("works"),
                                      .status = pass ? CHECK_PASSED : CHECK_FAILED};
        }
    }
    sample->attempt.check_count = next;
}

// The screen "a failing check".
static struct sample *wrong_length(struct lines *lines)
{
    struct sample *sample = sample_new(15);
    many_checks(sample);
    struct check_result *check = sample_set(sample, 3, CHECK_FAILED, "content_length_matches_body",
                                            "Content-Length says 12, the body has 9 bytes");
    sample_io(sample, check, 0.001, false, 1,
              "GET /echo/mango-417 HTTP/1.1\\r\\nHost: 127.0.0.1:8080\\r\\n\\r\\n");
    sample_io(sample, check, 0.002, true, 1,
              "HTTP/1.1 200 OK\\r\\nContent-Length: 12\\r\\n\\r\\nmango-417");
    check->expected = literal("9");
    check->actual = literal("12");
    check->connection = 1;
    check->has_offset = true;
    check->offset = strlen("HTTP/1.1 200 OK\r\nContent-Length: ");
    check->because = literal("a client waits for 3 bytes that never come (RFC 9112 6.3)");
    check->reproduce = literal("curl -i http://127.0.0.1:8080/echo/mango-417");
    struct finding *made =
        add_line(lines, check, FINDING_MADE_BY,
                 "    append(reply, \"Content-Length: %zu\\r\\n\", sizeof text);");
    add_frame(made, 58, "add_length");
    struct finding *sent =
        add_line(lines, check, FINDING_SENT_BY, "    send(client, reply->data, reply->length, 0);");
    sent->call = literal("send() on client 1"); // the exchange has told it
    add_frame(sent, 91, "flush");
    add_frame(sent, 64, "respond");
    add_frame(sent, 104, "serve");
    add_frame(sent, 133, "main");
    return sample;
}

START_TEST(a_failing_check_is_the_screen_of_feedback)
{
    struct lines lines = {0};
    auto_sample struct sample *sample = wrong_length(&lines);
    auto_free char *text = report(sample);
    ck_assert_str_eq(
        text, "ok    compile                                                            0.21s\n"
              "ok    1  listen          accepts a connection on $PORT                     5/5\n"
              "ok    2  status-line     answers with a status line                      10/10\n"
              "ok    3  not-found       unknown paths get 404                             5/5\n"
              "FAIL  4  echo            /echo/{text} comes back as the body              0/10\n"
              "ok    5  headers         reads request headers                             5/5\n"
              "--    6-15               36 checks: 9 pass, 27 fail      (lab check --all)\n"
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
              "  made by   server.c:58 in add_length()\n"
              "         58 |     append(reply, \"Content-Length: %zu\\r\\n\", sizeof text);\n"
              "  sent by   server.c:91 in flush(), called from respond() server.c:64\n"
              "note: a client waits for 3 bytes that never come (RFC 9112 6.3)\n"
              "see it:   lab run      then      curl -i http://127.0.0.1:8080/echo/mango-417\n"
              "again:    lab check echo --seed 7193        hint: lab hint echo  (1 of 3)\n"
              "\n"
              "http-basics  25/100 points   4 of 15 steps\n"
              "next: edit server.c:58, then `lab check`\n");
}
END_TEST

// The screen "it crashes".
static struct sample *heap_overflow(struct lines *lines)
{
    struct sample *sample = sample_new(15);
    struct check_result *check = sample_set(sample, 8, CHECK_FAILED, "binary_body_is_stored_whole",
                                            "heap-buffer-overflow, a write of 1 byte");
    sample_io(sample, check, 0.001, false, 1, "POST /files/kiwi-88 HTTP/1.1\\r\\n\\r\\n\\xff");
    check->program = (struct program_state){
        .state = literal("signalled"),
        .status = 6,
        .error_output =
            literal("==2==ERROR: AddressSanitizer: heap-buffer-overflow on address\\n"
                    "SUMMARY: AddressSanitizer: heap-buffer-overflow server.c:71 in read_body\\n")};
    struct finding *crashed =
        add_line(lines, check, FINDING_CRASHED_AT, "    body[length] = '\\0';");
    add_frame(crashed, 71, "read_body");
    add_frame(crashed, 104, "serve");
    add_frame(crashed, 133, "main");
    static char *notes[] = {NULL, NULL};
    static char *trace_notes[] = {NULL, NULL};
    notes[0] = literal("the check was waiting for the answer to POST /files/kiwi-88");
    trace_notes[0] = literal("the 25-byte block was allocated at server.c:69; the write is 0 bytes "
                             "past its end");
    check->notes = (struct strings){notes, 1};
    check->trace_notes = (struct strings){trace_notes, 1};
    check->help = literal("room for n bytes and a final NUL is n + 1 bytes");
    return sample;
}

START_TEST(a_crash_is_the_screen_of_feedback)
{
    struct lines lines = {0};
    auto_sample struct sample *sample = heap_overflow(&lines);
    auto_free char *text = report(sample);
    expect_text(text,
                "FAIL  9  post-file       POST stores the body                             0/10\n");
    expect_text(
        text, "\npost-file/binary_body_is_stored_whole\n"
              "error: heap-buffer-overflow, a write of 1 byte\n"
              "  crashed   server.c:71 in read_body()\n"
              "         71 |     body[length] = '\\0';\n"
              "  called    from serve() server.c:104, main() server.c:133\n"
              "note: the 25-byte block was allocated at server.c:69;\n"
              "      the write is 0 bytes past its end\n"
              "note: the check was waiting for the answer to POST /files/kiwi-88\n"
              "help: room for n bytes and a final NUL is n + 1 bytes\n"
              "note: the whole report: .lab/last/post-file.binary_body_is_stored_whole.stderr\n"
              "again:    lab check post-file --seed 7193     hint: lab hint post-file  (1 of 3)\n");
    expect_text(text, "\nnext: edit server.c:71, then `lab check`\n");
}
END_TEST

// The screen "it hangs".
static struct sample *idle_client(struct lines *lines)
{
    struct sample *sample = sample_new(15);
    struct check_result *check =
        sample_set(sample, 6, CHECK_FAILED, "second_client_is_answered_while_first_is_idle",
                   "the second client gets no answer while the first one is idle");
    sample_io(sample, check, 0.001, false, 1, "");
    sample_io(sample, check, 0.002, false, 2, "");
    sample_io(sample, check, 0.002, false, 2, "GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");
    check->program = (struct program_state){.state = literal("stuck")};
    struct finding *stuck = add_line(lines, check, FINDING_STUCK_IN,
                                     "    ssize_t n = recv(fd, buffer, sizeof buffer, 0);");
    stuck->call = literal("recv() on client 1");
    stuck->note = literal("no other thread is there to answer client 2");
    add_frame(stuck, 31, "read_request");
    add_frame(stuck, 120, "main");
    static char *notes[] = {NULL, NULL};
    notes[0] = literal("what the program does: it waits in recv()");
    check->notes = (struct strings){notes, 1};
    return sample;
}

START_TEST(a_hang_is_the_screen_of_feedback)
{
    struct lines lines = {0};
    auto_sample struct sample *sample = idle_client(&lines);
    auto_free char *text = report(sample);
    expect_text(text,
                "FAIL  7  concurrent      an idle client blocks nobody                     0/10\n");
    expect_text(
        text, "\nconcurrent/second_client_is_answered_while_first_is_idle\n"
              "error: the second client gets no answer while the first one is idle\n"
              "  client 1  connected at 0.001 s, sent nothing\n"
              "  client 2  connected at 0.002 s, sent GET / HTTP/1.1, received nothing\n"
              "  stuck in  recv() on client 1, server.c:31 in read_request()\n"
              "         31 |     ssize_t n = recv(fd, buffer, sizeof buffer, 0);\n"
              "note: no other thread is there to answer client 2\n"
              "again:    lab check concurrent --seed 7193   hint: lab hint concurrent  (1 of 3)\n");
    expect_text(text, "\nnext: edit server.c:31, then `lab check`\n");
    expect_no_text(text, "what the program does");
}
END_TEST

// ---------------------------------------------------------------- forty columns, colour

START_TEST(forty_columns_say_the_same)
{
    struct lines lines = {0};
    auto_sample struct sample *wrong = wrong_length(&lines);
    auto_free char *text = report_at(wrong, &plain_options, 40, false);
    expect_text(text, "  made by   server.c:58 in add_length()\n"
                      "         58 | append(reply, \"Content-Le…\n"
                      "  sent by   server.c:91 in flush(),\n"
                      "            called from respond()\n"
                      "            server.c:64\n"
                      "note: a client waits for 3 bytes that\n"
                      "      never come (RFC 9112 6.3)\n");
    struct lines crash_lines = {0};
    auto_sample struct sample *crash = heap_overflow(&crash_lines);
    auto_free char *crash_text = report_at(crash, &plain_options, 40, false);
    expect_text(crash_text, "error: heap-buffer-overflow, a write of\n"
                            "       1 byte\n"
                            "  crashed   server.c:71 in read_body()\n"
                            "         71 |     body[length] = '\\0';\n"
                            "  called    from serve() server.c:104,\n"
                            "            main() server.c:133\n"
                            "note: the 25-byte block was allocated at\n"
                            "      server.c:69; the write is 0 bytes\n"
                            "      past its end\n");
    struct lines hang_lines = {0};
    auto_sample struct sample *hang = idle_client(&hang_lines);
    auto_free char *hang_text = report_at(hang, &plain_options, 40, false);
    expect_text(hang_text, "  stuck in  recv() on client 1,\n"
                           "            server.c:31 in\n"
                           "            read_request()\n"
                           "         31 | ssize_t n = recv(fd, buff…\n"
                           "note: no other thread is there to answer\n"
                           "      client 2\n");
}
END_TEST

static void expect_fits(const struct sample *sample)
{
    for (int width = 20; width <= 80; width++) {
        auto_free char *text = report_at(sample, &plain_options, width, false);
        ck_assert_msg(widest_line(text) <= (size_t)width, "%d columns:\n%s", width, text);
        auto_free char *coloured = report_at(sample, &plain_options, width, true);
        auto_free char *stripped = without_styles(coloured);
        ck_assert_str_eq(stripped, text);
    }
}

START_TEST(every_width_fits_and_colour_adds_nothing)
{
    struct lines lines[3] = {0};
    auto_sample struct sample *wrong = wrong_length(&lines[0]);
    auto_sample struct sample *crash = heap_overflow(&lines[1]);
    auto_sample struct sample *hang = idle_client(&lines[2]);
    expect_fits(wrong);
    expect_fits(crash);
    expect_fits(hang);
}
END_TEST

START_TEST(colour_marks_labels_and_line_numbers)
{
    struct lines lines = {0};
    auto_sample struct sample *sample = wrong_length(&lines);
    auto_free char *text = report_at(sample, &plain_options, 80, true);
    expect_text(text, "  \033[1mmade by  \033[0m server.c:58 in add_length()\n"
                      "\033[2m         58 |\033[0m     append(");
}
END_TEST

// ---------------------------------------------------------------- each kind of line

// The rows of one finding.
static char *rows_of(enum finding_kind kind, const char *call, const char *note, size_t frames)
{
    struct lines lines = {0};
    auto_sample struct sample *sample = sample_new(2);
    struct check_result *check = sample_set(sample, 0, CHECK_FAILED, NULL, "it does not");
    struct finding *finding = add_line(&lines, check, kind, NULL);
    finding->call = literal(call);
    finding->note = literal(note);
    static const char *const functions[] = {"inner", "outer", "main"};
    for (size_t i = 0; i < frames; i++)
        add_frame(finding, (int)(i + 1) * 10, functions[i]);
    auto_free char *text = report(sample);
    const char *from = strstr(text, "error: it does not\n") + strlen("error: it does not\n");
    const char *to = strstr(from, "again:");
    return str_format("%.*s", (int)(to - from), from);
}

static void expect_rows(enum finding_kind kind, const char *call, const char *note, size_t frames,
                        const char *wanted)
{
    auto_free char *rows = rows_of(kind, call, note, frames);
    ck_assert_str_eq(rows, wanted);
}

START_TEST(each_kind_has_its_words)
{
    expect_rows(FINDING_CRASHED_AT, "strlen()", NULL, 1,
                "  crashed   in strlen(), server.c:10 in inner()\n");
    expect_rows(FINDING_CRASHED_AT, "SIGSEGV", "the address is that of a NULL pointer", 2,
                "  crashed   by SIGSEGV, server.c:10 in inner()\n"
                "  called    from outer() server.c:20\n"
                "note: the address is that of a NULL pointer\n");
    expect_rows(FINDING_READ_BY, "recv() on client 1", NULL, 2,
                "  read by   recv() on client 1, server.c:10 in inner(), called from outer()\n"
                "            server.c:20\n");
    expect_rows(FINDING_CLOSED_BY, "close() on client 1", NULL, 1,
                "  closed by close() on client 1, server.c:10 in inner()\n");
    expect_rows(FINDING_FAILED_IN, "bind()", "address already in use", 1,
                "  failed in bind(), server.c:10 in inner(): address already in use\n");
    expect_rows(FINDING_ENDED_BY, "exit()", NULL, 3,
                "  ended by  exit(), server.c:10 in inner(), called from outer() server.c:20\n");
    expect_rows(FINDING_ALLOCATED_AT, NULL, NULL, 3,
                "  allocated server.c:10 in inner()\n"
                "  called    from outer() server.c:20, main() server.c:30\n");
    expect_rows(FINDING_STUCK_IN, "accept()", NULL, 0, "  stuck in  accept()\n");
}
END_TEST

START_TEST(a_line_is_shown_once)
{
    struct lines lines = {0};
    auto_sample struct sample *sample = sample_new(2);
    struct check_result *check = sample_set(sample, 0, CHECK_FAILED, NULL, "it does not");
    add_frame(add_line(&lines, check, FINDING_STUCK_IN, "lock(a);"), 7, "first");
    add_frame(add_line(&lines, check, FINDING_STUCK_IN, "lock(a);"), 7, "first");
    struct finding *other = add_line(&lines, check, FINDING_STUCK_IN, "lock(b);");
    other->note = literal("thread 1 holds this lock, and is at server.c:7");
    add_frame(other, 9, "second");
    auto_free char *text = report(sample);
    ck_assert_uint_eq(count_text(text, "          7 | lock(a);\n"), 1);
    expect_text(text, "  stuck in  server.c:9 in second()\n"
                      "          9 | lock(b);\n"
                      "            thread 1 holds this lock, and is at server.c:7\n");
}
END_TEST

START_TEST(what_is_sent_shows_its_line_when_nothing_is_known_of_its_making)
{
    struct lines lines = {0};
    auto_sample struct sample *sample = sample_new(2);
    struct check_result *check = sample_set(sample, 0, CHECK_FAILED, NULL, "it does not");
    add_frame(add_line(&lines, check, FINDING_SENT_BY, "write(1, 0, 0);"), 7, "main");
    auto_free char *text = report(sample);
    expect_text(text, "  sent by   server.c:7 in main()\n          7 | write(1, 0, 0);\n");
}
END_TEST

START_TEST(many_lines_are_counted)
{
    struct lines lines = {0};
    auto_sample struct sample *sample = sample_new(2);
    struct check_result *check = sample_set(sample, 0, CHECK_FAILED, NULL, "it does not");
    for (int i = 1; i <= 8; i++)
        add_frame(add_line(&lines, check, FINDING_STUCK_IN, NULL), i, "worker");
    auto_free char *text = report(sample);
    ck_assert_uint_eq(count_text(text, "  stuck in  "), 6);
    expect_text(text, "            … 2 more lines …\n");
}
END_TEST

START_TEST(a_source_line_cannot_command_the_terminal)
{
    struct lines lines = {0};
    auto_sample struct sample *sample = sample_new(2);
    struct check_result *check = sample_set(sample, 0, CHECK_FAILED, NULL, "it does not");
    struct finding *finding = add_line(&lines, check, FINDING_CLOSED_BY,
                                       "\tputs(\"\033[2J\x9b\x01\xe2\x80\xae\"); // größe");
    finding->call = literal("puts()\033[2J");
    add_frame(finding, 7, "ma\033in");
    finding->frames[0].file = literal("a\nb.c");
    static char *notes[] = {NULL, NULL};
    notes[0] = literal("\033]0;x\a; \x9b");
    check->trace_notes = (struct strings){notes, 1};
    check->help = literal("\033c");
    auto_free char *text = report(sample);
    ck_assert_ptr_null(strpbrk(text, "\033\a\x9b\x01"));
    expect_text(text,
                "  closed by puts()\\x1b[2J, a\\nb.c:7 in ma\\x1bin()\n"
                "          7 |         puts(\"\\x1b[2J\\x9b\\x01\\xe2\\x80\\xae\"); // größe\n");
    expect_text(text, "next: edit a\\nb.c:7, then `lab check`\n");
}
END_TEST

START_TEST(a_long_line_loses_its_indentation_before_its_end)
{
    struct lines lines = {0};
    auto_sample struct sample *sample = sample_new(2);
    struct check_result *check = sample_set(sample, 0, CHECK_FAILED, NULL, "it does not");
    struct finding *finding = add_line(&lines, check, FINDING_SENT_BY,
                                       "\t\t\t\t\tsend(client, answer, length, MSG_NOSIGNAL);");
    add_frame(finding, 12345, "main");
    auto_free char *text = report(sample);
    expect_text(text, "      12345 |                        send(client, answer, length, "
                      "MSG_NOSIGNAL);\n");
    finding->text = literal(
        "    if (very_long_condition && another_one && one_more && still_one_more_of_them)");
    auto_free char *cut = report(sample);
    expect_text(cut, "      12345 | if (very_long_condition && another_one && one_more && "
                     "still_one_m…\n");
    finding->text = literal("");
    auto_free char *empty = report(sample);
    expect_text(empty, "      12345 |\n");
}
END_TEST

START_TEST(a_given_file_is_not_the_one_to_edit)
{
    struct lines lines = {0};
    auto_sample struct sample *sample = sample_new(2);
    static char *given[] = {NULL, NULL};
    given[0] = literal("given.c");
    sample->lab.given = (struct strings){given, 1};
    struct check_result *check = sample_set(sample, 0, CHECK_FAILED, NULL, "it does not");
    struct finding *finding = add_line(&lines, check, FINDING_SENT_BY, NULL);
    add_frame(finding, 7, "helper");
    add_frame(finding, 12, "main");
    finding->frames[0].file = literal("given.c");
    auto_free char *text = report(sample);
    expect_text(text, "next: edit server.c:12, then `lab check`\n");
}
END_TEST

UNIT_MAIN("report_findings", a_failing_check_is_the_screen_of_feedback,
          a_crash_is_the_screen_of_feedback, a_hang_is_the_screen_of_feedback,
          forty_columns_say_the_same, every_width_fits_and_colour_adds_nothing,
          colour_marks_labels_and_line_numbers, each_kind_has_its_words, a_line_is_shown_once,
          what_is_sent_shows_its_line_when_nothing_is_known_of_its_making, many_lines_are_counted,
          a_source_line_cannot_command_the_terminal,
          a_long_line_loses_its_indentation_before_its_end, a_given_file_is_not_the_one_to_edit)
