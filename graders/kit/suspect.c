// SPDX-License-Identifier: MIT
/*
 * The bytes of a request on which a failure hangs. An author names them by what stands around them,
 * before or after they are sent; where they are is looked up when the check fails. Where an author
 * says nothing, the kit finds the byte that should have come back and did not.
 */
#include <string.h>

#include "net.h"

enum {
    ALIKE_LEAST = 4, // bytes: shorter ones are found where they do not belong
    AROUND = 12,     // bytes on either side of a difference that tell its place
};

struct place {
    const struct kit_connection *connection; // NULL: not found
    size_t offset, length;
    const char *what;
};

static const char *given_before, *given_bytes, *given_what; // by kit_suspect, kit_suspect_next
static const struct kit_connection *given_on;               // NULL: on any connection
static size_t given_from;                                   // the first byte that may be meant
static struct place given;                                  // by kit_suspect_at
static struct place seen;                                   // by the kit itself
static const struct kit_connection *echoing;                // on which these bytes are awaited
static struct kit_bytes awaited;

// ---------------------------------------------------------------- what authors say

static void forget(void)
{
    given_before = given_bytes = given_what = NULL;
    given_on = NULL;
    given_from = 0;
    given = (struct place){0};
}

static void give(const char *before, const char *bytes, const char *what)
{
    if (bytes == NULL || *bytes == '\0' || what == NULL)
        kit_break("kit_suspect needs bytes, and words for them");
    given_before = before == NULL ? "" : kit_format("%s", before);
    given_bytes = kit_format("%s", bytes);
    given_what = kit_format("%s", what);
}

void kit_suspect(const char *before, const char *bytes, const char *what)
{
    kit_settle();
    forget();
    if (bytes != NULL)
        give(before, bytes, what);
}

void kit_suspect_next(const struct kit_connection *connection, const char *before,
                      const char *bytes, const char *what)
{
    kit_settle();
    forget();
    if (connection == NULL)
        kit_break("kit_suspect_next needs a connection");
    give(before, bytes, what);
    given_on = connection;
    given_from = kit_connection_sent(connection).length;
}

void kit_suspect_at(const struct kit_connection *connection, size_t offset, size_t length,
                    const char *what)
{
    kit_settle();
    forget();
    if (connection == NULL || length == 0 || what == NULL)
        kit_break("kit_suspect_at needs a connection, bytes, and words for them");
    given = (struct place){connection, offset, length, kit_format("%s", what)};
}

// ---------------------------------------------------------------- where that is

static bool find_in(const struct kit_connection *connection, struct place *out)
{
    struct kit_bytes sent = kit_connection_sent(connection);
    size_t before = strlen(given_before), length = strlen(given_bytes);
    const char *whole = kit_format("%s%s", given_before, given_bytes);
    if (given_from > sent.length)
        return false;
    const unsigned char *found =
        memmem(sent.data + given_from, sent.length - given_from, whole, before + length);
    if (found == NULL)
        return false;
    *out = (struct place){connection, (size_t)(found - sent.data) + before, length, given_what};
    return true;
}

// On the connection of the failure, else on the last one that has them: an earlier request may be
// what a later one suffers from.
static struct place find_given(const struct kit_connection *failed)
{
    struct place place = {0};
    if (given_on != NULL) {
        find_in(given_on, &place);
        return place;
    }
    if (failed != NULL && find_in(failed, &place))
        return place;
    const struct kit_connection *connection = connection_newest();
    while (connection != NULL && !find_in(connection, &place))
        connection = connection->previous;
    return place;
}

static void see_echo(void);

void suspect_record(const struct kit_failure *failure)
{
    if (echoing != NULL)
        see_echo();
    struct place place = given_bytes != NULL        ? find_given(failure->connection)
                         : given.connection != NULL ? given
                                                    : seen;
    if (place.connection == NULL || failure->breaks_rule)
        return;
    size_t sent = kit_connection_sent(place.connection).length;
    if (place.offset >= sent)
        return;
    if (place.length > sent - place.offset)
        place.length = sent - place.offset;
    kit_record_suspect(place.connection, place.offset, place.length, place.what);
}

// ---------------------------------------------------------------- what the kit sees itself

// Where the bytes stand in what was sent, when that is in one place alone.
static bool stand_once(struct kit_bytes sent, struct kit_bytes bytes, size_t *at)
{
    if (bytes.length < ALIKE_LEAST || sent.length < bytes.length)
        return false;
    const unsigned char *first = memmem(sent.data, sent.length, bytes.data, bytes.length);
    if (first == NULL)
        return false;
    *at = (size_t)(first - sent.data);
    return memmem(first + 1, sent.length - *at - 1, bytes.data, bytes.length) == NULL;
}

// Where byte `index` of the content stands in what was sent: the content may lie there in one
// piece, or in several (chunks), of which the one around that byte is enough.
static bool find_byte(struct kit_bytes sent, struct kit_bytes content, size_t index, size_t *at)
{
    size_t start = index > AROUND ? index - AROUND : 0;
    size_t end = content.length - index > AROUND ? index + AROUND : content.length;
    const size_t parts[][2] = {{0, content.length}, {start, end}, {index, end}, {start, index}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t from = parts[i][0];
        if (stand_once(sent, (struct kit_bytes){content.data + from, parts[i][1] - from}, at)) {
            *at += index - from;
            return true;
        }
    }
    return false;
}

void suspect_see(const struct kit_connection *connection, struct kit_bytes expected,
                 struct kit_bytes actual, const char *lacking, const char *surplus)
{
    if (connection == NULL)
        connection = connection_newest();
    if (connection == NULL)
        return;
    struct kit_bytes sent = kit_connection_sent(connection);
    size_t same = bytes_equal_length(expected, actual), at = 0;
    if (!find_byte(sent, expected, same, &at) || at >= sent.length)
        return;
    bool too_long = same == expected.length;
    if (too_long && (same >= actual.length || sent.data[at] != actual.data[same]))
        return;
    seen = (struct place){connection, at, 1, too_long ? surplus : lacking};
}

void suspect_await(const struct kit_connection *connection, struct kit_bytes expected)
{
    echoing = connection;
    awaited = expected;
}

// The program sends back what it was sent: the first byte that has not come.
static void see_echo(void)
{
    struct kit_bytes sent = kit_connection_sent(echoing);
    struct kit_bytes received = kit_connection_received(echoing);
    size_t same = bytes_equal_length(sent, received), from = echoing->consumed;
    if (same < from || same >= sent.length || same - from >= awaited.length)
        return;
    size_t at = same - from;
    if (memcmp(awaited.data, sent.data + from, at) == 0 && awaited.data[at] == sent.data[same])
        seen = (struct place){echoing, same, 1, "the first byte that did not come back"};
}
