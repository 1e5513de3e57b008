// SPDX-License-Identifier: MIT
/*
 * What the program's end means. A sanitizer's report fails the check in which it came, whatever was
 * answered; so does a crash that no expectation has seen. Both can come later than their effect on
 * a connection: before the kit blames an answer, or passes a check, it lets the program come to
 * rest.
 */
#include "origin.h"
#include "program.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define CALM_CPU 0.5  // seconds of CPU time after which it is no end that is on its way
#define CALM_REST 0.2 // seconds of sleep with awakenings, or stopped

void kit_program_calm(struct kit_program *program)
{
    kit_program_serve(program);
    if (!program->started || program->ended || program->stuck)
        return;
    struct kit_watch *watch = kit_watch_start(program);
    while (!program->ended) {
        struct pollfd polls[4];
        size_t count = kit_program_polls(program, polls, 4);
        poll(polls, count, 1);
        kit_program_serve(program);
        if (program->ended || kit_watch_is_stuck(watch) || kit_watch_is_asleep(watch))
            break;
        double cpu = kit_watch_cpu(watch);
        if (cpu >= CALM_CPU || (cpu < CALM_REST && kit_watch_waited(watch) >= CALM_REST))
            break;
    }
    kit_watch_free(watch);
    kit_program_serve(program);
}

const char *kit_program_report(struct kit_program *program)
{
    auto_str struct str text = STR_INIT;
    kit_output_text(&program->error_output, &text);
    auto_free char *report = kit_report_read(str_text(&text), text.length);
    return report == NULL ? NULL : kit_keep_bytes(report, strlen(report));
}

static const char *signal_sentence(int number)
{
    const char *name = sigabbrev_np(number);
    if (name == NULL)
        return kit_format("the program was ended by signal %d", number);
    switch (number) {
    case SIGSEGV:
        return "the program crashed: SIGSEGV, an access to memory that it does not have";
    case SIGPIPE:
        return "the program was ended by SIGPIPE: it wrote to a connection that its client had "
               "closed";
    case SIGXFSZ:
        return kit_format("the program was ended by SIGXFSZ: a file grew beyond %d MB",
                          kit_the_request()->limit_files_mb);
    case SIGILL:
    case SIGBUS:
    case SIGFPE:
    case SIGABRT:
        return kit_format("the program crashed: SIG%s", name);
    default:
        return kit_format("the program was ended by SIG%s", name);
    }
}

static bool end_was_asked_for(const struct kit_program *program)
{
    return program->end_awaited || (program->terminated && WIFSIGNALED(program->status) &&
                                    WTERMSIG(program->status) == SIGTERM);
}

const char *kit_program_crash(struct kit_program *program)
{
    if (!program->started)
        return NULL;
    const char *report = kit_program_report(program);
    if (report != NULL)
        return report;
    if (!program->ended || !WIFSIGNALED(program->status) || end_was_asked_for(program))
        return NULL;
    return signal_sentence(WTERMSIG(program->status));
}

bool kit_program_ended_as_asked(struct kit_program *program)
{
    return program->ended && program->terminated && WIFEXITED(program->status) &&
           kit_program_report(program) == NULL;
}

static bool has_left_children(struct kit_program *program)
{
    pid_t child;
    return program->ended && kit_program_pids(program, &child, 1) > 0;
}

static bool is_in_background(struct kit_program *program)
{
    return !program->terminated && !program->end_awaited && has_left_children(program);
}

static const char *end_sentence(struct kit_program *program)
{
    const char *crash = kit_program_crash(program);
    if (crash != NULL)
        return crash;
    if (is_in_background(program))
        return "the program put itself in the background: its first process ended while its "
               "children live";
    if (WIFSIGNALED(program->status))
        return signal_sentence(WTERMSIG(program->status));
    return kit_format("the program ended with status %d%s", WEXITSTATUS(program->status),
                      has_left_children(program) ? ", and a child process of it lives on" : "");
}

void kit_fail_by_end(struct kit_program *program, const char *doing)
{
    kit_program_calm(program);
    if (!program->ended && kit_program_report(program) == NULL)
        kit_break("the kit took a program for ended that runs");
    kit_fail(&(struct kit_failure){.message = end_sentence(program)});
    if (doing != NULL)
        kit_record_note(kit_format("the check was waiting for %s", doing));
    kit_settle();
    abort(); // not reached: a failure was recorded
}

// What the author has to say of the next hang; NULL: the kit's own words.
static const char *stuck_message;
static const char *stuck_because;

void kit_when_stuck(const char *message, const char *because)
{
    kit_settle();
    stuck_message = message;
    stuck_because = because;
}

void kit_fail_by_hang(const char *message, const struct kit_connection *connection)
{
    struct kit_program *program = kit_the_program();
    const char *doing = kit_watch_describe(program);
    kit_tracing_stuck(program);
    const char *why = kit_watch_why();
    program->stuck = !program->ended;
    kit_program_record(program, NULL);
    kit_fail(&(struct kit_failure){.message = stuck_message != NULL ? stuck_message : message,
                                   .connection = connection});
    if (stuck_because != NULL)
        kit_because(stuck_because);
    kit_record_note(kit_format("what the program does: %s", doing));
    if (why != NULL)
        kit_record_note(why);
    kit_settle();
    abort(); // not reached: a failure was recorded
}

void kit_expect_running_at(struct kit_program *program, int line)
{
    kit_settle();
    kit_program_calm(program);
    if (!program->ended)
        return;
    kit_fail(&(struct kit_failure){
        .message = kit_format("%s, expected it to run on", end_sentence(program)), .line = line});
}

void kit_program_finish(void)
{
    struct kit_program *program = kit_the_program();
    if (program == NULL)
        return;
    kit_program_calm(program);
    if (program->ended)
        origins_drain();
    kit_origins_judge();
    kit_limits_note();
    const char *crash = kit_program_crash(program);
    if (crash != NULL || is_in_background(program))
        kit_fail_now(
            &(struct kit_failure){.message = crash != NULL ? crash : end_sentence(program)});
    kit_program_record(program, NULL);
    kit_program_record_output();
}
