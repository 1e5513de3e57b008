// SPDX-License-Identifier: MIT
// The files that a workspace is made of: reading the stub, comparing, writing.
#include "workspace/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { FILE_BYTES = 64 << 20, DEPTH = 16 };

void wanted_add(struct wanted_files *files, const char *name, const void *bytes, size_t length,
                mode_t mode)
{
    files->items = mem_resize(files->items, (files->count + 1) * sizeof *files->items);
    struct wanted_file *file = &files->items[files->count++];
    *file = (struct wanted_file){mem_copy_string(name), STR_INIT, mode};
    str_append_bytes(&file->bytes, bytes, length);
}

const struct wanted_file *wanted_find(const struct wanted_files *files, const char *name)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->items[i].name, name) == 0)
            return &files->items[i];
    return NULL;
}

void wanted_release(struct wanted_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].name);
        str_release(&files->items[i].bytes);
    }
    free(files->items);
    *files = (struct wanted_files){0};
}

// ---- the stub

static bool read_stub_folder(const char *stub, const char *prefix, int depth,
                             struct wanted_files *out, struct err *err);

static bool read_stub_entry(const char *stub, const char *name, int depth, struct wanted_files *out,
                            struct err *err)
{
    auto_free char *path = path_join(stub, name);
    struct stat status;
    if (lstat(path, &status) < 0) {
        err_set(err, ERR_LAB, "%s: %s", path, strerror(errno));
        return false;
    }
    if (S_ISDIR(status.st_mode))
        return read_stub_folder(stub, name, depth + 1, out, err);
    auto_str struct str bytes = STR_INIT;
    if (!file_read(AT_FDCWD, path, FILE_BYTES, &bytes, err))
        return false;
    mode_t mode = (status.st_mode & S_IXUSR) != 0 ? 0755 : 0644;
    wanted_add(out, name, str_text(&bytes), bytes.length, mode);
    return true;
}

static bool read_stub_folder(const char *stub, const char *prefix, int depth,
                             struct wanted_files *out, struct err *err)
{
    auto_free char *folder = path_join(stub, prefix);
    auto_strings struct strings names = STRINGS_INIT;
    if (depth > DEPTH) {
        err_set(err, ERR_LAB, "%s: folders inside each other too deeply", folder);
        return false;
    }
    if (!folder_list(folder, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        auto_free char *name = path_join(prefix, names.items[i]);
        if (!read_stub_entry(stub, name, depth, out, err))
            return false;
    }
    return true;
}

bool wanted_stub(const struct lab *lab, struct wanted_files *out, struct err *err)
{
    auto_free char *stub = path_join(lab->folder, "stub");
    if (read_stub_folder(stub, "", 0, out, err))
        return true;
    err_set_cure(err, "install lab again, or mend the course %s", lab->course);
    return false;
}

// ---- what is there, and writing

enum presence wanted_presence(const char *folder, const struct wanted_file *file)
{
    auto_free char *path = path_join(folder, file->name);
    struct stat status;
    if (lstat(path, &status) < 0)
        return errno == ENOENT || errno == ENOTDIR ? PRESENT_NOT : PRESENT_OTHER;
    auto_str struct str bytes = STR_INIT;
    bool same = file_read(AT_FDCWD, path, FILE_BYTES, &bytes, NULL) &&
                bytes.length == file->bytes.length &&
                (bytes.length == 0 || memcmp(bytes.data, file->bytes.data, bytes.length) == 0);
    return same ? PRESENT_SAME : PRESENT_OTHER;
}

bool cannot_write(struct err *err)
{
    if (err != NULL && err->kind == ERR_ENV)
        err_set_cure(err, "make the folder writable and see that its disk has space (df -h)");
    return false;
}

static bool make_parent(const char *path, struct err *err)
{
    auto_free char *parent = str_format("%.*s", (int)(path_base(path) - path - 1), path);
    return folder_make_all(parent, 0755, err);
}

static bool write_new(int file, const struct wanted_file *wanted)
{
    size_t done = 0;
    while (done < wanted->bytes.length) {
        ssize_t sent = write(file, wanted->bytes.data + done, wanted->bytes.length - done);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        done += (size_t)sent;
    }
    return true;
}

bool wanted_create(const char *folder, const struct wanted_file *file, struct err *err)
{
    auto_free char *path = path_join(folder, file->name);
    if (!make_parent(path, err))
        return cannot_write(err);
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int created = open(path, flags, file->mode);
    if (created < 0) {
        err_set(err, ERR_ENV, "%s: %s", path, strerror(errno));
        return cannot_write(err);
    }
    bool whole = write_new(created, file);
    int reason = errno;
    if (close(created) < 0 && whole) {
        whole = false;
        reason = errno;
    }
    if (whole)
        return true;
    // A half file would look like the learner's own the next time.
    unlink(path);
    err_set(err, ERR_ENV, "%s: %s", path, strerror(reason));
    return cannot_write(err);
}

bool wanted_replace(const char *folder, const struct wanted_file *file, struct err *err)
{
    auto_free char *path = path_join(folder, file->name);
    return (make_parent(path, err) &&
            file_write_atomic(path, str_text(&file->bytes), file->bytes.length, file->mode, err)) ||
           cannot_write(err);
}

// ---- backups

char *backup_make(const char *folder, struct err *err)
{
    auto_free char *backups = path_join(folder, WORKSPACE_FOLDER "/backup");
    if (!folder_make_all(backups, 0755, err)) {
        cannot_write(err);
        return NULL;
    }
    for (unsigned number = 1;; number++) {
        auto_free char *path = str_format("%s/%u", backups, number);
        if (mkdir(path, 0755) == 0)
            return take(path);
        if (errno != EEXIST) {
            err_set(err, ERR_ENV, "%s: %s", path, strerror(errno));
            cannot_write(err);
            return NULL;
        }
    }
}
