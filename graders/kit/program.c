// SPDX-License-Identifier: MIT
/*
 * The program in its box: start, readiness, state, output. Two events end its start: the kernel
 * says LISTEN on its port, or its first process ends. What its end means stands in ending.c.
 */
#include "program.h"
#include "shared.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FLOOD (64U << 20)                  // bytes of output at which a server is stopped
#define KEPT_STDOUT (2U * KIT_STDOUT_MOST) // half of it from the beginning
#define WEIGH_AFTER 0.020                  // seconds between two looks at its memory
#define MOST_LISTENERS 64

static struct kit_program *the_program;

struct kit_program *kit_the_program(void)
{
    return the_program;
}

int kit_program_port(const struct kit_program *program)
{
    return program->port;
}

const char *const *kit_program_arguments(const struct kit_program *program)
{
    return program->argv == NULL ? NULL : program->argv + 1;
}

bool kit_program_is_started(const struct kit_program *program)
{
    return program->started;
}

bool kit_program_is_ending(const struct kit_program *program)
{
    struct pollfd first = {.fd = program->pidfd, .events = POLLIN};
    if (!program->started || program->ended)
        return false;
    if (first.fd < 0) // gone before it could be opened
        return kill(program->box.program, 0) < 0 && errno == ESRCH;
    return poll(&first, 1, 0) > 0;
}

// Several programs one after the other have one clock, that of the first.
static double zero;

double kit_now(void)
{
    return zero > 0 ? kit_clock() - zero : 0;
}

enum kit_state kit_program_state(const struct kit_program *program)
{
    if (!program->started)
        return KIT_NOT_STARTED;
    if (program->ended)
        return WIFSIGNALED(program->status) ? KIT_SIGNALLED : KIT_EXITED;
    return program->stuck ? KIT_STUCK : KIT_RUNNING;
}

// ---------------------------------------------------------------- start

// The program may be neither the author's nor the learner's fault here: no pipe, no box.
_Noreturn static void environment_lacks(struct err *err)
{
    kit_record_environment(err->message, err->cure);
    _exit(2);
}

static int output_pipe(struct kit_output *output, size_t most)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
        kit_break("pipe: %s", strerror(errno));
    *output = (struct kit_output){.descriptor = ends[0], .most = most};
    return ends[1];
}

static void program_start(struct kit_program *program, const struct kit_launch *launch)
{
    static const char *const alone[] = {"/program", NULL};
    const struct kit_request *request = kit_the_request();
    bool checked = kit_check_is_checked();
    struct err err = ERR_INIT;
    auto_free char *init = box_init_path(&err);
    if (init == NULL)
        environment_lacks(&err);
    auto_close int output = output_pipe(&program->output, program->argv != NULL ? KEPT_STDOUT : 0);
    program->output.held = launch->hold_stdout;
    auto_close int errors =
        output_pipe(&program->error_output, (size_t)request->limit_output_kb * 1024);
    const char *const *folders;
    size_t shown = kit_services_folders(&folders);
    struct box_mount *mounts = kit_keep((2 + shown) * sizeof *mounts);
    mounts[0] = (struct box_mount){request->scratch, "/tmp", true};
    mounts[1] = (struct box_mount){request->program, "/program", false};
    for (size_t i = 0; i < shown; i++)
        mounts[2 + i] = (struct box_mount){folders[i], folders[i], false};
    const struct box_options options = {
        .level = box_level_told(),
        .init = init,
        .argv = program->argv != NULL ? program->argv : alone,
        .environment = kit_surroundings_environment(program->port, checked),
        .mounts = mounts,
        .mount_count = 2 + shown,
        .hidden = request->hidden,
        .no_connect = (request->environment == NULL || request->environment[0] == NULL) &&
                      kit_services_count() == 0,
        .connect_ports = kit_origins_ports(),
        .limits = kit_surroundings_limits(checked),
        .trace = kit_tracing_from_start(),
        .standard_input = -1,
        .standard_output = output,
        .standard_error = errors,
    };
    if (!box_start(&options, &program->box, &err))
        environment_lacks(&err);
}

static void program_release(struct kit_program *program)
{
    box_release(&program->box);
    kit_output_release(&program->output);
    kit_output_release(&program->error_output);
    if (program->pidfd >= 0)
        close(program->pidfd);
    program->pidfd = -1;
}

// ---------------------------------------------------------------- life

