// SPDX-License-Identifier: MIT
// build/diagnostics: what gcc 12 says, from the recorded samples in tests/unit/gcc/.
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "build/diagnostics.h"

// The sources that the samples were recorded from; those not kept as files are one line each.
static struct source items[] = {
    {(char *)"two.c", NULL, 0},
    {(char *)"formats.c", NULL, 0},
    {(char *)"nm.c", (char *)"int f(void){return g_();}\n", 26},
    {(char *)"ur.c", (char *)"int helper(void);\n\nint main(void)\n{\n    return helper();\n}\n",
     56},
    {(char *)"d1.c", (char *)"int f(void){return 1;}\n", 23},
    {(char *)"d2.c", (char *)"int f(void){return 1;}\n", 23},
    {(char *)"asm.c", (char *)"\n", 1},
};
static const struct sources sources = {items, sizeof items / sizeof *items, NULL};

static char *sample(const char *name)
{
    auto_free char *path = str_format("%s/tests/unit/gcc/%s", LAB_SOURCE_DIR, name);
    struct str text = STR_INIT;
    struct err err = ERR_INIT;
    ck_assert_msg(file_read(AT_FDCWD, path, 1 << 20, &text, &err), "%s", err.message);
    return str_take(&text);
}

static void load_sources(void)
{
    for (size_t i = 0; i < 2; i++) {
        auto_free char *file = str_format("%s.txt", items[i].name);
        items[i].data = sample(file);
        items[i].length = strlen(items[i].data);
    }
}

static void release_sources(void)
{
    free(take(items[0].data));
    free(take(items[1].data));
}

struct reading {
    struct diagnostics diagnostics;
    struct str raw;
};

static struct reading read_text(const char *text)
{
    struct reading reading = {{0}, STR_INIT};
    load_sources();
    diagnostics_read(text, &sources, &reading.diagnostics, &reading.raw);
    release_sources();
    return reading;
}

static struct reading read_sample(const char *name)
{
    auto_free char *file = str_format("%s.stderr", name);
    auto_free char *text = sample(file);
    return read_text(text);
}

static void release(struct reading *reading)
{
    diagnostics_release(&reading->diagnostics);
    str_release(&reading->raw);
}

// "file:line:column: severity: message" of all, a line each.
static char *summary(const struct diagnostics *diagnostics)
{
    struct str out = STR_INIT;
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct build_diagnostic *item = &diagnostics->items[i];
        str_append_format(&out, "%s:%d:%d: %s: %s\n", item->file != NULL ? item->file : "-",
                          item->line, item->column, item->severity, item->message);
    }
    return str_take(&out);
}

static void expect(const char *name, const char *expected)
{
    struct reading reading = read_sample(name);
    auto_free char *actual = summary(&reading.diagnostics);
    ck_assert_str_eq(actual, expected);
    release(&reading);
}

START_TEST(errors_come_first_and_have_their_line_and_caret)
{
    struct reading reading = read_sample("syntax-error");
    auto_free char *actual = summary(&reading.diagnostics);
    ck_assert_str_eq(actual,
                     "two.c:6:18: error: expected ';' before '}' token\n"
                     "two.c:5:13: warning: unused variable 'unused' [-Wunused-variable]\n"
                     "two.c:11:20: warning: implicit declaration of function 'answr'; did you "
                     "mean 'answer'? [-Wimplicit-function-declaration]\n");
    const struct build_diagnostic *item = reading.diagnostics.items;
    ck_assert_str_eq(item[0].source_line, "        return 42");
    ck_assert_int_eq(item[0].caret_from, 18);
    ck_assert_int_eq(item[0].caret_to, 18);
    ck_assert_int_eq(item[1].caret_from, 13);
    ck_assert_int_eq(item[1].caret_to, 18);
    ck_assert_uint_eq(reading.diagnostics.errors, 1);
    release(&reading);
}
END_TEST

START_TEST(the_text_has_gcc_s_layout)
{
    struct reading reading = read_sample("syntax-error");
    ck_assert_ptr_nonnull(strstr(reading.raw.data, "two.c:5:13: warning: unused variable 'unused' "
                                                   "[-Wunused-variable]\n"
                                                   "    5 |         int unused = 3;\n"
                                                   "      |             ^~~~~~\n"));
    release(&reading);
}
END_TEST

START_TEST(notes_stay_behind_what_they_explain)
{
    struct reading reading = read_sample("warnings");
    auto_free char *actual = summary(&reading.diagnostics);
    ck_assert_str_eq(actual, "formats.c:7:9: warning: format '%d' expects argument of type "
                             "'int', but argument 2 has type 'long int' [-Wformat=]\n"
                             "formats.c:2:26: note: format string is defined here\n"
                             "formats.c:8:34: warning: unused variable 'q' "
                             "[-Wunused-variable]\n");
    ck_assert_int_eq(reading.diagnostics.items[1].caret_from, 25);
    ck_assert_uint_eq(reading.diagnostics.errors, 0);
    release(&reading);
}
END_TEST

START_TEST(a_program_without_main_is_told_so)
{
    static const char note[] =
        "-:0:0: note: no source file defines main(), where a program begins\n";
    auto_free char *ld = str_format("-:0:0: error: undefined reference to `main'\n%s"
                                    "nm.c:1:0: error: undefined reference to `g_'\n",
                                    note);
    auto_free char *gold = str_format("-:0:0: error: undefined reference to 'main'\n%s"
                                      "nm.c:1:0: error: undefined reference to 'g_'\n",
                                      note);
    expect("no-main-ld", ld);
    expect("no-main-gold", gold);
}
END_TEST

