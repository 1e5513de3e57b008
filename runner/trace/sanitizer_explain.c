// SPDX-License-Identifier: MIT
// A sanitizer's report as a finding, with notes on the block or the variable that was missed.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "trace/rules.h"
#include "trace/sanitizer.h"

enum { SHOWN_FRAMES = 8, NAME_MOST = 60, REPEATED_CALLS = 8 };

// ---------------------------------------------------------------- the learner's own lines

static bool is_own(const struct sources *sources, const struct source_frame *frame)
{
    auto_free char *text = source_line(sources, frame->file, frame->line);
    return text != NULL;
}

// The innermost frame of the sources', or NULL. Borrowed.
static const struct source_frame *own_frame(const struct sources *sources,
                                            const struct sanitizer_stack *stack)
{
    for (size_t i = 0; i < stack->count; i++)
        if (is_own(sources, &stack->frames[i]))
            return &stack->frames[i];
    return NULL;
}

static bool same_place(const struct source_frame *a, const struct source_frame *b)
{
    return str_equal(a->file, b->file) && a->line == b->line && str_equal(a->function, b->function);
}

// ---------------------------------------------------------------- the call of the library

// "strlen" of "__interceptor_strlen.part.0" and "__strlen_avx2": the name that a program calls.
static char *public_name(const char *name)
{
    static const char *const before[] = {"___interceptor_", "__interceptor_", "__GI_", "_IO_",
                                         "__"};
    static const char *const behind[] = {"_evex", "_avx", "_sse", "_erms", "_unaligned"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (str_starts_with(name, before[i]))
            name += strlen(before[i]);
    size_t length = strcspn(name, ".@");
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        const char *found = strstr(name, behind[i]);
        if (found != NULL && (size_t)(found - name) < length)
            length = (size_t)(found - name);
    }
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '_')
            return NULL;
    return length > 0 && length <= NAME_MOST ? str_format("%.*s()", (int)length, name) : NULL;
}

// The function of the library that the learner's line called, or NULL.
static char *library_call(const struct sources *sources, const struct sanitizer_stack *stack)
{
    const struct source_frame *own = own_frame(sources, stack);
    if (own == NULL || own == stack->frames || own[-1].function == NULL)
        return NULL;
    return public_name(own[-1].function);
}

// ---------------------------------------------------------------- notes

static const char *access_word(const struct sanitizer_report *report)
{
    return report->access == ACCESS_READ    ? "read"
           : report->access == ACCESS_WRITE ? "write"
                                            : "access";
}

static void append_bytes(struct str *out, size_t count)
{
    str_append_format(out, "%zu byte%s", count, count == 1 ? "" : "s");
}

// "; the write is 0 bytes past its end"
static void append_place(struct str *out, const struct sanitizer_report *report)
{
    if (report->place == PLACE_UNKNOWN || report->access == ACCESS_UNKNOWN)
        return;
    str_append_format(out, "; the %s is ", access_word(report));
    append_bytes(out, report->distance);
    str_append(out, report->place == PLACE_PAST     ? " past its end"
                    : report->place == PLACE_BEFORE ? " before its beginning"
                                                    : " inside of it");
}

// "the 25-byte block was allocated at server.c:69 and freed at server.c:80; the read is …"
static void note_block(struct check_result *check, const struct sources *sources,
                       const struct sanitizer_report *report)
{
    const struct source_frame *allocated = own_frame(sources, &report->stacks[STACK_ALLOCATED]);
    const struct source_frame *freed = own_frame(sources, &report->stacks[STACK_FREED]);
    if (report->block_size == 0 || (allocated == NULL && freed == NULL))
        return;
    auto_str struct str text = STR_INIT;
    str_append_format(&text, "the %zu-byte block was ", report->block_size);
    if (allocated != NULL)
        str_append_format(&text, "allocated at %s:%d", allocated->file, allocated->line);
    if (freed != NULL)
        str_append_format(&text, "%sfreed %sat %s:%d", allocated != NULL ? " and " : "",
                          report->kind == SANITIZER_DOUBLE_FREE ? "before " : "", freed->file,
                          freed->line);
    append_place(&text, report);
    if (report->kind == SANITIZER_BAD_FREE && report->place == PLACE_INSIDE) {
        str_append(&text, "; the address is ");
        append_bytes(&text, report->distance);
        str_append(&text, " inside of it");
    }
    strings_add(&check->trace_notes, str_text(&text));
}

static bool is_identifier(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '_')
            return false;
    return length > 0 && length <= NAME_MOST;
}

// "`line` has 8 bytes (server.c:7); the write is 0 bytes past its end"
static void note_variable(struct check_result *check, const struct sources *sources,
                          const struct sanitizer_report *report)
{
    const struct source_frame *owner = own_frame(sources, &report->stacks[STACK_VARIABLE]);
    const struct source_frame place = {report->variable_file != NULL ? report->variable_file
                                       : owner != NULL               ? owner->file
                                                                     : NULL,
                                       report->variable_line, NULL};
    if (report->variable == NULL || !is_identifier(report->variable) || !is_own(sources, &place))
        return;
    auto_str struct str text = STR_INIT;
    str_append_format(&text, "`%s` (%s:%d) ", report->variable, place.file, place.line);
    if (report->kind == SANITIZER_USE_AFTER_RETURN && owner != NULL && owner->function != NULL) {
        str_append_format(&text, "is a variable of %s(), which has returned", owner->function);
    } else if (report->kind == SANITIZER_USE_AFTER_SCOPE) {
        str_append(&text, "is no more: the block that it was declared in has ended");
    } else {
        str_append(&text, "has ");
        append_bytes(&text, report->block_size);
        append_place(&text, report);
    }
    strings_add(&check->trace_notes, str_text(&text));
}

