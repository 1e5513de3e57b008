// SPDX-License-Identifier: MIT
/*
 * Receiving, and what it means that nothing more comes: the program closed, ended or is stuck.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core.h"
#include "net.h"

enum {
    at_once = 64 * 1024,
    shown_most = 1024, // of them in a message's expected and actual
};
static const size_t received_most = (size_t)66 * 1024 * 1024;

// ---------------------------------------------------------------- taking what came

static void fail_flood(const struct kit_connection *connection)
{
    kit_fail_because(
        &(struct kit_failure){.message = "the program sent more than 64 MiB on one connection",
                              .connection = connection,
                              .has_offset = true,
                              .offset = connection->received.length},
        "a check asks for much less: the program sends the same again and again");
}

// One recv(). True when there was anything new.
static bool receive_some(struct kit_connection *connection)
{
    static char room[at_once]; // not in `received`: a thousand connections would take 64 MiB
    ssize_t n;
    do
        n = recv(connection->descriptor, room, sizeof room, MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n <= 0) {
        connection->ended = true;
        connection->was_reset |= n < 0;
        return true;
    }
    kit_record_io(connection, true, connection->received.length, room, (size_t)n);
    str_append_bytes(&connection->received, room, (size_t)n);
    if (connection->received.length > received_most)
        fail_flood(connection);
    return true;
}

bool connection_collect(struct kit_connection *connection)
{
    bool anything = false;
    while (!connection->ended && connection->descriptor >= 0 && receive_some(connection))
        anything = true;
    return anything;
}

enum more connection_wait(struct kit_connection *connection)
{
    bool looked_again = false;
    size_t before = connection->received.length;
    while (!connection->ended) {
        if (receive_some(connection))
            break;
        if (looked_again)
            return MORE_ENDED;
        struct pollfd poll = {.fd = connection->descriptor, .events = POLLIN};
        struct kit_wait wait = {.polls = &poll, .poll_count = 1, .ends_too = true};
        enum kit_wait_result result = kit_wait(&wait);
        if (result == KIT_HUNG)
            return MORE_HUNG;
        looked_again = result == KIT_ENDED; // its last bytes may have come just before
    }
    return connection->received.length > before ? MORE_CAME : MORE_CLOSED;
}

bool kit_connection_more(struct kit_connection *connection, const char *doing)
{
    switch (connection_wait(connection)) {
    case MORE_CAME:
        return true;
    case MORE_CLOSED:
        return false;
    case MORE_ENDED:
        kit_fail_by_end(kit_the_program(), doing);
    case MORE_HUNG:
        break;
    }
    kit_fail_by_hang(kit_format("%s never came", doing), connection);
}

void connection_look_for_crash(const char *doing)
{
    struct kit_program *program = kit_the_program();
    if (program == NULL)
        return;
    kit_program_calm(program);
    if (kit_program_ended_as_asked(program))
        return;
    enum kit_state state = kit_program_state(program);
    if (state == KIT_EXITED || state == KIT_SIGNALLED)
        kit_fail_by_end(program, doing);
}

struct kit_bytes connection_rest(const struct kit_connection *connection)
{
    struct kit_bytes all = kit_connection_received(connection);
    return (struct kit_bytes){all.data + connection->consumed, all.length - connection->consumed};
}

struct kit_bytes connection_take(struct kit_connection *connection, size_t length)
{
    struct kit_bytes rest = connection_rest(connection);
    char *copy = kit_keep_bytes(rest.data, length);
    kit_connection_consume(connection, length);
    return (struct kit_bytes){(unsigned char *)copy, length};
}

// ---------------------------------------------------------------- for authors

static const char *how_it_ended(const struct kit_connection *connection)
{
    return connection->was_reset ? "reset" : "closed";
}

_Noreturn static void fail_short(struct kit_connection *connection, size_t length)
{
    connection_look_for_crash(kit_connection_doing(connection));
    struct kit_bytes rest = connection_rest(connection);
    const char *message = kit_format("the connection was %s after %zu of %zu bytes",
                                     how_it_ended(connection), rest.length, length);
    kit_fail_now(&(struct kit_failure){
        .message = message,
        .actual = (const char *)rest.data,
        .actual_length = rest.length < shown_most ? rest.length : shown_most,
        .connection = connection,
        .has_offset = true,
        .offset = connection->received.length,
    });
}

void connection_wait_more(struct kit_connection *connection, size_t length)
{
    switch (connection_wait(connection)) {
    case MORE_CAME:
    case MORE_CLOSED:
        return;
    case MORE_ENDED:
        kit_fail_by_end(kit_the_program(), kit_connection_doing(connection));
    case MORE_HUNG:
        kit_fail_by_hang(kit_format("%zu of %zu bytes came, the rest never did",
                                    connection_rest(connection).length, length),
                         connection);
    }
}

struct kit_bytes kit_receive(struct kit_connection *connection, size_t length)
{
    kit_settle();
    connection_need_open(connection, "kit_receive");
    while (connection_rest(connection).length < length) {
        if (connection->ended)
            fail_short(connection, length);
        connection_wait_more(connection, length);
    }
    return connection_take(connection, length);
}

struct kit_bytes kit_receive_until_close(struct kit_connection *connection)
{
    kit_settle();
    connection_need_open(connection, "kit_receive_until_close");
    while (!connection->ended) {
        enum more more = connection_wait(connection);
        if (more == MORE_ENDED)
            kit_fail_by_end(kit_the_program(), kit_connection_doing(connection));
        if (more == MORE_HUNG) {
            reproduce_note_end(connection);
            kit_fail_by_hang_of("the program did not close the connection", connection, "close");
        }
    }
    return connection_take(connection, connection_rest(connection).length);
}

bool kit_has_answer(struct kit_connection *connection)
{
    kit_settle();
    connection_need_open(connection, "kit_has_answer");
    connection_collect(connection);
    return connection->ended || connection_rest(connection).length > 0;
}
