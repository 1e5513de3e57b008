// SPDX-License-Identifier: MIT
// Programs that were built before.
#include "build/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

enum { MESSAGE_BYTES = 4 * 1024 * 1024, STALE_SECONDS = 3600 };

// An entry's files; SIZES is written last and holds the sizes of the others, for a machine that
// lost its power can leave short files behind.
static const char *const program_names[BUILD_VARIANTS] = {"checked", "plain"};
#define MESSAGES "messages"
#define SIZES "sizes"

// The folder, or NULL when it cannot be used. One that belongs to somebody else, or that others may
// write, could hold anybody's programs.
static char *cache_folder(bool make)
{
    auto_free char *base = path_xdg("CACHE");
    auto_free char *folder = path_join(base, "build");
    struct stat status;
    if (make && !folder_make_all(folder, 0700, NULL))
        return NULL;
    if (lstat(folder, &status) < 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
        (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return NULL;
    return take(folder);
}

static off_t size_of(const char *path)
{
    struct stat status;
    return path != NULL && lstat(path, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size
                                                                                : -1;
}

static char *sizes_of(char *const programs[BUILD_VARIANTS], size_t messages)
{
    struct str text = STR_INIT;
    for (int i = 0; i < BUILD_VARIANTS; i++)
        str_append_format(&text, "%lld ", (long long)size_of(programs[i]));
    str_append_format(&text, "%zu\n", messages);
    return str_take(&text);
}

static void remove_programs(char *const programs[BUILD_VARIANTS])
{
    for (int i = 0; i < BUILD_VARIANTS; i++)
        if (programs[i] != NULL)
            unlink(programs[i]);
}

static bool load_from(const char *entry, char *const programs[BUILD_VARIANTS], struct str *messages)
{
    remove_programs(programs);
    for (int i = 0; i < BUILD_VARIANTS; i++) {
        auto_free char *from = path_join(entry, program_names[i]);
        if (programs[i] != NULL && !file_copy(from, programs[i], 0555, NULL))
            return false;
    }
    auto_free char *messages_path = path_join(entry, MESSAGES);
    auto_free char *sizes_path = path_join(entry, SIZES);
    auto_str struct str said = STR_INIT;
    auto_str struct str sizes = STR_INIT;
    if (!file_read(AT_FDCWD, messages_path, MESSAGE_BYTES, &said, NULL) ||
        !file_read(AT_FDCWD, sizes_path, 4096, &sizes, NULL))
        return false;
    auto_free char *actual = sizes_of(programs, said.length);
    if (strcmp(actual, str_text(&sizes)) != 0)
        return false;
    str_append(messages, str_text(&said));
    return true;
}

bool cache_load(const char *key, char *const programs[BUILD_VARIANTS], struct str *messages)
{
    auto_free char *folder = cache_folder(false);
    if (folder == NULL)
        return false;
    auto_free char *entry = path_join(folder, key);
    if (load_from(entry, programs, messages)) {
        // Used just now: the last to go.
        utimensat(AT_FDCWD, entry, NULL, 0);
        return true;
    }
    remove_programs(programs);
    return false;
}

// ---- storing

static bool write_entry(const char *folder, char *const programs[BUILD_VARIANTS],
                        const struct str *messages)
{
    for (int i = 0; i < BUILD_VARIANTS; i++) {
        auto_free char *to = path_join(folder, program_names[i]);
        if (programs[i] != NULL && !file_copy(programs[i], to, 0600, NULL))
            return false;
    }
    auto_free char *messages_path = path_join(folder, MESSAGES);
    auto_free char *sizes_path = path_join(folder, SIZES);
    auto_free char *sizes = sizes_of(programs, messages->length);
    return file_write(AT_FDCWD, messages_path, str_text(messages), messages->length, 0600, NULL) &&
           file_write(AT_FDCWD, sizes_path, sizes, strlen(sizes), 0600, NULL);
}

// ---- removing

struct entry {
    char *path;
    struct timespec used;
    uint64_t bytes;
};

struct entries {
    struct entry *items;
    size_t count;
    uint64_t bytes;
};

static void add_entry(struct entries *entries, const char *path, const struct stat *status)
{
    static const char *const names[] = {"checked", "plain", MESSAGES, SIZES};
    struct entry entry = {.path = mem_copy_string(path), .used = status->st_mtim, .bytes = 4096};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        auto_free char *file = path_join(path, names[i]);
        off_t size = size_of(file);
        entry.bytes += size > 0 ? (uint64_t)size : 0;
    }
    entries->items = mem_resize(entries->items, (entries->count + 1) * sizeof *entries->items);
    entries->items[entries->count++] = entry;
    entries->bytes += entry.bytes;
}

static int compare_use(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    if (left->used.tv_sec != right->used.tv_sec)
        return left->used.tv_sec < right->used.tv_sec ? -1 : 1;
    return (left->used.tv_nsec > right->used.tv_nsec) - (left->used.tv_nsec < right->used.tv_nsec);
}

// Under another name first, so that no other process takes an entry for whole that is half gone.
static void remove_entry(const char *path)
{
    auto_free char *folder = str_format("%.*s", (int)(path_base(path) - path), path);
    auto_free char *gone = str_format("%s.gone-XXXXXX", folder);
    if (mkdtemp(gone) == NULL)
        return;
    if (rename(path, gone) < 0) {
        rmdir(gone);
        return;
    }
    folder_remove_all(gone, NULL);
}

// Finds the entries, and removes what killed processes left.
static void find_entries(const char *folder, struct entries *out)
{
    DIR *stream = opendir(folder);
    if (stream == NULL)
        return;
    for (struct dirent *item = readdir(stream); item != NULL; item = readdir(stream)) {
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
            continue;
        auto_free char *path = path_join(folder, item->d_name);
        struct stat status;
        if (lstat(path, &status) < 0)
            continue;
        if (item->d_name[0] != '.')
            add_entry(out, path, &status);
        else if (status.st_mtim.tv_sec + STALE_SECONDS < time(NULL))
            folder_remove_all(path, NULL);
    }
    closedir(stream);
}

static void remove_old(const char *folder, uint64_t most)
{
    struct entries entries = {0};
    find_entries(folder, &entries);
    if (entries.count > 1)
        qsort(entries.items, entries.count, sizeof *entries.items, compare_use);
    for (size_t i = 0; i < entries.count; i++) {
        if (entries.bytes > most) {
            remove_entry(entries.items[i].path);
            entries.bytes -= entries.items[i].bytes;
        }
        free(entries.items[i].path);
    }
    free(entries.items);
}

void cache_store(const char *key, char *const programs[BUILD_VARIANTS], const struct str *messages,
                 uint64_t most)
{
    auto_free char *folder = cache_folder(true);
    if (folder == NULL || messages->length > MESSAGE_BYTES)
        return;
    auto_free char *entry = path_join(folder, key);
    auto_free char *fresh = path_join(folder, ".new-XXXXXX");
    if (mkdtemp(fresh) == NULL)
        return;
    // An entry of that name is either the same, from another process, or damaged.
    if (path_exists(entry))
        remove_entry(entry);
    if (!write_entry(fresh, programs, messages) || rename(fresh, entry) < 0)
        folder_remove_all(fresh, NULL);
    remove_old(folder, most);
}
