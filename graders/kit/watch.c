// SPDX-License-Identifier: MIT
/*
 * What the program's threads do, and the clocks of one wait.
 *
 * A program that is slow because the machine is busy must never fail; one that hangs must fail
 * soon. So no clock of the wall decides. The watch samples every thread and charges the program
 * only with time that was its own:
 *
 *   asleep   between two samples that both show every thread in state S. When no thread was
 *            switched in between, all of that time; else without what its threads ran or waited
 *            for a core (schedstat). A step is charged with at most 20 ms, so that a check that
 *            was itself stopped or starved charges nobody with that. How long a thread that has
 *            ended meanwhile waited for a core nobody knows; had it been long, samples would
 *            have shown it, as a thread that waits for one is not in state S.
 *   stopped  the same with some thread in state T, or traced by another of the program's.
 *   at work  CPU time.
 *   held     a debugger or the tracer, outside, has stopped a thread (state t): nothing is
 *            charged, and the clock of the wall below stands still.
 *
 * A service works for the program: its threads count as the program's do. While it computes, or
 * waits for a core, the program does not sleep; what it computes is the program's CPU time; and a
 * program has come to rest when its services have too.
 *
 * Three rules follow. The program is stuck
 *   (a) at once after 250 ms asleep without a context switch when nothing can happen any more: no
 *       thread's call has a time limit, no timer is set, SIGALRM is neither caught nor blocked, and
 *       nothing is on its way on the network (a loaded machine may deliver late). The look at the
 *       network comes before a last sample: what it finds delivered has woken its reader by then.
 *   (b) after limits.seconds asleep and stopped in sum, or of CPU time.
 *   (c) after ten times that in all of a check's waits together: a program that sends a byte now
 *       and then starts each wait anew, and would hold the check for ever.
 *
 * And a clock of the wall that decides only who is at fault: after 50 s the check ends, failed if
 * the program slept, ran or was stopped for half of it, else broken. It stands still while a thread
 * of the program waits for a core, since a busy loop among many others comes to its limit in the
 * end; but not for ever, as a program can choose to be the last that gets a core.
 */
#include "core.h"

#include <stdlib.h>
#include <string.h>

#define STEP_MOST 0.020   // seconds one step between two samples is charged with at most
#define SURE_AFTER 0.250  // seconds asleep without a switch before rule (a) is asked
#define ASK_AGAIN 0.100   // seconds until it is asked again when something was on its way
#define WALL_SECONDS 50.0 // or twice the limit, when that is more
#define PATIENCE 10       // times the limit for all waits of a check together
#define QUEUED_MOST 4     // times the wall's seconds it may stand still for want of a core
#define RESTS_BELOW 0.25  // part of a step at work, or in want of a core, that is rest all the same

enum doing { AT_WORK, ASLEEP, STOPPED, HELD };

struct kit_watch {
    uint64_t origins_sent; // when the clock of the wall was started last, but the first time
    struct kit_program *program;
    struct kit_sample now, before;
    bool has_before;
    enum doing doing, done_before;
    bool unchanged; // no thread came, went or was switched in between the two samples
    double started, cpu_started;
    double queued;          // waiting for a core, with the wall's clock standing still
    double rested;          // asleep or stopped, in a row, with little else
    double asleep, stopped; // charged so far
    double idle;            // asleep or stopped, without the bound of a step
    double still;           // charged asleep since the last switch
    double ask_at;          // `still` at which rule (a) is asked next
};

static double longest_wait;
static double all_waited;       // by the watches that have ended
static struct kit_watch *whole; // over the waits that were too short for a watch of their own
static const char *why;         // which limit the last program that was stuck has reached

static bool sleeps(const struct kit_task *task)
{
    return task->state == 'S' || (task->state == 'D' && kit_task_in_vfork(task));
}

static enum doing doing_in(const struct kit_sample *sample)
{
    enum doing doing = sample->processes > 0 ? ASLEEP : AT_WORK; // the program's own
    for (size_t i = 0; i < sample->count; i++)
        if (sample->tasks[i].state == 't')
            return HELD;
    for (size_t i = 0; i < sample->count; i++) {
        if (sample->tasks[i].state == 'T')
            doing = STOPPED;
        else if (!sleeps(&sample->tasks[i]))
            return AT_WORK;
    }
    return doing;
}

