// SPDX-License-Identifier: MIT
// Where box-init lies: in a build tree, in an installation, or, seen from a grader that was built
// elsewhere, wherever `lab` is.
#include "box/box.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

// Seen from lab and from a built-in grader.
static const char *const from_program[] = {
    "box-init",                // build/lab
    "../box-init",             // build/graders/ID, PREFIX/libexec/lab/graders/ID
    "../libexec/lab/box-init", // PREFIX/bin/lab
};

// Seen from the `lab` that a person types.
static const char *const from_lab[] = {
    "../libexec/lab/box-init", // PREFIX/bin/lab
    "build/box-init",          // the launcher of a source tree
    "box-init",                // build/lab
};

static char *find_near(const char *program, const char *const *places, size_t count)
{
    auto_free char *folder = path_real(program, NULL);
    char *slash = folder != NULL ? strrchr(folder, '/') : NULL;
    if (slash == NULL)
        return NULL;
    *slash = '\0';
    for (size_t i = 0; i < count; i++) {
        auto_free char *path = path_join(folder, places[i]);
        if (path_exists(path))
            return path_real(path, NULL);
    }
    return NULL;
}

static char *find_near_lab(void)
{
    auto_free char *lab = process_find("lab");
    return lab != NULL ? find_near(lab, from_lab, sizeof from_lab / sizeof *from_lab) : NULL;
}

// What LAB_BOX_INIT names.
static char *take_named(const char *path, struct err *err)
{
    if (access(path, F_OK) == 0)
        return mem_copy_string(path);
    err_set(err, ERR_ENV, "LAB_BOX_INIT is %s: %s", path, strerror(errno));
    err_set_cure(err, "Set LAB_BOX_INIT to the path of box-init, or unset it.");
    return NULL;
}

char *box_init_path(struct err *err)
{
    const char *set = getenv("LAB_BOX_INIT");
    if (set != NULL && set[0] != '\0')
        return take_named(set, err);
    char *path =
        find_near("/proc/self/exe", from_program, sizeof from_program / sizeof *from_program);
    if (path == NULL && path_exists(LAB_INSTALL_LIBEXEC "/box-init"))
        path = mem_copy_string(LAB_INSTALL_LIBEXEC "/box-init");
    if (path == NULL)
        path = find_near_lab();
    if (path != NULL)
        return path;
    err_set(err, ERR_ENV, "box-init is neither beside lab nor in %s", LAB_INSTALL_LIBEXEC);
    err_set_cure(err, "Build or install lab again, or set LAB_BOX_INIT to its path.");
    return NULL;
}
