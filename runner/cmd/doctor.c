// SPDX-License-Identifier: MIT
// lab doctor: does for real what a check needs, one thing at a time, and names the cure.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "box/box.h"
#include "box/stage.h"
#include "build/build.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "grade/grade.h"
#include "grade/service_run.h"
#include "render/render.h"
#include "trace/trace.h"

struct examination {
    struct screen screen;
    struct stage stage;
    struct build_result build;
    bool compiled;
    size_t faults;
};

// One line: what was tried, and how it went. Clears the error.
static void tell(struct examination *exam, const char *what, bool good, const char *found,
                 struct err *err)
{
    if (!good && interrupt_happened(NULL)) { // Ctrl-C ends what was tried: no fault
        err_release(err);
        return;
    }
    const char *said = good                   ? found
                       : err->message != NULL ? err->message
                                              : "failed without a reason";
    screen_status(&exam->screen, good, what, said);
    if (!good && err->cure != NULL)
        screen_wrap(&exam->screen, "            help: ", "                  ", err->cure);
    exam->faults += !good;
    err_release(err);
}

// ---------------------------------------------------------------- compiler, sandbox, program

static void examine_compiler(struct examination *exam)
{
    struct err err = ERR_INIT;
    auto_free char *version = build_compiler_version(&err);
    if (version == NULL) {
        tell(exam, "compiler", false, NULL, &err);
        return;
    }
    static char source[] = "#include <stdio.h>\nint main(void)\n{\n    puts(\"lab\");\n}\n";
    struct source item = {"doctor.c", source, sizeof source - 1};
    const struct sources sources = {&item, 1, "doctor"};
    const struct lab lab = {.id = "doctor", .limits = {2, 256, 64, 64, 1024}};
    const struct build_request request = {
        .lab = &lab, .sources = &sources, .stage = &exam->stage, .no_cache = true};
    bool built = build_run(&request, &exam->build, &err);
    if (built && !exam->build.ok) {
        err_set(&err, ERR_ENV, "%s does not compile a program of five lines: %s", version,
                exam->build.diagnostic_count > 0 ? exam->build.diagnostics[0].message
                                                 : exam->build.raw);
        err_set_cure(&err, "sudo apt-get install --reinstall gcc libc6-dev");
        built = false;
    }
    exam->compiled = built;
    auto_free char *found =
        str_format("%s compiles in the sandbox, in %.2f s", version, exam->build.seconds);
    tell(exam, "compiler", built, found, &err);
}

static void examine_sandbox(struct examination *exam)
{
    struct err err = ERR_INIT;
    enum box_level level = BOX_NAMESPACES;
    bool good = box_try(&level, &err);
    auto_free char *found =
        str_format("%s and limits work (level: %s)",
                   level == BOX_FULL         ? "cell, box, seccomp, cgroup"
                   : level == BOX_NAMESPACES ? "cell, box, seccomp"
                   : level == BOX_CONTAINER  ? "box without namespaces, Landlock, seccomp"
                                             : "process groups, seccomp",
                   box_level_name(level));
    tell(exam, "sandbox", good, found, &err);
}

// Runs the program that was compiled in a box of its own.
static bool run_program(struct examination *exam, struct err *err)
{
    auto_free char *init = box_init_path(err);
    if (init == NULL)
        return false;
    auto_free char *staged = path_join(exam->stage.path, "box-init");
    if (!file_copy(init, staged, 0755, err))
        return false;
    const struct box_mount mounts[] = {{exam->build.programs[BUILD_CHECKED], "/program", false}};
    const char *argv[] = {"/program", NULL};
    const char *environment[] = {"PATH=/usr/bin:/bin", NULL};
    const struct box_options options = {.level = exam->stage.level,
                                        .init = staged,
                                        .argv = argv,
                                        .environment = environment,
                                        .mounts = mounts,
                                        .mount_count = 1,
                                        .own_network = true,
                                        .allow_tmp = true,
                                        .standard_input = -1,
                                        .standard_output = -1,
                                        .standard_error = -1,
                                        .user = exam->stage.user};
    struct box box = BOX_INIT;
    int status = 0;
    bool good = box_start(&options, &box, err) && box_wait(&box, &status, err) == BOX_ENDED;
    box_release(&box);
    if (good && status != 0) {
        err_set(err, ERR_ENV, "a program that prints a word ended with raw status %d", status);
        err_set_cure(err,
                     "the sanitizers' run-time may be broken: sudo apt-get install --reinstall "
                     "libasan8 libubsan1");
        return false;
    }
    return good;
}

static void examine_program(struct examination *exam)
{
    struct err err = ERR_INIT;
    if (!exam->compiled)
        return;
    bool good = run_program(exam, &err);
    tell(exam, "program", good, "runs in the box, with the sanitizers", &err);
}

static void examine_tracing(struct examination *exam)
{
    struct err err = ERR_INIT;
    struct tracing *tracing = tracing_open(NULL, &exam->stage);
    const char *missing = tracing_missing(tracing);
    bool off = str_equal(getenv("LAB_TRACE"), "off"); // as the user wished
    if (missing != NULL)
        err_set(&err, ERR_ENV, "%s", missing);
    tell(exam, "lines", missing == NULL || off,
         off ? missing : "the line behind a failure can be found", &err);
    tracing_close(tracing);
}

// ---------------------------------------------------------------- folders, progress, tools

