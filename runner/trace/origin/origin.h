// SPDX-License-Identifier: MIT
/*
 * From a recording to lines: what the parts share. Everything here runs in a box: recording and
 * debugging data may be made up, so nothing of them is believed without a bound.
 *
 *   recording.c  the recording, and what its steps are
 *   program.c    the program's file: code, imports, debugging data
 *   decode.c     its instructions
 *   calls.c      what functions of the C library read and write
 *   flow.c       who wrote a register or the flags, what a byte was
 *   writes.c     who wrote a byte
 *   walk.c       where a byte or a number was made (format.c: by printf and its family)
 *   control.c    which condition let an instruction be executed
 *   taint.c      who looked at bytes of the request
 *   rules.c      what is told (rules.h lists its parts)
 */
#ifndef LAB_ORIGIN_PARTS_H
#define LAB_ORIGIN_PARTS_H

#include <capstone.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/recording.h"

enum { NOBODY = -1 };

// An instruction of the learner's code, as far as it matters.
enum operation {
    OP_MOVE,    // copies a value, perhaps widened
    OP_CONST,   // makes a constant
    OP_ADDRESS, // makes the address of something that has a fixed place
    OP_COMPUTE, // makes a new value of others
    OP_COMPARE, // writes flags alone
    OP_JUMP,    // goes one way or the other
    OP_GOTO,    // goes one way
    OP_CALL,
    OP_RETURN,
    OP_OTHER
};
struct instruction {
    uint64_t address;
    uint8_t size;
    enum operation operation;
    uint32_t reads, writes; // bits: sixteen registers, then sixteen of SSE
    bool reads_flags, writes_flags;
    int8_t destination;  // register, -1: memory or none
    int8_t source;       // register of a move or store, -1: none
    bool has_immediate;  //
    int64_t immediate;   // of a constant, a comparison, a jump's target
    bool loads, stores;  // memory
    uint8_t memory_size; // bytes
    int8_t base, index;  // registers of the memory operand, -1: none
    uint8_t scale;       //
    bool subtracts;
    bool is_logic;        // and, or, xor, not
    bool tests_zero;      // a comparison of one value with 0
    bool tests_equal;     // a jump that asks whether two are equal
    bool of_thread;       // the address counts from the thread's base
    int64_t displacement; // an absolute address when relative to the instruction
    int line;             // 0: none
    int file;             // number in files
    int function;         // number in functions, NOBODY: none
};
struct function {
    char *name;
    uint64_t start, end;  // in memory
    size_t call_sites;    // in the learner's code
    uint64_t called_from; // in the recording, last; 0: by nobody
    bool is_shared;       // by several instructions
    struct graph *graph;  // made when it is asked for
};
struct variable {
    uint64_t start, size; // in memory
    int line, file;
    char *name;
};
struct named_number { // of an enumeration
    int64_t value;
    char *name;
};
struct import { // a place that holds the address of a library's function
    uint64_t address;
    char *name;
};
struct line {
    uint64_t address; // in memory
    int line, file;   // line 0: none
};

struct file_part {
    unsigned char *bytes; // NULL: there is none
    uint64_t start;       // in memory
    size_t size;
};

struct bytes {
    unsigned char *data;
    size_t length;
};

struct recording {
    struct recorded_code code;
    struct recorded_step *steps;
    size_t step_count;
    struct recorded_call *calls;
    size_t call_count;
    struct instruction **decoded; // for each address of the code
    int32_t *previous, *next;     // step of the same thread, NOBODY
    int32_t *parent;              // step of the call that its function was entered by, NOBODY
    bool *forked;                 // by a thread's number: it is another process
    struct writes *writes;        // of memory
    struct function *functions;
    size_t function_count;
    struct variable *variables;
    size_t variable_count;
    struct named_number *numbers;
    size_t number_count;
    struct import *imports;
    size_t import_count;
    char **files;
    size_t file_count;
    struct line *lines; // by address
    size_t line_count;
    struct file_part text, constants; // the executable's code, and what nobody writes
    struct bytes reply;               // what the client got, from the recording's begin; borrowed
};

// ---------------------------------------------------------------- program.c, decode.c

// The executable's code, imports and debugging data. False: it is no program with code.
bool program_read(struct recording *r, const char *path);
// Every function that lies in the learner's code, and every instruction that was executed. False:
// a step is at no instruction.
bool program_decode(struct recording *r);

// ---------------------------------------------------------------- recording.c

