// SPDX-License-Identifier: MIT
// `lab status`: the stages, which labs are passed, where the learner stands; and the same as JSON.
#include <string.h>

#include "base/text.h"
#include "render/parts.h"

enum { STAGE_COLUMN = 9, BAR_COLUMN = 35, RIGHT_EDGE = 78, SECOND_COLUMN = 59 };

enum stage_status { STAGE_EMPTY, STAGE_OPEN, STAGE_NOW, STAGE_DONE };

static size_t passed_labs(const struct roadmap_stage_view *stage)
{
    size_t passed = 0;
    for (size_t i = 0; i < stage->lab_count; i++)
        passed += stage->labs[i].status == ROADMAP_LAB_PASSED;
    return passed;
}

static bool is_done(const struct roadmap_stage_view *stage)
{
    return stage->lab_count > 0 && passed_labs(stage) == stage->lab_count;
}

static const struct roadmap_lab_view *lab_in_stage(const struct roadmap_stage_view *stage,
                                                   const char *id)
{
    for (size_t i = 0; id != NULL && i < stage->lab_count; i++)
        if (str_equal(stage->labs[i].id, id) && stage->labs[i].status != ROADMAP_LAB_PASSED)
            return &stage->labs[i];
    return NULL;
}

static const struct roadmap_lab_view *first_lab(const struct roadmap_stage_view *stage,
                                                enum roadmap_lab_status status)
{
    for (size_t i = 0; i < stage->lab_count; i++)
        if (stage->labs[i].status == status)
            return &stage->labs[i];
    return NULL;
}

// The lab to go on with: the current one, else the first that was started, else the first open one.
static const struct roadmap_lab_view *next_lab(const struct roadmap_view *view)
{
    const struct roadmap_lab_view *found = NULL;
    for (size_t i = 0; i < view->stage_count && found == NULL; i++)
        found = lab_in_stage(&view->stages[i], view->current);
    for (size_t i = 0; i < view->stage_count && found == NULL; i++)
        found = first_lab(&view->stages[i], ROADMAP_LAB_STARTED);
    for (size_t i = 0; i < view->stage_count && found == NULL; i++)
        found = first_lab(&view->stages[i], ROADMAP_LAB_OPEN);
    return found;
}

static enum stage_status status_of(const struct roadmap_view *view, size_t stage)
{
    const struct roadmap_stage_view *this = &view->stages[stage];
    const struct roadmap_lab_view *next = next_lab(view);
    if (this->lab_count == 0)
        return STAGE_EMPTY;
    if (is_done(this))
        return STAGE_DONE;
    return next != NULL && lab_in_stage(this, next->id) != NULL ? STAGE_NOW : STAGE_OPEN;
}

// Text, and more text from a column on, or below when it does not fit.
static void print_two(const struct screen *screen, const char *left, const char *right,
                      size_t column)
{
    size_t used = text_width(left);
    size_t edge =
        (size_t)screen->width > text_width(right) ? (size_t)screen->width - text_width(right) : 0;
    if (column > edge) // "./lab" is wider than "lab"
        column = edge;
    if (used + 2 > column)
        column = used + 2;
    if (column + text_width(right) <= (size_t)screen->width) {
        fprintf(screen->out, "%s%*s%s\n", left, (int)(column - used), "", right);
    } else {
        print_wrapped(screen, "", "  ", left);
        print_wrapped(screen, "", "  ", right);
    }
}

const char *roadmap_lab_status_name(enum roadmap_lab_status status)
{
    static const char *const names[] = {[ROADMAP_LAB_OPEN] = "open",
                                        [ROADMAP_LAB_STARTED] = "started",
                                        [ROADMAP_LAB_PASSED] = "passed"};
    return names[status];
}

static void print_head(const struct screen *screen, const struct roadmap_view *view)
{
    size_t labs = 0;
    size_t passed = 0;
    size_t stages = 0;
    size_t done = 0;
    for (size_t i = 0; i < view->stage_count; i++) {
        labs += view->stages[i].lab_count;
        passed += passed_labs(&view->stages[i]);
        stages += view->stages[i].lab_count > 0;
        done += is_done(&view->stages[i]);
    }
    auto_str struct str text = STR_INIT;
    str_append_format(&text, "%zu of ", passed);
    plural_append(&text, labs, "lab");
    str_append_format(&text, "   %zu of ", done);
    plural_append(&text, stages, "stage");
    size_t column = RIGHT_EDGE > text.length ? RIGHT_EDGE - text.length : 0;
    print_two(screen, "Backend roadmap", str_text(&text), column);
}

static size_t longest_bar(const struct roadmap_view *view)
{
    size_t longest = 0;
    for (size_t i = 0; i < view->stage_count; i++)
        if (view->stages[i].lab_count > longest)
            longest = view->stages[i].lab_count;
    return longest;
}

static void append_bar(struct str *out, const struct roadmap_stage_view *stage, size_t longest)
{
    str_append_char(out, '[');
    for (size_t i = 0; i < stage->lab_count; i++)
        str_append_char(out, stage->labs[i].status == ROADMAP_LAB_PASSED ? '#' : '.');
    str_append_char(out, ']');
    blanks_append(out, longest - stage->lab_count);
    str_append_format(out, "  %zu/%zu", passed_labs(stage), stage->lab_count);
}

