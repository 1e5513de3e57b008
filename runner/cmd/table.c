// SPDX-License-Identifier: MIT
// The labs of all courses in the roadmap's order, with what is known of each.
#include "cmd/table.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cmd/cmd.h"

size_t table_stage(const struct table *table, const struct lab *lab)
{
    for (size_t i = 0; i < table->roadmap.count; i++)
        if (str_equal(table->roadmap.stages[i].id, lab->stage))
            return i;
    return table->roadmap.count;
}

// When the workspace was made: a lab that was begun a minute ago has no attempt yet.
static double begun_at(const char *workspace)
{
    auto_free char *head = workspace != NULL ? path_join(workspace, ".lab/workspace.json") : NULL;
    struct stat status;
    if (head == NULL || stat(head, &status) < 0)
        return 0;
    return (double)status.st_mtim.tv_sec + (double)status.st_mtim.tv_nsec / 1e9;
}

static void take_progress(const struct context *context, struct table_lab *entry)
{
    struct err warning = ERR_INIT;
    if (context->progress == NULL ||
        !progress_lab(context->progress, entry->lab, &entry->known, &warning)) {
        context_warn(&warning);
        return;
    }
    for (size_t i = 0; i < entry->known.step_count; i++)
        entry->steps_passed += entry->known.steps[i].passed;
    if (entry->known.passed)
        entry->status = ROADMAP_LAB_PASSED;
    else if (entry->known.attempts > 0 || entry->known.workspace != NULL)
        entry->status = ROADMAP_LAB_STARTED;
    double begun = begun_at(entry->known.workspace);
    entry->last_used = begun > (double)entry->known.last_at ? begun : (double)entry->known.last_at;
}

static void load_labs(const struct context *context, const struct strings *ids, struct table *out)
{
    out->labs = mem_alloc_array(ids->count, sizeof *out->labs);
    out->broken = mem_alloc_array(ids->count, sizeof *out->broken);
    for (size_t i = 0; i < ids->count; i++) {
        struct err err = ERR_INIT;
        struct lab *lab = lab_load(&context->courses, ids->items[i], &err);
        if (lab == NULL) {
            err_move(&out->broken[out->broken_count++], &err);
            continue;
        }
        out->labs[out->count].lab = lab;
        take_progress(context, &out->labs[out->count]);
        out->count++;
    }
}

// ---- what comes next

static const struct table_lab *find(const struct table *table, const char *id)
{
    for (size_t i = 0; i < table->count; i++)
        if (str_equal(table->labs[i].lab->id, id))
            return &table->labs[i];
    return NULL;
}

// The lab whose workspace the current folder is in, unless it is passed.
static struct table_lab *lab_here(struct table *table)
{
    struct workspace here = {0};
    struct err ignored = ERR_INIT;
    struct table_lab *found = NULL;
    if (workspace_find(".", &here, &ignored)) {
        for (size_t i = 0; i < table->count && found == NULL; i++)
            if (str_equal(table->labs[i].lab->id, here.lab) &&
                table->labs[i].status != ROADMAP_LAB_PASSED)
                found = &table->labs[i];
        workspace_release(&here);
    }
    err_release(&ignored);
    return found;
}

static void choose_current(struct table *table)
{
    struct table_lab *here = lab_here(table);
    if (here != NULL)
        here->status = ROADMAP_LAB_STARTED; // whatever the progress file knows of it
    table->current = here;
    for (size_t i = 0; here == NULL && i < table->count; i++) {
        const struct table_lab *entry = &table->labs[i];
        if (entry->status == ROADMAP_LAB_STARTED &&
            (table->current == NULL || entry->last_used > table->current->last_used))
            table->current = entry;
    }
}

