// SPDX-License-Identifier: MIT
// unpack [NAME…] <ARCHIVE: its sources on stdout. Made for a box: it touches nothing else.
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "classroom/unpack/unpack.h"

static bool read_all(struct str *out)
{
    while (out->length <= UNPACK_ARCHIVE) {
        char *end = str_reserve(out, 1 << 16);
        ssize_t got = read(STDIN_FILENO, end, 1 << 16);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        out->length += (size_t)got;
    }
    return true; // whoever calls has looked at its size
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
    auto_str struct str archive = STR_INIT;
    auto_str struct str out = STR_INIT;
    auto_strings struct strings wanted = STRINGS_INIT;
    setlocale(LC_CTYPE, "C.UTF-8"); // names are UTF-8, whatever the caller speaks
    for (int i = 1; i < argc; i++)
        strings_add(&wanted, argv[i]);
    if (!read_all(&archive)) {
        fprintf(stderr, "unpack: stdin: %s\n", strerror(errno));
        return 4;
    }
    unpack(str_text(&archive), archive.length, &wanted, &out);
    return write_all(&out) ? 0 : 4;
}