// NULL: what the file holds is no whole recording of this program. recording_free frees it.
struct recording *recording_load(int file, const char *program);
void recording_free(struct recording *r);
// The instruction of a step; never NULL.
const struct instruction *at(const struct recording *r, int32_t step);
// NULL: none is known there.
const struct instruction *decoded_at(const struct recording *r, uint64_t address);
// 0: none, or the step is NOBODY.
int line_of(const struct recording *r, int32_t step);
// Of the instruction's operand in memory.
uint64_t memory_address(const struct recording *r, int32_t step);
// "memcpy", or "" when the step makes no call out of the learner's code.
const char *callee(const struct recording *r, int32_t step);
// A thread that goes on behind a call of fork(), and does not begin with a function: it is another
// process than the first.
bool is_forked(const struct recording *r, uint32_t thread);
// NULL: the step makes no call out of the learner's code.
const struct recorded_call *call_at(const struct recording *r, int32_t step);
// What a place that holds the address of a library's function leads to; "?": nothing known.
const char *import_at(const struct recording *r, uint64_t place);
// The name that a number has in an enumeration; NULL when it has none, or several.
const char *name_of_number(const struct recording *r, int64_t value);
// Of fixed places; NULL: none.
const struct variable *variable_at(const struct recording *r, uint64_t address);
// Is it near the executable's own code, where its constants and variables lie?
bool is_static(const struct recording *r, uint64_t address);

// ---------------------------------------------------------------- calls.c

// What a call out of the learner's code did
enum effect { EFFECT_COPY, EFFECT_FORMAT, EFFECT_INPUT, EFFECT_ZERO, EFFECT_OTHER };
struct written {
    enum effect effect;
    uint64_t address, size;
    uint64_t from; // EFFECT_COPY
};
enum { WRITTEN_MOST = 12 };
// Returns how many.
size_t call_writes(const struct recording *r, int32_t step, struct written out[WRITTEN_MOST]);
struct looked {
    uint64_t address, size;
};
// What it looks at to decide something, not what it copies or hands on.
size_t call_looks(const struct recording *r, int32_t step, struct looked out[4]);
// The bytes that a call hands to descriptor `fd` or to one of the streams; 0: none.
size_t call_sends(const struct recording *r, int32_t step, int fd, uint64_t stream,
                  uint64_t *address);
// strtol() and the like.
bool is_number_reader(const char *name);

// ---------------------------------------------------------------- flow.c, writes.c

// The step before `step`, of its thread, that wrote a register (0 to 15, SSE's from 16), or the
// flags; NOBODY: it is from before the recording.
int32_t register_writer(const struct recording *r, int32_t step, int number);
int32_t flags_writer(const struct recording *r, int32_t step);
// The last step of any thread before `before` that wrote this byte, or NOBODY.
int32_t memory_writer(const struct recording *r, int32_t before, uint64_t address);
struct writes *writes_collect(const struct recording *r);
void writes_free(struct writes *writes);
// The value of a byte before a step, -1: not known.
int byte_before(const struct recording *r, int32_t before, uint64_t address);
uint64_t number_before(const struct recording *r, int32_t before, uint64_t address, int size,
                       bool *known);

// ---------------------------------------------------------------- walk.c

enum origin_kind {
    ORIGIN_UNKNOWN,
    ORIGIN_CONST,    // an immediate number
    ORIGIN_STATIC,   // a constant's or variable's bytes; `address`
    ORIGIN_COMPUTED, // by an instruction
    ORIGIN_RESULT,   // of a library's function
    ORIGIN_WRITTEN,  // by a library's function
    ORIGIN_INPUT     // of the connection or a file
};
struct hop {
    int32_t step;
    bool is_copy;            // of a piece, by a library's function
    uint64_t to, from, size; // of the piece; of one byte when it is no copy
    uint64_t here;           // where the byte stood in the source
};
struct formatted {
    int32_t step;   // of printf() and its family
    uint64_t index; // of the byte in what was written
};
enum { HOPS = 64, FORMATS = 8 };
struct origin {
    enum origin_kind kind;
    int32_t step;     // NOBODY: before the recording
    uint64_t address; // where the byte stood
    struct hop hops[HOPS];
    size_t hop_count;
    struct formatted formatted[FORMATS]; // the latest first
    size_t formatted_count;
    int64_t number; // ORIGIN_CONST
    // What led to the last place in memory: a register before a step, or memory; step NOBODY: none.
    int32_t pointer_step;
    int pointer_register; // -1: in memory
    uint64_t pointer_address;
    // The call that was given it for its argument, counted from 0; NOBODY: none is known.
    int32_t argument_step;
    int argument;
};
// Of a byte of memory, and of a register, as they were before a step.
void origin_of_byte(const struct recording *r, int32_t before, uint64_t address,
                    struct origin *out);
