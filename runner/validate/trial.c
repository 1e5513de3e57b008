// SPDX-License-Identifier: MIT
// Trials: found, built and run.
#include "validate/trial.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "validate/inputs.h"
#include "validate/measure.h"
#include "validate/rules.h"

enum {
    SOURCE_MOST = 1 << 20, // bytes of a file that the lab gives
    PATCH_MOST = 1 << 20   // bytes of a patch or an accepted program's head
};

// ---------------------------------------------------------------- found

static struct trial *add_trial(struct trial **list, size_t *count, enum trial_kind kind,
                               const char *name, char *path)
{
    *list = mem_resize(*list, (*count + 1) * sizeof **list);
    struct trial *trial = &(*list)[(*count)++];
    *trial = (struct trial){.kind = kind, .name = mem_copy_string(name), .path = path};
    return trial;
}

static void read_head(struct trial *trial)
{
    auto_str struct str text = STR_INIT;
    struct err err = ERR_INIT;
    bool good = file_read(AT_FDCWD, trial->path, PATCH_MOST, &text, &err) &&
                (trial->kind == TRIAL_WRONG
                     ? head_read_patch(trial->path, str_text(&text), &trial->head, &err)
                     : head_read_accepted(trial->path, str_text(&text), &trial->head, &err));
    if (!good)
        rules_add_error(&trial->faults, &err);
}

// Only --explain takes a patch without its head: it makes one.
static void judge_head(struct trial *trial)
{
    struct err err = ERR_INIT;
    if (trial->kind == TRIAL_WRONG && trial->faults.count == 0 &&
        !head_is_whole(trial->path, &trial->head, &err))
        rules_add_error(&trial->faults, &err);
}

