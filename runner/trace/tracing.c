// SPDX-License-Identifier: MIT
// The tracing of one attempt: its tools, the tracers of its own run, and runs of single checks.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "box/box.h"
#include "trace/resolve.h"
#include "trace/run.h"
#include "trace/tracer.h"
#include "trace/tracers.h"

struct tracing {
    const struct lab *lab;
    const struct stage *stage;
    char *tracer;   // path of the executable
    char *resolver; // on the stage; NULL until it is needed
    char *missing;  // why nothing is traced
    bool off;       // it was asked not to be
    struct tracers own_run;
    struct grade_tracing hooks;
};

// ---------------------------------------------------------------- what the machine gives

// ptrace for real, on a child: containers and kernels forbid it in several ways.
static bool can_trace(void)
{
    pid_t child = fork();
    if (child < 0)
        return false;
    if (child == 0) {
        pause();
        _exit(0);
    }
    bool seized = ptrace(PTRACE_SEIZE, child, NULL, NULL) == 0;
    kill(child, SIGKILL);
    while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
        continue;
    return seized;
}

static char *what_is_missing(struct tracing *tracing)
{
    struct err err = ERR_INIT;
    static const char *const others[] = {"resolver", "origin"};
    tracing->tracer = box_tool_path("tracer", &err);
    bool good = tracing->tracer != NULL;
    for (size_t i = 0; good && i < sizeof others / sizeof *others; i++) {
        auto_free char *path = box_tool_path(others[i], &err);
        good = path != NULL;
    }
    if (!good) {
        char *text = str_format("%s: %s", err.message, err.cure);
        err_release(&err);
        return text;
    }
    if (!can_trace())
        return mem_copy_string("this machine forbids ptrace, so no source lines can be named: in a "
                               "container, allow it with --cap-add=SYS_PTRACE");
    return NULL;
}

// ---------------------------------------------------------------- the attempt's own run

static void on_wanted(void *context, size_t check, int socket)
{
    struct tracing *tracing = context;
    tracers_start(&tracing->own_run, check, socket);
}

struct tracing *tracing_open(const struct lab *lab, const struct stage *stage)
{
    struct tracing *tracing = mem_alloc(sizeof *tracing);
    tracing->lab = lab;
    tracing->stage = stage;
    tracing->off = str_equal(getenv("LAB_TRACE"), "off");
    tracing->missing = tracing->off ? mem_copy_string("LAB_TRACE is off: unset it to see the lines")
                                    : what_is_missing(tracing);
    tracing->own_run = (struct tracers){.stage = stage, .executable = tracing->tracer};
    tracing->hooks = (struct grade_tracing){.context = tracing, .wanted = on_wanted};
    return tracing;
}

void tracing_close(struct tracing *tracing)
{
    if (tracing == NULL)
        return;
    tracers_release(&tracing->own_run);
    free(tracing->tracer);
    free(tracing->resolver);
    free(tracing->missing);
    free(tracing);
}

const struct grade_tracing *tracing_hooks(struct tracing *tracing)
{
    return tracing != NULL && tracing->missing == NULL ? &tracing->hooks : NULL;
}

const char *tracing_missing(const struct tracing *tracing)
{
    return tracing->missing;
}

bool tracing_is_off(const struct tracing *tracing)
{
    return tracing->off;
}

// ---------------------------------------------------------------- events

// The stage's user has to read it; where lab was built may be private.
static bool stage_resolver(struct tracing *tracing, struct err *err)
{
    if (tracing->resolver != NULL)
        return true;
    auto_free char *path = box_tool_path("resolver", err);
    auto_free char *staged = path_join(tracing->stage->path, "resolver");
    if (path == NULL || !file_copy(path, staged, 0755, err))
        return false;
    tracing->resolver = take(staged);
    return true;
}

static const char *program_of(const struct grade_request *request, size_t check_index)
{
    bool plain = request->plan->checks[check_index].plain_build;
    return request->build->programs[plain ? BUILD_PLAIN : BUILD_CHECKED];
}

static bool read_events(struct tracing *tracing, const struct grade_request *request,
                        const struct check_result *check, size_t check_index, int snapshot,
                        struct events *out, struct err *err)
{
    if (!stage_resolver(tracing, err))
        return false;
    bool whole = resolve(tracing->stage, tracing->resolver, program_of(request, check_index),
                         snapshot, out, err);
    events_join(out, check, &tracing->lab->given);
    return whole;
}

bool stuck_events(struct tracing *tracing, const struct grade_request *request, size_t check_index,
                  const struct check_result *check, struct events *out, struct err *err)
{
    int snapshot = tracers_finish(&tracing->own_run, check_index);
    return snapshot < 0 || read_events(tracing, request, check, check_index, snapshot, out, err);
}

