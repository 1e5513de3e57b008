// SPDX-License-Identifier: MIT
// Many submissions at once.
#include "classroom/crew.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/str.h"

enum {
    THREADS_A_CORE = 8, // each waits most of its time; the gate says how many are at work
    THREADS_MOST = 64,
    TICK_MILLISECONDS = 200,
    FAILURES_MOST = 3, // in a row
};

struct crew {
    const struct crew_request *request;
    struct grade_gate *gate;
    int event;              // readable when something is done
    pthread_mutex_t lock;   // holds everything below
    struct crew_job *queue; // the second tries at the end
    size_t queued, next, at_work, done, failures;
    bool stopped;
    struct err err;
    struct crew_job **jobs; // of each thread, or NULL
    size_t thread_count;
};

struct worker {
    struct crew *crew;
    size_t number;
    pthread_t thread;
};

void crew_compiled(struct crew_job *job)
{
    if (!job->compiled)
        gate_compiled(job->gate);
    job->compiled = true;
}

void crew_share(struct crew_job *job, double share)
{
    __atomic_store(&job->share, &share, __ATOMIC_RELAXED);
}

static void signal_event(const struct crew *crew)
{
    const uint64_t one = 1;
    ssize_t written = write(crew->event, &one, sizeof one);
    (void)written; // it is a count, and full only when nobody has looked for ages
}

static void stop(struct crew *crew, struct err *err)
{
    if (crew->err.kind == ERR_NONE)
        err_move(&crew->err, err);
    crew->stopped = true;
    gate_close(crew->gate);
}

// First tries before second ones.
static bool take_job(struct crew *crew, size_t number, struct crew_job *out)
{
    bool taken = false;
    pthread_mutex_lock(&crew->lock);
    if (!crew->stopped && crew->next < crew->queued) {
        *out = crew->queue[crew->next++];
        out->gate = crew->gate;
        crew->jobs[number] = out;
        crew->at_work++;
        taken = true;
    }
    pthread_mutex_unlock(&crew->lock);
    return taken;
}

static void finish(struct crew *crew, struct crew_job *job, enum crew_outcome outcome,
                   struct err *err)
{
    const struct crew_request *request = crew->request;
    bool again = (outcome == CREW_BROKEN || outcome == CREW_FAILED) && job->tries == 0;
    bool failed = outcome == CREW_FAILED && !again;
    struct err fatal = ERR_INIT;
    pthread_mutex_lock(&crew->lock);
    crew->failures = failed ? crew->failures + 1 : again ? crew->failures : 0;
    if (outcome == CREW_STOPPED || (failed && crew->failures >= FAILURES_MOST)) {
        stop(crew, err);
    } else if (again && !crew->stopped) {
        crew->queue = mem_resize(crew->queue, (crew->queued + 1) * sizeof *crew->queue);
        crew->queue[crew->queued++] = (struct crew_job){.index = job->index, .tries = 1};
    } else {
        if (failed && !request->give_up(request->context, job->index, err, &fatal))
            stop(crew, &fatal);
        crew->done++;
    }
    pthread_mutex_unlock(&crew->lock);
    err_release(&fatal);
}

static void leave_job(struct crew *crew, size_t number)
{
    pthread_mutex_lock(&crew->lock);
    crew->jobs[number] = NULL;
    crew->at_work--;
    bool over = crew->at_work == 0 && crew->next == crew->queued;
    pthread_mutex_unlock(&crew->lock);
    if (over)
        gate_close(crew->gate);
    signal_event(crew);
}

static void *work(void *context)
{
    const struct worker *worker = context;
    struct crew *crew = worker->crew;
    struct crew_job job;
    while (gate_admit(crew->gate)) {
        if (!take_job(crew, worker->number, &job)) {
            // Somebody at work may still have to be tried again: he goes on with that himself.
            gate_compiled(crew->gate);
            break;
        }
        struct err err = ERR_INIT;
        enum crew_outcome outcome = crew->request->grade(crew->request->context, &job, &err);
        crew_compiled(&job);
        finish(crew, &job, outcome, &err);
        err_release(&err);
        leave_job(crew, worker->number);
    }
    return NULL;
}

