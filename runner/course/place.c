// SPDX-License-Identifier: MIT
// Where the built-in course and the graders lie: in a build tree, in an installation, elsewhere.
#include "course/internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash != NULL ? (size_t)(slash - path) : 0;
    return length > 0 ? str_format("%.*s", (int)length, path) : mem_copy_string("/");
}

// The folder of the running program, or NULL without /proc.
static char *program_folder(void)
{
    auto_free char *program = realpath("/proc/self/exe", NULL);
    return program != NULL ? parent_of(program) : NULL;
}

static bool has_roadmap(const char *root)
{
    auto_free char *roadmap = path_join(root, "labs/roadmap.json");
    return path_exists(roadmap);
}

static void add_roots(struct strings *out)
{
    auto_free char *folder = program_folder();
    if (folder != NULL) {
        auto_free char *above = parent_of(folder);
        strings_add(out, above);                               // build/lab: the source tree
        strings_add_taken(out, path_join(above, "share/lab")); // PREFIX/bin/lab, wherever moved
    }
    strings_add(out, LAB_INSTALL_DATA);
}

static char *home_course(const char *home, struct err *err)
{
    auto_free char *labs = path_join(home, "labs");
    if (!path_is_folder(labs)) {
        err_set(err, ERR_ENV, "LAB_HOME is %s, and no folder labs/ is there", home);
        err_set_cure(err, "set LAB_HOME to a course, a folder with labs/ in it, or unset it");
        return NULL;
    }
    return path_real(home, err);
}

char *place_built_in_course(struct err *err)
{
    const char *home = getenv("LAB_HOME");
    if (home != NULL && home[0] != '\0')
        return home_course(home, err);
    auto_strings struct strings roots = STRINGS_INIT;
    add_roots(&roots);
    auto_str struct str tried = STR_INIT;
    for (size_t i = 0; i < roots.count; i++) {
        if (has_roadmap(roots.items[i]))
            return path_real(roots.items[i], err);
        str_append_format(&tried, "%s%s", i > 0 ? ", " : "", roots.items[i]);
    }
    err_set(err, ERR_ENV, "the built-in course is missing; looked in %s", str_text(&tried));
    err_set_cure(err, "install lab again, or set LAB_HOME to the folder that holds labs/");
    return NULL;
}

static bool is_program(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

// Folders in which a course's graders may lie, the likeliest first.
static void add_grader_folders(const char *course, struct strings *out)
{
    const char *override = getenv("LAB_GRADERS");
    if (override != NULL && override[0] != '\0')
        strings_add(out, override);
    auto_free char *built_in = place_built_in_course(NULL);
    auto_free char *folder = program_folder();
    if (folder != NULL && str_equal(course, built_in)) {
        auto_free char *above = parent_of(folder);
        strings_add_taken(out, path_join(folder, "graders"));
        strings_add_taken(out, path_join(above, "libexec/lab/graders"));
        strings_add_taken(out, path_join(LAB_INSTALL_LIBEXEC, "graders"));
    }
    strings_add_taken(out, path_join(course, "build/graders"));
    strings_add_taken(out, path_join(course, "graders"));
}

char *place_grader(const char *course, const char *id)
{
    auto_strings struct strings folders = STRINGS_INIT;
    add_grader_folders(course, &folders);
    for (size_t i = 0; i < folders.count; i++) {
        auto_free char *grader = path_join(folders.items[i], id);
        if (is_program(grader))
            return take(grader);
    }
    return path_join(folders.items[0], id);
}
