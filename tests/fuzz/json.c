// SPDX-License-Identifier: MIT
// JSON with positions: what is accepted is found again, what is refused is named with its place.
// parser: runner/base/json.c runner/base/json_scan.c
#include "target.h"

#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

// Which byte a message "t:LINE:COLUMN: …" means; the length for the place behind the last byte.
static size_t place_of(const char *message, const uint8_t *data, size_t size)
{
    size_t line = 0, column = 0;
    MUST(sscanf(message, "t:%zu:%zu: ", &line, &column) == 2);
    size_t at = 0;
    for (size_t i = 1; i < line; i++) {
        const uint8_t *newline = memchr(data + at, '\n', size - at);
        MUST(newline != NULL);
        at = (size_t)(newline - data) + 1;
    }
    for (size_t i = 1; i < column; i++) {
        MUST(at < size);
        for (at++; at < size && (data[at] & 0xc0) == 0x80; at++)
            ;
    }
    return at;
}

static bool begins(const cJSON *value, uint8_t byte)
{
    if (cJSON_IsObject(value))
        return byte == '{';
    if (cJSON_IsArray(value))
        return byte == '[';
    if (cJSON_IsString(value))
        return byte == '"';
    if (cJSON_IsNumber(value))
        return byte == '-' || (byte >= '0' && byte <= '9');
    return byte == 't' || byte == 'f' || byte == 'n';
}

static void look_at(const struct json_file *file, const cJSON *value, const uint8_t *data,
                    size_t size, int *left)
{
    if (--*left < 0)
        return; // each look reads the text again
    struct err err = ERR_INIT;
    json_fail(file, value, &err, "here is %s", json_type_name(value));
    MUST(begins(value, data[place_of(err.message, data, size)]));
    err_release(&err);
    if (value->string != NULL) {
        json_fail_key(file, value, &err, "here is \"%s\"", value->string);
        must_be_a_line(err.message);
        MUST(data[place_of(err.message, data, size)] == '"');
        err_release(&err);
    }
    for (const cJSON *child = value->child; child != NULL; child = child->next)
        look_at(file, child, data, size, left);
}

// Reads members as a caller does; each either comes or is refused in one line.
static void ask(const struct json_file *file, const cJSON *value)
{
    static const char *const names[] = {"id", "title", "points", "steps", "files"};
    const char *text = NULL;
    long long number = 0;
    const cJSON *list = NULL;
    struct err errs[5] = {ERR_INIT, ERR_INIT, ERR_INIT, ERR_INIT, ERR_INIT};
    const bool good[] = {json_check_keys(file, value, names, 5, &errs[0]),
                         json_get_string(file, value, "id", &text, &errs[1]),
                         json_get_integer(file, value, "points", -5, 100, &number, &errs[2]),
                         json_get_array(file, value, "steps", &list, &errs[3]),
                         json_get_object(file, value, "files", &list, &errs[4])};
    MUST(!good[1] || text != NULL);
    MUST(number >= -5 && number <= 100);
    for (size_t i = 0; i < 5; i++) {
        if (!good[i])
            must_be_a_line(errs[i].message);
        err_release(&errs[i]);
    }
}

// The same bytes from a file are judged alike.
static void read_file(const uint8_t *data, size_t size, bool accepted)
{
    struct err err = ERR_INIT;
    MUST(file_write(-100, "text.json", data, size, 0600, &err));
    struct json_file *file = json_file_read("text.json", 1 << 20, ERR_LAB, &err);
    MUST((file != NULL) == accepted);
    json_file_free(file);
    err_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = ERR_INIT;
    struct json_file *file = json_file_parse("t", (const char *)data, size, ERR_LAB, &err);
    if (size % 16 == 0)
        read_file(data, size, file != NULL);
    if (file == NULL) {
        must_be_a_line(err.message);
        MUST(err.cure != NULL);
        place_of(err.message, data, size);
        err_release(&err);
        return 0;
    }
    MUST(text_utf8_prefix((const char *)data, size) == size);
    int left = 50;
    look_at(file, json_file_root(file), data, size, &left);
    ask(file, json_file_root(file));
    json_file_free(file);
    return 0;
}
