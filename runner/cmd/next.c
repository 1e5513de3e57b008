// SPDX-License-Identifier: MIT
// lab next, and `lab` alone: what to do next.
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
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
    screen_say(screen, "%s: %zu of %zu steps, %d/100 points", entry->lab->id, entry->steps_passed,
               entry->lab->step_count, entry->known.points);
    bool there = entry->known.workspace != NULL && path_is_folder(entry->known.workspace);
    if (entry->known.workspace != NULL)
        screen_say(screen, "workspace: %s%s", entry->known.workspace,
                   there ? "" : ", which is gone");
    if (step != NULL) {
        screen_say(screen, "the step that is open: %s, %s", step->id, step->title);
        screen_command(screen, "lesson: ", "%s lesson %s %s", cmd_program(), entry->lab->id,
                       step->id);
    }
    screen_command(screen, "next: ", "%s %s %s", cmd_program(), there ? "check" : "start",
                   entry->lab->id);
}

static void say_next(const struct table *table)
{
    const struct screen screen = screen_for(stdout, NULL);
    if (table->current != NULL) {
        say_go_on(&screen, table->current);
    } else if (table->next != NULL) {
        const struct lab *lab = table->next->lab;
        screen_say(&screen, "%s: %s", lab->id, lab->summary);
        screen_say(&screen, "%zu steps, about %d minutes", lab->step_count, lab->minutes);
        screen_command(&screen, "next: ", "%s start %s", cmd_program(), lab->id);
    } else if (table->count > 0) {
        screen_say(&screen, "every lab is passed");
        screen_command(&screen, "next: ", "%s status", cmd_program());
    } else {
        screen_say(&screen, "there are no labs here");
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
    screen_say(&screen, "lab %s: hands-on labs for backend development, in C", LAB_VERSION);
    printf("\n");
    int status = tell(err);
    printf("\n");
    if (err->kind == ERR_NONE)
        screen_say(&screen, "%s --help lists the commands", cmd_program());
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
    .help = "Names the lab that you are at and its open step: that of the workspace you are\n"
            "in, else the one that you worked on last. When none is begun: the next lab of\n"
            "the roadmap whose prerequisites are passed.",
    .run = run_next,
};
