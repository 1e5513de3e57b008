// SPDX-License-Identifier: MIT
// lab start: make a workspace.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "box/process.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "grade/services.h"
#include "render/render.h"

// Inside a course's own repository workspaces go to workspaces/LAB, which git ignores there.
static char *default_folder(const struct lab *lab)
{
    auto_free char *here = path_real(".", NULL);
    size_t length = strlen(lab->course);
    bool inside = here != NULL && strncmp(here, lab->course, length) == 0 &&
                  (here[length] == '\0' || here[length] == '/');
    if (!inside)
        return mem_copy_string(lab->id);
    const char *below = here + length;
    struct str folder = STR_INIT;
    for (const char *c = below; *c != '\0'; c++)
        if (*c == '/' && c[1] != '\0')
            str_append(&folder, "../");
    str_append_format(&folder, "workspaces/%s", lab->id);
    return str_take(&folder);
}

// The fixtures know what their services need.
static void name_missing_services(const struct lab *lab, struct str *missing)
{
    struct stage stage = STAGE_INIT;
    struct err none = ERR_INIT;
    auto_free char *fixtures = NULL;
    bool staged = lab->services.count > 0 && stage_open(&stage, &none) &&
                  services_stage(lab, &stage, &fixtures, &none);
    for (size_t i = 0; staged && i < lab->services.count; i++) {
        struct service_needs needs;
        services_ask(&stage, lab->services.items[i], &needs);
        if (needs.package != NULL)
            str_append_format(missing, " %s", needs.package);
        service_needs_release(&needs);
    }
    stage_close(&stage);
    err_release(&none); // a check would say it too
}

// Names the packages that the lab needs and the machine does not have.
static void name_missing_packages(const struct screen *screen, const struct lab *lab)
{
    auto_str struct str missing = STR_INIT;
    for (size_t i = 0; i < lab->package_count; i++) {
        const struct lab_package *package = &lab->packages[i];
        if (package->pkg_config == NULL)
            continue;
        const char *argv[] = {"pkg-config", "--exists", package->pkg_config, NULL};
        extern char **environ;
        const struct process_options options = {
            .argv = argv, .environment = (const char *const *)environ, .executable = -1};
        struct process process = {0, -1};
        struct err err = ERR_INIT;
        if (!process_start(&options, &process, &err) || process_wait(&process) != 0)
            str_append_format(&missing, " %s", package->debian);
        process_release(&process);
        err_release(&err);
    }
    name_missing_services(lab, &missing);
    if (missing.length == 0)
        return;
    screen_say(screen, "note: this lab needs packages that are not installed:");
    screen_command(screen, "      ", "sudo apt-get install%s", str_text(&missing));
}

// Nothing is locked: whoever knows it already goes on.
static void name_prerequisites(const struct context *context, const struct screen *screen)
{
    for (size_t i = 0; i < context->lab->prerequisites.count; i++) {
        const char *id = context->lab->prerequisites.items[i];
        struct lab *before = lab_load(&context->courses, id, NULL);
        struct progress_lab known = {0};
        bool open = before != NULL && context->progress != NULL &&
                    progress_lab(context->progress, before, &known, NULL) && !known.passed;
        if (open)
            screen_say(screen, "note: this lab builds on %s, which is not passed yet", id);
        progress_lab_release(&known);
        lab_free(before);
    }
}

static void greet(const struct context *context, const char *folder, bool existed)
{
    const struct lab *lab = context->lab;
    const struct screen screen = screen_for(stdout, NULL);
    auto_str struct str shown = STR_INIT;
    text_append_shell_word(&shown, folder);
    const char *name = str_text(&shown);
    if (existed) {
        screen_say(&screen, "%s is a workspace of %s already; nothing was changed", folder,
                   lab->id);
    } else {
        screen_say(&screen, "%s: %s", lab->title, lab->summary);
        screen_say(&screen, "%zu steps, about %d minutes", lab->step_count, lab->minutes);
    }
    name_prerequisites(context, &screen);
    name_missing_packages(&screen, lab);
    printf("\n");
    screen_command(&screen, "edit   ", "%s/%s", name, lab->edit.items[0]);
    screen_command(&screen, "read   ", "cd %s && %s lesson", name, cmd_program());
    screen_command(&screen, "check  ", "cd %s && %s check", name, cmd_program());
}

static int start(struct context *context, const struct cmd_call *call, struct err *err)
{
    if (!context_open(context, err))
        return 0;
    context->lab = lab_load(&context->courses, call->words[0], err);
    if (context->lab == NULL)
        return 0;
    auto_free char *folder =
        call->word_count > 1 ? mem_copy_string(call->words[1]) : default_folder(context->lab);
    bool existed = false;
    if (!workspace_create(context->lab, folder, &existed, &context->workspace, err))
        return 0;
    context->in_workspace = true;
    struct err warning = ERR_INIT;
    if (context->progress != NULL)
        progress_set_workspace(context->progress, context->lab->id, context->workspace.folder,
                               &warning);
    context_warn(&warning);
    greet(context, folder, existed);
    return 0;
}

static int run_start(const struct cmd_call *call, struct err *err)
{
    struct context context = {0};
    int status = start(&context, call, err);
    context_close(&context);
    return status;
}

const struct cmd cmd_start = {
    .name = "start",
    .arguments = "LAB [DIR]",
    .summary = "make a workspace for a lab",
    .help = "Makes the folder DIR with the files to edit. Without DIR it is ./LAB, or, inside\n"
            "the lab's own course, workspaces/LAB there. Files that are there are never\n"
            "overwritten; a workspace that exists is left as it is.",
    .least_words = 1,
    .most_words = 2,
    .run = run_start,
};
