// SPDX-License-Identifier: MIT
/*
 * leave COMMAND…
 *
 * Runs a command, and as the subreaper of all that it starts sees what lives on when it has ended:
 * a process that is called "outlived" or "program" is reported with the words of an attack that got
 * through (with HOSTILE_QUIET without them), and killed. Ends with the command's status when all
 * others are gone too; what stays for 20 s is named and killed, and the status is 98.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 20, LEFT_STATUS = 98, USAGE_STATUS = 99 };

// Acts on all that this process started and that is there, from the oldest generation on.
static void each_descendant(int parent, void (*act)(int pid))
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", parent, parent);
    FILE *list = fopen(path, "re");
    int pid;
    while (list != NULL && fscanf(list, "%d", &pid) == 1) {
        each_descendant(pid, act);
        act(pid);
    }
    if (list != NULL)
        fclose(list);
}

// A hostile program, by the name that a box gives it or by the one that it has chosen.
static void report_outlived(int pid)
{
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return;
    if (fgets(name, sizeof name, file) != NULL &&
        (strcmp(name, "outlived\n") == 0 || strcmp(name, "program\n") == 0)) {
        if (getenv("HOSTILE_QUIET") == NULL)
            fprintf(stderr, "attack: through: process %d lives on\n", pid);
        kill(pid, SIGKILL);
    }
    fclose(file);
}

static void end_child(int pid)
{
    fprintf(stderr, "leave: process %d was left behind\n", pid);
    kill(pid, SIGKILL);
}

static void end_all(int number)
{
    (void)number;
    each_descendant(getpid(), end_child);
    _exit(LEFT_STATUS);
}

int main(int argc, char **argv)
{
    int status = 0, other;
    if (argc < 2 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        return USAGE_STATUS;
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(USAGE_STATUS);
    }
    while (waitpid(-1, &other, 0) != pid)
        continue;
    status = other;
    // What the command's end has orphaned is ours by now.
    each_descendant(getpid(), report_outlived);
    signal(SIGALRM, end_all);
    alarm(PATIENCE_SECONDS);
    while (waitpid(-1, &other, 0) > 0)
        each_descendant(getpid(), report_outlived);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
