// SPDX-License-Identifier: MIT
/*
 * A right server for the lab hello that first attacks. Each file beside this one defines attack();
 * what gets through is said on stderr, where the test looks. where.h says what lies outside:
 * SOLUTION, SECRET (of the caller alone), OPEN_FOLDER (for everybody).
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "where.h"

static void attack(void);

static void through(const char *what)
{
    fprintf(stderr, "attack: through: %s\n", what);
}

// Calls `each` for every process that is not this one, nor PID 1 of the box or the machine.
static inline void each_process(void (*each)(pid_t pid))
{
    DIR *all = opendir("/proc");
    for (struct dirent *entry; all != NULL && (entry = readdir(all)) != NULL;) {
        pid_t pid = (pid_t)atoi(entry->d_name);
        if (isdigit((unsigned char)entry->d_name[0]) && pid != getpid() && pid != 1)
            each(pid);
    }
    if (all != NULL)
        closedir(all);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    attack();
    fprintf(stderr, "attack: done\n");
    int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((unsigned short)atoi(getenv("PORT"))),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 8) < 0)
        return 1;
    for (;;)
        close(accept(listener, NULL, NULL));
}
