// SPDX-License-Identifier: MIT
/*
 * The schedule: checks in cells on all cores. One libuv loop waits for records, for the grader's
 * answers, for time and for Ctrl-C; nothing here decides a verdict by a clock.
 *
 * A check is over when its records pipe has no writer left and the grader has said how its cell
 * ended. While its program sleeps (a hang, a time-out that is waited for) it lends its core: the
 * grader says so, and such a cell does not count against the number of cells at work. One that
 * computes keeps its core, or a dozen endless loops would share it until all of them run out of
 * time.
 */
#include "grade/grade.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "grade/gate.h"
#include "grade/grader.h"
#include "grade/records.h"
#include "grade/tracer_socket.h"
#include "grade/verdict.h"

enum {
    TICK_MILLISECONDS = 40,
    CELLS_A_CORE = 8, // at most, the lending ones included
    // In each wait the kit is heard every 10 s. A grader from which nothing is heard for far longer
    // does not come back to the kit; the learner's program has no say in it: broken.
    SILENCE_MILLISECONDS = 60000,
};

struct run;

struct slot { // a running check
    struct run *run;
    bool used;
    size_t check; // index in attempt->checks
    char *scratch;
    int pipe;        // read end, -1 once closed
    uv_poll_t *poll; // freed by the loop, NULL: not read
    struct tracer_socket *tracer;
    bool ended, killed;
    bool at_work; // it holds a place at the gate
    int cell_status;
    uint64_t started; // ms
    uint64_t heard;   // ms, when the last record came
    struct records records;
};

struct run {
    const struct grade_request *request;
    struct attempt *attempt;
    struct grader grader;
    uv_loop_t loop;
    uv_poll_t answers;
    uv_timer_t tick;
    uv_poll_t interrupts;
    uv_poll_t building;
    bool waits_for_build; // the plain program is not there yet
    struct slot *slots;
    size_t slot_count;
    size_t
        *order; // indexes of the checks that are wanted: waiting ones first, then the lab's order
    size_t next, next_step, done, total;
    size_t parallel;
    struct gate_run *gate; // NULL: the cores are this run's alone
    bool interrupted, grader_gone, reading_answers;
    struct err err; // the machine's fault, ends the run
};

static void fill(struct run *run);

// ---------------------------------------------------------------- what is over

static bool is_over(const struct run *run)
{
    for (size_t i = 0; i < run->slot_count; i++)
        if (run->slots[i].used)
            return false;
    return run->interrupted || run->err.kind != ERR_NONE || run->grader_gone ||
           run->done == run->total;
}

static void stop_when_over(struct run *run)
{
    if (is_over(run))
        uv_stop(&run->loop);
}

// Tells of each step whose checks are all there, in the lab's order.
static void tell_steps(struct run *run)
{
    struct attempt *attempt = run->attempt;
    const struct grade_listener *listener = run->request->listener;
    for (; run->next_step < attempt->step_count; run->next_step++) {
        struct step_result *step = &attempt->steps[run->next_step];
        for (size_t i = 0; i < step->check_count; i++) {
            size_t check = step->first_check + i;
            bool wanted = run->request->selected == NULL || run->request->selected[check];
            if (wanted && attempt->checks[check].status == CHECK_NOT_RUN)
                return;
        }
        verdict_step(attempt, step);
        if (listener != NULL && listener->step_done != NULL)
            listener->step_done(listener->context, attempt, step);
    }
}

// ---------------------------------------------------------------- one check

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

static void close_pipe(struct slot *slot)
{
    if (slot->poll != NULL) {
        uv_poll_stop(slot->poll);
        uv_close((uv_handle_t *)take(slot->poll), free_handle);
    }
    if (slot->pipe >= 0)
        close(slot->pipe);
    slot->pipe = -1;
}

// A program that sleeps gives its core's place to other runs, and takes one again when it works.
static void hold_place(struct slot *slot, bool at_work)
{
    if (slot->at_work == at_work)
        return;
    slot->at_work = at_work;
    if (at_work)
        gate_force(slot->run->gate);
    else
        gate_give(slot->run->gate);
}

static void finish_if_over(struct slot *slot)
{
    struct run *run = slot->run;
    if (!slot->used || slot->pipe >= 0 || !(slot->ended || run->grader_gone))
        return;
    struct check_result *check = &run->attempt->checks[slot->check];
    check->seconds = (double)(uv_now(&run->loop) - slot->started) / 1000;
    slot->used = false;
    hold_place(slot, false);
    tracer_socket_close(take(slot->tracer));
    if (slot->records.environment.kind != ERR_NONE && run->err.kind == ERR_NONE)
        err_move(&run->err, &slot->records.environment);
    if (!run->interrupted && run->err.kind == ERR_NONE) {
        if (slot->killed && slot->records.fault == NULL)
            slot->records.fault = str_format("nothing more for %d s", SILENCE_MILLISECONDS / 1000);
        records_finish(&slot->records, slot->cell_status);
        // Of a check that passed its verdict is enough.
        if (run->request->verdicts_only && check->status == CHECK_PASSED)
            check_forget_transcript(check);
        run->done++;
        const struct grade_listener *listener = run->request->listener;
        if (listener != NULL && listener->progress != NULL)
            listener->progress(listener->context, run->done, run->total);
    }
    records_release(&slot->records);
    tell_steps(run);
    fill(run);
    stop_when_over(run);
}

