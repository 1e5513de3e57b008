// SPDX-License-Identifier: MIT
// Finding submissions.
#include "classroom/submissions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

static const char *const endings[] = {".zip", ".tar.gz", ".tgz"};
// Archives that lab does not read: somebody handed them in all the same.
static const char *const others[] = {".rar", ".7z", ".tar", ".tar.xz", ".txz", ".tar.bz2", ".gz"};

// Bytes of the name without one of these endings; 0: it has none.
static size_t stem(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_ends_with(name, list[i]) && strlen(name) > strlen(list[i]))
            return strlen(name) - strlen(list[i]);
    return 0;
}

static struct submission *add(struct submissions *submissions, const char *folder, const char *base,
                              size_t length)
{
    submissions->items =
        mem_resize(submissions->items, (submissions->count + 1) * sizeof *submissions->items);
    struct submission *item = &submissions->items[submissions->count++];
    *item = (struct submission){.name = str_format("%.*s", (int)length, base),
                                .path = path_join(folder, base)};
    return item;
}

static bool is_same(const struct stat *a, const char *path)
{
    struct stat other;
    return path != NULL && stat(path, &other) == 0 && other.st_dev == a->st_dev &&
           other.st_ino == a->st_ino;
}

static void look_at(struct submissions *out, const char *folder, const char *base,
                    const char *except, struct strings *notes)
{
    auto_free char *path = path_join(folder, base);
    size_t archive = stem(base, endings, sizeof endings / sizeof *endings);
    size_t other = stem(base, others, sizeof others / sizeof *others);
    struct stat status;
    if (lstat(path, &status) < 0) {
        add(out, folder, base, strlen(base))->refused = mem_copy_string(strerror(errno));
    } else if (S_ISLNK(status.st_mode)) {
        add(out, folder, base, archive > 0 ? archive : strlen(base))->refused =
            mem_copy_string("it is a symbolic link; put the folder or the archive in its place");
    } else if (S_ISDIR(status.st_mode)) {
        if (!is_same(&status, except))
            add(out, folder, base, strlen(base));
    } else if (S_ISREG(status.st_mode) && archive > 0) {
        add(out, folder, base, archive)->archive = true;
    } else if (S_ISREG(status.st_mode) && other > 0) {
        add(out, folder, base, other)->refused =
            str_format("%s is an archive of a kind that lab does not read; it reads .zip and "
                       ".tar.gz",
                       base);
    } else {
        strings_add_format(notes, "%s is no folder, no .zip and no .tar.gz: left out", path);
    }
}

static int compare(const void *a, const void *b)
{
    const struct submission *left = a;
    const struct submission *right = b;
    int order = strverscmp(left->name, right->name); // student-9 before student-10
    return order != 0 ? order : strcmp(left->path, right->path);
}

static void release(struct submission *submission)
{
    free(submission->name);
    free(submission->path);
    free(submission->refused);
}

// Nobody can tell which of two is meant: neither is graded.
static void join_doubles(struct submissions *submissions)
{
    size_t kept = 0;
    for (size_t i = 0; i < submissions->count; i++) {
        struct submission *item = &submissions->items[i];
        struct submission *before = kept > 0 ? &submissions->items[kept - 1] : NULL;
        if (before == NULL || strcmp(before->name, item->name) != 0) {
            submissions->items[kept++] = *item;
            continue;
        }
        char *why = str_format("there are two: %s and %s; leave one of them",
                               path_base(before->path), path_base(item->path));
        free(before->refused);
        before->refused = why;
        release(item);
    }
    submissions->count = kept;
}

bool submissions_find(const char *folder, const char *except, struct submissions *out,
                      struct strings *notes, struct err *err)
{
    *out = (struct submissions){0};
    auto_strings struct strings names = STRINGS_INIT;
    struct err why = ERR_INIT;
    auto_free char *real = path_real(folder, &why);
    if (real == NULL || !path_is_folder(real)) {
        err_release(&why);
        err_set(err, ERR_USAGE, "%s: no folder of submissions", folder);
        err_set_cure(err, "name a folder that has a folder, a .zip or a .tar.gz for each student");
        return false;
    }
    if (!folder_list(real, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++)
        look_at(out, real, names.items[i], except, notes);
    if (out->count == 0) {
        err_set(err, ERR_USAGE, "%s holds no submissions", folder);
        err_set_cure(err, "put a folder, a .zip or a .tar.gz for each student into it");
        return false;
    }
    qsort(out->items, out->count, sizeof *out->items, compare);
    join_doubles(out);
    return true;
}

void submissions_release(struct submissions *submissions)
{
    for (size_t i = 0; i < submissions->count; i++)
        release(&submissions->items[i]);
    free(submissions->items);
    *submissions = (struct submissions){0};
}

const struct submission *submissions_named(const struct submissions *submissions, const char *name)
{
    for (size_t i = 0; i < submissions->count; i++)
        if (strcmp(submissions->items[i].name, name) == 0)
            return &submissions->items[i];
    return NULL;
}
