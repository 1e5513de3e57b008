// SPDX-License-Identifier: MIT
// The box's events: what box-init reports, what bubblewrap says, and the end of all.
#include "box/box.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "box/cure.h"
#include "box/init/config.h"

#define SAID_BYTES 4096    // of what bubblewrap says, kept
#define LAST_WORDS_MS 5000 // for bubblewrap to end, once its box is gone

// The next report: 1, 0 when there will be none, -1 when there is none now.
static int receive(int status, struct init_report *out, pid_t *out_sender)
{
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } control;
    struct iovec data = {out, sizeof *out};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t got;
    do
        got = recvmsg(status, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return -1;
    if (got != (ssize_t)sizeof *out)
        return 0;
    out->what[sizeof out->what - 1] = '\0';
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    if (part != NULL && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_CREDENTIALS) {
        struct ucred sender;
        memcpy(&sender, CMSG_DATA(part), sizeof sender);
        *out_sender = sender.pid;
    }
    return 1;
}

// The parent of a process, 0 when there is no such process.
static pid_t parent_of(pid_t pid)
{
    auto_free char *path = str_format("/proc/%d/stat", (int)pid);
    auto_str struct str text = STR_INIT;
    struct err ignored = ERR_INIT;
    int parent = 0;
    const char *rest = NULL;
    // "PID (NAME) STATE PARENT …"; the name may hold anything but ends at the last parenthesis.
    if (file_read(AT_FDCWD, path, 65536, &text, &ignored))
        rest = strrchr(str_text(&text), ')');
    err_release(&ignored);
    if (rest == NULL || sscanf(rest, ") %*c %d", &parent) != 1)
        parent = 0;
    return parent;
}

// A pidfd of PID 1 of the box is readable when everything in the box is gone. The number may belong
// to somebody else already when bubblewrap was killed, so its parent is looked at.
static void note_init(struct box *box, pid_t init)
{
    box->init = init;
    box->init_pidfd = (int)syscall(SYS_pidfd_open, init, 0);
    bool right = box->bare ? init == box->wrapper.pid : parent_of(init) == box->wrapper.pid;
    if (box->init_pidfd >= 0 && !right) {
        close(box->init_pidfd);
        box->init_pidfd = -1;
    }
}

// Reads what bubblewrap said until it has ended, so that nothing of it is missing.
static void read_last_words(struct box *box, struct str *out)
{
    struct pollfd readable = {box->error_output, POLLIN, 0};
    while (poll(&readable, 1, LAST_WORDS_MS) > 0) {
        char bytes[1024];
        ssize_t got = read(box->error_output, bytes, sizeof bytes);
        if (got <= 0)
            break;
        if (out->length < SAID_BYTES)
            str_append_bytes(out, bytes, (size_t)got);
    }
    while (out->length > 0 && out->data[out->length - 1] == '\n')
        out->data[--out->length] = '\0';
    for (size_t i = 0; i < out->length; i++)
        if (out->data[i] == '\n')
            out->data[i] = ' ';
}

static void close_status(struct box *box)
{
    cleanup_close(&box->status);
    box->status = -1;
}

static void end_wrapper(struct box *box)
{
    // Without namespaces it is box-init, which may be at work: it ends when the socket is closed.
    if (box->bare)
        close_status(box);
    else if (box->wrapper.pid > 0)
        kill(box->wrapper.pid, SIGKILL);
    process_wait(&box->wrapper);
}

// bubblewrap gave up, or the box was killed from outside.
static enum box_event report_broken(struct box *box, struct err *err)
{
    auto_str struct str said = STR_INIT;
    read_last_words(box, &said);
    end_wrapper(box);
    close_status(box);
    if (said.length > 0) {
        err_set(err, ERR_ENV, "the sandbox could not be made: %s", str_text(&said));
        cure_bubblewrap(err, str_text(&said));
    } else {
        err_set(err, ERR_ENV, "the sandbox was killed before the program ended");
        err_set_cure(err, "See in the kernel's log (dmesg) whether memory ran out.");
    }
    return BOX_BROKEN;
}

