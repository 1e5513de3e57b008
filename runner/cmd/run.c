// SPDX-License-Identifier: MIT
// lab run: build, then serve on a port with the environment of a check, or run with arguments.
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "box/box.h"
#include "cmd/cmd.h"
#include "cmd/compile.h"
#include "grade/service_run.h"
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

// Variables that the learner has set already stay as they are. `port` 0: it serves on none.
static bool set_environment(long long port, const char *files, struct err *err)
{
    auto_free char *number = str_format("%lld", port);
    if (port > 0)
        setenv("PORT", number, 1);
    setenv("FILES_DIR", files, 0);
    setenv("REQUEST_TIMEOUT_MS", "30000", 0);
    setenv("UBSAN_OPTIONS", "print_stacktrace=1", 0);
    return folder_make_all(getenv("FILES_DIR"), 0755, err);
}

static void say_serving(long long port)
{
    const struct screen screen = screen_for(stdout, NULL);
    screen_say(&screen, "PORT=%lld FILES_DIR=%s REQUEST_TIMEOUT_MS=%s  (Ctrl-C ends it)", port,
               getenv("FILES_DIR"), getenv("REQUEST_TIMEOUT_MS"));
    fflush(stdout);
}

// What is executed: the program with its arguments, or the scripted servers that run it. NULL and
// err when there are no such servers. The strings are borrowed.
static char **command_make(const struct cmd_call *call, char *program, char **out_origin,
                           struct err *err)
{
    const char *script = cmd_value(call, "origin");
    size_t count = 0;
    while (call->rest != NULL && call->rest[count] != NULL)
        count++;
    char **argv = mem_alloc_array(count + 5, sizeof *argv);
    size_t at = 0;
    if (script != NULL) {
        *out_origin = box_tool_path("fixtures/origin", err);
        if (*out_origin == NULL) {
            free(argv);
            return NULL;
        }
        argv[at++] = *out_origin;
        argv[at++] = (char *)(uintptr_t)script;
        argv[at++] = (char *)(uintptr_t) "--";
    }
    argv[at++] = program;
    for (size_t i = 0; i < count; i++)
        argv[at++] = (char *)(uintptr_t)call->rest[i];
    return argv;
}

_Noreturn static void child_become(char **argv)
{
    interrupt_remove();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    execv(argv[0], argv);
    _exit(127);
}

// Ctrl-C at a terminal reaches the program too; a signal that was sent to us alone is passed on.
static int program_await(pid_t pid)
{
    int status = 0;
    bool told = false;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        if (!told && interrupt_happened(NULL))
            kill(pid, SIGTERM);
        told = true;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Runs it beside the lab's services, which live as long as it does.
static int run_beside(struct service_runs *services, char **argv, struct err *err)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        child_become(argv);
    if (pid < 0)
        err_set(err, ERR_ENV, "%s: %s", argv[0], strerror(errno));
    int status = pid > 0 ? program_await(pid) : 0;
    service_runs_end(services);
    return status;
}

static bool start_services(struct compiled *compiled, struct service_runs *services,
                           struct err *err)
{
    if (!service_runs_start(compiled->context.lab, &compiled->stage, services, err))
        return false;
    for (size_t i = 0; i < services->environment.count; i++) {
        const char *variable = services->environment.items[i];
        auto_free char *name = str_format("%.*s", (int)strcspn(variable, "="), variable);
        setenv(name, variable + strlen(name) + 1, 1);
        if (str_ends_with(name, "_URL"))
            printf("%s\n", variable); // whole, however long: it is there to be copied
    }
    return true;
}

// Puts the program into the workspace and becomes it, or runs it beside the lab's services. Returns
// the program's status, or 0 and err.
static int become(const struct cmd_call *call, struct compiled *compiled, long long port,
                  struct err *err)
{
    auto_free char *own = path_join(compiled->context.workspace.folder, ".lab");
    auto_free char *program = path_join(own, "program");
    auto_free char *files = path_join(own, "files");
    auto_free char *origin = NULL;
    auto_free char **argv = command_make(call, program, &origin, err);
    if (argv == NULL)
        return 0;
    unlink(program); // one that still runs would be "text file busy"
    if (!file_copy(compiled->attempt.build.programs[BUILD_CHECKED], program, 0755, err) ||
        !set_environment(port, files, err))
        return 0;
    if (compiled->context.lab->services.count > 0) {
        struct service_runs services = SERVICE_RUNS_INIT;
        if (!start_services(compiled, &services, err))
            return 0;
        if (port > 0)
            say_serving(port);
        return run_beside(&services, argv, err);
    }
    stage_close(&compiled->stage);
    // From here on Ctrl-C ends us, as it will end the program; one that came before is seen.
    interrupt_remove();
    if (interrupt_happened(err))
        return 0;
    if (port > 0)
        say_serving(port);
    signal(SIGPIPE, SIG_DFL); // as in a check: we ignore them, and what we become would too
    signal(SIGXFSZ, SIG_DFL);
    execv(argv[0], argv);
    err_set(err, ERR_ENV, "%s: %s", argv[0], strerror(errno));
    return 0;
}

static bool serves(const struct compiled *compiled)
{
    return compiled->context.lab->kind == LAB_SERVER;
}

static bool port_is_not_given(const struct cmd_call *call, struct err *err)
{
    if (cmd_value(call, "port") == NULL)
        return true;
    err_set(err, ERR_USAGE, "this lab's program serves on no port");
    err_set_cure(err, "%s run -- ARGUMENT... runs it with arguments", cmd_program());
    return false;
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
        } else if (serves(&compiled) ? port_is_free(port, err) : port_is_not_given(call, err)) {
            status = become(call, &compiled, serves(&compiled) ? port : 0, err);
        }
    }
    compiled_release(&compiled);
    return status;
}

static const struct cmd_option options[] = {
    {'p', "port", "N", "listen on this port (default 8080)"},
    {0, "origin", "FILE", "beside the servers of this script, as a check left it"},
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_run = {
    .name = "run",
    .arguments = "[LAB] [-- ARGUMENT…]",
    .summary = "build your program and run it",
    .help = "Builds the program as a check does and runs it with the environment of a check:\n"
            "PORT (8080), FILES_DIR (.lab/files in the workspace), REQUEST_TIMEOUT_MS. It\n"
            "runs as you, outside of the sandbox. The lab's services run beside it, empty at\n"
            "each start. A client or a tool is run with the arguments behind `--`; with\n"
            "--origin beside servers that do what they did in the check that left the FILE\n"
            "in .lab/last, and tell on stderr what passes.\n\n"
            "exit status: the program's own",
    .most_words = 1,
    .takes_rest = true,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_run,
};
