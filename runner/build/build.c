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

struct build {
    const struct build_request *request;
    struct build_result *result;
    struct compiler compiler;
    struct package_flags packages;
    struct strings c_files;
    struct strings argv[COMPILE_KINDS];
    unsigned number;              // of this build on its stage
    char *source_folder;          // on the stage
    char *outputs[COMPILE_KINDS]; // on the stage
    struct err *err;
};

// ---- what is to be done

static bool is_wanted(const struct build *build, enum compile_kind kind)
{
    return !build->request->checked_only || kind == COMPILE_CHECKED;
}

static void find_c_files(struct build *build)
{
    const struct sources *sources = build->request->sources;
    const struct strings *only = build->request->only;
    for (size_t i = 0; only != NULL && i < only->count; i++)
        strings_add(&build->c_files, only->items[i]);
    for (size_t i = 0; only == NULL && i < sources->count; i++)
        if (str_ends_with(sources->items[i].name, ".c"))
            strings_add(&build->c_files, sources->items[i].name);
}

static void make_argv(struct build *build, enum compile_kind kind)
{
    struct strings *argv = &build->argv[kind];
    strings_add(argv, build->compiler.path);
    compiler_arguments(kind, &build->compiler, &build->packages, &build->c_files, "/out/program",
                       argv);
    // Debug information says where a line is in the words of the workspace, not of the box.
    strings_add(argv, "-fdebug-prefix-map=/src=.");
    strings_add(argv, "-fdiagnostics-format=json");
}

