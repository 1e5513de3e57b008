// SPDX-License-Identifier: MIT
/*
 * The snapshot: what lies in the workspace at one moment, read once, so that the compilations, the
 * cache's key, the shown source lines and the kept copy all speak of the same bytes.
 */
#include "build/build.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"

enum {
    FILE_BYTES = 10 * 1000 * 1000,
    ALL_BYTES = 64 * 1000 * 1000,
    FILES = 1000,
    FOLDERS = 1000,
    DEPTH = 32,
};

struct walk {
    const char *folder; // for messages
    struct sources *out;
    struct strings *stamp;  // not NULL: a line for each source, and no bytes are kept
    struct strings *walked; // folders, or NULL
    size_t bytes, folders;
    struct err *err;
};

static bool refuse(struct walk *walk, const char *name, const char *what, const char *cure)
{
    auto_free char *path =
        name[0] != '\0' ? path_join(walk->folder, name) : mem_copy_string(walk->folder);
    err_set(walk->err, ERR_ENV, "%s: %s", path, what);
    err_set_cure(walk->err, "%s", cure);
    return false;
}

static bool already_there(const struct sources *sources, const char *name)
{
    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(sources->items[i].name, name) == 0)
            return true;
    return false;
}

static void add_source(struct walk *walk, const char *name, struct str *bytes)
{
    struct sources *out = walk->out;
    out->items = mem_resize(out->items, (out->count + 1) * sizeof *out->items);
    struct source *source = &out->items[out->count++];
    source->name = mem_copy_string(name);
    source->length = bytes->length;
    source->data = str_take(bytes);
    walk->bytes += source->length;
}

// Its times, and its bytes: two writes within a tick of the kernel's clock leave the same times.
static bool stamp_source(struct walk *walk, int at, const char *base, const char *name)
{
    struct stat status = {0};
    auto_str struct str bytes = STR_INIT;
    fstatat(at, base, &status, AT_SYMLINK_NOFOLLOW);
    if (S_ISREG(status.st_mode) && walk->bytes < ALL_BYTES)
        file_read(at, base, FILE_BYTES, &bytes, NULL);
    walk->bytes += bytes.length;
    auto_free char *hash = hash_hex(str_text(&bytes), bytes.length);
    strings_add_format(walk->stamp, "%s %ju %jd.%ld %jd.%ld %s", name, (uintmax_t)status.st_ino,
                       (intmax_t)status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                       (intmax_t)status.st_ctim.tv_sec, status.st_ctim.tv_nsec, hash);
    return true;
}

