// SPDX-License-Identifier: MIT
// Which call carried the first wrong byte; where bytes are missing, which was the last to send.
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
