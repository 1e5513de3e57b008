// SPDX-License-Identifier: MIT
// One thread and poll(): sockets for HTTP on both sides, a Redis connection for each question, the
// life of an entry asked in the same breath as the entry, and clients that are told to close.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENT, ORIGIN, LISTENER, SOCKETS_MOST = 900 };

struct bytes {
    char *data;
    size_t length;
};

struct page {
    int status;
    struct bytes fields, body; // fields: "Name: value\n"
};

// A socket and all that is to be known about it, whichever side it is.
struct peer {
    int fd, kind;
    struct bytes in, out;
    size_t sent;
    char *key;         // ORIGIN: of the page that it fetches; a write has one too
    bool write, gone;  // ORIGIN: a write; one that a write has overtaken
    struct peer *asks; // CLIENT: the origin's peer that it waits for
    struct page old;   // CLIENT: what to say when the origin fails; status 0: nothing
};

static struct peer *peers[SOCKETS_MOST];
static int count;

static long setting(const char *name, long usual)
{
    const char *value = getenv(name);
    return value == NULL ? usual : strtol(value, NULL, 10);
}

static void add(struct bytes *to, const void *data, size_t length)
{
    to->data = realloc(to->data, to->length + length + 1);
    memcpy(to->data + to->length, data, length);
    to->length += length;
    to->data[to->length] = '\0';
}

static void add_text(struct bytes *to, const char *text)
{
    add(to, text, strlen(text));
}

static void drop(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}

static void page_drop(struct page *page)
{
    drop(&page->fields);
    drop(&page->body);
    page->status = 0;
}

