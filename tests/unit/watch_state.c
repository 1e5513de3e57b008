// SPDX-License-Identifier: MIT
// What lab watch does next: events in, actions out.
#include "watch/state.h"

#include <string.h>

#include "unit.h"
#include "watch/keys.h"

static unsigned take_event(struct watch_state *state, enum watch_event event)
{
    return watch_state_take(state, event, KEY_NONE);
}

static unsigned take_key(struct watch_state *state, int key)
{
    return watch_state_take(state, EVENT_KEY, key);
}

// A check is at work since the start.
static struct watch_state started(void)
{
    struct watch_state state = {0};
    ck_assert_uint_eq(take_event(&state, EVENT_START), ACTION_BEGIN_CHECK | ACTION_DRAW);
    return state;
}

// One was at work and is over.
static struct watch_state idle(void)
{
    struct watch_state state = started();
    ck_assert_uint_eq(take_event(&state, EVENT_CHECK_ENDED), ACTION_DRAW);
    return state;
}

START_TEST(a_save_begins_a_check)
{
    struct watch_state state = idle();
    ck_assert_uint_eq(take_event(&state, EVENT_SAVED), ACTION_BEGIN_CHECK | ACTION_DRAW);
}
END_TEST

START_TEST(a_save_during_a_check_cancels_it_and_begins_anew_when_it_is_gone)
{
    struct watch_state state = started();
    ck_assert_uint_eq(take_event(&state, EVENT_SAVED), ACTION_CANCEL_CHECK);
    ck_assert_int_eq(state.check, CHECK_ENDING);
    ck_assert_uint_eq(take_event(&state, EVENT_CHECK_ENDED), ACTION_BEGIN_CHECK | ACTION_DRAW);
    ck_assert_uint_eq(take_event(&state, EVENT_CHECK_ENDED), ACTION_DRAW);
}
END_TEST

START_TEST(many_saves_during_a_check_are_one_check)
{
    struct watch_state state = started();
    take_event(&state, EVENT_SAVED);
    for (int i = 0; i < 10; i++)
        ck_assert_uint_eq(take_event(&state, EVENT_SAVED), 0);
    ck_assert_uint_eq(take_event(&state, EVENT_CHECK_ENDED), ACTION_BEGIN_CHECK | ACTION_DRAW);
    ck_assert_uint_eq(take_event(&state, EVENT_CHECK_ENDED), ACTION_DRAW);
    ck_assert_int_eq(state.check, CHECK_IDLE);
}
END_TEST

START_TEST(r_does_what_a_save_does)
{
    struct watch_state state = idle();
    ck_assert_uint_eq(take_key(&state, 'r'), ACTION_BEGIN_CHECK | ACTION_DRAW);
    ck_assert_uint_eq(take_key(&state, 'r'), ACTION_CANCEL_CHECK);
}
END_TEST

START_TEST(nothing_begins_by_itself_after_a_check)
{
    struct watch_state state = idle();
    ck_assert_uint_eq(take_event(&state, EVENT_CHANGED), ACTION_DRAW);
    ck_assert_uint_eq(take_key(&state, 'x'), 0);
    ck_assert_uint_eq(take_key(&state, KEY_OTHER), 0);
    ck_assert_uint_eq(take_key(&state, KEY_ESCAPE), 0);
    ck_assert_int_eq(state.check, CHECK_IDLE);
    ck_assert_int_eq(state.page, PAGE_NONE);
}
END_TEST

START_TEST(a_key_opens_its_page_and_q_closes_it)
{
    static const struct {
        int key;
        enum watch_page page;
    } keys[] = {{'h', PAGE_HINT}, {'l', PAGE_LESSON}, {'t', PAGE_TRACE}, {'n', PAGE_NEXT}};
    struct watch_state state = idle();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        ck_assert_uint_eq(take_key(&state, keys[i].key), ACTION_BEGIN_PAGE | ACTION_DRAW);
        ck_assert_int_eq(state.page, keys[i].page);
        ck_assert_uint_eq(take_event(&state, EVENT_PAGE_ENDED), ACTION_DRAW);
        ck_assert_int_eq(state.page, keys[i].page);
        ck_assert_uint_eq(take_key(&state, i % 2 == 0 ? 'q' : KEY_ESCAPE), ACTION_DRAW);
        ck_assert_int_eq(state.page, PAGE_NONE);
    }
}
END_TEST

