// SPDX-License-Identifier: MIT
// A submission's result file, written and read.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "render/class.h"
#include "render/parts.h"

enum { CHECKS_MOST = 10000 };

static const char *const statuses[] = {"open", "graded", "refused", "broken"};

const char *class_status_name(enum class_status status)
{
    return statuses[status];
}

void class_row_release(struct class_row *row)
{
    free(row->name);
    free(row->message);
    free(row->submitted);
    free(row->sources);
    free(row->sandbox);
    free(row->feedback);
    free(row->steps);
    free(row->checks);
    *row = (struct class_row){0};
}

void class_view_release(struct class_view *view)
{
    for (size_t i = 0; i < view->count; i++)
        class_row_release(&view->rows[i]);
    for (size_t i = 0; i < view->change_count; i++) {
        free(view->changes[i].name);
        strings_release(&view->changes[i].better);
        strings_release(&view->changes[i].worse);
    }
    free(view->rows);
    free(view->changes);
    free(view->graded);
    strings_release(&view->checks);
    strings_release(&view->titles);
    *view = (struct class_view){0};
}

// ---------------------------------------------------------------- written

static cJSON *without_attempt(const struct lab *lab, uint64_t seed, const struct class_row *row)
{
    cJSON *root = cJSON_CreateObject();
    int max_points = 0;
    for (size_t i = 0; i < lab->step_count; i++)
        max_points += lab->steps[i].points;
    cJSON_AddNumberToObject(root, "version", 1);
    json_add_text(root, "lab", lab->id);
    json_add_text(root, "lab_version", lab->version);
    json_add_text(root, "program_version", LAB_VERSION);
    json_add_text(root, "sandbox", row->sandbox);
    json_add_seed(root, seed);
    cJSON_AddNumberToObject(root, "points", 0);
    cJSON_AddNumberToObject(root, "max_points", max_points);
    return root;
}

// As it is: control characters too, which JSON can write.
static void add_name(cJSON *root, const char *name)
{
    size_t length = strlen(name);
    if (text_utf8_prefix(name, length) == length)
        cJSON_AddStringToObject(root, "submission", name);
    else
        json_add_text(root, "submission", name);
}

char *render_submission_json(const struct lab *lab, uint64_t seed, const struct class_row *row,
                             const struct attempt *attempt)
{
    cJSON *root = attempt != NULL ? json_attempt(attempt) : without_attempt(lab, seed, row);
    add_name(root, row->name);
    json_add_text(root, "status", class_status_name(row->status));
    json_add_text(root, "message", row->message);
    json_add_text(root, "submitted", row->submitted);
    json_add_text(root, "sources", row->sources);
    return json_take_text(root);
}

char *render_submission_feedback(const struct class_row *row, const struct attempt *attempt)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    if (stream == NULL)
        abort();
    const struct screen screen = {.out = stream, .width = 80};
    const struct report_options options = {.command = "lab"};
    struct report report;
    report_begin(&report, &screen, &options);
    for (size_t i = 0; attempt != NULL && attempt->build.ok && i < attempt->step_count; i++)
        report_step(&report, attempt, &attempt->steps[i]);
    if (attempt != NULL)
        report_end(&report, attempt);
    if (row->message != NULL)
        screen_say(&screen, "%s: %s", class_status_name(row->status), row->message);
    if (fclose(stream) != 0)
        abort();
    return text;
}

// ---------------------------------------------------------------- read

struct reading {
    struct json_file *file;
    struct class_view *view;
    struct class_row *row;
    struct err *err;
};

static char *optional_text(const struct reading *reading, const char *name)
{
    const cJSON *value = json_member(json_file_root(reading->file), name);
    return cJSON_IsString(value) ? mem_copy_string(value->valuestring) : NULL;
}

static bool read_status(struct reading *reading)
{
    const cJSON *root = json_file_root(reading->file);
    const char *text = NULL;
    if (!json_get_string(reading->file, root, "status", &text, reading->err))
        return false;
    for (size_t i = CLASS_GRADED; i < sizeof statuses / sizeof *statuses; i++)
        if (strcmp(statuses[i], text) == 0) {
            reading->row->status = (enum class_status)i;
            return true;
        }
    json_fail(reading->file, json_member(root, "status"), reading->err, "no status of a result");
    return false;
}

static bool read_check_status(const struct reading *reading, const cJSON *object,
                              enum check_status *out)
{
    const char *text = NULL;
    if (!json_get_string(reading->file, object, "status", &text, reading->err))
        return false;
    for (enum check_status status = CHECK_NOT_RUN; status <= CHECK_BROKEN; status++)
        if (strcmp(check_status_name(status), text) == 0) {
            *out = status;
            return true;
        }
    json_fail(reading->file, object, reading->err, "no status of a check");
    return false;
}

