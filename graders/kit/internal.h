// SPDX-License-Identifier: MIT
/*
 * What the kit's own files share. Authors include kit.h alone.
 *
 *   main.c        the grader's command line: --list, --serve, PROGRAM [CHECK]
 *   serve.c       requests from the runner, one cell a check
 *   check.c       the registry; one check run through libcheck; failing, settling, the end record
 *   records.c     the records, by write(2), as things happen
 *   input.c       words, numbers and bytes from the seed; memory that lives until the check ends
 *   program.c     the program in its box: start, readiness, state, stderr, its end
 *   watch.c       what the program's threads do: asleep, running, stopped, stuck; the clocks
 *   sockets.c     sock_diag: who listens where, has it read what was sent
 *   wait.c        the one place where the kit waits
 *   files.c       FILES_DIR
 *   run.c         a program that is run with arguments; expect_output.c: what it prints
 *   origin.h      servers that the program connects to, and what it asked them
 *   service.c     fixtures in the check's cell
 *   connection.c  raw connections
 *   http.c        the strict reader; incoming.h: that of requests
 *   curl.c        libcurl beside it
 *   expect.c      expectations
 *   suspect.c     the bytes of a request on which a failure hangs
 *   sql.h         databases
 *   redis.c       Redis
 *
 * core.h names the files that the core is made of besides, net.h those about connections.
 */
#ifndef KIT_INTERNAL_H
#define KIT_INTERNAL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/seed.h"
#include "base/str.h"
#include "kit.h"
#include "scripted/stream.h"

// ---------------------------------------------------------------- the run of one check (check.c)

// What the runner, or the command line, asks for.
struct kit_request {
    const char *check;   // "step/name"
    const char *program; // path of the program, outside the box
    const char *scratch; // the cell's scratch folder: /tmp of the box
    uint64_t seed;
    int records;                    // descriptor for records, close-on-exec
    int tracer;                     // socket to the tracer, close-on-exec, or -1
    bool trace;                     // the program is to be traced from its first instruction
    int limit_seconds;              // of sleep or CPU time
    int limit_memory_mb;            //
    int limit_processes;            //
    int limit_files_mb;             //
    int limit_output_kb;            //
    const char *const *hidden;      // folders below /usr that the box hides, or NULL
    const char *const *environment; // "NAME=value" for the program, NULL-terminated, or NULL
};

// The request of the check that runs in this process; there is one a process.
const struct kit_request *kit_the_request(void);
// The attempt's program, or NULL before kit_serve.
struct kit_program *kit_the_program(void);

// All registered checks, in order.
size_t kit_check_count(void);
const struct kit_check *kit_check_get(size_t index);
const struct kit_check *kit_check_find(const char *id); // "step/name", or NULL

// Runs one check to its end record, in this process, and returns the process's exit status.
int kit_run_check(const struct kit_check *check, const struct kit_request *request);

