// SPDX-License-Identifier: MIT
/*
 * An answer that a library sends for the program (libmicrohttpd): no call of the learner's own
 * carried its bytes. It was put together by MHD_create_response_from_buffer(size, body, …),
 * MHD_add_response_header(response, name, value) and MHD_queue_response(connection, status,
 * response), each of which has a part of it as an argument.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "trace/origin/inquiry.h"

// One answer in what the client got.
struct answer {
    size_t start, body; // offsets in the reply
    int number;         // from 0: which one
    int status;
};

static size_t line_end(const struct bytes *reply, size_t at)
{
    while (at < reply->length && reply->data[at] != '\r' && reply->data[at] != '\n')
        at++;
    return at;
}

static bool begins(const struct bytes *reply, size_t at, const char *word)
{
    size_t length = strlen(word);
    return at <= reply->length && reply->length - at >= length &&
           strncasecmp((const char *)reply->data + at, word, length) == 0;
}

// How many bytes the head from `start` to `body` says that follow.
static size_t body_length(const struct bytes *reply, size_t start, size_t body)
{
    static const char name[] = "\ncontent-length:";
    for (size_t i = start; i < body; i++)
        if (begins(reply, i, name))
            return strtoul((const char *)reply->data + i + sizeof name - 1, NULL, 10);
    return 0;
}

// The answer in which the byte lies. False: it is none by HTTP.
static bool find_answer(const struct bytes *reply, size_t offset, struct answer *out)
{
    *out = (struct answer){0};
    while (begins(reply, out->start, "HTTP/1.")) {
        const unsigned char *head = reply->data + out->start;
        const unsigned char *end = memmem(head, reply->length - out->start, "\r\n\r\n", 4);
        if (end == NULL)
            return false;
        out->status = atoi((const char *)head + strlen("HTTP/1.1 "));
        out->body = (size_t)(end + 4 - reply->data);
        // To HEAD, and with 304, no body follows whatever the head says.
        size_t next = begins(reply, out->body, "HTTP/1.")
                          ? out->body
                          : out->body + body_length(reply, out->start, out->body);
        if (offset < next || next >= reply->length)
            return true;
        out->start = next;
        if (out->status >= 200)
            out->number++;
    }
    return false;
}

// The call that handed the answer to the library. Its status has to be that one: of what was not
// recorded nothing is told.
static int32_t queued(const struct recording *r, const struct answer *answer)
{
    int number = 0;
    for (int32_t i = (int32_t)r->code.before; i < (int32_t)r->step_count; i++)
        if (strcmp(callee(r, i), "MHD_queue_response") == 0 && number++ == answer->number)
            return (int)call_at(r, i)->arguments[1] == answer->status ? i : NOBODY;
    return NOBODY;
}

// The last call of that name before a step that made, or got, the response.
static int32_t last_about(const struct recording *r, int32_t before, const char *name,
                          uint64_t response, const char *field, size_t length)
{
    for (int32_t i = before; i-- > (int32_t)r->code.before;) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || strcmp(callee(r, i), name) != 0)
            continue;
        if (field == NULL ? call->result == response
                          : call->arguments[0] == response && call->before_length[1] > length &&
                                call->before[1][length] == '\0' &&
                                strncasecmp((const char *)call->before[1], field, length) == 0)
            return i;
    }
    return NOBODY;
}

// The byte is one of the value of a field that the program has set.
static bool find_in_field(const struct recording *r, const struct answer *answer, size_t offset,
                          int32_t queue, struct sent *out)
{
    const struct bytes *reply = &r->reply;
    size_t line = offset;
    while (line > answer->start && reply->data[line - 1] != '\n')
        line--;
    const char *name = (const char *)reply->data + line;
    const char *colon = memchr(name, ':', line_end(reply, line) - line);
    if (colon == NULL)
        return false;
    size_t value = (size_t)(colon + 1 - (const char *)reply->data);
    while (value < offset && reply->data[value] == ' ')
        value++;
    int32_t step = last_about(r, queue, "MHD_add_response_header", call_at(r, queue)->arguments[2],
                              name, (size_t)(colon - name));
    if (step == NOBODY || offset < value)
        return false;
    uint64_t start = call_at(r, step)->arguments[2];
    *out = (struct sent){step, start + (offset - value), offset - value, start,
                         line_end(reply, line) - value};
    return true;
}

bool origin_of_served(const struct recording *r, size_t offset, struct sent *sent,
                      struct origin *out)
{
    struct answer answer;
    size_t at = offset - r->code.sent;
    if (offset < r->code.sent || !find_answer(&r->reply, at, &answer))
        return false;
    int32_t queue = queued(r, &answer);
    if (queue == NOBODY)
        return false;
    int argument;
    if (at < line_end(&r->reply, answer.start)) {
        *sent = (struct sent){.step = queue};
        origin_of_register(r, queue, argument_register(1), out);
        return true;
    }
    if (at >= answer.body) {
        int32_t made = last_about(r, queue, "MHD_create_response_from_buffer",
                                  call_at(r, queue)->arguments[2], NULL, 0);
        if (made == NOBODY)
            return false;
        uint64_t start = call_at(r, made)->arguments[1], size = call_at(r, made)->arguments[0];
        *sent = (struct sent){made, start + (at - answer.body), at - answer.body, start, size};
        argument = 1;
    } else {
        if (!find_in_field(r, &answer, at, queue, sent))
            return false;
        argument = 2;
    }
    origin_of_byte(r, sent->step, sent->address, out);
    if (out->pointer_step == NOBODY) {
        out->pointer_step = sent->step;
        out->pointer_register = argument_register(argument);
    }
    return true;
}
