// SPDX-License-Identifier: MIT
/*
 * Sanitizers' reports: sanitizer/NAME.c makes a mistake, sanitizer/NAME.stderr is what gcc 12's
 * runtime said of it. Comments in the programs mark the lines that a report has to name. One test
 * makes all reports again, so that a compiler that words them otherwise is noticed.
 */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "trace/sanitizer.h"

static const struct sample {
    const char *name;
    enum sanitizer_kind kind;
    enum sanitizer_access access;
    size_t size;
    enum sanitizer_place place;
    size_t distance, block_size;
    const char *variable;
    const char *options; // that its report needs besides the kit's
} samples[] = {
    {"heap-write", SANITIZER_HEAP_OVERFLOW, ACCESS_WRITE, 1, PLACE_PAST, 0, 26, NULL, ""},
    {"heap-read-in-library", SANITIZER_HEAP_OVERFLOW, ACCESS_READ, 6, PLACE_PAST, 0, 5, NULL, ""},
    {"heap-before", SANITIZER_HEAP_OVERFLOW, ACCESS_READ, 1, PLACE_BEFORE, 1, 16, NULL, ""},
    {"stack-write", SANITIZER_STACK_OVERRUN, ACCESS_WRITE, 1, PLACE_PAST, 0, 8, "line", ""},
    {"global-write", SANITIZER_GLOBAL_OVERFLOW, ACCESS_WRITE, 4, PLACE_PAST, 0, 16, "clients", ""},
    {"use-after-free", SANITIZER_USE_AFTER_FREE, ACCESS_READ, 8, PLACE_INSIDE, 0, 32, NULL, ""},
    {"use-after-free-thread", SANITIZER_USE_AFTER_FREE, ACCESS_WRITE, 1, PLACE_INSIDE, 3, 10, NULL,
     ""},
    {"thread-crash", SANITIZER_HEAP_OVERFLOW, ACCESS_WRITE, 1, PLACE_PAST, 2, 10, NULL, ""},
    {"double-free", SANITIZER_DOUBLE_FREE, ACCESS_UNKNOWN, 0, PLACE_INSIDE, 0, 64, NULL, ""},
    {"bad-free", SANITIZER_BAD_FREE, ACCESS_UNKNOWN, 0, PLACE_INSIDE, 4, 64, NULL, ""},
    {"use-after-scope", SANITIZER_USE_AFTER_SCOPE, ACCESS_READ, 4, PLACE_INSIDE, 0, 4, "code", ""},
    {"use-after-return", SANITIZER_USE_AFTER_RETURN, ACCESS_READ, 1, PLACE_INSIDE, 0, 32, "text",
     ":detect_stack_use_after_return=1"},
    {"null-in-library", SANITIZER_NULL_POINTER, ACCESS_READ, 0, PLACE_UNKNOWN, 0, 0, NULL, ""},
    {"null-callback", SANITIZER_UNDEFINED, ACCESS_UNKNOWN, 0, PLACE_UNKNOWN, 0, 0, NULL, ""},
    {"null-jump", SANITIZER_NULL_POINTER, ACCESS_READ, 0, PLACE_UNKNOWN, 0, 0, NULL, ""},
    {"wild", SANITIZER_SEGV, ACCESS_WRITE, 0, PLACE_UNKNOWN, 0, 0, NULL, ""},
    {"stack-overflow", SANITIZER_STACK_EXHAUSTED, ACCESS_UNKNOWN, 0, PLACE_UNKNOWN, 0, 0, NULL, ""},
    {"allocation-too-big", SANITIZER_ALLOCATION_TOO_BIG, ACCESS_UNKNOWN, 0, PLACE_UNKNOWN, 0, 0,
     NULL, ""},
    {"leak", SANITIZER_LEAK, ACCESS_UNKNOWN, 0, PLACE_UNKNOWN, 0, 0, NULL, ""},
    {"overlap", SANITIZER_OVERLAP, ACCESS_UNKNOWN, 0, PLACE_INSIDE, 0, 32, "buffer", ""},
    {"negative-size", SANITIZER_NEGATIVE_SIZE, ACCESS_UNKNOWN, 0, PLACE_INSIDE, 0, 8, "from", ""},
    {"divide", SANITIZER_DIVISION, ACCESS_UNKNOWN, 0, PLACE_UNKNOWN, 0, 0, NULL, ""},
    {"signed-overflow", SANITIZER_UNDEFINED, ACCESS_UNKNOWN, 0, PLACE_UNKNOWN, 0, 0, NULL, ""},
    {"index", SANITIZER_UNDEFINED, ACCESS_UNKNOWN, 0, PLACE_UNKNOWN, 0, 0, NULL, ""},
    {"null-member", SANITIZER_UNDEFINED, ACCESS_UNKNOWN, 0, PLACE_UNKNOWN, 0, 0, NULL, ""},
    {"null-argument", SANITIZER_UNDEFINED, ACCESS_UNKNOWN, 0, PLACE_UNKNOWN, 0, 0, NULL, ""},
    {"memory-limit", SANITIZER_OUT_OF_MEMORY, ACCESS_UNKNOWN, 0, PLACE_UNKNOWN, 0, 0, NULL,
     ":hard_rss_limit_mb=64"},
};
enum { SAMPLES = sizeof samples / sizeof *samples };

