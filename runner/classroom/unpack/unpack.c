// SPDX-License-Identifier: MIT
// From an archive to sources, or to the reason why it is refused.
#include "classroom/unpack/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

enum { RATIO_FREE = 1 << 20 }; // bytes that no ratio is asked about

struct unpacking {
    struct archive *archive;
    const struct strings *wanted;
    struct str *out;
    struct strings seen; // names of files that were taken
    size_t archive_length, members, unpacked, kept;
    char *refused;
};

// ---------------------------------------------------------------- names

bool unpack_name_is_safe(const char *name)
{
    size_t depth = 0;
    if (name[0] == '\0' || strlen(name) > UNPACK_NAME)
        return false;
    for (const char *part = name;;) {
        size_t length = strcspn(part, "/");
        if (length == 0 || (length == 1 && part[0] == '.') ||
            (length == 2 && part[0] == '.' && part[1] == '.') || ++depth > UNPACK_DEPTH)
            return false;
        for (size_t i = 0; i < length; i++)
            if ((unsigned char)part[i] < 0x20 || part[i] == 0x7f)
                return false;
        if (part[length] == '\0')
            return true;
        part += length + 1;
    }
}

bool unpack_keeps(const char *name, const struct strings *wanted)
{
    const char *base = path_base(name);
    if (str_ends_with(base, ".c") || str_ends_with(base, ".h") ||
        strcmp(base, "CMakeCache.txt") == 0 || strcmp(name, ".lab/workspace.json") == 0 ||
        str_ends_with(name, "/.lab/workspace.json"))
        return true;
    for (size_t i = 0; i < wanted->count; i++) {
        const char *end = wanted->items[i];
        size_t before = strlen(name) - strlen(end);
        if (str_ends_with(name, end) && (before == 0 || name[before - 1] == '/'))
            return true;
    }
    return false;
}

// "./a//b/" is written a/b: tar and zip make such names of innocent folders.
static char *tidy_name(const char *name)
{
    struct str tidy = STR_INIT;
    for (const char *part = name; *part != '\0';) {
        size_t length = strcspn(part, "/");
        if (length > 0 && !(length == 1 && part[0] == '.')) {
            if (tidy.length > 0)
                str_append_char(&tidy, '/');
            str_append_bytes(&tidy, part, length);
        }
        part += length + (part[length] == '/');
    }
    return str_take(&tidy);
}

static bool climbs(const char *name)
{
    for (const char *part = name; *part != '\0';) {
        size_t length = strcspn(part, "/");
        if (length == 2 && part[0] == '.' && part[1] == '.')
            return true;
        part += length + (part[length] == '/');
    }
    return false;
}

// ---------------------------------------------------------------- refusing

// `name` (may be NULL) is the archive's own: whatever it holds, the message is one line.
static bool refuse(struct unpacking *unpacking, const char *name, const char *why)
{
    if (unpacking->refused != NULL)
        return false;
    auto_str struct str text = STR_INIT;
    if (name != NULL) {
        text_append_escaped(&text, name, strnlen(name, 200));
        str_append_char(&text, ' ');
    }
    str_append(&text, why);
    unpacking->refused = str_take(&text);
    return false;
}

static bool refuse_damaged(struct unpacking *unpacking)
{
    const char *said = archive_error_string(unpacking->archive);
    auto_free char *safe = said != NULL ? text_escape(said, strnlen(said, 200)) : NULL;
    auto_free char *why =
        str_format("it is damaged or cut off (%s)", safe != NULL ? safe : "its end is missing");
    return refuse(unpacking, NULL, why);
}

// ---------------------------------------------------------------- members

static bool judge_type(struct unpacking *unpacking, struct archive_entry *entry, const char *name)
{
    if (archive_entry_hardlink(entry) != NULL)
        return refuse(unpacking, name, "is a hard link; put the file itself in its place");
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
    case AE_IFDIR:
        break;
    case AE_IFLNK:
        return refuse(unpacking, name, "is a symbolic link; put the file itself in its place");
    case AE_IFCHR:
    case AE_IFBLK:
        return refuse(unpacking, name, "is a device");
    case AE_IFIFO:
        return refuse(unpacking, name, "is a named pipe");
    case AE_IFSOCK:
        return refuse(unpacking, name, "is a socket");
    default:
        return refuse(unpacking, name, "is neither a file nor a folder");
    }
    if (archive_entry_is_encrypted(entry))
        return refuse(unpacking, name, "is encrypted");
    return true;
}

static bool judge_name(struct unpacking *unpacking, const char *raw, const char *tidy)
{
    if (raw[0] == '/')
        return refuse(unpacking, raw, "is an absolute path");
    if (climbs(raw))
        return refuse(unpacking, raw, "climbs out of the archive");
    if (tidy[0] != '\0' && !unpack_name_is_safe(tidy))
        return refuse(unpacking, raw, "is no name that a source can have");
    return true;
}

