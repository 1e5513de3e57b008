// SPDX-License-Identifier: MIT
/*
 * sock_diag: what the kernel knows of the TCP sockets in this network namespace. Nothing here sends
 * a byte to the program: connecting to find out whether it listens would be the first connection
 * that it accepts.
 */
#include "shared.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// The kernel's numbers for states (net/tcp_states.h), which <netinet/tcp.h> has too but not beside
// <linux/tcp.h>.
enum {
    STATE_ESTABLISHED = 1,
    STATE_SYN_SENT,
    STATE_SYN_RECEIVED,
    STATE_FIN_WAIT_1,
    STATE_FIN_WAIT_2,
    STATE_TIME_WAIT,
    STATE_CLOSE,
    STATE_CLOSE_WAIT,
    STATE_LAST_ACK,
    STATE_LISTEN,
    STATE_CLOSING,
    STATE_NEW_SYN_RECEIVED,
};

struct end {
    int family, state;
    int port, peer_port;
    uint32_t inode; // 0: nobody holds it
    uint32_t read_queue, write_queue;
    uint64_t acknowledged, received; // bytes since the connection began
    uint32_t unacknowledged;         // segments on their way
    bool has_info;
    bool v6only;
    unsigned char address[16];
};

struct query {
    struct nlmsghdr head;
    struct inet_diag_req_v2 request;
};

typedef void each_end(const struct end *end, void *context);

static int diag_socket(void)
{
    static int diag = -1;
    if (diag < 0)
        diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (diag < 0)
        kit_break("sock_diag: %s", strerror(errno));
    return diag;
}

static void end_attribute(const struct rtattr *attribute, struct end *out)
{
    const void *data = RTA_DATA(attribute);
    size_t size = RTA_PAYLOAD(attribute);
    if (attribute->rta_type == INET_DIAG_SKV6ONLY && size >= 1) {
        out->v6only = *(const unsigned char *)data != 0;
    } else if (attribute->rta_type == INET_DIAG_INFO) {
        struct tcp_info info = {0};
        memcpy(&info, data, size < sizeof info ? size : sizeof info);
        out->acknowledged = info.tcpi_bytes_acked;
        out->received = info.tcpi_bytes_received;
        out->unacknowledged = info.tcpi_unacked;
        out->has_info = true;
    }
}

static void end_read(const struct nlmsghdr *message, struct end *out)
{
    const struct inet_diag_msg *diag = NLMSG_DATA(message);
    *out = (struct end){
        .family = diag->idiag_family,
        .state = diag->idiag_state,
        .port = ntohs(diag->id.idiag_sport),
        .peer_port = ntohs(diag->id.idiag_dport),
        .inode = diag->idiag_inode,
        .read_queue = diag->idiag_rqueue,
        .write_queue = diag->idiag_wqueue,
    };
    memcpy(out->address, diag->id.idiag_src, sizeof out->address);
    unsigned left = message->nlmsg_len - (unsigned)NLMSG_LENGTH(sizeof *diag);
    const struct rtattr *attribute = (const void *)(diag + 1);
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
        end_attribute(attribute, out);
}

static void query_send(struct query *query)
{
    query->head.nlmsg_len = sizeof *query;
    query->head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    query->request.sdiag_protocol = IPPROTO_TCP;
    while (send(diag_socket(), query, sizeof *query, 0) < 0)
        if (errno != EINTR)
            kit_break("sock_diag: %s", strerror(errno));
}

// One answer may come in many messages. Returns true when it is complete. ENOENT is an answer too:
// there is no such socket.
static bool answer_read(const struct nlmsghdr *message, size_t length, bool many, each_end *each,
                        void *context)
{
    for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
        if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR)
            return true;
        struct end end;
        end_read(message, &end);
        each(&end, context);
    }
    return !many;
}

