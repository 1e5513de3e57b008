// SPDX-License-Identifier: MIT
// `lab list`: the labs below the names of their stages; and the same as JSON.
#include <string.h>

#include "base/text.h"
#include "render/parts.h"

enum { NARROW = 60 }; // columns below which a lab's row is broken into lines

// "passed", "4/15 steps", "open"
static char *progress_of(const struct screen *screen, const struct roadmap_lab_view *lab)
{
    if (lab->status == ROADMAP_LAB_STARTED)
        return str_format("%zu%s%zu steps", lab->steps_passed, screen->plain ? " of " : "/",
                          lab->step_count);
    return mem_copy_string(roadmap_lab_status_name(lab->status));
}

static void append_prerequisites(struct str *out, const struct roadmap_lab_view *lab)
{
    for (size_t i = 0; i < lab->prerequisites->count; i++)
        str_append_format(out, "%s%s", i > 0 ? ", " : "", lab->prerequisites->items[i]);
}

// What is known besides: each on a line of its own.
static void print_more(const struct screen *screen, const struct roadmap_lab_view *lab)
{
    if (lab->prerequisites != NULL && lab->prerequisites->count > 0) {
        auto_str struct str text = STR_INIT;
        str_append(&text, "after ");
        append_prerequisites(&text, lab);
        print_wrapped(screen, "      ", "      ", str_text(&text));
    }
    if (lab->workspace != NULL)
        screen_wrap(screen, "      ", "      ", lab->workspace);
}

static void print_lab(const struct screen *screen, const struct roadmap_lab_view *lab)
{
    auto_free char *progress = progress_of(screen, lab);
    auto_free char *title = visible(lab->title);
    if (screen->plain || screen->width < NARROW) {
        auto_free char *facts = str_format("%s: %s; %s, %d minutes, %s", lab->id, title,
                                           lab->difficulty, lab->minutes, progress);
        print_wrapped(screen, "  ", "      ", facts);
    } else {
        auto_free char *row = str_format("%-17s %-7s %5d min  %-12s %s", lab->id, lab->difficulty,
                                         lab->minutes, progress, title);
        print_wrapped(screen, "  ", "      ", row);
    }
    print_more(screen, lab);
}

static void print_empty(const struct screen *screen, const struct roadmap_view *view)
{
    auto_str struct str text = STR_INIT;
    size_t count = 0;
    for (size_t i = 0; i < view->stage_count; i++) {
        if (view->stages[i].lab_count > 0)
            continue;
        auto_free char *title = visible(view->stages[i].title);
        str_append_format(&text, "%s%s", count++ > 0 ? ", " : "no labs yet: ", title);
    }
    if (count > 0)
        print_wrapped(screen, "", "  ", str_text(&text));
}

void render_labs(const struct screen *screen, const struct roadmap_view *view, bool empty)
{
    for (size_t i = 0; i < view->stage_count; i++) {
        const struct roadmap_stage_view *stage = &view->stages[i];
        if (stage->lab_count == 0)
            continue;
        auto_free char *title = visible(stage->title);
        auto_free char *head = str_format("%zu %s (%s)", i + 1, title, stage->id);
        print_wrapped(screen, "", "  ", head);
        for (size_t j = 0; j < stage->lab_count; j++)
            print_lab(screen, &stage->labs[j]);
    }
    if (empty)
        print_empty(screen, view);
}

static void add_lab(cJSON *labs, const struct roadmap_stage_view *stage,
                    const struct roadmap_lab_view *lab)
{
    cJSON *entry = json_add_item(labs);
    json_add_text(entry, "id", lab->id);
    json_add_text(entry, "title", lab->title);
    json_add_text(entry, "summary", lab->summary);
    json_add_text(entry, "stage", stage->id);
    json_add_text(entry, "difficulty", lab->difficulty);
    cJSON_AddNumberToObject(entry, "minutes", lab->minutes);
    cJSON *prerequisites = cJSON_AddArrayToObject(entry, "prerequisites");
    for (size_t i = 0; lab->prerequisites != NULL && i < lab->prerequisites->count; i++)
        cJSON_AddItemToArray(prerequisites, cJSON_CreateString(lab->prerequisites->items[i]));
    json_add_text(entry, "status", roadmap_lab_status_name(lab->status));
    cJSON_AddNumberToObject(entry, "points", lab->points);
    cJSON_AddNumberToObject(entry, "max_points", lab->max_points);
    cJSON_AddNumberToObject(entry, "steps_passed", (double)lab->steps_passed);
    cJSON_AddNumberToObject(entry, "steps", (double)lab->step_count);
    json_add_text(entry, "workspace", lab->workspace);
}

char *render_labs_json(const struct roadmap_view *view)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "version", 1);
    cJSON *labs = cJSON_AddArrayToObject(root, "labs");
    for (size_t i = 0; i < view->stage_count; i++)
        for (size_t j = 0; j < view->stages[i].lab_count; j++)
            add_lab(labs, &view->stages[i], &view->stages[i].labs[j]);
    return json_take_text(root);
}
