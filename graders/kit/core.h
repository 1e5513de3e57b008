// SPDX-License-Identifier: MIT
/*
 * What the files of the kit's core share among themselves: the look at the program's threads in
 * /proc, the meaning of the system calls that they wait in, the sanitizers' reports.
 *
 *   tasks.c      every thread of the program, from /proc
 *   calls.c      which system calls end by themselves after a time
 *   describe.c   one sentence about what the program does
 *   ending.c     what its end means; program.h is shared by program.c, ending.c and output.c
 *   tracing.c    the tracer's socket
 *   limits.c     limits that end nothing, and are told all the same
 *   report.c     one sentence from a sanitizer's report
 *   surroundings.c  the program's environment, mounts and limits
 *   exchange.c   what of an exchange is recorded
 *   serve_request.c  one request of the runner's
 *   alone.c      GRADER PROGRAM [CHECK], for an author at a terminal; alone_services.c
 */
#ifndef KIT_CORE_H
#define KIT_CORE_H

#include "box/box.h"
#include "internal.h"

// Seconds of the monotonic clock.
double kit_clock(void);

// ---------------------------------------------------------------- threads (tasks.c)

struct kit_task {
    pid_t pid;         // the process, as this process numbers it
    pid_t tid;         // the thread
    char state;        // as /proc/PID/status shows it: R S D T t Z X I P; T, not t, for one that
                       // the program's own process traces
    pid_t tracer;      // 0: nobody, or somebody whom this process does not see
    bool alarm;        // SIGALRM is caught or blocked
    uint64_t switches; // context switches, voluntary and not
    uint64_t ran;      // nanoseconds on a core, and
    uint64_t queued;   // waiting for one; both 0: the kernel does not count
};

struct kit_sample {
    struct kit_task *tasks; // zombies are left out; in the order of /proc
    size_t count;
    size_t capacity;
    size_t processes;
    double at;         // kit_clock()
    double cpu;        // seconds, those of ended and reaped children included
    uint64_t resident; // bytes of memory that are the program's own
};

// Looks at all threads of the program once. Threads that end meanwhile are left out. `sample` is
// zeroed before its first use and may be used again; release it with kit_sample_release.
void kit_sample_take(struct kit_sample *sample);
void kit_sample_release(struct kit_sample *sample);
// Adds the threads of the check's services, and their CPU time.
void kit_sample_add_services(struct kit_sample *sample);
// The same threads in both, and none was switched in between.
bool kit_samples_agree(const struct kit_sample *a, const struct kit_sample *b);
// The first line of text that begins with `key` (which ends in ':'), behind the key and blanks; ""
// when there is none.
const char *kit_proc_field(const char *text, const char *key);
// Reads a small file of /proc; returns false when it is gone. NUL-terminates.
bool kit_proc_read(const char *path, char *buffer, size_t size);

// ---------------------------------------------------------------- system calls (calls.c)

// May the thread, which is asleep, be woken by a clock? True when the call that it waits in has a
// time limit in its arguments or in its socket, or is none that the kit knows.
bool kit_task_has_limit(const struct kit_task *task);
// Has the process a POSIX timer or an armed timerfd?
bool kit_process_has_timer(pid_t pid);
// The name of the call that the thread waits in: "recv()"; NULL when it is in none.
const char *kit_task_call(const struct kit_task *task);
// It waits for a child between vfork and exec: the kernel shows that as D, yet it is sleep.
bool kit_task_in_vfork(const struct kit_task *task);

// ---------------------------------------------------------------- sockets (sockets.c)

// No byte, no connection and no end of one is on its way between two sockets of this network
// namespace: what was sent has arrived, or waits because its reader does not read.
bool kit_sockets_quiet(void);

// ---------------------------------------------------------------- the program

// Reads the first report of a sanitizer in what a program wrote to stderr. Returns one sentence in
// lower case, or NULL when there is no report; the caller frees it.
char *kit_report_read(const char *text, size_t length);

// Waits until the program has come to rest: asleep, ended, or at work for long. Bounded by the
// program's own time, never by the machine's. Then what it did last is known.
void kit_program_calm(struct kit_program *program);
// The message about a crash or a report that no expectation has seen, or NULL. Kept.
const char *kit_program_crash(struct kit_program *program);
// Writes the record of the program's state as it is now, with its stderr.
void kit_program_record(struct kit_program *program, const char *state);
// Writes the record of what a program that is run has printed.
void kit_program_record_output(void);
// Kills all in the box at once: before a failure that must stop the program.
void kit_program_kill(struct kit_program *program);
// Fails the check when the program holds more memory than its limit; looks at most every 20 ms.
void kit_program_weigh(struct kit_program *program, const struct kit_sample *sample);
bool kit_program_is_started(const struct kit_program *program);
// Its first process has ended, and the box has not yet told with which status.
bool kit_program_is_ending(const struct kit_program *program);

// ---------------------------------------------------------------- the tracer (tracing.c)

// The check is traced from its program's first instruction.
bool kit_tracing_from_start(void);
// The program's first process waits before it executes the program. True when the tracer has taken
// it under trace; false after 5 s, or when there is no tracer.
bool kit_tracing_start(pid_t first);
// The tracer, not a debugger, has the program.
bool kit_tracing_goes_on(void);
// The program is stuck and will be killed: waits at most 5 s for the tracer to look at it.
void kit_tracing_stuck(const struct kit_program *program);

// ---------------------------------------------------------------- limits (limits.c)

// Remembers that the program was seen with as many processes and threads as it may have.
void kit_limits_see(const struct kit_sample *sample);
// Notes each limit that the program has reached so far, once: processes, bytes and number of files.
void kit_limits_note(void);

// ---------------------------------------------------------------- records

// Bytes that went over a connection, at most 8 KiB; `omitted` bytes before them are in no record.
struct kit_part {
    int connection;
    int own_port, peer_port;
    bool from_program;
    size_t offset;
    const void *bytes;
    size_t length;
    size_t omitted;
    const char *end; // "closed" or "reset": how that side ended it; NULL: it did not
};
void kit_record_part(const struct kit_part *part);

// ---------------------------------------------------------------- its surroundings

// The port that PORT names.
int kit_surroundings_port(void);
// A variable of the program's environment that a service has named.
void kit_surroundings_set(const char *name, const char *value);
// Another one, of the seed's choosing, for a server of the check's own; 0: the kernel chooses it.
int kit_surroundings_free_port(void);
// "NAME=value" of the program, NULL-terminated; lives until the check ends.
const char *const *kit_surroundings_environment(int port, bool checked);
struct box_limits kit_surroundings_limits(bool checked);
// Bytes of resident memory at which the program is stopped.
uint64_t kit_surroundings_memory(bool checked);
// The folder FILES_DIR outside the box, made at the start of the check (files.c).
void kit_files_start(void);

// A descriptor of FILES_DIR, for the caller to close; negative: the program has taken it away.
int kit_files_folder(void);
// The first bytes of a regular file beside FILES_DIR; nothing when there is none.
void kit_files_read_outside(const char *name, size_t most, struct str *out);

// True when the check that runs here runs the build with sanitizers.
bool kit_check_is_checked(void);

// ---------------------------------------------------------------- GRADER --serve and alone

int kit_serve_requests(int socket);
// argv: PROGRAM [CHECK…]. Returns the process's exit status.
int kit_run_alone(int argc, char **argv);

#endif
