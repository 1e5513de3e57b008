// SPDX-License-Identifier: MIT
// What a learner is told of a sanitizer's report: the recorded ones of sanitizer/, explained.
#include "unit.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "trace/sanitizer.h"

static void load(const char *name, const char *suffix, struct str *out)
{
    struct err err = ERR_INIT;
    auto_free char *path = str_format(LAB_SOURCE_DIR "/tests/unit/sanitizer/%s%s", name, suffix);
    ck_assert_msg(file_read(AT_FDCWD, path, (size_t)1 << 20, out, &err), "%s", path);
}

// A check whose program has one source, and left this report.
struct crash {
    struct sources sources;
    struct check_result check;
};

static void crash_begin(struct crash *crash, const char *file, const char *source,
                        const char *report, size_t length)
{
    *crash = (struct crash){0};
    sources_put(&crash->sources, file, source, strlen(source));
    crash->check.program.error_output = text_escape(report, length);
}

static void crash_recorded(struct crash *crash, const char *name)
{
    auto_str struct str source = STR_INIT;
    auto_str struct str report = STR_INIT;
    load(name, ".c", &source);
    load(name, ".stderr", &report);
    auto_free char *file = str_format("%s.c", name);
    crash_begin(crash, file, str_text(&source), str_text(&report), report.length);
    ck_assert(trace_sanitizer_explain(&crash->check, &crash->sources));
}

static void crash_end(struct crash *crash)
{
    check_clear_findings(&crash->check);
    strings_release(&crash->check.notes);
    free(crash->check.program.error_output);
    sources_release(&crash->sources);
}

// The finding in one line, then the notes, then the help: a line each.
static char *in_words(const struct check_result *check)
{
    struct str out = STR_INIT;
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct finding *finding = &check->findings[i];
        str_append(&out, finding_kind_name(finding->kind));
        if (finding->call != NULL)
            str_append_format(&out, " %s", finding->call);
        for (size_t j = 0; j < finding->frame_count; j++)
            str_append_format(&out, " %d %s", finding->frames[j].line, finding->frames[j].function);
        str_append_format(&out, "\n%s\n", finding->text + strspn(finding->text, " "));
    }
    for (size_t i = 0; i < check->trace_notes.count; i++)
        str_append_format(&out, "note: %s\n", check->trace_notes.items[i]);
    if (check->help != NULL)
        str_append_format(&out, "help: %s\n", check->help);
    return str_take(&out);
}

static void expect_words(const char *name, const char *wanted)
{
    struct crash crash;
    crash_recorded(&crash, name);
    auto_free char *words = in_words(&crash.check);
    ck_assert_msg(str_equal(words, wanted), "%s:\n%s\nnot\n%s", name, words, wanted);
    crash_end(&crash);
}

START_TEST(a_write_past_a_block_names_line_block_and_the_nul)
{
    expect_words("heap-write",
                 "crashed_at 10 read_body 16 serve 21 main\n"
                 "body[length] = '\\0'; // crash\n"
                 "note: the 26-byte block was allocated at heap-write.c:8; the write is 0 bytes "
                 "past its end\n"
                 "help: room for n bytes and a final NUL is n + 1 bytes\n");
}
END_TEST

START_TEST(a_crash_in_the_library_names_the_line_that_called_it)
{
    expect_words("heap-read-in-library",
                 "crashed_at strlen() 11 main\n"
                 "printf(\"%zu\\n\", strlen(name)); // crash\n"
                 "note: the 5-byte block was allocated at heap-read-in-library.c:9; the read is 0 "
                 "bytes past its end\n"
                 "help: a string ends in a NUL: bytes that came from a client have none until the "
                 "program writes it\n");
    expect_words("null-in-library",
                 "crashed_at inet_addr() 8 address 13 main\n"
                 "return inet_addr(getenv(\"NO_SUCH_HOST\")); // crash\n"
                 "help: getenv() returns NULL when there is no variable of that name: test for it "
                 "before the pointer is used\n");
    expect_words("divide", "crashed_at div() 8 main\n"
                           "return div(7, nothing).quot; // crash\n"
                           "help: test a divisor for 0 before the division\n");
}
END_TEST