static enum box_event report_failed(struct box *box, const struct init_report *report,
                                    struct err *err)
{
    close_status(box);
    const char *reason = strerror(report->value);
    if (report->what[0] == '\0')
        err_set(err, ERR_ENV, "the program cannot be executed in its box: %s", reason);
    else
        err_set(err, ERR_ENV, "the sandbox could not be made: %s: %s", report->what, reason);
    return BOX_BROKEN;
}

enum box_event box_next(struct box *box, int *out_status, struct err *err)
{
    while (box->status >= 0) {
        struct init_report report = {0};
        pid_t sender = 0;
        int got = receive(box->status, &report, &sender);
        if (got < 0)
            return BOX_NOTHING;
        if (got == 0 && !box->ended)
            return report_broken(box, err);
        if (got == 0)
            close_status(box);
        if (got == 0)
            break;
        switch (report.kind) {
        case INIT_IS_UP:
            note_init(box, sender);
            break;
        case INIT_CHILD:
            box->program = sender;
            break;
        case INIT_WAITS:
            return BOX_WAITS;
        case INIT_STARTED:
            return BOX_STARTED;
        case INIT_ENDED:
            *out_status = report.value;
            box->peak = report.peak > 0 ? (uint64_t)report.peak : 0;
            box->ended = true; // the socket stays: it is the leash
            return BOX_ENDED;
        default:
            return report_failed(box, &report, err);
        }
    }
    return BOX_NOTHING;
}

void box_go(struct box *box, bool traced)
{
    char answer = traced ? INIT_GO_TRACED : INIT_GO_UNTRACED;
    while (box->status >= 0 && send(box->status, &answer, 1, MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue; // a box that is gone says so itself
}

enum box_event box_wait(struct box *box, int *out_status, struct err *err)
{
    while (box->status >= 0 && !box->ended) {
        enum box_event event = box_next(box, out_status, err);
        if (event == BOX_ENDED || event == BOX_BROKEN)
            return event;
        if (event == BOX_WAITS)
            box_go(box, false);
        struct pollfd readable = {box->status, POLLIN, 0};
        poll(&readable, 1, -1);
    }
    err_set(err, ERR_BUG, "a box that has ended was waited for");
    return BOX_BROKEN;
}

void box_kill(const struct box *box)
{
    // Not PID 1 it must live to end the others: SIGTERM tells it to.
    if (box->init_pidfd >= 0)
        syscall(SYS_pidfd_send_signal, box->init_pidfd, box->bare ? SIGTERM : SIGKILL, NULL, 0);
}

// Kills PID 1 of the box and waits until the kernel has ended every process in it; then bubblewrap
// ends by itself, having reaped it.
static void kill_all(struct box *box)
{
    struct pollfd gone = {box->init_pidfd, POLLIN, 0};
    struct pollfd wrapper = {box->wrapper.pidfd, POLLIN, 0};
    box_kill(box);
    if (box->bare)
        close_status(box); // a program that still waits for a tracer hears it
    while (poll(&gone, 1, -1) < 0 && errno == EINTR)
        continue;
    while (poll(&wrapper, 1, LAST_WORDS_MS) < 0 && errno == EINTR)
        continue;
}

// Waits until PID 1 of the box is up, or bubblewrap has failed. bubblewrap must not be killed
// before: its child would wait for it for ever.
static void await_init(struct box *box)
{
    struct pollfd readable = {box->status, POLLIN, 0};
    while (box->status >= 0 && box->init == 0 && poll(&readable, 1, LAST_WORDS_MS) > 0) {
        struct init_report report = {0};
        pid_t sender = 0;
        if (receive(box->status, &report, &sender) == 0)
            return;
        if (report.kind == INIT_IS_UP)
            note_init(box, sender);
    }
}

void box_release(struct box *box)
{
    await_init(box);
    if (box->init_pidfd >= 0)
        kill_all(box);
    close_status(box);
    process_release(&box->wrapper);
    if (box->init_pidfd < 0 && box->error_output >= 0) {
        // The last holder of the pipe tells when all is gone.
        auto_str struct str ignored = STR_INIT;
        read_last_words(box, &ignored);
    }
    cleanup_close(&box->init_pidfd);
    cleanup_close(&box->error_output);
    *box = (struct box)BOX_INIT;
}