static bool listener_fits(const struct kit_program *program, const struct kit_listener *listener)
{
    static const unsigned char any[16] = {0};
    if (listener->port != program->port)
        return false;
    if (listener->ipv6)
        return !listener->v6only && memcmp(listener->address, any, sizeof any) == 0;
    uint32_t address;
    memcpy(&address, listener->address, sizeof address);
    return address == htonl(INADDR_LOOPBACK) || address == htonl(INADDR_ANY);
}

static bool listens(void *context)
{
    struct kit_program *program = context;
    struct kit_listener all[MOST_LISTENERS];
    size_t count = program->started ? kit_sockets_listening(all, MOST_LISTENERS) : 0;
    for (size_t i = 0; i < count && i < MOST_LISTENERS; i++)
        if (listener_fits(program, &all[i]))
            return true;
    return false;
}

size_t kit_program_polls(struct kit_program *program, struct pollfd *polls, size_t most)
{
    const int descriptors[] = {program->ended ? -1 : program->box.status,
                               program->output.held ? -1 : program->output.descriptor,
                               program->error_output.descriptor};
    size_t count = 0;
    for (size_t i = 0; i < 3 && count < most; i++)
        if (descriptors[i] >= 0)
            polls[count++] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
    return count;
}

static void program_has_ended(struct kit_program *program, int status)
{
    program->ended = true;
    program->status = status;
    // What it wrote before its end lies in the pipes already.
    kit_output_read(&program->error_output);
    kit_output_read(&program->output);
    kit_program_record(program, NULL);
}

static void next_event(struct kit_program *program)
{
    struct err err = ERR_INIT;
    int status = 0;
    switch (box_next(&program->box, &status, &err)) {
    case BOX_WAITS:
        box_go(&program->box, kit_tracing_start(program->box.program));
        break;
    case BOX_STARTED:
        program->started = true;
        program->started_at = kit_clock();
        if (zero <= 0)
            zero = program->started_at;
        program->pidfd = (int)syscall(SYS_pidfd_open, program->box.program, 0);
        break;
    case BOX_ENDED:
        program_has_ended(program, status);
        break;
    case BOX_BROKEN:
        environment_lacks(&err);
    case BOX_NOTHING:
        break;
    }
}

static void output_limit(struct kit_program *program)
{
    uint64_t written = program->output.written + program->error_output.written;
    if (written <= program->flood)
        return;
    kit_program_kill(program);
    const char *message =
        kit_format("the program wrote more than %llu MiB to its standard output and error; nobody "
                   "reads that much",
                   (unsigned long long)(program->flood >> 20));
    kit_fail_now(&(struct kit_failure){.message = message});
}

void kit_program_serve(struct kit_program *program)
{
    kit_origins_serve();
    kit_output_read(&program->output);
    kit_output_read(&program->error_output);
    output_limit(program);
    struct pollfd status = {.fd = program->box.status, .events = POLLIN};
    while (!program->ended && status.fd >= 0 && poll(&status, 1, 0) > 0) {
        bool was_started = program->started;
        next_event(program);
        if (program->started == was_started)
            break;
    }
}

void kit_program_kill(struct kit_program *program)
{
    if (program->ended)
        return;
    box_kill(&program->box);
    // Nobody will report this end, and it is no crash.
    program->ended = program->end_awaited = true;
    program->status = SIGKILL;
}

// In a cell the scratch folder has a size; elsewhere it is looked at as often as memory is.
static void weigh_files(struct kit_program *program)
{
    static double looked_at;
    if (!box_level_is_bare(box_level_told()) || kit_clock() - looked_at < WEIGH_AFTER)
        return;
    looked_at = kit_clock();
    if (!kit_scratch_is_full())
        return;
    kit_program_kill(program);
    kit_fail_now(&(struct kit_failure){
        .message = kit_format("the program wrote more than %d MB of files, or too many of them",
                              kit_the_request()->limit_files_mb)});
}

void kit_program_weigh(struct kit_program *program, const struct kit_sample *sample)
{
    static double weighed_at;
    static struct kit_sample own;
    if (!program->started || program->ended)
        return;
    weigh_files(program);
    if (sample == NULL) {
        if (kit_clock() - weighed_at < WEIGH_AFTER)
            return;
        kit_sample_take(&own);
        sample = &own;
    }
    weighed_at = sample->at;
    kit_limits_see(sample);
    if (sample->resident <= kit_surroundings_memory(kit_check_is_checked()))
        return;
    kit_program_kill(program);
    kit_fail_now(
        &(struct kit_failure){.message = kit_format("the program used more than %d MB of memory",
                                                    kit_the_request()->limit_memory_mb)});
}

