// SPDX-License-Identifier: MIT
// Expectations about rows, and how a failure is told: the statement, what the database answered,
// and both sets of rows as tables.
#include "sql.h"

#include <stdlib.h>
#include <string.h>

#include "net.h"

// The program's last answer said that all is done, and the database says otherwise: the lines that
// made the answer are where to look.
static const struct kit_connection *answered_last(void)
{
    const struct kit_connection *connection = connection_newest();
    while (connection != NULL && (connection->outgoing || connection->received.length == 0))
        connection = connection->previous;
    return connection;
}

// Expected rows as rows with the columns of those found; a text with another number of columns is
// put into the first.
static struct kit_rows *rows_of(const char *const *texts, size_t count, const struct kit_rows *like)
{
    struct kit_rows *rows = kit_keep(sizeof *rows);
    const char **values = kit_keep((count * like->columns + 1) * sizeof *values);
    for (size_t row = 0; row < count; row++) {
        const char *rest = texts[row];
        for (size_t column = 0; column < like->columns; column++) {
            const char *end = column + 1 < like->columns ? strstr(rest, " | ") : NULL;
            size_t length = end != NULL ? (size_t)(end - rest) : strlen(rest);
            values[row * like->columns + column] = kit_keep_bytes(rest, length);
            rest = end != NULL ? end + strlen(" | ") : rest + length;
        }
    }
    *rows = (struct kit_rows){count, like->columns, like->names, values};
    return rows;
}

static const char *message_of(const char *what, const struct kit_rows *found,
                              const char *const *expected, size_t count)
{
    if (found->count != count)
        return kit_format("%s: the database has %zu row%s, expected %zu", what, found->count,
                          found->count == 1 ? "" : "s", count);
    size_t differing = 0, first = 0;
    for (size_t row = count; row-- > 0;)
        if (!str_equal(sql_row_text(found, row), expected[row])) {
            differing++;
            first = row;
        }
    if (count == 1 && found->columns == 1 && strlen(expected[0]) < 24 &&
        strlen(sql_row_text(found, 0)) < 24)
        return kit_format("%s: the database has %s, expected %s", what, sql_row_text(found, 0),
                          expected[0]);
    return differing == 1 ? kit_format("%s: row %zu in the database is another one than expected",
                                       what, first + 1)
                          : kit_format("%s: %zu rows in the database are others than expected",
                                       what, differing);
}

static void tell(const struct sql_statement *statement, const char *answer,
                 const struct kit_rows *found, const char *const *expected, size_t count)
{
    struct sql_story story = {.statement = statement->text, .answer = answer};
    if (found != NULL) {
        size_t most = found->count > count ? found->count : count;
        bool *differs = mem_alloc_array(most + 1, sizeof *differs);
        for (size_t row = 0; row < most; row++)
            differs[row] = row >= found->count || row >= count ||
                           !str_equal(sql_row_text(found, row), expected[row]);
        sql_table(rows_of(expected, count, found), differs, &story.expected);
        sql_table(found, differs, &story.found);
        free(differs);
    }
    kit_record_sql(&story);
    strings_release(&story.expected);
    strings_release(&story.found);
}

static bool are_equal(const struct kit_rows *found, const char *const *expected, size_t count)
{
    bool equal = found->count == count;
    for (size_t row = 0; equal && row < count; row++)
        equal = str_equal(sql_row_text(found, row), expected[row]);
    return equal;
}

void kit_expect_rows_at(struct kit_database *database, const char *what, const char *text,
                        const char *const *expected, int line)
{
    kit_settle();
    struct sql_statement statement = {.text = text};
    const struct kit_sql_answer *answer = sql_run(database, &statement);
    size_t count = 0;
    while (expected[count] != NULL)
        count++;
    if (answer->code == NULL && are_equal(answer->rows, expected, count))
        return;
    if (answer->code != NULL && !database->backend->is_programs_fault(answer))
        sql_fail_answer(database, &statement, answer);
    const char *message = answer->code != NULL ? kit_format("%s: %s", what, answer->message)
                                               : message_of(what, answer->rows, expected, count);
    const struct kit_connection *connection = answered_last();
    kit_fail(&(struct kit_failure){.message = message,
                                   .connection = connection,
                                   .has_offset = connection != NULL,
                                   .offset = strlen("HTTP/1.1 "),
                                   .line = line});
    tell(&statement, sql_answer_text(database, answer), answer->code == NULL ? answer->rows : NULL,
         expected, count);
}

void kit_expect_refused_at(struct kit_database *database, const char *message, const char *text,
                           const char *code, int line)
{
    kit_settle();
    struct sql_statement statement = {.text = text};
    const struct kit_sql_answer *answer = sql_run(database, &statement);
    if (answer->code != NULL && str_starts_with(answer->code, code))
        return;
    if (answer->code != NULL && !database->backend->is_programs_fault(answer))
        sql_fail_answer(database, &statement, answer);
    kit_fail(&(struct kit_failure){.message = message, .line = line});
    struct sql_story story = {
        .statement = text,
        .answer = answer->code == NULL ? "done; an error was expected"
                                       : sql_answer_text(database, answer),
    };
    kit_record_sql(&story);
}
