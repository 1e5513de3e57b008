// SPDX-License-Identifier: MIT
/*
 * A lab's version: a hash over what decides a grade and what the learner is given. Wrong and
 * accepted programs are left out: they judge the grader, not the learner.
 */
#include "course/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"

enum { MOST_BYTES = 64 << 20, MOST_DEPTH = 16, DIGITS = 32 };

static bool add_file(struct hash *hash, const char *path, const char *name, struct err *err)
{
    auto_str struct str bytes = STR_INIT;
    if (!file_read(AT_FDCWD, path, MOST_BYTES, &bytes, err))
        return false;
    hash_add_field(hash, name, strlen(name));
    hash_add_field(hash, str_text(&bytes), bytes.length);
    return true;
}

static bool odd_file(const char *path, const char *what, struct err *err)
{
    err_set(err, ERR_LAB, "%s: %s", path, what);
    err_set_cure(err, "a lab holds folders and plain files: put the file itself there");
    return false;
}

static bool add_folder(struct hash *hash, const char *folder, const char *prefix, size_t depth,
                       struct err *err);

static bool add_entry(struct hash *hash, const char *path, const char *name, size_t depth,
                      struct err *err)
{
    struct stat status;
    if (lstat(path, &status) < 0) {
        err_set(err, ERR_ENV, "%s: %s", path, strerror(errno));
        return false;
    }
    if (S_ISDIR(status.st_mode))
        return add_folder(hash, path, name, depth, err);
    if (S_ISREG(status.st_mode))
        return add_file(hash, path, name, err);
    return odd_file(path, S_ISLNK(status.st_mode) ? "a link" : "a special file", err);
}

static bool add_folder(struct hash *hash, const char *folder, const char *prefix, size_t depth,
                       struct err *err)
{
    auto_strings struct strings names = STRINGS_INIT;
    if (depth == MOST_DEPTH)
        return odd_file(folder, "folders inside each other too deeply", err);
    if (!folder_list(folder, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        auto_free char *path = path_join(folder, names.items[i]);
        auto_free char *name = str_format("%s/%s", prefix, names.items[i]);
        if (!add_entry(hash, path, name, depth + 1, err))
            return false;
    }
    return true;
}

// The grader's source where it is there: the same on every machine. Else the grader itself.
static bool add_grader(struct hash *hash, const struct lab *lab, struct err *err)
{
    auto_free char *source = str_format("%s/graders/%s.c", lab->course, lab->id);
    if (path_exists(source))
        return add_file(hash, source, "grader source", err);
    return !path_exists(lab->grader) || add_file(hash, lab->grader, "grader", err);
}

static bool add_lab(struct hash *hash, const struct lab *lab, struct err *err)
{
    static const char *const files[] = {"lab.json", "lesson.md"};
    static const char *const folders[] = {"stub", "solution"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        auto_free char *path = path_join(lab->folder, files[i]);
        if (path_exists(path) && !add_file(hash, path, files[i], err))
            return false;
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        auto_free char *path = path_join(lab->folder, folders[i]);
        if (path_exists(path) && !add_folder(hash, path, folders[i], 0, err))
            return false;
    }
    return add_grader(hash, lab, err);
}

char *lab_version(const struct lab *lab, struct err *err)
{
    struct hash *hash = hash_new();
    bool whole = add_lab(hash, lab, err);
    char *hex = hash_finish(hash);
    if (!whole) {
        free(hex);
        return NULL;
    }
    hex[DIGITS] = '\0'; // 128 of its bits tell versions apart, and fit a line
    return hex;
}
