// SPDX-License-Identifier: MIT
/*
 * The line on which an argument of a call begins. The compiler's line table knows where a call
 * stands, and often no more; a call with many arguments takes many lines.
 */
#include "trace/argument.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

struct reader {
    const char *at, *end;
    int line;
};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static char here(const struct reader *reader)
{
    if (reader->at < reader->end)
        return *reader->at;
    return '\0';
}

static char ahead(const struct reader *reader)
{
    if (reader->at + 1 < reader->end)
        return reader->at[1];
    return '\0';
}

static void step(struct reader *reader)
{
    if (reader->at == reader->end)
        return;
    reader->line += *reader->at == '\n';
    reader->at++;
}

// A string or a character: up to its end, or that of the line.
static void skip_quoted(struct reader *reader, char quote)
{
    step(reader);
    while (here(reader) != '\0' && here(reader) != quote && here(reader) != '\n') {
        if (here(reader) == '\\')
            step(reader);
        step(reader);
    }
    step(reader);
}

// Comments and blanks. Returns whether there was anything.
static bool skip_nothing(struct reader *reader)
{
    const char *start = reader->at;
    if (here(reader) == '/' && ahead(reader) == '/') {
        while (here(reader) != '\0' && here(reader) != '\n')
            step(reader);
    } else if (here(reader) == '/' && ahead(reader) == '*') {
        step(reader), step(reader);
        while (here(reader) != '\0' && !(here(reader) == '*' && ahead(reader) == '/'))
            step(reader);
        step(reader), step(reader);
    } else {
        while (isspace((unsigned char)here(reader)))
            step(reader);
    }
    return reader->at > start;
}

// Behind "name(". False: it does not come before the statement's end.
static bool find_call(struct reader *reader, const char *name)
{
    const size_t length = strlen(name);
    char before = ' ';
    while (here(reader) != '\0' && here(reader) != ';') {
        if (skip_nothing(reader)) {
            before = ' ';
            continue;
        }
        if (here(reader) == '"' || here(reader) == '\'') {
            skip_quoted(reader, here(reader));
            continue;
        }
        bool is_name = !is_word(before) && (size_t)(reader->end - reader->at) > length &&
                       strncmp(reader->at, name, length) == 0 && !is_word(reader->at[length]);
        for (size_t i = 0; is_name && i < length; i++)
            step(reader);
        while (is_name && skip_nothing(reader))
            continue;
        if (is_name && here(reader) == '(') {
            step(reader);
            return true;
        }
        before = here(reader);
        step(reader);
    }
    return false;
}

int argument_line(const char *text, size_t length, int line, const char *call, int argument)
{
    struct reader reader = {text, text + length, 1};
    int depth = 0;
    while (reader.line < line && here(&reader) != '\0')
        step(&reader);
    if (!find_call(&reader, call))
        return line;
    while (here(&reader) != '\0') {
        const char c = here(&reader);
        if (skip_nothing(&reader))
            continue;
        if (argument == 0)
            return reader.line;
        if (c == '"' || c == '\'') {
            skip_quoted(&reader, c);
            continue;
        }
        depth += (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
        if (depth < 0)
            break;
        argument -= c == ',' && depth == 0;
        step(&reader);
    }
    return line;
}
