// SPDX-License-Identifier: MIT
// lab start: make a workspace.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "box/process.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
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

// Names the packages that the lab needs and the machine does not have.
static void name_missing_packages(const struct lab *lab)
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
    if (missing.length > 0)
        printf("note: this lab needs packages that are not installed:\n"
               "      sudo apt-get install%s\n",
               str_text(&missing));
}

// A path as the shell reads it back: quoted when it has to be.
static char *quoted(const char *path)
{
    if (path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./")] ==
        '\0')
        return mem_copy_string(path);
    struct str out = STR_INIT;
    str_append_char(&out, '\'');
    for (const char *c = path; *c != '\0'; c++) {
        if (*c == '\'')
            str_append(&out, "'\\''");
        else
            str_append_char(&out, *c);
    }
    str_append_char(&out, '\'');
    return str_take(&out);
}

static void greet(const struct lab *lab, const char *folder, bool existed)
{
    if (existed) {
        printf("the workspace is there already, nothing was changed: %s\n", folder);
    } else {
        const struct screen screen = screen_for(stdout, NULL);
        auto_free char *text = str_format("%s: %s", lab->title, lab->summary);
        screen_wrap(&screen, "", "", text);
        printf("%zu steps, about %d minutes\n", lab->step_count, lab->minutes);
    }
    name_missing_packages(lab);
    auto_free char *shown = quoted(folder);
    bool in_path = strcmp(cmd_program(), "lab") == 0;
    printf("\nedit   %s/%s\nread   cd %s && %s lesson\n", shown,
           lab->edit.count > 0 ? lab->edit.items[0] : "", shown, cmd_program());
    printf("check  cd %s && %s check\n", shown, in_path ? "lab" : "./lab");
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
    greet(context->lab, folder, existed);
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
    .help = "Makes the folder DIR (default: ./LAB) with the files to edit. Files that are there\n"
            "are never overwritten; a workspace that exists is left as it is.",
    .least_words = 1,
    .most_words = 2,
    .run = run_start,
};
