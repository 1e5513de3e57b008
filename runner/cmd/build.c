// SPDX-License-Identifier: MIT
// lab build: compile as a check does, and nothing else.
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/compile.h"
#include "cmd/context.h"
#include "render/render.h"

static int run_build(const struct cmd_call *call, struct err *err)
{
    struct compiled compiled = COMPILED_INIT;
    const struct screen screen = screen_for(stdout, cmd_value(call, "color"));
    const struct report_options report = {.verbose = true, .command = cmd_program()};
    int status = 0;
    if (compile_workspace(call, cmd_has(call, "no-cache"), &compiled, err)) {
        if (cmd_has(call, "verbose"))
            printf("%s\n", compiled.attempt.build.command);
        render_compile_line(&screen, &compiled.attempt, &report);
        if (!compiled.attempt.build.ok) {
            render_build_failure(&screen, &compiled.attempt, &report);
            render_build_next(&screen, &compiled.attempt, &report);
        }
        status = compiled.attempt.build.ok ? 0 : 1;
    }
    compiled_release(&compiled);
    return status;
}

static const struct cmd_option options[] = {
    {'v', "verbose", NULL, "print the compile command, ready to be pasted"},
    {0, "no-cache", NULL, "compile even when nothing has changed"},
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_build = {
    .name = "build",
    .arguments = "[LAB]",
    .summary = "compile your program as a check does",
    .help = "Compiles the program of this workspace in the sandbox and prints what the\n"
            "compiler says. Runs no check.",
    .most_words = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_build,
};
