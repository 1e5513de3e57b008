// SPDX-License-Identifier: MIT
/*
 * What of an exchange is recorded. For each connection and direction: the first 64 KiB as they
 * come, the last 16 KiB before the verdict, 4 KiB around a difference. A program that writes byte
 * by byte would make a record of each byte: after the first ones, bytes are gathered.
 *
 * Of all connections together there is a bound, or a program that floods each of a thousand would
 * fill whoever reads the records: one stream gets at most a quarter of what is left of it.
 */
#include "core.h"

#include <stdlib.h>
#include <string.h>

#define KEPT_HEAD (64U * 1024)
#define KEPT_TAIL (16U * 1024)
#define KEPT_AROUND (4U * 1024)
#define MOST_PART 8192U  // raw bytes in a record: five times that as JSON
#define SINGLE_PARTS 200 // records before bytes are gathered
#define GATHERED_PART 4096U
#define ALL_MOST (2U << 20)  // bytes of JSON for all connections together; then KEPT_LEAST each
#define KEPT_LEAST 256U      // of a stream's beginning, and of its end
#define SINGLE_PARTS_LEAST 4 // as SINGLE_PARTS, when half of it is used up
#define PART_JSON 160U       // bytes of JSON around a part's text, about
#define BYTE_JSON 5U         // at most

struct flow {
    size_t told;     // offset behind the last byte that a record holds
    struct str held; // bytes that no record holds yet; they end at `total`
    size_t total;    // bytes so far
    size_t parts;    // records written
    size_t around;   // a difference is at this offset …
    bool has_around;
};

struct exchange {
    const struct kit_connection *connection;
    int own_port, peer_port;
    struct flow streams[2]; // from the grader, from the program
};

static size_t recorded;            // bytes of JSON, about
static struct exchange *exchanges; // by the connection's number
static size_t exchange_count;

static size_t bytes_left(void)
{
    return recorded < ALL_MOST ? ALL_MOST - recorded : 0;
}

// How much of a stream's beginning or end is kept: `most` as long as there is room for it.
static size_t kept(size_t most)
{
    size_t share = bytes_left() / 4 / BYTE_JSON;
    return share > most ? most : share < KEPT_LEAST ? KEPT_LEAST : share;
}

static bool is_gathered(const struct flow *stream)
{
    return stream->parts >= (bytes_left() < ALL_MOST / 2 ? SINGLE_PARTS_LEAST : SINGLE_PARTS);
}

static size_t json_length(const char *bytes, size_t length)
{
    size_t all = PART_JSON;
    for (size_t i = 0; i < length; i++)
        all += bytes[i] >= 0x20 && bytes[i] < 0x7f ? 1 : BYTE_JSON;
    return all;
}

static void exchange_ports(struct exchange *exchange)
{
    kit_connection_ports(exchange->connection, &exchange->own_port, &exchange->peer_port);
}

static struct exchange *exchange_of(const struct kit_connection *connection)
{
    size_t index = (size_t)kit_connection_number(connection);
    if (index >= exchange_count) {
        exchanges = mem_resize(exchanges, (index + 1) * sizeof *exchanges);
        memset(exchanges + exchange_count, 0, (index + 1 - exchange_count) * sizeof *exchanges);
        exchange_count = index + 1;
    }
    struct exchange *exchange = &exchanges[index];
    if (exchange->connection == NULL)
        exchange->connection = connection;
    if (exchange->own_port == 0 || exchange->peer_port == 0)
        exchange_ports(exchange);
    return exchange;
}

static void part_tell(struct exchange *exchange, bool from_program, size_t offset,
                      const void *bytes, size_t length)
{
    struct flow *stream = &exchange->streams[from_program];
    for (size_t done = 0; done < length;) {
        size_t left = length - done;
        struct kit_part part = {
            .connection = kit_connection_number(exchange->connection),
            .own_port = exchange->own_port,
            .peer_port = exchange->peer_port,
            .from_program = from_program,
            .offset = offset + done,
            .bytes = (const char *)bytes + done,
            .length = left < MOST_PART ? left : MOST_PART,
            .omitted = offset + done - stream->told,
        };
        kit_record_part(&part);
        recorded += json_length(part.bytes, part.length);
        stream->parts++;
        done += part.length;
        stream->told = offset + done;
    }
}

static void held_drop(struct flow *stream, size_t length)
{
    memmove(stream->held.data, stream->held.data + length, stream->held.length - length);
    stream->held.length -= length;
}

