// SPDX-License-Identifier: MIT
// lab grade: a whole class.
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "classroom/crew.h"
#include "classroom/results.h"
#include "classroom/submissions.h"
#include "cmd/checking.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/grade_one.h"
#include "cmd/junit.h"
#include "render/class.h"

enum { LARGE_BLOCK = 256 * 1024 }; // bytes; freed ones go back to the system at once

struct grading {
    const struct cmd_call *call;
    struct courses courses;
    struct grade_one one; // what all submissions share
    bool *chosen;         // of the submissions: they are graded now
    size_t *indexes;      // of these
    size_t chosen_count, done;
    struct screen errors; // stderr
    struct progress_bar bar;
    bool terminal;
    double idle;
};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void show_progress(void *context, size_t done, size_t count, double share)
{
    struct grading *grading = context;
    grading->done = done;
    if (grading->terminal)
        progress_bar_draw(&grading->bar, done, count, share, seconds_now());
}

// ---------------------------------------------------------------- which ones

// It has a verdict, and what was handed in is the same as then.
static bool is_done(const struct grading *grading, const struct submission *submission)
{
    auto_free char *path = results_path(&grading->one.results, submission->name);
    struct class_view view = {.lab = grading->one.lab};
    struct class_row row = {0};
    bool done = results_read(path, &view, &row, NULL) && row.status == CLASS_GRADED &&
                submission_is(submission, grading->one.lab, row.sources, row.submitted);
    class_row_release(&row);
    class_view_release(&view);
    return done;
}

static bool choose_named(struct grading *grading, const char *name, struct err *err)
{
    const struct submission *found = submissions_named(&grading->one.submissions, name);
    if (found != NULL) {
        grading->chosen[found - grading->one.submissions.items] = true;
        return true;
    }
    auto_free const char **names =
        mem_alloc_array(grading->one.submissions.count + 1, sizeof *names);
    for (size_t i = 0; i < grading->one.submissions.count; i++)
        names[i] = grading->one.submissions.items[i].name;
    const char *meant = text_suggest(name, names, grading->one.submissions.count);
    err_set(err, ERR_USAGE, "there is no submission %s", name);
    if (meant != NULL)
        err_set_cure(err, "did you mean %s?", meant);
    else
        err_set_cure(err, "a submission is named by its folder, or its archive without the ending");
    return false;
}

static bool choose(struct grading *grading, struct err *err)
{
    const struct cmd_call *call = grading->call;
    size_t count = grading->one.submissions.count;
    grading->chosen = mem_alloc_array(count, sizeof *grading->chosen);
    grading->indexes = mem_alloc_array(count, sizeof *grading->indexes);
    if (cmd_has(call, "only")) {
        if (!choose_named(grading, cmd_value(call, "only"), err))
            return false;
        for (size_t i = 2; i < call->word_count; i++)
            if (!choose_named(grading, call->words[i], err))
                return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!cmd_has(call, "only"))
            grading->chosen[i] =
                !cmd_has(call, "resume") || !is_done(grading, &grading->one.submissions.items[i]);
        if (grading->chosen[i])
            grading->indexes[grading->chosen_count++] = i;
    }
    return true;
}

// ---------------------------------------------------------------- the level

// Of a stage as the submissions get one; the lab is asked for its checks, so that one that is
// broken is told before anybody is graded.
static bool judge_level(const struct grading *grading, enum box_level *out, struct err *err)
{
    struct stage stage = STAGE_INIT;
    struct plan plan = {0};
    bool good = stage_open(&stage, err) && plan_load(grading->one.lab, &stage, &plan, err);
    *out = stage.level;
    plan_release(&plan);
    stage_close(&stage);
    if (!good)
        return false;
    if (*out == BOX_CONTAINER && !cmd_has(grading->call, "in-container")) {
        err_set(err, ERR_ENV,
                "only the level container is to be had here, which holds no more than "
                "the container it runs in");
        err_set_cure(err, "where that container is thrown away afterwards, say --in-container; "
                          "lab doctor says what stronger levels lack");
        return false;
    }
    if (*out == BOX_NONE && !cmd_has(grading->call, "no-sandbox")) {
        err_set(err, ERR_USAGE, "programs of others are not graded without a sandbox");
        err_set_cure(err, "%s; or, for programs of your own, say --no-sandbox",
                     cmd_has(grading->call, "sandbox") ? "leave out --sandbox none"
                                                       : "unset LAB_SANDBOX");
        return false;
    }
    return true;
}

// ---------------------------------------------------------------- the class

static char *time_now(void)
{
    time_t now = time(NULL);
    struct tm parts;
    char text[32] = "";
    if (gmtime_r(&now, &parts) != NULL)
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return mem_copy_string(text);
}

