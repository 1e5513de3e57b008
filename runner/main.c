// SPDX-License-Identifier: MIT
// Finds the command, runs it, maps an error to an exit status.
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "cmd/dispatch.h"
#include "render/render.h"

static bool reader_has_left(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

// A descriptor below 3 that is closed would be given to the next file that is opened, and what is
// printed would go there. Nobody can write to this one, so a closed stdout is still noticed.
static void open_standard_descriptors(void)
{
    int file;
    do
        file = open("/dev/null", O_RDONLY);
    while (file >= 0 && file < STDERR_FILENO);
    if (file > STDERR_FILENO)
        close(file);
}

// Ctrl-C ends our children too: what they then failed to do is no fault of the machine.
static void take_interrupt(struct err *err)
{
    struct err interrupt = ERR_INIT;
    if (interrupt_happened(&interrupt)) {
        err_release(err);
        err_move(err, &interrupt);
    }
}

int main(int argc, char **argv)
{
    open_standard_descriptors();
    setlocale(LC_CTYPE, "C.UTF-8"); // widths of UTF-8 text, whatever the locale says
    signal(SIGPIPE, SIG_IGN);       // a closed stdout is an error to report, not an end
    signal(SIGXFSZ, SIG_IGN);       // so is a file that may grow no more (ulimit -f)
    interrupt_install();
    struct err err = ERR_INIT;
    int status = dispatch(argc, argv, &err);
    if (err.kind != ERR_NONE) {
        take_interrupt(&err);
        status = err_exit_status(err.kind);
        if (err.kind != ERR_INTERRUPTED)
            render_error(&err);
        err_release(&err);
    }
    // What was printed counts only when it arrived: a full disk or a closed pipe is told.
    if (fflush(stdout) != 0 || ferror(stdout)) {
        // A reader that has seen enough (lab lesson | head) is no news; a full disk is.
        if (!reader_has_left())
            render_warning("stdout could not be written");
        status = err_worse_status(status, err_exit_status(ERR_ENV));
    }
    return status;
}
