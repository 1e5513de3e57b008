// SPDX-License-Identifier: MIT
// The rules, on made-up events: which line is blamed, and when none is.
#include "trace/rules.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "trace_made.h"
#include "unit.h"

// ---------------------------------------------------------------- sent_by

static struct made answered(long offset)
{
    struct made made = made_begin();
    made_io(&made, 1, false, "GET / HTTP/1.1\\r\\n\\r\\n");
    made_io(&made, 1, true, "0123456789abcde");
    made_failure(&made, 1, offset);
    made_call(&made, SYS_sendto, 1, 10, "send head:5 main:1");
    made_call(&made, SYS_write, 1, 5, "_IO_new_file_write _IO_fflush body:6 main:1");
    made_end(&made);
    return made;
}

START_TEST(the_call_that_carried_the_byte_sent_it)
{
    struct made made = answered(9);
    ck_assert(rule_sent_by(made_evidence(&made), made.check));
    const struct finding *finding = made_finding(&made, 0, FINDING_SENT_BY, 5);
    ck_assert_str_eq(finding->text, "    send(fd, text, length, 0);");
    ck_assert_str_eq(finding->call, "send() on client 1");
    ck_assert_uint_eq(finding->frame_count, 2);
    ck_assert_str_eq(finding->frames[1].function, "main");
    made_release(&made);
}
END_TEST

START_TEST(a_call_has_the_name_that_stands_on_the_line)
{
    struct made made = answered(10);
    ck_assert(rule_sent_by(made_evidence(&made), made.check));
    const struct finding *finding = made_finding(&made, 0, FINDING_SENT_BY, 6);
    ck_assert_str_eq(finding->call, "fflush() on client 1");
    made_release(&made);
}
END_TEST

START_TEST(of_missing_bytes_the_last_call_is_told)
{
    struct made made = answered(15);
    ck_assert(rule_sent_by(made_evidence(&made), made.check));
    made_finding(&made, 0, FINDING_SENT_BY, 6);
    made_release(&made);
    made = answered(-1);
    ck_assert(rule_sent_by(made_evidence(&made), made.check));
    made_finding(&made, 0, FINDING_SENT_BY, 6);
    made_release(&made);
}
END_TEST

START_TEST(other_connections_are_not_asked)
{
    struct made made = made_begin();
    made_io(&made, 1, false, "x");
    made_io(&made, 2, false, "x");
    made_failure(&made, 1, 0);
    made_call(&made, SYS_sendto, 2, 10, "send main:5");
    made_end(&made);
    ck_assert(!rule_sent_by(made_evidence(&made), made.check));
    ck_assert_uint_eq(made.check->finding_count, 0);
    made_release(&made);
}
END_TEST

START_TEST(a_chain_without_a_line_of_the_learner_is_no_finding)
{
    struct made made = made_begin();
    made_io(&made, 1, true, "x");
    made_failure(&made, 1, 0);
    made_call(&made, SYS_sendto, 1, 10, "send start_thread");
    made_end(&made);
    ck_assert(!rule_sent_by(made_evidence(&made), made.check));
    ck_assert_uint_eq(made.check->finding_count, 0);
    made_release(&made);
}
END_TEST

// ---------------------------------------------------------------- closed_by

static struct made closed(long offset, int last_call, const char *expected)
{
    struct made made = made_begin();
    made_io(&made, 1, false, "GET / HTTP/1.1\\r\\n\\r\\n");
    made_io(&made, 1, true, "0123456789");
    made_failure(&made, 1, offset);
    made.check->expected = mem_copy_string(expected);
    made_call(&made, SYS_sendto, 1, 10, "send head:5 main:1");
    made_event(&made, "call", 1, "close finish:7 main:1",
               "\"number\":%d,\"arguments\":[\"0x4\",\"0x%x\"]," MADE_ON(50001), last_call,
               (unsigned)SHUT_WR);
    made_end(&made);
    return made;
}

