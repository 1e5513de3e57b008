// SPDX-License-Identifier: MIT
// The gate: how several runs share the cores.
#include "unit.h"

#include <pthread.h>
#include <uv.h>

#include "grade/gate.h"

struct member {
    uv_loop_t loop;
    struct gate_run *run;
    int woken;
};

static void on_room(void *context)
{
    struct member *member = context;
    member->woken++;
    uv_stop(&member->loop);
}

static void join(struct member *member, struct grade_gate *gate)
{
    *member = (struct member){0};
    uv_loop_init(&member->loop);
    member->run = gate_join(gate, &member->loop, on_room, member);
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    uv_close(handle, NULL);
}

static void part(struct member *member)
{
    gate_part(member->run);
    uv_walk(&member->loop, close_handle, NULL);
    uv_run(&member->loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&member->loop), 0);
    gate_run_free(member->run);
}

START_TEST(no_more_places_are_taken_than_there_are)
{
    struct grade_gate *gate = gate_new(2, 3);
    struct member a, b;
    join(&a, gate);
    join(&b, gate);
    ck_assert(gate_take(a.run));
    ck_assert(gate_take(b.run));
    ck_assert(gate_take(a.run));
    ck_assert(!gate_take(b.run));
    gate_give(a.run);
    ck_assert(gate_take(b.run));
    ck_assert(!gate_take(a.run));
    part(&a);
    part(&b);
    gate_free(gate);
}
END_TEST

START_TEST(a_place_that_is_given_back_wakes_who_waits)
{
    struct grade_gate *gate = gate_new(1, 1);
    struct member a, b;
    join(&a, gate);
    join(&b, gate);
    ck_assert(gate_take(a.run));
    ck_assert(!gate_take(b.run));
    gate_give(a.run);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(b.woken, 1);
    ck_assert(gate_take(b.run));
    part(&a);
    part(&b);
    gate_free(gate);
}
END_TEST

START_TEST(the_oldest_run_that_waits_is_served_first)
{
    struct grade_gate *gate = gate_new(1, 1);
    struct member old, young;
    join(&old, gate);
    join(&young, gate);
    ck_assert(gate_take(young.run));
    ck_assert(!gate_take(old.run));
    gate_give(young.run);
    ck_assert(!gate_take(young.run));
    ck_assert(gate_take(old.run));
    gate_give(old.run);
    gate_content(old.run); // it has no check left
    ck_assert(gate_take(young.run));
    part(&old);
    part(&young);
    gate_free(gate);
}
END_TEST

START_TEST(a_program_that_works_again_is_never_refused)
{
    struct grade_gate *gate = gate_new(1, 1);
    struct member a, b;
    join(&a, gate);
    join(&b, gate);
    ck_assert(gate_take(a.run));
    gate_give(a.run); // it sleeps
    ck_assert(gate_take(b.run));
    gate_force(a.run);
    gate_give(b.run);
    ck_assert(!gate_take(b.run)); // one too many were at work: now the one there may be
    gate_give(a.run);
    ck_assert(gate_take(b.run));
    part(&a);
    part(&b);
    gate_free(gate);
}
END_TEST

START_TEST(a_run_that_parts_gives_all_its_places_back)
{
    struct grade_gate *gate = gate_new(2, 2);
    struct member a, b;
    join(&a, gate);
    join(&b, gate);
    ck_assert(gate_take(a.run));
    ck_assert(gate_take(a.run));
    ck_assert(!gate_take(b.run));
    part(&a);
    ck_assert(gate_take(b.run));
    ck_assert(gate_take(b.run));
    part(&b);
    gate_free(gate);
}
END_TEST

// ---------------------------------------------------------------- submissions

struct admission {
    struct grade_gate *gate;
    bool admitted;
};

static void *admit(void *context)
{
    struct admission *admission = context;
    admission->admitted = gate_admit(admission->gate);
    return NULL;
}

// It waits, or will: nothing below hangs on which of them.
static pthread_t begin_admission(struct admission *admission, struct grade_gate *gate)
{
    pthread_t thread;
    *admission = (struct admission){.gate = gate};
    ck_assert_int_eq(pthread_create(&thread, NULL, admit, admission), 0);
    return thread;
}

START_TEST(nobody_is_admitted_while_a_check_is_ready)
{
    struct grade_gate *gate = gate_new(1, 2);
    struct admission admission;
    struct member a;
    join(&a, gate);
    ck_assert(gate_take(a.run));
    gate_want(a.run); // there is room, and it has a check for it
    pthread_t thread = begin_admission(&admission, gate);
    ck_assert(gate_take(a.run)); // so the place is still its own
    gate_content(a.run);
    gate_give(a.run);
    pthread_join(thread, NULL);
    ck_assert(admission.admitted);
    ck_assert(!gate_take(a.run)); // the compilation holds the other one
    gate_compiled(gate);
    ck_assert(gate_take(a.run));
    part(&a);
    gate_free(gate);
}
END_TEST

START_TEST(no_more_compile_than_there_are_cores)
{
    struct grade_gate *gate = gate_new(1, 4);
    struct admission second;
    ck_assert(gate_admit(gate));
    pthread_t thread = begin_admission(&second, gate);
    gate_compiled(gate);
    pthread_join(thread, NULL);
    ck_assert(second.admitted);
    gate_compiled(gate);
    gate_free(gate);
}
END_TEST

START_TEST(a_closed_gate_admits_nobody)
{
    struct grade_gate *gate = gate_new(1, 1);
    struct admission waiting;
    ck_assert(gate_admit(gate));
    pthread_t thread = begin_admission(&waiting, gate);
    gate_close(gate);
    pthread_join(thread, NULL);
    ck_assert(!waiting.admitted);
    ck_assert(!gate_admit(gate));
    gate_free(gate);
}
END_TEST

START_TEST(the_account_never_has_more_than_the_cores)
{
    struct grade_gate *gate = gate_new(1, 4);
    struct member a;
    double held = -1;
    double all = -1;
    join(&a, gate);
    ck_assert(gate_take(a.run) && gate_take(a.run) && gate_take(a.run));
    gate_account(gate, &held, &all);
    ck_assert(held >= 0 && held <= all);
    part(&a);
    gate_free(gate);
}
END_TEST

START_TEST(without_a_gate_every_place_is_free)
{
    struct gate_run *run = gate_join(NULL, NULL, on_room, NULL);
    ck_assert_ptr_null(run);
    for (int i = 0; i < 100; i++)
        ck_assert(gate_take(run));
    gate_force(run);
    gate_want(run);
    gate_give(run);
    gate_content(run);
    gate_part(run);
    gate_run_free(run);
}
END_TEST

UNIT_MAIN("gate", no_more_places_are_taken_than_there_are,
          a_place_that_is_given_back_wakes_who_waits, the_oldest_run_that_waits_is_served_first,
          a_program_that_works_again_is_never_refused, a_run_that_parts_gives_all_its_places_back,
          nobody_is_admitted_while_a_check_is_ready, no_more_compile_than_there_are_cores,
          a_closed_gate_admits_nobody, the_account_never_has_more_than_the_cores,
          without_a_gate_every_place_is_free)
