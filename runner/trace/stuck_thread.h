// SPDX-License-Identifier: MIT
// What one thread did when its program was found stuck.
#ifndef LAB_TRACE_STUCK_THREAD_H
#define LAB_TRACE_STUCK_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/events.h"

enum thread_doing {
    THREAD_RUNS,       // it is at work, or was a moment before it was stopped
    THREAD_STOPPED,    // by a signal
    THREAD_LOCK,       // waits for a mutex or another lock
    THREAD_CONDITION,  // for a condition variable, a semaphore, a barrier
    THREAD_JOIN,       // for the end of another thread
    THREAD_CONNECTION, // for one connection
    THREAD_LISTENER,   // in accept()
    THREAD_POLL,       // for one of several descriptors
    THREAD_SLEEP,      // for time to pass
    THREAD_SIGNAL,     // for a signal
    THREAD_OTHER,
};

struct stuck_thread {
    const struct event *event;
    enum thread_doing doing;
    uint64_t lock; // THREAD_LOCK: its address
    int owner;     // who holds it, as own_tid; 0: not known
};

// Looks at one event of kind EVENT_STUCK.
struct stuck_thread stuck_thread_of(const struct event *event);
// "recv() on client 1", "accept()", "a lock", "poll() on client 1 and 2"; NULL for a thread that
// runs in none of the system's calls. `line`: the source line, or NULL. The caller frees it.
char *stuck_thread_call(const struct stuck_thread *thread, const char *line);

#endif
