// SPDX-License-Identifier: MIT
// Archives that were handed in, and what is said about them.
// parser: runner/classroom/unpack/unpack.c runner/classroom/unpacked.c
// most: 16384
#include "target.h"

#include <string.h>

#include "base/file.h"
#include "classroom/unpack/unpack.h"
#include "classroom/unpacked.h"

struct taken {
    size_t files, bytes;
};

static bool take_file(void *context, const struct unpacked_file *file, struct err *err)
{
    (void)err;
    struct taken *taken = context;
    taken->files++;
    taken->bytes += file->length;
    MUST(file->name_length > 0 && file->name_length <= UNPACK_NAME);
    MUST(file->name[0] != '/' && memchr(file->name, '\0', file->name_length) == NULL);
    // No part of the name leads out of a folder.
    auto_free char *name = str_format("/%.*s/", (int)file->name_length, file->name);
    MUST(strstr(name, "/../") == NULL && strstr(name, "/./") == NULL && strstr(name, "//") == NULL);
    return true;
}

static void read_back(const char *said, size_t length, bool ours)
{
    struct taken taken = {0};
    struct err err = ERR_INIT;
    char *refused = NULL;
    bool whole = unpacked_read(said, length, take_file, &taken, &refused, &err);
    if (refused != NULL)
        must_be_a_line(refused);
    if (!whole)
        must_be_a_line(err.message);
    MUST(!ours || whole); // what the unpacker says is always read
    MUST(!ours || taken.bytes <= UNPACK_KEPT);
    MUST(!ours || refused == NULL || taken.files == 0);
    free(refused);
    err_release(&err);
}

// The files go where they belong, and are all gone with the folder.
static void write_out(const char *said, size_t length)
{
    struct err err = ERR_INIT;
    char *refused = NULL;
    MUST(unpacked_write(said, length, "out", &refused, &err));
    folder_remove_all("out", NULL);
    MUST(!path_exists("out"));
    free(refused);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_strings struct strings wanted = STRINGS_INIT;
    auto_str struct str said = STR_INIT;
    strings_add(&wanted, "server.c");
    strings_add(&wanted, "data/schema.sql");
    unpack(data, size, &wanted, &said);
    MUST(said.length <= UNPACK_OUTPUT);
    read_back(str_text(&said), said.length, true);
    write_out(str_text(&said), said.length);
    read_back((const char *)data, size, false); // a tool that says anything
    return 0;
}
