// SPDX-License-Identifier: MIT
// What a program that is run calls to ask, read and print, and jumps whose other way leads there.
#include <string.h>

#include "trace/origin/inquiry.h"

#define WANTED(...)                                                                                \
    {                                                                                              \
        .names = (const char *const[]){__VA_ARGS__},                                               \
        .count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)                       \
    }
const struct wanted_call calls_to_read =
    WANTED("recv", "recvfrom", "recvmsg", "read", "fgets", "fread", "getline", "getdelim");
const struct wanted_call calls_to_connect = WANTED("connect");
const struct wanted_call calls_to_send = WANTED("send", "sendto", "sendmsg", "writev");
const struct wanted_call calls_to_ask = WANTED("connect", "send", "sendto", "sendmsg", "writev");
const struct wanted_call calls_to_print =
    WANTED("write", "fwrite", "fputs", "putchar", "printf", "puts");

bool is_call_to(const struct recording *r, int32_t step, const struct wanted_call *wanted)
{
    for (size_t i = 0; call_at(r, step) != NULL && i < wanted->count; i++)
        if (strcmp(callee(r, step), wanted->names[i]) == 0)
            return true;
    return false;
}

int32_t last_call_to(const struct recording *r, int32_t before, const struct wanted_call *wanted)
{
    int32_t step = before - 1;
    while (step >= 0 && !is_call_to(r, step, wanted))
        step--;
    return step >= 0 ? step : NOBODY;
}

bool went_otherwise(const struct recording *r, int32_t jump)
{
    for (int32_t i = r->previous[jump]; i != NOBODY && i != r->parent[jump]; i = r->previous[i])
        if (r->steps[i].ip == r->steps[jump].ip && r->parent[i] == r->parent[jump] &&
            r->steps[r->next[i]].ip != r->steps[r->next[jump]].ip)
            return true;
    return false;
}

int32_t last_jump_that(struct recording *r, int32_t before, int32_t from,
                       bool (*leads)(struct recording *r, int32_t jump))
{
    enum { KNOWN = 512 };
    struct {
        uint64_t ip, to;
    } known[KNOWN] = {{0}}; // jumps that lead elsewhere
    for (int32_t i = before - 1; i >= from; i--) {
        if (at(r, i)->operation != OP_JUMP || r->next[i] == NOBODY)
            continue;
        const uint64_t ip = r->steps[i].ip, to = r->steps[r->next[i]].ip;
        const size_t place = (ip ^ to << 3) % KNOWN;
        if (known[place].ip == ip && known[place].to == to)
            continue;
        if (leads(r, i))
            return i;
        known[place].ip = ip;
        known[place].to = to;
    }
    return NOBODY;
}
