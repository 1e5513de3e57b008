// SPDX-License-Identifier: MIT
// A server that has stored a fruit in Redis before it listens, and stores another one when a client
// has come. MODE "rules": it tries to end Redis first.
#include <sys/un.h>

#include "start.h"

static int redis;

static void reach(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const char *path = getenv("REDIS_URL") + strlen("unix://");
    memcpy(name.sun_path, path, strlen(path) + 1);
    redis = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(redis, (struct sockaddr *)&name, sizeof name) != 0) {
        perror("connect");
        exit(1);
    }
}

static void command(const char *line)
{
    char reply[256];
    if (write(redis, line, strlen(line)) < 0 || read(redis, reply, sizeof reply) <= 0) {
        perror("redis");
        exit(1);
    }
}

int main(void)
{
    reach();
    if (strcmp(getenv("MODE"), "rules") == 0)
        command("SHUTDOWN\r\n");
    command("SET fruit \"fig\\x00s\" PX 60000\r\n");
    int listener = listen_here();
    answer(accept(listener, NULL, NULL));
    command("SET second kiwi\r\n");
    answer_all(listener);
}
