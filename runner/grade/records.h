// SPDX-License-Identifier: MIT
/*
 * Records: what a check's cell says on its pipe, one JSON object a line. A grader can be broken in
 * any way, so nothing is believed: sizes are bounded, order is checked, and a check without exactly
 * one end record at the end is broken, never passed.
 */
#ifndef LAB_RECORDS_H
#define LAB_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "grade/attempt.h"

struct records {
    struct check_result *check; // filled as records come
    struct str line;            // a line that is not whole yet
    struct str raw;             // everything, for .lab/last/; empty when it is not kept
    size_t length;              // bytes of all records
    bool keeps_raw;
    bool started, failed, ended;
    bool asleep;            // the program sleeps, and the check waits for it
    char *fault;            // the first thing that broke the protocol; later records are ignored
    struct err environment; // the machine lacks something: the check says nothing of the program
};

void records_start(struct records *records, struct check_result *check, bool keeps_raw);
// Bytes as they came. False: a fault was found (now or before), reading on is useless.
bool records_take(struct records *records, const char *bytes, size_t length);
// No more bytes will come; cell_status is the raw wait status of the cell's first process. Decides
// the check's status: passed, failed or broken.
void records_finish(struct records *records, int cell_status);
void records_release(struct records *records);

#endif
