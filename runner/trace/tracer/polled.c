// SPDX-License-Identifier: MIT
/*
 * What a thread waits for in poll(), select() or epoll_wait(): the TCP sockets of its list. The
 * list lies in the program's memory, that of an epoll in /proc/PID/fdinfo. The kernel has not
 * written to it yet: it does so when the call returns.
 */
#include "trace/tracer/tracer.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/syscall.h>

enum {
    LOOKED_AT_MOST = 256, // descriptors of one list
    EPOLL_TEXT = 32 * 1024
};

struct polling {
    struct tracer *tracer;
    const struct thread *thread;
    struct snapshot_event *event;
    size_t looked_at;
};

// Files and pipes are left out.
static void look_at(struct polling *polling, int descriptor)
{
    struct snapshot_event *event = polling->event;
    if (descriptor < 0 || polling->looked_at == LOOKED_AT_MOST ||
        event->polled_count == SNAPSHOT_POLLED_MOST)
        return;
    polling->looked_at++;
    struct ports ports = sockets_look(polling->thread, descriptor);
    if (ports.kind != SOCKET_CONNECTED && ports.kind != SOCKET_LISTENING)
        return;
    polling->tracer->parts.polled[event->polled_count++] = (struct snapshot_polled){
        .descriptor = descriptor, .socket = ports.kind, .local = ports.local, .peer = ports.peer};
}

static void list_poll(struct polling *polling, uint64_t address, uint64_t count)
{
    struct pollfd items[LOOKED_AT_MOST];
    if (count > LOOKED_AT_MOST)
        count = LOOKED_AT_MOST;
    size_t got = memory_read(polling->thread->tid, address, items, count * sizeof *items);
    for (size_t i = 0; i < got / sizeof *items; i++)
        look_at(polling, items[i].fd);
}

// A descriptor is looked at once though it can be in all three sets.
static void list_select(struct polling *polling, uint64_t count, const uint64_t sets[3])
{
    unsigned char wanted[FD_SETSIZE / 8] = {0};
    size_t bytes = count < FD_SETSIZE ? (size_t)(count + 7) / 8 : sizeof wanted;
    for (size_t i = 0; i < 3; i++) {
        unsigned char set[sizeof wanted];
        size_t got = sets[i] != 0 ? memory_read(polling->thread->tid, sets[i], set, bytes) : 0;
        for (size_t at = 0; at < got; at++)
            wanted[at] |= set[at];
    }
    for (size_t i = 0; i < bytes * 8 && i < count; i++)
        if ((wanted[i / 8] >> i % 8 & 1) != 0)
            look_at(polling, (int)i);
}

// "tfd:        5 events:       19 data: …", a line for each.
static void list_epoll(struct polling *polling, int descriptor)
{
    static char text[EPOLL_TEXT];
    char name[32];
    snprintf(name, sizeof name, "fdinfo/%d", descriptor);
    proc_read(polling->thread->tid, 0, name, text, sizeof text);
    for (const char *at = text; *(at = proc_field(at, "tfd:")) != '\0';)
        look_at(polling, (int)strtol(at, NULL, 10));
}

void event_polled(struct tracer *tracer, const struct thread *thread, struct snapshot_event *event)
{
    struct polling polling = {tracer, thread, event, 0};
    switch (event->number) {
    case SYS_ppoll:
#ifdef SYS_poll
    case SYS_poll:
#endif
        list_poll(&polling, event->arguments[0], event->arguments[1]);
        break;
    case SYS_pselect6:
#ifdef SYS_select
    case SYS_select:
#endif
        list_select(&polling, event->arguments[0], event->arguments + 1);
        break;
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
#ifdef SYS_epoll_wait
    case SYS_epoll_wait:
#endif
        list_epoll(&polling, (int)event->arguments[0]);
        break;
    default:
        break;
    }
}
