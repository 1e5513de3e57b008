// SPDX-License-Identifier: MIT
// Expectations about raw connections: they are closed, or these bytes come.
#include <string.h>

#include "net.h"

enum {
    surplus_most = 64 * 1024, // what is gathered of bytes that should not be there
    shown_most = 1024,        // of them in a failure's `actual`
};

// ---------------------------------------------------------------- the end is expected

static const char *surplus_message(const struct kit_connection *connection, struct kit_bytes rest)
{
    const char *bytes = rest.length == 1 ? "byte" : "bytes";
    if (connection->last != LAST_NONE && rest.length >= 5 && memcmp(rest.data, "HTTP/", 5) == 0)
        return "a second answer came behind the one to the only request";
    switch (connection->last) {
    case LAST_LENGTH:
        return kit_format("%zu %s more than Content-Length says came behind the body", rest.length,
                          bytes);
    case LAST_CHUNKED:
        return kit_format("%zu %s came behind the last chunk", rest.length, bytes);
    case LAST_HEAD:
        return kit_format("the answer to HEAD has a body of %zu %s", rest.length, bytes);
    case LAST_BODILESS:
        return kit_format("%zu %s came behind the head of an answer that has no body", rest.length,
                          bytes);
    case LAST_NONE:
        break;
    }
    return kit_format("%zu %s came where the connection should be closed", rest.length, bytes);
}

static const char *surplus_because(const struct kit_connection *connection)
{
    switch (connection->last) {
    case LAST_LENGTH:
        return "RFC 9112 6.3: a client takes bytes behind the body for the next answer";
    case LAST_CHUNKED:
        return "RFC 9112 7.1: the chunk of size 0 ends the body";
    case LAST_HEAD:
        return "RFC 9110 9.3.2: a server must not send a body in the answer to HEAD";
    case LAST_BODILESS:
        return "RFC 9112 6.3: answers with status 1xx, 204 and 304 end with their head";
    case LAST_NONE:
        break;
    }
    return "a closed connection is how the program says that it has no more to send";
}

// Gathers what else comes, so that the number in the message is the whole one.
_Noreturn static void fail_surplus(struct kit_connection *connection, int line)
{
    while (connection_rest(connection).length < surplus_most &&
           connection_wait(connection) == MORE_CAME)
        ;
    struct kit_bytes rest = connection_rest(connection);
    kit_fail_because(
        &(struct kit_failure){.message = surplus_message(connection, rest),
                              .actual = (const char *)rest.data,
                              .actual_length = rest.length < shown_most ? rest.length : shown_most,
                              .connection = connection,
                              .has_offset = true,
                              .offset = connection->consumed,
                              .look = KIT_LOOK_BYTES,
                              .line = line},
        surplus_because(connection));
}

void kit_expect_closed_at(struct kit_connection *connection, int line)
{
    kit_settle();
    connection_need_open(connection, "kit_expect_closed");
    connection_collect(connection);
    while (connection_rest(connection).length == 0 && !connection->ended) {
        enum more more = connection_wait(connection);
        if (more == MORE_ENDED)
            kit_fail_by_end(kit_the_program(), "the program to close the connection");
        if (more != MORE_HUNG)
            continue;
        reproduce_note_end(connection);
        kit_fail_by_hang_of(connection->answers > 0
                                ? "the connection stays open after the answer"
                                : "the connection stays open, expected it to be closed",
                            connection, "close");
    }
    if (connection_rest(connection).length > 0)
        fail_surplus(connection, line);
}

// ---------------------------------------------------------------- bytes are expected

static void fail_bytes(struct kit_connection *connection, struct kit_bytes bytes, size_t at,
                       int line)
{
    struct kit_bytes rest = connection_rest(connection);
    kit_fail(&(struct kit_failure){
        .message = kit_format("the bytes differ at byte %zu of %zu", at + 1, bytes.length),
        .expected = (const char *)bytes.data,
        .expected_length = bytes.length,
        .actual = (const char *)rest.data,
        .actual_length = rest.length < bytes.length ? rest.length : bytes.length,
        .connection = connection,
        .has_offset = true,
        .offset = connection->consumed + at,
        .line = line,
    });
}

// Closed or reset: which of them a client sees depends on what the program had not read, and when.
static void fail_ended(struct kit_connection *connection, struct kit_bytes bytes, int line)
{
    connection_look_for_crash(kit_connection_doing(connection));
    struct kit_bytes rest = connection_rest(connection);
    bool at_nul = rest.length > 0 && bytes.data[rest.length] == '\0';
    kit_fail(&(struct kit_failure){
        .message = kit_format("the connection was closed after %zu of %zu bytes%s", rest.length,
                              bytes.length, at_nul ? ", before a zero byte" : ""),
        .actual = (const char *)rest.data,
        .actual_length = rest.length < shown_most ? rest.length : shown_most,
        .connection = connection,
        .has_offset = true,
        .offset = connection->received.length,
        .line = line,
    });
}

void kit_expect_bytes_at(struct kit_connection *connection, struct kit_bytes bytes, int line)
{
    kit_settle();
    connection_need_open(connection, "kit_expect_bytes");
    suspect_await(connection, bytes);
    connection_collect(connection);
    for (size_t equal = 0; equal < bytes.length;) {
        struct kit_bytes rest = connection_rest(connection);
        struct kit_bytes fresh = {rest.data + equal, rest.length - equal};
        equal +=
            bytes_equal_length(fresh, (struct kit_bytes){bytes.data + equal, bytes.length - equal});
        if (equal < rest.length && equal < bytes.length) {
            fail_bytes(connection, bytes, equal, line);
            return;
        }
        if (equal == bytes.length)
            break;
        if (connection->ended) {
            fail_ended(connection, bytes, line);
            return;
        }
        connection_wait_more(connection, bytes.length);
    }
    suspect_await(NULL, bytes);
    kit_connection_consume(connection, bytes.length);
}