static void load(const char *name, const char *suffix, struct str *out)
{
    struct err err = ERR_INIT;
    auto_free char *path = str_format(LAB_SOURCE_DIR "/tests/unit/sanitizer/%s%s", name, suffix);
    ck_assert_msg(file_read(AT_FDCWD, path, (size_t)1 << 20, out, &err), "%s", path);
}

// ---------------------------------------------------------------- the lines that are named

static bool is_own(const struct sample *sample, const struct source_frame *frame)
{
    return frame->file != NULL && str_starts_with(frame->file, sample->name) &&
           str_equal(frame->file + strlen(sample->name), ".c");
}

// "10 read_body, 16 serve, 21 main": the frames in the sample's own source.
static char *own_frames(const struct sample *sample, const struct sanitizer_stack *stack)
{
    struct str out = STR_INIT;
    for (size_t i = 0; i < stack->count; i++)
        if (is_own(sample, &stack->frames[i]))
            str_append_format(&out, "%s%d %s", out.length > 0 ? ", " : "", stack->frames[i].line,
                              stack->frames[i].function);
    return str_take(&out);
}

static int first_own_line(const struct sample *sample, const struct sanitizer_stack *stack)
{
    for (size_t i = 0; i < stack->count; i++)
        if (is_own(sample, &stack->frames[i]))
            return stack->frames[i].line;
    return 0;
}

// The line with this comment at its end, 0: there is none.
static int marked_line(const struct str *source, const char *mark)
{
    auto_free char *comment = str_format("// %s\n", mark);
    const char *found = strstr(str_text(source), comment);
    int line = found != NULL;
    for (const char *c = source->data; found != NULL && c < found; c++)
        line += *c == '\n';
    return line;
}

static void expect_lines(const struct sample *sample, const struct sanitizer_report *report)
{
    static const struct {
        const char *mark;
        enum sanitizer_stack_name stack;
    } marks[] = {{"crash", STACK_CRASH},
                 {"allocated", STACK_ALLOCATED},
                 {"freed", STACK_FREED},
                 {"thread", STACK_THREAD}};
    auto_str struct str source = STR_INIT;
    load(sample->name, ".c", &source);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        int wanted = marked_line(&source, marks[i].mark);
        bool leak = report->kind == SANITIZER_LEAK;
        const struct sanitizer_stack *stack = &report->stacks[leak ? STACK_CRASH : marks[i].stack];
        if (wanted > 0 && first_own_line(sample, stack) > 0)
            ck_assert_msg(first_own_line(sample, stack) == wanted, "%s: %s at %d, not %d",
                          sample->name, marks[i].mark, first_own_line(sample, stack), wanted);
        if (str_equal(marks[i].mark, "crash") && !str_equal(sample->name, "null-jump"))
            ck_assert_int_eq(wanted > 0, first_own_line(sample, stack) > 0 && !leak);
    }
    if (marked_line(&source, "variable") > 0)
        ck_assert_int_eq(report->variable_line, marked_line(&source, "variable"));
}

