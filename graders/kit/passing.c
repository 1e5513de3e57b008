// SPDX-License-Identifier: MIT
/*
 * Time that passes: for what a program promises to do, or not to do, by a clock of seconds. The
 * watch does not run meanwhile: a server that sleeps while its clients do is no server that is
 * stuck.
 */
#include "core.h"

#define MOST 2.5      // seconds that a check may let pass at once
#define LOOK_EACH 0.2 // seconds between two looks at the program's memory

double kit_seconds(void)
{
    return kit_clock();
}

// Reads what the program writes meanwhile, so that it never waits for the check.
static void pass_until(struct kit_program *program, double until)
{
    struct pollfd polls[4];
    size_t count = kit_program_polls(program, polls, sizeof polls / sizeof *polls);
    double left = until - kit_clock();
    if (left > LOOK_EACH)
        left = LOOK_EACH;
    if (left > 0 && poll(polls, count, (int)(left * 1000) + 1) < 0)
        return;
    kit_program_serve(program);
    kit_program_weigh(program, NULL);
}

void kit_let_pass(double seconds)
{
    kit_settle();
    struct kit_program *program = kit_the_program();
    if (program == NULL || !kit_program_is_started(program))
        kit_break("kit_let_pass comes before the program was started");
    if (seconds > MOST)
        kit_break("a check may let %.1f s pass at once, not %.1f", MOST, seconds);
    kit_record_rest(true);
    for (double until = kit_clock() + seconds; kit_clock() < until;) {
        pass_until(program, until);
        enum kit_state state = kit_program_state(program);
        if (state == KIT_EXITED || state == KIT_SIGNALLED)
            kit_fail_by_end(program, "the next request");
    }
    kit_record_rest(false);
}
