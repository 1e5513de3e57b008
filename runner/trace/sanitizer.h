// SPDX-License-Identifier: MIT
/*
 * Reports of the sanitizers, read and explained.
 *
 * What AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer print is no interface of
 * theirs: all that the runner knows of it stands in sanitizer.c, and tests/unit/sanitizer/ has
 * recorded reports beside the programs that made them. A program can print such a text itself.
 * Nothing in it is believed: sizes and counts are bounded, and a line is shown only when the
 * sources have it, so a forged report costs its own program's lines and nothing else.
 */
#ifndef LAB_SANITIZER_H
#define LAB_SANITIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "build/build.h"
#include "grade/attempt.h"

enum sanitizer_kind {
    SANITIZER_OTHER,
    SANITIZER_HEAP_OVERFLOW,
    SANITIZER_STACK_OVERRUN, // stack-buffer-overflow, -underflow, dynamic-stack-buffer-overflow
    SANITIZER_GLOBAL_OVERFLOW,
    SANITIZER_USE_AFTER_FREE,
    SANITIZER_USE_AFTER_RETURN,
    SANITIZER_USE_AFTER_SCOPE,
    SANITIZER_DOUBLE_FREE,
    SANITIZER_BAD_FREE,
    SANITIZER_NULL_POINTER, // SEGV in the first page
    SANITIZER_SEGV,         // any other address, and SIGBUS
    SANITIZER_STACK_EXHAUSTED,
    SANITIZER_ALLOCATION_TOO_BIG,
    SANITIZER_OUT_OF_MEMORY,
    SANITIZER_LEAK,
    SANITIZER_UNDEFINED, // a runtime error of UBSan
    SANITIZER_DIVISION,  // SIGFPE
    SANITIZER_OVERLAP,
    SANITIZER_NEGATIVE_SIZE,
};

enum sanitizer_access { ACCESS_UNKNOWN, ACCESS_READ, ACCESS_WRITE };
enum sanitizer_place { PLACE_UNKNOWN, PLACE_BEFORE, PLACE_PAST, PLACE_INSIDE };

enum { SANITIZER_FRAMES_MOST = 64, SANITIZER_REPORT_MOST = 256 * 1024 /* bytes that are read */ };

// A stack, innermost frame first, the library's frames included: their file is no file of the
// sources ("nptl/pthread_create.c") or NULL.
struct sanitizer_stack {
    struct source_frame *frames;
    size_t count;
};
enum sanitizer_stack_name {
    STACK_CRASH,     // of a leak: of its allocation
    STACK_ALLOCATED, // of the block that the access missed
    STACK_FREED,
    STACK_THREAD,   // where the thread that crashed was created
    STACK_VARIABLE, // the function whose variable it is
    STACKS
};

struct sanitizer_report {
    enum sanitizer_kind kind;
    char *text; // the sanitizer's name of it ("heap-buffer-overflow"); of UBSan: its sentence
    enum sanitizer_access access;
    size_t size; // bytes of the access, 0: not known
    struct sanitizer_stack stacks[STACKS];
    enum sanitizer_place place; // of the access: before, past or inside of a block or variable
    size_t distance;            // bytes
    size_t block_size;          // bytes of the block or the global variable, 0: not known
    char *variable;             // of a function or a global one, or NULL
    char *variable_file;        // of a global one
    int variable_line;          // 0: not known
    size_t leaked_bytes, leaked_blocks; // of the first leak
    size_t further_leaks;               // lines that leak, besides the first
};

// Reads the first report in what a program wrote to stderr. False: there is none. A report that was
// cut off gives what it still has. The caller releases *out.
bool sanitizer_read(const char *text, size_t length, struct sanitizer_report *out);
void sanitizer_release(struct sanitizer_report *report);

// What mends such a mistake: one sentence, or NULL. `call` is the function of the library in which
// it happened, `line` the text of the learner's line; both may be NULL. The caller frees it.
char *sanitizer_help(const struct sanitizer_report *report, const char *call, const char *line);

// Adds a finding with its notes and help to a check whose program left a report in its stderr.
// False: there is no report, and nothing was added.
bool trace_sanitizer_explain(struct check_result *check, const struct sources *sources);

#endif