START_TEST(a_close_at_the_end_of_what_came_is_blamed)
{
    struct made made = closed(10, SYS_close, NULL);
    ck_assert(rule_closed_by(made_evidence(&made), made.check));
    const struct finding *finding = made_finding(&made, 0, FINDING_CLOSED_BY, 7);
    ck_assert_str_eq(finding->call, "close() on client 1");
    made_release(&made);
    made = closed(10, SYS_shutdown, NULL);
    ck_assert(rule_closed_by(made_evidence(&made), made.check));
    made_release(&made);
}
END_TEST

START_TEST(a_close_behind_a_wrong_byte_is_not_blamed)
{
    struct made made = closed(3, SYS_close, NULL);
    ck_assert(!rule_closed_by(made_evidence(&made), made.check));
    made_release(&made);
    made = closed(10, SYS_close, "other bytes");
    ck_assert(!rule_closed_by(made_evidence(&made), made.check));
    made_release(&made);
}
END_TEST

// ---------------------------------------------------------------- failed_in, ended_by, crashed_at

START_TEST(a_port_that_is_taken_is_named)
{
    struct made made = made_begin();
    made_failure(&made, 0, -1);
    made_state(&made, "exited");
    made_call(&made, SYS_socket, 0, 3, "socket main:2");
    made_event(&made, "call", 1, "bind listen_on:3 main:1",
               "\"number\":%d,\"result\":%d,\"local\":8080", SYS_bind, -EADDRINUSE);
    made_event(&made, "exit", 1, "exit main:11", "\"number\":-1,\"result\":768");
    made_end(&made);
    ck_assert(rule_failed_in(made_evidence(&made), made.check));
    const struct finding *finding = made_finding(&made, 0, FINDING_FAILED_IN, 3);
    ck_assert_str_eq(finding->call, "bind()");
    ck_assert_str_eq(finding->text, "\tbind(fd, address, length);");
    ck_assert_str_eq(finding->note, "address already in use (EADDRINUSE): port 8080");
    ck_assert(rule_ended_by(made_evidence(&made), made.check));
    finding = made_finding(&made, 1, FINDING_ENDED_BY, 11);
    ck_assert_str_eq(finding->note, "the program ends here, with status 3");
    made_release(&made);
}
END_TEST

START_TEST(a_call_that_failed_in_a_program_that_serves_is_not_blamed)
{
    struct made made = made_begin();
    made_io(&made, 1, false, "GET /no HTTP/1.1");
    made_io(&made, 1, true, "HTTP/1.1 404 Not Found");
    made_failure(&made, 1, 12);
    made_call(&made, SYS_openat, 0, -ENOENT, "open main:12");
    made_call(&made, SYS_sendto, 1, 22, "send main:5");
    made_end(&made);
    ck_assert(!rule_failed_in(made_evidence(&made), made.check));
    ck_assert(!rule_ended_by(made_evidence(&made), made.check));
    ck_assert(!rule_crashed_at(made_evidence(&made), made.check));
    made_release(&made);
}
END_TEST

static struct made refused(const char *status, const char *expected, const char *path)
{
    struct made made = made_begin();
    auto_free char *answer = str_format("HTTP/1.1 %s Sorry", status);
    made_io(&made, 1, false, "GET /files/kiwi-88 HTTP/1.1");
    made_io(&made, 1, true, answer);
    made_failure(&made, 1, 9);
    made.check->expected = mem_copy_string(expected);
    made.check->actual = mem_copy_string(status);
    made_event(&made, "call", 1, "open64 load:12 main:1",
               "\"number\":%d,\"result\":%d,\"path\":\"%s\"", SYS_openat, -ENOENT, path);
    made_call(&made, SYS_sendto, 1, (long long)strlen(answer), "send main:5");
    made_end(&made);
    return made;
}

