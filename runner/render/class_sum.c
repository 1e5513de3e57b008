// SPDX-License-Identifier: MIT
// A class on the terminal and as JSON; the bar while it is graded.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/class.h"
#include "render/class_parts.h"
#include "render/parts.h"

enum { HARDEST = 5, LISTED = 20 };

// ---------------------------------------------------------------- counted

struct class_sum class_sum(const struct class_view *view)
{
    struct class_sum sum = {0};
    auto_free int *points = mem_alloc_array(view->count + 1, sizeof *points);
    for (size_t i = 0; i < view->count; i++) {
        const struct class_row *row = &view->rows[i];
        sum.open += row->status == CLASS_OPEN;
        sum.refused += row->status == CLASS_REFUSED;
        sum.broken += row->status == CLASS_BROKEN;
        if (row->status != CLASS_GRADED)
            continue;
        points[sum.graded++] = row->points;
        sum.passed += row->points == view->max_points;
        sum.uncompiled += !row->compiled;
    }
    if (sum.graded > 0) {
        class_sort_numbers(points, sum.graded);
        sum.median = points[sum.graded / 2];
        sum.least = points[0];
        sum.most = points[sum.graded - 1];
    }
    return sum;
}

static int compare_numbers(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

void class_sort_numbers(int *numbers, size_t count)
{
    qsort(numbers, count, sizeof *numbers, compare_numbers);
}

static int compare_failures(const void *a, const void *b)
{
    const struct class_failures *left = a;
    const struct class_failures *right = b;
    if (left->failed != right->failed)
        return left->failed < right->failed ? 1 : -1;
    return left->check < right->check ? -1 : left->check > right->check;
}

size_t class_hardest(const struct class_view *view, struct class_failures **out)
{
    struct class_failures *list = mem_alloc_array(view->checks.count + 1, sizeof *list);
    size_t count = 0;
    for (size_t check = 0; check < view->checks.count; check++) {
        struct class_failures failures = {.check = check};
        for (size_t i = 0; i < view->count; i++) {
            const struct class_row *row = &view->rows[i];
            if (row->status != CLASS_GRADED || !row->compiled || row->checks == NULL)
                continue;
            failures.failed += row->checks[check] == CHECK_FAILED;
            failures.run += row->checks[check] != CHECK_NOT_RUN;
        }
        if (failures.failed > 0)
            list[count++] = failures;
    }
    if (count > 1)
        qsort(list, count, sizeof *list, compare_failures);
    *out = list;
    return count;
}

size_t class_at_step(const struct class_view *view, size_t step)
{
    size_t count = 0;
    for (size_t i = 0; i < view->count; i++)
        count += view->rows[i].status == CLASS_GRADED && view->rows[i].steps_passed == step;
    return count;
}

size_t class_passed_step(const struct class_view *view, size_t step)
{
    size_t count = 0;
    for (size_t i = 0; i < view->count; i++)
        count += view->rows[i].status == CLASS_GRADED && view->rows[i].steps != NULL &&
                 view->rows[i].steps[step] == CHECK_PASSED;
    return count;
}

// ---------------------------------------------------------------- the terminal

static void print_steps(const struct screen *screen, const struct class_view *view)
{
    screen_print(screen, STYLE_STRONG, "who is at which step\n");
    for (size_t step = 0; step <= view->lab->step_count; step++) {
        size_t here = class_at_step(view, step);
        if (here == 0)
            continue;
        auto_free char *first = step < view->lab->step_count
                                    ? str_format("  %4zu at %zu ", here, step + 1)
                                    : str_format("  %4zu ", here);
        screen_wrap(screen, first, "        ",
                    step < view->lab->step_count ? view->lab->steps[step].id : "passed all steps");
    }
}

static void print_hardest(const struct screen *screen, const struct class_view *view)
{
    struct class_failures *hardest = NULL;
    size_t count = class_hardest(view, &hardest);
    if (count > 0)
        screen_print(screen, STYLE_STRONG, "the checks that fail most\n");
    for (size_t i = 0; i < count && i < HARDEST; i++) {
        auto_free char *first = str_format("  %4zu of %zu ", hardest[i].failed, hardest[i].run);
        screen_wrap(screen, first, "        ", view->checks.items[hardest[i].check]);
    }
    free(hardest);
}

// Those without a verdict of the checks, by name: somebody has to look at them.
static void print_listed(const struct screen *screen, const struct class_view *view,
                         enum class_status status, const char *heading)
{
    size_t count = 0;
    for (size_t i = 0; i < view->count; i++) {
        const struct class_row *row = &view->rows[i];
        if (row->status != status)
            continue;
        if (count == 0)
            screen_print(screen, STYLE_STRONG, "%s\n", heading);
        if (++count > LISTED)
            continue;
        auto_free char *name = visible(row->name);
        auto_free char *why = visible(row->message != NULL ? row->message : "");
        auto_free char *text = str_format("%s: %s", name, why);
        screen_wrap(screen, "  ", "        ", text);
    }
    if (count > LISTED)
        screen_print(screen, STYLE_PLAIN, "  and %zu more\n", count - LISTED);
}

static void print_names(const struct screen *screen, const char *label, const struct strings *names)
{
    auto_str struct str text = STR_INIT;
    for (size_t i = 0; i < names->count; i++)
        str_append_format(&text, "%s%s", i > 0 ? " " : "", names->items[i]);
    if (names->count > 0)
        screen_wrap(screen, label, "        ", str_text(&text));
}

static void print_changes(const struct screen *screen, const struct class_view *view)
{
    if (!view->has_before)
        return;
    screen_print(screen, STYLE_STRONG, "changes since the grading before\n");
    if (view->change_count == 0)
        screen_print(screen, STYLE_PLAIN, "  none\n");
    for (size_t i = 0; i < view->change_count; i++) {
        const struct class_change *change = &view->changes[i];
        auto_free char *name = visible(change->name);
        auto_free char *text = str_format(
            "%s: %d points, before %d%s", name, change->points_now, change->points_before,
            change->other_sources ? " (other sources were handed in)" : "");
        screen_wrap(screen, "  ", "        ", text);
        print_names(screen, "      passes now ", &change->better);
        print_names(screen, "      fails now ", &change->worse);
    }
}

void render_class(const struct screen *screen, const struct class_view *view)
{
    const struct class_sum sum = class_sum(view);
    if (sum.graded > 0) {
        print_steps(screen, view);
        print_hardest(screen, view);
    }
    print_listed(screen, view, CLASS_REFUSED, "refused");
    print_listed(screen, view, CLASS_BROKEN, "broken: no fault of the submission, no points lost");
    print_changes(screen, view);
    auto_str struct str text = STR_INIT;
    str_append_format(&text, "%s: %zu graded, %zu with all points", view->lab->id, sum.graded,
                      sum.passed);
    if (sum.graded > 0)
        str_append_format(&text, ", median %d of %d", sum.median, view->max_points);
    if (sum.uncompiled > 0)
        str_append_format(&text, ", %zu not compiled", sum.uncompiled);
    if (sum.refused > 0)
        str_append_format(&text, ", %zu refused", sum.refused);
    if (sum.broken > 0)
        str_append_format(&text, ", %zu broken", sum.broken);
    if (sum.open > 0)
        str_append_format(&text, ", %zu not graded yet", sum.open);
    screen_say(screen, "%s", str_text(&text));
}

// ---------------------------------------------------------------- JSON

static void add_row(cJSON *array, const struct class_view *view, const struct class_row *row)
{
    cJSON *item = json_add_item(array);
    json_add_text(item, "submission", row->name);
    json_add_text(item, "status", class_status_name(row->status));
    json_add_text(item, "submitted", row->submitted);
    json_add_text(item, "message", row->message);
    if (row->status == CLASS_OPEN || row->status == CLASS_BROKEN)
        return;
    cJSON_AddNumberToObject(item, "points", row->points);
    cJSON_AddNumberToObject(item, "max_points", view->max_points);
    if (row->status == CLASS_GRADED) {
        cJSON_AddBoolToObject(item, "compiled", row->compiled);
        cJSON_AddNumberToObject(item, "steps_passed", (double)row->steps_passed);
    }
}

static void add_change(cJSON *array, const struct class_change *change)
{
    cJSON *item = json_add_item(array);
    json_add_text(item, "submission", change->name);
    cJSON_AddNumberToObject(item, "points_before", change->points_before);
    cJSON_AddNumberToObject(item, "points", change->points_now);
    cJSON_AddBoolToObject(item, "other_sources", change->other_sources);
    json_add_texts(item, "passes_now", &change->better);
    json_add_texts(item, "fails_now", &change->worse);
}

char *render_class_json(const struct class_view *view)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "version", 1);
    json_add_text(root, "lab", view->lab->id);
    json_add_text(root, "lab_version", view->lab->version);
    json_add_text(root, "program_version", LAB_VERSION);
    json_add_seed(root, view->seed);
    json_add_text(root, "graded", view->graded);
    cJSON *rows = cJSON_AddArrayToObject(root, "submissions");
    for (size_t i = 0; i < view->count; i++)
        add_row(rows, view, &view->rows[i]);
    cJSON *changes = view->has_before ? cJSON_AddArrayToObject(root, "changes") : NULL;
    for (size_t i = 0; i < view->change_count; i++)
        add_change(changes, &view->changes[i]);
    return json_take_text(root);
}

