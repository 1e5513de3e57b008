// SPDX-License-Identifier: MIT
/*
 * A cache between clients and a slow origin, kept in Redis.
 *
 *   settings       what the environment says
 *   Redis          commands on connections that are kept
 *   entries        pages in Redis: their form, their life, what may be stored
 *   flights        fetches under way: one for each target, however many wait for it
 *   the answers    hit, stale, miss, write
 */
#define _GNU_SOURCE // memmem, strcasestr
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http.h"
#include "parts.h"

// ---------------------------------------------------------------- settings

static long fresh_ms, negative_ms, revalidate_ms, if_error_ms, redis_ms;
static size_t most_bytes;

static long setting(const char *name, long usual)
{
    const char *value = getenv(name);
    return value != NULL ? atol(value) : usual;
}

static void settings_read(void)
{
    fresh_ms = setting("CACHE_TTL_MS", 60000);
    negative_ms = setting("NEGATIVE_TTL_MS", 10000);
    revalidate_ms = setting("STALE_WHILE_REVALIDATE_MS", 0);
    if_error_ms = setting("STALE_IF_ERROR_MS", 0);
    redis_ms = setting("REDIS_TIMEOUT_MS", 30000);
    most_bytes = (size_t)setting("CACHE_MAX_BYTES", 1 << 20);
}

static void *need(void *memory)
{
    if (memory == NULL)
        abort(); // out of memory
    return memory;
}

// ---------------------------------------------------------------- Redis

enum { IDLE_MOST = 8 };

static redisContext *idle[IDLE_MOST]; // connections that nobody uses just now
static int idle_count;
static pthread_mutex_t idle_lock = PTHREAD_MUTEX_INITIALIZER;

// An idle connection, or NULL.
static redisContext *idle_take(void)
{
    pthread_mutex_lock(&idle_lock);
    redisContext *redis = idle_count > 0 ? idle[--idle_count] : NULL;
    pthread_mutex_unlock(&idle_lock);
    return redis;
}

static void idle_give(redisContext *redis)
{
    pthread_mutex_lock(&idle_lock);
    bool kept = idle_count < IDLE_MOST;
    if (kept)
        idle[idle_count++] = redis;
    pthread_mutex_unlock(&idle_lock);
    if (!kept)
        redisFree(redis);
}

// Redis' answer to a command, for freeReplyObject(); NULL: there is none.
static redisReply *redis_command(const char *format, ...)
{
    for (;;) {
        redisContext *redis = idle_take();
        bool is_new = redis == NULL;
        if (is_new)
            redis = redis_open((int)redis_ms);
        if (redis == NULL)
            return NULL;
        va_list arguments;
        va_start(arguments, format);
        redisReply *reply = redisvCommand(redis, format, arguments);
        va_end(arguments);
        if (reply != NULL) {
            idle_give(redis);
            return reply;
        }
        // An idle connection may have been closed long ago: the next one, or a new one, will do.
        // One that did not answer in time is another matter: nor would the next.
        bool timed_out = redis->err == REDIS_ERR_IO && errno == EAGAIN;
        redisFree(redis);
        if (is_new || timed_out)
            return NULL;
    }
}

// ---------------------------------------------------------------- entries

enum found { MISSING, FRESH, STALE, STALE_IF_ERROR };

static char *key_of(const char *target)
{
    size_t size = strlen("cache:") + strlen(target) + 1;
    char *key = need(malloc(size));
    snprintf(key, size, "cache:%s", target);
    return key;
}

// An entry is the status, a line for each field, an empty line, and the body.
static bool page_parse(const char *entry, size_t length, struct page *out)
{
    int status = atoi(entry);
    const char *line_end = memchr(entry, '\n', length);
    if (line_end == NULL || status < 200 || status > 599)
        return false;
    // The end of the last line, whichever it is, and the empty one.
    const char *end = memmem(line_end, length - (size_t)(line_end - entry), "\n\n", 2);
    if (end == NULL)
        return false;
    const char *fields = line_end + 1, *body = end + 2;
    *out = (struct page){.status = status, .length = length - (size_t)(body - entry)};
    out->fields = need(strndup(fields, (size_t)(body - 1 - fields)));
    out->body = need(malloc(out->length + 1));
    memcpy(out->body, body, out->length);
    return true;
}

