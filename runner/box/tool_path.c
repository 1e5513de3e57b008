// SPDX-License-Identifier: MIT
// Where box-init and the tools beside it lie: in a build tree, in an installation, or, seen from a
// grader that was built elsewhere, wherever `lab` is.
#include "box/box.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

// Seen from lab and from a built-in grader.
static const char *const from_program[] = {
    "%s",                // build/lab
    "../%s",             // build/graders/ID, PREFIX/libexec/lab/graders/ID
    "../libexec/lab/%s", // PREFIX/bin/lab
};

// Seen from the `lab` that a person types.
static const char *const from_lab[] = {
    "../libexec/lab/%s", // PREFIX/bin/lab
    "build/%s",          // the launcher of a source tree
    "%s",                // build/lab
};

#define PLACES (sizeof from_program / sizeof *from_program)

// "../%s" and the like, with the tool's name.
static char *place_of(const char *place, const char *name)
{
    const char *mark = strstr(place, "%s");
    return str_format("%.*s%s", (int)(mark - place), place, name);
}

static char *find_near(const char *program, const char *const places[PLACES], const char *name)
{
    auto_free char *folder = path_real(program, NULL);
    char *slash = folder != NULL ? strrchr(folder, '/') : NULL;
    if (slash == NULL)
        return NULL;
    *slash = '\0';
    for (size_t i = 0; i < PLACES; i++) {
        auto_free char *place = place_of(places[i], name);
        auto_free char *path = path_join(folder, place);
        if (path_exists(path))
            return path_real(path, NULL);
    }
    return NULL;
}

static char *find_near_lab(const char *name)
{
    auto_free char *lab = process_find("lab");
    return lab != NULL ? find_near(lab, from_lab, name) : NULL;
}

// LAB_BOX_INIT for box-init.
static char *variable_of(const char *name)
{
    char *variable = str_format("LAB_%s", name);
    for (char *c = variable; *c != '\0'; c++)
        if (*c == '-' || *c == '/')
            *c = '_';
        else
            *c = (char)toupper((unsigned char)*c);
    return variable;
}

// What the variable names.
static char *take_named(const char *path, const char *variable, const char *name, struct err *err)
{
    if (access(path, F_OK) == 0)
        return mem_copy_string(path);
    err_set(err, ERR_ENV, "%s is %s: %s", variable, path, strerror(errno));
    err_set_cure(err, "Set %s to the path of %s, or unset it.", variable, name);
    return NULL;
}

char *box_tool_path(const char *name, struct err *err)
{
    auto_free char *variable = variable_of(name);
    const char *set = getenv(variable);
    if (set != NULL && set[0] != '\0')
        return take_named(set, variable, name, err);
    char *path = find_near("/proc/self/exe", from_program, name);
    auto_free char *installed = path_join(LAB_INSTALL_LIBEXEC, name);
    if (path == NULL && path_exists(installed))
        path = take(installed);
    if (path == NULL)
        path = find_near_lab(name);
    if (path != NULL)
        return path;
    err_set(err, ERR_ENV, "%s is neither beside lab nor in %s", name, LAB_INSTALL_LIBEXEC);
    err_set_cure(err, "Build or install lab again, or set %s to its path.", variable);
    return NULL;
}

char *box_init_path(struct err *err)
{
    return box_tool_path("box-init", err);
}