// The check at this place; the first result says which there are.
static bool place_check(struct reading *reading, const cJSON *check, size_t index, bool first)
{
    struct class_view *view = reading->view;
    const char *id = NULL;
    const char *title = NULL;
    if (!json_get_string(reading->file, check, "id", &id, reading->err) ||
        !json_get_string(reading->file, check, "title", &title, reading->err))
        return false;
    if (first) {
        strings_add(&view->checks, id);
        strings_add(&view->titles, title);
        return true;
    }
    if (index < view->checks.count && strcmp(view->checks.items[index], id) == 0)
        return true;
    json_fail(reading->file, check, reading->err, "other checks than the results before");
    return false;
}

static bool read_checks(struct reading *reading, const cJSON *step, size_t *count, bool first)
{
    struct class_row *row = reading->row;
    const cJSON *checks = NULL;
    if (!json_get_array(reading->file, step, "checks", &checks, reading->err))
        return false;
    for (const cJSON *check = json_first(checks); check != NULL; check = check->next) {
        if (*count >= CHECKS_MOST) {
            json_fail(reading->file, check, reading->err, "more checks than a lab can have");
            return false;
        }
        row->checks = mem_resize(row->checks, (*count + 1) * sizeof *row->checks);
        if (!place_check(reading, check, *count, first) ||
            !read_check_status(reading, check, &row->checks[*count]))
            return false;
        enum check_status status = row->checks[(*count)++];
        const cJSON *message = json_member(check, "message");
        if (row->message == NULL && cJSON_IsString(message) &&
            (status == CHECK_FAILED || status == CHECK_BROKEN))
            row->message = mem_copy_string(message->valuestring);
    }
    return true;
}

static bool read_steps(struct reading *reading)
{
    const cJSON *root = json_file_root(reading->file);
    const struct lab *lab = reading->view->lab;
    struct class_row *row = reading->row;
    const bool first = reading->view->checks.count == 0;
    const cJSON *steps = NULL;
    size_t index = 0;
    size_t checks = 0;
    if (!json_get_array(reading->file, root, "steps", &steps, reading->err))
        return false;
    const bool earlier = reading->view->earlier;
    const size_t most = earlier ? (size_t)cJSON_GetArraySize(steps) : lab->step_count;
    row->steps = mem_alloc_array(most + 1, sizeof *row->steps);
    for (const cJSON *step = json_first(steps); step != NULL; step = step->next, index++) {
        if (index == most)
            break;
        if (!read_check_status(reading, step, &row->steps[index]) ||
            !read_checks(reading, step, &checks, first))
            return false;
        if (row->steps[index] == CHECK_PASSED && row->steps_passed == index)
            row->steps_passed++;
    }
    if ((earlier || index == lab->step_count) && checks == reading->view->checks.count)
        return true;
    json_fail(reading->file, steps, reading->err, "not the steps and checks of %s", lab->id);
    return false;
}

static char *compiler_message(const cJSON *build)
{
    const cJSON *message = json_member(json_first(json_member(build, "diagnostics")), "message");
    const cJSON *stopped = json_member(build, "stopped");
    return cJSON_IsString(message)   ? mem_copy_string(message->valuestring)
           : cJSON_IsString(stopped) ? mem_copy_string(stopped->valuestring)
                                     : mem_copy_string("it does not compile");
}

static bool read_result(struct reading *reading)
{
    const cJSON *root = json_file_root(reading->file);
    const struct lab *lab = reading->view->lab;
    struct class_row *row = reading->row;
    const char *id = NULL;
    const char *name = NULL;
    long long points = 0;
    if (!json_get_string(reading->file, root, "lab", &id, reading->err) ||
        !json_get_string(reading->file, root, "submission", &name, reading->err) ||
        !json_get_integer(reading->file, root, "points", 0, 1000000, &points, reading->err) ||
        !read_status(reading))
        return false;
    if (strcmp(id, lab->id) != 0) {
        json_fail(reading->file, json_member(root, "lab"), reading->err,
                  "a result of %s, not of %s", id, lab->id);
        return false;
    }
    row->name = mem_copy_string(name);
    row->points = (int)points;
    row->message = optional_text(reading, "message");
    row->submitted = optional_text(reading, "submitted");
    row->sources = optional_text(reading, "sources");
    row->sandbox = optional_text(reading, "sandbox");
    row->compiled = cJSON_IsTrue(json_member(json_member(root, "build"), "ok"));
    if (row->status == CLASS_GRADED && !row->compiled)
        row->message = compiler_message(json_member(root, "build"));
    return json_member(root, "steps") == NULL || read_steps(reading);
}

bool class_row_read(const char *path, const char *text, size_t length, struct class_view *view,
                    struct class_row *out, struct err *err)
{
    struct reading reading = {.file = json_file_parse(path, text, length, ERR_LAB, err),
                              .view = view,
                              .row = out,
                              .err = err};
    *out = (struct class_row){0};
    const bool first = view->checks.count == 0;
    if (reading.file != NULL && read_result(&reading)) {
        json_file_free(reading.file);
        return true;
    }
    json_file_free(reading.file);
    class_row_release(out);
    if (first) {
        strings_release(&view->checks);
        strings_release(&view->titles);
        view->checks = view->titles = (struct strings)STRINGS_INIT;
    }
    return false;
}
