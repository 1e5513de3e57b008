// SPDX-License-Identifier: MIT
// build: real compilations in real boxes, and the cache.
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "box/process.h"
#include "build/build.h"
#include "build/cache.h"
#include "build/compile.h"
#include "build/tool.h"

// ---- a workshop: a stage, an empty cache and sources

struct workshop {
    char *folder; // holds the cache and, in some tests, files that nobody may read
    struct stage stage;
    struct sources sources;
    struct lab lab;
};

static struct workshop workshop_open(void)
{
    struct workshop shop = {.stage = STAGE_INIT};
    struct err err = ERR_INIT;
    shop.folder = mem_copy_string("/tmp/lab-unit-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(shop.folder));
    ck_assert_int_eq(setenv("XDG_CACHE_HOME", shop.folder, 1), 0);
    ck_assert_msg(stage_open(&shop.stage, &err), "%s", err.message);
    shop.lab.id = (char *)"unit";
    return shop;
}

static void workshop_close(struct workshop *shop)
{
    stage_close(&shop->stage);
    sources_release(&shop->sources);
    ck_assert(folder_remove_all(shop->folder, NULL));
    free(shop->folder);
}

static void add_bytes(struct workshop *shop, const char *name, const char *data, size_t length)
{
    struct sources *sources = &shop->sources;
    sources->items = mem_resize(sources->items, (sources->count + 1) * sizeof *sources->items);
    struct str copy = STR_INIT;
    str_append_bytes(&copy, data, length);
    sources->items[sources->count++] =
        (struct source){mem_copy_string(name), str_take(&copy), length};
    // No test changes a source without changing how many there are or how long they are.
    free(sources->hash);
    sources->hash = str_format("%zu %s %zu", sources->count, name, length);
}

static void add(struct workshop *shop, const char *name, const char *text)
{
    add_bytes(shop, name, text, strlen(text));
}

static struct build_result build(struct workshop *shop, bool no_cache)
{
    struct build_result result;
    struct err err = ERR_INIT;
    const struct build_request request = {
        .lab = &shop->lab, .sources = &shop->sources, .stage = &shop->stage, .no_cache = no_cache};
    bool built = build_run(&request, &result, &err);
    ck_assert_msg(built, "%s", err.message);
    ck_assert_ptr_nonnull(result.raw);
    ck_assert_ptr_nonnull(result.command);
    for (int i = 0; i < BUILD_VARIANTS; i++)
        ck_assert((result.programs[i] != NULL) == result.ok);
    return result;
}

// Builds one file that is wrong and returns the result.
static struct build_result build_wrong(struct workshop *shop, const char *text)
{
    add(shop, "server.c", text);
    struct build_result result = build(shop, true);
    ck_assert(!result.ok);
    return result;
}

static bool has_message(const struct build_result *result, const char *severity, const char *text)
{
    for (size_t i = 0; i < result->diagnostic_count; i++)
        if (strcmp(result->diagnostics[i].severity, severity) == 0 &&
            strstr(result->diagnostics[i].message, text) != NULL)
            return true;
    return false;
}

// What a built program prints, run without a box: the tests' own programs are harmless.
static char *output_of(const char *program)
{
    struct str out = STR_INIT;
    struct err err = ERR_INIT;
    const char *const argv[] = {program, NULL};
    ck_assert_msg(tool_ask(argv, &out, &err), "%s", err.message != NULL ? err.message : program);
    return str_take(&out);
}

static const char hello[] = "#include <stdio.h>\n"
                            "int main(void)\n"
                            "{\n"
                            "    puts(\"hello\");\n"
                            "    return 0;\n"
                            "}\n";

// ---- what compiles

static struct build_result build_checked(struct workshop *shop)
{
    struct build_result result;
    struct err err = ERR_INIT;
    const struct build_request request = {
        .lab = &shop->lab, .sources = &shop->sources, .stage = &shop->stage, .checked_only = true};
    ck_assert_msg(build_run(&request, &result, &err), "%s", err.message);
    return result;
}

START_TEST(who_wants_no_plain_program_gets_none)
{
    struct workshop shop = workshop_open();
    add(&shop, "server.c", hello);
    for (int cached = 0; cached < 2; cached++) {
        struct build_result result = build_checked(&shop);
        ck_assert_msg(result.ok, "%s %s", result.raw, result.stopped);
        ck_assert(result.cached == (cached == 1));
        ck_assert_ptr_null(result.programs[BUILD_PLAIN]);
        auto_free char *said = output_of(result.programs[BUILD_CHECKED]);
        ck_assert_str_eq(said, "hello");
        build_result_release(&result);
    }
    // The other kind of build takes no half entry for its own.
    struct build_result both = build(&shop, false);
    ck_assert(both.ok && !both.cached);
    build_result_release(&both);
    add(&shop, "server.c", "int main(void) { return nothing; }\n");
    struct build_result wrong = build_checked(&shop);
    ck_assert(!wrong.ok);
    ck_assert(has_message(&wrong, "error", "nothing"));
    build_result_release(&wrong);
    workshop_close(&shop);
}
END_TEST

START_TEST(both_programs_are_built_and_run)
{
    struct workshop shop = workshop_open();
    add(&shop, "server.c", hello);
    struct build_result result = build(&shop, true);
    ck_assert_msg(result.ok, "%s %s", result.raw, result.stopped);
    ck_assert(!result.cached);
    ck_assert_uint_eq(result.diagnostic_count, 0);
    ck_assert_ptr_nonnull(strstr(result.command, "-fsanitize=address,undefined"));
    ck_assert(str_starts_with(result.command, "cc "));
    for (int i = 0; i < BUILD_VARIANTS; i++) {
        auto_free char *said = output_of(result.programs[i]);
        ck_assert_str_eq(said, "hello");
    }
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

START_TEST(odd_names_and_folders_compile)
{
    struct workshop shop = workshop_open();
    add(&shop, "-a b'c\"\n\xc3\xbc$(x).c", "#include \"lib/x.h\"\nint main(void){return X;}\n");
    add(&shop, "@lib/x.c", "int unused_anywhere;\n");
    add(&shop, "lib/x.h", "#define X 0\n");
    struct build_result result = build(&shop, true);
    ck_assert_msg(result.ok, "%s", result.raw);
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

START_TEST(warnings_do_not_fail_and_come_with_their_line)
{
    struct workshop shop = workshop_open();
    add(&shop, "server.c", "int main(void)\n{\n\tint x;\n\treturn x;\n}\n");
    struct build_result result = build(&shop, true);
    ck_assert(result.ok);
    ck_assert(has_message(&result, "warning", "'x' is used uninitialized"));
    ck_assert_str_eq(result.diagnostics[0].file, "server.c");
    ck_assert_int_eq(result.diagnostics[0].line, 4);
    ck_assert_str_eq(result.diagnostics[0].source_line, "        return x;");
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

START_TEST(only_the_named_files_are_compiled)
{
    struct workshop shop = workshop_open();
    add(&shop, "server.c", hello);
    add(&shop, "other.c", "broken");
    auto_strings struct strings only = STRINGS_INIT;
    strings_add(&only, "server.c");
    struct build_result result;
    struct err err = ERR_INIT;
    const struct build_request request = {.lab = &shop.lab,
                                          .sources = &shop.sources,
                                          .only = &only,
                                          .stage = &shop.stage,
                                          .no_cache = true};
    ck_assert(build_run(&request, &result, &err));
    ck_assert(result.ok);
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

START_TEST(a_sanitizer_names_files_as_the_workspace_does)
{
    struct workshop shop = workshop_open();
    add(&shop, "server.c",
        "#include <stdlib.h>\nint main(void)\n{\n    volatile int n = 4;\n"
        "    int *p = calloc(4, sizeof *p);\n    p[n] = 1;\n    return 0;\n}\n");
    struct build_result result = build(&shop, true);
    ck_assert(result.ok);
    auto_free char *log = path_join(shop.folder, "log");
    auto_free char *options = str_format("log_path=%s:log_suffix=", log);
    ck_assert_int_eq(setenv("ASAN_OPTIONS", options, 1), 0);
    pid_t pid = fork();
    if (pid == 0) {
        execl(result.programs[BUILD_CHECKED], "program", (char *)NULL);
        _exit(127);
    }
    auto_free char *path = str_format("%s.%d", log, (int)pid);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    auto_str struct str report = STR_INIT;
    ck_assert(file_read(AT_FDCWD, path, 1 << 20, &report, NULL));
    ck_assert_msg(strstr(report.data, "heap-buffer-overflow server.c:6 in main") != NULL, "%s",
                  report.data);
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

// ---- what does not

START_TEST(a_syntax_error_is_a_result)
{
    struct workshop shop = workshop_open();
    struct build_result result = build_wrong(&shop, "int main(void)\n{\n    return 0\n}\n");
    ck_assert_str_eq(result.diagnostics[0].severity, "error");
    ck_assert_str_eq(result.diagnostics[0].message, "expected ';' before '}' token");
    ck_assert_int_eq(result.diagnostics[0].line, 3);
    ck_assert_ptr_nonnull(strstr(result.raw, "server.c:3:13: error: expected ';'"));
    ck_assert_ptr_null(result.stopped);
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

START_TEST(an_empty_source_lacks_main)
{
    struct workshop shop = workshop_open();
    struct build_result result = build_wrong(&shop, "");
    ck_assert_str_eq(result.diagnostics[0].message, "undefined reference to `main'");
    ck_assert(has_message(&result, "note", "no source file defines main()"));
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

START_TEST(no_source_at_all_is_told_so)
{
    struct workshop shop = workshop_open();
    add(&shop, "only.h", "");
    struct build_result result = build(&shop, false);
    ck_assert(!result.ok);
    ck_assert(has_message(&result, "error", "no source file"));
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

START_TEST(a_doubled_definition_names_both_files)
{
    struct workshop shop = workshop_open();
    add(&shop, "a.c", "int f(void) { return 1; }\nint main(void) { return f(); }\n");
    struct build_result result = build_wrong(&shop, "\nint f(void) { return 2; }\n");
    ck_assert_str_eq(result.diagnostics[0].message, "multiple definition of `f'");
    ck_assert_str_eq(result.diagnostics[0].file, "server.c");
    ck_assert_int_eq(result.diagnostics[0].line, 2);
    ck_assert_str_eq(result.diagnostics[1].file, "a.c");
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

START_TEST(a_missing_package_is_named_with_its_cure)
{
    struct workshop shop = workshop_open();
    struct lab_package packages[] = {{(char *)"zlib", (char *)"zlib1g-dev"},
                                     {(char *)"no-such-module", (char *)"libnosuch-dev"}};
    shop.lab.packages = packages;
    shop.lab.package_count = 2;
    add(&shop, "server.c", hello);
    struct build_result result;
    struct err err = ERR_INIT;
    const struct build_request request = {
        .lab = &shop.lab, .sources = &shop.sources, .stage = &shop.stage};
    ck_assert(!build_run(&request, &result, &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    ck_assert_str_eq(err.cure, "sudo apt-get install libnosuch-dev");
    err_release(&err);

    shop.lab.package_count = 1;
    auto_strings struct strings files = STRINGS_INIT;
    auto_strings struct strings argv = STRINGS_INIT;
    strings_add(&files, "a.c");
    ck_assert(build_command(&shop.lab, &files, &argv, &err));
    ck_assert_str_eq(argv.items[argv.count - 1], "-lz");
    workshop_close(&shop);
}
END_TEST

START_TEST(without_a_compiler_the_cure_is_told)
{
    struct workshop shop = workshop_open();
    add(&shop, "server.c", hello);
    ck_assert_int_eq(setenv("PATH", shop.folder, 1), 0);
    struct build_result result;
    struct err err = ERR_INIT;
    const struct build_request request = {
        .lab = &shop.lab, .sources = &shop.sources, .stage = &shop.stage};
    ck_assert(!build_run(&request, &result, &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    ck_assert_ptr_nonnull(strstr(err.cure, "apt-get install gcc"));
    err_release(&err);
    workshop_close(&shop);
}
END_TEST

// ---- sources that mean harm

// A file outside that the compiling user could read, were it in the box.
static char *put_secret(struct workshop *shop)
{
    char *path = path_join(shop->folder, "secret.h");
    static const char text[] = "TOP-SECRET-SOLUTION\n";
    ck_assert(file_write(AT_FDCWD, path, text, sizeof text - 1, 0644, NULL));
    ck_assert_int_eq(chmod(shop->folder, 0755), 0);
    return path;
}

START_TEST(files_outside_cannot_be_included)
{
    static const char *const forms[] = {
        "#include \"%s\"\nint main(void){return 0;}\n",
        "__asm__(\".incbin \\\"%s\\\"\");\nint main(void){return 0;}\n",
        "__asm__(\".include \\\"%s\\\"\");\nint main(void){return 0;}\n",
        "#include \"/src/../..%s\"\nint main(void){return 0;}\n",
        "#include \"/proc/1/root%s\"\nint main(void){return 0;}\n",
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct workshop shop = workshop_open();
        auto_free char *secret = put_secret(&shop);
        auto_str struct str text = STR_INIT;
        const char *hole = strstr(forms[i], "%s");
        str_append_bytes(&text, forms[i], (size_t)(hole - forms[i]));
        str_append(&text, secret);
        str_append(&text, hole + 2);
        struct build_result result = build_wrong(&shop, text.data);
        ck_assert_ptr_null(strstr(result.raw, "SECRET"));
        ck_assert_ptr_nonnull(strstr(result.raw, "secret.h"));
        build_result_release(&result);
        workshop_close(&shop);
    }
}
END_TEST

START_TEST(the_machine_s_accounts_cannot_be_included)
{
    struct workshop shop = workshop_open();
    struct build_result result =
        build_wrong(&shop, "#include \"/etc/shadow\"\n#include \"/etc/hostname\"\n"
                           "int main(void){return 0;}\n");
    ck_assert_ptr_nonnull(strstr(result.raw, "/etc/shadow: No such file or directory"));
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

START_TEST(its_own_output_cannot_be_read_for_ever)
{
    struct workshop shop = workshop_open();
    struct build_result result =
        build_wrong(&shop, "#include \"/proc/self/fd/2\"\nint main(void){return 0;}\n");
    ck_assert(has_message(&result, "error", "/proc/self/fd/2"));
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

START_TEST(an_assembler_that_wants_all_memory_is_stopped)
{
    struct workshop shop = workshop_open();
    struct build_result result = build_wrong(
        &shop, "__asm__(\".rept 2000000000\\n.quad 1\\n.endr\");\nint main(void){return 0;}\n");
    ck_assert_ptr_nonnull(result.stopped);
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

START_TEST(a_program_that_is_too_large_is_refused)
{
    struct workshop shop = workshop_open();
    struct build_result result = build_wrong(&shop, "__asm__(\".data\\n.fill 100000000,1,1\");\n"
                                                    "int main(void){return 0;}\n");
    ck_assert_msg(result.stopped != NULL || result.diagnostic_count > 0, "%s", result.raw);
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

// ---- compilations that do not end, with limits small enough for a test

static struct compile_job run_job(struct workshop *shop, const char *text,
                                  const struct compile_limits *limits)
{
    struct err err = ERR_INIT;
    auto_free char *sources = stage_folder(&shop->stage, "sources", &err);
    auto_free char *output = stage_folder(&shop->stage, "output", &err);
    auto_free char *file = path_join(sources, "server.c");
    ck_assert(file_write(AT_FDCWD, file, text, strlen(text), 0644, &err));
    auto_strings struct strings argv = STRINGS_INIT;
    static const char *const words[] = {"/usr/bin/gcc", "-fsyntax-only", "-Wall", "server.c"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        strings_add(&argv, words[i]);
    const struct strings hidden = STRINGS_INIT;
    struct compile_job job = {.argv = &argv, .output = output};
    bool ran = compile_run(&shop->stage, sources, &hidden, limits, &job, 1, &err);
    ck_assert_msg(ran, "%s", err.message);
    job.argv = NULL;
    job.output = NULL;
    return job;
}

START_TEST(a_compiler_that_never_ends_is_stopped)
{
    struct workshop shop = workshop_open();
    struct compile_limits limits = compile_limits;
    limits.cpu_seconds = 0.5;
    struct compile_job job = run_job(&shop, "#include __FILE__\n#include __FILE__\n", &limits);
    ck_assert(!job.finished);
    ck_assert_str_eq(job.stopped, "the compiler used up 0.5 s of CPU time");
    compile_job_release(&job);
    workshop_close(&shop);
}
END_TEST

START_TEST(macros_that_grow_without_end_are_stopped)
{
    struct workshop shop = workshop_open();
    struct compile_limits limits = compile_limits;
    limits.memory = (size_t)200 * 1024 * 1024;
    limits.cpu_seconds = 5;
    struct compile_job job = run_job(&shop,
                                     "#define A(x) x x x x x x x x x x\n"
                                     "#define B(x) A(A(A(A(A(x)))))\n"
                                     "int main(void) { int x = 0; B(B(x++;)) return x; }\n",
                                     &limits);
    ck_assert(!job.finished || job.status != 0);
    compile_job_release(&job);
    workshop_close(&shop);
}
END_TEST

START_TEST(messages_without_end_are_cut_in_the_middle)
{
    struct workshop shop = workshop_open();
    struct compile_limits limits = compile_limits;
    limits.kept = 4000;
    auto_str struct str text = STR_INIT;
    for (int i = 0; i < 1000; i++)
        str_append_format(&text, "#warning number %d\n", i);
    struct compile_job job = run_job(&shop, text.data, &limits);
    ck_assert(job.finished);
    ck_assert_uint_lt(job.text.length, 5000);
    ck_assert_ptr_nonnull(strstr(job.text.data, "number 0\n"));
    ck_assert_ptr_nonnull(strstr(job.text.data, "number 999"));
    ck_assert_ptr_nonnull(strstr(job.text.data, "bytes left out)\n"));
    compile_job_release(&job);

    workshop_close(&shop);
}
END_TEST

START_TEST(a_compiler_that_floods_is_stopped)
{
    struct workshop shop = workshop_open();
    struct compile_limits limits = compile_limits;
    limits.kept = 4000;
    limits.written = 20000;
    auto_str struct str text = STR_INIT;
    for (int i = 0; i < 10000; i++)
        str_append_format(&text, "#warning number %d\n", i);
    struct compile_job job = run_job(&shop, text.data, &limits);
    // Either the flood or its end is seen first.
    ck_assert(job.finished || strstr(job.stopped, "messages") != NULL);
    ck_assert_uint_lt(job.text.length, 5000);
    compile_job_release(&job);
    workshop_close(&shop);
}
END_TEST

// ---- the checked program first, the plain one later

struct begun {
    struct build_request request;
    struct build_result result;
    struct build_pending *pending;
};

static void begin(struct workshop *shop, struct begun *begun)
{
    struct err err = ERR_INIT;
    begun->request = (struct build_request){
        .lab = &shop->lab, .sources = &shop->sources, .stage = &shop->stage, .no_cache = true};
    ck_assert_msg(build_begin(&begun->request, &begun->result, &begun->pending, &err), "%s",
                  err.message);
}

static void go_on_to_the_end(struct begun *begun)
{
    struct err err = ERR_INIT;
    for (bool done = begun->pending == NULL; !done;)
        ck_assert(build_go_on(begun->pending, true, &done, &err));
}

static void end(struct workshop *shop, struct begun *begun)
{
    build_end(begun->pending);
    build_result_release(&begun->result);
    workshop_close(shop);
}

// The plain compiler of this source takes all the time that it is given.
static const char slow_when_plain[] = "#if defined __OPTIMIZE__ && !defined __SANITIZE_ADDRESS__\n"
                                      "#include __FILE__\n"
                                      "#include __FILE__\n"
                                      "#else\n"
                                      "int main(void) { return 0; }\n"
                                      "#endif\n";

START_TEST(the_checked_program_is_there_while_the_plain_one_compiles)
{
    struct workshop shop = workshop_open();
    struct begun begun;
    add(&shop, "server.c", slow_when_plain);
    begin(&shop, &begun);
    ck_assert_ptr_nonnull(begun.pending);
    ck_assert(begun.result.ok);
    auto_free char *said = output_of(begun.result.programs[BUILD_CHECKED]);
    ck_assert_str_eq(said, "");
    ck_assert(!path_exists(begun.result.programs[BUILD_PLAIN]));
    end(&shop, &begun); // nothing of it is left: workshop_close looks
}
END_TEST

START_TEST(both_programs_are_there_in_the_end_with_the_optimiser_s_warnings)
{
    struct workshop shop = workshop_open();
    struct begun begun;
    add(&shop, "server.c",
        "#include <stdlib.h>\nint main(int c, char **v)\n{\n    int x;\n    if (c > 1)\n"
        "        x = atoi(v[1]);\n    return x;\n}\n");
    begin(&shop, &begun);
    go_on_to_the_end(&begun);
    ck_assert(begun.result.ok);
    for (int i = 0; i < BUILD_VARIANTS; i++)
        ck_assert(path_exists(begun.result.programs[i]));
    ck_assert(has_message(&begun.result, "warning", "may be used uninitialized"));
    end(&shop, &begun);
}
END_TEST

START_TEST(a_plain_program_that_cannot_be_built_is_told_in_the_end)
{
    struct workshop shop = workshop_open();
    struct begun begun;
    add(&shop, "server.c",
        "#ifdef __OPTIMIZE__\n#error only then\n#endif\nint main(void) { return 0; }\n");
    begin(&shop, &begun);
    go_on_to_the_end(&begun);
    ck_assert(!begun.result.ok);
    ck_assert(has_message(&begun.result, "error", "only then"));
    ck_assert_ptr_null(begun.result.programs[BUILD_CHECKED]);
    end(&shop, &begun);
}
END_TEST

START_TEST(the_syntax_check_tells_errors_while_the_checked_build_still_compiles)
{
    struct workshop shop = workshop_open();
    struct build_result result = build_wrong(&shop, "#ifdef __SANITIZE_ADDRESS__\n"
                                                    "#include __FILE__\n" // it takes 10 s
                                                    "#include __FILE__\n"
                                                    "#endif\n"
                                                    "int main(void) { return 0 }\n");
    ck_assert_ptr_null(result.stopped);
    ck_assert(has_message(&result, "error", "expected ';'"));
    build_result_release(&result);
    workshop_close(&shop);
}
END_TEST

// ---- the cache

START_TEST(a_second_build_comes_from_the_cache_with_its_warnings)
{
    struct workshop shop = workshop_open();
    add(&shop, "server.c", "int main(void)\n{\n    int x;\n    return 0;\n}\n");
    struct build_result first = build(&shop, false);
    struct build_result second = build(&shop, false);
    ck_assert(first.ok && !first.cached);
    ck_assert(second.ok && second.cached);
    ck_assert_str_eq(first.raw, second.raw);
    ck_assert(has_message(&second, "warning", "unused variable 'x'"));
    ck_assert_str_ne(first.programs[0], second.programs[0]);
    auto_free char *said = output_of(second.programs[BUILD_CHECKED]);
    ck_assert_str_eq(said, "");
    build_result_release(&first);
    build_result_release(&second);
    workshop_close(&shop);
}
END_TEST

START_TEST(a_cache_that_cannot_be_written_is_no_error)
{
    struct workshop shop = workshop_open();
    add(&shop, "server.c", hello);
    ck_assert_int_eq(setenv("XDG_CACHE_HOME", "/proc/nowhere", 1), 0);
    for (int i = 0; i < 2; i++) {
        struct build_result result = build(&shop, false);
        ck_assert(result.ok && !result.cached);
        build_result_release(&result);
    }
    workshop_close(&shop);
}
END_TEST

static char *make_program(struct workshop *shop, const char *name, size_t length)
{
    char *path = path_join(shop->folder, name);
    auto_free char *bytes = mem_alloc(length);
    ck_assert(file_write(AT_FDCWD, path, bytes, length, 0700, NULL));
    return path;
}

START_TEST(a_damaged_entry_is_not_used)
{
    struct workshop shop = workshop_open();
    char *from[] = {make_program(&shop, "c", 1000), make_program(&shop, "p", 2000)};
    char *to[] = {path_join(shop.folder, "c2"), path_join(shop.folder, "p2")};
    auto_str struct str messages = STR_INIT;
    str_append(&messages, "[]\n");
    cache_store("key", from, &messages, CACHE_BYTES);
    str_clear(&messages);
    ck_assert(cache_load("key", to, &messages));
    ck_assert_str_eq(messages.data, "[]\n");
    ck_assert(!cache_load("other", to, &messages));
    auto_free char *stored = path_join(shop.folder, "lab/build/key/plain");
    ck_assert_int_eq(truncate(stored, 1999), 0);
    ck_assert(!cache_load("key", to, &messages));
    ck_assert(!path_exists(to[0]) && !path_exists(to[1]));
    cache_store("key", from, &messages, CACHE_BYTES);
    ck_assert(cache_load("key", to, &messages));
    for (int i = 0; i < BUILD_VARIANTS; i++) {
        free(from[i]);
        free(to[i]);
    }
    workshop_close(&shop);
}
END_TEST

START_TEST(the_least_recently_used_entry_goes_first)
{
    struct workshop shop = workshop_open();
    char *from[] = {make_program(&shop, "c", 30000), make_program(&shop, "p", 30000)};
    char *to[] = {path_join(shop.folder, "c2"), path_join(shop.folder, "p2")};
    auto_str struct str messages = STR_INIT;
    cache_store("one", from, &messages, CACHE_BYTES);
    cache_store("two", from, &messages, CACHE_BYTES);
    // Long ago, in this order.
    static const char *const names[] = {"two", "one"};
    for (int i = 0; i < 2; i++) {
        auto_free char *entry = str_format("%s/lab/build/%s", shop.folder, names[i]);
        const struct timespec times[] = {{1000 + i, 0}, {1000 + i, 0}};
        ck_assert_int_eq(utimensat(AT_FDCWD, entry, times, 0), 0);
    }
    cache_store("three", from, &messages, 150000);
    ck_assert(!cache_load("two", to, &messages));
    ck_assert(cache_load("one", to, &messages));
    ck_assert(cache_load("three", to, &messages));
    for (int i = 0; i < BUILD_VARIANTS; i++) {
        free(from[i]);
        free(to[i]);
    }
    workshop_close(&shop);
}
END_TEST

START_TEST(the_compiler_says_its_version)
{
    struct err err = ERR_INIT;
    auto_free char *version = build_compiler_version(&err);
    ck_assert_msg(version != NULL, "%s", err.message);
    ck_assert(str_starts_with(version, "gcc "));
    ck_assert(version[4] >= '0' && version[4] <= '9');
}
END_TEST

UNIT_MAIN("build", both_programs_are_built_and_run, who_wants_no_plain_program_gets_none,
          odd_names_and_folders_compile, warnings_do_not_fail_and_come_with_their_line,
          only_the_named_files_are_compiled, a_sanitizer_names_files_as_the_workspace_does,
          a_syntax_error_is_a_result, an_empty_source_lacks_main, no_source_at_all_is_told_so,
          a_doubled_definition_names_both_files, a_missing_package_is_named_with_its_cure,
          without_a_compiler_the_cure_is_told, files_outside_cannot_be_included,
          the_machine_s_accounts_cannot_be_included, its_own_output_cannot_be_read_for_ever,
          an_assembler_that_wants_all_memory_is_stopped, a_program_that_is_too_large_is_refused,
          a_compiler_that_never_ends_is_stopped, macros_that_grow_without_end_are_stopped,
          messages_without_end_are_cut_in_the_middle, a_compiler_that_floods_is_stopped,
          the_checked_program_is_there_while_the_plain_one_compiles,
          both_programs_are_there_in_the_end_with_the_optimiser_s_warnings,
          a_plain_program_that_cannot_be_built_is_told_in_the_end,
          the_syntax_check_tells_errors_while_the_checked_build_still_compiles,
          a_second_build_comes_from_the_cache_with_its_warnings,
          a_cache_that_cannot_be_written_is_no_error, a_damaged_entry_is_not_used,
          the_least_recently_used_entry_goes_first, the_compiler_says_its_version)
