// SPDX-License-Identifier: MIT
/*
 * What the tracer's files share. ../README.md has the theory of operation.
 *
 *   main.c      descriptors, the grader's messages, the end
 *   loop.c      the ptrace loop: which thread stopped, why, and how it goes on
 *   threads.c   the threads and processes that are traced
 *   observers.c the list of observers: who records what a stop shows
 *   calls.c     observer: system calls (call_end.c: what one left when it came back)
 *   ends.c      observer: executions, signals that end a program, exits
 *   record.c    observer: the learner's own instructions (step.h, machine.h)
 *   stuck.c     every thread of a program that hangs (tasks.c lists them)
 *   polled.c    the sockets that poll() and its like wait for
 *   event.c     an event with its registers, stack, maps
 *   sockets.c   ports of a descriptor
 *   maps.c      /proc/PID/maps
 *   memory.c    memory and registers of a stopped thread
 *   proc.c      small files of /proc
 *   output.c    the snapshot file and its bounds
 */
#ifndef TRACER_H
#define TRACER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/types.h>

#include "box/traced_calls.h"
#include "trace/snapshot.h"

// ---------------------------------------------------------------- the snapshot file (output.c)

enum {
    OUTPUT_MAPS_MOST = 256, // different maps of one run
};

struct output {
    int file;
    uint64_t size;       // bytes so far
    uint64_t minor_size; // of them, of events that matter less
    uint64_t maps_size;  // of them, of maps
    uint32_t events, minor_events;
    uint64_t lost;
    uint64_t maps[OUTPUT_MAPS_MOST]; // hashes, by number
    uint32_t map_count;
};

// The variable parts of an event; their lengths stand in the event.
struct parts {
    char path[SNAPSHOT_PATH_MOST];
    unsigned char data[SNAPSHOT_DATA_MOST];
    unsigned char stack[SNAPSHOT_STACK_MOST];
    struct snapshot_link links[SNAPSHOT_LINKS_MOST];
    struct snapshot_polled polled[SNAPSHOT_POLLED_MOST];
};

// How much an event matters when there are too many: calls on files and pipes leave room for those
// on connections, and these for the ends.
enum weight { WEIGHT_MINOR, WEIGHT_CALL, WEIGHT_END };

// Returns where it stands in the file, -1 when it was counted only.
int64_t output_event(struct output *output, const struct snapshot_event *event,
                     const struct parts *parts, enum weight weight);
// There is no room for an event of this weight, not even without its parts.
bool output_is_full(const struct output *output, enum weight weight);
// Writes the fixed part of an event again.
void output_again(const struct output *output, int64_t at, const struct snapshot_event *event);
// The number of these maps; writes them unless it has. UINT32_MAX: no room.
uint32_t output_maps(struct output *output, const char *text, size_t length, uint64_t hash);
void output_end(struct output *output, bool ended);

// ---------------------------------------------------------------- threads (threads.c)

// What is known of a descriptor until it is closed: a connection that was reset has no ports left.
struct ports {
    enum snapshot_socket kind;
    uint16_t local, peer;
};
struct known {
    bool valid;
    struct ports ports;
};

struct process {
    pid_t pid;
    int pidfd;
    size_t threads;
    struct known *known; // by descriptor
    size_t known_count;
    bool has_maps; // maps holds; executable mappings have not changed since
    uint32_t maps;
    uint64_t loader_start, loader_end; // the dynamic loader's code, from one execution on
};

struct recorded {
    int64_t at; // in the file, -1: not there
    struct snapshot_event event;
};

struct thread {
    pid_t tid;
    struct process *process;
    bool began; // the observers know of it
    bool stopped;
    bool inside;                    // a call whose end is wanted: goes on with PTRACE_SYSCALL
    bool steps;                     // an observer wants a stop after each instruction
    bool held;                      // stays where it is until thread_go
    bool wanted;                    // was asked to stop and be held
    int group_stop;                 // the stop signal that it obeys, 0: none
    const struct traced_call *call; // that it is inside of
    bool repeats;                   // the call looks like the last one, nothing was written yet
    struct recorded now, last;      // the event of this call, and of the one before
};

struct record_wish; // record.c
struct tracer {
    struct record_wish *record; // NULL: nothing is recorded
    int socket;                 // -1: closed
    int children;               // signalfd of SIGCHLD
    bool more;                  // stops may be waiting though it says nothing
    struct output output;
    struct parts parts; // of the event in hand
    struct thread **threads;
    size_t thread_count;
    struct process **processes;
    size_t process_count;
    bool from_start; // a program is traced from its first instruction
    pid_t program;   // its first process, 0: none yet
    bool ended;      // it ended while it was traced
};

struct thread *thread_find(const struct tracer *tracer, pid_t tid);
// A new entry, in the process that the kernel names. Never NULL.
struct thread *thread_add(struct tracer *tracer, pid_t tid);
void thread_remove(struct tracer *tracer, struct thread *thread);
struct process *process_find(const struct tracer *tracer, pid_t pid);
void threads_release(struct tracer *tracer);

// ---------------------------------------------------------------- the loop (loop.c)

// Takes a thread under trace; it runs on. False and errno when the kernel does not allow it.
// `from_start`: with the stops of an observer; it dies with the tracer.
bool loop_seize(struct tracer *tracer, pid_t tid, bool from_start);
// Waits at most `milliseconds` (-1: as long as it takes) for stops or a message, and handles the
// stops. Returns true when the socket has something to read.
bool loop_turn(struct tracer *tracer, int milliseconds);
// The same without the socket.
void loop_stops(struct tracer *tracer, int milliseconds);
// Lets a stopped thread go on, with a signal or 0.
void thread_go(struct thread *thread, int signal);

