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
#include <sys/epoll.h>
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
    bool over;  // it was open, or never will be
    size_t written, omitted;
    double slept; // seconds
};

struct compiling {
    struct compile_limits limits;
    const struct stage *stage;
    const char *sources;
    const struct strings *hidden;
    char *init;
    int events; // epoll, of all that is open
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

// Closed, it would stay among the events while a process that was forked meanwhile has it too.
static void forget(const struct compiling *loop, int descriptor)
{
    epoll_ctl(loop->events, EPOLL_CTL_DEL, descriptor, NULL);
}

static void close_output(const struct compiling *loop, struct running *running)
{
    if (running->output < 0)
        return;
    forget(loop, running->output);
    close(running->output);
    running->output = -1;
}

// Reads what is there without waiting.
static void read_output(struct compiling *loop, struct running *running)
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
            close_output(loop, running);
            return;
        }
        // What follows treats the text as a string.
        for (ssize_t i = 0; i < got; i++)
            if (end[i] == '\0')
                end[i] = '?';
        text->length += (size_t)got;
        running->written += (size_t)got;
        keep_ends(running, loop->limits.kept, loop->limits.kept);
        if (running->written > loop->limits.written)
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

static void end_one(struct compiling *loop, struct running *running)
{
    running->over = true;
    if (!running->open)
        return;
    if (running->job->finished)
        read_output(loop, running);
    forget(loop, running->box.status);
    box_release(&running->box);
    running->open = false;
    close_output(loop, running);
    finish_text(running, loop->limits.kept);
}

static void end_all(struct compiling *loop)
{
    for (size_t i = 0; i < loop->count; i++)
        end_one(loop, &loop->running[i]);
}

// One that passes a limit makes the others useless.
static void stop(struct compiling *loop, struct running *running, char *why)
{
    running->job->stopped = why;
    end_all(loop);
}

static bool start_box(struct compiling *loop, struct running *running, int output)
{
    const struct stage *stage = loop->stage;
    const char *sources = loop->sources;
    static const char *const environment[] = {"LC_ALL=C", "PATH=/usr/bin", "TMPDIR=/out", NULL};
    const struct box_mount mounts[] = {{sources, "/src", false},
                                       {running->job->output, "/out", true}};
    const struct compile_limits *limits = &loop->limits;
    auto_strings struct strings argv = STRINGS_INIT;
    for (size_t i = 0; i < running->job->argv->count; i++)
        strings_add(&argv, running->job->argv->items[i]);
    if (box_level_is_bare(stage->level)) // the sources lie elsewhere, which nobody should see
        strings_add_format(&argv, "-ffile-prefix-map=%s=/src", sources);
    const struct box_options options = {
        .level = stage->level,
        .init = loop->init,
        .argv = (const char *const *)argv.items,
        .environment = environment,
        .mounts = mounts,
        .mount_count = sizeof mounts / sizeof *mounts,
        .hidden = (const char *const *)loop->hidden->items,
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

static void hear(const struct compiling *loop, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(loop->events, EPOLL_CTL_ADD, descriptor, &event);
}

static bool start_one(struct compiling *loop, struct running *running)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        err_set(loop->err, ERR_ENV, "socketpair: %s", strerror(errno));
        return false;
    }
    running->output = ends[0];
    running->box = (struct box)BOX_INIT;
    running->open = start_box(loop, running, ends[1]);
    close(ends[1]);
    if (!running->open) {
        close_output(loop, running);
        return false;
    }
    hear(loop, running->output);
    hear(loop, running->box.status);
    return true;
}

// Those that wait for nothing any more.
static bool start_some(struct compiling *loop)
{
    for (size_t i = 0; i < loop->count; i++) {
        struct running *running = &loop->running[i];
        const struct compile_job *after = running->job->after;
        bool due = after == NULL || (after->finished && after->status == 0);
        running->over = running->over || (after != NULL && after->finished && !due);
        if (!running->open && !running->over && due && !start_one(loop, running))
            return false;
    }
    return true;
}

