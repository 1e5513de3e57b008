// SPDX-License-Identifier: MIT
// Where tracer and resolver lie, seen from the running program.
#include "trace/tools.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"

static const char *const folders[] = {
    "",                   // build/lab
    "../",                // build/tests/unit-NAME
    "../libexec/lab/",    // PREFIX/bin/lab
    "../../libexec/lab/", // the same, from a folder of its own
};

char *trace_tool_path(const char *name, struct err *err)
{
    auto_free char *self = path_real("/proc/self/exe", NULL);
    auto_free char *folder = self != NULL ? path_parent(self) : NULL;
    for (size_t i = 0; folder != NULL && i < sizeof folders / sizeof *folders; i++) {
        auto_free char *near = str_format("%s/%s%s", folder, folders[i], name);
        if (path_exists(near) && !path_is_folder(near))
            return path_real(near, err);
    }
    auto_free char *installed = path_join(LAB_INSTALL_LIBEXEC, name);
    if (path_exists(installed))
        return take(installed);
    err_set(err, ERR_ENV, "%s is neither beside lab nor in %s", name, LAB_INSTALL_LIBEXEC);
    err_set_cure(err, "build or install lab again");
    return NULL;
}
