// SPDX-License-Identifier: MIT
// A box whose program waits for a tracer before it is executed.
#include "unit.h"

#include <signal.h>
#include <sys/syscall.h>

#include "boxed.h"
#include "snapshots.h"

// ---------------------------------------------------------------- probes, inside

static int says_hello(void)
{
    return write(1, "hello\n", 6) == 6 ? 0 : 1;
}

BOXED_PROBES({"says_hello", says_hello})

// ---------------------------------------------------------------- outside

static struct box start_waiting(const struct stage *stage, int *output)
{
    struct box box = BOX_INIT;
    struct err err = ERR_INIT;
    int status;
    boxed_start(stage, "says_hello", (struct box_options){BOXED_OPTIONS, .trace = true}, &box,
                output);
    enum box_event event;
    while ((event = box_next(&box, &status, &err)) == BOX_NOTHING) {
        struct pollfd readable = {box.status, POLLIN, 0};
        poll(&readable, 1, -1);
    }
    boxed_must(event == BOX_WAITS, &err);
    ck_assert_int_gt(box.program, 0);
    return box;
}

static void stage_make(struct stage *stage)
{
    struct err err = ERR_INIT;
    *stage = (struct stage)STAGE_INIT;
    boxed_must(stage_open(stage, &err), &err);
}

static void expect_hello(struct box *box, int output)
{
    struct err err = ERR_INIT;
    int status = -1;
    boxed_must(box_wait(box, &status, &err) == BOX_ENDED, &err);
    ck_assert_int_eq(status, 0);
    auto_str struct str text = STR_INIT;
    box_release(box);
    boxed_read(output, &text);
    ck_assert_str_eq(str_text(&text), "hello\n");
}

START_TEST(a_program_goes_on_untraced)
{
    struct stage stage;
    int output;
    stage_make(&stage);
    struct box box = start_waiting(&stage, &output);
    box_go(&box, false);
    expect_hello(&box, output);
    stage_close(&stage);
}
END_TEST

START_TEST(a_program_goes_on_traced)
{
    struct stage stage;
    int output;
    stage_make(&stage);
    struct tracing tracing = tracing_start(&stage.user);
    struct box box = start_waiting(&stage, &output);
    auto_free char *answer = tracing_ask(&tracing, "{\"start\":true}", box.program);
    ck_assert_str_eq(answer, "{\"go\":true}");
    box_go(&box, true);
    expect_hello(&box, output);
    struct seen seen = tracing_end(&tracing);
    const struct seen_event *found = NULL;
    for (size_t i = 0; i < seen.count; i++)
        if (seen.events[i].event->data_bytes == 6)
            found = &seen.events[i];
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(found->event->number, SYS_write);
    ck_assert_mem_eq(found->data, "hello\n", 6);
    ck_assert(seen.end->ended);
    stage_close(&stage);
}
END_TEST

START_TEST(box_wait_lets_a_program_go_that_nobody_traces)
{
    struct boxed boxed =
        boxed_run("says_hello", (struct box_options){BOXED_OPTIONS, .trace = true});
    boxed_must(boxed.event == BOX_ENDED, &boxed.err);
    ck_assert_int_eq(boxed.status, 0);
    ck_assert_str_eq(str_text(&boxed.output), "hello\n");
    boxed_release(&boxed);
}
END_TEST

START_TEST(a_box_that_gets_no_answer_ends_with_its_caller)
{
    struct stage stage;
    int output;
    stage_make(&stage);
    struct box box = start_waiting(&stage, &output);
    close(box.status); // as a caller's end does
    box.status = -1;
    struct pollfd gone = {box.init_pidfd, POLLIN, 0};
    ck_assert_int_eq(poll(&gone, 1, -1), 1);
    box_release(&box);
    box = start_waiting(&stage, &output);
    box_release(&box);
    stage_close(&stage);
}
END_TEST

UNIT_MAIN("box_traced", a_program_goes_on_untraced, a_program_goes_on_traced,
          box_wait_lets_a_program_go_that_nobody_traces,
          a_box_that_gets_no_answer_ends_with_its_caller)
