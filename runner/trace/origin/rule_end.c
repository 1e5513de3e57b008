// SPDX-License-Identifier: MIT
// How it ended: a connection closed, an end of the program, a crash.
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "trace/origin/inquiry.h"

static bool ends_sending(const struct recording *r, int32_t step)
{
    const char *name = callee(r, step);
    return strcmp(name, "close") == 0 ||
           (strcmp(name, "shutdown") == 0 && call_at(r, step)->arguments[1] != SHUT_RD);
}

// The calls on the connection: the last that sent, and the one that closed it. A descriptor that a
// child has too is closed by each of them: who sent or received on it closed the connection.
static void find_close(const struct recording *r, int32_t *closed, int32_t *sent)
{
    uint32_t server = 0;
    bool by_server = false;
    int32_t last = NOBODY;
    *closed = *sent = NOBODY;
    for (int32_t i = (int32_t)r->code.before; i < (int32_t)r->step_count; i++) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || (int64_t)(int)call->arguments[0] != r->code.descriptor)
            continue;
        const char *name = callee(r, i);
        bool sends = strncmp(name, "send", 4) == 0 || strncmp(name, "write", 5) == 0;
        if (sends || strncmp(name, "recv", 4) == 0 || strcmp(name, "read") == 0) {
            server = r->steps[i].thread;
            last = i;
        }
        if (sends)
            *sent = i;
        if (!ends_sending(r, i) || by_server)
            continue;
        by_server = r->steps[i].thread == server;
        if (*closed == NOBODY || by_server)
            *closed = i;
    }
    // A process that ends closes what it has; its parent has no part in it.
    if (!by_server && last != NOBODY && is_forked(r, server))
        for (; last != NOBODY; last = r->next[last])
            *closed = last;
}

static bool is_about_connection(const struct recording *r, int32_t step)
{
    const struct recorded_call *call = call_at(r, step);
    const char *name = callee(r, step);
    return call != NULL && (int64_t)(int)call->arguments[0] == r->code.descriptor &&
           (strncmp(name, "recv", 4) == 0 || strcmp(name, "read") == 0 ||
            strncmp(name, "send", 4) == 0 || strncmp(name, "write", 5) == 0);
}

// The last own function that this step's function called, and that came back before the step, when
// it has dealt with the connection: the step at which it came back; NOBODY.
static int32_t dealt_with(const struct recording *r, int32_t step)
{
    int32_t back = NOBODY;
    bool dealt = false;
    for (int32_t i = r->previous[step]; i != NOBODY && i != r->parent[step]; i = r->previous[i]) {
        if (r->parent[i] == r->parent[step]) {
            if (back != NOBODY && dealt)
                return back;
            back = NOBODY;
            continue;
        }
        if (back == NOBODY) {
            back = i;
            dealt = false;
        }
        dealt = dealt || is_about_connection(r, i);
    }
    return NOBODY;
}

// Why a connection was closed: the condition on which the close hangs, or, where a function has
// dealt with the connection since then, what made that function come back.
static int32_t reason_of_close(struct recording *r, int32_t step)
{
    while (step != NOBODY) {
        int32_t reason = reason_of(r, step), dealt = dealt_with(r, step);
        if (dealt > reason)
            step = dealt;
        else if (reason != NOBODY)
            return reason;
        else
            step = r->parent[step];
    }
    return NOBODY;
}

// What did the function say that sent last?
static bool tell_last_sent(struct inquiry *inquiry, int32_t sent)
{
    struct recording *r = inquiry->r;
    for (int32_t i = r->next[sent]; i != NOBODY; i = r->next[i]) {
        struct origin said;
        if (at(r, i)->operation != OP_RETURN || r->parent[i] != r->parent[sent])
            continue;
        origin_of_register(r, i, REGISTER_A, &said);
        if (said.step > sent && tell(inquiry, TOLD_MADE_BY, said.step,
                                     "the function that sent last returned what was made here"))
            return true;
        break;
    }
    return tell(inquiry, TOLD_MADE_BY, sent, "no call sent anything after this one");
}

bool rule_closed(struct inquiry *inquiry, bool cut_short)
{
    struct recording *r = inquiry->r;
    int32_t closed, sent;
    find_close(r, &closed, &sent);
    if (cut_short && sent != NOBODY)
        return tell_last_sent(inquiry, sent);
    if (closed == NOBODY)
        return false;
    return tell_decision(inquiry, TOLD_MADE_BY, reason_of_close(r, closed),
                         "the connection was closed for what was found out here") ||
           tell(inquiry, TOLD_CLOSED_BY, closed, "it was closed here");
}

// ---------------------------------------------------------------- the program's end

static bool is_exit(const char *name)
{
    return strcmp(name, "exit") == 0 || strcmp(name, "_exit") == 0 ||
           strcmp(name, "quick_exit") == 0 || strcmp(name, "abort") == 0;
}

// Of a step that may be the end: where its status is, as exit() or main()'s caller takes it.
static int status_register(const struct recording *r, int32_t end)
{
    return at(r, end)->operation == OP_RETURN ? REGISTER_A : argument_register(0);
}

