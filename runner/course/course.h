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
    char *grader; // absolute: the built grader, or its source, which is then built when it is
                  // needed (build/grader_program.h); neither need exist
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

// All courses that commands know: the built-in one, the one that the current folder lies in, then
// those of LAB_PATH (absolute, ':' between).
struct courses {
    struct strings roots; // absolute; roots.items[0] is the built-in one
    char *here;           // the root that the current folder lies in, or NULL
};

// Finds the built-in course (LAB_HOME, the source tree around the running program, or the installed
// one). None, or a course of LAB_PATH that is not there: ENV. With LAB_HOME set the current folder
// says nothing.
bool courses_find(struct courses *out, struct err *err);
void courses_release(struct courses *courses);
// Appends the real paths of all folders below /usr that a program or a compiler must not see while
// it runs for this lab: courses and graders.
void course_hidden(const struct lab *lab, struct strings *out);
// The ids of all labs, sorted by roadmap. A lab that does not load is listed all the same.
bool courses_list(const struct courses *courses, struct strings *out_ids, struct err *err);

// The root of the course that the current folder lies in: the nearest folder above with a
// labs/roadmap.json, or a lab, that belongs to the caller or to root. NULL: in none. The caller
// frees it.
char *course_around(void);

// Graders and fixtures are programs that run with their caller's rights: those of a course that is
// not part of lab run only after course_allow, which writes it down in the settings.
bool course_is_allowed(const char *root);
// The same for whoever is about to run one, or a fixture of the course: ENV with the cure.
bool course_demand_allowed(const char *root, struct err *err);
bool course_allow(const char *root, struct err *err);

// The stages of all courses that have a labs/roadmap.json, one course after the other, each once.
bool roadmap_load(const struct courses *courses, struct roadmap *out, struct err *err);
void roadmap_release(struct roadmap *roadmap);

// Finds and loads a lab by id, in the course around the current folder first. Unknown: USAGE with a
// suggestion. In two other courses: USAGE, both named.
struct lab *lab_load(const struct courses *courses, const char *id, struct err *err);
// Loads <folder>/lab.json, whatever course it lies in.
struct lab *lab_load_folder(const char *folder, struct err *err);
void lab_free(struct lab *lab); // NULL is allowed

// The greatest order of a stage's labs, 0 when it has none.
int courses_last_order(const struct courses *courses, const char *stage);
// The folder <root>/labs/<id> of the first course that has this lab, or NULL; the caller frees it.
char *courses_lab_folder(const struct courses *courses, const char *id);

// The step of that id or number ("4"), or NULL.
const struct step *lab_step(const struct lab *lab, const char *id_or_number);
size_t lab_step_index(const struct lab *lab, const struct step *step);

#endif
