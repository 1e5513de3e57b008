// SPDX-License-Identifier: MIT
// A third program, made when a failure is explained: without optimizing and without sanitizers, so
// that each of its instructions belongs to a line.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "build/build.h"
#include "build/compile.h"
#include "build/compiler.h"

static bool write_sources(const struct sources *sources, const char *folder, struct err *err)
{
    for (size_t i = 0; i < sources->count; i++) {
        const struct source *source = &sources->items[i];
        auto_free char *path = path_join(folder, source->name);
        auto_free char *parent = str_format("%.*s", (int)(path_base(path) - path - 1), path);
        if (!folder_make_all(parent, 0755, err) ||
            !file_write(AT_FDCWD, path, source->data, source->length, 0644, err))
            return false;
    }
    return true;
}

static bool make_arguments(const struct lab *lab, const struct sources *sources,
                           struct strings *argv, struct err *err)
{
    auto_strings struct strings c_files = STRINGS_INIT;
    struct compiler compiler;
    struct package_flags packages;
    for (size_t i = 0; i < sources->count; i++)
        if (str_ends_with(sources->items[i].name, ".c"))
            strings_add(&c_files, sources->items[i].name);
    if (!compiler_find(&compiler, err))
        return false;
    bool known = package_flags_ask(lab, &packages, err);
    if (known) {
        strings_add(argv, compiler.path);
        compiler_arguments(COMPILE_STEPPED, &compiler, &packages, &c_files, "/out/program", argv);
        strings_add(argv, "-fdebug-prefix-map=/src=.");
        package_flags_release(&packages);
    }
    compiler_release(&compiler);
    return known;
}

// Takes the program out of where the compiler could write.
static char *take_program(const struct stage *stage, const char *output)
{
    auto_free char *from = path_join(output, "program");
    auto_free char *to = path_join(stage->path, "stepped");
    struct stat status;
    unlink(to);
    if (lstat(from, &status) < 0 || !S_ISREG(status.st_mode) || chmod(from, 0555) < 0 ||
        rename(from, to) < 0)
        return NULL;
    return take(to);
}

char *build_stepped(const struct lab *lab, const struct sources *sources, const struct stage *stage,
                    struct err *err)
{
    auto_strings struct strings argv = STRINGS_INIT;
    auto_strings struct strings hidden = STRINGS_INIT;
    auto_free char *source_folder = stage_folder(stage, "stepped-sources", err);
    auto_free char *output = stage_folder(stage, "stepped-output", err);
    if (lab->course != NULL)
        strings_add(&hidden, lab->course);
    char *program = NULL;
    mode_t before = umask(022);
    if (source_folder != NULL && output != NULL && write_sources(sources, source_folder, err) &&
        make_arguments(lab, sources, &argv, err)) {
        struct compile_job job = {.argv = &argv, .output = output};
        if (compile_run(stage, source_folder, &hidden, &compile_limits, &job, 1, err) &&
            job.finished && job.status == 0)
            program = take_program(stage, output);
        compile_job_release(&job);
    }
    umask(before);
    if (source_folder != NULL)
        folder_remove_all(source_folder, NULL);
    if (output != NULL)
        folder_remove_all(output, NULL);
    return program;
}
