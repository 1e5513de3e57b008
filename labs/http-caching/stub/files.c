// SPDX-License-Identifier: 0BSD
// Reading and writing the files of $FILES_DIR: given by the lab.
#include "files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool path_of(const char *name, const char *ending, char path[4096])
{
    const char *folder = getenv("FILES_DIR");
    if (*name == '\0' || *name == '.' || strchr(name, '/') != NULL)
        return false;
    return snprintf(path, 4096, "%s/%s%s", folder != NULL ? folder : ".", name, ending) < 4096;
}

bool file_read(const char *name, struct file *out)
{
    char path[4096];
    struct stat facts;
    if (!path_of(name, "", path))
        return false;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return false;
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        close(file);
        return false;
    }
    size_t room = (size_t)facts.st_size;
    *out = (struct file){.bytes = malloc(room + 1), .modified = facts.st_mtime};
    if (out->bytes == NULL)
        abort(); // out of memory
    ssize_t got;
    while (out->length < room &&
           (got = read(file, out->bytes + out->length, room - out->length)) > 0)
        out->length += (size_t)got;
    out->bytes[out->length] = '\0';
    close(file);
    return true;
}

bool file_write(const char *name, const char *bytes, size_t length)
{
    char path[4096], fresh[4096];
    if (!path_of(name, "", path) || !path_of(name, ".new", fresh))
        return false;
    FILE *file = fopen(fresh, "wb");
    if (file == NULL)
        return false;
    bool done = fwrite(bytes, 1, length, file) == length;
    done = fclose(file) == 0 && done;
    if (done && rename(fresh, path) == 0) // the old file until here, the new one from here on
        return true;
    unlink(fresh);
    return false;
}

uint64_t hash_bytes(const char *bytes, size_t length)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211u;
    return hash;
}
