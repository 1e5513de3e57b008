// SPDX-License-Identifier: MIT
// lab list: every lab there is.
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/table.h"

static void print_lab(const struct screen *screen, const struct table_lab *entry)
{
    auto_str struct str line = STR_INIT;
    auto_str struct str done = STR_INIT;
    if (entry->status == ROADMAP_LAB_PASSED)
        str_append(&done, "passed");
    else if (entry->status == ROADMAP_LAB_STARTED)
        str_append_format(&done, "%zu/%zu steps", entry->steps_passed, entry->lab->step_count);
    str_append_format(&line, "%-17s %-7s %5d min  %-12s %s", entry->lab->id, entry->lab->difficulty,
                      entry->lab->minutes, str_text(&done), entry->lab->title);
    screen_wrap(screen, "  ", "      ", str_text(&line));
    if (entry->known.workspace != NULL)
        screen_wrap(screen, "      ", "      ", entry->known.workspace);
}

static int run_list(const struct cmd_call *call, struct err *err)
{
    struct context context = {0};
    struct table table = {0};
    const struct screen screen = screen_for(stdout, cmd_value(call, "color"));
    if (context_open(&context, err) && table_load(&context, &table, err)) {
        size_t last = table.roadmap.count;
        for (size_t i = 0; i < table.count; i++) {
            size_t stage = table_stage(&table, table.labs[i].lab);
            if (stage != last)
                screen_say(&screen, "%zu %s", stage + 1, table.roadmap.stages[stage].title);
            last = stage;
            print_lab(&screen, &table.labs[i]);
        }
    }
    int status = table_tell_broken(&table);
    table_release(&table);
    context_close(&context);
    return status;
}

static const struct cmd_option options[] = {
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_list = {
    .name = "list",
    .arguments = "",
    .summary = "every lab there is",
    .help = "Prints the labs in the roadmap's order, with your progress and workspaces.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_list,
};
