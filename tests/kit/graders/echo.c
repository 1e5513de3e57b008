// SPDX-License-Identifier: MIT
/*
 * Checks of what the kit offers against servers of streams: many connections that send together,
 * clients that do not read, a program that stands still, its limits and its end. They meet the
 * program echo in its modes; what becomes of each, tests/kit/echo.c says.
 */
#include "kit.h"

enum { MOST = 8, KIB = 1024, MIB = 1024 * 1024 };

// ---------------------------------------------------------------- together

static void send_together(size_t count, size_t length)
{
    struct kit_program *server = kit_serve();
    struct kit_connection **clients = kit_connect_many(server, count);
    struct kit_bytes bytes[MOST];
    for (size_t i = 0; i < count; i++)
        bytes[i] = kit_random_bytes(length);
    kit_send_together(clients, count, bytes);
    for (size_t i = 0; i < count; i++) {
        kit_expect_bytes(clients[i], bytes[i]);
        kit_because("each gets its own");
    }
}

START_TEST(little_on_each)
{
    send_together(MOST, 100);
}
END_TEST

START_TEST(much_on_each)
{
    send_together(MOST, 2 * MIB);
}
END_TEST

// More than all buffers on the way hold.
START_TEST(flood_on_each)
{
    send_together(2, 12 * MIB);
}
END_TEST

START_TEST(nothing_on_each)
{
    send_together(MOST, 0);
}
END_TEST

// ---------------------------------------------------------------- full buffers

static struct kit_connection *connect_small(struct kit_program *server)
{
    return kit_connect_with(server, &(struct kit_connect_options){.receive_buffer = 4 * KIB});
}

// Some bytes are taken, not all, and after what comes back more are. The kernel lets its buffers
// grow meanwhile: 4 MiB to send and 6 MiB to receive, on either side, each time.
START_TEST(full_then_read)
{
    struct kit_connection *client = connect_small(kit_serve());
    struct kit_bytes bytes = kit_random_bytes(48 * MIB);
    size_t first = kit_send_until_full(client, bytes);
    kit_expect(first > 0 && first < bytes.length, "the buffers hold nothing, or everything");
    kit_expect_bytes(client, kit_part(bytes, 0, first));
    size_t second = kit_send_until_full(client, kit_part(bytes, first, bytes.length - first));
    kit_expect(second > 0, "a second time nothing is taken");
}
END_TEST

START_TEST(small_enough_to_be_taken)
{
    struct kit_connection *client = connect_small(kit_serve());
    struct kit_bytes bytes = kit_random_bytes(2 * KIB);
    kit_expect(kit_send_until_full(client, bytes) == bytes.length, "2 KiB were not taken");
    kit_expect_bytes(client, bytes);
}
END_TEST

// It comes to an end for a program that reads nothing, or has closed.
START_TEST(full_and_no_more)
{
    kit_send_until_full(kit_connect(kit_serve()), kit_random_bytes(24 * MIB));
}
END_TEST

// ---------------------------------------------------------------- limits, rest, standing still

START_TEST(limit_arrives)
{
    kit_limit_descriptors(32);
    kit_expect_bytes(kit_connect(kit_serve()), kit_text("32\n"));
    kit_because("kit_limit_descriptors");
}
END_TEST

START_TEST(usual_limit)
{
    kit_expect_bytes(kit_connect(kit_serve()), kit_text("1024\n"));
}
END_TEST

START_TEST(limit_too_late)
{
    kit_serve();
    kit_limit_descriptors(32);
}
END_TEST

// Two packets are one for a program that stood still, and its threads go on.
START_TEST(frozen_and_thawed)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    for (int i = 0; i < 5; i++) {
        kit_freeze(server);
        kit_send(client, "abc");
        kit_send(client, "defg");
        kit_thaw(server);
        kit_expect_bytes(client, kit_text("7\n"));
    }
    kit_send(client, "a");
    kit_expect_bytes(client, kit_text("1\n"));
}
END_TEST

START_TEST(idle_after_work)
{
    struct kit_program *server = kit_serve();
    kit_send(kit_connect(server), "go\n");
    kit_wait_until_idle(server);
    kit_expect(kit_file_exists("done"), "the program still worked");
}
END_TEST

START_TEST(idle_after_the_end)
{
    struct kit_program *server = kit_serve();
    kit_terminate(server);
    kit_wait_for_exit(server);
    kit_wait_until_idle(server);
}
END_TEST

// ---------------------------------------------------------------- the end

START_TEST(ends_with_0)
{
    struct kit_program *server = kit_serve();
    kit_terminate(server);
    kit_expect_exit(server, 0);
    kit_because("an orderly end is 0");
}
END_TEST

START_TEST(ends_with_3)
{
    struct kit_program *server = kit_serve();
    kit_terminate(server);
    kit_expect_exit(server, 3);
}
END_TEST

START_TEST(closes_at_its_end)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    kit_wait_until_idle(server);
    kit_terminate(server);
    kit_expect_exit(server, 0);
    kit_expect_closed(client);
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("together", little_on_each);
    KIT_CHECK("together", much_on_each);
    KIT_CHECK("together", flood_on_each);
    KIT_CHECK("together", nothing_on_each);
    KIT_CHECK("full", full_then_read);
    KIT_CHECK("full", small_enough_to_be_taken);
    KIT_CHECK("full", full_and_no_more);
    KIT_CHECK("limit", limit_arrives);
    KIT_CHECK("limit", usual_limit);
    KIT_CHECK("limit", limit_too_late);
    KIT_CHECK("rest", frozen_and_thawed);
    KIT_CHECK("rest", idle_after_work);
    KIT_CHECK("rest", idle_after_the_end);
    KIT_CHECK("end", ends_with_0);
    KIT_CHECK("end", ends_with_3);
    KIT_CHECK("end", closes_at_its_end);
}
