// SPDX-License-Identifier: MIT
/*
 * The scripted servers at work. They live in the check's own process: kit_wait polls their sockets
 * beside everything else, so that a record, the program's end, and the verdict that it is stuck
 * come in one order, and an origin that still has something to do is never mistaken for one that
 * holds.
 */
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "origin.h"

enum {
    AT_A_TIME = 64,       // rounds before the kit looks at the program again
    KEPT_SENT = 1 << 20,  // bytes of what an origin sent that are kept beside the records
    DRAIN_ROUNDS = 20000, // of a millisecond
};
static const size_t most_received = (size_t)66 * 1024 * 1024;

static struct kit_origin *first, **last = &first;
static struct kit_connection *flooded;

struct kit_origin *origins_first(void)
{
    return first;
}

// ---------------------------------------------------------------- what the servers tell

static struct kit_connection *connection_of(const struct scripted_connection *connection)
{
    return connection->owner;
}

static void on_accepted(void *context, struct scripted_connection *connection)
{
    struct kit_origin *origin = context;
    struct kit_connection *own =
        connection_accepted(connection->ipv6, connection->own_port, connection->peer_port);
    connection->owner = own;
    origin->connections = mem_resize(origin->connections, (origin->connection_count + 1) *
                                                              sizeof(struct kit_connection *));
    origin->connections[origin->connection_count++] = own;
}

static void on_received(void *context, struct scripted_connection *connection, const void *bytes,
                        size_t length)
{
    (void)context;
    struct kit_connection *own = connection_of(connection);
    kit_record_io(own, true, own->received.length, bytes, length);
    str_append_bytes(&own->received, bytes, length);
    if (own->received.length > most_received)
        flooded = own;
}

static void on_requested(void *context, struct scripted_connection *connection, size_t offset,
                         const char *bytes, size_t length, bool expected)
{
    struct kit_origin *origin = context;
    (void)bytes;
    // Requests that are known stay where they are: `unexpected` points at one.
    size_t index = origin->unexpected == NULL ? 0 : (size_t)(origin->unexpected - origin->requests);
    origin->requests =
        mem_resize(origin->requests, (origin->request_count + 1) * sizeof *origin->requests);
    if (origin->unexpected != NULL)
        origin->unexpected = &origin->requests[index];
    struct origin_request *request = &origin->requests[origin->request_count++];
    *request = (struct origin_request){connection_of(connection), offset, length};
    if (!expected && origin->unexpected == NULL)
        origin->unexpected = request;
}

static void on_sent(void *context, struct scripted_connection *connection, const void *bytes,
                    size_t length)
{
    (void)context;
    struct kit_connection *own = connection_of(connection);
    size_t before = (size_t)connection->sent - length;
    kit_record_io(own, false, before, bytes, length);
    if (own->sent.length < KEPT_SENT)
        str_append_bytes(&own->sent, bytes, length);
}

static void on_ended(void *context, struct scripted_connection *connection, bool by_peer,
                     enum scripted_end how)
{
    (void)context;
    struct kit_connection *own = connection_of(connection);
    own->ended |= by_peer;
    own->was_reset |= by_peer && how == SCRIPTED_RESET;
    own->half_closed |= !by_peer;
    kit_record_end_of(own, by_peer, how == SCRIPTED_RESET);
}

static long unread(void *context, struct scripted_connection *connection)
{
    (void)context;
    const struct kit_ends ends = {connection->ipv6, connection->peer_port, connection->own_port,
                                  connection->peer_address, connection->own_address};
    return kit_sockets_unread_between(&ends);
}

struct kit_origin *origin_open(struct script *script)
{
    struct kit_origin *origin = kit_keep(sizeof *origin);
    const struct scripted_observer observer = {origin,  on_accepted, on_received, on_requested,
                                               on_sent, on_ended,    unread};
    struct err err = ERR_INIT;
    if (!scripted_open(script, &observer, &origin->server, &err))
        kit_break("the origin: %s", err.message);
    *last = origin;
    last = &origin->next;
    return origin;
}

// ---------------------------------------------------------------- wherever the kit waits

