// SPDX-License-Identifier: MIT
// What a check saw in a database: its statement, what the database answered, the rows that it
// expected and found, and the statements that the program sent last.
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/parts.h"

static void print_line(const struct screen *screen, const char *line)
{
    auto_str struct str bytes = STR_INIT;
    text_append_unescaped(&bytes, line);
    auto_free char *safe = visible(str_text(&bytes));
    size_t width = (size_t)screen->width - exchange_indent(screen);
    if (text_width(safe) > width) {
        auto_free char *cut = cut_columns(safe, 0, width - 1);
        fprintf(screen->out, "%s…\n", cut);
    } else {
        fprintf(screen->out, "%s\n", safe);
    }
}

static void print_lines(const struct screen *screen, const char *label, const struct strings *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        if (i == 0)
            exchange_label(screen, label);
        else
            fprintf(screen->out, "%*s", (int)exchange_indent(screen), "");
        print_line(screen, lines->items[i]);
    }
}

void print_sql(const struct screen *screen, const struct check_result *check)
{
    const struct sql_told *sql = &check->sql;
    if (sql->statement != NULL)
        print_row(screen, "statement", sql->statement);
    if (sql->answer != NULL)
        print_row(screen, "answered", sql->answer);
    print_lines(screen, "expected", &sql->expected);
    print_lines(screen, "found", &sql->found);
    print_lines(screen, "last SQL", &sql->program);
}

void json_add_sql(cJSON *check, const struct sql_told *sql)
{
    bool told = sql->statement != NULL || sql->answer != NULL || sql->program.count > 0;
    if (!told)
        return;
    cJSON *object = cJSON_AddObjectToObject(check, "sql");
    json_add_text(object, "statement", sql->statement);
    json_add_text(object, "answer", sql->answer);
    json_add_texts(object, "expected", &sql->expected);
    json_add_texts(object, "found", &sql->found);
    json_add_texts(object, "program", &sql->program);
}
