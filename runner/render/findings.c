// SPDX-License-Identifier: MIT
// The lines of the learner's program that did it, as FEEDBACK's screens show them.
#include <string.h>

#include "base/text.h"
#include "render/parts.h"

enum { MOST_FINDINGS = 6, MOST_CALLERS = 6 };

static const struct {
    const char *label;
    size_t callers;   // that are named on the row
    bool callers_row; // all of them are named, on a row of their own
} kinds[] = {
    [FINDING_CRASHED_AT] = {"crashed", 0, true},     [FINDING_MADE_BY] = {"made by", 0, false},
    [FINDING_READ_BY] = {"read by", 1, false},       [FINDING_SENT_BY] = {"sent by", 1, false},
    [FINDING_PRINTED_BY] = {"printed by", 1, false}, [FINDING_CLOSED_BY] = {"closed by", 1, false},
    [FINDING_STUCK_IN] = {"stuck in", 0, false},     [FINDING_FAILED_IN] = {"failed in", 1, false},
    [FINDING_ENDED_BY] = {"ended by", 1, false},     [FINDING_ASKED_BY] = {"asked by", 1, false},
    [FINDING_ALLOCATED_AT] = {"allocated", 0, true},
};

bool has_finding(const struct check_result *check, enum finding_kind kind)
{
    for (size_t i = 0; i < check->finding_count; i++)
        if (check->findings[i].kind == kind)
            return true;
    return false;
}

bool has_explained_crash(const struct check_result *check)
{
    return check->finding_count > 0 && check->findings[0].kind == FINDING_CRASHED_AT &&
           check->findings[0].frame_count > 0 && check_has_sanitizer_report(check);
}

const struct source_frame *place_to_edit(const struct lab *lab, const struct check_result *check)
{
    const struct finding *first = check->finding_count > 0 ? &check->findings[0] : NULL;
    if (first == NULL || first->frame_count == 0)
        return NULL;
    for (size_t i = 0; i < first->frame_count; i++)
        if (!strings_have(&lab->given, first->frames[i].file))
            return &first->frames[i];
    return &first->frames[0];
}

// ---------------------------------------------------------------- one row

// "server.c:58 in add_length()"
static void append_place(struct str *out, const struct source_frame *frame)
{
    str_append_format(out, "%s:%d", frame->file, frame->line);
    if (frame->function != NULL)
        str_append_format(out, " in %s()", frame->function);
}

// "serve() server.c:104, main() server.c:133"
static void append_callers(struct str *out, const struct finding *finding, size_t most)
{
    size_t i = 1;
    for (; i < finding->frame_count && i <= most; i++) {
        const struct source_frame *frame = &finding->frames[i];
        str_append(out, i > 1 ? ", " : "");
        if (frame->function != NULL)
            str_append_format(out, "%s() ", frame->function);
        str_append_format(out, "%s:%d", frame->file, frame->line);
    }
    if (i < finding->frame_count && most > 1)
        str_append(out, ", …");
}

// "recv() on client 1, ", "in strlen(), ", "by SIGSEGV, ". Whatever the call is that sends, the
// exchange shows what and to whom.
static void append_call(struct str *out, const struct finding *finding)
{
    bool shown = finding->kind == FINDING_SENT_BY || finding->kind == FINDING_MADE_BY ||
                 finding->kind == FINDING_PRINTED_BY;
    if (finding->call == NULL || (shown && finding->frame_count > 0))
        return;
    if (finding->kind == FINDING_CRASHED_AT || finding->kind == FINDING_ALLOCATED_AT)
        str_append(out, strchr(finding->call, '(') != NULL ? "in " : "by ");
    str_append_format(out, "%s%s", finding->call, finding->frame_count > 0 ? ", " : "");
}

static void print_finding(const struct screen *screen, const struct finding *finding)
{
    auto_str struct str text = STR_INIT;
    append_call(&text, finding);
    if (finding->frame_count > 0)
        append_place(&text, &finding->frames[0]);
    if (finding->frame_count > 1 && kinds[finding->kind].callers > 0) {
        str_append(&text, ", called from ");
        append_callers(&text, finding, kinds[finding->kind].callers);
    }
    if (finding->kind == FINDING_FAILED_IN && finding->note != NULL)
        str_append_format(&text, ": %s", finding->note);
    print_row(screen, kinds[finding->kind].label, str_text(&text));
}

static void print_callers(const struct screen *screen, const struct finding *finding)
{
    if (!kinds[finding->kind].callers_row || finding->frame_count < 2)
        return;
    auto_str struct str text = STR_INIT;
    str_append(&text, "from ");
    append_callers(&text, finding, MOST_CALLERS);
    print_row(screen, "called", str_text(&text));
}

// ---------------------------------------------------------------- all of them

static bool is_same_line(const struct finding *a, const struct finding *b)
{
    return a->frame_count > 0 && b->frame_count > 0 && a->frames[0].line == b->frames[0].line &&
           str_equal(a->frames[0].file, b->frames[0].file);
}

// A line is shown once. How a byte left says little where the line that made it is shown.
static bool shows_text(const struct check_result *check, size_t index)
{
    const struct finding *finding = &check->findings[index];
    if (finding->text == NULL || finding->frame_count == 0)
        return false;
    for (size_t i = 0; i < index; i++)
        if (is_same_line(&check->findings[i], finding) ||
            (check->findings[i].kind == FINDING_MADE_BY && finding->kind == FINDING_SENT_BY))
            return false;
    return true;
}

void print_findings(const struct screen *screen, const struct check_result *check)
{
    size_t i = 0;
    for (; i < check->finding_count && i < MOST_FINDINGS; i++) {
        const struct finding *finding = &check->findings[i];
        print_finding(screen, finding);
        if (shows_text(check, i))
            print_source_line(screen, finding->frames[0].line, finding->text);
        print_callers(screen, finding);
        if (i > 0 && finding->note != NULL && finding->kind != FINDING_FAILED_IN)
            print_row(screen, "", finding->note);
    }
    if (i == check->finding_count)
        return;
    auto_str struct str text = STR_INIT;
    plural_append(&text, check->finding_count - i, "more line");
    fprintf(screen->out, "%*s", (int)exchange_indent(screen), "");
    screen_print(screen, STYLE_DIM, "… %s …\n", str_text(&text));
}

// A sentence of two parts that needs two lines is broken between them.
static void print_note(const struct screen *screen, const char *note)
{
    auto_free char *safe = visible(note);
    const size_t room = (size_t)screen->width - strlen("note: ");
    char *semicolon = strstr(safe, "; ");
    if (text_width(safe) > room && semicolon != NULL && text_width(semicolon + 2) <= room &&
        text_width(safe) - text_width(semicolon + 1) <= room)
        semicolon[1] = '\n';
    auto_free char *first = str_format("%cnote:%c ", MARK(STYLE_STRONG), MARK(STYLE_PLAIN));
    print_wrapped(screen, first, "      ", safe);
}

void print_finding_notes(const struct screen *screen, const struct check_result *check)
{
    const struct finding *first = check->finding_count > 0 ? &check->findings[0] : NULL;
    if (first != NULL && first->note != NULL && first->kind != FINDING_FAILED_IN)
        print_note(screen, first->note);
    for (size_t i = 0; i < check->trace_notes.count; i++)
        print_note(screen, check->trace_notes.items[i]);
}
