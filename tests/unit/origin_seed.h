// SPDX-License-Identifier: MIT
/*
 * With ORIGIN_SEEDS in the environment, the recordings that the tests of origin make are kept in
 * that folder, as seeds of the fuzz target `recording`: they fit this compiler and this build.
 */
#ifndef LAB_ORIGIN_SEED_H
#define LAB_ORIGIN_SEED_H

#include <check.h>
#include <cjson/cJSON.h>
#include <fcntl.h>
#include <stdlib.h>

#include "../fuzz/packed.h"
#include "base/file.h"
#include "base/hash.h"
#include "trace/origin/rules.h"

static inline void seed_bytes(cJSON *json, const char *name, const struct bytes *bytes)
{
    auto_str struct str digits = STR_INIT;
    for (size_t i = 0; i < bytes->length; i++)
        str_append_format(&digits, "%02x", bytes->data[i]);
    cJSON_AddStringToObject(json, name, str_text(&digits));
}

// As runner/trace/origin.c writes it.
static inline char *seed_failure(const struct failure *failure)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "message", failure->message);
    cJSON_AddStringToObject(json, "state", failure->state);
    cJSON_AddNumberToObject(json, "offset", (double)failure->offset);
    cJSON_AddNumberToObject(json, "suspect", (double)failure->suspect);
    cJSON_AddNumberToObject(json, "suspect_length", (double)failure->suspect_length);
    cJSON_AddBoolToObject(json, "waits", failure->waits);
    cJSON_AddBoolToObject(json, "was_run", failure->was_run);
    cJSON_AddBoolToObject(json, "printed", failure->printed);
    cJSON_AddNumberToObject(json, "status", (double)failure->status);
    if (failure->awaited != NULL)
        cJSON_AddStringToObject(json, "awaited", failure->awaited);
    if (failure->has_expected)
        seed_bytes(json, "expected", &failure->expected);
    if (failure->has_actual)
        seed_bytes(json, "actual", &failure->actual);
    seed_bytes(json, "reply", &failure->reply);
    seed_bytes(json, "request", &failure->request);
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    return text;
}

static inline void seed_keep(const char *program, const char *recording,
                             const struct failure *failure)
{
    const char *folder = getenv("ORIGIN_SEEDS");
    if (folder == NULL)
        return;
    struct err err = ERR_INIT;
    auto_str struct str file = STR_INIT, steps = STR_INIT;
    auto_str struct str packed = STR_INIT, out = STR_INIT;
    auto_free char *text = seed_failure(failure);
    ck_assert(file_read(AT_FDCWD, program, 64 << 20, &file, &err));
    ck_assert(file_read(AT_FDCWD, recording, 64 << 20, &steps, &err));
    pack(&file, 0, &packed);
    unsigned char head[PACKED_HEAD];
    packed_size(strlen(text), head);
    packed_size(packed.length, head + 4);
    str_append_bytes(&out, head, sizeof head);
    str_append_bytes(&out, text, strlen(text));
    str_append_bytes(&out, packed.data, packed.length);
    pack(&steps, PACKED_STEP, &out);
    auto_free char *digits = hash_hex(text, strlen(text));
    auto_free char *path = path_join(folder, digits);
    ck_assert_msg(file_write(AT_FDCWD, path, out.data, out.length, 0644, &err), "%s", err.message);
}

#endif
