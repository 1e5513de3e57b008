// SPDX-License-Identifier: MIT
/*
 * The lines of one failed check, in steps; each knows more and costs more than the one before:
 * what a sanitizer wrote, what was seen when the program hung, what a second, traced run shows.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/origin.h"
#include "trace/rules.h"
#include "trace/run.h"
#include "trace/sanitizer.h"
#include "trace/trace.h"

struct explaining {
    struct tracing *tracing;
    const struct grade_request *request;
    const struct sources *sources;
    struct check_result *check;
    size_t check_index;
    struct err *err;
    bool is_told;    // where it hangs says it all
    bool is_unheard; // another client held the program up: it has done nothing for this one
};

enum progress { STEP_DONE, STEP_GO_ON, STEP_INTERRUPTED };

// An interrupt ends it; any other trouble is told, and what is known is shown.
static enum progress tell_trouble(struct explaining *e, struct err *trouble)
{
    if (trouble->kind == ERR_INTERRUPTED) {
        err_move(e->err, trouble);
        return STEP_INTERRUPTED;
    }
    if (trouble->kind != ERR_NONE)
        strings_add_format(&e->check->trace_notes, "no line can be named: %s", trouble->message);
    err_release(trouble);
    return STEP_DONE;
}

// ---------------------------------------------------------------- what a sanitizer wrote

// The report has all that a second run could show, but for where a null pointer of a client's came
// from.
static enum progress explain_report(struct explaining *e)
{
    if (!trace_sanitizer_explain(e->check, e->sources))
        return STEP_GO_ON;
    e->is_told = e->check->was_run && e->check->message != NULL &&
                 strstr(e->check->message, "null pointer") != NULL;
    return e->is_told ? STEP_GO_ON : STEP_DONE;
}

// ---------------------------------------------------------------- when it hung

// Something came, and then no more: who sent the last of it matters more than who waits.
static bool is_half_answered(const struct check_result *check)
{
    if (check_connection_is_outgoing(check, check->connection))
        return check->has_offset; // what a client has asked for is no answer of its own
    return check->has_offset || received_total(check, check->connection) > 0;
}

// Somebody waits for another client, and nobody for the failing one.
static bool is_unheard(const struct events *events, int connection)
{
    bool others = false;
    for (size_t i = 0; connection > 0 && i < events->count; i++) {
        const struct event *event = &events->items[i];
        if (event->kind != EVENT_STUCK)
            continue;
        if (event->shown.connection == connection)
            return false;
        others = others || event->shown.connection > 0;
        for (size_t j = 0; j < event->socket_count; j++)
            if (event->sockets[j].connection == connection)
                return false;
    }
    return others;
}

static enum progress explain_hang(struct explaining *e)
{
    struct err trouble = ERR_INIT;
    struct events events = {0};
    if (!str_equal(e->check->program.state, "stuck"))
        return STEP_GO_ON;
    bool good = stuck_events(e->tracing, e->request, e->check_index, e->check, &events, &trouble);
    events_keep_own(&events, e->sources);
    const struct evidence evidence = {e->check, &events, e->sources};
    bool found = rule_stuck_in(&evidence, e->check);
    e->is_unheard = found && is_unheard(&events, unanswered_connection(e->check));
    events_release(&events);
    if (!good && !found)
        return tell_trouble(e, &trouble);
    err_release(&trouble);
    e->is_told = found && !is_half_answered(e->check);
    return STEP_GO_ON;
}

// ---------------------------------------------------------------- the traced run

// It is about the program as a whole: who sent last has no part in it.
static bool is_about_program(const struct check_result *check)
{
    return (program_is(check, "exited") && !check->has_offset) ||
           (check->awaited != NULL && !str_equal(check->awaited, "close"));
}

// What was known before the run, and what the run shows, in the order in which it is shown: an end
// of the program is the cause of all that did not come, a wrong byte comes before the wait for it.
static void apply_rules(const struct evidence *evidence, struct check_result *out)
{
    struct check_result before = *out;
    out->findings = NULL;
    out->finding_count = 0;
    bool ended = rule_crashed_at(evidence, out);
    // A database's library looks for files that need not be there.
    bool asks = evidence->check->sql.program.count > 0;
    bool failed = !ended && !asks && rule_failed_in(evidence, out);
    ended = ended || rule_ended_by(evidence, out);
    bool elsewhere = !ended && !failed && rule_listens(evidence, out);
    bool closed = !ended && rule_closed_by(evidence, out);
    bool wrote = !ended && !failed && !closed && rule_wrote_file(evidence, out);
    bool printed = !ended && rule_printed_by(evidence, out);
    printed = printed || (!ended && rule_asked_redis(evidence, out));
    if (!ended && !wrote && !elsewhere && !printed && !is_about_program(evidence->check))
        rule_sent_by(evidence, out);
    if (out->finding_count == 0 && !is_about_program(evidence->check))
        rule_asked_by(evidence, out);
    if (before.finding_count == 0)
        rule_stuck_in(evidence, out);
    for (size_t i = 0; i < before.finding_count; i++)
        *check_add_finding(out, before.findings[i].kind) = before.findings[i];
    free(before.findings); // its items have moved
}

static void tell_difference(struct explaining *e, const struct check_result *again)
{
    if (again->status == CHECK_PASSED)
        strings_add(&e->check->trace_notes,
                    "the check passed when it was run again to find the line: the same input gives "
                    "different results");
    else
        strings_add_format(&e->check->trace_notes,
                           "the check ended in another way when it was run again to find the line: "
                           "%s",
                           again->message != NULL ? again->message : "without a verdict");
}

static enum progress explain_again(struct explaining *e)
{
    struct err trouble = ERR_INIT;
    struct traced_run run;
    if (e->is_told)
        return STEP_GO_ON;
    bool good = traced_run(e->tracing, e->request, e->check_index, &run, &trouble);
    if (run.check != NULL && !failed_alike(e->check, run.check)) {
        if (good || trouble.kind != ERR_INTERRUPTED)
            tell_difference(e, run.check);
    } else if (run.check != NULL) {
        events_keep_own(&run.events, e->sources);
        const struct evidence evidence = {run.check, &run.events, e->sources};
        apply_rules(&evidence, e->check);
    }
    traced_run_release(&run);
    return trouble.kind == ERR_NONE ? STEP_GO_ON : tell_trouble(e, &trouble);
}

// ---------------------------------------------------------------- what made it

static bool is_same(const struct source_frame *a, const struct source_frame *b)
{
    return a->line == b->line && str_equal(a->file, b->file);
}

// That it waits, where the call that waits is named already; that it closed, without the call,
// where the call is named whose callers these are.
static bool repeats(const struct finding *finding, const struct finding *other)
{
    bool waits = finding->kind == FINDING_MADE_BY && other->kind == FINDING_STUCK_IN;
    bool closes = finding->kind == FINDING_CLOSED_BY && finding->call == NULL &&
                  other->kind == FINDING_CLOSED_BY && other->call != NULL;
    size_t asked = closes ? other->frame_count : waits && other->frame_count > 0;
    for (size_t i = 0; finding->frame_count > 0 && i < asked; i++)
        if (is_same(&finding->frames[0], &other->frames[i]))
            return true;
    return false;
}

static bool is_repeated(const struct check_result *check, size_t index)
{
    for (size_t i = 0; i < check->finding_count; i++)
        if (i != index && repeats(&check->findings[index], &check->findings[i]))
            return true;
    return false;
}

static void drop_repetitions(struct check_result *check)
{
    for (size_t i = check->finding_count; i > 0; i--)
        if (is_repeated(check, i - 1))
            check_drop_finding(check, i - 1);
}

static enum progress explain_origin(struct explaining *e)
{
    struct err trouble = ERR_INIT;
    if (!origin_find(e->tracing, e->request, e->sources, e->check_index, e->is_unheard, e->check,
                     &trouble))
        return tell_trouble(e, &trouble);
    err_release(&trouble);
    drop_repetitions(e->check);
    return STEP_GO_ON;
}

// ---------------------------------------------------------------- the whole

static bool find_check(const struct plan *plan, const char *id, size_t *out)
{
    for (size_t i = 0; i < plan->count; i++)
        if (str_equal(plan->checks[i].id, id)) {
            *out = i;
            return true;
        }
    return false;
}

static enum progress need_tracer(struct explaining *e)
{
    const char *missing = tracing_missing(e->tracing);
    if (missing == NULL)
        return STEP_GO_ON;
    if (!tracing_is_off(e->tracing))
        strings_add(&e->check->trace_notes, missing);
    return STEP_DONE;
}

bool trace_explain(struct tracing *tracing, const struct grade_request *request,
                   const struct sources *sources, struct check_result *check, struct err *err)
{
    static enum progress (*const steps[])(struct explaining * e) = {
        explain_report, need_tracer, explain_hang, explain_again, explain_origin};
    struct explaining e = {tracing, request, sources, check, 0, err, false, false};
    if (check->status != CHECK_FAILED || !find_check(request->plan, check->id, &e.check_index))
        return true;
    check_clear_findings(check);
    enum progress progress = STEP_GO_ON;
    for (size_t i = 0; progress == STEP_GO_ON && i < sizeof steps / sizeof *steps; i++)
        progress = steps[i](&e);
    return progress != STEP_INTERRUPTED;
}

// ---------------------------------------------------------------- the record

static void make_record(struct events *events, struct trace_record *out)
{
    *out = (struct trace_record){.events = mem_alloc_array(events->count, sizeof *out->events),
                                 .count = events->count,
                                 .lost = events->lost};
    for (size_t i = 0; i < events->count; i++) {
        out->events[i] = events->items[i].shown;
        events->items[i].shown = (struct trace_event){0};
    }
}

bool trace_check(struct tracing *tracing, const struct grade_request *request,
                 const struct sources *sources, size_t check_index, struct attempt *again,
                 struct trace_record *record, struct err *err)
{
    struct traced_run run;
    if (tracing_missing(tracing) != NULL) {
        err_set(err, ERR_ENV, "%s", tracing_missing(tracing));
        return false;
    }
    bool good = traced_run(tracing, request, check_index, &run, err);
    if (good) {
        events_keep_own(&run.events, sources);
        const struct evidence evidence = {run.check, &run.events, sources};
        if (run.check->status == CHECK_FAILED)
            apply_rules(&evidence, run.check);
        make_record(&run.events, record);
        *again = run.attempt;
        run.attempt = (struct attempt){0};
    }
    traced_run_release(&run);
    return good;
}

void trace_record_release(struct trace_record *record)
{
    for (size_t i = 0; i < record->count; i++)
        trace_event_release(&record->events[i]);
    free(record->events);
    *record = (struct trace_record){0};
}