START_TEST(other_bounds_are_told_by_block_and_variable)
{
    expect_words("heap-before",
                 "crashed_at 7 last 13 main\n"
                 "return text[length - 1]; // crash\n"
                 "note: the 16-byte block was allocated at heap-before.c:12; the read is 1 byte "
                 "before its beginning\n"
                 "help: the first byte has index 0: of nothing there is no last byte at length - "
                 "1\n");
    expect_words("stack-write",
                 "crashed_at 11 greet 17 main\n"
                 "to[i] = name[i]; // crash\n"
                 "note: `line` (stack-write.c:8) has 8 bytes; the write is 0 bytes past its end\n"
                 "help: room for n bytes and a final NUL is n + 1 bytes\n");
    expect_words("global-write",
                 "crashed_at 7 remember 13 main\n"
                 "*place = client; // crash\n"
                 "note: `clients` (global-write.c:3) has 16 bytes; the write is 0 bytes past its "
                 "end\n"
                 "help: before bytes are written, compare how many they are with how many fit\n");
}
END_TEST

START_TEST(freed_blocks_tell_who_freed_them)
{
    expect_words("use-after-free-thread",
                 "crashed_at 18 main\n"
                 "block[3] = 'x'; // crash\n"
                 "note: the 10-byte block was allocated at use-after-free-thread.c:14 and freed at "
                 "use-after-free-thread.c:8; the write is 3 bytes inside of it\n"
                 "note: the other thread was created at use-after-free-thread.c:16\n"
                 "help: after free() nothing of the block may be used: take what is still needed "
                 "from it before\n");
    expect_words("double-free",
                 "crashed_at free() 7 close_client 14 main\n"
                 "free(buffer); // crash\n"
                 "note: the 64-byte block was allocated at double-free.c:12 and freed before at "
                 "double-free.c:13\n"
                 "help: a block is freed once: a pointer that is set to NULL behind free() may be "
                 "freed again\n");
    expect_words("bad-free",
                 "crashed_at free() 9 main\n"
                 "free(buffer + skipped); // crash\n"
                 "note: the 64-byte block was allocated at bad-free.c:7; the address is 4 bytes "
                 "inside of it\n"
                 "help: free() takes the very pointer that malloc() returned: keep that one, and "
                 "move a copy\n");
}
END_TEST

START_TEST(variables_that_are_gone_tell_where_they_were)
{
    expect_words("use-after-scope",
                 "crashed_at 10 main\n"
                 "return *status; // crash\n"
                 "note: `code` (use-after-scope.c:7) is no more: the block that it was declared in "
                 "has ended\n"
                 "help: a variable ends with the { } around it: declare it where its pointer is "
                 "declared\n");
    expect_words("use-after-return",
                 "crashed_at 14 main\n"
                 "return kept[0]; // crash\n"
                 "note: `text` (use-after-return.c:7) is a variable of answer(), which has "
                 "returned\n"
                 "help: a function's variables end when it returns: what the caller needs lies in "
                 "memory of the caller's, or from malloc()\n");
}
END_TEST

START_TEST(a_leak_names_the_allocation)
{
    expect_words("leak", "allocated_at strdup() 8 copy 14 main\n"
                         "return strdup(text); // allocated\n"
                         "note: 30 bytes in 3 blocks that were allocated there were never freed\n"
                         "note: 1 more place of the program allocates what is never freed\n"
                         "help: every block that is allocated is freed once, on each way that the "
                         "program takes\n");
}
END_TEST

START_TEST(endless_recursion_is_told_once)
{
    expect_words("stack-overflow",
                 "crashed_at 4 depth 7 depth\n"
                 "{ // crash\n"
                 "note: depth() calls itself again and again\n"
                 "help: every call takes room on the stack: recursion needs an end, and what is "
                 "large comes from malloc()\n");
}
END_TEST

START_TEST(undefined_behaviour_is_explained_by_its_sentence)
{
    expect_words("index", "crashed_at 7 main\n"
                          "return statuses[i]; // crash\n"
                          "help: an array of n elements has the indexes 0 to n - 1\n");
    expect_words("signed-overflow",
                 "crashed_at 5 next 10 main\n"
                 "return n + 1; // crash\n"
                 "help: a sum that may not fit needs a test before it is made, or a wider type\n");
    expect_words("null-callback",
                 "crashed_at 9 compare 16 main\n"
                 "return **(char *const *)a; // crash\n"
                 "help: test a pointer for NULL before it is used: it says that there is "
                 "nothing\n");
}
END_TEST

START_TEST(a_report_without_own_lines_still_teaches)
{
    expect_words("memory-limit", "help: what is not needed any more has to be freed, and what a "
                                 "client may send needs a limit\n");
    expect_words("null-jump", "help: test a pointer for NULL before it is used: it says that there "
                              "is nothing\n");
}
END_TEST

// ---------------------------------------------------------------- what the check was doing

static const char overflow[] = "==1==ERROR: AddressSanitizer: SEGV on unknown address 0x1234\n"
                               "    #0 0x1 in main server.c:2\n";

