// SPDX-License-Identifier: MIT
/*
 * A program that listens, and not where a client came: its socket is one of another version of IP,
 * or was given another address.
 */
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/str.h"
#include "trace/rules.h"

// The latest call of this kind that went well before `end`; for socket() the one that returned the
// descriptor, for others the one that it was given to.
static const struct event *latest(const struct events *events, const struct event *end, int number,
                                  long long descriptor)
{
    const struct event *found = NULL;
    for (const struct event *event = events->items; event < end; event++) {
        if (event->kind != EVENT_CALL || event->number != number || event->shown.result < 0)
            continue;
        long long about =
            number == SYS_socket ? event->shown.result : (long long)(int)event->arguments[0];
        if (descriptor < 0 || about == descriptor)
            found = event;
    }
    return found;
}

bool rule_listens(const struct evidence *evidence, struct check_result *out)
{
    const struct events *events = evidence->events;
    if (!str_equal(evidence->check->awaited, "listen") || events->count == 0)
        return false;
    const struct event *listens = latest(events, events->items + events->count, SYS_listen, -1);
    if (listens == NULL)
        return false;
    const long long descriptor = (int)listens->arguments[0];
    const struct event *made = latest(events, listens, SYS_socket, descriptor);
    const struct event *bound = latest(events, listens, SYS_bind, descriptor);
    bool is_ipv4 = made != NULL && made->arguments[0] == AF_INET;
    const struct event *told = is_ipv4 ? made : bound;
    struct finding *finding =
        told == NULL ? NULL : finding_of_event(evidence, told, FINDING_MADE_BY, out);
    if (finding != NULL)
        finding->note = mem_copy_string(is_ipv4 ? "the socket that listens takes IPv4 alone"
                                                : "the socket that listens got its address here");
    return finding != NULL;
}
