// SPDX-License-Identifier: MIT
// A program that is run with arguments: a client, a tool.
#include <string.h>

#include "origin.h"
#include "program.h"

#define MIB ((uint64_t)1 << 20)
#define USUAL_OUTPUT (64 * MIB)

static uint64_t output_most = USUAL_OUTPUT;
static bool hold_next;

static const char *const *arguments_copy(const char *const *arguments)
{
    size_t count = 0;
    while (arguments[count] != NULL)
        count++;
    const char **argv = kit_keep((count + 2) * sizeof *argv);
    argv[0] = "/program";
    for (size_t i = 0; i < count; i++)
        argv[i + 1] = kit_keep_bytes(arguments[i], strlen(arguments[i]));
    return argv;
}

static bool has_started(void *context)
{
    const struct kit_program *program = context;
    return program->started;
}

struct kit_program *kit_run_arguments(const char *const *arguments)
{
    kit_settle();
    const struct kit_launch launch = {
        .argv = arguments_copy(arguments),
        .hold_stdout = hold_next,
        .flood = output_most,
    };
    hold_next = false;
    struct kit_program *program = kit_program_launch(&launch);
    const struct kit_wait wait = {.condition = has_started, .context = program, .ends_too = true};
    if (kit_wait(&wait) == KIT_HUNG)
        kit_break("the box did not start the program");
    kit_record_run(launch.argv + 1);
    kit_program_record(program, "running");
    return program;
}

void kit_limit_output(uint64_t bytes)
{
    kit_settle();
    output_most = bytes;
}

void kit_hold_stdout(void)
{
    kit_settle();
    hold_next = true;
}

void kit_read_stdout(struct kit_program *program)
{
    kit_settle();
    program->output.held = false;
    kit_program_serve(program);
}

void kit_close_stdout(struct kit_program *program)
{
    kit_settle();
    kit_output_leave(&program->output);
}

void kit_program_record_output(void)
{
    struct kit_program *program = kit_the_program();
    if (program == NULL || program->argv == NULL)
        return;
    const struct kit_output *output = &program->output;
    kit_record_output(str_text(&output->head), output->head.length, output->written);
}

// ---------------------------------------------------------------- its end

// Asleep in a call that a server could end; not in a loop of its own, nor in sleep().
static bool waits_for_bytes(struct kit_program *program)
{
    static const char *const calls[] = {"recv", "read", "poll", "select", "epoll"};
    const char *why = kit_watch_why();
    const char *doing = kit_watch_describe(program);
    bool waits = false;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        waits |= strstr(doing, calls[i]) != NULL;
    return waits && (why == NULL || strstr(why, "CPU") == NULL);
}

static const char *hang_message(struct kit_program *program,
                                const struct kit_connection **out_connection)
{
    const char *message = program->terminated ? NULL : kit_origins_hang(out_connection);
    return message != NULL && waits_for_bytes(program) ? message : "the program does not end";
}

void kit_program_await_end(struct kit_program *program)
{
    program->output.held = false;
    const struct kit_wait wait = {.ends_too = true};
    if (!program->ended && kit_wait(&wait) == KIT_HUNG) {
        const struct kit_connection *connection = NULL;
        const char *message = hang_message(program, &connection);
        kit_fail_by_hang(message, connection);
    }
    origins_drain();
    kit_origins_judge();
    kit_program_serve(program);
}

// ---------------------------------------------------------------- memory

uint64_t kit_program_memory(struct kit_program *program)
{
    kit_settle();
    kit_program_serve(program);
    if (kit_check_is_checked())
        kit_break("a sanitized program's memory says nothing: this check needs .build = KIT_PLAIN");
    if (program->ended)
        return program->box.peak;
    char status[4096];
    const char *path = kit_format("/proc/%d/status", (int)program->box.program);
    if (!kit_proc_read(path, status, sizeof status))
        return program->box.peak;
    return strtoull(kit_proc_field(status, "VmHWM:"), NULL, 10) * 1024;
}

void kit_expect_memory_below_at(struct kit_program *program, unsigned megabytes, int line)
{
    uint64_t peak = kit_program_memory(program);
    if (peak < megabytes * MIB)
        return;
    const char *actual = kit_format("%.1f MiB", (double)peak / (double)MIB);
    const char *expected = kit_format("less than %u MiB", megabytes);
    kit_fail(&(struct kit_failure){
        .message =
            kit_format("the program had %s of memory at once, expected %s", actual, expected),
        .expected = expected,
        .expected_length = strlen(expected),
        .actual = actual,
        .actual_length = strlen(actual),
        .line = line,
    });
}
