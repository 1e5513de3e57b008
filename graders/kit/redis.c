// SPDX-License-Identifier: MIT
/*
 * The check's own connection to the service redis (fixtures/redis.c), over hiredis. A question is
 * answered within a fraction of a millisecond, so it is waited for here and now; the origins work
 * meanwhile. A Redis that does not answer was stopped or stalled by the check itself, which is the
 * author's fault: nothing here charges the program.
 */
#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core.h"
#include "net.h"
#include "sql.h"

#define PATIENCE 30.0 // seconds for an answer
enum { SHOWN_MOST = 60, ROUNDS = 50, LINE_BYTES = 56, LINES_MOST = 12 };

struct kit_redis {
    redisContext *context; // NULL: not connected
    const char *command;   // the last one, as it is shown
};

// ---------------------------------------------------------------- one command

static void disconnect(struct kit_redis *redis)
{
    redisFree(redis->context);
    redis->context = NULL;
}

// Sends what is in the buffer and takes what comes; false: the connection is gone.
static bool exchange(redisContext *context, redisReply **out)
{
    double until = kit_clock() + PATIENCE;
    int sent = 0;
    void *reply = NULL;
    while (reply == NULL) {
        if (!sent && redisBufferWrite(context, &sent) != REDIS_OK)
            return false;
        struct pollfd ready = {.fd = context->fd, .events = (short)(sent ? POLLIN : POLLOUT)};
        kit_origins_serve();
        if (poll(&ready, 1, 10) > 0 && (ready.revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
            redisBufferRead(context) != REDIS_OK)
            return false;
        if (redisGetReplyFromReader(context, &reply) != REDIS_OK)
            return false;
        if (kit_clock() > until)
            kit_break("Redis does not answer: was it stalled by the check?");
    }
    *out = reply;
    return true;
}

static redisReply *ask(struct kit_redis *redis, const char *command, size_t length);

static void connect_anew(struct kit_redis *redis)
{
    redis->context = redisConnectUnixNonBlock(kit_service("REDIS_SOCKET"));
    if (redis->context == NULL || redis->context->err != 0)
        kit_break("no connection to Redis (was it stopped by the check?): %s",
                  redis->context == NULL ? "out of memory" : redis->context->errstr);
    auto_free char *hello = NULL;
    int length = redisFormatCommand(&hello, "AUTH lab %s", kit_service("REDIS_PASSWORD"));
    redisReply *reply = ask(redis, hello, (size_t)length);
    if (reply->type != REDIS_REPLY_STATUS)
        kit_break("Redis refuses the check: %s", reply->str);
    freeReplyObject(reply);
}

// A connection that has gone since the last command (Redis was started anew) is made once more.
static redisReply *ask(struct kit_redis *redis, const char *command, size_t length)
{
    for (int tries = 0; tries < 2; tries++) {
        redisReply *reply;
        if (redis->context == NULL)
            connect_anew(redis);
        redisAppendFormattedCommand(redis->context, command, length);
        if (exchange(redis->context, &reply))
            return reply;
        disconnect(redis);
    }
    kit_break("Redis ends the check's connection");
}

static const struct kit_redis_reply *keep(const redisReply *reply)
{
    struct kit_redis_reply *kept = kit_keep(sizeof *kept);
    switch (reply->type) {
    case REDIS_REPLY_INTEGER:
        kept->kind = KIT_REDIS_INTEGER;
        kept->integer = reply->integer;
        break;
    case REDIS_REPLY_NIL:
        kept->kind = KIT_REDIS_NIL;
        break;
    case REDIS_REPLY_ARRAY: {
        const struct kit_redis_reply **members =
            kit_keep((reply->elements + 1) * sizeof(struct kit_redis_reply *));
        for (size_t i = 0; i < reply->elements; i++)
            members[i] = keep(reply->element[i]);
        kept->kind = KIT_REDIS_ARRAY;
        kept->members = members;
        kept->count = reply->elements;
        break;
    }
    default:
        kept->kind = reply->type == REDIS_REPLY_ERROR ? KIT_REDIS_ERROR : KIT_REDIS_STRING;
        kept->bytes = (struct kit_bytes){
            (const unsigned char *)kit_keep_bytes(reply->str, reply->len), reply->len};
    }
    return kept;
}

// The command as a person would type it, from its form on the wire.
static const char *shown_command(const char *command)
{
    auto_str struct str text = STR_INIT;
    const char *at = command;
    long count = strtol(at + 1, (char **)&at, 10);
    for (long i = 0; i < count; i++) {
        at += strlen("\r\n") + 1; // and the '$'
        size_t length = strtoul(at, (char **)&at, 10);
        at += strlen("\r\n");
        if (i > 0)
            str_append_char(&text, ' ');
        text_append_escaped(&text, at, length < SHOWN_MOST ? length : SHOWN_MOST);
        if (length > SHOWN_MOST)
            str_append(&text, "...");
        at += length;
    }
    return kit_keep_bytes(text.data, text.length);
}

static const struct kit_redis_reply *command_list(struct kit_redis *redis, const char *format,
                                                  va_list arguments)
{
    auto_free char *command = NULL;
    int length = redisvFormatCommand(&command, format, arguments);
    if (length < 0)
        kit_break("\"%s\" is no command for Redis", format);
    redis->command = shown_command(command);
    redisReply *reply = ask(redis, command, (size_t)length);
    const struct kit_redis_reply *kept = keep(reply);
    freeReplyObject(reply);
    return kept;
}

struct kit_redis *kit_redis(void)
{
    kit_settle();
    struct kit_redis *redis = kit_keep(sizeof *redis);
    connect_anew(redis);
    return redis;
}

const struct kit_redis_reply *kit_redis_command(struct kit_redis *redis, const char *format, ...)
{
    kit_settle();
    va_list arguments;
    va_start(arguments, format);
    const struct kit_redis_reply *reply = command_list(redis, format, arguments);
    va_end(arguments);
    if (reply->kind == KIT_REDIS_ERROR)
        kit_break("%s: %s", redis->command, (const char *)reply->bytes.data);
    return reply;
}

// ---------------------------------------------------------------- how a failure is told

static const char *reply_text(const struct kit_redis_reply *reply)
{
    switch (reply->kind) {
    case KIT_REDIS_NIL:
        return "nothing";
    case KIT_REDIS_INTEGER:
        return kit_format("%lld", reply->integer);
    case KIT_REDIS_ARRAY:
        return kit_format("%zu members", reply->count);
    case KIT_REDIS_STRING:
    case KIT_REDIS_ERROR:
        break;
    }
    auto_str struct str text = STR_INIT;
    bool all = reply->bytes.length <= SHOWN_MOST;
    text_append_escaped(&text, reply->bytes.data, all ? reply->bytes.length : SHOWN_MOST);
    return kit_format("%s\"%s\"%s", reply->kind == KIT_REDIS_ERROR ? "an error, " : "",
                      str_text(&text), all ? "" : "...");
}

// The program's last answer said that all is done, and Redis says otherwise: the lines that made
// the answer are where to look.
static const struct kit_connection *answered_last(void)
{
    const struct kit_connection *connection = connection_newest();
    while (connection != NULL && (connection->outgoing || connection->received.length == 0))
        connection = connection->previous;
    return connection;
}

// Bytes as lines, from a little before `from` on. The record escapes them; a NUL would end them.
static void lines_of(struct kit_bytes bytes, size_t from, struct strings *out)
{
    size_t at = from > LINE_BYTES / 2 ? from - LINE_BYTES / 2 : 0;
    for (int line = 0; line < LINES_MOST && at < bytes.length; line++) {
        auto_str struct str text = STR_INIT;
        bool ends = false;
        while (at < bytes.length && text.length < LINE_BYTES && !ends) {
            char c = (char)bytes.data[at++];
            ends = c == '\n';
            str_append(&text, c == '\0' ? "\\0" : (const char[]){c, '\0'});
        }
        strings_add(out, str_text(&text));
    }
}

static void tell(const struct kit_redis *redis, const char *message,
                 const struct kit_redis_reply *reply, const struct kit_bytes *expected, int line)
{
    const struct kit_connection *connection = answered_last();
    kit_fail(&(struct kit_failure){.message = message,
                                   .connection = connection,
                                   .has_offset = connection != NULL,
                                   .offset = strlen("HTTP/1.1 "),
                                   .line = line});
    struct sql_story story = {.statement = redis->command, .answer = reply_text(reply)};
    if (expected != NULL && reply->kind == KIT_REDIS_STRING) {
        size_t same = 0;
        while (same < expected->length && same < reply->bytes.length &&
               expected->data[same] == reply->bytes.data[same])
            same++;
        lines_of(*expected, same, &story.expected);
        lines_of(reply->bytes, same, &story.found);
    }
    kit_record_sql(&story);
    strings_release(&story.expected);
    strings_release(&story.found);
}

// ---------------------------------------------------------------- expectations

static bool is_text(const struct kit_redis_reply *reply, const char *expected)
{
    if (expected == NULL)
        return reply->kind == KIT_REDIS_NIL;
    if (reply->kind == KIT_REDIS_INTEGER)
        return str_equal(kit_format("%lld", reply->integer), expected);
    return reply->kind == KIT_REDIS_STRING && reply->bytes.length == strlen(expected) &&
           memcmp(reply->bytes.data, expected, reply->bytes.length) == 0;
}

static const char *wanted(const char *expected)
{
    return expected == NULL ? "nothing" : expected;
}

void kit_expect_redis_at(struct kit_redis *redis, int line, const char *what, const char *expected,
                         const char *format, ...)
{
    kit_settle();
    va_list arguments;
    va_start(arguments, format);
    const struct kit_redis_reply *reply = command_list(redis, format, arguments);
    va_end(arguments);
    if (is_text(reply, expected))
        return;
    const char *message =
        kit_format("%s: Redis has %s, expected %s", what, reply_text(reply), wanted(expected));
    if (str_starts_with(redis->command, "EXISTS ") && reply->kind == KIT_REDIS_INTEGER)
        message = kit_format("%s: it is %s Redis", what, reply->integer > 0 ? "in" : "not in");
    tell(redis, message, reply, NULL, line);
}

void kit_expect_redis_bytes_at(struct kit_redis *redis, int line, const char *what,
                               struct kit_bytes expected, const char *format, ...)
{
    kit_settle();
    va_list arguments;
    va_start(arguments, format);
    const struct kit_redis_reply *reply = command_list(redis, format, arguments);
    va_end(arguments);
    if (reply->kind != KIT_REDIS_STRING)
        tell(redis, kit_format("%s: Redis has %s", what, reply_text(reply)), reply, &expected,
             line);
    else if (reply->bytes.length != expected.length ||
             memcmp(reply->bytes.data, expected.data, expected.length) != 0)
        tell(redis,
             kit_format("%s: Redis has other bytes than expected (%zu, expected %zu)", what,
                        reply->bytes.length, expected.length),
             reply, &expected, line);
}

void kit_expect_redis_between_at(struct kit_redis *redis, int line, const char *what,
                                 long long least, long long most, const char *format, ...)
{
    kit_settle();
    va_list arguments;
    va_start(arguments, format);
    const struct kit_redis_reply *reply = command_list(redis, format, arguments);
    va_end(arguments);
    if (reply->kind == KIT_REDIS_INTEGER && reply->integer >= least && reply->integer <= most)
        return;
    // The number itself may be another one each time; it stands below.
    const char *message = kit_format("%s: Redis says %s", what, reply_text(reply));
    if (reply->kind == KIT_REDIS_INTEGER && reply->integer > most)
        message = kit_format("%s: Redis says more than %lld", what, most);
    else if (reply->kind == KIT_REDIS_INTEGER && reply->integer >= 0)
        message = kit_format("%s: Redis says less than %lld", what, least);
    tell(redis, message, reply, NULL, line);
}

// ---------------------------------------------------------------- waiting for the program

struct awaited {
    struct kit_redis *redis;
    const char *command;
    size_t length;
    const char *expected;
};

static bool has_come(void *context)
{
    const struct awaited *awaited = context;
    redisReply *reply = ask(awaited->redis, awaited->command, awaited->length);
    bool met = is_text(keep(reply), awaited->expected);
    freeReplyObject(reply);
    return met;
}

void kit_await_redis(struct kit_redis *redis, const char *message, const char *expected,
                     const char *format, ...)
{
    kit_settle();
    auto_free char *command = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = redisvFormatCommand(&command, format, arguments);
    va_end(arguments);
    if (length < 0)
        kit_break("\"%s\" is no command for Redis", format);
    struct awaited awaited = {redis, command, (size_t)length, expected};
    const struct kit_wait wait = {.condition = has_come, .context = &awaited, .ends_too = true};
    switch (kit_wait(&wait)) {
    case KIT_ENDED:
        kit_fail_by_end(kit_the_program(), message);
    case KIT_HUNG:
        kit_fail_by_hang(message, NULL);
    case KIT_READY:
    case KIT_MET:
        break;
    }
}

static long long commands_processed(struct kit_redis *redis)
{
    static const char name[] = "total_commands_processed:";
    const struct kit_redis_reply *info = kit_redis_command(redis, "INFO stats");
    const char *found = strstr((const char *)info->bytes.data, name);
    return found == NULL ? 0 : atoll(found + sizeof name - 1);
}

void kit_wait_until_redis_is_idle(struct kit_redis *redis, struct kit_program *program)
{
    long long before = -1;
    for (int round = 0; round < ROUNDS; round++) {
        kit_wait_until_idle(program);
        long long now = commands_processed(redis);
        if (now == before + 1) // but for the question itself
            return;
        before = now;
    }
}
