// SPDX-License-Identifier: MIT
// A whole terminal for one program, by termios and ECMA-48.
#include "render/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "render/render.h"

// xterm's other buffer (1049) is older than all terminals of today; the rest is ECMA-48: CUP (H),
// ED (J), EL (K), SGR (m).
#define OTHER_BUFFER "\033[?1049h\033[H\033[2J"
#define USUAL_BUFFER "\033[0m\033[?1049l"

// What a signal's handler needs.
static struct termios before;
static volatile sig_atomic_t keys_taken, screen_taken;

static void write_all(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t done = write(STDOUT_FILENO, bytes, length);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return; // the terminal is gone: nobody looks
        bytes += done;
        length -= (size_t)done;
    }
}

// Safe in a signal's handler: write and tcsetattr are (POSIX, signal concepts).
static void give_back(void)
{
    if (screen_taken)
        write_all(USUAL_BUFFER, sizeof USUAL_BUFFER - 1);
    if (keys_taken)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    screen_taken = keys_taken = 0;
}

static void on_crash(int number)
{
    give_back();
    raise(number); // its usual action, as the handler is gone: SA_RESETHAND
}

// Those that only a mistake of ours raises. Whoever watches for them already keeps them.
static void watch_for_crashes(void (*handler)(int))
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};
    struct sigaction action = {.sa_handler = handler, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, NULL);
    interrupt_before_exit(handler == SIG_DFL ? NULL : give_back);
}

bool terminal_has_keys(void)
{
    return isatty(STDIN_FILENO) == 1;
}

bool terminal_has_screen(void)
{
    const char *kind = getenv("TERM");
    return terminal_has_keys() && isatty(STDOUT_FILENO) == 1 && kind != NULL && kind[0] != '\0' &&
           !screen_for(stdout, NULL).plain; // who hears the screen hears what is added to it
}

int terminal_open_file(void)
{
    char name[128];
    if (ttyname_r(STDIN_FILENO, name, sizeof name) != 0)
        return -1;
    return open(name, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

void terminal_open(struct terminal *terminal, bool screen)
{
    static bool registered;
    *terminal = (struct terminal){.screen = screen, .shown = STRINGS_INIT};
    if (!registered)
        atexit(give_back);
    registered = true;
    watch_for_crashes(on_crash);
    terminal_enter(terminal);
}

void terminal_enter(struct terminal *terminal)
{
    struct termios now;
    if (!keys_taken && tcgetattr(STDIN_FILENO, &before) == 0)
        keys_taken = 1;
    now = before;
    now.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    // In the background this stops the process until it is in the foreground again.
    while (keys_taken && tcsetattr(STDIN_FILENO, TCSADRAIN, &now) < 0 && errno == EINTR)
        ;
    if (terminal->screen) {
        screen_taken = 1;
        write_all(OTHER_BUFFER, sizeof OTHER_BUFFER - 1);
    }
    terminal->on = true;
    terminal_measure(terminal);
    strings_release(&terminal->shown);
    terminal->shown = (struct strings)STRINGS_INIT;
}

void terminal_leave(struct terminal *terminal)
{
    give_back();
    terminal->on = false;
}

void terminal_close(struct terminal *terminal)
{
    terminal_leave(terminal);
    strings_release(&terminal->shown);
    watch_for_crashes(SIG_DFL);
}

void terminal_forget(void)
{
    screen_taken = keys_taken = 0;
    watch_for_crashes(SIG_DFL);
}

bool terminal_measure(struct terminal *terminal)
{
    struct winsize size = {.ws_row = 0};
    int width = 80;
    int height = 24;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        width = size.ws_col;
        height = size.ws_row;
    }
    bool changed = width != terminal->width || height != terminal->height;
    terminal->width = width;
    terminal->height = height;
    if (changed) { // what is where now is the terminal's secret
        strings_release(&terminal->shown);
        terminal->shown = (struct strings)STRINGS_INIT;
    }
    return changed;
}

// One write a picture, so that no half of one is seen. The cursor rests on the last line, which the
// screen readers of a terminal follow.
void terminal_draw(struct terminal *terminal, const struct strings *lines)
{
    auto_str struct str out = STR_INIT;
    if (!terminal->on || !terminal->screen)
        return;
    if (terminal->shown.count == 0)
        str_append(&out, "\033[0m\033[H\033[2J");
    for (size_t i = 0; i < lines->count; i++) {
        if (i < terminal->shown.count && strcmp(terminal->shown.items[i], lines->items[i]) == 0)
            continue;
        // Erased first: behind a full line the cursor stands on its last character.
        str_append_format(&out, "\033[%zu;1H\033[K%s\033[0m", i + 1, lines->items[i]);
    }
    if (out.length > 0)
        str_append_format(&out, "\033[%zu;1H", lines->count);
    write_all(str_text(&out), out.length);
    strings_release(&terminal->shown);
    terminal->shown = (struct strings)STRINGS_INIT;
    for (size_t i = 0; i < lines->count; i++)
        strings_add(&terminal->shown, lines->items[i]);
}