size_t kit_origins_polls(struct pollfd *polls, size_t most)
{
    size_t count = 0;
    for (struct kit_origin *origin = first; origin != NULL; origin = origin->next) {
        size_t room = count < most ? most - count : 0;
        count += scripted_polls(&origin->server, room > 0 ? polls + count : NULL, room);
    }
    return count;
}

bool kit_origins_serve(void)
{
    bool moved = false;
    for (int round = 0; round < AT_A_TIME; round++) {
        bool any = false;
        for (struct kit_origin *origin = first; origin != NULL; origin = origin->next)
            any = scripted_serve(&origin->server) || any;
        moved |= any;
        if (!any)
            break;
    }
    return moved;
}

uint64_t kit_origins_sent(void)
{
    uint64_t sent = 0;
    for (struct kit_origin *origin = first; origin != NULL; origin = origin->next)
        sent += origin->server.sent;
    return sent;
}

bool kit_origins_are_asking(void)
{
    for (struct kit_origin *origin = first; origin != NULL; origin = origin->next)
        if (scripted_is_asking(&origin->server))
            return true;
    return false;
}

bool kit_origins_have_port(int port)
{
    for (struct kit_origin *origin = first; origin != NULL; origin = origin->next)
        if (origin->server.script.port == port)
            return true;
    return false;
}

const int *kit_origins_ports(void)
{
    size_t count = 0;
    for (const struct kit_origin *origin = first; origin != NULL; origin = origin->next)
        count++;
    int *ports = kit_keep((count + 1) * sizeof *ports);
    count = 0;
    for (const struct kit_origin *origin = first; origin != NULL; origin = origin->next)
        ports[count++] = origin->server.script.port;
    return ports;
}

bool kit_origins_never_accept(int port)
{
    for (struct kit_origin *origin = first; origin != NULL; origin = origin->next)
        if (origin->server.script.kind == SCRIPT_NEVER_ACCEPTS &&
            origin->server.script.port == port)
            return true;
    return false;
}

void origins_drain(void)
{
    if (first == NULL)
        return;
    for (int round = 0; round < DRAIN_ROUNDS; round++) {
        bool moved = kit_origins_serve();
        if (!moved && kit_sockets_quiet())
            return;
        if (!moved)
            poll(NULL, 0, 1);
    }
    kit_break("what the program has sent does not arrive");
}

// ---------------------------------------------------------------- what fails by itself

static const char *request_words(const struct origin_request *request)
{
    struct kit_bytes all = kit_connection_received(request->connection);
    struct kit_bytes rest = {all.data + request->offset, all.length - request->offset};
    return asked_name(rest, 0);
}

void kit_origins_judge(void)
{
    if (flooded != NULL)
        kit_fail_now(
            &(struct kit_failure){.message = "the program sent more than 64 MiB on one connection",
                                  .connection = flooded});
    for (struct kit_origin *origin = first; origin != NULL; origin = origin->next) {
        const struct origin_request *request = origin->unexpected;
        if (request == NULL)
            continue;
        const char *words = request_words(request);
        origin->unexpected = NULL; // it is told once
        kit_fail_because(
            &(struct kit_failure){
                .message = kit_format("the program sends a request where none was expected%s%s",
                                      *words != '\0' ? ": " : "", words),
                .connection = request->connection,
                .has_offset = true,
                .offset = request->offset},
            "the server has answered all that there was to ask for");
    }
}

// What a program that is stuck has not done with its origins, or NULL.
const char *kit_origins_hang(const struct kit_connection **out_connection)
{
    const char *message = NULL;
    for (struct kit_origin *origin = first; origin != NULL; origin = origin->next) {
        for (size_t i = 0; i < origin->server.count; i++) {
            const struct scripted_connection *connection = origin->server.connections[i];
            if (connection->descriptor < 0)
                continue;
            *out_connection = connection->owner;
            if (connection->unread.length > 0 && !connection->work.active)
                message = "the program never finishes its request: no empty line ends its head, "
                          "or its body is short";
            else if (connection->received == 0)
                message = "the program connects and sends nothing";
            else
                message = "the program does not end: it waits for more than the server sends";
        }
    }
    return message;
}
