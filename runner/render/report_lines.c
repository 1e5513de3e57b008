// SPDX-License-Identifier: MIT
// The report's lines: the build, each step, and one line for the steps that are summed up.
#include <string.h>

#include "base/text.h"
#include "render/parts.h"

enum { STATUS_COLUMNS = 6, TITLE_COLUMN = 25, RIGHT_MARGIN = 2 };

struct line {
    const char *word; // "ok", "FAIL"
    enum style style;
    const char *number; // "4", or ""
    const char *name;
    const char *title;
    const char *right; // at the right edge
};

// "FAIL: 2 status-line, answers with a status line, 0/5"
static void say_line(const struct screen *screen, const struct line *line)
{
    auto_str struct str text = STR_INIT;
    bool summed = strcmp(line->word, "--") == 0;
    str_append_format(&text, "%c%s%c: ", MARK(line->style), summed ? "more" : line->word,
                      MARK(STYLE_PLAIN));
    str_append_format(&text, "%s%s%s", line->number, line->number[0] != '\0' ? " " : "",
                      line->name);
    if (line->title[0] != '\0')
        str_append_format(&text, ", %s", line->title);
    if (line->right[0] != '\0')
        str_append_format(&text, ", %s", line->right);
    print_wrapped(screen, "", "  ", str_text(&text));
}

// All on one line while there is room, else the title below.
static void print_line(const struct screen *screen, const struct line *line)
{
    if (screen->plain) {
        say_line(screen, line);
        return;
    }
    auto_str struct str left = STR_INIT;
    str_append_format(&left, "%s ", line->word);
    if (left.length < STATUS_COLUMNS)
        blanks_append(&left, STATUS_COLUMNS - left.length);
    if (line->number[0] != '\0')
        str_append_format(&left, "%-2s ", line->number);
    size_t indent = left.length;
    str_append_format(&left, "%s ", line->name);
    if (line->title[0] != '\0' && text_width(str_text(&left)) < TITLE_COLUMN)
        blanks_append(&left, TITLE_COLUMN - text_width(str_text(&left)));
    str_append(&left, line->title);
    size_t edge = (size_t)screen->width - RIGHT_MARGIN;
    size_t used = text_width(str_text(&left)) + text_width(line->right);
    const char *behind = str_text(&left) + strlen(line->word);
    bool right = line->right[0] != '\0';
    if (right ? used < edge : used <= (size_t)screen->width) {
        screen_print(screen, line->style, "%s", line->word);
        fprintf(screen->out, "%s%*s%s\n", behind, right ? (int)(edge - used) : 0, "", line->right);
        return;
    }
    auto_free char *first =
        str_format("%c%s%c%.*s", MARK(line->style), line->word, MARK(STYLE_PLAIN),
                   (int)(indent - strlen(line->word)), behind);
    auto_free char *name = str_format("%s  %s", line->name, line->right);
    auto_str struct str rest = STR_INIT;
    blanks_append(&rest, indent);
    print_wrapped(screen, first, str_text(&rest), name);
    if (line->title[0] != '\0')
        print_wrapped(screen, str_text(&rest), str_text(&rest), line->title);
}

void print_report_line(const struct screen *screen, enum style style, const char *word,
                       const char *name, const char *right)
{
    print_line(
        screen,
        &(struct line){
            .word = word, .style = style, .number = "", .name = name, .title = "", .right = right});
}

static size_t count_warnings(const struct build_result *build)
{
    size_t count = 0;
    for (size_t i = 0; i < build->diagnostic_count; i++)
        count += str_equal(build->diagnostics[i].severity, "warning");
    return count;
}

void render_compile_line(const struct screen *screen, const struct attempt *attempt,
                         const struct report_options *options)
{
    const struct build_result *build = &attempt->build;
    size_t warnings = build->ok ? count_warnings(build) : 0;
    auto_str struct str title = STR_INIT;
    if (warnings > 0) {
        plural_append(&title, warnings, "warning");
        if (!options->verbose)
            str_append_format(&title, "      (%s check -v)", options->command);
    }
    auto_free char *seconds = str_format("%.2fs", build->seconds);
    print_line(screen, &(struct line){.word = build->ok ? "ok" : "FAIL",
                                      .style = build->ok ? STYLE_GOOD : STYLE_BAD,
                                      .number = "",
                                      .name = "compile",
                                      .title = str_text(&title),
                                      .right = seconds});
    if (build->ok && options->verbose)
        print_diagnostics(screen, build, build->diagnostic_count);
}

