// SPDX-License-Identifier: MIT
/*
 * The trials of a lab, several at a time: a hang in one of them leaves the cores to the others.
 * Each worker is a thread with a stage and a grader of its own.
 */
#include "validate/validate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/seed.h"
#include "validate/rules.h"
#include "validate/trial.h"

enum {
    RUNS_MOST = 1000,
    CELLS_A_TRIAL = 2 // at work at once
};

struct crew { // shared by the workers
    const struct lab *lab;
    const struct plan *plan;
    const struct validate_options *options;
    struct validate_report *report;
    uint64_t seeds[RUNS_MOST];
    pthread_mutex_t lock; // holds next, done and err
    size_t next, done;
    struct err err;
};

static bool take_trial(struct crew *crew, size_t *out)
{
    pthread_mutex_lock(&crew->lock);
    bool more = crew->next < crew->report->trial_count && crew->err.kind == ERR_NONE;
    if (more)
        *out = crew->next++;
    pthread_mutex_unlock(&crew->lock);
    return more;
}

static void *work(void *context)
{
    struct crew *crew = context;
    size_t index = 0;
    while (take_trial(crew, &index)) {
        struct trial *trial = &crew->report->trials[index];
        struct err err = ERR_INIT;
        bool run = trial->faults.count > 0 || trial_run(crew->lab, crew->plan, crew->seeds,
                                                        crew->options, CELLS_A_TRIAL, trial, &err);
        if (run)
            rules_judge_trial(crew->lab, crew->plan, trial);
        pthread_mutex_lock(&crew->lock);
        if (!run && crew->err.kind == ERR_NONE)
            err_move(&crew->err, &err);
        crew->done++;
        if (run && crew->options->done != NULL)
            crew->options->done(crew->options->context, trial, crew->done,
                                crew->report->trial_count);
        pthread_mutex_unlock(&crew->lock);
        err_release(&err);
    }
    return NULL;
}

static void run_crew(struct crew *crew)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t workers = cores > 0 ? (size_t)cores + 1 : 2;
    auto_free pthread_t *threads = mem_alloc_array(workers, sizeof *threads);
    size_t started = 0;
    while (started < workers && pthread_create(&threads[started], NULL, work, crew) == 0)
        started++;
    if (started == 0)
        work(crew);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool load_plan(const struct lab *lab, struct plan *out, struct err *err)
{
    struct stage stage = STAGE_INIT;
    bool loaded = stage_open(&stage, err) && plan_load(lab, &stage, out, err);
    stage_close(&stage);
    return loaded;
}

bool validate_lab(const struct lab *lab, const struct validate_options *options,
                  struct validate_report *out, struct err *err)
{
    *out = (struct validate_report){.lab = mem_copy_string(lab->id)};
    double before = seconds_now();
    struct plan plan = {0};
    if (!trials_find(lab, options->explain, options->patch, &out->trials, &out->trial_count, err) ||
        !load_plan(lab, &plan, err))
        return false;
    out->checks = plan.count;
    struct crew *crew = mem_alloc(sizeof *crew);
    crew->lab = lab;
    crew->plan = &plan;
    crew->options = options;
    crew->report = out;
    pthread_mutex_init(&crew->lock, NULL);
    for (size_t i = 0; i < options->runs && i < RUNS_MOST; i++)
        crew->seeds[i] = seed_new();
    run_crew(crew);
    bool whole = crew->err.kind == ERR_NONE;
    if (!whole)
        err_move(err, &crew->err);
    else if (options->explain == NULL)
        rules_judge_lab(lab, &plan, out);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
    plan_release(&plan);
    out->seconds = seconds_now() - before;
    return whole;
}

void validate_report_release(struct validate_report *report)
{
    free(report->lab);
    for (size_t i = 0; i < report->trial_count; i++)
        trial_release(&report->trials[i]);
    free(report->trials);
    strings_release(&report->faults);
    strings_release(&report->warnings);
    *report = (struct validate_report){0};
}

// Appends a key and names, wrapped so that a head stays readable.
static void append_names(struct str *out, const char *key, const struct strings *names)
{
    size_t column = 0;
    for (size_t i = 0; i < names->count; i++) {
        if (column > 0 && column + strlen(names->items[i]) > 78) {
            str_append_char(out, '\n');
            column = 0;
        }
        if (column == 0) {
            str_append_format(out, "%s:", key);
            column = strlen(key) + 1;
        }
        str_append_format(out, " %s", names->items[i]);
        column += strlen(names->items[i]) + 1;
    }
    if (column > 0)
        str_append_char(out, '\n');
}

static bool has_failed(const struct trial *trial, const char *check)
{
    for (size_t i = 0; i < trial->failure_count; i++)
        if (str_equal(trial->failures[i].check, check))
            return true;
    return false;
}

char *validate_explain(const struct trial *trial)
{
    struct str head = STR_INIT;
    str_append_format(&head, "Bug: %s\n",
                      trial->head.bug != NULL ? trial->head.bug : "one sentence");
    // What the author named stays in front, in that order: the first one is the check whose line is
    // measured.
    auto_strings struct strings named = STRINGS_INIT;
    auto_strings struct strings others = STRINGS_INIT;
    auto_strings struct strings unsteady = STRINGS_INIT;
    for (size_t i = 0; i < trial->head.breaks.count; i++)
        if (has_failed(trial, trial->head.breaks.items[i]))
            strings_add(&named, trial->head.breaks.items[i]);
    for (size_t i = 0; i < trial->failure_count; i++)
        if (!strings_have(&named, trial->failures[i].check))
            strings_add(named.count == 0 && strings_have(&trial->unsteady, trial->failures[i].check)
                            ? &unsteady
                            : &others,
                        trial->failures[i].check);
    append_names(&head, "Breaks", &named);
    append_names(&head, named.count > 0 ? "May-break" : "Breaks", &others);
    append_names(&head, "May-break", &unsteady); // what fails now and then must not be promised
    return str_take(&head);
}
