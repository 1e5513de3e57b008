// SPDX-License-Identifier: MIT
/*
 * The grader of tcp-echo. It reads like the lesson: one section a step, one START_TEST a check.
 * Each expectation rests on a sentence of the lesson, on RFC 862 or on RFC 9293.
 */
#include <string.h>

#include "kit.h"

enum {
    MANY = 64,
    KIB = 1024,
    MIB = 1024 * 1024,
};

// ---------------------------------------------------------------- what several steps share

// Sends the bytes and expects them back.
static void echo_bytes(struct kit_connection *client, struct kit_bytes bytes)
{
    kit_send_bytes(client, bytes);
    kit_expect_bytes(client, bytes);
    kit_because("RFC 862: whatever the client sends comes back to it, byte for byte");
}

static void echo_word(struct kit_connection *client)
{
    echo_bytes(client, kit_text(kit_format("%s\n", kit_word())));
}

// The same on a connection of its own that stays open.
static struct kit_connection *echo_to_new_client(struct kit_program *server)
{
    struct kit_connection *client = kit_connect(server);
    echo_word(client);
    return client;
}

// A client with room for so many bytes that it has not read yet.
static struct kit_connection *connect_with_room(struct kit_program *server, int room)
{
    return kit_connect_with(server, &(struct kit_connect_options){.receive_buffer = room});
}

// ---------------------------------------------------------------- what a learner pastes

// A hundred clients that break their connection (RST), and what each does before.
#define RUDE_CLIENTS(acts)                                                                         \
    "perl -MIO::Socket -e 'for (1..100) { $s = IO::Socket::INET->new(\"127.0.0.1:8080\") or die "  \
    "\"refused\\n\"; " acts                                                                        \
    "setsockopt $s, SOL_SOCKET, SO_LINGER, pack(\"ii\", 1, 0); close $s }'"
#define STILL_THERE "; sleep 1; nc -zv 127.0.0.1 8080"
// What `lab run` has started in this workspace; the first process of several is the oldest.
#define PROGRAM "$PWD/.lab/program"
#define FIRST_PROCESS "$(pgrep -of " PROGRAM ")"
#define IDLE_CLIENT "sleep 4 | timeout 5 nc 127.0.0.1 8080 & sleep 1; "

// Many bytes there and back, compared; the client reads none of them for a second.
static void show_bytes_compared(void)
{
    kit_reproduce(
        "head -c 8000000 /dev/urandom >.lab/sent; { timeout 9 nc -N 127.0.0.1 8080 <.lab/sent "
        "&& echo '[closed]' >&2 || echo '[still open]' >&2; } | (sleep 1; cat) | cmp - .lab/sent "
        "&& echo same");
}

static void show_client_after_client(void)
{
    kit_reproduce("nc -z 127.0.0.1 8080; for i in $(seq 10); do echo $i | timeout 2 nc -N "
                  "127.0.0.1 8080; done");
}

// How many of them get their own number back.
static void show_many_clients(void)
{
    kit_reproduce(
        "for i in $(seq 64); do (sleep 1; echo $i; sleep 9) | timeout 9 nc 127.0.0.1 8080 "
        "| grep --line-buffered -x $i & done | timeout 5 cat | wc -l");
}

static void show_second_start(void)
{
    kit_reproduce("%s", IDLE_CLIENT "kill " FIRST_PROCESS "; sleep 1; ./lab run");
}

static void show_few_descriptors(const char *then)
{
    kit_reproduce("prlimit --nofile=16 --pid " FIRST_PROCESS "; %s", then);
}

// ---------------------------------------------------------------- listen

START_TEST(accepts_a_connection)
{
    struct kit_program *server = kit_serve();
    kit_connect(server);
    kit_expect_running(server);
    kit_because("a server waits for clients as long as it lives");
}
END_TEST

