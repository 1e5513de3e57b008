// SPDX-License-Identifier: MIT
/*
 * The one place where the kit waits. It wakes for the caller's descriptors, for the program's
 * output and end, for the caller's condition (asked on a short timer) and for the watch (a sample
 * each 20 ms, the first after 10: most waits are over by then and cost no look at /proc).
 */
#include "core.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SAMPLE 0.010
#define NEXT_SAMPLE 0.020
#define FIRST_QUESTION 0.0001
#define LAST_QUESTION 0.005
#define MOST_POLLS 1200
#define PROGRAM_POLLS 4

struct waiting {
    const struct kit_wait *wait;
    struct kit_program *program;
    struct kit_watch *watch;
    double sample_at;
    double question_after; // seconds between two questions
    double question_at;
    double ask_after;     // seconds until an origin that waits for a reader is served again
    struct pollfd *polls; // the caller's, then the program's, then the origins'
    size_t room;          // in polls, for what is not the caller's
};

// The caller's descriptors, the program's, the origins'. Returns how many.
static size_t polls_fill(struct waiting *waiting)
{
    size_t own = waiting->wait->poll_count;
    size_t wanted = PROGRAM_POLLS + kit_origins_polls(NULL, 0);
    if (wanted > waiting->room) {
        waiting->room = 2 * wanted;
        waiting->polls = mem_resize(waiting->polls, (own + waiting->room) * sizeof *waiting->polls);
    }
    if (own > 0)
        memcpy(waiting->polls, waiting->wait->polls, own * sizeof *waiting->polls);
    size_t count = own + kit_program_polls(waiting->program, waiting->polls + own, PROGRAM_POLLS);
    return count + kit_origins_polls(waiting->polls + count, wanted);
}

static void poll_until(struct waiting *waiting, double until)
{
    size_t own = waiting->wait->poll_count;
    size_t count = polls_fill(waiting);
    double left = until - kit_clock();
    if (left < 0)
        left = 0;
    struct timespec time = {.tv_sec = (time_t)left,
                            .tv_nsec = (long)((left - (double)(time_t)left) * 1e9)};
    if (ppoll(waiting->polls, count, &time, NULL) < 0) {
        if (errno != EINTR && errno != EAGAIN)
            kit_break("poll: %s", strerror(errno));
        count = 0;
    }
    for (size_t i = 0; i < own; i++) {
        waiting->wait->polls[i].revents = 0;
        if (count > 0)
            waiting->wait->polls[i].revents = waiting->polls[i].revents;
    }
    bool served = kit_origins_are_asking() && kit_origins_serve();
    if (served)
        waiting->ask_after = FIRST_QUESTION;
    for (size_t i = own; i < count && !served; i++) {
        if (waiting->polls[i].revents != 0) {
            kit_program_serve(waiting->program);
            break;
        }
    }
}

static bool is_ready(const struct kit_wait *wait)
{
    for (size_t i = 0; i < wait->poll_count; i++)
        if (wait->polls[i].revents != 0)
            return true;
    return false;
}

static bool is_met(struct waiting *waiting)
{
    const struct kit_wait *wait = waiting->wait;
    if (wait->condition == NULL || kit_clock() < waiting->question_at)
        return false;
    if (wait->condition(wait->context))
        return true;
    waiting->question_at = kit_clock() + waiting->question_after;
    if (waiting->question_after < LAST_QUESTION)
        waiting->question_after *= 1.25;
    return false;
}

// The last look before a wait is given up: what came meanwhile counts.
static bool came_after_all(struct waiting *waiting, enum kit_wait_result *out)
{
    waiting->question_at = 0;
    poll_until(waiting, 0);
    if (is_ready(waiting->wait))
        *out = KIT_READY;
    else if (is_met(waiting))
        *out = KIT_MET;
    else
        return false;
    return true;
}

static bool program_ended(const struct waiting *waiting)
{
    enum kit_state state = kit_program_state(waiting->program);
    return state == KIT_EXITED || state == KIT_SIGNALLED;
}

/*
 * The program's end does not end the wait for a descriptor before all that it sent has been
 * delivered: its last answer may still be on its way. Its children may hold a connection open and
 * answer on it; only the watch can end the wait then, when `ends_too` does not.
 */
static bool end_ends_it(struct waiting *waiting)
{
    if (!program_ended(waiting))
        return false;
    pid_t child;
    if (!waiting->wait->ends_too && kit_program_pids(waiting->program, &child, 1) > 0)
        return false;
    return waiting->wait->poll_count == 0 || kit_sockets_quiet();
}

static double next_event(struct waiting *waiting)
{
    double until = waiting->sample_at;
    if (waiting->wait->condition != NULL && waiting->question_at < until)
        until = waiting->question_at;
    if (!kit_origins_are_asking())
        return until;
    // An origin waits until the program has read: asked more and more seldom.
    double asked = kit_clock() + waiting->ask_after;
    if (waiting->ask_after < LAST_QUESTION)
        waiting->ask_after *= 1.25;
    return asked < until ? asked : until;
}

static enum kit_wait_result wait_loop(struct waiting *waiting)
{
    enum kit_wait_result result;
    for (;;) {
        if (is_met(waiting))
            return KIT_MET;
        poll_until(waiting, next_event(waiting));
        kit_origins_judge();
        if (is_ready(waiting->wait))
            return KIT_READY;
        if (end_ends_it(waiting))
            return came_after_all(waiting, &result) ? result : KIT_ENDED;
        if (kit_clock() < waiting->sample_at)
            continue;
        if (waiting->watch == NULL)
            waiting->watch = kit_watch_start(waiting->program);
        if (kit_watch_is_stuck(waiting->watch))
            return came_after_all(waiting, &result) ? result : KIT_HUNG;
        waiting->sample_at = kit_clock() + NEXT_SAMPLE;
    }
}

enum kit_wait_result kit_wait(const struct kit_wait *wait)
{
    struct waiting waiting = {
        .wait = wait,
        .program = kit_the_program(),
        .question_after = FIRST_QUESTION,
        .ask_after = FIRST_QUESTION,
        .sample_at = kit_clock() + FIRST_SAMPLE,
    };
    if (waiting.program == NULL)
        kit_break("the check waits for a program that it has not started");
    if (wait->poll_count > MOST_POLLS)
        kit_break("a check can wait for %d connections at once, not for %zu", MOST_POLLS,
                  wait->poll_count);
    kit_program_weigh(waiting.program, NULL);
    if (kit_watch_patience_is_over(waiting.program))
        return KIT_HUNG;
    waiting.room = PROGRAM_POLLS;
    waiting.polls = mem_alloc_array(wait->poll_count + waiting.room, sizeof *waiting.polls);
    enum kit_wait_result result = wait_loop(&waiting);
    kit_watch_free(waiting.watch);
    free(waiting.polls);
    return result;
}
