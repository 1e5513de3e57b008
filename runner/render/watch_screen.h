// SPDX-License-Identifier: MIT
/*
 * The screen of `lab watch`: from what is known to the lines of a terminal. Nothing is printed
 * here.
 */
#ifndef LAB_WATCH_SCREEN_H
#define LAB_WATCH_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "render/render.h"

enum watch_phase {
    WATCH_COMPILING,
    WATCH_CHECKING,
    WATCH_EXPLAINING, // all checks are there; the line of the first failure is looked for
    WATCH_DONE,
};

struct watch_view {
    const struct lab *lab;
    const struct attempt *attempt; // NULL: nothing is known yet. May be an earlier one's.
    enum watch_phase phase;        // of the attempt that is at work
    size_t done, total;            // checks, when checking; total 0: not known
    long long number;              // of the attempt, when done; 0: not known
    size_t hints_shown, hints_total;
    const struct err *fault;     // it could not be checked, or NULL; kind ERR_NONE is NULL too
    const struct strings *notes; // warnings, or NULL
    const char *page_title;      // something else is shown in place of the report, or NULL
    const char *page;            // its text, which may hold styles (ECMA-48 SGR)
    size_t scroll;               // lines that are above the screen
    int width, height;
    bool colour;
    const char *command; // "lab" or "./lab"
};

// Exactly `height` lines, each at most `width` columns wide, without newlines. *out_most_scroll:
// the largest useful view->scroll; a larger one is taken for it. *out_rows: lines of a screenful.
void render_watch(const struct watch_view *view, struct strings *out, size_t *out_most_scroll,
                  size_t *out_rows);
// What stays readable when the screen is gone: the sum, and what to type next.
void render_watch_sum(const struct screen *screen, const struct attempt *attempt,
                      const char *command);
// The keys, as a line for where there is no screen.
void render_watch_keys(const struct screen *screen);

#endif