static void examine_progress(struct examination *exam)
{
    struct err err = ERR_INIT;
    auto_free char *note = NULL;
    struct progress *progress = progress_open(&note, &err);
    bool good = progress != NULL && progress_try_write(progress, &err);
    if (progress != NULL && note == NULL)
        note = progress_take_note(progress);
    auto_free char *folder = path_xdg("DATA");
    auto_free char *found = str_format("%s/progress.db%s%s", folder, note != NULL ? ": " : "",
                                       note != NULL ? note : "");
    tell(exam, "progress", good, found, &err);
    progress_close(progress);
}

static bool try_folder(const char *folder, struct err *err)
{
    if (!folder_make_all(folder, 0700, err))
        return false;
    if (access(folder, W_OK) == 0)
        return true;
    err_set(err, ERR_ENV, "%s cannot be written", folder);
    return false;
}

static void examine_cache(struct examination *exam)
{
    struct err err = ERR_INIT;
    auto_free char *base = path_xdg("CACHE");
    auto_free char *folder = path_join(base, "build");
    bool good = try_folder(base, &err);
    const char *bad = good ? folder : base;
    good = good && try_folder(folder, &err);
    if (!good)
        err_set_cure(&err,
                     "checks work without it, but compile each time: make %s writable, or "
                     "set XDG_CACHE_HOME",
                     bad);
    tell(exam, "cache", good, folder, &err);
}

static bool in_path(const char *name)
{
    const char *path = getenv("PATH");
    for (const char *part = path; part != NULL; part = strchr(part, ':')) {
        part += *part == ':';
        auto_free char *folder = str_format("%.*s", (int)strcspn(part, ":"), part);
        auto_free char *candidate = path_join(folder[0] != '\0' ? folder : ".", name);
        if (access(candidate, X_OK) == 0)
            return true;
    }
    return false;
}

// What feedback tells learners to type.
static void examine_tools(struct examination *exam)
{
    static const char *const tools[][2] = {
        {"curl", "curl"}, {"nc", "netcat-openbsd"}, {"pkg-config", "pkg-config"}};
    auto_str struct str missing = STR_INIT;
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (!in_path(tools[i][0]))
            str_append_format(&missing, " %s", tools[i][1]);
    struct err err = ERR_INIT;
    if (missing.length > 0) {
        err_set(&err, ERR_ENV, "not found:%s", str_text(&missing));
        err_set_cure(&err, "sudo apt-get install%s", str_text(&missing));
    }
    tell(exam, "tools", missing.length == 0, "curl, nc, pkg-config", &err);
}

// ---------------------------------------------------------------- labs

// Starts the lab's services as a check would have them, on a stage of their own: that of others has
// no place for their fixtures.
static bool try_services(const struct lab *lab, struct str *found, struct err *err)
{
    struct service_runs services = SERVICE_RUNS_INIT;
    struct stage stage = STAGE_INIT;
    bool good = stage_open(&stage, err) && service_runs_start(lab, &stage, &services, err);
    for (size_t i = 0; good && i < lab->services.count; i++)
        str_append_format(found, "%s%s", i == 0 ? ", and starts " : " and ",
                          lab->services.items[i]);
    service_runs_end(&services);
    stage_close(&stage);
    return good;
}

static void examine_lab(struct examination *exam, const struct courses *courses, const char *id)
{
    struct err err = ERR_INIT;
    struct lab *lab = lab_load(courses, id, &err);
    struct plan plan = {0};
    auto_str struct str found = STR_INIT;
    bool good = lab != NULL && plan_load(lab, &exam->stage, &plan, &err);
    str_append_format(&found, "%zu checks", plan.count);
    good = good && (lab->services.count == 0 || try_services(lab, &found, &err));
    tell(exam, id, good, str_text(&found), &err);
    plan_release(&plan);
    lab_free(lab);
}

static void examine_labs(struct examination *exam)
{
    struct err err = ERR_INIT;
    struct courses courses = {0};
    auto_strings struct strings ids = STRINGS_INIT;
    if (!courses_find(&courses, &err) || !courses_list(&courses, &ids, &err))
        tell(exam, "labs", false, NULL, &err);
    for (size_t i = 0; i < ids.count; i++)
        examine_lab(exam, &courses, ids.items[i]);
    courses_release(&courses);
}

static void (*const examine[])(struct examination *exam) = {
    examine_compiler, examine_sandbox, examine_program, examine_tracing,
    examine_progress, examine_cache,   examine_tools,   examine_labs,
};

static int run_doctor(const struct cmd_call *call, struct err *err)
{
    struct examination exam = {.screen = screen_for(stdout, cmd_value(call, "color")),
                               .stage = STAGE_INIT};
    printf("lab %s\n", LAB_VERSION);
    if (!stage_open(&exam.stage, err))
        return 0;
    for (size_t i = 0; i < sizeof examine / sizeof *examine && !interrupt_happened(NULL); i++)
        examine[i](&exam);
    build_result_release(&exam.build);
    stage_close(&exam.stage);
    if (interrupt_happened(err))
        return 0;
    if (exam.faults == 0)
        printf("all is well\n");
    else
        printf("%zu fault%s; the lines marked help say what to do\n", exam.faults,
               exam.faults == 1 ? "" : "s");
    return exam.faults == 0 ? 0 : 4;
}

static const struct cmd_option options[] = {
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_doctor = {
    .name = "doctor",
    .arguments = "",
    .summary = "try everything that a check needs",
    .help = "Compiles a program, makes a cell and a box, runs the program in it, opens the\n"
            "progress file, asks each lab's grader, starts its services. For each fault it\n"
            "prints the cure.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_doctor,
};
