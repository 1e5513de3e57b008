// SPDX-License-Identifier: MIT
/*
 * The grader of cache-server. It reads like the lesson: one section a step, one START_TEST a check.
 * Each expectation rests on a sentence of the lesson, or on memcached's own doc/protocol.txt.
 *
 * Times are judged by this side's clock, and only where no machine can change the verdict: a value
 * that lives for n seconds is looked for while less than n - 1 have passed, and must be gone once
 * n + 1.2 have. The whole second is the grain that memcached's own clock has.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kit.h"

enum {
    KIB = 1024,
    MIB = 1024 * 1024,
    MANY = 64,
    KEY_MOST = 250,
};

#define GRAIN 1.2 // seconds that a value may outlive its time

// ---------------------------------------------------------------- what several steps share

// Sends a request and expects one line back.
static void ask(struct kit_connection *client, const char *request, const char *line,
                const char *because)
{
    kit_send(client, "%s", request);
    kit_expect_line(client, "%s", line);
    kit_because(because);
}

static void ask_begins(struct kit_connection *client, const char *request, const char *line,
                       const char *because)
{
    kit_send(client, "%s", request);
    kit_expect_line_begins(client, "%s", line);
    kit_because(because);
}

// A storage command with its value: "set KEY FLAGS EXPTIME LENGTH\r\nVALUE\r\n".
static struct kit_bytes storage(const char *verb, const char *key, uint32_t flags, long exptime,
                                struct kit_bytes value)
{
    const char *line =
        kit_format("%s %s %" PRIu32 " %ld %zu\r\n", verb, key, flags, exptime, value.length);
    return kit_join(kit_join(kit_text(line), value), kit_text("\r\n"));
}

// What follows hangs on nothing that can be named.
static void suspect_nothing(void)
{
    kit_suspect("", NULL, NULL);
}

// What follows hangs on the key of the command that is sent next.
static void suspect_key(const struct kit_connection *client, const char *verb, const char *key,
                        const char *what)
{
    kit_suspect_next(client, kit_format("%s ", verb), key, what);
}

static void store(struct kit_connection *client, const char *verb, const char *key,
                  struct kit_bytes value, const char *answer, const char *because)
{
    kit_send_bytes(client, storage(verb, key, 0, 0, value));
    kit_expect_line(client, "%s", answer);
    kit_because(because);
}

// What follows hangs on the time of the set that is sent next.
static void suspect_time(const struct kit_connection *client, const char *key, long exptime,
                         const char *what)
{
    kit_suspect_next(client, kit_format("set %s 0 ", key), kit_format("%ld", exptime), what);
}

static void set_for(struct kit_connection *client, const char *key, long exptime,
                    struct kit_bytes value)
{
    kit_send_bytes(client, storage("set", key, 0, exptime, value));
    kit_expect_line(client, "STORED");
    kit_because("protocol.txt, Storage commands: STORED says that the value is kept");
}

static void set(struct kit_connection *client, const char *key, struct kit_bytes value)
{
    set_for(client, key, 0, value);
}

// One VALUE block of an answer.
static void expect_value(struct kit_connection *client, const char *key, uint32_t flags,
                         struct kit_bytes value)
{
    kit_expect_line(client, "VALUE %s %" PRIu32 " %zu", key, flags, value.length);
    kit_because("protocol.txt, Retrieval command: VALUE, then key, flags and number of bytes");
    kit_expect_bytes(client, value);
    kit_because("the value is what was stored, byte for byte");
    kit_expect_bytes(client, kit_text("\r\n"));
    kit_because("protocol.txt, Retrieval command: \\r\\n stands behind the value");
}

static void expect_end(struct kit_connection *client, const char *because)
{
    kit_expect_line(client, "END");
    kit_because(because);
}

// The key has this value, and flags 0.
static void get(struct kit_connection *client, const char *key, struct kit_bytes value)
{
    kit_send(client, "get %s\r\n", key);
    expect_value(client, key, 0, value);
    expect_end(client, "protocol.txt, Retrieval command: END stands behind the last value");
}

static void get_nothing(struct kit_connection *client, const char *key, const char *because)
{
    kit_send(client, "get %s\r\n", key);
    expect_end(client, because);
}

static struct kit_bytes word(void)
{
    return kit_text(kit_word());
}

// Whatever came before, the connection still does its work: lines of errors may come first.
static void expect_alive(struct kit_connection *client)
{
    kit_when_stuck("after an error the connection does not answer any more",
                   "an error is the answer to one command: the connection goes on");
    kit_send(client, "version\r\n");
    struct kit_bytes line;
    do
        line = kit_receive_line(client);
    while (line.length > 5 && (memcmp(line.data, "ERROR", 5) == 0 ||
                               (line.length > 12 && memcmp(line.data, "CLIENT_ERROR", 12) == 0)));
    kit_expect(line.length > 8 && memcmp(line.data, "VERSION ", 8) == 0,
               "after an error the connection does not answer version");
    kit_because("an error is the answer to one command: the connection goes on");
    kit_when_stuck(NULL, NULL);
}

// The number behind "VALUE KEY FLAGS LENGTH " of a gets for one key, whose value is read too.
static const char *unique_of(struct kit_connection *client, const char *key, struct kit_bytes value)
{
    const char *head = kit_format("VALUE %s 0 %zu ", key, value.length);
    kit_send(client, "gets %s\r\n", key);
    struct kit_bytes line = kit_receive_line(client);
    size_t length = strlen(head);
    size_t digits = 0;
    bool begins = line.length > length && memcmp(line.data, head, length) == 0;
    while (begins && line.data[length + digits] >= '0' && line.data[length + digits] <= '9')
        digits++;
    kit_expect(digits > 0, "gets answers without a number at the end of the VALUE line");
    kit_because("protocol.txt, Retrieval command: gets adds the item's unique, 64 bits in digits");
    const char *unique = kit_format("%.*s", (int)digits, (const char *)line.data + length);
    kit_expect_bytes(client, value);
    kit_because("the value is what was stored, byte for byte");
    kit_expect_bytes(client, kit_text("\r\nEND\r\n"));
    kit_because("protocol.txt, Retrieval command: END stands behind the last value");
    return unique;
}

// The value of a STAT line, of all that `stats` answers; fails the check when there is none.
static uint64_t stat_of(struct kit_connection *client, const char *name)
{
    const char *head = kit_format("STAT %s ", name);
    uint64_t value = 0;
    bool found = false;
    kit_send(client, "stats\r\n");
    for (;;) {
        struct kit_bytes line = kit_receive_line(client);
        if (line.length == 5 && memcmp(line.data, "END\r\n", 5) == 0)
            break;
        bool is_stat = line.length > 5 && memcmp(line.data, "STAT ", 5) == 0;
        kit_expect(is_stat, "stats answers with a line that does not begin with STAT");
        kit_because("protocol.txt, Statistics: lines `STAT name value`, then END");
        if (is_stat && line.length > strlen(head) && memcmp(line.data, head, strlen(head)) == 0) {
            value = strtoull((const char *)line.data + strlen(head), NULL, 10);
            found = true;
        }
    }
    kit_expect(found, "stats does not name %s", name);
    kit_because("the lesson lists the names, in step stats");
    return value;
}

static struct kit_connection *serve(void)
{
    return kit_connect(kit_serve());
}

// Memory of a cache that is to be filled.
static struct kit_program *serve_with_megabytes(int megabytes)
{
    kit_environment("CACHE_MEGABYTES", kit_format("%d", megabytes));
    return kit_serve();
}

// ---------------------------------------------------------------- listen

START_TEST(accepts_a_connection)
{
    struct kit_program *server = kit_serve();
    kit_close(kit_connect(server));
    kit_connect(server);
    kit_expect_running(server);
    kit_because("a server waits for clients as long as it lives");
}
END_TEST

START_TEST(says_its_version)
{
    kit_fixed_input("the command version has no arguments");
    struct kit_connection *client = serve();
    kit_send(client, "version\r\n");
    kit_expect_line_begins(client, "VERSION ");
    kit_because("protocol.txt, Other commands: the answer is `VERSION` and the version");
    kit_send(client, "version\r\n");
    kit_expect_line_begins(client, "VERSION ");
    kit_because("the connection stays open for the next command");
}
END_TEST

START_TEST(quit_closes_the_connection)
{
    kit_fixed_input("the command quit has no arguments");
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    kit_send(client, "quit\r\n");
    kit_expect_closed(client);
    kit_because("protocol.txt, Other commands: quit closes the connection, without an answer");
    client = kit_connect(server);
    kit_send(client, "version\r\n");
    kit_expect_line_begins(client, "VERSION ");
    kit_because("quit ends one connection, not the server");
}
END_TEST

// ---------------------------------------------------------------- set-get

START_TEST(value_comes_back)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = word();
    set(client, key, value);
    get(client, key, value);
}
END_TEST

START_TEST(missing_key_is_no_error)
{
    struct kit_connection *client = serve();
    get_nothing(client, kit_word(), "protocol.txt: a key that is not there is left out: END alone");
    set(client, kit_word(), word());
    get_nothing(client, kit_word(), "protocol.txt: a key that is not there is left out: END alone");
}
END_TEST

START_TEST(value_may_be_stored_again)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes values[] = {kit_random_text(200), word(), kit_random_text(3000)};
    for (size_t i = 0; i < 3; i++) {
        if (i > 0)
            suspect_key(client, "set", key, "a key that is there");
        set(client, key, values[i]);
        get(client, key, values[i]);
    }
}
END_TEST

START_TEST(flags_come_back)
{
    struct kit_connection *client = serve();
    uint32_t all[] = {1, (uint32_t)kit_number(2, 60000), UINT32_MAX};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const char *key = kit_word();
        struct kit_bytes value = word();
        kit_send_bytes(client, storage("set", key, all[i], 0, value));
        kit_expect_line(client, "STORED");
        kit_send(client, "get %s\r\n", key);
        expect_value(client, key, all[i], value);
        expect_end(client, "protocol.txt, Retrieval command: END stands behind the last value");
    }
}
END_TEST

START_TEST(any_bytes_come_back)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = kit_join(kit_random_bytes(300), kit_text("\r\nEND\r\nget a b\r\n"));
    value = kit_join(value, kit_random_bytes(300));
    kit_when_stuck("a value with line ends and zero bytes does not come back whole",
                   "the length says where the value ends, and no byte in it does");
    set(client, key, value);
    get(client, key, value);
}
END_TEST

START_TEST(empty_value_is_a_value)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    kit_suspect(kit_format("set %s 0 0 ", key), "0", "a value of no bytes");
    set(client, key, kit_text(""));
    get(client, key, kit_text(""));
}
END_TEST

START_TEST(value_of_a_million_bytes)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = kit_random_bytes(1000000);
    set(client, key, value);
    kit_send(client, "get %s\r\n", key);
    expect_value(client, key, 0, value);
    expect_end(client, "the lesson: a value has up to 1,000,000 bytes");
}
END_TEST

START_TEST(keys_are_compared_whole)
{
    struct kit_connection *client = serve();
    const char *first = kit_random_letters(KEY_MOST);
    const char *second =
        kit_format("%.*s%c", KEY_MOST - 1, first, first[KEY_MOST - 1] == 'a' ? 'b' : 'a');
    const char *third = kit_format("%.*s", KEY_MOST - 1, first);
    const char *keys[] = {first, second, third, kit_format("%.*s", 2, first)};
    struct kit_bytes values[4];
    for (size_t i = 0; i < 4; i++)
        set(client, keys[i], values[i] = word());
    for (size_t i = 0; i < 4; i++)
        get(client, keys[i], values[i]);
    get_nothing(client, kit_format("%.*s", 3, first), "no key is the beginning of another");
}
END_TEST

START_TEST(thousands_of_keys_are_kept_apart)
{
    enum { KEYS = 1500 };
    struct kit_connection *client = serve();
    const char *keys[KEYS];
    struct kit_bytes values[KEYS];
    for (size_t i = 0; i < KEYS; i++)
        set(client, keys[i] = kit_word(), values[i] = word());
    for (size_t i = 0; i < KEYS; i += 7)
        get(client, keys[i], values[i]);
}
END_TEST

// ---------------------------------------------------------------- multi-get

START_TEST(several_keys_at_once)
{
    struct kit_connection *client = serve();
    const char *keys[5];
    struct kit_bytes values[5];
    const char *request = "get";
    for (size_t i = 0; i < 5; i++) {
        keys[i] = kit_word();
        set(client, keys[i], values[i] = word());
        request = kit_format("%s %s", request, keys[i]);
    }
    kit_send(client, "%s\r\n", request);
    for (size_t i = 0; i < 5; i++)
        expect_value(client, keys[i], 0, values[i]);
    expect_end(client, "protocol.txt, Retrieval command: one END stands behind all values");
}
END_TEST

START_TEST(missing_keys_are_left_out)
{
    struct kit_connection *client = serve();
    const char *there = kit_word(), *too = kit_word();
    struct kit_bytes first = word(), second = word();
    set(client, there, first);
    set(client, too, second);
    kit_send(client, "get %s %s %s %s\r\n", kit_word(), there, kit_word(), too);
    expect_value(client, there, 0, first);
    expect_value(client, too, 0, second);
    expect_end(client, "protocol.txt: keys that are not there are left out of the answer");
    kit_send(client, "get %s %s\r\n", kit_word(), kit_word());
    expect_end(client, "protocol.txt: keys that are not there are left out of the answer");
}
END_TEST

START_TEST(hundred_long_keys_in_a_line)
{
    enum { KEYS = 100 };
    struct kit_connection *client = serve();
    const char *keys[KEYS];
    struct kit_bytes values[KEYS];
    const char *request = "get";
    for (size_t i = 0; i < KEYS; i++) {
        keys[i] = kit_format("%s-%s", kit_random_letters(KEY_MOST - 30), kit_word());
        set(client, keys[i], values[i] = word());
        request = kit_format("%s %s", request, keys[i]);
    }
    kit_when_stuck("a get of a hundred long keys is not answered",
                   "the lesson: a line of get has up to 32,000 bytes");
    kit_send(client, "%s\r\n", request);
    for (size_t i = 0; i < KEYS; i++)
        expect_value(client, keys[i], 0, values[i]);
    expect_end(client, "protocol.txt, Retrieval command: one END stands behind all values");
}
END_TEST

// ---------------------------------------------------------------- delete

START_TEST(deleted_key_is_gone)
{
    struct kit_connection *client = serve();
    const char *key = kit_word(), *other = kit_word();
    struct kit_bytes value = word(), kept = word();
    set(client, key, value);
    set(client, other, kept);
    suspect_key(client, "delete", key, "the key that is to be forgotten");
    ask(client, kit_format("delete %s\r\n", key), "DELETED",
        "protocol.txt, Deletion: DELETED says that it was there");
    get_nothing(client, key, "a key that was deleted is not there");
    suspect_nothing();
    get(client, other, kept);
    set(client, key, kept);
    get(client, key, kept);
}
END_TEST

START_TEST(delete_of_a_missing_key)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    ask(client, kit_format("delete %s\r\n", key), "NOT_FOUND",
        "protocol.txt, Deletion: NOT_FOUND says that it was not there");
    set(client, key, word());
    ask(client, kit_format("delete %s\r\n", key), "DELETED",
        "protocol.txt, Deletion: DELETED says that it was there");
    ask(client, kit_format("delete %s\r\n", key), "NOT_FOUND",
        "what was deleted is not there the second time");
}
END_TEST

START_TEST(keys_between_others_are_deleted)
{
    enum { KEYS = 300 };
    struct kit_connection *client = serve();
    const char *keys[KEYS];
    struct kit_bytes values[KEYS];
    for (size_t i = 0; i < KEYS; i++)
        set(client, keys[i] = kit_word(), values[i] = word());
    for (size_t i = 0; i < KEYS; i += 2)
        ask(client, kit_format("delete %s\r\n", keys[i]), "DELETED",
            "protocol.txt, Deletion: DELETED says that it was there");
    for (size_t i = 0; i < KEYS; i++) {
        if (i % 2 == 0)
            get_nothing(client, keys[i], "a key that was deleted is not there");
        else
            get(client, keys[i], values[i]);
    }
}
END_TEST

// ---------------------------------------------------------------- add-replace

START_TEST(add_stores_only_what_is_new)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = word();
    store(client, "add", key, value, "STORED", "add stores a key that is not there");
    store(client, "add", key, word(), "NOT_STORED",
          "protocol.txt, Storage commands: add stores only where the key is not there");
    get(client, key, value);
    ask(client, kit_format("delete %s\r\n", key), "DELETED", "it was there");
    value = word();
    store(client, "add", key, value, "STORED", "add stores a key that is not there any more");
    get(client, key, value);
}
END_TEST

START_TEST(replace_stores_only_what_is_there)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    store(client, "replace", key, word(), "NOT_STORED",
          "protocol.txt, Storage commands: replace stores only where the key is there");
    get_nothing(client, key, "what was not stored is not there");
    set(client, key, word());
    struct kit_bytes value = kit_random_text(300);
    store(client, "replace", key, value, "STORED", "replace stores a key that is there");
    get(client, key, value);
}
END_TEST

START_TEST(value_of_a_refused_command_is_no_command)
{
    struct kit_connection *client = serve();
    const char *key = kit_word(), *other = kit_word();
    struct kit_bytes value = kit_text(kit_format("delete %s", other)), kept = word();
    set(client, other, kept);
    suspect_key(client, "replace", key, "a key that is not there; its value comes all the same");
    store(client, "replace", key, value, "NOT_STORED", "replace stores only what is there");
    get(client, other, kept);
}
END_TEST

// ---------------------------------------------------------------- append-prepend

START_TEST(values_grow_at_both_ends)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = kit_random_bytes(kit_number(30, 90));
    set(client, key, value);
    for (int i = 0; i < 6; i++) {
        struct kit_bytes more = kit_random_bytes(kit_number(1, 2000));
        bool in_front = i % 2 == 1;
        store(client, in_front ? "prepend" : "append", key, more, "STORED",
              "protocol.txt, Storage commands: append and prepend add to what is there");
        value = in_front ? kit_join(more, value) : kit_join(value, more);
        get(client, key, value);
    }
}
END_TEST

START_TEST(nothing_is_added_to_nothing)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    store(client, "append", key, word(), "NOT_STORED",
          "append adds to a value that is there; to nothing it adds nothing");
    store(client, "prepend", key, word(), "NOT_STORED",
          "prepend adds to a value that is there; to nothing it adds nothing");
    get_nothing(client, key, "what was not stored is not there");
}
END_TEST

START_TEST(old_flags_are_kept)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    uint32_t flags = (uint32_t)kit_number(1000, 60000);
    struct kit_bytes value = word();
    kit_send_bytes(client, storage("set", key, flags, 0, value));
    kit_expect_line(client, "STORED");
    for (int i = 0; i < 2; i++) {
        struct kit_bytes more = word();
        kit_send_bytes(client, storage(i == 0 ? "append" : "prepend", key, 7, 0, more));
        kit_expect_line(client, "STORED");
        value = i == 0 ? kit_join(value, more) : kit_join(more, value);
    }
    kit_send(client, "get %s\r\n", key);
    kit_expect_line(client, "VALUE %s %" PRIu32 " %zu", key, flags, value.length);
    kit_because("protocol.txt, Storage commands: append and prepend ignore flags and exptime");
    kit_expect_bytes(client, kit_join(value, kit_text("\r\nEND\r\n")));
}
END_TEST

// ---------------------------------------------------------------- incr-decr

static void count(struct kit_connection *client, const char *verb, const char *key, uint64_t delta,
                  uint64_t result, const char *because)
{
    ask(client, kit_format("%s %s %" PRIu64 "\r\n", verb, key, delta),
        kit_format("%" PRIu64, result), because);
}

// The value of a key as a number: memcached may pad one that became shorter with blanks.
static void expect_number(struct kit_connection *client, const char *key, uint64_t number)
{
    const char *head = kit_format("VALUE %s 0 ", key);
    kit_send(client, "get %s\r\n", key);
    struct kit_bytes line = kit_receive_line(client);
    bool begins = line.length > strlen(head) && memcmp(line.data, head, strlen(head)) == 0;
    kit_expect(begins, "get does not answer with the value that was counted");
    kit_because("the number is a value like any other");
    size_t length = begins ? strtoul((const char *)line.data + strlen(head), NULL, 10) : 0;
    struct kit_bytes value = kit_receive(client, length + strlen("\r\nEND\r\n"));
    value.length = length;
    while (value.length > 0 && value.data[value.length - 1] == ' ')
        value.length--;
    kit_expect_equal("the value that was counted", value, kit_text(kit_format("%" PRIu64, number)));
    kit_because("the lesson: the new number is the value, blanks may stand behind it");
}

START_TEST(counts_up_and_down)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    uint64_t number = kit_number(1000, 9000);
    set(client, key, kit_text(kit_format("%" PRIu64, number)));
    for (int i = 0; i < 4; i++) {
        uint64_t up = kit_number(1, 900000), down = kit_number(1, 900);
        count(client, "incr", key, up, number += up,
              "protocol.txt, Increment/Decrement: the answer is the new value");
        count(client, "decr", key, down, number -= down,
              "protocol.txt, Increment/Decrement: the answer is the new value");
    }
}
END_TEST

START_TEST(result_is_the_value)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    uint64_t number = kit_number(90, 99);
    set(client, key, kit_text(kit_format("%" PRIu64, number)));
    uint64_t delta = kit_number(1000, 9000);
    count(client, "incr", key, delta, number += delta,
          "protocol.txt, Increment/Decrement: the answer is the new value");
    get(client, key, kit_text(kit_format("%" PRIu64, number)));
    store(client, "append", key, kit_text("5"), "STORED", "the number is a value like any other");
    number = number * 10 + 5;
    count(client, "incr", key, 1, number + 1, "what is counted is the value that is there now");
}
END_TEST

START_TEST(sixty_four_bits_and_round)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    uint64_t low = kit_number(1, 1000);
    set(client, key, kit_text(kit_format("%" PRIu64, UINT64_MAX - low)));
    count(client, "incr", key, low, UINT64_MAX, "numbers have 64 bits and no sign");
    count(client, "incr", key, 1, 0, "protocol.txt: incr wraps round at 2^64");
    set(client, key, kit_text(kit_format("%" PRIu64, low)));
    count(client, "incr", key, UINT64_MAX, low - 1, "protocol.txt: incr wraps round at 2^64");
}
END_TEST

START_TEST(decr_stops_at_zero)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    uint64_t number = kit_number(10, 99);
    set(client, key, kit_text(kit_format("%" PRIu64, number)));
    count(client, "decr", key, number + kit_number(1, 99), 0,
          "protocol.txt, Increment/Decrement: below 0 the value is 0");
    count(client, "incr", key, 7, 7, "the value was 0");
    count(client, "decr", key, 7, 0, "7 less 7 is 0");
    expect_number(client, key, 0);
}
END_TEST

START_TEST(only_numbers_are_counted)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = word();
    ask(client, kit_format("incr %s 1\r\n", key), "NOT_FOUND",
        "protocol.txt, Increment/Decrement: NOT_FOUND when the key is not there");
    ask(client, kit_format("decr %s 1\r\n", key), "NOT_FOUND",
        "protocol.txt, Increment/Decrement: NOT_FOUND when the key is not there");
    kit_suspect_next(client, "\r\n", kit_format("%.1s", (const char *)value.data), "no digit");
    set(client, key, value);
    ask_begins(client, kit_format("incr %s 1\r\n", key), "CLIENT_ERROR ",
               "the lesson: what is no number of digits cannot be counted");
    get(client, key, value);
    kit_suspect_next(client, "12", "x", "no digit");
    set(client, key, kit_text("12x"));
    ask_begins(client, kit_format("decr %s 1\r\n", key), "CLIENT_ERROR ",
               "the lesson: what is no number of digits cannot be counted");
    suspect_nothing();
    set(client, key, kit_text("12"));
    const char *by = kit_word();
    kit_suspect_next(client, kit_format("incr %s ", key), kit_format("%.1s", by), "no digit");
    ask_begins(client, kit_format("incr %s %s\r\n", key, by), "CLIENT_ERROR ",
               "the lesson: by how much is a number of digits too");
    kit_suspect_next(client, kit_format("incr %s ", key), "-", "no digit");
    ask_begins(client, kit_format("incr %s -1\r\n", key), "CLIENT_ERROR ",
               "the lesson: by how much is a number of digits too");
    get(client, key, kit_text("12"));
}
END_TEST

// What libmemcached was asked, and what it has to say.
struct wanted {
    const char *result;
    struct kit_bytes value; // of a get; data NULL: not looked at
    uint64_t number;        // of a count; 0: not looked at
};

static const char *const verb_names[] = {
    [KIT_MEMCACHED_SET] = "set",         [KIT_MEMCACHED_ADD] = "add",
    [KIT_MEMCACHED_REPLACE] = "replace", [KIT_MEMCACHED_APPEND] = "append",
    [KIT_MEMCACHED_PREPEND] = "prepend", [KIT_MEMCACHED_GET] = "gets",
    [KIT_MEMCACHED_CAS] = "cas",         [KIT_MEMCACHED_DELETE] = "delete",
    [KIT_MEMCACHED_INCREMENT] = "incr",  [KIT_MEMCACHED_DECREMENT] = "decr",
    [KIT_MEMCACHED_TOUCH] = "touch",     [KIT_MEMCACHED_FLUSH] = "flush_all",
};

static struct kit_memcached_answer *libmemcached(struct kit_program *server,
                                                 const struct kit_memcached_call *calls,
                                                 const struct wanted *wanted, size_t number)
{
    struct kit_memcached_answer *answers = kit_memcached(server, calls, number);
    for (size_t i = 0; i < number; i++) {
        kit_expect(strcmp(answers[i].result, wanted[i].result) == 0,
                   "libmemcached says %s to %s, expected %s", answers[i].result,
                   verb_names[calls[i].verb], wanted[i].result);
        kit_because("libmemcached is the library with which real programs ask a cache");
        if (wanted[i].value.data != NULL) {
            kit_expect_equal("the value that libmemcached got", answers[i].value, wanted[i].value);
            kit_because("the value is what was stored, byte for byte");
        }
        if (wanted[i].number > 0) {
            kit_expect(answers[i].number == wanted[i].number,
                       "libmemcached counted to %" PRIu64 ", expected %" PRIu64, answers[i].number,
                       wanted[i].number);
            kit_because("the answer to incr and decr is the new value");
        }
    }
    return answers;
}

START_TEST(libmemcached_counts)
{
    struct kit_program *server = kit_serve();
    const char *key = kit_word();
    uint64_t number = kit_number(100, 900), delta = kit_number(1, 99);
    const struct kit_memcached_call calls[] = {
        {KIT_MEMCACHED_SET, .key = key, .value = kit_text(kit_format("%" PRIu64, number))},
        {KIT_MEMCACHED_INCREMENT, .key = key, .number = delta},
        {KIT_MEMCACHED_DECREMENT, .key = key, .number = 1},
        {KIT_MEMCACHED_INCREMENT, .key = kit_word(), .number = 1},
        {KIT_MEMCACHED_DELETE, .key = key},
        {KIT_MEMCACHED_DELETE, .key = key},
        {KIT_MEMCACHED_ADD, .key = key, .value = word()},
        {KIT_MEMCACHED_ADD, .key = key, .value = word()},
        {KIT_MEMCACHED_APPEND, .key = key, .value = word()},
        {KIT_MEMCACHED_PREPEND, .key = key, .value = word()},
    };
    const struct wanted wanted[] = {
        {.result = "SUCCESS"},
        {.result = "SUCCESS", .number = number + delta},
        {.result = "SUCCESS", .number = number + delta - 1},
        {.result = "NOT FOUND"},
        {.result = "SUCCESS"},
        {.result = "NOT FOUND"},
        {.result = "SUCCESS"},
        {.result = "NOT STORED"},
        {.result = "SUCCESS"},
        {.result = "SUCCESS"},
    };
    libmemcached(server, calls, wanted, sizeof calls / sizeof *calls);
}
END_TEST

// ---------------------------------------------------------------- cas

static void swap(struct kit_connection *client, const char *key, const char *unique,
                 struct kit_bytes value, const char *answer, const char *because)
{
    const char *line = kit_format("cas %s 0 0 %zu %s\r\n", key, value.length, unique);
    kit_send_bytes(client, kit_join(kit_join(kit_text(line), value), kit_text("\r\n")));
    kit_expect_line(client, "%s", answer);
    kit_because(because);
}

START_TEST(cas_stores_what_nobody_changed)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = word(), next = word();
    set(client, key, value);
    const char *unique = unique_of(client, key, value);
    swap(client, key, unique, next, "STORED",
         "protocol.txt, Storage commands: cas stores when the unique is still the same");
    get(client, key, next);
}
END_TEST

START_TEST(cas_refuses_what_was_changed)
{
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server), *other = kit_connect(server);
    const char *key = kit_word();
    struct kit_bytes value = word(), next = word();
    set(client, key, value);
    const char *unique = unique_of(client, key, value);
    kit_close(client);
    set(other, key, next);
    swap(other, key, unique, word(), "EXISTS",
         "protocol.txt, Storage commands: EXISTS says that somebody has changed the item");
    get(other, key, next);
    // The same value stored again is a change too.
    unique = unique_of(other, key, next);
    set(other, key, next);
    swap(other, key, unique, word(), "EXISTS",
         "each set makes another unique, whatever the value is");
}
END_TEST

START_TEST(unique_works_once)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = word(), next = word();
    set(client, key, value);
    const char *unique = unique_of(client, key, value);
    swap(client, key, unique, next, "STORED", "the unique is still the same");
    swap(client, key, unique, word(), "EXISTS", "a cas that stores is a change, too");
    get(client, key, next);
}
END_TEST

START_TEST(every_change_makes_another_unique)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = kit_text(kit_format("%" PRIu64, kit_number(10, 90)));
    set(client, key, value);
    const char *unique = unique_of(client, key, value);
    suspect_key(client, "append", key, "the key whose value is changed");
    store(client, "append", key, kit_text("1"), "STORED", "append adds to what is there");
    swap(client, key, unique, word(), "EXISTS", "append changes the item, and so its unique");
    value = kit_join(value, kit_text("1"));
    suspect_nothing();
    unique = unique_of(client, key, value);
    suspect_key(client, "incr", key, "the key whose value is changed");
    kit_send(client, "incr %s 1\r\n", key);
    kit_receive_line(client);
    swap(client, key, unique, word(), "EXISTS", "incr changes the item, and so its unique");
}
END_TEST

START_TEST(cas_of_a_missing_key)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    swap(client, key, kit_format("%" PRIu64, kit_number(1, 999)), word(), "NOT_FOUND",
         "protocol.txt, Storage commands: NOT_FOUND says that the key is not there");
    get_nothing(client, key, "what was not stored is not there");
    struct kit_bytes value = word();
    set(client, key, value);
    const char *unique = unique_of(client, key, value);
    ask(client, kit_format("delete %s\r\n", key), "DELETED", "it was there");
    swap(client, key, unique, word(), "NOT_FOUND", "what was deleted is not there");
}
END_TEST

START_TEST(libmemcached_swaps)
{
    struct kit_program *server = kit_serve();
    const char *key = kit_word();
    struct kit_bytes value = kit_random_bytes(500), next = word();
    const uint32_t flags = (uint32_t)kit_number(1, 60000);
    const struct kit_memcached_call calls[] = {
        {KIT_MEMCACHED_SET, .key = key, .value = value, .flags = flags},
        {KIT_MEMCACHED_GET, .key = key},
        {KIT_MEMCACHED_GET, .key = kit_word()},
    };
    const struct wanted wanted[] = {
        {.result = "SUCCESS"}, {.result = "SUCCESS", .value = value}, {.result = "NOT FOUND"}};
    struct kit_memcached_answer *got = libmemcached(server, calls, wanted, 3);
    kit_expect(got[1].flags == flags, "libmemcached got flags %" PRIu32 ", expected %" PRIu32,
               got[1].flags, flags);
    kit_because("protocol.txt: flags come back as they were stored");
    const struct kit_memcached_call swaps[] = {
        {KIT_MEMCACHED_CAS, .key = key, .value = next, .number = got[1].number},
        {KIT_MEMCACHED_CAS, .key = key, .value = word(), .number = got[1].number},
        {KIT_MEMCACHED_GET, .key = key},
    };
    const struct wanted swapped[] = {{.result = "SUCCESS"},
                                     {.result = "CONNECTION DATA EXISTS"},
                                     {.result = "SUCCESS", .value = next}};
    libmemcached(server, swaps, swapped, 3);
}
END_TEST

// ---------------------------------------------------------------- expiry

// The time of a value that was to live for n seconds is over.
static void let_time_end(double since, double n)
{
    double left = since + n + GRAIN - kit_seconds();
    if (left > 0)
        kit_let_pass(left);
}

// True when a value with n seconds must still be there: the answer has come in time. What was asked
// later than that says nothing.
static bool is_judged(double since, double n)
{
    return kit_seconds() - since < n - 1;
}

START_TEST(time_to_live_in_seconds)
{
    kit_reproduce("{ printf 'set mango 0 1 3\\r\\nred\\r\\nget mango\\r\\n'; sleep 3; printf "
                  "'get mango\\r\\n'; } | timeout 4 nc 127.0.0.1 8080");
    struct kit_connection *client = serve();
    const char *brief = kit_word(), *eternal = kit_word(), *day = kit_word();
    struct kit_bytes value = word();
    set_for(client, eternal, 0, value);
    set_for(client, day, 86400, value);
    suspect_time(client, brief, 1, "one second");
    set_for(client, brief, 1, value);
    let_time_end(kit_seconds(), 1);
    get_nothing(client, brief, "protocol.txt, Expiration times: after its time nobody gets it");
    suspect_nothing();
    get(client, eternal, value);
    kit_suspect(kit_format("set %s 0 ", day), "86400", "a day in seconds");
    get(client, day, value);
}
END_TEST

START_TEST(lives_until_its_time)
{
    kit_reproduce(
        "{ printf 'set mango 0 3 3\\r\\nred\\r\\n'; sleep 1; printf 'get mango\\r\\n'; } | "
        "timeout 3 nc 127.0.0.1 8080");
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = word();
    double since = kit_seconds();
    suspect_time(client, key, 3, "three seconds");
    set_for(client, key, 3, value);
    kit_let_pass(1);
    kit_send(client, "get %s\r\n", key);
    struct kit_bytes line = kit_receive_line(client);
    if (!is_judged(since, 3))
        return;
    kit_expect(line.length > 6 && memcmp(line.data, "VALUE ", 6) == 0,
               "a value that lives for 3 s is gone in its first 2 s");
    kit_because("protocol.txt, Expiration times: until its time everybody gets it");
    kit_expect_bytes(client, kit_join(value, kit_text("\r\nEND\r\n")));
}
END_TEST

START_TEST(time_to_live_as_a_date)
{
    kit_reproduce("{ printf \"set mango 0 $(($(date +%%s) + 1)) 3\\r\\nred\\r\\nget mango\\r\\n\"; "
                  "sleep 3; printf 'get mango\\r\\n'; } | timeout 4 nc 127.0.0.1 8080");
    struct kit_connection *client = serve();
    const char *brief = kit_word(), *later = kit_word();
    struct kit_bytes value = word();
    long date = (long)time(NULL);
    suspect_time(client, later, date + 1000, "a date");
    set_for(client, later, date + 1000, value);
    get(client, later, value);
    suspect_time(client, brief, date + 1, "a date");
    set_for(client, brief, date + 1, value);
    let_time_end(kit_seconds(), 1);
    get_nothing(
        client, brief,
        "protocol.txt, Expiration times: above 30 days it is a date, in seconds since 1970");
    get(client, later, value);
}
END_TEST

START_TEST(gone_at_once)
{
    struct kit_connection *client = serve();
    const char *past = kit_word(), *negative = kit_word(), *month = kit_word();
    struct kit_bytes value = word();
    suspect_time(client, negative, -1, "a negative time");
    set_for(client, negative, -1, value);
    get_nothing(client, negative, "protocol.txt, Expiration times: a negative one is over at once");
    suspect_nothing();
    store(client, "add", negative, value, "STORED", "what is over is not there: add stores");
    get(client, negative, value);
    suspect_time(client, past, 60 * 60 * 24 * 30 + 1, "more than 30 days");
    set_for(client, past, 60 * 60 * 24 * 30 + 1, value);
    get_nothing(client, past, "above 30 days it is a date, and January 1970 is over");
    suspect_time(client, month, 60 * 60 * 24 * 30, "30 days");
    set_for(client, month, 60 * 60 * 24 * 30, value);
    get(client, month, value);
}
END_TEST

START_TEST(touch_gives_another_time)
{
    kit_reproduce("{ printf 'set mango 0 99 3\\r\\nred\\r\\ntouch mango 1\\r\\n'; sleep 3; printf "
                  "'get mango\\r\\n'; } | timeout 4 nc 127.0.0.1 8080");
    struct kit_connection *client = serve();
    const char *shorter = kit_word(), *over = kit_word();
    struct kit_bytes value = word();
    ask(client, kit_format("touch %s 10\r\n", kit_word()), "NOT_FOUND",
        "protocol.txt, Touch: NOT_FOUND when the key is not there");
    set_for(client, over, 100, value);
    suspect_key(client, "touch", over, "the key that is to have another time");
    ask(client, kit_format("touch %s -1\r\n", over), "TOUCHED", "protocol.txt, Touch: TOUCHED");
    get_nothing(client, over, "touch gives a time that is over at once");
    suspect_nothing();
    set_for(client, shorter, 100, value);
    suspect_key(client, "touch", shorter, "the key that is to have another time");
    ask(client, kit_format("touch %s 1\r\n", shorter), "TOUCHED",
        "protocol.txt, Touch: TOUCHED says that it has its new time");
    let_time_end(kit_seconds(), 1);
    get_nothing(client, shorter, "touch gives another time, whatever the old one was");
}
END_TEST

START_TEST(touch_keeps_a_value_alive)
{
    kit_reproduce("{ printf 'set mango 0 2 3\\r\\nred\\r\\ntouch mango 99\\r\\n'; sleep 4; printf "
                  "'get mango\\r\\n'; } | timeout 6 nc 127.0.0.1 8080");
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = word();
    double since = kit_seconds();
    set_for(client, key, 2, value);
    suspect_key(client, "touch", key, "the key that is to have another time");
    kit_send(client, "touch %s 0\r\n", key);
    struct kit_bytes line = kit_receive_line(client);
    if (!is_judged(since, 2))
        return;
    kit_expect(line.length == 9 && memcmp(line.data, "TOUCHED\r\n", 9) == 0,
               "touch does not answer TOUCHED for a key that is there");
    kit_because("protocol.txt, Touch: TOUCHED says that it has its new time");
    kit_let_pass(2.4); // the old time is over, and so is the grain of most clocks
    get(client, key, value);
}
END_TEST

// ---------------------------------------------------------------- flush

START_TEST(flush_takes_everything)
{
    struct kit_connection *client = serve();
    const char *keys[20];
    struct kit_bytes value = word();
    for (size_t i = 0; i < 20; i++)
        set(client, keys[i] = kit_word(), value);
    kit_suspect_next(client, "", "flush_all", "the command that forgets everything");
    ask(client, "flush_all\r\n", "OK", "protocol.txt, flush_all: the answer is OK");
    for (size_t i = 0; i < 20; i++)
        get_nothing(client, keys[i], "protocol.txt, flush_all: all that was there is invalid");
    suspect_nothing();
    store(client, "replace", keys[0], value, "NOT_STORED", "what was flushed is not there");
    set(client, keys[0], value);
    get(client, keys[0], value);
}
END_TEST

START_TEST(flush_waits_for_its_time)
{
    kit_reproduce("{ printf 'set mango 0 0 3\\r\\nred\\r\\nflush_all 1\\r\\n'; sleep 3; printf "
                  "'get mango\\r\\n'; } | timeout 4 nc 127.0.0.1 8080");
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = word(), next = word();
    set(client, key, value);
    kit_suspect_next(client, "", "flush_all", "the command that forgets everything, in a minute");
    ask(client, "flush_all 60\r\n", "OK", "protocol.txt, flush_all: the answer is OK");
    get(client, key, value);
    kit_suspect_next(client, "flush_all ", "1", "one second");
    ask(client, "flush_all 1\r\n", "OK", "protocol.txt, flush_all: the answer is OK");
    let_time_end(kit_seconds(), 1);
    get_nothing(client, key,
                "protocol.txt, flush_all: after so many seconds everything is invalid");
    suspect_nothing();
    set(client, key, next);
    get(client, key, next);
    set(client, kit_word(), next);
    get(client, key, next);
}
END_TEST

START_TEST(libmemcached_flushes)
{
    struct kit_program *server = kit_serve();
    const char *key = kit_word();
    struct kit_bytes value = word();
    const struct kit_memcached_call calls[] = {
        {KIT_MEMCACHED_SET, .key = key, .value = value},
        {KIT_MEMCACHED_TOUCH, .key = key, .number = 100},
        {KIT_MEMCACHED_GET, .key = key},
        {.verb = KIT_MEMCACHED_FLUSH},
        {KIT_MEMCACHED_GET, .key = key},
        {KIT_MEMCACHED_TOUCH, .key = key, .number = 100},
    };
    const struct wanted wanted[] = {
        {.result = "SUCCESS"}, {.result = "SUCCESS"},   {.result = "SUCCESS", .value = value},
        {.result = "SUCCESS"}, {.result = "NOT FOUND"}, {.result = "NOT FOUND"},
    };
    libmemcached(server, calls, wanted, sizeof calls / sizeof *calls);
}
END_TEST

// ---------------------------------------------------------------- noreply-and-pipelining

START_TEST(noreply_is_silent)
{
    struct kit_connection *client = serve();
    const char *key = kit_word(), *gone = kit_word(), *number = kit_word();
    kit_send(client, "set %s 0 0 1 noreply\r\nb\r\n", key);
    kit_send(client, "add %s 0 0 1 noreply\r\nx\r\n", key);
    kit_send(client, "append %s 0 0 1 noreply\r\nc\r\n", key);
    kit_send(client, "prepend %s 0 0 1 noreply\r\na\r\n", key);
    kit_send(client, "touch %s 100 noreply\r\n", key);
    kit_send(client, "add %s 0 0 1 noreply\r\nx\r\n", gone);
    kit_send(client, "replace %s 0 0 2 noreply\r\nyz\r\n", gone);
    kit_send(client, "delete %s noreply\r\n", gone);
    kit_send(client, "delete %s noreply\r\n", gone);
    kit_send(client, "set %s 0 0 2 noreply\r\n40\r\n", number);
    kit_send(client, "incr %s 5 noreply\r\n", number);
    kit_send(client, "decr %s 3 noreply\r\n", number);
    kit_send(client, "get %s %s %s\r\n", gone, key, number);
    kit_suspect("", "noreply", "no answer is wanted");
    kit_expect_line(client, "VALUE %s 0 3", key);
    kit_because("protocol.txt: noreply means that the server sends no answer to this command");
    suspect_nothing();
    kit_expect_bytes(client, kit_text("abc\r\n"));
    kit_because("a command with noreply is done all the same");
    kit_expect_line(client, "VALUE %s 0 2", number);
    kit_because("a command with noreply is done all the same");
    kit_suspect(kit_format("decr %s 3 ", number), "noreply", "no answer is wanted");
    kit_expect_bytes(client, kit_text("42\r\nEND\r\n"));
    kit_because("a command with noreply is done all the same");
}
END_TEST

START_TEST(noreply_of_cas_and_flush)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = word();
    set(client, key, value);
    const char *unique = unique_of(client, key, value);
    kit_send(client, "cas %s 0 0 2 %s noreply\r\nno\r\n", key, unique);
    kit_send(client, "cas %s 0 0 2 %s noreply\r\nxx\r\n", key, unique);
    get(client, key, kit_text("no"));
    kit_suspect_next(client, "flush_all ", "noreply", "no answer is wanted");
    kit_send(client, "flush_all noreply\r\n");
    get_nothing(client, key, "a flush_all with noreply is done all the same, without an answer");
    suspect_nothing();
    set(client, key, value);
    get(client, key, value);
    kit_suspect_next(client, "flush_all 0 ", "noreply", "no answer is wanted");
    kit_send(client, "flush_all 0 noreply\r\n");
    get_nothing(client, key, "a flush_all with noreply is done all the same, without an answer");
}
END_TEST

// So many commands and what they must answer, for one call of send().
static void make_pipeline(size_t number, struct kit_bytes *out_requests,
                          struct kit_bytes *out_answers)
{
    const char *requests = "", *answers = "";
    for (size_t i = 0; i < number; i++) {
        const char *key = kit_word(), *value = kit_word();
        requests = kit_format("%sset %s 0 0 %zu\r\n%s\r\nget %s\r\n", requests, key, strlen(value),
                              value, key);
        answers = kit_format("%sSTORED\r\nVALUE %s 0 %zu\r\n%s\r\nEND\r\n", answers, key,
                             strlen(value), value);
    }
    *out_requests = kit_text(requests);
    *out_answers = kit_text(answers);
}

START_TEST(commands_in_one_packet_are_answered_in_order)
{
    struct kit_connection *client = serve();
    struct kit_bytes requests, answers;
    make_pipeline(kit_number(40, 60), &requests, &answers);
    kit_when_stuck("not every command of those that came together is answered",
                   "one recv() may bring many commands: go on until the buffer holds no whole one");
    kit_send_bytes(client, requests);
    kit_expect_bytes(client, answers);
    kit_because("commands are answered in the order in which they came");
}
END_TEST

START_TEST(commands_that_arrive_byte_by_byte)
{
    struct kit_connection *client = serve();
    struct kit_bytes requests, answers;
    make_pipeline(2, &requests, &answers);
    kit_when_stuck("a command that arrives byte by byte is not answered",
                   "one recv() may bring a part of a command: keep it until the rest is here");
    kit_send_in_pieces(client, requests, 1);
    kit_expect_bytes(client, answers);
    kit_because("TCP has no packets: where recv() cuts means nothing");
}
END_TEST

START_TEST(commands_cut_anywhere)
{
    struct kit_connection *client = serve();
    struct kit_bytes requests, answers;
    make_pipeline(12, &requests, &answers);
    kit_when_stuck("a command that is cut in the middle is not answered",
                   "one recv() may bring a part of a command: keep it until the rest is here");
    kit_send_in_pieces(client, requests, kit_number(17, 43));
    kit_expect_bytes(client, answers);
    kit_because("TCP has no packets: where recv() cuts means nothing");
}
END_TEST

START_TEST(answers_that_wait_for_their_reader)
{
    enum { TIMES = 150 };
    struct kit_program *server = kit_serve();
    struct kit_connection *client =
        kit_connect_with(server, &(struct kit_connect_options){.receive_buffer = 64 * KIB});
    const char *key = kit_word();
    struct kit_bytes value = kit_random_bytes(100 * KIB), requests = kit_text("");
    set(client, key, value);
    for (int i = 0; i < TIMES; i++)
        requests = kit_join(requests, kit_text(kit_format("get %s\r\n", key)));
    kit_when_stuck("a client that reads its answers late does not get them all",
                   "send() may take a part only: its result says how much");
    size_t taken = kit_send_until_full(client, requests);
    if (taken < requests.length)
        kit_send_bytes(client, kit_part(requests, taken, requests.length - taken));
    for (int i = 0; i < TIMES; i++) {
        expect_value(client, key, 0, value);
        expect_end(client, "15 MB of answers fit into no buffer: they wait for their reader");
    }
}
END_TEST

// ---------------------------------------------------------------- errors

START_TEST(unknown_command)
{
    struct kit_connection *client = serve();
    ask(client, kit_format("%s\r\n", kit_word()), "ERROR",
        "protocol.txt, Error strings: ERROR answers a command that does not exist");
    ask(client, "\r\n", "ERROR", "the lesson: an empty line is no command");
    kit_suspect("get", "t", "one letter more");
    ask(client, kit_format("gett %s\r\n", kit_word()), "ERROR",
        "a command is a whole word, not the beginning of one");
    suspect_nothing();
    expect_alive(client);
    struct kit_bytes value = word();
    const char *key = kit_word();
    set(client, key, value);
    get(client, key, value);
}
END_TEST

START_TEST(too_few_words)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    const char *lines[] = {
        "get",
        "gets",
        "set",
        kit_format("set %s", key),
        kit_format("set %s 0 0", key),
        "delete",
        "incr",
        kit_format("incr %s", key),
        kit_format("touch %s", key),
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ask(client, kit_format("%s\r\n", lines[i]), "ERROR",
            "the lesson: a command without the words that it needs is answered with ERROR");
    expect_alive(client);
}
END_TEST

START_TEST(numbers_that_are_none)
{
    struct kit_program *server = kit_serve();
    const char *key = kit_word();
    const char *lines[] = {
        kit_format("set %s x 0 5", key),   kit_format("set %s 0 x 5", key),
        kit_format("set %s 0 0 x", key),   kit_format("set %s 0 0 -1", key),
        kit_format("cas %s 0 0 5 x", key),
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct kit_connection *client = kit_connect(server);
        const char *wrong = strpbrk(lines[i] + strlen("set ") + strlen(key), "x-");
        kit_suspect_at(client, (size_t)(wrong - lines[i]), 1, "no digit");
        ask_begins(client, kit_format("%s\r\nmango\r\n", lines[i]), "CLIENT_ERROR ",
                   "protocol.txt, Error strings: CLIENT_ERROR says that the line is not as it "
                   "should be");
        suspect_nothing();
        expect_alive(client);
        get_nothing(client, key, "a command with an error stores nothing");
        kit_close(client);
    }
}
END_TEST

START_TEST(key_that_is_too_long)
{
    struct kit_connection *client = serve();
    const char *key = kit_random_letters(KEY_MOST + 1);
    static const char last[] = "the 251st character";
    kit_suspect_at(client, strlen("get ") + KEY_MOST, 1, last);
    ask_begins(client, kit_format("get %s\r\n", key), "CLIENT_ERROR ",
               "protocol.txt, Keys: a key has at most 250 characters");
    suspect_nothing();
    expect_alive(client);
    kit_suspect_next(client, kit_format("set %.*s", KEY_MOST, key), key + KEY_MOST, last);
    ask_begins(client, kit_format("set %s 0 0 5\r\nmango\r\n", key), "CLIENT_ERROR ",
               "protocol.txt, Keys: a key has at most 250 characters");
    suspect_nothing();
    expect_alive(client);
}
END_TEST

START_TEST(value_longer_than_it_says)
{
    struct kit_connection *client = serve();
    const char *key = kit_word();
    struct kit_bytes value = word();
    set(client, key, value);
    const char *longer = kit_word();
    kit_suspect_next(client, kit_format("\r\n%.4s", longer), kit_format("%.1s", longer + 4),
                     "here the line's end should stand");
    ask_begins(client, kit_format("set %s 0 0 4\r\n%s\r\n", key, longer), "CLIENT_ERROR ",
               "protocol.txt, Storage commands: behind so many bytes stands \\r\\n");
    suspect_nothing();
    expect_alive(client);
    get(client, key, value);
}
END_TEST

START_TEST(value_too_large)
{
    struct kit_connection *client = serve();
    const char *key = kit_word(), *other = kit_word();
    struct kit_bytes value = word();
    kit_when_stuck("the value that is too large is not read to its end",
                   "its bytes come all the same, and what follows them is the next command");
    kit_suspect(kit_format("set %s 0 0 ", key), kit_format("%d", MIB), "more than a cache keeps");
    kit_send_bytes(client, storage("set", key, 0, 0, kit_random_bytes(MIB)));
    kit_expect_line_begins(client, "SERVER_ERROR ");
    kit_because("the lesson: a value of 1 MiB and more is refused with SERVER_ERROR");
    set(client, other, value);
    get(client, other, value);
}
END_TEST

START_TEST(line_without_an_end)
{
    kit_reproduce("head -c 3000000 /dev/zero | tr '\\0' x | timeout 3 nc -N 127.0.0.1 8080; printf "
                  "'version\\r\\n' | timeout 2 nc 127.0.0.1 8080");
    struct kit_program *server = kit_serve();
    struct kit_connection *rude = kit_connect(server);
    kit_send_until_answer(rude, kit_text(kit_random_letters(3 * MIB)));
    kit_wait_until_idle(server);
    kit_close(rude);
    struct kit_connection *client = kit_connect(server);
    kit_send(client, "version\r\n");
    kit_expect_line_begins(client, "VERSION ");
    kit_because("3 MB without a line end are no command, and no reason to end");
}
END_TEST

// ---------------------------------------------------------------- eviction

// So many sets of that size, at most FILL_MOST, in one go and without an answer, for this key or
// (NULL) new ones.
enum { FILL_MOST = 1024 };
static void fill_key(struct kit_connection *client, const char *key, size_t number, size_t size)
{
    struct kit_bytes parts[3 * FILL_MOST], value = kit_text(kit_random_letters(size));
    for (size_t i = 0; i < number; i++) {
        parts[3 * i] = kit_text(
            kit_format("set %s 0 0 %zu noreply\r\n", key == NULL ? kit_word() : key, size));
        parts[3 * i + 1] = value;
        parts[3 * i + 2] = kit_text("\r\n");
    }
    kit_send_bytes(client, kit_join_all(parts, 3 * number));
}

static void fill(struct kit_connection *client, size_t number, size_t size)
{
    fill_key(client, NULL, number, size);
}

START_TEST(memory_has_a_limit)
{
    enum { LIMIT = 8, ROUNDS = 80, TOGETHER = 32 };
    kit_reproduce(
        "for i in $(seq 64); do printf \"set mango-$i 0 0 1000000 noreply\\r\\n\"; head -c "
        "1000000 /dev/zero; printf '\\r\\n'; done | nc -N 127.0.0.1 8080; ps -o rss= -p "
        "$(pgrep -of $PWD/.lab/program)");
    struct kit_program *server = serve_with_megabytes(LIMIT);
    struct kit_connection *client = kit_connect(server);
    const char *key = kit_word();
    for (int i = 0; i < ROUNDS; i++)
        fill_key(client, i % 2 == 0 ? NULL : key, 1024 / TOGETHER,
                 TOGETHER * KIB - kit_number(100, 3000));
    struct kit_bytes value = kit_random_bytes(TOGETHER * KIB / 2);
    set(client, key, value);
    get(client, key, value);
    kit_expect_memory_below(server, 4 * LIMIT);
    kit_because(
        "the lesson: CACHE_MEGABYTES is the limit, of new values and of those that take the "
        "place of old ones; 80 MB were sent");
    uint64_t bytes = stat_of(client, "bytes");
    kit_expect(bytes <= LIMIT * MIB, "STAT bytes is %" PRIu64 ", the limit is %d MiB", bytes,
               LIMIT);
    kit_because("the lesson: CACHE_MEGABYTES is the limit of all items");
}
END_TEST

START_TEST(newest_item_is_there)
{
    enum { LIMIT = 4 };
    struct kit_connection *client = kit_connect(serve_with_megabytes(LIMIT));
    for (int i = 0; i < 10; i++) {
        fill(client, 200, 4 * KIB);
        const char *key = kit_word();
        struct kit_bytes value = kit_random_bytes(4 * KIB);
        store(client, "set", key, value, "STORED", "a full cache makes room, and stores");
        get(client, key, value);
    }
}
END_TEST

// How many of the keys are there; what they hold is looked at elsewhere.
static size_t count_there(struct kit_connection *client, const char *const *keys, size_t number,
                          size_t size)
{
    const char *request = "get";
    for (size_t i = 0; i < number; i++)
        request = kit_format("%s %s", request, keys[i]);
    kit_send(client, "%s\r\n", request);
    for (size_t there = 0;; there++) {
        struct kit_bytes line = kit_receive_line(client);
        if (line.length <= 6 || memcmp(line.data, "VALUE ", 6) != 0)
            return there;
        kit_receive(client, size + 2);
    }
}

static void set_all(struct kit_connection *client, const char **keys, size_t number, size_t size)
{
    struct kit_bytes value = kit_random_bytes(size);
    for (size_t i = 0; i < number; i++)
        set(client, keys[i] = kit_word(), value);
}

START_TEST(least_recently_used_goes)
{
    enum { LIMIT = 4, SIZE = 4 * KIB, HOT = 50, COLD = 200, ROUNDS = 30 };
    kit_reproduce(
        "{ for i in $(seq 30); do printf \"set mango 0 0 3 noreply\\r\\nred\\r\\n\"; done; "
        "for i in $(seq 90); do printf \"set fig-$i 0 0 1000000 noreply\\r\\n\"; head -c "
        "1000000 /dev/zero; printf '\\r\\nget mango\\r\\n'; done; } | nc -N 127.0.0.1 8080 "
        "| grep -c VALUE");
    struct kit_connection *client = kit_connect(serve_with_megabytes(LIMIT));
    const char *hot[HOT], *cold[COLD];
    set_all(client, cold, COLD, SIZE);
    set_all(client, hot, HOT, SIZE);
    for (int i = 0; i < 3; i++)
        count_there(client, hot, HOT, SIZE);
    // More than twice the limit, while the hot ones are asked for all the time.
    for (int i = 0; i < ROUNDS; i++) {
        fill(client, 100, SIZE);
        count_there(client, hot, HOT, SIZE);
    }
    size_t hot_there = count_there(client, hot, HOT, SIZE);
    size_t cold_there = count_there(client, cold, COLD, SIZE);
    kit_expect(hot_there >= HOT * 9 / 10, "of %d items that are read all the time %zu are left",
               HOT, hot_there);
    kit_because("the lesson: the item that was not used for the longest time goes first");
    kit_expect(cold_there <= COLD / 10, "of %d items that nobody reads %zu are left", COLD,
               cold_there);
    kit_because("the lesson: the item that was not used for the longest time goes first");
}
END_TEST

START_TEST(half_of_the_limit_is_of_use)
{
    enum { LIMIT = 4, SIZE = 4 * KIB, KEYS = LIMIT * MIB / SIZE / 2 };
    struct kit_connection *client = kit_connect(serve_with_megabytes(LIMIT));
    const char *keys[KEYS];
    set_all(client, keys, KEYS, SIZE);
    size_t there = count_there(client, keys, KEYS, SIZE);
    kit_expect(there == KEYS, "of %d items of 4 KiB %zu are there, the limit is %d MiB", KEYS,
               there, LIMIT);
    kit_because("the lesson: nothing goes while values fill no more than half of the limit");
}
END_TEST

// ---------------------------------------------------------------- concurrent

static void version_of_new_client(struct kit_program *server)
{
    struct kit_connection *client = kit_connect(server);
    struct kit_bytes value = word();
    const char *key = kit_word();
    set(client, key, value);
    get(client, key, value);
}

START_TEST(idle_client_blocks_nobody)
{
    kit_reproduce(
        "{ printf 'set mango 0 0 9\\r\\nhalf'; sleep 4; } | timeout 4 nc 127.0.0.1 8080 & "
        "sleep 1; printf 'version\\r\\n' | timeout 2 nc 127.0.0.1 8080");
    struct kit_program *server = kit_serve();
    kit_connect(server);
    kit_when_stuck("the second client gets no answer while the first one is idle",
                   "a server that waits for one client must still serve the others");
    version_of_new_client(server);
    struct kit_connection *slow = kit_connect(server);
    const char *key = kit_word();
    kit_send(slow, "set %s 0 0 10\r\nhalf", key);
    kit_wait_until_read(slow);
    kit_when_stuck("nobody gets an answer while one client's value is not whole",
                   "a server that waits for one client must still serve the others");
    version_of_new_client(server);
    kit_send(slow, "whole!\r\n");
    kit_expect_line(slow, "STORED");
    kit_because("the rest of the value came");
    get(slow, key, kit_text("halfwhole!"));
}
END_TEST

START_TEST(sixty_four_clients_share_one_cache)
{
    struct kit_program *server = kit_serve();
    struct kit_connection **clients = kit_connect_many(server, MANY);
    const char *keys[MANY];
    struct kit_bytes values[MANY];
    kit_when_stuck("not every one of 64 clients gets its answer", "all of them are connected");
    for (size_t i = MANY; i-- > 0;)
        set(clients[i], keys[i] = kit_word(), values[i] = word());
    for (size_t i = 0; i < MANY; i++)
        get(clients[(i + 1) % MANY], keys[i], values[i]);
}
END_TEST

START_TEST(nobody_loses_a_count)
{
    enum { CLIENTS = 16, TIMES = 200 };
    struct kit_program *server = kit_serve();
    struct kit_connection **clients = kit_connect_many(server, CLIENTS);
    const char *key = kit_word(), *requests = "";
    uint64_t delta = kit_number(2, 90);
    set(clients[0], key, kit_text("0"));
    for (int i = 0; i < TIMES; i++)
        requests = kit_format("%sincr %s %" PRIu64 " noreply\r\n", requests, key, delta);
    struct kit_bytes all[CLIENTS];
    for (size_t i = 0; i < CLIENTS; i++)
        all[i] = kit_text(requests);
    kit_send_together(clients, CLIENTS, all);
    for (size_t i = 0; i < CLIENTS; i++) {
        kit_send(clients[i], "version\r\n");
        kit_expect_line_begins(clients[i], "VERSION ");
    }
    count(clients[0], "incr", key, 0, CLIENTS * TIMES * delta,
          "16 clients have counted 200 times each: each count is there");
}
END_TEST

START_TEST(client_that_does_not_read_blocks_nobody)
{
    kit_reproduce(
        "{ printf 'set mango 0 0 100000\\r\\n'; head -c 100000 /dev/zero; printf '\\r\\n'; "
        "yes \"$(printf 'get mango\\r')\" | head -n 999; } | timeout 5 nc 127.0.0.1 8080 | "
        "sleep 5 & sleep 1; printf 'version\\r\\n' | timeout 2 nc 127.0.0.1 8080");
    struct kit_program *server = kit_serve();
    struct kit_connection *greedy =
        kit_connect_with(server, &(struct kit_connect_options){.receive_buffer = 4 * KIB});
    const char *key = kit_word();
    struct kit_bytes value = kit_random_bytes(100 * KIB), requests = kit_text("");
    set(greedy, key, value);
    for (int i = 0; i < 200; i++)
        requests = kit_join(requests, kit_text(kit_format("get %s\r\n", key)));
    kit_send_until_full(greedy, requests);
    kit_when_stuck("nobody gets an answer while one client does not read its own",
                   "send() waits when the buffers to one client are full: nobody else may wait "
                   "with it");
    version_of_new_client(server);
    version_of_new_client(server);
}
END_TEST

START_TEST(client_that_vanishes_stores_nothing)
{
    struct kit_program *server = kit_serve();
    const char *key = kit_word();
    struct kit_connection *rude = kit_connect(server);
    kit_send(rude, "set %s 0 0 100\r\nhalf of it", key);
    kit_wait_until_read(rude);
    kit_reset(rude);
    rude = kit_connect(server);
    set(rude, kit_word(), kit_random_bytes(100 * KIB));
    kit_freeze(server);
    for (int i = 0; i < 3; i++)
        kit_send(rude, "version\r\n");
    kit_half_close(rude);
    kit_reset(rude);
    kit_thaw(server);
    kit_expect_running(server);
    kit_because("a client that leaves is no reason for a server to end");
    get_nothing(kit_connect(server), key, "a value that never came whole is no value");
}
END_TEST

// ---------------------------------------------------------------- stats

START_TEST(counts_what_was_asked)
{
    struct kit_connection *client = serve();
    const char *key = kit_word(), *missing = kit_word();
    static const char *const names[] = {"cmd_get", "get_hits", "get_misses", "cmd_set",
                                        "total_items"};
    uint64_t before[5], hits = kit_number(3, 9), misses = kit_number(3, 9), sets = kit_number(3, 9);
    for (size_t i = 0; i < 5; i++)
        before[i] = stat_of(client, names[i]);
    for (uint64_t i = 0; i < sets; i++)
        set(client, key, word());
    struct kit_bytes value = word();
    set(client, key, value);
    for (uint64_t i = 0; i < hits; i++)
        get(client, key, value);
    for (uint64_t i = 0; i < misses; i++)
        get_nothing(client, missing, "it is not there");
    const uint64_t more[5] = {hits + misses, hits, misses, sets + 1, sets + 1};
    for (size_t i = 0; i < 5; i++) {
        uint64_t now = stat_of(client, names[i]) - before[i];
        kit_expect(now == more[i], "STAT %s grew by %" PRIu64 ", expected %" PRIu64, names[i], now,
                   more[i]);
        kit_because("protocol.txt, General-purpose statistics");
    }
}
END_TEST

START_TEST(knows_items_and_bytes)
{
    struct kit_connection *client = kit_connect(serve_with_megabytes(32));
    const char *keys[10];
    uint64_t items = stat_of(client, "curr_items"), bytes = stat_of(client, "bytes");
    set_all(client, keys, 10, 5000);
    uint64_t more_items = stat_of(client, "curr_items") - items;
    uint64_t more_bytes = stat_of(client, "bytes") - bytes;
    kit_expect(more_items == 10, "STAT curr_items grew by %" PRIu64 ", 10 items were stored",
               more_items);
    kit_because("protocol.txt, General-purpose statistics: curr_items is the number of items");
    kit_expect(more_bytes >= 50000 && more_bytes <= 60000,
               "STAT bytes grew by %" PRIu64 ", 10 values of 5000 bytes were stored", more_bytes);
    kit_because("protocol.txt, General-purpose statistics: bytes is what items take");
    for (size_t i = 0; i < 10; i++)
        ask(client, kit_format("delete %s\r\n", keys[i]), "DELETED", "it was there");
    more_items = stat_of(client, "curr_items") - items;
    more_bytes = stat_of(client, "bytes") - bytes;
    kit_expect(more_items == 0, "STAT curr_items is %" PRIu64 " more than before, all was deleted",
               more_items);
    kit_because("an item that was deleted is none");
    kit_expect(more_bytes == 0, "STAT bytes is %" PRIu64 " more than before, all was deleted",
               more_bytes);
    kit_because("an item that was deleted takes no bytes");
    uint64_t limit = stat_of(client, "limit_maxbytes");
    kit_expect(limit == 32 * MIB, "STAT limit_maxbytes is %" PRIu64 ", expected %d", limit,
               32 * MIB);
    kit_because("the lesson: limit_maxbytes is CACHE_MEGABYTES in bytes");
}
END_TEST

START_TEST(counts_evictions)
{
    enum { LIMIT = 4 };
    struct kit_connection *client = kit_connect(serve_with_megabytes(LIMIT));
    set(client, kit_word(), word());
    uint64_t none = stat_of(client, "evictions");
    kit_expect(none == 0, "STAT evictions is %" PRIu64 ", there is room enough", none);
    kit_because("an eviction is an item that went to make room");
    for (int i = 0; i < 20; i++)
        fill(client, 100, 4 * KIB);
    uint64_t some = stat_of(client, "evictions");
    kit_expect(some >= 900 && some <= 2000,
               "STAT evictions is %" PRIu64 ", 2000 items of 4 KiB were stored in %d MiB", some,
               LIMIT);
    kit_because("protocol.txt, General-purpose statistics: evictions counts items that made room");
}
END_TEST

START_TEST(counts_connections)
{
    kit_fixed_input("nothing but stats is asked, on any connection");
    struct kit_program *server = kit_serve();
    struct kit_connection *client = kit_connect(server);
    uint64_t current = stat_of(client, "curr_connections");
    uint64_t ever = stat_of(client, "total_connections");
    struct kit_connection **others = kit_connect_many(server, 5);
    for (size_t i = 0; i < 5; i++) {
        kit_send(others[i], "version\r\n");
        kit_expect_line_begins(others[i], "VERSION ");
    }
    uint64_t now = stat_of(client, "curr_connections") - current;
    kit_expect(now == 5, "STAT curr_connections grew by %" PRIu64 ", 5 clients came", now);
    kit_because(
        "protocol.txt, General-purpose statistics: curr_connections are those that are open");
    for (size_t i = 0; i < 5; i++) {
        kit_send(others[i], "quit\r\n");
        kit_expect_closed(others[i]);
    }
    kit_wait_until_idle(server);
    now = stat_of(client, "curr_connections") - current;
    kit_expect(now == 0, "STAT curr_connections is %" PRIu64 " more than before, all have left",
               now);
    kit_because("a connection that was closed is not open");
    now = stat_of(client, "total_connections") - ever;
    kit_expect(now == 5, "STAT total_connections grew by %" PRIu64 ", 5 clients came", now);
    kit_because("protocol.txt, General-purpose statistics: total_connections never shrinks");
}
END_TEST

// ---------------------------------------------------------------- load

/*
 * The measure is memcached: it gets the same requests on the same machine in the same minute. The
 * solution needs SOLUTION times its CPU time; a program may need twice as much. Of many short
 * rounds by turns the least counts on each side: threads that share a lock cost three times as much
 * while the machine keeps one of them from going on, and that is the machine's doing. Only a few
 * requests are on their way at once: a program that waits for all connections together gets more of
 * them by one call the busier the machine is, and one with a thread for each never does.
 */
