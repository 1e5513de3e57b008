// SPDX-License-Identifier: MIT
/*
 * A thread for each connection, one mutex around the cache, no hash table: the keys lie in a sorted
 * array, which a binary search looks through. What was used last is known by a number that each use
 * raises, and the victims of an eviction are found by looking at all of them, a tenth at a time.
 */
#define _GNU_SOURCE // fopencookie()
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct entry {
    char *key;
    unsigned char *value;
    size_t length;
    unsigned flags;
    double dies; // of the monotonic clock; 0: never
    unsigned long long unique, used;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *entries;
static size_t count, room, bytes, limit;
static unsigned long long clock_of_use, uniques;
static double flush_at;
static unsigned long long sets, gets, hits, misses, evictions, stored, open_now, open_ever;

static double seconds(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now(void)
{
    return seconds(CLOCK_MONOTONIC);
}

// ---------------------------------------------------------------- the sorted array

static size_t cost(const struct entry *e)
{
    return sizeof *e + strlen(e->key) + e->length;
}

// Where the key is, or would be.
static size_t position(const char *key)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(entries[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void release(struct entry *e)
{
    bytes -= cost(e);
    free(e->key);
    free(e->value);
}

static void cut(size_t at)
{
    release(&entries[at]);
    memmove(entries + at, entries + at + 1, (--count - at) * sizeof *entries);
}

static void clear(void)
{
    while (count > 0)
        release(&entries[--count]);
}

static struct entry *find(const char *key)
{
    if (flush_at > 0 && now() >= flush_at) {
        clear();
        flush_at = 0;
    }
    size_t at = position(key);
    if (at == count || strcmp(entries[at].key, key) != 0)
        return NULL;
    if (entries[at].dies != 0 && entries[at].dies <= now()) {
        cut(at);
        return NULL;
    }
    return &entries[at];
}

static int by_use(const void *a, const void *b)
{
    unsigned long long x = *(const unsigned long long *)a, y = *(const unsigned long long *)b;
    return x < y ? -1 : x > y;
}

// The tenth of all that was not used for the longest time.
static void evict(void)
{
    unsigned long long *all = malloc((count + 1) * sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = entries[i].used;
    qsort(all, count, sizeof *all, by_use);
    unsigned long long last = all[count / 10];
    free(all);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].used <= last) {
            release(&entries[i]);
            evictions++;
        } else {
            entries[kept++] = entries[i];
        }
    }
    count = kept;
}

// Takes the value over.
static void put(const char *key, unsigned char *value, size_t length, unsigned flags, double dies)
{
    struct entry new = {NULL, value, length, flags, dies, ++uniques, ++clock_of_use};
    size_t at = position(key);
    int is_there = at < count && strcmp(entries[at].key, key) == 0;
    if (is_there && bytes + length <= limit) {
        bytes -= cost(&entries[at]);
        free(entries[at].value);
        new.key = entries[at].key;
    } else {
        if (is_there)
            cut(at);
        while (count > 0 && bytes + sizeof *entries + strlen(key) + length > limit)
            evict();
        at = position(key);
        if (count == room) {
            room = 2 * room + 64;
            entries = realloc(entries, room * sizeof *entries);
        }
        memmove(entries + at + 1, entries + at, (count++ - at) * sizeof *entries);
        new.key = strdup(key);
    }
    entries[at] = new;
    bytes += cost(&entries[at]);
    stored++;
}

// ---------------------------------------------------------------- one client

struct client {
    int socket;
    FILE *in, *out; // `out` is memory: nobody sends while he holds the lock
    char *answers;
    size_t answers_size;
    int silent;
    char line[70000];
    char *words[8];
    int word_count;
};

static void say(struct client *c, const char *text)
{
    if (!c->silent)
        fprintf(c->out, "%s\r\n", text);
}

static int number(const char *text, unsigned long long *out)
{
    char *end;
    if (text == NULL || *text < '0' || *text > '9')
        return 0;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return *end == '\0' && errno == 0;
}

static int time_of(const char *text, double *out)
{
    unsigned long long n = 0;
    int negative = text[0] == '-';
    if (!number(text + negative, &n))
        return 0;
    *out = n == 0 ? 0 : negative ? -1 : now() + (double)n;
    if (!negative && n > 2592000)
        *out = now() + (double)n - seconds(CLOCK_REALTIME);
    return 1;
}

static void retrieve(struct client *c, char *rest, int with_unique)
{
    char *save, *key = strtok_r(rest, " ", &save);
    if (key == NULL)
        say(c, "ERROR");
    if (key == NULL)
        return;
    for (; key != NULL; key = strtok_r(NULL, " ", &save)) {
        if (strlen(key) > 250) {
            say(c, "CLIENT_ERROR key too long");
            return;
        }
        struct entry *e = find(key);
        gets++;
        if (e == NULL) {
            misses++;
            continue;
        }
        hits++;
        e->used = ++clock_of_use;
        fprintf(c->out, "VALUE %s %u %zu", key, e->flags, e->length);
        if (with_unique)
            fprintf(c->out, " %llu", e->unique);
        fputs("\r\n", c->out);
        fwrite(e->value, 1, e->length, c->out);
        fputs("\r\n", c->out);
    }
    say(c, "END");
}

static void store(struct client *c, const char *verb, unsigned char *value, size_t length,
                  unsigned flags, double dies, unsigned long long unique)
{
    const char *key = c->words[1];
    struct entry *e = find(key);
    int joins = strcmp(verb, "append") == 0 || strcmp(verb, "prepend") == 0;
    const char *refusal = NULL;
    sets++;
    if (strcmp(verb, "cas") == 0)
        refusal = e == NULL ? "NOT_FOUND" : e->unique != unique ? "EXISTS" : NULL;
    else if (strcmp(verb, "add") == 0)
        refusal = e != NULL ? "NOT_STORED" : NULL;
    else if (strcmp(verb, "set") != 0)
        refusal = e == NULL ? "NOT_STORED" : NULL;
    if (refusal != NULL) {
        free(value);
        say(c, refusal);
        return;
    }
    if (joins) {
        unsigned char *both = malloc(e->length + length + 1);
        size_t first = *verb == 'p' ? length : 0, second = *verb == 'p' ? 0 : e->length;
        memcpy(both + first, e->value, e->length);
        memcpy(both + second, value, length);
        free(value);
        put(key, both, e->length + length, e->flags, e->dies);
    } else {
        put(key, value, length, flags, dies);
    }
    say(c, "STORED");
}

// False when the connection has ended.
static int begin_store(struct client *c)
{
    const char *verb = c->words[0];
    int is_cas = strcmp(verb, "cas") == 0;
    unsigned long long flags, length, unique = 0;
    double dies;
    if (c->word_count < 5 + is_cas) {
        say(c, "ERROR");
        return 1;
    }
    c->silent = c->word_count > 5 + is_cas && strcmp(c->words[5 + is_cas], "noreply") == 0;
    if (strlen(c->words[1]) > 250 || !number(c->words[2], &flags) || flags > 4294967295u ||
        !time_of(c->words[3], &dies) || !number(c->words[4], &length) || length > 2000000000u ||
        (is_cas && !number(c->words[5], &unique))) {
        say(c, "CLIENT_ERROR what is this line?");
        return 1;
    }
    if (length >= 1048576) {
        for (length += 2; length > 0; length--)
            if (getc(c->in) == EOF)
                return 0;
        say(c, "SERVER_ERROR too much for me");
        return 1;
    }
    unsigned char *value = malloc(length + 2);
    if (fread(value, 1, length + 2, c->in) < length + 2) {
        free(value);
        return 0;
    }
    if (memcmp(value + length, "\r\n", 2) != 0) {
        free(value);
        int byte;
        while ((byte = getc(c->in)) != '\n')
            if (byte == EOF)
                return 0;
        say(c, "CLIENT_ERROR that is not the end of the data");
        return 1;
    }
    pthread_mutex_lock(&lock);
    store(c, verb, value, length, (unsigned)flags, dies, unique);
    pthread_mutex_unlock(&lock);
    return 1;
}

static void count_up_or_down(struct client *c, int up)
{
    struct entry *e = find(c->words[1]);
    unsigned long long by, value;
    char text[32];
    if (!number(c->words[2], &by)) {
        say(c, "CLIENT_ERROR by how much?");
        return;
    }
    if (e == NULL) {
        say(c, "NOT_FOUND");
        return;
    }
    snprintf(text, sizeof text, "%.*s", (int)(e->length < 21 ? e->length : 21), (char *)e->value);
    if (strlen(text) != e->length || !number(text, &value)) {
        say(c, "CLIENT_ERROR no number");
        return;
    }
    value = up ? value + by : value > by ? value - by : 0;
    snprintf(text, sizeof text, "%llu", value);
    put(c->words[1], (unsigned char *)strdup(text), strlen(text), e->flags, e->dies);
    say(c, text);
}

static void flush(struct client *c)
{
    unsigned long long delay = 0;
    int given = c->word_count > 1 && strcmp(c->words[1], "noreply") != 0;
    c->silent = c->word_count > 1 && strcmp(c->words[c->word_count - 1], "noreply") == 0;
    if (given && !number(c->words[1], &delay)) {
        say(c, "CLIENT_ERROR when?");
        return;
    }
    flush_at = delay > 0 ? now() + (double)delay : 0;
    if (delay == 0)
        clear();
    say(c, "OK");
}

static void statistics(struct client *c)
{
    const char *names[] = {
        "curr_items", "total_items", "bytes",     "limit_maxbytes",   "cmd_get",          "cmd_set",
        "get_hits",   "get_misses",  "evictions", "curr_connections", "total_connections"};
    unsigned long long values[] = {count, stored, bytes,     limit,    gets,     sets,
                                   hits,  misses, evictions, open_now, open_ever};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        fprintf(c->out, "STAT %s %llu\r\n", names[i], values[i]);
    say(c, "END");
}

static void short_command(struct client *c)
{
    const char *verb = c->words[0];
    int n = c->word_count;
    c->silent = n > 2 && strcmp(c->words[n - 1], "noreply") == 0;
    if (strcmp(verb, "delete") == 0 && n > 1) {
        struct entry *e = find(c->words[1]);
        if (e != NULL)
            cut((size_t)(e - entries));
        say(c, e != NULL ? "DELETED" : "NOT_FOUND");
    } else if (strcmp(verb, "touch") == 0 && n > 2) {
        struct entry *e = find(c->words[1]);
        if (e != NULL)
            time_of(c->words[2], &e->dies);
        say(c, e != NULL ? "TOUCHED" : "NOT_FOUND");
    } else if ((strcmp(verb, "incr") == 0 || strcmp(verb, "decr") == 0) && n > 2) {
        count_up_or_down(c, *verb == 'i');
    } else if (strcmp(verb, "flush_all") == 0) {
        flush(c);
    } else if (strcmp(verb, "stats") == 0) {
        statistics(c);
    } else if (strcmp(verb, "version") == 0) {
        say(c, "VERSION sorted-1");
    } else {
        say(c, "ERROR");
    }
}

static void split(struct client *c)
{
    char *save, *word = strtok_r(c->line, " ", &save);
    for (c->word_count = 0; word != NULL && c->word_count < 8; word = strtok_r(NULL, " ", &save))
        c->words[c->word_count++] = word;
}

static int is_storage(const char *verb)
{
    static const char *const all[] = {"set", "add", "replace", "append", "prepend", "cas"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(verb, all[i]) == 0)
            return 1;
    return 0;
}

// False when the connection has ended, or is to end.
static int command(struct client *c)
{
    c->silent = 0;
    if (fgets(c->line, sizeof c->line, c->in) == NULL)
        return 0;
    size_t length = strlen(c->line);
    if (length == 0 || c->line[length - 1] != '\n')
        return 0; // too long, or cut off
    c->line[length - (length > 1 && c->line[length - 2] == '\r' ? 2 : 1)] = '\0';
    int with_unique = strncmp(c->line, "gets", 4) == 0 && (c->line[4] == ' ' || c->line[4] == '\0');
    if (with_unique ||
        (strncmp(c->line, "get", 3) == 0 && (c->line[3] == ' ' || c->line[3] == '\0'))) {
        pthread_mutex_lock(&lock);
        retrieve(c, c->line + 3 + with_unique, with_unique);
        pthread_mutex_unlock(&lock);
        return 1;
    }
    split(c);
    if (c->word_count == 0) {
        say(c, "ERROR");
        return 1;
    }
    if (strcmp(c->words[0], "quit") == 0)
        return 0;
    if (is_storage(c->words[0]))
        return begin_store(c);
    pthread_mutex_lock(&lock);
    short_command(c);
    pthread_mutex_unlock(&lock);
    return 1;
}

// False when the client has left.
static int send_answers(struct client *c)
{
    fflush(c->out);
    for (size_t sent = 0; sent < c->answers_size;) {
        ssize_t n = send(c->socket, c->answers + sent, c->answers_size - sent, 0);
        if (n <= 0)
            return 0;
        sent += (size_t)n;
    }
    fseeko(c->out, 0, SEEK_SET);
    fflush(c->out);
    return 1;
}

// There is nothing more to read: what was answered so far is sent first.
static ssize_t read_after_answers(void *cookie, char *buffer, size_t size)
{
    struct client *c = cookie;
    return send_answers(c) ? recv(c->socket, buffer, size, 0) : -1;
}

static void *serve(void *argument)
{
    struct client *c = calloc(1, sizeof *c);
    c->socket = (int)(long)argument;
    c->out = open_memstream(&c->answers, &c->answers_size);
    cookie_io_functions_t functions = {.read = read_after_answers};
    c->in = fopencookie(c, "r", functions);
    while (command(c))
        if (ftello(c->out) > 200000 && !send_answers(c))
            break;
    send_answers(c);
    pthread_mutex_lock(&lock);
    open_now--;
    pthread_mutex_unlock(&lock);
    fclose(c->in);
    fclose(c->out);
    free(c->answers);
    close(c->socket);
    free(c);
    return NULL;
}

int main(void)
{
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((in_port_t)atoi(getenv("PORT"))),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const char *megabytes = getenv("CACHE_MEGABYTES");
    limit = (size_t)atoi(megabytes != NULL ? megabytes : "64") << 20;
    signal(SIGPIPE, SIG_IGN);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 256) != 0)
        return 1;
    for (;;) {
        int client = accept(listener, NULL, NULL);
        pthread_t thread;
        if (client < 0)
            continue;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        pthread_mutex_lock(&lock);
        open_now++, open_ever++;
        pthread_mutex_unlock(&lock);
        if (pthread_create(&thread, NULL, serve, (void *)(long)client) == 0)
            pthread_detach(thread);
        else
            close(client);
    }
}
