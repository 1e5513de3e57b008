// SPDX-License-Identifier: MIT
// The build: three compilations at once, or the cache.
#include "build/build.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "build/cache.h"
#include "build/compile.h"
#include "build/compiler.h"
#include "build/diagnostics.h"

static const char *const kind_names[COMPILE_KINDS] = {"syntax", "checked", "plain"};
static const enum compile_kind kind_of[BUILD_VARIANTS] = {COMPILE_CHECKED, COMPILE_PLAIN};

struct build_pending {
    struct build_request request;
    struct build_result *result;
    struct compiler compiler;
    struct package_flags packages;
    struct strings c_files;
    struct strings argv[COMPILE_KINDS];
    unsigned number;              // of this build on its stage
    char *source_folder;          // on the stage
    char *outputs[COMPILE_KINDS]; // on the stage
    char *key;                    // in the cache
    struct strings hidden;        // from the compiler
    struct compile_job jobs[COMPILE_KINDS];
    struct compiling *compiling; // NULL: nothing is compiled
    bool judged;                 // the result is what it will be
    double began;
    struct err *err;
};

// ---- what is to be done

static bool is_wanted(const struct build_pending *build, enum compile_kind kind)
{
    return !build->request.checked_only || kind == COMPILE_CHECKED;
}

static void find_c_files(struct build_pending *build)
{
    const struct sources *sources = build->request.sources;
    const struct strings *only = build->request.only;
    for (size_t i = 0; only != NULL && i < only->count; i++)
        strings_add(&build->c_files, only->items[i]);
    for (size_t i = 0; only == NULL && i < sources->count; i++)
        if (str_ends_with(sources->items[i].name, ".c"))
            strings_add(&build->c_files, sources->items[i].name);
}

static void make_argv(struct build_pending *build, enum compile_kind kind)
{
    struct strings *argv = &build->argv[kind];
    strings_add(argv, build->compiler.path);
    compiler_arguments(kind, &build->compiler, &build->packages, &build->c_files, "/out/program",
                       argv);
    // Debug information says where a line is in the words of the workspace, not of the box.
    strings_add(argv, "-fdebug-prefix-map=/src=.");
    strings_add(argv, "-fdiagnostics-format=json");
}

static bool prepare(struct build_pending *build)
{
    if (!compiler_find(&build->compiler, build->err) ||
        !package_flags_ask(build->request.lab, &build->packages, build->err))
        return false;
    find_c_files(build);
    for (enum compile_kind kind = 0; kind < COMPILE_KINDS; kind++)
        make_argv(build, kind);
    auto_strings struct strings shown = STRINGS_INIT;
    strings_add(&shown, build->compiler.name);
    compiler_arguments(COMPILE_CHECKED, &build->compiler, &build->packages, &build->c_files,
                       "program", &shown);
    build->result->command = command_line(&shown);
    return true;
}

static void hash_strings(struct hash *hash, const struct strings *list)
{
    for (size_t i = 0; i < list->count; i++)
        hash_add_text(hash, list->items[i]);
    hash_add_text(hash, NULL);
}

static char *make_key(const struct build_pending *build)
{
    struct hash *hash = hash_new();
    hash_add_text(hash, "1"); // the form of an entry
    hash_add_text(hash, build->compiler.identity);
    hash_strings(hash, &build->packages.versions);
    for (enum compile_kind kind = 0; kind < COMPILE_KINDS; kind++)
        if (is_wanted(build, kind))
            hash_strings(hash, &build->argv[kind]);
    hash_add_text(hash, build->request.sources->hash);
    return hash_finish(hash);
}

// ---- the stage

static char *stage_path(const struct build_pending *build, const char *what)
{
    auto_free char *name = str_format("%s-%u", what, build->number);
    return path_join(build->request.stage->path, name);
}

// Several builds may share a stage, one after the other.
static void choose_names(struct build_pending *build)
{
    for (bool taken = true; taken;) {
        build->number++;
        auto_free char *sources = stage_path(build, "sources");
        auto_free char *program = stage_path(build, "checked");
        taken = path_exists(sources) || path_exists(program);
    }
    for (int i = 0; i < BUILD_VARIANTS; i++)
        if (is_wanted(build, kind_of[i]))
            build->result->programs[i] = stage_path(build, kind_names[kind_of[i]]);
}

