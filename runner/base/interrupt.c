// SPDX-License-Identifier: MIT
// Ctrl-C, SIGTERM and SIGHUP: noted by a handler, seen by whoever waits.
#include "base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { SIGNALS_PATIENCE = 3 };

static volatile sig_atomic_t signals_seen;
static int ends[2] = {-1, -1};
static void (*volatile before_exit)(void);

static void on_signal(int number)
{
    (void)number;
    int saved = errno;
    signals_seen = signals_seen + 1;
    if (signals_seen >= SIGNALS_PATIENCE) {
        if (before_exit != NULL)
            before_exit();
        _exit(130);
    }
    // Never read: the descriptor stays readable. A full pipe cannot happen with two bytes.
    (void)!write(ends[1], "", 1);
    errno = saved;
}

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

void interrupt_install(void)
{
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        abort();
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction before;
        // nohup and background jobs of a shell ignore some of them: that stays so.
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

void interrupt_before_exit(void (*function)(void))
{
    before_exit = function;
}

void interrupt_renew(void)
{
    // The parent's pipe would wake the parent.
    close(ends[0]);
    close(ends[1]);
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        abort();
    signals_seen = 0;
}

void interrupt_remove(void)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction now;
        if (sigaction(numbers[i], NULL, &now) == 0 && now.sa_handler == on_signal)
            signal(numbers[i], SIG_DFL);
    }
}

int interrupt_descriptor(void)
{
    return ends[0];
}

bool interrupt_happened(struct err *err)
{
    if (signals_seen == 0)
        return false;
    err_set(err, ERR_INTERRUPTED, "interrupted");
    return true;
}
