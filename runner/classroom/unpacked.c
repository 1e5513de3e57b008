// SPDX-License-Identifier: MIT
// What the unpacker says, into a folder.
#include "classroom/unpacked.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "classroom/unpack/unpack.h"

enum { REASON_MOST = 1024 };

struct reading {
    const char *at, *end;
};

static bool read_word(struct reading *reading, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(reading->end - reading->at) < length || memcmp(reading->at, word, length) != 0)
        return false;
    reading->at += length;
    return true;
}

static bool read_number(struct reading *reading, char end, size_t *out)
{
    size_t number = 0;
    const char *begin = reading->at;
    while (reading->at < reading->end && *reading->at >= '0' && *reading->at <= '9' &&
           number <= UNPACK_KEPT)
        number = number * 10 + (size_t)(*reading->at++ - '0');
    if (reading->at == begin || reading->at == reading->end || *reading->at != end)
        return false;
    reading->at++;
    *out = number;
    return true;
}

static bool read_bytes(struct reading *reading, size_t length, const char **out)
{
    if (length > (size_t)(reading->end - reading->at))
        return false;
    *out = reading->at;
    reading->at += length;
    return true;
}

static bool read_file(struct reading *reading, struct unpacked_file *out)
{
    if (!read_number(reading, ' ', &out->name_length) ||
        !read_number(reading, '\n', &out->length) ||
        !read_bytes(reading, out->name_length, &out->name) ||
        !read_bytes(reading, out->length, &out->bytes) || out->name_length > UNPACK_NAME ||
        memchr(out->name, '\0', out->name_length) != NULL)
        return false;
    auto_free char *name = str_format("%.*s", (int)out->name_length, out->name);
    return unpack_name_is_safe(name);
}

static char *read_reason(struct reading *reading)
{
    size_t length = 0;
    const char *reason = NULL;
    if (!read_number(reading, '\n', &length) || length == 0 || length > REASON_MOST ||
        !read_bytes(reading, length, &reason) || reading->at != reading->end)
        return NULL;
    struct str clean = STR_INIT;
    text_append_clean(&clean, reason, length);
    return str_take(&clean);
}

bool unpacked_read(const char *bytes, size_t length,
                   bool (*taken)(void *context, const struct unpacked_file *file, struct err *err),
                   void *context, char **out_refused, struct err *err)
{
    struct reading reading = {bytes, bytes + length};
    *out_refused = NULL;
    while (read_word(&reading, "file ")) {
        struct unpacked_file file;
        if (!read_file(&reading, &file))
            break;
        if (!taken(context, &file, err))
            return false;
    }
    if (read_word(&reading, "end\n") && reading.at == reading.end)
        return true;
    if (read_word(&reading, "refused "))
        *out_refused = read_reason(&reading);
    if (*out_refused == NULL)
        err_set(err, ERR_ENV, "what the unpacker says cannot be read");
    return *out_refused != NULL;
}

static bool write_file(void *context, const struct unpacked_file *file, struct err *err)
{
    const char *folder = context;
    auto_free char *name = str_format("%.*s", (int)file->name_length, file->name);
    auto_free char *path = path_join(folder, name);
    auto_free char *parent = path_parent(path);
    return folder_make_all(parent, 0700, err) &&
           file_write(AT_FDCWD, path, file->bytes, file->length, 0600, err);
}

bool unpacked_write(const char *bytes, size_t length, const char *folder, char **out_refused,
                    struct err *err)
{
    auto_free char *copy = mem_copy_string(folder);
    return folder_make_all(folder, 0700, err) &&
           unpacked_read(bytes, length, write_file, copy, out_refused, err);
}
