// SPDX-License-Identifier: MIT
// labs/lab.schema.json and labs/README.md say of lab.json what the parser's tables say.
#include "unit.h"

#include <string.h>

#include "course/course.h"
#include "course/format.h"
#include "course/lesson.h"
#include "made_course.h"

// ---- labs/lab.schema.json

static cJSON *schema_of(const struct format_field *field);

static cJSON *object_schema(const struct format_object *object)
{
    cJSON *schema = cJSON_CreateObject();
    cJSON_AddStringToObject(schema, "type", "object");
    cJSON_AddFalseToObject(schema, "additionalProperties");
    cJSON *required = cJSON_AddArrayToObject(schema, "required");
    cJSON *properties = cJSON_AddObjectToObject(schema, "properties");
    for (size_t i = 0; i < object->count; i++) {
        const struct format_field *field = &object->fields[i];
        cJSON_AddItemToObject(properties, field->name, schema_of(field));
        if (!field->optional)
            cJSON_AddItemToArray(required, cJSON_CreateString(field->name));
    }
    return schema;
}

static void add_bounds(cJSON *schema, const struct format_field *field, const char *least,
                       const char *most)
{
    cJSON_AddNumberToObject(schema, least, (double)field->least);
    cJSON_AddNumberToObject(schema, most, (double)field->most);
}

// What the schema must say of a field, made from the parser's table.
static cJSON *schema_of(const struct format_field *field)
{
    if (field->type == FORMAT_OBJECT)
        return object_schema(field->object);
    cJSON *schema = cJSON_CreateObject();
    switch (field->type) {
    case FORMAT_TEXT:
        cJSON_AddStringToObject(schema, "type", "string");
        add_bounds(schema, field, "minLength", "maxLength");
        cJSON_AddStringToObject(schema, "pattern", field->pattern->expression);
        break;
    case FORMAT_INTEGER:
        cJSON_AddStringToObject(schema, "type", "integer");
        add_bounds(schema, field, "minimum", "maximum");
        break;
    case FORMAT_CHOICE: {
        cJSON *choices = cJSON_AddArrayToObject(schema, "enum");
        for (size_t i = 0; field->choices[i] != NULL; i++)
            cJSON_AddItemToArray(choices, cJSON_CreateString(field->choices[i]));
        break;
    }
    case FORMAT_LIST:
        cJSON_AddStringToObject(schema, "type", "array");
        add_bounds(schema, field, "minItems", "maxItems");
        if (field->item->type == FORMAT_TEXT)
            cJSON_AddTrueToObject(schema, "uniqueItems");
        cJSON_AddItemToObject(schema, "items", schema_of(field->item));
        break;
    case FORMAT_OBJECT:
        break;
    }
    return schema;
}

// Removes what a schema says to people and not to validators.
static void strip(cJSON *schema)
{
    static const char *const annotations[] = {"$schema",     "$comment", "title",
                                              "description", "examples", "default"};
    for (size_t i = 0; i < sizeof annotations / sizeof *annotations; i++)
        cJSON_DeleteItemFromObjectCaseSensitive(schema, annotations[i]);
    cJSON *property = NULL;
    cJSON_ArrayForEach(property, cJSON_GetObjectItemCaseSensitive(schema, "properties"))
        strip(property);
    cJSON *items = cJSON_GetObjectItemCaseSensitive(schema, "items");
    if (items != NULL)
        strip(items);
}

static cJSON *read_schema(void)
{
    struct err err = ERR_INIT;
    auto_str struct str text = STR_INIT;
    ck_assert_msg(file_read(-100, LAB_SOURCE_DIR "/labs/lab.schema.json", 1 << 20, &text, &err),
                  "%s", err.message);
    cJSON *schema = cJSON_ParseWithLength(text.data, text.length);
    ck_assert_ptr_nonnull(schema);
    return schema;
}

START_TEST(the_schema_says_what_the_parser_does)
{
    cJSON *schema = read_schema();
    ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(schema, "$schema")),
                     "https://json-schema.org/draft/2020-12/schema");
    cJSON *expected = object_schema(&lab_format);
    strip(schema);
    auto_free char *is = cJSON_PrintUnformatted(schema);
    auto_free char *should = cJSON_PrintUnformatted(expected);
    ck_assert_msg(cJSON_Compare(schema, expected, true), "lab.schema.json:\n%s\ntables.c:\n%s", is,
                  should);
    cJSON_Delete(schema);
    cJSON_Delete(expected);
}
END_TEST