static bool prepare(struct build *build)
{
    if (!compiler_find(&build->compiler, build->err) ||
        !package_flags_ask(build->request->lab, &build->packages, build->err))
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

static char *make_key(const struct build *build)
{
    struct hash *hash = hash_new();
    hash_add_text(hash, "1"); // the form of an entry
    hash_add_text(hash, build->compiler.identity);
    hash_strings(hash, &build->packages.versions);
    for (enum compile_kind kind = 0; kind < COMPILE_KINDS; kind++)
        if (is_wanted(build, kind))
            hash_strings(hash, &build->argv[kind]);
    hash_add_text(hash, build->request->sources->hash);
    return hash_finish(hash);
}

// ---- the stage

static char *stage_path(const struct build *build, const char *what)
{
    auto_free char *name = str_format("%s-%u", what, build->number);
    return path_join(build->request->stage->path, name);
}

// Several builds may share a stage, one after the other.
static void choose_names(struct build *build)
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

static bool write_sources(struct build *build)
{
    const struct sources *sources = build->request->sources;
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

static bool make_folders(struct build *build)
{
    auto_free char *name = str_format("sources-%u", build->number);
    build->source_folder = stage_folder(build->request->stage, name, build->err);
    for (enum compile_kind kind = 0; build->source_folder != NULL && kind < COMPILE_KINDS; kind++) {
        auto_free char *output = str_format("output-%u-%s", build->number, kind_names[kind]);
        build->outputs[kind] = stage_folder(build->request->stage, output, build->err);
        if (build->outputs[kind] == NULL)
            return false;
    }
    return build->source_folder != NULL && write_sources(build);
}

static void remove_folders(struct build *build)
{
    if (build->source_folder != NULL)
        folder_remove_all(build->source_folder, NULL);
    for (enum compile_kind kind = 0; kind < COMPILE_KINDS; kind++)
        if (build->outputs[kind] != NULL)
            folder_remove_all(build->outputs[kind], NULL);
}

// Takes a program out of where the compiler could write. What lies there may be anything.
static bool take_program(struct build *build, int variant)
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

static void add_plain_error(struct build *build, struct diagnostics *diagnostics, const char *text)
{
    auto_free char *severity = mem_copy_string("error");
    auto_free char *message = mem_copy_string(text);
    diagnostics_add(diagnostics, build->request->sources,
                    &(struct build_diagnostic){.severity = severity, .message = message});
}

static void read_messages(struct build *build, const char *text)
{
    auto_str struct str raw = STR_INIT;
    struct diagnostics diagnostics = {0};
    diagnostics_read(text, build->request->sources, &diagnostics, &raw);
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
static bool check_space(struct build *build, const struct compile_job *job)
{
    struct statvfs space;
    if (strstr(str_text(&job->text), "No space left on device") == NULL ||
        statvfs(build->request->stage->path, &space) < 0 ||
        space.f_bavail * space.f_frsize > (1u << 20))
        return true;
    err_set(build->err, ERR_ENV, "%s: no space left for the compiler", build->request->stage->path);
    err_set_cure(build->err, STAGE_CURE);
    return false;
}

static bool judge(struct build *build, const struct compile_job *jobs, const char *key)
{
    const struct compile_job *job = choose_job(jobs);
    struct build_result *result = build->result;
    if (job->stopped != NULL)
        result->stopped = mem_copy_string(job->stopped);
    result->ok = job->stopped == NULL && !failed(job);
    if (!result->ok && !check_space(build, job))
        return false;
    for (int i = 0; result->ok && i < BUILD_VARIANTS; i++)
        if (result->programs[i] != NULL && !take_program(build, i))
            return false;
    read_messages(build, str_text(&job->text));
    if (result->ok && !build->request->no_cache)
        cache_store(key, result->programs, &job->text, CACHE_BYTES);
    return true;
}

// ---- compiling

static bool compile(struct build *build, const char *key)
{
    auto_strings struct strings hidden = STRINGS_INIT;
    course_hidden(build->request->lab, &hidden);
    if (!make_folders(build))
        return false;
    struct compile_job jobs[COMPILE_KINDS] = {0};
    for (enum compile_kind kind = 0; kind < COMPILE_KINDS; kind++) {
        jobs[kind].argv = &build->argv[kind];
        jobs[kind].output = build->outputs[kind];
        jobs[kind].decisive = kind == COMPILE_SYNTAX;
    }
    const bool one = build->request->checked_only;
    bool whole =
        compile_run(build->request->stage, build->source_folder, &hidden, &compile_limits,
                    one ? &jobs[COMPILE_CHECKED] : jobs, one ? 1 : COMPILE_KINDS, build->err) &&
        judge(build, jobs, key);
    for (enum compile_kind kind = 0; kind < COMPILE_KINDS; kind++)
        compile_job_release(&jobs[kind]);
    return whole;
}

static bool load(struct build *build, const char *key)
{
    auto_str struct str messages = STR_INIT;
    if (build->request->no_cache || !cache_load(key, build->result->programs, &messages))
        return false;
    build->result->ok = build->result->cached = true;
    read_messages(build, str_text(&messages));
    return true;
}

static bool build_all(struct build *build)
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
    auto_free char *key = make_key(build);
    return load(build, key) || compile(build, key);
}

static void build_release(struct build *build)
{
    compiler_release(&build->compiler);
    package_flags_release(&build->packages);
    strings_release(&build->c_files);
    free(build->source_folder);
    for (enum compile_kind kind = 0; kind < COMPILE_KINDS; kind++) {
        strings_release(&build->argv[kind]);
        free(build->outputs[kind]);
    }
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

bool build_run(const struct build_request *request, struct build_result *out, struct err *err)
{
    *out = (struct build_result){0};
    struct build build = {.request = request, .result = out, .err = err};
    double began = seconds_now();
    // What is written to the stage must be readable to the user that compiles; the stage itself
    // lets nobody else in.
    mode_t before = umask(022);
    bool whole = build_all(&build);
    umask(before);
    remove_folders(&build);
    build_release(&build);
    out->seconds = seconds_now() - began;
    for (int i = 0; !out->ok && i < BUILD_VARIANTS; i++)
        free(take(out->programs[i]));
    if (!whole)
        build_result_release(out);
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