// How long the entry has still to live, in milliseconds; not positive: it is gone.
static long long life_left(const char *key)
{
    redisReply *reply = redis_command("PTTL %s", key);
    long long left = reply != NULL && reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
    if (reply != NULL)
        freeReplyObject(reply);
    return left;
}

// An entry lives for its fresh time and both stale times; what is left says which one it is in.
static enum found freshness(const struct page *page, long long left)
{
    if (left <= 0)
        return MISSING;
    if (page->status == 404 || left > revalidate_ms + if_error_ms)
        return FRESH;
    return left > if_error_ms ? STALE : STALE_IF_ERROR;
}

static enum found entry_read(const char *key, struct page *out)
{
    enum found found = MISSING;
    redisReply *reply = redis_command("GET %s", key);
    if (reply != NULL && reply->type == REDIS_REPLY_STRING &&
        page_parse(reply->str, reply->len, out)) {
        found = freshness(out, life_left(key));
        if (found == MISSING)
            page_free(out);
    }
    if (reply != NULL)
        freeReplyObject(reply);
    return found;
}

// The origin forbids it: Cache-Control has no-store or private (RFC 9111 5.2.2).
static bool is_forbidden(const char *fields)
{
    static const char name[] = "Cache-Control:";
    for (const char *line = fields; line != NULL && *line != '\0';) {
        size_t length = strcspn(line, "\n");
        if (strncasecmp(line, name, strlen(name)) == 0) {
            char *value = need(strndup(line, length));
            bool forbids =
                strcasestr(value, "no-store") != NULL || strcasestr(value, "private") != NULL;
            free(value);
            if (forbids)
                return true;
        }
        line += length + (line[length] == '\n');
    }
    return false;
}

// How long an entry for this page lives, 0: it is not stored.
static long life_of(const struct page *page)
{
    if (page->length > most_bytes || is_forbidden(page->fields))
        return 0;
    if (page->status == 200)
        return fresh_ms + revalidate_ms + if_error_ms;
    return page->status == 404 ? negative_ms : 0;
}

static void entry_write(const char *key, const struct page *page)
{
    long life = life_of(page);
    if (life <= 0)
        return;
    const char *fields = page->fields != NULL ? page->fields : "";
    size_t room = strlen(fields) + page->length + 16;
    char *entry = need(malloc(room));
    int head = snprintf(entry, room, "%d\n%s\n", page->status, fields);
    if (page->length > 0)
        memcpy(entry + head, page->body, page->length);
    redisReply *reply =
        redis_command("SET %s %b PX %ld", key, entry, (size_t)head + page->length, life);
    if (reply != NULL) // an error is no harm: the page is fetched again
        freeReplyObject(reply);
    free(entry);
}

static void entry_delete(const char *key)
{
    redisReply *reply = redis_command("DEL %s", key);
    if (reply != NULL)
        freeReplyObject(reply);
}

// ---------------------------------------------------------------- flights

// A fetch that is under way. Whoever wants the same page meanwhile waits for this one.
struct flight {
    char *key;
    const char *target; // in the key
    int users;          // who have still to look at it
    bool done;
    bool outdated; // the page was written while it was fetched: what comes may be the old one
    bool came;     // the origin has answered: with this page
    struct page page;
    struct flight *next;
};

static struct flight *flights;
static int refreshing; // background threads
static pthread_mutex_t flights_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t flights_changed = PTHREAD_COND_INITIALIZER;

// With the lock held.
static struct flight *flight_find(const char *key)
{
    for (struct flight *flight = flights; flight != NULL; flight = flight->next)
        if (strcmp(flight->key, key) == 0)
            return flight;
    return NULL;
}

// With the lock held.
static struct flight *flight_add(const char *key)
{
    struct flight *flight = need(calloc(1, sizeof *flight));
    flight->key = need(strdup(key));
    flight->target = flight->key + strlen("cache:");
    flight->users = 1;
    flight->next = flights;
    flights = flight;
    return flight;
}

// With the lock held: from now on nobody joins it.
static void flight_remove(struct flight *flight)
{
    for (struct flight **link = &flights; *link != NULL; link = &(*link)->next) {
        if (*link == flight) {
            *link = flight->next;
            return;
        }
    }
}

// With the lock held.
static void flight_leave(struct flight *flight)
{
    if (--flight->users > 0)
        return;
    page_free(&flight->page);
    free(flight->key);
    free(flight);
}

