// SPDX-License-Identifier: MIT
// Lines of a text protocol: received, and expected.
#include <string.h>

#include "base/text.h"
#include "core.h"
#include "net.h"

enum {
    LINE_MOST = 64 * 1024,
    SHOWN_MOST = 1024, // of a line in a failure's `actual`
    NAMED_MOST = 26,   // of one in a sentence: two of them fit a row of 80 columns
    ASKED_MOST = 32,
};

// The first line of what was sent last, for a sentence: "the answer to get mango-41753".
static const char *awaited(const struct kit_connection *connection)
{
    struct kit_bytes sent = kit_connection_sent(connection);
    size_t from = connection->asked_at;
    size_t length = 0;
    while (from + length < sent.length && sent.data[from + length] != '\r' &&
           sent.data[from + length] != '\n')
        length++;
    if (length == 0)
        return "an answer";
    auto_str struct str name = STR_INIT;
    text_append_escaped(&name, sent.data + from, length > ASKED_MOST ? ASKED_MOST : length);
    return kit_format("the answer to %s%s", str_text(&name), length > ASKED_MOST ? "..." : "");
}

static struct kit_failure failure_at(const struct kit_connection *connection, size_t offset)
{
    struct kit_bytes rest = connection_rest(connection);
    return (struct kit_failure){
        .actual = (const char *)rest.data,
        .actual_length = rest.length < SHOWN_MOST ? rest.length : SHOWN_MOST,
        .connection = connection,
        .has_offset = true,
        .offset = offset,
    };
}

_Noreturn static void fail_without_line(struct kit_connection *connection, const char *message)
{
    struct kit_failure failure = failure_at(connection, connection->received.length);
    failure.message = message;
    kit_fail_now(&failure);
}

_Noreturn static void fail_closed(struct kit_connection *connection)
{
    connection_look_for_crash(awaited(connection));
    bool begun = connection_rest(connection).length > 0;
    fail_without_line(
        connection, begun ? "the connection was closed in the middle of a line"
                          : kit_format("the connection was closed before %s", awaited(connection)));
}

// Waits for a whole line and returns its length, the \n included.
static size_t line_wait(struct kit_connection *connection)
{
    connection_collect(connection);
    for (size_t looked = 0;;) {
        struct kit_bytes rest = connection_rest(connection);
        const unsigned char *end =
            rest.length > looked ? memchr(rest.data + looked, '\n', rest.length - looked) : NULL;
        if (end != NULL)
            return (size_t)(end - rest.data) + 1;
        looked = rest.length;
        if (looked > LINE_MOST)
            fail_without_line(connection, "a line has more than 64 KiB");
        if (connection->ended)
            fail_closed(connection);
        enum more more = connection_wait(connection);
        if (more == MORE_ENDED)
            kit_fail_by_end(kit_the_program(), awaited(connection));
        if (more == MORE_HUNG)
            kit_fail_by_hang(looked == 0 ? kit_format("%s never came", awaited(connection))
                                         : "a line began, and its end never came",
                             connection);
    }
}

struct kit_bytes kit_receive_line(struct kit_connection *connection)
{
    kit_settle();
    connection_need_open(connection, "kit_receive_line");
    return connection_take(connection, line_wait(connection));
}

// ---------------------------------------------------------------- a line is expected

static const char *named(struct kit_bytes line)
{
    auto_str struct str text = STR_INIT;
    text_append_escaped(&text, line.data, line.length);
    return text.length > NAMED_MOST ? NULL : kit_format("\"%s\"", str_text(&text));
}

static const char *message_for(struct kit_bytes line, struct kit_bytes text, bool whole, size_t at)
{
    const char *came = named(line), *wanted = named(text);
    const char *beginning = whole ? "" : "one that begins with ";
    if (at == text.length && line.length == text.length)
        return "the line does not end in \\r\\n";
    if (came != NULL && wanted != NULL)
        return kit_format("the line is %s, expected %s%s", came, beginning, wanted);
    if (wanted != NULL)
        return kit_format("another line came than %s%s", beginning, wanted);
    return kit_format("the line differs from what is expected at byte %zu", at + 1);
}

static void fail_line(const struct kit_connection *connection, struct kit_bytes line,
                      struct kit_bytes text, bool whole, int grader_line)
{
    size_t at = bytes_equal_length(line, text);
    struct kit_failure failure = failure_at(connection, connection->consumed + at);
    const char *expected =
        kit_format("%.*s%s", (int)text.length, (const char *)text.data, whole ? "\r\n" : "");
    failure.message = message_for(line, text, whole, at);
    failure.expected = expected;
    failure.expected_length = strlen(expected);
    failure.line = grader_line;
    kit_fail(&failure);
}

void kit_expect_line_at(struct kit_connection *connection, const char *text, bool whole,
                        int grader_line)
{
    kit_settle();
    connection_need_open(connection, "kit_expect_line");
    size_t length = line_wait(connection);
    struct kit_bytes expected = kit_text(text);
    struct kit_bytes line = {connection_rest(connection).data, length - 1};
    bool has_end = line.length > 0 && line.data[line.length - 1] == '\r';
    line.length -= has_end ? 1 : 0;
    bool equal = bytes_equal_length(line, expected) == expected.length &&
                 (!whole || line.length == expected.length);
    if (equal && has_end)
        kit_connection_consume(connection, length);
    else
        fail_line(connection, line, expected, whole, grader_line);
}
