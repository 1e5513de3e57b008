// SPDX-License-Identifier: MIT
// Prints 200 kB to stdout and to stderr before it listens, which it does only after 150 ms, and
// then about each answer, to both.

#include "common/server.h"

enum { CHATTER = 200000, LATE_MS = 150 };

static void chatter(FILE *stream)
{
    for (int printed = 0; printed < CHATTER;)
        printed += fprintf(stream, "starting up, %d bytes said so far\n", printed);
    fflush(stream);
}

static void write_head(struct bytes *out, const struct http_head *head)
{
    printf("answered %d %s\n", head->status, head->reason);
    fflush(stdout);
    fprintf(stderr, "HTTP/1.1 %d %s\r\n", head->status, head->reason);
    http_write_head(out, head);
}

int main(void)
{
    chatter(stdout);
    chatter(stderr);
    server_sleep_ms(LATE_MS);
    http_configure();
    http_site.write_head = write_head;
    server_run_threads(server_listen_ipv4(INADDR_LOOPBACK), &server_wire);
}
