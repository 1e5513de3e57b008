// SPDX-License-Identifier: MIT
// render/diagnostic: what the compiler's messages mean. The samples are compiled by the compiler
// that is there, as a check compiles, so that a compiler which words its messages anew is noticed.
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "build/build.h"
#include "compile_errors.h"
#include "compile_warnings.h"
#include "render/diagnostic.h"

enum { AT_ONCE = 16, LONGEST_HELP = 74 };

struct built {
    char *cache;
    struct stage stage;
    struct build_result result;
};

// Builds sources of which some are wrong.
static struct built build_wrong(const struct sources *sources)
{
    struct built built = {.cache = mem_copy_string("/tmp/lab-unit-XXXXXX"), .stage = STAGE_INIT};
    struct err err = ERR_INIT;
    struct lab lab = {.id = (char *)"unit"};
    ck_assert_ptr_nonnull(mkdtemp(built.cache));
    ck_assert_int_eq(setenv("XDG_CACHE_HOME", built.cache, 1), 0);
    ck_assert_msg(stage_open(&built.stage, &err), "%s", err.message);
    const struct build_request request = {
        .lab = &lab, .sources = sources, .stage = &built.stage, .no_cache = true};
    ck_assert_msg(build_run(&request, &built.result, &err), "%s", err.message);
    return built;
}

static void built_release(struct built *built)
{
    build_result_release(&built->result);
    stage_close(&built->stage);
    ck_assert(folder_remove_all(built->cache, NULL));
    free(built->cache);
}

static void put(struct sources *sources, const char *name, const char *text)
{
    auto_free char *file = str_format("%s.c", name);
    sources_put(sources, file, text, strlen(text));
}

// The first message of this severity about a file; NULL: about any. SIZE_MAX: there is none.
static size_t find(const struct build_result *result, const char *severity, const char *file)
{
    for (size_t i = 0; i < result->diagnostic_count; i++)
        if (strcmp(result->diagnostics[i].severity, severity) == 0 &&
            (file == NULL || str_equal(result->diagnostics[i].file, file)))
            return i;
    return SIZE_MAX;
}

static void expect_help(const struct build_result *result, size_t index,
                        const struct compile_sample *sample)
{
    ck_assert_msg(index != SIZE_MAX, "%s: nothing was said", sample->name);
    const struct build_diagnostic *said = &result->diagnostics[index];
    auto_free char *help = diagnostic_help(result->diagnostics, result->diagnostic_count, index);
    ck_assert_msg(strcmp(said->message, sample->message) == 0, "%s: %s\ninstead of: %s",
                  sample->name, said->message, sample->message);
    ck_assert_msg(str_equal(help, sample->help), "%s: %s\nhelp: %s\ninstead of: %s", sample->name,
                  said->message, help, sample->help);
    ck_assert_msg(text_width(help) <= LONGEST_HELP, "%s: %s", sample->name, help);
}

// A build tells of a hundred messages at most, so not all samples at once.
static void expect_all(const struct compile_sample *samples, size_t count, const char *severity)
{
    for (size_t from = 0; from < count; from += AT_ONCE) {
        size_t end = from + AT_ONCE < count ? from + AT_ONCE : count;
        struct sources sources = {.hash = mem_copy_string("")};
        for (size_t i = from; i < end; i++)
            put(&sources, samples[i].name, samples[i].source);
        struct built built = build_wrong(&sources);
        for (size_t i = from; i < end; i++) {
            auto_free char *file = str_format("%s.c", samples[i].name);
            expect_help(&built.result, find(&built.result, severity, file), &samples[i]);
        }
        built_release(&built);
        sources_release(&sources);
    }
}

START_TEST(the_first_error_has_its_help)
{
    expect_all(refused, sizeof refused / sizeof *refused, "error");
}
END_TEST

START_TEST(the_first_warning_has_its_help)
{
    expect_all(warned, sizeof warned / sizeof *warned, "warning");
}
END_TEST

// ---- the linker

static void expect_linker_help(const char *other, const struct compile_sample *sample)
{
    struct sources sources = {.hash = mem_copy_string("")};
    put(&sources, sample->name, sample->source);
    if (other != NULL)
        put(&sources, "zother", other);
    struct built built = build_wrong(&sources);
    expect_help(&built.result, find(&built.result, "error", NULL), sample);
    built_release(&built);
    sources_release(&sources);
}

START_TEST(a_function_that_nobody_defines)
{
    expect_linker_help(
        NULL, &(struct compile_sample){
                  "server", "int helper(void);\nint main(void)\n{\n    return helper();\n}\n",
                  "undefined reference to `helper'",
                  "it is called, but no .c file here defines helper(): compare its spelling"});
}
END_TEST

START_TEST(a_function_that_is_spelled_in_another_way)
{
    expect_linker_help(NULL, &(struct compile_sample){"server",
                                                      "int answer(void)\n{\n    return 42;\n}\n"
                                                      "int main(void)\n{\n    return answr();\n}\n",
                                                      "undefined reference to `answr'",
                                                      "nothing is called answr(); there is "
                                                      "answer()"});
}
END_TEST