START_TEST(recorded_reports_say_kind_access_block_and_lines)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *sample = &samples[i];
        auto_str struct str text = STR_INIT;
        load(sample->name, ".stderr", &text);
        struct sanitizer_report report;
        ck_assert_msg(sanitizer_read(text.data, text.length, &report), "%s", sample->name);
        ck_assert_msg(report.kind == sample->kind && report.access == sample->access &&
                          report.size == sample->size && report.place == sample->place &&
                          report.distance == sample->distance &&
                          report.block_size == sample->block_size &&
                          str_equal(report.variable, sample->variable),
                      "%s: kind %d, access %d of %zu, place %d at %zu of %zu, variable %s",
                      sample->name, (int)report.kind, (int)report.access, report.size,
                      (int)report.place, report.distance, report.block_size, report.variable);
        expect_lines(sample, &report);
        sanitizer_release(&report);
    }
}
END_TEST

START_TEST(every_stack_is_told_apart)
{
    auto_str struct str text = STR_INIT;
    load("use-after-free-thread", ".stderr", &text);
    struct sanitizer_report report;
    ck_assert(sanitizer_read(text.data, text.length, &report));
    static const char *const wanted[STACKS] = {[STACK_CRASH] = "18 main",
                                               [STACK_ALLOCATED] = "14 main",
                                               [STACK_FREED] = "8 worker",
                                               [STACK_THREAD] = "16 main",
                                               [STACK_VARIABLE] = ""};
    for (size_t i = 0; i < STACKS; i++) {
        auto_free char *frames = own_frames(&samples[6], &report.stacks[i]);
        ck_assert_str_eq(frames, wanted[i]);
    }
    sanitizer_release(&report);
}
END_TEST

START_TEST(a_leak_has_its_bytes_blocks_and_further_leaks)
{
    auto_str struct str text = STR_INIT;
    load("leak", ".stderr", &text);
    struct sanitizer_report report;
    ck_assert(sanitizer_read(text.data, text.length, &report));
    ck_assert_uint_eq(report.leaked_bytes, 30);
    ck_assert_uint_eq(report.leaked_blocks, 3);
    ck_assert_uint_eq(report.further_leaks, 1);
    sanitizer_release(&report);
}
END_TEST

// ---------------------------------------------------------------- made again

static void append_command(struct str *out, const struct sample *sample)
{
    struct err err = ERR_INIT;
    struct lab lab = {0};
    auto_strings struct strings files = STRINGS_INIT;
    auto_strings struct strings argv = STRINGS_INIT;
    strings_add_format(&files, "%s.c", sample->name);
    ck_assert(build_command(&lab, &files, &argv, &err));
    str_append_format(out, "(mkdir %s && cd %s && cp %s/tests/unit/sanitizer/%s.c . && ",
                      sample->name, sample->name, "\"$SOURCE\"", sample->name);
    for (size_t i = 0; i < argv.count; i++) {
        text_append_shell_word(out, argv.items[i]);
        str_append_char(out, ' ');
    }
    str_append_format(out,
                      "-w -fdebug-prefix-map=\"$PWD\"=. && ulimit -c 0 && "
                      "ASAN_OPTIONS=abort_on_error=1:detect_leaks=1%s LSAN_OPTIONS=exitcode=0 "
                      "UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:abort_on_error=1 "
                      "./program >/dev/null 2>stderr)",
                      sample->options);
}

// Compiles and runs every other of the samples from `first` to `end`, in `folder`.
static FILE *start_half(const char *folder, size_t first, size_t end)
{
    auto_str struct str script = STR_INIT;
    str_append_format(&script, "cd %s; SOURCE='%s'; ", folder, LAB_SOURCE_DIR);
    for (size_t i = first; i < end; i += 2) {
        append_command(&script, &samples[i]);
        str_append(&script, "; ");
    }
    auto_free char *path = str_format("%s/half%zu", folder, first);
    FILE *file = fopen(path, "w");
    fputs(str_text(&script), file);
    fclose(file);
    auto_free char *command = str_format("exec sh %s 2>&1", path);
    return popen(command, "r");
}

