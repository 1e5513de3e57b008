// SPDX-License-Identifier: MIT
// A program that listens, and not where it should: what its socket was told.
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "trace/origin/inquiry.h"

// The last call of this name on the descriptor; NOBODY.
static int32_t last_call(const struct recording *r, const char *name, int descriptor)
{
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--)
        if (strcmp(callee(r, i), name) == 0 &&
            (descriptor < 0 || (int)call_at(r, i)->arguments[0] == descriptor))
            return i;
    return NOBODY;
}

static bool tell_byte(struct inquiry *inquiry, int32_t step, uint64_t address, const char *note)
{
    struct origin origin;
    origin_of_byte(inquiry->r, step, address, &origin);
    return tell(inquiry, TOLD_MADE_BY, origin.step != NOBODY ? origin.step : step, note);
}

static bool tell_only_ipv6(struct inquiry *inquiry, int descriptor)
{
    struct recording *r = inquiry->r;
    for (int32_t i = (int32_t)r->step_count - 1; i >= 0; i--) {
        const struct recorded_call *call = call_at(r, i);
        if (call == NULL || strcmp(callee(r, i), "setsockopt") != 0 ||
            (int)call->arguments[0] != descriptor || call->arguments[1] != IPPROTO_IPV6 ||
            call->arguments[2] != IPV6_V6ONLY || call->before_length[3] == 0)
            continue;
        return call->before[3][0] != 0 &&
               tell_byte(inquiry, i, call->arguments[3],
                         "the socket that listens is one of IPv6 alone for what was set here");
    }
    return false;
}

bool rule_listening(struct inquiry *inquiry)
{
    struct recording *r = inquiry->r;
    int32_t listens = last_call(r, "listen", -1);
    if (listens == NOBODY)
        return false;
    const int descriptor = (int)call_at(r, listens)->arguments[0];
    int32_t bound = last_call(r, "bind", descriptor);
    if (strcmp(inquiry->failure->awaited, "port") == 0)
        return bound != NOBODY && tell_byte(inquiry, bound, call_at(r, bound)->arguments[1] + 2,
                                            "the port on which the program listens was made here");
    return tell_only_ipv6(inquiry, descriptor) ||
           tell(inquiry, TOLD_MADE_BY, bound, "the socket that listens got its address here");
}
