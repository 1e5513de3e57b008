// SPDX-License-Identifier: MIT
/*
 * Answers: bytes from connections go through the strict reader; a broken rule, a close or a hang
 * becomes a sentence for the learner.
 */
#include <stdlib.h>
#include <string.h>

#include "net.h"

enum {
    shown_most = 1024, // bytes of an answer in a failure's `actual`
    near_miss = 64,    // so many bytes short, a wrong length is likelier than a lost body
};

// One answer that is being read.
struct reading {
    struct kit_connection *connection;
    struct http_reader reader;
    size_t start;       // in what the program sent
    bool head_only;     // the answer to HEAD
    bool takes_interim; // 1xx is an answer too
    bool may_close;     // closed without a byte: no reply, no failure
    struct kit_reply *reply;
    bool done;
};

// A reply and where its body's bytes stand.
struct own_reply {
    struct kit_reply reply;
    struct http_chunk *chunks;
    size_t chunk_count;
    bool decoded; // the body is not the one that was sent
};

// ---------------------------------------------------------------- replies

static enum last_answer kind_of(const struct kit_http_parse *parse, bool head_only)
{
    if (head_only)
        return LAST_HEAD;
    if (parse->total == parse->head_length && (!parse->has_length || parse->length > 0))
        return LAST_BODILESS;
    return parse->chunked ? LAST_CHUNKED : LAST_LENGTH;
}

struct kit_reply *reply_make(struct kit_connection *connection, struct http_reader *reader,
                             size_t start)
{
    const struct kit_http_parse *parse = &reader->out;
    const char *raw = connection->received.data + start;
    struct own_reply *own = kit_keep(sizeof *own);
    own->chunk_count = reader->chunk_count;
    own->chunks = (struct http_chunk *)(void *)kit_keep_bytes(
        reader->chunks, reader->chunk_count * sizeof *reader->chunks);
    struct kit_reply *reply = &own->reply;
    reply->connection = connection;
    reply->status = parse->status;
    reply->head.data = (unsigned char *)kit_keep_bytes(raw, parse->head_length);
    reply->head.length = parse->head_length;
    reply->body.data = (unsigned char *)kit_keep_bytes(parse->body.data, parse->body.length);
    reply->body.length = parse->body.length;
    reply->head_offset = start;
    reply->body_offset = start + parse->head_length;
    reply->chunked = parse->chunked;
    reply->has_length = parse->has_length;
    reply->until_close = parse->until_close;
    kit_when_stuck(NULL, NULL); // it was said of this answer
    return reply;
}

bool reply_raw_offset(const struct kit_reply *reply, size_t index, size_t *offset)
{
    const struct own_reply *own = (const struct own_reply *)(const void *)reply;
    if (own->decoded)
        return false;
    *offset = reply->head_offset +
              http_raw_offset(own->chunks, own->chunk_count, reply->head.length, index);
    return true;
}

void reply_set_body(struct kit_reply *reply, struct kit_bytes body)
{
    struct own_reply *own = (struct own_reply *)(void *)reply;
    own->decoded = body.length != reply->body.length ||
                   (body.length > 0 && memcmp(body.data, reply->body.data, body.length) != 0);
    reply->body = body;
}

// ---------------------------------------------------------------- what can go wrong

static struct kit_bytes read_so_far(const struct reading *reading)
{
    struct kit_bytes all = kit_connection_received(reading->connection);
    if (all.length <= reading->start)
        return kit_text("");
    return (struct kit_bytes){all.data + reading->start, all.length - reading->start};
}

// `offset`: in the answer.
static struct kit_failure failure_at(const struct reading *reading, const char *message,
                                     size_t offset)
{
    return (struct kit_failure){.message = message,
                                .connection = reading->connection,
                                .has_offset = true,
                                .offset = reading->start + offset};
}

static void show_actual(struct kit_failure *failure, struct kit_bytes bytes)
{
    failure->actual = (const char *)bytes.data;
    failure->actual_length = bytes.length < shown_most ? bytes.length : shown_most;
}

_Noreturn static void fail_rule(const struct reading *reading)
{
    const struct kit_http_parse *parse = &reading->reader.out;
    struct kit_failure failure = failure_at(reading, parse->message, parse->offset);
    failure.breaks_rule = true;
    failure.look = KIT_LOOK_BYTES;
    if (parse->expected != NULL) {
        failure.expected = parse->expected;
        failure.expected_length = strlen(parse->expected);
    }
    struct kit_bytes answer = read_so_far(reading);
    size_t shown = answer.length - parse->offset;
    show_actual(&failure, (struct kit_bytes){answer.data + parse->offset, shown < 80 ? shown : 80});
    kit_fail_because(&failure, parse->because);
}

