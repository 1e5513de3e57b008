// SPDX-License-Identifier: MIT
// A JUnit file.
#include "cmd/junit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "render/class.h"

static bool fail(const char *path, int reason, struct err *err)
{
    err_set(err, ERR_ENV, "%s: %s", path, strerror(reason));
    err_set_cure(err, "name a file in a folder that can be written");
    return false;
}

bool junit_file_open(struct junit_file *file, const char *path, struct err *err)
{
    *file = (struct junit_file){.path = mem_copy_string(path),
                                .temporary = str_format("%s.XXXXXX", path)};
    int descriptor = mkostemp(file->temporary, O_CLOEXEC);
    file->stream = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (file->stream == NULL) {
        fail(path, errno, err);
        free(file->path);
        free(file->temporary);
        return false;
    }
    auto_str struct str text = STR_INIT;
    junit_begin(&text);
    fputs(str_text(&text), file->stream);
    return true;
}

void junit_file_add(struct junit_file *file, const char *json, size_t length)
{
    auto_str struct str text = STR_INIT;
    junit_suite(&text, json, length);
    fwrite(str_text(&text), 1, text.length, file->stream);
}

bool junit_file_close(struct junit_file *file, struct err *err)
{
    auto_str struct str text = STR_INIT;
    junit_end(&text);
    fputs(str_text(&text), file->stream);
    bool whole =
        fflush(file->stream) == 0 && ferror(file->stream) == 0 && fsync(fileno(file->stream)) == 0;
    int reason = errno;
    fclose(file->stream);
    if (whole && rename(file->temporary, file->path) < 0) {
        whole = false;
        reason = errno;
    }
    if (!whole) {
        unlink(file->temporary);
        fail(file->path, reason, err);
    }
    free(file->path);
    free(file->temporary);
    return whole;
}