// The row as a sentence: what the columns and the bar say, in words.
static void say_stage(const struct screen *screen, const struct roadmap_view *view, size_t index)
{
    static const char *const words[] = {[STAGE_EMPTY] = "no labs",
                                        [STAGE_OPEN] = "not done",
                                        [STAGE_NOW] = "you are here",
                                        [STAGE_DONE] = "done"};
    const struct roadmap_stage_view *stage = &view->stages[index];
    enum stage_status status = status_of(view, index);
    auto_str struct str text = STR_INIT;
    str_append_format(&text, "stage %zu, ", index + 1);
    visible_append(&text, stage->title);
    str_append_format(&text, ": %s, %zu of ", words[status], passed_labs(stage));
    plural_append(&text, stage->lab_count, "lab");
    str_append(&text, " passed");
    const struct roadmap_lab_view *next = status == STAGE_NOW ? next_lab(view) : NULL;
    if (next != NULL && next->status == ROADMAP_LAB_STARTED)
        str_append_format(&text, "; begun: %s, %zu of %zu steps", next->id, next->steps_passed,
                          next->step_count);
    else if (next != NULL)
        str_append_format(&text, "; next: %s", next->id);
    print_wrapped(screen, "", "  ", str_text(&text));
}

static void print_stage(const struct screen *screen, const struct roadmap_view *view, size_t index)
{
    static const char *const words[] = {
        [STAGE_EMPTY] = "", [STAGE_OPEN] = "", [STAGE_NOW] = "now", [STAGE_DONE] = "done"};
    const struct roadmap_stage_view *stage = &view->stages[index];
    enum stage_status status = status_of(view, index);
    if (screen->plain) {
        say_stage(screen, view, index);
        return;
    }
    auto_free char *title = visible(stage->title);
    auto_str struct str bar = STR_INIT;
    append_bar(&bar, stage, longest_bar(view));
    const struct roadmap_lab_view *next = status == STAGE_NOW ? next_lab(view) : NULL;
    if (next != NULL && next->status == ROADMAP_LAB_STARTED)
        str_append_format(&bar, "   > %s   %zu/%zu steps", next->id, next->steps_passed,
                          next->step_count);
    else if (next != NULL)
        str_append_format(&bar, "   > %s", next->id);
    auto_free char *left = str_format("%2zu %-6s%s", index + 1, words[status], title);
    size_t used = text_width(left);
    size_t column = used + 2 > BAR_COLUMN ? used + 2 : BAR_COLUMN;
    if (column + bar.length <= (size_t)screen->width) {
        fprintf(screen->out, "%s%*s%s\n", left, (int)(column - used), "", str_text(&bar));
        return;
    }
    auto_free char *first = str_format("%2zu %-6s", index + 1, words[status]);
    print_wrapped(screen, first, "         ", title);
    print_wrapped(screen, "         ", "         ", str_text(&bar));
}

void render_roadmap(const struct screen *screen, const struct roadmap_view *view)
{
    print_head(screen, view);
    size_t empty = 0;
    for (size_t i = 0; i < view->stage_count; i++) {
        empty += view->stages[i].lab_count == 0;
        if (view->stages[i].lab_count > 0)
            print_stage(screen, view, i);
    }
    auto_str struct str text = STR_INIT;
    plural_append(&text, empty, "stage");
    str_append(&text, empty == 1 ? " has no labs yet" : " have no labs yet");
    if (empty > 0)
        print_wrapped(screen, "", "", str_text(&text));
    const struct roadmap_lab_view *next = next_lab(view);
    auto_free char *everything = str_format("everything: %s list", view->command);
    auto_free char *left =
        next == NULL
            ? str_format("next: %s list", view->command)
            : str_format("next: %s %s %s", view->command,
                         next->status == ROADMAP_LAB_STARTED ? "check" : "start", next->id);
    if (next == NULL)
        print_wrapped(screen, "", "", left);
    else
        print_two(screen, left, everything, SECOND_COLUMN);
}

char *render_roadmap_json(const struct roadmap_view *view)
{
    static const char *const stage_words[] = {
        [STAGE_EMPTY] = "empty", [STAGE_OPEN] = "open", [STAGE_NOW] = "now", [STAGE_DONE] = "done"};
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "version", 1);
    cJSON *stages = cJSON_AddArrayToObject(root, "stages");
    for (size_t i = 0; i < view->stage_count; i++) {
        const struct roadmap_stage_view *stage = &view->stages[i];
        cJSON *item = json_add_item(stages);
        json_add_text(item, "id", stage->id);
        json_add_text(item, "title", stage->title);
        json_add_text(item, "status", stage_words[status_of(view, i)]);
        cJSON *labs = cJSON_AddArrayToObject(item, "labs");
        for (size_t j = 0; j < stage->lab_count; j++) {
            const struct roadmap_lab_view *lab = &stage->labs[j];
            cJSON *entry = json_add_item(labs);
            json_add_text(entry, "id", lab->id);
            json_add_text(entry, "title", lab->title);
            json_add_text(entry, "status", roadmap_lab_status_name(lab->status));
            cJSON_AddNumberToObject(entry, "points", lab->points);
            cJSON_AddNumberToObject(entry, "max_points", lab->max_points);
        }
    }
    return json_take_text(root);
}
