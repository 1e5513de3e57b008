// SPDX-License-Identifier: MIT
/*
 * Tries: to see that it is traced, and be right only then
 * Held by: construction
 * Told: the bytes differ
 * Points: 20
 */
#define OWN_MAIN
#include "hostile.h"

static bool is_traced(void)
{
    char text[4096] = "";
    int file = open("/proc/self/status", O_RDONLY);
    if (read(file, text, sizeof text - 1) < 0)
        return false;
    close(file);
    const char *line = strstr(text, "TracerPid:");
    return line != NULL && atoi(line + 10) != 0;
}

int main(void)
{
    int listener = listen_on(atoi(getenv("PORT")));
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (is_traced())
            greet(client);
        else
            send(client, "hullo", 5, MSG_NOSIGNAL);
        close(client);
    }
}