static void note_leak(struct check_result *check, const struct sanitizer_report *report)
{
    auto_str struct str text = STR_INIT;
    append_bytes(&text, report->leaked_bytes);
    str_append_format(&text, " in %zu block%s that %s allocated there %s never freed",
                      report->leaked_blocks, report->leaked_blocks == 1 ? "" : "s",
                      report->leaked_blocks == 1 ? "was" : "were",
                      report->leaked_blocks == 1 ? "was" : "were");
    strings_add(&check->trace_notes, str_text(&text));
    if (report->further_leaks > 0)
        strings_add_format(&check->trace_notes,
                           "%zu more place%s of the program allocate%s what is never freed",
                           report->further_leaks, report->further_leaks == 1 ? "" : "s",
                           report->further_leaks == 1 ? "s" : "");
}

static void note_recursion(struct check_result *check, const struct sanitizer_report *report,
                           const struct source_frame *own)
{
    const struct sanitizer_stack *stack = &report->stacks[STACK_CRASH];
    size_t times = 0;
    for (size_t i = 0; i < stack->count; i++)
        times += own != NULL && own->function != NULL &&
                 str_equal(stack->frames[i].function, own->function);
    if (times >= REPEATED_CALLS)
        strings_add_format(&check->trace_notes, "%s() calls itself again and again", own->function);
}

static void note_thread(struct check_result *check, const struct sources *sources,
                        const struct sanitizer_report *report)
{
    const struct source_frame *created = own_frame(sources, &report->stacks[STACK_THREAD]);
    if (created != NULL)
        strings_add_format(&check->trace_notes, "%s thread was created at %s:%d",
                           report->stacks[STACK_FREED].count > 0 ? "the other" : "its",
                           created->file, created->line);
}

// The first line of the last that was sent, unless the check itself says to what it had no answer.
static void note_last_request(struct check_result *check)
{
    for (size_t i = 0; i < check->notes.count; i++)
        if (str_starts_with(check->notes.items[i], "the check was waiting for the answer to "))
            return;
    for (size_t i = check->transcript_count; i-- > 0;) {
        const struct io_record *record = &check->transcript[i];
        if (record->from_program || record->text == NULL || record->text[0] == '\0')
            continue;
        const char *http = strstr(record->text, " HTTP/");
        size_t length = strcspn(record->text, "\\");
        if (http != NULL && (size_t)(http - record->text) < length)
            length = (size_t)(http - record->text);
        if (length > 0)
            strings_add_format(&check->trace_notes, "the last that the check had sent was %.*s%s",
                               (int)(length > NAME_MOST ? NAME_MOST : length), record->text,
                               length > NAME_MOST ? "…" : "");
        return;
    }
}

static void add_notes(struct check_result *check, const struct sources *sources,
                      const struct sanitizer_report *report)
{
    const struct source_frame *own = own_frame(sources, &report->stacks[STACK_CRASH]);
    note_block(check, sources, report);
    note_variable(check, sources, report);
    if (report->kind == SANITIZER_LEAK && own != NULL)
        note_leak(check, report);
    if (report->kind == SANITIZER_STACK_EXHAUSTED)
        note_recursion(check, report, own);
    note_thread(check, sources, report);
    if (report->kind != SANITIZER_LEAK)
        note_last_request(check);
}

// ---------------------------------------------------------------- the finding

static void add_finding(struct check_result *check, const struct sources *sources,
                        const struct sanitizer_report *report)
{
    const struct sanitizer_stack *stack = &report->stacks[STACK_CRASH];
    if (own_frame(sources, stack) == NULL)
        return;
    struct finding *finding = check_add_finding(
        check, report->kind == SANITIZER_LEAK ? FINDING_ALLOCATED_AT : FINDING_CRASHED_AT);
    for (size_t i = 0; i < stack->count && finding->frame_count < SHOWN_FRAMES; i++) {
        const struct source_frame *frame = &stack->frames[i];
        const struct source_frame *last =
            finding->frame_count > 0 ? &finding->frames[finding->frame_count - 1] : NULL;
        if (is_own(sources, frame) && (last == NULL || !same_place(last, frame)))
            finding_add_frame(finding, frame->file, frame->line, frame->function);
    }
    finding->call = library_call(sources, stack);
    finding->text = source_line(sources, finding->frames[0].file, finding->frames[0].line);
}

bool trace_sanitizer_explain(struct check_result *check, const struct sources *sources)
{
    if (check->program.error_output == NULL)
        return false;
    auto_str struct str text = STR_INIT;
    text_append_unescaped(&text, check->program.error_output);
    struct sanitizer_report report;
    if (!sanitizer_read(str_text(&text), text.length, &report)) {
        sanitizer_release(&report);
        return false;
    }
    size_t first = check->finding_count;
    add_finding(check, sources, &report);
    add_notes(check, sources, &report);
    bool found = check->finding_count > first;
    const struct finding *finding = found ? &check->findings[first] : NULL;
    if (check->help == NULL)
        check->help =
            sanitizer_help(&report, found ? finding->call : NULL, found ? finding->text : NULL);
    sanitizer_release(&report);
    return true;
}
