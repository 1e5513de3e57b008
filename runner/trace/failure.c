// SPDX-License-Identifier: MIT
// The file that tells `origin` what failed.
#include "trace/failure.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/text.h"

enum { BYTES_MOST = 12 << 20 }; // of one direction; origin reads 64 MiB of digits

static size_t record_length(const struct io_record *record)
{
    auto_str struct str bytes = STR_INIT;
    text_append_unescaped(&bytes, record->text);
    return bytes.length;
}

size_t failure_sent_before(const struct check_result *check, int connection)
{
    size_t sent = 0, asked = 0;
    if (!check->has_offset)
        return 0;
    for (size_t i = 0; i < check->transcript_count; i++) {
        const struct io_record *record = &check->transcript[i];
        if (record->connection != connection)
            continue;
        size_t length = record_length(record);
        if (!record->from_program) {
            asked = length > 0 ? sent : asked;
            continue;
        }
        if (check->offset >= record->offset && check->offset < record->offset + length)
            break;
        sent = record->offset + length;
    }
    return asked;
}

bool failure_fits(const struct failure_told *told)
{
    const struct check_result *check = told->check;
    for (size_t i = 0; i < check->transcript_count; i++) {
        const struct io_record *record = &check->transcript[i];
        size_t skipped = record->from_program ? told->sent : 0;
        if (record->connection == told->connection &&
            record->offset + record_length(record) > skipped + BYTES_MOST)
            return false;
    }
    return true;
}

// ---------------------------------------------------------------- digits

// Bytes of one direction on their way into the file; the first `skipped` are left out.
struct digits {
    FILE *file;
    size_t skipped, done;
};

static void put_byte(struct digits *digits, unsigned char byte)
{
    static const char figures[] = "0123456789abcdef";
    if (digits->done++ < digits->skipped)
        return;
    putc(figures[byte >> 4], digits->file);
    putc(figures[byte & 15], digits->file);
}

static void put_bytes(struct digits *digits, const struct str *bytes)
{
    for (size_t i = 0; i < bytes->length; i++)
        put_byte(digits, (unsigned char)bytes->data[i]);
}

// One direction of the connection; what was left out is '?'.
static void put_direction(FILE *file, const struct failure_told *told, bool from_program)
{
    struct digits digits = {.file = file, .skipped = from_program ? told->sent : 0};
    auto_str struct str bytes = STR_INIT;
    for (size_t i = 0; i < told->check->transcript_count; i++) {
        const struct io_record *record = &told->check->transcript[i];
        if (record->connection != told->connection || record->from_program != from_program)
            continue;
        while (digits.done < record->offset)
            put_byte(&digits, '?');
        str_clear(&bytes);
        text_append_unescaped(&bytes, record->text);
        put_bytes(&digits, &bytes);
    }
}

// A member with the bytes of a text; none where there is no text.
static void put_text(FILE *file, const char *name, const char *escaped)
{
    if (escaped == NULL)
        return;
    struct digits digits = {.file = file};
    auto_str struct str bytes = STR_INIT;
    text_append_unescaped(&bytes, escaped);
    fprintf(file, ",\"%s\":\"", name);
    put_bytes(&digits, &bytes);
    putc('"', file);
}

// ---------------------------------------------------------------- the object

static char *facts_of(const struct failure_told *told)
{
    const struct check_result *check = told->check;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "message", check->message != NULL ? check->message : "");
    cJSON_AddStringToObject(json, "state",
                            check->program.state != NULL ? check->program.state : "");
    if (check->has_offset)
        cJSON_AddNumberToObject(json, "offset", (double)check->offset);
    if (check->suspect.text != NULL && check->suspect.connection == told->connection) {
        cJSON_AddNumberToObject(json, "suspect", (double)check->suspect.offset);
        cJSON_AddNumberToObject(json, "suspect_length", (double)check->suspect.length);
    }
    cJSON_AddBoolToObject(json, "waits", told->waits);
    cJSON_AddBoolToObject(json, "printed", str_equal(check->stream, "stdout"));
    cJSON_AddBoolToObject(json, "unheard", told->is_unheard);
    cJSON_AddNumberToObject(json, "status", check->program.status);
    if (check->awaited != NULL)
        cJSON_AddStringToObject(json, "awaited", check->awaited);
    cJSON_AddBoolToObject(json, "was_run", check->was_run);
    char *text = cJSON_PrintUnformatted(json);
    if (text == NULL)
        abort();
    cJSON_Delete(json);
    return text;
}

static void put(FILE *file, const struct failure_told *told)
{
    const struct check_result *check = told->check;
    auto_free char *facts = facts_of(told);
    fwrite(facts, 1, strlen(facts) - 1, file); // its '}' comes at the end
    put_text(file, "expected", check->expected);
    put_text(file, "actual", check->actual);
    fputs(",\"reply\":\"", file);
    put_direction(file, told, true);
    fputs("\",\"request\":\"", file);
    put_direction(file, told, false);
    fputs("\"}", file);
}

bool failure_write(const struct failure_told *told, const char *path, struct err *err)
{
    // The box's user reads it.
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    bool good = file != NULL;
    if (file == NULL && descriptor >= 0)
        close(descriptor);
    if (good) {
        put(file, told);
        good = ferror(file) == 0;
        good = fclose(file) == 0 && good;
    }
    if (!good)
        err_set(err, ERR_ENV, "%s: %s", path, strerror(errno));
    return good;
}
