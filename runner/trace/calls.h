// SPDX-License-Identifier: MIT
// System calls by what they are to a learner: a name as C knows it, and what kind of thing it does.
#ifndef LAB_TRACE_CALLS_H
#define LAB_TRACE_CALLS_H

enum call_kind {
    CALL_OTHER,
    CALL_SEND,     // gives bytes to a descriptor
    CALL_RECEIVE,  // takes bytes from one
    CALL_CLOSE,    // close()
    CALL_SHUTDOWN, // shutdown()
    CALL_ACCEPT,   //
    CALL_SETUP,    // socket(), bind(), listen(): what a server does before it serves
    CALL_CONNECT,  //
    CALL_PATH,     // names a file
    CALL_POLL,     // waits for several descriptors
    CALL_LOCK,     // futex(): a lock, a condition, the end of a thread
    CALL_SLEEP,    //
    CALL_WAIT,     // for a child process
};

struct call {
    int number;
    const char *name; // "recv"
    enum call_kind kind;
};

// Never NULL: unknown ones are "a system call" of kind CALL_OTHER.
const struct call *call_of(int number);

#endif
