// SPDX-License-Identifier: MIT
// How the program ended, when no sanitizer has said it: by a signal, or by its own will.
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "trace/rules.h"

static bool has_own_frame(const struct event *event)
{
    return event->shown.frame_count > 0;
}

bool rule_crashed_at(const struct evidence *evidence, struct check_result *out)
{
    const struct event *last = NULL;
    for (size_t i = 0; i < evidence->events->count; i++) {
        const struct event *event = &evidence->events->items[i];
        bool is_end = event->kind == EVENT_SIGNAL && event->number != SIGTERM;
        if (is_end && has_own_frame(event))
            last = event;
    }
    if (last == NULL || program_is(evidence->check, "stuck"))
        return false;
    struct finding *finding = finding_of_event(evidence, last, FINDING_CRASHED_AT, out);
    bool by_address = last->number == SIGSEGV || last->number == SIGBUS;
    if (finding != NULL && by_address && last->address < 4096)
        finding->note = mem_copy_string("the address is that of a NULL pointer");
    else if (finding != NULL && last->number == SIGPIPE && last->shown.connection > 0)
        finding->note =
            last->shown.outgoing
                ? mem_copy_string("the server had closed the connection")
                : str_format("client %d had closed the connection", last->shown.connection);
    return finding != NULL;
}

static char *end_note(const struct event *event)
{
    const int status = (int)event->shown.result;
    if (WIFEXITED(status))
        return str_format("the program ends here, with status %d", WEXITSTATUS(status));
    const char *name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;
    return name != NULL ? str_format("the program ends here, by SIG%s", name) : NULL;
}

bool rule_ended_by(const struct evidence *evidence, struct check_result *out)
{
    const struct check_result *check = evidence->check;
    if ((!program_is(check, "exited") && !program_is(check, "signalled")) || !end_matters(check))
        return false;
    const struct event *end = NULL;
    int first = evidence->events->count > 0 ? evidence->events->items[0].pid : 0;
    for (size_t i = 0; i < evidence->events->count; i++) {
        const struct event *event = &evidence->events->items[i];
        // The program is its first process; a child may come and go. One that a check runs several
        // times is another process each time: the last end is meant.
        bool is_first = event->pid == first || check->was_run;
        if (event->kind == EVENT_EXIT && is_first && has_own_frame(event))
            end = event;
    }
    if (end == NULL)
        return false;
    struct finding *finding = finding_of_event(evidence, end, FINDING_ENDED_BY, out);
    if (finding != NULL)
        finding->note = end_note(end);
    return finding != NULL;
}
