// SPDX-License-Identifier: MIT
// The labs of all courses in the roadmap's order, with what is known of each.
#include "cmd/table.h"

#include <stdlib.h>

size_t table_stage(const struct table *table, const struct lab *lab)
{
    for (size_t i = 0; i < table->roadmap.count; i++)
        if (str_equal(table->roadmap.stages[i].id, lab->stage))
            return i;
    return table->roadmap.count;
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

bool table_load(const struct context *context, struct table *out, struct err *err)
{
    *out = (struct table){0};
    auto_strings struct strings ids = STRINGS_INIT;
    if (!roadmap_load(&context->courses, &out->roadmap, err) ||
        !courses_list(&context->courses, &ids, err))
        return false;
    load_labs(context, &ids, out); // courses_list sorts by the roadmap
    for (size_t i = out->count; i-- > 0;) {
        const struct table_lab *entry = &out->labs[i];
        if (entry->status == ROADMAP_LAB_STARTED)
            out->current = entry;
        else if (entry->status == ROADMAP_LAB_OPEN)
            out->next = entry;
    }
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
