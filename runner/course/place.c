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

// ---- the course around the current folder

// Somebody else's folder above, /tmp/labs for example, is nobody's course.
static bool is_ones_own(const char *folder)
{
    struct stat status;
    return stat(folder, &status) == 0 && S_ISDIR(status.st_mode) &&
           (geteuid() == 0 || status.st_uid == geteuid() || status.st_uid == 0);
}

// A folder called labs may be anything: it is a course's when it has a roadmap, or a lab.
static bool is_course(const char *root)
{
    auto_free char *labs = path_join(root, "labs");
    if (!is_ones_own(labs))
        return false;
    auto_strings struct strings names = STRINGS_INIT;
    bool found = has_roadmap(root);
    if (!found)
        folder_list(labs, &names, NULL);
    for (size_t i = 0; !found && i < names.count; i++) {
        auto_free char *manifest = str_format("%s/%s/lab.json", labs, names.items[i]);
        found = path_exists(manifest);
    }
    return found;
}

char *course_around(void)
{
    for (char *folder = path_real(".", NULL); folder != NULL;) {
        if (is_course(folder))
            return folder;
        char *above = strcmp(folder, "/") != 0 ? parent_of(folder) : NULL;
        free(folder);
        folder = above;
    }
    return NULL;
}

// ---- graders

static bool is_program(const char *path, struct timespec *out_changed)
{
    struct stat status;
    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode) || access(path, X_OK) < 0)
        return false;
    *out_changed = status.st_mtim;
    return true;
}

// Folders in which a course's graders may lie, the likeliest first. Those that *out_made counts are
// made together with their sources: an installation's, and what somebody names.
static void add_grader_folders(const char *course, struct strings *out, size_t *out_made)
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
    *out_made = out->count;
    strings_add_taken(out, path_join(course, "build/graders"));
    strings_add_taken(out, path_join(course, "graders"));
}

static bool is_older(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

char *place_grader(const char *course, const char *id)
{
    auto_strings struct strings folders = STRINGS_INIT;
    size_t made = 0;
    add_grader_folders(course, &folders, &made);
    auto_free char *source = str_format("%s/graders/%s.c", course, id);
    struct stat status;
    bool has_source = stat(source, &status) == 0 && S_ISREG(status.st_mode);
    for (size_t i = 0; i < folders.count; i++) {
        auto_free char *grader = path_join(folders.items[i], id);
        struct timespec built;
        if (is_program(grader, &built) &&
            (i < made || !has_source || !is_older(built, status.st_mtim)))
            return take(grader);
    }
    return has_source ? take(source) : path_join(folders.items[0], id);
}