static bool write_sources(struct build_pending *build)
{
    const struct sources *sources = build->request.sources;
    for (size_t i = 0; i < sources->count; i++) {
        const struct source *source = &sources->items[i];
        auto_free char *path = path_join(build->source_folder, source->name);
        auto_free char *folder = str_format("%.*s", (int)(path_base(path) - path - 1), path);
        if (!folder_make_all(folder, 0755, build->err) ||
            !file_write(AT_FDCWD, path, source->data, source->length, 0644, build->err)) {
            err_set_cure(build->err, STAGE_CURE);
            return false;
        }
    }
    return true;
}

static bool make_folders(struct build_pending *build)
{
    auto_free char *name = str_format("sources-%u", build->number);
    build->source_folder = stage_folder(build->request.stage, name, build->err);
    for (enum compile_kind kind = 0; build->source_folder != NULL && kind < COMPILE_KINDS; kind++) {
        auto_free char *output = str_format("output-%u-%s", build->number, kind_names[kind]);
        build->outputs[kind] = stage_folder(build->request.stage, output, build->err);
        if (build->outputs[kind] == NULL)
            return false;
    }
    return build->source_folder != NULL && write_sources(build);
}

static void remove_folders(struct build_pending *build)
{
    if (build->source_folder != NULL)
        folder_remove_all(build->source_folder, NULL);
    for (enum compile_kind kind = 0; kind < COMPILE_KINDS; kind++)
        if (build->outputs[kind] != NULL)
            folder_remove_all(build->outputs[kind], NULL);
}

// Takes a program out of where the compiler could write. What lies there may be anything.
static bool take_program(struct build_pending *build, int variant)
{
    auto_free char *from = path_join(build->outputs[kind_of[variant]], "program");
    const char *to = build->result->programs[variant];
    struct stat status;
    if (lstat(from, &status) < 0 || !S_ISREG(status.st_mode) || chmod(from, 0555) < 0 ||
        rename(from, to) < 0) {
        err_set(build->err, ERR_ENV, "the compiler succeeded and left no program (%s)", from);
        return false;
    }
    return true;
}

// ---- what came of it

static bool failed(const struct compile_job *job)
{
    return job->finished && job->status != 0;
}

static void add_plain_error(struct build_pending *build, struct diagnostics *diagnostics,
                            const char *text)
{
    auto_free char *severity = mem_copy_string("error");
    auto_free char *message = mem_copy_string(text);
    diagnostics_add(diagnostics, build->request.sources,
                    &(struct build_diagnostic){.severity = severity, .message = message});
}

static void read_messages(struct build_pending *build, const char *text)
{
    auto_str struct str raw = STR_INIT;
    struct diagnostics diagnostics = {0};
    diagnostics_read(text, build->request.sources, &diagnostics, &raw);
    if (!build->result->ok && diagnostics.errors == 0 && build->result->stopped == NULL)
        add_plain_error(build, &diagnostics, "the compiler failed and did not say why");
    if (!build->result->ok && diagnostics.limit != NULL && build->result->stopped == NULL)
        build->result->stopped = mem_copy_string(diagnostics.limit);
    build->result->diagnostics = diagnostics.items;
    build->result->diagnostic_count = diagnostics.count;
    build->result->raw = str_take(&raw);
}

// Whose messages tell it best: the syntax check has the first errors; the plain compilation has the
// warnings that need an optimiser, and the usual linker's words.
static const struct compile_job *choose_job(const struct compile_job *jobs)
{
    static const enum compile_kind order[] = {COMPILE_SYNTAX, COMPILE_PLAIN, COMPILE_CHECKED};
    for (size_t i = 0; i < COMPILE_KINDS; i++)
        if (jobs[order[i]].stopped != NULL)
            return &jobs[order[i]];
    for (size_t i = 0; i < COMPILE_KINDS; i++)
        if (failed(&jobs[order[i]]))
            return &jobs[order[i]];
    return &jobs[jobs[COMPILE_PLAIN].finished ? COMPILE_PLAIN : COMPILE_CHECKED];
}

