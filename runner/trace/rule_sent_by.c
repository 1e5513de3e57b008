// SPDX-License-Identifier: MIT
// Which call carried the first wrong byte; where bytes are missing, which was the last to send.
// The same for what a program prints.
#include <unistd.h>

#include "base/text.h"
#include "trace/rules.h"

static bool is_send(const struct event *event, int connection)
{
    return event->kind == EVENT_CALL && event->shown.connection == connection &&
           event->shown.from_program && event->shown.length > 0;
}

bool rule_sent_by(const struct evidence *evidence, struct check_result *out)
{
    const struct check_result *check = evidence->check;
    const int connection = failing_connection(check);
    // What a client asked is in the way only where it is wrong itself.
    if (check_connection_is_outgoing(check, connection) && !check->has_offset)
        return false;
    const struct event *carried = NULL, *last = NULL;
    for (size_t i = 0; connection > 0 && i < evidence->events->count; i++) {
        const struct event *event = &evidence->events->items[i];
        if (!is_send(event, connection))
            continue;
        last = event;
        bool holds = check->offset >= event->shown.offset &&
                     check->offset - event->shown.offset < event->shown.length;
        if (check->connection == connection && check->has_offset && holds)
            carried = event;
    }
    if (carried == NULL)
        carried = last;
    return carried != NULL && finding_of_event(evidence, carried, FINDING_SENT_BY, out) != NULL;
}

static bool is_print(const struct event *event)
{
    return event->kind == EVENT_CALL && event->call->kind == CALL_SEND &&
           event->shown.descriptor == STDOUT_FILENO && event->shown.connection == 0 &&
           event->shown.result > 0;
}

// How many bytes of what was printed are right. Of much, the record tells a part alone.
static bool right_bytes(const struct check_result *check, size_t *out)
{
    auto_str struct str expected = STR_INIT;
    auto_str struct str actual = STR_INIT;
    if (check->expected == NULL || check->actual == NULL || check->output == NULL)
        return false;
    text_append_unescaped(&expected, check->expected);
    text_append_unescaped(&actual, check->actual);
    size_t at = 0;
    while (at < expected.length && at < actual.length && expected.data[at] == actual.data[at])
        at++;
    *out = at;
    return check->output_length == actual.length;
}

bool rule_printed_by(const struct evidence *evidence, struct check_result *out)
{
    const struct event *carried = NULL, *last = NULL;
    size_t printed = 0, right = 0;
    if (!str_equal(evidence->check->stream, "stdout"))
        return false;
    bool known = right_bytes(evidence->check, &right);
    for (size_t i = 0; i < evidence->events->count; i++) {
        const struct event *event = &evidence->events->items[i];
        if (!is_print(event))
            continue;
        last = event;
        printed += (size_t)event->shown.result;
        if (known && carried == NULL && right < printed)
            carried = event;
    }
    if (carried == NULL)
        carried = last;
    return carried != NULL && finding_of_event(evidence, carried, FINDING_PRINTED_BY, out) != NULL;
}
