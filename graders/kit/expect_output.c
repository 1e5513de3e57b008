// SPDX-License-Identifier: MIT
// Expectations about what a program prints.
#include <string.h>
#include <strings.h>

#include "net.h"
#include "program.h"

enum { AROUND = 64 }; // bytes shown before a difference in a stream

// ---------------------------------------------------------------- stdout

struct kit_bytes kit_program_stdout(struct kit_program *program)
{
    kit_settle();
    kit_program_await_end(program);
    const struct kit_output *output = &program->output;
    if (output->written > output->head.length)
        kit_fail_now(&(struct kit_failure){
            .message = kit_format("the program printed %llu bytes, far more than expected",
                                  (unsigned long long)output->written)});
    return (struct kit_bytes){
        (unsigned char *)kit_keep_bytes(str_text(&output->head), output->head.length),
        output->head.length};
}

static const char *difference_message(size_t same, uint64_t actual, uint64_t expected)
{
    if (actual == 0)
        return kit_format("stdout is empty, expected %llu byte%s", (unsigned long long)expected,
                          expected == 1 ? "" : "s");
    if (expected == 0)
        return kit_format("%llu byte%s on stdout, expected none", (unsigned long long)actual,
                          actual == 1 ? "" : "s");
    if (same == actual)
        return kit_format("stdout ends after %llu of %llu bytes", (unsigned long long)actual,
                          (unsigned long long)expected);
    if (same == expected)
        return kit_format("stdout goes on after its %llu bytes: %llu came",
                          (unsigned long long)expected, (unsigned long long)actual);
    return kit_format("stdout differs from byte %zu on", same);
}

void kit_expect_stdout_at(struct kit_program *program, struct kit_bytes bytes, int line)
{
    kit_settle();
    kit_program_await_end(program);
    const struct str *kept = &program->output.head;
    if (bytes.length >= KIT_STDOUT_MOST)
        kit_break("so many bytes are compared by kit_expect_stdout_stream");
    struct kit_bytes actual = {(const unsigned char *)str_text(kept), kept->length};
    size_t shorter = actual.length < bytes.length ? actual.length : bytes.length;
    size_t same = 0;
    while (same < shorter && actual.data[same] == bytes.data[same])
        same++;
    if (same == program->output.written && same == bytes.length)
        return;
    suspect_see(NULL, bytes, actual, "the first byte that is missing", "this byte was printed too");
    kit_fail(&(struct kit_failure){
        .message = difference_message(same, program->output.written, bytes.length),
        .expected = (const char *)bytes.data,
        .expected_length = bytes.length,
        .actual = (const char *)actual.data,
        .actual_length = actual.length,
        .look = KIT_LOOK_STDOUT,
        .line = line,
    });
}

static void fail_stream(const struct kit_program *program, const struct stream *stream, int line)
{
    const struct kit_output *output = &program->output;
    uint64_t at = output->compared;
    uint64_t from = at > AROUND ? at - AROUND : 0;
    size_t before = (size_t)(at - from);
    unsigned char expected[2 * AROUND];
    uint64_t left = stream->length - from;
    size_t length = left < sizeof expected ? (size_t)left : sizeof expected;
    stream_fill(stream, from, expected, length);
    auto_str struct str actual = STR_INIT;
    str_append_bytes(&actual, expected, before);
    str_append_bytes(&actual, str_text(&output->different), output->different.length);
    kit_fail(&(struct kit_failure){
        .message = difference_message((size_t)at, output->written, stream->length),
        .expected = kit_keep_bytes(expected, length),
        .expected_length = length,
        .actual = kit_keep_bytes(str_text(&actual), actual.length),
        .actual_length = actual.length,
        .look = KIT_LOOK_STDOUT,
        .line = line,
    });
}

void kit_expect_stdout_stream_at(struct kit_program *program, const struct kit_stream *stream,
                                 int line)
{
    kit_settle();
    if (stream->stream.length == KIT_ENDLESS)
        kit_break("nobody can have written all of an endless stream");
    struct kit_output *output = &program->output;
    if (output->written > output->head.length)
        kit_break("kit_expect_stdout_stream comes too late: it stands right behind kit_run");
    uint64_t most = stream->stream.length + (1U << 20);
    if (program->flood < most)
        program->flood = most;
    kit_output_compare(output, &stream->stream);
    kit_program_await_end(program);
    if (output->compared == stream->stream.length && output->written == output->compared)
        return;
    fail_stream(program, &stream->stream, line);
}

// ---------------------------------------------------------------- stderr

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (const char *at = text; *at != '\0'; lines++) {
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    return lines;
}

static void fail_error_output(const char *message, const char *text, int line)
{
    kit_fail(&(struct kit_failure){.message = message,
                                   .actual = text,
                                   .actual_length = strlen(text),
                                   .look = KIT_LOOK_STDERR,
                                   .line = line});
}

void kit_expect_error_line_at(struct kit_program *program, const char *contains, int line)
{
    kit_settle();
    kit_program_await_end(program);
    const char *text = kit_program_stderr(program);
    size_t length = strlen(text);
    if (length == 0)
        fail_error_output("stderr is empty, expected one line that says what is wrong", text, line);
    else if (count_lines(text) > 1)
        fail_error_output(kit_format("stderr has %zu lines, expected one", count_lines(text)), text,
                          line);
    else if (text[0] == '\n')
        fail_error_output("the line on stderr is empty, expected some words in it", text, line);
    else if (text[length - 1] != '\n')
        fail_error_output("the line on stderr does not end in \\n", text, line);
    else if (contains != NULL && strcasestr(text, contains) == NULL)
        fail_error_output(kit_format("the line on stderr does not say \"%s\"", contains), text,
                          line);
}

void kit_expect_no_error_output_at(struct kit_program *program, int line)
{
    kit_settle();
    kit_program_await_end(program);
    const char *text = kit_program_stderr(program);
    if (*text != '\0')
        fail_error_output("the program writes to stderr, expected nothing there", text, line);
}
