// SPDX-License-Identifier: MIT
/*
 * Load: many clients that each send a request, wait for its answer and send the next, for thousands
 * of requests. Nothing of it is recorded. It goes to the program or to a service of the check, the
 * same load to each, so that the two can be compared.
 *
 * While answers come nothing but poll, send and recv is done here, and every 20 ms a look at the
 * program. When none comes for 20 ms the clocks of the kit's waits begin to run, until one does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core.h"

enum {
    AT_ONCE = 64 * 1024,
    MOST_CLIENTS = 512,
    CHUNK = 2000,           // requests that are given
    CHUNK_SECONDS = 40,     // at most: a program that never pauses for long can crawl
    SAMPLE_MS = 20,         // between two looks at the program's threads
    CONNECT_SECONDS = 10,   // and for a request that is sent
    SERVICE_MS = 30 * 1000, // a service that takes longer is broken
};

struct client {
    const struct kit_exchange *exchange; // whose answer it waits for, or NULL: it is done
    size_t got;                          // bytes of that answer
};

struct drive {
    const struct kit_load *load;
    struct client *clients;
    struct pollfd *polls;
    size_t begun, done;
    size_t next;             // connection that gets a request, unless it has one
    struct kit_watch *watch; // of a pause, or NULL: there is none
    double sample_at;
};

static const char *server_name(const struct kit_load *load)
{
    return load->service != NULL ? load->service : "the program";
}

static int load_connect(const struct kit_load *load)
{
    int port = load->service != NULL ? load->port : kit_program_port(load->program);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((in_port_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int on = 1;
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        kit_break("socket: %s", strerror(errno));
    struct timeval time = {.tv_sec = CONNECT_SECONDS};
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    if (connect(descriptor, (const struct sockaddr *)&address, sizeof address) == 0)
        return descriptor;
    if (load->service != NULL)
        kit_break("the service %s is not reached: %s", load->service, strerror(errno));
    kit_fail_now(&(struct kit_failure){
        .message = "a connection is refused while the program is under load"});
}

_Noreturn static void fail_over(const struct drive *drive, const char *what)
{
    const struct kit_load *load = drive->load;
    if (load->service != NULL)
        kit_break("the service %s %s", load->service, what);
    struct kit_program *program = kit_the_program();
    kit_program_calm(program);
    enum kit_state state = kit_program_state(program);
    if (state == KIT_EXITED || state == KIT_SIGNALLED)
        kit_fail_by_end(program, "the answer to a request");
    kit_fail_now(&(struct kit_failure){.message = kit_format("%s %s after %zu of %zu requests",
                                                             server_name(load), what, drive->done,
                                                             load->requests)});
}

// The next request, when there is one, on the next connection that waits for no answer.
static void begin_next(struct drive *drive)
{
    const struct kit_load *load = drive->load;
    if (drive->begun == load->requests)
        return;
    while (drive->clients[drive->next].exchange != NULL)
        drive->next = (drive->next + 1) % load->connections;
    size_t index = drive->next;
    struct client *client = &drive->clients[index];
    drive->next = (index + 1) % load->connections;
    client->exchange = &load->exchanges[drive->begun++ % load->count];
    client->got = 0;
    drive->polls[index].events = POLLIN;
    struct kit_bytes request = client->exchange->request;
    ssize_t sent;
    do
        sent = send(drive->polls[index].fd, request.data, request.length, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent != (ssize_t)request.length)
        fail_over(drive, "closed a connection");
}

_Noreturn static void fail_answer(const struct client *client, const unsigned char *bytes,
                                  size_t length, const char *name)
{
    struct kit_bytes request = client->exchange->request, answer = client->exchange->answer;
    kit_fail_now(&(struct kit_failure){
        .message = kit_format("under load %s gives a wrong answer to %.*s", name,
                              (int)strcspn((const char *)request.data, "\r\n"),
                              (const char *)request.data),
        .expected = (const char *)answer.data + client->got,
        .expected_length = answer.length - client->got,
        .actual = (const char *)bytes,
        .actual_length = length,
    });
}

static void take_answer(struct drive *drive, size_t index)
{
    static unsigned char room[AT_ONCE];
    struct client *client = &drive->clients[index];
    ssize_t got = recv(drive->polls[index].fd, room, sizeof room, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0)
        fail_over(drive, "closed a connection");
    struct kit_bytes answer = client->exchange->answer;
    size_t length = (size_t)got;
    if (length > answer.length - client->got ||
        memcmp(answer.data + client->got, room, length) != 0)
        fail_answer(client, room, length, server_name(drive->load));
    client->got += length;
    if (client->got < answer.length)
        return;
    drive->done++;
    client->exchange = NULL;
    drive->polls[index].events = 0;
    begin_next(drive);
}

static bool any_answer(struct drive *drive, int milliseconds)
{
    return poll(drive->polls, drive->load->connections, milliseconds) > 0;
}

_Noreturn static void fail_by_time(const struct drive *drive)
{
    kit_fail_by_hang(kit_format("under load the answers do not come: %zu of %zu after the limit's "
                                "time",
                                drive->done, drive->load->requests),
                     NULL);
}

// Every 20 ms: what it prints is read, its memory weighed, its end noticed.
static void look_at_program(struct drive *drive)
{
    struct kit_program *program = kit_the_program();
    if (kit_clock() < drive->sample_at)
        return;
    drive->sample_at = kit_clock() + SAMPLE_MS / 1000.0;
    kit_program_serve(program);
    kit_program_weigh(program, NULL);
    enum kit_state state = kit_program_state(program);
    if (state == KIT_EXITED || state == KIT_SIGNALLED)
        kit_fail_by_end(program, "the answer to a request");
}

// The clocks of a wait run in pauses alone. A program that sleeps because this process gets no core
// is not slow: its answers are there when somebody looks.
static void look_at_pause(struct drive *drive, bool is_pause)
{
    if (!is_pause) {
        kit_watch_free(drive->watch);
        drive->watch = NULL;
        return;
    }
    if (drive->watch == NULL)
        drive->watch = kit_watch_start(kit_the_program());
    if (kit_watch_is_stuck(drive->watch) && !any_answer(drive, 0))
        fail_by_time(drive);
}

static void wait_for_answers(struct drive *drive)
{
    const struct kit_load *load = drive->load;
    bool some = any_answer(drive, load->service != NULL ? SERVICE_MS : SAMPLE_MS);
    if (load->service == NULL) {
        look_at_program(drive);
        look_at_pause(drive, !some);
    } else if (!some) {
        kit_break("the service %s does not answer", load->service);
    }
}

static double cpu_now(const struct kit_load *load)
{
    return load->service != NULL ? kit_service_cpu(load->service) : kit_program_cpu(load->program);
}

// Answers until so many have come.
static void drive_until(struct drive *drive, size_t done)
{
    while (drive->done < done) {
        wait_for_answers(drive);
        for (size_t i = 0; i < drive->load->connections; i++)
            if (drive->clients[i].exchange != NULL && drive->polls[i].revents != 0)
                take_answer(drive, i);
    }
}

// All of it, or until the program has used more CPU time than anybody asks about.
static void drive_all(struct drive *drive, double cpu_before)
{
    const struct kit_load *load = drive->load;
    size_t at_once = load->at_once > 0 ? load->at_once : load->connections;
    for (size_t i = 0; i < at_once; i++)
        begin_next(drive);
    while (drive->done < load->requests) {
        size_t chunk = load->requests - drive->done;
        if (chunk > CHUNK)
            chunk = CHUNK;
        double began = kit_clock();
        drive_until(drive, drive->done + chunk);
        kit_record_rest(false); // the runner hears that the check goes on
        if (load->service == NULL && kit_clock() - began > CHUNK_SECONDS)
            fail_by_time(drive);
        if (load->most_cpu > 0 && cpu_now(load) - cpu_before > load->most_cpu)
            break;
    }
}

double kit_load(const struct kit_load *load)
{
    kit_settle();
    if ((load->program == NULL) == (load->service == NULL) || load->count == 0 ||
        load->connections == 0 || load->connections > MOST_CLIENTS ||
        load->at_once > load->connections)
        kit_break("kit_load needs a program or a service, exchanges, 1 to %d connections, and not "
                  "more requests at once than these",
                  MOST_CLIENTS);
    struct drive drive = {.load = load,
                          .clients = kit_keep(load->connections * sizeof(struct client)),
                          .polls = kit_keep(load->connections * sizeof(struct pollfd))};
    for (size_t i = 0; i < load->connections; i++)
        drive.polls[i].fd = load_connect(load);
    double before = cpu_now(load);
    drive_all(&drive, before);
    double used = cpu_now(load) - before;
    for (size_t i = 0; i < load->connections; i++)
        close(drive.polls[i].fd);
    return used;
}
