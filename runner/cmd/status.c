// SPDX-License-Identifier: MIT
// lab status: the roadmap, and where you are on it.
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/table.h"

// Shows the table: labs of one stage lie side by side in it, so a stage borrows a part of the
// views.
static void show(const struct table *table, const struct screen *screen, bool json)
{
    auto_free struct roadmap_lab_view *labs = mem_alloc_array(table->count, sizeof *labs);
    auto_free struct roadmap_stage_view *stages =
        mem_alloc_array(table->roadmap.count, sizeof *stages);
    for (size_t i = 0; i < table->roadmap.count; i++)
        stages[i] = (struct roadmap_stage_view){.id = table->roadmap.stages[i].id,
                                                .title = table->roadmap.stages[i].title};
    for (size_t i = 0; i < table->count; i++) {
        const struct table_lab *entry = &table->labs[i];
        labs[i] = (struct roadmap_lab_view){.id = entry->lab->id,
                                            .title = entry->lab->title,
                                            .status = entry->status,
                                            .points = entry->known.points,
                                            .max_points = 100,
                                            .steps_passed = entry->steps_passed,
                                            .step_count = entry->lab->step_count};
        struct roadmap_stage_view *stage = &stages[table_stage(table, entry->lab)];
        if (stage->lab_count == 0)
            stage->labs = &labs[i];
        stage->lab_count++;
    }
    const struct roadmap_view view = {.stages = stages,
                                      .stage_count = table->roadmap.count,
                                      .current =
                                          table->current != NULL ? table->current->lab->id : NULL,
                                      .command = cmd_program()};
    if (json) {
        auto_free char *text = render_roadmap_json(&view);
        fputs(text, stdout);
    } else {
        render_roadmap(screen, &view);
    }
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
