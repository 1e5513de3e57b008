// SPDX-License-Identifier: MIT
// What the files of a grader that runs alone share: alone.c, alone_services.c.
#ifndef KIT_ALONE_H
#define KIT_ALONE_H

#include "box/stage.h"

// Puts the fixtures of all services that these checks name (none given: that any check names) on
// the stage, with their preparations: `prepared-NAME`. `init`: box-init, where the stage's user can
// read it.
bool alone_services_stage(const struct stage *stage, const char *init, const char *const *names,
                          size_t count, struct err *err);

#endif