static void on_records(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct slot *slot = poll->data;
    char bytes[65536];
    slot->heard = uv_now(&slot->run->loop);
    // One read a turn: a flood from one check must not hold up the others.
    ssize_t got = read(slot->pipe, bytes, sizeof bytes);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    bool was_asleep = slot->records.asleep;
    if (got > 0 && records_take(&slot->records, bytes, (size_t)got)) {
        hold_place(slot, !slot->records.asleep);
        if (slot->records.asleep && !was_asleep)
            fill(slot->run);
        return;
    }
    if (got > 0) { // a fault: whatever the check goes on to write does not matter
        grader_kill_check(&slot->run->grader, (int)slot->check);
    }
    close_pipe(slot);
    finish_if_over(slot);
}

// Without namespaces the folder goes with its check: the next one has a folder of its own.
static bool renew_scratch(struct run *run, struct slot *slot, size_t check, struct err *err)
{
    if (!box_level_is_bare(run->request->stage->level))
        return true;
    auto_free char *name = str_format("check-%zu", check);
    auto_free char *old = path_join(run->request->stage->path, name);
    folder_remove_all(old, NULL); // an earlier run's on this stage
    folder_remove_all(slot->scratch, NULL);
    free(slot->scratch);
    slot->scratch = stage_folder(run->request->stage, name, err);
    return slot->scratch != NULL;
}

// Sends the request of one check; the slot is used afterwards.
static bool begin(struct run *run, struct slot *slot, size_t check, struct err *err)
{
    int ends[2];
    if (!renew_scratch(run, slot, check, err))
        return false;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        err_set(err, ERR_ENV, "no pipe for records: %s", strerror(errno));
        return false;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    auto_close int tracer = -1;
    slot->tracer = tracer_socket_open(&run->loop, run->request->tracing, check, &tracer);
    const struct check_result *result = &run->attempt->checks[check];
    const struct grader_request request = {
        .id = (int)check,
        .check = result->id,
        .seed = result->seed,
        .program = run->request->build->programs[result->plain_build ? BUILD_PLAIN : BUILD_CHECKED],
        .scratch = slot->scratch,
        .lab = run->request->lab,
        .records = ends[1],
        .tracer = tracer,
        .trace = slot->tracer != NULL && run->request->tracing->from_start,
    };
    bool asked = grader_ask(&run->grader, &request, err);
    close(ends[1]);
    if (!asked) {
        close(ends[0]);
        tracer_socket_close(take(slot->tracer));
        return false;
    }
    slot->used = slot->at_work = true;
    slot->check = check;
    slot->pipe = ends[0];
    slot->ended = slot->killed = false;
    slot->cell_status = 0;
    slot->started = slot->heard = uv_now(&run->loop);
    records_start(&slot->records, &run->attempt->checks[check], !run->request->verdicts_only);
    slot->poll = mem_alloc(sizeof *slot->poll);
    uv_poll_init(&run->loop, slot->poll, slot->pipe);
    slot->poll->data = slot;
    uv_poll_start(slot->poll, UV_READABLE | UV_DISCONNECT, on_records);
    return true;
}

// ---------------------------------------------------------------- the grader's answers

static void lose_grader(struct run *run)
{
    if (run->grader_gone)
        return;
    run->grader_gone = true;
    if (run->reading_answers)
        uv_poll_stop(&run->answers);
    run->reading_answers = false;
    // Its cells die with it; their pipes end.
    grader_release(&run->grader);
    for (size_t i = 0; i < run->slot_count; i++)
        finish_if_over(&run->slots[i]);
    stop_when_over(run);
}

static void fail_run(struct run *run, struct err *err)
{
    if (run->err.kind == ERR_NONE)
        err_move(&run->err, err);
    else
        err_release(err);
    lose_grader(run);
}

static struct slot *slot_of(struct run *run, int id)
{
    for (size_t i = 0; i < run->slot_count; i++)
        if (run->slots[i].used && run->slots[i].check == (size_t)id)
            return &run->slots[i];
    return NULL;
}

