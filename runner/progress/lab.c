// SPDX-License-Identifier: MIT
// What is known of a lab: steps passed, points, its workspace, hints shown, the last failure.
#include <stdlib.h>

#include "base/str.h"
#include "progress/store.h"

struct lab_query {
    const struct lab *lab;
    struct progress_lab *out;
};

// Broken steps and steps that were not run say nothing about the program.
static bool read_step(struct progress *progress, const struct lab *lab, const struct step *step,
                      struct progress_lab *out, struct err *err)
{
    auto_statement sqlite3_stmt *statement =
        store_query(progress, err,
                    "SELECT coalesce(max(attempt) FILTER (WHERE status = 'passed'), 0),"
                    " coalesce(max(attempt) FILTER (WHERE status = 'failed'), 0)"
                    " FROM step WHERE lab = ? AND id = ?",
                    WITH(value_text(lab->id), value_text(step->id)));
    if (statement == NULL || store_next(progress, statement, err) != 1)
        return false;
    long long last_pass = sqlite3_column_int64(statement, 0);
    long long last_failure = sqlite3_column_int64(statement, 1);
    struct progress_step *known = &out->steps[out->step_count++];
    known->id = mem_copy_string(step->id);
    known->ever = last_pass > 0;
    known->passed = last_pass > last_failure;
    out->points += known->passed ? step->points : 0;
    out->max_points += step->points;
    return true;
}

static bool read_attempts(struct progress *progress, const struct lab *lab,
                          struct progress_lab *out, struct err *err)
{
    auto_statement sqlite3_stmt *statement = store_query(
        progress, err,
        "SELECT count(*), coalesce(max(complete), 0), coalesce(max(at), 0) FROM attempt "
        "WHERE lab = ?",
        WITH(value_text(lab->id)));
    if (statement == NULL || store_next(progress, statement, err) != 1)
        return false;
    out->attempts = sqlite3_column_int64(statement, 0);
    out->passed = sqlite3_column_int(statement, 1) != 0;
    out->last_at = sqlite3_column_int64(statement, 2);
    return true;
}

static bool read_lab_row(struct progress *progress, const struct lab *lab, struct progress_lab *out,
                         struct err *err)
{
    auto_statement sqlite3_stmt *statement =
        store_query(progress, err, "SELECT workspace, gave_up FROM lab WHERE id = ?",
                    WITH(value_text(lab->id)));
    int row = statement != NULL ? store_next(progress, statement, err) : -1;
    if (row == 1) {
        out->workspace = store_text(statement, 0);
        out->gave_up = sqlite3_column_int(statement, 1) != 0;
    }
    return row >= 0;
}

static bool read_lab(struct progress *progress, void *context, struct err *err)
{
    struct lab_query *query = context;
    const struct lab *lab = query->lab;
    struct progress_lab *out = query->out;
    *out = (struct progress_lab){.lab = mem_copy_string(lab->id)};
    out->steps = mem_alloc_array(lab->step_count, sizeof *out->steps);
    bool done = read_attempts(progress, lab, out, err) && read_lab_row(progress, lab, out, err);
    for (size_t i = 0; done && i < lab->step_count; i++)
        done = read_step(progress, lab, &lab->steps[i], out, err);
    if (!done)
        progress_lab_release(out);
    return done;
}

bool progress_lab(struct progress *progress, const struct lab *lab, struct progress_lab *out,
                  struct err *err)
{
    *out = (struct progress_lab){0};
    struct lab_query query = {lab, out};
    return store_transaction(progress, false, read_lab, &query, err);
}

void progress_lab_release(struct progress_lab *lab)
{
    for (size_t i = 0; i < lab->step_count; i++)
        free(lab->steps[i].id);
    free(lab->steps);
    free(lab->lab);
    free(lab->workspace);
    *lab = (struct progress_lab){0};
}

// ---- single facts

struct fact {
    const char *lab;
    const char *text; // a workspace or a step
    int number;
};

