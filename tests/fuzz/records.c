// SPDX-License-Identifier: MIT
// The records of a check: whole and in pieces they say the same, and no check passes by chance.
// parser: runner/grade/records.c
#include "target.h"

#include <string.h>

#include "grade/records.h"

struct read {
    struct records records;
    struct attempt attempt; // of this one check
    const struct check_result *check;
};

static void read_in_pieces(struct read *read, const uint8_t *data, size_t size, size_t piece)
{
    struct check_result *check = mem_alloc(sizeof *check);
    check->id = mem_copy_string("step/check");
    *read = (struct read){.attempt = {.checks = check, .check_count = 1}, .check = check};
    records_start(&read->records, check, true);
    bool good = true;
    for (size_t at = 0; at < size; at += piece) {
        size_t length = size - at < piece ? size - at : piece;
        bool still = records_take(&read->records, (const char *)data + at, length);
        MUST(good || !still);
        good = still;
    }
    records_finish(&read->records, 0);
}

static void release(struct read *read)
{
    records_release(&read->records);
    attempt_release(&read->attempt);
}

static bool has(const uint8_t *data, size_t size, const char *words)
{
    return memmem(data, size, words, strlen(words)) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct read whole, pieces;
    read_in_pieces(&whole, data, size, size + 1);
    read_in_pieces(&pieces, data, size, 7);
    const struct check_result *check = whole.check;
    MUST(check->status == pieces.check->status);
    MUST(str_equal(check->message, pieces.check->message));
    MUST(check->transcript_count == pieces.check->transcript_count);
    MUST(check->status != CHECK_NOT_RUN);
    if (check->status != CHECK_PASSED)
        must_be_a_line(check->message);
    // Escapes can hide the words, so this holds only where there are none.
    if (check->status == CHECK_PASSED && !has(data, size, "\\"))
        MUST(has(data, size, "passed") && has(data, size, "step/check"));
    for (size_t i = 0; i < check->transcript_count; i++)
        MUST(check->transcript[i].at >= 0 && check->transcript[i].connection >= 0);
    release(&whole);
    release(&pieces);
    return 0;
}
