// SPDX-License-Identifier: MIT
// A failing check, whole: what is wrong, what was sent and came back, why it matters, how to see
// it.
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/text.h"
#include "render/parts.h"

enum { ERROR_LINES = 5, HINT_GAP = 8, HINT_GAP_LEAST = 3 };

// A sanitizer's report is long and ends in tables of memory: the message has its sum, the folder
// .lab/last has all of it. What the program wrote before it is shown.
static size_t before_sanitizer_report(const char *text)
{
    const char *const begins[] = {
        "=================================================================",
        "AddressSanitizer:DEADLYSIGNAL",
        "ERROR: AddressSanitizer: ", "ERROR: LeakSanitizer: ", ": runtime error: "};
    size_t length = strlen(text);
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        const char *found = strstr(text, begins[i]);
        if (found == NULL)
            continue;
        while (found > text && found[-1] != '\n')
            found--;
        if ((size_t)(found - text) < length)
            length = (size_t)(found - text);
    }
    return length;
}

static void print_error_line(const struct screen *screen, const char *line, size_t length)
{
    auto_free char *escaped = text_escape(line, length);
    size_t width = (size_t)screen->width - exchange_indent(screen);
    if (strlen(escaped) <= width)
        fprintf(screen->out, "%s\n", escaped);
    else
        fprintf(screen->out, "%.*s…\n", (int)width - 1, escaped);
}

void print_error_output(const struct screen *screen, const struct check_result *check)
{
    if (check->program.error_output == NULL)
        return;
    auto_str struct str text = STR_INIT;
    text_append_unescaped(&text, check->program.error_output);
    size_t end = before_sanitizer_report(str_text(&text));
    while (end > 0 && text.data[end - 1] == '\n')
        end--;
    if (end == 0)
        return;
    const char *from = text.data + end;
    size_t lines = 1;
    while (from > text.data && (from[-1] != '\n' || lines++ < ERROR_LINES))
        from--;
    exchange_label(screen, "stderr");
    for (bool first = true; from < text.data + end; first = false) {
        const char *line_end = memchr(from, '\n', (size_t)(text.data + end - from));
        size_t length = (size_t)((line_end != NULL ? line_end : text.data + end) - from);
        if (!first)
            fprintf(screen->out, "%*s", (int)exchange_indent(screen), "");
        print_error_line(screen, from, length);
        from += length + (line_end != NULL);
    }
}

// The sanitizer's own sum, unless a line is known or the message is that: "SUMMARY: …", of UBSan
// "…: runtime error: …".
static void print_sanitizer_sum(const struct screen *screen, const struct check_result *check)
{
    if (check->program.error_output == NULL || !check_has_sanitizer_report(check) ||
        check->finding_count > 0)
        return;
    auto_str struct str text = STR_INIT;
    text_append_unescaped(&text, check->program.error_output);
    const char *found = strstr(str_text(&text), "SUMMARY: ");
    if (found == NULL)
        found = strstr(str_text(&text), ": runtime error: ");
    if (found == NULL)
        return;
    while (found > text.data && found[-1] != '\n')
        found--;
    auto_free char *line = str_format("%.*s", (int)strcspn(found, "\n"), found);
    if (check->message != NULL && strstr(line, check->message) == line)
        return;
    print_row(screen, "sanitizer", line);
}

// The name that .lab/last has for it.
static void print_where_the_report_is(const struct screen *screen, const struct check_result *check)
{
    auto_free char *name = mem_copy_string(check->id);
    for (char *c = name; *c != '\0'; c++)
        if (*c == '/')
            *c = '.';
    print_labelled(screen, STYLE_STRONG, "note", "the whole report: .lab/last/%s.stderr", name);
}

static bool says(const struct check_result *check, const char *words)
{
    return check->message != NULL && strstr(check->message, words) != NULL;
}

