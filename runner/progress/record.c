// SPDX-License-Identifier: MIT
// Writing an attempt down, and giving its sources back.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/program.h"
#include "base/str.h"
#include "progress/store.h"

struct recording {
    const char *workspace;
    const struct attempt *attempt;
    const struct sources *sources;
    long long id; // of the row
    long long number;
};

// FNV-1a. It only narrows down where to look: the bytes themselves are compared.
static long long content_hash(const char *data, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)data[i]) * 0x100000001b3u;
    return (long long)(hash >> 1);
}

// The row that holds these bytes, made when there is none. Attempts mostly differ in one file.
static bool store_content(struct progress *progress, const struct source *source, long long *out,
                          struct err *err)
{
    long long hash = content_hash(source->data, source->length);
    auto_statement sqlite3_stmt *found =
        store_query(progress, err, "SELECT id FROM content WHERE hash = ? AND data = ?",
                    WITH(value_integer(hash), value_bytes(source->data, source->length)));
    int row = found != NULL ? store_next(progress, found, err) : -1;
    if (row < 0)
        return false;
    if (row == 1) {
        *out = sqlite3_column_int64(found, 0);
        return true;
    }
    if (!store_do(progress, err, "INSERT INTO content (hash, data) VALUES (?, ?)",
                  WITH(value_integer(hash), value_bytes(source->data, source->length))))
        return false;
    *out = sqlite3_last_insert_rowid(progress->db);
    return true;
}

static bool record_sources(struct progress *progress, const struct recording *recording,
                           struct err *err)
{
    for (size_t i = 0; recording->sources != NULL && i < recording->sources->count; i++) {
        const struct source *source = &recording->sources->items[i];
        long long content = 0;
        if (!store_content(progress, source, &content, err) ||
            !store_do(progress, err,
                      "INSERT OR REPLACE INTO source (attempt, name, content) VALUES (?, ?, ?)",
                      WITH(value_integer(recording->id), value_text(source->name),
                           value_integer(content))))
            return false;
    }
    return true;
}

// A step counts as judged when all of its checks were: a passing part of a step is no pass.
static enum check_status judged_status(const struct attempt *attempt,
                                       const struct step_result *step)
{
    for (size_t i = 0; i < step->check_count; i++)
        if (attempt->checks[step->first_check + i].status == CHECK_NOT_RUN &&
            step->status == CHECK_PASSED)
            return CHECK_NOT_RUN;
    return step->status;
}

static bool record_steps(struct progress *progress, const struct recording *recording,
                         struct err *err)
{
    const struct attempt *attempt = recording->attempt;
    for (size_t i = 0; i < attempt->step_count; i++) {
        const struct step_result *step = &attempt->steps[i];
        if (!store_do(progress, err,
                      "INSERT INTO step (attempt, position, lab, id, status, points, max_points) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?)",
                      WITH(value_integer(recording->id), value_count(i),
                           value_text(attempt->lab->id), value_text(step->step->id),
                           value_text(check_status_name(judged_status(attempt, step))),
                           value_integer(step->points), value_integer(step->step->points))))
            return false;
    }
    return true;
}

static bool record_checks(struct progress *progress, const struct recording *recording,
                          struct err *err)
{
    const struct attempt *attempt = recording->attempt;
    for (size_t i = 0; i < attempt->check_count; i++) {
        const struct check_result *check = &attempt->checks[i];
        if (!store_do(progress, err,
                      "INSERT INTO check_result (attempt, position, id, status, outcome, message, "
                      "seconds) VALUES (?, ?, ?, ?, ?, ?, ?)",
                      WITH(value_integer(recording->id), value_count(i), value_text(check->id),
                           value_text(check_status_name(check->status)),
                           value_text(check_outcome(check)), value_text(check->message),
                           value_real(check->seconds))))
            return false;
    }
    return true;
}

static bool is_complete(const struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->step_count; i++)
        if (judged_status(attempt, &attempt->steps[i]) != CHECK_PASSED)
            return false;
    return attempt->lab->step_count > 0 && attempt->step_count == attempt->lab->step_count;
}

static bool next_number(struct progress *progress, struct recording *recording, struct err *err)
{
    auto_statement sqlite3_stmt *statement = store_query(
        progress, err, "SELECT coalesce(max(number), 0) + 1 FROM attempt WHERE workspace = ?",
        WITH(value_text(recording->workspace)));
    if (statement == NULL || store_next(progress, statement, err) != 1)
        return false;
    recording->number = sqlite3_column_int64(statement, 0);
    return true;
}

