// SPDX-License-Identifier: MIT
// How this program is called in the commands that it prints.
#include "base/program.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

// ROOT/lab starts ROOT/build/lab.
static bool is_launcher_of(const char *launcher, const char *program)
{
    auto_free char *root = launcher != NULL ? path_parent(launcher) : NULL;
    auto_free char *built = root != NULL ? path_join(root, "build/lab") : NULL;
    return str_equal(built, program);
}

// Does PATH lead to this very program, or to the launcher of its build tree?
static bool path_finds_us(void)
{
    auto_free char *us = path_real("/proc/self/exe", NULL);
    const char *path = getenv("PATH");
    if (us == NULL || path == NULL)
        return false;
    for (const char *part = path; part != NULL; part = strchr(part, ':')) {
        part += *part == ':';
        auto_free char *folder = str_format("%.*s", (int)strcspn(part, ":"), part);
        auto_free char *candidate = path_join(folder[0] != '\0' ? folder : ".", "lab");
        if (access(candidate, X_OK) != 0 || path_is_folder(candidate))
            continue;
        auto_free char *real = path_real(candidate, NULL);
        return str_equal(real, us) || is_launcher_of(real, us);
    }
    return false;
}

const char *program_word(void)
{
    static const char *program;
    if (program == NULL)
        program = path_finds_us() ? "lab" : "./lab";
    return program;
}
