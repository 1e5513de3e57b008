// SPDX-License-Identifier: MIT
// The threads and processes that are traced.
#include "trace/tracer/tracer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"

struct thread *thread_find(const struct tracer *tracer, pid_t tid)
{
    for (size_t i = 0; i < tracer->thread_count; i++)
        if (tracer->threads[i]->tid == tid)
            return tracer->threads[i];
    return NULL;
}

struct process *process_find(const struct tracer *tracer, pid_t pid)
{
    for (size_t i = 0; i < tracer->process_count; i++)
        if (tracer->processes[i]->pid == pid)
            return tracer->processes[i];
    return NULL;
}

// The process that a thread belongs to; itself, when it is gone already.
static pid_t process_of(pid_t tid)
{
    char status[4096];
    proc_read(tid, 0, "status", status, sizeof status);
    long pid = strtol(proc_field(status, "Tgid:"), NULL, 10);
    return pid > 0 ? (pid_t)pid : tid;
}

static struct process *process_add(struct tracer *tracer, pid_t pid)
{
    struct process *process = process_find(tracer, pid);
    if (process != NULL)
        return process;
    process = mem_alloc(sizeof *process);
    process->pid = pid;
    process->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    size_t size = (tracer->process_count + 1) * sizeof *tracer->processes;
    tracer->processes = mem_resize(tracer->processes, size);
    tracer->processes[tracer->process_count++] = process;
    return process;
}

static void process_remove(struct tracer *tracer, struct process *process)
{
    for (size_t i = 0; i < tracer->process_count; i++)
        if (tracer->processes[i] == process)
            tracer->processes[i] = tracer->processes[--tracer->process_count];
    if (process->pidfd >= 0)
        close(process->pidfd);
    free(process->known);
    free(process);
}

struct thread *thread_add(struct tracer *tracer, pid_t tid)
{
    struct thread *thread = mem_alloc(sizeof *thread);
    thread->tid = tid;
    thread->now.at = thread->last.at = -1;
    thread->process = process_add(tracer, process_of(tid));
    thread->process->threads++;
    size_t size = (tracer->thread_count + 1) * sizeof *tracer->threads;
    tracer->threads = mem_resize(tracer->threads, size);
    tracer->threads[tracer->thread_count++] = thread;
    return thread;
}

void thread_remove(struct tracer *tracer, struct thread *thread)
{
    for (size_t i = 0; i < tracer->thread_count; i++)
        if (tracer->threads[i] == thread)
            tracer->threads[i] = tracer->threads[--tracer->thread_count];
    if (--thread->process->threads == 0)
        process_remove(tracer, thread->process);
    free(thread);
}

void threads_release(struct tracer *tracer)
{
    while (tracer->thread_count > 0)
        thread_remove(tracer, tracer->threads[tracer->thread_count - 1]);
    free(take(tracer->threads));
    free(take(tracer->processes));
}
