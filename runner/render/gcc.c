// SPDX-License-Identifier: MIT
/*
 * `lab check --format=gcc`: what is wrong as a compiler says it, for editors that jump to the line:
 *
 *     server.c:58:5: error: Content-Length says 12, the body has 9 bytes [echo/…_matches_body]
 *     server.c:91:5: note: sent by flush()
 *
 * A failure without a known line is told at the first line of the file that is edited, and says so.
 */
#include <string.h>

#include "render/parts.h"

enum { MOST_CALLERS = 6, LONGEST_VALUE = 200 };

struct gcc_output {
    const struct screen *screen;
    const char *folder; // in front of file names: "" or "/home/ada/echo/"
};

static void print_message(const struct gcc_output *output, const char *file, int line, int column,
                          const char *severity, const char *message)
{
    auto_str struct str text = STR_INIT;
    if (file != NULL) {
        visible_append(&text, output->folder);
        visible_append(&text, file);
    } else {
        str_append(&text, "ld");
    }
    if (line > 0)
        str_append_format(&text, ":%d", line);
    if (line > 0 && column > 0)
        str_append_format(&text, ":%d", column);
    str_append_format(&text, ": %s: ", severity);
    visible_append(&text, message);
    fprintf(output->screen->out, "%s\n", str_text(&text));
}

// Where the statement begins: a tab counts one, as it does to gcc's readers.
static int column_of(const struct finding *finding)
{
    return finding->text != NULL ? (int)strspn(finding->text, " \t") + 1 : 1;
}

static const char *found_words(enum finding_kind kind)
{
    static const char *const words[] = {
        [FINDING_CRASHED_AT] = "crashed",  [FINDING_MADE_BY] = "made by",
        [FINDING_READ_BY] = "read by",     [FINDING_SENT_BY] = "sent by",
        [FINDING_CLOSED_BY] = "closed by", [FINDING_STUCK_IN] = "stuck in",
        [FINDING_FAILED_IN] = "failed in", [FINDING_ENDED_BY] = "ended by",
        [FINDING_ASKED_BY] = "asked by",   [FINDING_ALLOCATED_AT] = "allocated",
    };
    return words[kind];
}

static void print_finding(const struct gcc_output *output, const struct finding *finding)
{
    const struct source_frame *frame = &finding->frames[0];
    auto_str struct str text = STR_INIT;
    str_append(&text, found_words(finding->kind));
    if (finding->call != NULL)
        str_append_format(&text, " %s", finding->call);
    bool by = str_ends_with(str_text(&text), " by") || str_ends_with(str_text(&text), " in");
    if (frame->function != NULL && finding->call == NULL)
        str_append_format(&text, "%s%s()", by ? " " : " in ", frame->function);
    else if (frame->function != NULL)
        str_append_format(&text, ", in %s()", frame->function);
    print_message(output, frame->file, frame->line, column_of(finding), "note", str_text(&text));
    for (size_t i = 1; i < finding->frame_count && i <= MOST_CALLERS; i++) {
        const struct source_frame *caller = &finding->frames[i];
        auto_free char *from =
            str_format("called from %s%s", caller->function != NULL ? caller->function : "here",
                       caller->function != NULL ? "()" : "");
        print_message(output, caller->file, caller->line, 1, "note", from);
    }
    if (finding->note != NULL)
        print_message(output, frame->file, frame->line, column_of(finding), "note", finding->note);
}

// The place that the error and the notes without one of their own are told at.
struct place {
    const char *file;
    int line, column;
};

static struct place place_of(const struct attempt *attempt, const struct check_result *check)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct finding *finding = &check->findings[i];
        if (finding->frame_count > 0)
            return (struct place){finding->frames[0].file, finding->frames[0].line,
                                  column_of(finding)};
    }
    const struct strings *edit = &attempt->lab->edit;
    return (struct place){edit->count > 0 ? edit->items[0] : attempt->lab->id, 1, 1};
}

static void print_note(const struct gcc_output *output, const struct place *place, const char *text)
{
    if (text != NULL)
        print_message(output, place->file, place->line, place->column, "note", text);
}

static void print_value(const struct gcc_output *output, const struct place *place,
                        const char *label, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    bool long_value = strlen(value) > LONGEST_VALUE;
    auto_free char *text =
        str_format("%s: %.*s%s", label, LONGEST_VALUE, value, long_value ? "…" : "");
    print_note(output, place, text);
}

static void print_failure(const struct gcc_output *output, const struct attempt *attempt,
                          const struct check_result *check)
{
    const struct place place = place_of(attempt, check);
    bool known = false;
    auto_free char *message = str_format(
        "%s [%s]", check->message != NULL ? check->message : "the check failed", check->id);
    print_message(output, place.file, place.line, place.column, "error", message);
    for (size_t i = 0; i < check->finding_count; i++) {
        if (check->findings[i].frame_count == 0)
            continue;
        known = true;
        print_finding(output, &check->findings[i]);
    }
    if (!known)
        print_note(output, &place, "no line is known that did it");
    print_value(output, &place, "expected", check->expected);
    print_value(output, &place, "actual", check->actual);
    print_note(output, &place, check->because);
    for (size_t i = 0; i < check->notes.count; i++)
        print_note(output, &place, check->notes.items[i]);
    print_note(output, &place, check->help);
    print_value(output, &place, "see it", check->reproduce);
}

static size_t count_failed(const struct attempt *attempt)
{
    size_t count = 0;
    for (size_t i = 0; i < attempt->check_count; i++)
        count += attempt->checks[i].status == CHECK_FAILED;
    return count;
}

// The first failing check of the first step that has one, as on the screen; or every one.
static void print_failures(const struct gcc_output *output, const struct attempt *attempt,
                           const struct report_options *options)
{
    size_t shown = 0;
    for (size_t i = 0; i < attempt->step_count; i++) {
        const struct step_result *step = &attempt->steps[i];
        for (size_t j = 0; j < step->check_count; j++) {
            const struct check_result *check = &attempt->checks[step->first_check + j];
            if (check->status != CHECK_FAILED || (shown > 0 && !options->all))
                continue;
            print_failure(output, attempt, check);
            shown++;
            size_t others = count_failed(attempt) - 1;
            const struct place place = place_of(attempt, check);
            auto_str struct str more = STR_INIT;
            plural_append(&more, others, "more check");
            str_append_format(&more, " fail%s (%s check --all)", others == 1 ? "s" : "",
                              options->command);
            if (!options->all && others > 0)
                print_note(output, &place, str_text(&more));
        }
    }
}

void render_attempt_gcc(const struct screen *screen, const struct attempt *attempt,
                        const struct report_options *options, const char *folder)
{
    const struct gcc_output output = {screen, folder};
    const struct build_result *build = &attempt->build;
    for (size_t i = 0; i < build->diagnostic_count; i++) {
        const struct build_diagnostic *item = &build->diagnostics[i];
        print_message(&output, item->file, item->line, item->column,
                      item->severity != NULL ? item->severity : "error", item->message);
    }
    if (attempt->broken_reason != NULL || attempt->interrupted)
        return;
    if (!build->ok && build->stopped != NULL)
        fprintf(screen->out, "cc: error: %s\n", build->stopped);
    else if (!build->ok && build->diagnostic_count == 0)
        fprintf(screen->out, "cc: error: the program does not compile\n");
    print_failures(&output, attempt, options);
}