static bool length_is_missed(const struct reading *reading, bool nearly)
{
    const struct http_reader *reader = &reading->reader;
    return reader->stage == HTTP_BODY_LENGTH && (!nearly || reader->left <= near_miss);
}

static const char *length_message(const struct reading *reading)
{
    const struct kit_http_parse *parse = &reading->reader.out;
    size_t came = parse->body.length;
    return kit_format("Content-Length says %llu, the body has %zu byte%s",
                      (unsigned long long)parse->length, came, came == 1 ? "" : "s");
}

static const char *length_because(const struct reading *reading)
{
    unsigned long long left = reading->reader.left;
    return kit_format("a client waits for %llu byte%s that never come%s (RFC 9112 6.3)", left,
                      left == 1 ? "" : "s", left == 1 ? "s" : "");
}

// The connection ended in the middle of the answer, which is right as far as it goes.
_Noreturn static void fail_truncated(const struct reading *reading)
{
    const char *doing = kit_connection_doing(reading->connection);
    connection_look_for_crash(doing);
    const struct http_reader *reader = &reading->reader;
    if (length_is_missed(reading, true)) {
        struct kit_failure failure =
            failure_at(reading, length_message(reading), reader->out.length_offset);
        show_actual(&failure, read_so_far(reading));
        kit_fail_because(&failure, length_because(reading));
    }
    struct kit_bytes answer = read_so_far(reading);
    const char *how = kit_connection_was_reset(reading->connection) ? "reset" : "closed";
    const char *message =
        reader->stage == HTTP_BODY_LENGTH
            ? kit_format("the connection was %s after %zu of %llu bytes of the body", how,
                         reader->out.body.length, (unsigned long long)reader->out.length)
        : answer.length == 0 ? kit_format("the connection was %s before %s", how, doing)
                             : kit_format("the connection was %s before %s was whole", how, doing);
    struct kit_failure failure = failure_at(reading, message, answer.length);
    show_actual(&failure, answer);
    kit_fail_because(&failure, reader->out.because);
}

_Noreturn void reply_fail_rule(struct kit_connection *connection, struct http_reader *reader,
                               size_t start)
{
    struct reading reading = {.connection = connection, .reader = *reader, .start = start};
    if (reader->out.truncated)
        fail_truncated(&reading);
    fail_rule(&reading);
}

// The failure stands before the hang is told: the kit drops the hang's own sentence then, and
// still records what the program does.
_Noreturn static void fail_hung_as(const struct reading *reading, const char *message,
                                   size_t offset, const char *because)
{
    struct kit_failure failure = failure_at(reading, message, offset);
    bool in_head =
        reading->reader.stage == HTTP_STATUS_LINE || reading->reader.stage == HTTP_FIELDS;
    failure.look = in_head ? KIT_LOOK_BYTES : KIT_LOOK_ANSWER;
    show_actual(&failure, read_so_far(reading));
    kit_fail(&failure);
    kit_because(because);
    kit_fail_by_hang(message, reading->connection);
}

_Noreturn static void fail_hung(struct reading *reading)
{
    struct http_reader *reader = &reading->reader;
    enum http_stage stage = reader->stage;
    struct kit_bytes answer = read_so_far(reading);
    const char *doing = kit_connection_doing(reading->connection);
    if (answer.length == 0 && reading->may_close)
        reproduce_note_end(reading->connection);
    if (answer.length == 0)
        kit_fail_by_hang(kit_format("%s never came", doing), reading->connection);
    if (stage == HTTP_BODY_LENGTH)
        fail_hung_as(reading, length_message(reading), reader->out.length_offset,
                     length_because(reading));
    if (stage == HTTP_BODY_CLOSE)
        fail_hung_as(reading,
                     "the answer has no Content-Length and the connection stays open: where the "
                     "body ends is not said",
                     reader->out.head_length - 2,
                     "RFC 9112 6.3: without a length a client takes everything until the close");
    // What came of an unfinished line may already break a rule.
    if (http_reader_feed(reader, answer.data, answer.length, true) == KIT_HTTP_WRONG &&
        !reader->out.truncated)
        fail_rule(reading);
    if (stage == HTTP_STATUS_LINE || stage == HTTP_FIELDS)
        fail_hung_as(reading, kit_format("the head of %s does not end: no empty line came", doing),
                     answer.length, "RFC 9112 2.1: an empty line ends the head");
    fail_hung_as(reading, kit_format("the chunks of %s do not end: no chunk of size 0 came", doing),
                 answer.length, "RFC 9112 7.1: a chunk of size 0 and an empty line end the body");
}

// A body that ends with the connection must end in order; a refusal may be cut short by the bytes
// of the request that the program does not read.
static void judge_reset(const struct reading *reading)
{
    const struct kit_http_parse *parse = &reading->reader.out;
    if (!parse->until_close || parse->status >= 400 || !reading->connection->was_reset)
        return;
    connection_look_for_crash(kit_connection_doing(reading->connection));
    struct kit_failure failure =
        failure_at(reading, "the connection was reset, expected it to be closed after the body",
                   read_so_far(reading).length);
    kit_fail_because(&failure, "RFC 9112 9.6: a server that closes while bytes of the request are "
                               "unread resets the connection, and the answer can be lost");
}