void render_step_line(const struct screen *screen, const struct attempt *attempt,
                      const struct step_result *step)
{
    static const struct {
        const char *word;
        enum style style;
    } words[] = {
        [CHECK_NOT_RUN] = {"--", STYLE_DIM},
        [CHECK_PASSED] = {"ok", STYLE_GOOD},
        [CHECK_FAILED] = {"FAIL", STYLE_BAD},
        [CHECK_BROKEN] = {"BROKEN", STYLE_BAD},
    };
    auto_free char *number = str_format("%zu", lab_step_index(attempt->lab, step->step) + 1);
    auto_free char *points = str_format("%d/%d", step->points, step->step->points);
    auto_free char *title = visible(step->step->title);
    print_line(screen, &(struct line){.word = words[step->status].word,
                                      .style = words[step->status].style,
                                      .number = number,
                                      .name = step->step->id,
                                      .title = title,
                                      .right = points});
}

void print_passed_steps(const struct screen *screen, const struct attempt *attempt, size_t from,
                        size_t count)
{
    int points = 0;
    for (size_t i = from; i < from + count; i++)
        points += attempt->steps[i].step->points;
    size_t first = lab_step_index(attempt->lab, attempt->steps[from].step) + 1;
    size_t last = lab_step_index(attempt->lab, attempt->steps[from + count - 1].step) + 1;
    auto_free char *range = str_format("%zu-%zu", first, last);
    auto_free char *title = str_format("%zu steps pass", count);
    auto_free char *right = str_format("%d/%d", points, points);
    print_line(screen, &(struct line){.word = "ok",
                                      .style = STYLE_GOOD,
                                      .number = "",
                                      .name = range,
                                      .title = title,
                                      .right = right});
}

static void append_status_count(struct str *out, size_t count, const char *verb)
{
    if (count > 0)
        str_append_format(out, "%s%zu %s", str_ends_with(str_text(out), ":") ? " " : ", ", count,
                          verb);
}

// The number of the first and of the last step that was run, from steps[from] on, and their checks.
static size_t count_checks(const struct attempt *attempt, size_t from, size_t counts[4],
                           size_t *out_first, size_t *out_last)
{
    size_t steps = 0;
    for (size_t i = from; i < attempt->step_count; i++) {
        const struct step_result *step = &attempt->steps[i];
        if (step->status == CHECK_NOT_RUN)
            continue;
        size_t number = lab_step_index(attempt->lab, step->step) + 1;
        *out_first = steps++ == 0 ? number : *out_first;
        *out_last = number;
        for (size_t j = 0; j < step->check_count; j++)
            counts[attempt->checks[step->first_check + j].status]++;
    }
    return steps;
}

void print_remaining_steps(const struct screen *screen, const struct attempt *attempt, size_t from,
                           const struct report_options *options)
{
    size_t counts[4] = {0};
    size_t first = 0;
    size_t last = 0;
    size_t steps = count_checks(attempt, from, counts, &first, &last);
    if (steps == 0)
        return;
    auto_free char *range =
        steps == 1 ? str_format("%zu", first) : str_format("%zu-%zu", first, last);
    auto_str struct str title = STR_INIT;
    plural_append(&title, counts[0] + counts[1] + counts[2] + counts[3], "check");
    str_append(&title, ":");
    append_status_count(&title, counts[CHECK_PASSED], "pass");
    append_status_count(&title, counts[CHECK_FAILED], "fail");
    append_status_count(&title, counts[CHECK_BROKEN], "broken");
    append_status_count(&title, counts[CHECK_NOT_RUN], "not run");
    str_append_format(&title, "      (%s check --all)", options->command);
    print_line(screen, &(struct line){.word = "--",
                                      .style = STYLE_DIM,
                                      .number = "",
                                      .name = range,
                                      .title = str_text(&title),
                                      .right = ""});
}
