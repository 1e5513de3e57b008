// SPDX-License-Identifier: MIT
// Small files of /proc.
#include "trace/tracer/tracer.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

size_t proc_read(pid_t pid, pid_t tid, const char *name, char *out, size_t size)
{
    char path[64];
    if (tid > 0)
        snprintf(path, sizeof path, "/proc/%d/task/%d/%s", (int)pid, (int)tid, name);
    else
        snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    out[0] = '\0';
    auto_close int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    size_t length = 0;
    while (length < size - 1) {
        ssize_t got = read(file, out + length, size - 1 - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    out[length] = '\0';
    return length;
}

const char *proc_field(const char *text, const char *key)
{
    size_t length = strlen(key);
    while (text != NULL && *text != '\0') {
        if (strncmp(text, key, length) == 0)
            return text + length + strspn(text + length, " \t");
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
    return "";
}

pid_t proc_own_number(const char *status)
{
    const char *at = proc_field(status, "NSpid:");
    pid_t last = 0;
    while (isdigit((unsigned char)*at)) {
        char *end;
        last = (pid_t)strtol(at, &end, 10);
        at = end + strspn(end, " \t");
    }
    return last;
}

void proc_link(pid_t pid, const char *name, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    ssize_t length = readlink(path, out, size - 1);
    out[length > 0 ? length : 0] = '\0';
}