// ---- the loop

static bool read_events(struct compiling *loop, struct running *running)
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

static void look(struct compiling *loop, struct running *running, double passed)
{
    const struct compile_limits *limits = &loop->limits;
    struct watch_sample sample = watch_tree(running->box.wrapper.pid);
    running->slept = sample.running ? 0 : running->slept + passed;
    if (sample.cpu_seconds > limits->cpu_seconds)
        stop(loop, running,
             str_format("the compiler used up %g s of CPU time", limits->cpu_seconds));
    else if (running->slept > limits->sleep_seconds)
        stop(loop, running,
             str_format("the compiler waited %g s for something", limits->sleep_seconds));
}

static void tick(struct compiling *loop)
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

// Looks at all that is open, whatever has happened.
static bool look_at_all(struct compiling *loop)
{
    for (size_t i = 0; i < loop->count; i++) {
        struct running *running = &loop->running[i];
        read_output(loop, running);
        if (running->open && running->written > loop->limits.written)
            stop(loop, running,
                 str_format("the compiler wrote more than %zu MiB of messages",
                            loop->limits.written / MIB));
        if (!read_events(loop, running))
            return false;
    }
    tick(loop);
    return start_some(loop);
}

bool compile_go_on(struct compiling *loop, bool wait, struct err *err)
{
    struct pollfd polled[] = {{.fd = interrupt_descriptor(), .events = POLLIN},
                              {.fd = loop->events, .events = POLLIN}};
    loop->err = err;
    if (poll(polled, 2, wait ? TICK_MS : 0) < 0 && errno != EINTR) {
        err_set(err, ERR_ENV, "poll: %s", strerror(errno));
        return false;
    }
    return !interrupt_happened(err) && look_at_all(loop);
}

bool compile_is_done(const struct compiling *loop)
{
    for (size_t i = 0; i < loop->count; i++)
        if (!loop->running[i].over)
            return false;
    return true;
}

int compile_descriptor(const struct compiling *loop)
{
    return loop->events;
}

void compile_end(struct compiling *loop)
{
    if (loop == NULL)
        return;
    end_all(loop);
    if (loop->events >= 0)
        close(loop->events);
    free(loop->running);
    free(loop->init);
    free(loop);
}

struct compiling *compile_begin(const struct stage *stage, const char *sources,
                                const struct strings *hidden, const struct compile_limits *limits,
                                struct compile_job *jobs, size_t count, struct err *err)
{
    char *init = box_init_path(err);
    if (init == NULL)
        return NULL;
    struct compiling *loop = mem_alloc(sizeof *loop);
    *loop = (struct compiling){.limits = *limits,
                               .stage = stage,
                               .sources = sources,
                               .hidden = hidden,
                               .init = init,
                               .events = epoll_create1(EPOLL_CLOEXEC),
                               .running = mem_alloc_array(count, sizeof *loop->running),
                               .count = count,
                               .last_tick = seconds_now(),
                               .err = err};
    for (size_t i = 0; i < count; i++) {
        loop->running[i].job = &jobs[i];
        loop->running[i].output = -1;
    }
    if (loop->events < 0)
        err_set(err, ERR_ENV, "epoll: %s", strerror(errno));
    if (loop->events >= 0 && start_some(loop))
        return loop;
    compile_end(loop);
    return NULL;
}

bool compile_run(const struct stage *stage, const char *sources, const struct strings *hidden,
                 const struct compile_limits *limits, struct compile_job *jobs, size_t count,
                 struct err *err)
{
    struct compiling *loop = compile_begin(stage, sources, hidden, limits, jobs, count, err);
    bool whole = loop != NULL;
    while (whole && !compile_is_done(loop))
        whole = compile_go_on(loop, true, err);
    compile_end(loop);
    return whole;
}

void compile_job_release(struct compile_job *job)
{
    free(job->stopped);
    job->stopped = NULL;
    str_release(&job->text);
}