START_TEST(an_answer_that_refuses_has_a_call_that_failed_before_it)
{
    struct made made = refused("500", "404", "/tmp/other");
    ck_assert(rule_failed_in(made_evidence(&made), made.check));
    const struct finding *finding = made_finding(&made, 0, FINDING_FAILED_IN, 12);
    ck_assert_str_eq(finding->call, "open()");
    ck_assert_str_eq(finding->note, "no such file or directory (ENOENT): /tmp/other");
    made_release(&made);
    made = refused("404", "200", "/tmp/wrong/kiwi-88");
    ck_assert(rule_failed_in(made_evidence(&made), made.check));
    made_release(&made);
    made = refused("404", "200", "/etc/other.conf");
    ck_assert(!rule_failed_in(made_evidence(&made), made.check));
    made_release(&made);
    made = refused("500", "404", "/usr/lib/ssl/openssl.cnf"); // a library looked for it
    ck_assert(!rule_failed_in(made_evidence(&made), made.check));
    made_release(&made);
    made = refused("200", "404", "/tmp/files/kiwi-88"); // it made something of what was not there
    ck_assert(rule_failed_in(made_evidence(&made), made.check));
    made_release(&made);
    made = refused("404", "400", "/tmp/wrong/kiwi-88");
    ck_assert(!rule_failed_in(made_evidence(&made), made.check));
    made_release(&made);
    made = refused("201", "400", "/tmp/files/kiwi-88"); // whether it is there has no say in that
    ck_assert(!rule_failed_in(made_evidence(&made), made.check));
    made_release(&made);
}
END_TEST

START_TEST(a_signal_is_where_it_struck)
{
    struct made made = made_begin();
    made_failure(&made, 0, -1);
    made_state(&made, "signalled");
    made_event(&made, "signal", 1, "load:12 main:1", "\"number\":%d,\"address\":\"0x8\"", SIGSEGV);
    made_end(&made);
    ck_assert(rule_crashed_at(made_evidence(&made), made.check));
    const struct finding *finding = made_finding(&made, 0, FINDING_CRASHED_AT, 12);
    ck_assert_str_eq(finding->call, "SIGSEGV");
    ck_assert_str_eq(finding->note, "the address is that of a NULL pointer");
    made_release(&made);
}
END_TEST

START_TEST(a_file_that_is_wrong_was_written_here)
{
    struct made made = made_begin();
    made.check->message = mem_copy_string("the file kiwi-88 holds 3 bytes, expected 5");
    made_event(&made, "call", 1, "write store:5 main:1",
               "\"number\":%d,\"result\":3,\"path\":\"/tmp/files/kiwi-88\"", SYS_write);
    made_event(&made, "call", 1, "write store:6 main:1",
               "\"number\":%d,\"result\":3,\"path\":\"/tmp/files/other\"", SYS_write);
    made_end(&made);
    ck_assert(rule_wrote_file(made_evidence(&made), made.check));
    made_finding(&made, 0, FINDING_SENT_BY, 5);
    made_release(&made);
}
END_TEST

START_TEST(a_file_that_was_not_there_yet_is_not_why_it_is_wrong)
{
    struct made made = made_begin();
    made.check->message = mem_copy_string("the file kiwi-88 holds 3 bytes, expected 5");
    made_event(&made, "call", 1, "access store:5 main:1",
               "\"number\":%d,\"result\":%d,\"path\":\"/tmp/files/kiwi-88\"", SYS_access, -ENOENT);
    made_end(&made);
    ck_assert(!rule_wrote_file(made_evidence(&made), made.check));
    made_release(&made);
    made = made_begin();
    made.check->message = mem_copy_string("there is no file kiwi-88");
    made_event(&made, "call", 1, "open64 store:5 main:1",
               "\"number\":%d,\"result\":%d,\"path\":\"/tmp/files/kiwi-88\"", SYS_openat, -EACCES);
    made_end(&made);
    ck_assert(rule_wrote_file(made_evidence(&made), made.check));
    made_finding(&made, 0, FINDING_FAILED_IN, 5);
    made_release(&made);
}
END_TEST

// ---------------------------------------------------------------- stuck_in

static void made_stuck(struct made *made, int tid, int number, int client, char state,
                       const char *frames, const char *more)
{
    made_event(made, "stuck", tid, frames,
               "\"own_tid\":%d,\"number\":%d,\"state\":\"%c\",\"local\":%d,\"peer\":%d%s", tid - 90,
               number, state, client > 0 ? 8080 : 0, client > 0 ? 50000 + client : 0, more);
}

