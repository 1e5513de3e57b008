// SPDX-License-Identifier: MIT
// Expectations about an answer's status and fields, and those in the author's own words.
#include "expect.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "field.h"
#include "net.h"

enum { shown_most = 60, status_at = 9 }; // "HTTP/1.1 " stands before the status

const char *expect_shown(struct kit_bytes bytes)
{
    auto_str struct str text = STR_INIT;
    text_append_escaped(&text, bytes.data, bytes.length < shown_most ? bytes.length : shown_most);
    if (bytes.length > shown_most)
        str_append(&text, "...");
    return kit_format("%s", str_text(&text));
}

size_t bytes_equal_length(struct kit_bytes a, struct kit_bytes b)
{
    size_t length = a.length < b.length ? a.length : b.length;
    if (length > 0 && memcmp(a.data, b.data, length) == 0)
        return length;
    size_t i = 0;
    while (i < length && a.data[i] == b.data[i])
        i++;
    return i;
}

struct kit_failure expect_failure(const struct kit_reply *reply, size_t at, const char *message,
                                  int line)
{
    return (struct kit_failure){.message = message,
                                .connection = reply->connection,
                                .has_offset = reply->connection != NULL,
                                .offset = reply->head_offset + at,
                                .line = line};
}

static void fail_with(struct kit_failure failure, struct kit_bytes expected,
                      struct kit_bytes actual)
{
    failure.expected = (const char *)expected.data;
    failure.expected_length = expected.length;
    failure.actual = (const char *)actual.data;
    failure.actual_length = actual.length;
    kit_fail(&failure);
}

// ---------------------------------------------------------------- the status

// "200", "400 or 501", "400, 414 or 431"
static const char *one_of(const int *accepted)
{
    auto_str struct str text = STR_INIT;
    for (size_t i = 0; accepted[i] != 0; i++) {
        bool last = accepted[i + 1] == 0;
        str_append_format(&text, "%s%d", i == 0 ? "" : last ? " or " : ", ", accepted[i]);
    }
    return kit_format("%s", str_text(&text));
}

void kit_expect_status_at(struct kit_reply *reply, const int *accepted, int line)
{
    kit_settle();
    for (size_t i = 0; accepted[i] != 0; i++)
        if (accepted[i] == reply->status)
            return;
    const char *expected = one_of(accepted);
    const char *actual = kit_format("%d", reply->status);
    const char *message = kit_format("status is %s, expected %s", actual, expected);
    size_t same = bytes_equal_length(kit_text(actual), kit_text(expected));
    fail_with(expect_failure(reply, status_at + same, message, line), kit_text(expected),
              kit_text(actual));
}

// ---------------------------------------------------------------- fields

// A client's request is looked at like an answer.
static const char *message_name(const struct kit_reply *reply)
{
    bool asks = reply->connection != NULL && kit_connection_is_outgoing(reply->connection);
    return asks ? "request" : "answer";
}

// The caret stands under the empty line: there the field is missing.
static void fail_missing(const struct kit_reply *reply, const char *name, const char *expected,
                         int line)
{
    struct kit_failure failure =
        expect_failure(reply, reply->head.length - 2,
                       kit_format("no %s field in the %s", name, message_name(reply)), line);
    failure.expected = expected;
    failure.expected_length = strlen(expected);
    kit_fail(&failure);
}

static void fail_value(const struct kit_reply *reply, const char *name, const struct field *field,
                       const char *expected, size_t same, int line)
{
    const char *shown = field->value.length == 0 ? "empty" : expect_shown(field->value);
    const char *message =
        kit_format("%s is %s, expected %s", name, shown, expect_shown(kit_text(expected)));
    fail_with(expect_failure(reply, field_value_at(reply, field) + same, message, line),
              kit_text(expected), field->value);
}

void kit_expect_field_at(struct kit_reply *reply, const char *name, const char *value, int line)
{
    kit_settle();
    struct field field;
    if (!field_find(reply, name, 0, &field)) {
        fail_missing(reply, name, value, line);
        return;
    }
    size_t same = bytes_equal_length(field.value, kit_text(value));
    if (same != field.value.length || same != strlen(value))
        fail_value(reply, name, &field, value, same, line);
}

