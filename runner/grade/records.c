// SPDX-License-Identifier: MIT
// Records: read line by line into a check's result, nothing believed.
#include "grade/records.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "grade/grader.h"

enum {
    RECORD_MOST = 65536,     // bytes of one record
    RECORDS_MOST = 16 << 20, // bytes of all records of one check
};

void records_start(struct records *records, struct check_result *check, bool keeps_raw)
{
    *records = (struct records){.check = check, .keeps_raw = keeps_raw};
}

void records_release(struct records *records)
{
    str_release(&records->line);
    str_release(&records->raw);
    free(records->fault);
    err_release(&records->environment);
    *records = (struct records){0};
}

// ---- fields; a field of another type is as good as none

static const char *text_of(const cJSON *record, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, name));
}

static bool has_number(const cJSON *record, const char *name)
{
    return cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(record, name));
}

// A number from 0 to 2^53; what lies outside is 0: it is only shown.
static double number_of(const cJSON *record, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(record, name);
    double value = cJSON_IsNumber(item) ? item->valuedouble : 0;
    return value >= 0 && value <= 9007199254740992.0 ? value : 0;
}

static int integer_of(const cJSON *record, const char *name)
{
    double value = number_of(record, name);
    return value <= 2147483647.0 ? (int)value : 0;
}

static int port_of(const cJSON *record, const char *name)
{
    int port = integer_of(record, name);
    return port <= 65535 ? port : 0;
}

static void replace(char **text, const char *with)
{
    free(*text);
    *text = mem_copy_string(with);
}

// ---- one function a kind of record; each returns NULL or the fault

static const char *take_start(struct records *records, const cJSON *record)
{
    if (records->started)
        return "a second start record";
    if (integer_of(record, "version") != 1)
        return "a start record of another version";
    if (!str_equal(text_of(record, "check"), records->check->id))
        return "a start record of another check";
    records->started = true;
    return NULL;
}

static const char *end_of(const cJSON *record)
{
    const char *end = text_of(record, "end");
    return str_equal(end, "closed") ? "closed" : str_equal(end, "reset") ? "reset" : NULL;
}

// A record is ASCII: bytes of the program come escaped. Anything else would reach the terminal.
static bool is_ascii(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)bytes[i] < 0x20 || (unsigned char)bytes[i] > 0x7e)
            return false;
    return true;
}

static const char *take_io(struct records *records, const cJSON *record)
{
    const char *from = text_of(record, "from");
    const char *text = text_of(record, "text");
    if (text == NULL || (!str_equal(from, "grader") && !str_equal(from, "program")))
        return "an io record without text or direction";
    struct check_result *check = records->check;
    // Room doubles whenever it is full: a flood of small records must not copy itself each time.
    size_t count = check->transcript_count;
    if ((count & (count - 1)) == 0)
        check->transcript =
            mem_resize(check->transcript, (count > 0 ? 2 * count : 1) * sizeof *check->transcript);
    check->transcript[check->transcript_count++] =
        (struct io_record){.at = number_of(record, "at"),
                           .from_program = str_equal(from, "program"),
                           .connection = integer_of(record, "connection"),
                           .offset = (size_t)number_of(record, "offset"),
                           .omitted = (size_t)number_of(record, "omitted"),
                           .text = mem_copy_string(text),
                           .local = port_of(record, "local"),
                           .peer = port_of(record, "peer"),
                           .end = end_of(record)};
    return NULL;
}

// The arguments of a run; what came before it is about an earlier one.
static const char *take_run(struct records *records, const cJSON *record)
{
    struct check_result *check = records->check;
    check->was_run = true;
    strings_release(&check->arguments);
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(record, "arguments"))
    {
        const char *text = cJSON_GetStringValue(item);
        if (text == NULL || !is_ascii(text, strlen(text)))
            return "a run record with an argument that is no text";
        strings_add(&check->arguments, text);
    }
    return NULL;
}

static const char *take_output(struct records *records, const cJSON *record)
{
    if (text_of(record, "text") == NULL)
        return "an output record without text";
    replace(&records->check->output, text_of(record, "text"));
    records->check->output_length = (size_t)number_of(record, "length");
    return NULL;
}

static const char *take_script(struct records *records, const cJSON *record)
{
    const char *text = text_of(record, "text");
    if (text == NULL)
        return "a script record without text";
    auto_str struct str whole = STR_INIT;
    if (records->check->script != NULL)
        str_append(&whole, records->check->script);
    text_append_unescaped(&whole, text);
    replace(&records->check->script, str_text(&whole));
    return NULL;
}

