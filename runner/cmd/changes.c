// SPDX-License-Identifier: MIT
/*
 * What differs between two states of the sources. diff reads both from memory, through descriptors:
 * nothing is written anywhere.
 */
#include "cmd/changes.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box/process.h"

enum { OLD = 3, NOW = 4 }; // descriptors of diff

static const struct source *find(const struct sources *sources, const char *name)
{
    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(sources->items[i].name, name) == 0)
            return &sources->items[i];
    return NULL;
}

static bool is_same(const struct source *a, const struct source *b)
{
    return a != NULL && b != NULL && a->length == b->length &&
           (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

// A file in memory with these bytes; none for a file that is not there. -1 and err on failure.
static int in_memory(const struct source *source, struct err *err)
{
    int file = memfd_create("source", MFD_CLOEXEC);
    size_t length = source != NULL ? source->length : 0;
    for (size_t done = 0; file >= 0 && done < length;) {
        ssize_t sent = write(file, source->data + done, length - done);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            close(file);
            file = -1;
        } else {
            done += (size_t)sent;
        }
    }
    if (file < 0)
        err_set(err, ERR_ENV, "a file in memory: %s", strerror(errno));
    return file;
}

static void read_all(int from, struct str *out)
{
    for (;;) {
        char bytes[4096];
        ssize_t got = read(from, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        str_append_bytes(out, bytes, (size_t)got);
    }
}

static bool run_diff(const char *const *argv, int old, int now, struct str *out, struct err *err)
{
    int ends[2];
    if (pipe(ends) < 0) {
        err_set(err, ERR_ENV, "a pipe: %s", strerror(errno));
        return false;
    }
    const struct process_descriptor descriptors[] = {
        {ends[1], STDOUT_FILENO}, {STDERR_FILENO, STDERR_FILENO}, {old, OLD}, {now, NOW}};
    const struct process_options options = {
        .argv = argv, .executable = -1, .descriptors = descriptors, .descriptor_count = 4};
    struct process process = PROCESS_INIT;
    bool started = process_start(&options, &process, err);
    if (!started)
        err_set_cure(err, "install it: apt-get install diffutils");
    close(ends[1]);
    if (started)
        read_all(ends[0], out);
    close(ends[0]);
    int status = started ? process_wait(&process) : 0;
    process_release(&process);
    bool compared = WIFEXITED(status) && WEXITSTATUS(status) < 2; // 1: they differ
    if (started && !compared)
        err_set(err, ERR_ENV, "diff could not compare the files");
    return started && compared;
}

static bool append_file(const char *file, const struct source *old, const struct source *now,
                        const char *name, struct str *out, struct err *err)
{
    auto_free char *old_label =
        old != NULL ? str_format("%s/%s", name, file) : mem_copy_string("/dev/null");
    const char *now_label = now != NULL ? file : "/dev/null";
    const char *argv[] = {"diff",    "-u",        "--label",   old_label, "--label",
                          now_label, "/dev/fd/3", "/dev/fd/4", NULL};
    auto_close int old_file = in_memory(old, err);
    auto_close int now_file = old_file >= 0 ? in_memory(now, err) : -1;
    return now_file >= 0 && run_diff(argv, old_file, now_file, out, err);
}

bool changes_append(const struct sources *old, const struct sources *now, const char *name,
                    struct str *out, struct err *err)
{
    auto_strings struct strings files = STRINGS_INIT;
    for (size_t i = 0; i < old->count; i++)
        strings_add(&files, old->items[i].name);
    for (size_t i = 0; i < now->count; i++)
        if (!strings_have(&files, now->items[i].name))
            strings_add(&files, now->items[i].name);
    strings_sort(&files);
    for (size_t i = 0; i < files.count; i++) {
        const char *file = files.items[i];
        const struct source *before = find(old, file);
        const struct source *after = find(now, file);
        if (!is_same(before, after) && !append_file(file, before, after, name, out, err))
            return false;
    }
    return true;
}
