// SPDX-License-Identifier: MIT
// The labs of all courses in the roadmap's order, with what is known of each: what status, list,
// next and `lab` alone read.
#ifndef LAB_TABLE_H
#define LAB_TABLE_H

#include "cmd/context.h"
#include "render/render.h"

struct table_lab {
    struct lab *lab;
    struct progress_lab known;
    enum roadmap_lab_status status;
    size_t steps_passed;
};

struct table {
    struct roadmap roadmap;
    struct table_lab *labs; // sorted by stage, then order
    size_t count;
    struct err *broken; // one for each lab that does not load
    size_t broken_count;
    const struct table_lab *current; // started, not passed, used last or first; or NULL
    const struct table_lab *next;    // the first one that was never started; or NULL
};

bool table_load(const struct context *context, struct table *out, struct err *err);
void table_release(struct table *table);
// Tells of each broken lab. Returns the exit status that they make.
int table_tell_broken(const struct table *table);
// Index of a lab's stage in the roadmap.
size_t table_stage(const struct table *table, const struct lab *lab);

#endif