// Adds a trial for each file of a folder that has the ending.
static bool add_folder(const struct lab *lab, const char *folder, const char *ending,
                       enum trial_kind kind, struct trial **list, size_t *count, struct err *err)
{
    auto_free char *path = path_join(lab->folder, folder);
    auto_strings struct strings names = STRINGS_INIT;
    if (path_is_folder(path) && !folder_list(path, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        if (!str_ends_with(names.items[i], ending))
            continue;
        auto_free char *name =
            str_format("%.*s", (int)(strlen(names.items[i]) - strlen(ending)), names.items[i]);
        read_head(add_trial(list, count, kind, name, path_join(path, names.items[i])));
    }
    return true;
}

bool trials_find(const struct lab *lab, const char *explain, const char *patch, struct trial **out,
                 size_t *out_count, struct err *err)
{
    struct trial *list = NULL;
    size_t count = 0;
    if (explain != NULL && patch != NULL) {
        read_head(add_trial(&list, &count, TRIAL_WRONG, explain, mem_copy_string(patch)));
        *out = list;
        *out_count = count;
        return true;
    }
    if (explain == NULL) {
        add_trial(&list, &count, TRIAL_SOLUTION, "solution", path_join(lab->folder, "solution"));
        add_trial(&list, &count, TRIAL_STUB, "stub", path_join(lab->folder, "stub"));
        add_trial(&list, &count, TRIAL_EMPTY, "empty", mem_copy_string("empty"));
    }
    bool found = add_folder(lab, "wrong", ".patch", TRIAL_WRONG, &list, &count, err) &&
                 (explain != NULL ||
                  (add_folder(lab, "accepted", ".sh", TRIAL_ACCEPTED, &list, &count, err) &&
                   add_folder(lab, "accepted", ".c", TRIAL_ACCEPTED, &list, &count, err)));
    for (size_t i = 0; i < count && explain == NULL; i++)
        judge_head(&list[i]);
    if (found && explain != NULL) {
        size_t kept = 0;
        for (size_t i = 0; i < count; i++) {
            if (str_equal(list[i].name, explain))
                list[kept++] = list[i];
            else
                trial_release(&list[i]);
        }
        count = kept;
        if (count == 0) {
            err_set(err, ERR_USAGE, "%s has no wrong program %s", lab->id, explain);
            err_set_cure(err, "they lie in %s/wrong", lab->folder);
            found = false;
        }
    }
    *out = list;
    *out_count = count;
    return found;
}

void trial_release(struct trial *trial)
{
    free(trial->name);
    free(trial->path);
    head_release(&trial->head);
    for (size_t i = 0; i < trial->failure_count; i++) {
        free(trial->failures[i].check);
        free(trial->failures[i].message);
    }
    free(trial->failures);
    free(trial->reported_file);
    free(trial->reported_how);
    strings_release(&trial->unsteady);
    strings_release(&trial->slow);
    strings_release(&trial->alike);
    strings_release(&trial->faults);
    *trial = (struct trial){0};
}

// ---------------------------------------------------------------- built

// Whatever is tried stands on what the lab gives, as a learner's program does: stub/ has it.
static bool put_given(const struct lab *lab, struct sources *out, struct err *err)
{
    auto_free char *folder = path_join(lab->folder, "stub");
    for (size_t i = 0; i < lab->given.count; i++) {
        auto_free char *path = path_join(folder, lab->given.items[i]);
        auto_str struct str text = STR_INIT;
        if (!file_read(AT_FDCWD, path, SOURCE_MOST, &text, err))
            return false;
        sources_put(out, lab->given.items[i], str_text(&text), text.length);
    }
    return true;
}

// The solution with the patch applied: sources of a wrong program. A fault when it does not apply.
static bool patch_sources(const struct lab *lab, const struct stage *stage, struct trial *trial,
                          struct sources *out, struct err *err)
{
    auto_free char *solution = path_join(lab->folder, "solution");
    auto_free char *folder = path_join(stage->path, "patched");
    struct sources plain = {0};
    bool copied = sources_read(solution, NULL, &plain, err) && folder_make_all(folder, 0700, err);
    for (size_t i = 0; copied && i < plain.count; i++) {
        auto_free char *path = path_join(folder, plain.items[i].name);
        auto_free char *parent = path_parent(path);
        copied = folder_make_all(parent, 0700, err) &&
                 file_write(AT_FDCWD, path, plain.items[i].data, plain.items[i].length, 0600, err);
    }
    sources_release(&plain);
    if (!copied)
        return false;
    auto_free char *said = NULL;
    auto_close int patch = open(trial->path, O_RDONLY | O_CLOEXEC);
    if (!inputs_apply_patch(folder, patch, &said, err))
        return false;
    if (said != NULL) {
        strings_add_format(&trial->faults, "%s: does not apply to solution/: %s", trial->path,
                           said);
        return true;
    }
    return sources_read(folder, NULL, out, err) && put_given(lab, out, err);
}

static struct sources empty_program(void)
{
    static const char text[] = "int main(void)\n{\n    return 0;\n}\n";
    struct sources sources = {.items = mem_alloc(sizeof *sources.items), .count = 1};
    sources.items[0] =
        (struct source){mem_copy_string("empty.c"), mem_copy_string(text), sizeof text - 1};
    sources.hash = mem_copy_string("empty");
    return sources;
}

static bool read_sources(const struct lab *lab, const struct stage *stage, struct trial *trial,
                         struct sources *out, struct err *err)
{
    if (trial->kind == TRIAL_WRONG)
        return patch_sources(lab, stage, trial, out, err);
    if (trial->kind == TRIAL_EMPTY) {
        *out = empty_program();
        return true;
    }
    auto_free char *folder = trial->kind == TRIAL_ACCEPTED ? path_join(lab->folder, "accepted")
                                                           : mem_copy_string(trial->path);
    return sources_read(folder, NULL, out, err) && put_given(lab, out, err);
}

// A script is a program as it stands.
static bool take_script(const struct trial *trial, const struct stage *stage,
                        struct build_result *out, struct err *err)
{
    for (size_t i = 0; i < BUILD_VARIANTS; i++) {
        auto_free char *name = str_format("script-%zu", i);
        out->programs[i] = path_join(stage->path, name);
        if (!file_copy(trial->path, out->programs[i], 0755, err))
            return false;
    }
    out->ok = true;
    return true;
}

static bool runs_plain(const struct plan *plan, const bool *selected)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->checks[i].plain_build && (selected == NULL || selected[i]))
            return true;
    return false;
}

static bool build_trial(const struct lab *lab, const struct plan *plan, const bool *selected,
                        const struct stage *stage, struct trial *trial, struct sources *sources,
                        struct build_result *out, struct err *err)
{
    if (str_ends_with(trial->path, ".sh"))
        return take_script(trial, stage, out, err);
    auto_strings struct strings only = STRINGS_INIT;
    if (trial->kind == TRIAL_ACCEPTED)
        strings_add(&only, path_base(trial->path));
    for (size_t i = 0; only.count > 0 && i < lab->given.count; i++)
        if (str_ends_with(lab->given.items[i], ".c"))
            strings_add(&only, lab->given.items[i]);
    bool read = read_sources(lab, stage, trial, sources, err);
    const struct build_request request = {.lab = lab,
                                          .sources = sources,
                                          .only = only.count > 0 ? &only : NULL,
                                          .stage = stage,
                                          .checked_only = !runs_plain(plan, selected)};
    bool built = read && (trial->faults.count > 0 || build_run(&request, out, err));
    if (built && !out->ok && trial->faults.count == 0)
        strings_add_format(&trial->faults, "%s does not compile: %s", trial->path,
                           out->diagnostic_count > 0 ? out->diagnostics[0].message
                           : out->stopped != NULL    ? out->stopped
                                                     : "the compiler gave no reason");
    return built;
}

