// SPDX-License-Identifier: MIT
// lab debug: one check, with gdb on the program.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/debugger.h"
#include "cmd/one_check.h"
#include "render/render.h"

enum { RESULT_MOST = 64 << 20 }; // bytes of .lab/last/result.json

struct debug_run {
    const struct cmd_call *call;
    struct one_check one;
    struct debugger debugger;
    struct attempt again;
    char *file; // the line that the last attempt named
    char *gdb;
};

// ---- where to stop

static const cJSON *check_in(const cJSON *root, const char *id)
{
    for (const cJSON *step = json_first(json_member(root, "steps")); step != NULL;
         step = step->next)
        for (const cJSON *check = json_first(json_member(step, "checks")); check != NULL;
             check = check->next)
            if (str_equal(cJSON_GetStringValue(json_member(check, "id")), id))
                return check;
    return NULL;
}

// The line that the last attempt named for this check, if it did.
static void find_line(struct debug_run *run)
{
    auto_free char *path = path_join(run->one.context.workspace.folder, ".lab/last/result.json");
    struct err ignored = ERR_INIT;
    struct json_file *json = json_file_read(path, RESULT_MOST, ERR_ENV, &ignored);
    const cJSON *check =
        json != NULL ? check_in(json_file_root(json), one_check_id(&run->one)) : NULL;
    const cJSON *where = json_member(check, "where");
    const char *file = cJSON_GetStringValue(json_member(where, "file"));
    const cJSON *line = json_member(where, "line");
    if (file != NULL && strpbrk(file, " \n\r") == NULL && cJSON_IsNumber(line)) {
        run->file = mem_copy_string(file);
        run->debugger.file = run->file;
        run->debugger.line = line->valueint;
    }
    json_file_free(json);
    err_release(&ignored);
}

static bool find_gdb(struct debug_run *run, struct err *err)
{
    run->gdb = process_find("gdb");
    if (run->gdb != NULL)
        return true;
    err_set(err, ERR_ENV, "there is no gdb, the debugger that this command starts");
    err_set_cure(err, "sudo apt-get install gdb");
    return false;
}

// ---- what is said

static const struct check_result *result_of(const struct debug_run *run)
{
    for (size_t i = 0; i < run->again.check_count; i++)
        if (strcmp(run->again.checks[i].id, one_check_id(&run->one)) == 0)
            return &run->again.checks[i];
    return NULL;
}

static void say_beginning(const struct debug_run *run)
{
    const struct screen screen = screen_for(stdout, cmd_value(run->call, "color"));
    screen_say(&screen, "%s with seed %llu, under gdb: it stops in main%s", one_check_id(&run->one),
               (unsigned long long)run->one.attempt.seed,
               run->file != NULL ? " and at the line that the last check named" : "");
    screen_say(&screen, "next goes on by a line, continue until the next stop, print NAME shows a "
                        "value, backtrace the calls, quit leaves; the check waits meanwhile");
    screen_say(&screen, "gdb warns of PID namespaces: that is the sandbox, and does no harm");
    fflush(stdout);
}

static void say_verdict(const struct debug_run *run, const struct check_result *check)
{
    const struct screen screen = screen_for(stdout, cmd_value(run->call, "color"));
    bool passed = check->status == CHECK_PASSED;
    auto_free char *found = str_format("%s%s%s", check->id, passed ? "" : ": ",
                                       passed                   ? ""
                                       : check->message != NULL ? check->message
                                                                : check_status_name(check->status));
    printf("\n");
    screen_status(&screen, passed, "check", found);
    fflush(stdout);
}

static void say_next(const struct debug_run *run)
{
    const struct screen screen = screen_for(stdout, cmd_value(run->call, "color"));
    const char *id = one_check_id(&run->one);
    screen_say(&screen, "next: %s check %.*s", cmd_program(), (int)strcspn(id, "/"), id);
}

// ----

static bool grade(struct debug_run *run, struct err *err)
{
    struct debugger *debugger = &run->debugger;
    const struct one_check *one = &run->one;
    bool plain = one->plan.checks[one->index].plain_build;
    debugger->gdb = run->gdb;
    debugger->folder = one->context.workspace.folder;
    debugger->program = one->attempt.build.programs[plain ? BUILD_PLAIN : BUILD_CHECKED];
    if (!debugger_open(debugger, err))
        return false;
    say_beginning(run);
    struct grade_request request = one_check_request(one);
    request.tracing = &debugger->hooks;
    request.patient = true;
    run->again.lab = one->context.lab;
    run->again.seed = one->attempt.seed;
    return grade_run(&request, &run->again, err);
}

static int debug(struct debug_run *run, struct err *err)
{
    if (!find_gdb(run, err) || !one_check_open(run->call, &run->one, err))
        return 0;
    if (!run->one.attempt.build.ok)
        return one_check_say_build_failure(&run->one, run->call);
    find_line(run);
    if (!grade(run, err))
        return 0;
    const struct check_result *check = result_of(run);
    if (run->again.broken_reason != NULL || check == NULL) {
        err_set(err, ERR_LAB, "%s: %s", run->one.context.lab->id,
                run->again.broken_reason != NULL ? run->again.broken_reason : "no such check");
        return 0;
    }
    say_verdict(run, check);
    if (!debugger_wait(&run->debugger)) {
        err_set(err, ERR_ENV, "gdb did not get hold of the program");
        err_set_cure(err,
                     "%s doctor tells what this machine lacks; in a container, ptrace has to "
                     "be allowed (--cap-add=SYS_PTRACE)",
                     cmd_program());
        return 0;
    }
    say_next(run);
    return one_check_exit_status(check);
}

static int run_debug(const struct cmd_call *call, struct err *err)
{
    struct debug_run run = {.call = call, .one = ONE_CHECK_INIT};
    int status = debug(&run, err);
    debugger_close(&run.debugger);
    attempt_release(&run.again);
    one_check_release(&run.one);
    free(run.file);
    free(run.gdb);
    return status;
}

static const struct cmd_option options[] = {
    {0, "seed", "N", "repeat the inputs of the attempt that had this seed"},
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_debug = {
    .name = "debug",
    .arguments = "[LAB] [STEP|CHECK]",
    .summary = "run one check with gdb on your program",
    .help = "Runs one check again, in the same sandbox and with the same inputs, and gives\n"
            "your program to gdb: it stops in main, and at the line that the last check\n"
            "named. While it is stopped the check waits; the program's own time-outs\n"
            "(REQUEST_TIMEOUT_MS) run on. CHECK is step/check. Of a step, and without a\n"
            "word, it is the first check that failed in the last attempt. gdb itself runs\n"
            "as you, outside of the sandbox.\n\n"
            "exit status: as that of check",
    .most_words = 2,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_debug,
};