// What the compiler says; the shell tells of aborted programs.
static void end_half(FILE *half, struct str *out)
{
    char buffer[4096];
    size_t got;
    while ((got = fread(buffer, 1, sizeof buffer, half)) > 0)
        str_append_bytes(out, buffer, got);
    pclose(half);
}

static void compare_with_recorded(const char *folder, const struct sample *sample, const char *said)
{
    struct err err = ERR_INIT;
    auto_str struct str recorded = STR_INIT;
    auto_str struct str fresh = STR_INIT;
    load(sample->name, ".stderr", &recorded);
    auto_free char *path = str_format("%s/%s/stderr", folder, sample->name);
    ck_assert_msg(file_read(AT_FDCWD, path, (size_t)1 << 20, &fresh, &err), "%s: %s", sample->name,
                  said);
    struct sanitizer_report old;
    struct sanitizer_report new;
    ck_assert(sanitizer_read(recorded.data, recorded.length, &old));
    ck_assert_msg(sanitizer_read(fresh.data, fresh.length, &new), "%s says:\n%s\n%s", sample->name,
                  str_text(&fresh), said);
    ck_assert_msg(new.kind == old.kind, "%s says:\n%s", sample->name, str_text(&fresh));
    for (size_t i = 0; i < STACKS && old.kind != SANITIZER_STACK_EXHAUSTED; i++) {
        auto_free char *old_frames = own_frames(sample, &old.stacks[i]);
        auto_free char *new_frames = own_frames(sample, &new.stacks[i]);
        ck_assert_msg(str_equal(new_frames, old_frames), "%s, stack %zu: %s, not %s; it says:\n%s",
                      sample->name, i, new_frames, old_frames, str_text(&fresh));
    }
    expect_lines(sample, &new);
    sanitizer_release(&old);
    sanitizer_release(&new);
}

static void make_again(size_t first, size_t end)
{
    struct err err = ERR_INIT;
    char folder[] = "/tmp/lab-unit-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    auto_str struct str said = STR_INIT;
    FILE *halves[] = {start_half(folder, first, end), start_half(folder, first + 1, end)};
    end_half(halves[0], &said);
    end_half(halves[1], &said);
    for (size_t i = first; i < end; i++)
        compare_with_recorded(folder, &samples[i], str_text(&said));
    ck_assert(folder_remove_all(folder, &err));
}

// In parts, since a test has a limited time.
START_TEST(this_compiler_s_reports_name_the_same_lines_1)
{
    make_again(0, SAMPLES / 4);
}
END_TEST

START_TEST(this_compiler_s_reports_name_the_same_lines_2)
{
    make_again(SAMPLES / 4, SAMPLES / 2);
}
END_TEST

START_TEST(this_compiler_s_reports_name_the_same_lines_3)
{
    make_again(SAMPLES / 2, SAMPLES * 3 / 4);
}
END_TEST

START_TEST(this_compiler_s_reports_name_the_same_lines_4)
{
    make_again(SAMPLES * 3 / 4, SAMPLES);
}
END_TEST

// ---------------------------------------------------------------- what cannot be believed

static void read_text(const char *text, struct sanitizer_report *out, bool is_report)
{
    ck_assert_msg(sanitizer_read(text, strlen(text), out) == is_report, "%s", text);
}

START_TEST(the_program_s_own_words_are_no_report)
{
    static const char *const texts[] = {"",
                                        "\n\n",
                                        "listening on 8080\n",
                                        "my runtime error: a: b\n",
                                        "x: runtime error: no place\n",
                                        "SUMMARY: AddressSanitizer: 1 byte(s) leaked\n",
                                        "    #0 0x1 in main server.c:3\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct sanitizer_report report;
        read_text(texts[i], &report, false);
        sanitizer_release(&report);
    }
}
END_TEST