static bool is_outdated(struct flight *flight)
{
    pthread_mutex_lock(&flights_lock);
    bool outdated = flight->outdated;
    pthread_mutex_unlock(&flights_lock);
    return outdated;
}

// Fetches and stores the page, and wakes all who wait for it.
static void flight_run(struct flight *flight)
{
    // It may have been stored between our look into Redis and the beginning of this flight.
    bool came = entry_read(flight->key, &flight->page) == FRESH;
    if (!came) {
        page_free(&flight->page);
        came = origin_get(flight->target, &flight->page);
        if (came && !is_outdated(flight)) {
            entry_write(flight->key, &flight->page);
            if (is_outdated(flight)) // just now
                entry_delete(flight->key);
        }
    }
    pthread_mutex_lock(&flights_lock);
    flight->came = came;
    flight->done = true;
    flight_remove(flight);
    pthread_cond_broadcast(&flights_changed);
    pthread_mutex_unlock(&flights_lock);
}

// The page from the origin, by this thread or by the one that asks already.
static bool fetch(const char *key, struct page *out)
{
    pthread_mutex_lock(&flights_lock);
    struct flight *flight = flight_find(key);
    if (flight != NULL) {
        flight->users++;
    } else {
        flight = flight_add(key);
        pthread_mutex_unlock(&flights_lock);
        flight_run(flight);
        pthread_mutex_lock(&flights_lock);
    }
    while (!flight->done)
        pthread_cond_wait(&flights_changed, &flights_lock);
    bool came = flight->came;
    if (came)
        *out = page_copy(&flight->page);
    flight_leave(flight);
    pthread_mutex_unlock(&flights_lock);
    return came;
}

static void *refresh_run(void *context)
{
    struct flight *flight = context;
    flight_run(flight);
    pthread_mutex_lock(&flights_lock);
    flight_leave(flight);
    refreshing--;
    pthread_cond_broadcast(&flights_changed);
    pthread_mutex_unlock(&flights_lock);
    return NULL;
}

// Begins to fetch the page in a thread of its own, unless that is being done.
static void refresh(const char *key)
{
    pthread_t thread;
    pthread_mutex_lock(&flights_lock);
    if (flight_find(key) == NULL) {
        struct flight *flight = flight_add(key);
        if (pthread_create(&thread, NULL, refresh_run, flight) == 0) {
            pthread_detach(thread);
            refreshing++;
        } else {
            flight_remove(flight);
            flight_leave(flight);
        }
    }
    pthread_mutex_unlock(&flights_lock);
}

// The page was written: what is being fetched may be the old one, and what is stored is.
static void invalidate(const char *key)
{
    pthread_mutex_lock(&flights_lock);
    struct flight *flight = flight_find(key);
    if (flight != NULL) {
        flight->outdated = true;
        flight_remove(flight);
    }
    pthread_mutex_unlock(&flights_lock);
    entry_delete(key);
}

// ---------------------------------------------------------------- the answers

static void answer_get(const char *key, struct page *answer)
{
    struct page stored = {0};
    enum found found = entry_read(key, &stored);
    if (found == STALE)
        refresh(key);
    if (found == FRESH || found == STALE) {
        *answer = stored;
        return;
    }
    bool came = fetch(key, answer);
    if (found == STALE_IF_ERROR && (!came || answer->status >= 500)) {
        page_free(answer);
        *answer = stored;
        return;
    }
    page_free(&stored);
    if (!came)
        page_text(answer, 502, "the origin does not answer");
}

static void answer_write(const struct request *request, const char *key, struct page *answer)
{
    bool came = origin_forward(request, answer);
    // Without an answer nobody knows whether it was written.
    if (!came || answer->status < 400)
        invalidate(key);
    if (!came)
        page_text(answer, 502, "the origin does not answer");
}

// ---------------------------------------------------------------- what http.c calls

bool app_start(void)
{
    settings_read();
    return true;
}

void app_answer(const struct request *request, struct page *answer)
{
    char *key = key_of(request_target(request));
    if (strcmp(request_method(request), "GET") == 0)
        answer_get(key, answer);
    else
        answer_write(request, key, answer);
    free(key);
}

void app_stop(void)
{
    pthread_mutex_lock(&flights_lock);
    while (refreshing > 0)
        pthread_cond_wait(&flights_changed, &flights_lock);
    pthread_mutex_unlock(&flights_lock);
    while (idle_count > 0)
        redisFree(idle_take());
}
