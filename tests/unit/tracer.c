// SPDX-License-Identifier: MIT
// The tracer: what it keeps of system calls.
#include "unit.h"

#include <sys/syscall.h>

#include "box/traced_calls.h"
#include "traced_run.h"

static const char text[] = "a text of some length\n";
static const char *const variants[] = {"checked", "plain", "fixed"};

// ---------------------------------------------------------------- sending

// The first call that sent more than nothing on the test's connection.
static const struct seen_event *sent(const struct run *run, const struct seen *seen)
{
    for (size_t i = 0; i < seen->count; i++) {
        const struct snapshot_event *event = seen->events[i].event;
        const struct traced_call *call =
            event->kind == EVENT_CALL ? traced_call_find(event->number) : NULL;
        if (call != NULL && call->kind == TRACED_SENDS && event->socket == SOCKET_CONNECTED &&
            event->local == run->program_port && event->peer == run->port)
            return &seen->events[i];
    }
    return NULL;
}

static void sends(const char *variant, const char *mode, const char *function, int number,
                  uint32_t pieces)
{
    struct run run = run_start(variant, mode, true);
    char bytes[64] = "";
    struct seen seen = run_end(&run);
    ck_assert_msg(WIFEXITED(run.status) && WEXITSTATUS(run.status) == 0, "%s: status %d", mode,
                  run.status);
    ck_assert_int_eq(recv(run.client, bytes, sizeof bytes, MSG_WAITALL), strlen(text));
    const struct seen_event *found = sent(&run, &seen);
    ck_assert_msg(found != NULL, "%s %s: no call that sends", variant, mode);
    const struct snapshot_event *event = found->event;
    ck_assert_int_eq(event->number, number);
    ck_assert_int_eq(event->result, number == SYS_sendmmsg ? 2 : (int)strlen(text));
    ck_assert_int_ge(event->clock_after, event->clock);
    ck_assert_uint_eq(event->piece_count, pieces);
    if (pieces > 0) {
        ck_assert_uint_eq(event->data_bytes, strlen(text));
        ck_assert_mem_eq(found->data, text, strlen(text));
        ck_assert_uint_ne(event->pieces[0].address, 0);
    }
    ck_assert_msg(run_has_frame(&run, &seen, found, function), "%s %s: no frame of %s", variant,
                  mode, function);
    ck_assert(seen.end->ended);
    ck_assert_uint_eq(seen.end->lost, 0);
}

START_TEST(every_way_of_sending_is_seen_with_its_frame)
{
    for (size_t i = 0; i < 3; i++) {
        sends(variants[i], "by_write", "by_write", SYS_write, 1);
        sends(variants[i], "by_send", "by_send", SYS_sendto, 1);
        sends(variants[i], "by_writev", "by_writev", SYS_writev, 2);
        sends(variants[i], "by_sendmsg", "by_sendmsg", SYS_sendmsg, 2);
        sends(variants[i], "by_sendmmsg", "by_sendmmsg", SYS_sendmmsg, 2);
        sends(variants[i], "stdio_late", "by_stdio", SYS_write, 1);
        sends(variants[i], "by_dprintf", "by_dprintf", SYS_write, 1);
        sends(variants[i], "in_thread", "by_write", SYS_write, 1);
        sends(variants[i], "in_child", "by_write", SYS_write, 1);
        sends(variants[i], "in_epoll", "by_write", SYS_write, 1);
    }
}
END_TEST

START_TEST(what_comes_after_an_execution_a_stop_and_a_trace_of_its_own_is_seen)
{
    sends("checked", "survives_signals", "by_write", SYS_write, 1);
    sends("checked", "traces_itself", "by_write", SYS_write, 1);
    sends("checked", "stops_itself", "by_write", SYS_write, 1);
}
END_TEST

START_TEST(a_process_without_its_first_thread_is_seen)
{
    struct run run = run_start("plain", "without_main_thread", true);
    struct seen seen = run_end(&run);
    const struct seen_event *found = seen_find(&seen, EVENT_CALL, SYS_write, 0);
    ck_assert_ptr_nonnull(found);
    ck_assert_mem_eq(found->data, text, strlen(text));
    ck_assert(run_has_frame(&run, &seen, found, "by_write"));
    // The ports need a kernel that can name a thread.
    int descriptor = (int)syscall(SYS_pidfd_open, getpid(), O_EXCL);
    if (descriptor >= 0)
        ck_assert_int_eq(found->event->peer, run.port);
}
END_TEST

