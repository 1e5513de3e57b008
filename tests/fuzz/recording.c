// SPDX-License-Identifier: MIT
/*
 * Recordings, programs with their debugging data, and what is asked about them: all of it may be
 * made up by the program. What is answered is one line, and names files and lines that the
 * debugging data has. The seeds are made with this build, by tests/unit/origin.c (origin_seed.h).
 */
// most: 65536
// runs: 2000
// parser: runner/trace/origin/recording.c runner/trace/origin/program.c
// parser: runner/trace/origin/decode.c runner/trace/origin/calls.c runner/trace/origin/flow.c
// parser: runner/trace/origin/writes.c runner/trace/origin/walk.c runner/trace/origin/format.c
// parser: runner/trace/origin/control.c runner/trace/origin/taint.c runner/trace/origin/sent.c
// parser: runner/trace/origin/tell.c runner/trace/origin/rules.c
#include "target.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "packed.h"

// The reader of failures, and what is printed, are those of the executable.
int origin_main(int argc, char **argv);
#define main origin_main
#include "trace/origin/main.c"
#undef main

enum { UNPACKED_MOST = 4 << 20 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

// One of the three parts, so that their borders stay where they are.
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    struct packed parts = packed_read(data, size);
    if (size < PACKED_HEAD)
        return LLVMFuzzerMutate(data, size, most);
    size_t sizes[] = {parts.failure_size, parts.program_size, parts.recording_size};
    unsigned which = seed % 8 < 2 ? 0 : seed % 8 == 2 ? 1 : 2;
    size_t from = PACKED_HEAD, room = most - size;
    for (unsigned i = 0; i < which; i++)
        from += sizes[i];
    size_t behind = size - from - sizes[which];
    uint8_t *rest = mem_alloc(behind + 1), *part = mem_alloc(sizes[which] + room + 1);
    memcpy(rest, data + from + sizes[which], behind);
    memcpy(part, data + from, sizes[which]);
    sizes[which] = LLVMFuzzerMutate(part, sizes[which], sizes[which] + room);
    memcpy(data + from, part, sizes[which]);
    memcpy(data + from + sizes[which], rest, behind);
    free(rest);
    free(part);
    packed_size(sizes[0], data);
    packed_size(sizes[1], data + 4);
    return from + sizes[which] + behind;
}

static void write_file(const char *path, const struct str *bytes)
{
    struct err err = ERR_INIT;
    MUST(file_write(AT_FDCWD, path, str_text(bytes), bytes->length, 0600, &err));
}

static void must_be_told_well(const struct recording *r, const struct told *told)
{
    if (told->kind == TOLD_NONE)
        return;
    MUST(told->step == NOBODY || (told->step >= 0 && (size_t)told->step < r->step_count));
    if (told->step == NOBODY)
        MUST(told->file >= 0 && (size_t)told->file < r->file_count);
    char *text = NULL;
    size_t length = 0;
    FILE *usual = stdout;
    stdout = open_memstream(&text, &length);
    print(r, told);
    fclose(stdout);
    stdout = usual;
    MUST(length > 0 && memchr(text, '\n', length) == text + length - 1);
    free(text);
}

static void ask(struct recording *r, const struct packed *parts)
{
    cJSON *json = cJSON_ParseWithLength((const char *)parts->failure, parts->failure_size);
    struct failure failure;
    struct told told;
    if (json != NULL) {
        read_failure(json, &failure);
        decide(r, &failure, &told);
        must_be_told_well(r, &told);
        free(failure.expected.data);
        free(failure.actual.data);
        free(failure.reply.data);
        free(failure.request.data);
    }
    cJSON_Delete(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_str struct str program = STR_INIT, recording = STR_INIT;
    struct packed parts = packed_read(data, size);
    unpack(parts.program, parts.program_size, 0, UNPACKED_MOST, &program);
    unpack(parts.recording, parts.recording_size, PACKED_STEP, UNPACKED_MOST, &recording);
    write_file("program", &program);
    write_file("recording", &recording);
    auto_close int file = open("recording", O_RDONLY | O_CLOEXEC);
    MUST(file >= 0);
    struct recording *r = recording_load(file, "program");
    if (r != NULL) {
        ask(r, &parts);
        recording_free(r);
    }
    return 0;
}
