// SPDX-License-Identifier: MIT
// The recording as it grows, and its file.
#include "trace/tracer/step_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/str.h"

void step_record_release(struct step_record *record)
{
    free(record->steps);
    free(record->calls);
    *record = (struct step_record){.full = true};
}

// Room for one more, up to the most.
static bool grow(void **array, size_t *room, size_t count, size_t most, size_t size)
{
    if (count == most)
        return false;
    if (count == *room) {
        *room = *room == 0 ? 4096 : 2 * *room;
        *room = *room > most ? most : *room;
        *array = mem_resize(*array, *room * size);
    }
    return true;
}

// The first half of the steps gives way, with the calls that they made.
static void forget_first_half(struct step_record *record)
{
    size_t half = record->step_count / 2, calls = 0;
    for (size_t i = 0; i < half; i++)
        if (record->steps[i].call != 0)
            calls = record->steps[i].call;
    record->step_count -= half;
    memmove(record->steps, record->steps + half, record->step_count * sizeof *record->steps);
    record->call_count -= calls;
    memmove(record->calls, record->calls + calls, record->call_count * sizeof *record->calls);
    for (size_t i = 0; i < record->step_count; i++)
        if (record->steps[i].call != 0)
            record->steps[i].call -= (uint32_t)calls;
    record->dropped += calls;
    record->code.forgotten += half;
    record->code.before -= record->code.before < half ? record->code.before : half;
}

static void make_room(struct step_record *record)
{
    bool needed =
        record->step_count == RECORDING_STEPS_MOST || record->call_count == RECORDING_CALLS_MOST;
    if (record->forgets && needed &&
        record->code.forgotten + record->step_count < RECORDING_STEPS_LONGEST)
        forget_first_half(record);
}

bool step_record_add(struct step_record *record, uint32_t thread, const struct cpu *cpu)
{
    make_room(record);
    record->full =
        record->full || !grow((void **)&record->steps, &record->step_room, record->step_count,
                              RECORDING_STEPS_MOST, sizeof *record->steps);
    if (record->full)
        return false;
    struct recorded_step *step = &record->steps[record->step_count++];
    *step =
        (struct recorded_step){.ip = cpu->ip, .thread_base = cpu->thread_base, .thread = thread};
    memcpy(step->registers, cpu->registers, sizeof step->registers);
    return true;
}

void step_record_undo(struct step_record *record, size_t count)
{
    record->step_count -= count < record->step_count ? count : record->step_count;
}

// ---------------------------------------------------------------- calls

// The bytes at an address, as many as there are up to the most.
static uint16_t show(pid_t tid, uint64_t address, uint8_t *to)
{
    struct iovec here = {to, RECORDING_SHOWN};
    size_t first = 4096 - (address & 4095);
    if (first > RECORDING_SHOWN)
        first = RECORDING_SHOWN;
    struct iovec there[2] = {{(void *)(uintptr_t)address, first}, // NOLINT
                             {(void *)(uintptr_t)(address + first), RECORDING_SHOWN - first}};
    if (address < 4096)
        return 0;
    ssize_t got = process_vm_readv(tid, &here, 1, there, first < RECORDING_SHOWN ? 2 : 1, 0);
    return got > 0 ? (uint16_t)got : 0;
}

static const int argument_order[RECORDING_ARGUMENTS] = {REGISTER_DI, REGISTER_SI, REGISTER_D,
                                                        REGISTER_C,  8,           9};

uint32_t step_record_call(struct step_record *record, pid_t tid, const struct cpu *cpu)
{
    record->full =
        record->full || !grow((void **)&record->calls, &record->call_room, record->call_count,
                              RECORDING_CALLS_MOST, sizeof *record->calls);
    if (record->full || record->step_count == 0)
        return 0;
    struct recorded_call *call = &record->calls[record->call_count++];
    memset(call, 0, sizeof *call);
    call->target = cpu->ip;
    call->stack = cpu->registers[REGISTER_SP];
    for (int i = 0; i < RECORDING_ARGUMENTS; i++)
        call->arguments[i] = cpu->registers[argument_order[i]];
    for (int i = 0; i < RECORDING_POINTERS; i++)
        call->before_length[i] = show(tid, call->arguments[i], call->before[i]);
    record->steps[record->step_count - 1].call = (uint32_t)record->call_count;
    return (uint32_t)(record->dropped + record->call_count);
}

void step_record_return(struct step_record *record, pid_t tid, uint32_t number, uint64_t result)
{
    if (number <= record->dropped || record->stopped)
        return;
    struct recorded_call *call = &record->calls[number - record->dropped - 1];
    call->result = result;
    call->has_returned = 1;
    for (int i = 0; i < RECORDING_POINTERS; i++)
        call->after_length[i] = show(tid, call->arguments[i], call->after[i]);
}

const struct recorded_call *step_record_get_call(const struct step_record *record, uint32_t number)
{
    return number <= record->dropped ? NULL : &record->calls[number - record->dropped - 1];
}

// ---------------------------------------------------------------- the file

static bool put(int file, const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t written = write(file, (const char *)data + done, size - done);
        if (written < 0 && errno != EINTR)
            return false;
        done += written > 0 ? (size_t)written : 0;
    }
    return true;
}

static bool put_record(int file, enum recording_kind kind, const void *data, size_t size)
{
    const struct recording_head head = {RECORDING_MAGIC, kind, size};
    return put(file, &head, sizeof head) && put(file, data, size);
}

bool step_record_write(const struct step_record *record, int file)
{
    return put_record(file, RECORDING_CODE, &record->code, sizeof record->code) &&
           put_record(file, RECORDING_STEPS, record->steps,
                      record->step_count * sizeof *record->steps) &&
           put_record(file, RECORDING_CALLS, record->calls,
                      record->call_count * sizeof *record->calls) &&
           put_record(file, RECORDING_END, NULL, 0);
}
