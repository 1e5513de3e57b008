// SPDX-License-Identifier: MIT
// What `lab watch` does next: events in, actions out.
#include "watch/state.h"

#include "watch/keys.h"

enum { CTRL_D = 4, CTRL_L = 12 };

static unsigned cancel_check(struct watch_state *state)
{
    if (state->check != CHECK_AT_WORK)
        return 0;
    state->check = CHECK_ENDING;
    return ACTION_CANCEL_CHECK;
}

static unsigned begin_check(struct watch_state *state)
{
    state->check = CHECK_AT_WORK;
    state->again = false;
    return ACTION_BEGIN_CHECK | ACTION_DRAW;
}

static unsigned close_page(struct watch_state *state)
{
    if (state->page == PAGE_NONE)
        return 0;
    state->page = PAGE_NONE;
    state->page_wanted = false;
    state->scroll = 0;
    return (state->page_at_work ? ACTION_CANCEL_PAGE : 0) | ACTION_DRAW;
}

static unsigned open_page(struct watch_state *state, enum watch_page page)
{
    state->page = page;
    state->scroll = 0;
    state->page_wanted = state->page_at_work;
    if (state->page_wanted)
        return ACTION_CANCEL_PAGE | ACTION_DRAW;
    state->page_at_work = true;
    return ACTION_BEGIN_PAGE | ACTION_DRAW;
}

// The check anew, whatever is at work now.
static unsigned check_again(struct watch_state *state)
{
    unsigned actions = close_page(state);
    if (state->check == CHECK_IDLE && !state->stopping && !state->stopped)
        return actions | begin_check(state);
    state->again = true;
    return actions | cancel_check(state);
}

static unsigned quit(struct watch_state *state)
{
    state->quitting = true;
    state->again = state->page_wanted = false;
    unsigned actions = cancel_check(state) | (state->page_at_work ? ACTION_CANCEL_PAGE : 0);
    return state->check == CHECK_IDLE && !state->page_at_work ? actions | ACTION_QUIT : actions;
}

// ---------------------------------------------------------------- keys

static unsigned scroll_to(struct watch_state *state, size_t to)
{
    state->scroll = to < state->most_scroll ? to : state->most_scroll;
    return ACTION_DRAW;
}

static unsigned scroll_up(struct watch_state *state, size_t lines)
{
    return scroll_to(state, state->scroll > lines ? state->scroll - lines : 0);
}

static unsigned take_key(struct watch_state *state, int key)
{
    size_t screenful = state->rows > 2 ? state->rows - 1 : 1; // one line is seen twice
    switch (key) {
    case 'q':
    case KEY_ESCAPE:
        if (state->page != PAGE_NONE)
            return close_page(state);
        return key == 'q' ? quit(state) : 0;
    case CTRL_D:
        return quit(state);
    case CTRL_L:
        return ACTION_REDRAW | ACTION_DRAW;
    case 'h':
        return open_page(state, PAGE_HINT);
    case 'l':
        return open_page(state, PAGE_LESSON);
    case 't':
        return open_page(state, PAGE_TRACE);
    case 'n':
        return open_page(state, PAGE_NEXT);
    case 'r':
        return check_again(state);
    case 'j':
    case KEY_DOWN:
        return scroll_to(state, state->scroll + 1);
    case 'k':
    case KEY_UP:
        return scroll_up(state, 1);
    case ' ':
    case KEY_PAGE_DOWN:
        return scroll_to(state, state->scroll + screenful);
    case 'b':
    case KEY_PAGE_UP:
        return scroll_up(state, screenful);
    case 'g':
    case KEY_HOME:
        return scroll_to(state, 0);
    case 'G':
    case KEY_END:
        return scroll_to(state, state->most_scroll);
    default:
        return 0;
    }
}

// ---------------------------------------------------------------- events

static unsigned check_ended(struct watch_state *state)
{
    state->check = CHECK_IDLE;
    if (state->quitting)
        return state->page_at_work ? 0 : ACTION_QUIT;
    if (state->stopping) {
        state->stopping = false;
        state->stopped = true;
        return ACTION_STOP;
    }
    return state->again ? begin_check(state) : ACTION_DRAW;
}

static unsigned page_ended(struct watch_state *state)
{
    state->page_at_work = false;
    if (state->quitting)
        return state->check == CHECK_IDLE ? ACTION_QUIT : 0;
    if (!state->page_wanted)
        return ACTION_DRAW;
    state->page_wanted = false;
    state->page_at_work = true;
    return ACTION_BEGIN_PAGE | ACTION_DRAW;
}

// A check is not left at work behind a stopped screen: its clocks would run on.
static unsigned stop(struct watch_state *state)
{
    if (state->stopped || state->stopping)
        return 0;
    if (state->check == CHECK_IDLE) {
        state->stopped = true;
        return ACTION_STOP;
    }
    state->stopping = state->again = true;
    return cancel_check(state);
}

static unsigned go_on(struct watch_state *state)
{
    state->stopped = state->stopping = false;
    unsigned actions = ACTION_REDRAW | ACTION_DRAW;
    if (state->again && state->check == CHECK_IDLE)
        actions |= begin_check(state);
    return actions;
}

unsigned watch_state_take(struct watch_state *state, enum watch_event event, int key)
{
    if (state->quitting && event != EVENT_CHECK_ENDED && event != EVENT_PAGE_ENDED)
        return 0;
    switch (event) {
    case EVENT_START:
    case EVENT_SAVED:
        return check_again(state);
    case EVENT_CHECK_NEWS:
        if (state->page == PAGE_NONE)
            state->scroll = 0;
        return ACTION_DRAW;
    case EVENT_CHECK_ENDED:
        return check_ended(state);
    case EVENT_PAGE_ENDED:
        return page_ended(state);
    case EVENT_KEY:
        return take_key(state, key);
    case EVENT_CHANGED:
        return ACTION_DRAW;
    case EVENT_STOP:
        return stop(state);
    case EVENT_GO_ON:
        return go_on(state);
    case EVENT_END:
        return quit(state);
    }
    return 0;
}