static void on_answers(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct run *run = poll->data;
    struct grader_answer answer;
    bool closed = false;
    while (!run->grader_gone && grader_next(&run->grader, &answer, &closed)) {
        struct slot *slot = slot_of(run, answer.id);
        if (answer.error != NULL) {
            struct err err = ERR_INIT;
            err_set(&err, ERR_ENV, "%s", answer.error);
            if (answer.cure != NULL)
                err_set_cure(&err, "%s", answer.cure);
            fail_run(run, &err);
        } else if (slot != NULL && answer.ended) {
            slot->ended = true;
            slot->cell_status = answer.status;
            finish_if_over(slot);
        }
        grader_answer_release(&answer);
    }
    // An error on the socket stops the poll: nothing more would be heard.
    if (closed || status < 0)
        lose_grader(run);
}

// ---------------------------------------------------------------- time and interrupts

static size_t cells_at_work(const struct run *run)
{
    size_t count = 0;
    for (size_t i = 0; i < run->slot_count; i++)
        count += run->slots[i].used && !run->slots[i].records.asleep;
    return count;
}

static bool has_program(const struct run *run, size_t check)
{
    return !run->waits_for_build || !run->attempt->checks[check].plain_build;
}

// Puts the first check that can begin now in front of those that cannot; false: there is none.
static bool find_next(struct run *run)
{
    size_t found = run->next;
    while (found < run->total && !has_program(run, run->order[found]))
        found++;
    if (found == run->total)
        return false;
    size_t check = run->order[found];
    memmove(&run->order[run->next + 1], &run->order[run->next],
            (found - run->next) * sizeof *run->order);
    run->order[run->next] = check;
    return true;
}

// The next check may begin: one is ready, and there is room for it here and at the gate.
static bool may_begin(struct run *run)
{
    if (run->interrupted || run->grader_gone || !find_next(run)) {
        gate_content(run->gate);
        return false;
    }
    if (cells_at_work(run) < run->parallel)
        return gate_take(run->gate);
    gate_want(run->gate);
    return false;
}

// Starts as many checks as there is room for.
static void fill(struct run *run)
{
    for (size_t i = 0; i < run->slot_count; i++) {
        if (run->slots[i].used)
            continue;
        if (!may_begin(run))
            return;
        struct err err = ERR_INIT;
        if (!begin(run, &run->slots[i], run->order[run->next], &err)) {
            gate_give(run->gate);
            if (err.kind == ERR_LAB) { // the grader is gone: its socket tells
                err_release(&err);
                return;
            }
            fail_run(run, &err);
            return;
        }
        run->next++;
    }
    gate_content(run->gate);
}

static void on_room(void *context)
{
    fill(context);
}

// Goes on with what still compiles.
static void build_more(struct run *run)
{
    struct err err = ERR_INIT;
    bool done = false;
    if (!run->waits_for_build)
        return;
    bool whole = build_go_on(run->request->pending, false, &done, &err);
    if (whole && !done)
        return;
    run->waits_for_build = false;
    uv_poll_stop(&run->building);
    if (!whole)
        fail_run(run, &err);
    else if (!run->request->build->ok)
        lose_grader(run);
    fill(run);
}

static void on_building(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    build_more(poll->data);
}

static void on_tick(uv_timer_t *timer)
{
    struct run *run = timer->data;
    build_more(run);
    for (size_t i = 0; i < run->slot_count && !run->request->patient; i++) {
        struct slot *slot = &run->slots[i];
        if (slot->used && !slot->killed &&
            uv_now(&run->loop) - slot->heard > SILENCE_MILLISECONDS) {
            slot->killed = true;
            grader_kill_check(&run->grader, (int)slot->check);
        }
    }
    fill(run);
    stop_when_over(run);
}

static void on_interrupt(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct run *run = poll->data;
    uv_poll_stop(poll);
    run->interrupted = true;
    lose_grader(run);
}

// ---------------------------------------------------------------- the run

static bool make_slots(struct run *run, struct err *err)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t core_count = cores > 0 ? (size_t)cores : 1;
    run->parallel = run->request->parallel > 0 ? run->request->parallel : 2 * core_count;
    run->slot_count = core_count * CELLS_A_CORE;
    if (run->slot_count < run->parallel)
        run->slot_count = run->parallel;
    if (box_level_is_bare(run->request->stage->level))
        run->slot_count = run->parallel = 1; // ports and processes are the machine's
    run->slots = mem_alloc_array(run->slot_count, sizeof *run->slots);
    for (size_t i = 0; i < run->slot_count; i++) {
        auto_free char *name = str_format("cell-%zu", i);
        run->slots[i].run = run;
        run->slots[i].pipe = -1;
        run->slots[i].scratch = stage_folder(run->request->stage, name, err);
        if (run->slots[i].scratch == NULL)
            return false;
    }
    return true;
}

