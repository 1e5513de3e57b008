// SPDX-License-Identifier: MIT
/*
 * Errors. A function that can fail takes a `struct err *` last, leaves it untouched on success, and
 * sets it once on failure. A wrong program is a result, never an error. Only cmd/ and main print.
 *
 *     struct err err = ERR_INIT;
 *     if (!thing_open(path, &thing, &err))
 *         return err_propagate...            // or print with err_message(&err)
 *     err_release(&err);
 */
#ifndef LAB_ERR_H
#define LAB_ERR_H

#include <stdbool.h>

enum err_kind {
    ERR_NONE = 0,
    ERR_USAGE, // the caller typed something that cannot be done
    ERR_LAB,   // the lab is broken: its author's fault
    ERR_ENV,   // the machine or the environment lacks something
    ERR_BUG,   // a mistake in lab itself
    ERR_INTERRUPTED,
};

struct err {
    enum err_kind kind;
    char *message; // one line, lower case, no full stop: "labs/x/lab.json:3:5: …"
    char *cure;    // what to do about it, or NULL
};

#define ERR_INIT                                                                                   \
    {                                                                                              \
        ERR_NONE, NULL, NULL                                                                       \
    }

// Sets kind and message, replacing what was set before. A NULL err is allowed and ignored.
void err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Adds or replaces the cure: a sentence that begins with a verb, or a command to type.
void err_set_cure(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Puts "context: " in front of the message.
void err_add_context(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Moves *from into *to (released first); *from is then clear.
void err_move(struct err *to, struct err *from);
// Releases the strings and clears it.
void err_release(struct err *err);
// The exit status that stands for a kind: 2, 3, 4, 70 or 130; 0 for ERR_NONE.
int err_exit_status(enum err_kind kind);
// Of two exit statuses the one that is told when both apply: 130, 70, 4, 3, 2, 1, 0 in this order.
int err_worse_status(int a, int b);

#endif
