// SPDX-License-Identifier: MIT
// Starting and ending tracers. They run as the stage's user: what they may look at is theirs.
#include "trace/tracers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/str.h"
#include "trace/tracer.h"

// The program is gone by then: what the tracer still has to write is bounded, the machine's haste
// is not.
enum { FINISH_MILLISECONDS = 10000 };

// Without a name: gone with its last descriptor.
static int open_snapshot(const struct stage *stage)
{
    int file = open(stage->path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0)
        return file;
    auto_free char *path = str_format("%s/snapshot-XXXXXX", stage->path);
    file = mkostemp(path, O_CLOEXEC);
    if (file >= 0)
        unlink(path);
    return file;
}

static bool start(const struct tracers *tracers, int socket, struct tracer_process *out)
{
    const bool records = tracers->record_connection != NULL;
    const char *const argv[] = {"tracer", records ? "record" : NULL, tracers->record_connection,
                                tracers->record_sent, NULL};
    static const char *const environment[] = {"LC_ALL=C", NULL};
    auto_close int executable = open(tracers->executable, O_RDONLY | O_CLOEXEC);
    if (executable < 0 || out->snapshot < 0 || (records && out->recording < 0))
        return false;
    const struct process_descriptor descriptors[] = {{socket, TRACER_SOCKET},
                                                     {out->snapshot, TRACER_OUTPUT},
                                                     {out->recording, TRACER_RECORDING}};
    const struct process_options options = {
        .argv = argv,
        .environment = environment,
        .executable = executable,
        .descriptors = descriptors,
        .descriptor_count = records ? 3 : 2,
        .user = tracers->stage->user,
        .new_session = true,
    };
    return process_start(&options, &out->process, NULL);
}

void tracers_start(struct tracers *tracers, size_t check, int socket)
{
    auto_close int given = socket;
    if (tracers->count == TRACERS_MOST)
        return;
    struct tracer_process tracer = {check, PROCESS_INIT, open_snapshot(tracers->stage), -1};
    if (tracers->record_connection != NULL)
        tracer.recording = open_snapshot(tracers->stage);
    if (!start(tracers, given, &tracer)) {
        if (tracer.snapshot >= 0)
            close(tracer.snapshot);
        if (tracer.recording >= 0)
            close(tracer.recording);
        return;
    }
    tracers->items = mem_resize(tracers->items, (tracers->count + 1) * sizeof *tracers->items);
    tracers->items[tracers->count++] = tracer;
}

static void wait_for_end(const struct process *process)
{
    struct pollfd polled[] = {{.fd = process->pidfd, .events = POLLIN},
                              {.fd = interrupt_descriptor(), .events = POLLIN}};
    while (poll(polled, 2, FINISH_MILLISECONDS) < 0 && errno == EINTR)
        if (interrupt_happened(NULL))
            return;
}

int tracers_finish(struct tracers *tracers, size_t check)
{
    for (size_t i = tracers->count; i > 0; i--) {
        struct tracer_process *tracer = &tracers->items[i - 1];
        if (tracer->check != check)
            continue;
        if (tracer->process.pid > 0)
            wait_for_end(&tracer->process);
        process_release(&tracer->process);
        return tracer->snapshot;
    }
    return -1;
}

int tracers_recording(const struct tracers *tracers, size_t check)
{
    for (size_t i = tracers->count; i > 0; i--)
        if (tracers->items[i - 1].check == check)
            return tracers->items[i - 1].recording;
    return -1;
}

void tracers_release(struct tracers *tracers)
{
    for (size_t i = 0; i < tracers->count; i++) {
        process_release(&tracers->items[i].process);
        close(tracers->items[i].snapshot);
        if (tracers->items[i].recording >= 0)
            close(tracers->items[i].recording);
    }
    free(tracers->items);
    tracers->items = NULL;
    tracers->count = 0;
}
