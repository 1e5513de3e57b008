// SPDX-License-Identifier: MIT
/*
 * A program that waits for events, and not for the one that matters: the listening socket, or what
 * a client sends. And one that waits in a call for one client, because its socket is a blocking
 * one.
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>

#include "trace/origin/inquiry.h"

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

bool is_wait(const char *name)
{
    static const char *const names[] = {
        "poll", "ppoll",      "select",  "pselect",     "accept", "accept4",    "recv", "recvfrom",
        "read", "epoll_wait", "recvmsg", "epoll_pwait", "pause",  "sigsuspend", NULL};
    return is_one_of(name, names);
}

static bool is_poll(const char *name)
{
    return strcmp(name, "poll") == 0 || strcmp(name, "ppoll") == 0;
}

// The descriptor's place in what the call was given, as far as it was kept; -1: not there.
static int entry_of(const struct recorded_call *call, int descriptor)
{
    struct pollfd entry;
    size_t kept = call->before_length[0] / sizeof entry;
    for (size_t i = 0; i < kept && i < call->arguments[1]; i++) {
        memcpy(&entry, call->before[0] + i * sizeof entry, sizeof entry);
        if (entry.fd == descriptor)
            return (int)i;
    }
    return -1;
}

// The call waits for this descriptor.
static bool waits_for(const struct recording *r, int32_t step, int descriptor)
{
    const struct recorded_call *call = call_at(r, step);
    if (is_poll(callee(r, step)))
        return entry_of(call, descriptor) >= 0;
    return (int)call->arguments[0] == descriptor;
}

int32_t waits_in(const struct recording *r)
{
    int32_t last = NOBODY, first_thread = NOBODY;
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--) {
        if (call_at(r, i) == NULL || call_at(r, i)->has_returned)
            continue;
        if (r->code.descriptor >= 0 && waits_for(r, i, (int)r->code.descriptor))
            return i;
        last = last == NOBODY ? i : last;
        if (r->steps[i].thread == r->steps[0].thread && first_thread == NOBODY)
            first_thread = i;
    }
    return first_thread != NOBODY ? first_thread : last;
}

// The step at which this thread came back from waiting last; 0: never.
static int32_t last_turn(const struct recording *r, int32_t waits)
{
    for (int32_t i = r->previous[waits]; i != NOBODY; i = r->previous[i])
        if (call_at(r, i) != NULL && is_wait(callee(r, i)))
            return i;
    return 0;
}

// ---------------------------------------------------------------- what poll() is asked

static int listener_of(const struct recording *r)
{
    int descriptor = -1;
    for (int32_t i = 0; i < (int32_t)r->step_count; i++)
        if (strcmp(callee(r, i), "listen") == 0 || strncmp(callee(r, i), "accept", 6) == 0)
            descriptor = (int)call_at(r, i)->arguments[0];
    return descriptor;
}

// Where a number in memory was decided: the condition that chose it, else its own step.
static int32_t choice_of(struct recording *r, int32_t before, uint64_t address, int32_t *made)
{
    struct origin origin;
    origin_of_byte(r, before, address, &origin);
    *made = origin.step;
    if (origin.step == NOBODY)
        return NOBODY;
    int32_t jump = control_of(r, origin.step);
    // In a loop over all entries, the loop's own condition chose nothing.
    return jump != NOBODY && line_of(r, jump) >= line_of(r, origin.step) - 3 ? jump : NOBODY;
}

// An answer that was found out when a call had failed: there was a reason for it then. `kept` is
// what keeps it.
static bool tell_kept(struct inquiry *inquiry, const struct decision *decision, int32_t kept)
{
    int32_t failed = failed_call_before(inquiry->r, decision->jump);
    if (failed == NOBODY)
        return false;
    if (rule_leak(inquiry))
        return true;
    return tell(inquiry, TOLD_MADE_BY, decision->kept != NOBODY ? decision->kept : kept,
                "no new client is waited for since this was set, and it was not changed since");
}

// `made`: where what poll() or epoll is asked about was set, when not in this turn.
static bool tell_not_polled(struct inquiry *inquiry, int32_t waits, int32_t jump, int32_t made)
{
    struct decision decision;
    if (jump == NOBODY)
        return false;
    decision_follow(inquiry->r, jump, last_turn(inquiry->r, waits), &decision);
    return tell_kept(inquiry, &decision, made) ||
           tell_limit(inquiry, &decision,
                      "no new client is waited for, for what was found out here");
}

// What stands in the listener's place of what poll() is asked about: another descriptor, or its own
// without the event.
static bool tell_place(struct inquiry *inquiry, int32_t waits, uint64_t address)
{
    int32_t made, jump = choice_of(inquiry->r, waits, address, &made);
    return tell_not_polled(inquiry, waits, jump, made) ||
           tell(inquiry, TOLD_MADE_BY, made,
                "poll() is asked about this in the place of the listening socket");
}

static bool listener_not_polled(struct inquiry *inquiry, int32_t waits, int listener)
{
    struct recording *r = inquiry->r;
    const struct recorded_call *call = call_at(r, waits);
    int place = entry_of(call, listener);
    if (place >= 0) {
        struct pollfd entry;
        memcpy(&entry, call->before[0] + (size_t)place * sizeof entry, sizeof entry);
        return !(entry.events & POLLIN) &&
               tell_place(inquiry, waits, call->arguments[0] + (uint64_t)place * sizeof entry + 4);
    }
    for (int32_t i = r->previous[waits]; i != NOBODY; i = r->previous[i]) {
        place = is_poll(callee(r, i)) ? entry_of(call_at(r, i), listener) : -1;
        if (place >= 0)
            return tell_place(inquiry, waits,
                              call->arguments[0] + (uint64_t)place * sizeof(struct pollfd));
    }
    return false;
}

// ---------------------------------------------------------------- the other sets of events

// The last call that changed what is waited for on a descriptor, when it left out what is wanted.
static int32_t epoll_without(const struct recording *r, int descriptor, uint32_t wanted)
{
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || strcmp(callee(r, i), "epoll_ctl") != 0 ||
            (int)call->arguments[2] != descriptor)
            continue;
        uint32_t events = 0;
        memcpy(&events, call->before[3], sizeof events);
        bool without = call->arguments[1] == EPOLL_CTL_DEL || !(events & wanted);
        return without ? i : NOBODY;
    }
    return NOBODY;
}

// ---------------------------------------------------------------- the way that was not taken

// Its answer came from the call that waited: nothing had happened.
static bool asks_about_events(const struct recording *r, int32_t jump)
{
    struct origin origin;
    int32_t compare;
    if (!origin_of_condition(r, jump, &compare, &origin))
        return false;
    return origin.step != NOBODY && r->steps[origin.step].call != 0 &&
           is_wait(callee(r, origin.step));
}

// The last condition since the program woke whose other way leads to such a call.
static int32_t last_way(struct recording *r, int32_t waits, const struct wanted_call *wanted)
{
    int32_t since = last_turn(r, waits);
    for (int32_t i = r->previous[waits]; i != NOBODY && i > since; i = r->previous[i])
        if (at(r, i)->operation == OP_JUMP && other_way_calls(r, i, wanted) &&
            !asks_about_events(r, i))
            return i;
    return NOBODY;
}

// That condition; or, where it asks about a variable that was set to its answer, where that was.
static bool tell_way(struct inquiry *inquiry, int32_t jump, const char *note)
{
    struct decision decision;
    if (jump == NOBODY)
        return false;
    decision_follow(inquiry->r, jump, 0, &decision);
    const struct instruction *told = at(inquiry->r, decision.told);
    if (told->operation == OP_CONST && told->stores &&
        is_static(inquiry->r, memory_address(inquiry->r, decision.told)))
        return tell(inquiry, TOLD_MADE_BY, decision.told,
                    "the condition that kept it from going on asks about what was set here");
    return tell(inquiry, TOLD_MADE_BY, jump, note);
}

// ---------------------------------------------------------------- rules

bool rule_unserved(struct inquiry *inquiry)
{
    static const char *const names[] = {"accept", "accept4"};
    static const struct wanted_call accepts = {names, 2};
    struct recording *r = inquiry->r;
    int32_t waits = waits_in(r);
    int listener = listener_of(r);
    if (waits == NOBODY || listener < 0)
        return false;
    if (is_poll(callee(r, waits)) && listener_not_polled(inquiry, waits, listener))
        return true;
    if (strncmp(callee(r, waits), "epoll", 5) == 0 &&
        tell_not_polled(inquiry, waits, control_above(r, epoll_without(r, listener, EPOLLIN)),
                        epoll_without(r, listener, EPOLLIN)))
        return true;
    return tell_way(inquiry, last_way(r, waits, &accepts),
                    "the last condition whose other way leads to the next accept()");
}

bool rule_not_ended(struct inquiry *inquiry)
{
    static const char *const names[] = {"close", "exit", "_exit", "shutdown"};
    static const struct wanted_call ends = {names, 4};
    int32_t waits = waits_in(inquiry->r);
    return waits != NOBODY &&
           tell(inquiry, TOLD_MADE_BY, last_way(inquiry->r, waits, &ends),
                "the last condition whose other way leads to a close, or to the program's end");
}

// Where what the call waits for was chosen.
static bool tell_epoll(struct inquiry *inquiry, int32_t step)
{
    struct origin events;
    if (step == NOBODY)
        return false;
    origin_of_byte(inquiry->r, step, call_at(inquiry->r, step)->arguments[3], &events);
    return tell(inquiry, TOLD_MADE_BY, events.step != NOBODY ? events.step : step,
                "what the client's socket is waited for was set here");
}

bool rule_not_polled(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    int32_t waits = waits_in(r), made;
    int descriptor = (int)r->code.descriptor;
    struct pollfd entry;
    if (waits == NOBODY || descriptor < 0)
        return false;
    bool is_read = was_read(inquiry);
    if (is_read && asks_by_http(inquiry->failure))
        return false; // an answer need not be there yet
    if (strncmp(callee(r, waits), "epoll", 5) == 0)
        return tell_epoll(inquiry, epoll_without(r, descriptor, is_read ? EPOLLOUT : EPOLLIN));
    if (!is_poll(callee(r, waits)))
        return false;
    const struct recorded_call *call = call_at(r, waits);
    int place = entry_of(call, descriptor);
    if (place < 0)
        return false;
    memcpy(&entry, call->before[0] + (size_t)place * sizeof entry, sizeof entry);
    if (entry.events & (is_read ? POLLOUT : POLLIN))
        return false;
    int32_t jump = choice_of(r, waits, call->arguments[0] + (uint64_t)place * 8 + 4, &made);
    return tell_decision(inquiry, TOLD_MADE_BY, jump,
                         "what the client's socket is waited for was found out here") ||
           tell(inquiry, TOLD_MADE_BY, made, "what the client's socket is waited for was set here");
}

// Where the flags of a call of fcntl() were made.
static bool tell_flags(struct inquiry *inquiry, int32_t step)
{
    struct origin flags;
    origin_of_register(inquiry->r, step, argument_register(2), &flags);
    return tell(inquiry, TOLD_MADE_BY, flags.step != NOBODY ? flags.step : step,
                "the socket on which it waits was made a blocking one here");
}

bool rule_blocking(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    int32_t waits = waits_in(r);
    if (waits == NOBODY)
        return false;
    int descriptor = (int)call_at(r, waits)->arguments[0];
    for (int32_t i = waits - 1; i >= 0; i--) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || (int)call->arguments[0] != descriptor)
            continue;
        const char *name = callee(r, i);
        if (strncmp(name, "fcntl", 5) == 0 && call->arguments[1] == F_SETFL)
            return !(call->arguments[2] & O_NONBLOCK) && tell_flags(inquiry, i);
        if (strcmp(name, "close") == 0)
            return false;
    }
    return false;
}