// Ends the check now if an expectation has failed before. Every public function but kit_because and
// kit_note calls it first.
void kit_settle(void);
// Records a failure; the check ends at the next kit_settle. A second one before that is dropped.
// What shows a failure to somebody who repeats the exchange by hand.
enum kit_look {
    KIT_LOOK_ANSWER, // the answer, or that none comes
    KIT_LOOK_BYTES,  // each byte of it: its form is wrong
    KIT_LOOK_BODY,   // its body, compared with what it should be
    KIT_LOOK_END,    // whether the connection is closed
    KIT_LOOK_FILE,   // the file that the program stored
    KIT_LOOK_STDOUT, // what it printed
    KIT_LOOK_STDERR,
};
struct kit_failure {
    const char *message;           // one sentence
    const char *expected, *actual; // raw bytes as C strings are not enough: see lengths; or NULL
    size_t expected_length, actual_length;
    const struct kit_connection *connection; // NULL: on none
    bool has_offset;
    size_t offset;    // in what the program sent on the connection
    bool breaks_rule; // the answer is wrong whatever was asked
    enum kit_look look;
    const char *file;    // KIT_LOOK_FILE: its name in FILES_DIR
    const char *awaited; // what did not happen: "close" of the connection, "exit" of the program,
                         // "running" on, "listen" for a connection, "port": on the right one; NULL:
                         // bytes, or nothing
    int line;            // of the grader, 0: the kit's own
};
void kit_fail(const struct kit_failure *failure);
// The same and ends the check at once. For what the kit itself finds: a crash, a hang, broken HTTP.
_Noreturn void kit_fail_now(const struct kit_failure *failure);
// A sentence for kit_because that the kit itself knows, when the failure is the kit's own.
_Noreturn void kit_fail_because(const struct kit_failure *failure, const char *because);
// The author or the machine is at fault: the check ends as broken (no end record; the reason is
// written as a record `broken`).
_Noreturn void kit_break(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Called before the end record of a check that fails: what else there is to tell. One a check.
void kit_before_end(void (*tell)(void));
// The command for "see it", when one was given by kit_reproduce, else made from the last exchange.
const char *kit_reproduce_command(void);
// That command is a whole one, `lab run …`, and not what is typed beside `lab run`.
bool kit_reproduce_is_run(void);
// Records the bytes of the request on which this failure hangs, when they are known (suspect.c).
void suspect_record(const struct kit_failure *failure);
// The exchange on the failure's connection is the one to see, whatever was sent last; keeps what is
// to be looked at there.
void kit_reproduce_failed(const struct kit_failure *failure);
// The program runs with another environment than usual. Copies both.
void reproduce_note_environment(const char *name, const char *value);
// What stands before `lab run` to run it like that, "NAME=VALUE", or NULL.
const char *kit_reproduce_environment(void);
// The check has made a file for the program. Borrows both, which live as long as the check.
void reproduce_note_file(const char *name, bool outside, struct kit_bytes content);

// ---------------------------------------------------------------- records (records.c)

void kit_record_start(const char *check, uint64_t seed);
// at: seconds since the program's exec (kit_now). The first 64 KiB and the last 16 KiB of each
// direction of each connection are kept; kit_record_around keeps 4 KiB around a difference.
void kit_record_io(const struct kit_connection *connection, bool from_program, size_t offset,
                   const void *bytes, size_t length);
// A connection was made: an io record of no bytes, for its time; from the side that made it.
void kit_record_connect(const struct kit_connection *connection);
// One side has closed or reset it: the same, with the end.
void kit_record_end_of(const struct kit_connection *connection, bool by_program, bool reset);
void kit_record_around(const struct kit_connection *connection, size_t offset);
// Writes the tails that were kept back: before fail and end.
void kit_record_flush(void);
void kit_record_fail(const struct kit_failure *failure);
// Bytes of what was sent on the connection, and what they are.
void kit_record_suspect(const struct kit_connection *connection, size_t offset, size_t length,
                        const char *what);
void kit_record_note(const char *text);
// The check waits for a program that sleeps, or no longer does: the schedule wants to know.
void kit_record_rest(bool asleep);
void kit_record_because(const char *text);
// environment: "NAME=VALUE" for `lab run`, or NULL. `is_run`: the command is `lab run …` itself.
void kit_record_reproduce(const char *command, const char *environment, bool is_run);
void kit_record_fixed_input(const char *why);
// `clock`: seconds of CLOCK_MONOTONIC when the program was executed, 0 before.
void kit_record_program(const char *state, int status, int port, double clock,
                        const char *error_output, size_t error_length);
// The arguments that the program is run with, NULL-terminated.
void kit_record_run(const char *const *arguments);
// What it printed: the first bytes of `total`.
void kit_record_output(const char *bytes, size_t length, uint64_t total);
// A part of the script of the check's origins.
void kit_record_script(const char *text, size_t length);
void kit_record_broken(const char *reason);
// The box could not be made: the machine lacks something.
void kit_record_environment(const char *reason, const char *cure);
void kit_record_end(bool passed, double longest_wait);

// ---------------------------------------------------------------- memory and inputs (input.c)

void kit_input_start(uint64_t seed);
void *kit_keep(size_t size);                            // zeroed, lives until the check ends
char *kit_keep_bytes(const void *bytes, size_t length); // copied, a NUL behind it

// ---------------------------------------------------------------- the program (program.c)

enum kit_state { KIT_NOT_STARTED, KIT_RUNNING, KIT_EXITED, KIT_SIGNALLED, KIT_STUCK };

// Seconds since the program's exec; 0 before.
double kit_now(void);
// Those of kit_run, NULL-terminated; NULL: it serves.
const char *const *kit_program_arguments(const struct kit_program *program);
enum kit_state kit_program_state(const struct kit_program *program);
// Descriptors to poll while waiting: output pipes, the box's status. Fills at most `most`.
size_t kit_program_polls(struct kit_program *program, struct pollfd *polls, size_t most);
// Reads what those descriptors have; notices the end. Never blocks.
void kit_program_serve(struct kit_program *program);
// All processes of the program, as this process numbers them (box, wrapper and kit left out).
// Returns how many were found; writes at most `most`.
size_t kit_program_pids(const struct kit_program *program, pid_t *pids, size_t most);
// It exited after kit_terminate(), without a sanitizer's report: no reason for what is missing.
bool kit_program_ended_as_asked(struct kit_program *program);
// The sanitizer's summary ("heap-buffer-overflow, a write of 1 byte …"), or NULL: from stderr.
const char *kit_program_report(struct kit_program *program);
// Fails the check with what the program's end means: crash, sanitizer report, early exit. `doing`
// says what the check was waiting for: "the answer to GET /".
_Noreturn void kit_fail_by_end(struct kit_program *program, const char *doing);
// At the end of a check: waits until the program is asleep, idle for long or ended, then looks for
// a sanitizer report or a crash that no expectation has seen; then kills the box.
void kit_program_finish(void);

// ---------------------------------------------------------------- waiting (wait.c, watch.c)

enum kit_wait_result {
    KIT_READY, // a descriptor is ready: see revents
    KIT_MET,   // the condition holds
    KIT_ENDED, // the program's first process ended (and the descriptors had nothing more)
    KIT_HUNG,  // the program is stuck
};

struct kit_wait {
    struct pollfd *polls; // the caller's descriptors; revents are filled
    size_t poll_count;
    bool (*condition)(void *context); // asked on a 0.1 ms timer that backs off to 5 ms, or NULL
    void *context;
    bool ends_too; // an ended program ends the wait (KIT_ENDED); false: only its descriptors do
};

// Waits. The program's output is read meanwhile, and origins work. The stuck-clock starts anew with
// each call.
enum kit_wait_result kit_wait(const struct kit_wait *wait);
// Fails the check because of KIT_HUNG: "<what> never came", with the program's state recorded, the
// kit's own sentence on what the program is doing ("it sleeps in accept()"), or on where it
// listens.
_Noreturn void kit_fail_by_hang(const char *message, const struct kit_connection *connection);
// The same when it is not bytes that did not come: `awaited` as in struct kit_failure.
_Noreturn void kit_fail_by_hang_of(const char *message, const struct kit_connection *connection,
                                   const char *awaited);

struct kit_watch; // the clocks of one wait
struct kit_watch *kit_watch_start(struct kit_program *program);
// Samples all threads; true when the program is stuck (DESIGN of the clocks in watch.c).
bool kit_watch_is_stuck(struct kit_watch *watch);
// All waits of the check together have taken too long. Asked at the start of each.
bool kit_watch_patience_is_over(struct kit_program *program);
// Which limit a program that is stuck has reached: "it slept for 2 s, its limit"; NULL: it has
// reached none, nothing can happen any more.
const char *kit_watch_why(void);
// All threads asleep in this sample, and none of them was switched in since the last one.
bool kit_watch_is_asleep(struct kit_watch *watch);
// Asleep or stopped, but for moments, in the last samples: it leaves its core to others.
bool kit_watch_rests(const struct kit_watch *watch);
// CPU seconds the program used since the watch began.
double kit_watch_cpu(const struct kit_watch *watch);
double kit_watch_waited(const struct kit_watch *watch); // the clock that counts towards the limit
void kit_watch_free(struct kit_watch *watch);
double kit_longest_wait(void);
// One sentence about what the first process's threads do now: "it waits in recv()". Never NULL.
const char *kit_watch_describe(struct kit_program *program);

// ---------------------------------------------------------------- sock_diag (sockets.c)

struct kit_listener {
    int port;
    bool ipv6, v6only;
    unsigned char address[16]; // network order; 4 bytes for IPv4
};
// Everything that listens over TCP in this network namespace. Writes at most `most`; returns how
// many there are.
size_t kit_sockets_listening(struct kit_listener *out, size_t most);
// Bytes that arrived at the program's end of a connection and were not read, from the two ports;
// -1: no such socket (not accepted yet, or gone). Address family as in the connection.
long kit_sockets_unread(bool ipv6, int program_port, int own_port);
// The same where the addresses may be others than 127.0.0.1 and ::1: 4 or 16 bytes each.
struct kit_ends {
    bool ipv6;
    int program_port, own_port;
    const unsigned char *program_address, *own_address;
};
long kit_sockets_unread_between(const struct kit_ends *ends);

// ---------------------------------------------------------------- origins (origin_work.c)

// Descriptors of the origins to poll; returns how many there are.
size_t kit_origins_polls(struct pollfd *polls, size_t most);
// Does what they have to do now. True when anything was done. Never waits, never fails the check.
bool kit_origins_serve(void);
// Bytes that all of them have sent so far.
uint64_t kit_origins_sent(void);
// One of them waits for the program to read, which no descriptor tells.
bool kit_origins_are_asking(void);
// Fails the check when a request came that no turn was left for.
void kit_origins_judge(void);
bool kit_origins_have_port(int port);
// The ports of all of them, a 0 behind the last. Kept.
const int *kit_origins_ports(void);
bool kit_origins_never_accept(int port);
// What a program that is stuck has not done on its connections, or NULL.
const char *kit_origins_hang(const struct kit_connection **out_connection);
// How many services the check has, besides its origins (service.c).
size_t kit_services_count(void);
// The process is a service's fixture.
bool kit_services_have(pid_t pid);
// Breaks the check when one of them has ended: whatever the program does is no fault of its own.
void kit_services_judge(void);
// The log of a service that is a database, or NULL. Kept.
const char *kit_services_statements(void);
// Folders that they show to the program, where they lie. Returns how many.
size_t kit_services_folders(const char *const **out);
// Starts the services with these names, blanks between them, and waits until they can be used.
void kit_services_start(const char *names);
// A stream as the kit's own files see it.
struct kit_stream {
    struct stream stream;
};

// ---------------------------------------------------------------- connections (connection.c)

int kit_connection_number(const struct kit_connection *connection); // 1, 2, …
int kit_connection_descriptor(const struct kit_connection *connection);
void kit_connection_ports(const struct kit_connection *connection, int *own, int *program);
// The program has made it, to an origin.
bool kit_connection_is_outgoing(const struct kit_connection *connection);
// All that the program sent so far, from its first byte on; grows. Borrowed until the next receive.
struct kit_bytes kit_connection_received(const struct kit_connection *connection);
// How many of those bytes were handed out; move it on.
size_t kit_connection_consumed(const struct kit_connection *connection);
void kit_connection_consume(struct kit_connection *connection, size_t length);
// The bytes that were sent on it so far (for reproduce and messages).
struct kit_bytes kit_connection_sent(const struct kit_connection *connection);
// Waits until at least one more byte came (true) or the program closed or reset (false). Hang or
// end of the program fail the check; `doing`: "the answer to GET /x".
bool kit_connection_more(struct kit_connection *connection, const char *doing);
bool kit_connection_is_closed(const struct kit_connection *connection); // the program ended it
bool kit_connection_was_reset(const struct kit_connection *connection);
// What the check waits for on it, made from the last request sent: "the answer to GET /echo/x".
const char *kit_connection_doing(const struct kit_connection *connection);

// ---------------------------------------------------------------- the strict reader (http.c)

// Pure: bytes in, verdict out. Also the fuzz target's entrance.
enum kit_http_verdict { KIT_HTTP_WHOLE, KIT_HTTP_MORE, KIT_HTTP_WRONG };
struct kit_http_parse {
    size_t head_length; // with the empty line
    int status;
    bool chunked, has_length, until_close;
    uint64_t length;      // Content-Length
    struct str body;      // chunked coding taken off
    size_t total;         // bytes of the whole reply
    size_t length_offset; // where the value of Content-Length stands
    // KIT_HTTP_WRONG:
    bool truncated;       // no rule is broken, the bytes end too early
    size_t offset;        // of the first byte that breaks a rule
    const char *message;  // "a field line ends in \\n without \\r"
    const char *expected; // what stands there in a right answer, or NULL
    const char *because;  // "RFC 9112 2.2: …"
    struct str made;      // memory of a message that was made: kit_http_parse_release
};
// `head_only`: the answer to HEAD. `closed`: no more bytes will come.
enum kit_http_verdict kit_http_parse(const unsigned char *bytes, size_t length, bool head_only,
                                     bool closed, struct kit_http_parse *out);
void kit_http_parse_release(struct kit_http_parse *parse);

#endif
