// SPDX-License-Identifier: MIT
/*
 * `lab check --json`: one object. A field that is not known is absent, never null. Every string is
 * UTF-8: bytes that are none are written \xHH.
 */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/parts.h"

void json_add_text(cJSON *object, const char *name, const char *text)
{
    if (text == NULL)
        return;
    auto_free char *safe = visible(text);
    if (cJSON_AddStringToObject(object, name, safe) == NULL)
        abort();
}

void json_add_texts(cJSON *object, const char *name, const struct strings *texts)
{
    if (texts->count == 0)
        return;
    cJSON *array = cJSON_AddArrayToObject(object, name);
    for (size_t i = 0; i < texts->count; i++) {
        auto_free char *safe = visible(texts->items[i]);
        cJSON_AddItemToArray(array, cJSON_CreateString(safe));
    }
}

// Seconds to the microsecond: what is printed should not show how binary fractions end.
static void add_seconds(cJSON *object, const char *name, double seconds)
{
    if (isfinite(seconds))
        cJSON_AddNumberToObject(object, name, round(seconds * 1e6) / 1e6);
}

// Whole, also above 2^53, where a double would lose digits.
void json_add_seed(cJSON *object, uint64_t seed)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%" PRIu64, seed);
    cJSON_AddRawToObject(object, "seed", digits);
}

static void add_count(cJSON *object, const char *name, size_t count)
{
    cJSON_AddNumberToObject(object, name, (double)count);
}

cJSON *json_add_item(cJSON *array)
{
    cJSON *item = cJSON_CreateObject();
    if (item == NULL || !cJSON_AddItemToArray(array, item))
        abort();
    return item;
}

static void add_build(cJSON *root, const struct build_result *build)
{
    cJSON *object = cJSON_AddObjectToObject(root, "build");
    cJSON_AddBoolToObject(object, "ok", build->ok);
    cJSON_AddBoolToObject(object, "cached", build->cached);
    add_seconds(object, "seconds", build->seconds);
    json_add_text(object, "stopped", build->stopped);
    cJSON *array = cJSON_AddArrayToObject(object, "diagnostics");
    for (size_t i = 0; i < build->diagnostic_count; i++) {
        const struct build_diagnostic *diagnostic = &build->diagnostics[i];
        cJSON *item = json_add_item(array);
        json_add_text(item, "file", diagnostic->file);
        if (diagnostic->line > 0)
            cJSON_AddNumberToObject(item, "line", diagnostic->line);
        if (diagnostic->column > 0)
            cJSON_AddNumberToObject(item, "column", diagnostic->column);
        json_add_text(item, "severity", diagnostic->severity);
        json_add_text(item, "message", diagnostic->message);
    }
}

static void add_program(cJSON *check, const struct program_state *program)
{
    if (program->state == NULL)
        return;
    cJSON *object = cJSON_AddObjectToObject(check, "program");
    json_add_text(object, "state", program->state);
    if (str_equal(program->state, "exited") || str_equal(program->state, "signalled"))
        cJSON_AddNumberToObject(object, "status", program->status);
    if (program->port > 0)
        cJSON_AddNumberToObject(object, "port", program->port);
    json_add_text(object, "stderr", program->error_output);
}

// Of a program that is run: what with, and what it printed.
static void add_run(cJSON *check, const struct check_result *result)
{
    if (!result->was_run)
        return;
    json_add_texts(check, "arguments", &result->arguments);
    json_add_text(check, "stdout", result->output);
    if (result->output != NULL)
        add_count(check, "stdout_length", result->output_length);
}

static void add_transcript(cJSON *check, const struct check_result *result)
{
    if (result->transcript_count == 0)
        return;
    cJSON *array = cJSON_AddArrayToObject(check, "transcript");
    for (size_t i = 0; i < result->transcript_count; i++) {
        const struct io_record *record = &result->transcript[i];
        cJSON *item = json_add_item(array);
        add_seconds(item, "at", record->at);
        json_add_text(item, "from", record->from_program ? "program" : "grader");
        cJSON_AddNumberToObject(item, "connection", record->connection);
        add_count(item, "offset", record->offset);
        if (record->omitted > 0)
            add_count(item, "omitted", record->omitted);
        // Megabytes, all in all: borrowed.
        cJSON_AddItemToObject(
            item, "text", cJSON_CreateStringReference(record->text != NULL ? record->text : ""));
        json_add_text(item, "end", record->end);
    }
}

static void add_suspect(cJSON *check, const struct suspect *suspect)
{
    if (suspect->text == NULL)
        return;
    cJSON *object = cJSON_AddObjectToObject(check, "suspect");
    cJSON_AddNumberToObject(object, "connection", suspect->connection);
    add_count(object, "offset", suspect->offset);
    add_count(object, "length", suspect->length);
    json_add_text(object, "text", suspect->text);
}

