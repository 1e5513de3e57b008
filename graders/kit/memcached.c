// SPDX-License-Identifier: MIT
/*
 * libmemcached beside the raw connections: a client that real programs use. It knows no event loop,
 * so it blocks in a thread of its own, and talks to a relay here that hands its bytes on over
 * connections of the kit's: waiting, recording and the verdict on a program that is stuck are the
 * same as everywhere.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmemcached/memcached.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core.h"
#include "net.h"

enum {
    PATIENCE_MS = 60 * 1000, // of libmemcached: the kit gives up long before
    AT_ONCE = 64 * 1024,
};

// What the thread and the check share. The thread has it until `done` tells.
struct session {
    const struct kit_memcached_call *calls;
    size_t count;
    struct kit_memcached_answer *answers;
    char **values; // of the thread's malloc(): copied when it is done
    int port;      // of the relay
    int done;      // an eventfd
};

struct relay {
    struct kit_program *program;
    int listener;
    int client;                        // libmemcached's connection, or -1
    struct kit_connection *connection; // where its bytes go
    size_t back;                       // of what the program sent there, handed to libmemcached
};

// ---------------------------------------------------------------- in the thread

static memcached_return_t get(memcached_st *memcached, const char *key,
                              struct kit_memcached_answer *answer, char **out_value)
{
    size_t length = strlen(key);
    memcached_return_t code = memcached_mget(memcached, &key, &length, 1);
    if (code != MEMCACHED_SUCCESS)
        return code;
    memcached_result_st *result;
    memcached_return_t last = MEMCACHED_NOTFOUND;
    while ((result = memcached_fetch_result(memcached, NULL, &code)) != NULL) {
        answer->flags = memcached_result_flags(result);
        answer->number = memcached_result_cas(result);
        answer->value.length = memcached_result_length(result);
        free(*out_value);
        *out_value = malloc(answer->value.length + 1);
        if (*out_value == NULL)
            abort();
        memcpy(*out_value, memcached_result_value(result), answer->value.length);
        memcached_result_free(result);
        last = MEMCACHED_SUCCESS;
    }
    return code == MEMCACHED_END || code == MEMCACHED_NOTFOUND || code == MEMCACHED_SUCCESS ? last
                                                                                            : code;
}

static memcached_return_t store(memcached_st *memcached, const struct kit_memcached_call *call,
                                const char *key)
{
    typedef memcached_return_t storing(memcached_st *, const char *, size_t, const char *, size_t,
                                       time_t, uint32_t);
    static storing *const all[] = {
        [KIT_MEMCACHED_SET] = memcached_set,         [KIT_MEMCACHED_ADD] = memcached_add,
        [KIT_MEMCACHED_REPLACE] = memcached_replace, [KIT_MEMCACHED_APPEND] = memcached_append,
        [KIT_MEMCACHED_PREPEND] = memcached_prepend,
    };
    return all[call->verb](memcached, key, strlen(key), (const char *)call->value.data,
                           call->value.length, (time_t)call->number, call->flags);
}

static memcached_return_t act(memcached_st *memcached, const struct kit_memcached_call *call,
                              struct kit_memcached_answer *answer, char **out_value)
{
    const char *key = call->key == NULL ? "" : call->key; // flush has none
    size_t length = strlen(key);
    switch (call->verb) {
    case KIT_MEMCACHED_GET:
        return get(memcached, key, answer, out_value);
    case KIT_MEMCACHED_CAS:
        return memcached_cas(memcached, key, length, (const char *)call->value.data,
                             call->value.length, 0, call->flags, call->number);
    case KIT_MEMCACHED_DELETE:
        return memcached_delete(memcached, key, length, 0);
    case KIT_MEMCACHED_INCREMENT:
        return memcached_increment(memcached, key, length, (uint32_t)call->number, &answer->number);
    case KIT_MEMCACHED_DECREMENT:
        return memcached_decrement(memcached, key, length, (uint32_t)call->number, &answer->number);
    case KIT_MEMCACHED_TOUCH:
        return memcached_touch(memcached, key, length, (time_t)call->number);
    case KIT_MEMCACHED_FLUSH:
        return memcached_flush(memcached, (time_t)call->number);
    case KIT_MEMCACHED_SET:
    case KIT_MEMCACHED_ADD:
    case KIT_MEMCACHED_REPLACE:
    case KIT_MEMCACHED_APPEND:
    case KIT_MEMCACHED_PREPEND:
        break;
    }
    return store(memcached, call, key);
}

static memcached_st *client_new(int port)
{
    memcached_st *memcached = memcached_create(NULL);
    if (memcached == NULL)
        abort();
    memcached_behavior_set(memcached, MEMCACHED_BEHAVIOR_SUPPORT_CAS, 1);
    memcached_behavior_set(memcached, MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
    memcached_behavior_set(memcached, MEMCACHED_BEHAVIOR_POLL_TIMEOUT, PATIENCE_MS);
    memcached_behavior_set(memcached, MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, PATIENCE_MS);
    memcached_server_add(memcached, "127.0.0.1", (in_port_t)port);
    return memcached;
}

static void *session_run(void *context)
{
    struct session *session = context;
    memcached_st *memcached = client_new(session->port);
    for (size_t i = 0; i < session->count; i++) {
        struct kit_memcached_answer *answer = &session->answers[i];
        memcached_return_t code = act(memcached, &session->calls[i], answer, &session->values[i]);
        answer->result = memcached_strerror(memcached, code);
    }
    memcached_free(memcached);
    eventfd_write(session->done, 1);
    return NULL;
}

// ---------------------------------------------------------------- the relay

static int relay_listen(int *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        kit_break("no relay for libmemcached: %s", strerror(errno));
    *out_port = ntohs(address.sin_port);
    return listener;
}

static void relay_accept(struct relay *relay)
{
    relay->client = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
    if (relay->client < 0)
        kit_break("no relay for libmemcached: %s", strerror(errno));
    relay->connection = connection_open(relay->program, &(struct kit_connect_options){0});
    relay->back = 0;
}

static void relay_hang_up(struct relay *relay)
{
    close(relay->client);
    relay->client = -1;
    connection_collect(relay->connection);
    connection_close(relay->connection);
}

// What libmemcached says goes to the program.
static void relay_there(struct relay *relay)
{
    static unsigned char room[AT_ONCE];
    ssize_t got = recv(relay->client, room, sizeof room, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        relay_hang_up(relay);
        return;
    }
    connection_send(relay->connection, (struct kit_bytes){room, (size_t)got}, false);
    reproduce_note_raw(relay->connection);
}

// What the program answers goes to libmemcached, which reads it whatever else it does.
static void relay_back(struct relay *relay)
{
    struct kit_connection *connection = relay->connection;
    connection_collect(connection);
    struct kit_bytes all = kit_connection_received(connection);
    while (relay->back < all.length) {
        ssize_t n =
            send(relay->client, all.data + relay->back, all.length - relay->back, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        relay->back += (size_t)n;
    }
    kit_connection_consume(connection, all.length - kit_connection_consumed(connection));
    if (connection->ended)
        relay_hang_up(relay);
}

// Hands bytes on in both directions until the thread is done.
static void relay_run(struct relay *relay, const struct session *session)
{
    for (;;) {
        bool open = relay->client >= 0;
        struct pollfd polls[] = {
            {.fd = session->done, .events = POLLIN},
            {.fd = relay->listener, .events = open ? 0 : POLLIN},
            {.fd = relay->client, .events = POLLIN},
            {.fd = open ? relay->connection->descriptor : -1, .events = POLLIN},
        };
        const struct kit_wait wait = {
            .polls = polls, .poll_count = sizeof polls / sizeof *polls, .ends_too = true};
        enum kit_wait_result result = kit_wait(&wait);
        if (result == KIT_ENDED)
            kit_fail_by_end(relay->program, "the answer to libmemcached");
        if (result == KIT_HUNG)
            kit_fail_by_hang("libmemcached still waits: an answer is not whole", relay->connection);
        if (open && polls[3].revents != 0)
            relay_back(relay);
        if (relay->client >= 0 && polls[2].revents != 0)
            relay_there(relay);
        if (!open && (polls[1].revents & POLLIN) != 0)
            relay_accept(relay);
        if (polls[0].revents != 0)
            return;
    }
}

struct kit_memcached_answer *kit_memcached(struct kit_program *program,
                                           const struct kit_memcached_call *calls, size_t count)
{
    kit_settle();
    struct session *session = kit_keep(sizeof *session);
    *session = (struct session){.calls = calls,
                                .count = count,
                                .answers = kit_keep(count * sizeof *session->answers),
                                .values = kit_keep(count * sizeof(char *)),
                                .done = eventfd(0, EFD_CLOEXEC)};
    struct relay relay = {.program = program, .client = -1};
    relay.listener = relay_listen(&session->port);
    pthread_t thread;
    if (session->done < 0 || pthread_create(&thread, NULL, session_run, session) != 0)
        kit_break("no thread for libmemcached");
    relay_run(&relay, session);
    pthread_join(thread, NULL);
    if (relay.client >= 0)
        relay_hang_up(&relay);
    close(relay.listener);
    close(session->done);
    for (size_t i = 0; i < count; i++) {
        struct kit_bytes *value = &session->answers[i].value;
        char *copy = kit_keep_bytes(session->values[i], value->length);
        value->data = (unsigned char *)copy;
        free(session->values[i]);
    }
    return session->answers;
}
