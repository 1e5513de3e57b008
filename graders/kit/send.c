// SPDX-License-Identifier: MIT
/*
 * Sending. What the program sends meanwhile is received, so that two sides that both send before
 * they read do not wait for each other for ever.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core.h"
#include "net.h"

enum { at_once = 64 * 1024 }; // between two looks at what the program sends

// "POST /files/x": the request that is being sent.
static const char *what_is_sent(const struct kit_connection *connection)
{
    const char *name = asked_name(kit_connection_sent(connection), connection->answers);
    return *name == '\0' ? "the request" : name;
}

static const char *until_read(const struct kit_connection *connection)
{
    return kit_format("the program to read %s", what_is_sent(connection));
}

// Waits until the socket takes or gives bytes.
static void wait_for_room(struct kit_connection *connection)
{
    short events = connection->ended ? POLLOUT : POLLIN | POLLOUT;
    struct pollfd poll = {.fd = connection->descriptor, .events = events};
    struct kit_wait wait = {.polls = &poll, .poll_count = 1, .ends_too = true};
    enum kit_wait_result result = kit_wait(&wait);
    if (result == KIT_ENDED)
        kit_fail_by_end(kit_the_program(), until_read(connection));
    if (result == KIT_HUNG)
        kit_fail_by_hang(kit_format("the program stopped reading %s: it takes no more after %zu "
                                    "bytes",
                                    what_is_sent(connection), connection->sent.length),
                         connection);
}

// Where the program had answered, or read all, before more was sent: a repetition by hand waits
// too.
static void note_pause(struct kit_connection *connection)
{
    bool waited = connection->was_read || connection->received.length > connection->heard;
    if (waited && connection->sent.length > 0 && connection->pause_count < PAUSES_MOST)
        connection->pauses[connection->pause_count++] = connection->sent.length;
    connection->was_read = false;
    connection->heard = connection->received.length;
}

// Hands over what the kernel takes now. Returns 0 when it takes nothing.
static size_t send_some(struct kit_connection *connection, const unsigned char *bytes,
                        size_t length)
{
    size_t part = length > at_once ? at_once : length;
    ssize_t n = send(connection->descriptor, bytes, part, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
        if (errno == EAGAIN || errno == EINTR)
            return 0;
        if (errno == ECONNRESET)
            connection->was_reset = true;
        connection->send_over = true;
        return 0;
    }
    kit_record_io(connection, false, connection->sent.length, bytes, (size_t)n);
    str_append_bytes(&connection->sent, bytes, (size_t)n);
    return (size_t)n;
}

size_t connection_send_now(struct kit_connection *connection, struct kit_bytes bytes)
{
    return send_some(connection, bytes.data, bytes.length);
}

static bool has_begun_to_answer(const struct kit_connection *connection)
{
    return connection->ended || connection_rest(connection).length > 0;
}

size_t connection_send(struct kit_connection *connection, struct kit_bytes bytes, bool until_answer)
{
    size_t sent = 0;
    note_pause(connection);
    connection->asked_at = connection->sent.length;
    while (sent < bytes.length && !connection->send_over) {
        if (until_answer) {
            connection_collect(connection);
            if (has_begun_to_answer(connection))
                break;
        }
        size_t n = send_some(connection, bytes.data + sent, bytes.length - sent);
        sent += n;
        if (n == 0 && !connection->send_over && !connection_collect(connection))
            wait_for_room(connection);
    }
    return sent;
}

static void send_all(struct kit_connection *connection, struct kit_bytes bytes)
{
    connection_send(connection, bytes, false);
    reproduce_note_raw(connection);
}

void kit_send(struct kit_connection *connection, const char *format, ...)
{
    kit_settle();
    connection_need_open(connection, "kit_send");
    auto_str struct str text = STR_INIT;
    va_list arguments;
    va_start(arguments, format);
    str_append_format_list(&text, format, arguments);
    va_end(arguments);
    send_all(connection, (struct kit_bytes){(const unsigned char *)text.data, text.length});
}

void kit_send_bytes(struct kit_connection *connection, struct kit_bytes bytes)
{
    kit_settle();
    connection_need_open(connection, "kit_send_bytes");
    send_all(connection, bytes);
}

size_t kit_send_until_answer(struct kit_connection *connection, struct kit_bytes bytes)
{
    kit_settle();
    connection_need_open(connection, "kit_send_until_answer");
    size_t sent = connection_send(connection, bytes, true);
    reproduce_note_raw(connection);
    return sent;
}

// ---------------------------------------------------------------- has it been read

// Nothing is on its way and the program's receive queue is empty. The send queue here would say it
// later: an acknowledgement can take 40 ms.
static bool all_is_read(void *context)
{
    const struct kit_connection *connection = context;
    return kit_sockets_unread(connection->ipv6, connection->program_port, connection->own_port) ==
           0;
}

static void fail_unread(struct kit_connection *connection)
{
    long unread =
        kit_sockets_unread(connection->ipv6, connection->program_port, connection->own_port);
    const char *message =
        unread > 0 ? kit_format("the program stopped reading %s: %ld of %zu bytes are left unread",
                                what_is_sent(connection), unread, connection->sent.length)
                   : kit_format("the program never read %s", what_is_sent(connection));
    kit_fail_by_hang(message, connection);
}

static void wait_until_read(struct kit_connection *connection)
{
    while (!connection->send_over && !connection->ended && !all_is_read(connection)) {
        struct pollfd poll = {.fd = connection->descriptor, .events = POLLIN};
        struct kit_wait wait = {.polls = &poll,
                                .poll_count = 1,
                                .condition = all_is_read,
                                .context = connection,
                                .ends_too = true};
        enum kit_wait_result result = kit_wait(&wait);
        if (result == KIT_READY)
            connection_collect(connection);
        if (result == KIT_ENDED)
            kit_fail_by_end(kit_the_program(), until_read(connection));
        if (result == KIT_HUNG)
            fail_unread(connection);
    }
}

void kit_wait_until_read(struct kit_connection *connection)
{
    kit_settle();
    connection_need_open(connection, "kit_wait_until_read");
    wait_until_read(connection);
    connection->was_read = true;
}

static bool is_quiet(void *context)
{
    (void)context;
    return kit_sockets_quiet();
}

size_t kit_unread(struct kit_connection *connection)
{
    kit_settle();
    connection_need_open(connection, "kit_unread");
    const struct kit_wait wait = {.condition = is_quiet, .ends_too = true};
    if (kit_wait(&wait) == KIT_HUNG)
        kit_fail_by_hang("what was sent does not arrive", connection);
    kit_program_calm(kit_the_program());
    long unread =
        kit_sockets_unread(connection->ipv6, connection->program_port, connection->own_port);
    // No such socket: nobody has accepted it, or it is gone.
    return unread < 0 ? connection->sent.length : (size_t)unread;
}

void kit_send_in_pieces(struct kit_connection *connection, struct kit_bytes bytes, size_t piece)
{
    kit_settle();
    connection_need_open(connection, "kit_send_in_pieces");
    if (piece == 0)
        kit_break("kit_send_in_pieces needs pieces of at least one byte");
    if (connection->piece == 0 || piece < connection->piece)
        connection->piece = piece;
    for (size_t at = 0; at < bytes.length; at += piece) {
        size_t length = bytes.length - at < piece ? bytes.length - at : piece;
        connection->unsent =
            (struct kit_bytes){bytes.data + at + length, bytes.length - at - length};
        connection_send(connection, (struct kit_bytes){bytes.data + at, length}, false);
        wait_until_read(connection);
    }
    reproduce_note_raw(connection);
}