START_TEST(survives_clients_that_leave)
{
    kit_reproduce("%s", "nc -z 127.0.0.1 8080; " RUDE_CLIENTS("") STILL_THERE);
    struct kit_program *server = kit_serve();
    kit_close(kit_connect(server));
    kit_reset(kit_connect(server));
    kit_expect_running(server);
    kit_because("a client that leaves is no reason for a server to end");
    kit_connect(server);
    kit_expect_running(server);
    kit_because("the next client comes after the one that left");
}
END_TEST

// ---------------------------------------------------------------- echo

START_TEST(line_comes_back)
{
    echo_to_new_client(kit_serve());
}
END_TEST

START_TEST(one_byte_comes_back)
{
    struct kit_connection *client = kit_connect(kit_serve());
    const unsigned char byte = (unsigned char)kit_number('a', 'z');
    kit_when_stuck("a single byte does not come back",
                   "TCP has no lines: one byte without a line end is all that this client sends");
    echo_bytes(client, (struct kit_bytes){&byte, 1});
}
END_TEST

START_TEST(every_byte_value_comes_back)
{
    kit_reproduce("printf 'a\\0b\\377c' | timeout 2 nc 127.0.0.1 8080 | od -c");
    struct kit_connection *client = kit_connect(kit_serve());
    struct kit_bytes bytes = kit_random_bytes(600);
    kit_send_bytes(client, bytes);
    kit_expect_bytes(client, bytes);
    kit_because("bytes are numbers from 0 to 255: a NUL ends a string of C, not what was received");
}
END_TEST

START_TEST(messages_come_back_one_by_one)
{
    struct kit_connection *client = kit_connect(kit_serve());
    kit_when_stuck("a later message on the same connection does not come back",
                   "RFC 862: the echo goes on until the client ends the connection");
    for (int i = 0; i < 12; i++)
        echo_word(client);
}
END_TEST

// ---------------------------------------------------------------- split

START_TEST(bytes_that_arrive_one_by_one)
{
    kit_reproduce(
        "for c in m a n g o; do printf $c; sleep 0.3; done | timeout 3 nc 127.0.0.1 8080 | od -c");
    struct kit_connection *client = kit_connect(kit_serve());
    struct kit_bytes text = kit_text(kit_format("%s %s", kit_word(), kit_word()));
    kit_send_in_pieces(client, text, 1);
    kit_expect_bytes(client, text);
    kit_because("each byte arrives alone here, and each comes back");
}
END_TEST

START_TEST(more_than_a_buffer_holds)
{
    show_bytes_compared();
    struct kit_connection *client = kit_connect(kit_serve());
    echo_bytes(client, kit_random_bytes(200 * KIB + kit_number(1, 999)));
}
END_TEST

START_TEST(megabytes_through_full_buffers)
{
    show_bytes_compared();
    struct kit_connection *client = connect_with_room(kit_serve(), 64 * KIB);
    struct kit_bytes bytes = kit_random_bytes(8 * MIB);
    kit_when_stuck("not all of 8 MiB come back to a client that reads slowly",
                   "send(2) may take a part only: its result says how much");
    // Fill all buffers on the way, read a part, fill them again.
    size_t back = 0;
    for (size_t sent = 0; sent < bytes.length; back += MIB / 2) {
        sent += kit_send_until_full(client, kit_part(bytes, sent, bytes.length - sent));
        kit_expect_bytes(client, kit_part(bytes, back, MIB / 2));
        kit_because("send(2) may take a part only: its result says how much");
    }
    kit_expect_bytes(client, kit_part(bytes, back, bytes.length - back));
    kit_because("send(2) may take a part only: its result says how much");
}
END_TEST

// ---------------------------------------------------------------- next-client

START_TEST(next_client_is_served)
{
    show_client_after_client();
    struct kit_program *server = kit_serve();
    kit_close(echo_to_new_client(server));
    kit_when_stuck("the second client gets nothing back",
                   "a server fetches the next client with accept() when it is done with one");
    kit_close(echo_to_new_client(server));
}
END_TEST