START_TEST(a_function_of_a_library_that_is_not_linked)
{
    expect_linker_help(
        NULL, &(struct compile_sample){
                  "server",
                  "#include <math.h>\nint main(int argc, char **argv)\n{\n    (void)argv;\n"
                  "    return (int)sqrt(argc);\n}\n",
                  "undefined reference to `sqrt'",
                  "sqrt() is in the library of mathematics, which labs are built without"});
}
END_TEST

START_TEST(no_main)
{
    expect_linker_help(NULL, &(struct compile_sample){
                                 "server", "int answer(void)\n{\n    return 42;\n}\n",
                                 "undefined reference to `main'",
                                 "a program begins in int main(void); no .c file here has one"});
}
END_TEST

START_TEST(a_function_that_two_files_define)
{
    expect_linker_help("int answer(void)\n{\n    return 42;\n}\n",
                       &(struct compile_sample){
                           "server",
                           "int answer(void)\n{\n    return 42;\n}\n"
                           "int main(void)\n{\n    return answer();\n}\n",
                           "multiple definition of `answer'",
                           "one .c file defines answer; the others and the header declare it"});
}
END_TEST

// ---- the table of headers

// A line of C for each name that holds only where the name is known.
static void add_probes(struct str *out, const char *names, bool structs)
{
    static int number;
    for (const char *at = names + strspn(names, " "); *at != '\0'; at += strspn(at, " ")) {
        int length = (int)strcspn(at, " ");
        if (structs)
            str_append_format(out, "unsigned long n%d = sizeof(struct %.*s);\n", number++, length,
                              at);
        else
            str_append_format(out, "#ifndef %.*s\n__typeof__(%.*s) *p%d;\n#endif\n", length, at,
                              length, at, number++);
        at += length;
    }
}

static void expect_compiles(struct sources *sources)
{
    put(sources, "main", "int main(void)\n{\n    return 0;\n}\n");
    struct built built = build_wrong(sources);
    size_t error = find(&built.result, "error", NULL);
    ck_assert_msg(built.result.ok, "%s: %s", built.result.diagnostics[error].file,
                  built.result.diagnostics[error].message);
    built_release(&built);
}

START_TEST(each_header_declares_the_names_that_the_table_gives_it)
{
    struct sources sources = {.hash = mem_copy_string("")};
    for (size_t i = 0; header_names[i].header != NULL; i++) {
        auto_str struct str text = STR_INIT;
        str_append_format(&text, "#include <%s>\n", header_names[i].header);
        add_probes(&text, header_names[i].names, false);
        add_probes(&text, header_names[i].structs, true);
        auto_free char *name = str_format("header%zu", i);
        put(&sources, name, str_text(&text));
    }
    expect_compiles(&sources);
    sources_release(&sources);
}
END_TEST

START_TEST(gnu_names_need_gnu_source)
{
    static const char headers[] =
        "#include <stdio.h>\n#include <string.h>\n#include <unistd.h>\n#include <poll.h>\n"
        "#include <fcntl.h>\n#include <sys/socket.h>\n";
    struct sources sources = {.hash = mem_copy_string("")};
    auto_str struct str with = STR_INIT;
    str_append_format(&with, "#define _GNU_SOURCE\n%s", headers);
    add_probes(&with, gnu_names, false);
    put(&sources, "with", str_text(&with));
    expect_compiles(&sources);
    auto_str struct str without = STR_INIT;
    str_append(&without, headers);
    add_probes(&without, gnu_names, false);
    put(&sources, "without", str_text(&without));
    struct built built = build_wrong(&sources);
    size_t errors = 0;
    for (size_t i = 0; i < built.result.diagnostic_count; i++)
        errors += strstr(built.result.diagnostics[i].message, "undeclared") != NULL;
    size_t names = 0;
    for (const char *c = gnu_names; c[1] != '\0'; c++)
        names += *c == ' ';
    ck_assert_uint_eq(errors, names);
    built_release(&built);
    sources_release(&sources);
}
END_TEST

// ---- what is no sample

START_TEST(an_unknown_message_has_no_help)
{
    struct build_diagnostic odd[] = {
        {.severity = (char *)"error", .message = (char *)"a message of a later compiler"},
        {.severity = (char *)"note", .message = (char *)"unterminated comment"},
        {.severity = (char *)"error", .message = (char *)""},
        {.severity = (char *)"error", .message = (char *)"conflicting types for '"},
        {.severity = (char *)"error", .message = (char *)"storage size of 'a' isn't known"},
    };
    for (size_t i = 0; i < 3; i++)
        ck_assert_ptr_null(diagnostic_help(odd, 5, i));
    for (size_t i = 3; i < 5; i++)
        free(diagnostic_help(odd, 5, i)); // whatever it says, it reads nothing behind the text
}
END_TEST

UNIT_MAIN("compile_help", the_first_error_has_its_help, the_first_warning_has_its_help,
          a_function_that_nobody_defines, a_function_that_is_spelled_in_another_way,
          a_function_of_a_library_that_is_not_linked, no_main, a_function_that_two_files_define,
          each_header_declares_the_names_that_the_table_gives_it, gnu_names_need_gnu_source,
          an_unknown_message_has_no_help)
