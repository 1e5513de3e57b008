// SPDX-License-Identifier: MIT
/*
 * reap [-s SIGNAL -d MICROSECONDS [-1]] [-n] COMMAND…
 *
 * Runs a command and ends with its status, once every process that it left behind is gone: as the
 * subreaper of all of them it needs no list of names. What lives on for 20 s is named and killed,
 * and the status is 98. The command has a process group of its own and default signals.
 *
 *   -s -d  sends the signal to its process group, so many microseconds after its start
 *   -1     to its first process alone
 *   -n     in a network of its own, where every port is free
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 20, LEFT_STATUS = 98, USAGE_STATUS = 99 };

struct job {
    int signal;
    long delay; // microseconds
    bool alone, network;
    char **argv;
    pid_t pid;
};

static void raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (ioctl(any, SIOCSIFFLAGS, &request) < 0)
        exit(USAGE_STATUS);
    close(any);
}

_Noreturn static void become(const struct job *job)
{
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < 32; number++)
        signal(number, SIG_DFL); // a shell lets its background jobs ignore SIGINT
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    if (job->network)
        raise_loopback();
    execvp(job->argv[0], job->argv);
    fprintf(stderr, "reap: %s: %s\n", job->argv[0], strerror(errno));
    _exit(USAGE_STATUS);
}

static void send_in_time(const struct job *job)
{
    int pidfd = (int)syscall(SYS_pidfd_open, job->pid, 0);
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    struct timespec delay = {job->delay / 1000000, job->delay % 1000000 * 1000};
    if (ppoll(&ended, 1, &delay, NULL) == 0)
        kill(job->alone ? job->pid : -job->pid, job->signal);
    close(pidfd);
}

// Names the children that are left, ends them.
static void end_children(int number)
{
    (void)number;
    char line[64];
    FILE *list = fopen("/proc/thread-self/children", "re");
    int pid;
    while (list != NULL && fscanf(list, "%d", &pid) == 1) {
        snprintf(line, sizeof line, "reap: process %d was left behind\n", pid);
        (void)!write(STDERR_FILENO, line, strlen(line));
        kill(pid, SIGKILL);
    }
    _exit(LEFT_STATUS);
}

static bool read_options(int argc, char **argv, struct job *job)
{
    int option;
    while ((option = getopt(argc, argv, "+s:d:1n")) != -1) {
        if (option == 's')
            job->signal = atoi(optarg);
        else if (option == 'd')
            job->delay = atol(optarg);
        else if (option == '1')
            job->alone = true;
        else if (option == 'n')
            job->network = true;
        else
            return false;
    }
    job->argv = argv + optind;
    return optind < argc;
}

int main(int argc, char **argv)
{
    struct job job = {0};
    int status = 0;
    int other;
    if (!read_options(argc, argv, &job) || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ||
        (job.network && unshare(CLONE_NEWNET) < 0))
        return USAGE_STATUS;
    job.pid = fork();
    if (job.pid == 0)
        become(&job);
    setpgid(job.pid, job.pid);
    if (job.signal != 0)
        send_in_time(&job);
    while (waitpid(job.pid, &status, 0) < 0 && errno == EINTR)
        continue;
    signal(SIGALRM, end_children);
    alarm(PATIENCE_SECONDS);
    while (waitpid(-1, &other, 0) > 0)
        continue;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
