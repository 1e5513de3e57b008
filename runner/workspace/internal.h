// SPDX-License-Identifier: MIT
/*
 * What the files of workspace/ share: the files a workspace is made of.
 */
#ifndef LAB_WORKSPACE_INTERNAL_H
#define LAB_WORKSPACE_INTERNAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "course/course.h"
#include "workspace/workspace.h"

#define WORKSPACE_FOLDER ".lab"
#define WORKSPACE_FILE ".lab/workspace.json"
enum { WORKSPACE_VERSION = 1 };

// One file of a workspace, as lab makes it.
struct wanted_file {
    char *name; // relative to the workspace
    struct str bytes;
    mode_t mode;
};

struct wanted_files {
    struct wanted_file *items;
    size_t count;
};

// The stub's files, those of sub-folders too. Errors: LAB, ENV.
bool wanted_stub(const struct lab *lab, struct wanted_files *out, struct err *err);
// Makefile, ./lab and compile_commands.json, but those that the stub brings itself. Without a
// compiler or one of the lab's packages only what needs neither: the next check brings the rest.
void wanted_generated(const struct lab *lab, const char *folder, struct wanted_files *out);
// A file of that name that lab wrote and nobody has changed since.
bool generated_is_ours(const char *folder, const char *name);
// Remembers what was written, for that question.
bool generated_remember(const char *folder, const struct wanted_file *file, struct err *err);
// Whether compile_commands.json speaks of this folder and of all its sources.
bool generated_is_current(const char *folder, const struct sources *sources);
void wanted_add(struct wanted_files *files, const char *name, const void *bytes, size_t length,
                mode_t mode);
const struct wanted_file *wanted_find(const struct wanted_files *files, const char *name);
void wanted_release(struct wanted_files *files);

enum presence { PRESENT_NOT, PRESENT_SAME, PRESENT_OTHER };
// Whether a workspace has that file. What cannot be read counts as other.
enum presence wanted_presence(const char *folder, const struct wanted_file *file);
// Writes a file that is not there, its folders too; what appears meanwhile is not overwritten.
bool wanted_create(const char *folder, const struct wanted_file *file, struct err *err);
// Writes it over whatever is there.
bool wanted_replace(const char *folder, const struct wanted_file *file, struct err *err);

// Reads .lab/workspace.json of that very folder. *out_other_version: it is whole, and of a version
// that this program does not know.
bool workspace_load(const char *folder, struct workspace *out, bool *out_other_version,
                    struct err *err);
// The text of .lab/workspace.json for a lab; the caller frees it.
char *workspace_json(const struct lab *lab);

// Makes .lab/backup/<n>/ with the first free n. Returns its path, the caller frees it.
char *backup_make(const char *folder, struct err *err);

// Adds to an ENV error what helps where files cannot be written.
bool cannot_write(struct err *err);

#endif
