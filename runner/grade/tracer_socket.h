// SPDX-License-Identifier: MIT
/*
 * The socket between a check's grader and whoever looks at its program (struct grade_tracing). It
 * is watched until the grader says something; then it is handed over. It brings no more than that:
 * a grader that floods it fills its own buffer.
 */
#ifndef LAB_TRACER_SOCKET_H
#define LAB_TRACER_SOCKET_H

#include <stddef.h>
#include <uv.h>

#include "grade/grade.h"

struct tracer_socket;

// *out_theirs is the grader's end, the caller's to close; -1, and NULL is returned, when nobody
// looks (`tracing` is NULL) or there is no socket: without one a check is the same.
struct tracer_socket *tracer_socket_open(uv_loop_t *loop, const struct grade_tracing *tracing,
                                         size_t check, int *out_theirs);
// Closes the runner's end unless it was handed over. NULL is fine. The memory is the loop's until
// it has run once more.
void tracer_socket_close(struct tracer_socket *tracer);

#endif