// Counts a block of a member's bytes.
static bool count_bytes(struct unpacking *unpacking, size_t length)
{
    if (length > UNPACK_UNPACKED || unpacking->unpacked + length > UNPACK_UNPACKED)
        return refuse(unpacking, NULL, "it unpacks to more than 256 MB");
    unpacking->unpacked += length;
    if (unpacking->unpacked > RATIO_FREE &&
        unpacking->unpacked / UNPACK_RATIO > unpacking->archive_length)
        return refuse(unpacking, NULL, "it unpacks to more than 200 times its size");
    return true;
}

// Reads the bytes of a member to their end, so that damage and bombs are seen in whatever is not
// taken, too.
static bool read_member(struct unpacking *unpacking, struct str *bytes)
{
    for (;;) {
        const void *block = NULL;
        size_t length = 0;
        la_int64_t offset = 0;
        int got = archive_read_data_block(unpacking->archive, &block, &length, &offset);
        if (got == ARCHIVE_EOF)
            return true;
        if (got != ARCHIVE_OK) // a checksum that does not fit is only a warning
            return refuse_damaged(unpacking);
        if (!count_bytes(unpacking, length))
            return false;
        if (bytes == NULL)
            continue;
        // A sparse file says only where its bytes are.
        if (offset < 0 || (size_t)offset < bytes->length || offset > UNPACK_KEPT ||
            unpacking->kept + (size_t)offset + length > UNPACK_KEPT)
            return refuse(unpacking, NULL, "its sources have more than 16 MB");
        while (bytes->length < (size_t)offset)
            str_append_char(bytes, '\0');
        str_append_bytes(bytes, block, length);
    }
}

// A file may stand where another one needs a folder: neither would be what was handed in.
static bool judge_place(struct unpacking *unpacking, const char *name)
{
    for (size_t i = 0; i < unpacking->seen.count; i++) {
        const char *other = unpacking->seen.items[i];
        size_t common = strlen(other) < strlen(name) ? strlen(other) : strlen(name);
        if (strncmp(other, name, common) != 0)
            continue;
        if (other[common] == '\0' && name[common] == '\0')
            return refuse(unpacking, name, "is there twice");
        if (other[common] == '/' || name[common] == '/')
            return refuse(unpacking, name, "is a file and a folder");
    }
    return true;
}

static bool take_member(struct unpacking *unpacking, struct archive_entry *entry)
{
    const char *raw = archive_entry_pathname(entry);
    if (++unpacking->members > UNPACK_MEMBERS)
        return refuse(unpacking, NULL, "it has more than 10,000 members");
    if (raw == NULL)
        return refuse(unpacking, NULL, "it has a member without a name");
    auto_free char *name = tidy_name(raw);
    if (!judge_type(unpacking, entry, raw) || !judge_name(unpacking, raw, name))
        return false;
    bool taken = archive_entry_filetype(entry) == AE_IFREG && name[0] != '\0' &&
                 unpack_keeps(name, unpacking->wanted);
    auto_str struct str bytes = STR_INIT;
    if (!read_member(unpacking, taken ? &bytes : NULL))
        return false;
    if (!taken)
        return true;
    if (!judge_place(unpacking, name))
        return false;
    strings_add(&unpacking->seen, name);
    unpacking->kept += bytes.length;
    str_append_format(unpacking->out, "file %zu %zu\n", strlen(name), bytes.length);
    str_append(unpacking->out, name);
    str_append_bytes(unpacking->out, str_text(&bytes), bytes.length);
    return true;
}

static bool take_members(struct unpacking *unpacking)
{
    for (;;) {
        struct archive_entry *entry = NULL;
        int got = archive_read_next_header(unpacking->archive, &entry);
        if (got == ARCHIVE_EOF)
            return true;
        if (got < ARCHIVE_WARN)
            return refuse_damaged(unpacking);
        if (!take_member(unpacking, entry))
            return false;
    }
}

// A plain tar that was cut between two members looks whole; within gzip it does not. So only what
// begins like a gzip or a zip is read at all.
static bool has_known_beginning(const void *bytes, size_t length)
{
    return length >= 4 && (memcmp(bytes, "\x1f\x8b", 2) == 0 || memcmp(bytes, "PK", 2) == 0);
}

static bool read_archive(struct unpacking *unpacking, const void *bytes, size_t length)
{
    struct archive *archive = unpacking->archive;
    archive_read_support_filter_gzip(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_format_zip_seekable(archive);
    if (!has_known_beginning(bytes, length))
        return refuse(unpacking, NULL, "it is no .zip and no .tar.gz");
    if (archive_read_open_memory(archive, bytes, length) != ARCHIVE_OK)
        return refuse_damaged(unpacking);
    return take_members(unpacking) &&
           (unpacking->members > 0 || refuse(unpacking, NULL, "it is empty"));
}

void unpack(const void *bytes, size_t length, const struct strings *wanted, struct str *out)
{
    struct unpacking unpacking = {
        .archive = archive_read_new(), .wanted = wanted, .out = out, .archive_length = length};
    const size_t begin = out->length;
    bool whole = read_archive(&unpacking, bytes, length);
    archive_read_free(unpacking.archive);
    if (whole) {
        str_append(out, "end\n");
    } else {
        out->length = begin;
        str_append_format(out, "refused %zu\n%s", strlen(unpacking.refused), unpacking.refused);
    }
    free(unpacking.refused);
    strings_release(&unpacking.seen);
}
