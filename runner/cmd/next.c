// SPDX-License-Identifier: MIT
// lab next, and `lab` alone: what to do next.
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/overview.h"
#include "cmd/table.h"

// The first step of a lab that is not passed, or NULL.
static const struct step *open_step(const struct table_lab *entry)
{
    for (size_t i = 0; i < entry->lab->step_count; i++) {
        bool passed = false;
        for (size_t k = 0; k < entry->known.step_count; k++)
            passed |= entry->known.steps[k].passed &&
                      str_equal(entry->known.steps[k].id, entry->lab->steps[i].id);
        if (!passed)
            return &entry->lab->steps[i];
    }
    return NULL;
}

static void say_go_on(const struct screen *screen, const struct table_lab *entry)
{
    const struct step *step = open_step(entry);
    printf("%s: %zu of %zu steps, %d/100 points\n", entry->lab->id, entry->steps_passed,
           entry->lab->step_count, entry->known.points);
    if (entry->known.workspace != NULL)
        printf("workspace: %s\n", entry->known.workspace);
    if (step != NULL) {
        auto_free char *open = str_format("the step that is open: %s, %s", step->id, step->title);
        screen_wrap(screen, "", "", open);
        printf("lesson: %s lesson %s %s\n", cmd_program(), entry->lab->id, step->id);
    }
    printf("next: %s check %s\n", cmd_program(), entry->lab->id);
}

static void say_next(const struct table *table)
{
    const struct screen screen = screen_for(stdout, NULL);
    if (table->current != NULL) {
        say_go_on(&screen, table->current);
    } else if (table->next != NULL) {
        const struct lab *lab = table->next->lab;
        auto_free char *title = str_format("%s: %s", lab->id, lab->summary);
        screen_wrap(&screen, "", "", title);
        printf("%zu steps, about %d minutes\nnext: %s start %s\n", lab->step_count, lab->minutes,
               cmd_program(), lab->id);
    } else if (table->count > 0) {
        printf("every lab is passed\nnext: %s status\n", cmd_program());
    } else {
        printf("there are no labs here\n");
    }
}

static int tell(struct err *err)
{
    struct context context = {0};
    struct table table = {0};
    if (context_open(&context, err) && table_load(&context, &table, err))
        say_next(&table);
    int status = table_tell_broken(&table);
    table_release(&table);
    context_close(&context);
    return status;
}

int overview(struct err *err)
{
    const struct screen screen = screen_for(stdout, NULL);
    screen_wrap(&screen, "", "",
                "lab " LAB_VERSION ": hands-on labs for backend development, in C");
    printf("\n");
    int status = tell(err);
    if (err->kind == ERR_NONE)
        printf("\n%s --help lists the commands\n", cmd_program());
    return status;
}

static int run_next(const struct cmd_call *call, struct err *err)
{
    (void)call;
    return tell(err);
}

const struct cmd cmd_next = {
    .name = "next",
    .arguments = "",
    .summary = "what to do next",
    .help = "Names the lab that you are at and its open step, or the next lab of the\n"
            "roadmap.",
    .run = run_next,
};
