// SPDX-License-Identifier: MIT
/*
 * outside FOLDER: somebody outside of all cells. Listens on the loopback, on an abstract unix
 * socket and on FOLDER/socket, and has a System V segment; prints where.h for hostile programs on
 * stdout, then waits until stdin ends.
 */
#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_inet(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 64) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        return 0;
    return ntohs(address.sin_port);
}

static int listen_unix(const char *name, size_t start)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    size_t length = strlen(name);
    if (length + start > sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path + start, name, length);
    if (bind(listener, (struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + start + length)) < 0)
        return -1;
    return listen(listener, 64);
}

int main(int argc, char **argv)
{
    char name[64], path[100], byte;
    if (argc != 2)
        return 2;
    snprintf(name, sizeof name, "hostile-%d", (int)getpid());
    snprintf(path, sizeof path, "%s/socket", argv[1]);
    int port = listen_inet();
    int key = (int)getpid(), segment = shmget(key, 4096, IPC_CREAT | 0600);
    if (segment < 0 || port == 0 || listen_unix(name, 1) < 0 || listen_unix(path, 0) < 0) {
        perror("outside");
        return 1;
    }
    printf("#define PORT_OUTSIDE %d\n#define PROCESS_OUTSIDE %d\n#define NAME_OUTSIDE \"%s\"\n"
           "#define SOCKET_OUTSIDE \"%s\"\n#define KEY_OUTSIDE %d\n",
           port, (int)getpid(), name, path, key);
    fflush(stdout);
    fclose(stdout);
    while (read(0, &byte, 1) > 0)
        continue;
    shmctl(segment, IPC_RMID, NULL);
    return 0;
}
