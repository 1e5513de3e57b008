// SPDX-License-Identifier: MIT
/*
 * Tries: to leave programs behind that run with the rights of whoever owns them, and to use those
 *   of the machine
 * Held by: construction
 * Told: nothing
 */
#include "hostile.h"

static void leave(const char *folder, const char *name)
{
    char path[256], bytes[4096];
    ssize_t length;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int from = open("/proc/self/exe", O_RDONLY), to = open(path, O_WRONLY | O_CREAT, 0755);
    while ((length = read(from, bytes, sizeof bytes)) > 0)
        if (write(to, bytes, (size_t)length) < 0)
            break;
    if (fchmod(to, 06755) < 0)
        held("setuid");
    close(from);
    close(to);
}

static void attack(void)
{
    leave(getenv("FILES_DIR"), "left");
    leave("/tmp", "left");
    leave(HOME_FOLDER, "left");
    // What a program of the machine's gains by its owner shows in the process that executes it.
    int ends[2];
    char status[4096] = "";
    if (pipe(ends) < 0)
        return;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[0], 0);
        close(ends[1]);
        execl("/usr/bin/su", "su", "-c", "true", (char *)NULL);
        _exit(0);
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", child);
    for (int i = 0; i < 20; i++) {
        sleep_for(0.005);
        int file = open(path, O_RDONLY);
        if (file >= 0 && read(file, status, sizeof status - 1) > 0 &&
            strstr(status, "CapEff:\t0000000000000000") == NULL && strstr(status, "su\n") != NULL)
            through("su has capabilities");
        close(file);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}
