// SPDX-License-Identifier: MIT
/*
 * The command that repeats an exchange by hand against port 8080, where `lab run` serves. Pure:
 * an exchange in, a line for a shell out.
 */
#ifndef KIT_COMMAND_H
#define KIT_COMMAND_H

#include "internal.h"

enum exchange_kind { EXCHANGE_NONE, EXCHANGE_RAW, EXCHANGE_HTTP };

// What was sent last. Borrows all of it.
struct exchange {
    enum exchange_kind kind;
    int port; // of the program, as it stands in Host
    // EXCHANGE_RAW
    bool ipv6;
    struct kit_bytes sent; // empty: connected and nothing more
    bool half_closed;
    // EXCHANGE_HTTP
    const char *method, *path;
    const char *fields;    // each line with its \r\n
    struct kit_bytes body; // data NULL: none
};

// The command, or NULL when no short one says it. The caller frees it.
char *command_for(const struct exchange *exchange);

// ---- shell.c
// Appends text as one word of a shell, quoted where that is needed.
void shell_append_word(struct str *out, const char *text);
// Appends commands that write these bytes to stdout: printf, and `head | tr` for long runs of one
// byte. False, with nothing appended, when they would take more than `most` characters.
bool shell_append_writer(struct str *out, struct kit_bytes bytes, size_t most);

#endif