// Gone with the run: the next one in this stage makes them anew.
static void release_slots(struct run *run)
{
    for (size_t i = 0; i < run->slot_count; i++) {
        if (run->slots[i].scratch != NULL)
            folder_remove_all(run->slots[i].scratch, NULL);
        free(run->slots[i].scratch);
    }
    free(run->slots);
    free(run->order);
}

static void start_handles(struct run *run)
{
    uv_loop_init(&run->loop);
    run->gate = gate_join(run->request->gate, &run->loop, on_room, run);
    uv_poll_init(&run->loop, &run->answers, run->grader.socket);
    run->answers.data = run;
    uv_poll_start(&run->answers, UV_READABLE | UV_DISCONNECT, on_answers);
    run->reading_answers = true;
    uv_timer_init(&run->loop, &run->tick);
    run->tick.data = run;
    uv_timer_start(&run->tick, on_tick, TICK_MILLISECONDS, TICK_MILLISECONDS);
    run->waits_for_build = run->request->pending != NULL;
    if (run->waits_for_build) {
        uv_poll_init(&run->loop, &run->building, build_descriptor(run->request->pending));
        run->building.data = run;
        uv_poll_start(&run->building, UV_READABLE, on_building);
    }
    if (interrupt_descriptor() >= 0) {
        uv_poll_init(&run->loop, &run->interrupts, interrupt_descriptor());
        run->interrupts.data = run;
        uv_poll_start(&run->interrupts, UV_READABLE, on_interrupt);
    }
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void stop_handles(struct run *run)
{
    for (size_t i = 0; i < run->slot_count; i++) {
        close_pipe(&run->slots[i]);
        tracer_socket_close(take(run->slots[i].tracer));
    }
    gate_part(run->gate);
    uv_walk(&run->loop, close_handle, NULL);
    uv_run(&run->loop, UV_RUN_DEFAULT);
    uv_loop_close(&run->loop);
    gate_run_free(run->gate);
}

// The signal that the terminal sent may have ended the grader before we looked at our own.
static void blame_interrupt(struct run *run)
{
    if (run->grader_gone && interrupt_happened(NULL))
        run->interrupted = true;
}

// What the run leaves in the attempt when the grader died under it.
static void mark_lost(struct run *run)
{
    struct attempt *attempt = run->attempt;
    if (!run->grader_gone || run->interrupted || run->err.kind != ERR_NONE ||
        run->done == run->total || !run->request->build->ok)
        return;
    attempt->broken_reason = mem_copy_string("the grader ended before its checks were done");
    for (size_t i = 0; i < attempt->check_count; i++) {
        struct check_result *check = &attempt->checks[i];
        bool wanted = run->request->selected == NULL || run->request->selected[i];
        if (wanted && check->status == CHECK_NOT_RUN) {
            check->status = CHECK_BROKEN;
            free(check->message);
            check->message = mem_copy_string(attempt->broken_reason);
        }
    }
}

// A check that waits for a time-out sleeps most of its time: begun first, it costs the others
// nothing.
static void make_order(struct run *run)
{
    const struct grade_request *request = run->request;
    run->order = mem_alloc_array(request->plan->count, sizeof *run->order);
    for (int waits = 1; waits >= 0; waits--)
        for (size_t i = 0; i < request->plan->count; i++)
            if (request->plan->checks[i].waits == (waits == 1) &&
                (request->selected == NULL || request->selected[i]))
                run->order[run->total++] = i;
}

bool grade_run(const struct grade_request *request, struct attempt *out, struct err *err)
{
    verdict_prepare(request->lab, request->plan, request->seed, out);
    free(out->sandbox);
    out->sandbox = mem_copy_string(box_level_name(request->stage->level));
    struct run run = {.request = request, .attempt = out, .grader = GRADER_INIT};
    make_order(&run);
    bool started =
        make_slots(&run, err) && grader_start(request->lab, request->stage, &run.grader, err);
    if (started) {
        start_handles(&run);
        uint64_t before = uv_now(&run.loop);
        fill(&run);
        if (!is_over(&run))
            uv_run(&run.loop, UV_RUN_DEFAULT);
        uv_update_time(&run.loop);
        out->seconds = (double)(uv_now(&run.loop) - before) / 1000;
        blame_interrupt(&run);
        mark_lost(&run);
        tell_steps(&run);
        verdict_sum(out);
        stop_handles(&run);
    }
    grader_release(&run.grader);
    release_slots(&run);
    out->interrupted = run.interrupted;
    if (!started)
        return false;
    if (run.interrupted) {
        err_release(&run.err);
        err_set(err, ERR_INTERRUPTED, "interrupted");
        return false;
    }
    if (run.err.kind != ERR_NONE) {
        err_move(err, &run.err);
        return false;
    }
    return true;
}
