// SPDX-License-Identifier: MIT
// Preparations of services that were made before.
#include "grade/services_cache.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"

enum { MOST_BYTES = 256 << 20, MOST_SUMS = 65536, UNUSED_SECONDS = 30 * 24 * 3600 };
#define SUMS "sums" // "HASH NAME", a line a file

// NULL when it cannot be used. One that belongs to somebody else, or that others may write, could
// hold anybody's files.
static char *cache_folder(bool make)
{
    auto_free char *base = path_xdg("CACHE");
    auto_free char *folder = path_join(base, "services");
    struct stat status;
    if (make && !folder_make_all(folder, 0700, NULL))
        return NULL;
    if (lstat(folder, &status) < 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
        (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return NULL;
    return take(folder);
}

static char *entry_path(const char *cache, const char *name, const char *key)
{
    auto_free char *entry = str_format("%s-%s", name, key);
    return path_join(cache, entry);
}

static bool file_load(const char *entry, const char *folder, const char *sum, const char *name)
{
    auto_free char *from = path_join(entry, name);
    auto_free char *to = path_join(folder, name);
    auto_str struct str bytes = STR_INIT;
    if (!file_read(AT_FDCWD, from, MOST_BYTES, &bytes, NULL))
        return false;
    auto_free char *actual = hash_hex(str_text(&bytes), bytes.length);
    return str_equal(actual, sum) &&
           file_write(AT_FDCWD, to, str_text(&bytes), bytes.length, 0444, NULL) &&
           chmod(to, 0444) == 0; // whatever the umask is
}

static bool entry_load(const char *entry, const char *folder)
{
    auto_free char *path = path_join(entry, SUMS);
    auto_str struct str sums = STR_INIT;
    if (!file_read(AT_FDCWD, path, MOST_SUMS, &sums, NULL) || sums.length == 0)
        return false;
    char *rest = sums.data;
    for (char *line; (line = strsep(&rest, "\n")) != NULL && line[0] != '\0';) {
        char *name = strchr(line, ' ');
        if (name == NULL || strchr(name, '/') != NULL)
            return false;
        *name++ = '\0';
        if (!file_load(entry, folder, line, name))
            return false;
    }
    return true;
}

static void folder_empty(const char *folder)
{
    auto_strings struct strings names = STRINGS_INIT;
    folder_list(folder, &names, NULL);
    for (size_t i = 0; i < names.count; i++) {
        auto_free char *path = path_join(folder, names.items[i]);
        unlink(path);
    }
}

bool services_cache_load(const char *name, const char *key, const char *folder)
{
    auto_free char *cache = cache_folder(false);
    if (cache == NULL)
        return false;
    auto_free char *entry = entry_path(cache, name, key);
    if (!path_is_folder(entry))
        return false;
    if (entry_load(entry, folder)) {
        utimensat(AT_FDCWD, entry, NULL, 0); // used just now
        return true;
    }
    folder_empty(folder);
    folder_remove_all(entry, NULL);
    return false;
}

// ---------------------------------------------------------------- storing

static bool entry_write(const char *entry, const char *folder)
{
    auto_strings struct strings names = STRINGS_INIT;
    auto_str struct str sums = STR_INIT;
    if (!folder_list(folder, &names, NULL))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        auto_free char *from = path_join(folder, names.items[i]);
        auto_free char *to = path_join(entry, names.items[i]);
        auto_str struct str bytes = STR_INIT;
        if (!file_read(AT_FDCWD, from, MOST_BYTES, &bytes, NULL) ||
            !file_write(AT_FDCWD, to, str_text(&bytes), bytes.length, 0600, NULL))
            return false;
        auto_free char *sum = hash_hex(str_text(&bytes), bytes.length);
        str_append_format(&sums, "%s %s\n", sum, names.items[i]);
    }
    auto_free char *path = path_join(entry, SUMS);
    return sums.length > 0 && file_write(AT_FDCWD, path, str_text(&sums), sums.length, 0600, NULL);
}

static void remove_unused(const char *cache, const char *name)
{
    auto_strings struct strings names = STRINGS_INIT;
    auto_free char *prefix = str_format("%s-", name);
    folder_list(cache, &names, NULL);
    for (size_t i = 0; i < names.count; i++) {
        struct stat status;
        auto_free char *entry = path_join(cache, names.items[i]);
        if (str_starts_with(names.items[i], prefix) && lstat(entry, &status) == 0 &&
            time(NULL) - status.st_mtime > UNUSED_SECONDS)
            folder_remove_all(entry, NULL);
    }
}

void services_cache_store(const char *name, const char *key, const char *folder)
{
    auto_free char *cache = cache_folder(true);
    if (cache == NULL)
        return;
    auto_free char *entry = entry_path(cache, name, key);
    auto_free char *fresh = path_join(cache, ".new-XXXXXX");
    if (mkdtemp(fresh) == NULL)
        return;
    // Where another attempt was faster its entry stays: they are the same.
    if (!entry_write(fresh, folder) || rename(fresh, entry) < 0)
        folder_remove_all(fresh, NULL);
    remove_unused(cache, name);
}