static bool record_attempt(struct progress *progress, struct recording *recording, struct err *err)
{
    const struct attempt *attempt = recording->attempt;
    char seed[32];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)attempt->seed);
    bool done = store_do(
        progress, err,
        "INSERT INTO attempt (workspace, number, lab, lab_version, program_version, sandbox, seed, "
        "at, seconds, built, points, max_points, passed, failed, broken, exit_status, complete, "
        "sources_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        WITH(value_text(recording->workspace), value_integer(recording->number),
             value_text(attempt->lab->id), value_text(attempt->lab->version),
             value_text(LAB_VERSION), value_text(attempt->sandbox), value_text(seed),
             value_integer(time(NULL)), value_real(attempt->seconds),
             value_integer(attempt->build.ok), value_integer(attempt->points),
             value_integer(attempt->max_points), value_count(attempt->passed),
             value_count(attempt->failed), value_count(attempt->broken),
             value_integer(attempt_exit_status(attempt)), value_integer(is_complete(attempt)),
             value_text(recording->sources != NULL ? recording->sources->hash : NULL)));
    recording->id = sqlite3_last_insert_rowid(progress->db);
    return done;
}

static bool record_all(struct progress *progress, void *context, struct err *err)
{
    struct recording *recording = context;
    return next_number(progress, recording, err) && record_attempt(progress, recording, err) &&
           record_steps(progress, recording, err) && record_checks(progress, recording, err) &&
           record_sources(progress, recording, err) &&
           store_prune(progress, recording->workspace, recording->number, err) &&
           store_do(
               progress, err,
               "INSERT INTO lab (id, workspace) VALUES (?, ?) "
               "ON CONFLICT (id) DO UPDATE SET workspace = excluded.workspace",
               WITH(value_text(recording->attempt->lab->id), value_text(recording->workspace)));
}

bool progress_record(struct progress *progress, const char *workspace,
                     const struct attempt *attempt, const struct sources *sources,
                     long long *out_number, struct err *err)
{
    struct recording recording = {.workspace = workspace, .attempt = attempt, .sources = sources};
    if (!store_transaction(progress, true, record_all, &recording, err))
        return false;
    *out_number = recording.number;
    return true;
}

// ---- sources

struct recall {
    const char *workspace;
    long long number;
    struct sources *out;
};

static void add_source(struct sources *sources, sqlite3_stmt *row)
{
    sources->items = mem_resize(sources->items, (sources->count + 1) * sizeof *sources->items);
    size_t length = (size_t)sqlite3_column_bytes(row, 1);
    struct source *source = &sources->items[sources->count++];
    *source = (struct source){.name = store_text(row, 0), .length = length};
    source->data = mem_alloc(length + 1);
    if (length > 0)
        memcpy(source->data, sqlite3_column_blob(row, 1), length);
}

static bool find_attempt(struct progress *progress, const struct recall *recall, long long *out_id,
                         struct err *err)
{
    auto_statement sqlite3_stmt *statement =
        store_query(progress, err,
                    "SELECT id, sources_hash FROM attempt WHERE workspace = ?1 AND "
                    "(number = ?2 OR ?2 = 0) ORDER BY number DESC LIMIT 1",
                    WITH(value_text(recall->workspace), value_integer(recall->number)));
    int row = statement != NULL ? store_next(progress, statement, err) : -1;
    if (row < 0)
        return false;
    if (row == 0) {
        if (recall->number > 0)
            err_set(err, ERR_USAGE, "no attempt %lld of %s is known", recall->number,
                    recall->workspace);
        else
            err_set(err, ERR_USAGE, "no attempt of %s is known", recall->workspace);
        err_set_cure(err, "%s reset --list names the attempts that are known", program_word());
        return false;
    }
    *out_id = sqlite3_column_int64(statement, 0);
    recall->out->hash = store_text(statement, 1);
    return true;
}

static bool recall_sources(struct progress *progress, void *context, struct err *err)
{
    struct recall *recall = context;
    long long id = 0;
    if (!find_attempt(progress, recall, &id, err))
        return false;
    auto_statement sqlite3_stmt *statement =
        store_query(progress, err,
                    "SELECT name, data FROM source JOIN content ON content.id = source.content "
                    "WHERE attempt = ? ORDER BY name",
                    WITH(value_integer(id)));
    int row = -1;
    while (statement != NULL && (row = store_next(progress, statement, err)) == 1)
        add_source(recall->out, statement);
    if (row == 0 && recall->out->count > 0)
        return true;
    if (row == 0) {
        err_set(err, ERR_USAGE, "the files of attempt %lld are not kept any more", recall->number);
        err_set_cure(err, "%s reset --list names the attempts whose files are", program_word());
    }
    sources_release(recall->out);
    *recall->out = (struct sources){0};
    return false;
}

bool progress_sources(struct progress *progress, const char *workspace, long long number,
                      struct sources *out, struct err *err)
{
    *out = (struct sources){0};
    struct recall recall = {.workspace = workspace, .number = number, .out = out};
    return store_transaction(progress, false, recall_sources, &recall, err);
}
