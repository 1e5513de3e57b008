// SPDX-License-Identifier: MIT
/*
 * The line of the statement that a program sent to its database, where no call of its own sends the
 * answer (a library's thread does) but the rows in it are wrong, or those in the database. The
 * statement is written to a file by a hook that the lab gives; the chain of calls at that write
 * leads from the hook through the database's library to the learner's functions. The innermost is
 * often a helper that serves all statements: the one is told in which the statement's text stands.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "trace/rules.h"

enum {
    ABOVE = 40,      // lines in front of a call in which its statement may stand
    BELOW = 6,       // and behind it: the call's line is that of its beginning
    LEAST_WORDS = 10 // letters of a statement that are enough to know it
};

static bool is_statement(const struct event *event)
{
    return event->kind == EVENT_CALL && event->shown.path != NULL &&
           str_ends_with(event->shown.path, "/sql-trace") && event->data.length > 0 &&
           event->shown.frame_count > 0;
}

static bool begins_with_one_of(const char *text, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (strncasecmp(text, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

// The client asked for something to be read, and got the wrong thing.
static bool is_about_reading(const struct check_result *check)
{
    int connection = failing_connection(check);
    for (size_t i = 0; i < check->transcript_count && check->sql.statement == NULL; i++) {
        const struct io_record *record = &check->transcript[i];
        if (!record->from_program && record->connection == connection && record->text != NULL &&
            *record->text != '\0')
            return str_starts_with(record->text, "GET ");
    }
    return false;
}

// A transaction's beginning and end, and settings.
static bool is_frame(const char *statement)
{
    static const char *const words[] = {"PRAGMA", "BEGIN", "COMMIT", "END", "ROLLBACK", NULL};
    return begins_with_one_of(statement, words);
}

// Rows that are wrong in the database were written; those in an answer to GET were read. What makes
// tables comes before any request.
static bool can_be_it(const struct check_result *check, const char *statement)
{
    static const char *const tables[] = {"CREATE", "ALTER", "DROP", NULL};
    static const char *const reads[] = {"SELECT", "EXPLAIN", NULL};
    if (is_frame(statement) || begins_with_one_of(statement, tables))
        return false;
    return begins_with_one_of(statement, reads) == is_about_reading(check);
}

static const struct event *last_statement(const struct evidence *evidence)
{
    const struct event *tables = NULL;
    for (size_t i = evidence->events->count; i-- > 0;) {
        const struct event *event = &evidence->events->items[i];
        if (!is_statement(event))
            continue;
        if (can_be_it(evidence->check, str_text(&event->data)))
            return event;
        if (tables == NULL && !is_frame(str_text(&event->data)))
            tables = event;
    }
    // Where nothing was asked yet, the tables are what there is.
    return evidence->check->transcript_count == 0 ? tables : NULL;
}

// How much of the statement's beginning stands in the line's texts.
static size_t words_in(const char *line, const char *statement)
{
    size_t most = 0;
    for (const char *quote = strchr(line, '"'); quote != NULL; quote = strchr(quote + 1, '"')) {
        const char *at = quote + 1;
        while (*at == ' ')
            at++;
        size_t same = 0;
        while (at[same] != '\0' && at[same] == statement[same])
            same++;
        most = same > most ? same : most;
    }
    return most;
}

// The nearest line above the call, or right below, in which the statement begins; 0: none.
static int line_of_text(const struct sources *sources, const struct source_frame *frame,
                        const char *statement, size_t *out_words)
{
    int found = 0;
    *out_words = LEAST_WORDS - 1;
    for (int line = frame->line + BELOW; line > 0 && line >= frame->line - ABOVE; line--) {
        auto_free char *text = source_line(sources, frame->file, line);
        size_t words = text != NULL ? words_in(text, statement) : 0;
        if (words > *out_words) {
            *out_words = words;
            found = line;
        }
    }
    return found;
}

// The frames from the one in which the text stands on; that one with the text's line.
static void keep_from_text(const struct evidence *evidence, const char *statement,
                           struct finding *finding)
{
    size_t best = 0, most = 0;
    int line = 0;
    for (size_t i = 0; i < finding->frame_count; i++) {
        size_t words;
        int here = line_of_text(evidence->sources, &finding->frames[i], statement, &words);
        if (here > 0 && words > most) {
            best = i;
            most = words;
            line = here;
        }
    }
    for (size_t i = 0; i < best; i++) {
        free(finding->frames[i].file);
        free(finding->frames[i].function);
    }
    finding->frame_count -= best;
    memmove(finding->frames, finding->frames + best,
            finding->frame_count * sizeof *finding->frames);
    if (line > 0)
        finding->frames[0].line = line;
    free(finding->text);
    finding->text =
        source_line(evidence->sources, finding->frames[0].file, finding->frames[0].line);
}

bool rule_asked_by(const struct evidence *evidence, struct check_result *out)
{
    const struct event *event = last_statement(evidence);
    struct finding *finding =
        event != NULL ? finding_of_event(evidence, event, FINDING_ASKED_BY, out) : NULL;
    if (finding == NULL)
        return false;
    free(take(finding->call)); // it is the hook's
    keep_from_text(evidence, str_text(&event->data), finding);
    return true;
}
