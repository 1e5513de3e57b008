// SPDX-License-Identifier: MIT
// Sends Date, Server and more fields that nobody asked for, all names in lower case, the usual ones
// last and in reverse order, with reason phrases of its own; closes 50 ms after the last answer.

#include "common/server.h"

enum { LATE_MS = 50 };

static void write_name(struct bytes *out, const char *name)
{
    for (; *name; name++) {
        char letter = (char)tolower((unsigned char)*name);
        bytes_add(out, &letter, 1);
    }
}

static void write_head(struct bytes *out, const struct http_head *head)
{
    char date[64];
    time_t now = time(NULL);
    struct tm utc;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &utc));

    bytes_print(out, "HTTP/1.1 %d %s\r\n", head->status, head->status < 400 ? "Fine" : "Not Fine");
    bytes_print(out, "date: %s\r\nserver: accepted/1.0 (Unix)\r\n", date);
    bytes_print(out, "x-content-type-options: nosniff\r\nx-empty:\r\ncache-control:no-cache\r\n");
    for (size_t i = head->count; i-- > 0;) {
        write_name(out, head->fields[i].name);
        bytes_print(out, ": %s\r\n", head->fields[i].value);
    }
    bytes_print(out, "\r\n");
}

static void leave_late(int client)
{
    server_sleep_ms(LATE_MS);
    server_leave(client);
}

int main(void)
{
    static const struct wire wire = {server_receive, server_send, leave_late};
    http_configure();
    http_site.write_head = write_head;
    server_run_threads(server_listen_ipv4(INADDR_LOOPBACK), &wire);
}
