// SPDX-License-Identifier: MIT
// lab validate: is the grader right?
#include "validate/validate.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/context.h"
#include "render/render.h"

struct validation {
    const struct cmd_call *call;
    struct screen screen;
    bool json;
    cJSON *labs; // for --json
    size_t faults;
};

// ---------------------------------------------------------------- the terminal

static void print_checks(const struct screen *screen, const char *first, const struct trial *trial)
{
    auto_str struct str names = STR_INIT;
    for (size_t i = 0; i < trial->failure_count; i++)
        str_append_format(&names, "%s%s", i > 0 ? " " : "", trial->failures[i].check);
    if (names.length > 0)
        screen_wrap(screen, first, "        ", str_text(&names));
}

static void write_as_words(char *name)
{
    for (; *name != '\0'; name++)
        if (*name == '_')
            *name = ' ';
}

// "line server.c:58 (made by), exact"
static void print_line(const struct screen *screen, const struct trial *trial)
{
    auto_free char *how = mem_copy_string(trial->reported_how != NULL ? trial->reported_how : "");
    auto_free char *distance = mem_copy_string(bug_distance_name(trial->distance));
    write_as_words(how);
    write_as_words(distance);
    auto_free char *text = trial->reported_file != NULL
                               ? str_format("%s:%d (%s), %s", trial->reported_file,
                                            trial->reported_line, how, distance)
                               : mem_copy_string("none");
    screen_wrap(screen, "      line ", "        ", text);
}

// One trial, as soon as it is done.
static void print_trial(void *context, const struct trial *trial, size_t done, size_t total)
{
    const struct validation *validation = context;
    if (validation->json)
        return;
    const struct screen *screen = &validation->screen;
    bool good = trial->faults.count == 0;
    screen_print(screen, good ? STYLE_GOOD : STYLE_BAD, good ? "ok    " : "FAIL  ");
    static const char *const folders[] = {"", "", "", "wrong/", "accepted/"};
    screen_print(screen, STYLE_PLAIN, "%s%s", folders[trial->kind], trial->name);
    if (trial->kind != TRIAL_WRONG && trial->ran)
        screen_print(screen, STYLE_PLAIN, "  %d points", trial->points);
    screen_print(screen, STYLE_DIM, "  (%zu/%zu)\n", done, total);
    if (trial->kind == TRIAL_WRONG && trial->head.bug != NULL)
        screen_wrap(screen, "      ", "      ", trial->head.bug);
    if (trial->kind == TRIAL_WRONG)
        print_checks(screen, "      caught by ", trial);
    if (trial->kind == TRIAL_ACCEPTED)
        print_checks(screen, "      differs in ", trial);
    if (trial->measured)
        print_line(screen, trial);
    fflush(stdout);
}

static void print_list(const struct screen *screen, const char *label, const struct strings *list)
{
    for (size_t i = 0; i < list->count; i++) {
        screen_wrap(screen, label, "      ", list->items[i]);
    }
}

// How far the lines that learners are shown are from the bugs.
static void print_distances(const struct screen *screen, const struct validate_report *report)
{
    size_t counts[BUG_DISTANCES] = {0};
    size_t measured = 0;
    for (size_t i = 0; i < report->trial_count; i++) {
        if (!report->trials[i].measured)
            continue;
        measured++;
        counts[report->trials[i].distance]++;
    }
    if (measured > 0)
        screen_say(screen,
                   "lines of %zu wrong programs: %zu exact, %zu within 3, %zu within 10, "
                   "%zu elsewhere, %zu none (%zu %% within 3)",
                   measured, counts[BUG_EXACT], counts[BUG_WITHIN_3], counts[BUG_WITHIN_10],
                   counts[BUG_ELSEWHERE], counts[BUG_NONE],
                   100 * (counts[BUG_EXACT] + counts[BUG_WITHIN_3]) / measured);
}