START_TEST(a_server_of_one_thread_waits_for_the_idle_client)
{
    struct made made = made_begin();
    made_io(&made, 1, false, "");
    made_io(&made, 2, false, "");
    made_io(&made, 2, false, "GET / HTTP/1.1\\r\\n\\r\\n");
    made_failure(&made, 2, -1);
    made_state(&made, "stuck");
    made_stuck(&made, 100, SYS_recvfrom, 1, 'S', "__libc_recv read_request:4 main:1", "");
    made_end(&made);
    ck_assert(rule_stuck_in(made_evidence(&made), made.check));
    const struct finding *finding = made_finding(&made, 0, FINDING_STUCK_IN, 4);
    ck_assert_str_eq(finding->call, "recv() on client 1");
    ck_assert_str_eq(finding->note, "no other thread is there to answer client 2");
    ck_assert_uint_eq(made.check->finding_count, 1);
    made_release(&made);
}
END_TEST

START_TEST(the_thread_that_deals_with_the_client_comes_first)
{
    struct made made = made_begin();
    made_io(&made, 1, false, "GET / HTTP/1.1");
    made_failure(&made, 1, -1);
    made_state(&made, "stuck");
    made_stuck(&made, 100, SYS_accept, 0, 'S', "accept main:13", "");
    made_stuck(&made, 101, SYS_recvfrom, 1, 'S', "recv serve:4 start_thread", "");
    made_stuck(&made, 102, SYS_futex, 0, 'S', "pthread_cond_wait work:8 start_thread", "");
    made_stuck(&made, 103, SYS_futex, 0, 'S', "pthread_cond_wait work:8 start_thread", "");
    made_stuck(&made, 104, SYS_futex, 0, 'S', "sanitizer_background", "");
    made_end(&made);
    ck_assert(rule_stuck_in(made_evidence(&made), made.check));
    ck_assert_uint_eq(made.check->finding_count, 3);
    const struct finding *finding = made_finding(&made, 0, FINDING_STUCK_IN, 4);
    ck_assert_ptr_null(finding->note);
    finding = made_finding(&made, 1, FINDING_STUCK_IN, 8);
    ck_assert_str_eq(finding->call, "a condition");
    ck_assert_str_eq(finding->note, "2 threads are here");
    finding = made_finding(&made, 2, FINDING_STUCK_IN, 13);
    ck_assert_str_eq(finding->call, "accept()");
    made_release(&made);
}
END_TEST

START_TEST(a_poll_names_its_clients)
{
    struct made made = made_begin();
    for (int i = 1; i <= 3; i++)
        made_io(&made, i, false, "GET / HTTP/1.1");
    made_failure(&made, 2, -1);
    made_state(&made, "stuck");
    made_event(&made, "stuck", 100, "poll serve:4",
               "\"number\":%d,\"state\":\"S\",\"sockets\":[{\"socket\":1,\"local\":8080},"
               "{\"socket\":2,\"local\":8080,\"peer\":50001},"
               "{\"socket\":2,\"local\":8080,\"peer\":50003}]",
               SYS_poll);
    made_event(&made, "stuck", 101, "poll watch:5",
               "\"number\":%d,\"state\":\"S\",\"sockets\":["
               "{\"socket\":2,\"local\":8080,\"peer\":50002}]",
               SYS_poll);
    made_event(&made, "stuck", 102, "poll idle:6", "\"number\":%d,\"state\":\"S\"", SYS_poll);
    made_end(&made);
    ck_assert(rule_stuck_in(made_evidence(&made), made.check));
    ck_assert_uint_eq(made.check->finding_count, 3);
    // One that polls the client alone that gets no answer deals with it, and comes first.
    ck_assert_str_eq(made_finding(&made, 0, FINDING_STUCK_IN, 5)->call, "poll() on client 2");
    ck_assert_str_eq(made_finding(&made, 1, FINDING_STUCK_IN, 4)->call, "poll() on client 1 and 3");
    ck_assert_str_eq(made_finding(&made, 2, FINDING_STUCK_IN, 6)->call, "poll()");
    made_release(&made);
}
END_TEST

