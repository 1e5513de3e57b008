// SPDX-License-Identifier: MIT
// The gate: the cores, shared by several runs.
#include "grade/gate.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/str.h"

struct gate_run {
    struct grade_gate *gate;
    struct gate_run *younger;
    uv_async_t wake;
    void (*room)(void *context);
    void *context;
    size_t held;
    bool waits; // it has a check that is ready, and found no place
};

struct grade_gate {
    pthread_mutex_t lock; // holds everything below
    pthread_cond_t changed;
    struct gate_run *oldest;
    size_t cores, places, taken, compiling;
    bool closed;
    double begun, counted, held; // seconds; core-seconds until `counted`
};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct grade_gate *gate_new(size_t cores, size_t places)
{
    struct grade_gate *gate = mem_alloc(sizeof *gate);
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->changed, NULL);
    gate->cores = cores;
    gate->places = places;
    gate->begun = gate->counted = seconds_now();
    return gate;
}

void gate_free(struct grade_gate *gate)
{
    if (gate == NULL)
        return;
    pthread_cond_destroy(&gate->changed);
    pthread_mutex_destroy(&gate->lock);
    free(gate);
}

// Before `taken` changes.
static void count(struct grade_gate *gate)
{
    double now = seconds_now();
    size_t cores = gate->taken < gate->cores ? gate->taken : gate->cores;
    gate->held += (double)cores * (now - gate->counted);
    gate->counted = now;
}

static bool somebody_waits(const struct grade_gate *gate)
{
    for (const struct gate_run *run = gate->oldest; run != NULL; run = run->younger)
        if (run->waits)
            return true;
    return false;
}

// After places were given back, or a run needs none any more.
static void tell(struct grade_gate *gate)
{
    if (gate->taken < gate->places)
        for (struct gate_run *run = gate->oldest; run != NULL; run = run->younger)
            if (run->waits)
                uv_async_send(&run->wake);
    pthread_cond_broadcast(&gate->changed);
}

static void give(struct grade_gate *gate, size_t places)
{
    count(gate);
    gate->taken -= places;
    tell(gate);
}

// ---------------------------------------------------------------- submissions

bool gate_admit(struct grade_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    while (!gate->closed &&
           (gate->taken >= gate->places || gate->compiling >= gate->cores || somebody_waits(gate)))
        pthread_cond_wait(&gate->changed, &gate->lock);
    bool admitted = !gate->closed;
    if (admitted) {
        count(gate);
        gate->taken++;
        gate->compiling++;
    }
    pthread_mutex_unlock(&gate->lock);
    return admitted;
}

void gate_compiled(struct grade_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->compiling--;
    give(gate, 1);
    pthread_mutex_unlock(&gate->lock);
}

void gate_close(struct grade_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->closed = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

void gate_account(struct grade_gate *gate, double *out_held, double *out_all)
{
    pthread_mutex_lock(&gate->lock);
    count(gate);
    *out_held = gate->held;
    *out_all = (gate->counted - gate->begun) * (double)gate->cores;
    pthread_mutex_unlock(&gate->lock);
}

// ---------------------------------------------------------------- runs

static void on_wake(uv_async_t *wake)
{
    const struct gate_run *run = wake->data;
    run->room(run->context);
}

struct gate_run *gate_join(struct grade_gate *gate, uv_loop_t *loop, void (*room)(void *context),
                           void *context)
{
    if (gate == NULL)
        return NULL;
    struct gate_run *run = mem_alloc(sizeof *run);
    *run = (struct gate_run){.gate = gate, .room = room, .context = context};
    uv_async_init(loop, &run->wake, on_wake);
    run->wake.data = run;
    pthread_mutex_lock(&gate->lock);
    struct gate_run **end = &gate->oldest;
    while (*end != NULL)
        end = &(*end)->younger;
    *end = run;
    pthread_mutex_unlock(&gate->lock);
    return run;
}

bool gate_take(struct gate_run *run)
{
    if (run == NULL)
        return true;
    struct grade_gate *gate = run->gate;
    pthread_mutex_lock(&gate->lock);
    bool free_place = gate->taken < gate->places;
    for (const struct gate_run *older = gate->oldest; older != run; older = older->younger)
        free_place = free_place && !older->waits;
    run->waits = !free_place;
    if (free_place) {
        count(gate);
        gate->taken++;
        run->held++;
    }
    pthread_mutex_unlock(&gate->lock);
    return free_place;
}

void gate_want(struct gate_run *run)
{
    if (run == NULL)
        return;
    pthread_mutex_lock(&run->gate->lock);
    run->waits = true;
    pthread_mutex_unlock(&run->gate->lock);
}

void gate_force(struct gate_run *run)
{
    if (run == NULL)
        return;
    pthread_mutex_lock(&run->gate->lock);
    count(run->gate);
    run->gate->taken++;
    run->held++;
    pthread_mutex_unlock(&run->gate->lock);
}

void gate_give(struct gate_run *run)
{
    if (run == NULL)
        return;
    pthread_mutex_lock(&run->gate->lock);
    run->held--;
    give(run->gate, 1);
    pthread_mutex_unlock(&run->gate->lock);
}

void gate_content(struct gate_run *run)
{
    if (run == NULL)
        return;
    pthread_mutex_lock(&run->gate->lock);
    run->waits = false;
    tell(run->gate);
    pthread_mutex_unlock(&run->gate->lock);
}

void gate_part(struct gate_run *run)
{
    if (run == NULL)
        return;
    struct grade_gate *gate = run->gate;
    pthread_mutex_lock(&gate->lock);
    struct gate_run **place = &gate->oldest;
    while (*place != run)
        place = &(*place)->younger;
    *place = run->younger;
    give(gate, run->held);
    pthread_mutex_unlock(&gate->lock);
}

void gate_run_free(struct gate_run *run)
{
    free(run);
}
