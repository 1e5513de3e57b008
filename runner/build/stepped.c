// SPDX-License-Identifier: MIT
// A third program, made when a failure is explained: without optimizing and without sanitizers, so
// that each of its instructions belongs to a line.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "build/build.h"
#include "build/cache.h"
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

// On what the program depends: what the entry's key is made of.
static char *make_key(const struct compiler *compiler, const struct package_flags *packages,
                      const struct strings *argv, const struct sources *sources)
{
    struct hash *hash = hash_new();
    hash_add_text(hash, "stepped 1"); // the form of an entry
    hash_add_text(hash, compiler->identity);
    for (size_t i = 0; i < packages->versions.count; i++)
        hash_add_text(hash, packages->versions.items[i]);
    hash_add_text(hash, NULL);
    for (size_t i = 0; i < argv->count; i++)
        hash_add_text(hash, argv->items[i]);
    hash_add_text(hash, NULL);
    hash_add_text(hash, sources->hash);
    return hash_finish(hash);
}

// The compiler's command line, and the program's key in the cache.
static bool make_arguments(const struct lab *lab, const struct sources *sources,
                           struct strings *argv, char **key, struct err *err)
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
        *key = make_key(&compiler, &packages, argv, sources);
        package_flags_release(&packages);
    }
    compiler_release(&compiler);
    return known;
}

// Takes the program out of where the compiler could write.
static bool take_program(const char *output, const char *to)
{
    auto_free char *from = path_join(output, "program");
    struct stat status;
    unlink(to);
    return lstat(from, &status) == 0 && S_ISREG(status.st_mode) && chmod(from, 0555) == 0 &&
           rename(from, to) == 0;
}

static bool compile(const struct lab *lab, const struct sources *sources, const struct stage *stage,
                    const struct strings *argv, const char *to, struct err *err)
{
    auto_strings struct strings hidden = STRINGS_INIT;
    auto_free char *source_folder = stage_folder(stage, "stepped-sources", err);
    auto_free char *output =
        source_folder != NULL ? stage_folder(stage, "stepped-output", err) : NULL;
    if (lab->course != NULL)
        strings_add(&hidden, lab->course);
    bool good = false;
    mode_t before = umask(022);
    if (output != NULL && write_sources(sources, source_folder, err)) {
        struct compile_job job = {.argv = argv, .output = output};
        good = compile_run(stage, source_folder, &hidden, &compile_limits, &job, 1, err) &&
               job.finished && job.status == 0 && take_program(output, to);
        compile_job_release(&job);
    }
    umask(before);
    if (source_folder != NULL)
        folder_remove_all(source_folder, NULL);
    if (output != NULL)
        folder_remove_all(output, NULL);
    return good;
}

char *build_stepped(const struct lab *lab, const struct sources *sources, const struct stage *stage,
                    struct err *err)
{
    auto_strings struct strings argv = STRINGS_INIT;
    auto_str struct str messages = STR_INIT;
    auto_free char *key = NULL;
    auto_free char *program = path_join(stage->path, "stepped");
    char *const programs[BUILD_VARIANTS] = {program};
    if (!make_arguments(lab, sources, &argv, &key, err))
        return NULL;
    if (!cache_load(key, programs, &messages)) {
        if (!compile(lab, sources, stage, &argv, program, err))
            return NULL;
        cache_store(key, programs, &messages, CACHE_BYTES);
    }
    return take(program);
}
