// SPDX-License-Identifier: MIT
// A check whose program is looked at: its verdict is the same, whoever looks, well or badly.
#include "serving.h"

#include <sys/syscall.h>

#include "snapshots.h"

// A tracer whose other end is the check's.
static struct outcome run_traced(const char *check, const char *program, const char *mode,
                                 bool from_start, struct seen *out)
{
    struct serving serving = serving_open("core");
    struct tracing tracing = tracing_start(&serving.stage.user);
    const struct asked asked = {1, check, "programs", program, mode, 0};
    int records = check_ask_traced(&serving, &asked, tracing.socket, from_start);
    // The check's is the only end now: the tracer sees when it is gone.
    close(tracing.socket);
    tracing.socket = -1;
    struct outcome outcome = check_collect(&serving, 1, records);
    *out = tracing_end(&tracing); // before the stage's control group ends what is in it
    serving_close(&serving);
    return outcome;
}

START_TEST(a_traced_check_has_the_same_verdict)
{
    struct seen seen;
    struct outcome outcome = run_traced("program/answers", "right", NULL, true, &seen);
    expect_passed(&outcome);
    const cJSON *clock = cJSON_GetObjectItem(record_of(&outcome, "program"), "clock");
    ck_assert(cJSON_IsNumber(clock));
    ck_assert_ptr_nonnull(seen_find(&seen, EVENT_STARTED, -1, 0));
    const cJSON *io = record_of(&outcome, "io"); // the answer
    const struct seen_event *sent = NULL;
    for (size_t i = 0; i < seen.count; i++)
        if (seen.events[i].event->data_bytes == 5 && memcmp(seen.events[i].data, "pong\n", 5) == 0)
            sent = &seen.events[i];
    ck_assert_ptr_nonnull(sent);
    ck_assert_int_eq(sent->event->result, 5);
    ck_assert((double)sent->event->clock / 1e9 >= clock->valuedouble);
    ck_assert_int_eq(sent->event->local, cJSON_GetObjectItem(io, "peer")->valueint);
    ck_assert_int_eq(sent->event->peer, cJSON_GetObjectItem(io, "local")->valueint);
    ck_assert_ptr_nonnull(memmem(seen.maps[sent->event->maps].text,
                                 seen.maps[sent->event->maps].length, "/program", 8));
    outcome_release(&outcome);
    outcome = run_traced("program/serves", "starts", "exit", true, &seen);
    expect_failed(&outcome, "ended with status 3");
    ck_assert_ptr_nonnull(seen_find(&seen, EVENT_EXIT, -1, 0));
    ck_assert(seen.end->ended);
    outcome_release(&outcome);
}
END_TEST

START_TEST(a_program_that_hangs_is_looked_at)
{
    static const char *const modes[] = {"read", "epoll", "lock", "child", "loop", "stop"};
    for (size_t i = 0; i < 2 * sizeof modes / sizeof *modes; i++) {
        bool from_start = i % 2 == 0;
        const char *mode = modes[i / 2];
        // Who stops itself under a tracer is in state t, which no clock of the kit's charges.
        if (from_start && strcmp(mode, "stop") == 0)
            continue;
        struct seen seen;
        struct outcome outcome = run_traced("program/answers", "stuck", mode, from_start, &seen);
        expect_failed(&outcome, "");
        const char *state = text_of(record_of(&outcome, "program"), "state");
        ck_assert_msg(strcmp(state, "stuck") == 0, "%s: %s", mode, state);
        const struct seen_event *found = seen_find(&seen, EVENT_STUCK, -1, 0);
        ck_assert_msg(found != NULL, "%s: nobody was seen", mode);
        ck_assert_uint_gt(found->event->stack_bytes, 0);
        ck_assert_int_gt(found->event->own_tid, 1);
        outcome_release(&outcome);
    }
}
END_TEST

// The end of a check closes its connections: what the program does then is no part of what was
// seen.
START_TEST(nothing_of_a_program_is_seen_behind_the_verdict)
{
    for (int i = 0; i < 10; i++) {
        struct seen seen;
        struct outcome outcome = run_traced("program/answers", "stuck", "read", true, &seen);
        expect_failed(&outcome, "");
        ck_assert_ptr_nonnull(seen_find(&seen, EVENT_STUCK, -1, 0));
        const struct seen_event *last = &seen.events[seen.count - 1];
        ck_assert_msg(last->event->kind == EVENT_STUCK || last->event->kind == EVENT_EXIT,
                      "call %d", last->event->number);
        outcome_release(&outcome);
        outcome =
            run_traced("program/answers", "ends", "wrong_answer_and_end_of_input", true, &seen);
        expect_failed(&outcome, "");
        const struct seen_event *end = seen_find(&seen, EVENT_EXIT, -1, 0);
        ck_assert_msg(end == NULL || end->event->result == SIGKILL, "raw status %lld",
                      (long long)end->event->result);
        outcome_release(&outcome);
    }
}
END_TEST

// ---------------------------------------------------------------- tracers that are none

static struct outcome run_faked(const char *check, const char *program, const char *mode,
                                const char *answer)
{
    struct serving serving = serving_open("core");
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    const struct asked asked = {1, check, "programs", program, mode, 0};
    if (answer != NULL) // before the question even: it must not count
        message_send(ends[0], answer, -1);
    int records = check_ask_traced(&serving, &asked, ends[1], true);
    close(ends[1]);
    char question[64];
    ck_assert_int_gt(recv(ends[0], question, sizeof question, 0), 0);
    if (answer != NULL) {
        for (int i = 0; i < 3; i++)
            message_send(ends[0], answer, -1);
        close(ends[0]);
    }
    struct outcome outcome = check_collect(&serving, 1, records);
    if (answer == NULL)
        close(ends[0]);
    serving_close(&serving);
    return outcome;
}

START_TEST(a_check_goes_on_without_its_tracer)
{
    static const char *const answers[] = {NULL, "", "{", "{\"go\":1}", "{\"go\":false}", "x"};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct outcome outcome = run_faked("program/answers", "right", NULL, answers[i]);
        expect_passed(&outcome);
        outcome_release(&outcome);
    }
}
END_TEST

START_TEST(a_program_that_hangs_is_judged_without_its_tracer)
{
    struct outcome outcome = run_faked("program/answers", "stuck", "read", NULL);
    expect_failed(&outcome, "");
    outcome_release(&outcome);
    outcome = run_faked("program/answers", "stuck", "read", "{\"go\":false}");
    expect_failed(&outcome, "");
    outcome_release(&outcome);
}
END_TEST

KIT_TESTS(a_traced_check_has_the_same_verdict, a_program_that_hangs_is_looked_at,
          nothing_of_a_program_is_seen_behind_the_verdict, a_check_goes_on_without_its_tracer,
          a_program_that_hangs_is_judged_without_its_tracer)
