// SPDX-License-Identifier: MIT
/*
 * Asking the tracer, if somebody listens at the other end of its socket, to look at the program.
 * Whatever it does or does not do, a check is the same: each wait ends by itself, and what comes
 * too late is thrown away.
 */
#include "program.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptors.h"

#define START_SECONDS 5.0
#define STUCK_SECONDS 5.0
#define ANSWER_MOST 4096

static void forget_late_answers(int socket)
{
    char late[ANSWER_MOST];
    while (recv(socket, late, sizeof late, MSG_DONTWAIT) > 0)
        continue;
}

// The next answer: true for "go", false for anything else, the end, or none in time.
static bool await(int socket, double seconds)
{
    double until = kit_clock() + seconds;
    for (;;) {
        double left = until - kit_clock();
        struct pollfd ready = {.fd = socket, .events = POLLIN};
        int polled = left > 0 ? poll(&ready, 1, (int)(left * 1000) + 1) : 0;
        if (polled < 0 && errno == EINTR)
            continue;
        if (polled <= 0)
            return false;
        char text[ANSWER_MOST];
        ssize_t got = recv(socket, text, sizeof text, MSG_DONTWAIT);
        cJSON *answer = got > 0 ? cJSON_ParseWithLength(text, (size_t)got) : NULL;
        bool go = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "go"));
        cJSON_Delete(answer);
        return go;
    }
}

static bool tracer_does(const char *text, pid_t process, double seconds)
{
    int socket = kit_the_request()->tracer;
    auto_close int pidfd = socket >= 0 ? (int)syscall(SYS_pidfd_open, process, 0) : -1;
    if (pidfd < 0)
        return false;
    forget_late_answers(socket);
    return descriptors_send(socket, text, &pidfd, 1, MSG_DONTWAIT) >= 0 && await(socket, seconds);
}

bool kit_tracing_from_start(void)
{
    return kit_the_request()->trace && kit_the_request()->tracer >= 0;
}

static bool goes_on;

bool kit_tracing_start(pid_t first)
{
    goes_on = tracer_does("{\"start\":true}", first, START_SECONDS);
    return goes_on;
}

bool kit_tracing_goes_on(void)
{
    return goes_on;
}

void kit_tracing_stuck(const struct kit_program *program)
{
    // Its first process may have left while children live.
    pid_t any = 0;
    if (kit_the_request()->tracer >= 0 && kit_program_pids(program, &any, 1) > 0)
        tracer_does("{\"stuck\":true}", any, STUCK_SECONDS);
}
