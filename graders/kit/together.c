// SPDX-License-Identifier: MIT
/*
 * Many connections driven together, and one that does not read. Whoever sends on one connection
 * after the other would wait for a program that serves them in another order.
 */
#include <stdlib.h>

#include "core.h"
#include "net.h"

enum { ONE_TURN = 16 * 1024 }; // bytes of one connection before it is the next one's turn

struct drive {
    struct kit_connection **connections;
    const struct kit_bytes *bytes;
    size_t *sent;
    struct pollfd *polls;
    size_t count;
};

static bool is_done(const struct drive *drive, size_t index)
{
    return drive->connections[index]->send_over || drive->sent[index] == drive->bytes[index].length;
}

// Gives every connection one turn. Returns true when anything moved; an end that is seen is such a
// thing, and may be the last one that was waited for.
static bool take_turns(struct drive *drive)
{
    bool moved = false;
    for (size_t i = 0; i < drive->count; i++) {
        struct kit_connection *connection = drive->connections[i];
        moved |= connection_collect(connection);
        if (is_done(drive, i))
            continue;
        size_t left = drive->bytes[i].length - drive->sent[i];
        struct kit_bytes part = {drive->bytes[i].data + drive->sent[i],
                                 left < ONE_TURN ? left : ONE_TURN};
        size_t sent = connection_send_now(connection, part);
        drive->sent[i] += sent;
        moved |= sent > 0 || is_done(drive, i);
    }
    return moved;
}

static void wait_for_one(struct drive *drive)
{
    size_t first = drive->count;
    for (size_t i = 0; i < drive->count; i++) {
        const struct kit_connection *connection = drive->connections[i];
        bool done = is_done(drive, i);
        if (!done && first == drive->count)
            first = i;
        short events = (short)((connection->ended ? 0 : POLLIN) | (done ? 0 : POLLOUT));
        drive->polls[i] =
            (struct pollfd){.fd = events != 0 ? connection->descriptor : -1, .events = events};
    }
    struct kit_wait wait = {.polls = drive->polls, .poll_count = drive->count, .ends_too = true};
    enum kit_wait_result result = kit_wait(&wait);
    struct kit_connection *connection = drive->connections[first];
    if (result == KIT_ENDED)
        kit_fail_by_end(kit_the_program(), "the program to read what its clients send");
    if (result == KIT_HUNG)
        kit_fail_by_hang(kit_format("the program stopped reading: client %d of %zu sent %zu of %zu "
                                    "bytes",
                                    connection->number, drive->count, drive->sent[first],
                                    drive->bytes[first].length),
                         connection);
}

static bool all_done(const struct drive *drive)
{
    for (size_t i = 0; i < drive->count; i++)
        if (!is_done(drive, i))
            return false;
    return true;
}

void kit_send_together(struct kit_connection **connections, size_t count,
                       const struct kit_bytes *bytes)
{
    kit_settle();
    for (size_t i = 0; i < count; i++)
        connection_need_open(connections[i], "kit_send_together");
    struct drive drive = {.connections = connections,
                          .bytes = bytes,
                          .sent = kit_keep(count * sizeof *drive.sent),
                          .polls = kit_keep(count * sizeof *drive.polls),
                          .count = count};
    while (!all_done(&drive))
        if (!take_turns(&drive))
            wait_for_one(&drive);
}

// The kernel takes no more on this side, and the program has come to rest with nothing on its way.
static bool is_full(struct kit_connection *connection)
{
    kit_program_calm(kit_the_program());
    struct pollfd poll_for = {.fd = connection->descriptor, .events = POLLOUT};
    return kit_sockets_quiet() && poll(&poll_for, 1, 0) == 0;
}

size_t kit_send_until_full(struct kit_connection *connection, struct kit_bytes bytes)
{
    kit_settle();
    connection_need_open(connection, "kit_send_until_full");
    size_t sent = 0;
    while (sent < bytes.length && !connection->send_over) {
        size_t n = connection_send_now(connection,
                                       (struct kit_bytes){bytes.data + sent, bytes.length - sent});
        sent += n;
        if (n == 0 && !connection->send_over && is_full(connection))
            break;
    }
    reproduce_note_raw(connection);
    return sent;
}