START_TEST(where_the_end_is_awaited_the_first_process_comes_first)
{
    struct made made = made_begin();
    made_failure(&made, 0, -1);
    made_state(&made, "stuck");
    made.check->awaited = mem_copy_string("exit");
    made_io(&made, 1, false, "");
    made_stuck(&made, 101, SYS_recvfrom, 1, 'S', "recv serve:4 main:1", "");
    made_stuck(&made, 100, SYS_wait4, 0, 'S', "wait main:10", "");
    made_end(&made);
    made.events.items[0].pid = 2; // a child
    ck_assert(rule_stuck_in(made_evidence(&made), made.check));
    made_finding(&made, 0, FINDING_STUCK_IN, 10);
    made_finding(&made, 1, FINDING_STUCK_IN, 4);
    made_release(&made);
}
END_TEST

START_TEST(a_thread_that_waits_for_a_signal_comes_last)
{
    struct made made = made_begin();
    made_failure(&made, 1, -1);
    made_state(&made, "stuck");
    made_io(&made, 1, false, "x");
    made_stuck(&made, 100, SYS_rt_sigtimedwait, 0, 'S', "sigwait end:8 start_thread", "");
    made_stuck(&made, 101, SYS_accept, 0, 'S', "accept main:13", "");
    made_stuck(&made, 102, SYS_recvfrom, 1, 'S', "recv serve:4 start_thread", "");
    made_end(&made);
    ck_assert(rule_stuck_in(made_evidence(&made), made.check));
    made_finding(&made, 0, FINDING_STUCK_IN, 4);
    made_finding(&made, 1, FINDING_STUCK_IN, 13);
    made_finding(&made, 2, FINDING_STUCK_IN, 8);
    made_release(&made);
}
END_TEST

// ---------------------------------------------------------------- listens

static struct made listening(int family, const char *awaited)
{
    struct made made = made_begin();
    made_failure(&made, 0, -1);
    made.check->awaited = mem_copy_string(awaited);
    made_event(&made, "call", 1, "socket other:1 main:1",
               "\"number\":%d,\"result\":3,\"arguments\":[\"0x2\"]", SYS_socket);
    made_event(&made, "call", 1, "socket main:2",
               "\"number\":%d,\"result\":4,\"arguments\":[\"0x%x\"]", SYS_socket, (unsigned)family);
    made_event(&made, "call", 1, "bind listen_on:3 main:1",
               "\"number\":%d,\"result\":0,\"arguments\":[\"0x4\"]", SYS_bind);
    made_event(&made, "call", 1, "listen listen_on:10 main:1",
               "\"number\":%d,\"result\":0,\"arguments\":[\"0x4\"]", SYS_listen);
    made_end(&made);
    return made;
}

START_TEST(a_socket_of_ipv4_alone_is_told_where_it_was_made)
{
    struct made made = listening(AF_INET, "listen");
    ck_assert(rule_listens(made_evidence(&made), made.check));
    const struct finding *finding = made_finding(&made, 0, FINDING_MADE_BY, 2);
    ck_assert_str_eq(finding->call, "socket()");
    ck_assert_str_eq(finding->note, "the socket that listens takes IPv4 alone");
    made_release(&made);
}
END_TEST

START_TEST(a_socket_of_ipv6_is_told_where_it_got_its_address)
{
    struct made made = listening(AF_INET6, "listen");
    ck_assert(rule_listens(made_evidence(&made), made.check));
    made_finding(&made, 0, FINDING_MADE_BY, 3);
    made_release(&made);
    made = listening(AF_INET, "close");
    ck_assert(!rule_listens(made_evidence(&made), made.check));
    made_release(&made);
}
END_TEST

START_TEST(a_loop_that_never_ends_comes_first)
{
    struct made made = made_begin();
    made_io(&made, 1, false, "GET / HTTP/1.1");
    made_failure(&made, 1, -1);
    made_state(&made, "stuck");
    made_stuck(&made, 100, SYS_recvfrom, 1, 'S', "recv serve:4", "");
    made_stuck(&made, 101, -1, 0, 'R', "count:10 start_thread", "");
    made_end(&made);
    ck_assert(rule_stuck_in(made_evidence(&made), made.check));
    const struct finding *finding = made_finding(&made, 0, FINDING_STUCK_IN, 10);
    ck_assert_ptr_null(finding->call);
    ck_assert_str_eq(finding->note, "it is at work here and waits for nothing");
    made_release(&made);
}
END_TEST

