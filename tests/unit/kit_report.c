// SPDX-License-Identifier: MIT
// The sentence that the kit makes of a sanitizer's report: samples of gcc 12's.
#include "unit.h"

#include <string.h>

#include "base/str.h"
#include "core.h"

static void reads_as(const char *report, const char *sentence)
{
    auto_free char *found = kit_report_read(report, strlen(report));
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found, sentence);
}

START_TEST(a_memory_error_is_told_with_its_access)
{
    reads_as("==2==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000015 at "
             "pc 0x55 bp 0x7f sp 0x7f\nWRITE of size 1 at 0x602000000015 thread T0\n"
             "    #0 0x55 in main /server.c:3\n",
             "heap-buffer-overflow, a write of 1 byte");
    reads_as("==2==ERROR: AddressSanitizer: stack-use-after-scope on address 0x7f at pc 0x55\n"
             "READ of size 8 at 0x7f thread T0\n",
             "stack-use-after-scope, a read of 8 bytes");
    reads_as("==2==ERROR: AddressSanitizer: heap-use-after-free on address 0x60 at pc 0x55\n"
             "READ of size 4 at 0x60\nfreed by\nWRITE of size 9\n",
             "heap-use-after-free, a read of 4 bytes");
    reads_as("==2==ERROR: AddressSanitizer: stack-overflow on address 0x7f (pc 0x55)\n",
             "stack-overflow");
    reads_as("==2==ERROR: AddressSanitizer: memcpy-param-overlap: memory ranges [0x1,0x2)\n",
             "memcpy-param-overlap");
}
END_TEST

START_TEST(other_memory_errors_have_words_of_their_own)
{
    reads_as("AddressSanitizer:DEADLYSIGNAL\n==2==ERROR: AddressSanitizer: SEGV on unknown "
             "address 0x000000000000 (pc 0x55 T0)\n==2==The signal is caused by a WRITE memory "
             "access.\n==2==Hint: address points to the zero page.\n",
             "SEGV, a write through a null pointer");
    reads_as("==2==ERROR: AddressSanitizer: SEGV on unknown address 0x60b0000 (pc 0x55 T0)\n"
             "==2==The signal is caused by a READ memory access.\n",
             "SEGV, a read of memory that the program does not have");
    reads_as("==2==ERROR: AddressSanitizer: attempting double-free on 0x602 in thread T0:\n",
             "double-free, a block is freed twice");
    reads_as("==2==ERROR: AddressSanitizer: attempting free on address which was not "
             "malloc()-ed: 0x602 in thread T0\n",
             "bad-free, of an address that malloc() did not return");
    reads_as("==2==ERROR: AddressSanitizer: requested allocation size 0xffffffffffffffff (0x7 "
             "after adjustments) exceeds maximum supported size\n",
             "allocation-size-too-big");
}
END_TEST

START_TEST(a_leak_is_told_with_its_size)
{
    reads_as("\n=====\n==2==ERROR: LeakSanitizer: detected memory leaks\n\nDirect leak of 25 "
             "byte(s) in 1 object(s) allocated from:\n    #0 0x7f in malloc\n\nSUMMARY: "
             "AddressSanitizer: 25 byte(s) leaked in 1 allocation(s).\n",
             "memory leak: 25 bytes in 1 block never freed");
    reads_as("==2==ERROR: LeakSanitizer: detected memory leaks\n", "memory leak");
}
END_TEST

START_TEST(undefined_behaviour_is_told_in_its_own_words)
{
    reads_as("server.c:5:10: runtime error: signed integer overflow: 2147483647 + 1 cannot be "
             "represented in type 'int'\n    #0 0x55 in main\n",
             "signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'");
    reads_as("starting\n/a b/server.c:5:10: runtime error: Load of null pointer\n",
             "load of null pointer");
}
END_TEST

START_TEST(the_first_of_several_reports_is_told)
{
    reads_as("a.c:1:2: runtime error: shift exponent 32 is too large\n"
             "==2==ERROR: AddressSanitizer: heap-buffer-overflow on address\n",
             "shift exponent 32 is too large");
}
END_TEST

START_TEST(what_the_program_says_itself_is_no_report)
{
    static const char *const texts[] = {
        "",
        "runtime error: no configuration\n",
        "server: runtime error: no configuration\n",
        "12: runtime error: x\n",
        ":5:10: runtime error",
        "AddressSanitizer is great\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_ptr_null(kit_report_read(texts[i], strlen(texts[i])));
}
END_TEST

START_TEST(a_nul_hides_no_report)
{
    static const char text[] = "log\0log\n==2==ERROR: AddressSanitizer: stack-overflow on x\n";
    auto_free char *found = kit_report_read(text, sizeof text - 1);
    ck_assert_str_eq(found, "stack-overflow");
}
END_TEST

UNIT_MAIN("kit_report", a_memory_error_is_told_with_its_access,
          other_memory_errors_have_words_of_their_own, a_leak_is_told_with_its_size,
          undefined_behaviour_is_told_in_its_own_words, the_first_of_several_reports_is_told,
          what_the_program_says_itself_is_no_report, a_nul_hides_no_report)
