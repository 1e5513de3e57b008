// SPDX-License-Identifier: MIT
// What no learner's program may see: every course and every grader that lies below /usr, which
// boxes show. Elsewhere boxes show nothing.
#include <string.h>

#include "base/file.h"
#include "course/internal.h"

static void hide(const char *folder, struct strings *out)
{
    auto_free char *real = folder != NULL ? path_real(folder, NULL) : NULL;
    if (real != NULL && str_starts_with(real, "/usr/") && path_is_folder(real) &&
        !strings_have(out, real))
        strings_add(out, real);
}

void course_hidden(const struct lab *lab, struct strings *out)
{
    struct courses courses = {STRINGS_INIT, NULL};
    auto_free char *graders = lab->grader != NULL ? path_parent(lab->grader) : NULL;
    hide(LAB_INSTALL_DATA, out);
    hide(LAB_INSTALL_LIBEXEC, out);
    hide(lab->course, out);
    hide(graders, out);
    // A course of LAB_PATH must not show its learners what the built-in one holds, nor the other
    // way round. Graders lie beside their course, or in a folder that installations name.
    if (!courses_find(&courses, NULL))
        return;
    for (size_t i = 0; i < courses.roots.count; i++)
        hide(courses.roots.items[i], out);
    courses_release(&courses);
}