// ---------------------------------------------------------------- reading

static void finish(struct reading *reading)
{
    struct kit_connection *connection = reading->connection;
    const struct kit_http_parse *parse = &reading->reader.out;
    judge_reset(reading);
    bool interim = parse->status < 200 && parse->status != 101;
    reading->done = !interim || reading->takes_interim;
    if (reading->done)
        reading->reply = reply_make(connection, &reading->reader, reading->start);
    reading->start += parse->total;
    connection->consumed = reading->start;
    if (!interim) {
        connection->answers++;
        connection->last = kind_of(parse, reading->head_only);
    }
    http_reader_release(&reading->reader);
    http_reader_start(&reading->reader, reading->head_only);
}

// Takes what has come and reads it.
static void go_on(struct reading *reading)
{
    connection_collect(reading->connection);
    while (!reading->done) {
        struct kit_bytes answer = read_so_far(reading);
        bool ended = reading->connection->ended;
        if (answer.length == 0 && ended && reading->may_close) {
            reading->done = true;
            return;
        }
        switch (http_reader_feed(&reading->reader, answer.data, answer.length, ended)) {
        case KIT_HTTP_MORE:
            return;
        case KIT_HTTP_WRONG:
            if (reading->reader.out.truncated)
                fail_truncated(reading);
            fail_rule(reading);
        case KIT_HTTP_WHOLE:
            finish(reading);
        }
    }
}

// Waits for something on any connection whose answer is not whole. The program's end does not
// count while there is something left to take.
static void wait_for_any(struct reading *readings, size_t count, struct pollfd *polls)
{
    size_t waiting = 0;
    struct reading *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (readings[i].done)
            continue;
        polls[waiting++] =
            (struct pollfd){.fd = readings[i].connection->descriptor, .events = POLLIN};
        first = first == NULL ? &readings[i] : first;
    }
    if (first == NULL)
        return;
    struct kit_wait wait = {.polls = polls, .poll_count = waiting, .ends_too = true};
    enum kit_wait_result result = kit_wait(&wait);
    if (result == KIT_HUNG)
        fail_hung(first);
    if (result != KIT_ENDED)
        return;
    bool anything = false;
    for (size_t i = 0; i < count; i++)
        anything |= !readings[i].done && connection_collect(readings[i].connection);
    if (!anything)
        kit_fail_by_end(kit_the_program(), kit_connection_doing(first->connection));
}

static void read_all(struct reading *readings, size_t count)
{
    auto_free struct pollfd *polls = mem_alloc_array(count, sizeof *polls);
    for (size_t i = 0; i < count; i++) {
        connection_need_open(readings[i].connection, "reading an answer");
        readings[i].start = readings[i].connection->consumed;
        http_reader_start(&readings[i].reader, readings[i].head_only);
    }
    for (;;) {
        size_t done = 0;
        for (size_t i = 0; i < count; i++) {
            if (!readings[i].done)
                go_on(&readings[i]);
            done += readings[i].done;
        }
        if (done == count)
            return;
        wait_for_any(readings, count, polls);
    }
}

static struct kit_reply *read_one(struct reading reading)
{
    kit_settle();
    read_all(&reading, 1);
    http_reader_release(&reading.reader);
    return reading.reply;
}

struct kit_reply *reply_read(struct kit_connection *connection, bool head_only)
{
    return read_one((struct reading){.connection = connection, .head_only = head_only});
}

struct kit_reply *kit_read_reply(struct kit_connection *connection)
{
    return reply_read(connection, false);
}

struct kit_reply *kit_read_head_reply(struct kit_connection *connection)
{
    return reply_read(connection, true);
}

struct kit_reply *kit_read_reply_or_close(struct kit_connection *connection)
{
    return read_one((struct reading){.connection = connection, .may_close = true});
}

struct kit_reply *kit_read_interim_reply(struct kit_connection *connection)
{
    return read_one((struct reading){.connection = connection, .takes_interim = true});
}

struct kit_reply **kit_read_replies(struct kit_connection **connections, size_t count)
{
    kit_settle();
    auto_free struct reading *readings = mem_alloc_array(count, sizeof *readings);
    for (size_t i = 0; i < count; i++)
        readings[i].connection = connections[i];
    read_all(readings, count);
    struct kit_reply **replies = kit_keep(count * sizeof(struct kit_reply *));
    for (size_t i = 0; i < count; i++) {
        replies[i] = readings[i].reply;
        http_reader_release(&readings[i].reader);
    }
    return replies;
}
