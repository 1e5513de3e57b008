// SPDX-License-Identifier: MIT
// What `origin` is told of a failure: the bytes come whole, though nobody holds them whole.
#include "unit.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "trace/failure.h"

static struct io_record records[] = {
    {.from_program = true, .connection = 1, .offset = 0, .text = (char *)"first"},
    {.from_program = false, .connection = 1, .offset = 0, .text = (char *)"ask\\r\\n"},
    {.from_program = true, .connection = 2, .offset = 0, .text = (char *)"another's"},
    {.from_program = true, .connection = 1, .offset = 5, .text = (char *)"\\x00a\\xff"},
    // Two bytes were left out.
    {.from_program = true, .connection = 1, .offset = 10, .omitted = 2, .text = (char *)"z"},
};

static const struct check_result check = {.message = (char *)"a \"quoted\" word",
                                          .expected = (char *)"\\n",
                                          .connection = 1,
                                          .offset = 6,
                                          .has_offset = true,
                                          .transcript = records,
                                          .transcript_count = sizeof records / sizeof *records};

static cJSON *written(const struct failure_told *told)
{
    char path[] = "/tmp/lab-unit-failure-XXXXXX";
    struct err err = ERR_INIT;
    auto_str struct str text = STR_INIT;
    auto_close int file = mkstemp(path);
    ck_assert(file >= 0);
    ck_assert_msg(failure_write(told, path, &err), "%s", err.message);
    ck_assert(file_read(AT_FDCWD, path, 1 << 20, &text, &err));
    unlink(path);
    cJSON *json = cJSON_ParseWithLength(text.data, text.length);
    ck_assert_ptr_nonnull(json);
    return json;
}

static const char *text_of(const cJSON *json, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
}

START_TEST(the_bytes_of_one_connection_are_told)
{
    const struct failure_told told = {.check = &check, .connection = 1, .waits = true};
    cJSON *json = written(&told);
    ck_assert_str_eq(text_of(json, "reply"), "66697273740061ff3f3f7a");
    ck_assert_str_eq(text_of(json, "request"), "61736b0d0a");
    ck_assert_str_eq(text_of(json, "expected"), "0a");
    ck_assert(!cJSON_HasObjectItem(json, "actual"));
    ck_assert_str_eq(text_of(json, "message"), check.message);
    ck_assert(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "waits")));
    cJSON_Delete(json);
}
END_TEST

START_TEST(what_came_before_the_wrong_answer_is_left_out)
{
    ck_assert_uint_eq(failure_sent_before(&check, 1), 5);
    const struct failure_told told = {.check = &check, .connection = 1, .sent = 6};
    cJSON *json = written(&told);
    ck_assert_str_eq(text_of(json, "reply"), "61ff3f3f7a");
    cJSON_Delete(json);
}
END_TEST

START_TEST(more_than_origin_reads_does_not_fit)
{
    struct io_record far = {
        .from_program = true, .connection = 1, .offset = 100 << 20, .text = (char *)"x"};
    struct check_result flooded = check;
    flooded.transcript = &far;
    flooded.transcript_count = 1;
    struct failure_told told = {.check = &flooded, .connection = 1};
    ck_assert(!failure_fits(&told));
    told.sent = 99 << 20;
    ck_assert(failure_fits(&told));
    told = (struct failure_told){.check = &check, .connection = 1};
    ck_assert(failure_fits(&told));
}
END_TEST

START_TEST(a_place_that_cannot_be_written_is_an_error)
{
    const struct failure_told told = {.check = &check, .connection = 1};
    struct err err = ERR_INIT;
    ck_assert(!failure_write(&told, "/nowhere/failure.json", &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    ck_assert_str_eq(err.message, "/nowhere/failure.json: No such file or directory");
    err_release(&err);
    // A disk that is full says so when the last bytes are written.
    ck_assert(!failure_write(&told, "/dev/full", &err));
    ck_assert_str_eq(err.message, "/dev/full: No space left on device");
    err_release(&err);
}
END_TEST

UNIT_MAIN("failure", the_bytes_of_one_connection_are_told,
          what_came_before_the_wrong_answer_is_left_out, more_than_origin_reads_does_not_fit,
          a_place_that_cannot_be_written_is_an_error)
