// SPDX-License-Identifier: MIT
// Questions about JSON, answered by jq, which is stricter than cJSON.
#ifndef LAB_JQ_H
#define LAB_JQ_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

// The answer; the caller frees it.
static inline char *jq(const char *json, const char *filter)
{
    char path[] = "/tmp/lab-unit-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    FILE *out = fdopen(file, "w");
    fputs(json, out);
    fclose(out);
    auto_free char *command = str_format("jq -cr '%s' %s", filter, path);
    FILE *answer = popen(command, "r");
    auto_str struct str text = STR_INIT;
    char *room = str_reserve(&text, 4096);
    text.length = fread(room, 1, 4096, answer);
    while (text.length > 0 && text.data[text.length - 1] == '\n')
        text.length--;
    room[text.length] = '\0';
    ck_assert_int_eq(pclose(answer), 0);
    remove(path);
    return str_take(&text);
}

static inline void expect_jq(const char *json, const char *filter, const char *wanted)
{
    auto_free char *answer = jq(json, filter);
    ck_assert_msg(str_equal(answer, wanted), "%s gives %s, not %s, of\n%s", filter, answer, wanted,
                  json);
}

#endif
