// SPDX-License-Identifier: MIT
/*
 * What the services of a lab need before any check can have them (fixtures/README.md): packages of
 * the machine's, and a preparation that is made once and kept in $XDG_CACHE_HOME/lab/services. A
 * cache that cannot be read or written is no error: the preparation is made for this attempt.
 */
#ifndef LAB_SERVICES_H
#define LAB_SERVICES_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "box/stage.h"
#include "course/course.h"

// The executable of a service: the course's own, or one that comes with lab. The caller frees it;
// NULL: there is none.
char *services_fixture(const struct lab *lab, const char *name);

// Copies the fixtures of the lab's services to the stage, where its user can read them. One that is
// nowhere is told by the check that needs it. Whoever runs one has been here: a course that nobody
// allowed stops here (ENV). Once a stage. The caller frees *out_folder.
bool services_stage(const struct lab *lab, const struct stage *stage, char **out_folder,
                    struct err *err);

// A copy of box-init on the stage: like the fixtures it may lie where the stage's user cannot read
// it. Made once a stage. The caller frees it.
char *services_box_init(const struct stage *stage, struct err *err);

// What a fixture says that it lacks and needs; members are NULL where it says nothing.
struct service_needs {
    char *error, *cure, *package; // what the machine lacks
    char *key;                    // what its preparation depends on
};
// Asks the fixture, which was staged. A fixture that does not know the question needs nothing.
void services_ask(const struct stage *stage, const char *name, struct service_needs *out);
void service_needs_release(struct service_needs *needs);

// Makes the preparations of all services that have one, or takes them from the cache, as
// `prepared-NAME` of the stage; what is there already stays. A service whose package is missing is
// left out: the check that needs it says so. Errors: ENV, INTERRUPTED.
bool services_prepare(const struct lab *lab, const struct stage *stage, struct err *err);

#endif