// The owner is the third word of a mutex: 11 and 10 are own_tid of the other thread.
START_TEST(two_threads_that_hold_each_others_lock_are_told)
{
    struct made made = made_begin();
    made_io(&made, 1, false, "GET / HTTP/1.1");
    made_failure(&made, 1, -1);
    made_state(&made, "stuck");
    made_stuck(&made, 99, SYS_accept, 0, 'S', "accept main:13", "");
    made_stuck(&made, 100, SYS_futex, 0, 'S', "pthread_mutex_lock one:9 start_thread",
               ",\"data\":\"\\\\x02\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00"
               "\\\\x0b\\\\x00\\\\x00\\\\x00\"");
    made_stuck(&made, 101, SYS_futex, 0, 'S', "pthread_mutex_lock two:8 start_thread",
               ",\"data\":\"\\\\x02\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00"
               "\\\\x0a\\\\x00\\\\x00\\\\x00\"");
    made_end(&made);
    ck_assert(rule_stuck_in(made_evidence(&made), made.check));
    const struct finding *finding = made_finding(&made, 0, FINDING_STUCK_IN, 9);
    ck_assert_str_eq(finding->call, "a lock");
    ck_assert_str_eq(finding->note, "the thread at server.c:8 holds this lock, and waits there for "
                                    "one that this thread holds");
    finding = made_finding(&made, 1, FINDING_STUCK_IN, 8);
    ck_assert_str_eq(finding->note, "the thread at server.c:9 holds this lock, and waits there for "
                                    "one that this thread holds");
    made_finding(&made, 2, FINDING_STUCK_IN, 13);
    made_release(&made);
}
END_TEST

START_TEST(a_lock_that_the_thread_holds_itself_is_told)
{
    struct made made = made_begin();
    made_failure(&made, 0, -1);
    made_state(&made, "stuck");
    made_stuck(&made, 100, SYS_futex, 0, 'S', "pthread_mutex_lock one:9 main:1",
               ",\"data\":\"\\\\x02\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00\\\\x00"
               "\\\\x0a\\\\x00\\\\x00\\\\x00\"");
    made_end(&made);
    ck_assert(rule_stuck_in(made_evidence(&made), made.check));
    const struct finding *finding = made_finding(&made, 0, FINDING_STUCK_IN, 9);
    ck_assert_str_eq(finding->note, "this thread holds that lock already");
    made_release(&made);
}
END_TEST

START_TEST(only_the_last_look_counts)
{
    struct made made = made_begin();
    made_failure(&made, 0, -1);
    made_state(&made, "stuck");
    made_stuck(&made, 100, SYS_accept, 0, 'S', "accept main:13", "");
    made_call(&made, SYS_close, 0, 0, "close main:7");
    made_stuck(&made, 100, SYS_recvfrom, 0, 'S', "recv main:4", "");
    made_end(&made);
    ck_assert(rule_stuck_in(made_evidence(&made), made.check));
    made_finding(&made, 0, FINDING_STUCK_IN, 4);
    ck_assert_uint_eq(made.check->finding_count, 1);
    made_release(&made);
}
END_TEST

// ---------------------------------------------------------------- lines

START_TEST(lines_are_taken_without_their_ends)
{
    struct made made = made_begin();
    auto_free char *first = source_line(&made.sources, "server.c", 1);
    auto_free char *dos = source_line(&made.sources, "server.c", 3);
    auto_free char *last = source_line(&made.sources, "server.c", 14);
    ck_assert_str_eq(first, "line 1;");
    ck_assert_str_eq(dos, "\tbind(fd, address, length);");
    ck_assert_str_eq(last, "last line");
    ck_assert_ptr_null(source_line(&made.sources, "server.c", 15));
    ck_assert_ptr_null(source_line(&made.sources, "server.c", 0));
    ck_assert_ptr_null(source_line(&made.sources, "other.c", 1));
    made_release(&made);
}
END_TEST

// ---------------------------------------------------------------- asked_by