// ---------------------------------------------------------------- run

static bool is_in_step_of(const char *check, const char *other)
{
    size_t step = strcspn(other, "/");
    return strncmp(check, other, step) == 0 && check[step] == '/';
}

// The checks of the steps in which a wrong program breaks something; NULL: all of them.
static bool *select_checks(const struct plan *plan, const struct validate_options *options,
                           const struct trial *trial)
{
    const struct strings *breaks = &trial->head.breaks;
    if (!options->brief || options->explain != NULL || trial->kind != TRIAL_WRONG)
        return NULL;
    bool *selected = mem_alloc_array(plan->count, sizeof *selected);
    for (size_t i = 0; i < plan->count; i++)
        for (size_t k = 0; k < breaks->count; k++)
            selected[i] |= is_in_step_of(plan->checks[i].id, breaks->items[k]);
    return selected;
}

static void add_failure(struct trial *trial, const struct check_result *check)
{
    for (size_t i = 0; i < trial->failure_count; i++)
        if (str_equal(trial->failures[i].check, check->id))
            return;
    trial->failures =
        mem_resize(trial->failures, (trial->failure_count + 1) * sizeof *trial->failures);
    trial->failures[trial->failure_count++] =
        (struct trial_failure){mem_copy_string(check->id), mem_copy_string(check->message)};
}

// What one run says, held against the first run.
static void take_run(const struct lab *lab, struct trial *trial, const struct attempt *first,
                     const struct attempt *attempt, size_t run)
{
    if (run == 0 || attempt->points < trial->points)
        trial->points = attempt->points;
    for (size_t i = 0; i < attempt->check_count; i++) {
        const struct check_result *check = &attempt->checks[i];
        if (check->status == CHECK_BROKEN)
            strings_add_format(&trial->faults, "%s on %s: broken: %s", check->id, trial->name,
                               check->message != NULL ? check->message : "");
        if (check->status == CHECK_FAILED)
            add_failure(trial, check);
        if (check->status != first->checks[i].status && !strings_have(&trial->unsteady, check->id))
            strings_add(&trial->unsteady, check->id);
        bool slow = check->longest_wait > lab->limits.seconds * 2.0 / 3;
        if (check->status == CHECK_PASSED && slow && !strings_have(&trial->slow, check->id))
            strings_add(&trial->slow, check->id);
        if (run > 0 && trial->kind == TRIAL_SOLUTION && inputs_alike(&first->checks[i], check))
            strings_add(&trial->alike, check->id);
    }
}

// One after another; the lines are measured in the first.
static bool grade_trial(const struct grade_request *request, const struct sources *sources,
                        const uint64_t *seeds, const struct validate_options *options,
                        struct trial *trial, struct err *err)
{
    struct attempt first = {0};
    const bool looks = trial->kind == TRIAL_WRONG && !options->no_lines;
    struct tracing *tracing = looks ? tracing_open(request->lab, request->stage) : NULL;
    bool graded = trial->kind != TRIAL_WRONG || measure_bug(sources, trial, err);
    for (size_t run = 0; graded && run < options->runs; run++) {
        struct attempt next = {0};
        struct attempt *attempt = run == 0 ? &first : &next;
        struct grade_request this_run = *request;
        this_run.seed = seeds[run];
        this_run.tracing = run == 0 && tracing != NULL ? tracing_hooks(tracing) : NULL;
        graded = grade_run(&this_run, attempt, err);
        if (graded)
            take_run(request->lab, trial, &first, attempt, run);
        if (graded && run == 0 && tracing != NULL)
            graded = measure_line(tracing, &this_run, sources, attempt, trial, err);
        attempt_release(&next);
    }
    tracing_close(tracing);
    attempt_release(&first);
    return graded;
}

bool trial_run(const struct lab *lab, const struct plan *plan, const uint64_t *seeds,
               const struct validate_options *options, size_t parallel, struct trial *trial,
               struct err *err)
{
    struct stage stage = STAGE_INIT;
    struct sources sources = {0};
    struct build_result build = {0};
    auto_free bool *selected = select_checks(plan, options, trial);
    bool done = stage_open(&stage, err) &&
                build_trial(lab, plan, selected, &stage, trial, &sources, &build, err);
    if (done && build.ok && trial->faults.count == 0) {
        const struct grade_request request = {.lab = lab,
                                              .plan = plan,
                                              .selected = selected,
                                              .stage = &stage,
                                              .build = &build,
                                              .parallel = parallel};
        done = grade_trial(&request, &sources, seeds, options, trial, err);
        trial->ran = done;
    }
    build_result_release(&build);
    sources_release(&sources);
    stage_close(&stage);
    return done;
}
