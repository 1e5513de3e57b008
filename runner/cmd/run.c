// SPDX-License-Identifier: MIT
// lab run: build, then serve on a port with the environment of a check.
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "cmd/cmd.h"
#include "cmd/compile.h"
#include "render/render.h"

// Another server on the port would answer in the program's place.
static bool port_is_free(long long port, struct err *err)
{
    auto_close int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(probe, (const struct sockaddr *)&address, sizeof address) == 0)
        return true;
    err_set(err, ERR_ENV, "port %lld cannot be used: %s", port, strerror(errno));
    err_set_cure(err, "%s run --port N takes another one", cmd_program());
    return false;
}

// Variables that the learner has set already stay as they are.
static bool set_environment(long long port, const char *files, struct err *err)
{
    auto_free char *number = str_format("%lld", port);
    setenv("PORT", number, 1);
    setenv("FILES_DIR", files, 0);
    setenv("REQUEST_TIMEOUT_MS", "30000", 0);
    setenv("UBSAN_OPTIONS", "print_stacktrace=1", 0);
    return folder_make_all(getenv("FILES_DIR"), 0755, err);
}

// Puts the program into the workspace and becomes it. Returns only when that fails.
static void become(struct compiled *compiled, long long port, struct err *err)
{
    auto_free char *own = path_join(compiled->context.workspace.folder, ".lab");
    auto_free char *program = path_join(own, "program");
    auto_free char *files = path_join(own, "files");
    unlink(program); // one that still runs would be "text file busy"
    if (!file_copy(compiled->attempt.build.programs[BUILD_CHECKED], program, 0755, err) ||
        !set_environment(port, files, err))
        return;
    stage_close(&compiled->stage);
    // From here on Ctrl-C ends us, as it will end the program; one that came before is seen.
    interrupt_remove();
    if (interrupt_happened(err))
        return;
    const struct screen screen = screen_for(stdout, NULL);
    screen_say(&screen, "PORT=%lld FILES_DIR=%s REQUEST_TIMEOUT_MS=%s  (Ctrl-C ends it)", port,
               getenv("FILES_DIR"), getenv("REQUEST_TIMEOUT_MS"));
    fflush(stdout);
    signal(SIGPIPE, SIG_DFL); // as in a check: we ignore them, and what we become would too
    signal(SIGXFSZ, SIG_DFL);
    char *argv[] = {program, NULL};
    execv(program, argv);
    err_set(err, ERR_ENV, "%s: %s", program, strerror(errno));
}

static int run_run(const struct cmd_call *call, struct err *err)
{
    struct compiled compiled = COMPILED_INIT;
    const struct screen screen = screen_for(stdout, cmd_value(call, "color"));
    const struct report_options report = {.command = cmd_program()};
    long long port = 8080;
    int status = 0;
    if (cmd_integer(call, "port", 1, 65535, &port, err) &&
        compile_workspace(call, false, &compiled, err)) {
        if (!compiled.attempt.build.ok) {
            render_compile_line(&screen, &compiled.attempt, &report);
            render_build_failure(&screen, &compiled.attempt, &report);
            render_build_next(&screen, &compiled.attempt, &report);
            status = 1;
        } else if (port_is_free(port, err)) {
            become(&compiled, port, err);
        }
    }
    compiled_release(&compiled);
    return status;
}

static const struct cmd_option options[] = {
    {'p', "port", "N", "listen on this port (default 8080)"},
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_run = {
    .name = "run",
    .arguments = "[LAB]",
    .summary = "build your program and serve on port 8080",
    .help = "Builds the program as a check does and runs it with the environment of a check:\n"
            "PORT, FILES_DIR (.lab/files in the workspace), REQUEST_TIMEOUT_MS. It runs as\n"
            "you, outside of the sandbox.",
    .most_words = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_run,
};