// How many bytes at the beginning are equal in any letter case.
static size_t equal_letters(struct kit_bytes value, const char *text)
{
    size_t i = 0;
    while (i < value.length && text[i] != '\0' &&
           strncasecmp((const char *)value.data + i, text + i, 1) == 0)
        i++;
    return i;
}

void kit_expect_media_type_at(struct kit_reply *reply, const char *type, int line)
{
    kit_settle();
    struct field field;
    if (!field_find(reply, "Content-Type", 0, &field)) {
        fail_missing(reply, "Content-Type", type, line);
        return;
    }
    size_t same = equal_letters(field.value, type);
    size_t end = same;
    while (end < field.value.length &&
           (field.value.data[end] == ' ' || field.value.data[end] == '\t'))
        end++;
    bool ends = end == field.value.length || field.value.data[end] == ';';
    if (same != strlen(type) || !ends)
        fail_value(reply, "Content-Type", &field, type, same, line);
}

// The member of a comma-separated list, in any letter case.
static bool has_member(struct kit_bytes list, const char *member)
{
    size_t length = strlen(member);
    for (size_t at = 0; at < list.length;) {
        while (at < list.length && strchr(" \t,", list.data[at]) != NULL)
            at++;
        size_t end = at;
        while (end < list.length && list.data[end] != ',')
            end++;
        // Parameters follow a member: "gzip;q=0.5".
        const unsigned char *semicolon = memchr(list.data + at, ';', end - at);
        size_t last = semicolon != NULL ? (size_t)(semicolon - list.data) : end;
        while (last > at && (list.data[last - 1] == ' ' || list.data[last - 1] == '\t'))
            last--;
        if (last - at == length && strncasecmp((const char *)list.data + at, member, length) == 0)
            return true;
        at = end;
    }
    return false;
}

void kit_expect_field_lists_at(struct kit_reply *reply, const char *name, const char *member,
                               int line)
{
    kit_settle();
    struct field field, last;
    if (!field_find(reply, name, 0, &field)) {
        fail_missing(reply, name, member, line);
        return;
    }
    const char *all = NULL;
    do { // several fields of one name are one list (RFC 9110 5.3)
        if (has_member(field.value, member))
            return;
        const char *value = kit_keep_bytes(field.value.data, field.value.length);
        all = all == NULL ? value : kit_format("%s, %s", all, value);
        last = field;
    } while (field_find(reply, name, last.next, &field));
    const char *message = kit_format("%s is \"%s\", expected %s in the list", name,
                                     expect_shown(kit_text(all)), member);
    fail_with(expect_failure(reply, field_value_at(reply, &last), message, line), kit_text(member),
              kit_text(all));
}

void kit_expect_field_lacks_at(struct kit_reply *reply, const char *name, const char *member,
                               int line)
{
    kit_settle();
    struct field field;
    for (size_t from = 0; field_find(reply, name, from, &field); from = field.next) {
        if (!has_member(field.value, member))
            continue;
        const char *message = kit_format("%s is \"%s\", expected no %s in the list", name,
                                         expect_shown(field.value), member);
        fail_with(expect_failure(reply, field_value_at(reply, &field), message, line), kit_text(""),
                  field.value);
        return;
    }
}

void kit_expect_value_at(struct kit_reply *reply, const char *name, bool holds, const char *message,
                         int line)
{
    kit_settle();
    struct field field;
    if (!field_find(reply, name, 0, &field)) {
        fail_missing(reply, name, "", line);
        return;
    }
    if (!holds)
        fail_with(expect_failure(reply, field_value_at(reply, &field), message, line), kit_text(""),
                  field.value);
}

void kit_expect_no_field_at(struct kit_reply *reply, const char *name, int line)
{
    kit_settle();
    struct field field;
    if (!field_find(reply, name, 0, &field))
        return;
    const char *message =
        kit_format("the %s has the field %s, expected none", message_name(reply), name);
    struct kit_failure failure = expect_failure(reply, field.line, message, line);
    failure.actual = (const char *)reply->head.data + field.line;
    failure.actual_length = field.next - 2 - field.line;
    kit_fail(&failure);
}

// ---------------------------------------------------------------- in the author's words

void kit_expect_at(bool condition, const char *message, int line)
{
    kit_settle();
    if (!condition)
        kit_fail(&(struct kit_failure){.message = message, .line = line});
}