START_TEST(ten_clients_one_after_the_other)
{
    show_client_after_client();
    struct kit_program *server = kit_serve();
    for (int i = 0; i < 10; i++)
        kit_close(echo_to_new_client(server));
}
END_TEST

START_TEST(client_without_a_word_is_followed_by_another)
{
    show_client_after_client();
    struct kit_program *server = kit_serve();
    kit_close(kit_connect(server));
    kit_when_stuck("a client gets nothing back after one that left without a word",
                   "recv() returns 0 when a client has left: go on with the next");
    echo_to_new_client(server);
}
END_TEST

// ---------------------------------------------------------------- half-close

START_TEST(closes_when_the_client_is_done)
{
    struct kit_connection *client = echo_to_new_client(kit_serve());
    kit_half_close(client);
    kit_expect_closed(client);
    kit_because("RFC 862: the echo ends when the client ends it; close() tells the client");
}
END_TEST

START_TEST(all_comes_back_before_the_close)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = echo_to_new_client(server);
    struct kit_bytes text = kit_text(kit_format("%s\n%s\n", kit_word(), kit_word()));
    // The program finds the bytes and their end at once.
    kit_freeze(server);
    kit_send_bytes(client, text);
    kit_half_close(client);
    kit_thaw(server);
    kit_expect_bytes(client, text);
    kit_because("a client that sends no more still receives: FIN closes one direction alone");
    kit_expect_closed(client);
    kit_because("with the last byte sent back, the server closes too");
}
END_TEST

START_TEST(megabytes_and_a_half_close)
{
    show_bytes_compared();
    struct kit_connection *client = connect_with_room(kit_serve(), 64 * KIB);
    struct kit_bytes bytes = kit_random_bytes(4 * MIB);
    size_t taken = kit_send_until_full(client, bytes);
    kit_send_bytes(client, kit_part(bytes, taken, bytes.length - taken));
    kit_half_close(client);
    kit_expect_bytes(client, bytes);
    kit_because("what was received before the client's FIN comes back, however long it takes");
    kit_expect_closed(client);
    kit_because("with the last byte sent back, the server closes too");
}
END_TEST

// ---------------------------------------------------------------- reset

START_TEST(client_that_leaves_before_its_echo)
{
    kit_reproduce("%s", RUDE_CLIENTS("print $s \"mango\"; shutdown $s, 1; ") STILL_THERE);
    struct kit_program *server = kit_serve();
    struct kit_connection *rude = echo_to_new_client(server);
    // The program finds its bytes, its end and its reset all at once.
    kit_freeze(server);
    kit_send(rude, "%s", kit_word());
    kit_half_close(rude);
    kit_reset(rude);
    kit_thaw(server);
    kit_expect_running(server);
    kit_because(
        "send() to a client that has left fails, and SIGPIPE ends a program unless it is ignored");
    echo_to_new_client(server);
}
END_TEST

START_TEST(client_that_leaves_in_the_middle_of_its_echo)
{
    kit_reproduce("%s", RUDE_CLIENTS("print $s \"mango\" x 20000; ") STILL_THERE);
    struct kit_program *server = kit_serve();
    struct kit_connection *rude = connect_with_room(server, 4 * KIB);
    kit_send_until_full(rude, kit_random_bytes(8 * MIB));
    kit_reset(rude);
    kit_expect_running(server);
    kit_because("send() fails with ECONNRESET: this connection is over, and no other");
    echo_to_new_client(server);
}
END_TEST

START_TEST(reset_is_an_error_of_one_connection)
{
    kit_reproduce("%s", RUDE_CLIENTS("print $s \"mango\"; read $s, $x, 5; ") STILL_THERE);
    struct kit_program *server = kit_serve();
    struct kit_connection *rude = kit_connect(server);
    echo_word(rude);
    kit_reset(rude);
    kit_expect_running(server);
    kit_because("recv() fails with ECONNRESET: this connection is over, and no other");
    echo_to_new_client(server);
}
END_TEST

