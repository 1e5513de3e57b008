// SPDX-License-Identifier: MIT
/*
 * Raw connections: connecting, closing, and what is known about one. Sockets never block; whatever
 * waits does so in kit_wait.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"

enum { fresh_tries = 20 };

static int connection_count, open_count;
static struct kit_connection *own; // of kit_get and its like
static struct kit_connection *newest;

// ---------------------------------------------------------------- the socket

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int open_socket(const struct kit_connect_options *options)
{
    int family = options->ipv6 ? AF_INET6 : AF_INET;
    int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int descriptor = socket(family, type, 0);
    if (descriptor < 0 && errno == EMFILE) {
        raise_descriptor_limit();
        descriptor = socket(family, type, 0);
    }
    if (descriptor < 0)
        kit_break("no socket for connection %d: %s", connection_count + 1, strerror(errno));
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Before connecting: the window that is offered first depends on it.
    if (options->receive_buffer > 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &options->receive_buffer,
                   sizeof options->receive_buffer);
    return descriptor;
}

// Returns 0, EINPROGRESS, ECONNREFUSED or what else the kernel said.
static int start_connecting(int descriptor, bool ipv6, int port)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    six.sin6_addr = in6addr_loopback;
    const struct sockaddr *address =
        ipv6 ? (const struct sockaddr *)&six : (const struct sockaddr *)&four;
    socklen_t length = ipv6 ? sizeof six : sizeof four;
    return connect(descriptor, address, length) == 0 ? 0 : errno;
}

static bool is_asleep(void *watch)
{
    return kit_watch_is_asleep(watch);
}

/*
 * Waits for the kernel to finish connecting. When the queue of the program's listener is full, the
 * first packet is lost and sent again a second later; a program that has meanwhile emptied its
 * queue would look stuck. So a program asleep means EAGAIN: connect anew, at once.
 */
static int wait_for_connection(struct kit_program *program, int descriptor, bool patient)
{
    struct pollfd poll = {.fd = descriptor, .events = POLLOUT};
    struct kit_wait wait = {.polls = &poll, .poll_count = 1, .ends_too = true};
    struct kit_watch *watch = NULL;
    if (!patient) {
        watch = kit_watch_start(program);
        wait.condition = is_asleep;
        wait.context = watch;
    }
    enum kit_wait_result result = kit_wait(&wait);
    if (watch != NULL)
        kit_watch_free(watch);
    if (result == KIT_MET)
        return EAGAIN;
    if (result == KIT_HUNG)
        kit_fail_by_hang("a connection is not taken: the program accepts no more", NULL);
    if (result == KIT_ENDED)
        kit_fail_by_end(program, "a connection");
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
    return error;
}

_Noreturn static void fail_refused(int port, bool ipv6, int error)
{
    connection_look_for_crash("a connection");
    if (error != ECONNREFUSED && error != ECONNRESET)
        kit_break("cannot connect to port %d: %s", port, strerror(error));
    if (ipv6) // kit_serve has seen it listen, but perhaps for IPv4 alone
        kit_fail_because(
            &(struct kit_failure){
                .message = kit_format("nobody listens on [::1]:%d, the IPv6 address", port),
                .awaited = "listen"},
            "the program listens for IPv4; clients of IPv6 come to the same port at ::1");
    const char *message = kit_format(
        "the connection to port %d was refused: the program listens there no more", port);
    kit_fail_because(&(struct kit_failure){.message = message},
                     "a server keeps its listening socket open while it serves");
}

static int own_port(int descriptor)
{
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } address = {0};
    socklen_t length = sizeof address;
    getsockname(descriptor, &address.any, &length);
    return ntohs(address.any.sa_family == AF_INET6 ? address.six.sin6_port : address.four.sin_port);
}

static int connect_socket(struct kit_program *program, const struct kit_connect_options *options,
                          int port)
{
    for (int tries = 0;; tries++) {
        int descriptor = open_socket(options);
        int error = start_connecting(descriptor, options->ipv6, port);
        if (error == EINPROGRESS)
            error = wait_for_connection(program, descriptor, tries >= fresh_tries);
        if (error == 0)
            return descriptor;
        close(descriptor);
        if (error != EAGAIN)
            fail_refused(port, options->ipv6, error);
    }
}

struct kit_connection *connection_open(struct kit_program *program,
                                       const struct kit_connect_options *options)
{
    return connection_open_to(program, kit_program_port(program), options);
}

struct kit_connection *connection_open_to(struct kit_program *program, int port,
                                          const struct kit_connect_options *options)
{
    connection_close_own();
    int descriptor = connect_socket(program, options, port);
    struct kit_connection *connection = kit_keep(sizeof *connection);
    connection->number = ++connection_count;
    connection->descriptor = descriptor;
    connection->ipv6 = options->ipv6;
    connection->program_port = port;
    connection->own_port = own_port(descriptor);
    connection->previous = newest;
    newest = connection;
    open_count++;
    kit_record_connect(connection);
    return connection;
}

