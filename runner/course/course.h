// SPDX-License-Identifier: MIT
/*
 * Courses, the roadmap and labs as their files say them. Everything here is read-only after loading
 * and is freed with its owner. Errors are of kind LAB and name file, line, column and cure.
 */
#ifndef LAB_COURSE_H
#define LAB_COURSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct roadmap_stage {
    char *id; // [a-z][a-z0-9-]*
    char *title;
};

struct roadmap {
    struct roadmap_stage *stages;
    size_t count;
};

struct step {
    char *id;
    char *title;
    int points;
};

struct lab_package {
    char *pkg_config; // module for pkg-config, or NULL
    char *debian;     // package to install
};

struct lab_limits { // defaults in parentheses
    int seconds;    // of sleep or CPU time without progress (2)
    int memory_mb;  // (256)
    int processes;  // processes and threads (64)
    int files_mb;   // scratch folder (64)
    int output_kb;  // of stdout and stderr kept (1024)
};

enum lab_kind {
    LAB_SERVER, // listens at $PORT
    LAB_CLIENT, // is run with arguments, and connects to servers
    LAB_TOOL,   // is run with arguments
};

struct lab {
    char *folder; // absolute: <course>/labs/<id>
    char *course; // absolute: the course's root
    char *grader; // absolute path of the built grader (may not exist)
    char *id, *title, *summary, *stage;
    int order;
    enum lab_kind kind;
    char *difficulty;
    int minutes;
    struct strings prerequisites; // ids of labs
    struct strings edit;          // files the learner edits, relative to the workspace
    struct strings given;         // files restored from the lab at each build
    struct lab_package *packages;
    size_t package_count;
    struct strings services;
    struct lab_limits limits;
    struct step *steps;
    size_t step_count;
    char *version; // 32 digits: a hash over the lab's content and its grader
};

// All courses that commands know: the built-in one, then those of LAB_PATH (absolute, ':' between).
struct courses {
    struct strings roots; // absolute; roots.items[0] is the built-in one
};

// Finds the built-in course (LAB_HOME, the source tree around the running program, or the installed
// one). None, or a course of LAB_PATH that is not there: ENV.
bool courses_find(struct courses *out, struct err *err);
void courses_release(struct courses *courses);
// Appends the real paths of all folders below /usr that a program or a compiler must not see while
// it runs for this lab: courses and graders.
void course_hidden(const struct lab *lab, struct strings *out);
// The ids of all labs, sorted by roadmap. A lab that does not load is listed all the same.
bool courses_list(const struct courses *courses, struct strings *out_ids, struct err *err);

// Reads labs/roadmap.json of the first course that has one.
bool roadmap_load(const struct courses *courses, struct roadmap *out, struct err *err);
void roadmap_release(struct roadmap *roadmap);

// Finds and loads a lab by id. Unknown: USAGE with a suggestion. In two courses: USAGE, both named.
struct lab *lab_load(const struct courses *courses, const char *id, struct err *err);
// Loads <folder>/lab.json, whatever course it lies in.
struct lab *lab_load_folder(const char *folder, struct err *err);
void lab_free(struct lab *lab); // NULL is allowed

// The step of that id or number ("4"), or NULL.
const struct step *lab_step(const struct lab *lab, const char *id_or_number);
size_t lab_step_index(const struct lab *lab, const struct step *step);

#endif