static void add_check(cJSON *array, const struct check_result *result)
{
    cJSON *check = json_add_item(array);
    json_add_text(check, "id", result->id);
    json_add_text(check, "title", result->title);
    json_add_text(check, "status", check_status_name(result->status));
    if (result->status == CHECK_NOT_RUN)
        return;
    add_seconds(check, "seconds", result->seconds);
    json_add_text(check, "message", result->message);
    json_add_text(check, "expected", result->expected);
    json_add_text(check, "actual", result->actual);
    if (result->has_offset) {
        cJSON_AddNumberToObject(check, "connection", result->connection);
        add_count(check, "offset", result->offset);
    }
    add_suspect(check, &result->suspect);
    json_add_sql(check, &result->sql);
    json_add_text(check, "because", result->because);
    json_add_text(check, "reproduce", result->reproduce);
    json_add_text(check, "reproduce_environment", result->reproduce_environment);
    json_add_text(check, "fixed_input", result->fixed_input);
    json_add_texts(check, "notes", &result->notes);
    json_add_findings(check, result);
    add_program(check, &result->program);
    add_run(check, result);
    add_transcript(check, result);
}

static void add_steps(cJSON *root, const struct attempt *attempt)
{
    cJSON *array = cJSON_AddArrayToObject(root, "steps");
    for (size_t i = 0; i < attempt->step_count; i++) {
        const struct step_result *step = &attempt->steps[i];
        cJSON *item = json_add_item(array);
        json_add_text(item, "id", step->step->id);
        json_add_text(item, "title", step->step->title);
        cJSON_AddNumberToObject(item, "points", step->points);
        cJSON_AddNumberToObject(item, "max_points", step->step->points);
        json_add_text(item, "status", check_status_name(step->status));
        cJSON *checks = cJSON_AddArrayToObject(item, "checks");
        for (size_t j = 0; j < step->check_count; j++)
            add_check(checks, &attempt->checks[step->first_check + j]);
    }
}

// A build that failed leaves no results: every step is there all the same, not run.
static void add_steps_not_run(cJSON *root, const struct lab *lab)
{
    cJSON *array = cJSON_AddArrayToObject(root, "steps");
    for (size_t i = 0; i < lab->step_count; i++) {
        cJSON *item = json_add_item(array);
        json_add_text(item, "id", lab->steps[i].id);
        json_add_text(item, "title", lab->steps[i].title);
        cJSON_AddNumberToObject(item, "points", 0);
        cJSON_AddNumberToObject(item, "max_points", lab->steps[i].points);
        json_add_text(item, "status", check_status_name(CHECK_NOT_RUN));
        cJSON_AddArrayToObject(item, "checks");
    }
}

char *json_take_text(cJSON *root)
{
    char *printed = cJSON_PrintUnformatted(root);
    if (printed == NULL)
        abort();
    cJSON_Delete(root);
    size_t length = strlen(printed);
    printed = mem_resize(printed, length + 2);
    memcpy(printed + length, "\n", 2);
    return printed;
}

cJSON *json_attempt(const struct attempt *attempt)
{
    cJSON *root = cJSON_CreateObject();
    const struct lab *lab = attempt->lab;
    int max_points = 0;
    for (size_t i = 0; i < lab->step_count; i++)
        max_points += lab->steps[i].points;
    cJSON_AddNumberToObject(root, "version", 1);
    json_add_text(root, "lab", lab->id);
    json_add_text(root, "lab_version", lab->version);
    json_add_text(root, "program_version", LAB_VERSION);
    json_add_text(root, "sandbox", attempt->sandbox);
    json_add_seed(root, attempt->seed);
    add_count(root, "passed", attempt->passed);
    add_count(root, "failed", attempt->failed);
    if (attempt->broken > 0)
        add_count(root, "broken", attempt->broken);
    cJSON_AddNumberToObject(root, "points", attempt->points);
    cJSON_AddNumberToObject(root, "max_points",
                            attempt->max_points > 0 ? attempt->max_points : max_points);
    add_seconds(root, "seconds", attempt->seconds);
    json_add_text(root, "broken_reason", attempt->broken_reason);
    if (attempt->interrupted)
        cJSON_AddBoolToObject(root, "interrupted", true);
    add_build(root, &attempt->build);
    if (attempt->step_count > 0)
        add_steps(root, attempt);
    else
        add_steps_not_run(root, lab);
    return root;
}

char *render_attempt_json(const struct attempt *attempt)
{
    return json_take_text(json_attempt(attempt));
}
