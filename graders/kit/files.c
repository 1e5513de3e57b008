// SPDX-License-Identifier: MIT
/*
 * FILES_DIR, seen from outside the box. The program owns everything in it and may have put links,
 * FIFOs and folders there, or moved the folder away: every name is resolved below the scratch
 * folder without following any link, nothing that could block is opened, and only regular files
 * are read.
 */
#include "core.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net.h"

#define FOLDER "files" // FILES_DIR is /tmp/files in the box, and the scratch folder is its /tmp
#define MORE 65536     // bytes read of a file beyond what was expected

static int scratch = -1;

static int open_below(const char *path, int flags, mode_t mode)
{
    if ((flags & O_PATH) == 0)
        flags |= O_NONBLOCK | O_NOCTTY;
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .mode = mode,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, scratch, path, &how, sizeof how);
}

void kit_files_start(void)
{
    scratch = open(kit_the_request()->scratch, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (scratch < 0)
        kit_break("%s: %s", kit_the_request()->scratch, strerror(errno));
    if (mkdirat(scratch, FOLDER, 0755) != 0 && errno != EEXIST)
        kit_break("%s/" FOLDER ": %s", kit_the_request()->scratch, strerror(errno));
}

static void name_check(const char *name)
{
    if (*name == '\0' || strchr(name, '/') != NULL || str_equal(name, ".") || str_equal(name, ".."))
        kit_break("\"%s\" is no name of a file", name);
}

// What stands in the way was put there by the program.
_Noreturn static void fail_by_program(const char *what, const char *name)
{
    kit_fail_now(&(struct kit_failure){
        .message = kit_format("the check cannot %s %s: %s", what, name, strerror(errno))});
}

static void write_all(int file, struct kit_bytes content, const char *name)
{
    size_t done = 0;
    while (done < content.length) {
        ssize_t written = write(file, content.data + done, content.length - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            fail_by_program("write", name);
        done += (size_t)written;
    }
}

// Written beside it, then renamed: what the program had put at that name is replaced and never
// opened.
static void put_file(const char *folder, const char *name, struct kit_bytes content)
{
    static unsigned long number;
    kit_settle();
    name_check(name);
    auto_free char *fresh = str_format(".%ld-%lu", (long)getpid(), number++);
    auto_close int file = open_below(fresh, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (file < 0)
        fail_by_program("write", name);
    write_all(file, content, name);
    auto_close int target = open_below(folder, O_PATH | O_DIRECTORY, 0);
    if (target < 0)
        fail_by_program("open", "$FILES_DIR");
    if (renameat(scratch, fresh, target, name) != 0)
        fail_by_program("write", name);
}

// A descriptor of FILES_DIR/name when that is a regular file, else -1.
static int open_regular(const char *name)
{
    name_check(name);
    auto_free char *path = str_format(FOLDER "/%s", name);
    int file = open_below(path, O_RDONLY, 0);
    struct stat facts;
    if (file >= 0 && (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode))) {
        close(file);
        return -1;
    }
    return file;
}

void kit_write_file(const char *name, struct kit_bytes content)
{
    put_file(FOLDER, name, content);
    reproduce_note_file(name, false, content);
}

void kit_set_file_time(const char *name, int64_t seconds, long nanoseconds)
{
    kit_settle();
    auto_close int file = open_regular(name);
    struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, {seconds, nanoseconds}};
    if (file < 0 || futimens(file, times) != 0)
        fail_by_program("set the time of", name);
}

void kit_write_outside(const char *name, struct kit_bytes content)
{
    if (str_equal(name, FOLDER))
        kit_break("\"" FOLDER "\" is FILES_DIR itself");
    put_file(".", name, content);
    reproduce_note_file(name, true, content);
}

bool kit_file_exists(const char *name)
{
    kit_settle();
    auto_close int file = open_regular(name);
    return file >= 0;
}

static void read_most(int file, size_t most, struct str *out)
{
    while (out->length < most) {
        size_t left = most - out->length;
        char *room = str_reserve(out, left < MORE ? left : MORE);
        ssize_t got = read(file, room, left < MORE ? left : MORE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        out->length += (size_t)got;
    }
}

int kit_files_folder(void)
{
    return open_below(FOLDER, O_RDONLY | O_DIRECTORY, 0);
}

void kit_files_read_outside(const char *name, size_t most, struct str *out)
{
    auto_close int file = open_below(name, O_RDONLY, 0);
    struct stat facts;
    if (file >= 0 && fstat(file, &facts) == 0 && S_ISREG(facts.st_mode))
        read_most(file, most, out);
    *str_reserve(out, 1) = '\0'; // it is read as text
}

void kit_expect_file_at(const char *name, struct kit_bytes content, int line)
{
    kit_settle();
    auto_close int file = open_regular(name);
    if (file < 0) {
        kit_fail(&(struct kit_failure){
            .message = kit_format("$FILES_DIR/%s is not there, or is no regular file", name),
            .look = KIT_LOOK_FILE,
            .file = name,
            .line = line});
        return;
    }
    auto_str struct str found = STR_INIT;
    read_most(file, content.length + MORE, &found);
    if (found.length == content.length &&
        (found.length == 0 || memcmp(found.data, content.data, found.length) == 0))
        return;
    const char *message =
        found.length == content.length
            ? kit_format("$FILES_DIR/%s has other bytes than expected", name)
            : kit_format("$FILES_DIR/%s has %zu%s bytes, expected %zu", name, found.length,
                         found.length == content.length + MORE ? " or more" : "", content.length);
    suspect_see(NULL, content,
                (struct kit_bytes){(const unsigned char *)str_text(&found), found.length},
                "the first byte that is not in the file", "this byte is in the file too");
    kit_fail(&(struct kit_failure){.message = message,
                                   .expected = (const char *)content.data,
                                   .expected_length = content.length,
                                   .actual = str_text(&found),
                                   .actual_length = found.length,
                                   .look = KIT_LOOK_FILE,
                                   .file = name,
                                   .line = line});
}