#define SOLUTION 1.00

enum {
    LOAD_KEYS = 20000,
    LOAD_EXCHANGES = 20000,
    LOAD_CLIENTS = 32,
    LOAD_AT_ONCE = 4, // as many as memcached has threads: nobody gains by being called late
    LOAD_ROUNDS = 20,
    LOAD_REQUESTS = 100000 / LOAD_ROUNDS,
};

static struct kit_exchange exchange_of(const char *key, const char *value, bool is_set)
{
    const char *stored = kit_format("set %s 0 0 %zu\r\n%s\r\n", key, strlen(value), value);
    const char *found = kit_format("VALUE %s 0 %zu\r\n%s\r\nEND\r\n", key, strlen(value), value);
    if (is_set)
        return (struct kit_exchange){kit_text(stored), kit_text("STORED\r\n")};
    return (struct kit_exchange){kit_text(kit_format("get %s\r\n", key)), kit_text(found)};
}

// Twenty thousand keys, and requests of which every tenth is a set.
static void load_make(struct kit_exchange *sets, struct kit_exchange *mixed)
{
    const char **keys = calloc(LOAD_KEYS, sizeof *keys),
               **values = calloc(LOAD_KEYS, sizeof *values);
    for (size_t i = 0; keys != NULL && values != NULL && i < LOAD_KEYS; i++) {
        keys[i] = kit_word();
        values[i] = kit_random_letters(kit_number(20, 200));
        sets[i] = exchange_of(keys[i], values[i], true);
    }
    for (size_t i = 0; keys != NULL && values != NULL && i < LOAD_EXCHANGES; i++) {
        size_t which = kit_number(0, LOAD_KEYS - 1);
        mixed[i] = exchange_of(keys[which], values[which], i % 10 == 0);
    }
    free(keys);
    free(values);
}

