// SPDX-License-Identifier: MIT
/*
 * JSON with positions. cJSON parses; it keeps no positions and accepts duplicate keys, trailing
 * text, NULs and invalid UTF-8. This loader rejects those, and finds the line and column of any
 * value afterwards, so that each complaint reads "labs/x/lab.json:12:7: …".
 *
 *     struct json_file *file = json_file_read(path, 1 << 20, &err);
 *     if (json_check_keys(file, json_file_root(file), names, count, &err) &&
 *         json_get_string(file, json_file_root(file), "id", &id, &err))
 *         …
 *     json_file_free(file);
 *
 * A caller that finds a fault of its own says it with json_fail and adds the cure by err_set_cure.
 */
#ifndef LAB_JSON_H
#define LAB_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct json_file;

// Reads and parses at most `most` bytes, nested at most 64 deep. Errors (kind `kind`) name file,
// line, column and cure. Lines count from 1; columns count characters, from 1.
struct json_file *json_file_read(const char *path, size_t most, enum err_kind kind,
                                 struct err *err);
// The same for text in memory; `name` stands for the path in messages. Copies both.
struct json_file *json_file_parse(const char *name, const char *text, size_t length,
                                  enum err_kind kind, struct err *err);
void json_file_free(struct json_file *file);               // NULL is allowed
const cJSON *json_file_root(const struct json_file *file); // borrowed

// Sets err to "file:line:column: message" at a value of this file (NULL: the file's first byte).
void json_fail(const struct json_file *file, const cJSON *value, struct err *err,
               const char *format, ...) __attribute__((format(printf, 4, 5)));
// The same at the key of a member.
void json_fail_key(const struct json_file *file, const cJSON *member, struct err *err,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));
// "a text", "a number", "an array", …: what a value is, for messages.
const char *json_type_name(const cJSON *value);

// Every key of the object is one of the names; else an error with a suggestion.
bool json_check_keys(const struct json_file *file, const cJSON *object, const char *const *names,
                     size_t count, struct err *err);
// A member, or NULL when the object has none of that name: for optional ones. Case counts.
const cJSON *json_member(const cJSON *object, const char *name);
// The first item or member, or NULL: also of NULL, so that a missing list is an empty one. The next
// one is ->next.
const cJSON *json_first(const cJSON *list);
// Typed members. A missing one or one of another type is an error. Strings are borrowed from the
// file; numbers are exact up to 2^53.
bool json_get_string(const struct json_file *file, const cJSON *object, const char *name,
                     const char **out, struct err *err);
bool json_get_integer(const struct json_file *file, const cJSON *object, const char *name,
                      long long least, long long most, long long *out, struct err *err);
bool json_get_array(const struct json_file *file, const cJSON *object, const char *name,
                    const cJSON **out, struct err *err);
bool json_get_object(const struct json_file *file, const cJSON *object, const char *name,
                     const cJSON **out, struct err *err);

#endif