static bool ends_program(const struct recording *r, int32_t step)
{
    const struct recorded_call *call = call_at(r, step);
    if (call != NULL)
        return !call->has_returned && is_exit(callee(r, step));
    return at(r, step)->operation == OP_RETURN && r->parent[step] == NOBODY &&
           r->next[step] == NOBODY && r->steps[step].thread == r->steps[0].thread;
}

// The step with which the program ended, with the status that the check saw (a check may start more
// than one program): a call of exit(), or main()'s return.
static int32_t find_end(const struct inquiry *inquiry)
{
    const struct recording *r = inquiry->r;
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--) {
        if (!ends_program(r, i) || is_forked(r, r->steps[i].thread))
            continue;
        uint64_t status = r->steps[i].registers[status_register(r, i)];
        if ((long)(status & 255) == inquiry->failure->status || strcmp(callee(r, i), "abort") == 0)
            return i;
    }
    return NOBODY;
}

static bool has_served(const struct recording *r)
{
    for (int32_t i = 0; i < (int32_t)r->step_count; i++)
        if (is_wait(callee(r, i)))
            return true;
    return false;
}

bool rule_ended(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    int32_t end = find_end(inquiry);
    if (end == NOBODY || !has_served(r))
        return false; // a call that it begins with failed, and is told
    return tell(inquiry, TOLD_MADE_BY, reason_above(r, end),
                "the program ended for how this condition came out");
}

bool origin_of_status(const struct inquiry *inquiry, struct origin *out)
{
    int32_t end = find_end(inquiry);
    if (end != NOBODY)
        origin_of_register(inquiry->r, end, status_register(inquiry->r, end), out);
    return end != NOBODY && out->step != NOBODY;
}

// Its status is another than the expected one: where the number was made.
bool rule_exit_status(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    struct origin status;
    int32_t end = find_end(inquiry);
    if (end == NOBODY)
        return false;
    origin_of_register(r, end, status_register(r, end), &status);
    int32_t made = status.step;
    if (status.kind != ORIGIN_CONST) // not made to be a status: where it was taken for one
        made = register_writer(r, end, status_register(r, end));
    return tell(inquiry, TOLD_MADE_BY, made, "the exit status comes from here");
}

// What SIGPIPE does, where the program has said so.
static bool tell_signal(struct inquiry *inquiry, int number)
{
    struct recording *r = inquiry->r;
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--) {
        const struct recorded_call *call = call_at(r, i);
        const char *name = callee(r, i);
        if (call == NULL || (int)call->arguments[0] != number ||
            (strcmp(name, "signal") != 0 && strcmp(name, "sigaction") != 0))
            continue;
        inquiry->out->before_crash = true;
        return tell(inquiry, TOLD_MADE_BY, without_helpers(r, i),
                    "what SIGPIPE does was chosen here last");
    }
    return false;
}

// A line set this pointer to nothing, and not all of a structure.
static bool was_cleared_alone(const struct recording *r, const struct origin *origin)
{
    enum { STORES_MOST = 2, NEAR = 6 };
    int stores = 0;
    if (origin->kind != ORIGIN_CONST || origin->step == NOBODY)
        return false;
    for (int32_t i = origin->step - NEAR; i <= origin->step + NEAR; i++)
        stores += i >= 0 && i < (int32_t)r->step_count && at(r, i)->stores &&
                  line_of(r, i) == line_of(r, origin->step);
    return at(r, origin->step)->stores && stores <= STORES_MOST;
}

// A pointer that leads nowhere: where it came from.
bool rule_crash(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    if (inquiry->failure->status == SIGPIPE)
        return tell_signal(inquiry, SIGPIPE); // no address leads anywhere
    if (inquiry->failure->status == SIGABRT)
        return rule_ended(inquiry);
    int32_t last = (int32_t)r->step_count - 1;
    struct origin origin;
    for (int32_t i = last; i >= 0 && i > last - 64; i--) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || call->has_returned)
            continue;
        for (int k = 0; k < 3; k++) {
            if (call->arguments[k] >= 4096)
                continue;
            origin_of_register(r, i, argument_register(k), &origin);
            if (inquiry->failure->was_run && was_cleared_alone(r, &origin)) {
                inquiry->out->before_crash = true;
                return tell(inquiry, TOLD_MADE_BY, origin.step,
                            "the address that leads nowhere was set here");
            }
            if (origin.step != NOBODY && origin.kind != ORIGIN_CONST)
                return tell(inquiry, TOLD_MADE_BY, without_helpers(r, origin.step),
                            "the address that leads nowhere comes from here");
        }
    }
    const struct instruction *insn = at(r, last);
    if ((insn->loads || insn->stores) && insn->base >= 0 && insn->base != REGISTER_BP) {
        origin_of_register(r, last, insn->base, &origin);
        return tell(inquiry, TOLD_MADE_BY, origin.step,
                    "the address that leads nowhere comes from here");
    }
    return false;
}
