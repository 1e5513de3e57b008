// SPDX-License-Identifier: MIT
/*
 * What the files about connections share.
 *
 *   connection.c  connecting, closing, what is known about a connection
 *   send.c        sending, whole and in pieces
 *   together.c    many connections at once; sending until nothing more is taken
 *   receive.c     receiving, and what it means that nothing more comes
 *   asked.c       which request an answer belongs to
 *   reply.c       answers, read through the strict reader
 *   request.c     one request on a connection of its own
 *   expect_line.c lines of a text protocol
 *   load.c        many clients whose bytes nobody keeps; cpu.c: what they cost
 *   memcached.c   libmemcached behind a relay
 *   reproduce.c   which exchange the learner can repeat; command.c, shell.c: the command for it
 */
#ifndef KIT_NET_H
#define KIT_NET_H

#include "command.h"
#include "http.h"
#include "internal.h"

// What the kit reads as the last whole answer on a connection: judges what comes behind it.
enum last_answer { LAST_NONE, LAST_LENGTH, LAST_CHUNKED, LAST_BODILESS, LAST_HEAD };

enum { PAUSES_MOST = 4 }; // in an exchange that is repeated by hand

struct kit_connection {
    int number;
    int descriptor; // -1: the check has closed it
    bool ipv6;
    bool outgoing; // the program has made it, to an origin: see origin.h
    int own_port, program_port;
    struct str received; // all that the program sent
    size_t consumed;     // of it, handed out
    struct str sent;     // all that was sent
    bool ended;          // the program closed or reset it: nothing more comes
    bool was_reset;
    bool send_over; // the program reads no more: what is sent is dropped
    bool half_closed;
    bool closed_by_kit; // a connection of kit_get's own, closed before the next one began
    size_t answers;     // whole final answers read on it
    enum last_answer last;
    const struct exchange *asked; // the one request on a connection of its own, or NULL
    size_t pauses[PAUSES_MOST];   // in what was sent: there the check waited for the program
    size_t pause_count;
    size_t asked_at;                       // where in `sent` the last call's bytes begin
    size_t heard;                          // bytes received when something was sent last
    bool was_read;                         // the check waited until the program had read all of it
    struct kit_bytes unsent;               // what kit_send_in_pieces has still to send
    size_t piece;                          // the smallest of kit_send_in_pieces, 0: none
    const struct kit_connection *previous; // the one that was made before it, or NULL
};

// ---- connection.c
// Breaks the check unless the connection is open on this side.
void connection_need_open(const struct kit_connection *connection, const char *function);
struct kit_connection *connection_open(struct kit_program *program,
                                       const struct kit_connect_options *options);
// The same to another port: that of a service which asks the program in its turn.
struct kit_connection *connection_open_to(struct kit_program *program, int port,
                                          const struct kit_connect_options *options);
void connection_close(struct kit_connection *connection);
// One that the program has made. Its socket is an origin's: nothing is sent or received on it here.
struct kit_connection *connection_accepted(bool ipv6, int own_port, int peer_port);
// The one that was made last, or NULL; `previous` leads to the others.
const struct kit_connection *connection_newest(void);
// The connection that kit_get and its like made last is closed, so that a program that serves one
// client after the other comes to the next.
void connection_close_own(void);
void connection_set_own(struct kit_connection *connection);

// ---- send.c
// Hands bytes to the kernel, receiving meanwhile; ends early when the program has begun to answer
// and `until_answer`, or when it reads no more. Returns how many were handed over.
size_t connection_send(struct kit_connection *connection, struct kit_bytes bytes,
                       bool until_answer);

// Hands over what the kernel takes now, and never waits; 0: nothing, see send_over.
size_t connection_send_now(struct kit_connection *connection, struct kit_bytes bytes);

// ---- receive.c
enum more { MORE_CAME, MORE_CLOSED, MORE_ENDED, MORE_HUNG };
// Takes what has come already; true when there was anything new, an end included. Never waits.
bool connection_collect(struct kit_connection *connection);
// As kit_connection_more, but hands the program's end and a hang back to the caller.
enum more connection_wait(struct kit_connection *connection);
// The connection ended although more should have come. When a crash is the reason, the check fails
// by that: waits until the program is asleep or ended.
void connection_look_for_crash(const char *doing);
// Bytes that are not handed out yet.
struct kit_bytes connection_rest(const struct kit_connection *connection);
// Waits for one more byte of `length` that are expected, or for the end of the connection.
void connection_wait_more(struct kit_connection *connection, size_t length);
// Takes `length` bytes of them, copied to memory that lives until the check ends.
struct kit_bytes connection_take(struct kit_connection *connection, size_t length);

// ---- asked.c
// "GET /echo/x": the request number `index` among those sent, escaped and cut; "" when there is
// none. Kept.
const char *asked_name(struct kit_bytes sent, size_t index);

// ---- reply.c
// Where byte `index` of the body stands in what the program sent; false when that is not known.
bool reply_raw_offset(const struct kit_reply *reply, size_t index, size_t *offset);
// Gives it another body than the one that was sent: decoded by a client.
void reply_set_body(struct kit_reply *reply, struct kit_bytes body);
// Fails the check with the rule that the bytes of the answer at `start` break.
_Noreturn void reply_fail_rule(struct kit_connection *connection, struct http_reader *reader,
                               size_t start);
// Makes a reply that begins at `start` on the connection out of a reader that is done.
struct kit_reply *reply_make(struct kit_connection *connection, struct http_reader *reader,
                             size_t start);
// The answer to a request of that method.
struct kit_reply *reply_read(struct kit_connection *connection, bool head_only);

// ---- expect.c
// How many bytes at the beginning of both are equal.
size_t bytes_equal_length(struct kit_bytes a, struct kit_bytes b);

// ---- suspect.c
// Some bytes of the request should have come back, and others did: where an author has named no
// bytes, the first one that differs is the one, when it can be found in what was sent on the
// connection (NULL: the last one). `lacking`, `surplus`: what to call it, borrowed.
void suspect_see(const struct kit_connection *connection, struct kit_bytes expected,
                 struct kit_bytes actual, const char *lacking, const char *surplus);

// These bytes are awaited (connection NULL: no more). Where the program sends back what it was
// sent, a failure meanwhile hangs on the first byte that has not come. Borrows both.
void suspect_await(const struct kit_connection *connection, struct kit_bytes expected);

// ---- reproduce.c
// The last exchange is what was sent on this connection, or this request. Borrows both.
void reproduce_note_raw(const struct kit_connection *connection);
void reproduce_note_http(const struct exchange *exchange);
// The end of the connection is awaited, and does not come: that is what there is to be seen.
void reproduce_note_end(const struct kit_connection *connection);

#endif