static void read_rows(const struct grading *grading, struct class_view *view)
{
    view->rows = mem_alloc_array(grading->one.submissions.count, sizeof *view->rows);
    for (size_t i = 0; i < grading->one.submissions.count; i++) {
        const char *name = grading->one.submissions.items[i].name;
        auto_free char *path = results_path(&grading->one.results, name);
        struct class_row *row = &view->rows[view->count++];
        struct err why = ERR_INIT;
        if (!results_read(path, view, row, &why)) {
            row->status = why.kind != ERR_NONE ? CLASS_BROKEN : CLASS_OPEN;
            row->message = mem_copy_string(why.message);
        }
        free(row->name);
        row->name = mem_copy_string(name);
        auto_free char *feedback = results_feedback_path(&grading->one.results, name);
        row->feedback = path_exists(feedback) ? results_feedback_name(name) : NULL;
        err_release(&why);
    }
}

static bool write_junit(const struct grading *grading, const char *path, struct err *err)
{
    struct junit_file file;
    if (!junit_file_open(&file, path, err))
        return false;
    for (size_t i = 0; i < grading->one.submissions.count; i++) {
        auto_free char *result =
            results_path(&grading->one.results, grading->one.submissions.items[i].name);
        auto_str struct str text = STR_INIT;
        if (results_text(result, &text))
            junit_file_add(&file, str_text(&text), text.length);
    }
    return junit_file_close(&file, err);
}

static bool write_file(const struct grading *grading, const char *name, char *text, struct err *err)
{
    auto_free char *owned = text;
    auto_free char *path = path_join(grading->one.results.folder, name);
    return results_write(path, owned, strlen(owned), err);
}

static bool write_all(const struct grading *grading, const struct class_view *view, struct err *err)
{
    const char *junit = cmd_value(grading->call, "junit");
    return write_file(grading, "grades.csv", render_class_csv(view), err) &&
           write_file(grading, "report.html", render_class_page(view), err) &&
           (junit == NULL || write_junit(grading, junit, err));
}

static void print_costs(const struct screen *screen, double idle)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    screen_say(screen, "cores without work: %.1f %% of the time", 100 * idle);
    screen_say(screen, "memory of lab: %.1f MiB at most", (double)usage.ru_maxrss / 1024);
}

static void print(const struct grading *grading, const struct class_view *view)
{
    if (cmd_has(grading->call, "json")) {
        auto_free char *json = render_class_json(view);
        fputs(json, stdout);
        return;
    }
    const struct screen screen = screen_for(stdout, cmd_value(grading->call, "color"));
    render_class(&screen, view);
    auto_free char *kept =
        str_format("in %s: report.html, grades.csv, feedback and results of each (seed %llu)",
                   cmd_value(grading->call, "out"), (unsigned long long)view->seed);
    screen_wrap(&screen, "", "  ", kept);
    if (cmd_has(grading->call, "verbose"))
        print_costs(&screen, grading->idle);
}

static int finish(struct grading *grading, struct err *err)
{
    struct class_view view = {
        .lab = grading->one.lab, .seed = grading->one.results.seed, .graded = time_now()};
    for (size_t i = 0; i < grading->one.lab->step_count; i++)
        view.max_points += grading->one.lab->steps[i].points;
    read_rows(grading, &view);
    results_compare(&grading->one.results, &view);
    bool written = write_all(grading, &view, err);
    if (written)
        print(grading, &view);
    bool broken = false;
    for (size_t i = 0; i < view.count; i++)
        broken = broken || view.rows[i].status == CLASS_BROKEN;
    class_view_release(&view);
    return broken ? 3 : 0;
}

// ---------------------------------------------------------------- the command

static enum results_mode mode_of(const struct cmd_call *call)
{
    if (cmd_has(call, "again"))
        return RESULTS_AGAIN;
    return cmd_has(call, "resume") || cmd_has(call, "only") ? RESULTS_RESUME : RESULTS_NEW;
}

static bool judge_words(const struct cmd_call *call, struct err *err)
{
    if (!cmd_has(call, "out")) {
        err_set(err, ERR_USAGE, "lab grade needs a folder for its results");
        err_set_cure(err, "%s grade %s %s --out RESULTS", cmd_program(), call->words[0],
                     call->words[1]);
        return false;
    }
    if (cmd_has(call, "again") && (cmd_has(call, "resume") || cmd_has(call, "only"))) {
        err_set(err, ERR_USAGE, "--again grades all, --resume and --only do not");
        err_set_cure(err, "%s grade --help says more", cmd_program());
        return false;
    }
    if (call->word_count > 2 && !cmd_has(call, "only")) {
        err_set(err, ERR_USAGE, "lab grade takes a lab and a folder of submissions");
        err_set_cure(err, "names of submissions stand behind --only");
        return false;
    }
    return true;
}

