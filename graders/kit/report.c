// SPDX-License-Identifier: MIT
/*
 * One sentence from a sanitizer's report. What the sanitizers print is no interface of theirs; all
 * that the kit knows of it stands here, and tests/unit/kit_report.c holds samples. The whole report
 * is kept in the program's stderr beside the sentence.
 */
#include "core.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 200 // bytes of a sentence

static size_t line_length(const char *text)
{
    return strcspn(text, "\r\n");
}

static size_t word_length(const char *text)
{
    return strcspn(text, " \t\r\n:");
}

// "WRITE of size 1 at …" stands on the line behind the error's.
static void append_access(struct str *out, const char *report)
{
    const char *read = strstr(report, "READ of size ");
    const char *write = strstr(report, "WRITE of size ");
    const char *access = read == NULL || (write != NULL && write < read) ? write : read;
    if (access == NULL)
        return;
    unsigned long long size = strtoull(strstr(access, "size ") + strlen("size "), NULL, 10);
    str_append_format(out, ", a %s of %llu byte%s", access == read ? "read" : "write", size,
                      size == 1 ? "" : "s");
}

static void append_bad_access(struct str *out, const char *report)
{
    const char *kind = strstr(report, "caused by a READ") != NULL    ? "a read"
                       : strstr(report, "caused by a WRITE") != NULL ? "a write"
                                                                     : "an access";
    bool null = strstr(report, "points to the zero page") != NULL;
    str_append_format(out, "SEGV, %s %s", kind,
                      null ? "through a null pointer" : "of memory that the program does not have");
}

// `at`: behind "ERROR: AddressSanitizer: ".
static char *memory_sentence(const char *at)
{
    static const char attempting[] = "attempting ";
    auto_str struct str out = STR_INIT;
    if (str_starts_with(at, "SEGV") || str_starts_with(at, "BUS")) {
        append_bad_access(&out, at);
    } else if (str_starts_with(at, "attempting double-free")) {
        str_append(&out, "double-free, a block is freed twice");
    } else if (str_starts_with(at, attempting)) {
        str_append(&out, "bad-free, of an address that malloc() did not return");
    } else if (str_starts_with(at, "requested allocation size")) {
        str_append(&out, "allocation-size-too-big");
    } else {
        str_append_bytes(&out, at, word_length(at));
        append_access(&out, at);
    }
    return str_take(&out);
}

// "SUMMARY: AddressSanitizer: 25 byte(s) leaked in 1 allocation(s)."
static char *leak_sentence(const char *report)
{
    const char *summary = strstr(report, "byte(s) leaked in ");
    if (summary == NULL)
        return str_format("memory leak");
    const char *start = summary;
    while (start > report && (isdigit((unsigned char)start[-1]) || start[-1] == ' '))
        start--;
    unsigned long long bytes = strtoull(start, NULL, 10);
    unsigned long long blocks = strtoull(summary + strlen("byte(s) leaked in "), NULL, 10);
    return str_format("memory leak: %llu byte%s in %llu block%s never freed", bytes,
                      bytes == 1 ? "" : "s", blocks, blocks == 1 ? "" : "s");
}

// "server.c:12:5: runtime error: …": without a file and a position it is the program's own text.
static bool follows_position(const char *text, const char *at)
{
    size_t numbers = 0;
    while (numbers < 2) {
        const char *end = at;
        while (at > text && isdigit((unsigned char)at[-1]))
            at--;
        if (at == end || at == text || at[-1] != ':')
            return false;
        at--;
        numbers++;
    }
    return true;
}

static const char *behaviour_find(const char *text)
{
    static const char mark[] = ": runtime error: ";
    for (const char *at = text; (at = strstr(at, mark)) != NULL; at++)
        if (follows_position(text, at))
            return at + strlen(mark);
    return NULL;
}

static char *behaviour_sentence(const char *at)
{
    size_t length = line_length(at);
    auto_str struct str out = STR_INIT;
    str_append_bytes(&out, at, length < LONGEST ? length : LONGEST);
    if (out.length > 0)
        out.data[0] = (char)tolower((unsigned char)out.data[0]);
    return str_take(&out);
}

static const char *sooner(const char *a, const char *b)
{
    return a == NULL || (b != NULL && b < a) ? b : a;
}

char *kit_report_read(const char *text, size_t length)
{
    static const char memory_mark[] = "ERROR: AddressSanitizer: ";
    static const char leak_mark[] = "ERROR: LeakSanitizer: detected memory leaks";
    // What a program writes may hold NULs; nothing behind one is hidden by it.
    auto_free char *copy = mem_alloc(length + 1);
    if (length > 0)
        memcpy(copy, text, length);
    for (char *c = copy; (c = memchr(c, '\0', (size_t)(copy + length - c))) != NULL;)
        *c = ' ';
    const char *memory = strstr(copy, memory_mark);
    const char *leak = strstr(copy, leak_mark);
    const char *behaviour = behaviour_find(copy);
    const char *first = sooner(sooner(memory, leak), behaviour);
    if (first == NULL)
        return NULL;
    if (first == memory)
        return memory_sentence(memory + strlen(memory_mark));
    return first == leak ? leak_sentence(leak) : behaviour_sentence(behaviour);
}