START_TEST(another_page_waits_for_the_one_at_work_to_end)
{
    struct watch_state state = idle();
    take_key(&state, 't');
    ck_assert_uint_eq(take_key(&state, 'l'), ACTION_CANCEL_PAGE | ACTION_DRAW);
    ck_assert_int_eq(state.page, PAGE_LESSON);
    ck_assert_uint_eq(take_event(&state, EVENT_PAGE_ENDED), ACTION_BEGIN_PAGE | ACTION_DRAW);
    ck_assert_uint_eq(take_event(&state, EVENT_PAGE_ENDED), ACTION_DRAW);
    ck_assert_int_eq(state.page, PAGE_LESSON);
}
END_TEST

START_TEST(a_save_closes_the_page)
{
    struct watch_state state = idle();
    take_key(&state, 't');
    ck_assert_uint_eq(take_event(&state, EVENT_SAVED),
                      ACTION_CANCEL_PAGE | ACTION_BEGIN_CHECK | ACTION_DRAW);
    ck_assert_int_eq(state.page, PAGE_NONE);
    ck_assert_uint_eq(take_event(&state, EVENT_PAGE_ENDED), ACTION_DRAW);
}
END_TEST

START_TEST(quitting_waits_until_nothing_is_at_work)
{
    struct watch_state state = started();
    take_key(&state, 'h');
    ck_assert_uint_eq(take_event(&state, EVENT_END), ACTION_CANCEL_CHECK | ACTION_CANCEL_PAGE);
    ck_assert_uint_eq(take_event(&state, EVENT_SAVED), 0);
    ck_assert_uint_eq(take_key(&state, 'r'), 0);
    ck_assert_uint_eq(take_event(&state, EVENT_CHECK_ENDED), 0);
    ck_assert_uint_eq(take_event(&state, EVENT_PAGE_ENDED), ACTION_QUIT);
}
END_TEST

START_TEST(quitting_when_nothing_is_at_work_is_at_once)
{
    struct watch_state state = idle();
    ck_assert_uint_eq(take_key(&state, 'q'), ACTION_QUIT);
    state = idle();
    ck_assert_uint_eq(take_event(&state, EVENT_END), ACTION_QUIT);
}
END_TEST

START_TEST(a_quit_during_a_cancelled_check_begins_no_other)
{
    struct watch_state state = started();
    take_event(&state, EVENT_SAVED);
    ck_assert_uint_eq(take_key(&state, 'q'), 0);
    ck_assert_uint_eq(take_event(&state, EVENT_CHECK_ENDED), ACTION_QUIT);
}
END_TEST

START_TEST(stopping_ends_the_check_first_and_going_on_begins_it_again)
{
    struct watch_state state = started();
    ck_assert_uint_eq(take_event(&state, EVENT_STOP), ACTION_CANCEL_CHECK);
    ck_assert_uint_eq(take_event(&state, EVENT_SAVED), 0);
    ck_assert_uint_eq(take_event(&state, EVENT_CHECK_ENDED), ACTION_STOP);
    ck_assert_uint_eq(take_event(&state, EVENT_GO_ON),
                      ACTION_REDRAW | ACTION_DRAW | ACTION_BEGIN_CHECK);
}
END_TEST

START_TEST(stopping_without_a_check_is_at_once_and_nothing_begins_afterwards)
{
    struct watch_state state = idle();
    ck_assert_uint_eq(take_event(&state, EVENT_STOP), ACTION_STOP);
    ck_assert_uint_eq(take_event(&state, EVENT_STOP), 0);
    ck_assert_uint_eq(take_event(&state, EVENT_GO_ON), ACTION_REDRAW | ACTION_DRAW);
    ck_assert_int_eq(state.check, CHECK_IDLE);
}
END_TEST

