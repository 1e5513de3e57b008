// SPDX-License-Identifier: MIT
// Checks a JSON value against a table of what it may hold.
#include "course/format.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

static bool check_value(const struct json_file *file, const cJSON *value,
                        const struct format_field *field, struct err *err);

static bool wrong_type(const struct json_file *file, const cJSON *value,
                       const struct format_field *field, const char *type, struct err *err)
{
    json_fail(file, value, err, "\"%s\" is %s, expected %s", field->name, json_type_name(value),
              type);
    err_set_cure(err, "make it %s", type);
    return false;
}

// Characters, as JSON Schema counts them; the text is valid UTF-8.
static long long characters(const char *text)
{
    long long count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static bool matches(const struct format_pattern *pattern, const char *text)
{
    regex_t compiled;
    if (regcomp(&compiled, pattern->expression, REG_EXTENDED | REG_NOSUB) != 0)
        abort(); // the tables are ours
    bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return found;
}

static bool check_text(const struct json_file *file, const cJSON *value,
                       const struct format_field *field, struct err *err)
{
    if (!cJSON_IsString(value))
        return wrong_type(file, value, field, "a text", err);
    long long length = characters(value->valuestring);
    if (length < field->least) {
        json_fail(file, value, err, "\"%s\" is empty", field->name);
        err_set_cure(err, "write it like \"%s\"", field->pattern->like);
        return false;
    }
    if (length > field->most) {
        json_fail(file, value, err, "\"%s\" has %lld characters, at most %lld fit", field->name,
                  length, field->most);
        err_set_cure(err, "shorten it");
        return false;
    }
    if (!matches(field->pattern, value->valuestring)) {
        json_fail(file, value, err, "\"%s\" is \"%s\", expected %s", field->name,
                  value->valuestring, field->pattern->says);
        err_set_cure(err, "write it like \"%s\"", field->pattern->like);
        return false;
    }
    return true;
}

static bool check_integer(const struct json_file *file, const cJSON *value,
                          const struct format_field *field, struct err *err)
{
    if (!cJSON_IsNumber(value))
        return wrong_type(file, value, field, "a whole number", err);
    double number = value->valuedouble;
    // The bounds are compared first: what lies between them fits the conversion.
    if (number < (double)field->least || number > (double)field->most ||
        (double)(long long)number != number) {
        json_fail(file, value, err, "\"%s\" is %.15g, expected a whole number from %lld to %lld",
                  field->name, number, field->least, field->most);
        err_set_cure(err, "write a whole number from %lld to %lld", field->least, field->most);
        return false;
    }
    return true;
}

static bool check_choice(const struct json_file *file, const cJSON *value,
                         const struct format_field *field, struct err *err)
{
    if (!cJSON_IsString(value))
        return wrong_type(file, value, field, "a text", err);
    auto_str struct str all = STR_INIT;
    size_t count = 0;
    for (; field->choices[count] != NULL; count++) {
        if (strcmp(field->choices[count], value->valuestring) == 0)
            return true;
        str_append_format(&all, "%s\"%s\"", count > 0 ? ", " : "", field->choices[count]);
    }
    json_fail(file, value, err, "\"%s\" is \"%s\", known are %s", field->name, value->valuestring,
              str_text(&all));
    const char *meant = text_suggest(value->valuestring, field->choices, count);
    if (meant != NULL)
        err_set_cure(err, "did you mean \"%s\"?", meant);
    else
        err_set_cure(err, "write one of %s", str_text(&all));
    return false;
}

static bool check_different(const struct json_file *file, const cJSON *list,
                            const struct format_field *field, struct err *err)
{
    for (const cJSON *item = json_first(list); item != NULL; item = item->next) {
        for (const cJSON *before = list->child; before != item; before = before->next) {
            if (strcmp(before->valuestring, item->valuestring) != 0)
                continue;
            json_fail(file, item, err, "\"%s\" names \"%s\" twice", field->name, item->valuestring);
            err_set_cure(err, "remove one of the two");
            return false;
        }
    }
    return true;
}

static bool check_list(const struct json_file *file, const cJSON *value,
                       const struct format_field *field, struct err *err)
{
    if (!cJSON_IsArray(value))
        return wrong_type(file, value, field, "an array", err);
    long long count = cJSON_GetArraySize(value);
    if (count < field->least || count > field->most) {
        json_fail(file, value, err, "\"%s\" has %lld items, expected %lld to %lld", field->name,
                  count, field->least, field->most);
        err_set_cure(err, count < field->least ? "add what is missing" : "remove some");
        return false;
    }
    for (const cJSON *item = json_first(value); item != NULL; item = item->next) {
        if (!check_value(file, item, field->item, err))
            return false;
    }
    return field->item->type != FORMAT_TEXT || check_different(file, value, field, err);
}

static bool check_value(const struct json_file *file, const cJSON *value,
                        const struct format_field *field, struct err *err)
{
    switch (field->type) {
    case FORMAT_TEXT:
        return check_text(file, value, field, err);
    case FORMAT_INTEGER:
        return check_integer(file, value, field, err);
    case FORMAT_CHOICE:
        return check_choice(file, value, field, err);
    case FORMAT_LIST:
        return check_list(file, value, field, err);
    case FORMAT_OBJECT:
        return cJSON_IsObject(value) ? format_check(file, value, field->object, err)
                                     : wrong_type(file, value, field, "an object", err);
    }
    abort();
}

static bool known_keys(const struct json_file *file, const cJSON *object,
                       const struct format_object *format, struct err *err)
{
    auto_free const char **names = mem_alloc_array(format->count, sizeof *names);
    for (size_t i = 0; i < format->count; i++)
        names[i] = format->fields[i].name;
    return json_check_keys(file, object, names, format->count, err);
}

bool format_check(const struct json_file *file, const cJSON *object,
                  const struct format_object *format, struct err *err)
{
    // A mistyped key is both unknown and missing: the first says more.
    if (!known_keys(file, object, format, err))
        return false;
    for (size_t i = 0; i < format->count; i++) {
        const struct format_field *field = &format->fields[i];
        const cJSON *member = json_member(object, field->name);
        if (member == NULL && !field->optional) {
            json_fail(file, object, err, "the key \"%s\" is missing", field->name);
            err_set_cure(err, "add \"%s\"; labs/README.md says what each key means", field->name);
            return false;
        }
        if (member != NULL && !check_value(file, member, field, err))
            return false;
    }
    return true;
}

bool format_check_file(const struct json_file *file, const struct format_object *format,
                       struct err *err)
{
    const cJSON *root = json_file_root(file);
    const cJSON *version = json_member(root, "version");
    // Before all else: a later version may well have keys that are unknown here.
    if (cJSON_IsNumber(version) && version->valuedouble > FORMAT_VERSION) {
        json_fail(file, version, err, "version %.15g of this file, known here is version %d",
                  version->valuedouble, FORMAT_VERSION);
        err_set_cure(err, "use a newer lab (this one is %s)", LAB_VERSION);
        return false;
    }
    return format_check(file, root, format, err);
}
