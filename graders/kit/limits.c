// SPDX-License-Identifier: MIT
/*
 * Limits that end nothing: the call that reaches one fails, and a program that does not look at
 * what its calls return goes wrong elsewhere. So they are noted beside the verdict.
 */
#include <sys/statvfs.h>

#include "core.h"

static bool many_tasks;

void kit_limits_see(const struct kit_sample *sample)
{
    if (sample->count >= (size_t)kit_the_request()->limit_processes)
        many_tasks = true;
}

static void note_tasks(void)
{
    if (many_tasks)
        kit_record_note(kit_format("the program had as many processes and threads as it may have: "
                                   "its limit is %d",
                                   kit_the_request()->limit_processes));
    many_tasks = false;
}

void kit_limits_note(void)
{
    static bool noted;
    struct statvfs scratch;
    note_tasks();
    if (noted || statvfs(kit_the_request()->scratch, &scratch) != 0)
        return;
    if (scratch.f_bfree == 0)
        kit_record_note(kit_format("the program's files fill all the room that they may take: its "
                                   "limit is %d MB",
                                   kit_the_request()->limit_files_mb));
    else if (scratch.f_ffree == 0)
        kit_record_note(
            kit_format("the program has made as many files as it may: its limit is %llu",
                       (unsigned long long)scratch.f_files));
    noted = scratch.f_bfree == 0 || scratch.f_ffree == 0;
}
