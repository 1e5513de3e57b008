// SPDX-License-Identifier: MIT
/*
 * CPU time, to the nanosecond: /proc counts in ticks of 10 ms, which is too coarse to compare two
 * servers by. A process's own clock can be read by anybody who sees it.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <time.h>

#include "core.h"

enum { MOST_PROCESSES = 1024, MOST_ANCESTORS = 16 };

// Seconds of all threads of a process, those that have ended included; 0 when it is gone.
static double clock_of(pid_t pid)
{
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0)
        return 0;
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

double kit_program_cpu(struct kit_program *program)
{
    static pid_t pids[MOST_PROCESSES];
    size_t count = kit_program_pids(program, pids, MOST_PROCESSES);
    if (count > MOST_PROCESSES)
        count = MOST_PROCESSES;
    double exact = 0;
    for (size_t i = 0; i < count; i++)
        exact += clock_of(pids[i]);
    // A program that works in children which end has spent more than its living processes say.
    struct kit_sample sample = {0};
    kit_sample_take(&sample);
    double counted = sample.cpu;
    kit_sample_release(&sample);
    return counted > exact + 0.1 ? counted : exact;
}

static pid_t parent_of(pid_t pid)
{
    char status[4096];
    if (!kit_proc_read(kit_format("/proc/%d/status", (int)pid), status, sizeof status))
        return 0;
    return (pid_t)strtol(kit_proc_field(status, "PPid:"), NULL, 10);
}

static bool descends_from(pid_t pid, pid_t ancestor)
{
    for (int i = 0; i < MOST_ANCESTORS && pid > 1; i++)
        if ((pid = parent_of(pid)) == ancestor)
            return true;
    return false;
}

double kit_service_cpu(const char *service)
{
    kit_settle();
    pid_t fixture = kit_service_pid(service);
    DIR *all = opendir("/proc");
    if (all == NULL)
        kit_break("the cell has no /proc");
    double seconds = 0;
    for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (isdigit((unsigned char)entry->d_name[0]) && descends_from(pid, fixture))
            seconds += clock_of(pid);
    }
    closedir(all);
    return seconds;
}