struct kit_watch *kit_watch_start(struct kit_program *program)
{
    struct kit_watch *watch = mem_alloc(sizeof *watch);
    watch->program = program;
    watch->started = kit_clock();
    watch->ask_at = SURE_AFTER;
    if (kit_program_is_started(program)) {
        kit_sample_take(&watch->before);
        kit_sample_add_services(&watch->before);
        watch->has_before = true;
        watch->cpu_started = watch->before.cpu;
        watch->done_before = doing_in(&watch->before);
    }
    return watch;
}

void kit_watch_free(struct kit_watch *watch)
{
    if (watch == NULL)
        return;
    double waited = kit_watch_waited(watch);
    if (waited > longest_wait)
        longest_wait = waited;
    all_waited += waited;
    kit_sample_release(&watch->now);
    kit_sample_release(&watch->before);
    free(watch);
}

double kit_longest_wait(void)
{
    return longest_wait;
}

double kit_watch_cpu(const struct kit_watch *watch)
{
    double cpu = watch->has_before ? watch->before.cpu - watch->cpu_started : 0;
    return cpu > 0 ? cpu : 0;
}

double kit_watch_waited(const struct kit_watch *watch)
{
    double cpu = kit_watch_cpu(watch);
    double rest = watch->asleep + watch->stopped;
    return cpu > rest ? cpu : rest;
}

static const struct kit_task *task_find(const struct kit_sample *sample, pid_t tid)
{
    for (size_t i = 0; i < sample->count; i++)
        if (sample->tasks[i].tid == tid)
            return &sample->tasks[i];
    return NULL;
}

static double seconds_since(uint64_t before, uint64_t now)
{
    return now > before ? (double)(now - before) / 1e9 : 0;
}

// Seconds between the two samples that the threads together waited for a core, and that they ran or
// waited. Of threads that went it knows what their processes ran in all.
static double busy_between(const struct kit_sample *before, const struct kit_sample *now,
                           double *out_queued)
{
    static const struct kit_task none;
    double ran = 0;
    *out_queued = 0;
    for (size_t i = 0; i < now->count; i++) {
        const struct kit_task *task = &now->tasks[i];
        const struct kit_task *old = task_find(before, task->tid);
        if (task->ran == 0 && task->queued == 0)
            return now->at - before->at;
        if (old == NULL)
            old = &none;
        ran += seconds_since(old->ran, task->ran);
        *out_queued += seconds_since(old->queued, task->queued);
    }
    double ran_in_all = now->cpu - before->cpu;
    for (size_t i = 0; i < before->count; i++)
        if (task_find(now, before->tasks[i].tid) == NULL && ran_in_all > ran)
            ran = ran_in_all;
    return ran + *out_queued;
}

static void step_charge(struct kit_watch *watch)
{
    if (!watch->unchanged || watch->doing != ASLEEP || watch->done_before != ASLEEP) {
        watch->still = 0;
        watch->ask_at = SURE_AFTER;
    }
    double passed = watch->now.at - watch->before.at;
    double rested = watch->rested;
    watch->rested = 0;
    // The tracer holds a thread for a moment, again and again; one that it holds and that does not
    // move has stopped itself. A debugger may hold it for as long as somebody thinks.
    bool is_held = watch->doing == HELD || watch->done_before == HELD;
    if (is_held && kit_tracing_goes_on()) {
        if (watch->unchanged)
            watch->stopped += passed < STEP_MOST ? passed : STEP_MOST;
        return;
    }
    if (is_held) {
        watch->started += passed;
        return;
    }
    double queued = 0;
    double busy = watch->unchanged && watch->doing != AT_WORK
                      ? 0
                      : busy_between(&watch->before, &watch->now, &queued);
    watch->queued += queued < passed ? queued : passed;
    if (watch->doing == AT_WORK || watch->done_before == AT_WORK)
        return;
    watch->rested = busy <= passed * RESTS_BELOW ? rested + passed : 0;
    double step = passed < STEP_MOST ? passed : STEP_MOST;
    watch->idle += passed > busy ? passed - busy : 0;
    if (step <= busy)
        return;
    if (watch->doing == STOPPED || watch->done_before == STOPPED)
        watch->stopped += step - busy;
    else
        watch->asleep += step - busy;
    if (watch->unchanged && watch->doing == ASLEEP)
        watch->still += step;
}

