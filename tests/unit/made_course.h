// SPDX-License-Identifier: MIT
// Courses that tests make: folders below /tmp with a roadmap and small labs.
#ifndef LAB_MADE_COURSE_H
#define LAB_MADE_COURSE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"

#define MADE_ROADMAP                                                                               \
    "{\"version\":1,\"stages\":[{\"id\":\"one\",\"title\":\"One\"},"                               \
    "{\"id\":\"two\",\"title\":\"Two\"}]}"

// What a made lab.json says where a test does not say otherwise.
#define MADE_STEPS                                                                                 \
    "\"steps\": [{\"id\": \"first\", \"title\": \"does one thing\", \"points\": 40},\n"            \
    " {\"id\": \"second\", \"title\": \"does another\", \"points\": 60}]"
#define MADE_FILES "\"files\": {\"edit\": [\"server.c\"]}"

static inline void made_file(const char *root, const char *name, const char *text)
{
    struct err err = ERR_INIT;
    auto_free char *path = path_join(root, name);
    auto_free char *folder = str_format("%.*s", (int)(path_base(path) - path - 1), path);
    ck_assert_msg(folder_make_all(folder, 0700, &err), "%s", err.message);
    ck_assert_msg(file_write(-100, path, text, strlen(text), 0600, &err), "%s", err.message);
}

// lab.json for `id`: everything before "files" is right; `rest` follows it.
static inline char *made_lab_text(const char *id, const char *stage, int order, const char *rest)
{
    return str_format(
        "{\"version\": 1, \"id\": \"%s\", \"title\": \"A lab\", \"summary\": \"S.\",\n"
        "\"stage\": \"%s\", \"order\": %d, \"kind\": \"server\",\n"
        "\"difficulty\": \"easy\", \"minutes\": 5,\n%s}\n",
        id, stage, order, rest);
}

static inline void made_lab(const char *root, const char *id, const char *stage, int order)
{
    auto_free char *text = made_lab_text(id, stage, order, MADE_FILES ",\n" MADE_STEPS);
    auto_free char *json = str_format("labs/%s/lab.json", id);
    auto_free char *stub = str_format("labs/%s/stub/server.c", id);
    made_file(root, json, text);
    made_file(root, stub, "int main(void)\n{\n    return 0;\n}\n");
}

// A course with the roadmap above and no labs; the caller frees the path and calls made_remove.
static inline char *made_course(void)
{
    char template[] = "/tmp/lab-unit-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(template));
    made_file(template, "labs/roadmap.json", MADE_ROADMAP);
    struct err err = ERR_INIT;
    return path_real(template, &err);
}

static inline void made_remove(char *root)
{
    struct err err = ERR_INIT;
    ck_assert_msg(folder_remove_all(root, &err), "%s", err.message);
    free(root);
}

#endif