// ---------------------------------------------------------------- observers

/*
 * An observer is called while the thread is stopped, and may look at it and change it. Any function
 * may be NULL. A new observer is one file and one line in observers.c.
 */
struct observer {
    // Its first stop: debug registers can be set.
    void (*thread_began)(struct tracer *tracer, struct thread *thread);
    // It is gone; nothing of it can be read.
    void (*thread_gone)(struct tracer *tracer, struct thread *thread);
    void (*executed)(struct tracer *tracer, struct thread *thread);
    // A traced call begins. True: its end is wanted.
    bool (*call_began)(struct tracer *tracer, struct thread *thread,
                       const struct __ptrace_syscall_info *call);
    void (*call_ended)(struct tracer *tracer, struct thread *thread, int64_t result);
    // It made a thread or a process, which stands still and has not run yet. Only when recording.
    void (*child_began)(struct tracer *tracer, struct thread *thread, struct thread *child);
    // A signal is about to be delivered. True: it was the observer's own (a breakpoint, a watched
    // address, a step), the program does not get it.
    bool (*signalled)(struct tracer *tracer, struct thread *thread, const siginfo_t *signal);
    // PTRACE_EVENT_EXIT; `status` is the raw one.
    void (*exits)(struct tracer *tracer, struct thread *thread, int status);
};
extern const struct observer *const observers[]; // NULL-terminated
extern const struct observer calls_observer, ends_observer, record_observer;

// record.c: records from `sent` bytes on the connection on; both are the arguments' text.
struct record_wish *record_wish_new(const char *connection, const char *sent);
// What comes from now on is the check's own end: clients leave, and the program wakes once more.
void record_stop(struct tracer *tracer);
// The program that was recorded has ended, and another one starts.
void record_again(struct tracer *tracer);
void record_end(struct tracer *tracer);

// Shared by calls.c and call_end.c. The event of the thread's call looks like the one before.
bool call_repeats(const struct thread *thread);
// Adds buffers, path, registers and stack to the event of the thread's call, and writes it.
void call_write(struct tracer *tracer, struct thread *thread);
void call_ended(struct tracer *tracer, struct thread *thread, int64_t result);

// ---------------------------------------------------------------- stuck (stuck.c, tasks.c)

// Records every thread of the program that `pid` belongs to, whether it is traced already or not.
// All are held afterwards, until they are killed.
void stuck_record(struct tracer *tracer, pid_t pid);

struct task {
    pid_t pid, tid, own_tid;
    char state;
    uint64_t cpu; // nanoseconds
};
struct tasks {
    struct task *items;
    size_t count;
};
// Adds every thread, zombies left out, of the PID namespace that `pid` lives in; in the tracer's
// own namespace, of `pid` and its descendants. Those that are there already are left alone.
void tasks_list(struct tasks *tasks, pid_t pid);

// ---------------------------------------------------------------- what an event holds

int64_t clock_now(void); // nanoseconds of CLOCK_MONOTONIC
// An event of a thread now, with nothing but its names and the time.
struct snapshot_event event_new(const struct thread *thread, enum snapshot_event_kind kind);
// Adds registers and stack of the stopped thread.
void event_look(struct tracer *tracer, const struct thread *thread, struct snapshot_event *event);
// Adds the path, cut at its bound.
void event_path(struct tracer *tracer, struct snapshot_event *event, const char *path);
// Adds the buffers of a call that sends or receives, and their first bytes; at most `most`.
void event_pieces(struct tracer *tracer, const struct thread *thread,
                  const struct traced_call *call, uint64_t most, struct snapshot_event *event);
// Adds the TCP sockets that the thread waits for, when its call is poll() or of its kind.
void event_polled(struct tracer *tracer, const struct thread *thread, struct snapshot_event *event);
// Writes the event with its process's maps. Returns where it stands, -1: counted only.
int64_t event_write(struct tracer *tracer, struct thread *thread, struct snapshot_event *event,
                    enum weight weight);

// SOCKET_NONE for what is no socket or cannot be looked at.
struct ports sockets_look(const struct thread *thread, int descriptor);
void sockets_forget(struct process *process, int descriptor);
void sockets_forget_range(struct process *process, unsigned first, unsigned last);
void sockets_inherit(struct process *child, const struct process *parent);

// Sets the maps of the thread's process, anew when they changed.
void maps_ensure(struct tracer *tracer, const struct thread *thread);
// After an execution: where the dynamic loader lies.
void maps_find_loader(struct process *process);

// Reads what is there, page by page; returns how many bytes, from the first on.
size_t memory_read(pid_t tid, uint64_t address, void *out, size_t length);
bool registers_read(pid_t tid, struct user_regs_struct *out);
uint64_t registers_stack(const struct user_regs_struct *registers);
uint64_t registers_frame(const struct user_regs_struct *registers);
int registers_call(pid_t tid, const struct user_regs_struct *registers); // -1: in none
void registers_arguments(const struct user_regs_struct *registers, uint64_t out[6]);
void registers_set(struct user_regs_struct *out, uint64_t stack, uint64_t instruction);

// /proc/PID/NAME or /proc/PID/task/TID/NAME (tid > 0), ended by a NUL; its length, 0 when gone.
size_t proc_read(pid_t pid, pid_t tid, const char *name, char *out, size_t size);
// Behind "key" at the beginning of a line, blanks skipped; "" when there is no such line.
const char *proc_field(const char *text, const char *key);
// The last number of NSpid: how the process itself is numbered in its own namespace.
pid_t proc_own_number(const char *status);
// Where a link below /proc/PID leads; "" when gone.
void proc_link(pid_t pid, const char *name, char *out, size_t size);

#endif
