// SPDX-License-Identifier: MIT
// Long text on a terminal goes through a pager.
#include "cmd/pager.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "box/process.h"
#include "render/render.h"

static bool fits_the_terminal(const char *text)
{
    struct winsize size = {0};
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0)
        return true;
    size_t lines = 0;
    for (const char *c = text; *c != '\0'; c++)
        lines += *c == '\n';
    return lines < size.ws_row;
}

static void write_whole(int to, const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t sent = write(to, text, length);
        if (sent < 0)
            return; // the reader quit: it has seen enough
        text += sent;
        length -= (size_t)sent;
    }
}

static bool page(const char *text)
{
    extern char **environ;
    const char *pager = getenv("PAGER");
    // A shell splits $PAGER into words; so does every program that honours it.
    const char *argv[] = {"sh", "-c", pager != NULL && pager[0] != '\0' ? pager : "less -R", NULL};
    setenv("LESS", "FRX", 0);
    int ends[2];
    if (pipe(ends) < 0)
        return false;
    const struct process_descriptor descriptors[] = {
        {ends[0], STDIN_FILENO}, {STDOUT_FILENO, STDOUT_FILENO}, {STDERR_FILENO, STDERR_FILENO}};
    const struct process_options options = {.argv = argv,
                                            .environment = (const char *const *)environ,
                                            .executable = -1,
                                            .descriptors = descriptors,
                                            .descriptor_count = 3};
    struct process process = {0, -1};
    bool started = process_start(&options, &process, NULL);
    close(ends[0]);
    if (started)
        write_whole(ends[1], text);
    close(ends[1]);
    int status = started ? process_wait(&process) : -1;
    process_release(&process);
    // A pager that is not there (127) or cannot be executed (126) has shown nothing, though the
    // pipe may have taken the text.
    return started && status != 127 << 8 && status != 126 << 8;
}

void pager_print(const char *text)
{
    fflush(stdout);
    // On a dumb terminal a pager complains and waits; to an ear it is in the way.
    bool plain = screen_for(stdout, NULL).plain;
    if (plain || fits_the_terminal(text) || !page(text))
        fputs(text, stdout);
}
