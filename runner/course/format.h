// SPDX-License-Identifier: MIT
/*
 * What the files of a course may hold, as tables: keys, types, bounds, patterns. One function
 * checks a file against its table; what it passes can be taken out without further questions.
 * labs/lab.schema.json says the same to editors, and a test makes the schema anew from the table
 * and compares.
 */
#ifndef LAB_FORMAT_H
#define LAB_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

enum format_type { FORMAT_TEXT, FORMAT_INTEGER, FORMAT_CHOICE, FORMAT_OBJECT, FORMAT_LIST };

// The expression must mean the same to POSIX (regcomp, extended) and to JSON Schema (ECMA-262).
struct format_pattern {
    const char *expression;
    const char *says; // "… expected SAYS"
    const char *like; // an example
};

struct format_field {
    const char *name; // the key; of a list's items: what one is called in messages
    enum format_type type;
    bool optional;
    long long least, most;                // TEXT: characters; INTEGER: its value; LIST: items
    const struct format_pattern *pattern; // TEXT
    const char *const *choices;           // CHOICE: NULL-terminated
    const struct format_object *object;   // OBJECT
    const struct format_field *item;      // LIST; texts in a list are all different
};

struct format_object {
    const struct format_field *fields;
    size_t count;
};

extern const struct format_object lab_format;     // lab.json
extern const struct format_object roadmap_format; // roadmap.json
extern const char *const lab_kinds[];             // NULL-terminated, in the order of enum lab_kind

// The version that these tables describe.
#define FORMAT_VERSION 1

// Checks an object and all in it. Errors have the file's kind, line, column and cure.
bool format_check(const struct json_file *file, const cJSON *object,
                  const struct format_object *format, struct err *err);
// The whole file: its version, then everything else.
bool format_check_file(const struct json_file *file, const struct format_object *format,
                       struct err *err);

#endif
