// SPDX-License-Identifier: MIT
// The runner's end of a check's socket to the tracer, until somebody takes it.
#include "grade/tracer_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"

struct tracer_socket {
    uv_poll_t *poll; // freed by the loop
    const struct grade_tracing *tracing;
    size_t check;
    int socket; // -1: closed or handed over
};

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

static void let_go(struct tracer_socket *tracer)
{
    // Closed before its descriptor is: a later uv_close would take whatever has the number by then
    // out of the loop.
    if (tracer->socket >= 0)
        uv_close((uv_handle_t *)take(tracer->poll), on_closed);
    tracer->socket = -1;
}

// A message, or the grader has closed its end.
static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct tracer_socket *tracer = poll->data;
    int socket = tracer->socket;
    char first;
    ssize_t got = recv(socket, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    let_go(tracer);
    if (got > 0)
        tracer->tracing->wanted(tracer->tracing->context, tracer->check, socket);
    else
        close(socket);
}

struct tracer_socket *tracer_socket_open(uv_loop_t *loop, const struct grade_tracing *tracing,
                                         size_t check, int *out_theirs)
{
    int ends[2];
    *out_theirs = -1;
    if (tracing == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return NULL;
    struct tracer_socket *tracer = mem_alloc(sizeof *tracer);
    tracer->tracing = tracing;
    tracer->check = check;
    tracer->socket = ends[0];
    tracer->poll = mem_alloc(sizeof *tracer->poll);
    uv_poll_init(loop, tracer->poll, ends[0]);
    tracer->poll->data = tracer;
    uv_poll_start(tracer->poll, UV_READABLE | UV_DISCONNECT, on_readable);
    *out_theirs = ends[1];
    return tracer;
}

void tracer_socket_close(struct tracer_socket *tracer)
{
    if (tracer == NULL)
        return;
    int socket = tracer->socket;
    let_go(tracer);
    if (socket >= 0)
        close(socket);
    free(tracer);
}
