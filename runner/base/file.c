// SPDX-License-Identifier: MIT
// Paths, files and folders.
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *path_join(const char *folder, const char *name)
{
    if (folder[0] == '\0' || name[0] == '/')
        return mem_copy_string(name);
    return str_format("%s%s%s", folder, str_ends_with(folder, "/") ? "" : "/", name);
}

char *path_parent(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return mem_copy_string(".");
    return slash == path ? mem_copy_string("/") : str_format("%.*s", (int)(slash - path), path);
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

bool path_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool path_is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

char *path_real(const char *path, struct err *err)
{
    char *real = realpath(path, NULL);
    if (real == NULL)
        err_set(err, ERR_ENV, "%s: %s", path, strerror(errno));
    return real;
}

bool file_read(int at, const char *path, size_t most, struct str *out, struct err *err)
{
    auto_close int file = openat(at, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat status;
    if (file < 0 || fstat(file, &status) < 0) {
        err_set(err, ERR_ENV, "%s: %s", path, strerror(errno));
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        err_set(err, ERR_ENV, "%s: not a regular file", path);
        return false;
    }
    size_t before = out->length;
    for (;;) {
        char *end = str_reserve(out, 65536);
        ssize_t got = read(file, end, 65536);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            err_set(err, ERR_ENV, "%s: %s", path, strerror(errno));
            return false;
        }
        out->length += (size_t)got;
        out->data[out->length] = '\0';
        if (got == 0)
            return true;
        if (out->length - before > most) {
            err_set(err, ERR_ENV, "%s: larger than %zu bytes", path, most);
            return false;
        }
    }
}

static bool write_all(int file, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = write(file, bytes, length);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

static pthread_mutex_t writers = PTHREAD_MUTEX_INITIALIZER;

void file_writers_hold(void)
{
    pthread_mutex_lock(&writers);
}

void file_writers_let_go(void)
{
    pthread_mutex_unlock(&writers);
}

bool file_write(int at, const char *path, const void *bytes, size_t length, mode_t mode,
                struct err *err)
{
    file_writers_hold();
    int file = openat(at, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    bool whole = file >= 0 && write_all(file, bytes, length);
    int reason = errno;
    if (file >= 0 && close(file) < 0 && whole) {
        whole = false;
        reason = errno;
    }
    file_writers_let_go();
    if (!whole)
        err_set(err, ERR_ENV, "%s: %s", path, strerror(reason));
    return whole;
}

bool file_write_atomic(const char *path, const void *bytes, size_t length, mode_t mode,
                       struct err *err)
{
    auto_free char *temporary = str_format("%s.XXXXXX", path);
    int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0) {
        err_set(err, ERR_ENV, "%s: %s", path, strerror(errno));
        return false;
    }
    bool whole = write_all(file, bytes, length) && fchmod(file, mode) == 0 && fsync(file) == 0;
    int reason = errno;
    if (close(file) < 0 && whole) {
        whole = false;
        reason = errno;
    }
    if (whole && rename(temporary, path) < 0) {
        whole = false;
        reason = errno;
    }
    if (!whole) {
        unlink(temporary);
        err_set(err, ERR_ENV, "%s: %s", path, strerror(reason));
    }
    return whole;
}

// Whatever the umask says.
static bool set_mode(const char *path, mode_t mode, struct err *err)
{
    if (chmod(path, mode) == 0)
        return true;
    err_set(err, ERR_ENV, "%s: %s", path, strerror(errno));
    return false;
}

bool file_copy(const char *from, const char *to, mode_t mode, struct err *err)
{
    auto_str struct str bytes = STR_INIT;
    return file_read(AT_FDCWD, from, SIZE_MAX, &bytes, err) &&
           file_write(AT_FDCWD, to, str_text(&bytes), bytes.length, mode, err) &&
           set_mode(to, mode, err);
}

bool folder_make_all(const char *path, mode_t mode, struct err *err)
{
    auto_free char *copy = mem_copy_string(path);
    for (char *slash = strchr(copy + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash != NULL)
            *slash = '\0';
        int reason = mkdir(copy, mode) < 0 ? errno : 0;
        if (reason != 0 && reason != EEXIST && !path_is_folder(copy)) {
            err_set(err, ERR_ENV, "%s: %s", copy, strerror(reason));
            return false;
        }
        if (slash == NULL)
            break;
        *slash = '/';
    }
    if (!path_is_folder(path)) {
        err_set(err, ERR_ENV, "%s: not a folder", path);
        return false;
    }
    return true;
}

static bool remove_below(int parent, const char *name)
{
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
        return true;
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0 && errno == EACCES) {
        // A folder may have been left without the right to read it; it is ours to remove.
        fchmodat(parent, name, 0700, 0);
        folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    DIR *stream = folder >= 0 ? fdopendir(folder) : NULL;
    if (stream == NULL) {
        if (folder >= 0)
            close(folder);
        return false;
    }
    bool whole = true;
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            !remove_below(dirfd(stream), entry->d_name))
            whole = false;
    closedir(stream);
    return whole && unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

bool folder_remove_all(const char *path, struct err *err)
{
    if (remove_below(AT_FDCWD, path))
        return true;
    err_set(err, ERR_ENV, "%s: %s", path, strerror(errno));
    return false;
}

bool folder_list(const char *path, struct strings *out, struct err *err)
{
    DIR *stream = opendir(path);
    if (stream == NULL) {
        err_set(err, ERR_ENV, "%s: %s", path, strerror(errno));
        return false;
    }
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream))
        if (entry->d_name[0] != '.')
            strings_add(out, entry->d_name);
    closedir(stream);
    strings_sort(out);
    return true;
}

static char *home(void)
{
    const char *set = getenv("HOME");
    if (set != NULL && set[0] == '/')
        return mem_copy_string(set);
    const struct passwd *entry = getpwuid(getuid());
    return mem_copy_string(entry != NULL ? entry->pw_dir : "/nonexistent");
}

char *path_xdg(const char *kind)
{
    static const struct {
        const char *kind, *below_home;
    } defaults[] = {{"DATA", ".local/share"},
                    {"STATE", ".local/state"},
                    {"CACHE", ".cache"},
                    {"CONFIG", ".config"}};
    auto_free char *variable = str_format("XDG_%s_HOME", kind);
    const char *set = getenv(variable);
    // The XDG specification: a relative path in the variable is to be ignored.
    if (set != NULL && set[0] == '/')
        return path_join(set, "lab");
    auto_free char *base = home();
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        if (strcmp(defaults[i].kind, kind) == 0) {
            auto_free char *folder = path_join(base, defaults[i].below_home);
            return path_join(folder, "lab");
        }
    abort();
}