void origin_of_register(const struct recording *r, int32_t step, int number, struct origin *out);
// Of the address by which the bytes at the end of this way were reached.
bool origin_of_pointer(const struct recording *r, const struct origin *end, struct origin *out);
// format.c: of the byte at `index` of what a formatting call wrote.
void origin_of_formatted(const struct recording *r, int32_t step, size_t index, struct origin *out);
// A text (%s) in what a formatting call wrote.
struct format_piece {
    size_t at, length;       // in the output
    uint64_t text;           // where it lies
    int argument;            // its number among the call's, from 0
    int length_argument;     // of a '*': in a register; -1:
    uint64_t length_address; // in memory; 0: there is none
};
enum { PIECES_MOST = 24 };
// Returns how many there are, as far as they are known.
size_t format_pieces(const struct recording *r, int32_t step, struct format_piece *out,
                     size_t most);
// The register of a call's argument, from 0; -1: it is on the stack.
int argument_register(int index);

// ---------------------------------------------------------------- control.c

// The step of the conditional jump that let `step` be executed, in its own function; NOBODY.
int32_t control_of(struct recording *r, int32_t step);
// Is one of the numbers an immediate in code that only the other way of this jump leads to?
// No numbers: any from 400 to 599.
bool other_way_has(struct recording *r, int32_t jump, const int *numbers, size_t count);

// Does the other way of this jump, and not the one that was taken, soon lead to where this text is
// given? It stands in the program, as a whole or as the beginning of a format.
bool other_way_names(struct recording *r, int32_t jump, const unsigned char *text, size_t length);

// The latest jump in the step's function whose way led to the step for certain, and whose other way
// need not lead there ever: the step lies behind a loop that it left. Of those the one that is
// wanted; NOBODY.
int32_t loop_exit_of(struct recording *r, int32_t step,
                     bool (*is_wanted)(struct recording *r, int32_t jump));
struct wanted_call {
    const char *const *names; // of library's functions
    size_t count;
};
// Does this function, or one that it calls, make such a call somewhere?
bool function_reaches(struct recording *r, int number, const struct wanted_call *wanted);
// Does it itself?
bool function_makes(struct recording *r, int number, const struct wanted_call *wanted);
// Does the other way of this jump, and not the one that was taken, soon lead to such a call, in its
// function or in those that it calls?
bool other_way_calls(struct recording *r, int32_t jump, const struct wanted_call *wanted);
// Does the other way, whatever the one that was taken does?
bool other_way_also_calls(struct recording *r, int32_t jump, const struct wanted_call *wanted);
// May the other way, and not the one that was taken, lead to such a call before the function ends?
bool only_other_way_may_call(struct recording *r, int32_t jump, const struct wanted_call *wanted);
// Does it soon lead to what is at this address of the same function?
bool other_way_reaches(struct recording *r, int32_t jump, uint64_t address);

// ---------------------------------------------------------------- taint.c

struct look {
    int32_t step;
    bool byte;    // it looked at a byte; else at a number or an address that came from one
    bool matched; // a comparison that found them equal
    bool passed;  // it looked for something else, and did not find it here
};
// Who looked at `length` bytes of what came on `fd` from `offset` on; `received` had come before
// the recording. In the order of time; the caller frees *out.
size_t looks_at(const struct recording *r, int fd, size_t received, size_t offset, size_t length,
                struct look **out);

enum passage_kind {
    PASSED_WHOLE,  // the byte was sent on its own connection
    PASSED_OTHERS, // it was sent on another one
    PASSED_END,    // what was to be sent ended before it
    PASSED_PART    // what was sent ended before it: the call took a part
};
struct passage {
    int32_t step; // of a call that sends
    enum passage_kind kind;
};
// What became of the byte at `offset` of what came on `fd`, wherever it was copied to. In the order
// of time; the caller frees *out.
size_t passages_of(const struct recording *r, int fd, size_t received, size_t offset,
                   struct passage **out);
// The last steps that asked about the result of the call at `step`, or about what was made of it.
// In the order of time; the caller frees *out.
size_t looks_at_result(const struct recording *r, int32_t step, struct look **out);

#endif
