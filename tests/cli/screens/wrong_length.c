// SPDX-License-Identifier: MIT
// Echoes, and takes the size of an array for the length of the text in it.
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reply {
    char bytes[1024];
    size_t length;
};

static void append(struct reply *reply, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    reply->length += vsnprintf(reply->bytes + reply->length, sizeof reply->bytes - reply->length,
                               format, arguments);
    va_end(arguments);
}

static void add_length(struct reply *reply, const char *body)
{
    char text[64];
    snprintf(text, sizeof text, "%.63s", body);
    append(reply, "Content-Length: %zu\r\n", sizeof text);
}

static void flush(int client, struct reply *reply)
{
    send(client, reply->bytes, reply->length, MSG_NOSIGNAL);
}

static void respond(int client, const char *body)
{
    struct reply reply = {.length = 0};
    append(&reply, "HTTP/1.1 200 OK\r\n");
    add_length(&reply, body);
    append(&reply, "\r\n%s", body);
    flush(client, &reply);
}

static void serve(int client)
{
    char request[4096];
    size_t length = 0;
    request[0] = '\0';
    while (strstr(request, "\r\n\r\n") == NULL && length + 1 < sizeof request) {
        ssize_t got = recv(client, request + length, sizeof request - 1 - length, 0);
        if (got <= 0)
            return;
        length += (size_t)got;
        request[length] = '\0';
    }
    char *word = request + strlen("GET /echo/");
    word[strcspn(word, " ?")] = '\0';
    respond(client, word);
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(atoi(getenv("PORT"))),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 16);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        serve(client);
        close(client);
    }
}
