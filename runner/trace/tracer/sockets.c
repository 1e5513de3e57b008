// SPDX-License-Identifier: MIT
/*
 * The ports of a descriptor. The tracer takes a copy of it (pidfd_getfd) and asks the kernel; what
 * it learns of a connection is kept until the descriptor is closed, because a connection that was
 * reset has no ports left.
 */
#include "trace/tracer/tracer.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"

enum { DESCRIPTORS_MOST = 4096 }; // of which something is kept

typedef int name_getter(int, struct sockaddr *restrict, socklen_t *restrict);

static uint16_t port_of(int socket, name_getter *getter)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    if (getter(socket, (struct sockaddr *)&address, &size) != 0)
        return 0;
    // The port lies at the same place in both families.
    const struct sockaddr_in *internet = (const void *)&address;
    bool has_port = address.ss_family == AF_INET || address.ss_family == AF_INET6;
    return has_port ? ntohs(internet->sin_port) : 0;
}

static int option_of(int socket, int option)
{
    int value = -1;
    socklen_t size = sizeof value;
    return getsockopt(socket, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

static struct ports ports_of(int socket)
{
    struct ports ports = {SOCKET_NONE, 0, 0};
    int type = option_of(socket, SO_TYPE);
    if (type < 0)
        return ports;
    int family = option_of(socket, SO_DOMAIN);
    ports.local = port_of(socket, getsockname);
    ports.peer = port_of(socket, getpeername);
    ports.kind = SOCKET_OTHER;
    if (type == SOCK_STREAM && (family == AF_INET || family == AF_INET6)) {
        if (option_of(socket, SO_ACCEPTCONN) == 1)
            ports.kind = SOCKET_LISTENING;
        else if (ports.peer != 0)
            ports.kind = SOCKET_CONNECTED;
    }
    return ports;
}

static struct known *known_at(struct process *process, int descriptor)
{
    size_t index = (size_t)descriptor;
    if (index >= DESCRIPTORS_MOST)
        return NULL;
    if (index >= process->known_count) {
        size_t count = index + 1 < 64 ? 64 : 2 * (index + 1);
        process->known = mem_resize(process->known, count * sizeof *process->known);
        memset(process->known + process->known_count, 0,
               (count - process->known_count) * sizeof *process->known);
        process->known_count = count;
    }
    return &process->known[index];
}

struct ports sockets_look(struct process *process, int descriptor)
{
    struct ports none = {SOCKET_NONE, 0, 0};
    if (descriptor < 0)
        return none;
    struct known *known = known_at(process, descriptor);
    if (known != NULL && known->valid)
        return known->ports;
    auto_close int copy = (int)syscall(SYS_pidfd_getfd, process->pidfd, descriptor, 0);
    if (copy < 0)
        return none;
    struct ports ports = ports_of(copy);
    // What may still become a connection, or listen, is asked again.
    if (known != NULL && ports.kind != SOCKET_OTHER)
        *known = (struct known){true, ports};
    return ports;
}

void sockets_forget(struct process *process, int descriptor)
{
    if (descriptor >= 0 && (size_t)descriptor < process->known_count)
        process->known[descriptor].valid = false;
}

void sockets_forget_range(struct process *process, unsigned first, unsigned last)
{
    for (size_t i = first; i <= last && i < process->known_count; i++)
        process->known[i].valid = false;
}

void sockets_inherit(struct process *child, const struct process *parent)
{
    if (child == parent || child->known_count > 0 || parent->known_count == 0)
        return;
    size_t size = parent->known_count * sizeof *parent->known;
    child->known = mem_alloc(size);
    memcpy(child->known, parent->known, size);
    child->known_count = parent->known_count;
}
