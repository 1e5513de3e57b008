// SPDX-License-Identifier: MIT
/*
 * The command that shows a failure by hand, against port 8080, where `lab run` serves. Pure: what
 * was sent and what is to be looked at in, a line for a shell out. It is typed in the workspace,
 * whose .lab/files is the program's FILES_DIR.
 *
 *   command.c        which command it is, and what curl can say
 *   command_raw.c    what printf and nc say
 *   command_files.c  files that have to be there first, and looks at files
 *   shell.c          quoting, and commands that write given bytes
 */
#ifndef KIT_COMMAND_H
#define KIT_COMMAND_H

#include "internal.h"

enum { port_of_run = 8080 }; // where `lab run` serves

enum exchange_kind { EXCHANGE_NONE, EXCHANGE_RAW, EXCHANGE_HTTP };

// A file that the check had made before it asked for it.
struct command_file {
    const char *name;
    bool outside; // in the folder that contains FILES_DIR
    struct kit_bytes content;
};

// What there is to be seen.
struct command_view {
    enum kit_look look;
    const char *file; // of FILES_DIR: the one that the body is (KIT_LOOK_BODY), or the stored one
    size_t skip, length; // KIT_LOOK_BODY: the part of the file that should come
    bool is_part;        // it is not the whole file
    bool too_long;       // more came, or was stored, than should
    bool same_length;    // as much was stored as should
    bool no_text;        // the answer's body is long, or nothing for a terminal
    bool hung;           // nothing (more) came
};

// What was sent last. Borrows all of it.
struct exchange {
    enum exchange_kind kind;
    int port; // of the program, as it stands in Host
    // EXCHANGE_RAW
    bool ipv6;
    struct kit_bytes sent; // empty: connected and nothing more
    bool half_closed;
    const size_t *pauses; // offsets in it before which the check waited for the program
    size_t pause_count;
    size_t piece; // it was sent in pieces of so many bytes; 0: whole
    // EXCHANGE_HTTP
    const char *method, *path;
    const char *fields;    // each line with its \r\n
    struct kit_bytes body; // data NULL: none
    // both
    const struct command_file *files; // all that the check had made
    size_t file_count;
    const struct kit_bytes *others; // what other clients had sent that were still there
    size_t other_count;
    struct command_view view;
};

// The command, or NULL when no short one says it. The caller frees it.
char *command_for(const struct exchange *exchange);

// ---- command_raw.c
// Appends the exchange as bytes through nc; false when that is too long.
bool raw_append(struct str *out, const struct exchange *exchange);
// Appends "bash -c …" that holds connections of the other clients open around the command; false
// when that is too long.
bool others_append(struct str *out, const struct exchange *exchange, const char *command);
// Appends the bytes with the program's port replaced by that of `lab run`.
void raw_append_with_port(struct str *out, struct kit_bytes bytes, int port);

// ---- command_files.c
// Appends commands that make the files whose names the request has, each with "; " behind it.
void files_append(struct str *out, const struct exchange *exchange);
// Appends a command that writes such bytes: these themselves when they are short, else as many of
// their kind.
void maker_append(struct str *out, struct kit_bytes content);
// Appends what compares an answer's body on stdin with the view's file: " | cmp …".
void body_look_append(struct str *out, const struct command_view *view);
// Appends what shows the view's file: "; cat -A …".
void file_look_append(struct str *out, const struct command_view *view, size_t length);

// ---- shell.c
// Appends text as one word of a shell, quoted where that is needed.
void shell_append_word(struct str *out, const char *text);
// The same in double quotes, whatever is in it: for commands that have single quotes in them.
void shell_append_double_quoted(struct str *out, const char *text);
// Appends commands that write these bytes to stdout: printf, and `head | tr` for long runs of one
// byte. False, with nothing appended, when they would take more than `most` characters.
bool shell_append_writer(struct str *out, struct kit_bytes bytes, size_t most);

#endif
