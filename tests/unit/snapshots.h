// SPDX-License-Identifier: MIT
/*
 * For tests of the tracer: starts one, and reads the snapshot that it wrote, every byte of it.
 */
#ifndef LAB_SNAPSHOTS_H
#define LAB_SNAPSHOTS_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/str.h"
#include "box/box.h"
#include "box/process.h"
#include "trace/snapshot.h"
#include "trace/tracer.h"

struct tracing {
    struct process process;
    int socket; // the grader's end; -1: somebody else's
    int file;
};

// `theirs` becomes the tracer's socket; the caller closes its own copy.
static inline struct tracing tracing_serve(const struct process_user *user, int theirs)
{
    struct tracing tracing = {.process = PROCESS_INIT, .socket = -1};
    struct err err = ERR_INIT;
    auto_free char *path = box_tool_path("tracer", &err);
    ck_assert_msg(path != NULL, "%s", err.message);
    auto_close int executable = open(path, O_RDONLY | O_CLOEXEC);
    tracing.file = memfd_create("snapshot", MFD_CLOEXEC);
    ck_assert_int_ge(tracing.file, 0);
    const struct process_descriptor descriptors[] = {
        {theirs, TRACER_SOCKET}, {tracing.file, TRACER_OUTPUT}, {2, 2}};
    const struct process_options options = {.argv = (const char *const[]){"tracer", NULL},
                                            .executable = executable,
                                            .descriptors = descriptors,
                                            .descriptor_count = 3,
                                            .user = *user};
    ck_assert_msg(process_start(&options, &tracing.process, &err), "%s", err.message);
    return tracing;
}

static inline struct tracing tracing_start(const struct process_user *user)
{
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    struct tracing tracing = tracing_serve(user, ends[1]);
    close(ends[1]);
    tracing.socket = ends[0];
    return tracing;
}

// Asks and returns the answer; the caller frees it.
static inline char *tracing_ask(const struct tracing *tracing, const char *text, pid_t pid)
{
    auto_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    ck_assert_int_ge(pidfd, 0);
    ck_assert_int_eq(descriptors_send(tracing->socket, text, &pidfd, 1, 0), (ssize_t)strlen(text));
    char answer[256];
    ssize_t got = recv(tracing->socket, answer, sizeof answer - 1, 0);
    answer[got > 0 ? got : 0] = '\0';
    return mem_copy_string(answer);
}

struct seen_event {
    const struct snapshot_event *event;
    const char *path;                          // event->path_bytes, and so on
    const unsigned char *data, *stack, *links; // copy a link before reading it: it is not aligned
    const unsigned char *polled;               // as links
};

// Snapshots live as long as the process of their test.
static inline void *seen_keep(void *block)
{
    static struct kept {
        struct kept *before;
        void *block;
    } * last;
    struct kept *kept = mem_alloc(sizeof *kept);
    *kept = (struct kept){last, block};
    last = kept;
    return block;
}

struct seen {
    char *bytes;
    struct seen_event *events;
    size_t count;
    struct {
        const char *text;
        size_t length;
    } maps[256];
    size_t map_count;
    const struct snapshot_end *end;
};

static inline void seen_add(struct seen *seen, const char *at, uint64_t size)
{
    struct seen_event added = {.event = (const void *)at};
    const struct snapshot_event *event = added.event;
    ck_assert_uint_ge(size, sizeof *event);
    added.path = at + sizeof *event;
    added.data = (const unsigned char *)added.path + event->path_bytes;
    added.stack = added.data + event->data_bytes;
    added.links = added.stack + event->stack_bytes;
    added.polled = added.links + event->link_count * sizeof(struct snapshot_link);
    ck_assert_ptr_eq(added.polled + event->polled_count * sizeof(struct snapshot_polled),
                     at + size);
    ck_assert_uint_le(event->stack_bytes, SNAPSHOT_STACK_MOST);
    ck_assert_uint_le(event->data_bytes, SNAPSHOT_DATA_MOST);
    ck_assert(event->maps < seen->map_count);
    seen->events = mem_resize(seen->events, (seen->count + 1) * sizeof *seen->events);
    seen->events[seen->count++] = added;
}

// Waits for the tracer's end and reads its file.
static inline struct seen tracing_end(struct tracing *tracing)
{
    struct seen seen = {0};
    struct stat status;
    if (tracing->socket >= 0)
        close(tracing->socket);
    ck_assert_int_eq(process_wait(&tracing->process), 0);
    process_release(&tracing->process);
    ck_assert_int_eq(fstat(tracing->file, &status), 0);
    ck_assert_int_le(status.st_size, SNAPSHOT_FILE_MOST);
    seen.bytes = seen_keep(mem_alloc((size_t)status.st_size + 1));
    ck_assert_int_eq(pread(tracing->file, seen.bytes, (size_t)status.st_size, 0), status.st_size);
    close(tracing->file);
    for (off_t at = 0; at < status.st_size;) {
        struct snapshot_head head;
        memcpy(&head, seen.bytes + at, sizeof head);
        at += (off_t)sizeof head;
        ck_assert_uint_eq(head.magic, SNAPSHOT_MAGIC);
        ck_assert_ptr_null(seen.end);
        ck_assert_uint_le(head.size, (uint64_t)(status.st_size - at));
        // Records stand behind each other: a copy is where their numbers may be read.
        char *record = seen_keep(mem_alloc(head.size + 1));
        memcpy(record, seen.bytes + at, head.size);
        if (head.kind == SNAPSHOT_MAPS) {
            seen.maps[seen.map_count].text = record;
            seen.maps[seen.map_count++].length = head.size;
        } else if (head.kind == SNAPSHOT_EVENT) {
            seen_add(&seen, record, head.size);
        } else {
            ck_assert_uint_eq(head.kind, SNAPSHOT_END);
            seen.end = (const void *)record;
        }
        at += (off_t)head.size;
    }
    ck_assert_ptr_nonnull(seen.end);
    seen_keep(seen.events);
    return seen;
}

// The index-th event of a kind and number (-1: any), or NULL.
static inline const struct seen_event *seen_find(const struct seen *seen, uint32_t kind, int number,
                                                 size_t index)
{
    for (size_t i = 0; i < seen->count; i++) {
        const struct snapshot_event *event = seen->events[i].event;
        if (event->kind == kind && (number < 0 || event->number == number) && index-- == 0)
            return &seen->events[i];
    }
    return NULL;
}

#endif