START_TEST(a_report_that_is_cut_anywhere_gives_what_it_has)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        auto_str struct str text = STR_INIT;
        load(samples[i].name, ".stderr", &text);
        for (size_t length = 0; length < text.length && length < 4000; length++) {
            // A block of its own size: reading past it would be noticed.
            auto_free char *part = mem_alloc(length + 1);
            memcpy(part, text.data, length);
            struct sanitizer_report report;
            sanitizer_read(part, length, &report);
            sanitizer_release(&report);
        }
    }
}
END_TEST

START_TEST(damaged_reports_do_no_harm)
{
    uint32_t random = 7193;
    for (size_t i = 0; i < SAMPLES; i++) {
        auto_str struct str text = STR_INIT;
        load(samples[i].name, ".stderr", &text);
        size_t most = text.length < 3000 ? text.length : 3000;
        for (size_t round = 0; round < 200; round++) {
            auto_free char *damaged = mem_alloc(most + 1);
            memcpy(damaged, text.data, most);
            for (size_t change = 0; change < 8; change++) {
                random = random * 1664525U + 1013904223U;
                damaged[(random >> 8) % most] = "\n 0':[(#\0-9s"[(random >> 4) % 12];
            }
            struct sanitizer_report report;
            sanitizer_read(damaged, most, &report);
            sanitizer_release(&report);
        }
    }
}
END_TEST

START_TEST(numbers_and_frames_are_bounded)
{
    auto_str struct str text = STR_INIT;
    str_append(&text, "==1==ERROR: AddressSanitizer: heap-buffer-overflow on address\n"
                      "READ of size 99999999999999999999999999 at 0x1\n");
    for (int i = 0; i < 10000; i++)
        str_append_format(&text, "    #%d 0x1 in f server.c:99999999999999\n", i);
    struct sanitizer_report report;
    read_text(str_text(&text), &report, true);
    ck_assert_uint_le(report.size, INT32_MAX);
    ck_assert_uint_eq(report.stacks[STACK_CRASH].count, SANITIZER_FRAMES_MOST);
    ck_assert_int_eq(report.stacks[STACK_CRASH].frames[0].line, INT32_MAX);
    sanitizer_release(&report);
}
END_TEST

START_TEST(the_first_of_two_reports_is_read)
{
    struct sanitizer_report report;
    read_text("hello\na.c:1:2: runtime error: shift exponent 32 is too large\n"
              "==2==ERROR: AddressSanitizer: heap-buffer-overflow on address\n"
              "    #0 0x1 in main b.c:3\n",
              &report, true);
    ck_assert_int_eq(report.kind, SANITIZER_UNDEFINED);
    ck_assert_uint_eq(report.stacks[STACK_CRASH].count, 1);
    ck_assert_str_eq(report.stacks[STACK_CRASH].frames[0].file, "a.c");
    ck_assert_int_eq(report.stacks[STACK_CRASH].frames[0].line, 1);
    sanitizer_release(&report);
}
END_TEST

START_TEST(newer_wording_is_read_too)
{
    struct sanitizer_report report;
    read_text("==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x60\n"
              "WRITE of size 1 at 0x60 thread T0\n"
              "    #0 0x1 in main (BuildId: aa) my file.c:3:7\n\n"
              "0x60 is located 4 bytes after 25-byte region [0x1,0x2)\n",
              &report, true);
    ck_assert_int_eq(report.place, PLACE_PAST);
    ck_assert_uint_eq(report.distance, 4);
    ck_assert_uint_eq(report.block_size, 25);
    sanitizer_release(&report);
}
END_TEST

UNIT_MAIN("sanitizer", recorded_reports_say_kind_access_block_and_lines, every_stack_is_told_apart,
          a_leak_has_its_bytes_blocks_and_further_leaks,
          this_compiler_s_reports_name_the_same_lines_1,
          this_compiler_s_reports_name_the_same_lines_2,
          this_compiler_s_reports_name_the_same_lines_3,
          this_compiler_s_reports_name_the_same_lines_4, the_program_s_own_words_are_no_report,
          a_report_that_is_cut_anywhere_gives_what_it_has, damaged_reports_do_no_harm,
          numbers_and_frames_are_bounded, the_first_of_two_reports_is_read,
          newer_wording_is_read_too)
