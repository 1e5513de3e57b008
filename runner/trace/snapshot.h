// SPDX-License-Identifier: MIT
/*
 * Snapshots: what the tracer saw, as it writes it and as the resolver reads it. Both come from one
 * build, so there are no versions. The tracer looks at memory and registers only; it reads no file
 * of the program's. The resolver turns addresses into lines; it runs in a box, because the
 * program's debugging data can be made up.
 *
 * A file is a row of records: a head, then `size` bytes. Numbers are the machine's own.
 *
 *   SNAPSHOT_MAPS   the text of /proc/PID/maps. Events name it by its number: 0 is the first of
 *                   the file. It always stands before the events that name it
 *   SNAPSHOT_EVENT  a struct snapshot_event, then its parts in this order: path, data, stack,
 * links, polled SNAPSHOT_END    a struct snapshot_end, the last record
 *
 * Records stand in the order in which they were written: calls that send, close or shut down when
 * they begin, all others when they have ended. `clock` gives the order of time.
 *
 * A reader believes nothing: sizes are bounded by the constants below, a file without an end record
 * was cut off and holds what came before.
 */
#ifndef LAB_SNAPSHOT_H
#define LAB_SNAPSHOT_H

#include <stdint.h>
#include <sys/user.h>

enum {
    SNAPSHOT_STACK_MOST = 32 * 1024,      // bytes of a thread's stack, from its pointer up
    SNAPSHOT_LINKS_MOST = 32,             // frames beyond these bytes
    SNAPSHOT_POLLED_MOST = 64,            // TCP sockets of one poll() and its like
    SNAPSHOT_DATA_MOST = 4 * 1024,        // bytes of what was sent or received: the first ones
    SNAPSHOT_PATH_MOST = 4096,            //
    SNAPSHOT_PIECES = 8,                  // buffers of one call (writev)
    SNAPSHOT_MAPS_MOST = 256 * 1024,      //
    SNAPSHOT_EVENTS_MOST = 20000,         // events of one run; more are counted, not kept
    SNAPSHOT_FILE_MOST = 64 * 1024 * 1024 // bytes
};
#define SNAPSHOT_MAGIC 0x6c747263u
#define SNAPSHOT_UNFINISHED INT64_MIN // a result: the thread ended inside the call

enum snapshot_kind { SNAPSHOT_MAPS = 1, SNAPSHOT_EVENT, SNAPSHOT_END };

struct snapshot_head {
    uint32_t magic;
    uint32_t kind;
    uint64_t size;
};

enum snapshot_event_kind {
    EVENT_STARTED = 1, // the program was executed (or executed another one)
    EVENT_CALL,        // a system call came back; registers and stack are those of its entry
    EVENT_STUCK,       // one for each thread when the check gave up waiting
    EVENT_SIGNAL,      // a signal that ends the program is about to be delivered: `number`
    EVENT_EXIT,        // the last thread of a process is about to exit: `result` is the raw status
    EVENT_WATCH,       // a watched address was written or read: `slot`, `address`
};

enum snapshot_socket { SOCKET_NONE, SOCKET_LISTENING, SOCKET_CONNECTED, SOCKET_OTHER };

struct snapshot_piece {
    uint64_t address, length;
};

// Where a frame pointer leads beyond the bytes of the stack that were kept (a large array on it):
// the 16 bytes there, the caller's frame pointer and the return address.
struct snapshot_link {
    uint64_t address, frame_pointer, return_address;
};

// A TCP socket that a thread waits for in poll(), select() or epoll_wait().
struct snapshot_polled {
    int32_t descriptor;
    uint32_t socket; // enum snapshot_socket
    uint16_t local, peer;
    uint16_t unused[2];
};

struct snapshot_event {
    uint32_t kind;
    uint32_t maps;    // number of the SNAPSHOT_MAPS that holds for it
    int32_t pid, tid; // as the host numbers them
    int32_t own_tid;  // EVENT_STUCK: as the program itself numbers it (a mutex holds its owner's)
    int32_t number;   // of the system call (EVENT_CALL; EVENT_STUCK: the one it is in, -1: none),
                      // or of the signal
    int64_t clock;    // nanoseconds of CLOCK_MONOTONIC: of a call's entry
    int64_t clock_after; // of a call's end, of the last one's when it was repeated
    uint64_t arguments[6];
    int64_t result;       // of the call: -errno on failure, or SNAPSHOT_UNFINISHED
    uint32_t repeats;     // the same call with the same result (0 or a failure) came so often again
    int32_t descriptor;   // that the call is about, -1: none; accept: the listening one
    uint32_t socket;      // enum snapshot_socket, of the descriptor
    uint16_t local, peer; // TCP ports of the socket; accept: of the new one; bind and connect that
                          // fail: those of their argument
    uint16_t slot;        // EVENT_WATCH
    char state;           // EVENT_STUCK: letter of /proc/PID/stat before the thread was interrupted
    uint8_t is_partial;   // EVENT_STUCK: it could not be stopped; of the registers only the stack
                          // pointer and the instruction pointer hold, 0: not even these
    uint64_t address;     // EVENT_WATCH: the watched address; SIGSEGV and SIGBUS: the faulting one
    uint64_t cpu;         // EVENT_STUCK: nanoseconds of CPU time that the thread has used
    uint32_t piece_count; // buffers that a call sends or fills; futex: the 16 bytes at its address
    struct snapshot_piece pieces[SNAPSHOT_PIECES];
    struct user_regs_struct registers;
    uint64_t stack_address;
    uint32_t path_bytes; // of the file that the descriptor (sendfile: the one it reads from) is, or
                         // of the call's argument; without a NUL
    uint32_t data_bytes; // the first bytes of the pieces, as they lay there before a call that
                         // sends (`result` tells how many were sent), after one that receives
    uint32_t stack_bytes;
    uint32_t link_count;   // of struct snapshot_link
    uint32_t polled_count; // EVENT_STUCK: of struct snapshot_polled
};

struct snapshot_end {
    uint64_t lost;  // events that were not kept
    uint32_t ended; // the program ended while it was traced
};

#endif
