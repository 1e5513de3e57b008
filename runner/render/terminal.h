// SPDX-License-Identifier: MIT
/*
 * A whole terminal for one program: single keys without Enter, and a screen that is drawn over. By
 * termios and ECMA-48 sequences that every terminal of today has. What the terminal was like before
 * comes back at the end, whatever the end is: terminal_close, exit(), or a crash.
 *
 * One terminal a process. Ctrl-C and Ctrl-Z stay signals.
 */
#ifndef LAB_TERMINAL_H
#define LAB_TERMINAL_H

#include <stdbool.h>

#include "base/str.h"

struct terminal {
    bool screen; // lines are drawn in place; else only keys are taken
    bool on;
    int width, height;
    struct strings shown; // what is on it
};

// Keys can be had: stdin is a terminal.
bool terminal_has_keys(void);
// Lines can be drawn in place: stdin and stdout are terminals, and TERM is neither empty nor dumb.
bool terminal_has_screen(void);

// The terminal that stdin is, opened anew for reading, so that what is set for this descriptor is
// not set for the shell's; -1: it cannot be had.
int terminal_open_file(void);

// Takes the terminal; with `screen` its other buffer, so that what was there comes back.
void terminal_open(struct terminal *terminal, bool screen);
// Gives it back, for a while or for good. May be called twice.
void terminal_leave(struct terminal *terminal);
// Takes it again; everything will be drawn anew.
void terminal_enter(struct terminal *terminal);
void terminal_close(struct terminal *terminal);
// Asks for its size: true when it is another one.
bool terminal_measure(struct terminal *terminal);
// Draws the lines, as many as the terminal is high; only those that changed are written.
void terminal_draw(struct terminal *terminal, const struct strings *lines);
// A forked child is not the one that gives the terminal back.
void terminal_forget(void);

#endif