START_TEST(twenty_resets)
{
    kit_reproduce("%s", RUDE_CLIENTS("print $s \"mango\"; ") STILL_THERE);
    struct kit_program *server = kit_serve();
    for (int i = 0; i < 20; i++) {
        struct kit_connection *rude = kit_connect(server);
        kit_send(rude, "%s", kit_word());
        kit_reset(rude);
    }
    kit_expect_running(server);
    kit_because("networks break all the time: a server lives on");
    echo_to_new_client(server);
}
END_TEST

// ---------------------------------------------------------------- rebind

static void end_first_start(struct kit_program *server)
{
    kit_when_stuck("the program does not end after SIGTERM, so that it cannot be started again",
                   "SIGTERM ends a program that has no handler; with one, see step shutdown");
    kit_terminate(server);
    kit_wait_for_exit(server);
    kit_when_stuck("the second start does not serve",
                   "it is the same program: what it needs is free again");
}

START_TEST(starts_again_on_the_same_port)
{
    show_second_start();
    struct kit_program *server = kit_serve();
    struct kit_connection *client = echo_to_new_client(server);
    end_first_start(server);
    kit_close(client);
    server = kit_serve();
    echo_to_new_client(server);
}
END_TEST

START_TEST(starts_again_while_old_connections_end)
{
    show_second_start();
    struct kit_program *server = kit_serve();
    // One after the other: no more is asked of a server before step concurrent.
    for (int i = 0; i < 4; i++)
        kit_close(echo_to_new_client(server));
    struct kit_connection *last = echo_to_new_client(server);
    end_first_start(server);
    server = kit_serve();
    kit_close(last);
    echo_to_new_client(server);
}
END_TEST

// ---------------------------------------------------------------- concurrent

START_TEST(second_client_is_served_while_first_is_idle)
{
    struct kit_program *server = kit_serve();
    kit_connect(server);
    kit_when_stuck("the second client gets nothing back while the first one is idle",
                   "a server that waits for one client must still serve the others");
    echo_to_new_client(server);
}
END_TEST

START_TEST(sixty_four_clients_at_once)
{
    show_many_clients();
    struct kit_program *server = kit_serve();
    struct kit_connection **clients = kit_connect_many(server, MANY);
    kit_when_stuck("not every one of 64 clients gets its bytes back",
                   "all of them are connected, and each has sent a line");
    // The last one first: nobody may have to wait for those who came before.
    for (size_t i = MANY; i-- > 0;)
        echo_word(clients[i]);
}
END_TEST

START_TEST(everybody_gets_their_own_bytes)
{
    kit_reproduce("for i in $(seq 64); do yes $i | head -n 9999 | timeout 9 nc -N 127.0.0.1 8080 | "
                  "grep -cx $i & done | sort -n | uniq -c; echo '64 times 9999 is right'");
    struct kit_program *server = kit_serve();
    struct kit_connection **clients = kit_connect_many(server, MANY);
    struct kit_bytes bytes[MANY];
    for (size_t i = 0; i < MANY; i++)
        bytes[i] = kit_random_bytes(32 * KIB);
    kit_send_together(clients, MANY, bytes);
    for (size_t i = 0; i < MANY; i++) {
        kit_expect_bytes(clients[i], bytes[i]);
        kit_because("64 clients send 32 KiB each at the same time: whose bytes are these?");
    }
}
END_TEST

START_TEST(client_that_does_not_read_blocks_nobody)
{
    kit_reproduce("head -c 9000000 /dev/zero | timeout 5 nc 127.0.0.1 8080 | sleep 5 & sleep 1; "
                  "echo mango | timeout 2 nc 127.0.0.1 8080");
    struct kit_program *server = kit_serve();
    kit_send_until_full(connect_with_room(server, 4 * KIB), kit_random_bytes(8 * MIB));
    kit_when_stuck("other clients get nothing back while one client does not read",
                   "send() waits when the buffers to one client are full: nobody else may wait "
                   "with it");
    echo_to_new_client(server);
    echo_to_new_client(server);
}
END_TEST

