// SPDX-License-Identifier: MIT
// The headings of a CommonMark text, and the lines between them.
#include "course/headings.h"

#include <cmark.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

// Lines end where CommonMark says: LF, CR, or both.
static void find_lines(const char *source, size_t length, struct headings *out)
{
    out->lines = mem_alloc_array(length + 2, sizeof *out->lines);
    out->line_count = 1;
    for (size_t i = 0; i < length; i++)
        if (source[i] == '\n' || (source[i] == '\r' && source[i + 1] != '\n'))
            out->lines[out->line_count++] = i + 1;
    out->lines[out->line_count] = length;
}

// The words of a heading: what a reader sees, without marks.
static char *inline_text(cmark_node *heading)
{
    struct str text = STR_INIT;
    cmark_iter *iter = cmark_iter_new(heading);
    for (cmark_event_type event = cmark_iter_next(iter); event != CMARK_EVENT_DONE;
         event = cmark_iter_next(iter)) {
        cmark_node *node = cmark_iter_get_node(iter);
        cmark_node_type type = cmark_node_get_type(node);
        if (event != CMARK_EVENT_ENTER)
            continue;
        if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
            str_append(&text, cmark_node_get_literal(node));
        else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
            str_append_char(&text, ' ');
    }
    cmark_iter_free(iter);
    return str_take(&text);
}

static size_t offset_of(const struct headings *headings, size_t line)
{
    size_t index = line > 0 ? line - 1 : 0;
    return headings->lines[index < headings->line_count ? index : headings->line_count];
}

// The line behind a heading. cmark's own end_line is wrong for headings that are underlined.
static size_t behind_heading(const struct headings *headings, size_t line)
{
    const char *text = headings->source + offset_of(headings, line);
    text += strspn(text, " ");
    size_t marks = strspn(text, "#");
    if (marks >= 1 && marks <= 6 && strchr(" \t\r\n", text[marks]) != NULL)
        return line + 1;
    for (line++; line < headings->line_count; line++) {
        text = headings->source + offset_of(headings, line);
        text += strspn(text, " ");
        if (*text == '=' || *text == '-') {
            text += strspn(text, *text == '=' ? "=" : "-");
            text += strspn(text, " \t");
            if (strchr("\r\n", *text) != NULL) // the text's end too
                break;
        }
    }
    return line + 1;
}

void headings_find(const char *source, size_t length, struct headings *out)
{
    *out = (struct headings){.source = source};
    find_lines(source, length, out);
    cmark_node *document = cmark_parse_document(source, length, CMARK_OPT_DEFAULT);
    for (cmark_node *node = cmark_node_first_child(document); node != NULL;
         node = cmark_node_next(node)) {
        if (cmark_node_get_type(node) != CMARK_NODE_HEADING)
            continue;
        out->items = mem_resize(out->items, (out->count + 1) * sizeof *out->items);
        size_t line = (size_t)cmark_node_get_start_line(node);
        out->items[out->count++] = (struct heading){
            .level = cmark_node_get_heading_level(node),
            .text = inline_text(node),
            .line = line,
            .body = behind_heading(out, line),
        };
    }
    cmark_node_free(document);
}

void headings_release(struct headings *headings)
{
    for (size_t i = 0; i < headings->count; i++)
        free(headings->items[i].text);
    free(headings->items);
    free(headings->lines);
    *headings = (struct headings){NULL, 0, NULL, NULL, 0};
}

static bool blank(const struct headings *headings, size_t line)
{
    size_t begin = offset_of(headings, line);
    return strspn(headings->source + begin, " \t\r\n") >= offset_of(headings, line + 1) - begin;
}

char *headings_cut(const struct headings *headings, size_t first, size_t end)
{
    while (first < end && blank(headings, first))
        first++;
    while (first < end && blank(headings, end - 1))
        end--;
    struct str text = STR_INIT;
    if (first < end) {
        size_t begin = offset_of(headings, first);
        str_append_bytes(&text, headings->source + begin, offset_of(headings, end) - begin);
    }
    return str_take(&text);
}