// Labs that are not there, or broken, hold nobody up.
static bool is_ready(const struct table *table, const struct table_lab *entry)
{
    for (size_t i = 0; i < entry->lab->prerequisites.count; i++) {
        const struct table_lab *before = find(table, entry->lab->prerequisites.items[i]);
        if (before != NULL && before->status != ROADMAP_LAB_PASSED)
            return false;
    }
    return true;
}

static void choose_next(struct table *table)
{
    const struct table_lab *first = NULL;
    for (size_t i = 0; i < table->count && table->next == NULL; i++) {
        const struct table_lab *entry = &table->labs[i];
        if (entry->status != ROADMAP_LAB_OPEN)
            continue;
        first = first != NULL ? first : entry;
        if (is_ready(table, entry))
            table->next = entry;
    }
    // Each waits for another one: two labs that name each other.
    if (table->next == NULL)
        table->next = first;
}

bool table_load(const struct context *context, struct table *out, struct err *err)
{
    *out = (struct table){0};
    auto_strings struct strings ids = STRINGS_INIT;
    if (!roadmap_load(&context->courses, &out->roadmap, err) ||
        !courses_list(&context->courses, &ids, err))
        return false;
    load_labs(context, &ids, out); // courses_list sorts by the roadmap
    choose_current(out);
    choose_next(out);
    return true;
}

void table_release(struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        progress_lab_release(&table->labs[i].known);
        lab_free(table->labs[i].lab);
    }
    free(table->labs);
    for (size_t i = 0; i < table->broken_count; i++)
        err_release(&table->broken[i]);
    free(table->broken);
    roadmap_release(&table->roadmap);
    *table = (struct table){0};
}

int table_tell_broken(const struct table *table)
{
    for (size_t i = 0; i < table->broken_count; i++)
        render_error(&table->broken[i]);
    return table->broken_count > 0 ? err_exit_status(ERR_LAB) : 0;
}

// ---- for render

static struct roadmap_lab_view view_of(const struct table_lab *entry)
{
    const struct lab *lab = entry->lab;
    return (struct roadmap_lab_view){.id = lab->id,
                                     .title = lab->title,
                                     .status = entry->status,
                                     .points = entry->known.points,
                                     .max_points = 100,
                                     .steps_passed = entry->steps_passed,
                                     .step_count = lab->step_count,
                                     .summary = lab->summary,
                                     .difficulty = lab->difficulty,
                                     .minutes = lab->minutes,
                                     .prerequisites = &lab->prerequisites,
                                     .workspace = entry->known.workspace};
}

struct table_view table_view_make(const struct table *table,
                                  bool (*keep)(const struct table *table,
                                               const struct table_lab *entry, const void *context),
                                  const void *context)
{
    struct table_view view = {
        .stages = mem_alloc_array(table->roadmap.count, sizeof *view.stages),
        .labs = mem_alloc_array(table->count, sizeof *view.labs),
    };
    for (size_t i = 0; i < table->roadmap.count; i++)
        view.stages[i] = (struct roadmap_stage_view){.id = table->roadmap.stages[i].id,
                                                     .title = table->roadmap.stages[i].title};
    for (size_t i = 0; i < table->count; i++) {
        const struct table_lab *entry = &table->labs[i];
        if (keep != NULL && !keep(table, entry, context))
            continue;
        // Labs of one stage lie side by side, so a stage borrows a part of them.
        struct roadmap_stage_view *stage = &view.stages[table_stage(table, entry->lab)];
        view.labs[view.count] = view_of(entry);
        if (stage->lab_count++ == 0)
            stage->labs = &view.labs[view.count];
        view.count++;
    }
    const struct table_lab *go_on = table->current != NULL ? table->current : table->next;
    view.roadmap = (struct roadmap_view){.stages = view.stages,
                                         .stage_count = table->roadmap.count,
                                         .current = go_on != NULL ? go_on->lab->id : NULL,
                                         .command = cmd_program()};
    return view;
}

void table_view_release(struct table_view *view)
{
    free(view->stages);
    free(view->labs);
    *view = (struct table_view){0};
}
