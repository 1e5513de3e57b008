// SPDX-License-Identifier: MIT
/*
 * Which frames are the learner's own. The line table is the program's word: with #line it names any
 * file and any line. What the sources do not have is nobody's line, and is never shown.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/events.h"

static int lines_of(const struct source *source)
{
    int count = 0;
    const char *at = source->data, *end = source->data + source->length;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline != NULL ? newline + 1 : end;
        count++;
    }
    return count;
}

static bool has_line(const struct sources *sources, const int *lines, const char *file, int line)
{
    for (size_t i = 0; i < sources->count; i++)
        if (str_equal(sources->items[i].name, file))
            return line >= 1 && line <= lines[i];
    return false;
}

static void keep_own(struct event *event, const struct sources *sources, const int *lines)
{
    struct trace_event *shown = &event->shown;
    size_t kept = 0;
    for (size_t i = 0; i < event->frame_count; i++) {
        struct event_frame *frame = &event->frames[i];
        if (frame->file != NULL && !has_line(sources, lines, frame->file, frame->line)) {
            free(take(frame->file));
            frame->line = 0;
        }
    }
    for (size_t i = 0; i < shown->frame_count; i++) {
        struct source_frame *frame = &shown->frames[i];
        if (has_line(sources, lines, frame->file, frame->line)) {
            shown->frames[kept++] = *frame;
        } else {
            free(frame->file);
            free(frame->function);
        }
    }
    shown->frame_count = kept;
}

void events_keep_own(struct events *events, const struct sources *sources)
{
    auto_free int *lines = mem_alloc_array(sources->count, sizeof *lines);
    for (size_t i = 0; i < sources->count; i++)
        lines[i] = lines_of(&sources->items[i]);
    for (size_t i = 0; i < events->count; i++)
        keep_own(&events->items[i], sources, lines);
}
