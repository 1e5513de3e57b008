// SPDX-License-Identifier: MIT
/*
 * What box.c tells box-init, and what box-init answers. Both come from one build: no versions.
 *
 * The descriptor INIT_CONFIG holds a struct init_config, then the seccomp filter (an array of
 * struct sock_filter), then the filter for a tracer, then argument_count + environment_count
 * strings, each ended by NUL.
 */
#ifndef LAB_INIT_CONFIG_H
#define LAB_INIT_CONFIG_H

#include <stdint.h>

// Descriptors with which bubblewrap, and so box-init, is started.
enum {
    INIT_STATUS = 3, // socket of reports
    INIT_CONFIG = 4,
    INIT_SELF = 5,     // box-init's own executable
    INIT_STANDARD = 6, // the program's 0, 1 and 2 are 6, 7 and 8
    INIT_RULES = 9,    // a ruleset of Landlock, when INIT_HAS_RULES
    INIT_FILES = 10,   // small files that bubblewrap copies into the box
};

#define INIT_MAGIC 0x6c616231u

enum init_flag {
    INIT_IS_BARE = 1,   // no namespaces: box-init is not PID 1 and ends the others itself
    INIT_HAS_RULES = 2, // the program is restricted by INIT_RULES
};

struct init_config {
    uint32_t magic;
    uint32_t flags;
    uint32_t argument_count;
    uint32_t environment_count;
    uint32_t filter_bytes;
    uint32_t trace_bytes; // > 0: the program waits for INIT_GO_… on the status socket
    uint64_t strings_bytes;
    uint64_t memory, file_size, processes, descriptors, cpu_seconds; // 0: not limited
};

enum init_report_kind {
    INIT_IS_UP,   // sent by PID 1 of the box: its pid comes with the message
    INIT_CHILD,   // sent by the program's first process, before it executes the program
    INIT_WAITS,   // sent by the same, when it waits to be told how to go on
    INIT_STARTED, // the program was executed
    INIT_ENDED,  // `value` is the raw wait status of the program's first process, `peak` its memory
    INIT_FAILED, // `what` failed with the errno in `value`
};

// What the caller answers to INIT_WAITS: one byte. With a tracer at hand, and only then, the second
// filter is installed.
enum { INIT_GO_TRACED = 't', INIT_GO_UNTRACED = 'u' };

struct init_report {
    int32_t kind;
    int32_t value;
    int64_t peak; // bytes that were resident at most
    char what[24];
};

#endif