static bool write_workspace(struct progress *progress, void *context, struct err *err)
{
    const struct fact *fact = context;
    return store_do(progress, err,
                    "INSERT INTO lab (id, workspace) VALUES (?, ?) "
                    "ON CONFLICT (id) DO UPDATE SET workspace = excluded.workspace",
                    WITH(value_text(fact->lab), value_text(fact->text)));
}

bool progress_set_workspace(struct progress *progress, const char *lab, const char *workspace,
                            struct err *err)
{
    struct fact fact = {lab, workspace, 0};
    return store_transaction(progress, true, write_workspace, &fact, err);
}

static bool write_gave_up(struct progress *progress, void *context, struct err *err)
{
    const struct fact *fact = context;
    return store_do(progress, err,
                    "INSERT INTO lab (id, gave_up) VALUES (?, 1) "
                    "ON CONFLICT (id) DO UPDATE SET gave_up = 1",
                    WITH(value_text(fact->lab)));
}

bool progress_set_gave_up(struct progress *progress, const char *lab, struct err *err)
{
    struct fact fact = {lab, NULL, 0};
    return store_transaction(progress, true, write_gave_up, &fact, err);
}

static bool read_hints(struct progress *progress, void *context, struct err *err)
{
    struct fact *fact = context;
    auto_statement sqlite3_stmt *statement =
        store_query(progress, err, "SELECT shown FROM hint WHERE lab = ? AND step = ?",
                    WITH(value_text(fact->lab), value_text(fact->text)));
    int row = statement != NULL ? store_next(progress, statement, err) : -1;
    fact->number = row == 1 ? sqlite3_column_int(statement, 0) : 0;
    return row >= 0;
}

bool progress_hints(struct progress *progress, const char *lab, const char *step, int *out_shown,
                    struct err *err)
{
    struct fact fact = {lab, step, 0};
    bool done = store_transaction(progress, false, read_hints, &fact, err);
    *out_shown = fact.number;
    return done;
}

static bool write_hints(struct progress *progress, void *context, struct err *err)
{
    const struct fact *fact = context;
    return store_do(
        progress, err,
        "INSERT INTO hint (lab, step, shown) VALUES (?, ?, ?) "
        "ON CONFLICT (lab, step) DO UPDATE SET shown = excluded.shown",
        WITH(value_text(fact->lab), value_text(fact->text), value_integer(fact->number)));
}

bool progress_set_hints(struct progress *progress, const char *lab, const char *step, int shown,
                        struct err *err)
{
    struct fact fact = {lab, step, shown};
    return store_transaction(progress, true, write_hints, &fact, err);
}

// ---- failures

struct failed_step {
    const char *lab, *step;
    struct progress_failures *out;
};

static bool read_failures(struct progress *progress, void *context, struct err *err)
{
    struct failed_step *step = context;
    struct progress_failures *out = step->out;
    *out = (struct progress_failures){0};
    auto_statement sqlite3_stmt *statement = store_query(
        progress, err,
        "SELECT id, outcome FROM check_result WHERE status = 'failed' AND outcome IS NOT NULL AND "
        "substr(id, 1, length(?2) + 1) = ?2 || '/' AND attempt = (SELECT max(attempt) FROM step "
        "WHERE lab = ?1 AND id = ?2 AND status IN ('passed', 'failed')) ORDER BY position",
        WITH(value_text(step->lab), value_text(step->step)));
    int row = -1;
    while (statement != NULL && (row = store_next(progress, statement, err)) == 1) {
        out->items = mem_resize(out->items, (out->count + 1) * sizeof *out->items);
        out->items[out->count++] =
            (struct progress_failure){store_text(statement, 0), store_text(statement, 1)};
    }
    if (row < 0)
        progress_failures_release(out);
    return row == 0;
}

bool progress_failures(struct progress *progress, const char *lab, const char *step,
                       struct progress_failures *out, struct err *err)
{
    *out = (struct progress_failures){0};
    struct failed_step failed = {lab, step, out};
    return store_transaction(progress, false, read_failures, &failed, err);
}

void progress_failures_release(struct progress_failures *failures)
{
    for (size_t i = 0; i < failures->count; i++) {
        free(failures->items[i].check);
        free(failures->items[i].outcome);
    }
    free(failures->items);
    *failures = (struct progress_failures){0};
}
