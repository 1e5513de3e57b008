// SPDX-License-Identifier: MIT
// The runner's end of a check's socket to the tracer: handed over once, and forgotten by the loop.
#include "grade/tracer_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

enum { TURNS = 8 }; // of the loop: what is ready is told in the first of them

// Whoever is handed the socket closes it, and gets its number for a socket of his own.
struct taker {
    uv_loop_t *loop;
    uv_poll_t poll;
    int times, told;
    size_t check;
    int own, other; // the two ends of that socket
};

static void on_told(uv_poll_t *poll, int status, int events)
{
    struct taker *taker = poll->data;
    char byte;
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(events & UV_READABLE, UV_READABLE);
    ck_assert_int_eq(read(taker->own, &byte, 1), 1);
    taker->told++;
}

static void take_over(void *context, size_t check, int socket)
{
    struct taker *taker = context;
    int ends[2];
    taker->times++;
    taker->check = check;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ck_assert_int_eq(dup3(ends[0], socket, O_CLOEXEC), socket);
    close(ends[0]);
    taker->own = socket;
    taker->other = ends[1];
    ck_assert_int_eq(uv_poll_init(taker->loop, &taker->poll, taker->own), 0);
    taker->poll.data = taker;
    ck_assert_int_eq(uv_poll_start(&taker->poll, UV_READABLE, on_told), 0);
}

static void turn(uv_loop_t *loop)
{
    for (int i = 0; i < TURNS; i++)
        uv_run(loop, UV_RUN_NOWAIT);
}

START_TEST(a_number_that_is_used_again_is_not_forgotten_with_the_old_one)
{
    uv_loop_t loop;
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    struct taker taker = {.loop = &loop};
    const struct grade_tracing tracing = {.context = &taker, .wanted = take_over};
    int grader = -1;
    struct tracer_socket *tracer = tracer_socket_open(&loop, &tracing, 5, &grader);
    ck_assert_ptr_nonnull(tracer);
    turn(&loop);
    ck_assert_int_eq(taker.times, 0);
    ck_assert_int_eq(send(grader, "{}", 2, 0), 2);
    turn(&loop);
    ck_assert_int_eq(taker.times, 1);
    ck_assert_uint_eq(taker.check, 5);
    // The loop watches the new socket before the old one's owner is done.
    tracer_socket_close(tracer);
    ck_assert_int_eq(write(taker.other, "x", 1), 1);
    turn(&loop);
    ck_assert_int_eq(taker.told, 1);
    uv_close((uv_handle_t *)&taker.poll, NULL);
    turn(&loop);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    close(taker.own);
    close(taker.other);
    close(grader);
}
END_TEST

START_TEST(a_grader_that_says_nothing_hands_nothing_over)
{
    uv_loop_t loop;
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    struct taker taker = {.loop = &loop};
    const struct grade_tracing tracing = {.context = &taker, .wanted = take_over};
    for (int ends_first = 0; ends_first < 2; ends_first++) {
        int grader = -1;
        struct tracer_socket *tracer = tracer_socket_open(&loop, &tracing, 0, &grader);
        ck_assert_ptr_nonnull(tracer);
        if (ends_first == 1)
            close(grader);
        turn(&loop);
        tracer_socket_close(tracer);
        turn(&loop);
        char byte;
        if (ends_first == 0) {
            ck_assert_int_eq(recv(grader, &byte, 1, 0), 0);
            close(grader);
        }
    }
    ck_assert_int_eq(taker.times, 0);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}
END_TEST

START_TEST(without_anybody_who_looks_there_is_no_socket)
{
    uv_loop_t loop;
    int grader = 0;
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    ck_assert_ptr_null(tracer_socket_open(&loop, NULL, 0, &grader));
    ck_assert_int_eq(grader, -1);
    tracer_socket_close(NULL);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}
END_TEST

UNIT_MAIN("tracer_socket", a_number_that_is_used_again_is_not_forgotten_with_the_old_one,
          a_grader_that_says_nothing_hands_nothing_over,
          without_anybody_who_looks_there_is_no_socket)