static bool open_all(struct grading *grading, enum box_level *out_level, struct err *err)
{
    const struct cmd_call *call = grading->call;
    const char *out = cmd_value(call, "out");
    long long seed = 0;
    if (!judge_words(call, err) || !courses_find(&grading->courses, err) ||
        !cmd_integer(call, "seed", 0, 9007199254740991, &seed, err) ||
        !checking_choose_level(call, err))
        return false;
    const uint64_t chosen = (uint64_t)seed;
    auto_strings struct strings notes = STRINGS_INIT;
    grading->one.lab = lab_load(&grading->courses, call->words[0], err);
    if (grading->one.lab == NULL || !context_allow(grading->one.lab, err) ||
        !submissions_find(call->words[1], out, &grading->one.submissions, &notes, err) ||
        !judge_level(grading, out_level, err) ||
        !results_open(out, grading->one.lab, mode_of(call), cmd_has(call, "seed") ? &chosen : NULL,
                      &grading->one.results, err))
        return false;
    for (size_t i = 0; i < notes.count; i++)
        render_warning("%s", notes.items[i]);
    return choose(grading, err);
}

// What is graded is kept. What the machine lacks has a cure of its own, and that is told.
static void tell_stopped(const struct grading *grading, const struct err *err)
{
    if (err->kind == ERR_INTERRUPTED || err->kind == ERR_ENV)
        render_warning("%zu of %zu are graded, and kept: %s grade %s %s --out %s --resume goes on",
                       grading->done, grading->chosen_count, cmd_program(), grading->call->words[0],
                       grading->call->words[1], cmd_value(grading->call, "out"));
}

static int run_class(struct grading *grading, enum box_level level, struct err *err)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    size_t cores = online > 0 ? (size_t)online : 1;
    const bool alone = box_level_is_bare(level); // ports and processes are the machine's
    const struct crew_request request = {.indexes = grading->indexes,
                                         .count = grading->chosen_count,
                                         .cores = alone ? 0 : cores,
                                         .places = alone ? 1 : 2 * cores,
                                         .grade = grade_one,
                                         .give_up = grade_give_up,
                                         .progress = show_progress,
                                         .context = &grading->one,
                                         .progress_context = grading};
    grading->bar = (struct progress_bar){.screen = &grading->errors, .begun = seconds_now()};
    bool whole = crew_run(&request, &grading->idle, err);
    if (grading->terminal)
        progress_bar_clear(&grading->bar);
    if (whole)
        return finish(grading, err);
    tell_stopped(grading, err);
    return 0;
}

static int run_grade(const struct cmd_call *call, struct err *err)
{
    struct grading grading = {
        .call = call,
        .one = {.results = RESULTS_INIT, .no_lines = cmd_has(call, "no-lines")},
        .errors = screen_for(stderr, cmd_value(call, "color")),
        .terminal = isatty(STDERR_FILENO) == 1};
    enum box_level level = BOX_NAMESPACES;
    // Each thread would keep freed memory to itself, and all of them what was large once.
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    int status = open_all(&grading, &level, err) ? run_class(&grading, level, err) : 0;
    free(grading.chosen);
    free(grading.indexes);
    results_release(&grading.one.results);
    submissions_release(&grading.one.submissions);
    lab_free(grading.one.lab);
    courses_release(&grading.courses);
    return status;
}

static const struct cmd_option options[] = {
    {'o', "out", "RESULTS", "the folder that the results are written to"},
    {0, "resume", NULL, "go on where it stopped; grade what is new"},
    {0, "only", "NAME", "grade this one alone, anew; more names may follow"},
    {0, "again", NULL, "grade all anew; keep and compare the results so far"},
    {0, "seed", "N", "inputs of the checks (default: a new one for the class)"},
    {0, "no-lines", NULL, "verdicts alone: do not look for lines"},
    {0, "junit", "FILE", "write all checks as JUnit's XML, too"},
    {0, "json", NULL, "print the class as one JSON object"},
    {'v', "verbose", NULL, "say what it cost: cores without work, memory"},
    {0, "color", "WHEN", "auto, always or never"},
    {0, "sandbox", "LEVEL", "full, namespaces or container, instead of the best"},
    {0, "in-container", NULL, "in a throw-away container: its walls are enough"},
    {0, "no-sandbox", NULL, "only for programs of your own: limits, no sandbox"},
};

const struct cmd cmd_grade = {
    .name = "grade",
    .arguments = "LAB DIR",
    .summary = "grade a class: a folder or an archive a student",
    .help = "DIR holds a folder, a .zip or a .tar.gz for each student. Each is checked as lab\n"
            "check does it, many at once on all cores; a result is written as soon as it is\n"
            "there. RESULTS gets report.html, grades.csv, and for each submission\n"
            "results/NAME.json and feedback/NAME.txt, which can be handed back. What cannot\n"
            "be graded (no sources, a damaged archive) is refused, with the reason; what the\n"
            "grader or the machine failed at is broken, and costs no points. The time of\n"
            "submission is that of the newest source, or of the archive.\n\n"
            "exit status: 0 every submission has a verdict, whatever its points; 2 usage,\n"
            "3 some are broken, 4 the machine lacks something, 130 interrupted (--resume)",
    .least_words = 2,
    .most_words = 10000,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_grade,
    .for_instructors = true,
};
