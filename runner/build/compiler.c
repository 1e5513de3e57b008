// SPDX-License-Identifier: MIT
// The compiler: where it is, what it is, and the command lines of the three compilations.
#include "build/compiler.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "build/build.h"
#include "build/tool.h"

static const char install[] = "sudo apt-get install gcc libc6-dev";

// ccache and distcc hide behind gcc's name and need files outside /usr; clang behind cc's speaks
// another language of diagnostics. What a link leads to tells them apart.
static bool is_gcc(const char *real)
{
    return strstr(path_base(real), "gcc") != NULL;
}

// The real path of `name` in PATH when that is gcc, or NULL.
static char *search(const char *name)
{
    const char *path = getenv("PATH");
    auto_free char *copy = mem_copy_string(path != NULL ? path : "/usr/local/bin:/usr/bin:/bin");
    char *rest = copy;
    for (char *folder = strsep(&rest, ":"); folder != NULL; folder = strsep(&rest, ":")) {
        auto_free char *candidate = path_join(folder, name);
        char *real = access(candidate, X_OK) == 0 ? realpath(candidate, NULL) : NULL;
        if (real != NULL && is_gcc(real))
            return real;
        free(real);
    }
    return NULL;
}

static void add_file(struct str *identity, const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0)
        str_append_format(identity, "%s %lld %lld.%09ld\n", path, (long long)status.st_size,
                          (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

static bool exists_in(const char *folder, const char *name)
{
    auto_free char *path = path_join(folder, name);
    return path_exists(path);
}

// Fills what depends on where cc1, the compiler proper, lies.
static bool find_parts(struct compiler *compiler, struct err *err)
{
    auto_str struct str cc1 = STR_INIT;
    const char *const argv[] = {compiler->path, "-print-prog-name=cc1", NULL};
    struct err why = ERR_INIT;
    bool answered = tool_ask(argv, &cc1, &why);
    if (why.kind != ERR_NONE) {
        err_move(err, &why);
        return false;
    }
    if (!answered || str_text(&cc1)[0] != '/') {
        err_set(err, ERR_ENV, "%s is no whole compiler: it finds no cc1", compiler->path);
        err_set_cure(err, "%s", install);
        return false;
    }
    static const char *const parts[] = {"/usr/bin/as", "/usr/bin/ld", "/usr/bin/ld.gold",
                                        "/usr/include/features.h"};
    auto_str struct str identity = STR_INIT;
    add_file(&identity, compiler->path);
    add_file(&identity, cc1.data);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        add_file(&identity, parts[i]);
    compiler->identity = str_take(&identity);
    *strrchr(cc1.data, '/') = '\0';
    compiler->static_runtimes =
        exists_in(cc1.data, "libasan.a") && exists_in(cc1.data, "libubsan.a");
    compiler->gold = path_exists("/usr/bin/ld.gold");
    return true;
}

static bool find_path(struct compiler *out, struct err *err)
{
    out->name = mem_copy_string("cc");
    out->path = search("cc");
    if (out->path == NULL) {
        free(out->name);
        out->name = mem_copy_string("gcc");
        out->path = search("gcc");
    }
    if (out->path == NULL)
        err_set(err, ERR_ENV, "no C compiler: neither cc nor gcc in PATH is gcc");
    else if (!str_starts_with(out->path, "/usr/"))
        err_set(err, ERR_ENV, "the compiler %s lies outside /usr, and the sandbox shows only /usr",
                out->path);
    else if (!path_exists("/usr/include/stdio.h"))
        err_set(err, ERR_ENV, "the C library's headers are missing: no /usr/include/stdio.h");
    else
        return true;
    err_set_cure(err, "%s", install);
    return false;
}

bool compiler_find(struct compiler *out, struct err *err)
{
    *out = (struct compiler){0};
    if (find_path(out, err) && find_parts(out, err))
        return true;
    compiler_release(out);
    return false;
}

void compiler_release(struct compiler *compiler)
{
    free(compiler->name);
    free(compiler->path);
    free(compiler->identity);
    *compiler = (struct compiler){0};
}

char *build_compiler_version(struct err *err)
{
    struct compiler compiler;
    if (!compiler_find(&compiler, err))
        return NULL;
    auto_str struct str version = STR_INIT;
    const char *const argv[] = {compiler.path, "-dumpfullversion", NULL};
    struct err why = ERR_INIT;
    bool answered = tool_ask(argv, &version, &why);
    if (why.kind != ERR_NONE)
        err_move(err, &why);
    else if (!answered)
        err_set(err, ERR_ENV, "%s does not say its version", compiler.path);
    compiler_release(&compiler);
    return answered ? str_format("gcc %s", str_text(&version)) : NULL;
}

static void add_all(struct strings *out, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        strings_add(out, words[i]);
}

static void add_flags(enum compile_kind kind, const struct compiler *compiler, struct strings *out)
{
    static const char *const syntax[] = {"-std=gnu17", "-fsyntax-only", "-Wall", "-Wextra"};
    static const char *const checked[] = {"-std=gnu17",
                                          "-g",
                                          "-O0",
                                          "-Wall",
                                          "-Wextra",
                                          "-fno-omit-frame-pointer",
                                          "-fsanitize=address,undefined",
                                          "-fno-sanitize-recover=undefined"};
    // Every function is on the stack while a call of its own lasts, and found past large arrays.
    static const char *const plain[] = {"-std=gnu17",
                                        "-g",
                                        "-O2",
                                        "-Wall",
                                        "-Wextra",
                                        "-fno-optimize-sibling-calls",
                                        "-fno-omit-frame-pointer"};
    static const char *const runtimes[] = {"-static-libasan", "-static-libubsan"};
    // Calls through a table in memory, whose places have names.
    static const char *const stepped[] = {"-std=gnu17", "-g", "-O0", "-w",
                                          "-fno-omit-frame-pointer", "-fno-plt",
                                          "-fcf-protection=none", "-fno-stack-protector",
                                          // The names of numbers.
                                          "-fno-eliminate-unused-debug-types"};
    if (kind == COMPILE_SYNTAX)
        add_all(out, syntax, sizeof syntax / sizeof *syntax);
    else if (kind == COMPILE_CHECKED)
        add_all(out, checked, sizeof checked / sizeof *checked);
    else if (kind == COMPILE_STEPPED)
        add_all(out, stepped, sizeof stepped / sizeof *stepped);
    else
        add_all(out, plain, sizeof plain / sizeof *plain);
    // The plain build keeps the usual linker: it is as fast there, and its messages name the lines
    // of a doubled definition, which gold's do not.
    if (kind == COMPILE_CHECKED && compiler->gold)
        strings_add(out, "-fuse-ld=gold");
    if (kind == COMPILE_CHECKED && compiler->static_runtimes)
        add_all(out, runtimes, sizeof runtimes / sizeof *runtimes);
    strings_add(out, "-pthread");
}

// gcc takes "-x.c" for an option and "@x.c" for a file of options.
static void add_file_name(struct strings *out, const char *name)
{
    bool special = name[0] == '-' || name[0] == '@';
    strings_add_format(out, "%s%s", special ? "./" : "", name);
}

void compiler_arguments(enum compile_kind kind, const struct compiler *compiler,
                        const struct package_flags *packages, const struct strings *c_files,
                        const char *output, struct strings *out)
{
    add_flags(kind, compiler, out);
    for (size_t i = 0; i < packages->compile.count; i++)
        strings_add(out, packages->compile.items[i]);
    for (size_t i = 0; i < c_files->count; i++)
        add_file_name(out, c_files->items[i]);
    if (kind == COMPILE_SYNTAX)
        return;
    strings_add(out, "-o");
    strings_add(out, output);
    for (size_t i = 0; i < packages->link.count; i++)
        strings_add(out, packages->link.items[i]);
}

bool build_command(const struct lab *lab, const struct strings *c_files, struct strings *out_argv,
                   struct err *err)
{
    struct compiler compiler;
    struct package_flags packages;
    if (!compiler_find(&compiler, err))
        return false;
    if (!package_flags_ask(lab, &packages, err)) {
        compiler_release(&compiler);
        return false;
    }
    strings_add(out_argv, compiler.name);
    compiler_arguments(COMPILE_CHECKED, &compiler, &packages, c_files, "program", out_argv);
    package_flags_release(&packages);
    compiler_release(&compiler);
    return true;
}

char *command_line(const struct strings *argv)
{
    struct str out = STR_INIT;
    for (size_t i = 0; i < argv->count; i++) {
        if (i > 0)
            str_append_char(&out, ' ');
        text_append_shell_word(&out, argv->items[i]);
    }
    return str_take(&out);
}