// ---------------------------------------------------------------- descriptors

START_TEST(thousand_connections_leave_nothing_open)
{
    kit_reproduce("%s",
                  "for i in $(seq 300); do echo $i | nc -q 0 127.0.0.1 8080; done >/dev/null; "
                  "ls /proc/" FIRST_PROCESS "/fd | wc -l; ps --ppid " FIRST_PROCESS " | tail -n 3");
    kit_limit_descriptors(256);
    struct kit_program *server = kit_serve();
    kit_when_stuck("a client gets nothing back after some hundred others have left",
                   "each connection is a descriptor, and close() gives it back: there are 256");
    for (int i = 0; i < 1000; i++) {
        struct kit_connection *client = kit_connect(server);
        echo_word(client);
        kit_close(client);
    }
}
END_TEST

START_TEST(survives_having_no_descriptor_left)
{
    show_few_descriptors(
        "for i in $(seq 40); do sleep 3 | timeout 3 nc 127.0.0.1 8080 & done" STILL_THERE);
    kit_limit_descriptors(32);
    struct kit_program *server = kit_serve();
    struct kit_connection *first = echo_to_new_client(server);
    kit_connect_many(server, 40);
    kit_expect_running(server);
    kit_because("accept() fails with EMFILE when no descriptor is left: no reason to end");
    echo_word(first);
}
END_TEST

START_TEST(waiting_clients_get_the_free_descriptors)
{
    show_few_descriptors("sleep 9 | timeout 9 nc 127.0.0.1 8080 & for i in $(seq 40); do (echo $i; "
                         "sleep 2) | timeout 8 nc -N 127.0.0.1 8080 & "
                         "done | timeout 7 cat | wc -l");
    kit_limit_descriptors(32);
    struct kit_program *server = kit_serve();
    struct kit_connection **clients = kit_connect_many(server, 40);
    echo_word(clients[0]);
    kit_wait_until_idle(server); // as many are accepted as can be, before the first one leaves
    for (int i = 0; i < 20; i++)
        kit_close(clients[i]);
    kit_when_stuck("a client that had to wait for a descriptor is not served when one is free",
                   "connections wait in the backlog: accept() fetches them once others have left");
    echo_word(clients[39]);
}
END_TEST

// ---------------------------------------------------------------- ipv6

static struct kit_connection *connect_ipv6(struct kit_program *server)
{
    return kit_connect_with(server, &(struct kit_connect_options){.ipv6 = true});
}

START_TEST(ipv6_client_is_served)
{
    kit_reproduce("echo mango | timeout 2 nc -v ::1 8080");
    echo_word(connect_ipv6(kit_serve()));
}
END_TEST

START_TEST(both_versions_side_by_side)
{
    kit_reproduce("sleep 3 | timeout 3 nc ::1 8080 & sleep 1; echo mango | timeout 2 nc -v "
                  "127.0.0.1 8080; echo "
                  "fig | timeout 2 nc -v ::1 8080");
    struct kit_program *server = kit_serve();
    struct kit_connection *six = connect_ipv6(server);
    struct kit_connection *four = kit_connect(server);
    kit_when_stuck("a client of one IP version gets nothing back while there is one of the other",
                   "both are clients of the same server");
    echo_word(four);
    echo_word(six);
    echo_word(four);
}
END_TEST

// ---------------------------------------------------------------- shutdown

static void expect_orderly_end(struct kit_program *server)
{
    kit_expect_exit(server, 0);
    kit_because(
        "an orderly end is status 0; `lab run; echo $?` shows it, 143 is an end by SIGTERM");
}

START_TEST(sigterm_ends_it_with_status_0)
{
    kit_reproduce("kill " FIRST_PROCESS);
    struct kit_program *server = kit_serve();
    kit_close(echo_to_new_client(server));
    kit_terminate(server);
    expect_orderly_end(server);
}
END_TEST

