// SPDX-License-Identifier: MIT
// JSON with positions: cJSON parses, json_scan refuses what cJSON lets pass and finds places.
#include "base/json.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json_scan.h"
#include "base/str.h"
#include "base/text.h"

struct json_file {
    char *name; // what messages call it
    char *text;
    size_t length;
    enum err_kind kind;
    cJSON *root;
};

// ---- places

// A message is one line, whatever the file's texts hold: control characters become escapes, and a
// key of a megabyte does not fill the screen.
static char *one_line(const char *message)
{
    const size_t most = 300;
    size_t length = strlen(message);
    size_t shown = length > most ? text_utf8_prefix(message, most) : length;
    struct str line = STR_INIT;
    for (size_t i = 0; i < shown; i++)
        if ((unsigned char)message[i] < 0x20 || message[i] == 0x7f)
            text_append_escaped(&line, message + i, 1);
        else
            str_append_char(&line, message[i]);
    if (shown < length)
        str_append(&line, " …");
    return str_take(&line);
}

// Lines count from 1; columns count characters from 1, as editors do.
static void fail_at(const struct json_file *file, size_t offset, struct err *err,
                    const char *message)
{
    size_t line = 1;
    size_t column = 1;
    for (size_t i = 0; i < offset && i < file->length; i++) {
        if (file->text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)file->text[i] & 0xc0) != 0x80) {
            column++;
        }
    }
    auto_free char *shown = one_line(message);
    err_set(err, file->kind, "%s:%zu:%zu: %s", file->name, line, column, shown);
}

// Counts values in the order of their first bytes, as json_scan_find does; true once at `wanted`.
static bool count_to(const cJSON *value, const cJSON *wanted, size_t *count)
{
    if (value == wanted)
        return true;
    ++*count;
    for (const cJSON *child = value->child; child != NULL; child = child->next)
        if (count_to(child, wanted, count))
            return true;
    return false;
}

static struct json_scan_place place_of(const struct json_file *file, const cJSON *value)
{
    struct json_scan_place place = {0, 0};
    size_t nth = 0;
    if (value != NULL && count_to(file->root, value, &nth))
        json_scan_find(file->text, file->length, nth, &place);
    return place;
}

void json_fail(const struct json_file *file, const cJSON *value, struct err *err,
               const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    auto_free char *message = str_format_list(format, arguments);
    va_end(arguments);
    fail_at(file, place_of(file, value).value, err, message);
}

void json_fail_key(const struct json_file *file, const cJSON *member, struct err *err,
                   const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    auto_free char *message = str_format_list(format, arguments);
    va_end(arguments);
    fail_at(file, place_of(file, member).key, err, message);
}

// ---- reading

struct member {
    const cJSON *value;
};

static int compare_names(const void *a, const void *b)
{
    const struct member *left = a;
    const struct member *right = b;
    return strcmp(left->value->string, right->value->string);
}

// A member whose key another member of the object has too, or NULL. Sorted, so that an object of
// very many keys costs little more than reading it.
static const cJSON *doubled_member(const cJSON *object)
{
    size_t count = 0;
    auto_free struct member *members =
        mem_alloc_array((size_t)cJSON_GetArraySize(object), sizeof *members);
    for (const cJSON *value = json_first(object); value != NULL; value = value->next)
        members[count++].value = value;
    qsort(members, count, sizeof *members, compare_names);
    for (size_t i = 1; i < count; i++)
        if (strcmp(members[i - 1].value->string, members[i].value->string) == 0)
            return members[i].value;
    return NULL;
}

static bool check_doubled(const struct json_file *file, const cJSON *value, struct err *err)
{
    const cJSON *doubled = cJSON_IsObject(value) ? doubled_member(value) : NULL;
    if (doubled != NULL) {
        // The sort may name either of them; the last one in the file is the one too many.
        for (const cJSON *later = doubled->next; later != NULL; later = later->next)
            if (strcmp(later->string, doubled->string) == 0)
                doubled = later;
        json_fail_key(file, doubled, err, "the key \"%s\" is there twice", doubled->string);
        err_set_cure(err, "remove one of the two");
        return false;
    }
    for (const cJSON *child = value->child; child != NULL; child = child->next)
        if (!check_doubled(file, child, err))
            return false;
    return true;
}

static bool parse(struct json_file *file, struct err *err)
{
    struct json_scan_fault fault;
    if (!json_scan(file->text, file->length, &fault)) {
        fail_at(file, fault.offset, err, fault.message);
        err_set_cure(err, "%s", fault.cure);
        return false;
    }
    file->root = cJSON_ParseWithLength(file->text, file->length);
    if (file->root == NULL) {
        fail_at(file, 0, err, "not JSON");
        err_set_cure(err, "check the file with jq");
        return false;
    }
    return check_doubled(file, file->root, err);
}

struct json_file *json_file_parse(const char *name, const char *text, size_t length,
                                  enum err_kind kind, struct err *err)
{
    struct json_file *file = mem_alloc(sizeof *file);
    file->name = mem_copy_string(name);
    file->text = mem_alloc(length + 1);
    if (length > 0)
        memcpy(file->text, text, length);
    file->length = length;
    file->kind = kind;
    if (!parse(file, err)) {
        json_file_free(file);
        return NULL;
    }
    return file;
}