// Reads the file `base` of the folder `at`; `name` is its name in the workspace.
static bool read_source(struct walk *walk, int at, const char *base, const char *name)
{
    if (walk->stamp != NULL)
        return stamp_source(walk, at, base, name);
    struct stat status;
    if (fstatat(at, base, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return refuse(walk, name, strerror(errno), "make the file readable, or remove it");
    if (S_ISLNK(status.st_mode))
        return refuse(walk, name, "is a symbolic link, and lab does not follow links in sources",
                      "put the file itself in its place");
    if (!S_ISREG(status.st_mode))
        return refuse(walk, name, "is named like a source and is no regular file",
                      "remove or rename it");
    if (status.st_size > FILE_BYTES)
        return refuse(walk, name, "is larger than 10 MB", "make the source file smaller");
    if (walk->out->count >= FILES)
        return refuse(walk, name, "is one source file too many: at most 1000 are built",
                      "move what does not belong to the program into a hidden folder");
    auto_str struct str bytes = STR_INIT;
    struct err why = ERR_INIT;
    if (!file_read(at, base, FILE_BYTES, &bytes, &why)) {
        // The reason starts with the base name; the whole path is better.
        auto_free char *path = path_join(walk->folder, name);
        path[strlen(path) - strlen(base)] = '\0';
        err_set(walk->err, ERR_ENV, "%s%s", path, why.message);
        err_set_cure(walk->err, "make the file readable, or remove it");
        err_release(&why);
        return false;
    }
    if (walk->bytes + bytes.length > ALL_BYTES)
        return refuse(walk, name, "brings the sources to more than 64 MB",
                      "move what does not belong to the program into a hidden folder");
    add_source(walk, name, &bytes);
    return true;
}

// What CMake and others leave behind, and a workspace inside this one, have a main() of their own.
static bool is_not_ours(int folder, const char *base)
{
    return strcmp(base, "build") == 0 || faccessat(folder, "CMakeCache.txt", F_OK, 0) == 0 ||
           faccessat(folder, ".lab/workspace.json", F_OK, 0) == 0;
}

static bool walk_entry(struct walk *walk, int at, const char *base, const char *name, size_t depth);

// Reads the open folder `at`, named `prefix` in the workspace ("" for the workspace itself).
static bool walk_folder(struct walk *walk, int at, const char *prefix, size_t depth)
{
    if (depth > DEPTH || ++walk->folders > FOLDERS)
        return refuse(walk, prefix, "too many folders below each other, or in all",
                      "move what does not belong to the program into a hidden folder");
    int again = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = again >= 0 ? fdopendir(again) : NULL;
    if (stream == NULL) {
        if (again >= 0)
            close(again);
        return refuse(walk, prefix, strerror(errno), "make the folder readable");
    }
    bool whole = true;
    if (walk->walked != NULL)
        strings_add(walk->walked, prefix);
    for (struct dirent *entry; whole && (entry = readdir(stream)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        auto_free char *name = path_join(prefix, entry->d_name);
        whole = walk_entry(walk, at, entry->d_name, name, depth);
    }
    closedir(stream);
    return whole;
}

static bool walk_entry(struct walk *walk, int at, const char *base, const char *name, size_t depth)
{
    auto_close int below = openat(at, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below >= 0)
        return is_not_ours(below, base) || walk_folder(walk, below, name, depth + 1);
    if (errno == EACCES && !str_ends_with(base, ".c") && !str_ends_with(base, ".h"))
        return refuse(walk, name, strerror(errno), "make the folder readable, or remove it");
    if (str_ends_with(base, ".c") || str_ends_with(base, ".h"))
        return read_source(walk, at, base, name);
    return true;
}

// A name from the lab: beneath the folder, through no link. One that is not there is left out; the
// compiler says what it misses.
static bool read_extra(struct walk *walk, int at, const char *name)
{
    if (already_there(walk->out, name))
        return true;
    const char *base = path_base(name);
    auto_free char *parent = str_format("./%.*s", (int)(base - name), name);
    struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    auto_close int folder = (int)syscall(SYS_openat2, at, parent, &how, sizeof how);
    if (folder < 0 && errno == ENOENT)
        return true;
    if (folder < 0)
        return refuse(walk, name, strerror(errno), "put the file itself in its place");
    if (faccessat(folder, base, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
        return true;
    return read_source(walk, folder, base, name);
}

static int compare_sources(const void *a, const void *b)
{
    const struct source *left = a;
    const struct source *right = b;
    return strcmp(left->name, right->name);
}

static char *hash_sources(const struct sources *sources)
{
    struct hash *hash = hash_new();
    for (size_t i = 0; i < sources->count; i++) {
        hash_add_text(hash, sources->items[i].name);
        hash_add_field(hash, sources->items[i].data, sources->items[i].length);
    }
    return hash_finish(hash);
}

bool sources_read(const char *folder, const struct strings *extra, struct sources *out,
                  struct err *err)
{
    *out = (struct sources){0};
    struct walk walk = {.folder = folder, .out = out, .err = err};
    auto_close int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool whole = at >= 0 || refuse(&walk, "", strerror(errno), "make the folder readable");
    whole = whole && walk_folder(&walk, at, "", 0);
    for (size_t i = 0; whole && extra != NULL && i < extra->count; i++)
        whole = read_extra(&walk, at, extra->items[i]);
    if (!whole) {
        sources_release(out);
        return false;
    }
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, compare_sources);
    out->hash = hash_sources(out);
    return true;
}

char *sources_stamp(const char *folder, struct strings *out_folders, struct err *err)
{
    struct sources none = {0};
    struct err unread = ERR_INIT; // whoever reads the sources says it
    auto_strings struct strings lines = STRINGS_INIT;
    struct walk walk = {.folder = folder, .out = &none, .err = err, .walked = out_folders};
    auto_close int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at < 0) {
        refuse(&walk, "", strerror(errno), "make the folder readable");
        return NULL;
    }
    walk.err = &unread;
    walk.stamp = &lines;
    walk_folder(&walk, at, "", 0);
    // The order in a folder may change with files that are none of ours.
    strings_sort(&lines);
    if (out_folders != NULL)
        strings_sort(out_folders);
    struct hash *hash = hash_new();
    for (size_t i = 0; i < lines.count; i++)
        hash_add_text(hash, lines.items[i]);
    hash_add_text(hash, unread.message);
    err_release(&unread);
    return hash_finish(hash);
}

void sources_put(struct sources *sources, const char *name, const void *bytes, size_t length)
{
    struct source *item = NULL;
    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(sources->items[i].name, name) == 0)
            item = &sources->items[i];
    if (item == NULL) {
        sources->items = mem_resize(sources->items, (sources->count + 1) * sizeof *sources->items);
        item = &sources->items[sources->count++];
        *item = (struct source){.name = mem_copy_string(name)};
    }
    free(item->data);
    item->data = mem_alloc(length + 1);
    if (length > 0)
        memcpy(item->data, bytes, length);
    item->length = length;
    qsort(sources->items, sources->count, sizeof *sources->items, compare_sources);
    free(sources->hash);
    sources->hash = hash_sources(sources);
}

void sources_release(struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        free(sources->items[i].name);
        free(sources->items[i].data);
    }
    free(sources->items);
    free(sources->hash);
    *sources = (struct sources){0};
}