// A full disk is the machine's fault, not the learner's.
static bool check_space(struct build_pending *build, const struct compile_job *job)
{
    struct statvfs space;
    if (strstr(str_text(&job->text), "No space left on device") == NULL ||
        statvfs(build->request.stage->path, &space) < 0 ||
        space.f_bavail * space.f_frsize > (1u << 20))
        return true;
    err_set(build->err, ERR_ENV, "%s: no space left for the compiler", build->request.stage->path);
    err_set_cure(build->err, STAGE_CURE);
    return false;
}

// Only messages, of the checked program: the plain one still compiles.
static bool judge_early(struct build_pending *build)
{
    build->result->ok = true;
    if (!take_program(build, BUILD_CHECKED))
        return false;
    read_messages(build, str_text(&build->jobs[COMPILE_SYNTAX].text));
    return true;
}

static void forget_messages(struct build_result *result)
{
    struct diagnostics diagnostics = {.items = result->diagnostics,
                                      .count = result->diagnostic_count};
    diagnostics_release(&diagnostics);
    free(result->raw);
    result->diagnostics = NULL;
    result->diagnostic_count = 0;
    result->raw = NULL;
}

static bool judge(struct build_pending *build)
{
    const struct compile_job *job = choose_job(build->jobs);
    struct build_result *result = build->result;
    if (job->stopped != NULL)
        result->stopped = mem_copy_string(job->stopped);
    result->ok = job->stopped == NULL && !failed(job);
    if (!result->ok && !check_space(build, job))
        return false;
    for (int i = 0; result->ok && i < BUILD_VARIANTS; i++)
        if (result->programs[i] != NULL && !path_exists(result->programs[i]) &&
            !take_program(build, i))
            return false;
    forget_messages(result);
    read_messages(build, str_text(&job->text));
    if (result->ok && !build->request.no_cache)
        cache_store(build->key, result->programs, &job->text, CACHE_BYTES);
    return true;
}

// ---- compiling

// The plain build waits for the syntax check: on two cores the checked one, for which somebody
// waits, then has one to itself, and a source with a mistake in it is not compiled for nothing.
static bool begin_compiling(struct build_pending *build)
{
    course_hidden(build->request.lab, &build->hidden);
    if (!make_folders(build))
        return false;
    for (enum compile_kind kind = 0; kind < COMPILE_KINDS; kind++) {
        build->jobs[kind].argv = &build->argv[kind];
        build->jobs[kind].output = build->outputs[kind];
        build->jobs[kind].decisive = kind == COMPILE_SYNTAX;
    }
    const bool one = build->request.checked_only;
    if (!one)
        build->jobs[COMPILE_PLAIN].after = &build->jobs[COMPILE_SYNTAX];
    build->compiling = compile_begin(
        build->request.stage, build->source_folder, &build->hidden, &compile_limits,
        one ? &build->jobs[COMPILE_CHECKED] : build->jobs, one ? 1 : COMPILE_KINDS, build->err);
    return build->compiling != NULL;
}

static bool has_succeeded(const struct compile_job *job)
{
    return job->finished && job->status == 0 && job->stopped == NULL;
}

// Where no namespace is between them, no program runs beside a compiler.
static bool is_checkable(const struct build_pending *build)
{
    return has_succeeded(&build->jobs[COMPILE_SYNTAX]) &&
           has_succeeded(&build->jobs[COMPILE_CHECKED]) &&
           !box_level_is_bare(build->request.stage->level);
}

static void call_meanwhile(struct build_pending *build)
{
    void (*meanwhile)(void *) = take(build->request.meanwhile);
    if (meanwhile != NULL)
        meanwhile(build->request.context);
}

