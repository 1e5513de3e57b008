// SPDX-License-Identifier: MIT
/*
 * The grader of the tests' lab odd: each step but the first meets a grader that misbehaves in
 * another way. Under another name (tests copy it to graders/NAME) it misbehaves before that.
 */
#include "internal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void records_write(const char *text, size_t length)
{
    if (write(kit_the_request()->records, text, length) != (ssize_t)length)
        _exit(1);
}

START_TEST(passes)
{
}
END_TEST

START_TEST(crashes)
{
    __builtin_trap(); // no raise(): in its cell it is PID 1, which its own signals do not end
}
END_TEST

START_TEST(says_nothing)
{
    _exit(0);
}
END_TEST

START_TEST(writes_half_a_record)
{
    const char half[] = "{\"record\":\"note\",\"te";
    records_write(half, sizeof half - 1);
    _exit(0);
}
END_TEST

START_TEST(writes_100_megabytes)
{
    const char line[] = "{\"record\":\"note\",\"text\":\"and so on, and so on, and so on\"}\n";
    for (size_t done = 0; done < 100 << 20; done += sizeof line - 1)
        records_write(line, sizeof line - 1);
}
END_TEST

START_TEST(writes_no_json)
{
    const char line[] = "\033[31mpassed\n";
    records_write(line, sizeof line - 1);
}
END_TEST

START_TEST(ends_twice)
{
    const char line[] = "{\"record\":\"end\",\"result\":\"passed\"}\n";
    records_write(line, sizeof line - 1);
}
END_TEST

START_TEST(hangs)
{
    for (;;)
        pause();
}
END_TEST

static bool is_serving(void)
{
    char line[4096] = "";
    FILE *file = fopen("/proc/self/cmdline", "re");
    size_t length = file != NULL ? fread(line, 1, sizeof line - 1, file) : 0;
    fclose(file);
    return length > 0 && strcmp(line + strlen(line) + 1, "--serve") == 0;
}

static void misbehave_at_once(const char *name)
{
    if (strcmp(name, "list-crashes") == 0)
        raise(SIGSEGV);
    if (strcmp(name, "list-hangs") == 0)
        pause();
    if (strcmp(name, "list-silent") == 0)
        exit(0);
    if (strcmp(name, "list-no-json") == 0 && puts("passed, passed, passed") >= 0)
        exit(0);
    if (strcmp(name, "list-old") == 0 && puts("{\"version\":0,\"checks\":[]}") >= 0)
        exit(0);
    if (strcmp(name, "serve-ends") == 0 && is_serving())
        exit(0);
    if (strcmp(name, "list-endless") == 0)
        while (puts("and so on, and so on, and so on, and so on, and so on, and so on") >= 0)
            continue;
}

void kit_checks(void)
{
    const char *name = program_invocation_short_name;
    misbehave_at_once(name);
    KIT_CHECK("good", passes);
    if (strcmp(name, "list-other-step") == 0)
        KIT_CHECK("elsewhere", passes);
    if (strcmp(name, "list-twice") == 0)
        KIT_CHECK("good", passes);
    if (strcmp(name, "list-short") == 0)
        return;
    KIT_CHECK("crash", crashes);
    KIT_CHECK("silent", says_nothing);
    KIT_CHECK("half", writes_half_a_record);
    KIT_CHECK("flood", writes_100_megabytes);
    KIT_CHECK("garbage", writes_no_json);
    KIT_CHECK("twice", ends_twice);
    KIT_CHECK("hang", hangs);
}