struct json_file *json_file_read(const char *path, size_t most, enum err_kind kind, struct err *err)
{
    auto_str struct str bytes = STR_INIT;
    struct err reason = ERR_INIT;
    if (!file_read(AT_FDCWD, path, most, &bytes, &reason)) {
        reason.kind = kind;
        err_move(err, &reason);
        return NULL;
    }
    return json_file_parse(path, str_text(&bytes), bytes.length, kind, err);
}

void json_file_free(struct json_file *file)
{
    if (file == NULL)
        return;
    cJSON_Delete(file->root);
    free(file->text);
    free(file->name);
    free(file);
}

const cJSON *json_file_root(const struct json_file *file)
{
    return file->root;
}

// ---- members

const char *json_type_name(const cJSON *value)
{
    return cJSON_IsString(value)   ? "a text"
           : cJSON_IsNumber(value) ? "a number"
           : cJSON_IsBool(value)   ? "true or false"
           : cJSON_IsArray(value)  ? "an array"
           : cJSON_IsObject(value) ? "an object"
                                   : "null";
}

static bool is_object(const struct json_file *file, const cJSON *value, struct err *err)
{
    if (cJSON_IsObject(value))
        return true;
    json_fail(file, value, err, "expected an object, found %s", json_type_name(value));
    err_set_cure(err, "write { … }");
    return false;
}

bool json_check_keys(const struct json_file *file, const cJSON *object, const char *const *names,
                     size_t count, struct err *err)
{
    if (!is_object(file, object, err))
        return false;
    for (const cJSON *member = object->child; member != NULL; member = member->next) {
        size_t i = 0;
        while (i < count && strcmp(names[i], member->string) != 0)
            i++;
        if (i < count)
            continue;
        json_fail_key(file, member, err, "unknown key \"%s\"", member->string);
        const char *meant = text_suggest(member->string, names, count);
        auto_str struct str all = STR_INIT;
        for (i = 0; i < count; i++)
            str_append_format(&all, "%s%s", i > 0 ? ", " : "", names[i]);
        if (meant != NULL)
            err_set_cure(err, "did you mean \"%s\"?", meant);
        else
            err_set_cure(err, "remove it; the keys here are %s", str_text(&all));
        return false;
    }
    return true;
}

const cJSON *json_member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const cJSON *json_first(const cJSON *list)
{
    return list != NULL ? list->child : NULL;
}

// The member, or NULL and err: it is not there, or `fits` is false for it.
static const cJSON *member_of(const struct json_file *file, const cJSON *object, const char *name,
                              cJSON_bool (*fits)(const cJSON *const), const char *type,
                              struct err *err)
{
    if (!is_object(file, object, err))
        return NULL;
    const cJSON *member = json_member(object, name);
    if (member == NULL) {
        json_fail(file, object, err, "the key \"%s\" is missing", name);
        err_set_cure(err, "add \"%s\", %s", name, type);
        return NULL;
    }
    if (!fits(member)) {
        json_fail(file, member, err, "\"%s\" is %s, expected %s", name, json_type_name(member),
                  type);
        err_set_cure(err, "make it %s", type);
        return NULL;
    }
    return member;
}

bool json_get_string(const struct json_file *file, const cJSON *object, const char *name,
                     const char **out, struct err *err)
{
    const cJSON *member = member_of(file, object, name, cJSON_IsString, "a text", err);
    if (member == NULL)
        return false;
    *out = member->valuestring;
    return true;
}

bool json_get_integer(const struct json_file *file, const cJSON *object, const char *name,
                      long long least, long long most, long long *out, struct err *err)
{
    const cJSON *member = member_of(file, object, name, cJSON_IsNumber, "a whole number", err);
    if (member == NULL)
        return false;
    double number = member->valuedouble;
    // Beyond 2^53 a double has lost digits: such numbers travel as texts.
    const double exact = 9007199254740992.0;
    bool whole = number >= -exact && number <= exact && (double)(long long)number == number;
    if (!whole || (long long)number < least || (long long)number > most) {
        json_fail(file, member, err, "\"%s\" is %.17g, expected a whole number from %lld to %lld",
                  name, number, least, most);
        err_set_cure(err, "write a whole number from %lld to %lld", least, most);
        return false;
    }
    *out = (long long)number;
    return true;
}

bool json_get_array(const struct json_file *file, const cJSON *object, const char *name,
                    const cJSON **out, struct err *err)
{
    const cJSON *member = member_of(file, object, name, cJSON_IsArray, "an array", err);
    if (member == NULL)
        return false;
    *out = member;
    return true;
}

bool json_get_object(const struct json_file *file, const cJSON *object, const char *name,
                     const cJSON **out, struct err *err)
{
    const cJSON *member = member_of(file, object, name, cJSON_IsObject, "an object", err);
    if (member == NULL)
        return false;
    *out = member;
    return true;
}
