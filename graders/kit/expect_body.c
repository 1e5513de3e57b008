// SPDX-License-Identifier: MIT
// Expectations about bodies and other bytes.
#include <string.h>

#include "expect.h"
#include "net.h"

enum { short_most = 32 }; // bytes that are shown in the sentence itself

static bool is_short(struct kit_bytes bytes)
{
    return bytes.length > 0 && bytes.length <= short_most;
}

// One sentence about two strings of bytes that are equal up to `same`. `what`: "the body".
static const char *difference(const char *what, struct kit_bytes actual, struct kit_bytes expected,
                              size_t same)
{
    const char *bytes = expected.length == 1 ? "byte" : "bytes";
    if (expected.length == 0)
        return kit_format("%s has %zu byte%s, expected none", what, actual.length,
                          actual.length == 1 ? "" : "s");
    if (actual.length == 0)
        return kit_format("%s is empty, expected %zu %s", what, expected.length, bytes);
    if (is_short(actual) && is_short(expected))
        return kit_format("%s is \"%s\", expected \"%s\"", what, expect_shown(actual),
                          expect_shown(expected));
    if (same == actual.length)
        return kit_format("%s ends after %zu of %zu %s", what, same, expected.length, bytes);
    if (same == expected.length)
        return kit_format("%s has %zu bytes, expected %zu", what, actual.length, expected.length);
    return kit_format("%s differs at byte %zu of %zu", what, same + 1, expected.length);
}

static void fail_difference(struct kit_failure failure, struct kit_bytes actual,
                            struct kit_bytes expected)
{
    failure.expected = (const char *)expected.data;
    failure.expected_length = expected.length;
    failure.actual = (const char *)actual.data;
    failure.actual_length = actual.length;
    kit_fail(&failure);
}

void kit_expect_body_at(struct kit_reply *reply, struct kit_bytes bytes, int line)
{
    kit_settle();
    size_t same = bytes_equal_length(reply->body, bytes);
    if (same == reply->body.length && same == bytes.length)
        return;
    struct kit_failure failure = {
        .message = difference("the body", reply->body, bytes, same),
        .connection = reply->connection,
        .look = KIT_LOOK_BODY,
        .line = line,
    };
    failure.has_offset = reply_raw_offset(reply, same, &failure.offset);
    suspect_see(reply->connection, bytes, reply->body, "the first byte that did not come back",
                "this byte came back too");
    fail_difference(failure, reply->body, bytes);
}

void kit_expect_body_lacks_at(struct kit_reply *reply, struct kit_bytes bytes, int line)
{
    kit_settle();
    if (bytes.length == 0)
        kit_break("kit_expect_body_lacks needs at least one byte");
    const unsigned char *found =
        memmem(reply->body.data, reply->body.length, bytes.data, bytes.length);
    if (found == NULL)
        return;
    size_t at = (size_t)(found - reply->body.data);
    struct kit_failure failure = {
        .message = kit_format("the body contains \"%s\" at byte %zu", expect_shown(bytes), at + 1),
        .actual = (const char *)found,
        .actual_length = bytes.length,
        .connection = reply->connection,
        .line = line,
    };
    failure.has_offset = reply_raw_offset(reply, at, &failure.offset);
    kit_fail(&failure);
}

void kit_expect_equal_at(const char *what, struct kit_bytes actual, struct kit_bytes expected,
                         int line)
{
    kit_settle();
    size_t same = bytes_equal_length(actual, expected);
    if (same == actual.length && same == expected.length)
        return;
    struct kit_failure failure = {
        .message = difference(what, actual, expected, same), .look = KIT_LOOK_BODY, .line = line};
    fail_difference(failure, actual, expected);
}
