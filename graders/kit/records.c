// SPDX-License-Identifier: MIT
/*
 * The records: one JSON object a line, by write(2), as things happen, so that a check that is
 * killed leaves what it had seen. A record is at most 64 KiB.
 */
#include "core.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "sql.h"

// A raw byte becomes five at worst: \xHH, its backslash doubled by JSON.
#define MOST_TEXT 4000         // bytes of a sentence
#define MOST_LINE 500          // raw bytes of a statement, of a table's line
#define MOST_ARGUMENTS 8192    // raw bytes of them
#define MOST_COMPARED 4096     // raw bytes of `expected` and of `actual`
#define BEFORE_DIFFERENCE 1024 // of them, what stands before the first difference
#define MOST_STDERR_HEAD 30000 // bytes of JSON
#define MOST_STDERR_TAIL 20000 // bytes of JSON

static void record_write(cJSON *record)
{
    auto_free char *line = cJSON_PrintUnformatted(record);
    if (line == NULL)
        abort();
    size_t length = strlen(line);
    line[length] = '\n'; // in the place of the NUL: one write for all of it
    size_t done = 0;
    while (done < length + 1) {
        ssize_t written = write(kit_the_request()->records, line + done, length + 1 - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            _exit(2); // nobody reads any more
        done += (size_t)written;
    }
    cJSON_Delete(record);
}

static cJSON *record_new(const char *kind)
{
    cJSON *record = cJSON_CreateObject();
    if (record == NULL)
        abort();
    cJSON_AddStringToObject(record, "record", kind);
    return record;
}

static cJSON *record_new_at(const char *kind)
{
    cJSON *record = record_new(kind);
    cJSON_AddNumberToObject(record, "at", round(kit_now() * 1e6) / 1e6);
    return record;
}

// A sentence. Authors write backslashes on purpose ("ends in \n"), so only what is no printable
// ASCII is escaped here.
static void add_text(cJSON *record, const char *name, const char *text)
{
    auto_str struct str out = STR_INIT;
    for (size_t i = 0; text[i] != '\0' && out.length < MOST_TEXT; i++) {
        if (text[i] >= 0x20 && text[i] < 0x7f)
            str_append_char(&out, text[i]);
        else
            text_append_escaped(&out, text + i, 1);
    }
    cJSON_AddStringToObject(record, name, str_text(&out));
}

static void add_bytes(cJSON *record, const char *name, const void *bytes, size_t length)
{
    auto_str struct str out = STR_INIT;
    text_append_escaped(&out, bytes, length);
    cJSON_AddStringToObject(record, name, str_text(&out));
}

static void add_size(cJSON *record, const char *name, size_t number)
{
    cJSON_AddNumberToObject(record, name, (double)number);
}

static void text_record(const char *kind, const char *name, const char *text)
{
    cJSON *record = record_new(kind);
    add_text(record, name, text);
    record_write(record);
}

void kit_record_start(const char *check, uint64_t seed)
{
    cJSON *record = record_new("start");
    cJSON_AddNumberToObject(record, "version", 1);
    add_text(record, "check", check);
    char digits[32];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)seed);
    cJSON_AddStringToObject(record, "seed", digits);
    record_write(record);
}

void kit_record_note(const char *text)
{
    text_record("note", "text", text);
}

void kit_record_because(const char *text)
{
    text_record("because", "text", text);
}

void kit_record_reproduce(const char *command, const char *environment, bool is_run)
{
    cJSON *record = record_new("reproduce");
    add_text(record, "command", command);
    if (is_run)
        cJSON_AddTrueToObject(record, "run");
    if (environment != NULL)
        add_text(record, "environment", environment);
    record_write(record);
}

void kit_record_fixed_input(const char *why)
{
    text_record("fixed_input", "text", why);
}

void kit_record_broken(const char *reason)
{
    text_record("broken", "text", reason);
}