START_TEST(sendfile_names_its_file)
{
    struct run run = run_start("plain", "by_sendfile", true);
    struct seen seen = run_end(&run);
    const struct seen_event *found = sent(&run, &seen);
    auto_free char *path = run_path("plain");
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(found->event->number, SYS_sendfile);
    ck_assert_int_eq(found->event->result, 22);
    ck_assert_uint_eq(found->event->path_bytes, strlen(path));
    ck_assert_mem_eq(found->path, path, strlen(path));
}
END_TEST

START_TEST(frames_above_a_large_array_are_kept)
{
    for (size_t i = 0; i < 3; i++) {
        struct run run = run_start(variants[i], "below_a_large_array", true);
        struct seen seen = run_end(&run);
        const struct seen_event *found = sent(&run, &seen);
        ck_assert_ptr_nonnull(found);
        ck_assert_uint_eq(found->event->stack_bytes, SNAPSHOT_STACK_MOST);
        ck_assert_uint_gt(found->event->link_count, 0);
        ck_assert(run_has_frame(&run, &seen, found, "below_a_large_array"));
        ck_assert(run_has_frame(&run, &seen, found, "main"));
    }
}
END_TEST

START_TEST(hundreds_of_threads_are_seen)
{
    struct run run = run_start("plain", "in_many_threads", true);
    struct seen seen = run_end(&run);
    size_t count = 0;
    for (size_t i = 0; i < seen.count; i++)
        count += seen.events[i].event->kind == EVENT_CALL &&
                 seen.events[i].event->number == SYS_write &&
                 seen.events[i].event->result == (int64_t)strlen(text);
    ck_assert_uint_eq(count, 200);
}
END_TEST

START_TEST(a_connection_that_was_reset_keeps_its_ports)
{
    struct run run = run_start("plain", "after_reset", true);
    const struct linger at_once = {1, 0};
    char x;
    ck_assert_int_eq(recv(run.client, &x, 1, 0), 1);
    setsockopt(run.client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(run.client);
    struct seen seen = run_end(&run);
    const struct seen_event *found = seen_find(&seen, EVENT_CALL, SYS_write, 1);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(found->event->peer, run.port);
    ck_assert_int_eq(found->event->result, -EPIPE);
    const struct seen_event *read_event = seen_find(&seen, EVENT_CALL, SYS_read, 0);
    ck_assert_int_eq(read_event->event->result, -ECONNRESET);
    ck_assert_int_eq(read_event->event->peer, run.port);
}
END_TEST

// ---------------------------------------------------------------- other calls

START_TEST(what_is_received_is_kept)
{
    struct run run = run_start("checked", "receives", true);
    char x;
    ck_assert_int_eq(recv(run.client, &x, 1, 0), 1);
    ck_assert_int_eq(send(run.client, "thirteen byte", 13, 0), 13);
    struct seen seen = run_end(&run);
    const struct seen_event *found = seen_find(&seen, EVENT_CALL, SYS_recvfrom, 0);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(found->event->result, 13);
    ck_assert_uint_eq(found->event->data_bytes, 13);
    ck_assert_mem_eq(found->data, "thirteen byte", 13);
    ck_assert_uint_eq(found->event->pieces[0].length, 64);
    ck_assert_int_eq(found->event->local, run.program_port);
    ck_assert(run_has_frame(&run, &seen, found, "receives"));
}
END_TEST

START_TEST(closes_and_shutdowns_are_kept)
{
    struct run run = run_start("checked", "closes", true);
    struct seen seen = run_end(&run);
    const struct seen_event *half = seen_find(&seen, EVENT_CALL, SYS_shutdown, 0);
    const struct seen_event *whole = seen_find(&seen, EVENT_CALL, SYS_close, 0);
    ck_assert_ptr_nonnull(half);
    ck_assert_ptr_nonnull(whole);
    ck_assert_uint_eq(half->event->arguments[1], SHUT_WR);
    ck_assert_int_eq(half->event->peer, run.port);
    ck_assert_int_eq(whole->event->peer, run.port);
    ck_assert_int_eq(whole->event->result, 0);
    ck_assert(run_has_frame(&run, &seen, whole, "closes"));
}
END_TEST

START_TEST(calls_that_fail_say_why)
{
    struct run run = run_start("checked", "fails_to_bind", true);
    struct seen seen = run_end(&run);
    const struct seen_event *found = seen_find(&seen, EVENT_CALL, SYS_bind, 0);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(found->event->result, -EADDRINUSE);
    ck_assert_int_eq(found->event->local, run.port);
    ck_assert(run_has_frame(&run, &seen, found, "fails_to_bind"));
    run = run_start("checked", "fails_to_open", true);
    seen = run_end(&run);
    found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < seen.count; i++)
        if (seen.events[i].event->path_bytes == strlen("no-such-file") &&
            memcmp(seen.events[i].path, "no-such-file", strlen("no-such-file")) == 0) {
            found = &seen.events[i];
            count++;
            ck_assert_int_eq(found->event->result, -ENOENT);
            ck_assert(run_has_frame(&run, &seen, found, "fails_to_open"));
        }
    ck_assert_uint_eq(count, 2);
}
END_TEST