// How the program ended, unless a sanitizer ended it or the message or a line says it.
static void print_end(const struct screen *screen, const struct check_result *check)
{
    if (check_has_sanitizer_report(check))
        return;
    if (str_equal(check->program.state, "signalled") && !says(check, "was ended by"))
        print_labelled(screen, STYLE_STRONG, "note", "the program was ended by signal %d (%s)",
                       check->program.status, strsignal(check->program.status));
    else if (str_equal(check->program.state, "exited") && !says(check, "status"))
        print_labelled(screen, STYLE_STRONG, "note", "the program exited with status %d",
                       check->program.status);
}

// What the kit saw of a program that hangs gives way to the line on which it does.
static bool is_told_by_findings(const struct check_result *check, const char *note)
{
    return has_finding(check, FINDING_STUCK_IN) && str_starts_with(note, "what the program does: ");
}

static void print_notes(const struct screen *screen, const struct check_result *check)
{
    print_end(screen, check);
    print_finding_notes(screen, check);
    if (check->because != NULL)
        print_labelled(screen, STYLE_STRONG, "note", "%s", check->because);
    for (size_t i = 0; i < check->notes.count; i++)
        if (!is_told_by_findings(check, check->notes.items[i]))
            print_labelled(screen, STYLE_STRONG, "note", "%s", check->notes.items[i]);
    if (check->help != NULL)
        print_labelled(screen, STYLE_GOOD, "help", "%s", check->help);
    if (check_has_sanitizer_report(check))
        print_where_the_report_is(screen, check);
}

// "see it:   ./lab run --origin … -- http://…": one line, whatever it needs beside it.
static void print_run_again(const struct screen *screen, const struct check_result *check,
                            const struct report_options *options)
{
    const char *environment = check->reproduce_environment;
    const char *rest = check->reproduce + strlen("lab");
    auto_free char *command = str_format("%s%s%s%s", environment != NULL ? environment : "",
                                         environment != NULL ? " " : "", options->command, rest);
    if (strlen("see it:   ") + text_width(command) <= (size_t)screen->width) {
        auto_free char *safe = visible(command);
        fprintf(screen->out, "   %s\n", safe);
        return;
    }
    fputc('\n', screen->out);
    print_command(screen, "", command);
}

// A server that asks an origin is run beside the same one. The caller frees it.
static char *origin_option(const struct check_result *check)
{
    if (check->script == NULL)
        return mem_copy_string("");
    char *option = str_format(" --origin .lab/last/%s.origin", check->id);
    for (char *c = option + strlen(" --origin .lab/last/"); *c != '\0'; c++)
        if (*c == '/')
            *c = '.';
    return option;
}

// "see it:   lab run      then      curl …"
static void print_see_it(const struct screen *screen, const struct check_result *check,
                         const struct report_options *options)
{
    if (check->reproduce == NULL)
        return;
    screen_print(screen, STYLE_STRONG, "see it:");
    const char *environment = check->reproduce_environment;
    if (check->reproduce_is_run) {
        print_run_again(screen, check, options);
        return;
    }
    auto_free char *origin = origin_option(check);
    auto_free char *serve = str_format("%s%s%s run%s", environment != NULL ? environment : "",
                                       environment != NULL ? " " : "", options->command, origin);
    static const char *const gaps[] = {"      ", "   ", "  "};
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        auto_free char *line =
            str_format("   %s%sthen%s%s", serve, gaps[i], gaps[i], check->reproduce);
        if (strlen("see it:") + text_width(line) > (size_t)screen->width)
            continue;
        auto_free char *safe = visible(line);
        fprintf(screen->out, "%s\n", safe);
        return;
    }
    if (screen->width >= 40 && text_width(serve) + 20 <= (size_t)screen->width)
        fprintf(screen->out, "   %s      then\n", serve);
    else if (screen->width >= 40) {
        fputc('\n', screen->out);
        print_command(screen, "", serve);
        fputs("then\n", screen->out);
    } else
        fprintf(screen->out, "\n%s\nthen\n", serve);
    print_command(screen, "", check->reproduce);
}