START_TEST(undefined_functions_are_found_where_they_are_called)
{
    expect("undefined-ld", "ur.c:5:0: error: undefined reference to `helper'\n");
    expect("undefined-gold", "ur.c:5:0: error: undefined reference to 'helper'\n");
    struct reading reading = read_sample("undefined-ld");
    ck_assert_str_eq(reading.diagnostics.items[0].source_line, "    return helper();");
    ck_assert_int_eq(reading.diagnostics.items[0].caret_from, 0);
    ck_assert_ptr_nonnull(strstr(reading.raw.data, "\nur.c:5: undefined reference"));
    release(&reading);
}
END_TEST

START_TEST(doubled_functions_are_found_in_both_places)
{
    expect("doubled-ld", "d2.c:1:0: error: multiple definition of `f'\n"
                         "d1.c:1:0: note: first defined here\n");
    expect("doubled-gold", "-:0:0: error: multiple definition of 'f'\n");
}
END_TEST

START_TEST(assembler_and_library_errors_are_read)
{
    expect("assembler", "asm.c:1:0: error: no such instruction: `foo bar'\n"
                        "-:0:0: error: file not found: /etc/shadow2\n");
    expect("no-library", "-:0:0: error: cannot find -lnothing: No such file or directory\n");
}
END_TEST

START_TEST(out_of_memory_is_a_limit)
{
    struct reading reading = read_sample("memory");
    ck_assert_str_eq(reading.diagnostics.limit, "the compiler used up 2 GiB of memory");
    ck_assert_uint_eq(reading.diagnostics.errors, 1);
    release(&reading);
}
END_TEST

START_TEST(a_source_that_speaks_of_memory_is_no_limit)
{
    struct reading reading =
        read_text("[{\"kind\": \"error\", \"message\": \"#error out of memory allocating\"}]\n");
    ck_assert_ptr_null(reading.diagnostics.limit);
    ck_assert_str_eq(reading.raw.data, "cc1: error: #error out of memory allocating\n");
    release(&reading);
}
END_TEST

START_TEST(several_files_give_several_arrays)
{
    struct reading reading = read_sample("missing-header");
    auto_free char *actual = summary(&reading.diagnostics);
    ck_assert(str_starts_with(actual, "mi.c:1:10: error: missing.h: No such file or "
                                      "directory\ntwo.c:6:18: error: "));
    ck_assert(str_starts_with(reading.raw.data, "mi.c:1:10: fatal error: missing.h"));
    release(&reading);
}
END_TEST

START_TEST(a_text_cut_anywhere_does_no_harm)
{
    static const char *const names[] = {"syntax-error", "warnings", "doubled-ld", "assembler"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        auto_free char *file = str_format("%s.stderr", names[i]);
        auto_free char *text = sample(file);
        for (size_t length = strlen(text); length-- > 0;) {
            text[length] = '\0';
            struct reading whole = read_text(text);
            struct reading tail = read_text(text + length / 2);
            release(&whole);
            release(&tail);
        }
    }
}
END_TEST

START_TEST(odd_json_does_no_harm)
{
    static const char *const texts[] = {
        "[{}]",
        "[{\"kind\": 3}]",
        "[{\"kind\": \"note\"}]",
        "[{\"kind\": \"error\", \"locations\": {}}]",
        "[{\"kind\": \"error\", \"locations\": [{\"caret\": []}]}]",
        "[{\"kind\": \"error\", \"locations\": [{\"caret\": {\"file\": \"two.c\", \"line\": -1, "
        "\"display-column\": 1e99}}]}]",
        "[{\"kind\": \"error\", \"locations\": [{\"caret\": {\"file\": \"two.c\", \"line\": 5, "
        "\"display-column\": 2000000000}, \"finish\": {\"line\": 5, \"display-column\": "
        "2147483647}}]}]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct reading reading = read_text(texts[i]);
        ck_assert_uint_le(reading.diagnostics.count, 1);
        ck_assert_uint_lt(reading.raw.length, 10000);
        release(&reading);
    }
}
END_TEST

START_TEST(what_a_terminal_could_obey_is_not_passed_on)
{
    struct reading reading =
        read_text("[{\"kind\": \"error\", \"message\": \"a\\u001b[2Jb\\tc\xff\"}]\n\x1b]0;x\x07\n");
    ck_assert_str_eq(reading.diagnostics.items[0].message, "a?[2Jb  c?");
    ck_assert_ptr_null(strchr(reading.raw.data, '\x1b'));
    release(&reading);
}
END_TEST

START_TEST(a_flood_is_counted_and_not_kept)
{
    auto_str struct str text = STR_INIT;
    for (int i = 0; i < 500; i++)
        str_append_format(&text, "[{\"kind\": \"error\", \"message\": \"%d\"}]\n", i);
    struct reading reading = read_text(text.data);
    ck_assert_uint_eq(reading.diagnostics.count, DIAGNOSTICS_MOST);
    ck_assert(str_ends_with(reading.raw.data, "(400 more left out)\n"));
    release(&reading);
}
END_TEST

UNIT_MAIN("diagnostics", errors_come_first_and_have_their_line_and_caret, the_text_has_gcc_s_layout,
          notes_stay_behind_what_they_explain, a_program_without_main_is_told_so,
          undefined_functions_are_found_where_they_are_called,
          doubled_functions_are_found_in_both_places, assembler_and_library_errors_are_read,
          out_of_memory_is_a_limit, a_source_that_speaks_of_memory_is_no_limit,
          several_files_give_several_arrays, a_text_cut_anywhere_does_no_harm,
          odd_json_does_no_harm, what_a_terminal_could_obey_is_not_passed_on,
          a_flood_is_counted_and_not_kept)
