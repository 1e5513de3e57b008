// SPDX-License-Identifier: MIT
/*
 * Tries: to tell PID 1's end in its place: it ended well
 * Held by: init-close
 * Told: the program ended with status 3
 * Points: 0
 */
#define OWN_MAIN
#include "hostile.h"

// As runner/box/init/config.h has it: kind 3, raw status 0.
static void attack(void)
{
    struct {
        int32_t kind, value;
        char what[24];
    } report = {.kind = 3};
    for (int file = 3; file < 64; file++)
        if (send(file, &report, sizeof report, MSG_NOSIGNAL) == (ssize_t)sizeof report)
            through("the report was sent");
}

int main(void)
{
    attack();
    exit(3);
}