START_TEST(accept_names_the_new_connection)
{
    struct run run = run_start("checked", "accepts", true);
    struct seen seen = run_end(&run);
    const struct seen_event *listens = seen_find(&seen, EVENT_CALL, SYS_listen, 0);
    const struct seen_event *accepts = seen_find(&seen, EVENT_CALL, SYS_accept, 0);
    const struct seen_event *connects = seen_find(&seen, EVENT_CALL, SYS_connect, 1);
    const struct seen_event *writes = seen_find(&seen, EVENT_CALL, SYS_write, 0);
    ck_assert(listens != NULL && accepts != NULL && connects != NULL && writes != NULL);
    ck_assert_uint_eq(listens->event->socket, SOCKET_LISTENING);
    ck_assert_uint_eq(accepts->event->socket, SOCKET_LISTENING);
    ck_assert_uint_eq(accepts->event->local, listens->event->local);
    ck_assert_int_eq(accepts->event->peer, connects->event->local);
    ck_assert_int_eq(writes->event->descriptor, accepts->event->result);
    ck_assert_uint_eq(writes->event->peer, accepts->event->peer);
}
END_TEST

START_TEST(the_same_failure_again_is_counted)
{
    struct run run = run_start("plain", "asks_again_and_again", true);
    struct seen seen = run_end(&run);
    const struct seen_event *found = seen_find(&seen, EVENT_CALL, SYS_recvfrom, 0);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(found->event->result, -EAGAIN);
    ck_assert_uint_eq(found->event->repeats, 499);
    ck_assert_ptr_null(seen_find(&seen, EVENT_CALL, SYS_recvfrom, 1));
}
END_TEST

START_TEST(a_flood_leaves_room_for_what_matters)
{
    struct run run = run_start("plain", "floods", true);
    struct seen seen = run_end(&run);
    ck_assert_uint_gt(seen.end->lost, 20000);
    ck_assert_uint_le(seen.count, SNAPSHOT_EVENTS_MOST);
    ck_assert_ptr_nonnull(sent(&run, &seen));
    ck_assert_ptr_nonnull(seen_find(&seen, EVENT_EXIT, -1, 0));
}
END_TEST

UNIT_MAIN("tracer", every_way_of_sending_is_seen_with_its_frame,
          what_comes_after_an_execution_a_stop_and_a_trace_of_its_own_is_seen,
          a_process_without_its_first_thread_is_seen, sendfile_names_its_file,
          frames_above_a_large_array_are_kept, hundreds_of_threads_are_seen,
          a_connection_that_was_reset_keeps_its_ports, what_is_received_is_kept,
          closes_and_shutdowns_are_kept, calls_that_fail_say_why, accept_names_the_new_connection,
          the_same_failure_again_is_counted, a_flood_leaves_room_for_what_matters)
