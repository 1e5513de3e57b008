// SPDX-License-Identifier: MIT
/*
 * The line of the statement that a program sent to its database, where no call of its own sends the
 * answer (a library's thread does) but the rows in it are wrong, or those in the database. The
 * statement is written to a file by a hook that the lab gives, or sent to a server; the chain of
 * calls at that write leads from there through the database's library to the learner's functions.
 * The innermost is often a helper that serves all statements: the one is told in which the
 * statement's text stands.
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

/*
 * A message of PostgreSQL's that carries a statement (protocol 3.0, "Message Formats"): a letter, a
 * length of four bytes that counts itself, and behind Q the text, behind P a name before it. What
 * is kept of it may be cut off. NULL: it is none.
 */
static const char *statement_in_message(const struct event *event)
{
    enum { HEAD = 5 };
    const char *text = str_text(&event->data);
    const char *end = text + event->data.length;
    if (event->socket != SOCKET_OTHER || event->data.length <= HEAD || text[1] != '\0' ||
        (text[0] != 'Q' && text[0] != 'P'))
        return NULL;
    const char *statement = text + HEAD;
    if (text[0] == 'P')
        statement += strlen(statement) + 1;
    return statement < end && *statement != '\0' ? statement : NULL;
}

// The statement that the call writes to the hook's file, or sends to a server; NULL: none.
static const char *statement_of(const struct event *event)
{
    if (event->kind != EVENT_CALL || event->shown.frame_count == 0 || event->data.length == 0)
        return NULL;
    if (event->shown.path != NULL && str_ends_with(event->shown.path, "/sql-trace"))
        return str_text(&event->data);
    return statement_in_message(event);
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
        const char *statement = statement_of(event);
        if (statement == NULL)
            continue;
        if (can_be_it(evidence->check, statement))
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
    int line = 0, distance = 0;
    for (size_t i = 0; i < finding->frame_count; i++) {
        size_t words;
        int here = line_of_text(evidence->sources, &finding->frames[i], statement, &words);
        int away = abs(finding->frames[i].line - here);
        // A helper may stand near a statement by chance.
        if (here > 0 && (words > most || (words == most && away < distance))) {
            best = i;
            most = words;
            line = here;
            distance = away;
        }
    }
    finding_begin_at(evidence, finding, best, line);
}

bool rule_asked_by(const struct evidence *evidence, struct check_result *out)
{
    const struct event *event = last_statement(evidence);
    struct finding *finding =
        event != NULL ? finding_of_event(evidence, event, FINDING_ASKED_BY, out) : NULL;
    if (finding == NULL)
        return false;
    free(take(finding->call)); // it is the hook's
    keep_from_text(evidence, statement_of(event), finding);
    return true;
}