struct kit_connection *connection_accepted(bool ipv6, int own_port, int peer_port)
{
    struct kit_connection *connection = kit_keep(sizeof *connection);
    connection->number = ++connection_count;
    connection->descriptor = -1;
    connection->previous = newest;
    newest = connection;
    connection->ipv6 = ipv6;
    connection->outgoing = true;
    connection->program_port = peer_port;
    connection->own_port = own_port;
    kit_record_connect(connection);
    return connection;
}

struct kit_connection *kit_connect_with(struct kit_program *program,
                                        const struct kit_connect_options *options)
{
    kit_settle();
    struct kit_connection *connection = connection_open(program, options);
    reproduce_note_raw(connection);
    return connection;
}

struct kit_connection *kit_connect(struct kit_program *program)
{
    return kit_connect_with(program, &(struct kit_connect_options){0});
}

struct kit_connection **kit_connect_many(struct kit_program *program, size_t count)
{
    kit_settle();
    struct kit_connection **connections = kit_keep(count * sizeof(struct kit_connection *));
    for (size_t i = 0; i < count; i++)
        connections[i] = connection_open(program, &(struct kit_connect_options){0});
    return connections;
}

// ---------------------------------------------------------------- closing

void connection_need_open(const struct kit_connection *connection, const char *function)
{
    if (connection->descriptor >= 0)
        return;
    if (connection->closed_by_kit)
        kit_break("%s on the connection of an earlier kit_get: the kit closed it when the next "
                  "connection was made; use kit_connect for one that stays",
                  function);
    kit_break("%s on a connection that the check has closed", function);
}

void connection_close(struct kit_connection *connection)
{
    if (connection->descriptor < 0)
        return;
    close(connection->descriptor);
    connection->descriptor = -1;
    open_count--;
}

void connection_set_own(struct kit_connection *connection)
{
    own = connection;
}

void connection_close_own(void)
{
    if (own == NULL)
        return;
    if (own->descriptor >= 0) {
        connection_collect(own);
        own->closed_by_kit = true;
    }
    connection_close(own);
    own = NULL;
}

void kit_half_close(struct kit_connection *connection)
{
    kit_settle();
    connection_need_open(connection, "kit_half_close");
    shutdown(connection->descriptor, SHUT_WR);
    connection->half_closed = true;
    reproduce_note_raw(connection);
}

void kit_reset(struct kit_connection *connection)
{
    kit_settle();
    connection_need_open(connection, "kit_reset");
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(connection->descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    connection_close(connection);
}

void kit_close(struct kit_connection *connection)
{
    kit_settle();
    if (connection->descriptor >= 0)
        connection_collect(connection); // unread bytes would turn the FIN into a reset
    connection_close(connection);
}

// ---------------------------------------------------------------- what is known

const struct kit_connection *connection_newest(void)
{
    return newest;
}

int kit_connection_number(const struct kit_connection *connection)
{
    return connection->number;
}

void kit_connection_ports(const struct kit_connection *connection, int *out_own, int *out_program)
{
    *out_own = connection->own_port;
    *out_program = connection->program_port;
}

bool kit_connection_is_outgoing(const struct kit_connection *connection)
{
    return connection->outgoing;
}

int kit_connection_descriptor(const struct kit_connection *connection)
{
    return connection->descriptor;
}

static struct kit_bytes bytes_of(const struct str *str)
{
    return (struct kit_bytes){(const unsigned char *)str_text(str), str->length};
}

struct kit_bytes kit_connection_received(const struct kit_connection *connection)
{
    return bytes_of(&connection->received);
}

size_t kit_connection_consumed(const struct kit_connection *connection)
{
    return connection->consumed;
}

void kit_connection_consume(struct kit_connection *connection, size_t length)
{
    connection->consumed += length;
}

struct kit_bytes kit_connection_sent(const struct kit_connection *connection)
{
    return bytes_of(&connection->sent);
}

bool kit_connection_is_closed(const struct kit_connection *connection)
{
    return connection->ended;
}

bool kit_connection_was_reset(const struct kit_connection *connection)
{
    return connection->was_reset;
}

const char *kit_connection_doing(const struct kit_connection *connection)
{
    const char *name = asked_name(kit_connection_sent(connection), connection->answers);
    const char *where = open_count > 1 ? kit_format(" on connection %d", connection->number) : "";
    if (*name == '\0')
        return kit_format("something from the program%s", where);
    return kit_format("the answer to %s%s", name, where);
}
