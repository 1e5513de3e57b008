// SPDX-License-Identifier: MIT
/*
 * The statements that the program sends. A file of the lab's (`given`) has the library write each
 * of them, with its parameters filled in, to the file that SQL_TRACE names, a line each: "\n" in a
 * statement is a blank there.
 */
#include "sql.h"

#include <string.h>
#include <strings.h>

#include "core.h"

#define TRACE "sql-trace" // beside FILES_DIR, so that no program serves it by mistake

enum { SHOWN = 6, MOST_READ = 4 << 20 };

static bool watches;
static size_t seen; // bytes of the file that kit_sql_statements has handed out

void kit_sql_watch(void)
{
    kit_settle();
    kit_surroundings_set("SQL_TRACE", "/tmp/" TRACE);
    watches = true;
    kit_before_end(sql_watch_record);
}

static void read_trace(struct str *out)
{
    kit_files_read_outside(TRACE, MOST_READ, out);
}

static void add_lines(const char *text, struct strings *out)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (length > 0)
            strings_add_taken(out, str_format("%.*s", (int)length, text));
        text += length + (text[length] == '\n');
    }
}

// Those of a server, from its log.
static struct kit_statements statements_of_server(void)
{
    static size_t handed_out;
    struct strings *all = kit_keep(sizeof *all);
    if (!sql_log_statements(all))
        kit_break("kit_sql_statements() needs kit_sql_watch() before kit_serve(), or a service "
                  "that is a database");
    size_t first = handed_out < all->count ? handed_out : all->count;
    handed_out = all->count;
    return (struct kit_statements){all->count - first, (const char *const *)all->items + first};
}

struct kit_statements kit_sql_statements(void)
{
    kit_settle();
    if (!watches)
        return statements_of_server();
    auto_str struct str text = STR_INIT;
    read_trace(&text);
    struct strings *lines = kit_keep(sizeof *lines);
    if (seen <= text.length)
        add_lines(str_text(&text) + seen, lines);
    seen = text.length;
    return (struct kit_statements){lines->count, (const char *const *)lines->items};
}

static bool makes_tables(const char *statement)
{
    static const char *const words[] = {"CREATE ", "ALTER ", "DROP ", "PRAGMA user_version"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncasecmp(statement, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

// The last ones; those of the start only where nothing came behind them.
static size_t first_shown(const struct strings *lines)
{
    size_t first = lines->count > SHOWN ? lines->count - SHOWN : 0;
    for (size_t i = first; i + 1 < lines->count; i++)
        if (makes_tables(lines->items[i]) && !makes_tables(lines->items[i + 1]))
            first = i + 1;
    return first;
}

void sql_watch_record(void)
{
    auto_str struct str text = STR_INIT;
    auto_strings struct strings lines = {0};
    if (watches)
        read_trace(&text);
    else
        sql_log_story(&lines);
    add_lines(str_text(&text), &lines);
    struct sql_story story = {0};
    for (size_t i = first_shown(&lines); i < lines.count; i++)
        strings_add(&story.program, lines.items[i]);
    if (story.program.count > 0)
        kit_record_sql(&story);
    strings_release(&story.program);
}
