// SPDX-License-Identifier: MIT
/*
 * A cache that speaks memcached's text protocol: the solution of the lab
 * cache-server.
 *
 * One thread serves all clients. epoll says which sockets are ready, and no
 * call waits anywhere else. The items lie in a hash table, which finds one by
 * its key, and at the same time in a list that is ordered by their last use:
 * when the memory is full, the item at the old end goes.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    KEY_MAX = 250,
    VALUE_MAX = 1000000,
    LINE_MAX_LENGTH = 64 * 1024, // room for some hundred keys in one get
    OUTPUT_ENOUGH = 256 * 1024,  // unsent bytes at which a client has to wait
    ONE_READ = 16 * 1024,
    RELATIVE_MAX = 60 * 60 * 24 * 30, // a longer time is a date
};

// ---- Items. ----

struct item {
    struct item *next;          // in its bucket of the table
    struct item *newer, *older; // its neighbours in the list
    int64_t expires;            // milliseconds, as of now(); 0: never
    uint64_t unique;            // another one after each change: cas
    uint32_t flags;
    size_t key_length, value_length;
    char bytes[]; // the key, and right behind it the value
};

static struct item **buckets;
static size_t bucket_count = 1024; // a power of two
static struct item *newest, *oldest;
static size_t memory_used, memory_limit;
static uint64_t last_unique;
static int64_t flush_time; // when everything goes; 0: not at all

static struct {
    uint64_t items, items_ever, gets, sets, hits, misses, evictions, connections, connections_ever;
} stats;

// Milliseconds since 1970.
static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static char *value_of(struct item *item)
{
    return item->bytes + item->key_length;
}

static size_t size_of(const struct item *item)
{
    return sizeof *item + item->key_length + item->value_length;
}

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

// FNV-1a: each byte changes all bits that come after it.
static size_t hash(const char *key, size_t length)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)key[i]) * 1099511628211u;
    return (size_t)(hash ^ hash >> 32);
}

static struct item **bucket_of(const char *key, size_t length)
{
    return &buckets[hash(key, length) & (bucket_count - 1)];
}

// ---- The list: newest use first. ----

static void list_remove(struct item *item)
{
    if (item->newer != NULL)
        item->newer->older = item->older;
    else
        newest = item->older;
    if (item->older != NULL)
        item->older->newer = item->newer;
    else
        oldest = item->newer;
}

static void list_add(struct item *item)
{
    item->newer = NULL;
    item->older = newest;
    if (newest != NULL)
        newest->newer = item;
    else
        oldest = item;
    newest = item;
}

// ---- The table. ----

// Twice as many buckets, so that each stays short.
static void table_grow(void)
{
    struct item **before = buckets;
    size_t count = bucket_count;
    bucket_count *= 2;
    buckets = must(calloc(bucket_count, sizeof(struct item *)));
    for (size_t i = 0; i < count; i++) {
        for (struct item *item = before[i], *next; item != NULL; item = next) {
            struct item **bucket = bucket_of(item->bytes, item->key_length);
            next = item->next;
            item->next = *bucket;
            *bucket = item;
        }
    }
    free(before);
}

static void item_remove(struct item *item)
{
    struct item **link = bucket_of(item->bytes, item->key_length);
    while (*link != item)
        link = &(*link)->next;
    *link = item->next;
    list_remove(item);
    memory_used -= size_of(item);
    stats.items--;
    free(item);
}

static void remove_all(void)
{
    while (oldest != NULL)
        item_remove(oldest);
}

// The item of that key, or NULL. What has expired is not there any more.
static struct item *item_find(const char *key)
{
    size_t length = strlen(key);
    struct item *item = *bucket_of(key, length);
    while (item != NULL && (item->key_length != length || memcmp(item->bytes, key, length) != 0))
        item = item->next;
    if (item != NULL && item->expires != 0 && item->expires <= now()) {
        item_remove(item);
        item = NULL;
    }
    return item;
}

static void item_use(struct item *item)
{
    list_remove(item);
    list_add(item);
}

// An item that is in no table yet. The caller fills its value.
static struct item *item_new(const char *key, size_t value_length)
{
    size_t key_length = strlen(key);
    struct item *item = must(calloc(1, sizeof *item + key_length + value_length));
    item->key_length = key_length;
    item->value_length = value_length;
    memcpy(item->bytes, key, key_length);
    return item;
}

// Puts it in, in place of `old` (NULL: there was none), and makes room for it.
static void item_put(struct item *item, struct item *old)
{
    if (old != NULL)
        item_remove(old);
    while (oldest != NULL && memory_used + size_of(item) > memory_limit) {
        item_remove(oldest);
        stats.evictions++;
    }
    if (stats.items >= bucket_count)
        table_grow();
    struct item **bucket = bucket_of(item->bytes, item->key_length);
    item->next = *bucket;
    *bucket = item;
    list_add(item);
    item->unique = ++last_unique;
    memory_used += size_of(item);
    stats.items++;
    stats.items_ever++;
}

// ---- Clients: what came and was not yet used, what is still to be sent. ----

struct buffer {
    char *data;
    size_t start, end, size; // data[start] to data[end - 1] is in it
};

enum verb { SET, ADD, REPLACE, APPEND, PREPEND, CAS };

struct client {
    int fd;
    struct buffer input, output;
    bool quiet;   // the command says noreply
    bool leaving; // send what there is, then close
    size_t skip;  // bytes of a value that is not wanted
    uint32_t events;
    // A storage command whose value is still on its way.
    bool storing;
    enum verb verb;
    char key[KEY_MAX + 1];
    uint32_t flags;
    int64_t expires;
    uint64_t unique;
    size_t length;
};

static size_t held(const struct buffer *buffer)
{
    return buffer->end - buffer->start;
}

// Makes room behind the end, and returns where it is.
static char *room(struct buffer *buffer, size_t length)
{
    if (buffer->start > 0 && buffer->size - buffer->end < length) {
        memmove(buffer->data, buffer->data + buffer->start, held(buffer));
        buffer->end -= buffer->start;
        buffer->start = 0;
    }
    if (buffer->size - buffer->end < length) {
        buffer->size = 2 * buffer->size + length;
        buffer->data = must(realloc(buffer->data, buffer->size));
    }
    return buffer->data + buffer->end;
}

static void send_bytes(struct client *client, const char *bytes, size_t length)
{
    memcpy(room(&client->output, length), bytes, length);
    client->output.end += length;
}

__attribute__((format(printf, 2, 3))) static void send_text(struct client *client,
                                                            const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    send_bytes(client, text, (size_t)length);
}

// The one line that answers a command, unless the command says noreply.
static void reply(struct client *client, const char *line)
{
    if (client->quiet)
        return;
    send_bytes(client, line, strlen(line));
    send_bytes(client, "\r\n", 2);
}

static void reply_bad_format(struct client *client)
{
    reply(client, "CLIENT_ERROR bad command line format");
}

// ---- Words of a line. ----

// Cuts the next word off; NULL when there is none. Blanks stand between words.
static char *next_word(char **line)
{
    char *word = *line + strspn(*line, " ");
    if (*word == '\0')
        return NULL;
    char *end = word + strcspn(word, " ");
    *line = end;
    if (*end == ' ') {
        *end = '\0';
        *line = end + 1;
    }
    return word;
}

// Digits alone, and no more than fits.
static bool read_number(const char *text, uint64_t most, uint64_t *out)
{
    uint64_t number = 0;
    if (text == NULL || *text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (!isdigit((unsigned char)*text))
            return false;
        unsigned digit = (unsigned)(*text - '0');
        if (number > (most - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *out = number;
    return true;
}

// Seconds from now, a date, or a number below 0, as milliseconds of now().
static bool read_expiry(const char *text, int64_t *out)
{
    uint64_t seconds;
    bool negative = text != NULL && *text == '-';
    if (!read_number(negative ? text + 1 : text, INT32_MAX, &seconds))
        return false;
    if (negative && seconds > 0)
        *out = 1; // long ago
    else if (seconds > RELATIVE_MAX)
        *out = (int64_t)seconds * 1000;
    else
        *out = seconds == 0 ? 0 : now() + (int64_t)seconds * 1000;
    return true;
}

static bool read_noreply(char **line)
{
    const char *word = next_word(line);
    return word != NULL && strcmp(word, "noreply") == 0;
}

// ---- Reading. ----

static void send_item(struct client *client, struct item *item, bool with_unique)
{
    send_text(client, "VALUE %.*s %" PRIu32 " %zu", (int)item->key_length, item->bytes, item->flags,
              item->value_length);
    if (with_unique)
        send_text(client, " %" PRIu64, item->unique);
    send_bytes(client, "\r\n", 2);
    send_bytes(client, value_of(item), item->value_length);
    send_bytes(client, "\r\n", 2);
}

static void do_get(struct client *client, char *line, bool with_unique)
{
    char *key = next_word(&line);
    if (key == NULL) {
        reply(client, "ERROR");
        return;
    }
    for (; key != NULL; key = next_word(&line)) {
        if (strlen(key) > KEY_MAX) {
            reply_bad_format(client);
            return;
        }
        struct item *item = item_find(key);
        stats.gets++;
        if (item == NULL) {
            stats.misses++;
            continue;
        }
        stats.hits++;
        item_use(item);
        send_item(client, item, with_unique);
    }
    reply(client, "END");
}

// ---- Storing. ----

// The line of a storage command. The value comes behind it.
static void begin_storing(struct client *client, enum verb verb, char *line)
{
    const char *key = next_word(&line), *flags = next_word(&line), *expiry = next_word(&line),
               *length = next_word(&line), *unique = verb == CAS ? next_word(&line) : "0";
    uint64_t flags_read = 0, length_read = 0;
    if (length == NULL || unique == NULL) {
        reply(client, "ERROR");
        return;
    }
    client->quiet = read_noreply(&line);
    bool has_length = read_number(length, INT32_MAX, &length_read);
    if (strlen(key) > KEY_MAX || !read_number(flags, UINT32_MAX, &flags_read) ||
        !read_expiry(expiry, &client->expires) || !has_length ||
        !read_number(unique, UINT64_MAX, &client->unique)) {
        reply_bad_format(client);
        client->skip = has_length ? length_read + 2 : 0;
        return;
    }
    if (length_read > VALUE_MAX) {
        reply(client, "SERVER_ERROR object too large for cache");
        client->skip = length_read + 2;
        return;
    }
    client->storing = true;
    client->verb = verb;
    client->flags = (uint32_t)flags_read;
    client->length = length_read;
    memcpy(client->key, key, strlen(key) + 1);
}

static void store_value(struct client *client, struct item *old, const char *value)
{
    struct item *item = item_new(client->key, client->length);
    item->flags = client->flags;
    item->expires = client->expires;
    memcpy(value_of(item), value, client->length);
    item_put(item, old);
    reply(client, "STORED");
}

// Both values in one item, with the flags and the time of the old one.
static void store_joined(struct client *client, struct item *old, const char *value)
{
    struct item *item = item_new(client->key, old->value_length + client->length);
    bool in_front = client->verb == PREPEND;
    item->flags = old->flags;
    item->expires = old->expires;
    memcpy(value_of(item) + (in_front ? client->length : 0), value_of(old), old->value_length);
    memcpy(value_of(item) + (in_front ? 0 : old->value_length), value, client->length);
    item_put(item, old);
    reply(client, "STORED");
}

// The value is here.
static void store(struct client *client, const char *value)
{
    struct item *old = item_find(client->key);
    enum verb verb = client->verb;
    stats.sets++;
    if ((verb == ADD && old != NULL) ||
        ((verb == REPLACE || verb == APPEND || verb == PREPEND) && old == NULL))
        reply(client, "NOT_STORED");
    else if (verb == CAS && old == NULL)
        reply(client, "NOT_FOUND");
    else if (verb == CAS && old->unique != client->unique)
        reply(client, "EXISTS");
    else if (verb != APPEND && verb != PREPEND)
        store_value(client, old, value);
    else if (old->value_length + client->length > VALUE_MAX)
        reply(client, "SERVER_ERROR object too large for cache");
    else
        store_joined(client, old, value);
}

static void finish_storing(struct client *client)
{
    const char *value = client->input.data + client->input.start;
    client->storing = false;
    if (memcmp(value + client->length, "\r\n", 2) == 0) {
        client->input.start += client->length + 2;
        store(client, value);
        return;
    }
    reply(client, "CLIENT_ERROR bad data chunk");
    client->input.start += client->length;
    // The rest of that line is no command.
    const char *end = memchr(client->input.data + client->input.start, '\n', held(&client->input));
    if (end != NULL)
        client->input.start = (size_t)(end - client->input.data) + 1;
}

// ---- Changing. ----

static void do_delete(struct client *client, char *line)
{
    const char *key = next_word(&line);
    if (key == NULL) {
        reply(client, "ERROR");
        return;
    }
    client->quiet = read_noreply(&line);
    struct item *item = item_find(key);
    if (item != NULL)
        item_remove(item);
    reply(client, item != NULL ? "DELETED" : "NOT_FOUND");
}

static void do_touch(struct client *client, char *line)
{
    const char *key = next_word(&line), *expiry = next_word(&line);
    int64_t expires;
    if (expiry == NULL) {
        reply(client, "ERROR");
        return;
    }
    client->quiet = read_noreply(&line);
    if (!read_expiry(expiry, &expires)) {
        reply(client, "CLIENT_ERROR invalid exptime argument");
        return;
    }
    struct item *item = item_find(key);
    if (item != NULL) {
        item->expires = expires;
        item_use(item);
    }
    reply(client, item != NULL ? "TOUCHED" : "NOT_FOUND");
}

// The value of an item as a number: at most 20 digits.
static bool item_number(struct item *item, uint64_t *out)
{
    char text[21];
    if (item->value_length >= sizeof text)
        return false;
    memcpy(text, value_of(item), item->value_length);
    text[item->value_length] = '\0';
    return strlen(text) == item->value_length && read_number(text, UINT64_MAX, out);
}

static void do_count(struct client *client, char *line, bool up)
{
    const char *key = next_word(&line), *delta_word = next_word(&line);
    uint64_t delta, number;
    if (delta_word == NULL) {
        reply(client, "ERROR");
        return;
    }
    client->quiet = read_noreply(&line);
    if (!read_number(delta_word, UINT64_MAX, &delta)) {
        reply(client, "CLIENT_ERROR invalid numeric delta argument");
        return;
    }
    struct item *old = item_find(key);
    if (old == NULL) {
        reply(client, "NOT_FOUND");
        return;
    }
    if (!item_number(old, &number)) {
        reply(client, "CLIENT_ERROR cannot increment or decrement non-numeric value");
        return;
    }
    if (up)
        number += delta; // behind 2^64 - 1 comes 0
    else
        number = number < delta ? 0 : number - delta;
    char text[21];
    size_t length = (size_t)snprintf(text, sizeof text, "%" PRIu64, number);
    struct item *item = item_new(key, length);
    item->flags = old->flags;
    item->expires = old->expires;
    memcpy(value_of(item), text, length);
    item_put(item, old);
    reply(client, text);
}

static void do_flush(struct client *client, char *line)
{
    const char *delay = next_word(&line);
    uint64_t seconds = 0;
    if (delay != NULL && strcmp(delay, "noreply") == 0) {
        client->quiet = true;
    } else if (delay != NULL) {
        client->quiet = read_noreply(&line);
        if (!read_number(delay, INT32_MAX, &seconds)) {
            reply(client, "CLIENT_ERROR invalid exptime argument");
            return;
        }
    }
    if (seconds == 0)
        remove_all();
    flush_time = seconds == 0 ? 0 : now() + (int64_t)seconds * 1000;
    reply(client, "OK");
}

// ---- The rest. ----

static void do_stats(struct client *client)
{
    const struct {
        const char *name;
        uint64_t value;
    } all[] = {
        {"pid", (uint64_t)getpid()},
        {"time", (uint64_t)(now() / 1000)},
        {"curr_items", stats.items},
        {"total_items", stats.items_ever},
        {"bytes", memory_used},
        {"limit_maxbytes", memory_limit},
        {"cmd_get", stats.gets},
        {"cmd_set", stats.sets},
        {"get_hits", stats.hits},
        {"get_misses", stats.misses},
        {"evictions", stats.evictions},
        {"curr_connections", stats.connections},
        {"total_connections", stats.connections_ever},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        send_text(client, "STAT %s %" PRIu64 "\r\n", all[i].name, all[i].value);
    reply(client, "END");
}

// One line, without its end.
static void execute(struct client *client, char *line)
{
    static const char *const verbs[] = {"set", "add", "replace", "append", "prepend", "cas"};
    const char *command = next_word(&line);
    client->quiet = false;
    if (flush_time != 0 && flush_time <= now()) {
        remove_all();
        flush_time = 0;
    }
    if (command == NULL) {
        reply(client, "ERROR");
        return;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(command, verbs[i]) == 0) {
            begin_storing(client, (enum verb)i, line);
            return;
        }
    }
    if (strcmp(command, "get") == 0)
        do_get(client, line, false);
    else if (strcmp(command, "gets") == 0)
        do_get(client, line, true);
    else if (strcmp(command, "delete") == 0)
        do_delete(client, line);
    else if (strcmp(command, "incr") == 0)
        do_count(client, line, true);
    else if (strcmp(command, "decr") == 0)
        do_count(client, line, false);
    else if (strcmp(command, "touch") == 0)
        do_touch(client, line);
    else if (strcmp(command, "flush_all") == 0)
        do_flush(client, line);
    else if (strcmp(command, "stats") == 0)
        do_stats(client);
    else if (strcmp(command, "version") == 0 && next_word(&line) == NULL)
        reply(client, "VERSION 1.0");
    else if (strcmp(command, "quit") == 0 && next_word(&line) == NULL)
        client->leaving = true;
    else
        reply(client, "ERROR");
}

// ---- One turn of a client. ----

// Returns false when the connection is over.
static bool receive(struct client *client)
{
    ssize_t count = recv(client->fd, room(&client->input, ONE_READ), ONE_READ, 0);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    client->input.end += (size_t)count;
    return count > 0;
}

// Takes the next line or the next value. Returns false when it is not all here.
static bool take_one(struct client *client)
{
    struct buffer *input = &client->input;
    if (client->skip > 0) {
        size_t skipped = held(input) < client->skip ? held(input) : client->skip;
        input->start += skipped;
        client->skip -= skipped;
        return client->skip == 0;
    }
    if (client->storing) {
        if (held(input) < client->length + 2)
            return false;
        finish_storing(client);
        return true;
    }
    char *line = input->data + input->start;
    char *end = held(input) > 0 ? memchr(line, '\n', held(input)) : NULL;
    if (end == NULL) {
        if (held(input) <= LINE_MAX_LENGTH)
            return false;
        client->quiet = false;
        reply(client, "CLIENT_ERROR line too long");
        client->leaving = true;
        return false;
    }
    input->start = (size_t)(end - input->data) + 1;
    if (end > line && end[-1] == '\r')
        end--;
    *end = '\0';
    execute(client, line);
    return true;
}

static bool send_output(struct client *client)
{
    struct buffer *output = &client->output;
    while (held(output) > 0) {
        ssize_t count = send(client->fd, output->data + output->start, held(output), 0);
        if (count < 0)
            return errno == EAGAIN || errno == EINTR;
        output->start += (size_t)count;
    }
    output->start = output->end = 0;
    return true;
}

// Returns false when the client is done. A client that does not read what it
// asked for is not read from either.
static bool serve(struct client *client)
{
    if (!send_output(client))
        return false;
    if (held(&client->output) > 0)
        return true;
    if (!client->leaving && !receive(client))
        return false;
    bool more = true;
    while (more && held(&client->output) == 0) {
        while (more && !client->leaving && held(&client->output) < OUTPUT_ENOUGH)
            more = take_one(client);
        if (!send_output(client))
            return false;
        if (client->leaving)
            break;
    }
    return !client->leaving || held(&client->output) > 0;
}

// ---- The loop. ----

static int poller;

// Asks epoll for what the client waits for: room to send, or something to read.
static void watch(struct client *client, int operation)
{
    uint32_t events = held(&client->output) > 0 ? EPOLLOUT : EPOLLIN;
    struct epoll_event event = {.events = events, .data.ptr = client};
    if (operation == EPOLL_CTL_ADD || events != client->events)
        epoll_ctl(poller, operation, client->fd, &event);
    client->events = events;
}

static void accept_all(int listener)
{
    const int on = 1;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0 && errno == ECONNABORTED)
            continue;
        if (fd < 0)
            return;
        struct client *client = must(calloc(1, sizeof *client));
        client->fd = fd;
        fcntl(fd, F_SETFL, O_NONBLOCK);
        // An answer leaves at once, and does not wait to be joined by others.
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(client, EPOLL_CTL_ADD);
        stats.connections++;
        stats.connections_ever++;
    }
}

static void drop(struct client *client)
{
    close(client->fd); // epoll forgets it by itself
    free(client->input.data);
    free(client->output.data);
    free(client);
    stats.connections--;
}

static int open_port(int port)
{
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, SOMAXCONN) != 0) {
        perror("bind or listen");
        exit(1);
    }
    return fd;
}

int main(void)
{
    const char *port = getenv("PORT");
    const char *megabytes = getenv("CACHE_MEGABYTES");
    signal(SIGPIPE, SIG_IGN); // a client that has left is an error of send()
    memory_limit = (size_t)atoi(megabytes != NULL ? megabytes : "64") * 1024 * 1024;
    buckets = must(calloc(bucket_count, sizeof(struct item *)));
    int listener = open_port(atoi(port != NULL ? port : "8080"));
    poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct epoll_event ready[64];
        int count = epoll_wait(poller, ready, 64, -1);
        for (int i = 0; i < count; i++) {
            struct client *client = ready[i].data.ptr;
            if (client == NULL)
                accept_all(listener);
            else if (serve(client))
                watch(client, EPOLL_CTL_MOD);
            else
                drop(client);
        }
    }
}
