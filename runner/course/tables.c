// SPDX-License-Identifier: MIT
// The tables: what lab.json and roadmap.json may hold. labs/README.md explains each key.
#include "course/format.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define LIMITS(lowest, highest) .least = (lowest), .most = (highest)

static const struct format_pattern id = {
    "^[a-z][a-z0-9-]*$", "lower-case letters, digits and '-', a letter first", "http-basics"};
// Control characters would end up on somebody's terminal.
static const struct format_pattern line = {
    "^[^\001-\037\177]*$", "one line without control characters", "How a server answers"};
// No '..', no absolute and no hidden path can be written in it; a Makefile needs no quotes.
static const struct format_pattern path = {
    "^[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*$",
    "a path inside the folder: letters, digits and _ . + - between single '/', no .. and nothing "
    "hidden",
    "server.c"};
// Both end up on command lines: nothing in them may look like an option.
static const struct format_pattern module = {"^[A-Za-z0-9][A-Za-z0-9+._-]*$",
                                             "a module's name as pkg-config knows it", "zlib"};
static const struct format_pattern debian = {"^[a-z0-9][a-z0-9+.-]*$",
                                             "a package's name as apt knows it", "zlib1g-dev"};

const char *const lab_kinds[] = {"server", "client", "tool", NULL};
static const char *const difficulties[] = {"easy", "medium", "hard", NULL};

static const struct format_field path_item = {
    .name = "file", .type = FORMAT_TEXT, LIMITS(1, 120), .pattern = &path};
static const struct format_field lab_item = {
    .name = "lab", .type = FORMAT_TEXT, LIMITS(1, 40), .pattern = &id};
static const struct format_field service_item = {
    .name = "service", .type = FORMAT_TEXT, LIMITS(1, 40), .pattern = &id};

static const struct format_field files_fields[] = {
    {.name = "edit", .type = FORMAT_LIST, LIMITS(1, 50), .item = &path_item},
    {.name = "given", .type = FORMAT_LIST, .optional = true, LIMITS(0, 50), .item = &path_item},
};
static const struct format_object files = {files_fields, COUNT(files_fields)};

static const struct format_field package_fields[] = {
    {.name = "pkg_config",
     .type = FORMAT_TEXT,
     .optional = true,
     LIMITS(1, 80),
     .pattern = &module},
    {.name = "debian", .type = FORMAT_TEXT, LIMITS(1, 80), .pattern = &debian},
};
static const struct format_object package = {package_fields, COUNT(package_fields)};
static const struct format_field package_item = {
    .name = "package", .type = FORMAT_OBJECT, .object = &package};

static const struct format_field limit_fields[] = {
    {.name = "seconds", .type = FORMAT_INTEGER, .optional = true, LIMITS(1, 10)},
    {.name = "memory_mb", .type = FORMAT_INTEGER, .optional = true, LIMITS(32, 4096)},
    {.name = "processes", .type = FORMAT_INTEGER, .optional = true, LIMITS(4, 1024)},
    {.name = "files_mb", .type = FORMAT_INTEGER, .optional = true, LIMITS(1, 1024)},
    {.name = "output_kb", .type = FORMAT_INTEGER, .optional = true, LIMITS(16, 65536)},
};
static const struct format_object limits = {limit_fields, COUNT(limit_fields)};

static const struct format_field step_fields[] = {
    {.name = "id", .type = FORMAT_TEXT, LIMITS(1, 40), .pattern = &id},
    {.name = "title", .type = FORMAT_TEXT, LIMITS(1, 40), .pattern = &line},
    {.name = "points", .type = FORMAT_INTEGER, LIMITS(1, 100)},
};
static const struct format_object step = {step_fields, COUNT(step_fields)};
static const struct format_field step_item = {
    .name = "step", .type = FORMAT_OBJECT, .object = &step};

static const struct format_field lab_fields[] = {
    // For editors alone: "../lab.schema.json".
    {.name = "$schema", .type = FORMAT_TEXT, .optional = true, LIMITS(1, 200), .pattern = &line},
    {.name = "version", .type = FORMAT_INTEGER, LIMITS(FORMAT_VERSION, FORMAT_VERSION)},
    {.name = "id", .type = FORMAT_TEXT, LIMITS(1, 40), .pattern = &id},
    {.name = "title", .type = FORMAT_TEXT, LIMITS(1, 60), .pattern = &line},
    {.name = "summary", .type = FORMAT_TEXT, LIMITS(1, 200), .pattern = &line},
    {.name = "stage", .type = FORMAT_TEXT, LIMITS(1, 40), .pattern = &id},
    {.name = "order", .type = FORMAT_INTEGER, LIMITS(1, 1000)},
    {.name = "kind", .type = FORMAT_CHOICE, .choices = lab_kinds},
    {.name = "difficulty", .type = FORMAT_CHOICE, .choices = difficulties},
    {.name = "minutes", .type = FORMAT_INTEGER, LIMITS(1, 6000)},
    {.name = "prerequisites",
     .type = FORMAT_LIST,
     .optional = true,
     LIMITS(0, 50),
     .item = &lab_item},
    {.name = "files", .type = FORMAT_OBJECT, .object = &files},
    {.name = "packages",
     .type = FORMAT_LIST,
     .optional = true,
     LIMITS(0, 20),
     .item = &package_item},
    {.name = "services",
     .type = FORMAT_LIST,
     .optional = true,
     LIMITS(0, 10),
     .item = &service_item},
    {.name = "limits", .type = FORMAT_OBJECT, .optional = true, .object = &limits},
    {.name = "steps", .type = FORMAT_LIST, LIMITS(1, 50), .item = &step_item},
};
const struct format_object lab_format = {lab_fields, COUNT(lab_fields)};

static const struct format_field stage_fields[] = {
    {.name = "id", .type = FORMAT_TEXT, LIMITS(1, 40), .pattern = &id},
    {.name = "title", .type = FORMAT_TEXT, LIMITS(1, 40), .pattern = &line},
};
static const struct format_object stage = {stage_fields, COUNT(stage_fields)};
static const struct format_field stage_item = {
    .name = "stage", .type = FORMAT_OBJECT, .object = &stage};

static const struct format_field roadmap_fields[] = {
    {.name = "version", .type = FORMAT_INTEGER, LIMITS(FORMAT_VERSION, FORMAT_VERSION)},
    {.name = "stages", .type = FORMAT_LIST, LIMITS(1, 100), .item = &stage_item},
};
const struct format_object roadmap_format = {roadmap_fields, COUNT(roadmap_fields)};
