// SPDX-License-Identifier: MIT
// The rows of a ladder, before they are laid out.
#ifndef LAB_RENDER_LADDER_ROWS_H
#define LAB_RENDER_LADDER_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "grade/attempt.h"
#include "trace/trace.h"

// One thing that happened: either `io` or `event` is set.
struct ladder_item {
    double at;  // seconds since the program's exec: of a call that waits, of its end
    double key; // the same, but never before what it answers
    const struct io_record *io;
    size_t length; // bytes of the io's text
    const struct trace_event *event;
    const struct io_record *answers; // of an event: what the client did that it took in, or NULL
    bool answered;                   // of an io: some call took it in
};
struct ladder_items {
    struct ladder_item *items;
    size_t count;
};
// All that the grader sent, all calls, and what was received without a call that is known, in the
// order of time. Release `items` with free().
struct ladder_items ladder_items_of(const struct check_result *check,
                                    const struct trace_record *record);
// The bytes of a call, as far as the transcript has them, escaped. The caller frees it.
char *ladder_text(const struct check_result *check, int connection, bool from_program,
                  size_t offset, size_t length);

enum ladder_client {
    CLIENT_NOTHING,
    CLIENT_CONNECTS,
    CLIENT_SENDS,
    CLIENT_RECEIVES,
    CLIENT_IS_LEFT,    // the program closes
    CLIENT_LEAVES,     // the other side closes or resets
    CLIENT_IS_REACHED, // the program connects
};

struct ladder_row {
    double at;      // negative: no time is shown
    int connection; // whose column; 0: none's
    bool outgoing;  // the program has made it
    enum ladder_client client;
    char *text;   // escaped bytes of CLIENT_SENDS and CLIENT_RECEIVES
    char *call;   // the server's column: "recv client 1", or NULL
    char *name;   // of the call alone: "recv"
    char *place;  // "server.c:31", or NULL
    char *note;   // "34 bytes", "waiting", "EAGAIN", or NULL
    bool counts;  // the note is a number of bytes, and may go where there is no room
    char *remark; // instead of a call: "(not read)", "… 212 more …"
    bool bad;     // where it is stuck, or what ended it
};
struct ladder_rows {
    struct ladder_row *items;
    size_t count;
};
// At most `columns` clients are chosen: those that matter, else the first. *out_chosen holds their
// numbers in order, *out_count how many.
struct ladder_rows ladder_rows_of(const struct check_result *check,
                                  const struct trace_record *record, int *out_chosen,
                                  size_t columns, size_t *out_count);
void ladder_rows_release(struct ladder_rows *rows);

#endif
