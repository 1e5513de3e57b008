// SPDX-License-Identifier: MIT
/*
 * What `lab watch` does next: events in, actions out. Nothing is done here, and no clock is read.
 *
 * One check is at work at most. A save while it is at work ends it; the next one begins when it has
 * ended. Beside it, one page at most: the output of another command, in place of the report.
 */
#ifndef LAB_WATCH_STATE_H
#define LAB_WATCH_STATE_H

#include <stdbool.h>
#include <stddef.h>

enum watch_event {
    EVENT_START,
    EVENT_SAVED,       // a source was written, added or removed
    EVENT_CHECK_NEWS,  // another attempt is on the screen than before
    EVENT_CHECK_ENDED, // its process is gone
    EVENT_PAGE_ENDED,  // so is the page's
    EVENT_KEY,
    EVENT_CHANGED, // what is shown, or the size of the screen
    EVENT_STOP,    // Ctrl-Z
    EVENT_GO_ON,   // it was continued
    EVENT_END,     // Ctrl-C, SIGTERM, no terminal any more, no workspace any more
};

// Done in this order.
enum watch_action {
    ACTION_CANCEL_CHECK = 1 << 0,
    ACTION_CANCEL_PAGE = 1 << 1,
    ACTION_BEGIN_CHECK = 1 << 2,
    ACTION_BEGIN_PAGE = 1 << 3, // state->page
    ACTION_REDRAW = 1 << 4,     // everything, whatever was drawn before
    ACTION_DRAW = 1 << 5,
    ACTION_STOP = 1 << 6, // gives the terminal back and stops the process
    ACTION_QUIT = 1 << 7, // nothing is at work any more
};

enum watch_page { PAGE_NONE, PAGE_HINT, PAGE_LESSON, PAGE_TRACE, PAGE_NEXT };

struct watch_state {
    enum { CHECK_IDLE, CHECK_AT_WORK, CHECK_ENDING } check;
    bool again; // another check is wanted when this one has ended
    enum watch_page page;
    bool page_at_work, page_wanted; // wanted: as soon as the one at work has ended
    bool stopping, stopped, quitting;
    size_t scroll;
    size_t most_scroll, rows; // set by whoever draws: render_watch
};

// `key` is of watch/keys.h, for EVENT_KEY alone. Returns the actions, or-ed.
unsigned watch_state_take(struct watch_state *state, enum watch_event event, int key);

#endif
