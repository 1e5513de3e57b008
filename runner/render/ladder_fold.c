// SPDX-License-Identifier: MIT
// What a ladder tells in one line instead of many: other clients, repetitions, time that passed.
#include "render/ladder_fold.h"

#include <stdlib.h>

#include "base/str.h"

enum { LONGEST_PERIOD = 6, LEAST_REPEATS = 5, LEAST_ROWS_SAVED = 3 };
static const double gap_seconds = 0.1; // more between two rows is said

// ---- clients

static bool has(const int *list, size_t count, int number)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == number)
            return true;
    return false;
}

static void choose(int *list, size_t *count, size_t most, int number)
{
    if (number > 0 && *count < most && !has(list, *count, number))
        list[(*count)++] = number;
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

size_t ladder_choose(const struct check_result *check, const struct trace_record *record,
                     size_t most, int *out_chosen)
{
    size_t count = 0;
    choose(out_chosen, &count, most, check->connection);
    for (size_t i = 0; i < record->count; i++)
        if (record->events[i].kind == TRACE_STUCK)
            choose(out_chosen, &count, most, record->events[i].connection);
    for (size_t i = 0; i < check->transcript_count; i++)
        choose(out_chosen, &count, most, check->transcript[i].connection);
    for (size_t i = 0; i < record->count; i++)
        choose(out_chosen, &count, most, record->events[i].connection);
    qsort(out_chosen, count, sizeof *out_chosen, by_number);
    return count;
}

void ladder_hide(struct ladder_rows *rows, const int *chosen, size_t count)
{
    for (size_t from = 0; from < rows->count; from++) {
        int seen[64];
        size_t clients = 0;
        size_t end = from;
        for (; end < rows->count; end++) {
            int connection = rows->items[end].connection;
            if (connection == 0 || has(chosen, count, connection))
                break;
            choose(seen, &clients, sizeof seen / sizeof *seen, connection);
        }
        if (end == from)
            continue;
        const char *more = clients == sizeof seen / sizeof *seen ? " or more" : "";
        struct ladder_row sum = {.at = rows->items[from].at};
        sum.remark = str_format("… %zu event%s of %zu%s other client%s", end - from,
                                end - from == 1 ? "" : "s", clients, more, clients == 1 ? "" : "s");
        ladder_rows_drop(rows, from, end - from);
        ladder_rows_insert(rows, from, sum);
    }
}

// ---- repetitions

// The two say the same, but for bytes and time.
static bool alike(const struct ladder_row *a, const struct ladder_row *b)
{
    return a->client == b->client && a->connection == b->connection && !a->bad && !b->bad &&
           a->counts == b->counts && str_equal(a->call, b->call) && str_equal(a->place, b->place) &&
           str_equal(a->remark, b->remark) && (a->counts || str_equal(a->note, b->note));
}

// How often the rows from `from` on repeat themselves after `period` rows.
static size_t repeats_at(const struct ladder_rows *rows, size_t from, size_t period)
{
    size_t repeats = 1;
    for (;; repeats++) {
        size_t next = from + repeats * period;
        for (size_t i = 0; i < period; i++)
            if (next + i >= rows->count || !alike(&rows->items[from + i], &rows->items[next + i]))
                return repeats;
    }
}

// "… 212 more recv() on client 1 server.c:31", "… 98 more times the 3 lines above"
static char *fold_remark(const struct ladder_row *row, size_t period, size_t more)
{
    if (period > 1)
        return str_format("… %zu more times the %zu lines above", more, period);
    if (row->name == NULL)
        return str_format("… %zu more of %s %d", more, row->outgoing ? "server" : "client",
                          row->connection);
    struct str text = STR_INIT;
    str_append_format(&text, "… %zu more %s()", more, row->name);
    if (row->connection > 0)
        str_append_format(&text, " on %s %d", row->outgoing ? "server" : "client", row->connection);
    if (row->place != NULL)
        str_append_format(&text, " %s", row->place);
    return str_take(&text);
}

// Keeps the first two rows (of a longer pattern: the first pattern) and the last, sums up the rest.
static void fold_at(struct ladder_rows *rows, size_t from, size_t period, size_t repeats)
{
    size_t kept = period == 1 ? 2 : 1;
    size_t first = from + kept * period;
    size_t more = repeats - kept - 1;
    char *remark = fold_remark(&rows->items[from], period, more);
    ladder_rows_drop(rows, first, more * period);
    ladder_rows_insert(rows, first, (struct ladder_row){.at = -1, .remark = remark});
}

void ladder_fold(struct ladder_rows *rows)
{
    for (size_t from = 0; from < rows->count; from++)
        for (size_t period = 1; period <= LONGEST_PERIOD; period++) {
            size_t repeats = repeats_at(rows, from, period);
            if (repeats < LEAST_REPEATS || repeats * period < LEAST_REPEATS + LEAST_ROWS_SAVED)
                continue;
            fold_at(rows, from, period, repeats);
            from += (period == 1 ? 2 : period) + period; // its last one
            break;
        }
}

// ---- time

void ladder_show_gaps(struct ladder_rows *rows)
{
    double before = -1;
    for (size_t i = 0; i < rows->count; i++) {
        const struct ladder_row *row = &rows->items[i];
        if (row->at < 0)
            continue;
        double gap = before >= 0 ? row->at - before : 0;
        before = row->at;
        if (gap < gap_seconds || row->bad)
            continue;
        char *remark = str_format("… %.3f s pass", gap);
        ladder_rows_insert(rows, i++, (struct ladder_row){.at = -1, .remark = remark});
    }
}
