// SPDX-License-Identifier: MIT
// resolver PROGRAM: a snapshot on stdin, lines of JSON on stdout.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "trace/resolver/resolver.h"
#include "trace/snapshot.h"

static bool read_all(struct str *out)
{
    while (out->length <= SNAPSHOT_FILE_MOST) {
        char *end = str_reserve(out, 1 << 16);
        ssize_t got = read(STDIN_FILENO, end, 1 << 16);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        out->length += (size_t)got;
    }
    return true; // it is read as far as that
}

static bool write_all(const struct str *text)
{
    for (size_t done = 0; done < text->length;) {
        ssize_t written = write(STDOUT_FILENO, text->data + done, text->length - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        done += (size_t)written;
    }
    return true;
}

int main(int argc, char **argv)
{
    auto_str struct str snapshot = STR_INIT;
    auto_str struct str lines = STR_INIT;
    if (argc != 2) {
        fprintf(stderr, "usage: resolver PROGRAM <snapshot\n");
        return 2;
    }
    if (!read_all(&snapshot)) {
        fprintf(stderr, "resolver: stdin: %s\n", strerror(errno));
        return 4;
    }
    // As maps name it.
    auto_free char *program = path_real(argv[1], NULL);
    if (!resolver_read(snapshot.data, snapshot.length, program != NULL ? program : argv[1],
                       &lines)) {
        fprintf(stderr, "resolver: no snapshot on stdin\n");
        return 1;
    }
    return write_all(&lines) ? 0 : 4;
}