START_TEST(idle_clients_do_not_hold_it_up)
{
    kit_reproduce("%s", IDLE_CLIENT "kill " FIRST_PROCESS "; sleep 1; pgrep -af " PROGRAM
                                    " && echo '[still there]'");
    struct kit_program *server = kit_serve();
    struct kit_connection *idle = kit_connect(server);
    struct kit_connection *client = echo_to_new_client(server);
    kit_when_stuck("the program does not end after SIGTERM while clients are connected",
                   "a client that sends nothing must not keep a server from ending");
    kit_terminate(server);
    expect_orderly_end(server);
    kit_expect_closed(idle);
    kit_expect_closed(client);
}
END_TEST

START_TEST(what_was_read_is_sent_before_the_end)
{
    kit_reproduce(
        "%s", "head -c 100000 /dev/zero | nc -I 2048 127.0.0.1 8080 | (sleep 3; wc -c) & sleep 1; "
              "kill " FIRST_PROCESS "; wait");
    struct kit_program *server = kit_serve();
    struct kit_connection *client = connect_with_room(server, 4 * KIB);
    struct kit_bytes bytes = kit_random_bytes(24 * KIB);
    size_t taken = kit_send_until_full(client, bytes);
    // Whoever waited by receiving would leave nothing that is owed.
    size_t read = taken - kit_unread(client);
    kit_terminate(server);
    kit_wait_until_idle(server);
    kit_expect_bytes(client, kit_part(bytes, 0, read));
    kit_because("the bytes were received before SIGTERM came: they are owed to the client");
    expect_orderly_end(server);
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("listen", accepts_a_connection);
    KIT_CHECK("listen", survives_clients_that_leave);

    KIT_CHECK("echo", line_comes_back);
    KIT_CHECK("echo", one_byte_comes_back);
    KIT_CHECK("echo", every_byte_value_comes_back);
    KIT_CHECK("echo", messages_come_back_one_by_one);

    KIT_CHECK("split", bytes_that_arrive_one_by_one);
    KIT_CHECK("split", more_than_a_buffer_holds);
    KIT_CHECK("split", megabytes_through_full_buffers);

    KIT_CHECK("next-client", next_client_is_served);
    KIT_CHECK("next-client", ten_clients_one_after_the_other);
    KIT_CHECK("next-client", client_without_a_word_is_followed_by_another);

    KIT_CHECK("half-close", closes_when_the_client_is_done);
    KIT_CHECK("half-close", all_comes_back_before_the_close);
    KIT_CHECK("half-close", megabytes_and_a_half_close);

    KIT_CHECK("reset", client_that_leaves_before_its_echo);
    KIT_CHECK("reset", client_that_leaves_in_the_middle_of_its_echo);
    KIT_CHECK("reset", reset_is_an_error_of_one_connection);
    KIT_CHECK("reset", twenty_resets);

    KIT_CHECK("rebind", starts_again_on_the_same_port);
    KIT_CHECK("rebind", starts_again_while_old_connections_end);

    KIT_CHECK("concurrent", second_client_is_served_while_first_is_idle);
    KIT_CHECK("concurrent", sixty_four_clients_at_once);
    KIT_CHECK("concurrent", everybody_gets_their_own_bytes);
    KIT_CHECK("concurrent", client_that_does_not_read_blocks_nobody);

    KIT_CHECK("descriptors", thousand_connections_leave_nothing_open);
    KIT_CHECK("descriptors", survives_having_no_descriptor_left);
    KIT_CHECK("descriptors", waiting_clients_get_the_free_descriptors);

    KIT_CHECK("ipv6", ipv6_client_is_served);
    KIT_CHECK("ipv6", both_versions_side_by_side);

    KIT_CHECK("shutdown", sigterm_ends_it_with_status_0);
    KIT_CHECK("shutdown", idle_clients_do_not_hold_it_up);
    KIT_CHECK("shutdown", what_was_read_is_sent_before_the_end);
}