// ---------------------------------------------------------------- the calling thread

static void tell(struct crew *crew)
{
    double share = 0;
    pthread_mutex_lock(&crew->lock);
    for (size_t i = 0; i < crew->thread_count; i++) {
        double part = 0;
        if (crew->jobs[i] != NULL)
            __atomic_load(&crew->jobs[i]->share, &part, __ATOMIC_RELAXED);
        share += part;
    }
    size_t done = crew->done;
    pthread_mutex_unlock(&crew->lock);
    crew->request->progress(crew->request->progress_context, done, crew->request->count, share);
}

static bool is_over(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    bool over = crew->at_work == 0 && (crew->stopped || crew->next == crew->queued);
    pthread_mutex_unlock(&crew->lock);
    return over;
}

static void look_on(struct crew *crew)
{
    bool interrupted = false;
    while (!is_over(crew)) {
        struct pollfd polled[] = {
            {.fd = crew->event, .events = POLLIN},
            {.fd = interrupted ? -1 : interrupt_descriptor(), .events = POLLIN}};
        poll(polled, 2, TICK_MILLISECONDS);
        uint64_t some = 0;
        if (polled[0].revents != 0 && read(crew->event, &some, sizeof some) < 0)
            continue;
        if (!interrupted && interrupt_happened(NULL)) {
            struct err err = ERR_INIT;
            interrupted = true;
            interrupt_happened(&err);
            pthread_mutex_lock(&crew->lock);
            stop(crew, &err);
            pthread_mutex_unlock(&crew->lock);
            err_release(&err);
        }
        tell(crew);
    }
}

static void run_threads(struct crew *crew)
{
    auto_free struct worker *workers = mem_alloc_array(crew->thread_count, sizeof *workers);
    size_t started = 0;
    for (; started < crew->thread_count; started++) {
        workers[started] = (struct worker){.crew = crew, .number = started};
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0)
            break;
    }
    if (started == 0) {
        struct err err = ERR_INIT;
        err_set(&err, ERR_ENV, "no thread can be started: %s", strerror(errno));
        stop(crew, &err);
    }
    look_on(crew);
    gate_close(crew->gate);
    for (size_t i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
}

bool crew_run(const struct crew_request *request, double *out_idle, struct err *err)
{
    struct crew crew = {.request = request, .event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    size_t threads = request->cores * THREADS_A_CORE;
    crew.thread_count = threads == 0 ? 1 : threads > THREADS_MOST ? THREADS_MOST : threads;
    crew.jobs = mem_alloc_array(crew.thread_count, sizeof(struct crew_job *));
    crew.gate = gate_new(request->cores > 0 ? request->cores : 1, request->places);
    crew.queue = mem_alloc_array(request->count + 1, sizeof *crew.queue);
    for (size_t i = 0; i < request->count; i++)
        crew.queue[crew.queued++] = (struct crew_job){.index = request->indexes[i]};
    pthread_mutex_init(&crew.lock, NULL);
    if (crew.event < 0) {
        err_set(err, ERR_ENV, "eventfd: %s", strerror(errno));
        stop(&crew, err);
    } else if (request->count > 0) {
        run_threads(&crew);
        tell(&crew);
        close(crew.event);
    } else {
        close(crew.event);
    }
    double held = 0;
    double all = 0;
    gate_account(crew.gate, &held, &all);
    *out_idle = all > 0 ? 1 - held / all : 0;
    bool whole = !crew.stopped;
    if (!whole)
        err_move(err, &crew.err);
    pthread_mutex_destroy(&crew.lock);
    gate_free(crew.gate);
    free(crew.queue);
    free(crew.jobs);
    return whole;
}