// Tells what of the held bytes belongs to the stream's beginning.
static void head_tell(struct exchange *exchange, bool from_program)
{
    struct flow *stream = &exchange->streams[from_program];
    size_t start = stream->total - stream->held.length;
    size_t head = kept(KEPT_HEAD);
    if (start >= head)
        return;
    size_t room = head - start;
    size_t length = stream->held.length < room ? stream->held.length : room;
    if (is_gathered(stream) && length < GATHERED_PART && length < room)
        return;
    part_tell(exchange, from_program, start, stream->held.data, length);
    held_drop(stream, length);
}

// Bytes that are gathered wait for more, and none will come.
static void stream_tell_head(struct exchange *exchange, bool from_program)
{
    struct flow *stream = &exchange->streams[from_program];
    size_t start = stream->total - stream->held.length;
    if (stream->total > kept(KEPT_HEAD) || stream->held.length == 0)
        return;
    part_tell(exchange, from_program, start, stream->held.data, stream->held.length);
    str_clear(&stream->held);
}

void kit_record_io(const struct kit_connection *connection, bool from_program, size_t offset,
                   const void *bytes, size_t length)
{
    if (length == 0)
        return;
    struct exchange *exchange = exchange_of(connection);
    struct flow *stream = &exchange->streams[from_program];
    stream->total = offset + length;
    str_append_bytes(&stream->held, bytes, length);
    head_tell(exchange, from_program);
    // Cut only now and then: each cut moves the rest.
    if (stream->total > kept(KEPT_HEAD) && stream->held.length > 4 * KEPT_TAIL)
        held_drop(stream, stream->held.length - KEPT_TAIL);
}

void kit_record_connect(const struct kit_connection *connection)
{
    const struct exchange *exchange = exchange_of(connection);
    const struct kit_part part = {.connection = kit_connection_number(connection),
                                  .own_port = exchange->own_port,
                                  .peer_port = exchange->peer_port,
                                  .from_program = kit_connection_is_outgoing(connection),
                                  .bytes = ""};
    kit_record_part(&part);
}

void kit_record_end_of(const struct kit_connection *connection, bool by_program, bool reset)
{
    struct exchange *exchange = exchange_of(connection);
    // What came before it is told before it.
    stream_tell_head(exchange, by_program);
    const struct kit_part part = {.connection = kit_connection_number(connection),
                                  .own_port = exchange->own_port,
                                  .peer_port = exchange->peer_port,
                                  .from_program = by_program,
                                  .offset = exchange->streams[by_program].total,
                                  .bytes = "",
                                  .end = reset ? "reset" : "closed"};
    kit_record_part(&part);
}

void kit_record_around(const struct kit_connection *connection, size_t offset)
{
    struct flow *stream = &exchange_of(connection)->streams[true];
    stream->around = offset;
    stream->has_around = true;
}

// The part around a difference that neither the head nor the tail will hold.
static void around_tell(struct exchange *exchange, size_t tail_start)
{
    struct flow *stream = &exchange->streams[true];
    struct kit_bytes all = kit_connection_received(exchange->connection);
    size_t start = stream->around > KEPT_AROUND / 2 ? stream->around - KEPT_AROUND / 2 : 0;
    size_t end = stream->around + KEPT_AROUND / 2;
    if (start < stream->told)
        start = stream->told;
    if (end > tail_start)
        end = tail_start;
    if (end > all.length)
        end = all.length;
    if (start < end)
        part_tell(exchange, true, start, all.data + start, end - start);
}

static void stream_flush(struct exchange *exchange, bool from_program)
{
    struct flow *stream = &exchange->streams[from_program];
    size_t keep = stream->held.length;
    size_t tail = stream->has_around ? KEPT_TAIL : kept(KEPT_TAIL);
    if (stream->total > kept(KEPT_HEAD) && keep > tail)
        keep = tail;
    size_t start = stream->total - keep;
    if (stream->has_around)
        around_tell(exchange, start);
    stream->has_around = false;
    if (keep > 0)
        part_tell(exchange, from_program, start, stream->held.data + stream->held.length - keep,
                  keep);
    str_clear(&stream->held);
}

void kit_record_flush(void)
{
    for (size_t i = 0; i < exchange_count; i++) {
        if (exchanges[i].connection == NULL)
            continue;
        stream_flush(&exchanges[i], false);
        stream_flush(&exchanges[i], true);
    }
}
