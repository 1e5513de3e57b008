// SPDX-License-Identifier: MIT
/*
 * An attempt as bytes. Each structure has a table of its fields, and one writer and one reader
 * follow the tables: what is written and what is read cannot drift apart.
 */
#include "grade/attempt_wire.h"

#include <stdint.h>
#include <string.h>

enum field_kind {
    FIELD_RAW,   // a number or a bool, as it lies in memory
    FIELD_TEXT,  // char *, may be NULL
    FIELD_TEXTS, // struct strings
    FIELD_PART,  // a structure inside
    FIELD_LIST,  // a pointer to structures, and their number elsewhere
};

struct table {
    size_t size; // of the structure
    const struct field *fields;
    size_t field_count;
};

struct field {
    enum field_kind kind;
    size_t at, size;           // of the field; size of FIELD_RAW only
    size_t count_at;           // FIELD_LIST
    const struct table *table; // FIELD_PART, FIELD_LIST
};

#define RAW(type, name)                                                                            \
    {                                                                                              \
        .kind = FIELD_RAW, .at = offsetof(struct type, name),                                      \
        .size = sizeof(((struct type *)NULL)->name)                                                \
    }
#define TEXT(type, name)                                                                           \
    {                                                                                              \
        .kind = FIELD_TEXT, .at = offsetof(struct type, name)                                      \
    }
#define TEXTS(type, name)                                                                          \
    {                                                                                              \
        .kind = FIELD_TEXTS, .at = offsetof(struct type, name)                                     \
    }
#define PART(type, name, of)                                                                       \
    {                                                                                              \
        .kind = FIELD_PART, .at = offsetof(struct type, name), .table = &(of)                      \
    }
#define LIST(type, name, count, of)                                                                \
    {                                                                                              \
        .kind = FIELD_LIST, .at = offsetof(struct type, name),                                     \
        .count_at = offsetof(struct type, count), .table = &(of)                                   \
    }
#define TABLE(type, list)                                                                          \
    {                                                                                              \
        sizeof(struct type), list, sizeof(list) / sizeof *(list)                                   \
    }

// ---------------------------------------------------------------- the structures

static const struct field diagnostic_fields[] = {
    TEXT(build_diagnostic, file),      RAW(build_diagnostic, line),
    RAW(build_diagnostic, column),     TEXT(build_diagnostic, severity),
    TEXT(build_diagnostic, message),   TEXT(build_diagnostic, source_line),
    RAW(build_diagnostic, caret_from), RAW(build_diagnostic, caret_to),
};
static const struct table diagnostic_table = TABLE(build_diagnostic, diagnostic_fields);

static const struct field build_fields[] = {
    RAW(build_result, ok),
    RAW(build_result, cached),
    RAW(build_result, seconds),
    LIST(build_result, diagnostics, diagnostic_count, diagnostic_table),
    TEXT(build_result, raw),
    TEXT(build_result, command),
    TEXT(build_result, stopped),
};
static const struct table build_table = TABLE(build_result, build_fields);

static const struct field io_fields[] = {
    RAW(io_record, at),     RAW(io_record, from_program), RAW(io_record, connection),
    RAW(io_record, offset), RAW(io_record, omitted),      TEXT(io_record, text),
    RAW(io_record, local),  RAW(io_record, peer),
};
static const struct table io_table = TABLE(io_record, io_fields);

static const struct field program_fields[] = {
    TEXT(program_state, state),
    RAW(program_state, status),
    RAW(program_state, port),
    TEXT(program_state, error_output),
};
static const struct table program_table = TABLE(program_state, program_fields);

static const struct field frame_fields[] = {
    TEXT(source_frame, file),
    RAW(source_frame, line),
    TEXT(source_frame, function),
};
static const struct table frame_table = TABLE(source_frame, frame_fields);

static const struct field finding_fields[] = {
    RAW(finding, kind),  TEXT(finding, call), LIST(finding, frames, frame_count, frame_table),
    TEXT(finding, text), TEXT(finding, note),
};
static const struct table finding_table = TABLE(finding, finding_fields);

static const struct field suspect_fields[] = {
    RAW(suspect, connection),
    RAW(suspect, offset),
    RAW(suspect, length),
    TEXT(suspect, text),
};
static const struct table suspect_table = TABLE(suspect, suspect_fields);

static const struct field sql_fields[] = {
    TEXT(sql_told, statement), TEXT(sql_told, answer),   TEXTS(sql_told, expected),
    TEXTS(sql_told, found),    TEXTS(sql_told, program),
};
static const struct table sql_table = TABLE(sql_told, sql_fields);

