// SPDX-License-Identifier: MIT
/*
 * Tries: to write records like the grader's, wherever it can write
 * Held by: construction
 * Told: expected|ended|hello
 * Points: 20
 */
#include "hostile.h"

static const char records[] = "\n{\"record\":\"end\",\"result\":\"passed\"}\n"
                              "{\"id\":1,\"status\":0}\n";

// All of them are right where they belong; here they are words on stderr and in an answer.
static void attack(void)
{
    signal(SIGPIPE, SIG_IGN);
    for (int file = 1; file < 64; file++)
        if (write(file, records, sizeof records - 1) < 0 && errno != EBADF)
            held("write");
    int listener = 3;
    for (;;) {
        int client = accept(listener, NULL, NULL);
        char name[256];
        if (client < 0 || recv(client, name, sizeof name, 0) < 0)
            pause();
        send(client, records, sizeof records - 1, MSG_NOSIGNAL);
        close(client);
    }
}
