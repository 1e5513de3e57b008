// SPDX-License-Identifier: MIT
/*
 * Tries: to have lines of others shown as its own, by #line
 * Held by: construction
 * Told: the bytes differ
 * Points: 20
 */
#define OWN_MAIN
#include "hostile.h"

static int wrong(int client)
{
#line 1 "/etc/passwd"
    return (int)send(client, "hullo ", 6, MSG_NOSIGNAL);
}

static int beyond(int client)
{
#line 70000 "server.c"
    return wrong(client) + 1;
}

static int escapes(int client)
{
#line 1 "\033]0;a title\007/../../secret"
    return beyond(client) + 1;
}

static int outside(int client)
{
#line 1 "a/../../secret"
    return escapes(client) + 1;
}

static int nobody(int client)
{
#line 1 "secret"
    return outside(client) + 1;
}

static int longest(int client)
{
#line 1 "sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"
    return nobody(client) + 1;
}

#line 48 "server.c"
int main(void)
{
    int listener = listen_on(atoi(getenv("PORT")));
    for (;;)
        longest(accept(listener, NULL, NULL));
}
