// SPDX-License-Identifier: MIT
// Levels without namespaces: the program's own sockets, the program's own files.
#include "shared.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_PROCESSES 256
#define DEEPEST 64        // folders in folders; deeper counts as too many
#define BYTES_A_FILE 4096 // as in a cell: so many bytes of the limit, one file more
#define LEAST_FILES 256

static void inode_add(struct kit_inodes *inodes, uint32_t inode)
{
    if (inodes->count == inodes->capacity) {
        inodes->capacity = inodes->capacity == 0 ? 32 : 2 * inodes->capacity;
        inodes->items = mem_resize(inodes->items, inodes->capacity * sizeof *inodes->items);
    }
    inodes->items[inodes->count++] = inode;
}

static void process_take(pid_t pid, struct kit_inodes *out)
{
    static const char begin[] = "socket:[";
    auto_free char *path = str_format("/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return; // it has ended
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char target[64];
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
        if (length <= 0)
            continue;
        target[length] = '\0';
        if (str_starts_with(target, begin))
            inode_add(out, (uint32_t)strtoul(target + strlen(begin), NULL, 10));
    }
    closedir(folder);
}

void kit_inodes_take(struct kit_inodes *out)
{
    pid_t pids[MOST_PROCESSES];
    const struct kit_program *program = kit_the_program();
    size_t count = program != NULL ? kit_program_pids(program, pids, MOST_PROCESSES) : 0;
    *out = (struct kit_inodes){0};
    for (size_t i = 0; i < count && i < MOST_PROCESSES; i++)
        process_take(pids[i], out);
}

bool kit_inodes_have(const struct kit_inodes *inodes, uint32_t inode)
{
    for (size_t i = 0; i < inodes->count; i++)
        if (inodes->items[i] == inode)
            return true;
    return false;
}

void kit_inodes_release(struct kit_inodes *inodes)
{
    free(inodes->items);
    *inodes = (struct kit_inodes){0};
}

// ---------------------------------------------------------------- files

struct weight {
    uint64_t bytes, files;
    uint64_t most_bytes, most_files;
};

static bool is_full(const struct weight *weight)
{
    return weight->bytes > weight->most_bytes || weight->files > weight->most_files;
}

static void weigh_folder(struct weight *weight, int at, const char *name, int depth)
{
    int file = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = file >= 0 ? fdopendir(file) : NULL;
    if (folder == NULL) {
        if (file >= 0)
            close(file);
        return;
    }
    if (depth > DEEPEST)
        weight->files = weight->most_files + 1;
    for (struct dirent *entry; !is_full(weight) && (entry = readdir(folder)) != NULL;) {
        struct stat status;
        if (str_equal(entry->d_name, ".") || str_equal(entry->d_name, "..") ||
            fstatat(file, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        weight->files++;
        weight->bytes += (uint64_t)status.st_blocks * 512;
        if (S_ISDIR(status.st_mode))
            weigh_folder(weight, file, entry->d_name, depth + 1);
    }
    closedir(folder);
}

bool kit_scratch_is_full(void)
{
    const struct kit_request *request = kit_the_request();
    uint64_t most = (uint64_t)request->limit_files_mb << 20;
    struct weight weight = {.most_bytes = most, .most_files = most / BYTES_A_FILE + LEAST_FILES};
    weigh_folder(&weight, AT_FDCWD, request->scratch, 0);
    return is_full(&weight);
}