void kit_program_record(struct kit_program *program, const char *state)
{
    static const char *const names[] = {"running", "running", "exited", "signalled", "stuck"};
    auto_str struct str text = STR_INIT;
    kit_output_text(&program->error_output, &text);
    enum kit_state now = kit_program_state(program);
    int status = now == KIT_EXITED      ? WEXITSTATUS(program->status)
                 : now == KIT_SIGNALLED ? WTERMSIG(program->status)
                                        : 0;
    kit_record_program(state != NULL ? state : names[now], status, program->port,
                       program->started ? zero : 0, str_text(&text), text.length);
}

const char *kit_program_stderr(struct kit_program *program)
{
    kit_settle();
    kit_program_serve(program);
    auto_str struct str text = STR_INIT;
    kit_output_text(&program->error_output, &text);
    return kit_keep_bytes(str_text(&text), text.length);
}

// ---------------------------------------------------------------- kit_serve

static const char *listener_name(const struct kit_listener *listener)
{
    char address[INET6_ADDRSTRLEN] = "";
    inet_ntop(listener->ipv6 ? AF_INET6 : AF_INET, listener->address, address, sizeof address);
    const char *only = listener->ipv6 && listener->v6only ? " (IPv6 only)" : "";
    return listener->ipv6 ? kit_format("[%s]:%d%s", address, listener->port, only)
                          : kit_format("%s:%d", address, listener->port);
}

_Noreturn static void fail_not_listening(struct kit_program *program)
{
    struct kit_listener first[1];
    const char *message;
    bool listens = kit_sockets_listening(first, 1) > 0;
    if (listens)
        message = kit_format("the program listens on %s, expected 127.0.0.1:%d ($PORT is %d)",
                             listener_name(first), program->port, program->port);
    else
        message = kit_format("the program does not listen on 127.0.0.1:%d ($PORT is %d)",
                             program->port, program->port);
    kit_fail_by_hang_of(message, NULL, listens && first->port != program->port ? "port" : "listen");
}

static struct kit_program *program_new(const struct kit_launch *launch)
{
    if (the_program == NULL) {
        the_program = kit_keep(sizeof *the_program);
    } else {
        if (!the_program->ended)
            kit_break("%s() comes while the program still runs",
                      launch->argv != NULL ? "kit_run" : "kit_serve");
        // A crash that no expectation has seen.
        const char *crash = launch->argv != NULL ? kit_program_crash(the_program) : NULL;
        if (crash != NULL)
            kit_fail_now(&(struct kit_failure){.message = crash});
        program_release(the_program);
    }
    *the_program = (struct kit_program){.box = BOX_INIT, .pidfd = -1};
    the_program->output.descriptor = the_program->error_output.descriptor = -1;
    the_program->port = launch->argv != NULL ? 0 : kit_surroundings_port();
    the_program->argv = launch->argv;
    the_program->flood = launch->flood;
    return the_program;
}

struct kit_program *kit_program_launch(const struct kit_launch *launch)
{
    struct kit_program *program = program_new(launch);
    program_start(program, launch);
    return program;
}

struct kit_program *kit_serve(void)
{
    kit_settle();
    struct kit_program *program = kit_program_launch(&(const struct kit_launch){.flood = FLOOD});
    const struct kit_wait wait = {.condition = listens, .context = program, .ends_too = true};
    switch (kit_wait(&wait)) {
    case KIT_ENDED:
        kit_fail_by_end(program, kit_format("the program to listen on port %d", program->port));
    case KIT_HUNG:
        fail_not_listening(program);
    case KIT_READY:
    case KIT_MET:
        break;
    }
    // A parent that has left its listening child in the background.
    kit_program_serve(program);
    if (program->ended)
        kit_fail_by_end(program, NULL);
    kit_program_record(program, "running");
    return program;
}

void kit_terminate(struct kit_program *program)
{
    kit_settle();
    program->terminated = true;
    if (!program->ended && program->pidfd >= 0)
        syscall(SYS_pidfd_send_signal, program->pidfd, SIGTERM, NULL, 0);
}

int kit_wait_for_exit(struct kit_program *program)
{
    kit_settle();
    const struct kit_wait wait = {.ends_too = true};
    if (program->argv != NULL)
        kit_program_await_end(program);
    else if (!program->ended && kit_wait(&wait) == KIT_HUNG)
        kit_fail_by_hang_of(program->terminated ? "the program does not end after SIGTERM"
                                                : "the program does not end",
                            NULL, "exit");
    program->end_awaited = true;
    return program->status;
}