static void print_sum(const struct validation *validation, const struct validate_report *report)
{
    size_t wrong = 0;
    size_t caught = 0;
    size_t accepted = 0;
    for (size_t i = 0; i < report->trial_count; i++) {
        wrong += report->trials[i].kind == TRIAL_WRONG;
        caught += report->trials[i].caught;
        accepted += report->trials[i].kind == TRIAL_ACCEPTED;
    }
    print_list(&validation->screen, "warning: ", &report->warnings);
    print_list(&validation->screen, "fault: ", &report->faults);
    print_distances(&validation->screen, report);
    screen_say(&validation->screen,
               "%s: %zu checks, %zu of %zu wrong programs caught, %zu accepted program%s, "
               "%zu fault%s, %.1f s",
               report->lab, report->checks, caught, wrong, accepted, accepted == 1 ? "" : "s",
               report->faults.count, report->faults.count == 1 ? "" : "s", report->seconds);
}

static void print_explanation(const struct validate_report *report)
{
    const struct trial *trial = &report->trials[0];
    for (size_t i = 0; i < trial->failure_count; i++)
        printf("%s\n    %s\n", trial->failures[i].check,
               trial->failures[i].message != NULL ? trial->failures[i].message : "");
    for (size_t i = 0; i < trial->faults.count; i++)
        printf("fault: %s\n", trial->faults.items[i]);
    auto_free char *head = validate_explain(trial);
    printf("\nthe head to paste:\n\n%s\n", head);
}

// ---------------------------------------------------------------- JSON

static cJSON *json_strings(const struct strings *list)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < list->count; i++)
        cJSON_AddItemToArray(array, cJSON_CreateString(list->items[i]));
    return array;
}

static cJSON *json_failed(const struct trial *trial)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < trial->failure_count; i++)
        cJSON_AddItemToArray(array, cJSON_CreateString(trial->failures[i].check));
    return array;
}

static void add_line(cJSON *item, const struct trial *trial)
{
    cJSON_AddStringToObject(item, "where", bug_distance_name(trial->distance));
    if (trial->reported_file == NULL)
        return;
    cJSON *reported = cJSON_AddObjectToObject(item, "reported");
    cJSON_AddStringToObject(reported, "file", trial->reported_file);
    cJSON_AddNumberToObject(reported, "line", trial->reported_line);
    cJSON_AddStringToObject(reported, "how", trial->reported_how);
}

static void add_json(const struct validation *validation, const struct validate_report *report)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(validation->labs, object);
    cJSON_AddStringToObject(object, "lab", report->lab);
    if (cmd_has(validation->call, "brief"))
        cJSON_AddTrueToObject(object, "brief");
    cJSON_AddBoolToObject(object, "ok", report->faults.count == 0);
    cJSON_AddItemToObject(object, "faults", json_strings(&report->faults));
    cJSON_AddItemToObject(object, "warnings", json_strings(&report->warnings));
    cJSON_AddNumberToObject(object, "checks", (double)report->checks);
    cJSON_AddNumberToObject(object, "seconds", report->seconds);
    cJSON *wrong = cJSON_AddArrayToObject(object, "wrong");
    cJSON *accepted = cJSON_AddArrayToObject(object, "accepted");
    for (size_t i = 0; i < report->trial_count; i++) {
        const struct trial *trial = &report->trials[i];
        if (trial->kind != TRIAL_WRONG && trial->kind != TRIAL_ACCEPTED)
            continue;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddItemToArray(trial->kind == TRIAL_WRONG ? wrong : accepted, item);
        cJSON_AddStringToObject(item, "name", trial->name);
        if (trial->kind == TRIAL_ACCEPTED) {
            cJSON_AddBoolToObject(item, "ok", trial->faults.count == 0);
            cJSON_AddItemToObject(item, "differs", json_failed(trial));
            continue;
        }
        cJSON_AddStringToObject(item, "bug", trial->head.bug != NULL ? trial->head.bug : "");
        cJSON_AddBoolToObject(item, "caught", trial->caught);
        cJSON_AddItemToObject(item, "breaks", json_strings(&trial->head.breaks));
        cJSON_AddItemToObject(item, "failed", json_failed(trial));
        cJSON_AddBoolToObject(item, "sends", trial->sends);
        if (trial->measured)
            add_line(item, trial);
    }
}

// ---------------------------------------------------------------- the command

