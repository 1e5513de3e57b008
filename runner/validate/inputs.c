// SPDX-License-Identifier: MIT
// What goes into a trial: patches applied, and whether two runs sent different bytes.
#include "validate/inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "box/process.h"

enum {
    SAID_MOST = 4096, // bytes of what patch says
    PORT_DIGITS = 4,  // of a port at least
};

static void read_all(int file, struct str *out)
{
    for (;;) {
        ssize_t got = read(file, str_reserve(out, SAID_MOST), SAID_MOST);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        if (out->length < SAID_MOST)
            out->length += (size_t)got;
        out->data[out->length] = '\0';
    }
}

bool inputs_apply_patch(const char *folder, int patch, char **out_said, struct err *err)
{
    const char *argv[] = {"patch", "-p1", "--fuzz=0", "--batch", "--no-backup-if-mismatch", NULL};
    const char *environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        err_set(err, ERR_ENV, "no pipe for patch: %s", strerror(errno));
        return false;
    }
    auto_close int output = ends[0];
    const struct process_descriptor descriptors[] = {
        {patch, STDIN_FILENO}, {ends[1], STDOUT_FILENO}, {ends[1], STDERR_FILENO}};
    const struct process_options options = {.argv = argv,
                                            .environment = environment,
                                            .executable = -1,
                                            .descriptors = descriptors,
                                            .descriptor_count = 3,
                                            .folder = folder};
    struct process process = {0, -1};
    bool started = process_start(&options, &process, err);
    close(ends[1]);
    if (!started) {
        err_set_cure(err, "apt-get install patch");
        return false;
    }
    auto_str struct str said = STR_INIT;
    read_all(output, &said);
    int status = process_wait(&process);
    process_release(&process);
    if (status != 0) {
        // One line of it: which hunk, at which line.
        for (char *c = said.data; c != NULL && *c != '\0'; c++)
            if (*c == '\n')
                *c = c[1] != '\0' ? ';' : '\0';
        *out_said = mem_copy_string(str_text(&said));
    }
    return true;
}

// Appends text with every port behind an address ("127.0.0.2:41753", "[::1]:41753") masked: it
// differs by itself.
static void append_masked(struct str *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        str_append_char(out, *c);
        bool behind = c > text && (c[-1] == ']' || (c[-1] >= '0' && c[-1] <= '9'));
        size_t digits = *c == ':' && behind ? strspn(c + 1, "0123456789") : 0;
        if (digits >= PORT_DIGITS)
            c += digits;
    }
}

// Appends what the grader sent in a check, and what it ran the program with.
static void append_sent(struct str *out, const struct check_result *check)
{
    for (size_t i = 0; i < check->arguments.count; i++)
        append_masked(out, check->arguments.items[i]);
    for (size_t i = 0; i < check->transcript_count; i++)
        if (!check->transcript[i].from_program)
            append_masked(out, check->transcript[i].text);
}

bool inputs_alike(const struct check_result *first, const struct check_result *second)
{
    auto_str struct str a = STR_INIT;
    auto_str struct str b = STR_INIT;
    append_sent(&a, first);
    append_sent(&b, second);
    return second->fixed_input == NULL && a.length > 0 && strcmp(str_text(&a), str_text(&b)) == 0;
}
