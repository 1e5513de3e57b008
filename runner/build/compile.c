// SPDX-License-Identifier: MIT
/*
 * Compilations, each in a box of its own, at the same time: one thread, one poll loop.
 *
 * What a compiler says comes through a socket and not through a pipe: a source that includes
 * /proc/self/fd/2 would open a pipe for reading, take its own messages and wait for more for ever;
 * a socket cannot be opened. Every quarter of a second the loop looks at the CPU time of each tree
 * of processes: RLIMIT_CPU counts each process alone and a driver starts one for every source.
 */
#include "build/compile.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "box/box.h"
#include "build/watch.h"

#define MIB ((size_t)1024 * 1024)

const struct compile_limits compile_limits = {.cpu_seconds = 10,
                                              .sleep_seconds = 20,
                                              .memory = 2048 * MIB,
                                              .file_size = 64 * MIB,
                                              .kept = MIB,
                                              .written = 16 * MIB};

enum { TICK_MS = 250 };

struct running {
    struct compile_job *job;
    struct box box;
    int output; // -1 when it ended
    bool open;  // the box is there
    size_t written, omitted;
    double slept; // seconds
};

struct loop {
    const struct compile_limits *limits;
    struct running *running;
    size_t count;
    double last_tick; // seconds
    struct err *err;
};

// ---- messages: head and tail

// Drops the middle when more than most + slack bytes are there.
static void keep_ends(struct running *running, size_t most, size_t slack)
{
    struct str *text = &running->job->text;
    size_t half = most / 2;
    if (text->length <= 2 * half + slack)
        return;
    size_t drop = text->length - 2 * half;
    memmove(text->data + half, text->data + half + drop, half);
    text->length = 2 * half;
    running->omitted += drop;
}

// Reads what is there without waiting.
static void read_output(struct loop *loop, struct running *running)
{
    struct str *text = &running->job->text;
    while (running->output >= 0) {
        char *end = str_reserve(text, 65536);
        ssize_t got = recv(running->output, end, 65536, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (got <= 0) {
            close(running->output);
            running->output = -1;
            return;
        }
        // What follows treats the text as a string.
        for (ssize_t i = 0; i < got; i++)
            if (end[i] == '\0')
                end[i] = '?';
        text->length += (size_t)got;
        running->written += (size_t)got;
        keep_ends(running, loop->limits->kept, loop->limits->kept);
        if (running->written > loop->limits->written)
            return; // it will be stopped: a fast writer must not hold the loop
    }
}

// Cuts between lines, so that no half line looks like a whole one.
static void finish_text(struct running *running, size_t most)
{
    struct str *text = &running->job->text;
    keep_ends(running, most, 0);
    str_reserve(text, 0);
    text->data[text->length] = '\0';
    if (running->omitted == 0)
        return;
    size_t half = most / 2;
    size_t head = half;
    while (head > 0 && text->data[head - 1] != '\n')
        head--;
    const char *newline = memchr(text->data + half, '\n', text->length - half);
    size_t tail = newline != NULL ? (size_t)(newline + 1 - text->data) : text->length;
    if (head == 0)
        head = half;
    struct str whole = STR_INIT;
    str_append_bytes(&whole, text->data, head);
    str_append_format(&whole, "%s(%zu bytes left out)\n", text->data[head - 1] == '\n' ? "" : "\n",
                      running->omitted + tail - head);
    str_append_bytes(&whole, text->data + tail, text->length - tail);
    str_release(text);
    *text = whole;
}

// ---- starting and ending one

static void end_one(struct loop *loop, struct running *running)
{
    if (!running->open)
        return;
    if (running->job->finished)
        read_output(loop, running);
    box_release(&running->box);
    running->open = false;
    if (running->output >= 0)
        close(running->output);
    running->output = -1;
    finish_text(running, loop->limits->kept);
}

static void end_all(struct loop *loop)
{
    for (size_t i = 0; i < loop->count; i++)
        end_one(loop, &loop->running[i]);
}

// One that passes a limit makes the others useless.
static void stop(struct loop *loop, struct running *running, char *why)
{
    running->job->stopped = why;
    end_all(loop);
}

static bool start_box(struct loop *loop, struct running *running, const char *init,
                      const struct stage *stage, const char *sources, const struct strings *hidden,
                      int output)
{
    static const char *const environment[] = {"LC_ALL=C", "PATH=/usr/bin", "TMPDIR=/out", NULL};
    const struct box_mount mounts[] = {{sources, "/src", false},
                                       {running->job->output, "/out", true}};
    const struct compile_limits *limits = loop->limits;
    auto_strings struct strings argv = STRINGS_INIT;
    for (size_t i = 0; i < running->job->argv->count; i++)
        strings_add(&argv, running->job->argv->items[i]);
    if (box_level_is_bare(stage->level)) // the sources lie elsewhere, which nobody should see
        strings_add_format(&argv, "-ffile-prefix-map=%s=/src", sources);
    const struct box_options options = {
        .level = stage->level,
        .init = init,
        .argv = (const char *const *)argv.items,
        .environment = environment,
        .mounts = mounts,
        .mount_count = sizeof mounts / sizeof *mounts,
        .hidden = (const char *const *)hidden->items,
        .folder = "/src",
        .limits = {.memory = limits->memory,
                   .file_size = limits->file_size,
                   .processes = 32,
                   .descriptors = 256,
                   .cpu_seconds = (uint64_t)limits->cpu_seconds + 1},
        .own_network = true,
        .allow_tmp = true,
        .standard_input = -1,
        .standard_output = output,
        .standard_error = output,
        .user = stage->user,
    };
    return box_start(&options, &running->box, loop->err);
}

static bool start_one(struct loop *loop, struct running *running, const char *init,
                      const struct stage *stage, const char *sources, const struct strings *hidden)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        err_set(loop->err, ERR_ENV, "socketpair: %s", strerror(errno));
        return false;
    }
    running->output = ends[0];
    running->box = (struct box)BOX_INIT;
    running->open = start_box(loop, running, init, stage, sources, hidden, ends[1]);
    close(ends[1]);
    if (!running->open) {
        close(running->output);
        running->output = -1;
    }
    return running->open;
}