// ---------------------------------------------------------------- a run of one check

static void on_start_wanted(void *context, size_t check, int socket)
{
    tracers_start(context, check, socket);
}

bool traced_run(struct tracing *tracing, const struct grade_request *request, size_t check_index,
                struct traced_run *out, struct err *err)
{
    struct tracers tracers = {.stage = tracing->stage, .executable = tracing->tracer};
    const struct grade_tracing hooks = {
        .context = &tracers, .from_start = true, .wanted = on_start_wanted};
    auto_free bool *selected = mem_alloc_array(request->plan->count, sizeof *selected);
    selected[check_index] = true;
    struct grade_request again = *request;
    again.selected = selected;
    again.listener = NULL;
    again.parallel = 1;
    again.tracing = &hooks;
    *out = (struct traced_run){0};
    bool good = grade_run(&again, &out->attempt, err);
    if (good) {
        out->check = &out->attempt.checks[check_index];
        int snapshot = tracers_finish(&tracers, check_index);
        good = snapshot < 0 ||
               read_events(tracing, request, out->check, check_index, snapshot, &out->events, err);
    }
    tracers_release(&tracers);
    return good;
}

bool recorded_run(struct tracing *tracing, const struct grade_request *request, size_t check_index,
                  char *program, int connection, bool from_main, size_t sent,
                  bool (*use)(void *context, const struct check_result *again, int recording,
                              struct err *err),
                  void *context, struct err *err)
{
    auto_free char *number = str_format("%d", connection);
    auto_free char *bytes = from_main ? mem_copy_string(RECORD_FROM_MAIN) : str_format("%zu", sent);
    struct tracers tracers = {.stage = tracing->stage,
                              .executable = tracing->tracer,
                              .record_connection = number,
                              .record_sent = bytes};
    const struct grade_tracing hooks = {
        .context = &tracers, .from_start = true, .wanted = on_start_wanted};
    auto_free bool *selected = mem_alloc_array(request->plan->count, sizeof *selected);
    selected[check_index] = true;
    struct build_result build = *request->build;
    for (int i = 0; i < BUILD_VARIANTS; i++)
        build.programs[i] = program;
    struct grade_request again = *request;
    again.selected = selected;
    again.listener = NULL;
    again.parallel = 1;
    again.tracing = &hooks;
    again.build = &build;
    struct attempt attempt = {0};
    bool good = grade_run(&again, &attempt, err);
    if (good && tracers_finish(&tracers, check_index) >= 0)
        good = use(context, &attempt.checks[check_index], tracers_recording(&tracers, check_index),
                   err);
    attempt_release(&attempt);
    tracers_release(&tracers);
    return good;
}

char *tracing_tool(struct tracing *tracing, const char *name, struct err *err)
{
    auto_free char *path = box_tool_path(name, err);
    auto_free char *staged = path_join(tracing->stage->path, name);
    if (path == NULL || (!path_exists(staged) && !file_copy(path, staged, 0755, err)))
        return NULL;
    return take(staged);
}

void traced_run_release(struct traced_run *run)
{
    events_release(&run->events);
    attempt_release(&run->attempt);
    run->check = NULL;
}

// It is about more bytes than go over a connection in one piece: where they are cut, the kernel
// says.
static bool is_about_many_bytes(const char *message)
{
    enum { PIECE = 4096 };
    if (message == NULL || strstr(message, "byte") == NULL)
        return false;
    for (const char *at = message; *at != '\0'; at++)
        if (isdigit((unsigned char)*at) && strtoull(at, NULL, 10) > PIECE)
            return true;
    return false;
}

// The same sentence but for numbers.
static bool is_same_but_numbers(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (isdigit((unsigned char)*a))
            a++;
        while (isdigit((unsigned char)*b))
            b++;
        if (*a != *b || *a == '\0')
            return *a == *b;
    }
}

static bool is_same_sentence(const char *a, const char *b)
{
    return str_equal(a, b) ||
           (is_about_many_bytes(a) && is_about_many_bytes(b) && is_same_but_numbers(a, b));
}

// How a program ended is the same wherever the check came to see it.
static bool ended_alike(const struct check_result *first, const struct check_result *again)
{
    const struct program_state *a = &first->program, *b = &again->program;
    bool ended = str_equal(a->state, "exited") || str_equal(a->state, "signalled");
    return ended && !first->has_offset && !again->has_offset && str_equal(a->state, b->state) &&
           a->status == b->status;
}

bool failed_alike(const struct check_result *first, const struct check_result *again)
{
    if (again->status != CHECK_FAILED)
        return false;
    return ended_alike(first, again) ||
           (is_same_sentence(first->message, again->message) &&
            first->connection == again->connection && first->has_offset == again->has_offset &&
            (first->offset == again->offset || is_about_many_bytes(first->message)));
}
