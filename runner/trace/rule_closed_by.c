// SPDX-License-Identifier: MIT
/*
 * Who closed a connection too early. The failure has to be of that kind: its place is the end of
 * what came, nothing else was expected there, and the program closed or ended its sending half.
 */
#include <sys/socket.h>

#include "trace/rules.h"

static bool ends_sending(const struct event *event, int connection)
{
    if (event->kind != EVENT_CALL || event->shown.connection != connection ||
        event->shown.result < 0)
        return false;
    if (event->call->kind == CALL_CLOSE)
        return true;
    return event->call->kind == CALL_SHUTDOWN && event->arguments[1] != SHUT_RD;
}

bool rule_closed_by(const struct evidence *evidence, struct check_result *out)
{
    const struct check_result *check = evidence->check;
    if (check->connection == 0 || !check->has_offset || check->expected != NULL ||
        program_is(check, "stuck") || check->offset < received_total(check, check->connection))
        return false;
    // A descriptor that a child has too is closed by each of them: the last one counts.
    const struct event *closed = NULL;
    for (size_t i = 0; i < evidence->events->count; i++) {
        const struct event *event = &evidence->events->items[i];
        if (!ends_sending(event, check->connection))
            continue;
        bool by_shutdown = closed != NULL && closed->call->kind == CALL_SHUTDOWN;
        if (!by_shutdown)
            closed = event;
    }
    return closed != NULL && finding_of_event(evidence, closed, FINDING_CLOSED_BY, out) != NULL;
}