static const char *take_program(struct records *records, const cJSON *record)
{
    static const char *const states[] = {"running", "exited", "signalled", "stuck"};
    const char *state = text_of(record, "state");
    bool known = false;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        known = known || str_equal(state, states[i]);
    if (!known)
        return "a program record of an unknown state";
    struct program_state *program = &records->check->program;
    replace(&program->state, state);
    program->status = integer_of(record, "status");
    if (has_number(record, "port"))
        program->port = integer_of(record, "port");
    if (has_number(record, "clock"))
        records->check->clock = number_of(record, "clock");
    if (text_of(record, "stderr") != NULL)
        replace(&program->error_output, text_of(record, "stderr"));
    return NULL;
}

static const char *take_fail(struct records *records, const cJSON *record)
{
    if (text_of(record, "message") == NULL)
        return "a fail record without a message";
    struct check_result *check = records->check;
    records->failed = true;
    if (check->message != NULL)
        return NULL; // the first failure is the one that is told
    replace(&check->message, text_of(record, "message"));
    replace(&check->expected, text_of(record, "expected"));
    replace(&check->actual, text_of(record, "actual"));
    replace(&check->stream, text_of(record, "stream"));
    check->connection = integer_of(record, "connection");
    check->has_offset = has_number(record, "offset");
    check->offset = (size_t)number_of(record, "offset");
    check->grader_line = integer_of(record, "grader_line");
    replace(&check->awaited, text_of(record, "awaited"));
    return NULL;
}

// What lies outside of what was sent is nobody's trouble: it is found nowhere.
static const char *take_suspect(struct records *records, const cJSON *record)
{
    struct suspect suspect = {.connection = integer_of(record, "connection"),
                              .offset = (size_t)number_of(record, "offset"),
                              .length = (size_t)number_of(record, "length")};
    const char *text = text_of(record, "text");
    if (text == NULL || !has_number(record, "offset") || suspect.connection < 1 ||
        suspect.length < 1)
        return "a suspect record without its bytes or words";
    if (records->check->suspect.text == NULL) { // the first failure is the one that is told
        suspect.text = mem_copy_string(text);
        records->check->suspect = suspect;
    }
    return NULL;
}

static bool take_lines(const cJSON *record, const char *name, struct strings *out)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(record, name))
    {
        const char *text = cJSON_GetStringValue(item);
        if (text == NULL || !is_ascii(text, strlen(text)))
            return false;
        strings_add(out, text);
    }
    return true;
}

// One tells the check's own statement, another one those of the program.
static const char *take_sql(struct records *records, const cJSON *record)
{
    struct sql_told *sql = &records->check->sql;
    if (text_of(record, "statement") != NULL && sql->statement == NULL) {
        replace(&sql->statement, text_of(record, "statement"));
        replace(&sql->answer, text_of(record, "answer"));
        if (!take_lines(record, "expected", &sql->expected) ||
            !take_lines(record, "found", &sql->found))
            return "an sql record with a line that is no text";
    }
    strings_release(&sql->program);
    sql->program = (struct strings)STRINGS_INIT;
    return take_lines(record, "program", &sql->program)
               ? NULL
               : "an sql record with a line that is no text";
}

static void take_reproduce(struct check_result *check, const cJSON *record, const char *command)
{
    replace(&check->reproduce, command);
    check->reproduce_is_run = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(record, "run"));
    replace(&check->reproduce_environment, text_of(record, "environment"));
}

static const char *take_text(struct records *records, const cJSON *record, const char *kind)
{
    struct check_result *check = records->check;
    const char *text = text_of(record, str_equal(kind, "reproduce") ? "command" : "text");
    if (text == NULL)
        return "a record without its text";
    if (str_equal(kind, "note"))
        strings_add(&check->notes, text);
    else if (str_equal(kind, "because"))
        replace(&check->because, text);
    else if (str_equal(kind, "reproduce"))
        take_reproduce(check, record, text);
    else if (str_equal(kind, "fixed_input"))
        replace(&check->fixed_input, text);
    else
        return "a record of an unknown kind";
    return NULL;
}

