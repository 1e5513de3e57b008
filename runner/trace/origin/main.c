// SPDX-License-Identifier: MIT
// origin PROGRAM FAILURE: a recording on stdin, one line of JSON on stdout.
#include <cjson/cJSON.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "trace/origin/rules.h"

enum { FRAMES_MOST = 32 };

static const char *text_of(const cJSON *json, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
    return text != NULL ? text : "";
}

static long number_of(const cJSON *json, const char *name)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(json, name);
    return cJSON_IsNumber(number) ? (long)number->valuedouble : -1;
}

static bool bytes_of(const cJSON *json, const char *name, struct bytes *out)
{
    const char *text = text_of(json, name);
    out->length = strlen(text) / 2;
    out->data = mem_alloc(out->length + 1);
    for (size_t i = 0; i < out->length; i++) {
        const char digits[] = {text[2 * i], text[2 * i + 1], '\0'};
        out->data[i] = (unsigned char)strtoul(digits, NULL, 16);
    }
    return cJSON_HasObjectItem(json, name);
}

static void read_failure(const cJSON *json, struct failure *out)
{
    *out = (struct failure){.message = text_of(json, "message"),
                            .state = text_of(json, "state"),
                            .offset = number_of(json, "offset"),
                            .suspect = number_of(json, "suspect"),
                            .suspect_length = number_of(json, "suspect_length")};
    out->has_expected = bytes_of(json, "expected", &out->expected);
    out->has_actual = bytes_of(json, "actual", &out->actual);
    out->waits = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "waits"));
    out->printed = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "printed"));
    out->is_unheard = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "unheard"));
    out->awaited = text_of(json, "awaited");
    out->status = number_of(json, "status");
    out->was_run = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "was_run"));
    bytes_of(json, "reply", &out->reply);
    bytes_of(json, "request", &out->request);
}

static const char *shown_file(const char *file)
{
    return strncmp(file, "./", 2) == 0 ? file + 2 : file;
}

static void add_frame(cJSON *frames, const char *file, int line, const char *function)
{
    cJSON *frame = cJSON_CreateObject();
    cJSON_AddStringToObject(frame, "file", shown_file(file));
    cJSON_AddNumberToObject(frame, "line", line);
    if (function != NULL)
        cJSON_AddStringToObject(frame, "function", function);
    cJSON_AddItemToArray(frames, frame);
}

static void print(const struct recording *r, const struct told *told)
{
    static const char *const kinds[] = {"none", "made_by", "read_by", "closed_by"};
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "kind", kinds[told->kind]);
    if (told->note != NULL)
        cJSON_AddStringToObject(json, "note", told->note);
    if (told->name != NULL)
        cJSON_AddStringToObject(json, "name", told->name);
    if (told->call != NULL) {
        cJSON_AddStringToObject(json, "call", told->call);
        cJSON_AddNumberToObject(json, "argument", told->argument);
    }
    cJSON_AddBoolToObject(json, "name_on_line", told->name_on_line);
    cJSON_AddBoolToObject(json, "before_crash", told->before_crash);
    cJSON *frames = cJSON_AddArrayToObject(json, "frames");
    if (told->kind != TOLD_NONE && told->step == NOBODY)
        add_frame(frames, r->files[told->file], told->line, NULL);
    int32_t step = told->kind == TOLD_NONE ? NOBODY : told->step;
    for (int i = 0; step != NOBODY && i < FRAMES_MOST; i++, step = r->parent[step]) {
        const struct instruction *insn = at(r, step);
        if (insn->line > 0)
            add_frame(frames, r->files[insn->file], insn->line,
                      insn->function != NOBODY ? r->functions[insn->function].name : NULL);
    }
    auto_free char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    puts(text != NULL ? text : "{}");
}

int main(int argc, char **argv)
{
    struct err err = ERR_INIT;
    auto_str struct str text = STR_INIT;
    if (argc != 3) {
        fputs("usage: origin PROGRAM FAILURE <recording\n", stderr);
        return 2;
    }
    if (!file_read(AT_FDCWD, argv[2], 64 << 20, &text, &err)) {
        fprintf(stderr, "origin: %s\n", err.message);
        return 4;
    }
    cJSON *json = cJSON_ParseWithLength(text.data, text.length);
    struct recording *r = recording_load(0, argv[1]);
    if (json == NULL || r == NULL) {
        fputs("origin: no failure, or no recording on stdin\n", stderr);
        return 1;
    }
    struct failure failure;
    struct told told = {.kind = TOLD_NONE, .step = NOBODY};
    read_failure(json, &failure);
    decide(r, &failure, &told);
    print(r, &told);
    return fflush(stdout) == 0 ? 0 : 4;
}
