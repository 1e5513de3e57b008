// SPDX-License-Identifier: MIT
// Asking a program that the machine brings a short question.
#include "build/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box/process.h"

enum { ANSWER_BYTES = 65536 };

static void read_answer(int from, struct str *out)
{
    while (out->length < ANSWER_BYTES) {
        ssize_t got = read(from, str_reserve(out, 4096), 4096);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        out->length += (size_t)got;
        out->data[out->length] = '\0';
    }
    while (out->length > 0 && out->data[out->length - 1] == '\n')
        out->data[--out->length] = '\0';
}

bool tool_ask(const char *const *argv, struct str *out, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        err_set(err, ERR_ENV, "pipe: %s", strerror(errno));
        return false;
    }
    auto_close int answer = ends[0];
    const char *path = getenv("PATH");
    auto_free char *path_entry = str_format("PATH=%s", path != NULL ? path : "/usr/bin:/bin");
    const char *const environment[] = {"LC_ALL=C", path_entry, NULL};
    const struct process_descriptor descriptors[] = {{ends[1], STDOUT_FILENO}};
    const struct process_options options = {
        .argv = argv,
        .environment = environment,
        .executable = -1,
        .descriptors = descriptors,
        .descriptor_count = 1,
    };
    struct process process;
    bool started = process_start(&options, &process, err);
    close(ends[1]);
    if (!started)
        return false;
    read_answer(answer, out);
    int status = process_wait(&process);
    process_release(&process);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
