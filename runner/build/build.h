// SPDX-License-Identifier: MIT
/*
 * The build: a snapshot of the sources, three compilations at once inside boxes, a cache keyed on
 * content. A program that does not compile is a result, not an error.
 */
#ifndef LAB_BUILD_H
#define LAB_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "box/stage.h"
#include "course/course.h"

struct build_diagnostic {
    char *file; // relative to the workspace; NULL for the linker's
    int line, column;
    char *severity;           // "error", "warning", "note"
    char *message;            // one line
    char *source_line;        // the line itself without its end, or NULL
    int caret_from, caret_to; // columns under which the compiler points, 1-based; 0: none
};

// The learner's sources as they were at one moment.
struct sources {
    struct source {
        char *name; // relative, '/' between folders
        char *data;
        size_t length;
    } * items;
    size_t count;
    char *hash; // over names and contents, hexadecimal
};

// Reads every *.c and *.h below `folder`, hidden folders left out, links not followed. `extra` are
// further relative names that belong to the program. Too much (10 MB a file, 64 MB in all, 1,000
// files) or unreadable: ENV, with name and cure.
bool sources_read(const char *folder, const struct strings *extra, struct sources *out,
                  struct err *err);
// What tells a save from none: it changes with every write to what sources_read would read, also
// when the bytes stay the same. *out_folders (may be NULL): the folders that hold sources,
// relative,
// "" first. The caller frees it; NULL and ENV only when the folder itself cannot be read.
char *sources_stamp(const char *folder, struct strings *out_folders, struct err *err);
// Puts a file in place of the one of that name, or beside the others. Copies both.
void sources_put(struct sources *sources, const char *name, const void *bytes, size_t length);
void sources_release(struct sources *sources);

enum build_variant { BUILD_CHECKED, BUILD_PLAIN, BUILD_VARIANTS };

struct build_request {
    const struct lab *lab;
    const struct sources *sources;
    const struct strings *only; // names of the .c files to compile, or NULL for all
    const struct stage *stage;
    bool no_cache;
    bool checked_only; // no plain program, and no warnings that need an optimizer: half the work
    // Called once, when the compilers are at work, or need not be; NULL: nothing else is to be
    // done.
    void (*meanwhile)(void *context);
    void *context;
};

struct build_result {
    bool ok;
    bool cached;
    double seconds;
    struct build_diagnostic *diagnostics; // errors first
    size_t diagnostic_count;
    char *raw;     // what the compiler said, as it said it (head and tail when it was much)
    char *command; // the checked build's command line, to be pasted in the workspace
    char *stopped; // "the compiler used up 10 s of CPU time" or NULL
    char *programs[BUILD_VARIANTS]; // paths on the stage, when ok; NULL: not wanted
};

// Builds (or takes from the cache) and puts the programs on the stage. Returns false and err only
// when the machine failed (no compiler, no space, no sandbox): kind ENV with the cure.
bool build_run(const struct build_request *request, struct build_result *out, struct err *err);

// The same in two parts, for who can begin with the checked program alone. build_begin returns as
// soon as that is there; when the plain one still compiles then, *out_pending is not NULL: `out` is
// ok so far, its plain program is not there yet, and the messages are those of the other builds.
struct build_pending;
bool build_begin(const struct build_request *request, struct build_result *out,
                 struct build_pending **out_pending, struct err *err);
// Goes on; with `wait` until something happens. When *out_done, `out` is what build_run would have
// made it, which may be not ok. False: ENV or INTERRUPTED.
bool build_go_on(struct build_pending *pending, bool wait, bool *out_done, struct err *err);
// Readable when there is something to go on with. The compiler's limits want build_go_on besides,
// every quarter of a second or so. Borrowed.
int build_descriptor(const struct build_pending *pending);
// Ends what still compiles. NULL is fine. The request, its sources and `out` must live until then.
void build_end(struct build_pending *pending);
void build_result_release(struct build_result *result);

// Compiles them once more, for following single bytes through the program. Returns its path on the
// stage, which the caller frees; NULL when it could not be made (*err is set for ENV and
// INTERRUPTED only).
char *build_stepped(const struct lab *lab, const struct sources *sources, const struct stage *stage,
                    struct err *err);

// The command line of the checked build, for compile_commands.json and the Makefile: relative
// sources, output `program`.
bool build_command(const struct lab *lab, const struct strings *c_files, struct strings *out_argv,
                   struct err *err);
// What the compiler is: "gcc 12.2.0"; for doctor. The caller frees it.
char *build_compiler_version(struct err *err);

#endif
