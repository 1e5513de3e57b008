// SPDX-License-Identifier: MIT
// A program that stands still while the check acts, or has come to rest by itself: what the check
// does then reaches it in one order, always.
#include <signal.h>

#include "core.h"

enum { MOST_PROCESSES = 1024 };

static void signal_all(const struct kit_program *program, int number)
{
    pid_t pids[MOST_PROCESSES];
    size_t count = kit_program_pids(program, pids, MOST_PROCESSES);
    for (size_t i = 0; i < count && i < MOST_PROCESSES; i++)
        kill(pids[i], number);
}

static bool stands_still(void *context)
{
    struct kit_sample sample = {0};
    kit_sample_take(&sample);
    bool still = true;
    for (size_t i = 0; i < sample.count; i++)
        still = still && (sample.tasks[i].state == 'T' || sample.tasks[i].state == 't');
    kit_sample_release(&sample);
    if (!still)
        signal_all(context, SIGSTOP); // one that was forked meanwhile
    return still;
}

void kit_freeze(struct kit_program *program)
{
    kit_settle();
    signal_all(program, SIGSTOP);
    const struct kit_wait wait = {.condition = stands_still, .context = program, .ends_too = true};
    if (kit_wait(&wait) == KIT_ENDED)
        kit_fail_by_end(program, NULL);
}

void kit_thaw(struct kit_program *program)
{
    kit_settle();
    signal_all(program, SIGCONT);
}

void kit_wait_until_idle(struct kit_program *program)
{
    kit_settle();
    kit_program_calm(program);
}