void kit_record_environment(const char *reason, const char *cure)
{
    cJSON *record = record_new("environment");
    add_text(record, "text", reason);
    if (cure != NULL)
        add_text(record, "cure", cure);
    record_write(record);
}

void kit_record_rest(bool asleep)
{
    cJSON *record = record_new("rest");
    cJSON_AddBoolToObject(record, "asleep", asleep);
    record_write(record);
}

void kit_record_end(bool passed, double longest_wait)
{
    cJSON *record = record_new("end");
    cJSON_AddStringToObject(record, "result", passed ? "passed" : "failed");
    cJSON_AddNumberToObject(record, "longest_wait", round(longest_wait * 1e6) / 1e6);
    record_write(record);
}

// ---------------------------------------------------------------- the program

void kit_record_run(const char *const *arguments)
{
    cJSON *record = record_new_at("run");
    cJSON *list = cJSON_AddArrayToObject(record, "arguments");
    size_t left = MOST_ARGUMENTS;
    for (size_t i = 0; arguments[i] != NULL && left > 0; i++) {
        size_t length = strlen(arguments[i]);
        if (length > left)
            length = left;
        left -= length;
        auto_free char *escaped = text_escape(arguments[i], length);
        cJSON_AddItemToArray(list, cJSON_CreateString(escaped));
    }
    record_write(record);
}

void kit_record_output(const char *bytes, size_t length, uint64_t total)
{
    cJSON *record = record_new_at("output");
    add_bytes(record, "text", bytes, length < MOST_COMPARED ? length : MOST_COMPARED);
    cJSON_AddNumberToObject(record, "length", (double)total);
    record_write(record);
}

void kit_record_script(const char *text, size_t length)
{
    cJSON *record = record_new("script");
    add_bytes(record, "text", text, length);
    record_write(record);
}

static size_t json_size(unsigned char c)
{
    if (c == '\\')
        return 4;
    if (c == '"')
        return 2;
    if (c == '\r' || c == '\n' || c == '\t')
        return 3;
    return c >= 0x20 && c < 0x7f ? 1 : 5;
}

// How many bytes from the beginning (or, backwards, from the end) fit into `most` bytes of JSON.
static size_t fitting(const char *bytes, size_t length, size_t most, bool backwards)
{
    size_t count = 0, used = 0;
    while (count < length) {
        size_t at = backwards ? length - 1 - count : count;
        used += json_size((unsigned char)bytes[at]);
        if (used > most)
            break;
        count++;
    }
    return count;
}

static void add_error_output(cJSON *record, const char *bytes, size_t length)
{
    size_t head = fitting(bytes, length, MOST_STDERR_HEAD, false);
    size_t tail = fitting(bytes + head, length - head, MOST_STDERR_TAIL, true);
    auto_str struct str out = STR_INIT;
    text_append_escaped(&out, bytes, head);
    size_t missing = length - head - tail;
    if (missing > 0)
        str_append_format(&out, "\\n[%zu bytes left out]\\n", missing);
    text_append_escaped(&out, bytes + length - tail, tail);
    cJSON_AddStringToObject(record, "stderr", str_text(&out));
}

void kit_record_program(const char *state, int status, int port, double clock,
                        const char *error_output, size_t error_length)
{
    cJSON *record = record_new_at("program");
    cJSON_AddStringToObject(record, "state", state);
    cJSON_AddNumberToObject(record, "status", status);
    cJSON_AddNumberToObject(record, "port", port);
    if (clock > 0)
        cJSON_AddNumberToObject(record, "clock", round(clock * 1e6) / 1e6);
    add_error_output(record, error_output, error_length);
    record_write(record);
}

// ---------------------------------------------------------------- a failure

static size_t first_difference(const struct kit_failure *failure)
{
    size_t shorter = failure->expected_length < failure->actual_length ? failure->expected_length
                                                                       : failure->actual_length;
    size_t at = 0;
    while (at < shorter && failure->expected[at] == failure->actual[at])
        at++;
    return at;
}