static void query_ask(struct query *query, each_end *each, void *context)
{
    static _Alignas(struct nlmsghdr) char buffer[32768];
    bool many = (query->head.nlmsg_flags & NLM_F_DUMP) != 0;
    query_send(query);
    for (;;) {
        ssize_t got = recv(diag_socket(), buffer, sizeof buffer, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            kit_break("sock_diag: %s", strerror(errno));
        if (answer_read((const void *)buffer, (size_t)got, many, each, context))
            return;
    }
}

static void each_socket(uint32_t states, bool with_info, each_end *each, void *context)
{
    static const int families[] = {AF_INET, AF_INET6};
    for (size_t i = 0; i < 2; i++) {
        struct query query = {
            .head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
            .request = {.sdiag_family = (unsigned char)families[i],
                        .idiag_states = states,
                        .idiag_ext = with_info ? 1 << (INET_DIAG_INFO - 1) : 0},
        };
        query_ask(&query, each, context);
    }
}

// ---------------------------------------------------------------- whose socket

// Where the network is the machine's, only the program's own sockets and those at its port count.
struct owner {
    bool all; // a network of its own: whatever is there is the program's or the check's
    struct kit_inodes inodes;
};

static struct owner owner_take(void)
{
    struct owner owner = {.all = !box_level_is_bare(box_level_told())};
    if (!owner.all)
        kit_inodes_take(&owner.inodes);
    return owner;
}

static bool owner_has(const struct owner *owner, const struct end *end)
{
    return owner->all || (end->inode != 0 && kit_inodes_have(&owner->inodes, end->inode));
}

// ---------------------------------------------------------------- who listens

struct listeners {
    struct owner owner;
    struct kit_listener *out;
    size_t most, count;
};

static void listener_add(const struct end *end, void *context)
{
    struct listeners *all = context;
    if (!owner_has(&all->owner, end) || kit_origins_have_port(end->port))
        return;
    if (all->count < all->most) {
        struct kit_listener *listener = &all->out[all->count];
        *listener = (struct kit_listener){
            .port = end->port, .ipv6 = end->family == AF_INET6, .v6only = end->v6only};
        memcpy(listener->address, end->address, sizeof listener->address);
    }
    all->count++;
}

size_t kit_sockets_listening(struct kit_listener *out, size_t most)
{
    struct listeners all = {owner_take(), out, most, 0};
    each_socket(1U << STATE_LISTEN, false, listener_add, &all);
    kit_inodes_release(&all.owner.inodes);
    return all.count;
}

// ---------------------------------------------------------------- one connection

struct found {
    int port, peer_port;
    struct end end;
    bool is;
};

static void end_keep(const struct end *end, void *context)
{
    struct found *found = context;
    // Without such a connection the kernel answers with the listener on that port.
    if (end->port == found->port && end->peer_port == found->peer_port) {
        found->end = *end;
        found->is = true;
    }
}

static void loopback(bool ipv6, unsigned char address[sizeof(struct in6_addr)])
{
    const struct in_addr four = {htonl(INADDR_LOOPBACK)};
    if (ipv6)
        memcpy(address, &in6addr_loopback, sizeof in6addr_loopback);
    else
        memcpy(address, &four, sizeof four);
}

// Asks for one connection by its four names, which costs a few microseconds; a dump walks the
// kernel's whole hash table, which costs milliseconds.
static struct found end_find_at(bool ipv6, int port, int peer_port, const void *address,
                                const void *peer_address)
{
    struct found found = {.port = port, .peer_port = peer_port};
    size_t size = ipv6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
    struct query query = {
        .head.nlmsg_flags = NLM_F_REQUEST,
        .request = {.sdiag_family = ipv6 ? AF_INET6 : AF_INET,
                    .idiag_states = ~0U,
                    .idiag_ext = 1 << (INET_DIAG_INFO - 1),
                    .id = {.idiag_sport = htons((uint16_t)port),
                           .idiag_dport = htons((uint16_t)peer_port),
                           .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}},
    };
    memcpy(query.request.id.idiag_src, address, size);
    memcpy(query.request.id.idiag_dst, peer_address, size);
    query_ask(&query, end_keep, &found);
    return found;
}

static bool end_has_fin(const struct end *end)
{
    return end->state == STATE_CLOSE_WAIT || end->state == STATE_LAST_ACK ||
           end->state == STATE_CLOSING;
}

/*
 * Unread is what waits in the program's receive queue, and what has left this end and is not there
 * yet. The latter cannot be taken from this end's send queue alone: an acknowledgement may be late
 * by 40 ms or more. Both ends count bytes since the connection began (this one counts its SYN too;
 * both count a FIN), so the difference is what is on its way.
 */
long kit_sockets_unread_between(const struct kit_ends *ends)
{
    struct found own = end_find_at(ends->ipv6, ends->own_port, ends->program_port,
                                   ends->own_address, ends->program_address);
    struct found theirs = end_find_at(ends->ipv6, ends->program_port, ends->own_port,
                                      ends->program_address, ends->own_address);
    if (!theirs.is || theirs.end.state == STATE_TIME_WAIT)
        return -1;
    long unread = theirs.end.read_queue;
    if (unread > 0 && end_has_fin(&theirs.end))
        unread--; // the end itself lies in the queue like a byte
    if (own.is && own.end.write_queue > 0 && own.end.has_info && theirs.end.has_info) {
        uint64_t sent = own.end.acknowledged + own.end.write_queue - 1;
        long away = sent > theirs.end.received ? (long)(sent - theirs.end.received) : 0;
        unread += away < (long)own.end.write_queue ? away : (long)own.end.write_queue;
    }
    return unread;
}

long kit_sockets_unread(bool ipv6, int program_port, int own_port)
{
    unsigned char address[sizeof(struct in6_addr)];
    loopback(ipv6, address);
    const struct kit_ends ends = {ipv6, program_port, own_port, address, address};
    return kit_sockets_unread_between(&ends);
}

// ---------------------------------------------------------------- nothing on its way

struct ends {
    struct owner owner;
    int port; // the program's
    struct end *items;
    size_t count, capacity;
};

static void ends_add(const struct end *end, void *context)
{
    struct ends *all = context;
    bool known = end->port == all->port || end->peer_port == all->port ||
                 kit_origins_have_port(end->port) || kit_origins_have_port(end->peer_port);
    if (!known && !owner_has(&all->owner, end))
        return;
    if (all->count == all->capacity) {
        all->capacity = all->capacity == 0 ? 64 : 2 * all->capacity;
        all->items = mem_resize(all->items, all->capacity * sizeof *all->items);
    }
    all->items[all->count++] = *end;
}

static const struct end *peer_of(const struct ends *all, const struct end *end)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].port == end->peer_port && all->items[i].peer_port == end->port)
            return &all->items[i];
    return NULL;
}