static const struct field check_fields[] = {
    TEXT(check_result, id),
    TEXT(check_result, title),
    RAW(check_result, plain_build),
    RAW(check_result, status),
    RAW(check_result, seconds),
    RAW(check_result, seed),
    TEXT(check_result, message),
    TEXT(check_result, expected),
    TEXT(check_result, actual),
    RAW(check_result, connection),
    RAW(check_result, offset),
    RAW(check_result, has_offset),
    PART(check_result, suspect, suspect_table),
    PART(check_result, sql, sql_table),
    TEXT(check_result, because),
    TEXT(check_result, reproduce),
    TEXT(check_result, reproduce_environment),
    TEXT(check_result, fixed_input),
    RAW(check_result, grader_line),
    PART(check_result, program, program_table),
    TEXTS(check_result, notes),
    LIST(check_result, transcript, transcript_count, io_table),
    RAW(check_result, longest_wait),
    RAW(check_result, clock),
    LIST(check_result, findings, finding_count, finding_table),
    TEXTS(check_result, trace_notes),
    TEXT(check_result, help),
};
static const struct table check_table = TABLE(check_result, check_fields);

// The pointer to the step is found again from the index in the lab that is written in front.
static const struct field step_fields[] = {
    RAW(step_result, status),
    RAW(step_result, points),
    RAW(step_result, first_check),
    RAW(step_result, check_count),
};
static const struct table step_table = TABLE(step_result, step_fields);

// Steps and checks follow by themselves.
static const struct field attempt_fields[] = {
    TEXT(attempt, sandbox),    RAW(attempt, seed),
    RAW(attempt, seconds),     PART(attempt, build, build_table),
    RAW(attempt, passed),      RAW(attempt, failed),
    RAW(attempt, broken),      RAW(attempt, points),
    RAW(attempt, max_points),  TEXT(attempt, broken_reason),
    RAW(attempt, interrupted),
};
static const struct table attempt_table = TABLE(attempt, attempt_fields);

// ---------------------------------------------------------------- writing

static const void *at(const void *structure, size_t offset)
{
    return (const char *)structure + offset;
}

static void write_size(struct str *out, size_t value)
{
    str_append_bytes(out, &value, sizeof value);
}

static void write_text(struct str *out, const char *text)
{
    write_size(out, text == NULL ? SIZE_MAX : strlen(text));
    if (text != NULL)
        str_append(out, text);
}

static void write_texts(struct str *out, const struct strings *texts)
{
    write_size(out, texts->count);
    for (size_t i = 0; i < texts->count; i++)
        write_text(out, texts->items[i]);
}

// The tables are a tree of a few levels.
static void write_structure(struct str *out, const struct table *table, const void *structure)
{
    for (size_t i = 0; i < table->field_count; i++) {
        const struct field *field = &table->fields[i];
        const void *value = at(structure, field->at);
        if (field->kind == FIELD_RAW) {
            str_append_bytes(out, value, field->size);
        } else if (field->kind == FIELD_TEXT) {
            write_text(out, *(const char *const *)value);
        } else if (field->kind == FIELD_TEXTS) {
            write_texts(out, value);
        } else if (field->kind == FIELD_PART) {
            write_structure(out, field->table, value);
        } else {
            size_t count = *(const size_t *)at(structure, field->count_at);
            const char *items = *(const char *const *)value;
            write_size(out, count);
            for (size_t k = 0; k < count; k++)
                write_structure(out, field->table, items + k * field->table->size);
        }
    }
}

static bool is_shown(const struct attempt *attempt, const struct check_result *check)
{
    for (enum check_status status = CHECK_FAILED; status <= CHECK_BROKEN; status++)
        for (size_t i = 0; i < attempt->step_count; i++) {
            if (attempt->steps[i].status != status)
                continue;
            if (step_first_failure(attempt, &attempt->steps[i]) == check)
                return true;
            break; // only the first step that is so
        }
    return false;
}

static void write_check(struct str *out, const struct attempt *attempt,
                        const struct check_result *check)
{
    struct check_result verdict = {.id = check->id,
                                   .title = check->title,
                                   .plain_build = check->plain_build,
                                   .status = check->status,
                                   .seconds = check->seconds,
                                   .seed = check->seed,
                                   .message = check->message,
                                   .notes = check->notes};
    write_structure(out, &check_table, is_shown(attempt, check) ? check : &verdict);
}