static char *hint_text(const struct step_result *step, const struct report_options *options)
{
    const char *id = step->step->id;
    if (options->hints_total == 0)
        return str_format("lesson: %s lesson %s", options->command, id);
    if (options->hints_shown >= options->hints_total)
        return str_format("hint: %s hint %s  (all %zu shown)", options->command, id,
                          options->hints_total);
    return str_format("hint: %s hint %s  (%zu of %zu)", options->command, id,
                      options->hints_shown + 1, options->hints_total);
}

// What else fails in this step, when only this check is shown.
static void print_more(const struct screen *screen, const struct attempt *attempt,
                       const struct step_result *step, const struct report_options *options)
{
    size_t failing = 0;
    for (size_t i = 0; i < step->check_count; i++)
        failing += attempt->checks[step->first_check + i].status == CHECK_FAILED;
    if (options->all || failing < 2)
        return;
    auto_str struct str text = STR_INIT;
    plural_append(&text, failing - 1, "more check");
    print_labelled(screen, STYLE_STRONG, "note", "%s of this step fail%s (%s check %s --all)",
                   str_text(&text), failing == 2 ? "s" : "", options->command, step->step->id);
}

static void print_again(const struct screen *screen, const struct attempt *attempt,
                        const struct step_result *step, const struct report_options *options)
{
    auto_free char *again = str_format("%s check %s --seed %llu", options->command, step->step->id,
                                       (unsigned long long)attempt->seed);
    auto_free char *hint = hint_text(step, options);
    screen_print(screen, STYLE_STRONG, "again:");
    size_t used = strlen("again:    ") + strlen(again) + strlen(hint);
    if (used + HINT_GAP_LEAST <= (size_t)screen->width) {
        size_t gap = (size_t)screen->width - used;
        fprintf(screen->out, "    %s%*s%s\n", again, gap < HINT_GAP ? (int)gap : HINT_GAP, "",
                hint);
        return;
    }
    bool wide = strlen("again:    ") + strlen(again) <= (size_t)screen->width;
    fputs(wide ? "    " : "\n", screen->out);
    print_command(screen, "", again);
    size_t colon = strcspn(hint, ":");
    auto_free char *label = str_format("%.*s", (int)colon, hint);
    if (wide)
        screen_print(screen, STYLE_STRONG, "%s:%*s%s\n", label, (int)(9 - colon), "",
                     hint + colon + 2);
    else
        screen_wrap(screen, "", "  ", hint);
}

static void print_broken(const struct screen *screen, const struct attempt *attempt,
                         const struct check_result *check)
{
    print_labelled(screen, STYLE_BAD, "error", "the lab's grader is broken: %s",
                   check->message != NULL ? check->message : "it gave no result");
    print_labelled(screen, STYLE_STRONG, "note",
                   "this is a fault of the lab, not of your program; the points of other steps "
                   "are kept");
    if (attempt->lab->grader != NULL)
        print_labelled(screen, STYLE_STRONG, "note", "the grader is %s", attempt->lab->grader);
}

void print_check(const struct screen *screen, const struct attempt *attempt,
                 const struct step_result *step, const struct check_result *check,
                 const struct report_options *options)
{
    auto_free char *id = visible(check->id);
    print_wrapped(screen, "", "", id);
    if (check->status == CHECK_BROKEN) {
        print_broken(screen, attempt, check);
        print_error_output(screen, check);
        return;
    }
    print_labelled(screen, STYLE_BAD, "error", "%s",
                   check->message != NULL ? check->message : "the check failed");
    print_run(screen, check);
    // Of a crash the notes say what was sent last; the answer that did not come tells nothing.
    if (!has_explained_crash(check)) {
        print_exchange(screen, check);
        print_output(screen, check);
    }
    print_expectation(screen, check);
    print_sql(screen, check);
    print_findings(screen, check);
    print_sanitizer_sum(screen, check);
    print_error_output(screen, check);
    print_notes(screen, check);
    print_more(screen, attempt, step, options);
    print_see_it(screen, check, options);
    print_again(screen, attempt, step, options);
}
