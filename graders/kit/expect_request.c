// SPDX-License-Identifier: MIT
// Expectations about what a client sent. Its fields are judged as those of an answer are.
#include <string.h>

#include "expect.h"
#include "origin.h"

// What the expectations about fields look at, of a request.
static struct kit_reply as_message(const struct kit_request_read *request)
{
    return (struct kit_reply){.connection = request->connection,
                              .head = request->head,
                              .head_offset = request->head_offset};
}

static void fail_word(const struct kit_request_read *request, const char *what, const char *actual,
                      size_t at, const char *expected, int line)
{
    kit_fail(&(struct kit_failure){
        .message = kit_format("the %s is %s, expected %s", what, expect_shown(kit_text(actual)),
                              expect_shown(kit_text(expected))),
        .expected = expected,
        .expected_length = strlen(expected),
        .actual = actual,
        .actual_length = strlen(actual),
        .connection = request->connection,
        .has_offset = true,
        .offset = request->head_offset + at,
        .line = line,
    });
}

static size_t equal_length(const char *a, const char *b)
{
    return bytes_equal_length(kit_text(a), kit_text(b));
}

void kit_expect_method_at(struct kit_request_read *request, const char *method, int line)
{
    kit_settle();
    if (!str_equal(request->method, method))
        fail_word(request, "method", request->method, 0, method, line);
}

void kit_expect_target_at(struct kit_request_read *request, const char *target, int line)
{
    kit_settle();
    if (!str_equal(request->target, target))
        fail_word(request, "target", request->target,
                  strlen(request->method) + 1 + equal_length(request->target, target), target,
                  line);
}

void kit_expect_request_field_at(struct kit_request_read *request, const char *name,
                                 const char *value, int line)
{
    struct kit_reply message = as_message(request);
    kit_expect_field_at(&message, name, value, line);
}

void kit_expect_request_field_lists_at(struct kit_request_read *request, const char *name,
                                       const char *member, int line)
{
    struct kit_reply message = as_message(request);
    kit_expect_field_lists_at(&message, name, member, line);
}

void kit_expect_no_request_field_at(struct kit_request_read *request, const char *name, int line)
{
    struct kit_reply message = as_message(request);
    kit_expect_no_field_at(&message, name, line);
}

// ---------------------------------------------------------------- how many

static const struct kit_connection *last_of(const struct kit_origin *origin)
{
    return origin->connection_count > 0 ? origin->connections[origin->connection_count - 1] : NULL;
}

static void fail_count(const struct kit_origin *origin, const char *what, size_t actual,
                       const char *expected, int line)
{
    const char *seen = kit_format("%zu", actual);
    kit_fail(&(struct kit_failure){
        .message = kit_format("%zu %s%s came to %s, expected %s", actual, what,
                              actual == 1 ? "" : "s", origin->host, expected),
        .expected = expected,
        .expected_length = strlen(expected),
        .actual = seen,
        .actual_length = strlen(seen),
        .connection = last_of(origin),
        .line = line,
    });
}

void kit_expect_request_count_at(struct kit_origin *origin, size_t least, size_t most, int line)
{
    size_t count = kit_request_count(origin);
    if (count >= least && count <= most)
        return;
    fail_count(origin, "request", count,
               least == most ? kit_format("%zu", least) : kit_format("%zu to %zu", least, most),
               line);
}

void kit_expect_connection_count_at(struct kit_origin *origin, size_t count, int line)
{
    size_t actual = kit_connection_count(origin);
    if (actual != count)
        fail_count(origin, "connection", actual, kit_format("%zu", count), line);
}