// A program that inserts a row and then reads it, with one helper for both statements.
static struct made asking(const char *request)
{
    static const char source[] = "void run(const char *sql) {\n"
                                 "    sqlite3_exec(database, sql, NULL, NULL, NULL);\n"
                                 "}\n"
                                 "    run(\"INSERT INTO items (sku) VALUES (?1)\"\n"
                                 "        \" RETURNING id\");\n"
                                 "    run(\"SELECT sku FROM items\");\n";
    struct made made = made_begin();
    sources_put(&made.sources, "server.c", source, sizeof source - 1);
    made_io(&made, 1, false, request);
    made_io(&made, 1, true, "HTTP/1.1 200 OK");
    made_failure(&made, 1, 0);
    return made;
}

static struct made asked(const char *request)
{
    struct made made = asking(request);
    static const char *const statements[] = {"CREATE TABLE items (sku)\\n",
                                             "INSERT INTO items (sku) VALUES ('fig')\\n",
                                             "SELECT sku FROM items\\n", "COMMIT\\n"};
    static const char *const frames[] = {"write run:2 main:1", "write run:2 add:5 main:1",
                                         "write run:2 list:6 main:1", "write run:2 main:1"};
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        made_event(&made, "call", 1, frames[i],
                   "\"number\":%d,\"result\":9,\"path\":\"/tmp/sql-trace\",\"data\":\"%s\"",
                   SYS_write, statements[i]);
    made_end(&made);
    return made;
}

START_TEST(a_statement_is_told_where_its_text_stands)
{
    struct made made = asked("POST /items HTTP/1.1\\r\\n");
    ck_assert(rule_asked_by(made_evidence(&made), made.check));
    const struct finding *finding = made_finding(&made, 0, FINDING_ASKED_BY, 4);
    ck_assert_str_eq(finding->frames[0].function, "add");
    ck_assert_str_eq(finding->text, "    run(\"INSERT INTO items (sku) VALUES (?1)\"");
    made_release(&made);
}
END_TEST

START_TEST(of_an_answer_that_reads_the_last_read_is_told)
{
    struct made made = asked("GET /items HTTP/1.1\\r\\n");
    ck_assert(rule_asked_by(made_evidence(&made), made.check));
    made_finding(&made, 0, FINDING_ASKED_BY, 6);
    made_release(&made);
    made = asked("GET /items HTTP/1.1\\r\\n"); // rows in the database, whatever was asked last
    made.check->sql.statement = mem_copy_string("SELECT 1");
    ck_assert(rule_asked_by(made_evidence(&made), made.check));
    made_finding(&made, 0, FINDING_ASKED_BY, 4);
    made_release(&made);
}
END_TEST

// A program that keeps a page in Redis, with one helper for all commands.
static struct made kept(const char *question)
{
    static const char source[] = "void command(const char *format, ...) {\n"
                                 "    redisvCommand(redis, format, arguments);\n"
                                 "}\n"
                                 "    command(\"GET %s\", key);\n"
                                 "    command(\n"
                                 "        \"SET %s %b PX %ld\", key, page, length, life);\n";
    static const char *const sent[] = {
        "*2\\r\\n$3\\r\\nGET\\r\\n$4\\r\\n/fig\\r\\n",
        "*5\\r\\n$3\\r\\nSET\\r\\n$4\\r\\n/"
        "fig\\r\\n$3\\r\\nred\\r\\n$2\\r\\nPX\\r\\n$2\\r\\n99\\r\\n",
        "*3\\r\\n$3\\r\\nSET\\r\\n$5\\r\\n/kiwi\\r\\n$5\\r\\ngr", // what is kept of it ends here
        "*2\\r\\n$4\\r\\nPTTL\\r\\n$4\\r\\n/fig\\r\\n"};
    static const char *const frames[] = {
        "send command:2 read:4 main:1", "send command:2 keep:5 main:1",
        "send command:2 other:9 main:1", "send command:2 life:9 main:1"};
    struct made made = made_begin();
    sources_put(&made.sources, "server.c", source, sizeof source - 1);
    made_failure(&made, 0, 0);
    made.check->sql.statement = mem_copy_string(question);
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        made_event(&made, "call", 1, frames[i],
                   "\"number\":%d,\"result\":9,\"socket\":\"other\",\"data\":\"%s\"", SYS_sendto,
                   sent[i]);
    made_end(&made);
    return made;
}

