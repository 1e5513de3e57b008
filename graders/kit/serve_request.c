// SPDX-License-Identifier: MIT
/*
 * The runner's request for one check. Unknown keys are ignored: runner and grader may be of
 * different ages.
 */
#include "serve_request.h"

#include <stdlib.h>
#include <string.h>

static const char *string_of(const cJSON *json, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
}

static int limit_of(const cJSON *json, const char *name, int otherwise)
{
    const cJSON *limits = cJSON_GetObjectItemCaseSensitive(json, "limits");
    const cJSON *limit = cJSON_GetObjectItemCaseSensitive(limits, name);
    return cJSON_IsNumber(limit) && limit->valueint > 0 ? limit->valueint : otherwise;
}

// The seed has 64 bits and comes as decimal digits in a string: JSON numbers lose bits.
static uint64_t seed_of(const cJSON *json)
{
    const char *digits = string_of(json, "seed");
    if (digits != NULL)
        return strtoull(digits, NULL, 10);
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(json, "seed");
    return cJSON_IsNumber(number) ? (uint64_t)number->valuedouble : 0;
}

static void strings_read(const cJSON *json, struct request *out)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "env"))
    {
        if (cJSON_IsString(item))
            strings_add_format(&out->environment, "%s=%s", item->string, item->valuestring);
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "hidden"))
    {
        if (cJSON_IsString(item))
            strings_add(&out->hidden, item->valuestring);
    }
}

bool request_read(cJSON *json, struct request *out, const char **out_missing)
{
    *out = (struct request){.json = json};
    strings_read(json, out);
    out->kit = (struct kit_request){
        .check = string_of(json, "check"),
        .program = string_of(json, "program"),
        .scratch = string_of(json, "scratch"),
        .seed = seed_of(json),
        .records = -1,
        .tracer = -1,
        .trace = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "trace")),
        .limit_seconds = limit_of(json, "seconds", 2),
        .limit_memory_mb = limit_of(json, "memory_mb", 256),
        .limit_processes = limit_of(json, "processes", 64),
        .limit_files_mb = limit_of(json, "files_mb", 64),
        .limit_output_kb = limit_of(json, "output_kb", 1024),
        .hidden = (const char *const *)out->hidden.items,
        .environment = (const char *const *)out->environment.items,
    };
    *out_missing = out->kit.check == NULL     ? "check"
                   : out->kit.program == NULL ? "program"
                   : out->kit.scratch == NULL ? "scratch"
                                              : NULL;
    return *out_missing == NULL;
}

void request_set_environment(const struct request *request)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(request->json, "grader_env"))
    {
        if (cJSON_IsString(item))
            setenv(item->string, item->valuestring, 1);
    }
}

void request_release(struct request *request)
{
    strings_release(&request->environment);
    strings_release(&request->hidden);
    cJSON_Delete(request->json);
    memset(request, 0, sizeof *request);
}