// ---------------------------------------------------------------- the bar

enum { BAR = 30 };

static void add_time_left(struct str *out, double seconds)
{
    if (seconds < 90)
        str_append_format(out, "%.0f s left", ceil(seconds));
    else
        str_append_format(out, "%.0f min left", ceil(seconds / 60));
}

void progress_bar_draw(struct progress_bar *bar, size_t done, size_t count, double share,
                       double now)
{
    double whole = count > 0 ? ((double)done + share) / (double)count : 1;
    whole = whole > 1 ? 1 : whole;
    auto_str struct str line = STR_INIT;
    size_t full = (size_t)(whole * BAR);
    str_append(&line, "grading ");
    if (!bar->screen->plain) {
        str_append_char(&line, '[');
        for (size_t i = 0; i < BAR; i++)
            str_append_char(&line, i < full ? '#' : '.');
        str_append(&line, "] ");
    }
    str_append_format(&line, "%zu of %zu  ", done, count);
    // A guess from less than a hundredth would jump about.
    if (whole >= 0.01)
        add_time_left(&line, (now - bar->begun) * (1 - whole) / whole);
    size_t width = line.length;
    while (line.length < bar->width)
        str_append_char(&line, ' ');
    bar->width = width;
    size_t most = (size_t)bar->screen->width - 1;
    fprintf(bar->screen->out, "\r%.*s", (int)(line.length < most ? line.length : most),
            str_text(&line));
    fflush(bar->screen->out);
}

void progress_bar_clear(struct progress_bar *bar)
{
    if (bar->width > 0)
        fprintf(bar->screen->out, "\r%*s\r", bar->screen->width - 1, "");
    bar->width = 0;
    fflush(bar->screen->out);
}