static bool end_is_quiet(const struct ends *all, const struct end *end)
{
    // Nobody will answer it, however often the kernel asks.
    if (end->state == STATE_SYN_SENT && kit_origins_never_accept(end->peer_port))
        return true;
    if (end->state == STATE_SYN_SENT || end->state == STATE_SYN_RECEIVED ||
        end->state == STATE_NEW_SYN_RECEIVED || end->unacknowledged > 0)
        return false;
    const struct end *peer = peer_of(all, end);
    // An open end without another one will get a reset.
    if (peer == NULL)
        return end->state != STATE_ESTABLISHED;
    // What waits here waits for a reader only when the reader has something to read already;
    // otherwise a timer of TCP will send it.
    return end->write_queue == 0 || peer->read_queue > 0;
}

bool kit_sockets_quiet(void)
{
    struct ends all = {.owner = owner_take(), .port = kit_program_port(kit_the_program())};
    each_socket(~(1U << STATE_LISTEN | 1U << STATE_CLOSE | 1U << STATE_TIME_WAIT), true, ends_add,
                &all);
    bool quiet = true;
    for (size_t i = 0; quiet && i < all.count; i++)
        quiet = end_is_quiet(&all, &all.items[i]);
    free(all.items);
    kit_inodes_release(&all.owner.inodes);
    return quiet;
}
