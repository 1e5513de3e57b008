// SPDX-License-Identifier: MIT
// Messages that bring descriptors along.
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/str.h"

static void pair(int ends[2])
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
}

static bool same_file(int one, int other)
{
    struct stat a, b;
    return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static int count_open(void)
{
    int count = 0;
    for (int i = 0; i < 256; i++)
        count += fcntl(i, F_GETFD) >= 0;
    return count;
}

START_TEST(they_arrive_in_order_and_close_on_exec)
{
    int ends[2], pipe_ends[2], got[2];
    char text[16];
    pair(ends);
    ck_assert_int_eq(pipe(pipe_ends), 0);
    ck_assert_int_eq(descriptors_send(ends[0], "two", pipe_ends, 2, 0), 3);
    ck_assert_int_eq(descriptors_receive(ends[1], text, sizeof text, got, 2, 0), 3);
    for (int i = 0; i < 2; i++) {
        ck_assert(same_file(got[i], pipe_ends[i]));
        ck_assert_int_eq(fcntl(got[i], F_GETFD), FD_CLOEXEC);
    }
}
END_TEST

START_TEST(those_that_do_not_come_are_minus_one)
{
    int ends[2], got[2];
    char text[16];
    pair(ends);
    ck_assert_int_eq(descriptors_send(ends[0], "none", NULL, 0, 0), 4);
    ck_assert_int_eq(descriptors_receive(ends[1], text, sizeof text, got, 2, 0), 4);
    ck_assert_int_eq(got[0], -1);
    ck_assert_int_eq(got[1], -1);
    ck_assert_int_eq(descriptors_send(ends[0], "one", &ends[0], 1, 0), 3);
    ck_assert_int_eq(descriptors_receive(ends[1], text, sizeof text, got, 2, 0), 3);
    ck_assert(same_file(got[0], ends[0]));
    ck_assert_int_eq(got[1], -1);
}
END_TEST

// Who asks for one and gets two would leak the other.
START_TEST(those_that_nobody_asked_for_are_closed)
{
    int ends[2], got;
    char text[16];
    pair(ends);
    ck_assert_int_eq(descriptors_send(ends[0], "two", ends, 2, 0), 3);
    int before = count_open();
    ck_assert_int_eq(descriptors_receive(ends[1], text, sizeof text, &got, 1, 0), 3);
    ck_assert(same_file(got, ends[0]));
    ck_assert_int_eq(count_open(), before + 1);
}
END_TEST

START_TEST(an_end_and_an_empty_socket_are_told_apart)
{
    int ends[2], got;
    char text[16];
    pair(ends);
    ck_assert_int_eq(descriptors_receive(ends[1], text, sizeof text, &got, 1, MSG_DONTWAIT), -1);
    ck_assert_int_eq(errno, EAGAIN);
    close(ends[0]);
    ck_assert_int_eq(descriptors_receive(ends[1], text, sizeof text, &got, 1, 0), 0);
    ck_assert_int_eq(descriptors_send(ends[1], "x", NULL, 0, 0), -1); // and no SIGPIPE
    ck_assert_int_eq(errno, EPIPE);
}
END_TEST

UNIT_MAIN("descriptors", they_arrive_in_order_and_close_on_exec,
          those_that_do_not_come_are_minus_one, those_that_nobody_asked_for_are_closed,
          an_end_and_an_empty_socket_are_told_apart)
