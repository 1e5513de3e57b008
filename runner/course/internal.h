// SPDX-License-Identifier: MIT
// What the files of course/ share and nobody else needs.
#ifndef LAB_COURSE_INTERNAL_H
#define LAB_COURSE_INTERNAL_H

#include "base/json.h"
#include "course/course.h"

// lab.json and roadmap.json are small; what is larger is something else.
#define COURSE_FILE_MOST (1u << 20)

// ---- lab.c
// What a lab's references are compared with.
struct lab_surroundings {
    const struct roadmap *roadmap;
    const struct courses *courses;
};
// Reads <folder>/lab.json and checks all that it says, without grader and version. `around` NULL:
// stage and prerequisites are not looked up.
struct lab *lab_read(const char *folder, const struct lab_surroundings *around, struct err *err);

// ---- place.c
// The root of the built-in course: LAB_HOME, the source tree that this program was built in, or
// the installed one. ENV and the cure when there is none. The caller frees it.
char *place_built_in_course(struct err *err);
// Where a course's grader lies, or should lie: graders/ID.c where that is there and no compiled one
// is as new. The caller frees it.
char *place_grader(const char *course, const char *id);

// ---- version.c
// A hash over what decides a lab's grades; the caller frees it. A file in the lab that is no
// regular file: LAB.
char *lab_version(const struct lab *lab, struct err *err);

#endif
