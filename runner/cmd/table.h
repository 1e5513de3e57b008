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
    double last_used; // seconds since 1970: its latest attempt, or when its workspace was made
};

struct table {
    struct roadmap roadmap;
    struct table_lab *labs; // sorted by stage, then order
    size_t count;
    struct err *broken; // one for each lab that does not load
    size_t broken_count;
    // Begun and not passed: the one whose workspace this is, else the one used last; or NULL.
    const struct table_lab *current;
    // Never begun: the first one whose prerequisites are passed, else the first one; or NULL.
    const struct table_lab *next;
};

bool table_load(const struct context *context, struct table *out, struct err *err);
void table_release(struct table *table);
// Tells of each broken lab. Returns the exit status that they make.
int table_tell_broken(const struct table *table);
// Index of a lab's stage in the roadmap.
size_t table_stage(const struct table *table, const struct lab *lab);

// The table as render takes it. Borrows from the table.
struct table_view {
    struct roadmap_view roadmap;
    struct roadmap_stage_view *stages;
    struct roadmap_lab_view *labs;
    size_t count; // labs in it
};
// Labs for which keep() says no are left out; NULL keeps all.
struct table_view table_view_make(const struct table *table,
                                  bool (*keep)(const struct table *table,
                                               const struct table_lab *entry, const void *context),
                                  const void *context);
void table_view_release(struct table_view *view);

#endif
