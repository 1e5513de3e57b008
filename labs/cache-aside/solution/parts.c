// SPDX-License-Identifier: 0BSD
// Asking the origin, and connecting to Redis: given by the lab.
#include "parts.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ORIGIN_TIMEOUT_MS = 60000, ANSWER_MOST = 16 << 20, FIELDS_MOST = 64 << 10 };

// ---------------------------------------------------------------- the origin

struct text {
    char *bytes;
    size_t length, most;
};

static bool text_add(struct text *text, const char *bytes, size_t length)
{
    if (text->length + length > text->most)
        return false;
    char *grown = realloc(text->bytes, text->length + length + 1);
    if (grown == NULL)
        return false;
    memcpy(grown + text->length, bytes, length);
    text->bytes = grown;
    text->length += length;
    text->bytes[text->length] = '\0';
    return true;
}

static size_t on_body(char *bytes, size_t one, size_t length, void *context)
{
    return text_add(context, bytes, one * length) ? length : 0;
}

// Fields of one connection, and of the form of the body on it (RFC 9110 7.6.1).
static bool is_for_the_client(const char *line)
{
    static const char *const left_out[] = {
        "Connection:", "Keep-Alive:", "Transfer-Encoding:", "Content-Length:", "Trailer:",
        "Upgrade:",    "Date:",
    };
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if (strncasecmp(line, left_out[i], strlen(left_out[i])) == 0)
            return false;
    return strchr(line, ':') != NULL;
}

// A line of the head, with its \r\n. An interim answer (100) has a head too: the last one counts.
static size_t on_field(char *bytes, size_t one, size_t length, void *context)
{
    struct text *fields = context;
    size_t end = one * length;
    while (end > 0 && strchr("\r\n \t", bytes[end - 1]) != NULL)
        end--;
    char *line = strndup(bytes, end);
    if (line == NULL)
        return 0;
    bool done = true;
    if (strncmp(line, "HTTP/", 5) == 0)
        fields->length = 0;
    else if (is_for_the_client(line))
        done = text_add(fields, line, end) && text_add(fields, "\n", 1);
    free(line);
    return done ? length : 0;
}

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_NOTHING);
}

static bool ask(const char *method, const struct request *request, const char *target,
                struct page *out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_curl);
    const char *origin = getenv("ORIGIN_URL"), *limit = getenv("ORIGIN_TIMEOUT_MS");
    struct text url = {.most = 1 << 20}, type = {.most = 1 << 16};
    struct text fields = {.most = FIELDS_MOST}, body = {.most = ANSWER_MOST};
    struct curl_slist *lines = NULL;
    long status = 0;
    CURL *curl = curl_easy_init();
    text_add(&url, origin != NULL ? origin : "", origin != NULL ? strlen(origin) : 0);
    text_add(&url, target, strlen(target));
    curl_easy_setopt(curl, CURLOPT_URL, url.bytes);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, limit != NULL ? atol(limit) : ORIGIN_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_field);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &fields);
    if (request != NULL) {
        size_t length;
        const char *sent = request_body(request, &length);
        const char *is = request_type(request) != NULL ? request_type(request) : "";
        text_add(&type, "Content-Type: ", strlen("Content-Type: "));
        text_add(&type, is, strlen(is));
        lines = curl_slist_append(lines, "Expect:");
        lines = curl_slist_append(lines, *is != '\0' ? type.bytes : "Content-Type:");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, sent);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines);
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    }
    bool came = curl_easy_perform(curl) == CURLE_OK;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(lines);
    free(url.bytes);
    free(type.bytes);
    // Neither is NULL, also when there is nothing.
    came = came && text_add(&fields, "", 0) && text_add(&body, "", 0);
    *out = (struct page){(int)status, fields.bytes, body.bytes, body.length};
    if (!came)
        page_free(out);
    return came;
}

bool origin_get(const char *target, struct page *out)
{
    return ask("GET", NULL, target, out);
}

bool origin_forward(const struct request *request, struct page *out)
{
    return ask(request_method(request), request, request_target(request), out);
}

// ---------------------------------------------------------------- Redis

redisContext *redis_open(int milliseconds)
{
    struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
    const char *url = getenv("REDIS_URL");
    char host[256] = "127.0.0.1";
    int port = 6379;
    redisContext *redis;
    if (url != NULL && strncmp(url, "unix://", 7) == 0)
        redis = milliseconds > 0 ? redisConnectUnixWithTimeout(url + 7, limit)
                                 : redisConnectUnix(url + 7);
    else {
        if (url != NULL)
            sscanf(url, "redis://%255[^:/]:%d", host, &port);
        redis = milliseconds > 0 ? redisConnectWithTimeout(host, port, limit)
                                 : redisConnect(host, port);
    }
    if (redis != NULL && redis->err == 0 &&
        (milliseconds <= 0 || redisSetTimeout(redis, limit) == REDIS_OK))
        return redis;
    if (redis != NULL)
        redisFree(redis);
    return NULL;
}