// The lines of a head that begin with one of these are not for the other side.
static bool stays_here(const char *line)
{
    static const char *const names[] = {
        "Content-Length:", "Connection:", "Date:", "Keep-Alive:", "Transfer-Encoding:"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncasecmp(line, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

// ---- HTTP: is a message whole? `closed`: no more will come. -1: it is cut off.
static int whole(const struct bytes *in, bool closed, size_t *out_head, size_t *out_body)
{
    char *end = in->length > 0 ? memmem(in->data, in->length, "\r\n\r\n", 4) : NULL;
    if (end == NULL)
        return closed ? -1 : 0;
    *out_head = (size_t)(end + 4 - in->data);
    char *length = strcasestr(in->data, "\r\nContent-Length:");
    *out_body = length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
    if (in->length - *out_head >= *out_body)
        return 1;
    return closed ? -1 : 0;
}

static struct page page_from_http(const struct bytes *in, size_t head, size_t body)
{
    struct page page = {.status = atoi(in->data + 9)};
    char *copy = strndup(in->data, head), *rest = copy, *line;
    strsep(&rest, "\n");
    while ((line = strsep(&rest, "\n")) != NULL) {
        line[strcspn(line, "\r")] = '\0';
        if (*line == '\0' || stays_here(line))
            continue;
        add_text(&page.fields, line);
        add(&page.fields, "\n", 1);
    }
    free(copy);
    add(&page.body, in->data + head, body);
    return page;
}

static void say(struct peer *client, const struct page *page)
{
    char line[128];
    snprintf(line, sizeof line, "HTTP/1.1 %d -\r\nConnection: close\r\nContent-Length: %zu\r\n",
             page->status, page->body.length);
    add_text(&client->out, line);
    for (size_t i = 0; i < page->fields.length; i++)
        add(&client->out, page->fields.data[i] == '\n' ? "\r\n" : page->fields.data + i,
            page->fields.data[i] == '\n' ? 2 : 1);
    add_text(&client->out, "\r\n");
    if (page->body.length > 0)
        add(&client->out, page->body.data, page->body.length);
}

// ---- Redis
static redisContext *reach(void)
{
    long ms = setting("REDIS_TIMEOUT_MS", 30000);
    struct timeval limit = {ms / 1000, ms % 1000 * 1000};
    const char *url = getenv("REDIS_URL");
    redisContext *redis = redisConnectUnixWithTimeout(url + strlen("unix://"), limit);
    if (redis->err == 0 && redisSetTimeout(redis, limit) == REDIS_OK)
        return redis;
    redisFree(redis);
    return NULL;
}

static void forget(const char *key)
{
    redisContext *redis = reach();
    if (redis == NULL)
        return;
    freeReplyObject(redisCommand(redis, "UNLINK %s", key));
    redisFree(redis);
}

static bool may_be_kept(const struct page *page)
{
    char *field = page->fields.length > 0 ? strcasestr(page->fields.data, "cache-control:") : NULL;
    bool kept = true;
    if (field != NULL && (field == page->fields.data || field[-1] == '\n')) {
        char *line = strndup(field, strcspn(field, "\n"));
        kept = strcasestr(line, "no-store") == NULL && strcasestr(line, "private") == NULL;
        free(line);
    }
    return kept && page->body.length <= (size_t)setting("CACHE_MAX_BYTES", 1048576);
}

static void keep(const char *key, const struct page *page)
{
    long life = page->status == 404
                    ? setting("NEGATIVE_TTL_MS", 10000)
                    : setting("CACHE_TTL_MS", 60000) + setting("STALE_WHILE_REVALIDATE_MS", 0) +
                          setting("STALE_IF_ERROR_MS", 0);
    if ((page->status != 200 && page->status != 404) || !may_be_kept(page))
        return;
    redisContext *redis = reach();
    if (redis == NULL)
        return;
    char line[16];
    struct bytes entry = {0};
    snprintf(line, sizeof line, "%d\n", page->status);
    add_text(&entry, line);
    if (page->fields.length > 0)
        add(&entry, page->fields.data, page->fields.length);
    add_text(&entry, "\n");
    add(&entry, page->body.data, page->body.length);
    freeReplyObject(redisCommand(redis, "PSETEX %s %ld %b", key, life, entry.data, entry.length));
    redisFree(redis);
    drop(&entry);
}

// Returns what is left of its life, 0: there is none.
static long long look(const char *key, struct page *page)
{
    redisContext *redis = reach();
    redisReply *entry = NULL, *life = NULL;
    long long left = 0;
    if (redis == NULL)
        return 0;
    redisAppendCommand(redis, "GET %s", key);
    redisAppendCommand(redis, "PTTL %s", key);
    if (redisGetReply(redis, (void **)&entry) == REDIS_OK &&
        redisGetReply(redis, (void **)&life) == REDIS_OK && entry->type == REDIS_REPLY_STRING) {
        size_t at = 0, fields;
        page->status = (int)strtol(entry->str, NULL, 10);
        while (at < entry->len && entry->str[at] != '\n')
            at++;
        fields = at + 1;
        while (at + 1 < entry->len && (entry->str[at] != '\n' || entry->str[at + 1] != '\n'))
            at++;
        if (at + 1 < entry->len && page->status >= 200 && page->status <= 599) {
            left = life->integer > 0 ? life->integer : 0;
            add(&page->fields, entry->str + fields, at + 1 - fields);
            add(&page->body, entry->str + at + 2, entry->len - at - 2);
        }
    }
    freeReplyObject(entry);
    freeReplyObject(life);
    redisFree(redis);
    if (left == 0)
        page_drop(page);
    return left;
}

// ---- peers
static struct peer *peer_new(int fd, int kind)
{
    struct peer *peer = calloc(1, sizeof *peer);
    peer->fd = fd;
    peer->kind = kind;
    peers[count++] = peer;
    return peer;
}

static void peer_end(struct peer *peer)
{
    for (int i = 0; i < count; i++)
        if (peers[i] == peer)
            peers[i] = peers[--count];
    close(peer->fd);
    drop(&peer->in);
    drop(&peer->out);
    page_drop(&peer->old);
    free(peer->key);
    free(peer);
}

// `request` is handed to the origin as it came, but for its fields.
static struct peer *ask(const char *key, const char *method, const struct bytes *request)
{
    char host[64], line[128];
    int port = 80;
    sscanf(getenv("ORIGIN_URL"), "http://%63[^:/]:%d", host, &port);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, host, &address.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool reached = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    struct peer *origin = peer_new(fd, ORIGIN);
    origin->key = strdup(key);
    origin->write = strcmp(method, "GET") != 0;
    if (!reached) // seen like an end at once
        shutdown(fd, SHUT_RDWR);
    snprintf(line, sizeof line, " HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n", host, port);
    add_text(&origin->out, method);
    add_text(&origin->out, " ");
    add_text(&origin->out, key + strlen("cache:"));
    add_text(&origin->out, line);
    size_t head = 0, body = 0;
    if (origin->write && whole(request, false, &head, &body) == 1) {
        char *type = strcasestr(request->data, "\r\nContent-Type:");
        if (type != NULL && type < request->data + head) {
            add(&origin->out, type + 2, strcspn(type + 2, "\r"));
            add_text(&origin->out, "\r\n");
        }
        snprintf(line, sizeof line, "Content-Length: %zu\r\n", body);
        add_text(&origin->out, line);
    }
    add_text(&origin->out, "\r\n");
    if (body > 0)
        add(&origin->out, request->data + head, body);
    return origin;
}

static struct peer *fetch_of(const char *key)
{
    for (int i = 0; i < count; i++)
        if (peers[i]->kind == ORIGIN && !peers[i]->write && !peers[i]->gone &&
            strcmp(peers[i]->key, key) == 0)
            return peers[i];
    return NULL;
}

static void client_asks(struct peer *client)
{
    char method[16] = "", *target = NULL, *key = NULL;
    sscanf(client->in.data, "%15s %ms", method, &target);
    if (asprintf(&key, "cache:%s", target != NULL ? target : "") < 0)
        abort();
    if (strcmp(method, "GET") != 0) {
        client->asks = ask(key, method, &client->in);
    } else {
        long errors = setting("STALE_IF_ERROR_MS", 0);
        long stale = errors + setting("STALE_WHILE_REVALIDATE_MS", 0);
        long long left = look(key, &client->old);
        struct peer *fetch = fetch_of(key);
        bool fresh = left > stale || (left > 0 && client->old.status == 404);
        if (!fresh && fetch == NULL)
            fetch = ask(key, "GET", NULL);
        if (fresh || left > errors)
            say(client, &client->old);
        else
            client->asks = fetch;
    }
    free(target);
    free(key);
}

static void origin_ends(struct peer *origin, bool came, size_t head, size_t body)
{
    struct page page = {.status = 502};
    if (came)
        page = page_from_http(&origin->in, head, body);
    if (origin->write && (!came || page.status < 400)) {
        struct peer *fetch;
        while ((fetch = fetch_of(origin->key)) != NULL)
            fetch->gone = true;
        forget(origin->key);
    } else if (came && !origin->write && !origin->gone) {
        keep(origin->key, &page);
    }
    for (int i = 0; i < count; i++)
        if (peers[i]->asks == origin) {
            say(peers[i], peers[i]->old.status != 0 && page.status >= 500 ? &peers[i]->old : &page);
            peers[i]->asks = NULL;
        }
    page_drop(&page);
    peer_end(origin);
}

// Takes what came; what it leads to happens here.
static void take(struct peer *peer)
{
    static char buffer[65536];
    size_t head = 0, body = 0;
    ssize_t got = recv(peer->fd, buffer, sizeof buffer, 0);
    if (got > 0)
        add(&peer->in, buffer, (size_t)got);
    int state = whole(&peer->in, got <= 0, &head, &body);
    if (peer->kind == ORIGIN && state != 0)
        origin_ends(peer, state == 1, head, body);
    else if (peer->kind == CLIENT && state == 1 && peer->asks == NULL && peer->out.length == 0)
        client_asks(peer);
    else if (peer->kind == CLIENT && got <= 0)
        peer_end(peer);
}

static void give(struct peer *peer)
{
    ssize_t gone = send(peer->fd, peer->out.data + peer->sent, peer->out.length - peer->sent,
                        MSG_NOSIGNAL | MSG_DONTWAIT);
    if (gone > 0)
        peer->sent += (size_t)gone;
    bool over = peer->sent == peer->out.length || (gone < 0 && errno != EAGAIN);
    if (over && peer->kind == CLIENT)
        peer_end(peer);
    else if (over)
        peer->sent = peer->out.length;
}

static bool is_there(const struct peer *peer)
{
    for (int i = 0; i < count; i++)
        if (peers[i] == peer)
            return true;
    return false;
}

// Never returns: the server that the lab gives is not begun.
bool app_start(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)setting("PORT", 8080)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    signal(SIGPIPE, SIG_IGN);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 512) != 0)
        return false;
    peer_new(listener, LISTENER);
    for (;;) {
        struct pollfd polls[SOCKETS_MOST];
        struct peer *seen[SOCKETS_MOST];
        int n = count;
        for (int i = 0; i < n; i++) {
            seen[i] = peers[i];
            bool sends = peers[i]->sent < peers[i]->out.length;
            bool waits = peers[i]->kind == CLIENT && peers[i]->asks != NULL;
            polls[i] = (struct pollfd){.fd = waits ? -1 : peers[i]->fd,
                                       .events = (short)(sends ? POLLOUT : POLLIN)};
        }
        poll(polls, (nfds_t)n, -1);
        for (int i = 0; i < n; i++) {
            if (polls[i].revents == 0 || !is_there(seen[i]))
                continue;
            if (seen[i]->kind == LISTENER)
                peer_new(accept(listener, NULL, NULL), CLIENT);
            else if (polls[i].events == POLLOUT)
                give(seen[i]);
            else
                take(seen[i]);
        }
    }
}

void app_answer(void)
{
}

void app_stop(void)
{
}