static const char *take_end(struct records *records, const cJSON *record)
{
    const char *result = text_of(record, "result");
    bool passed = str_equal(result, "passed");
    if (!passed && !str_equal(result, "failed"))
        return "an end record without a result";
    if (passed && records->failed)
        return "a check that failed and then passed";
    if (!passed && !records->failed)
        return "a check that failed without saying what";
    records->ended = true;
    records->check->longest_wait = number_of(record, "longest_wait");
    return NULL;
}

static const char *take_record(struct records *records, const cJSON *record)
{
    const char *kind = text_of(record, "record");
    if (kind == NULL)
        return "a line that is no record";
    if (records->ended)
        return "a record behind the end record";
    if (str_equal(kind, "start"))
        return take_start(records, record);
    if (!records->started)
        return "a record before the start record";
    if (str_equal(kind, "io"))
        return take_io(records, record);
    if (str_equal(kind, "program"))
        return take_program(records, record);
    if (str_equal(kind, "fail"))
        return take_fail(records, record);
    if (str_equal(kind, "run"))
        return take_run(records, record);
    if (str_equal(kind, "output"))
        return take_output(records, record);
    if (str_equal(kind, "script"))
        return take_script(records, record);
    if (str_equal(kind, "suspect"))
        return take_suspect(records, record);
    if (str_equal(kind, "sql"))
        return take_sql(records, record);
    if (str_equal(kind, "rest")) {
        records->asleep = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(record, "asleep"));
        return NULL;
    }
    if (str_equal(kind, "end"))
        return take_end(records, record);
    if (str_equal(kind, "broken")) {
        const char *text = text_of(record, "text");
        return text != NULL ? text : "it says that it is broken";
    }
    if (str_equal(kind, "environment")) {
        const char *text = text_of(record, "text");
        const char *cure = text_of(record, "cure");
        err_set(&records->environment, ERR_ENV, "%s", text != NULL ? text : "no box");
        if (cure != NULL)
            err_set_cure(&records->environment, "%s", cure);
        return "the machine lacks something";
    }
    return take_text(records, record, kind);
}

// cJSON turns \u00XX back into bytes that is_ascii has not seen.
static bool texts_are_printable(const cJSON *record)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, record)
    {
        const char *text = cJSON_GetStringValue(item);
        if (text != NULL && !is_ascii(text, strlen(text)))
            return false;
    }
    return true;
}

static void take_line(struct records *records, const char *line, size_t length)
{
    const char *fault = NULL;
    cJSON *record = is_ascii(line, length) ? cJSON_ParseWithLength(line, length) : NULL;
    if (!cJSON_IsObject(record) || !texts_are_printable(record))
        fault = "a line that is no record";
    else
        fault = take_record(records, record);
    if (fault != NULL)
        records->fault = mem_copy_string(fault); // it may lie in the record
    cJSON_Delete(record);
}

bool records_take(struct records *records, const char *bytes, size_t length)
{
    if (records->fault != NULL)
        return false;
    if (records->length + length > RECORDS_MOST) {
        records->fault = mem_copy_string("more than 16 MiB of records");
        return false;
    }
    records->length += length;
    if (records->keeps_raw)
        str_append_bytes(&records->raw, bytes, length);
    while (length > 0 && records->fault == NULL) {
        const char *end = memchr(bytes, '\n', length);
        size_t part = end != NULL ? (size_t)(end - bytes) : length;
        if (records->line.length + part > RECORD_MOST) {
            records->fault = mem_copy_string("a record of more than 64 KiB");
            break;
        }
        str_append_bytes(&records->line, bytes, part);
        bytes += part;
        length -= part;
        if (end != NULL) {
            take_line(records, str_text(&records->line), records->line.length);
            str_clear(&records->line);
            bytes++;
            length--;
        }
    }
    return records->fault == NULL;
}

static void set_broken(struct check_result *check, char *why)
{
    check->status = CHECK_BROKEN;
    free(check->message);
    check->message = why;
}

void records_finish(struct records *records, int cell_status)
{
    struct check_result *check = records->check;
    if (records->fault == NULL && records->line.length > 0)
        records->fault = mem_copy_string("half a record at the end");
    if (records->fault != NULL) {
        set_broken(check, str_format("the grader wrote: %s", records->fault));
    } else if (!records->ended) {
        auto_free char *status = grader_status_text(cell_status);
        set_broken(check, str_format("the grader ended without a verdict, with %s", status));
    } else {
        check->status = records->failed ? CHECK_FAILED : CHECK_PASSED;
    }
    if (records->keeps_raw) {
        check->records_length = records->raw.length;
        check->records = str_take(&records->raw);
    }
}