static int validate_one(struct validation *validation, const struct lab *lab, struct err *err)
{
    long long runs = 2;
    if (!cmd_integer(validation->call, "runs", 1, 1000, &runs, err))
        return 0;
    const struct validate_options options = {.runs = (size_t)runs,
                                             .explain = cmd_value(validation->call, "explain"),
                                             .no_lines = cmd_has(validation->call, "no-lines"),
                                             .brief = cmd_has(validation->call, "brief"),
                                             .done = print_trial,
                                             .context = validation};
    struct validate_report report = {0};
    if (!validate_lab(lab, &options, &report, err)) {
        validate_report_release(&report);
        return 0;
    }
    if (validation->json)
        add_json(validation, &report);
    else if (options.explain != NULL)
        print_explanation(&report);
    else
        print_sum(validation, &report);
    bool good = options.explain != NULL || report.faults.count == 0;
    validate_report_release(&report);
    return good ? 0 : 3;
}

// A lab that does not load is broken, and the others are still validated.
static int validate_all(struct validation *validation, const struct context *context,
                        const char *const *ids, size_t count, struct err *err)
{
    int status = 0;
    for (size_t i = 0; i < count && err->kind == ERR_NONE; i++) {
        struct lab *lab = lab_load(&context->courses, ids[i], err);
        if (lab != NULL && context_allow(lab, err))
            status = err_worse_status(status, validate_one(validation, lab, err));
        lab_free(lab);
        if (err->kind == ERR_LAB) {
            render_error(err);
            err_release(err);
            status = err_worse_status(status, 3);
        }
    }
    return status;
}

// All labs; who stands in a course means those of that one.
static bool list_labs(const struct courses *courses, struct strings *out, struct err *err)
{
    auto_strings struct strings ids = STRINGS_INIT;
    if (!courses_list(courses, &ids, err))
        return false;
    for (size_t i = 0; i < ids.count; i++) {
        auto_free char *folder = courses_lab_folder(courses, ids.items[i]);
        auto_free char *own =
            str_format("%s/labs/%s", courses->here != NULL ? courses->here : "", ids.items[i]);
        if (courses->here == NULL || str_equal(folder, own))
            strings_add(out, ids.items[i]);
    }
    return true;
}

static int run_validate(const struct cmd_call *call, struct err *err)
{
    struct validation validation = {.call = call,
                                    .screen = screen_for(stdout, cmd_value(call, "color")),
                                    .json = cmd_has(call, "json")};
    struct context context = {0};
    auto_strings struct strings ids = STRINGS_INIT;
    int status = 0;
    if (cmd_has(call, "explain") && call->word_count != 1) {
        err_set(err, ERR_USAGE, "--explain needs one lab");
        err_set_cure(err, "lab validate LAB --explain NAME");
    } else if (context_open(&context, err) && list_labs(&context.courses, &ids, err)) {
        context_know_workspace(&context.courses, ".");
        validation.labs = cJSON_CreateArray();
        status = call->word_count > 0
                     ? validate_all(&validation, &context, call->words, call->word_count, err)
                     : validate_all(&validation, &context, (const char *const *)ids.items,
                                    ids.count, err);
        if (validation.json && err->kind == ERR_NONE) {
            cJSON *root = cJSON_CreateObject();
            cJSON_AddNumberToObject(root, "version", 1);
            cJSON_AddItemToObject(root, "labs", validation.labs);
            auto_free char *text = cJSON_PrintUnformatted(root);
            printf("%s\n", text);
            cJSON_Delete(root);
        } else {
            cJSON_Delete(validation.labs);
        }
    }
    context_close(&context);
    return status;
}

static const struct cmd_option options[] = {
    {0, "runs", "N", "attempts for each program (default 2)"},
    {0, "explain", "NAME", "run one wrong program, print its patch's head"},
    {0, "no-lines", NULL, "verdicts alone: do not measure which lines are shown"},
    {0, "brief", NULL, "wrong programs run only the steps that they break"},
    {0, "json", NULL, "print one JSON object"},
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_validate = {
    .name = "validate",
    .arguments = "[LAB…]",
    .summary = "prove a lab's grader against right and wrong programs",
    .help = "Runs a lab's checks against its solution, stub, wrong programs and accepted\n"
            "programs, and names every rule that does not hold, one line each. Without LAB\n"
            "all labs of the course around are validated, outside of one all labs.\n\n"
            "exit status: 0 every lab is good, 3 one is not",
    .most_words = 100,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_validate,
    .for_instructors = true,
};
