// SPDX-License-Identifier: MIT
/*
 * The statements that the program sends. A file of the lab's (`given`) has the library write each
 * of them, with its parameters filled in, to the file that SQL_TRACE names, a line each: "\n" in a
 * statement is a blank there.
 */
#include "sql.h"

#include <string.h>

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

struct kit_statements kit_sql_statements(void)
{
    kit_settle();
    if (!watches)
        kit_break("kit_sql_statements() needs kit_sql_watch() before kit_serve()");
    auto_str struct str text = STR_INIT;
    read_trace(&text);
    struct strings *lines = kit_keep(sizeof *lines);
    if (seen <= text.length)
        add_lines(str_text(&text) + seen, lines);
    seen = text.length;
    return (struct kit_statements){lines->count, (const char *const *)lines->items};
}

void sql_watch_record(void)
{
    auto_str struct str text = STR_INIT;
    read_trace(&text);
    auto_strings struct strings lines = {0};
    add_lines(str_text(&text), &lines);
    struct sql_story story = {0};
    for (size_t i = lines.count > SHOWN ? lines.count - SHOWN : 0; i < lines.count; i++)
        strings_add(&story.program, lines.items[i]);
    if (story.program.count > 0)
        kit_record_sql(&story);
    strings_release(&story.program);
}