// Takes a sample, charges the step since the last one, and makes it the last one.
static void sample_step(struct kit_watch *watch)
{
    kit_sample_take(&watch->now);
    kit_program_weigh(watch->program, &watch->now);
    kit_sample_add_services(&watch->now);
    // What is left of it may sleep while the box has not yet told of its first process's end.
    watch->doing = kit_program_is_ending(watch->program) ? AT_WORK : doing_in(&watch->now);
    watch->unchanged = watch->has_before && kit_samples_agree(&watch->before, &watch->now);
    if (watch->has_before)
        step_charge(watch);
    else
        watch->cpu_started = watch->now.cpu;
    watch->has_before = true;
    watch->done_before = watch->doing;
    struct kit_sample used = watch->before;
    watch->before = watch->now;
    watch->now = used;
}

// Can a clock still wake one of these threads?
static bool may_wake(const struct kit_sample *sample)
{
    for (size_t i = 0; i < sample->count; i++) {
        const struct kit_task *task = &sample->tasks[i];
        if (task->alarm || kit_task_has_limit(task))
            return true;
        bool first = i == 0 || sample->tasks[i - 1].pid != task->pid;
        if (first && kit_process_has_timer(task->pid))
            return true;
    }
    return false;
}

static bool nothing_can_happen(struct kit_watch *watch)
{
    if (watch->still < watch->ask_at)
        return false;
    watch->ask_at = watch->still + ASK_AGAIN;
    // An origin that had something to do, or a service that may: the program waits for them.
    if (kit_origins_serve() || kit_services_count() > 0)
        return false;
    if (may_wake(&watch->before) || !kit_sockets_quiet())
        return false;
    sample_step(watch);
    return watch->doing == ASLEEP && watch->unchanged;
}

static bool wall_is_over(struct kit_watch *watch)
{
    double wall = 2.0 * kit_the_request()->limit_seconds;
    if (wall < WALL_SECONDS)
        wall = WALL_SECONDS;
    double passed = kit_clock() - watch->started;
    double queued = watch->queued;
    if (queued > QUEUED_MOST * wall)
        queued = QUEUED_MOST * wall;
    if (passed - queued < wall)
        return false;
    if (!kit_program_is_started(watch->program))
        kit_break("the box did not start the program within %.0f s", passed);
    double own = watch->idle + kit_watch_cpu(watch);
    if (own >= wall / 2) {
        why = kit_format("it slept, ran or was stopped for most of %.0f s", passed);
        return true;
    }
    // As long as bytes go to the program, the check gets on, however slowly.
    uint64_t sent = kit_origins_sent();
    if (sent != watch->origins_sent) {
        watch->origins_sent = sent;
        watch->started = kit_clock();
        return false;
    }
    kit_break("the machine is too busy: in %.0f s of waiting the program slept, ran or was stopped "
              "for %.1f s only",
              passed, own);
}

static bool limit_is_reached(const struct kit_watch *watch)
{
    int limit = kit_the_request()->limit_seconds;
    if (kit_watch_waited(watch) < limit)
        return false;
    if (kit_watch_cpu(watch) > watch->asleep + watch->stopped)
        why = kit_format("it used %d s of CPU time, its limit", limit);
    else
        why = kit_format("it %s for %d s, its limit",
                         watch->stopped > watch->asleep ? "was stopped" : "slept", limit);
    return true;
}

bool kit_watch_is_stuck(struct kit_watch *watch)
{
    why = NULL;
    if (!kit_program_is_started(watch->program))
        return wall_is_over(watch);
    sample_step(watch);
    if (nothing_can_happen(watch))
        return true;
    return limit_is_reached(watch) || wall_is_over(watch);
}

bool kit_watch_patience_is_over(struct kit_program *program)
{
    if (!kit_program_is_started(program))
        return false;
    if (whole == NULL)
        whole = kit_watch_start(program);
    if (kit_clock() - whole->before.at < STEP_MOST)
        return false;
    sample_step(whole);
    double limit = (double)PATIENCE * kit_the_request()->limit_seconds;
    if (all_waited + kit_watch_waited(whole) < limit)
        return false;
    why = kit_format("it kept the check waiting for %.0f s in all, its limit", limit);
    return true;
}

const char *kit_watch_why(void)
{
    return why;
}

bool kit_watch_rests(const struct kit_watch *watch)
{
    return watch->rested >= STEP_MOST;
}

bool kit_watch_is_asleep(struct kit_watch *watch)
{
    return watch->has_before && watch->doing == ASLEEP && watch->unchanged;
}
