// SPDX-License-Identifier: MIT
// lab status: the roadmap, and where you are on it.
#include <stdio.h>

#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/table.h"

static void show(const struct table *table, const struct screen *screen, bool json)
{
    struct table_view view = table_view_make(table, NULL, NULL);
    if (json) {
        auto_free char *text = render_roadmap_json(&view.roadmap);
        fputs(text, stdout);
    } else {
        render_roadmap(screen, &view.roadmap);
    }
    table_view_release(&view);
}

static int run_status(const struct cmd_call *call, struct err *err)
{
    struct context context = {0};
    struct table table = {0};
    const struct screen screen = screen_for(stdout, cmd_value(call, "color"));
    if (context_open(&context, err) && table_load(&context, &table, err))
        show(&table, &screen, cmd_has(call, "json"));
    int status = table_tell_broken(&table);
    table_release(&table);
    context_close(&context);
    return status;
}

static const struct cmd_option options[] = {
    {0, "json", NULL, "print one JSON object"},
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_status = {
    .name = "status",
    .arguments = "",
    .summary = "the roadmap, and where you are on it",
    .help = "Prints the stages of the roadmap with their labs. A stage is done when all its\n"
            "labs are passed. Nothing is locked.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_status,
};