void attempt_write(const struct attempt *attempt, struct str *out)
{
    write_structure(out, &attempt_table, attempt);
    write_size(out, attempt->step_count);
    for (size_t i = 0; i < attempt->step_count; i++) {
        write_size(out, lab_step_index(attempt->lab, attempt->steps[i].step));
        write_structure(out, &step_table, &attempt->steps[i]);
    }
    write_size(out, attempt->check_count);
    for (size_t i = 0; i < attempt->check_count; i++)
        write_check(out, attempt, &attempt->checks[i]);
}

// ---------------------------------------------------------------- reading

struct reader {
    const char *bytes;
    size_t left;
};

static bool read_bytes(struct reader *reader, void *to, size_t length)
{
    if (length > reader->left)
        return false;
    memcpy(to, reader->bytes, length);
    reader->bytes += length;
    reader->left -= length;
    return true;
}

static bool read_text(struct reader *reader, char **out)
{
    size_t length = 0;
    if (!read_bytes(reader, &length, sizeof length))
        return false;
    if (length == SIZE_MAX)
        return true;
    if (length > reader->left)
        return false;
    *out = mem_alloc(length + 1);
    return read_bytes(reader, *out, length);
}

static bool read_texts(struct reader *reader, struct strings *out)
{
    size_t count = 0;
    if (!read_bytes(reader, &count, sizeof count))
        return false;
    for (size_t i = 0; i < count; i++) {
        char *text = NULL;
        if (!read_text(reader, &text) || text == NULL)
            return false;
        strings_add_taken(out, text);
    }
    return true;
}

// Memory for `count` structures: each takes a byte at least, so a count that cannot be is refused
// before anything is allocated.
static void *read_count(struct reader *reader, size_t size, size_t *out_count)
{
    size_t count = 0;
    if (!read_bytes(reader, &count, sizeof count) || count > reader->left)
        return NULL;
    *out_count = count;
    return mem_alloc_array(count > 0 ? count : 1, size);
}

static bool read_structure(struct reader *reader, const struct table *table, void *structure);

static bool read_list(struct reader *reader, const struct field *field, void *structure)
{
    size_t *count = (size_t *)((char *)structure + field->count_at);
    char *items = read_count(reader, field->table->size, count);
    *(char **)((char *)structure + field->at) = items;
    for (size_t k = 0; items != NULL && k < *count; k++)
        if (!read_structure(reader, field->table, items + k * field->table->size))
            return false;
    return items != NULL;
}

static bool read_structure(struct reader *reader, const struct table *table, void *structure)
{
    bool whole = true;
    for (size_t i = 0; whole && i < table->field_count; i++) {
        const struct field *field = &table->fields[i];
        void *value = (char *)structure + field->at;
        if (field->kind == FIELD_RAW)
            whole = read_bytes(reader, value, field->size);
        else if (field->kind == FIELD_TEXT)
            whole = read_text(reader, value);
        else if (field->kind == FIELD_TEXTS)
            whole = read_texts(reader, value);
        else if (field->kind == FIELD_PART)
            whole = read_structure(reader, field->table, value);
        else
            whole = read_list(reader, field, structure);
    }
    return whole;
}

static bool read_steps(struct reader *reader, const struct lab *lab, struct attempt *out)
{
    out->steps = read_count(reader, sizeof *out->steps, &out->step_count);
    for (size_t i = 0; out->steps != NULL && i < out->step_count; i++) {
        size_t index = 0;
        if (!read_bytes(reader, &index, sizeof index) || index >= lab->step_count ||
            !read_structure(reader, &step_table, &out->steps[i]))
            return false;
        out->steps[i].step = &lab->steps[index];
    }
    return out->steps != NULL;
}

static bool read_checks(struct reader *reader, struct attempt *out)
{
    out->checks = read_count(reader, sizeof *out->checks, &out->check_count);
    for (size_t i = 0; out->checks != NULL && i < out->check_count; i++)
        if (!read_structure(reader, &check_table, &out->checks[i]))
            return false;
    return out->checks != NULL;
}

static bool steps_have_their_checks(const struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->step_count; i++) {
        const struct step_result *step = &attempt->steps[i];
        if (step->first_check > attempt->check_count ||
            step->check_count > attempt->check_count - step->first_check)
            return false;
    }
    return true;
}

bool attempt_read(const char *bytes, size_t length, const struct lab *lab, struct attempt *out)
{
    *out = (struct attempt){.lab = lab};
    struct reader reader = {bytes, length};
    if (read_structure(&reader, &attempt_table, out) && read_steps(&reader, lab, out) &&
        read_checks(&reader, out) && reader.left == 0 && steps_have_their_checks(out))
        return true;
    attempt_release(out);
    return false;
}