START_TEST(costs_at_most_twice_what_it_could)
{
    static struct kit_exchange sets[LOAD_KEYS], mixed[LOAD_EXCHANGES];
    kit_reproduce(
        "for i in $(seq 20000); do printf \"set k$i 0 0 2 noreply\\r\\nab\\r\\nget "
        "k$i\\r\\n\"; done | nc -N 127.0.0.1 8080 | grep -c VALUE; ps -o time= -p $(pgrep "
        "-of $PWD/.lab/program)");
    struct kit_program *server = kit_serve();
    load_make(sets, mixed);
    struct kit_load own = {.program = server,
                           .connections = LOAD_CLIENTS,
                           .at_once = LOAD_AT_ONCE,
                           .exchanges = sets,
                           .count = LOAD_KEYS,
                           .requests = LOAD_KEYS};
    struct kit_load theirs = own;
    theirs.program = NULL;
    theirs.service = "memcached";
    theirs.port = atoi(kit_service("MEMCACHED_PORT"));
    double measure = kit_load(&theirs), least = 0;
    const double allowed = 2 * SOLUTION;
    own.most_cpu = 20 * allowed * measure;
    kit_load(&own);
    own.exchanges = theirs.exchanges = mixed;
    own.count = theirs.count = LOAD_EXCHANGES;
    own.requests = theirs.requests = LOAD_REQUESTS;
    for (int i = 0; i < LOAD_ROUNDS; i++) {
        double used = kit_load(&theirs);
        measure = i == 0 || used < measure ? used : measure;
        own.most_cpu = 4 * allowed * measure;
        used = kit_load(&own);
        least = i == 0 || used < least ? used : least;
    }
    kit_expect(least <= allowed * measure,
               "100,000 requests cost %.1f times the CPU time of memcached, at most %.1f",
               least / measure, allowed);
    kit_because("the lesson: twice what the solution needs, with memcached as the measure");
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("listen", accepts_a_connection);
    KIT_CHECK("listen", says_its_version);
    KIT_CHECK("listen", quit_closes_the_connection);

    KIT_CHECK("set-get", value_comes_back);
    KIT_CHECK("set-get", missing_key_is_no_error);
    KIT_CHECK("set-get", value_may_be_stored_again);
    KIT_CHECK("set-get", flags_come_back);
    KIT_CHECK("set-get", any_bytes_come_back);
    KIT_CHECK("set-get", empty_value_is_a_value);
    KIT_CHECK("set-get", value_of_a_million_bytes);
    KIT_CHECK("set-get", keys_are_compared_whole);
    KIT_CHECK("set-get", thousands_of_keys_are_kept_apart);

    KIT_CHECK("multi-get", several_keys_at_once);
    KIT_CHECK("multi-get", missing_keys_are_left_out);
    KIT_CHECK("multi-get", hundred_long_keys_in_a_line);

    KIT_CHECK("delete", deleted_key_is_gone);
    KIT_CHECK("delete", delete_of_a_missing_key);
    KIT_CHECK("delete", keys_between_others_are_deleted);

    KIT_CHECK("add-replace", add_stores_only_what_is_new);
    KIT_CHECK("add-replace", replace_stores_only_what_is_there);
    KIT_CHECK("add-replace", value_of_a_refused_command_is_no_command);

    KIT_CHECK("append-prepend", values_grow_at_both_ends);
    KIT_CHECK("append-prepend", nothing_is_added_to_nothing);
    KIT_CHECK("append-prepend", old_flags_are_kept);

    KIT_CHECK("incr-decr", counts_up_and_down);
    KIT_CHECK("incr-decr", result_is_the_value);
    KIT_CHECK("incr-decr", sixty_four_bits_and_round);
    KIT_CHECK("incr-decr", decr_stops_at_zero);
    KIT_CHECK("incr-decr", only_numbers_are_counted);
    KIT_CHECK("incr-decr", libmemcached_counts);

    KIT_CHECK("cas", cas_stores_what_nobody_changed);
    KIT_CHECK("cas", cas_refuses_what_was_changed);
    KIT_CHECK("cas", unique_works_once);
    KIT_CHECK("cas", every_change_makes_another_unique);
    KIT_CHECK("cas", cas_of_a_missing_key);
    KIT_CHECK("cas", libmemcached_swaps);

    KIT_CHECK("expiry", gone_at_once);
    KIT_CHECK("expiry", time_to_live_in_seconds, .waits = true);
    KIT_CHECK("expiry", lives_until_its_time, .waits = true);
    KIT_CHECK("expiry", time_to_live_as_a_date, .waits = true);
    KIT_CHECK("expiry", touch_gives_another_time, .waits = true);
    KIT_CHECK("expiry", touch_keeps_a_value_alive, .waits = true);

    KIT_CHECK("flush", flush_takes_everything);
    KIT_CHECK("flush", flush_waits_for_its_time, .waits = true);
    KIT_CHECK("flush", libmemcached_flushes);

    KIT_CHECK("noreply-and-pipelining", noreply_is_silent);
    KIT_CHECK("noreply-and-pipelining", noreply_of_cas_and_flush);
    KIT_CHECK("noreply-and-pipelining", commands_in_one_packet_are_answered_in_order);
    KIT_CHECK("noreply-and-pipelining", commands_that_arrive_byte_by_byte);
    KIT_CHECK("noreply-and-pipelining", commands_cut_anywhere);
    KIT_CHECK("noreply-and-pipelining", answers_that_wait_for_their_reader);

    KIT_CHECK("errors", unknown_command);
    KIT_CHECK("errors", too_few_words);
    KIT_CHECK("errors", numbers_that_are_none);
    KIT_CHECK("errors", key_that_is_too_long);
    KIT_CHECK("errors", value_longer_than_it_says);
    KIT_CHECK("errors", value_too_large);
    KIT_CHECK("errors", line_without_an_end);

    KIT_CHECK("eviction", memory_has_a_limit, .build = KIT_PLAIN);
    KIT_CHECK("eviction", newest_item_is_there);
    KIT_CHECK("eviction", least_recently_used_goes);
    KIT_CHECK("eviction", half_of_the_limit_is_of_use);

    KIT_CHECK("concurrent", idle_client_blocks_nobody);
    KIT_CHECK("concurrent", sixty_four_clients_share_one_cache);
    KIT_CHECK("concurrent", nobody_loses_a_count);
    KIT_CHECK("concurrent", client_that_does_not_read_blocks_nobody);
    KIT_CHECK("concurrent", client_that_vanishes_stores_nothing);

    KIT_CHECK("stats", counts_what_was_asked);
    KIT_CHECK("stats", knows_items_and_bytes);
    KIT_CHECK("stats", counts_evictions);
    KIT_CHECK("stats", counts_connections);

    KIT_CHECK("load", costs_at_most_twice_what_it_could, .build = KIT_PLAIN,
              .services = "memcached");
}