START_TEST(the_schema_s_defaults_are_the_parser_s)
{
    char *root = made_course();
    made_lab(root, "x", "one", 1);
    auto_free char *folder = path_join(root, "labs/x");
    struct err err = ERR_INIT;
    struct lab *lab = lab_load_folder(folder, &err);
    ck_assert_msg(lab != NULL, "%s", err.message);
    const struct {
        const char *name;
        int value;
    } limits[] = {{"seconds", lab->limits.seconds},
                  {"memory_mb", lab->limits.memory_mb},
                  {"processes", lab->limits.processes},
                  {"files_mb", lab->limits.files_mb},
                  {"output_kb", lab->limits.output_kb}};
    cJSON *schema = read_schema();
    const cJSON *properties = cJSON_GetObjectItem(
        cJSON_GetObjectItem(cJSON_GetObjectItem(schema, "properties"), "limits"), "properties");
    ck_assert_int_eq(cJSON_GetArraySize(properties), 5);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const cJSON *limit = cJSON_GetObjectItem(properties, limits[i].name);
        ck_assert_int_eq(cJSON_GetObjectItem(limit, "default")->valueint, limits[i].value);
    }
    cJSON_Delete(schema);
    lab_free(lab);
    made_remove(root);
}
END_TEST

// ---- labs/README.md

static char *read_readme(void)
{
    struct err err = ERR_INIT;
    struct str text = STR_INIT;
    ck_assert_msg(file_read(-100, LAB_SOURCE_DIR "/labs/README.md", 1 << 20, &text, &err), "%s",
                  err.message);
    return str_take(&text);
}

// Every key has its row of a table.
static void all_keys_are_in(const char *readme, const struct format_object *object)
{
    for (size_t i = 0; i < object->count; i++) {
        const struct format_field *field = &object->fields[i];
        auto_free char *row = str_format("\n| `%s` |", field->name);
        ck_assert_msg(strstr(readme, row) != NULL, "labs/README.md has no row for %s", field->name);
        if (field->type == FORMAT_LIST)
            field = field->item;
        if (field->type == FORMAT_OBJECT)
            all_keys_are_in(readme, field->object);
    }
}

// The first block of the README in that language; the caller frees it.
static char *first_block(const char *readme, const char *fence)
{
    const char *begin = strstr(readme, fence);
    ck_assert_ptr_nonnull(begin);
    begin = strchr(begin, '\n') + 1;
    return str_format("%.*s", (int)(strstr(begin, "```") - begin), begin);
}

START_TEST(the_readme_explains_every_key_and_its_example_is_good)
{
    auto_free char *readme = read_readme();
    all_keys_are_in(readme, &lab_format);
    char *root = made_course();
    made_lab(root, "greeter", "one", 1);
    auto_free char *example = first_block(readme, "```json\n");
    made_file(root, "labs/greeter/lab.json", example);
    auto_free char *folder = path_join(root, "labs/greeter");
    struct err err = ERR_INIT;
    struct lab *lab = lab_load_folder(folder, &err);
    ck_assert_msg(lab != NULL, "%s", err.message);
    auto_free char *text = first_block(readme, "````markdown\n");
    made_file(root, "labs/greeter/lesson.md", text);
    struct lesson lesson;
    ck_assert_msg(lesson_load(lab, &lesson, &err), "%s", err.message);
    ck_assert_uint_eq(lesson.sections[0].numbered, 3);
    lesson_release(&lesson);
    lab_free(lab);
    made_remove(root);
}
END_TEST

START_TEST(the_fault_that_the_readme_shows_is_said_so)
{
    auto_free char *readme = read_readme();
    char *root = made_course();
    made_lab(root, "greeter", "one", 1);
    auto_free char *example = first_block(readme, "```json\n");
    char *key = strstr(example, "\"minutes\"");
    memcpy(key, "\"minuts\" ", strlen("\"minutes\""));
    made_file(root, "labs/greeter/lab.json", example);
    auto_free char *folder = path_join(root, "labs/greeter");
    struct err err = ERR_INIT;
    ck_assert_ptr_null(lab_load_folder(folder, &err));
    ck_assert_msg(strstr(readme, strstr(err.message, "labs/greeter/")) != NULL, "%s", err.message);
    ck_assert_msg(strstr(readme, err.cure) != NULL, "%s", err.cure);
    err_release(&err);
    made_remove(root);
}
END_TEST

UNIT_MAIN("schema", the_schema_says_what_the_parser_does, the_schema_s_defaults_are_the_parser_s,
          the_readme_explains_every_key_and_its_example_is_good,
          the_fault_that_the_readme_shows_is_said_so)
