// SPDX-License-Identifier: MIT
/*
 * The tracer: looks at the program of one check, from outside its box, and writes a snapshot.
 *
 * It is started by lab with two descriptors: TRACER_SOCKET, a seqpacket socket to the check's
 * grader (graders/README.md has the messages), and TRACER_OUTPUT, an empty file. It ends when the
 * grader has closed its end and everything that it traces is gone.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/str.h"
#include "trace/tracer.h"
#include "trace/tracer/tracer.h"

enum { MESSAGE_MOST = 4096 };

struct question {
    bool start, stuck;
    int pidfd; // -1: none came
};

// ---------------------------------------------------------------- messages

// False at the end of messages.
static bool question_receive(int socket, struct question *out)
{
    char text[MESSAGE_MOST];
    *out = (struct question){.pidfd = -1};
    ssize_t got = descriptors_receive(socket, text, sizeof text, &out->pidfd, 1, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return true;
    if (got <= 0)
        return false;
    cJSON *json = cJSON_ParseWithLength(text, (size_t)got);
    out->start = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "start"));
    out->stuck = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "stuck"));
    cJSON_Delete(json);
    return true;
}

static void answer(const struct tracer *tracer, bool done)
{
    const char *text = done ? "{\"go\":true}" : "{\"go\":false}";
    ssize_t ignored = send(tracer->socket, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)ignored; // the grader waits no longer than it has said
}

// The number of the process behind a pidfd, as this process sees it; 0 when it cannot be seen.
static pid_t pid_of(int pidfd)
{
    char name[32], text[1024];
    snprintf(name, sizeof name, "fdinfo/%d", pidfd);
    proc_read(getpid(), 0, name, text, sizeof text);
    long pid = strtol(proc_field(text, "Pid:"), NULL, 10);
    return pid > 0 ? (pid_t)pid : 0;
}

static bool is_alive(int pidfd)
{
    struct pollfd gone = {pidfd, POLLIN, 0};
    return poll(&gone, 1, 0) == 0;
}

// The first process waits: it has one thread, and has not executed the program yet.
static bool on_start(struct tracer *tracer, pid_t pid, int pidfd)
{
    loop_stops(tracer, 0);
    if (tracer->ended)
        record_again(tracer);
    if (!loop_seize(tracer, pid, true))
        return false;
    tracer->from_start = true;
    tracer->program = pid;
    tracer->ended = false;
    return is_alive(pidfd); // else the number may be another's
}

static void on_question(struct tracer *tracer)
{
    struct question question;
    if (!question_receive(tracer->socket, &question)) {
        close(tracer->socket);
        tracer->socket = -1;
        return;
    }
    auto_close int pidfd = question.pidfd;
    pid_t pid = pidfd >= 0 && is_alive(pidfd) ? pid_of(pidfd) : 0;
    if (question.start) {
        answer(tracer, pid > 0 && on_start(tracer, pid, pidfd));
    } else if (question.stuck) {
        if (pid > 0)
            stuck_record(tracer, pid);
        record_stop(tracer);
        answer(tracer, true);
    }
}

// ---------------------------------------------------------------- the whole

static int watch_children(void)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    signal(SIGPIPE, SIG_IGN);
    return sigprocmask(SIG_BLOCK, &child, NULL) == 0
               ? signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK)
               : -1;
}

int main(int argc, char **argv)
{
    struct tracer tracer = {.socket = TRACER_SOCKET, .output.file = TRACER_OUTPUT};
    tracer.children = watch_children();
    if (tracer.children < 0 || getsockname(TRACER_SOCKET, &(struct sockaddr){0}, &(socklen_t){0})) {
        fputs("tracer: it is started by lab, with a socket and a file\n", stderr);
        return 2;
    }
    if (argc == 4 && str_equal(argv[1], "record"))
        tracer.record = record_wish_new(argv[2], argv[3]);
    while (tracer.socket >= 0 || tracer.thread_count > 0)
        if (loop_turn(&tracer, -1))
            on_question(&tracer);
    output_end(&tracer.output, tracer.ended);
    record_end(&tracer);
    threads_release(&tracer);
    return EXIT_SUCCESS;
}