static void sent(struct crash *crash, struct io_record *record, const char *text)
{
    *record = (struct io_record){.connection = 1, .text = (char *)(uintptr_t)text};
    crash->check.transcript = record;
    crash->check.transcript_count = 1;
}

static void expect_note(struct crash *crash, const char *wanted)
{
    ck_assert(trace_sanitizer_explain(&crash->check, &crash->sources));
    ck_assert_uint_eq(crash->check.trace_notes.count, wanted != NULL);
    if (wanted != NULL)
        ck_assert_str_eq(crash->check.trace_notes.items[0], wanted);
    crash->check.transcript = NULL;
    crash->check.transcript_count = 0;
    crash_end(crash);
}

START_TEST(the_last_that_was_sent_is_told)
{
    struct crash crash;
    struct io_record record;
    crash_begin(&crash, "server.c", "int main(void)\n{}\n", overflow, strlen(overflow));
    sent(&crash, &record, "POST /files/kiwi-88 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");
    expect_note(&crash, "the last that the check had sent was POST /files/kiwi-88");
    crash_begin(&crash, "server.c", "int main(void)\n{}\n", overflow, strlen(overflow));
    sent(&crash, &record, "mango-41753\\n");
    expect_note(&crash, "the last that the check had sent was mango-41753");
}
END_TEST

START_TEST(what_the_check_says_itself_is_not_said_twice)
{
    struct crash crash;
    struct io_record record;
    crash_begin(&crash, "server.c", "int main(void)\n{}\n", overflow, strlen(overflow));
    sent(&crash, &record, "GET / HTTP/1.1\\r\\n\\r\\n");
    strings_add(&crash.check.notes, "the check was waiting for the answer to GET /");
    expect_note(&crash, NULL);
}
END_TEST

// ---------------------------------------------------------------- forged reports

static void expect_no_line(const char *frame)
{
    struct crash crash;
    auto_free char *report = str_format(
        "==1==ERROR: AddressSanitizer: SEGV on unknown address 0x1\n    #0 0x1 in main %s\n",
        frame);
    crash_begin(&crash, "server.c", "int main(void)\n{}\n", report, strlen(report));
    ck_assert(trace_sanitizer_explain(&crash.check, &crash.sources));
    ck_assert_uint_eq(crash.check.finding_count, 0);
    crash_end(&crash);
}

START_TEST(only_lines_that_the_sources_have_are_named)
{
    expect_no_line("/etc/passwd:1");
    expect_no_line("nptl/pthread_create.c:442");
    expect_no_line("server.c:3");
    expect_no_line("server.c:0");
    expect_no_line("server.c:99999999999");
    expect_no_line("server.c");
    expect_no_line("../server.c:1");
    expect_no_line("(/program+0x12)");
    expect_no_line("<null>:1");
}
END_TEST

START_TEST(a_name_with_a_blank_is_a_name)
{
    static const char report[] = "==1==ERROR: AddressSanitizer: SEGV on unknown address 0x1234\n"
                                 "    #0 0x1 in main ./my folder/a server.c:2:7\n";
    struct crash crash;
    crash_begin(&crash, "my folder/a server.c", "\n  x();\r\n", report, strlen(report));
    ck_assert(trace_sanitizer_explain(&crash.check, &crash.sources));
    ck_assert_uint_eq(crash.check.finding_count, 1);
    ck_assert_str_eq(crash.check.findings[0].text, "  x();");
    crash_end(&crash);
}
END_TEST

START_TEST(without_a_report_nothing_is_added)
{
    struct crash crash;
    crash_begin(&crash, "server.c", "x\n", "listening\n", strlen("listening\n"));
    ck_assert(!trace_sanitizer_explain(&crash.check, &crash.sources));
    ck_assert_uint_eq(crash.check.finding_count + crash.check.trace_notes.count, 0);
    ck_assert_ptr_null(crash.check.help);
    crash_end(&crash);
    struct check_result nothing = {0};
    ck_assert(!trace_sanitizer_explain(&nothing, &crash.sources));
}
END_TEST

UNIT_MAIN("sanitizer_explain", a_write_past_a_block_names_line_block_and_the_nul,
          a_crash_in_the_library_names_the_line_that_called_it,
          other_bounds_are_told_by_block_and_variable, freed_blocks_tell_who_freed_them,
          variables_that_are_gone_tell_where_they_were, a_leak_names_the_allocation,
          endless_recursion_is_told_once, undefined_behaviour_is_explained_by_its_sentence,
          a_report_without_own_lines_still_teaches, the_last_that_was_sent_is_told,
          what_the_check_says_itself_is_not_said_twice, only_lines_that_the_sources_have_are_named,
          a_name_with_a_blank_is_a_name, without_a_report_nothing_is_added)