START_TEST(a_save_while_it_is_stopped_is_checked_when_it_goes_on)
{
    struct watch_state state = idle();
    take_event(&state, EVENT_STOP);
    ck_assert_uint_eq(take_event(&state, EVENT_SAVED), 0);
    ck_assert_uint_eq(take_event(&state, EVENT_GO_ON),
                      ACTION_REDRAW | ACTION_DRAW | ACTION_BEGIN_CHECK);
}
END_TEST

START_TEST(scrolling_stays_within_the_text)
{
    struct watch_state state = idle();
    state.most_scroll = 30;
    state.rows = 11;
    take_key(&state, 'k');
    ck_assert_uint_eq(state.scroll, 0);
    take_key(&state, KEY_DOWN);
    ck_assert_uint_eq(state.scroll, 1);
    take_key(&state, ' ');
    ck_assert_uint_eq(state.scroll, 11);
    take_key(&state, 'G');
    ck_assert_uint_eq(state.scroll, 30);
    take_key(&state, KEY_PAGE_DOWN);
    ck_assert_uint_eq(state.scroll, 30);
    take_key(&state, 'b');
    ck_assert_uint_eq(state.scroll, 20);
    take_key(&state, 'g');
    ck_assert_uint_eq(state.scroll, 0);
}
END_TEST

START_TEST(another_attempt_is_read_from_its_beginning)
{
    struct watch_state state = started();
    state.scroll = 7;
    ck_assert_uint_eq(take_event(&state, EVENT_CHECK_NEWS), ACTION_DRAW);
    ck_assert_uint_eq(state.scroll, 0);
    take_key(&state, 'l');
    state.scroll = 7; // in the page: that is being read
    take_event(&state, EVENT_CHECK_NEWS);
    ck_assert_uint_eq(state.scroll, 7);
}
END_TEST

// ---------------------------------------------------------------- keys

static void expect_key(const char *bytes, int key, size_t used)
{
    size_t got = 0;
    ck_assert_int_eq(key_read(bytes, strlen(bytes), &got), key);
    ck_assert_uint_eq(got, used);
}

START_TEST(keys_are_read_from_what_terminals_send)
{
    expect_key("", KEY_NONE, 0);
    expect_key("qr", 'q', 1);
    expect_key("\033", KEY_ESCAPE, 1);
    expect_key("\033[A", KEY_UP, 3);
    expect_key("\033OBx", KEY_DOWN, 3);
    expect_key("\033[5~", KEY_PAGE_UP, 4);
    expect_key("\033[6~q", KEY_PAGE_DOWN, 4);
    expect_key("\033[H", KEY_HOME, 3);
    expect_key("\033[4~", KEY_END, 4);
}
END_TEST

START_TEST(other_sequences_are_one_key_that_nothing_is_bound_to)
{
    expect_key("\033[1;5Aq", KEY_OTHER, 6); // Ctrl and an arrow
    expect_key("\033[200~q", KEY_OTHER, 6); // a paste
    expect_key("\033[1;5", KEY_OTHER, 5);   // cut off
    expect_key("\033q", KEY_OTHER, 2);      // Alt
    expect_key("\303\244", KEY_OTHER, 1);   // not ASCII
    expect_key("\033\033", KEY_ESCAPE, 2);
}
END_TEST

UNIT_MAIN("watch_state", a_save_begins_a_check,
          a_save_during_a_check_cancels_it_and_begins_anew_when_it_is_gone,
          many_saves_during_a_check_are_one_check, r_does_what_a_save_does,
          nothing_begins_by_itself_after_a_check, a_key_opens_its_page_and_q_closes_it,
          another_page_waits_for_the_one_at_work_to_end, a_save_closes_the_page,
          quitting_waits_until_nothing_is_at_work, quitting_when_nothing_is_at_work_is_at_once,
          a_quit_during_a_cancelled_check_begins_no_other,
          stopping_ends_the_check_first_and_going_on_begins_it_again,
          stopping_without_a_check_is_at_once_and_nothing_begins_afterwards,
          a_save_while_it_is_stopped_is_checked_when_it_goes_on, scrolling_stays_within_the_text,
          another_attempt_is_read_from_its_beginning, keys_are_read_from_what_terminals_send,
          other_sequences_are_one_key_that_nothing_is_bound_to)