static void add_window(cJSON *record, const char *name, const char *bytes, size_t length,
                       size_t start)
{
    if (bytes == NULL)
        return;
    if (start > length)
        start = length;
    size_t left = length - start;
    add_bytes(record, name, bytes + start, left < MOST_COMPARED ? left : MOST_COMPARED);
}

// Of long values the window around the first difference is told, from the same place in both.
static void add_compared(cJSON *record, const struct kit_failure *failure)
{
    size_t start = 0;
    if (failure->expected != NULL && failure->actual != NULL &&
        (failure->expected_length > MOST_COMPARED || failure->actual_length > MOST_COMPARED)) {
        size_t difference = first_difference(failure);
        start = difference > BEFORE_DIFFERENCE ? difference - BEFORE_DIFFERENCE : 0;
    }
    add_window(record, "expected", failure->expected, failure->expected_length, start);
    add_window(record, "actual", failure->actual, failure->actual_length, start);
    if (start > 0)
        add_size(record, "omitted", start);
}

void kit_record_fail(const struct kit_failure *failure)
{
    cJSON *record = record_new_at("fail");
    add_text(record, "message", failure->message);
    add_compared(record, failure);
    if (failure->connection != NULL)
        cJSON_AddNumberToObject(record, "connection", kit_connection_number(failure->connection));
    if (failure->has_offset)
        add_size(record, "offset", failure->offset);
    if (failure->look == KIT_LOOK_STDOUT || failure->look == KIT_LOOK_STDERR)
        cJSON_AddStringToObject(record, "stream",
                                failure->look == KIT_LOOK_STDOUT ? "stdout" : "stderr");
    if (failure->line > 0)
        cJSON_AddNumberToObject(record, "grader_line", failure->line);
    if (failure->awaited != NULL)
        cJSON_AddStringToObject(record, "awaited", failure->awaited);
    record_write(record);
}

void kit_record_suspect(const struct kit_connection *connection, size_t offset, size_t length,
                        const char *what)
{
    cJSON *record = record_new("suspect");
    cJSON_AddNumberToObject(record, "connection", kit_connection_number(connection));
    add_size(record, "offset", offset);
    add_size(record, "length", length);
    add_text(record, "text", what);
    record_write(record);
}

// ---------------------------------------------------------------- databases

static void add_lines(cJSON *record, const char *name, const struct strings *lines)
{
    if (lines->count == 0)
        return;
    cJSON *list = cJSON_AddArrayToObject(record, name);
    for (size_t i = 0; i < lines->count; i++) {
        size_t length = strlen(lines->items[i]);
        auto_free char *escaped =
            text_escape(lines->items[i], length < MOST_LINE ? length : MOST_LINE);
        cJSON_AddItemToArray(list, cJSON_CreateString(escaped));
    }
}

void kit_record_sql(const struct sql_story *story)
{
    cJSON *record = record_new("sql");
    if (story->statement != NULL)
        add_text(record, "statement", story->statement);
    if (story->answer != NULL)
        add_text(record, "answer", story->answer);
    add_lines(record, "expected", &story->expected);
    add_lines(record, "found", &story->found);
    add_lines(record, "program", &story->program);
    record_write(record);
}

// ---------------------------------------------------------------- one part of an exchange

void kit_record_part(const struct kit_part *part)
{
    cJSON *record = record_new_at("io");
    cJSON_AddStringToObject(record, "from", part->from_program ? "program" : "grader");
    cJSON_AddNumberToObject(record, "connection", part->connection);
    cJSON_AddNumberToObject(record, "local", part->own_port);
    cJSON_AddNumberToObject(record, "peer", part->peer_port);
    add_size(record, "offset", part->offset);
    add_bytes(record, "text", part->bytes, part->length);
    if (part->omitted > 0)
        add_size(record, "omitted", part->omitted);
    if (part->end != NULL)
        cJSON_AddStringToObject(record, "end", part->end);
    record_write(record);
}