static bool compile(struct build_pending *build)
{
    if (!begin_compiling(build))
        return false;
    call_meanwhile(build);
    while (!compile_is_done(build->compiling) && !is_checkable(build))
        if (!compile_go_on(build->compiling, true, build->err))
            return false;
    return compile_is_done(build->compiling) ? judge(build) : judge_early(build);
}

static bool load(struct build_pending *build)
{
    auto_str struct str messages = STR_INIT;
    if (build->request.no_cache || !cache_load(build->key, build->result->programs, &messages))
        return false;
    build->result->ok = build->result->cached = true;
    read_messages(build, str_text(&messages));
    return true;
}

static bool begin_all(struct build_pending *build)
{
    if (!prepare(build))
        return false;
    if (build->c_files.count == 0) {
        struct diagnostics none = {0};
        add_plain_error(build, &none, "there is no source file: no name ends in .c");
        build->result->diagnostics = none.items;
        build->result->diagnostic_count = none.count;
        build->result->raw = mem_copy_string("");
        return true;
    }
    choose_names(build);
    build->key = make_key(build);
    return load(build) || compile(build);
}

// ---- the parts of a build

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void build_end(struct build_pending *build)
{
    if (build == NULL)
        return;
    compile_end(build->compiling);
    remove_folders(build);
    for (enum compile_kind kind = 0; kind < COMPILE_KINDS; kind++) {
        compile_job_release(&build->jobs[kind]);
        strings_release(&build->argv[kind]);
        free(build->outputs[kind]);
    }
    compiler_release(&build->compiler);
    package_flags_release(&build->packages);
    strings_release(&build->c_files);
    strings_release(&build->hidden);
    free(build->source_folder);
    free(build->key);
    free(build);
}

// What is left of a result when it is known.
static bool finish(struct build_result *out, bool whole)
{
    for (int i = 0; !out->ok && i < BUILD_VARIANTS; i++)
        free(take(out->programs[i]));
    if (!whole)
        build_result_release(out);
    return whole;
}

bool build_begin(const struct build_request *request, struct build_result *out,
                 struct build_pending **out_pending, struct err *err)
{
    struct build_pending *build = mem_alloc(sizeof *build);
    *out = (struct build_result){0};
    *build = (struct build_pending){
        .request = *request, .result = out, .began = seconds_now(), .err = err};
    // What is written to the stage must be readable to the user that compiles; the stage itself
    // lets nobody else in.
    mode_t before = umask(022);
    bool whole = begin_all(build);
    if (whole)
        call_meanwhile(build);
    finish(out, whole);
    umask(before);
    out->seconds = seconds_now() - build->began;
    bool pending = whole && build->compiling != NULL && !compile_is_done(build->compiling);
    *out_pending = pending ? build : NULL;
    if (!pending)
        build_end(build);
    return whole;
}

bool build_go_on(struct build_pending *build, bool wait, bool *out_done, struct err *err)
{
    build->err = err;
    *out_done = build->judged;
    if (build->judged)
        return true;
    bool whole = compile_go_on(build->compiling, wait, err);
    if (!whole || !compile_is_done(build->compiling))
        return whole;
    *out_done = build->judged = true;
    mode_t before = umask(022);
    whole = finish(build->result, judge(build));
    umask(before);
    return whole;
}

int build_descriptor(const struct build_pending *build)
{
    return compile_descriptor(build->compiling);
}

bool build_run(const struct build_request *request, struct build_result *out, struct err *err)
{
    struct build_pending *pending = NULL;
    double began = seconds_now();
    bool whole = build_begin(request, out, &pending, err);
    for (bool done = pending == NULL; whole && !done;)
        whole = build_go_on(pending, true, &done, err);
    build_end(pending);
    if (!whole)
        build_result_release(out);
    else
        out->seconds = seconds_now() - began;
    return whole;
}

void build_result_release(struct build_result *result)
{
    struct diagnostics diagnostics = {.items = result->diagnostics,
                                      .count = result->diagnostic_count};
    diagnostics_release(&diagnostics);
    free(result->raw);
    free(result->command);
    free(result->stopped);
    for (int i = 0; i < BUILD_VARIANTS; i++)
        free(result->programs[i]);
    *result = (struct build_result){0};
}