START_TEST(a_command_that_changed_a_key_is_told_where_its_text_stands)
{
    struct made made = kept("EXISTS /fig");
    ck_assert(rule_asked_redis(made_evidence(&made), made.check));
    const struct finding *finding = made_finding(&made, 0, FINDING_ASKED_BY, 6);
    ck_assert_str_eq(finding->frames[0].function, "keep");
    ck_assert_str_eq(finding->note,
                     "server.c:6: the last command that changed it was SET /fig red PX 99");
    made_release(&made);
}
END_TEST

START_TEST(of_a_key_that_no_command_changed_none_is_told)
{
    struct made made = kept("EXISTS /lemon");
    ck_assert(!rule_asked_redis(made_evidence(&made), made.check));
    made_release(&made);
    made = kept("SELECT sku FROM items"); // another database
    ck_assert(!rule_asked_redis(made_evidence(&made), made.check));
    made_release(&made);
}
END_TEST

// The same to a server, in PostgreSQL's messages: P has a name before the text, Q has none.
START_TEST(a_statement_in_a_message_to_a_server_is_told)
{
    static const char *const messages[] = {
        "P\\\\x00\\\\x00\\\\x00\\\\x30\\\\x00INSERT INTO items (sku) VALUES (?1) RETURNING id",
        "Q\\\\x00\\\\x00\\\\x00\\\\x0aCOMMIT\\\\x00"};
    static const char *const frames[] = {"send run:2 add:5 main:1", "send run:2 main:1"};
    for (int socket = SOCKET_CONNECTED; socket <= SOCKET_OTHER; socket++) {
        struct made made = asking("POST /items HTTP/1.1\\r\\n");
        for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
            made_event(&made, "call", 1, frames[i],
                       "\"number\":%d,\"result\":60,\"socket\":%d,\"data\":\"%s\"", SYS_sendto,
                       socket, messages[i]);
        made_end(&made);
        // A client's connection carries no statements.
        ck_assert(rule_asked_by(made_evidence(&made), made.check) == (socket == SOCKET_OTHER));
        if (socket == SOCKET_OTHER)
            made_finding(&made, 0, FINDING_ASKED_BY, 4);
        made_release(&made);
    }
}
END_TEST

UNIT_MAIN("trace_rules", a_command_that_changed_a_key_is_told_where_its_text_stands,
          of_a_key_that_no_command_changed_none_is_told, the_call_that_carried_the_byte_sent_it,
          a_call_has_the_name_that_stands_on_the_line, of_missing_bytes_the_last_call_is_told,
          other_connections_are_not_asked, a_chain_without_a_line_of_the_learner_is_no_finding,
          a_close_at_the_end_of_what_came_is_blamed, a_close_behind_a_wrong_byte_is_not_blamed,
          a_port_that_is_taken_is_named, a_call_that_failed_in_a_program_that_serves_is_not_blamed,
          an_answer_that_refuses_has_a_call_that_failed_before_it, a_signal_is_where_it_struck,
          a_file_that_is_wrong_was_written_here,
          a_file_that_was_not_there_yet_is_not_why_it_is_wrong,
          a_server_of_one_thread_waits_for_the_idle_client,
          the_thread_that_deals_with_the_client_comes_first, a_poll_names_its_clients,
          where_the_end_is_awaited_the_first_process_comes_first,
          a_thread_that_waits_for_a_signal_comes_last,
          a_socket_of_ipv4_alone_is_told_where_it_was_made,
          a_socket_of_ipv6_is_told_where_it_got_its_address, a_loop_that_never_ends_comes_first,
          two_threads_that_hold_each_others_lock_are_told,
          a_lock_that_the_thread_holds_itself_is_told, only_the_last_look_counts,
          a_statement_is_told_where_its_text_stands, of_an_answer_that_reads_the_last_read_is_told,
          a_statement_in_a_message_to_a_server_is_told, lines_are_taken_without_their_ends)