// ---- the loop

static bool read_events(struct loop *loop, struct running *running)
{
    while (running->open) {
        int status = 0;
        switch (box_next(&running->box, &status, loop->err)) {
        case BOX_WAITS: // never: nobody asked for it
        case BOX_STARTED:
            continue;
        case BOX_NOTHING:
            return true;
        case BOX_BROKEN:
            return false;
        case BOX_ENDED:
            running->job->finished = true;
            running->job->status = status;
            end_one(loop, running);
            if (running->job->decisive && status != 0)
                end_all(loop);
        }
    }
    return true;
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void look(struct loop *loop, struct running *running, double passed)
{
    const struct compile_limits *limits = loop->limits;
    struct watch_sample sample = watch_tree(running->box.wrapper.pid);
    running->slept = sample.running ? 0 : running->slept + passed;
    if (sample.cpu_seconds > limits->cpu_seconds)
        stop(loop, running,
             str_format("the compiler used up %g s of CPU time", limits->cpu_seconds));
    else if (running->slept > limits->sleep_seconds)
        stop(loop, running,
             str_format("the compiler waited %g s for something", limits->sleep_seconds));
}

static void tick(struct loop *loop)
{
    double now = seconds_now();
    double passed = now - loop->last_tick;
    if (passed < TICK_MS / 1000.0)
        return;
    loop->last_tick = now;
    // Our own process may have been stopped meanwhile (Ctrl-Z): that is not the compiler's sleep.
    if (passed > 4 * TICK_MS / 1000.0)
        passed = TICK_MS / 1000.0;
    for (size_t i = 0; i < loop->count; i++)
        if (loop->running[i].open)
            look(loop, &loop->running[i], passed);
}

static bool any_open(const struct loop *loop)
{
    for (size_t i = 0; i < loop->count; i++)
        if (loop->running[i].open)
            return true;
    return false;
}

static bool turn(struct loop *loop, struct pollfd *polled)
{
    nfds_t used = 0;
    polled[used++] = (struct pollfd){.fd = interrupt_descriptor(), .events = POLLIN};
    for (size_t i = 0; i < loop->count; i++) {
        const struct running *running = &loop->running[i];
        // poll passes over negative descriptors.
        polled[used++] =
            (struct pollfd){.fd = running->open ? running->box.status : -1, .events = POLLIN};
        polled[used++] = (struct pollfd){.fd = running->output, .events = POLLIN};
    }
    if (poll(polled, used, TICK_MS) < 0 && errno != EINTR) {
        err_set(loop->err, ERR_ENV, "poll: %s", strerror(errno));
        return false;
    }
    if (interrupt_happened(loop->err))
        return false;
    for (size_t i = 0; i < loop->count; i++) {
        struct running *running = &loop->running[i];
        read_output(loop, running);
        if (running->open && running->written > loop->limits->written)
            stop(loop, running,
                 str_format("the compiler wrote more than %zu MiB of messages",
                            loop->limits->written / MIB));
        if (!read_events(loop, running))
            return false;
    }
    tick(loop);
    return true;
}

static bool run_all(struct loop *loop)
{
    struct pollfd *polled = mem_alloc_array(1 + 2 * loop->count, sizeof *polled);
    loop->last_tick = seconds_now();
    bool whole = true;
    while (whole && any_open(loop))
        whole = turn(loop, polled);
    free(polled);
    return whole;
}

bool compile_run(const struct stage *stage, const char *sources, const struct strings *hidden,
                 const struct compile_limits *limits, struct compile_job *jobs, size_t count,
                 struct err *err)
{
    auto_free char *init = box_init_path(err);
    if (init == NULL)
        return false;
    auto_free struct running *running = mem_alloc_array(count, sizeof *running);
    struct loop loop = {.limits = limits, .running = running, .count = count, .err = err};
    bool whole = true;
    for (size_t i = 0; i < count; i++) {
        running[i].job = &jobs[i];
        running[i].output = -1;
    }
    for (size_t i = 0; whole && i < count; i++)
        whole = start_one(&loop, &running[i], init, stage, sources, hidden);
    whole = whole && run_all(&loop);
    end_all(&loop);
    return whole;
}

void compile_job_release(struct compile_job *job)
{
    free(job->stopped);
    job->stopped = NULL;
    str_release(&job->text);
}
